// SPDX-License-Identifier: GPL-2.0
/* The call itself, and what happens before the first and after each. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/init.h>
#include <linux/mutex.h>
#include <host/os.h>
#include "host.h"
#include "syscall/cmd.h"

#define LEVELS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define DECLARE(n) \
	extern const initcall_t __start_host_initcall_##n[] __weak; \
	extern const initcall_t __stop_host_initcall_##n[] __weak;
LEVELS(DECLARE)

int sysctl_unprivileged_bpf_disabled = 2;
static DEFINE_MUTEX(init_lock);
static bool initialised;

static void run_initcalls(const initcall_t *from, const initcall_t *to)
{
	for (; from < to; from++)
		(*from)();
}

void radix_tree_init(void);

static void init_once(void)
{
	host_percpu_init();
	host_pages_init();
	radix_tree_init();
	host_net_init();
#define RUN(n) run_initcalls(__start_host_initcall_##n, __stop_host_initcall_##n);
	RUN(0)
	RUN(1)
	RUN(2)
	RUN(3)
	RUN(4)
	host_btf_init();
	RUN(5)
	RUN(6)
	RUN(7)
	if (os_env("KBPF_JIT"))
		bpf_jit_enable = os_env("KBPF_JIT")[0] == '1';
}

static void host_init(void)
{
	if (smp_load_acquire(&initialised))
		return;
	mutex_lock(&init_lock);
	if (!initialised) {
		init_once();
		smp_store_release(&initialised, true);
	}
	mutex_unlock(&init_lock);
}

int host_initialised(void);
int host_initialised(void)
{
	return smp_load_acquire(&initialised);
}

void host_settle(void)
{
	if (!smp_load_acquire(&initialised))
		return;
	host_release_files();
	host_run_timers();
	host_run_later();
	host_update_ready();
}

long host_bpf(int cmd, void *attr, unsigned int size)
{
	long ret;

	host_init();
	host_release_files();
	current->pid = os_tid();
	current->tgid = os_pid();
	ret = bpf_cmd_dispatch(cmd, (union bpf_attr __user *)attr, size);
	host_settle();
	return ret;
}

void host_start(void);
void host_start(void)
{
	host_init();
}

void host_set_jit(int enable, int harden);
void host_set_jit(int enable, int harden)
{
	bpf_jit_enable = enable;
	bpf_jit_harden = harden;
}
