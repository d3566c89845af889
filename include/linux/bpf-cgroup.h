/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks that run the programs of control groups. Each costs a patched branch while no program of
 * its kind is attached anywhere. Results are 0 or a negative errno unless stated otherwise.
 */
#ifndef _LINUX_BPF_CGROUP_H
#define _LINUX_BPF_CGROUP_H

#include <linux/bpf.h>
#include <linux/bpf-cgroup-defs.h>
#include <linux/btf.h>
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/sockptr.h>

struct bpf_sock_ops_kern;
struct cgroup;
struct ctl_table;
struct ctl_table_header;
struct sk_buff;
struct sock;
struct sockaddr;

#ifdef CONFIG_CGROUP_BPF

#include <net/inet_sock.h>
#include <net/sock.h>

/* Bit of a bind program's result: the port needs no CAP_NET_BIND_SERVICE. */
#define BPF_RET_BIND_NO_CAP_NET_BIND_SERVICE BIT(0)

/* One key an attach point: it is attached to in some control group. */
extern struct static_key_false cgroup_bpf_enabled_key[MAX_CGROUP_BPF_ATTACH_TYPE];
#define cgroup_bpf_enabled(atype) static_branch_unlikely(&cgroup_bpf_enabled_key[atype])

int cgroup_bpf_inherit(struct cgroup *cgrp);
void cgroup_bpf_offline(struct cgroup *cgrp);

/* Egress: as well NET_XMIT_SUCCESS, NET_XMIT_DROP or NET_XMIT_CN. */
int __cgroup_bpf_run_filter_skb(struct sock *sk, struct sk_buff *skb,
				enum cgroup_bpf_attach_type atype);
int __cgroup_bpf_run_filter_sk(struct sock *sk, enum cgroup_bpf_attach_type atype);

/*
 * @uaddr and @uaddrlen may be changed; @uaddr NULL (unconnected send without address): programs
 * see zeros. @t_ctx: source address of sendmsg. @flags: bits of the result, or NULL.
 */
int __cgroup_bpf_run_filter_sock_addr(struct sock *sk, struct sockaddr *uaddr, int *uaddrlen,
				      enum cgroup_bpf_attach_type atype, void *t_ctx,
				      u32 *flags);
int __cgroup_bpf_run_filter_sock_ops(struct sock *sk, struct bpf_sock_ops_kern *sock_ops,
				     enum cgroup_bpf_attach_type atype);
int __cgroup_bpf_check_dev_permission(short dev_type, u32 major, u32 minor, short access,
				      enum cgroup_bpf_attach_type atype);

/* A program may replace what is written: then *@buf is a new buffer, the old one freed. */
int __cgroup_bpf_run_filter_sysctl(struct ctl_table_header *head, const struct ctl_table *table,
				   int write, char **buf, size_t *pcount, loff_t *ppos,
				   enum cgroup_bpf_attach_type atype);

/* 1: handled, the kernel is not asked. *@kernel_optval: a replacement for the caller to free. */
int __cgroup_bpf_run_filter_setsockopt(struct sock *sk, int *level, int *optname,
				       sockptr_t optval, int *optlen, char **kernel_optval);

/* @retval: the kernel's own result; returns the one that user space gets. */
int __cgroup_bpf_run_filter_getsockopt(struct sock *sk, int level, int optname,
				       sockptr_t optval, sockptr_t optlen, int max_optlen,
				       int retval);
int __cgroup_bpf_run_filter_getsockopt_kern(struct sock *sk, int level, int optname,
					    void *optval, int *optlen, int retval);

/* Does the group of this socket have programs at all? Full sockets only. */
static inline bool cgroup_bpf_sock_enabled(struct sock *sk, enum cgroup_bpf_attach_type atype)
{
	struct cgroup *cgrp = sock_cgroup_ptr(&sk->sk_cgrp_data);

	return rcu_access_pointer(cgrp->bpf.effective[atype]) != &bpf_empty_prog_array;
}

static inline int cgroup_bpf_run_ingress(struct sock *sk, struct sk_buff *skb)
{
	if (!cgroup_bpf_enabled(CGROUP_INET_INGRESS) || !sk || !sk_fullsock(sk))
		return 0;
	if (!cgroup_bpf_sock_enabled(sk, CGROUP_INET_INGRESS))
		return 0;
	return __cgroup_bpf_run_filter_skb(sk, skb, CGROUP_INET_INGRESS);
}

/* Only packets that their own socket sends: not those a tunnel's socket carries for others. */
static inline int cgroup_bpf_run_egress(struct sock *sk, struct sk_buff *skb)
{
	struct sock *full;

	if (!cgroup_bpf_enabled(CGROUP_INET_EGRESS) || !sk)
		return 0;
	full = sk_to_full_sk(sk);
	if (!full || full != skb_to_full_sk(skb))
		return 0;
	if (!cgroup_bpf_sock_enabled(full, CGROUP_INET_EGRESS))
		return 0;
	return __cgroup_bpf_run_filter_skb(full, skb, CGROUP_INET_EGRESS);
}

