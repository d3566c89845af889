// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers of programs at functions: the function's address, arguments and return value, whatever
 * its prototype.
 */
#include <linux/bpf.h>
#include <linux/init.h>

#include "attach/helpers.h"
#include "attach/tramp.h"
#include "exec/inline.h"
#include "exec/tramp.h"

BPF_CALL_1(bpf_get_func_ip_tracing, u64 *, ctx)
{
	return ctx[BPF_TRAMP_CTX_IP];
}

BPF_CALL_3(bpf_get_func_arg, u64 *, ctx, u32, n, u64 *, value)
{
	if (unlikely(n >= ctx[BPF_TRAMP_CTX_NR])) {
		*value = 0;
		return -EINVAL;
	}
	*value = ctx[n];
	return 0;
}

BPF_CALL_1(bpf_get_func_arg_cnt, u64 *, ctx)
{
	return ctx[BPF_TRAMP_CTX_NR];
}

BPF_CALL_2(bpf_get_func_ret, u64 *, ctx, u64 *, value)
{
	*value = ctx[ctx[BPF_TRAMP_CTX_NR]];
	return 0;
}

static bool at_function(const struct bpf_prog *prog)
{
	switch (prog->expected_attach_type) {
	case BPF_TRACE_FENTRY:
	case BPF_TRACE_FEXIT:
	case BPF_MODIFY_RETURN:
		return true;
	default:
		return false;
	}
}

static bool has_return_value(const struct bpf_prog *prog)
{
	return at_function(prog) && prog->expected_attach_type != BPF_TRACE_FENTRY;
}

bool bpf_prog_calls_arg_helper(const struct bpf_prog *prog)
{
	return bpf_prog_calls(prog, bpf_get_func_arg) ||
	       bpf_prog_calls(prog, bpf_get_func_arg_cnt) ||
	       bpf_prog_calls(prog, bpf_get_func_ret);
}

const struct bpf_func_proto bpf_get_func_ip_tracing_proto = {
	.func = bpf_get_func_ip_tracing,
	.name = "bpf_get_func_ip",
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.allowed = at_function,
};

const struct bpf_func_proto bpf_get_func_arg_proto = {
	.func = bpf_get_func_arg,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_PTR_TO_FIXED_SIZE_MEM | MEM_UNINIT | MEM_WRITE | MEM_ALIGNED,
	.arg_size[2] = sizeof(u64),
	.allowed = at_function,
};

const struct bpf_func_proto bpf_get_func_arg_cnt_proto = {
	.func = bpf_get_func_arg_cnt,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.allowed = at_function,
};

const struct bpf_func_proto bpf_get_func_ret_proto = {
	.func = bpf_get_func_ret,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_PTR_TO_FIXED_SIZE_MEM | MEM_UNINIT | MEM_WRITE | MEM_ALIGNED,
	.arg_size[1] = sizeof(u64),
	.allowed = has_return_value,
};

static int __init func_inlines(void)
{
	/* as exec/inline.h says */
	BUILD_BUG_ON(BPF_TRAMP_CTX_NR != -1);
	BUILD_BUG_ON(BPF_TRAMP_CTX_IP != -2);
	bpf_inline_register(bpf_get_func_arg_cnt_proto.func, BPF_INLINE_ARG_CNT,
			    BPF_INLINE_VAR_NONE);
	bpf_inline_register(bpf_get_func_ip_tracing_proto.func, BPF_INLINE_FUNC_IP,
			    BPF_INLINE_VAR_NONE);
	bpf_inline_register(bpf_get_func_arg_proto.func, BPF_INLINE_FUNC_ARG,
			    BPF_INLINE_VAR_NONE);
	bpf_inline_register(bpf_get_func_ret_proto.func, BPF_INLINE_FUNC_RET,
			    BPF_INLINE_VAR_NONE);
	return 0;
}
core_initcall(func_inlines);
