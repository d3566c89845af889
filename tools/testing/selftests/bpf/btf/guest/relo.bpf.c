// SPDX-License-Identifier: GPL-2.0
/* A light skeleton: the kernel relocates it. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct___other {
	long not_there;
	int tgid;
} __attribute__((preserve_access_index));

int tgid;
int exists;
int task_size;

SEC("raw_tp/sys_enter")
int relocated(void *ctx)
{
	struct task_struct___other *t = (void *)bpf_get_current_task();

	tgid = BPF_CORE_READ(t, tgid);
	exists = bpf_core_field_exists(t->not_there) * 2 + bpf_core_field_exists(t->tgid);
	task_size = bpf_core_type_size(struct task_struct___other);
	return 0;
}
