/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scalar abstract domain: what is known of a 64-bit register that holds a
 * number. Three views of the same word are kept: its known bits, its range, and
 * the range of its low 32 bits. A range is a split (see split.h), that is, signed
 * and unsigned bounds together. A word is a member if it is in all three.
 *
 * Pure: no environment, no allocation, no failure but "no word is possible".
 * Every value that is handed out has a member; a function that can find none
 * returns false, and what it would have written has then no meaning.
 *
 * The widths are parameters of the build so that the same source is checked
 * exhaustively at small ones. Words of less than 64 bits are kept in a u64, bits
 * above the width zero.
 */
#ifndef BPF_DOMAIN_SCALAR_H
#define BPF_DOMAIN_SCALAR_H

#include "domain/split.h"

#ifndef SCALAR_WIDTH
#define SCALAR_WIDTH	64
#endif

#define SCALAR_HALF	(SCALAR_WIDTH / 2)
#define SCALAR_QUARTER	(SCALAR_WIDTH < 4 ? 1 : SCALAR_WIDTH / 4)
#define SCALAR_BYTE	(SCALAR_WIDTH < 8 ? 1 : SCALAR_WIDTH / 8)

/* An interval of the low half; empty is lo = ~0, hi = 0. */
struct span_low {
	u32 lo;
	u32 hi;
};

struct scalar {
	struct tnum bits;
	struct split full;
	struct span_low low[2];
};

/* Which half of the word an operation or a comparison is about. */
struct view {
	struct tnum t;
	struct split r;
};

/*
 * Operations. The last eleven have one operand, the source. ZEXT n and SEXT n
 * extend the low n bits; BSWAP n reverses the low n / 8 bytes and clears the
 * rest. The 32-bit form of each keeps the low 32 bits of the result, with the
 * rest zero; for those with two operands it takes only the low 32 of both.
 */
enum scalar_op {
	SCALAR_ADD,
	SCALAR_SUB,
	SCALAR_MUL,
	SCALAR_UDIV,
	SCALAR_UMOD,
	SCALAR_SDIV,
	SCALAR_SMOD,
	SCALAR_AND,
	SCALAR_OR,
	SCALAR_XOR,
	SCALAR_LSH,
	SCALAR_RSH,
	SCALAR_ARSH,
	SCALAR_NEG,
	SCALAR_MOV,
	SCALAR_ZEXT8,
	SCALAR_ZEXT16,
	SCALAR_ZEXT32,
	SCALAR_SEXT8,
	SCALAR_SEXT16,
	SCALAR_SEXT32,
	SCALAR_BSWAP16,
	SCALAR_BSWAP32,
	SCALAR_BSWAP64,
	SCALAR_OP_COUNT
};

/* Comparisons of a (left) and b (right); JSET is (a & b) != 0. */
enum scalar_cmp {
	SCALAR_JEQ,
	SCALAR_JNE,
	SCALAR_JGT,
	SCALAR_JLE,
	SCALAR_JGE,
	SCALAR_JLT,
	SCALAR_JSGT,
	SCALAR_JSLE,
	SCALAR_JSGE,
	SCALAR_JSLT,
	SCALAR_JSET,
	SCALAR_CMP_COUNT
};

enum scalar_taken {
	SCALAR_NEVER = 0,
	SCALAR_ALWAYS = 1,
	SCALAR_MAYBE = 2,
};

/* The range of the low half, as a split. */
static inline struct split scalar_low(const struct scalar *s)
{
	struct split r = SPLIT_EMPTY;
	int i;

	for (i = 0; i < 2; i++)
		if (s->low[i].lo <= s->low[i].hi)
			r.half[i] = (struct span){ s->low[i].lo, s->low[i].hi };
	return r;
}

static inline void scalar_set_low(struct scalar *s, const struct split *r)
{
	int i;

	for (i = 0; i < 2; i++)
		s->low[i] = (struct span_low){ r->half[i].lo, r->half[i].hi };
}

