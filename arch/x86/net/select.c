// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: the driver, the list of machine instructions, and pending values.
 *
 * Copies, sums, constants and loads are not computed where they stand but kept
 * as pending values of their BPF register. A user takes what it can as operand;
 * what is left and still live is computed at the latest at the end of the basic
 * block, before anything that it depends on changes. With the rules off every
 * value is computed at once, which is the simple one-to-one mode.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jit.h"

/**
 * jit_fail - remember the first error of a compilation
 * @ctx: the compilation
 * @err: negative errno
 *
 * Context: Any.
 */
void jit_fail(struct jit_ctx *ctx, int err)
{
	if (!ctx->err)
		ctx->err = err;
}

/**
 * jit_grow - room for one more element of an array that doubles
 * @ctx: the compilation
 * @old: the array, or NULL
 * @nr: elements in use
 * @cap: elements that there is room for
 * @size: of one element
 *
 * Context: Process; allocates.
 * Return: The array, perhaps elsewhere; NULL on error, with the old one intact.
 */
void *jit_grow(struct jit_ctx *ctx, void *old, u32 nr, u32 *cap, size_t size)
{
	u32 want = *cap ? *cap * 2 : 64;
	void *p;

	if (nr < *cap)
		return old;
	if (*cap > U32_MAX / 2) {
		jit_fail(ctx, -E2BIG);
		return NULL;
	}
	p = kvcalloc(want, size, GFP_KERNEL);
	if (!p) {
		jit_fail(ctx, -ENOMEM);
		return NULL;
	}
	if (old)
		memcpy(p, old, size * nr);
	kvfree(old);
	*cap = want;
	return p;
}

/**
 * jit_emit - append one machine instruction
 * @ctx: the compilation
 * @insn: what to append
 *
 * Context: Process; allocates.
 */
void jit_emit(struct jit_ctx *ctx, struct x86_insn insn)
{
	struct x86_insn *code;

	if (ctx->err)
		return;
	code = jit_grow(ctx, ctx->code, ctx->nr, &ctx->cap, sizeof(*code));
	if (!code)
		return;
	ctx->code = code;
	code[ctx->nr++] = insn;
	if (insn.flags & X86_EXTABLE)
		ctx->nr_ex++;
	if (x86_writes_flags(&insn))
		ctx->zf_reg = JIT_NOREG;
}

/**
 * jit_new_label - a label that is no BPF instruction
 * @ctx: the compilation
 *
 * Context: Process; allocates.
 * Return: The label, to be bound with jit_bind().
 */
u32 jit_new_label(struct jit_ctx *ctx)
{
	u32 *labels;

	if (ctx->err)
		return 0;
	labels = jit_grow(ctx, ctx->labels, ctx->nr_labels, &ctx->cap_labels, sizeof(*labels));
	if (!labels)
		return 0;
	ctx->labels = labels;
	labels[ctx->nr_labels] = X86_NOLABEL;
	return ctx->nr_labels++;
}

/**
 * jit_bind - a label is the next instruction
 * @ctx: the compilation
 * @label: the label
 *
 * Context: Any.
 */
void jit_bind(struct jit_ctx *ctx, u32 label)
{
	if (ctx->err)
		return;
	ctx->labels[label] = ctx->nr;
	ctx->zf_reg = JIT_NOREG;
}

/**
 * jit_set_zf - the instruction just emitted left ZF and SF of a register
 * @ctx: the compilation
 * @reg: BPF register
 * @width: bytes of it that they tell about
 *
 * Context: Any.
 */
void jit_set_zf(struct jit_ctx *ctx, u8 reg, u8 width)
{
	ctx->zf_reg = reg;
	ctx->zf_width = width;
}

/**
 * jit_mov_imm - constant to a register
 * @ctx: the compilation
 * @reg: hardware register
 * @imm: value
 * @keep_flags: the flags must survive
 *
 * Context: Process; allocates.
 */
void jit_mov_imm(struct jit_ctx *ctx, u8 reg, s64 imm, bool keep_flags)
{
	if (!imm && !keep_flags)
		jit_emit(ctx, x86_rr(X86_XOR, 4, reg, reg));
	else
		jit_emit(ctx, x86_ri(X86_MOV, 8, reg, imm));
}

/* ------------------------------------------------------------------ pending values */

static bool pend_refs(const struct jit_pend *p, u8 reg)
{
	return (p->kind == PEND_ADDR || p->kind == PEND_LOAD) &&
	       (p->base == reg || p->index == reg);
}

static u8 home(const struct jit_ctx *ctx, u8 reg)
{
	return reg == JIT_NOREG ? X86_NOREG : ctx->map[reg];
}

