// SPDX-License-Identifier: GPL-2.0
/* Checksums three ways: by helper, incrementally, and word by word over a bounded packet. */
#include "net.h"

static __fast void replace16(__u16 *check, __u16 old, __u16 new)
{
	__u32 sum = (__u16)~*check + (__u16)~old + new;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*check = ~sum;
}

SEC("xdp")
int ttl_down(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;
	__u16 old, new;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return XDP_PASS;
	if (ip->ttl <= 1)
		return XDP_DROP;
	old = *(__u16 *)&ip->ttl;
	ip->ttl--;
	new = *(__u16 *)&ip->ttl;
	replace16(&ip->check, old, new);
	return XDP_PASS;
}

SEC("xdp")
int verify_ip(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;
	__s64 sum;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5)
		return XDP_DROP;
	sum = bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0);
	if (sum < 0)
		return XDP_ABORTED;
	return fold(sum) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int verify_udp(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct udphdr *udp;
	struct iphdr *ip;
	__u64 sum = 0;
	__u32 len;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5 || ip->protocol != PROTO_UDP)
		return XDP_PASS;
	udp = c.pos;
	if ((void *)(udp + 1) > c.end)
		return XDP_DROP;
	if (!udp->check)
		return XDP_PASS;
	len = bpf_ntohs(udp->len);
	sum += (ip->saddr & 0xffff) + (ip->saddr >> 16);
	sum += (ip->daddr & 0xffff) + (ip->daddr >> 16);
	sum += bpf_htons(PROTO_UDP) + udp->len;
	for (int i = 0; i < 750; i++) {
		__u16 *w;

		if (len < 2)
			break;
		w = take(&c, 2);
		if (!w)
			return XDP_DROP;
		sum += *w;
		len -= 2;
	}
	if (len == 1) {
		__u8 *b = take(&c, 1);

		if (!b)
			return XDP_DROP;
		sum += *b;
	}
	return fold(sum) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
