// SPDX-License-Identifier: GPL-2.0
/*
 * Links to many probes at once: program type row, helpers and kernel functions of their programs,
 * arrays from and to user space.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "helpers/helpers.h"
#include "multi.h"
#include "protos.h"
#include "trace_bpf.h"

u64 *bpf_multi_get(u64 from, u32 cnt)
{
	return vmemdup_array_user(u64_to_user_ptr(from), cnt, sizeof(u64));
}

/* ------------------------------------------------------------------ helpers */

BPF_CALL_1(bpf_get_func_ip_multi, struct pt_regs *, regs)
{
	return bpf_multi_current()->func_ip;
}

static const struct bpf_func_proto bpf_get_func_ip_multi_proto = {
	.func = bpf_get_func_ip_multi,
	.name = "bpf_get_func_ip",
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
};

static const struct bpf_helper_row multi_rows[] = {
	{ BPF_FUNC_get_func_ip, &bpf_get_func_ip_multi_proto },
};

BPF_HELPER_SET(bpf_multi_helpers, multi_rows);

/* ------------------------------------------------------------------ sessions */

__bpf_kfunc_start_defs();

__bpf_kfunc bool bpf_session_is_return(void)
{
	return bpf_multi_current()->is_return;
}

__bpf_kfunc __u64 *bpf_session_cookie(void)
{
	return bpf_multi_current()->data;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(session_ids)
BTF_ID_FLAGS(func, bpf_session_is_return)
BTF_ID_FLAGS(func, bpf_session_cookie)
BTF_KFUNCS_END(session_ids)

static int session_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&session_ids, kfunc_id))
		return 0;
	return prog->expected_attach_type == BPF_TRACE_KPROBE_SESSION ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set session_set = {
	.owner = THIS_MODULE,
	.set = &session_ids,
	.filter = session_filter,
};

static int __init multi_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_KPROBE, &session_set);
}
late_initcall(multi_init);
