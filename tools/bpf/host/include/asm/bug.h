/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: a bug ends the process; a warning says where it is and, under test, ends it too. */
#ifndef _ASM_X86_BUG_H
#define _ASM_X86_BUG_H

#include <linux/stringify.h>

__attribute__((noreturn)) void host_bug(const char *file, int line);
void host_warn(const char *file, int line);

#define HAVE_ARCH_BUG
#define BUG()		host_bug(__FILE__, __LINE__)

#define __WARN_FLAGS(flags)	host_warn(__FILE__, __LINE__)

#include <asm-generic/bug.h>

#endif
