// SPDX-License-Identifier: GPL-2.0
/*
 * Hash tables, with one value or one value a CPU for each key.
 *
 * Readers take no lock. Writers take the lock of one bucket. An update puts a new element in front
 * and then takes the old one out, so a reader finds the old value or the new one; where programs
 * hold a value's address, what they read may change below them when the element is used again
 * (preallocated maps). User space copies such values under the lock.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "btf/btf.h"
#include "btf/record.h"
#include "maps/hash.h"
#include "maps/hash_find.h"
#include "maps/lock.h"
#include "maps/map_in_map.h"
#include "maps/maps.h"

/* ------------------------------------------------------------------ creation */

static bool hash_type_is_percpu(u32 type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static bool hash_type_is_lru(u32 type)
{
	return type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static void hash_mem_fini(const struct bpf_map *map, void *obj);

static int hash_alloc_check(const union bpf_attr *attr)
{
	bool percpu = hash_type_is_percpu(attr->map_type);

	/* what is evicted has to be there beforehand */
	if (hash_type_is_lru(attr->map_type) && attr->map_flags & BPF_F_NO_PREALLOC)
		return -ENOTSUPP;
	if (!attr->max_entries || !attr->key_size || !attr->value_size)
		return -EINVAL;
	if (percpu && attr->map_flags & BPF_F_NUMA_NODE)
		return -EINVAL;
	if (attr->map_flags & BPF_F_ZERO_SEED && !bpf_token_capable(NULL, CAP_SYS_ADMIN))
		return -EPERM;
	/* elements that are not preallocated come from kmalloc() */
	if ((u64)attr->key_size + attr->value_size >= KMALLOC_MAX_SIZE - sizeof(struct hash_elem))
		return -E2BIG;
	if (percpu && round_up(attr->value_size, 8) > PCPU_MIN_UNIT_SIZE)
		return -E2BIG;
	return 0;
}

static void hash_free_elems(struct bpf_hash *htab)
{
	u32 i, cnt = hash_prealloc_cnt(htab);

	if (htab->percpu && htab->elems) {
		for (i = 0; i < cnt; i++) {
			free_percpu(hash_pptr(htab, hash_nth(htab, i)));
			cond_resched();
		}
	}
	bpf_map_area_free(htab->elems);
	bpf_pool_destroy(&htab->pool);
	free_percpu(htab->spare);
}

static int hash_prealloc_percpu(struct bpf_hash *htab)
{
	u32 i, cnt = hash_prealloc_cnt(htab), size = bpf_map_value_stride(&htab->map);
	void __percpu *pptr;

	for (i = 0; i < cnt; i++) {
		pptr = bpf_map_alloc_percpu(&htab->map, size, 8, GFP_USER | __GFP_NOWARN);
		if (!pptr)
			return -ENOMEM;
		*(void __percpu **)hash_value(htab, hash_nth(htab, i)) = pptr;
		cond_resched();
	}
	return 0;
}

static int hash_prealloc(struct bpf_hash *htab)
{
	u32 cnt = hash_prealloc_cnt(htab), i = 0;
	u64 size;
	int cpu;

	if (cnt < htab->map.max_entries ||
	    check_mul_overflow((u64)cnt, (u64)htab->elem_size, &size))
		return -E2BIG;
	htab->elems = bpf_map_area_alloc(size, htab->map.numa_node);
	htab->spare = alloc_percpu(struct hash_elem *);
	if (!htab->elems || !htab->spare || bpf_pool_init(&htab->pool))
		return -ENOMEM;
	if (htab->percpu && hash_prealloc_percpu(htab))
		return -ENOMEM;

	for_each_possible_cpu(cpu)
		*per_cpu_ptr(htab->spare, cpu) = hash_nth(htab, i++);
	bpf_pool_fill(&htab->pool, hash_nth(htab, i), htab->elem_size, htab->map.max_entries);
	return 0;
}

static int hash_alloc_buckets(struct bpf_hash *htab)
{
	u64 n = roundup_pow_of_two((u64)htab->map.max_entries);
	u32 i;

	if (n > U32_MAX / sizeof(struct hash_bucket))
		return -E2BIG;
	htab->n_buckets = n;
	htab->buckets = bpf_map_area_alloc(n * sizeof(*htab->buckets), htab->map.numa_node);
	if (!htab->buckets)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		INIT_HLIST_NULLS_HEAD(&htab->buckets[i].head, i);
		raw_spin_lock_init(&htab->buckets[i].lock);
		if (!(i % SZ_64K))
			cond_resched();
	}
	return 0;
}

static void hash_release_memory(struct bpf_hash *htab)
{
	if (htab->prealloc)
		hash_free_elems(htab);
	else
		bpf_mem_destroy(&htab->mem);
	free_percpu(htab->map.elem_count);
	bpf_map_area_free(htab->buckets);
	bpf_map_area_free(htab);
}

static struct bpf_map *hash_alloc(const union bpf_attr *attr)
{
	struct bpf_hash *htab;
	int err;

	htab = bpf_map_area_alloc(sizeof(*htab), NUMA_NO_NODE);
	if (!htab)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&htab->map, attr);
	htab->percpu = hash_type_is_percpu(attr->map_type);
	htab->lru = hash_type_is_lru(attr->map_type);
	htab->fd_values = attr->map_type == BPF_MAP_TYPE_HASH_OF_MAPS;
	htab->value_size = htab->fd_values ? sizeof(void *) : attr->value_size;
	htab->prealloc = !(attr->map_flags & BPF_F_NO_PREALLOC);
	htab->seed = attr->map_flags & BPF_F_ZERO_SEED ? 0 : get_random_u32();
	htab->value_off = offsetof(struct hash_elem, key) + round_up(attr->key_size, 8);
	htab->elem_size = htab->value_off +
			  (htab->percpu ? sizeof(void *) : round_up(htab->value_size, 8));

	err = hash_alloc_buckets(htab);
	if (!err) {
		htab->map.elem_count = alloc_percpu(s64);
		err = htab->map.elem_count ? 0 : -ENOMEM;
	}
	if (!err)
		err = htab->prealloc ? hash_prealloc(htab) :
		      bpf_mem_init(&htab->mem, &htab->map, htab->elem_size,
				   htab->percpu ? bpf_map_value_stride(&htab->map) : 0,
				   hash_mem_fini);
	if (err) {
		hash_release_memory(htab);
		return ERR_PTR(err);
	}
	return &htab->map;
}

