// SPDX-License-Identifier: GPL-2.0
/* Classifiers for testrun.c: each returns 0, or a number that says what was wrong. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

/* One store a field: the compiler may not join two of them. */
#define SET(field, value) (*(volatile typeof(field) *)&(field) = (value))

#define HLEN (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr))

/* Reads all that a classifier may read, writes all that it may write. */
SEC("tc")
int tc_fields(struct __sk_buff *skb)
{
	if (skb->mark != 42 || skb->priority != 7)
		return 1;
	if (skb->protocol != bpf_htons(ETH_P_IP) || skb->pkt_type > 7)
		return 2;
	if (skb->cb[0] != 1 || skb->cb[4] != 5)
		return 3;
	if (skb->len != skb->data_end - skb->data || skb->wire_len < skb->len)
		return 4;
	if (skb->vlan_present || skb->vlan_tci || skb->vlan_proto)
		return 5;
	if (skb->ifindex == 0 || skb->tstamp != 1234 || skb->hwtstamp != 99)
		return 6;
	if (skb->gso_segs != 0 || skb->gso_size != 0 || skb->napi_id)
		return 7;
	if (skb->data_meta != skb->data)
		return 8;
	SET(skb->mark, 43);
	SET(skb->priority, 8);
	SET(skb->tc_index, 9);
	SET(skb->queue_mapping, 3);
	if (skb->tc_index != 9 || skb->queue_mapping != 3)
		return 9;
	SET(skb->cb[1], 22);
	SET(skb->tstamp, 4321);
	SET(skb->tc_classid, 17);
	return skb->tc_classid == 17 ? 0 : 10;
}

/* Bytes by pointer, in both directions. */
SEC("tc")
int tc_direct(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if (data + HLEN > end)
		return 1;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return 2;
	eth->h_dest[5] = 0x77;
	return 0;
}

SEC("tc")
int tc_bytes(struct __sk_buff *skb)
{
	__u8 buf[4] = { 1, 2, 3, 4 }, got[4] = {};
	__u32 off = HLEN;

	if (bpf_skb_store_bytes(skb, off, buf, sizeof(buf), BPF_F_RECOMPUTE_CSUM))
		return 1;
	if (bpf_skb_load_bytes(skb, off, got, sizeof(got)))
		return 2;
	if (got[0] != 1 || got[3] != 4)
		return 3;
	if (bpf_skb_load_bytes_relative(skb, 9, got, 1, BPF_HDR_START_NET) || got[0] != IPPROTO_UDP)
		return 4;
	if (bpf_skb_load_bytes(skb, skb->len, got, 1) != -14)
		return 5;
	if (bpf_skb_store_bytes(skb, skb->len - 1, buf, 2, 0) != -14)
		return 6;
	return bpf_skb_store_bytes(skb, 0, buf, 1, 1 << 30) == -22 ? 0 : 7;
}

/* A new destination address: the checksum of the header stays right. */
SEC("tc")
int tc_nat(struct __sk_buff *skb)
{
	__u32 csum_off = ETH_HLEN + __builtin_offsetof(struct iphdr, check);
	__u32 addr_off = ETH_HLEN + __builtin_offsetof(struct iphdr, daddr);
	__be32 old, new = bpf_htonl(0x0a0b0c0d);

	if (bpf_skb_load_bytes(skb, addr_off, &old, sizeof(old)))
		return 1;
	if (bpf_l3_csum_replace(skb, csum_off, old, new, sizeof(new)))
		return 2;
	return bpf_skb_store_bytes(skb, addr_off, &new, sizeof(new), 0) ? 3 : 0;
}

/* The same by a difference. */
SEC("tc")
int tc_nat_diff(struct __sk_buff *skb)
{
	__u32 csum_off = ETH_HLEN + __builtin_offsetof(struct iphdr, check);
	__u32 addr_off = ETH_HLEN + __builtin_offsetof(struct iphdr, daddr);
	__be32 old, new = bpf_htonl(0x0a0b0c0d);
	__s64 diff;

	if (bpf_skb_load_bytes(skb, addr_off, &old, sizeof(old)))
		return 1;
	diff = bpf_csum_diff(&old, sizeof(old), &new, sizeof(new), 0);
	if (diff < 0)
		return 2;
	if (bpf_l3_csum_replace(skb, csum_off, 0, diff, 0))
		return 3;
	return bpf_skb_store_bytes(skb, addr_off, &new, sizeof(new), 0) ? 4 : 0;
}

SEC("tc")
int tc_vlan(struct __sk_buff *skb)
{
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 100))
		return 1;
	if (!skb->vlan_present || skb->vlan_tci != 100 || skb->vlan_proto != bpf_htons(ETH_P_8021Q))
		return 2;
	/* A second tag moves the first one into the packet. */
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), 200))
		return 3;
	if (skb->vlan_tci != 200)
		return 4;
	if (bpf_skb_vlan_pop(skb) || skb->vlan_tci != 100)
		return 5;
	return bpf_skb_vlan_pop(skb) || skb->vlan_present ? 6 : 0;
}

