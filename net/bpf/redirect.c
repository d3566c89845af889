// SPDX-License-Identifier: GPL-2.0
/*
 * Sending packets of the tc hooks elsewhere: bpf_redirect(), bpf_redirect_peer(),
 * bpf_redirect_neigh() note a target, which the hook carries out when the program has returned
 * TC_ACT_REDIRECT; bpf_clone_redirect() sends a copy at once.
 */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/pkt_cls.h>
#include <net/route.h>

#include "net_bpf.h"
#include "protos.h"
#include "skb_util.h"

/* How a target was named, in bpf_redirect_info.flags above what programs may pass. */
#define REDIRECT_NEIGH		BIT(24)	/* link-layer addresses from the neighbour tables */
#define REDIRECT_PEER		BIT(25)	/* to the other end of a pair of devices */
#define REDIRECT_NEXTHOP	BIT(26)	/* bpf_redirect_info.nh is set */

static int drop(struct sk_buff *skb, int err)
{
	kfree_skb(skb);
	return err;
}

/* ------------------------------------------------------------------ as it is */

static int send_up(struct net_device *dev, struct sk_buff *skb)
{
	return dev_forward_skb_nomtu(dev, skb);
}

/* To a device without link-layer header: up from the network header on. */
static int send_up_plain(struct net_device *dev, struct sk_buff *skb)
{
	int ret = ____dev_forward_skb(dev, skb, false);

	if (ret)
		return ret;
	skb->dev = dev;
	return netif_rx(skb);
}

static int send_down(struct net_device *dev, struct sk_buff *skb)
{
	int ret;

	if (dev_xmit_recursion()) {
		net_crit_ratelimited("bpf: recursion limit reached on %s, packet dropped\n",
				     dev->name);
		return drop(skb, -ENETDOWN);
	}
	skb->dev = dev;
	skb_set_redirected_noclear(skb, skb_at_tc_ingress(skb));
	skb_clear_tstamp(skb);

	dev_xmit_recursion_inc();
	ret = dev_queue_xmit(skb);
	dev_xmit_recursion_dec();
	return ret;
}

/* The device takes packets that begin with the network header. */
static int redirect_to_plain(struct sk_buff *skb, struct net_device *dev, bool ingress)
{
	int hlen = skb_network_offset(skb);

	if (hlen < 0 || skb->len <= hlen)
		return drop(skb, -ERANGE);
	if (hlen) {
		const void *mac = skb->data;

		__skb_pull(skb, hlen);
		/* At ingress the checksum did not cover the header to begin with. */
		if (!skb_at_tc_ingress(skb))
			skb_postpull_rcsum(skb, mac, hlen);
	}
	skb_pop_mac_header(skb);
	skb_reset_mac_len(skb);
	return ingress ? send_up_plain(dev, skb) : send_down(dev, skb);
}

/* The device takes packets that begin with a link-layer header. */
static int redirect_to_mac(struct sk_buff *skb, struct net_device *dev, bool ingress)
{
	if (!skb_mac_header_was_set(skb) || skb->mac_header >= skb->network_header)
		return drop(skb, -ERANGE);
	skb_prog_csum_add_mac(skb);
	return ingress ? send_up(dev, skb) : send_down(dev, skb);
}

static int redirect_to(struct sk_buff *skb, struct net_device *dev, bool ingress)
{
	if (dev_is_mac_header_xmit(dev))
		return redirect_to_mac(skb, dev, ingress);
	return redirect_to_plain(skb, dev, ingress);
}

/* ------------------------------------------------------------------ by the neighbour tables */

#if IS_ENABLED(CONFIG_INET)
/* Strips the link-layer header and makes room for the device's. */
static int neigh_prepare(struct sk_buff *skb, struct net_device *dev, u32 net_hlen)
{
	int hlen = skb_network_offset(skb);

	if (hlen < 0 || skb->len <= hlen || !pskb_may_pull(skb, hlen + net_hlen))
		return -EINVAL;
	__skb_pull(skb, hlen);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->dev = dev;
	skb_clear_tstamp(skb);
	return skb_cow_head(skb, LL_RESERVED_SPACE(dev));
}

static int neigh_send(struct neighbour *neigh, struct sk_buff *skb)
{
	int ret;

	if (IS_ERR_OR_NULL(neigh))
		return drop(skb, -EINVAL);
	sock_confirm_neigh(skb, neigh);
	dev_xmit_recursion_inc();
	ret = neigh_output(neigh, skb, false);
	dev_xmit_recursion_dec();
	return ret;
}

