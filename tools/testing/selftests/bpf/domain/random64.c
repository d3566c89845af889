// SPDX-License-Identifier: GPL-2.0
/*
 * The domain at full width (and at others that are too wide to try all), on words
 * at the corners. Some registers hold a word
 * and a value of which it is a member; random operations, branches, joins and
 * widenings go over them, and the word has to stay a member. Meant to be built
 * with sanitizers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "concrete.h"

#define REGS 4

struct reg {
	u64 word;
	struct scalar s;
};

static u64 seed;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 2685821657736338717ULL;
}

static u64 rnd_any(void)
{
	static const u64 base[] = {
		0, 1ULL << 7, 1ULL << 15, 1ULL << 16, 1ULL << 31, 1ULL << 32, 1ULL << 33,
		1ULL << 63, ~0ULL << 31, ~0ULL << 32, ~0ULL >> 1, ~0ULL, 0xffffffffULL,
	};
	u64 r = rnd();

	switch (r % 4) {
	case 0:
		return base[(r >> 8) % (sizeof(base) / sizeof(base[0]))] + (r >> 32) % 7 - 3;
	case 1:
		return rnd() >> ((r >> 8) % 64);
	case 2:
		return -(rnd() >> ((r >> 8) % 64));
	default:
		return rnd() & rnd() & rnd();
	}
}

static u64 rnd_word(void)
{
	u64 word = rnd_any();

	/* At small widths the corners of 64 bits would nearly all be 0. */
	return (SCALAR_WIDTH < 64 ? word >> (rnd() % 2 * 31) : word) & WORDS_MASK;
}

/* A value that holds the word. */
static struct scalar rnd_scalar(u64 word)
{
	struct scalar s = scalar_unknown(), t, c;
	unsigned int how = rnd() % 64;
	u64 other;

	if (how % 16 == 0)
		return scalar_const(word);
	if (how & 1) {
		other = rnd_word();
		t = other < word ? scalar_range_u(other, word) : scalar_range_u(word, other);
		scalar_intersect(&s, &t);
	}
	if (how & 2) {
		s64 a = as_signed(rnd_word(), SCALAR_WIDTH), w = as_signed(word, SCALAR_WIDTH);

		t = a < w ? scalar_range_s(a, w) : scalar_range_s(w, a);
		scalar_intersect(&s, &t);
	}
	if (how & 4) {
		other = (rnd_word() | rnd()) & WORDS_MASK;
		scalar_from_tnum(&t, (struct tnum){ word & ~other, other });
		scalar_intersect(&s, &t);
	}
	if (how & 8) {
		enum scalar_cmp cmp = rnd() % SCALAR_CMP_COUNT;

		other = rnd_word();
		c = scalar_const(other);
		scalar_refine(cmp, true, concrete_cmp(cmp, true, word, other), &s, &c);
	}
	if (how & 32) {
		t = scalar_const(rnd_word());
		s = scalar_join(&s, &t);
	}
	return s;
}

static int fail(const char *what, const struct reg *r, const struct reg *by)
{
	printf("not ok random %s: word %llx with %llx\n", what, r->word, by->word);
	printf("  value %llx mask %llx u [%llx,%llx] s [%llx,%llx]\n", r->s.bits.value,
	       r->s.bits.mask, scalar_umin(&r->s), scalar_umax(&r->s), scalar_smin(&r->s),
	       scalar_smax(&r->s));
	return 1;
}

static bool holds(const struct reg *r)
{
	s64 word = as_signed(r->word, SCALAR_WIDTH), low = as_signed(r->word, SCALAR_HALF);
	u64 ulow = r->word & bits_mask(SCALAR_HALF);

	return scalar_valid(&r->s) && scalar_contains(&r->s, r->word) &&
	       scalar_umin(&r->s) <= r->word && r->word <= scalar_umax(&r->s) &&
	       scalar_smin(&r->s) <= word && word <= scalar_smax(&r->s) &&
	       scalar_u32_min(&r->s) <= ulow && ulow <= scalar_u32_max(&r->s) &&
	       scalar_s32_min(&r->s) <= low && low <= scalar_s32_max(&r->s);
}

