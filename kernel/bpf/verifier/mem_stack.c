// SPDX-License-Identifier: GPL-2.0
/*
 * The stack: 512 bytes a frame, tracked byte by byte; registers that are spilled to it come back
 * as what they were, in part as well.
 */
#include <linux/string.h>
#include "verifier/walk.h"

/* A run of bytes of one frame; offsets as from R10: -512 <= lo < hi <= 0. */
struct span_fp {
	struct bpf_frame *frame;
	u32 frameno;
	s32 lo;
	s32 hi;
	bool fixed;
};

static u32 slot_of(s32 off)
{
	return (-off - 1) / 8;
}

static u32 byte_of(s32 off)
{
	return off + 8 * (slot_of(off) + 1);
}

static u8 *byte_at(struct bpf_frame *frame, s32 off)
{
	return &frame->slots[slot_of(off)].byte[byte_of(off)];
}

static u64 span_slots(const struct span_fp *span)
{
	u32 last = slot_of(span->lo), first = slot_of(span->hi - 1);

	return GENMASK_ULL(last, first);
}

/* Which bytes an access may touch; refuses what may leave the frame. */
static int span_init(struct bpf_verifier_env *env, const struct bpf_access *acc, const char *what,
		     struct span_fp *span)
{
	const struct bpf_reg *reg = acc->reg;
	s64 off = (s64)reg->off + acc->off, min, max;
	struct tnum t = scalar_tnum(&reg->var);

	span->fixed = reg_off_const(reg);
	span->frameno = reg->frame;
	span->frame = walk_state(env)->frame[reg->frame];
	if (!span->fixed && !env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_STACK_VAR,
				  "R%u variable stack access prohibited for !root, var_off=(0x%llx; 0x%llx) off=%lld",
				  acc->regno, (unsigned long long)t.value,
				  (unsigned long long)t.mask, off);
	min = off + scalar_smin(&reg->var);
	max = off + scalar_smax(&reg->var) + acc->size;
	if (!span->fixed && (min <= -BPF_VERIFY_MAX_VAR_OFF || max >= BPF_VERIFY_MAX_VAR_OFF))
		return bpf_reject(env, REJECT_STACK,
				  "invalid unbounded variable-offset%s stack R%u",
				  what, acc->regno);
	if (min < -BPF_VERIFY_MAX_STACK || max > 0 || (u32)span->frameno > walk_state(env)->cur) {
		if (span->fixed)
			return bpf_reject(env, REJECT_STACK,
					  "invalid%s stack R%u off=%lld size=%u", what,
					  acc->regno, min, acc->size);
		return bpf_reject(env, REJECT_STACK,
				  "invalid variable-offset%s stack R%u var_off=(0x%llx; 0x%llx) off=%lld size=%u",
				  what, acc->regno, (unsigned long long)t.value,
				  (unsigned long long)t.mask, off, acc->size);
	}
	span->lo = min;
	span->hi = max;
	return 0;
}

static void note_depth(struct bpf_verifier_env *env, const struct span_fp *span)
{
	struct bpf_subprog *sub = &env->subprogs[span->frame->subprog];

	if (sub->stack_depth < -span->lo)
		sub->stack_depth = round_up(-span->lo, 8);
}

/* Tells relevance about accesses that do not show in the instruction's form. */
static void note_slots(struct bpf_verifier_env *env, const struct bpf_access *acc,
		       const struct span_fp *span)
{
	if (span->frameno != walk_state(env)->cur)
		relevance_outer(env, span->frameno);
	else if (!acc->insn || acc->regno != BPF_REG_10)
		relevance_slots(env, env->insn_idx, span_slots(span), acc->write);
	if (acc->write && span->frameno == walk_state(env)->cur)
		env->walk->touched |= span_slots(span);
}

/* ------------------------------------------------------------------ writing */

