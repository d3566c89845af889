// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_setsockopt() and bpf_getsockopt(): the options of a socket that programs may change and read,
 * carried out by the code of setsockopt(2) and getsockopt(2), which knows from current->bpf_ctx
 * that a program is asking and that the socket is locked.
 */
#include <linux/btf_ids.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "net_bpf.h"

/**
 * struct sock_opt - an option
 * @level: level as in setsockopt(2)
 * @name: the option there
 * @get: may be read by the kernel's own code
 * @min: fewest bytes of a value
 * @max: most bytes; 0: any number
 * @set: sets it where the kernel's own code does not; the value is @min bytes
 */
struct sock_opt {
	int level;
	int name;
	bool get;
	int min;
	int max;
	int (*set)(struct sock *sk, int val);
};

static int set_cwnd(struct sock *sk, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (val <= 0 || tp->data_segs_out > tp->syn_data)
		return -EINVAL;
	tcp_snd_cwnd_set(tp, val);
	return 0;
}

static int set_cwnd_clamp(struct sock *sk, int val)
{
	if (val <= 0)
		return -EINVAL;
	tcp_sk(sk)->snd_cwnd_clamp = val;
	tcp_sk(sk)->snd_ssthresh = val;
	return 0;
}

static int set_delack_max(struct sock *sk, int val)
{
	unsigned long timeout = usecs_to_jiffies(val);

	if (val <= 0 || timeout > TCP_DELACK_MAX || timeout < TCP_TIMEOUT_MIN)
		return -EINVAL;
	inet_csk(sk)->icsk_delack_max = timeout;
	return 0;
}

static int set_rto_min(struct sock *sk, int val)
{
	unsigned long timeout = usecs_to_jiffies(val);

	if (val <= 0 || timeout > TCP_RTO_MIN || timeout < TCP_TIMEOUT_MIN)
		return -EINVAL;
	inet_csk(sk)->icsk_rto_min = timeout;
	return 0;
}

#define SOCK_INT(opt)	{ SOL_SOCKET, opt, true, sizeof(int), sizeof(int) }
#define TCP_INT(opt)	{ SOL_TCP, opt, true, sizeof(int), sizeof(int) }

static const struct sock_opt sock_opts[] = {
	SOCK_INT(SO_RCVBUF),
	SOCK_INT(SO_SNDBUF),
	SOCK_INT(SO_PRIORITY),
	SOCK_INT(SO_RCVLOWAT),
	SOCK_INT(SO_MARK),
	SOCK_INT(SO_KEEPALIVE),
	SOCK_INT(SO_REUSEADDR),
	SOCK_INT(SO_REUSEPORT),
	SOCK_INT(SO_TXREHASH),
	{ SOL_SOCKET, SO_MAX_PACING_RATE, true, sizeof(u32), sizeof(u64) },
	{ SOL_SOCKET, SO_BINDTOIFINDEX, true, sizeof(int), sizeof(int) },
	{ SOL_SOCKET, SO_BINDTODEVICE, true, 0, 0 },
	TCP_INT(TCP_NODELAY),
	TCP_INT(TCP_MAXSEG),
	TCP_INT(TCP_KEEPIDLE),
	TCP_INT(TCP_KEEPINTVL),
	TCP_INT(TCP_KEEPCNT),
	TCP_INT(TCP_SYNCNT),
	TCP_INT(TCP_WINDOW_CLAMP),
	TCP_INT(TCP_THIN_LINEAR_TIMEOUTS),
	TCP_INT(TCP_USER_TIMEOUT),
	TCP_INT(TCP_NOTSENT_LOWAT),
	TCP_INT(TCP_SAVE_SYN),
	{ SOL_TCP, TCP_CONGESTION, true, 2, 0 },
	{ SOL_TCP, TCP_BPF_IW, false, sizeof(int), sizeof(int), .set = set_cwnd },
	{ SOL_TCP, TCP_BPF_SNDCWND_CLAMP, false, sizeof(int), sizeof(int), .set = set_cwnd_clamp },
	{ SOL_TCP, TCP_BPF_DELACK_MAX, false, sizeof(int), sizeof(int), .set = set_delack_max },
	{ SOL_TCP, TCP_BPF_RTO_MIN, false, sizeof(int), sizeof(int), .set = set_rto_min },
	{ SOL_IP, IP_TOS, true, sizeof(int), sizeof(int) },
	{ SOL_IPV6, IPV6_TCLASS, true, sizeof(int), sizeof(int) },
	{ SOL_IPV6, IPV6_AUTOFLOWLABEL, true, sizeof(int), sizeof(int) },
};

