/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring buffers' memory, whose positions and data user space maps, and what both directions share.
 */
#ifndef _KBPF_MAPS_RINGBUF_H
#define _KBPF_MAPS_RINGBUF_H

#include <linux/bpf.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/*
 * struct bpf_ringbuf - control page, positions, data
 * @mask: bytes of data - 1; the data's size is a power of two
 * @pages: what the whole is mapped from, data pages once
 * @busy: user space produces: a program is draining
 * @pending_pos: of the first record that has not been submitted
 * @consumer_pos: of the next record to be read
 * @producer_pos: behind the last record that was reserved
 * @data: mapped twice in a row, so that no record is cut
 *
 * Clients look for a type of this name in the kernel's BTF to learn that there are ring buffers.
 *
 * Positions count bytes from the start and never wrap. The one of the side that is user space is
 * written by it and never trusted.
 */
struct bpf_ringbuf {
	wait_queue_head_t waitq;
	struct irq_work work;
	u64 mask;
	struct page **pages;
	u32 nr_pages;
	atomic_t busy;
	raw_spinlock_t lock;
	unsigned long pending_pos;
	unsigned long consumer_pos __aligned(PAGE_SIZE);
	unsigned long producer_pos __aligned(PAGE_SIZE);
	char data[] __aligned(PAGE_SIZE);
};

#define RINGBUF_CONSUMER_PAGE	(offsetof(struct bpf_ringbuf, consumer_pos) >> PAGE_SHIFT)
#define RINGBUF_POS_PAGES	2
#define RINGBUF_META_PAGES	(RINGBUF_CONSUMER_PAGE + RINGBUF_POS_PAGES)

/* In front of each record; part of the ABI. @pg_off: pages from the buffer's start to it. */
struct ringbuf_hdr {
	u32 len;
	u32 pg_off;
};

#define RINGBUF_HDR_SIZE	BPF_RINGBUF_HDR_SZ
#define RINGBUF_LEN_FLAGS	(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)
#define RINGBUF_WAKEUP_FLAGS	(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP)

static_assert(sizeof(struct ringbuf_hdr) == RINGBUF_HDR_SIZE);

struct bpf_ringbuf_map {
	struct bpf_map map;
	struct bpf_ringbuf *rb;
};

static inline struct bpf_ringbuf *ringbuf_of(const struct bpf_map *map)
{
	return container_of(map, struct bpf_ringbuf_map, map)->rb;
}

static inline struct ringbuf_hdr *ringbuf_record_at(struct bpf_ringbuf *rb, unsigned long pos)
{
	return (void *)rb->data + (pos & rb->mask);
}

int bpf_ringbuf_alloc_check(const union bpf_attr *attr);
struct bpf_map *bpf_ringbuf_alloc(const union bpf_attr *attr);
void bpf_ringbuf_free(struct bpf_map *map);
u64 bpf_ringbuf_mem_usage(const struct bpf_map *map);

struct bpf_ringbuf *ringbuf_mem_alloc(u64 data_size, int numa_node);
void ringbuf_mem_free(struct bpf_ringbuf *rb);

#endif /* _KBPF_MAPS_RINGBUF_H */
