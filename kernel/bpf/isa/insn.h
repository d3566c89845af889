/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions: decoding, checking, register use, text, constructors.
 *
 * Everything here is pure: no allocation, no locks, any context. The rows
 * behind it are in isa/opcodes.h.
 */
#ifndef _BPF_ISA_INSN_H
#define _BPF_ISA_INSN_H

#include <linux/types.h>
#include <uapi/linux/bpf.h>

/* Numbers of the operations: INSN_ADD64_K, INSN_LDX_W, ... */
enum insn_id {
	INSN_INVALID,
#define INSN(id, ...) INSN_##id,
#include "isa/opcodes.h"
	INSN_NR
};

enum insn_kind {
	INSN_KIND_NONE,
	INSN_KIND_ALU,		/* dst = dst op (src | imm) */
	INSN_KIND_NEG,
	INSN_KIND_MOV,
	INSN_KIND_MOVSX,
	INSN_KIND_ADDR_SPACE,	/* imm: destination space << 16 | source space */
	INSN_KIND_PERCPU,	/* per-CPU offset to this CPU's address */
	INSN_KIND_END,
	INSN_KIND_JUMP,		/* conditional */
	INSN_KIND_GOTO,
	INSN_KIND_MAY_GOTO,
	INSN_KIND_CALL,
	INSN_KIND_EXIT,
	INSN_KIND_TAIL_CALL,
	INSN_KIND_LOAD,
	INSN_KIND_STORE,
	INSN_KIND_STORE_IMM,
	INSN_KIND_ATOMIC,
	INSN_KIND_LD_IMM64,
	INSN_KIND_PACKET,	/* LD_ABS, LD_IND */
	INSN_KIND_NOSPEC,
	INSN_KIND_NR
};

enum insn_group {
	INSN_GROUP_BASE32,
	INSN_GROUP_BASE64,
	INSN_GROUP_DIVMUL32,
	INSN_GROUP_DIVMUL64,
	INSN_GROUP_ATOMIC32,
	INSN_GROUP_ATOMIC64,
	INSN_GROUP_PACKET,
	INSN_GROUP_LINUX,
	INSN_GROUP_INTERNAL,
};

enum insn_form {
	INSN_FORM_ALU_K,
	INSN_FORM_ALU_X,
	INSN_FORM_NEG,
	INSN_FORM_MOVSX,
	INSN_FORM_ADDR_SPACE,
	INSN_FORM_PERCPU,
	INSN_FORM_END,
	INSN_FORM_JMP_K,
	INSN_FORM_JMP_X,
	INSN_FORM_JA,
	INSN_FORM_GOTOL,
	INSN_FORM_CALL,
	INSN_FORM_EXIT,
	INSN_FORM_LDX,
	INSN_FORM_ST,
	INSN_FORM_STX,
	INSN_FORM_ATOMIC,
	INSN_FORM_FETCH,
	INSN_FORM_CMPXCHG,
	INSN_FORM_LD_IMM64,
	INSN_FORM_LD_ABS,
	INSN_FORM_LD_IND,
	INSN_FORM_NR
};

/* Field that tells the operations of one opcode byte apart. */
enum insn_sel {
	INSN_SEL_ANY,
	INSN_SEL_OFF,
	INSN_SEL_IMM,
	INSN_SEL_SRC,
};

