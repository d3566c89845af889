// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel objects on the program's stack: dynptrs (two slots) and open-coded iterators.
 */
#include <linux/string.h>
#include "verifier/call.h"

#define DYNPTR_SLOTS 2

static void clear_object(struct bpf_frame *frame, u32 slot)
{
	struct bpf_slot *s = &frame->slots[slot];

	memset(s->byte, BYTE_MISC, sizeof(s->byte));
	s->first = false;
	s->dyn = 0;
	s->spill_size = 0;
}

/* The slot with an object's description: the one at the lowest address. */
static u32 first_slot(const struct bpf_frame *frame, u32 slot)
{
	while (slot + 1 < BPF_VERIFY_SLOTS && !frame->slots[slot].first)
		slot++;
	return slot;
}

static bool is_dynptr(const struct bpf_frame *frame, u32 slot)
{
	return slot < BPF_VERIFY_SLOTS && frame->slots[slot].byte[0] == BYTE_DYNPTR;
}

/**
 * stack_object_overwrite - the program writes over a kernel object
 * @env: environment
 * @frame: number of the frame
 * @slot: a slot of the object
 * @fixed: the place is known
 *
 * A dynptr that holds nothing is gone then, with all pointers into it.
 * Context: handlers. Return: 0 or -EINVAL.
 */
int stack_object_overwrite(struct bpf_verifier_env *env, u32 frame, u32 slot, bool fixed)
{
	struct bpf_frame *f = walk_state(env)->frame[frame];
	struct bpf_slot *s;
	u32 i;

	if (!is_dynptr(f, slot) || !fixed)
		return bpf_reject(env, REJECT_ARG_DYNPTR,
				  "potential write to %s at off=%d disallowed",
				  is_dynptr(f, slot) ? "dynptr" : "iterator", BPF_SLOT_OFF(slot));
	slot = first_slot(f, slot);
	s = &f->slots[slot];
	if (s->reg.ref_id)
		return bpf_reject(env, REJECT_ARG_DYNPTR, "cannot overwrite referenced dynptr");
	state_forget_dynptr_slices(env, s->reg.id);
	for (i = 0; i < DYNPTR_SLOTS; i++)
		clear_object(f, slot - i);
	return 0;
}

/* Slot where the argument's object begins, U32_MAX where the pointer is not so. */
static u32 arg_slot(const struct bpf_reg *reg, u32 nr_slots)
{
	s64 off;

	if (!reg_off_const(reg))
		return U32_MAX;
	off = reg_const_off(reg);
	if (off % 8 || off < -BPF_VERIFY_MAX_STACK || off + 8 * (s64)nr_slots > 0)
		return U32_MAX;
	return -off / 8 - 1;
}

/* Before a constructor writes: plain stack bytes, which become the object. */
static int claim_slots(struct bpf_verifier_env *env, u32 regno, u32 nr)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	u32 slot = arg_slot(reg, nr);
	struct bpf_frame *f = walk_state(env)->frame[reg->frame];
	int err;

	if (slot == U32_MAX)
		return bpf_reject(env, REJECT_ARG_DYNPTR,
				  "R%u cannot pass in dynptr at an offset=%d", regno, reg->off);
	if (is_dynptr(f, slot) && f->slots[first_slot(f, slot)].reg.ref_id)
		return bpf_reject(env, REJECT_ARG_DYNPTR, "cannot overwrite referenced dynptr");
	err = stack_check_range(env, regno, 8 * nr, MEM_WRITE_BYTES | MEM_UNINIT_OK);
	if (!err)
		state_forget_buffers(env, f, GENMASK_ULL(slot, slot + 1 - nr));
	return err;
}

/**
 * dynptr_set_up - a helper made a dynptr
 * @env: environment
 * @regno: argument that points to it
 * @dyn_type: DYNPTR_TYPE_*
 * @ref: reference that it holds, 0: none
 *
 * Context: calls. Return: 0.
 */
