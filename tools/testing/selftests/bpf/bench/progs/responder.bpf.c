// SPDX-License-Identifier: GPL-2.0
/* Answers to pings and ARP in XDP, and a reject in tc that turns a SYN into an RST in place. */
#include "net.h"

struct arp_body {
	__be16 htype, ptype;
	__u8 hlen, plen;
	__be16 op;
	__u8 sha[6];
	__u8 spa[4];
	__u8 tha[6];
	__u8 tpa[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u8[8]);
} own SEC(".maps");

static __fast void swap_macs(struct ethhdr *eth)
{
	__u8 t[6];

	__builtin_memcpy(t, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, eth->h_dest, 6);
	__builtin_memcpy(eth->h_dest, t, 6);
}

SEC("xdp")
int answer(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));

	if (!eth)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_ARP)) {
		struct arp_body *arp = take(&c, sizeof(*arp));
		__u8 tpa[4], *mac;
		__u32 want;

		if (!arp || arp->op != bpf_htons(1) || arp->hlen != 6 || arp->plen != 4)
			return XDP_PASS;
		__builtin_memcpy(&want, arp->tpa, 4);
		mac = bpf_map_lookup_elem(&own, &want);
		if (!mac)
			return XDP_PASS;
		swap_macs(eth);
		__builtin_memcpy(eth->h_source, mac, 6);
		__builtin_memcpy(tpa, arp->tpa, 4);
		__builtin_memcpy(arp->tha, arp->sha, 6);
		__builtin_memcpy(arp->tpa, arp->spa, 4);
		__builtin_memcpy(arp->sha, mac, 6);
		__builtin_memcpy(arp->spa, tpa, 4);
		arp->op = bpf_htons(2);
		return XDP_TX;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = take(&c, sizeof(*ip));
		struct icmp_head *icmp;
		__be32 addr;
		__u32 sum;

		if (!ip || ip->ihl != 5 || ip->protocol != PROTO_ICMP)
			return XDP_PASS;
		icmp = take(&c, sizeof(*icmp));
		if (!icmp || icmp->type != 8)
			return XDP_PASS;
		addr = ip->daddr;
		if (!bpf_map_lookup_elem(&own, &addr))
			return XDP_PASS;
		swap_macs(eth);
		ip->daddr = ip->saddr;
		ip->saddr = addr;
		icmp->type = 0;
		sum = icmp->checksum + bpf_htons(0x0800);
		icmp->checksum = sum + (sum >> 16);
		return XDP_TX;
	}
	return XDP_PASS;
}

SEC("tc")
int reject(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct tcphdr *tcp;
	struct iphdr *ip;
	__be32 addr, seq;
	__be16 port;
	__u64 sum;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5 || ip->protocol != PROTO_TCP)
		return TC_OK;
	tcp = take(&c, sizeof(*tcp));
	if (!tcp || !tcp->syn || tcp->ack)
		return TC_OK;
	swap_macs(eth);
	addr = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	port = tcp->source;
	tcp->source = tcp->dest;
	tcp->dest = port;
	seq = tcp->seq;
	tcp->ack_seq = bpf_htonl(bpf_ntohl(seq) + 1);
	tcp->seq = 0;
	((__u8 *)tcp)[12] = 0x50;
	((__u8 *)tcp)[13] = 0x14;
	tcp->window = 0;
	tcp->check = 0;
	sum = bpf_csum_diff(0, 0, (__be32 *)tcp, sizeof(*tcp), 0);
	sum += (addr & 0xffff) + (addr >> 16) + (ip->saddr & 0xffff) + (ip->saddr >> 16);
	sum += bpf_htons(PROTO_TCP) + bpf_htons(sizeof(*tcp));
	tcp->check = fold(sum);
	if (bpf_skb_change_tail(skb, ETH_HLEN + sizeof(*ip) + sizeof(*tcp), 0))
		return TC_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "GPL";
