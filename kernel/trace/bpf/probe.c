// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that read and write memory by address. A program's destination never keeps old bytes:
 * what could not be read is zero.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "trace_bpf.h"
#include "protos.h"

static bool read_kernel_allowed(const struct bpf_prog *prog)
{
	return !security_locked_down(LOCKDOWN_BPF_READ_KERNEL);
}

static bool write_user_allowed(const struct bpf_prog *prog)
{
	return !security_locked_down(LOCKDOWN_BPF_WRITE_USER);
}

static __always_inline long read_user(void *dst, u32 size, const void __user *src)
{
	long err = copy_from_user_nofault(dst, src, size);

	if (unlikely(err < 0))
		memset(dst, 0, size);
	return err;
}

static __always_inline long read_kernel(void *dst, u32 size, const void *src)
{
	long err = copy_from_kernel_nofault(dst, src, size);

	if (unlikely(err < 0))
		memset(dst, 0, size);
	return err;
}

/* Bytes with the NUL; what is behind it in @dst is zero, so that equal strings make equal keys. */
static __always_inline long end_str(char *dst, u32 size, long len)
{
	if (unlikely(len < 0)) {
		memset(dst, 0, size);
		return len;
	}
	memset(dst + len, 0, size - len);
	return len;
}

static __always_inline long read_user_str(void *dst, u32 size, const void __user *src)
{
	return size ? end_str(dst, size, strncpy_from_user_nofault(dst, src, size)) : 0;
}

static __always_inline long read_kernel_str(void *dst, u32 size, const void *src)
{
	return size ? end_str(dst, size, strncpy_from_kernel_nofault(dst, src, size)) : 0;
}

BPF_CALL_3(bpf_probe_read_user, void *, dst, u32, size, const void __user *, src)
{
	return read_user(dst, size, src);
}

BPF_CALL_3(bpf_probe_read_user_str, void *, dst, u32, size, const void __user *, src)
{
	return read_user_str(dst, size, src);
}

BPF_CALL_3(bpf_probe_read_kernel, void *, dst, u32, size, const void *, src)
{
	return read_kernel(dst, size, src);
}

BPF_CALL_3(bpf_probe_read_kernel_str, void *, dst, u32, size, const void *, src)
{
	return read_kernel_str(dst, size, src);
}

/* The old helpers guess by the address, which works where the two spaces do not overlap. */
BPF_CALL_3(bpf_probe_read, void *, dst, u32, size, const void *, src)
{
	if ((unsigned long)src < TASK_SIZE)
		return read_user(dst, size, (__force const void __user *)src);
	return read_kernel(dst, size, src);
}

BPF_CALL_3(bpf_probe_read_str, void *, dst, u32, size, const void *, src)
{
	if ((unsigned long)src < TASK_SIZE)
		return read_user_str(dst, size, (__force const void __user *)src);
	return read_kernel_str(dst, size, src);
}

BPF_CALL_3(bpf_probe_write_user, void __user *, dst, const void *, src, u32, size)
{
	/* only where current's memory is current's own, and no kernel thread has borrowed it */
	if (in_interrupt() || current->flags & (PF_KTHREAD | PF_EXITING) ||
	    !nmi_uaccess_okay())
		return -EPERM;
	return copy_to_user_nofault(dst, src, size);
}

#define READ_PROTO(_name, _allowed)				\
const struct bpf_func_proto _name##_proto = {			\
	.func = _name,						\
	.gpl_only = true,					\
	.ret_type = RET_INTEGER,				\
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,			\
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,			\
	.arg3_type = ARG_ANYTHING,				\
	.allowed = _allowed,					\
}

READ_PROTO(bpf_probe_read_user, NULL);
READ_PROTO(bpf_probe_read_user_str, NULL);
READ_PROTO(bpf_probe_read_kernel, read_kernel_allowed);
READ_PROTO(bpf_probe_read_kernel_str, read_kernel_allowed);
READ_PROTO(bpf_probe_read, read_kernel_allowed);
READ_PROTO(bpf_probe_read_str, read_kernel_allowed);

const struct bpf_func_proto bpf_probe_write_user_proto = {
	.func = bpf_probe_write_user,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE,
	.allowed = write_user_allowed,
};
