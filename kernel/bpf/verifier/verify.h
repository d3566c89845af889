/* SPDX-License-Identifier: GPL-2.0 */
/* The verifier's door: what the syscall room calls. */
#ifndef _KBPF_VERIFY_H
#define _KBPF_VERIFY_H

#include <linux/bpf.h>

/**
 * bpf_verify - prove a program safe and rewrite it to what the kernel executes
 * @prog: in: the program as loaded, with type, aux->info, aux->btf (or NULL), attach target,
 *	privileges of the loader in aux->token; out: the rewritten program (may have moved)
 * @attr: kernel copy of the attributes of BPF_PROG_LOAD
 * @uattr: the user's attributes; log_true_size is written there
 * @uattr_size: bytes that the user's attributes have
 * @from_kernel: @attr's pointers are kernel addresses (loader programs)
 *
 * On success the maps and BTFs that the program uses are held in aux->used_maps, used_btfs.
 * Context: process context, may sleep. Return: 0 or -errno; the log says why.
 */
int bpf_verify(struct bpf_prog **prog, const union bpf_attr *attr, union bpf_attr __user *uattr,
	       u32 uattr_size, bool from_kernel);

#endif /* _KBPF_VERIFY_H */