/* ------------------------------------------------------------------ buckets */

static u32 hash_of(const struct bpf_hash *htab, const void *key)
{
	return hash_of_size(htab, key, htab->map.key_size);
}

/* Under the bucket's lock. */
static struct hash_elem *bucket_find(struct hash_bucket *b, u32 hash, const void *key, u32 key_size)
{
	struct hlist_nulls_node *n;
	struct hash_elem *e;

	hlist_nulls_for_each_entry_rcu(e, n, &b->head, node)
		if (e->hash == hash && !memcmp(e->key, key, key_size))
			return e;
	return NULL;
}

/* Under rcu_read_lock() alone. */
static struct hash_elem *hash_find(const struct bpf_hash *htab, u32 hash, const void *key)
{
	return hash_find_size(htab, hash, key, htab->map.key_size);
}

static struct hash_elem *hash_find_key(struct bpf_map *map, void *key)
{
	struct bpf_hash *htab = to_bpf_hash(map);

	return hash_find(htab, hash_of(htab, key), key);
}

/* ------------------------------------------------------------------ elements */

/*
 * struct hash_write - an update
 * @hash: of @key
 * @flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK
 * @all_cpus: per-CPU tables: @value has a stride for each possible CPU
 * @given: an element that was evicted for this, or NULL; NULL afterwards where it was used
 * @dropped: maps of maps: what the old value was, for the caller to put without the lock
 */
