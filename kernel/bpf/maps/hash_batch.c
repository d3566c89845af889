// SPDX-License-Identifier: GPL-2.0
/*
 * Batches over hash tables. A batch moves whole buckets, so that the position between two calls is
 * just a bucket number and no element that stays is missed or seen twice. Updates and deletions by
 * key use the generic loop.
 */
#include <linux/bpf.h>
#include <linux/overflow.h>
#include <linux/rculist_nulls.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "btf/record.h"
#include "maps/batch.h"
#include "maps/hash.h"
#include "maps/lock.h"
#include "maps/maps.h"

/* Elements that the first buffer takes: longer chains are rare. */
#define BATCH_FIRST_CAP 8

/*
 * struct batch_buf - copies of one bucket on their way to user space
 * @keys: @cap keys
 * @values: @cap values as user space sees them
 * @cnt: copies in it
 */
struct batch_buf {
	void *keys;
	void *values;
	u32 cap;
	u32 cnt;
	u32 key_size;
	u32 value_size;
};

static void batch_buf_free(struct batch_buf *buf)
{
	kvfree(buf->keys);
	kvfree(buf->values);
	buf->keys = NULL;
	buf->values = NULL;
}

static int batch_buf_resize(struct batch_buf *buf, u32 cap)
{
	batch_buf_free(buf);
	buf->cap = cap;
	buf->keys = kvmalloc_array(cap, buf->key_size, GFP_USER | __GFP_NOWARN);
	buf->values = kvcalloc(cap, buf->value_size, GFP_USER | __GFP_NOWARN);
	return buf->keys && buf->values ? 0 : -ENOMEM;
}

static u32 bucket_len(struct hash_bucket *b)
{
	struct hlist_nulls_node *n;
	struct hash_elem *e;
	u32 len = 0;

	hlist_nulls_for_each_entry_rcu(e, n, &b->head, node)
		len++;
	return len;
}

/* Copies all of a bucket, whose lock is held; its elements fit. */
static void bucket_copy(struct bpf_hash *htab, struct hash_bucket *b, struct batch_buf *buf,
			u64 flags)
{
	struct hlist_nulls_node *n;
	struct hash_elem *e;

	buf->cnt = 0;
	hlist_nulls_for_each_entry_rcu(e, n, &b->head, node) {
		memcpy(buf->keys + (u64)buf->cnt * buf->key_size, e->key, buf->key_size);
		hash_copy_out(htab, e, buf->values + (u64)buf->cnt * buf->value_size, flags);
		buf->cnt++;
	}
}

static void bucket_empty(struct bpf_hash *htab, struct hash_bucket *b)
{
	struct hlist_nulls_node *n;

	while (!is_a_nulls(n = b->head.first))
		hash_unlink(htab, hlist_nulls_entry(n, struct hash_elem, node));
}

/*
 * Takes one bucket into @buf. @room: elements that user space still has room for.
 * Return: 0, -ENOSPC where it has not, -ENOMEM, -EBUSY.
 */
static int bucket_take(struct bpf_hash *htab, struct hash_bucket *b, struct batch_buf *buf,
		       u32 room, u64 flags, bool delete)
{
	unsigned long irq;
	u32 len;
	int err;

	buf->cnt = 0;
	if (is_a_nulls(READ_ONCE(b->head.first)))
		return 0;
	for (;;) {
		err = bpf_map_lock(&b->lock, &irq);
		if (err)
			return err;
		len = bucket_len(b);
		if (len <= buf->cap || len > room)
			break;
		bpf_map_unlock(&b->lock, irq);
		err = batch_buf_resize(buf, len);
		if (err)
			return err;
	}
	if (len <= room) {
		bucket_copy(htab, b, buf, flags);
		if (delete)
			bucket_empty(htab, b);
	}
	bpf_map_unlock(&b->lock, irq);
	return len <= room ? 0 : -ENOSPC;
}

static int batch_copy_to_user(const struct batch_buf *buf, const union bpf_attr *attr, u32 done)
{
	void __user *keys = u64_to_user_ptr(attr->batch.keys);
	void __user *values = u64_to_user_ptr(attr->batch.values);

	if (copy_to_user(keys + (u64)done * buf->key_size, buf->keys,
			 (u64)buf->cnt * buf->key_size) ||
	    copy_to_user(values + (u64)done * buf->value_size, buf->values,
			 (u64)buf->cnt * buf->value_size))
		return -EFAULT;
	return 0;
}

/* Walks buckets from *@bucket on until user space's room is used; -ENOENT after the last one. */
static int batch_walk(struct bpf_hash *htab, struct batch_buf *buf, const union bpf_attr *attr,
		      bool delete, u32 *bucket, u32 *done)
{
	int err;

	while (*bucket < htab->n_buckets) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = bucket_take(htab, &htab->buckets[*bucket], buf, attr->batch.count - *done,
				  attr->batch.elem_flags, delete);
		/* a bucket too long for what is left begins the next batch */
		if (err == -ENOSPC && *done)
			return 0;
		if (err)
			return err;
		if (buf->cnt) {
			err = batch_copy_to_user(buf, attr, *done);
			if (err)
				return err;
		}
		*done += buf->cnt;
		(*bucket)++;
		cond_resched();
	}
	return -ENOENT;
}

static int hash_batch_take(struct bpf_hash *htab, const union bpf_attr *attr,
			   union bpf_attr __user *uattr, bool delete)
{
	const struct bpf_map *map = &htab->map;
	struct batch_buf buf = {
		.key_size = map->key_size,
		.value_size = htab->percpu ? bpf_map_value_stride(map) * num_possible_cpus() :
			      map->value_size,
	};
	u32 bucket = 0, done = 0;
	int err;

	if (attr->batch.flags || attr->batch.elem_flags & ~BPF_F_LOCK)
		return -EINVAL;
	if (attr->batch.elem_flags & BPF_F_LOCK && !btf_record_has(map->record, BPF_SPIN_LOCK))
		return -EINVAL;
	if (attr->batch.in_batch &&
	    copy_from_user(&bucket, u64_to_user_ptr(attr->batch.in_batch), sizeof(bucket)))
		return -EFAULT;
	if (put_user(0, &uattr->batch.count))
		return -EFAULT;
	if (!attr->batch.count)
		return 0;
	if (bucket >= htab->n_buckets)
		return -ENOENT;

	err = batch_buf_resize(&buf, BATCH_FIRST_CAP);
	if (!err)
		err = batch_walk(htab, &buf, attr, delete, &bucket, &done);
	batch_buf_free(&buf);
	if (err == -EFAULT)
		return err;
	if (copy_to_user(u64_to_user_ptr(attr->batch.out_batch), &bucket, sizeof(bucket)) ||
	    put_user(done, &uattr->batch.count))
		return -EFAULT;
	return err;
}

/**
 * hash_batch - the four batch commands
 * @map: a hash table
 * @map_file: file of the map, for the generic loop
 * @op: which one
 * @attr: kernel copy
 * @uattr: user space's, for the count
 *
 * Context: process context, may sleep.
 * Return: 0 with more to come, -ENOENT after the last element, -ENOSPC where the next bucket has
 * more elements than the whole batch has room for, or another error; the count is always written.
 */
int hash_batch(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
	       const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	switch (op) {
	case BPF_BATCH_LOOKUP:
		return hash_batch_take(to_bpf_hash(map), attr, uattr, false);
	case BPF_BATCH_LOOKUP_DELETE:
		return hash_batch_take(to_bpf_hash(map), attr, uattr, true);
	default:
		return bpf_map_batch_generic(map, map_file, op, attr, uattr);
	}
}
