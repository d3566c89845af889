/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The spin lock in a map value: four zero bytes are an unlocked one. Interrupts are off while it is
 * held, since programs in interrupts take it too; the verifier sees to it that a program holds one
 * at a time and calls nothing meanwhile, so no two CPUs can wait for each other.
 */
#ifndef _KBPF_BTF_VALUE_LOCK_H
#define _KBPF_BTF_VALUE_LOCK_H

#include <linux/bpf.h>
#include <linux/build_bug.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

static __always_inline unsigned long bpf_value_lock_irqsave(struct bpf_spin_lock *lock)
{
	unsigned long flags;

	BUILD_BUG_ON(sizeof(arch_spinlock_t) != sizeof(*lock));
	local_irq_save(flags);
	preempt_disable();
	arch_spin_lock((arch_spinlock_t *)lock);
	return flags;
}

static __always_inline void bpf_value_unlock_irqrestore(struct bpf_spin_lock *lock,
							unsigned long flags)
{
	arch_spin_unlock((arch_spinlock_t *)lock);
	preempt_enable();
	local_irq_restore(flags);
}

#endif /* _KBPF_BTF_VALUE_LOCK_H */
