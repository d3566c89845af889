// SPDX-License-Identifier: GPL-2.0
/*
 * The table of optional rules, and those that look at a window of instructions.
 *
 * A window never contains a jump target but at its start. A register that a
 * window replaces and that is dead after it keeps its old home unwritten, so
 * that pending values may go on referring to that home.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "jit.h"

#define MERGE_WINDOW	32	/* instructions that a byte merge looks ahead */
#define NO_BYTE		S32_MIN

u64 jit_rule_hits[JIT_NR_RULES];

static bool in_window(const struct jit_ctx *ctx, u32 i, u32 n)
{
	u32 k;

	if (n > ctx->src->len - i)
		return false;
	for (k = i + 1; k < i + n; k++)
		if (ctx->flags[k] & (JIT_I_LEADER | JIT_I_SECOND))
			return false;
	return true;
}

static const struct bpf_insn *at(const struct jit_ctx *ctx, u32 i)
{
	return &ctx->src->insns[i];
}

static bool touches_ax(const struct bpf_insn *insn)
{
	return insn->dst_reg == JIT_AX || insn->src_reg == JIT_AX;
}

/* Arithmetic with an immediate, or with a register, of class ALU or ALU64. */
static bool is_alu_k(const struct bpf_insn *insn, u8 op)
{
	return insn_is_alu(insn) && insn_op(insn) == op && !insn_is_src_reg(insn);
}

static bool is_alu_x(const struct bpf_insn *insn, u8 op)
{
	return insn_is_alu(insn) && insn_op(insn) == op && insn_is_src_reg(insn) && !insn->off &&
	       !touches_ax(insn);
}

static u8 alu_width(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_ALU64 ? 8 : 4;
}

static bool is_plain_load(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_LDX && BPF_MODE(insn->code) == BPF_MEM && !touches_ax(insn);
}

static bool is_plain_store(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_STX && BPF_MODE(insn->code) == BPF_MEM && !touches_ax(insn);
}

static u8 use_width(struct jit_ctx *ctx, u8 reg, u8 width)
{
	return width == 8 ? jit_use(ctx, reg) : jit_use32(ctx, reg);
}

/* ------------------------------------------------------------------ byte loads */

/* A value put together from bytes in memory: offset for each position, or NO_BYTE. */
struct bytes {
	bool known;
	s32 off[8];
};

struct merge {
	struct bytes reg[JIT_NR_REGS];
	u16 touched;
	u8 base;
	bool base_gone;
	u32 loads;
};

static void bytes_shift(struct bytes *b, u32 n, u32 width)
{
	s32 k;

	for (k = 7; k >= 0; k--)
		b->off[k] = k < (s32)width && k >= (s32)n ? b->off[k - n] : NO_BYTE;
}

static bool bytes_join(struct bytes *a, const struct bytes *b, u32 width)
{
	u32 k;

	for (k = 0; k < 8; k++) {
		if (k >= width)
			a->off[k] = NO_BYTE;
		else if (a->off[k] == NO_BYTE)
			a->off[k] = b->off[k];
		else if (b->off[k] != NO_BYTE)
			return false;
	}
	return true;
}

static bool merge_load(struct merge *m, const struct bpf_insn *insn)
{
	u32 k, width = insn_size_bytes(insn->code);
	struct bytes *b = &m->reg[insn->dst_reg];

	if (m->base_gone || (m->loads && insn->src_reg != m->base))
		return false;
	m->base = insn->src_reg;
	m->loads++;
	b->known = true;
	for (k = 0; k < 8; k++)
		b->off[k] = k < width ? insn->off + (s32)k : NO_BYTE;
	m->base_gone = insn->dst_reg == m->base;
	return true;
}

