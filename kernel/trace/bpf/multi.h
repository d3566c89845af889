/* SPDX-License-Identifier: GPL-2.0 */
/* Links to many probes at once: what their helpers see. */
#ifndef _KBPF_TRACE_MULTI_H
#define _KBPF_TRACE_MULTI_H

#include <linux/bpf.h>

/**
 * struct bpf_multi_run_ctx - run of a program by a link to many probes
 * @run: first, as for other probes; holds the probe's cookie
 * @func_ip: address that was probed; of the function also when it returns
 * @data: for a session: eight bytes that entry and return share
 * @is_return: the function returns
 */
struct bpf_multi_run_ctx {
	struct bpf_trace_run_ctx run;
	unsigned long func_ip;
	u64 *data;
	bool is_return;
};

/* Of the current run, of a program that was loaded for such a link. */
static inline const struct bpf_multi_run_ctx *bpf_multi_current(void)
{
	return container_of(current->bpf_ctx, struct bpf_multi_run_ctx, run.run_ctx);
}

/* Gets @cnt u64 from user space, to be freed with kvfree(), or ERR_PTR. */
u64 *bpf_multi_get(u64 from, u32 cnt);

/* Most probes of one link. */
#define BPF_MULTI_MAX	0x100000U

#endif /* _KBPF_TRACE_MULTI_H */
