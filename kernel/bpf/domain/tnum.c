// SPDX-License-Identifier: GPL-2.0
/* Known bits: lattice and arithmetic. See tnum.h for the representation. */
#include "domain/tnum.h"

/* From the bits that are one in every member and those that are one in some. */
static struct tnum tnum_from_ones(u64 always, u64 some)
{
	return (struct tnum){ .value = always, .mask = some & ~always };
}

/**
 * tnum_prefix - known bits of an unsigned interval
 * @lo: least member
 * @hi: greatest member, not below @lo
 *
 * Above the highest bit in which the ends differ, all members agree. That bit
 * and those below it take both values (0 followed by ones, and 1 followed by
 * zeros, lie between the ends), so no more is known.
 *
 * Context: Any.
 * Return: The least set of known bits that holds every member.
 */
struct tnum tnum_prefix(u64 lo, u64 hi)
{
	u64 mask = bits_smear(lo ^ hi);

	return (struct tnum){ .value = lo & ~mask, .mask = mask };
}

/**
 * tnum_join - least upper bound
 * @a: one set
 * @b: the other
 *
 * Context: Any.
 * Return: What is known of a member of @a or @b.
 */
struct tnum tnum_join(struct tnum a, struct tnum b)
{
	u64 mask = a.mask | b.mask | (a.value ^ b.value);

	return (struct tnum){ .value = a.value & ~mask, .mask = mask };
}

/**
 * tnum_intersect - what is known of a member of both
 * @a: one set
 * @b: the other
 * @out: the intersection, exact
 *
 * Context: Any.
 * Return: False, and @out untouched, if there is no such member.
 */
bool tnum_intersect(struct tnum a, struct tnum b, struct tnum *out)
{
	if ((a.value ^ b.value) & ~(a.mask | b.mask))
		return false;
	out->mask = a.mask & b.mask;
	out->value = a.value | b.value;
	return true;
}

/**
 * tnum_next - the least member that is not below a number
 * @t: known bits
 * @x: the number
 * @out: the member
 *
 * If @x contradicts no known bit, it is the member. Otherwise let k be the
 * highest bit that it contradicts. Where bit k has to be 1 and is 0 in @x,
 * setting it makes the word greater than @x whatever follows, so keep the bits
 * above and follow with the least, the known ones. Where bit k has to be 0 and
 * is 1 in @x, a word with the same bits above k is below @x: some bit above k
 * has to rise from 0 to 1. The lowest free one gives the least such word, again
 * followed by the known ones. If there is none, all members are below @x.
 *
 * Context: Any.
 * Return: False if all members are below @x.
 */
bool tnum_next(struct tnum t, u64 x, u64 *out)
{
	u64 bad = (x ^ t.value) & ~t.mask;
	u64 below = bits_smear(bad);
	u64 k = below ^ (below >> 1);
	u64 rise;

	if (!bad) {
		*out = x;
		return true;
	}
	if (t.value & k) {
		*out = (x & ~below) | (t.value & below);
		return true;
	}
	rise = t.mask & ~x & ~below;
	rise &= -rise;
	if (!rise)
		return false;
	below = rise - 1;
	*out = (x & ~below) | rise | (t.value & below);
	return true;
}

/*
 * Bit i of a sum is a_i ^ b_i ^ c_i, with c_i the carry into it. A carry is a
 * monotone function of all bits below, so it is least in the sum of the least
 * members and greatest in that of the greatest: where these two agree it is
 * known. A result bit is known if and only if a_i, b_i and c_i are.
 */
static struct tnum tnum_add_carry(struct tnum a, struct tnum b, u64 carry)
{
	u64 least = a.value + b.value + carry;
	u64 most = tnum_max(a) + tnum_max(b) + carry;
	u64 c_least = least ^ a.value ^ b.value;
	u64 c_most = most ^ tnum_max(a) ^ tnum_max(b);
	u64 mask = a.mask | b.mask | (c_least ^ c_most);

	return (struct tnum){ .value = least & ~mask, .mask = mask };
}

/**
 * tnum_add - known bits of a sum
 * @a: one summand
 * @b: the other
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_add(struct tnum a, struct tnum b)
{
	return tnum_add_carry(a, b, 0);
}

/**
 * tnum_sub - known bits of a difference
 * @a: minuend
 * @b: subtrahend
 *
 * a - b is a + ~b + 1, and the complement of a set of words with known bits
 * has the same bits known.
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_sub(struct tnum a, struct tnum b)
{
	struct tnum not_b = { .value = ~tnum_max(b), .mask = b.mask };

	return tnum_add_carry(a, not_b, 1);
}

/**
 * tnum_mul - known bits of a product
 * @a: one factor
 * @b: the other
 *
 * Long multiplication: the product is the sum, over the bits of @a, of @b
 * shifted to that bit, or 0 where the bit is 0. A free bit of @a contributes
 * one of the two: bits that are zero in the shifted @b stay known.
 *
 * Context: Any.
 * Return: Known bits, sound; not always the best.
 */
