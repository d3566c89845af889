// SPDX-License-Identifier: GPL-2.0
/* Helpers that copy bytes from and to packets, and make them reachable by pointers. */
#include <linux/skbuff.h>
#include <linux/unaligned.h>
#include <net/flow_dissector.h>

#include "net_bpf.h"
#include "protos.h"
#include "skb_util.h"

/* Most fields have one of these sizes, for which memcpy() would be looked for at run time. */
static void copy_field(void *to, const void *from, u32 len)
{
	switch (len) {
	case 1:
		*(u8 *)to = *(const u8 *)from;
		break;
	case 2:
		put_unaligned(get_unaligned((const u16 *)from), (u16 *)to);
		break;
	case 4:
		put_unaligned(get_unaligned((const u32 *)from), (u32 *)to);
		break;
	case 8:
		put_unaligned(get_unaligned((const u64 *)from), (u64 *)to);
		break;
	default:
		memcpy(to, from, len);
	}
}

BPF_CALL_4(bpf_skb_load_bytes, const struct sk_buff *, skb, u32, offset, void *, to, u32, len)
{
	u32 head = skb_headlen(skb);

	if (likely(offset < head && len <= head - offset)) {
		copy_field(to, skb->data + offset, len);
		return 0;
	}
	if (likely(offset <= INT_MAX) && !skb_copy_bits(skb, offset, to, len))
		return 0;
	/* The program may read all of it, whatever came. */
	memset(to, 0, len);
	return -EFAULT;
}

const struct bpf_func_proto bpf_skb_load_bytes_proto = {
	.func		= bpf_skb_load_bytes,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
};

/* Offset of a header from the data pointer; false where the packet has none. */
static bool header_offset(const struct sk_buff *skb, u32 header, int *off)
{
	switch (header) {
	case BPF_HDR_START_MAC:
		*off = skb_mac_offset(skb);
		return skb_mac_header_was_set(skb);
	case BPF_HDR_START_NET:
		*off = skb_network_offset(skb);
		return true;
	default:
		return false;
	}
}

static int load_relative(const struct sk_buff *skb, u32 offset, void *to, u32 len, u32 header)
{
	int start;

	if (offset > 0xffff || len > INT_MAX / 2 || !header_offset(skb, header, &start))
		return -EFAULT;
	start += offset;
	if (start >= 0)
		return skb_copy_bits(skb, start, to, len);
	/* In front of the data pointer bytes are linear. */
	if (skb->data + start < skb->head || start + (int)len > (int)skb_headlen(skb))
		return -EFAULT;
	memcpy(to, skb->data + start, len);
	return 0;
}

BPF_CALL_5(bpf_skb_load_bytes_relative, const struct sk_buff *, skb, u32, offset, void *, to,
	   u32, len, u32, start_header)
{
	if (likely(!load_relative(skb, offset, to, len, start_header)))
		return 0;
	memset(to, 0, len);
	return -EFAULT;
}

const struct bpf_func_proto bpf_skb_load_bytes_relative_proto = {
	.func		= bpf_skb_load_bytes_relative,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
	.arg5_type	= ARG_ANYTHING,
};

BPF_CALL_4(bpf_dissector_load_bytes, const struct bpf_flow_dissector *, ctx, u32, offset,
	   void *, to, u32, len)
{
	const void *from = NULL;

	if (ctx->skb)
		from = offset <= 0xffff ? skb_header_pointer(ctx->skb, offset, len, to) : NULL;
	else if (offset <= 0xffff && ctx->data + offset + len <= ctx->data_end)
		from = ctx->data + offset;
	if (!from) {
		memset(to, 0, len);
		return -EFAULT;
	}
	if (from != to)
		memcpy(to, from, len);
	return 0;
}

const struct bpf_func_proto bpf_dissector_load_bytes_proto = {
	.func		= bpf_dissector_load_bytes,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
};

BPF_CALL_5(bpf_skb_store_bytes, struct sk_buff *, skb, u32, offset, const void *, from, u32, len,
	   u64, flags)
{
	void *ptr;

	if (unlikely(flags & ~(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH)))
		return -EINVAL;
	if (unlikely(offset > INT_MAX || len > INT_MAX - offset))
		return -EFAULT;
	if (unlikely(skb_prog_writable(skb, offset + len)))
		return -EFAULT;

	ptr = skb->data + offset;
	if (flags & BPF_F_RECOMPUTE_CSUM)
		__skb_postpull_rcsum(skb, ptr, len, offset);
	memcpy(ptr, from, len);
	if (flags & BPF_F_RECOMPUTE_CSUM)
		__skb_postpush_rcsum(skb, ptr, len, offset);
	if (flags & BPF_F_INVALIDATE_HASH)
		skb_clear_hash(skb);
	return 0;
}

const struct bpf_func_proto bpf_skb_store_bytes_proto = {
	.func		= bpf_skb_store_bytes,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg4_type	= ARG_CONST_SIZE,
	.arg5_type	= ARG_ANYTHING,
};

BPF_CALL_2(bpf_skb_pull_data, struct sk_buff *, skb, u32, len)
{
	return skb_prog_writable(skb, len ?: skb_headlen(skb));
}

const struct bpf_func_proto bpf_skb_pull_data_proto = {
	.func		= bpf_skb_pull_data,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
};
