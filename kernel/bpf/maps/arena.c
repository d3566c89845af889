// SPDX-License-Identifier: GPL-2.0
/* Arenas: creation, and which of the pages exist. Where they are mapped: arena_mem.c. */
#include <linux/bitmap.h>
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "exec/arch.h"
#include "maps/alloc.h"
#include "maps/arena.h"
#include "maps/maps.h"

/* All addresses have to have the same upper half. */
static bool one_upper_half(u64 start, u64 size)
{
	return start >> 32 == (start + size - 1) >> 32;
}

static int arena_alloc_check(const union bpf_attr *attr)
{
	u64 size = (u64)attr->max_entries << PAGE_SHIFT, end;

	if (attr->key_size || attr->value_size || !attr->max_entries ||
	    !(attr->map_flags & BPF_F_MMAPABLE) || attr->map_extra & ~PAGE_MASK)
		return -EINVAL;
	if (size > SZ_4G)
		return -E2BIG;
	if (check_add_overflow(attr->map_extra, size, &end) ||
	    !one_upper_half(attr->map_extra, size))
		return -ERANGE;
	return bpf_jit_supports_arena() ? 0 : -EOPNOTSUPP;
}

static struct bpf_map *arena_alloc(const union bpf_attr *attr)
{
	struct arena *a;
	int err;

	a = bpf_map_area_alloc(sizeof(*a), NUMA_NO_NODE);
	if (!a)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&a->map, attr);
	mutex_init(&a->lock);
	a->user_start = attr->map_extra;
	err = -ENOMEM;
	a->used = bpf_map_area_alloc(BITS_TO_LONGS(attr->max_entries) * sizeof(long), NUMA_NO_NODE);
	if (a->used)
		err = arena_mem_reserve(a);
	if (!err)
		return &a->map;
	bpf_map_area_free(a->used);
	bpf_map_area_free(a);
	return ERR_PTR(err);
}

static void arena_free(struct bpf_map *map)
{
	struct arena *a = arena_of(map);
	unsigned int start, end;

	/* No process maps it any more: each mapping holds the map. */
	for_each_set_bitrange(start, end, a->used, map->max_entries)
		arena_mem_unmap(a, start, end - start);
	arena_mem_release(a);
	bpf_map_area_free(a->used);
	bpf_map_area_free(a);
}

static u64 arena_mem_usage(const struct bpf_map *map)
{
	struct arena *a = arena_of(map);

	return sizeof(*a) + BITS_TO_LONGS(map->max_entries) * sizeof(long) +
	       ((u64)bitmap_weight(a->used, map->max_entries) << PAGE_SHIFT);
}

/* Programs see the addresses that processes do. */
static int arena_value_addr(const struct bpf_map *map, u64 *addr, u32 off)
{
	struct arena *a = arena_of(map);

	if (off >= arena_size(a))
		return -ERANGE;
	*addr = a->user_start;
	return 0;
}

static int arena_value_meta(const struct bpf_map *map, u64 addr, u32 *off)
{
	struct arena *a = arena_of(map);

	if (addr < a->user_start || addr - a->user_start >= arena_size(a))
		return -ENOENT;
	*off = addr - a->user_start;
	return 0;
}

const struct bpf_map_ops bpf_arena_ops = {
	.alloc_check = arena_alloc_check,
	.alloc = arena_alloc,
	.free = arena_free,
	.mmap = arena_mem_mmap,
	.get_unmapped_area = arena_mem_unmapped_area,
	.direct_value_addr = arena_value_addr,
	.direct_value_meta = arena_value_meta,
	.check_btf = map_check_no_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = arena_mem_usage,
};

/**
 * bpf_arena_window - where the kernel sees an arena
 * @map: an arena
 *
 * Context: any.
 * Return: address of the byte that programs see at an address whose lower half is 0.
 */
u64 bpf_arena_window(const struct bpf_map *map)
{
	return arena_of(map)->window;
}

