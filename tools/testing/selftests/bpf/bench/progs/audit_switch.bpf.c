// SPDX-License-Identifier: GPL-2.0
/* An auditor in one function: a switch with 320 cases, each with its own checks of arguments. */
#include "trace.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__type(key, __u32);
	__type(value, __u64[4]);
} counts SEC(".maps");

#define C1(n)	case n:								\
		if ((a0 >> ((n) % 31)) & 1)					\
			weight += a1 % ((n) + 3);					\
		else if (a2 > (n) * 4096UL && a2 < ((n) + 64) * 4096UL)		\
			weight ^= a2 >> 12;					\
		else								\
			weight -= (n);						\
		slot = weight & 3;						\
		break;
#define C4(n)	C1(n) C1(n + 1) C1(n + 2) C1(n + 3)
#define C16(n)	C4(n) C4(n + 4) C4(n + 8) C4(n + 12)
#define C64(n)	C16(n) C16(n + 16) C16(n + 32) C16(n + 48)

SEC("raw_tracepoint/sys_enter")
int on_call(struct raw_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u64 a0 = PT_REGS_PARM1_CORE_SYSCALL(regs), a1 = PT_REGS_PARM2_CORE_SYSCALL(regs);
	__u64 a2 = PT_REGS_PARM3_CORE_SYSCALL(regs);
	__u64 weight = bpf_ktime_get_ns() & 0xff, *n;
	__u32 key = ctx->args[1], slot = 0;

	switch (ctx->args[1]) {
	C64(0) C64(64) C64(128) C64(192) C64(256)
	}
	n = bpf_map_lookup_elem(&counts, &key);
	if (n)
		__sync_fetch_and_add(&n[slot & 3], 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
