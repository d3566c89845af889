// SPDX-License-Identifier: GPL-2.0
/* Kernel functions on files for programs at security hooks. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sched.h>

__bpf_kfunc_start_defs();

/**
 * bpf_get_task_exe_file - file that a task executes
 * @task: task
 *
 * Context: any but NMI. Return: the file with a reference, or NULL.
 */
__bpf_kfunc struct file *bpf_get_task_exe_file(struct task_struct *task)
{
	return get_task_exe_file(task);
}

/**
 * bpf_put_file - drop a reference to a file
 * @file: file
 *
 * Context: any.
 */
__bpf_kfunc void bpf_put_file(struct file *file)
{
	fput(file);
}

/**
 * bpf_path_d_path - name of a path
 * @path: path
 * @buf: room for it
 * @buf__sz: bytes of @buf
 *
 * Context: any but NMI. Return: length with the terminator, -EINVAL, -ENAMETOOLONG.
 */
__bpf_kfunc int bpf_path_d_path(struct path *path, char *buf, size_t buf__sz)
{
	char *name;
	int len;

	if (!buf__sz || buf__sz > INT_MAX)
		return -EINVAL;
	name = d_path(path, buf, buf__sz);
	if (IS_ERR(name))
		return PTR_ERR(name);
	len = buf + buf__sz - name;
	memmove(buf, name, len);
	return len;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(fs_ids)
BTF_ID_FLAGS(func, bpf_get_task_exe_file, KF_ACQUIRE | KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_put_file, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_path_d_path, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(fs_ids)

static int fs_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&fs_ids, kfunc_id) || prog->type == BPF_PROG_TYPE_LSM)
		return 0;
	return -EACCES;
}

static const struct btf_kfunc_id_set fs_set = {
	.owner = THIS_MODULE,
	.set = &fs_ids,
	.filter = fs_filter,
};

static int __init fs_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_LSM, &fs_set);
}
late_initcall(fs_kfuncs_init);
