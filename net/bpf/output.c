// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_perf_event_output() of packet programs: a record, and behind it as much of the packet as
 * was asked for.
 */
#include <linux/perf_event.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "net_bpf.h"
#include "protos.h"

static unsigned long skb_copy_out(void *dst, const void *skb, unsigned long off, unsigned long len)
{
	const void *ptr = skb_header_pointer(skb, off, len, dst);

	if (unlikely(!ptr))
		return len;
	if (ptr != dst)
		memcpy(dst, ptr, len);
	return 0;
}

/* Bytes of the packet that the flags ask for. */
static u64 asked_bytes(u64 flags)
{
	return (flags & BPF_F_CTXLEN_MASK) >> 32;
}

BPF_CALL_5(bpf_skb_event_output, struct sk_buff *, skb, struct bpf_map *, map, u64, flags,
	   void *, meta, u64, meta_size)
{
	u64 bytes = asked_bytes(flags);

	if (unlikely(flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK)))
		return -EINVAL;
	if (unlikely(!skb || bytes > skb->len))
		return -EFAULT;
	return bpf_event_output(map, flags & BPF_F_INDEX_MASK, meta, meta_size, skb, bytes,
				skb_copy_out);
}

BPF_CALL_5(bpf_xdp_event_output, struct xdp_buff *, xdp, struct bpf_map *, map, u64, flags,
	   void *, meta, u64, meta_size)
{
	u64 bytes = asked_bytes(flags);

	if (unlikely(flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK)))
		return -EINVAL;
	if (unlikely(!xdp || bytes > xdp_get_buff_len(xdp)))
		return -EFAULT;
	return bpf_event_output(map, flags & BPF_F_INDEX_MASK, meta, meta_size, xdp, bytes,
				xdp_copy_out);
}

/* Of programs without a packet: the record alone. */
BPF_CALL_5(bpf_ctx_event_output, void *, ctx, struct bpf_map *, map, u64, flags, void *, meta,
	   u64, meta_size)
{
	if (unlikely(flags & ~BPF_F_INDEX_MASK))
		return -EINVAL;
	return bpf_event_output(map, flags, meta, meta_size, NULL, 0, NULL);
}

#define PROTO_OUTPUT(_fn)					\
const struct bpf_func_proto _fn##_proto = {			\
	.func		= _fn,					\
	.gpl_only	= true,					\
	.ret_type	= RET_INTEGER,				\
	.arg1_type	= ARG_PTR_TO_CTX,			\
	.arg2_type	= ARG_CONST_MAP_PTR,			\
	.arg3_type	= ARG_ANYTHING,				\
	.arg4_type	= ARG_PTR_TO_MEM | MEM_RDONLY,		\
	.arg5_type	= ARG_CONST_SIZE_OR_ZERO,		\
}

PROTO_OUTPUT(bpf_skb_event_output);
PROTO_OUTPUT(bpf_xdp_event_output);
PROTO_OUTPUT(bpf_ctx_event_output);
