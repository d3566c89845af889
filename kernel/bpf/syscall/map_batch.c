// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on many elements at once. A map may do them itself; for all others they are a loop here.
 *
 * The caller's count is the number of elements it has or has room for; it comes back as the number
 * that was done, also when an error ends the loop. in_batch says where a walk goes on, out_batch
 * where it stopped; here both are keys, for maps of their own they are what the map says.
 */
#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "maps/batch.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/map.h"

/* An element that vanished between finding its key and reading it is looked for again so often. */
#define BATCH_RETRIES	3

/**
 * struct batch - a loop
 * @map: the map
 * @file: its file
 * @op: what is done
 * @attr: attributes
 * @uattr: the caller's
 * @value_size: bytes of a value as user space sees it
 * @key: the element's key
 * @prev: the key before it, where a walk goes on
 * @value: the element's value
 * @done: elements done
 * @walking: @prev is valid
 */
struct batch {
	struct bpf_map *map;
	struct file *file;
	enum bpf_map_batch_op op;
	const union bpf_attr *attr;
	union bpf_attr __user *uattr;
	u32 value_size;
	void *key;
	void *prev;
	void *value;
	u32 done;
	bool walking;
};

static void __user *batch_ukey(const struct batch *b)
{
	return u64_to_user_ptr(b->attr->batch.keys) + (u64)b->done * b->map->key_size;
}

static void __user *batch_uvalue(const struct batch *b)
{
	return u64_to_user_ptr(b->attr->batch.values) + (u64)b->done * b->value_size;
}

static int batch_write_one(struct batch *b)
{
	if (copy_from_user(b->key, batch_ukey(b), b->map->key_size))
		return -EFAULT;
	if (b->op == BPF_BATCH_DELETE)
		return bpf_map_delete_value(b->map, b->key);
	if (copy_from_user(b->value, batch_uvalue(b), b->value_size))
		return -EFAULT;
	return bpf_map_write_value(b->map, b->file, b->key, b->value, b->attr->batch.elem_flags);
}

/* Elements that are taken out leave nothing behind them: the walk always begins anew. */
static int batch_take(struct batch *b)
{
	int err = bpf_map_next_key(b->map, NULL, b->key);

	return err ?: bpf_map_pop_value(b->map, b->key, b->value, b->attr->batch.elem_flags);
}

static int batch_look(struct batch *b)
{
	int err = bpf_map_next_key(b->map, b->walking ? b->prev : NULL, b->key);

	return err ?: bpf_map_read_value(b->map, b->key, b->value, b->attr->batch.elem_flags);
}

/* -ENOENT: there are no more elements. */
static int batch_read_one(struct batch *b)
{
	void *last = b->walking ? b->prev : NULL;
	int tries, err = -ENOENT;

	if (b->op == BPF_BATCH_LOOKUP_DELETE)
		last = NULL;
	for (tries = 0; tries < BATCH_RETRIES; tries++) {
		err = b->op == BPF_BATCH_LOOKUP_DELETE ? batch_take(b) : batch_look(b);
		if (err != -ENOENT || bpf_map_next_key(b->map, last, b->key))
			break;
		err = -EINTR;
	}
	if (err)
		return err;
	if (copy_to_user(batch_ukey(b), b->key, b->map->key_size) ||
	    copy_to_user(batch_uvalue(b), b->value, b->value_size))
		return -EFAULT;
	swap(b->prev, b->key);
	b->walking = true;
	return 0;
}

static bool batch_reads(enum bpf_map_batch_op op)
{
	return op == BPF_BATCH_LOOKUP || op == BPF_BATCH_LOOKUP_DELETE;
}

static int batch_loop(struct batch *b)
{
	int err = 0;

	while (b->done < b->attr->batch.count && !err) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = batch_reads(b->op) ? batch_read_one(b) : batch_write_one(b);
		if (!err)
			b->done++;
		cond_resched();
	}
	return err;
}

static int batch_alloc(struct batch *b)
{
	const gfp_t gfp = GFP_USER | __GFP_NOWARN;

	b->value_size = bpf_map_user_value_size(b->map);
	b->key = kvzalloc(b->map->key_size, gfp);
	b->prev = kvzalloc(b->map->key_size, gfp);
	b->value = kvzalloc(b->value_size, gfp);
	return b->key && b->prev && b->value ? 0 : -ENOMEM;
}

static int batch_start(struct batch *b)
{
	void __user *from = u64_to_user_ptr(b->attr->batch.in_batch);

	if (!batch_reads(b->op) || !from)
		return 0;
	b->walking = true;
	return copy_from_user(b->prev, from, b->map->key_size) ? -EFAULT : 0;
}

