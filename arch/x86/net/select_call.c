// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: entry, exit, calls, tail calls.
 *
 * Frame, from high to low addresses: return address, saved RBP (RBP points
 * here, R10 is RBP), the BPF stack, the address of the tail call counter where
 * there is one, saved registers.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "maps/arena_view.h"
#include "jit.h"

/* Longest epilogue that is repeated at an exit, in machine instructions. */
#define JIT_EPILOGUE_INLINE	4

static const u8 jit_home[JIT_NR_REGS] = {
	[BPF_REG_0] = X86_RAX,
	[BPF_REG_1] = X86_RDI,
	[BPF_REG_2] = X86_RSI,
	[BPF_REG_3] = X86_RDX,
	[BPF_REG_4] = X86_RCX,
	[BPF_REG_5] = X86_R8,
	[BPF_REG_6] = X86_RBX,
	[BPF_REG_7] = X86_R14,
	[BPF_REG_8] = X86_R15,
	[BPF_REG_9] = X86_R13,
	[BPF_REG_10] = X86_RBP,
	[JIT_AX] = X86_R10,
};

static bool is_main(const struct jit_ctx *ctx)
{
	return !ctx->src->prog->is_func || !ctx->src->prog->aux->func_idx;
}

/* Argument registers that nobody uses hold R6 to R9 of a function without calls. */
static void plan_leaf_regs(struct jit_ctx *ctx)
{
	static const u8 spare[] = { BPF_REG_5, BPF_REG_2, BPF_REG_1 };
	u32 k = 0;
	u8 r;

	for (r = BPF_REG_6; r <= BPF_REG_9; r++) {
		if (!(ctx->used >> r & 1))
			continue;
		while (k < ARRAY_SIZE(spare) && (ctx->used >> spare[k] & 1))
			k++;
		if (k == ARRAY_SIZE(spare))
			return;
		ctx->map[r] = jit_home[spare[k++]];
		jit_rule_hit(JIT_RULE_LEAF_REGS);
	}
}

static bool must_save(const struct jit_ctx *ctx, u8 reg)
{
	if (ctx->map[reg] != jit_home[reg])
		return false;
	return !jit_rule_on(ctx, JIT_RULE_NO_SAVE) || (ctx->written >> reg & 1);
}

/**
 * jit_plan_frame - registers, frame and stack of a function
 * @ctx: the compilation, after jit_analyze()
 *
 * Context: Any.
 */
void jit_plan_frame(struct jit_ctx *ctx)
{
	struct bpf_prog_aux *aux = ctx->src->prog->aux;
	bool leaf = !ctx->has_calls && !ctx->tail_calls;
	u32 below;
	u8 r;

	memcpy(ctx->map, jit_home, sizeof(jit_home));
	ctx->counter = ctx->tail_calls || (ctx->has_calls && aux->tail_call_reachable);
	ctx->stack = round_up(aux->stack_depth, 8);
	if (leaf && jit_rule_on(ctx, JIT_RULE_LEAF_REGS))
		plan_leaf_regs(ctx);
	for (r = BPF_REG_6; r <= BPF_REG_9; r++)
		if (must_save(ctx, r))
			ctx->saved[ctx->nr_saved++] = ctx->map[r];
	if (ctx->arena)
		ctx->saved[ctx->nr_saved++] = JIT_ARENA;
	if (ctx->nr_saved < 4 && jit_rule_on(ctx, JIT_RULE_NO_SAVE))
		jit_rule_hit(JIT_RULE_NO_SAVE);
	ctx->frame = true;
	if (leaf && !(ctx->used >> JIT_FP & 1) && jit_rule_on(ctx, JIT_RULE_NO_FRAME)) {
		jit_rule_hit(JIT_RULE_NO_FRAME);
		ctx->frame = false;
		ctx->stack = 0;
	}
	if (!(ctx->used >> JIT_FP & 1) && jit_rule_on(ctx, JIT_RULE_NO_FRAME))
		ctx->stack = 0;
	below = ctx->stack + 8 * (ctx->nr_saved + ctx->counter);
	if (ctx->has_calls && ctx->env->stack_align > 8)
		ctx->stack += round_up(below, ctx->env->stack_align) - below;
	ctx->counter_disp = -(s32)ctx->stack - 8;
	ctx->exit_label = X86_NOLABEL;
	ctx->body_label = X86_NOLABEL;
}

