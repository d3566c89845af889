/* SPDX-License-Identifier: GPL-2.0 */
/* Hash tables: what the table, its batches and its LRU share. */
#ifndef _KBPF_MAPS_HASH_H
#define _KBPF_MAPS_HASH_H

#include <linux/bits.h>
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/list_nulls.h>
#include <linux/spinlock.h>

#include "maps/mem.h"
#include "maps/pool.h"

#define HASH_ELEM_USED	BIT(0)	/* is in a bucket, or about to be */
#define HASH_ELEM_REF	BIT(1)	/* has been looked up since the hand passed */

/**
 * struct hash_bucket - a chain
 * @head: of the elements
 * @lock: for writers
 * @moves: replacements so far. A reader that passed the front before the new element came and the
 *	old one's place after that went has missed both; it sees another number here.
 */
struct hash_bucket {
	struct hlist_nulls_head head;
	raw_spinlock_t lock;
	u32 moves;
};

/*
 * struct hash_elem - an element, followed by key and value
 * @free: while it is in the pool
 * @node: while it is in a bucket; readers may still stand on it after it left
 * @hash: of the key
 * @state: HASH_ELEM_*, for evicting
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
	u32 state;
	char key[] __aligned(8);
};

/*
 * struct bpf_hash - a hash map
 * @buckets: @n_buckets of them, a power of two
 * @elems: preallocated elements: max_entries and one for each CPU
 * @pool: the free ones of @elems
 * @spare: preallocated: for each CPU, the element that the next replacement uses
 * @mem: not preallocated: where elements come from
 * @count: not preallocated: elements in the table
 * @value_size: bytes of a value in an element: the map's, or a pointer's in maps of maps
 * @lru: a full table evicts; always preallocated
 * @hand: LRU: index of the element that is looked at next
 */
struct bpf_hash {
	struct bpf_map map;
	struct hash_bucket *buckets;
	u32 n_buckets;
	u32 elem_size;
	u32 seed;
	/* of the value, or of the per-CPU address, from the element's start */
	u32 value_off;
	u32 value_size;
	bool percpu;
	bool prealloc;
	bool lru;
	bool fd_values;
	atomic_t hand;
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

void hash_copy_out(struct bpf_hash *htab, struct hash_elem *e, void *value, u64 flags);
void hash_unlink(struct bpf_hash *htab, struct hash_elem *e);
void hash_free_value_fields(struct bpf_hash *htab, struct hash_elem *e);

static inline struct hash_elem *hash_nth(const struct bpf_hash *htab, u32 i)
{
	return htab->elems + (u64)i * htab->elem_size;
}

/* Elements that the pool and the spares hold together. */
static inline u32 hash_prealloc_cnt(const struct bpf_hash *htab)
{
	return htab->map.max_entries + num_possible_cpus();
}

static inline struct hash_bucket *hash_bucket(const struct bpf_hash *htab, u32 hash)
{
	return &htab->buckets[hash & (htab->n_buckets - 1)];
}

/* hash_lru.c: an element that nobody has looked up for a while, out of its bucket; or NULL. */
struct hash_elem *hash_lru_evict(struct bpf_hash *htab);
void hash_lru_return(struct bpf_hash *htab, struct hash_elem *e);

/* Whoever marks may be late: the element may be free by now, and has to stay so. */
static inline void hash_lru_mark(struct hash_elem *e)
{
	/* most are marked already: do not make their cache lines dirty */
	if (READ_ONCE(e->state) == HASH_ELEM_USED)
		cmpxchg(&e->state, HASH_ELEM_USED, HASH_ELEM_USED | HASH_ELEM_REF);
}

/* hash_lookup.c: the operations, and for programs calls of what is made for a size of keys. */
void *hash_lookup(struct bpf_map *map, void *key);
void *hash_percpu_lookup(struct bpf_map *map, void *key);
void *hash_lru_lookup(struct bpf_map *map, void *key);
void *hash_lru_percpu_lookup(struct bpf_map *map, void *key);
int hash_gen_lookup(struct bpf_map *map, struct bpf_insn *buf, u32 cap);

int hash_batch(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
	       const union bpf_attr *attr, union bpf_attr __user *uattr);

#endif /* _KBPF_MAPS_HASH_H */
