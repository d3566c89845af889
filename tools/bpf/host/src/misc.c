// SPDX-License-Identifier: GPL-2.0
/* Time, random numbers, messages, warnings, and what the process has none of. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/cpuhotplug.h>
#include <linux/error-injection.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/ratelimit.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <host/os.h>
#include "host.h"
#include "btf/btf.h"

unsigned long volatile jiffies;
bool static_key_initialized = true;
int overflowuid = 65534, overflowgid = 65534;
static long warnings;

u64 sched_clock(void)
{
	return os_clock(OS_MONOTONIC);
}

ktime_t ktime_get(void)
{
	return os_clock(OS_MONOTONIC);
}

ktime_t ktime_get_with_offset(enum tk_offsets offs)
{
	switch (offs) {
	case TK_OFFS_REAL:
		return os_clock(OS_REAL);
	case TK_OFFS_BOOT:
		return os_clock(OS_BOOT);
	default:
		return os_clock(OS_TAI);
	}
}

u64 ktime_get_mono_fast_ns(void)
{
	return os_clock(OS_MONOTONIC);
}

u64 ktime_get_boot_fast_ns(void)
{
	return os_clock(OS_BOOT);
}

u64 ktime_get_tai_fast_ns(void)
{
	return os_clock(OS_TAI);
}

u64 ktime_get_real_fast_ns(void)
{
	return os_clock(OS_REAL);
}

void ktime_get_coarse_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(os_clock(OS_COARSE));
}

struct timespec64 ns_to_timespec64(s64 nsec)
{
	return (struct timespec64) { .tv_sec = nsec / NSEC_PER_SEC,
				     .tv_nsec = nsec % NSEC_PER_SEC };
}

clock_t jiffies_to_clock_t(unsigned long x)
{
	return x * (USER_HZ / 50) / (HZ / 50);
}

/* ------------------------------------------------------------------ random numbers */

void get_random_bytes(void *buf, size_t len)
{
	os_random(buf, len);
}

u32 get_random_u32(void)
{
	u32 x;

	os_random(&x, sizeof(x));
	return x;
}

u64 get_random_u64(void)
{
	u64 x;

	os_random(&x, sizeof(x));
	return x;
}

u32 __get_random_u32_below(u32 ceil)
{
	return (u64)get_random_u32() * ceil >> 32;
}

int execute_with_initialized_rng(struct notifier_block *nb)
{
	return 0;
}

/* ------------------------------------------------------------------ messages */

int _printk(const char *fmt, ...)
{
	char buf[1024];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	os_log(printk_skip_level(buf));
	return len;
}

void __warn_printk(const char *fmt, ...)
{
	char buf[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	os_log(buf);
}

int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	return 1;
}

static void complain(const char *what, const char *file, int line)
{
	char buf[256];

	scnprintf(buf, sizeof(buf), "%s at %s:%d\n", what, file, line);
	os_log(buf);
}

void host_warn(const char *file, int line)
{
	__atomic_fetch_add(&warnings, 1, __ATOMIC_RELAXED);
	complain("kbpf: warning", file, line);
	if (os_env("KBPF_WARN_ABORT"))
		os_abort();
}

void host_bug(const char *file, int line)
{
	complain("kbpf: bug", file, line);
	os_abort();
}

long host_warnings(void);
long host_warnings(void)
{
	return __atomic_load_n(&warnings, __ATOMIC_RELAXED);
}

/* ------------------------------------------------------------------ what is not there */

struct host_kfunc {
	const char *name;
	unsigned long addr;
};

extern const struct host_kfunc __start_host_kfuncs[] __weak, __stop_host_kfuncs[] __weak;

/* What stands for a function of the kernel that is none of ours. */
static void not_here(void)
{
	host_bug("a function of the kernel", 0);
}

/* Of these each has a result that may be replaced. */
static void not_here_syscall(void)
{
	host_bug("a system call of the kernel", 0);
}

bool within_error_injection_list(unsigned long addr)
{
	return addr == (unsigned long)not_here_syscall;
}

/*
 * The functions that programs may call are ours. Any other that the types know has an address too,
 * or programs that attach to it could not be verified; nothing can be attached, so nothing goes
 * there.
 */
unsigned long kallsyms_lookup_name(const char *name)
{
	struct btf *btf = bpf_get_btf_vmlinux();
	const struct host_kfunc *k;

	for (k = __start_host_kfuncs; k < __stop_host_kfuncs; k++) {
		if (k->addr && !strcmp(k->name, name))
			return k->addr;
	}
	if (IS_ERR_OR_NULL(btf))
		return 0;
	if (btf_find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0 ||
	    btf_find_by_name_kind(btf, name, BTF_KIND_VAR) > 0)
		return strncmp(name, "__x64_sys_", 10) ? (unsigned long)not_here :
		       (unsigned long)not_here_syscall;
	return 0;
}

bool kallsyms_show_value(const struct cred *cred)
{
	return true;
}

int sprint_symbol(char *buffer, unsigned long address)
{
	return sprintf(buffer, "0x%lx", address);
}

int sprint_symbol_build_id(char *buffer, unsigned long address)
{
	return sprint_symbol(buffer, address);
}

int sprint_symbol_no_offset(char *buffer, unsigned long address)
{
	return sprint_symbol(buffer, address);
}

int sprint_backtrace(char *buffer, unsigned long address)
{
	return sprint_symbol(buffer, address);
}

int sprint_backtrace_build_id(char *buffer, unsigned long address)
{
	return sprint_symbol(buffer, address);
}

struct kobject *kernel_kobj;

/* No sysfs: the callers do without. */
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	return NULL;
}

void __init_waitqueue_head(struct wait_queue_head *wq, const char *name, struct lock_class_key *key)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}

/* Nobody sleeps; host_update_ready() tells pollers. */
int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	return 0;
}

void cpus_read_lock(void)
{
}

void cpus_read_unlock(void)
{
}

int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke,
			int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
			bool multi_instance)
{
	return 0;
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	return -EOPNOTSUPP;
}

unsigned long __usecs_to_jiffies(const unsigned int u)
{
	return DIV_ROUND_UP((u64)u * HZ, USEC_PER_SEC);
}
