// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators over tasks, over their open files, and over their mappings.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include "attach/iter_int.h"

struct bpf_iter__task {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct task_struct *, task);
};

struct bpf_iter__task_file {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct task_struct *, task);
	u32 fd __aligned(8);
	__bpf_md_ptr(struct file *, file);
};

struct bpf_iter__task_vma {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct task_struct *, task);
	__bpf_md_ptr(struct vm_area_struct *, vma);
};

DEFINE_BPF_ITER_FUNC(task, struct bpf_iter_meta *meta, struct task_struct *task)
DEFINE_BPF_ITER_FUNC(task_file, struct bpf_iter_meta *meta, struct task_struct *task, u32 fd,
		     struct file *file)
DEFINE_BPF_ITER_FUNC(task_vma, struct bpf_iter_meta *meta, struct task_struct *task,
		     struct vm_area_struct *vma)

/**
 * struct task_walk - tasks of the reader's namespace, by number
 * @ns: the namespace, with a reference
 * @type: which tasks
 * @pid: thread, or process, that is asked for
 * @nr: number that the next look-up begins at
 * @processes: threads that share their leader's files are left out
 */
struct task_walk {
	struct pid_namespace *ns;
	enum bpf_iter_task_type type;
	u32 pid;
	u32 nr;
	bool processes;
};

static bool task_wanted(const struct task_walk *walk, struct task_struct *task)
{
	if (walk->type == BPF_TASK_ITER_TGID && task_tgid_nr_ns(task, walk->ns) != walk->pid)
		return false;
	return !walk->processes || thread_group_leader(task) ||
	       task->files != task->group_leader->files;
}

/* The task at or after the walk's number, with a reference; NULL after the last. */
static struct task_struct *task_get(struct task_walk *walk)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	for (;; walk->nr++) {
		if (walk->type == BPF_TASK_ITER_TID) {
			walk->nr = max(walk->nr, walk->pid);
			pid = walk->nr == walk->pid ? find_pid_ns(walk->pid, walk->ns) : NULL;
		} else {
			pid = find_ge_pid(walk->nr, walk->ns);
		}
		if (!pid)
			break;
		walk->nr = pid_nr_ns(pid, walk->ns);
		task = get_pid_task(pid, PIDTYPE_PID);
		if (task && !task_wanted(walk, task)) {
			put_task_struct(task);
			task = NULL;
		}
		if (task)
			break;
	}
	rcu_read_unlock();
	return task;
}

static int task_walk_init(void *priv, struct bpf_iter_aux_info *aux)
{
	struct task_walk *walk = priv;

	walk->ns = get_pid_ns(task_active_pid_ns(current));
	walk->type = aux->task.type;
	walk->pid = aux->task.pid;
	return 0;
}

static int task_walk_init_processes(void *priv, struct bpf_iter_aux_info *aux)
{
	struct task_walk *walk = priv;

	walk->processes = aux->task.type != BPF_TASK_ITER_TID;
	return task_walk_init(priv, aux);
}

static void task_walk_fini(void *priv)
{
	struct task_walk *walk = priv;

	put_pid_ns(walk->ns);
}

/* ------------------------------------------------------------------ tasks */

static void *task_start(struct seq_file *seq, loff_t *pos)
{
	return task_get(seq->private);
}

static void *task_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct task_walk *walk = seq->private;

	++*pos;
	walk->nr++;
	put_task_struct(v);
	return task_get(walk);
}

static int task_run(struct seq_file *seq, struct task_struct *task, bool in_stop)
{
	struct bpf_iter__task ctx = {};

	ctx.task = task;
	return bpf_iter_show(seq, &ctx, in_stop);
}

static int task_show(struct seq_file *seq, void *v)
{
	return task_run(seq, v, false);
}

static void task_stop(struct seq_file *seq, void *v)
{
	if (!v)
		task_run(seq, NULL, true);
	else if (!IS_ERR(v))
		put_task_struct(v);
}

static const struct seq_operations task_ops = {
	.start = task_start,
	.next = task_next,
	.stop = task_stop,
	.show = task_show,
};

/* ------------------------------------------------------------------ open files */

struct file_walk {
	struct task_walk tasks;		/* first: shared initialisation */
	struct task_struct *task;
	u32 fd;
};

/* The file at or after the walk's place, with a reference. */
static struct file *file_get(struct file_walk *walk)
{
	struct file *file;

	for (;;) {
		if (!walk->task)
			walk->task = task_get(&walk->tasks);
		if (!walk->task)
			return NULL;
		rcu_read_lock();
		file = task_lookup_next_fdget_rcu(walk->task, &walk->fd);
		rcu_read_unlock();
		if (file)
			return file;
		put_task_struct(walk->task);
		walk->task = NULL;
		walk->tasks.nr++;
		walk->fd = 0;
	}
}

