// SPDX-License-Identifier: GPL-2.0
/* Drains a user ring buffer whenever it is run; sums up what it finds. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct sample {
	__u64 value;
	__u32 stop;
};

__u64 sum, seen, bytes;
__u32 nested;
long result, inner_result;
__u64 flags;

static long count(struct bpf_dynptr *ptr, void *ctx)
{
	return 0;
}

static long add(struct bpf_dynptr *ptr, void *ctx)
{
	struct sample s = {};

	if (bpf_dynptr_read(&s, sizeof(s), ptr, 0, 0))
		return 1;
	sum += s.value;
	seen++;
	if (nested)
		inner_result = bpf_user_ringbuf_drain(&ring, count, NULL, 0);
	return s.stop != 0;
}

SEC("socket")
int drain(struct __sk_buff *skb)
{
	result = bpf_user_ringbuf_drain(&ring, add, NULL, flags);
	return 0;
}

char _license[] SEC("license") = "GPL";
