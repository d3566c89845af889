// SPDX-License-Identifier: GPL-2.0
/* bpf_skc_to_*(): a socket as the kernel's own struct, where it is one of that kind. */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/af_unix.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "net_bpf.h"
#include "protos.h"

static bool is_tcp_kind(const struct sock *sk)
{
	if (sk->sk_prot == &tcp_prot)
		return true;
#if IS_BUILTIN(CONFIG_IPV6)
	if (sk->sk_prot == &tcpv6_prot)
		return true;
#endif
	return false;
}

/* Requests are not full sockets, but have their listener's family and a protocol of their own. */
static bool is_tcp_request(struct sock *sk)
{
	return sk->sk_state == TCP_NEW_SYN_RECV && is_tcp_kind(inet_reqsk(sk)->rsk_listener);
}

static bool is_tcp(const struct sock *sk)
{
	return sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM;
}

static bool is_udp6(const struct sock *sk)
{
	return sk_fullsock(sk) && sk->sk_protocol == IPPROTO_UDP && sk->sk_type == SOCK_DGRAM &&
	       sk->sk_family == AF_INET6;
}

/* The struct has to be in the kernel's types even where nothing else of it is left there. */
#define CAST(_name, _type, _cond)						\
BPF_CALL_1(bpf_skc_to_##_name, struct sock *, sk)				\
{										\
	BTF_TYPE_EMIT(struct _name);						\
	return sk && (_cond) ? (unsigned long)sk : 0;				\
}										\
										\
const struct bpf_func_proto bpf_skc_to_##_name##_proto = {			\
	.func		= bpf_skc_to_##_name,					\
	.ret_type	= RET_PTR_TO_BTF_ID_OR_NULL,				\
	.ret_btf_id	= &btf_sock_ids[_type],					\
	.arg1_type	= ARG_PTR_TO_BTF_ID_SOCK_COMMON,			\
}

CAST(tcp_sock, BTF_SOCK_TYPE_TCP, is_tcp(sk));
CAST(tcp6_sock, BTF_SOCK_TYPE_TCP6, is_tcp(sk) && sk->sk_family == AF_INET6);
CAST(tcp_timewait_sock, BTF_SOCK_TYPE_TCP_TW, sk->sk_state == TCP_TIME_WAIT && is_tcp_kind(sk));
CAST(tcp_request_sock, BTF_SOCK_TYPE_TCP_REQ, is_tcp_request(sk));
CAST(udp6_sock, BTF_SOCK_TYPE_UDP6, is_udp6(sk));
CAST(unix_sock, BTF_SOCK_TYPE_UNIX, sk_fullsock(sk) && sk->sk_family == AF_UNIX);

/* The socket that a file stands for. */
BPF_CALL_1(bpf_sock_from_file, struct file *, file)
{
	return (unsigned long)sock_from_file(file);
}

const struct bpf_func_proto bpf_sock_from_file_proto = {
	.func		= bpf_sock_from_file,
	.ret_type	= RET_PTR_TO_BTF_ID_OR_NULL,
	.ret_btf_id	= &btf_sock_ids[BTF_SOCK_TYPE_SOCKET],
	.arg1_type	= ARG_PTR_TO_BTF_ID,
	.arg1_btf_id	= &btf_tracing_ids[BTF_TRACING_TYPE_FILE],
};
