// SPDX-License-Identifier: GPL-2.0
/* Outer headers off in XDP: VLAN tags, IP in IP, GRE and VXLAN; what was there goes to metadata. */
#include "net.h"

struct meta {
	__u32 magic;
	__u32 vni;
	__u16 vlan;
	__u16 removed;
};

SEC("xdp")
int vlan_off(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth)), copy;
	struct vlan_tag *tag;
	struct meta *m;
	__u16 vid;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_8021Q))
		return XDP_PASS;
	tag = take(&c, sizeof(*tag));
	if (!tag)
		return XDP_DROP;
	vid = bpf_ntohs(tag->tci) & 0xfff;
	__builtin_memcpy(&copy, eth, sizeof(copy));
	copy.h_proto = tag->proto;
	if (bpf_xdp_adjust_head(ctx, sizeof(*tag)))
		return XDP_DROP;
	c = xdp_cursor(ctx);
	eth = take(&c, sizeof(*eth));
	if (!eth)
		return XDP_DROP;
	__builtin_memcpy(eth, &copy, sizeof(copy));
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*m)))
		return XDP_PASS;
	m = (void *)(long)ctx->data_meta;
	if ((void *)(m + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	m->magic = 0x6b627066;
	m->vni = 0;
	m->vlan = vid;
	m->removed = sizeof(*tag);
	return XDP_PASS;
}

/* Bytes to take off in front of the inner frame or packet; 0: leave the packet alone. */
static __fast int outer(struct cursor *c, __be16 proto, __be16 *inner, int *ether, __u32 *vni)
{
	void *start = c->pos;
	struct gre_head *gre;
	struct vxlan_head *vx;
	struct udphdr *udp;
	__u8 next;

	*ether = 0;
	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = take(c, sizeof(*ip));

		if (!ip || skip_options(c, ip->ihl))
			return 0;
		next = ip->protocol;
	} else if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = take(c, sizeof(*ip));

		if (!ip)
			return 0;
		next = ip->nexthdr;
	} else {
		return 0;
	}
	switch (next) {
	case PROTO_IPIP:
		*inner = bpf_htons(ETH_P_IP);
		break;
	case PROTO_IPV6:
		*inner = bpf_htons(ETH_P_IPV6);
		break;
	case PROTO_GRE:
		gre = take(c, sizeof(*gre));
		if (!gre || gre->flags)
			return 0;
		*inner = gre->proto;
		break;
	case PROTO_UDP:
		udp = take(c, sizeof(*udp));
		if (!udp || udp->dest != bpf_htons(4789))
			return 0;
		vx = take(c, sizeof(*vx));
		if (!vx)
			return 0;
		*vni = bpf_ntohl(vx->vni) >> 8;
		*ether = 1;
		break;
	default:
		return 0;
	}
	return c->pos - start;
}

SEC("xdp")
int tunnel_off(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth)), copy;
	__be16 inner = 0;
	__u32 vni = 0;
	int ether, len;

	if (!eth)
		return XDP_DROP;
	__builtin_memcpy(&copy, eth, sizeof(copy));
	len = outer(&c, eth->h_proto, &inner, &ether, &vni);
	if (len <= 0 || len > 200)
		return XDP_PASS;
	if (ether)
		return bpf_xdp_adjust_head(ctx, len + ETH_HLEN) ? XDP_DROP : XDP_PASS;
	if (bpf_xdp_adjust_head(ctx, len))
		return XDP_DROP;
	copy.h_proto = inner;
	c = xdp_cursor(ctx);
	eth = take(&c, sizeof(*eth));
	if (!eth)
		return XDP_DROP;
	__builtin_memcpy(eth, &copy, sizeof(copy));
	return XDP_PASS;
}

/* Reads what vlan_off left. */
SEC("tc")
int use_meta(struct __sk_buff *skb)
{
	struct meta *m = (void *)(long)skb->data_meta;

	if ((void *)(m + 1) > (void *)(long)skb->data)
		return TC_UNSPEC;
	if (m->magic != 0x6b627066)
		return TC_UNSPEC;
	skb->mark = m->vlan;
	if (m->removed && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), m->vlan))
		return TC_SHOT;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
