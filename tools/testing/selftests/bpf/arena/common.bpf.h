/* SPDX-License-Identifier: GPL-2.0 */
/* Arenas in C for programs. */
#ifndef _SELFTESTS_ARENA_COMMON_H
#define _SELFTESTS_ARENA_COMMON_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

#ifndef __arg_arena
#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))
#endif

#include "arena.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, ARENA_PAGES);
} arena SEC(".maps");

void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 nr, int node,
				    __u64 flags) __ksym;
void bpf_arena_free_pages(void *map, void __arena *addr, __u32 nr) __ksym;

#endif /* _SELFTESTS_ARENA_COMMON_H */
