// SPDX-License-Identifier: GPL-2.0
/* Programs for forward.c. The port of a UDP packet says what becomes of it. */
#include "net/net.bpf.h"
#include "forward.h"

#define AF_INET 2

struct globals g;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

/* As udp_port(), over IPv6 as well. */
static __always_inline __u32 port_of(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = data + sizeof(*eth);
	struct udphdr *udp = (void *)(ip6 + 1);

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IPV6) ||
	    ip6->nexthdr != IPPROTO_UDP)
		return udp_port(data, end);
	return bpf_ntohs(udp->dest);
}

SEC("tc")
int tc_forward(struct __sk_buff *skb)
{
	struct bpf_redir_neigh hop = { .nh_family = AF_INET,
				       .ipv4_nh = bpf_htonl(0x0a020002) };
	__u32 port = port_of(DATA(skb), DATA_END(skb));

	if (port)
		count(skb->ifindex, port);
	switch (port) {
	case PORT_EGRESS:
	case PORT_LEAVING:
		return bpf_redirect(W1, 0);
	case PORT_INGRESS:
		return bpf_redirect(W1, BPF_F_INGRESS);
	case PORT_CLONE:
		count(AT_CLONE_ERR, -bpf_clone_redirect(skb, W1, 2));
		count(AT_CLONE_ERR, -bpf_clone_redirect(skb, 9999, 0));
		count(AT_CLONE_ERR, -bpf_clone_redirect(skb, W1, 0));
		return TC_ACT_OK;
	case PORT_CLONE_INGRESS:
		count(AT_CLONE_ERR, -bpf_clone_redirect(skb, W1, BPF_F_INGRESS));
		return TC_ACT_OK;
	case PORT_PEER:
		return bpf_redirect_peer(W1, 0);
	case PORT_NEIGH:
		return bpf_redirect_neigh(W1, NULL, 0, 0);
	case PORT_NEIGH_HOP:
		return bpf_redirect_neigh(W1, &hop, sizeof(hop), 0);
	case PORT_NO_DEV:
		return bpf_redirect(9999, 0);
	case PORT_BAD_FLAGS:
		return bpf_redirect(W1, 2);
	}
	return TC_ACT_OK;
}

SEC("tc")
int tc_count(struct __sk_buff *skb)
{
	__u32 port = port_of(DATA(skb), DATA_END(skb));

	if (port)
		count(skb->ifindex, port);
	return TC_ACT_OK;
}

/* ------------------------------------------------------------------ look-ups */

SEC("tc")
int tc_fib(struct __sk_buff *skb)
{
	if (g.fib.plen == sizeof(g.fib.p))
		g.fib.ret = bpf_fib_lookup(skb, &g.fib.p, sizeof(g.fib.p), g.fib.flags);
	else
		g.fib.ret = bpf_fib_lookup(skb, &g.fib.p, sizeof(g.fib.p) - 1, g.fib.flags);
	return 0;
}

SEC("xdp")
int xdp_fib(struct xdp_md *ctx)
{
	g.fib.ret = bpf_fib_lookup(ctx, &g.fib.p, sizeof(g.fib.p), g.fib.flags);
	return XDP_PASS;
}

SEC("tc")
int tc_mtu(struct __sk_buff *skb)
{
	__u32 len = g.mtu.len;

	g.mtu.ret = bpf_check_mtu(skb, g.mtu.ifindex, &len, g.mtu.diff, g.mtu.flags);
	g.mtu.len = len;
	return 0;
}

SEC("xdp")
int xdp_mtu(struct xdp_md *ctx)
{
	__u32 len = g.mtu.len;

	g.mtu.ret = bpf_check_mtu(ctx, g.mtu.ifindex, &len, g.mtu.diff, g.mtu.flags);
	g.mtu.len = len;
	return XDP_PASS;
}

/* ------------------------------------------------------------------ tunnels */

SEC("tc")
int tc_tunnel_set(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = { .tunnel_id = 42, .tunnel_ttl = 64, .tunnel_tos = 4 };

	/* Options belong to a key. */
	if (bpf_skb_set_tunnel_opt(skb, g.tunnel.opt, 8) != -22)
		count(AT_WRONG, 1);
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 1ULL << 20) != -22)
		count(AT_WRONG, 2);
	if (bpf_skb_set_tunnel_key(skb, &key, 5, 0) != -22)
		count(AT_WRONG, 3);
	key.tunnel_ext = 1;
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 0) != -22)
		count(AT_WRONG, 4);
	key.tunnel_ext = 0;
	if (g.tunnel.set_flags & BPF_F_TUNINFO_IPV6)
		__builtin_memcpy(key.remote_ipv6, g.tunnel.remote_ip6, 16);
	else
		key.remote_ipv4 = g.tunnel.remote_ip4;
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), g.tunnel.set_flags))
		count(AT_WRONG, 5);
	if (g.tunnel.opt_len) {
		if (bpf_skb_set_tunnel_opt(skb, g.tunnel.opt, 7) != -22)
			count(AT_WRONG, 6);
		if (bpf_skb_set_tunnel_opt(skb, g.tunnel.opt, 8))
			count(AT_WRONG, 7);
	}
	count(AT_SET, 0);
	return TC_ACT_OK;
}

