// SPDX-License-Identifier: GPL-2.0
/*
 * Local storage: maps whose values live with kernel objects (their owners) and go away with them.
 *
 * An owner has a pointer to a struct bpf_local_storage, made when the first map stores something;
 * it lists the owner's elements, of which each belongs to one map. A map lists its elements too. An
 * element is put into both lists and taken out of both under the owner's lock; the map's list has a
 * lock of its own inside that one.
 *
 * The end of an owner leaves a mark in its pointer, so that nobody who came too late puts anything
 * there. The end of a map takes its elements out of the owners that are left, and then waits for
 * owners that were about to do the same.
 *
 * Elements come from the map's cache and return there, so readers of all kinds of programs may
 * stand on them.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/record.h"
#include "maps/local_storage.h"
#include "maps/lock.h"
#include "maps/mem.h"

/* In an owner's pointer: the owner is going away. */
#define STORAGE_DEAD ((struct bpf_local_storage *)1)

struct bpf_local_storage_map {
	struct bpf_map map;
	raw_spinlock_t lock;	/* @elems and @seq, inside an owner's lock */
	struct list_head elems;	/* the latest first */
	u64 seq;		/* of the latest one */
	atomic_t count;
	struct bpf_mem mem;	/* elements */
	struct bpf_mem heads;	/* struct bpf_local_storage of owners that have none yet */
};

/*
 * struct bpf_local_storage - what all maps store with one owner
 * @link: of the memory cache; STORAGE_DEAD: the owner is going away; under @lock
 * @slot: the owner's pointer to it
 * @lock: membership of elements; taken before a map's
 * @elems: the elements
 */
struct bpf_local_storage {
	void *link;
	bpf_storage_slot *slot;
	raw_spinlock_t lock;
	struct hlist_head elems;
	struct rcu_head rcu;
};

/*
 * struct storage_elem - one value
 * @link: of the memory cache, or of a list of elements that are in no list any more
 * @by_owner: readers walk it
 * @by_map: the map's list
 * @seq: number in the map's list, larger than those of all that were there before
 * @linked: is in both lists; under the owner's lock
 */
struct storage_elem {
	struct storage_elem *link;
	struct hlist_node by_owner;
	struct list_head by_map;
	struct bpf_local_storage *storage;
	struct bpf_local_storage_map *smap;
	u64 seq;
	bool linked;
	char value[] __aligned(8);
};

static struct bpf_local_storage_map *to_smap(const struct bpf_map *map)
{
	return container_of(map, struct bpf_local_storage_map, map);
}

/* ------------------------------------------------------------------ the map */

/**
 * bpf_local_storage_alloc_check - check the creation attributes
 * @attr: attributes
 *
 * Context: any. Return: 0, -EINVAL, or -E2BIG for values above 64 KiB.
 */
int bpf_local_storage_alloc_check(const union bpf_attr *attr)
{
	/* owners are not known beforehand; dumps need the types */
	if (!(attr->map_flags & BPF_F_NO_PREALLOC) || attr->max_entries ||
	    attr->key_size != sizeof(int) || !attr->value_size || !attr->btf_key_type_id ||
	    !attr->btf_value_type_id)
		return -EINVAL;
	return attr->value_size > U16_MAX ? -E2BIG : 0;
}

static void elem_fini(const struct bpf_map *map, void *obj)
{
	bpf_value_free_fields(map->record, ((struct storage_elem *)obj)->value);
}

/**
 * bpf_local_storage_alloc - an empty map
 * @attr: checked attributes
 *
 * Context: process context, may sleep. Return: the map or ERR_PTR(-ENOMEM).
 */
struct bpf_map *bpf_local_storage_alloc(const union bpf_attr *attr)
{
	u32 size = sizeof(struct storage_elem) + round_up(attr->value_size, 8);
	struct bpf_local_storage_map *smap;
	int err;

