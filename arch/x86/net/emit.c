// SPDX-License-Identifier: GPL-2.0
/*
 * Encoding layer: bytes of one x86-64 instruction.
 *
 * The table row of an operation names its class; the class has one function
 * that knows the forms allowed and the order of prefixes, opcode, ModRM, SIB,
 * displacement and immediate (Intel SDM volume 2, chapter 2).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "emit.h"

enum x86_class {
	CLASS_ALU, CLASS_MOV, CLASS_TEST, CLASS_LOAD, CLASS_CMOV, CLASS_STORE, CLASS_IMUL3,
	CLASS_SHIFT, CLASS_UNARY, CLASS_UNARY64, CLASS_PLUS, CLASS_PUSHI, CLASS_RORX,
	CLASS_VSHIFT, CLASS_REL, CLASS_JCC, CLASS_SETCC, CLASS_FIXED, CLASS_NOP, CLASS_RAW,
};

/*
 * @a, @b by class: ALU and SHIFT: a = ModRM digit. LOAD and STORE: a = opcode
 * (0x00xx one byte, 0x0fxx two-byte map, 0x38xx map 0f 38), b = the r/m
 * register is a byte register. UNARY: a = digit, b = opcode. PLUS: a = opcode,
 * b = width matters. RORX and VSHIFT: a = opcode, b = VEX.pp. REL: a = long
 * opcode, b = short opcode or 0. JCC: second bytes. FIXED: a = bytes, little
 * endian, b = how many.
 */
struct x86_op_row {
	u8	class;
	u8	b;
	u8	flags;
	u32	a;
};

