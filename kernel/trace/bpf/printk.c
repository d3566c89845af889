// SPDX-License-Identifier: GPL-2.0
/* Lines of text from programs to the trace buffer, and values in text. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/trace_events.h>

#include "btf/btf.h"
#include "helpers/bprintf.h"
#include "protos.h"

#define CREATE_TRACE_POINTS
#include "printk_event.h"

/* Bytes of a line, as users know it. */
#define LINE_SIZE 1024
/* A task's, an interrupt's and an NMI's program may each be writing one. */
#define LEVELS 3

struct printk_lines {
	char text[LEVELS][LINE_SIZE];
};

static DEFINE_PER_CPU(struct printk_lines, printk_lines);
static DEFINE_PER_CPU(int, printk_level);

static long trace_line(const char *fmt, u32 fmt_size, const u64 *args, u32 nr)
{
	char *line;
	int level, len;

	preempt_disable();
	level = this_cpu_inc_return(printk_level) - 1;
	if (unlikely(level >= LEVELS)) {
		len = -EBUSY;
		goto out;
	}
	line = this_cpu_ptr(&printk_lines)->text[level];
	len = bpf_format(line, LINE_SIZE, fmt, fmt_size, args, nr);
	if (len >= 0)
		trace_bpf_trace_printk(line);
out:
	this_cpu_dec(printk_level);
	preempt_enable();
	return len;
}

BPF_CALL_5(bpf_trace_printk, char *, fmt, u32, fmt_size, u64, arg1, u64, arg2, u64, arg3)
{
	u64 args[3] = { arg1, arg2, arg3 };

	return trace_line(fmt, fmt_size, args, ARRAY_SIZE(args));
}

BPF_CALL_4(bpf_trace_vprintk, char *, fmt, u32, fmt_size, const void *, data, u32, data_size)
{
	if (unlikely(data_size % sizeof(u64) ||
		     data_size > BPF_PRINTF_MAX_ARGS * sizeof(u64) || (data_size && !data)))
		return -EINVAL;
	return trace_line(fmt, fmt_size, data, data_size / sizeof(u64));
}

/* A program that may print is being loaded: switch the event on, so that the lines are seen. */
static bool printk_allowed(const struct bpf_prog *prog)
{
	if (trace_set_clr_event("bpf_trace", "bpf_trace_printk", 1))
		pr_warn_ratelimited("bpf: event bpf_trace:bpf_trace_printk cannot be enabled\n");
	return true;
}

const struct bpf_func_proto bpf_trace_printk_proto = {
	.func = bpf_trace_printk,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.allowed = printk_allowed,
};

const struct bpf_func_proto bpf_trace_vprintk_proto = {
	.func = bpf_trace_vprintk,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_PTR_TO_MEM | PTR_MAYBE_NULL | MEM_RDONLY,
	.arg4_type = ARG_CONST_SIZE_OR_ZERO,
	.allowed = printk_allowed,
};

#define BTF_SHOW_FLAGS (BTF_F_COMPACT | BTF_F_NONAME | BTF_F_PTR_RAW | BTF_F_ZERO)

BPF_CALL_5(bpf_snprintf_btf, char *, buf, u32, size, struct btf_ptr *, ptr, u32, ptr_size, u64,
	   flags)
{
	const struct btf *btf;

	if (unlikely(ptr_size != sizeof(*ptr) || flags & ~BTF_SHOW_FLAGS || ptr->flags))
		return -EINVAL;
	btf = bpf_get_btf_vmlinux();
	if (IS_ERR_OR_NULL(btf))
		return btf ? PTR_ERR(btf) : -EINVAL;
	if (!ptr->type_id || !btf_type_by_id(btf, ptr->type_id))
		return -ENOENT;
	return btf_type_snprintf_show(btf, ptr->type_id, ptr->ptr, buf, size, flags);
}

/* BTF is read now, where it may sleep, and not by the first call. */
static bool snprintf_btf_allowed(const struct bpf_prog *prog)
{
	return !IS_ERR_OR_NULL(bpf_get_btf_vmlinux());
}

const struct bpf_func_proto bpf_snprintf_btf_proto = {
	.func = bpf_snprintf_btf,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_WRITE,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg4_type = ARG_CONST_SIZE,
	.arg5_type = ARG_ANYTHING,
	.allowed = snprintf_btf_allowed,
};
