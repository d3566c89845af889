/* SPDX-License-Identifier: GPL-2.0 */
/* Dynptrs: a program's handle of memory whose size is known at run time. */
#ifndef _KBPF_HELPERS_DYNPTR_H
#define _KBPF_HELPERS_DYNPTR_H

#include <linux/bpf.h>

enum bpf_dynptr_kind {
	BPF_DYNPTR_LOCAL = 1,	/* a map's value */
	BPF_DYNPTR_RINGBUF,	/* a reserved record */
	BPF_DYNPTR_SKB,		/* struct sk_buff: its bytes from the data pointer */
	BPF_DYNPTR_XDP,		/* struct xdp_buff: all its pieces */
};

/* Largest dynptr, in bytes. */
#define BPF_DYNPTR_SIZE_MAX	((1U << 24) - 1)

/**
 * struct bpf_dynptr_kern - struct bpf_dynptr as the kernel fills it
 * @data: the memory, or the object that has it; NULL: every operation fails
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

/* Not named as the functions that programs call: those are in the kernel's own types. */
static inline u32 bpf_dynptr_len(const struct bpf_dynptr_kern *ptr)
{
	return ptr->size & BPF_DYNPTR_SIZE_MAX;
}

static inline bool bpf_dynptr_readonly(const struct bpf_dynptr_kern *ptr)
{
	return ptr->size & BPF_DYNPTR_RDONLY;
}

static inline enum bpf_dynptr_kind bpf_dynptr_kind(const struct bpf_dynptr_kern *ptr)
{
	return (ptr->size & ~BPF_DYNPTR_RDONLY) >> BPF_DYNPTR_KIND_SHIFT;
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

/**
 * struct bpf_dynptr_ops - bytes of an object that are not plain memory
 * @read: copies out; the range may lie outside of what the object has by now
 * @write: copies in; @flags as the program gave them
 * @slice: pointer to bytes that lie in one piece and, with @write, belong to this object alone;
 *	else NULL
 */
struct bpf_dynptr_ops {
	int (*read)(void *obj, u32 offset, void *dst, u32 len);
	int (*write)(void *obj, u32 offset, const void *src, u32 len, u64 flags);
	void *(*slice)(void *obj, u32 offset, u32 len, bool write);
};

/* In net/bpf; without networking nobody makes such dynptrs. */
extern const struct bpf_dynptr_ops bpf_dynptr_skb_ops;
extern const struct bpf_dynptr_ops bpf_dynptr_xdp_ops;

int bpf_dynptr_load(const struct bpf_dynptr_kern *ptr, u32 offset, void *dst, u32 len);
void *bpf_dynptr_piece(const struct bpf_dynptr_kern *ptr, u32 offset, u32 len, bool write);

#endif /* _KBPF_HELPERS_DYNPTR_H */
