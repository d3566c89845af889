// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: short helpers written out instead of called (exec/inline.c).
 *
 * All but bpf_loop() are no calls any more to the rest of the JIT: a function
 * that has no others is a leaf.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "jit.h"

static const struct bpf_inline *find(const struct jit_ctx *ctx, const struct bpf_insn *insn)
{
	if (!insn_is_call(insn) || insn_is_sub_call(insn) || insn_is_kfunc_call(insn) ||
	    !jit_rule_on(ctx, JIT_RULE_INLINE))
		return NULL;
	return bpf_inline_find((const void *)bpf_call_func(insn->imm));
}

/**
 * jit_inline_of - what a call comes down to, if it is no call any more
 * @ctx: the compilation
 * @insn: a call
 *
 * Context: Any.
 * Return: The helper's entry, or NULL for what remains a call.
 */
const struct bpf_inline *jit_inline_of(const struct jit_ctx *ctx, const struct bpf_insn *insn)
{
	const struct bpf_inline *in = find(ctx, insn);

	return in && in->kind != BPF_INLINE_LOOP && in->kind != BPF_INLINE_ALIAS ? in : NULL;
}

/**
 * jit_call_target - the function that a call of a helper or kernel function goes to
 * @ctx: the compilation
 * @insn: the call
 *
 * Context: Any.
 * Return: Its address; what a helper is an alias of, not the helper.
 */
u64 jit_call_target(const struct jit_ctx *ctx, const struct bpf_insn *insn)
{
	const struct bpf_inline *in = find(ctx, insn);

	if (!in || in->kind != BPF_INLINE_ALIAS)
		return (u64)bpf_call_func(insn->imm);
	jit_rule_hit(JIT_RULE_INLINE);
	return in->addr;
}

/**
 * jit_call_uses - registers that a call reads
 * @ctx: the compilation
 * @insn: a call
 *
 * Real calls read as many of R1 to R5 as the callee takes, which is not known
 * here.
 *
 * Context: Any.
 * Return: Bit mask.
 */
