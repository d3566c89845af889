// SPDX-License-Identifier: GPL-2.0
/*
 * How many system calls each command makes: a raw tracepoint and a hash map.
 *
 *	attach syscalls.bpf.o bpftool map dump name calls
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct comm {
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct comm);
	__type(value, __u64);
} calls SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int count_calls(void *ctx)
{
	struct comm comm = {};
	__u64 one = 1, *cnt;

	bpf_get_current_comm(&comm, sizeof(comm));
	cnt = bpf_map_lookup_elem(&calls, &comm);
	if (cnt)
		__sync_fetch_and_add(cnt, 1);
	else
		bpf_map_update_elem(&calls, &comm, &one, BPF_NOEXIST);
	return 0;
}

char _license[] SEC("license") = "GPL";
