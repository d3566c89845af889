// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that change a packet's headers: VLAN tags, size, protocol, room for tunnels.
 *
 * Bytes are put in and taken out behind a prefix of headers, which moves; offsets of headers that
 * are in the prefix move along.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/gso.h>
#include <net/ip_tunnels.h>

#include "net_bpf.h"
#include "protos.h"
#include "skb_util.h"

#define PROTO_RESIZE(_fn)					\
const struct bpf_func_proto _fn##_proto = {			\
	.func		= _fn,					\
	.changes_pkt_data = true,				\
	.ret_type	= RET_INTEGER,				\
	.arg1_type	= ARG_PTR_TO_CTX,			\
	.arg2_type	= ARG_ANYTHING,				\
	.arg3_type	= ARG_ANYTHING,				\
}

/* ------------------------------------------------------------------ VLAN tags */

BPF_CALL_3(bpf_skb_vlan_push, struct sk_buff *, skb, u16, proto, u16, vlan_tci)
{
	__be16 vlan_proto = (__force __be16)proto;
	int err;

	if (vlan_proto != htons(ETH_P_8021Q) && vlan_proto != htons(ETH_P_8021AD))
		vlan_proto = htons(ETH_P_8021Q);

	skb_prog_csum_add_mac(skb);
	err = skb_vlan_push(skb, vlan_proto, vlan_tci);
	skb_prog_csum_sub_mac(skb);
	bpf_compute_data_pointers(skb);
	return err;
}

PROTO_RESIZE(bpf_skb_vlan_push);

BPF_CALL_1(bpf_skb_vlan_pop, struct sk_buff *, skb)
{
	int err;

	skb_prog_csum_add_mac(skb);
	err = skb_vlan_pop(skb);
	skb_prog_csum_sub_mac(skb);
	bpf_compute_data_pointers(skb);
	return err;
}

const struct bpf_func_proto bpf_skb_vlan_pop_proto = {
	.func		= bpf_skb_vlan_pop,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
};

/* ------------------------------------------------------------------ room behind headers */

/* Zero bytes between the first @off ones and the rest. */
static int room_insert(struct sk_buff *skb, u32 off, u32 len)
{
	bool no_transport = skb->transport_header == skb->network_header;
	int err = skb_cow(skb, len);

	if (err)
		return err;
	/* An odd number of bytes would turn the sum of all that follow around. */
	if (skb->ip_summed == CHECKSUM_COMPLETE && len & 1)
		skb->ip_summed = CHECKSUM_NONE;
	skb_push(skb, len);
	memmove(skb->data, skb->data + len, off);
	memset(skb->data + off, 0, len);
	skb->mac_header -= len;
	skb->network_header -= len;
	if (no_transport)
		skb->transport_header = skb->network_header;
	return 0;
}

static int room_remove(struct sk_buff *skb, u32 off, u32 len)
{
	bool no_transport = skb->transport_header == skb->network_header;

	if (!pskb_may_pull(skb, off + len))
		return -ENOMEM;
	skb_postpull_rcsum(skb, skb->data + off, len);
	memmove(skb->data + len, skb->data, off);
	__skb_pull(skb, len);
	skb->mac_header += len;
	skb->network_header += len;
	if (no_transport)
		skb->transport_header = skb->network_header;
	return 0;
}

/* Segments are checked and counted again by whoever cuts the packet up. */
static void gso_dodgy(struct sk_buff *skb)
{
	skb_shinfo(skb)->gso_type |= SKB_GSO_DODGY;
	skb_shinfo(skb)->gso_segs = 0;
}

/* ------------------------------------------------------------------ IPv4 and IPv6 */

/* An IPv4 header becomes room for one of IPv6, or the other way round. */
static int change_family(struct sk_buff *skb, bool to_v6)
{
	const u32 diff = sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	struct skb_shared_info *shinfo;
	u32 off;
	int err;

	if (!skb_mac_header_was_set(skb))
		return -ENOTSUPP;
	off = skb_mac_header_len(skb);
	if (skb_is_gso(skb) && !skb_is_gso_tcp(skb) &&
	    !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4))
		return -ENOTSUPP;
	err = skb_cow(skb, to_v6 ? diff : 0);
	if (!err)
		err = to_v6 ? room_insert(skb, off, diff) : room_remove(skb, off, diff);
	if (err)
		return err;

	if (skb_is_gso(skb)) {
		shinfo = skb_shinfo(skb);
		if (shinfo->gso_type & (to_v6 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6)) {
			shinfo->gso_type &= ~(to_v6 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6);
			shinfo->gso_type |= to_v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
		}
		gso_dodgy(skb);
	}
	skb->protocol = to_v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb_clear_hash(skb);
	return 0;
}

