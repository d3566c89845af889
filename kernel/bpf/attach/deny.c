// SPDX-License-Identifier: GPL-2.0
/*
 * Functions that programs stay away from.
 *
 * What runs between a trampoline's beginning and the recursion guard of its program must not have
 * a trampoline: it would enter itself without end. And a function that never returns would keep
 * the trampoline that waits for its return for ever.
 */
#include <linux/array_size.h>
#include <linux/bsearch.h>
#include <linux/string.h>

#include "attach/target.h"

/* Sorted. Called by bpf_tramp_enter() and its kin before they count. */
static const char *const denied[] = {
	"__migrate_disable",
	"__migrate_enable",
	"__rcu_read_lock",
	"__rcu_read_unlock",
	"lock_acquire",
	"lock_release",
	"migrate_disable",
	"migrate_enable",
	"preempt_count_add",
	"preempt_count_sub",
	"rcu_lockdep_current_cpu_online",
	"rcu_read_lock_any_held",
	"rcu_read_lock_bh_held",
	"rcu_read_lock_held",
	"rcu_read_lock_sched_held",
	"rcu_read_lock_trace_held",
	"rcu_read_unlock_special",
	"rcu_read_unlock_strict",
	"rcu_read_unlock_trace_special",
};

/* Sorted. */
static const char *const noreturn[] = {
	"__fortify_panic",
	"__ia32_sys_exit",
	"__ia32_sys_exit_group",
	"__module_put_and_kthread_exit",
	"__stack_chk_fail",
	"__x64_sys_exit",
	"__x64_sys_exit_group",
	"cpu_startup_entry",
	"do_exit",
	"do_group_exit",
	"do_task_dead",
	"kthread_complete_and_exit",
	"kthread_exit",
	"make_task_dead",
	"nmi_panic_self_stop",
	"panic",
	"panic_smp_self_stop",
	"rest_init",
	"rewind_stack_and_make_dead",
	"start_kernel",
	"stop_this_cpu",
	"usercopy_abort",
};

static int name_cmp(const void *key, const void *elem)
{
	return strcmp(key, *(const char *const *)elem);
}

static bool listed(const char *const *list, size_t nr, const char *name)
{
	return bsearch(name, list, nr, sizeof(*list), name_cmp);
}

/**
 * bpf_attach_denied - is a kernel function closed to trampolines
 * @name: its name
 *
 * Context: any. Return: true if it is.
 */
bool bpf_attach_denied(const char *name)
{
	return listed(denied, ARRAY_SIZE(denied), name);
}

/**
 * bpf_attach_noreturn - does a kernel function never return
 * @name: its name
 *
 * Context: any. Return: true if it is known not to.
 */
bool bpf_attach_noreturn(const char *name)
{
	return listed(noreturn, ARRAY_SIZE(noreturn), name);
}
