/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel/bpf/helpers/{bprintf,string}.c need of the kernel. */
#ifndef _SHIM_H
#define _SHIM_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef int64_t s64;
typedef uint64_t u64;

#define S64_MAX		INT64_MAX
#define __user
#define min(a, b)	((a) < (b) ? (a) : (b))
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)

static inline int hex_to_bin(char c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* Addresses below a page cannot be read; a string's length counts its terminator. */
static inline long strncpy_from_kernel_nofault(char *dst, const void *addr, long n)
{
	size_t len;

	if ((unsigned long)addr < 4096)
		return -EFAULT;
	if (n <= 0)
		return 0;
	len = strnlen(addr, n - 1);
	memcpy(dst, addr, len);
	dst[len] = 0;
	return len + 1;
}

#define strncpy_from_user_nofault(dst, addr, n)	strncpy_from_kernel_nofault(dst, addr, n)

static inline long copy_from_kernel_nofault(void *dst, const void *src, size_t n)
{
	if ((unsigned long)src < 4096)
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

/* As much of struct bpf_func_proto as the prototypes set. */
enum {
	RET_INTEGER, ARG_ANYTHING, ARG_CONST_SIZE, ARG_CONST_SIZE_OR_ZERO, ARG_PTR_TO_CONST_STR,
	ARG_PTR_TO_MEM, ARG_PTR_TO_MEM_OR_NULL, ARG_PTR_TO_FIXED_SIZE_MEM,
	MEM_RDONLY = 1 << 8, MEM_UNINIT = 1 << 9, MEM_WRITE = 1 << 10, MEM_ALIGNED = 1 << 11,
	PTR_MAYBE_NULL = 1 << 12,
};

typedef u64 (*bpf_helper_t)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

struct bpf_func_proto {
	bpf_helper_t func;
	bool gpl_only;
	u32 ret_type, arg1_type, arg2_type, arg3_type, arg4_type, arg5_type;
	size_t arg_size[5];
};

struct bpf_helper_row;
struct bpf_helper_set;
struct bpf_prog;

#define ARG(t, r) ((t)(unsigned long)(r))
#define CALL(name, proto, args)							\
	static u64 ____##name proto;						\
	static u64 name(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)			\
	{									\
		return ____##name args;						\
	}									\
	static u64 ____##name proto
#define BPF_CALL_3(name, t1, a1, t2, a2, t3, a3)				\
	CALL(name, (t1 a1, t2 a2, t3 a3), (ARG(t1, r1), ARG(t2, r2), ARG(t3, r3)))
#define BPF_CALL_4(name, t1, a1, t2, a2, t3, a3, t4, a4)			\
	CALL(name, (t1 a1, t2 a2, t3 a3, t4 a4),				\
	     (ARG(t1, r1), ARG(t2, r2), ARG(t3, r3), ARG(t4, r4)))
#define BPF_CALL_5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)		\
	CALL(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),				\
	     (ARG(t1, r1), ARG(t2, r2), ARG(t3, r3), ARG(t4, r4), ARG(t5, r5)))

#endif /* _SHIM_H */
