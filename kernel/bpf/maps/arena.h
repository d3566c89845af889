/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arenas: sparse memory that a program and processes share under the same addresses.
 *
 * An arena has up to 4 GiB of addresses, and all of them have the same upper half. The kernel sees
 * it in a window of 4 GiB, at the offset that the lower half of an address says, with guards around
 * it as wide as the offset of an instruction reaches: whatever number a program uses as an address,
 * an access stays in the window, and one where no page is ends in the exception table.
 */
#ifndef _KBPF_MAPS_ARENA_H
#define _KBPF_MAPS_ARENA_H

#include <linux/bpf.h>
#include <linux/mutex.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>

#include "maps/arena_view.h"

/* Bytes below and above the window. */
#define ARENA_GUARD	SZ_64K
/* Pages that are mapped or unmapped at a time. */
#define ARENA_BATCH	256

struct file;
struct page;
struct vm_struct;

/**
 * struct arena - a map of type BPF_MAP_TYPE_ARENA
 * @map: what all types share; max_entries is the number of pages
 * @user_start: address of the first page in processes and for programs; 0 until it is known, and
 *	not changed after that
 * @lock: of all below; taken inside of the mmap lock
 * @holder: who has @lock: programs that run inside of it get nothing
 * @used: a bit for each page that exists
 * @area: addresses of the window and its guards
 * @window: address of the window
 * @file: whose mapping finds all processes' views
 * @batch: room to work in
 */
struct arena {
	struct bpf_map map;
	u64 user_start;
	struct mutex lock;		/* see above */
	struct task_struct *holder;
	unsigned long *used;
	struct vm_struct *area;
	u64 window;
	struct file *file;
	struct page *batch[ARENA_BATCH];
};

static inline struct arena *arena_of(const struct bpf_map *map)
{
	return container_of(map, struct arena, map);
}

static inline u64 arena_size(const struct arena *a)
{
	return (u64)a->map.max_entries << PAGE_SHIFT;
}

/* Where the kernel sees page @pgoff. */
static inline u64 arena_kern_addr(const struct arena *a, u32 pgoff)
{
	return a->window + (u32)(a->user_start + ((u64)pgoff << PAGE_SHIFT));
}

/* arena.c */
u64 bpf_arena_alloc(struct bpf_map *map, u64 addr, u32 nr, int node, u64 flags);
void bpf_arena_free(struct bpf_map *map, u64 addr, u32 nr);
bool arena_enter(struct arena *a);
void arena_leave(struct arena *a);

/* arena_mem.c, or its twin */
int arena_mem_reserve(struct arena *a);
void arena_mem_release(struct arena *a);
int arena_mem_map(struct arena *a, u32 pgoff, u32 nr, int node);
void arena_mem_unmap(struct arena *a, u32 pgoff, u32 nr);
int arena_mem_mmap(struct bpf_map *map, struct vm_area_struct *vma);
unsigned long arena_mem_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				      unsigned long pgoff, unsigned long flags);

#endif /* _KBPF_MAPS_ARENA_H */
