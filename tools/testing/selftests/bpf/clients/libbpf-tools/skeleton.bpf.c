// SPDX-License-Identifier: GPL-2.0
/* Relocated fields, maps, globals, fentry, fexit and tp_btf, in one object. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

const volatile int pid;
__u64 reads, bytes, switches;
int parent, has_flags, no_such_field;
char comm[16];

/* As another release might have it: members in another order, one that is not there. */
struct task_struct___other {
	char comm[16];
	int tgid;
	struct task_struct *real_parent;
	int renamed_long_ago;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, int);
	__type(value, __u64);
} seen SEC(".maps");

SEC("fentry/vfs_read")
int BPF_PROG(on_read, struct file *file, char *buf, size_t count)
{
	struct task_struct___other *task = (void *)bpf_get_current_task_btf();
	__u64 one = 1;
	int key;

	key = task->tgid;
	if (key != pid)
		return 0;
	reads++;
	parent = task->real_parent->tgid;
	BPF_CORE_READ_STR_INTO(&comm, task, comm);
	has_flags = bpf_core_field_exists(file->f_flags);
	no_such_field = bpf_core_field_exists(task->renamed_long_ago);
	bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	return 0;
}

SEC("fexit/vfs_read")
int BPF_PROG(on_read_done, struct file *file, char *buf, size_t count, loff_t *pos, ssize_t ret)
{
	if (bpf_get_current_pid_tgid() >> 32 == pid && ret > 0)
		bytes += ret;
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (prev->tgid == pid || next->tgid == pid)
		__sync_fetch_and_add(&switches, 1);
	return 0;
}
