/* SPDX-License-Identifier: GPL-2.0 */
/* What the verifier needs of the kernel beside what exec/shim.h has. */
#ifndef _VERIFIER_SHIM_H
#define _VERIFIER_SHIM_H

#include <linux/limits.h>
#include <linux/stddef.h>
#undef __always_inline
#include "../exec/shim.h"
#include <ctype.h>
#define static_assert		_Static_assert
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __used			__attribute__((used))
#define __diag_push()
#define __diag_ignore_all(...)
#undef IS_ENABLED
#define IS_ENABLED(x)		IS_ENABLED_##x
#define IS_ENABLED_CONFIG_CPU_BIG_ENDIAN 0
#define IS_ENABLED_CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS 1
#define IS_ENABLED_CONFIG_BPF_JIT 0
#define CONFIG_BPF_SYSCALL 1
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-MAX_ERRNO)
#define PTR_ERR(p)		((long)(p))
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

#define BITS_PER_TYPE(t)	(sizeof(t) * 8)
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define __ffs(x)		__builtin_ctzl(x)
#define __ffs64(x)		__builtin_ctzll(x)
#define fls64(x)		((x) ? 64 - __builtin_clzll(x) : 0)
#define hweight16(x)		__builtin_popcount((u16)(x))
#define hweight64(x)		__builtin_popcountll(x)
#define offsetofend(t, m)	(offsetof(t, m) + sizeof(((t *)0)->m))
#define sizeof_field(t, m)	sizeof(((t *)0)->m)
#define signal_pending(t)	0
#define fatal_signal_pending(t)	0
#define need_resched()		0
#define cond_resched()		do { } while (0)
#define might_sleep()		do { } while (0)
#define ktime_get_ns()		0ULL
#define CAP_SYS_BOOT		22
#define U32_MAX			(~0U)
#define S32_MAX			0x7fffffff
#define S32_MIN			(-S32_MAX - 1)
#define S16_MAX			0x7fff
#define S16_MIN			(-S16_MAX - 1)
#define S64_MAX			0x7fffffffffffffffLL
#define S64_MIN			(-S64_MAX - 1)
#define U64_MAX			(~0ULL)
#define U8_MAX			0xff
#ifndef EOPNOTSUPP
#define EOPNOTSUPP 95
#endif
#define ENOTSUPP		524
#define div_u64(a, b)		((u64)(a) / (b))
#define swap(a, b)		do { typeof(a) _t = (a); (a) = (b); (b) = _t; } while (0)
#define clamp(v, lo, hi)	((v) < (lo) ? (lo) : (v) > (hi) ? (hi) : (v))
#define kmalloc(s, g)		shim_alloc(s)
#define kmalloc_array(n, s, g)	shim_alloc((size_t)(n) * (s))
#define vzalloc(s)		shim_alloc(s)
#define GFP_USER		0
#define size_mul(a, b)		((size_t)(a) * (b))
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)

static inline void *kmemdup(const void *src, size_t size, gfp_t gfp)
{
	void *p = shim_alloc(size);

	if (p)
		memcpy(p, src, size);
	return p;
}

#define for_each_set_bit(bit, map, size)					\
	for ((bit) = find_next_bit(map, size, 0); (bit) < (size);		\
	     (bit) = find_next_bit(map, size, (bit) + 1))

static inline int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	return !size ? 0 : len < (int)size ? len : (int)size - 1;
}

static inline char *skip_spaces(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return (char *)s;
}

static inline const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

#define copy_to_user(to, from, n)	(memcpy((void *)(to), from, n), 0UL)
#define copy_from_user(to, from, n)	(memcpy(to, (const void *)(from), n), 0UL)
#define clear_user(to, n)		(memset((void *)(to), 0, n), 0UL)
#define put_user(x, p)			(*(p) = (x), 0)
#define get_user(x, p)			((x) = *(p), 0)

static inline int __test_and_set_bit(unsigned long n, unsigned long *map)
{
	int was = test_bit(n, map);

	__set_bit(n, map);
	return was;
}

static inline void bitmap_zero(unsigned long *map, unsigned long n)
{
	memset(map, 0, DIV_ROUND_UP(n, 64) * 8);
}

static inline u32 jhash_mix(u32 h, u32 x)
{
	h = (h ^ x) * 0x9e3779b1u;
	return h ^ h >> 15;
}

#define jhash_1word(a, h)		jhash_mix(h, a)
#define jhash_2words(a, b, h)		jhash_mix(jhash_mix(h, a), b)
#define jhash_3words(a, b, c, h)	jhash_mix(jhash_mix(jhash_mix(h, a), b), c)

void sort(void *base, size_t num, size_t size, int (*cmp)(const void *, const void *),
	  void (*swap)(void *, void *, int));
void *bsearch(const void *key, const void *base, size_t num, size_t size,
	      int (*cmp)(const void *key, const void *elt));

#endif
