// SPDX-License-Identifier: GPL-2.0
/* Several programs, a subprogram, maps of many kinds and types for bpftool to print. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum colour { RED, GREEN = 5, BLUE };

struct inner {
	__u8 bytes[4];
	enum colour colour;
};

struct record {
	__u32 id;
	__s64 balance;
	char name[16];
	struct inner in;
	__u32 low : 4;
	__u32 high : 28;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct record);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

const volatile int limit = 1000;
int hits;

static __attribute__((noinline)) int weigh(struct __sk_buff *skb, int by)
{
	return skb->len * by + hits;
}

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct record *r = bpf_map_lookup_elem(&records, &key);

	hits++;
	if (r) {
		r->balance += weigh(skb, 3);
		if (r->balance > limit)
			r->in.colour = BLUE;
	}
	bpf_tail_call(skb, &jumps, 0);
	return 7;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	return 9;
}

SEC("socket")
int third(struct __sk_buff *skb)
{
	__u64 *p = bpf_ringbuf_reserve(&ring, 8, 0);

	if (p) {
		*p = skb->len;
		bpf_ringbuf_submit(p, 0);
	}
	return skb->len;
}

char _license[] SEC("license") = "GPL";
