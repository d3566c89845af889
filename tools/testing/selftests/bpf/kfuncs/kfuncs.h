/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs here call, and what they share with their tests. */
#ifndef _KFUNCS_H
#define _KFUNCS_H

/* Context of the programs that user space calls: the test's wishes and what the program found. */
struct call {
	__s64 in[2];
	__s64 out[6];
};

#ifdef __bpf__
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const __u64 *words, __u32 nr) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;

extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task,
			     unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				 __u64 addr) __ksym;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) __ksym;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it) __ksym;

extern int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start,
			    unsigned int flags) __ksym;
extern struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) __ksym;
extern void bpf_iter_css_destroy(struct bpf_iter_css *it) __ksym;

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;
extern void *bpf_rdonly_cast(const void *addr, __u32 type) __ksym;
extern __s64 bpf_map_sum_elem_count(const struct bpf_map *map) __ksym;
extern int bpf_copy_from_user_str(void *dst, __u32 size, const void *src, __u64 flags) __ksym;

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *cgrp) __ksym;

extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *set) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *set) __ksym;
extern void bpf_cpumask_set_cpu(__u32 cpu, struct bpf_cpumask *set) __ksym;
extern void bpf_cpumask_clear_cpu(__u32 cpu, struct bpf_cpumask *set) __ksym;
extern bool bpf_cpumask_test_cpu(__u32 cpu, const struct cpumask *set) __ksym;
extern bool bpf_cpumask_test_and_set_cpu(__u32 cpu, struct bpf_cpumask *set) __ksym;
extern void bpf_cpumask_setall(struct bpf_cpumask *set) __ksym;
extern bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *a,
			    const struct cpumask *b) __ksym;
extern bool bpf_cpumask_empty(const struct cpumask *set) __ksym;
extern __u32 bpf_cpumask_first(const struct cpumask *set) __ksym;
extern __u32 bpf_cpumask_weight(const struct cpumask *set) __ksym;

extern struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp) __ksym;
extern void bpf_cgroup_release(struct cgroup *cgrp) __ksym;
extern struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) __ksym;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;

extern int bpf_dynptr_adjust(const struct bpf_dynptr *p, __u32 start, __u32 end) __ksym;
extern bool bpf_dynptr_is_null(const struct bpf_dynptr *p) __ksym;
extern bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *p) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *p) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 off, void *buf, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, __u32 off, void *buf,
				   __u32 size) __ksym;
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *p) __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *p) __ksym;
#endif

#endif /* _KFUNCS_H */
