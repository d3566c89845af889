// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of arenas: pages, the kernel's window onto them, and processes' views.
 *
 * A page that exists is mapped in the window; processes map it when they touch it. Their mappings
 * belong to a file of the arena's own, so that a page which goes is found in all of them.
 */
#include <linux/anon_inodes.h>
#include <linux/bitmap.h>
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include "maps/alloc.h"
#include "maps/arena.h"
#include "syscall/map_mmap.h"

static const struct file_operations arena_fops = {
	.llseek = noop_llseek,
};

/**
 * arena_mem_reserve - addresses of an arena in the kernel
 * @a: the arena
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM, -ENFILE.
 */
int arena_mem_reserve(struct arena *a)
{
	a->area = get_vm_area(SZ_4G + 2 * ARENA_GUARD, VM_SPARSE | VM_USERMAP);
	if (!a->area)
		return -ENOMEM;
	a->window = (u64)a->area->addr + ARENA_GUARD;
	a->file = anon_inode_create_getfile("[bpf-arena]", &arena_fops, NULL, O_RDWR, NULL);
	if (IS_ERR(a->file)) {
		free_vm_area(a->area);
		return PTR_ERR(a->file);
	}
	return 0;
}

/**
 * arena_mem_release - undo arena_mem_reserve()
 * @a: the arena; no page is mapped
 *
 * Context: process, may sleep.
 */
void arena_mem_release(struct arena *a)
{
	fput(a->file);
	free_vm_area(a->area);
}

static void free_batch(struct arena *a, u32 nr)
{
	while (nr--)
		__free_page(a->batch[nr]);
}

static int map_batch(struct arena *a, u32 pgoff, u32 nr, int node)
{
	u64 start = arena_kern_addr(a, pgoff), end = start + ((u64)nr << PAGE_SHIFT);
	struct bpf_map_charge charge;
	u32 i;
	int err;

	bpf_map_charge_start(&a->map, &charge);
	for (i = 0; i < nr; i++) {
		a->batch[i] = alloc_pages_node(node, GFP_KERNEL_ACCOUNT | __GFP_ZERO |
					       __GFP_NOWARN | __GFP_RETRY_MAYFAIL, 0);
		if (!a->batch[i])
			break;
	}
	bpf_map_charge_end(&charge);
	if (i < nr) {
		free_batch(a, i);
		return -ENOMEM;
	}
	err = vm_area_map_pages(a->area, start, end, a->batch);
	if (err) {
		/* some may be there already */
		vm_area_unmap_pages(a->area, start, end);
		free_batch(a, nr);
	}
	return err;
}

/**
 * arena_mem_map - new, zeroed pages
 * @a: the arena; its lock is held
 * @pgoff: the first one
 * @nr: how many; none of them exists
 * @node: NUMA node, or NUMA_NO_NODE
 *
 * Context: process, may sleep.
 * Return: 0; a negative errno, and none of them exists.
 */
