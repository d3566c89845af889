// SPDX-License-Identifier: GPL-2.0
/* Calls of kernel functions that are accepted, and what they give. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "kfuncs.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

/* Sum of in[0] .. in[1] - 1, as bpf_for() does it. */
SEC("?syscall")
int num(struct call *c)
{
	struct bpf_iter_num it;
	__s64 sum = 0, n = 0;
	int *v;

	c->out[0] = bpf_iter_num_new(&it, c->in[0], c->in[1]);
	while ((v = bpf_iter_num_next(&it))) {
		if (!n)
			c->out[3] = *v;
		sum += *v;
		n++;
	}
	/* the end stays the end */
	c->out[4] = !bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it);
	c->out[1] = sum;
	c->out[2] = n;
	return 0;
}

/* Two at once, one inside the other, left by a break. */
SEC("?syscall")
int num_nested(struct call *c)
{
	struct bpf_iter_num a, b;
	__s64 n = 0;
	int *i, *j;

	bpf_iter_num_new(&a, 0, c->in[0]);
	while ((i = bpf_iter_num_next(&a))) {
		bpf_iter_num_new(&b, 0, 10);
		while ((j = bpf_iter_num_next(&b))) {
			if (*j == *i)
				break;
			n++;
		}
		bpf_iter_num_destroy(&b);
	}
	bpf_iter_num_destroy(&a);
	c->out[0] = n;
	return 0;
}

__u64 bitmap[4] SEC(".bss.bitmap");

SEC("?syscall")
int bits(struct call *c)
{
	struct bpf_iter_bits it;
	__s64 sum = 0, n = 0;
	int *v;

	c->out[0] = bpf_iter_bits_new(&it, c->in[1] ? (const __u64 *)c->in[1] : bitmap, c->in[0]);
	while ((v = bpf_iter_bits_next(&it))) {
		sum += *v;
		n++;
	}
	bpf_iter_bits_destroy(&it);
	c->out[1] = sum;
	c->out[2] = n;
	return 0;
}

/* Tasks: how many are children of process in[1], and whether pid in[0] is among all of them. */
static __always_inline int count_tasks(struct call *c, unsigned int flags, int pid)
{
	struct task_struct *task, *self = bpf_get_current_task_btf();
	struct bpf_iter_task it;
	__s64 n = 0, found = 0;

	bpf_rcu_read_lock();
	c->out[0] = bpf_iter_task_new(&it, self, flags);
	while ((task = bpf_iter_task_next(&it))) {
		n += task->real_parent->tgid == c->in[1];
		found += task->pid == pid;
	}
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	c->out[1] = n;
	c->out[2] = found;
	return 0;
}

SEC("?syscall")
int task_procs(struct call *c)
{
	return count_tasks(c, 0, c->in[0]);
}

SEC("?syscall")
int task_all(struct call *c)
{
	return count_tasks(c, 1, c->in[0]);
}

SEC("?syscall")
int task_threads(struct call *c)
{
	return count_tasks(c, 2, c->in[0]);
}

SEC("?syscall")
int task_flags(struct call *c)
{
	return count_tasks(c, 3, c->in[0]);
}

SEC("?syscall")
int task_ref(struct call *c)
{
	struct task_struct *task, *again;

	task = bpf_task_from_pid(c->in[0]);
	if (!task) {
		c->out[0] = -1;
		return 0;
	}
	c->out[0] = task->tgid;
	again = bpf_task_acquire(task);
	bpf_task_release(task);
	if (again) {
		c->out[1] = again->pid;
		bpf_task_release(again);
	}
	return 0;
}

struct holder {
	struct task_struct __attribute__((btf_type_tag("kptr"))) *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct holder);
} holders SEC(".maps");

/* A task goes into a map and stays there; what was in there before comes out. */
SEC("?syscall")
int task_kept(struct call *c)
{
	struct task_struct *task, *old;
	struct holder none = {}, *h;
	__u32 key = 0;

	bpf_map_update_elem(&holders, &key, &none, BPF_NOEXIST);
	h = bpf_map_lookup_elem(&holders, &key);
	if (!h)
		return 1;
	task = bpf_task_from_pid(c->in[0]);
	old = bpf_kptr_xchg(&h->task, task);
	c->out[0] = old ? old->pid : 0;
	if (old)
		bpf_task_release(old);
	return 0;
}

