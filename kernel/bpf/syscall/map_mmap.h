/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_SYSCALL_MAP_MMAP_H
#define _KBPF_SYSCALL_MAP_MMAP_H

struct file;
struct vm_area_struct;

void bpf_map_vm_open(struct vm_area_struct *vma);
void bpf_map_vm_close(struct vm_area_struct *vma);
int bpf_map_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* _KBPF_SYSCALL_MAP_MMAP_H */
