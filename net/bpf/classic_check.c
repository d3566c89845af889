// SPDX-License-Identifier: GPL-2.0
/*
 * Is a classic program safe? All jumps go forward, so it ends; what is left to check is each
 * instruction by itself, where jumps land, and that scratch words are written before they are read.
 */
#include <linux/slab.h>

#include "classic.h"

/* Does a jump of @dist from @pc land inside the program? */
static bool jump_ok(u32 len, u32 pc, u32 dist)
{
	return dist < len - pc - 1;
}

static bool jumps_ok(const struct sock_filter *insn, u8 kind, u32 len, u32 pc)
{
	switch (kind) {
	case CLASSIC_JA:
		return jump_ok(len, pc, insn->k);
	case CLASSIC_JUMP_K:
	case CLASSIC_JUMP_X:
		return jump_ok(len, pc, insn->jt) && jump_ok(len, pc, insn->jf);
	default:
		return true;
	}
}

static bool insn_ok(const struct sock_filter *insn, const struct classic_row *row)
{
	if (row->kind == CLASSIC_BAD || row->flags & CLASSIC_F_BY_HOOK)
		return false;
	if (row->flags & (CLASSIC_F_READS_M | CLASSIC_F_WRITES_M) && insn->k >= BPF_MEMWORDS)
		return false;
	if (row->flags & CLASSIC_F_DIVISOR && !insn->k)
		return false;
	if (row->flags & CLASSIC_F_SHIFT && insn->k >= 32)
		return false;
	/* No packet reaches up there, so a load from an unknown extension is a mistake. */
	if (row->kind == CLASSIC_LD_ABS && insn->k >= (u32)SKF_AD_OFF)
		return classic_anc(insn);
	return true;
}

/*
 * Scratch words written on every way to an instruction: @known[pc] starts full and each way there
 * takes away what it has not written. Jumps go forward, so one pass sees all of them in time.
 */
static bool scratch_ok(const struct sock_filter *prog, u32 len, u16 *known)
{
	u32 pc;

	memset(known, 0xff, array_size(len, sizeof(*known)));
	known[0] = 0;

	for (pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &prog[pc];
		const struct classic_row *row = classic_row(insn->code);
		u16 now = known[pc];

		if (row->flags & CLASSIC_F_READS_M && !(now & BIT(insn->k)))
			return false;
		if (row->flags & CLASSIC_F_WRITES_M)
			now |= BIT(insn->k);

		switch (row->kind) {
		case CLASSIC_RET_K:
		case CLASSIC_RET_A:
			break;
		case CLASSIC_JA:
			known[pc + 1 + insn->k] &= now;
			break;
		case CLASSIC_JUMP_K:
		case CLASSIC_JUMP_X:
			known[pc + 1 + insn->jt] &= now;
			known[pc + 1 + insn->jf] &= now;
			break;
		default:
			known[pc + 1] &= now;
		}
	}
	return true;
}

/**
 * classic_check - check a classic program
 * @prog: instructions
 * @len: how many, 1 to BPF_MAXINSNS
 *
 * Context: may sleep. Return: 0, -EINVAL for a bad program, -ENOMEM.
 */
int classic_check(const struct sock_filter *prog, u32 len)
{
	bool uses_scratch = false, ok;
	u16 *known;
	u8 last;
	u32 pc;

	for (pc = 0; pc < len; pc++) {
		const struct classic_row *row = classic_row(prog[pc].code);

		if (!insn_ok(&prog[pc], row) || !jumps_ok(&prog[pc], row->kind, len, pc))
			return -EINVAL;
		if (row->flags & CLASSIC_F_READS_M)
			uses_scratch = true;
	}

	last = classic_row(prog[len - 1].code)->kind;
	if (last != CLASSIC_RET_K && last != CLASSIC_RET_A)
		return -EINVAL;
	if (!uses_scratch)
		return 0;

	known = kvmalloc_array(len, sizeof(*known), GFP_KERNEL);
	if (!known)
		return -ENOMEM;
	ok = scratch_ok(prog, len, known);
	kvfree(known);
	return ok ? 0 : -EINVAL;
}
