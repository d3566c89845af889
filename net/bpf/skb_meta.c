// SPDX-License-Identifier: GPL-2.0
/* Helpers that read and set what is known about a packet, beside its bytes. */
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/sock_diag.h>
#include <net/cls_cgroup.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/inet_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "maps/array.h"
#include "net_bpf.h"
#include "protos.h"
#include "skb_util.h"

#define PROTO_CTX(_fn)					\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_CTX,		\
}

#define PROTO_CTX_NUM(_fn)				\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_CTX,		\
	.arg2_type	= ARG_ANYTHING,			\
}

/* ------------------------------------------------------------------ hash, type, time */

BPF_CALL_1(bpf_get_hash_recalc, struct sk_buff *, skb)
{
	return skb_get_hash(skb);
}

PROTO_CTX(bpf_get_hash_recalc);

BPF_CALL_1(bpf_set_hash_invalid, struct sk_buff *, skb)
{
	skb_clear_hash(skb);
	return 0;
}

PROTO_CTX(bpf_set_hash_invalid);

BPF_CALL_2(bpf_set_hash, struct sk_buff *, skb, u32, hash)
{
	/* As one over the addresses and ports: nobody computes another. */
	__skb_set_sw_hash(skb, hash, true);
	return 0;
}

PROTO_CTX_NUM(bpf_set_hash);

BPF_CALL_2(bpf_skb_change_type, struct sk_buff *, skb, u32, pkt_type)
{
	if (unlikely(skb->pkt_type > PACKET_OTHERHOST || pkt_type > PACKET_OTHERHOST))
		return -EINVAL;
	skb->pkt_type = pkt_type;
	return 0;
}

PROTO_CTX_NUM(bpf_skb_change_type);

BPF_CALL_3(bpf_skb_set_tstamp, struct sk_buff *, skb, u64, tstamp, u32, tstamp_type)
{
	if (skb->protocol != htons(ETH_P_IP) && skb->protocol != htons(ETH_P_IPV6))
		return -EOPNOTSUPP;

	switch (tstamp_type) {
	case BPF_SKB_CLOCK_REALTIME:
		skb->tstamp = tstamp;
		skb->tstamp_type = SKB_CLOCK_REALTIME;
		return 0;
	case BPF_SKB_CLOCK_MONOTONIC:
		if (!tstamp)
			return -EINVAL;
		skb->tstamp = tstamp;
		skb->tstamp_type = SKB_CLOCK_MONOTONIC;
		return 0;
	case BPF_SKB_CLOCK_TAI:
		if (!tstamp)
			return -EINVAL;
		skb->tstamp = tstamp;
		skb->tstamp_type = SKB_CLOCK_TAI;
		return 0;
	default:
		return -EINVAL;
	}
}

const struct bpf_func_proto bpf_skb_set_tstamp_proto = {
	.func		= bpf_skb_set_tstamp,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
};

/* 1: the mark is set now, or was. */
BPF_CALL_1(bpf_skb_ecn_set_ce, struct sk_buff *, skb)
{
	unsigned int hlen;

	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IP):
		hlen = sizeof(struct iphdr);
		break;
	case htons(ETH_P_IPV6):
		hlen = sizeof(struct ipv6hdr);
		break;
	default:
		return 0;
	}
	if (skb_prog_writable(skb, skb_network_offset(skb) + hlen))
		return 0;
	return INET_ECN_set_ce(skb);
}

const struct bpf_func_proto bpf_skb_ecn_set_ce_proto = {
	.func		= bpf_skb_ecn_set_ce,
	.changes_pkt_data = true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
};

/* ------------------------------------------------------------------ who sent it */

BPF_CALL_1(bpf_get_route_realm, const struct sk_buff *, skb)
{
#ifdef CONFIG_IP_ROUTE_CLASSID
	const struct dst_entry *dst = skb_dst(skb);

	if (dst)
		return dst->tclassid;
#endif
	return 0;
}

PROTO_CTX(bpf_get_route_realm);

BPF_CALL_1(bpf_get_socket_cookie, struct sk_buff *, skb)
{
	return skb->sk ? __sock_gen_cookie(skb->sk) : 0;
}

PROTO_CTX(bpf_get_socket_cookie);

BPF_CALL_1(bpf_get_socket_cookie_sock, struct sock *, sk)
{
	return sk ? __sock_gen_cookie(sk) : 0;
}