BPF_CALL_3(bpf_skb_change_proto, struct sk_buff *, skb, u16, to, u64, flags)
{
	__be16 proto = (__force __be16)to;
	int err;

	if (unlikely(flags))
		return -EINVAL;
	if (skb->protocol == htons(ETH_P_IP) && proto == htons(ETH_P_IPV6))
		err = change_family(skb, true);
	else if (skb->protocol == htons(ETH_P_IPV6) && proto == htons(ETH_P_IP))
		err = change_family(skb, false);
	else
		err = -ENOTSUPP;
	/* A route of the other family is of no use. */
	if (!err)
		skb_dst_drop(skb);
	bpf_compute_data_pointers(skb);
	return err;
}

PROTO_RESIZE(bpf_skb_change_proto);

/* ------------------------------------------------------------------ size */

static u32 len_max(const struct sk_buff *skb)
{
	return skb->dev ? skb->dev->mtu + skb->dev->hard_header_len : SKB_MAX_ALLOC;
}

/* What has to stay: the headers that the stack has offsets of. */
static u32 len_min(const struct sk_buff *skb)
{
	int min = max(skb_network_offset(skb), 0);

	if (skb_transport_header_was_set(skb))
		min = max(min, skb_transport_offset(skb));
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		min = max(min, skb_checksum_start_offset(skb) + skb->csum_offset +
			       (int)sizeof(__sum16));
	return min;
}

static int len_grow(struct sk_buff *skb, u32 len)
{
	u32 more = len - skb->len, tail = skb_tailroom(skb);
	int err;

	if (more > tail) {
		err = pskb_expand_head(skb, 0, more - tail, GFP_ATOMIC);
		if (err)
			return err;
	}
	memset(skb_put(skb, more), 0, more);
	return 0;
}

BPF_CALL_3(bpf_skb_change_tail, struct sk_buff *, skb, u32, len, u64, flags)
{
	int err;

	if (unlikely(flags || len > len_max(skb) || len < len_min(skb)))
		return -EINVAL;
	if (skb->encapsulation)
		return -ENOTSUPP;

	/* Slow on purpose: one piece, private, and nothing left to be offloaded. */
	err = skb_linearize_cow(skb);
	if (!err && len != skb->len) {
		if (skb->ip_summed == CHECKSUM_COMPLETE)
			skb->ip_summed = CHECKSUM_NONE;
		err = len > skb->len ? len_grow(skb, len) : pskb_trim(skb, len);
		if (!err && skb_is_gso(skb))
			skb_gso_reset(skb);
	}
	bpf_compute_data_pointers(skb);
	return err;
}

PROTO_RESIZE(bpf_skb_change_tail);

BPF_CALL_3(bpf_skb_change_head, struct sk_buff *, skb, u32, head_room, u64, flags)
{
	u32 max = len_max(skb);
	int err;

	if (unlikely(flags || head_room > max || (!skb_is_gso(skb) && skb->len + head_room > max)))
		return -EINVAL;
	err = skb_cow(skb, head_room);
	if (!err) {
		__skb_push(skb, head_room);
		memset(skb->data, 0, head_room);
		skb_reset_mac_header(skb);
		skb_reset_mac_len(skb);
	}
	bpf_compute_data_pointers(skb);
	return err;
}

PROTO_RESIZE(bpf_skb_change_head);

/* ------------------------------------------------------------------ tunnels */

#define ROOM_ENCAP_L3	(BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6)
#define ROOM_ENCAP_L4	(BPF_F_ADJ_ROOM_ENCAP_L4_GRE | BPF_F_ADJ_ROOM_ENCAP_L4_UDP)
#define ROOM_L2_MASK	((u64)BPF_ADJ_ROOM_ENCAP_L2_MASK << BPF_ADJ_ROOM_ENCAP_L2_SHIFT)
#define ROOM_ENCAP	(ROOM_ENCAP_L3 | ROOM_ENCAP_L4 | ROOM_L2_MASK | BPF_F_ADJ_ROOM_ENCAP_L2_ETH)
#define ROOM_DECAP	(BPF_F_ADJ_ROOM_DECAP_L3_IPV4 | BPF_F_ADJ_ROOM_DECAP_L3_IPV6)
#define ROOM_KNOWN	(ROOM_ENCAP | ROOM_DECAP | BPF_F_ADJ_ROOM_FIXED_GSO | \
			 BPF_F_ADJ_ROOM_NO_CSUM_RESET)

