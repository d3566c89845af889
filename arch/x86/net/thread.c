// SPDX-License-Identifier: GPL-2.0
/*
 * Jump threading: a jump that leads to a goto, or to a comparison whose outcome
 * is known on that way, leads to where that ends. What is only reached through
 * such jumps is not reached any more and is left out of the image.
 *
 * A typical case is an inlined look-up: the index is out of bounds, so R0
 * becomes 0, and the program tests R0 for 0. The bounds check then jumps where
 * the test would, and the way with a value does not test.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "jit.h"

/* Steps that one jump is followed; so it ends, whatever loops there are. */
#define JIT_THREAD_MAX	8

/* What is known of registers on the way that a jump takes. */
struct way {
	u16 zero;
	u16 nonzero;
};

static struct way way_of(const struct bpf_insn *insn)
{
	struct way way = {};

	if (insn->code == (BPF_JMP | BPF_JA))
		way.nonzero = insn->imm;
	else if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) && !insn->imm)
		way.zero = 1 << insn->dst_reg;
	else if (insn->code == (BPF_JMP | BPF_JNE | BPF_K) && !insn->imm)
		way.nonzero = 1 << insn->dst_reg;
	return way;
}

static bool compare(u8 op, u64 a, u64 b, s64 sa, s64 sb)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JSLT:
		return sa < sb;
	case BPF_JSLE:
		return sa <= sb;
	default:
		return a & b;
	}
}

static bool is_cond_k(const struct bpf_insn *insn)
{
	return insn_is_jump(insn) && !insn_is_goto(insn) && !insn_is_src_reg(insn);
}

static bool is_set_k(const struct bpf_insn *insn)
{
	return insn_is_alu(insn) && insn_op(insn) == BPF_MOV && !insn_is_src_reg(insn) &&
	       insn->dst_reg != JIT_AX;
}

/* Where the comparison at @t leads, whose register has the value that @set gives it. */
static u32 known_value(const struct jit_ctx *ctx, const struct bpf_insn *set, u32 t)
{
	const struct bpf_insn *jmp = &ctx->src->insns[t];
	u64 a = insn_class(set) == BPF_ALU64 ? (u64)(s64)set->imm : (u32)set->imm;
	bool taken;

	if (insn_class(jmp) == BPF_JMP32)
		taken = compare(insn_op(jmp), (u32)a, (u32)jmp->imm, (s32)a, jmp->imm);
	else
		taken = compare(insn_op(jmp), a, (u64)(s64)jmp->imm, a, jmp->imm);
	return taken ? ctx->target[t] : t + 1;
}

/* One step on from @t; @t itself where it is not known. */
static u32 step(const struct jit_ctx *ctx, const struct way *way, u32 t)
{
	const struct bpf_insn *insns = ctx->src->insns, *insn = &insns[t];
	u16 bit = 1 << insn->dst_reg;
	u32 to;

	if (insn_is_goto(insn))
		return ctx->target[t];
	if (is_cond_k(insn) && insn_class(insn) == BPF_JMP && !insn->imm &&
	    (insn_op(insn) == BPF_JEQ || insn_op(insn) == BPF_JNE) &&
	    ((way->zero | way->nonzero) & bit)) {
		bool is_zero = way->zero & bit;

		return is_zero == (insn_op(insn) == BPF_JEQ) ? ctx->target[t] : t + 1;
	}
	if (!is_set_k(insn) || t + 1 >= ctx->src->len || !is_cond_k(&insns[t + 1]) ||
	    insns[t + 1].dst_reg != insn->dst_reg)
		return t;
	to = known_value(ctx, insn, t + 1);
	/* who jumps there directly has another value in the register */
	return to < ctx->src->len && !(jit_live_in(ctx, to) & bit) ? to : t;
}

/**
 * jit_thread - let jumps lead to the end of their way
 * @ctx: the compilation; targets and liveness are known
 *
 * Context: Any.
 * Return: Whether any jump leads elsewhere now; liveness has to be found anew.
 */
bool jit_thread(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u32 i, k, t, to, len = ctx->src->len;
	bool changed = false;

	if (!jit_rule_on(ctx, JIT_RULE_THREAD))
		return false;
	for (i = 0; i < len; i += insn_slots(&insns[i])) {
		struct way way = way_of(&insns[i]);

		if (!insn_is_jump(&insns[i]))
			continue;
		t = ctx->target[i];
		for (k = 0; k < JIT_THREAD_MAX; k++) {
			to = step(ctx, &way, t);
			if (to == t || to >= len)
				break;
			t = to;
		}
		if (t == ctx->target[i])
			continue;
		jit_rule_hit(JIT_RULE_THREAD);
		ctx->target[i] = t;
		changed = true;
	}
	return changed;
}