/* What a shape is made of. */
enum insn_operand {
	INSN_O_RD	= 1 << 0,	/* reads dst */
	INSN_O_RS	= 1 << 1,	/* reads src */
	INSN_O_WD	= 1 << 2,	/* writes dst */
	INSN_O_WS	= 1 << 3,	/* writes src */
	INSN_O_R0	= 1 << 4,	/* reads R0 */
	INSN_O_W0	= 1 << 5,	/* writes R0 */
	INSN_O_R6	= 1 << 6,	/* reads R6 */
	INSN_O_R123	= 1 << 7,	/* reads R1, R2, R3 */
	INSN_O_CLOBBER	= 1 << 8,	/* writes R0, leaves R1 to R5 undefined */
	INSN_O_ZD	= 1 << 9,	/* dst_reg is reserved, 0 */
	INSN_O_ZS	= 1 << 10,	/* src_reg is reserved, 0 */
	INSN_O_ZO	= 1 << 11,	/* off is reserved, 0 */
	INSN_O_ZI	= 1 << 12,	/* imm is reserved, 0 */
	INSN_O_WIDE	= 1 << 13,	/* two slots */
	INSN_O_NZ	= 1 << 14,	/* imm of the second slot is reserved, 0 */

	INSN_O_ZALL	= INSN_O_ZD | INSN_O_ZS | INSN_O_ZO | INSN_O_ZI,
};

/* A reserved field that is also the row's selector is not looked at. */
enum insn_shape {
	INSN_SHAPE_ALU_K = INSN_O_RD | INSN_O_WD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_ALU_X = INSN_O_RD | INSN_O_RS | INSN_O_WD | INSN_O_ZO | INSN_O_ZI,
	INSN_SHAPE_NEG = INSN_O_RD | INSN_O_WD | INSN_O_ZS | INSN_O_ZO | INSN_O_ZI,
	INSN_SHAPE_MOV_K = INSN_O_WD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_MOV_X = INSN_O_RS | INSN_O_WD | INSN_O_ZO | INSN_O_ZI,
	INSN_SHAPE_CAST = INSN_O_RS | INSN_O_WD | INSN_O_ZO,
	INSN_SHAPE_CMP_K = INSN_O_RD | INSN_O_ZS,
	INSN_SHAPE_CMP_X = INSN_O_RD | INSN_O_RS | INSN_O_ZI,
	INSN_SHAPE_GOTO = INSN_O_ZD | INSN_O_ZS | INSN_O_ZI,
	INSN_SHAPE_GOTOL = INSN_O_ZD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_CALL = INSN_O_CLOBBER | INSN_O_ZD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_KFUNC = INSN_O_CLOBBER | INSN_O_ZD | INSN_O_ZS,
	INSN_SHAPE_EXIT = INSN_O_R0 | INSN_O_ZALL,
	INSN_SHAPE_TAIL_CALL = INSN_O_R123 | INSN_O_CLOBBER | INSN_O_ZD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_LOAD = INSN_O_RS | INSN_O_WD | INSN_O_ZI,
	INSN_SHAPE_STORE_K = INSN_O_RD | INSN_O_ZS,
	INSN_SHAPE_STORE_X = INSN_O_RD | INSN_O_RS | INSN_O_ZI,
	INSN_SHAPE_ATOMIC = INSN_O_RD | INSN_O_RS,
	INSN_SHAPE_FETCH = INSN_O_RD | INSN_O_RS | INSN_O_WS,
	INSN_SHAPE_CMPXCHG = INSN_O_RD | INSN_O_RS | INSN_O_R0 | INSN_O_W0,
	INSN_SHAPE_LD64 = INSN_O_WD | INSN_O_ZO | INSN_O_WIDE,
	INSN_SHAPE_LD64_LOW = INSN_O_WD | INSN_O_ZO | INSN_O_WIDE | INSN_O_NZ,
	INSN_SHAPE_PKT_K = INSN_O_R6 | INSN_O_CLOBBER | INSN_O_ZD | INSN_O_ZS | INSN_O_ZO,
	INSN_SHAPE_PKT_X = INSN_O_RS | INSN_O_R6 | INSN_O_CLOBBER | INSN_O_ZD | INSN_O_ZO,
	INSN_SHAPE_NONE = INSN_O_ZALL,
};

enum insn_mod {
	INSN_MOD_PLAIN		= 0,
	INSN_MOD_SX		= 1 << 0,
	INSN_MOD_PROBE		= 1 << 1,
	INSN_MOD_PROBE_SX	= INSN_MOD_PROBE | INSN_MOD_SX,
	INSN_MOD_ARENA		= INSN_MOD_PROBE | 1 << 2,
};

