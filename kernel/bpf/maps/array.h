/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays: the memory layout that inlined look-ups and the prog array's tail calls rely on. */
#ifndef _KBPF_MAPS_ARRAY_H
#define _KBPF_MAPS_ARRAY_H

#include <linux/bpf.h>

/*
 * struct bpf_array - map whose keys are the u32 indices below max_entries
 * @elem_size: bytes from one element to the next
 * @index_mask: for programs that may speculate: index & mask stays inside the allocation
 * @data: elements; page-aligned for mmapable arrays
 * @pptrs: per-CPU arrays: one per-CPU allocation an element
 * @slots: arrays of kernel objects, see fd_array.c; stands where struct bpf_tail_map has it
 * @pokes: arrays of programs: as in struct bpf_tail_map
 */
struct bpf_array {
	struct bpf_map map;
	u32 elem_size;
	u32 index_mask;
	union {
		void *data;
		void __percpu **pptrs;
		void **slots;
	};
	struct list_head pokes;
};

static inline struct bpf_array *to_bpf_array(const struct bpf_map *map)
{
	return container_of(map, struct bpf_array, map);
}

int bpf_array_alloc_check(const union bpf_attr *attr);
struct bpf_array *bpf_array_alloc_head(const union bpf_attr *attr, u64 slot_size);
int bpf_array_get_next_key(struct bpf_map *map, void *key, void *next_key);

/* Arrays of kernel objects: their types' operations are made of these. */
int fd_array_alloc_check(const union bpf_attr *attr);
struct bpf_map *fd_array_alloc(const union bpf_attr *attr);
void fd_array_free(struct bpf_map *map);
void fd_array_clear(struct bpf_map *map, bool need_defer);
void *fd_array_lookup(struct bpf_map *map, void *key);
int fd_array_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			u64 flags);
int fd_array_copy_value(struct bpf_map *map, void *key, void *value, u64 flags);
long fd_array_delete(struct bpf_map *map, void *key);
u64 fd_array_mem_usage(const struct bpf_map *map);

#endif /* _KBPF_MAPS_ARRAY_H */
