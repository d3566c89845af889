// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_PROG_TEST_RUN of raw tracepoint programs: arguments from user space, on a CPU of its
 * choice.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/cpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "trace_bpf.h"

#define RAW_TP_ARGS_SIZE (12 * sizeof(u64))

struct raw_tp_run {
	struct bpf_prog *prog;
	void *ctx;
	u32 retval;
};

static void raw_tp_run_one(void *data)
{
	struct bpf_trace_run_ctx run_ctx = {};
	struct raw_tp_run *run = data;
	struct bpf_run_ctx *old;

	rcu_read_lock();
	old = bpf_set_run_ctx(&run_ctx.run_ctx);
	run->retval = bpf_prog_run(run->prog, run->ctx);
	bpf_reset_run_ctx(old);
	rcu_read_unlock();
}

static int raw_tp_run_on(struct raw_tp_run *run, const union bpf_attr *kattr)
{
	u32 cpu = kattr->test.cpu;
	int err;

	if (!(kattr->test.flags & BPF_F_TEST_RUN_ON_CPU)) {
		migrate_disable();
		raw_tp_run_one(run);
		migrate_enable();
		return 0;
	}
	if (cpu >= nr_cpu_ids)
		return -ENXIO;
	cpus_read_lock();
	err = cpu_online(cpu) ? smp_call_function_single(cpu, raw_tp_run_one, run, 1) : -ENXIO;
	cpus_read_unlock();
	return err;
}

/**
 * bpf_raw_tp_test_run - BPF_PROG_TEST_RUN
 * @prog: raw tracepoint program
 * @kattr: kernel copy of the attributes
 * @uattr: user space's, for retval
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL for what does not apply to these programs or arguments fewer than it reads,
 * -ENXIO for a CPU that is not there, -EFAULT, -ENOMEM.
 */
int bpf_raw_tp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			union bpf_attr __user *uattr)
{
	void __user *uctx = u64_to_user_ptr(kattr->test.ctx_in);
	u32 size = kattr->test.ctx_size_in;
	struct raw_tp_run run = { .prog = prog };
	int err;

	if (kattr->test.data_in || kattr->test.data_out || kattr->test.ctx_out ||
	    kattr->test.duration || kattr->test.repeat || kattr->test.batch_size)
		return -EINVAL;
	if (kattr->test.flags & ~BPF_F_TEST_RUN_ON_CPU ||
	    (kattr->test.cpu && !(kattr->test.flags & BPF_F_TEST_RUN_ON_CPU)))
		return -EINVAL;
	if (size < prog->aux->max_ctx_offset || size > RAW_TP_ARGS_SIZE)
		return -EINVAL;
	if (size) {
		run.ctx = memdup_user(uctx, size);
		if (IS_ERR(run.ctx))
			return PTR_ERR(run.ctx);
	}
	err = raw_tp_run_on(&run, kattr);
	if (!err && put_user(run.retval, &uattr->test.retval))
		err = -EFAULT;
	kfree(run.ctx);
	return err;
}