u16 jit_call_uses(const struct jit_ctx *ctx, const struct bpf_insn *insn)
{
	const struct bpf_inline *in = jit_inline_of(ctx, insn);

	if (!in)
		return insn_uses(insn) | 0x3e;
	switch (in->kind) {
	case BPF_INLINE_XCHG:
	case BPF_INLINE_FUNC_RET:
		return 1 << BPF_REG_1 | 1 << BPF_REG_2;
	case BPF_INLINE_FUNC_ARG:
		return 1 << BPF_REG_1 | 1 << BPF_REG_2 | 1 << BPF_REG_3;
	case BPF_INLINE_ARG_CNT:
	case BPF_INLINE_FUNC_IP:
		return 1 << BPF_REG_1;
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ loops */

/* The subprogram whose address @reg got in this block before @i; -1 where that is not seen. */
static s32 func_in(const struct jit_ctx *ctx, u32 i, u8 reg)
{
	const struct bpf_insn *insns = ctx->src->insns;

	while (i && !(ctx->flags[i] & JIT_I_LEADER)) {
		i -= ctx->flags[i - 1] & JIT_I_SECOND ? 2 : 1;
		if (insn_ends_block(&insns[i]) || insn_is_jump(&insns[i]))
			return -1;
		if (!(insn_defs(&insns[i]) >> reg & 1))
			continue;
		return insn_is_ld_imm64(&insns[i]) && insn_is_sub_addr(&insns[i]) ?
		       insns[i].off : -1;
	}
	return -1;
}

/* Stack of the loop, from the top: index, context, iterations left. */
#define LOOP_INDEX	0
#define LOOP_CTX	8
#define LOOP_LEFT	16
#define LOOP_SLOTS	3

static void loop_body(struct jit_ctx *ctx, s32 func, u32 again, u32 done)
{
	struct x86_insn call = x86_none(X86_CALL);

	call.flags = X86_ADDR_FUNC;
	call.label = func;
	jit_bind(ctx, again);
	jit_emit(ctx, x86_rm(X86_MOV, 4, ctx->map[BPF_REG_1], x86_at(X86_RSP, LOOP_INDEX)));
	jit_emit(ctx, x86_rm(X86_MOV, 8, ctx->map[BPF_REG_2], x86_at(X86_RSP, LOOP_CTX)));
	jit_emit(ctx, call);
	/* The iteration that ends the loop counts. */
	jit_emit(ctx, x86_m(X86_INC, 4, x86_at(X86_RSP, LOOP_INDEX)));
	jit_emit(ctx, x86_rr(X86_TEST, 8, X86_RAX, X86_RAX));
	jit_emit(ctx, x86_jcc(X86_CC_NE, done));
	jit_emit(ctx, x86_m(X86_DEC, 4, x86_at(X86_RSP, LOOP_LEFT)));
	jit_emit(ctx, x86_jcc(X86_CC_NE, again));
}

/*
 * bpf_loop() whose callback and flags are known: the callback gets index and
 * context, and 1 from it ends the loop. Anything else is left to the helper.
 */
static bool loop(struct jit_ctx *ctx, u32 i)
{
	const struct jit_pend *nr = &ctx->pend[BPF_REG_1], *flags = &ctx->pend[BPF_REG_4];
	bool counted = nr->kind == PEND_CONST && (u32)nr->imm && (u32)nr->imm <= BPF_LOOP_MAX;
	u32 pad = ctx->env->stack_align > 8 ? 8 * LOOP_SLOTS & 8 : 0;
	u32 again, done, large, end;
	s32 func = func_in(ctx, i, BPF_REG_2);

	if (func < 0 || flags->kind != PEND_CONST || flags->imm)
		return false;
	again = jit_new_label(ctx);
	done = jit_new_label(ctx);
	large = jit_new_label(ctx);
	end = jit_new_label(ctx);
	jit_flush_all(ctx, jit_live_in(ctx, i));
	if (!counted) {
		jit_emit(ctx, x86_ri(X86_CMP, 4, ctx->map[BPF_REG_1], BPF_LOOP_MAX));
		jit_emit(ctx, x86_jcc(X86_CC_A, large));
	}
	if (pad)
		jit_emit(ctx, x86_r(X86_PUSH, 8, X86_RAX));
	jit_emit(ctx, x86_r(X86_PUSH, 8, ctx->map[BPF_REG_1]));
	jit_emit(ctx, x86_r(X86_PUSH, 8, ctx->map[BPF_REG_3]));
	jit_emit(ctx, x86_ri(X86_PUSHI, 8, X86_RAX, 0));
	if (!counted) {
		jit_emit(ctx, x86_rr(X86_TEST, 4, ctx->map[BPF_REG_1], ctx->map[BPF_REG_1]));
		jit_emit(ctx, x86_jcc(X86_CC_E, done));
	}
	loop_body(ctx, func, again, done);
	jit_bind(ctx, done);
	jit_emit(ctx, x86_r(X86_POP, 8, X86_RAX));
	jit_emit(ctx, x86_ri(X86_ADD, 8, X86_RSP, 8 * (LOOP_SLOTS - 1) + pad));
	if (!counted) {
		jit_emit(ctx, x86_jmp(end));
		jit_bind(ctx, large);
		jit_emit(ctx, x86_ri(X86_MOV, 8, X86_RAX, -E2BIG));
		jit_bind(ctx, end);
	} else {
		/* every label is bound */
		jit_bind(ctx, large);
		jit_bind(ctx, end);
	}
	return true;
}

/* ------------------------------------------------------------------ one instruction */

static void load_var(struct jit_ctx *ctx, u8 width, u64 addr, u8 flags)
{
	struct x86_insn load;
	u8 d;

	jit_flush_loads(ctx);
	d = jit_def(ctx, BPF_REG_0);
	load = x86_rm(X86_MOV, width, d, x86_at(X86_NOREG, (s32)addr));
	load.flags |= flags;
	jit_emit(ctx, load);
}

/* A field of what a variable points to. */
static void load_field(struct jit_ctx *ctx, const struct bpf_inline *in)
{
	u8 d;

	load_var(ctx, 8, in->addr, X86_GS);
	d = ctx->map[BPF_REG_0];
	jit_emit(ctx, x86_rm(X86_MOV, 8, d, x86_at(d, in->off)));
}

/* One of the words in front of the context of a program at a function. */
static void load_word(struct jit_ctx *ctx, s16 off)
{
	struct x86_mem m;

	jit_flush_loads(ctx);
	jit_begin_def(ctx, BPF_REG_0);
	m = jit_addr(ctx, BPF_REG_1, off, NULL);
	jit_emit(ctx, x86_rm(X86_MOV, 8, jit_def(ctx, BPF_REG_0), m));
}

/* Largest argument number that becomes a displacement; functions have far fewer. */
#define ARG_KNOWN_MAX	15

/* Where argument R2 stands, with the comparison of R2 and the number of arguments emitted. */
static struct x86_mem cmp_arg(struct jit_ctx *ctx, u8 base)
{
	const struct jit_pend *n = &ctx->pend[BPF_REG_2];
	struct x86_mem nr = x86_at(base, -8);
	u8 index;

	if (n->kind == PEND_CONST && (u32)n->imm <= ARG_KNOWN_MAX) {
		jit_rule_hit(JIT_RULE_CONST);
		jit_emit(ctx, x86_mi(X86_CMP, 8, nr, (u32)n->imm));
		return x86_at(base, 8 * (u32)n->imm);
	}
	index = jit_rmw(ctx, BPF_REG_2);
	jit_emit(ctx, x86_rr(X86_MOV, 4, index, index));
	jit_emit(ctx, x86_mr(X86_CMP, 8, nr, index));
	return x86_at_index(base, index, 8, 0);
}

static void func_arg(struct jit_ctx *ctx)
{
	u32 out = jit_new_label(ctx);
	struct x86_mem m;
	u8 d;

	jit_flush_loads(ctx);
	jit_flush_refs(ctx, BPF_REG_0);
	jit_materialize(ctx, BPF_REG_1);
	jit_materialize(ctx, BPF_REG_3);
	d = jit_def(ctx, BPF_REG_0);
	jit_emit(ctx, x86_rr(X86_XOR, 4, JIT_T0, JIT_T0));
	jit_emit(ctx, x86_ri(X86_MOV, 8, d, -EINVAL));
	m = cmp_arg(ctx, ctx->map[BPF_REG_1]);
	jit_emit(ctx, x86_jcc(X86_CC_BE, out));
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, m));
	jit_emit(ctx, x86_rr(X86_XOR, 4, d, d));
	jit_bind(ctx, out);
	jit_emit(ctx, x86_mr(X86_MOV, 8, x86_at(ctx->map[BPF_REG_3], 0), JIT_T0));
}