/* Address of the next hop of an IPv4 packet, by the routing table. */
static struct rtable *route4(struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct flowi4 fl4 = {
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.flowi4_mark = skb->mark,
		.flowi4_tos = ip->tos & INET_DSCP_MASK,
		.flowi4_oif = dev->ifindex,
		.flowi4_proto = ip->protocol,
		.daddr = ip->daddr,
		.saddr = ip->saddr,
	};
	struct rtable *rt = ip_route_output_flow(dev_net(dev), &fl4, NULL);

	if (IS_ERR(rt))
		return rt;
	if (rt->rt_type != RTN_UNICAST && rt->rt_type != RTN_LOCAL) {
		ip_rt_put(rt);
		return ERR_PTR(-EHOSTUNREACH);
	}
	return rt;
}

static int redirect_neigh4(struct sk_buff *skb, struct net_device *dev,
			   const struct bpf_nh_params *nh)
{
	struct neighbour *neigh;
	struct rtable *rt;
	int ret;

	ret = neigh_prepare(skb, dev, sizeof(struct iphdr));
	if (ret)
		return drop(skb, ret);

	if (!nh) {
		rt = route4(skb, dev);
		if (IS_ERR(rt))
			return drop(skb, PTR_ERR(rt));
		skb_dst_drop(skb);
		skb_dst_set(skb, &rt->dst);
	}

	rcu_read_lock();
	if (!nh) {
		bool is_v6gw = false;

		neigh = ip_neigh_for_gw(skb_rtable(skb), skb, &is_v6gw);
	} else if (nh->nh_family == AF_INET6) {
		neigh = ip_neigh_gw6(dev, &nh->ipv6_nh);
	} else {
		neigh = ip_neigh_gw4(dev, (__force __be32)nh->ipv4_nh);
	}
	ret = neigh_send(neigh, skb);
	rcu_read_unlock();
	return ret;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *route6(struct sk_buff *skb, struct net_device *dev)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
		.flowi6_mark = skb->mark,
		.flowlabel = ip6_flowinfo(ip6),
		.flowi6_oif = dev->ifindex,
		.flowi6_proto = ip6->nexthdr,
		.daddr = ip6->daddr,
		.saddr = ip6->saddr,
	};

	return ipv6_stub->ipv6_dst_lookup_flow(dev_net(dev), NULL, &fl6, NULL);
}

static int redirect_neigh6(struct sk_buff *skb, struct net_device *dev,
			   const struct bpf_nh_params *nh)
{
	const struct in6_addr *hop;
	struct dst_entry *dst;
	int ret;

	if (nh && nh->nh_family != AF_INET6)
		return drop(skb, -EINVAL);
	ret = neigh_prepare(skb, dev, sizeof(struct ipv6hdr));
	if (ret)
		return drop(skb, ret);

	if (!nh) {
		dst = route6(skb, dev);
		if (IS_ERR(dst))
			return drop(skb, PTR_ERR(dst));
		skb_dst_drop(skb);
		skb_dst_set(skb, dst);
	}

	rcu_read_lock();
	if (nh)
		hop = &nh->ipv6_nh;
	else
		hop = rt6_nexthop(dst_rt6_info(skb_dst(skb)), &ipv6_hdr(skb)->daddr);
	ret = neigh_send(ip_neigh_gw6(dev, hop), skb);
	rcu_read_unlock();
	return ret;
}
#else
static int redirect_neigh6(struct sk_buff *skb, struct net_device *dev,
			   const struct bpf_nh_params *nh)
{
	return drop(skb, -EAFNOSUPPORT);
}
#endif

static int redirect_neigh(struct sk_buff *skb, struct net_device *dev,
			  const struct bpf_nh_params *nh)
{
	if (dev_xmit_recursion())
		return drop(skb, -ENETDOWN);
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return redirect_neigh4(skb, dev, nh);
	case htons(ETH_P_IPV6):
		return redirect_neigh6(skb, dev, nh);
	default:
		return drop(skb, -EPROTONOSUPPORT);
	}
}
#else
static int redirect_neigh(struct sk_buff *skb, struct net_device *dev,
			  const struct bpf_nh_params *nh)
{
	return drop(skb, -EAFNOSUPPORT);
}
#endif

/* ------------------------------------------------------------------ the hook's side */

/* On to the other end, in another namespace, as if the packet had come in there. */
static int redirect_peer(struct sk_buff *skb, struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	struct net *net = dev_net(dev);

	if (!ops->ndo_get_peer_dev || !skb_at_tc_ingress(skb))
		return drop(skb, -EINVAL);
	dev = ops->ndo_get_peer_dev(dev);
	if (!dev || !(dev->flags & IFF_UP) || net_eq(net, dev_net(dev)))
		return drop(skb, -EINVAL);

	skb->dev = dev;
	dev_sw_netstats_rx_add(dev, skb->len);
	skb_scrub_packet(skb, false);
	return -EAGAIN;
}

