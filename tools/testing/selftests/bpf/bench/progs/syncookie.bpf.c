// SPDX-License-Identifier: GPL-2.0
/*
 * Connection attempts answered in XDP without state: a keyed hash (SipHash-2-4) of the flow and of
 * the minute is the sequence number of the SYN-ACK; an ACK that carries it back is let in.
 */
#include "net.h"

#define MSS_COUNT 4

struct secret {
	__u64 k0, k1;
	__u32 epoch;
	__u32 window;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct secret);
} secrets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u64);
} proven SEC(".maps");

static const __u16 mss_table[MSS_COUNT] = { 536, 1300, 1440, 1460 };

#define SIPROUND do {							\
	v0 += v1; v1 = rol64(v1, 13); v1 ^= v0; v0 = rol64(v0, 32);	\
	v2 += v3; v3 = rol64(v3, 16); v3 ^= v2;				\
	v0 += v3; v3 = rol64(v3, 21); v3 ^= v0;				\
	v2 += v1; v1 = rol64(v1, 17); v1 ^= v2; v2 = rol64(v2, 32);	\
} while (0)

static __fast __u32 keyed_hash(const struct secret *s, __u64 a, __u64 b)
{
	__u64 v0 = s->k0 ^ 0x736f6d6570736575ULL, v1 = s->k1 ^ 0x646f72616e646f6dULL;
	__u64 v2 = s->k0 ^ 0x6c7967656e657261ULL, v3 = s->k1 ^ 0x7465646279746573ULL;
	__u64 last = 16ULL << 56;

	v3 ^= a;
	SIPROUND; SIPROUND;
	v0 ^= a;
	v3 ^= b;
	SIPROUND; SIPROUND;
	v0 ^= b;
	v3 ^= last;
	SIPROUND; SIPROUND;
	v0 ^= last;
	v2 ^= 0xff;
	SIPROUND; SIPROUND; SIPROUND; SIPROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

static __fast __u32 cookie(const struct secret *s, const struct iphdr *ip, const struct tcphdr *tcp,
			   __u32 seq, __u32 epoch, __u32 mss)
{
	__u64 addrs = (__u64)ip->saddr << 32 | ip->daddr;
	__u64 rest = (__u64)tcp->source << 48 | (__u64)tcp->dest << 32 | (seq ^ epoch << 2 ^ mss);

	return (keyed_hash(s, addrs, rest) & ~0x1fU) | (epoch & 7) << 2 | mss;
}

/* The sender's maximum segment size as a place in the table. */
static __fast __u32 find_mss(struct cursor *c, __u32 left)
{
	__u32 mss = 536;
	__u32 best = 0;

	for (int i = 0; i < 12 && left; i++) {
		__u8 *kind = take(c, 1), *len;

		if (!kind || *kind == 0)
			break;
		left--;
		if (*kind == 1)
			continue;
		len = take(c, 1);
		if (!len || *len < 2 || !left)
			break;
		left--;
		if (*kind == 2 && *len == 4) {
			__be16 *v = take(c, 2);

			if (v)
				mss = bpf_ntohs(*v);
			break;
		}
		if (*len - 2 > left || *len > 40 || !take(c, *len - 2))
			break;
		left -= *len - 2;
	}
#pragma unroll
	for (__u32 i = 1; i < MSS_COUNT; i++)
		if (mss >= mss_table[i])
			best = i;
	return best;
}

static __fast void swap_ends(struct ethhdr *eth, struct iphdr *ip, struct tcphdr *tcp)
{
	__u8 mac[6];
	__be32 addr = ip->saddr;
	__be16 port = tcp->source;

	__builtin_memcpy(mac, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, eth->h_dest, 6);
	__builtin_memcpy(eth->h_dest, mac, 6);
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	tcp->source = tcp->dest;
	tcp->dest = port;
}

static __fast __u64 sum_words(const void *p, int bytes, __u64 sum)
{
	const __u16 *w = p;

#pragma unroll
	for (int i = 0; i < bytes / 2; i++)
		sum += w[i];
	return sum;
}

SEC("xdp")
int syn_guard(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx), options;
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct secret *s;
	struct tcphdr *tcp;
	struct iphdr *ip;
	__u32 zero = 0, seq, mss, epoch, want;
	__u64 flow, sum, now;
	__s64 trim;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5 || ip->protocol != PROTO_TCP)
		return XDP_PASS;
	tcp = take(&c, sizeof(*tcp));
	if (!tcp || tcp->doff < 5)
		return XDP_DROP;
	s = bpf_map_lookup_elem(&secrets, &zero);
	if (!s)
		return XDP_PASS;
	flow = (__u64)ip->saddr << 32 | (__u32)tcp->source << 16 | tcp->dest;
	now = bpf_ktime_get_ns();
	epoch = s->epoch;
	seq = bpf_ntohl(tcp->seq);
	if (tcp->ack && !tcp->syn && !tcp->rst) {
		if (bpf_map_lookup_elem(&proven, &flow))
			return XDP_PASS;
		want = bpf_ntohl(tcp->ack_seq) - 1;
#pragma unroll
		for (int age = 0; age < 2; age++) {
			if (cookie(s, ip, tcp, seq - 1, epoch - age, want & 3) == want) {
				bpf_map_update_elem(&proven, &flow, &now, BPF_ANY);
				return XDP_PASS;
			}
		}
		return XDP_DROP;
	}
	if (!tcp->syn || tcp->ack)
		return bpf_map_lookup_elem(&proven, &flow) ? XDP_PASS : XDP_DROP;
	options = c;
	mss = find_mss(&options, (tcp->doff - 5) * 4);
	want = cookie(s, ip, tcp, seq, epoch, mss & 3);
	swap_ends(eth, ip, tcp);
	tcp->ack_seq = bpf_htonl(seq + 1);
	tcp->seq = bpf_htonl(want);
	((__u8 *)tcp)[12] = 5 << 4;
	((__u8 *)tcp)[13] = 0x12;
	tcp->window = bpf_htons(s->window);
	tcp->check = 0;
	sum = sum_words(&ip->saddr, 8, bpf_htons(PROTO_TCP));
	sum += bpf_htons(sizeof(*tcp));
	tcp->check = fold(sum_words(tcp, sizeof(*tcp), sum));
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*tcp));
	ip->ttl = 64;
	ip->check = 0;
	ip->check = fold(sum_words(ip, sizeof(*ip), 0));
	trim = (long)ctx->data_end - (long)ctx->data - (ETH_HLEN + sizeof(*ip) + sizeof(*tcp));
	if (trim > 0 && trim < 4096 && bpf_xdp_adjust_tail(ctx, -(int)trim))
		return XDP_DROP;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