/* One row of the opcode table. */
struct insn_row {
	const char *name;	/* "ADD64_K" */
	const char *op;		/* "+=" */
	u16 shape;		/* INSN_O_* */
	s16 val;		/* value of the selector field */
	u8 code;
	u8 sel;			/* enum insn_sel */
	u8 kind;		/* enum insn_kind */
	u8 width;		/* bytes, 0: none */
	u8 group;		/* enum insn_group */
	u8 mod;			/* enum insn_mod */
	u8 form;		/* enum insn_form */
};

/* Indexed by enum insn_id; row 0 belongs to INSN_INVALID. */
extern const struct insn_row insn_rows[INSN_NR];

/* First operation of each opcode byte, INSN_INVALID where there is none. */
extern const u8 insn_first[256];

/* Scratch register that programs cannot name; rewriting and blinding use it. */
#define INSN_REG_AX		11

/* Opcode bits that only internal rows have. */
#define INSN_MODE_PROBE		0x20	/* LDX */
#define INSN_MODE_PROBE_SX	0x40	/* LDX */
#define INSN_MODE_ARENA		0xa0	/* LDX, ST, STX */
#define INSN_MODE_ARENA_ATOMIC	0xe0	/* STX */
#define INSN_OP_TAIL_CALL	0xf0	/* JMP */
#define INSN_CODE_NOSPEC	0xc2
#define INSN_OFF_ADDR_SPACE	1	/* ALU64 MOV X */
#define INSN_OFF_PERCPU		(-1)	/* ALU64 MOV X */

/* What insn_check() found wrong. */
enum insn_fault_kind {
	INSN_FAULT_NONE,
	INSN_FAULT_OPCODE,	/* no such opcode */
	INSN_FAULT_RESERVED,	/* a reserved field is not 0 */
	INSN_FAULT_ATOMIC,	/* no such atomic operation */
	INSN_FAULT_PSEUDO,	/* no such kind of 64-bit immediate */
	INSN_FAULT_WIDE,	/* second slot of a 64-bit immediate missing or wrong */
	INSN_FAULT_REG,		/* no such register */
	INSN_FAULT_FP_WRITE,	/* R10 is not to be written */
	INSN_FAULT_SHIFT,	/* shift by the operand's width or more */
	INSN_FAULT_DIVISOR,	/* division by an immediate 0 */
	INSN_FAULT_ADDR_SPACE,	/* conversion between other spaces than 0 and 1 */
	INSN_FAULT_NR
};

enum insn_field {
	INSN_FIELD_CODE,
	INSN_FIELD_DST,
	INSN_FIELD_SRC,
	INSN_FIELD_OFF,
	INSN_FIELD_IMM,
	INSN_FIELD_NEXT,	/* second slot of a 64-bit immediate */
};

struct insn_fault {
	enum insn_fault_kind kind;
	enum insn_field field;
	s32 value;		/* what the field holds */
	enum insn_kind insn_kind;
};

/* insn_check() flag: internal operations and INSN_REG_AX are legal */
#define INSN_CHECK_INTERNAL	1u

enum insn_id bpf_insn_decode(const struct bpf_insn *insn);
int insn_check(const struct bpf_insn *insn, u32 left, u32 flags, struct insn_fault *fault);
int insn_fault_text(char *buf, size_t size, const struct insn_fault *fault);
u16 insn_uses(const struct bpf_insn *insn);
u16 insn_defs(const struct bpf_insn *insn);
u16 insn_defs32(const struct bpf_insn *insn);

/**
 * struct insn_text_cb - what the reader of an instruction's text knows
 * @call: name of what a call instruction calls, NULL for the default; may
 *	write to @buf. The text is printed as it is for subprograms, otherwise
 *	followed by "#imm"
 * @imm64: writes the right side of a 64-bit immediate to @buf; @imm is the
 *	joined value. Returns false to have it printed as a number
 * @ctx: passed to both
 */