/* A program has one arena at most. */
static void load_window(struct jit_ctx *ctx)
{
	const struct bpf_prog_aux *main = bpf_prog_main(ctx->src->prog)->aux;
	u32 i;

	for (i = 0; i < main->used_map_cnt; i++) {
		if (main->used_maps[i]->map_type != BPF_MAP_TYPE_ARENA)
			continue;
		jit_emit(ctx, x86_ri(X86_MOV, 8, JIT_ARENA, bpf_arena_window(main->used_maps[i])));
		return;
	}
	jit_fail(ctx, -EINVAL);
}

/**
 * jit_prologue - what stands before the first BPF instruction
 * @ctx: the compilation, after jit_plan_frame()
 *
 * Context: Process; allocates.
 */
void jit_prologue(struct jit_ctx *ctx)
{
	u8 k;

	if (ctx->env->endbr)
		jit_emit(ctx, x86_none(X86_ENDBR64));
	jit_emit(ctx, x86_nop(JIT_PATCH_SIZE));
	if (is_main(ctx)) {
		if (ctx->counter) {
			struct x86_insn jmp;

			/* The counter's frame is built out of line, see jit_tail(). */
			ctx->entry_label = jit_new_label(ctx);
			jmp = x86_jmp(ctx->entry_label);
			jmp.flags |= X86_WIDE;
			jit_emit(ctx, jmp);
		} else {
			jit_emit(ctx, x86_nop(JIT_PATCH_SIZE));
		}
		ctx->body_label = jit_new_label(ctx);
		jit_bind(ctx, ctx->body_label);
		if (ctx->env->endbr)
			jit_emit(ctx, x86_none(X86_ENDBR64));
	}
	if (ctx->frame) {
		jit_emit(ctx, x86_r(X86_PUSH, 8, X86_RBP));
		jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RBP, X86_RSP));
	}
	if (ctx->stack)
		jit_emit(ctx, x86_ri(X86_SUB, 8, X86_RSP, ctx->stack));
	if (ctx->counter)
		jit_emit(ctx, x86_r(X86_PUSH, 8, X86_RAX));
	for (k = 0; k < ctx->nr_saved; k++)
		jit_emit(ctx, x86_r(X86_PUSH, 8, ctx->saved[k]));
	if (ctx->arena)
		load_window(ctx);
}

/* Undoes the prologue; only the return address is left on the stack. */
static void teardown(struct jit_ctx *ctx)
{
	u8 k = ctx->nr_saved;

	while (k--)
		jit_emit(ctx, x86_r(X86_POP, 8, ctx->saved[k]));
	if (!ctx->frame) {
		if (ctx->stack)
			jit_fail(ctx, -EFAULT);
		return;
	}
	if (ctx->stack || ctx->counter)
		jit_emit(ctx, x86_none(X86_LEAVE));
	else
		jit_emit(ctx, x86_r(X86_POP, 8, X86_RBP));
}

static void emit_return(struct jit_ctx *ctx)
{
	if (ctx->env->return_thunk)
		jit_emit(ctx, x86_to_addr(X86_JMP, ctx->env->return_thunk));
	else
		jit_emit(ctx, x86_none(X86_RET));
	/* No straight-line speculation into what follows. */
	jit_emit(ctx, x86_none(X86_INT3));
}

/**
 * jit_epilogue_inline - whether exits get their own epilogue
 * @ctx: the compilation
 *
 * Context: Any.
 * Return: True when it is short enough to be repeated.
 */
bool jit_epilogue_inline(struct jit_ctx *ctx)
{
	if (!jit_rule_on(ctx, JIT_RULE_EXIT_INLINE))
		return false;
	return ctx->nr_saved + ctx->frame + 1 <= JIT_EPILOGUE_INLINE;
}

/**
 * jit_exit - return from the function
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_exit(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *exit = &ctx->src->insns[i];

	/* or a jump to one */
	if (insn_is_jump(exit))
		exit = &ctx->src->insns[ctx->target[i]];
	ctx->zf_reg = JIT_NOREG;
	jit_flush_all(ctx, insn_uses(exit));
	if (ctx->exit_label == X86_NOLABEL) {
		ctx->exit_label = jit_new_label(ctx);
		jit_bind(ctx, ctx->exit_label);
	} else if (jit_epilogue_inline(ctx)) {
		jit_rule_hit(JIT_RULE_EXIT_INLINE);
	} else {
		jit_emit(ctx, x86_jmp(ctx->exit_label));
		jit_drop_all(ctx, 0);
		return;
	}
	teardown(ctx);
	emit_return(ctx);
	jit_drop_all(ctx, 0);
}

/* ------------------------------------------------------------------ calls */

static bool in_reach(const struct jit_ctx *ctx, u64 addr)
{
	return addr >= ctx->env->reach_lo && addr < ctx->env->reach_hi;
}

