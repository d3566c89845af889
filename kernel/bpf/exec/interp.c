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
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/uaccess.h>
#include <asm/byteorder.h>
#include "exec/interp.h"

#ifndef __annotate_jump_table
#define __annotate_jump_table
#endif

#ifndef barrier_nospec
#define barrier_nospec()	do { } while (0)
#endif

/*
 * Tail calls out of subprograms that may be pending at a time; each holds a C
 * frame and a program's stack. One more fails as a tail call without a target.
 */
#define INTERP_NESTED_MAX	8

static u64 interp_mod64(u64 a, u64 b)
{
	return b ? a - div64_u64(a, b) * b : a;
}

static s64 interp_sdiv64(s64 a, s64 b)
{
	if (!b)
		return 0;
	return b == -1 ? (s64)-(u64)a : div64_s64(a, b);
}

static s64 interp_smod64(s64 a, s64 b)
{
	if (!b)
		return a;
	return b == -1 ? 0 : a - div64_s64(a, b) * b;
}

static u32 interp_sdiv32(s32 a, s32 b)
{
	if (!b)
		return 0;
	return b == -1 ? -(u32)a : (u32)(a / b);
}

static u32 interp_smod32(s32 a, s32 b)
{
	if (!b)
		return a;
	return b == -1 ? 0 : a % b;
}

static u64 interp_probe(const void *addr, u32 size)
{
	union {
		u8 b;
		u16 h;
		u32 w;
		u64 dw;
	} val = {};

	if (copy_from_kernel_nofault(&val, addr, size))
		return 0;
	switch (size) {
	case 1:
		return val.b;
	case 2:
		return val.h;
	case 4:
		return val.w;
	default:
		return val.dw;
	}
}

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

#define DST	regs[op->dst]
#define SRC	regs[op->src]
#define IMM	op->imm
#define IMM64	((u64)(s64)op->imm)
#define ADDR(t, reg)	((t *)(unsigned long)((reg) + op->off))
/* Packets and contexts need not be aligned. */
#define MEM(t, reg)	(ADDR(struct { t val; } __packed, reg)->val)

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

/* Arithmetic: 64-bit and 32-bit, register and immediate. */
#define ALU(name, expr64, expr32)				\
	L_##name##64_X: { u64 a = DST, b = SRC; DST = expr64; } NEXT;	\
	L_##name##64_K: { u64 a = DST, b = IMM64; DST = expr64; } NEXT;	\
	L_##name##32_X: { u32 a = DST, b = SRC; DST = (u32)(expr32); } NEXT;	\
	L_##name##32_K: { u32 a = DST, b = IMM; DST = (u32)(expr32); } NEXT;

#define JUMP(name, u_or_s, expr)				\
	L_##name##64_X: { u_or_s##64 a = DST, b = SRC; if (expr) op += op->jump; } NEXT;	\
	L_##name##64_K: { u_or_s##64 a = DST, b = IMM64; if (expr) op += op->jump; } NEXT;	\
	L_##name##32_X: { u_or_s##32 a = DST, b = SRC; if (expr) op += op->jump; } NEXT;	\
	L_##name##32_K: { u_or_s##32 a = DST, b = IMM; if (expr) op += op->jump; } NEXT;

#define MEMORY(size, type)							\
	L_LDX_##size: DST = MEM(type, SRC); NEXT;						\
	L_STX_##size: MEM(type, DST) = SRC; NEXT;				\
	L_ST_##size: MEM(type, DST) = IMM; NEXT;				\
	L_PROBE_LDX_##size: DST = interp_probe(ADDR(const void, SRC), sizeof(type)); NEXT;

#define MEMORY_SX(size, type)							\
	L_LDXS_##size: DST = (s64)MEM(type, SRC); NEXT;			\
	L_PROBE_LDXS_##size:							\
		DST = (s64)(type)interp_probe(ADDR(const void, SRC), sizeof(type)); NEXT;

