// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on scalars: one row an operation. An operation on a view joins the
 * results of the pairs of intervals, and takes known bits by themselves; what
 * either says is then deduced from the other.
 */
#include "domain/arith.h"
#include "domain/scalar.h"

struct scalar_op_row {
	const char *name;
	/* Two operands: known bits (none: nothing is known) and intervals. */
	struct tnum (*tnum)(struct tnum a, struct tnum b);
	struct split (*span)(struct span a, struct span b, unsigned int bits);
	/* Shifts, by a constant. */
	struct view (*shift)(const struct view *v, unsigned int by, unsigned int bits);
	/* One operand; the 64-bit form. */
	void (*unary)(const struct scalar_op_row *row, struct scalar *dst,
		      const struct scalar *src);
	/* Width that is extended or reversed. */
	u8 width;
	/* Sign extension. */
	bool is_signed;
	/* The low half of the result depends on those of the operands only. */
	bool low;
};

static struct view view_unknown(unsigned int bits)
{
	return (struct view){ .t = tnum_unknown(bits), .r = split_unknown(bits) };
}

static struct view view_const(u64 x, unsigned int bits)
{
	return (struct view){ .t = tnum_const(x), .r = split_unsigned(x, x, bits) };
}

static bool view_contains(const struct view *v, u64 x)
{
	return tnum_contains(v->t, x) && split_contains(&v->r, x);
}

static struct view view_join(const struct view *a, const struct view *b)
{
	return (struct view){ .t = tnum_join(a->t, b->t), .r = split_join(a->r, b->r) };
}

/* A view without a member has no results: anything is sound, so say nothing. */
static struct view view_settle(struct view v, unsigned int bits)
{
	return view_deduce(&v, bits) ? v : view_unknown(bits);
}

static struct view scalar_view(const struct scalar *s, unsigned int bits)
{
	if (bits == SCALAR_WIDTH)
		return (struct view){ .t = s->bits, .r = s->full };
	return (struct view){ .t = scalar_tnum32(s), .r = scalar_low(s) };
}

static struct view view_binary(const struct scalar_op_row *row, const struct view *a,
			       const struct view *b, unsigned int bits)
{
	struct view out = { .t = tnum_unknown(bits), .r = SPLIT_EMPTY };
	int i, j;

	if (row->tnum)
		out.t = tnum_cut(row->tnum(a->t, b->t), bits);
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			struct span x = a->r.half[i], y = b->r.half[j];

			if (!span_is_empty(x) && !span_is_empty(y))
				out.r = split_join(out.r, row->span(x, y, bits));
		}
	}
	return view_settle(out, bits);
}

static struct view shift_span(const struct view *v, struct tnum t, unsigned int by,
			      unsigned int bits,
			      struct split (*span)(struct span, unsigned int, unsigned int))
{
	struct view out = { .t = tnum_cut(t, bits), .r = SPLIT_EMPTY };
	int i;

	for (i = 0; i < 2; i++)
		if (!span_is_empty(v->r.half[i]))
			out.r = split_join(out.r, span(v->r.half[i], by, bits));
	return view_settle(out, bits);
}

/* A 64-bit shift is asked for its low half too, and may leave nothing in it. */
static struct view view_lsh(const struct view *v, unsigned int by, unsigned int bits)
{
	if (by >= bits)
		return view_const(0, bits);
	return shift_span(v, tnum_lsh(v->t, by), by, bits, span_lsh);
}

static struct view view_rsh(const struct view *v, unsigned int by, unsigned int bits)
{
	return shift_span(v, tnum_rsh(v->t, by), by, bits, span_rsh);
}

static struct view view_arsh(const struct view *v, unsigned int by, unsigned int bits)
{
	return shift_span(v, tnum_arsh(v->t, by, bits), by, bits, span_arsh);
}

static const struct scalar_op_row op_rows[SCALAR_OP_COUNT];

/*
 * A shift by an amount that is not constant: the join over the amounts, which
 * are at most as many as @op_bits, the width of the operation. The amount is
 * masked to that width, also when only the low half (@bits) is computed.
 */
static struct view view_shift(const struct scalar_op_row *row, const struct view *a,
			      const struct view *b, unsigned int op_bits, unsigned int bits)
{
	struct view mask = view_const(op_bits - 1, op_bits);
	struct view amount = view_binary(&op_rows[SCALAR_AND], b, &mask, op_bits);
	u64 by = split_umin(&amount.r), most = split_umax(&amount.r);
	struct view out;
	bool any = false;

	for (; by <= most && by < op_bits; by++) {
		struct view one;

		if (!view_contains(&amount, by))
			continue;
		one = row->shift(a, by, bits);
		out = any ? view_join(&out, &one) : one;
		any = true;
	}
	return any ? out : view_unknown(bits);
}

