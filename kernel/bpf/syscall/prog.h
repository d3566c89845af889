/* SPDX-License-Identifier: GPL-2.0 */
/* Programs as objects: what the commands on them share. */
#ifndef _KBPF_SYSCALL_PROG_H
#define _KBPF_SYSCALL_PROG_H

#include <linux/bpf.h>

int bpf_prog_hold_stacks(struct bpf_prog *prog);
void bpf_prog_release_resources(struct bpf_prog *prog, bool counted);
struct bpf_prog *bpf_prog_by_id(u32 id);
struct bpf_prog *bpf_prog_first_from(u32 *id);
int bpf_prog_new_fd(struct bpf_prog *prog);

/* notify.c: perf and audit are told that a program came or went. */
void bpf_prog_notify(struct bpf_prog *prog, bool loaded);

/* prog_load.c: may @prog attach at @attach_type? 0 or -EINVAL, -EPERM. */
int bpf_prog_check_attach(const struct bpf_prog *prog, enum bpf_attach_type attach_type);

#endif /* _KBPF_SYSCALL_PROG_H */
