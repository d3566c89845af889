// SPDX-License-Identifier: GPL-2.0
/*
 * The ring buffer: records from programs on all CPUs to one reader in user space, in order of
 * reservation.
 *
 * A record is reserved under the lock, written without it, and submitted or discarded by changing
 * its header. The reader stops at the first record that is still busy. It owns the consumer's
 * position and may write anything there: space that holds unsubmitted records is never given out
 * again, whatever it says.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "helpers/dynptr.h"
#include "maps/lock.h"
#include "maps/maps.h"
#include "maps/ringbuf.h"
#include "maps/ringbuf_helpers.h"

/* Lengths must stay clear of the flags, also after rounding. */
#define RECORD_MAX	(U32_MAX / 4)

/* ------------------------------------------------------------------ the map */

/**
 * bpf_ringbuf_alloc_check - check the creation attributes, for both directions
 * @attr: attributes
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int bpf_ringbuf_alloc_check(const union bpf_attr *attr)
{
	if (attr->key_size || attr->value_size || !is_power_of_2(attr->max_entries) ||
	    !PAGE_ALIGNED(attr->max_entries))
		return -EINVAL;
	return 0;
}

static void ringbuf_wake(struct irq_work *work)
{
	wake_up_all(&container_of(work, struct bpf_ringbuf, work)->waitq);
}

/**
 * bpf_ringbuf_alloc - a map with an empty ring buffer
 * @attr: checked attributes
 *
 * Context: process context, may sleep. Return: the map or ERR_PTR(-ENOMEM).
 */
struct bpf_map *bpf_ringbuf_alloc(const union bpf_attr *attr)
{
	struct bpf_ringbuf_map *rmap;

	rmap = bpf_map_area_alloc(sizeof(*rmap), NUMA_NO_NODE);
	if (!rmap)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&rmap->map, attr);
	rmap->rb = ringbuf_mem_alloc(attr->max_entries, rmap->map.numa_node);
	if (!rmap->rb) {
		bpf_map_area_free(rmap);
		return ERR_PTR(-ENOMEM);
	}
	raw_spin_lock_init(&rmap->rb->lock);
	init_waitqueue_head(&rmap->rb->waitq);
	init_irq_work(&rmap->rb->work, ringbuf_wake);
	return &rmap->map;
}

/**
 * bpf_ringbuf_free - free the map
 * @map: from bpf_ringbuf_alloc()
 *
 * Context: process context, may sleep.
 */
void bpf_ringbuf_free(struct bpf_map *map)
{
	struct bpf_ringbuf_map *rmap = container_of(map, struct bpf_ringbuf_map, map);

	irq_work_sync(&rmap->rb->work);
	ringbuf_mem_free(rmap->rb);
	bpf_map_area_free(rmap);
}

/* The consumer's page may be written, everything else only be read. */
static int ringbuf_mmap(struct bpf_map *map, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE) {
		if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
			return -EPERM;
	} else {
		vm_flags_clear(vma, VM_MAYWRITE);
	}
	/* remap_vmalloc_range() checks the size */
	return remap_vmalloc_range(vma, ringbuf_of(map), vma->vm_pgoff + RINGBUF_CONSUMER_PAGE);
}

static unsigned long ringbuf_avail(const struct bpf_ringbuf *rb)
{
	unsigned long cons = smp_load_acquire(&rb->consumer_pos);	/* released by the reader */
	unsigned long prod = smp_load_acquire(&rb->producer_pos);	/* by reserve_locked() */

	return prod - cons;
}

static __poll_t ringbuf_poll(struct bpf_map *map, struct file *file,
			     struct poll_table_struct *pts)
{
	struct bpf_ringbuf *rb = ringbuf_of(map);

	poll_wait(file, &rb->waitq, pts);
	return ringbuf_avail(rb) ? EPOLLIN | EPOLLRDNORM : 0;
}

u64 bpf_ringbuf_mem_usage(const struct bpf_map *map)
{
	const struct bpf_ringbuf *rb = ringbuf_of(map);

	return sizeof(struct bpf_ringbuf_map) + ((u64)rb->nr_pages << PAGE_SHIFT) +
	       ((u64)rb->nr_pages * 2) * sizeof(struct page *);
}

