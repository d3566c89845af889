/* SPDX-License-Identifier: GPL-2.0 */
/* What the tracing hooks share. */
#ifndef _KBPF_TRACE_BPF_H
#define _KBPF_TRACE_BPF_H

#include <linux/bpf.h>

struct bpf_helper_set;

/* Helpers of all tracing programs, and what each kind has besides or differently. */
extern const struct bpf_helper_set bpf_trace_helpers;
extern const struct bpf_helper_set bpf_kprobe_helpers;
extern const struct bpf_helper_set bpf_multi_helpers;
extern const struct bpf_helper_set bpf_tracepoint_helpers;
extern const struct bpf_helper_set bpf_perf_event_helpers;
extern const struct bpf_helper_set bpf_raw_tp_helpers;
extern const struct bpf_helper_set bpf_tracing_helpers;

/* task.c */
bool bpf_mappings_trylock(struct mm_struct *mm);
void bpf_mappings_unlock(struct mm_struct *mm);

int bpf_raw_tp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			union bpf_attr __user *uattr);
int bpf_tracing_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			 union bpf_attr __user *uattr);

/*
 * net/bpf/output.c: samples of packets. There for programs whose context is the packet, for tracing
 * programs with a typed pointer to it.
 */
u64 bpf_skb_event_output(u64 skb, u64 map, u64 flags, u64 meta, u64 meta_size);
u64 bpf_xdp_event_output(u64 xdp, u64 map, u64 flags, u64 meta, u64 meta_size);

#endif /* _KBPF_TRACE_BPF_H */
