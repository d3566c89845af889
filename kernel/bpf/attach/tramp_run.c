// SPDX-License-Identifier: GPL-2.0
/*
 * What a trampoline calls around a program: sections, recursion guard, run context, statistics.
 *
 * Nothing here may be traced, or it would be entered again before the guard is taken; the file is
 * built without entries for ftrace. What it calls that is not inline stands in deny.c's list.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched/clock.h>

#include "attach/tramp.h"

/*
 * Kernels that are not preempted move no task that does not sleep. Whether a section goes on when
 * the function returns is what it returns: sparse cannot count that, so it is not asked to.
 */
static __always_inline void pin(bool sleepable)
{
	if (sleepable) {
		rcu_read_lock_trace();
		migrate_disable();
		might_fault();
	} else {
		rcu_read_lock();
		__release(RCU);
		if (IS_ENABLED(CONFIG_PREEMPTION))
			migrate_disable();
	}
}

static __always_inline void unpin(bool sleepable)
{
	if (sleepable) {
		migrate_enable();
		rcu_read_unlock_trace();
	} else {
		if (IS_ENABLED(CONFIG_PREEMPTION))
			migrate_enable();
		__acquire(RCU);
		rcu_read_unlock();
	}
}

static __always_inline void stats_add(struct bpf_prog *prog, u64 nsecs)
{
	struct bpf_prog_stats *stats = this_cpu_ptr(prog->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->cnt);
	u64_stats_add(&stats->nsecs, nsecs);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
}

static noinline void stats_miss(struct bpf_prog *prog)
{
	struct bpf_prog_stats *stats = this_cpu_ptr(prog->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->misses);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
}

static __always_inline u64 enter(struct bpf_prog *prog, struct bpf_tramp_frame *frame,
				 bool sleepable, bool guard)
{
	pin(sleepable);
	if (guard && unlikely(this_cpu_inc_return(*prog->active) != 1)) {
		stats_miss(prog);
		this_cpu_dec(*prog->active);
		unpin(sleepable);
		return 0;
	}
	frame->run.saved_run_ctx = bpf_set_run_ctx(&frame->run.run_ctx);
	frame->start = 0;
	if (static_branch_unlikely(&bpf_stats_enabled_key))
		frame->start = sched_clock();
	return 1;
}

static __always_inline void leave(struct bpf_prog *prog, struct bpf_tramp_frame *frame,
				  bool sleepable, bool guard)
{
	if (static_branch_unlikely(&bpf_stats_enabled_key) && frame->start)
		stats_add(prog, sched_clock() - frame->start);
	bpf_reset_run_ctx(frame->run.saved_run_ctx);
	if (guard)
		this_cpu_dec(*prog->active);
	unpin(sleepable);
}

#define DEFINE_SECTION(_name, _sleepable, _guard)				\
static u64 enter_##_name(struct bpf_prog *prog, struct bpf_tramp_frame *frame)	\
{										\
	return enter(prog, frame, _sleepable, _guard);				\
}										\
										\
static void leave_##_name(struct bpf_prog *prog, struct bpf_tramp_frame *frame)	\
{										\
	leave(prog, frame, _sleepable, _guard);					\
}

DEFINE_SECTION(plain, false, false)
DEFINE_SECTION(guarded, false, true)
DEFINE_SECTION(sleeping, true, false)
DEFINE_SECTION(sleeping_guarded, true, true)

/* By sleepable, guarded. */
static const struct {
	bpf_tramp_enter_t enter;
	bpf_tramp_exit_t exit;
} sections[2][2] = {
	{ { enter_plain, leave_plain }, { enter_guarded, leave_guarded } },
	{ { enter_sleeping, leave_sleeping },
	  { enter_sleeping_guarded, leave_sleeping_guarded } },
};

/* Runs a program that needs no sections and measures it. */
static u64 measured(void *ctx, struct bpf_prog *prog)
{
	u64 (*entry)(void *ctx, const struct bpf_insn *insns) = (void *)prog->bpf_func;
	u64 start, ret;

	preempt_disable_notrace();
	start = sched_clock();
	ret = entry(ctx, prog->insnsi);
	stats_add(prog, sched_clock() - start);
	preempt_enable_notrace();
	return ret;
}

/**
 * bpf_tramp_sections - choose what a trampoline does around a program
 * @call: its prog is set; enter, exit and measure are filled in
 * @bare: the program touches nothing that has to be protected
 * @guard: it may not be entered again from inside of itself
 *
 * Context: any.
 */
void bpf_tramp_sections(struct bpf_tramp_call *call, bool bare, bool guard)
{
	bool sleepable = call->prog->sleepable;

	call->measure = measured;
	call->enter = bare ? NULL : sections[sleepable][guard].enter;
	call->exit = bare ? NULL : sections[sleepable][guard].exit;
}