/* More than one tunnel's headers take. */
#define ROOM_MAX	0xfffU

static bool both(u64 flags, u64 mask)
{
	return (flags & mask) == mask;
}

static u32 room_l2_len(u64 flags)
{
	return flags >> BPF_ADJ_ROOM_ENCAP_L2_SHIFT & BPF_ADJ_ROOM_ENCAP_L2_MASK;
}

static int room_check_flags(const struct sk_buff *skb, s32 diff, u64 flags)
{
	if (flags & ~ROOM_KNOWN || both(flags, ROOM_ENCAP_L3) || both(flags, ROOM_ENCAP_L4) ||
	    both(flags, ROOM_DECAP))
		return -EINVAL;
	if (diff < 0)
		return flags & ROOM_ENCAP ? -EINVAL : 0;
	if (flags & ROOM_DECAP)
		return -EINVAL;
	if (!(flags & ROOM_ENCAP))
		return 0;
	if (!(flags & ROOM_ENCAP_L3))
		return -EINVAL;
	if (flags & BPF_F_ADJ_ROOM_ENCAP_L2_ETH && room_l2_len(flags) < ETH_HLEN)
		return -EINVAL;
	return skb->encapsulation ? -EALREADY : 0;
}

static u32 encap_gso_type(u64 flags)
{
	if (flags & BPF_F_ADJ_ROOM_ENCAP_L4_UDP)
		return SKB_GSO_UDP_TUNNEL;
	if (flags & BPF_F_ADJ_ROOM_ENCAP_L4_GRE)
		return SKB_GSO_GRE;
	return flags & BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 ? SKB_GSO_IPXIP6 : SKB_GSO_IPXIP4;
}

/* Headers from the tunnel's end on become inner ones; the new ones begin where they did. */
static void encap_headers(struct sk_buff *skb, u64 flags, u16 inner_net, u16 inner_trans)
{
	u32 l2 = room_l2_len(flags);
	bool v6 = flags & BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;

	skb->inner_mac_header = inner_net - l2;
	skb->inner_network_header = inner_net;
	skb->inner_transport_header = inner_trans;
	if (l2 && flags & BPF_F_ADJ_ROOM_ENCAP_L2_ETH)
		skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	else
		skb_set_inner_protocol(skb, skb->protocol);
	skb->encapsulation = 1;

	skb_set_transport_header(skb, skb_network_offset(skb) +
				 (v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)));
	skb->protocol = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb_clear_hash(skb);
}

static void room_gso(struct sk_buff *skb, s32 diff, u64 flags)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (!skb_is_gso(skb))
		return;
	if (!(flags & BPF_F_ADJ_ROOM_FIXED_GSO)) {
		if (diff > 0)
			skb_decrease_gso_size(shinfo, diff);
		else
			skb_increase_gso_size(shinfo, -diff);
	}
	if (flags & ROOM_ENCAP)
		shinfo->gso_type |= encap_gso_type(flags);
	gso_dodgy(skb);
}

/* Packets of segments that cannot be resized as asked. */
static int room_check_gso(const struct sk_buff *skb, s32 diff, u64 flags)
{
	if (!skb_is_gso(skb))
		return 0;
	if (!skb_is_gso_tcp(skb)) {
		/* A datagram's size is its own: only around it room may be made. */
		if (!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) ||
		    !(flags & BPF_F_ADJ_ROOM_FIXED_GSO))
			return -ENOTSUPP;
	}
	if (diff > 0 && !(flags & BPF_F_ADJ_ROOM_FIXED_GSO) && diff >= skb_shinfo(skb)->gso_size)
		return -EINVAL;
	return 0;
}

