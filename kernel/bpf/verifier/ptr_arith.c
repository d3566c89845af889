// SPDX-License-Identifier: GPL-2.0
/*
 * Adding numbers to pointers, and what the unprivileged need on top against speculation.
 */
#include "verifier/walk.h"

#define MAX_OFF ((s64)BPF_VERIFY_MAX_VAR_OFF)

static int check_kind(struct bpf_verifier_env *env, const struct bpf_insn *insn,
		      const struct bpf_reg *ptr, const struct bpf_reg *num)
{
	u32 flags = ptr_kind(ptr->type)->flags;
	char name[64];

	if (type_may_be_null(ptr->type))
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u pointer arithmetic on %s prohibited, null-check it first",
				  insn->dst_reg, bpf_reg_type_str(name, ptr->type));
	if (flags & KIND_ARITH_VAR || (flags & KIND_ARITH_CONST && reg_is_const(num)))
		return 0;
	return bpf_reject(env, REJECT_PTR_ARITH, "R%u pointer arithmetic on %s prohibited",
			  insn->dst_reg, bpf_reg_type_str(name, ptr->type));
}

/*
 * Offsets are added modulo 2^64 as the machine does, and are checked against the object when it is
 * accessed. What can only be wrong is refused here already.
 */
static int check_number(struct bpf_verifier_env *env, const struct bpf_reg *ptr,
			const struct bpf_reg *num)
{
	s64 min = scalar_smin(&num->var);
	char name[64];

	bpf_reg_type_str(name, ptr->type);
	if (reg_is_const(num) && (min >= MAX_OFF || min <= -MAX_OFF))
		return bpf_reject(env, REJECT_PTR_OFFSET,
				  "math between %s pointer and %lld is not allowed", name, min);
	if (min <= -MAX_OFF)
		return bpf_reject(env, REJECT_PTR_OFFSET,
				  "math between %s pointer and register with unbounded min value is not allowed",
				  name);
	return 0;
}

static int check_result(struct bpf_verifier_env *env, const struct bpf_reg *ptr)
{
	s64 min = scalar_smin(&ptr->var);
	char name[64];

	bpf_reg_type_str(name, ptr->type);
	if (ptr->off >= MAX_OFF || ptr->off <= -MAX_OFF)
		return bpf_reject(env, REJECT_PTR_OFFSET, "%s pointer offset %d is not allowed",
				  name, ptr->off);
	if (reg_off_const(ptr) && (min >= MAX_OFF || min <= -MAX_OFF))
		return bpf_reject(env, REJECT_PTR_OFFSET,
				  "value %lld makes %s pointer be out of bounds", min, name);
	if (min <= -MAX_OFF)
		return bpf_reject(env, REJECT_PTR_OFFSET,
				  "math between %s pointer and register with unbounded min value is not allowed",
				  name);
	return 0;
}

/* The constant part takes constants as long as it has room. */
static bool add_constant(struct bpf_reg *dst, const struct bpf_reg *num, bool sub)
{
	s64 off;

	if (!reg_is_const(num))
		return false;
	off = (s64)scalar_const_value(&num->var);
	off = sub ? dst->off - off : dst->off + off;
	if (off >= MAX_OFF || off <= -MAX_OFF)
		return false;
	dst->off = off;
	return true;
}

static void add_variable(struct bpf_verifier_env *env, struct bpf_reg *dst,
			 const struct bpf_reg *num, bool sub)
{
	struct scalar val = dst->var;

	scalar_alu(sub ? SCALAR_SUB : SCALAR_ADD, true, &val, &num->var);
	dst->var = val;
	if (reg_is_packet(dst)) {
		/* what was compared was compared with another variable part */
		dst->id = walk_new_id(env);
		dst->range = 0;
	}
}

/* ------------------------------------------------------------------ unprivileged */

