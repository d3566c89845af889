/* SPDX-License-Identifier: GPL-2.0 */
/* The ring buffer's memory, whose positions and data user space maps. */
#ifndef _KBPF_MAPS_RINGBUF_H
#define _KBPF_MAPS_RINGBUF_H

#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/**
 * struct ringbuf - control page, positions, data
 * @mask: bytes of data - 1; the data's size is a power of two
 * @pages: what the whole is mapped from, data pages once
 * @pending_pos: of the first record that has not been submitted
 * @consumer_pos: user space writes it; never trusted
 * @producer_pos: user space reads it
 * @data: mapped twice in a row, so that no record is cut
 *
 * Positions count bytes from the start and never wrap.
 */
struct ringbuf {
	wait_queue_head_t waitq;
	struct irq_work work;
	u64 mask;
	struct page **pages;
	u32 nr_pages;
	raw_spinlock_t lock;
	unsigned long pending_pos;
	unsigned long consumer_pos __aligned(PAGE_SIZE);
	unsigned long producer_pos __aligned(PAGE_SIZE);
	char data[] __aligned(PAGE_SIZE);
};

#define RINGBUF_CONSUMER_PAGE	(offsetof(struct ringbuf, consumer_pos) >> PAGE_SHIFT)
#define RINGBUF_POS_PAGES	2
#define RINGBUF_META_PAGES	(RINGBUF_CONSUMER_PAGE + RINGBUF_POS_PAGES)

struct ringbuf *ringbuf_mem_alloc(u64 data_size, int numa_node);
void ringbuf_mem_free(struct ringbuf *rb);

#endif /* _KBPF_MAPS_RINGBUF_H */
