// SPDX-License-Identifier: GPL-2.0
/*
 * Concrete semantics of operations and comparisons (RFC 9669, sections 4 and 5),
 * in the widths of the build: what a constant operand gives.
 */
#include "domain/scalar.h"

static u64 negate_if(bool negative, u64 x)
{
	return negative ? -x : x;
}

/* Quotient or remainder by magnitude; the sign bit is at @bits - 1. */
static u64 eval_signed_div(u64 x, u64 y, unsigned int bits, bool want_rest)
{
	bool x_neg = x & bits_sign(bits), y_neg = y & bits_sign(bits);
	u64 x_abs, y_abs;

	if (!y)
		return want_rest ? x : 0;
	x_abs = negate_if(x_neg, bits_sext(x, bits, 64));
	y_abs = negate_if(y_neg, bits_sext(y, bits, 64));
	if (want_rest)
		return negate_if(x_neg, x_abs % y_abs);
	return negate_if(x_neg != y_neg, x_abs / y_abs);
}

static u64 eval_bswap(u64 x, unsigned int bits)
{
	u64 out = 0;

	for (; bits; bits -= SCALAR_BYTE) {
		out = (out << SCALAR_BYTE) | (x & bits_mask(SCALAR_BYTE));
		x >>= SCALAR_BYTE;
	}
	return out;
}

static u64 eval_binary(enum scalar_op op, u64 x, u64 y, unsigned int bits)
{
	unsigned int by = y & (bits - 1);

	switch (op) {
	case SCALAR_ADD:
		return x + y;
	case SCALAR_SUB:
		return x - y;
	case SCALAR_MUL:
		return x * y;
	case SCALAR_UDIV:
		return y ? x / y : 0;
	case SCALAR_UMOD:
		return y ? x % y : x;
	case SCALAR_SDIV:
		return eval_signed_div(x, y, bits, false);
	case SCALAR_SMOD:
		return eval_signed_div(x, y, bits, true);
	case SCALAR_AND:
		return x & y;
	case SCALAR_OR:
		return x | y;
	case SCALAR_XOR:
		return x ^ y;
	case SCALAR_LSH:
		return x << by;
	case SCALAR_RSH:
		return x >> by;
	case SCALAR_ARSH:
		return bits_sext(x >> by, bits - by, bits);
	default:
		return x;
	}
}

static u64 eval_unary(enum scalar_op op, u64 x)
{
	switch (op) {
	case SCALAR_NEG:
		return -x;
	case SCALAR_ZEXT8:
		return x & bits_mask(SCALAR_BYTE);
	case SCALAR_ZEXT16:
		return x & bits_mask(SCALAR_QUARTER);
	case SCALAR_ZEXT32:
		return x & bits_mask(SCALAR_HALF);
	case SCALAR_SEXT8:
		return bits_sext(x, SCALAR_BYTE, SCALAR_WIDTH);
	case SCALAR_SEXT16:
		return bits_sext(x, SCALAR_QUARTER, SCALAR_WIDTH);
	case SCALAR_SEXT32:
		return bits_sext(x, SCALAR_HALF, SCALAR_WIDTH);
	case SCALAR_BSWAP16:
		return eval_bswap(x, SCALAR_QUARTER);
	case SCALAR_BSWAP32:
		return eval_bswap(x, SCALAR_HALF);
	case SCALAR_BSWAP64:
		return eval_bswap(x, SCALAR_WIDTH);
	default:
		return x;
	}
}

/**
 * scalar_eval - the result of an operation on words
 * @op: the operation
 * @is64: 64-bit form
 * @dst: left operand; ignored when @op has one
 * @src: right or only operand
 *
 * Context: Any.
 * Return: The result.
 */
u64 scalar_eval(enum scalar_op op, bool is64, u64 dst, u64 src)
{
	unsigned int bits = is64 ? SCALAR_WIDTH : SCALAR_HALF;
	u64 mask = bits_mask(bits);

	if (scalar_op_is_unary(op))
		return eval_unary(op, src) & mask;
	return eval_binary(op, dst & mask, src & mask, bits) & mask;
}

/**
 * scalar_eval_cmp - the result of a comparison of words
 * @cmp: the comparison
 * @is32: of the low halves
 * @a: left side
 * @b: right side
 *
 * Context: Any.
 * Return: True if the branch is taken.
 */
bool scalar_eval_cmp(enum scalar_cmp cmp, bool is32, u64 a, u64 b)
{
	unsigned int bits = is32 ? SCALAR_HALF : SCALAR_WIDTH;
	s64 sa = bits_sext(a, bits, 64), sb = bits_sext(b, bits, 64);

	a &= bits_mask(bits);
	b &= bits_mask(bits);
	switch (cmp) {
	case SCALAR_JEQ:
		return a == b;
	case SCALAR_JNE:
		return a != b;
	case SCALAR_JGT:
		return a > b;
	case SCALAR_JLE:
		return a <= b;
	case SCALAR_JGE:
		return a >= b;
	case SCALAR_JLT:
		return a < b;
	case SCALAR_JSGT:
		return sa > sb;
	case SCALAR_JSLE:
		return sa <= sb;
	case SCALAR_JSGE:
		return sa >= sb;
	case SCALAR_JSLT:
		return sa < sb;
	default:
		return a & b;
	}
}