struct insn_text_cb {
	const char *(*call)(void *ctx, const struct bpf_insn *insn, char *buf, size_t size);
	bool (*imm64)(void *ctx, const struct bpf_insn *insn, u64 imm, char *buf, size_t size);
	void *ctx;
};

int insn_text(char *buf, size_t size, const struct bpf_insn *insn, const struct insn_text_cb *cb);

static inline const struct insn_row *insn_row(const struct bpf_insn *insn)
{
	return &insn_rows[bpf_insn_decode(insn)];
}

static inline u8 insn_class(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code);
}

static inline u8 insn_op(const struct bpf_insn *insn)
{
	return BPF_OP(insn->code);
}

static inline bool insn_is_alu(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_ALU || insn_class(insn) == BPF_ALU64;
}

static inline bool insn_is_src_reg(const struct bpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X;
}

static inline bool insn_is_ld_imm64(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Slots taken: 2 for a 64-bit immediate, 1 for everything else. */
static inline u32 insn_slots(const struct bpf_insn *insn)
{
	return insn_is_ld_imm64(insn) ? 2 : 1;
}

/* Value of a 64-bit immediate; @insn is the first of its two slots. */
static inline u64 insn_imm64(const struct bpf_insn *insn)
{
	return (u64)(u32)insn[1].imm << 32 | (u32)insn[0].imm;
}

static inline void insn_set_imm64(struct bpf_insn *insn, u64 imm)
{
	insn[0].imm = (u32)imm;
	insn[1].imm = imm >> 32;
}

static inline bool insn_is_exit(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_EXIT);
}

static inline bool insn_is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL);
}

static inline bool insn_is_helper_call(const struct bpf_insn *insn)
{
	return insn_is_call(insn) && !insn->src_reg;
}

static inline bool insn_is_sub_call(const struct bpf_insn *insn)
{
	return insn_is_call(insn) && insn->src_reg == BPF_PSEUDO_CALL;
}

static inline bool insn_is_kfunc_call(const struct bpf_insn *insn)
{
	return insn_is_call(insn) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

/* Address of a subprogram (callback) as a 64-bit immediate */
static inline bool insn_is_sub_addr(const struct bpf_insn *insn)
{
	return insn_is_ld_imm64(insn) && insn->src_reg == BPF_PSEUDO_FUNC;
}

static inline bool insn_is_gotol(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP32 | BPF_JA);
}

static inline bool insn_is_goto(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JA) || insn_is_gotol(insn);
}

static inline bool insn_is_may_goto(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JCOND);
}

/* Has a jump target of its own: any jump but call, exit and tail call. */
static inline bool insn_is_jump(const struct bpf_insn *insn)
{
	u8 op = insn_op(insn);

	if (insn_class(insn) == BPF_JMP)
		return op != BPF_CALL && op != BPF_EXIT && op != INSN_OP_TAIL_CALL;
	return insn_class(insn) == BPF_JMP32;
}

/* Control never goes on to the next instruction. */
static inline bool insn_ends_block(const struct bpf_insn *insn)
{
	return insn_is_goto(insn) || insn_is_exit(insn);
}

/* Distance of a jump or subprogram call, in slots from the next instruction */
static inline s32 insn_jump_dist(const struct bpf_insn *insn)
{
	return insn_is_gotol(insn) || insn_is_call(insn) ? insn->imm : insn->off;
}

/* Index of the target of the jump, subprogram call at @idx; may be out of bounds */
static inline s64 insn_jump_target(const struct bpf_insn *insn, u32 idx)
{
	return (s64)idx + 1 + insn_jump_dist(insn);
}

/* Bytes of a BPF_SIZE field */
static inline u32 insn_size_bytes(u8 code)
{
	static const u8 bytes[4] = { 4, 2, 1, 8 };

	return bytes[BPF_SIZE(code) >> 3];
}

