/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration of the host home: the guest's, without what needs a processor's privileged mode
 * or code that is patched at boot. Included before everything else, in place of linux/kconfig.h.
 */
#ifndef _HOST_CONFIG_H
#define _HOST_CONFIG_H

#include <linux/kconfig.h>

/* patched code */
#undef CONFIG_HAVE_STATIC_CALL
#undef CONFIG_HAVE_STATIC_CALL_INLINE
#undef CONFIG_HAVE_ARCH_JUMP_LABEL
#undef CONFIG_JUMP_LABEL
#undef CONFIG_TRACEPOINTS
#undef CONFIG_PARAVIRT
#undef CONFIG_PARAVIRT_CLOCK
#undef CONFIG_MITIGATION_RETPOLINE
#undef CONFIG_HAVE_ARCH_PREL32_RELOCATIONS
#undef CONFIG_GENERIC_BUG_RELATIVE_POINTERS

/* what is not there */
#undef CONFIG_MODULES
#undef CONFIG_MODULE_UNLOAD
#undef CONFIG_MODULES_TREE_LOOKUP
#undef CONFIG_MEMCG
#undef CONFIG_SLAB_OBJ_EXT
#undef CONFIG_CRYPTO
#undef CONFIG_FORTIFY_SOURCE
#undef CONFIG_DEBUG_INFO_BTF_MODULES
#undef CONFIG_AUDIT
#undef CONFIG_TRACE_IRQFLAGS
#undef CONFIG_CC_IS_GCC
#ifdef __clang__
/* Their functions are declared where only the real asm/uaccess.h would. */
#undef CONFIG_ARCH_HAS_COPY_MC
#undef CONFIG_ARCH_HAS_UACCESS_FLUSHCACHE
#undef CONFIG_GCC_VERSION
#define CONFIG_GCC_VERSION 0
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
#else
#define CONFIG_CC_IS_GCC 1
#endif

/* Read sections are functions of rcu.c. */
#define CONFIG_PREEMPT_RCU 1
#undef CONFIG_INLINE_SPIN_UNLOCK_IRQ
#undef CONFIG_INLINE_READ_UNLOCK
#undef CONFIG_INLINE_READ_UNLOCK_IRQ
#undef CONFIG_INLINE_WRITE_UNLOCK
#undef CONFIG_INLINE_WRITE_UNLOCK_IRQ
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT

/* Sections that exclude preemption have their processor to themselves. */
#define CONFIG_PREEMPT_COUNT 1

/* Where pages and their descriptions stand is not fixed. */
#define CONFIG_DYNAMIC_MEMORY_LAYOUT 1
#undef CONFIG_SPARSEMEM_VMEMMAP
#define CONFIG_SPARSEMEM_VMEMMAP 1

/*
 * As many as the machine may have: values of per-CPU maps are laid out for all of its
 * processors.
 */
#undef CONFIG_NR_CPUS
#define CONFIG_NR_CPUS 512

/* ftrace.h asks for it. */
#define CC_USING_FENTRY 1

/* The passes of the verifier check each other. */
#define CONFIG_BPF_DEBUG 1

#endif /* _HOST_CONFIG_H */
