// SPDX-License-Identifier: GPL-2.0
/* Programs of links to many probes. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

__u64 hits, cookies, ips, rets, uhits, ucookies, uips;

SEC("fentry/bpf_fentry_test1")
int trigger(void *ctx)
{
	return 0;
}

SEC("kprobe.multi")
int on_entry(struct pt_regs *ctx)
{
	hits++;
	cookies += bpf_get_attach_cookie(ctx);
	ips ^= bpf_get_func_ip(ctx);
	return 0;
}

SEC("kretprobe.multi")
int on_return(struct pt_regs *ctx)
{
	hits++;
	cookies += bpf_get_attach_cookie(ctx);
	ips ^= bpf_get_func_ip(ctx);
	rets += (__u32)PT_REGS_RC(ctx);
	return 0;
}

SEC("kprobe")
int on_user(struct pt_regs *ctx)
{
	uhits++;
	ucookies += bpf_get_attach_cookie(ctx);
	uips ^= bpf_get_func_ip(ctx);
	return 0;
}
