// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: conditional jumps and goto (RFC 9669, 4.3).
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "jit.h"

/**
 * jit_cc - condition code of a BPF comparison
 * @op: BPF_JEQ and so on
 *
 * Context: Any.
 * Return: Condition after CMP, or after TEST for BPF_JSET.
 */
u8 jit_cc(u8 op)
{
	switch (op) {
	case BPF_JEQ:
		return X86_CC_E;
	case BPF_JGT:
		return X86_CC_A;
	case BPF_JGE:
		return X86_CC_AE;
	case BPF_JLT:
		return X86_CC_B;
	case BPF_JLE:
		return X86_CC_BE;
	case BPF_JSGT:
		return X86_CC_G;
	case BPF_JSGE:
		return X86_CC_GE;
	case BPF_JSLT:
		return X86_CC_L;
	case BPF_JSLE:
		return X86_CC_LE;
	default:
		return X86_CC_NE;
	}
}

static bool is_signed(u8 op)
{
	return op == BPF_JSGT || op == BPF_JSGE || op == BPF_JSLT || op == BPF_JSLE;
}

/**
 * jit_test_imm - ZF of a register and a mask
 * @ctx: the compilation
 * @width: operand size in bytes
 * @reg: hardware register
 * @imm: mask, sign-extended
 *
 * Context: Process; allocates.
 */
void jit_test_imm(struct jit_ctx *ctx, u8 width, u8 reg, s32 imm)
{
	if (jit_rule_on(ctx, JIT_RULE_NARROW)) {
		if (imm >= 0 && imm <= U8_MAX)
			width = 1;
		else if (imm >= 0 && width == 8)
			width = 4;
	}
	jit_emit(ctx, x86_ri(X86_TEST, width, reg, imm));
}

/* Constants that a load of @bytes, extended with zeros, is compared with in place. */
static bool load_cmp_fits(u8 op, u8 bytes, u8 width, s32 imm, bool sx)
{
	if (sx)
		return false;
	if (bytes == width)
		return true;
	if (imm < 0)
		return false;
	return bytes == 1 ? imm <= U8_MAX : bytes == 2 ? imm <= U16_MAX : true;
}

/* Values with zeros above are compared the same way signed and unsigned. */
static u8 unsigned_cc(u8 cc)
{
	switch (cc) {
	case X86_CC_G:
		return X86_CC_A;
	case X86_CC_GE:
		return X86_CC_AE;
	case X86_CC_L:
		return X86_CC_B;
	case X86_CC_LE:
		return X86_CC_BE;
	default:
		return cc;
	}
}

/* Compares a pending load in memory. Returns the condition, or -1. */
static int cmp_load_imm(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 dst, s32 imm)
{
	struct jit_pend *p = &ctx->pend[dst];
	struct x86_mem m;
	u8 bytes = p->width, cc = jit_cc(op);

	if (p->kind != PEND_LOAD || jit_live_out(ctx, i, dst) ||
	    !load_cmp_fits(op, bytes, width, imm, p->sx) || bytes > width)
		return -1;
	m = jit_pend_mem(ctx, p);
	p->kind = PEND_NONE;
	jit_rule_hit(JIT_RULE_LOAD_OP);
	jit_emit(ctx, x86_mi(op == BPF_JSET ? X86_TEST : X86_CMP, bytes, m, imm));
	return bytes < width ? unsigned_cc(cc) : cc;
}

/* Whether the flags already tell about a comparison of @dst with zero. */
static int zf_cc(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 dst)
{
	bool same = ctx->zf_width == width;

	if (ctx->zf_reg != dst || !jit_rule_on(ctx, JIT_RULE_FLAGS))
		return -1;
	if (op == BPF_JEQ || op == BPF_JNE) {
		if (!same && ctx->zf_width != 4 && jit_width(ctx, i, dst) > JIT_W32)
			return -1;
		jit_rule_hit(JIT_RULE_FLAGS);
		return jit_cc(op);
	}
	if (!same || (op != BPF_JSLT && op != BPF_JSGE))
		return -1;
	jit_rule_hit(JIT_RULE_FLAGS);
	return op == BPF_JSLT ? X86_CC_S : X86_CC_NS;
}

static u8 narrow_cmp(struct jit_ctx *ctx, u32 i, u8 op, u8 width, const struct bpf_insn *insn)
{
	if (width != 8 || is_signed(op) || !jit_rule_on(ctx, JIT_RULE_NARROW) ||
	    jit_width(ctx, i, insn->dst_reg) > JIT_W32)
		return width;
	if (insn_is_src_reg(insn) ? jit_width(ctx, i, insn->src_reg) > JIT_W32 : insn->imm < 0)
		return width;
	jit_rule_hit(JIT_RULE_NARROW);
	return 4;
}

/* Operand of a comparison: at home when it is wanted after the jump. */
static u8 cmp_operand(struct jit_ctx *ctx, u32 i, u8 reg, u8 width)
{
	if (jit_live_out(ctx, i, reg))
		jit_materialize(ctx, reg);
	return width == 8 ? jit_use(ctx, reg) : jit_use32(ctx, reg);
}

