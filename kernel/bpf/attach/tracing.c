// SPDX-License-Identifier: GPL-2.0
/*
 * Links of programs to functions: fentry, fexit, fmod_ret, security hooks, extensions.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "attach/attach.h"
#include "attach/lsm.h"
#include "attach/tramp.h"

/**
 * struct bpf_tracing_link - an attachment to a function
 * @link: common part
 * @lock: @tr, and the program while it is replaced
 * @tr: the function's trampoline; NULL: detached
 * @obj_id: of the program or the BTF that the function is in
 * @btf_id: the function's type
 * @attach_type: as the program was loaded for
 * @cookie: the program's
 */
struct bpf_tracing_link {
	struct bpf_link link;
	struct mutex lock;		/* tr, link.prog */
	struct bpf_trampoline *tr;
	u32 obj_id;
	u32 btf_id;
	u32 attach_type;
	u64 cookie;
};

static struct bpf_tracing_link *to_tracing(const struct bpf_link *link)
{
	return container_of(link, struct bpf_tracing_link, link);
}

static enum bpf_tramp_kind tracing_kind(const struct bpf_prog *prog)
{
	switch (prog->expected_attach_type) {
	case BPF_TRACE_FENTRY:
		return BPF_TRAMP_FENTRY;
	case BPF_TRACE_FEXIT:
		return BPF_TRAMP_FEXIT;
	case BPF_LSM_MAC:
		/* hooks without a result only look */
		return prog->aux->attach_func_proto->type ? BPF_TRAMP_FMOD_RET : BPF_TRAMP_FEXIT;
	default:
		return BPF_TRAMP_FMOD_RET;
	}
}

static int tracing_connect(struct bpf_tracing_link *tl, struct bpf_trampoline *tr)
{
	struct bpf_prog *prog = tl->link.prog;

	if (prog->type == BPF_PROG_TYPE_EXT)
		return bpf_trampoline_replace(tr, prog);
	return bpf_trampoline_link(tr, prog, tracing_kind(prog), tl->cookie);
}

static void tracing_disconnect(struct bpf_tracing_link *tl)
{
	struct bpf_prog *prog = tl->link.prog;

	mutex_lock(&tl->lock);
	if (tl->tr) {
		if (prog->type == BPF_PROG_TYPE_EXT)
			bpf_trampoline_restore(tl->tr, prog);
		else
			bpf_trampoline_unlink(tl->tr, prog);
		bpf_trampoline_put(tl->tr);
		tl->tr = NULL;
	}
	mutex_unlock(&tl->lock);
}

static void tracing_release(struct bpf_link *link)
{
	tracing_disconnect(to_tracing(link));
}

static void tracing_dealloc(struct bpf_link *link)
{
	kfree(to_tracing(link));
}

static int tracing_detach(struct bpf_link *link)
{
	tracing_disconnect(to_tracing(link));
	return 0;
}

/* Does the new program expect just what the old one got? */
static bool same_target(const struct bpf_prog *a, const struct bpf_prog *b)
{
	return a->type == b->type && a->expected_attach_type == b->expected_attach_type &&
	       a->aux->dst_prog == b->aux->dst_prog &&
	       a->aux->attach_btf == b->aux->attach_btf &&
	       a->aux->attach_btf_id == b->aux->attach_btf_id;
}

static int tracing_update(struct bpf_link *link, struct bpf_prog *new_prog,
			  struct bpf_prog *old_prog)
{
	struct bpf_tracing_link *tl = to_tracing(link);
	struct bpf_prog *prev;
	int err = 0;

	mutex_lock(&tl->lock);
	prev = link->prog;
	if (!tl->tr)
		err = -ENOLINK;
	else if (old_prog && old_prog != prev)
		err = -EPERM;
	else if (prev->type == BPF_PROG_TYPE_EXT || !same_target(prev, new_prog))
		err = -EINVAL;
	else if (prev != new_prog)
		err = bpf_trampoline_swap(tl->tr, prev, new_prog);
	if (!err) {
		link->prog = new_prog;
		bpf_prog_put(prev);
	}
	mutex_unlock(&tl->lock);
	return err;
}

