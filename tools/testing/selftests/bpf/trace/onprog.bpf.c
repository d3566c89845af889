// SPDX-License-Identifier: GPL-2.0
/* Programs for the functions of target.bpf.c. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

__u64 packet_len, ifindex, verdict, seen, pick_base, pick_ret, hidden_base, hidden_ret;
__u64 replaced;
__u32 first_byte;

SEC("fentry/target")
int BPF_PROG(on_entry, struct xdp_buff *xdp)
{
	__u32 meta = 0xabcd;

	packet_len = (__u64)xdp->data_end - (__u64)xdp->data;
	ifindex = xdp->rxq->dev->ifindex;
	seen++;
	bpf_xdp_output(xdp, &events, BPF_F_CURRENT_CPU | (16ULL << 32), &meta, sizeof(meta));
	return 0;
}

SEC("fexit/target")
int BPF_PROG(on_exit, struct xdp_buff *xdp, int ret)
{
	verdict = ret;
	return 0;
}

__u64 skb_len, skb_mark, skb_verdict;

/* A tc program's packet, before and after it. */
SEC("fentry/target_tc")
int BPF_PROG(on_tc_entry, struct sk_buff *skb)
{
	__u32 meta = 0x1234;

	skb_len = skb->len;
	skb_mark = skb->mark;
	bpf_skb_output(skb, &events, BPF_F_CURRENT_CPU | (20ULL << 32), &meta, sizeof(meta));
	return 0;
}

SEC("fexit/target_tc")
int BPF_PROG(on_tc_exit, struct sk_buff *skb, int ret)
{
	skb_mark = skb->mark;
	skb_verdict = ret;
	return 0;
}

/* At an extension, as at any other program. */
SEC("fexit/new_pick")
int BPF_PROG(on_extension, struct xdp_buff *xdp, int base, int ret)
{
	pick_base = base + 200;
	pick_ret = ret;
	return 0;
}

/* No extension of an extension. */
SEC("freplace/new_pick")
int newer_pick(struct xdp_md *ctx, int base)
{
	return 77;
}

SEC("fexit/pick")
int BPF_PROG(on_pick, struct xdp_buff *xdp, int base, int ret)
{
	pick_base = base + 100;
	packet_len = (__u64)xdp->data_end - (__u64)xdp->data;
	pick_ret = ret;
	return 0;
}

/* A static function whose callers give it what its types say. */
SEC("fexit/hidden")
int BPF_PROG(on_hidden, struct xdp_buff *xdp, int base, int ret)
{
	packet_len = (__u64)xdp->data_end - (__u64)xdp->data;
	hidden_base = base;
	hidden_ret = ret;
	return 0;
}

SEC("fexit/second")
int BPF_PROG(on_second, int base, struct xdp_buff *xdp, int ret)
{
	packet_len = (__u64)xdp->data_end - (__u64)xdp->data;
	hidden_base = base;
	hidden_ret = ret;
	return 0;
}

/* One whose callers do not: registers as they are. */
SEC("fexit/odd")
int on_odd(__u64 *ctx)
{
	hidden_base = ctx[1];
	hidden_ret = ctx[5];
	return 0;
}

/* The call of a helper changes all registers that are not kept for it. */
SEC("fentry/promoted")
int on_promoted(__u64 *ctx)
{
	seen += bpf_get_prandom_u32() != 1;
	hidden_base = ctx[0];
	hidden_ret = ctx[1];
	return 0;
}

SEC("fexit/odd")
int BPF_PROG(on_odd_typed, struct xdp_buff *xdp, int base, int ret)
{
	packet_len = (__u64)xdp->data_end - (__u64)xdp->data;
	return 0;
}

SEC("freplace/pick")
int new_pick(struct xdp_md *ctx, int base)
{
	replaced++;
	return base + (ctx->data_end > ctx->data ? 7 : 9);
}

SEC("freplace/pick")
int wrong_pick(struct xdp_md *ctx)
{
	return 0;
}
