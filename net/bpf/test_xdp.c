// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TEST_RUN of XDP programs and of socket look-ups. */
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/uaccess.h>
#include <net/netdev_rx_queue.h>
#include <net/sock.h>
#include <net/xdp.h>

#include "net_bpf.h"
#include "sets.h"
#include "test_run.h"

#define TAILROOM SKB_DATA_ALIGN(sizeof(struct skb_shared_info))

/* The packet that all runs work on. */
struct xdp_run {
	struct xdp_buff xdp;
};

/* The receive queue that the packet pretends to come from. */
static int find_queue(struct net *net, const struct xdp_md *ctx, struct xdp_rxq_info **rxq,
		      struct net_device **dev)
{
	*dev = NULL;
	if (!ctx || (!ctx->ingress_ifindex && !ctx->rx_queue_index)) {
		*rxq = &__netif_get_rx_queue(net->loopback_dev, 0)->xdp_rxq;
		return 0;
	}
	if (!ctx->ingress_ifindex)
		return -EINVAL;
	*dev = dev_get_by_index(net, ctx->ingress_ifindex);
	if (!*dev)
		return -ENODEV;
	if (ctx->rx_queue_index < (*dev)->real_num_rx_queues) {
		*rxq = &__netif_get_rx_queue(*dev, ctx->rx_queue_index)->xdp_rxq;
		if (xdp_rxq_info_is_reg(*rxq))
			return 0;
	}
	dev_put(*dev);
	return -EINVAL;
}

/* In the context data, data_end are offsets from data_meta, which is 0. */
static int ctx_check(const struct xdp_md *ctx, u32 size, u32 *meta)
{
	*meta = 0;
	if (!ctx)
		return 0;
	if (ctx->data_meta || ctx->egress_ifindex)
		return -EINVAL;
	if (!ctx->data && !ctx->data_end)
		return 0;
	if (ctx->data_end != size || ctx->data > ctx->data_end - ETH_HLEN ||
	    xdp_metalen_invalid(ctx->data))
		return -EINVAL;
	*meta = ctx->data;
	return 0;
}

static u32 once(const struct bpf_prog *prog, void *arg)
{
	struct xdp_run *run = arg;

	return bpf_prog_run_xdp(prog, &run->xdp);
}

static int xdp_finish(struct xdp_run *run, struct xdp_md *ctx, const union bpf_attr *kattr,
		      union bpf_attr __user *uattr, u32 retval, u32 duration)
{
	void *from = min(run->xdp.data_meta, run->xdp.data);
	u32 size = run->xdp.data_end - from, copy = size;
	int err, ctx_err;

	if (kattr->test.data_size_out && kattr->test.data_size_out < copy)
		copy = kattr->test.data_size_out;
	if (kattr->test.data_out &&
	    copy_to_user(u64_to_user_ptr(kattr->test.data_out), from, copy))
		return -EFAULT;
	err = test_result(uattr, size, retval, duration);
	if (err)
		return err;

	if (ctx) {
		ctx->data_meta = 0;
		ctx->data = run->xdp.data - from;
		ctx->data_end = size;
	}
	ctx_err = test_ctx_out(kattr, uattr, ctx, sizeof(*ctx));
	return ctx_err ?: kattr->test.data_out && copy < size ? -ENOSPC : 0;
}

static int run_xdp(struct bpf_prog *prog, void *buf, struct xdp_md *ctx, struct net *net,
		   const union bpf_attr *kattr, union bpf_attr __user *uattr)
{
	u32 size = kattr->test.data_size_in, retval, duration, meta;
	struct xdp_rxq_info *rxq;
	struct net_device *dev;
	struct xdp_run run;
	int err;

	err = ctx_check(ctx, size, &meta);
	if (!err)
		err = find_queue(net, ctx, &rxq, &dev);
	if (err)
		return err;

	xdp_init_buff(&run.xdp, PAGE_SIZE, rxq);
	xdp_prepare_buff(&run.xdp, buf, XDP_PACKET_HEADROOM + meta, size - meta, true);
	run.xdp.data_meta = run.xdp.data - meta;
	run.xdp.txq = NULL;

	err = test_repeat(prog, kattr->test.repeat, once, &run, &retval, &duration);
	if (!err)
		err = xdp_finish(&run, ctx, kattr, uattr, retval, duration);
	dev_put(dev);
	return err;
}

/**
 * bpf_xdp_test_run - BPF_PROG_TEST_RUN of an XDP program
 * @prog: the program
 * @kattr: attributes
 * @uattr: user space's
 *
 * Runs follow each other on the same packet. What the program returns is told and not done.
 * Context: process; may sleep. Return: 0, -EOPNOTSUPP for live frames, -EINVAL, -E2BIG, -ENODEV,
 * -ENOMEM, -EFAULT, -EINTR; -ENOSPC where the packet or context did not fit.
 */
