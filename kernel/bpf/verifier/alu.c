// SPDX-License-Identifier: GPL-2.0
/*
 * Transfer functions of arithmetic. Numbers go to the scalar domain, pointers to ptr_arith.c.
 */
#include "verifier/walk.h"

static const u8 alu_ops[16] = {
	[BPF_ADD >> 4] = SCALAR_ADD, [BPF_SUB >> 4] = SCALAR_SUB, [BPF_MUL >> 4] = SCALAR_MUL,
	[BPF_DIV >> 4] = SCALAR_UDIV, [BPF_OR >> 4] = SCALAR_OR, [BPF_AND >> 4] = SCALAR_AND,
	[BPF_LSH >> 4] = SCALAR_LSH, [BPF_RSH >> 4] = SCALAR_RSH, [BPF_MOD >> 4] = SCALAR_UMOD,
	[BPF_XOR >> 4] = SCALAR_XOR, [BPF_ARSH >> 4] = SCALAR_ARSH,
};

static enum scalar_op alu_op(const struct bpf_insn *insn)
{
	u8 op = insn_op(insn);

	if (insn->off == 1 && op == BPF_DIV)
		return SCALAR_SDIV;
	if (insn->off == 1 && op == BPF_MOD)
		return SCALAR_SMOD;
	return alu_ops[op >> 4];
}

static bool insn_is_64(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_ALU64;
}

static int reject_operator(struct bpf_verifier_env *env, const struct bpf_insn *insn, u32 regno)
{
	const struct insn_row *row = insn_row(insn);
	u8 op = insn_op(insn);

	if (!insn_is_64(insn) && op != BPF_END)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u 32-bit pointer arithmetic prohibited", regno);
	if (op == BPF_AND || op == BPF_OR || op == BPF_XOR)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u bitwise operator %s on pointer prohibited", regno, row->op);
	return bpf_reject(env, REJECT_PTR_ARITH,
			  "R%u pointer arithmetic with %s operator prohibited", regno, row->op);
}

/* dst is a number that is linked to others: adding a constant keeps the link. */
static void add_keeps_link(struct bpf_reg *dst, const struct bpf_reg *old,
			   const struct bpf_insn *insn, const struct bpf_reg *src)
{
	s64 off;

	if (!old->id || !insn_is_64(insn) || insn_op(insn) != BPF_ADD || !reg_is_const(src))
		return;
	off = (s64)scalar_const_value(&src->var);
	if (off != (s32)off)
		return;
	off += old->off;
	if (off != (s32)off)
		return;
	dst->id = old->id;
	dst->off = off;
}

static void scalar_arith(struct bpf_reg *dst, const struct bpf_reg *src,
			 const struct bpf_insn *insn)
{
	struct bpf_reg old = *dst;
	struct scalar val = dst->var;

	scalar_alu(alu_op(insn), insn_is_64(insn), &val, &src->var);
	reg_set_scalar(dst, val);
	add_keeps_link(dst, &old, insn, src);
}

/* Both are pointers: only their distance means something, and only to those who may know it. */
static int two_pointers(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			struct bpf_reg *dst)
{
	if (insn_op(insn) != BPF_SUB || !env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_PTR_ARITH, "R%u pointer %s pointer prohibited",
				  insn->dst_reg, insn_row(insn)->op);
	reg_set_unknown(dst);
	if (!insn_is_64(insn))
		reg_cut_to(dst, 4, false);
	return 0;
}

static int pointer_arith(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			 struct bpf_reg *dst, const struct bpf_reg *src)
{
	struct bpf_reg left = *dst, right = *src;
	bool from_reg = insn_is_src_reg(insn);
	u8 op = insn_op(insn);

	if (reg_is_pointer(dst) && reg_is_pointer(src))
		return two_pointers(env, insn, dst);
	if (base_type(dst->type) == PTR_TO_ARENA)
		return 0;	/* whatever becomes of it: accesses are confined to the arena */
	if (base_type(src->type) == PTR_TO_ARENA) {
		if (op == BPF_ADD)
			*dst = *src;
		else
			reg_set_unknown(dst);
		return 0;
	}
	if (op == BPF_SUB && !insn_is_64(insn) && env->allow_ptr_leaks) {
		reg_set_unknown(dst);
		reg_cut_to(dst, 4, false);
		return 0;
	}
	if (!insn_is_64(insn) || (op != BPF_ADD && op != BPF_SUB))
		return reject_operator(env, insn, insn->dst_reg);
	if (reg_is_pointer(&left))
		return walk_ptr_arith(env, insn, dst, &left, &right,
				      from_reg ? insn->src_reg : U32_MAX);
	if (op == BPF_SUB)
		return bpf_reject(env, REJECT_PTR_ARITH,
				  "R%u tried to subtract pointer from scalar", insn->dst_reg);
	return walk_ptr_arith(env, insn, dst, &right, &left, insn->dst_reg);
}

