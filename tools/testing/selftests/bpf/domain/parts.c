// SPDX-License-Identifier: GPL-2.0
/*
 * All pairs by parts, at a width at which pairs of all values are too many.
 *
 * An operation takes known bits by themselves and intervals by themselves, joins the results of the
 * pairs of intervals, and deduces the views from one another; a comparison refines views and
 * deduces. Each of these steps is the shipped function, statics included, and is tried on all of
 * its inputs:
 *
 *   known bits     all pairs
 *   intervals      all pairs
 *   two intervals  all pairs of a range (one interval in each half) and an interval, either way
 *                  round: every place of each of the four pairs of intervals of two ranges
 *   shifts         all views, by each amount
 *   deduction      all views here; all three views together by "exhaust -each"
 *   join, meet     all pairs of known bits, all pairs of intervals
 *   comparisons    all pairs of known bits, all pairs of a range and an interval, either way round
 *
 * What the steps keep, their composition keeps: each is sound for every member of what it is given.
 * At the half width, where there are few, all pairs of whole views are tried besides.
 */
#include <stdio.h>
#include <string.h>

#include "../../../../../kernel/bpf/domain/alu.c"
#include "../../../../../kernel/bpf/domain/deduce.c"
#include "../../../../../kernel/bpf/domain/jump.c"
#include "concrete.h"
#include "sets.h"

/* Intervals of one half, the last of them empty. */
#define SPANS	((WORDS / 2) * (WORDS / 2 + 1) / 2 + 1)

static struct span spans[2][SPANS];
static size_t span_count;
static unsigned long passed, failed;

static void verdict(const char *what, const char *name, unsigned int bits, bool ok,
		    unsigned long cases)
{
	if (ok)
		passed++;
	else
		failed++;
	printf("%s %s %s w%u: %lu cases\n", ok ? "ok" : "not ok", what, name, bits, cases);
}

static void list_spans(unsigned int bits)
{
	unsigned int half = 1U << (bits - 1), h, lo, hi;
	size_t n = 0;

	for (lo = 0; lo < half; lo++)
		for (hi = lo; hi < half; hi++, n++)
			for (h = 0; h < 2; h++)
				spans[h][n] = (struct span){ h * half + lo, h * half + hi };
	spans[0][n] = SPAN_EMPTY;
	spans[1][n] = SPAN_EMPTY;
	span_count = n + 1;
}

static set_t span_set(struct span s)
{
	return interval_set(s.lo, s.hi);
}

static set_t tnum_set(struct tnum t)
{
	return tnum_sets[t.value][t.mask];
}

static set_t view_set(const struct view *v)
{
	return tnum_set(v->t) & split_set(&v->r);
}

/* The known bits of the width, one after the other. */
static bool next_tnum(struct tnum *t, unsigned int bits)
{
	u64 most = bits_mask(bits);

	do {
		if (t->value < most) {
			t->value++;
		} else if (t->mask < most) {
			t->value = 0;
			t->mask++;
		} else {
			return false;
		}
	} while (t->value & t->mask);
	return true;
}

static struct view of_tnum(struct tnum t, unsigned int bits)
{
	return (struct view){ .t = t, .r = split_unknown(bits) };
}

/* A word is known by its bits, too: comparisons ask them. */
static struct view of_split(struct span low, struct span high, unsigned int bits)
{
	struct view v = { .t = tnum_unknown(bits), .r = { { low, high } } };
	u64 x = split_umin(&v.r);

	if (x == split_umax(&v.r))
		v.t = tnum_const(x);
	return v;
}

/* ---- operations: results of pairs of sets ---- */

static u8 result_of[WORDS][WORDS];

static void results_build(enum scalar_op op, unsigned int bits)
{
	u64 x, y;

	for (x = 0; x <= bits_mask(bits); x++)
		for (y = 0; y <= bits_mask(bits); y++)
			result_of[x][y] = concrete_alu(op, bits == SCALAR_WIDTH, x, y);
}

static set_t image(set_t a, set_t b)
{
	set_t out = 0, rest;

	for (; a; a &= a - 1)
		for (rest = b; rest; rest &= rest - 1)
			out |= 1ULL << result_of[__builtin_ctzll(a)][__builtin_ctzll(rest)];
	return out;
}

static bool holds(const struct scalar_op_row *row, const struct view *a, const struct view *b,
		  unsigned int bits, set_t want)
{
	struct view out = view_binary(row, a, b, bits);

	return !(want & ~view_set(&out));
}

