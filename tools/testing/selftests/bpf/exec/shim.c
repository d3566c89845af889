// SPDX-License-Identifier: GPL-2.0
#include "shim.h"

int shim_warnings;
long shim_fail_alloc, shim_live, shim_cpu_offset;
bool shim_capable = true;
struct task_struct shim_task;

static u32 rol(u32 x, int n)
{
	return x << n | x >> (32 - n);
}

void sha1_init(u32 *digest)
{
	static const u32 start[SHA1_DIGEST_WORDS] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};

	memcpy(digest, start, sizeof(start));
}

/* FIPS 180-4, 6.1.2 */
void sha1_transform(u32 *digest, const void *data, u32 *work)
{
	u32 w[80], a = digest[0], b = digest[1], c = digest[2], d = digest[3], e = digest[4];
	int t;

	memcpy(w, data, 64);
	for (t = 0; t < 80; t++) {
		u32 f, k, tmp;

		w[t] = t < 16 ? __builtin_bswap32(w[t]) :
		       rol(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
		if (t < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (t < 40) {
			f = b ^ c ^ d;
			k = 0x6ed9eba1;
		} else if (t < 60) {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		} else {
			f = b ^ c ^ d;
			k = 0xca62c1d6;
		}
		tmp = rol(a, 5) + f + e + w[t] + k;
		e = d;
		d = c;
		c = rol(b, 30);
		b = a;
		a = tmp;
	}
	digest[0] += a;
	digest[1] += b;
	digest[2] += c;
	digest[3] += d;
	digest[4] += e;
}
