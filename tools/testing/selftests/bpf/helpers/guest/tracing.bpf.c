// SPDX-License-Identifier: GPL-2.0
/* A program a topic, at getsid(2) of the test's process. */
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tracing.h"

#define GETSID 124

char _license[] SEC("license") = "GPL";

struct globals g;

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u32);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cells SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

extern const struct rq runqueues __ksym;

static __always_inline bool mine(struct bpf_raw_tracepoint_args *ctx)
{
	if (ctx->args[1] != GETSID || bpf_get_current_pid_tgid() >> 32 != g.pid)
		return false;
	g.runs++;
	return true;
}

SEC("raw_tp/sys_enter")
int clocks(struct bpf_raw_tracepoint_args *ctx)
{
	if (!mine(ctx))
		return 0;
	g.clocks.mono = bpf_ktime_get_ns();
	g.clocks.boot = bpf_ktime_get_boot_ns();
	g.clocks.coarse = bpf_ktime_get_coarse_ns();
	g.clocks.tai = bpf_ktime_get_tai_ns();
	g.clocks.jiffies = bpf_jiffies64();
	return 0;
}

SEC("raw_tp/sys_enter")
int ids(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bpf_pidns_info ns = {};

	if (!mine(ctx))
		return 0;
	g.ids.pid_tgid = bpf_get_current_pid_tgid();
	g.ids.uid_gid = bpf_get_current_uid_gid();
	bpf_get_current_comm(g.ids.comm, sizeof(g.ids.comm));
	bpf_get_current_comm(g.ids.short_comm, sizeof(g.ids.short_comm));
	g.ids.cpu = bpf_get_smp_processor_id();
	g.ids.node = bpf_get_numa_node_id();
	g.ids.task_pid = BPF_CORE_READ(task, pid);
	g.ids.same_task = task == bpf_get_current_task_btf();
	g.ids.random_differs = bpf_get_prandom_u32() != bpf_get_prandom_u32() ||
			       bpf_get_prandom_u32() != bpf_get_prandom_u32();
	g.ids.cgroup = bpf_get_current_cgroup_id();
	g.ids.ancestor[0] = bpf_get_current_ancestor_cgroup_id(0);
	g.ids.ancestor[1] = bpf_get_current_ancestor_cgroup_id(1);
	g.ids.ancestor[2] = bpf_get_current_ancestor_cgroup_id(7);
	g.ids.ns_ret = bpf_get_ns_current_pid_tgid(g.ids.dev, g.ids.ino, &ns, sizeof(ns));
	g.ids.ns_pid = ns.pid;
	g.ids.ns_tgid = ns.tgid;
	g.ids.ns_wrong = bpf_get_ns_current_pid_tgid(g.ids.dev, g.ids.ino + 1, &ns, sizeof(ns));
	g.ids.under[0] = bpf_current_task_under_cgroup(&groups, 0);
	g.ids.under[1] = bpf_current_task_under_cgroup(&groups, 1);
	g.ids.under[2] = bpf_current_task_under_cgroup(&groups, 2);
	g.ids.under[3] = bpf_current_task_under_cgroup(&groups, 3);
	return 0;
}

static __always_inline int sum_of(const char *at, int len)
{
	int i, sum = 0;

	for (i = 0; i < len; i++)
		sum += at[i];
	return sum;
}

SEC("raw_tp/sys_enter")
int memory(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct memory *m = &g.memory;
	void *at = (void *)m->at, *bad = (void *)m->bad;
	char buf[16];

	if (!mine(ctx))
		return 0;
	m->any_ret = bpf_probe_read(m->any, sizeof(m->any), at);
	m->any_str_ret = bpf_probe_read_str(m->any_str, sizeof(m->any_str), at);
	m->user_ret = bpf_probe_read_user(m->user, sizeof(m->user), at);
	m->str_ret = bpf_probe_read_user_str(m->str, sizeof(m->str), at);
	/* What cannot be read is zero, whatever was there. */
	__builtin_memset(buf, 1, sizeof(buf));
	m->bad_ret = bpf_probe_read_user(buf, sizeof(buf), bad);
	m->bad_sum = sum_of(buf, sizeof(buf));
	m->bad_str_ret = bpf_probe_read_user_str(buf, sizeof(buf), bad);
	m->kernel_ret = bpf_probe_read_kernel(m->kernel_comm, sizeof(m->kernel_comm), task->comm);
	m->kernel_str_ret = bpf_probe_read_kernel_str(buf, sizeof(buf), task->comm);
	/* Memory of user space is none of the kernel's. */
	m->kernel_bad_ret = bpf_probe_read_kernel(buf, sizeof(buf), at);
	m->write_ret = bpf_probe_write_user(at, "SEVEN", 5);
	m->write_bad_ret = bpf_probe_write_user(bad, "SEVEN", 5);
	return 0;
}

SEC("fentry.s/__x64_sys_getsid")
int sleeps(void *ctx)
{
	struct memory *m = &g.memory;
	void *at = (void *)m->at, *bad = (void *)m->bad;
	struct task_struct *task = bpf_get_current_task_btf();
	char buf[8];

	if (bpf_get_current_pid_tgid() >> 32 != g.pid)
		return 0;
	g.runs++;
	m->task_ret = bpf_copy_from_user_task(m->task, sizeof(m->task), at, task, 0);
	m->task_flags_ret = bpf_copy_from_user_task(buf, sizeof(buf), at, task, 1);
	m->task_bad_ret = bpf_copy_from_user_task(buf, sizeof(buf), bad, task, 0);
	m->sleep_ret = bpf_copy_from_user(buf, sizeof(buf), bad);
	return 0;
}

