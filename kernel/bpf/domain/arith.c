// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic on intervals. Each operand is not empty and lies within one half of
 * the words of @bits bits, so its length is below 2^(bits - 1) and all members
 * have one sign. The result holds x op y modulo 2^bits for all members x, y.
 */
#include "domain/arith.h"

/**
 * span_add - interval of a sum
 * @a: one summand
 * @b: the other
 * @bits: width
 *
 * The sums of integers fill the interval between the sums of the ends. Its
 * length is below 2^bits, so modulo 2^bits it is an arc, and no word twice.
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_add(struct span a, struct span b, unsigned int bits)
{
	return split_arc(a.lo + b.lo, (a.hi - a.lo) + (b.hi - b.lo), bits);
}

/**
 * span_sub - interval of a difference
 * @a: minuend
 * @b: subtrahend
 * @bits: width
 *
 * As span_add(), from a.lo - b.hi to a.hi - b.lo.
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_sub(struct span a, struct span b, unsigned int bits)
{
	return split_arc(a.lo - b.hi, (a.hi - a.lo) + (b.hi - b.lo), bits);
}

static bool is_negative(struct span s, unsigned int bits)
{
	return s.lo & bits_sign(bits);
}

/* The absolute values; at most 2^(bits - 1), hence no wrap. */
static struct span magnitude(struct span s, unsigned int bits)
{
	u64 mask = bits_mask(bits);

	if (is_negative(s, bits))
		return (struct span){ -s.hi & mask, -s.lo & mask };
	return s;
}

/* From an interval of integers, or of their negatives, to words. */
static struct split from_magnitude(u64 lo, u64 hi, bool negative, unsigned int bits)
{
	return split_arc(negative ? -hi : lo, hi - lo, bits);
}

/**
 * span_mul - interval of a product
 * @a: one factor
 * @b: the other
 * @bits: width
 *
 * Of integers of known sign, the magnitude of the product is monotone in those
 * of the factors. Modulo 2^bits its interval is an arc, all words if it is
 * long. Where the greatest product passes 64 bits nothing is said.
 *
 * Context: Any.
 * Return: A range, sound; the least one when factors are constant.
 */
struct split span_mul(struct span a, struct span b, unsigned int bits)
{
	bool negative = is_negative(a, bits) != is_negative(b, bits);
	u64 most;

	a = magnitude(a, bits);
	b = magnitude(b, bits);
	if (__builtin_mul_overflow(a.hi, b.hi, &most))
		return split_unknown(bits);
	return from_magnitude(a.lo * b.lo, most, negative, bits);
}

/*
 * Quotients of magnitudes; monotone, rising in the dividend and falling in the
 * divisor. @b.lo is not 0.
 */
static struct span magnitude_div(struct span a, struct span b)
{
	return (struct span){ a.lo / b.hi, a.hi / b.lo };
}

/*
 * Remainders of magnitudes. If the least and the greatest quotient are the same
 * q, the remainder is x - q * y, which rises with x and falls with y; no
 * difference is negative since q * y <= x for all of them. Otherwise it is
 * below the divisor and not above the dividend. @b.lo is not 0.
 */
static struct span magnitude_mod(struct span a, struct span b)
{
	struct span q = magnitude_div(a, b);

	if (q.lo == q.hi)
		return (struct span){ a.lo - q.lo * b.hi, a.hi - q.lo * b.lo };
	return (struct span){ 0, a.hi < b.hi ? a.hi : b.hi - 1 };
}

/* Takes 0 out of a divisor; true if other words remain. */
static bool divisor_nonzero(struct span *b)
{
	if (b->lo == 0)
		b->lo = 1;
	return b->lo <= b->hi;
}

/**
 * span_udiv - interval of an unsigned quotient
 * @a: dividend
 * @b: divisor
 * @bits: width
 *
 * x / 0 is 0 (RFC 9669, 4.1).
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_udiv(struct span a, struct span b, unsigned int bits)
{
	struct split r = b.lo == 0 ? split_unsigned(0, 0, bits) : SPLIT_EMPTY;
	struct span q;

	if (!divisor_nonzero(&b))
		return r;
	q = magnitude_div(a, b);
	return split_join(r, split_unsigned(q.lo, q.hi, bits));
}

/**
 * span_sdiv - interval of a signed quotient
 * @a: dividend
 * @b: divisor
 * @bits: width
 *
 * Rounded towards zero: the magnitude is the quotient of the magnitudes. The
 * one quotient that is not a signed word, that of the least number by -1, has
 * the magnitude 2^(bits - 1), which as a word is the least number: the result
 * that RFC 9669 asks for.
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_sdiv(struct span a, struct span b, unsigned int bits)
{
	struct split r = b.lo == 0 ? split_unsigned(0, 0, bits) : SPLIT_EMPTY;
	bool negative = is_negative(a, bits) != is_negative(b, bits);
	struct span q;

	if (!divisor_nonzero(&b))
		return r;
	q = magnitude_div(magnitude(a, bits), magnitude(b, bits));
	return split_join(r, from_magnitude(q.lo, q.hi, negative, bits));
}

/**
 * span_umod - interval of an unsigned remainder
 * @a: dividend
 * @b: divisor
 * @bits: width
 *
 * x % 0 is x (RFC 9669, 4.1).
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_umod(struct span a, struct span b, unsigned int bits)
{
	struct split r = b.lo == 0 ? split_unsigned(a.lo, a.hi, bits) : SPLIT_EMPTY;
	struct span m;

	if (!divisor_nonzero(&b))
		return r;
	m = magnitude_mod(a, b);
	return split_join(r, split_unsigned(m.lo, m.hi, bits));
}

/**
 * span_smod - interval of a signed remainder
 * @a: dividend
 * @b: divisor
 * @bits: width
 *
 * The remainder has the sign of the dividend, and the magnitude of the remainder
 * of the magnitudes.
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_smod(struct span a, struct span b, unsigned int bits)
{
	struct split r = b.lo == 0 ? split_unsigned(a.lo, a.hi, bits) : SPLIT_EMPTY;
	struct span m;

	if (!divisor_nonzero(&b))
		return r;
	m = magnitude_mod(magnitude(a, bits), magnitude(b, bits));
	return split_join(r, from_magnitude(m.lo, m.hi, is_negative(a, bits), bits));
}

/* An interval of the bits below the sign, with that sign. */
static struct split with_sign(u64 lo, u64 hi, u64 sign)
{
	struct span s = { lo | sign, hi | sign };

