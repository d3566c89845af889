// SPDX-License-Identifier: GPL-2.0
/* A signed index is checked at one end. */
// EXPECT: math between map_value pointer and register with unbounded min value is not allowed
// EXPECT: may be as small as -
// EXPECT: hint: Make the index an unsigned variable, or compare it with 0, too
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table {
	long slot[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct table);
} tables SEC(".maps");

SEC("tc")
int get(struct __sk_buff *skb)
{
	struct table *t;
	int key = 0, i;

	t = bpf_map_lookup_elem(&tables, &key);
	if (!t)
		return 0;
	i = skb->mark;
	if (i >= 16)
		return 0;
	return t->slot[i];
}

char LICENSE[] SEC("license") = "GPL";
