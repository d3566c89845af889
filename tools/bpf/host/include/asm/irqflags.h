/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: there are no interrupts; switching them off excludes preemption. */
#ifndef _X86_IRQFLAGS_H_
#define _X86_IRQFLAGS_H_

#include <asm/processor-flags.h>
#include <host/thread.h>

static __always_inline unsigned long arch_local_save_flags(void)
{
	return host_this_thread()->irqs_off ? 0 : X86_EFLAGS_IF;
}

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static __always_inline bool arch_irqs_disabled(void)
{
	return host_this_thread()->irqs_off;
}

static __always_inline void arch_local_irq_disable(void)
{
	if (!host_this_thread()->irqs_off) {
		host_section_enter();
		host_thread.irqs_off = 1;
	}
}

static __always_inline void arch_local_irq_enable(void)
{
	if (host_this_thread()->irqs_off) {
		host_thread.irqs_off = 0;
		host_section_leave();
	}
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (!arch_irqs_disabled_flags(flags))
		arch_local_irq_enable();
}

static __always_inline void native_halt(void) {}
static __always_inline void native_safe_halt(void) {}
static __always_inline void halt(void) {}
static __always_inline void arch_safe_halt(void) {}
static __always_inline void native_irq_disable(void) {}
static __always_inline void native_irq_enable(void) {}

static __always_inline unsigned long native_save_fl(void)
{
	return arch_local_save_flags();
}

#endif
