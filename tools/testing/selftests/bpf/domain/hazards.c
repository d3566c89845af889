// SPDX-License-Identifier: GPL-2.0
/*
 * Bug classes of scalar tracking that were exploited elsewhere, each as a
 * property of the domain: a value that a system with the bug gets wrong, and
 * that has to hold the word a machine computes, or be as precise as it can be.
 */
#include <stdio.h>

#include "concrete.h"

#define CHECK(cond) do {								\
	if (!(cond)) {									\
		printf("  line %d: %s\n", __LINE__, #cond);				\
		return false;								\
	}										\
} while (0)

#define ALU64(op, dst, src) scalar_alu(SCALAR_##op, true, &(dst), &(src))
#define ALU32(op, dst, src) scalar_alu(SCALAR_##op, false, &(dst), &(src))

static bool refine_const(struct scalar *s, enum scalar_cmp cmp, bool is32, bool taken, u64 x)
{
	struct scalar c = scalar_const(x);

	return scalar_refine(cmp, is32, taken, s, &c);
}

/* mov32 r, -1; the 64-bit value is 0xffffffff, and not -1. */
static bool hazard_2017_16995(void)
{
	struct scalar r = scalar_const(7), imm = scalar_const((u64)(s64)-1);

	ALU32(MOV, r, imm);
	CHECK(scalar_is_const(&r) && scalar_const_value(&r) == 0xffffffff);
	CHECK(scalar_branch_taken(SCALAR_JNE, false, &r, &imm) == SCALAR_ALWAYS);
	CHECK(scalar_branch_taken(SCALAR_JEQ, true, &r, &imm) == SCALAR_ALWAYS);
	return true;
}

/* A load or a 32-bit operation cuts the register: bounds of the wide one go. */
static bool hazard_2017_16996(void)
{
	struct scalar r = scalar_range_u(0xffffffff, 0x100000001ULL), one = scalar_const(1);

	ALU32(ADD, r, one);
	CHECK(scalar_contains(&r, 0) && scalar_contains(&r, 1) && scalar_contains(&r, 2));
	CHECK(scalar_umax(&r) == 2);
	r = scalar_range_u(0xff, 0x101);
	ALU64(ZEXT8, r, r);
	CHECK(scalar_contains(&r, 0xff) && scalar_contains(&r, 0) && scalar_contains(&r, 1));
	CHECK(scalar_umax(&r) == 0xff);
	return true;
}

/* 32-bit subtraction wraps at 32 bits and leaves the upper half zero. */
static bool hazard_2017_17852(void)
{
	struct scalar r = scalar_range_u(0, 1), two = scalar_const(2);

	ALU32(SUB, r, two);
	CHECK(scalar_umin(&r) == 0xfffffffe && scalar_umax(&r) == 0xffffffff);
	CHECK(scalar_smin(&r) == 0xfffffffe && scalar_s32_max(&r) == -1);
	return true;
}

/* A logical shift of a negative number is not bounded by shifted signed ends. */
static bool hazard_2017_17853(void)
{
	struct scalar r = scalar_range_s(-2, 2), one = scalar_const(1);

	ALU64(RSH, r, one);
	CHECK(scalar_contains(&r, ~0ULL >> 1) && scalar_contains(&r, 1));
	CHECK(scalar_smin(&r) == 0 && scalar_umax(&r) == ~0ULL >> 1);
	return true;
}

/* A 32-bit shift to the right sees the low half only. */
static bool hazard_2018_18445(void)
{
	struct scalar r = scalar_range_u(0x100000000ULL, 0x1000000ffULL), by = scalar_const(4);
	struct scalar n = scalar_const(0xffffffff80000000ULL), out;

	ALU32(RSH, r, by);
	CHECK(scalar_umin(&r) == 0 && scalar_umax(&r) == 0xf);
	out = n;
	ALU32(RSH, out, by);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 0x08000000);
	out = n;
	ALU32(ARSH, out, by);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 0xf8000000);
	return true;
}

