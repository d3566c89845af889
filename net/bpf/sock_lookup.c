// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that find sockets, look into them and assign them.
 *
 * A socket that a helper returns may need a reference or not: request and TIME_WAIT sockets and
 * those that are not freed by RCU do (sk_is_refcounted()). The verifier has every one released.
 */
#include <linux/btf_ids.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/ipv6_stubs.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>
#include <net/udp.h>
#include <net/xdp.h>

#include "net_bpf.h"
#include "protos.h"

/* ------------------------------------------------------------------ finding */

/* Where a packet is: namespace, device it came in by, and the device below that (VRF). */
struct place {
	struct net *net;
	int dif;
	int sdif;
};

static struct sock *find4(struct net *net, const struct bpf_sock_tuple *t, int dif, int sdif,
			  u8 proto, bool *refcounted)
{
	if (proto == IPPROTO_TCP)
		return __inet_lookup(net, net->ipv4.tcp_death_row.hashinfo, NULL, 0,
				     t->ipv4.saddr, t->ipv4.sport, t->ipv4.daddr, t->ipv4.dport,
				     dif, sdif, refcounted);
	return __udp4_lib_lookup(net, t->ipv4.saddr, t->ipv4.sport, t->ipv4.daddr, t->ipv4.dport,
				 dif, sdif, net->ipv4.udp_table, NULL);
}

static struct sock *find6(struct net *net, const struct bpf_sock_tuple *t, int dif, int sdif,
			  u8 proto, bool *refcounted)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct in6_addr *saddr = (const struct in6_addr *)&t->ipv6.saddr;
	const struct in6_addr *daddr = (const struct in6_addr *)&t->ipv6.daddr;

	if (proto == IPPROTO_TCP)
		return __inet6_lookup(net, net->ipv4.tcp_death_row.hashinfo, NULL, 0, saddr,
				      t->ipv6.sport, daddr, ntohs(t->ipv6.dport), dif, sdif,
				      refcounted);
	if (ipv6_bpf_stub)
		return ipv6_bpf_stub->udp6_lib_lookup(net, saddr, t->ipv6.sport, daddr,
						      t->ipv6.dport, dif, sdif,
						      net->ipv4.udp_table, NULL);
#endif
	return NULL;
}

static struct sock *find(struct net *net, const struct bpf_sock_tuple *t, u32 len,
			 const struct place *at, u8 proto)
{
	bool refcounted = false;
	struct sock *sk;

	if (len == sizeof(t->ipv4))
		sk = find4(net, t, at->dif, at->sdif, proto, &refcounted);
	else
		sk = find6(net, t, at->dif, at->sdif, proto, &refcounted);
	/* What is found without one needs none, or cannot be given out. */
	if (sk && !refcounted && sk_is_refcounted(sk)) {
		WARN_ONCE(1, "bpf: found a socket without a reference");
		return NULL;
	}
	return sk;
}

/* A socket of any kind, or NULL. */
static struct sock *lookup_any(const struct bpf_sock_tuple *t, u32 len, const struct place *at,
			       u8 proto, u64 netns_id, u64 flags)
{
	struct net *net = at->net;
	struct sock *sk;

	if (flags || (len != sizeof(t->ipv4) && len != sizeof(t->ipv6)))
		return NULL;
	/* BPF_F_CURRENT_NETNS, in 32 or 64 bits */
	if ((s32)netns_id < 0)
		return find(net, t, len, at, proto);
	if (netns_id > S32_MAX)
		return NULL;

	net = get_net_ns_by_id(at->net, netns_id);
	if (!net)
		return NULL;
	sk = find(net, t, len, at, proto);
	put_net(net);
	return sk;
}

/* A full socket: of a request its listener. */
static struct sock *lookup_full(const struct bpf_sock_tuple *t, u32 len, const struct place *at,
				u8 proto, u64 netns_id, u64 flags)
{
	struct sock *sk = lookup_any(t, len, at, proto, netns_id, flags), *full;

	if (!sk)
		return NULL;
	full = sk_to_full_sk(sk);
	if (full == sk)
		return sk_fullsock(sk) ? sk : (sock_gen_put(sk), NULL);
	/* The request kept its listener, which is freed by RCU, alive. */
	if (sk_is_refcounted(sk))
		sock_gen_put(sk);
	if (!sk_fullsock(full) || sk_is_refcounted(full))
		return NULL;
	return full;
}

static void place_of_skb(const struct sk_buff *skb, struct place *at)
{
	at->net = skb->dev ? dev_net(skb->dev) : sock_net(skb->sk);
	at->dif = skb->dev ? skb->dev->ifindex : 0;
	at->sdif = 0;
}

