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

/* Is given a number where its types say context. */
static __attribute__((noinline)) int odd(struct xdp_md *fake, int base)
{
	volatile long ret = (long)fake;

	return ret + base;
}

/* Is given two registers where its types say one: compilers take structs apart so. */
static __attribute__((naked, used, noinline)) int promoted(int a)
{
	asm volatile("w0 = w1; w0 += w2; exit;" ::: "r0", "r1", "r2");
}

static __always_inline int call_promoted(long a, long b)
{
	long ret;

	asm volatile("r1 = %[a]; r2 = %[b]; call promoted; %[ret] = r0;"
		     : [ret]"=r"(ret)
		     : [a]"r"(a), [b]"r"(b)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return ret;
}

/* The context is not the first. */
__attribute__((noinline)) int second(int base, struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	volatile int ret = base;

	return data + 64 <= end ? ret + 64 : ret;
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
	int ret = hidden(ctx, pick(ctx, 0));

	if (odd((void *)own_calls, ret) < 2 || second(2, ctx) < 2)
		return XDP_ABORTED;
	if (call_promoted(ret, own_calls) != ret + (int)own_calls)
		return XDP_ABORTED;
	return ret == 1 ? XDP_DROP : XDP_PASS;
}
