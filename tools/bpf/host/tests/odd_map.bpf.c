// SPDX-License-Identifier: GPL-2.0
/* A map of a type that there is not. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 250);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} m SEC(".maps");

SEC("xdp")
int count(void *ctx)
{
	int key = 0;

	return bpf_map_lookup_elem(&m, &key) ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
