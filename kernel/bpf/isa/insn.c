// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding, checking and register use of instructions, all from the rows of
 * isa/opcodes.h.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include "isa/insn.h"

#define INSN_REG_FP	10

#define INSN(_id, _code, _sel, _val, _kind, _width, _group, _shape, _mod, _form, _op)	\
	[INSN_##_id] = {								\
		.name = #_id, .op = _op, .shape = INSN_SHAPE_##_shape, .val = _val,	\
		.code = _code, .sel = INSN_SEL_##_sel, .kind = INSN_KIND_##_kind,	\
		.width = _width, .group = INSN_GROUP_##_group,				\
		.mod = INSN_MOD_##_mod, .form = INSN_FORM_##_form,			\
	},

const struct insn_row insn_rows[INSN_NR] = {
	[INSN_INVALID] = { .name = "INVALID", .op = "" },
#include "isa/opcodes.h"
};

#define INSN(id, code, ...)	[code] = INSN_##id,
#define INSN_ALT(...)

const u8 insn_first[256] = {
#include "isa/opcodes.h"
};

static s32 insn_selector(const struct bpf_insn *insn, u8 sel)
{
	switch (sel) {
	case INSN_SEL_OFF:
		return insn->off;
	case INSN_SEL_IMM:
		return insn->imm;
	case INSN_SEL_SRC:
		return insn->src_reg;
	default:
		return 0;
	}
}

/**
 * bpf_insn_decode - find the operation of an instruction
 * @insn: instruction, for a 64-bit immediate its first slot
 *
 * Looks at the opcode byte and at the field that tells operations of that byte
 * apart; other fields are insn_check()'s matter.
 *
 * Context: Any.
 * Return: number of the operation, INSN_INVALID when there is none.
 */
enum insn_id bpf_insn_decode(const struct bpf_insn *insn)
{
	u32 id = insn_first[insn->code];
	s32 val;

	if (insn_rows[id].sel == INSN_SEL_ANY)
		return id;
	val = insn_selector(insn, insn_rows[id].sel);
	for (; id < INSN_NR && insn_rows[id].code == insn->code; id++) {
		if (insn_rows[id].val == val)
			return id;
	}
	return INSN_INVALID;
}

static int fault_set(struct insn_fault *fault, enum insn_fault_kind kind,
		     enum insn_field field, s32 value, enum insn_kind insn_kind)
{
	*fault = (struct insn_fault) {
		.kind = kind, .field = field, .value = value, .insn_kind = insn_kind,
	};
	return -EINVAL;
}

/* The opcode byte is known, but its selector holds no known value. */
static int check_selector(const struct bpf_insn *insn, struct insn_fault *fault)
{
	static const u8 fields[] = {
		[INSN_SEL_ANY] = INSN_FIELD_CODE,
		[INSN_SEL_OFF] = INSN_FIELD_OFF,
		[INSN_SEL_IMM] = INSN_FIELD_IMM,
		[INSN_SEL_SRC] = INSN_FIELD_SRC,
	};
	const struct insn_row *row = &insn_rows[insn_first[insn->code]];
	enum insn_fault_kind kind = INSN_FAULT_RESERVED;

	if (row->kind == INSN_KIND_NONE)
		return fault_set(fault, INSN_FAULT_OPCODE, INSN_FIELD_CODE, insn->code,
				 INSN_KIND_NONE);
	if (row->kind == INSN_KIND_ATOMIC)
		kind = INSN_FAULT_ATOMIC;
	else if (row->kind == INSN_KIND_LD_IMM64)
		kind = INSN_FAULT_PSEUDO;
	return fault_set(fault, kind, fields[row->sel], insn_selector(insn, row->sel), row->kind);
}

static int check_reserved(const struct bpf_insn *insn, const struct insn_row *row,
			  struct insn_fault *fault)
{
	const struct {
		u16 operand;
		u8 sel;
		u8 field;
		s32 value;
	} fields[] = {
		{ INSN_O_ZD, INSN_SEL_ANY, INSN_FIELD_DST, insn->dst_reg },
		{ INSN_O_ZS, INSN_SEL_SRC, INSN_FIELD_SRC, insn->src_reg },
		{ INSN_O_ZO, INSN_SEL_OFF, INSN_FIELD_OFF, insn->off },
		{ INSN_O_ZI, INSN_SEL_IMM, INSN_FIELD_IMM, insn->imm },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!(row->shape & fields[i].operand) || !fields[i].value)
			continue;
		if (fields[i].sel != INSN_SEL_ANY && fields[i].sel == row->sel)
			continue;
		return fault_set(fault, INSN_FAULT_RESERVED, fields[i].field, fields[i].value,
				 row->kind);
	}
	return 0;
}

static int check_wide(const struct bpf_insn *insn, u32 left, const struct insn_row *row,
		      struct insn_fault *fault)
{
	const struct bpf_insn *next = insn + 1;

