// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that attach programs to hooks, and commands on links. What a hook does about it stands
 * in its row of the attachment table.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include "attach/attach.h"
#include "prog/prog_type.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/link.h"
#include "syscall/prog.h"

#define ATTACH_FLAGS_CGROUP	(BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI | BPF_F_REPLACE)
#define ATTACH_FLAGS_MPROG	(BPF_F_REPLACE | BPF_F_BEFORE | BPF_F_AFTER | BPF_F_ID | BPF_F_LINK)

/* Attach types whose programs are kept in an order that the caller chooses. */
static bool attach_type_ordered(u32 attach_type)
{
	switch (attach_type) {
	case BPF_TCX_INGRESS:
	case BPF_TCX_EGRESS:
	case BPF_NETKIT_PRIMARY:
	case BPF_NETKIT_PEER:
		return true;
	default:
		return false;
	}
}

static int attach_check_flags(const union bpf_attr *attr)
{
	if (attach_type_ordered(attr->attach_type))
		return attr->attach_flags & ~ATTACH_FLAGS_MPROG ? -EINVAL : 0;
	if (attr->attach_flags & ~ATTACH_FLAGS_CGROUP || attr->relative_fd ||
	    attr->expected_revision)
		return -EINVAL;
	return 0;
}

/* Kprobe programs are compiled for one kind of link; the others go by the attach type alone. */
static bool kprobe_attach_ok(const struct bpf_prog *prog, u32 attach_type)
{
	switch (prog->expected_attach_type) {
	case BPF_TRACE_KPROBE_MULTI:
	case BPF_TRACE_KPROBE_SESSION:
	case BPF_TRACE_UPROBE_MULTI:
		return attach_type == prog->expected_attach_type;
	default:
		return attach_type == BPF_PERF_EVENT;
	}
}

/**
 * bpf_prog_check_attach - may a program attach at an attach type
 * @prog: the program
 * @attach_type: enum bpf_attach_type
 *
 * Context: process.
 * Return: 0, -EINVAL, or -EPERM.
 */
int bpf_prog_check_attach(const struct bpf_prog *prog, enum bpf_attach_type attach_type)
{
	const struct bpf_prog_type_info *info = prog->aux->info;

	if (prog->type == BPF_PROG_TYPE_KPROBE)
		return kprobe_attach_ok(prog, attach_type) ? 0 : -EINVAL;
	/* Programs for a cgroup's packets need no rights to be loaded. */
	if (prog->type == BPF_PROG_TYPE_CGROUP_SKB &&
	    !bpf_token_capable(prog->aux->token, CAP_NET_ADMIN))
		return -EPERM;
	if ((info->attach_type_required || prog->enforce_expected_attach_type) &&
	    prog->expected_attach_type != attach_type)
		return -EINVAL;
	return 0;
}

/**
 * cmd_prog_attach - BPF_PROG_ATTACH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, what the hook says.
 */
