// SPDX-License-Identifier: GPL-2.0
/* A pointer in a structure, a part of which is then copied in words. */
// EXPECT: invalid mem access 'scalar'
// EXPECT: a pointer on the stack is one only if all of its 8 bytes are stored and read at once
// EXPECT: hint: Do not copy or overwrite parts of a structure that holds a pointer
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct cursor {
	void *pos;
	int left;
};

SEC("tc")
int parse(struct __sk_buff *skb)
{
	volatile struct cursor c;
	volatile unsigned int *words = (void *)&c;
	struct __sk_buff *from;

	c.pos = skb;
	words[0] &= ~3u;
	from = c.pos;
	return from->len;
}

char LICENSE[] SEC("license") = "GPL";