static void *file_start(struct seq_file *seq, loff_t *pos)
{
	return file_get(seq->private);
}

static void *file_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct file_walk *walk = seq->private;

	++*pos;
	walk->fd++;
	fput(v);
	return file_get(walk);
}

static int file_run(struct seq_file *seq, struct file *file, bool in_stop)
{
	struct file_walk *walk = seq->private;
	struct bpf_iter__task_file ctx = {};

	ctx.task = file ? walk->task : NULL;
	ctx.fd = walk->fd;
	ctx.file = file;
	return bpf_iter_show(seq, &ctx, in_stop);
}

static int file_show(struct seq_file *seq, void *v)
{
	return file_run(seq, v, false);
}

static void file_stop(struct seq_file *seq, void *v)
{
	struct file_walk *walk = seq->private;

	if (!v)
		file_run(seq, NULL, true);
	else if (!IS_ERR(v))
		fput(v);
	if (walk->task)
		put_task_struct(walk->task);
	walk->task = NULL;
}

static const struct seq_operations file_ops = {
	.start = file_start,
	.next = file_next,
	.stop = file_stop,
	.show = file_show,
};

/* ------------------------------------------------------------------ mappings */

/**
 * struct vma_walk - mappings of tasks
 * @tasks: the tasks; first: shared initialisation
 * @task: task that the walk stands at, between start and stop
 * @mm: its memory, locked for reading, between start and stop
 * @addr: where the next look-up begins
 */
struct vma_walk {
	struct task_walk tasks;
	struct task_struct *task;
	struct mm_struct *mm;
	unsigned long addr;
};

static void vma_leave(struct vma_walk *walk)
{
	if (walk->mm) {
		mmap_read_unlock(walk->mm);
		mmput(walk->mm);
		walk->mm = NULL;
	}
	if (walk->task)
		put_task_struct(walk->task);
	walk->task = NULL;
}

/* Takes the task at the walk's place; 0 where there is none left. */
static int vma_enter(struct vma_walk *walk)
{
	for (;; walk->tasks.nr++, walk->addr = 0) {
		walk->task = task_get(&walk->tasks);
		if (!walk->task)
			return 0;
		walk->mm = get_task_mm(walk->task);
		if (walk->mm)
			break;
		vma_leave(walk);
	}
	if (mmap_read_lock_killable(walk->mm)) {
		mmput(walk->mm);
		walk->mm = NULL;
		vma_leave(walk);
		return -EINTR;
	}
	return 1;
}

static void *vma_get(struct vma_walk *walk)
{
	struct vm_area_struct *vma;
	int ret;

	for (;;) {
		if (!walk->task) {
			ret = vma_enter(walk);
			if (ret <= 0)
				return ERR_PTR(ret);
		}
		vma = find_vma(walk->mm, walk->addr);
		if (vma)
			return vma;
		vma_leave(walk);
		walk->tasks.nr++;
		walk->addr = 0;
	}
}

static void *vma_start(struct seq_file *seq, loff_t *pos)
{
	return vma_get(seq->private);
}

static void *mapping_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct vma_walk *walk = seq->private;
	struct vm_area_struct *vma = v;

	++*pos;
	walk->addr = vma->vm_end;
	return vma_get(walk);
}

static int vma_run(struct seq_file *seq, struct vm_area_struct *vma, bool in_stop)
{
	struct vma_walk *walk = seq->private;
	struct bpf_iter__task_vma ctx = {};

	ctx.task = vma ? walk->task : NULL;
	ctx.vma = vma;
	return bpf_iter_show(seq, &ctx, in_stop);
}

static int vma_show(struct seq_file *seq, void *v)
{
	return vma_run(seq, v, false);
}

static void vma_stop(struct seq_file *seq, void *v)
{
	if (!v)
		vma_run(seq, NULL, true);
	vma_leave(seq->private);
}

static const struct seq_operations vma_ops = {
	.start = vma_start,
	.next = mapping_next,
	.stop = vma_stop,
	.show = vma_show,
};

/* ------------------------------------------------------------------ which tasks */

static int task_pidfd(u32 fd, u32 *nr)
{
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(fd, &flags);

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	*nr = pid_nr_ns(pid, task_active_pid_ns(current));
	put_pid(pid);
	return *nr ? 0 : -ESRCH;
}

static int task_attach(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
		       struct bpf_iter_aux_info *aux)
{
	if (!!linfo->task.tid + !!linfo->task.pid + !!linfo->task.pid_fd > 1)
		return -EINVAL;
	aux->task.type = BPF_TASK_ITER_ALL;
	if (linfo->task.tid) {
		aux->task.type = BPF_TASK_ITER_TID;
		aux->task.pid = linfo->task.tid;
	} else if (linfo->task.pid) {
		aux->task.type = BPF_TASK_ITER_TGID;
		aux->task.pid = linfo->task.pid;
	} else if (linfo->task.pid_fd) {
		aux->task.type = BPF_TASK_ITER_TGID;
		return task_pidfd(linfo->task.pid_fd, &aux->task.pid);
	}
	return 0;
}

