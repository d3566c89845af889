/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI__LINUX_BPF_PERF_EVENT_H__
#define _UAPI__LINUX_BPF_PERF_EVENT_H__

#include <asm/bpf_perf_event.h>

/* Context of a BPF_PROG_TYPE_PERF_EVENT program: the sample it runs for. */
struct bpf_perf_event_data {
	bpf_user_pt_regs_t	regs;
	__u64		sample_period;
	__u64		addr;
};

#endif /* _UAPI__LINUX_BPF_PERF_EVENT_H__ */
