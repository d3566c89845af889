// SPDX-License-Identifier: GPL-2.0
/* bpf_fib_lookup() and bpf_check_mtu(): where a packet would go, and whether it may. */
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/arp.h>
#include <net/gso.h>
#include <net/ip_fib.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/l3mdev.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/xdp.h>

#include "net_bpf.h"
#include "protos.h"

#define FIB_KNOWN	(BPF_FIB_LOOKUP_DIRECT | BPF_FIB_LOOKUP_OUTPUT | \
			 BPF_FIB_LOOKUP_SKIP_NEIGH | BPF_FIB_LOOKUP_TBID | BPF_FIB_LOOKUP_SRC | \
			 BPF_FIB_LOOKUP_MARK)

/**
 * struct fib_query - one look-up
 * @net: namespace
 * @p: the program's parameters, in and out
 * @dev: device of @p->ifindex; after the look-up that of the next hop
 * @flags: BPF_FIB_LOOKUP_*
 * @check_mtu: compare @p->tot_len with the route's
 * @mtu: of the route, after the look-up
 */
struct fib_query {
	struct net *net;
	struct bpf_fib_lookup *p;
	struct net_device *dev;
	u32 flags;
	bool check_mtu;
	u32 mtu;
};

/* Table asked for by number, or of the device's VRF. */
static u32 query_table(struct fib_query *q)
{
	u32 id = q->flags & BPF_FIB_LOOKUP_TBID ? q->p->tbid : 0;

	/* What goes in and what comes out share the bytes. */
	if (q->flags & BPF_FIB_LOOKUP_TBID)
		q->p->tbid = 0;
	return id ?: l3mdev_fib_table_rcu(q->dev) ?: RT_TABLE_MAIN;
}

static u32 query_mark(const struct fib_query *q)
{
	return q->flags & BPF_FIB_LOOKUP_MARK ? q->p->mark : 0;
}

/* Why routes of a type do not forward. */
static int type_verdict(u8 type)
{
	switch (type) {
	case RTN_UNICAST:
		return BPF_FIB_LKUP_RET_SUCCESS;
	case RTN_BLACKHOLE:
		return BPF_FIB_LKUP_RET_BLACKHOLE;
	case RTN_UNREACHABLE:
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	case RTN_PROHIBIT:
		return BPF_FIB_LKUP_RET_PROHIBIT;
	default:
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	}
}

static int mtu_verdict(struct fib_query *q, u32 mtu)
{
	q->mtu = mtu;
	if (q->check_mtu && q->p->tot_len > mtu) {
		q->p->mtu_result = mtu;
		return BPF_FIB_LKUP_RET_FRAG_NEEDED;
	}
	return BPF_FIB_LKUP_RET_SUCCESS;
}

/* Fills in what a success leaves in the parameters. */
static int fill_result(struct fib_query *q, const struct neighbour *neigh)
{
	if (!(q->flags & BPF_FIB_LOOKUP_SKIP_NEIGH)) {
		if (!neigh || !(READ_ONCE(neigh->nud_state) & NUD_VALID))
			return BPF_FIB_LKUP_RET_NO_NEIGH;
		memcpy(q->p->dmac, neigh->ha, ETH_ALEN);
		memcpy(q->p->smac, q->dev->dev_addr, ETH_ALEN);
	}
	q->p->h_vlan_TCI = 0;
	q->p->h_vlan_proto = 0;
	if (q->check_mtu)
		q->p->mtu_result = q->mtu;
	return BPF_FIB_LKUP_RET_SUCCESS;
}

/* ------------------------------------------------------------------ IPv4 */

#if IS_ENABLED(CONFIG_INET)
static int find4(struct fib_query *q, struct flowi4 *fl4, struct fib_result *res)
{
	struct fib_table *table;

	if (!(q->flags & BPF_FIB_LOOKUP_DIRECT)) {
		fl4->flowi4_mark = query_mark(q);
		return fib_lookup(q->net, fl4, res, FIB_LOOKUP_NOREF);
	}
	table = fib_get_table(q->net, query_table(q));
	return table ? fib_table_lookup(table, fl4, res, FIB_LOOKUP_NOREF) : -ENOENT;
}

static int errno_verdict(int err)
{
	switch (err) {
	case -EINVAL:
		return BPF_FIB_LKUP_RET_BLACKHOLE;
	case -EHOSTUNREACH:
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	case -EACCES:
		return BPF_FIB_LKUP_RET_PROHIBIT;
	default:
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	}
}

