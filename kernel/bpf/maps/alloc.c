// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of maps: charged to the memory cgroup of whoever created the map, whoever's context it is
 * allocated from.
 */
#include <linux/bpf.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "maps/alloc.h"

/* Above this, physically contiguous memory is not worth the reclaim that it takes. */
#define AREA_KMALLOC_MAX	(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

/**
 * bpf_map_area_alloc - zeroed memory of any size for a map
 * @size: bytes
 * @numa_node: node, or NUMA_NO_NODE
 *
 * Context: process; may sleep.
 * Return: the memory, for bpf_map_area_free(); NULL.
 */
void *bpf_map_area_alloc(u64 size, int numa_node)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN;
	void *area;

	if (size >= SIZE_MAX)
		return NULL;
	if (size <= AREA_KMALLOC_MAX) {
		area = kmalloc_node(size, gfp | __GFP_NORETRY, numa_node);
		if (area)
			return area;
	}
	/* a map that is too large is the creator's mistake: no reason to kill anybody */
	return __vmalloc_node(size, 1, gfp | __GFP_RETRY_MAYFAIL, numa_node,
			      __builtin_return_address(0));
}

/**
 * bpf_map_area_mmapable_alloc - as bpf_map_area_alloc(), for remap_vmalloc_range()
 * @size: bytes, whole pages
 * @numa_node: node, or NUMA_NO_NODE
 *
 * Context: process; may sleep.
 * Return: page-aligned memory, or NULL.
 */
void *bpf_map_area_mmapable_alloc(u64 size, int numa_node)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

	if (size >= SIZE_MAX || !PAGE_ALIGNED(size))
		return NULL;
	return __vmalloc_node_range(size, SHMLBA, VMALLOC_START, VMALLOC_END, gfp, PAGE_KERNEL,
				    VM_USERMAP, numa_node, __builtin_return_address(0));
}

/**
 * bpf_map_area_free - free what bpf_map_area_alloc() or bpf_map_area_mmapable_alloc() gave
 * @base: the memory; may be NULL
 *
 * Context: process.
 */
void bpf_map_area_free(void *base)
{
	kvfree(base);
}

#ifdef CONFIG_MEMCG
/**
 * bpf_map_charge_start - charge allocations to a map's memory cgroup from here on
 * @map: the map; before it belongs to one, the caller's is charged
 * @charge: for bpf_map_charge_end()
 *
 * Context: any; the caller does not give the CPU to code that allocates for others.
 */
void bpf_map_charge_start(const struct bpf_map *map, struct bpf_map_charge *charge)
{
	charge->memcg = map->objcg ? get_mem_cgroup_from_objcg(map->objcg) : NULL;
	if (charge->memcg)
		charge->old = set_active_memcg(charge->memcg);
}

/**
 * bpf_map_charge_end - end what bpf_map_charge_start() began
 * @charge: of it
 *
 * Context: as bpf_map_charge_start().
 */
void bpf_map_charge_end(struct bpf_map_charge *charge)
{
	if (!charge->memcg)
		return;
	set_active_memcg(charge->old);
	mem_cgroup_put(charge->memcg);
}

/**
 * bpf_map_set_owner_memcg - the caller's memory cgroup pays for a map from here on
 * @map: the map
 *
 * Context: process.
 */
void bpf_map_set_owner_memcg(struct bpf_map *map)
{
	if (memcg_bpf_enabled())
		map->objcg = get_obj_cgroup_from_current();
}

/**
 * bpf_map_put_owner_memcg - end what bpf_map_set_owner_memcg() began
 * @map: the map
 *
 * Context: process.
 */
void bpf_map_put_owner_memcg(struct bpf_map *map)
{
	if (map->objcg)
		obj_cgroup_put(map->objcg);
	map->objcg = NULL;
}
#endif

/**
 * bpf_map_kmalloc_node - kmalloc_node() charged to a map
 * @map: the map
 * @size: bytes
 * @flags: as for kmalloc()
 * @node: NUMA node
 *
 * Context: as @flags says.
 * Return: memory for kfree(), or NULL.
 */
void *bpf_map_kmalloc_node(const struct bpf_map *map, size_t size, gfp_t flags, int node)
{
	struct bpf_map_charge charge;
	void *ptr;

	bpf_map_charge_start(map, &charge);
	ptr = kmalloc_node(size, flags | __GFP_ACCOUNT, node);
	bpf_map_charge_end(&charge);
	return ptr;
}

/**
 * bpf_map_kzalloc - kzalloc() charged to a map
 * @map: the map
 * @size: bytes
 * @flags: as for kmalloc()
 *
 * Context: as @flags says.
 * Return: zeroed memory for kfree(), or NULL.
 */
void *bpf_map_kzalloc(const struct bpf_map *map, size_t size, gfp_t flags)
{
	return bpf_map_kmalloc_node(map, size, flags | __GFP_ZERO, NUMA_NO_NODE);
}

/**
 * bpf_map_kvcalloc - kvcalloc() charged to a map
 * @map: the map
 * @n: elements
 * @size: bytes an element
 * @flags: as for kvmalloc()
 *
 * Context: process.
 * Return: zeroed memory for kvfree(), or NULL, also where the product overflows.
 */
void *bpf_map_kvcalloc(struct bpf_map *map, size_t n, size_t size, gfp_t flags)
{
	struct bpf_map_charge charge;
	void *ptr;

	bpf_map_charge_start(map, &charge);
	ptr = kvcalloc(n, size, flags | __GFP_ACCOUNT);
	bpf_map_charge_end(&charge);
	return ptr;
}

/**
 * bpf_map_alloc_percpu - __alloc_percpu_gfp() charged to a map
 * @map: the map
 * @size: bytes a CPU
 * @align: bytes
 * @flags: as for kmalloc()
 *
 * Context: as @flags says.
 * Return: zeroed memory for free_percpu(), or NULL.
 */
void __percpu *bpf_map_alloc_percpu(const struct bpf_map *map, size_t size, size_t align,
				    gfp_t flags)
{
	struct bpf_map_charge charge;
	void __percpu *ptr;

	bpf_map_charge_start(map, &charge);
	ptr = __alloc_percpu_gfp(size, align, flags | __GFP_ACCOUNT);
	bpf_map_charge_end(&charge);
	return ptr;
}

/**
 * bpf_map_init_from_attr - the common part of a map from its creation attributes
 * @map: zeroed
 * @attr: checked attributes
 *
 * Map types call it in their alloc(); what they change afterwards stays.
 * Context: any.
 */
void bpf_map_init_from_attr(struct bpf_map *map, const union bpf_attr *attr)
{
	map->map_type = attr->map_type;
	map->key_size = attr->key_size;
	map->value_size = attr->value_size;
	map->max_entries = attr->max_entries;
	/* Those two are properties of the fd, not of the map. */
	map->map_flags = attr->map_flags & ~BPF_MAP_FLAGS_ACCESS;
	map->map_extra = attr->map_extra;
	map->numa_node = attr->map_flags & BPF_F_NUMA_NODE ? attr->numa_node : NUMA_NO_NODE;
}

/**
 * map_check_no_btf - bpf_map_ops::check_btf() of maps whose keys and values have no types
 * @map: the map
 * @btf: types
 * @key_type: type of keys
 * @value_type: type of values
 *
 * Context: any.
 * Return: -ENOTSUPP.
 */
int map_check_no_btf(const struct bpf_map *map, const struct btf *btf,
		     const struct btf_type *key_type, const struct btf_type *value_type)
{
	return -ENOTSUPP;
}
