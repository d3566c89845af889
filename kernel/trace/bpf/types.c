// SPDX-License-Identifier: GPL-2.0
/* Program types of the tracing hooks. */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/trace_events.h>
#include <linux/version.h>

#include "helpers/helpers.h"
#include "isa/insn.h"
#include "prog/prog_type.h"

#include "trace_bpf.h"

#define RAW_TP_ARGS 12

static const struct bpf_helper_set *const kprobe_sets[] = {
	&bpf_kprobe_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

static const struct bpf_helper_set *const multi_sets[] = {
	&bpf_multi_helpers, &bpf_kprobe_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

static const struct bpf_helper_set *const tracepoint_sets[] = {
	&bpf_tracepoint_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

static const struct bpf_helper_set *const perf_event_sets[] = {
	&bpf_perf_event_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

static const struct bpf_helper_set *const raw_tp_sets[] = {
	&bpf_raw_tp_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

/*
 * A program that reads what it finds at a probe may say which release it was written for; one that
 * says nothing is taken.
 */
static int kprobe_check_load(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return attr->kern_version && attr->kern_version != LINUX_VERSION_CODE ? -EINVAL : 0;
}

/* Registers as they are, in pieces of 1 to 8 bytes, each aligned to its size. */
static bool kprobe_ctx(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
		       struct bpf_ctx_result *res)
{
	if (acc->write || acc->off < 0 || acc->off + acc->size > sizeof(struct pt_regs))
		return false;
	return acc->off % acc->size == 0;
}

/*
 * The record of the event. Its first word belongs to the kernel; how long it is shows when the
 * program is attached, which compares aux->max_ctx_offset with it.
 */
static bool tracepoint_ctx(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
			   struct bpf_ctx_result *res)
{
	if (acc->write || acc->off < (int)sizeof(void *) ||
	    acc->off + acc->size > PERF_MAX_TRACE_SIZE)
		return false;
	return acc->off % acc->size == 0;
}

/* Arguments, a u64 each. */
static bool raw_tp_ctx(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
		       struct bpf_ctx_result *res)
{
	if (acc->write || acc->off < 0 || acc->off + acc->size > RAW_TP_ARGS * sizeof(u64))
		return false;
	return acc->off % acc->size == 0;
}

/* The first argument points to memory that the program may change. */
static bool raw_tp_writable_ctx(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
				struct bpf_ctx_result *res)
{
	if (!raw_tp_ctx(prog, acc, res))
		return false;
	if (acc->off == 0) {
		if (acc->size != sizeof(u64))
			return false;
		res->reg_type = PTR_TO_TP_BUFFER;
	}
	return true;
}

/* ------------------------------------------------------------------ perf events */

static u32 convert_regs(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			const struct bpf_insn *insn, struct bpf_prog *prog,
			struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct bpf_perf_event_data_kern, regs)));
	insn_buf_add(out, insn_load(BPF_SIZE(insn->code), insn->dst_reg, insn->dst_reg,
				    acc->off - field->off));
	return 0;
}

static u32 convert_sample(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			  const struct bpf_insn *insn, struct bpf_prog *prog,
			  struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct bpf_perf_event_data_kern, data)));
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->dst_reg, field->kern_off));
	return sizeof(u64);
}

static const struct bpf_ctx_field perf_event_fields[] = {
	{
		.name = "regs",
		.off = offsetof(struct bpf_perf_event_data, regs),
		.size = sizeof(u64),
		.len = sizeof_field(struct bpf_perf_event_data, regs),
		.flags = CTX_READ | CTX_NARROW,
		.reg_type = SCALAR_VALUE,
		.convert = convert_regs,
	},
	{
		.name = "sample_period",
		.off = offsetof(struct bpf_perf_event_data, sample_period),
		.size = sizeof(u64),
		.len = sizeof(u64),
		.flags = CTX_READ | CTX_NARROW,
		.reg_type = SCALAR_VALUE,
		.kern_off = offsetof(struct perf_sample_data, period),
		.kern_size = sizeof(u64),
		.convert = convert_sample,
	},
	{
		.name = "addr",
		.off = offsetof(struct bpf_perf_event_data, addr),
		.size = sizeof(u64),
		.len = sizeof(u64),
		.flags = CTX_READ | CTX_NARROW,
		.reg_type = SCALAR_VALUE,
		.kern_off = offsetof(struct perf_sample_data, addr),
		.kern_size = sizeof(u64),
		.convert = convert_sample,
	},
};

