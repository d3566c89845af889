// SPDX-License-Identifier: GPL-2.0
/* Base helpers of no larger family: numbers of this CPU, loops, per-CPU addresses. */
#include <linux/bpf.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include "exec/inline.h"
#include "helpers/base.h"

/*
 * Numbers that need not be secret, from any context: a state a CPU, never 0 once it is seeded. An
 * interrupt between load and store repeats a number at worst.
 */
static DEFINE_PER_CPU(u64, prandom_state);

static int __init prandom_seed(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(prandom_state, cpu) = get_random_u64() | 1;
	return 0;
}
late_initcall(prandom_seed);

/* xorshift64*: period 2^64 - 1, the upper half is the better one. */
BPF_CALL_0(bpf_get_prandom_u32)
{
	u64 x = this_cpu_read(prandom_state);

	if (unlikely(!x))
		x = ktime_get_mono_fast_ns() | 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	this_cpu_write(prandom_state, x);
	return x * 0x2545f4914f6cdd1dULL >> 32;
}

const struct bpf_func_proto bpf_get_prandom_u32_proto = {
	.func = bpf_get_prandom_u32,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_get_smp_processor_id)
{
	return raw_smp_processor_id();
}

const struct bpf_func_proto bpf_get_smp_processor_id_proto = {
	.func = bpf_get_smp_processor_id,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_get_numa_node_id)
{
	return numa_node_id();
}

const struct bpf_func_proto bpf_get_numa_node_id_proto = {
	.func = bpf_get_numa_node_id,
	.ret_type = RET_INTEGER,
};

BPF_CALL_4(bpf_loop, u32, nr_loops, void *, callback, void *, ctx, u64, flags)
{
	bpf_callback_t body = (bpf_callback_t)callback;
	u32 i;

	if (flags)
		return -EINVAL;
	if (nr_loops > BPF_LOOP_MAX)
		return -E2BIG;
	for (i = 0; i < nr_loops; i++) {
		/* 1 ends the loop; the iteration counts. */
		if (body(i, (u64)(unsigned long)ctx, 0, 0, 0))
			return i + 1;
	}
	return i;
}

const struct bpf_func_proto bpf_loop_proto = {
	.func = bpf_loop,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
	.arg2_type = ARG_PTR_TO_FUNC,
	.arg3_type = ARG_PTR_TO_STACK_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_per_cpu_ptr, const void *, ptr, u32, cpu)
{
	if (cpu >= nr_cpu_ids)
		return 0;
	return (unsigned long)per_cpu_ptr((const void __percpu *)(unsigned long)ptr, cpu);
}

const struct bpf_func_proto bpf_per_cpu_ptr_proto = {
	.func = bpf_per_cpu_ptr,
	.ret_type = RET_PTR_TO_MEM_OR_BTF_ID | PTR_MAYBE_NULL | MEM_RDONLY,
	.arg1_type = ARG_PTR_TO_PERCPU_BTF_ID,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_1(bpf_this_cpu_ptr, const void *, ptr)
{
	return (unsigned long)this_cpu_ptr((const void __percpu *)(unsigned long)ptr);
}

const struct bpf_func_proto bpf_this_cpu_ptr_proto = {
	.func = bpf_this_cpu_ptr,
	.ret_type = RET_PTR_TO_MEM_OR_BTF_ID | MEM_RDONLY,
	.arg1_type = ARG_PTR_TO_PERCPU_BTF_ID,
};

BPF_CALL_2(bpf_kptr_xchg, void *, dst, void *, ptr)
{
	return xchg((unsigned long *)dst, (unsigned long)ptr);
}

/* The verifier puts the type of the field in the place of these. */
static u32 kptr_xchg_btf_id;

const struct bpf_func_proto bpf_kptr_xchg_proto = {
	.func = bpf_kptr_xchg,
	.ret_type = RET_PTR_TO_BTF_ID_OR_NULL,
	.ret_btf_id = &kptr_xchg_btf_id,
	.arg1_type = ARG_KPTR_XCHG_DEST,
	.arg2_type = ARG_PTR_TO_BTF_ID | PTR_MAYBE_NULL | OBJ_RELEASE,
	.arg2_btf_id = &kptr_xchg_btf_id,
};

static int __init misc_inlines(void)
{
	bpf_inline_register(bpf_get_smp_processor_id_proto.func, BPF_INLINE_PERCPU_U32,
			    BPF_INLINE_VAR_SMP_ID);
	bpf_inline_register(bpf_kptr_xchg_proto.func, BPF_INLINE_XCHG, BPF_INLINE_VAR_NONE);
	bpf_inline_register(bpf_loop_proto.func, BPF_INLINE_LOOP, BPF_INLINE_VAR_NONE);
	return 0;
}
core_initcall(misc_inlines);
