// SPDX-License-Identifier: GPL-2.0
/*
 * A firewall in XDP: block lists by prefix, an ordered rule list, and TCP options and flags that
 * no honest sender uses. Loops over headers are bounded, not unrolled.
 */
#include "net.h"

#define MAX_RULES	64
#define MAX_OPTIONS	40

struct prefix {
	__u32 len;
	__u8 addr[16];
};

struct rule {
	__be32 src, src_mask;
	__be32 dst, dst_mask;
	__u16 port_low, port_high;
	__u8 proto;
	__u8 action;
	__u16 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 100000);
	__type(key, struct prefix);
	__type(value, __u64);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_RULES);
	__type(key, __u32);
	__type(value, struct rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} reasons SEC(".maps");

enum { R_PASS, R_SHORT, R_FRAGMENT, R_BLOCKED, R_RULE, R_FLAGS, R_OPTION, R_EXT };

static __fast int verdict(__u32 why)
{
	__u64 *n = bpf_map_lookup_elem(&reasons, &why);

	if (n)
		*n += 1;
	return why == R_PASS ? XDP_PASS : XDP_DROP;
}

static __fast int bad_flags(const struct tcphdr *tcp)
{
	__u8 flags = ((const __u8 *)tcp)[13] & 0x3f;

	if (!flags || flags == 0x3f)
		return 1;
	if ((flags & 3) == 3 || (flags & 6) == 6)
		return 1;
	return (flags & 0x29) == 0x29;
}

/* Whether the options are well formed; the loop ends with the header or after 40 steps. */
static __fast int bad_options(struct cursor *c, __u32 left)
{
	for (int i = 0; i < MAX_OPTIONS; i++) {
		__u8 *kind, *len;

		if (!left)
			return 0;
		kind = take(c, 1);
		if (!kind)
			return 1;
		left--;
		if (*kind == 0)
			return 0;
		if (*kind == 1)
			continue;
		if (!left)
			return 1;
		len = take(c, 1);
		if (!len || *len < 2 || *len > 40)
			return 1;
		left--;
		if (*len - 2 > left)
			return 1;
		if (!take(c, *len - 2))
			return 1;
		left -= *len - 2;
	}
	return 0;
}

static __fast int by_rules(__be32 src, __be32 dst, __u16 port, __u8 proto)
{
	for (__u32 i = 0; i < MAX_RULES; i++) {
		__u32 key = i;
		struct rule *r = bpf_map_lookup_elem(&rules, &key);

		if (!r || !r->action)
			return 0;
		if (r->proto && r->proto != proto)
			continue;
		if ((src & r->src_mask) != r->src || (dst & r->dst_mask) != r->dst)
			continue;
		if (port < r->port_low || port > r->port_high)
			continue;
		return r->action == 2;
	}
	return 0;
}

static __fast int transport(struct cursor *c, __u8 proto, __be32 src, __be32 dst)
{
	__u16 port = 0;

	if (proto == PROTO_TCP) {
		struct tcphdr *tcp = take(c, sizeof(*tcp));
		__u32 options;

		if (!tcp)
			return R_SHORT;
		if (bad_flags(tcp))
			return R_FLAGS;
		port = bpf_ntohs(tcp->dest);
		options = tcp->doff * 4;
		hide(options);
		if (options < 20)
			return R_SHORT;
		if (bad_options(c, options - 20))
			return R_OPTION;
	} else if (proto == PROTO_UDP) {
		struct udphdr *udp = take(c, sizeof(*udp));

		if (!udp)
			return R_SHORT;
		port = bpf_ntohs(udp->dest);
	}
	return by_rules(src, dst, port, proto) ? R_RULE : R_PASS;
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct prefix p = { .len = 128 };
	__u64 *until;

	if (!eth)
		return verdict(R_SHORT);
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = take(&c, sizeof(*ip));

		if (!ip || skip_options(&c, ip->ihl))
			return verdict(R_SHORT);
		if (ip->frag_off & bpf_htons(IP_OFFSET_MASK | IP_MORE))
			return verdict(R_FRAGMENT);
		p.addr[10] = 0xff;
		p.addr[11] = 0xff;
		__builtin_memcpy(p.addr + 12, &ip->saddr, 4);
		until = bpf_map_lookup_elem(&blocked, &p);
		if (until && (!*until || *until > bpf_ktime_get_ns()))
			return verdict(R_BLOCKED);
		return verdict(transport(&c, ip->protocol, ip->saddr, ip->daddr));
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = take(&c, sizeof(*ip));
		__u8 next;

		if (!ip)
			return verdict(R_SHORT);
		__builtin_memcpy(p.addr, &ip->saddr, 16);
		until = bpf_map_lookup_elem(&blocked, &p);
		if (until && (!*until || *until > bpf_ktime_get_ns()))
			return verdict(R_BLOCKED);
		next = ip->nexthdr;
		for (int i = 0; i < 8; i++) {
			struct opt_head *ext;

			if (next != PROTO_HOPOPTS && next != PROTO_ROUTING && next != PROTO_DSTOPTS)
				return verdict(transport(&c, next, ip->saddr.in6_u.u6_addr32[3],
							 ip->daddr.in6_u.u6_addr32[3]));
			ext = take(&c, 8);
			if (!ext || !take(&c, ext->len * 8))
				return verdict(R_SHORT);
			next = ext->next;
		}
		return verdict(R_EXT);
	}
	return verdict(R_PASS);
}

char _license[] SEC("license") = "GPL";
