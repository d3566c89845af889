/* SPDX-License-Identifier: GPL-2.0 */
/* The few types of the kernel's own header that the domain uses. */
#ifndef DOMAIN_TEST_LINUX_TYPES_H
#define DOMAIN_TEST_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef int32_t s32;
typedef unsigned long long u64;
typedef long long s64;

#endif
