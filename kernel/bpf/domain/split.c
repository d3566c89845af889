// SPDX-License-Identifier: GPL-2.0
/* Ranges split at the sign: construction and conversion. See split.h. */
#include "domain/split.h"

static bool span_valid(struct span s, u64 least, u64 most)
{
	if (span_is_empty(s))
		return s.lo == ~0ULL && s.hi == 0;
	return s.lo >= least && s.hi <= most;
}

/**
 * split_valid - check the invariants of a range
 * @r: the range
 * @bits: its width
 *
 * Context: Any.
 * Return: True if each half lies in its half of the words, an empty one is in
 * its only form, and there is a member.
 */
bool split_valid(const struct split *r, unsigned int bits)
{
	u64 sign = bits_sign(bits);

	return !split_is_empty(r) && span_valid(r->half[0], 0, sign - 1) &&
	       span_valid(r->half[1], sign, bits_mask(bits));
}

/**
 * split_unsigned - the range between two ends in unsigned order
 * @lo: least member
 * @hi: greatest member; below @lo: the range is empty
 * @bits: width
 *
 * Context: Any.
 * Return: The range, exact.
 */
struct split split_unsigned(u64 lo, u64 hi, unsigned int bits)
{
	struct span s = { .lo = lo, .hi = hi };
	u64 sign = bits_sign(bits);
	struct span low = { .lo = 0, .hi = sign - 1 };
	struct span high = { .lo = sign, .hi = bits_mask(bits) };

	return (struct split){ { span_intersect(s, low), span_intersect(s, high) } };
}

/**
 * split_signed - the range between two ends in signed order
 * @lo: least member, as a word
 * @hi: greatest member, as a word; less than @lo: the range is empty
 * @bits: width
 *
 * Flipping the sign bit turns signed order into unsigned order and exchanges
 * the halves; flipping it back in the ends exchanges nothing.
 *
 * Context: Any.
 * Return: The range, exact.
 */
struct split split_signed(u64 lo, u64 hi, unsigned int bits)
{
	u64 sign = bits_sign(bits);
	struct split r = split_unsigned(lo ^ sign, hi ^ sign, bits);
	struct split out = SPLIT_EMPTY;

	if (!span_is_empty(r.half[1]))
		out.half[0] = (struct span){ r.half[1].lo ^ sign, r.half[1].hi ^ sign };
	if (!span_is_empty(r.half[0]))
		out.half[1] = (struct span){ r.half[0].lo ^ sign, r.half[0].hi ^ sign };
	return out;
}

/**
 * split_arc - the range of words met when counting up, with wrap
 * @lo: first word; bits above the width are ignored
 * @length: words that follow it
 * @bits: width
 *
 * An arc that passes the greatest word consists of two unsigned intervals. When
 * both meet one half, that half takes the hull: the only loss.
 *
 * Context: Any.
 * Return: The least range that holds the arc.
 */
struct split split_arc(u64 lo, u64 length, unsigned int bits)
{
	u64 mask = bits_mask(bits);
	u64 hi;

	if (length >= mask)
		return split_unknown(bits);
	lo &= mask;
	hi = (lo + length) & mask;
	if (lo <= hi)
		return split_unsigned(lo, hi, bits);
	return split_join(split_unsigned(lo, mask, bits), split_unsigned(0, hi, bits));
}

static struct span span_trim(struct span s, u64 x)
{
	if (span_is_empty(s))
		return s;
	if (s.lo == x && s.hi == x)
		return SPAN_EMPTY;
	s.lo += s.lo == x;
	s.hi -= s.hi == x;
	return s;
}

/**
 * split_trim - leave out one word
 * @r: the range
 * @x: the word
 *
 * Context: Any.
 * Return: The least range that holds all members but @x; may be empty.
 */
struct split split_trim(struct split r, u64 x)
{
	return (struct split){ { span_trim(r.half[0], x), span_trim(r.half[1], x) } };
}

/**
 * split_truncate - the range of the low bits
 * @r: the range, wider than the result
 * @bits: width of the result
 *
 * The low bits of an interval count up with wrap: an arc of the same length.
 *
 * Context: Any.
 * Return: The least range that holds the low bits of every member.
 */
struct split split_truncate(const struct split *r, unsigned int bits)
{
	struct split out = SPLIT_EMPTY;
	int i;

	for (i = 0; i < 2; i++) {
		struct span s = r->half[i];

		if (!span_is_empty(s))
			out = split_join(out, split_arc(s.lo, s.hi - s.lo, bits));
	}
	return out;
}

/**
 * split_sext - sign extension
 * @r: the range
 * @from: its width
 * @to: width of the result, not smaller
 *
 * Extension keeps signed order and the sign: each half maps onto a half.
 *
 * Context: Any.
 * Return: The range, exact.
 */
struct split split_sext(const struct split *r, unsigned int from, unsigned int to)
{
	struct split out = *r;
	u64 ones = bits_mask(to) & ~bits_mask(from);

