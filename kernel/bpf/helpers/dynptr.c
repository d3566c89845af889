// SPDX-License-Identifier: GPL-2.0
/* Helpers on dynptrs. */
#include <linux/bpf.h>
#include <linux/string.h>
#include "helpers/base.h"
#include "helpers/dynptr.h"

BPF_CALL_4(bpf_dynptr_from_mem, void *, data, u32, size, u64, flags, struct bpf_dynptr_kern *, ptr)
{
	int err = flags ? -EINVAL : size > BPF_DYNPTR_SIZE_MAX ? -E2BIG : 0;

	if (err)
		bpf_dynptr_set_null(ptr);
	else
		bpf_dynptr_init(ptr, data, BPF_DYNPTR_LOCAL, size);
	return err;
}

const struct bpf_func_proto bpf_dynptr_from_mem_proto = {
	.func = bpf_dynptr_from_mem,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_LOCAL | MEM_UNINIT | MEM_WRITE,
};

/* 0 where @len bytes at @offset are inside. */
static int dynptr_check(const struct bpf_dynptr_kern *ptr, u32 offset, u32 len)
{
	u32 size = bpf_dynptr_len(ptr);

	if (!ptr->data)
		return -EINVAL;
	return len > size || offset > size - len ? -E2BIG : 0;
}

/* The linker puts NULL where they are not built. */
#pragma weak bpf_dynptr_skb_ops
#pragma weak bpf_dynptr_xdp_ops

/* NULL: plain memory. */
static const struct bpf_dynptr_ops *ops_of(const struct bpf_dynptr_kern *ptr)
{
	switch (bpf_dynptr_kind(ptr)) {
	case BPF_DYNPTR_SKB:
		return &bpf_dynptr_skb_ops;
	case BPF_DYNPTR_XDP:
		return &bpf_dynptr_xdp_ops;
	default:
		return NULL;
	}
}

/**
 * bpf_dynptr_load - copy bytes out of a dynptr
 * @ptr: dynptr
 * @offset: of the first byte
 * @dst: where to; may be part of the same memory; zeroed on failure
 * @len: bytes
 *
 * Context: any. Return: 0, -EINVAL without memory, -E2BIG beyond the end, -EFAULT where the object
 * has become shorter.
 */
int bpf_dynptr_load(const struct bpf_dynptr_kern *ptr, u32 offset, void *dst, u32 len)
{
	const struct bpf_dynptr_ops *ops = ops_of(ptr);
	int err = dynptr_check(ptr, offset, len);

	if (!err && !ops)
		memmove(dst, ptr->data + ptr->offset + offset, len);
	else if (!err)
		err = ops->read(ptr->data, ptr->offset + offset, dst, len);
	if (err)
		memset(dst, 0, len);
	return err;
}

/**
 * bpf_dynptr_piece - direct pointer into a dynptr
 * @ptr: dynptr
 * @offset: of the first byte
 * @len: bytes
 * @write: they will be written
 *
 * Context: any. Return: the pointer; NULL where they are outside, read-only, or not in one piece.
 */
void *bpf_dynptr_piece(const struct bpf_dynptr_kern *ptr, u32 offset, u32 len, bool write)
{
	const struct bpf_dynptr_ops *ops = ops_of(ptr);

	if ((write && bpf_dynptr_readonly(ptr)) || dynptr_check(ptr, offset, len))
		return NULL;
	if (!ops)
		return ptr->data + ptr->offset + offset;
	return ops->slice(ptr->data, ptr->offset + offset, len, write);
}

BPF_CALL_5(bpf_dynptr_read, void *, dst, u32, len, const struct bpf_dynptr_kern *, src,
	   u32, offset, u64, flags)
{
	if (flags) {
		memset(dst, 0, len);
		return -EINVAL;
	}
	return bpf_dynptr_load(src, offset, dst, len);
}

const struct bpf_func_proto bpf_dynptr_read_proto = {
	.func = bpf_dynptr_read,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_PTR_TO_DYNPTR | MEM_RDONLY,
	.arg4_type = ARG_ANYTHING,
	.arg5_type = ARG_ANYTHING,
};

BPF_CALL_5(bpf_dynptr_write, const struct bpf_dynptr_kern *, dst, u32, offset, const void *, src,
	   u32, len, u64, flags)
{
	const struct bpf_dynptr_ops *ops = ops_of(dst);
	int err;

	if (bpf_dynptr_readonly(dst) || (flags && !ops))
		return -EINVAL;
	err = dynptr_check(dst, offset, len);
	if (err)
		return err;
	if (ops)
		return ops->write(dst->data, dst->offset + offset, src, len, flags);
	memmove(dst->data + dst->offset + offset, src, len);
	return 0;
}

const struct bpf_func_proto bpf_dynptr_write_proto = {
	.func = bpf_dynptr_write,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_DYNPTR | MEM_RDONLY,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg4_type = ARG_CONST_SIZE_OR_ZERO,
	.arg5_type = ARG_ANYTHING,
};

BPF_CALL_3(bpf_dynptr_data, const struct bpf_dynptr_kern *, ptr, u32, offset, u32, len)
{
	/* What has pieces may move: it is reached by slices, which the verifier ends then. */
	if (ops_of(ptr))
		return 0;
	return (unsigned long)bpf_dynptr_piece(ptr, offset, len, true);
}

const struct bpf_func_proto bpf_dynptr_data_proto = {
	.func = bpf_dynptr_data,
	.ret_type = RET_PTR_TO_DYNPTR_MEM_OR_NULL,
	.arg1_type = ARG_PTR_TO_DYNPTR | MEM_RDONLY,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_CONST_ALLOC_SIZE_OR_ZERO,
};
