// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TEST_RUN of socket filters, classifiers and actions, and flow dissectors. */
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/flow_dissector.h>
#include <net/sock.h>

#include "net_bpf.h"
#include "sets.h"
#include "test_run.h"

#define HEADROOM	(NET_SKB_PAD + NET_IP_ALIGN)
#define TAILROOM	SKB_DATA_ALIGN(sizeof(struct skb_shared_info))

static struct proto test_proto = {
	.name		= "bpf_test",
	.owner		= THIS_MODULE,
	.obj_size	= sizeof(struct sock),
};

/* Copies a range of the packet to user space. */
static int skb_to_user(const struct sk_buff *skb, void __user *to, u32 len)
{
	u32 at, n;
	u8 buf[64];

	for (at = 0; at < len; at += n) {
		n = min_t(u32, len - at, sizeof(buf));
		if (skb_copy_bits(skb, at, buf, n) || copy_to_user(to + at, buf, n))
			return -EFAULT;
	}
	return 0;
}

/* Packet and numbers; -ENOSPC where the packet was cut, with all the rest as it should be. */
static int skb_finish(const struct sk_buff *skb, const union bpf_attr *kattr,
		      union bpf_attr __user *uattr, u32 retval, u32 duration)
{
	void __user *out = u64_to_user_ptr(kattr->test.data_out);
	u32 copy = skb->len;
	int err;

	if (kattr->test.data_size_out && kattr->test.data_size_out < copy)
		copy = kattr->test.data_size_out;
	if (kattr->test.data_out && skb_to_user(skb, out, copy))
		return -EFAULT;
	err = test_result(uattr, skb->len, retval, duration);
	if (err)
		return err;
	return kattr->test.data_out && copy < skb->len ? -ENOSPC : 0;
}

/* ------------------------------------------------------------------ struct __sk_buff */

#define SKB_END(member)	offsetofend(struct __sk_buff, member)
#define SKB_OFF(member)	offsetof(struct __sk_buff, member)

/* Fields that a caller may set stand between these gaps. */
static bool ctx_check(const struct __sk_buff *ctx)
{
	return test_is_zero(ctx, 0, SKB_OFF(mark)) &&
	       test_is_zero(ctx, SKB_END(mark), SKB_OFF(priority)) &&
	       test_is_zero(ctx, SKB_END(ifindex), SKB_OFF(cb)) &&
	       test_is_zero(ctx, SKB_END(cb), SKB_OFF(tstamp)) &&
	       test_is_zero(ctx, SKB_END(gso_segs), SKB_OFF(gso_size)) &&
	       test_is_zero(ctx, SKB_END(gso_size), SKB_OFF(hwtstamp)) &&
	       test_is_zero(ctx, SKB_END(hwtstamp), sizeof(*ctx));
}

static int ctx_to_skb(struct sk_buff *skb, const struct __sk_buff *ctx)
{
	struct qdisc_skb_cb *cb = qdisc_skb_cb(skb);

	if (!ctx) {
		cb->pkt_len = skb->len;
		return 0;
	}
	if (!ctx_check(ctx) || ctx->gso_segs > GSO_MAX_SEGS ||
	    (ctx->wire_len && (ctx->wire_len < skb->len || ctx->wire_len > GSO_LEGACY_MAX_SIZE)))
		return -EINVAL;

	skb->mark = ctx->mark;
	skb->skb_iif = ctx->ingress_ifindex;
	skb->priority = ctx->priority;
	skb->tstamp = ctx->tstamp;
	memcpy(cb->data, ctx->cb, sizeof(ctx->cb));
	cb->pkt_len = ctx->wire_len ?: skb->len;
	skb_shinfo(skb)->gso_segs = ctx->gso_segs;
	skb_shinfo(skb)->gso_size = ctx->gso_size;
	skb_shinfo(skb)->hwtstamps.hwtstamp = ctx->hwtstamp;
	return 0;
}

static void skb_to_ctx(const struct sk_buff *skb, struct __sk_buff *ctx)
{
	const struct qdisc_skb_cb *cb = qdisc_skb_cb(skb);

	if (!ctx)
		return;
	ctx->mark = skb->mark;
	ctx->priority = skb->priority;
	ctx->ingress_ifindex = skb->skb_iif;
	ctx->ifindex = skb->dev->ifindex;
	ctx->tstamp = skb->tstamp;
	memcpy(ctx->cb, cb->data, sizeof(ctx->cb));
	ctx->wire_len = cb->pkt_len;
	ctx->gso_segs = skb_shinfo(skb)->gso_segs;
	ctx->hwtstamp = skb_shinfo(skb)->hwtstamps.hwtstamp;
}

/* ------------------------------------------------------------------ the packet */

