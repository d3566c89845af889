// SPDX-License-Identifier: GPL-2.0
/* Classifiers for mangle.c: each returns 0, or a number that says what was wrong. */
#include "net/net.bpf.h"

#define EINVAL		22
#define EFAULT		14
#define EACCES		13
#define EALREADY	114
#define EOPNOTSUPP	95
#define ENOTSUPP	524

#define LEN_IN	142		/* bytes of the packet that comes in */
#define NET	14
#define L4	(NET + 20)
#define UDP_CSUM (L4 + 6)
#define IP_CSUM	(NET + 10)
#define IP_DST	(NET + 16)

/* ------------------------------------------------------------------ VLAN tags */

SEC("tc")
int vlan(struct __sk_buff *skb)
{
	__u16 proto;

	if (bpf_skb_vlan_pop(skb) || skb->len != LEN_IN)
		return 1;
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), 0x123))
		return 2;
	if (!skb->vlan_present || skb->vlan_tci != 0x123 ||
	    skb->vlan_proto != bpf_htons(ETH_P_8021AD))
		return 3;
	/* A second tag: the first one moves into the packet. */
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 0x456) || skb->len != LEN_IN + 4)
		return 4;
	if (bpf_skb_load_bytes(skb, 12, &proto, 2) || proto != bpf_htons(ETH_P_8021AD))
		return 5;
	if (skb->vlan_tci != 0x456 || skb->vlan_proto != bpf_htons(ETH_P_8021Q))
		return 6;
	if (bpf_skb_vlan_pop(skb) || skb->vlan_tci != 0x123 || skb->len != LEN_IN)
		return 7;
	if (bpf_skb_vlan_pop(skb) || skb->vlan_present || skb->len != LEN_IN)
		return 8;
	/* Any other protocol is taken for 802.1Q. */
	if (bpf_skb_vlan_push(skb, 0x1234, 7) || skb->vlan_proto != bpf_htons(ETH_P_8021Q))
		return 9;
	return bpf_skb_vlan_pop(skb) ? 10 : 0;
}

/* ------------------------------------------------------------------ size and protocol */

SEC("tc")
int proto(struct __sk_buff *skb)
{
	__u8 first;

	if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IPV6), 1) != -EINVAL)
		return 1;
	if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IP), 0) != -ENOTSUPP)
		return 2;
	if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_ARP), 0) != -ENOTSUPP)
		return 3;
	if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IPV6), 0))
		return 4;
	if (skb->len != LEN_IN + 20 || skb->protocol != bpf_htons(ETH_P_IPV6))
		return 5;
	/* Bytes behind the headers are where they were, counted from the end. */
	if (bpf_skb_load_bytes(skb, L4 + 8 + 20, &first, 1) || first != 0x5a)
		return 6;
	if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IP), 0))
		return 7;
	if (skb->len != LEN_IN || skb->protocol != bpf_htons(ETH_P_IP))
		return 8;
	return bpf_skb_load_bytes(skb, L4 + 8, &first, 1) || first != 0x5a ? 9 : 0;
}

SEC("tc")
int head(struct __sk_buff *skb)
{
	__u64 zero;
	__u8 first;

	if (bpf_skb_change_head(skb, 8, 1) != -EINVAL)
		return 1;
	if (bpf_skb_change_head(skb, 1 << 20, 0) != -EINVAL)
		return 2;
	if (bpf_skb_change_head(skb, 8, 0) || skb->len != LEN_IN + 8)
		return 3;
	if (bpf_skb_load_bytes(skb, 0, &zero, 8) || zero)
		return 4;
	return bpf_skb_load_bytes(skb, 8, &first, 1) || first != 2 ? 5 : 0;
}

SEC("tc")
int tail(struct __sk_buff *skb)
{
	__u32 word;

	if (bpf_skb_change_tail(skb, LEN_IN, 1) != -EINVAL)
		return 1;
	if (bpf_skb_change_tail(skb, NET - 1, 0) != -EINVAL)
		return 2;
	if (bpf_skb_change_tail(skb, 1 << 20, 0) != -EINVAL)
		return 3;
	if (bpf_skb_change_tail(skb, LEN_IN + 300, 0) || skb->len != LEN_IN + 300)
		return 4;
	if (bpf_skb_load_bytes(skb, LEN_IN, &word, 4) || word)
		return 5;
	if (bpf_skb_load_bytes(skb, LEN_IN - 4, &word, 4) || word != 0x5a5a5a5a)
		return 6;
	if (bpf_skb_change_tail(skb, 50, 0) || skb->len != 50)
		return 7;
	if (skb->data_end - skb->data != 50)
		return 8;
	return bpf_skb_change_tail(skb, 50, 0) ? 9 : 0;
}