SEC("kprobe")
int stacks(struct pt_regs *ctx)
{
	struct stacks *s = &g.stacks;

	if (bpf_get_current_pid_tgid() >> 32 != g.pid)
		return 0;
	g.runs++;
	s->kernel_ret = bpf_get_stack(ctx, s->kernel, sizeof(s->kernel), 0);
	s->skipped_ret = bpf_get_stack(ctx, s->skipped, sizeof(s->skipped), 1);
	s->user_ret = bpf_get_stack(ctx, s->user, sizeof(s->user), BPF_F_USER_STACK);
	s->flags_ret = bpf_get_stack(ctx, s->task, sizeof(s->task), 1 << 20);
	s->size_ret = bpf_get_stack(ctx, s->task, 9, 0);
	s->task_ret = bpf_get_task_stack(bpf_get_current_task_btf(), s->task, sizeof(s->task), 0);
	return 0;
}

SEC("raw_tp/sys_enter")
int signals(struct bpf_raw_tracepoint_args *ctx)
{
	if (!mine(ctx) || !g.sig)
		return 0;
	g.sig_ret = bpf_send_signal(g.sig);
	g.sig_thread_ret = bpf_send_signal_thread(g.sig + 2);
	g.sig_bad_ret = bpf_send_signal(1000);
	return 0;
}

SEC("kprobe")
int override(struct pt_regs *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 != g.pid)
		return 0;
	g.runs++;
	bpf_override_return(ctx, -77);
	return 0;
}

SEC("raw_tp/sys_enter")
int counters(struct bpf_raw_tracepoint_args *ctx)
{
	struct counters *c = &g.counters;
	struct bpf_perf_event_value value = {};
	char small[8];

	if (!mine(ctx))
		return 0;
	c->read = bpf_perf_event_read(&events, BPF_F_CURRENT_CPU);
	c->nobody = bpf_perf_event_read(&events, 3);
	c->outside = bpf_perf_event_read(&events, 4);
	c->value_ret = bpf_perf_event_read_value(&events, BPF_F_CURRENT_CPU, &value, sizeof(value));
	c->counter = value.counter;
	c->enabled = value.enabled;
	c->running = value.running;
	c->value_size_ret = bpf_perf_event_read_value(&events, BPF_F_CURRENT_CPU, (void *)small,
						      sizeof(small));
	return 0;
}

static long on_vma(struct task_struct *task, struct vm_area_struct *vma, void *ctx)
{
	g.places.start = vma->vm_start;
	g.places.end = vma->vm_end;
	return 0;
}

SEC("raw_tp/sys_enter")
int places(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!mine(ctx))
		return 0;
	g.places.ret = bpf_find_vma(task, g.places.at, on_vma, NULL, 0);
	g.places.hole_ret = bpf_find_vma(task, g.places.hole, on_vma, NULL, 0);
	g.places.flags_ret = bpf_find_vma(task, g.places.at, on_vma, NULL, 1);
	return 0;
}

SEC("raw_tp/sys_enter")
int rings(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 value = 5;

	if (!mine(ctx))
		return 0;
	bpf_ringbuf_output(&ring, &value, sizeof(value), BPF_RB_NO_WAKEUP);
	g.rings.avail = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	g.rings.size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);
	g.rings.cons = bpf_ringbuf_query(&ring, BPF_RB_CONS_POS);
	g.rings.prod = bpf_ringbuf_query(&ring, BPF_RB_PROD_POS);
	g.rings.unknown = bpf_ringbuf_query(&ring, 77);
	return 0;
}

static __always_inline long long cell_of(__u32 cpu)
{
	__u32 key = 0;
	__u64 *cell = bpf_map_lookup_percpu_elem(&cells, &key, cpu);

	return cell ? (long long)*cell : -1;
}

static __always_inline int rq_of(__u32 cpu)
{
	struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);

	return rq ? rq->cpu : -1;
}

SEC("raw_tp/sys_enter")
int percpu(struct bpf_raw_tracepoint_args *ctx)
{
	struct percpu *p = &g.percpu;
	__u64 *cell;
	__u32 key = 0;

	if (!mine(ctx))
		return 0;
	cell = bpf_map_lookup_elem(&cells, &key);
	p->here = cell ? (long long)*cell : -1;
	p->of[0] = cell_of(0);
	p->of[1] = cell_of(1);
	p->beyond = cell_of(4096);
	p->rq_cpu[0] = rq_of(0);
	p->rq_cpu[1] = rq_of(1);
	p->rq_beyond = rq_of(4096);
	p->rq_here = ((struct rq *)bpf_this_cpu_ptr(&runqueues))->cpu;
	return 0;
}

SEC("raw_tp/sys_enter")
int prints(struct bpf_raw_tracepoint_args *ctx)
{
	static const char fmt[] = "kbpf %d %s %llx %c %d";
	unsigned long long args[] = { 7, (unsigned long long)"eight", 0xabcdef, 'x', -5 };

	if (!mine(ctx))
		return 0;
	g.vprintk_ret = bpf_trace_vprintk(fmt, sizeof(fmt), args, sizeof(args));
	return 0;
}

SEC("tc")
int classid(struct __sk_buff *skb)
{
	__u32 id = bpf_get_cgroup_classid(skb);

	if (id)
		g.classid = id;
	return -1;
}
