// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting control flow: jumps of which one way was never taken, code that is never reached, and
 * the counters of may_goto.
 *
 * Code that the walk did not reach was not verified, so none of it is left: for the privileged it
 * goes away, for the unprivileged, where a CPU may be made to run it ahead of a branch, a jump to
 * itself takes the place of each instruction.
 */
#include "verifier/rewrite.h"

static bool removes_code(const struct bpf_verifier_env *env)
{
	return env->bpf_capable && env->bypass_spec_v1;
}

/* ------------------------------------------------------------------ branches */

/* Does a jump lead over nothing but what goes away? */
static bool skips_dead_only(struct bpf_verifier_env *env, u32 idx)
{
	s64 target = insn_jump_target(env_insn(env, idx), idx);
	u32 i;

	if (target <= idx)
		return false;
	for (i = idx + 1; i < target; i++) {
		if (env->aux[i].seen)
			return false;
	}
	return true;
}

int rewrite_goto(struct bpf_verifier_env *env, u32 idx)
{
	if (!removes_code(env) || !skips_dead_only(env, idx))
		return 0;
	return bpf_edit_replace(env->edits, idx, NULL, 0);
}

int rewrite_jump(struct bpf_verifier_env *env, u32 idx)
{
	struct bpf_insn go = insn_goto(BPF_EDIT_TARGET);

	if (!removes_code(env))
		return 0;
	switch (env->aux[idx].went) {
	case AUX_WENT_JUMP:
		return bpf_edit_replace(env->edits, idx, &go, !skips_dead_only(env, idx));
	case AUX_WENT_NEXT:
		return bpf_edit_replace(env->edits, idx, NULL, 0);
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ what is never reached */

bool rewrite_keeps_subprog(const struct bpf_verifier_env *env, u32 sub)
{
	/* named, but never called: something has to stand there */
	return !removes_code(env) || !sub || env->aux[env->subprogs[sub].start].seen ||
	       env->subprogs[sub].named;
}

void rewrite_note_named(struct bpf_verifier_env *env)
{
	const struct bpf_insn *insn;
	u32 i;

	/* the instructions that call it are still to come */
	if (env->exception_cb)
		env->subprogs[env->exception_cb].named = true;
	for (i = 0; i < env->prog->len; i++) {
		insn = env_insn(env, i);
		if (env->aux[i].seen && !env->aux[i].second &&
		    (insn_is_sub_call(insn) || insn_is_sub_addr(insn)))
			env->subprogs[env->aux[i].subprog].named = true;
	}
}

/* Does control never go on to what stands behind the instruction? */
static bool ends_here(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];

	return insn_ends_block(insn) || env->aux[idx].throws ||
	       (insn_rows[env->aux[idx].id].kind == INSN_KIND_JUMP &&
		env->aux[idx].went == AUX_WENT_JUMP);
}

static int trap_insn(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn trap[2] = { insn_goto(-1), insn_goto(-1) };

	return bpf_edit_replace(env->edits, idx, trap, insn_slots(env_insn(env, idx)));
}

static int empty_subprog(struct bpf_verifier_env *env, u32 start)
{
	const struct bpf_insn nothing[2] = { insn_mov64_imm(BPF_REG_0, 0), insn_exit() };

	return bpf_edit_replace(env->edits, start, nothing, 2);
}

static int remove_dead(struct bpf_verifier_env *env, u32 sub)
{
	const struct bpf_subprog *s = &env->subprogs[sub];
	bool kept = rewrite_keeps_subprog(env, sub), walked = env->aux[s->start].seen;
	bool open = false;	/* the last one that stays may be left downwards */
	u32 i, slots;
	int err = 0;

	for (i = s->start; i < s->end && !err; i += slots) {
		slots = insn_slots(env_insn(env, i));
		if (env->aux[i].seen) {
			open = !ends_here(env, i);
			continue;
		}
		if (kept && !walked && i == s->start)
			err = empty_subprog(env, i);
		else if (open && i + slots >= s->end)
			err = trap_insn(env, i);
		else
			err = bpf_edit_replace(env->edits, i, NULL, 0);
	}
	return err;
}

int rewrite_dead_code(struct bpf_verifier_env *env)
{
	u32 i;
	int err = 0;

	if (removes_code(env)) {
		for (i = 0; i < env->nr_subprogs && !err; i++)
			err = remove_dead(env, i);
		return err;
	}
	for (i = 0; i < env->prog->len && !err; i++) {
		if (!env->aux[i].seen && !env->aux[i].second)
			err = trap_insn(env, i);
	}
	return err;
}

/* ------------------------------------------------------------------ may_goto */

static bool has_may_goto(struct bpf_verifier_env *env, const struct bpf_subprog *sub)
{
	u32 i;

	for (i = sub->start; i < sub->end; i++) {
		if (env->aux[i].seen && !env->aux[i].second && insn_is_may_goto(env_insn(env, i)))
			return true;
	}
	return false;
}

/* A slot below all others of the frame holds what is left of the function's iterations. */
int rewrite_loop_counters(struct bpf_verifier_env *env)
{
	struct bpf_insn init;
	u32 i;
	int err = 0;

	for (i = 0; i < env->nr_subprogs && !err; i++) {
		struct bpf_subprog *sub = &env->subprogs[i];

		if (!has_may_goto(env, sub))
			continue;
		sub->stack_depth += 8;
		init = insn_store_imm(BPF_DW, BPF_REG_10, -(s32)sub->stack_depth,
				      REWRITE_LOOP_BUDGET);
		err = bpf_edit_add(env->edits, BPF_EDIT_ENTRY, sub->start, &init, 1);
	}
	return err;
}

int rewrite_may_goto(struct bpf_verifier_env *env, u32 idx)
{
	s16 off = -(s32)env->subprogs[bpf_subprog_of(env, idx)].stack_depth;
	const struct bpf_insn seq[] = {
		insn_load(BPF_DW, INSN_REG_AX, BPF_REG_10, off),
		insn_jump_imm(BPF_JNE, INSN_REG_AX, 0, 1),
		insn_goto(BPF_EDIT_TARGET),
		insn_alu64_imm(BPF_SUB, INSN_REG_AX, 1),
		insn_store(BPF_DW, BPF_REG_10, INSN_REG_AX, off),
	};

	return bpf_edit_replace(env->edits, idx, seq, ARRAY_SIZE(seq));
}
