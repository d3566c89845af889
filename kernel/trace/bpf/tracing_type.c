// SPDX-License-Identifier: GPL-2.0
/*
 * Program types that attach by BTF id: tracing (functions, tracepoints, iterators) and extensions;
 * and the helpers of the first.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/btf_ids.h>

#include "attach/helpers.h"
#include "attach/iter.h"
#include "attach/target.h"
#include "helpers/helpers.h"
#include "prog/prog_type.h"

#include "protos.h"
#include "trace_bpf.h"

/* ------------------------------------------------------------------ packets to user space */

#ifdef CONFIG_NET
BTF_ID_LIST_SINGLE(skb_ids, struct, sk_buff)
BTF_ID_LIST_SINGLE(xdp_ids, struct, xdp_buff)

#define PACKET_PROTO(_name, _func, _ids)				\
static const struct bpf_func_proto _name##_proto = {		\
	.func = _func,						\
	.name = #_name,						\
	.gpl_only = true,					\
	.ret_type = RET_INTEGER,				\
	.arg1_type = ARG_PTR_TO_BTF_ID,				\
	.arg1_btf_id = &(_ids)[0],				\
	.arg2_type = ARG_CONST_MAP_PTR,				\
	.arg3_type = ARG_ANYTHING,				\
	.arg4_type = ARG_PTR_TO_MEM | MEM_RDONLY,		\
	.arg5_type = ARG_CONST_SIZE_OR_ZERO,			\
}

PACKET_PROTO(bpf_skb_output, bpf_skb_event_output, skb_ids);
PACKET_PROTO(bpf_xdp_output, bpf_xdp_event_output, xdp_ids);
#endif

/* ------------------------------------------------------------------ helpers */

/* Trampolines' run context and the tracepoints' have the cookie in the same place. */
static_assert(offsetof(struct bpf_tramp_run_ctx, bpf_cookie) ==
	      offsetof(struct bpf_trace_run_ctx, bpf_cookie));

static const struct bpf_helper_row tracing_rows[] = {
	{ BPF_FUNC_perf_event_output, &bpf_perf_event_output_raw_proto },
	{ BPF_FUNC_get_stackid, &bpf_get_stackid_raw_proto },
	{ BPF_FUNC_get_stack, &bpf_get_stack_raw_proto },
	{ BPF_FUNC_get_attach_cookie, &bpf_get_attach_cookie_trace_proto },
	{ BPF_FUNC_get_func_ip, &bpf_get_func_ip_tracing_proto },
	{ BPF_FUNC_get_func_arg, &bpf_get_func_arg_proto },
	{ BPF_FUNC_get_func_arg_cnt, &bpf_get_func_arg_cnt_proto },
	{ BPF_FUNC_get_func_ret, &bpf_get_func_ret_proto },
	{ BPF_FUNC_d_path, &bpf_d_path_proto },
	{ BPF_FUNC_seq_printf, &bpf_seq_printf_proto },
	{ BPF_FUNC_seq_write, &bpf_seq_write_proto },
	{ BPF_FUNC_seq_printf_btf, &bpf_seq_printf_btf_proto },
#ifdef CONFIG_NET
	{ BPF_FUNC_skb_output, &bpf_skb_output_proto },
	{ BPF_FUNC_xdp_output, &bpf_xdp_output_proto },
#endif
#ifdef CONFIG_INET
	{ BPF_FUNC_sock_from_file, &bpf_sock_from_file_proto },
#endif
};

BPF_HELPER_SET(bpf_tracing_helpers, tracing_rows);

static const struct bpf_helper_set *const tracing_sets[] = {
	&bpf_tracing_helpers, &bpf_trace_helpers, &bpf_current_helpers, &bpf_perfmon_helpers,
	&bpf_base_helpers,
#ifdef CONFIG_INET
	&bpf_sock_cast_helpers,
#endif
	NULL,
};

/* ------------------------------------------------------------------ rows */

/* Targets of iterators have helpers of their own, for what they hold while a program runs. */
static const struct bpf_func_proto *tracing_helper(const struct bpf_prog *prog, u32 id)
{
	if (prog->expected_attach_type != BPF_TRACE_ITER)
		return NULL;
	return bpf_iter_func_proto(id, prog);
}

static void tracing_retval(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	switch (prog->expected_attach_type) {
	case BPF_TRACE_FENTRY:
	case BPF_TRACE_FEXIT:
		*range = (struct bpf_retval_range){ .min = 0, .max = 0 };
		break;
	case BPF_TRACE_ITER:
		*range = (struct bpf_retval_range){ .min = 0, .max = 1 };
		break;
	default:
		range->any = true;
		break;
	}
}

const struct bpf_prog_type_info bpf_tracing_type = {
	.type = BPF_PROG_TYPE_TRACING,
	.name = "tracing",
	.ctx_kind = BPF_CTX_BTF,
	.helpers = tracing_sets,
	.helper = tracing_helper,
	.needs_perfmon = true,
	.can_sleep = true,
	.attach_type_required = true,
	.attach_types = BIT_ULL(BPF_TRACE_RAW_TP) | BIT_ULL(BPF_TRACE_FENTRY) |
			BIT_ULL(BPF_TRACE_FEXIT) | BIT_ULL(BPF_MODIFY_RETURN) |
			BIT_ULL(BPF_TRACE_ITER),
	.check_target = bpf_attach_target_check,
	.retval = tracing_retval,
	.test_run = bpf_tracing_test_run,
};

/* Context, helpers and results are those of the program that is extended, whose row it gets. */
const struct bpf_prog_type_info bpf_ext_type = {
	.type = BPF_PROG_TYPE_EXT,
	.name = "ext",
	.ctx_kind = BPF_CTX_NONE,
	.needs_perfmon = true,
	.check_target = bpf_attach_target_check,
};
