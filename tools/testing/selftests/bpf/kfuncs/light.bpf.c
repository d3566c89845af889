// SPDX-License-Identifier: GPL-2.0
/* Loaded by a loader that is a program itself. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

const volatile int factor = 3;
int calls = 40;

struct call {
	__s64 in[2];
	__s64 out[6];
};

SEC("syscall")
int multiply(struct call *c)
{
	__u32 zero = 0;
	__u64 val = c->in[0] * factor;

	calls++;
	bpf_map_update_elem(&results, &zero, &val, 0);
	c->out[0] = val;
	c->out[1] = bpf_get_current_pid_tgid() >> 32;
	return calls;
}