struct tnum tnum_mul(struct tnum a, struct tnum b)
{
	struct tnum sum = tnum_const(0);

	while (tnum_max(a)) {
		if (a.value & 1)
			sum = tnum_add(sum, b);
		else if (a.mask & 1)
			sum = tnum_add(sum, tnum_from_ones(0, tnum_max(b)));
		a = tnum_rsh(a, 1);
		b = tnum_lsh(b, 1);
	}
	return sum;
}

/**
 * tnum_div - known bits of an unsigned quotient
 * @a: dividend
 * @b: divisor
 *
 * Division by 2^k is a shift. For other divisors the range says it all.
 *
 * Context: Any.
 * Return: Known bits, sound; not always the best.
 */
struct tnum tnum_div(struct tnum a, struct tnum b)
{
	unsigned int by = 0;

	if (b.mask || !b.value || (b.value & (b.value - 1)))
		return tnum_unknown(64);
	while (b.value >> by != 1)
		by++;
	return tnum_rsh(a, by);
}

/**
 * tnum_mod - known bits of a remainder, signed or unsigned
 * @a: dividend
 * @b: divisor
 *
 * The remainder is a - q * b, and a when b is 0. If 2^k divides @b, it agrees
 * with @a in the low k bits in either case.
 *
 * Context: Any.
 * Return: Known bits; the ones above follow from the range.
 */
struct tnum tnum_mod(struct tnum a, struct tnum b)
{
	u64 ones = tnum_max(b);
	u64 low = ones ? (ones & -ones) - 1 : ~0ULL;

	return (struct tnum){ .value = a.value & low, .mask = a.mask | ~low };
}

/**
 * tnum_and - known bits of a conjunction
 * @a: one operand
 * @b: the other
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_and(struct tnum a, struct tnum b)
{
	return tnum_from_ones(a.value & b.value, tnum_max(a) & tnum_max(b));
}

/**
 * tnum_or - known bits of a disjunction
 * @a: one operand
 * @b: the other
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_or(struct tnum a, struct tnum b)
{
	return tnum_from_ones(a.value | b.value, tnum_max(a) | tnum_max(b));
}

/**
 * tnum_xor - known bits of an exclusive disjunction
 * @a: one operand
 * @b: the other
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_xor(struct tnum a, struct tnum b)
{
	u64 mask = a.mask | b.mask;

	return (struct tnum){ .value = (a.value ^ b.value) & ~mask, .mask = mask };
}

/**
 * tnum_lsh - known bits after a shift to the left
 * @t: the operand
 * @by: bits, below 64
 *
 * Context: Any.
 * Return: The known bits, exact.
 */
struct tnum tnum_lsh(struct tnum t, unsigned int by)
{
	return (struct tnum){ .value = t.value << by, .mask = t.mask << by };
}

/**
 * tnum_rsh - known bits after a logical shift to the right
 * @t: the operand, cut to its width
 * @by: bits, below 64
 *
 * Context: Any.
 * Return: The known bits, exact.
 */
struct tnum tnum_rsh(struct tnum t, unsigned int by)
{
	return (struct tnum){ .value = t.value >> by, .mask = t.mask >> by };
}

/**
 * tnum_sext - known bits after sign extension
 * @t: the operand
 * @from: width that is extended
 * @to: width of the result
 *
 * The sign bit is known or free, and so are its copies: extending value and
 * mask as numbers copies both. (Copies of a free bit are free independently,
 * which is more than they are.)
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_sext(struct tnum t, unsigned int from, unsigned int to)
{
	return (struct tnum){ .value = bits_sext(t.value, from, to),
			      .mask = bits_sext(t.mask, from, to) };
}

/**
 * tnum_arsh - known bits after an arithmetic shift to the right
 * @t: the operand
 * @by: bits, below @bits
 * @bits: width of operand and result
 *
 * Context: Any.
 * Return: The known bits; the best there are.
 */
struct tnum tnum_arsh(struct tnum t, unsigned int by, unsigned int bits)
{
	return tnum_sext(tnum_rsh(tnum_cut(t, bits), by), bits - by, bits);
}
