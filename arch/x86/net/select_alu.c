// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: arithmetic, moves, byte swaps (RFC 9669, 4.1, 4.2, 5.4).
 *
 * The order within a handler is always: jit_begin_def() or jit_rmw() of the
 * destination, then operands, then jit_def(); computing one pending value may
 * compute others, so an operand that was asked for early is asked for again.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "jit.h"

static bool is_const(const struct jit_ctx *ctx, u8 reg)
{
	return ctx->pend[reg].kind == PEND_CONST;
}

/* Nothing about the scratch register is deferred: a blinded constant stays in pieces. */
static bool may_defer(const struct jit_ctx *ctx, u8 dst, enum jit_rule rule)
{
	return dst != JIT_AX && dst != JIT_FP && jit_rule_on(ctx, rule);
}

static void set_const(struct jit_ctx *ctx, u8 dst, s64 imm)
{
	jit_begin_def(ctx, dst);
	if (may_defer(ctx, dst, JIT_RULE_CONST)) {
		ctx->pend[dst] = (struct jit_pend){ .kind = PEND_CONST, .imm = imm };
		return;
	}
	jit_mov_imm(ctx, jit_def(ctx, dst), imm, false);
}

/* ------------------------------------------------------------------ sums */

/* What @reg is in terms of homes: a pending sum, a constant as displacement, or itself. */
static void sum_of(struct jit_ctx *ctx, u8 reg, u8 width, struct jit_pend *out)
{
	struct jit_pend *p = &ctx->pend[reg];

	if (p->kind == PEND_LOAD)
		jit_materialize(ctx, reg);
	if (p->kind == PEND_ADDR && (p->width == 8 || width == 4)) {
		*out = *p;
		return;
	}
	/* What is no displacement is a base, once it is in a register. */
	if (p->kind == PEND_CONST && (width == 4 || x86_is_s32(p->imm))) {
		*out = (struct jit_pend){ .kind = PEND_ADDR, .base = JIT_NOREG,
					  .index = JIT_NOREG, .scale = 1, .disp = p->imm };
		return;
	}
	jit_materialize(ctx, reg);
	*out = (struct jit_pend){ .kind = PEND_ADDR, .base = reg, .index = JIT_NOREG, .scale = 1,
				  .narrow = jit_width(ctx, ctx->cur, reg) <= JIT_W32 };
}

static bool add_disp(struct jit_pend *a, s64 disp, u8 width)
{
	s64 sum = (s64)a->disp + disp;

	if (width == 4)
		sum = (s32)sum;
	if (!x86_is_s32(sum))
		return false;
	a->disp = sum;
	return true;
}

/* a += b, if base + index * scale + disp can express it. */
static bool add_terms(struct jit_pend *a, const struct jit_pend *b, u8 width)
{
	struct jit_pend sum = *a;

	if (!add_disp(&sum, b->disp, width))
		return false;
	if (b->base != JIT_NOREG) {
		if (sum.base == JIT_NOREG) {
			sum.base = b->base;
		} else if (sum.index == JIT_NOREG) {
			sum.index = b->base;
			sum.scale = 1;
		} else {
			return false;
		}
	}
	if (b->index != JIT_NOREG) {
		if (sum.index == JIT_NOREG) {
			sum.index = b->index;
			sum.scale = b->scale;
		} else if (sum.base == JIT_NOREG && b->scale == 1) {
			sum.base = b->index;
		} else {
			return false;
		}
	}
	*a = sum;
	return true;
}

static bool defer_sum(struct jit_ctx *ctx, u8 dst, struct jit_pend *sum, u8 width)
{
	sum->width = width;
	/* Only a displacement is left: a constant. */
	if (sum->base == JIT_NOREG && sum->index == JIT_NOREG)
		return false;
	jit_begin_def(ctx, dst);
	ctx->pend[dst] = *sum;
	jit_rule_hit(JIT_RULE_LEA);
	return true;
}

static bool defer_add_imm(struct jit_ctx *ctx, u8 dst, s64 imm, u8 width)
{
	struct jit_pend a;

	if (!may_defer(ctx, dst, JIT_RULE_LEA))
		return false;
	jit_begin_def(ctx, dst);
	sum_of(ctx, dst, width, &a);
	return add_disp(&a, imm, width) && defer_sum(ctx, dst, &a, width);
}