static void flow4(const struct fib_query *q, struct flowi4 *fl4)
{
	const struct bpf_fib_lookup *p = q->p;

	*fl4 = (struct flowi4) {
		.flowi4_tos = p->tos & INET_DSCP_MASK,
		.flowi4_scope = RT_SCOPE_UNIVERSE,
		.flowi4_proto = p->l4_protocol,
		.daddr = p->ipv4_dst,
		.saddr = p->ipv4_src,
		.fl4_sport = p->sport,
		.fl4_dport = p->dport,
		.flowi4_multipath_hash = 0,
	};
	if (q->flags & BPF_FIB_LOOKUP_OUTPUT) {
		fl4->flowi4_iif = LOOPBACK_IFINDEX;
		fl4->flowi4_oif = p->ifindex;
	} else {
		fl4->flowi4_iif = p->ifindex;
	}
}

static const struct neighbour *next_hop4(struct fib_query *q, const struct fib_nh_common *nhc)
{
	struct in6_addr *gw6 = (struct in6_addr *)q->p->ipv6_dst;

	if (nhc->nhc_gw_family == AF_INET6) {
		q->p->family = AF_INET6;
		*gw6 = nhc->nhc_gw.ipv6;
		return __ipv6_neigh_lookup_noref_stub(q->dev, gw6);
	}
	if (nhc->nhc_gw_family == AF_INET)
		q->p->ipv4_dst = nhc->nhc_gw.ipv4;
	return __ipv4_neigh_lookup_noref(q->dev, (__force u32)q->p->ipv4_dst);
}

static int lookup4(struct fib_query *q)
{
	const struct in_device *in_dev = __in_dev_get_rcu(q->dev);
	struct bpf_fib_lookup *p = q->p;
	struct fib_result res;
	struct flowi4 fl4;
	int err;

	if (unlikely(!in_dev || !IN_DEV_FORWARD(in_dev)))
		return BPF_FIB_LKUP_RET_FWD_DISABLED;

	flow4(q, &fl4);
	err = find4(q, &fl4, &res);
	if (err)
		return errno_verdict(err);
	err = type_verdict(res.type);
	if (err)
		return err;
	if (fib_info_num_path(res.fi) > 1)
		fib_select_path(q->net, &res, &fl4, NULL);

	err = mtu_verdict(q, ip_mtu_from_fib_result(&res, p->ipv4_dst));
	if (err)
		return err;
	/* What encapsulates on the way the program cannot do itself. */
	if (res.nhc->nhc_lwtstate)
		return BPF_FIB_LKUP_RET_UNSUPP_LWT;

	q->dev = res.nhc->nhc_dev;
	p->rt_metric = res.fi->fib_priority;
	p->ifindex = q->dev->ifindex;
	if (q->flags & BPF_FIB_LOOKUP_SRC)
		p->ipv4_src = fib_result_prefsrc(q->net, &res);
	return fill_result(q, next_hop4(q, res.nhc));
}
#else
static int lookup4(struct fib_query *q)
{
	return -EAFNOSUPPORT;
}
#endif

/* ------------------------------------------------------------------ IPv6 */

#if IS_ENABLED(CONFIG_IPV6)
static int find6(struct fib_query *q, struct flowi6 *fl6, struct fib6_result *res, int strict)
{
	struct fib6_table *table;

	if (!(q->flags & BPF_FIB_LOOKUP_DIRECT)) {
		fl6->flowi6_mark = query_mark(q);
		return ipv6_stub->fib6_lookup(q->net, fl6->flowi6_oif, fl6, res, strict);
	}
	table = ipv6_stub->fib6_get_table(q->net, query_table(q));
	return table ? ipv6_stub->fib6_table_lookup(q->net, table, fl6->flowi6_oif, fl6, res,
						    strict) : -ENOENT;
}

static void flow6(const struct fib_query *q, struct flowi6 *fl6)
{
	const struct bpf_fib_lookup *p = q->p;

	*fl6 = (struct flowi6) {
		.flowlabel = p->flowinfo,
		.flowi6_proto = p->l4_protocol,
		.fl6_sport = p->sport,
		.fl6_dport = p->dport,
	};
	memcpy(&fl6->daddr, p->ipv6_dst, sizeof(fl6->daddr));
	memcpy(&fl6->saddr, p->ipv6_src, sizeof(fl6->saddr));
	if (q->flags & BPF_FIB_LOOKUP_OUTPUT) {
		fl6->flowi6_iif = LOOPBACK_IFINDEX;
		fl6->flowi6_oif = p->ifindex;
	} else {
		fl6->flowi6_iif = p->ifindex;
	}
}