static int batch_finish(struct batch *b, int err)
{
	void __user *to = u64_to_user_ptr(b->attr->batch.out_batch);

	if (err == -EFAULT)
		return err;
	if (put_user(b->done, &b->uattr->batch.count))
		return -EFAULT;
	if (batch_reads(b->op) && b->done && copy_to_user(to, b->prev, b->map->key_size))
		return -EFAULT;
	return err;
}

/**
 * bpf_map_batch_generic - the batch commands as a loop over single elements
 * @map: the map; the caller is a writer where @op writes
 * @map_file: file through which it was reached
 * @op: what to do
 * @attr: attributes; elem_flags are checked
 * @uattr: the caller's
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT at the end of the map, -ENOTSUPP, -EFAULT, -EINTR, -ENOMEM, what the map says.
 */
int bpf_map_batch_generic(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
			  const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	struct batch b = {
		.map = map, .file = map_file, .op = op, .attr = attr, .uattr = uattr,
	};
	int err;

	if (!map->key_size || (batch_reads(op) && !map->ops->get_next_key))
		return -ENOTSUPP;
	if (op == BPF_BATCH_LOOKUP_DELETE && !map->ops->lookup_and_delete)
		return -ENOTSUPP;
	/* A caller that does not look at the errno must not see elements that were never done. */
	if (put_user(0, &uattr->batch.count))
		return -EFAULT;
	if (!attr->batch.count)
		return 0;

	err = batch_alloc(&b);
	if (!err)
		err = batch_start(&b);
	if (!err) {
		err = batch_loop(&b);
		err = batch_finish(&b, err);
	}
	kvfree(b.key);
	kvfree(b.prev);
	kvfree(b.value);
	return err;
}

static int map_batch(const struct bpf_cmd_args *args, enum bpf_map_batch_op op)
{
	const union bpf_attr *attr = args->attr;
	fmode_t mode = 0;
	bool writer = false;
	struct bpf_map *map;
	struct fd f;
	int err;

	if (attr->batch.flags)
		return -EINVAL;
	if (op != BPF_BATCH_LOOKUP)
		mode |= FMODE_WRITE;
	if (batch_reads(op))
		mode |= FMODE_READ;

	f = fdget(attr->batch.map_fd);
	map = __bpf_map_get(f);
	err = PTR_ERR_OR_ZERO(map);
	if (err)
		goto put;
	err = -EPERM;
	if ((bpf_fd_mode(fd_file(f)) & mode) != mode)
		goto put;
	if (mode & FMODE_WRITE) {
		writer = bpf_map_write_start(map);
		if (!writer)
			goto put;
	}
	err = bpf_map_check_elem_flags(map, attr->batch.elem_flags,
				       op == BPF_BATCH_UPDATE ? U64_MAX : BPF_F_LOCK);
	if (!err && map->ops->batch)
		err = map->ops->batch(map, fd_file(f), op, attr, args->uattr);
	else if (!err)
		err = bpf_map_batch_generic(map, fd_file(f), op, attr, args->uattr);
	if (writer)
		bpf_map_write_end(map);
put:
	fdput(f);
	return err;
}

/**
 * cmd_map_lookup_batch - BPF_MAP_LOOKUP_BATCH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT with the last elements, -EBADF, -EINVAL, -EPERM, -ENOSPC, -EFAULT, -ENOTSUPP.
 */
int cmd_map_lookup_batch(const struct bpf_cmd_args *args)
{
	return map_batch(args, BPF_BATCH_LOOKUP);
}

/**
 * cmd_map_lookup_delete_batch - BPF_MAP_LOOKUP_AND_DELETE_BATCH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: as cmd_map_lookup_batch().
 */
int cmd_map_lookup_delete_batch(const struct bpf_cmd_args *args)
{
	return map_batch(args, BPF_BATCH_LOOKUP_DELETE);
}

/**
 * cmd_map_update_batch - BPF_MAP_UPDATE_BATCH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -EFAULT, -ENOTSUPP, what the map says.
 */
int cmd_map_update_batch(const struct bpf_cmd_args *args)
{
	return map_batch(args, BPF_BATCH_UPDATE);
}

/**
 * cmd_map_delete_batch - BPF_MAP_DELETE_BATCH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, -EFAULT, -ENOTSUPP, what the map says.
 */
int cmd_map_delete_batch(const struct bpf_cmd_args *args)
{
	return map_batch(args, BPF_BATCH_DELETE);
}
