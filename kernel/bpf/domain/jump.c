// SPDX-License-Identifier: GPL-2.0
/*
 * Comparisons: what is known of both sides after a branch. One row a comparison
 * reduces it to one of six relations, possibly with sides exchanged; a branch
 * not taken is the row of the opposite.
 *
 * A 32-bit comparison speaks of the low halves: it refines the low view, and the
 * full word only through deduction, which knows how they hang together.
 */
#include "domain/scalar.h"

/* Refines two views under one relation; false if no pair of members is in it. */
typedef bool (*relation_fn)(struct view *a, struct view *b, unsigned int bits);

static bool relation_eq(struct view *a, struct view *b, unsigned int bits)
{
	if (!tnum_intersect(a->t, b->t, &a->t))
		return false;
	a->r = split_intersect(a->r, b->r);
	*b = *a;
	return !split_is_empty(&a->r);
}

/* A member can be ruled out only if the other side is constant. */
static bool relation_ne(struct view *a, struct view *b, unsigned int bits)
{
	if (!b->t.mask)
		a->r = split_trim(a->r, b->t.value);
	else if (!a->t.mask)
		b->r = split_trim(b->r, a->t.value);
	return !split_is_empty(&a->r) && !split_is_empty(&b->r);
}

/*
 * a < b: @a is below the greatest of @b, and @b above the least of @a. @strict
 * is 1, or 0 for a <= b. Wrap: the ends are moved only if they are not at the
 * end of the order, and there no pair is left.
 */
static bool below(struct view *a, struct view *b, unsigned int bits, u64 strict)
{
	u64 most = split_umax(&b->r), least = split_umin(&a->r);
	u64 mask = bits_mask(bits);

	if (strict && (most == 0 || least == mask))
		return false;
	a->r = split_intersect(a->r, split_unsigned(0, most - strict, bits));
	b->r = split_intersect(b->r, split_unsigned(least + strict, mask, bits));
	return !split_is_empty(&a->r) && !split_is_empty(&b->r);
}

static bool less(struct view *a, struct view *b, unsigned int bits, u64 strict)
{
	u64 most = split_smax(&b->r), least = split_smin(&a->r);
	u64 smin = bits_sign(bits), smax = smin - 1, mask = bits_mask(bits);

	if (strict && (most == smin || least == smax))
		return false;
	a->r = split_intersect(a->r, split_signed(smin, (most - strict) & mask, bits));
	b->r = split_intersect(b->r, split_signed((least + strict) & mask, smax, bits));
	return !split_is_empty(&a->r) && !split_is_empty(&b->r);
}

static bool relation_ult(struct view *a, struct view *b, unsigned int bits)
{
	return below(a, b, bits, 1);
}

static bool relation_ule(struct view *a, struct view *b, unsigned int bits)
{
	return below(a, b, bits, 0);
}

static bool relation_slt(struct view *a, struct view *b, unsigned int bits)
{
	return less(a, b, bits, 1);
}

static bool relation_sle(struct view *a, struct view *b, unsigned int bits)
{
	return less(a, b, bits, 0);
}

/* a & b is not 0: neither is 0; a bit that alone can be in both is in both. */
static bool relation_set(struct view *a, struct view *b, unsigned int bits)
{
	u64 common = tnum_max(a->t) & tnum_max(b->t);
	struct tnum one = { .value = common, .mask = bits_mask(bits) & ~common };

	if (!common)
		return false;
	a->r = split_trim(a->r, 0);
	b->r = split_trim(b->r, 0);
	if (split_is_empty(&a->r) || split_is_empty(&b->r))
		return false;
	if (common & (common - 1))
		return true;
	return tnum_intersect(a->t, one, &a->t) && tnum_intersect(b->t, one, &b->t);
}

/* a & b is 0: what is one in all members of one side is zero in the other. */
static bool relation_clear(struct view *a, struct view *b, unsigned int bits)
{
	u64 a_ones = a->t.value, b_ones = b->t.value;

	if (a_ones & b_ones)
		return false;
	a->t.mask &= ~b_ones;
	b->t.mask &= ~a_ones;
	return true;
}