#define FIXED	BPF_F_ADJ_ROOM_FIXED_GSO
#define V4	BPF_F_ADJ_ROOM_ENCAP_L3_IPV4
#define V6	BPF_F_ADJ_ROOM_ENCAP_L3_IPV6
#define GRE	BPF_F_ADJ_ROOM_ENCAP_L4_GRE
#define UDP	BPF_F_ADJ_ROOM_ENCAP_L4_UDP

SEC("tc")
int room_errors(struct __sk_buff *skb)
{
	if (bpf_skb_adjust_room(skb, 8, 2, 0) != -ENOTSUPP)
		return 1;
	if (bpf_skb_adjust_room(skb, 0x1000, BPF_ADJ_ROOM_NET, 0) != -EFAULT)
		return 2;
	if (bpf_skb_adjust_room(skb, -0x1000, BPF_ADJ_ROOM_NET, 0) != -EFAULT)
		return 3;
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_NET, 1ULL << 40) != -EINVAL)
		return 4;
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, V4 | V6) != -EINVAL)
		return 5;
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, V4 | GRE | UDP) != -EINVAL)
		return 6;
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, GRE) != -EINVAL)
		return 7;
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_DECAP_L3_IPV4) != -EINVAL)
		return 8;
	if (bpf_skb_adjust_room(skb, -8, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_DECAP_L3_IPV4 |
				BPF_F_ADJ_ROOM_DECAP_L3_IPV6) != -EINVAL)
		return 9;
	/* More than there is behind the network header. */
	if (bpf_skb_adjust_room(skb, -(LEN_IN - NET), BPF_ADJ_ROOM_NET, 0) != -ENOTSUPP)
		return 10;
	return skb->len == LEN_IN ? 0 : 11;
}

/* Behind the network header, and back. */
SEC("tc")
int room_net(struct __sk_buff *skb)
{
	__u32 word;

	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_NET, FIXED) || skb->len != LEN_IN + 8)
		return 1;
	if (bpf_skb_load_bytes(skb, L4, &word, 4) || word)
		return 2;
	if (bpf_skb_load_bytes(skb, NET, &word, 1) || (word & 0xff) != 0x45)
		return 3;
	if (bpf_skb_load_bytes(skb, LEN_IN + 4, &word, 4) || word != 0x5a5a5a5a)
		return 4;
	if (bpf_skb_adjust_room(skb, -8, BPF_ADJ_ROOM_NET, FIXED) || skb->len != LEN_IN)
		return 5;
	return bpf_skb_load_bytes(skb, L4 + 8, &word, 4) || word != 0x5a5a5a5a ? 6 : 0;
}

/* A tunnel of each kind around the packet, taken off again. */
static __always_inline int tunnel(struct __sk_buff *skb, int room, __u64 flags, __u16 outer)
{
	__u64 back = outer == ETH_P_IP ? 0 : BPF_F_ADJ_ROOM_DECAP_L3_IPV4;
	__u8 first;

	if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags) || skb->len != LEN_IN + room)
		return 1;
	if (skb->protocol != bpf_htons(outer))
		return 2;
	if (bpf_skb_load_bytes(skb, NET, &first, 1) || first)
		return 3;
	if (bpf_skb_load_bytes(skb, NET + room, &first, 1) || first != 0x45)
		return 4;
	/* One tunnel is all that a packet remembers. */
	if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags) != -EALREADY)
		return 5;
	if (bpf_skb_adjust_room(skb, -room, BPF_ADJ_ROOM_MAC, back) || skb->len != LEN_IN)
		return 6;
	if (skb->protocol != bpf_htons(ETH_P_IP))
		return 7;
	return bpf_skb_load_bytes(skb, NET, &first, 1) || first != 0x45 ? 8 : 0;
}

SEC("tc")
int room_ipip(struct __sk_buff *skb)
{
	return tunnel(skb, 20, V4, ETH_P_IP);
}

SEC("tc")
int room_ip6(struct __sk_buff *skb)
{
	return tunnel(skb, 40, V6, ETH_P_IPV6);
}

SEC("tc")
int room_gre(struct __sk_buff *skb)
{
	return tunnel(skb, 24, V4 | GRE, ETH_P_IP);
}

SEC("tc")
int room_udp(struct __sk_buff *skb)
{
	return tunnel(skb, 20 + 8 + 4, V4 | UDP | BPF_F_ADJ_ROOM_ENCAP_L2(4), ETH_P_IP);
}

SEC("tc")
int room_eth(struct __sk_buff *skb)
{
	if (bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, V4 | GRE | BPF_F_ADJ_ROOM_ENCAP_L2(13) |
				BPF_F_ADJ_ROOM_ENCAP_L2_ETH) != -EINVAL)
		return 10;
	return tunnel(skb, 24 + 14, V4 | GRE | BPF_F_ADJ_ROOM_ENCAP_L2(14) |
		      BPF_F_ADJ_ROOM_ENCAP_L2_ETH, ETH_P_IP);
}

