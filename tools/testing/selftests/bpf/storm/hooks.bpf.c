// SPDX-License-Identifier: GPL-2.0
/* Programs that are attached and detached while what they are attached to goes on. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hooks.h"

char LICENSE[] SEC("license") = "GPL";

__u64 counts[COUNTERS];

#define COUNT(what) __sync_fetch_and_add(&counts[what], 1)

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { &inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

/* Attached all the time: it must see every call. */
SEC("fentry/bpf_fentry_test1")
int BPF_PROG(always, int a)
{
	COUNT(STEADY);
	return 0;
}

SEC("fentry/bpf_fentry_test1")
int BPF_PROG(entry, int a)
{
	COUNT(CALLS);
	return 0;
}

SEC("fexit/bpf_fentry_test1")
int BPF_PROG(leave, int a, int ret)
{
	COUNT(CALLS);
	return 0;
}

SEC("fexit.s/bpf_fentry_test1")
int BPF_PROG(leave_asleep, int a, int ret)
{
	char c;

	bpf_copy_from_user(&c, 1, (void *)0x1000);
	COUNT(CALLS);
	return 0;
}

SEC("kprobe/bpf_fentry_test1")
int BPF_KPROBE(probe)
{
	COUNT(CALLS);
	return 0;
}

SEC("kretprobe/bpf_fentry_test1")
int BPF_KRETPROBE(back)
{
	COUNT(CALLS);
	return 0;
}

SEC("kprobe.multi/bpf_fentry_test*")
int many(struct pt_regs *ctx)
{
	COUNT(CALLS);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 *n = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (n)
		(*n)++;
	return 0;
}

SEC("raw_tp/sched_switch")
int switched(void *ctx)
{
	__u32 key = 0;
	void *map = bpf_map_lookup_elem(&outer, &key);
	__u64 one = 1;

	if (map && !bpf_map_update_elem(map, &key, &one, 0))
		COUNT(INNER);
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int switched_too(void *ctx)
{
	COUNT(CALLS);
	return 0;
}

SEC("tc")
int target(struct __sk_buff *skb)
{
	COUNT(TAILS);
	return -1;
}

SEC("tc")
int packet(struct __sk_buff *skb)
{
	COUNT(PACKETS);
	bpf_tail_call(skb, &jumps, 0);
	return -1;
}

SEC("tc")
int packet_too(struct __sk_buff *skb)
{
	COUNT(PACKETS);
	return -1;
}

SEC("xdp")
int frame(struct xdp_md *ctx)
{
	COUNT(FRAMES);
	return XDP_PASS;
}

SEC("xdp")
int frame_too(struct xdp_md *ctx)
{
	COUNT(FRAMES);
	return XDP_PASS;
}
