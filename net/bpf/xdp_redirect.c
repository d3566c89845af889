// SPDX-License-Identifier: GPL-2.0
/*
 * XDP_REDIRECT: helpers note a target (a device, or an element of a map), the driver then hands the
 * packet over with xdp_do_redirect(), and flushes what was collected at the end of its poll.
 */
#include <linux/netdevice.h>
#include <net/xdp.h>
#include <net/xdp_sock.h>
#include <trace/events/xdp.h>

#ifdef CONFIG_DEBUG_NET
#include "../core/dev.h"
#endif
#include "net_bpf.h"
#include "protos.h"
#include "xdp.h"

DEFINE_STATIC_KEY_FALSE(bpf_master_redirect_enabled_key);
EXPORT_SYMBOL_GPL(bpf_master_redirect_enabled_key);

/* What a helper noted, taken out for one packet. */
struct target {
	enum bpf_map_type type;
	u32 map_id;
	u32 index;
	u32 flags;
	void *value;
	struct bpf_map *map;
};

static void take_target(struct bpf_redirect_info *ri, struct target *t)
{
	*t = (struct target) {
		.type = ri->map_type,
		.map_id = ri->map_id,
		.index = ri->tgt_index,
		.flags = ri->flags,
		.value = ri->tgt_value,
		.map = READ_ONCE(ri->map),
	};
	ri->map_id = 0;
	ri->map_type = BPF_MAP_TYPE_UNSPEC;
	ri->flags = 0;
}

static bool is_dev_target(const struct target *t)
{
	return t->type == BPF_MAP_TYPE_UNSPEC && t->map_id == INT_MAX;
}

static int trace_result(struct net_device *dev, struct bpf_prog *prog, const struct target *t,
			int err)
{
	if (unlikely(err))
		trace_xdp_redirect_err(dev, prog, t->value, err, t->type, t->map_id, t->index);
	else
		trace_xdp_redirect(dev, prog, t->value, 0, t->type, t->map_id, t->index);
	return err;
}

/**
 * xdp_dev_ok_fwd - may a device send a packet that comes from elsewhere
 * @dev: the device
 * @len: bytes of the packet, link-layer header included
 *
 * Context: any. Return: 0, -ENETDOWN, -EMSGSIZE.
 */
int xdp_dev_ok_fwd(const struct net_device *dev, unsigned int len)
{
	if (!(dev->flags & IFF_UP))
		return -ENETDOWN;
	if (len > dev->mtu + dev->hard_header_len + VLAN_HLEN)
		return -EMSGSIZE;
	return 0;
}

static int frame_to_dev(struct net_device *dev, struct xdp_frame *frame, u32 index)
{
	struct net_device *to = dev_get_by_index_rcu(dev_net(dev), index);

	return to ? devmap_enqueue_dev(to, frame, dev) : -EINVAL;
}

static int frame_to_devmap(struct net_device *dev, struct xdp_frame *frame,
			   const struct target *t)
{
	if (t->flags & BPF_F_BROADCAST)
		return t->map ? devmap_enqueue_multi(t->map, frame, dev,
						     t->flags & BPF_F_EXCLUDE_INGRESS) : -ENOENT;
	return devmap_enqueue(t->value, frame, dev);
}

static int frame_to_target(struct net_device *dev, struct xdp_frame *frame,
			   const struct target *t)
{
	switch (t->type) {
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return frame_to_devmap(dev, frame, t);
	case BPF_MAP_TYPE_CPUMAP:
		return cpumap_enqueue(t->value, frame, dev);
	case BPF_MAP_TYPE_UNSPEC:
		return is_dev_target(t) ? frame_to_dev(dev, frame, t->index) : -EBADRQC;
	default:
		return -EBADRQC;
	}
}

/**
 * xdp_do_redirect - hand a packet to the target that its program chose
 * @dev: device it came in by
 * @xdp: the packet; no longer the driver's when the answer is 0
 * @prog: the program that returned XDP_REDIRECT
 *
 * Context: driver's poll, with a bpf_net_context; xdp_do_flush() has to follow before its end.
 * Return: 0 or a negative errno.
 */
int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp, struct bpf_prog *prog)
{
	struct xdp_frame *frame;
	struct target t;

	take_target(bpf_net_ctx_get_ri(), &t);
	/* Sockets of user space copy the packet, or know their own buffers. */
	if (t.type == BPF_MAP_TYPE_XSKMAP)
		return trace_result(dev, prog, &t, __xsk_map_redirect(t.value, xdp));

	frame = xdp_convert_buff_to_frame(xdp);
	if (!frame)
		return trace_result(dev, prog, &t, -EOVERFLOW);
	return trace_result(dev, prog, &t, frame_to_target(dev, frame, &t));
}
EXPORT_SYMBOL_GPL(xdp_do_redirect);

