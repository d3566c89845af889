/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Twin: per-CPU variables. A per-CPU pointer is an address in the linked section (or as far behind
 * its start as memory was allocated); adding __per_cpu_offset[cpu] gives the copy of a processor.
 * Nothing but being alone on the processor makes an operation atomic against others on it.
 */
#ifndef _ASM_X86_PERCPU_H
#define _ASM_X86_PERCPU_H

#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/threads.h>
#include <host/thread.h>

#define PER_CPU_BASE_SECTION		"host_percpu"
#define PER_CPU_ATTRIBUTES
#define PER_CPU_DEF_ATTRIBUTES

extern unsigned long __per_cpu_offset[NR_CPUS];

#define per_cpu_offset(x)	(__per_cpu_offset[x])
#define __my_cpu_offset		per_cpu_offset(host_this_thread()->cpu)
#define my_cpu_offset		__my_cpu_offset
#define arch_raw_cpu_ptr(ptr)	SHIFT_PERCPU_PTR(ptr, __my_cpu_offset)

#include <asm-generic/percpu.h>

/* One section, whose name is a word: the linker marks its ends. */
#undef PER_CPU_SHARED_ALIGNED_SECTION
#undef PER_CPU_ALIGNED_SECTION
#undef PER_CPU_FIRST_SECTION
#define PER_CPU_SHARED_ALIGNED_SECTION	""
#define PER_CPU_ALIGNED_SECTION		""
#define PER_CPU_FIRST_SECTION		""

#define this_cpu_read_stable(pcp)	this_cpu_read(pcp)
#define this_cpu_read_const(pcp)	this_cpu_read(pcp)

#define DECLARE_INIT_PER_CPU(var)	struct host_no_init_percpu_##var

#undef DECLARE_EARLY_PER_CPU
#define DECLARE_EARLY_PER_CPU(type, name)		DECLARE_PER_CPU(type, name)
#define DECLARE_EARLY_PER_CPU_READ_MOSTLY(type, name)	DECLARE_PER_CPU_READ_MOSTLY(type, name)
#define early_per_cpu(name, cpu)			per_cpu(name, cpu)

#endif
