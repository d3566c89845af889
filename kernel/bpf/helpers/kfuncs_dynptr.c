// SPDX-License-Identifier: GPL-2.0
/* Kernel functions on dynptrs. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include "helpers/dynptr.h"

static struct bpf_dynptr_kern *kern_of(const struct bpf_dynptr *p)
{
	return (struct bpf_dynptr_kern *)p;
}

/* A caller that has a buffer gets a copy where there is no single piece. */
static void *dynptr_slice(const struct bpf_dynptr_kern *ptr, u32 offset, void *buffer, u32 len,
			  bool write)
{
	void *piece = bpf_dynptr_piece(ptr, offset, len, write);

	if (piece || !buffer || (write && bpf_dynptr_readonly(ptr)))
		return piece;
	return bpf_dynptr_load(ptr, offset, buffer, len) ? NULL : buffer;
}

__bpf_kfunc_start_defs();

/**
 * bpf_dynptr_slice - bytes of a dynptr, for reading
 * @p: dynptr
 * @offset: of the first
 * @buffer__opt: where they are copied to if they do not lie in one piece; may be NULL
 * @buffer__szk: how many
 *
 * Context: programs. Return: the bytes, or NULL where they are outside or would need a buffer.
 */
__bpf_kfunc void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer__opt,
				   u32 buffer__szk)
{
	return dynptr_slice(kern_of(p), offset, buffer__opt, buffer__szk, false);
}

/**
 * bpf_dynptr_slice_rdwr - bytes of a dynptr, for reading and writing
 * @p: dynptr
 * @offset: of the first
 * @buffer__opt: where they are copied to if they do not lie in one piece; what is written there
 *	gets into the dynptr by bpf_dynptr_write(); may be NULL
 * @buffer__szk: how many
 *
 * Context: programs. Return: the bytes; NULL as above, and where the dynptr is read-only.
 */
__bpf_kfunc void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, u32 offset, void *buffer__opt,
					u32 buffer__szk)
{
	return dynptr_slice(kern_of(p), offset, buffer__opt, buffer__szk, true);
}

/**
 * bpf_dynptr_adjust - let a dynptr show less
 * @p: dynptr
 * @start: first byte that it still shows
 * @end: byte behind the last
 *
 * Context: programs. Return: 0, -EINVAL without memory or for an end before the start, -ERANGE.
 */
__bpf_kfunc int bpf_dynptr_adjust(const struct bpf_dynptr *p, u32 start, u32 end)
{
	struct bpf_dynptr_kern *ptr = kern_of(p);
	u32 len = bpf_dynptr_len(ptr);

	if (!ptr->data || start > end)
		return -EINVAL;
	if (end > len)
		return -ERANGE;
	ptr->offset += start;
	ptr->size = (ptr->size & ~BPF_DYNPTR_SIZE_MAX) | (end - start);
	return 0;
}

/**
 * bpf_dynptr_is_null - has a dynptr no memory
 * @p: dynptr
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_dynptr_is_null(const struct bpf_dynptr *p)
{
	return !kern_of(p)->data;
}

/**
 * bpf_dynptr_is_rdonly - may a dynptr not be written
 * @p: dynptr
 *
 * Context: programs. Return: true if so; false without memory.
 */
__bpf_kfunc bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *p)
{
	return kern_of(p)->data && bpf_dynptr_readonly(kern_of(p));
}

/**
 * bpf_dynptr_size - bytes that a dynptr shows
 * @p: dynptr
 *
 * Context: programs. Return: the number, or -EINVAL without memory.
 */
__bpf_kfunc __u32 bpf_dynptr_size(const struct bpf_dynptr *p)
{
	return kern_of(p)->data ? bpf_dynptr_len(kern_of(p)) : -EINVAL;
}

/**
 * bpf_dynptr_clone - second dynptr of the same memory
 * @p: dynptr
 * @clone__uninit: the second
 *
 * Context: programs. Return: 0, or -EINVAL without memory.
 */
__bpf_kfunc int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit)
{
	if (!kern_of(p)->data) {
		bpf_dynptr_set_null(kern_of(clone__uninit));
		return -EINVAL;
	}
	*kern_of(clone__uninit) = *kern_of(p);
	return 0;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(dynptr_ids)
BTF_ID_FLAGS(func, bpf_dynptr_slice, KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_dynptr_slice_rdwr, KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_dynptr_adjust)
BTF_ID_FLAGS(func, bpf_dynptr_is_null)
BTF_ID_FLAGS(func, bpf_dynptr_is_rdonly)
BTF_ID_FLAGS(func, bpf_dynptr_size)
BTF_ID_FLAGS(func, bpf_dynptr_clone)
BTF_KFUNCS_END(dynptr_ids)

static const struct btf_kfunc_id_set dynptr_set = {
	.owner = THIS_MODULE,
	.set = &dynptr_ids,
};

static int __init dynptr_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &dynptr_set);
}
late_initcall(dynptr_kfuncs_init);
