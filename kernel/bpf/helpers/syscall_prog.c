// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of type "syscall": run by BPF_PROG_TEST_RUN alone, in the caller's context, on a buffer
 * of its own, and may call bpf(2). Loaders are such programs.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fdtable.h>
#include <linux/kallsyms.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "btf/btf.h"
#include "helpers/base.h"
#include "prog/prog_type.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"

/* Bytes of a context. */
#define CTX_MAX U16_MAX

/* ------------------------------------------------------------------ helpers */

BPF_CALL_3(bpf_sys_bpf, int, cmd, union bpf_attr *, attr, u32, attr_size)
{
	return bpf_cmd_dispatch_kernel(cmd, attr, attr_size);
}

static const struct bpf_func_proto sys_bpf_proto = {
	.func = bpf_sys_bpf,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE,
};

BPF_CALL_1(bpf_sys_close, u32, fd)
{
	/* The program's caller holds no file by a borrowed reference here. */
	return close_fd(fd);
}

static const struct bpf_func_proto sys_close_proto = {
	.func = bpf_sys_close,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
};

static bool is_string(const char *s, int size)
{
	return size > 1 && !s[size - 1];
}

/* Types of vmlinux need no fd; those of a module come with a new one in the upper half. */
BPF_CALL_4(bpf_btf_find_by_name_kind, char *, name, int, name_sz, u32, kind, int, flags)
{
	struct btf *btf = NULL;
	int id, fd;

	if (flags || !is_string(name, name_sz))
		return -EINVAL;
	id = bpf_find_btf_id(name, kind, &btf);
	if (id <= 0)
		return id ?: -ENOENT;
	if (!btf_is_module(btf)) {
		btf_put(btf);
		return id;
	}
	fd = bpf_fd_new(BPF_FD_BTF, btf, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		btf_put(btf);
		return fd;
	}
	return (u64)fd << 32 | id;
}

static const struct bpf_func_proto btf_find_by_name_kind_proto = {
	.func = bpf_btf_find_by_name_kind,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_4(bpf_kallsyms_lookup_name, const char *, name, int, name_sz, int, flags, u64 *, res)
{
	*res = 0;
	if (flags || !is_string(name, name_sz))
		return -EINVAL;
	if (!kallsyms_show_value(current_cred()))
		return -EPERM;
	*res = kallsyms_lookup_name(name);
	return *res ? 0 : -ENOENT;
}

static const struct bpf_func_proto kallsyms_lookup_name_proto = {
	.func = bpf_kallsyms_lookup_name,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_FIXED_SIZE_MEM | MEM_UNINIT | MEM_WRITE | MEM_ALIGNED,
	.arg_size[3] = sizeof(u64),
};

static const struct bpf_helper_row syscall_rows[] = {
	{ BPF_FUNC_sys_bpf, &sys_bpf_proto, CAP_PERFMON },
	{ BPF_FUNC_btf_find_by_name_kind, &btf_find_by_name_kind_proto, CAP_PERFMON },
	{ BPF_FUNC_sys_close, &sys_close_proto },
	{ BPF_FUNC_kallsyms_lookup_name, &kallsyms_lookup_name_proto },
	{ BPF_FUNC_copy_from_user, &bpf_copy_from_user_proto },
};

BPF_HELPER_SET(bpf_syscall_helpers, syscall_rows);

static const struct bpf_helper_set *const syscall_sets[] = {
	&bpf_syscall_helpers,
	&bpf_base_helpers,
	&bpf_current_helpers,
	&bpf_perfmon_helpers,
#ifdef CONFIG_BPF_EVENTS
	&bpf_trace_helpers,
#endif
	NULL,
};

/* ------------------------------------------------------------------ type */

static int syscall_check_load(const union bpf_attr *attr, struct bpf_prog *prog)
{
	/* what they are for sleeps */
	return prog->sleepable ? 0 : -EINVAL;
}

/* How much there is turns out at each run, which compares it with what the program touches. */
static bool syscall_access(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
			   struct bpf_ctx_result *res)
{
	if (acc->off < 0 || acc->size > CTX_MAX || acc->off > CTX_MAX - acc->size)
		return false;
	return IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) ||
	       !(acc->off % min(acc->size, 8));
}

static void syscall_retval(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	range->any = true;
}

static int syscall_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		       union bpf_attr __user *uattr)
{
	void __user *uctx = u64_to_user_ptr(kattr->test.ctx_in);
	u32 size = kattr->test.ctx_size_in, retval;
	void *ctx = NULL;
	int err = 0;

	if (kattr->test.data_in || kattr->test.data_out || kattr->test.ctx_out ||
	    kattr->test.duration || kattr->test.repeat || kattr->test.flags ||
	    kattr->test.batch_size)
		return -EINVAL;
	if (size < prog->aux->max_ctx_offset || size > CTX_MAX)
		return -EINVAL;
	if (size) {
		ctx = memdup_user(uctx, size);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	rcu_read_lock_trace();
	retval = bpf_prog_run_pin_on_cpu(prog, ctx);
	rcu_read_unlock_trace();
	if (size && copy_to_user(uctx, ctx, size))
		err = -EFAULT;
	if (!err && put_user(retval, &uattr->test.retval))
		err = -EFAULT;
	kfree(ctx);
	return err;
}

const struct bpf_prog_type_info bpf_syscall_type = {
	.type = BPF_PROG_TYPE_SYSCALL,
	.name = "syscall",
	.ctx_kind = BPF_CTX_PLAIN_RW,
	.ctx_size = CTX_MAX,
	.helpers = syscall_sets,
	.can_sleep = true,
	.check_load = syscall_check_load,
	.ctx_result = syscall_access,
	.retval = syscall_retval,
	.test_run = syscall_run,
};
