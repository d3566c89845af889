// SPDX-License-Identifier: GPL-2.0
/* Latency of every system call by number and by process, in per-CPU maps. */
#include "trace.h"

#define CALLS 512

struct acc {
	__u64 count, errors, total, worst;
};

struct call_key {
	__u32 pid, call;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CALLS);
	__type(key, __u32);
	__type(value, struct acc);
} by_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct call_key);
	__type(value, struct acc);
} by_process SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} entered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

static __fast void add(struct acc *a, __u64 took, long ret)
{
	a->count++;
	a->total += took;
	if (took > a->worst)
		a->worst = took;
	if (ret < 0)
		a->errors++;
}

SEC("tracepoint/raw_syscalls/sys_enter")
int call_in(struct trace_event_raw_sys_enter *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&entered, &tid, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_exit")
int call_out(struct trace_event_raw_sys_exit *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), took, *start, *slot;
	struct call_key key = { .pid = id >> 32, .call = ctx->id };
	__u32 tid = id, call = ctx->id, log;
	struct acc *a, fresh = {};

	start = bpf_map_lookup_elem(&entered, &tid);
	if (!start || (long)ctx->id < 0)
		return 0;
	took = bpf_ktime_get_ns() - *start;
	a = bpf_map_lookup_elem(&by_call, &call);
	if (a)
		add(a, took, ctx->ret);
	a = bpf_map_lookup_elem(&by_process, &key);
	if (a) {
		add(a, took, ctx->ret);
	} else {
		add(&fresh, took, ctx->ret);
		bpf_map_update_elem(&by_process, &key, &fresh, BPF_NOEXIST);
	}
	log = log2_64(took);
	slot = bpf_map_lookup_elem(&slots, &log);
	if (slot)
		*slot += 1;
	return 0;
}

char _license[] SEC("license") = "GPL";