/* BPF_SIZE field for @bytes, which is 1, 2, 4 or 8 */
static inline u8 insn_bytes_size(u32 bytes)
{
	return bytes == 8 ? BPF_DW : bytes == 4 ? BPF_W : bytes == 2 ? BPF_H : BPF_B;
}

static inline struct bpf_insn insn_make(u8 code, u8 dst, u8 src, s16 off, s32 imm)
{
	return (struct bpf_insn) {
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm,
	};
}

/* Constructors. @op: BPF_ADD, BPF_JEQ, ...; @size: BPF_B, BPF_H, BPF_W, BPF_DW */

static inline struct bpf_insn insn_alu64_imm(u8 op, u8 dst, s32 imm)
{
	return insn_make(BPF_ALU64 | BPF_OP(op) | BPF_K, dst, 0, 0, imm);
}

static inline struct bpf_insn insn_alu64_reg(u8 op, u8 dst, u8 src)
{
	return insn_make(BPF_ALU64 | BPF_OP(op) | BPF_X, dst, src, 0, 0);
}

static inline struct bpf_insn insn_alu32_imm(u8 op, u8 dst, s32 imm)
{
	return insn_make(BPF_ALU | BPF_OP(op) | BPF_K, dst, 0, 0, imm);
}

static inline struct bpf_insn insn_alu32_reg(u8 op, u8 dst, u8 src)
{
	return insn_make(BPF_ALU | BPF_OP(op) | BPF_X, dst, src, 0, 0);
}

static inline struct bpf_insn insn_mov64_imm(u8 dst, s32 imm)
{
	return insn_alu64_imm(BPF_MOV, dst, imm);
}

static inline struct bpf_insn insn_mov64_reg(u8 dst, u8 src)
{
	return insn_alu64_reg(BPF_MOV, dst, src);
}

static inline struct bpf_insn insn_mov32_imm(u8 dst, s32 imm)
{
	return insn_alu32_imm(BPF_MOV, dst, imm);
}

static inline struct bpf_insn insn_mov32_reg(u8 dst, u8 src)
{
	return insn_alu32_reg(BPF_MOV, dst, src);
}

/* Sign-extending moves; @bits is 8, 16, or 32 with a 64-bit destination */
static inline struct bpf_insn insn_movsx64(u8 dst, u8 src, u8 bits)
{
	return insn_make(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, bits, 0);
}

static inline struct bpf_insn insn_movsx32(u8 dst, u8 src, u8 bits)
{
	return insn_make(BPF_ALU | BPF_MOV | BPF_X, dst, src, bits, 0);
}

/* @order: BPF_TO_LE or BPF_TO_BE; @bits: 16, 32 or 64 */
static inline struct bpf_insn insn_end(u8 order, u8 dst, u8 bits)
{
	return insn_make(BPF_ALU | BPF_END | order, dst, 0, 0, bits);
}

static inline struct bpf_insn insn_bswap(u8 dst, u8 bits)
{
	return insn_make(BPF_ALU64 | BPF_END, dst, 0, 0, bits);
}

/* dst = address of this CPU's copy of the per-CPU object src */
static inline struct bpf_insn insn_mov_percpu(u8 dst, u8 src)
{
	return insn_make(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, INSN_OFF_PERCPU, 0);
}

static inline struct bpf_insn insn_load(u8 size, u8 dst, u8 src, s16 off)
{
	return insn_make(BPF_LDX | BPF_MEM | size, dst, src, off, 0);
}

static inline struct bpf_insn insn_load_sx(u8 size, u8 dst, u8 src, s16 off)
{
	return insn_make(BPF_LDX | BPF_MEMSX | size, dst, src, off, 0);
}

static inline struct bpf_insn insn_store(u8 size, u8 dst, u8 src, s16 off)
{
	return insn_make(BPF_STX | BPF_MEM | size, dst, src, off, 0);
}

