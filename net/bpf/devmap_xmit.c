// SPDX-License-Identifier: GPL-2.0
/*
 * Sending redirected packets by devices. Frames are collected per CPU and device, in
 * net_device.xdp_bulkq, and sent when the queue is full or the driver's poll ends.
 */
#include <linux/netdevice.h>
#include <net/xdp.h>
#include <trace/events/xdp.h>

#include "devmap.h"
#include "net_bpf.h"
#include "xdp.h"

#define BULK_SIZE 16

/**
 * struct xdp_dev_bulk_queue - frames that wait for a device on one CPU
 * @q: the frames
 * @flush_node: in the flush list of the task's bpf_net_context while there are any
 * @dev: the device
 * @dev_rx: device that all of them came in by
 * @prog: program that each has to pass, or NULL
 * @count: number of frames
 */
struct xdp_dev_bulk_queue {
	struct xdp_frame *q[BULK_SIZE];
	struct list_head flush_node;
	struct net_device *dev;
	struct net_device *dev_rx;
	struct bpf_prog *prog;
	unsigned int count;
};

int devmap_dev_init(struct net_device *dev)
{
	int cpu;

	/* Set already when the device moves between namespaces. */
	if (!dev->netdev_ops->ndo_xdp_xmit || dev->xdp_bulkq)
		return 0;
	dev->xdp_bulkq = alloc_percpu(struct xdp_dev_bulk_queue);
	if (!dev->xdp_bulkq)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		per_cpu_ptr(dev->xdp_bulkq, cpu)->dev = dev;
	return 0;
}

/* Runs the element's program; false: the frame is gone. */
static bool frame_pass(struct xdp_frame *frame, struct bpf_prog *prog,
		       struct net_device *dev, struct net_device *dev_rx)
{
	struct xdp_txq_info txq = { .dev = dev };
	struct xdp_rxq_info rxq = { .dev = dev_rx };
	struct xdp_buff xdp;
	u32 act;

	xdp_convert_frame_to_buff(frame, &xdp);
	xdp.txq = &txq;
	xdp.rxq = &rxq;
	act = bpf_prog_run_xdp(prog, &xdp);
	if (act == XDP_PASS && !xdp_update_frame_from_buff(&xdp, frame))
		return true;

	if (act > XDP_PASS)
		bpf_warn_invalid_xdp_action(NULL, prog, act);
	if (act != XDP_DROP)
		trace_xdp_exception(dev, prog, act);
	xdp_return_frame_rx_napi(frame);
	return false;
}

static void bulk_send(struct xdp_dev_bulk_queue *bq)
{
	unsigned int cnt = bq->count, kept = 0, i;
	struct net_device *dev = bq->dev;
	int sent = 0, err = 0;

	if (!cnt)
		return;
	for (i = 0; i < cnt; i++) {
		if (!bq->prog || frame_pass(bq->q[i], bq->prog, dev, bq->dev_rx))
			bq->q[kept++] = bq->q[i];
	}

	if (kept)
		sent = dev->netdev_ops->ndo_xdp_xmit(dev, kept, bq->q, XDP_XMIT_FLUSH);
	if (sent < 0) {
		err = sent;
		sent = 0;
	}
	for (i = sent; i < kept; i++)
		xdp_return_frame_rx_napi(bq->q[i]);

	bq->count = 0;
	trace_xdp_devmap_xmit(bq->dev_rx, dev, sent, cnt - sent, err);
}

/**
 * devmap_flush - send all frames that wait on this CPU
 * @list: flush list of the task's bpf_net_context
 *
 * Context: driver's poll.
 */
void devmap_flush(struct list_head *list)
{
	struct xdp_dev_bulk_queue *bq, *next;

	list_for_each_entry_safe(bq, next, list, flush_node) {
		bulk_send(bq);
		bq->dev_rx = NULL;
		bq->prog = NULL;
		__list_del_clearprev(&bq->flush_node);
	}
}

static int dev_can_send(const struct net_device *dev, const struct xdp_frame *frame)
{
	if (!(dev->xdp_features & NETDEV_XDP_ACT_NDO_XMIT) || !dev->xdp_bulkq)
		return -EOPNOTSUPP;
	if (xdp_frame_has_frags(frame) && !(dev->xdp_features & NETDEV_XDP_ACT_NDO_XMIT_SG))
		return -EOPNOTSUPP;
	return xdp_dev_ok_fwd(dev, xdp_get_frame_len(frame));
}