/**
 * walk_alu - binary arithmetic
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_alu(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	struct bpf_reg src;
	int err;

	if (insn_is_src_reg(insn)) {
		err = walk_read_reg(env, insn->src_reg);
		if (err)
			return err;
		src = *walk_reg(env, insn->src_reg);
	} else {
		reg_set_const(&src, (s64)insn->imm);
	}
	err = walk_read_reg(env, insn->dst_reg);
	if (err)
		return err;
	if (reg_is_pointer(dst) || reg_is_pointer(&src))
		return pointer_arith(env, insn, dst, &src);
	scalar_arith(dst, &src, insn);
	return 0;
}

/* NEG and byte swaps: one operand, a number. */
static int unary(struct bpf_verifier_env *env, const struct bpf_insn *insn, enum scalar_op op,
		 bool is64)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	struct scalar val;
	int err;

	err = walk_read_reg(env, insn->dst_reg);
	if (err)
		return err;
	if (reg_is_pointer(dst))
		return reject_operator(env, insn, insn->dst_reg);
	val = dst->var;
	scalar_alu(op, is64, &val, &dst->var);
	reg_set_scalar(dst, val);
	return 0;
}

/**
 * walk_neg - dst = -dst
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_neg(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	return unary(env, insn, SCALAR_NEG, insn_is_64(insn));
}

/**
 * walk_end - byte swaps
 * @env: environment
 * @insn: instruction
 *
 * Conversion to the machine's own order only cuts to the width (RFC 9669, 4.2).
 * Context: handler. Return: 0 or -errno.
 */
int walk_end(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	static const u8 swap[] = { SCALAR_BSWAP16, SCALAR_BSWAP32, SCALAR_BSWAP64 };
	static const u8 cut[] = { SCALAR_ZEXT16, SCALAR_ZEXT32, SCALAR_MOV };
	u8 own = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? BPF_TO_BE : BPF_TO_LE;
	u32 i = insn->imm == 64 ? 2 : insn->imm == 32;

	if (!insn_is_64(insn) && BPF_SRC(insn->code) == own)
		return unary(env, insn, cut[i], true);
	return unary(env, insn, swap[i], true);
}

/**
 * reg_cut_to - keep the low bytes of a number
 * @reg: a number
 * @bytes: 1, 2 or 4; of other sizes nothing is known
 * @sign_extend: else with zeros
 *
 * Context: any.
 */
void reg_cut_to(struct bpf_reg *reg, u32 bytes, bool sign_extend)
{
	static const u8 zext[] = { [1] = SCALAR_ZEXT8, [2] = SCALAR_ZEXT16, [4] = SCALAR_ZEXT32 };
	static const u8 sext[] = { [1] = SCALAR_SEXT8, [2] = SCALAR_SEXT16, [4] = SCALAR_SEXT32 };
	struct scalar val = reg->var;

	if (bytes != 1 && bytes != 2 && bytes != 4)
		return;
	scalar_alu(sign_extend ? sext[bytes] : zext[bytes], true, &val, &reg->var);
	if (scalar_equal(&val, &reg->var))
		return;		/* the same number: links stay */
	reg_set_scalar(reg, val);
}

static int mov_pointer32(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	const struct bpf_reg *src = walk_reg(env, insn->src_reg);

	if (base_type(src->type) == PTR_TO_ARENA) {
		if (dst != src)
			*dst = *src;
		return 0;
	}
	if (!env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_PTR_LEAK, "R%u partial copy of pointer",
				  insn->src_reg);
	reg_set_unknown(dst);
	reg_cut_to(dst, 4, false);
	return 0;
}

