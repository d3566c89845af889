// SPDX-License-Identifier: GPL-2.0
/* Memory of a ring buffer: pages, of which those with data stand twice in the address space. */
#include <linux/bpf.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "maps/ringbuf.h"

static void pages_free(struct page **pages, u32 nr)
{
	while (nr--)
		__free_page(pages[nr]);
	bpf_map_area_free(pages);
}

/**
 * ringbuf_mem_alloc - pages and mapping
 * @data_size: bytes, a power of two and whole pages
 * @numa_node: where, or NUMA_NO_NODE
 *
 * Context: process context, may sleep.
 * Return: zeroed memory with @pages, @nr_pages and @mask set, or NULL.
 */
struct bpf_ringbuf *ringbuf_mem_alloc(u64 data_size, int numa_node)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN | __GFP_ZERO;
	u64 data_pages = data_size >> PAGE_SHIFT, nr = RINGBUF_META_PAGES + data_pages;
	struct page **pages;
	struct bpf_ringbuf *rb;
	u64 size;
	u32 i;

	if (nr + data_pages > INT_MAX ||
	    check_mul_overflow(nr + data_pages, (u64)sizeof(*pages), &size))
		return NULL;
	pages = bpf_map_area_alloc(size, numa_node);
	if (!pages)
		return NULL;
	for (i = 0; i < nr; i++) {
		pages[i] = alloc_pages_node(numa_node, gfp, 0);
		if (!pages[i]) {
			pages_free(pages, i);
			return NULL;
		}
		if (i >= RINGBUF_META_PAGES)
			pages[data_pages + i] = pages[i];
	}
	rb = vmap(pages, nr + data_pages, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	if (!rb) {
		pages_free(pages, nr);
		return NULL;
	}
	rb->pages = pages;
	rb->nr_pages = nr;
	rb->mask = data_size - 1;
	return rb;
}

/**
 * ringbuf_mem_free - unmap and free
 * @rb: from ringbuf_mem_alloc()
 *
 * Context: process context, may sleep.
 */
void ringbuf_mem_free(struct bpf_ringbuf *rb)
{
	struct page **pages = rb->pages;
	u32 nr = rb->nr_pages;

	vunmap(rb);
	pages_free(pages, nr);
}