/* ------------------------------------------------------------------ bytes and checksums */

SEC("tc")
int bytes(struct __sk_buff *skb)
{
	__u32 word = 0x12345678, got;

	if (bpf_skb_store_bytes(skb, 60, &word, 4, 1 << 5) != -EINVAL)
		return 1;
	if (bpf_skb_store_bytes(skb, LEN_IN - 3, &word, 4, 0) != -EFAULT)
		return 2;
	if (bpf_skb_store_bytes(skb, -1, &word, 4, 0) != -EFAULT)
		return 3;
	if (bpf_skb_store_bytes(skb, 60, &word, 4, BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH))
		return 4;
	if (bpf_skb_load_bytes(skb, 60, &got, 4) || got != word)
		return 5;
	if (bpf_skb_load_bytes(skb, LEN_IN - 3, &got, 4) != -EFAULT || got)
		return 6;
	if (bpf_skb_load_bytes(skb, -1, &got, 4) != -EFAULT)
		return 7;
	if (bpf_skb_load_bytes_relative(skb, 9, &got, 1, BPF_HDR_START_NET) ||
	    (got & 0xff) != IPPROTO_UDP)
		return 8;
	if (bpf_skb_load_bytes_relative(skb, 12, &got, 2, BPF_HDR_START_MAC) ||
	    (got & 0xffff) != bpf_htons(ETH_P_IP))
		return 9;
	if (bpf_skb_load_bytes_relative(skb, 0, &got, 4, 2) != -EFAULT || got)
		return 10;
	if (bpf_skb_load_bytes_relative(skb, 0x10000, &got, 4, 0) != -EFAULT)
		return 11;
	if (bpf_skb_pull_data(skb, LEN_IN + 1) >= 0)
		return 12;
	return bpf_skb_pull_data(skb, 0) ? 13 : 0;
}

/* Replaces an address and a port, and says so to all that sum over them. */
SEC("tc")
int csum_replace(struct __sk_buff *skb)
{
	__u32 from, to = bpf_htonl(0x0a0b0c0d);
	__u16 from_port, to_port = bpf_htons(4242);

	if (bpf_l3_csum_replace(skb, IP_CSUM + 1, 0, 0, 2) != -EFAULT)
		return 1;
	if (bpf_l3_csum_replace(skb, LEN_IN, 0, 0, 2) != -EFAULT)
		return 2;
	if (bpf_l3_csum_replace(skb, IP_CSUM, 0, 0, 3) != -EINVAL)
		return 3;
	if (bpf_l3_csum_replace(skb, IP_CSUM, 1, 0, 0) != -EINVAL)
		return 4;
	if (bpf_l3_csum_replace(skb, IP_CSUM, 0, 0, 2 | BPF_F_PSEUDO_HDR) != -EINVAL)
		return 5;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 0, 0, 1ULL << 32) != -EINVAL)
		return 6;
	if (bpf_l4_csum_replace(skb, UDP_CSUM + 1, 0, 0, 2) != -EFAULT)
		return 7;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 1, 0, 0) != -EINVAL)
		return 8;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 0, 0, 5) != -EINVAL)
		return 9;

	if (bpf_skb_load_bytes(skb, IP_DST, &from, 4) ||
	    bpf_skb_load_bytes(skb, L4 + 2, &from_port, 2))
		return 10;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, from, to,
				BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 | 4) ||
	    bpf_l3_csum_replace(skb, IP_CSUM, from, to, 4) ||
	    bpf_skb_store_bytes(skb, IP_DST, &to, 4, 0))
		return 11;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, from_port, to_port, BPF_F_MARK_MANGLED_0 | 2) ||
	    bpf_skb_store_bytes(skb, L4 + 2, &to_port, 2, 0))
		return 12;
	return 0;
}

/* A UDP packet without checksum stays so, unless it is to have one. */
SEC("tc")
int csum_mangled(struct __sk_buff *skb)
{
	__u16 zero = 0, got;

	if (bpf_skb_store_bytes(skb, UDP_CSUM, &zero, 2, 0))
		return 1;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 1, 2, BPF_F_MARK_MANGLED_0 | 2))
		return 2;
	if (bpf_skb_load_bytes(skb, UDP_CSUM, &got, 2) || got)
		return 3;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 1, 2, BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | 2))
		return 4;
	if (bpf_skb_load_bytes(skb, UDP_CSUM, &got, 2) || !got)
		return 5;
	/* What comes out as nothing is written all ones. */
	got = 0xffff;
	if (bpf_skb_store_bytes(skb, UDP_CSUM, &got, 2, 0))
		return 6;
	if (bpf_l4_csum_replace(skb, UDP_CSUM, 5, 5, BPF_F_MARK_MANGLED_0 | 2))
		return 7;
	return bpf_skb_load_bytes(skb, UDP_CSUM, &got, 2) || got != 0xffff ? 8 : 0;
}