SEC("tc")
int tc_tunnel_get(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key;
	__u8 opt[16];

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), g.tunnel.get_flags)) {
		count(AT_WRONG, 10);
		return TC_ACT_OK;
	}
	g.tunnel.key = key;
	/* The other family, a size that never was, an unknown flag. */
	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), g.tunnel.get_flags ^ 1) != -71)
		count(AT_WRONG, 11);
	if (bpf_skb_get_tunnel_key(skb, &key, 7, g.tunnel.get_flags) != -22)
		count(AT_WRONG, 12);
	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 1 << 10) != -22)
		count(AT_WRONG, 13);
	g.tunnel.opt_ret = bpf_skb_get_tunnel_opt(skb, opt, sizeof(opt));
	if (g.tunnel.opt_ret > 0) {
		if (bpf_skb_get_tunnel_opt(skb, opt, 4) != -12)
			count(AT_WRONG, 14);
		bpf_skb_get_tunnel_opt(skb, opt, sizeof(opt));
		__builtin_memcpy(g.tunnel.opt, opt, sizeof(opt));
	}
	count(AT_TUNNEL, 0);
	return TC_ACT_OK;
}

/* A packet that came by no tunnel. */
SEC("tc")
int tc_tunnel_none(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key;
	__u8 opt[16];

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0) != -22 || key.tunnel_id)
		return 1;
	return bpf_skb_get_tunnel_opt(skb, opt, sizeof(opt)) == -2 ? 0 : 2;
}

/* ------------------------------------------------------------------ samples */

static const __u64 meta = 0x1122334455667788;

#define ASKED(bytes) (BPF_F_CURRENT_CPU | (__u64)(bytes) << 32)

SEC("tc")
int tc_output(struct __sk_buff *skb)
{
	__u64 m = meta;

	if (bpf_perf_event_output(skb, &events, ASKED(skb->len + 1), &m, sizeof(m)) != -14)
		return 1;
	if (bpf_perf_event_output(skb, &events, ASKED(60) | 1ULL << 60, &m, sizeof(m)) != -22)
		return 2;
	return bpf_perf_event_output(skb, &events, ASKED(60), &m, sizeof(m)) ? 3 : 0;
}

SEC("xdp.frags")
int xdp_output(struct xdp_md *ctx)
{
	__u64 m = meta, len = bpf_xdp_get_buff_len(ctx);

	if (bpf_perf_event_output(ctx, &events, ASKED(len + 1), &m, sizeof(m)) != -14)
		return 101;
	return bpf_perf_event_output(ctx, &events, ASKED(len), &m, sizeof(m)) ? 102 : XDP_PASS;
}

/* ------------------------------------------------------------------ flow dissector */

SEC("flow_dissector")
int dissect(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	void *data = DATA(skb), *end = DATA_END(skb);
	__u32 thoff = keys->thoff;
	struct udphdr copy;
	struct iphdr *ip;

	if (keys->n_proto != bpf_htons(ETH_P_IP) || thoff > 0xffff - sizeof(*ip))
		return BPF_DROP;
	ip = data + thoff;
	if ((void *)(ip + 1) > end)
		return BPF_DROP;
	if (ip->protocol != IPPROTO_UDP)
		return BPF_FLOW_DISSECTOR_CONTINUE;
	if (bpf_skb_load_bytes(skb, keys->thoff + sizeof(*ip), &copy, sizeof(copy)))
		return BPF_DROP;
	count(AT_DISSECTOR, bpf_ntohs(copy.dest));
	keys->addr_proto = ETH_P_IP;
	keys->ipv4_src = ip->saddr;
	keys->ipv4_dst = ip->daddr;
	keys->ip_proto = ip->protocol;
	keys->sport = copy.source;
	keys->dport = copy.dest;
	keys->thoff += sizeof(*ip);
	if (keys->flags & BPF_FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL)
		keys->flow_label = 0x12345;
	return BPF_OK;
}

SEC("tc")
int tc_hash(struct __sk_buff *skb)
{
	if (udp_port(DATA(skb), DATA_END(skb)) != PORT_DISSECT)
		return TC_ACT_OK;
	bpf_set_hash_invalid(skb);
	if (!bpf_get_hash_recalc(skb))
		count(AT_WRONG, 20);
	return TC_ACT_OK;
}
