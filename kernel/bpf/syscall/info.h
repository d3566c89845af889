/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_SYSCALL_INFO_H
#define _KBPF_SYSCALL_INFO_H

struct bpf_prog;
struct bpf_prog_info;

/* prog_info.c: @info in: the caller's; lists are copied to where it says. 0 or -errno. */
int bpf_prog_fill_info(struct bpf_prog *prog, struct bpf_prog_info *info);

#endif /* _KBPF_SYSCALL_INFO_H */
