// SPDX-License-Identifier: GPL-2.0
/*
 * Facts about the BPF instructions that selection relies on: where jumps land,
 * which registers are live, how wide values are.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jit.h"

/* Rounds of a dataflow before it gives up and says that nothing is known. */
#define JIT_MAX_ROUNDS	24

static int mark_jump(struct jit_ctx *ctx, u32 i)
{
	s64 target = insn_jump_target(&ctx->src->insns[i], i);

	if (target < 0 || target >= ctx->src->len)
		return -EINVAL;
	ctx->target[i] = target;
	return 0;
}

/* Marks second slots, finds jump targets, and collects what the function uses. */
static int mark_insns(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u32 i, len = ctx->src->len;

	for (i = 0; i < len; i += insn_slots(&insns[i])) {
		const struct bpf_insn *insn = &insns[i];

		if (bpf_insn_decode(insn) == INSN_INVALID || i + insn_slots(insn) > len)
			return -EINVAL;
		if (insn->dst_reg >= JIT_NR_REGS ||
		    (insn->src_reg >= JIT_NR_REGS && !insn_is_ld_imm64(insn)))
			return -EINVAL;
		if (insn_is_ld_imm64(insn))
			ctx->flags[i + 1] |= JIT_I_SECOND;
		ctx->used |= insn_uses(insn) | insn_defs(insn);
		ctx->written |= insn_defs(insn);
		if (insn_is_call(insn) && !jit_inline_of(ctx, insn))
			ctx->has_calls = true;
		if (insn_row(insn)->kind == INSN_KIND_TAIL_CALL)
			ctx->tail_calls = true;
		if ((insn_row(insn)->mod & INSN_MOD_ARENA) == INSN_MOD_ARENA)
			ctx->arena = true;
		if (insn_is_exit(insn))
			ctx->nr_exits++;
		if (insn_is_jump(insn) && mark_jump(ctx, i))
			return -EINVAL;
	}
	for (i = 0; i < len; i += insn_slots(&insns[i]))
		if (insn_is_jump(&insns[i]) && (ctx->flags[ctx->target[i]] & JIT_I_SECOND))
			return -EINVAL;
	return 0;
}

/* Follows what can be reached; one round. Returns whether a jump backwards reached more. */
static bool reach_round(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u32 i, next, target, len = ctx->src->len;
	bool again = false;

	for (i = 0; i < len; i = next) {
		next = i + insn_slots(&insns[i]);
		if (ctx->flags[i] & JIT_I_DEAD)
			continue;
		if (!insn_ends_block(&insns[i]) && next < len)
			ctx->flags[next] &= ~JIT_I_DEAD;
		if (!insn_is_jump(&insns[i]))
			continue;
		target = ctx->target[i];
		again |= target < i && (ctx->flags[target] & JIT_I_DEAD);
		ctx->flags[target] &= ~JIT_I_DEAD;
		ctx->flags[target] |= JIT_I_LEADER;
	}
	return again;
}

/* Marks what jumps reach, and what nothing reaches. */
static void mark_reached(struct jit_ctx *ctx)
{
	u32 i, round;

	for (i = 1; i < ctx->src->len; i++)
		ctx->flags[i] |= JIT_I_DEAD;
	for (round = 0; reach_round(ctx); round++) {
		if (round < JIT_MAX_ROUNDS)
			continue;
		for (i = 0; i < ctx->src->len; i++)
			ctx->flags[i] &= ~JIT_I_DEAD;
		reach_round(ctx);
		break;
	}
}

/**
 * jit_next - the instruction that follows in the image
 * @ctx: the compilation, after jit_analyze()
 * @i: index of an instruction
 *
 * Context: Any.
 * Return: Index of the next one that is reached, or the function's length.
 */
u32 jit_next(const struct jit_ctx *ctx, u32 i)
{
	for (i++; i < ctx->src->len; i++)
		if (!(ctx->flags[i] & (JIT_I_DEAD | JIT_I_SECOND)))
			break;
	return i;
}

static u16 transfer_live(const struct jit_ctx *ctx, const struct bpf_insn *insn, u16 out)
{
	u16 uses = insn_is_call(insn) ? jit_call_uses(ctx, insn) : insn_uses(insn);

	return (out & ~insn_defs(insn)) | uses;
}

/**
 * jit_live_in - BPF registers live before an instruction
 * @ctx: the compilation, after jit_analyze()
 * @i: index of the instruction
 *
 * Context: Any.
 * Return: Bit mask; registers out of it may hold anything.
 */
