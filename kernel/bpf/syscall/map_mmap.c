// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of maps into processes. One that is or may become writable counts as a writer for as
 * long as it exists, so that a frozen map has none.
 */
#include <linux/bpf.h>
#include <linux/mm.h>
#include "syscall/map.h"
#include "syscall/map_mmap.h"

/**
 * bpf_map_vm_open - vm_operations_struct::open() of a map's mapping
 * @vma: the mapping; vm_private_data is the map
 *
 * Context: process; mmap lock held for writing.
 */
void bpf_map_vm_open(struct vm_area_struct *vma)
{
	struct bpf_map *map = vma->vm_private_data;

	/* A copy of an existing writer: the count is above 0 and cannot be barred. */
	if (vma->vm_flags & VM_MAYWRITE)
		atomic64_inc(&map->writecnt);
}

/**
 * bpf_map_vm_close - vm_operations_struct::close() of a map's mapping
 * @vma: the mapping; vm_private_data is the map
 *
 * Context: process; mmap lock held for writing.
 */
void bpf_map_vm_close(struct vm_area_struct *vma)
{
	struct bpf_map *map = vma->vm_private_data;

	if (vma->vm_flags & VM_MAYWRITE)
		bpf_map_write_end(map);
}

static const struct vm_operations_struct map_vm_ops = {
	.open = bpf_map_vm_open,
	.close = bpf_map_vm_close,
};

/**
 * bpf_map_mmap - file_operations::mmap() of maps
 * @file: the map's file
 * @vma: the mapping
 *
 * Context: process; mmap lock held for writing.
 * Return: 0; -ENOTSUPP where the map cannot be mapped, -EINVAL for a private mapping, -EPERM for a
 * writable one of a frozen map, -EACCES for a writable one of a map that programs only read.
 */
int bpf_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct bpf_map *map = file->private_data;
	bool writer = false;
	int err;

	if (!map->ops->mmap || map->record)
		return -ENOTSUPP;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	if (vma->vm_flags & VM_WRITE) {
		/* Such maps are meant to be frozen: what programs see must not change. */
		if (map->map_flags & BPF_F_RDONLY_PROG)
			return -EACCES;
		writer = bpf_map_write_start(map);
		if (!writer)
			return -EPERM;
	} else {
		/* mprotect() must not make a writer of it. */
		vm_flags_clear(vma, VM_MAYWRITE);
	}

	vma->vm_ops = &map_vm_ops;
	vma->vm_private_data = map;
	vm_flags_clear(vma, VM_MAYEXEC);

	err = map->ops->mmap(map, vma);
	if (err && writer)
		bpf_map_write_end(map);
	return err;
}