	smap = bpf_map_area_alloc(sizeof(*smap), NUMA_NO_NODE);
	if (!smap)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&smap->map, attr);
	raw_spin_lock_init(&smap->lock);
	INIT_LIST_HEAD(&smap->elems);
	err = bpf_mem_init(&smap->mem, &smap->map, size, 0, elem_fini);
	if (!err)
		err = bpf_mem_init(&smap->heads, &smap->map,
				   round_up(sizeof(struct bpf_local_storage), 8), 0, NULL);
	if (err) {
		bpf_mem_destroy(&smap->mem);
		bpf_map_area_free(smap);
		return ERR_PTR(err);
	}
	return &smap->map;
}

int bpf_local_storage_check_btf(const struct bpf_map *map, const struct btf *btf,
				const struct btf_type *key_type, const struct btf_type *value_type)
{
	return btf_type_is_u32_key(btf, key_type) ? 0 : -EINVAL;
}

u64 bpf_local_storage_mem_usage(const struct bpf_map *map)
{
	struct bpf_local_storage_map *smap = to_smap(map);

	return sizeof(*smap) + (u64)(u32)atomic_read(&smap->count) * smap->mem.size;
}

/* ------------------------------------------------------------------ elements */

static struct bpf_local_storage *storage_of(bpf_storage_slot *slot)
{
	struct bpf_local_storage *storage;

	storage = rcu_dereference_check(*slot, rcu_read_lock_bh_held() ||
					rcu_read_lock_trace_held());
	return storage == STORAGE_DEAD ? NULL : storage;
}

static struct storage_elem *elem_find(struct bpf_local_storage *storage,
				      const struct bpf_local_storage_map *smap)
{
	struct storage_elem *e;

	hlist_for_each_entry_rcu(e, &storage->elems, by_owner,
				 rcu_read_lock_bh_held() || rcu_read_lock_trace_held() ||
				 lockdep_is_held(&storage->lock))
		if (e->smap == smap)
			return e;
	return NULL;
}

/* @src: the first value, or NULL for zeroes; @locked: it is in a map, perhaps with a spin lock. */
static struct storage_elem *elem_new(struct bpf_local_storage_map *smap, void *src, bool locked)
{
	const struct btf_record *rec = smap->map.record;
	u32 size = smap->map.value_size;
	struct storage_elem *e;

	e = bpf_mem_alloc(&smap->mem);
	if (!e)
		return NULL;
	e->smap = smap;
	e->linked = false;
	memset(e->value, 0, round_up(size, 8));
	if (src && locked && btf_record_has(rec, BPF_SPIN_LOCK))
		bpf_value_copy_locked(rec, e->value, src, size, true);
	else if (src)
		bpf_value_copy(rec, e->value, src, size);
	return e;
}

/* In no list any more, or never was: readers may stand on it. The map must not be going away. */
static void elem_put(struct storage_elem *e)
{
	struct bpf_local_storage_map *smap = e->smap;

	bpf_value_free_fields(smap->map.record, e->value);
	bpf_mem_free_rcu(&smap->mem, e);
}

/* Under the owner's lock. Nested operations may fail with -EBUSY. */
static int elem_unlink(struct storage_elem *e)
{
	struct bpf_local_storage_map *smap = e->smap;
	int err = bpf_map_lock_inner(&smap->lock);

	if (err)
		return err;
	list_del(&e->by_map);
	bpf_map_unlock_inner(&smap->lock);
	hlist_del_rcu(&e->by_owner);
	atomic_dec(&smap->count);
	e->linked = false;
	return 0;
}

/* Under the owner's lock: @e in, in the place of @old (may be NULL). */
static int elem_link(struct bpf_local_storage *storage, struct storage_elem *e,
		     struct storage_elem *old)
{
	struct bpf_local_storage_map *smap = e->smap;
	int err = bpf_map_lock_inner(&smap->lock);

	if (err)
		return err;
	e->storage = storage;
	e->seq = ++smap->seq;
	list_add(&e->by_map, &smap->elems);
	if (old)
		list_del(&old->by_map);
	bpf_map_unlock_inner(&smap->lock);

	e->linked = true;
	if (!old) {
		atomic_inc(&smap->count);
		hlist_add_head_rcu(&e->by_owner, &storage->elems);
		return 0;
	}
	old->linked = false;
	hlist_replace_rcu(&old->by_owner, &e->by_owner);
	return 0;
}