static bool defer_add_reg(struct jit_ctx *ctx, u8 dst, u8 src, u8 width)
{
	struct jit_pend a, b;

	if (!may_defer(ctx, dst, JIT_RULE_LEA) || src == JIT_AX)
		return false;
	/* A load has a use as the memory operand of an addition. */
	if (ctx->pend[src].kind == PEND_LOAD && ctx->pend[src].width == width)
		return false;
	jit_begin_def(ctx, dst);
	/* Twice: the second may have computed what the first refers to. */
	sum_of(ctx, dst, width, &a);
	sum_of(ctx, src, width, &b);
	sum_of(ctx, dst, width, &a);
	return add_terms(&a, &b, width) && defer_sum(ctx, dst, &a, width);
}

/* A shift by 1 to 3 of an unshifted register is an index. */
static bool defer_shift(struct jit_ctx *ctx, u8 dst, u32 count, u8 width)
{
	struct jit_pend a;

	if (!may_defer(ctx, dst, JIT_RULE_LEA) || !count || count > 3)
		return false;
	jit_begin_def(ctx, dst);
	sum_of(ctx, dst, width, &a);
	if (a.index != JIT_NOREG || a.base == JIT_NOREG || a.disp)
		return false;
	a.index = a.base;
	a.base = JIT_NOREG;
	a.scale = 1 << count;
	return defer_sum(ctx, dst, &a, width);
}

/* ------------------------------------------------------------------ moves */

static bool defer_copy(struct jit_ctx *ctx, u32 i, u8 dst, u8 src, u8 width)
{
	struct jit_pend *p = &ctx->pend[src];
	struct jit_pend a;

	if (!may_defer(ctx, dst, JIT_RULE_LEA) || src == JIT_AX)
		return false;
	jit_begin_def(ctx, dst);
	if (p->kind == PEND_CONST && jit_rule_on(ctx, JIT_RULE_CONST)) {
		set_const(ctx, dst, width == 4 ? (u32)p->imm : p->imm);
		return true;
	}
	if (p->kind == PEND_ADDR && p->width == 4) {
		a = *p;
		return defer_sum(ctx, dst, &a, 4);
	}
	sum_of(ctx, src, width, &a);
	return defer_sum(ctx, dst, &a, width);
}

/**
 * jit_mov - MOV64 and MOV32
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_mov(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 width = row->width, dst = insn->dst_reg, src = insn->src_reg;
	u8 s;

	if (!insn_is_src_reg(insn)) {
		set_const(ctx, dst, width == 8 ? (s64)insn->imm : (s64)(u32)insn->imm);
		return;
	}
	if (width == 4 && jit_width(ctx, i, src) <= JIT_W32 &&
	    jit_rule_on(ctx, JIT_RULE_ZEXT_ELIM)) {
		if (dst == src) {
			jit_rule_hit(JIT_RULE_ZEXT_ELIM);
			return;
		}
		width = 8;
	}
	if (width == 8 && dst == src)
		return;
	if (defer_copy(ctx, i, dst, src, width))
		return;
	jit_begin_def(ctx, dst);
	s = width == 8 ? jit_use(ctx, src) : jit_use32(ctx, src);
	jit_emit(ctx, x86_rr(X86_MOV, width, jit_def(ctx, dst), s));
}

/**
 * jit_movsx - sign-extending moves
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_movsx(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 op = insn->off == 8 ? X86_MOVSX8 : insn->off == 16 ? X86_MOVSX16 : X86_MOVSX32;
	struct x86_mem m;
	u8 s;

	jit_begin_def(ctx, insn->dst_reg);
	/* The loaded bytes are the ones that are extended: do both at once. */
	if ((insn->src_reg == insn->dst_reg || !jit_live_out(ctx, i, insn->src_reg)) &&
	    ctx->pend[insn->src_reg].kind == PEND_LOAD && !ctx->pend[insn->src_reg].sx &&
	    ctx->pend[insn->src_reg].width * 8 == insn->off) {
		m = jit_pend_mem(ctx, &ctx->pend[insn->src_reg]);
		ctx->pend[insn->src_reg].kind = PEND_NONE;
		jit_rule_hit(JIT_RULE_LOAD_OP);
		jit_emit(ctx, x86_rm(op, row->width, jit_def(ctx, insn->dst_reg), m));
		return;
	}
	s = jit_use32(ctx, insn->src_reg);
	jit_emit(ctx, x86_rr(op, row->width, jit_def(ctx, insn->dst_reg), s));
}

/**
 * jit_ld_imm64 - 64-bit immediates
 * @ctx: the compilation
 * @i: index of the first slot
 * @row: its row of the opcode table
 *
 * The address of a subprogram is not known before all are laid out: its
 * instruction has the full length and gets the address when it is encoded.
 *
 * Context: Process; allocates.
 */
