/* SPDX-License-Identifier: GPL-2.0 */
/* Attachment: which hook answers PROG_ATTACH, PROG_DETACH, PROG_QUERY and LINK_CREATE of a type. */
#ifndef _KBPF_ATTACH_H
#define _KBPF_ATTACH_H

#include <linux/bpf.h>

/**
 * struct bpf_attach_ops - one family of hooks
 * @attach: BPF_PROG_ATTACH; takes over the reference on @prog when it succeeds
 * @detach: BPF_PROG_DETACH; @prog may be NULL; reference stays the caller's
 * @query: BPF_PROG_QUERY
 * @link_create: BPF_LINK_CREATE; returns the new fd and takes the reference over when it succeeds
 *
 * NULL: the caller answers -EINVAL as for an unknown type.
 */
struct bpf_attach_ops {
	int (*attach)(const union bpf_attr *attr, struct bpf_prog *prog);
	int (*detach)(const union bpf_attr *attr, struct bpf_prog *prog);
	int (*query)(const union bpf_attr *attr, union bpf_attr __user *uattr);
	int (*link_create)(const union bpf_attr *attr, struct bpf_prog *prog);
};

/**
 * struct bpf_attach_row - who may attach at an attach type, and to what
 * @attach_type: enum bpf_attach_type
 * @prog_types: bit set of enum bpf_prog_type
 * @ops: the family
 */
struct bpf_attach_row {
	u32 attach_type;
	u64 prog_types;
	const struct bpf_attach_ops *ops;
};

/**
 * bpf_attach_find - family that serves an attach type for a program type
 * @attach_type: enum bpf_attach_type, any number
 * @prog_type: enum bpf_prog_type; BPF_PROG_TYPE_UNSPEC: any (queries)
 *
 * Context: any. Return: operations, or NULL.
 */
const struct bpf_attach_ops *bpf_attach_find(u32 attach_type, enum bpf_prog_type prog_type);

u32 bpf_prog_run_in_section(const struct bpf_prog *prog, const void *ctx,
			    struct bpf_run_ctx *run_ctx);

/*
 * Families, each in the file of its hook. Program types such as kprobe, tracepoint, perf event and
 * raw tracepoint attach by link under BPF_PERF_EVENT, BPF_TRACE_KPROBE_MULTI, BPF_TRACE_RAW_TP, ...
 */
extern const struct bpf_attach_ops bpf_tcx_attach_ops;
extern const struct bpf_attach_ops bpf_netkit_attach_ops;
extern const struct bpf_attach_ops bpf_xdp_attach_ops;
extern const struct bpf_attach_ops bpf_cgroup_attach_ops;
extern const struct bpf_attach_ops bpf_netns_attach_ops;
extern const struct bpf_attach_ops bpf_sockmap_attach_ops;
extern const struct bpf_attach_ops bpf_netfilter_attach_ops;
extern const struct bpf_attach_ops bpf_perf_attach_ops;
extern const struct bpf_attach_ops bpf_raw_tp_attach_ops;
extern const struct bpf_attach_ops bpf_kprobe_multi_attach_ops;
extern const struct bpf_attach_ops bpf_uprobe_multi_attach_ops;
extern const struct bpf_attach_ops bpf_tracing_attach_ops;
extern const struct bpf_attach_ops bpf_iter_attach_ops;
extern const struct bpf_attach_ops bpf_struct_ops_attach_ops;

/* struct_ops_map.c: id of the BTF that types a map's value. */
u32 bpf_struct_ops_map_btf_id(const struct bpf_map *map);

#endif /* _KBPF_ATTACH_H */
