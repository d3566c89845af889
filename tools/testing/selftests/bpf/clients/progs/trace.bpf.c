// SPDX-License-Identifier: GPL-2.0
/* Programs at a raw tracepoint, a tracepoint and a kprobe that count and print. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct name {
	char text[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, __u64);
} calls SEC(".maps");

__u64 opened;
const volatile __u32 step = 1;

SEC("raw_tracepoint/sys_enter")
int count_calls(void *ctx)
{
	struct name key = {};
	__u64 *n, one = 1;

	bpf_get_current_comm(&key, sizeof(key));
	n = bpf_map_lookup_elem(&calls, &key);
	if (n)
		__sync_fetch_and_add(n, step);
	else
		bpf_map_update_elem(&calls, &key, &one, BPF_ANY);
	return 0;
}

SEC("kprobe/do_sys_openat2")
int count_opens(void *ctx)
{
	char said[] = "clients: open number %d";
	__u64 n = __sync_fetch_and_add(&opened, 1);

	if (n < 100000)
		bpf_trace_printk(said, sizeof(said), n);
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int count_switches(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
