// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that answer a flood of SYNs before the stack sees it: cookies are made and checked with
 * the stack's own secret, for a listener, or raw, for no socket at all.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "net_bpf.h"
#include "protos.h"

#define HAVE_IPV6 IS_BUILTIN(CONFIG_IPV6)

#ifdef CONFIG_SYN_COOKIES
/* IP version of headers of @iph_len bytes that belong to @sk; 0 for headers that do not. */
static int listener_version(const struct sock *sk, const void *iph, u32 iph_len)
{
	int version = ((const struct iphdr *)iph)->version;

	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_state != TCP_LISTEN)
		return 0;
	if (version == 4 && iph_len == sizeof(struct iphdr))
		return sk->sk_family == AF_INET || !ipv6_only_sock(sk) ? 4 : 0;
	if (version == 6 && iph_len == sizeof(struct ipv6hdr))
		return sk->sk_family == AF_INET6 ? 6 : 0;
	return 0;
}

static int cookie_valid(int version, const void *iph, const struct tcphdr *th)
{
#if HAVE_IPV6
	if (version == 6)
		return __cookie_v6_check(iph, th);
#endif
	return version == 4 ? __cookie_v4_check(iph, th) : 0;
}

static int check_syncookie(struct sock *sk, const void *iph, u32 iph_len,
			   const struct tcphdr *th, u32 th_len)
{
	int version;

	if (unlikely(!sk || iph_len < sizeof(struct iphdr) || th_len < sizeof(*th)))
		return -EINVAL;
	version = listener_version(sk, iph, iph_len);
	if (!version || !READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies))
		return -EINVAL;
	if (!th->ack || th->rst || th->syn)
		return -ENOENT;
	/* Without a flood no cookies were sent. */
	if (tcp_synq_no_recent_overflow(sk))
		return -ENOENT;
	return cookie_valid(version, iph, th) > 0 ? 0 : -ENOENT;
}

/* Cookie and, above 32 bits, maximum segment size. */
static s64 gen_syncookie(struct sock *sk, void *iph, u32 iph_len, struct tcphdr *th, u32 th_len)
{
	int version;
	u32 cookie;
	u16 mss = 0;

	if (unlikely(!sk || iph_len < sizeof(struct iphdr) || th_len < sizeof(*th) ||
		     th_len != th->doff * 4))
		return -EINVAL;
	version = listener_version(sk, iph, iph_len);
	if (!version)
		return ((struct iphdr *)iph)->version == 4 || ((struct iphdr *)iph)->version == 6 ?
		       -EINVAL : -EPROTONOSUPPORT;
	if (!READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies))
		return -ENOENT;
	if (!th->syn || th->ack || th->fin || th->rst)
		return -EINVAL;

	if (version == 4)
		mss = tcp_v4_get_syncookie(sk, iph, th, &cookie);
#if HAVE_IPV6
	else
		mss = tcp_v6_get_syncookie(sk, iph, th, &cookie);
#endif
	return mss ? (s64)mss << 32 | cookie : -ENOENT;
}
#else
static int check_syncookie(struct sock *sk, const void *iph, u32 iph_len,
			   const struct tcphdr *th, u32 th_len)
{
	return -ENOTSUPP;
}

static s64 gen_syncookie(struct sock *sk, void *iph, u32 iph_len, struct tcphdr *th, u32 th_len)
{
	return -EOPNOTSUPP;
}
#endif

BPF_CALL_5(bpf_tcp_check_syncookie, struct sock *, sk, void *, iph, u32, iph_len,
	   struct tcphdr *, th, u32, th_len)
{
	return check_syncookie(sk, iph, iph_len, th, th_len);
}

BPF_CALL_5(bpf_tcp_gen_syncookie, struct sock *, sk, void *, iph, u32, iph_len,
	   struct tcphdr *, th, u32, th_len)
{
	return gen_syncookie(sk, iph, iph_len, th, th_len);
}

