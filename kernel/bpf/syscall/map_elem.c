// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on single elements. Keys and values are copied to and from user space as a whole; the
 * map's operations only see kernel memory.
 */
#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "btf/record.h"
#include "maps/maps.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/map.h"

/**
 * bpf_map_user_value_size - bytes of a value as user space sees it
 * @map: the map
 *
 * Context: any.
 * Return: bytes.
 */
u32 bpf_map_user_value_size(const struct bpf_map *map)
{
	return map->ops->sys_value_size ? map->ops->sys_value_size(map) : map->value_size;
}

/**
 * bpf_map_check_elem_flags - check the flags of an element command
 * @map: the map
 * @flags: the flags
 * @allowed: those that the command knows
 *
 * Context: any.
 * Return: 0, or -EINVAL for unknown ones, and for BPF_F_LOCK where values have no lock.
 */
int bpf_map_check_elem_flags(const struct bpf_map *map, u64 flags, u64 allowed)
{
	if (flags & ~allowed)
		return -EINVAL;
	if (flags & BPF_F_LOCK && !btf_record_has(map->record, BPF_SPIN_LOCK))
		return -EINVAL;
	return 0;
}

/*
 * Programs at tracepoints must not run inside an operation that they may call themselves. Where
 * programs at tracepoints may not use the map at all, the operation is free to sleep; so is taking
 * an fd's object in, and for program arrays letting it go.
 */
static bool map_ops_guarded(const struct bpf_map *map)
{
	const struct bpf_map_type_row *row = bpf_map_type_find(map->map_type);

	return row && row->traits & MAP_TRACING_OK;
}

static bool map_update_guarded(const struct bpf_map *map)
{
	return map_ops_guarded(map) && !map->ops->fd_get_ptr;
}

static bool map_delete_guarded(const struct bpf_map *map)
{
	return map_ops_guarded(map) && map->map_type != BPF_MAP_TYPE_PROG_ARRAY;
}

static void map_ops_begin(void)
	__acquires(RCU)
{
	bpf_disable_instrumentation();
	rcu_read_lock();
}

static void map_ops_end(void)
	__releases(RCU)
{
	rcu_read_unlock();
	bpf_enable_instrumentation();
}

static int map_copy_plain(struct bpf_map *map, void *key, void *value, u64 flags)
{
	void *elem;

	elem = map->ops->lookup_elem(map, key);
	if (IS_ERR(elem))
		return PTR_ERR(elem);
	if (!elem)
		return -ENOENT;
	if (flags & BPF_F_LOCK)
		bpf_value_copy_locked(map->record, value, elem, map->value_size, true);
	else
		bpf_value_copy(map->record, value, elem, map->value_size);
	/* What the copy left out must not show what was in the buffer. */
	bpf_value_clear_fields(map->record, value);
	return 0;
}

/**
 * bpf_map_read_value - copy an element's value out
 * @map: the map
 * @key: key; NULL for maps without
 * @value: bpf_map_user_value_size() bytes
 * @flags: BPF_F_LOCK or 0
 *
 * Context: process.
 * Return: 0; -ENOENT, -ENOTSUPP, what the map says.
 */
int bpf_map_read_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	const struct bpf_map_ops *ops = map->ops;
	int err;

	map_ops_begin();
	if (ops->copy_value)
		err = ops->copy_value(map, key, value, flags);
	else if (!map->key_size && ops->peek_elem)
		err = ops->peek_elem(map, value);
	else if (map->key_size && ops->lookup_elem)
		err = map_copy_plain(map, key, value, flags);
	else
		err = -ENOTSUPP;
	map_ops_end();
	return err;
}

static int map_write(struct bpf_map *map, struct file *file, void *key, void *value, u64 flags)
{
	const struct bpf_map_ops *ops = map->ops;

	if (ops->sys_update)
		return ops->sys_update(map, file, key, value, flags);
	if (!map->key_size && ops->push_elem)
		return ops->push_elem(map, value, flags);
	if (map->key_size && ops->update_elem)
		return ops->update_elem(map, key, value, flags);
	return -ENOTSUPP;
}

