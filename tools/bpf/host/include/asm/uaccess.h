/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Twin: copies from and to what a caller's pointer points to; a bad one is found out, not
 * followed.
 */
#ifndef _ASM_X86_UACCESS_H
#define _ASM_X86_UACCESS_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <asm/extable.h>
#include <asm/tlbflush.h>

unsigned long host_copy_from_user(void *to, const void *from, unsigned long n);
unsigned long host_copy_to_user(void *to, const void *from, unsigned long n);
unsigned long host_clear_user(void *to, unsigned long n);
int host_copy_nofault(void *dst, const void *src, unsigned long n);

static inline bool __access_ok(const void __user *ptr, unsigned long size)
{
	unsigned long addr = (unsigned long)ptr;

	return addr + size >= addr && addr + size <= 1UL << 47;
}
#define __access_ok __access_ok
#define access_ok(addr, size)	likely(__access_ok(addr, size))
#define untagged_addr(addr)	(addr)

static inline unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return host_copy_from_user(to, from, n);
}

static inline unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return host_copy_to_user(to, from, n);
}

#define INLINE_COPY_FROM_USER
#define INLINE_COPY_TO_USER

#define __get_user(x, ptr)							\
({										\
	typeof(*(ptr)) __gu;							\
	int __gu_err = host_copy_from_user((void *)&__gu, ptr, sizeof(__gu)) ? -EFAULT : 0; \
	(x) = __gu_err ? (typeof(__gu))0 : __gu;				\
	__gu_err;								\
})
#define get_user(x, ptr)	__get_user(x, ptr)

#define __put_user(x, ptr)							\
({										\
	typeof(*(ptr)) __pu = (x);						\
	host_copy_to_user(ptr, (const void *)&__pu, sizeof(__pu)) ? -EFAULT : 0; \
})
#define put_user(x, ptr)	__put_user(x, ptr)

static inline unsigned long __clear_user(void __user *to, unsigned long n)
{
	return host_clear_user(to, n);
}

static inline unsigned long clear_user(void __user *to, unsigned long n)
{
	return host_clear_user(to, n);
}

long strncpy_from_user(char *dst, const char __user *src, long count);
long strnlen_user(const char __user *str, long n);

#define __get_kernel_nofault(dst, src, type, label)				\
do {										\
	if (host_copy_nofault(dst, src, sizeof(type)))				\
		goto label;							\
} while (0)
#define __put_kernel_nofault(dst, src, type, label)				\
do {										\
	if (host_copy_to_user(dst, src, sizeof(type)))				\
		goto label;							\
} while (0)

#define user_access_begin(ptr, len)	access_ok(ptr, len)
#define user_access_end()		do { } while (0)
#define unsafe_get_user(x, p, e)	do { if (__get_user(x, p)) goto e; } while (0)
#define unsafe_put_user(x, p, e)	do { if (__put_user(x, p)) goto e; } while (0)
#define user_access_save()		0UL
#define user_access_restore(x)		do { } while (0)

#endif
