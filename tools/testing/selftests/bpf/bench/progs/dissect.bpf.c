// SPDX-License-Identifier: GPL-2.0
/*
 * A dissector: two VLAN tags, MPLS, IPv4 with options, IPv6 with extension headers, and tunnels
 * (GRE, VXLAN, IP in IP) down to two levels; flows are counted by the innermost addresses.
 */
#include "net.h"

#define MAX_EXT		6
#define MAX_VLAN	2
#define MAX_MPLS	4

struct flow {
	__be32 src[4];
	__be32 dst[4];
	__be16 sport;
	__be16 dport;
	__u16 vlan[MAX_VLAN];
	__u32 vni;
	__u8 family;
	__u8 proto;
	__u8 frag;
	__u8 depth;
};

struct totals {
	__u64 packets;
	__u64 bytes;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow);
	__type(value, struct totals);
} flows SEC(".maps");

static __fast __be16 link_layer(struct cursor *c, struct flow *f)
{
	struct ethhdr *eth = take(c, sizeof(*eth));
	__be16 proto;

	if (!eth)
		return 0;
	proto = eth->h_proto;
	for (int i = 0; i < MAX_VLAN; i++) {
		struct vlan_tag *tag;

		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		tag = take(c, sizeof(*tag));
		if (!tag)
			return 0;
		f->vlan[i] = bpf_ntohs(tag->tci) & 0xfff;
		proto = tag->proto;
	}
	if (proto == bpf_htons(ETH_P_MPLS_UC)) {
		for (int i = 0; i < MAX_MPLS; i++) {
			__be32 *label = take(c, 4);
			__u8 *first;

			if (!label)
				return 0;
			if (!(*label & bpf_htonl(0x100)))
				continue;
			first = c->pos;
			if (first + 1 > (__u8 *)c->end)
				return 0;
			return *first >> 4 == 6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
		}
		return 0;
	}
	return proto;
}

static __fast int v4(struct cursor *c, struct flow *f)
{
	struct iphdr *ip = take(c, sizeof(*ip));

	if (!ip || ip->version != 4 || skip_options(c, ip->ihl))
		return -1;
	f->family = 4;
	f->src[0] = ip->saddr;
	f->dst[0] = ip->daddr;
	__builtin_memset(f->src + 1, 0, 12);
	__builtin_memset(f->dst + 1, 0, 12);
	f->frag = !!(ip->frag_off & bpf_htons(IP_MORE | IP_OFFSET_MASK));
	f->proto = ip->protocol;
	return ip->frag_off & bpf_htons(IP_OFFSET_MASK) ? -1 : 0;
}

static __fast int v6(struct cursor *c, struct flow *f)
{
	struct ipv6hdr *ip = take(c, sizeof(*ip));
	struct opt_head *ext;
	__u8 next;

	if (!ip || ip->version != 6)
		return -1;
	f->family = 6;
	__builtin_memcpy(f->src, &ip->saddr, 16);
	__builtin_memcpy(f->dst, &ip->daddr, 16);
	next = ip->nexthdr;
	for (int i = 0; i < MAX_EXT; i++) {
		__u32 more;

		switch (next) {
		case PROTO_HOPOPTS:
		case PROTO_ROUTING:
		case PROTO_DSTOPTS:
			ext = take(c, sizeof(*ext));
			if (!ext)
				return -1;
			more = ext->len * 8 + 6;
			break;
		case PROTO_AH:
			ext = take(c, sizeof(*ext));
			if (!ext)
				return -1;
			more = ext->len * 4 + 6;
			break;
		case PROTO_FRAGMENT:
			ext = take(c, 8);
			if (!ext)
				return -1;
			f->frag = 1;
			if (((__be16 *)ext)[1] & bpf_htons(0xfff8))
				return -1;
			more = 0;
			break;
		default:
			f->proto = next;
			return 0;
		}
		next = ext->next;
		if (!take(c, more))
			return -1;
	}
	return -1;
}

/* Steps over a tunnel's header. Returns the inner protocol as in Ethernet, or 0 for none. */
static __fast __be16 tunnel(struct cursor *c, struct flow *f)
{
	struct vxlan_head *vx;
	struct gre_head *gre;
	struct udphdr *udp;
	__be16 proto, flags;

	switch (f->proto) {
	case PROTO_IPIP:
		return bpf_htons(ETH_P_IP);
	case PROTO_IPV6:
		return bpf_htons(ETH_P_IPV6);
	case PROTO_GRE:
		gre = take(c, sizeof(*gre));
		if (!gre)
			return 0;
		flags = gre->flags;
		proto = gre->proto;
		if (flags & bpf_htons(0x8000) && !take(c, 4))
			return 0;
		if (flags & bpf_htons(0x2000)) {
			__be32 *key = take(c, 4);

			if (!key)
				return 0;
			f->vni = bpf_ntohl(*key);
		}
		if (flags & bpf_htons(0x1000) && !take(c, 4))
			return 0;
		return proto == bpf_htons(ETH_P_TEB) ? link_layer(c, f) : proto;
	case PROTO_UDP:
		udp = take(c, sizeof(*udp));
		if (!udp)
			return 0;
		f->sport = udp->source;
		f->dport = udp->dest;
		if (udp->dest != bpf_htons(4789))
			return 0;
		vx = take(c, sizeof(*vx));
		if (!vx)
			return 0;
		f->vni = bpf_ntohl(vx->vni) >> 8;
		return link_layer(c, f);
	}
	return 0;
}

SEC("xdp")
int dissect(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct totals *t, fresh = {};
	struct flow f = {};
	__be16 proto = link_layer(&c, &f);

	for (int depth = 0; depth < 3; depth++) {
		f.depth = depth;
		if (proto == bpf_htons(ETH_P_IP)) {
			if (v4(&c, &f))
				break;
		} else if (proto == bpf_htons(ETH_P_IPV6)) {
			if (v6(&c, &f))
				break;
		} else {
			break;
		}
		proto = tunnel(&c, &f);
		if (!proto)
			break;
	}
	if (f.proto == PROTO_TCP && !f.frag) {
		struct tcphdr *tcp = take(&c, sizeof(*tcp));

		if (tcp) {
			f.sport = tcp->source;
			f.dport = tcp->dest;
		}
	}
	if (!f.family)
		return XDP_PASS;
	t = bpf_map_lookup_elem(&flows, &f);
	if (!t) {
		fresh.packets = 1;
		fresh.bytes = ctx->data_end - ctx->data;
		fresh.last = bpf_ktime_get_ns();
		bpf_map_update_elem(&flows, &f, &fresh, BPF_NOEXIST);
		return XDP_PASS;
	}
	t->packets++;
	t->bytes += ctx->data_end - ctx->data;
	t->last = bpf_ktime_get_ns();
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
