// SPDX-License-Identifier: GPL-2.0
/* Programs at security hooks that are refused, one at a time; the test knows why. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

SEC("lsm/file_open")
int BPF_PROG(answers_one, struct file *file)
{
	return 1;
}

SEC("lsm/file_open")
int BPF_PROG(answers_too_low, struct file *file)
{
	return -4096;
}

SEC("lsm/file_open")
int BPF_PROG(answers_lowest, struct file *file)
{
	return -4095;
}

SEC("lsm/file_open")
int BPF_PROG(answers_anything, struct file *file)
{
	return bpf_get_prandom_u32();
}

SEC("lsm/inode_xattr_skipcap")
int BPF_PROG(skipcap_errno, const char *name)
{
	return -1;
}

SEC("lsm/inode_xattr_skipcap")
int BPF_PROG(skipcap_yes, const char *name)
{
	return 1;
}

SEC("lsm/task_free")
int BPF_PROG(void_anything, struct task_struct *task)
{
	return bpf_get_prandom_u32();
}

SEC("lsm/getprocattr")
int BPF_PROG(closed_hook, struct task_struct *p)
{
	return 0;
}

SEC("lsm.s/task_free")
int BPF_PROG(sleeps_where_none_may, struct task_struct *task)
{
	return 0;
}

SEC("lsm.s/file_open")
int BPF_PROG(sleeps, struct file *file)
{
	char c;

	bpf_copy_from_user(&c, 1, 0);
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(sleeps_unasked, struct file *file)
{
	char c;

	bpf_copy_from_user(&c, 1, 0);
	return 0;
}

SEC("lsm/inode_permission")
int BPF_PROG(path_where_none_may, struct inode *inode, int mask)
{
	struct path p = {};
	char buf[8];

	return bpf_d_path(&p, buf, sizeof(buf)) ? 0 : 0;
}

SEC("lsm/file_open")
int BPF_PROG(writes_file, struct file *file)
{
	file->f_flags = 0;
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(fourth_arg, struct file *file)
{
	return ctx[3] > 5 ? -1 : 0;
}

SEC("lsm/file_open")
int BPF_PROG(passes_on, struct file *file, int ret)
{
	return ret;
}

SEC("lsm/file_open")
int BPF_PROG(passes_on_more, struct file *file, int ret)
{
	return ret + 1;
}
