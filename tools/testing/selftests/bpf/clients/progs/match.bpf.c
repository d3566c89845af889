// SPDX-License-Identifier: GPL-2.0
/* Says which packets a rule of netfilter is for; they begin with the IP header there. */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} seen SEC(".maps");

SEC("socket")
int icmp(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *count;
	__u8 protocol;

	if (bpf_skb_load_bytes(skb, offsetof(struct iphdr, protocol), &protocol, 1) ||
	    protocol != IPPROTO_ICMP)
		return 0;
	count = bpf_map_lookup_elem(&seen, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

SEC("tc")
int other(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
