/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each operation does, as an inline function of the operation and the registers, and the
 * lists of them that interp.c makes handlers of.
 *
 * A function returns the operation before the one that comes next: its own, or that in front of
 * the target of a jump. Those that leave the program are in interp.c.
 */
#ifndef _BPF_EXEC_INTERP_OPS_H
#define _BPF_EXEC_INTERP_OPS_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/byteorder.h>
#include "exec/interp.h"

#ifndef barrier_nospec
#define barrier_nospec()	do { } while (0)
#endif

static inline u64 interp_mod64(u64 a, u64 b)
{
	return b ? a - div64_u64(a, b) * b : a;
}

static inline s64 interp_sdiv64(s64 a, s64 b)
{
	if (!b)
		return 0;
	return b == -1 ? (s64)-(u64)a : div64_s64(a, b);
}

static inline s64 interp_smod64(s64 a, s64 b)
{
	if (!b)
		return a;
	return b == -1 ? 0 : a - div64_s64(a, b) * b;
}

static inline u32 interp_sdiv32(s32 a, s32 b)
{
	if (!b)
		return 0;
	return b == -1 ? -(u32)a : (u32)(a / b);
}

static inline u32 interp_smod32(s32 a, s32 b)
{
	if (!b)
		return a;
	return b == -1 ? 0 : a % b;
}

static noinline u64 interp_probe(const void *addr, u32 size)
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

#define DST	regs[op->dst]
#define SRC	regs[op->src]
#define IMM	op->imm
#define IMM64	((u64)(s64)op->imm)
#define ADDR(t, reg)	((t *)(unsigned long)((reg) + op->off))
/* Packets and contexts need not be aligned. */
#define MEM(t, reg)	(ADDR(struct { t val; } __packed, reg)->val)

/* Distances are in bytes: an operation is not to be multiplied at each jump. */
#define SKIP(op)	((const struct interp_op *)((const u8 *)(op) + (op)->jump))

#define GO_IF(cond)								\
	do {									\
		if (cond)							\
			op = SKIP(op);						\
	} while (0)

#define OP(id)									\
	static __always_inline const struct interp_op *				\
	op_##id(const struct interp_op *op, u64 *regs)

#define SIMPLE(id, ...)								\
	OP(id)									\
	{									\
		__VA_ARGS__;							\
		return op;							\
	}

