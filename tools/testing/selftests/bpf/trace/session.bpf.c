// SPDX-License-Identifier: GPL-2.0
/* Sessions: one program at a function's entry and return, with eight bytes to hand over. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

extern bool bpf_session_is_return(void) __ksym;
extern __u64 *bpf_session_cookie(void) __ksym;

__u64 entries, returns, rets, bad_cookie, not_zero, skip_ip, cookies;
__u64 sleep_hits, sleep_read;
char sleep_text[16];
const char *user_ptr;

SEC("fentry/bpf_fentry_test1")
int session_trigger(void *ctx)
{
	return 0;
}

/* Wants no return of the function at skip_ip. */
SEC("kprobe.multi")
int session(struct pt_regs *ctx)
{
	__u64 *cookie = bpf_session_cookie(), ip = bpf_get_func_ip(ctx);

	cookies += bpf_get_attach_cookie(ctx);
	if (bpf_session_is_return()) {
		returns++;
		rets += (__u32)PT_REGS_RC(ctx);
		if (*cookie != ip)
			bad_cookie++;
		return 0;
	}
	entries++;
	if (*cookie)
		not_zero++;
	*cookie = ip;
	return ip == skip_ip;
}

SEC("kprobe.multi")
int session_bad_result(struct pt_regs *ctx)
{
	return 2;
}

/* Not one: it may not ask. */
SEC("kprobe.multi")
int no_session(struct pt_regs *ctx)
{
	return bpf_session_is_return();
}

SEC("uprobe.s")
int on_user_sleep(struct pt_regs *ctx)
{
	sleep_hits++;
	sleep_read = bpf_copy_from_user(sleep_text, sizeof(sleep_text), user_ptr);
	return 0;
}

/* One that is long at a probe, and one behind it in the same array. */
volatile __u64 inside, go, next_hits;

static long look(__u32 i, void *ctx)
{
	return go != 0;
}

static long look_long(__u32 i, void *ctx)
{
	bpf_loop(1 << 20, look, NULL, 0);
	return go != 0;
}

SEC("uprobe.s")
int on_user_wait(struct pt_regs *ctx)
{
	inside++;
	bpf_loop(64, look_long, NULL, 0);
	return 1;
}

SEC("uprobe")
int on_user_next(struct pt_regs *ctx)
{
	next_hits++;
	return 1;
}
