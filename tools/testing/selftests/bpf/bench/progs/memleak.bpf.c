// SPDX-License-Identifier: GPL-2.0
/* Allocations that were not freed, by stack: probes of malloc and free, and the kernel's own. */
#include "trace.h"

struct block {
	__u64 size, when;
	__s32 stack;
};

union total {
	struct {
		__u64 size : 40;
		__u64 count : 24;
	};
	__u64 bits;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} sizes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, union total);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

const volatile __u64 smallest = 0, biggest = -1;
const volatile __u64 sample_every = 1;
__u64 seen;

static union total initial;

static __fast void total_add(__u64 stack, __u64 size, int sign)
{
	union total *t = bpf_map_lookup_elem(&totals, &stack), step;

	if (!t) {
		bpf_map_update_elem(&totals, &stack, &initial, BPF_NOEXIST);
		t = bpf_map_lookup_elem(&totals, &stack);
		if (!t)
			return;
	}
	step.size = size;
	step.count = 1;
	if (sign > 0)
		__sync_fetch_and_add(&t->bits, step.bits);
	else
		__sync_fetch_and_sub(&t->bits, step.bits);
}

static __fast int alloc_in(__u64 size)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (size < smallest || size > biggest)
		return 0;
	if (sample_every > 1 && __sync_fetch_and_add(&seen, 1) % sample_every)
		return 0;
	bpf_map_update_elem(&sizes, &tid, &size, BPF_ANY);
	return 0;
}

static __fast int alloc_out(void *ctx, __u64 addr, __u64 flags)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *size = bpf_map_lookup_elem(&sizes, &tid);
	struct block b = {};

	if (!size)
		return 0;
	b.size = *size;
	bpf_map_delete_elem(&sizes, &tid);
	if (!addr)
		return 0;
	b.when = bpf_ktime_get_ns();
	b.stack = bpf_get_stackid(ctx, &stacks, flags);
	bpf_map_update_elem(&blocks, &addr, &b, BPF_ANY);
	total_add(b.stack, b.size, 1);
	return 0;
}

static __fast int free_in(__u64 addr)
{
	struct block *b = bpf_map_lookup_elem(&blocks, &addr);

	if (!b)
		return 0;
	total_add(b->stack, b->size, -1);
	bpf_map_delete_elem(&blocks, &addr);
	return 0;
}

SEC("uprobe")
int BPF_KPROBE(malloc_in, size_t size)
{
	return alloc_in(size);
}

SEC("uretprobe")
int BPF_KRETPROBE(malloc_out, void *addr)
{
	return alloc_out(ctx, (__u64)addr, BPF_F_USER_STACK);
}

SEC("uprobe")
int BPF_KPROBE(calloc_in, size_t n, size_t size)
{
	return alloc_in(n * size);
}

SEC("uprobe")
int BPF_KPROBE(free_probe, void *addr)
{
	return free_in((__u64)addr);
}

SEC("tracepoint/kmem/kmalloc")
int kmalloc_tp(struct trace_event_raw_kmalloc *ctx)
{
	__u64 size = ctx->bytes_alloc;

	alloc_in(size);
	return alloc_out(ctx, (__u64)ctx->ptr, 0);
}

SEC("tracepoint/kmem/kfree")
int kfree_tp(struct trace_event_raw_kfree *ctx)
{
	return free_in((__u64)ctx->ptr);
}

char _license[] SEC("license") = "GPL";
