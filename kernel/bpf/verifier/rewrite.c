// SPDX-License-Identifier: GPL-2.0
/*
 * The last pass: from what programs are written in to what the kernel executes.
 */
#include <linux/errno.h>
#include "verifier/rewrite.h"

static const rewrite_fn handlers[INSN_KIND_NR] = {
	[INSN_KIND_ALU] = rewrite_alu,
	[INSN_KIND_ADDR_SPACE] = rewrite_addr_space,
	[INSN_KIND_JUMP] = rewrite_jump,
	[INSN_KIND_GOTO] = rewrite_goto,
	[INSN_KIND_MAY_GOTO] = rewrite_may_goto,
	[INSN_KIND_CALL] = rewrite_call,
	[INSN_KIND_EXIT] = rewrite_exit,
	[INSN_KIND_LOAD] = rewrite_load,
	[INSN_KIND_STORE] = rewrite_store,
	[INSN_KIND_STORE_IMM] = rewrite_store,
	[INSN_KIND_ATOMIC] = rewrite_atomic,
	[INSN_KIND_LD_IMM64] = rewrite_ld_imm64,
	[INSN_KIND_PACKET] = rewrite_packet_load,
};

static int rewrite_insn(struct bpf_verifier_env *env, u32 idx)
{
	rewrite_fn handler = handlers[insn_rows[env->aux[idx].id].kind];
	int err;

	env->insn_idx = idx;
	err = rewrite_barriers(env, idx);
	if (!err && handler)
		err = handler(env, idx);
	if (!err && env->rnd_hi32)
		err = rewrite_upper_half(env, idx);
	return err;
}

/**
 * bpf_pass_rewrite - collect all edits, apply them, describe the functions
 * @env: environment, after everything else
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_rewrite(struct bpf_verifier_env *env)
{
	u32 i;
	int err;

	env->edits = bpf_edits_new(env->prog->len);
	if (!env->edits)
		return -ENOMEM;
	rewrite_note_named(env);
	err = rewrite_prologue(env);
	if (!err)
		err = rewrite_throw_frames(env);
	if (!err)
		err = rewrite_loop_counters(env);
	for (i = 0; i < env->prog->len && !err; i++) {
		if (env->aux[i].seen && !env->aux[i].second)
			err = rewrite_insn(env, i);
	}
	if (!err)
		err = rewrite_dead_code(env);
	if (!err)
		err = rewrite_apply(env);
	bpf_edits_free(env->edits);
	env->edits = NULL;
	return err;
}
