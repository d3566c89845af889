/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A range of words of n bits, split at the sign: one interval of members whose
 * sign bit is 0, and one of those whose sign bit is 1. Within a half, signed
 * and unsigned order agree, so that no function here compares signed numbers,
 * and an interval is never cut by the wrap of either order.
 *
 * It says the same as four bounds that have been deduced from one another:
 * umin..umax together with smin..smax leave exactly one interval in each half.
 * Unlike an arc it is closed under intersection.
 *
 * Ends are unsigned words of n bits. An empty half is lo = ~0, hi = 0, which
 * makes join and intersection the same min and max for all cases; an interval
 * with lo above hi has no other form. Both halves empty: no member.
 */
#ifndef BPF_DOMAIN_SPLIT_H
#define BPF_DOMAIN_SPLIT_H

#include "domain/tnum.h"

/* An interval in unsigned order, both ends in; lo above hi: empty. */
struct span {
	u64 lo;
	u64 hi;
};

struct split {
	struct span half[2];
};

#define SPAN_EMPTY ((struct span){ .lo = ~0ULL, .hi = 0 })
#define SPLIT_EMPTY ((struct split){ { SPAN_EMPTY, SPAN_EMPTY } })

static inline bool span_is_empty(struct span s)
{
	return s.lo > s.hi;
}

static inline struct span span_join(struct span a, struct span b)
{
	return (struct span){ .lo = a.lo < b.lo ? a.lo : b.lo,
			      .hi = a.hi > b.hi ? a.hi : b.hi };
}

static inline struct span span_intersect(struct span a, struct span b)
{
	struct span s = { .lo = a.lo > b.lo ? a.lo : b.lo,
			  .hi = a.hi < b.hi ? a.hi : b.hi };

	return span_is_empty(s) ? SPAN_EMPTY : s;
}

static inline bool split_is_empty(const struct split *r)
{
	return span_is_empty(r->half[0]) && span_is_empty(r->half[1]);
}

static inline struct split split_join(struct split a, struct split b)
{
	return (struct split){ { span_join(a.half[0], b.half[0]),
				 span_join(a.half[1], b.half[1]) } };
}

static inline struct split split_intersect(struct split a, struct split b)
{
	return (struct split){ { span_intersect(a.half[0], b.half[0]),
				 span_intersect(a.half[1], b.half[1]) } };
}

/* Least and greatest member, unsigned; the range is not empty. */
static inline u64 split_umin(const struct split *r)
{
	return span_is_empty(r->half[0]) ? r->half[1].lo : r->half[0].lo;
}

static inline u64 split_umax(const struct split *r)
{
	return span_is_empty(r->half[1]) ? r->half[0].hi : r->half[1].hi;
}

/* Least and greatest member in signed order, as words of n bits. */
static inline u64 split_smin(const struct split *r)
{
	return span_is_empty(r->half[1]) ? r->half[0].lo : r->half[1].lo;
}

static inline u64 split_smax(const struct split *r)
{
	return span_is_empty(r->half[0]) ? r->half[1].hi : r->half[0].hi;
}

static inline bool split_contains(const struct split *r, u64 x)
{
	return (r->half[0].lo <= x && x <= r->half[0].hi) ||
	       (r->half[1].lo <= x && x <= r->half[1].hi);
}

static inline bool split_subset(const struct split *a, const struct split *b)
{
	struct split both = split_join(*a, *b);

	return both.half[0].lo == b->half[0].lo && both.half[0].hi == b->half[0].hi &&
	       both.half[1].lo == b->half[1].lo && both.half[1].hi == b->half[1].hi;
}

bool split_valid(const struct split *r, unsigned int bits);
struct split split_unsigned(u64 lo, u64 hi, unsigned int bits);
struct split split_signed(u64 lo, u64 hi, unsigned int bits);
struct split split_arc(u64 lo, u64 length, unsigned int bits);
struct split split_trim(struct split r, u64 x);
struct split split_truncate(const struct split *r, unsigned int bits);
struct split split_sext(const struct split *r, unsigned int from, unsigned int to);
struct split split_zext(const struct split *r, unsigned int from, unsigned int to);
struct split split_with_low(struct split r, const struct split *low, unsigned int bits,
			    unsigned int low_bits);
struct split split_with_tnum(struct split r, struct tnum t, unsigned int bits);
bool split_known(const struct split *r, struct tnum *out);

static inline struct split split_unknown(unsigned int bits)
{
	return split_unsigned(0, bits_mask(bits), bits);
}

#endif
