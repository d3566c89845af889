// SPDX-License-Identifier: GPL-2.0
/*
 * Raw tracepoints: BPF_RAW_TRACEPOINT_OPEN, and links of BTF-typed programs to tracepoints.
 *
 * Attach and open are one step: the link has its fd before the probe is registered, so that nothing
 * is left behind when there is none to be had.
 */
#include <linux/bpf.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include "attach/attach.h"
#include "attach/info_str.h"
#include "syscall/cmd.h"

/* Longest tracepoint name, terminator included. */
#define TP_NAME_MAX	128

static struct bpf_raw_tp_link *to_raw_tp(const struct bpf_link *link)
{
	return container_of(link, struct bpf_raw_tp_link, link);
}

static void raw_tp_release(struct bpf_link *link)
{
	struct bpf_raw_tp_link *raw = to_raw_tp(link);

	bpf_probe_unregister(raw->btp, raw);
	/*
	 * Tracepoints that fire where RCU does not watch have readers of their own; all others end
	 * with the grace periods that link and program wait for.
	 */
	synchronize_srcu_expedited(&tracepoint_srcu);
	bpf_put_raw_tracepoint(raw->btp);
}

static void raw_tp_dealloc(struct bpf_link *link)
{
	kfree(to_raw_tp(link));
}

static void raw_tp_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	seq_printf(seq, "tp_name:\t%s\n", to_raw_tp(link)->btp->tp->name);
}

static int raw_tp_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	return bpf_info_copy_str(info->raw_tracepoint.tp_name, &info->raw_tracepoint.tp_name_len,
				 to_raw_tp(link)->btp->tp->name);
}

static const struct bpf_link_ops raw_tp_link_ops = {
	.release = raw_tp_release,
	.dealloc_deferred = raw_tp_dealloc,
	.show_fdinfo = raw_tp_show_fdinfo,
	.fill_link_info = raw_tp_fill_info,
};

/* The new fd; the program's reference is the link's then. */
static int raw_tp_attach(struct bpf_prog *prog, const char *name, u64 cookie)
{
	struct bpf_link_primer primer;
	struct bpf_raw_event_map *btp;
	struct bpf_raw_tp_link *raw;
	int err;

	btp = bpf_get_raw_tracepoint(name);
	if (!btp)
		return -ENOENT;
	raw = kzalloc(sizeof(*raw), GFP_USER | __GFP_ACCOUNT);
	if (!raw) {
		err = -ENOMEM;
		goto put_btp;
	}
	/* Probes of a faultable tracepoint run in a section of sleepable programs. */
	bpf_link_init_sleepable(&raw->link, BPF_LINK_TYPE_RAW_TRACEPOINT, &raw_tp_link_ops, prog,
				true);
	raw->btp = btp;
	raw->cookie = cookie;
	err = bpf_link_prime(&raw->link, &primer);
	if (err) {
		kfree(raw);
		goto put_btp;
	}
	err = bpf_probe_register(btp, raw);
	if (err) {
		bpf_link_cleanup(&primer);
		goto put_btp;
	}
	return bpf_link_settle(&primer);

put_btp:
	bpf_put_raw_tracepoint(btp);
	return err;
}

/* Programs that know from their BTF id what they attach to. */
static int open_typed(const struct bpf_cmd_args *args, struct bpf_prog *prog)
{
	union bpf_attr attr = {};
	const struct bpf_attach_ops *ops;

	if (args->attr->raw_tracepoint.name)
		return -EINVAL;
	ops = bpf_attach_find(prog->expected_attach_type, prog->type);
	if (!ops || !ops->link_create)
		return -EINVAL;
	attr.link_create.attach_type = prog->expected_attach_type;
	attr.link_create.tracing.cookie = args->attr->raw_tracepoint.cookie;
	return ops->link_create(&attr, prog);
}

static int open_named(const struct bpf_cmd_args *args, struct bpf_prog *prog)
{
	char name[TP_NAME_MAX];
	long len;

	len = cmd_copy_str(args, name, args->attr->raw_tracepoint.name, sizeof(name));
	/* No tracepoint has a longer name. */
	if (len == -E2BIG)
		return -ENOENT;
	if (len < 0)
		return len;
	return raw_tp_attach(prog, name, args->attr->raw_tracepoint.cookie);
}

/**
 * cmd_raw_tracepoint_open - BPF_RAW_TRACEPOINT_OPEN
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd, whose close detaches; -ENOENT for an unknown tracepoint, -EBADF, -EINVAL for a
 * program of another type, or one that writes to more of the arguments than may be written,
 * -EFAULT, -EMFILE, -ENOMEM.
 */
int cmd_raw_tracepoint_open(const struct bpf_cmd_args *args)
{
	struct bpf_prog *prog;
	int ret;

	prog = bpf_prog_get(args->attr->raw_tracepoint.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	switch (prog->type) {
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		ret = open_named(args, prog);
		break;
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_EXT:
	case BPF_PROG_TYPE_LSM:
		ret = open_typed(args, prog);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	if (ret < 0)
		bpf_prog_put(prog);
	return ret;
}

static int raw_tp_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	if (attr->link_create.flags || !prog->aux->attach_func_name)
		return -EINVAL;
	return raw_tp_attach(prog, prog->aux->attach_func_name, attr->link_create.tracing.cookie);
}

const struct bpf_attach_ops bpf_raw_tp_attach_ops = {
	.link_create = raw_tp_link_create,
};
