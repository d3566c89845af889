// SPDX-License-Identifier: GPL-2.0
/* Hashes and ciphers over the first bytes of a packet. */
#include "net.h"

__u64 sink;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} crc_table SEC(".maps");

#define BYTES(n)						\
	struct cursor c = xdp_cursor(ctx);			\
	__u8 *p = take(&c, n);					\
								\
	if (!p)							\
		return XDP_ABORTED

SEC("xdp")
int fnv1a(struct xdp_md *ctx)
{
	BYTES(64);
	__u64 h = 0xcbf29ce484222325ULL;

	for (int i = 0; i < 64; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	sink = h;
	return XDP_PASS;
}

SEC("xdp")
int adler(struct xdp_md *ctx)
{
	BYTES(64);
	__u32 a = 1, b = 0;

	for (int i = 0; i < 64; i++) {
		a = (a + p[i]) % 65521;
		b = (b + a) % 65521;
	}
	sink = b << 16 | a;
	return XDP_PASS;
}

SEC("xdp")
int crc32_bits(struct xdp_md *ctx)
{
	BYTES(16);
	__u32 crc = -1;

	for (int i = 0; i < 16; i++) {
		crc ^= p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
	}
	sink = ~crc;
	return XDP_PASS;
}

SEC("xdp")
int crc32_map(struct xdp_md *ctx)
{
	BYTES(64);
	__u32 crc = -1, slot, *t;

	for (int i = 0; i < 64; i++) {
		slot = (crc ^ p[i]) & 0xff;
		t = bpf_map_lookup_elem(&crc_table, &slot);
		if (!t)
			return XDP_ABORTED;
		crc = crc >> 8 ^ *t;
	}
	sink = ~crc;
	return XDP_PASS;
}

#define MIX(a, b, c) do {			\
	a -= c; a ^= rol32(c, 4); c += b;	\
	b -= a; b ^= rol32(a, 6); a += c;	\
	c -= b; c ^= rol32(b, 8); b += a;	\
	a -= c; a ^= rol32(c, 16); c += b;	\
	b -= a; b ^= rol32(a, 19); a += c;	\
	c -= b; c ^= rol32(b, 4); b += a;	\
} while (0)

SEC("xdp")
int lookup3(struct xdp_md *ctx)
{
	BYTES(60);
	__u32 *w = (__u32 *)p, x = 0xdeadbeef, y = x, z = x;

	for (int i = 0; i < 15; i += 3) {
		x += w[i];
		y += w[i + 1];
		z += w[i + 2];
		MIX(x, y, z);
	}
	sink = z;
	return XDP_PASS;
}

#define SIP do {							\
	v0 += v1; v1 = rol64(v1, 13); v1 ^= v0; v0 = rol64(v0, 32);	\
	v2 += v3; v3 = rol64(v3, 16); v3 ^= v2;				\
	v0 += v3; v3 = rol64(v3, 21); v3 ^= v0;				\
	v2 += v1; v1 = rol64(v1, 17); v1 ^= v2; v2 = rol64(v2, 32);	\
} while (0)

SEC("xdp")
int siphash(struct xdp_md *ctx)
{
	BYTES(64);
	__u64 *w = (__u64 *)p, v0 = 0x736f6d6570736575ULL, v1 = 0x646f72616e646f6dULL;
	__u64 v2 = 0x6c7967656e657261ULL, v3 = 0x7465646279746573ULL;

	for (int i = 0; i < 8; i++) {
		v3 ^= w[i];
		SIP;
		SIP;
		v0 ^= w[i];
	}
	v2 ^= 0xff;
	SIP;
	SIP;
	SIP;
	SIP;
	sink = v0 ^ v1 ^ v2 ^ v3;
	return XDP_PASS;
}

#define QUARTER(a, b, c, d) do {		\
	a += b; d ^= a; d = rol32(d, 16);	\
	c += d; b ^= c; b = rol32(b, 12);	\
	a += b; d ^= a; d = rol32(d, 8);	\
	c += d; b ^= c; b = rol32(b, 7);	\
} while (0)

SEC("xdp")
int chacha(struct xdp_md *ctx)
{
	BYTES(64);
	__u32 *in = (__u32 *)p, x[16];
	__u64 sum = 0;

	for (int i = 0; i < 16; i++)
		x[i] = in[i];
	for (int i = 0; i < 10; i++) {
		QUARTER(x[0], x[4], x[8], x[12]);
		QUARTER(x[1], x[5], x[9], x[13]);
		QUARTER(x[2], x[6], x[10], x[14]);
		QUARTER(x[3], x[7], x[11], x[15]);
		QUARTER(x[0], x[5], x[10], x[15]);
		QUARTER(x[1], x[6], x[11], x[12]);
		QUARTER(x[2], x[7], x[8], x[13]);
		QUARTER(x[3], x[4], x[9], x[14]);
	}
	for (int i = 0; i < 16; i++)
		sum += x[i] ^ in[i];
	sink = sum;
	return XDP_PASS;
}

SEC("xdp")
int internet_sum(struct xdp_md *ctx)
{
	BYTES(64);
	__u16 *w = (__u16 *)p;
	__u64 sum = 0;

	for (int i = 0; i < 32; i++)
		sum += w[i];
	sink = fold(sum);
	return XDP_PASS;
}

SEC("xdp")
int toeplitz(struct xdp_md *ctx)
{
	BYTES(12);
	__u64 key = 0x6d5a56da255b0ec2ULL;
	__u32 h = 0;

	for (int i = 0; i < 12; i++) {
		for (int bit = 7; bit >= 0; bit--) {
			if (p[i] & (1 << bit))
				h ^= key >> 32;
			key = key << 1 | key >> 63;
		}
	}
	sink = h;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
