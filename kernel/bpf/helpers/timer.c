// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in map values: bpf_timer_init(), _set_callback(), _start(), _cancel().
 *
 * The value holds a pointer to the timer's state under a lock in the same field. The state outlives
 * the field until its callback has ended. It holds a reference of the program whose function it
 * calls, and exists only as long as user space holds the map: otherwise the two would keep each
 * other alive.
 */
#include <linux/bpf.h>
#include <linux/hrtimer.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "btf/record.h"
#include "btf/value_lock.h"
#include "exec/exec.h"
#include "helpers/base.h"
#include "helpers/timer.h"
#include "maps/array.h"

/**
 * struct timer_state - what a timer is when it is not just zero bytes
 * @timer: the clock's
 * @map: where the value is
 * @value: the value
 * @prog: held; NULL: none set, or cancelled
 * @cb: function of @prog
 * @rcu: freeing
 * @work: waiting for the callback before freeing
 */
struct timer_state {
	struct hrtimer timer;
	struct bpf_map *map;
	void *value;
	struct bpf_prog *prog;
	bpf_callback_t cb;
	union {
		struct rcu_head rcu;
		struct work_struct work;
	};
};

/* struct bpf_timer as the kernel uses it. */
struct timer_field {
	struct timer_state *state;
	struct bpf_spin_lock lock;	/* @state, and its prog and cb */
} __aligned(8);

static_assert(sizeof(struct timer_field) == sizeof(struct bpf_timer));

/* Whose callback runs on this CPU. */
static DEFINE_PER_CPU(struct timer_state *, timer_running);

#define TIMER_FLAGS	(BPF_F_TIMER_ABS | BPF_F_TIMER_CPU_PIN)

/**
 * bpf_value_key - the key of a value
 * @map: array or hash table
 * @value: the value
 * @index: room for the key of an array
 *
 * Context: the value is there. Return: the key.
 */
void *bpf_value_key(const struct bpf_map *map, void *value, u32 *index)
{
	const struct bpf_array *array;

	/* Hash tables keep the key in front, padded. */
	if (map->map_type != BPF_MAP_TYPE_ARRAY)
		return value - round_up(map->key_size, 8);
	array = to_bpf_array((struct bpf_map *)map);
	*index = (value - (void *)array->data) / array->elem_size;
	return index;
}

static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
	struct timer_state *st = container_of(timer, struct timer_state, timer);
	struct bpf_map *map = st->map;
	bpf_callback_t cb;
	u32 index;

	rcu_read_lock();
	cb = READ_ONCE(st->cb);
	if (cb) {
		this_cpu_write(timer_running, st);
		cb((unsigned long)map, (unsigned long)bpf_value_key(map, st->value, &index),
		   (unsigned long)st->value, 0, 0);
		this_cpu_write(timer_running, NULL);
	}
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

static void timer_free_work(struct work_struct *work)
{
	struct timer_state *st = container_of(work, struct timer_state, work);

	hrtimer_cancel(&st->timer);
	kfree_rcu(st, rcu);
}

/* Takes the program out, for the caller to put when the lock is dropped. */
static struct bpf_prog *timer_take_prog(struct timer_state *st)
{
	struct bpf_prog *prog = st->prog;

	WRITE_ONCE(st->cb, NULL);
	st->prog = NULL;
	return prog;
}

/* See timer.h. */
void bpf_timer_cancel_and_free(void *timer)
{
	struct timer_field *field = timer;
	struct bpf_prog *prog = NULL;
	struct timer_state *st;
	unsigned long flags;

	if (!READ_ONCE(field->state))
		return;
	flags = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st) {
		prog = timer_take_prog(st);
		/* Nobody can start it any more. */
		WRITE_ONCE(field->state, NULL);
	}
	bpf_value_unlock_irqrestore(&field->lock, flags);
	if (prog)
		bpf_prog_put(prog);
	if (!st)
		return;
	/* It may be the callback itself that deletes the element. */
	if (hrtimer_try_to_cancel(&st->timer) >= 0) {
		kfree_rcu(st, rcu);
	} else {
		INIT_WORK(&st->work, timer_free_work);
		queue_work(system_unbound_wq, &st->work);
	}
}

static bool clock_ok(u64 clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME;
}

