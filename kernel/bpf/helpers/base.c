// SPDX-License-Identifier: GPL-2.0
/* The base set: what programs of every type may call. */
#include <linux/bpf.h>
#include <linux/capability.h>
#include "helpers/base.h"

/* Rows of the ring buffer stand with the map; they are NULL where it is not built. */
#pragma weak bpf_ringbuf_output_proto
#pragma weak bpf_ringbuf_reserve_proto
#pragma weak bpf_ringbuf_submit_proto
#pragma weak bpf_ringbuf_discard_proto
#pragma weak bpf_ringbuf_query_proto
#pragma weak bpf_ringbuf_reserve_dynptr_proto
#pragma weak bpf_ringbuf_submit_dynptr_proto
#pragma weak bpf_ringbuf_discard_dynptr_proto
#pragma weak bpf_user_ringbuf_drain_proto

/* Timers need the kernel's. */
#pragma weak bpf_timer_init_proto
#pragma weak bpf_timer_set_callback_proto
#pragma weak bpf_timer_start_proto
#pragma weak bpf_timer_cancel_proto

#define ROW(_name)	{ BPF_FUNC_##_name, &bpf_##_name##_proto }
#define ROW_BPF(_name)	{ BPF_FUNC_##_name, &bpf_##_name##_proto, CAP_BPF }
#define ROW_PERF(_name)	{ BPF_FUNC_##_name, &bpf_##_name##_proto, CAP_PERFMON }

static const struct bpf_helper_row rows[] = {
	ROW(map_lookup_elem),
	ROW(map_update_elem),
	ROW(map_delete_elem),
	ROW(map_push_elem),
	ROW(map_pop_elem),
	ROW(map_peek_elem),
	ROW(map_lookup_percpu_elem),
	ROW(get_prandom_u32),
	ROW(get_smp_processor_id),
	ROW(get_numa_node_id),
	ROW(tail_call),
	ROW(ktime_get_ns),
	ROW(ktime_get_boot_ns),
	ROW(ktime_get_tai_ns),
	ROW(ringbuf_output),
	ROW(ringbuf_reserve),
	ROW(ringbuf_submit),
	ROW(ringbuf_discard),
	ROW(ringbuf_query),
	ROW(strncmp),
	ROW(strtol),
	ROW(strtoul),

	ROW_BPF(ktime_get_coarse_ns),
	ROW_BPF(jiffies64),
	ROW_BPF(spin_lock),
	ROW_BPF(spin_unlock),
	ROW_BPF(per_cpu_ptr),
	ROW_BPF(this_cpu_ptr),
	ROW_BPF(kptr_xchg),
	ROW_BPF(for_each_map_elem),
	ROW_BPF(loop),
	ROW_BPF(user_ringbuf_drain),
	ROW_BPF(ringbuf_reserve_dynptr),
	ROW_BPF(ringbuf_submit_dynptr),
	ROW_BPF(ringbuf_discard_dynptr),
	ROW_BPF(timer_init),
	ROW_BPF(timer_set_callback),
	ROW_BPF(timer_start),
	ROW_BPF(timer_cancel),
	ROW_BPF(dynptr_from_mem),
	ROW_BPF(dynptr_read),
	ROW_BPF(dynptr_write),
	ROW_BPF(dynptr_data),

	ROW_PERF(snprintf),
};

BPF_HELPER_SET(bpf_base_helpers, rows);
