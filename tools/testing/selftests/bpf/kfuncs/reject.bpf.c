// SPDX-License-Identifier: GPL-2.0
/* Calls of kernel functions that are refused; the test knows why. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char LICENSE[] SEC("license") = "GPL";

__u8 area[64];

SEC("?syscall")
int iter_leaked(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	return 0;
}

SEC("?syscall")
int iter_not_new(struct call *c)
{
	struct bpf_iter_num it;

	return !bpf_iter_num_next(&it);
}

SEC("?syscall")
int iter_destroyed(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_num_destroy(&it);
	return !bpf_iter_num_next(&it);
}

SEC("?syscall")
int iter_destroyed_twice(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_num_destroy(&it);
	bpf_iter_num_destroy(&it);
	return 0;
}

SEC("?syscall")
int iter_new_twice(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_num_destroy(&it);
	return 0;
}

SEC("?syscall")
int iter_elem_unchecked(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	c->out[0] = *bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it);
	return 0;
}

SEC("?syscall")
int iter_elem_kept(struct call *c)
{
	struct bpf_iter_num it;
	int *v;

	bpf_iter_num_new(&it, 0, 10);
	v = bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it);
	if (v)
		c->out[0] = *v;
	return 0;
}

SEC("?syscall")
int iter_overwritten(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	*(volatile __u64 *)&it = 1000;
	bpf_iter_num_destroy(&it);
	return 0;
}

SEC("?syscall")
int iter_wrong_kind(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_bits_destroy((struct bpf_iter_bits *)&it);
	return 0;
}

SEC("?syscall")
int task_iter_unprotected(struct call *c)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, 0, 0);
	bpf_iter_task_destroy(&it);
	return 0;
}

SEC("?syscall")
int task_leaked(struct call *c)
{
	return !bpf_task_from_pid(1);
}

SEC("?syscall")
int task_null_released(struct call *c)
{
	bpf_task_release(bpf_task_from_pid(1));
	return 0;
}

SEC("?syscall")
int task_released_twice(struct call *c)
{
	struct task_struct *task = bpf_task_from_pid(1);

	if (!task)
		return 0;
	bpf_task_release(task);
	bpf_task_release(task);
	return 0;
}

SEC("?syscall")
int task_used_after(struct call *c)
{
	struct task_struct *task = bpf_task_from_pid(1);

	if (!task)
		return 0;
	bpf_task_release(task);
	bpf_task_under_cgroup(task, 0);
	return 0;
}

SEC("?syscall")
int task_not_owned(struct call *c)
{
	bpf_task_release(bpf_get_current_task_btf());
	return 0;
}

SEC("?syscall")
int task_not_ptr(struct call *c)
{
	bpf_task_release((void *)c->in[0]);
	return 0;
}

SEC("?syscall")
int task_wrong_type(struct call *c)
{
	struct cgroup *cgrp = bpf_cgroup_from_id(1);

	if (cgrp)
		bpf_task_release((void *)cgrp);
	return 0;
}

SEC("?syscall")
int cgroup_leaked(struct call *c)
{
	struct cgroup *cgrp = bpf_cgroup_from_id(1);

	return cgrp ? cgrp->level : 0;
}

SEC("?syscall")
int cpumask_leaked(struct call *c)
{
	return !bpf_cpumask_create();
}

/* The set of a task is for reading. */
SEC("?syscall")
int cpumask_not_ours(struct call *c)
{
	struct task_struct *task = bpf_get_current_task_btf();

	bpf_cpumask_set_cpu(1, (struct bpf_cpumask *)&task->cpus_mask);
	return 0;
}

SEC("?syscall")
int vmas_leaked(struct call *c)
{
	struct bpf_iter_task_vma it;

	return bpf_iter_task_vma_new(&it, bpf_get_current_task_btf(), 0);
}

SEC("?syscall")
int vma_kept(struct call *c)
{
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;

	bpf_iter_task_vma_new(&it, bpf_get_current_task_btf(), 0);
	vma = bpf_iter_task_vma_next(&it);
	bpf_iter_task_vma_destroy(&it);
	c->out[0] = vma ? vma->vm_start : 0;
	return 0;
}

SEC("?syscall")
int rcu_open(struct call *c)
{
	bpf_rcu_read_lock();
	return 0;
}