int dynptr_set_up(struct bpf_verifier_env *env, u32 regno, u32 dyn_type, u32 ref)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	struct bpf_frame *f = walk_state(env)->frame[reg->frame];
	u32 slot = arg_slot(reg, DYNPTR_SLOTS), i;

	for (i = 0; i < DYNPTR_SLOTS; i++) {
		struct bpf_slot *s = &f->slots[slot - i];

		memset(s, 0, sizeof(*s));
		memset(s->byte, BYTE_DYNPTR, sizeof(s->byte));
		s->dyn = dyn_type;
		f->used |= 1ULL << (slot - i);
	}
	f->slots[slot].first = true;
	reg_clear(&f->slots[slot].reg);
	f->slots[slot].reg.id = walk_new_id(env);
	f->slots[slot].reg.ref_id = ref;
	if (reg->frame == walk_state(env)->cur)
		env->walk->touched |= 3ULL << (slot - 1);
	return 0;
}

/* @shared: reference of the dynptr that it is a clone of, 0: none. */
static int uninit_dynptr(struct bpf_verifier_env *env, u32 regno, u32 type, u32 shared)
{
	u32 dyn_type = type & DYNPTR_TYPE_FLAG_MASK, ref = shared;
	int err;

	if (base_type(walk_reg(env, regno)->type) != PTR_TO_STACK)
		return bpf_reject(env, REJECT_ARG_DYNPTR,
				  "Dynptr has to be an uninitialized dynptr");
	err = claim_slots(env, regno, DYNPTR_SLOTS);
	if (!err && dyn_type & DYNPTR_TYPE_RINGBUF && !ref)
		err = state_acquire_ref(env, REF_PTR, NULL, &ref);
	return err ?: dynptr_set_up(env, regno, dyn_type, ref);
}

/* Frees the slots of all dynptrs of a record that was submitted: clones share its reference. */
static void consume_dynptrs(struct bpf_verifier_env *env, u32 ref)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_frame *f;
	u32 n, slot, i;

	for (n = 0; n <= st->cur; n++) {
		f = st->frame[n];
		for (slot = 0; slot < BPF_VERIFY_SLOTS; slot++) {
			if (!(f->used & (1ULL << slot)) || !is_dynptr(f, slot) ||
			    !f->slots[slot].first || f->slots[slot].reg.ref_id != ref)
				continue;
			if (n != st->cur)
				relevance_outer(env, n);
			state_forget_dynptr_slices(env, f->slots[slot].reg.id);
			for (i = 0; i < DYNPTR_SLOTS; i++)
				clear_object(f, slot - i);
		}
	}
}

/**
 * call_check_dynptr - a dynptr argument
 * @env: environment
 * @call: gets id, reference and type
 * @regno: the argument
 * @arg_type: ARG_PTR_TO_DYNPTR with flags
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_check_dynptr(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 arg_type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	u32 want = arg_type & DYNPTR_TYPE_FLAG_MASK, slot;
	struct bpf_frame *f;

	if (arg_type & MEM_UNINIT)
		return uninit_dynptr(env, regno, arg_type, call->dyn_ref);
	if (base_type(reg->type) == CONST_PTR_TO_DYNPTR) {
		call->dyn_id = reg->dyn_id;
		call->dyn_type = reg->type & DYNPTR_TYPE_FLAG_MASK;
		if (arg_type & OBJ_RELEASE)
			return bpf_reject(env, REJECT_ARG_DYNPTR,
					  "CONST_PTR_TO_DYNPTR cannot be released");
		goto check_type;
	}
	slot = arg_slot(reg, DYNPTR_SLOTS);
	f = walk_state(env)->frame[reg->frame];
	if (slot == U32_MAX || !is_dynptr(f, slot) || !f->slots[slot].first)
		return bpf_reject(env, REJECT_ARG_DYNPTR,
				  "Expected an initialized dynptr as arg #%u", regno - 1);
	call->dyn_id = f->slots[slot].reg.id;
	call->dyn_ref = f->slots[slot].reg.ref_id;
	call->dyn_type = f->slots[slot].dyn;
check_type:
	if (want && !(want & call->dyn_type))
		return bpf_reject(env, REJECT_ARG_DYNPTR,
				  "Expected a dynptr of another type as arg #%u", regno - 1);
	if (arg_type & OBJ_RELEASE)
		consume_dynptrs(env, call->dyn_ref);
	return 0;
}
