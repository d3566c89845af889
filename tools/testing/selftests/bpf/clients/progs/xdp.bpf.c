// SPDX-License-Identifier: GPL-2.0
/* XDP programs for the clients: count by protocol, drop ICMP, pass. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static __always_inline int protocol(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return -1;
	return ip->protocol;
}

static __always_inline int count(struct xdp_md *ctx)
{
	int proto = protocol(ctx);
	__u32 key = proto;
	__u64 *n;

	if (proto < 0)
		return -1;
	n = bpf_map_lookup_elem(&packets, &key);
	if (n)
		*n += 1;
	return proto;
}

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	count(ctx);
	return XDP_PASS;
}

SEC("xdp")
int xdp_drop_icmp(struct xdp_md *ctx)
{
	return count(ctx) == 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
