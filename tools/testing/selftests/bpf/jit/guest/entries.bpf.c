// SPDX-License-Identifier: GPL-2.0
/* Programs of each kind of entry, and one that reads what stands there. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 where, word;

SEC("raw_tp/sched_switch")
int peek(void *ctx)
{
	return bpf_probe_read_kernel(&word, sizeof(word), (void *)where);
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} slots SEC(".maps");

static int add(__u64 i, __u64 *sum)
{
	*sum += i;
	return 0;
}

static __noinline __u64 sum_to(__u32 n)
{
	__u64 sum = 0;

	bpf_loop(n, add, &sum, 0);
	return sum;
}

/* Reached from C, from a tail call, and with functions that are reached by calls and by helpers. */
SEC("xdp")
int packet(struct xdp_md *ctx)
{
	__u64 sum = sum_to(ctx->data_end - ctx->data);

	bpf_tail_call(ctx, &slots, 0);
	return sum & 1;
}

SEC("fentry/bpf_fentry_test1")
int before(void *ctx)
{
	return 0;
}

SEC("fexit/bpf_fentry_test1")
int after(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
