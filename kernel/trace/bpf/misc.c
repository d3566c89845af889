// SPDX-License-Identifier: GPL-2.0
/* Tracing helpers that act on the traced function or on the current task. */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/error-injection.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_KERNEL_IBT
#include <asm/ibt.h>
#endif

#include "exec/inline.h"
#include "maps/array.h"
#include "protos.h"

#ifdef CONFIG_BPF_KPROBE_OVERRIDE
BPF_CALL_2(bpf_override_return, struct pt_regs *, regs, unsigned long, rc)
{
	regs_set_return_value(regs, rc);
	override_function_with_return(regs);
	return 0;
}

const struct bpf_func_proto bpf_override_return_proto = {
	.func = bpf_override_return,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_ANYTHING,
};
#endif

/* ------------------------------------------------------------------ the probe */

static const struct bpf_trace_run_ctx *trace_run_ctx(void)
{
	return container_of(current->bpf_ctx, struct bpf_trace_run_ctx, run_ctx);
}

#ifdef CONFIG_KPROBES
/* A probe at the entry of a function that begins with an ENDBR stands behind that. */
static unsigned long probed_func(const struct kprobe *kp)
{
	unsigned long addr = (unsigned long)kp->addr;
	u32 __maybe_unused insn;

	/* inside a function there is no address of its entry at hand */
	if (!(kp->flags & KPROBE_FLAG_ON_FUNC_ENTRY))
		return 0;
#ifdef CONFIG_X86_KERNEL_IBT
	if (!get_kernel_nofault(insn, (u32 *)(addr - ENDBR_INSN_SIZE)) && is_endbr(insn))
		addr -= ENDBR_INSN_SIZE;
#endif
	return addr;
}
#endif

BPF_CALL_1(bpf_get_func_ip_kprobe, struct pt_regs *, regs)
{
#ifdef CONFIG_KPROBES
	struct kprobe *kp;

	/* a user-space probe sits at the address that it was hit at */
	if (trace_run_ctx()->is_uprobe)
		return instruction_pointer(regs);
	kp = kprobe_running();
	return kp ? probed_func(kp) : 0;
#else
	return 0;
#endif
}

const struct bpf_func_proto bpf_get_func_ip_kprobe_proto = {
	.func = bpf_get_func_ip_kprobe,
	.name = "bpf_get_func_ip",
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
};

BPF_CALL_1(bpf_get_attach_cookie_trace, void *, ctx)
{
	return trace_run_ctx()->bpf_cookie;
}

const struct bpf_func_proto bpf_get_attach_cookie_trace_proto = {
	.func = bpf_get_attach_cookie_trace,
	.name = "bpf_get_attach_cookie",
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
};

BPF_CALL_1(bpf_get_attach_cookie_pe, struct bpf_perf_event_data_kern *, ctx)
{
	return ctx->event->bpf_cookie;
}

const struct bpf_func_proto bpf_get_attach_cookie_pe_proto = {
	.func = bpf_get_attach_cookie_pe,
	.name = "bpf_get_attach_cookie",
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
};

/* ------------------------------------------------------------------ signals */

/* A signal that waits until interrupts are possible again; one at a time a CPU. */
struct signal_work {
	struct irq_work work;
	struct task_struct *task;
	u32 sig;
	enum pid_type type;
};

static DEFINE_PER_CPU(struct signal_work, signal_works);

static void signal_work_run(struct irq_work *work)
{
	struct signal_work *w = container_of(work, struct signal_work, work);

	group_send_sig_info(w->sig, SEND_SIG_PRIV, w->task, w->type);
	put_task_struct(w->task);
}

static long send_signal(u32 sig, enum pid_type type)
{
	struct signal_work *w;

	/* kernel threads, exiting tasks and the first process have no use for it */
	if (unlikely(current->flags & (PF_KTHREAD | PF_EXITING) || is_global_init(current)))
		return -EPERM;
	if (unlikely(!nmi_uaccess_okay()))
		return -EPERM;
	if (!irqs_disabled())
		return group_send_sig_info(sig, SEND_SIG_PRIV, current, type);

	/* where interrupts are off the task's signal lock may be held */
	if (unlikely(!valid_signal(sig)))
		return -EINVAL;
	w = this_cpu_ptr(&signal_works);
	if (irq_work_is_busy(&w->work))
		return -EBUSY;
	w->task = get_task_struct(current);
	w->sig = sig;
	w->type = type;
	/* an NMI may have come in between, and left its own there */
	if (!irq_work_queue(&w->work)) {
		put_task_struct(current);
		return -EBUSY;
	}
	return 0;
}

static int __init signal_works_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		init_irq_work(&per_cpu(signal_works, cpu).work, signal_work_run);
	return 0;
}
subsys_initcall(signal_works_init);

BPF_CALL_1(bpf_send_signal, u32, sig)
{
	return send_signal(sig, PIDTYPE_TGID);
}

BPF_CALL_1(bpf_send_signal_thread, u32, sig)
{
	return send_signal(sig, PIDTYPE_PID);
}

const struct bpf_func_proto bpf_send_signal_proto = {
	.func = bpf_send_signal,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
};

const struct bpf_func_proto bpf_send_signal_thread_proto = {
	.func = bpf_send_signal_thread,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_ANYTHING,
};

/* ------------------------------------------------------------------ the current task */

BPF_CALL_2(bpf_current_task_under_cgroup, struct bpf_map *, map, u32, index)
{
#ifdef CONFIG_CGROUPS
	struct cgroup *cgrp;

	if (unlikely(index >= map->max_entries))
		return -E2BIG;
	cgrp = READ_ONCE(to_bpf_array(map)->slots[index]);
	if (unlikely(!cgrp))
		return -EAGAIN;
	return task_under_cgroup_hierarchy(current, cgrp);
#else
	return -EOPNOTSUPP;
#endif
}

const struct bpf_func_proto bpf_current_task_under_cgroup_proto = {
	.func = bpf_current_task_under_cgroup,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_0(bpf_get_current_task_btf)
{
	return (unsigned long)current;
}

const struct bpf_func_proto bpf_get_current_task_btf_proto = {
	.func = bpf_get_current_task_btf,
	.gpl_only = true,
	.ret_type = RET_PTR_TO_BTF_ID_TRUSTED,
	.ret_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
};

BTF_ID_LIST_SINGLE(pt_regs_ids, struct, pt_regs)

BPF_CALL_1(bpf_task_pt_regs, struct task_struct *, task)
{
	return (unsigned long)task_pt_regs(task);
}

const struct bpf_func_proto bpf_task_pt_regs_proto = {
	.func = bpf_task_pt_regs,
	.gpl_only = true,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
	.ret_type = RET_PTR_TO_BTF_ID,
	.ret_btf_id = &pt_regs_ids[0],
};

static int __init trace_inlines(void)
{
	bpf_inline_register(bpf_get_current_task_btf_proto.func, BPF_INLINE_PERCPU_U64,
			    BPF_INLINE_VAR_CURRENT);
	return 0;
}
core_initcall(trace_inlines);