const struct bpf_map_ops bpf_ringbuf_ops = {
	.alloc_check = bpf_ringbuf_alloc_check,
	.alloc = bpf_ringbuf_alloc,
	.free = bpf_ringbuf_free,
	.mmap = ringbuf_mmap,
	.poll = ringbuf_poll,
	.check_btf = map_check_no_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_ringbuf_mem_usage,
};

/* ------------------------------------------------------------------ records */

static u32 record_bytes(u32 len)
{
	return round_up((len & ~RINGBUF_LEN_FLAGS) + RINGBUF_HDR_SIZE, 8);
}

/* Moves pending_pos behind the records that have been submitted. Under the lock. */
static unsigned long advance_pending(struct bpf_ringbuf *rb)
{
	unsigned long pos = rb->pending_pos, prod = rb->producer_pos;
	u32 len;

	while (pos < prod) {
		/* after xchg() of who submitted it */
		len = smp_load_acquire(&ringbuf_record_at(rb, pos)->len);
		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		pos += record_bytes(len);
	}
	rb->pending_pos = pos;
	return pos;
}

static void *reserve_locked(struct bpf_ringbuf *rb, u32 size, u32 bytes)
{
	unsigned long cons = smp_load_acquire(&rb->consumer_pos);	/* released by the reader */
	unsigned long prod = rb->producer_pos, new_prod = prod + bytes;
	struct ringbuf_hdr *hdr;

	if (new_prod - cons > rb->mask + 1 || new_prod - advance_pending(rb) > rb->mask + 1)
		return NULL;
	hdr = ringbuf_record_at(rb, prod);
	hdr->pg_off = ((void *)hdr - (void *)rb) >> PAGE_SHIFT;
	WRITE_ONCE(hdr->len, size | BPF_RINGBUF_BUSY_BIT);
	/* the reader sees the header with the position */
	smp_store_release(&rb->producer_pos, new_prod);
	return hdr + 1;
}

/* A record of @size bytes, or NULL: no room, or a nested call that did not get the lock. */
static void *ringbuf_reserve(struct bpf_ringbuf *rb, u64 size)
{
	unsigned long flags;
	void *sample;
	u32 bytes;

	if (unlikely(size > RECORD_MAX))
		return NULL;
	bytes = round_up(size + RINGBUF_HDR_SIZE, 8);
	if (bytes > rb->mask + 1)
		return NULL;
	if (bpf_map_lock(&rb->lock, &flags))
		return NULL;
	sample = reserve_locked(rb, size, bytes);
	bpf_map_unlock(&rb->lock, flags);
	return sample;
}

static struct bpf_ringbuf *ringbuf_of_record(struct ringbuf_hdr *hdr)
{
	unsigned long page = (unsigned long)hdr & PAGE_MASK;

	return (void *)(page - ((unsigned long)hdr->pg_off << PAGE_SHIFT));
}

/* Ends a record; the reader is woken when it has read all that stands before. */
static void ringbuf_commit(void *sample, u64 flags, bool discard)
{
	struct ringbuf_hdr *hdr = sample - RINGBUF_HDR_SIZE;
	struct bpf_ringbuf *rb = ringbuf_of_record(hdr);
	u32 len = hdr->len & ~BPF_RINGBUF_BUSY_BIT;
	unsigned long at = (void *)hdr - (void *)rb->data;
	unsigned long cons;

	if (discard)
		len |= BPF_RINGBUF_DISCARD_BIT;
	/* full barrier: the record's bytes before, the consumer's position after */
	xchg(&hdr->len, len);

	/* released by the reader */
	cons = smp_load_acquire(&rb->consumer_pos) & rb->mask;
	if (flags & BPF_RB_FORCE_WAKEUP || (cons == at && !(flags & BPF_RB_NO_WAKEUP)))
		irq_work_queue(&rb->work);
}

/* ------------------------------------------------------------------ helpers */

