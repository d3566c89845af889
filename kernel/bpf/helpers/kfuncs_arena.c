// SPDX-License-Identifier: GPL-2.0
/* Pages of arenas, for programs that may sleep. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>
#include <linux/module.h>
#include "maps/arena.h"

__bpf_kfunc_start_defs();

/**
 * bpf_arena_alloc_pages - new, zeroed pages of an arena
 * @p__map: the arena
 * @addr__ign: page-aligned address of the first one, or NULL for anywhere
 * @page_cnt: how many, one after the other
 * @node_id: NUMA node, or NUMA_NO_NODE
 * @flags: 0
 *
 * Context: programs, may sleep.
 * Return: address of the first one, as processes see it; NULL where they cannot be had there.
 */
__bpf_kfunc void *bpf_arena_alloc_pages(void *p__map, void *addr__ign, u32 page_cnt, int node_id,
					u64 flags)
{
	return (void *)bpf_arena_alloc(p__map, (u64)addr__ign, page_cnt, node_id, flags);
}

/**
 * bpf_arena_free_pages - free pages of an arena
 * @p__map: the arena
 * @ptr__ign: page-aligned address of the first one
 * @page_cnt: how many; those that do not exist are passed over
 *
 * Context: programs, may sleep.
 */
__bpf_kfunc void bpf_arena_free_pages(void *p__map, void *ptr__ign, u32 page_cnt)
{
	bpf_arena_free(p__map, (u64)ptr__ign, page_cnt);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(arena_ids)
BTF_ID_FLAGS(func, bpf_arena_alloc_pages, KF_TRUSTED_ARGS | KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_arena_free_pages, KF_TRUSTED_ARGS | KF_SLEEPABLE)
BTF_KFUNCS_END(arena_ids)

static const struct btf_kfunc_id_set arena_set = {
	.owner = THIS_MODULE,
	.set = &arena_ids,
};

static int __init arena_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &arena_set);
}
late_initcall(arena_kfuncs_init);
