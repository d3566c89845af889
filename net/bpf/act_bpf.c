// SPDX-License-Identifier: GPL-2.0
/* The tc action "bpf": a program, classic or loaded, that decides what becomes of a packet. */
#include <linux/module.h>
#include <linux/tc_act/tc_bpf.h>
#include <net/act_api.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/pkt_cls.h>
#include <net/sock.h>
#include <net/tc_act/tc_bpf.h>
#include <net/tc_wrapper.h>

#include "tc_prog.h"

static const struct tc_prog_attrs act_attrs = {
	.ops_len	= TCA_ACT_BPF_OPS_LEN,
	.ops		= TCA_ACT_BPF_OPS,
	.fd		= TCA_ACT_BPF_FD,
	.name		= TCA_ACT_BPF_NAME,
	.tag		= TCA_ACT_BPF_TAG,
	.id		= TCA_ACT_BPF_ID,
};

static const struct nla_policy act_policy[TCA_ACT_BPF_MAX + 1] = {
	[TCA_ACT_BPF_PARMS]	= { .len = sizeof(struct tc_act_bpf) },
	[TCA_ACT_BPF_FD]	= { .type = NLA_U32 },
	[TCA_ACT_BPF_NAME]	= { .type = NLA_NUL_STRING, .len = TC_PROG_NAME_LEN },
	[TCA_ACT_BPF_OPS_LEN]	= { .type = NLA_U16 },
	[TCA_ACT_BPF_OPS]	= { .type = NLA_BINARY,
				    .len = sizeof(struct sock_filter) * BPF_MAXINSNS },
};

static struct tc_action_ops act_bpf_ops;

/* ------------------------------------------------------------------ packets */

TC_INDIRECT_SCOPE int tcf_bpf_act(struct sk_buff *skb, const struct tc_action *act,
				  struct tcf_result *res)
{
	struct tcf_bpf *b = to_bpf(act);
	int ret;

	tcf_lastuse_update(&b->tcf_tm);
	bstats_update(this_cpu_ptr(b->common.cpu_bstats), skb);

	ret = tc_prog_run(rcu_dereference_bh(b->filter), skb);
	/* A socket that the program assigned is for packets that go on. */
	if (ret != TC_ACT_OK && skb_sk_is_prefetched(skb))
		skb_orphan(skb);

	switch (ret) {
	case TC_ACT_PIPE:
	case TC_ACT_RECLASSIFY:
	case TC_ACT_OK:
	case TC_ACT_REDIRECT:
		return ret;
	case TC_ACT_SHOT:
		qstats_drop_inc(this_cpu_ptr(b->common.cpu_qstats));
		return ret;
	case TC_ACT_UNSPEC:
		return READ_ONCE(b->tcf_action);
	default:
		return TC_ACT_UNSPEC;
	}
}

/* ------------------------------------------------------------------ configuration */

/* The action's program, as the shared code has it; under tcf_lock, or when it is not visible. */
static void act_get_prog(const struct tcf_bpf *b, struct tc_prog *p)
{
	p->prog = rcu_dereference_protected(b->filter, 1);
	p->ops = b->bpf_ops;
	p->num_ops = b->bpf_ops ? b->bpf_num_ops : 0;
	p->name = (char *)b->bpf_name;
}

static void act_set_prog(struct tcf_bpf *b, const struct tc_prog *p)
{
	b->bpf_ops = p->ops;
	b->bpf_num_ops = p->num_ops;
	b->bpf_name = p->name;
	rcu_assign_pointer(b->filter, p->prog);
}

/* Gets the action of @index, or makes it. Returns 1 where it was there. */
static int act_find(struct net *net, struct tc_action_net *tn, u32 *index, struct nlattr *est,
		    struct tc_action **act, u32 flags)
{
	bool bind = flags & TCA_ACT_FLAGS_BIND;
	int ret = tcf_idr_check_alloc(tn, index, act, bind);

	if (ret)
		return ret;
	ret = tcf_idr_create(tn, *index, est, act, &act_bpf_ops, bind, true, flags);
	if (ret < 0)
		tcf_idr_cleanup(tn, *index);
	return ret;
}

/* Installs what a request asked for in the action; @p gets what was there. */
static int act_install(struct tc_action *act, struct tc_prog *p, const struct tc_act_bpf *parm,
		       struct tcf_proto *tp, struct netlink_ext_ack *extack)
{
	struct tcf_chain *goto_ch = NULL;
	struct tcf_bpf *b = to_bpf(act);
	struct tc_prog old;
	int err;

	err = tcf_action_check_ctrlact(parm->action, tp, &goto_ch, extack);
	if (err < 0)
		return err;

