/* SPDX-License-Identifier: GPL-2.0 */
/* Links as objects: what the commands on them share. */
#ifndef _KBPF_SYSCALL_LINK_H
#define _KBPF_SYSCALL_LINK_H

#include <linux/bpf.h>

struct bpf_link *bpf_link_first_from(u32 *id);

/* Drops a reference in process context: when it returns the attachment is undone. */
void bpf_link_put_direct(struct bpf_link *link);

#endif /* _KBPF_SYSCALL_LINK_H */
