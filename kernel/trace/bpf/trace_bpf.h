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

int bpf_raw_tp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			union bpf_attr __user *uattr);
int bpf_tracing_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			 union bpf_attr __user *uattr);

/* Copies @len bytes from @off of the object behind @src; the number that could not be copied. */
typedef unsigned long (*bpf_ctx_copy_t)(void *dst, const void *src, unsigned long off,
					unsigned long len);

/**
 * bpf_event_output - write a sample to a perf event array
 * @map: the array
 * @flags: index or BPF_F_CURRENT_CPU
 * @meta: bytes for the record
 * @meta_size: how many
 * @ctx: object whose bytes follow; NULL: none
 * @ctx_size: how many
 * @ctx_copy: reads them
 *
 * Context: any but NMI with @ctx. Return: 0 or a negative errno as a u64.
 */
u64 bpf_event_output(struct bpf_map *map, u64 flags, void *meta, u64 meta_size, void *ctx,
		     u64 ctx_size, bpf_ctx_copy_t ctx_copy);

/*
 * net/bpf/output.c: samples of packets. There for programs whose context is the packet, for tracing
 * programs with a typed pointer to it.
 */
u64 bpf_skb_event_output(u64 skb, u64 map, u64 flags, u64 meta, u64 meta_size);
u64 bpf_xdp_event_output(u64 xdp, u64 map, u64 flags, u64 meta, u64 meta_size);

#endif /* _KBPF_TRACE_BPF_H */
