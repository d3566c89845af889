// SPDX-License-Identifier: GPL-2.0
/* Local storage of sockets. User space names a socket by its fd. */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/bpf_sk_storage.h>
#include <net/sock.h>

#include "maps/local_storage.h"
#include "maps/maps.h"
#include "protos.h"

/**
 * bpf_sk_storage_free - free all storage of a socket
 * @sk: the socket, going away
 *
 * Context: any but NMI.
 */
void bpf_sk_storage_free(struct sock *sk)
{
	bpf_local_storage_destroy(&sk->sk_bpf_storage);
}

/**
 * bpf_sk_storage_clone - copy storage to a socket made from a listener
 * @sk: the listener
 * @newsk: the new socket; its storage is empty
 *
 * Context: any but NMI. Return: 0 or a negative errno.
 */
int bpf_sk_storage_clone(const struct sock *sk, struct sock *newsk)
{
	struct sock *listener = (struct sock *)sk;

	return bpf_local_storage_clone(&listener->sk_bpf_storage, &newsk->sk_bpf_storage);
}

/* ------------------------------------------------------------------ dumps */

/**
 * bpf_sk_storage_diag_alloc - begin a dump
 * @nla_stgs: maps asked for
 *
 * Context: process. Return: ERR_PTR(-EOPNOTSUPP): storage is not dumped.
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

/* ------------------------------------------------------------------ the map */

static int sk_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(*(int *)key, &err);
	if (!sock)
		return err;
	err = bpf_local_storage_copy(map, &sock->sk->sk_bpf_storage, value, flags);
	sockfd_put(sock);
	return err;
}

static int sk_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			 u64 flags)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(*(int *)key, &err);
	if (!sock)
		return err;
	err = bpf_local_storage_update(map, &sock->sk->sk_bpf_storage, value, flags);
	sockfd_put(sock);
	return err;
}

static long sk_delete(struct bpf_map *map, void *key)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(*(int *)key, &err);
	if (!sock)
		return err;
	err = bpf_local_storage_delete(map, &sock->sk->sk_bpf_storage);
	sockfd_put(sock);
	return err;
}

const struct bpf_map_ops bpf_sk_storage_ops = {
	.alloc_check = bpf_local_storage_alloc_check,
	.alloc = bpf_local_storage_alloc,
	.free = bpf_local_storage_map_free,
	.copy_value = sk_copy_value,
	.sys_update = sk_sys_update,
	.delete_elem = sk_delete,
	.check_btf = bpf_local_storage_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_local_storage_mem_usage,
};

/* ------------------------------------------------------------------ helpers */

BPF_CALL_4(bpf_sk_storage_get, struct bpf_map *, map, struct sock *, sk, void *, value, u64, flags)
{
	void *found;

	if (!sk || !sk_fullsock(sk) || flags & ~BPF_SK_STORAGE_GET_F_CREATE)
		return 0;
	found = bpf_local_storage_lookup(map, &sk->sk_bpf_storage);
	if (found || !flags)
		return (unsigned long)found;
	/* the memory of a socket that is found under RCU alone may become another one's */
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return 0;
	found = bpf_local_storage_get(map, &sk->sk_bpf_storage, value, true);
	sock_put(sk);
	return (unsigned long)found;
}

const struct bpf_func_proto bpf_sk_storage_get_proto = {
	.func = bpf_sk_storage_get,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg2_btf_id = &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
	.arg3_type = ARG_PTR_TO_MAP_VALUE_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_sk_storage_delete, struct bpf_map *, map, struct sock *, sk)
{
	int err;

	if (!sk || !sk_fullsock(sk))
		return -EINVAL;
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return -ENOENT;
	err = bpf_local_storage_delete(map, &sk->sk_bpf_storage);
	sock_put(sk);
	return err;
}

const struct bpf_func_proto bpf_sk_storage_delete_proto = {
	.func = bpf_sk_storage_delete,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	.arg2_btf_id = &btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON],
};
