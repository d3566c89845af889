// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions on groups.
 *
 * An iterator holds references on where it began and where it stands: what it gave out lives until
 * it is asked again, wherever RCU sections begin and end meanwhile.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cfi.h>
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

/* Programs' view of it, as they find it in BTF. */
struct bpf_iter_css {
	__u64 __opaque[3];
} __aligned(8);

/* As the kernel fills it; @order is 0 where nothing more comes. */
struct iter_css {
	struct cgroup_subsys_state *start;
	struct cgroup_subsys_state *pos;
	u32 order;
	u32 unused;
};

static_assert(sizeof(struct iter_css) == sizeof(struct bpf_iter_css));

static struct cgroup_subsys_state *css_behind(const struct iter_css *s)
{
	switch (s->order) {
	case BPF_CGROUP_ITER_DESCENDANTS_PRE:
		return css_next_descendant_pre(s->pos, s->start);
	case BPF_CGROUP_ITER_DESCENDANTS_POST:
		return css_next_descendant_post(s->pos, s->start);
	case BPF_CGROUP_ITER_ANCESTORS_UP:
		return s->pos ? s->pos->parent : s->start;
	default:
		return NULL;
	}
}

/* Moves on; a group that dies just now is left out. */
static void iter_step(struct iter_css *s)
{
	struct cgroup_subsys_state *old = s->pos, *next;

	rcu_read_lock();
	next = css_behind(s);
	while (next && !css_tryget(next)) {
		s->pos = next;
		next = css_behind(s);
	}
	rcu_read_unlock();
	if (old)
		css_put(old);
	s->pos = next;
	if (!next)
		s->order = 0;
}

__bpf_kfunc_start_defs();

/**
 * bpf_cgroup_acquire - take a reference
 * @cgrp: group, trusted or under RCU
 *
 * Context: programs. Return: the group, or NULL where it is gone already.
 */
__bpf_kfunc struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp)
{
	return cgroup_tryget(cgrp) ? cgrp : NULL;
}

/**
 * bpf_cgroup_release - give a reference back
 * @cgrp: group
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cgroup_release(struct cgroup *cgrp)
{
	cgroup_put(cgrp);
}

/**
 * bpf_cgroup_release_dtor - the same for references that maps hold
 * @cgrp: group
 *
 * Context: any.
 */
__bpf_kfunc void bpf_cgroup_release_dtor(void *cgrp)
{
	cgroup_put(cgrp);
}

CFI_NOSEAL(bpf_cgroup_release_dtor);

/**
 * bpf_cgroup_ancestor - group above a group
 * @cgrp: group
 * @level: 0: the root
 *
 * Context: programs. Return: the group with a reference, NULL where there is none at this level.
 */
__bpf_kfunc struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level)
{
	struct cgroup *ancestor = cgroup_ancestor(cgrp, level);

	return ancestor && cgroup_tryget(ancestor) ? ancestor : NULL;
}

/**
 * bpf_cgroup_from_id - group by its id
 * @cgid: id
 *
 * Context: programs. Return: the group with a reference, or NULL.
 */
__bpf_kfunc struct cgroup *bpf_cgroup_from_id(u64 cgid)
{
	struct cgroup *cgrp = __cgroup_get_from_id(cgid);

	return IS_ERR(cgrp) ? NULL : cgrp;
}

/**
 * bpf_iter_css_new - begin with groups
 * @it: iterator
 * @start: where
 * @flags: BPF_CGROUP_ITER_DESCENDANTS_PRE, _POST or _ANCESTORS_UP
 *
 * Context: programs.
 * Return: 0; -EINVAL, -ENODEV where @start is gone: the iterator has nothing then.
 */
__bpf_kfunc int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start,
				 unsigned int flags)
{
	struct iter_css *s = (struct iter_css *)it;

	memset(s, 0, sizeof(*s));
	if (flags < BPF_CGROUP_ITER_DESCENDANTS_PRE || flags > BPF_CGROUP_ITER_ANCESTORS_UP)
		return -EINVAL;
	if (!css_tryget(start))
		return -ENODEV;
	s->start = start;
	s->order = flags;
	return 0;
}

/**
 * bpf_iter_css_next - the next group
 * @it: iterator
 *
 * Context: programs. Return: a group that lives until the next call, or NULL.
 */
__bpf_kfunc struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it)
{
	struct iter_css *s = (struct iter_css *)it;

	if (s->order)
		iter_step(s);
	return s->pos;
}

/**
 * bpf_iter_css_destroy - done with groups
 * @it: iterator
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_iter_css_destroy(struct bpf_iter_css *it)
{
	struct iter_css *s = (struct iter_css *)it;

	if (s->pos)
		css_put(s->pos);
	if (s->start)
		css_put(s->start);
	memset(s, 0, sizeof(*s));
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(cgroup_ids)
BTF_ID_FLAGS(func, bpf_cgroup_acquire, KF_ACQUIRE | KF_RCU | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_cgroup_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_cgroup_ancestor, KF_ACQUIRE | KF_RCU | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_cgroup_from_id, KF_ACQUIRE | KF_RET_NULL)
BTF_KFUNCS_END(cgroup_ids)

BTF_KFUNCS_START(iter_css_ids)
BTF_ID_FLAGS(func, bpf_iter_css_new, KF_ITER_NEW | KF_TRUSTED_ARGS | KF_RCU_PROTECTED)
BTF_ID_FLAGS(func, bpf_iter_css_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_css_destroy, KF_ITER_DESTROY)
BTF_KFUNCS_END(iter_css_ids)

static const struct btf_kfunc_id_set cgroup_set = {
	.owner = THIS_MODULE,
	.set = &cgroup_ids,
};

static const struct btf_kfunc_id_set iter_css_set = {
	.owner = THIS_MODULE,
	.set = &iter_css_ids,
};

BTF_ID_LIST(cgroup_dtor_ids)
BTF_ID(struct, cgroup)
BTF_ID(func, bpf_cgroup_release_dtor)

static int __init cgroup_kfuncs_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP,
		BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_CGROUP_SKB,
	};
	const struct btf_id_dtor_kfunc dtor = {
		.btf_id = cgroup_dtor_ids[0],
		.kfunc_btf_id = cgroup_dtor_ids[1],
	};
	int err;
	u32 i;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &iter_css_set);
	for (i = 0; !err && i < ARRAY_SIZE(types); i++)
		err = register_btf_kfunc_id_set(types[i], &cgroup_set);
	return err ?: register_btf_id_dtor_kfuncs(&dtor, 1, THIS_MODULE);
}
late_initcall(cgroup_kfuncs_init);