/* Looking at it without taking it out. */
SEC("?syscall")
int task_peek(struct call *c)
{
	struct task_struct *task;
	struct holder *h;
	__u32 key = 0;

	task = bpf_task_from_pid(c->in[0]);
	h = bpf_map_lookup_elem(&holders, &key);
	if (!h) {
		struct holder none = {};

		bpf_map_update_elem(&holders, &key, &none, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&holders, &key);
	}
	if (h && task)
		task = bpf_kptr_xchg(&h->task, task);
	if (task)
		bpf_task_release(task);
	if (!h)
		return 1;
	bpf_rcu_read_lock();
	task = h->task;
	if (task) {
		c->out[0] = task->pid;
		task = bpf_task_acquire(task);
		if (task) {
			c->out[1] = task->tgid;
			bpf_task_release(task);
		}
	}
	bpf_rcu_read_unlock();
	return 0;
}

/* As bpf_for() is used: an index into an array. */
__u32 table_of[16];

SEC("?syscall")
int num_index(struct call *c)
{
	struct bpf_iter_num it;
	__s64 sum = 0;
	int *v;

	bpf_iter_num_new(&it, 0, 16);
	while ((v = bpf_iter_num_next(&it))) {
		int i = *v;

		if (i < 0 || i >= 16)
			break;
		table_of[i] = i * 2;
		sum += table_of[i];
	}
	bpf_iter_num_destroy(&it);
	c->out[0] = sum;
	return 0;
}

static __noinline int sum_sub(struct bpf_iter_num *it)
{
	int *v = bpf_iter_num_next(it);

	return v ? *v : -1;
}

/* An iterator of the caller's. */
SEC("?syscall")
int num_outer(struct call *c)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 7, 100);
	c->out[0] = sum_sub(&it);
	c->out[1] = sum_sub(&it);
	bpf_iter_num_destroy(&it);
	return 0;
}

SEC("?syscall")
int cpumask(struct call *c)
{
	struct bpf_cpumask *a, *b;

	a = bpf_cpumask_create();
	if (!a)
		return 1;
	b = bpf_cpumask_create();
	if (!b) {
		bpf_cpumask_release(a);
		return 1;
	}
	c->out[0] = bpf_cpumask_empty((struct cpumask *)a);
	bpf_cpumask_setall(a);
	bpf_cpumask_set_cpu(c->in[0], b);
	/* there is no such CPU */
	bpf_cpumask_set_cpu(1 << 20, b);
	c->out[1] = bpf_cpumask_test_and_set_cpu(c->in[0], b) +
		    2 * bpf_cpumask_test_cpu(1 << 20, (struct cpumask *)a);
	c->out[2] = bpf_cpumask_and(a, (struct cpumask *)a, (struct cpumask *)b);
	c->out[3] = bpf_cpumask_first((struct cpumask *)a);
	c->out[4] = bpf_cpumask_weight((struct cpumask *)a);
	bpf_cpumask_clear_cpu(c->in[0], a);
	c->out[5] = bpf_cpumask_weight((struct cpumask *)a);
	bpf_cpumask_release(b);
	b = bpf_cpumask_acquire(a);
	bpf_cpumask_release(a);
	bpf_cpumask_release(b);
	return 0;
}

/* Areas of the caller from in[0] on: how many, and where the first one begins and ends. */
SEC("?syscall")
int vmas(struct call *c)
{
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	__s64 n = 0;

	c->out[0] = bpf_iter_task_vma_new(&it, bpf_get_current_task_btf(), c->in[0]);
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (!n) {
			c->out[2] = vma->vm_start;
			c->out[3] = vma->vm_end;
		}
		n++;
	}
	bpf_iter_task_vma_destroy(&it);
	c->out[1] = n;
	return 0;
}

/* Those of another task, by its id in in[0]. */
SEC("?syscall")
int vmas_of(struct call *c)
{
	struct bpf_iter_task_vma it;
	struct task_struct *task;
	__s64 n = 0;

	task = bpf_task_from_pid(c->in[0]);
	if (!task)
		return 1;
	c->out[0] = bpf_iter_task_vma_new(&it, task, 0);
	while (bpf_iter_task_vma_next(&it))
		n++;
	bpf_iter_task_vma_destroy(&it);
	bpf_task_release(task);
	c->out[1] = n;
	return 0;
}

