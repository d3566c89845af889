// SPDX-License-Identifier: GPL-2.0
/* Scalars: construction and lattice. See scalar.h for the representation. */
#include "domain/scalar.h"

#define WORD_MASK bits_mask(SCALAR_WIDTH)

/**
 * scalar_const - the value with one member
 * @value: the member; bits above the width are ignored
 *
 * Context: Any.
 * Return: The value.
 */
struct scalar scalar_const(u64 value)
{
	u64 low = value & bits_mask(SCALAR_HALF);
	struct split r = split_unsigned(low, low, SCALAR_HALF);
	struct scalar s;

	value &= WORD_MASK;
	s.bits = tnum_const(value);
	s.full = split_unsigned(value, value, SCALAR_WIDTH);
	scalar_set_low(&s, &r);
	return s;
}

/**
 * scalar_unknown - the value of which nothing is known
 *
 * Context: Any.
 * Return: The value.
 */
struct scalar scalar_unknown(void)
{
	struct split r = split_unknown(SCALAR_HALF);
	struct scalar s;

	s.bits = tnum_unknown(SCALAR_WIDTH);
	s.full = split_unknown(SCALAR_WIDTH);
	scalar_set_low(&s, &r);
	return s;
}

static struct scalar scalar_from_split(struct split r)
{
	struct scalar s = scalar_unknown();

	s.full = r;
	scalar_deduce(&s);
	return s;
}

/**
 * scalar_range_u - words between two ends, unsigned
 * @min: least member
 * @max: greatest member, not below @min
 *
 * Context: Any.
 * Return: The value; unknown if @max is below @min.
 */
struct scalar scalar_range_u(u64 min, u64 max)
{
	if (min > max || max > WORD_MASK)
		return scalar_unknown();
	return scalar_from_split(split_unsigned(min, max, SCALAR_WIDTH));
}

/**
 * scalar_range_s - words between two ends, signed
 * @min: least member
 * @max: greatest member, not less than @min
 *
 * Context: Any.
 * Return: The value; unknown if @max is less than @min.
 */
struct scalar scalar_range_s(s64 min, s64 max)
{
	if (min > max || scalar_as_signed(min) != min || scalar_as_signed(max) != max)
		return scalar_unknown();
	return scalar_from_split(split_signed(min & WORD_MASK, max & WORD_MASK, SCALAR_WIDTH));
}

/**
 * scalar_from_tnum - words with known bits
 * @s: the value
 * @t: the known bits
 *
 * Context: Any.
 * Return: False if @t is malformed: a bit both known to be one and free.
 */
bool scalar_from_tnum(struct scalar *s, struct tnum t)
{
	if (t.value & t.mask)
		return false;
	*s = scalar_unknown();
	s->bits = tnum_cut(t, SCALAR_WIDTH);
	return scalar_deduce(s);
}

/**
 * scalar_is_unknown - is nothing known?
 * @s: the value
 *
 * Context: Any.
 * Return: True if every word is a member.
 */
bool scalar_is_unknown(const struct scalar *s)
{
	struct scalar all = scalar_unknown();

	return scalar_subset(&all, s);
}

/**
 * scalar_contains - is a word a member?
 * @s: the value
 * @x: the word
 *
 * Context: Any.
 * Return: True if it is.
 */
bool scalar_contains(const struct scalar *s, u64 x)
{
	struct split low = scalar_low(s);

	return tnum_contains(s->bits, x) && split_contains(&s->full, x) &&
	       split_contains(&low, x & bits_mask(SCALAR_HALF));
}

/**
 * scalar_valid - check the invariants
 * @s: the value
 *
 * Context: Any.
 * Return: True if each view is well formed and has a member.
 */
bool scalar_valid(const struct scalar *s)
{
	struct split low = scalar_low(s);
	int i;

	for (i = 0; i < 2; i++)
		if (s->low[i].lo > s->low[i].hi && (s->low[i].lo != ~0U || s->low[i].hi != 0))
			return false;
	return (s->bits.value & s->bits.mask) == 0 && (tnum_max(s->bits) & ~WORD_MASK) == 0 &&
	       split_valid(&s->full, SCALAR_WIDTH) && split_valid(&low, SCALAR_HALF);
}

/**
 * scalar_subset - is every member of one value a member of another?
 * @a: the smaller
 * @b: the larger
 *
 * Compared view by view.
 *
 * Context: Any.
 * Return: True if it is; false if not or if the views do not show it.
 */
bool scalar_subset(const struct scalar *a, const struct scalar *b)
{
	int i;

	if (!tnum_subset(a->bits, b->bits) || !split_subset(&a->full, &b->full))
		return false;
	for (i = 0; i < 2; i++)
		if (a->low[i].lo < b->low[i].lo || a->low[i].hi > b->low[i].hi)
			return false;
	return true;
}