	if (!span_is_empty(out.half[1])) {
		out.half[1].lo |= ones;
		out.half[1].hi |= ones;
	}
	return out;
}

/**
 * split_zext - zero extension
 * @r: the range
 * @from: its width
 * @to: width of the result, not smaller
 *
 * Context: Any.
 * Return: The least range that holds every member, read as a wider word.
 */
struct split split_zext(const struct split *r, unsigned int from, unsigned int to)
{
	if (from == to)
		return *r;
	return split_unsigned(split_umin(r), split_umax(r), to);
}

/* The least member of @r that is not below @x, unsigned. */
static bool split_next(const struct split *r, u64 x, u64 *out)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct span s = r->half[i];

		if (span_is_empty(s) || s.hi < x)
			continue;
		*out = s.lo > x ? s.lo : x;
		return true;
	}
	return false;
}

/*
 * The least word that is not below @x and has its low bits in @low. With the
 * high bits of @x, if a member of @low is not below the low bits of @x;
 * otherwise with the high bits one greater, and the least member of @low. The
 * latter fails if the high bits are at their greatest.
 */
static bool low_next(const struct split *low, u64 x, u64 mask, u64 low_mask, u64 *out)
{
	u64 member;

	if (split_next(low, x & low_mask, &member)) {
		*out = (x & ~low_mask) | member;
		return true;
	}
	if ((x | low_mask) == mask)
		return false;
	*out = (x | low_mask) + 1 + split_umin(low);
	return true;
}

/* The complements of the members: order is reversed and the halves change. */
static struct split split_not(const struct split *r, u64 mask)
{
	struct split out = SPLIT_EMPTY;
	int i;

	for (i = 0; i < 2; i++) {
		struct span s = r->half[i];

		if (!span_is_empty(s))
			out.half[!i] = (struct span){ ~s.hi & mask, ~s.lo & mask };
	}
	return out;
}

static struct span span_with_low(struct span s, const struct split *low,
				 const struct split *not_low, u64 mask, u64 low_mask)
{
	u64 lo, not_hi;

	if (span_is_empty(s) || !low_next(low, s.lo, mask, low_mask, &lo) ||
	    !low_next(not_low, ~s.hi & mask, mask, low_mask, &not_hi))
		return SPAN_EMPTY;
	return span_intersect(s, (struct span){ lo, ~not_hi & mask });
}

/**
 * split_with_low - leave out what the low bits rule out
 * @r: the range
 * @low: range of the low bits, not empty
 * @bits: width of @r
 * @low_bits: width of @low, smaller
 *
 * Each end moves inwards to the next word whose low bits are in @low. The upper
 * end is the lower end of the complements.
 *
 * Context: Any.
 * Return: The least range that holds the members that remain; may be empty.
 */
struct split split_with_low(struct split r, const struct split *low, unsigned int bits,
			    unsigned int low_bits)
{
	u64 mask = bits_mask(bits), low_mask = bits_mask(low_bits);
	struct split not_low = split_not(low, low_mask);

	return (struct split){ { span_with_low(r.half[0], low, &not_low, mask, low_mask),
				 span_with_low(r.half[1], low, &not_low, mask, low_mask) } };
}

static struct span span_with_tnum(struct span s, struct tnum t, u64 mask)
{
	struct tnum not_t = { .value = ~tnum_max(t) & mask, .mask = t.mask };
	u64 lo, not_hi;

	if (span_is_empty(s) || !tnum_next(t, s.lo, &lo) ||
	    !tnum_next(not_t, ~s.hi & mask, &not_hi))
		return SPAN_EMPTY;
	return span_intersect(s, (struct span){ lo, ~not_hi & mask });
}

/**
 * split_with_tnum - leave out what known bits rule out
 * @r: the range
 * @t: known bits, cut to @bits
 * @bits: width
 *
 * Each end moves inwards to the next member of @t, as in split_with_low().
 *
 * Context: Any.
 * Return: The least range that holds the members that remain; may be empty.
 */
struct split split_with_tnum(struct split r, struct tnum t, unsigned int bits)
{
	u64 mask = bits_mask(bits);

	return (struct split){ { span_with_tnum(r.half[0], t, mask),
				 span_with_tnum(r.half[1], t, mask) } };
}

/**
 * split_known - the known bits of a range
 * @r: the range
 * @out: known bits
 *
 * Context: Any.
 * Return: False, and @out untouched, if the range is empty.
 */
bool split_known(const struct split *r, struct tnum *out)
{
	const struct span *s = r->half;

	if (split_is_empty(r))
		return false;
	if (span_is_empty(s[1]))
		*out = tnum_prefix(s[0].lo, s[0].hi);
	else if (span_is_empty(s[0]))
		*out = tnum_prefix(s[1].lo, s[1].hi);
	else
		*out = tnum_join(tnum_prefix(s[0].lo, s[0].hi), tnum_prefix(s[1].lo, s[1].hi));
	return true;
}
