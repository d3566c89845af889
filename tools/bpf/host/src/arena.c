// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of arenas: a window of the process's own addresses, of which the pages that exist can be
 * accessed. Programs and the process see the same memory where the arena's address was left to the
 * library; where it was chosen, the process has no view of it.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "host/os.h"
#include "maps/arena.h"

/* Above the window's start, so that no page has NULL's lower half. */
#define FIRST_PAGE	SZ_1M

int arena_mem_reserve(struct arena *a)
{
	/* twice the room: a part of it has one upper half */
	char *area = os_reserve_none(2ULL * SZ_4G + 2 * ARENA_GUARD);

	if (!area)
		return -ENOMEM;
	a->area = (struct vm_struct *)area;
	a->window = round_up((u64)area + ARENA_GUARD, SZ_4G);
	if (!a->user_start && arena_size(a) <= SZ_4G - FIRST_PAGE)
		a->user_start = a->window + FIRST_PAGE;
	else if (!a->user_start)
		a->user_start = a->window;
	return 0;
}

void arena_mem_release(struct arena *a)
{
	os_unreserve(a->area, 2ULL * SZ_4G + 2 * ARENA_GUARD);
}

int arena_mem_map(struct arena *a, u32 pgoff, u32 nr, int node)
{
	return os_window_map((void *)arena_kern_addr(a, pgoff), (u64)nr << PAGE_SHIFT);
}

void arena_mem_unmap(struct arena *a, u32 pgoff, u32 nr)
{
	os_window_unmap((void *)arena_kern_addr(a, pgoff), (u64)nr << PAGE_SHIFT);
}

int arena_mem_mmap(struct bpf_map *map, struct vm_area_struct *vma)
{
	return -EOPNOTSUPP;
}

unsigned long arena_mem_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				      unsigned long pgoff, unsigned long flags)
{
	return -EOPNOTSUPP;
}