static void place_of_xdp(const struct xdp_buff *xdp, struct place *at)
{
	at->net = dev_net(xdp->rxq->dev);
	at->dif = xdp->rxq->dev->ifindex;
	at->sdif = 0;
}

#define SOCK_LOOKUP(_fn, _ctx, _place, _lookup, _l4, _ret)				\
BPF_CALL_5(_fn, _ctx, ctx, struct bpf_sock_tuple *, tuple, u32, len, u64, netns_id,	\
	   u64, flags)									\
{											\
	struct place at;								\
											\
	_place(ctx, &at);								\
	return (unsigned long)_lookup(tuple, len, &at, _l4, netns_id, flags);	\
}											\
											\
const struct bpf_func_proto _fn##_proto = {						\
	.func		= _fn,								\
	.pkt_access	= true,								\
	.ret_type	= _ret,								\
	.arg1_type	= ARG_PTR_TO_CTX,						\
	.arg2_type	= ARG_PTR_TO_MEM | MEM_RDONLY,					\
	.arg3_type	= ARG_CONST_SIZE,						\
	.arg4_type	= ARG_ANYTHING,							\
	.arg5_type	= ARG_ANYTHING,							\
}

SOCK_LOOKUP(bpf_skb_sk_lookup_tcp, struct sk_buff *, place_of_skb, lookup_full, IPPROTO_TCP,
	    RET_PTR_TO_SOCKET_OR_NULL);
SOCK_LOOKUP(bpf_skb_sk_lookup_udp, struct sk_buff *, place_of_skb, lookup_full, IPPROTO_UDP,
	    RET_PTR_TO_SOCKET_OR_NULL);
SOCK_LOOKUP(bpf_skb_skc_lookup_tcp, struct sk_buff *, place_of_skb, lookup_any, IPPROTO_TCP,
	    RET_PTR_TO_SOCK_COMMON_OR_NULL);
SOCK_LOOKUP(bpf_xdp_sk_lookup_tcp, struct xdp_buff *, place_of_xdp, lookup_full, IPPROTO_TCP,
	    RET_PTR_TO_SOCKET_OR_NULL);
SOCK_LOOKUP(bpf_xdp_sk_lookup_udp, struct xdp_buff *, place_of_xdp, lookup_full, IPPROTO_UDP,
	    RET_PTR_TO_SOCKET_OR_NULL);
SOCK_LOOKUP(bpf_xdp_skc_lookup_tcp, struct xdp_buff *, place_of_xdp, lookup_any, IPPROTO_TCP,
	    RET_PTR_TO_SOCK_COMMON_OR_NULL);

BPF_CALL_1(bpf_sk_release, struct sock *, sk)
{
	if (sk && sk_is_refcounted(sk))
		sock_gen_put(sk);
	return 0;
}

const struct bpf_func_proto bpf_sk_release_proto = {
	.func		= bpf_sk_release,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON | OBJ_RELEASE,
	.arg1_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
};

/* ------------------------------------------------------------------ looking into */

BPF_CALL_1(bpf_sk_fullsock, struct sock *, sk)
{
	return sk_fullsock(sk) ? (unsigned long)sk : 0;
}

const struct bpf_func_proto bpf_sk_fullsock_proto = {
	.func		= bpf_sk_fullsock,
	.ret_type	= RET_PTR_TO_SOCKET_OR_NULL,
	.arg1_type	= ARG_PTR_TO_SOCK_COMMON,
};

BPF_CALL_1(bpf_tcp_sock, struct sock *, sk)
{
	return sk_fullsock(sk) && sk_is_tcp(sk) ? (unsigned long)sk : 0;
}

const struct bpf_func_proto bpf_tcp_sock_proto = {
	.func		= bpf_tcp_sock,
	.ret_type	= RET_PTR_TO_TCP_SOCK_OR_NULL,
	.arg1_type	= ARG_PTR_TO_SOCK_COMMON,
};

BPF_CALL_1(bpf_get_listener_sock, struct sock *, sk)
{
	sk = sk_to_full_sk(sk);
	if (sk->sk_state == TCP_LISTEN && sock_flag(sk, SOCK_RCU_FREE))
		return (unsigned long)sk;
	return 0;
}

const struct bpf_func_proto bpf_get_listener_sock_proto = {
	.func		= bpf_get_listener_sock,
	.ret_type	= RET_PTR_TO_SOCKET_OR_NULL,
	.arg1_type	= ARG_PTR_TO_SOCK_COMMON,
};

/* ------------------------------------------------------------------ assigning */

