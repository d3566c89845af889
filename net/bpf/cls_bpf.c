// SPDX-License-Identifier: GPL-2.0
/*
 * The tc classifier "bpf": programs, classic or loaded, that classify packets, and in direct action
 * mode also say what becomes of them.
 */
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <net/pkt_cls.h>
#include <net/sch_generic.h>
#include <net/tc_wrapper.h>

#include "tc_prog.h"

/* Programs of one priority. */
struct cls_head {
	struct list_head filters;
	struct idr handles;
	struct rcu_head rcu;
};

/**
 * struct cls_filter - one program
 * @p: the program
 * @link: in cls_head.filters
 * @res: class by configuration
 * @exts: actions
 * @direct: what the program returns is the action
 * @gen_flags: TCA_CLS_FLAGS_*
 * @handle: number for the user
 * @tp: the classifier it belongs to
 * @rwork: frees it after readers
 */
struct cls_filter {
	struct tc_prog p;
	struct list_head link;
	struct tcf_result res;
	struct tcf_exts exts;
	bool direct;
	u32 gen_flags;
	u32 handle;
	struct tcf_proto *tp;
	struct rcu_work rwork;
};

static const struct tc_prog_attrs cls_attrs = {
	.ops_len	= TCA_BPF_OPS_LEN,
	.ops		= TCA_BPF_OPS,
	.fd		= TCA_BPF_FD,
	.name		= TCA_BPF_NAME,
	.tag		= TCA_BPF_TAG,
	.id		= TCA_BPF_ID,
};

static const struct nla_policy cls_policy[TCA_BPF_MAX + 1] = {
	[TCA_BPF_CLASSID]	= { .type = NLA_U32 },
	[TCA_BPF_FLAGS]		= { .type = NLA_U32 },
	[TCA_BPF_FLAGS_GEN]	= { .type = NLA_U32 },
	[TCA_BPF_FD]		= { .type = NLA_U32 },
	[TCA_BPF_NAME]		= { .type = NLA_NUL_STRING, .len = TC_PROG_NAME_LEN },
	[TCA_BPF_OPS_LEN]	= { .type = NLA_U16 },
	[TCA_BPF_OPS]		= { .type = NLA_BINARY,
				    .len = sizeof(struct sock_filter) * BPF_MAXINSNS },
};

/* ------------------------------------------------------------------ packets */

/* Direct action: what of a program's result counts as an action. */
static int direct_action(int ret)
{
	switch (ret) {
	case TC_ACT_OK:
	case TC_ACT_SHOT:
	case TC_ACT_STOLEN:
	case TC_ACT_TRAP:
	case TC_ACT_REDIRECT:
		return ret;
	default:
		return TC_ACT_UNSPEC;
	}
}

/* One filter's verdict; negative: ask the next. */
static int filter_classify(struct sk_buff *skb, struct cls_filter *f, struct tcf_result *res)
{
	int ret;

	qdisc_skb_cb(skb)->tc_classid = f->res.classid;
	ret = tc_prog_run(f->p.prog, skb);

	if (f->direct) {
		res->class = 0;
		res->classid = TC_H_MAJ(f->res.classid) | qdisc_skb_cb(skb)->tc_classid;
		return direct_action(ret);
	}
	if (!ret)
		return -1;
	if (ret == -1) {
		*res = f->res;
	} else {
		res->class = 0;
		res->classid = ret;
	}
	return tcf_exts_exec(skb, &f->exts, res);
}

TC_INDIRECT_SCOPE int cls_bpf_classify(struct sk_buff *skb, const struct tcf_proto *tp,
				       struct tcf_result *res)
{
	struct cls_head *head = rcu_dereference_bh(tp->root);
	struct cls_filter *f;
	int ret = -1;

	list_for_each_entry_rcu(f, &head->filters, link) {
		ret = filter_classify(skb, f, res);
		if (ret >= 0)
			break;
	}
	return ret;
}

/* ------------------------------------------------------------------ filters */

static void filter_free(struct cls_filter *f)
{
	tcf_exts_destroy(&f->exts);
	tcf_exts_put_net(&f->exts);
	tc_prog_free(&f->p);
	kfree(f);
}

static void filter_free_work(struct work_struct *work)
{
	rtnl_lock();
	filter_free(container_of(to_rcu_work(work), struct cls_filter, rwork));
	rtnl_unlock();
}