#define ATOMIC(name, fn)							\
	L_ATOMIC_##name##64: atomic64_##fn(SRC, ADDR(atomic64_t, DST)); NEXT;	\
	L_ATOMIC_##name##32: atomic_##fn((u32)SRC, ADDR(atomic_t, DST)); NEXT;	\
	L_FETCH_##name##64: SRC = atomic64_fetch_##fn(SRC, ADDR(atomic64_t, DST)); NEXT;	\
	L_FETCH_##name##32: SRC = (u32)atomic_fetch_##fn((u32)SRC, ADDR(atomic_t, DST)); NEXT;

/* @top: end of a block of stack of as many bytes as the function needs */
static u64 interp_run(struct interp_state *st, u8 *top)
{
	/* A row without a handler does not compile. */
	static const void * const labels[INSN_NR] __annotate_jump_table = {
		[INSN_INVALID] = &&illegal,
#define INSN(id, ...)	[INSN_##id] = &&L_##id,
#include "isa/opcodes.h"
	};
	const struct interp_op *op = st->pc;
	u64 regs[INSN_REG_AX + 1];

	memcpy(&regs[1], st->args, sizeof(st->args));
	regs[10] = (unsigned long)top;
	interp_check(st, op, regs, top);
	goto *labels[op->id];

	ALU(ADD, a + b, a + b)
	ALU(SUB, a - b, a - b)
	ALU(MUL, a * b, a * b)
	ALU(OR, a | b, a | b)
	ALU(AND, a & b, a & b)
	ALU(XOR, a ^ b, a ^ b)
	ALU(MOV, ((void)a, b), ((void)a, b))
	ALU(LSH, a << (b & 63), a << (b & 31))
	ALU(RSH, a >> (b & 63), a >> (b & 31))
	ALU(ARSH, (s64)a >> (b & 63), (s32)a >> (b & 31))
	ALU(DIV, b ? div64_u64(a, b) : 0, b ? a / b : 0)
	ALU(MOD, interp_mod64(a, b), b ? a % b : a)
	ALU(SDIV, interp_sdiv64(a, b), interp_sdiv32(a, b))
	ALU(SMOD, interp_smod64(a, b), interp_smod32(a, b))

L_NEG64:
	DST = -DST;
	NEXT;
L_NEG32:
	DST = -(u32)DST;
	NEXT;
L_MOVSX64_8:
	DST = (s64)(s8)SRC;
	NEXT;
L_MOVSX64_16:
	DST = (s64)(s16)SRC;
	NEXT;
L_MOVSX64_32:
	DST = (s64)(s32)SRC;
	NEXT;
L_MOVSX32_8:
	DST = (u32)(s8)SRC;
	NEXT;
L_MOVSX32_16:
	DST = (u32)(s16)SRC;
	NEXT;
L_PERCPU:
	DST = (unsigned long)this_cpu_ptr((void __percpu *)(unsigned long)SRC);
	NEXT;
L_LE16:
	DST = (__force u16)__cpu_to_le16((u16)DST);
	NEXT;
L_LE32:
	DST = (__force u32)__cpu_to_le32((u32)DST);
	NEXT;
L_LE64:
	DST = (__force u64)__cpu_to_le64(DST);
	NEXT;
L_BE16:
	DST = (__force u16)__cpu_to_be16((u16)DST);
	NEXT;
L_BE32:
	DST = (__force u32)__cpu_to_be32((u32)DST);
	NEXT;
L_BE64:
	DST = (__force u64)__cpu_to_be64(DST);
	NEXT;
L_BSWAP16:
	DST = __swab16((u16)DST);
	NEXT;
L_BSWAP32:
	DST = __swab32((u32)DST);
	NEXT;
L_BSWAP64:
	DST = __swab64(DST);
	NEXT;
L_LD_IMM64:
	DST = op->imm64;
	NEXT;

	JUMP(JEQ, u, a == b)
	JUMP(JNE, u, a != b)
	JUMP(JGT, u, a > b)
	JUMP(JGE, u, a >= b)
	JUMP(JLT, u, a < b)
	JUMP(JLE, u, a <= b)
	JUMP(JSET, u, a & b)
	JUMP(JSGT, s, a > b)
	JUMP(JSGE, s, a >= b)
	JUMP(JSLT, s, a < b)
	JUMP(JSLE, s, a <= b)

L_JA:
L_GOTOL:
	op += op->jump;
	NEXT;

	MEMORY(B, u8)
	MEMORY(H, u16)
	MEMORY(W, u32)
	MEMORY(DW, u64)
	MEMORY_SX(B, s8)
	MEMORY_SX(H, s16)
	MEMORY_SX(W, s32)

	ATOMIC(ADD, add)
	ATOMIC(OR, or)
	ATOMIC(AND, and)
	ATOMIC(XOR, xor)

L_XCHG64:
	SRC = atomic64_xchg(ADDR(atomic64_t, DST), SRC);
	NEXT;
L_XCHG32:
	SRC = (u32)atomic_xchg(ADDR(atomic_t, DST), (u32)SRC);
	NEXT;
L_CMPXCHG64:
	regs[0] = atomic64_cmpxchg(ADDR(atomic64_t, DST), regs[0], SRC);
	NEXT;
L_CMPXCHG32:
	regs[0] = (u32)atomic_cmpxchg(ADDR(atomic_t, DST), (u32)regs[0], (u32)SRC);
	NEXT;
L_NOSPEC:
	barrier_nospec();
	NEXT;

L_CALL:
L_CALL_KFUNC:
	regs[0] = op->func(regs[1], regs[2], regs[3], regs[4], regs[5]);
	NEXT;

L_CALL_SUB:
	{
		u64 fp = regs[10] - op->imm - sizeof(struct interp_frame);
		struct interp_frame *frame = (void *)(unsigned long)fp;

		frame->ret = op;
		memcpy(frame->regs, &regs[6], sizeof(frame->regs));
		frame->fp = regs[10];
		regs[10] = fp;
		op += op->jump;
		NEXT;
	}

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
		goto leave;
	}

