// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_spin_lock() and bpf_spin_unlock(). The file is built without entries for ftrace: a program at
 * one of these functions would run while another one holds the lock.
 */
#include <linux/bpf.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include "btf/value_lock.h"
#include "helpers/base.h"

/*
 * Interrupts are off in between, a program holds one lock at a time, and nothing else runs on the
 * CPU meanwhile but an NMI: two words a CPU are enough.
 */
static DEFINE_PER_CPU(unsigned long, lock_flags[2]);

BPF_CALL_1(bpf_spin_lock, struct bpf_spin_lock *, lock)
{
	unsigned long flags = bpf_value_lock_irqsave(lock);

	__this_cpu_write(lock_flags[!!in_nmi()], flags);
	return 0;
}

const struct bpf_func_proto bpf_spin_lock_proto = {
	.func = bpf_spin_lock,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_SPIN_LOCK,
};

BPF_CALL_1(bpf_spin_unlock, struct bpf_spin_lock *, lock)
{
	unsigned long flags = __this_cpu_read(lock_flags[!!in_nmi()]);

	bpf_value_unlock_irqrestore(lock, flags);
	return 0;
}

const struct bpf_func_proto bpf_spin_unlock_proto = {
	.func = bpf_spin_unlock,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_SPIN_LOCK,
};
