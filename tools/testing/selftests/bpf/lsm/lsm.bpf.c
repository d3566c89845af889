// SPDX-License-Identifier: GPL-2.0
/* Programs at security hooks; each minds only the process and the file that the test names. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

#define SECUREEXEC	1
#define EPERM	1
#define EACCES	13
#define EBUSY	16

__u32 pid;
__u64 ino;
__u64 nr_open, nr_open_first, nr_exec, nr_fork, nr_creds, nr_getattr, nr_free, nr_bpf;
__u64 nr_stored_late;
__u64 stored, task_stored, path_len, ancestors, secure_errno;
int first_answer;
char path[256];
char filename[64];

static bool mine(void)
{
	return bpf_get_current_pid_tgid() >> 32 == pid;
}

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} inodes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

SEC("lsm/file_open")
int BPF_PROG(deny_open, struct file *file, int ret)
{
	/* what a program before has answered is an answer */
	if (ret)
		return ret;
	if (!mine() || file->f_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_open, 1);
	return -EPERM;
}

/* Runs before the one above where it is attached first, and may answer for it. */
SEC("lsm/file_open")
int BPF_PROG(first_open, struct file *file)
{
	if (!mine() || file->f_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_open_first, 1);
	return first_answer ? -EBUSY : 0;
}

/* The same, and for updates: lets everybody in. */
SEC("lsm/file_open")
int BPF_PROG(allow_open, struct file *file)
{
	return 0;
}

SEC("lsm.s/file_open")
int BPF_PROG(sleep_open, struct file *file)
{
	__u64 *val;

	if (!mine() || file->f_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_open, 1);
	path_len = bpf_d_path(&file->f_path, path, sizeof(path));
	val = bpf_inode_storage_get(&inodes, file->f_inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (val)
		stored = __sync_add_and_fetch(val, 1);
	val = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0,
				   BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (val)
		task_stored = __sync_add_and_fetch(val, 1);
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(forget_open, struct file *file)
{
	if (mine() && file->f_inode->i_ino == ino)
		stored = bpf_inode_storage_delete(&inodes, file->f_inode);
	return 0;
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(deny_exec, struct linux_binprm *bprm)
{
	if (bprm->file->f_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_exec, 1);
	bpf_probe_read_kernel_str(filename, sizeof(filename), bprm->filename);
	return -EACCES;
}

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(secure_exec, struct linux_binprm *bprm)
{
	if (bprm->file->f_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_creds, 1);
	secure_errno = bpf_bprm_opts_set(bprm, 2);
	bpf_bprm_opts_set(bprm, SECUREEXEC);
	return 0;
}

SEC("lsm/task_alloc")
int BPF_PROG(deny_fork, struct task_struct *task, unsigned long clone_flags)
{
	if (!mine())
		return 0;
	__sync_fetch_and_add(&nr_fork, 1);
	return -EBUSY;
}

/* Nothing to answer: it only looks. */
SEC("lsm/task_free")
void BPF_PROG(see_free, struct task_struct *task)
{
	if (task->real_parent && task->tgid != task->pid)
		return;
	/* what is stored now would stay for ever */
	if (bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		__sync_fetch_and_add(&nr_stored_late, 1);
	__sync_fetch_and_add(&nr_free, 1);
}

SEC("lsm/inode_getattr")
int BPF_PROG(deny_getattr, const struct path *p)
{
	if (!mine() || p->dentry->d_inode->i_ino != ino)
		return 0;
	__sync_fetch_and_add(&nr_getattr, 1);
	return -EACCES;
}

/* What bpf(2) itself asks. */
SEC("lsm/bpf")
int BPF_PROG(deny_bpf, int cmd, union bpf_attr *attr, unsigned int size)
{
	if (!mine() || cmd != BPF_MAP_CREATE)
		return 0;
	__sync_fetch_and_add(&nr_bpf, 1);
	return -EPERM;
}
