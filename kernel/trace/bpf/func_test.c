// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_PROG_TEST_RUN of programs at functions: functions that exist to be attached to are called,
 * with arguments that users' tests expect, and must still compute what they say.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>
#include <linux/uaccess.h>

#include "trace_bpf.h"

__bpf_hook_start();

noinline int bpf_fentry_test1(int a)
{
	return a + 1;
}

noinline int bpf_fentry_test2(int a, u64 b)
{
	return a + b;
}

noinline int bpf_fentry_test3(char a, int b, u64 c)
{
	return a + b + c;
}

noinline int bpf_fentry_test4(void *a, char b, int c, u64 d)
{
	return (long)a + b + c + d;
}

noinline int bpf_fentry_test5(u64 a, void *b, short c, int d, u64 e)
{
	return a + (long)b + c + d + e;
}

noinline int bpf_fentry_test6(u64 a, void *b, short c, int d, void *e, u64 f)
{
	return a + (long)b + c + d + (long)e + f;
}

struct bpf_fentry_test_t {
	struct bpf_fentry_test_t *a;
};

noinline int bpf_fentry_test7(struct bpf_fentry_test_t *arg)
{
	/* the compiler must not know what it returns */
	asm volatile ("" : "+r"(arg));
	return (long)arg;
}

noinline int bpf_fentry_test8(struct bpf_fentry_test_t *arg)
{
	return (long)arg->a;
}

noinline int bpf_modify_return_test(int a, int *b)
{
	*b += 1;
	return a + *b;
}

__bpf_hook_end();

BTF_KFUNCS_START(fmod_ret_ids)
BTF_ID_FLAGS(func, bpf_modify_return_test)
BTF_ID_FLAGS(func, bpf_fentry_test1, KF_SLEEPABLE)
BTF_KFUNCS_END(fmod_ret_ids)

static const struct btf_kfunc_id_set fmod_ret_set = {
	.owner = THIS_MODULE,
	.set = &fmod_ret_ids,
};

static int __init func_test_init(void)
{
	return register_btf_fmodret_id_set(&fmod_ret_set);
}
late_initcall(func_test_init);

static bool call_all(void)
{
	struct bpf_fentry_test_t arg = {};

	return bpf_fentry_test1(1) == 2 &&
	       bpf_fentry_test2(2, 3) == 5 &&
	       bpf_fentry_test3(4, 5, 6) == 15 &&
	       bpf_fentry_test4((void *)7, 8, 9, 10) == 34 &&
	       bpf_fentry_test5(11, (void *)12, 13, 14, 15) == 65 &&
	       bpf_fentry_test6(16, (void *)17, 18, 19, (void *)20, 21) == 111 &&
	       bpf_fentry_test7(NULL) == 0 &&
	       bpf_fentry_test8(&arg) == 0;
}

/**
 * bpf_tracing_test_run - BPF_PROG_TEST_RUN
 * @prog: tracing program, attached or not
 * @kattr: kernel copy of the attributes
 * @uattr: user space's, for retval
 *
 * Context: process context, may sleep.
 * Return: 0; with fmod_ret the result of bpf_modify_return_test(1, &2) is told, in the upper half
 * whether the function itself ran. -EINVAL for other kinds, -EFAULT.
 */
int bpf_tracing_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			 union bpf_attr __user *uattr)
{
	u16 ran = 0, ret = 0;
	int b = 2;

	if (kattr->test.flags || kattr->test.cpu || kattr->test.batch_size)
		return -EINVAL;
	switch (prog->expected_attach_type) {
	case BPF_TRACE_FENTRY:
	case BPF_TRACE_FEXIT:
		if (!call_all())
			return -EFAULT;
		break;
	case BPF_MODIFY_RETURN:
		ret = bpf_modify_return_test(1, &b);
		ran = b != 2;
		break;
	default:
		return -EINVAL;
	}
	return put_user((u32)ran << 16 | ret, &uattr->test.retval);
}