/* ------------------------------------------------------------------ owners */

static void storage_free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct bpf_local_storage, rcu));
}

static void storage_free_rcu_trace(struct rcu_head *rcu)
{
	if (rcu_trace_implies_rcu_gp())
		storage_free_rcu(rcu);
	else
		call_rcu(rcu, storage_free_rcu);
}

/* The owner's storage, made if there is none. */
static struct bpf_local_storage *storage_get(struct bpf_local_storage_map *smap,
					     bpf_storage_slot *slot)
{
	struct bpf_local_storage *storage = storage_of(slot), *now;

	if (storage)
		return storage;
	storage = bpf_mem_alloc(&smap->heads);
	if (!storage)
		return ERR_PTR(-ENOMEM);
	storage->link = NULL;
	storage->slot = slot;
	raw_spin_lock_init(&storage->lock);
	INIT_HLIST_HEAD(&storage->elems);
	now = unrcu_pointer(cmpxchg(slot, NULL, RCU_INITIALIZER(storage)));
	if (!now)
		return storage;
	bpf_mem_free_unused(&smap->heads, storage);
	return now == STORAGE_DEAD ? ERR_PTR(-ENOENT) : now;
}

/* For what cannot fail. No owner is freed by what holds one of these locks: it ends. */
static unsigned long storage_lock(raw_spinlock_t *lock) __acquires(lock)
{
	unsigned long flags;

	while (bpf_map_lock(lock, &flags))
		cpu_relax();
	return flags;
}

/**
 * bpf_local_storage_destroy - an owner goes away; free all that is stored with it
 * @slot: the owner's pointer; nothing is stored there any more
 *
 * Context: any but NMI.
 */
void bpf_local_storage_destroy(bpf_storage_slot *slot)
{
	struct bpf_local_storage *storage;
	struct storage_elem *e, *gone = NULL;
	struct hlist_node *n;
	unsigned long flags;

	/* most owners never had any */
	if (!rcu_access_pointer(*slot))
		return;
	storage = unrcu_pointer(xchg(slot, RCU_INITIALIZER(STORAGE_DEAD)));
	if (!storage || storage == STORAGE_DEAD)
		return;

	/* maps whose last element this takes wait for it before they are freed */
	rcu_read_lock();
	flags = storage_lock(&storage->lock);
	storage->link = STORAGE_DEAD;
	hlist_for_each_entry_safe(e, n, &storage->elems, by_owner) {
		while (elem_unlink(e))
			cpu_relax();
		e->link = gone;
		gone = e;
	}
	bpf_map_unlock(&storage->lock, flags);
	while ((e = gone)) {
		gone = e->link;
		elem_put(e);
	}
	rcu_read_unlock();
	call_rcu_tasks_trace(&storage->rcu, storage_free_rcu_trace);
}

/* Takes the first element of a map out of both lists. Return: false: there is none. */
static bool map_take_first(struct bpf_local_storage_map *smap)
{
	struct bpf_local_storage *storage = NULL;
	struct storage_elem *e;
	unsigned long flags;
	bool mine = false;

	/* keeps the owner's storage while its element is in our list */
	rcu_read_lock();
	flags = storage_lock(&smap->lock);
	e = list_first_entry_or_null(&smap->elems, struct storage_elem, by_map);
	if (e)
		storage = e->storage;
	bpf_map_unlock(&smap->lock, flags);
	if (e) {
		flags = storage_lock(&storage->lock);
		mine = e->linked && !elem_unlink(e);
		bpf_map_unlock(&storage->lock, flags);
	}
	if (mine)
		elem_put(e);
	rcu_read_unlock();
	return e;
}

/**
 * bpf_local_storage_map_free - free a map and what it stores anywhere
 * @map: the map; no program uses it
 *
 * Context: process context, may sleep.
 */
void bpf_local_storage_map_free(struct bpf_map *map)
{
	struct bpf_local_storage_map *smap = to_smap(map);

	while (map_take_first(smap))
		cond_resched();
	/* owners that took elements out of our list may still be giving them back */
	synchronize_rcu();
	bpf_mem_destroy(&smap->mem);
	bpf_mem_destroy(&smap->heads);
	bpf_map_area_free(smap);
}

