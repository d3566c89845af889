// SPDX-License-Identifier: GPL-2.0
/*
 * The interpreter: one handler an operation, each of which jumps to the next.
 *
 * Subprograms run in the same C frame: their stacks and what a call saves are
 * carved out of one block that the entry has sized for the whole call graph.
 * Tail calls from the main function leave to the entry, which finds the stack
 * that the next program needs; those from subprograms nest.
 *
 * Semantics are those of RFC 9669: a division by 0 gives 0, a modulo by 0
 * leaves the dividend, shifts take as many low bits of the count as the width
 * needs, 32-bit operations clear the upper half.
 */
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include "exec/interp.h"
#include "exec/interp_ops.h"
#include "exec/interp_pairs.h"

#ifndef __annotate_jump_table
#define __annotate_jump_table
#endif

/*
 * Tail calls out of subprograms that may be pending at a time; each holds a C
 * frame and a program's stack. One more fails as a tail call without a target.
 */
#define INTERP_NESTED_MAX	8

/*
 * The program that a tail call goes to, NULL where there is none. Compiled
 * programs never are in the same array as interpreted ones.
 */
static const struct bpf_prog *interp_tail_target(struct interp_state *st, const u64 *regs)
{
	struct bpf_tail_map *map = (void *)(unsigned long)regs[2];
	u32 idx = regs[3];
	const struct bpf_prog *prog;

	if (unlikely(idx >= map->map.max_entries) || st->tail_calls >= MAX_TAIL_CALL_CNT)
		return NULL;
	prog = READ_ONCE(map->progs[idx]);
	if (!prog || prog->jited)
		return NULL;
	st->tail_calls++;
	return prog;
}

/* Runs the target of a tail call that a subprogram makes. */
static noinline u64 interp_nested_tail(struct interp_state *outer, const struct bpf_prog *prog,
				       u64 ctx)
{
	const struct interp_code *code = interp_code(prog);
	struct interp_state st = {
		.pc = code->ops,
		.args[0] = ctx,
		.tail_calls = outer->tail_calls,
		.nested = outer->nested + 1,
	};
	u64 ret;

	interp_watch(&st, code);
	ret = interp_start(&st, code->funcs[0].need);
	outer->tail_calls = st.tail_calls;
	return ret;
}

#ifdef CONFIG_BPF_ORACLE
static void interp_check(const struct interp_state *st, const struct interp_op *op,
			 const u64 *regs, const u8 *top)
{
	const struct interp_code *code = st->code;
	bool main = st->pc == code->ops + code->funcs[0].entry;

	if (code->oracle)
		bpf_oracle_step(code->oracle, op - code->ops, regs, top, main ? st->args[0] : 0);
}
#else
#define interp_check(st, op, regs, top) do { } while (0)
#endif

#define NEXT							\
	do {							\
		op++;						\
		interp_check(st, op, regs, top);		\
		goto *labels[op->id];				\
	} while (0)

/*
 * @top: end of a block of stack of as many bytes as the function needs
 *
 * One function, though a long one when all is expanded: handlers are its labels, so that going
 * from one to the next is a jump that no compiler makes a call of, and the registers stay where
 * they are.
 */
static u64 interp_run(struct interp_state *st, u8 *top)
{
	/* A row without a handler does not compile. */
	static const void * const labels[] __annotate_jump_table = {
		[INSN_INVALID] = &&illegal,
#define INSN(id, ...)	[INSN_##id] = &&L_##id,
#include "isa/opcodes.h"
#define PAIR(a, b)	[INTERP_PAIR_##a##__##b] = &&L_##a##__##b,
		INTERP_PAIRS(PAIR)
#undef PAIR
	};
	const struct interp_op *op = st->pc;
	u64 regs[INSN_REG_AX + 1];

	memcpy(&regs[1], st->args, sizeof(st->args));
	regs[10] = (unsigned long)top;
	interp_check(st, op, regs, top);
	goto *labels[op->id];

#define HANDLER(id)	L_##id: op = op_##id(op, regs); NEXT;
	INTERP_OPS(HANDLER)
#undef HANDLER
#define PAIR(a, b)	L_##a##__##b: op = op_##b(op_##a(op, regs) + 1, regs); NEXT;
	INTERP_PAIRS(PAIR)
#undef PAIR

L_TAIL_CALL:
	{
		const struct bpf_prog *prog = interp_tail_target(st, regs);

		if (!prog)
			NEXT;
		if (likely(regs[10] == (unsigned long)top)) {
			st->args[0] = regs[1];
			st->next = prog;
			return 0;
		}
		if (st->nested == INTERP_NESTED_MAX) {
			st->tail_calls--;
			NEXT;
		}
		regs[0] = interp_nested_tail(st, prog, regs[1]);
		op = interp_leave(regs);
		NEXT;
	}

L_EXIT:
	if (regs[10] == (unsigned long)top)
		return regs[0];
	op = interp_leave(regs);
	NEXT;

	/* These labels only keep the table without holes. */
#define HANDLER(id)	L_##id:
	INTERP_GONE(HANDLER)
#undef HANDLER
illegal:
	WARN_ONCE(1, "bpf: operation %u reached the interpreter\n", op->id);
	return 0;
}

