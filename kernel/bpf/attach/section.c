// SPDX-License-Identifier: GPL-2.0
/* Running a program from process context, in the read section of its kind. */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>

#include "attach/attach.h"

static u32 run_with(const struct bpf_prog *prog, const void *ctx, struct bpf_run_ctx *run_ctx)
{
	struct bpf_run_ctx *old;
	u32 ret;

	migrate_disable();
	old = bpf_set_run_ctx(run_ctx);
	ret = bpf_prog_run(prog, ctx);
	bpf_reset_run_ctx(old);
	migrate_enable();
	return ret;
}

/**
 * bpf_prog_run_in_section - run a program that may be of the kind that sleeps
 * @prog: the program
 * @ctx: its context, of the program type's kernel-side struct
 * @run_ctx: what its helpers find as the current task's
 *
 * Context: process context; may sleep where the program may.
 * Return: R0's low 32 bits.
 */
u32 bpf_prog_run_in_section(const struct bpf_prog *prog, const void *ctx,
			    struct bpf_run_ctx *run_ctx)
{
	u32 ret;

	if (prog->sleepable) {
		might_fault();
		rcu_read_lock_trace();
		ret = run_with(prog, ctx, run_ctx);
		rcu_read_unlock_trace();
	} else {
		rcu_read_lock();
		ret = run_with(prog, ctx, run_ctx);
		rcu_read_unlock();
	}
	return ret;
}