/**
 * jit_pend_mem - memory operand that a pending value stands for
 * @ctx: the compilation
 * @p: of kind PEND_ADDR or PEND_LOAD
 *
 * Context: Any.
 * Return: The operand in hardware registers.
 */
struct x86_mem jit_pend_mem(const struct jit_ctx *ctx, const struct jit_pend *p)
{
	return x86_at_index(home(ctx, p->base), home(ctx, p->index), p->scale, p->disp);
}

/* dst is one of the terms: two-operand forms are shorter than LEA. Clobbers flags. */
static bool addr_in_place(struct jit_ctx *ctx, u8 reg, const struct jit_pend *p)
{
	u8 dst = ctx->map[reg], w = p->width;

	if (p->base == reg && p->index == JIT_NOREG) {
		if (p->disp == 128)
			jit_emit(ctx, x86_ri(X86_SUB, w, dst, -128));
		else
			jit_emit(ctx, x86_ri(X86_ADD, w, dst, p->disp));
	} else if (p->base == reg && p->scale == 1 && !p->disp) {
		jit_emit(ctx, x86_rr(X86_ADD, w, dst, ctx->map[p->index]));
	} else if (p->index == reg && p->scale == 1 && !p->disp && p->base != JIT_NOREG) {
		jit_emit(ctx, x86_rr(X86_ADD, w, dst, ctx->map[p->base]));
	} else if (p->index == reg && p->base == JIT_NOREG && !p->disp) {
		jit_emit(ctx, x86_ri(X86_SHL, w, dst, p->scale == 8 ? 3 : p->scale == 4 ? 2 : 1));
	} else {
		return false;
	}
	jit_set_zf(ctx, reg, w);
	return true;
}

static void compute_addr(struct jit_ctx *ctx, u8 reg, const struct jit_pend *p, bool keep_flags)
{
	u8 dst = ctx->map[reg];

	if (p->index == JIT_NOREG && !p->disp) {
		if (p->base == reg && p->width == 8)
			return;
		if (p->width == 8 && p->narrow && jit_rule_on(ctx, JIT_RULE_NARROW)) {
			jit_rule_hit(JIT_RULE_NARROW);
			jit_emit(ctx, x86_rr(X86_MOV, 4, dst, home(ctx, p->base)));
			return;
		}
		jit_emit(ctx, x86_rr(X86_MOV, p->width, dst, home(ctx, p->base)));
		return;
	}
	if (!keep_flags && addr_in_place(ctx, reg, p))
		return;
	jit_emit(ctx, x86_rm(X86_LEA, p->width, dst, jit_pend_mem(ctx, p)));
}

static void compute(struct jit_ctx *ctx, u8 reg, bool keep_flags)
{
	struct jit_pend p = ctx->pend[reg];

	if (p.kind == PEND_NONE)
		return;
	ctx->pend[reg].kind = PEND_NONE;
	jit_flush_refs(ctx, reg);
	switch (p.kind) {
	case PEND_CONST:
		jit_mov_imm(ctx, ctx->map[reg], p.imm, keep_flags);
		break;
	case PEND_ADDR:
		compute_addr(ctx, reg, &p, keep_flags);
		break;
	case PEND_LOAD:
		jit_emit_load(ctx, ctx->map[reg], p.width, p.sx, jit_pend_mem(ctx, &p));
		break;
	}
}

/**
 * jit_materialize - compute a pending value into its home
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Context: Process; allocates.
 */
void jit_materialize(struct jit_ctx *ctx, u8 reg)
{
	compute(ctx, reg, false);
}

/**
 * jit_flush_refs - a home register is about to change
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Computes what refers to it, or drops it when nobody reads it again; the flags
 * do not tell about the register any more.
 *
 * Context: Process; allocates.
 */
void jit_flush_refs(struct jit_ctx *ctx, u8 reg)
{
	u16 live = jit_live_in(ctx, ctx->cur) | ctx->live[ctx->cur];
	u8 r;

	if (ctx->zf_reg == reg)
		ctx->zf_reg = JIT_NOREG;
	for (r = 0; r < JIT_NR_REGS; r++) {
		if (r == reg || !pend_refs(&ctx->pend[r], reg))
			continue;
		if (live >> r & 1)
			compute(ctx, r, false);
		else
			ctx->pend[r].kind = PEND_NONE;
	}
}

/**
 * jit_flush_loads - memory is about to be accessed by another instruction
 * @ctx: the compilation
 *
 * Keeps loads in program order with all other accesses.
 *
 * Context: Process; allocates.
 */
void jit_flush_loads(struct jit_ctx *ctx)
{
	u8 r;

	for (r = 0; r < JIT_NR_REGS; r++)
		if (ctx->pend[r].kind == PEND_LOAD)
			compute(ctx, r, false);
}

