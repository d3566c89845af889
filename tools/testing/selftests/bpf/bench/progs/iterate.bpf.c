// SPDX-License-Identifier: GPL-2.0
/*
 * Open-coded iterators over numbers, nested, with early ways out; sums, primes, and a small sort.
 */
#include "net.h"

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

static __always_inline int each_next(struct bpf_iter_num *it, int *i)
{
	int *at = bpf_iter_num_next(it);

	if (at)
		*i = *at;
	return !!at;
}

#define each(i, from, to)								\
	for (struct bpf_iter_num it##i __attribute__((aligned(8),			\
						      cleanup(bpf_iter_num_destroy))),	\
	     *once##i __attribute__((unused)) =						\
		(bpf_iter_num_new(&it##i, (from), (to)), (void *)0);			\
	     each_next(&it##i, &i);)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32[256]);
} numbers SEC(".maps");

__u64 result;

SEC("tc")
int sums(struct __sk_buff *skb)
{
	__u64 sum = 0;
	int i = 0, j = 0;

	each(i, 0, 100) {
		sum += i;
		each(j, 0, 50) {
			sum ^= j * i;
			if (j > (int)(skb->len & 31))
				break;
		}
		if (sum > 1000000)
			break;
	}
	result = sum;
	return TC_OK;
}

SEC("tc")
int sort(struct __sk_buff *skb)
{
	__u32 zero = 0, *v = bpf_map_lookup_elem(&numbers, &zero), t;
	int i = 0, j = 0;

	if (!v)
		return TC_OK;
	each(i, 0, 255) {
		v[255] = i;
		each(j, 0, 254) {
			__u32 k = j;

			if (k >= 254)
				break;
			if (v[k] > v[k + 1]) {
				t = v[k];
				v[k] = v[k + 1];
				v[k + 1] = t;
			}
		}
	}
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
