// SPDX-License-Identifier: GPL-2.0
/* A program at an instruction of a function: where it says that the function begins. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 hits, ip;

SEC("kprobe")
int at(void *ctx)
{
	hits++;
	ip = bpf_get_func_ip(ctx);
	return 0;
}

SEC("fentry/bpf_fentry_test1")
int call(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
