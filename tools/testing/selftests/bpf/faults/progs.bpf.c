// SPDX-License-Identifier: GPL-2.0
/* One program a hook, and maps of several kinds: what objects.c loads and attaches. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct value {
	struct bpf_spin_lock lock;
	struct bpf_timer timer;
	__u64 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { (void *)&inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

__u64 hits;
const volatile __u64 step = 1;

static __noinline int count(__u64 n)
{
	__sync_fetch_and_add(&hits, n * step);
	return 0;
}

SEC("fentry/bpf_fentry_test1")
int BPF_PROG(on_entry, int a)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 *n = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (n)
		(*n)++;
	return count(1);
}

SEC("fexit/bpf_fentry_test2")
int BPF_PROG(on_exit, int a, __u64 b, int ret)
{
	return count(ret);
}

SEC("fmod_ret/bpf_modify_return_test")
int BPF_PROG(on_result, int a, int *b, int ret)
{
	count(1);
	return ret;
}

SEC("kprobe/bpf_fentry_test3")
int BPF_KPROBE(on_probe, char a)
{
	return count(1);
}

SEC("kretprobe/bpf_fentry_test3")
int BPF_KRETPROBE(on_return, int ret)
{
	return count(ret);
}

SEC("kprobe.multi/bpf_fentry_test*")
int on_many(struct pt_regs *ctx)
{
	return count(1);
}

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int ppid = BPF_CORE_READ(task, real_parent, tgid);

	__u64 *rec = bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);

	if (!rec)
		return 0;
	*rec = ppid;
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_raw(void *ctx)
{
	__u32 key = 0;
	void *map = bpf_map_lookup_elem(&outer, &key);
	__u64 *n = map ? bpf_map_lookup_elem(map, &key) : NULL;

	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	return count(child->pid != parent->pid);
}

SEC("iter/task")
int on_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%d\n", task->pid);
	return 0;
}

static int expired(void *map, __u32 *key, struct value *v)
{
	return count(1);
}

SEC("tc")
int on_packet(struct __sk_buff *skb)
{
	__u32 key = skb->protocol;
	struct value zero = {}, *v;

	bpf_map_update_elem(&values, &key, &zero, BPF_NOEXIST);
	v = bpf_map_lookup_elem(&values, &key);
	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->n++;
	bpf_spin_unlock(&v->lock);
	bpf_timer_init(&v->timer, &values, 1);
	bpf_timer_set_callback(&v->timer, expired);
	bpf_timer_start(&v->timer, 1000, 0);
	return 0;
}

__noinline int verdict(struct xdp_md *ctx)
{
	return ctx->ingress_ifindex == 0xffff ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int on_frame(struct xdp_md *ctx)
{
	count(1);
	return verdict(ctx);
}

SEC("?freplace/verdict")
int new_verdict(struct xdp_md *ctx)
{
	return XDP_PASS;
}
