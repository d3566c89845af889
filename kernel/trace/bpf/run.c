// SPDX-License-Identifier: GPL-2.0
/*
 * Running programs from trace events: raw tracepoints, one program a link, and events of perf, an
 * array of programs an event.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/rcupdate.h>
#include <linux/trace_events.h>

#include "exec/exec.h"

static void count_misses(const struct bpf_prog_array *array)
{
	const struct bpf_prog_array_item *item;

	for (item = array ? array->items : NULL; item && item->prog; item++)
		bpf_prog_inc_misses(item->prog);
}

/**
 * trace_call_bpf - run the programs of an event
 * @call: the event
 * @ctx: what they get: registers of a probe, record of a tracepoint
 *
 * Context: the event's; preemption may be on.
 * Return: 0 where perf is not to see the event: some program returned 0, or the event came while
 * another program ran on this CPU.
 */
unsigned int trace_call_bpf(struct trace_event_call *call, void *ctx)
{
	unsigned int ret = 0;

	cant_sleep();
	rcu_read_lock();
	if (likely(__this_cpu_inc_return(bpf_prog_active) == 1))
		ret = bpf_prog_run_array(rcu_dereference(call->prog_array), ctx, bpf_prog_run);
	else
		count_misses(rcu_dereference(call->prog_array));
	__this_cpu_dec(bpf_prog_active);
	rcu_read_unlock();
	return ret;
}

/* A raw tracepoint's program may not be entered again by what it does itself. */
static __always_inline void raw_tp_run(struct bpf_raw_tp_link *link, u64 *args)
{
	struct bpf_trace_run_ctx run_ctx = { .bpf_cookie = link->cookie };
	struct bpf_prog *prog = link->link.prog;
	struct bpf_run_ctx *old;

	cant_sleep();
	if (unlikely(this_cpu_inc_return(*prog->active) != 1)) {
		bpf_prog_inc_misses(prog);
		goto out;
	}
	old = bpf_set_run_ctx(&run_ctx.run_ctx);
	rcu_read_lock();
	bpf_prog_run(prog, args);
	rcu_read_unlock();
	bpf_reset_run_ctx(old);
out:
	this_cpu_dec(*prog->active);
}

/* bpf_trace_runN(): what include/trace/bpf_probe.h calls for an event with N arguments. */
#define P1 u64 a1
#define P2 P1, u64 a2
#define P3 P2, u64 a3
#define P4 P3, u64 a4
#define P5 P4, u64 a5
#define P6 P5, u64 a6
#define P7 P6, u64 a7
#define P8 P7, u64 a8
#define P9 P8, u64 a9
#define P10 P9, u64 a10
#define P11 P10, u64 a11
#define P12 P11, u64 a12
#define A1 a1
#define A2 A1, a2
#define A3 A2, a3
#define A4 A3, a4
#define A5 A4, a5
#define A6 A5, a6
#define A7 A6, a7
#define A8 A7, a8
#define A9 A8, a9
#define A10 A9, a10
#define A11 A10, a11
#define A12 A11, a12

#define DEFINE_BPF_TRACE_RUN(n)						\
void bpf_trace_run##n(struct bpf_raw_tp_link *link, P##n)		\
{									\
	u64 args[n] = { A##n };						\
									\
	raw_tp_run(link, args);						\
}									\
EXPORT_SYMBOL_GPL(bpf_trace_run##n)

DEFINE_BPF_TRACE_RUN(1);
DEFINE_BPF_TRACE_RUN(2);
DEFINE_BPF_TRACE_RUN(3);
DEFINE_BPF_TRACE_RUN(4);
DEFINE_BPF_TRACE_RUN(5);
DEFINE_BPF_TRACE_RUN(6);
DEFINE_BPF_TRACE_RUN(7);
DEFINE_BPF_TRACE_RUN(8);
DEFINE_BPF_TRACE_RUN(9);
DEFINE_BPF_TRACE_RUN(10);
DEFINE_BPF_TRACE_RUN(11);
DEFINE_BPF_TRACE_RUN(12);
