// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: the C library's, pages with protections, and pages that can stand at several
 * addresses.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "host/kbpf.h"
#include "host/os.h"

#define PAGE 4096UL

/* ------------------------------------------------------------------ failures on request */

static __thread long fail_in;
static long live;
static unsigned long long limit = 4ULL << 30;
static long made;
static long held, peak;		/* bytes */

void bpf_host_fail_alloc(long nth)
{
	fail_in = nth;
}

long bpf_host_fail_left(void)
{
	return fail_in;
}

long bpf_host_live(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

void bpf_host_set_memory_limit(unsigned long long bytes)
{
	limit = bytes;
}

int os_alloc_fails(os_size size)
{
	if (size > limit)
		return 1;
	__atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
	return fail_in > 0 && --fail_in == 0;
}

long bpf_host_memory(int reset)
{
	long now = __atomic_load_n(&held, __ATOMIC_RELAXED);

	if (reset)
		__atomic_store_n(&peak, now, __ATOMIC_RELAXED);
	return __atomic_load_n(&peak, __ATOMIC_RELAXED);
}

static void hold(long bytes)
{
	long now = __atomic_add_fetch(&held, bytes, __ATOMIC_RELAXED);
	long most = __atomic_load_n(&peak, __ATOMIC_RELAXED);

	while (now > most && !__atomic_compare_exchange_n(&peak, &most, now, 1, __ATOMIC_RELAXED,
							  __ATOMIC_RELAXED))
		;
}

static void *counted(void *p)
{
	if (!p)
		return NULL;
	__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return p;
}

/* Of the C library, not pages. */
static void *counted_heap(void *p)
{
	if (p)
		hold(malloc_usable_size(p));
	return counted(p);
}

void *os_alloc(os_size size, int zero)
{
	if (os_alloc_fails(size))
		return NULL;
	return counted_heap(zero ? calloc(1, size ? size : 1) : malloc(size ? size : 1));
}

void *os_alloc_aligned(os_size size, os_size align, int zero)
{
	void *p;

	if (os_alloc_fails(size))
		return NULL;
	if (align < sizeof(void *))
		align = sizeof(void *);
	if (posix_memalign(&p, align, size ? size : 1))
		return NULL;
	if (zero)
		memset(p, 0, size);
	return counted_heap(p);
}

void *os_realloc(void *p, os_size size, int zero)
{
	os_size old = p ? malloc_usable_size(p) : 0;
	char *q;

	if (!p)
		return os_alloc(size, zero);
	if (size <= old)
		return p;
	if (os_alloc_fails(size))
		return NULL;
	q = realloc(p, size ? size : 1);
	if (q)
		hold((long)malloc_usable_size(q) - (long)old);
	if (q && zero && size > old)
		memset(q + old, 0, size - old);
	return q;
}

void os_free(void *p)
{
	if (p) {
		__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
		hold(-(long)malloc_usable_size(p));
	}
	free(p);
}

os_size os_alloc_size(const void *p)
{
	return malloc_usable_size((void *)p);
}

/* ------------------------------------------------------------------ mappings */

struct mapping {
	struct mapping *next;
	void *p;
	os_size size;		/* without the guard */
	os_size *index;		/* pages of the pool that stand there, or NULL */
};

#define BUCKETS 1024

static struct mapping *mappings[BUCKETS];
static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;

static struct mapping **bucket(const void *p)
{
	return &mappings[((uintptr_t)p / PAGE * 0x9e3779b97f4a7c15ULL) >> 54];
}

static struct mapping *mapping_find(const void *p)
{
	struct mapping *m;

	pthread_mutex_lock(&map_lock);
	for (m = *bucket(p); m && m->p != p; m = m->next)
		;
	pthread_mutex_unlock(&map_lock);
	return m;
}

static int mapping_add(void *p, os_size size, os_size *index)
{
	struct mapping *m = malloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->p = p;
	m->size = size;
	m->index = index;
	pthread_mutex_lock(&map_lock);
	m->next = *bucket(p);
	*bucket(p) = m;
	pthread_mutex_unlock(&map_lock);
	counted(p);
	return 0;
}

static struct mapping *mapping_take(void *p)
{
	struct mapping **link, *m;

	pthread_mutex_lock(&map_lock);
	for (link = bucket(p); *link && (*link)->p != p; link = &(*link)->next)
		;
	m = *link;
	if (m)
		*link = m->next;
	pthread_mutex_unlock(&map_lock);
	return m;
}

static os_size whole(os_size size)
{
	return (size + PAGE - 1) & ~(PAGE - 1);
}

static void *map_with_guard(void *hint, os_size size, int flags)
{
	char *p = mmap(hint, size + PAGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p, size, PROT_READ | PROT_WRITE) || mapping_add(p, size, NULL)) {
		munmap(p, size + PAGE);
		return NULL;
	}
	return p;
}

