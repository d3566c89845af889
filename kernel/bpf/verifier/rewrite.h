/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rewrite pass, inside. Each part collects the edits of the instructions that are its matter
 * into env->edits; rewrite_done.c applies them and hands the program over.
 */
#ifndef _KBPF_VERIFIER_REWRITE_H
#define _KBPF_VERIFIER_REWRITE_H

#include "verifier/verifier.h"

/* Iterations that all may_goto of one call of a function have together. */
#define REWRITE_LOOP_BUDGET	(8 << 20)

/* Handlers: the edits of instruction @idx, which was seen. 0 or -errno. */
typedef int (*rewrite_fn)(struct bpf_verifier_env *env, u32 idx);

/* rewrite_ctx.c */
int rewrite_load(struct bpf_verifier_env *env, u32 idx);
int rewrite_store(struct bpf_verifier_env *env, u32 idx);
int rewrite_addr_space(struct bpf_verifier_env *env, u32 idx);
int rewrite_atomic(struct bpf_verifier_env *env, u32 idx);
int rewrite_packet_load(struct bpf_verifier_env *env, u32 idx);
int rewrite_prologue(struct bpf_verifier_env *env);

/* rewrite_call.c */
int rewrite_call(struct bpf_verifier_env *env, u32 idx);
int rewrite_ld_imm64(struct bpf_verifier_env *env, u32 idx);

/* rewrite_alu.c */
int rewrite_alu(struct bpf_verifier_env *env, u32 idx);
int rewrite_barriers(struct bpf_verifier_env *env, u32 idx);
int rewrite_upper_half(struct bpf_verifier_env *env, u32 idx);

/* rewrite_flow.c */
int rewrite_dead_code(struct bpf_verifier_env *env);
int rewrite_goto(struct bpf_verifier_env *env, u32 idx);
int rewrite_jump(struct bpf_verifier_env *env, u32 idx);
int rewrite_may_goto(struct bpf_verifier_env *env, u32 idx);
int rewrite_loop_counters(struct bpf_verifier_env *env);
void rewrite_note_named(struct bpf_verifier_env *env);
/* Is anything of the function left in the new program? */
bool rewrite_keeps_subprog(const struct bpf_verifier_env *env, u32 sub);

/* rewrite_throw.c */
int rewrite_throw(struct bpf_verifier_env *env, u32 idx);
int rewrite_exit(struct bpf_verifier_env *env, u32 idx);
int rewrite_unwind(struct bpf_verifier_env *env, u32 idx);
int rewrite_throw_frames(struct bpf_verifier_env *env);

/* rewrite_done.c */
int rewrite_apply(struct bpf_verifier_env *env);

#endif /* _KBPF_VERIFIER_REWRITE_H */
