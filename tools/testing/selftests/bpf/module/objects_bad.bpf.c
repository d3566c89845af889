// SPDX-License-Identifier: GPL-2.0
/* Objects of the module's kind that are refused; each is loaded alone. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#include "kmod/kbpf_test.h"
#pragma clang attribute pop

char _license[] SEC("license") = "GPL";

SEC("struct_ops/nullable")
int BPF_PROG(unchecked, int dummy, struct task_struct *task)
{
	return task->pid;
}

SEC("struct_ops.s/plain")
int BPF_PROG(sleeps_elsewhere, int a, long b)
{
	return 0;
}

SEC("struct_ops/closed")
void BPF_PROG(closed)
{
}

SEC(".struct_ops.link")
struct kbpf_test_ops bad_nullable = { .nullable = (void *)unchecked };

SEC(".struct_ops.link")
struct kbpf_test_ops bad_sleep = { .plain = (void *)sleeps_elsewhere };

SEC(".struct_ops.link")
struct kbpf_test_ops bad_closed = { .closed = (void *)closed };
