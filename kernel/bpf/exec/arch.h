/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an architecture with a JIT offers besides compiling (exec/exec.h): what
 * its images can do, patching of entries, dispatchers.
 */
#ifndef _BPF_EXEC_ARCH_H
#define _BPF_EXEC_ARCH_H

#include <linux/types.h>

#ifdef CONFIG_BPF_JIT

enum bpf_text_poke_type {
	BPF_MOD_CALL,
	BPF_MOD_JUMP,
};

int bpf_arch_text_poke(void *ip, enum bpf_text_poke_type t, void *old_addr, void *new_addr);

/* The same for a jump anywhere in an image, which the caller holds. */
int bpf_arch_image_poke(void *ip, void *old_addr, void *new_addr);

/*
 * Writes to @buf, for execution at @image, code that continues at that of @funcs
 * which its third argument is, or else wherever the third argument points.
 */
int bpf_arch_dispatcher(void *image, void *buf, u32 size, u64 *funcs, u32 nr);

enum bpf_inline_var;

/* Address of a variable that images can name: signed 32 bits, for per-CPU ones an offset; or 0. */
u64 bpf_arch_inline_addr(enum bpf_inline_var var);

/* Offset from a program's entry to where a tail call enters it. */
u32 bpf_arch_tail_entry(void);

bool bpf_jit_supports_kfunc_call(void);
bool bpf_jit_supports_subprog_tailcalls(void);
bool bpf_jit_supports_percpu_insn(void);
bool bpf_jit_supports_arena(void);
bool bpf_jit_supports_private_stack(void);

#else

static inline bool bpf_jit_supports_kfunc_call(void)
{
	return false;
}

static inline bool bpf_jit_supports_subprog_tailcalls(void)
{
	return false;
}

static inline bool bpf_jit_supports_percpu_insn(void)
{
	return false;
}

static inline bool bpf_jit_supports_arena(void)
{
	return false;
}

static inline bool bpf_jit_supports_private_stack(void)
{
	return false;
}

#endif /* CONFIG_BPF_JIT */

#endif /* _BPF_EXEC_ARCH_H */