BPF_CALL_3(bpf_timer_init, struct timer_field *, field, struct bpf_map *, map, u64, flags)
{
	struct timer_state *st;
	unsigned long irq;
	int err = 0;

	if (in_nmi())
		return -EOPNOTSUPP;
	if (!clock_ok(flags))
		return -EINVAL;
	st = bpf_map_kmalloc_node(map, sizeof(*st), GFP_ATOMIC | __GFP_ZERO, map->numa_node);
	if (!st)
		return -ENOMEM;
	st->map = map;
	st->value = (void *)field - map->record->timer_off;
	hrtimer_init(&st->timer, flags, HRTIMER_MODE_REL_SOFT);
	st->timer.function = timer_fires;

	irq = bpf_value_lock_irqsave(&field->lock);
	if (field->state) {
		err = -EBUSY;
	} else {
		WRITE_ONCE(field->state, st);
		/* Pairs with the last user reference, after which all values are looked at. */
		smp_mb();
		if (!atomic64_read(&map->usercnt)) {
			WRITE_ONCE(field->state, NULL);
			err = -EPERM;
		}
	}
	bpf_value_unlock_irqrestore(&field->lock, irq);
	if (err)
		kfree_rcu(st, rcu);
	return err;
}

const struct bpf_func_proto bpf_timer_init_proto = {
	.func = bpf_timer_init,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
	.arg2_type = ARG_CONST_MAP_PTR,
	.arg3_type = ARG_ANYTHING,
};

/**
 * bpf_callback_prog - the program that a callback is a function of
 * @cb: what a program gave as a function of its own
 *
 * Context: any. Return: the main program with a reference, or ERR_PTR.
 */
struct bpf_prog *bpf_callback_prog(bpf_callback_t cb)
{
	struct bpf_prog *prog = NULL;

	rcu_read_lock();
#ifdef CONFIG_BPF_JIT
	prog = bpf_prog_find_by_addr((unsigned long)cb);
#endif
#ifndef CONFIG_BPF_JIT_ALWAYS_ON
	if (!prog)
		prog = bpf_interp_callback_prog(cb);
#endif
	prog = prog ? bpf_prog_inc_not_zero(bpf_prog_main(prog)) : ERR_PTR(-EINVAL);
	rcu_read_unlock();
	return prog;
}

BPF_CALL_2(bpf_timer_set_callback, struct timer_field *, field, void *, callback)
{
	bpf_callback_t cb = (bpf_callback_t)callback;
	struct bpf_prog *prog, *old = NULL;
	struct timer_state *st;
	unsigned long irq;
	int err = 0;

	if (in_nmi())
		return -EOPNOTSUPP;
	prog = bpf_callback_prog(cb);
	if (IS_ERR(prog))
		return PTR_ERR(prog);

	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (!st) {
		err = -EINVAL;
	} else if (!atomic64_read(&st->map->usercnt)) {
		err = -EPERM;
	} else {
		old = timer_take_prog(st);
		st->prog = prog;
		WRITE_ONCE(st->cb, cb);
	}
	bpf_value_unlock_irqrestore(&field->lock, irq);
	if (err)
		bpf_prog_put(prog);
	if (old)
		bpf_prog_put(old);
	return err;
}

const struct bpf_func_proto bpf_timer_set_callback_proto = {
	.func = bpf_timer_set_callback,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
	.arg2_type = ARG_PTR_TO_FUNC,
};

BPF_CALL_3(bpf_timer_start, struct timer_field *, field, u64, nsecs, u64, flags)
{
	enum hrtimer_mode mode = HRTIMER_MODE_REL_SOFT;
	struct timer_state *st;
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
	if (st && st->prog)
		hrtimer_start(&st->timer, ns_to_ktime(nsecs), mode);
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

BPF_CALL_1(bpf_timer_cancel, struct timer_field *, field)
{
	struct bpf_prog *prog = NULL;
	struct timer_state *st;
	unsigned long irq;
	int ret = -EINVAL;

	if (in_nmi())
		return -EOPNOTSUPP;
	rcu_read_lock();
	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st && this_cpu_read(timer_running) == st) {
		ret = -EDEADLK;
		st = NULL;
	}
	if (st)
		prog = timer_take_prog(st);
	bpf_value_unlock_irqrestore(&field->lock, irq);
	if (prog)
		bpf_prog_put(prog);
	if (st)
		ret = timer_stop(st);
	rcu_read_unlock();
	return ret;
}

const struct bpf_func_proto bpf_timer_cancel_proto = {
	.func = bpf_timer_cancel,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_TIMER,
};