static int room_grow(struct sk_buff *skb, u32 off, u32 diff, u64 flags)
{
	u16 inner_net = skb->network_header, inner_trans = skb->transport_header;
	int headroom = skb_headroom(skb);
	int err;

	err = skb_cow(skb, diff);
	if (err)
		return err;
	/* The buffer may have been exchanged for one with more in front. */
	inner_net += skb_headroom(skb) - headroom;
	inner_trans += skb_headroom(skb) - headroom;
	err = room_insert(skb, off, diff);
	if (err)
		return err;
	if (flags & ROOM_ENCAP)
		encap_headers(skb, flags, inner_net, inner_trans);
	return 0;
}

#define GSO_TUNNELS	(SKB_GSO_IPXIP4 | SKB_GSO_IPXIP6 | SKB_GSO_GRE | SKB_GSO_GRE_CSUM | \
			 SKB_GSO_UDP_TUNNEL | SKB_GSO_UDP_TUNNEL_CSUM)

/* The headers of a tunnel are gone: what was inside is all that there is, also of each segment. */
static void leave_tunnel(struct sk_buff *skb)
{
	skb->encapsulation = 0;
	skb->transport_header = skb->inner_transport_header;
	if (skb_is_gso(skb))
		skb_shinfo(skb)->gso_type &= ~GSO_TUNNELS;
}

static int room_shrink(struct sk_buff *skb, u32 off, u32 diff, u64 flags)
{
	bool leaves = skb->encapsulation && off == skb_mac_header_len(skb) &&
		      skb_inner_network_offset(skb) == off + diff;
	int err = skb_unclone(skb, GFP_ATOMIC);

	if (!err)
		err = room_remove(skb, off, diff);
	if (!err && leaves)
		leave_tunnel(skb);
	if (!err && flags & BPF_F_ADJ_ROOM_DECAP_L3_IPV4)
		skb->protocol = htons(ETH_P_IP);
	if (!err && flags & BPF_F_ADJ_ROOM_DECAP_L3_IPV6)
		skb->protocol = htons(ETH_P_IPV6);
	return err;
}

/* Size of the network header by the packet's protocol, or 0. */
static u32 net_header_len(const struct sk_buff *skb)
{
	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IP):
		return sizeof(struct iphdr);
	case htons(ETH_P_IPV6):
		return sizeof(struct ipv6hdr);
	default:
		return 0;
	}
}

static int room_check_len(const struct sk_buff *skb, s32 diff, u32 net_len)
{
	u32 l3_len = skb->len - skb_network_offset(skb);

	if (skb_network_offset(skb) < 0 || skb->len < skb_network_offset(skb))
		return -EINVAL;
	if (diff < 0)
		return -diff > l3_len || l3_len + diff < net_len ? -ENOTSUPP : 0;
	if (!skb_is_gso(skb) && skb->len + diff > len_max(skb))
		return -ENOTSUPP;
	return skb->len + diff > IP_MAX_MTU ? -ENOTSUPP : 0;
}

static int adjust_room(struct sk_buff *skb, s32 diff, u32 mode, u64 flags)
{
	u32 net_len = net_header_len(skb), off;
	int err;

	if (!skb_mac_header_was_set(skb))
		return -ENOTSUPP;
	off = skb_mac_header_len(skb);
	if (diff > (s32)ROOM_MAX || diff < -(s32)ROOM_MAX)
		return -EFAULT;
	if (!net_len)
		return -ENOTSUPP;
	if (mode == BPF_ADJ_ROOM_NET)
		off += net_len;
	else if (mode != BPF_ADJ_ROOM_MAC)
		return -ENOTSUPP;

	err = room_check_flags(skb, diff, flags);
	if (!err)
		err = room_check_len(skb, diff, net_len);
	if (!err)
		err = room_check_gso(skb, diff, flags);
	if (err)
		return err;

	err = diff > 0 ? room_grow(skb, off, diff, flags) : room_shrink(skb, off, -diff, flags);
	if (err)
		return err;
	room_gso(skb, diff, flags);
	if (!(flags & BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		__skb_reset_checksum_unnecessary(skb);
	return 0;
}

BPF_CALL_4(bpf_skb_adjust_room, struct sk_buff *, skb, s32, len_diff, u32, mode, u64, flags)
{
	int err = adjust_room(skb, len_diff, mode, flags);

	bpf_compute_data_pointers(skb);
	return err;
}

const struct bpf_func_proto bpf_skb_adjust_room_proto = {
	.func		= bpf_skb_adjust_room,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
	.arg4_type	= ARG_ANYTHING,
};