BPF_CALL_3(bpf_ringbuf_reserve, struct bpf_map *, map, u64, size, u64, flags)
{
	if (unlikely(flags))
		return 0;
	return (unsigned long)ringbuf_reserve(ringbuf_of(map), size);
}

const struct bpf_func_proto bpf_ringbuf_reserve_proto = {
	.func = bpf_ringbuf_reserve,
	.ret_type = RET_PTR_TO_RINGBUF_MEM_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_CONST_ALLOC_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_ringbuf_submit, void *, sample, u64, flags)
{
	ringbuf_commit(sample, flags, false);
	return 0;
}

const struct bpf_func_proto bpf_ringbuf_submit_proto = {
	.func = bpf_ringbuf_submit,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_ringbuf_discard, void *, sample, u64, flags)
{
	ringbuf_commit(sample, flags, true);
	return 0;
}

const struct bpf_func_proto bpf_ringbuf_discard_proto = {
	.func = bpf_ringbuf_discard,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_4(bpf_ringbuf_output, struct bpf_map *, map, void *, data, u64, size, u64, flags)
{
	void *sample;

	if (unlikely(flags & ~RINGBUF_WAKEUP_FLAGS))
		return -EINVAL;
	sample = ringbuf_reserve(ringbuf_of(map), size);
	if (!sample)
		return -EAGAIN;
	memcpy(sample, data, size);
	ringbuf_commit(sample, flags, false);
	return 0;
}

const struct bpf_func_proto bpf_ringbuf_output_proto = {
	.func = bpf_ringbuf_output,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_ringbuf_query, struct bpf_map *, map, u64, flags)
{
	const struct bpf_ringbuf *rb = ringbuf_of(map);

	switch (flags) {
	case BPF_RB_AVAIL_DATA:
		return ringbuf_avail(rb);
	case BPF_RB_RING_SIZE:
		return rb->mask + 1;
	case BPF_RB_CONS_POS:
		return smp_load_acquire(&rb->consumer_pos);	/* released by the reader */
	case BPF_RB_PROD_POS:
		return smp_load_acquire(&rb->producer_pos);	/* by reserve_locked() */
	default:
		return 0;
	}
}

const struct bpf_func_proto bpf_ringbuf_query_proto = {
	.func = bpf_ringbuf_query,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_4(bpf_ringbuf_reserve_dynptr, struct bpf_map *, map, u32, size, u64, flags,
	   struct bpf_dynptr_kern *, ptr)
{
	void *sample;

	bpf_dynptr_set_null(ptr);
	if (unlikely(flags))
		return -EINVAL;
	if (size > BPF_DYNPTR_SIZE_MAX)
		return -E2BIG;
	sample = ringbuf_reserve(ringbuf_of(map), size);
	if (!sample)
		return -EINVAL;
	bpf_dynptr_init(ptr, sample, BPF_DYNPTR_RINGBUF, size);
	return 0;
}

const struct bpf_func_proto bpf_ringbuf_reserve_dynptr_proto = {
	.func = bpf_ringbuf_reserve_dynptr,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_RINGBUF | MEM_UNINIT | MEM_WRITE,
};

static u64 dynptr_commit(struct bpf_dynptr_kern *ptr, u64 flags, bool discard)
{
	if (ptr->data)
		ringbuf_commit(ptr->data, flags, discard);
	bpf_dynptr_set_null(ptr);
	return 0;
}

BPF_CALL_2(bpf_ringbuf_submit_dynptr, struct bpf_dynptr_kern *, ptr, u64, flags)
{
	return dynptr_commit(ptr, flags, false);
}

const struct bpf_func_proto bpf_ringbuf_submit_dynptr_proto = {
	.func = bpf_ringbuf_submit_dynptr,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_RINGBUF | OBJ_RELEASE,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_ringbuf_discard_dynptr, struct bpf_dynptr_kern *, ptr, u64, flags)
{
	return dynptr_commit(ptr, flags, true);
}

const struct bpf_func_proto bpf_ringbuf_discard_dynptr_proto = {
	.func = bpf_ringbuf_discard_dynptr,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_RINGBUF | OBJ_RELEASE,
	.arg2_type = ARG_ANYTHING,
};
