/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a thread of the process is to kernel code: a task on a simulated processor. Sections that
 * exclude preemption are read sections of RCU too, and have their processor to themselves. Read
 * sections that may sleep are counted apart: they have nothing to themselves.
 */
#ifndef _HOST_THREAD_H
#define _HOST_THREAD_H

struct task_struct;

/**
 * struct host_thread - one thread
 * @task: what `current` is
 * @cpu: simulated processor
 * @preempt: kernel's preempt count
 * @sections: nested sections of all other kinds; the outermost one holds the processor
 * @sleepable: nested read sections that may sleep
 * @irqs_off: interrupts would be off
 * @irq_works: interrupt work that was queued on this processor; it runs when the section ends
 */
struct host_thread {
	struct task_struct *task;
	int cpu;
	int preempt;
	int sections;
	int sleepable;
	int irqs_off;
	void *irq_works;
};

extern __thread struct host_thread host_thread __attribute__((visibility("hidden")));

/* The first use in a thread registers it. */
void host_thread_start(void);
void host_section_enter(void);
void host_section_leave(void);
void host_sleepable_enter(void);
void host_sleepable_leave(void);
void host_run_irq_works(void);

static inline __attribute__((always_inline)) struct host_thread *host_this_thread(void)
{
	if (__builtin_expect(!host_thread.task, 0))
		host_thread_start();
	return &host_thread;
}

#endif /* _HOST_THREAD_H */
