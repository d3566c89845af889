/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of iterators: a line an object, a last one at the end. */
#ifndef _ITER_H
#define _ITER_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define SAY(ctx, fmt, args...)	BPF_SEQ_PRINTF((ctx)->meta->seq, fmt "\n", ##args)

char _license[] SEC("license") = "GPL";

#endif
