// SPDX-License-Identifier: GPL-2.0
/* Programs that others are attached to: one of packets, with a global and a static function. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 own_calls;

__attribute__((noinline)) int pick(struct xdp_md *ctx, int base)
{
	volatile int ret = base;

	own_calls++;
	return ret + 1;
}

static __attribute__((noinline)) int hidden(struct xdp_md *ctx, int base)
{
	volatile int ret = base;

	return ret + (ctx->data_end - ctx->data > 100000);
}

SEC("tc")
int target_tc(struct __sk_buff *skb)
{
	skb->mark = skb->len;
	return skb->len > 1000 ? 2 : 7;
}

SEC("xdp")
int target(struct xdp_md *ctx)
{
	return hidden(ctx, pick(ctx, 0)) == 1 ? XDP_DROP : XDP_PASS;
}
