/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: the simulated processor of this thread. */
#ifndef _ASM_X86_SMP_H
#define _ASM_X86_SMP_H

#include <linux/cpumask.h>
#include <linux/percpu-defs.h>
#include <asm/cpumask.h>
#include <host/thread.h>

DECLARE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_sibling_map);
DECLARE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_core_map);
DECLARE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_die_map);
DECLARE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_llc_shared_map);
DECLARE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_l2c_shared_map);

extern int smp_num_siblings;
extern unsigned int num_processors;

#define raw_smp_processor_id()	(host_this_thread()->cpu)
#define __smp_processor_id()	(host_this_thread()->cpu)

void arch_send_call_function_single_ipi(int cpu);
void arch_send_call_function_ipi_mask(const struct cpumask *mask);

#define safe_smp_processor_id()	raw_smp_processor_id()
#define cpu_llc_shared_mask(cpu)	cpu_possible_mask

#endif