/*
 * One entry a size of stack, so that a small program takes little of the
 * kernel's. insnsi is what a hook passes; the program is around it.
 */
#define INTERP_SIZES(X)	X(64) X(128) X(256) X(384) X(512) X(768) X(1024)

#define DEFINE_INTERP(size)							\
static noinline u64 interp_run_##size(struct interp_state *st)			\
{										\
	u8 stack[size] __aligned(16);						\
										\
	return interp_run(st, stack + size);					\
}										\
										\
static unsigned int interp_entry_##size(const void *ctx, const struct bpf_insn *insn)	\
{										\
	return interp_enter(ctx, insn, interp_run_##size);			\
}

/* Programs that took the place of the first one by tail calls. */
static noinline u64 interp_continue(struct interp_state *st)
{
	const struct interp_code *code = interp_code(st->next);

	interp_watch(st, code);
	st->pc = code->ops;
	st->next = NULL;
	return interp_start(st, code->funcs[0].need);
}

static __always_inline unsigned int interp_enter(const void *ctx, const struct bpf_insn *insn,
						 u64 (*run)(struct interp_state *st))
{
	const struct bpf_prog *prog = container_of(insn, struct bpf_prog, insnsi[0]);
	struct interp_state st;
	u64 ret;

	interp_watch(&st, interp_code(prog));
	st.pc = interp_code(prog)->ops;
	st.args[0] = (unsigned long)ctx;
	st.next = NULL;
	st.tail_calls = 0;
	st.nested = 0;
	ret = run(&st);
	return unlikely(st.next) ? interp_continue(&st) : ret;
}

INTERP_SIZES(DEFINE_INTERP)

static const struct {
	u32 size;
	u64 (*run)(struct interp_state *st);
	bpf_func_t entry;
} interp_table[] = {
#define INTERP_ROW(size) { size, interp_run_##size, interp_entry_##size },
	INTERP_SIZES(INTERP_ROW)
};

static u32 interp_row(u32 need)
{
	u32 i = 0;

	while (i < ARRAY_SIZE(interp_table) - 1 && interp_table[i].size < need)
		i++;
	return i;
}

/**
 * interp_start - run a function to its end, tail calls included
 * @st: where to start and with what
 * @need: bytes of stack, at most INTERP_STACK_MAX
 *
 * Context: what the program may run in.
 * Return: R0 of the program that came to its end.
 */
u64 interp_start(struct interp_state *st, u32 need)
{
	const struct interp_code *code;
	u64 ret;

	for (;;) {
		ret = interp_table[interp_row(need)].run(st);
		if (!st->next)
			return ret;
		code = interp_code(st->next);
		interp_watch(st, code);
		st->pc = code->ops;
		st->next = NULL;
		need = code->funcs[0].need;
	}
}

/**
 * interp_entry - what prog->bpf_func is to be
 * @need: bytes of stack
 *
 * Context: Any.
 * Return: entry, NULL when no entry has that much.
 */
bpf_func_t interp_entry(u32 need)
{
	BUILD_BUG_ON(INTERP_STACK_MAX != 1024);
	return need > INTERP_STACK_MAX ? NULL : interp_table[interp_row(need)].entry;
}

/**
 * bpf_is_interp_entry - tell interpreted programs from compiled ones
 * @func: bpf_func of a program
 *
 * Context: Any.
 * Return: true if it is an entry of the interpreter.
 */
bool bpf_is_interp_entry(bpf_func_t func)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(interp_table); i++) {
		if (interp_table[i].entry == func)
			return true;
	}
	return false;
}
