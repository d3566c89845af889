/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects behind fds. The seam between the commands and the file layer: fd.c serves the kernel,
 * the host home has a twin.
 */
#ifndef _KBPF_SYSCALL_FD_H
#define _KBPF_SYSCALL_FD_H

#include <linux/bpf.h>
#include <linux/file.h>

enum bpf_fd_kind {
	BPF_FD_MAP,
	BPF_FD_PROG,
	BPF_FD_LINK,
	BPF_FD_STATS,
	BPF_FD_BTF,
	__BPF_FD_KINDS,
};

void *bpf_fd_object(struct file *file, enum bpf_fd_kind kind);
struct file *bpf_fd_file(enum bpf_fd_kind kind, void *obj, int flags);
int bpf_fd_reserve(void);
void bpf_fd_unreserve(int fd);
void bpf_fd_install(int fd, struct file *file);
int bpf_fd_new(enum bpf_fd_kind kind, void *obj, int flags);
fmode_t bpf_fd_mode(const struct file *file);

/* What fd.c asks of the objects. */
void bpf_map_file_released(struct bpf_map *map, struct file *file);
void bpf_stats_disable(void);

#endif /* _KBPF_SYSCALL_FD_H */
