/* SPDX-License-Identifier: GPL-2.0 */
/* Dynptrs: a program's handle of memory whose size is known at run time. */
#ifndef _KBPF_HELPERS_DYNPTR_H
#define _KBPF_HELPERS_DYNPTR_H

#include <linux/bpf.h>

enum bpf_dynptr_kind {
	BPF_DYNPTR_LOCAL = 1,	/* a map's value */
	BPF_DYNPTR_RINGBUF,	/* a reserved record */
};

/* Largest dynptr, in bytes. */
#define BPF_DYNPTR_SIZE_MAX	((1U << 24) - 1)

/**
 * struct bpf_dynptr_kern - struct bpf_dynptr as the kernel fills it
 * @data: the memory; NULL: every operation fails
 * @size: bytes in the low 24 bits, enum bpf_dynptr_kind above, the top bit: read-only
 * @offset: of the first byte, in @data
 */
struct bpf_dynptr_kern {
	void *data;
	u32 size;
	u32 offset;
} __aligned(8);

static_assert(sizeof(struct bpf_dynptr_kern) == sizeof(struct bpf_dynptr));

#define BPF_DYNPTR_KIND_SHIFT	24
#define BPF_DYNPTR_RDONLY	BIT(31)

static inline u32 bpf_dynptr_size(const struct bpf_dynptr_kern *ptr)
{
	return ptr->size & BPF_DYNPTR_SIZE_MAX;
}

static inline bool bpf_dynptr_is_rdonly(const struct bpf_dynptr_kern *ptr)
{
	return ptr->size & BPF_DYNPTR_RDONLY;
}

static inline void bpf_dynptr_set_null(struct bpf_dynptr_kern *ptr)
{
	memset(ptr, 0, sizeof(*ptr));
}

/* @size is at most BPF_DYNPTR_SIZE_MAX. */
static inline void bpf_dynptr_init(struct bpf_dynptr_kern *ptr, void *data,
				   enum bpf_dynptr_kind kind, u32 size)
{
	ptr->data = data;
	ptr->offset = 0;
	ptr->size = size | kind << BPF_DYNPTR_KIND_SHIFT;
}

#endif /* _KBPF_HELPERS_DYNPTR_H */