static void indirect(struct jit_ctx *ctx, u8 direct_op, u8 indirect_op, u8 reg)
{
	u64 thunk = ctx->env->indirect_thunk[reg];

	if (thunk) {
		jit_emit(ctx, x86_to_addr(direct_op, thunk));
	} else {
		if (ctx->env->lfence_indirect)
			jit_emit(ctx, x86_none(X86_LFENCE));
		jit_emit(ctx, x86_r(indirect_op, 8, reg));
	}
	if (direct_op == X86_JMP)
		jit_emit(ctx, x86_none(X86_INT3));
}

static void call_func(struct jit_ctx *ctx, u64 addr)
{
	if (in_reach(ctx, addr)) {
		jit_emit(ctx, x86_to_addr(X86_CALL, addr));
		return;
	}
	jit_emit(ctx, x86_ri(X86_MOV, 8, JIT_T0, addr));
	indirect(ctx, X86_CALL, X86_CALL_IND, JIT_T0);
}

static void call_sub(struct jit_ctx *ctx, const struct bpf_insn *insn)
{
	const struct bpf_prog_aux *main = bpf_prog_main(ctx->src->prog)->aux;
	struct x86_insn call = x86_none(X86_CALL);

	if (insn->off < 0 || insn->off >= main->func_cnt) {
		jit_fail(ctx, -EINVAL);
		return;
	}
	if (main->func[insn->off]->aux->tail_call_reachable) {
		if (!ctx->counter) {
			jit_fail(ctx, -EINVAL);
			return;
		}
		jit_emit(ctx, x86_rm(X86_MOV, 8, X86_RAX, x86_at(X86_RBP, ctx->counter_disp)));
	}
	call.flags = X86_ADDR_FUNC;
	call.label = insn->off;
	jit_emit(ctx, call);
}

/**
 * jit_call - calls of helpers, kernel functions and subprograms
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_call(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];

	if (jit_call_inline(ctx, i))
		return;
	jit_flush_all(ctx, jit_live_in(ctx, i));
	ctx->zf_reg = JIT_NOREG;
	if (insn_is_sub_call(insn))
		call_sub(ctx, insn);
	else
		call_func(ctx, jit_call_target(ctx, insn));
}

/*
 * Takes one from what is left of the chain, or leaves to @out. The counter has 64 bits and is
 * never set again: it does not come round however often the end is met.
 */
static void count_tail_call(struct jit_ctx *ctx, u32 out)
{
	jit_emit(ctx, x86_rm(X86_MOV, 8, X86_RAX, x86_at(X86_RBP, ctx->counter_disp)));
	jit_emit(ctx, x86_m(X86_DEC, 8, x86_at(X86_RAX, 0)));
	jit_emit(ctx, x86_jcc(X86_CC_S, out));
}

static struct jit_poke *new_poke(struct jit_ctx *ctx, s32 number)
{
	struct bpf_prog_aux *main = bpf_prog_main(ctx->src->prog)->aux;
	struct jit_poke *p;

	if (number < 1 || number > main->size_poke_tab) {
		jit_fail(ctx, -EINVAL);
		return NULL;
	}
	p = jit_grow(ctx, ctx->pokes, ctx->nr_pokes, &ctx->cap_pokes, sizeof(*p));
	if (!p)
		return NULL;
	ctx->pokes = p;
	p += ctx->nr_pokes++;
	p->desc = &main->poke_tab[number - 1];
	return p;
}

/* Map and index are part of the code, see exec/poke.c: nobody reads R2 and R3. */
static void direct_tail_call(struct jit_ctx *ctx, u32 i, u32 out)
{
	struct jit_poke *p = new_poke(ctx, ctx->src->insns[i].imm);
	struct x86_insn bypass = x86_jmp(out);

	if (!p)
		return;
	jit_flush_all(ctx, ctx->live[i] | 1 << BPF_REG_1);
	jit_rule_hit(JIT_RULE_TAIL_DIRECT);
	p->out = out;
	p->bypass = ctx->nr;
	bypass.flags |= X86_WIDE;
	jit_emit(ctx, bypass);
	count_tail_call(ctx, out);
	teardown(ctx);
	p->target = ctx->nr;
	jit_emit(ctx, x86_nop(JIT_PATCH_SIZE));
	jit_emit(ctx, x86_none(X86_INT3));
}