static u8 cmp_imm(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 dst, s32 imm)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	int cc = cmp_load_imm(ctx, i, op, width, dst, imm);
	u8 d;

	if (cc >= 0)
		return cc;
	d = cmp_operand(ctx, i, dst, width);
	if (op == BPF_JSET) {
		jit_test_imm(ctx, width, d, imm);
		return X86_CC_NE;
	}
	if (!imm) {
		cc = zf_cc(ctx, i, op, width, dst);
		if (cc >= 0)
			return cc;
	}
	if (!insn_is_src_reg(insn))
		width = narrow_cmp(ctx, i, op, width, insn);
	if (!imm)
		jit_emit(ctx, x86_rr(X86_TEST, width, d, d));
	else
		jit_emit(ctx, x86_ri(X86_CMP, width, d, imm));
	return jit_cc(op);
}

static u8 cmp_reg(struct jit_ctx *ctx, u32 i, u8 op, u8 width, u8 dst, u8 src)
{
	u8 xop = op == BPF_JSET ? X86_TEST : X86_CMP;
	struct x86_mem m;
	u8 d, s;

	if (ctx->pend[src].kind == PEND_LOAD) {
		d = cmp_operand(ctx, i, dst, width);
		if (op != BPF_JSET && dst != src && jit_load_operand(ctx, src, width, &m)) {
			jit_emit(ctx, x86_rm(X86_CMP, width, d, m));
			return jit_cc(op);
		}
	}
	s = cmp_operand(ctx, i, src, width);
	if (dst != src && jit_load_operand(ctx, dst, width, &m)) {
		jit_emit(ctx, x86_mr(xop, width, m, s));
		return jit_cc(op);
	}
	cmp_operand(ctx, i, dst, width);
	s = cmp_operand(ctx, i, src, width);
	d = cmp_operand(ctx, i, dst, width);
	if (op != BPF_JSET)
		width = narrow_cmp(ctx, i, op, width, &ctx->src->insns[i]);
	jit_emit(ctx, x86_rr(xop, width, d, s));
	return jit_cc(op);
}

/**
 * jit_compare - comparison of a conditional jump, everything else flushed
 * @ctx: the compilation
 * @i: index of the jump
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 * Return: Condition on which the jump is taken.
 */
u8 jit_compare(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 dst = insn->dst_reg, src = insn->src_reg, op = insn_op(insn);
	u16 keep = 1 << dst;
	s64 imm;

	if (!insn_is_src_reg(insn)) {
		jit_flush_except(ctx, ctx->live[i], keep);
		return cmp_imm(ctx, i, op, row->width, dst, insn->imm);
	}
	keep |= 1 << src;
	jit_flush_except(ctx, ctx->live[i], keep);
	imm = ctx->pend[src].imm;
	if (row->width == 4)
		imm = (s32)imm;
	if (dst != src && ctx->pend[src].kind == PEND_CONST && x86_is_s32(imm)) {
		jit_rule_hit(JIT_RULE_CONST);
		if (jit_live_out(ctx, i, src))
			jit_materialize(ctx, src);
		else
			ctx->pend[src].kind = PEND_NONE;
		return cmp_imm(ctx, i, op, row->width, dst, imm);
	}
	return cmp_reg(ctx, i, op, row->width, dst, src);
}

/*
 * A conditional jump and then a goto: one branch where the first leads past the second, and one
 * a round where it leaves a loop that the second goes back in.
 */
static bool inverts(const struct jit_ctx *ctx, u32 i)
{
	u32 target = ctx->target[i], over = i + 1;

	if (!jit_rule_on(ctx, JIT_RULE_INVERT) || over >= ctx->src->len ||
	    !insn_is_goto(&ctx->src->insns[over]) ||
	    (ctx->flags[over] & (JIT_I_LEADER | JIT_I_DEAD)))
		return false;
	return jit_next(ctx, over) == target || (target > i && ctx->target[over] <= i);
}

/**
 * jit_branch - the jump itself, after its comparison
 * @ctx: the compilation
 * @i: index of the conditional jump
 * @cc: condition on which it is taken
 *
 * Context: Process; allocates.
 */
void jit_branch(struct jit_ctx *ctx, u32 i, u8 cc)
{
	u32 target = ctx->target[i];

	if (inverts(ctx, i)) {
		jit_rule_hit(JIT_RULE_INVERT);
		/* x86 conditions come in pairs */
		jit_emit(ctx, x86_jcc(cc ^ 1, ctx->target[i + 1]));
		ctx->flags[i + 1] |= JIT_I_DEAD;
		if (jit_next(ctx, i + 1) != target)
			jit_emit(ctx, x86_jmp(target));
	} else {
		jit_emit(ctx, x86_jcc(cc, target));
	}
	jit_drop_all(ctx, ctx->live[i]);
}

/**
 * jit_jump - conditional jumps
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_jump(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	/* both ways are the same */
	if (ctx->target[i] == jit_next(ctx, i))
		return;
	jit_branch(ctx, i, jit_compare(ctx, i, row));
}

/**
 * jit_goto - jumps without condition
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_goto(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	u32 target = ctx->target[i];

	if (target == jit_next(ctx, i))
		return;
	ctx->zf_reg = JIT_NOREG;
	if (insn_is_exit(&ctx->src->insns[target]) && jit_epilogue_inline(ctx)) {
		jit_exit(ctx, i, row);
		return;
	}
	jit_flush_all(ctx, ctx->live[i]);
	jit_emit(ctx, x86_jmp(target));
	jit_drop_all(ctx, 0);
}
