/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_SYSCALL_MAP_MMAP_H
#define _KBPF_SYSCALL_MAP_MMAP_H

struct file;
struct vm_area_struct;

int bpf_map_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* _KBPF_SYSCALL_MAP_MMAP_H */
