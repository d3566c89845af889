// SPDX-License-Identifier: GPL-2.0
/*
 * Deduction: each view leaves out what another rules out. Each step keeps every
 * member of the intersection of the views it reads, so that any order and any
 * number of steps is sound; more steps only say more.
 */
#include "domain/scalar.h"

/*
 * Each round runs all steps. Nearly all values are stable after the first; a
 * bound instead of a fixpoint keeps the time of one operation bounded.
 */
#define DEDUCE_ROUNDS 4

/**
 * view_deduce - deduce range and known bits from each other
 * @v: the view; known bits cut to @bits
 * @bits: width
 *
 * Context: Any.
 * Return: False if no word is possible.
 */
bool view_deduce(struct view *v, unsigned int bits)
{
	struct tnum known;

	v->r = split_with_tnum(v->r, v->t, bits);
	return split_known(&v->r, &known) && tnum_intersect(v->t, known, &v->t);
}

static bool views_same(const struct split *a, const struct split *b)
{
	return split_subset(a, b) && split_subset(b, a);
}

/*
 * One round, over the full word and its low half. From full to low the known
 * bits are shared, and the range is cut; from low to full the known bits go back
 * and the ends of the range move to words whose low half is possible.
 */
static bool deduce_round(struct view *full, struct split *low)
{
	u64 low_mask = bits_mask(SCALAR_HALF);
	struct view half;

	if (!view_deduce(full, SCALAR_WIDTH))
		return false;
	half.t = tnum_cut(full->t, SCALAR_HALF);
	half.r = split_intersect(*low, split_truncate(&full->r, SCALAR_HALF));
	if (!view_deduce(&half, SCALAR_HALF))
		return false;
	*low = half.r;
	full->t.value = (full->t.value & ~low_mask) | half.t.value;
	full->t.mask = (full->t.mask & ~low_mask) | half.t.mask;
	full->r = split_with_low(full->r, low, SCALAR_WIDTH, SCALAR_HALF);
	return !split_is_empty(&full->r);
}

/**
 * scalar_deduce - make the views agree
 * @s: the value; its views may contradict each other
 *
 * Context: Any.
 * Return: False if no word is possible.
 */
bool scalar_deduce(struct scalar *s)
{
	struct view full = { .t = s->bits, .r = s->full };
	struct split low = scalar_low(s);
	int round;

	for (round = 0; round < DEDUCE_ROUNDS; round++) {
		struct view old_full = full;
		struct split old_low = low;

		if (!deduce_round(&full, &low))
			return false;
		if (tnum_equal(full.t, old_full.t) && views_same(&full.r, &old_full.r) &&
		    views_same(&low, &old_low))
			break;
	}
	s->bits = full.t;
	s->full = full.r;
	scalar_set_low(s, &low);
	return true;
}
