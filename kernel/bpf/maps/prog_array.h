/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_MAPS_PROG_ARRAY_H
#define _KBPF_MAPS_PROG_ARRAY_H

#include <linux/types.h>

struct bpf_map;
struct bpf_prog;

/* What a program has been; at most one of them. */
enum bpf_prog_tail_use {
	BPF_PROG_IN_ARRAY = 1,		/* target of tail calls */
	BPF_PROG_TAIL_EXTENDED,		/* extended by a program that makes tail calls */
};

bool bpf_prog_tail_claim(struct bpf_prog *prog, enum bpf_prog_tail_use what);
bool bpf_prog_array_accepts(struct bpf_map *map, const struct bpf_prog *prog);

#endif /* _KBPF_MAPS_PROG_ARRAY_H */
