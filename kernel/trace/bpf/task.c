// SPDX-License-Identifier: GPL-2.0
/* Helpers on a task's memory: its mappings, and what is in them. */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "protos.h"
#include "trace_bpf.h"

/* ------------------------------------------------------------------ the lock of mappings */

/*
 * Gives the lock of a task's mappings back where interrupts are off: waking up who waits for it
 * takes locks of the scheduler, which what the program interrupted may hold.
 */
struct unlock_work {
	struct irq_work work;
	struct mm_struct *mm;
};

static DEFINE_PER_CPU(struct unlock_work, unlock_works);

static void unlock_work_run(struct irq_work *work)
{
	mmap_read_unlock_non_owner(container_of(work, struct unlock_work, work)->mm);
}

static int __init unlock_works_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		init_irq_work(&per_cpu(unlock_works, cpu).work, unlock_work_run);
	return 0;
}
subsys_initcall(unlock_works_init);

/**
 * bpf_mappings_trylock - lock a process's mappings for reading, if they are free
 * @mm: of the process, which lives on until they are unlocked; or NULL
 *
 * Context: any; preemption is off until bpf_mappings_unlock().
 * Return: whether they are locked.
 */
bool bpf_mappings_trylock(struct mm_struct *mm)
{
	if (!mm || in_nmi())
		return false;
	if (irqs_disabled() && irq_work_is_busy(&this_cpu_ptr(&unlock_works)->work))
		return false;
	return mmap_read_trylock(mm);
}

/**
 * bpf_mappings_unlock - what bpf_mappings_trylock() has locked
 * @mm: the same
 *
 * Context: as it was locked in.
 */
void bpf_mappings_unlock(struct mm_struct *mm)
{
	struct unlock_work *w;

	if (!irqs_disabled()) {
		mmap_read_unlock(mm);
		return;
	}
	w = this_cpu_ptr(&unlock_works);
	w->mm = mm;
	/* this task holds it no more; the interrupt comes before the task can go away */
	rwsem_release(&mm->mmap_lock.dep_map, _RET_IP_);
	irq_work_queue(&w->work);
}

/* ------------------------------------------------------------------ mappings */

static int mapping_at(struct mm_struct *mm, u64 addr, bpf_callback_t fn,
		      struct task_struct *task, void *ctx)
{
	struct vm_area_struct *vma;

	if (!mm)
		return -ENOENT;
	if (!bpf_mappings_trylock(mm))
		return -EBUSY;
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr)
		fn((u64)(long)task, (u64)(long)vma, (u64)(long)ctx, 0, 0);
	else
		vma = NULL;
	bpf_mappings_unlock(mm);
	return vma ? 0 : -ENOENT;
}

/*
 * The memory of @task stays while its alloc_lock is held: whoever leaves it takes that first. The
 * lock is only tried, as the program may have interrupted its owner; and it is left alone where
 * interrupts are off, since its owners keep them on.
 */
static int task_mapping_at(struct task_struct *task, u64 addr, bpf_callback_t fn, void *ctx)
{
	int ret;

	if (task == current)
		return mapping_at(task->mm, addr, fn, task, ctx);
	if (in_nmi() || irqs_disabled() || !spin_trylock(&task->alloc_lock))
		return -EBUSY;
	ret = mapping_at(task->mm, addr, fn, task, ctx);
	spin_unlock(&task->alloc_lock);
	return ret;
}

BPF_CALL_5(bpf_find_vma, struct task_struct *, task, u64, addr, bpf_callback_t, fn, void *, ctx,
	   u64, flags)
{
	int ret;

	if (flags)
		return -EINVAL;
	if (!task)
		return -ENOENT;
	preempt_disable();
	ret = task_mapping_at(task, addr, fn, ctx);
	preempt_enable();
	return ret;
}

const struct bpf_func_proto bpf_find_vma_proto = {
	.func = bpf_find_vma,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_PTR_TO_FUNC,
	.arg4_type = ARG_PTR_TO_STACK_OR_NULL,
	.arg5_type = ARG_ANYTHING,
};

/* ------------------------------------------------------------------ memory */

BPF_CALL_5(bpf_copy_from_user_task, void *, dst, u32, size, const void __user *, from,
	   struct task_struct *, task, u64, flags)
{
	int ret;

	if (flags)
		return -EINVAL;
	if (!size)
		return 0;
	ret = access_process_vm(task, (unsigned long)from, dst, size, 0);
	if (ret == size)
		return 0;
	/* All or nothing. */
	memset(dst, 0, size);
	return ret < 0 ? ret : -EFAULT;
}

const struct bpf_func_proto bpf_copy_from_user_task_proto = {
	.func = bpf_copy_from_user_task,
	.gpl_only = true,
	.might_sleep = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_BTF_ID,
	.arg4_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
	.arg5_type = ARG_ANYTHING,
};
