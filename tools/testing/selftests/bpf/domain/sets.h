/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of words of W bits as words of 2^W bits, so that soundness is an inclusion of two words, and
 * what known bits and ranges stand for, without help of the domain.
 */
#ifndef DOMAIN_TEST_SETS_H
#define DOMAIN_TEST_SETS_H

#if SCALAR_WIDTH > 6
#error "sets of words have to fit 64 bits"
#endif

#define WORDS (1U << SCALAR_WIDTH)
#define LOWS (1U << SCALAR_HALF)
#define CHUNKS ((WORDS + 7) / 8)
#define ALL_WORDS (WORDS == 64 ? ~0ULL : (1ULL << (WORDS & 63)) - 1)

typedef u64 set_t;

static set_t tnum_sets[WORDS][WORDS];

static set_t slow_set(struct tnum t)
{
	set_t set = 0;
	u64 x;

	for (x = 0; x < WORDS; x++)
		if (((x ^ t.value) & ~t.mask) == 0)
			set |= 1ULL << x;
	return set;
}

static set_t interval_set(u64 lo, u64 hi)
{
	return lo > hi ? 0 : (~0ULL >> (63 - (hi - lo))) << lo;
}

static set_t split_set(const struct split *r)
{
	return interval_set(r->half[0].lo, r->half[0].hi) |
	       interval_set(r->half[1].lo, r->half[1].hi);
}

static size_t all_splits(struct split *out, unsigned int bits)
{
	unsigned int half = 1U << (bits - 1), a, b, c, d;
	size_t n = 0;

	for (a = 0; a <= half; a++)
		for (b = a; b < half || (a == half && b == half); b++)
			for (c = 0; c <= half; c++)
				for (d = c; d < half || (c == half && d == half); d++) {
					struct split r = SPLIT_EMPTY;

					if (a < half)
						r.half[0] = (struct span){ a, b };
					if (c < half)
						r.half[1] = (struct span){ half + c, half + d };
					if (!split_is_empty(&r))
						out[n++] = r;
				}
	return n;
}

static void sets_setup(void)
{
	u64 v, m;

	for (v = 0; v < WORDS; v++)
		for (m = 0; m < WORDS; m++)
			tnum_sets[v][m] = slow_set((struct tnum){ v & ~m, m });
}

#endif
