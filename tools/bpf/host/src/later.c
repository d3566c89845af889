// SPDX-License-Identifier: GPL-2.0
/*
 * Twin of kernel/rcu, kernel/workqueue.c and kernel/irq_work.c: what is to be done later is done
 * when the outermost call into the library returns, by the thread that returns. There are no
 * threads of the library's own.
 */
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <host/os.h>
#include "host.h"

static DEFINE_RAW_SPINLOCK(lists_lock);
static struct rcu_head *rcu_first, **rcu_last = &rcu_first;
static LIST_HEAD(works);
static unsigned int run_lock;
static __thread int running;

struct workqueue_struct *system_wq, *system_unbound_wq, *system_percpu_wq, *system_dfl_wq;

/* ------------------------------------------------------------------ RCU */

void __rcu_read_lock(void)
{
	host_section_enter();
	current->rcu_read_lock_nesting++;
}

void __rcu_read_unlock(void)
{
	current->rcu_read_lock_nesting--;
	host_section_leave();
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	unsigned long flags;

	head->func = func;
	head->next = NULL;
	raw_spin_lock_irqsave(&lists_lock, flags);
	*rcu_last = head;
	rcu_last = &head->next;
	raw_spin_unlock_irqrestore(&lists_lock, flags);
}

void call_rcu_tasks_trace(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void synchronize_rcu(void)
{
	WARN_ON_ONCE(host_thread.sections);
	os_rcu_synchronize(OS_RCU);
}

void synchronize_rcu_tasks_trace(void)
{
	WARN_ON_ONCE(host_thread.sleepable);
	synchronize_rcu();
	os_rcu_synchronize(OS_RCU_SLEEPABLE);
}

void synchronize_rcu_expedited(void)
{
	synchronize_rcu();
}

/* A small number stands for the offset of the head in what is to be freed. */
void kvfree_call_rcu(struct rcu_head *head, void *ptr)
{
	if (head) {
		call_rcu(head, (rcu_callback_t)((void *)head - ptr));
		return;
	}
	synchronize_rcu();
	kvfree(ptr);
}

static bool rcu_run(void)
{
	struct rcu_head *head, *next;
	unsigned long flags, off;

	raw_spin_lock_irqsave(&lists_lock, flags);
	head = rcu_first;
	rcu_first = NULL;
	rcu_last = &rcu_first;
	raw_spin_unlock_irqrestore(&lists_lock, flags);
	if (!head)
		return false;
	os_rcu_synchronize(OS_RCU);
	os_rcu_synchronize(OS_RCU_SLEEPABLE);
	for (; head; head = next) {
		next = head->next;
		off = (unsigned long)head->func;
		if (off < 4096) {
			kvfree((void *)head - off);
			continue;
		}
		local_bh_disable();
		head->func(head);
		local_bh_enable();
	}
	return true;
}

/* ------------------------------------------------------------------ work */

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool queued = false;

	raw_spin_lock_irqsave(&lists_lock, flags);
	if (!(*work_data_bits(work) & BIT(WORK_STRUCT_PENDING_BIT))) {
		*work_data_bits(work) |= BIT(WORK_STRUCT_PENDING_BIT);
		list_add_tail(&work->entry, &works);
		queued = true;
	}
	raw_spin_unlock_irqrestore(&lists_lock, flags);
	return queued;
}

static bool work_run(void)
{
	struct work_struct *work;
	unsigned long flags;

	raw_spin_lock_irqsave(&lists_lock, flags);
	work = list_first_entry_or_null(&works, struct work_struct, entry);
	if (work) {
		list_del_init(&work->entry);
		*work_data_bits(work) &= ~BIT(WORK_STRUCT_PENDING_BIT);
	}
	raw_spin_unlock_irqrestore(&lists_lock, flags);
	if (!work)
		return false;
	work->func(work);
	return true;
}

bool irq_work_queue(struct irq_work *work)
{
	struct host_thread *t = host_this_thread();

	if (atomic_fetch_or(IRQ_WORK_CLAIMED, &work->node.a_flags) & IRQ_WORK_PENDING)
		return false;
	work->node.llist.next = t->irq_works;
	t->irq_works = &work->node.llist;
	if (!t->sections)
		host_run_irq_works();
	return true;
}

/* On the processor where they were queued, as soon as interrupts are on again. */
void host_run_irq_works(void)
{
	struct irq_work *work, *next;
	struct llist_node *list;

	local_irq_disable();
	list = host_thread.irq_works;
	host_thread.irq_works = NULL;
	llist_for_each_entry_safe(work, next, list, node.llist) {
		atomic_andnot(IRQ_WORK_PENDING, &work->node.a_flags);
		work->func(work);
		atomic_andnot(IRQ_WORK_BUSY, &work->node.a_flags);
	}
	local_irq_enable();
}