/**
 * skb_do_redirect - carry out what a program asked for before it returned TC_ACT_REDIRECT
 * @skb: the packet; consumed but for -EAGAIN
 *
 * Context: BH context in an RCU section, as the tc hooks run; the current task has a
 * bpf_net_context. Return: -EAGAIN: @skb has another device now and starts over there; otherwise
 * what became of it, for information.
 */
int skb_do_redirect(struct sk_buff *skb)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();
	struct net_device *dev;
	u32 flags = ri->flags;

	dev = dev_get_by_index_rcu(dev_net(skb->dev), ri->tgt_index);
	ri->tgt_index = 0;
	ri->flags = 0;
	if (!dev)
		return drop(skb, -EINVAL);

	if (flags & REDIRECT_PEER)
		return redirect_peer(skb, dev);
	if (flags & REDIRECT_NEIGH)
		return redirect_neigh(skb, dev, flags & REDIRECT_NEXTHOP ? &ri->nh : NULL);
	return redirect_to(skb, dev, flags & BPF_F_INGRESS);
}

/* ------------------------------------------------------------------ helpers */

/* Only hooks with a bpf_net_context carry redirections out: elsewhere the packet is dropped. */
static int note_target(u32 ifindex, u32 flags)
{
	struct bpf_redirect_info *ri;

	if (unlikely(!bpf_net_ctx_get()))
		return TC_ACT_SHOT;
	ri = bpf_net_ctx_get_ri();
	ri->tgt_index = ifindex;
	ri->flags = flags;
	return TC_ACT_REDIRECT;
}

BPF_CALL_2(bpf_skb_redirect, u32, ifindex, u64, flags)
{
	if (flags & ~(u64)BPF_F_INGRESS)
		return TC_ACT_SHOT;
	return note_target(ifindex, flags);
}

const struct bpf_func_proto bpf_skb_redirect_proto = {
	.func		= bpf_skb_redirect,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_ANYTHING,
	.arg2_type	= ARG_ANYTHING,
};

BPF_CALL_2(bpf_skb_redirect_peer, u32, ifindex, u64, flags)
{
	if (flags)
		return TC_ACT_SHOT;
	return note_target(ifindex, REDIRECT_PEER);
}

const struct bpf_func_proto bpf_skb_redirect_peer_proto = {
	.func		= bpf_skb_redirect_peer,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_ANYTHING,
	.arg2_type	= ARG_ANYTHING,
};

BPF_CALL_4(bpf_skb_redirect_neigh, u32, ifindex, struct bpf_redir_neigh *, params, int, plen,
	   u64, flags)
{
	struct bpf_redirect_info *ri;

	BUILD_BUG_ON(sizeof(ri->nh) != sizeof(*params));
	if (flags || (plen && plen < sizeof(*params)) || unlikely(!bpf_net_ctx_get()))
		return TC_ACT_SHOT;
	if (!plen)
		return note_target(ifindex, REDIRECT_NEIGH);

	if (params->nh_family != AF_INET && params->nh_family != AF_INET6)
		return TC_ACT_SHOT;
	ri = bpf_net_ctx_get_ri();
	memcpy(&ri->nh, params, sizeof(ri->nh));
	return note_target(ifindex, REDIRECT_NEIGH | REDIRECT_NEXTHOP);
}

const struct bpf_func_proto bpf_skb_redirect_neigh_proto = {
	.func		= bpf_skb_redirect_neigh,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_ANYTHING,
	.arg2_type	= ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY,
	.arg3_type	= ARG_CONST_SIZE_OR_ZERO,
	.arg4_type	= ARG_ANYTHING,
};

BPF_CALL_3(bpf_skb_clone_redirect, struct sk_buff *, skb, u32, ifindex, u64, flags)
{
	struct net_device *dev;
	struct sk_buff *clone;

	if (flags & ~(u64)BPF_F_INGRESS)
		return -EINVAL;
	dev = dev_get_by_index_rcu(dev_net(skb->dev), ifindex);
	if (!dev)
		return -EINVAL;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return -ENOMEM;

	/* The program may write to the packet it has; the clone must not see that. */
	if (skb_prog_unclone(skb)) {
		kfree_skb(clone);
		return -ENOMEM;
	}
	return redirect_to(clone, dev, flags & BPF_F_INGRESS);
}

const struct bpf_func_proto bpf_skb_clone_redirect_proto = {
	.func		= bpf_skb_clone_redirect,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
};
