// SPDX-License-Identifier: GPL-2.0
/*
 * The list of program types. Rows stand with their hooks; a hook that is not built in leaves its
 * row out, and loading a program of that type fails as for an unknown one.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include "prog/prog_type.h"

/* The linker puts NULL for rows that no object file has. */
#pragma weak bpf_socket_filter_type
#pragma weak bpf_kprobe_type
#pragma weak bpf_sched_cls_type
#pragma weak bpf_sched_act_type
#pragma weak bpf_tracepoint_type
#pragma weak bpf_xdp_type
#pragma weak bpf_perf_event_type
#pragma weak bpf_cgroup_skb_type
#pragma weak bpf_cgroup_sock_type
#pragma weak bpf_lwt_in_type
#pragma weak bpf_lwt_out_type
#pragma weak bpf_lwt_xmit_type
#pragma weak bpf_sock_ops_type
#pragma weak bpf_sk_skb_type
#pragma weak bpf_cgroup_device_type
#pragma weak bpf_sk_msg_type
#pragma weak bpf_raw_tracepoint_type
#pragma weak bpf_cgroup_sock_addr_type
#pragma weak bpf_lwt_seg6local_type
#pragma weak bpf_sk_reuseport_type
#pragma weak bpf_flow_dissector_type
#pragma weak bpf_cgroup_sysctl_type
#pragma weak bpf_raw_tracepoint_writable_type
#pragma weak bpf_cgroup_sockopt_type
#pragma weak bpf_tracing_type
#pragma weak bpf_struct_ops_type
#pragma weak bpf_ext_type
#pragma weak bpf_lsm_type
#pragma weak bpf_sk_lookup_type
#pragma weak bpf_syscall_type
#pragma weak bpf_netfilter_type

static const struct bpf_prog_type_info *const prog_types[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = &bpf_socket_filter_type,
	[BPF_PROG_TYPE_KPROBE] = &bpf_kprobe_type,
	[BPF_PROG_TYPE_SCHED_CLS] = &bpf_sched_cls_type,
	[BPF_PROG_TYPE_SCHED_ACT] = &bpf_sched_act_type,
	[BPF_PROG_TYPE_TRACEPOINT] = &bpf_tracepoint_type,
	[BPF_PROG_TYPE_XDP] = &bpf_xdp_type,
	[BPF_PROG_TYPE_PERF_EVENT] = &bpf_perf_event_type,
	[BPF_PROG_TYPE_CGROUP_SKB] = &bpf_cgroup_skb_type,
	[BPF_PROG_TYPE_CGROUP_SOCK] = &bpf_cgroup_sock_type,
	[BPF_PROG_TYPE_LWT_IN] = &bpf_lwt_in_type,
	[BPF_PROG_TYPE_LWT_OUT] = &bpf_lwt_out_type,
	[BPF_PROG_TYPE_LWT_XMIT] = &bpf_lwt_xmit_type,
	[BPF_PROG_TYPE_SOCK_OPS] = &bpf_sock_ops_type,
	[BPF_PROG_TYPE_SK_SKB] = &bpf_sk_skb_type,
	[BPF_PROG_TYPE_CGROUP_DEVICE] = &bpf_cgroup_device_type,
	[BPF_PROG_TYPE_SK_MSG] = &bpf_sk_msg_type,
	[BPF_PROG_TYPE_RAW_TRACEPOINT] = &bpf_raw_tracepoint_type,
	[BPF_PROG_TYPE_CGROUP_SOCK_ADDR] = &bpf_cgroup_sock_addr_type,
	[BPF_PROG_TYPE_LWT_SEG6LOCAL] = &bpf_lwt_seg6local_type,
	[BPF_PROG_TYPE_SK_REUSEPORT] = &bpf_sk_reuseport_type,
	[BPF_PROG_TYPE_FLOW_DISSECTOR] = &bpf_flow_dissector_type,
	[BPF_PROG_TYPE_CGROUP_SYSCTL] = &bpf_cgroup_sysctl_type,
	[BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE] = &bpf_raw_tracepoint_writable_type,
	[BPF_PROG_TYPE_CGROUP_SOCKOPT] = &bpf_cgroup_sockopt_type,
	[BPF_PROG_TYPE_TRACING] = &bpf_tracing_type,
	[BPF_PROG_TYPE_STRUCT_OPS] = &bpf_struct_ops_type,
	[BPF_PROG_TYPE_EXT] = &bpf_ext_type,
	[BPF_PROG_TYPE_LSM] = &bpf_lsm_type,
	[BPF_PROG_TYPE_SK_LOOKUP] = &bpf_sk_lookup_type,
	[BPF_PROG_TYPE_SYSCALL] = &bpf_syscall_type,
	[BPF_PROG_TYPE_NETFILTER] = &bpf_netfilter_type,
};

/* See prog_type.h. */
const struct bpf_prog_type_info *bpf_prog_type_find(u32 type)
{
	return type < ARRAY_SIZE(prog_types) ? prog_types[type] : NULL;
}
