/* SPDX-License-Identifier: GPL-2.0 */
/* LSM programs: the functions they attach to, one a security hook, and objects' storage. */
#ifndef _LINUX_BPF_LSM_H
#define _LINUX_BPF_LSM_H

#include <linux/bpf.h>
#include <linux/sched.h>

#ifdef CONFIG_BPF_LSM

#include <linux/lsm_hooks.h>

/* Each answers the hook's default; programs run through a trampoline at its entry. */
#define LSM_HOOK(RET, DEFAULT, NAME, ...) RET bpf_lsm_##NAME(__VA_ARGS__);
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK

/* The part of an inode's security blob that belongs to programs. */
struct bpf_storage_blob {
	struct bpf_local_storage __rcu *storage;
};

extern struct lsm_blob_sizes bpf_lsm_blob_sizes;

/* The module is one of those that were chosen at boot: its hooks are called. */
extern bool bpf_lsm_active;

/* NULL while the inode has no blob. Without the module there is no part of it that is ours. */
static inline struct bpf_storage_blob *bpf_inode(const struct inode *inode)
{
	if (unlikely(!bpf_lsm_active || !inode->i_security))
		return NULL;
	return inode->i_security + bpf_lsm_blob_sizes.lbs_inode;
}

void bpf_inode_storage_free(void *inode_security);

#endif /* CONFIG_BPF_LSM */

#endif /* _LINUX_BPF_LSM_H */
