/* SPDX-License-Identifier: GPL-2.0 */
/* The verifier in a process: what stands in for the rest of the kernel, and one verification. */
#ifndef _VERIFIER_DRIVER_H
#define _VERIFIER_DRIVER_H

#include "verifier/verifier.h"

#define DRIVER_MAX_MAPS 16

/* A program to be verified. @maps: file descriptor n is maps[n]; 0 is not used. */
struct driver_prog {
	const char *type;
	const struct bpf_insn *insns;
	u32 cnt;
	u32 flags;
	bool unprivileged;
	bool gpl;
	u32 log_level;
	struct bpf_map *maps[DRIVER_MAX_MAPS];
};

struct driver_result {
	int err;
	u32 rejection;
	u32 insns;
	u32 states;
	u64 peak_bytes;
	char *log;		/* of @log_size bytes, the caller's */
	u32 log_size;
};

void driver_verify(const struct driver_prog *prog, struct driver_result *res);
struct bpf_map *driver_map(const char *type, u32 key, u32 value, u32 max, u32 flags);
void driver_map_free(struct bpf_map *map);
bool driver_map_lock(struct bpf_map *map, u32 off, u32 type);

#endif