/**
 * scalar_equal - do two values say the same in every view?
 * @a: one value
 * @b: the other
 *
 * Context: Any.
 * Return: True if they do.
 */
bool scalar_equal(const struct scalar *a, const struct scalar *b)
{
	return scalar_subset(a, b) && scalar_subset(b, a);
}

/**
 * scalar_join - the least value that holds all members of two
 * @a: one value
 * @b: the other
 *
 * The views of values that have been deduced from one another are joined view by
 * view: each is then the least that holds the members of both.
 *
 * Context: Any.
 * Return: The value.
 */
struct scalar scalar_join(const struct scalar *a, const struct scalar *b)
{
	struct split low = split_join(scalar_low(a), scalar_low(b));
	struct scalar s;

	s.bits = tnum_join(a->bits, b->bits);
	s.full = split_join(a->full, b->full);
	scalar_set_low(&s, &low);
	return s;
}

/**
 * scalar_intersect - leave out what is not a member of another value
 * @s: the value
 * @with: the other
 *
 * Context: Any.
 * Return: False if no word is a member of both; @s is then unchanged.
 */
bool scalar_intersect(struct scalar *s, const struct scalar *with)
{
	struct split low = split_intersect(scalar_low(s), scalar_low(with));
	struct scalar out;

	if (!tnum_intersect(s->bits, with->bits, &out.bits))
		return false;
	out.full = split_intersect(s->full, with->full);
	scalar_set_low(&out, &low);
	if (!scalar_deduce(&out))
		return false;
	*s = out;
	return true;
}

/*
 * Where the ends of a range may come to rest while it is widened: the greatest
 * magnitudes of 8, 16, 31, 32 and 63 bits, and the ends of the half itself.
 */
#define WIDEN_STOPS 4

static const u64 widen_stops[WIDEN_STOPS] = {
	(1ULL << SCALAR_BYTE) - 1,
	(1ULL << SCALAR_QUARTER) - 1,
	(1ULL << (SCALAR_HALF - 1)) - 1,
	(1ULL << SCALAR_HALF) - 1,
};

/* The first stop that is not below @x, and not above @most. */
static u64 stop_above(u64 x, u64 most)
{
	unsigned int i;

	for (i = 0; i < WIDEN_STOPS; i++)
		if (widen_stops[i] >= x && widen_stops[i] < most)
			return widen_stops[i];
	return most;
}

/*
 * An end that has moved goes on to a stop. Lower ends of the half below zero are
 * complements: -1 - x is ~x, so the stops are those of the other half mirrored.
 */
static struct span span_widen(struct span old, struct span new, u64 least, u64 most, bool mirror)
{
	struct span s = span_join(old, new);

	if (span_is_empty(s))
		return s;
	if (s.lo < old.lo)
		s.lo = mirror ? most - stop_above(most - s.lo, most - least) : least;
	if (s.hi > old.hi)
		s.hi = mirror ? most : stop_above(s.hi, most);
	return s;
}

static struct split split_widen(struct split old, struct split new, unsigned int bits)
{
	u64 sign = bits_sign(bits);
	struct split r;

	r.half[0] = span_widen(old.half[0], new.half[0], 0, sign - 1, false);
	r.half[1] = span_widen(old.half[1], new.half[1], sign, bits_mask(bits), true);
	return r;
}

/**
 * scalar_widen - an upper bound whose repetition ends soon
 * @old: the value at the last visit
 * @new: the value at this visit
 *
 * As scalar_join(), but an end that moves goes to the next of a few stops, and
 * from the lowest bit that becomes free on all are free. The views are not
 * deduced from one another, since that would move ends away from their stops.
 * A chain of values, each the widening of the one before, is thus finite: each
 * of the 8 ends stands still or rises in a list of at most 6, and the lowest
 * bit that is freed falls or the mask stands still.
 *
 * Context: Any.
 * Return: The value; equal to @old if every member of @new is one of @old.
 */
struct scalar scalar_widen(const struct scalar *old, const struct scalar *new)
{
	struct split low = split_widen(scalar_low(old), scalar_low(new), SCALAR_HALF);
	struct tnum t = tnum_join(old->bits, new->bits);
	u64 freed = t.mask & ~old->bits.mask;
	struct scalar s;

	if (freed)
		t.mask |= -(freed & -freed) & WORD_MASK;
	t.value &= ~t.mask;
	s.bits = t;
	s.full = split_widen(old->full, new->full, SCALAR_WIDTH);
	scalar_set_low(&s, &low);
	return s;
}
