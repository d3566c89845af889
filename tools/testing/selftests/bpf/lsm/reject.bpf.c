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

struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} socks SEC(".maps");

/* Nobody has a reference of it any more. */
SEC("lsm/task_free")
void BPF_PROG(keeps_dying, struct task_struct *task)
{
	struct task_struct *kept = bpf_task_acquire(task);

	if (kept)
		bpf_task_release(kept);
}

/* If it comes to nothing, it is freed whoever refers to it. */
SEC("lsm/task_alloc")
int BPF_PROG(keeps_half_made, struct task_struct *task)
{
	struct task_struct *kept = bpf_task_acquire(task);

	if (kept)
		bpf_task_release(kept);
	return 0;
}

SEC("lsm/task_setnice")
int BPF_PROG(keeps_whole, struct task_struct *task)
{
	struct task_struct *kept = bpf_task_acquire(task);

	if (kept)
		bpf_task_release(kept);
	return 0;
}

/* Nobody has cleared it yet. */
SEC("lsm/sk_alloc_security")
int BPF_PROG(stores_in_raw, struct sock *sk)
{
	return bpf_sk_storage_get(&socks, sk, 0, 0) ? -1 : 0;
}

SEC("lsm/sk_alloc_security")
int BPF_PROG(reads_raw, struct sock *sk, int family)
{
	return sk->sk_protocol == 1 && family == 2 ? -1 : 0;
}

SEC("lsm/sk_free_security")
void BPF_PROG(stores_in_dying, struct sock *sk)
{
	__u64 *val = bpf_sk_storage_get(&socks, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (val)
		*val = 1;
}

SEC("lsm/task_free")
int reads_no_result(unsigned long long *ctx)
{
	return ctx[1] ? -1 : 0;
}

/* The fifth word is half of the third argument, and may be anything; the result is the seventh. */
SEC("lsm/socket_getpeersec_stream")
int answers_a_word(unsigned long long *ctx)
{
	return ctx[4];
}

SEC("lsm/socket_getpeersec_stream")
int passes_result_on(unsigned long long *ctx)
{
	return ctx[6];
}

SEC("lsm/socket_getpeersec_stream")
int eighth_word(unsigned long long *ctx)
{
	return ctx[7] ? -1 : 0;
}
