// SPDX-License-Identifier: GPL-2.0
/* The check is there, and lets one too many through. */
// EXPECT: invalid access to map value, value_size=64 off=64 size=4
// EXPECT: max value is outside of the allowed memory range
// EXPECT: is 0 to 64 bytes from the start, and the object has 64 bytes
// EXPECT: if (i > 16)
// EXPECT: hint: Compare the very variable that is the index
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table {
	unsigned int slot[16];
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
	unsigned int i;
	int key = 0;

	t = bpf_map_lookup_elem(&tables, &key);
	if (!t)
		return 0;
	i = skb->mark;
	if (i > 16)
		return 0;
	return t->slot[i];
}

char LICENSE[] SEC("license") = "GPL";
