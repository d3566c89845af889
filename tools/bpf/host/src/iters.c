// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators that files of the base offer which are not here: programs for them are checked as they
 * are in the kernel, and nothing can be walked.
 */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>

/* How the context of each begins. */
struct iter_context {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(void *, what);
};

static int nothing_to_walk(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
			   struct bpf_iter_aux_info *aux)
{
	return -EOPNOTSUPP;
}

static const struct bpf_func_proto *sockopt_proto(enum bpf_func_id func_id,
						  const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_setsockopt:
		return &bpf_sk_setsockopt_proto;
	case BPF_FUNC_getsockopt:
		return &bpf_sk_getsockopt_proto;
	default:
		return NULL;
	}
}

#define ITER(name, type, ...)						\
	{								\
		.target = name,						\
		.attach_target = nothing_to_walk,			\
		.ctx_arg_info_size = 1,					\
		.ctx_arg_info = { { offsetof(struct iter_context, what), type } }, \
		__VA_ARGS__						\
	}

static struct bpf_iter_reg iters[] = {
	ITER("tcp", PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED, .get_func_proto = sockopt_proto),
	ITER("udp", PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED),
	ITER("unix", PTR_TO_BTF_ID_OR_NULL, .get_func_proto = sockopt_proto),
	ITER("netlink", PTR_TO_BTF_ID_OR_NULL),
	ITER("ipv6_route", PTR_TO_BTF_ID_OR_NULL),
	ITER("ksym", PTR_TO_BTF_ID_OR_NULL, .feature = BPF_ITER_RESCHED),
};

BTF_ID_LIST(iter_ids)
BTF_ID(struct, netlink_sock)
BTF_ID(struct, fib6_info)
BTF_ID(struct, kallsym_iter)

static int __init iters_init(void)
{
	u32 i;

	for (i = 0; i < 3; i++)
		iters[i + 3].ctx_arg_info[0].btf_id = iter_ids[i];
	iters[0].ctx_arg_info[0].btf_id = btf_sock_ids[BTF_SOCK_TYPE_SOCK_COMMON];
	iters[1].ctx_arg_info[0].btf_id = btf_sock_ids[BTF_SOCK_TYPE_UDP];
	iters[2].ctx_arg_info[0].btf_id = btf_sock_ids[BTF_SOCK_TYPE_UNIX];
	for (i = 0; i < ARRAY_SIZE(iters); i++)
		bpf_iter_reg_target(&iters[i]);
	return 0;
}

late_initcall(iters_init);
