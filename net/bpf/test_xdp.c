// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_PROG_TEST_RUN of XDP programs: on a packet of the caller's, or live, where what the program
 * returns is done.
 */
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/hotdata.h>
#include <net/netdev_rx_queue.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "net_bpf.h"
#include "sets.h"
#include "test_run.h"
#include "xdp.h"

#define TAILROOM SKB_DATA_ALIGN(sizeof(struct skb_shared_info))

/* Packets of a live run that go through the program before the stack has its turn. */
#define BATCH_MAX 256

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

static bool has_queue(struct net_device *dev, u32 index)
{
	return index < dev->real_num_rx_queues &&
	       xdp_rxq_info_is_reg(&__netif_get_rx_queue(dev, index)->xdp_rxq);
}

/*
 * The receive queue that the packet pretends to come from: a copy, as the memory of the packet is
 * not the queue's. Without a device named in @ctx it is the first of the loopback device. The
 * device has a reference then.
 */
static int find_queue(struct net *net, const struct xdp_md *ctx, struct xdp_rxq_info *queue)
{
	u32 index = ctx ? ctx->rx_queue_index : 0, ifindex = ctx ? ctx->ingress_ifindex : 0;
	struct net_device *dev = net->loopback_dev;

	if (!ifindex && index)
		return -EINVAL;
	if (ifindex)
		dev = dev_get_by_index(net, ifindex);
	else
		dev_hold(dev);
	if (!dev)
		return -ENODEV;
	if (ifindex && !has_queue(dev, index)) {
		dev_put(dev);
		return -EINVAL;
	}
	*queue = (struct xdp_rxq_info) {
		.dev = dev,
		.queue_index = index,
		.mem.type = MEM_TYPE_PAGE_SHARED,
		.frag_size = PAGE_SIZE,
	};
	return 0;
}

/* ------------------------------------------------------------------ one packet */

/* The packet that all runs work on. */
struct xdp_run {
	struct xdp_buff xdp;
	struct xdp_rxq_info rxq;
};

static u32 once(const struct bpf_prog *prog, void *arg)
{
	struct xdp_run *run = arg;

	return bpf_prog_run_xdp(prog, &run->xdp);
}

static int frags_in(struct xdp_buff *xdp, const union bpf_attr *kattr, u32 done)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	int err = test_frags_in(kattr, done, sinfo);

	if (sinfo->nr_frags)
		xdp_buff_set_frags_flag(xdp);
	sinfo->xdp_frags_size = kattr->test.data_size_in - done;
	return err;
}

static void frags_put(struct xdp_buff *xdp)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 i;

	if (!xdp_buff_has_frags(xdp))
		return;
	for (i = 0; i < sinfo->nr_frags; i++)
		put_page(skb_frag_page(&sinfo->frags[i]));
}

/* Copies the first @len bytes from metadata on. */
static int xdp_to_user(const struct xdp_buff *xdp, const void *from, void __user *to, u32 len)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 n = min_t(u32, len, xdp->data_end - from), i;

	if (copy_to_user(to, from, n))
		return -EFAULT;
	for (i = 0; n < len; i++) {
		u32 piece = min_t(u32, len - n, skb_frag_size(&sinfo->frags[i]));

		if (copy_to_user(to + n, skb_frag_address(&sinfo->frags[i]), piece))
			return -EFAULT;
		n += piece;
	}
	return 0;
}

static int xdp_finish(struct xdp_run *run, struct xdp_md *ctx, const union bpf_attr *kattr,
		      union bpf_attr __user *uattr, u32 retval, u32 duration)
{
	void *from = min(run->xdp.data_meta, run->xdp.data);
	u32 meta = run->xdp.data - from, size = meta + xdp_get_buff_len(&run->xdp), copy = size;
	int err, ctx_err;

	if (kattr->test.data_size_out && kattr->test.data_size_out < copy)
		copy = kattr->test.data_size_out;
	if (kattr->test.data_out &&
	    xdp_to_user(&run->xdp, from, u64_to_user_ptr(kattr->test.data_out), copy))
		return -EFAULT;
	err = test_result(uattr, size, retval, duration);
	if (err)
		return err;

	if (ctx) {
		ctx->data_meta = 0;
		ctx->data = meta;
		ctx->data_end = size;
	}
	ctx_err = test_ctx_out(kattr, uattr, ctx, sizeof(*ctx));
	return ctx_err ?: kattr->test.data_out && copy < size ? -ENOSPC : 0;
}

