// SPDX-License-Identifier: GPL-2.0
/* Helpers for checksums. */
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "net_bpf.h"
#include "protos.h"
#include "skb_util.h"

/* The checksum field at @offset, made writable, or NULL. */
static __sum16 *csum_field(struct sk_buff *skb, u32 offset)
{
	if (unlikely(offset > 0xffff || offset & 1))
		return NULL;
	if (unlikely(skb_prog_writable(skb, offset + sizeof(__sum16))))
		return NULL;
	return (__sum16 *)(skb->data + offset);
}

BPF_CALL_5(bpf_l3_csum_replace, struct sk_buff *, skb, u32, offset, u64, from, u64, to, u64, flags)
{
	__sum16 *sum;

	if (unlikely(flags & ~BPF_F_HDR_FIELD_MASK))
		return -EINVAL;
	sum = csum_field(skb, offset);
	if (!sum)
		return -EFAULT;

	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		if (unlikely(from))
			return -EINVAL;
		csum_replace_by_diff(sum, (__force __wsum)to);
		return 0;
	case 2:
		csum_replace2(sum, (__force __be16)from, (__force __be16)to);
		return 0;
	case 4:
		csum_replace4(sum, (__force __be32)from, (__force __be32)to);
		return 0;
	default:
		return -EINVAL;
	}
}

const struct bpf_func_proto bpf_l3_csum_replace_proto = {
	.func		= bpf_l3_csum_replace,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
	.arg4_type	= ARG_ANYTHING,
	.arg5_type	= ARG_ANYTHING,
};

static int l4_replace(struct sk_buff *skb, __sum16 *sum, u64 from, u64 to, u64 flags)
{
	bool pseudo = flags & BPF_F_PSEUDO_HDR;

	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		if (unlikely(from))
			return -EINVAL;
		inet_proto_csum_replace_by_diff(sum, skb, (__force __wsum)to, pseudo,
						flags & BPF_F_IPV6);
		return 0;
	case 2:
		inet_proto_csum_replace2(sum, skb, (__force __be16)from, (__force __be16)to,
					 pseudo);
		return 0;
	case 4:
		inet_proto_csum_replace4(sum, skb, (__force __be32)from, (__force __be32)to,
					 pseudo);
		return 0;
	default:
		return -EINVAL;
	}
}

BPF_CALL_5(bpf_l4_csum_replace, struct sk_buff *, skb, u32, offset, u64, from, u64, to, u64, flags)
{
	const u64 known = BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_PSEUDO_HDR |
			  BPF_F_HDR_FIELD_MASK | BPF_F_IPV6;
	bool none_is_0 = flags & BPF_F_MARK_MANGLED_0;
	__sum16 *sum;
	int err;

	if (unlikely(flags & ~known))
		return -EINVAL;
	sum = csum_field(skb, offset);
	if (!sum)
		return -EFAULT;

	/* UDP: 0 means that there is no checksum, and one that comes out as 0 is written ~0. */
	if (none_is_0 && !(flags & BPF_F_MARK_ENFORCE) && !*sum)
		return 0;
	err = l4_replace(skb, sum, from, to, flags);
	if (!err && none_is_0 && !*sum)
		*sum = CSUM_MANGLED_0;
	return err;
}

const struct bpf_func_proto bpf_l4_csum_replace_proto = {
	.func		= bpf_l4_csum_replace,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
	.arg4_type	= ARG_ANYTHING,
	.arg5_type	= ARG_ANYTHING,
};

BPF_CALL_5(bpf_csum_diff, const void *, from, u32, from_size, const void *, to, u32, to_size,
	   u32, seed)
{
	__wsum sum = (__force __wsum)seed;

	if (unlikely((from_size | to_size) & 3))
		return -EINVAL;
	if (to_size)
		sum = csum_partial(to, to_size, sum);
	if (from_size)
		sum = csum_sub(sum, csum_partial(from, from_size, 0));
	return (__force u32)sum;
}

const struct bpf_func_proto bpf_csum_diff_proto = {
	.func		= bpf_csum_diff,
	.pkt_access	= true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY,
	.arg2_type	= ARG_CONST_SIZE_OR_ZERO,
	.arg3_type	= ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY,
	.arg4_type	= ARG_CONST_SIZE_OR_ZERO,
	.arg5_type	= ARG_ANYTHING,
};

BPF_CALL_2(bpf_csum_update, struct sk_buff *, skb, u32, csum)
{
	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return -ENOTSUPP;
	skb->csum = csum_add(skb->csum, (__force __wsum)csum);
	return (__force u32)skb->csum;
}

const struct bpf_func_proto bpf_csum_update_proto = {
	.func		= bpf_csum_update,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
};

BPF_CALL_2(bpf_csum_level, struct sk_buff *, skb, u64, level)
{
	switch (level) {
	case BPF_CSUM_LEVEL_INC:
		__skb_incr_checksum_unnecessary(skb);
		return 0;
	case BPF_CSUM_LEVEL_DEC:
		__skb_decr_checksum_unnecessary(skb);
		return 0;
	case BPF_CSUM_LEVEL_RESET:
		__skb_reset_checksum_unnecessary(skb);
		return 0;
	case BPF_CSUM_LEVEL_QUERY:
		return skb->ip_summed == CHECKSUM_UNNECESSARY ? skb->csum_level : -EACCES;
	default:
		return -EINVAL;
	}
}

const struct bpf_func_proto bpf_csum_level_proto = {
	.func		= bpf_csum_level,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
};