/**
 * walk_mov - moves without sign extension
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_mov(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	struct bpf_reg *src;
	int err;

	if (!insn_is_src_reg(insn)) {
		reg_set_const(dst, insn_is_64(insn) ? (u64)(s64)insn->imm : (u32)insn->imm);
		return 0;
	}
	err = walk_read_reg(env, insn->src_reg);
	if (err)
		return err;
	src = walk_reg(env, insn->src_reg);
	if (reg_is_pointer(src) && !insn_is_64(insn))
		return mov_pointer32(env, insn);
	if (reg_is_scalar(src))
		walk_link_scalars(env, src);
	if (dst != src)
		*dst = *src;
	if (!insn_is_64(insn))
		reg_cut_to(dst, 4, false);
	return 0;
}

/**
 * walk_movsx - sign-extending moves
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_movsx(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	struct bpf_reg *src;
	int err;

	err = walk_read_reg(env, insn->src_reg);
	if (err)
		return err;
	src = walk_reg(env, insn->src_reg);
	if (reg_is_pointer(src)) {
		if (!env->allow_ptr_leaks)
			return bpf_reject(env, REJECT_PTR_LEAK,
					  "R%u sign-extension part of pointer", insn->src_reg);
		reg_set_unknown(dst);
		reg_cut_to(dst, insn->off / 8, true);
	} else {
		walk_link_scalars(env, src);
		if (dst != src)
			*dst = *src;
		reg_cut_to(dst, insn->off / 8, true);
	}
	if (!insn_is_64(insn))
		reg_cut_to(dst, 4, false);
	return 0;
}

/**
 * walk_addr_space - casts between the arena's and the kernel's view of a pointer
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_addr_space(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	int err = walk_read_reg(env, insn->src_reg);

	if (err)
		return err;
	if (!env->arena)
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "addr_space_cast insn can only be used in a program that has an associated arena");
	/* towards the kernel the result is a pointer that accesses confine to the arena */
	if (insn->imm == 1)
		reg_set_pointer(walk_reg(env, insn->dst_reg), PTR_TO_ARENA);
	else
		reg_set_unknown(walk_reg(env, insn->dst_reg));
	return 0;
}

static int ld_map(struct bpf_verifier_env *env, struct bpf_reg *dst,
		  const struct bpf_insn_aux *aux, bool value)
{
	if (value && aux->map->map_type == BPF_MAP_TYPE_ARENA) {
		reg_set_pointer(dst, PTR_TO_ARENA);
		return 0;
	}
	if (!value) {
		reg_set_pointer(dst, CONST_PTR_TO_MAP);
	} else {
		reg_set_pointer(dst, PTR_TO_MAP_VALUE);
		dst->off = aux->map_off;
	}
	dst->map = aux->map;
	dst->map_uid = 0;
	return 0;
}

static int ld_btf(struct bpf_verifier_env *env, struct bpf_reg *dst,
		  const struct bpf_insn_aux *aux)
{
	reg_set_pointer(dst, aux->reg_type);
	if (base_type(aux->reg_type) == PTR_TO_BTF_ID) {
		dst->btf = aux->btf;
		dst->btf_id = aux->btf_id;
	} else {
		dst->mem_size = aux->mem_size;
	}
	if (type_may_be_null(aux->reg_type))
		dst->id = walk_new_id(env);
	return 0;
}

static int ld_func(struct bpf_verifier_env *env, struct bpf_reg *dst,
		   const struct bpf_insn_aux *aux)
{
	if (env->subprogs[aux->subprog].global)
		return bpf_reject(env, REJECT_ARG_CALLBACK, "callback function not static");
	reg_set_pointer(dst, PTR_TO_FUNC);
	dst->subprog = aux->subprog;
	return 0;
}

/**
 * walk_ld_imm64 - 64-bit immediates: numbers, maps, map values, types, functions
 * @env: environment
 * @insn: instruction; what it refers to has been resolved
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_ld_imm64(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *dst = walk_reg(env, insn->dst_reg);
	const struct bpf_insn_aux *aux = walk_aux(env);

	switch (insn->src_reg) {
	case 0:
		reg_set_const(dst, insn_imm64(insn));
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		return ld_map(env, dst, aux, false);
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return ld_map(env, dst, aux, true);
	case BPF_PSEUDO_BTF_ID:
		return ld_btf(env, dst, aux);
	case BPF_PSEUDO_FUNC:
		return ld_func(env, dst, aux);
	default:
		return bpf_reject(env, REJECT_BAD_INSN, "unrecognized bpf_ld_imm64 insn");
	}
}