/* Follows one instruction. Returns false when the window ends before it. */
static bool merge_step(struct merge *m, const struct bpf_insn *insn)
{
	struct bytes *d, *s;
	u32 width;

	if (touches_ax(insn))
		return false;
	if (is_plain_load(insn)) {
		m->touched |= 1 << insn->dst_reg;
		return merge_load(m, insn);
	}
	if (!insn_is_alu(insn))
		return false;
	d = &m->reg[insn->dst_reg];
	s = insn->src_reg < JIT_NR_REGS ? &m->reg[insn->src_reg] : d;
	width = alu_width(insn);
	if (is_alu_k(insn, BPF_LSH)) {
		if (!d->known || insn->imm & 7 || insn->imm < 0 || insn->imm >= (s32)width * 8)
			return false;
		bytes_shift(d, insn->imm / 8, width);
		return true;
	}
	if (!is_alu_x(insn, BPF_OR) && !is_alu_x(insn, BPF_ADD) && !is_alu_x(insn, BPF_XOR))
		return false;
	if (!d->known || !s->known || d == s || !bytes_join(d, s, width))
		return false;
	s->known = false;
	return true;
}

/* Number of adjacent bytes from position 0; *@swap: they descend. 0: not a whole value. */
static u32 bytes_run(const struct bytes *b, bool *swap, s32 *low)
{
	s32 step = b->off[1] - b->off[0];
	u32 n = 1, k;

	if (b->off[0] == NO_BYTE || b->off[1] == NO_BYTE || (step != 1 && step != -1))
		return 0;
	while (n < 8 && b->off[n] != NO_BYTE && b->off[n] - b->off[n - 1] == step)
		n++;
	for (k = n; k < 8; k++)
		if (b->off[k] != NO_BYTE)
			return 0;
	*swap = step < 0;
	*low = *swap ? b->off[n - 1] : b->off[0];
	return n == 2 || n == 4 || n == 8 ? n : 0;
}

static void emit_merged(struct jit_ctx *ctx, u8 dst, u8 base, s32 off, u32 n, bool swap)
{
	struct x86_mem mem;
	u8 d;

	jit_flush_loads(ctx);
	jit_begin_def(ctx, dst);
	mem = jit_addr(ctx, base, off, NULL);
	d = jit_def(ctx, dst);
	if (!swap) {
		jit_emit_load(ctx, d, n, false, mem);
		return;
	}
	if (jit_rule_on(ctx, JIT_RULE_MOVBE)) {
		jit_rule_hit(JIT_RULE_MOVBE);
		jit_emit(ctx, x86_rm(X86_MOVBE_LD, n, d, mem));
	} else {
		jit_emit_load(ctx, d, n, false, mem);
		jit_emit(ctx, n == 2 ? x86_ri(X86_ROL, 2, d, 8) : x86_r(X86_BSWAP, n, d));
	}
	if (n == 2)
		jit_emit(ctx, x86_rr(X86_MOVZX16, 4, d, d));
}

static u32 rule_byte_merge(struct jit_ctx *ctx, u32 i)
{
	struct merge m = { .base = JIT_NOREG };
	u32 j, n, best = 0, best_n = 0;
	s32 low, best_low = 0;
	bool swap, best_swap = false;
	u8 dst, best_dst = 0, r;
	u16 best_touched = 0;

	if (!is_plain_load(at(ctx, i)) || insn_size_bytes(at(ctx, i)->code) == 8)
		return 0;
	for (j = i; j < i + MERGE_WINDOW && in_window(ctx, i, j - i + 1); j++) {
		if (!merge_step(&m, at(ctx, j)))
			break;
		dst = at(ctx, j)->dst_reg;
		if (m.loads < 2 || (ctx->live[j] & m.touched & ~(1 << dst)))
			continue;
		n = bytes_run(&m.reg[dst], &swap, &low);
		if (!n || low != (s16)low)
			continue;
		best = j - i + 1;
		best_n = n;
		best_dst = dst;
		best_swap = swap;
		best_low = low;
		best_touched = m.touched;
	}
	if (!best)
		return 0;
	for (r = 0; r < JIT_NR_REGS; r++)
		if ((best_touched >> r & 1) && r != m.base && r != best_dst)
			ctx->pend[r].kind = PEND_NONE;
	emit_merged(ctx, best_dst, m.base, best_low, best_n, best_swap);
	/* The base was overwritten on the way and is dead now. */
	if ((best_touched >> m.base & 1) && m.base != best_dst)
		ctx->pend[m.base].kind = PEND_NONE;
	return best;
}

/* ------------------------------------------------------------------ byte stores */

