// SPDX-License-Identifier: GPL-2.0
/*
 * Policy in tc: identities of addresses from longest-prefix tables, then rules in an inner map of
 * the endpoint, from the most to the least specific; verdicts are counted and may be reported.
 */
#include "net.h"

struct lpm4 {
	__u32 len;
	__be32 addr;
};

struct lpm6 {
	__u32 len;
	__be32 addr[4];
};

struct rule_key {
	__u32 identity;
	__be16 dport;
	__u8 proto;
	__u8 egress;
};

struct rule {
	__u16 proxy;
	__u8 deny;
	__u8 wildcard;
	__u64 packets;
	__u64 bytes;
};

struct report {
	__u32 from, to;
	__be16 dport;
	__u8 proto;
	__u8 verdict;
	__u32 len;
	__u64 when;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct lpm4);
	__type(value, __u32);
} ids4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct lpm6);
	__type(value, __u32);
} ids6 SEC(".maps");

struct rules {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rule_key);
	__type(value, struct rule);
} defaults SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 256);
	__type(key, __u32);
	__array(values, struct rules);
} endpoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} reports SEC(".maps");

static __sub __u32 id_of4(__be32 addr)
{
	struct lpm4 key = { 32, addr };
	__u32 *id = bpf_map_lookup_elem(&ids4, &key);

	return id ? *id : 2;
}

static __sub __u32 id_of6(const struct in6_addr *addr)
{
	struct lpm6 key = { .len = 128 };
	__u32 *id;

	if (!addr)
		return 0;
	__builtin_memcpy(key.addr, addr, 16);
	id = bpf_map_lookup_elem(&ids6, &key);
	return id ? *id : 2;
}

static __fast int allowed(void *rules, struct rule_key *key, __u32 len)
{
	__u32 identity = key->identity;
	struct rule *r;

#pragma unroll
	for (int step = 0; step < 4; step++) {
		struct rule_key k = *key;

		k.identity = step & 2 ? 0 : identity;
		if (step & 1) {
			k.dport = 0;
			k.proto = 0;
		}
		r = bpf_map_lookup_elem(rules, &k);
		if (r) {
			__sync_fetch_and_add(&r->packets, 1);
			__sync_fetch_and_add(&r->bytes, len);
			if (r->deny)
				return -1;
			return r->proxy;
		}
	}
	return -1;
}

static __fast int check(struct __sk_buff *skb, __u8 egress)
{
	struct cursor c = skb_cursor(skb);
	struct report rep = {};
	struct rule_key key = {};
	struct ethhdr *eth;
	__u32 from, to, ep = skb->ifindex;
	__be16 *port;
	void *rules;
	int verdict;

	eth = take(&c, sizeof(*eth));
	if (!eth)
		return TC_SHOT;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = take(&c, sizeof(*ip));

		if (!ip)
			return TC_SHOT;
		key.proto = ip->protocol;
		from = id_of4(ip->saddr);
		to = id_of4(ip->daddr);
		if (skip_options(&c, ip->ihl))
			return TC_SHOT;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = take(&c, sizeof(*ip));
		struct in6_addr src, dst;

		if (!ip)
			return TC_SHOT;
		key.proto = ip->nexthdr;
		src = ip->saddr;
		dst = ip->daddr;
		from = id_of6(&src);
		to = id_of6(&dst);
	} else {
		return eth->h_proto == bpf_htons(ETH_P_ARP) ? TC_OK : TC_SHOT;
	}
	if (key.proto == PROTO_TCP || key.proto == PROTO_UDP) {
		port = take(&c, 4);
		if (!port)
			return TC_SHOT;
		key.dport = port[1];
	}
	rules = bpf_map_lookup_elem(&endpoints, &ep);
	if (!rules)
		rules = &defaults;
	key.identity = egress ? to : from;
	key.egress = egress;
	verdict = allowed(rules, &key, skb->len);
	rep.from = from;
	rep.to = to;
	rep.dport = key.dport;
	rep.proto = key.proto;
	rep.verdict = verdict < 0;
	rep.len = skb->len;
	rep.when = bpf_ktime_get_ns();
	if (verdict < 0) {
		bpf_perf_event_output(skb, &reports,
				      (__u64)(skb->len < 128 ? skb->len : 128) << 32 |
				      BPF_F_CURRENT_CPU, &rep, sizeof(rep));
		return TC_SHOT;
	}
	if (verdict > 0)
		skb->mark = verdict << 16 | 0x200;
	return TC_OK;
}

SEC("tc")
int policy_in(struct __sk_buff *skb)
{
	return check(skb, 0);
}

SEC("tc")
int policy_out(struct __sk_buff *skb)
{
	return check(skb, 1);
}

char _license[] SEC("license") = "GPL";