/* ------------------------------------------------------------------ operations */

/**
 * bpf_local_storage_lookup - value of a map stored with an owner
 * @map: the map
 * @slot: the owner's pointer
 *
 * Context: under RCU of the caller's kind. Return: the value or NULL.
 */
void *bpf_local_storage_lookup(struct bpf_map *map, bpf_storage_slot *slot)
{
	struct bpf_local_storage *storage = storage_of(slot);
	struct storage_elem *e = storage ? elem_find(storage, to_smap(map)) : NULL;

	return e ? e->value : NULL;
}

/* Under the owner's lock. @e goes in, unless an error or an update in place says otherwise. */
static int update_locked(struct bpf_local_storage *storage, struct storage_elem *e, u64 flags,
			 struct storage_elem **old)
{
	struct bpf_local_storage_map *smap = e->smap;
	struct storage_elem *now = elem_find(storage, smap);

	if (storage->link == STORAGE_DEAD)
		return -ENOENT;
	if (now && (flags & ~BPF_F_LOCK) == BPF_NOEXIST)
		return -EEXIST;
	if (!now && (flags & ~BPF_F_LOCK) == BPF_EXIST)
		return -ENOENT;
	if (now && flags & BPF_F_LOCK) {
		bpf_value_copy_locked(smap->map.record, now->value, e->value, smap->map.value_size,
				      false);
		return 0;
	}
	*old = now;
	return elem_link(storage, e, now);
}

/* Stores @e with an owner, or frees it. */
static int storage_put_elem(bpf_storage_slot *slot, struct storage_elem *e, u64 flags)
{
	struct bpf_local_storage_map *smap = e->smap;
	struct bpf_local_storage *storage;
	struct storage_elem *old = NULL;
	unsigned long irq;
	bool used = false;
	int err;

	storage = storage_get(smap, slot);
	if (IS_ERR(storage)) {
		err = PTR_ERR(storage);
		goto unused;
	}
	err = bpf_map_lock(&storage->lock, &irq);
	if (err)
		goto unused;
	err = update_locked(storage, e, flags, &old);
	used = e->linked;
	bpf_map_unlock(&storage->lock, irq);
unused:
	if (!used)
		bpf_mem_free_unused(&smap->mem, e);
	else if (old)
		elem_put(old);
	return err;
}

/**
 * bpf_local_storage_update - set a map's value with an owner
 * @map: the map
 * @slot: the owner's pointer
 * @value: value_size bytes
 * @flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK
 *
 * Context: under RCU of the caller's kind.
 * Return: 0; -EINVAL, -EEXIST, -ENOENT, also for an owner that is going away, -ENOMEM, -EBUSY.
 */
int bpf_local_storage_update(struct bpf_map *map, bpf_storage_slot *slot, void *value, u64 flags)
{
	struct storage_elem *e;

	if ((flags & ~BPF_F_LOCK) > BPF_EXIST ||
	    (flags & BPF_F_LOCK && !btf_record_has(map->record, BPF_SPIN_LOCK)))
		return -EINVAL;
	e = elem_new(to_smap(map), value, false);
	return e ? storage_put_elem(slot, e, flags) : -ENOMEM;
}

/**
 * bpf_local_storage_get - value of a map with an owner, made if there is none
 * @map: the map
 * @slot: the owner's pointer
 * @init: first value, or NULL for zeroes
 * @create: make it
 *
 * Context: under RCU of the caller's kind. Return: the value or NULL.
 */
void *bpf_local_storage_get(struct bpf_map *map, bpf_storage_slot *slot, void *init, bool create)
{
	void *value = bpf_local_storage_lookup(map, slot);
	int err;

	if (value || !create)
		return value;
	/* lost against somebody else who made it: that one does as well */
	err = bpf_local_storage_update(map, slot, init, BPF_NOEXIST);
	return err && err != -EEXIST ? NULL : bpf_local_storage_lookup(map, slot);
}

