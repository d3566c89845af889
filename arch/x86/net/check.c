// SPDX-License-Identifier: GPL-2.0
/*
 * Reads an image back before it is published: it consists of instructions that
 * the encoding layer emits and of nothing else, and every branch lands on the
 * first byte of one of them or, for CALL and JMP, outside of the image.
 *
 * The decoder is independent of the encoder's tables on purpose.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jit.h"

enum {
	D_BAD	= 0,
	D_OK	= 1 << 0,	/* nothing after the opcode */
	D_MODRM	= 1 << 1,
	D_I8	= 1 << 2,	/* 8-bit immediate */
	D_IZ	= 1 << 3,	/* 16 or 32 bits by operand size */
	D_IV	= 1 << 4,	/* 16, 32 or 64 bits by operand size */
	D_R8	= 1 << 5,	/* branch, 8-bit displacement */
	D_R32	= 1 << 6,	/* branch, 32-bit displacement */
	D_GRP3	= 1 << 7,	/* immediate only for digits 0 and 1 */
	D_EXT	= 1 << 8,	/* branch that may leave the image */
};

struct decoded {
	u32 len;
	bool branch;
	bool may_leave;
	s64 disp;
};

/* Rows are ranges of opcode bytes. */
struct d_row {
	u8 first;
	u8 last;
	u16 what;
};

static const struct d_row map1[] = {
	{ 0x50, 0x5f, D_OK }, { 0x63, 0x63, D_MODRM }, { 0x68, 0x68, D_IZ },
	{ 0x69, 0x69, D_MODRM | D_IZ }, { 0x6a, 0x6a, D_I8 }, { 0x6b, 0x6b, D_MODRM | D_I8 },
	{ 0x70, 0x7f, D_R8 }, { 0x80, 0x80, D_MODRM | D_I8 }, { 0x81, 0x81, D_MODRM | D_IZ },
	{ 0x83, 0x83, D_MODRM | D_I8 }, { 0x84, 0x8b, D_MODRM }, { 0x8d, 0x8d, D_MODRM },
	{ 0x90, 0x90, D_OK }, { 0x99, 0x99, D_OK }, { 0xa8, 0xa8, D_I8 }, { 0xa9, 0xa9, D_IZ },
	{ 0xb0, 0xb7, D_I8 }, { 0xb8, 0xbf, D_IV }, { 0xc0, 0xc1, D_MODRM | D_I8 },
	{ 0xc3, 0xc3, D_OK }, { 0xc6, 0xc6, D_MODRM | D_I8 }, { 0xc7, 0xc7, D_MODRM | D_IZ },
	{ 0xc9, 0xc9, D_OK }, { 0xcc, 0xcc, D_OK }, { 0xd0, 0xd3, D_MODRM },
	{ 0xe8, 0xe9, D_R32 | D_EXT }, { 0xeb, 0xeb, D_R8 },
	{ 0xf6, 0xf7, D_MODRM | D_GRP3 }, { 0xfe, 0xff, D_MODRM },
};

static const struct d_row map2[] = {
	{ 0x0b, 0x0b, D_OK }, { 0x1e, 0x1f, D_MODRM }, { 0x40, 0x4f, D_MODRM },
	{ 0x80, 0x8f, D_R32 }, { 0x90, 0x9f, D_MODRM }, { 0xae, 0xaf, D_MODRM },
	{ 0xb0, 0xb1, D_MODRM }, { 0xb6, 0xb7, D_MODRM }, { 0xbe, 0xbf, D_MODRM },
	{ 0xc0, 0xc1, D_MODRM }, { 0xc8, 0xcf, D_OK },
};

/* The eight two-operand operations: forms 0 to 5 of each row of eight. */
static u16 map1_alu(u8 op)
{
	if (op >= 0x40 || (op & 7) > 5)
		return D_BAD;
	return (op & 7) == 4 ? D_I8 : (op & 7) == 5 ? D_IZ : D_MODRM;
}

static u16 lookup(const struct d_row *rows, size_t nr, u8 op)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (op >= rows[i].first && op <= rows[i].last)
			return rows[i].what;
	return D_BAD;
}

/* Bytes of ModRM, SIB and displacement at @p; 0 when they pass @left. */
static u32 modrm_len(const u8 *p, u32 left)
{
	u32 len = 1;
	u8 mod, rm, base;

	if (!left)
		return 0;
	mod = p[0] >> 6;
	rm = p[0] & 7;
	base = rm;
	if (mod != 3 && rm == 4) {
		if (left < 2)
			return 0;
		base = p[1] & 7;
		len = 2;
	}
	if (mod == 1)
		len += 1;
	else if (mod == 2 || (!mod && base == 5))
		len += 4;
	/* RIP-relative operands are not in the set */
	if (!mod && rm == 5)
		return 0;
	return len <= left ? len : 0;
}

struct d_state {
	const u8 *p;
	u32 left;
	u32 pos;
	bool opsize;
	bool rex_w;
};

static bool take(struct d_state *s, u32 n)
{
	if (n > s->left - s->pos)
		return false;
	s->pos += n;
	return true;
}