/* Byte @i of a slot, if it is known. */
static bool known_byte(const struct bpf_slot *slot, u32 i, u8 *val)
{
	if (slot->byte[i] == BYTE_ZERO) {
		*val = 0;
		return true;
	}
	if (slot->byte[i] != BYTE_SPILL || !reg_is_const(&slot->reg) ||
	    IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return false;
	*val = scalar_const_value(&slot->reg.var) >> 8 * (i - slot->spill_off);
	return true;
}

/* A spilled value loses bytes: those that stay are bytes like others. */
static void spill_break(struct bpf_slot *slot)
{
	u32 i;
	u8 val;

	if (!slot->spill_size)
		return;
	for (i = 0; i < 8; i++)
		if (slot->byte[i] == BYTE_SPILL)
			slot->byte[i] = known_byte(slot, i, &val) && !val ? BYTE_ZERO : BYTE_MISC;
	slot->spill_size = 0;
}

/* A constant is stored to part of a slot the rest of which is known: one constant. */
static bool write_known(struct bpf_slot *slot, u32 first, u32 size, const struct bpf_reg *value)
{
	u64 all = 0, val;
	u32 i;
	u8 byte;

	if (!value || !reg_is_const(value) || size == 8 || IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return false;
	val = scalar_const_value(&value->var);
	for (i = 0; i < 8; i++) {
		if (i >= first && i < first + size)
			byte = val >> 8 * (i - first);
		else if (!known_byte(slot, i, &byte))
			return false;
		all |= (u64)byte << 8 * i;
	}
	memset(slot->byte, all ? BYTE_SPILL : BYTE_ZERO, 8);
	slot->spill_off = 0;
	slot->spill_size = all ? 8 : 0;
	reg_set_const(&slot->reg, all);
	return true;
}

/* Kernel objects on the stack are not overwritten behind the kernel's back. */
static int check_overwrite(struct bpf_verifier_env *env, const struct span_fp *span, u32 size)
{
	s32 off;
	u8 byte;

	for (off = span->lo; off < span->hi; off++) {
		byte = *byte_at(span->frame, off);
		if (byte == BYTE_DYNPTR || byte == BYTE_ITER || byte == BYTE_IRQ) {
			int err = stack_object_overwrite(env, span->frameno, slot_of(off),
							 span->fixed);
			if (err)
				return err;
		}
		if (byte == BYTE_SPILL && !env->allow_ptr_leaks &&
		    reg_is_pointer(&span->frame->slots[slot_of(off)].reg) && size != 8)
			return bpf_reject(env, REJECT_STACK_SPILL,
					  "attempt to corrupt spilled pointer on stack");
	}
	return 0;
}

/* Store bypass: an older value, of another kind, may be read under speculation. */
static void note_bypass(struct bpf_verifier_env *env, const struct bpf_access *acc,
			const struct span_fp *span)
{
	s32 off;
	u8 byte;

	if (env->bypass_spec_v4 || !acc->insn)
		return;
	if (acc->value && reg_is_pointer(acc->value))
		walk_aux(env)->nospec_after = true;
	for (off = span->lo; off < span->hi; off++) {
		byte = *byte_at(span->frame, off);
		if (byte == BYTE_NONE ||
		    (byte == BYTE_SPILL &&
		     reg_is_pointer(&span->frame->slots[slot_of(off)].reg)))
			walk_aux(env)->nospec_after = true;
	}
}

/* What may be stored where a slice may lie: plain bytes. A pointer ends all such slices. */
static const struct bpf_reg *buffer_value(struct bpf_verifier_env *env, const struct span_fp *span,
					  const struct bpf_reg *value)
{
	u64 slots = span_slots(span);

	if (value && reg_is_pointer(value))
		state_forget_buffers(env, span->frame, slots);
	for (slots &= span->frame->used; slots; slots &= slots - 1)
		if (span->frame->slots[__ffs64(slots)].buf_id)
			return NULL;
	return value;
}

/*
 * What registers are saved as by compilers, and fields of structs of 4 bytes. Of smaller fields,
 * characters above all, too many combinations would be told apart: only zeros, and slots known as
 * a whole.
 */
static bool worth_tracking(u32 first, u32 size)
{
	return !first || size >= 4;
}

static void write_fixed(struct bpf_frame *frame, const struct span_fp *span,
			const struct bpf_reg *value)
{
	struct bpf_slot *slot = &frame->slots[slot_of(span->lo)];
	u32 size = span->hi - span->lo, first = byte_of(span->lo);
	bool zero = value && reg_is_null(value);
	struct bpf_reg spilled;
	s32 off;

	if (slot_of(span->hi - 1) == slot_of(span->lo) && write_known(slot, first, size, value)) {
		frame->used |= 1ULL << slot_of(span->lo);
		return;
	}
	for (off = span->lo; off < span->hi; off++) {
		spill_break(&frame->slots[slot_of(off)]);
		*byte_at(frame, off) = zero ? BYTE_ZERO : BYTE_MISC;
		frame->used |= 1ULL << slot_of(off);
	}
	if (!value || zero || slot_of(span->hi - 1) != slot_of(span->lo) ||
	    !worth_tracking(first, size))
		return;
	spilled = *value;
	if (size < 8)
		reg_cut_to(&spilled, size, false);
	slot->reg = spilled;
	slot->spill_off = first;
	slot->spill_size = size;
	memset(&slot->byte[first], BYTE_SPILL, size);
}

/* Any of the bytes may have been written, none for sure. */
static void write_variable(struct bpf_verifier_env *env, const struct span_fp *span,
			   const struct bpf_reg *value)
{
	bool zero = value && reg_is_null(value);
	s32 off;
	u8 *byte;

	for (off = span->lo; off < span->hi; off++) {
		byte = byte_at(span->frame, off);
		spill_break(&span->frame->slots[slot_of(off)]);
		if ((*byte == BYTE_ZERO && zero) ||
		    (*byte == BYTE_NONE && !env->allow_uninit_stack))
			continue;
		*byte = BYTE_MISC;
		span->frame->used |= 1ULL << slot_of(off);
	}
}

static int stack_write(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	const struct bpf_reg *value = acc->value;
	struct span_fp span;
	int err;

	err = span_init(env, acc, " write to", &span);
	if (err)
		return err;
	if (value && reg_is_pointer(value)) {
		if (acc->size != 8 && !env->allow_ptr_leaks)
			return bpf_reject(env, REJECT_PTR_LEAK, "invalid size of register spill");
		if (base_type(value->type) == PTR_TO_STACK && value->frame > span.frameno)
			return bpf_reject(env, REJECT_STACK,
					  "cannot spill pointers to stack into stack frame of the caller");
		if (acc->size != 8)
			value = NULL;
	}
	err = check_overwrite(env, &span, acc->size);
	if (err)
		return err;
	note_depth(env, &span);
	note_slots(env, acc, &span);
	note_bypass(env, acc, &span);
	value = buffer_value(env, &span, value);
	if (span.fixed)
		write_fixed(span.frame, &span, value);
	else
		write_variable(env, &span, value);
	return 0;
}

/* ------------------------------------------------------------------ reading */

/* May the bytes be read; @all_zero: all are known to be 0. */
static int check_bytes(struct bpf_verifier_env *env, const struct bpf_access *acc,
		       const struct span_fp *span, bool *all_zero)
{
	const struct bpf_slot *slot;
	s32 off;
	u8 byte;

	*all_zero = true;
	for (off = span->lo; off < span->hi; off++) {
		slot = &span->frame->slots[slot_of(off)];
		byte = *byte_at(span->frame, off);
		if (byte == BYTE_ZERO)
			continue;
		*all_zero = false;
		if (byte == BYTE_MISC || (byte == BYTE_NONE && env->allow_uninit_stack))
			continue;
		if (byte == BYTE_SPILL && (env->allow_ptr_leaks || reg_is_scalar(&slot->reg)))
			continue;
		if (!acc->insn)
			return bpf_reject(env, REJECT_STACK_INDIRECT,
					  "invalid indirect read from stack R%u off %d+%d size %u",
					  acc->regno, span->lo, off - span->lo,
					  (u32)(span->hi - span->lo));
		return bpf_reject(env, REJECT_STACK_UNINIT,
				  "invalid read from stack off %d+%d size %u", span->lo,
				  off - span->lo, (u32)(span->hi - span->lo));
	}
	return 0;
}

/* The bytes lie in one spilled value: shift and cut it. */
static bool fill_spilled(const struct span_fp *span, struct bpf_reg *dst)
{
	const struct bpf_slot *slot = &span->frame->slots[slot_of(span->lo)];
	u32 first = byte_of(span->lo), size = span->hi - span->lo;
	struct scalar by, val;

	if (!slot->spill_size || slot_of(span->hi - 1) != slot_of(span->lo) ||
	    first < slot->spill_off || first + size > slot->spill_off + slot->spill_size)
		return false;
	*dst = slot->reg;
	if (first == slot->spill_off && size == slot->spill_size)
		return true;
	if (!reg_is_scalar(dst) || IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return false;
	if (first != slot->spill_off) {
		by = scalar_const(8 * (first - slot->spill_off));
		val = dst->var;
		scalar_alu(SCALAR_RSH, true, &val, &by);
		reg_set_scalar(dst, val);
	}
	reg_cut_to(dst, size, false);
	return true;
}

static int stack_read(struct bpf_verifier_env *env, const struct bpf_access *acc,
		      struct bpf_reg *dst)
{
	struct span_fp span;
	bool zero;
	int err;

	err = span_init(env, acc, " read from", &span);
	if (err)
		return err;
	note_depth(env, &span);
	note_slots(env, acc, &span);
	if (span.fixed && fill_spilled(&span, dst))
		return 0;
	err = check_bytes(env, acc, &span, &zero);
	if (err)
		return err;
	if (zero)
		reg_set_const(dst, 0);
	else
		reg_set_unknown(dst);
	if (acc->size < 8)
		reg_cut_to(dst, acc->size, false);
	return 0;
}

/**
 * access_stack - load from or store to the stack
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Accesses are aligned: spilled values are tracked in 8-byte slots.
 * Context: handlers. Return: 0 or -errno.
 */
int access_stack(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	int err = acc->insn ? mem_check_align(env, acc, 0, true) : 0;

	if (err)
		return err;
	return acc->write ? stack_write(env, acc) : stack_read(env, acc, dst);
}

/**
 * stack_check_range - a function is handed bytes of the stack
 * @env: environment
 * @regno: the argument
 * @size: bytes
 * @how: MEM_*
 *
 * Context: calls. Return: 0 or -errno.
 */
int stack_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how)
{
	struct bpf_access acc = { .regno = regno, .reg = walk_reg(env, regno), .size = size,
				  .write = how & MEM_WRITE_BYTES, .value_regno = -1 };
	struct span_fp span;
	bool zero;
	int err;

	err = span_init(env, &acc, acc.write ? " write to" : " read from", &span);
	if (err)
		return err;
	note_depth(env, &span);
	note_slots(env, &acc, &span);
	if (!(how & MEM_UNINIT_OK) || !span.fixed) {
		err = check_bytes(env, &acc, &span, &zero);
		if (err)
			return err;
	}
	if (!acc.write)
		return 0;
	err = check_overwrite(env, &span, 8);
	if (err)
		return err;
	if (span.fixed)
		write_fixed(span.frame, &span, NULL);
	else
		write_variable(env, &span, NULL);
	return 0;
}
