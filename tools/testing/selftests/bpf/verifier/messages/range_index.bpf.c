// SPDX-License-Identifier: GPL-2.0
/* An index out of a map is used without a check. */
// EXPECT: unbounded memory access, make sure to bounds check any such access|max value is outside of the allowed memory range
// EXPECT: bytes from the start, and the object has 64 bytes|nothing limits the offset of
// EXPECT: hint: Compare the very variable that is the index
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct ring {
	unsigned int next;
	unsigned int entry[15];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct ring);
} rings SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	int key = 0;
	struct ring *ring = bpf_map_lookup_elem(&rings, &key);

	if (!ring)
		return 0;
	ring->entry[ring->next] = skb->len;
	ring->next++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
