/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: the compiler's atomics, which sanitizers understand. */
#ifndef _ASM_X86_BARRIER_H
#define _ASM_X86_BARRIER_H

#define mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define __smp_mb()	mb()
#define __smp_rmb()	rmb()
#define __smp_wmb()	wmb()
#define dma_rmb()	rmb()
#define dma_wmb()	wmb()
#define barrier_nospec()	barrier()

#define __smp_store_mb(var, value) \
	((void)__atomic_exchange_n(&(var), value, __ATOMIC_SEQ_CST))
#define __smp_mb__before_atomic()	barrier()
#define __smp_mb__after_atomic()	barrier()

#define __smp_store_release(p, v)						\
do {										\
	typeof(*(p)) __rel = (v);						\
	__atomic_store(p, &__rel, __ATOMIC_RELEASE);				\
} while (0)

#define __smp_load_acquire(p)	((typeof(*(p)))__atomic_load_n(p, __ATOMIC_ACQUIRE))

static inline unsigned long array_index_mask_nospec(unsigned long index, unsigned long size)
{
	return index < size ? ~0UL : 0;
}
#define array_index_mask_nospec array_index_mask_nospec

#include <asm-generic/barrier.h>

#endif