/**
 * xdp_do_redirect_frame - as xdp_do_redirect() for a packet that is a frame already
 * @dev: device it came in by
 * @xdp: the packet
 * @xdpf: its frame
 * @prog: the program that returned XDP_REDIRECT
 *
 * Context: as xdp_do_redirect(). Return: 0 or a negative errno.
 */
int xdp_do_redirect_frame(struct net_device *dev, struct xdp_buff *xdp, struct xdp_frame *xdpf,
			  struct bpf_prog *prog)
{
	struct target t;

	take_target(bpf_net_ctx_get_ri(), &t);
	if (t.type == BPF_MAP_TYPE_XSKMAP)
		return trace_result(dev, prog, &t, __xsk_map_redirect(t.value, xdp));
	return trace_result(dev, prog, &t, frame_to_target(dev, xdpf, &t));
}
EXPORT_SYMBOL_GPL(xdp_do_redirect_frame);

/* ------------------------------------------------------------------ generic XDP */

static int skb_to_dev(struct net_device *dev, struct sk_buff *skb, struct bpf_prog *prog, u32 index)
{
	struct net_device *to = dev_get_by_index_rcu(dev_net(dev), index);
	int err;

	if (!to)
		return -EINVAL;
	err = xdp_dev_ok_fwd(to, skb->len);
	if (err)
		return err;
	skb->dev = to;
	generic_xdp_tx(skb, prog);
	return 0;
}

static int skb_to_xsk(struct sk_buff *skb, struct xdp_buff *xdp, struct xdp_sock *xs)
{
	int err = xsk_generic_rcv(xs, xdp);

	if (!err)
		consume_skb(skb);
	return err;
}

static int skb_to_devmap(struct net_device *dev, struct sk_buff *skb, struct bpf_prog *prog,
			 const struct target *t)
{
	if (t->flags & BPF_F_BROADCAST)
		return t->map ? devmap_generic_multi(t->map, skb, dev, prog,
						     t->flags & BPF_F_EXCLUDE_INGRESS) : -ENOENT;
	return devmap_generic(t->value, skb, prog);
}

static int skb_to_target(struct net_device *dev, struct sk_buff *skb, struct xdp_buff *xdp,
			 struct bpf_prog *prog, const struct target *t)
{
	switch (t->type) {
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return skb_to_devmap(dev, skb, prog, t);
	case BPF_MAP_TYPE_CPUMAP:
		return cpumap_generic(t->value, skb);
	case BPF_MAP_TYPE_XSKMAP:
		return skb_to_xsk(skb, xdp, t->value);
	case BPF_MAP_TYPE_UNSPEC:
		return is_dev_target(t) ? skb_to_dev(dev, skb, prog, t->index) : -EBADRQC;
	default:
		return -EBADRQC;
	}
}

/**
 * xdp_do_generic_redirect - xdp_do_redirect() for packets of generic XDP
 * @dev: device it came in by
 * @skb: the packet; no longer the caller's when the answer is 0
 * @xdp: the same as the program saw it
 * @prog: the program that returned XDP_REDIRECT
 *
 * Context: BH context, with a bpf_net_context. Return: 0 or a negative errno.
 */
int xdp_do_generic_redirect(struct net_device *dev, struct sk_buff *skb, struct xdp_buff *xdp,
			    struct bpf_prog *prog)
{
	struct target t;

	take_target(bpf_net_ctx_get_ri(), &t);
	return trace_result(dev, prog, &t, skb_to_target(dev, skb, xdp, prog, &t));
}

/**
 * xdp_do_flush - send what xdp_do_redirect() collected
 *
 * Context: end of a driver's poll, on the CPU and in the bpf_net_context of the redirects.
 */
void xdp_do_flush(void)
{
	struct bpf_net_context *ctx = bpf_net_ctx_get();
	u32 used;

	if (!ctx)
		return;
	used = ctx->ri.kern_flags;
	if (used & BPF_RI_F_DEV_MAP_INIT && !list_empty(&ctx->dev_map_flush_list))
		devmap_flush(&ctx->dev_map_flush_list);
	if (used & BPF_RI_F_CPU_MAP_INIT && !list_empty(&ctx->cpu_map_flush_list))
		cpumap_flush(&ctx->cpu_map_flush_list);
	if (used & BPF_RI_F_XSK_MAP_INIT && !list_empty(&ctx->xskmap_map_flush_list))
		__xsk_map_flush(&ctx->xskmap_map_flush_list);
}
EXPORT_SYMBOL_GPL(xdp_do_flush);

