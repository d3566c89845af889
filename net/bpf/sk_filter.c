// SPDX-License-Identifier: GPL-2.0
/*
 * Filters of sockets: what SO_ATTACH_FILTER and SO_ATTACH_BPF put on a socket, the memory charged
 * for it, and the decision on each packet that is received.
 */
#include <linux/bpf-cgroup.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/ip.h>
#include <net/sock.h>

#include "net_bpf.h"

/* Bytes that a program costs its socket. */
static u32 filter_cost(const struct bpf_prog *prog)
{
	return struct_size(prog, insnsi, prog->len);
}

static int optmem_max(const struct sock *sk)
{
	return READ_ONCE(sock_net(sk)->core.sysctl_optmem_max);
}

static void filter_free_rcu(struct rcu_head *rcu)
{
	struct sk_filter *filter = container_of(rcu, struct sk_filter, rcu);

	bpf_prog_destroy(filter->prog);
	kfree(filter);
}

static void filter_put(struct sk_filter *filter)
{
	if (refcount_dec_and_test(&filter->refcnt))
		call_rcu(&filter->rcu, filter_free_rcu);
}

/**
 * sk_filter_charge - take a reference on a filter for a socket and charge its memory
 * @sk: the socket
 * @fp: the filter
 *
 * Context: any. Return: false, with nothing taken, where the filter is going away or the socket's
 * option memory is used up.
 */
bool sk_filter_charge(struct sock *sk, struct sk_filter *fp)
{
	u32 cost = filter_cost(fp->prog);
	int max = optmem_max(sk);

	if (cost > max || atomic_read(&sk->sk_omem_alloc) + cost >= max)
		return false;
	if (!refcount_inc_not_zero(&fp->refcnt))
		return false;
	atomic_add(cost, &sk->sk_omem_alloc);
	return true;
}

/**
 * sk_filter_uncharge - undo sk_filter_charge()
 * @sk: the socket
 * @fp: its filter, which nobody finds there any more
 *
 * Context: any.
 */
void sk_filter_uncharge(struct sock *sk, struct sk_filter *fp)
{
	atomic_sub(filter_cost(fp->prog), &sk->sk_omem_alloc);
	filter_put(fp);
}

/* Puts @prog on @sk in place of what was there; takes it over in any case. */
static int filter_install(struct bpf_prog *prog, struct sock *sk)
{
	struct sk_filter *filter, *old;
	bool charged;

	filter = kmalloc(sizeof(*filter), GFP_KERNEL);
	if (!filter) {
		bpf_prog_destroy(prog);
		return -ENOMEM;
	}
	filter->prog = prog;
	refcount_set(&filter->refcnt, 1);
	charged = sk_filter_charge(sk, filter);
	filter_put(filter);
	if (!charged)
		return -ENOMEM;

	old = rcu_replace_pointer(sk->sk_filter, filter, lockdep_sock_is_held(sk));
	if (old)
		sk_filter_uncharge(sk, old);
	return 0;
}

/**
 * sk_attach_filter - SO_ATTACH_FILTER: put a classic filter on a socket
 * @fprog: the filter, whose instructions are in user memory
 * @sk: the socket
 *
 * Context: socket lock held; may sleep. Return: 0, -EPERM on a socket with a locked filter, or as
 * bpf_prog_create_from_user().
 */
int sk_attach_filter(struct sock_fprog *fprog, struct sock *sk)
{
	struct bpf_prog *prog;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	err = bpf_prog_create_from_user(&prog, fprog, NULL, true);
	return err ?: filter_install(prog, sk);
}
EXPORT_SYMBOL_GPL(sk_attach_filter);

/**
 * sk_attach_bpf - SO_ATTACH_BPF: put a loaded program on a socket
 * @ufd: fd of a BPF_PROG_TYPE_SOCKET_FILTER program
 * @sk: the socket
 *
 * Context: socket lock held; may sleep. Return: 0, -EPERM on a socket with a locked filter,
 * -ENOMEM, or what the fd is not.
 */
int sk_attach_bpf(u32 ufd, struct sock *sk)
{
	struct bpf_prog *prog;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	prog = bpf_prog_get_type(ufd, BPF_PROG_TYPE_SOCKET_FILTER);
	return IS_ERR(prog) ? PTR_ERR(prog) : filter_install(prog, sk);
}

/**
 * sk_detach_filter - SO_DETACH_FILTER
 * @sk: the socket
 *
 * Context: socket lock held. Return: 0, -ENOENT without a filter, -EPERM where it is locked.
 */
int sk_detach_filter(struct sock *sk)
{
	struct sk_filter *filter;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	filter = rcu_replace_pointer(sk->sk_filter, NULL, lockdep_sock_is_held(sk));
	if (!filter)
		return -ENOENT;
	sk_filter_uncharge(sk, filter);
	return 0;
}
EXPORT_SYMBOL_GPL(sk_detach_filter);

/**
 * sk_get_filter - SO_GET_FILTER: read a socket's classic filter back
 * @sk: the socket
 * @optval: gets the instructions
 * @len: how many fit there; 0 to ask for the number
 *
 * Context: takes the socket lock; may sleep. Return: number of instructions, 0 without a filter,
 * -EACCES where it was not a classic one, -EINVAL where it does not fit, -EFAULT.
 */
int sk_get_filter(struct sock *sk, sockptr_t optval, unsigned int len)
{
	const struct sock_fprog_kern *orig;
	const struct sk_filter *filter;
	int ret = 0;

	sockopt_lock_sock(sk);
	filter = rcu_dereference_protected(sk->sk_filter, lockdep_sock_is_held(sk));
	if (!filter)
		goto unlock;

	ret = -EACCES;
	orig = filter->prog->orig_prog;
	if (!orig)
		goto unlock;

	ret = orig->len;
	if (!len)
		goto unlock;
	if (len < orig->len)
		ret = -EINVAL;
	else if (copy_to_sockptr(optval, orig->filter, bpf_classic_proglen(orig)))
		ret = -EFAULT;
unlock:
	sockopt_release_sock(sk);
	return ret;
}

/* Runs the socket's filter: 0 and the packet cut to what it asked for, or -EPERM. */
static int filter_run(struct sock *sk, struct sk_buff *skb, unsigned int cap)
{
	struct sk_filter *filter;
	struct sock *skb_sk;
	unsigned int keep;
	int err = 0;

	rcu_read_lock();
	filter = rcu_dereference(sk->sk_filter);
	if (filter) {
		skb_sk = skb->sk;
		skb->sk = sk;
		keep = bpf_prog_run_save_cb(filter->prog, skb);
		skb->sk = skb_sk;
		err = keep ? pskb_trim(skb, max(cap, keep)) : -EPERM;
	}
	rcu_read_unlock();
	return err;
}

/**
 * sk_filter_trim_cap - may a socket have a packet, and how much of it
 * @sk: the socket that is to receive it
 * @skb: the packet; cut where the filter asked for less
 * @cap: bytes never to be cut away
 *
 * Context: BH context or with BHs disabled, as the receive path has them. Return: 0, -EPERM where
 * the packet is to be dropped, or another errno with the same meaning.
 */
int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap)
{
	int err;

	/* Emergency memory is for sockets that free memory only. */
	if (skb_pfmemalloc(skb) && !sock_flag(sk, SOCK_MEMALLOC)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_PFMEMALLOCDROP);
		return -ENOMEM;
	}

	err = BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb);
	if (!err)
		err = security_sock_rcv_skb(sk, skb);
	return err ?: filter_run(sk, skb, cap);
}
EXPORT_SYMBOL(sk_filter_trim_cap);