/* Arithmetic: 64-bit and 32-bit, register and immediate. */
#define ALU(name, expr64, expr32)						\
	SIMPLE(name##64_X, u64 a = DST; u64 b = SRC; DST = expr64)		\
	SIMPLE(name##64_K, u64 a = DST; u64 b = IMM64; DST = expr64)		\
	SIMPLE(name##32_X, u32 a = DST; u32 b = SRC; DST = (u32)(expr32))	\
	SIMPLE(name##32_K, u32 a = DST; u32 b = IMM; DST = (u32)(expr32))

#define JUMP(name, u_or_s, expr)						\
	SIMPLE(name##64_X, u_or_s##64 a = DST; u_or_s##64 b = SRC; GO_IF(expr))	\
	SIMPLE(name##64_K, u_or_s##64 a = DST; u_or_s##64 b = IMM64; GO_IF(expr))	\
	SIMPLE(name##32_X, u_or_s##32 a = DST; u_or_s##32 b = SRC; GO_IF(expr))	\
	SIMPLE(name##32_K, u_or_s##32 a = DST; u_or_s##32 b = IMM; GO_IF(expr))

#define MEMORY(size, type)							\
	SIMPLE(LDX_##size, DST = MEM(type, SRC))				\
	SIMPLE(STX_##size, MEM(type, DST) = SRC)				\
	SIMPLE(ST_##size, MEM(type, DST) = IMM)					\
	SIMPLE(PROBE_LDX_##size, DST = interp_probe(ADDR(const void, SRC), sizeof(type)))

#define MEMORY_SX(size, type)							\
	SIMPLE(LDXS_##size, DST = (s64)MEM(type, SRC))				\
	SIMPLE(PROBE_LDXS_##size,						\
	       DST = (s64)(type)interp_probe(ADDR(const void, SRC), sizeof(type)))

#define ATOMIC(name, fn)							\
	SIMPLE(ATOMIC_##name##64, atomic64_##fn(SRC, ADDR(atomic64_t, DST)))	\
	SIMPLE(ATOMIC_##name##32, atomic_##fn((u32)SRC, ADDR(atomic_t, DST)))	\
	SIMPLE(FETCH_##name##64, SRC = atomic64_fetch_##fn(SRC, ADDR(atomic64_t, DST)))	\
	SIMPLE(FETCH_##name##32, SRC = (u32)atomic_fetch_##fn((u32)SRC, ADDR(atomic_t, DST)))

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

SIMPLE(JA, op = SKIP(op))
SIMPLE(GOTOL, op = SKIP(op))

SIMPLE(NEG64, DST = -DST)
SIMPLE(NEG32, DST = -(u32)DST)
SIMPLE(MOVSX64_8, DST = (s64)(s8)SRC)
SIMPLE(MOVSX64_16, DST = (s64)(s16)SRC)
SIMPLE(MOVSX64_32, DST = (s64)(s32)SRC)
SIMPLE(MOVSX32_8, DST = (u32)(s8)SRC)
SIMPLE(MOVSX32_16, DST = (u32)(s16)SRC)
SIMPLE(PERCPU, DST = (unsigned long)this_cpu_ptr((void __percpu *)(unsigned long)SRC))
SIMPLE(LE16, DST = (__force u16)__cpu_to_le16((u16)DST))
SIMPLE(LE32, DST = (__force u32)__cpu_to_le32((u32)DST))
SIMPLE(LE64, DST = (__force u64)__cpu_to_le64(DST))
SIMPLE(BE16, DST = (__force u16)__cpu_to_be16((u16)DST))
SIMPLE(BE32, DST = (__force u32)__cpu_to_be32((u32)DST))
SIMPLE(BE64, DST = (__force u64)__cpu_to_be64(DST))
SIMPLE(BSWAP16, DST = __swab16((u16)DST))
SIMPLE(BSWAP32, DST = __swab32((u32)DST))
SIMPLE(BSWAP64, DST = __swab64(DST))
SIMPLE(LD_IMM64, DST = op->imm64)

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
SIMPLE(XCHG64, SRC = atomic64_xchg(ADDR(atomic64_t, DST), SRC))
SIMPLE(XCHG32, SRC = (u32)atomic_xchg(ADDR(atomic_t, DST), (u32)SRC))
SIMPLE(CMPXCHG64, regs[0] = atomic64_cmpxchg(ADDR(atomic64_t, DST), regs[0], SRC))
SIMPLE(CMPXCHG32, regs[0] = (u32)atomic_cmpxchg(ADDR(atomic_t, DST), (u32)regs[0], (u32)SRC))
SIMPLE(NOSPEC, barrier_nospec())

SIMPLE(CALL, regs[0] = op->func(regs[1], regs[2], regs[3], regs[4], regs[5]))
SIMPLE(CALL_KFUNC, regs[0] = op->func(regs[1], regs[2], regs[3], regs[4], regs[5]))

/* A subprogram: its stack begins below what the call saves. */
OP(CALL_SUB)
{
	u64 fp = regs[10] - op->imm - sizeof(struct interp_frame);
	struct interp_frame *frame = (void *)(unsigned long)fp;

	frame->ret = op;
	memcpy(frame->regs, &regs[6], sizeof(frame->regs));
	frame->fp = regs[10];
	regs[10] = fp;
	return SKIP(op);
}

/* Back to the caller of a subprogram. */
static __always_inline const struct interp_op *interp_leave(u64 *regs)
{
	const struct interp_frame *frame = (void *)(unsigned long)regs[10];

	memcpy(&regs[6], frame->regs, sizeof(frame->regs));
	regs[10] = frame->fp;
	return frame->ret;
}

#undef ATOMIC
#undef MEMORY_SX
#undef MEMORY
#undef JUMP
#undef ALU
#undef SIMPLE
#undef OP
#undef GO_IF
#undef SKIP
#undef MEM
#undef ADDR
#undef IMM64
#undef IMM
#undef SRC
#undef DST

/* ------------------------------------------------------------------ lists */

#define INTERP_4(X, name)	X(name##64_X) X(name##64_K) X(name##32_X) X(name##32_K)

/* Operations that have a function above. */
#define INTERP_OPS(X)								\
	INTERP_4(X, ADD) INTERP_4(X, SUB) INTERP_4(X, MUL) INTERP_4(X, OR)	\
	INTERP_4(X, AND) INTERP_4(X, XOR) INTERP_4(X, MOV) INTERP_4(X, LSH)	\
	INTERP_4(X, RSH) INTERP_4(X, ARSH) INTERP_4(X, DIV) INTERP_4(X, MOD)	\
	INTERP_4(X, SDIV) INTERP_4(X, SMOD)					\
	INTERP_4(X, JEQ) INTERP_4(X, JNE) INTERP_4(X, JGT) INTERP_4(X, JGE)	\
	INTERP_4(X, JLT) INTERP_4(X, JLE) INTERP_4(X, JSET) INTERP_4(X, JSGT)	\
	INTERP_4(X, JSGE) INTERP_4(X, JSLT) INTERP_4(X, JSLE)			\
	X(JA) X(GOTOL)								\
	X(NEG64) X(NEG32) X(MOVSX64_8) X(MOVSX64_16) X(MOVSX64_32) X(MOVSX32_8)	\
	X(MOVSX32_16) X(PERCPU) X(LE16) X(LE32) X(LE64) X(BE16) X(BE32) X(BE64)	\
	X(BSWAP16) X(BSWAP32) X(BSWAP64) X(LD_IMM64)				\
	X(LDX_B) X(LDX_H) X(LDX_W) X(LDX_DW) X(LDXS_B) X(LDXS_H) X(LDXS_W)	\
	X(STX_B) X(STX_H) X(STX_W) X(STX_DW) X(ST_B) X(ST_H) X(ST_W) X(ST_DW)	\
	X(PROBE_LDX_B) X(PROBE_LDX_H) X(PROBE_LDX_W) X(PROBE_LDX_DW)		\
	X(PROBE_LDXS_B) X(PROBE_LDXS_H) X(PROBE_LDXS_W)				\
	X(ATOMIC_ADD64) X(ATOMIC_ADD32) X(FETCH_ADD64) X(FETCH_ADD32)		\
	X(ATOMIC_OR64) X(ATOMIC_OR32) X(FETCH_OR64) X(FETCH_OR32)		\
	X(ATOMIC_AND64) X(ATOMIC_AND32) X(FETCH_AND64) X(FETCH_AND32)		\
	X(ATOMIC_XOR64) X(ATOMIC_XOR32) X(FETCH_XOR64) X(FETCH_XOR32)		\
	X(XCHG64) X(XCHG32) X(CMPXCHG64) X(CMPXCHG32) X(NOSPEC)			\
	X(CALL) X(CALL_KFUNC) X(CALL_SUB)

/* Gone, or refused by interp_prep.c, before a program is run. */
#define INTERP_GONE(X)								\
	X(ADDR_SPACE) X(MAY_GOTO) X(LD_MAP_FD) X(LD_MAP_VALUE) X(LD_BTF_ID) X(LD_FUNC)	\
	X(LD_MAP_IDX) X(LD_MAP_IDX_VALUE) X(LD_ABS_W) X(LD_ABS_H) X(LD_ABS_B)	\
	X(LD_IND_W) X(LD_IND_H) X(LD_IND_B)					\
	X(ARENA_LDX_W) X(ARENA_LDX_H) X(ARENA_LDX_B) X(ARENA_LDX_DW)		\
	X(ARENA_ST_W) X(ARENA_ST_H) X(ARENA_ST_B) X(ARENA_ST_DW)		\
	X(ARENA_STX_W) X(ARENA_STX_H) X(ARENA_STX_B) X(ARENA_STX_DW)		\
	X(ARENA_ATOMIC_ADD64) X(ARENA_ATOMIC_OR64) X(ARENA_ATOMIC_AND64)	\
	X(ARENA_ATOMIC_XOR64) X(ARENA_FETCH_ADD64) X(ARENA_FETCH_OR64)		\
	X(ARENA_FETCH_AND64) X(ARENA_FETCH_XOR64) X(ARENA_XCHG64) X(ARENA_CMPXCHG64)	\
	X(ARENA_ATOMIC_ADD32) X(ARENA_ATOMIC_OR32) X(ARENA_ATOMIC_AND32)	\
	X(ARENA_ATOMIC_XOR32) X(ARENA_FETCH_ADD32) X(ARENA_FETCH_OR32)		\
	X(ARENA_FETCH_AND32) X(ARENA_FETCH_XOR32) X(ARENA_XCHG32) X(ARENA_CMPXCHG32)

#endif /* _BPF_EXEC_INTERP_OPS_H */
