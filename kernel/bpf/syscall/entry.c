// SPDX-License-Identifier: GPL-2.0
/*
 * The system call itself, and the switches below /proc/sys/kernel.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/capability.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/syscalls.h>
#include <linux/sysctl.h>
#include "syscall/cmd.h"

SYSCALL_DEFINE3(bpf, int, cmd, union bpf_attr __user *, uattr, unsigned int, size)
{
	return bpf_cmd_dispatch(cmd, uattr, size);
}

/*
 * 0: anyone may load; 1: CAP_BPF only, until the next boot; 2: CAP_BPF only, until
 * root says else.
 */
int sysctl_unprivileged_bpf_disabled __read_mostly =
	IS_ENABLED(CONFIG_BPF_UNPRIV_DEFAULT_OFF) ? 2 : 0;

/**
 * unpriv_ebpf_notify - the architecture is told that kernel.unprivileged_bpf_disabled was written
 * @new_state: its value
 *
 * Context: process.
 */
void __weak unpriv_ebpf_notify(int new_state)
{
}

#ifdef CONFIG_SYSCTL
static int unpriv_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			  loff_t *ppos)
{
	int value = READ_ONCE(sysctl_unprivileged_bpf_disabled);
	bool locked = value == 1;
	struct ctl_table tmp = *table;
	int err;

	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	tmp.data = &value;
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (locked && value != 1)
		return -EPERM;
	WRITE_ONCE(sysctl_unprivileged_bpf_disabled, value);
	unpriv_ebpf_notify(value);
	return 0;
}

static DEFINE_MUTEX(stats_sysctl_mutex);
static int stats_sysctl;

static int stats_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	struct ctl_table tmp = *table;
	int value, err;

	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	mutex_lock(&stats_sysctl_mutex);
	value = stats_sysctl;
	tmp.data = &value;
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (!err && write && value != stats_sysctl) {
		stats_sysctl = value;
		if (value)
			static_branch_inc(&bpf_stats_enabled_key);
		else
			static_branch_dec(&bpf_stats_enabled_key);
	}
	mutex_unlock(&stats_sysctl_mutex);
	return err;
}

static struct ctl_table bpf_sysctls[] = {
	{
		.procname = "unprivileged_bpf_disabled",
		.data = &sysctl_unprivileged_bpf_disabled,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = unpriv_handler,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_TWO,
	},
	{
		.procname = "bpf_stats_enabled",
		.data = &stats_sysctl,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = stats_handler,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
};

static int __init bpf_sysctl_init(void)
{
	register_sysctl_init("kernel", bpf_sysctls);
	return 0;
}
late_initcall(bpf_sysctl_init);
#endif