static const struct x86_op_row x86_ops[X86_NR_OPS] = {
#define X86_OP_ROW(name, cls, _a, _b, _flags) \
	[X86_##name] = { .class = CLASS_##cls, .a = (_a), .b = (_b), .flags = (_flags) },
	X86_OPS(X86_OP_ROW)
#undef X86_OP_ROW
};

/* Output cursor; @end never passes buf + X86_MAX_INSN with the rows above. */
struct x86_out {
	u8	*p;
};

static void out8(struct x86_out *o, u8 v)
{
	*o->p++ = v;
}

static void out_le(struct x86_out *o, u64 v, unsigned int len)
{
	while (len--) {
		out8(o, v);
		v >>= 8;
	}
}

static bool has_mem(const struct x86_insn *i)
{
	return i->form == X86_F_RM || i->form == X86_F_MR || i->form == X86_F_MI ||
	       i->form == X86_F_M;
}

/* Byte registers 4 to 7 are AH to BH without a REX prefix. */
static bool byte_reg_needs_rex(u8 reg)
{
	return reg >= X86_RSP && reg <= X86_RDI;
}

/*
 * Prefixes of a legacy instruction: GS, lock, operand size, REX.
 * @reg is the ModRM reg operand (a digit counts as low register), @rex says
 * that a bare REX is needed for a byte register.
 */
static void out_prefix(struct x86_out *o, const struct x86_insn *i, u8 reg, u8 width, bool rex)
{
	u8 b = 0x40;

	if (i->flags & X86_GS)
		out8(o, 0x65);
	if (i->flags & X86_LOCK)
		out8(o, 0xf0);
	if (width == 2)
		out8(o, 0x66);
	if (width == 8)
		b |= 8;
	if (reg & 8)
		b |= 4;
	if (has_mem(i) && i->index != X86_NOREG && (i->index & 8))
		b |= 2;
	if (i->rm != X86_NOREG && (i->rm & 8))
		b |= 1;
	if (b != 0x40 || rex)
		out8(o, b);
}

static u8 scale_bits(u8 scale)
{
	return scale == 8 ? 3 : scale == 4 ? 2 : scale == 2 ? 1 : 0;
}

/* ModRM, SIB and displacement. */
static void out_modrm(struct x86_out *o, const struct x86_insn *i, u8 reg)
{
	u8 mod, r = (reg & 7) << 3;
	u8 sib = 0x20;

	if (!has_mem(i)) {
		out8(o, 0xc0 | r | (i->rm & 7));
		return;
	}
	if (i->index != X86_NOREG)
		sib = scale_bits(i->scale) << 6 | (i->index & 7) << 3;
	if (i->rm == X86_NOREG) {
		out8(o, r | 4);
		out8(o, sib | 5);
		out_le(o, (u32)i->disp, 4);
		return;
	}
	if (!i->disp && (i->rm & 7) != X86_RBP)
		mod = 0;
	else
		mod = x86_is_s8(i->disp) ? 0x40 : 0x80;
	if (i->index != X86_NOREG || (i->rm & 7) == X86_RSP) {
		out8(o, mod | r | 4);
		out8(o, sib | (i->rm & 7));
	} else {
		out8(o, mod | r | (i->rm & 7));
	}
	if (mod)
		out_le(o, (u32)i->disp, mod == 0x40 ? 1 : 4);
}

/* Opcode in the notation of the table: 0x00xx, 0x0fxx or 0x38xx. */
static void out_opcode(struct x86_out *o, u32 opcode)
{
	u8 map = opcode >> 8;

	if (map)
		out8(o, 0x0f);
	if (map == 0x38)
		out8(o, 0x38);
	out8(o, opcode);
}

static bool imm_fits(s64 imm, u8 width)
{
	switch (width) {
	case 1:
		return imm == (s8)imm || imm == (u8)imm;
	case 2:
		return imm == (s16)imm || imm == (u16)imm;
	case 4:
		return x86_is_s32(imm) || x86_is_u32(imm);
	default:
		return x86_is_s32(imm);
	}
}

/* Value of @imm as an operand of @width sign-extends from one byte. */
static bool imm_is_byte(s64 imm, u8 width)
{
	if (width == 2)
		imm = (s16)imm;
	else if (width == 4)
		imm = (s32)imm;
	return x86_is_s8(imm);
}

/* Width in bytes of a full immediate operand. */
static u8 imm_len(u8 width)
{
	return width == 8 ? 4 : width;
}

static bool rex_for_rm_reg(const struct x86_insn *i)
{
	bool need = false;

	if (i->width != 1)
		return false;
	if (!has_mem(i))
		need |= byte_reg_needs_rex(i->rm);
	if (i->form == X86_F_RR || i->form == X86_F_RM || i->form == X86_F_MR)
		need |= byte_reg_needs_rex(i->reg);
	return need;
}

/* ModRM instruction whose reg operand is a register. */
static int enc_reg(struct x86_out *o, const struct x86_insn *i, u32 opcode)
{
	out_prefix(o, i, i->reg, i->width, rex_for_rm_reg(i));
	out_opcode(o, opcode);
	out_modrm(o, i, i->reg);
	return 0;
}

/* ModRM instruction whose reg operand is the opcode extension @digit. */
static int enc_digit(struct x86_out *o, const struct x86_insn *i, u32 opcode, u8 digit)
{
	out_prefix(o, i, 0, i->width, rex_for_rm_reg(i));
	out_opcode(o, opcode);
	out_modrm(o, i, digit);
	return 0;
}

static int enc_alu_imm(struct x86_out *o, const struct x86_insn *i, u8 digit)
{
	u8 wide = i->width != 1;

	if (!imm_fits(i->imm, i->width))
		return -EINVAL;
	if (wide && imm_is_byte(i->imm, i->width) && !(i->flags & X86_WIDE)) {
		enc_digit(o, i, 0x83, digit);
		out8(o, i->imm);
		return 0;
	}
	if (i->form == X86_F_RI && i->rm == X86_RAX) {
		out_prefix(o, i, 0, i->width, false);
		out8(o, digit << 3 | 4 | wide);
	} else {
		enc_digit(o, i, 0x80 | wide, digit);
	}
	out_le(o, i->imm, imm_len(i->width));
	return 0;
}

static int enc_alu(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	u8 digit = row->a, wide = i->width != 1;

	switch (i->form) {
	case X86_F_RR:
	case X86_F_MR:
		return enc_reg(o, i, digit << 3 | wide);
	case X86_F_RM:
		return enc_reg(o, i, digit << 3 | 2 | wide);
	case X86_F_RI:
	case X86_F_MI:
		return enc_alu_imm(o, i, digit);
	default:
		return -EINVAL;
	}
}

/* Registers take the shortest of mov r32,imm32; mov r64,simm32; mov r64,imm64. */
static int enc_mov_imm(struct x86_out *o, const struct x86_insn *i)
{
	u8 width = i->width;

	if (width == 8 && x86_is_s32(i->imm) && !x86_is_u32(i->imm) && !(i->flags & X86_WIDE)) {
		enc_digit(o, i, 0xc7, 0);
		out_le(o, i->imm, 4);
		return 0;
	}
	if (width == 8 && x86_is_u32(i->imm) && !(i->flags & X86_WIDE))
		width = 4;
	if (width != 8 && !imm_fits(i->imm, width))
		return -EINVAL;
	out_prefix(o, i, 0, width, width == 1 && byte_reg_needs_rex(i->rm));
	out8(o, (width == 1 ? 0xb0 : 0xb8) | (i->rm & 7));
	out_le(o, i->imm, width);
	return 0;
}

static int enc_mov(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	u8 wide = i->width != 1;

	switch (i->form) {
	case X86_F_RR:
	case X86_F_MR:
		return enc_reg(o, i, 0x88 | wide);
	case X86_F_RM:
		return enc_reg(o, i, 0x8a | wide);
	case X86_F_RI:
		return enc_mov_imm(o, i);
	case X86_F_MI:
		if (!imm_fits(i->imm, i->width))
			return -EINVAL;
		enc_digit(o, i, 0xc6 | wide, 0);
		out_le(o, i->imm, imm_len(i->width));
		return 0;
	default:
		return -EINVAL;
	}
}

static int enc_test(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	u8 wide = i->width != 1;

	switch (i->form) {
	case X86_F_RR:
	case X86_F_MR:
		return enc_reg(o, i, 0x84 | wide);
	case X86_F_RI:
	case X86_F_MI:
		if (!imm_fits(i->imm, i->width))
			return -EINVAL;
		if (i->form == X86_F_RI && i->rm == X86_RAX) {
			out_prefix(o, i, 0, i->width, false);
			out8(o, 0xa8 | wide);
		} else {
			enc_digit(o, i, 0xf6 | wide, 0);
		}
		out_le(o, i->imm, imm_len(i->width));
		return 0;
	default:
		return -EINVAL;
	}
}

static int enc_load(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	bool rex = row->b && i->form == X86_F_RR && byte_reg_needs_rex(i->rm);

	if (i->form != X86_F_RM && (i->form != X86_F_RR || i->op == X86_LEA ||
				    i->op == X86_MOVBE_LD))
		return -EINVAL;
	if (i->width == 1)
		return -EINVAL;
	out_prefix(o, i, i->reg, i->width, rex);
	out_opcode(o, row->a);
	out_modrm(o, i, i->reg);
	return 0;
}

static int enc_cmov(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_RR || i->width < 4 || i->scale > 15)
		return -EINVAL;
	return enc_reg(o, i, 0x0f40 | i->scale);
}

