// SPDX-License-Identifier: GPL-2.0
/*
 * Registers, frames and the working state.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/state.h"
#include "verifier/walk.h"

/**
 * reg_clear - forget a register: it may not be read
 * @reg: register
 *
 * Context: any.
 */
void reg_clear(struct bpf_reg *reg)
{
	memset(reg, 0, sizeof(*reg));
	reg->var = scalar_unknown();
}

/**
 * reg_set_scalar - a number
 * @reg: register
 * @val: what is known of it
 *
 * Context: any.
 */
void reg_set_scalar(struct bpf_reg *reg, struct scalar val)
{
	memset(reg, 0, offsetof(struct bpf_reg, var));
	reg->type = SCALAR_VALUE;
	reg->var = val;
}

/**
 * reg_set_unknown - a number of which nothing is known
 * @reg: register
 *
 * Context: any.
 */
void reg_set_unknown(struct bpf_reg *reg)
{
	reg_set_scalar(reg, scalar_unknown());
}

/**
 * reg_set_const - a known number
 * @reg: register
 * @val: the number
 *
 * Context: any.
 */
void reg_set_const(struct bpf_reg *reg, u64 val)
{
	reg_set_scalar(reg, scalar_const(val));
}

/**
 * reg_set_pointer - a pointer to the start of an object
 * @reg: register; the kind's own fields are 0 afterwards
 * @type: enum bpf_reg_type and flags
 *
 * Context: any.
 */
void reg_set_pointer(struct bpf_reg *reg, u32 type)
{
	memset(reg, 0, offsetof(struct bpf_reg, var));
	reg->type = type;
	reg->var = scalar_const(0);
}

/**
 * walk_new_id - an id that no register of any state has
 * @env: environment
 *
 * Context: the walk. Return: above 0.
 */
u32 walk_new_id(struct bpf_verifier_env *env)
{
	return ++env->walk->last_id;
}

static void frame_for_each_reg(struct bpf_frame *frame, reg_visit_t visit, void *arg)
{
	u64 used = frame->used;
	u32 i;

	for (i = 0; i < BPF_VERIFY_REGS; i++)
		visit(&frame->regs[i], arg);
	for (; used; used &= used - 1) {
		i = __ffs64(used);
		if (frame->slots[i].spill_size)
			visit(&frame->slots[i].reg, arg);
	}
}

/**
 * state_for_each_reg - visit all registers and spilled values of all frames
 * @st: state
 * @visit: called with each
 * @arg: passed on
 *
 * Context: any.
 */
void state_for_each_reg(struct bpf_state *st, reg_visit_t visit, void *arg)
{
	u32 i;

	for (i = 0; i <= st->cur; i++)
		frame_for_each_reg(st->frame[i], visit, arg);
}

/**
 * slot_clear - make a slot uninitialised
 * @frame: frame
 * @slot: number
 *
 * Context: any.
 */
void slot_clear(struct bpf_frame *frame, u32 slot)
{
	struct bpf_slot *s = &frame->slots[slot];

	memset(s, 0, offsetof(struct bpf_slot, reg));
	frame->used &= ~(1ULL << slot);
}

/**
 * state_new - an empty working state without a frame
 *
 * Context: may sleep. Return: state, or NULL.
 */
struct bpf_state *state_new(void)
{
	struct bpf_state *st = kvzalloc(sizeof(*st), GFP_KERNEL_ACCOUNT);

	if (st)
		state_reset(st);
	return st;
}

/**
 * state_free - free a working state
 * @st: may be NULL
 *
 * Context: may sleep.
 */
void state_free(struct bpf_state *st)
{
	u32 i;

	if (!st)
		return;
	for (i = 0; i < BPF_VERIFY_MAX_FRAMES; i++)
		kvfree(st->frame[i]);
	kvfree(st);
}

/**
 * state_reset - forget everything, keep the memory
 * @st: state; without a frame afterwards
 *
 * Context: any.
 */
void state_reset(struct bpf_state *st)
{
	st->cur = U32_MAX;
	st->nr_refs = 0;
	st->nr_locks = 0;
	st->rcu_depth = 0;
	st->preempt_depth = 0;
	st->speculative = false;
}

/**
 * state_push_frame - enter a function
 * @st: state
 * @subprog: the function
 * @callsite: instruction that calls
 * @kind: enum bpf_frame_kind
 *
 * All registers but R10 are uninitialised, and so is the stack.
 * Context: may sleep. Return: the frame, or NULL without memory. The caller has checked that there
 * is room for one more.
 */
struct bpf_frame *state_push_frame(struct bpf_state *st, u32 subprog, u32 callsite, u8 kind)
{
	u32 n = st->cur + 1, i;
	struct bpf_frame *frame;
	struct bpf_reg none;

	if (WARN_ON_ONCE(n >= BPF_VERIFY_MAX_FRAMES))
		return NULL;
	if (!st->frame[n])
		st->frame[n] = kvzalloc(sizeof(*frame), GFP_KERNEL_ACCOUNT);
	frame = st->frame[n];
	if (!frame)
		return NULL;
	for (; frame->used; frame->used &= frame->used - 1) {
		i = __ffs64(frame->used);
		memset(&frame->slots[i], 0, offsetof(struct bpf_slot, reg));
	}
	frame->subprog = subprog;
	frame->callsite = callsite;
	frame->kind = kind;
	frame->cb_depth = 0;
	frame->cb_call = 0;
	frame->entry_refs = st->nr_refs;
	frame->may_goto = 0;
	memset(frame->turns, 0, sizeof(frame->turns));
	frame->instance = ++st->last_instance;
	reg_clear(&none);
	frame->cb_ret = none.var;
	for (i = 0; i < BPF_REG_10; i++)
		frame->regs[i] = none;
	reg_set_pointer(&frame->regs[BPF_REG_10], PTR_TO_STACK);
	frame->regs[BPF_REG_10].frame = n;
	st->cur = n;
	return frame;
}

/**
 * state_pop_frame - leave a function
 * @st: state with at least two frames
 *
 * Context: any.
 */
void state_pop_frame(struct bpf_state *st)
{
	if (!WARN_ON_ONCE(!st->cur))
		st->cur--;
}
