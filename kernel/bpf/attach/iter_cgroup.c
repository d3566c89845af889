// SPDX-License-Identifier: GPL-2.0
/*
 * Iterator over control groups: one, its descendants in either order, or its ancestors.
 *
 * The walk holds the tree still for as long as one read lasts. Between reads it keeps the group
 * that comes next, from which it goes on wherever that stands then.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include "attach/iter_int.h"

struct bpf_iter__cgroup {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct cgroup *, cgroup);
};

DEFINE_BPF_ITER_FUNC(cgroup, struct bpf_iter_meta *meta, struct cgroup *cgroup)

/**
 * struct group_walk - a walk
 * @start: where it begins, with a reference
 * @order: which way it goes
 * @cur: the group that comes next, with a reference between reads; NULL: not begun, or over
 * @over: there is none
 */
struct group_walk {
	struct cgroup_subsys_state *start;
	enum bpf_cgroup_iter_order order;
	struct cgroup_subsys_state *cur;
	bool over;
};

static struct cgroup_subsys_state *group_first(const struct group_walk *walk)
{
	if (walk->order == BPF_CGROUP_ITER_DESCENDANTS_POST)
		return css_next_descendant_post(NULL, walk->start);
	return walk->start;
}

static struct cgroup_subsys_state *group_after(const struct group_walk *walk)
{
	switch (walk->order) {
	case BPF_CGROUP_ITER_DESCENDANTS_PRE:
		return css_next_descendant_pre(walk->cur, walk->start);
	case BPF_CGROUP_ITER_DESCENDANTS_POST:
		return css_next_descendant_post(walk->cur, walk->start);
	case BPF_CGROUP_ITER_ANCESTORS_UP:
		return walk->cur->parent;
	default:
		return NULL;
	}
}

static void *walk_start(struct seq_file *seq, loff_t *pos)
{
	struct group_walk *walk = seq->private;

	cgroup_lock();
	if (walk->over)
		return NULL;
	if (walk->cur)
		/* the tree keeps it now, or it is a corpse that leads on */
		css_put(walk->cur);
	else
		walk->cur = group_first(walk);
	walk->over = !walk->cur;
	return walk->cur;
}

static void *walk_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct group_walk *walk = seq->private;

	++*pos;
	walk->cur = walk->over ? NULL : group_after(walk);
	walk->over = !walk->cur;
	return walk->cur;
}

static int group_show(struct seq_file *seq, struct cgroup_subsys_state *css, bool in_stop)
{
	struct bpf_iter__cgroup ctx = {};
	struct bpf_iter_meta meta = {};
	struct bpf_prog *prog;

	meta.seq = seq;
	prog = bpf_iter_get_info(&meta, in_stop);
	/* offline groups are only on their way out of the tree */
	if (!prog || (css && !(css->flags & CSS_ONLINE)))
		return 0;
	ctx.meta = &meta;
	ctx.cgroup = css ? css->cgroup : NULL;
	return bpf_iter_run_prog(prog, &ctx);
}

/* A program that answers 1 has seen enough. */
static int walk_show(struct seq_file *seq, void *v)
{
	struct group_walk *walk = seq->private;

	if (group_show(seq, v, false))
		walk->over = true;
	return 0;
}

static void walk_stop(struct seq_file *seq, void *v)
{
	struct group_walk *walk = seq->private;

	if (!v)
		group_show(seq, NULL, true);
	else
		css_get(walk->cur);
	cgroup_unlock();
}

static const struct seq_operations walk_ops = {
	.start = walk_start,
	.next = walk_next,
	.stop = walk_stop,
	.show = walk_show,
};

static int walk_init(void *priv, struct bpf_iter_aux_info *aux)
{
	struct group_walk *walk = priv;

	walk->start = &aux->cgroup.start->self;
	walk->order = aux->cgroup.order;
	css_get(walk->start);
	return 0;
}

static void walk_fini(void *priv)
{
	struct group_walk *walk = priv;

	if (walk->cur)
		css_put(walk->cur);
	css_put(walk->start);
}

static const struct bpf_iter_seq_info walk_seq_info = {
	.seq_ops = &walk_ops,
	.init_seq_private = walk_init,
	.fini_seq_private = walk_fini,
	.seq_priv_size = sizeof(struct group_walk),
};

static const char *const orders[] = {
	[BPF_CGROUP_ITER_SELF_ONLY] = "self_only",
	[BPF_CGROUP_ITER_DESCENDANTS_PRE] = "descendants_pre",
	[BPF_CGROUP_ITER_DESCENDANTS_POST] = "descendants_post",
	[BPF_CGROUP_ITER_ANCESTORS_UP] = "ancestors_up",
};

static int walk_attach(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
		       struct bpf_iter_aux_info *aux)
{
	u32 order = linfo->cgroup.order, fd = linfo->cgroup.cgroup_fd;
	u64 id = linfo->cgroup.cgroup_id;
	struct cgroup *cgrp;

	if (order >= ARRAY_SIZE(orders) || !orders[order] || (fd && id))
		return -EINVAL;
	if (fd)
		cgrp = cgroup_v1v2_get_from_fd(fd);
	else if (id)
		cgrp = cgroup_get_from_id(id);
	else
		cgrp = cgroup_get_from_path("/");
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	aux->cgroup.start = cgrp;
	aux->cgroup.order = order;
	return 0;
}

static void walk_detach(struct bpf_iter_aux_info *aux)
{
	if (aux->cgroup.start)
		cgroup_put(aux->cgroup.start);
}

static void walk_show_fdinfo(const struct bpf_iter_aux_info *aux, struct seq_file *seq)
{
	seq_printf(seq, "cgroup_id:\t%llu\norder:\t%s\n", cgroup_id(aux->cgroup.start),
		   orders[aux->cgroup.order]);
}

static int walk_fill_info(const struct bpf_iter_aux_info *aux, struct bpf_link_info *info)
{
	info->iter.cgroup.order = aux->cgroup.order;
	info->iter.cgroup.cgroup_id = cgroup_id(aux->cgroup.start);
	return 0;
}

static struct bpf_iter_reg walk_reg = {
	.target = "cgroup",
	.attach_target = walk_attach,
	.detach_target = walk_detach,
	.show_fdinfo = walk_show_fdinfo,
	.fill_link_info = walk_fill_info,
	.ctx_arg_info_size = 1,
	.ctx_arg_info = {
		{ offsetof(struct bpf_iter__cgroup, cgroup), PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED },
	},
	.seq_info = &walk_seq_info,
};

BTF_ID_LIST_SINGLE(cgroup_ids, struct, cgroup)

static int __init iter_cgroup_init(void)
{
	BTF_TYPE_EMIT(struct bpf_iter__cgroup);
	walk_reg.ctx_arg_info[0].btf_id = cgroup_ids[0];
	return bpf_iter_reg_target(&walk_reg);
}
late_initcall(iter_cgroup_init);