/**
 * bpf_map_write_value - set an element's value
 * @map: the map; the caller is a writer
 * @file: file through which the map was reached
 * @key: key; NULL for maps without
 * @value: bpf_map_user_value_size() bytes
 * @flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK
 *
 * Context: process; may sleep.
 * Return: 0; -ENOTSUPP, what the map says.
 */
int bpf_map_write_value(struct bpf_map *map, struct file *file, void *key, void *value, u64 flags)
{
	int err;

	if (!map_update_guarded(map))
		return map_write(map, file, key, value, flags);
	map_ops_begin();
	err = map_write(map, file, key, value, flags);
	map_ops_end();
	return err;
}

/**
 * bpf_map_delete_value - delete an element
 * @map: the map; the caller is a writer
 * @key: key; NULL for maps without
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT, -ENOTSUPP, what the map says.
 */
int bpf_map_delete_value(struct bpf_map *map, void *key)
{
	int err;

	if (!map->ops->delete_elem)
		return -ENOTSUPP;
	if (!map_delete_guarded(map))
		return map->ops->delete_elem(map, key);
	map_ops_begin();
	err = map->ops->delete_elem(map, key);
	map_ops_end();
	return err;
}

/**
 * bpf_map_next_key - the key after another
 * @map: the map
 * @key: key, or NULL for the first
 * @next_key: key_size bytes
 *
 * Context: process.
 * Return: 0; -ENOENT after the last, -ENOTSUPP.
 */
int bpf_map_next_key(struct bpf_map *map, void *key, void *next_key)
{
	int err = -ENOTSUPP;

	rcu_read_lock();
	if (map->ops->get_next_key)
		err = map->ops->get_next_key(map, key, next_key);
	rcu_read_unlock();
	return err;
}

/**
 * bpf_map_pop_value - copy an element's value out and delete it, in one step
 * @map: the map; the caller is a writer
 * @key: key; NULL for maps without
 * @value: bpf_map_user_value_size() bytes
 * @flags: BPF_F_LOCK or 0
 *
 * Context: process.
 * Return: 0; -ENOENT, -ENOTSUPP, what the map says.
 */
int bpf_map_pop_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	const struct bpf_map_ops *ops = map->ops;
	int err;

	map_ops_begin();
	if (ops->lookup_and_delete)
		err = ops->lookup_and_delete(map, key, value, flags);
	else if (!map->key_size && ops->pop_elem && !flags)
		err = ops->pop_elem(map, value);
	else
		err = -ENOTSUPP;
	map_ops_end();
	return err;
}

/* An element of a call: the map behind the fd and copies of key and value. */
struct elem_call {
	struct fd f;
	struct bpf_map *map;
	void *key;
	void *value;
	u32 value_size;
	bool writer;
};

static void elem_end(struct elem_call *call)
{
	if (call->writer)
		bpf_map_write_end(call->map);
	kvfree(call->value);
	kvfree(call->key);
	fdput(call->f);
}

static int elem_copy_key(const struct bpf_cmd_args *args, struct elem_call *call, u64 ukey)
{
	u32 size = call->map->key_size;

	/* Maps without keys take none. */
	if (!size)
		return ukey ? -EINVAL : 0;
	call->key = kvmalloc(size, GFP_USER | __GFP_NOWARN);
	if (!call->key)
		return -ENOMEM;
	return cmd_copy_in(args, call->key, ukey, size);
}

static int elem_alloc_value(struct elem_call *call)
{
	call->value_size = bpf_map_user_value_size(call->map);
	call->value = kvzalloc(call->value_size, GFP_USER | __GFP_NOWARN);
	return call->value ? 0 : -ENOMEM;
}

/* After it, elem_end() has to follow, also when it fails. */
static int elem_begin(const struct bpf_cmd_args *args, struct elem_call *call, fmode_t mode)
{
	fmode_t have;

	memset(call, 0, sizeof(*call));
	call->f = fdget(args->attr->map_fd);
	call->map = __bpf_map_get(call->f);
	if (IS_ERR(call->map))
		return PTR_ERR(call->map);
	have = bpf_fd_mode(fd_file(call->f));
	if ((have & mode) != mode)
		return -EPERM;
	if (mode & FMODE_WRITE) {
		call->writer = bpf_map_write_start(call->map);
		if (!call->writer)
			return -EPERM;
	}
	return 0;
}

