// SPDX-License-Identifier: GPL-2.0
/*
 * Work in map values: bpf_wq_init(), _set_callback(), _start(). As timers (timer.c), but the
 * callback runs in process context and may sleep.
 *
 * The callback may be waiting, or asleep, when the value or the program goes: it holds a reference
 * of its program, and with it of the map, while it runs, and its section keeps the value's memory.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "btf/record.h"
#include "btf/value_lock.h"
#include "helpers/timer.h"

/**
 * struct wq_state - what a work is when it is not just zero bytes
 * @work: runs the callback
 * @end: waits for @work before freeing
 * @lock: @prog and @cb
 * @map: where the value is
 * @value: the value
 * @prog: held; NULL: none set, or cancelled
 * @cb: function of @prog
 * @rcu: freeing
 */
struct wq_state {
	struct work_struct work;
	struct work_struct end;
	struct bpf_spin_lock lock;
	struct bpf_map *map;
	void *value;
	struct bpf_prog *prog;
	bpf_callback_t cb;
	struct rcu_head rcu;
};

/* struct bpf_wq as the kernel uses it. */
struct wq_field {
	struct wq_state *state;
	struct bpf_spin_lock lock;	/* @state */
} __aligned(8);

static_assert(sizeof(struct wq_field) == sizeof(struct bpf_wq));

/* Puts another program in; the old one is for the caller to put. */
static struct bpf_prog *wq_set(struct wq_state *st, struct bpf_prog *prog, bpf_callback_t cb)
{
	unsigned long flags = bpf_value_lock_irqsave(&st->lock);
	struct bpf_prog *old = st->prog;

	st->prog = prog;
	st->cb = cb;
	bpf_value_unlock_irqrestore(&st->lock, flags);
	return old;
}

static void wq_run(struct work_struct *work)
{
	struct wq_state *st = container_of(work, struct wq_state, work);
	struct bpf_prog *prog;
	unsigned long flags;
	bpf_callback_t cb;
	u32 index;

	/* before the program is looked at: a value that goes from here on stays until the end */
	rcu_read_lock_trace();
	flags = bpf_value_lock_irqsave(&st->lock);
	prog = st->prog;
	cb = st->cb;
	if (prog)
		bpf_prog_inc(prog);
	bpf_value_unlock_irqrestore(&st->lock, flags);
	if (prog) {
		migrate_disable();
		cb((unsigned long)st->map,
		   (unsigned long)bpf_value_key(st->map, st->value, &index),
		   (unsigned long)st->value, 0, 0);
		migrate_enable();
	}
	rcu_read_unlock_trace();
	if (prog)
		bpf_prog_put(prog);
}

static void wq_end(struct work_struct *end)
{
	struct wq_state *st = container_of(end, struct wq_state, end);

	cancel_work_sync(&st->work);
	kfree_rcu(st, rcu);
}

/* See timer.h. */
void bpf_wq_cancel_and_free(void *wq)
{
	struct wq_field *field = wq;
	struct bpf_prog *prog;
	struct wq_state *st;
	unsigned long flags;

	if (!READ_ONCE(field->state))
		return;
	flags = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	WRITE_ONCE(field->state, NULL);
	bpf_value_unlock_irqrestore(&field->lock, flags);
	if (!st)
		return;
	prog = wq_set(st, NULL, NULL);
	if (prog)
		bpf_prog_put(prog);
	/* it may be the callback itself that deletes the element */
	queue_work(system_unbound_wq, &st->end);
}

__bpf_kfunc_start_defs();

/**
 * bpf_wq_init - make a value's work usable
 * @wq: field of a map value
 * @p__map: the map
 * @flags: 0
 *
 * Context: programs.
 * Return: 0; -EINVAL, -EBUSY where it is already, -EPERM where user space holds the map no more,
 * -EOPNOTSUPP in an NMI, -ENOMEM.
 */
__bpf_kfunc int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags)
{
	struct wq_field *field = (struct wq_field *)wq;
	struct bpf_map *map = p__map;
	struct wq_state *st;
	unsigned long irq;
	int err = 0;

	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	st = bpf_map_kmalloc_node(map, sizeof(*st), GFP_ATOMIC | __GFP_ZERO, map->numa_node);
	if (!st)
		return -ENOMEM;
	st->map = map;
	st->value = (void *)field - map->record->wq_off;
	INIT_WORK(&st->work, wq_run);
	INIT_WORK(&st->end, wq_end);

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

/**
 * bpf_wq_set_callback_impl - say what is to be run
 * @wq: field of a map value
 * @callback_fn: function of the program; may sleep
 * @flags: 0
 * @aux__ign: not used
 *
 * Context: programs. Return: 0; -EINVAL where it was not made usable, -EPERM, -EOPNOTSUPP.
 */
__bpf_kfunc int bpf_wq_set_callback_impl(struct bpf_wq *wq,
					 int (callback_fn)(void *map, int *key, void *value),
					 unsigned int flags, void *aux__ign)
{
	struct wq_field *field = (struct wq_field *)wq;
	bpf_callback_t cb = (bpf_callback_t)(void *)callback_fn;
	struct bpf_prog *prog;
	struct wq_state *st;
	unsigned long irq;
	int err = 0;

	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	prog = bpf_callback_prog(cb);
	if (IS_ERR(prog))
		return PTR_ERR(prog);

	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (!st)
		err = -EINVAL;
	else if (!atomic64_read(&st->map->usercnt))
		err = -EPERM;
	else
		prog = wq_set(st, prog, cb);
	bpf_value_unlock_irqrestore(&field->lock, irq);
	if (prog)
		bpf_prog_put(prog);
	return err;
}

/**
 * bpf_wq_start - have the callback run soon, once
 * @wq: field of a map value
 * @flags: 0
 *
 * Context: programs. Return: 0; -EINVAL where it has no callback, -EOPNOTSUPP in an NMI.
 */
__bpf_kfunc int bpf_wq_start(struct bpf_wq *wq, unsigned int flags)
{
	struct wq_field *field = (struct wq_field *)wq;
	struct wq_state *st;
	unsigned long irq;
	int err = 0;

	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st && READ_ONCE(st->prog))
		schedule_work(&st->work);
	else
		err = -EINVAL;
	bpf_value_unlock_irqrestore(&field->lock, irq);
	return err;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(wq_ids)
BTF_ID_FLAGS(func, bpf_wq_init)
BTF_ID_FLAGS(func, bpf_wq_set_callback_impl)
BTF_ID_FLAGS(func, bpf_wq_start)
BTF_KFUNCS_END(wq_ids)

static const struct btf_kfunc_id_set wq_set_of_ids = {
	.owner = THIS_MODULE,
	.set = &wq_ids,
};

static int __init wq_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &wq_set_of_ids);
}
late_initcall(wq_kfuncs_init);
