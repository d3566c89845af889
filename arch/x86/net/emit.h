/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encoding layer: one machine instruction as data, and its bytes.
 *
 * Nothing here knows BPF. A &struct x86_insn is a value; x86_encode() turns it
 * into the shortest byte sequence with the operands given. Only the subset of
 * x86-64 that BPF images and trampolines need is present.
 */
#ifndef _BPF_X86_EMIT_H
#define _BPF_X86_EMIT_H

#include <linux/types.h>

/* Hardware numbers of the general purpose registers. */
enum x86_reg {
	X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
	X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
	X86_NOREG,
};

/* Condition codes, as in the low four bits of Jcc, SETcc and CMOVcc. */
enum x86_cc {
	X86_CC_O, X86_CC_NO, X86_CC_B, X86_CC_AE, X86_CC_E, X86_CC_NE, X86_CC_BE, X86_CC_A,
	X86_CC_S, X86_CC_NS, X86_CC_P, X86_CC_NP, X86_CC_L, X86_CC_GE, X86_CC_LE, X86_CC_G,
};

/*
 * Every operation: name, class, then class-specific numbers (see emit.c).
 * The last column tells whether the operation changes the arithmetic flags.
 */
#define X86_OPS(X) \
	X(ADD,		ALU,	0, 0,		1) \
	X(OR,		ALU,	1, 0,		1) \
	X(ADC,		ALU,	2, 0,		1) \
	X(SBB,		ALU,	3, 0,		1) \
	X(AND,		ALU,	4, 0,		1) \
	X(SUB,		ALU,	5, 0,		1) \
	X(XOR,		ALU,	6, 0,		1) \
	X(CMP,		ALU,	7, 0,		1) \
	X(MOV,		MOV,	0, 0,		0) \
	X(TEST,		TEST,	0, 0,		1) \
	X(LEA,		LOAD,	0x008d, 0,	0) \
	X(MOVZX8,	LOAD,	0x0fb6, 1,	0) \
	X(MOVZX16,	LOAD,	0x0fb7, 0,	0) \
	X(MOVSX8,	LOAD,	0x0fbe, 1,	0) \
	X(MOVSX16,	LOAD,	0x0fbf, 0,	0) \
	X(MOVSX32,	LOAD,	0x0063, 0,	0) \
	X(IMUL2,	LOAD,	0x0faf, 0,	1) \
	X(CMOV,		CMOV,	0, 0,		0) \
	X(MOVBE_LD,	LOAD,	0x38f0, 0,	0) \
	X(MOVBE_ST,	STORE,	0x38f1, 0,	0) \
	X(XCHG,		STORE,	0x0087, 0,	0) \
	X(XADD,		STORE,	0x0fc1, 0,	1) \
	X(CMPXCHG,	STORE,	0x0fb1, 0,	1) \
	X(IMUL3,	IMUL3,	0, 0,		1) \
	X(ROL,		SHIFT,	0, 0,		1) \
	X(ROR,		SHIFT,	1, 0,		1) \
	X(SHL,		SHIFT,	4, 0,		1) \
	X(SHR,		SHIFT,	5, 0,		1) \
	X(SAR,		SHIFT,	7, 0,		1) \
	X(NOT,		UNARY,	2, 0xf7,	0) \
	X(NEG,		UNARY,	3, 0xf7,	1) \
	X(MUL,		UNARY,	4, 0xf7,	1) \
	X(IMUL,		UNARY,	5, 0xf7,	1) \
	X(DIV,		UNARY,	6, 0xf7,	1) \
	X(IDIV,		UNARY,	7, 0xf7,	1) \
	X(INC,		UNARY,	0, 0xff,	1) \
	X(DEC,		UNARY,	1, 0xff,	1) \
	X(CALL_IND,	UNARY64, 2, 0xff,	1) \
	X(JMP_IND,	UNARY64, 4, 0xff,	0) \
	X(PUSH,		PLUS,	0x0050, 0,	0) \
	X(POP,		PLUS,	0x0058, 0,	0) \
	X(BSWAP,	PLUS,	0x0fc8, 1,	0) \
	X(PUSHI,	PUSHI,	0, 0,		0) \
	X(RORX,		RORX,	0xf0, 3,	0) \
	X(SHLX,		VSHIFT,	0xf7, 1,	0) \
	X(SARX,		VSHIFT,	0xf7, 2,	0) \
	X(SHRX,		VSHIFT,	0xf7, 3,	0) \
	X(JMP,		REL,	0xe9, 0xeb,	0) \
	X(CALL,		REL,	0xe8, 0,	1) \
	X(JCC,		JCC,	0x80, 0x70,	0) \
	X(SETCC,	SETCC,	0, 0,		0) \
	X(RET,		FIXED,	0xc3, 1,	0) \
	X(LEAVE,	FIXED,	0xc9, 1,	0) \
	X(INT3,		FIXED,	0xcc, 1,	0) \
	X(CDQ,		FIXED,	0x99, 1,	0) \
	X(CQO,		FIXED,	0x9948, 2,	0) \
	X(UD2,		FIXED,	0x0b0f, 2,	0) \
	X(LFENCE,	FIXED,	0xe8ae0f, 3,	0) \
	X(ENDBR64,	FIXED,	0xfa1e0ff3, 4,	0) \
	X(NOP,		NOP,	0, 0,		0) \
	X(RAW,		RAW,	0, 0,		1)

