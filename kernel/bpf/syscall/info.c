// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_OBJ_GET_INFO_BY_FD. The caller's struct says which lists it wants: a pointer and the number
 * of entries there is room for; the number that there are comes back.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/file.h>
#include <linux/user_namespace.h>
#include "attach/attach.h"
#include "btf/btf.h"
#include "exec/exec.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/info.h"

/* Where kernel objects of programs are not built, there are no maps of them to ask about. */
#pragma weak bpf_struct_ops_map_btf_id

/*
 * A caller's struct may be shorter or longer than the one known here: what is missing is not told,
 * what is unknown has to be 0.
 */
static int info_begin(const struct bpf_cmd_args *args, void *info, u32 size, u32 *len)
{
	const union bpf_attr *attr = args->attr;
	void __user *uinfo = u64_to_user_ptr(attr->info.info);
	int err;

	err = bpf_check_tail_zero(uinfo, size, attr->info.info_len);
	if (err)
		return err;
	*len = min(attr->info.info_len, size);
	memset(info, 0, size);
	return cmd_copy_in(args, info, attr->info.info, *len);
}

static int info_end(const struct bpf_cmd_args *args, const void *info, u32 len)
{
	int err = cmd_copy_out(args, args->attr->info.info, info, len);

	return err ?: CMD_PUT_FIELD(args, info.info_len, len);
}

static int map_info(const struct bpf_map *map, const struct bpf_cmd_args *args)
{
	struct bpf_map_info info;
	u32 len;
	int err;

	err = info_begin(args, &info, sizeof(info), &len);
	if (err)
		return err;
	memset(&info, 0, sizeof(info));
	info.type = map->map_type;
	info.id = map->id;
	info.key_size = map->key_size;
	info.value_size = map->value_size;
	info.max_entries = map->max_entries;
	info.map_flags = map->map_flags;
	info.map_extra = map->map_extra;
	memcpy(info.name, map->name, sizeof(info.name));
	if (map->btf) {
		info.btf_id = btf_obj_id(map->btf);
		info.btf_key_type_id = map->btf_key_type_id;
		info.btf_value_type_id = map->btf_value_type_id;
	}
	info.btf_vmlinux_value_type_id = map->btf_vmlinux_value_type_id;
	if (map->map_type == BPF_MAP_TYPE_STRUCT_OPS)
		info.btf_vmlinux_id = bpf_struct_ops_map_btf_id(map);
	return info_end(args, &info, len);
}

static int prog_info(struct bpf_prog *prog, const struct bpf_cmd_args *args)
{
	struct bpf_prog_info info;
	u32 len;
	int err;

	err = info_begin(args, &info, sizeof(info), &len);
	if (!err)
		err = bpf_prog_fill_info(prog, &info);
	return err ?: info_end(args, &info, len);
}

static int link_info(const struct bpf_link *link, const struct bpf_cmd_args *args)
{
	struct bpf_link_info info;
	u32 len;
	int err;

	err = info_begin(args, &info, sizeof(info), &len);
	if (err)
		return err;
	info.type = link->type;
	info.id = link->id;
	info.prog_id = link->prog ? link->prog->aux->id : 0;
	if (link->ops->fill_link_info) {
		err = link->ops->fill_link_info(link, &info);
		if (err)
			return err;
	}
	return info_end(args, &info, len);
}

static int file_info(struct file *file, const struct bpf_cmd_args *args)
{
	struct btf *btf;
	void *obj;

	obj = bpf_fd_object(file, BPF_FD_PROG);
	if (obj)
		return prog_info(obj, args);
	obj = bpf_fd_object(file, BPF_FD_MAP);
	if (obj)
		return map_info(obj, args);
	obj = bpf_fd_object(file, BPF_FD_LINK);
	if (obj)
		return link_info(obj, args);
	btf = btf_from_file(file);
	return btf ? btf_get_info_by_fd(btf, args->attr, args->uattr) : -EINVAL;
}

/**
 * cmd_obj_get_info - BPF_OBJ_GET_INFO_BY_FD
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL for an fd of something else, -E2BIG, -EFAULT, -ENOSPC, -ENOMEM.
 */
int cmd_obj_get_info(const struct bpf_cmd_args *args)
{
	struct fd f;
	int err;

	f = fdget(args->attr->info.bpf_fd);
	if (fd_empty(f))
		return -EBADF;
	err = file_info(fd_file(f), args);
	fdput(f);
	return err;
}