struct hash_write {
	u32 hash;
	void *key;
	void *value;
	u64 flags;
	bool all_cpus;
	struct hash_elem *given;
	void *dropped;
};

/*
 * An element for a new key. Not preallocated: counts it first, so that max_entries holds exactly.
 * -EAGAIN: one has to be evicted.
 */
static struct hash_elem *hash_elem_get(struct bpf_hash *htab, struct hash_write *w)
{
	struct bpf_pool_node *node;
	struct hash_elem *e;

	if (w->given) {
		e = w->given;
		w->given = NULL;
		return e;
	}
	if (htab->prealloc) {
		node = bpf_pool_pop(&htab->pool);
		if (!node)
			return ERR_PTR(htab->lru ? -EAGAIN : -E2BIG);
		return container_of(node, struct hash_elem, free);
	}
	if (!atomic_add_unless(&htab->count, 1, htab->map.max_entries))
		return ERR_PTR(-E2BIG);
	e = bpf_mem_alloc(&htab->mem);
	if (!e) {
		atomic_dec(&htab->count);
		return ERR_PTR(-ENOMEM);
	}
	return e;
}

/* An element that takes the place of another one with the same key: it is counted already. */
static struct hash_elem *hash_elem_get_spare(struct bpf_hash *htab)
{
	struct bpf_pool_node *node;
	struct hash_elem *e;

	if (!htab->prealloc) {
		e = bpf_mem_alloc(&htab->mem);
		return e ?: ERR_PTR(-ENOMEM);
	}
	e = this_cpu_xchg(*htab->spare, NULL);
	if (likely(e))
		return e;
	/* another update of this CPU, interrupted, has the spare */
	node = bpf_pool_pop(&htab->pool);
	return node ? container_of(node, struct hash_elem, free) : ERR_PTR(-EBUSY);
}

static void elem_for_each_value(struct bpf_hash *htab, struct hash_elem *e,
				void (*fn)(const struct btf_record *rec, void *value))
{
	int cpu;

	if (!htab->percpu) {
		fn(htab->map.record, hash_value(htab, e));
		return;
	}
	for_each_possible_cpu(cpu)
		fn(htab->map.record, per_cpu_ptr(hash_pptr(htab, e), cpu));
}

/**
 * hash_free_value_fields - drop what a value holds: timers, kptrs
 * @htab: the table
 * @e: an element out of its bucket
 *
 * Programs that still have the value's address may put something in again afterwards. So this is
 * done when the element leaves its bucket, and once more when it is used again or freed.
 *
 * Context: any.
 */
void hash_free_value_fields(struct bpf_hash *htab, struct hash_elem *e)
{
	if (htab->map.record)
		elem_for_each_value(htab, e, bpf_value_free_fields);
}

static void hash_mem_fini(const struct bpf_map *map, void *obj)
{
	hash_free_value_fields(to_bpf_hash(map), obj);
}

/* Takes back an element that is out of its bucket; readers may stand on it. In bpf_map_lock(). */
static void hash_elem_put(struct bpf_hash *htab, struct hash_elem *e)
{
	hash_free_value_fields(htab, e);
	WRITE_ONCE(e->state, 0);
	if (!htab->prealloc) {
		bpf_mem_free_rcu(&htab->mem, e);
		return;
	}
	if (!this_cpu_cmpxchg(*htab->spare, NULL, e))
		return;
	bpf_pool_push(&htab->pool, &e->free);
}

/**
 * hash_unlink - delete an element
 * @htab: the table
 * @e: the element
 *
 * Context: under the bucket's lock.
 */
void hash_unlink(struct bpf_hash *htab, struct hash_elem *e)
{
	hlist_nulls_del_rcu(&e->node);
	this_cpu_dec(*htab->map.elem_count);
	if (!htab->prealloc)
		atomic_dec(&htab->count);
	hash_elem_put(htab, e);
}