static const struct cmp_row {
	const char *name;
	relation_fn relation;
	bool swapped;
	/* The comparison that holds when this one does not; none for JSET. */
	enum scalar_cmp opposite;
	relation_fn otherwise;
} cmp_rows[SCALAR_CMP_COUNT] = {
	[SCALAR_JEQ] = { "JEQ", relation_eq, false, SCALAR_JNE },
	[SCALAR_JNE] = { "JNE", relation_ne, false, SCALAR_JEQ },
	[SCALAR_JGT] = { "JGT", relation_ult, true, SCALAR_JLE },
	[SCALAR_JLE] = { "JLE", relation_ule, false, SCALAR_JGT },
	[SCALAR_JGE] = { "JGE", relation_ule, true, SCALAR_JLT },
	[SCALAR_JLT] = { "JLT", relation_ult, false, SCALAR_JGE },
	[SCALAR_JSGT] = { "JSGT", relation_slt, true, SCALAR_JSLE },
	[SCALAR_JSLE] = { "JSLE", relation_sle, false, SCALAR_JSGT },
	[SCALAR_JSGE] = { "JSGE", relation_sle, true, SCALAR_JSLT },
	[SCALAR_JSLT] = { "JSLT", relation_slt, false, SCALAR_JSGE },
	[SCALAR_JSET] = { "JSET", relation_set, false, SCALAR_JSET, relation_clear },
};

/**
 * scalar_cmp_name - the name of a comparison
 * @cmp: the comparison
 *
 * Context: Any.
 * Return: The name, as in enum scalar_cmp without its prefix.
 */
const char *scalar_cmp_name(enum scalar_cmp cmp)
{
	return cmp < SCALAR_CMP_COUNT ? cmp_rows[cmp].name : "?";
}

static struct view cmp_view(const struct scalar *s, bool is32)
{
	if (is32)
		return (struct view){ .t = scalar_tnum32(s), .r = scalar_low(s) };
	return (struct view){ .t = s->bits, .r = s->full };
}

/* Puts a refined view back; what it does not speak of stays. */
static bool cmp_store(struct scalar *s, const struct view *v, bool is32)
{
	u64 rest = is32 ? ~bits_mask(SCALAR_HALF) : 0;

	s->bits.value = (s->bits.value & rest) | v->t.value;
	s->bits.mask = (s->bits.mask & rest) | v->t.mask;
	if (is32)
		scalar_set_low(s, &v->r);
	else
		s->full = v->r;
	return scalar_deduce(s);
}

/**
 * scalar_refine - what is known after a branch
 * @cmp: the comparison
 * @is32: of the low halves
 * @taken: the branch was taken; otherwise the opposite holds
 * @a: left side; refined
 * @b: right side; refined
 *
 * Each pair of members for which the branch goes that way remains. @a and @b are
 * two objects: comparing a register with itself is the caller's to decide.
 *
 * Context: Any.
 * Return: False if the branch cannot go that way; @a and @b are then unchanged.
 */
bool scalar_refine(enum scalar_cmp cmp, bool is32, bool taken, struct scalar *a,
		   struct scalar *b)
{
	unsigned int bits = is32 ? SCALAR_HALF : SCALAR_WIDTH;
	struct view va = cmp_view(a, is32), vb = cmp_view(b, is32);
	const struct cmp_row *row = &cmp_rows[cmp];
	struct scalar out_a = *a, out_b = *b;
	relation_fn relation = row->relation;
	bool swapped = row->swapped;

	if (!taken && row->otherwise) {
		relation = row->otherwise;
	} else if (!taken) {
		relation = cmp_rows[row->opposite].relation;
		swapped = cmp_rows[row->opposite].swapped;
	}
	if (relation == relation_eq && !is32) {
		/* The one relation that says more of the low halves than the views do. */
		if (!scalar_intersect(&out_a, b))
			return false;
		*a = out_a;
		*b = out_a;
		return true;
	}
	if (!(swapped ? relation(&vb, &va, bits) : relation(&va, &vb, bits)))
		return false;
	if (!cmp_store(&out_a, &va, is32) || !cmp_store(&out_b, &vb, is32))
		return false;
	*a = out_a;
	*b = out_b;
	return true;
}

/**
 * scalar_branch_taken - can a branch go both ways?
 * @cmp: the comparison
 * @is32: of the low halves
 * @a: left side
 * @b: right side
 *
 * A way is impossible if scalar_refine() finds it so: there is one source of
 * truth, and the two never disagree.
 *
 * Context: Any.
 * Return: Whether the branch is taken always, never or sometimes.
 */
enum scalar_taken scalar_branch_taken(enum scalar_cmp cmp, bool is32, const struct scalar *a,
				      const struct scalar *b)
{
	struct scalar x = *a, y = *b;

	if (!scalar_refine(cmp, is32, true, &x, &y))
		return SCALAR_NEVER;
	x = *a;
	y = *b;
	return scalar_refine(cmp, is32, false, &x, &y) ? SCALAR_MAYBE : SCALAR_ALWAYS;
}
