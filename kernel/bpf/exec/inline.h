/* SPDX-License-Identifier: GPL-2.0 */
/* What helpers say that are as short as their call. */
#ifndef _BPF_EXEC_INLINE_H
#define _BPF_EXEC_INLINE_H

#include <linux/types.h>

/* What a helper does, in terms of its arguments and of one variable. */
enum bpf_inline_kind {
	BPF_INLINE_PERCPU_U32,	/* return this CPU's *(u32 *)var */
	BPF_INLINE_PERCPU_U64,	/* return this CPU's *(u64 *)var */
	BPF_INLINE_U64,		/* return *(u64 *)var */
	BPF_INLINE_XCHG,	/* return xchg((u64 *)R1, R2) */
	BPF_INLINE_ARG_CNT,	/* return ((u64 *)R1)[-1] */
	BPF_INLINE_FUNC_IP,	/* return ((u64 *)R1)[-2] */
	/* n = (u32)R2; known = n < ((u64 *)R1)[-1]; *(u64 *)R3 = known ? ((u64 *)R1)[n] : 0; */
	BPF_INLINE_FUNC_ARG,	/* return known ? 0 : -EINVAL */
	BPF_INLINE_FUNC_RET,	/* *(u64 *)R2 = ((u64 *)R1)[((u64 *)R1)[-1]]; return 0 */
	BPF_INLINE_PERCPU_FIELD, /* return *(u64 *)(this CPU's *(u64 *)var + off) */
	BPF_INLINE_LOOP,	/* bpf_loop() */
	BPF_INLINE_ALIAS,	/* return addr(), whatever the helper does before that */
};

enum bpf_inline_var {
	BPF_INLINE_VAR_NONE,
	BPF_INLINE_VAR_SMP_ID,
	BPF_INLINE_VAR_CURRENT,
	BPF_INLINE_VAR_JIFFIES,
};

/* Iterations that bpf_loop() does at most. */
#define BPF_LOOP_MAX	(8 << 20)

/**
 * struct bpf_inline - a helper that needs no call
 * @func: the helper
 * @kind: what it does
 * @addr: of its variable, or of the function; or 0
 * @off: of the field
 */
struct bpf_inline {
	const void *func;
	enum bpf_inline_kind kind;
	s32 off;
	u64 addr;
};

#ifdef CONFIG_BPF_JIT
void bpf_inline_register(const void *func, enum bpf_inline_kind kind, enum bpf_inline_var var);
void bpf_inline_register_field(const void *func, enum bpf_inline_var var, s32 off);
void bpf_inline_register_alias(const void *func, const void *target);
const struct bpf_inline *bpf_inline_find(const void *func);
#else
static inline void bpf_inline_register(const void *func, enum bpf_inline_kind kind,
				       enum bpf_inline_var var)
{
}

static inline void bpf_inline_register_field(const void *func, enum bpf_inline_var var, s32 off)
{
}

static inline void bpf_inline_register_alias(const void *func, const void *target)
{
}
#endif

#endif /* _BPF_EXEC_INLINE_H */
