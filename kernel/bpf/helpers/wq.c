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
#include <linux/workqueue.h>
#include "btf/record.h"
#include "btf/value_lock.h"
#include "helpers/async.h"
#include "helpers/timer.h"

/**
 * struct wq_state - what a work is when it is not just zero bytes
 * @async: its callback
 * @work: runs the callback
 */
struct wq_state {
	struct async_state async;
	struct work_struct work;
};

static_assert(sizeof(struct async_field) == sizeof(struct bpf_wq));

static struct wq_state *wq_state(struct async_state *st)
{
	return container_of(st, struct wq_state, async);
}

static void wq_run(struct work_struct *work)
{
	struct async_state *st = &container_of(work, struct wq_state, work)->async;
	struct bpf_prog *prog;
	unsigned long flags;
	bpf_callback_t cb;

	/* before the program is looked at: a value that goes from here on stays until the end */
	rcu_read_lock_trace();
	flags = bpf_value_lock_irqsave(&st->lock);
	cb = st->cb;
	prog = cb ? st->prog : NULL;
	if (prog)
		bpf_prog_inc(prog);
	bpf_value_unlock_irqrestore(&st->lock, flags);
	if (prog) {
		migrate_disable();
		async_call(st, cb);
		migrate_enable();
	}
	rcu_read_unlock_trace();
	if (prog)
		bpf_prog_put(prog);
}

static void wq_end(struct work_struct *end)
{
	struct async_state *st = container_of(end, struct async_state, end);

	cancel_work_sync(&wq_state(st)->work);
	async_free(st);
}

/* See timer.h. */
void bpf_wq_cancel_and_free(void *wq)
{
	async_end(wq);
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
	struct async_field *field = (struct async_field *)wq;
	struct bpf_map *map = p__map;
	struct wq_state *st;

	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	st = async_alloc(map, sizeof(*st), field, map->record->wq_off, wq_end);
	if (!st)
		return -ENOMEM;
	INIT_WORK(&st->work, wq_run);
	return async_publish(field, &st->async);
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
	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	return async_set_callback((struct async_field *)wq, callback_fn);
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
	struct async_field *field = (struct async_field *)wq;
	struct async_state *st;
	unsigned long irq;
	int err = 0;

	if (flags)
		return -EINVAL;
	if (in_nmi())
		return -EOPNOTSUPP;
	irq = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (st && READ_ONCE(st->prog))
		schedule_work(&wq_state(st)->work);
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