u16 jit_live_in(const struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u16 in = transfer_live(ctx, &insns[i], ctx->live[i]);
	u32 prev;

	if (!i)
		return in;
	prev = ctx->flags[i - 1] & JIT_I_SECOND ? i - 2 : i - 1;
	/* The predecessor leaves live what this needs, and perhaps more. */
	if (!insn_ends_block(&insns[prev]))
		in &= ctx->live[prev];
	return in;
}

/* One backward round; returns whether anything changed. */
static bool live_round(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	bool changed = false;
	u16 next_in = 0;
	u32 i = ctx->src->len;

	while (i--) {
		const struct bpf_insn *insn = &insns[i];
		u16 out = 0;

		if (ctx->flags[i] & JIT_I_SECOND)
			continue;
		if (!insn_ends_block(insn))
			out = next_in;
		if (insn_is_jump(insn)) {
			u32 target = ctx->target[i];

			out |= transfer_live(ctx, &insns[target], ctx->live[target]);
		}
		if (out != ctx->live[i]) {
			ctx->live[i] = out;
			changed = true;
		}
		next_in = transfer_live(ctx, insn, out);
	}
	return changed;
}

/* The verifier's liveness knows how many arguments a callee takes. */
static void live_facts(struct jit_ctx *ctx)
{
	const struct bpf_jit_source *src = ctx->src;
	u32 i, next;

	if (!src->facts)
		return;
	for (i = 0; i < src->len; i = next) {
		next = i + insn_slots(&src->insns[i]);
		/* Of an expansion only the last instruction stands for the original. */
		if (next < src->len && bpf_jit_orig(src, next) == bpf_jit_orig(src, i))
			continue;
		ctx->live[i] &= bpf_jit_fact(src, i)->live | 1 << JIT_AX;
	}
}

static void analyze_live(struct jit_ctx *ctx)
{
	u32 i, round;

	for (round = 0; live_round(ctx); round++) {
		if (round < JIT_MAX_ROUNDS)
			continue;
		for (i = 0; i < ctx->src->len; i++)
			ctx->live[i] = (1 << JIT_NR_REGS) - 1;
		break;
	}
}

static u32 set_width(u32 state, u8 reg, enum jit_width w)
{
	return (state & ~(3u << (2 * reg))) | (u32)w << (2 * reg);
}

static enum jit_width get_width(u32 state, u8 reg)
{
	return state >> (2 * reg) & 3;
}

static enum jit_width width_of_imm(u64 v)
{
	return v <= U8_MAX ? JIT_W8 : v <= U16_MAX ? JIT_W16 : v <= U32_MAX ? JIT_W32 : JIT_W64;
}

static enum jit_width width_of_bytes(u32 bytes)
{
	return bytes == 1 ? JIT_W8 : bytes == 2 ? JIT_W16 : bytes == 4 ? JIT_W32 : JIT_W64;
}

/* Width of the result of dst op= operand, the operand being of width @w. */
static enum jit_width width_of_alu(const struct bpf_insn *insn, enum jit_width dst,
				   enum jit_width w, enum jit_width limit)
{
	enum jit_width r;

	switch (insn_op(insn)) {
	case BPF_AND:
		r = min(dst, w);
		break;
	case BPF_OR:
	case BPF_XOR:
		r = max(dst, w);
		break;
	case BPF_RSH:
		r = dst;
		if (!insn_is_src_reg(insn) && insn_class(insn) == BPF_ALU64) {
			u32 left = 64 - (insn->imm & 63);

			r = min(r, left <= 8 ? JIT_W8 : left <= 16 ? JIT_W16 :
				   left <= 32 ? JIT_W32 : JIT_W64);
		}
		break;
	case BPF_DIV:
	case BPF_MOD:
		/* unsigned only: a quotient or remainder is at most the dividend */
		r = insn->off ? JIT_W64 : dst;
		break;
	default:
		r = JIT_W64;
	}
	return min(r, limit);
}

static enum jit_width width_of_end(const struct bpf_insn *insn)
{
	return width_of_bytes(insn->imm / 8);
}