void jit_ld_imm64(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	const struct bpf_prog *main = bpf_prog_main(ctx->src->prog);
	struct x86_insn mov;

	if (!insn_is_sub_addr(insn)) {
		set_const(ctx, insn->dst_reg, insn_imm64(insn));
		return;
	}
	if (insn->off < 0 || insn->off >= main->aux->func_cnt) {
		jit_fail(ctx, -EINVAL);
		return;
	}
	/* A callback is entered from C, with nothing sensible in RAX. */
	if (main->aux->func[insn->off]->aux->tail_call_reachable) {
		jit_fail(ctx, -EOPNOTSUPP);
		return;
	}
	jit_begin_def(ctx, insn->dst_reg);
	mov = x86_ri(X86_MOV, 8, jit_def(ctx, insn->dst_reg), 0);
	mov.flags = X86_WIDE | X86_ADDR_FUNC;
	mov.label = insn->off;
	jit_emit(ctx, mov);
}

/**
 * jit_percpu - address of this CPU's copy of a per-CPU object
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_percpu(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u64 gs = ctx->env->percpu_gs;
	struct x86_insn add;
	u8 dst, s;

	if (!gs || !x86_is_s32(gs)) {
		jit_fail(ctx, -EOPNOTSUPP);
		return;
	}
	jit_begin_def(ctx, insn->dst_reg);
	s = jit_use(ctx, insn->src_reg);
	dst = jit_def(ctx, insn->dst_reg);
	if (dst != s)
		jit_emit(ctx, x86_rr(X86_MOV, 8, dst, s));
	add = x86_rm(X86_ADD, 8, dst, x86_at(X86_NOREG, (s32)gs));
	add.flags = X86_GS;
	jit_emit(ctx, add);
}

/* ------------------------------------------------------------------ arithmetic */

static u8 alu_op(u8 bpf_op)
{
	switch (bpf_op) {
	case BPF_ADD:
		return X86_ADD;
	case BPF_SUB:
		return X86_SUB;
	case BPF_AND:
		return X86_AND;
	case BPF_OR:
		return X86_OR;
	case BPF_XOR:
		return X86_XOR;
	case BPF_LSH:
		return X86_SHL;
	case BPF_RSH:
		return X86_SHR;
	default:
		return X86_SAR;
	}
}

/* A 64-bit AND with a mask that has no upper half needs no 64-bit operation. */
static u8 narrow_and(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 dst, s64 imm)
{
	if (width != 8 || !jit_rule_on(ctx, JIT_RULE_NARROW))
		return width;
	if ((op == BPF_AND && imm >= 0) ||
	    ((op == BPF_OR || op == BPF_XOR) && imm >= 0 && jit_width(ctx, i, dst) <= JIT_W32)) {
		jit_rule_hit(JIT_RULE_NARROW);
		return 4;
	}
	return width;
}

/* Masks of 8, 16 and 32 bits: a move that extends, or nothing. */
static bool and_mask(struct jit_ctx *ctx, u32 i, u8 dst, s64 imm)
{
	u8 op, s;

	if ((imm == U8_MAX && jit_width(ctx, i, dst) <= JIT_W8) ||
	    (imm == U16_MAX && jit_width(ctx, i, dst) <= JIT_W16)) {
		if (!jit_rule_on(ctx, JIT_RULE_ZEXT_ELIM))
			return false;
		jit_rule_hit(JIT_RULE_ZEXT_ELIM);
		return true;
	}
	if (imm != U8_MAX && imm != U16_MAX)
		return false;
	if (!jit_rule_on(ctx, JIT_RULE_THREE_OP))
		return false;
	jit_begin_def(ctx, dst);
	s = jit_use32(ctx, dst);
	op = imm == U8_MAX ? X86_MOVZX8 : X86_MOVZX16;
	jit_emit(ctx, x86_rr(op, 4, jit_def(ctx, dst), s));
	jit_rule_hit(JIT_RULE_THREE_OP);
	return true;
}

static void alu_mul_imm(struct jit_ctx *ctx, u8 dst, u8 width, s32 imm)
{
	u8 s, d;

	if (imm > 1 && is_power_of_2(imm) && jit_rule_on(ctx, JIT_RULE_MUL_SHIFT)) {
		jit_rule_hit(JIT_RULE_MUL_SHIFT);
		if (defer_shift(ctx, dst, ilog2(imm), width))
			return;
		d = jit_rmw(ctx, dst);
		jit_emit(ctx, x86_ri(X86_SHL, width, d, ilog2(imm)));
		jit_set_zf(ctx, dst, width);
		return;
	}
	jit_begin_def(ctx, dst);
	if (jit_rule_on(ctx, JIT_RULE_THREE_OP)) {
		s = width == 4 ? jit_use32(ctx, dst) : jit_use(ctx, dst);
		jit_rule_hit(JIT_RULE_THREE_OP);
	} else {
		s = jit_rmw(ctx, dst);
	}
	d = jit_def(ctx, dst);
	jit_emit(ctx, x86_imul3(width, d, s, imm));
}