/* Room for an IPv4 header in front of the one there is. */
SEC("tc")
int tc_encap(struct __sk_buff *skb)
{
	__u32 len = skb->len;

	if (bpf_skb_adjust_room(skb, sizeof(struct iphdr), BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV4))
		return 1;
	if (skb->len != len + sizeof(struct iphdr))
		return 2;
	if (bpf_skb_adjust_room(skb, -(__s32)sizeof(struct iphdr), BPF_ADJ_ROOM_MAC, 0))
		return 3;
	if (skb->len != len)
		return 4;
	if (bpf_skb_adjust_room(skb, 4, 7, 0) != -524 ||
	    bpf_skb_adjust_room(skb, 4, BPF_ADJ_ROOM_MAC, 1ULL << 40) != -22)
		return 5;
	return 0;
}

SEC("tc")
int tc_resize(struct __sk_buff *skb)
{
	__u32 len = skb->len;
	__u8 c = 1;

	if (bpf_skb_change_tail(skb, len + 20, 0) || skb->len != len + 20)
		return 1;
	/* What was added is 0. */
	if (bpf_skb_load_bytes(skb, len + 19, &c, 1) || c)
		return 2;
	if (bpf_skb_change_tail(skb, len, 0) || skb->len != len)
		return 3;
	if (bpf_skb_change_tail(skb, 1, 0) != -22 || bpf_skb_change_tail(skb, 1 << 20, 0) != -22)
		return 4;
	if (bpf_skb_pull_data(skb, len) || bpf_skb_pull_data(skb, len + 1) != -12)
		return 5;
	return 0;
}

SEC("tc")
int tc_meta(struct __sk_buff *skb)
{
	__u32 hash;

	bpf_set_hash(skb, 0x1234);
	if (skb->hash != 0x1234 || bpf_get_hash_recalc(skb) != 0x1234)
		return 1;
	bpf_set_hash_invalid(skb);
	if (skb->hash)
		return 2;
	hash = bpf_get_hash_recalc(skb);
	if (hash != skb->hash)
		return 3;
	if (bpf_skb_change_type(skb, 3) || skb->pkt_type != 3 || bpf_skb_change_type(skb, 9) != -22)
		return 4;
	if (!bpf_get_socket_cookie(skb))
		return 5;
	if (bpf_get_route_realm(skb))
		return 6;
	if (bpf_skb_set_tstamp(skb, 55, BPF_SKB_CLOCK_MONOTONIC) || skb->tstamp_type != 1 ||
	    skb->tstamp != 55)
		return 7;
	if (bpf_redirect(1, 1 << 20) != TC_ACT_SHOT || bpf_redirect(1, 0) != TC_ACT_REDIRECT)
		return 8;
	return 0;
}

SEC("tc")
int tc_socket(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk, *full;

	if (!sk)
		return 1;
	if (sk->family != 2 || sk->src_ip4 != bpf_htonl(0x7f000001))
		return 2;
	full = bpf_sk_fullsock(sk);
	if (!full)
		return 3;
	return full->mark || bpf_tcp_sock(sk) ? 4 : 0;
}

SEC("tc")
int tc_lookup(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	int ret = 0;

	/* mark is the port of a socket that there is */
	tuple.ipv4.saddr = bpf_htonl(0x7f000001);
	tuple.ipv4.daddr = bpf_htonl(0x7f000001);
	tuple.ipv4.sport = bpf_htons(1);
	tuple.ipv4.dport = bpf_htons(skb->mark);
	sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 1;
	if (sk->src_port != skb->mark)
		ret = 2;
	bpf_sk_release(sk);
	if (ret)
		return ret;
	tuple.ipv4.dport = bpf_htons(1);
	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 3;
}

SEC("socket")
int tc_filter(struct __sk_buff *skb)
{
	__u8 proto = 0;

	/* The data pointer is behind the Ethernet header. */
	if (bpf_skb_load_bytes(skb, 9, &proto, 1))
		return 1;
	skb->cb[2] = 5;
	return proto == IPPROTO_UDP && skb->cb[2] == 5 ? 0 : 2;
}

/* For hooks.sh. */
static __always_inline int drop_icmp(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + ETH_HLEN;

	if (skb->protocol != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end)
		return TC_ACT_OK;
	return ip->protocol == IPPROTO_ICMP ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc")
int tc_pass(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("tc")
int tc_drop_icmp(struct __sk_buff *skb)
{
	return drop_icmp(skb);
}

SEC("action")
int act_drop_icmp(struct __sk_buff *skb)
{
	return drop_icmp(skb);
}

SEC("action")
int act_pass(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}