static void tracing_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	const struct bpf_tracing_link *tl = to_tracing(link);

	seq_printf(seq, "attach_type:\t%u\ntarget_obj_id:\t%u\ntarget_btf_id:\t%u\n",
		   tl->attach_type, tl->obj_id, tl->btf_id);
}

static int tracing_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct bpf_tracing_link *tl = to_tracing(link);

	info->tracing.attach_type = tl->attach_type;
	info->tracing.target_obj_id = tl->obj_id;
	info->tracing.target_btf_id = tl->btf_id;
	return 0;
}

static const struct bpf_link_ops tracing_link_ops = {
	.release = tracing_release,
	.dealloc = tracing_dealloc,
	.detach = tracing_detach,
	.update_prog = tracing_update,
	.show_fdinfo = tracing_show_fdinfo,
	.fill_link_info = tracing_fill_info,
};

/* ------------------------------------------------------------------ attaching */

static int tracing_attach(const struct bpf_attach_target *target, struct bpf_prog *prog, u64 cookie)
{
	struct bpf_link_primer primer;
	struct bpf_trampoline *tr;
	struct bpf_tracing_link *tl;
	int err;

	tr = bpf_trampoline_get(target);
	if (IS_ERR(tr))
		return PTR_ERR(tr);
	tl = kzalloc(sizeof(*tl), GFP_USER | __GFP_ACCOUNT);
	if (!tl) {
		err = -ENOMEM;
		goto put_tr;
	}
	bpf_link_init(&tl->link, BPF_LINK_TYPE_TRACING, &tracing_link_ops, prog);
	mutex_init(&tl->lock);
	tl->attach_type = prog->expected_attach_type;
	tl->obj_id = target->prog ? target->prog->aux->id : btf_obj_id(target->btf);
	tl->btf_id = target->btf_id;
	tl->cookie = cookie;
	err = bpf_link_prime(&tl->link, &primer);
	if (err) {
		kfree(tl);
		goto put_tr;
	}
	err = tracing_connect(tl, tr);
	if (err) {
		bpf_link_cleanup(&primer);
		goto put_tr;
	}
	tl->tr = tr;
	return bpf_link_settle(&primer);

put_tr:
	bpf_trampoline_put(tr);
	return err;
}

/* The function that the call names, or the one that the program was loaded for. */
static int tracing_find(const union bpf_attr *attr, struct bpf_prog *prog,
			struct bpf_attach_target *target, struct bpf_prog **dst)
{
	u32 fd = attr->link_create.target_fd, btf_id = attr->link_create.target_btf_id;

	*dst = NULL;
	if (!fd != !btf_id)
		return -EINVAL;
	if (!fd)
		return bpf_attach_target_resolve(prog, prog->aux->dst_prog,
						 prog->aux->attach_btf_id, target, NULL, 0);
	/* Only extensions are as good for another function of the same prototype. */
	if (prog->type != BPF_PROG_TYPE_EXT)
		return -EINVAL;
	*dst = bpf_prog_get(fd);
	if (IS_ERR(*dst)) {
		int err = PTR_ERR(*dst);

		*dst = NULL;
		return err;
	}
	/* It was verified for the context and the helpers of this type. */
	if ((*dst)->type != prog->aux->saved_dst_prog_type ||
	    (*dst)->expected_attach_type != prog->aux->saved_dst_attach_type ||
	    (*dst)->sleepable != prog->sleepable)
		return -EINVAL;
	return bpf_attach_target_resolve(prog, *dst, btf_id, target, NULL, 0);
}

static int tracing_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_attach_target target;
	struct bpf_prog *dst;
	int ret;

	if (attr->link_create.flags)
		return -EINVAL;
	/* It would stand where nobody comes by. */
	if (prog->type == BPF_PROG_TYPE_LSM && !bpf_lsm_is_active())
		return -EOPNOTSUPP;
	ret = tracing_find(attr, prog, &target, &dst);
	if (!ret) {
		ret = tracing_attach(&target, prog, attr->link_create.tracing.cookie);
		bpf_attach_target_put(&target);
	}
	if (dst)
		bpf_prog_put(dst);
	return ret;
}

const struct bpf_attach_ops bpf_tracing_attach_ops = {
	.link_create = tracing_link_create,
};
