/* SPDX-License-Identifier: GPL-2.0 */
/* The JIT in a process: see jit_user.c. */
#ifndef _BPF_X86_JIT_USER_H
#define _BPF_X86_JIT_USER_H

#include "jit.h"

struct jit_env *jit_user_env(void);
bool jit_user_fault(void *ucontext);

#endif /* _BPF_X86_JIT_USER_H */
