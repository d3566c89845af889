/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Twin: under the thread sanitizer a marked access is an atomic one, and a load acquires: that is
 * how readers depend on what a pointer's writer published.
 */
#ifndef __ASM_HOST_RWONCE_H
#define __ASM_HOST_RWONCE_H

#ifdef __SANITIZE_THREAD__
#define __READ_ONCE(x)								\
({										\
	__unqual_scalar_typeof(x) __once;					\
	__atomic_load((typeof(__once) *)&(x), &__once, __ATOMIC_ACQUIRE);	\
	__once;									\
})
#include <asm-generic/rwonce.h>
#undef __WRITE_ONCE
#define __WRITE_ONCE(x, val)							\
do {										\
	typeof(x) __once = (val);						\
	__atomic_store((typeof(__once) *)&(x), &__once, __ATOMIC_RELEASE);	\
} while (0)
#else
#include <asm-generic/rwonce.h>
#endif

#endif
