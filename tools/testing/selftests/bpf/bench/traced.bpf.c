// SPDX-License-Identifier: GPL-2.0
/*
 * What one process has from the slab allocator, by the kernel's own trace points: the same measure
 * for any kernel that runs programs. Frees count whoever does them.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 20);
	__type(key, __u64);
	__type(value, __u64);
} live SEC(".maps");

/* Set by user space: the process, 0: allocations do not count. */
__u32 pid;
/* Bytes now, and at most; allocations that found no room in the map. */
__s64 held, peak;
__u64 lost;

SEC("raw_tp/kmalloc")
int on_kmalloc(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 ptr = ctx->args[1], size = ctx->args[3];

	if (!pid || bpf_get_current_pid_tgid() >> 32 != pid || !ptr)
		return 0;
	if (bpf_map_update_elem(&live, &ptr, &size, BPF_ANY)) {
		lost++;
		return 0;
	}
	held += size;
	if (held > peak)
		peak = held;
	return 0;
}

SEC("raw_tp/kfree")
int on_kfree(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 ptr = ctx->args[1], *size;

	size = bpf_map_lookup_elem(&live, &ptr);
	if (!size)
		return 0;
	if (pid)
		held -= *size;
	bpf_map_delete_elem(&live, &ptr);
	return 0;
}

char _license[] SEC("license") = "GPL";