/* A shift by zero is a move; a 32-bit one still clears the upper half. */
static void shift_imm(struct jit_ctx *ctx, u32 i, u8 dst, u8 width, u8 op, u32 count)
{
	u8 d;

	count &= width * 8 - 1;
	if (op == X86_SHL && defer_shift(ctx, dst, count, width))
		return;
	d = jit_rmw(ctx, dst);
	if (!count) {
		if (width == 4)
			jit_emit(ctx, x86_rr(X86_MOV, 4, d, d));
		return;
	}
	if (op == X86_SHR && width == 8 && count < 32 && jit_width(ctx, i, dst) <= JIT_W32 &&
	    jit_rule_on(ctx, JIT_RULE_NARROW)) {
		jit_rule_hit(JIT_RULE_NARROW);
		width = 4;
	}
	jit_emit(ctx, x86_ri(op, width, d, count));
	jit_set_zf(ctx, dst, width);
}

static void alu_imm(struct jit_ctx *ctx, u32 i, u8 dst, u8 width, u8 bpf_op, s32 imm)
{
	u8 d, w;

	switch (bpf_op) {
	case BPF_ADD:
		if (defer_add_imm(ctx, dst, imm, width))
			return;
		break;
	case BPF_SUB:
		if (defer_add_imm(ctx, dst, -(s64)imm, width))
			return;
		break;
	case BPF_MUL:
		alu_mul_imm(ctx, dst, width, imm);
		return;
	case BPF_AND:
		if (imm >= 0 && and_mask(ctx, i, dst, imm))
			return;
		break;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		shift_imm(ctx, i, dst, width, alu_op(bpf_op), imm);
		return;
	}
	d = jit_rmw(ctx, dst);
	w = narrow_and(ctx, i, bpf_op, width, dst, imm);
	jit_emit(ctx, x86_ri(alu_op(bpf_op), w, d, imm));
	jit_set_zf(ctx, dst, w);
}

/* Variable shifts without BMI2: the count goes to CL, RCX is put back after. */
static void shift_by_cl(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 d, u8 s)
{
	bool save = d == X86_RCX || jit_live_out(ctx, i, BPF_REG_4);
	u8 x = d;

	if (s == X86_RCX && d != X86_RCX) {
		jit_emit(ctx, x86_r(op, width, d));
		return;
	}
	if (ctx->map[BPF_REG_4] != X86_RCX)
		save = true;
	if (save)
		jit_emit(ctx, x86_rr(X86_MOV, 8, JIT_T0, X86_RCX));
	if (d == X86_RCX)
		x = JIT_T0;
	if (s != X86_RCX)
		jit_emit(ctx, x86_rr(X86_MOV, 4, X86_RCX, s));
	jit_emit(ctx, x86_r(op, width, x));
	if (save)
		jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RCX, JIT_T0));
}

static void shift_reg(struct jit_ctx *ctx, u32 i, u8 dst, u8 src, u8 width, u8 op)
{
	u8 vop = op == X86_SHL ? X86_SHLX : op == X86_SHR ? X86_SHRX : X86_SARX;
	u8 d, s;

	if (jit_rule_on(ctx, JIT_RULE_BMI2_SHIFT)) {
		u8 x;

		jit_rule_hit(JIT_RULE_BMI2_SHIFT);
		jit_begin_def(ctx, dst);
		jit_use32(ctx, src);
		x = width == 4 ? jit_use32(ctx, dst) : jit_use(ctx, dst);
		s = jit_use32(ctx, src);
		d = jit_def(ctx, dst);
		jit_emit(ctx, x86_vshift(vop, width, d, x, s));
		return;
	}
	/* RCX is changed on the way: nothing may refer to it. */
	jit_flush_refs(ctx, BPF_REG_4);
	jit_materialize(ctx, BPF_REG_4);
	d = jit_rmw(ctx, dst);
	s = jit_use32(ctx, src);
	shift_by_cl(ctx, i, op, width, d, s);
}

