// SPDX-License-Identifier: GPL-2.0
/* Many maps, many counters: one packet touches each kind of map. */
#include "net.h"

struct key5 {
	__be32 s, d;
	__be16 sp, dp;
	__u8 proto, pad[3];
};

struct val {
	__u64 packets, bytes, first, last;
};

#define MAP(name, kind, ktype, vtype, n)	\
struct {					\
	__uint(type, kind);			\
	__uint(max_entries, n);			\
	__type(key, ktype);			\
	__type(value, vtype);			\
} name SEC(".maps")

MAP(by_proto, BPF_MAP_TYPE_ARRAY, __u32, struct val, 256);
MAP(by_proto_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct val, 256);
MAP(by_src, BPF_MAP_TYPE_HASH, __be32, struct val, 4096);
MAP(by_dst, BPF_MAP_TYPE_PERCPU_HASH, __be32, struct val, 4096);
MAP(by_flow, BPF_MAP_TYPE_LRU_HASH, struct key5, struct val, 4096);
MAP(by_flow_cpu, BPF_MAP_TYPE_LRU_PERCPU_HASH, struct key5, struct val, 4096);
MAP(by_port, BPF_MAP_TYPE_HASH, __be16, struct val, 65536);
MAP(by_size, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 32);

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 64);
	__type(value, struct key5);
} fresh SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 64);
	__type(value, __u32);
} sizes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 4096);
	__uint(map_extra, 3);
	__type(value, __be32);
} known SEC(".maps");

static __fast void count(void *map, const void *key, __u32 len, __u64 now)
{
	struct val *v = bpf_map_lookup_elem(map, key), new;

	if (v) {
		v->packets++;
		v->bytes += len;
		v->last = now;
		return;
	}
	new.packets = 1;
	new.bytes = len;
	new.first = now;
	new.last = now;
	bpf_map_update_elem(map, key, &new, BPF_ANY);
}

SEC("tc")
int count_all(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	__u64 now = bpf_ktime_get_ns(), *n;
	__u32 proto, slot, len = skb->len;
	struct key5 key = {};
	struct iphdr *ip;
	__be16 *ports;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return TC_OK;
	proto = ip->protocol;
	key.s = ip->saddr;
	key.d = ip->daddr;
	key.proto = proto;
	ports = take(&c, 4);
	if (ports && (proto == PROTO_TCP || proto == PROTO_UDP)) {
		key.sp = ports[0];
		key.dp = ports[1];
	}
	count(&by_proto, &proto, len, now);
	count(&by_proto_cpu, &proto, len, now);
	count(&by_src, &key.s, len, now);
	count(&by_dst, &key.d, len, now);
	count(&by_flow, &key, len, now);
	count(&by_flow_cpu, &key, len, now);
	count(&by_port, &key.dp, len, now);
	slot = len >> 6;
	n = bpf_map_lookup_elem(&by_size, &slot);
	if (n)
		*n += 1;
	if (bpf_map_peek_elem(&known, &key.s)) {
		bpf_map_push_elem(&known, &key.s, BPF_ANY);
		bpf_map_push_elem(&fresh, &key, BPF_EXIST);
	}
	bpf_map_push_elem(&sizes, &len, BPF_EXIST);
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
