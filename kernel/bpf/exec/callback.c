// SPDX-License-Identifier: GPL-2.0
/*
 * Callbacks of interpreted programs.
 *
 * Helpers call a subprogram through a plain function pointer. A compiled one
 * has an address of its own; an interpreted one borrows one of a fixed number
 * of small functions, each of which starts the interpreter at what its slot
 * names. Slots are held as long as the program.
 */
#include <linux/bitmap.h>
#include <linux/mutex.h>
#include "exec/interp.h"

#define THUNKS	256

struct thunk_slot {
	const struct bpf_prog *prog;
	u32 func;
};

static struct thunk_slot thunk_slots[THUNKS];
static DECLARE_BITMAP(thunk_used, THUNKS);
static DEFINE_MUTEX(thunk_lock);	/* thunk_used, and slots while they are not in use */

static u64 thunk_run(u32 slot, u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct thunk_slot *s = &thunk_slots[slot];
	const struct interp_code *code = interp_code(s->prog);
	const struct interp_func *func = &code->funcs[s->func];
	struct interp_state st = {
		.pc = code->ops + func->entry,
		.args = { r1, r2, r3, r4, r5 },
	};

	interp_watch(&st, code);
	return interp_start(&st, func->need);
}

#define DEFINE_THUNK(n)								\
static u64 thunk_##n(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)			\
{										\
	return thunk_run(0x##n, r1, r2, r3, r4, r5);				\
}
#define ADDRESS_OF_THUNK(n)	thunk_##n,

#define SIXTEEN(X, h)								\
	X(h##0) X(h##1) X(h##2) X(h##3) X(h##4) X(h##5) X(h##6) X(h##7)		\
	X(h##8) X(h##9) X(h##a) X(h##b) X(h##c) X(h##d) X(h##e) X(h##f)
#define ALL_THUNKS(X)								\
	SIXTEEN(X, 0) SIXTEEN(X, 1) SIXTEEN(X, 2) SIXTEEN(X, 3)			\
	SIXTEEN(X, 4) SIXTEEN(X, 5) SIXTEEN(X, 6) SIXTEEN(X, 7)			\
	SIXTEEN(X, 8) SIXTEEN(X, 9) SIXTEEN(X, a) SIXTEEN(X, b)			\
	SIXTEEN(X, c) SIXTEEN(X, d) SIXTEEN(X, e) SIXTEEN(X, f)

ALL_THUNKS(DEFINE_THUNK)

static const bpf_callback_t thunk_addresses[THUNKS] = {
	ALL_THUNKS(ADDRESS_OF_THUNK)
};

/**
 * interp_thunk_get - take a slot for a function
 * @prog: interpreted program
 * @func: index of the function in it
 *
 * Context: Process context, may sleep.
 * Return: slot, or -ENOSPC when all are taken.
 */
int interp_thunk_get(const struct bpf_prog *prog, u32 func)
{
	int slot;

	mutex_lock(&thunk_lock);
	slot = find_first_zero_bit(thunk_used, THUNKS);
	if (slot < THUNKS) {
		__set_bit(slot, thunk_used);
		thunk_slots[slot] = (struct thunk_slot) { .prog = prog, .func = func };
	} else {
		slot = -ENOSPC;
	}
	mutex_unlock(&thunk_lock);
	return slot;
}

/**
 * interp_thunk_put - give a slot back
 * @slot: from interp_thunk_get(); nobody calls its function any more
 *
 * Context: Process context, may sleep.
 */
void interp_thunk_put(int slot)
{
	mutex_lock(&thunk_lock);
	__clear_bit(slot, thunk_used);
	mutex_unlock(&thunk_lock);
}

/**
 * interp_thunk_addr - function of a slot
 * @slot: from interp_thunk_get()
 *
 * Context: Any.
 * Return: what helpers call.
 */
bpf_callback_t interp_thunk_addr(int slot)
{
	return thunk_addresses[slot];
}

/**
 * bpf_interp_callback_prog - the program that a callback belongs to
 * @cb: what a helper was given as a function; its program is running or held
 *
 * Context: Any.
 * Return: main program, without a reference; NULL where @cb is none of the small functions.
 */
struct bpf_prog *bpf_interp_callback_prog(bpf_callback_t cb)
{
	int i;

	for (i = 0; i < THUNKS; i++) {
		if (thunk_addresses[i] == cb)
			return (struct bpf_prog *)thunk_slots[i].prog;
	}
	return NULL;
}
