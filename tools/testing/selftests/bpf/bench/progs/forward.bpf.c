// SPDX-License-Identifier: GPL-2.0
/* A router in XDP: the kernel's own tables through bpf_fib_lookup, then a device map. */
#include "net.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

#define BENCH_AF_INET	2
#define BENCH_AF_INET6	10

SEC("xdp")
int route(struct xdp_md *ctx)
{
	struct bpf_fib_lookup fib = {};
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct ipv6hdr *ip6 = 0;
	struct iphdr *ip = 0;
	__u32 check;

	if (!eth)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		ip = take(&c, sizeof(*ip));
		if (!ip || ip->ttl <= 1)
			return XDP_PASS;
		fib.family = BENCH_AF_INET;
		fib.tos = ip->tos;
		fib.l4_protocol = ip->protocol;
		fib.tot_len = bpf_ntohs(ip->tot_len);
		fib.ipv4_src = ip->saddr;
		fib.ipv4_dst = ip->daddr;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		ip6 = take(&c, sizeof(*ip6));
		if (!ip6 || ip6->hop_limit <= 1)
			return XDP_PASS;
		fib.family = BENCH_AF_INET6;
		fib.flowinfo = *(__be32 *)ip6 & bpf_htonl(0x0fffffff);
		fib.l4_protocol = ip6->nexthdr;
		fib.tot_len = bpf_ntohs(ip6->payload_len);
		__builtin_memcpy(fib.ipv6_src, &ip6->saddr, 16);
		__builtin_memcpy(fib.ipv6_dst, &ip6->daddr, 16);
	} else {
		return XDP_PASS;
	}
	fib.ifindex = ctx->ingress_ifindex;
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	if (ip) {
		check = ip->check + bpf_htons(0x0100);
		ip->check = check + (check >= 0xffff);
		ip->ttl--;
	} else if (ip6) {
		ip6->hop_limit--;
	}
	__builtin_memcpy(eth->h_dest, fib.dmac, 6);
	__builtin_memcpy(eth->h_source, fib.smac, 6);
	return bpf_redirect_map(&ports, fib.ifindex, 0);
}

SEC("xdp")
int spread(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return XDP_PASS;
	return bpf_redirect_map(&cpus, mix3(ip->saddr, ip->daddr, ip->protocol) % 8, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