/* Puts @e where @old is. A reader finds one of them, or a reason to look again. */
static void bucket_replace(struct hash_bucket *b, struct hash_elem *old, struct hash_elem *e)
{
	hlist_nulls_add_head_rcu(&e->node, &b->head);
	if (!old)
		return;
	/* the new one, then the count, then the end of the old one; pairs with hash_find() */
	smp_store_release(&b->moves, b->moves + 1);
	/* the same */
	smp_wmb();
	hlist_nulls_del_rcu(&old->node);
}

/* Per-CPU values: @all: @value has a stride for each CPU; else it is this CPU's. */
static void hash_set_percpu(struct bpf_hash *htab, struct hash_elem *e, void *value, bool all,
			    bool fresh)
{
	u32 stride = bpf_map_value_stride(&htab->map), size = htab->map.value_size;
	void __percpu *pptr = hash_pptr(htab, e);
	int cpu;

	if (!all && !fresh) {
		bpf_value_copy(htab->map.record, this_cpu_ptr(pptr), value, size);
		return;
	}
	for_each_possible_cpu(cpu) {
		void *dst = per_cpu_ptr(pptr, cpu);

		if (fresh)
			bpf_value_zero(htab->map.record, dst, stride);
		if (all || cpu == smp_processor_id())
			bpf_value_copy(htab->map.record, dst, value, size);
		if (all)
			value += stride;
	}
}

static void hash_fill(struct bpf_hash *htab, struct hash_elem *e, const struct hash_write *w)
{
	WRITE_ONCE(e->hash, w->hash);
	memcpy(e->key, w->key, htab->map.key_size);
	if (htab->prealloc)
		hash_free_value_fields(htab, e);
	if (htab->percpu) {
		hash_set_percpu(htab, e, w->value, w->all_cpus, true);
		return;
	}
	/* a lock in a value that is used again may have a holder that came too late: it stays */
	if (!htab->prealloc)
		bpf_value_init_fields(htab->map.record, hash_value(htab, e));
	bpf_value_copy(htab->map.record, hash_value(htab, e), w->value, htab->value_size);
}

/* ------------------------------------------------------------------ operations */

static void *hash_percpu_lookup_cpu(struct bpf_map *map, void *key, u32 cpu)
{
	struct hash_elem *e;

	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return NULL;
	e = hash_find_key(map, key);
	return e ? per_cpu_ptr(hash_pptr(to_bpf_hash(map), e), cpu) : NULL;
}

static int hash_check_flags(const struct hash_elem *old, u64 flags)
{
	flags &= ~BPF_F_LOCK;
	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!old && flags == BPF_EXIST)
		return -ENOENT;
	return 0;
}

/* Replaces @old (may be NULL) in its bucket, whose lock is held. */
static int hash_replace(struct bpf_hash *htab, struct hash_bucket *b, struct hash_elem *old,
			struct hash_write *w)
{
	struct hash_elem *e = old ? hash_elem_get_spare(htab) : hash_elem_get(htab, w);

	if (IS_ERR(e))
		return PTR_ERR(e);
	hash_fill(htab, e, w);
	WRITE_ONCE(e->state, HASH_ELEM_USED | (old ? HASH_ELEM_REF : 0));
	bucket_replace(b, old, e);
	if (!old) {
		this_cpu_inc(*htab->map.elem_count);
		return 0;
	}
	if (htab->fd_values)
		w->dropped = *(void **)hash_value(htab, old);
	hash_elem_put(htab, old);
	return 0;
}

static int hash_update_bucket(struct bpf_hash *htab, struct hash_bucket *b, struct hash_write *w)
{
	struct hash_elem *old = bucket_find(b, w->hash, w->key, htab->map.key_size);
	int err = hash_check_flags(old, w->flags);

	if (err)
		return err;
	if (old && w->flags & BPF_F_LOCK) {
		bpf_value_copy_locked(htab->map.record, hash_value(htab, old), w->value,
				      htab->map.value_size, false);
		return 0;
	}
	if (old && htab->percpu) {
		hash_set_percpu(htab, old, w->value, w->all_cpus, false);
		hash_lru_mark(old);
		return 0;
	}
	return hash_replace(htab, b, old, w);
}

