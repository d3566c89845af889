/* SPDX-License-Identifier: GPL-2.0 */
/* BPF_PROG_TEST_RUN: what the test runs of packet programs share. */
#ifndef _NET_BPF_TEST_RUN_H
#define _NET_BPF_TEST_RUN_H

#include <linux/bpf.h>
#include <linux/skbuff.h>

typedef u32 (*test_once_t)(const struct bpf_prog *prog, void *arg);

int test_repeat(const struct bpf_prog *prog, u32 repeat, test_once_t once, void *arg, u32 *retval,
		u32 *duration);
void *test_data_in(const union bpf_attr *kattr, u32 headroom, u32 size);
int test_frags_in(const union bpf_attr *kattr, u32 done, struct skb_shared_info *sinfo);
void *test_ctx_in(const union bpf_attr *kattr, u32 size);
int test_ctx_out(const union bpf_attr *kattr, union bpf_attr __user *uattr, const void *ctx,
		 u32 size);
int test_result(union bpf_attr __user *uattr, u32 size, u32 retval, u32 duration);

/* Bytes of the caller's packet that one page has room for beside @reserved. */
static inline u32 test_linear(const union bpf_attr *kattr, u32 reserved)
{
	return min_t(u32, kattr->test.data_size_in, PAGE_SIZE - reserved);
}

/* Is a range of bytes zero: the fields that a caller may not set. */
static inline bool test_is_zero(const void *buf, size_t from, size_t to)
{
	return !memchr_inv(buf + from, 0, to - from);
}

#endif /* _NET_BPF_TEST_RUN_H */
