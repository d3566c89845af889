// SPDX-License-Identifier: GPL-2.0
/*
 * Slices of dynptrs that may lie in a buffer of the program's own stack.
 *
 * bpf_dynptr_slice() copies what does not lie in one piece to a buffer and returns that, so what it
 * returns may be the stack, behind the back of what is known of its slots. Such slots and slices
 * share an id, @buf_id. While it is there the slots hold plain bytes of which nothing is known, and
 * before anything else is put there, or the frame goes, the slices are forgotten.
 */
#include <linux/minmax.h>
#include "verifier/walk.h"

struct buffer_visit {
	struct bpf_verifier_env *env;
	u32 id;
	u32 to;
};

static void forget_slice(struct bpf_reg *reg, void *arg)
{
	struct buffer_visit *v = arg;

	if (base_type(reg->type) == PTR_TO_MEM && reg->buf_id == v->id)
		reg_forget(v->env, reg);
}

static void rename_slice(struct bpf_reg *reg, void *arg)
{
	struct buffer_visit *v = arg;

	if (base_type(reg->type) == PTR_TO_MEM && reg->buf_id == v->id)
		reg->buf_id = v->to;
}

static void rename_slots(struct bpf_state *st, u32 id, u32 to)
{
	struct bpf_slot *slot;
	u64 slots;
	u32 i;

	for (i = 0; i <= st->cur; i++) {
		for (slots = st->frame[i]->used; slots; slots &= slots - 1) {
			slot = &st->frame[i]->slots[__ffs64(slots)];
			if (slot->buf_id == id)
				slot->buf_id = to;
		}
	}
}

/**
 * state_forget_buffers - slots of the stack are to hold more than plain bytes, or go
 * @env: environment
 * @frame: the frame
 * @slots: mask
 *
 * Context: handlers.
 */
void state_forget_buffers(struct bpf_verifier_env *env, const struct bpf_frame *frame, u64 slots)
{
	struct buffer_visit v = { .env = env };

	for (slots &= frame->used; slots; slots &= slots - 1) {
		v.id = frame->slots[__ffs64(slots)].buf_id;
		if (!v.id)
			continue;
		state_for_each_reg(walk_state(env), forget_slice, &v);
		rename_slots(walk_state(env), v.id, 0);
	}
}

/**
 * stack_claim_buffer - a slice may lie in a buffer of the stack
 * @env: environment
 * @regno: argument with the buffer, which has been checked
 * @size: its bytes
 *
 * Slices that were made with part of the same buffer before are tied to it together with the new
 * one.
 * Context: calls. Return: id for the slice; 0: the buffer is not on the stack.
 */
u32 stack_claim_buffer(struct bpf_verifier_env *env, u32 regno, u32 size)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	struct buffer_visit v = { .env = env };
	struct bpf_frame *frame;
	s64 lo, hi;
	u32 i;

	if (base_type(reg->type) != PTR_TO_STACK || !size)
		return 0;
	frame = walk_state(env)->frame[reg->frame];
	lo = max_t(s64, reg->off + scalar_smin(&reg->var), -BPF_VERIFY_MAX_STACK);
	hi = min_t(s64, reg->off + scalar_smax(&reg->var) + size, 0);
	v.to = walk_new_id(env);
	for (i = -hi / 8; i < DIV_ROUND_UP(-lo, 8); i++) {
		v.id = frame->slots[i].buf_id;
		if (v.id && v.id != v.to) {
			state_for_each_reg(walk_state(env), rename_slice, &v);
			rename_slots(walk_state(env), v.id, v.to);
		}
		frame->slots[i].buf_id = v.to;
		frame->used |= BIT_ULL(i);
	}
	return v.to;
}