static __always_inline int cgroup_bpf_run_sk(struct sock *sk, enum cgroup_bpf_attach_type atype)
{
	if (!cgroup_bpf_enabled(atype))
		return 0;
	return __cgroup_bpf_run_filter_sk(sk, atype);
}

static __always_inline int cgroup_bpf_run_sa(struct sock *sk, struct sockaddr *uaddr,
					     int *uaddrlen, enum cgroup_bpf_attach_type atype)
{
	if (!cgroup_bpf_enabled(atype))
		return 0;
	return __cgroup_bpf_run_filter_sock_addr(sk, uaddr, uaddrlen, atype, NULL, NULL);
}

static __always_inline int cgroup_bpf_run_sa_lock(struct sock *sk, struct sockaddr *uaddr,
						  int *uaddrlen,
						  enum cgroup_bpf_attach_type atype, void *t_ctx)
{
	int ret;

	if (!cgroup_bpf_enabled(atype))
		return 0;
	lock_sock(sk);
	ret = __cgroup_bpf_run_filter_sock_addr(sk, uaddr, uaddrlen, atype, t_ctx, NULL);
	release_sock(sk);
	return ret;
}

/* @bind_flags: BIND_*, of the caller's bind. */
static __always_inline int cgroup_bpf_run_bind_lock(struct sock *sk, struct sockaddr *uaddr,
						    int *uaddrlen,
						    enum cgroup_bpf_attach_type atype,
						    u32 no_cap_flag, u32 *bind_flags)
{
	u32 flags = 0;
	int ret;

	if (!cgroup_bpf_enabled(atype))
		return 0;
	lock_sock(sk);
	ret = __cgroup_bpf_run_filter_sock_addr(sk, uaddr, uaddrlen, atype, NULL, &flags);
	release_sock(sk);
	if (flags & BPF_RET_BIND_NO_CAP_NET_BIND_SERVICE)
		*bind_flags |= no_cap_flag;
	return ret;
}

static inline int cgroup_bpf_run_sock_ops(struct bpf_sock_ops_kern *sock_ops, struct sock *sk)
{
	struct sock *full;

	if (!cgroup_bpf_enabled(CGROUP_SOCK_OPS) || !sk)
		return 0;
	full = sk_to_full_sk(sk);
	if (!full || !sk_fullsock(full))
		return 0;
	return __cgroup_bpf_run_filter_sock_ops(full, sock_ops, CGROUP_SOCK_OPS);
}

#define BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb) cgroup_bpf_run_ingress(sk, skb)
#define BPF_CGROUP_RUN_PROG_INET_EGRESS(sk, skb) cgroup_bpf_run_egress(sk, skb)

#define BPF_CGROUP_RUN_PROG_INET_SOCK(sk) cgroup_bpf_run_sk(sk, CGROUP_INET_SOCK_CREATE)
#define BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk) cgroup_bpf_run_sk(sk, CGROUP_INET_SOCK_RELEASE)
#define BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk) cgroup_bpf_run_sk(sk, CGROUP_INET4_POST_BIND)
#define BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk) cgroup_bpf_run_sk(sk, CGROUP_INET6_POST_BIND)

#define BPF_CGROUP_RUN_SA_PROG(sk, uaddr, uaddrlen, atype) \
	cgroup_bpf_run_sa(sk, uaddr, uaddrlen, atype)

#define BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, uaddrlen, atype, bind_flags)	\
	cgroup_bpf_run_bind_lock(sk, uaddr, uaddrlen, atype,				\
				 BIND_NO_CAP_NET_BIND_SERVICE, bind_flags)

/* The address is to be seen before the protocol's connect() acts on it. */
#define BPF_CGROUP_PRE_CONNECT_ENABLED(sk)				\
	((cgroup_bpf_enabled(CGROUP_INET4_CONNECT) ||			\
	  cgroup_bpf_enabled(CGROUP_INET6_CONNECT)) &&			\
	 (sk)->sk_prot->pre_connect)

#define BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa(sk, uaddr, uaddrlen, CGROUP_INET4_CONNECT)
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa(sk, uaddr, uaddrlen, CGROUP_INET6_CONNECT)

#define BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_INET4_CONNECT, NULL)
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_INET6_CONNECT, NULL)
#define BPF_CGROUP_RUN_PROG_UNIX_CONNECT_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UNIX_CONNECT, NULL)

#define BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UDP4_SENDMSG, t_ctx)
#define BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UDP6_SENDMSG, t_ctx)
#define BPF_CGROUP_RUN_PROG_UNIX_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UNIX_SENDMSG, t_ctx)

