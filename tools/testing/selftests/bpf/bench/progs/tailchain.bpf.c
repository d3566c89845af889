// SPDX-License-Identifier: GPL-2.0
/* Chains of tail calls, direct and by computed index, also from inside a static function. */
#include "net.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 40);
	__type(key, __u32);
	__type(value, __u32);
} chain SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[4]);
} state SEC(".maps");

static __fast __u64 *shared(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&state, &zero);
}

static __sub int jump_by_hash(struct xdp_md *ctx, __u32 h)
{
	volatile int ret = XDP_PASS;

	bpf_tail_call(ctx, &chain, h % 4);
	return ret;
}

#define LINK(n, next)					\
SEC("xdp")						\
int link##n(struct xdp_md *ctx)				\
{							\
	__u64 *s = shared();				\
							\
	if (!s)						\
		return XDP_ABORTED;			\
	s[0] += n;					\
	s[1] = s[1] * 31 + (ctx->data_end - ctx->data);	\
	bpf_tail_call_static(ctx, &chain, next);	\
	return XDP_PASS;				\
}

LINK(0, 1)
LINK(1, 2)
LINK(2, 3)
LINK(3, 4)
LINK(4, 0)

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return XDP_DROP;
	return jump_by_hash(ctx, mix3(ip->saddr, ip->daddr, ip->protocol));
}

char _license[] SEC("license") = "GPL";