	if (left < 2 || next->code || next->dst_reg || next->src_reg || next->off)
		return fault_set(fault, INSN_FAULT_WIDE, INSN_FIELD_NEXT, 0, row->kind);
	if ((row->shape & INSN_O_NZ) && next->imm)
		return fault_set(fault, INSN_FAULT_PSEUDO, INSN_FIELD_NEXT, next->imm, row->kind);
	return 0;
}

static int check_regs(const struct bpf_insn *insn, const struct insn_row *row, u32 flags,
		      struct insn_fault *fault)
{
	u32 max = flags & INSN_CHECK_INTERNAL ? INSN_REG_AX : INSN_REG_FP;

	if (row->shape & INSN_O_RS && insn->src_reg > max)
		return fault_set(fault, INSN_FAULT_REG, INSN_FIELD_SRC, insn->src_reg, row->kind);
	if (row->shape & (INSN_O_RD | INSN_O_WD) && insn->dst_reg > max)
		return fault_set(fault, INSN_FAULT_REG, INSN_FIELD_DST, insn->dst_reg, row->kind);
	if (row->shape & INSN_O_WD && insn->dst_reg == INSN_REG_FP)
		return fault_set(fault, INSN_FAULT_FP_WRITE, INSN_FIELD_DST, INSN_REG_FP,
				 row->kind);
	if (row->shape & INSN_O_WS && insn->src_reg == INSN_REG_FP)
		return fault_set(fault, INSN_FAULT_FP_WRITE, INSN_FIELD_SRC, INSN_REG_FP,
				 row->kind);
	return 0;
}

static int check_values(const struct bpf_insn *insn, const struct insn_row *row,
			struct insn_fault *fault)
{
	if (row->kind == INSN_KIND_ADDR_SPACE) {
		if (insn->imm != 1 && insn->imm != 1 << 16)
			return fault_set(fault, INSN_FAULT_ADDR_SPACE, INSN_FIELD_IMM, insn->imm,
					 row->kind);
		return 0;
	}
	if (row->kind != INSN_KIND_ALU || insn_is_src_reg(insn))
		return 0;
	switch (insn_op(insn)) {
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		if ((u32)insn->imm >= row->width * 8)
			return fault_set(fault, INSN_FAULT_SHIFT, INSN_FIELD_IMM, insn->imm,
					 row->kind);
		break;
	case BPF_DIV:
	case BPF_MOD:
		if (!insn->imm)
			return fault_set(fault, INSN_FAULT_DIVISOR, INSN_FIELD_IMM, 0, row->kind);
		break;
	}
	return 0;
}

/**
 * insn_check - check an instruction as far as it can be done by itself
 * @insn: instruction, for a 64-bit immediate its first slot
 * @left: slots from @insn to the end of the program, at least 1
 * @flags: 0 for what a program may contain, INSN_CHECK_INTERNAL for what the
 *	kernel may have put into it
 * @fault: what is wrong
 *
 * Opcode, reserved fields, registers, and immediates that no program may have
 * (RFC 9669, sections 3 to 5). Jump targets are not looked at.
 *
 * Context: Any.
 * Return: slots taken (1 or 2), or -EINVAL with @fault filled in.
 */
int insn_check(const struct bpf_insn *insn, u32 left, u32 flags, struct insn_fault *fault)
{
	enum insn_id id = bpf_insn_decode(insn);
	const struct insn_row *row = &insn_rows[id];
	int err;

	if (id == INSN_INVALID)
		return check_selector(insn, fault);
	if (row->group == INSN_GROUP_INTERNAL && !(flags & INSN_CHECK_INTERNAL)) {
		/* the byte is legal with another selector, or not at all */
		if (insn_rows[insn_first[insn->code]].group != INSN_GROUP_INTERNAL)
			return check_selector(insn, fault);
		return fault_set(fault, INSN_FAULT_OPCODE, INSN_FIELD_CODE, insn->code,
				 INSN_KIND_NONE);
	}
	err = check_reserved(insn, row, fault);
	if (!err && row->shape & INSN_O_WIDE)
		err = check_wide(insn, left, row, fault);
	if (!err)
		err = check_regs(insn, row, flags, fault);
	if (!err)
		err = check_values(insn, row, fault);
	if (err)
		return err;
	fault->kind = INSN_FAULT_NONE;
	return row->shape & INSN_O_WIDE ? 2 : 1;
}

static const char * const kind_names[INSN_KIND_NR] = {
	[INSN_KIND_NONE] = "BPF_INSN",
	[INSN_KIND_ALU] = "BPF_ALU",
	[INSN_KIND_NEG] = "BPF_NEG",
	[INSN_KIND_MOV] = "BPF_MOV",
	[INSN_KIND_MOVSX] = "BPF_MOV",
	[INSN_KIND_ADDR_SPACE] = "BPF_MOV",
	[INSN_KIND_PERCPU] = "BPF_MOV",
	[INSN_KIND_END] = "BPF_END",
	[INSN_KIND_JUMP] = "BPF_JMP/JMP32",
	[INSN_KIND_GOTO] = "BPF_JA",
	[INSN_KIND_MAY_GOTO] = "BPF_JCOND",
	[INSN_KIND_CALL] = "BPF_CALL",
	[INSN_KIND_EXIT] = "BPF_EXIT",
	[INSN_KIND_TAIL_CALL] = "BPF_TAIL_CALL",
	[INSN_KIND_LOAD] = "BPF_LDX",
	[INSN_KIND_STORE] = "BPF_STX",
	[INSN_KIND_STORE_IMM] = "BPF_ST",
	[INSN_KIND_ATOMIC] = "BPF_ATOMIC",
	[INSN_KIND_LD_IMM64] = "BPF_LD_IMM64",
	[INSN_KIND_PACKET] = "BPF_LD_[ABS|IND]",
	[INSN_KIND_NOSPEC] = "BPF_NOSPEC",
};

