// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in map values: bpf_timer_init(), _set_callback(), _start(), _cancel().
 * The life of a timer is in async.c.
 */
#include <linux/bpf.h>
#include <linux/hrtimer.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include "btf/record.h"
#include "btf/value_lock.h"
#include "helpers/async.h"
#include "helpers/base.h"
#include "helpers/timer.h"

/**
 * struct timer_state - what a timer is when it is not just zero bytes
 * @async: its callback
 * @timer: the clock's
 */
struct timer_state {
	struct async_state async;
	struct hrtimer timer;
};

static_assert(sizeof(struct async_field) == sizeof(struct bpf_timer));

/* Whose callback runs on this CPU. */
static DEFINE_PER_CPU(struct timer_state *, timer_running);

#define TIMER_FLAGS	(BPF_F_TIMER_ABS | BPF_F_TIMER_CPU_PIN)

static struct timer_state *timer_state(struct async_state *st)
{
	return container_of(st, struct timer_state, async);
}

static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
	struct timer_state *st = container_of(timer, struct timer_state, timer);
	bpf_callback_t cb;

	rcu_read_lock();
	cb = READ_ONCE(st->async.cb);
	if (cb) {
		this_cpu_write(timer_running, st);
		async_call(&st->async, cb);
		this_cpu_write(timer_running, NULL);
	}
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

static void timer_end(struct work_struct *end)
{
	struct async_state *st = container_of(end, struct async_state, end);

	hrtimer_cancel(&timer_state(st)->timer);
	async_free(st);
}

/* See timer.h. */
void bpf_timer_cancel_and_free(void *timer)
{
	async_end(timer);
}

static bool clock_ok(u64 clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME;
}

BPF_CALL_3(bpf_timer_init, struct async_field *, field, struct bpf_map *, map, u64, flags)
{
	struct timer_state *st;

	if (in_nmi())
		return -EOPNOTSUPP;
	if (!clock_ok(flags))
		return -EINVAL;
	st = async_alloc(map, sizeof(*st), field, map->record->timer_off, timer_end);
	if (!st)
		return -ENOMEM;
	hrtimer_init(&st->timer, flags, HRTIMER_MODE_REL_SOFT);
	st->timer.function = timer_fires;
	return async_publish(field, &st->async);
}

const struct bpf_func_proto bpf_timer_init_proto = {
	.func = bpf_timer_init,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
	.arg2_type = ARG_CONST_MAP_PTR,
	.arg3_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_timer_set_callback, struct async_field *, field, void *, callback)
{
	return in_nmi() ? -EOPNOTSUPP : async_set_callback(field, callback);
}

const struct bpf_func_proto bpf_timer_set_callback_proto = {
	.func = bpf_timer_set_callback,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
	.arg2_type = ARG_PTR_TO_FUNC,
};

BPF_CALL_3(bpf_timer_start, struct async_field *, field, u64, nsecs, u64, flags)
{
	enum hrtimer_mode mode = HRTIMER_MODE_REL_SOFT;
	struct async_state *st;
	unsigned long irq;
	int err = 0;

	if (in_nmi())
		return -EOPNOTSUPP;
	if (flags & ~TIMER_FLAGS)
		return -EINVAL;
	if (flags & BPF_F_TIMER_ABS)
		mode = HRTIMER_MODE_ABS_SOFT;
	if (flags & BPF_F_TIMER_CPU_PIN)
		mode |= HRTIMER_MODE_PINNED;

	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st && READ_ONCE(st->prog))
		hrtimer_start(&timer_state(st)->timer, ns_to_ktime(nsecs), mode);
	else
		err = -EINVAL;
	bpf_value_unlock_irqrestore(&field->lock, irq);
	return err;
}

const struct bpf_func_proto bpf_timer_start_proto = {
	.func = bpf_timer_start,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_ANYTHING,
};

/*
 * Callbacks that cancel each other's timers would wait for each other, so a callback waits for
 * nothing: it is told when another one runs. So is who may have interrupted it, in an interrupt.
 */
static int timer_stop(struct timer_state *st)
{
	int ret;

	if (!this_cpu_read(timer_running) && !in_hardirq() && !irqs_disabled())
		return hrtimer_cancel(&st->timer);
	ret = hrtimer_try_to_cancel(&st->timer);
	return ret < 0 ? -EDEADLK : ret;
}

BPF_CALL_1(bpf_timer_cancel, struct async_field *, field)
{
	struct bpf_prog *prog = NULL;
	struct async_state *st;
	unsigned long irq;
	int ret = -EINVAL;

	if (in_nmi())
		return -EOPNOTSUPP;
	rcu_read_lock();
	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st && this_cpu_read(timer_running) == timer_state(st)) {
		ret = -EDEADLK;
		st = NULL;
	}
	if (st)
		prog = async_swap_prog(st, NULL, NULL);
	bpf_value_unlock_irqrestore(&field->lock, irq);
	if (prog)
		bpf_prog_put(prog);
	if (st)
		ret = timer_stop(timer_state(st));
	rcu_read_unlock();
	return ret;
}

const struct bpf_func_proto bpf_timer_cancel_proto = {
	.func = bpf_timer_cancel,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
};
