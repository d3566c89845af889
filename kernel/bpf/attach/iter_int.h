/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of iterators share. */
#ifndef _KBPF_ATTACH_ITER_INT_H
#define _KBPF_ATTACH_ITER_INT_H

#include <linux/bpf.h>
#include <linux/btf_ids.h>

/**
 * struct bpf_iter_target - something whose objects programs are run on
 * @list: all targets
 * @reg: what it said of itself
 */
struct bpf_iter_target {
	struct list_head list;
	const struct bpf_iter_reg *reg;
};

/**
 * struct bpf_iter_link - a program bound to a target, from which files are made
 * @link: common part; its program is replaced under iter_link_lock
 * @aux: which objects
 * @target: the target
 */
struct bpf_iter_link {
	struct bpf_link link;
	struct bpf_iter_aux_info aux;
	const struct bpf_iter_target *target;
};

/* iter.c: target of a function "bpf_iter_<name>", or NULL. */
const struct bpf_iter_target *bpf_iter_target_find(const char *func);

/* iter_read.c: lets @file be read through the link's program. */
int bpf_iter_open(struct bpf_iter_link *il, struct file *file);

int bpf_iter_show(struct seq_file *seq, void *ctx, bool in_stop);

#endif /* _KBPF_ATTACH_ITER_INT_H */