	if (sign)
		return (struct split){ { SPAN_EMPTY, s } };
	return (struct split){ { s, SPAN_EMPTY } };
}

static struct span below_sign(struct span s, u64 sign)
{
	return (struct span){ s.lo & ~sign, s.hi & ~sign };
}

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

/**
 * span_and - interval of a conjunction
 * @a: one operand
 * @b: the other
 * @bits: width
 *
 * The sign is the conjunction of the signs. Below it, x & y is at most either,
 * and x & y = x + y - (x | y), where x | y has no bit above all of the greatest.
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_and(struct span a, struct span b, unsigned int bits)
{
	u64 sign = bits_sign(bits);
	u64 out_sign = a.lo & b.lo & sign;
	u64 sum, cover;

	a = below_sign(a, sign);
	b = below_sign(b, sign);
	sum = a.lo + b.lo;
	cover = bits_smear(a.hi | b.hi);
	return with_sign(sum > cover ? sum - cover : 0, min_u64(a.hi, b.hi), out_sign);
}

/**
 * span_or - interval of a disjunction
 * @a: one operand
 * @b: the other
 * @bits: width
 *
 * The sign is the disjunction of the signs. Below it, x | y is at least either,
 * at most x + y, and has no bit above all of the greatest.
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_or(struct span a, struct span b, unsigned int bits)
{
	u64 sign = bits_sign(bits);
	u64 out_sign = (a.lo | b.lo) & sign;

	a = below_sign(a, sign);
	b = below_sign(b, sign);
	return with_sign(max_u64(a.lo, b.lo), min_u64(a.hi + b.hi, bits_smear(a.hi | b.hi)),
			 out_sign);
}

/**
 * span_xor - interval of an exclusive disjunction
 * @a: one operand
 * @b: the other
 * @bits: width
 *
 * The sign is that of the signs. Below it, x ^ y is at least the difference, at
 * most x + y, and has no bit above all of the greatest.
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_xor(struct span a, struct span b, unsigned int bits)
{
	u64 sign = bits_sign(bits);
	u64 out_sign = (a.lo ^ b.lo) & sign;
	u64 lo = 0;

	a = below_sign(a, sign);
	b = below_sign(b, sign);
	if (a.lo > b.hi)
		lo = a.lo - b.hi;
	else if (b.lo > a.hi)
		lo = b.lo - a.hi;
	return with_sign(lo, min_u64(a.hi + b.hi, bits_smear(a.hi | b.hi)), out_sign);
}

/**
 * span_lsh - interval after a shift to the left
 * @a: the operand
 * @by: bits, below @bits
 * @bits: width
 *
 * A product with 2^by: an arc from lo << by, all words if it is long.
 *
 * Context: Any.
 * Return: A range, sound.
 */
struct split span_lsh(struct span a, unsigned int by, unsigned int bits)
{
	if (a.hi - a.lo > bits_mask(bits) >> by)
		return split_unknown(bits);
	return split_arc(a.lo << by, (a.hi - a.lo) << by, bits);
}

/**
 * span_rsh - interval after a logical shift to the right
 * @a: the operand
 * @by: bits, below @bits
 * @bits: width
 *
 * Monotone in unsigned order.
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_rsh(struct span a, unsigned int by, unsigned int bits)
{
	return split_unsigned(a.lo >> by, a.hi >> by, bits);
}

/**
 * span_arsh - interval after an arithmetic shift to the right
 * @a: the operand
 * @by: bits, below @bits
 * @bits: width
 *
 * Monotone in signed order, and the sign stays.
 *
 * Context: Any.
 * Return: The least range.
 */
struct split span_arsh(struct span a, unsigned int by, unsigned int bits)
{
	return split_unsigned(bits_sext(a.lo >> by, bits - by, bits),
			      bits_sext(a.hi >> by, bits - by, bits), bits);
}