/* Value of the @n constant stores of @size bytes from @i on, if they are adjacent. */
static bool stores_adjacent(const struct jit_ctx *ctx, u32 i, u32 n, u32 size, u64 *val, s32 *low)
{
	const struct bpf_insn *first = at(ctx, i);
	s32 step = at(ctx, i + 1)->off - first->off;
	u32 k, pos;

	if (step != (s32)size && step != -(s32)size)
		return false;
	*val = 0;
	for (k = 0; k < n; k++) {
		const struct bpf_insn *insn = at(ctx, i + k);

		if (insn->code != first->code || insn->dst_reg != first->dst_reg ||
		    insn->off != first->off + step * (s32)k)
			return false;
		pos = step > 0 ? k : n - 1 - k;
		*val |= ((u64)(u32)insn->imm & (~0ULL >> (64 - 8 * size))) << (8 * size * pos);
	}
	*low = step > 0 ? first->off : first->off + step * (s32)(n - 1);
	return true;
}

static u32 rule_store_merge(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *insn = at(ctx, i);
	u32 size, n;
	u64 val;
	s64 imm;
	s32 low;

	if (insn_class(insn) != BPF_ST || BPF_MODE(insn->code) != BPF_MEM)
		return 0;
	size = insn_size_bytes(insn->code);
	for (n = 8 / size; n > 1; n /= 2) {
		if (!in_window(ctx, i, n) || !stores_adjacent(ctx, i, n, size, &val, &low))
			continue;
		imm = n * size == 8 ? (s64)val : n * size == 4 ? (s32)val : (s16)val;
		if (!x86_is_s32(imm) || low != (s16)low)
			continue;
		jit_flush_loads(ctx);
		jit_emit(ctx, x86_mi(X86_MOV, n * size, jit_addr(ctx, insn->dst_reg, low, NULL),
				     imm));
		return n;
	}
	return 0;
}

/* ------------------------------------------------------------------ rotates */

struct rotate {
	u8 width;
	u8 x;		/* what is rotated */
	u8 a, b;	/* the two parts; b may be x itself */
	u8 dst;
	s32 right;	/* amount, to the right */
	u32 n;		/* instructions */
};

/* Takes the shift of @reg at @j. Returns +amount for left, -amount for right, 0 for neither. */
static s32 shift_of(const struct bpf_insn *insn, u8 reg, u8 width)
{
	if (!insn_is_alu(insn) || alu_width(insn) != width || insn->dst_reg != reg ||
	    insn->imm <= 0 || insn->imm >= width * 8)
		return 0;
	if (is_alu_k(insn, BPF_LSH))
		return insn->imm;
	return is_alu_k(insn, BPF_RSH) ? -insn->imm : 0;
}

static bool rotate_amount(struct rotate *r, s32 sa, s32 sb)
{
	/* one to the left, one to the right */
	if (!sa || !sb || (sa ^ sb) >= 0)
		return false;
	r->right = sa < 0 ? -sa : -sb;
	return abs(sa) + abs(sb) == r->width * 8;
}

static bool rotate_join(const struct jit_ctx *ctx, u32 j, struct rotate *r)
{
	const struct bpf_insn *or = at(ctx, j);
	u8 other;

	if (!is_alu_x(or, BPF_OR) && !is_alu_x(or, BPF_XOR) && !is_alu_x(or, BPF_ADD))
		return false;
	if (alu_width(or) != r->width)
		return false;
	if (!((or->dst_reg == r->a && or->src_reg == r->b) ||
	      (or->dst_reg == r->b && or->src_reg == r->a)))
		return false;
	r->dst = or->dst_reg;
	other = or->src_reg;
	return !jit_live_out(ctx, j, other);
}

/* a = x; shift a; shift x (either order); or */
static bool match_rotate4(const struct jit_ctx *ctx, u32 i, struct rotate *r)
{
	s32 sa, sb;

	if (!in_window(ctx, i, 4))
		return false;
	r->b = r->x;
	r->n = 4;
	sa = shift_of(at(ctx, i + 1), r->a, r->width);
	sb = shift_of(at(ctx, i + 2), r->b, r->width);
	if (!sa && !sb) {
		sa = shift_of(at(ctx, i + 2), r->a, r->width);
		sb = shift_of(at(ctx, i + 1), r->b, r->width);
	}
	return rotate_amount(r, sa, sb) && rotate_join(ctx, i + 3, r);
}