static int run_xdp(struct bpf_prog *prog, void *buf, struct xdp_md *ctx, struct xdp_run *run,
		   const union bpf_attr *kattr, union bpf_attr __user *uattr)
{
	u32 linear = test_linear(kattr, XDP_PACKET_HEADROOM + TAILROOM), retval, duration, meta;
	int err;

	err = ctx_check(ctx, kattr->test.data_size_in, &meta);
	if (err)
		return err;
	if (meta > linear - ETH_HLEN)
		return -EINVAL;

	xdp_init_buff(&run->xdp, PAGE_SIZE, &run->rxq);
	xdp_prepare_buff(&run->xdp, buf, XDP_PACKET_HEADROOM + meta, linear - meta, true);
	run->xdp.data_meta = run->xdp.data - meta;
	run->xdp.txq = NULL;

	err = frags_in(&run->xdp, kattr, linear);
	if (!err)
		err = test_repeat(prog, kattr->test.repeat, once, run, &retval, &duration);
	if (!err)
		err = xdp_finish(run, ctx, kattr, uattr, retval, duration);
	frags_put(&run->xdp);
	return err;
}

/* ------------------------------------------------------------------ live */

/**
 * struct live - a live run
 * @prog: the program
 * @rxq: queue that packets come in by; their memory is @pool's
 * @pool: pages, each of a packet; those of packets that were dropped are used again
 * @from: the packet, metadata included
 * @size: bytes there
 * @meta: bytes of them that are metadata
 * @frames: packets of a batch for the stack
 * @skbs: what is made of them
 * @nr_frames: number of @frames
 */
struct live {
	struct bpf_prog *prog;
	struct xdp_rxq_info rxq;
	struct page_pool *pool;
	const void *from;
	u32 size;
	u32 meta;
	struct xdp_frame *frames[BATCH_MAX];
	void *skbs[BATCH_MAX];
	u32 nr_frames;
};

/* Does what the program returned; false: the packet is still the caller's. */
static bool live_act(struct live *live, struct xdp_buff *xdp, u32 act)
{
	struct net_device *dev = live->rxq.dev;
	struct xdp_frame *frame;

	switch (act) {
	case XDP_REDIRECT:
		return !xdp_do_redirect(dev, xdp, live->prog);
	case XDP_TX:
		frame = xdp_convert_buff_to_frame(xdp);
		return frame && !devmap_enqueue_dev(dev, frame, dev);
	case XDP_PASS:
		frame = xdp_convert_buff_to_frame(xdp);
		if (frame)
			live->frames[live->nr_frames++] = frame;
		return frame;
	case XDP_DROP:
		return false;
	default:
		bpf_warn_invalid_xdp_action(dev, live->prog, act);
		return false;
	}
}

static int live_packet(struct live *live)
{
	struct page *page = page_pool_dev_alloc_pages(live->pool);
	struct xdp_buff xdp;
	void *buf;

	if (!page)
		return -ENOMEM;
	buf = page_address(page);
	xdp_init_buff(&xdp, PAGE_SIZE, &live->rxq);
	xdp_prepare_buff(&xdp, buf, XDP_PACKET_HEADROOM + live->meta, live->size - live->meta,
			 true);
	xdp.data_meta = xdp.data - live->meta;
	xdp.txq = NULL;
	memcpy(xdp.data_meta, live->from, live->size);
	if (!live_act(live, &xdp, bpf_prog_run_xdp(live->prog, &xdp)))
		xdp_return_buff(&xdp);
	return 0;
}

/* Passes a batch's packets up, as if they had come in by the device. */
static void live_receive(struct live *live)
{
	LIST_HEAD(list);
	u32 i;

	if (!live->nr_frames)
		return;
	if (xdp_alloc_skb_bulk(live->skbs, live->nr_frames, GFP_ATOMIC | __GFP_ZERO))
		memset(live->skbs, 0, sizeof(live->skbs));
	for (i = 0; i < live->nr_frames; i++) {
		struct sk_buff *skb = live->skbs[i];

		if (skb && __xdp_build_skb_from_frame(live->frames[i], skb, live->rxq.dev)) {
			list_add_tail(&skb->list, &list);
			continue;
		}
		if (skb)
			kmem_cache_free(net_hotdata.skbuff_cache, skb);
		xdp_return_frame(live->frames[i]);
	}
	live->nr_frames = 0;
	netif_receive_skb_list(&list);
}

static int live_batch(struct live *live, u32 cnt)
{
	struct bpf_net_context __ctx, *ctx;
	int err = 0;

	local_bh_disable();
	rcu_read_lock();
	ctx = bpf_net_ctx_set(&__ctx);
	/* The pool has no driver's poll in which pages could be given back without a lock. */
	xdp_set_return_frame_no_direct();
	for (; cnt && !err; cnt--)
		err = live_packet(live);
	xdp_do_flush();
	live_receive(live);
	xdp_clear_return_frame_no_direct();
	bpf_net_ctx_clear(ctx);
	rcu_read_unlock();
	local_bh_enable();
	return err;
}

