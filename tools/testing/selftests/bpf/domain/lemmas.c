// SPDX-License-Identifier: GPL-2.0
/*
 * Soundness at full width, as functions that return true for all arguments. They
 * are compiled together with the shipped source, everything inlined, and what
 * the compiler makes of them is given to a solver (prove.py).
 *
 * A lemma starts with its preconditions: IF (condition). The last argument of a
 * macro is the property. A name that begins with "false_" is a claim that does
 * not hold: the solver has to refute it.
 */
#include <linux/types.h>

/* Also where a branch is thought unlikely: no call and no memory may be left. */
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)
#include "domain/tnum.c"
#include "domain/split.c"
#include "domain/arith.c"
#include "domain/deduce.c"
#include "domain/scalar.c"
#include "domain/jump.c"

#define LEMMA(name, ...) bool lemma_##name(__VA_ARGS__); bool lemma_##name(__VA_ARGS__)
#define IF(cond) do { if (!(cond)) return true; } while (0)

#define U64 unsigned long long

static inline bool tnum_ok(struct tnum t, unsigned int bits)
{
	return (t.value & t.mask) == 0 && (tnum_max(t) & ~bits_mask(bits)) == 0;
}

/* ---- known bits ---- */

#define TNUM_BINARY(name, op)								\
LEMMA(tnum_##name##_64, U64 av, U64 am, U64 bv, U64 bm, U64 x, U64 y)			\
{											\
	struct tnum a = { av, am }, b = { bv, bm }, t;					\
											\
	IF(tnum_ok(a, 64) && tnum_ok(b, 64) && tnum_contains(a, x) && tnum_contains(b, y)); \
	t = tnum_##name(a, b);								\
	return tnum_ok(t, 64) && tnum_contains(t, op);					\
}

TNUM_BINARY(add, x + y)
TNUM_BINARY(sub, x - y)
TNUM_BINARY(and, x & y)
TNUM_BINARY(or, x | y)
TNUM_BINARY(xor, x ^ y)

LEMMA(tnum_shifts_64, U64 av, U64 am, U64 x, u32 by)
{
	struct tnum a = { av, am };

	by &= 63;
	IF(tnum_ok(a, 64) && tnum_contains(a, x));
	return tnum_contains(tnum_lsh(a, by), x << by) && tnum_contains(tnum_rsh(a, by), x >> by) &&
	       tnum_contains(tnum_arsh(a, by, 64), (u64)((s64)x >> by));
}

LEMMA(tnum_shifts_32, U64 av, U64 am, U64 x, u32 by)
{
	struct tnum a = { av, am };
	u32 w = x;

	by &= 31;
	IF(tnum_ok(a, 32) && tnum_contains(a, w));
	return tnum_contains(tnum_cut(tnum_lsh(a, by), 32), w << by) &&
	       tnum_contains(tnum_rsh(a, by), w >> by) &&
	       tnum_contains(tnum_arsh(a, by, 32), (u32)((s32)w >> by));
}

LEMMA(tnum_sext, U64 av, U64 am, U64 x)
{
	struct tnum a = { av, am };

	IF(tnum_ok(a, 64) && tnum_contains(a, x));
	return tnum_contains(tnum_sext(a, 8, 64), (u64)(s64)(int8_t)x) &&
	       tnum_contains(tnum_sext(a, 16, 64), (u64)(s64)(int16_t)x) &&
	       tnum_contains(tnum_sext(a, 32, 64), (u64)(s64)(s32)x) &&
	       tnum_contains(tnum_sext(a, 8, 32), (u32)(int8_t)x);
}

LEMMA(tnum_next_64, U64 av, U64 am, U64 from, U64 x)
{
	struct tnum a = { av, am };
	u64 next;

	IF(tnum_ok(a, 64) && tnum_contains(a, x) && x >= from);
	return tnum_next(a, from, &next) && next >= from && next <= x && tnum_contains(a, next);
}

LEMMA(tnum_prefix_64, U64 lo, U64 hi, U64 x)
{
	IF(lo <= x && x <= hi);
	return tnum_contains(tnum_prefix(lo, hi), x);
}

LEMMA(tnum_lattice, U64 av, U64 am, U64 bv, U64 bm, U64 x)
{
	struct tnum a = { av, am }, b = { bv, bm }, meet;

	IF(tnum_ok(a, 64) && tnum_ok(b, 64) && tnum_contains(a, x));
	if (!tnum_contains(tnum_join(a, b), x) || !tnum_contains(tnum_join(b, a), x))
		return false;
	if (tnum_subset(a, b) && !tnum_contains(b, x))
		return false;
	IF(tnum_contains(b, x));
	return tnum_intersect(a, b, &meet) && tnum_ok(meet, 64) && tnum_contains(meet, x);
}

LEMMA(false_tnum_add, U64 av, U64 am, U64 bv, U64 bm, U64 x, U64 y)
{
	struct tnum a = { av, am }, b = { bv, bm }, t;

	IF(tnum_ok(a, 64) && tnum_ok(b, 64) && tnum_contains(a, x) && tnum_contains(b, y));
	t = tnum_add(a, b);
	t.mask = am | bm;
	t.value &= ~t.mask;
	return tnum_contains(t, x + y);
}

/* ---- ranges ---- */

#define SPLIT(r) struct split r = { { { r##0, r##1 }, { r##2, r##3 } } }
#define SPLIT_ARGS(r) U64 r##0, U64 r##1, U64 r##2, U64 r##3

static inline bool split_in(const struct split *r, int half, u64 x)
{
	return r->half[half].lo <= x && x <= r->half[half].hi;
}

/* Valid, or without a member. */
static inline bool split_ok(const struct split *r, unsigned int bits)
{
	u64 sign = bits_sign(bits);

	return span_valid(r->half[0], 0, sign - 1) && span_valid(r->half[1], sign, bits_mask(bits));
}

#define RANGE_LEMMAS(n, sint)								\
LEMMA(split_unsigned_##n, U64 lo, U64 hi, U64 x)					\
{											\
	struct split r;									\
											\
	IF(lo <= x && x <= hi && hi <= bits_mask(n));					\
	r = split_unsigned(lo, hi, n);							\
	return split_valid(&r, n) && split_contains(&r, x) && split_umin(&r) == lo &&	\
	       split_umax(&r) == hi;							\
}											\
LEMMA(split_signed_##n, U64 lo, U64 hi, U64 x)						\
{											\
	struct split r;									\
											\
	IF((lo | hi | x) <= bits_mask(n));						\
	IF((sint)lo <= (sint)x && (sint)x <= (sint)hi);					\
	r = split_signed(lo, hi, n);							\
	return split_valid(&r, n) && split_contains(&r, x) && split_smin(&r) == lo &&	\
	       split_smax(&r) == hi;							\
}											\
LEMMA(split_ends_##n, SPLIT_ARGS(r), U64 x)						\
{											\
	SPLIT(r);									\
											\
	IF(split_valid(&r, n) && split_contains(&r, x));				\
	return split_umin(&r) <= x && x <= split_umax(&r) &&				\
	       (sint)split_smin(&r) <= (sint)x && (sint)x <= (sint)split_smax(&r);	\
}											\
LEMMA(split_arc_##n, U64 lo, U64 length, U64 i)						\
{											\
	struct split r;									\
											\
	IF(i <= length);								\
	r = split_arc(lo, length, n);							\
	return split_valid(&r, n) && split_contains(&r, (lo + i) & bits_mask(n));	\
}											\
LEMMA(split_trim_##n, SPLIT_ARGS(r), U64 x, U64 out)					\
{											\
	SPLIT(r);									\
											\
	IF(split_valid(&r, n) && split_contains(&r, x) && x != out);			\
	r = split_trim(r, out);								\
	return split_valid(&r, n) && split_contains(&r, x);				\
}											\
LEMMA(span_with_tnum_##n, U64 lo, U64 hi, U64 tv, U64 tm, U64 x)			\
{											\
	struct span s = { lo, hi };							\
	struct tnum t = { tv, tm };							\
											\
	IF(hi <= bits_mask(n) && tnum_ok(t, n) && lo <= x && x <= hi && tnum_contains(t, x));	\
	s = span_with_tnum(s, t, bits_mask(n));						\
	return s.lo <= x && x <= s.hi;							\
}											\
LEMMA(split_with_tnum_valid_##n, SPLIT_ARGS(r), U64 tv, U64 tm)				\
{											\
	struct tnum t = { tv, tm };							\
	SPLIT(r);									\
											\
	IF(split_ok(&r, n) && tnum_ok(t, n));						\
	r = split_with_tnum(r, t, n);							\
	return split_ok(&r, n);								\
}											\
LEMMA(split_known_##n, SPLIT_ARGS(r), U64 x)						\
{											\
	SPLIT(r);									\
	struct tnum t;									\
											\
	IF(split_valid(&r, n) && split_contains(&r, x));				\
	return split_known(&r, &t) && tnum_ok(t, n) && tnum_contains(t, x);		\
}											\
LEMMA(split_join_##n, SPLIT_ARGS(a), SPLIT_ARGS(b), U64 x)				\
{											\
	SPLIT(a);									\
	SPLIT(b);									\
	struct split r = split_join(a, b), q = split_join(b, a);			\
											\
	IF(split_contains(&a, x));							\
	return split_contains(&r, x) && split_contains(&q, x) &&			\
	       (!split_subset(&a, &b) || split_contains(&b, x));			\
}											\
LEMMA(split_intersect_##n, SPLIT_ARGS(a), SPLIT_ARGS(b), U64 x)				\
{											\
	SPLIT(a);									\
	SPLIT(b);									\
	struct split r = split_intersect(a, b);						\
											\
	IF(split_valid(&a, n) && split_valid(&b, n));					\
	IF(split_contains(&a, x) && split_contains(&b, x));				\
	return split_contains(&r, x);							\
}											\
LEMMA(split_lattice_valid_##n, SPLIT_ARGS(a), SPLIT_ARGS(b))				\
{											\
	SPLIT(a);									\
	SPLIT(b);									\
	struct split join = split_join(a, b), meet = split_intersect(a, b);		\
											\
	IF(split_ok(&a, n) && split_ok(&b, n));						\
	return split_ok(&join, n) && split_ok(&meet, n);				\
}											\
LEMMA(split_widen_##n, SPLIT_ARGS(a), SPLIT_ARGS(b), U64 x)				\
{											\
	SPLIT(a);									\
	SPLIT(b);									\
	struct split r;									\
											\
	IF(split_valid(&a, n) && split_valid(&b, n));					\
	IF(split_contains(&a, x) || split_contains(&b, x));				\
	r = split_widen(a, b, n);							\
	return split_valid(&r, n) && split_contains(&r, x);				\
}

RANGE_LEMMAS(64, s64)
RANGE_LEMMAS(32, s32)

#define TRUNCATE_LEMMA(n, m)								\
LEMMA(split_truncate_##n##_##m, SPLIT_ARGS(r), U64 x)					\
{											\
	SPLIT(r);									\
	struct split low;								\
											\
	IF(split_valid(&r, n) && split_contains(&r, x));				\
	low = split_truncate(&r, m);							\
	return split_valid(&low, m) && split_contains(&low, x & bits_mask(m));		\
}											\
LEMMA(split_extend_##m##_##n, SPLIT_ARGS(r), U64 x)					\
{											\
	SPLIT(r);									\
	struct split z, s;								\
											\
	IF(split_valid(&r, m) && split_contains(&r, x));				\
	z = split_zext(&r, m, n);							\
	s = split_sext(&r, m, n);							\
	return split_valid(&z, n) && split_contains(&z, x) && split_valid(&s, n) &&	\
	       split_contains(&s, bits_sext(x, m, n));					\
}

TRUNCATE_LEMMA(64, 32)
TRUNCATE_LEMMA(64, 16)
TRUNCATE_LEMMA(64, 8)
TRUNCATE_LEMMA(32, 16)
TRUNCATE_LEMMA(32, 8)

LEMMA(split_with_low, SPLIT_ARGS(r), SPLIT_ARGS(l), U64 x)
{
	SPLIT(r);
	SPLIT(l);

	IF(split_valid(&r, 64) && split_valid(&l, 32));
	IF(split_contains(&r, x) && split_contains(&l, (u32)x));
	r = split_with_low(r, &l, 64, 32);
	return split_valid(&r, 64) && split_contains(&r, x);
}

/* ---- arithmetic on intervals ---- */

static inline bool span_ok(struct span s, unsigned int bits)
{
	return s.lo <= s.hi && s.hi <= bits_mask(bits) &&
	       ((s.lo ^ s.hi) & bits_sign(bits)) == 0;
}

#define SPAN_BINARY(name, n, op)							\
LEMMA(span_##name##_##n, U64 al, U64 ah, U64 bl, U64 bh, U64 x, U64 y)			\
{											\
	struct span a = { al, ah }, b = { bl, bh };					\
	struct split r;									\
											\
	IF(span_ok(a, n) && span_ok(b, n));						\
	IF(al <= x && x <= ah && bl <= y && y <= bh);					\
	r = span_##name(a, b, n);							\
	return split_valid(&r, n) && split_contains(&r, (op) & bits_mask(n));		\
}

#define SPAN_SHIFT(name, n, op)								\
LEMMA(span_##name##_##n, U64 al, U64 ah, u32 by, U64 x)					\
{											\
	struct span a = { al, ah };							\
	struct split r;									\
											\
	by &= n - 1;									\
	IF(span_ok(a, n));								\
	IF(al <= x && x <= ah);								\
	r = span_##name(a, by, n);							\
	return split_valid(&r, n) && split_contains(&r, (op) & bits_mask(n));		\
}

/*
 * The product of words as that of their magnitudes with a sign, which is how span_mul() sees it;
 * the lemma says that it is the product.
 */
static inline U64 signed_product(U64 x, U64 y, unsigned int bits)
{
	U64 sign = bits_sign(bits), mask = bits_mask(bits);
	U64 size = (x & sign ? -x & mask : x) * (y & sign ? -y & mask : y);

	return (x ^ y) & sign ? -size : size;
}

#define PRODUCT_LEMMA(n)								\
LEMMA(product_##n, U64 x, U64 y)							\
{											\
	IF(x <= bits_mask(n) && y <= bits_mask(n));					\
	return ((signed_product(x, y, n) ^ x * y) & bits_mask(n)) == 0;			\
}

PRODUCT_LEMMA(64)
PRODUCT_LEMMA(32)

#define SPAN_LEMMAS(n, sint)								\
SPAN_BINARY(add, n, x + y)								\
SPAN_BINARY(sub, n, x - y)								\
SPAN_BINARY(and, n, x & y)								\
SPAN_BINARY(or, n, x | y)								\
SPAN_BINARY(xor, n, x ^ y)								\
SPAN_SHIFT(lsh, n, x << by)								\
SPAN_SHIFT(rsh, n, x >> by)								\
SPAN_SHIFT(arsh, n, (u64)((sint)x >> by))						\
SPAN_BINARY(mul, n, signed_product(x, y, n))						\
SPAN_BINARY(udiv, n, y ? x / y : 0)							\
SPAN_BINARY(umod, n, y ? x % y : x)							\
SPAN_BINARY(sdiv, n, !y ? 0 : (sint)y == -1 ? -x : (u64)((sint)x / (sint)y))		\
SPAN_BINARY(smod, n, !y ? x : (sint)y == -1 ? 0 : (u64)((sint)x % (sint)y))

SPAN_LEMMAS(64, s64)
SPAN_LEMMAS(32, s32)

LEMMA(false_span_and, U64 al, U64 ah, U64 bl, U64 bh, U64 x, U64 y)
{
	struct span a = { al, ah }, b = { bl, bh };
	struct split r;

	IF(span_ok(a, 64) && span_ok(b, 64) && al <= x && x <= ah && bl <= y && y <= bh);
	r = span_and(a, b, 64);
	return !split_contains(&r, x & y) || split_umin(&r) == (al & bl);
}

/* ---- comparisons: no pair for which the relation holds is lost ---- */

#define RELATION(name, n, op)								\
LEMMA(relation_##name##_##n, SPLIT_ARGS(a), U64 av, U64 am,				\
	SPLIT_ARGS(b), U64 bv, U64 bm, U64 x, U64 y)					\
{											\
	struct view a = { { av, am }, { { { a0, a1 }, { a2, a3 } } } };			\
	struct view b = { { bv, bm }, { { { b0, b1 }, { b2, b3 } } } };			\
											\
	IF(split_valid(&a.r, n) && tnum_ok(a.t, n));					\
	IF(split_valid(&b.r, n) && tnum_ok(b.t, n));					\
	IF(split_contains(&a.r, x) && tnum_contains(a.t, x));				\
	IF(split_contains(&b.r, y) && tnum_contains(b.t, y));				\
	IF(op);										\
	return relation_##name(&a, &b, n) && split_contains(&a.r, x) &&			\
	       tnum_contains(a.t, x) && split_contains(&b.r, y) && tnum_contains(b.t, y);	\
}											\
LEMMA(relation_##name##_valid_##n, SPLIT_ARGS(a), U64 av, U64 am,			\
	SPLIT_ARGS(b), U64 bv, U64 bm)							\
{											\
	struct view a = { { av, am }, { { { a0, a1 }, { a2, a3 } } } };			\
	struct view b = { { bv, bm }, { { { b0, b1 }, { b2, b3 } } } };			\
											\
	IF(split_valid(&a.r, n) && tnum_ok(a.t, n));					\
	IF(split_valid(&b.r, n) && tnum_ok(b.t, n));					\
	return !relation_##name(&a, &b, n) || (split_ok(&a.r, n) && split_ok(&b.r, n) &&	\
	       tnum_ok(a.t, n) && tnum_ok(b.t, n));					\
}

#define RELATIONS(n, sint)								\
RELATION(eq, n, x == y)									\
RELATION(ne, n, x != y)									\
RELATION(ult, n, x < y)									\
RELATION(ule, n, x <= y)								\
RELATION(slt, n, (sint)x < (sint)y)							\
RELATION(sle, n, (sint)x <= (sint)y)							\
RELATION(set, n, (x & y) != 0)								\
RELATION(clear, n, (x & y) == 0)

RELATIONS(64, s64)
RELATIONS(32, s32)

/*
 * ---- the three views together ----
 *
 * scalar_deduce() applies split_with_tnum(), split_known(), tnum_intersect(),
 * split_truncate(), split_intersect() and split_with_low() in turn: each keeps
 * the members of all views, by the lemmas above, and so do all of them.
 */

#define SCALAR_ARGS(s) U64 s##v, U64 s##m, SPLIT_ARGS(s), u32 s##4, u32 s##5, u32 s##6, u32 s##7
#define SCALAR(s) struct scalar s = {							\
	.bits = { s##v, s##m }, .full = { { { s##0, s##1 }, { s##2, s##3 } } },		\
	.low = { { s##4, s##5 }, { s##6, s##7 } } }

/* True of one view if it is true of the operands: the views do not mix. */
#define VIEW_LEMMAS(view, in)								\
LEMMA(scalar_join_##view, SCALAR_ARGS(a), SCALAR_ARGS(b), U64 x)			\
{											\
	SCALAR(a);									\
	SCALAR(b);									\
	struct scalar s = scalar_join(&a, &b), t = scalar_join(&b, &a);			\
											\
	IF(in(&a, x));									\
	return in(&s, x) && in(&t, x);							\
}											\
LEMMA(scalar_subset_##view, SCALAR_ARGS(a), SCALAR_ARGS(b), U64 x)			\
{											\
	SCALAR(a);									\
	SCALAR(b);									\
											\
	IF(in(&a, x) && scalar_subset(&a, &b));						\
	return in(&b, x);								\
}

static inline bool in_bits(const struct scalar *s, u64 x)
{
	return tnum_contains(s->bits, x);
}

static inline bool in_full(const struct scalar *s, u64 x)
{
	return split_contains(&s->full, x);
}

static inline bool in_low(const struct scalar *s, u64 x)
{
	struct split low = scalar_low(s);

	return split_contains(&low, (u32)x);
}

VIEW_LEMMAS(bits, in_bits)
VIEW_LEMMAS(full, in_full)
VIEW_LEMMAS(low, in_low)

LEMMA(scalar_bounds, SCALAR_ARGS(a), U64 x)
{
	SCALAR(a);

	IF(scalar_valid(&a) && in_full(&a, x));
	return scalar_umin(&a) <= x && x <= scalar_umax(&a) && scalar_smin(&a) <= (s64)x &&
	       (s64)x <= scalar_smax(&a);
}

LEMMA(scalar_bounds32, SCALAR_ARGS(a), U64 x)
{
	SCALAR(a);

	IF(scalar_valid(&a) && in_low(&a, x));
	return scalar_u32_min(&a) <= (u32)x && (u32)x <= scalar_u32_max(&a) &&
	       scalar_s32_min(&a) <= (s32)x && (s32)x <= scalar_s32_max(&a);
}

#pragma clang attribute pop
