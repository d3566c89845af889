// SPDX-License-Identifier: GPL-2.0
/*
 * What programs of every type may read of the kernel, and print, where who loads them may look at
 * the kernel: CAP_PERFMON.
 */
#include <linux/bpf.h>
#include <linux/capability.h>

#include "helpers/base.h"
#include "helpers/helpers.h"

/* Most of it stands with tracing; rows are NULL where that is not built. */
#pragma weak bpf_probe_read_user_proto
#pragma weak bpf_probe_read_user_str_proto
#pragma weak bpf_probe_read_kernel_proto
#pragma weak bpf_probe_read_kernel_str_proto
#pragma weak bpf_get_current_task_btf_proto
#pragma weak bpf_task_pt_regs_proto
#pragma weak bpf_trace_printk_proto
#pragma weak bpf_trace_vprintk_proto
#pragma weak bpf_snprintf_btf_proto

#define ROW(_name)	{ BPF_FUNC_##_name, &bpf_##_name##_proto, CAP_PERFMON }

static const struct bpf_helper_row rows[] = {
	ROW(probe_read_user),
	ROW(probe_read_user_str),
	ROW(probe_read_kernel),
	ROW(probe_read_kernel_str),
	ROW(get_current_task),
	ROW(get_current_task_btf),
	ROW(task_pt_regs),
	ROW(trace_printk),
	ROW(trace_vprintk),
	ROW(snprintf_btf),
};

BPF_HELPER_SET(bpf_perfmon_helpers, rows);
