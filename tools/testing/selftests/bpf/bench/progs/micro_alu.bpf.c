// SPDX-License-Identifier: GPL-2.0
/* Arithmetic that is long enough to measure: each program reads its input from the packet. */
#include "net.h"

__u64 sink;

#define INPUT(n)						\
	struct cursor c = xdp_cursor(ctx);			\
	__u64 *in = take(&c, 8 * (n));				\
								\
	if (!in)						\
		return XDP_ABORTED

SEC("xdp")
int empty(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int alu64(struct xdp_md *ctx)
{
	INPUT(4);
	__u64 a = in[0], b = in[1], d = in[2], e = in[3];

	for (int i = 0; i < 64; i++) {
		a += b * 3;
		b ^= a >> 7;
		d = d * 0x9e3779b97f4a7c15ULL + b;
		e |= d & a;
		a -= e << 3;
	}
	sink = a ^ b ^ d ^ e;
	return XDP_PASS;
}

SEC("xdp")
int alu32(struct xdp_md *ctx)
{
	INPUT(2);
	__u32 a = in[0], b = in[0] >> 32, d = in[1], e = in[1] >> 32;

	for (int i = 0; i < 64; i++) {
		a += b;
		d ^= a;
		d = rol32(d, 16);
		e += d;
		b ^= e;
		b = rol32(b, 12);
	}
	sink = (__u64)(a ^ b) << 32 | (d ^ e);
	return XDP_PASS;
}

SEC("xdp")
int divide(struct xdp_md *ctx)
{
	INPUT(2);
	__u64 a = in[0] | 1, b = (in[1] & 0xffff) | 1, sum = 0;

	for (int i = 0; i < 32; i++) {
		sum += a / b + a % (b + 1);
		sum += a / 10 + a % 1000;
		a = a * 6364136223846793005ULL + 1;
		b += i;
	}
	sink = sum;
	return XDP_PASS;
}

SEC("xdp")
int gcd(struct xdp_md *ctx)
{
	INPUT(2);
	__u32 a = in[0], b = in[1], t;

	for (int i = 0; i < 64 && b; i++) {
		t = a % b;
		a = b;
		b = t;
	}
	sink = a;
	return XDP_PASS;
}

SEC("xdp")
int popcount(struct xdp_md *ctx)
{
	INPUT(8);
	__u64 n = 0;

	for (int i = 0; i < 8; i++) {
		__u64 v = in[i];

		v -= (v >> 1) & 0x5555555555555555ULL;
		v = (v & 0x3333333333333333ULL) + ((v >> 2) & 0x3333333333333333ULL);
		v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
		n += (v * 0x0101010101010101ULL) >> 56;
	}
	sink = n;
	return XDP_PASS;
}

SEC("xdp")
int minmax(struct xdp_md *ctx)
{
	INPUT(8);
	__s64 low = in[0], high = in[0];
	__u64 clamped = 0;

	for (int i = 0; i < 8; i++) {
		__s64 v = in[i];

		low = v < low ? v : low;
		high = v > high ? v : high;
		clamped += v < 0 ? 0 : v > 1 << 20 ? 1 << 20 : v;
	}
	sink = low ^ high ^ clamped;
	return XDP_PASS;
}

SEC("xdp")
int fibonacci(struct xdp_md *ctx)
{
	INPUT(1);
	__u64 a = in[0] & 1, b = 1, t;

	for (int i = 0; i < 90; i++) {
		t = a + b;
		a = b;
		b = t;
	}
	sink = a;
	return XDP_PASS;
}

/* Odd numbers up to 512 as bits on the stack. */
SEC("xdp")
int sieve(struct xdp_md *ctx)
{
	__u32 bits[16] = {}, n = 0;

	for (__u32 i = 3; i < 512; i += 2) {
		if (bits[(i >> 5) & 15] & (1U << (i & 31)))
			continue;
		n++;
		for (__u32 k = i * i; k < 512; k += 2 * i)
			bits[(k >> 5) & 15] |= 1U << (k & 31);
	}
	sink = n;
	return XDP_PASS;
}

SEC("xdp")
int matrix(struct xdp_md *ctx)
{
	INPUT(8);
	__u32 a[4][4], b[4][4];
	__u64 trace = 0;

	for (int i = 0; i < 16; i++) {
		a[i / 4][i % 4] = in[i / 2] >> (i & 1 ? 32 : 0);
		b[i % 4][i / 4] = a[i / 4][i % 4] ^ i;
	}
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 4; k++)
			for (int j = 0; j < 4; j++)
				trace += (__u64)a[i][j] * b[j][k];
	sink = trace;
	return XDP_PASS;
}

SEC("xdp")
int swaps(struct xdp_md *ctx)
{
	INPUT(8);
	__u64 x = 0;

	for (int i = 0; i < 8; i++) {
		x ^= __builtin_bswap64(in[i]);
		x += __builtin_bswap32(in[i]);
		x ^= bpf_ntohs(in[i] >> 16);
	}
	sink = x;
	return XDP_PASS;
}

/* Values put together from bytes, as compilers leave it for packed structures. */
SEC("xdp")
int bytewise(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	__u8 *p = take(&c, 64);
	__u64 x = 0;

	if (!p)
		return XDP_ABORTED;
	for (int i = 0; i < 64; i += 8) {
		__u32 low = p[i] | p[i + 1] << 8 | p[i + 2] << 16 | (__u32)p[i + 3] << 24;
		__u32 high = p[i + 7] | p[i + 6] << 8 | p[i + 5] << 16 | (__u32)p[i + 4] << 24;

		x += low;
		x ^= (__u64)high << 16;
	}
	sink = x;
	return XDP_PASS;
}

static __sub __u64 leaf(__u64 a, __u64 b)
{
	return (a ^ b) * 31 + (a >> 3);
}

static __sub __u64 twice(__u64 a, __u64 b)
{
	return leaf(a, b) + leaf(b, a);
}

SEC("xdp")
int calls(struct xdp_md *ctx)
{
	INPUT(2);
	__u64 a = in[0], b = in[1];

	for (int i = 0; i < 16; i++) {
		a = twice(a, b);
		b += i;
	}
	sink = a;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
