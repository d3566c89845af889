/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers that look at the context which a trampoline builds. */
#ifndef _KBPF_ATTACH_HELPERS_H
#define _KBPF_ATTACH_HELPERS_H

#include <linux/bpf.h>

u64 bpf_get_func_ip_tracing(__BPF_REGS);

extern const struct bpf_func_proto bpf_get_func_ip_tracing_proto;
extern const struct bpf_func_proto bpf_get_func_arg_proto;
extern const struct bpf_func_proto bpf_get_func_arg_cnt_proto;
extern const struct bpf_func_proto bpf_get_func_ret_proto;

/* Does a program call a helper that wants to know how many arguments there are? */
bool bpf_prog_calls_arg_helper(const struct bpf_prog *prog);

#endif /* _KBPF_ATTACH_HELPERS_H */
