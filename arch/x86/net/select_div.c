// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: division and modulo (RFC 9669, 4.1).
 *
 * x / 0 = 0, x % 0 = x, and the most negative number divided by -1 is itself
 * with remainder 0; the processor traps on all of them.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "jit.h"

struct divmod {
	u32 i;
	u8 dst;
	u8 width;
	bool mod;
	bool sx;
	bool is_imm;
	s32 imm;
};

/* Unsigned, by a power of two. */
static bool div_shift(struct jit_ctx *ctx, const struct divmod *o)
{
	u64 mask = o->width == 4 ? (u32)o->imm : (s64)o->imm;
	u8 d;

	if (o->sx || !o->is_imm || o->imm <= 0 || !is_power_of_2(mask) ||
	    !jit_rule_on(ctx, JIT_RULE_MUL_SHIFT))
		return false;
	jit_rule_hit(JIT_RULE_MUL_SHIFT);
	d = jit_rmw(ctx, o->dst);
	if (o->mod) {
		jit_emit(ctx, x86_ri(X86_AND, 4, d, mask - 1));
		jit_set_zf(ctx, o->dst, 4);
	} else if (mask > 1) {
		jit_emit(ctx, x86_ri(X86_SHR, o->width, d, ilog2(mask)));
		jit_set_zf(ctx, o->dst, o->width);
	} else if (o->width == 4) {
		jit_emit(ctx, x86_rr(X86_MOV, 4, d, d));
	}
	return true;
}

/*
 * Reciprocal of @c: x / c == x * mul >> shift for every x below 2^32.
 *
 * With mul = (2^shift + e) / c the product is x / c + x * e / (c * 2^shift),
 * and what is too much does not reach the next integer as long as it is below
 * 1 / c, that is x * e < 2^shift; e < 2^(shift - 32) is enough. mul is below
 * 2^32, so the product has 64 bits. There are divisors (7 is one) that need a
 * longer reciprocal.
 */
static bool reciprocal(u32 c, u64 *mul, u32 *shift)
{
	u32 s;

	for (s = 33; s < 64; s++) {
		u64 pow = 1ULL << s, m = pow / c + 1, e = m * c - pow;

		if (m > U32_MAX)
			return false;
		if (e >> (s - 32))
			continue;
		*mul = m;
		*shift = s;
		return true;
	}
	return false;
}

static bool div_multiply(struct jit_ctx *ctx, const struct divmod *o)
{
	u32 shift;
	u64 mul;
	u8 d;

	if (o->width != 4 || o->sx || !o->is_imm || !jit_rule_on(ctx, JIT_RULE_DIV_MUL) ||
	    !reciprocal(o->imm, &mul, &shift))
		return false;
	jit_rule_hit(JIT_RULE_DIV_MUL);
	d = jit_rmw(ctx, o->dst);
	if (jit_width(ctx, o->i, o->dst) > JIT_W32)
		jit_emit(ctx, x86_rr(X86_MOV, 4, d, d));
	jit_emit(ctx, x86_ri(X86_MOV, 8, JIT_T0, mul));
	if (!o->mod) {
		jit_emit(ctx, x86_rr(X86_IMUL2, 8, d, JIT_T0));
		jit_emit(ctx, x86_ri(X86_SHR, 8, d, shift));
		return true;
	}
	jit_emit(ctx, x86_rr(X86_IMUL2, 8, JIT_T0, d));
	jit_emit(ctx, x86_ri(X86_SHR, 8, JIT_T0, shift));
	jit_emit(ctx, x86_imul3(4, JIT_T0, JIT_T0, o->imm));
	jit_emit(ctx, x86_rr(X86_SUB, 4, d, JIT_T0));
	return true;
}

/* Constant divisors for which there is nothing to divide. */
static bool div_trivial(struct jit_ctx *ctx, const struct divmod *o)
{
	u8 d;

	if (!o->is_imm || (o->imm && !(o->sx && o->imm == -1)))
		return false;
	d = jit_rmw(ctx, o->dst);
	if (!o->imm && o->mod) {
		if (o->width == 4)
			jit_emit(ctx, x86_rr(X86_MOV, 4, d, d));
	} else if (!o->imm || o->mod) {
		jit_emit(ctx, x86_rr(X86_XOR, 4, d, d));
	} else {
		jit_emit(ctx, x86_r(X86_NEG, o->width, d));
	}
	return true;
}

