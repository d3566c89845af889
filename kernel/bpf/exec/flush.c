// SPDX-License-Identifier: GPL-2.0
/*
 * Branch predictors and programs that anybody may load: what they learned from
 * code that was at the same address before must not steer a new image.
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/static_call.h>
#include "exec/exec.h"

DEFINE_STATIC_KEY_FALSE(bpf_pred_flush_enabled);

/**
 * bpf_arch_pred_flush_nop - flush nothing
 *
 * What bpf_arch_pred_flush calls until the architecture finds that it needs
 * something better.
 *
 * Context: Any.
 */
void bpf_arch_pred_flush_nop(void)
{
}

DEFINE_STATIC_CALL(bpf_arch_pred_flush, bpf_arch_pred_flush_nop);

/**
 * bpf_jit_pred_flush - before a new image may first run
 * @prog: main program
 *
 * Flushes for classic programs of users who are not privileged otherwise.
 *
 * Context: Process context.
 */
void bpf_jit_pred_flush(const struct bpf_prog *prog)
{
	if (static_branch_unlikely(&bpf_pred_flush_enabled) && prog->was_classic &&
	    !capable(CAP_SYS_ADMIN))
		static_call(bpf_arch_pred_flush)();
}
