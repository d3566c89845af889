// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions on tasks.
 *
 * A task iterator holds a reference on the task that it stands at, so that what it gave out lives
 * until it is asked again, wherever RCU sections begin and end meanwhile.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cfi.h>
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

/* What bpf_iter_task_new() goes over; numbers that programs find in BTF. */
enum {
	BPF_TASK_ITER_ALL_PROCS,	/* the leaders of all processes */
	BPF_TASK_ITER_ALL_THREADS,	/* every task */
	BPF_TASK_ITER_PROC_THREADS,	/* the tasks of one process */
};

/* Programs' view of it, as they find it in BTF. */
struct bpf_iter_task {
	__u64 __opaque[3];
} __aligned(8);

/*
 * As the kernel fills it: the task where it stands, with a reference, NULL at first; the id to look
 * for next, or, going over threads, the first thread until it was given out.
 */
struct iter_task {
	struct task_struct *pos;
	struct task_struct *first;
	u32 next_id;
	u32 flags;
};

static_assert(sizeof(struct iter_task) == sizeof(struct bpf_iter_task));

static bool task_get(struct task_struct *task)
{
	return refcount_inc_not_zero(&task->rcu_users);
}

/* First task with an id of at least @id, of the kind that is asked for; with a reference. */
static struct task_struct *task_from_id(u32 *id, enum pid_type type)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task && *id <= PID_MAX_LIMIT) {
		pid = find_ge_pid(*id, &init_pid_ns);
		if (!pid)
			break;
		*id = pid_nr(pid) + 1;
		task = pid_task(pid, type);
		if (task && !task_get(task))
			task = NULL;
	}
	rcu_read_unlock();
	return task;
}

/* The thread behind @task, with a reference; NULL where @task has left its process meanwhile. */
static struct task_struct *thread_behind(struct task_struct *task)
{
	struct task_struct *next = NULL;

	rcu_read_lock();
	if (pid_alive(task))
		next = __next_thread(task);
	while (next && !task_get(next))
		next = __next_thread(next);
	rcu_read_unlock();
	return next;
}

/* The first thread of @task's process likewise; a task that is hashed still has its leader. */
static struct task_struct *leader_of(struct task_struct *task)
{
	struct task_struct *leader = NULL;

	rcu_read_lock();
	if (pid_alive(task) && task_get(task->group_leader))
		leader = task->group_leader;
	rcu_read_unlock();
	return leader;
}

static struct task_struct *iter_step(struct iter_task *s)
{
	struct task_struct *first = s->first;

	switch (s->flags) {
	case BPF_TASK_ITER_ALL_PROCS:
		return task_from_id(&s->next_id, PIDTYPE_TGID);
	case BPF_TASK_ITER_ALL_THREADS:
		return task_from_id(&s->next_id, PIDTYPE_PID);
	default:
		s->first = NULL;
		if (first)
			return first;
		return s->pos ? thread_behind(s->pos) : NULL;
	}
}

__bpf_kfunc_start_defs();

/**
 * bpf_task_acquire - take a reference
 * @p: task, trusted or under RCU
 *
 * Context: programs. Return: the task, or NULL where it is gone already.
 */
__bpf_kfunc struct task_struct *bpf_task_acquire(struct task_struct *p)
{
	return task_get(p) ? p : NULL;
}

/**
 * bpf_task_release - give a reference back
 * @p: task
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_task_release(struct task_struct *p)
{
	put_task_struct_rcu_user(p);
}

/**
 * bpf_task_release_dtor - the same for references that maps hold
 * @p: task
 *
 * Context: any.
 */
__bpf_kfunc void bpf_task_release_dtor(void *p)
{
	put_task_struct_rcu_user(p);
}

CFI_NOSEAL(bpf_task_release_dtor);

/**
 * bpf_task_from_pid - task by its id in the initial namespace
 * @pid: id
 *
 * Context: programs. Return: the task with a reference, or NULL.
 */
__bpf_kfunc struct task_struct *bpf_task_from_pid(s32 pid)
{
	struct task_struct *p;

	rcu_read_lock();
	p = find_task_by_pid_ns(pid, &init_pid_ns);
	if (p)
		p = bpf_task_acquire(p);
	rcu_read_unlock();
	return p;
}

/**
 * bpf_iter_task_new - begin with tasks
 * @it: iterator
 * @task__nullable: a thread of the process, for BPF_TASK_ITER_PROC_THREADS
 * @flags: BPF_TASK_ITER_*
 *
 * Context: programs. Return: 0; -EINVAL: the iterator has nothing then.
 */
