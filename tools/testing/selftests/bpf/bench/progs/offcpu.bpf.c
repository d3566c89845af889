// SPDX-License-Identifier: GPL-2.0
/* Time off the processor by stack, and time in the run queue by process, as histograms. */
#include "trace.h"

struct off_key {
	__u32 pid, tgid;
	__s32 user, kernel;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} since SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} woken SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct off_key);
	__type(value, __u64);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct hist);
} latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

const volatile __u32 only_tgid;
const volatile __u64 shortest = 1000;
static struct hist empty;

static __fast int wanted(struct task_struct *t)
{
	return !only_tgid || BPF_CORE_READ(t, tgid) == only_tgid;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *t)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 pid = t->pid;

	if (pid && wanted(t))
		bpf_map_update_elem(&woken, &pid, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *t)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 pid = t->pid;

	if (pid && wanted(t))
		bpf_map_update_elem(&woken, &pid, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 now = bpf_ktime_get_ns(), *ts, delta, *sum;
	struct off_key key = {};
	struct hist *h;
	__u32 pid;

	pid = prev->pid;
	if (pid && wanted(prev)) {
		bpf_map_update_elem(&since, &pid, &now, BPF_ANY);
		if (prev->__state == 0)
			bpf_map_update_elem(&woken, &pid, &now, BPF_ANY);
	}
	pid = next->pid;
	ts = bpf_map_lookup_elem(&woken, &pid);
	if (ts) {
		delta = now - *ts;
		bpf_map_delete_elem(&woken, &pid);
		pid = next->tgid;
		h = bpf_map_lookup_elem(&latency, &pid);
		if (!h) {
			bpf_map_update_elem(&latency, &pid, &empty, BPF_NOEXIST);
			h = bpf_map_lookup_elem(&latency, &pid);
		}
		if (h)
			hist_add(h, delta / 1000);
		pid = next->pid;
	}
	ts = bpf_map_lookup_elem(&since, &pid);
	if (!ts)
		return 0;
	delta = now - *ts;
	bpf_map_delete_elem(&since, &pid);
	if ((__s64)delta < 0 || delta < shortest)
		return 0;
	key.pid = pid;
	key.tgid = next->tgid;
	key.user = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	key.kernel = bpf_get_stackid(ctx, &stacks, 0);
	BPF_CORE_READ_STR_INTO(&key.comm, next, comm);
	sum = bpf_map_lookup_elem(&blocked, &key);
	if (sum)
		__sync_fetch_and_add(sum, delta);
	else
		bpf_map_update_elem(&blocked, &key, &delta, BPF_NOEXIST);
	return 0;
}

char _license[] SEC("license") = "GPL";