/* a = x; shift a; b = x; shift b; or */
static bool match_rotate5(const struct jit_ctx *ctx, u32 i, struct rotate *r)
{
	const struct bpf_insn *mov;

	if (!in_window(ctx, i, 5))
		return false;
	mov = at(ctx, i + 2);
	if (!is_alu_x(mov, BPF_MOV) || alu_width(mov) != r->width || mov->src_reg != r->x ||
	    mov->dst_reg == r->x || mov->dst_reg == r->a)
		return false;
	r->b = mov->dst_reg;
	r->n = 5;
	return rotate_amount(r, shift_of(at(ctx, i + 1), r->a, r->width),
			     shift_of(at(ctx, i + 3), r->b, r->width)) &&
	       rotate_join(ctx, i + 4, r);
}

static u32 rule_rotate(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *mov = at(ctx, i);
	struct rotate r = {};
	u8 d, s;

	if (!is_alu_x(mov, BPF_MOV) || mov->dst_reg == mov->src_reg || mov->src_reg == JIT_FP)
		return 0;
	r.width = alu_width(mov);
	r.x = mov->src_reg;
	r.a = mov->dst_reg;
	if (!match_rotate4(ctx, i, &r) && !match_rotate5(ctx, i, &r))
		return 0;
	jit_begin_def(ctx, r.dst);
	s = use_width(ctx, r.x, r.width);
	d = jit_def(ctx, r.dst);
	if (d != s && jit_rule_on(ctx, JIT_RULE_RORX)) {
		jit_rule_hit(JIT_RULE_RORX);
		jit_emit(ctx, x86_rorx(r.width, d, s, r.right));
	} else {
		if (d != s)
			jit_emit(ctx, x86_rr(X86_MOV, r.width, d, s));
		jit_emit(ctx, x86_ri(X86_ROR, r.width, d, r.right));
	}
	/* The part that is not the result is dead. */
	ctx->pend[r.dst == r.a ? r.b : r.a].kind = PEND_NONE;
	return r.n;
}

/* ------------------------------------------------------------------ shift pairs */

static u32 rule_shift_pair(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *shl = at(ctx, i), *shr;
	u8 dst = shl->dst_reg, bytes, width, op, d, s;
	struct jit_pend *p = &ctx->pend[dst];
	bool sx;

	if (!in_window(ctx, i, 2) || !is_alu_k(shl, BPF_LSH) || dst == JIT_AX)
		return 0;
	shr = at(ctx, i + 1);
	sx = is_alu_k(shr, BPF_ARSH);
	if ((!sx && !is_alu_k(shr, BPF_RSH)) || shr->dst_reg != dst || shr->imm != shl->imm ||
	    insn_class(shr) != insn_class(shl))
		return 0;
	width = alu_width(shl);
	if (shl->imm <= 0 || shl->imm >= width * 8 || shl->imm & 7)
		return 0;
	bytes = width - shl->imm / 8;
	if (bytes != 1 && bytes != 2 && bytes != 4)
		return 0;
	jit_begin_def(ctx, dst);
	if (sx && p->kind == PEND_LOAD && p->width == bytes && !p->sx && width == 8) {
		p->sx = true;
		return 2;
	}
	s = jit_use32(ctx, dst);
	d = jit_def(ctx, dst);
	if (bytes == 4)
		op = sx ? X86_MOVSX32 : X86_MOV;
	else if (bytes == 2)
		op = sx ? X86_MOVSX16 : X86_MOVZX16;
	else
		op = sx ? X86_MOVSX8 : X86_MOVZX8;
	jit_emit(ctx, x86_rr(op, sx ? width : 4, d, s));
	return 2;
}

/* ------------------------------------------------------------------ read-modify-write */

static int rmw_op(u8 op)
{
	switch (op) {
	case BPF_ADD:
		return X86_ADD;
	case BPF_SUB:
		return X86_SUB;
	case BPF_AND:
		return X86_AND;
	case BPF_OR:
		return X86_OR;
	case BPF_XOR:
		return X86_XOR;
	default:
		return -1;
	}
}

