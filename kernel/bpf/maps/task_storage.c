// SPDX-License-Identifier: GPL-2.0
/* Local storage of tasks. User space names a task by a pidfd. */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "maps/local_storage.h"
#include "maps/maps.h"

/**
 * bpf_task_storage_free - a task goes away; free what programs stored in it
 * @task: the task
 *
 * Context: any but NMI.
 */
void bpf_task_storage_free(struct task_struct *task)
{
	bpf_local_storage_destroy(&task->bpf_storage);
}

/* Under RCU. */
static struct task_struct *task_of_key(const void *key)
{
	struct task_struct *task;
	unsigned int flags;
	struct pid *pid;

	pid = pidfd_get_pid(*(const int *)key, &flags);
	if (IS_ERR(pid))
		return ERR_CAST(pid);
	task = pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	return task ?: ERR_PTR(-ENOENT);
}

static int task_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct task_struct *task = task_of_key(key);

	if (IS_ERR(task))
		return PTR_ERR(task);
	return bpf_local_storage_copy(map, &task->bpf_storage, value, flags);
}

static int task_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			   u64 flags)
{
	struct task_struct *task = task_of_key(key);

	if (IS_ERR(task))
		return PTR_ERR(task);
	return bpf_local_storage_update(map, &task->bpf_storage, value, flags);
}

static long task_delete(struct bpf_map *map, void *key)
{
	struct task_struct *task = task_of_key(key);

	if (IS_ERR(task))
		return PTR_ERR(task);
	return bpf_local_storage_delete(map, &task->bpf_storage);
}

const struct bpf_map_ops bpf_task_storage_ops = {
	.alloc_check = bpf_local_storage_alloc_check,
	.alloc = bpf_local_storage_alloc,
	.free = bpf_local_storage_map_free,
	.copy_value = task_copy_value,
	.sys_update = task_sys_update,
	.delete_elem = task_delete,
	.check_btf = bpf_local_storage_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_local_storage_mem_usage,
};

BPF_CALL_4(bpf_task_storage_get, struct bpf_map *, map, struct task_struct *, task, void *, value,
	   u64, flags)
{
	if (!task || flags & ~BPF_LOCAL_STORAGE_GET_F_CREATE)
		return 0;
	/* it may be past the point where its storage was freed */
	if (!refcount_read(&task->usage))
		flags = 0;
	return (unsigned long)bpf_local_storage_get(map, &task->bpf_storage, value, flags);
}

const struct bpf_func_proto bpf_task_storage_get_proto = {
	.func = bpf_task_storage_get,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
	.arg3_type = ARG_PTR_TO_MAP_VALUE_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_task_storage_delete, struct bpf_map *, map, struct task_struct *, task)
{
	return task ? bpf_local_storage_delete(map, &task->bpf_storage) : -EINVAL;
}

const struct bpf_func_proto bpf_task_storage_delete_proto = {
	.func = bpf_task_storage_delete,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
};
