/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: the compiler's atomics. */
#ifndef ASM_X86_CMPXCHG_H
#define ASM_X86_CMPXCHG_H

#include <linux/compiler.h>

#define arch_xchg(ptr, v)							\
({										\
	typeof(*(ptr)) __new = (v), __was;					\
	__atomic_exchange(ptr, &__new, &__was, __ATOMIC_SEQ_CST);		\
	__was;									\
})

#define arch_cmpxchg(ptr, old, new)						\
({										\
	typeof(*(ptr)) __cx_old = (typeof(*(ptr)))(old);			\
	typeof(*(ptr)) __cx_new = (typeof(*(ptr)))(new);			\
	__atomic_compare_exchange(ptr, &__cx_old, &__cx_new, false,		\
				  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);		\
	__cx_old;								\
})

#define arch_try_cmpxchg(ptr, pold, new)					\
({										\
	typeof(*(ptr)) __tcx_new = (typeof(*(ptr)))(new);			\
	__atomic_compare_exchange(ptr, (typeof(*(ptr)) *)(pold), &__tcx_new,	\
				  false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
})

#define arch_cmpxchg_local		arch_cmpxchg
#define arch_sync_cmpxchg		arch_cmpxchg
#define arch_cmpxchg64			arch_cmpxchg
#define arch_cmpxchg64_local		arch_cmpxchg
#define arch_try_cmpxchg64		arch_try_cmpxchg
#define arch_try_cmpxchg_local		arch_try_cmpxchg
#define arch_try_cmpxchg64_local	arch_try_cmpxchg

#endif
