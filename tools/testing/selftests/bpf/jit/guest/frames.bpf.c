// SPDX-License-Identifier: GPL-2.0
/* Programs that note the kernel stack below a helper, called from a subprogram. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define DEPTH	32

__u64 stack[DEPTH];
long bytes;

/* More than one frame: the unwinder has to get from this one to that of its caller. */
static __noinline long inner(void *ctx, long pad)
{
	char room[64];

	__builtin_memset(room, pad, sizeof(room));
	barrier_var(pad);
	bytes = bpf_get_stack(ctx, stack, sizeof(stack), 0);
	return bytes + room[pad & 63];
}

SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	return inner(ctx, 0) > 0;
}

SEC("fentry/bpf_fentry_test1")
int entry(__u64 *ctx)
{
	inner(ctx, 0);
	return 0;
}

SEC("fexit/bpf_fentry_test1")
int leave(__u64 *ctx)
{
	inner(ctx, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
