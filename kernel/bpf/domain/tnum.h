/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known bits: a tristate number. Bit i of a member x is value_i where mask_i
 * is 0, and free where mask_i is 1. Invariant: value & mask == 0.
 *
 * Widths: all functions work on 64-bit words. The low n bits of a result
 * depend on the low n bits of the operands only (but for shifts to the right,
 * which take a width), so a narrow result is the wide one cut by tnum_cut().
 */
#ifndef BPF_DOMAIN_TNUM_H
#define BPF_DOMAIN_TNUM_H

#include <linux/types.h>

struct tnum {
	u64 value;
	u64 mask;
};

/* All ones in the low @bits bits, 1 <= @bits <= 64. */
static inline u64 bits_mask(unsigned int bits)
{
	return ~0ULL >> (64 - bits);
}

/* The sign bit of a word of @bits bits. */
static inline u64 bits_sign(unsigned int bits)
{
	return 1ULL << (bits - 1);
}

/* @x with all bits below its highest one set as well; 0 stays 0. */
static inline u64 bits_smear(u64 x)
{
	x |= x >> 1;
	x |= x >> 2;
	x |= x >> 4;
	x |= x >> 8;
	x |= x >> 16;
	x |= x >> 32;
	return x;
}

/* The low @from bits of @x as a signed number, in @to bits; @from <= @to. */
static inline u64 bits_sext(u64 x, unsigned int from, unsigned int to)
{
	u64 sign = bits_sign(from);

	x &= bits_mask(from);
	return ((x ^ sign) - sign) & bits_mask(to);
}

static inline struct tnum tnum_const(u64 value)
{
	return (struct tnum){ .value = value, .mask = 0 };
}

static inline struct tnum tnum_unknown(unsigned int bits)
{
	return (struct tnum){ .value = 0, .mask = bits_mask(bits) };
}

static inline struct tnum tnum_cut(struct tnum t, unsigned int bits)
{
	return (struct tnum){ .value = t.value & bits_mask(bits),
			      .mask = t.mask & bits_mask(bits) };
}

static inline bool tnum_contains(struct tnum t, u64 x)
{
	return ((x ^ t.value) & ~t.mask) == 0;
}

static inline bool tnum_equal(struct tnum a, struct tnum b)
{
	return a.value == b.value && a.mask == b.mask;
}

/* Every member of @a is a member of @b. */
static inline bool tnum_subset(struct tnum a, struct tnum b)
{
	return (a.mask & ~b.mask) == 0 && tnum_contains(b, a.value);
}

/* The bits that are one in some member. */
static inline u64 tnum_max(struct tnum t)
{
	return t.value | t.mask;
}

struct tnum tnum_prefix(u64 lo, u64 hi);
struct tnum tnum_join(struct tnum a, struct tnum b);
bool tnum_intersect(struct tnum a, struct tnum b, struct tnum *out);
bool tnum_next(struct tnum t, u64 x, u64 *out);

struct tnum tnum_add(struct tnum a, struct tnum b);
struct tnum tnum_sub(struct tnum a, struct tnum b);
struct tnum tnum_mul(struct tnum a, struct tnum b);
struct tnum tnum_div(struct tnum a, struct tnum b);
struct tnum tnum_mod(struct tnum a, struct tnum b);
struct tnum tnum_and(struct tnum a, struct tnum b);
struct tnum tnum_or(struct tnum a, struct tnum b);
struct tnum tnum_xor(struct tnum a, struct tnum b);
struct tnum tnum_lsh(struct tnum t, unsigned int by);
struct tnum tnum_rsh(struct tnum t, unsigned int by);
struct tnum tnum_arsh(struct tnum t, unsigned int by, unsigned int bits);
struct tnum tnum_sext(struct tnum t, unsigned int from, unsigned int to);

#endif
