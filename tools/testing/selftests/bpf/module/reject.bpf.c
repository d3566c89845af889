// SPDX-License-Identifier: GPL-2.0
/* What is refused at a module's functions, one program at a time. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kmod/kbpf_test.h"

char _license[] SEC("license") = "GPL";

extern __u64 kbpf_test_private(__u64 a) __ksym;
extern int kbpf_test_number(struct kbpf_test_obj *obj) __ksym;
extern struct kbpf_test_obj *kbpf_test_acquire(int number) __ksym;
extern void kbpf_test_release(struct kbpf_test_obj *obj) __ksym;
extern void kbpf_test_sleep(void) __ksym;

SEC("fentry/kbpf_test_args13")
int BPF_PROG(too_many, __u64 a)
{
	return 0;
}

SEC("fmod_ret/kbpf_test_args1")
int BPF_PROG(not_modifiable, __u64 a)
{
	return 0;
}

SEC("fentry.s/kbpf_test_args1")
int BPF_PROG(not_sleepable, __u64 a)
{
	return 0;
}

SEC("fentry/kbpf_test_args1")
int BPF_PROG(not_offered, __u64 a)
{
	return kbpf_test_private(a) > 5 ? -1 : 0;
}

SEC("fentry/kbpf_test_retptr")
int BPF_PROG(not_trusted, struct kbpf_test_obj *o)
{
	return kbpf_test_number(o) > 5 ? -1 : 0;
}

SEC("fentry/kbpf_test_args1")
int BPF_PROG(keeps_reference, __u64 a)
{
	struct kbpf_test_obj *obj = kbpf_test_acquire(1);

	return obj ? -1 : 0;
}

SEC("fentry/kbpf_test_args1")
int BPF_PROG(releases_null, __u64 a)
{
	kbpf_test_release(kbpf_test_acquire(1));
	return 0;
}

SEC("fentry/kbpf_test_args1")
int BPF_PROG(sleeps, __u64 a)
{
	kbpf_test_sleep();
	return 0;
}

SEC("fentry/kbpf_test_args2")
int BPF_PROG(third_arg, __u64 a)
{
	return ctx[2] > 5 ? -1 : 0;
}

SEC("fexit/kbpf_test_retvoid")
int BPF_PROG(result_of_none, __u64 a)
{
	return ctx[1] > 5 ? -1 : 0;
}