SEC("?syscall")
int rcu_closed(struct call *c)
{
	bpf_rcu_read_unlock();
	return 0;
}

SEC("?syscall")
int rcu_sleeps(struct call *c)
{
	bpf_rcu_read_lock();
	bpf_copy_from_user(area, 8, (void *)c->in[0]);
	bpf_rcu_read_unlock();
	return 0;
}

SEC("?syscall")
int preempt_open(struct call *c)
{
	bpf_preempt_disable();
	return 0;
}

SEC("?syscall")
int preempt_closed(struct call *c)
{
	bpf_preempt_enable();
	return 0;
}

SEC("?syscall")
int preempt_sleeps(struct call *c)
{
	bpf_preempt_disable();
	bpf_copy_from_user_str(area, 8, (void *)c->in[0], 0);
	bpf_preempt_enable();
	return 0;
}

SEC("?tc")
int str_not_sleepable(struct __sk_buff *skb)
{
	bpf_copy_from_user_str(area, 8, 0, 0);
	return 0;
}

SEC("?socket")
int socket_tasks(struct __sk_buff *skb)
{
	struct task_struct *task = bpf_task_from_pid(1);

	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("?xdp")
int xdp_of_skb(struct xdp_md *xdp)
{
	struct bpf_dynptr p;

	return bpf_dynptr_from_skb((struct __sk_buff *)xdp, 0, &p);
}

SEC("?syscall")
int cast_variable(struct call *c)
{
	return !bpf_rdonly_cast(c, c->in[0]);
}

SEC("?syscall")
int cast_written(struct call *c)
{
	struct task_struct *task;

	task = bpf_rdonly_cast(bpf_get_current_task_btf(),
			       __builtin_btf_type_id(*(struct task_struct *)0, 1));
	task->pid = 1;
	return 0;
}

SEC("?syscall")
int slice_unchecked(struct call *c)
{
	struct bpf_dynptr p;
	__u8 *s;

	bpf_dynptr_from_mem(area, sizeof(area), 0, &p);
	s = bpf_dynptr_slice(&p, 0, 0, 8);
	return s[0];
}

SEC("?syscall")
int slice_beyond(struct call *c)
{
	struct bpf_dynptr p;
	__u8 *s;

	bpf_dynptr_from_mem(area, sizeof(area), 0, &p);
	s = bpf_dynptr_slice(&p, 0, 0, 8);
	return s ? s[8] : 0;
}

SEC("?syscall")
int slice_written(struct call *c)
{
	struct bpf_dynptr p;
	__u8 *s;

	bpf_dynptr_from_mem(area, sizeof(area), 0, &p);
	s = bpf_dynptr_slice(&p, 0, 0, 8);
	if (s)
		s[0] = 1;
	return 0;
}

SEC("?syscall")
int slice_variable(struct call *c)
{
	struct bpf_dynptr p;

	bpf_dynptr_from_mem(area, sizeof(area), 0, &p);
	return !bpf_dynptr_slice(&p, 0, 0, c->in[0] & 7);
}

SEC("?syscall")
int dynptr_not_made(struct call *c)
{
	struct bpf_dynptr p;

	return bpf_dynptr_size(&p);
}

SEC("?socket")
int skb_readonly(struct __sk_buff *skb)
{
	struct bpf_dynptr p;
	__u8 buf[4] = {}, *s;

	if (bpf_dynptr_from_skb(skb, 0, &p))
		return 0;
	s = bpf_dynptr_slice_rdwr(&p, 0, buf, sizeof(buf));
	if (s)
		s[0] = 1;
	return 0;
}

/* The packet may have moved. */
SEC("?tc")
int skb_slice_stale(struct __sk_buff *skb)
{
	struct bpf_dynptr p;
	__u8 *s;

	if (bpf_dynptr_from_skb(skb, 0, &p))
		return 0;
	s = bpf_dynptr_slice(&p, 0, 0, 4);
	bpf_skb_pull_data(skb, 0);
	return s ? s[0] : 0;
}

SEC("?xdp")
int xdp_slice_stale(struct xdp_md *xdp)
{
	struct bpf_dynptr p;
	__u8 *s;

	if (bpf_dynptr_from_xdp(xdp, 0, &p))
		return 0;
	s = bpf_dynptr_slice(&p, 0, 0, 4);
	bpf_xdp_adjust_head(xdp, 4);
	return s ? s[0] : 0;
}
