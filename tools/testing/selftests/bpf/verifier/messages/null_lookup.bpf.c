// SPDX-License-Identifier: GPL-2.0
/* What was looked up is used without asking whether it was there. */
// EXPECT: R0 invalid mem access 'map_value_or_null'
// EXPECT: is what bpf_map_lookup_elem() returned at insn
// EXPECT: hint: Right after the look-up: if (!value) return 0;
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	int key = skb->protocol & 3;
	long *n = bpf_map_lookup_elem(&counters, &key);

	*n += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