int cmd_prog_attach(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	const struct bpf_attach_ops *ops;
	struct bpf_prog *prog;
	int err;

	if (!bpf_attach_find(attr->attach_type, BPF_PROG_TYPE_UNSPEC))
		return -EINVAL;
	err = attach_check_flags(attr);
	if (err)
		return err;
	prog = bpf_prog_get(attr->attach_bpf_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	ops = bpf_attach_find(attr->attach_type, prog->type);
	err = -EINVAL;
	if (ops && ops->attach)
		err = bpf_prog_check_attach(prog, attr->attach_type);
	if (!err && !bpf_has_cap(CAP_NET_ADMIN))
		err = -EPERM;
	if (!err)
		err = ops->attach(attr, prog);
	if (err)
		bpf_prog_put(prog);
	return err;
}

/**
 * cmd_prog_detach - BPF_PROG_DETACH
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM, -ENOENT, what the hook says.
 */
int cmd_prog_detach(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	const struct bpf_attach_ops *ops;
	struct bpf_prog *prog = NULL;
	int err;

	ops = bpf_attach_find(attr->attach_type, BPF_PROG_TYPE_UNSPEC);
	if (!ops || !ops->detach)
		return -EINVAL;
	if (attach_type_ordered(attr->attach_type)) {
		if (attr->attach_flags & ~ATTACH_FLAGS_MPROG)
			return -EINVAL;
	} else if (attr->attach_flags || attr->relative_fd || attr->expected_revision) {
		return -EINVAL;
	}
	if (!bpf_has_cap(CAP_NET_ADMIN))
		return -EPERM;
	if (attr->attach_bpf_fd) {
		prog = bpf_prog_get(attr->attach_bpf_fd);
		if (IS_ERR(prog))
			return PTR_ERR(prog);
		ops = bpf_attach_find(attr->attach_type, prog->type);
	}
	err = ops && ops->detach ? ops->detach(attr, prog) : -EINVAL;
	if (prog)
		bpf_prog_put(prog);
	return err;
}

/**
 * cmd_prog_query - BPF_PROG_QUERY
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL, -ENOSPC, -EFAULT, what the hook says.
 */
int cmd_prog_query(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	const struct bpf_attach_ops *ops;

	if (attr->query.query_flags & ~BPF_F_QUERY_EFFECTIVE)
		return -EINVAL;
	ops = bpf_attach_find(attr->query.attach_type, BPF_PROG_TYPE_UNSPEC);
	if (!ops || !ops->query)
		return -EINVAL;
	return ops->query(attr, args->uattr);
}

/**
 * cmd_link_create - BPF_LINK_CREATE
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EBADF, -EINVAL, -EPERM, -EMFILE, -ENOMEM, what the hook says.
 */
int cmd_link_create(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	u32 attach_type = attr->link_create.attach_type;
	const struct bpf_attach_ops *ops;
	struct bpf_prog *prog;
	int ret;

	/* A map of struct ops stands in the program's place. */
	if (attach_type == BPF_STRUCT_OPS) {
		ops = bpf_attach_find(attach_type, BPF_PROG_TYPE_UNSPEC);
		return ops && ops->link_create ? ops->link_create(attr, NULL) : -EINVAL;
	}
	prog = bpf_prog_get(attr->link_create.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	ops = bpf_attach_find(attach_type, prog->type);
	ret = -EINVAL;
	if (ops && ops->link_create)
		ret = bpf_prog_check_attach(prog, attach_type);
	if (!ret)
		ret = ops->link_create(attr, prog);
	if (ret < 0)
		bpf_prog_put(prog);
	return ret;
}

static int link_update_map(struct bpf_link *link, const union bpf_attr *attr)
{
	struct bpf_map *new_map, *old_map = NULL;
	int ret;

	new_map = bpf_map_get(attr->link_update.new_map_fd);
	if (IS_ERR(new_map))
		return PTR_ERR(new_map);
	if (attr->link_update.flags & BPF_F_REPLACE) {
		old_map = bpf_map_get(attr->link_update.old_map_fd);
		if (IS_ERR(old_map)) {
			ret = PTR_ERR(old_map);
			goto put_new;
		}
	}
	ret = -EINVAL;
	if (old_map || !attr->link_update.old_map_fd)
		ret = link->ops->update_map(link, new_map, old_map);
	if (old_map)
		bpf_map_put(old_map);
put_new:
	bpf_map_put(new_map);
	return ret;
}

static int link_update_prog(struct bpf_link *link, const union bpf_attr *attr)
{
	struct bpf_prog *new_prog, *old_prog = NULL;
	int ret;

	if (!link->ops->update_prog)
		return -EINVAL;
	new_prog = bpf_prog_get(attr->link_update.new_prog_fd);
	if (IS_ERR(new_prog))
		return PTR_ERR(new_prog);
	if (attr->link_update.flags & BPF_F_REPLACE) {
		old_prog = bpf_prog_get(attr->link_update.old_prog_fd);
		if (IS_ERR(old_prog)) {
			ret = PTR_ERR(old_prog);
			goto put_new;
		}
	}
	ret = -EINVAL;
	if (old_prog || !attr->link_update.old_prog_fd)
		ret = link->ops->update_prog(link, new_prog, old_prog);
	if (old_prog)
		bpf_prog_put(old_prog);
put_new:
	/* The link keeps the new program when it took it. */
	if (ret)
		bpf_prog_put(new_prog);
	return ret;
}

/**
 * cmd_link_update - BPF_LINK_UPDATE: another program or map in a link
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM where the old one is another than expected, -ENOLINK, what the
 * hook says.
 */
int cmd_link_update(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct bpf_link *link;
	int ret;

	if (attr->link_update.flags & ~BPF_F_REPLACE)
		return -EINVAL;
	link = bpf_link_get_from_fd(attr->link_update.link_fd);
	if (IS_ERR(link))
		return PTR_ERR(link);
	ret = link->ops->update_map ? link_update_map(link, attr) : link_update_prog(link, attr);
	bpf_link_put_direct(link);
	return ret;
}

/**
 * cmd_link_detach - BPF_LINK_DETACH: undo the attachment, keep the link
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EOPNOTSUPP.
 */
int cmd_link_detach(const struct bpf_cmd_args *args)
{
	struct bpf_link *link = bpf_link_get_from_fd(args->attr->link_detach.link_fd);
	int ret;

	if (IS_ERR(link))
		return PTR_ERR(link);
	ret = link->ops->detach ? link->ops->detach(link) : -EOPNOTSUPP;
	bpf_link_put_direct(link);
	return ret;
}

/**
 * cmd_link_get_next_id - BPF_LINK_GET_NEXT_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: as bpf_id_next_cmd().
 */
int cmd_link_get_next_id(const struct bpf_cmd_args *args)
{
	return bpf_id_next_cmd(&bpf_link_ids, args);
}

/**
 * cmd_link_get_fd_by_id - BPF_LINK_GET_FD_BY_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -ENOENT, -EMFILE, -ENOMEM.
 */
int cmd_link_get_fd_by_id(const struct bpf_cmd_args *args)
{
	struct bpf_link *link = bpf_link_by_id(args->attr->link_id);
	int fd;

	if (IS_ERR(link))
		return PTR_ERR(link);
	fd = bpf_link_new_fd(link);
	if (fd < 0)
		bpf_link_put_direct(link);
	return fd;
}
