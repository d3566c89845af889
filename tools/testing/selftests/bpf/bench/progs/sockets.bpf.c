// SPDX-License-Identifier: GPL-2.0
/* Socket lookup from tc with references, and packets handed to the socket found. */
#include "net.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u16);
	__type(value, __u64);
} listeners SEC(".maps");

SEC("tc")
int assign(struct __sk_buff *skb)
{
	struct cursor c = skb_cursor(skb);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct bpf_sock_tuple *tuple;
	struct bpf_sock *sk;
	struct iphdr *ip;
	__u64 *hits;
	__u16 port;
	int ret = TC_OK;
	int tcp;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->ihl != 5 || (ip->protocol != PROTO_TCP && ip->protocol != PROTO_UDP))
		return TC_OK;
	tcp = ip->protocol == PROTO_TCP;
	tuple = (struct bpf_sock_tuple *)&ip->saddr;
	if ((void *)tuple + sizeof(tuple->ipv4) > c.end)
		return TC_SHOT;
	if (tcp)
		sk = bpf_sk_lookup_tcp(skb, tuple, sizeof(tuple->ipv4), BPF_F_CURRENT_NETNS, 0);
	else
		sk = bpf_sk_lookup_udp(skb, tuple, sizeof(tuple->ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return TC_OK;
	port = sk->src_port;
	hits = bpf_map_lookup_elem(&listeners, &port);
	if (hits) {
		*hits += 1;
		if (sk->state == 10)
			ret = TC_SHOT;
	}
	bpf_sk_release(sk);
	return ret;
}

SEC("tc")
int congestion(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct bpf_tcp_sock *tp;

	if (!sk)
		return TC_OK;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->protocol != PROTO_TCP)
		return TC_OK;
	tp = bpf_tcp_sock(sk);
	if (!tp)
		return TC_OK;
	if (tp->snd_cwnd > 100 && tp->srtt_us > 800000)
		return TC_SHOT;
	skb->priority = tp->snd_ssthresh > 1000;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