static inline struct bpf_insn insn_store_imm(u8 size, u8 dst, s16 off, s32 imm)
{
	return insn_make(BPF_ST | BPF_MEM | size, dst, 0, off, imm);
}

/* @op: BPF_ADD, BPF_ADD | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG, ...; @size: BPF_W or BPF_DW */
static inline struct bpf_insn insn_atomic(u8 size, u8 op, u8 dst, u8 src, s16 off)
{
	return insn_make(BPF_STX | BPF_ATOMIC | size, dst, src, off, op);
}

static inline struct bpf_insn insn_goto(s16 dist)
{
	return insn_make(BPF_JMP | BPF_JA, 0, 0, dist, 0);
}

/* Not of programs: goto, reached only with @reg other than 0. */
static inline struct bpf_insn insn_goto_nonzero(u8 reg, s16 dist)
{
	return insn_make(BPF_JMP | BPF_JA, 0, 0, dist, 1 << reg);
}

static inline struct bpf_insn insn_gotol(s32 dist)
{
	return insn_make(BPF_JMP32 | BPF_JA, 0, 0, 0, dist);
}

static inline struct bpf_insn insn_nop(void)
{
	return insn_goto(0);
}

static inline struct bpf_insn insn_jump_imm(u8 op, u8 dst, s32 imm, s16 dist)
{
	return insn_make(BPF_JMP | BPF_OP(op) | BPF_K, dst, 0, dist, imm);
}

static inline struct bpf_insn insn_jump_reg(u8 op, u8 dst, u8 src, s16 dist)
{
	return insn_make(BPF_JMP | BPF_OP(op) | BPF_X, dst, src, dist, 0);
}

static inline struct bpf_insn insn_jump32_imm(u8 op, u8 dst, s32 imm, s16 dist)
{
	return insn_make(BPF_JMP32 | BPF_OP(op) | BPF_K, dst, 0, dist, imm);
}

static inline struct bpf_insn insn_jump32_reg(u8 op, u8 dst, u8 src, s16 dist)
{
	return insn_make(BPF_JMP32 | BPF_OP(op) | BPF_X, dst, src, dist, 0);
}

static inline struct bpf_insn insn_may_goto(s16 dist)
{
	return insn_make(BPF_JMP | BPF_JCOND, 0, BPF_MAY_GOTO, dist, 0);
}

/* @imm: helper id; after fix-up the distance from __bpf_call_base */
static inline struct bpf_insn insn_call(s32 imm)
{
	return insn_make(BPF_JMP | BPF_CALL, 0, 0, 0, imm);
}

static inline struct bpf_insn insn_call_sub(s32 dist)
{
	return insn_make(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, dist);
}

static inline struct bpf_insn insn_call_kfunc(s32 btf_id, s16 fd_idx)
{
	return insn_make(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, fd_idx, btf_id);
}

static inline struct bpf_insn insn_exit(void)
{
	return insn_make(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Not of programs: an exit whose caller reads R1 as well. */
static inline struct bpf_insn insn_exit_status(void)
{
	return insn_make(BPF_JMP | BPF_EXIT, 0, 0, 0, 1);
}

static inline struct bpf_insn insn_tail_call(s32 poke)
{
	return insn_make(BPF_JMP | INSN_OP_TAIL_CALL, 0, 0, 0, poke);
}

static inline struct bpf_insn insn_nospec(void)
{
	return insn_make(INSN_CODE_NOSPEC, 0, 0, 0, 0);
}

/* Fills both slots; @pseudo: 0 or BPF_PSEUDO_MAP_FD, ... */
static inline void insn_ld_imm64(struct bpf_insn *insn, u8 dst, u8 pseudo, u64 imm)
{
	insn[0] = insn_make(BPF_LD | BPF_IMM | BPF_DW, dst, pseudo, 0, (u32)imm);
	insn[1] = insn_make(0, 0, 0, 0, imm >> 32);
}

#endif /* _BPF_ISA_INSN_H */
