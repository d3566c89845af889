// SPDX-License-Identifier: GPL-2.0
/* A program that counts, at every kind of hook that one system call passes. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

__u64 hits;

static __always_inline int count(void)
{
	__sync_fetch_and_add(&hits, 1);
	return 0;
}

/* With a call of a helper, which costs what protects it. */
static __always_inline int count_call(void)
{
	__sync_fetch_and_add(&hits, bpf_get_current_pid_tgid() != 0);
	return 0;
}

#define AT(_name, _sec)							\
SEC(_sec) int _name(void *ctx) { return count(); }			\
SEC(_sec) int _name##_call(void *ctx) { return count_call(); }

AT(raw_tp, "raw_tp/sys_enter")
AT(tp, "tp/syscalls/sys_enter_getpgid")
AT(kprobe, "kprobe/__x64_sys_getpgid")
AT(kretprobe, "kretprobe/__x64_sys_getpgid")
AT(fentry, "fentry/__x64_sys_getpgid")
AT(fexit, "fexit/__x64_sys_getpgid")
AT(fmod_ret, "fmod_ret/__x64_sys_getpgid")
