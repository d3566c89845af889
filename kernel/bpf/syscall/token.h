/* SPDX-License-Identifier: GPL-2.0 */
/* Tokens: rights of a user namespace's owner, as the mount of a bpffs delegates them. */
#ifndef _KBPF_SYSCALL_TOKEN_H
#define _KBPF_SYSCALL_TOKEN_H

#include <linux/atomic.h>
#include <linux/types.h>

struct user_namespace;

/**
 * struct bpf_delegation - bit sets of what may be done with a token, or with the mount it is from
 * @cmds: enum bpf_cmd
 * @maps: enum bpf_map_type
 * @progs: enum bpf_prog_type
 * @attachs: enum bpf_attach_type
 */
struct bpf_delegation {
	u64 cmds;
	u64 maps;
	u64 progs;
	u64 attachs;
};

struct bpf_token {
	atomic64_t refcnt;
	struct user_namespace *userns;
	struct bpf_delegation allowed;
	void *security;
	struct work_struct work;
};

#endif /* _KBPF_SYSCALL_TOKEN_H */
