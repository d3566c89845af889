/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel/bpf/btf needs of the kernel beside what the verifier's tests have. */
#ifndef _BTF_SHIM_H
#define _BTF_SHIM_H

#include "../verifier_passes/vshim.h"

#define __must_check
#define O_RDONLY	0
#define O_CLOEXEC	02000000

typedef struct { int refs; } refcount_t;
#define refcount_set(r, n)	((r)->refs = (n))
#define refcount_inc(r)		((r)->refs++)
#define refcount_dec_and_test(r) (!--(r)->refs)

#define smp_store_release(p, v)	(*(p) = (v))
#define smp_load_acquire(p)	(*(p))

#include <limits.h>
#define BITS_PER_BYTE		8
#define u64_to_user_ptr(x)	((void *)(unsigned long)(x))
#define call_rcu(head, fn)	((fn)(head))
typedef unsigned int fmode_t;

struct seq_file {
	char *buf;
	size_t size;
	size_t len;
};

static inline void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
{
	size_t room = m->len < m->size ? m->size - m->len : 0;

	m->len += vsnprintf(room ? m->buf + m->len : NULL, room, fmt, args);
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << (64 - __builtin_clzl(n - 1));
}

static inline u32 jhash(const void *key, u32 len, u32 init)
{
	const u8 *p = key;

	while (len--)
		init = jhash_mix(init, *p++);
	return init;
}

static inline void *memchr_inv(const void *start, int c, size_t len)
{
	const u8 *p = start;

	for (; len; len--, p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

static inline char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	char *p = shim_alloc(len + 1);

	return p ? memcpy(p, s, len) : NULL;
}

#define get_unaligned(p)						\
	({ typeof(*(p)) _v; memcpy(&_v, p, sizeof(_v)); _v; })

#endif
