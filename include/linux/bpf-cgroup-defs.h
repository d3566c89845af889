/* SPDX-License-Identifier: GPL-2.0 */
/* What a control group keeps of the programs attached to it: part of struct cgroup. */
#ifndef _LINUX_BPF_CGROUP_DEFS_H
#define _LINUX_BPF_CGROUP_DEFS_H

#include <linux/list.h>
#include <linux/percpu-refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct bpf_prog_array;

/* LSM hooks that have cgroup programs at the same time; slots are given out at attachment. */
#ifdef CONFIG_BPF_LSM
#define CGROUP_LSM_NUM 10
#else
#define CGROUP_LSM_NUM 0
#endif

/* Attach points of a control group, without gaps; see cgroup_bpf_atype(). */
enum cgroup_bpf_attach_type {
	CGROUP_BPF_ATTACH_TYPE_INVALID = -1,
	CGROUP_INET_INGRESS = 0,
	CGROUP_INET_EGRESS,
	CGROUP_INET_SOCK_CREATE,
	CGROUP_INET_SOCK_RELEASE,
	CGROUP_SOCK_OPS,
	CGROUP_DEVICE,
	CGROUP_SYSCTL,
	CGROUP_GETSOCKOPT,
	CGROUP_SETSOCKOPT,
	CGROUP_INET4_BIND,
	CGROUP_INET6_BIND,
	CGROUP_INET4_POST_BIND,
	CGROUP_INET6_POST_BIND,
	CGROUP_INET4_CONNECT,
	CGROUP_INET6_CONNECT,
	CGROUP_UNIX_CONNECT,
	CGROUP_INET4_GETPEERNAME,
	CGROUP_INET6_GETPEERNAME,
	CGROUP_UNIX_GETPEERNAME,
	CGROUP_INET4_GETSOCKNAME,
	CGROUP_INET6_GETSOCKNAME,
	CGROUP_UNIX_GETSOCKNAME,
	CGROUP_UDP4_SENDMSG,
	CGROUP_UDP6_SENDMSG,
	CGROUP_UNIX_SENDMSG,
	CGROUP_UDP4_RECVMSG,
	CGROUP_UDP6_RECVMSG,
	CGROUP_UNIX_RECVMSG,
	CGROUP_LSM_START,
	CGROUP_LSM_END = CGROUP_LSM_START + CGROUP_LSM_NUM - 1,
	MAX_CGROUP_BPF_ATTACH_TYPE,
};

#ifdef CONFIG_CGROUP_BPF

/**
 * struct cgroup_bpf - programs of one control group
 * @effective: what runs here, ancestors' programs included; read under RCU, never NULL
 * @progs: what is attached here itself, in order of attachment
 * @flags: BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI or 0, the same for all of a list
 * @revisions: counts changes of each list, for expected_revision; begins at 1
 * @storages: local storages that belong to this group
 * @inactive: arrays prepared for @effective while a subtree is being changed
 * @refcnt: sockets and the group itself; programs go when it reaches 0
 * @release_work: detaches them from process context
 *
 * All but @effective and @refcnt are protected by cgroup_mutex.
 */
struct cgroup_bpf {
	struct bpf_prog_array __rcu *effective[MAX_CGROUP_BPF_ATTACH_TYPE];
	struct hlist_head progs[MAX_CGROUP_BPF_ATTACH_TYPE];
	u8 flags[MAX_CGROUP_BPF_ATTACH_TYPE];
	u64 revisions[MAX_CGROUP_BPF_ATTACH_TYPE];
	struct list_head storages;
	struct bpf_prog_array *inactive;
	struct percpu_ref refcnt;
	struct work_struct release_work;
};

#else /* !CONFIG_CGROUP_BPF */

struct cgroup_bpf {};

#endif /* CONFIG_CGROUP_BPF */

#endif /* _LINUX_BPF_CGROUP_DEFS_H */
