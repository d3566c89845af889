// SPDX-License-Identifier: GPL-2.0
/* A pointer is kept in a map, and used when it comes back. */
// EXPECT: invalid mem access 'scalar'
// EXPECT: was read from a map's value by insn
// EXPECT: hint: An address kept in a map is only a number when it is read back
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session {
	struct __sk_buff *skb;
	long packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, int);
	__type(value, struct session);
} sessions SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	int key = 1;
	struct session *s = bpf_map_lookup_elem(&sessions, &key);

	if (!s)
		return 0;
	s->packets++;
	return s->skb->len;
}

char LICENSE[] SEC("license") = "GPL";