/* Group in[0]: its id and level, those of its ancestor at level 1, and the groups below. */
SEC("?syscall")
int cgroups(struct call *c)
{
	struct cgroup *cgrp, *up;
	struct cgroup_subsys_state *css;
	struct bpf_iter_css it;
	__s64 n = 0;

	cgrp = bpf_cgroup_from_id(c->in[0]);
	if (!cgrp) {
		c->out[0] = -1;
		return 0;
	}
	c->out[0] = cgrp->kn->id;
	c->out[1] = cgrp->level;
	up = bpf_cgroup_ancestor(cgrp, c->in[1]);
	if (up) {
		c->out[2] = up->kn->id;
		c->out[3] = bpf_task_under_cgroup(bpf_get_current_task_btf(), up);
		bpf_cgroup_release(up);
	}
	bpf_rcu_read_lock();
	bpf_iter_css_new(&it, &cgrp->self, BPF_CGROUP_ITER_DESCENDANTS_PRE);
	while ((css = bpf_iter_css_next(&it)))
		n++;
	bpf_iter_css_destroy(&it);
	bpf_rcu_read_unlock();
	bpf_cgroup_release(cgrp);
	c->out[4] = n;
	return 0;
}

SEC("?syscall")
int sections(struct call *c)
{
	struct task_struct *task = bpf_get_current_task_btf(), *parent;

	bpf_rcu_read_lock();
	parent = task->real_parent;
	if (parent)
		c->out[0] = parent->tgid;
	bpf_rcu_read_unlock();

	bpf_preempt_disable();
	c->out[1] = bpf_get_smp_processor_id();
	bpf_preempt_enable();
	return 0;
}

SEC("?syscall")
int casts(struct call *c)
{
	__u64 addr = bpf_get_current_task();
	struct task_struct *task;

	task = bpf_rdonly_cast((void *)addr, bpf_core_type_id_kernel(struct task_struct));
	c->out[0] = task->pid;
	/* nothing there: reads as zero */
	task = bpf_rdonly_cast((void *)0x10, bpf_core_type_id_kernel(struct task_struct));
	c->out[1] = task->pid;
	return 0;
}

SEC("?syscall")
int elem_count(struct call *c)
{
	__u64 val = 1;
	__u32 i;

	for (i = 0; i < 10; i++)
		bpf_map_update_elem(&table, &i, &val, 0);
	c->out[0] = bpf_map_sum_elem_count((struct bpf_map *)&table);
	i = 3;
	bpf_map_delete_elem(&table, &i);
	c->out[1] = bpf_map_sum_elem_count((struct bpf_map *)&table);
	return 0;
}

char text[8];

SEC("?syscall")
int user_str(struct call *c)
{
	c->out[0] = bpf_copy_from_user_str(text, sizeof(text), (void *)c->in[0], c->in[1]);
	__builtin_memcpy(&c->out[1], text, 8);
	return 0;
}

__u8 area[64];

SEC("?syscall")
int dynptr(struct call *c)
{
	struct bpf_dynptr p, q;
	__u8 buf[4], *s;

	bpf_dynptr_from_mem(area, sizeof(area), 0, &p);
	c->out[0] = bpf_dynptr_size(&p);
	c->out[1] = bpf_dynptr_is_null(&p) * 2 + bpf_dynptr_is_rdonly(&p);
	bpf_dynptr_clone(&p, &q);
	c->out[2] = bpf_dynptr_adjust(&p, 8, 24);
	c->out[3] = bpf_dynptr_size(&p) * 1000 + bpf_dynptr_size(&q);
	s = bpf_dynptr_slice_rdwr(&p, 4, buf, sizeof(buf));
	if (s)
		s[0] = 77;
	s = bpf_dynptr_slice(&q, 12, 0, 4);
	c->out[4] = s ? s[0] : -1;
	/* beyond what p shows, not beyond what q does */
	c->out[5] = !bpf_dynptr_slice(&p, 14, buf, sizeof(buf)) +
		    2 * !bpf_dynptr_slice(&q, 60, buf, sizeof(buf));
	return bpf_dynptr_adjust(&p, 0, 17) == -34 && bpf_dynptr_adjust(&p, 2, 1) == -22;
}

/* A dynptr without memory. */
SEC("?syscall")
int dynptr_null(struct call *c)
{
	struct bpf_dynptr p;

	c->out[0] = bpf_dynptr_from_mem(area, sizeof(area), 1, &p);
	c->out[1] = bpf_dynptr_is_null(&p);
	c->out[2] = (int)bpf_dynptr_size(&p);
	c->out[3] = bpf_dynptr_adjust(&p, 0, 0);
	c->out[4] = !bpf_dynptr_slice(&p, 0, 0, 1);
	return 0;
}