/* One try under the bucket's lock; an evicted element that was not needed goes to the pool. */
static int hash_update_locked(struct bpf_hash *htab, struct hash_write *w)
{
	struct hash_bucket *b = hash_bucket(htab, w->hash);
	unsigned long irq;
	int err;

	err = bpf_map_lock(&b->lock, &irq);
	if (unlikely(err))
		return err;
	err = hash_update_bucket(htab, b, w);
	if (w->given) {
		bpf_pool_push(&htab->pool, &w->given->free);
		w->given = NULL;
	}
	bpf_map_unlock(&b->lock, irq);
	return err;
}

static long hash_do_update(struct bpf_map *map, void *key, void *value, u64 flags, bool all_cpus)
{
	struct hash_write w = { .key = key, .value = value, .flags = flags, .all_cpus = all_cpus };
	struct bpf_hash *htab = to_bpf_hash(map);
	int err;

	if (unlikely((flags & ~BPF_F_LOCK) > BPF_EXIST))
		return -EINVAL;
	if (unlikely(flags & BPF_F_LOCK &&
		     (htab->percpu || !btf_record_has(map->record, BPF_SPIN_LOCK))))
		return -EINVAL;

	w.hash = hash_of(htab, key);
	err = hash_update_locked(htab, &w);
	if (err == -EAGAIN) {
		/* full: the victim's bucket is locked without holding ours */
		w.given = hash_lru_evict(htab);
		if (!w.given)
			return -ENOMEM;
		err = hash_update_locked(htab, &w);
		if (w.given)
			hash_lru_return(htab, w.given);
	}
	if (w.dropped)
		map->ops->fd_put_ptr(map, w.dropped, true);
	return err;
}

static long hash_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	return hash_do_update(map, key, value, flags, false);
}

static int hash_percpu_sys_update(struct bpf_map *map, struct file *map_file, void *key,
				  void *value, u64 flags)
{
	return hash_do_update(map, key, value, flags, true);
}

static long hash_delete(struct bpf_map *map, void *key)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	u32 hash = hash_of(htab, key);
	struct hash_bucket *b = hash_bucket(htab, hash);
	void *dropped = NULL;
	struct hash_elem *e;
	unsigned long irq;
	int err;

	err = bpf_map_lock(&b->lock, &irq);
	if (unlikely(err))
		return err;
	e = bucket_find(b, hash, key, map->key_size);
	if (e && htab->fd_values)
		dropped = *(void **)hash_value(htab, e);
	if (e)
		hash_unlink(htab, e);
	bpf_map_unlock(&b->lock, irq);
	if (dropped)
		map->ops->fd_put_ptr(map, dropped, true);
	return e ? 0 : -ENOENT;
}

/**
 * hash_copy_out - copy a value as user space sees it
 * @htab: the table
 * @e: the element
 * @value: value_size bytes, or a stride for each possible CPU
 * @flags: BPF_F_LOCK: with the value's spin lock held
 *
 * Context: rcu_read_lock() or the bucket's lock.
 */
void hash_copy_out(struct bpf_hash *htab, struct hash_elem *e, void *value, u64 flags)
{
	u32 stride = bpf_map_value_stride(&htab->map), size = htab->map.value_size;
	const struct btf_record *rec = htab->map.record;
	int cpu;

	if (htab->percpu) {
		for_each_possible_cpu(cpu) {
			bpf_value_copy(rec, value, per_cpu_ptr(hash_pptr(htab, e), cpu), size);
			bpf_value_clear_fields(rec, value);
			memset(value + size, 0, stride - size);
			value += stride;
		}
		return;
	}
	if (flags & BPF_F_LOCK)
		bpf_value_copy_locked(rec, value, hash_value(htab, e), size, true);
	else
		bpf_value_copy(rec, value, hash_value(htab, e), size);
	bpf_value_clear_fields(rec, value);
}

