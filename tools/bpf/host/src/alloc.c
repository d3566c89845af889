// SPDX-License-Identifier: GPL-2.0
/* Twin of mm/slub.c, mm/util.c and mm/vmalloc.c. */
#include <linux/execmem.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <host/os.h>

kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];

static void *alloc(size_t size, gfp_t flags)
{
	return os_alloc(size, !!(flags & __GFP_ZERO));
}

void *__kmalloc_noprof(size_t size, gfp_t flags)
{
	return size > KMALLOC_MAX_SIZE ? NULL : alloc(size, flags);
}

void *__kmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t flags, int node)
{
	return __kmalloc_noprof(size, flags);
}

void *__kmalloc_cache_noprof(struct kmem_cache *s, gfp_t flags, size_t size)
{
	return alloc(size, flags);
}

void *__kmalloc_cache_node_noprof(struct kmem_cache *s, gfp_t flags, int node, size_t size)
{
	return alloc(size, flags);
}

void *__kmalloc_node_track_caller_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t flags, int node,
					 unsigned long caller)
{
	return __kmalloc_noprof(size, flags);
}

void *__kvmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t flags, int node)
{
	return size > INT_MAX ? NULL : alloc(size, flags);
}

void *krealloc_noprof(const void *p, size_t new_size, gfp_t flags)
{
	if (!new_size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	if (new_size > KMALLOC_MAX_SIZE)
		return NULL;
	return os_realloc(ZERO_OR_NULL_PTR(p) ? NULL : (void *)p, new_size, !!(flags & __GFP_ZERO));
}

void kfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		os_free((void *)p);
}

static bool in_pool(const void *p)
{
	return p >= os_pages_base() && p < os_pages_base() + os_pages_max() * PAGE_SIZE;
}

void kvfree(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	if (PAGE_ALIGNED(p) && (in_pool(p) || os_map_size(p)))
		vfree(p);
	else
		os_free((void *)p);
}

size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : os_alloc_size(p);
}

size_t kmalloc_size_roundup(size_t size)
{
	return size;
}

void *kmemdup_noprof(const void *src, size_t len, gfp_t gfp)
{
	void *p = __kmalloc_noprof(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

void *kmemdup_array(const void *src, size_t count, size_t element_size, gfp_t gfp)
{
	size_t size;

	if (check_mul_overflow(count, element_size, &size))
		return NULL;
	return kmemdup_noprof(src, size, gfp);
}

void *kvmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = alloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup_noprof(s, strlen(s) + 1, gfp) : NULL;
}

char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	char *p = __kmalloc_noprof(len + 1, gfp);

	if (p) {
		memcpy(p, s, len);
		p[len] = 0;
	}
	return p;
}

/* ------------------------------------------------------------------ caches */

struct kmem_cache {
	unsigned int size;
	unsigned int align;
	slab_flags_t flags;
	void (*ctor)(void *obj);
};

struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args, slab_flags_t flags)
{
	struct kmem_cache *s = os_alloc(sizeof(*s), 1);

	if (s) {
		s->size = size;
		s->align = args->align;
		s->flags = flags;
		s->ctor = args->ctor;
	}
	return s;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	os_free(s);
}

void *kmem_cache_alloc_noprof(struct kmem_cache *s, gfp_t flags)
{
	void *p = os_alloc_aligned(s->size, s->align, !!(flags & __GFP_ZERO));

	if (p && s->ctor)
		s->ctor(p);
	return p;
}

void *kmem_cache_alloc_lru_noprof(struct kmem_cache *s, struct list_lru *lru, gfp_t flags)
{
	return kmem_cache_alloc_noprof(s, flags);
}

void *kmem_cache_alloc_node_noprof(struct kmem_cache *s, gfp_t flags, int node)
{
	return kmem_cache_alloc_noprof(s, flags);
}

void kmem_cache_free(struct kmem_cache *s, void *p)
{
	os_free(p);
}

/* ------------------------------------------------------------------ whole pages */

/* Programs are made read-only: pages of their own. */
void *__vmalloc_noprof(unsigned long size, gfp_t gfp)
{
	return os_map(size);
}

void *__vmalloc_node_noprof(unsigned long size, unsigned long align, gfp_t gfp, int node,
			    const void *caller)
{
	return os_alloc_aligned(size, PAGE_SIZE, !!(gfp & __GFP_ZERO));
}

void *vzalloc_noprof(unsigned long size)
{
	return os_alloc_aligned(size, PAGE_SIZE, 1);
}