/* A word of SCALAR_WIDTH bits or of SCALAR_HALF bits as a signed number. */
static inline s64 scalar_as_signed(u64 x)
{
	return (s64)bits_sext(x, SCALAR_WIDTH, 64);
}

static inline s32 scalar_as_signed32(u64 x)
{
	return (s32)bits_sext(x, SCALAR_HALF, 64);
}

static inline bool scalar_is_const(const struct scalar *s)
{
	return s->bits.mask == 0;
}

/* The one member of a constant. */
static inline u64 scalar_const_value(const struct scalar *s)
{
	return s->bits.value;
}

/* The low half has one value. */
static inline bool scalar_is_const32(const struct scalar *s)
{
	return (s->bits.mask & bits_mask(SCALAR_HALF)) == 0;
}

static inline struct tnum scalar_tnum(const struct scalar *s)
{
	return s->bits;
}

static inline struct tnum scalar_tnum32(const struct scalar *s)
{
	return tnum_cut(s->bits, SCALAR_HALF);
}

static inline u64 scalar_umin(const struct scalar *s)
{
	return split_umin(&s->full);
}

static inline u64 scalar_umax(const struct scalar *s)
{
	return split_umax(&s->full);
}

static inline s64 scalar_smin(const struct scalar *s)
{
	return scalar_as_signed(split_smin(&s->full));
}

static inline s64 scalar_smax(const struct scalar *s)
{
	return scalar_as_signed(split_smax(&s->full));
}

static inline u32 scalar_u32_min(const struct scalar *s)
{
	struct split low = scalar_low(s);

	return split_umin(&low);
}

static inline u32 scalar_u32_max(const struct scalar *s)
{
	struct split low = scalar_low(s);

	return split_umax(&low);
}

static inline s32 scalar_s32_min(const struct scalar *s)
{
	struct split low = scalar_low(s);

	return scalar_as_signed32(split_smin(&low));
}

static inline s32 scalar_s32_max(const struct scalar *s)
{
	struct split low = scalar_low(s);

	return scalar_as_signed32(split_smax(&low));
}

/* Values: scalar.c */
struct scalar scalar_const(u64 value);
struct scalar scalar_unknown(void);
struct scalar scalar_range_u(u64 min, u64 max);
struct scalar scalar_range_s(s64 min, s64 max);
bool scalar_from_tnum(struct scalar *s, struct tnum t);
bool scalar_is_unknown(const struct scalar *s);
bool scalar_contains(const struct scalar *s, u64 x);
bool scalar_valid(const struct scalar *s);
bool scalar_equal(const struct scalar *a, const struct scalar *b);
bool scalar_subset(const struct scalar *a, const struct scalar *b);
struct scalar scalar_join(const struct scalar *a, const struct scalar *b);
bool scalar_intersect(struct scalar *s, const struct scalar *with);
struct scalar scalar_widen(const struct scalar *old, const struct scalar *new);

/* Deduction between the views: deduce.c */
bool scalar_deduce(struct scalar *s);
bool view_deduce(struct view *v, unsigned int bits);

/* Arithmetic: alu.c, eval.c */
void scalar_alu(enum scalar_op op, bool is64, struct scalar *dst, const struct scalar *src);
const char *scalar_op_name(enum scalar_op op);
bool scalar_op_is_unary(enum scalar_op op);
u64 scalar_eval(enum scalar_op op, bool is64, u64 dst, u64 src);

/* Comparisons: jump.c, eval.c */
enum scalar_taken scalar_branch_taken(enum scalar_cmp cmp, bool is32, const struct scalar *a,
				      const struct scalar *b);
bool scalar_refine(enum scalar_cmp cmp, bool is32, bool taken, struct scalar *a,
		   struct scalar *b);
const char *scalar_cmp_name(enum scalar_cmp cmp);
bool scalar_eval_cmp(enum scalar_cmp cmp, bool is32, u64 a, u64 b);

#endif
