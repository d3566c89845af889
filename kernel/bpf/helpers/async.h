/* SPDX-License-Identifier: GPL-2.0 */
/* What timers (timer.c) and work (wq.c) in map values share: a callback that runs later. */
#ifndef _KBPF_HELPERS_ASYNC_H
#define _KBPF_HELPERS_ASYNC_H

#include <linux/bpf.h>
#include <linux/irq_work.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/**
 * struct async_state - what a field is when it is not just zero bytes; first in its owner's state
 * @map: where the value is
 * @value: the value
 * @lock: @prog and @cb
 * @prog: held; NULL: none set, or cancelled
 * @cb: function of @prog; NULL: none is to be called
 * @kick: queues @end
 * @end: waits for a callback that runs, then async_free()
 * @rcu: freeing
 */
struct async_state {
	struct bpf_map *map;
	void *value;
	struct bpf_spin_lock lock;
	struct bpf_prog *prog;
	bpf_callback_t cb;
	struct irq_work kick;
	struct work_struct end;
	struct rcu_head rcu;
};

/* struct bpf_timer and struct bpf_wq as the kernel uses them. */
struct async_field {
	struct async_state *state;
	struct bpf_spin_lock lock;	/* @state; taken before the state's */
} __aligned(8);

void *async_alloc(struct bpf_map *map, size_t size, struct async_field *field, u32 off,
		  work_func_t end);
int async_publish(struct async_field *field, struct async_state *st);
int async_set_callback(struct async_field *field, void *callback);
struct bpf_prog *async_swap_prog(struct async_state *st, struct bpf_prog *prog, bpf_callback_t cb);
void async_end(struct async_field *field);
void async_free(struct async_state *st);
void async_call(struct async_state *st, bpf_callback_t cb);

#endif /* _KBPF_HELPERS_ASYNC_H */
