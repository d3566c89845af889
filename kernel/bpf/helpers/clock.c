// SPDX-License-Identifier: GPL-2.0
/* Helpers that tell the time; safe in NMI. */
#include <linux/bpf.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include "exec/inline.h"
#include "helpers/base.h"

BPF_CALL_0(bpf_ktime_get_ns)
{
	return ktime_get_mono_fast_ns();
}

const struct bpf_func_proto bpf_ktime_get_ns_proto = {
	.func = bpf_ktime_get_ns,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_ktime_get_boot_ns)
{
	return ktime_get_boot_fast_ns();
}

const struct bpf_func_proto bpf_ktime_get_boot_ns_proto = {
	.func = bpf_ktime_get_boot_ns,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_ktime_get_coarse_ns)
{
	return ktime_get_coarse_ns();
}

const struct bpf_func_proto bpf_ktime_get_coarse_ns_proto = {
	.func = bpf_ktime_get_coarse_ns,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_ktime_get_tai_ns)
{
	return ktime_get_tai_fast_ns();
}

const struct bpf_func_proto bpf_ktime_get_tai_ns_proto = {
	.func = bpf_ktime_get_tai_ns,
	.ret_type = RET_INTEGER,
};

BPF_CALL_0(bpf_jiffies64)
{
	return get_jiffies_64();
}

const struct bpf_func_proto bpf_jiffies64_proto = {
	.func = bpf_jiffies64,
	.ret_type = RET_INTEGER,
};

static int __init clock_inlines(void)
{
	bpf_inline_register(bpf_jiffies64_proto.func, BPF_INLINE_U64, BPF_INLINE_VAR_JIFFIES);
	bpf_inline_register_alias(bpf_ktime_get_ns_proto.func, ktime_get_mono_fast_ns);
	bpf_inline_register_alias(bpf_ktime_get_boot_ns_proto.func, ktime_get_boot_fast_ns);
	bpf_inline_register_alias(bpf_ktime_get_tai_ns_proto.func, ktime_get_tai_fast_ns);
	return 0;
}
core_initcall(clock_inlines);