BPF_CALL_3(bpf_skb_sk_assign, struct sk_buff *, skb, struct sock *, sk, u64, flags)
{
	if (!sk || flags)
		return -EINVAL;
	if (!skb_at_tc_ingress(skb))
		return -EOPNOTSUPP;
	if (unlikely(dev_net(skb->dev) != sock_net(sk)))
		return -ENETUNREACH;
	if (sk_unhashed(sk))
		return -EOPNOTSUPP;
	if (sk_is_refcounted(sk) && unlikely(!refcount_inc_not_zero(&sk->sk_refcnt)))
		return -ENOENT;

	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_pfree;
	return 0;
}

const struct bpf_func_proto bpf_skb_sk_assign_proto = {
	.func		= bpf_skb_sk_assign,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg2_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
	.arg3_type	= ARG_ANYTHING,
};

static int lookup_assign_check(const struct bpf_sk_lookup_kern *ctx, struct sock *sk)
{
	if (sk_is_refcounted(sk))
		return -ESOCKTNOSUPPORT;
	if (sk_is_tcp(sk) ? sk->sk_state != TCP_LISTEN : sk->sk_state == TCP_ESTABLISHED)
		return -ESOCKTNOSUPPORT;
	if (sk->sk_protocol != ctx->protocol)
		return -EPROTOTYPE;
	if (sk->sk_family != ctx->family &&
	    (sk->sk_family == AF_INET || ipv6_only_sock(sk)))
		return -EAFNOSUPPORT;
	return 0;
}

BPF_CALL_3(bpf_sk_lookup_assign, struct bpf_sk_lookup_kern *, ctx, struct sock *, sk, u64, flags)
{
	int err;

	if (unlikely(flags & ~(BPF_SK_LOOKUP_F_REPLACE | BPF_SK_LOOKUP_F_NO_REUSEPORT)))
		return -EINVAL;
	if (sk) {
		err = lookup_assign_check(ctx, sk);
		if (err)
			return err;
	}
	if (ctx->selected_sk && !(flags & BPF_SK_LOOKUP_F_REPLACE))
		return -EEXIST;
	ctx->selected_sk = sk;
	ctx->no_reuseport = sk && flags & BPF_SK_LOOKUP_F_NO_REUSEPORT;
	return 0;
}

const struct bpf_func_proto bpf_sk_lookup_assign_proto = {
	.func		= bpf_sk_lookup_assign,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_SOCKET_OR_NULL,
	.arg3_type	= ARG_ANYTHING,
};

/* ------------------------------------------------------------------ reuseport groups */

/* Why a socket of another group cannot take the packet. */
static int other_group(const struct sk_reuseport_kern *ctx, const struct sock *sk)
{
	if (sk->sk_protocol != ctx->sk->sk_protocol)
		return -EPROTOTYPE;
	if (sk->sk_family != ctx->sk->sk_family)
		return -EAFNOSUPPORT;
	return -EBADFD;
}

BPF_CALL_4(bpf_sk_select_reuseport, struct sk_reuseport_kern *, ctx, struct bpf_map *, map,
	   void *, key, u32, flags)
{
	struct sock_reuseport *reuse;
	struct sock *sk;

	if (unlikely(flags))
		return -EINVAL;
	sk = map->ops->lookup_elem(map, key);
	if (!sk)
		return -ENOENT;
	reuse = rcu_dereference(sk->sk_reuseport_cb);
	/* It left its group, and will leave the map as well. */
	if (!reuse)
		return -ENOENT;
	if (unlikely(reuse->reuseport_id != ctx->reuseport_id))
		return other_group(ctx, sk);
	ctx->selected_sk = sk;
	return 0;
}

const struct bpf_func_proto bpf_sk_select_reuseport_proto = {
	.func		= bpf_sk_select_reuseport,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_CONST_MAP_PTR,
	.arg3_type	= ARG_PTR_TO_MAP_KEY,
	.arg4_type	= ARG_ANYTHING,
};

BPF_CALL_4(bpf_reuseport_load_bytes, const struct sk_reuseport_kern *, ctx, u32, offset,
	   void *, to, u32, len)
{
	if (offset <= INT_MAX && !skb_copy_bits(ctx->skb, offset, to, len))
		return 0;
	memset(to, 0, len);
	return -EFAULT;
}

const struct bpf_func_proto bpf_reuseport_load_bytes_proto = {
	.func		= bpf_reuseport_load_bytes,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
};

BPF_CALL_5(bpf_reuseport_load_bytes_relative, const struct sk_reuseport_kern *, ctx, u32, offset,
	   void *, to, u32, len, u32, header)
{
	return bpf_skb_load_bytes_relative((unsigned long)ctx->skb, offset, (unsigned long)to, len,
					   header);
}

const struct bpf_func_proto bpf_reuseport_load_bytes_relative_proto = {
	.func		= bpf_reuseport_load_bytes_relative,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
	.arg5_type	= ARG_ANYTHING,
};