/* ------------------------------------------------------------------ doing it */

static void run_all(void)
{
	bool more;

	do {
		more = work_run();
		if (!more)
			more = rcu_run();
	} while (more);
}

/* Does all that was put off; where another thread is at it, that one goes on. */
void host_run_later(void)
{
	if (running || host_thread.sections || host_thread.sleepable)
		return;
	if (!host_spin_trylock(&run_lock))
		return;
	running = 1;
	run_all();
	running = 0;
	host_spin_unlock(&run_lock);
}

static void run_and_wait(void)
{
	if (running) {
		run_all();
		return;
	}
	host_spin_lock(&run_lock);
	running = 1;
	run_all();
	running = 0;
	host_spin_unlock(&run_lock);
}

void rcu_barrier(void)
{
	run_and_wait();
}

void rcu_barrier_tasks_trace(void)
{
	run_and_wait();
}

void irq_work_sync(struct irq_work *work)
{
	while (irq_work_is_busy(work))
		os_yield();
}

bool flush_work(struct work_struct *work)
{
	run_and_wait();
	return true;
}

bool cancel_work_sync(struct work_struct *work)
{
	run_and_wait();
	return false;
}

void __flush_workqueue(struct workqueue_struct *wq)
{
	run_and_wait();
}

/* ------------------------------------------------------------------ timers */

#include <linux/hrtimer.h>

/* Timers that are due run with all else that was put off: at a call, not by themselves. */
static LIST_HEAD(timers);

struct host_timer {
	struct list_head list;
	struct hrtimer *timer;
};

static struct host_timer *timer_find(const struct hrtimer *timer)
{
	struct host_timer *t;

	list_for_each_entry(t, &timers, list) {
		if (t->timer == timer)
			return t;
	}
	return NULL;
}

void hrtimer_init(struct hrtimer *timer, clockid_t which_clock, enum hrtimer_mode mode)
{
	memset(timer, 0, sizeof(*timer));
}

void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t tim, u64 range_ns,
			    const enum hrtimer_mode mode)
{
	struct host_timer *t;
	unsigned long flags;

	if (mode & HRTIMER_MODE_REL)
		tim = ktime_add(tim, os_clock(OS_MONOTONIC));
	raw_spin_lock_irqsave(&lists_lock, flags);
	timer->node.expires = tim;
	timer->state = HRTIMER_STATE_ENQUEUED;
	t = timer_find(timer);
	if (!t) {
		t = os_alloc(sizeof(*t), 0);
		if (t) {
			t->timer = timer;
			list_add(&t->list, &timers);
		} else {
			timer->state = HRTIMER_STATE_INACTIVE;
		}
	}
	raw_spin_unlock_irqrestore(&lists_lock, flags);
}

int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	struct host_timer *t;
	unsigned long flags;
	int ret = 0;

	raw_spin_lock_irqsave(&lists_lock, flags);
	t = timer_find(timer);
	if (t) {
		list_del(&t->list);
		os_free(t);
		timer->state = HRTIMER_STATE_INACTIVE;
		ret = 1;
	}
	raw_spin_unlock_irqrestore(&lists_lock, flags);
	return ret;
}

int hrtimer_cancel(struct hrtimer *timer)
{
	return hrtimer_try_to_cancel(timer);
}

static struct hrtimer *timer_take(u64 now)
{
	struct hrtimer *timer = NULL;
	struct host_timer *t;
	unsigned long flags;

	raw_spin_lock_irqsave(&lists_lock, flags);
	list_for_each_entry(t, &timers, list) {
		if (t->timer->node.expires > now)
			continue;
		timer = t->timer;
		timer->state = HRTIMER_STATE_INACTIVE;
		list_del(&t->list);
		os_free(t);
		break;
	}
	raw_spin_unlock_irqrestore(&lists_lock, flags);
	return timer;
}

/* Runs those that are due; one that starts itself anew runs at the next call. */
void host_run_timers(void)
{
	u64 now = os_clock(OS_MONOTONIC);
	struct hrtimer *timer;

	if (list_empty(&timers))
		return;
	while ((timer = timer_take(now))) {
		local_bh_disable();
		timer->function(timer);
		local_bh_enable();
	}
}

void call_rcu_tasks(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void synchronize_net(void)
{
	synchronize_rcu();
}
