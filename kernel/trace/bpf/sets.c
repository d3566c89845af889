// SPDX-License-Identifier: GPL-2.0
/* Helpers by program type: what all tracing programs may call, and what depends on the context. */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/capability.h>

#include "helpers/helpers.h"
#include "maps/local_storage.h"
#include "protos.h"
#include "trace_bpf.h"

static const struct bpf_helper_row trace_rows[] = {
	{ BPF_FUNC_probe_read, &bpf_probe_read_proto },
	{ BPF_FUNC_probe_read_str, &bpf_probe_read_str_proto },
	{ BPF_FUNC_probe_write_user, &bpf_probe_write_user_proto, CAP_SYS_ADMIN },
	{ BPF_FUNC_perf_event_read, &bpf_perf_event_read_proto },
	{ BPF_FUNC_perf_event_read_value, &bpf_perf_event_read_value_proto },
	{ BPF_FUNC_get_task_stack, &bpf_get_task_stack_proto },
	{ BPF_FUNC_current_task_under_cgroup, &bpf_current_task_under_cgroup_proto },
	{ BPF_FUNC_find_vma, &bpf_find_vma_proto },
	{ BPF_FUNC_copy_from_user_task, &bpf_copy_from_user_task_proto },
	{ BPF_FUNC_get_branch_snapshot, &bpf_get_branch_snapshot_proto },
	{ BPF_FUNC_send_signal, &bpf_send_signal_proto },
	{ BPF_FUNC_send_signal_thread, &bpf_send_signal_thread_proto },
	{ BPF_FUNC_task_storage_get, &bpf_task_storage_get_proto },
	{ BPF_FUNC_task_storage_delete, &bpf_task_storage_delete_proto },
#ifdef CONFIG_CGROUPS
	{ BPF_FUNC_cgrp_storage_get, &bpf_cgrp_storage_get_proto },
	{ BPF_FUNC_cgrp_storage_delete, &bpf_cgrp_storage_delete_proto },
#endif
};

BPF_HELPER_SET(bpf_trace_helpers, trace_rows);

static const struct bpf_helper_row kprobe_rows[] = {
	{ BPF_FUNC_perf_event_output, &bpf_perf_event_output_proto },
	{ BPF_FUNC_get_stackid, &bpf_get_stackid_proto },
	{ BPF_FUNC_get_stack, &bpf_get_stack_proto },
	{ BPF_FUNC_get_func_ip, &bpf_get_func_ip_kprobe_proto },
	{ BPF_FUNC_get_attach_cookie, &bpf_get_attach_cookie_trace_proto },
#ifdef CONFIG_BPF_KPROBE_OVERRIDE
	{ BPF_FUNC_override_return, &bpf_override_return_proto },
#endif
};

BPF_HELPER_SET(bpf_kprobe_helpers, kprobe_rows);

static const struct bpf_helper_row tracepoint_rows[] = {
	{ BPF_FUNC_perf_event_output, &bpf_perf_event_output_tp_proto },
	{ BPF_FUNC_get_stackid, &bpf_get_stackid_tp_proto },
	{ BPF_FUNC_get_stack, &bpf_get_stack_tp_proto },
	{ BPF_FUNC_get_attach_cookie, &bpf_get_attach_cookie_trace_proto },
};

BPF_HELPER_SET(bpf_tracepoint_helpers, tracepoint_rows);

static const struct bpf_helper_row perf_event_rows[] = {
	{ BPF_FUNC_perf_event_output, &bpf_perf_event_output_pe_proto },
	{ BPF_FUNC_get_stackid, &bpf_get_stackid_pe_proto },
	{ BPF_FUNC_get_stack, &bpf_get_stack_pe_proto },
	{ BPF_FUNC_perf_prog_read_value, &bpf_perf_prog_read_value_proto },
	{ BPF_FUNC_read_branch_records, &bpf_read_branch_records_proto },
	{ BPF_FUNC_get_attach_cookie, &bpf_get_attach_cookie_pe_proto },
};

BPF_HELPER_SET(bpf_perf_event_helpers, perf_event_rows);

static const struct bpf_helper_row raw_tp_rows[] = {
	{ BPF_FUNC_perf_event_output, &bpf_perf_event_output_raw_proto },
	{ BPF_FUNC_get_stackid, &bpf_get_stackid_raw_proto },
	{ BPF_FUNC_get_stack, &bpf_get_stack_raw_proto },
	{ BPF_FUNC_get_attach_cookie, &bpf_get_attach_cookie_trace_proto },
};

BPF_HELPER_SET(bpf_raw_tp_helpers, raw_tp_rows);