/* Widths of all registers after @insn. */
static u32 transfer_width(const struct bpf_insn *insn, u32 s)
{
	const struct insn_row *row = insn_row(insn);
	enum jit_width limit = row->width == 8 ? JIT_W64 : JIT_W32;
	u8 dst = insn->dst_reg, r;
	u16 defs = insn_defs(insn);
	enum jit_width w;

	switch (row->kind) {
	case INSN_KIND_ALU:
		if (insn_is_src_reg(insn))
			w = get_width(s, insn->src_reg);
		else
			w = width_of_imm(limit == JIT_W64 ? (s64)insn->imm : (u32)insn->imm);
		return set_width(s, dst, width_of_alu(insn, get_width(s, dst), w, limit));
	case INSN_KIND_MOV:
		if (insn_is_src_reg(insn))
			w = get_width(s, insn->src_reg);
		else
			w = width_of_imm(limit == JIT_W64 ? (s64)insn->imm : (u32)insn->imm);
		return set_width(s, dst, min(w, limit));
	case INSN_KIND_NEG:
	case INSN_KIND_MOVSX:
		return set_width(s, dst, limit);
	case INSN_KIND_END:
		return set_width(s, dst, width_of_end(insn));
	case INSN_KIND_LOAD:
		return set_width(s, dst, row->mod & INSN_MOD_SX ? JIT_W64 :
				 width_of_bytes(row->width));
	case INSN_KIND_LD_IMM64:
		w = insn_is_sub_addr(insn) ? JIT_W64 : width_of_imm(insn_imm64(insn));
		return set_width(s, dst, w);
	default:
		for (r = 0; r < JIT_NR_REGS; r++)
			if (defs >> r & 1)
				s = set_width(s, r, JIT_W64);
		return s;
	}
}

/* Lane-wise maximum of two states. */
static u32 join_width(u32 a, u32 b)
{
	u8 r;

	for (r = 0; r < JIT_NR_REGS; r++)
		if (get_width(b, r) > get_width(a, r))
			a = set_width(a, r, get_width(b, r));
	return a;
}

#define JIT_ALL_W64	0xffffffu

/* One forward round over states that only rise; returns whether any did. */
static bool width_round(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u32 i, next, out, target, len = ctx->src->len;
	bool again = false;

	for (i = 0; i < len; i = next) {
		const struct bpf_insn *insn = &insns[i];

		next = i + insn_slots(insn);
		out = transfer_width(insn, ctx->width[i]);
		if (insn_is_jump(insn)) {
			target = ctx->target[i];
			if (join_width(ctx->width[target], out) != ctx->width[target]) {
				ctx->width[target] = join_width(ctx->width[target], out);
				again |= target <= i;
			}
		}
		if (!insn_ends_block(insn) && next < len)
			ctx->width[next] = join_width(ctx->width[next], out);
	}
	return again;
}

static void analyze_width(struct jit_ctx *ctx)
{
	u32 i, round;

	ctx->width[0] = JIT_ALL_W64;
	for (round = 0; width_round(ctx); round++) {
		if (round < JIT_MAX_ROUNDS)
			continue;
		for (i = 0; i < ctx->src->len; i++)
			ctx->width[i] = JIT_ALL_W64;
		break;
	}
}

/* Upper halves that the verifier knows to be zero. */
static void width_facts(struct jit_ctx *ctx)
{
	const struct bpf_jit_source *src = ctx->src;
	const struct bpf_insn *insn;
	u32 i;

	if (!src->facts)
		return;
	for (i = 0; i < src->len; i += insn_slots(insn)) {
		const struct bpf_insn_fact *fact = bpf_jit_fact(src, i);

		insn = &src->insns[i];
		/* An expansion may have changed the operands since. */
		if (src->orig)
			continue;
		if ((fact->flags & BPF_FACT_DST_ZEXT) && jit_width(ctx, i, insn->dst_reg) > JIT_W32)
			ctx->width[i] = set_width(ctx->width[i], insn->dst_reg, JIT_W32);
		if ((fact->flags & BPF_FACT_SRC_ZEXT) && insn->src_reg < JIT_NR_REGS &&
		    jit_width(ctx, i, insn->src_reg) > JIT_W32)
			ctx->width[i] = set_width(ctx->width[i], insn->src_reg, JIT_W32);
	}
}

/**
 * jit_analyze - facts about a function before selection
 * @ctx: the compilation; its per-instruction arrays are allocated and zero
 *
 * Liveness only grows and widths only rise, both in lattices of finite height;
 * a round limit keeps the time linear in the number of instructions.
 *
 * Context: Any.
 * Return: 0, or -EINVAL for instructions that the verifier never lets pass.
 */
int jit_analyze(struct jit_ctx *ctx)
{
	int err = mark_insns(ctx);

	if (err)
		return err;
	analyze_live(ctx);
	if (jit_thread(ctx)) {
		memset(ctx->live, 0, array_size(ctx->src->len, sizeof(*ctx->live)));
		analyze_live(ctx);
	}
	live_facts(ctx);
	mark_reached(ctx);
	analyze_width(ctx);
	width_facts(ctx);
	return 0;
}