static const char *const task_type_names[] = {
	[BPF_TASK_ITER_ALL] = "all",
	[BPF_TASK_ITER_TID] = "tid",
	[BPF_TASK_ITER_TGID] = "pid",
};

static void task_show_fdinfo(const struct bpf_iter_aux_info *aux, struct seq_file *seq)
{
	seq_printf(seq, "task_type:\t%s\n", task_type_names[aux->task.type]);
	if (aux->task.type == BPF_TASK_ITER_TID)
		seq_printf(seq, "tid:\t%u\n", aux->task.pid);
	else if (aux->task.type == BPF_TASK_ITER_TGID)
		seq_printf(seq, "pid:\t%u\n", aux->task.pid);
}

static int task_fill_info(const struct bpf_iter_aux_info *aux, struct bpf_link_info *info)
{
	if (aux->task.type == BPF_TASK_ITER_TID)
		info->iter.task.tid = aux->task.pid;
	else if (aux->task.type == BPF_TASK_ITER_TGID)
		info->iter.task.pid = aux->task.pid;
	return 0;
}

static const struct bpf_iter_seq_info task_seq_info = {
	.seq_ops = &task_ops,
	.init_seq_private = task_walk_init,
	.fini_seq_private = task_walk_fini,
	.seq_priv_size = sizeof(struct task_walk),
};

static const struct bpf_iter_seq_info file_seq_info = {
	.seq_ops = &file_ops,
	.init_seq_private = task_walk_init_processes,
	.fini_seq_private = task_walk_fini,
	.seq_priv_size = sizeof(struct file_walk),
};

static const struct bpf_iter_seq_info vma_seq_info = {
	.seq_ops = &vma_ops,
	.init_seq_private = task_walk_init_processes,
	.fini_seq_private = task_walk_fini,
	.seq_priv_size = sizeof(struct vma_walk),
};

#define TASK_TYPE	(PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED)

static struct bpf_iter_reg task_reg = {
	.target = "task",
	.attach_target = task_attach,
	.show_fdinfo = task_show_fdinfo,
	.fill_link_info = task_fill_info,
	.feature = BPF_ITER_RESCHED,
	.ctx_arg_info_size = 1,
	.ctx_arg_info = { { offsetof(struct bpf_iter__task, task), TASK_TYPE } },
	.seq_info = &task_seq_info,
};

static struct bpf_iter_reg file_reg = {
	.target = "task_file",
	.attach_target = task_attach,
	.show_fdinfo = task_show_fdinfo,
	.fill_link_info = task_fill_info,
	.feature = BPF_ITER_RESCHED,
	.ctx_arg_info_size = 2,
	.ctx_arg_info = {
		{ offsetof(struct bpf_iter__task_file, task), TASK_TYPE },
		{ offsetof(struct bpf_iter__task_file, file), PTR_TO_BTF_ID_OR_NULL },
	},
	.seq_info = &file_seq_info,
};

/* A program that sleeps could fault on the memory that is locked. */
static struct bpf_iter_reg vma_reg = {
	.target = "task_vma",
	.attach_target = task_attach,
	.show_fdinfo = task_show_fdinfo,
	.fill_link_info = task_fill_info,
	.ctx_arg_info_size = 2,
	.ctx_arg_info = {
		{ offsetof(struct bpf_iter__task_vma, task), TASK_TYPE },
		{ offsetof(struct bpf_iter__task_vma, vma), PTR_TO_BTF_ID_OR_NULL },
	},
	.seq_info = &vma_seq_info,
};

static int __init iter_task_init(void)
{
	u32 task = btf_tracing_ids[BTF_TRACING_TYPE_TASK];
	int err;

	BTF_TYPE_EMIT(struct bpf_iter__task);
	BTF_TYPE_EMIT(struct bpf_iter__task_file);
	BTF_TYPE_EMIT(struct bpf_iter__task_vma);
	task_reg.ctx_arg_info[0].btf_id = task;
	file_reg.ctx_arg_info[0].btf_id = task;
	file_reg.ctx_arg_info[1].btf_id = btf_tracing_ids[BTF_TRACING_TYPE_FILE];
	vma_reg.ctx_arg_info[0].btf_id = task;
	vma_reg.ctx_arg_info[1].btf_id = btf_tracing_ids[BTF_TRACING_TYPE_VMA];
	err = bpf_iter_reg_target(&task_reg);
	if (!err)
		err = bpf_iter_reg_target(&file_reg);
	return err ?: bpf_iter_reg_target(&vma_reg);
}
late_initcall(iter_task_init);