static bool check_known(const struct scalar_op_row *row, unsigned int bits, unsigned long *cases)
{
	struct tnum a = { 0 }, b;
	bool ok = true;

	do {
		b = (struct tnum){ 0 };
		do {
			struct view x = of_tnum(a, bits), y = of_tnum(b, bits);
			set_t want = image(tnum_set(a), tnum_set(b));

			if (row->tnum)
				ok &= !(want & ~tnum_set(tnum_cut(row->tnum(a, b), bits)));
			ok &= holds(row, &x, &y, bits, want);
			*cases += 1;
		} while (next_tnum(&b, bits));
	} while (next_tnum(&a, bits) && ok);
	return ok;
}

static set_t span_image[2][2][SPANS][SPANS];

static bool check_intervals(const struct scalar_op_row *row, unsigned int bits,
			    unsigned long *cases)
{
	unsigned int h, k;
	size_t i, j;
	bool ok = true;

	for (h = 0; h < 2; h++)
		for (k = 0; k < 2; k++)
			for (i = 0; i < span_count; i++)
				for (j = 0; j < span_count; j++) {
					struct span a = spans[h][i], b = spans[k][j];
					set_t want = image(span_set(a), span_set(b));
					struct split r;

					span_image[h][k][i][j] = want;
					if (span_is_empty(a) || span_is_empty(b))
						continue;
					r = row->span(a, b, bits);
					ok &= split_valid(&r, bits) && !(want & ~split_set(&r));
					*cases += 1;
				}
	return ok;
}

/* A range with an interval in the half @k, and the other way round. */
static bool check_ranges(const struct scalar_op_row *row, unsigned int bits, unsigned int k,
			 unsigned long *cases)
{
	size_t empty = span_count - 1, i, j, n;
	bool ok = true;

	for (i = 0; i < span_count && ok; i++)
		for (j = 0; j < span_count; j++) {
			struct view a;

			if (i == empty && j == empty)
				continue;
			a = of_split(spans[0][i], spans[1][j], bits);
			for (n = 0; n < empty; n++) {
				struct view b = k ? of_split(SPAN_EMPTY, spans[1][n], bits) :
						    of_split(spans[0][n], SPAN_EMPTY, bits);

				ok &= holds(row, &a, &b, bits, span_image[0][k][i][n] |
							       span_image[1][k][j][n]);
				ok &= holds(row, &b, &a, bits, span_image[k][0][n][i] |
							       span_image[k][1][n][j]);
				*cases += 2;
			}
		}
	return ok;
}

/* Whole views, where these are few. */
static bool check_views(const struct scalar_op_row *row, unsigned int bits, unsigned long *cases)
{
	static struct split all[300];
	size_t n = all_splits(all, bits), i, j;
	struct tnum a = { 0 }, b;
	bool ok = true;

	do {
		b = (struct tnum){ 0 };
		do {
			for (i = 0; i < n; i++)
				for (j = 0; j < n; j++, *cases += 1) {
					struct view x = { a, all[i] }, y = { b, all[j] };

					ok &= holds(row, &x, &y, bits,
						    image(view_set(&x), view_set(&y)));
				}
		} while (next_tnum(&b, bits));
	} while (next_tnum(&a, bits) && ok);
	return ok;
}

static void check_binary(enum scalar_op op, unsigned int bits)
{
	const struct scalar_op_row *row = &op_rows[op];
	unsigned long cases = 0;
	bool ok;

	results_build(op, bits);
	ok = check_known(row, bits, &cases) && check_intervals(row, bits, &cases) &&
	     check_ranges(row, bits, 0, &cases) && check_ranges(row, bits, 1, &cases);
	if (ok && bits == SCALAR_HALF)
		ok = check_views(row, bits, &cases);
	verdict("pairs by parts:", row->name, bits, ok, cases);
}

/* ---- shifts ---- */

static bool shift_case(const struct scalar_op_row *row, const struct view *v, unsigned int by,
		       unsigned int bits)
{
	struct view out = row->shift(v, by, bits);
	set_t set = view_set(v), want = 0;

	for (; set; set &= set - 1) {
		u64 x = __builtin_ctzll(set);

		if (row == &op_rows[SCALAR_LSH])
			want |= 1ULL << (x << by & bits_mask(bits));
		else if (row == &op_rows[SCALAR_RSH])
			want |= 1ULL << (x >> by);
		else
			want |= 1ULL << ((as_signed(x, bits) >> by) & bits_mask(bits));
	}
	return !(want & ~view_set(&out));
}

