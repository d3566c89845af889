// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on whole maps: create, freeze, find by id.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/nodemask.h>
#include <linux/security.h>
#include "btf/btf.h"
#include "btf/record.h"
#include "maps/alloc.h"
#include "maps/maps.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/map.h"

/* Programs either only read or only write. */
#define MAP_PROG_ACCESS	(BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

static bool both_set(u32 flags, u32 pair)
{
	return (flags & pair) == pair;
}

/* Attributes that are wrong for any map type, or that belong to others than the one asked for. */
static int map_create_check_attr(const union bpf_attr *attr)
{
	bool struct_ops = attr->map_type == BPF_MAP_TYPE_STRUCT_OPS;
	bool extra_ok = attr->map_type == BPF_MAP_TYPE_BLOOM_FILTER ||
			attr->map_type == BPF_MAP_TYPE_ARENA;
	u32 node = attr->numa_node;

	if (attr->map_flags & BPF_F_VTYPE_BTF_OBJ_FD && !attr->btf_vmlinux_value_type_id)
		return -EINVAL;
	if (!(attr->map_flags & BPF_F_VTYPE_BTF_OBJ_FD) && attr->value_type_btf_obj_fd)
		return -EINVAL;
	if (attr->btf_vmlinux_value_type_id) {
		if (!struct_ops || attr->btf_key_type_id || attr->btf_value_type_id)
			return -EINVAL;
	} else if (attr->btf_key_type_id && !attr->btf_value_type_id) {
		return -EINVAL;
	}
	if (attr->map_extra && !extra_ok)
		return -EINVAL;
	if (bpf_map_open_mode(attr->map_flags) < 0 || both_set(attr->map_flags, MAP_PROG_ACCESS))
		return -EINVAL;
	if (attr->map_flags & BPF_F_NUMA_NODE && (node >= nr_node_ids || !node_online(node)))
		return -EINVAL;
	/* No device takes maps. */
	if (attr->map_ifindex)
		return -EOPNOTSUPP;
	return 0;
}

static int map_create_check_caps(const struct bpf_map_type_row *row, const struct bpf_token *token)
{
	if (sysctl_unprivileged_bpf_disabled && !bpf_token_capable(token, CAP_BPF))
		return -EPERM;
	if (row->traits & MAP_PRIV_BPF && !bpf_token_capable(token, CAP_BPF))
		return -EPERM;
	if (row->traits & MAP_PRIV_NET && !bpf_token_capable(token, CAP_NET_ADMIN))
		return -EPERM;
	return 0;
}

/* Sizes must agree with the types, and special fields must be ones that the map can look after. */
static int map_check_types(struct bpf_map *map, const struct bpf_map_type_row *row,
			   const struct btf *btf, u32 key_id, u32 value_id)
{
	const struct btf_type *key_type, *value_type;
	u32 size;

	/* Maps that take no key type are left to their check_btf(). */
	if (key_id) {
		key_type = btf_type_by_id(btf, key_id);
		if (!key_type || IS_ERR(btf_resolve_size(btf, key_type, &size)) ||
		    size != map->key_size)
			return -EINVAL;
	} else {
		key_type = btf_type_by_id(btf, 0);
		if (!map->ops->check_btf)
			return -EINVAL;
	}
	value_type = btf_type_by_id(btf, value_id);
	if (!value_type || IS_ERR(btf_resolve_size(btf, value_type, &size)) ||
	    size != map->value_size)
		return -EINVAL;

	map->record = bpf_map_parse_record(map, btf, value_id);
	if (IS_ERR(map->record)) {
		int err = PTR_ERR(map->record);

		map->record = NULL;
		return err;
	}
	if (map->record) {
		if (map->record->field_mask & ~row->fields)
			return -EOPNOTSUPP;
		if (map->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG))
			return -EACCES;
	}
	return map->ops->check_btf ? map->ops->check_btf(map, btf, key_type, value_type) : 0;
}

static int map_attach_types(struct bpf_map *map, const struct bpf_map_type_row *row,
			    const union bpf_attr *attr)
{
	struct btf *btf;
	int err;

	if (!attr->btf_key_type_id && !attr->btf_value_type_id && !attr->btf_vmlinux_value_type_id)
		return 0;
	btf = btf_get_by_fd(attr->btf_fd);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	if (btf_is_kernel(btf)) {
		btf_put(btf);
		return -EACCES;
	}
	/* From here on the map's end drops it. */
	map->btf = btf;
	if (attr->btf_value_type_id) {
		err = map_check_types(map, row, btf, attr->btf_key_type_id,
				      attr->btf_value_type_id);
		if (err)
			return err;
	}
	map->btf_key_type_id = attr->btf_key_type_id;
	map->btf_value_type_id = attr->btf_value_type_id;
	map->btf_vmlinux_value_type_id = attr->btf_vmlinux_value_type_id;
	return 0;
}

static struct bpf_map *map_alloc(const struct bpf_map_type_row *row, const union bpf_attr *attr)
{
	struct bpf_map *map;

