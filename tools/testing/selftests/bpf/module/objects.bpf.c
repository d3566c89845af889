// SPDX-License-Identifier: GPL-2.0
/* Objects of the module's kind, made of programs. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#include "kmod/kbpf_test.h"
#pragma clang attribute pop

char _license[] SEC("license") = "GPL";

extern __u64 kbpf_test_add(__u64 a, __u64 b) __ksym;
extern void kbpf_test_sleep(void) __ksym;

__u64 nr_plain, nr_nothing, seen_number, seen_many, seen_pid;

SEC("struct_ops/plain")
int BPF_PROG(plain, int a, long b)
{
	nr_plain++;
	return kbpf_test_add(a * 10, b);
}

SEC("struct_ops/plain")
int BPF_PROG(plain2, int a, long b)
{
	return -1000;
}

SEC("struct_ops/nullable")
int BPF_PROG(nullable, int dummy, struct task_struct *task)
{
	if (!task)
		return -1;
	seen_pid = task->pid;
	return 1;
}

SEC("struct_ops.s/sleeps")
int BPF_PROG(sleeps, int a)
{
	kbpf_test_sleep();
	return a + 1;
}

SEC("struct_ops/nothing")
void BPF_PROG(nothing, struct kbpf_test_obj *obj)
{
	nr_nothing++;
	seen_number = obj->number;
}

SEC("struct_ops/many")
__u64 BPF_PROG(many, __u64 a, __u64 b, __u64 c, __u64 d, __u64 e, __u64 f, __u64 g, __u64 h)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

SEC(".struct_ops.link")
struct kbpf_test_ops whole = {
	.plain = (void *)plain,
	.nullable = (void *)nullable,
	.sleeps = (void *)sleeps,
	.nothing = (void *)nothing,
	.many = (void *)many,
	.number = 4242,
	.name = "whole",
};

/* Without links: in use as soon as it is written. */
SEC(".struct_ops")
struct kbpf_test_ops at_once = {
	.plain = (void *)plain2,
	.number = 1,
	.name = "at_once",
};

/* Nobody asked for it. */
SEC("?.struct_ops.link")
struct kbpf_test_ops optional = {
	.plain = (void *)plain2,
	.number = -1,
	.name = "optional",
};
