/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: the task that stands for this thread. */
#ifndef _ASM_X86_CURRENT_H
#define _ASM_X86_CURRENT_H

#include <linux/types.h>
#include <host/thread.h>

struct task_struct;

/* For inline functions of the base that nothing here calls. */
struct pcpu_hot {
	unsigned long top_of_stack;
	void *hardirq_stack_ptr;
	unsigned short softirq_pending;
	bool hardirq_stack_inuse;
};
extern struct pcpu_hot pcpu_hot, const_pcpu_hot;

#define get_current()	(host_this_thread()->task)
#define current		get_current()

#endif