#define PROTO_COOKIE(_fn)				\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.gpl_only	= true,				\
	.pkt_access	= true,				\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON, \
	.arg2_type	= ARG_PTR_TO_MEM | MEM_RDONLY,	\
	.arg3_type	= ARG_CONST_SIZE,		\
	.arg4_type	= ARG_PTR_TO_MEM | MEM_RDONLY,	\
	.arg5_type	= ARG_CONST_SIZE,		\
}

PROTO_COOKIE(bpf_tcp_check_syncookie);
PROTO_COOKIE(bpf_tcp_gen_syncookie);

/* ------------------------------------------------------------------ without a socket */

#ifdef CONFIG_SYN_COOKIES
static bool th_len_ok(const struct tcphdr *th, u32 th_len)
{
	return th_len >= sizeof(*th) && th_len == th->doff * 4;
}

BPF_CALL_3(bpf_tcp_raw_gen_syncookie_ipv4, struct iphdr *, iph, struct tcphdr *, th, u32, th_len)
{
	u32 cookie;
	u16 mss;

	if (unlikely(!th_len_ok(th, th_len)))
		return -EINVAL;
	mss = tcp_parse_mss_option(th, 0) ?: TCP_MSS_DEFAULT;
	cookie = __cookie_v4_init_sequence(iph, th, &mss);
	return (u64)mss << 32 | cookie;
}

BPF_CALL_3(bpf_tcp_raw_gen_syncookie_ipv6, struct ipv6hdr *, iph, struct tcphdr *, th, u32, th_len)
{
#if HAVE_IPV6
	const u16 mss_default = IPV6_MIN_MTU - sizeof(struct tcphdr) - sizeof(struct ipv6hdr);
	u32 cookie;
	u16 mss;

	if (unlikely(!th_len_ok(th, th_len)))
		return -EINVAL;
	mss = tcp_parse_mss_option(th, 0) ?: mss_default;
	cookie = __cookie_v6_init_sequence(iph, th, &mss);
	return (u64)mss << 32 | cookie;
#else
	return -EPROTONOSUPPORT;
#endif
}

BPF_CALL_2(bpf_tcp_raw_check_syncookie_ipv4, struct iphdr *, iph, struct tcphdr *, th)
{
	return cookie_valid(4, iph, th) > 0 ? 0 : -EACCES;
}

BPF_CALL_2(bpf_tcp_raw_check_syncookie_ipv6, struct ipv6hdr *, iph, struct tcphdr *, th)
{
	if (!HAVE_IPV6)
		return -EPROTONOSUPPORT;
	return cookie_valid(6, iph, th) > 0 ? 0 : -EACCES;
}

#define PROTO_RAW_GEN(_fn, _iph)			\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.gpl_only	= true,				\
	.pkt_access	= true,				\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_FIXED_SIZE_MEM | MEM_RDONLY, \
	.arg2_type	= ARG_PTR_TO_MEM | MEM_RDONLY,	\
	.arg3_type	= ARG_CONST_SIZE_OR_ZERO,	\
	.arg_size	= { [0] = sizeof(_iph) },	\
}

PROTO_RAW_GEN(bpf_tcp_raw_gen_syncookie_ipv4, struct iphdr);
PROTO_RAW_GEN(bpf_tcp_raw_gen_syncookie_ipv6, struct ipv6hdr);

#define PROTO_RAW_CHECK(_fn, _iph)			\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.gpl_only	= true,				\
	.pkt_access	= true,				\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_FIXED_SIZE_MEM | MEM_RDONLY, \
	.arg2_type	= ARG_PTR_TO_FIXED_SIZE_MEM | MEM_RDONLY, \
	.arg_size	= { [0] = sizeof(_iph), [1] = sizeof(struct tcphdr) },	\
}

PROTO_RAW_CHECK(bpf_tcp_raw_check_syncookie_ipv4, struct iphdr);
PROTO_RAW_CHECK(bpf_tcp_raw_check_syncookie_ipv6, struct ipv6hdr);
#endif
