// SPDX-License-Identifier: GPL-2.0
/*
 * Callbacks that map values ask for: the life of their state.
 *
 * The value holds a pointer to the state under a lock in the same field. The state outlives the
 * field until its callback has ended. It holds a reference of the program whose function it calls,
 * and exists only as long as user space holds the map: otherwise the two would keep each other
 * alive.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "btf/value_lock.h"
#include "exec/exec.h"
#include "helpers/async.h"
#include "maps/array.h"

/* The key of a value of an array, for which @index is room, or of a hash table. */
static void *value_key(const struct bpf_map *map, void *value, u32 *index)
{
	const struct bpf_array *array;

	/* Hash tables keep the key in front, padded. */
	if (map->map_type != BPF_MAP_TYPE_ARRAY)
		return value - round_up(map->key_size, 8);
	array = to_bpf_array((struct bpf_map *)map);
	*index = (value - (void *)array->data) / array->elem_size;
	return index;
}

/**
 * async_call - run a callback on its value
 * @st: the state
 * @cb: function of a program that the caller keeps
 *
 * Context: as the callback's program may run; the value cannot be freed meanwhile.
 */
void async_call(struct async_state *st, bpf_callback_t cb)
{
	u32 index;

	cb((unsigned long)st->map, (unsigned long)value_key(st->map, st->value, &index),
	   (unsigned long)st->value, 0, 0);
}

static void async_kick(struct irq_work *kick)
{
	queue_work(system_unbound_wq, &container_of(kick, struct async_state, kick)->end);
}

/**
 * async_alloc - the state of a field, not yet reachable
 * @map: where the value is; pays for the memory
 * @size: of the owner's state, a struct async_state in front
 * @field: in the value
 * @off: bytes from the value to @field
 * @end: see struct async_state
 *
 * Context: programs. Return: the state, or NULL.
 */
void *async_alloc(struct bpf_map *map, size_t size, struct async_field *field, u32 off,
		  work_func_t end)
{
	struct async_state *st = bpf_map_kmalloc_node(map, size, GFP_ATOMIC | __GFP_ZERO,
						      map->numa_node);

	if (!st)
		return NULL;
	st->map = map;
	st->value = (void *)field - off;
	init_irq_work(&st->kick, async_kick);
	INIT_WORK(&st->end, end);
	return st;
}

/**
 * async_publish - make a field usable
 * @field: in the value
 * @st: its state, whole; freed where it cannot be had
 *
 * Context: programs, not in an NMI.
 * Return: 0; -EBUSY where it is usable already, -EPERM where user space holds the map no more.
 */
int async_publish(struct async_field *field, struct async_state *st)
{
	unsigned long flags = bpf_value_lock_irqsave(&field->lock);
	int err = 0;

	if (field->state) {
		err = -EBUSY;
	} else {
		WRITE_ONCE(field->state, st);
		/* Pairs with the last user reference, after which all values are looked at. */
		smp_mb();
		if (!atomic64_read(&st->map->usercnt)) {
			WRITE_ONCE(field->state, NULL);
			err = -EPERM;
		}
	}
	bpf_value_unlock_irqrestore(&field->lock, flags);
	if (err)
		kfree_rcu(st, rcu);
	return err;
}

/**
 * async_swap_prog - put another program in
 * @st: the state
 * @prog: program with a reference that becomes the state's, or NULL
 * @cb: function of @prog, or NULL
 *
 * Context: any but an NMI. Return: the program before, for the caller to put when it holds no lock.
 */
struct bpf_prog *async_swap_prog(struct async_state *st, struct bpf_prog *prog, bpf_callback_t cb)
{
	unsigned long flags = bpf_value_lock_irqsave(&st->lock);
	struct bpf_prog *old = st->prog;

	WRITE_ONCE(st->prog, prog);
	WRITE_ONCE(st->cb, cb);
	bpf_value_unlock_irqrestore(&st->lock, flags);
	return old;
}

/**
 * async_end - make a field unusable, and free its state
 * @field: in the value
 *
 * No callback starts any more. The rest is for process context, and even work is only queued from
 * an interrupt: who deletes an element holds the lock of its bucket, which a program takes while
 * the scheduler's locks are held, and queueing work takes those.
 *
 * Context: any but an NMI.
 */
void async_end(struct async_field *field)
{
	struct async_state *st;
	unsigned long flags;

	if (!READ_ONCE(field->state))
		return;
	flags = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	WRITE_ONCE(field->state, NULL);
	bpf_value_unlock_irqrestore(&field->lock, flags);
	if (!st)
		return;
	flags = bpf_value_lock_irqsave(&st->lock);
	WRITE_ONCE(st->cb, NULL);
	bpf_value_unlock_irqrestore(&st->lock, flags);
	irq_work_queue(&st->kick);
}

/**
 * async_free - free a state whose callback does not run
 * @st: the state, of a field that has ended
 *
 * Context: process.
 */
void async_free(struct async_state *st)
{
	irq_work_sync(&st->kick);
	if (st->prog)
		bpf_prog_put(st->prog);
	kfree_rcu(st, rcu);
}

/* The main program of a callback, with a reference, or ERR_PTR. */
static struct bpf_prog *callback_prog(bpf_callback_t cb)
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

/**
 * async_set_callback - say what is to be run
 * @field: in the value
 * @callback: what a program gave as a function of its own
 *
 * Context: programs, not in an NMI.
 * Return: 0; -EINVAL where the field is not usable or @callback no function of a program, -EPERM
 * where user space holds the map no more.
 */
int async_set_callback(struct async_field *field, void *callback)
{
	bpf_callback_t cb = (bpf_callback_t)callback;
	struct bpf_prog *prog = callback_prog(cb);
	struct async_state *st;
	unsigned long flags;
	int err = 0;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	flags = bpf_value_lock_irqsave(&field->lock);
	st = field->state;
	if (!st)
		err = -EINVAL;
	else if (!atomic64_read(&st->map->usercnt))
		err = -EPERM;
	else
		prog = async_swap_prog(st, prog, cb);
	bpf_value_unlock_irqrestore(&field->lock, flags);
	/* the one before, or the one that was not taken */
	if (prog)
		bpf_prog_put(prog);
	return err;
}
