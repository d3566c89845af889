// SPDX-License-Identifier: GPL-2.0
/* A kernel pointer is followed as in ordinary C. */
// EXPECT: R1 invalid mem access 'scalar'
// EXPECT: reason: SCALAR_AS_PTR
// EXPECT: was read from the context by insn
// EXPECT: hint: Addresses of the kernel or of user space are not followed directly: copy with bpf_probe_read_kernel()
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct file_head {
	long mode;
	unsigned int flags;
};

SEC("raw_tp/sched_switch")
int probe(struct bpf_raw_tracepoint_args *ctx)
{
	struct file_head *file = (void *)ctx->args[1];

	return file->flags;
}

char LICENSE[] SEC("license") = "GPL";