static int enc_store(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	bool byte = i->width == 1;

	if (i->form != X86_F_MR && (i->form != X86_F_RR || i->op == X86_MOVBE_ST))
		return -EINVAL;
	if (byte && i->op == X86_MOVBE_ST)
		return -EINVAL;
	return enc_reg(o, i, row->a - byte);
}

static int enc_imul3(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	bool byte = imm_is_byte(i->imm, i->width);

	if ((i->form != X86_F_RI && i->form != X86_F_MI) || i->width < 4 ||
	    !imm_fits(i->imm, i->width))
		return -EINVAL;
	enc_reg(o, i, byte ? 0x6b : 0x69);
	out_le(o, i->imm, byte ? 1 : 4);
	return 0;
}

static int enc_shift(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	u8 wide = i->width != 1;

	switch (i->form) {
	case X86_F_R:
	case X86_F_M:
		return enc_digit(o, i, 0xd2 | wide, row->a);
	case X86_F_RI:
	case X86_F_MI:
		if (i->imm < 0 || i->imm > 63)
			return -EINVAL;
		if (i->imm == 1)
			return enc_digit(o, i, 0xd0 | wide, row->a);
		enc_digit(o, i, 0xc0 | wide, row->a);
		out8(o, i->imm);
		return 0;
	default:
		return -EINVAL;
	}
}