static void func_ret(struct jit_ctx *ctx)
{
	u8 base, to;

	jit_flush_loads(ctx);
	jit_flush_refs(ctx, BPF_REG_0);
	jit_materialize(ctx, BPF_REG_1);
	jit_materialize(ctx, BPF_REG_2);
	base = ctx->map[BPF_REG_1];
	to = ctx->map[BPF_REG_2];
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, x86_at(base, -8)));
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, x86_at_index(base, JIT_T0, 8, 0)));
	jit_emit(ctx, x86_mr(X86_MOV, 8, x86_at(to, 0), JIT_T0));
	jit_mov_imm(ctx, jit_def(ctx, BPF_REG_0), 0, false);
}

static void exchange(struct jit_ctx *ctx)
{
	struct x86_mem m;
	u8 d, s;

	jit_flush_loads(ctx);
	jit_flush_refs(ctx, BPF_REG_0);
	jit_materialize(ctx, BPF_REG_1);
	s = jit_use(ctx, BPF_REG_2);
	d = jit_def(ctx, BPF_REG_0);
	m = x86_at(ctx->map[BPF_REG_1], 0);
	jit_emit(ctx, x86_rr(X86_MOV, 8, d, s));
	/* locks by itself */
	jit_emit(ctx, x86_mr(X86_XCHG, 8, m, d));
}

/**
 * jit_call_inline - write a helper out
 * @ctx: the compilation
 * @i: index of a call
 *
 * Context: Process; allocates.
 * Return: False, with nothing emitted, for what has to be called.
 */
bool jit_call_inline(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_inline *in = find(ctx, &ctx->src->insns[i]);

	if (!in)
		return false;
	switch (in->kind) {
	case BPF_INLINE_PERCPU_U32:
		load_var(ctx, 4, in->addr, X86_GS);
		break;
	case BPF_INLINE_PERCPU_U64:
		load_var(ctx, 8, in->addr, X86_GS);
		break;
	case BPF_INLINE_PERCPU_FIELD:
		load_field(ctx, in);
		break;
	case BPF_INLINE_U64:
		load_var(ctx, 8, in->addr, 0);
		break;
	case BPF_INLINE_XCHG:
		exchange(ctx);
		break;
	case BPF_INLINE_ARG_CNT:
		load_word(ctx, -8);
		break;
	case BPF_INLINE_FUNC_IP:
		load_word(ctx, -16);
		break;
	case BPF_INLINE_FUNC_ARG:
		func_arg(ctx);
		break;
	case BPF_INLINE_FUNC_RET:
		func_ret(ctx);
		break;
	case BPF_INLINE_LOOP:
		if (!loop(ctx, i))
			return false;
		break;
	case BPF_INLINE_ALIAS:
		return false;
	}
	jit_rule_hit(JIT_RULE_INLINE);
	return true;
}