/* A socket that the packet pretends to come from. */
static struct sock *test_sock(struct net *net)
{
	struct sock *sk = sk_alloc(net, AF_UNSPEC, GFP_USER, &test_proto, 1);

	if (sk)
		sock_init_data(NULL, sk);
	return sk;
}

static void sock_addresses(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		sk->sk_family = AF_INET;
		if (skb_headlen(skb) >= sizeof(struct iphdr)) {
			sk->sk_rcv_saddr = ip_hdr(skb)->saddr;
			sk->sk_daddr = ip_hdr(skb)->daddr;
		}
		break;
#if IS_ENABLED(CONFIG_IPV6)
	case htons(ETH_P_IPV6):
		sk->sk_family = AF_INET6;
		if (skb_headlen(skb) >= sizeof(struct ipv6hdr)) {
			sk->sk_v6_rcv_saddr = ipv6_hdr(skb)->saddr;
			sk->sk_v6_daddr = ipv6_hdr(skb)->daddr;
		}
		break;
#endif
	default:
		break;
	}
}

/* What does not fit into the first page: pages. */
static int skb_frags_in(struct sk_buff *skb, const union bpf_attr *kattr)
{
	u32 done = skb->len, more = kattr->test.data_size_in - done;
	int err = test_frags_in(kattr, done, skb_shinfo(skb));

	skb->data_len = more;
	skb->len += more;
	skb->truesize += skb_shinfo(skb)->nr_frags * PAGE_SIZE;
	return err;
}

/* Takes @data over in any case. */
static struct sk_buff *test_skb(void *data, u32 size, const union bpf_attr *kattr,
				struct sock *sk, struct net_device *dev)
{
	struct sk_buff *skb = slab_build_skb(data);
	int err;

	if (!skb) {
		kfree(data);
		return ERR_PTR(-ENOMEM);
	}
	skb->sk = sk;
	skb_reserve(skb, HEADROOM);
	__skb_put(skb, size);
	err = skb_frags_in(skb, kattr);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	sock_addresses(skb);
	return skb;
}

static bool is_tc(const struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_SCHED_CLS || prog->type == BPF_PROG_TYPE_SCHED_ACT;
}

static u32 once(const struct bpf_prog *prog, void *arg)
{
	struct sk_buff *skb = arg;

	bpf_compute_data_pointers(skb);
	return bpf_prog_run(prog, skb);
}

static struct net_device *test_dev(struct net *net, const struct __sk_buff *ctx)
{
	struct net_device *dev = net->loopback_dev;

	if (!ctx || !ctx->ifindex || ctx->ifindex == dev->ifindex) {
		dev_hold(dev);
		return dev;
	}
	return dev_get_by_index(net, ctx->ifindex);
}

/*
 * BPF_F_TEST_SKB_CHECKSUM_COMPLETE: the packet comes with a sum of all from its network header on,
 * as a device may give one, and the programs have to leave it right.
 */
static __wsum skb_sum(const struct sk_buff *skb)
{
	int off = skb_network_offset(skb);

	return skb_checksum(skb, off, skb->len - off, 0);
}

static void csum_complete(struct sk_buff *skb)
{
	skb->csum = skb_sum(skb);
	skb->ip_summed = CHECKSUM_COMPLETE;
}

static int csum_check(const struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE && csum_fold(skb->csum) != csum_fold(skb_sum(skb)))
		return -EBADMSG;
	return 0;
}

static int run_skb(struct bpf_prog *prog, struct sk_buff *skb, struct __sk_buff *ctx,
		   const union bpf_attr *kattr, union bpf_attr __user *uattr)
{
	u32 retval, duration;
	int err, ctx_err;

	/* Classifiers see the link-layer header, socket filters do not. */
	if (is_tc(prog))
		__skb_push(skb, ETH_HLEN);
	err = ctx_to_skb(skb, ctx);
	if (err)
		return err;
	if (kattr->test.flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE)
		csum_complete(skb);
	err = test_repeat(prog, kattr->test.repeat, once, skb, &retval, &duration);
	if (!err && kattr->test.flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE)
		err = csum_check(skb);
	if (err)
		return err;

	if (!is_tc(prog))
		memset(__skb_push(skb, ETH_HLEN), 0, ETH_HLEN);
	skb_to_ctx(skb, ctx);
	err = skb_finish(skb, kattr, uattr, retval, duration);
	if (err && err != -ENOSPC)
		return err;
	ctx_err = test_ctx_out(kattr, uattr, ctx, sizeof(*ctx));
	return ctx_err ?: err;
}

