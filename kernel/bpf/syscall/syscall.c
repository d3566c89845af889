// SPDX-License-Identifier: GPL-2.0
/*
 * bpf(2): the table of commands and the one way from a call to its handler.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "syscall/cmd.h"

/* Who may call. */
enum cmd_access {
	CMD_ANYONE,	/* the handler checks, or an fd is right enough */
	CMD_ADMIN,	/* CAP_SYS_ADMIN: reaches objects of others */
	CMD_NET,	/* CAP_NET_ADMIN */
};

/**
 * struct cmd_row - one command
 * @name: as in bpf(2)
 * @run: the handler
 * @attr_end: one past the last byte of the attributes that the command knows
 * @access: checked before the handler runs
 * @kernel_ok: programs of type "syscall" may call it
 */
struct cmd_row {
	const char *name;
	int (*run)(const struct bpf_cmd_args *args);
	u16 attr_end;
	u8 access;
	bool kernel_ok;
};

#define CMD(_cmd, _run, _last, ...)					\
	[_cmd] = {							\
		.name = #_cmd, .run = _run,				\
		.attr_end = offsetofend(union bpf_attr, _last),		\
		__VA_ARGS__						\
	}

static const struct cmd_row cmd_table[] = {
	CMD(BPF_MAP_CREATE, cmd_map_create, map_token_fd, .kernel_ok = true),
	CMD(BPF_MAP_LOOKUP_ELEM, cmd_map_lookup, flags),
	CMD(BPF_MAP_UPDATE_ELEM, cmd_map_update, flags, .kernel_ok = true),
	CMD(BPF_MAP_DELETE_ELEM, cmd_map_delete, key),
	CMD(BPF_MAP_GET_NEXT_KEY, cmd_map_get_next_key, next_key),
	CMD(BPF_PROG_LOAD, cmd_prog_load, prog_token_fd, .kernel_ok = true),
	CMD(BPF_OBJ_PIN, cmd_obj_pin, path_fd),
	CMD(BPF_OBJ_GET, cmd_obj_get, path_fd),
	CMD(BPF_PROG_ATTACH, cmd_prog_attach, expected_revision),
	CMD(BPF_PROG_DETACH, cmd_prog_detach, expected_revision),
	CMD(BPF_PROG_TEST_RUN, cmd_prog_test_run, test.batch_size),
	CMD(BPF_PROG_GET_NEXT_ID, cmd_prog_get_next_id, next_id, .access = CMD_ADMIN),
	CMD(BPF_MAP_GET_NEXT_ID, cmd_map_get_next_id, next_id, .access = CMD_ADMIN),
	CMD(BPF_PROG_GET_FD_BY_ID, cmd_prog_get_fd_by_id, prog_id, .access = CMD_ADMIN),
	CMD(BPF_MAP_GET_FD_BY_ID, cmd_map_get_fd_by_id, open_flags, .access = CMD_ADMIN),
	CMD(BPF_OBJ_GET_INFO_BY_FD, cmd_obj_get_info, info.info),
	CMD(BPF_PROG_QUERY, cmd_prog_query, query.revision, .access = CMD_NET),
	CMD(BPF_RAW_TRACEPOINT_OPEN, cmd_raw_tracepoint_open, raw_tracepoint.cookie),
	CMD(BPF_BTF_LOAD, cmd_btf_load, btf_token_fd, .kernel_ok = true),
	CMD(BPF_BTF_GET_FD_BY_ID, cmd_btf_get_fd_by_id, btf_id, .access = CMD_ADMIN),
	CMD(BPF_TASK_FD_QUERY, cmd_task_fd_query, task_fd_query.probe_addr, .access = CMD_ADMIN),
	CMD(BPF_MAP_LOOKUP_AND_DELETE_ELEM, cmd_map_lookup_and_delete, flags),
	CMD(BPF_MAP_FREEZE, cmd_map_freeze, map_fd, .kernel_ok = true),
	CMD(BPF_BTF_GET_NEXT_ID, cmd_btf_get_next_id, next_id, .access = CMD_ADMIN),
	CMD(BPF_MAP_LOOKUP_BATCH, cmd_map_lookup_batch, batch.flags),
	CMD(BPF_MAP_LOOKUP_AND_DELETE_BATCH, cmd_map_lookup_delete_batch, batch.flags),
	CMD(BPF_MAP_UPDATE_BATCH, cmd_map_update_batch, batch.flags),
	CMD(BPF_MAP_DELETE_BATCH, cmd_map_delete_batch, batch.flags),
	CMD(BPF_LINK_CREATE, cmd_link_create, link_create.uprobe_multi.pid, .kernel_ok = true),
	CMD(BPF_LINK_UPDATE, cmd_link_update, link_update.old_prog_fd),
	CMD(BPF_LINK_GET_FD_BY_ID, cmd_link_get_fd_by_id, link_id, .access = CMD_ADMIN),
	CMD(BPF_LINK_GET_NEXT_ID, cmd_link_get_next_id, next_id, .access = CMD_ADMIN),
	CMD(BPF_ENABLE_STATS, cmd_enable_stats, enable_stats.type, .access = CMD_ADMIN),
#ifdef CONFIG_BPF_ITER
	CMD(BPF_ITER_CREATE, cmd_iter_create, iter_create.flags),
#endif
	CMD(BPF_LINK_DETACH, cmd_link_detach, link_detach.link_fd),
	CMD(BPF_PROG_BIND_MAP, cmd_prog_bind_map, prog_bind_map.flags),
	CMD(BPF_TOKEN_CREATE, cmd_token_create, token_create.bpffs_fd),
};

