// SPDX-License-Identifier: GPL-2.0
/* At a module's functions and tracepoints, and calling its functions. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#include "kmod/kbpf_test.h"
#pragma clang attribute pop

char _license[] SEC("license") = "GPL";

#define FUNCS 32

/* By function: calls, argument words, a checksum of them in order, and what it returned. */
__u64 entry_nr[FUNCS], entry_cnt[FUNCS], entry_sum[FUNCS];
__u64 exit_nr[FUNCS], exit_cnt[FUNCS], exit_sum[FUNCS], exit_ret[FUNCS];

static __always_inline __u64 checksum(void *ctx, __u64 cnt)
{
	__u64 sum = 0, val;
	__u32 i;

	for (i = 0; i < 16; i++) {
		if (i >= cnt)
			break;
		if (bpf_get_func_arg(ctx, i, &val))
			return -1;
		sum = sum * 31 + val;
	}
	/* there is none behind the last one */
	if (!bpf_get_func_arg(ctx, cnt, &val))
		return -2;
	return sum;
}

#define BOTH(_name, _nr)						\
SEC("fentry/kbpf_test_" #_name)						\
int entry_##_name(void *ctx)						\
{									\
	entry_nr[_nr]++;						\
	entry_cnt[_nr] = bpf_get_func_arg_cnt(ctx);			\
	entry_sum[_nr] = checksum(ctx, entry_cnt[_nr]);			\
	return 0;							\
}									\
									\
SEC("fexit/kbpf_test_" #_name)						\
int exit_##_name(void *ctx)						\
{									\
	__u64 ret = 0;							\
									\
	exit_nr[_nr]++;							\
	exit_cnt[_nr] = bpf_get_func_arg_cnt(ctx);			\
	exit_sum[_nr] = checksum(ctx, exit_cnt[_nr]);			\
	bpf_get_func_ret(ctx, &ret);					\
	exit_ret[_nr] = ret;						\
	return 0;							\
}

BOTH(args0, 0)
BOTH(args1, 1)
BOTH(args2, 2)
BOTH(args3, 3)
BOTH(args4, 4)
BOTH(args5, 5)
BOTH(args6, 6)
BOTH(args7, 7)
BOTH(args8, 8)
BOTH(args9, 9)
BOTH(args10, 10)
BOTH(args11, 11)
BOTH(args12, 12)
BOTH(struct1, 13)
BOTH(struct2, 14)
BOTH(struct_split, 15)

/* What types say of results. */
__u64 r8, r16, r32, rbool, ptr_number, typed_sum;
__s64 rs8, rs32;

SEC("fexit/kbpf_test_ret8")
int BPF_PROG(typed_ret8, __u64 a, __u8 ret)
{
	r8 = ret;
	return 0;
}

SEC("fexit/kbpf_test_rets8")
int BPF_PROG(typed_rets8, __u64 a, __s8 ret)
{
	rs8 = ret;
	return 0;
}

SEC("fexit/kbpf_test_ret16")
int BPF_PROG(typed_ret16, __u64 a, __u16 ret)
{
	r16 = ret;
	return 0;
}

SEC("fexit/kbpf_test_ret32")
int BPF_PROG(typed_ret32, __u64 a, __u32 ret)
{
	r32 = ret;
	return 0;
}

SEC("fexit/kbpf_test_rets32")
int BPF_PROG(typed_rets32, __u64 a, __s32 ret)
{
	rs32 = ret;
	return 0;
}

SEC("fexit/kbpf_test_retbool")
int BPF_PROG(typed_retbool, __u64 a, bool ret)
{
	rbool = ret;
	return 0;
}

SEC("fexit/kbpf_test_retptr")
int BPF_PROG(typed_retptr, struct kbpf_test_obj *o, struct kbpf_test_obj *ret)
{
	ptr_number = o->number * 100 + ret->number;
	return 0;
}

SEC("fentry/kbpf_test_args12")
int BPF_PROG(typed_args12, __u64 a, __u64 b, __u64 c, __u64 d, __u64 e, __u64 f, __u64 g, __u32 h,
	     __u64 i, __u64 j, __u64 k, __u64 l)
{
	typed_sum = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j +
		    11 * k + 12 * l;
	return 0;
}

int new_result;

SEC("fmod_ret/kbpf_test_modify")
int BPF_PROG(modify, int a, int ret)
{
	return new_result;
}

SEC("fmod_ret.s/kbpf_test_sleeps")
int BPF_PROG(modify_sleeping, int ms, int ret)
{
	char c;

	return bpf_copy_from_user(&c, 1, NULL) ? new_result : 0;
}

__u64 nr_sleeps, nr_sleeps_done;

SEC("fexit/kbpf_test_sleeps")
int BPF_PROG(exit_sleeps, int ms, int ret)
{
	nr_sleeps_done++;
	return 0;
}

__u64 ev_typed, ev_raw, ev_raw_number, ev_pid;

SEC("tp_btf/kbpf_test_event")
int BPF_PROG(event_typed, struct kbpf_test_obj *obj, __u64 number)
{
	ev_typed += obj->number == number;
	ev_pid = obj->task->pid;
	return 0;
}

SEC("raw_tp/kbpf_test_event")
int event_raw(__u64 *args)
{
	ev_raw++;
	ev_raw_number = args[1];
	return 0;
}

/* ------------------------------------------------------------------ kernel functions */

extern __u64 kbpf_test_add(__u64 a, __u64 b) __ksym;
extern int kbpf_test_number(struct kbpf_test_obj *obj) __ksym;
extern struct kbpf_test_obj *kbpf_test_acquire(int number) __ksym;
extern void kbpf_test_release(struct kbpf_test_obj *obj) __ksym;

__u64 added, number;

SEC("fentry/kbpf_test_args2")
int BPF_PROG(calls, __u64 a, __u32 b)
{
	struct kbpf_test_obj *obj;

	added = kbpf_test_add(a, b);
	obj = kbpf_test_acquire(4);
	if (!obj)
		return 0;
	number = kbpf_test_number(obj);
	kbpf_test_release(obj);
	return 0;
}

/* For storms: two counters that must not lose a call. */
__u64 calls_seen;

SEC("fentry/kbpf_test_args1")
int BPF_PROG(counts, __u64 a)
{
	__sync_fetch_and_add(&calls_seen, 1);
	return 0;
}
