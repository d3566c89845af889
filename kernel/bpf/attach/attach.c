// SPDX-License-Identifier: GPL-2.0
/*
 * The table of attachments: which family of hooks serves an attach type for a program type.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/bpf.h>
#include "attach/attach.h"

/* Families that are not built in are NULL: their attach types are unknown ones then. */
#pragma weak bpf_tcx_attach_ops
#pragma weak bpf_netkit_attach_ops
#pragma weak bpf_xdp_attach_ops
#pragma weak bpf_cgroup_attach_ops
#pragma weak bpf_netns_attach_ops
#pragma weak bpf_sockmap_attach_ops
#pragma weak bpf_netfilter_attach_ops
#pragma weak bpf_perf_attach_ops
#pragma weak bpf_raw_tp_attach_ops
#pragma weak bpf_kprobe_multi_attach_ops
#pragma weak bpf_uprobe_multi_attach_ops
#pragma weak bpf_tracing_attach_ops
#pragma weak bpf_iter_attach_ops
#pragma weak bpf_struct_ops_attach_ops

#define T(_type) BIT_ULL(BPF_PROG_TYPE_##_type)

#define ROW(_attach, _types, _family) \
	{ .attach_type = _attach, .prog_types = _types, .ops = &bpf_##_family##_attach_ops }

#define CGROUP_ROW(_attach, _type)	ROW(BPF_CGROUP_##_attach, T(_type), cgroup)

static const struct bpf_attach_row attach_rows[] = {
	ROW(BPF_TCX_INGRESS, T(SCHED_CLS), tcx),
	ROW(BPF_TCX_EGRESS, T(SCHED_CLS), tcx),
	ROW(BPF_NETKIT_PRIMARY, T(SCHED_CLS), netkit),
	ROW(BPF_NETKIT_PEER, T(SCHED_CLS), netkit),
	ROW(BPF_XDP, T(XDP), xdp),
	ROW(BPF_PERF_EVENT, T(KPROBE) | T(TRACEPOINT) | T(PERF_EVENT), perf),
	ROW(BPF_TRACE_KPROBE_MULTI, T(KPROBE), kprobe_multi),
	ROW(BPF_TRACE_KPROBE_SESSION, T(KPROBE), kprobe_multi),
	ROW(BPF_TRACE_UPROBE_MULTI, T(KPROBE), uprobe_multi),
	ROW(BPF_TRACE_RAW_TP, T(TRACING), raw_tp),
	ROW(BPF_TRACE_FENTRY, T(TRACING), tracing),
	ROW(BPF_TRACE_FEXIT, T(TRACING), tracing),
	ROW(BPF_MODIFY_RETURN, T(TRACING), tracing),
	/* Extensions have no attach type of their own. */
	ROW(0, T(EXT), tracing),
	ROW(BPF_LSM_MAC, T(LSM), tracing),
	ROW(BPF_LSM_CGROUP, T(LSM), cgroup),
	ROW(BPF_TRACE_ITER, T(TRACING), iter),
	ROW(BPF_STRUCT_OPS, T(STRUCT_OPS), struct_ops),
	ROW(BPF_NETFILTER, T(NETFILTER), netfilter),
	ROW(BPF_FLOW_DISSECTOR, T(FLOW_DISSECTOR), netns),
	ROW(BPF_SK_LOOKUP, T(SK_LOOKUP), netns),
	ROW(BPF_SK_SKB_STREAM_PARSER, T(SK_SKB), sockmap),
	ROW(BPF_SK_SKB_STREAM_VERDICT, T(SK_SKB), sockmap),
	ROW(BPF_SK_SKB_VERDICT, T(SK_SKB), sockmap),
	ROW(BPF_SK_MSG_VERDICT, T(SK_MSG), sockmap),
	CGROUP_ROW(INET_INGRESS, CGROUP_SKB),
	CGROUP_ROW(INET_EGRESS, CGROUP_SKB),
	CGROUP_ROW(INET_SOCK_CREATE, CGROUP_SOCK),
	CGROUP_ROW(INET_SOCK_RELEASE, CGROUP_SOCK),
	CGROUP_ROW(INET4_POST_BIND, CGROUP_SOCK),
	CGROUP_ROW(INET6_POST_BIND, CGROUP_SOCK),
	CGROUP_ROW(INET4_BIND, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET6_BIND, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET4_CONNECT, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET6_CONNECT, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UNIX_CONNECT, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET4_GETPEERNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET6_GETPEERNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UNIX_GETPEERNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET4_GETSOCKNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(INET6_GETSOCKNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UNIX_GETSOCKNAME, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UDP4_SENDMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UDP6_SENDMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UNIX_SENDMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UDP4_RECVMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UDP6_RECVMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(UNIX_RECVMSG, CGROUP_SOCK_ADDR),
	CGROUP_ROW(SOCK_OPS, SOCK_OPS),
	CGROUP_ROW(DEVICE, CGROUP_DEVICE),
	CGROUP_ROW(SYSCTL, CGROUP_SYSCTL),
	CGROUP_ROW(GETSOCKOPT, CGROUP_SOCKOPT),
	CGROUP_ROW(SETSOCKOPT, CGROUP_SOCKOPT),
};

/* See attach.h. */
const struct bpf_attach_ops *bpf_attach_find(u32 attach_type, enum bpf_prog_type prog_type)
{
	const struct bpf_attach_row *row;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(attach_rows); i++) {
		row = &attach_rows[i];
		if (row->attach_type != attach_type)
			continue;
		if (prog_type == BPF_PROG_TYPE_UNSPEC || row->prog_types & BIT_ULL(prog_type))
			return row->ops;
	}
	return NULL;
}
