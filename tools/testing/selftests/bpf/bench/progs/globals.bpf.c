// SPDX-License-Identifier: GPL-2.0
/*
 * Global functions, verified on their own: scalars, a context, pointers to structs and to memory.
 */
#include "net.h"

struct point {
	__s32 x, y;
};

struct stats {
	__u64 n, sum, min, max;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct stats);
} all SEC(".maps");

__u64 total;
const volatile __u32 scale = 3;

__sub __u32 weight(__u32 a, __u32 b)
{
	__u32 r = 0;

	for (__u32 i = 0; i < 64; i++) {
		if ((a >> (i & 31)) & 1)
			r += b ^ i;
	}
	return r * scale;
}

__sub int area(struct point *p)
{
	if (!p)
		return 0;
	return p->x * p->y;
}

__sub int note(struct stats *s, __u64 v)
{
	if (!s)
		return -1;
	s->n++;
	s->sum += v;
	if (!s->min || v < s->min)
		s->min = v;
	if (v > s->max)
		s->max = v;
	return 0;
}

__sub int parse(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return -1;
	ip = take(&c, sizeof(*ip));
	return ip ? ip->protocol : -1;
}

__sub int deep3(struct __sk_buff *skb, __u32 v)
{
	return parse(skb) + weight(v, skb->len);
}

__sub int deep2(struct __sk_buff *skb, __u32 v)
{
	return deep3(skb, v) + deep3(skb, v + 1);
}

__sub int deep1(struct __sk_buff *skb, __u32 v)
{
	return deep2(skb, v) + deep2(skb, v + 2);
}

SEC("tc")
int with_globals(struct __sk_buff *skb)
{
	struct point p = { skb->len, skb->ifindex };
	__u32 key = 0;
	struct stats *s = bpf_map_lookup_elem(&all, &key);
	int proto = parse(skb);

	if (proto < 0)
		return TC_OK;
	note(s, skb->len);
	total += area(&p);
	total += weight(skb->hash, proto);
	total += deep1(skb, skb->mark);
	skb->mark = total;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
