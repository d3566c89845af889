/* SPDX-License-Identifier: GPL-2.0 */
/* What the JIT needs beyond what the tests of kernel/bpf/exec have already. */
#ifndef JIT_SHIM_H
#define JIT_SHIM_H

#include "../exec/shim.h"

#ifndef U8_MAX
#define U8_MAX			0xffU
#endif
#ifndef U32_MAX
#define U32_MAX			0xffffffffU
#endif
#ifndef U64_MAX
#define U64_MAX			(~0ULL)
#endif
#ifndef S32_MAX
#define S32_MAX			0x7fffffff
#endif
#ifndef S32_MIN
#define S32_MIN			(-S32_MAX - 1)
#endif
#ifndef BITS_TO_LONGS
#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, BITS_PER_LONG)
#endif
#ifndef IS_ERR
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-MAX_ERRNO)
#define PTR_ERR(p)		((long)(p))
#endif

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n < 2 ? 1 : 1UL << (64 - __builtin_clzl(n - 1));
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline int ilog2(unsigned long n)
{
	return 63 - __builtin_clzl(n);
}

static inline void sort(void *base, size_t n, size_t size,
			int (*cmp)(const void *a, const void *b), void *swap)
{
	qsort(base, n, size, cmp);
}

#endif /* JIT_SHIM_H */