enum x86_op {
#define X86_OP_ENUM(name, class, a, b, flags) X86_##name,
	X86_OPS(X86_OP_ENUM)
#undef X86_OP_ENUM
	X86_NR_OPS
};

/*
 * Operand forms. "rm" is the ModRM r/m operand, a register or memory; "reg"
 * is the ModRM reg operand.
 */
enum x86_form {
	X86_F_NONE,	/* no operand, or a relative one for JMP, JCC and CALL */
	X86_F_RR,	/* rm register, reg register */
	X86_F_RM,	/* reg <- memory */
	X86_F_MR,	/* memory <- reg */
	X86_F_RI,	/* rm register, immediate */
	X86_F_MI,	/* memory, immediate */
	X86_F_R,	/* rm register only (shifts: count in CL) */
	X86_F_M,	/* memory only (shifts: count in CL) */
};

/* Flags of one instruction. */
#define X86_LOCK	0x01	/* lock prefix */
#define X86_GS		0x02	/* memory operand is relative to GS */
#define X86_WIDE	0x04	/* largest immediate, so that it can be changed in place */
#define X86_SHORT	0x08	/* JMP and JCC: the displacement is one byte */
#define X86_ABS		0x10	/* for layout: imm is an absolute target address */
#define X86_EXTABLE	0x20	/* for layout: a fault here has an exception table entry */
#define X86_FAR		0x40	/* for layout: call target may be out of reach */
#define X86_ADDR_FUNC	0x80	/* for layout: imm becomes the entry of function number label */

#define X86_NOLABEL	U32_MAX
#define X86_MAX_INSN	15

/**
 * struct x86_mem - a memory operand
 * @base: base register, or X86_NOREG
 * @index: index register, or X86_NOREG; never X86_RSP
 * @scale: 1, 2, 4 or 8
 * @disp: displacement in bytes
 */
struct x86_mem {
	u8	base;
	u8	index;
	u8	scale;
	s32	disp;
};

/**
 * struct x86_insn - one machine instruction
 * @op: enum x86_op
 * @form: enum x86_form
 * @width: operand size in bytes: 1, 2, 4 or 8
 * @flags: X86_LOCK and friends
 * @reg: ModRM reg operand
 * @rm: ModRM r/m register, or base of the memory operand
 * @index: index register or X86_NOREG; third operand of VEX shifts
 * @scale: 1, 2, 4 or 8; condition code of JCC, SETCC and CMOV
 * @disp: displacement of the memory operand
 * @label: for the layout: branch target of JMP, JCC and CALL; where execution goes on after a
 *	fault, if not behind the instruction; or X86_NOLABEL
 * @imm: immediate; displacement from the end of the instruction for branches
 */
struct x86_insn {
	u8	op;
	u8	form;
	u8	width;
	u8	flags;
	u8	reg;
	u8	rm;
	u8	index;
	u8	scale;
	s32	disp;
	u32	label;
	s64	imm;
};

int x86_encode(const struct x86_insn *insn, u8 *buf);
bool x86_writes_flags(const struct x86_insn *insn);
int x86_fill_nops(u8 *buf, unsigned int len);

static inline bool x86_is_s8(s64 v)
{
	return v == (s8)v;
}

static inline bool x86_is_s32(s64 v)
{
	return v == (s32)v;
}

static inline bool x86_is_u32(s64 v)
{
	return v == (s64)(u32)v;
}

static inline struct x86_mem x86_at(u8 base, s32 disp)
{
	return (struct x86_mem){ .base = base, .index = X86_NOREG, .scale = 1, .disp = disp };
}