int bpf_xdp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		     union bpf_attr __user *uattr)
{
	struct xdp_md *ctx;
	void *buf;
	int err;

	if (kattr->test.flags == BPF_F_TEST_XDP_LIVE_FRAMES)
		return -EOPNOTSUPP;
	if (kattr->test.flags || kattr->test.batch_size || kattr->test.cpu)
		return -EINVAL;
	if (prog->expected_attach_type == BPF_XDP_DEVMAP ||
	    prog->expected_attach_type == BPF_XDP_CPUMAP)
		return -EINVAL;

	buf = test_data_in(kattr, XDP_PACKET_HEADROOM, TAILROOM);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ctx = test_ctx_in(kattr, sizeof(*ctx));
	if (IS_ERR(ctx)) {
		kfree(buf);
		return PTR_ERR(ctx);
	}
	err = run_xdp(prog, buf, ctx, current->nsproxy->net_ns, kattr, uattr);
	kfree(ctx);
	kfree(buf);
	return err;
}

/* ------------------------------------------------------------------ socket look-ups */

/* The context, and the cookie of the socket that the last run chose. */
struct lookup_run {
	struct bpf_sk_lookup_kern ctx;
	u64 cookie;
};

static u32 lookup_once(const struct bpf_prog *prog, void *arg)
{
	struct lookup_run *run = arg;
	u32 ret;

	run->ctx.selected_sk = NULL;
	run->ctx.no_reuseport = false;
	ret = bpf_prog_run(prog, &run->ctx);
	/* The socket is good for this RCU section only. */
	run->cookie = run->ctx.selected_sk ? __sock_gen_cookie(run->ctx.selected_sk) : 0;
	return ret;
}

static int lookup_ctx(const struct bpf_sk_lookup *user, struct bpf_sk_lookup_kern *ctx)
{
	if (user->sk)
		return -EINVAL;
	if (!test_is_zero(user, offsetofend(struct bpf_sk_lookup, ingress_ifindex), sizeof(*user)))
		return -EINVAL;
	if (user->local_port > U16_MAX)
		return -ERANGE;

	*ctx = (struct bpf_sk_lookup_kern) {
		.family = user->family,
		.protocol = user->protocol,
		.sport = user->remote_port,
		.dport = user->local_port,
		.ingress_ifindex = user->ingress_ifindex,
	};
	switch (user->family) {
	case AF_INET:
		ctx->v4.saddr = (__force __be32)user->remote_ip4;
		ctx->v4.daddr = (__force __be32)user->local_ip4;
		return 0;
#if IS_ENABLED(CONFIG_IPV6)
	case AF_INET6:
		ctx->v6.saddr = (const struct in6_addr *)user->remote_ip6;
		ctx->v6.daddr = (const struct in6_addr *)user->local_ip6;
		return 0;
#endif
	default:
		return -EAFNOSUPPORT;
	}
}

/**
 * bpf_sk_lookup_test_run - BPF_PROG_TEST_RUN of a socket look-up
 * @prog: the program
 * @kattr: attributes: a context, no data
 * @uattr: user space's; the context that comes out has the cookie of the socket chosen
 *
 * Context: process; may sleep. Return: 0, -EINVAL, -ERANGE, -EAFNOSUPPORT, -E2BIG, -EFAULT,
 * -ENOSPC.
 */
int bpf_sk_lookup_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			   union bpf_attr __user *uattr)
{
	struct lookup_run run = {};
	struct bpf_sk_lookup *user;
	u32 retval, duration;
	int err;

	if (kattr->test.flags || kattr->test.cpu || kattr->test.batch_size)
		return -EINVAL;
	if (kattr->test.data_in || kattr->test.data_size_in || kattr->test.data_out ||
	    kattr->test.data_size_out)
		return -EINVAL;
	user = test_ctx_in(kattr, sizeof(*user));
	if (IS_ERR_OR_NULL(user))
		return user ? PTR_ERR(user) : -EINVAL;

	err = lookup_ctx(user, &run.ctx);
	if (!err)
		err = test_repeat(prog, kattr->test.repeat, lookup_once, &run, &retval, &duration);
	if (err)
		goto free;

	user->cookie = run.cookie;
	err = test_ctx_out(kattr, uattr, user, sizeof(*user));
	if (!err || err == -ENOSPC)
		err = test_result(uattr, 0, retval, duration) ?: err;
free:
	kfree(user);
	return err;
}
