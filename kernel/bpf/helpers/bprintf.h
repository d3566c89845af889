/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format engine of snprintf, trace_printk, trace_vprintk and seq_printf.
 *
 * Conversions: %c, %d %i %u %x %X with l or ll before them, %s (a kernel address), %pks %pus
 * (kernel and user), %p (hashed), %px %pK %pB %ps %pS, %pi4 %pI4 %pi6 %pI6, %%; flags "-+ 0#" and a
 * width.
 */
#ifndef _KBPF_HELPERS_BPRINTF_H
#define _KBPF_HELPERS_BPRINTF_H

#include <linux/types.h>

/* Most arguments of one call. */
#define BPF_PRINTF_MAX_ARGS	12

int bpf_format_check(const char *fmt, u32 len, u32 nr_args);
int bpf_format(char *buf, u32 size, const char *fmt, u32 len, const u64 *args, u32 nr_args);

#endif /* _KBPF_HELPERS_BPRINTF_H */
