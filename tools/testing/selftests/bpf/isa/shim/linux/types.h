/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel type names over the C library's header. */
#ifndef _SHIM_TYPES_H
#define _SHIM_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef unsigned long long u64;
typedef long long s64;

#endif /* _SHIM_TYPES_H */