static int live_repeat(struct live *live, u32 repeat, u32 batch, u32 *duration)
{
	u64 start = ktime_get_ns();
	u32 left, n;
	int err = 0;

	for (left = repeat; left && !err; left -= n) {
		n = min(left, batch);
		err = live_batch(live, n);
		if (!err && signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	*duration = min_t(u64, div_u64(ktime_get_ns() - start, repeat), U32_MAX);
	return err;
}

/* The pool is the memory model that frames name; it goes when the last of them has come back. */
static int live_pool(struct live *live, u32 batch)
{
	struct page_pool_params params = { .pool_size = batch, .nid = NUMA_NO_NODE };
	int err;

	live->pool = page_pool_create(&params);
	if (IS_ERR(live->pool))
		return PTR_ERR(live->pool);
	err = xdp_reg_mem_model(&live->rxq.mem, MEM_TYPE_PAGE_POOL, live->pool);
	if (err)
		page_pool_destroy(live->pool);
	return err;
}

static int run_live(struct bpf_prog *prog, const void *buf, const struct xdp_md *ctx,
		    const struct xdp_rxq_info *rxq, const union bpf_attr *kattr,
		    union bpf_attr __user *uattr)
{
	u32 batch = kattr->test.batch_size ?: NAPI_POLL_WEIGHT, duration, meta;
	struct live *live;
	int err;

	err = ctx_check(ctx, kattr->test.data_size_in, &meta);
	if (err)
		return err;
	live = kvzalloc(sizeof(*live), GFP_USER);
	if (!live)
		return -ENOMEM;
	live->prog = prog;
	live->rxq = *rxq;
	live->from = buf + XDP_PACKET_HEADROOM;
	live->size = kattr->test.data_size_in;
	live->meta = meta;

	err = live_pool(live, batch);
	if (err)
		goto free;
	err = live_repeat(live, kattr->test.repeat ?: 1, batch, &duration);
	xdp_unreg_mem_model(&live->rxq.mem);
	if (!err)
		err = test_result(uattr, live->size, 0, duration);
free:
	kvfree(live);
	return err;
}

/* ------------------------------------------------------------------ both */

static int attr_check(const struct bpf_prog *prog, const union bpf_attr *kattr)
{
	u32 size = kattr->test.data_size_in;
	bool one_page = size == test_linear(kattr, XDP_PACKET_HEADROOM + TAILROOM);

	if (kattr->test.flags & ~BPF_F_TEST_XDP_LIVE_FRAMES || kattr->test.cpu)
		return -EINVAL;
	if (prog->expected_attach_type == BPF_XDP_DEVMAP ||
	    prog->expected_attach_type == BPF_XDP_CPUMAP)
		return -EINVAL;
	/* A program that does not know packets in pieces would take the first for all. */
	if (!one_page && !prog->aux->xdp_has_frags)
		return -EINVAL;
	if (!(kattr->test.flags & BPF_F_TEST_XDP_LIVE_FRAMES))
		return kattr->test.batch_size ? -EINVAL : 0;

	if (kattr->test.batch_size > BATCH_MAX)
		return -E2BIG;
	/* There are many packets, and nothing comes back of any. */
	if (kattr->test.data_out || kattr->test.ctx_out)
		return -EINVAL;
	return one_page ? 0 : -EINVAL;
}

/**
 * bpf_xdp_test_run - BPF_PROG_TEST_RUN of an XDP program
 * @prog: the program
 * @kattr: attributes
 * @uattr: user space's
 *
 * Runs follow each other on the same packet, and what the program returns is told and not done.
 * With BPF_F_TEST_XDP_LIVE_FRAMES each run has a copy of the packet of its own, and it is done.
 * Context: process; may sleep. Return: 0, -EINVAL, -E2BIG, -ENODEV, -ENOMEM, -EFAULT, -EINTR;
 * -ENOSPC where the packet or context did not fit.
 */
int bpf_xdp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		     union bpf_attr __user *uattr)
{
	struct xdp_run run = {};
	struct xdp_md *ctx;
	void *buf;
	int err;

	err = attr_check(prog, kattr);
	if (err)
		return err;
	buf = test_data_in(kattr, XDP_PACKET_HEADROOM,
			   test_linear(kattr, XDP_PACKET_HEADROOM + TAILROOM));
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ctx = test_ctx_in(kattr, sizeof(*ctx));
	err = PTR_ERR_OR_ZERO(ctx);
	if (err)
		goto free_buf;
	err = find_queue(current->nsproxy->net_ns, ctx, &run.rxq);
	if (err)
		goto free_ctx;

	if (kattr->test.flags & BPF_F_TEST_XDP_LIVE_FRAMES)
		err = run_live(prog, buf, ctx, &run.rxq, kattr, uattr);
	else
		err = run_xdp(prog, buf, ctx, &run, kattr, uattr);
	dev_put(run.rxq.dev);
free_ctx:
	kfree(ctx);
free_buf:
	kfree(buf);
	return err;
}