/*
 * User space never reads a mix of two values: an element that may be used again at once is copied
 * under the lock. One that is not preallocated stays as it is until the reader is gone.
 */
static int hash_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	u32 hash = hash_of(htab, key);
	struct hash_bucket *b = hash_bucket(htab, hash);
	struct hash_elem *e;
	unsigned long irq;
	int err;

	if (!htab->prealloc) {
		e = hash_find(htab, hash, key);
		if (e)
			hash_copy_out(htab, e, value, flags);
		return e ? 0 : -ENOENT;
	}
	err = bpf_map_lock(&b->lock, &irq);
	if (err)
		return err;
	e = bucket_find(b, hash, key, map->key_size);
	if (e)
		hash_copy_out(htab, e, value, flags);
	bpf_map_unlock(&b->lock, irq);
	return e ? 0 : -ENOENT;
}

static int hash_percpu_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	return flags & BPF_F_LOCK ? -EINVAL : hash_copy_value(map, key, value, 0);
}

static int hash_lookup_and_delete(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	u32 hash = hash_of(htab, key);
	struct hash_bucket *b = hash_bucket(htab, hash);
	struct hash_elem *e;
	unsigned long irq;
	int err;

	err = bpf_map_lock(&b->lock, &irq);
	if (unlikely(err))
		return err;
	e = bucket_find(b, hash, key, map->key_size);
	if (e) {
		hash_copy_out(htab, e, value, flags);
		hash_unlink(htab, e);
	}
	bpf_map_unlock(&b->lock, irq);
	return e ? 0 : -ENOENT;
}

/* First element of the first non-empty bucket from @i on. */
static struct hash_elem *hash_first_from(struct bpf_hash *htab, u32 i)
{
	struct hlist_nulls_node *n;
	struct hash_elem *e;

	for (; i < htab->n_buckets; i++)
		hlist_nulls_for_each_entry_rcu(e, n, &htab->buckets[i].head, node)
			return e;
	return NULL;
}

static int hash_get_next_key(struct bpf_map *map, void *key, void *next_key)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hash_elem *e = NULL, *next = NULL;
	struct hlist_nulls_node *n;
	u32 bucket = 0;

	if (key) {
		u32 hash = hash_of(htab, key);

		e = hash_find(htab, hash, key);
		bucket = hash & (htab->n_buckets - 1);
	}
	if (e) {
		n = rcu_dereference_raw(hlist_nulls_next_rcu(&e->node));
		if (!is_a_nulls(n))
			next = hlist_nulls_entry(n, struct hash_elem, node);
	}
	if (!next)
		next = hash_first_from(htab, e ? bucket + 1 : 0);
	if (!next)
		return -ENOENT;
	memcpy(next_key, next->key, map->key_size);
	return 0;
}

static long hash_for_each(struct bpf_map *map, bpf_callback_t cb, void *ctx, u64 flags)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	void *value;
	long cnt = 0;
	u64 stop = 0;
	u32 i;

	if (flags)
		return -EINVAL;
	if (htab->percpu)
		migrate_disable();
	for (i = 0; i < htab->n_buckets && !stop; i++) {
		rcu_read_lock();
		hlist_nulls_for_each_entry_rcu(e, n, &htab->buckets[i].head, node) {
			value = htab->percpu ? (void *)this_cpu_ptr(hash_pptr(htab, e)) :
					       hash_value(htab, e);
			cnt++;
			stop = cb((unsigned long)map, (unsigned long)e->key, (unsigned long)value,
				  (unsigned long)ctx, 0);
			if (stop)
				break;
		}
		rcu_read_unlock();
	}
	if (htab->percpu)
		migrate_enable();
	return cnt;
}

/* ------------------------------------------------------------------ all values */

