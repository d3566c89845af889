// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for tunnel metadata: what a collecting tunnel device took off a packet that came in, and
 * what it is to put on one that goes out.
 */
#include <linux/skbuff.h>
#include <net/dst_metadata.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>

#include "net_bpf.h"
#include "protos.h"

/* Options of a packet that goes out, at most. */
#define OPT_MAX	IP_TUNNEL_OPTS_MAX

/* One per CPU: a packet refers to it from set_tunnel_key() until the device has used it. */
static struct metadata_dst __percpu *md_dst;

/* Sizes of struct bpf_tunnel_key that programs were compiled with: it grew twice at the end. */
static bool key_size_ok(u32 size)
{
	return size == sizeof(struct bpf_tunnel_key) ||
	       size == offsetof(struct bpf_tunnel_key, local_ipv6[0]) ||
	       size == offsetof(struct bpf_tunnel_key, tunnel_label) ||
	       size == offsetof(struct bpf_tunnel_key, tunnel_ext) ||
	       size == offsetof(struct bpf_tunnel_key, remote_ipv6[1]);
}

static int get_key(struct sk_buff *skb, struct bpf_tunnel_key *key, u64 flags)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	const struct ip_tunnel_key *k;

	if (flags & ~(BPF_F_TUNINFO_IPV6 | BPF_F_TUNINFO_FLAGS))
		return -EINVAL;
	if (!info)
		return -EINVAL;
	if (ip_tunnel_info_af(info) != (flags & BPF_F_TUNINFO_IPV6 ? AF_INET6 : AF_INET))
		return -EPROTO;

	k = &info->key;
	key->tunnel_id = be64_to_cpu(k->tun_id);
	key->tunnel_tos = k->tos;
	key->tunnel_ttl = k->ttl;
	if (flags & BPF_F_TUNINFO_FLAGS)
		key->tunnel_flags = ip_tunnel_flags_to_be16(k->tun_flags);
	if (flags & BPF_F_TUNINFO_IPV6) {
		memcpy(key->remote_ipv6, &k->u.ipv6.src, sizeof(key->remote_ipv6));
		memcpy(key->local_ipv6, &k->u.ipv6.dst, sizeof(key->local_ipv6));
		key->tunnel_label = be32_to_cpu(k->label);
	} else {
		key->remote_ipv4 = be32_to_cpu(k->u.ipv4.src);
		key->local_ipv4 = be32_to_cpu(k->u.ipv4.dst);
	}
	return 0;
}

BPF_CALL_4(bpf_skb_get_tunnel_key, struct sk_buff *, skb, struct bpf_tunnel_key *, to, u32, size,
	   u64, flags)
{
	struct bpf_tunnel_key key = {};
	int err = key_size_ok(size) ? get_key(skb, &key, flags) : -EINVAL;

	if (err)
		memset(to, 0, size);
	else
		memcpy(to, &key, size);
	return err;
}

const struct bpf_func_proto bpf_skb_get_tunnel_key_proto = {
	.func		= bpf_skb_get_tunnel_key,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg3_type	= ARG_CONST_SIZE,
	.arg4_type	= ARG_ANYTHING,
};

BPF_CALL_3(bpf_skb_get_tunnel_opt, struct sk_buff *, skb, u8 *, to, u32, size)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	int err = 0;

	if (!info || !ip_tunnel_is_options_present(info->key.tun_flags))
		err = -ENOENT;
	else if (size < info->options_len)
		err = -ENOMEM;
	if (err) {
		memset(to, 0, size);
		return err;
	}

	ip_tunnel_info_opts_get(to, info);
	memset(to + info->options_len, 0, size - info->options_len);
	return info->options_len;
}

const struct bpf_func_proto bpf_skb_get_tunnel_opt_proto = {
	.func		= bpf_skb_get_tunnel_opt,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg3_type	= ARG_CONST_SIZE,
};

/* ------------------------------------------------------------------ out */

static void set_flags(unsigned long *tun_flags, u64 flags)
{
	ip_tunnel_flags_zero(tun_flags);
	__set_bit(IP_TUNNEL_NOCACHE_BIT, tun_flags);
	__assign_bit(IP_TUNNEL_KEY_BIT, tun_flags, !(flags & BPF_F_NO_TUNNEL_KEY));
	__assign_bit(IP_TUNNEL_CSUM_BIT, tun_flags, !(flags & BPF_F_ZERO_CSUM_TX));
	__assign_bit(IP_TUNNEL_DONT_FRAGMENT_BIT, tun_flags, flags & BPF_F_DONT_FRAGMENT);
	__assign_bit(IP_TUNNEL_SEQ_BIT, tun_flags, flags & BPF_F_SEQ_NUMBER);
}