#define BPF_CGROUP_RUN_PROG_UDP4_RECVMSG_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UDP4_RECVMSG, NULL)
#define BPF_CGROUP_RUN_PROG_UDP6_RECVMSG_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UDP6_RECVMSG, NULL)
#define BPF_CGROUP_RUN_PROG_UNIX_RECVMSG_LOCK(sk, uaddr, uaddrlen) \
	cgroup_bpf_run_sa_lock(sk, uaddr, uaddrlen, CGROUP_UNIX_RECVMSG, NULL)

/* The programs' group is that of the context's socket, or of @sk (a request's listener). */
#define BPF_CGROUP_RUN_PROG_SOCK_OPS(sock_ops) cgroup_bpf_run_sock_ops(sock_ops, (sock_ops)->sk)
#define BPF_CGROUP_RUN_PROG_SOCK_OPS_SK(sock_ops, sk) cgroup_bpf_run_sock_ops(sock_ops, sk)

#define BPF_CGROUP_RUN_PROG_DEVICE_CGROUP(type, major, minor, access)			\
	(cgroup_bpf_enabled(CGROUP_DEVICE) ?						\
	 __cgroup_bpf_check_dev_permission(type, major, minor, access, CGROUP_DEVICE) : 0)

#define BPF_CGROUP_RUN_PROG_SYSCTL(head, table, write, buf, count, pos)			\
	(cgroup_bpf_enabled(CGROUP_SYSCTL) ?						\
	 __cgroup_bpf_run_filter_sysctl(head, table, write, buf, count, pos,		\
					CGROUP_SYSCTL) : 0)

#define BPF_CGROUP_RUN_PROG_SETSOCKOPT(sk, level, optname, optval, optlen, kernel_optval)	\
	(cgroup_bpf_enabled(CGROUP_SETSOCKOPT) &&						\
	 cgroup_bpf_sock_enabled(sk, CGROUP_SETSOCKOPT) ?					\
	 __cgroup_bpf_run_filter_setsockopt(sk, level, optname, optval, optlen,			\
					    kernel_optval) : 0)

/* Protocols name options whose values no program is to touch. */
#define __BPF_CGROUP_GETSOCKOPT_BYPASSED(sk, level, optname)				\
	((sk)->sk_prot->bpf_bypass_getsockopt &&					\
	 INDIRECT_CALL_INET_1((sk)->sk_prot->bpf_bypass_getsockopt,			\
			      tcp_bpf_bypass_getsockopt, level, optname))

#define BPF_CGROUP_RUN_PROG_GETSOCKOPT(sk, level, optname, optval, optlen, max_optlen, retval)	\
	(cgroup_bpf_enabled(CGROUP_GETSOCKOPT) &&						\
	 cgroup_bpf_sock_enabled(sk, CGROUP_GETSOCKOPT) &&					\
	 !__BPF_CGROUP_GETSOCKOPT_BYPASSED(sk, level, optname) ?				\
	 __cgroup_bpf_run_filter_getsockopt(sk, level, optname, optval, optlen, max_optlen,	\
					    retval) : (retval))

#define BPF_CGROUP_RUN_PROG_GETSOCKOPT_KERN(sk, level, optname, optval, optlen, retval)	\
	(cgroup_bpf_enabled(CGROUP_GETSOCKOPT) ?						\
	 __cgroup_bpf_run_filter_getsockopt_kern(sk, level, optname, optval, optlen,		\
						 retval) : (retval))

#else /* !CONFIG_CGROUP_BPF */

static inline int cgroup_bpf_inherit(struct cgroup *cgrp)
{
	return 0;
}

static inline void cgroup_bpf_offline(struct cgroup *cgrp) {}

#define cgroup_bpf_enabled(atype) (0)

#define BPF_CGROUP_PRE_CONNECT_ENABLED(sk) (0)
#define BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_EGRESS(sk, skb) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_SOCK(sk) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk) ({ 0; })
#define BPF_CGROUP_RUN_SA_PROG(sk, uaddr, uaddrlen, atype) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, uaddrlen, atype, bind_flags) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UNIX_CONNECT_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UNIX_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP4_RECVMSG_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP6_RECVMSG_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_UNIX_RECVMSG_LOCK(sk, uaddr, uaddrlen) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SOCK_OPS(sock_ops) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SOCK_OPS_SK(sock_ops, sk) ({ 0; })
#define BPF_CGROUP_RUN_PROG_DEVICE_CGROUP(type, major, minor, access) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SYSCTL(head, table, write, buf, count, pos) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SETSOCKOPT(sk, level, optname, optval, optlen, kernel_optval) ({ 0; })
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT(sk, level, optname, optval, optlen, max_optlen, retval) \
	({ retval; })
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT_KERN(sk, level, optname, optval, optlen, retval) \
	({ retval; })

#endif /* CONFIG_CGROUP_BPF */

#endif /* _LINUX_BPF_CGROUP_H */