/* A 32-bit branch says nothing of the upper half. */
static bool hazard_2020_8835(void)
{
	struct scalar r = scalar_unknown();

	CHECK(refine_const(&r, SCALAR_JLE, true, true, 1));
	CHECK(scalar_umax(&r) == 0xffffffff00000001ULL && scalar_u32_max(&r) == 1);
	CHECK(scalar_contains(&r, 0x8000000000000001ULL) && scalar_contains(&r, 0));
	r = scalar_unknown();
	CHECK(refine_const(&r, SCALAR_JEQ, true, true, 5));
	CHECK(!scalar_is_const(&r) && scalar_contains(&r, 0x700000005ULL));
	return true;
}

/* 32-bit OR of words whose low halves and wide bounds differ. */
static bool hazard_2020_27194(void)
{
	struct scalar r = scalar_range_u(1, 0x600000001ULL), c = scalar_const(0);

	ALU32(OR, r, c);
	CHECK(scalar_contains(&r, 0xffffffff) && scalar_contains(&r, 0));
	CHECK(scalar_umax(&r) == 0xffffffff);
	r = scalar_range_u(1, 0x600000001ULL);
	ALU64(OR, r, c);
	CHECK(scalar_contains(&r, 0x500000000ULL) && scalar_u32_min(&r) == 0);
	return true;
}

/* Bit operations where the low half is constant and the upper one is not. */
static bool hazard_2021_3490(void)
{
	enum scalar_op ops[] = { SCALAR_AND, SCALAR_OR, SCALAR_XOR };
	struct scalar a, b = scalar_const(0x100000002ULL), out;
	unsigned int i;
	u64 high;

	CHECK(scalar_from_tnum(&a, (struct tnum){ 1, 0xffffffff00000000ULL }));
	for (i = 0; i < 3; i++) {
		out = a;
		scalar_alu(ops[i], true, &out, &b);
		CHECK(scalar_valid(&out));
		CHECK(scalar_u32_min(&out) == scalar_u32_max(&out));
		CHECK(scalar_s32_min(&out) == scalar_s32_max(&out));
		for (high = 0; high < 4; high++)
			CHECK(scalar_contains(&out, concrete_alu(ops[i], true, high << 32 | 1,
								 0x100000002ULL)));
	}
	return true;
}

/* A wide range that passes 2^32 says nothing of the order of the low halves. */
static bool hazard_2021_31440(void)
{
	struct scalar r = scalar_range_u(1, 0x100000000ULL);

	CHECK(scalar_u32_min(&r) == 0 && scalar_u32_max(&r) == 0xffffffff);
	CHECK(scalar_contains(&r, 0x100000000ULL));
	r = scalar_range_s(-5, 0x100000000LL);
	CHECK(scalar_u32_min(&r) == 0 && scalar_s32_min(&r) == (s32)0x80000000);
	return true;
}

/* 32-bit division and modulo see the low half of the divisor. */
static bool hazard_2021_3600(void)
{
	struct scalar r = scalar_range_u(10, 20), zero32 = scalar_const(0x500000000ULL), out = r;

	ALU32(UDIV, out, zero32);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 0);
	out = r;
	ALU32(UMOD, out, zero32);
	CHECK(scalar_umin(&out) == 10 && scalar_umax(&out) == 20);
	out = scalar_const(0x100000007ULL);
	ALU32(UDIV, out, r);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 0);
	return true;
}

/* Modulo by zero leaves the dividend, cut to 32 bits in the 32-bit form. */
static bool hazard_2021_3444(void)
{
	struct scalar zero = scalar_const(0), maybe = scalar_range_u(0, 3), out;

	out = scalar_const(0x1234567800000009ULL);
	ALU32(UMOD, out, zero);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 9);
	out = scalar_const(0x1234567800000009ULL);
	ALU64(UMOD, out, maybe);
	CHECK(scalar_contains(&out, 0x1234567800000009ULL) && scalar_contains(&out, 0));
	out = scalar_const(0xffffffffULL);
	ALU32(SMOD, out, maybe);
	CHECK(scalar_contains(&out, 0xffffffffULL) && scalar_contains(&out, 0));
	return true;
}

/* A 32-bit move takes the low half with its bounds, and none of the old ones. */
static bool hazard_2021_45402(void)
{
	struct scalar r = scalar_range_s(-1, 0), out = scalar_const(99);

	ALU32(MOV, out, r);
	CHECK(scalar_contains(&out, 0xffffffff) && scalar_contains(&out, 0));
	CHECK(scalar_smin(&out) == 0 && scalar_umax(&out) == 0xffffffff);
	CHECK(!scalar_contains(&out, ~0ULL) && scalar_s32_min(&out) == -1);
	return true;
}

