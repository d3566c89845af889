/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What operations and comparisons do to words, stated a second time and apart
 * from the domain: with signed numbers and by the definitions of RFC 9669.
 */
#ifndef DOMAIN_TEST_CONCRETE_H
#define DOMAIN_TEST_CONCRETE_H

#include "domain/scalar.h"

#define WORDS_MASK bits_mask(SCALAR_WIDTH)

static inline s64 as_signed(u64 x, unsigned int bits)
{
	x &= bits_mask(bits);
	if (bits < 64 && (x & bits_sign(bits)))
		return (s64)x - (s64)(1ULL << bits);
	return (s64)x;
}

static inline s64 signed_div(s64 x, s64 y, bool rest)
{
	if (y == 0)
		return rest ? x : 0;
	if (y == -1)
		return rest ? 0 : (s64)-(u64)x;
	return rest ? x % y : x / y;
}

static inline u64 swap_units(u64 x, unsigned int bits)
{
	unsigned int n = bits / SCALAR_BYTE, i, b;
	u64 out = 0;

	for (i = 0; i < n; i++)
		for (b = 0; b < SCALAR_BYTE; b++)
			if (x >> (i * SCALAR_BYTE + b) & 1)
				out |= 1ULL << ((n - 1 - i) * SCALAR_BYTE + b);
	return out;
}

static inline u64 concrete_alu(enum scalar_op op, bool is64, u64 x, u64 y)
{
	unsigned int bits = is64 ? SCALAR_WIDTH : SCALAR_HALF;
	u64 mask = bits_mask(bits), source = y, out = 0;
	unsigned int by;

	x &= mask;
	y &= mask;
	by = y & (bits - 1);
	switch (op) {
	case SCALAR_ADD:
		out = x + y;
		break;
	case SCALAR_SUB:
		out = x - y;
		break;
	case SCALAR_MUL:
		out = x * y;
		break;
	case SCALAR_UDIV:
		out = y ? x / y : 0;
		break;
	case SCALAR_UMOD:
		out = y ? x % y : x;
		break;
	case SCALAR_SDIV:
		out = signed_div(as_signed(x, bits), as_signed(y, bits), false);
		break;
	case SCALAR_SMOD:
		out = signed_div(as_signed(x, bits), as_signed(y, bits), true);
		break;
	case SCALAR_AND:
		out = x & y;
		break;
	case SCALAR_OR:
		out = x | y;
		break;
	case SCALAR_XOR:
		out = x ^ y;
		break;
	case SCALAR_LSH:
		out = x << by;
		break;
	case SCALAR_RSH:
		out = x >> by;
		break;
	case SCALAR_ARSH:
		out = as_signed(x, bits) >> by;
		break;
	case SCALAR_NEG:
		out = 0 - y;
		break;
	case SCALAR_MOV:
		out = y;
		break;
	case SCALAR_ZEXT8:
		out = source & bits_mask(SCALAR_BYTE);
		break;
	case SCALAR_ZEXT16:
		out = source & bits_mask(SCALAR_QUARTER);
		break;
	case SCALAR_ZEXT32:
		out = source & bits_mask(SCALAR_HALF);
		break;
	case SCALAR_SEXT8:
		out = as_signed(source, SCALAR_BYTE);
		break;
	case SCALAR_SEXT16:
		out = as_signed(source, SCALAR_QUARTER);
		break;
	case SCALAR_SEXT32:
		out = as_signed(source, SCALAR_HALF);
		break;
	case SCALAR_BSWAP16:
		out = swap_units(source, SCALAR_QUARTER);
		break;
	case SCALAR_BSWAP32:
		out = swap_units(source, SCALAR_HALF);
		break;
	case SCALAR_BSWAP64:
		out = swap_units(source, SCALAR_WIDTH);
		break;
	default:
		break;
	}
	return out & mask;
}

static inline bool concrete_cmp(enum scalar_cmp cmp, bool is32, u64 x, u64 y)
{
	unsigned int bits = is32 ? SCALAR_HALF : SCALAR_WIDTH;
	s64 sx = as_signed(x, bits), sy = as_signed(y, bits);

	x &= bits_mask(bits);
	y &= bits_mask(bits);
	switch (cmp) {
	case SCALAR_JEQ:
		return x == y;
	case SCALAR_JNE:
		return x != y;
	case SCALAR_JGT:
		return x > y;
	case SCALAR_JLE:
		return x <= y;
	case SCALAR_JGE:
		return x >= y;
	case SCALAR_JLT:
		return x < y;
	case SCALAR_JSGT:
		return sx > sy;
	case SCALAR_JSLE:
		return sx <= sy;
	case SCALAR_JSGE:
		return sx >= sy;
	case SCALAR_JSLT:
		return sx < sy;
	case SCALAR_JSET:
		return (x & y) != 0;
	default:
		return false;
	}
}

#endif
