// SPDX-License-Identifier: GPL-2.0
/* Programs for lookup.c. Those that are run by test runs return 0, or a number of what is wrong. */
#include "net/net.bpf.h"
#include "lookup.h"

/* As in linux/tcp.h and net/tcp_states.h. */
#define ESTABLISHED	1
#define LISTEN		10

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} groups SEC(".maps");

struct globals g;

struct tcp_sock {
	__u32 snd_cwnd;
	__u32 mss_cache;
} __attribute__((preserve_access_index));

/* The addresses of the packet as those of a socket: it comes from the remote one. */
static __always_inline int tuple_of(void *data, void *end, struct bpf_sock_tuple *t)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end)
		return -1;
	t->ipv4.saddr = ip->saddr;
	t->ipv4.daddr = ip->daddr;
	t->ipv4.sport = udp->source;
	t->ipv4.dport = udp->dest;
	return ip->protocol;
}

/* A connection: found as what it is, with all that can be seen of it. */
SEC("tc")
int tc_connection(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_tcp_sock *tp;
	struct bpf_sock *sk, *full;
	int ret = 0;

	if (tuple_of(DATA(skb), DATA_END(skb), &t) != IPPROTO_TCP)
		return 1;
	sk = bpf_sk_lookup_tcp(skb, &t, sizeof(t.ipv4), g.netns, 0);
	if (!sk)
		return 2;
	if (sk->state != ESTABLISHED || sk->protocol != IPPROTO_TCP || sk->type != 1)
		ret = 3;
	else if (sk->src_ip4 != t.ipv4.daddr || sk->dst_ip4 != t.ipv4.saddr)
		ret = 4;
	else if (sk->src_port != bpf_ntohs(t.ipv4.dport) || sk->dst_port != t.ipv4.sport)
		ret = 5;
	else if (sk->mark != 77 || sk->family != 2)
		ret = 6;
	tp = bpf_tcp_sock(sk);
	if (!tp)
		ret = 7;
	else if (!tp->snd_cwnd || !tp->mss_cache || tp->bytes_received != 3 || !tp->segs_in)
		ret = 8;
	bpf_sk_release(sk);

	sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), g.netns, 0);
	if (!sk)
		return 9;
	full = bpf_sk_fullsock(sk);
	if (!full || full->state != ESTABLISHED)
		ret = 10;
	bpf_sk_release(sk);
	return ret;
}

/* A listener, by a tuple with nobody at the other end. */
SEC("tc")
int tc_listener(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk, *listener;
	int ret = 0;

	if (tuple_of(DATA(skb), DATA_END(skb), &t) < 0)
		return 1;
	sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), g.netns, 0);
	if (!sk)
		return 2;
	listener = bpf_get_listener_sock(sk);
	if (!listener)
		ret = 3;
	else if (listener->state != LISTEN || listener->src_port != PORT_TARGET)
		ret = 4;
	bpf_sk_release(sk);
	return ret;
}

/* The kernel's own struct of a socket. */
SEC("tc")
int tc_cast(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct tcp_sock *tp;
	struct bpf_sock *sk;
	int ret = 0;

	if (tuple_of(DATA(skb), DATA_END(skb), &t) < 0)
		return 1;
	sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 2;
	if (bpf_skc_to_udp6_sock(sk) || bpf_skc_to_unix_sock(sk) || bpf_skc_to_tcp6_sock(sk))
		ret = 3;
	if (bpf_skc_to_tcp_timewait_sock(sk) || bpf_skc_to_tcp_request_sock(sk))
		ret = 4;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		ret = 5;
	else if (!tp->snd_cwnd || tp->snd_cwnd > 1000)
		ret = 6;
	bpf_sk_release(sk);
	return ret;
}

/* What finds nothing: 0 where all of it did. */
SEC("tc")
int tc_nothing(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;

	if (tuple_of(DATA(skb), DATA_END(skb), &t) < 0)
		return 1;
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 1);
	if (sk) {
		bpf_sk_release(sk);
		return 2;
	}
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4) - 1, -1, 0);
	if (sk) {
		bpf_sk_release(sk);
		return 3;
	}
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), 99, 0);
	if (sk) {
		bpf_sk_release(sk);
		return 4;
	}
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), 1ULL << 32, 0);
	if (sk) {
		bpf_sk_release(sk);
		return 5;
	}
	t.ipv4.dport = bpf_htons(1);
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (sk) {
		bpf_sk_release(sk);
		return 6;
	}
	return 0;
}

SEC("tc")
int tc_udp(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;
	__u32 *value, first = 5;
	int ret = 0;

	if (tuple_of(DATA(skb), DATA_END(skb), &t) < 0)
		return 1;
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 2;
	if (sk->src_port != PORT_TARGET || sk->protocol != IPPROTO_UDP || sk->type != 2)
		ret = 3;
	value = bpf_sk_storage_get(&storage, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
	if (value)
		g.stored = ++*value;
	bpf_sk_release(sk);

	__builtin_memset(&t, 0, sizeof(t));
	t.ipv6.daddr[3] = bpf_htonl(1);
	t.ipv6.saddr[3] = bpf_htonl(1);
	t.ipv6.dport = bpf_htons(PORT_TARGET);
	sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv6), -1, 0);
	if (!sk)
		return 4;
	if (sk->family != 10 || sk->src_port != PORT_TARGET)
		ret = 5;
	bpf_sk_release(sk);
	return ret;
}