/* Leaves to out-of-line code when the divisor @v is one that would trap. */
static void div_guards(struct jit_ctx *ctx, const struct divmod *o, u8 v, u8 d, u32 back)
{
	const struct bpf_insn_fact *fact = bpf_jit_fact(ctx->src, o->i);
	bool nonzero = o->is_imm;

	if (!nonzero && fact && (fact->flags & BPF_FACT_DIVISOR_NONZERO) &&
	    jit_rule_on(ctx, JIT_RULE_DIV_FACT)) {
		jit_rule_hit(JIT_RULE_DIV_FACT);
		nonzero = true;
	}
	if (!nonzero) {
		jit_emit(ctx, x86_rr(X86_TEST, o->width, v, v));
		jit_emit(ctx, x86_jcc(X86_CC_E, jit_stub(ctx, o->mod ? STUB_ZEXT : STUB_ZERO,
							 o->width, d, back)));
	}
	if (o->sx && !o->is_imm) {
		jit_emit(ctx, x86_ri(X86_CMP, o->width, v, -1));
		jit_emit(ctx, x86_jcc(X86_CC_E, jit_stub(ctx, o->mod ? STUB_ZERO : STUB_NEG,
							 o->width, d, back)));
	}
}

/* The instruction itself; RAX and RDX are put back where somebody wants them. */
static void div_emit(struct jit_ctx *ctx, const struct divmod *o, u8 v, u8 d)
{
	bool save_rax = d != X86_RAX && jit_live_out(ctx, o->i, BPF_REG_0);
	bool save_rdx = d != X86_RDX && jit_live_out(ctx, o->i, BPF_REG_3);
	bool push = v == X86_R10 || jit_live_out(ctx, o->i, JIT_AX);
	u8 res = o->mod ? X86_RDX : X86_RAX;

	if (save_rax)
		jit_emit(ctx, x86_rr(X86_MOV, 8, JIT_T1, X86_RAX));
	if (save_rdx)
		jit_emit(ctx, push ? x86_r(X86_PUSH, 8, X86_RDX) :
				     x86_rr(X86_MOV, 8, X86_R10, X86_RDX));
	if (d != X86_RAX)
		jit_emit(ctx, x86_rr(X86_MOV, o->width, X86_RAX, d));
	if (o->sx)
		jit_emit(ctx, x86_none(o->width == 8 ? X86_CQO : X86_CDQ));
	else
		jit_emit(ctx, x86_rr(X86_XOR, 4, X86_RDX, X86_RDX));
	jit_emit(ctx, x86_r(o->sx ? X86_IDIV : X86_DIV, o->width, v));
	if (d != res)
		jit_emit(ctx, x86_rr(X86_MOV, o->width, d, res));
	if (save_rdx)
		jit_emit(ctx, push ? x86_r(X86_POP, 8, X86_RDX) :
				     x86_rr(X86_MOV, 8, X86_RDX, X86_R10));
	if (save_rax)
		jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RAX, JIT_T1));
}

static void div_general(struct jit_ctx *ctx, struct divmod *o, u8 src)
{
	u8 d, v;
	u32 back;

	/* RAX and RDX change on the way. */
	jit_flush_refs(ctx, BPF_REG_0);
	jit_materialize(ctx, BPF_REG_0);
	jit_flush_refs(ctx, BPF_REG_3);
	jit_materialize(ctx, BPF_REG_3);
	d = jit_rmw(ctx, o->dst);
	if (o->is_imm) {
		jit_mov_imm(ctx, JIT_T0, o->width == 4 ? (s64)(u32)o->imm : o->imm, false);
		v = JIT_T0;
	} else {
		v = o->width == 4 ? jit_use32(ctx, src) : jit_use(ctx, src);
		if (v == X86_RAX || v == X86_RDX) {
			jit_emit(ctx, x86_rr(X86_MOV, o->width, JIT_T0, v));
			v = JIT_T0;
		}
	}
	back = jit_new_label(ctx);
	div_guards(ctx, o, v, d, back);
	div_emit(ctx, o, v, d);
	jit_bind(ctx, back);
}

/**
 * jit_divmod - division and modulo, signed and unsigned
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_divmod(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	struct divmod o = {
		.i = i,
		.dst = insn->dst_reg,
		.width = row->width,
		.mod = insn_op(insn) == BPF_MOD,
		.sx = row->mod & INSN_MOD_SX,
		.is_imm = !insn_is_src_reg(insn),
		.imm = insn->imm,
	};

	if (div_trivial(ctx, &o) || div_shift(ctx, &o))
		return;
	if (o.width == 8 && !o.sx && jit_width(ctx, i, o.dst) <= JIT_W32 &&
	    (o.is_imm ? o.imm > 0 : jit_width(ctx, i, insn->src_reg) <= JIT_W32) &&
	    jit_rule_on(ctx, JIT_RULE_NARROW)) {
		jit_rule_hit(JIT_RULE_NARROW);
		o.width = 4;
	}
	if (div_multiply(ctx, &o))
		return;
	div_general(ctx, &o, insn->src_reg);
}