/**
 * bpf_local_storage_copy - copy a value for user space
 * @map: the map
 * @slot: the owner's pointer
 * @value: value_size bytes
 * @flags: BPF_F_LOCK or 0
 *
 * Context: under RCU. Return: 0 or -ENOENT.
 */
int bpf_local_storage_copy(struct bpf_map *map, bpf_storage_slot *slot, void *value, u64 flags)
{
	void *src = bpf_local_storage_lookup(map, slot);

	if (!src)
		return -ENOENT;
	if (flags & BPF_F_LOCK)
		bpf_value_copy_locked(map->record, value, src, map->value_size, true);
	else
		bpf_value_copy(map->record, value, src, map->value_size);
	bpf_value_clear_fields(map->record, value);
	return 0;
}

/**
 * bpf_local_storage_delete - delete a map's value with an owner
 * @map: the map
 * @slot: the owner's pointer
 *
 * Context: under RCU of the caller's kind. Return: 0, -ENOENT, or -EBUSY in nested operations.
 */
int bpf_local_storage_delete(struct bpf_map *map, bpf_storage_slot *slot)
{
	struct bpf_local_storage *storage = storage_of(slot);
	struct storage_elem *e;
	unsigned long flags;
	int err;

	if (!storage)
		return -ENOENT;
	err = bpf_map_lock(&storage->lock, &flags);
	if (err)
		return err;
	e = elem_find(storage, to_smap(map));
	err = e ? elem_unlink(e) : -ENOENT;
	bpf_map_unlock(&storage->lock, flags);
	if (!err)
		elem_put(e);
	return err;
}

static int clone_elem(struct storage_elem *from, bpf_storage_slot *to)
{
	struct bpf_map *map = &from->smap->map;
	struct storage_elem *e;
	int err;

	if (!(map->map_flags & BPF_F_CLONE))
		return 0;
	/* a map on its way out takes its values along */
	if (IS_ERR(bpf_map_inc_not_zero(map)))
		return 0;
	e = elem_new(from->smap, from->value, true);
	err = e ? storage_put_elem(to, e, BPF_NOEXIST) : -ENOMEM;
	bpf_map_put(map);
	return err;
}

/**
 * bpf_local_storage_clone - copy what maps with BPF_F_CLONE store from one owner to a new one
 * @from: pointer of the old owner
 * @to: pointer of the new one, which nobody knows of yet; on failure some may have been copied
 *
 * Context: any but NMI. Return: 0, -ENOMEM or -EBUSY.
 */
int bpf_local_storage_clone(bpf_storage_slot *from, bpf_storage_slot *to)
{
	struct bpf_local_storage *storage;
	struct storage_elem *e;
	int err = 0;

	rcu_read_lock();
	storage = storage_of(from);
	if (storage) {
		hlist_for_each_entry_rcu(e, &storage->elems, by_owner) {
			err = clone_elem(e, to);
			if (err)
				break;
		}
	}
	rcu_read_unlock();
	return err;
}

/* ------------------------------------------------------------------ walking a map */

/**
 * bpf_local_storage_next - the next element of a map, in the order in which they came
 * @map: the map
 * @seq: in: number of the last one that was seen, 0: none; out: of this one
 * @get: takes a reference to the owner that a slot is part of, or says that it is going away;
 *	called with the owner's memory in place and a raw lock held
 * @slot: gets the owner's slot
 *
 * Context: under RCU, which keeps the value; process.
 * Return: the value, its owner with a reference; NULL after the last.
 */
void *bpf_local_storage_next(struct bpf_map *map, u64 *seq, bool (*get)(bpf_storage_slot *slot),
			     bpf_storage_slot **slot)
{
	struct bpf_local_storage_map *smap = to_smap(map);
	struct storage_elem *e, *found = NULL;
	unsigned long flags = storage_lock(&smap->lock);

	/* an owner leaves this list before it goes */
	list_for_each_entry_reverse(e, &smap->elems, by_map) {
		if (e->seq > *seq && get(e->storage->slot)) {
			found = e;
			break;
		}
	}
	if (found) {
		*seq = found->seq;
		*slot = found->storage->slot;
	}
	bpf_map_unlock(&smap->lock, flags);
	return found ? found->value : NULL;
}