void *os_map(os_size size)
{
	if (!size || os_alloc_fails(size) || size > (1UL << 46))
		return NULL;
	return map_with_guard(NULL, whole(size), 0);
}

/* Within reach of 32-bit displacements from this library, whose functions the code calls. */
void *os_map_exec(os_size size)
{
	uintptr_t here = (uintptr_t)&os_map_exec & ~(PAGE - 1), step = 1UL << 20, d;
	void *p;

	size = whole(size);
	if (os_alloc_fails(size))
		return NULL;
	for (d = 64UL << 20; d < 1UL << 30; d += step) {
		p = map_with_guard((void *)(here - d), size, MAP_FIXED_NOREPLACE);
		if (!p)
			p = map_with_guard((void *)(here + d), size, MAP_FIXED_NOREPLACE);
		if (p)
			return p;
	}
	return NULL;
}

os_size os_map_size(const void *p)
{
	struct mapping *m = (uintptr_t)p % PAGE ? NULL : mapping_find(p);

	return m ? m->size : 0;
}

void os_unmap(void *p)
{
	struct mapping *m = mapping_take(p);

	if (!m)
		return;
	munmap(p, m->size + PAGE);
	free(m->index);
	free(m);
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
}

int os_protect(void *p, os_size size, enum os_prot prot)
{
	static const int prots[] = {
		[OS_RW] = PROT_READ | PROT_WRITE,
		[OS_RO] = PROT_READ,
		[OS_ROX] = PROT_READ | PROT_EXEC,
	};

	return mprotect(p, size, prots[prot]) ? -errno : 0;
}

void *os_reserve(os_size size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
#ifdef __SANITIZE_ADDRESS__
	/* per-CPU variables hold what is kept for good */
	__lsan_register_root_region(p, size);
#endif
	return p;
}

void *os_reserve_none(os_size size)
{
	void *p;

	if (os_alloc_fails(PAGE))
		return NULL;
	p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	return counted(p);
}

void os_unreserve(void *p, os_size size)
{
	munmap(p, size);
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
}

int os_window_map(void *p, os_size size)
{
	if (os_alloc_fails(size))
		return -ENOMEM;
	return mprotect(p, size, PROT_READ | PROT_WRITE) ? -errno : 0;
}

