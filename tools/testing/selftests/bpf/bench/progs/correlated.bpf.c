// SPDX-License-Identifier: GPL-2.0
/*
 * Forty independent conditions in a row, each of which adds an amount of its own to two sums: 2^40
 * paths whose number no pruning by equal states brings down, and whose safety rests on none of
 * them: the index is masked at the end.
 */
#include "net.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[64]);
} table SEC(".maps");

/* The compiler must neither make a sum of selects of this nor know the amounts. */
#define COND(n)						\
	if (word & (1ULL << (n))) {			\
		a += (n) * 2654435761ULL % 997;		\
		asm volatile("" : "+r"(a));		\
	}						\
	asm volatile("" : "+r"(word));

#define COND4(n)	COND(n) COND(n + 1) COND(n + 2) COND(n + 3)
#define COND20(n)	COND4(n) COND4(n + 4) COND4(n + 8) COND4(n + 12) COND4(n + 16)

SEC("xdp")
int many_paths(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	__u64 *p = take(&c, 8), word, a = 0;
	__u32 zero = 0;
	__u8 *t = bpf_map_lookup_elem(&table, &zero);

	if (!p || !t)
		return XDP_PASS;
	word = *p;
	COND20(0)
	COND20(20)
	t[a & 63]++;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
