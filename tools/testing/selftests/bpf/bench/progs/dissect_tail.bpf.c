// SPDX-License-Identifier: GPL-2.0
/* A dissector as a chain of tail calls, one program a protocol, with its notes in skb->cb. */
#include "net.h"

enum { STEP_VLAN, STEP_V4, STEP_V6, STEP_TCP, STEP_UDP, STEP_GRE, STEP_DONE, STEPS };

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STEPS);
	__type(key, __u32);
	__type(value, __u32);
} steps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} protos SEC(".maps");

/* cb[0]: offset; cb[1]: hash; cb[2]: protocol */
static __fast int go(struct __sk_buff *skb, __u32 step)
{
	bpf_tail_call(skb, &steps, step);
	return TC_OK;
}

static __fast int by_ether(struct __sk_buff *skb, __be16 proto)
{
	switch (bpf_ntohs(proto)) {
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		return go(skb, STEP_VLAN);
	case ETH_P_IP:
		return go(skb, STEP_V4);
	case ETH_P_IPV6:
		return go(skb, STEP_V6);
	}
	return go(skb, STEP_DONE);
}

static __fast int by_ip(struct __sk_buff *skb, __u8 proto)
{
	skb->cb[2] = proto;
	switch (proto) {
	case PROTO_TCP:
		return go(skb, STEP_TCP);
	case PROTO_UDP:
		return go(skb, STEP_UDP);
	case PROTO_GRE:
		return go(skb, STEP_GRE);
	case PROTO_IPIP:
		return go(skb, STEP_V4);
	case PROTO_IPV6:
		return go(skb, STEP_V6);
	}
	return go(skb, STEP_DONE);
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	__be16 proto;

	if (bpf_skb_load_bytes(skb, 12, &proto, 2))
		return TC_OK;
	skb->cb[0] = ETH_HLEN;
	skb->cb[1] = skb->ifindex;
	return by_ether(skb, proto);
}

SEC("tc")
int vlan(struct __sk_buff *skb)
{
	struct vlan_tag tag;

	if (bpf_skb_load_bytes(skb, skb->cb[0], &tag, sizeof(tag)))
		return TC_OK;
	skb->cb[0] += sizeof(tag);
	skb->cb[1] = mix3(skb->cb[1], tag.tci, 1);
	return by_ether(skb, tag.proto);
}

SEC("tc")
int ipv4(struct __sk_buff *skb)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, skb->cb[0], &ip, sizeof(ip)) || ip.ihl < 5)
		return TC_OK;
	skb->cb[0] += ip.ihl * 4;
	skb->cb[1] = mix3(skb->cb[1], ip.saddr, ip.daddr);
	return by_ip(skb, ip.protocol);
}

SEC("tc")
int ipv6(struct __sk_buff *skb)
{
	struct ipv6hdr ip;
	__u32 h = skb->cb[1];

	if (bpf_skb_load_bytes(skb, skb->cb[0], &ip, sizeof(ip)))
		return TC_OK;
	skb->cb[0] += sizeof(ip);
#pragma unroll
	for (int i = 0; i < 4; i++)
		h = mix3(h, ip.saddr.in6_u.u6_addr32[i], ip.daddr.in6_u.u6_addr32[i]);
	skb->cb[1] = h;
	return by_ip(skb, ip.nexthdr);
}

SEC("tc")
int ports(struct __sk_buff *skb)
{
	__u32 ports;

	if (bpf_skb_load_bytes(skb, skb->cb[0], &ports, 4))
		return TC_OK;
	skb->cb[1] = mix3(skb->cb[1], ports, skb->cb[2]);
	return go(skb, STEP_DONE);
}

SEC("tc")
int gre(struct __sk_buff *skb)
{
	struct gre_head head;
	__u32 len = sizeof(head);

	if (bpf_skb_load_bytes(skb, skb->cb[0], &head, sizeof(head)))
		return TC_OK;
	len += head.flags & bpf_htons(0x8000) ? 4 : 0;
	len += head.flags & bpf_htons(0x2000) ? 4 : 0;
	len += head.flags & bpf_htons(0x1000) ? 4 : 0;
	skb->cb[0] += len;
	return by_ether(skb, head.proto);
}

SEC("tc")
int done(struct __sk_buff *skb)
{
	__u32 key = skb->cb[2] & 0xff;
	__u64 *n = bpf_map_lookup_elem(&protos, &key);

	if (n)
		*n += 1;
	skb->mark = skb->cb[1];
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