/* Packets may still be in it. */
static void filter_retire(struct cls_filter *f)
{
	tcf_exts_get_net(&f->exts);
	tcf_queue_work(&f->rwork, filter_free_work);
}

static int parse_flags(struct cls_filter *f, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	u32 flags;

	if (tb[TCA_BPF_FLAGS]) {
		flags = nla_get_u32(tb[TCA_BPF_FLAGS]);
		if (flags & ~TCA_BPF_FLAG_ACT_DIRECT)
			return -EINVAL;
		f->direct = flags & TCA_BPF_FLAG_ACT_DIRECT;
	}
	if (tb[TCA_BPF_FLAGS_GEN]) {
		flags = nla_get_u32(tb[TCA_BPF_FLAGS_GEN]);
		if (flags & ~(TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW) ||
		    !tc_flags_valid(flags))
			return -EINVAL;
		if (tc_skip_sw(flags)) {
			NL_SET_ERR_MSG(extack, "No device takes programs over");
			return -EOPNOTSUPP;
		}
		f->gen_flags = flags;
	}
	f->gen_flags |= TCA_CLS_FLAGS_NOT_IN_HW;
	return 0;
}

/* Fills a new filter in from a request; what was taken is undone by filter_free(). */
static int filter_parse(struct net *net, struct tcf_proto *tp, struct cls_filter *f,
			struct nlattr **tb, struct nlattr *rate, u32 flags,
			struct netlink_ext_ack *extack)
{
	int err;

	err = parse_flags(f, tb, extack);
	if (!err)
		err = tcf_exts_validate(net, tp, tb, rate, &f->exts, flags, extack);
	if (!err)
		err = tc_prog_parse(&f->p, tb, &cls_attrs, BPF_PROG_TYPE_SCHED_CLS);
	if (err)
		return err;

	if (tb[TCA_BPF_CLASSID])
		f->res.classid = nla_get_u32(tb[TCA_BPF_CLASSID]);
	if (f->p.prog->dst_needed)
		tcf_block_netif_keep_dst(tp->chain->block);
	return 0;
}

static int handle_alloc(struct cls_head *head, struct cls_filter *f, u32 handle)
{
	u32 max = handle ?: INT_MAX;
	int err;

	f->handle = handle ?: 1;
	err = idr_alloc_u32(&head->handles, f, &f->handle, max, GFP_KERNEL);
	return err;
}

static void filter_publish(struct cls_head *head, struct tcf_proto *tp, struct cls_filter *f,
			   struct cls_filter *old, unsigned long base, bool bind)
{
	if (bind)
		tcf_bind_filter(tp, &f->res, base);
	tcf_proto_update_usesw(tp, f->gen_flags);
	if (!old) {
		list_add_rcu(&f->link, &head->filters);
		return;
	}
	idr_replace(&head->handles, f, f->handle);
	list_replace_rcu(&old->link, &f->link);
	tcf_unbind_filter(tp, &old->res);
	filter_retire(old);
}

static int cls_bpf_change(struct net *net, struct sk_buff *in_skb, struct tcf_proto *tp,
			  unsigned long base, u32 handle, struct nlattr **tca, void **arg,
			  u32 flags, struct netlink_ext_ack *extack)
{
	struct cls_head *head = rtnl_dereference(tp->root);
	struct nlattr *tb[TCA_BPF_MAX + 1];
	struct cls_filter *old = *arg, *f;
	int err;

	if (!tca[TCA_OPTIONS])
		return -EINVAL;
	if (old && handle && old->handle != handle)
		return -EINVAL;
	err = nla_parse_nested_deprecated(tb, TCA_BPF_MAX, tca[TCA_OPTIONS], cls_policy, NULL);
	if (err < 0)
		return err;

	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOBUFS;
	f->tp = tp;
	err = tcf_exts_init(&f->exts, net, TCA_BPF_ACT, TCA_BPF_POLICE);
	if (err)
		goto free;
	err = filter_parse(net, tp, f, tb, tca[TCA_RATE], flags, extack);
	if (err)
		goto free;

	if (old)
		f->handle = old->handle;
	else
		err = handle_alloc(head, f, handle);
	if (err)
		goto free;
	filter_publish(head, tp, f, old, base, tb[TCA_BPF_CLASSID]);
	*arg = f;
	return 0;

free:
	tcf_exts_destroy(&f->exts);
	tc_prog_free(&f->p);
	kfree(f);
	return err;
}