static u16 prefixes_and_opcode(struct d_state *s)
{
	const u8 *p = s->p;
	u8 op;

	while (s->pos < s->left && (p[s->pos] == 0x65 || p[s->pos] == 0xf0 || p[s->pos] == 0x66)) {
		s->opsize |= p[s->pos] == 0x66;
		s->pos++;
	}
	if (s->pos < s->left && (p[s->pos] & 0xf0) == 0x40)
		s->rex_w = p[s->pos++] & 8;
	if (!take(s, 1))
		return D_BAD;
	op = p[s->pos - 1];
	if (op != 0x0f)
		return op < 0x40 ? map1_alu(op) : lookup(map1, ARRAY_SIZE(map1), op);
	if (!take(s, 1))
		return D_BAD;
	op = p[s->pos - 1];
	if (op != 0x38)
		return lookup(map2, ARRAY_SIZE(map2), op);
	if (!take(s, 1))
		return D_BAD;
	op = p[s->pos - 1];
	return op == 0xf0 || op == 0xf1 ? D_MODRM : D_BAD;
}

/* RORX (map 3) and SHLX, SARX, SHRX (map 2), in the three-byte form. */
static u32 vex_len(const u8 *p, u32 left)
{
	u8 map, pp;
	u32 len;

	if (left < 5)
		return 0;
	map = p[1] & 0x1f;
	pp = p[2] & 3;
	if (p[2] & 4)
		return 0;
	if (map == 3 && pp == 3 && p[3] == 0xf0) {
		len = modrm_len(p + 4, left - 4);
		return len && len + 5 <= left ? len + 5 : 0;
	}
	if (map == 2 && pp && p[3] == 0xf7) {
		len = modrm_len(p + 4, left - 4);
		return len ? len + 4 : 0;
	}
	return 0;
}

static s64 read_disp(const u8 *p, u32 len)
{
	return len == 1 ? (s8)p[0] : (s32)((u32)p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24);
}

/* Immediate or displacement after the opcode. */
static bool decode_tail(struct d_state *s, u16 what, u8 digit, struct decoded *d)
{
	u32 iz = s->opsize ? 2 : 4;

	if (what & D_GRP3) {
		bool byte = !(s->p[s->pos - 1] & 1);

		if (digit == 1)
			return false;
		what |= digit ? 0 : byte ? D_I8 : D_IZ;
	}
	d->branch = what & (D_R8 | D_R32);
	d->may_leave = what & D_EXT;
	if (what & D_MODRM) {
		u32 n = modrm_len(s->p + s->pos, s->left - s->pos);

		if (!n || !take(s, n))
			return false;
	}
	if ((what & D_I8) && !take(s, 1))
		return false;
	if ((what & D_IZ) && !take(s, iz))
		return false;
	if ((what & D_IV) && !take(s, s->rex_w ? 8 : iz))
		return false;
	if (!d->branch)
		return true;
	if (!take(s, what & D_R8 ? 1 : 4))
		return false;
	d->disp = read_disp(s->p + s->pos - (what & D_R8 ? 1 : 4), what & D_R8 ? 1 : 4);
	return true;
}

static bool decode(const u8 *p, u32 left, struct decoded *d)
{
	static const u8 endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	struct d_state s = { .p = p, .left = left };
	u16 what;
	u8 digit;

	memset(d, 0, sizeof(*d));
	if (left >= sizeof(endbr) && !memcmp(p, endbr, sizeof(endbr))) {
		d->len = sizeof(endbr);
		return true;
	}
	if (left && p[0] == 0xc4) {
		d->len = vex_len(p, left);
		return d->len;
	}
	what = prefixes_and_opcode(&s);
	if (what == D_BAD)
		return false;
	digit = s.pos < left ? p[s.pos] >> 3 & 7 : 0;
	if (!decode_tail(&s, what, digit, d))
		return false;
	d->len = s.pos;
	return true;
}

static int check_branches(const u8 *text, u32 len, const unsigned long *starts)
{
	struct decoded d;
	s64 target;
	u32 pos;

	for (pos = 0; pos < len; pos += d.len) {
		decode(text + pos, len - pos, &d);
		if (!d.branch)
			continue;
		target = (s64)pos + d.len + d.disp;
		if (target >= 0 && target < len) {
			if (!test_bit(target, starts))
				return -EINVAL;
		} else if (!d.may_leave) {
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * jit_check_image - read an image back
 * @text: its code
 * @len: bytes of code
 *
 * Context: Process; allocates.
 * Return: 0, -EINVAL when something is wrong with the code, -ENOMEM.
 */
int jit_check_image(const u8 *text, u32 len)
{
	unsigned long *starts;
	struct decoded d;
	u32 pos;
	int err = 0;

	starts = kvcalloc(BITS_TO_LONGS(len), sizeof(*starts), GFP_KERNEL);
	if (!starts)
		return -ENOMEM;
	for (pos = 0; pos < len && !err; pos += d.len) {
		if (decode(text + pos, len - pos, &d))
			__set_bit(pos, starts);
		else
			err = -EINVAL;
	}
	if (!err)
		err = check_branches(text, len, starts);
	kvfree(starts);
	return err;
}