void os_window_unmap(void *p, os_size size)
{
	/* zero when it is mapped again */
	mmap(p, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* ------------------------------------------------------------------ the pool of pages */

#define POOL_PAGES (1UL << 22)		/* 16 GiB of address space */
#define MAX_FORKS 16			/* one below the other */

/*
 * Pages from @first up to the next part's are of the file @fd, at their index. A child of fork()
 * shares the parts that its parent had and takes new pages from one of its own.
 */
static struct {
	os_size first;
	int fd;
} parts[MAX_FORKS];
static int nr_parts;
static char *pool;
static uint8_t *taken;			/* a byte a page */
static os_size next_page;
static os_size shared;			/* pages below it are another process's, too: not reused */
static os_size highest;			/* behind the last page that was ever taken */
static int no_pages;			/* this process has no part of its own */
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;

static int pool_file(void)
{
	int fd = memfd_create("kbpf-pages", MFD_CLOEXEC), high;

	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 512);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	if (!ftruncate(fd, POOL_PAGES * PAGE))
		return fd;
	close(fd);
	return -1;
}

static int page_fd(os_size index)
{
	int i;

	for (i = nr_parts - 1; i > 0 && index < parts[i].first; i--)
		;
	return parts[i].fd;
}

static void lock_pool(void)
{
	pthread_mutex_lock(&pool_lock);
	pthread_mutex_lock(&map_lock);
}

static void unlock_pool(void)
{
	pthread_mutex_unlock(&map_lock);
	pthread_mutex_unlock(&pool_lock);
}

static void parent_of_fork(void)
{
	shared = highest;
	unlock_pool();
}

static void child_of_fork(void)
{
	int fd = pool && nr_parts < MAX_FORKS ? pool_file() : -1;

	shared = highest;
	no_pages = 1;
	if (fd >= 0 && mmap(pool + shared * PAGE, (POOL_PAGES - shared) * PAGE,
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd,
			    shared * PAGE) != MAP_FAILED) {
		parts[nr_parts].first = shared;
		parts[nr_parts++].fd = fd;
		no_pages = 0;
	}
	unlock_pool();
}

static void __attribute__((constructor(101))) pool_init(void)
{
	int fd = pool_file();

	if (fd < 0)
		return;
	taken = os_reserve(POOL_PAGES);
	if (!taken)
		return;
	pool = mmap(NULL, POOL_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		    fd, 0);
	if (pool == MAP_FAILED) {
		pool = NULL;
		return;
	}
	parts[nr_parts++].fd = fd;
	pthread_atfork(lock_pool, parent_of_fork, child_of_fork);
}

void *os_pages_base(void)
{
	return pool;
}

os_size os_pages_max(void)
{
	return POOL_PAGES;
}

/* First run of @nr free pages from @from on, or -1. */
static long run_find(os_size from, os_size nr)
{
	os_size i, n = 0;

	for (i = from; i < POOL_PAGES; i++) {
		n = taken[i] ? 0 : n + 1;
		if (n == nr)
			return i + 1 - nr;
	}
	return -1;
}

long os_pages_take(os_size nr)
{
	long first = -1;

	if (!pool || no_pages || !nr || nr > POOL_PAGES || os_alloc_fails(nr * PAGE))
		return -1;
	pthread_mutex_lock(&pool_lock);
	first = run_find(next_page > shared ? next_page : shared, nr);
	if (first < 0)
		first = run_find(shared, nr);
	if (first >= 0) {
		memset(taken + first, 1, nr);
		next_page = first + nr;
		if (next_page > highest)
			highest = next_page;
		counted(pool);
	}
	pthread_mutex_unlock(&pool_lock);
	return first;
}

/*
 * Their bytes are zero when they are taken again. Pages that a process on the other side of a
 * fork() may still use stay as they are.
 */
void os_pages_give(os_size first, os_size nr)
{
	pthread_mutex_lock(&pool_lock);
	if (first >= shared) {
		fallocate(page_fd(first), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * PAGE,
			  nr * PAGE);
		memset(taken + first, 0, nr);
		if (first < next_page)
			next_page = first;
	}
	pthread_mutex_unlock(&pool_lock);
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
}

void *os_pages_map(const os_size *index, os_size nr)
{
	os_size *copy, i;
	char *p;

	if (os_alloc_fails(nr))
		return NULL;
	copy = malloc(nr * sizeof(*copy));
	p = mmap(NULL, (nr + 1) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	if (!copy || p == MAP_FAILED)
		goto fail;
	memcpy(copy, index, nr * sizeof(*copy));
	for (i = 0; i < nr; i++) {
		if (os_pages_map_at(p + i * PAGE, index[i], 1))
			goto fail;
	}
	if (!mapping_add(p, nr * PAGE, copy))
		return p;
fail:
	free(copy);
	if (p != MAP_FAILED)
		munmap(p, (nr + 1) * PAGE);
	return NULL;
}

int os_pages_map_at(void *where, os_size index, int write)
{
	void *p = mmap(where, PAGE, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED | MAP_FIXED,
		       page_fd(index), index * PAGE);

	return p == MAP_FAILED ? -errno : 0;
}

void os_pages_unmap(void *p)
{
	os_unmap(p);
}

/* Page of the pool that stands at @p: directly, or in a mapping that starts below it. */
long os_pages_index(const void *p)
{
	struct mapping *m;
	long index = -1;
	int i;

	if ((char *)p >= pool && (char *)p < pool + POOL_PAGES * PAGE)
		return ((char *)p - pool) / PAGE;
	pthread_mutex_lock(&map_lock);
	for (i = 0; i < BUCKETS && index < 0; i++) {
		for (m = mappings[i]; m; m = m->next) {
			if (m->index && (char *)p >= (char *)m->p &&
			    (char *)p < (char *)m->p + m->size) {
				index = m->index[((char *)p - (char *)m->p) / PAGE];
				break;
			}
		}
	}
	pthread_mutex_unlock(&map_lock);
	return index;
}
