// SPDX-License-Identifier: GPL-2.0
/* Programs for tc: count by mark, drop ICMP, set a mark, and an action. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} marks SEC(".maps");

static __always_inline int is_icmp(struct __sk_buff *skb)
{
	__u8 proto = 0;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, protocol), &proto,
			       1))
		return 0;
	return proto == 1;
}

static __always_inline void count(__u32 mark)
{
	__u64 one = 1, *n = bpf_map_lookup_elem(&marks, &mark);

	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&marks, &mark, &one, BPF_ANY);
}

SEC("classifier/count")
int cls_count(struct __sk_buff *skb)
{
	if (is_icmp(skb))
		count(skb->mark);
	return TC_ACT_OK;
}

SEC("classifier/drop")
int cls_drop(struct __sk_buff *skb)
{
	return is_icmp(skb) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("classifier/mark")
int cls_mark(struct __sk_buff *skb)
{
	skb->mark = 42;
	return TC_ACT_UNSPEC;
}

/* Not direct action: says that it matches, and the action decides. */
SEC("classifier/match")
int cls_match(struct __sk_buff *skb)
{
	return is_icmp(skb) ? -1 : 0;
}

SEC("action/shot")
int act_shot(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
