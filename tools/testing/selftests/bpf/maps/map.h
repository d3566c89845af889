/* SPDX-License-Identifier: GPL-2.0 */
/* Maps through bpf(2): what the programs of this suite share, in both homes. */
#ifndef _SELFTESTS_MAPS_H
#define _SELFTESTS_MAPS_H

#include <sys/mman.h>
#include <unistd.h>

#ifdef HOST_HOME
#include "host/kbpf.h"
#define syscall(nr, ...) bpf_host(__VA_ARGS__)
#endif
#include "syscall/sys.h"
#ifdef HOST_HOME
#undef syscall
#define mmap bpf_host_mmap
#define munmap bpf_host_munmap
#endif

#define MAX_CPUS	512
#define ROUND_UP(x, n)	(((x) + (n) - 1) / (n) * (n))

/* Possible CPUs, as bpf(2) lays values out. */
static inline int possible_cpus(void)
{
	int first, last, n = 1;
	FILE *f = fopen("/sys/devices/system/cpu/possible", "r");
	char sep;

	while (f && fscanf(f, "%d", &first) == 1) {
		last = first;
		if (fscanf(f, "-%d", &last) < 0)
			last = first;
		n = last + 1;
		if (fscanf(f, "%c", &sep) != 1 || sep != ',')
			break;
	}
	if (f)
		fclose(f);
	return n;
}

static inline int map_next(int fd, const void *key, void *next)
{
	return BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = fd, .key = PTR(key), .next_key = PTR(next));
}

static inline int map_take(int fd, const void *key, void *value)
{
	return BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = fd, .key = PTR(key),
		   .value = PTR(value));
}

static inline int map_freeze(int fd)
{
	return BPF(BPF_MAP_FREEZE, .map_fd = fd);
}

/* One batch command; *@cnt: elements there are or is room for, then how many were done. */
static inline int map_batch(int cmd, int fd, const void *in, void *out, void *keys, void *values,
			    uint32_t *cnt, uint64_t flags)
{
	union bpf_attr attr = { .batch = { .in_batch = PTR(in), .out_batch = PTR(out),
					   .keys = PTR(keys), .values = PTR(values), .count = *cnt,
					   .map_fd = fd, .elem_flags = flags } };
	int err = bpf(cmd, &attr);

	*cnt = attr.batch.count;
	return err;
}

/* xorshift: the same sequence for the same seed anywhere. */
static inline uint32_t rnd(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 16;
}

#endif /* _SELFTESTS_MAPS_H */
