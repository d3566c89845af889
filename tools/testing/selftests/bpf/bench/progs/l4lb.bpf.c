// SPDX-License-Identifier: GPL-2.0
/*
 * A layer-4 load balancer in XDP: a service by address and port, a real server by a consistent
 * hash ring or by the flow's earlier choice, and IP-in-IP to it. IPv4 and IPv6.
 */
#include "net.h"

#define RING_SIZE	65537
#define MAX_VIPS	512
#define MAX_REALS	4096
#define F_NO_PORT	(1 << 0)
#define F_NO_LRU	(1 << 1)

struct vip_key {
	union {
		__be32 v4;
		__be32 v6[4];
	};
	__u16 port;
	__u8 proto;
	__u8 family;
};

struct vip_meta {
	__u32 flags;
	__u32 num;
};

struct flow_key {
	__be32 src[4];
	__be32 dst[4];
	__be16 sport;
	__be16 dport;
	__u8 proto;
	__u8 pad[3];
};

struct real {
	__be32 addr[4];
	__u32 v6;
};

struct choice {
	__u32 pos;
	__u64 used;
};

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_VIPS);
	__type(key, struct vip_key);
	__type(value, struct vip_meta);
} vips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8 * RING_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_REALS);
	__type(key, __u32);
	__type(value, struct real);
} reals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow_key);
	__type(value, struct choice);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_VIPS);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

const volatile __be32 own_v4 = 0x0100000a;
const volatile __u32 own_v6[4] = { 0x000000fd, 0, 0, 0x01000000 };

static __fast int ports(struct cursor *c, struct flow_key *flow)
{
	if (flow->proto == PROTO_TCP) {
		struct tcphdr *tcp = take(c, sizeof(*tcp));

		if (!tcp)
			return -1;
		flow->sport = tcp->source;
		flow->dport = tcp->dest;
		return tcp->syn && !tcp->ack;
	}
	if (flow->proto == PROTO_UDP) {
		struct udphdr *udp = take(c, sizeof(*udp));

		if (!udp)
			return -1;
		flow->sport = udp->source;
		flow->dport = udp->dest;
		return 0;
	}
	return -1;
}

static __fast __u32 flow_hash(const struct flow_key *f, int v6)
{
	__u32 h = mix3(f->src[0], f->dst[0], (__u32)f->sport << 16 | f->dport);

	if (v6) {
		h = mix3(h, f->src[1], f->dst[1]);
		h = mix3(h, f->src[2], f->dst[2]);
		h = mix3(h, f->src[3], f->dst[3]);
	}
	return mix3(h, f->proto, 0x5bd1e995);
}

static __fast struct real *pick(struct flow_key *flow, struct vip_meta *vip, int syn, int v6)
{
	struct choice *old, new = {};
	__u32 slot, *index;

	if (!(vip->flags & F_NO_LRU) && !syn) {
		old = bpf_map_lookup_elem(&flows, flow);
		if (old) {
			__u64 now = bpf_ktime_get_ns();

			if (flow->proto != PROTO_UDP || now - old->used < 30000000000ULL) {
				old->used = now;
				slot = old->pos;
				return bpf_map_lookup_elem(&reals, &slot);
			}
		}
	}
	if (vip->num >= 8)
		return 0;
	slot = vip->num * RING_SIZE + flow_hash(flow, v6) % RING_SIZE;
	index = bpf_map_lookup_elem(&rings, &slot);
	if (!index)
		return 0;
	new.pos = *index;
	if (!(vip->flags & F_NO_LRU)) {
		new.used = bpf_ktime_get_ns();
		bpf_map_update_elem(&flows, flow, &new, BPF_ANY);
	}
	slot = new.pos;
	return bpf_map_lookup_elem(&reals, &slot);
}

static __fast int wrap_v4(struct xdp_md *ctx, const struct real *to, const __u8 *macs, __u16 inner,
			  __u8 proto)
{
	struct ethhdr *eth;
	struct iphdr *ip;
	struct cursor c;
	__u64 sum = 0;
	__u16 *word;
	__be32 dst = to->addr[0];

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_DROP;
	c = xdp_cursor(ctx);
	eth = take(&c, sizeof(*eth));
	ip = take(&c, sizeof(*ip));
	if (!eth || !ip)
		return XDP_DROP;
	__builtin_memcpy(eth->h_dest, macs + 6, 6);
	__builtin_memcpy(eth->h_source, macs, 6);
	eth->h_proto = bpf_htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = 0;
	ip->tot_len = bpf_htons(inner + sizeof(*ip));
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = proto;
	ip->check = 0;
	ip->saddr = own_v4;
	ip->daddr = dst;
	word = (__u16 *)ip;
#pragma unroll
	for (int i = 0; i < (int)sizeof(*ip) / 2; i++)
		sum += word[i];
	ip->check = fold(sum);
	return XDP_TX;
}