/**
 * insn_fault_text - the classic line for what insn_check() found
 * @buf: where to write, no newline at the end
 * @size: bytes in @buf
 * @fault: filled in by insn_check()
 *
 * Context: Any.
 * Return: characters written.
 */
int insn_fault_text(char *buf, size_t size, const struct insn_fault *fault)
{
	s32 value = fault->value;

	switch (fault->kind) {
	case INSN_FAULT_OPCODE:
		return scnprintf(buf, size, "unknown opcode %02x", (u8)value);
	case INSN_FAULT_RESERVED:
		return scnprintf(buf, size, "%s uses reserved fields",
				 kind_names[fault->insn_kind]);
	case INSN_FAULT_ATOMIC:
		return scnprintf(buf, size, "BPF_ATOMIC uses invalid atomic opcode %02x", value);
	case INSN_FAULT_PSEUDO:
		return scnprintf(buf, size, "unrecognized bpf_ld_imm64 insn");
	case INSN_FAULT_WIDE:
		return scnprintf(buf, size, "invalid bpf_ld_imm64 insn");
	case INSN_FAULT_REG:
		return scnprintf(buf, size, "R%d is invalid", value);
	case INSN_FAULT_FP_WRITE:
		return scnprintf(buf, size, "frame pointer is read only");
	case INSN_FAULT_SHIFT:
		return scnprintf(buf, size, "invalid shift %d", value);
	case INSN_FAULT_DIVISOR:
		return scnprintf(buf, size, "div by zero");
	case INSN_FAULT_ADDR_SPACE:
		return scnprintf(buf, size,
				 "addr_space_cast insn can only convert between address space 1 and 0");
	default:
		return scnprintf(buf, size, "no fault");
	}
}

/**
 * insn_uses - registers that an instruction reads
 * @insn: instruction, for a 64-bit immediate its first slot
 *
 * For a call R1 to R5 are left out: how many of them are read is known only
 * to who knows what is called.
 *
 * Context: Any.
 * Return: mask, bit n for Rn.
 */
u16 insn_uses(const struct bpf_insn *insn)
{
	u16 shape = insn_row(insn)->shape;
	u16 regs = 0;

	if (shape & INSN_O_RD)
		regs |= 1 << insn->dst_reg;
	if (shape & INSN_O_RS)
		regs |= 1 << insn->src_reg;
	if (shape & INSN_O_R0)
		regs |= 1 << 0;
	if (shape & INSN_O_R6)
		regs |= 1 << 6;
	if (shape & INSN_O_R123)
		regs |= 0x0e;
	if (insn_is_exit(insn) && insn->imm)
		regs |= 1 << 1;
	return regs;
}

/**
 * insn_defs - registers that an instruction writes or leaves undefined
 * @insn: instruction, for a 64-bit immediate its first slot
 *
 * Context: Any.
 * Return: mask, bit n for Rn; R0 to R5 for a call.
 */
u16 insn_defs(const struct bpf_insn *insn)
{
	u16 shape = insn_row(insn)->shape;
	u16 regs = 0;

	if (shape & INSN_O_WD)
		regs |= 1 << insn->dst_reg;
	if (shape & INSN_O_WS)
		regs |= 1 << insn->src_reg;
	if (shape & INSN_O_W0)
		regs |= 1 << 0;
	if (shape & INSN_O_CLOBBER)
		regs |= 0x3f;
	return regs;
}

/**
 * insn_defs32 - registers whose upper half an instruction sets to 0
 * @insn: instruction, for a 64-bit immediate its first slot
 *
 * Loads of less than 8 bytes, 32-bit arithmetic and 32-bit atomics that fetch.
 * A JIT for a machine that does not zero the upper half by itself has to do it
 * unless the upper half is dead.
 *
 * Context: Any.
 * Return: mask, bit n for Rn; a subset of insn_defs().
 */
u16 insn_defs32(const struct bpf_insn *insn)
{
	const struct insn_row *row = insn_row(insn);

	switch (row->kind) {
	case INSN_KIND_ALU:
	case INSN_KIND_NEG:
	case INSN_KIND_MOV:
	case INSN_KIND_MOVSX:
	case INSN_KIND_END:
	case INSN_KIND_ATOMIC:
		return row->width < 8 ? insn_defs(insn) : 0;
	case INSN_KIND_LOAD:
		return row->width < 8 && !(row->mod & INSN_MOD_SX) ? insn_defs(insn) : 0;
	default:
		return 0;
	}
}
