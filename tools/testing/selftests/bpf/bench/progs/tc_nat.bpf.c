// SPDX-License-Identifier: GPL-2.0
/* Service addresses rewritten in tc: destination on the way in, source on the way back. */
#include "net.h"

struct tuple {
	__be32 saddr, daddr;
	__be16 sport, dport;
	__u32 proto;
};

struct backend {
	__be32 addr;
	__be16 port;
	__u16 weight;
};

struct service {
	__u32 first;
	__u32 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tuple);
	__type(value, struct backend);
} sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tuple);
	__type(value, __u64);
} reverse SEC(".maps");

#define OFF_IP		ETH_HLEN
#define OFF_L4		(ETH_HLEN + sizeof(struct iphdr))
#define OFF_CHECK	(OFF_IP + offsetof(struct iphdr, check))

static __fast int read_tuple(struct __sk_buff *skb, struct tuple *t)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth;
	struct iphdr *ip;
	__be16 *port;

	if (c.pos + OFF_L4 + 8 > c.end) {
		if (bpf_skb_pull_data(skb, OFF_L4 + 8))
			return -1;
		c = skb_cursor(skb);
	}
	eth = take(&c, sizeof(*eth));
	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return -1;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5 || ip->frag_off & bpf_htons(IP_MORE | IP_OFFSET_MASK))
		return -1;
	if (ip->protocol != PROTO_TCP && ip->protocol != PROTO_UDP)
		return -1;
	port = take(&c, 4);
	if (!port)
		return -1;
	t->saddr = ip->saddr;
	t->daddr = ip->daddr;
	t->sport = port[0];
	t->dport = port[1];
	t->proto = ip->protocol;
	return 0;
}

static __sub int rewrite(struct __sk_buff *skb, __u32 addr_off, __u32 port_off, __u64 old,
			 __u64 new)
{
	__be32 from = old, to = new;
	__be16 pfrom = old >> 32, pto = new >> 32;
	__u8 proto;
	__u32 check;
	int flags;

	if (bpf_skb_load_bytes(skb, OFF_IP + offsetof(struct iphdr, protocol), &proto, 1))
		return TC_SHOT;
	if (proto == PROTO_TCP) {
		check = OFF_L4 + offsetof(struct tcphdr, check);
		flags = 0;
	} else {
		check = OFF_L4 + offsetof(struct udphdr, check);
		flags = BPF_F_MARK_MANGLED_0;
	}
	if (bpf_l4_csum_replace(skb, check, from, to, flags | BPF_F_PSEUDO_HDR | 4) ||
	    bpf_l4_csum_replace(skb, check, pfrom, pto, flags | 2) ||
	    bpf_l3_csum_replace(skb, OFF_CHECK, from, to, 4) ||
	    bpf_skb_store_bytes(skb, addr_off, &to, 4, 0) ||
	    bpf_skb_store_bytes(skb, port_off, &pto, 2, 0))
		return TC_SHOT;
	return TC_OK;
}

SEC("tc")
int nat_in(struct __sk_buff *skb)
{
	struct backend *be, chosen;
	struct service *svc;
	struct tuple t = {}, back = {};
	__u64 key;
	__u32 slot;

	if (read_tuple(skb, &t))
		return TC_OK;
	be = bpf_map_lookup_elem(&sessions, &t);
	if (be) {
		chosen = *be;
	} else {
		key = (__u64)t.proto << 48 | (__u64)t.dport << 32 | t.daddr;
		svc = bpf_map_lookup_elem(&services, &key);
		if (!svc || !svc->count)
			return TC_OK;
		slot = svc->first + bpf_get_prandom_u32() % svc->count;
		be = bpf_map_lookup_elem(&backends, &slot);
		if (!be || !be->port)
			return TC_SHOT;
		chosen = *be;
		bpf_map_update_elem(&sessions, &t, &chosen, BPF_ANY);
		back.saddr = chosen.addr;
		back.daddr = t.saddr;
		back.sport = chosen.port;
		back.dport = t.sport;
		back.proto = t.proto;
		key = (__u64)t.dport << 32 | t.daddr;
		bpf_map_update_elem(&reverse, &back, &key, BPF_ANY);
	}
	return rewrite(skb, OFF_IP + offsetof(struct iphdr, daddr), OFF_L4 + 2,
		       (__u64)t.dport << 32 | t.daddr, (__u64)chosen.port << 32 | chosen.addr);
}

SEC("tc")
int nat_out(struct __sk_buff *skb)
{
	struct tuple t = {};
	__u64 *orig;

	if (read_tuple(skb, &t))
		return TC_OK;
	orig = bpf_map_lookup_elem(&reverse, &t);
	if (!orig)
		return TC_OK;
	return rewrite(skb, OFF_IP + offsetof(struct iphdr, saddr), OFF_L4,
		       (__u64)t.sport << 32 | t.saddr, *orig);
}

char _license[] SEC("license") = "GPL";