/* For programs that have a socket, and no packet that knows it. */
const struct bpf_func_proto bpf_get_socket_cookie_sock_proto = {
	.func		= bpf_get_socket_cookie_sock,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
};

BPF_CALL_1(bpf_get_socket_uid, struct sk_buff *, skb)
{
	struct sock *sk = sk_to_full_sk(skb->sk);
	kuid_t uid;

	if (!sk || !sk_fullsock(sk))
		return overflowuid;
	uid = sock_net_uid(sock_net(sk), sk);
	return from_kuid_munged(sock_net(sk)->user_ns, uid);
}

PROTO_CTX(bpf_get_socket_uid);

BPF_CALL_1(bpf_get_netns_cookie_skb, struct sk_buff *, skb)
{
	const struct net *net = &init_net;

	if (skb && skb->sk)
		net = sock_net(skb->sk);
	return net->net_cookie;
}

const struct bpf_func_proto bpf_get_netns_cookie_skb_proto = {
	.func		= bpf_get_netns_cookie_skb,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX_OR_NULL,
};

#ifdef CONFIG_CGROUP_NET_CLASSID
BPF_CALL_1(bpf_get_cgroup_classid, const struct sk_buff *, skb)
{
	return task_get_classid(skb);
}

PROTO_CTX(bpf_get_cgroup_classid);

BPF_CALL_1(bpf_skb_cgroup_classid, const struct sk_buff *, skb)
{
	struct sock *sk = skb_to_full_sk(skb);

	return sk && sk_fullsock(sk) ? sock_cgroup_classid(&sk->sk_cgrp_data) : 0;
}

PROTO_CTX(bpf_skb_cgroup_classid);
#endif

#ifdef CONFIG_SOCK_CGROUP_DATA
static struct cgroup *sock_group(struct sock *sk)
{
	sk = sk ? sk_to_full_sk(sk) : NULL;
	return sk && sk_fullsock(sk) ? sock_cgroup_ptr(&sk->sk_cgrp_data) : NULL;
}

static u64 ancestor_id(struct cgroup *cgrp, int level)
{
	struct cgroup *ancestor = cgrp ? cgroup_ancestor(cgrp, level) : NULL;

	return ancestor ? cgroup_id(ancestor) : 0;
}

BPF_CALL_1(bpf_skb_cgroup_id, const struct sk_buff *, skb)
{
	struct cgroup *cgrp = sock_group(skb->sk);

	return cgrp ? cgroup_id(cgrp) : 0;
}

PROTO_CTX(bpf_skb_cgroup_id);

BPF_CALL_2(bpf_skb_ancestor_cgroup_id, const struct sk_buff *, skb, int, level)
{
	return ancestor_id(sock_group(skb->sk), level);
}

PROTO_CTX_NUM(bpf_skb_ancestor_cgroup_id);

BPF_CALL_1(bpf_sk_cgroup_id, struct sock *, sk)
{
	struct cgroup *cgrp = sock_group(sk);

	return cgrp ? cgroup_id(cgrp) : 0;
}

const struct bpf_func_proto bpf_sk_cgroup_id_proto = {
	.func		= bpf_sk_cgroup_id,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg1_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
};

BPF_CALL_2(bpf_sk_ancestor_cgroup_id, struct sock *, sk, int, level)
{
	return ancestor_id(sock_group(sk), level);
}

const struct bpf_func_proto bpf_sk_ancestor_cgroup_id_proto = {
	.func		= bpf_sk_ancestor_cgroup_id,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg1_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
	.arg2_type	= ARG_ANYTHING,
};

BPF_CALL_3(bpf_skb_under_cgroup, struct sk_buff *, skb, struct bpf_map *, map, u32, index)
{
	struct cgroup *mine = sock_group(skb->sk), *asked;

	if (!mine)
		return -ENOENT;
	if (unlikely(index >= map->max_entries))
		return -E2BIG;
	asked = READ_ONCE(to_bpf_array(map)->slots[index]);
	if (unlikely(!asked))
		return -EAGAIN;
	return cgroup_is_descendant(mine, asked);
}

const struct bpf_func_proto bpf_skb_under_cgroup_proto = {
	.func		= bpf_skb_under_cgroup,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_CONST_MAP_PTR,
	.arg3_type	= ARG_ANYTHING,
};
#endif
