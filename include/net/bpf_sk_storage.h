/* SPDX-License-Identifier: GPL-2.0 */
/* Local storage of sockets: what the socket layer and inet_diag ask of it. */
#ifndef _BPF_SK_STORAGE_H
#define _BPF_SK_STORAGE_H

#include <linux/err.h>
#include <linux/types.h>

struct bpf_sk_storage_diag;
struct nlattr;
struct sk_buff;
struct sock;

/* Frees all storage of a socket that is being destroyed. */
void bpf_sk_storage_free(struct sock *sk);

#ifdef CONFIG_BPF_SYSCALL
/* Copies what BPF_F_CLONE maps hold of a listener to the socket it accepts: 0 or errno. */
int bpf_sk_storage_clone(const struct sock *sk, struct sock *newsk);

/* A dump request: the maps asked for by @nla_stgs, or ERR_PTR. */
struct bpf_sk_storage_diag *bpf_sk_storage_diag_alloc(const struct nlattr *nla_stgs);
void bpf_sk_storage_diag_free(struct bpf_sk_storage_diag *diag);

/*
 * Appends the values of one socket as a nested attribute of type @stg_array_type. @res_diag_size
 * gets the bytes that all of it takes, also with -EMSGSIZE. Return: 0 or -EMSGSIZE.
 */
int bpf_sk_storage_diag_put(struct bpf_sk_storage_diag *diag, struct sock *sk,
			    struct sk_buff *skb, int stg_array_type,
			    unsigned int *res_diag_size);
#else
static inline int bpf_sk_storage_clone(const struct sock *sk, struct sock *newsk)
{
	return 0;
}

/* There are no maps that could be asked for. */
static inline struct bpf_sk_storage_diag *
bpf_sk_storage_diag_alloc(const struct nlattr *nla_stgs)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void bpf_sk_storage_diag_free(struct bpf_sk_storage_diag *diag) {}

static inline int bpf_sk_storage_diag_put(struct bpf_sk_storage_diag *diag, struct sock *sk,
					  struct sk_buff *skb, int stg_array_type,
					  unsigned int *res_diag_size)
{
	return 0;
}
#endif

#endif /* _BPF_SK_STORAGE_H */