#if defined(CONFIG_DEBUG_NET) && defined(CONFIG_BPF_SYSCALL)
/**
 * xdp_do_check_flushed - did a driver forget xdp_do_flush()
 * @napi: its poll, just done
 *
 * Context: after a driver's poll. Flushes, after a warning, what it left.
 */
void xdp_do_check_flushed(struct napi_struct *napi)
{
	struct bpf_net_context *ctx = bpf_net_ctx_get();
	u32 used;
	bool left = false;

	if (!ctx)
		return;
	used = ctx->ri.kern_flags;
	if (used & BPF_RI_F_DEV_MAP_INIT)
		left |= !list_empty(&ctx->dev_map_flush_list);
	if (used & BPF_RI_F_CPU_MAP_INIT)
		left |= !list_empty(&ctx->cpu_map_flush_list);
	if (used & BPF_RI_F_XSK_MAP_INIT)
		left |= !list_empty(&ctx->xskmap_map_flush_list);
	if (!left)
		return;
	WARN_ONCE(1, "%ps did not call xdp_do_flush() after XDP_REDIRECT\n", napi->poll);
	xdp_do_flush();
}
#endif

/* ------------------------------------------------------------------ bonds */

/**
 * xdp_master_redirect - let a bond choose by which device XDP_TX sends
 * @xdp: the packet, on a device of a bond
 *
 * Context: driver's poll. Return: XDP_REDIRECT to another device of the bond, XDP_ABORTED where it
 * has none up, or XDP_TX.
 */
u32 xdp_master_redirect(struct xdp_buff *xdp)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();
	struct net_device *master, *slave;

	master = netdev_master_upper_dev_get_rcu(xdp->rxq->dev);
	if (!master || unlikely(!(master->flags & IFF_UP)))
		return XDP_ABORTED;
	slave = master->netdev_ops->ndo_xdp_get_xmit_slave(master, xdp);
	if (!slave || slave == xdp->rxq->dev)
		return XDP_TX;

	ri->tgt_index = slave->ifindex;
	ri->map_id = INT_MAX;
	ri->map_type = BPF_MAP_TYPE_UNSPEC;
	return XDP_REDIRECT;
}
EXPORT_SYMBOL_GPL(xdp_master_redirect);

/* ------------------------------------------------------------------ helpers */

BPF_CALL_2(bpf_xdp_redirect, u32, ifindex, u64, flags)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	if (unlikely(flags))
		return XDP_ABORTED;
	ri->flags = 0;
	ri->tgt_index = ifindex;
	ri->tgt_value = NULL;
	ri->map_id = INT_MAX;
	ri->map_type = BPF_MAP_TYPE_UNSPEC;
	return XDP_REDIRECT;
}

const struct bpf_func_proto bpf_xdp_redirect_proto = {
	.func		= bpf_xdp_redirect,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_ANYTHING,
	.arg2_type	= ARG_ANYTHING,
};

BPF_CALL_3(bpf_xdp_redirect_map, struct bpf_map *, map, u64, key, u64, flags)
{
	return map->ops->redirect(map, key, flags);
}

const struct bpf_func_proto bpf_xdp_redirect_map_proto = {
	.func		= bpf_xdp_redirect_map,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_CONST_MAP_PTR,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
};

/**
 * xdp_redirect_map - note an element of a map as the target
 * @map: the map
 * @key: key of the element, its low 32 bits
 * @flags: in the lowest two bits what to return without such an element
 * @extra: further flags that the map type knows
 * @lookup: finds the element
 *
 * Context: a running program. Return: XDP_REDIRECT, the action in @flags, or XDP_ABORTED for
 * unknown flags.
 */
long xdp_redirect_map(struct bpf_map *map, u64 key, u64 flags, u64 extra,
		      void *(*lookup)(struct bpf_map *map, u32 key))
{
	const u64 action_mask = XDP_ABORTED | XDP_DROP | XDP_PASS | XDP_TX;
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	if (unlikely(flags & ~(action_mask | extra)))
		return XDP_ABORTED;

	ri->tgt_value = lookup(map, key);
	if (unlikely(!ri->tgt_value) && !(flags & extra & BPF_F_BROADCAST)) {
		/* Another program of the packet may have noted something before. */
		ri->map_id = INT_MAX;
		ri->map_type = BPF_MAP_TYPE_UNSPEC;
		return flags & action_mask;
	}

	ri->tgt_index = key;
	ri->map_id = map->id;
	ri->map_type = map->map_type;
	ri->flags = flags & extra;
	WRITE_ONCE(ri->map, flags & extra & BPF_F_BROADCAST ? map : NULL);
	return XDP_REDIRECT;
}
