// SPDX-License-Identifier: GPL-2.0
/*
 * Local storage of sockets, for a kernel without the maps that would hold any: there is nothing to
 * free or to copy, and a dump finds no map it could be about.
 */
#include <linux/bug.h>
#include <linux/netlink.h>
#include <net/bpf_sk_storage.h>
#include <net/sock.h>

/**
 * bpf_sk_storage_free - free all storage of a socket
 * @sk: the socket, going away
 *
 * Context: any.
 */
void bpf_sk_storage_free(struct sock *sk)
{
	WARN_ON_ONCE(rcu_access_pointer(sk->sk_bpf_storage));
}

/**
 * bpf_sk_storage_clone - copy storage to a socket made from a listener
 * @sk: the listener
 * @newsk: the new socket; its storage is empty
 *
 * Context: any. Return: 0 or a negative errno.
 */
int bpf_sk_storage_clone(const struct sock *sk, struct sock *newsk)
{
	return WARN_ON_ONCE(rcu_access_pointer(sk->sk_bpf_storage)) ? -EOPNOTSUPP : 0;
}

/**
 * bpf_sk_storage_diag_alloc - begin a dump
 * @nla_stgs: maps asked for
 *
 * Context: process. Return: ERR_PTR(-EOPNOTSUPP): no storage map exists.
 */
struct bpf_sk_storage_diag *bpf_sk_storage_diag_alloc(const struct nlattr *nla_stgs)
{
	return ERR_PTR(-EOPNOTSUPP);
}

/**
 * bpf_sk_storage_diag_free - end a dump
 * @diag: NULL, as none begins
 *
 * Context: process.
 */
void bpf_sk_storage_diag_free(struct bpf_sk_storage_diag *diag)
{
	WARN_ON_ONCE(diag);
}

/**
 * bpf_sk_storage_diag_put - append the storage of a socket to a dump
 * @diag: the dump, NULL where none was asked for
 * @sk: the socket
 * @skb: the message
 * @stg_array_type: attribute to nest it in
 * @res_diag_size: gets the bytes it takes
 *
 * Context: any. Return: 0, nothing appended.
 */
int bpf_sk_storage_diag_put(struct bpf_sk_storage_diag *diag, struct sock *sk,
			    struct sk_buff *skb, int stg_array_type,
			    unsigned int *res_diag_size)
{
	WARN_ON_ONCE(diag);
	*res_diag_size = 0;
	return 0;
}
