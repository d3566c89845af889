/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel/bpf/exec needs of the kernel, in one thread of a process. Every
 * <linux/...> header that it includes is made to include this one. The next
 * allocation fails when shim_fail_alloc counts down to 0.
 */
#ifndef _EXEC_SHIM_H
#define _EXEC_SHIM_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/types.h>
#include <linux/swab.h>

#define __user
#define __rcu
#define __percpu
#define __force
#define __iomem
#define __init
#define __read_mostly
#define __weak			__attribute__((weak))
#define __packed		__attribute__((packed))
#define __aligned(n)		__attribute__((aligned(n)))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define fallthrough		__attribute__((fallthrough))
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(c)		_Static_assert(!(c), #c)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define DECLARE_FLEX_ARRAY(t, n) struct { struct {} pad_##n; t n[]; }
#define BIT(n)			(1UL << (n))
#define IS_ENABLED(x)		0
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define pure_initcall(fn)	\
	static void __attribute__((constructor)) init_##fn(void) { fn(); }

#define min(a, b)		({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b)		({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, y)		((((x) - 1) | ((typeof(x))(y) - 1)) + 1)
#define round_down(x, y)	((x) & ~((typeof(x))(y) - 1))
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_ALIGN(x)		round_up(x, PAGE_SIZE)
#define SZ_256K			(256U << 10)
#define SZ_256M			(256U << 20)
#define U16_MAX			0xffffU
#define MODULES_VADDR		0UL
#define MODULES_END		(1UL << 30)
#define LIST_POISON2		((void *)0x122)
#define POISON_POINTER_DELTA	0
#define CAP_SYS_ADMIN		21
#define CAP_PERFMON		38
#define CAP_BPF			39
#define KSYM_NAME_LEN		512
#define MAX_ERRNO		4095

#define array_size(n, s)	((size_t)(n) * (s))
#define struct_size(p, m, n)	(sizeof(*(p)) + sizeof((p)->m[0]) * (size_t)(n))
#define struct_size_t(t, m, n)	(sizeof(t) + sizeof(((t *)0)->m[0]) * (size_t)(n))

extern int shim_warnings;
#define WARN_ONCE(c, ...)						\
	({ bool _c = (c); if (_c) { shim_warnings++; printf(__VA_ARGS__); } _c; })
#define WARN_ON_ONCE(c)		WARN_ONCE(c, "warning: %s\n", #c)
#define pr_err(...)		printf(__VA_ARGS__)
#define KERN_ERR		""
#define DUMP_PREFIX_OFFSET	0
#define print_hex_dump(...)	do { } while (0)

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline __attribute__((format(printf, 3, 4)))
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (len < 0 || !size)
		return 0;
	return (size_t)len < size ? len : (int)size - 1;
}

static inline long strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (len == size)
		len--;
	memcpy(dst, src, len);
	dst[len] = 0;
	return len;
}

/* memory */
typedef unsigned int gfp_t;
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_ZERO		0
#define __GFP_NOWARN		0

extern long shim_fail_alloc, shim_live, shim_cpu_offset;

static inline void *shim_alloc(size_t size)
{
	void *p;

	if (shim_fail_alloc > 0 && --shim_fail_alloc == 0)
		return NULL;
	p = calloc(1, size ?: 1);
	shim_live += !!p;
	return p;
}

static inline void shim_free(const void *p)
{
	shim_live -= !!p;
	free((void *)p);
}

#define kzalloc(s, g)			shim_alloc(s)
#define kcalloc(n, s, g)		shim_alloc((size_t)(n) * (s))
#define kvzalloc(s, g)			shim_alloc(s)
#define kvmalloc(s, g)			shim_alloc(s)
#define kvcalloc(n, s, g)		shim_alloc((size_t)(n) * (s))
#define kvmalloc_array(n, s, g)		shim_alloc((size_t)(n) * (s))
#define __vmalloc(s, g)			shim_vmalloc(s)
#define kfree(p)			shim_free(p)
#define kvfree(p)			shim_free(p)
#define vfree(p)			shim_vfree(p)
#define alloc_percpu_gfp(t, g)		((t *)shim_alloc(sizeof(t)))
#define free_percpu(p)			shim_free(p)
#define per_cpu_ptr(p, cpu)		(p)
#define this_cpu_ptr(p)			((typeof(p))((unsigned long)(p) + shim_cpu_offset))
#define this_cpu_inc(x)			((x)++)
#define this_cpu_dec(x)			((x)--)
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define DECLARE_PER_CPU(t, n)		extern t n
#define migrate_disable()		do { } while (0)
#define migrate_enable()		do { } while (0)
#define set_vm_flush_reset_perms(p)	do { } while (0)