	map = row->ops->alloc(attr);
	if (IS_ERR(map))
		return map;
	if (!map->map_type)
		bpf_map_init_from_attr(map, attr);
	map->ops = row->ops;
	atomic64_set(&map->refcnt, 1);
	atomic64_set(&map->usercnt, 1);
	mutex_init(&map->freeze_mutex);
	spin_lock_init(&map->owner.lock);
	return map;
}

static struct bpf_map *map_create(const struct bpf_map_type_row *row, union bpf_attr *attr,
				  struct bpf_token *token)
{
	struct bpf_map *map = map_alloc(row, attr);
	int err;

	if (IS_ERR(map))
		return map;
	err = bpf_obj_name_copy(map->name, attr->map_name);
	if (err < 0)
		goto free;
	err = map_attach_types(map, row, attr);
	if (err)
		goto free;
	err = security_bpf_map_create(map, attr, token);
	if (err)
		goto free;
	bpf_map_set_owner_memcg(map);
	err = bpf_id_new(&bpf_map_ids, NULL);
	if (err < 0)
		goto free;
	map->id = err;
	bpf_id_publish(&bpf_map_ids, map->id, map);
	return map;
free:
	bpf_map_destroy(map);
	return ERR_PTR(err);
}

/**
 * cmd_map_create - BPF_MAP_CREATE
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EINVAL, -EPERM, -ENOMEM, -E2BIG, -EACCES, -EBADF, -EMFILE, what the map's type
 * says.
 */
int cmd_map_create(const struct bpf_cmd_args *args)
{
	union bpf_attr *attr = args->attr;
	const struct bpf_map_type_row *row;
	struct bpf_token *token = NULL;
	struct bpf_map *map;
	int err;

	err = map_create_check_attr(attr);
	if (err)
		return err;
	row = bpf_map_type_find(attr->map_type);
	if (!row || !row->ops)
		return -EINVAL;

	if (attr->map_flags & BPF_F_TOKEN_FD) {
		token = bpf_cmd_token(attr->map_token_fd, BPF_MAP_CREATE);
		if (IS_ERR(token))
			return PTR_ERR(token);
		if (token && !bpf_token_allow_map_type(token, attr->map_type)) {
			bpf_token_put(token);
			token = NULL;
		}
		attr->map_flags &= ~BPF_F_TOKEN_FD;
	}

	err = map_create_check_caps(row, token);
	if (err)
		goto put_token;
	err = -EINVAL;
	if (attr->map_flags & ~(row->flags | (attr->btf_vmlinux_value_type_id ?
					      BPF_F_VTYPE_BTF_OBJ_FD : 0)))
		goto put_token;
	if (row->ops->alloc_check) {
		err = row->ops->alloc_check(attr);
		if (err)
			goto put_token;
	}

	map = map_create(row, attr, token);
	err = PTR_ERR_OR_ZERO(map);
	if (err)
		goto put_token;
	err = bpf_map_new_fd(map, attr->map_flags);
	if (err < 0)
		bpf_map_put_with_uref(map);
put_token:
	bpf_token_put(token);
	return err;
}

/**
 * cmd_map_freeze - BPF_MAP_FREEZE: no more writes from user space
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY while it is being written or mapped writable, or when it is frozen already,
 * -EPERM, -EBADF, -EINVAL, -ENOTSUPP.
 */
int cmd_map_freeze(const struct bpf_cmd_args *args)
{
	const struct bpf_map_type_row *row;
	struct bpf_map *map;
	struct fd f;
	int err;

	f = fdget(args->attr->map_fd);
	map = __bpf_map_get(f);
	err = PTR_ERR_OR_ZERO(map);
	if (err)
		goto put;

	row = bpf_map_type_find(map->map_type);
	err = -ENOTSUPP;
	/* Locks, timers and pointers in values change whatever user space does. */
	if (!row || !(row->traits & MAP_CAN_FREEZE) || map->record)
		goto put;
	err = -EPERM;
	if (!(bpf_fd_mode(fd_file(f)) & FMODE_WRITE))
		goto put;

	mutex_lock(&map->freeze_mutex);
	err = -EBUSY;
	if (!map->frozen && bpf_map_bar_writers(map)) {
		WRITE_ONCE(map->frozen, true);
		err = 0;
	}
	mutex_unlock(&map->freeze_mutex);
put:
	fdput(f);
	return err;
}

/**
 * cmd_map_get_next_id - BPF_MAP_GET_NEXT_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: as bpf_id_next_cmd().
 */
int cmd_map_get_next_id(const struct bpf_cmd_args *args)
{
	return bpf_id_next_cmd(&bpf_map_ids, args);
}

/**
 * cmd_map_get_fd_by_id - BPF_MAP_GET_FD_BY_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -ENOENT, -EINVAL, -EMFILE, -ENOMEM.
 */
int cmd_map_get_fd_by_id(const struct bpf_cmd_args *args)
{
	u32 flags = args->attr->open_flags;
	struct bpf_map *map;
	int fd;

	if (flags & ~BPF_MAP_FLAGS_ACCESS || bpf_map_open_mode(flags) < 0)
		return -EINVAL;
	map = bpf_map_by_id(args->attr->map_id);
	if (IS_ERR(map))
		return PTR_ERR(map);
	fd = bpf_map_new_fd(map, flags);
	if (fd < 0)
		bpf_map_put_with_uref(map);
	return fd;
}
