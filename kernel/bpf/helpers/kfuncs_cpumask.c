// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions on sets of CPUs. A program's own set begins with an ordinary one, so that what
 * reads takes both; what writes takes its own alone.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cfi.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include "maps/mem.h"

/**
 * struct bpf_cpumask - a program's set
 * @cpumask: the CPUs; first
 * @usage: references
 */
struct bpf_cpumask {
	cpumask_t cpumask;
	refcount_t usage;
};

/* Sets belong to no map: whoever is running pays. */
static const struct bpf_map no_map;
static struct bpf_mem sets;

static void set_put(struct bpf_cpumask *set)
{
	if (refcount_dec_and_test(&set->usage))
		bpf_mem_free_rcu(&sets, set);
}

__bpf_kfunc_start_defs();

/**
 * bpf_cpumask_create - a new empty set
 *
 * Context: programs. Return: the set with a reference, or NULL.
 */
__bpf_kfunc struct bpf_cpumask *bpf_cpumask_create(void)
{
	struct bpf_cpumask *set = bpf_mem_alloc(&sets);

	if (!set)
		return NULL;
	cpumask_clear(&set->cpumask);
	refcount_set(&set->usage, 1);
	return set;
}

/**
 * bpf_cpumask_acquire - take a reference
 * @cpumask: set
 *
 * Context: programs. Return: the set.
 */
__bpf_kfunc struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *cpumask)
{
	refcount_inc(&cpumask->usage);
	return cpumask;
}

/**
 * bpf_cpumask_release - give a reference back
 * @cpumask: set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_release(struct bpf_cpumask *cpumask)
{
	set_put(cpumask);
}

/**
 * bpf_cpumask_release_dtor - the same for references that maps hold
 * @cpumask: set
 *
 * Context: any.
 */
__bpf_kfunc void bpf_cpumask_release_dtor(void *cpumask)
{
	set_put(cpumask);
}

CFI_NOSEAL(bpf_cpumask_release_dtor);

/**
 * bpf_cpumask_first - lowest CPU
 * @cpumask: set
 *
 * Context: programs. Return: the number, nr_cpu_ids or more: there is none
 */
__bpf_kfunc u32 bpf_cpumask_first(const struct cpumask *cpumask)
{
	return cpumask_first(cpumask);
}

/**
 * bpf_cpumask_first_zero - lowest CPU that is not in
 * @cpumask: set
 *
 * Context: programs. Return: the number, nr_cpu_ids or more: there is none
 */
__bpf_kfunc u32 bpf_cpumask_first_zero(const struct cpumask *cpumask)
{
	return cpumask_first_zero(cpumask);
}

/**
 * bpf_cpumask_first_and - lowest CPU in both
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: the number, nr_cpu_ids or more: there is none
 */
__bpf_kfunc u32 bpf_cpumask_first_and(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_first_and(src1, src2);
}

/**
 * bpf_cpumask_set_cpu - put a CPU in
 * @cpu: number
 * @cpumask: the program's set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	if (cpu < nr_cpu_ids)
		cpumask_set_cpu(cpu, &cpumask->cpumask);
}

/**
 * bpf_cpumask_clear_cpu - take a CPU out
 * @cpu: number
 * @cpumask: the program's set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	if (cpu < nr_cpu_ids)
		cpumask_clear_cpu(cpu, &cpumask->cpumask);
}

/**
 * bpf_cpumask_test_cpu - is a CPU in
 * @cpu: number
 * @cpumask: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask)
{
	return cpu < nr_cpu_ids && cpumask_test_cpu(cpu, cpumask);
}

/**
 * bpf_cpumask_test_and_set_cpu - put a CPU in
 * @cpu: number
 * @cpumask: the program's set
 *
 * Context: programs. Return: whether it was in.
 */
__bpf_kfunc bool bpf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	return cpu < nr_cpu_ids && cpumask_test_and_set_cpu(cpu, &cpumask->cpumask);
}

/**
 * bpf_cpumask_test_and_clear_cpu - take a CPU out
 * @cpu: number
 * @cpumask: the program's set
 *
 * Context: programs. Return: whether it was in.
 */
__bpf_kfunc bool bpf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	return cpu < nr_cpu_ids && cpumask_test_and_clear_cpu(cpu, &cpumask->cpumask);
}

/**
 * bpf_cpumask_setall - put all CPUs in
 * @cpumask: the program's set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_setall(struct bpf_cpumask *cpumask)
{
	cpumask_setall(&cpumask->cpumask);
}

/**
 * bpf_cpumask_clear - take all CPUs out
 * @cpumask: the program's set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_clear(struct bpf_cpumask *cpumask)
{
	cpumask_clear(&cpumask->cpumask);
}

/**
 * bpf_cpumask_and - what is in both
 * @dst: the program's set
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: whether there is any.
 */