static void alu_mem(struct jit_ctx *ctx, u8 dst, u8 width, u8 bpf_op, u8 d, struct x86_mem m)
{
	if (bpf_op == BPF_MUL) {
		jit_emit(ctx, x86_rm(X86_IMUL2, width, d, m));
		return;
	}
	jit_emit(ctx, x86_rm(alu_op(bpf_op), width, d, m));
	jit_set_zf(ctx, dst, width);
}

static void alu_reg(struct jit_ctx *ctx, u32 i, u8 dst, u8 src, u8 width, u8 bpf_op)
{
	struct x86_mem m;
	u8 d, s;

	if (bpf_op == BPF_LSH || bpf_op == BPF_RSH || bpf_op == BPF_ARSH) {
		shift_reg(ctx, i, dst, src, width, alu_op(bpf_op));
		return;
	}
	if (bpf_op == BPF_ADD && dst != src && defer_add_reg(ctx, dst, src, width))
		return;
	d = jit_rmw(ctx, dst);
	if (dst != src && jit_load_operand(ctx, src, width, &m)) {
		alu_mem(ctx, dst, width, bpf_op, d, m);
		return;
	}
	s = width == 4 ? jit_use32(ctx, src) : jit_use(ctx, src);
	if (bpf_op == BPF_MUL) {
		jit_emit(ctx, x86_rr(X86_IMUL2, width, d, s));
		return;
	}
	jit_emit(ctx, x86_rr(alu_op(bpf_op), width, d, s));
	jit_set_zf(ctx, dst, width);
}

/**
 * jit_alu - binary arithmetic
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_alu(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 op = insn_op(insn), dst = insn->dst_reg, src = insn->src_reg;
	s64 imm;

	if (op == BPF_DIV || op == BPF_MOD) {
		jit_divmod(ctx, i, row);
		return;
	}
	if (!insn_is_src_reg(insn)) {
		alu_imm(ctx, i, dst, row->width, op, insn->imm);
		return;
	}
	imm = ctx->pend[src].imm;
	if (dst != src && is_const(ctx, src) && x86_is_s32(row->width == 4 ? (s32)imm : imm)) {
		jit_rule_hit(JIT_RULE_CONST);
		alu_imm(ctx, i, dst, row->width, op, imm);
		return;
	}
	alu_reg(ctx, i, dst, src, row->width, op);
}

/**
 * jit_neg - negation
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_neg(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	u8 dst = ctx->src->insns[i].dst_reg;

	jit_emit(ctx, x86_r(X86_NEG, row->width, jit_rmw(ctx, dst)));
	jit_set_zf(ctx, dst, row->width);
}

/* ------------------------------------------------------------------ byte swaps */

/* The value was loaded just before and nobody saw it: swap on the way. */
static bool end_movbe(struct jit_ctx *ctx, u8 dst, u8 bytes)
{
	struct jit_pend p = ctx->pend[dst];
	u8 d;

	if (p.kind != PEND_LOAD || p.sx || p.width != bytes || !jit_rule_on(ctx, JIT_RULE_MOVBE))
		return false;
	jit_begin_def(ctx, dst);
	if (ctx->pend[dst].kind != PEND_LOAD)
		return false;
	d = jit_def(ctx, dst);
	jit_emit(ctx, x86_rm(X86_MOVBE_LD, bytes, d, jit_pend_mem(ctx, &p)));
	if (bytes == 2)
		jit_emit(ctx, x86_rr(X86_MOVZX16, 4, d, d));
	jit_rule_hit(JIT_RULE_MOVBE);
	return true;
}

/**
 * jit_end - byte order
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_end(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	bool swap = insn_class(insn) == BPF_ALU64 || BPF_SRC(insn->code) == BPF_TO_BE;
	u8 dst = insn->dst_reg, bytes = insn->imm / 8;
	enum jit_width w = bytes == 2 ? JIT_W16 : bytes == 4 ? JIT_W32 : JIT_W64;
	u8 d;

	if (!swap && jit_width(ctx, i, dst) <= w && jit_rule_on(ctx, JIT_RULE_ZEXT_ELIM)) {
		jit_rule_hit(JIT_RULE_ZEXT_ELIM);
		return;
	}
	if (swap && end_movbe(ctx, dst, bytes))
		return;
	d = jit_rmw(ctx, dst);
	if (swap && bytes == 2)
		jit_emit(ctx, x86_ri(X86_ROL, 2, d, 8));
	else if (swap)
		jit_emit(ctx, x86_r(X86_BSWAP, bytes, d));
	if (bytes == 2)
		jit_emit(ctx, x86_rr(X86_MOVZX16, 4, d, d));
	else if (bytes == 4 && !swap)
		jit_emit(ctx, x86_rr(X86_MOV, 4, d, d));
}
