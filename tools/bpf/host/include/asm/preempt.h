/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: a section that excludes preemption, see host/thread.h. */
#ifndef __ASM_PREEMPT_H
#define __ASM_PREEMPT_H

#include <asm/current.h>

#define PREEMPT_ENABLED	0

static __always_inline int preempt_count(void)
{
	return host_this_thread()->preempt;
}

static __always_inline void preempt_count_set(int pc)
{
	host_this_thread()->preempt = pc;
}

#define init_task_preempt_count(p)	do { } while (0)
#define init_idle_preempt_count(p, cpu)	do { } while (0)

static __always_inline void set_preempt_need_resched(void) {}
static __always_inline void clear_preempt_need_resched(void) {}

static __always_inline bool test_preempt_need_resched(void)
{
	return false;
}

static __always_inline void __preempt_count_add(int val)
{
	host_section_enter();
	host_thread.preempt += val;
}

static __always_inline void __preempt_count_sub(int val)
{
	host_thread.preempt -= val;
	host_section_leave();
}

static __always_inline bool __preempt_count_dec_and_test(void)
{
	__preempt_count_sub(1);
	return false;
}

static __always_inline bool should_resched(int preempt_offset)
{
	return false;
}

#endif