int arena_mem_map(struct arena *a, u32 pgoff, u32 nr, int node)
{
	u32 done, part;
	int err;

	for (done = 0; done < nr; done += part) {
		part = min_t(u32, nr - done, ARENA_BATCH);
		err = map_batch(a, pgoff + done, part, node);
		if (err) {
			arena_mem_unmap(a, pgoff, done);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * arena_mem_unmap - free pages, which nobody sees any more
 * @a: the arena; its lock is held
 * @pgoff: the first one
 * @nr: how many; all of them exist
 *
 * Context: process, may sleep.
 */
void arena_mem_unmap(struct arena *a, u32 pgoff, u32 nr)
{
	u32 done, part, i;
	u64 start;

	if (nr)
		unmap_mapping_range(a->file->f_mapping, (loff_t)pgoff << PAGE_SHIFT,
				    (loff_t)nr << PAGE_SHIFT, 1);
	for (done = 0; done < nr; done += part) {
		part = min_t(u32, nr - done, ARENA_BATCH);
		start = arena_kern_addr(a, pgoff + done);
		for (i = 0; i < part; i++)
			a->batch[i] = vmalloc_to_page((void *)(start + ((u64)i << PAGE_SHIFT)));
		vm_area_unmap_pages(a->area, start, start + ((u64)part << PAGE_SHIFT));
		free_batch(a, part);
		cond_resched();
	}
}

/* ------------------------------------------------------------------ processes */

/* Each mapping holds the map: programs and file descriptors may be gone before it. */
static void arena_vm_open(struct vm_area_struct *vma)
{
	bpf_map_inc(vma->vm_private_data);
	bpf_map_vm_open(vma);
}

static void arena_vm_close(struct vm_area_struct *vma)
{
	struct bpf_map *map = vma->vm_private_data;

	bpf_map_vm_close(vma);
	bpf_map_put(map);
}

/* A view is whole, and where the programs believe it to be. */
static int arena_vm_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static int arena_vm_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

/* The page is in the page table before the lock is dropped: it cannot go in between. */
static vm_fault_t arena_vm_fault(struct vm_fault *vmf)
{
	struct arena *a = arena_of(vmf->vma->vm_private_data);
	vm_fault_t ret = VM_FAULT_NOPAGE;
	u64 addr;
	int err;

	if (vmf->pgoff >= a->map.max_entries || !arena_enter(a))
		return VM_FAULT_SIGSEGV;
	if (!test_bit(vmf->pgoff, a->used)) {
		ret = VM_FAULT_SIGSEGV;
		if (a->map.map_flags & BPF_F_SEGV_ON_FAULT)
			goto out;
		/* not an out-of-memory: at the limit of a memcg that is tried again without end */
		if (arena_mem_map(a, vmf->pgoff, 1, NUMA_NO_NODE))
			goto out;
		set_bit(vmf->pgoff, a->used);
		ret = VM_FAULT_NOPAGE;
	}
	addr = arena_kern_addr(a, vmf->pgoff);
	err = vm_insert_page(vmf->vma, vmf->address & PAGE_MASK, vmalloc_to_page((void *)addr));
	/* -EBUSY: another thread of the process was first */
	if (err && err != -EBUSY)
		ret = vmf_error(err);
out:
	arena_leave(a);
	return ret;
}

static const struct vm_operations_struct arena_vm_ops = {
	.open = arena_vm_open,
	.close = arena_vm_close,
	.may_split = arena_vm_may_split,
	.mremap = arena_vm_mremap,
	.fault = arena_vm_fault,
};

/**
 * arena_mem_mmap - a process maps an arena
 * @map: the arena
 * @vma: the mapping
 *
 * The first mapping decides about the address, where the creator did not.
 * Context: process; mmap lock held for writing.
 * Return: 0; -EINVAL for a part of the arena or addresses of different upper halves, -EBUSY for
 * another address than that of the arena.
 */
int arena_mem_mmap(struct bpf_map *map, struct vm_area_struct *vma)
{
	struct arena *a = arena_of(map);
	int err = 0;

	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != arena_size(a) ||
	    vma->vm_start >> 32 != (vma->vm_end - 1) >> 32)
		return -EINVAL;
	if (!arena_enter(a))
		return -EBUSY;
	if (!a->user_start)
		WRITE_ONCE(a->user_start, vma->vm_start);
	else if (a->user_start != vma->vm_start)
		err = -EBUSY;
	arena_leave(a);
	if (err)
		return err;

	vma_set_file(vma, a->file);
	vm_flags_set(vma, VM_DONTEXPAND | VM_MIXEDMAP);
	vma->vm_ops = &arena_vm_ops;
	bpf_map_inc(map);
	return 0;
}

/**
 * arena_mem_unmapped_area - where a mapping of an arena may go
 * @file: the map's file
 * @addr: asked for, or 0
 * @len: bytes
 * @pgoff: offset in pages
 * @flags: MAP_*
 *
 * Context: process; mmap lock held.
 * Return: an address, or a negative errno.
 */
unsigned long arena_mem_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				      unsigned long pgoff, unsigned long flags)
{
	struct arena *a = arena_of(file->private_data);
	u64 start = bpf_arena_user_start(&a->map);
	unsigned long area;

	if (pgoff || len > SZ_4G)
		return -EINVAL;
	if (start) {
		/* there or nowhere */
		if (len != arena_size(a))
			return -E2BIG;
		if (addr && addr != start)
			return -EINVAL;
		addr = start;
	}
	/* Twice the room: a part of it has one upper half. */
	area = mm_get_unmapped_area(current->mm, file, addr, start ? len : len * 2, 0, flags);
	if (IS_ERR_VALUE(area) || area >> 32 == (area + len - 1) >> 32)
		return area;
	return round_up(area, SZ_4G);
}