static int enc_unary(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_R && i->form != X86_F_M)
		return -EINVAL;
	return enc_digit(o, i, row->b - (i->width == 1), row->a);
}

/* Operand size is 64 bits without REX.W. */
static int enc_unary64(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_R && i->form != X86_F_M)
		return -EINVAL;
	out_prefix(o, i, 0, 4, false);
	out8(o, row->b);
	out_modrm(o, i, row->a);
	return 0;
}

static int enc_plus(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_R || (row->b && i->width < 4))
		return -EINVAL;
	out_prefix(o, i, 0, row->b ? i->width : 4, false);
	out_opcode(o, row->a | (i->rm & 7));
	return 0;
}

static int enc_pushi(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (!x86_is_s32(i->imm))
		return -EINVAL;
	out8(o, x86_is_s8(i->imm) ? 0x6a : 0x68);
	out_le(o, i->imm, x86_is_s8(i->imm) ? 1 : 4);
	return 0;
}

/* Three-byte VEX prefix, length 128; @vvvv is the third operand or 0. */
static void out_vex(struct x86_out *o, const struct x86_insn *i, u8 map, u8 pp, u8 vvvv)
{
	u8 b = map;

	if (!(i->reg & 8))
		b |= 0x80;
	b |= 0x40;
	if (!(i->rm & 8))
		b |= 0x20;
	out8(o, 0xc4);
	out8(o, b);
	out8(o, (i->width == 8) << 7 | (~vvvv & 15) << 3 | pp);
}

static int enc_rorx(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_RI || i->width < 4 || i->imm < 0 || i->imm > 63)
		return -EINVAL;
	out_vex(o, i, 3, row->b, 0);
	out8(o, row->a);
	out_modrm(o, i, i->reg);
	out8(o, i->imm);
	return 0;
}

static int enc_vshift(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	/* pp: 1 = 66 (SHLX), 2 = F3 (SARX), 3 = F2 (SHRX) */
	if (i->form != X86_F_RR || i->width < 4 || i->index >= X86_NOREG)
		return -EINVAL;
	out_vex(o, i, 2, row->b, i->index);
	out8(o, row->a);
	out_modrm(o, i, i->reg);
	return 0;
}

static int out_rel(struct x86_out *o, const struct x86_insn *i)
{
	bool brief = i->flags & X86_SHORT;

	if (brief ? !x86_is_s8(i->imm) : !x86_is_s32(i->imm))
		return -ERANGE;
	out_le(o, i->imm, brief ? 1 : 4);
	return 0;
}

static int enc_rel(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if ((i->flags & X86_SHORT) && !row->b)
		return -EINVAL;
	out8(o, i->flags & X86_SHORT ? row->b : row->a);
	return out_rel(o, i);
}

static int enc_jcc(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->scale > 15)
		return -EINVAL;
	if (i->flags & X86_SHORT) {
		out8(o, row->b | i->scale);
	} else {
		out8(o, 0x0f);
		out8(o, row->a | i->scale);
	}
	return out_rel(o, i);
}

static int enc_setcc(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->form != X86_F_R || i->width != 1 || i->scale > 15)
		return -EINVAL;
	return enc_digit(o, i, 0x0f90 | i->scale, 0);
}

static int enc_fixed(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	out_le(o, row->a, row->b);
	return 0;
}

static int enc_nop(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (i->imm < 1 || i->imm > 9)
		return -EINVAL;
	o->p += x86_fill_nops(o->p, i->imm);
	return 0;
}

/* @reg bytes of the immediate, as they are. */
static int enc_raw(struct x86_out *o, const struct x86_insn *i, const struct x86_op_row *row)
{
	if (!i->reg || i->reg > 8)
		return -EINVAL;
	out_le(o, i->imm, i->reg);
	return 0;
}

typedef int (*x86_enc_fn)(struct x86_out *o, const struct x86_insn *i,
			  const struct x86_op_row *row);

