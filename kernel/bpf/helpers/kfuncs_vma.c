// SPDX-License-Identifier: GPL-2.0
/*
 * The iterator over a task's memory areas. It holds the address space and its lock for reading
 * from beginning to end, so it is to be had only where that can be taken and given back: in a
 * task, interrupts on. Programs run in one context from their first to their last instruction.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include "maps/mem.h"

/* Programs' view of it, as they find it in BTF. */
struct bpf_iter_task_vma {
	__u64 __opaque[1];
} __aligned(8);

struct vma_walk {
	struct mm_struct *mm;
	struct vma_iterator at;
};

/* As the kernel fills it; NULL: nothing there. */
struct iter_vma {
	struct vma_walk *walk;
};

static_assert(sizeof(struct iter_vma) == sizeof(struct bpf_iter_task_vma));

/* Walks belong to no map: whoever is running pays. */
static const struct bpf_map no_map;
static struct bpf_mem walks;

/* The address space of a task with a reference; ERR_PTR where it has none or the task is busy. */
static struct mm_struct *mm_of(struct task_struct *task)
{
	struct mm_struct *mm;

	if (task->flags & PF_KTHREAD)
		return ERR_PTR(-ENOENT);
	if (!spin_trylock(&task->alloc_lock))
		return ERR_PTR(-EBUSY);
	mm = task->mm;
	if (mm)
		mmget(mm);
	spin_unlock(&task->alloc_lock);
	return mm ?: ERR_PTR(-ENOENT);
}

__bpf_kfunc_start_defs();

/**
 * bpf_iter_task_vma_new - begin with the memory areas of a task
 * @it: iterator
 * @task: task
 * @addr: the first area is the one there, or the next one above
 *
 * Context: programs.
 * Return: 0; -ENOENT for a task without memory of its own, -EBUSY where the locks cannot be had now
 * or here, -ENOMEM: the iterator has nothing then.
 */
__bpf_kfunc int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				      u64 addr)
{
	struct iter_vma *s = (struct iter_vma *)it;
	struct vma_walk *walk;
	struct mm_struct *mm;
	int err = -ENOMEM;

	s->walk = NULL;
	if (!in_task() || irqs_disabled())
		return -EBUSY;
	mm = mm_of(task);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	walk = bpf_mem_alloc(&walks);
	if (!walk)
		goto put_mm;
	err = -EBUSY;
	if (!mmap_read_trylock(mm))
		goto free_walk;
	walk->mm = mm;
	vma_iter_init(&walk->at, mm, addr);
	s->walk = walk;
	return 0;

free_walk:
	bpf_mem_free_unused(&walks, walk);
put_mm:
	mmput_async(mm);
	return err;
}

/**
 * bpf_iter_task_vma_next - the next area
 * @it: iterator
 *
 * Context: programs. Return: an area that stays as it is while the iterator lives, or NULL.
 */
__bpf_kfunc struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it)
{
	struct iter_vma *s = (struct iter_vma *)it;

	return s->walk ? vma_next(&s->walk->at) : NULL;
}

/**
 * bpf_iter_task_vma_destroy - done with areas
 * @it: iterator
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it)
{
	struct iter_vma *s = (struct iter_vma *)it;
	struct vma_walk *walk = s->walk;

	if (!walk)
		return;
	s->walk = NULL;
	mmap_read_unlock(walk->mm);
	mmput_async(walk->mm);
	bpf_mem_free_rcu(&walks, walk);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(vma_ids)
BTF_ID_FLAGS(func, bpf_iter_task_vma_new, KF_ITER_NEW | KF_RCU)
BTF_ID_FLAGS(func, bpf_iter_task_vma_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_task_vma_destroy, KF_ITER_DESTROY)
BTF_KFUNCS_END(vma_ids)

static const struct btf_kfunc_id_set vma_set = {
	.owner = THIS_MODULE,
	.set = &vma_ids,
};

static int __init vma_kfuncs_init(void)
{
	int err = bpf_mem_init(&walks, &no_map, sizeof(struct vma_walk), 0, NULL);

	return err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &vma_set);
}
late_initcall(vma_kfuncs_init);
