// SPDX-License-Identifier: GPL-2.0
/*
 * Generated code: the processor's features, writing to pages that are never writable, and the
 * signal that a probing load of a bad address raises.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "host/os.h"

void os_cpu_features(int *bmi2, int *movbe)
{
	unsigned int a, b, c, d;

	*bmi2 = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_BMI2);
	*movbe = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_MOVBE);
}

/* Past the protection of the mapping, as a debugger writes. */
int os_poke(void *dst, const void *src, os_size len)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -errno;
	while (len) {
		done = pwrite(fd, src, len, (off_t)(uintptr_t)dst);
		if (done <= 0)
			break;
		dst = (char *)dst + done;
		src = (const char *)src + done;
		len -= done;
	}
	close(fd);
	return len ? -EFAULT : 0;
}

static struct sigaction before;

/* The machine's numbers of registers. */
static const int gregs[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static void on_fault(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	unsigned long next;
	int clear;

	next = host_fault(regs[REG_RIP], &clear);
	if (next) {
		if (clear >= 0)
			regs[gregs[clear]] = 0;
		regs[REG_RIP] = next;
		return;
	}
	/* Not ours: as if this handler were not there. */
	if (before.sa_flags & SA_SIGINFO)
		before.sa_sigaction(sig, info, context);
	else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
		before.sa_handler(sig);
	else
		sigaction(SIGSEGV, &before, NULL);
}

/* Once, when the first code with probing loads is there. */
void os_catch_faults(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault,
				.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK };
	static int done;

	if (!__atomic_exchange_n(&done, 1, __ATOMIC_ACQ_REL))
		sigaction(SIGSEGV, &sa, &before);
}