SEC("xdp")
int xdp_lookups(struct xdp_md *ctx)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;
	int ret = 0;

	if (tuple_of(DATA(ctx), DATA_END(ctx), &t) < 0)
		return 10;
	sk = bpf_sk_lookup_udp(ctx, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 11;
	if (sk->src_port != PORT_TARGET || sk->protocol != IPPROTO_UDP)
		ret = 12;
	bpf_sk_release(sk);
	sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 13;
	if (sk->state != LISTEN)
		ret = 14;
	bpf_sk_release(sk);
	sk = bpf_skc_lookup_tcp(ctx, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 15;
	bpf_sk_release(sk);
	return ret;
}

/* ------------------------------------------------------------------ assignment */

SEC("tc")
int tc_assign(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;
	int proto = tuple_of(DATA(skb), DATA_END(skb), &t), err;

	if (proto < 0 || t.ipv4.dport != bpf_htons(PORT_ASSIGNED))
		return TC_ACT_OK;
	count(AT_RUN, proto);
	t.ipv4.dport = bpf_htons(PORT_TARGET);
	if (proto == IPPROTO_UDP) {
		sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);
	} else {
		/* Packets of a connection find it by themselves. */
		t.ipv4.dport = bpf_htons(PORT_ASSIGNED);
		sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
		if (!sk) {
			t.ipv4.dport = bpf_htons(PORT_TARGET);
			sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
		}
	}
	if (!sk) {
		count(AT_WRONG, 1);
		return TC_ACT_OK;
	}
	err = bpf_sk_assign(skb, sk, 1);
	count(AT_ASSIGN_FLAGS, -err);
	err = bpf_sk_assign(skb, sk, 0);
	count(AT_ASSIGN, -err);
	bpf_sk_release(sk);
	return TC_ACT_OK;
}

/* ------------------------------------------------------------------ who sent it */

SEC("tc")
int tc_sender(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};

	if (tuple_of(DATA(skb), DATA_END(skb), &t) < 0 || t.ipv4.dport != bpf_htons(PORT_PLAIN))
		return TC_ACT_OK;
	count(AT_EGRESS, 0);
	g.cookie = bpf_get_socket_cookie(skb);
	g.uid = bpf_get_socket_uid(skb);
	g.netns_cookie = bpf_get_netns_cookie(skb);
	g.cgroup_id = bpf_skb_cgroup_id(skb);
	g.root_id = bpf_skb_ancestor_cgroup_id(skb, 0);
	g.ancestor_id = bpf_skb_ancestor_cgroup_id(skb, 50);
	g.under = bpf_skb_under_cgroup(skb, &groups, 0) & 0xff;
	g.under |= (__u64)(bpf_skb_under_cgroup(skb, &groups, 1) == -11) << 8;
	g.under |= (__u64)(bpf_skb_under_cgroup(skb, &groups, 2) == -7) << 16;
	if (skb->sk) {
		struct bpf_sock *sk = bpf_sk_fullsock(skb->sk);

		if (sk) {
			g.family = sk->family;
			g.local_port = sk->src_port;
			if (bpf_sk_cgroup_id(sk) != g.cgroup_id)
				count(AT_WRONG, 2);
		}
	}
	return TC_ACT_OK;
}

/* ------------------------------------------------------------------ SYN cookies */

/* A SYN's cookie is good in the ACK that answers it, and in no other. */
SEC("tc")
int tc_cookie_raw(struct __sk_buff *skb)
{
	struct iphdr *ip = DATA(skb) + sizeof(struct ethhdr);
	struct tcphdr *th = (void *)(ip + 1), ack;
	struct iphdr from;
	__s64 cookie;

	if ((void *)(th + 1) > DATA_END(skb))
		return 1;
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(ip, th, sizeof(*th));
	if (cookie <= 0 || !(cookie >> 32))
		return 2;
	ack = *th;
	from = *ip;
	ack.syn = 0;
	ack.ack = 1;
	ack.seq = bpf_htonl(bpf_ntohl(th->seq) + 1);
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	if (bpf_tcp_raw_check_syncookie_ipv4(&from, &ack))
		return 3;
	/* Far from any that the kernel would have sent. */
	ack.ack_seq = bpf_htonl((__u32)cookie + 0x1000);
	if (bpf_tcp_raw_check_syncookie_ipv4(&from, &ack) != -13)
		return 4;
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	from.saddr++;
	if (bpf_tcp_raw_check_syncookie_ipv4(&from, &ack) != -13)
		return 5;
	/* The header says another length. */
	if (bpf_tcp_raw_gen_syncookie_ipv4(&from, &ack, sizeof(ack) - 4) != -22)
		return 6;
	return 0;
}

