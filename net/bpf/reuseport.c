// SPDX-License-Identifier: GPL-2.0
/* Programs that choose a socket of an SO_REUSEPORT group. */
#include <linux/udp.h>
#include <net/inet_connection_sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>

#include "net_bpf.h"

/* Attaches @prog to the group of @sk, and takes it over in any case. */
static int reuseport_attach(struct sock *sk, struct bpf_prog *prog, bool charge)
{
	int err = 0;

	if (charge && struct_size(prog, insnsi, prog->len) >
	    READ_ONCE(sock_net(sk)->core.sysctl_optmem_max))
		err = -ENOMEM;
	if (!err)
		err = reuseport_attach_prog(sk, prog);
	if (err)
		bpf_prog_destroy(prog);
	return err;
}

/**
 * sk_reuseport_attach_filter - SO_ATTACH_REUSEPORT_CBPF
 * @fprog: classic filter, whose instructions are in user memory
 * @sk: a socket of the group
 *
 * Context: socket lock held; may sleep. Return: 0, -EPERM on a socket with a locked filter, -EINVAL
 * without a group or for a bad program, -EFAULT, -ENOMEM.
 */
int sk_reuseport_attach_filter(struct sock_fprog *fprog, struct sock *sk)
{
	struct bpf_prog *prog;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	err = bpf_prog_create_from_user(&prog, fprog, NULL, true);
	return err ?: reuseport_attach(sk, prog, true);
}

static bool sock_type_ok(const struct sock *sk)
{
	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return false;
	return sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_TCP;
}

/**
 * sk_reuseport_attach_bpf - SO_ATTACH_REUSEPORT_EBPF
 * @ufd: fd of a BPF_PROG_TYPE_SOCKET_FILTER or BPF_PROG_TYPE_SK_REUSEPORT program
 * @sk: a socket of the group
 *
 * Context: socket lock held; may sleep. Return: 0, -EPERM on a socket with a locked filter,
 * -EOPNOTSUPP-like errors of the wrong protocol (-ENOTSUPP), -EINVAL, -ENOMEM.
 */
int sk_reuseport_attach_bpf(u32 ufd, struct sock *sk)
{
	struct bpf_prog *prog;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;

	prog = bpf_prog_get_type(ufd, BPF_PROG_TYPE_SOCKET_FILTER);
	if (!IS_ERR(prog))
		return reuseport_attach(sk, prog, true);
	if (PTR_ERR(prog) == -EINVAL)
		prog = bpf_prog_get_type(ufd, BPF_PROG_TYPE_SK_REUSEPORT);
	if (IS_ERR(prog))
		return PTR_ERR(prog);

	if (!sock_type_ok(sk)) {
		bpf_prog_put(prog);
		return -ENOTSUPP;
	}
	return reuseport_attach(sk, prog, false);
}

static void prog_free_rcu(struct rcu_head *rcu)
{
	bpf_prog_destroy(container_of(rcu, struct bpf_prog_aux, rcu)->prog);
}

/**
 * sk_reuseport_prog_free - drop the program of a group
 * @prog: the program, or NULL; packets may still be in it
 *
 * Context: any.
 */
void sk_reuseport_prog_free(struct bpf_prog *prog)
{
	if (!prog)
		return;
	/* Putting a loaded program waits for readers, freeing a classic one does not. */
	if (prog->type == BPF_PROG_TYPE_UNSPEC)
		call_rcu(&prog->aux->rcu, prog_free_rcu);
	else
		bpf_prog_put(prog);
}

#if IS_ENABLED(CONFIG_INET)
/**
 * bpf_run_sk_reuseport - let a program choose the socket of a packet
 * @reuse: the group
 * @sk: a socket of it
 * @prog: BPF_PROG_TYPE_SK_REUSEPORT program of the group
 * @skb: the packet, its data pointer behind the transport header
 * @migrating_sk: request or connection that loses its listener, or NULL
 * @hash: hash of the packet's addresses
 *
 * Context: rcu_read_lock() held, BH context. Return: the socket chosen, NULL where the program
 * leaves it to the hash, ERR_PTR(-ECONNREFUSED) where it drops the packet.
 */
struct sock *bpf_run_sk_reuseport(struct sock_reuseport *reuse, struct sock *sk,
				  struct bpf_prog *prog, struct sk_buff *skb,
				  struct sock *migrating_sk, u32 hash)
{
	struct sk_reuseport_kern ctx = {
		.skb = skb,
		.sk = sk,
		.migrating_sk = migrating_sk,
		.data_end = skb->data + skb_headlen(skb),
		.hash = hash,
		.reuseport_id = reuse->reuseport_id,
		.bind_inany = reuse->bind_inany,
	};

	if (bpf_prog_run(prog, &ctx) != SK_PASS)
		return ERR_PTR(-ECONNREFUSED);
	return ctx.selected_sk;
}
#endif