__bpf_kfunc int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task__nullable,
				  unsigned int flags)
{
	struct iter_task *s = (struct iter_task *)it;

	memset(s, 0, sizeof(*s));
	s->flags = BPF_TASK_ITER_PROC_THREADS;
	if (flags > BPF_TASK_ITER_PROC_THREADS)
		return -EINVAL;
	if (flags == BPF_TASK_ITER_PROC_THREADS) {
		if (!task__nullable)
			return -EINVAL;
		s->first = leader_of(task__nullable);
	}
	s->next_id = 1;
	s->flags = flags;
	return 0;
}

/**
 * bpf_iter_task_next - the next task
 * @it: iterator
 *
 * Context: programs. Return: a task that lives until the next call, or NULL.
 */
__bpf_kfunc struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it)
{
	struct iter_task *s = (struct iter_task *)it;
	struct task_struct *next = iter_step(s);

	if (s->pos)
		put_task_struct_rcu_user(s->pos);
	s->pos = next;
	return next;
}

/**
 * bpf_iter_task_destroy - done with tasks
 * @it: iterator
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_iter_task_destroy(struct bpf_iter_task *it)
{
	struct iter_task *s = (struct iter_task *)it;

	if (s->pos)
		put_task_struct_rcu_user(s->pos);
	if (s->first)
		put_task_struct_rcu_user(s->first);
	memset(s, 0, sizeof(*s));
}

#ifdef CONFIG_CGROUPS
/**
 * bpf_task_under_cgroup - is a task in a group or below it
 * @task: task
 * @ancestor: group of the default hierarchy
 *
 * Context: programs. Return: 1 if so, else 0.
 */
__bpf_kfunc long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *ancestor)
{
	long ret;

	rcu_read_lock();
	ret = task_under_cgroup_hierarchy(task, ancestor);
	rcu_read_unlock();
	return ret;
}

/**
 * bpf_task_get_cgroup1 - group of a task in a hierarchy of version 1
 * @task: task
 * @hierarchy_id: hierarchy
 *
 * Context: programs. Return: the group with a reference, or NULL.
 */
__bpf_kfunc struct cgroup *bpf_task_get_cgroup1(struct task_struct *task, int hierarchy_id)
{
	struct cgroup *cgrp = task_get_cgroup1(task, hierarchy_id);

	return IS_ERR(cgrp) ? NULL : cgrp;
}
#endif

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(task_ids)
BTF_ID_FLAGS(func, bpf_task_acquire, KF_ACQUIRE | KF_RCU | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_task_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_task_from_pid, KF_ACQUIRE | KF_RET_NULL)
#ifdef CONFIG_CGROUPS
BTF_ID_FLAGS(func, bpf_task_under_cgroup, KF_RCU)
BTF_ID_FLAGS(func, bpf_task_get_cgroup1, KF_ACQUIRE | KF_RCU | KF_RET_NULL)
#endif
BTF_KFUNCS_END(task_ids)

BTF_KFUNCS_START(iter_task_ids)
BTF_ID_FLAGS(func, bpf_iter_task_new, KF_ITER_NEW | KF_TRUSTED_ARGS | KF_RCU_PROTECTED)
BTF_ID_FLAGS(func, bpf_iter_task_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_task_destroy, KF_ITER_DESTROY)
BTF_KFUNCS_END(iter_task_ids)

static const struct btf_kfunc_id_set task_set = {
	.owner = THIS_MODULE,
	.set = &task_ids,
};

static const struct btf_kfunc_id_set iter_task_set = {
	.owner = THIS_MODULE,
	.set = &iter_task_ids,
};

BTF_ID_LIST(task_dtor_ids)
BTF_ID(struct, task_struct)
BTF_ID(func, bpf_task_release_dtor)

static int __init task_kfuncs_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP,
		BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_CGROUP_SKB,
	};
	const struct btf_id_dtor_kfunc dtor = {
		.btf_id = task_dtor_ids[0],
		.kfunc_btf_id = task_dtor_ids[1],
	};
	int err;
	u32 i;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &iter_task_set);
	for (i = 0; !err && i < ARRAY_SIZE(types); i++)
		err = register_btf_kfunc_id_set(types[i], &task_set);
	return err ?: register_btf_id_dtor_kfuncs(&dtor, 1, THIS_MODULE);
}
late_initcall(task_kfuncs_init);
