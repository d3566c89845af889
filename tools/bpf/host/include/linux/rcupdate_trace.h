/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: read sections that may sleep, see host/thread.h. */
#ifndef __LINUX_RCUPDATE_TRACE_H
#define __LINUX_RCUPDATE_TRACE_H

#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <host/thread.h>

static inline int rcu_read_lock_trace_held(void)
{
	return host_this_thread()->sleepable;
}

static inline void rcu_read_lock_trace(void)
{
	host_sleepable_enter();
}

static inline void rcu_read_unlock_trace(void)
{
	host_sleepable_leave();
}

void call_rcu_tasks_trace(struct rcu_head *rhp, rcu_callback_t func);
void synchronize_rcu_tasks_trace(void);
void rcu_barrier_tasks_trace(void);
static inline struct task_struct *get_rcu_tasks_trace_gp_kthread(void)
{
	return NULL;
}

#endif