/* The low half is asked for amounts of the whole width where it depends on nothing else. */
static void check_shift(enum scalar_op op, unsigned int bits)
{
	const struct scalar_op_row *row = &op_rows[op];
	static struct split all[20000];
	size_t n = all_splits(all, bits), i;
	unsigned int by, amounts = row->low ? SCALAR_WIDTH : bits;
	unsigned long cases = 0;
	struct tnum t = { 0 };
	bool ok = true;

	do {
		for (i = 0; i < n; i++) {
			struct view v = { t, all[i] };

			for (by = 0; by < amounts; by++, cases++)
				ok &= shift_case(row, &v, by, bits);
		}
	} while (next_tnum(&t, bits) && ok);
	verdict("all amounts:", row->name, bits, ok, cases);
}

/* Shifted by half of the word or more: all views of the low half, as the whole word. */
static void check_low_shift(void)
{
	const struct scalar_op_row *row = &op_rows[SCALAR_LSH];
	static struct split all[20000];
	size_t n = all_splits(all, SCALAR_HALF), i;
	unsigned long cases = 0;
	struct tnum t = { 0 };
	unsigned int by;
	bool ok = true;

	do {
		for (i = 0; i < n; i++) {
			struct view v = { t, all[i] };

			for (by = SCALAR_HALF; by < SCALAR_WIDTH; by++, cases++)
				ok &= shift_case(row, &v, by, SCALAR_WIDTH);
		}
	} while (next_tnum(&t, SCALAR_HALF) && ok);
	verdict("low half, all amounts:", row->name, SCALAR_WIDTH, ok, cases);
}

/* The amounts of a shift that is not constant, and the join over them. */
static bool amounts_case(enum scalar_op op, const struct view *a, const struct view *b,
			 unsigned int bits)
{
	struct view out = view_shift(&op_rows[op], a, b, bits, bits);
	set_t x, y, want = 0;

	for (x = view_set(a); x; x &= x - 1)
		for (y = view_set(b); y; y &= y - 1)
			want |= 1ULL << concrete_alu(op, bits == SCALAR_WIDTH, __builtin_ctzll(x),
						     __builtin_ctzll(y));
	return !(want & ~view_set(&out));
}

static void check_amounts(enum scalar_op op, unsigned int bits)
{
	static struct split all[20000];
	size_t n = all_splits(all, bits), i, k;
	struct tnum t = { 0 };
	unsigned long cases = 0;
	bool ok = true;

	for (k = 0; k < n; k += 53) {
		struct view a = { tnum_unknown(bits), all[k] };

		for (i = 0; i < n; i += 7, cases++) {
			struct view b = { tnum_unknown(bits), all[i] };

			ok &= amounts_case(op, &a, &b, bits);
		}
		t = (struct tnum){ 0 };
		do {
			struct view b = of_tnum(t, bits);

			ok &= amounts_case(op, &a, &b, bits);
			cases++;
		} while (next_tnum(&t, bits));
	}
	verdict("sets of amounts:", op_rows[op].name, bits, ok, cases);
}

/* ---- deduction, join ---- */

static void check_deduce(unsigned int bits)
{
	static struct split all[20000];
	size_t n = all_splits(all, bits), i;
	unsigned long cases = 0;
	struct tnum t = { 0 };
	bool ok = true;

	do {
		for (i = 0; i < n; i++, cases++) {
			struct view v = { t, all[i] };
			set_t want = view_set(&v);

			if (view_deduce(&v, bits))
				ok &= !(want & ~view_set(&v));
			else
				ok &= !want;
		}
	} while (next_tnum(&t, bits));
	verdict("deduction of", "views", bits, ok, cases);
}

static void check_join(unsigned int bits)
{
	struct tnum a = { 0 }, b, both;
	unsigned long cases = 0;
	unsigned int h;
	bool ok = true;
	size_t i, j;

	do {
		b = (struct tnum){ 0 };
		do {
			set_t x = tnum_set(a), y = tnum_set(b);

			ok &= !((x | y) & ~tnum_set(tnum_join(a, b)));
			ok &= tnum_intersect(a, b, &both) ? !((x & y) & ~tnum_set(both)) : !(x & y);
			ok &= !tnum_subset(a, b) || !(x & ~y);
			cases++;
		} while (next_tnum(&b, bits));
	} while (next_tnum(&a, bits));
	for (h = 0; h < 2; h++)
		for (i = 0; i < span_count; i++)
			for (j = 0; j < span_count; j++, cases++) {
				set_t x = span_set(spans[h][i]), y = span_set(spans[h][j]);

				ok &= !((x | y) & ~span_set(span_join(spans[h][i], spans[h][j])));
				ok &= span_set(span_intersect(spans[h][i], spans[h][j])) == (x & y);
			}
	verdict("join and intersection of", "parts", bits, ok, cases);
}

/* ---- comparisons ---- */

