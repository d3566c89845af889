// SPDX-License-Identifier: GPL-2.0
/*
 * The ring buffer in the other direction: records from user space, in order, to programs that drain
 * it.
 *
 * The producer's position, the records and their headers are in memory that user space writes at
 * any time. Each is read once and checked; a program gets a record as read-only memory inside the
 * buffer, whatever happens to its content meanwhile. The consumer's position is the kernel's: user
 * space maps that page for reading only.
 */
#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/vmalloc.h>

#include "helpers/dynptr.h"
#include "maps/maps.h"
#include "maps/ringbuf.h"
#include "maps/ringbuf_helpers.h"

/* Records, discarded ones included, that one call looks at. */
#define DRAIN_MAX	(128 * 1024)

/* The consumer's page may only be read. */
static int user_ringbuf_mmap(struct bpf_map *map, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_WRITE))
		vm_flags_clear(vma, VM_MAYWRITE);
	else if (!vma->vm_pgoff)
		return -EPERM;
	/* remap_vmalloc_range() checks the size */
	return remap_vmalloc_range(vma, ringbuf_of(map), vma->vm_pgoff + RINGBUF_CONSUMER_PAGE);
}

static __poll_t user_ringbuf_poll(struct bpf_map *map, struct file *file,
				  struct poll_table_struct *pts)
{
	struct bpf_ringbuf *rb = ringbuf_of(map);
	unsigned long cons, prod;

	poll_wait(file, &rb->waitq, pts);
	cons = smp_load_acquire(&rb->consumer_pos);	/* released by the drain */
	prod = smp_load_acquire(&rb->producer_pos);	/* by the producer */
	return prod - cons <= rb->mask ? EPOLLOUT | EPOLLWRNORM : 0;
}

const struct bpf_map_ops bpf_user_ringbuf_ops = {
	.alloc_check = bpf_ringbuf_alloc_check,
	.alloc = bpf_ringbuf_alloc,
	.free = bpf_ringbuf_free,
	.mmap = user_ringbuf_mmap,
	.poll = user_ringbuf_poll,
	.check_btf = map_check_no_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_ringbuf_mem_usage,
};

/**
 * struct drained - a record at the consumer's position
 * @data: behind the header
 * @size: bytes; checked
 * @next: position behind it
 * @discarded: user space has thought better of it
 */
struct drained {
	void *data;
	u32 size;
	unsigned long next;
	bool discarded;
};

/* Return: 0, -ENODATA where nothing is ready, -EINVAL or -E2BIG for what a producer must not do. */
static int drain_peek(struct bpf_ringbuf *rb, struct drained *rec)
{
	unsigned long prod = smp_load_acquire(&rb->producer_pos);	/* by the producer */
	unsigned long cons = rb->consumer_pos;
	struct ringbuf_hdr *hdr;
	u32 len;
	u64 total;

	if (!IS_ALIGNED(prod, 8))
		return -EINVAL;
	if (cons >= prod)
		return -ENODATA;
	hdr = ringbuf_record_at(rb, cons);
	/* pairs with the producer's submission */
	len = smp_load_acquire(&hdr->len);
	if (len & BPF_RINGBUF_BUSY_BIT)
		return -ENODATA;

	rec->size = len & ~RINGBUF_LEN_FLAGS;
	rec->discarded = len & BPF_RINGBUF_DISCARD_BIT;
	total = round_up((u64)rec->size + RINGBUF_HDR_SIZE, 8);
	if (total > rb->mask + 1)
		return -E2BIG;
	if (total > prod - cons)
		return -EINVAL;
	if (!rec->discarded && rec->size > BPF_DYNPTR_SIZE_MAX)
		return -E2BIG;
	rec->data = hdr + 1;
	rec->next = cons + total;
	return 0;
}

/* Number of records that the program has seen, or the error that ended it. */
static long drain(struct bpf_ringbuf *rb, bpf_callback_t callback, void *ctx, u32 *seen)
{
	struct bpf_dynptr_kern ptr;
	struct drained rec;
	bool more = true;
	u32 i;
	int err;

	for (i = 0; i < DRAIN_MAX && more; i++) {
		err = drain_peek(rb, &rec);
		if (err == -ENODATA)
			break;
		if (err)
			return err;
		if (!rec.discarded) {
			bpf_dynptr_init(&ptr, rec.data, BPF_DYNPTR_LOCAL, rec.size);
			ptr.size |= BPF_DYNPTR_RDONLY;
			more = !callback((unsigned long)&ptr, (unsigned long)ctx, 0, 0, 0);
			(*seen)++;
		}
		/* the producer may overwrite it from here on */
		smp_store_release(&rb->consumer_pos, rec.next);
	}
	return *seen;
}

BPF_CALL_4(bpf_user_ringbuf_drain, struct bpf_map *, map, void *, callback, void *, ctx, u64, flags)
{
	struct bpf_ringbuf *rb = ringbuf_of(map);
	u32 seen = 0;
	long ret;

	if (unlikely(flags & ~RINGBUF_WAKEUP_FLAGS))
		return -EINVAL;
	if (atomic_cmpxchg_acquire(&rb->busy, 0, 1))
		return -EBUSY;
	ret = drain(rb, (bpf_callback_t)callback, ctx, &seen);
	atomic_set_release(&rb->busy, 0);

	if (flags & BPF_RB_FORCE_WAKEUP || (seen && !(flags & BPF_RB_NO_WAKEUP)))
		irq_work_queue(&rb->work);
	return ret;
}

const struct bpf_func_proto bpf_user_ringbuf_drain_proto = {
	.func = bpf_user_ringbuf_drain,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_FUNC,
	.arg3_type = ARG_PTR_TO_STACK_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};