static_assert(ARRAY_SIZE(cmd_table) == __MAX_BPF_CMD);

/**
 * bpf_has_cap - does the caller have a capability, or CAP_SYS_ADMIN in its place
 * @cap: capability
 *
 * Context: process.
 * Return: true if so.
 */
bool bpf_has_cap(int cap)
{
	return bpf_token_capable(NULL, cap);
}

/**
 * bpf_check_tail_zero - check what a caller's struct has beyond the part that is known
 * @ptr: the struct
 * @known: bytes that this kernel knows
 * @size: bytes that the caller has
 *
 * Context: process; may sleep.
 * Return: 0, -E2BIG where a byte beyond @known is not zero or @size is above a page, -EFAULT.
 */
int bpf_check_tail_zero(const void __user *ptr, size_t known, size_t size)
{
	int ret;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size <= known)
		return 0;
	ret = check_zeroed_user(ptr + known, size - known);
	if (ret < 0)
		return ret;
	return ret ? 0 : -E2BIG;
}

/**
 * bpf_obj_name_copy - check and copy an object's name
 * @dst: BPF_OBJ_NAME_LEN bytes, zero behind the name afterwards
 * @src: BPF_OBJ_NAME_LEN bytes
 *
 * Context: any.
 * Return: length of the name (0: none); -EINVAL where the terminator is missing, or at a character
 * other than letters, digits, '_' and '.'.
 */
int bpf_obj_name_copy(char *dst, const char *src)
{
	size_t len = strnlen(src, BPF_OBJ_NAME_LEN);
	size_t i;

	if (len == BPF_OBJ_NAME_LEN)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (!isalnum(src[i]) && src[i] != '_' && src[i] != '.')
			return -EINVAL;
	}
	memset(dst, 0, BPF_OBJ_NAME_LEN);
	memcpy(dst, src, len);
	return len;
}

/**
 * bpf_cmd_token - the token that a command's attributes name
 * @fd: its fd
 * @cmd: the command
 *
 * Context: process.
 * Return: the token with a reference, NULL where it does not allow the command, ERR_PTR where
 * @fd is none.
 */
struct bpf_token *bpf_cmd_token(s32 fd, enum bpf_cmd cmd)
{
	struct bpf_token *token = bpf_token_get_from_fd(fd);

	if (IS_ERR(token) || bpf_token_allow_cmd(token, cmd))
		return token;
	bpf_token_put(token);
	return NULL;
}

static bool cmd_allowed(const struct cmd_row *row)
{
	switch (row->access) {
	case CMD_ADMIN:
		return capable(CAP_SYS_ADMIN);
	case CMD_NET:
		return bpf_has_cap(CAP_NET_ADMIN);
	default:
		return true;
	}
}

static int cmd_run(int cmd, const struct bpf_cmd_args *args)
{
	const struct cmd_row *row;
	int ret;

	ret = security_bpf(cmd, args->attr, args->size);
	if (ret)
		return ret;
	if (cmd < 0 || cmd >= ARRAY_SIZE(cmd_table))
		return -EINVAL;
	row = &cmd_table[cmd];
	if (!row->run)
		return -EINVAL;
	if (args->from_kernel && !row->kernel_ok)
		return -EINVAL;
	if (memchr_inv((char *)args->attr + row->attr_end, 0,
		       sizeof(*args->attr) - row->attr_end))
		return -EINVAL;
	if (!cmd_allowed(row))
		return -EPERM;
	return row->run(args);
}

/**
 * bpf_cmd_dispatch - bpf(2)
 * @cmd: enum bpf_cmd, any number
 * @uattr: attributes
 * @size: bytes of them
 *
 * Context: process; may sleep.
 * Return: what the command gives back; -EINVAL for an unknown command or a field that it does not
 * know, -E2BIG for non-zero bytes behind the attributes that this kernel knows, -EFAULT, -EPERM.
 */
int bpf_cmd_dispatch(int cmd, union bpf_attr __user *uattr, unsigned int size)
{
	union bpf_attr attr;
	struct bpf_cmd_args args = { .attr = &attr, .uattr = uattr };
	int ret;

	ret = bpf_check_tail_zero(uattr, sizeof(attr), size);
	if (ret)
		return ret;
	args.size = min_t(u32, size, sizeof(attr));

	/* All of it: padding is looked at too when trailing bytes are checked. */
	memset(&attr, 0, sizeof(attr));
	if (copy_from_user(&attr, uattr, args.size))
		return -EFAULT;
	return cmd_run(cmd, &args);
}

/**
 * bpf_cmd_dispatch_kernel - bpf(2) on behalf of a program
 * @cmd: enum bpf_cmd, any number
 * @attr: attributes in kernel memory; pointers in them are kernel addresses
 * @size: bytes of them
 *
 * Context: process; may sleep.
 * Return: as bpf_cmd_dispatch(); -EINVAL also for commands that programs may not call.
 */
int bpf_cmd_dispatch_kernel(int cmd, union bpf_attr *attr, unsigned int size)
{
	union bpf_attr copy;
	struct bpf_cmd_args args = {
		.attr = &copy,
		.uattr = (union bpf_attr __force __user *)attr,
		.from_kernel = true,
	};

	if (size > sizeof(copy)) {
		if (memchr_inv((char *)attr + sizeof(copy), 0, size - sizeof(copy)))
			return -E2BIG;
		size = sizeof(copy);
	}
	args.size = size;
	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, attr, size);
	return cmd_run(cmd, &args);
}