/**
 * bpf_arena_user_start - where processes and programs see an arena
 * @map: an arena
 *
 * Context: any.
 * Return: address of the first page; 0: no process has mapped it yet and no address was asked for.
 */
u64 bpf_arena_user_start(const struct bpf_map *map)
{
	return READ_ONCE(arena_of(map)->user_start);
}

/**
 * arena_enter - begin to work on the pages of an arena
 * @a: the arena
 *
 * Context: process, may sleep.
 * Return: true, and the lock is held; false for a program that runs inside of such work in the same
 * task.
 */
bool arena_enter(struct arena *a)
{
	if (READ_ONCE(a->holder) == current)
		return false;
	mutex_lock(&a->lock);
	WRITE_ONCE(a->holder, current);
	return true;
}

/**
 * arena_leave - end what arena_enter() began
 * @a: the arena
 *
 * Context: process.
 */
void arena_leave(struct arena *a)
{
	WRITE_ONCE(a->holder, NULL);
	mutex_unlock(&a->lock);
}

/* First of @nr pages that do not exist: at @addr, or anywhere for 0. Return: -ENOSPC for none. */
static long find_free(const struct arena *a, u64 addr, u32 nr)
{
	u32 pages = a->map.max_entries;
	u64 first;

	if (!addr) {
		first = bitmap_find_next_zero_area(a->used, pages, 0, nr, 0);
		return first < pages ? first : -ENOSPC;
	}
	if (addr & ~PAGE_MASK)
		return -EINVAL;
	/* the upper half is the arena's, whatever the program has there */
	first = (u32)(addr - a->user_start) >> PAGE_SHIFT;
	if (first >= pages || nr > pages - first ||
	    find_next_bit(a->used, first + nr, first) < first + nr)
		return -ENOSPC;
	return first;
}

/**
 * bpf_arena_alloc - make pages of an arena exist
 * @map: a map, of which nothing is known
 * @addr: where, or 0 for anywhere
 * @nr: how many, one after the other
 * @node: NUMA node, or NUMA_NO_NODE
 * @flags: 0
 *
 * Context: process, may sleep; no lock of an arena or below it is held.
 * Return: address of the first, as processes see it; 0 where that cannot be.
 */
u64 bpf_arena_alloc(struct bpf_map *map, u64 addr, u32 nr, int node, u64 flags)
{
	struct arena *a = arena_of(map);
	long first;

	if (map->map_type != BPF_MAP_TYPE_ARENA || flags || !nr || nr > map->max_entries)
		return 0;
	if (node != NUMA_NO_NODE && (node < 0 || node >= nr_node_ids || !node_online(node)))
		return 0;
	if (!bpf_arena_user_start(map) || !arena_enter(a))
		return 0;
	first = find_free(a, addr, nr);
	if (first >= 0 && arena_mem_map(a, first, nr, node))
		first = -ENOMEM;
	if (first >= 0)
		bitmap_set(a->used, first, nr);
	arena_leave(a);
	return first < 0 ? 0 : a->user_start + ((u64)first << PAGE_SHIFT);
}

/**
 * bpf_arena_free - make pages of an arena vanish
 * @map: a map, of which nothing is known
 * @addr: address of the first, as processes see it; its upper half does not matter
 * @nr: how many; those that do not exist are passed over
 *
 * Context: as bpf_arena_alloc().
 */
void bpf_arena_free(struct bpf_map *map, u64 addr, u32 nr)
{
	struct arena *a = arena_of(map);
	u32 pages = map->max_entries, first;
	unsigned int start, end;

	if (map->map_type != BPF_MAP_TYPE_ARENA || !nr || addr & ~PAGE_MASK)
		return;
	if (!bpf_arena_user_start(map) || !arena_enter(a))
		return;
	first = (u32)(addr - a->user_start) >> PAGE_SHIFT;
	if (first < pages) {
		nr = min(nr, pages - first);
		start = first;
		for_each_set_bitrange_from(start, end, a->used, first + nr)
			arena_mem_unmap(a, start, end - start);
		bitmap_clear(a->used, first, nr);
	}
	arena_leave(a);
}
