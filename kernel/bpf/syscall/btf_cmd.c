// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on BTF: rights and tokens; the rest is the BTF room's.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include "btf/btf.h"
#include "syscall/cmd.h"

/**
 * cmd_btf_load - BPF_BTF_LOAD
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EINVAL, -EPERM, -E2BIG, -EFAULT, -ENOSPC, -ENOMEM, -EMFILE.
 */
int cmd_btf_load(const struct bpf_cmd_args *args)
{
	union bpf_attr *attr = args->attr;
	struct bpf_token *token = NULL;
	bool allowed;

	if (attr->btf_flags & ~BPF_F_TOKEN_FD)
		return -EINVAL;
	if (attr->btf_flags & BPF_F_TOKEN_FD) {
		token = bpf_cmd_token(attr->btf_token_fd, BPF_BTF_LOAD);
		if (IS_ERR(token))
			return PTR_ERR(token);
	}
	allowed = bpf_token_capable(token, CAP_BPF);
	bpf_token_put(token);
	if (!allowed)
		return -EPERM;
	return btf_new_fd(attr, args->uattr, args->size, args->from_kernel);
}

/**
 * cmd_btf_get_next_id - BPF_BTF_GET_NEXT_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT after the last, -EINVAL for a start beyond all ids, -EFAULT.
 */
int cmd_btf_get_next_id(const struct bpf_cmd_args *args)
{
	int id;

	if (args->attr->start_id >= INT_MAX)
		return -EINVAL;
	id = btf_next_id(args->attr->start_id);
	return id < 0 ? id : CMD_PUT_FIELD(args, next_id, id);
}

/**
 * cmd_btf_get_fd_by_id - BPF_BTF_GET_FD_BY_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -ENOENT, -EMFILE, -ENOMEM.
 */
int cmd_btf_get_fd_by_id(const struct bpf_cmd_args *args)
{
	return btf_get_fd_by_id(args->attr->btf_id);
}
