// SPDX-License-Identifier: GPL-2.0
/*
 * Flows by address and port, found behind IPv6 extension headers, and the MSS among the options of
 * TCP: each header moves the cursor by a number of its own, in loops that are not unrolled, so that
 * there are many ways to come to the same place.
 * flags: -O1
 */
#include "net.h"

#define MAX_EXT		6
#define MAX_OPTIONS	20
#define TCP_HEADER	20
#define TCP_MAX_OPTIONS	40

#define TCPOPT_END	0
#define TCPOPT_NOOP	1
#define TCPOPT_MSS	2

char LICENSE[] SEC("license") = "GPL";

struct flow {
	__u8 addr[16];
	__u16 port;
	__u8 proto;
	__u8 pad;
};

struct count {
	__u64 packets;
	__u64 bytes;
};

struct place {
	void *pos;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct flow);
	__type(value, struct count);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} mss_of SEC(".maps");

static __always_inline int skip_extensions(struct place *c, void *end, __u8 next)
{
	for (int i = 0; i < MAX_EXT; i++) {
		struct ipv6_opt_hdr *h = c->pos;

		if ((void *)(h + 1) > end)
			return -1;
		switch (next) {
		case PROTO_HOPOPTS:
		case PROTO_ROUTING:
			c->pos = (char *)h + (h->hdrlen + 1) * 8;
			break;
		case PROTO_AH:
			c->pos = (char *)h + (h->hdrlen + 2) * 4;
			break;
		case PROTO_FRAGMENT:
			c->pos = (char *)h + 8;
			break;
		default:
			return next;
		}
		next = h->nexthdr;
	}
	return -1;
}

static __always_inline int find_mss(struct tcphdr *tcp, void *data_end, __u16 *mss)
{
	int len = tcp->doff * 4 - TCP_HEADER;
	__u8 *p = (void *)(tcp + 1), *end;

	if (len < 0 || len > TCP_MAX_OPTIONS)
		return -1;
	end = p + len;
	for (int i = 0; i < MAX_OPTIONS; i++) {
		if (p >= end || (void *)(p + 1) > data_end || *p == TCPOPT_END)
			return 0;
		if (*p == TCPOPT_NOOP) {
			p++;
			continue;
		}
		if ((void *)(p + 2) > data_end || p[1] < 2)
			return -1;
		if (*p == TCPOPT_MSS) {
			if ((void *)(p + 4) > data_end)
				return -1;
			*mss = bpf_ntohs(*(__u16 *)(p + 2));
			return 1;
		}
		p += p[1];
	}
	return 0;
}

static __always_inline int network(struct place *c, void *end, __u16 proto, struct flow *f)
{
	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = c->pos;
		int len;

		if ((void *)(ip + 1) > end)
			return -1;
		len = ip->ihl * 4;
		if (len < (int)sizeof(*ip) || c->pos + len > end)
			return -1;
		c->pos += len;
		__builtin_memcpy(f->addr, &ip->saddr, sizeof(ip->saddr));
		return ip->protocol;
	}
	if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = c->pos;

		if ((void *)(ip + 1) > end)
			return -1;
		c->pos = ip + 1;
		__builtin_memcpy(f->addr, &ip->saddr, sizeof(f->addr));
		return skip_extensions(c, end, ip->nexthdr);
	}
	return -1;
}

SEC("xdp")
int options(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	struct count *count, one = { 1, end - data };
	struct place c = { data };
	struct ethhdr *eth = data;
	struct flow f = {};
	__u16 mss = 0;
	__u64 *sum;
	__u32 i;
	int l4;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	c.pos = eth + 1;
	l4 = network(&c, end, eth->h_proto, &f);
	if (l4 < 0)
		return XDP_PASS;
	if (l4 == PROTO_TCP) {
		struct tcphdr *tcp = c.pos;

		if ((void *)(tcp + 1) > end)
			return XDP_DROP;
		f.port = tcp->dest;
		if (tcp->syn && find_mss(tcp, end, &mss) < 0)
			return XDP_DROP;
	} else if (l4 == PROTO_UDP) {
		struct udphdr *udp = c.pos;

		if ((void *)(udp + 1) > end)
			return XDP_DROP;
		f.port = udp->dest;
	}
	f.proto = l4;
	i = l4 & 15;
	sum = bpf_map_lookup_elem(&mss_of, &i);
	if (sum)
		*sum += mss;
	count = bpf_map_lookup_elem(&flows, &f);
	if (!count)
		return bpf_map_update_elem(&flows, &f, &one, BPF_NOEXIST) ? XDP_ABORTED : XDP_PASS;
	__sync_fetch_and_add(&count->packets, 1);
	__sync_fetch_and_add(&count->bytes, end - data);
	return XDP_PASS;
}
