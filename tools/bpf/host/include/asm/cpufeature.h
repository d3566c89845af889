/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: code that is chosen at boot is not there; jit.c asks the processor itself. */
#ifndef _ASM_X86_CPUFEATURE_H
#define _ASM_X86_CPUFEATURE_H

#include <asm/cpufeatures.h>
#include <asm/processor.h>

#define boot_cpu_has(bit)		0
#define boot_cpu_has_bug(bit)		0
#define static_cpu_has(bit)		0
#define cpu_feature_enabled(bit)	0
#define cpu_has(c, bit)			0
#define this_cpu_has(bit)		0
#define setup_clear_cpu_cap(bit)	do { } while (0)

#endif
