// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays whose elements are kernel objects: user space writes an fd and reads an id. A slot is
 * written with xchg() and read under RCU; whoever takes an object out of a slot drops it.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "exec/exec.h"
#include "maps/array.h"
#include "maps/maps.h"

/**
 * fd_array_alloc_check - check the creation attributes
 * @attr: attributes
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int fd_array_alloc_check(const union bpf_attr *attr)
{
	/* programs cannot write objects */
	if (attr->value_size != sizeof(u32) || attr->map_flags & BPF_F_WRONLY_PROG)
		return -EINVAL;
	return bpf_array_alloc_check(attr);
}

/**
 * fd_array_alloc - an array of empty slots
 * @attr: checked attributes
 *
 * Context: process context, may sleep. Return: the map or ERR_PTR.
 */
struct bpf_map *fd_array_alloc(const union bpf_attr *attr)
{
	struct bpf_array *array = bpf_array_alloc_head(attr, sizeof(void *));
	u64 slots;

	if (IS_ERR(array))
		return ERR_CAST(array);
	array->elem_size = sizeof(void *);
	slots = array->map.bypass_spec_v1 ? attr->max_entries : (u64)array->index_mask + 1;
	array->slots = bpf_map_area_alloc(slots * sizeof(void *), array->map.numa_node);
	if (!array->slots) {
		bpf_map_area_free(array);
		return ERR_PTR(-ENOMEM);
	}
	return &array->map;
}

/* Puts @new into a slot; the old object is dropped once nobody can be using the slot's content. */
static void *slot_replace(struct bpf_map *map, u32 index, void *new, bool need_defer)
{
	void *old;

	if (map->map_type == BPF_MAP_TYPE_PROG_ARRAY)
		old = bpf_poke_swap(map, index, new);
	else
		old = xchg(&to_bpf_array(map)->slots[index], new);
	if (old)
		map->ops->fd_put_ptr(map, old, need_defer);
	return old;
}

/**
 * fd_array_clear - drop all objects
 * @map: the map
 * @need_defer: programs may be reading
 *
 * Context: process context, may sleep.
 */
void fd_array_clear(struct bpf_map *map, bool need_defer)
{
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		slot_replace(map, i, NULL, need_defer);
		cond_resched();
	}
}

void fd_array_free(struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);

	fd_array_clear(map, false);
	bpf_map_area_free(array->slots);
	bpf_map_area_free(array);
}

/**
 * fd_array_lookup - the object in a slot, for programs
 * @map: the map
 * @key: u32 index
 *
 * Context: under RCU. Return: the object, or NULL.
 */
void *fd_array_lookup(struct bpf_map *map, void *key)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;

	if (unlikely(index >= map->max_entries))
		return NULL;
	return READ_ONCE(array->slots[index & array->index_mask]);
}

/**
 * fd_array_sys_update - put the object of an fd into a slot
 * @map: the map
 * @map_file: the file that user space uses for the map
 * @key: u32 index
 * @value: int fd
 * @flags: BPF_ANY
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -E2BIG for an index out of bounds, or what the fd's object says.
 */
int fd_array_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			u64 flags)
{
	u32 index = *(u32 *)key;
	void *new;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	new = map->ops->fd_get_ptr(map, map_file, *(int *)value);
	if (IS_ERR(new))
		return PTR_ERR(new);
	slot_replace(map, index, new, true);
	return 0;
}

int fd_array_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	void *obj;
	int err = -ENOENT;

	if (!map->ops->fd_ptr_id)
		return -ENOTSUPP;
	if (flags)
		return -EINVAL;
	rcu_read_lock();
	obj = fd_array_lookup(map, key);
	if (obj) {
		*(u32 *)value = map->ops->fd_ptr_id(obj);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

long fd_array_delete(struct bpf_map *map, void *key)
{
	u32 index = *(u32 *)key;

	if (index >= map->max_entries)
		return -E2BIG;
	return slot_replace(map, index, NULL, true) ? 0 : -ENOENT;
}

u64 fd_array_mem_usage(const struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);
	u64 slots = map->bypass_spec_v1 ? map->max_entries : (u64)array->index_mask + 1;

	return sizeof(*array) + slots * sizeof(void *);
}