/**
 * cmd_map_lookup - BPF_MAP_LOOKUP_ELEM
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, -EFAULT, -ENOMEM, -ENOTSUPP.
 */
int cmd_map_lookup(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct elem_call call;
	int err;

	err = elem_begin(args, &call, FMODE_READ);
	if (!err)
		err = bpf_map_check_elem_flags(call.map, attr->flags, BPF_F_LOCK);
	if (!err)
		err = elem_copy_key(args, &call, attr->key);
	if (!err)
		err = elem_alloc_value(&call);
	/* A filter is asked about the value itself. */
	if (!err && call.map->map_type == BPF_MAP_TYPE_BLOOM_FILTER)
		err = cmd_copy_in(args, call.value, attr->value, call.value_size);
	if (!err)
		err = bpf_map_read_value(call.map, call.key, call.value, attr->flags);
	if (!err)
		err = cmd_copy_out(args, attr->value, call.value, call.value_size);
	elem_end(&call);
	return err;
}

/**
 * cmd_map_update - BPF_MAP_UPDATE_ELEM
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -EEXIST, -ENOENT, -E2BIG, -EFAULT, -ENOMEM, -ENOTSUPP.
 */
int cmd_map_update(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct elem_call call;
	int err;

	err = elem_begin(args, &call, FMODE_WRITE);
	/* Further bits are the map's business. */
	if (!err)
		err = bpf_map_check_elem_flags(call.map, attr->flags, U64_MAX);
	if (!err)
		err = elem_copy_key(args, &call, attr->key);
	if (!err)
		err = elem_alloc_value(&call);
	if (!err)
		err = cmd_copy_in(args, call.value, attr->value, call.value_size);
	if (!err)
		err = bpf_map_write_value(call.map, fd_file(call.f), call.key, call.value,
					  attr->flags);
	elem_end(&call);
	return err;
}

/**
 * cmd_map_delete - BPF_MAP_DELETE_ELEM
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, -EFAULT, -ENOMEM, -ENOTSUPP.
 */
int cmd_map_delete(const struct bpf_cmd_args *args)
{
	struct elem_call call;
	int err;

	err = elem_begin(args, &call, FMODE_WRITE);
	if (!err)
		err = elem_copy_key(args, &call, args->attr->key);
	if (!err)
		err = bpf_map_delete_value(call.map, call.key);
	elem_end(&call);
	return err;
}

/**
 * cmd_map_get_next_key - BPF_MAP_GET_NEXT_KEY
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, -EFAULT, -ENOMEM, -ENOTSUPP.
 */
int cmd_map_get_next_key(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct elem_call call;
	int err;

	err = elem_begin(args, &call, FMODE_READ);
	if (!err && attr->key)
		err = elem_copy_key(args, &call, attr->key);
	if (!err) {
		/* Maps without keys say themselves that there is no next one. */
		call.value = kvzalloc(call.map->key_size ?: 1, GFP_USER | __GFP_NOWARN);
		err = call.value ? 0 : -ENOMEM;
	}
	if (!err)
		err = bpf_map_next_key(call.map, call.key, call.value);
	if (!err)
		err = cmd_copy_out(args, attr->next_key, call.value, call.map->key_size);
	elem_end(&call);
	return err;
}

/**
 * cmd_map_lookup_and_delete - BPF_MAP_LOOKUP_AND_DELETE_ELEM
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, -EFAULT, -ENOMEM, -ENOTSUPP. When the value cannot
 * be copied to the caller it is lost.
 */
int cmd_map_lookup_and_delete(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct elem_call call;
	int err;

	err = elem_begin(args, &call, FMODE_READ | FMODE_WRITE);
	if (!err)
		err = bpf_map_check_elem_flags(call.map, attr->flags, BPF_F_LOCK);
	if (!err)
		err = elem_copy_key(args, &call, attr->key);
	if (!err)
		err = elem_alloc_value(&call);
	if (!err)
		err = bpf_map_pop_value(call.map, call.key, call.value, attr->flags);
	if (!err)
		err = cmd_copy_out(args, attr->value, call.value, call.value_size);
	elem_end(&call);
	return err;
}