static int source6(struct fib_query *q, const struct fib6_result *res)
{
	struct in6_addr *src = (struct in6_addr *)q->p->ipv6_src;

	if (!(q->flags & BPF_FIB_LOOKUP_SRC))
		return 0;
	if (res->f6i->fib6_prefsrc.plen) {
		*src = res->f6i->fib6_prefsrc.addr;
		return 0;
	}
	if (ipv6_bpf_stub->ipv6_dev_get_saddr(q->net, q->dev,
					      (const struct in6_addr *)q->p->ipv6_dst, 0, src))
		return BPF_FIB_LKUP_RET_NO_SRC_ADDR;
	return 0;
}

/* The route that a look-up found takes the packet on. */
static int result6(struct fib_query *q, struct fib6_result *res)
{
	struct bpf_fib_lookup *p = q->p;
	struct in6_addr *dst = (struct in6_addr *)p->ipv6_dst;
	struct in6_addr *src = (struct in6_addr *)p->ipv6_src;
	int err;

	err = mtu_verdict(q, ipv6_stub->ip6_mtu_from_fib6(res, dst, src));
	if (err)
		return err;
	if (res->nh->fib_nh_lws)
		return BPF_FIB_LKUP_RET_UNSUPP_LWT;
	if (res->nh->fib_nh_gw_family)
		*dst = res->nh->fib_nh_gw6;

	q->dev = res->nh->fib_nh_dev;
	p->rt_metric = res->f6i->fib6_metric;
	p->ifindex = q->dev->ifindex;
	err = source6(q, res);
	return err ?: fill_result(q, __ipv6_neigh_lookup_noref_stub(q->dev, dst));
}

static int lookup6(struct fib_query *q)
{
	const struct in6_addr *dst = (const struct in6_addr *)q->p->ipv6_dst;
	const struct in6_addr *src = (const struct in6_addr *)q->p->ipv6_src;
	struct inet6_dev *idev = __in6_dev_get_safely(q->dev);
	struct fib6_result res = {};
	struct flowi6 fl6;
	int strict = 0, err;

	/* Such packets are never forwarded. */
	if (rt6_need_strict(dst) || rt6_need_strict(src))
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	if (unlikely(!idev || !READ_ONCE(idev->cnf.forwarding)))
		return BPF_FIB_LKUP_RET_FWD_DISABLED;

	flow6(q, &fl6);
	if (q->flags & BPF_FIB_LOOKUP_OUTPUT)
		strict = RT6_LOOKUP_F_HAS_SADDR;
	err = find6(q, &fl6, &res, strict);
	if (unlikely(err || IS_ERR_OR_NULL(res.f6i) ||
		     res.f6i == q->net->ipv6.fib6_null_entry))
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	err = type_verdict(res.fib6_type);
	if (err)
		return err;

	ipv6_stub->fib6_select_path(q->net, &res, &fl6, fl6.flowi6_oif, fl6.flowi6_oif != 0, NULL,
				    strict);
	return result6(q, &res);
}
#else
static int lookup6(struct fib_query *q)
{
	return -EAFNOSUPPORT;
}
#endif

/* ------------------------------------------------------------------ helpers */

static int lookup(struct fib_query *q, int plen)
{
	if (plen < (int)sizeof(*q->p) || q->flags & ~FIB_KNOWN)
		return -EINVAL;
	q->dev = dev_get_by_index_rcu(q->net, q->p->ifindex);
	if (!q->dev)
		return -ENODEV;
	q->check_mtu = q->p->tot_len;

	switch (q->p->family) {
	case AF_INET:
		return lookup4(q);
	case AF_INET6:
		return lookup6(q);
	default:
		return -EAFNOSUPPORT;
	}
}

/* May a packet be sent by the device, segments and all? */
static bool skb_fits(const struct sk_buff *skb, const struct net_device *dev)
{
	return skb_is_gso(skb) || skb->len <= dev->mtu + dev->hard_header_len + VLAN_HLEN;
}

