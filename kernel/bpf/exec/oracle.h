/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The containment oracle's hooks: the verifier tells which states it looked at, the interpreter
 * what registers hold, and each must be among the former. Built only with CONFIG_BPF_ORACLE, which
 * the host home's flavour for fuzzing sets; tools/bpf/host/src/oracle.c has the functions.
 * Everywhere else the hooks are nothing.
 */
#ifndef _BPF_EXEC_ORACLE_H
#define _BPF_EXEC_ORACLE_H

#include <linux/types.h>

struct bpf_edit_map;
struct bpf_oracle;
struct bpf_prog;
struct bpf_verifier_env;
struct interp_code;
struct interp_op;

#define BPF_ORACLE_ALL	(-1)

#ifdef CONFIG_BPF_ORACLE

/* The walk begins; an instruction is about to be looked at in the walk's state. */
void bpf_oracle_begin(struct bpf_verifier_env *env);
void bpf_oracle_state(struct bpf_verifier_env *env);

/* What was recorded with more than @depth branches pending has been followed to all ends. */
void bpf_oracle_complete(struct bpf_verifier_env *env, s64 depth);

/* From its frame on, what was recorded in the call holds for others, too. */
void bpf_oracle_shared(struct bpf_verifier_env *env, u32 instance);

/* The instructions move; the interpreter's operations are made: @index for each instruction. */
void bpf_oracle_moved(struct bpf_verifier_env *env, const struct bpf_edit_map *map);
struct bpf_oracle *bpf_oracle_prepared(const struct bpf_prog *prog, const u32 *index, u32 nr_ops);
void bpf_oracle_free(struct bpf_oracle *oracle);

/*
 * Operation @op is about to be executed. @top: end of the stack of the outermost function that the
 * interpreter was entered with; @ctx: its context, 0 where that is not known.
 */
void bpf_oracle_step(const struct bpf_oracle *oracle, u32 op, const u64 *regs, const u8 *top,
		     u64 ctx);

#else

static inline void bpf_oracle_begin(struct bpf_verifier_env *env)
{
}

static inline void bpf_oracle_state(struct bpf_verifier_env *env)
{
}

static inline void bpf_oracle_complete(struct bpf_verifier_env *env, s64 depth)
{
}

static inline void bpf_oracle_shared(struct bpf_verifier_env *env, u32 instance)
{
}

static inline void bpf_oracle_moved(struct bpf_verifier_env *env, const struct bpf_edit_map *map)
{
}

#endif /* CONFIG_BPF_ORACLE */

#endif /* _BPF_EXEC_ORACLE_H */