static inline struct x86_mem x86_at_index(u8 base, u8 index, u8 scale, s32 disp)
{
	return (struct x86_mem){ .base = base, .index = index, .scale = scale, .disp = disp };
}

static inline struct x86_insn x86_none(u8 op)
{
	return (struct x86_insn){ .op = op, .form = X86_F_NONE, .width = 8,
				  .index = X86_NOREG, .scale = 1, .label = X86_NOLABEL };
}

/* Two registers; @dst is the one written (both operands are symmetric for TEST and XCHG). */
struct x86_insn x86_rr(u8 op, u8 width, u8 dst, u8 src);

static inline struct x86_insn x86_ri(u8 op, u8 width, u8 dst, s64 imm)
{
	struct x86_insn i = x86_none(op);

	i.form = X86_F_RI;
	i.width = width;
	i.rm = dst;
	i.imm = imm;
	return i;
}

static inline struct x86_insn x86_mem_form(u8 op, u8 form, u8 width, struct x86_mem m)
{
	struct x86_insn i = x86_none(op);

	i.form = form;
	i.width = width;
	i.rm = m.base;
	i.index = m.index;
	i.scale = m.scale;
	i.disp = m.disp;
	return i;
}

static inline struct x86_insn x86_rm(u8 op, u8 width, u8 dst, struct x86_mem m)
{
	struct x86_insn i = x86_mem_form(op, X86_F_RM, width, m);

	i.reg = dst;
	return i;
}

static inline struct x86_insn x86_mr(u8 op, u8 width, struct x86_mem m, u8 src)
{
	struct x86_insn i = x86_mem_form(op, X86_F_MR, width, m);

	i.reg = src;
	return i;
}

static inline struct x86_insn x86_mi(u8 op, u8 width, struct x86_mem m, s64 imm)
{
	struct x86_insn i = x86_mem_form(op, X86_F_MI, width, m);

	i.imm = imm;
	return i;
}

static inline struct x86_insn x86_r(u8 op, u8 width, u8 rm)
{
	struct x86_insn i = x86_none(op);

	i.form = X86_F_R;
	i.width = width;
	i.rm = rm;
	return i;
}

static inline struct x86_insn x86_m(u8 op, u8 width, struct x86_mem m)
{
	return x86_mem_form(op, X86_F_M, width, m);
}

/* dst = src * imm */
static inline struct x86_insn x86_imul3(u8 width, u8 dst, u8 src, s32 imm)
{
	struct x86_insn i = x86_ri(X86_IMUL3, width, src, imm);

	i.reg = dst;
	return i;
}

/* dst = src rotated right by imm; flags untouched (BMI2) */
static inline struct x86_insn x86_rorx(u8 width, u8 dst, u8 src, u8 imm)
{
	struct x86_insn i = x86_ri(X86_RORX, width, src, imm);

	i.reg = dst;
	return i;
}

/* dst = src shifted by count (BMI2: SHLX, SARX, SHRX) */
static inline struct x86_insn x86_vshift(u8 op, u8 width, u8 dst, u8 src, u8 count)
{
	struct x86_insn i = x86_r(op, width, src);

	i.form = X86_F_RR;
	i.reg = dst;
	i.index = count;
	return i;
}

static inline struct x86_insn x86_cmov(u8 cc, u8 width, u8 dst, u8 src)
{
	struct x86_insn i = x86_none(X86_CMOV);

	i.form = X86_F_RR;
	i.width = width;
	i.reg = dst;
	i.rm = src;
	i.scale = cc;
	return i;
}

static inline struct x86_insn x86_setcc(u8 cc, u8 dst)
{
	struct x86_insn i = x86_r(X86_SETCC, 1, dst);

	i.scale = cc;
	return i;
}

static inline struct x86_insn x86_jcc(u8 cc, u32 label)
{
	struct x86_insn i = x86_none(X86_JCC);

	i.scale = cc;
	i.label = label;
	return i;
}

static inline struct x86_insn x86_jmp(u32 label)
{
	struct x86_insn i = x86_none(X86_JMP);

	i.label = label;
	return i;
}

/* Call or jump to an absolute address, which layout makes relative. */
static inline struct x86_insn x86_to_addr(u8 op, u64 addr)
{
	struct x86_insn i = x86_none(op);

	i.flags = X86_ABS;
	i.imm = addr;
	return i;
}

/* A no-operation of 1 to 9 bytes. */
static inline struct x86_insn x86_nop(u8 len)
{
	struct x86_insn i = x86_none(X86_NOP);

	i.imm = len;
	return i;
}

#endif /* _BPF_X86_EMIT_H */