static void scalar_settle(struct scalar *dst, struct scalar s)
{
	*dst = scalar_deduce(&s) ? s : scalar_unknown();
}

/* The low @from bits of @src, extended to the whole word. */
static void scalar_extend(struct scalar *dst, const struct scalar *src, unsigned int from,
			  bool is_signed)
{
	struct view v = scalar_view(src, SCALAR_HALF);
	struct split low;
	struct scalar s;

	if (from < SCALAR_HALF) {
		v.t = tnum_cut(v.t, from);
		v.r = split_truncate(&v.r, from);
		v = view_settle(v, from);
	}
	if (is_signed) {
		s.bits = tnum_sext(v.t, from, SCALAR_WIDTH);
		s.full = split_sext(&v.r, from, SCALAR_WIDTH);
		low = split_sext(&v.r, from, SCALAR_HALF);
	} else {
		s.bits = v.t;
		s.full = split_zext(&v.r, from, SCALAR_WIDTH);
		low = split_zext(&v.r, from, SCALAR_HALF);
	}
	scalar_set_low(&s, &low);
	scalar_settle(dst, s);
}

static void op_extend(const struct scalar_op_row *row, struct scalar *dst,
		      const struct scalar *src)
{
	scalar_extend(dst, src, row->width, row->is_signed);
}

static void op_mov(const struct scalar_op_row *row, struct scalar *dst, const struct scalar *src)
{
	*dst = *src;
}

static u64 reverse_bytes(u64 x, unsigned int bits)
{
	u64 out = 0;
	unsigned int i;

	for (i = 0; i < bits; i += SCALAR_BYTE)
		out |= ((x >> i) & bits_mask(SCALAR_BYTE)) << (bits - SCALAR_BYTE - i);
	return out;
}

/* Bytes trade places, known bits with them; order means nothing any more. */
static void op_bswap(const struct scalar_op_row *row, struct scalar *dst,
		     const struct scalar *src)
{
	struct tnum t = { .value = reverse_bytes(src->bits.value, row->width),
			  .mask = reverse_bytes(src->bits.mask, row->width) };
	struct scalar s = scalar_unknown();

	s.bits = t;
	scalar_settle(dst, s);
}

static void op_neg(const struct scalar_op_row *row, struct scalar *dst, const struct scalar *src)
{
	struct scalar zero = scalar_const(0);

	scalar_alu(SCALAR_SUB, true, &zero, src);
	*dst = zero;
}

