// SPDX-License-Identifier: GPL-2.0
/* Helpers on the current task; of the kernel home alone. */
#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/init.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "exec/inline.h"
#include "helpers/base.h"

BPF_CALL_0(bpf_get_current_pid_tgid)
{
	struct task_struct *task = current;

	return (u64)task->tgid << 32 | (u32)task->pid;
}

const struct bpf_func_proto bpf_get_current_pid_tgid_proto = {
	.func = bpf_get_current_pid_tgid,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_get_current_uid_gid)
{
	kuid_t uid;
	kgid_t gid;

	current_uid_gid(&uid, &gid);
	return (u64)from_kgid(&init_user_ns, gid) << 32 | from_kuid(&init_user_ns, uid);
}

const struct bpf_func_proto bpf_get_current_uid_gid_proto = {
	.func = bpf_get_current_uid_gid,
	.ret_type = RET_INTEGER,
};

BPF_CALL_2(bpf_get_current_comm, char *, buf, u32, size)
{
	/* The name may be changing; the copy is padded and always ends. */
	strscpy_pad(buf, current->comm, size);
	return 0;
}

const struct bpf_func_proto bpf_get_current_comm_proto = {
	.func = bpf_get_current_comm,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE,
};

BPF_CALL_0(bpf_get_current_task)
{
	return (unsigned long)current;
}

const struct bpf_func_proto bpf_get_current_task_proto = {
	.func = bpf_get_current_task,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
};

BPF_CALL_4(bpf_get_ns_current_pid_tgid, u64, dev, u64, ino, struct bpf_pidns_info *, nsdata,
	   u32, size)
{
	struct task_struct *task = current;
	struct pid_namespace *ns;
	int err = -EINVAL;

	if (size != sizeof(*nsdata) || (dev_t)dev != dev)
		goto clear;
	ns = task_active_pid_ns(task);
	if (!ns) {
		err = -ENOENT;
		goto clear;
	}
	if (!ns_match(&ns->ns, dev, ino))
		goto clear;
	nsdata->pid = task_pid_nr_ns(task, ns);
	nsdata->tgid = task_tgid_nr_ns(task, ns);
	return 0;
clear:
	memset(nsdata, 0, size);
	return err;
}

const struct bpf_func_proto bpf_get_ns_current_pid_tgid_proto = {
	.func = bpf_get_ns_current_pid_tgid,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_PTR_TO_UNINIT_MEM,
	.arg4_type = ARG_CONST_SIZE,
};

#ifdef CONFIG_CGROUPS
BPF_CALL_0(bpf_get_current_cgroup_id)
{
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	return id;
}

const struct bpf_func_proto bpf_get_current_cgroup_id_proto = {
	.func = bpf_get_current_cgroup_id,
	.ret_type = RET_INTEGER,
};

BPF_CALL_1(bpf_get_current_ancestor_cgroup_id, int, level)
{
	struct cgroup *ancestor;
	u64 id;

	rcu_read_lock();
	ancestor = cgroup_ancestor(task_dfl_cgroup(current), level);
	id = ancestor ? cgroup_id(ancestor) : 0;
	rcu_read_unlock();
	return id;
}

const struct bpf_func_proto bpf_get_current_ancestor_cgroup_id_proto = {
	.func = bpf_get_current_ancestor_cgroup_id,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
};
#endif

BPF_CALL_3(bpf_copy_from_user, void *, dst, u32, size, const void __user *, user_ptr)
{
	int err = copy_from_user(dst, user_ptr, size) ? -EFAULT : 0;

	if (err)
		memset(dst, 0, size);
	return err;
}

const struct bpf_func_proto bpf_copy_from_user_proto = {
	.func = bpf_copy_from_user,
	.might_sleep = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
};

static const struct bpf_helper_row rows[] = {
	{ BPF_FUNC_get_current_pid_tgid, &bpf_get_current_pid_tgid_proto },
	{ BPF_FUNC_get_current_uid_gid, &bpf_get_current_uid_gid_proto },
	{ BPF_FUNC_get_current_comm, &bpf_get_current_comm_proto },
	{ BPF_FUNC_get_current_task, &bpf_get_current_task_proto, CAP_PERFMON },
	{ BPF_FUNC_get_ns_current_pid_tgid, &bpf_get_ns_current_pid_tgid_proto, CAP_BPF },
#ifdef CONFIG_CGROUPS
	{ BPF_FUNC_get_current_cgroup_id, &bpf_get_current_cgroup_id_proto },
	{ BPF_FUNC_get_current_ancestor_cgroup_id, &bpf_get_current_ancestor_cgroup_id_proto },
#endif
	{ BPF_FUNC_copy_from_user, &bpf_copy_from_user_proto, CAP_BPF },
};

BPF_HELPER_SET(bpf_current_helpers, rows);

static int __init current_inlines(void)
{
	bpf_inline_register(bpf_get_current_task_proto.func, BPF_INLINE_PERCPU_U64,
			    BPF_INLINE_VAR_CURRENT);
	/* where both numbers are one word, with the process above */
	if (offsetof(struct task_struct, tgid) == offsetofend(struct task_struct, pid) &&
	    (__force u16)cpu_to_le16(1) == 1)
		bpf_inline_register_field(bpf_get_current_pid_tgid_proto.func,
					  BPF_INLINE_VAR_CURRENT,
					  offsetof(struct task_struct, pid));
	return 0;
}
core_initcall(current_inlines);