/**
 * bpf_skb_test_run - BPF_PROG_TEST_RUN of a program on packets
 * @prog: socket filter, classifier or action
 * @kattr: attributes
 * @uattr: user space's
 *
 * Context: process; may sleep. Return: 0, -EINVAL, -E2BIG, -ENODEV, -ENOMEM, -EFAULT, -EINTR;
 * -ENOSPC where the packet or context did not fit; -EBADMSG where the program left a complete
 * checksum wrong.
 */
int bpf_skb_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		     union bpf_attr __user *uattr)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev;
	struct __sk_buff *ctx;
	struct sk_buff *skb;
	int err = -ENOMEM;
	struct sock *sk;
	void *data;
	u32 size;

	if (kattr->test.flags & ~BPF_F_TEST_SKB_CHECKSUM_COMPLETE || kattr->test.cpu ||
	    kattr->test.batch_size)
		return -EINVAL;
	size = test_linear(kattr, HEADROOM + TAILROOM);
	data = test_data_in(kattr, HEADROOM, size);
	if (IS_ERR(data))
		return PTR_ERR(data);
	ctx = test_ctx_in(kattr, sizeof(*ctx));
	if (IS_ERR(ctx)) {
		kfree(data);
		return PTR_ERR(ctx);
	}
	dev = test_dev(net, ctx);
	if (!dev) {
		err = -ENODEV;
		goto free_data;
	}
	sk = test_sock(net);
	if (!sk)
		goto put_dev;
	skb = test_skb(data, size, kattr, sk, dev);
	data = NULL;
	err = PTR_ERR_OR_ZERO(skb);
	if (!err) {
		err = run_skb(prog, skb, ctx, kattr, uattr);
		kfree_skb(skb);
	}
	sk_free(sk);
put_dev:
	dev_put(dev);
free_data:
	kfree(data);
	kfree(ctx);
	return err;
}

/* ------------------------------------------------------------------ flow dissectors */

struct dissect_run {
	struct bpf_flow_dissector ctx;
	struct bpf_flow_keys keys;
	const struct ethhdr *eth;
	u32 size;
	u32 flags;
};

static u32 dissect_once(const struct bpf_prog *prog, void *arg)
{
	struct dissect_run *run = arg;

	return bpf_flow_dissect((struct bpf_prog *)prog, &run->ctx, run->eth->h_proto, ETH_HLEN,
				run->size, run->flags);
}

static int dissect_finish(const struct dissect_run *run, const union bpf_attr *kattr,
			  union bpf_attr __user *uattr, u32 retval, u32 duration)
{
	u32 size = sizeof(run->keys), copy = size;
	int err;

	if (kattr->test.data_size_out && kattr->test.data_size_out < copy)
		copy = kattr->test.data_size_out;
	if (kattr->test.data_out &&
	    copy_to_user(u64_to_user_ptr(kattr->test.data_out), &run->keys, copy))
		return -EFAULT;
	err = test_result(uattr, size, retval, duration);
	return err ?: kattr->test.data_out && copy < size ? -ENOSPC : 0;
}

/**
 * bpf_dissector_test_run - BPF_PROG_TEST_RUN of a flow dissector
 * @prog: the program
 * @kattr: attributes; the context is a struct bpf_flow_keys of which only flags may be set
 * @uattr: user space's; the data that comes out is struct bpf_flow_keys
 *
 * Context: process; may sleep. Return: as bpf_skb_test_run().
 */
int bpf_dissector_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			   union bpf_attr __user *uattr)
{
	struct bpf_flow_keys *user;
	struct dissect_run run = {};
	u32 retval, duration;
	void *data;
	int err;

	if (kattr->test.flags || kattr->test.cpu || kattr->test.batch_size || kattr->test.ctx_out ||
	    kattr->test.data_size_in > PAGE_SIZE)
		return -EINVAL;
	data = test_data_in(kattr, 0, kattr->test.data_size_in);
	if (IS_ERR(data))
		return PTR_ERR(data);
	user = test_ctx_in(kattr, sizeof(*user));
	if (IS_ERR(user)) {
		kfree(data);
		return PTR_ERR(user);
	}

	err = -EINVAL;
	if (user && (!test_is_zero(user, 0, offsetof(struct bpf_flow_keys, flags)) ||
		     !test_is_zero(user, offsetofend(struct bpf_flow_keys, flags), sizeof(*user))))
		goto free;
	run.flags = user ? user->flags : 0;
	run.eth = data;
	run.size = kattr->test.data_size_in;
	run.ctx.flow_keys = &run.keys;
	run.ctx.data = data;
	run.ctx.data_end = data + run.size;

	err = test_repeat(prog, kattr->test.repeat, dissect_once, &run, &retval, &duration);
	if (!err)
		err = dissect_finish(&run, kattr, uattr, retval, duration);
free:
	kfree(user);
	kfree(data);
	return err;
}