/* ------------------------------------------------------------------ rows */

static void multi_retval(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	if (prog->expected_attach_type == BPF_TRACE_KPROBE_SESSION)
		*range = (struct bpf_retval_range){ .min = 0, .max = 1 };
	else
		range->any = true;
}

/* Kprobe programs for links to many probes at once. */
static const struct bpf_prog_type_info multi_type = {
	.type = BPF_PROG_TYPE_KPROBE,
	.name = "kprobe",
	.uctx_name = "bpf_user_pt_regs_t",
	.kctx_name = "pt_regs",
	.ctx_kind = BPF_CTX_PLAIN,
	.ctx_size = sizeof(struct pt_regs),
	.helpers = multi_sets,
	.needs_perfmon = true,
	.can_sleep = true,
	.check_load = kprobe_check_load,
	.ctx_result = kprobe_ctx,
	.retval = multi_retval,
};

static int kprobe_choose_row(struct bpf_prog *prog, char *msg, size_t msg_size)
{
	switch (prog->expected_attach_type) {
	case BPF_TRACE_KPROBE_MULTI:
	case BPF_TRACE_KPROBE_SESSION:
	case BPF_TRACE_UPROBE_MULTI:
		prog->aux->info = &multi_type;
		break;
	default:
		break;
	}
	return 0;
}

const struct bpf_prog_type_info bpf_kprobe_type = {
	.type = BPF_PROG_TYPE_KPROBE,
	.check_target = kprobe_choose_row,
	.name = "kprobe",
	.uctx_name = "bpf_user_pt_regs_t",
	.kctx_name = "pt_regs",
	.ctx_kind = BPF_CTX_PLAIN,
	.ctx_size = sizeof(struct pt_regs),
	.helpers = kprobe_sets,
	.needs_perfmon = true,
	.can_sleep = true,
	.check_load = kprobe_check_load,
	.ctx_result = kprobe_ctx,
};

const struct bpf_prog_type_info bpf_tracepoint_type = {
	.type = BPF_PROG_TYPE_TRACEPOINT,
	.name = "tracepoint",
	.ctx_kind = BPF_CTX_PLAIN,
	.ctx_size = PERF_MAX_TRACE_SIZE,
	.helpers = tracepoint_sets,
	.needs_perfmon = true,
	.ctx_result = tracepoint_ctx,
};

const struct bpf_prog_type_info bpf_perf_event_type = {
	.type = BPF_PROG_TYPE_PERF_EVENT,
	.name = "perf_event",
	.uctx_name = "bpf_perf_event_data",
	.kctx_name = "bpf_perf_event_data_kern",
	.ctx_kind = BPF_CTX_FIELDS,
	.ctx_size = sizeof(struct bpf_perf_event_data),
	.fields = perf_event_fields,
	.nr_fields = ARRAY_SIZE(perf_event_fields),
	.helpers = perf_event_sets,
	.needs_perfmon = true,
};

const struct bpf_prog_type_info bpf_raw_tracepoint_type = {
	.type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.name = "raw_tracepoint",
	.uctx_name = "bpf_raw_tracepoint_args",
	.ctx_kind = BPF_CTX_RAW_ARGS,
	.ctx_size = RAW_TP_ARGS * sizeof(u64),
	.helpers = raw_tp_sets,
	.needs_perfmon = true,
	.ctx_result = raw_tp_ctx,
	.test_run = bpf_raw_tp_test_run,
};

const struct bpf_prog_type_info bpf_raw_tracepoint_writable_type = {
	.type = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
	.name = "raw_tracepoint_writable",
	.uctx_name = "bpf_raw_tracepoint_args",
	.ctx_kind = BPF_CTX_RAW_ARGS,
	.ctx_size = RAW_TP_ARGS * sizeof(u64),
	.helpers = raw_tp_sets,
	.needs_perfmon = true,
	.ctx_result = raw_tp_writable_ctx,
	.test_run = bpf_raw_tp_test_run,
};
