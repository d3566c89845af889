/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: the compiler's atomics. */
#ifndef _ASM_X86_ATOMIC_H
#define _ASM_X86_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/barrier.h>

#ifndef ATOMIC64_INIT
#define ATOMIC64_INIT(i)	{ (i) }
#endif

#define HOST_ATOMIC_OP(pre, type, op)						\
static __always_inline void arch_##pre##_##op(type i, pre##_t *v)		\
{										\
	__atomic_fetch_##op(&v->counter, i, __ATOMIC_SEQ_CST);			\
}										\
static __always_inline type arch_##pre##_fetch_##op(type i, pre##_t *v)	\
{										\
	return __atomic_fetch_##op(&v->counter, i, __ATOMIC_SEQ_CST);		\
}

#define HOST_ATOMIC_RETURN(pre, type, op)					\
static __always_inline type arch_##pre##_##op##_return(type i, pre##_t *v)	\
{										\
	return __atomic_##op##_fetch(&v->counter, i, __ATOMIC_SEQ_CST);		\
}

#define HOST_ATOMIC(pre, type)							\
static __always_inline type arch_##pre##_read(const pre##_t *v)		\
{										\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);			\
}										\
static __always_inline void arch_##pre##_set(pre##_t *v, type i)		\
{										\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);			\
}										\
static __always_inline type arch_##pre##_xchg(pre##_t *v, type i)		\
{										\
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);		\
}										\
static __always_inline bool arch_##pre##_try_cmpxchg(pre##_t *v, type *old, type new) \
{										\
	return __atomic_compare_exchange_n(&v->counter, old, new, false,	\
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
}										\
static __always_inline type arch_##pre##_cmpxchg(pre##_t *v, type old, type new) \
{										\
	arch_##pre##_try_cmpxchg(v, &old, new);					\
	return old;								\
}										\
HOST_ATOMIC_OP(pre, type, add)							\
HOST_ATOMIC_OP(pre, type, sub)							\
HOST_ATOMIC_OP(pre, type, and)							\
HOST_ATOMIC_OP(pre, type, or)							\
HOST_ATOMIC_OP(pre, type, xor)							\
HOST_ATOMIC_RETURN(pre, type, add)						\
HOST_ATOMIC_RETURN(pre, type, sub)

HOST_ATOMIC(atomic, int)
HOST_ATOMIC(atomic64, s64)

#define arch_atomic_add_return		arch_atomic_add_return
#define arch_atomic_sub_return		arch_atomic_sub_return
#define arch_atomic_fetch_add		arch_atomic_fetch_add
#define arch_atomic_fetch_sub		arch_atomic_fetch_sub
#define arch_atomic_fetch_and		arch_atomic_fetch_and
#define arch_atomic_fetch_or		arch_atomic_fetch_or
#define arch_atomic_fetch_xor		arch_atomic_fetch_xor
#define arch_atomic_xchg		arch_atomic_xchg
#define arch_atomic_cmpxchg		arch_atomic_cmpxchg
#define arch_atomic_try_cmpxchg		arch_atomic_try_cmpxchg
#define arch_atomic64_add_return	arch_atomic64_add_return
#define arch_atomic64_sub_return	arch_atomic64_sub_return
#define arch_atomic64_fetch_add		arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub		arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and		arch_atomic64_fetch_and
#define arch_atomic64_fetch_or		arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor		arch_atomic64_fetch_xor
#define arch_atomic64_xchg		arch_atomic64_xchg
#define arch_atomic64_cmpxchg		arch_atomic64_cmpxchg
#define arch_atomic64_try_cmpxchg	arch_atomic64_try_cmpxchg

#endif
