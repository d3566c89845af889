// SPDX-License-Identifier: GPL-2.0
/*
 * Programs for the figures: what clang makes of ordinary C. Each function is in
 * a section of its own and gets a context of 2048 bytes; the Makefile defines
 * PROG(), which says so.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define rol32(x, n) (((x) << (n)) | ((x) >> (32 - (n))))

PROG("ret") u64 prog_ret(void *ctx)
{
	return 2;
}

PROG("parse") u64 prog_parse(u8 *ctx)
{
	u8 *data = ctx, *end = ctx + 1500;
	u16 proto;

	if (data + 14 > end)
		return 0;
	proto = *(u16 *)(data + 12);
	if (proto == 0x0008)
		return 1;
	if (data + 34 > end)
		return 2;
	if ((data[14] & 0xf0) != 0x40)
		return 3 + data[23];
	if (__builtin_bswap16(*(u16 *)(data + 36)) == 80)
		return 4;
	return __builtin_bswap32(*(u32 *)(data + 30)) + proto;
}

struct bytes {
	u8 a, b;
	u32 x;
	u16 y;
	u64 z;
} __packed;

PROG("packed") u64 prog_packed(struct bytes *ctx)
{
	return ctx->x + ctx->y * 3 + ctx->z;
}

PROG("jhash") u64 prog_jhash(u32 *ctx)
{
	u32 a = 0xdeadbeef, b = a, c = a;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 30; i += 3) {
		a += ctx[i];
		b += ctx[i + 1];
		c += ctx[i + 2];
		a -= c; a ^= rol32(c, 4); c += b;
		b -= a; b ^= rol32(a, 6); a += c;
		c -= b; c ^= rol32(b, 8); b += a;
		a -= c; a ^= rol32(c, 16); c += b;
		b -= a; b ^= rol32(a, 19); a += c;
		c -= b; c ^= rol32(b, 4); b += a;
	}
	return c;
}

PROG("csum") u64 prog_csum(u16 *ctx)
{
	u32 sum = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 100; i++)
		sum += __builtin_bswap16(ctx[i]);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~(sum + (sum >> 16));
}

PROG("strcmp") u64 prog_strcmp(u8 *ctx)
{
	u8 *a = ctx, *b = ctx + 256;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 64; i++) {
		if (a[i] != b[i])
			return a[i] - b[i];
		if (!a[i])
			break;
	}
	return 0;
}

PROG("counters") u64 prog_counters(u64 *ctx)
{
#pragma clang loop unroll(disable)
	for (int i = 0; i < 50; i++) {
		u8 k = ((u8 *)ctx)[i];

		ctx[64 + (k & 31)]++;
		ctx[100] += k;
	}
	return ctx[100];
}

PROG("alu") u64 prog_alu(u64 *ctx)
{
	u64 x = ctx[0] | 1, y = ctx[1];

#pragma clang loop unroll(disable)
	for (int i = 0; i < 40; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		y += (x * 9) ^ (y >> (x & 15));
		y ^= x / 8 + x % 64;
	}
	return x + y;
}

PROG("minmax") u64 prog_minmax(u64 *ctx)
{
	u64 lo = -1ULL, hi = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 60; i++) {
		u64 v = ctx[i];

		if (v < lo)
			lo = v;
		if (v > hi)
			hi = v;
	}
	return hi - lo;
}

PROG("flags") u64 prog_flags(u32 *ctx)
{
	u64 n = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 60; i++) {
		if (ctx[i] & 0x10)
			n++;
		if (ctx[i] & 0x80000000)
			n += 3;
		if ((u8)ctx[i] == 7)
			n ^= ctx[i] >> 8;
	}
	return n;
}

PROG("stack") u64 prog_stack(u8 *ctx)
{
	struct {
		u32 a;
		u16 b;
		u8 c[2];
		u64 d;
	} key;

	key.a = *(u32 *)(ctx + 26);
	key.b = *(u16 *)(ctx + 34);
	key.d = *(u64 *)(ctx + 40);
	key.c[0] = 0;
	key.c[1] = ctx[9];
	/* The key has to be in memory from here on. */
	asm volatile("" :: "r"(&key) : "memory");
	return key.a + key.b + key.c[1] + key.d;
}

PROG("div") u64 prog_div(u64 *ctx)
{
	u64 s = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 20; i++)
		s += ctx[i] / (ctx[i + 1] | 1) + (u32)ctx[i] % 1000;
	return s;
}