/* Ranges that become a constant make known bits, and the other way about. */
static bool hazard_2021_4159(void)
{
	struct scalar r = scalar_range_u(0, 8), out;

	CHECK(refine_const(&r, SCALAR_JGT, false, true, 7));
	CHECK(scalar_is_const(&r) && scalar_const_value(&r) == 8);
	out = scalar_range_u(4, 5);
	ALU64(ADD, out, r);
	CHECK(scalar_umin(&out) == 12 && scalar_umax(&out) == 13);
	CHECK(scalar_tnum(&out).value == 12 && scalar_tnum(&out).mask == 1);
	return true;
}

/* Refining one side of a comparison of registers keeps both consistent. */
static bool hazard_2024_41003(void)
{
	struct scalar a = scalar_range_u(4, 10), b = scalar_range_u(4, 7);

	CHECK(scalar_refine(SCALAR_JNE, false, true, &a, &b));
	CHECK(scalar_umin(&a) == 4 && scalar_umax(&a) == 10 && scalar_umin(&b) == 4);
	b = scalar_const(10);
	CHECK(scalar_refine(SCALAR_JNE, false, true, &a, &b));
	CHECK(scalar_umax(&a) == 9 && scalar_is_const(&b) && scalar_valid(&a));
	CHECK(scalar_tnum(&a).mask == 15);
	return true;
}

/* An offset between registers does not survive a 32-bit add that wraps. */
static bool hazard_audit_2024_linked(void)
{
	struct scalar r = scalar_range_u(0xfffffffe, 0xffffffff), two = scalar_const(2), off = r;

	ALU32(ADD, off, two);
	CHECK(scalar_umin(&off) == 0 && scalar_umax(&off) == 1);
	off = r;
	ALU64(ADD, off, two);
	CHECK(scalar_umin(&off) == 0x100000000ULL && scalar_u32_max(&off) == 1);
	return true;
}

/* The corner of signed division, and shift amounts beyond the width. */
static bool hazard_rfc9669_corners(void)
{
	struct scalar min = scalar_range_s(-__LONG_LONG_MAX__ - 1, -__LONG_LONG_MAX__), out = min;
	struct scalar minus = scalar_const(~0ULL), by = scalar_const(65), by32 = scalar_const(33);

	ALU64(SDIV, out, minus);
	CHECK(scalar_contains(&out, 1ULL << 63) && scalar_contains(&out, ~0ULL >> 1));
	CHECK(scalar_umin(&out) == ~0ULL >> 1);
	out = min;
	ALU64(SMOD, out, minus);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 0);
	out = scalar_range_u(2, 3);
	ALU64(LSH, out, by);
	CHECK(scalar_umin(&out) == 4 && scalar_umax(&out) == 6);
	out = scalar_range_u(2, 3);
	ALU32(RSH, out, by32);
	CHECK(scalar_is_const(&out) && scalar_const_value(&out) == 1);
	return true;
}

#define HAZARD(name) { #name, name }

static const struct hazard {
	const char *name;
	bool (*run)(void);
} hazards[] = {
	HAZARD(hazard_2017_16995), HAZARD(hazard_2017_16996), HAZARD(hazard_2017_17852),
	HAZARD(hazard_2017_17853), HAZARD(hazard_2018_18445), HAZARD(hazard_2020_8835),
	HAZARD(hazard_2020_27194), HAZARD(hazard_2021_3490), HAZARD(hazard_2021_31440),
	HAZARD(hazard_2021_3600), HAZARD(hazard_2021_3444), HAZARD(hazard_2021_45402),
	HAZARD(hazard_2021_4159), HAZARD(hazard_2024_41003), HAZARD(hazard_audit_2024_linked),
	HAZARD(hazard_rfc9669_corners),
};

int main(void)
{
	unsigned int i, failed = 0, count = sizeof(hazards) / sizeof(hazards[0]);

	for (i = 0; i < count; i++) {
		bool ok = hazards[i].run();

		printf("%s %s\n", ok ? "ok" : "not ok", hazards[i].name);
		failed += !ok;
	}
	printf("%u passed, %u failed\n", count - failed, failed);
	return failed != 0;
}
