// SPDX-License-Identifier: GPL-2.0
/* Encapsulation in tc with the tunnel devices' metadata, and by hand with bpf_skb_adjust_room. */
#include "net.h"

struct tunnel_to {
	__u32 remote;
	__u32 vni;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct tunnel_to);
} routes SEC(".maps");

const volatile __u32 tunnel_ifindex = 1;

SEC("tc")
int encap(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct bpf_tunnel_key key = {};
	struct tunnel_to *to;
	struct iphdr *ip;
	__u64 dst;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return TC_OK;
	dst = (__u64)ip->daddr << 32 | 32;
	to = bpf_map_lookup_elem(&routes, &dst);
	if (!to)
		return TC_OK;
	key.tunnel_id = to->vni;
	key.remote_ipv4 = to->remote;
	key.tunnel_ttl = 64;
	key.tunnel_tos = ip->tos;
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), BPF_F_ZERO_CSUM_TX))
		return TC_SHOT;
	return bpf_redirect(tunnel_ifindex, 0);
}

SEC("tc")
int decap(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = {};

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		return TC_OK;
	skb->mark = key.tunnel_id;
	return key.tunnel_ttl ? TC_OK : TC_SHOT;
}

SEC("tc")
int by_hand(struct __sk_buff *skb)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
	} outer;
	struct iphdr inner;
	__u16 len;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &inner, sizeof(inner)))
		return TC_OK;
	if (inner.protocol != PROTO_UDP)
		return TC_OK;
	len = bpf_ntohs(inner.tot_len);
	if (bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
				BPF_F_ADJ_ROOM_FIXED_GSO))
		return TC_SHOT;
	outer.ip = inner;
	outer.ip.ihl = 5;
	outer.ip.protocol = PROTO_UDP;
	outer.ip.tot_len = bpf_htons(len + sizeof(outer));
	outer.ip.check = 0;
	outer.ip.check = fold(bpf_csum_diff(0, 0, (__be32 *)&outer.ip, sizeof(outer.ip), 0));
	outer.udp.source = bpf_htons(0xc000 | (bpf_get_hash_recalc(skb) & 0x3fff));
	outer.udp.dest = bpf_htons(6635);
	outer.udp.len = bpf_htons(len + sizeof(outer.udp));
	outer.udp.check = 0;
	if (bpf_skb_store_bytes(skb, ETH_HLEN, &outer, sizeof(outer), BPF_F_INVALIDATE_HASH))
		return TC_SHOT;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
