/* SPDX-License-Identifier: GPL-2.0 */
/* What tracing programs share: kernel types, CO-RE reads, histograms. */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define __fast		inline __attribute__((always_inline))
#define __sub		__attribute__((noinline))

#define SLOTS		27

/* The context of a raw tracepoint. */
struct raw_args {
	__u64 args[6];
};

struct hist {
	__u32 slot[SLOTS];
};

/* floor(log2(V)), 0 for 0 and 1, without a loop. */
static __fast __u32 log2_32(__u32 v)
{
	__u32 r, shift;

	r = (v > 0xffff) << 4;
	v >>= r;
	shift = (v > 0xff) << 3;
	v >>= shift;
	r |= shift;
	shift = (v > 0xf) << 2;
	v >>= shift;
	r |= shift;
	shift = (v > 3) << 1;
	v >>= shift;
	r |= shift;
	return r | v >> 1;
}

static __fast __u32 log2_64(__u64 v)
{
	__u32 high = v >> 32;

	return high ? log2_32(high) + 32 : log2_32(v);
}

static __fast void hist_add(struct hist *h, __u64 value)
{
	__u32 slot = log2_64(value);

	if (slot >= SLOTS)
		slot = SLOTS - 1;
	__sync_fetch_and_add(&h->slot[slot], 1);
}

#endif
