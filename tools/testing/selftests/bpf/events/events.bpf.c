// SPDX-License-Identifier: GPL-2.0
/* Programs at getsid(2) and at a function of the test: the argument or the result, and a count. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "events.h"

char _license[] SEC("license") = "GPL";

struct globals g;

static __always_inline bool mine(void)
{
	return bpf_get_current_pid_tgid() >> 32 == g.pid;
}

static __always_inline int note(void *ctx, long value)
{
	__sync_fetch_and_add(&g.runs, 1);
	g.value = value;
	g.cookie = bpf_get_attach_cookie(ctx);
	return g.ret;
}

/* A system call's only argument is where its registers are. */
SEC("kprobe")
int kernel_entry(struct pt_regs *ctx)
{
	struct pt_regs *regs = (void *)PT_REGS_PARM1(ctx);
	unsigned long arg = 0;

	if (!mine())
		return 0;
	bpf_probe_read_kernel(&arg, sizeof(arg), &regs->di);
	return note(ctx, arg);
}

SEC("kprobe")
int kernel_return(struct pt_regs *ctx)
{
	return mine() ? note(ctx, PT_REGS_RC(ctx)) : 0;
}

SEC("kprobe")
int user_entry(struct pt_regs *ctx)
{
	return mine() ? note(ctx, (int)PT_REGS_PARM1(ctx)) : 0;
}

SEC("kprobe")
int user_return(struct pt_regs *ctx)
{
	return mine() ? note(ctx, (int)PT_REGS_RC(ctx)) : 0;
}

SEC("tracepoint")
int any_syscall(struct trace_event_raw_sys_enter *ctx)
{
	if (!mine() || ctx->id != 124)
		return 0;
	return note(ctx, ctx->args[0]);
}

SEC("tracepoint")
int this_syscall(struct syscall_trace_enter *ctx)
{
	return mine() ? note(ctx, ctx->args[0]) : 0;
}

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	struct bpf_perf_event_value value = {};

	g.period = ctx->sample_period;
	g.addr = ctx->addr;
	if (!bpf_perf_prog_read_value(ctx, &value, sizeof(value))) {
		g.counter = value.counter;
		g.enabled = value.enabled;
	}
	return note(ctx, PT_REGS_IP(&ctx->regs));
}

SEC("raw_tp")
int raw(struct bpf_raw_tracepoint_args *ctx)
{
	g.value = bpf_get_smp_processor_id();
	return ctx->args[0] + ctx->args[1];
}