static const struct sock_opt *opt_find(const struct sock *sk, int level, int name, int len)
{
	u32 i;

	if (level == SOL_TCP && !sk_is_tcp(sk))
		return NULL;
	if (level == SOL_IP && sk->sk_family != AF_INET)
		return NULL;
	if (level == SOL_IPV6 && sk->sk_family != AF_INET6)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(sock_opts); i++) {
		const struct sock_opt *opt = &sock_opts[i];

		if (opt->level == level && opt->name == name)
			return len >= opt->min && (!opt->max || len <= opt->max) ? opt : NULL;
	}
	return NULL;
}

/*
 * An algorithm that is a program may ask for another one while it is being set up. That one may do
 * the same: once is enough.
 */
static int set_congestion(struct sock *sk, char *val, int len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err;

	if (tp->bpf_chg_cc_inprogress)
		return -EBUSY;
	tp->bpf_chg_cc_inprogress = 1;
	err = do_tcp_setsockopt(sk, SOL_TCP, TCP_CONGESTION, KERNEL_SOCKPTR(val), len);
	tp->bpf_chg_cc_inprogress = 0;
	return err;
}

static int set_by_level(struct sock *sk, int level, int name, char *val, int len)
{
	sockptr_t ptr = KERNEL_SOCKPTR(val);

	switch (level) {
	case SOL_SOCKET:
		return sk_setsockopt(sk, level, name, ptr, len);
	case SOL_TCP:
		return do_tcp_setsockopt(sk, level, name, ptr, len);
	case SOL_IP:
		return do_ip_setsockopt(sk, level, name, ptr, len);
	case SOL_IPV6:
		return ipv6_bpf_stub ? ipv6_bpf_stub->ipv6_setsockopt(sk, level, name, ptr, len) :
				       -EAFNOSUPPORT;
	default:
		return -EINVAL;
	}
}

static int get_by_level(struct sock *sk, int level, int name, char *val, int *len)
{
	sockptr_t ptr = KERNEL_SOCKPTR(val), lenp = KERNEL_SOCKPTR(len);

	switch (level) {
	case SOL_SOCKET:
		return sk_getsockopt(sk, level, name, ptr, lenp);
	case SOL_TCP:
		return do_tcp_getsockopt(sk, level, name, ptr, lenp);
	case SOL_IP:
		return do_ip_getsockopt(sk, level, name, ptr, lenp);
	case SOL_IPV6:
		return ipv6_bpf_stub ? ipv6_bpf_stub->ipv6_getsockopt(sk, level, name, ptr, lenp) :
				       -EAFNOSUPPORT;
	default:
		return -EINVAL;
	}
}

/* The socket is full and locked by the hook. */
static int sock_set(struct sock *sk, int level, int name, char *val, int len)
{
	const struct sock_opt *opt;

	if (!sk_fullsock(sk))
		return -EINVAL;
	sock_owned_by_me(sk);
	opt = opt_find(sk, level, name, len);
	if (!opt)
		return -EINVAL;
	if (level == SOL_TCP && name == TCP_CONGESTION)
		return set_congestion(sk, val, len);
	return opt->set ? opt->set(sk, *(int *)val) : set_by_level(sk, level, name, val, len);
}

static int sock_get(struct sock *sk, int level, int name, char *val, int len)
{
	const struct sock_opt *opt;
	int got = len, err = -EINVAL;

	if (sk_fullsock(sk)) {
		sock_owned_by_me(sk);
		opt = opt_find(sk, level, name, len);
		if (opt && opt->get)
			err = get_by_level(sk, level, name, val, &got);
	}
	/* The program reads all of it, whatever came. */
	if (err)
		memset(val, 0, len);
	else if (got < len)
		memset(val + got, 0, len - got);
	return err;
}

BPF_CALL_5(bpf_sk_setsockopt, struct sock *, sk, int, level, int, optname, char *, optval,
	   int, optlen)
{
	return sock_set(sk, level, optname, optval, optlen);
}

/* For iterators over sockets, whose programs run with the socket locked. */
const struct bpf_func_proto bpf_sk_setsockopt_proto = {
	.func		= bpf_sk_setsockopt,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg1_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
	.arg4_type	= ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg5_type	= ARG_CONST_SIZE,
};

BPF_CALL_5(bpf_sk_getsockopt, struct sock *, sk, int, level, int, optname, char *, optval,
	   int, optlen)
{
	return sock_get(sk, level, optname, optval, optlen);
}

const struct bpf_func_proto bpf_sk_getsockopt_proto = {
	.func		= bpf_sk_getsockopt,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg1_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_ANYTHING,
	.arg4_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg5_type	= ARG_CONST_SIZE,
};
