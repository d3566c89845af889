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
	u32 size = bpf_dynptr_size(ptr);

	if (!ptr->data)
		return -EINVAL;
	return len > size || offset > size - len ? -E2BIG : 0;
}

BPF_CALL_5(bpf_dynptr_read, void *, dst, u32, len, const struct bpf_dynptr_kern *, src,
	   u32, offset, u64, flags)
{
	int err = flags ? -EINVAL : dynptr_check(src, offset, len);

	/* Source and destination may lie in the same value. */
	if (!err)
		memmove(dst, src->data + src->offset + offset, len);
	else
		memset(dst, 0, len);
	return err;
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
	int err = flags || bpf_dynptr_is_rdonly(dst) ? -EINVAL : dynptr_check(dst, offset, len);

	if (!err)
		memmove(dst->data + dst->offset + offset, src, len);
	return err;
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
	if (bpf_dynptr_is_rdonly(ptr) || dynptr_check(ptr, offset, len))
		return 0;
	return (unsigned long)(ptr->data + ptr->offset + offset);
}

const struct bpf_func_proto bpf_dynptr_data_proto = {
	.func = bpf_dynptr_data,
	.ret_type = RET_PTR_TO_DYNPTR_MEM_OR_NULL,
	.arg1_type = ARG_PTR_TO_DYNPTR | MEM_RDONLY,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_CONST_ALLOC_SIZE_OR_ZERO,
};