#define BINARY(op, t, s, l) \
	[SCALAR_##op] = { .name = #op, .tnum = t, .span = s, .low = l }
#define SHIFT(op, f, l) \
	[SCALAR_##op] = { .name = #op, .shift = f, .low = l }
#define UNARY(op, f, w, sg) \
	[SCALAR_##op] = { .name = #op, .unary = f, .width = w, .is_signed = sg }

static const struct scalar_op_row op_rows[SCALAR_OP_COUNT] = {
	BINARY(ADD, tnum_add, span_add, true),
	BINARY(SUB, tnum_sub, span_sub, true),
	BINARY(MUL, tnum_mul, span_mul, true),
	BINARY(UDIV, tnum_div, span_udiv, false),
	BINARY(UMOD, tnum_mod, span_umod, false),
	BINARY(SDIV, NULL, span_sdiv, false),
	BINARY(SMOD, tnum_mod, span_smod, false),
	BINARY(AND, tnum_and, span_and, true),
	BINARY(OR, tnum_or, span_or, true),
	BINARY(XOR, tnum_xor, span_xor, true),
	SHIFT(LSH, view_lsh, true),
	SHIFT(RSH, view_rsh, false),
	SHIFT(ARSH, view_arsh, false),
	UNARY(NEG, op_neg, SCALAR_WIDTH, false),
	UNARY(MOV, op_mov, SCALAR_WIDTH, false),
	UNARY(ZEXT8, op_extend, SCALAR_BYTE, false),
	UNARY(ZEXT16, op_extend, SCALAR_QUARTER, false),
	UNARY(ZEXT32, op_extend, SCALAR_HALF, false),
	UNARY(SEXT8, op_extend, SCALAR_BYTE, true),
	UNARY(SEXT16, op_extend, SCALAR_QUARTER, true),
	UNARY(SEXT32, op_extend, SCALAR_HALF, true),
	UNARY(BSWAP16, op_bswap, SCALAR_QUARTER, false),
	UNARY(BSWAP32, op_bswap, SCALAR_HALF, false),
	UNARY(BSWAP64, op_bswap, SCALAR_WIDTH, false),
};

/**
 * scalar_op_name - the name of an operation
 * @op: the operation
 *
 * Context: Any.
 * Return: The name, as in enum scalar_op without its prefix.
 */
const char *scalar_op_name(enum scalar_op op)
{
	return op < SCALAR_OP_COUNT ? op_rows[op].name : "?";
}

/**
 * scalar_op_is_unary - does an operation have one operand?
 * @op: the operation
 *
 * Context: Any.
 * Return: True if only the source counts.
 */
bool scalar_op_is_unary(enum scalar_op op)
{
	return op_rows[op].unary;
}

static struct view view_op(const struct scalar_op_row *row, const struct scalar *a,
			   const struct scalar *b, unsigned int op_bits, unsigned int bits)
{
	struct view x = scalar_view(a, bits), y;

	if (row->shift) {
		y = scalar_view(b, op_bits);
		return view_shift(row, &x, &y, op_bits, bits);
	}
	y = scalar_view(b, bits);
	return view_binary(row, &x, &y, bits);
}

/*
 * Shifted to the left by a constant, at least as many bits as lie above the low half, that half is
 * all that is left, and what is known of its sign becomes what is known of the sign: so do
 * compilers extend numbers.
 */
static void lsh_low(const struct scalar_op_row *row, struct view *full, const struct scalar *dst,
		    const struct scalar *src)
{
	struct view v = scalar_view(dst, SCALAR_HALF), by = scalar_view(src, SCALAR_WIDTH);
	u64 least = split_umin(&by.r);

	if (least != split_umax(&by.r) || (least & (SCALAR_WIDTH - 1)) < SCALAR_WIDTH - SCALAR_HALF)
		return;
	v = view_shift(row, &v, &by, SCALAR_WIDTH, SCALAR_WIDTH);
	full->r = split_intersect(full->r, v.r);
}

static void alu_full(const struct scalar_op_row *row, struct scalar *dst,
		     const struct scalar *src)
{
	struct view full = view_op(row, dst, src, SCALAR_WIDTH, SCALAR_WIDTH);
	struct view low = view_unknown(SCALAR_HALF);
	struct scalar s;

	if (row->shift == view_lsh)
		lsh_low(row, &full, dst, src);
	if (row->low)
		low = view_op(row, dst, src, SCALAR_WIDTH, SCALAR_HALF);
	s.bits = full.t;
	s.full = full.r;
	scalar_set_low(&s, &low.r);
	scalar_settle(dst, s);
}

static void alu_low(const struct scalar_op_row *row, struct scalar *dst,
		    const struct scalar *src)
{
	struct view low = view_op(row, dst, src, SCALAR_HALF, SCALAR_HALF);
	struct scalar s;

	s.bits = low.t;
	s.full = split_zext(&low.r, SCALAR_HALF, SCALAR_WIDTH);
	scalar_set_low(&s, &low.r);
	scalar_settle(dst, s);
}

/**
 * scalar_alu - the value after an operation
 * @op: the operation
 * @is64: 64-bit form; otherwise the 32-bit form, which clears the upper half
 * @dst: left operand, and result; only the result when @op has one operand
 * @src: right or only operand; may be @dst
 *
 * Semantics as in RFC 9669, section 4: x / 0 is 0, x % 0 is x, the least number
 * divided by -1 is itself, and shift amounts are masked to the width.
 *
 * Context: Any.
 */
void scalar_alu(enum scalar_op op, bool is64, struct scalar *dst, const struct scalar *src)
{
	const struct scalar_op_row *row = &op_rows[op];

	if (scalar_is_const(src) && (row->unary || scalar_is_const(dst))) {
		*dst = scalar_const(scalar_eval(op, is64, dst->bits.value, src->bits.value));
	} else if (row->unary) {
		row->unary(row, dst, src);
		if (!is64)
			scalar_extend(dst, dst, SCALAR_HALF, false);
	} else if (is64) {
		alu_full(row, dst, src);
	} else {
		alu_low(row, dst, src);
	}
}
