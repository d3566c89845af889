// SPDX-License-Identifier: GPL-2.0
/*
 * A program with a bug, to see what the kernel says about it: the counter may not be there, and the
 * program does not look.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("raw_tracepoint/sched_switch")
int count_switches(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *cnt = bpf_map_lookup_elem(&hits, &cpu);

	*cnt += 1;
	return 0;
}

char _license[] SEC("license") = "GPL";
