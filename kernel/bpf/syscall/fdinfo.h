/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/PID/fdinfo of objects. */
#ifndef _KBPF_SYSCALL_FDINFO_H
#define _KBPF_SYSCALL_FDINFO_H

struct file;
struct seq_file;

void bpf_map_show_fdinfo(struct seq_file *m, struct file *file);
void bpf_prog_show_fdinfo(struct seq_file *m, struct file *file);
void bpf_link_show_fdinfo(struct seq_file *m, struct file *file);

#endif /* _KBPF_SYSCALL_FDINFO_H */
