// SPDX-License-Identifier: GPL-2.0
/* The check is there, and the branches are the wrong way round. */
// EXPECT: invalid mem access 'scalar'
// EXPECT: is 0 (NULL) since insn
// EXPECT: hint: The pointer is NULL on this path
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, volatile long);
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	int key = skb->protocol;
	volatile long *n = bpf_map_lookup_elem(&counters, &key);

	if (n)
		return 0;
	*n += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