static __fast int wrap_v6(struct xdp_md *ctx, const struct real *to, const __u8 *macs, __u16 inner,
			  __u8 proto)
{
	struct ipv6hdr *ip;
	struct ethhdr *eth;
	struct cursor c;
	__u32 dst[4];

	__builtin_memcpy(dst, to->addr, sizeof(dst));
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_DROP;
	c = xdp_cursor(ctx);
	eth = take(&c, sizeof(*eth));
	ip = take(&c, sizeof(*ip));
	if (!eth || !ip)
		return XDP_DROP;
	__builtin_memcpy(eth->h_dest, macs + 6, 6);
	__builtin_memcpy(eth->h_source, macs, 6);
	eth->h_proto = bpf_htons(ETH_P_IPV6);
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->payload_len = bpf_htons(inner);
	ip->nexthdr = proto;
	ip->hop_limit = 64;
	for (int i = 0; i < 4; i++) {
		ip->saddr.in6_u.u6_addr32[i] = own_v6[i];
		ip->daddr.in6_u.u6_addr32[i] = dst[i];
	}
	return XDP_TX;
}

static __fast int balance(struct xdp_md *ctx, struct flow_key *flow, struct vip_key *key, int syn,
			  int v6, __u16 len)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct vip_meta *vip;
	struct count *count;
	struct real *to;
	__u8 macs[12];
	__u32 num;

	vip = bpf_map_lookup_elem(&vips, key);
	if (!vip) {
		key->port = 0;
		vip = bpf_map_lookup_elem(&vips, key);
		if (!vip)
			return XDP_PASS;
		if (!(vip->flags & F_NO_PORT))
			flow->dport = 0;
	}
	to = pick(flow, vip, syn, v6);
	if (!to)
		return XDP_DROP;
	num = vip->num;
	count = bpf_map_lookup_elem(&counts, &num);
	if (count) {
		count->packets++;
		count->bytes += len;
	}
	if (data + sizeof(macs) > end)
		return XDP_DROP;
	__builtin_memcpy(macs, data, sizeof(macs));
	if (to->v6)
		return wrap_v6(ctx, to, macs, len, v6 ? PROTO_IPV6 : PROTO_IPIP);
	return v6 ? XDP_DROP : wrap_v4(ctx, to, macs, len, PROTO_IPIP);
}

static __fast int from_v4(struct xdp_md *ctx, struct cursor *c)
{
	struct flow_key flow = {};
	struct vip_key key = {};
	struct iphdr *ip;
	__u16 len;
	int syn;

	ip = take(c, sizeof(*ip));
	if (!ip)
		return XDP_DROP;
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(IP_MORE | IP_OFFSET_MASK))
		return XDP_DROP;
	len = bpf_ntohs(ip->tot_len);
	flow.proto = ip->protocol;
	flow.src[0] = ip->saddr;
	flow.dst[0] = ip->daddr;
	syn = ports(c, &flow);
	if (syn < 0)
		return XDP_PASS;
	key.v4 = flow.dst[0];
	key.port = flow.dport;
	key.proto = flow.proto;
	key.family = 4;
	return balance(ctx, &flow, &key, syn, 0, len);
}

static __fast int from_v6(struct xdp_md *ctx, struct cursor *c)
{
	struct flow_key flow = {};
	struct vip_key key = {};
	struct ipv6hdr *ip;
	__u16 len;
	int syn;

	ip = take(c, sizeof(*ip));
	if (!ip)
		return XDP_DROP;
	len = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	flow.proto = ip->nexthdr;
	__builtin_memcpy(flow.src, &ip->saddr, 16);
	__builtin_memcpy(flow.dst, &ip->daddr, 16);
	syn = ports(c, &flow);
	if (syn < 0)
		return XDP_PASS;
	__builtin_memcpy(key.v6, flow.dst, 16);
	key.port = flow.dport;
	key.proto = flow.proto;
	key.family = 6;
	return balance(ctx, &flow, &key, syn, 1, len);
}

SEC("xdp")
int l4lb(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));

	if (!eth)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return from_v4(ctx, &c);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return from_v6(ctx, &c);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
