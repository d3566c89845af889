// SPDX-License-Identifier: GPL-2.0
/*
 * Twin of jit_kernel.c for a process. Not built into the kernel.
 *
 * Images are written through /proc/self/mem, so that their pages are never
 * writable. Faults of probing loads arrive as signals; who owns the signal
 * handler asks jit_user_fault().
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "jit_user.h"

static struct jit_env env;

static void __attribute__((constructor)) env_init(void)
{
	unsigned int a, b, c, d;

	env.bmi2 = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_BMI2);
	env.movbe = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_MOVBE);
	env.check = true;
	env.stack_align = 16;
	env.rules = JIT_ALL_RULES;
}

/**
 * jit_user_env - the machine that images are for
 *
 * Context: May be changed while nothing is compiled; .rules = 0 is the simple
 * one-to-one mode.
 * Return: The description.
 */
struct jit_env *jit_user_env(void)
{
	return &env;
}

const struct jit_env *jit_env_get(void)
{
	return &env;
}

/* One entry; absolute addresses. */
struct user_ex {
	u64 insn;
	u64 fixup;
	u64 reg;
};

u32 jit_ex_size(void)
{
	return sizeof(struct user_ex);
}

int jit_ex_entry(struct exception_table_entry *ex, u64 ex_addr, u64 insn, u64 fixup, u8 reg)
{
	struct user_ex entry = { .insn = insn, .fixup = fixup, .reg = reg };

	memcpy(ex, &entry, sizeof(entry));
	return 0;
}

static const int user_greg[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

/**
 * jit_user_fault - a signal came: was it a probing load?
 * @ucontext: third argument of the signal handler
 *
 * Context: Signal handler.
 * Return: True when the destination was set to 0 and execution may go on.
 */
bool jit_user_fault(void *ucontext)
{
	ucontext_t *uc = ucontext;
	greg_t *gregs = uc->uc_mcontext.gregs;
	const struct bpf_prog *prog = bpf_prog_find_by_addr(gregs[REG_RIP]);
	const struct user_ex *ex;
	u32 i;

	if (!prog || !prog->aux->extable)
		return false;
	ex = (const struct user_ex *)prog->aux->extable;
	for (i = 0; i < prog->aux->num_exentries; i++) {
		if (ex[i].insn != (u64)gregs[REG_RIP])
			continue;
		if (ex[i].reg != X86_NOREG)
			gregs[user_greg[ex[i].reg]] = 0;
		gregs[REG_RIP] = ex[i].fixup;
		return true;
	}
	return false;
}

/* Writes past the protection of the mapping, as a debugger does. */
static int poke(void *dst, const void *src, size_t len)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ssize_t done = 0;

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

int bpf_arch_text_copy(void *dst, const void *src, size_t len)
{
	return poke(dst, src, len);
}

int bpf_arch_text_invalidate(void *dst, size_t len)
{
	void *traps = malloc(len);
	int err;

	if (!traps)
		return -ENOMEM;
	memset(traps, 0xcc, len);
	err = poke(dst, traps, len);
	free(traps);
	return err;
}

void bpf_arch_fill_hole(void *area, size_t len)
{
	memset(area, 0xcc, len);
}