static const struct relation {
	const char *name;
	relation_fn fn;
	enum scalar_cmp cmp;
	bool taken;
} relations[] = {
	{ "equal", relation_eq, SCALAR_JEQ, true },
	{ "unequal", relation_ne, SCALAR_JNE, true },
	{ "below", relation_ult, SCALAR_JLT, true },
	{ "not above", relation_ule, SCALAR_JLE, true },
	{ "less", relation_slt, SCALAR_JSLT, true },
	{ "not more", relation_sle, SCALAR_JSLE, true },
	{ "common bits", relation_set, SCALAR_JSET, true },
	{ "no common bits", relation_clear, SCALAR_JSET, false },
};

/* Of the words of each side those that have a partner on the other. */
static set_t partners[2][WORDS];

static void partners_build(const struct relation *rel, unsigned int bits)
{
	u64 x, y;

	memset(partners, 0, sizeof(partners));
	for (x = 0; x <= bits_mask(bits); x++)
		for (y = 0; y <= bits_mask(bits); y++)
			if (concrete_cmp(rel->cmp, bits != SCALAR_WIDTH, x, y) == rel->taken) {
				partners[0][y] |= 1ULL << x;
				partners[1][x] |= 1ULL << y;
			}
}

static set_t partners_of(unsigned int side, set_t other)
{
	set_t out = 0;

	for (; other; other &= other - 1)
		out |= partners[side][__builtin_ctzll(other)];
	return out;
}

static bool relation_case(const struct relation *rel, struct view a, struct view b,
			  unsigned int bits, set_t want_a, set_t want_b)
{
	if (!rel->fn(&a, &b, bits))
		return !want_a && !want_b;
	return !(want_a & ~view_set(&a)) && !(want_b & ~view_set(&b));
}

static bool relation_known(const struct relation *rel, unsigned int bits, unsigned long *cases)
{
	struct tnum a = { 0 }, b;
	bool ok = true;

	do {
		set_t x = tnum_set(a), of_a = partners_of(1, x);

		b = (struct tnum){ 0 };
		do {
			set_t y = tnum_set(b);

			ok &= relation_case(rel, of_tnum(a, bits), of_tnum(b, bits), bits,
					    x & partners_of(0, y), y & of_a);
			*cases += 1;
		} while (next_tnum(&b, bits));
	} while (next_tnum(&a, bits));
	return ok;
}

static bool relation_ranges(const struct relation *rel, unsigned int bits, unsigned int k,
			    unsigned long *cases)
{
	static set_t to[2][SPANS];
	size_t empty = span_count - 1, i, j, n;
	bool ok = true;

	for (n = 0; n < empty; n++) {
		to[0][n] = partners_of(0, span_set(spans[k][n]));
		to[1][n] = partners_of(1, span_set(spans[k][n]));
	}
	for (i = 0; i < span_count && ok; i++)
		for (j = 0; j < span_count; j++) {
			set_t x = span_set(spans[0][i]) | span_set(spans[1][j]);
			set_t left = partners_of(1, x), right = partners_of(0, x);
			struct view a;

			if (i == empty && j == empty)
				continue;
			a = of_split(spans[0][i], spans[1][j], bits);
			for (n = 0; n < empty; n++) {
				struct view b = k ? of_split(SPAN_EMPTY, spans[1][n], bits) :
						    of_split(spans[0][n], SPAN_EMPTY, bits);
				set_t y = span_set(spans[k][n]);

				ok &= relation_case(rel, a, b, bits, x & to[0][n], y & left);
				ok &= relation_case(rel, b, a, bits, y & right, x & to[1][n]);
				*cases += 2;
			}
		}
	return ok;
}

static void check_relation(const struct relation *rel, unsigned int bits)
{
	unsigned long cases = 0;
	bool ok;

	partners_build(rel, bits);
	ok = relation_known(rel, bits, &cases) && relation_ranges(rel, bits, 0, &cases) &&
	     relation_ranges(rel, bits, 1, &cases);
	verdict("comparison:", rel->name, bits, ok, cases);
}

int main(void)
{
	static const unsigned int widths[] = { SCALAR_WIDTH, SCALAR_HALF };
	unsigned int w, op, i;

	sets_setup();
	for (w = 0; w < 2; w++) {
		list_spans(widths[w]);
		check_deduce(widths[w]);
		check_join(widths[w]);
		for (op = 0; op < SCALAR_OP_COUNT; op++) {
			if (op_rows[op].span) {
				check_binary(op, widths[w]);
			} else if (op_rows[op].shift) {
				check_shift(op, widths[w]);
				check_amounts(op, widths[w]);
			}
		}
		for (i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
			check_relation(&relations[i], widths[w]);
	}
	check_low_shift();
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