/* Pages of their own, so that they can be made read-only; the size stands before them. */
static inline void *shim_vmalloc(size_t size)
{
	size_t *p;

	if (shim_fail_alloc > 0 && --shim_fail_alloc == 0)
		return NULL;
	p = mmap(NULL, PAGE_SIZE + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	*p = PAGE_SIZE + size;
	shim_live++;
	return (char *)p + PAGE_SIZE;
}

static inline void shim_vfree(void *addr)
{
	size_t *p = (size_t *)((char *)addr - PAGE_SIZE);

	if (!addr)
		return;
	shim_live--;
	munmap(p, *p);
}

static inline int set_memory_ro(unsigned long addr, int pages)
{
	return mprotect((void *)addr, pages * PAGE_SIZE, PROT_READ);
}

static inline int set_memory_rox(unsigned long addr, int pages)
{
	return 0;
}

#define EXECMEM_BPF			0
#define execmem_alloc(t, s)		shim_alloc(s)
#define execmem_free(p)			shim_free(p)

/* reads nothing below one page, which stands for what faults */
static inline int copy_from_kernel_nofault(void *dst, const void *src, size_t size)
{
	if ((unsigned long)src < PAGE_SIZE)
		return -EFAULT;
	memcpy(dst, src, size);
	return 0;
}

/* locks, lists, work */
typedef struct { int x; } spinlock_t;
struct mutex { int x; };
#define DEFINE_MUTEX(n)		struct mutex n
#define mutex_init(m)		do { } while (0)
#define mutex_lock(m)		((m)->x++)
#define mutex_unlock(m)		((m)->x--)
struct list_head { struct list_head *next, *prev; };
#define LIST_HEAD(n)		struct list_head n = { &(n), &(n) }
#define INIT_LIST_HEAD_RCU	INIT_LIST_HEAD

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add_tail(struct list_head *n, struct list_head *head)
{
	n->next = head;
	n->prev = head->prev;
	head->prev->next = n;
	head->prev = n;
}

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

#define list_for_each_entry(pos, head, member)					\
	for (pos = container_of((head)->next, typeof(*pos), member);		\
	     &pos->member != (head);						\
	     pos = container_of(pos->member.next, typeof(*pos), member))

#define list_add_tail_rcu	list_add_tail
#define list_for_each_entry_rcu	list_for_each_entry
#define rcu_read_lock()		do { } while (0)
#define rcu_read_unlock()	do { } while (0)
#define DEFINE_SPINLOCK(n)	spinlock_t n
#define spin_lock_bh(l)		((l)->x++)
#define spin_unlock_bh(l)	((l)->x--)
#define __cacheline_aligned

static inline void list_del_rcu(struct list_head *n)
{
	list_del(n);
	n->prev = LIST_POISON2;
}

struct rcu_head { void *x; };
struct rb_node { void *x; };
struct latch_tree_node { struct rb_node node[2]; };

/* A list does for the few symbols of the tests. */
struct latch_tree_root { struct latch_tree_node *first; };
struct latch_tree_ops {
	bool (*less)(struct latch_tree_node *a, struct latch_tree_node *b);
	int (*comp)(void *key, struct latch_tree_node *node);
};

static inline void latch_tree_insert(struct latch_tree_node *n, struct latch_tree_root *root,
				     const struct latch_tree_ops *ops)
{
	n->node[0].x = root->first;
	root->first = n;
}

static inline void latch_tree_erase(struct latch_tree_node *n, struct latch_tree_root *root,
				    const struct latch_tree_ops *ops)
{
	struct latch_tree_node **link = &root->first;

	while (*link && *link != n)
		link = (struct latch_tree_node **)&(*link)->node[0].x;
	if (*link)
		*link = n->node[0].x;
	else
		abort();
}

static inline struct latch_tree_node *latch_tree_find(void *key, struct latch_tree_root *root,
						      const struct latch_tree_ops *ops)
{
	struct latch_tree_node *n = root->first;

	while (n && ops->comp(key, n))
		n = n->node[0].x;
	return n;
}

struct exception_table_entry { unsigned long addr; };

static inline struct exception_table_entry *
search_extable(struct exception_table_entry *base, size_t num, unsigned long addr)
{
	while (num--) {
		if (base[num].addr == addr)
			return &base[num];
	}
	return NULL;
}

static inline void bin2hex(char *dst, const void *src, size_t n)
{
	const u8 *b = src;

	for (; n--; b++, dst += 2)
		sprintf(dst, "%02x", *b);
}

struct work_struct { void (*fn)(struct work_struct *work); };
#define INIT_WORK(w, f)		((w)->fn = (f))
#define schedule_work(w)	((w)->fn(w))

/* atomics: the compiler's */
typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
typedef atomic64_t atomic_long_t;
#define SHIM_ATOMIC(pre, type, op)						\
static inline void pre##_##op(type v, pre##_t *a)				\
{										\
	__atomic_fetch_##op(&a->counter, v, __ATOMIC_SEQ_CST);			\
}										\
static inline type pre##_fetch_##op(type v, pre##_t *a)				\
{										\
	return __atomic_fetch_##op(&a->counter, v, __ATOMIC_SEQ_CST);		\
}
SHIM_ATOMIC(atomic, int, add)
SHIM_ATOMIC(atomic, int, or)
SHIM_ATOMIC(atomic, int, and)
SHIM_ATOMIC(atomic, int, xor)
SHIM_ATOMIC(atomic64, s64, add)
SHIM_ATOMIC(atomic64, s64, or)
SHIM_ATOMIC(atomic64, s64, and)
SHIM_ATOMIC(atomic64, s64, xor)
#define atomic_xchg(a, v)	__atomic_exchange_n(&(a)->counter, v, __ATOMIC_SEQ_CST)
#define atomic64_xchg(a, v)	__atomic_exchange_n(&(a)->counter, v, __ATOMIC_SEQ_CST)
#define SHIM_CMPXCHG(a, old, new)						\
	({ typeof((a)->counter) _old = (old);					\
	   __atomic_compare_exchange_n(&(a)->counter, &_old, new, false,	\
				       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); _old; })
#ifndef __ro_after_init
#define __ro_after_init
#endif

#ifndef xchg
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#endif
#define atomic_cmpxchg		SHIM_CMPXCHG
#define atomic64_cmpxchg	SHIM_CMPXCHG
#define atomic64_set(a, v)	((a)->counter = (v))
#define atomic_long_add_return(v, a)	((a)->counter += (v))
#define atomic_long_sub(v, a)	((a)->counter -= (v))

/* statistics */
typedef struct { u64 v; } u64_stats_t;
struct u64_stats_sync { };
#define u64_stats_init(s)		do { } while (0)
#define u64_stats_fetch_begin(s)	0
#define u64_stats_fetch_retry(s, v)	((void)(v), 0)
#define u64_stats_read(p)		((p)->v)
#define u64_stats_inc(p)		((p)->v++)
#define u64_stats_update_begin_irqsave(s)	0
#define u64_stats_update_end_irqrestore(s, f)	((void)(f))
#define DEFINE_STATIC_KEY_FALSE(n)	int n
#define DECLARE_STATIC_KEY_FALSE(n)	extern int n

/* bits */
#define BITS_PER_LONG		64
#define DECLARE_BITMAP(n, b)	unsigned long n[DIV_ROUND_UP(b, BITS_PER_LONG)]
#define bitmap_zalloc(b, g)	((unsigned long *)shim_alloc(DIV_ROUND_UP(b, BITS_PER_LONG) * 8))
#define bitmap_free(p)		shim_free(p)

static inline bool test_bit(unsigned long n, const unsigned long *map)
{
	return map[n / BITS_PER_LONG] >> n % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned long n, unsigned long *map)
{
	map[n / BITS_PER_LONG] |= 1UL << n % BITS_PER_LONG;
}

static inline void __clear_bit(unsigned long n, unsigned long *map)
{
	map[n / BITS_PER_LONG] &= ~(1UL << n % BITS_PER_LONG);
}

static inline void bitmap_set(unsigned long *map, unsigned long start, unsigned long nr)
{
	while (nr--)
		__set_bit(start++, map);
}

static inline void bitmap_clear(unsigned long *map, unsigned long start, unsigned long nr)
{
	while (nr--)
		__clear_bit(start++, map);
}

static inline unsigned long find_next_bit(const unsigned long *map, unsigned long size,
					  unsigned long n)
{
	while (n < size && !test_bit(n, map))
		n++;
	return n;
}

static inline unsigned long find_first_zero_bit(const unsigned long *map, unsigned long size)
{
	unsigned long n = 0;

	while (n < size && test_bit(n, map))
		n++;
	return n;
}

static inline unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
						       unsigned long start, unsigned int nr,
						       unsigned long mask)
{
	unsigned long end;

	for (;; start = find_next_bit(map, size, start) + 1) {
		if (start + nr > size)
			return size + 1;
		end = find_next_bit(map, start + nr, start);
		if (end >= start + nr)
			return start;
		start = end;
	}
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put_unaligned_be64(u64 v, void *p)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

#define div64_u64(a, b)		((u64)(a) / (u64)(b))
#define div64_s64(a, b)		((s64)(a) / (s64)(b))

static inline u32 get_random_u32(void)
{
	return (u32)random() ^ (u32)random() << 16;
}

/* SHA-1's compression function; shim.c */
#define SHA1_DIGEST_WORDS	5
#define SHA1_WORKSPACE_WORDS	16
void sha1_init(u32 *digest);
void sha1_transform(u32 *digest, const void *data, u32 *work);

/* who is there */
struct task_struct {
	void *bpf_ctx;
	char comm[16];
};
extern struct task_struct shim_task;
#define current			(&shim_task)
#define task_pid_nr(t)		1
extern bool shim_capable;
static inline bool capable(int cap)
{
	return shim_capable;
}

struct file;
struct module;
#define try_module_get(m)	true
#define module_put(m)		do { } while (0)
typedef unsigned int __poll_t;
struct poll_table_struct;
struct fd { int x; };

#endif /* _EXEC_SHIM_H */