	spin_lock_bh(&b->tcf_lock);
	goto_ch = tcf_action_set_ctrlact(act, parm->action, goto_ch);
	act_get_prog(b, &old);
	act_set_prog(b, p);
	spin_unlock_bh(&b->tcf_lock);

	if (goto_ch)
		tcf_chain_put_by_act(goto_ch);
	*p = old;
	return 0;
}

static int tcf_bpf_init(struct net *net, struct nlattr *nla, struct nlattr *est,
			struct tc_action **act, struct tcf_proto *tp, u32 flags,
			struct netlink_ext_ack *extack)
{
	struct tc_action_net *tn = net_generic(net, act_bpf_ops.net_id);
	bool bind = flags & TCA_ACT_FLAGS_BIND;
	struct nlattr *tb[TCA_ACT_BPF_MAX + 1];
	struct tc_act_bpf *parm;
	struct tc_prog p = {};
	int existed, err;
	u32 index;

	if (!nla)
		return -EINVAL;
	err = nla_parse_nested_deprecated(tb, TCA_ACT_BPF_MAX, nla, act_policy, NULL);
	if (err < 0)
		return err;
	if (!tb[TCA_ACT_BPF_PARMS])
		return -EINVAL;
	parm = nla_data(tb[TCA_ACT_BPF_PARMS]);
	index = parm->index;

	existed = act_find(net, tn, &index, est, act, flags);
	if (existed < 0)
		return existed;
	if (existed && bind)
		return ACT_P_BOUND;

	err = -EEXIST;
	if (existed && !(flags & TCA_ACT_FLAGS_REPLACE))
		goto release;
	err = tc_prog_parse(&p, tb, &act_attrs, BPF_PROG_TYPE_SCHED_ACT);
	if (err)
		goto release;
	err = act_install(*act, &p, parm, tp, extack);
	if (err) {
		tc_prog_free(&p);
		goto release;
	}

	if (existed) {
		/* Packets may still be in the program before. */
		synchronize_rcu();
		tc_prog_free(&p);
		return 0;
	}
	return ACT_P_CREATED;

release:
	tcf_idr_release(*act, bind);
	return err;
}

static void tcf_bpf_cleanup(struct tc_action *act)
{
	struct tcf_bpf *b = to_bpf(act);
	struct tc_prog p;

	act_get_prog(b, &p);
	tc_prog_free(&p);
}

static int tcf_bpf_dump(struct sk_buff *skb, struct tc_action *act, int bind, int ref)
{
	unsigned char *tail = skb_tail_pointer(skb);
	struct tcf_bpf *b = to_bpf(act);
	struct tc_act_bpf opt = {
		.index		= b->tcf_index,
		.refcnt		= refcount_read(&b->tcf_refcnt) - ref,
		.bindcnt	= atomic_read(&b->tcf_bindcnt) - bind,
	};
	struct tc_prog p;
	struct tcf_t tm;
	int err;

	spin_lock_bh(&b->tcf_lock);
	opt.action = b->tcf_action;
	act_get_prog(b, &p);
	err = nla_put(skb, TCA_ACT_BPF_PARMS, sizeof(opt), &opt);
	if (!err)
		err = tc_prog_dump(&p, skb, &act_attrs);
	tcf_tm_dump(&tm, &b->tcf_tm);
	if (!err)
		err = nla_put_64bit(skb, TCA_ACT_BPF_TM, sizeof(tm), &tm, TCA_ACT_BPF_PAD);
	spin_unlock_bh(&b->tcf_lock);
	if (!err)
		return skb->len;
	nlmsg_trim(skb, tail);
	return -1;
}

static struct tc_action_ops act_bpf_ops __read_mostly = {
	.kind		= "bpf",
	.id		= TCA_ID_BPF,
	.owner		= THIS_MODULE,
	.act		= tcf_bpf_act,
	.dump		= tcf_bpf_dump,
	.cleanup	= tcf_bpf_cleanup,
	.init		= tcf_bpf_init,
	.size		= sizeof(struct tcf_bpf),
};
MODULE_ALIAS_NET_ACT("bpf");

static __net_init int act_bpf_init_net(struct net *net)
{
	struct tc_action_net *tn = net_generic(net, act_bpf_ops.net_id);

	return tc_action_net_init(net, tn, &act_bpf_ops);
}

static void __net_exit act_bpf_exit_net(struct list_head *nets)
{
	tc_action_net_exit(nets, act_bpf_ops.net_id);
}

static struct pernet_operations act_bpf_net_ops = {
	.init		= act_bpf_init_net,
	.exit_batch	= act_bpf_exit_net,
	.id		= &act_bpf_ops.net_id,
	.size		= sizeof(struct tc_action_net),
};

static int __init act_bpf_init_mod(void)
{
	return tcf_register_action(&act_bpf_ops, &act_bpf_net_ops);
}
device_initcall(act_bpf_init_mod);
