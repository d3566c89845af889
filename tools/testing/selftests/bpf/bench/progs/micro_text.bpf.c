// SPDX-License-Identifier: GPL-2.0
/* Text from packets: comparing, searching, numbers, base 64, and a table of states. */
#include "net.h"

__u64 sink;

static const char wanted[32] = "GET /index.html HTTP/1.1\r\nHost:";
static const char digits[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define BODY(n)								\
	struct cursor c = xdp_cursor(ctx);				\
	__u8 *p;							\
									\
	if (!take(&c, 54))						\
		return XDP_ABORTED;					\
	p = take(&c, n);						\
	if (!p)								\
		return XDP_ABORTED

SEC("xdp")
int string_compare(struct xdp_md *ctx)
{
	BODY(32);
	int i;

	for (i = 0; i < 31; i++)
		if (p[i] != (__u8)wanted[i])
			break;
	sink = i;
	return XDP_PASS;
}

SEC("xdp")
int memory_compare(struct xdp_md *ctx)
{
	BODY(32);

	sink = !__builtin_memcmp(p, wanted, 31);
	return XDP_PASS;
}

SEC("xdp")
int find_byte(struct xdp_md *ctx)
{
	BODY(64);
	int i;

	for (i = 0; i < 64; i++)
		if (p[i] == '\n')
			break;
	sink = i;
	return XDP_PASS;
}

SEC("xdp")
int lower_case(struct xdp_md *ctx)
{
	BODY(64);
	__u32 h = 0;

	for (int i = 0; i < 64; i++) {
		__u8 ch = p[i];

		if (ch >= 'A' && ch <= 'Z')
			ch |= 0x20;
		h = h * 33 + ch;
	}
	sink = h;
	return XDP_PASS;
}

SEC("xdp")
int parse_number(struct xdp_md *ctx)
{
	BODY(64);
	__u64 v = 0, sum = 0;

	for (int i = 0; i < 64; i++) {
		__u32 d = p[i] - '0';

		if (d < 10) {
			v = v * 10 + d;
		} else {
			sum += v;
			v = 0;
		}
	}
	sink = sum;
	return XDP_PASS;
}

SEC("xdp")
int base64(struct xdp_md *ctx)
{
	BODY(48);
	char out[64];
	__u64 sum = 0;

	for (int i = 0; i < 16; i++) {
		__u32 w = p[3 * i] << 16 | p[3 * i + 1] << 8 | p[3 * i + 2];

		out[4 * i] = digits[w >> 18 & 63];
		out[4 * i + 1] = digits[w >> 12 & 63];
		out[4 * i + 2] = digits[w >> 6 & 63];
		out[4 * i + 3] = digits[w & 63];
	}
	for (int i = 0; i < 64; i++)
		sum = sum * 7 + out[i];
	sink = sum;
	return XDP_PASS;
}

SEC("xdp")
int words(struct xdp_md *ctx)
{
	BODY(64);
	int inside = 0, n = 0;

	for (int i = 0; i < 64; i++) {
		int space = p[i] == ' ' || p[i] == '\r' || p[i] == '\n' || p[i] == '/';

		n += !space && !inside;
		inside = !space;
	}
	sink = n;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