static void filter_delete(struct tcf_proto *tp, struct cls_head *head, struct cls_filter *f)
{
	idr_remove(&head->handles, f->handle);
	list_del_rcu(&f->link);
	tcf_unbind_filter(tp, &f->res);
	if (tcf_exts_get_net(&f->exts))
		tcf_queue_work(&f->rwork, filter_free_work);
	else
		filter_free(f);
}

static int cls_bpf_delete(struct tcf_proto *tp, void *arg, bool *last, bool rtnl_held,
			  struct netlink_ext_ack *extack)
{
	struct cls_head *head = rtnl_dereference(tp->root);

	filter_delete(tp, head, arg);
	*last = list_empty(&head->filters);
	return 0;
}

/* ------------------------------------------------------------------ the classifier */

static int cls_bpf_init(struct tcf_proto *tp)
{
	struct cls_head *head = kzalloc(sizeof(*head), GFP_KERNEL);

	if (!head)
		return -ENOBUFS;
	INIT_LIST_HEAD(&head->filters);
	idr_init(&head->handles);
	rcu_assign_pointer(tp->root, head);
	return 0;
}

static void cls_bpf_destroy(struct tcf_proto *tp, bool rtnl_held, struct netlink_ext_ack *extack)
{
	struct cls_head *head = rtnl_dereference(tp->root);
	struct cls_filter *f, *next;

	list_for_each_entry_safe(f, next, &head->filters, link)
		filter_delete(tp, head, f);
	idr_destroy(&head->handles);
	kfree_rcu(head, rcu);
}

static void *cls_bpf_get(struct tcf_proto *tp, u32 handle)
{
	struct cls_head *head = rtnl_dereference(tp->root);

	return idr_find(&head->handles, handle);
}

static void cls_bpf_walk(struct tcf_proto *tp, struct tcf_walker *arg, bool rtnl_held)
{
	struct cls_head *head = rtnl_dereference(tp->root);
	struct cls_filter *f;

	list_for_each_entry(f, &head->filters, link) {
		if (!tc_cls_stats_dump(tp, arg, f))
			break;
	}
}

static void cls_bpf_bind_class(void *fh, u32 classid, unsigned long cl, void *q,
			       unsigned long base)
{
	struct cls_filter *f = fh;

	tc_cls_bind_class(classid, cl, q, &f->res, base);
}

static int dump_options(const struct cls_filter *f, struct sk_buff *skb)
{
	if (f->res.classid && nla_put_u32(skb, TCA_BPF_CLASSID, f->res.classid))
		return -EMSGSIZE;
	if (tc_prog_dump(&f->p, skb, &cls_attrs))
		return -EMSGSIZE;
	if (tcf_exts_dump(skb, (struct tcf_exts *)&f->exts) < 0)
		return -EMSGSIZE;
	if (f->direct && nla_put_u32(skb, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT))
		return -EMSGSIZE;
	return nla_put_u32(skb, TCA_BPF_FLAGS_GEN, f->gen_flags);
}

static int cls_bpf_dump(struct net *net, struct tcf_proto *tp, void *fh, struct sk_buff *skb,
			struct tcmsg *t, bool rtnl_held)
{
	struct cls_filter *f = fh;
	struct nlattr *nest;

	if (!f)
		return skb->len;
	t->tcm_handle = f->handle;
	nest = nla_nest_start_noflag(skb, TCA_OPTIONS);
	if (!nest)
		return -1;
	if (dump_options(f, skb)) {
		nla_nest_cancel(skb, nest);
		return -1;
	}
	nla_nest_end(skb, nest);
	return tcf_exts_dump_stats(skb, &f->exts) < 0 ? -1 : skb->len;
}

static struct tcf_proto_ops cls_bpf_ops __read_mostly = {
	.kind		= "bpf",
	.owner		= THIS_MODULE,
	.classify	= cls_bpf_classify,
	.init		= cls_bpf_init,
	.destroy	= cls_bpf_destroy,
	.get		= cls_bpf_get,
	.change		= cls_bpf_change,
	.delete		= cls_bpf_delete,
	.walk		= cls_bpf_walk,
	.dump		= cls_bpf_dump,
	.bind_class	= cls_bpf_bind_class,
};
MODULE_ALIAS_NET_CLS("bpf");

static int __init cls_bpf_init_mod(void)
{
	return register_tcf_proto_ops(&cls_bpf_ops);
}
device_initcall(cls_bpf_init_mod);