static int step_alu(struct reg *dst, const struct reg *src)
{
	enum scalar_op op = rnd() % SCALAR_OP_COUNT;
	bool is64 = rnd() & 1;
	struct reg out = *dst, operand = *src;

	/* The operand is often small or a constant, as in programs. */
	if (rnd() % 4 == 0) {
		operand.word = rnd() % (SCALAR_WIDTH + 6);
		operand.s = rnd() & 1 ? scalar_const(operand.word) :
			    scalar_range_u(0, SCALAR_WIDTH + 6);
	}
	scalar_alu(op, is64, &out.s, &operand.s);
	out.word = concrete_alu(op, is64, dst->word, operand.word);
	if (!holds(&out) || scalar_eval(op, is64, dst->word, operand.word) != out.word)
		return fail(scalar_op_name(op), &out, &operand);
	*dst = out;
	return 0;
}

static int step_branch(struct reg *a, struct reg *b)
{
	enum scalar_cmp cmp = rnd() % SCALAR_CMP_COUNT;
	bool is32 = rnd() & 1, taken = concrete_cmp(cmp, is32, a->word, b->word);
	enum scalar_taken can = scalar_branch_taken(cmp, is32, &a->s, &b->s);

	if (can == (taken ? SCALAR_NEVER : SCALAR_ALWAYS))
		return fail(scalar_cmp_name(cmp), a, b);
	if (scalar_eval_cmp(cmp, is32, a->word, b->word) != taken)
		return fail("eval_cmp", a, b);
	if (a == b)
		return 0;
	if (!scalar_refine(cmp, is32, taken, &a->s, &b->s) || !holds(a) || !holds(b))
		return fail(scalar_cmp_name(cmp), a, b);
	return 0;
}

static int step_lattice(struct reg *a, struct reg *b)
{
	struct scalar meet = a->s;
	struct reg out = *a;

	if (scalar_subset(&a->s, &b->s) && !scalar_contains(&b->s, a->word))
		return fail("subset", a, b);
	if (!scalar_intersect(&meet, &b->s) &&
	    (scalar_contains(&b->s, a->word) || scalar_contains(&a->s, b->word)))
		return fail("intersect", a, b);
	out.s = scalar_widen(&a->s, &b->s);
	if (!holds(&out) || !scalar_contains(&out.s, b->word))
		return fail("widen", &out, b);
	out.s = scalar_join(&a->s, &b->s);
	if (!holds(&out) || !scalar_contains(&out.s, b->word))
		return fail("join", &out, b);
	if (!scalar_subset(&a->s, &out.s) || !scalar_subset(&b->s, &out.s))
		return fail("join is no upper bound", &out, b);
	if (rnd() % 4 == 0)
		*a = out;
	return 0;
}

static int step(struct reg *regs)
{
	struct reg *a = &regs[rnd() % REGS], *b = &regs[rnd() % REGS];
	unsigned int how = rnd() % 16;

	if (how < 3 || scalar_is_unknown(&a->s)) {
		a->word = rnd() % 8 ? rnd_word() : b->word;
		a->s = rnd_scalar(a->word);
		return holds(a) ? 0 : fail("construction", a, b);
	}
	if (how < 10)
		return step_alu(a, b);
	if (how < 14)
		return step_branch(a, b);
	return step_lattice(a, b);
}

int main(int argc, char **argv)
{
	unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000, i;
	struct reg regs[REGS];

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20240229;
	if (!seed || !steps)
		return 2;
	for (i = 0; i < REGS; i++)
		regs[i] = (struct reg){ 0, scalar_const(0) };
	for (i = 0; i < steps; i++) {
		if (step(regs)) {
			printf("  at step %lu, seed as given\n", i);
			printf("0 passed, 1 failed\n");
			return 1;
		}
	}
	printf("ok random: %lu steps at %d bits\n1 passed, 0 failed\n", steps, SCALAR_WIDTH);
	return 0;
}