BPF_CALL_4(bpf_skb_fib_lookup, struct sk_buff *, skb, struct bpf_fib_lookup *, params, int, plen,
	   u32, flags)
{
	struct fib_query q = { .net = dev_net(skb->dev), .p = params, .flags = flags };
	int ret = lookup(&q, plen);

	/* Without a length of its own the packet's counts. */
	if (ret || q.check_mtu)
		return ret;
	params->mtu_result = q.dev->mtu;
	return skb_fits(skb, q.dev) ? ret : BPF_FIB_LKUP_RET_FRAG_NEEDED;
}

BPF_CALL_4(bpf_xdp_fib_lookup, struct xdp_buff *, xdp, struct bpf_fib_lookup *, params, int, plen,
	   u32, flags)
{
	struct fib_query q = { .net = dev_net(xdp->rxq->dev), .p = params, .flags = flags };

	return lookup(&q, plen);
}

#define PROTO_FIB(_fn)						\
const struct bpf_func_proto _fn##_proto = {			\
	.func		= _fn,					\
	.gpl_only	= true,					\
	.ret_type	= RET_INTEGER,				\
	.arg1_type	= ARG_PTR_TO_CTX,			\
	.arg2_type	= ARG_PTR_TO_MEM | MEM_WRITE,		\
	.arg3_type	= ARG_CONST_SIZE,			\
	.arg4_type	= ARG_ANYTHING,				\
}

PROTO_FIB(bpf_skb_fib_lookup);
PROTO_FIB(bpf_xdp_fib_lookup);

static struct net_device *mtu_dev(struct net_device *dev, u32 ifindex)
{
	return ifindex ? dev_get_by_index_rcu(dev_net(dev), ifindex) : dev;
}

BPF_CALL_5(bpf_skb_check_mtu, struct sk_buff *, skb, u32, ifindex, u32 *, mtu_len, s32, len_diff,
	   u64, flags)
{
	struct net_device *dev = mtu_dev(skb->dev, ifindex);
	u32 mtu, len;

	if (unlikely(flags & ~(u64)BPF_MTU_CHK_SEGS))
		return -EINVAL;
	if (unlikely(flags & BPF_MTU_CHK_SEGS && (len_diff || *mtu_len)))
		return -EINVAL;
	if (unlikely(!dev))
		return -ENODEV;

	mtu = READ_ONCE(dev->mtu);
	len = *mtu_len ? *mtu_len + dev->hard_header_len : skb->len;
	*mtu_len = mtu;
	len += len_diff;
	if (len <= mtu + dev->hard_header_len)
		return BPF_MTU_CHK_RET_SUCCESS;
	if (!skb_is_gso(skb))
		return BPF_MTU_CHK_RET_FRAG_NEEDED;
	if (flags & BPF_MTU_CHK_SEGS && !skb_gso_validate_network_len(skb, mtu))
		return BPF_MTU_CHK_RET_SEGS_TOOBIG;
	return BPF_MTU_CHK_RET_SUCCESS;
}

BPF_CALL_5(bpf_xdp_check_mtu, struct xdp_buff *, xdp, u32, ifindex, u32 *, mtu_len, s32, len_diff,
	   u64, flags)
{
	struct net_device *dev = mtu_dev(xdp->rxq->dev, ifindex);
	u32 mtu, len;

	if (unlikely(flags))
		return -EINVAL;
	if (unlikely(!dev))
		return -ENODEV;

	mtu = READ_ONCE(dev->mtu);
	len = *mtu_len ? *mtu_len + dev->hard_header_len : xdp_get_buff_len(xdp);
	*mtu_len = mtu;
	len += len_diff;
	return len > mtu + dev->hard_header_len ? BPF_MTU_CHK_RET_FRAG_NEEDED :
						 BPF_MTU_CHK_RET_SUCCESS;
}

#define PROTO_MTU(_fn)							\
const struct bpf_func_proto _fn##_proto = {				\
	.func		= _fn,						\
	.gpl_only	= true,						\
	.ret_type	= RET_INTEGER,					\
	.arg1_type	= ARG_PTR_TO_CTX,				\
	.arg2_type	= ARG_ANYTHING,					\
	.arg3_type	= ARG_PTR_TO_FIXED_SIZE_MEM | MEM_WRITE | MEM_ALIGNED, \
	.arg_size		= { [2] = sizeof(u32) },					\
	.arg4_type	= ARG_ANYTHING,					\
	.arg5_type	= ARG_ANYTHING,					\
}

PROTO_MTU(bpf_skb_check_mtu);
PROTO_MTU(bpf_xdp_check_mtu);
