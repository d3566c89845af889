// SPDX-License-Identifier: GPL-2.0
/* Twin of arch/x86/net/jit_kernel.c: what the JIT needs of the machine. */
#include <linux/bpf.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <host/os.h>

#include "exec/arch.h"
#include "jit.h"

static struct jit_env jit_env;

static int __init jit_env_setup(void)
{
	int bmi2, movbe;

	os_cpu_features(&bmi2, &movbe);
	jit_env.bmi2 = bmi2;
	jit_env.movbe = movbe;
	jit_env.check = true;
	jit_env.stack_align = 16;
	jit_env.rules = JIT_ALL_RULES;
	if (os_env("KBPF_JIT_RULES") && kstrtoull(os_env("KBPF_JIT_RULES"), 0, &jit_env.rules))
		jit_env.rules = JIT_ALL_RULES;
	return 0;
}
early_initcall(jit_env_setup);

const struct jit_env *jit_env_get(void)
{
	return &jit_env;
}

/* An entry of the exception table, with whole addresses. */
struct host_ex {
	u64 insn;
	u64 fixup;
	u64 reg;
};

u32 jit_ex_size(void)
{
	return sizeof(struct host_ex);
}

int jit_ex_entry(struct exception_table_entry *ex, u64 ex_addr, u64 insn, u64 fixup, u8 reg)
{
	struct host_ex entry = { .insn = insn, .fixup = fixup, .reg = reg };

	memcpy(ex, &entry, sizeof(entry));
	os_catch_faults();
	return 0;
}

/* Where execution goes on after a fault at @ip, and the register that is to be 0; 0: not ours. */
unsigned long host_fault(unsigned long ip, int *clear)
{
	const struct bpf_prog *prog = bpf_prog_find_by_addr(ip);
	const struct host_ex *ex;
	u32 i;

	if (!prog || !prog->aux->extable)
		return 0;
	ex = (const struct host_ex *)prog->aux->extable;
	for (i = 0; i < prog->aux->num_exentries; i++) {
		if (ex[i].insn != ip)
			continue;
		*clear = ex[i].reg == X86_NOREG ? -1 : ex[i].reg;
		return ex[i].fixup;
	}
	return 0;
}

int bpf_arch_text_copy(void *dst, const void *src, size_t len)
{
	return os_poke(dst, src, len);
}

int bpf_arch_text_invalidate(void *dst, size_t len)
{
	void *traps = kmalloc(len, GFP_KERNEL);
	int err;

	if (!traps)
		return -ENOMEM;
	memset(traps, 0xcc, len);
	err = os_poke(dst, traps, len);
	kfree(traps);
	return err;
}

void bpf_arch_fill_hole(void *area, size_t len)
{
	memset(area, 0xcc, len);
}

/* Entries are not patched: nothing attaches to a process's functions. */
int bpf_arch_text_poke(void *ip, enum bpf_text_poke_type t, void *old_addr, void *new_addr)
{
	return -EOPNOTSUPP;
}
