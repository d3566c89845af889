// SPDX-License-Identifier: GPL-2.0
/* Token buckets by source prefix, each under its spin lock, and pacing by departure times. */
#include "net.h"

struct bucket {
	struct bpf_spin_lock lock;
	__u32 drops;
	__u64 tokens;
	__u64 last;
};

struct pace {
	__u64 rate;
	__u64 next;
	__u64 horizon;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct pace);
} paces SEC(".maps");

const volatile __u64 rate = 1000000;
const volatile __u64 burst = 65536;

SEC("tc")
int limit(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct bucket *b, fresh = {};
	struct iphdr *ip;
	__u64 now, fill;
	__u32 key;
	int verdict = TC_OK;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return TC_OK;
	key = ip->saddr & bpf_htonl(0xffffff00);
	b = bpf_map_lookup_elem(&buckets, &key);
	now = bpf_ktime_get_ns();
	if (!b) {
		fresh.tokens = burst;
		fresh.last = now;
		bpf_map_update_elem(&buckets, &key, &fresh, BPF_NOEXIST);
		return TC_OK;
	}
	bpf_spin_lock(&b->lock);
	fill = b->tokens + (now - b->last) * rate / 1000000000;
	if (fill > burst)
		fill = burst;
	b->last = now;
	if (fill < skb->len) {
		b->drops++;
		verdict = TC_SHOT;
	} else {
		fill -= skb->len;
	}
	b->tokens = fill;
	bpf_spin_unlock(&b->lock);
	return verdict;
}

SEC("tc")
int pace(struct __sk_buff *skb)
{
	__u32 key = skb->mark ? skb->mark : skb->priority;
	struct pace *p = bpf_map_lookup_elem(&paces, &key);
	__u64 now, delay, next;

	if (!p || !p->rate)
		return TC_OK;
	now = bpf_ktime_get_ns();
	delay = (__u64)skb->wire_len * 1000000000 / p->rate;
	next = p->next;
	if (next <= now) {
		p->next = now + delay;
		return TC_OK;
	}
	if (next - now >= p->horizon)
		return TC_SHOT;
	p->next = next + delay;
	skb->tstamp = next;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
