// SPDX-License-Identifier: GPL-2.0
/*
 * Frame pointers walked by hand: threads of a runtime in an outer loop, frames in an inner one,
 * and a bpf_loop version of the same with its state in a context object.
 */
#include "trace.h"

#define THREADS	8
#define FRAMES	32

struct pcs {
	__u64 count;
	__u64 pc[THREADS][FRAMES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pcs);
} walks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} runtimes SEC(".maps");

struct link {
	__u64 fp;
	__u64 ret;
};

SEC("perf_event")
int nested(struct bpf_perf_event_data *ctx)
{
	__u32 zero = 0, pid = bpf_get_current_pid_tgid() >> 32;
	__u64 *head = bpf_map_lookup_elem(&runtimes, &pid), thread;
	struct pcs *w = bpf_map_lookup_elem(&walks, &zero);

	if (!head || !w)
		return 0;
	w->count = 0;
	thread = *head;
	for (int t = 0; t < THREADS; t++) {
		struct link l = {};
		__u64 fp = 0;

		if (!thread)
			break;
		if (bpf_probe_read_user(&fp, 8, (void *)(thread + 0x38)))
			break;
		for (int i = 0; i < FRAMES; i++) {
			if (!fp || fp & 7 || bpf_probe_read_user(&l, sizeof(l), (void *)fp))
				break;
			w->pc[t][i] = l.ret;
			w->count++;
			if (l.fp <= fp || l.fp - fp > 1 << 20)
				break;
			fp = l.fp;
		}
		if (bpf_probe_read_user(&thread, 8, (void *)(thread + 0x108)))
			break;
	}
	return 0;
}

struct climb {
	struct pcs *w;
	__u64 fp;
	__u32 thread;
};

static long one_frame(__u32 i, struct climb *s)
{
	struct link l;

	if (i >= FRAMES || s->thread >= THREADS)
		return 1;
	if (!s->fp || bpf_probe_read_user(&l, sizeof(l), (void *)s->fp))
		return 1;
	s->w->pc[s->thread][i] = l.ret;
	s->w->count++;
	if (l.fp <= s->fp)
		return 1;
	s->fp = l.fp;
	return 0;
}

SEC("perf_event")
int by_callback(struct bpf_perf_event_data *ctx)
{
	__u32 zero = 0;
	struct pcs *w = bpf_map_lookup_elem(&walks, &zero);
	struct climb s = { .w = w, .fp = PT_REGS_FP(&ctx->regs) };

	if (!w)
		return 0;
	w->count = 0;
	bpf_loop(FRAMES, one_frame, &s, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