/* All elements that programs may have put something into: preallocated ones while free, too. */
static void hash_for_each_value(struct bpf_hash *htab,
				void (*fn)(const struct btf_record *rec, void *value))
{
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	u32 i;

	for (i = 0; htab->prealloc && i < hash_prealloc_cnt(htab); i++) {
		elem_for_each_value(htab, hash_nth(htab, i), fn);
		cond_resched();
	}
	for (i = 0; !htab->prealloc && i < htab->n_buckets; i++) {
		rcu_read_lock();
		hlist_nulls_for_each_entry_rcu(e, n, &htab->buckets[i].head, node)
			elem_for_each_value(htab, e, fn);
		rcu_read_unlock();
		cond_resched();
	}
}

static void hash_release_uref(struct bpf_map *map)
{
	if (btf_record_has(map->record, BPF_TIMER | BPF_WORKQUEUE))
		hash_for_each_value(to_bpf_hash(map), bpf_value_cancel_async);
}

static void hash_free(struct bpf_map *map)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	u32 i;

	if (map->record)
		hash_for_each_value(htab, bpf_value_free_fields);
	for (i = 0; !htab->prealloc && i < htab->n_buckets; i++) {
		struct hash_bucket *b = &htab->buckets[i];

		while (!is_a_nulls(n = b->head.first)) {
			e = hlist_nulls_entry(n, struct hash_elem, node);
			hlist_nulls_del_rcu(&e->node);
			bpf_mem_free_now(&htab->mem, e);
		}
		cond_resched();
	}
	hash_release_memory(htab);
}

/* ------------------------------------------------------------------ maps of maps */

static struct bpf_map *hash_of_maps_alloc(const union bpf_attr *attr)
{
	struct bpf_map *meta, *map;

	if (attr->value_size != sizeof(u32))
		return ERR_PTR(-EINVAL);
	meta = bpf_map_meta_alloc(attr->inner_map_fd);
	if (IS_ERR(meta))
		return meta;
	map = hash_alloc(attr);
	if (IS_ERR(map)) {
		bpf_map_meta_free(meta);
		return map;
	}
	map->inner_map_meta = meta;
	return map;
}

static void hash_of_maps_free(struct bpf_map *map)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	u32 i;

	for (i = 0; i < htab->n_buckets; i++) {
		hlist_nulls_for_each_entry_rcu(e, n, &htab->buckets[i].head, node)
			map->ops->fd_put_ptr(map, *(void **)hash_value(htab, e), false);
		cond_resched();
	}
	bpf_map_meta_free(map->inner_map_meta);
	hash_free(map);
}

static void *hash_of_maps_lookup(struct bpf_map *map, void *key)
{
	void **slot = hash_lookup(map, key);

	return slot ? READ_ONCE(*slot) : NULL;
}

static int hash_of_maps_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	void *inner = flags ? NULL : hash_of_maps_lookup(map, key);

	if (!inner)
		return flags ? -EINVAL : -ENOENT;
	*(u32 *)value = map->ops->fd_ptr_id(inner);
	return 0;
}

static int hash_of_maps_sys_update(struct bpf_map *map, struct file *map_file, void *key,
				   void *value, u64 flags)
{
	void *inner = map->ops->fd_get_ptr(map, map_file, *(int *)value);
	int err;

	if (IS_ERR(inner))
		return PTR_ERR(inner);
	rcu_read_lock();
	err = hash_do_update(map, key, &inner, flags, false);
	rcu_read_unlock();
	if (err)
		map->ops->fd_put_ptr(map, inner, false);
	return err;
}

static int hash_check_btf(const struct bpf_map *map, const struct btf *btf,
			  const struct btf_type *key_type, const struct btf_type *value_type)
{
	return btf_type_is_void(key_type) ? -EINVAL : 0;
}

static u32 hash_percpu_sys_value_size(const struct bpf_map *map)
{
	return bpf_map_value_stride(map) * num_possible_cpus();
}

static void hash_of_maps_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	u32 id;

	rcu_read_lock();
	if (!hash_of_maps_copy_value(map, key, &id, 0)) {
		btf_type_seq_show(map->btf, map->btf_key_type_id, key, m);
		seq_printf(m, ": map_id %u\n", id);
	}
	rcu_read_unlock();
}

