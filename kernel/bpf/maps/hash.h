/* SPDX-License-Identifier: GPL-2.0 */
/* Hash tables: what the table, its batches and its LRU share. */
#ifndef _KBPF_MAPS_HASH_H
#define _KBPF_MAPS_HASH_H

#include <linux/bpf.h>
#include <linux/list_nulls.h>
#include <linux/spinlock.h>

#include "maps/mem.h"
#include "maps/pool.h"

struct hash_bucket {
	struct hlist_nulls_head head;
	raw_spinlock_t lock;
};

/**
 * struct hash_elem - an element, followed by key and value
 * @free: while it is in the pool
 * @node: while it is in a bucket; readers may still stand on it after it left
 * @hash: of the key
 * @key: key, padded to 8 bytes; then the value, or the address of the per-CPU values
 *
 * A preallocated element may be taken for another key at once. Its reader then ends in another
 * bucket's chain, sees the wrong end marker there, and starts again.
 */
struct hash_elem {
	union {
		struct bpf_pool_node free;
		struct {
			void *pad;	/* pool and cache link: keeps node.next intact */
			struct hlist_nulls_node node;
		};
	};
	u32 hash;
	u32 lru;
	char key[] __aligned(8);
};

/**
 * struct bpf_hash - a hash map
 * @buckets: @n_buckets of them, a power of two
 * @elems: preallocated elements: max_entries and one for each CPU
 * @pool: the free ones of @elems
 * @spare: preallocated: for each CPU, the element that the next replacement uses
 * @mem: not preallocated: where elements come from
 * @count: not preallocated: elements in the table
 */
struct bpf_hash {
	struct bpf_map map;
	struct hash_bucket *buckets;
	u32 n_buckets;
	u32 elem_size;
	u32 seed;
	u32 value_off;		/* of the value, or of the per-CPU address, from the element's start */
	bool percpu;
	bool prealloc;
	void *elems;
	struct bpf_pool pool;
	struct hash_elem * __percpu *spare;
	struct bpf_mem mem;
	atomic_t count;
};

static inline struct bpf_hash *to_bpf_hash(const struct bpf_map *map)
{
	return container_of(map, struct bpf_hash, map);
}

static inline void *hash_value(const struct bpf_hash *htab, struct hash_elem *e)
{
	return (void *)e + htab->value_off;
}

static inline void __percpu *hash_pptr(const struct bpf_hash *htab, struct hash_elem *e)
{
	return *(void __percpu **)hash_value(htab, e);
}

/* Copies a value as user space sees it. */
void hash_copy_out(struct bpf_hash *htab, struct hash_elem *e, void *value, u64 flags);
/* Takes an element that is out of its bucket back. Inside bpf_map_lock(). */
void hash_elem_put(struct bpf_hash *htab, struct hash_elem *e);
void hash_unlink(struct bpf_hash *htab, struct hash_elem *e);

int hash_batch(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
	       const union bpf_attr *attr, union bpf_attr __user *uattr);

#endif /* _KBPF_MAPS_HASH_H */
