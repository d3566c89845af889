/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running a loaded program: the only inline code between a hook and the program's entry.
 */
#ifndef _LINUX_BPF_RUN_H
#define _LINUX_BPF_RUN_H

#include <linux/bpf.h>
#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <linux/static_call_types.h>
#include <linux/u64_stats_sync.h>

/* Run statistics are on (BPF_ENABLE_STATS or kernel.bpf_stats_enabled). */
DECLARE_STATIC_KEY_FALSE(bpf_stats_enabled_key);

typedef unsigned int (*bpf_dispatcher_fn)(const void *ctx, const struct bpf_insn *insnsi,
					  bpf_func_t bpf_func);

/**
 * __bpf_prog_run - run a program through a dispatcher
 * @prog: the program
 * @ctx: its context, of the program type's kernel-side struct
 * @dfunc: calls the entry; inlined, so that it may become a direct call
 *
 * Context: any that the program type allows; migration disabled (cant_migrate()).
 * Return: R0's low 32 bits.
 */
static __always_inline u32 __bpf_prog_run(const struct bpf_prog *prog, const void *ctx,
					  bpf_dispatcher_fn dfunc)
{
	struct bpf_prog_stats *stats;
	unsigned long flags;
	u64 start;
	u32 ret;

	cant_migrate();
	if (!static_branch_unlikely(&bpf_stats_enabled_key))
		return dfunc(ctx, prog->insnsi, prog->bpf_func);

	start = sched_clock();
	ret = dfunc(ctx, prog->insnsi, prog->bpf_func);
	if (prog->stats) {
		stats = this_cpu_ptr(prog->stats);
		flags = u64_stats_update_begin_irqsave(&stats->syncp);
		u64_stats_inc(&stats->cnt);
		u64_stats_add(&stats->nsecs, sched_clock() - start);
		u64_stats_update_end_irqrestore(&stats->syncp, flags);
	}
	return ret;
}

static __always_inline u32 bpf_prog_run(const struct bpf_prog *prog, const void *ctx)
{
	return __bpf_prog_run(prog, ctx, bpf_dispatcher_nop_func);
}

/* As bpf_prog_run(), from preemptible context. */
static inline u32 bpf_prog_run_pin_on_cpu(const struct bpf_prog *prog, const void *ctx)
{
	u32 ret;

	migrate_disable();
	ret = bpf_prog_run(prog, ctx);
	migrate_enable();
	return ret;
}

/**
 * bpf_prog_run_array - run all programs of an array
 * @array: RCU-protected; may be NULL
 * @ctx: context of each
 * @run_prog: bpf_prog_run()
 *
 * Context: rcu_read_lock() held, migration disabled.
 * Return: the bitwise AND of all results; 1 without programs.
 */
static __always_inline u32 bpf_prog_run_array(const struct bpf_prog_array *array, const void *ctx,
					      bpf_prog_run_fn run_prog)
{
	struct bpf_trace_run_ctx run_ctx = {};
	const struct bpf_prog_array_item *item;
	struct bpf_run_ctx *old;
	u32 ret = 1;

	if (unlikely(!array))
		return ret;

	old = bpf_set_run_ctx(&run_ctx.run_ctx);
	for (item = array->items; READ_ONCE(item->prog); item++) {
		run_ctx.bpf_cookie = item->bpf_cookie;
		ret &= run_prog(READ_ONCE(item->prog), ctx);
	}
	bpf_reset_run_ctx(old);
	return ret;
}

/* As bpf_prog_run_array() for user-space probes, whose programs may sleep. */
static __always_inline u32 bpf_prog_run_array_uprobe(const struct bpf_prog_array *array,
						     const void *ctx, bpf_prog_run_fn run_prog)
{
	struct bpf_trace_run_ctx run_ctx = { .is_uprobe = true };
	const struct bpf_prog_array_item *item;
	const struct bpf_prog *prog;
	struct bpf_run_ctx *old;
	u32 ret = 1;

	if (unlikely(!array))
		return ret;

	migrate_disable();
	old = bpf_set_run_ctx(&run_ctx.run_ctx);
	for (item = array->items; (prog = READ_ONCE(item->prog)); item++) {
		/* Sleepable ones are protected by the caller's rcu_read_lock_trace() alone. */
		if (!prog->sleepable)
			rcu_read_lock();
		run_ctx.bpf_cookie = item->bpf_cookie;
		ret &= run_prog(prog, ctx);
		if (!prog->sleepable)
			rcu_read_unlock();
	}
	bpf_reset_run_ctx(old);
	migrate_enable();
	return ret;
}

#endif /* _LINUX_BPF_RUN_H */