__bpf_kfunc bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *src1,
				 const struct cpumask *src2)
{
	return cpumask_and(&dst->cpumask, src1, src2);
}

/**
 * bpf_cpumask_or - what is in one at least
 * @dst: the program's set
 * @src1: set
 * @src2: set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *src1,
				const struct cpumask *src2)
{
	cpumask_or(&dst->cpumask, src1, src2);
}

/**
 * bpf_cpumask_xor - what is in one only
 * @dst: the program's set
 * @src1: set
 * @src2: set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_xor(struct bpf_cpumask *dst, const struct cpumask *src1,
				 const struct cpumask *src2)
{
	cpumask_xor(&dst->cpumask, src1, src2);
}

/**
 * bpf_cpumask_equal - are the same CPUs in both
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_equal(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_equal(src1, src2);
}

/**
 * bpf_cpumask_intersects - is a CPU in both
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_intersects(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_intersects(src1, src2);
}

/**
 * bpf_cpumask_subset - are all CPUs of the first in the second
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_subset(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_subset(src1, src2);
}

/**
 * bpf_cpumask_empty - is no CPU in
 * @cpumask: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_empty(const struct cpumask *cpumask)
{
	return cpumask_empty(cpumask);
}

/**
 * bpf_cpumask_full - are all CPUs in
 * @cpumask: set
 *
 * Context: programs. Return: true if so.
 */
__bpf_kfunc bool bpf_cpumask_full(const struct cpumask *cpumask)
{
	return cpumask_full(cpumask);
}

/**
 * bpf_cpumask_copy - copy a set
 * @dst: the program's set
 * @src: set
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src)
{
	cpumask_copy(&dst->cpumask, src);
}

/**
 * bpf_cpumask_any_distribute - any CPU, another one each time
 * @cpumask: set
 *
 * Context: programs. Return: the number, nr_cpu_ids or more: there is none
 */
__bpf_kfunc u32 bpf_cpumask_any_distribute(const struct cpumask *cpumask)
{
	return cpumask_any_distribute(cpumask);
}

/**
 * bpf_cpumask_any_and_distribute - any CPU in both, another one each time
 * @src1: set
 * @src2: set
 *
 * Context: programs. Return: the number, nr_cpu_ids or more: there is none
 */
__bpf_kfunc u32 bpf_cpumask_any_and_distribute(const struct cpumask *src1,
					       const struct cpumask *src2)
{
	return cpumask_any_and_distribute(src1, src2);
}

/**
 * bpf_cpumask_weight - how many CPUs
 * @cpumask: set
 *
 * Context: programs. Return: the number.
 */
__bpf_kfunc u32 bpf_cpumask_weight(const struct cpumask *cpumask)
{
	return cpumask_weight(cpumask);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(cpumask_ids)
BTF_ID_FLAGS(func, bpf_cpumask_create, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_cpumask_acquire, KF_ACQUIRE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_cpumask_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_cpumask_first, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_first_zero, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_first_and, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_set_cpu, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_clear_cpu, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_test_cpu, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_test_and_set_cpu, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_test_and_clear_cpu, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_setall, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_clear, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_and, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_or, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_xor, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_equal, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_intersects, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_subset, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_empty, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_full, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_copy, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_any_distribute, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_any_and_distribute, KF_RCU)
BTF_ID_FLAGS(func, bpf_cpumask_weight, KF_RCU)
BTF_KFUNCS_END(cpumask_ids)

static const struct btf_kfunc_id_set cpumask_set = {
	.owner = THIS_MODULE,
	.set = &cpumask_ids,
};

BTF_ID_LIST(cpumask_dtor_ids)
BTF_ID(struct, bpf_cpumask)
BTF_ID(func, bpf_cpumask_release_dtor)

static int __init cpumask_kfuncs_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_SYSCALL,
	};
	const struct btf_id_dtor_kfunc dtor = {
		.btf_id = cpumask_dtor_ids[0],
		.kfunc_btf_id = cpumask_dtor_ids[1],
	};
	int err;
	u32 i;

	err = bpf_mem_init(&sets, &no_map, sizeof(struct bpf_cpumask), 0, NULL);
	for (i = 0; !err && i < ARRAY_SIZE(types); i++)
		err = register_btf_kfunc_id_set(types[i], &cpumask_set);
	return err ?: register_btf_id_dtor_kfuncs(&dtor, 1, THIS_MODULE);
}
late_initcall(cpumask_kfuncs_init);
