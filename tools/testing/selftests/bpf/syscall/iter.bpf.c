// SPDX-License-Identifier: GPL-2.0
/* A program for the link of an iterator. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

SEC("iter/bpf_map")
int none(struct bpf_iter__bpf_map *ctx)
{
	return 0;
}
