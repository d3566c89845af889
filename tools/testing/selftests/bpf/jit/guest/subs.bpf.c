// SPDX-License-Identifier: GPL-2.0
/* A program with a subprogram, lines, and a constant that is easily found in an image. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sum;

static __noinline int half(__u32 x)
{
	return x / 2;
}

SEC("tc")
int whole(struct __sk_buff *skb)
{
	sum += 0x5ca1ab1e;
	return half(skb->len) + 1;
}

char _license[] SEC("license") = "GPL";