SEC("tc")
int tc_cookie_raw6(struct __sk_buff *skb)
{
	struct ipv6hdr ip6 = { .version = 6, .nexthdr = IPPROTO_TCP };
	struct tcphdr th = { .source = 1, .dest = 2, .seq = 3, .doff = 5, .syn = 1 };
	__s64 cookie = bpf_tcp_raw_gen_syncookie_ipv6(&ip6, &th, sizeof(th));

	if (cookie <= 0)
		return 1;
	th.syn = 0;
	th.ack = 1;
	th.seq = bpf_htonl(bpf_ntohl(th.seq) + 1);
	th.ack_seq = bpf_htonl((__u32)cookie + 1);
	if (bpf_tcp_raw_check_syncookie_ipv6(&ip6, &th))
		return 2;
	th.ack_seq++;
	return bpf_tcp_raw_check_syncookie_ipv6(&ip6, &th) == -13 ? 0 : 3;
}

/* The same for a listener: the limits of the headers, the state of the namespace. */
SEC("tc")
int tc_cookie(struct __sk_buff *skb)
{
	struct iphdr *ip = DATA(skb) + sizeof(struct ethhdr), from;
	struct tcphdr *th = (void *)(ip + 1), ack;
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;
	__s64 cookie;
	int ret = 0;

	if ((void *)(th + 1) > DATA_END(skb) || tuple_of(DATA(skb), DATA_END(skb), &t) < 0)
		return 1;
	ack = *th;
	from = *ip;
	sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (!sk)
		return 2;
	cookie = bpf_tcp_gen_syncookie(sk, ip, sizeof(*ip), th, sizeof(*th));
	if (skb->mark) {
		/* no flood, or not enabled: the errno that the caller expects */
		ret = cookie == -(__s64)skb->mark ? 0 : 3;
		goto release;
	}
	if (cookie <= 0 || !(cookie >> 32)) {
		ret = 4;
		goto release;
	}
	if (bpf_tcp_check_syncookie(sk, &from, sizeof(from), &ack, sizeof(ack)) != -2)
		ret = 5;		/* not an ACK */
	ack.syn = 0;
	ack.ack = 1;
	if (bpf_tcp_gen_syncookie(sk, &from, sizeof(from), &ack, sizeof(ack)) != -22)
		ret = 6;		/* not a SYN */
	ack.seq = bpf_htonl(bpf_ntohl(ack.seq) + 1);
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	if (bpf_tcp_check_syncookie(sk, &from, sizeof(from), &ack, sizeof(ack)))
		ret = 7;
	if (bpf_tcp_check_syncookie(sk, &from, sizeof(from) - 1, &ack, sizeof(ack)) != -22)
		ret = 8;
	ack.ack_seq = bpf_htonl((__u32)cookie + 0x1000);
	if (bpf_tcp_check_syncookie(sk, &from, sizeof(from), &ack, sizeof(ack)) != -2)
		ret = 9;
	from.version = 5;
	if (bpf_tcp_gen_syncookie(sk, &from, sizeof(from), &ack, sizeof(ack)) != -93)
		ret = 10;
release:
	bpf_sk_release(sk);
	return ret;
}

/* ------------------------------------------------------------------ BPF_SK_LOOKUP */

SEC("sk_lookup")
int look_up(struct bpf_sk_lookup *ctx)
{
	int i;

	if (ctx->local_port != PORT_PLAIN && ctx->local_port != PORT_REFUSED)
		return SK_PASS;
	count(AT_RUN, ctx->local_port);
	g.family = ctx->family;
	g.protocol = ctx->protocol;
	g.remote_ip4 = ctx->remote_ip4;
	g.remote_port = bpf_ntohs(ctx->remote_port);
	g.local_ip4 = ctx->local_ip4;
	g.local_port = ctx->local_port;
	g.ifindex = ctx->ingress_ifindex;
	for (i = 0; i < 4; i++) {
		g.remote_ip6[i] = ctx->remote_ip6[i];
		g.local_ip6[i] = ctx->local_ip6[i];
	}
	if (ctx->sk)
		count(AT_WRONG, 1);
	if (bpf_sk_assign(ctx, NULL, 4) != -22 || bpf_sk_assign(ctx, NULL, 0))
		count(AT_WRONG, 2);
	return ctx->local_port == PORT_REFUSED ? SK_DROP : SK_PASS;
}

SEC("?sk_lookup")
int bad_field(struct bpf_sk_lookup *ctx)
{
	ctx->local_port = 1;
	return SK_PASS;
}

/* ------------------------------------------------------------------ what is refused */

SEC("?tc")
int bad_leak(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};

	bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);
	return 0;
}

SEC("?tc")
int bad_use_after_release(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);

	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return sk->family;
}

SEC("?tc")
int bad_null(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);

	bpf_sk_release(sk);
	return 0;
}

SEC("?tc")
int bad_write(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);

	if (!sk)
		return 0;
	sk->mark = 1;
	bpf_sk_release(sk);
	return 0;
}

/* The type of what may be a request is not known. */
SEC("?tc")
int bad_common(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk = bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
	int type;

	if (!sk)
		return 0;
	type = sk->type;
	bpf_sk_release(sk);
	return type;
}
