/* SPDX-License-Identifier: GPL-2.0 */
/* Prototypes of the tracing helpers, for the sets in sets.c. */
#ifndef _KBPF_TRACE_PROTOS_H
#define _KBPF_TRACE_PROTOS_H

#include <linux/bpf.h>

#include "helpers/base.h"

/* probe.c */
extern const struct bpf_func_proto bpf_probe_read_proto;
extern const struct bpf_func_proto bpf_probe_read_str_proto;
extern const struct bpf_func_proto bpf_probe_write_user_proto;

/* output.c */
extern const struct bpf_func_proto bpf_perf_event_output_proto;
extern const struct bpf_func_proto bpf_perf_event_output_tp_proto;
extern const struct bpf_func_proto bpf_perf_event_output_pe_proto;
extern const struct bpf_func_proto bpf_perf_event_output_raw_proto;
extern const struct bpf_func_proto bpf_perf_event_read_proto;
extern const struct bpf_func_proto bpf_perf_event_read_value_proto;
extern const struct bpf_func_proto bpf_perf_prog_read_value_proto;
extern const struct bpf_func_proto bpf_read_branch_records_proto;
extern const struct bpf_func_proto bpf_get_branch_snapshot_proto;

/* stack.c */
extern const struct bpf_func_proto bpf_get_stackid_proto;
extern const struct bpf_func_proto bpf_get_stackid_tp_proto;
extern const struct bpf_func_proto bpf_get_stackid_pe_proto;
extern const struct bpf_func_proto bpf_get_stackid_raw_proto;
extern const struct bpf_func_proto bpf_get_stack_proto;
extern const struct bpf_func_proto bpf_get_stack_tp_proto;
extern const struct bpf_func_proto bpf_get_stack_pe_proto;
extern const struct bpf_func_proto bpf_get_stack_raw_proto;
extern const struct bpf_func_proto bpf_get_task_stack_proto;

/* misc.c */
extern const struct bpf_func_proto bpf_override_return_proto;
extern const struct bpf_func_proto bpf_get_func_ip_kprobe_proto;
extern const struct bpf_func_proto bpf_get_attach_cookie_trace_proto;
extern const struct bpf_func_proto bpf_get_attach_cookie_pe_proto;
extern const struct bpf_func_proto bpf_send_signal_proto;
extern const struct bpf_func_proto bpf_send_signal_thread_proto;
extern const struct bpf_func_proto bpf_current_task_under_cgroup_proto;

/* task.c */
extern const struct bpf_func_proto bpf_find_vma_proto;
extern const struct bpf_func_proto bpf_copy_from_user_task_proto;

/* path.c */
extern const struct bpf_func_proto bpf_d_path_proto;

/* seq.c */
extern const struct bpf_func_proto bpf_seq_printf_proto;
extern const struct bpf_func_proto bpf_seq_write_proto;
extern const struct bpf_func_proto bpf_seq_printf_btf_proto;

#endif /* _KBPF_TRACE_PROTOS_H */