/* Bytes of the object a pointer is into, and where in it the pointer stands at most and least. */
static int object_extent(const struct bpf_reg *ptr, s64 *before, s64 *after)
{
	s64 min = ptr->off + scalar_smin(&ptr->var), max = ptr->off + scalar_smax(&ptr->var);

	switch (base_type(ptr->type)) {
	case PTR_TO_STACK:
		*before = BPF_VERIFY_MAX_STACK + min;
		*after = -max - 1;
		return 0;
	case PTR_TO_MAP_VALUE:
		*before = min;
		*after = (s64)ptr->map->value_size - max - 1;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/*
 * Has the rewriter mask the number so that, mispredicted branches or not, the pointer stays
 * inside of its object: a number beyond the limit becomes 0.
 */
static int request_mask(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			const struct bpf_reg *ptr, const struct bpf_reg *num, u32 num_regno)
{
	struct bpf_insn_aux *aux = walk_aux(env);
	bool negative = scalar_smin(&num->var) < 0;
	bool sub = insn_op(insn) == BPF_SUB;
	s64 before, after, limit;
	u32 flags;

	if (num_regno == U32_MAX || reg_is_const(num))
		return 0;
	if (negative && scalar_smax(&num->var) > 0)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root",
				  num_regno);
	if (object_extent(ptr, &before, &after))
		return 0;
	limit = negative != sub ? before : after;
	if (limit < 0 || limit > U32_MAX)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u pointer arithmetic of map value goes out of range, prohibited for !root",
				  insn->dst_reg);
	flags = (num_regno == insn->src_reg && insn_is_src_reg(insn) ? ALU_MASK_SRC : 0) |
		(negative ? ALU_MASK_NEG : 0) | (sub ? ALU_MASK_SUB : 0);
	if (aux->alu_mask && (aux->alu_limit != limit || aux->alu_flags != flags))
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u tried to %s from different maps, paths or scalars, pointer arithmetic with it prohibited for !root",
				  insn->dst_reg, sub ? "sub" : "add");
	aux->alu_mask = true;
	aux->alu_limit = limit;
	aux->alu_flags = flags;
	return 0;
}

/* Stack and map value pointers of the unprivileged never leave their object, accessed or not. */
static int check_inside(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			const struct bpf_reg *ptr)
{
	s64 before, after;

	if (base_type(ptr->type) == PTR_TO_STACK && !reg_off_const(ptr))
		return bpf_reject(env, REJECT_STACK_VAR,
				  "R%u variable stack access prohibited for !root, off=%d",
				  insn->dst_reg, ptr->off);
	if (object_extent(ptr, &before, &after))
		return 0;
	if (before >= 0 && after >= 0)
		return 0;
	if (base_type(ptr->type) == PTR_TO_STACK && after == -1)
		return 0;	/* R10 itself, as a start to subtract from */
	if (base_type(ptr->type) == PTR_TO_STACK)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u stack pointer arithmetic goes out of range, prohibited for !root",
				  insn->dst_reg);
	return bpf_reject(env, REJECT_PTR_ARITH,
			  "R%u pointer arithmetic of map value goes out of range, prohibited for !root",
			  insn->dst_reg);
}

/* What a CPU may compute that masked a number it should not have had: the pointer unmoved. */
static int follow_masked(struct bpf_verifier_env *env, struct bpf_reg *dst,
			 const struct bpf_reg *ptr)
{
	struct bpf_reg moved = *dst;
	int err;

	if (!walk_aux(env)->alu_mask)
		return 0;
	*dst = *ptr;
	err = walk_push_speculative(env, walk_state(env)->insn);
	*dst = moved;
	return err;
}

/**
 * walk_ptr_arith - pointer plus or minus a number
 * @env: environment
 * @insn: BPF_ADD or BPF_SUB, 64-bit
 * @dst: register that gets the result
 * @ptr: copy of the pointer
 * @num: copy of the number
 * @num_regno: register that holds the number; U32_MAX: immediate
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_ptr_arith(struct bpf_verifier_env *env, const struct bpf_insn *insn, struct bpf_reg *dst,
		   const struct bpf_reg *ptr, const struct bpf_reg *num, u32 num_regno)
{
	bool sub = insn_op(insn) == BPF_SUB;
	int err;

	err = check_kind(env, insn, ptr, num);
	if (!err && base_type(ptr->type) == PTR_TO_STACK && sub && !reg_is_const(num))
		err = bpf_reject(env, REJECT_PTR_ARITH,
				 "R%u subtraction from stack pointer prohibited", insn->dst_reg);
	/* first, so that what is refused now is known in the next attempt */
	if (num_regno != U32_MAX)
		relevance_demand(env, env->insn_idx, 1 << num_regno);
	if (!err)
		err = check_number(env, ptr, num);
	if (!err && !env->bypass_spec_v1)
		err = request_mask(env, insn, ptr, num, num_regno);
	if (err)
		return err;
	*dst = *ptr;
	if (!add_constant(dst, num, sub))
		add_variable(env, dst, num, sub);
	err = check_result(env, dst);
	if (!err && !env->allow_ptr_leaks)
		err = check_inside(env, insn, dst);
	return err ?: follow_masked(env, dst, ptr);
}
