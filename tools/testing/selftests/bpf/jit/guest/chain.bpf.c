// SPDX-License-Identifier: GPL-2.0
/* Tail calls whose array and index are constants, in a program and in a subprogram. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} slots SEC(".maps");

__u64 runs;
__u32 which;

SEC("tc")
int direct(struct __sk_buff *skb)
{
	runs++;
	bpf_tail_call_static(skb, &slots, 1);
	return 7;
}

/* The index is not known: looked up in the array. */
SEC("tc")
int indirect(struct __sk_buff *skb)
{
	runs++;
	bpf_tail_call(skb, &slots, which);
	return 7;
}

static __noinline int sub(struct __sk_buff *skb)
{
	int ret = 5;

	barrier_var(ret);
	bpf_tail_call_static(skb, &slots, 2);
	return ret;
}

/* What the target returns comes back here. */
SEC("tc")
int from_sub(struct __sk_buff *skb)
{
	runs++;
	return 100 + sub(skb);
}

/* Twice a round: 33 for both together. */
SEC("tc")
int twice(struct __sk_buff *skb)
{
	int ret;

	runs++;
	ret = sub(skb);
	return ret + sub(skb);
}

SEC("tc")
int one(struct __sk_buff *skb)
{
	return 1;
}

SEC("tc")
int two(struct __sk_buff *skb)
{
	return 2;
}

char _license[] SEC("license") = "GPL";