static void hash_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hash_elem *e;
	int cpu;

	rcu_read_lock();
	e = hash_find_key(map, key);
	if (!e)
		goto out;
	btf_type_seq_show(map->btf, map->btf_key_type_id, key, m);
	if (!htab->percpu) {
		seq_puts(m, ": ");
		btf_type_seq_show(map->btf, map->btf_value_type_id, hash_value(htab, e), m);
		seq_putc(m, '\n');
		goto out;
	}
	seq_puts(m, ": {\n");
	for_each_possible_cpu(cpu) {
		seq_printf(m, "\tcpu%d: ", cpu);
		btf_type_seq_show(map->btf, map->btf_value_type_id,
				  per_cpu_ptr(hash_pptr(htab, e), cpu), m);
		seq_putc(m, '\n');
	}
	seq_puts(m, "}\n");
out:
	rcu_read_unlock();
}

static u64 hash_mem_usage(const struct bpf_map *map)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	u64 elem = htab->elem_size, cnt;

	if (htab->percpu)
		elem += (u64)bpf_map_value_stride(map) * num_possible_cpus();
	cnt = htab->prealloc ? hash_prealloc_cnt(htab) : (u32)atomic_read(&htab->count);
	return sizeof(*htab) + array_size(htab->n_buckets, sizeof(*htab->buckets)) + cnt * elem;
}

/* What the kinds of tables share: all; those that are not of maps; with a value, one a CPU. */
#define HASH_OPS_ALL					\
	.alloc_check = hash_alloc_check,		\
	.get_next_key = hash_get_next_key,		\
	.gen_lookup = hash_gen_lookup,			\
	.delete_elem = hash_delete,			\
	.check_btf = hash_check_btf,			\
	.mem_usage = hash_mem_usage

#define HASH_OPS_VALUES					\
	HASH_OPS_ALL,					\
	.alloc = hash_alloc,				\
	.free = hash_free,				\
	.update_elem = hash_update,			\
	.lookup_and_delete = hash_lookup_and_delete,	\
	.batch = hash_batch,				\
	.for_each = hash_for_each,			\
	.meta_equal = bpf_map_meta_equal,		\
	.show_elem = hash_show_elem

#define HASH_OPS_SHARED					\
	HASH_OPS_VALUES,				\
	.release_uref = hash_release_uref,		\
	.copy_value = hash_copy_value

#define HASH_OPS_PERCPU					\
	HASH_OPS_VALUES,				\
	.lookup_percpu_elem = hash_percpu_lookup_cpu,	\
	.copy_value = hash_percpu_copy_value,		\
	.sys_update = hash_percpu_sys_update,		\
	.sys_value_size = hash_percpu_sys_value_size

const struct bpf_map_ops bpf_hash_ops = {
	HASH_OPS_SHARED,
	.lookup_elem = hash_lookup,
};

const struct bpf_map_ops bpf_percpu_hash_ops = {
	HASH_OPS_PERCPU,
	.lookup_elem = hash_percpu_lookup,
};

const struct bpf_map_ops bpf_lru_hash_ops = {
	HASH_OPS_SHARED,
	.lookup_elem = hash_lru_lookup,
};

const struct bpf_map_ops bpf_lru_percpu_hash_ops = {
	HASH_OPS_PERCPU,
	.lookup_elem = hash_lru_percpu_lookup,
};

const struct bpf_map_ops bpf_hash_of_maps_ops = {
	HASH_OPS_ALL,
	.alloc = hash_of_maps_alloc,
	.free = hash_of_maps_free,
	.lookup_elem = hash_of_maps_lookup,
	.copy_value = hash_of_maps_copy_value,
	.sys_update = hash_of_maps_sys_update,
	.fd_get_ptr = bpf_inner_map_get,
	.fd_put_ptr = bpf_inner_map_put,
	.fd_ptr_id = bpf_inner_map_id,
	.show_elem = hash_of_maps_show_elem,
};