static const x86_enc_fn x86_enc[] = {
	[CLASS_ALU]	= enc_alu,
	[CLASS_MOV]	= enc_mov,
	[CLASS_TEST]	= enc_test,
	[CLASS_LOAD]	= enc_load,
	[CLASS_CMOV]	= enc_cmov,
	[CLASS_STORE]	= enc_store,
	[CLASS_IMUL3]	= enc_imul3,
	[CLASS_SHIFT]	= enc_shift,
	[CLASS_UNARY]	= enc_unary,
	[CLASS_UNARY64]	= enc_unary64,
	[CLASS_PLUS]	= enc_plus,
	[CLASS_PUSHI]	= enc_pushi,
	[CLASS_RORX]	= enc_rorx,
	[CLASS_VSHIFT]	= enc_vshift,
	[CLASS_REL]	= enc_rel,
	[CLASS_JCC]	= enc_jcc,
	[CLASS_SETCC]	= enc_setcc,
	[CLASS_FIXED]	= enc_fixed,
	[CLASS_NOP]	= enc_nop,
	[CLASS_RAW]	= enc_raw,
};

static bool operands_valid(const struct x86_insn *i)
{
	if (i->op >= X86_NR_OPS || i->reg > X86_R15 || i->index == X86_RSP)
		return i->op < X86_NR_OPS && x86_ops[i->op].class == CLASS_VSHIFT &&
		       i->reg <= X86_R15;
	if (i->rm > X86_R15 && !(has_mem(i) && i->rm == X86_NOREG))
		return false;
	return i->width == 1 || i->width == 2 || i->width == 4 || i->width == 8;
}

/**
 * x86_encode - bytes of one instruction
 * @insn: the instruction; branches carry their displacement in @insn->imm
 * @buf: room for X86_MAX_INSN bytes
 *
 * Picks the shortest immediate and displacement. No prefix, opcode and operand
 * combination of the table exceeds 14 bytes.
 *
 * Context: Any; touches nothing but @buf.
 * Return: Length in bytes, -EINVAL for a combination of operation, form and
 * operands that does not exist, -ERANGE for a displacement that does not fit.
 */
int x86_encode(const struct x86_insn *insn, u8 *buf)
{
	struct x86_out o = { .p = buf };
	const struct x86_op_row *row;
	int err;

	if (!operands_valid(insn))
		return -EINVAL;
	row = &x86_ops[insn->op];
	err = x86_enc[row->class](&o, insn, row);
	return err ? err : o.p - buf;
}

/**
 * x86_writes_flags - whether an instruction changes ZF, SF, CF or OF
 * @insn: the instruction
 *
 * Context: Any.
 * Return: True when flags of an earlier comparison do not survive @insn.
 */
bool x86_writes_flags(const struct x86_insn *insn)
{
	return x86_ops[insn->op].flags;
}

/**
 * x86_rr - instruction with two register operands
 * @op: operation
 * @width: operand size in bytes
 * @dst: register written (or first operand of CMP and TEST)
 * @src: register read
 *
 * Context: Any.
 * Return: The instruction; operations of the load class have the destination
 * in ModRM.reg, all others in ModRM.rm.
 */
struct x86_insn x86_rr(u8 op, u8 width, u8 dst, u8 src)
{
	struct x86_insn i = x86_none(op);
	bool load = x86_ops[op].class == CLASS_LOAD;

	i.form = X86_F_RR;
	i.width = width;
	i.reg = load ? dst : src;
	i.rm = load ? src : dst;
	return i;
}

/**
 * x86_fill_nops - fill with no-operations
 * @buf: where to
 * @len: bytes to fill
 *
 * Uses the multi-byte forms that Intel recommends (SDM volume 2, NOP).
 *
 * Context: Any.
 * Return: @len.
 */
int x86_fill_nops(u8 *buf, unsigned int len)
{
	static const u8 nops[9][9] = {
		{ 0x90 },
		{ 0x66, 0x90 },
		{ 0x0f, 0x1f, 0x00 },
		{ 0x0f, 0x1f, 0x40, 0x00 },
		{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
		{ 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
		{ 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
		{ 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
	};
	unsigned int left = len;

	while (left) {
		unsigned int n = min(left, 9u);

		memcpy(buf, nops[n - 1], n);
		buf += n;
		left -= n;
	}
	return len;
}
