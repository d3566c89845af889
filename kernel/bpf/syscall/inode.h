/* SPDX-License-Identifier: GPL-2.0 */
/* bpffs: names for objects. inode.c has the nodes, mount.c the mounts. */
#ifndef _KBPF_SYSCALL_INODE_H
#define _KBPF_SYSCALL_INODE_H

#include <linux/fs.h>
#include "syscall/token.h"

struct seq_file;

/* What a pinned file holds a reference of. */
enum bpf_pin_kind {
	BPF_PIN_NONE,
	BPF_PIN_PROG,
	BPF_PIN_MAP,
	BPF_PIN_LINK,
};

struct inode *bpf_fs_new_inode(struct super_block *sb, const struct inode *dir, umode_t mode);
void bpf_fs_make_dir(struct inode *inode);
void bpf_fs_drop_inode_object(struct inode *inode);

/* Fills @allowed in for the super block of a bpffs; false for any other. */
bool bpf_fs_delegation(const struct super_block *sb, struct bpf_delegation *allowed);
void bpf_delegation_show(struct seq_file *seq, const char *before, u64 mask, const char *after);

#endif /* _KBPF_SYSCALL_INODE_H */