static void set_info(struct ip_tunnel_info *info, const struct bpf_tunnel_key *key, u64 flags)
{
	struct ip_tunnel_key *k = &info->key;

	memset(info, 0, sizeof(*info));
	info->mode = IP_TUNNEL_INFO_TX;
	set_flags(k->tun_flags, flags);
	k->tun_id = cpu_to_be64(key->tunnel_id);
	k->tos = key->tunnel_tos;
	k->ttl = key->tunnel_ttl;
	if (flags & BPF_F_TUNINFO_IPV6) {
		info->mode |= IP_TUNNEL_INFO_IPV6;
		memcpy(&k->u.ipv6.dst, key->remote_ipv6, sizeof(key->remote_ipv6));
		memcpy(&k->u.ipv6.src, key->local_ipv6, sizeof(key->local_ipv6));
		k->label = cpu_to_be32(key->tunnel_label) & IPV6_FLOWLABEL_MASK;
	} else {
		k->u.ipv4.dst = cpu_to_be32(key->remote_ipv4);
		k->u.ipv4.src = cpu_to_be32(key->local_ipv4);
		k->flow_flags = FLOWI_FLAG_ANYSRC;
	}
}

BPF_CALL_4(bpf_skb_set_tunnel_key, struct sk_buff *, skb, const struct bpf_tunnel_key *, from,
	   u32, size, u64, flags)
{
	const u64 known = BPF_F_TUNINFO_IPV6 | BPF_F_ZERO_CSUM_TX | BPF_F_DONT_FRAGMENT |
			  BPF_F_SEQ_NUMBER | BPF_F_NO_TUNNEL_KEY;
	struct metadata_dst *md = this_cpu_ptr(md_dst);
	struct bpf_tunnel_key key = {};

	if (unlikely(flags & ~known || !key_size_ok(size)))
		return -EINVAL;
	memcpy(&key, from, size);
	if (unlikely(key.tunnel_label & ~be32_to_cpu(IPV6_FLOWLABEL_MASK)))
		return -EINVAL;
	if (unlikely((!(flags & BPF_F_TUNINFO_IPV6) && key.tunnel_label) ||
		     (size > offsetof(struct bpf_tunnel_key, tunnel_ext) && key.tunnel_ext)))
		return -EINVAL;

	skb_dst_drop(skb);
	dst_hold(&md->dst);
	skb_dst_set(skb, &md->dst);
	set_info(&md->u.tun_info, &key, flags);
	return 0;
}

const struct bpf_func_proto bpf_skb_set_tunnel_key_proto = {
	.func		= bpf_skb_set_tunnel_key,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type	= ARG_CONST_SIZE,
	.arg4_type	= ARG_ANYTHING,
};

BPF_CALL_3(bpf_skb_set_tunnel_opt, struct sk_buff *, skb, const u8 *, from, u32, size)
{
	struct ip_tunnel_info *info = skb_tunnel_info(skb);
	IP_TUNNEL_DECLARE_FLAGS(present) = {};

	/* Only behind set_tunnel_key(): options belong to its metadata. */
	if (unlikely(info != &this_cpu_ptr(md_dst)->u.tun_info || size & (sizeof(u32) - 1)))
		return -EINVAL;
	if (unlikely(size > OPT_MAX))
		return -ENOMEM;

	ip_tunnel_set_options_present(present);
	ip_tunnel_info_opts_set(info, from, size, present);
	return 0;
}

const struct bpf_func_proto bpf_skb_set_tunnel_opt_proto = {
	.func		= bpf_skb_set_tunnel_opt,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type	= ARG_CONST_SIZE,
};

static int __init skb_tunnel_init(void)
{
	md_dst = metadata_dst_alloc_percpu(OPT_MAX, METADATA_IP_TUNNEL, GFP_KERNEL);
	/* The helpers are reachable as soon as programs are. */
	if (!md_dst)
		panic("bpf: no memory for tunnel metadata\n");
	return 0;
}
subsys_initcall(skb_tunnel_init);
