/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prototypes of the base helpers, for sets of other rooms that offer them
 * under other conditions.
 */
#ifndef _KBPF_HELPERS_BASE_H
#define _KBPF_HELPERS_BASE_H

#include <linux/bpf.h>
#include "helpers/helpers.h"
#include "maps/ringbuf_helpers.h"

/* map.c */
extern const struct bpf_func_proto bpf_map_lookup_elem_proto;
extern const struct bpf_func_proto bpf_map_update_elem_proto;
extern const struct bpf_func_proto bpf_map_delete_elem_proto;
extern const struct bpf_func_proto bpf_map_push_elem_proto;
extern const struct bpf_func_proto bpf_map_pop_elem_proto;
extern const struct bpf_func_proto bpf_map_peek_elem_proto;
extern const struct bpf_func_proto bpf_map_lookup_percpu_elem_proto;
extern const struct bpf_func_proto bpf_for_each_map_elem_proto;
extern const struct bpf_func_proto bpf_tail_call_proto;

/* clock.c */
extern const struct bpf_func_proto bpf_ktime_get_ns_proto;
extern const struct bpf_func_proto bpf_ktime_get_boot_ns_proto;
extern const struct bpf_func_proto bpf_ktime_get_coarse_ns_proto;
extern const struct bpf_func_proto bpf_ktime_get_tai_ns_proto;
extern const struct bpf_func_proto bpf_jiffies64_proto;

/* misc.c */
extern const struct bpf_func_proto bpf_get_prandom_u32_proto;
extern const struct bpf_func_proto bpf_get_smp_processor_id_proto;
extern const struct bpf_func_proto bpf_get_numa_node_id_proto;
extern const struct bpf_func_proto bpf_spin_lock_proto;
extern const struct bpf_func_proto bpf_spin_unlock_proto;
extern const struct bpf_func_proto bpf_loop_proto;
extern const struct bpf_func_proto bpf_per_cpu_ptr_proto;
extern const struct bpf_func_proto bpf_this_cpu_ptr_proto;
extern const struct bpf_func_proto bpf_kptr_xchg_proto;

/* string.c */
extern const struct bpf_func_proto bpf_strtol_proto;
extern const struct bpf_func_proto bpf_strtoul_proto;
extern const struct bpf_func_proto bpf_strncmp_proto;
extern const struct bpf_func_proto bpf_snprintf_proto;

/* dynptr.c */
extern const struct bpf_func_proto bpf_dynptr_from_mem_proto;
extern const struct bpf_func_proto bpf_dynptr_read_proto;
extern const struct bpf_func_proto bpf_dynptr_write_proto;
extern const struct bpf_func_proto bpf_dynptr_data_proto;

/* timer.c: of the kernel home alone */
extern const struct bpf_func_proto bpf_timer_init_proto;
extern const struct bpf_func_proto bpf_timer_set_callback_proto;
extern const struct bpf_func_proto bpf_timer_start_proto;
extern const struct bpf_func_proto bpf_timer_cancel_proto;

/* current.c: of the kernel home alone */
extern const struct bpf_func_proto bpf_get_current_pid_tgid_proto;
extern const struct bpf_func_proto bpf_get_current_uid_gid_proto;
extern const struct bpf_func_proto bpf_get_current_comm_proto;
extern const struct bpf_func_proto bpf_get_current_task_proto;
extern const struct bpf_func_proto bpf_get_current_cgroup_id_proto;
extern const struct bpf_func_proto bpf_get_current_ancestor_cgroup_id_proto;
extern const struct bpf_func_proto bpf_get_ns_current_pid_tgid_proto;
extern const struct bpf_func_proto bpf_copy_from_user_proto;

/* perfmon.c: of the kernel home alone; they stand in kernel/trace/bpf */
extern const struct bpf_func_proto bpf_probe_read_user_proto;
extern const struct bpf_func_proto bpf_probe_read_user_str_proto;
extern const struct bpf_func_proto bpf_probe_read_kernel_proto;
extern const struct bpf_func_proto bpf_probe_read_kernel_str_proto;
extern const struct bpf_func_proto bpf_get_current_task_btf_proto;
extern const struct bpf_func_proto bpf_task_pt_regs_proto;
extern const struct bpf_func_proto bpf_trace_printk_proto;
extern const struct bpf_func_proto bpf_trace_vprintk_proto;
extern const struct bpf_func_proto bpf_snprintf_btf_proto;

#endif /* _KBPF_HELPERS_BASE_H */
