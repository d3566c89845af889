// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_SK_LOOKUP: the programs of a network namespace choose the socket of an incoming packet before
 * the kernel's own tables are asked.
 *
 * All programs run. A socket that one chose counts, the last one of several; without any, the
 * packet is refused where one of them said so.
 */
#include <linux/bpf-netns.h>
#include <linux/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "net_bpf.h"

DEFINE_STATIC_KEY_FALSE(bpf_sk_lookup_enabled);
EXPORT_SYMBOL(bpf_sk_lookup_enabled);

/**
 * struct verdict - what the programs said so far
 * @sk: socket chosen, or NULL
 * @no_reuseport: the choice is final, not one of its group
 * @refused: a program dropped the packet
 */
struct verdict {
	struct sock *sk;
	bool no_reuseport;
	bool refused;
};

static void run_programs(const struct bpf_prog_array *array, struct bpf_sk_lookup_kern *ctx,
			 struct verdict *v)
{
	const struct bpf_prog_array_item *item;
	const struct bpf_prog *prog;

	migrate_disable();
	for (item = array->items; (prog = READ_ONCE(item->prog)); item++) {
		ctx->selected_sk = v->sk;
		ctx->no_reuseport = v->no_reuseport;
		if (bpf_prog_run(prog, ctx) == SK_PASS) {
			v->sk = ctx->selected_sk;
			v->no_reuseport = ctx->no_reuseport;
		} else {
			v->refused = true;
		}
	}
	migrate_enable();
}

static bool lookup_run(const struct net *net, struct bpf_sk_lookup_kern *ctx, struct sock **psk)
{
	const struct bpf_prog_array *array;
	struct verdict v = {};

	rcu_read_lock();
	array = rcu_dereference(net->bpf.run_array[NETNS_BPF_SK_LOOKUP]);
	if (array)
		run_programs(array, ctx, &v);
	rcu_read_unlock();

	*psk = v.sk ?: v.refused ? ERR_PTR(-ECONNREFUSED) : NULL;
	return v.no_reuseport;
}

/**
 * bpf_sk_lookup_run_v4 - ask the programs for the socket of an IPv4 packet
 * @net: the namespace
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @saddr: remote address
 * @sport: remote port, network order
 * @daddr: local address
 * @dport: local port, host order
 * @ifindex: device it came in by
 * @psk: gets the socket, NULL for no choice, or ERR_PTR(-ECONNREFUSED)
 *
 * Context: rcu_read_lock() held. Return: the socket is not to be exchanged for one of its group.
 */
bool bpf_sk_lookup_run_v4(const struct net *net, int protocol, const __be32 saddr,
			  const __be16 sport, const __be32 daddr, const u16 dport,
			  const int ifindex, struct sock **psk)
{
	struct bpf_sk_lookup_kern ctx = {
		.family = AF_INET,
		.protocol = protocol,
		.v4.saddr = saddr,
		.v4.daddr = daddr,
		.sport = sport,
		.dport = dport,
		.ingress_ifindex = ifindex,
	};

	return lookup_run(net, &ctx, psk);
}
EXPORT_SYMBOL_GPL(bpf_sk_lookup_run_v4);

#if IS_ENABLED(CONFIG_IPV6)
/**
 * bpf_sk_lookup_run_v6 - ask the programs for the socket of an IPv6 packet
 * @net: the namespace
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @saddr: remote address
 * @sport: remote port, network order
 * @daddr: local address
 * @dport: local port, host order
 * @ifindex: device it came in by
 * @psk: gets the socket, NULL for no choice, or ERR_PTR(-ECONNREFUSED)
 *
 * Context: rcu_read_lock() held. Return: the socket is not to be exchanged for one of its group.
 */
bool bpf_sk_lookup_run_v6(const struct net *net, int protocol, const struct in6_addr *saddr,
			  const __be16 sport, const struct in6_addr *daddr, const u16 dport,
			  const int ifindex, struct sock **psk)
{
	struct bpf_sk_lookup_kern ctx = {
		.family = AF_INET6,
		.protocol = protocol,
		.v6.saddr = saddr,
		.v6.daddr = daddr,
		.sport = sport,
		.dport = dport,
		.ingress_ifindex = ifindex,
	};

	return lookup_run(net, &ctx, psk);
}
EXPORT_SYMBOL_GPL(bpf_sk_lookup_run_v6);

/* IPv6 may be a module: its services come through a table that it fills in. */
const struct ipv6_bpf_stub *ipv6_bpf_stub __read_mostly;
EXPORT_SYMBOL_GPL(ipv6_bpf_stub);
#endif
