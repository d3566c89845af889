// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that are as short as their call: whoever has such a helper says what
 * it comes down to, and a JIT may write that instead of the call. Programs keep
 * the call, so that what looks for it finds it.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include "exec/arch.h"
#include "exec/exec.h"

#define INLINE_MAX	16

static struct bpf_inline inlines[INLINE_MAX] __ro_after_init;
static u32 nr_inlines __ro_after_init;

/* Of machines that have no such variables, or no way to name them in an instruction. */
u64 __weak bpf_arch_inline_addr(enum bpf_inline_var var)
{
	return 0;
}

/**
 * bpf_inline_register - say what a helper comes down to
 * @func: the helper
 * @kind: what it does
 * @var: the variable that it is about, or BPF_INLINE_VAR_NONE
 *
 * Context: Initcall.
 */
void __init bpf_inline_register(const void *func, enum bpf_inline_kind kind,
				enum bpf_inline_var var)
{
	u64 addr = var == BPF_INLINE_VAR_NONE ? 0 : bpf_arch_inline_addr(var);

	if (var != BPF_INLINE_VAR_NONE && !addr)
		return;
	if (WARN_ON_ONCE(nr_inlines == INLINE_MAX))
		return;
	inlines[nr_inlines++] = (struct bpf_inline){ .func = func, .kind = kind, .addr = addr };
}

/**
 * bpf_inline_find - what a helper comes down to
 * @func: what is called
 *
 * Context: Any.
 * Return: the entry, or NULL where it has to be called.
 */
const struct bpf_inline *bpf_inline_find(const void *func)
{
	u32 i;

	for (i = 0; i < nr_inlines; i++) {
		if (inlines[i].func == func)
			return &inlines[i];
	}
	return NULL;
}