/**
 * jit_flush_except - the end of a basic block, operands of the jump left out
 * @ctx: the compilation
 * @live: BPF registers whose values are wanted; the rest is dropped
 * @keep: BPF registers whose pending values stay as they are
 *
 * Flags that a comparison may reuse survive.
 *
 * Context: Process; allocates.
 */
void jit_flush_except(struct jit_ctx *ctx, u16 live, u16 keep)
{
	u8 r;

	for (r = 0; r < JIT_NR_REGS; r++) {
		if (keep >> r & 1)
			continue;
		if (live >> r & 1)
			compute(ctx, r, ctx->zf_reg != JIT_NOREG);
		else
			ctx->pend[r].kind = PEND_NONE;
	}
}

/**
 * jit_flush_all - the end of a basic block
 * @ctx: the compilation
 * @live: BPF registers whose values are wanted; the rest is dropped
 *
 * Context: Process; allocates.
 */
void jit_flush_all(struct jit_ctx *ctx, u16 live)
{
	jit_flush_except(ctx, live, 0);
}

/**
 * jit_drop_all - forget pending values
 * @ctx: the compilation
 * @live: BPF registers that must not have one
 *
 * Context: Any.
 */
void jit_drop_all(struct jit_ctx *ctx, u16 live)
{
	u8 r;

	for (r = 0; r < JIT_NR_REGS; r++) {
		if ((live >> r & 1) && ctx->pend[r].kind != PEND_NONE)
			jit_fail(ctx, -EFAULT);
		ctx->pend[r].kind = PEND_NONE;
	}
}

/**
 * jit_use - value of a register as an operand
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Context: Process; allocates.
 * Return: Hardware register with the 64-bit value; only to be read, and only
 * until the next materialisation.
 */
u8 jit_use(struct jit_ctx *ctx, u8 reg)
{
	struct jit_pend *p = &ctx->pend[reg];

	if (p->kind == PEND_ADDR && p->width == 8 && p->index == JIT_NOREG && !p->disp &&
	    p->base != JIT_NOREG) {
		jit_rule_hit(JIT_RULE_LEA);
		return ctx->map[p->base];
	}
	jit_materialize(ctx, reg);
	return ctx->map[reg];
}

/**
 * jit_use32 - low half of a register as an operand
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Context: Process; allocates.
 * Return: As jit_use(), but the upper half is undefined.
 */
u8 jit_use32(struct jit_ctx *ctx, u8 reg)
{
	struct jit_pend *p = &ctx->pend[reg];

	if (p->kind == PEND_ADDR && p->index == JIT_NOREG && !p->disp && p->base != JIT_NOREG) {
		jit_rule_hit(JIT_RULE_LEA);
		return ctx->map[p->base];
	}
	jit_materialize(ctx, reg);
	return ctx->map[reg];
}

/**
 * jit_begin_def - a register is going to have another value
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Nothing refers to its home afterwards but, maybe, its own pending value.
 *
 * Context: Process; allocates.
 */
void jit_begin_def(struct jit_ctx *ctx, u8 reg)
{
	jit_flush_refs(ctx, reg);
}

/**
 * jit_rmw - a register is read and written in place
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Context: Process; allocates.
 * Return: Hardware register with its value.
 */
u8 jit_rmw(struct jit_ctx *ctx, u8 reg)
{
	jit_materialize(ctx, reg);
	jit_flush_refs(ctx, reg);
	return ctx->map[reg];
}

/**
 * jit_def - a register is overwritten; its operands have been resolved
 * @ctx: the compilation
 * @reg: BPF register
 *
 * Context: Process; allocates.
 * Return: Hardware register to write to.
 */
u8 jit_def(struct jit_ctx *ctx, u8 reg)
{
	jit_flush_refs(ctx, reg);
	ctx->pend[reg].kind = PEND_NONE;
	return ctx->map[reg];
}

/**
 * jit_load_operand - a pending load as memory operand of its last user
 * @ctx: the compilation
 * @reg: BPF register
 * @width: bytes that the user reads
 * @mem: where the operand is stored
 *
 * Context: Any.
 * Return: True when there is such a load and it has been taken.
 */
bool jit_load_operand(struct jit_ctx *ctx, u8 reg, u8 width, struct x86_mem *mem)
{
	struct jit_pend *p = &ctx->pend[reg];

	if (p->kind != PEND_LOAD || p->width != width || (p->sx && width < 4) ||
	    jit_live_out(ctx, ctx->cur, reg))
		return false;
	*mem = jit_pend_mem(ctx, p);
	p->kind = PEND_NONE;
	jit_rule_hit(JIT_RULE_LOAD_OP);
	return true;
}

