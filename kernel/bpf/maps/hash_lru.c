// SPDX-License-Identifier: GPL-2.0
/*
 * Evicting from full hash tables: a clock over the preallocated elements. Look-ups and updates of
 * existing keys set a bit; the hand clears it, and takes the first element that it finds without.
 * So an element is safe for a turn after each use, no list has to be kept in order, and no lock is
 * shared by all CPUs. A new key takes the place of the one that was evicted for it, right behind
 * the hand: it has a whole turn without the bit.
 */
#include <linux/atomic.h>
#include <linux/bpf.h>
#include <linux/rculist_nulls.h>

#include "maps/hash.h"
#include "maps/lock.h"

/*
 * Steps of the hand for one new key. In a large table that is all in use the bits are no help after
 * LRU_STEPS_FAIR of them: a program in an interrupt cannot wait for a turn over a million elements.
 */
#define LRU_STEPS_FAIR	256
#define LRU_STEPS_MAX	1024

/* Is @e in the bucket, whose lock is held? */
static bool bucket_has(struct hash_bucket *b, const struct hash_elem *e)
{
	struct hlist_nulls_node *n;
	struct hash_elem *i;

	hlist_nulls_for_each_entry_rcu(i, n, &b->head, node)
		if (i == e)
			return true;
	return false;
}

/* Takes @e out of its bucket, unless it has moved on meanwhile. */
static bool lru_take(struct bpf_hash *htab, struct hash_elem *e)
{
	struct hash_bucket *b = hash_bucket(htab, READ_ONCE(e->hash));
	unsigned long irq;
	bool ok;

	if (bpf_map_lock(&b->lock, &irq))
		return false;
	ok = READ_ONCE(e->state) & HASH_ELEM_USED && bucket_has(b, e);
	if (ok) {
		hlist_nulls_del_rcu(&e->node);
		this_cpu_dec(*htab->map.elem_count);
		WRITE_ONCE(e->state, 0);
		hash_free_value_fields(htab, e);
	}
	bpf_map_unlock(&b->lock, irq);
	return ok;
}

/**
 * hash_lru_evict - make room
 * @htab: a full LRU table
 *
 * Context: any, without a bucket's lock.
 * Return: an element that belongs to the caller, or NULL: none could be had (nested operations that
 * get no lock).
 */
struct hash_elem *hash_lru_evict(struct bpf_hash *htab)
{
	u32 cnt = hash_prealloc_cnt(htab), steps = min(2 * cnt, (u32)LRU_STEPS_MAX), i, state;
	struct hash_elem *e;

	for (i = 0; i < steps; i++) {
		e = hash_nth(htab, (u32)atomic_fetch_inc(&htab->hand) % cnt);
		state = READ_ONCE(e->state);
		if (!(state & HASH_ELEM_USED))
			continue;
		if (state & HASH_ELEM_REF && i < LRU_STEPS_FAIR) {
			/* lost against a use of the element: then it is safe anyway */
			cmpxchg(&e->state, state, state & ~HASH_ELEM_REF);
			continue;
		}
		if (lru_take(htab, e))
			return e;
	}
	return NULL;
}

/**
 * hash_lru_return - give back an evicted element that could not be used
 * @htab: the table
 * @e: from hash_lru_evict()
 *
 * Context: any, where no list's lock can be had.
 */
void hash_lru_return(struct bpf_hash *htab, struct hash_elem *e)
{
	llist_add((struct llist_node *)&e->free, &htab->pool.orphans);
}
