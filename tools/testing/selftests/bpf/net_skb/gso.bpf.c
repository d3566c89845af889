// SPDX-License-Identifier: GPL-2.0
/* An IPIP tunnel made by programs, for packets of many segments. */
#include "net/net.bpf.h"
#include "gso.h"

#define ENOTSUPP 524

struct globals g;

static __always_inline struct iphdr *ip_of(struct __sk_buff *skb)
{
	struct iphdr *ip = DATA(skb) + ETH_HLEN;

	if (skb->protocol != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > DATA_END(skb))
		return NULL;
	return ip;
}

static __always_inline __u16 ip_csum(struct iphdr *ip)
{
	__u16 *words = (void *)ip;
	__u32 sum = 0;
	int i;

	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("tc")
int tc_encap(struct __sk_buff *skb)
{
	struct iphdr *ip = ip_of(skb), outer = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_IPIP,
	};
	__u32 segs = skb->gso_segs > 1;
	int err;

	if (!ip || ip->protocol != g.proto)
		return TC_ACT_OK;
	outer.saddr = ip->saddr;
	outer.daddr = g.to;
	count(AT_ENCAP, segs);
	/* Only segments of TCP can be made shorter. */
	if (segs && g.proto == IPPROTO_UDP) {
		err = bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC,
					  BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
		if (err != -ENOTSUPP)
			count(AT_WRONG, 1);
	}
	err = bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC,
				  BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | g.flags);
	if (err) {
		count(AT_WRONG, -err);
		return TC_ACT_SHOT;
	}
	outer.tot_len = bpf_htons(skb->len - ETH_HLEN);
	outer.check = ip_csum(&outer);
	err = bpf_skb_store_bytes(skb, ETH_HLEN, &outer, sizeof(outer), 0);
	if (err)
		count(AT_WRONG, -err);
	return err ? TC_ACT_SHOT : TC_ACT_OK;
}

static __always_inline int decap(struct __sk_buff *skb)
{
	struct iphdr *ip = ip_of(skb);
	int err;

	if (!ip || ip->protocol != IPPROTO_IPIP)
		return TC_ACT_OK;
	err = bpf_skb_adjust_room(skb, -(int)sizeof(*ip), BPF_ADJ_ROOM_MAC, g.flags);
	if (err) {
		count(AT_WRONG, -err);
		return TC_ACT_SHOT;
	}
	ip = ip_of(skb);
	if (!ip || ip->protocol != g.proto)
		count(AT_WRONG, 2);
	count(AT_DECAP, skb->gso_size != 0);
	return TC_ACT_OK;
}

SEC("tc")
int tc_decap(struct __sk_buff *skb)
{
	return decap(skb);
}

static __always_inline int count_at(struct __sk_buff *skb, __u32 where)
{
	struct iphdr *ip = ip_of(skb);

	if (!ip || (ip->protocol != g.proto && ip->protocol != IPPROTO_IPIP))
		return TC_ACT_OK;
	count(where, skb->gso_size != 0);
	if (where == AT_END && skb->len > g.frame)
		count(AT_LONG, skb->len);
	return TC_ACT_OK;
}

SEC("tc")
int tc_leave(struct __sk_buff *skb)
{
	return count_at(skb, AT_LEAVE);
}

SEC("tc")
int tc_end(struct __sk_buff *skb)
{
	return count_at(skb, AT_END);
}

SEC("tc")
int tc_end_decap(struct __sk_buff *skb)
{
	count_at(skb, AT_END);
	return decap(skb);
}