/**
 * jit_addr - memory operand of a load or store
 * @ctx: the compilation
 * @base: BPF register with the address
 * @off: constant offset
 * @out: if not NULL, the address in terms of BPF registers
 *
 * Takes a pending sum apart when it fits the addressing mode.
 *
 * Context: Process; allocates.
 * Return: The operand, valid until the next materialisation.
 */
struct x86_mem jit_addr(struct jit_ctx *ctx, u8 base, s16 off, struct jit_pend *out)
{
	struct jit_pend addr = { .kind = PEND_ADDR, .width = 8, .base = base,
				 .index = JIT_NOREG, .scale = 1, .disp = off };
	struct jit_pend *p = &ctx->pend[base];

	if (p->kind == PEND_ADDR && p->width == 8 && x86_is_s32((s64)p->disp + off)) {
		addr = *p;
		addr.disp += off;
		jit_rule_hit(JIT_RULE_LEA);
	} else {
		jit_materialize(ctx, base);
	}
	if (out)
		*out = addr;
	return jit_pend_mem(ctx, &addr);
}

/* ------------------------------------------------------------------ driver */

static void unsupported(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	jit_fail(ctx, -EOPNOTSUPP);
}

typedef void (*jit_select_fn)(struct jit_ctx *ctx, u32 i, const struct insn_row *row);

static const jit_select_fn jit_select_kind[INSN_KIND_NR] = {
	[INSN_KIND_NONE]	= unsupported,
	[INSN_KIND_ALU]		= jit_alu,
	[INSN_KIND_NEG]		= jit_neg,
	[INSN_KIND_MOV]		= jit_mov,
	[INSN_KIND_MOVSX]	= jit_movsx,
	[INSN_KIND_ADDR_SPACE]	= unsupported,
	[INSN_KIND_PERCPU]	= jit_percpu,
	[INSN_KIND_END]		= jit_end,
	[INSN_KIND_JUMP]	= jit_jump,
	[INSN_KIND_GOTO]	= jit_goto,
	[INSN_KIND_MAY_GOTO]	= unsupported,
	[INSN_KIND_CALL]	= jit_call,
	[INSN_KIND_EXIT]	= jit_exit,
	[INSN_KIND_TAIL_CALL]	= jit_tail_call,
	[INSN_KIND_LOAD]	= jit_load,
	[INSN_KIND_STORE]	= jit_store,
	[INSN_KIND_STORE_IMM]	= jit_store,
	[INSN_KIND_ATOMIC]	= jit_atomic,
	[INSN_KIND_LD_IMM64]	= jit_ld_imm64,
	[INSN_KIND_PACKET]	= unsupported,
	[INSN_KIND_NOSPEC]	= jit_nospec,
};

/* Enters instruction @i: what reaches a jump target is in homes on every way. */
static void enter_insn(struct jit_ctx *ctx, u32 i)
{
	if (jit_is_leader(ctx, i)) {
		jit_flush_all(ctx, jit_live_in(ctx, i));
		ctx->zf_reg = JIT_NOREG;
	}
	ctx->start[i] = ctx->nr;
	ctx->labels[i] = ctx->nr;
}

/**
 * jit_select - machine instructions for a whole function
 * @ctx: the compilation, after jit_analyze()
 *
 * Every step consumes at least one instruction, so it ends.
 *
 * Context: Process; allocates.
 * Return: 0, -ENOMEM, -E2BIG, or -EOPNOTSUPP for what this JIT does not do.
 */
int jit_select(struct jit_ctx *ctx)
{
	const struct bpf_insn *insns = ctx->src->insns;
	u32 i, j, done, len = ctx->src->len;

	ctx->zf_reg = JIT_NOREG;
	jit_plan_frame(ctx);
	jit_prologue(ctx);
	for (i = 0; i < len && !ctx->err; i += done) {
		/* A jump target flushes for what comes before it, not for itself. */
		ctx->cur = i;
		if (ctx->flags[i] & JIT_I_DEAD) {
			ctx->start[i] = ctx->nr;
			ctx->labels[i] = ctx->nr;
			done = 1;
			continue;
		}
		enter_insn(ctx, i);
		done = jit_try_rules(ctx, i);
		if (!done) {
			const struct insn_row *row = insn_row(&insns[i]);

			jit_select_kind[row->kind](ctx, i, row);
			done = insn_slots(&insns[i]);
		}
		for (j = i + 1; j < i + done; j++) {
			ctx->start[j] = ctx->nr;
			ctx->labels[j] = ctx->nr;
		}
	}
	if (ctx->err)
		return ctx->err;
	ctx->start[len] = ctx->nr;
	jit_tail(ctx);
	return ctx->err;
}