static u32 rule_rmw(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *ld = at(ctx, i), *alu, *st;
	u8 dst = ld->dst_reg, base = ld->src_reg, bytes, s;
	struct x86_mem m;
	s64 imm;
	int op;

	if (!is_plain_load(ld) || !in_window(ctx, i, 3) || dst == base)
		return 0;
	alu = at(ctx, i + 1);
	st = at(ctx, i + 2);
	bytes = insn_size_bytes(ld->code);
	if (!insn_is_alu(alu) || alu->dst_reg != dst || touches_ax(alu) ||
	    (bytes == 8 && alu_width(alu) != 8))
		return 0;
	op = rmw_op(insn_op(alu));
	if (op < 0 || (insn_is_src_reg(alu) && alu->src_reg == dst))
		return 0;
	if (!is_plain_store(st) || st->src_reg != dst || st->dst_reg != base ||
	    st->off != ld->off || BPF_SIZE(st->code) != BPF_SIZE(ld->code) ||
	    jit_live_out(ctx, i + 2, dst))
		return 0;

	jit_flush_loads(ctx);
	if (insn_is_src_reg(alu)) {
		use_width(ctx, alu->src_reg, bytes);
		m = jit_addr(ctx, base, ld->off, NULL);
		s = use_width(ctx, alu->src_reg, bytes);
		jit_emit(ctx, x86_mr(op, bytes, m, s));
	} else {
		imm = bytes == 1 ? (s8)alu->imm : bytes == 2 ? (s16)alu->imm : alu->imm;
		m = jit_addr(ctx, base, ld->off, NULL);
		jit_emit(ctx, x86_mi(op, bytes, m, imm));
	}
	ctx->pend[dst].kind = PEND_NONE;
	return 3;
}

/* ------------------------------------------------------------------ test */

static bool is_jump_zero(const struct bpf_insn *insn, u8 reg)
{
	u8 op = insn_op(insn);

	return (insn_class(insn) == BPF_JMP || insn_class(insn) == BPF_JMP32) &&
	       !insn_is_src_reg(insn) && (op == BPF_JEQ || op == BPF_JNE) &&
	       insn->dst_reg == reg && !insn->imm;
}

static void test_imm(struct jit_ctx *ctx, u8 dst, u8 width, s32 imm)
{
	struct jit_pend *p = &ctx->pend[dst];

	if (p->kind == PEND_LOAD && !p->sx && imm >= 0 &&
	    (p->width >= 4 || (u64)imm < 1ULL << (8 * p->width))) {
		u8 bytes = imm <= U8_MAX ? 1 : min_t(u8, p->width, 4);
		struct x86_mem m = jit_pend_mem(ctx, p);

		p->kind = PEND_NONE;
		jit_rule_hit(JIT_RULE_LOAD_OP);
		jit_emit(ctx, x86_mi(X86_TEST, bytes, m, imm));
		return;
	}
	jit_test_imm(ctx, width, use_width(ctx, dst, width), imm);
}

static u32 rule_test_mask(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *and = at(ctx, i), *jmp;
	u8 dst = and->dst_reg, src = and->src_reg, width, d, s;
	bool reg;

	if (!insn_is_alu(and) || insn_op(and) != BPF_AND || touches_ax(and) ||
	    !in_window(ctx, i, 2))
		return 0;
	jmp = at(ctx, i + 1);
	reg = insn_is_src_reg(and);
	if (!is_jump_zero(jmp, dst) || jit_live_out(ctx, i + 1, dst) || (reg && src == dst))
		return 0;
	if (ctx->target[i + 1] == jit_next(ctx, i + 1))
		return 0;
	width = insn_class(jmp) == BPF_JMP ? alu_width(and) : 4;

	jit_flush_except(ctx, ctx->live[i + 1], 1 << dst | (reg ? 1 << src : 0));
	if (reg) {
		if (jit_live_out(ctx, i + 1, src))
			jit_materialize(ctx, src);
		use_width(ctx, src, width);
		use_width(ctx, dst, width);
		s = use_width(ctx, src, width);
		d = use_width(ctx, dst, width);
		jit_emit(ctx, x86_rr(X86_TEST, width, d, s));
	} else {
		test_imm(ctx, dst, width, and->imm);
	}
	jit_branch(ctx, i + 1, jit_cc(insn_op(jmp)));
	return 2;
}