static __always_inline __u32 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32 & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

SEC("tc")
int csum_diff(struct __sk_buff *skb)
{
	__u32 from[2] = { 0x11112222, 0x00000004 }, to[2] = { 0x0fff0001, 0x12345678 };

	if (bpf_csum_diff(from, 3, 0, 0, 0) != -EINVAL || bpf_csum_diff(0, 0, to, 6, 0) != -EINVAL)
		return 1;
	if (bpf_csum_diff(0, 0, 0, 0, 77) != 77)
		return 2;
	if (fold(bpf_csum_diff(0, 0, to, 8, 0)) != fold(0x0fff + 1 + 0x1234 + 0x5678))
		return 3;
	if (fold(bpf_csum_diff(0, 0, to, 4, 5)) != fold(0x0fff + 1 + 5))
		return 4;
	/* Taken away: the sum's complement is added. */
	if (fold(bpf_csum_diff(from, 4, 0, 0, 0)) != fold(0xffff - 0x3333))
		return 5;
	if (fold(bpf_csum_diff(from, 8, to, 4, 1)) != fold(0x0fff + 1 + 1 + (0xffff - 0x3337)))
		return 6;
	if (fold(bpf_csum_diff(from, 8, from, 8, 0)) % 0xffff)
		return 7;
	return 0;
}

/* Without a complete checksum there is nothing to update. */
SEC("tc")
int csum_none(struct __sk_buff *skb)
{
	if (bpf_csum_update(skb, 5) != -ENOTSUPP)
		return 1;
	if (bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) != -EACCES)
		return 2;
	if (bpf_csum_level(skb, 4) != -EINVAL)
		return 3;
	return 0;
}

/* Writes by pointer and says what that does to the sum. */
SEC("tc")
int csum_by_hand(struct __sk_buff *skb)
{
	__u32 *word = DATA(skb) + L4 + 8, from, to = 0xdeadbeef;

	if ((void *)(word + 1) > DATA_END(skb))
		return 1;
	from = *word;
	*word = to;
	return bpf_csum_update(skb, bpf_csum_diff(&from, 4, &to, 4, 0)) < 0 ? 2 : 0;
}

/* ------------------------------------------------------------------ what is known of a packet */

SEC("tc")
int about(struct __sk_buff *skb)
{
	__u32 hash = bpf_get_hash_recalc(skb);

	if (!hash || skb->hash != hash)
		return 1;
	bpf_set_hash(skb, 0x1234567);
	if (skb->hash != 0x1234567 || bpf_get_hash_recalc(skb) != 0x1234567)
		return 2;
	bpf_set_hash_invalid(skb);
	if (skb->hash || bpf_get_hash_recalc(skb) != hash)
		return 3;
	if (bpf_skb_change_type(skb, 4) != -EINVAL)
		return 4;
	if (bpf_skb_change_type(skb, 0) || skb->pkt_type != 0)
		return 5;
	if (bpf_skb_change_type(skb, 3) || skb->pkt_type != 3)
		return 6;
	if (bpf_skb_set_tstamp(skb, 0, BPF_SKB_TSTAMP_DELIVERY_MONO) != -EINVAL)
		return 7;
	if (bpf_skb_set_tstamp(skb, 7, 9) != -EINVAL)
		return 8;
	if (bpf_skb_set_tstamp(skb, 4711, BPF_SKB_TSTAMP_DELIVERY_MONO) || skb->tstamp != 4711 ||
	    skb->tstamp_type != BPF_SKB_TSTAMP_DELIVERY_MONO)
		return 9;
	if (bpf_skb_set_tstamp(skb, 0, BPF_SKB_TSTAMP_UNSPEC) || skb->tstamp || skb->tstamp_type)
		return 10;
	return 0;
}

SEC("tc")
int ecn(struct __sk_buff *skb)
{
	__u8 tos = 0;

	/* A sender that does not know of it is not told. */
	if (bpf_skb_ecn_set_ce(skb))
		return 1;
	if (bpf_l3_csum_replace(skb, IP_CSUM, 0, bpf_htons(2), 2))
		return 2;
	tos = 2;
	if (bpf_skb_store_bytes(skb, NET + 1, &tos, 1, 0))
		return 3;
	if (bpf_skb_ecn_set_ce(skb) != 1)
		return 4;
	if (bpf_skb_load_bytes(skb, NET + 1, &tos, 1) || tos != 3)
		return 5;
	return bpf_skb_ecn_set_ce(skb) == 1 ? 0 : 6;
}
