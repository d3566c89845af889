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

#define INLINE_MAX	32

static struct bpf_inline inlines[INLINE_MAX] __ro_after_init;
static u32 nr_inlines __ro_after_init;

/* Of machines that have no such variables, or no way to name them in an instruction. */
u64 __weak bpf_arch_inline_addr(enum bpf_inline_var var)
{
	return 0;
}

static void __init add(struct bpf_inline in)
{
	if (!WARN_ON_ONCE(nr_inlines == INLINE_MAX))
		inlines[nr_inlines++] = in;
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
	add((struct bpf_inline){ .func = func, .kind = kind, .addr = addr });
}

/**
 * bpf_inline_register_field - say that a helper returns 8 bytes of a per-CPU object
 * @func: the helper
 * @var: the variable that points to the object, never NULL
 * @off: where in the object they are
 *
 * Context: Initcall.
 */
void __init bpf_inline_register_field(const void *func, enum bpf_inline_var var, s32 off)
{
	const struct bpf_inline field = {
		.func = func,
		.kind = BPF_INLINE_PERCPU_FIELD,
		.addr = bpf_arch_inline_addr(var),
		.off = off,
	};

	if (field.addr)
		add(field);
}

/**
 * bpf_inline_register_alias - say that a helper does no more than call a function
 * @func: the helper
 * @target: a function without arguments that returns 64 bits
 *
 * Context: Initcall.
 */
void __init bpf_inline_register_alias(const void *func, const void *target)
{
	const struct bpf_inline alias = {
		.func = func,
		.kind = BPF_INLINE_ALIAS,
		.addr = (unsigned long)target,
	};

	add(alias);
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