L_EXIT:
	if (regs[10] == (unsigned long)top)
		return regs[0];
leave:
	{
		const struct interp_frame *frame = (void *)(unsigned long)regs[10];

		op = frame->ret;
		memcpy(&regs[6], frame->regs, sizeof(frame->regs));
		regs[10] = frame->fp;
		NEXT;
	}

	/*
	 * Gone, or refused by interp_prep.c, before a program gets here; these
	 * labels only keep the table without holes.
	 */
L_ADDR_SPACE:
L_MAY_GOTO:
L_LD_MAP_FD:
L_LD_MAP_VALUE:
L_LD_BTF_ID:
L_LD_FUNC:
L_LD_MAP_IDX:
L_LD_MAP_IDX_VALUE:
L_LD_ABS_W:
L_LD_ABS_H:
L_LD_ABS_B:
L_LD_IND_W:
L_LD_IND_H:
L_LD_IND_B:
L_ARENA_LDX_W:
L_ARENA_LDX_H:
L_ARENA_LDX_B:
L_ARENA_LDX_DW:
L_ARENA_ST_W:
L_ARENA_ST_H:
L_ARENA_ST_B:
L_ARENA_ST_DW:
L_ARENA_STX_W:
L_ARENA_STX_H:
L_ARENA_STX_B:
L_ARENA_STX_DW:
L_ARENA_ATOMIC_ADD64:
L_ARENA_ATOMIC_OR64:
L_ARENA_ATOMIC_AND64:
L_ARENA_ATOMIC_XOR64:
L_ARENA_FETCH_ADD64:
L_ARENA_FETCH_OR64:
L_ARENA_FETCH_AND64:
L_ARENA_FETCH_XOR64:
L_ARENA_XCHG64:
L_ARENA_CMPXCHG64:
L_ARENA_ATOMIC_ADD32:
L_ARENA_ATOMIC_OR32:
L_ARENA_ATOMIC_AND32:
L_ARENA_ATOMIC_XOR32:
L_ARENA_FETCH_ADD32:
L_ARENA_FETCH_OR32:
L_ARENA_FETCH_AND32:
L_ARENA_FETCH_XOR32:
L_ARENA_XCHG32:
L_ARENA_CMPXCHG32:
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