/* ------------------------------------------------------------------ minimum, maximum */

/* @reg is @of, or a copy of it that was not made yet. */
static bool is_copy_of(const struct jit_ctx *ctx, u8 reg, u8 of)
{
	const struct jit_pend *p = &ctx->pend[reg];

	if (reg == of)
		return true;
	/* The home of @of is its value only while nothing is pending for it. */
	return ctx->pend[of].kind == PEND_NONE && p->kind == PEND_ADDR && p->width == 8 &&
	       p->base == of && p->index == JIT_NOREG && !p->disp;
}

/* The jump skips one instruction, or goes where the one after that goes too. */
static bool skips_one(const struct jit_ctx *ctx, u32 i)
{
	u32 target = ctx->target[i];

	if (target == i + 2)
		return true;
	return i + 2 < ctx->src->len && insn_is_goto(at(ctx, i + 2)) &&
	       ctx->target[i + 2] == target;
}

static u32 rule_min_max(struct jit_ctx *ctx, u32 i)
{
	const struct bpf_insn *jmp = at(ctx, i), *mov;
	u8 dst, src, width, x, y;

	if ((insn_class(jmp) != BPF_JMP && insn_class(jmp) != BPF_JMP32) || !insn_is_jump(jmp) ||
	    insn_is_goto(jmp) || !insn_is_src_reg(jmp) || insn_op(jmp) == BPF_JSET ||
	    insn_op(jmp) == BPF_JEQ || insn_op(jmp) == BPF_JNE)
		return 0;
	if (!in_window(ctx, i, 2) || !skips_one(ctx, i))
		return 0;
	mov = at(ctx, i + 1);
	width = insn_class(jmp) == BPF_JMP ? 8 : 4;
	if (!is_alu_x(mov, BPF_MOV) || alu_width(mov) != width || touches_ax(jmp))
		return 0;
	dst = mov->dst_reg;
	src = mov->src_reg;
	if (!(is_copy_of(ctx, dst, jmp->dst_reg) && src == jmp->src_reg) &&
	    !(is_copy_of(ctx, dst, jmp->src_reg) && src == jmp->dst_reg))
		return 0;
	/* A 32-bit CMOV clears the upper half even where nothing is moved. */
	if (dst == src || dst == JIT_FP || (width == 4 && jit_width(ctx, i, dst) > JIT_W32))
		return 0;
	jit_rmw(ctx, dst);
	use_width(ctx, jmp->dst_reg, width);
	y = use_width(ctx, jmp->src_reg, width);
	x = use_width(ctx, jmp->dst_reg, width);
	jit_emit(ctx, x86_rr(X86_CMP, width, x, y));
	/* The move happens where the jump would not. */
	jit_emit(ctx, x86_cmov(jit_cc(insn_op(jmp)) ^ 1, width, ctx->map[dst],
			       src == jmp->dst_reg ? x : y));
	return 2;
}

/* ------------------------------------------------------------------ table */

const struct jit_rule_row jit_rules[JIT_NR_RULES] = {
#define JIT_RULE_ROW(id, _name, _needs, _window, _what, _when) \
	[JIT_RULE_##id] = { .name = _name, .needs = _needs, .window = _window, \
			    .what = _what, .when = _when },
	JIT_RULES(JIT_RULE_ROW)
#undef JIT_RULE_ROW
};

/**
 * jit_try_rules - apply the first window rule that matches
 * @ctx: the compilation
 * @i: index of the instruction where the window starts
 *
 * Context: Process; allocates.
 * Return: Slots replaced, 0 when no rule matched.
 */
u32 jit_try_rules(struct jit_ctx *ctx, u32 i)
{
	u32 r, n;

	if (!ctx->env->rules)
		return 0;
	for (r = 0; r < JIT_NR_RULES; r++) {
		if (!jit_rules[r].window || !jit_rule_on(ctx, r))
			continue;
		n = jit_rules[r].window(ctx, i);
		if (n) {
			jit_rule_hit(r);
			return n;
		}
	}
	return 0;
}