void *vmalloc_noprof(unsigned long size)
{
	return os_alloc_aligned(size, PAGE_SIZE, 0);
}

static size_t pages_of(unsigned long size)
{
	return DIV_ROUND_UP(size, PAGE_SIZE);
}

/* A run of the pool starts with its number of pages, which stands beside it. */
static unsigned int *run_length;

static void *pool_alloc(unsigned long size)
{
	long first;

	if (!run_length)
		return NULL;
	first = os_pages_take(pages_of(size));
	if (first < 0)
		return NULL;
	run_length[first] = pages_of(size);
	return os_pages_base() + first * PAGE_SIZE;
}

void *__vmalloc_node_range_noprof(unsigned long size, unsigned long align, unsigned long start,
				  unsigned long end, gfp_t gfp, pgprot_t prot,
				  unsigned long vm_flags, int node, const void *caller)
{
	if (vm_flags & VM_USERMAP)
		return pool_alloc(size);
	return os_alloc_aligned(size, PAGE_SIZE, !!(gfp & __GFP_ZERO));
}

void vfree(const void *addr)
{
	void *p = (void *)addr;
	long first;

	if (!p)
		return;
	if (os_map_size(p)) {
		os_unmap(p);
		return;
	}
	if (!in_pool(p)) {
		os_free(p);
		return;
	}
	first = os_pages_index(p);
	os_pages_give(first, run_length[first]);
}

struct vm_struct *find_vm_area(const void *addr)
{
	return NULL;
}

struct page *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int nid, nodemask_t *nodemask)
{
	long first = os_pages_take(1UL << order);
	struct page *page;

	if (first < 0)
		return NULL;
	page = pfn_to_page(first);
	memset(page, 0, sizeof(*page));
	set_page_count(page, 1);
	return page;
}

void __free_pages(struct page *page, unsigned int order)
{
	if (put_page_testzero(page))
		os_pages_give(page_to_pfn(page), 1UL << order);
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	os_size *index = os_alloc(count * sizeof(*index), 0);
	unsigned int i;
	void *p;

	if (!index)
		return NULL;
	for (i = 0; i < count; i++)
		index[i] = page_to_pfn(pages[i]);
	p = os_pages_map(index, count);
	os_free(index);
	return p;
}

void vunmap(const void *addr)
{
	if (addr)
		os_pages_unmap((void *)addr);
}

/* Pages of the kernel's at @addr in a mapping of the client's. */
int remap_vmalloc_range(struct vm_area_struct *vma, void *addr, unsigned long pgoff)
{
	unsigned long len = vma->vm_end - vma->vm_start, off;
	unsigned long size = os_map_size(addr);
	long first = os_pages_index(addr), index;
	int err;

	if (first < 0)
		return -EINVAL;
	if (!size)
		size = run_length[first] * PAGE_SIZE;
	if (pgoff > size >> PAGE_SHIFT || len > size - (pgoff << PAGE_SHIFT))
		return -EINVAL;
	for (off = 0; off < len; off += PAGE_SIZE) {
		index = os_pages_index(addr + (pgoff << PAGE_SHIFT) + off);
		if (index < 0)
			return -EINVAL;
		err = os_pages_map_at((void *)vma->vm_start + off, index,
				      !!(vma->vm_flags & VM_WRITE));
		if (err)
			return err;
	}
	return 0;
}

/* ------------------------------------------------------------------ code */

void *execmem_alloc(enum execmem_type type, size_t size)
{
	return os_map_exec(size);
}

void execmem_free(void *ptr)
{
	if (ptr)
		os_unmap(ptr);
}

int set_memory_ro(unsigned long addr, int numpages)
{
	return os_protect((void *)addr, (size_t)numpages << PAGE_SHIFT, OS_RO);
}

int set_memory_rw(unsigned long addr, int numpages)
{
	return os_protect((void *)addr, (size_t)numpages << PAGE_SHIFT, OS_RW);
}

int set_memory_rox(unsigned long addr, int numpages)
{
	return os_protect((void *)addr, (size_t)numpages << PAGE_SHIFT, OS_ROX);
}

/* ------------------------------------------------------------------ the map of pages */

#ifdef CONFIG_DYNAMIC_MEMORY_LAYOUT
unsigned long page_offset_base, vmalloc_base, vmemmap_base;
#endif

void host_pages_init(void)
{
	page_offset_base = (unsigned long)os_pages_base();
	vmemmap_base = (unsigned long)os_reserve(os_pages_max() * sizeof(struct page));
	run_length = os_reserve(os_pages_max() * sizeof(*run_length));
}
