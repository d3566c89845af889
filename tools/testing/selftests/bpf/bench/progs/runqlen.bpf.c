// SPDX-License-Identifier: GPL-2.0
/* Run-queue latency from raw tracepoints, without BTF arguments, and softirq times. */
#include "trace.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} queued SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64[3]);
} softirqs SEC(".maps");

static __fast void count(__u32 slot)
{
	__u64 *n = bpf_map_lookup_elem(&slots, &slot);

	if (n)
		*n += 1;
}

SEC("raw_tracepoint/sched_wakeup")
int woke(struct raw_args *ctx)
{
	struct task_struct *t = (void *)ctx->args[0];
	__u64 now = bpf_ktime_get_ns();
	__u32 pid = BPF_CORE_READ(t, pid);

	bpf_map_update_elem(&queued, &pid, &now, BPF_ANY);
	return 0;
}

SEC("raw_tracepoint/sched_switch")
int switched(struct raw_args *ctx)
{
	struct task_struct *prev = (void *)ctx->args[1], *next = (void *)ctx->args[2];
	__u64 now = bpf_ktime_get_ns(), *ts;
	__u32 pid = BPF_CORE_READ(prev, pid);
	long state = BPF_CORE_READ(prev, __state);

	if (!state)
		bpf_map_update_elem(&queued, &pid, &now, BPF_ANY);
	pid = BPF_CORE_READ(next, pid);
	ts = bpf_map_lookup_elem(&queued, &pid);
	if (!ts)
		return 0;
	count(log2_64((now - *ts) / 1000) & 63);
	bpf_map_delete_elem(&queued, &pid);
	return 0;
}

SEC("raw_tracepoint/softirq_entry")
int soft_in(struct raw_args *ctx)
{
	__u32 vec = ctx->args[0];
	__u64 *v = bpf_map_lookup_elem(&softirqs, &vec);

	if (v)
		v[0] = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tracepoint/softirq_exit")
int soft_out(struct raw_args *ctx)
{
	__u32 vec = ctx->args[0];
	__u64 *v = bpf_map_lookup_elem(&softirqs, &vec);

	if (v && v[0]) {
		v[1] += bpf_ktime_get_ns() - v[0];
		v[2]++;
		v[0] = 0;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
