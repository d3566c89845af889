// SPDX-License-Identifier: GPL-2.0
/* Programs at the functions that BPF_PROG_TEST_RUN calls. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

__u64 bare_hits, entered[8], exited[8], cookie_seen, ip_seen, arg_cnt, arg_sum, arg_err, ret_seen;
__u64 mod_args, mod_exit;
int mod_result;
__u64 probe_next = 1;

/* Touches nothing but its own data: runs without sections. */
SEC("fentry/bpf_fentry_test1")
int BPF_PROG(bare1, int a)
{
	bare_hits += a;
	return 0;
}

SEC("fentry/bpf_fentry_test1")
int BPF_PROG(entry1, int a)
{
	entered[1] = a == 1;
	cookie_seen = bpf_get_attach_cookie(ctx);
	ip_seen = bpf_get_func_ip(ctx);
	return 0;
}

SEC("fentry/bpf_fentry_test2")
int BPF_PROG(entry2, int a, __u64 b)
{
	entered[2] = a == 2 && b == 3;
	return 0;
}

SEC("fentry/bpf_fentry_test3")
int BPF_PROG(entry3, char a, int b, __u64 c)
{
	entered[3] = a == 4 && b == 5 && c == 6;
	return 0;
}

SEC("fentry/bpf_fentry_test4")
int BPF_PROG(entry4, void *a, char b, int c, __u64 d)
{
	entered[4] = a == (void *)7 && b == 8 && c == 9 && d == 10;
	return 0;
}

SEC("fentry/bpf_fentry_test5")
int BPF_PROG(entry5, __u64 a, void *b, short c, int d, __u64 e)
{
	entered[5] = a == 11 && b == (void *)12 && c == 13 && d == 14 && e == 15;
	return 0;
}

SEC("fentry/bpf_fentry_test6")
int BPF_PROG(entry6, __u64 a, void *b, short c, int d, void *e, __u64 f)
{
	entered[6] = a == 16 && b == (void *)17 && c == 18 && d == 19 && e == (void *)20 &&
		     f == 21;
	return 0;
}

/* A typed pointer is followed; the first call has NULL in the argument, the load faults. */
SEC("fentry/bpf_fentry_test7")
int BPF_PROG(entry7, struct bpf_fentry_test_t *arg)
{
	probe_next = (__u64)arg->a;
	entered[7] = !arg;
	return 0;
}

SEC("fexit/bpf_fentry_test1")
int BPF_PROG(exit1, int a, int ret)
{
	exited[1] = a == 1 && ret == 2;
	return 0;
}

SEC("fexit/bpf_fentry_test2")
int BPF_PROG(exit2, int a, __u64 b, int ret)
{
	exited[2] = a == 2 && b == 3 && ret == 5;
	return 0;
}

SEC("fexit/bpf_fentry_test6")
int BPF_PROG(exit6, __u64 a, void *b, short c, int d, void *e, __u64 f, int ret)
{
	__u64 val = 0;
	int i;

	exited[6] = a == 16 && b == (void *)17 && c == 18 && d == 19 && e == (void *)20 &&
		    f == 21 && ret == 111;
	arg_cnt = bpf_get_func_arg_cnt(ctx);
	for (i = 0; i < 6; i++) {
		if (bpf_get_func_arg(ctx, i, &val))
			return 0;
		arg_sum += val;
	}
	arg_err = bpf_get_func_arg(ctx, 6, &val);
	bpf_get_func_ret(ctx, &val);
	ret_seen = (__u32)val;
	return 0;
}

SEC("fmod_ret/bpf_modify_return_test")
int BPF_PROG(modify, int a, int *b, int ret)
{
	mod_args = a == 1 && ret == 0;
	return mod_result;
}

SEC("fexit/bpf_modify_return_test")
int BPF_PROG(modify_exit, int a, int *b, int ret)
{
	mod_exit = (__u32)ret;
	return 0;
}

/* ------------------------------------------------------------------ by tracepoint */

__u64 switches, last_prev;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	last_prev = prev->pid;
	__sync_fetch_and_add(&switches, 1);
	return 0;
}

/* ------------------------------------------------------------------ functions that sleep */

__u64 naps, naps_over;
int nap_pid;

SEC("fentry/hrtimer_nanosleep")
int BPF_PROG(nap_entry)
{
	if (bpf_get_current_pid_tgid() >> 32 == nap_pid)
		__sync_fetch_and_add(&naps, 1);
	return 0;
}

SEC("fexit/hrtimer_nanosleep")
int BPF_PROG(nap_exit)
{
	if (bpf_get_current_pid_tgid() >> 32 == nap_pid)
		__sync_fetch_and_add(&naps_over, 1);
	return 0;
}

/* Many programs at one function. */
__u64 stacked;

SEC("fentry/bpf_fentry_test8")
int BPF_PROG(stack_one, void *arg)
{
	stacked++;
	return 0;
}