static void indirect_tail_call(struct jit_ctx *ctx, u32 i, u32 out)
{
	const u8 map = ctx->map[BPF_REG_2], index = ctx->map[BPF_REG_3];

	jit_flush_all(ctx, jit_live_in(ctx, i));
	jit_emit(ctx, x86_rr(X86_MOV, 4, index, index));
	jit_emit(ctx, x86_mr(X86_CMP, 4, x86_at(map, offsetof(struct bpf_tail_map,
							      map.max_entries)), index));
	jit_emit(ctx, x86_jcc(X86_CC_BE, out));
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, x86_at(map, offsetof(struct bpf_tail_map,
								      progs))));
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, x86_at_index(JIT_T0, index, 8, 0)));
	jit_emit(ctx, x86_rr(X86_TEST, 8, JIT_T0, JIT_T0));
	jit_emit(ctx, x86_jcc(X86_CC_E, out));
	count_tail_call(ctx, out);
	jit_emit(ctx, x86_rm(X86_MOV, 8, JIT_T0, x86_at(JIT_T0,
							offsetof(struct bpf_prog, bpf_func))));
	jit_emit(ctx, x86_ri(X86_ADD, 8, JIT_T0, jit_tail_entry_offset(ctx->env)));
	teardown(ctx);
	indirect(ctx, X86_JMP, X86_JMP_IND, JIT_T0);
}

/**
 * jit_tail_call - continue in another program
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Goes on with the next instruction when there is no such program, or after
 * MAX_TAIL_CALL_CNT.
 * The own frame is gone when the next program is entered.
 *
 * Context: Process; allocates.
 */
void jit_tail_call(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	u32 out = jit_new_label(ctx);

	if (ctx->env->poke && ctx->src->insns[i].imm && jit_rule_on(ctx, JIT_RULE_TAIL_DIRECT))
		direct_tail_call(ctx, i, out);
	else
		indirect_tail_call(ctx, i, out);
	jit_bind(ctx, out);
}

/* ------------------------------------------------------------------ out of line */

/**
 * jit_stub - out-of-line code for a rare case
 * @ctx: the compilation
 * @kind: what it does
 * @width: operand size in bytes
 * @reg: hardware register that it does it to
 * @back: label where it goes on
 *
 * Context: Process; allocates.
 * Return: The label to jump to.
 */
u32 jit_stub(struct jit_ctx *ctx, enum jit_stub_kind kind, u8 width, u8 reg, u32 back)
{
	struct jit_stub *stubs;

	if (kind == STUB_ZEXT && width == 8)
		return back;
	stubs = jit_grow(ctx, ctx->stubs, ctx->nr_stubs, &ctx->cap_stubs, sizeof(*stubs));
	if (!stubs)
		return back;
	ctx->stubs = stubs;
	stubs += ctx->nr_stubs++;
	stubs->label = jit_new_label(ctx);
	stubs->back = back;
	stubs->kind = kind;
	stubs->width = width;
	stubs->reg = reg;
	return stubs->label;
}

static void emit_stub(struct jit_ctx *ctx, const struct jit_stub *s)
{
	jit_bind(ctx, s->label);
	switch (s->kind) {
	case STUB_ZERO:
		jit_emit(ctx, x86_rr(X86_XOR, 4, s->reg, s->reg));
		break;
	case STUB_ZEXT:
		jit_emit(ctx, x86_rr(X86_MOV, 4, s->reg, s->reg));
		break;
	case STUB_NEG:
		jit_emit(ctx, x86_r(X86_NEG, s->width, s->reg));
		break;
	}
	jit_emit(ctx, x86_jmp(s->back));
}

/*
 * C entry of a program with tail calls: the counter lives here until the whole
 * chain has returned, and its address is handed on in RAX.
 */
static void emit_counter_frame(struct jit_ctx *ctx)
{
	struct x86_insn call = x86_none(X86_CALL);

	jit_bind(ctx, ctx->entry_label);
	jit_emit(ctx, x86_r(X86_PUSH, 8, X86_RBP));
	jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RBP, X86_RSP));
	if (ctx->env->stack_align > 8)
		jit_emit(ctx, x86_r(X86_PUSH, 8, X86_RAX));
	jit_emit(ctx, x86_ri(X86_PUSHI, 8, X86_RAX, MAX_TAIL_CALL_CNT));
	jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RAX, X86_RSP));
	call.label = ctx->body_label;
	jit_emit(ctx, call);
	jit_emit(ctx, x86_none(X86_LEAVE));
	emit_return(ctx);
}

/**
 * jit_tail - what stands after the last BPF instruction
 * @ctx: the compilation
 *
 * Context: Process; allocates.
 */
void jit_tail(struct jit_ctx *ctx)
{
	u32 k;

	for (k = 0; k < ctx->nr_stubs; k++)
		emit_stub(ctx, &ctx->stubs[k]);
	if (ctx->counter && is_main(ctx))
		emit_counter_frame(ctx);
}