static void bulk_add(struct net_device *dev, struct xdp_frame *frame, struct net_device *from,
		     struct bpf_prog *prog)
{
	struct xdp_dev_bulk_queue *bq = this_cpu_ptr(dev->xdp_bulkq);

	if (bq->count == BULK_SIZE || bq->dev_rx != from || bq->prog != prog)
		bulk_send(bq);
	bq->dev_rx = from;
	bq->prog = prog;
	if (!bq->flush_node.prev)
		list_add(&bq->flush_node, bpf_net_ctx_get_dev_flush_list());
	bq->q[bq->count++] = frame;
}

static int enqueue(struct net_device *dev, struct xdp_frame *frame, struct net_device *from,
		   struct bpf_prog *prog)
{
	int err = dev_can_send(dev, frame);

	if (!err)
		bulk_add(dev, frame, from, prog);
	return err;
}

int devmap_enqueue_dev(struct net_device *dev, struct xdp_frame *frame, struct net_device *from)
{
	return enqueue(dev, frame, from, NULL);
}

int devmap_enqueue(struct bpf_dtab_netdev *dst, struct xdp_frame *frame, struct net_device *from)
{
	return enqueue(dst->dev, frame, from, dst->prog);
}

/* ------------------------------------------------------------------ to all devices of a map */

static bool is_ingress(const struct net_device *dev, struct net_device *from)
{
	return dev == from || dev == netdev_master_upper_dev_get_rcu(from);
}

/* The next element that takes a copy, or NULL. */
static struct bpf_dtab_netdev *next_dst(struct bpf_map *map, u64 *pos, struct net_device *from,
					bool exclude_ingress)
{
	struct bpf_dtab_netdev *dst;

	do {
		dst = devmap_next(map, pos);
	} while (dst && exclude_ingress && is_ingress(dst->dev, from));
	return dst;
}

int devmap_enqueue_multi(struct bpf_map *map, struct xdp_frame *frame, struct net_device *from,
			 bool exclude_ingress)
{
	struct bpf_dtab_netdev *dst, *last = NULL;
	struct xdp_frame *copy;
	u64 pos = 0;

	while ((dst = next_dst(map, &pos, from, exclude_ingress))) {
		if (dev_can_send(dst->dev, frame))
			continue;
		if (last) {
			copy = xdpf_clone(frame);
			if (!copy)
				return -ENOMEM;
			bulk_add(last->dev, copy, from, last->prog);
		}
		last = dst;
	}
	/* The original goes to the last; without any it has been seen to. */
	if (last)
		bulk_add(last->dev, frame, from, last->prog);
	else
		xdp_return_frame_rx_napi(frame);
	return 0;
}

/* Sends a packet of generic XDP; takes it over in any case. */
static void skb_send(struct bpf_dtab_netdev *dst, struct sk_buff *skb, struct bpf_prog *prog)
{
	struct xdp_txq_info txq = { .dev = dst->dev };
	struct xdp_buff xdp = { .txq = &txq };
	u32 act = XDP_PASS;

	if (dst->prog)
		act = bpf_prog_run_generic_xdp(skb, &xdp, dst->prog);
	if (act == XDP_PASS) {
		skb->dev = dst->dev;
		generic_xdp_tx(skb, prog);
		return;
	}
	if (act > XDP_PASS)
		bpf_warn_invalid_xdp_action(NULL, dst->prog, act);
	if (act != XDP_DROP)
		trace_xdp_exception(dst->dev, dst->prog, act);
	kfree_skb(skb);
}

int devmap_generic(struct bpf_dtab_netdev *dst, struct sk_buff *skb, struct bpf_prog *prog)
{
	int err = xdp_dev_ok_fwd(dst->dev, skb->len);

	if (!err)
		skb_send(dst, skb, prog);
	return err;
}

int devmap_generic_multi(struct bpf_map *map, struct sk_buff *skb, struct net_device *from,
			 struct bpf_prog *prog, bool exclude_ingress)
{
	struct bpf_dtab_netdev *dst, *last = NULL;
	struct sk_buff *copy;
	u64 pos = 0;

	while ((dst = next_dst(map, &pos, from, exclude_ingress))) {
		if (xdp_dev_ok_fwd(dst->dev, skb->len))
			continue;
		if (last) {
			/* Programs of elements may write: a clone would not do. */
			copy = skb_copy(skb, GFP_ATOMIC);
			if (!copy)
				return -ENOMEM;
			skb_send(last, copy, prog);
		}
		last = dst;
	}
	if (last)
		skb_send(last, skb, prog);
	else
		consume_skb(skb);
	return 0;
}
