/* SPDX-License-Identifier: GPL-2.0 */
/* Hash tables: finding a key. Inline, so that a caller that knows the size of keys gets no more. */
#ifndef _KBPF_MAPS_HASH_FIND_H
#define _KBPF_MAPS_HASH_FIND_H

#include <linux/jhash.h>
#include <linux/rculist_nulls.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "maps/hash.h"

static __always_inline u32 hash_of_size(const struct bpf_hash *htab, const void *key, u32 size)
{
	if (likely(size % 4 == 0))
		return jhash2(key, size / 4, htab->seed);
	return jhash(key, size, htab->seed);
}

/* Keys of elements are aligned; those that are looked for need not be. */
static __always_inline bool hash_key_is(const struct hash_elem *e, const void *key, u32 size)
{
	u64 differ = 0;
	u32 i;

	if (!__builtin_constant_p(size) || size % 4)
		return !memcmp(e->key, key, size);
	for (i = 0; i + 8 <= size; i += 8)
		differ |= get_unaligned((const u64 *)(e->key + i)) ^
			  get_unaligned((const u64 *)(key + i));
	if (i < size)
		differ |= get_unaligned((const u32 *)(e->key + i)) ^
			  get_unaligned((const u32 *)(key + i));
	return !differ;
}

/* Under rcu_read_lock() alone. */
static __always_inline struct hash_elem *hash_find_size(const struct bpf_hash *htab, u32 hash,
							const void *key, u32 size)
{
	struct hash_bucket *b = hash_bucket(htab, hash);
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	u32 moves;

	do {
		/* pairs with bucket_replace() */
		moves = smp_load_acquire(&b->moves);
		hlist_nulls_for_each_entry_rcu(e, n, &b->head, node)
			if (e->hash == hash && hash_key_is(e, key, size))
				return e;
		/* pairs with bucket_replace() */
		smp_rmb();
		/* the walk may have been led into another chain by an element that moved */
	} while (unlikely(get_nulls_value(n) != (hash & (htab->n_buckets - 1)) ||
			  READ_ONCE(b->moves) != moves));
	return NULL;
}

#endif /* _KBPF_MAPS_HASH_FIND_H */
