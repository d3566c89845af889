// SPDX-License-Identifier: GPL-2.0
/* Connections followed in tc: one entry for both directions, TCP's states, time-outs by state. */
#include "net.h"

enum state { ST_NONE, ST_SYN, ST_SYNACK, ST_UP, ST_FIN, ST_FIN2, ST_CLOSED, ST_OTHER };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

struct tuple {
	__be32 addr[2][4];
	__be16 port[2];
	__u8 proto;
	__u8 family;
	__u16 zone;
};

struct conn {
	__u64 seen;
	__u64 packets[2];
	__u64 bytes[2];
	__u32 seq[2];
	__u32 window[2];
	__u8 state;
	__u8 opener;
	__u16 mark;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct tuple);
	__type(value, struct conn);
} conns SEC(".maps");

const volatile __u64 timeouts[8] = {
	[ST_SYN] = 60000000000, [ST_SYNACK] = 60000000000, [ST_UP] = 21600000000000,
	[ST_FIN] = 120000000000, [ST_FIN2] = 60000000000, [ST_CLOSED] = 10000000000,
	[ST_OTHER] = 30000000000,
};

/* Next state by state and event, as a table the compiler puts into .rodata. */
static const __u8 next_state[8][5] = {
	/*		 SYN	     SYN-ACK	 ACK	   FIN	     RST */
	[ST_NONE]   = { ST_SYN,	    ST_CLOSED,	ST_UP,	  ST_CLOSED, ST_CLOSED },
	[ST_SYN]    = { ST_SYN,	    ST_SYNACK,	ST_SYN,	  ST_CLOSED, ST_CLOSED },
	[ST_SYNACK] = { ST_SYN,	    ST_SYNACK,	ST_UP,	  ST_FIN,    ST_CLOSED },
	[ST_UP]	    = { ST_UP,	    ST_UP,	ST_UP,	  ST_FIN,    ST_CLOSED },
	[ST_FIN]    = { ST_FIN,	    ST_FIN,	ST_FIN,	  ST_FIN2,   ST_CLOSED },
	[ST_FIN2]   = { ST_SYN,	    ST_FIN2,	ST_FIN2,  ST_FIN2,   ST_CLOSED },
	[ST_CLOSED] = { ST_SYN,	    ST_CLOSED,	ST_CLOSED, ST_CLOSED, ST_CLOSED },
};

static __fast int parse(struct __sk_buff *skb, struct tuple *t, struct tcphdr *copy)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	__be16 *ports;

	if (!eth)
		return -1;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = take(&c, sizeof(*ip));

		if (!ip || skip_options(&c, ip->ihl))
			return -1;
		if (ip->frag_off & bpf_htons(IP_OFFSET_MASK))
			return -1;
		t->addr[0][0] = ip->saddr;
		t->addr[1][0] = ip->daddr;
		t->proto = ip->protocol;
		t->family = 4;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = take(&c, sizeof(*ip));

		if (!ip)
			return -1;
		__builtin_memcpy(t->addr[0], &ip->saddr, 16);
		__builtin_memcpy(t->addr[1], &ip->daddr, 16);
		t->proto = ip->nexthdr;
		t->family = 6;
	} else {
		return -1;
	}
	if (t->proto == PROTO_TCP) {
		struct tcphdr *tcp = take(&c, sizeof(*tcp));

		if (!tcp)
			return -1;
		*copy = *tcp;
		t->port[0] = tcp->source;
		t->port[1] = tcp->dest;
	} else if (t->proto == PROTO_UDP) {
		ports = take(&c, 8);
		if (!ports)
			return -1;
		t->port[0] = ports[0];
		t->port[1] = ports[1];
	}
	return 0;
}

/* Puts the smaller end first. Returns 1 when the packet goes from the second to the first. */
static __fast int normalise(struct tuple *t)
{
	__be32 a;
	__be16 p;
	int order = 0;

#pragma unroll
	for (int i = 0; i < 4; i++) {
		if (!order && t->addr[0][i] != t->addr[1][i])
			order = t->addr[0][i] < t->addr[1][i] ? -1 : 1;
	}
	if (!order && t->port[0] != t->port[1])
		order = t->port[0] < t->port[1] ? -1 : 1;
	if (order <= 0)
		return 0;
#pragma unroll
	for (int i = 0; i < 4; i++) {
		a = t->addr[0][i];
		t->addr[0][i] = t->addr[1][i];
		t->addr[1][i] = a;
	}
	p = t->port[0];
	t->port[0] = t->port[1];
	t->port[1] = p;
	return 1;
}

static __fast __u32 event_of(__u8 flags)
{
	if (flags & RST)
		return 4;
	if (flags & FIN)
		return 3;
	if ((flags & (SYN | ACK)) == (SYN | ACK))
		return 1;
	return flags & SYN ? 0 : 2;
}

SEC("tc")
int track(struct __sk_buff *skb)
{
	struct conn *ct, fresh = {};
	struct tcphdr tcp = {};
	struct tuple t = {};
	__u64 now = bpf_ktime_get_ns();
	__u32 dir, state, event;

	if (parse(skb, &t, &tcp))
		return TC_OK;
	t.zone = skb->vlan_tci & 0xfff;
	dir = normalise(&t);
	event = event_of(((__u8 *)&tcp)[13]);
	ct = bpf_map_lookup_elem(&conns, &t);
	if (ct) {
		state = ct->state & 7;
		if (now - ct->seen > timeouts[state])
			ct = 0;
	}
	if (!ct) {
		fresh.seen = now;
		if (dir) {
			fresh.packets[1] = 1;
			fresh.bytes[1] = skb->len;
			fresh.seq[1] = bpf_ntohl(tcp.seq);
			fresh.window[1] = bpf_ntohs(tcp.window);
		} else {
			fresh.packets[0] = 1;
			fresh.bytes[0] = skb->len;
			fresh.seq[0] = bpf_ntohl(tcp.seq);
			fresh.window[0] = bpf_ntohs(tcp.window);
		}
		fresh.opener = dir;
		fresh.state = t.proto == PROTO_TCP ? next_state[ST_NONE][event] : ST_OTHER;
		if (bpf_map_update_elem(&conns, &t, &fresh, BPF_ANY))
			return TC_SHOT;
		skb->mark = 1;
		return TC_OK;
	}
	ct->seen = now;
	ct->packets[dir & 1]++;
	ct->bytes[dir & 1] += skb->len;
	if (t.proto == PROTO_TCP) {
		__u32 ahead = bpf_ntohl(tcp.seq) - ct->seq[dir & 1];

		if (ct->state == ST_UP && ahead > 0x40000000 && ahead < 0xc0000000)
			return TC_SHOT;
		ct->seq[dir & 1] = bpf_ntohl(tcp.seq);
		ct->window[dir & 1] = bpf_ntohs(tcp.window);
		ct->state = next_state[ct->state & 7][event];
		if (ct->state == ST_CLOSED && event == 4)
			bpf_map_delete_elem(&conns, &t);
	}
	skb->mark = dir == ct->opener ? 2 : 3;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
