// SPDX-License-Identifier: GPL-2.0
/* Counts system calls in the storage of the task and of its cgroup. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* An enumerator of the uapi that no type in the kernel has. */
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} others SEC(".maps");

__u32 pid;
__u64 deleted, missing;

SEC("tp_btf/sys_enter")
int count(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 init = 100, *n;

	if (pid && (__u32)bpf_get_current_pid_tgid() != pid)
		return 0;
	n = bpf_task_storage_get(&tasks, task, &init, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (n)
		__sync_fetch_and_add(n, 1);
	/* comes and goes */
	if (!bpf_task_storage_get(&others, task, 0, 0)) {
		missing++;
		bpf_task_storage_get(&others, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	} else if (!bpf_task_storage_delete(&others, task)) {
		deleted++;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
