// SPDX-License-Identifier: GPL-2.0
/* Reads a piece of the kernel's text. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "dispatch.h"

struct piece piece;

SEC("raw_tp/sched_switch")
int peek(void *ctx)
{
	return bpf_probe_read_kernel(piece.text, sizeof(piece.text), (void *)piece.from);
}

char _license[] SEC("license") = "GPL";
