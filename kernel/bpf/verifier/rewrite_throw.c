// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions in what is executed: they are ordinary returns.
 *
 * A function that may throw tells its caller in R1 whether it did: 0 beside its result in R0, or 1
 * beside the number thrown. The caller looks after the call, and where it was an exception it
 * leaves in its turn, until the main function is left as by an exit, after the exception callback
 * if there is one. So nothing has to walk the stack, whatever is between the functions is left as
 * it always is, and interpreter and images need not know.
 *
 * A helper stands between a callback and its caller. The context that it hands through leads to a
 * record in the caller's frame instead, and the callback takes the real one from there:
 *
 *	+0	context
 *	+8	the callback has thrown
 *	+16	what
 *
 * A callback that is left by an exception fills the record in and returns 1, upon which all helpers
 * that call back while they run end; the caller then finds it. As all callbacks of a program are
 * called this way once one of them may throw, a record is also made where such a function is called
 * directly.
 */
#include "btf/btf.h"
#include "verifier/call.h"
#include "verifier/rewrite.h"

#define REC_CTX		0
#define REC_THROWN	8
#define REC_COOKIE	16
#define REC_SIZE	24

/* Longest: see put_unwind() and what stands before it. */
struct seq {
	struct bpf_insn insn[12];
	u32 nr;
};

static void put(struct seq *seq, struct bpf_insn insn)
{
	seq->insn[seq->nr++] = insn;
}

/* ------------------------------------------------------------------ kinds of functions */

/* Does the function get its context by way of a record? */
static bool has_link(const struct bpf_verifier_env *env, u32 sub)
{
	return env->records && env->subprogs[sub].cb_reg;
}

/* Does its caller look at R1? */
static bool tells_status(const struct bpf_verifier_env *env, u32 sub)
{
	const struct bpf_subprog *s = &env->subprogs[sub];

	/* an extension may take the place of one that does */
	if (!sub)
		return env->prog->type == BPF_PROG_TYPE_EXT;
	return s->throws && !s->exception_cb && !has_link(env, sub);
}

/* Register of a call that has to lead to a record; 0: no such call. */
static u8 record_reg(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];

	if (!env->records || !env->aux[idx].seen)
		return 0;
	if (insn_is_sub_call(insn))
		return env->subprogs[env->aux[idx].subprog].cb_reg;
	return call_has_callback(insn) ? callback_ctx_regs(insn->imm)->caller : 0;
}

/* ------------------------------------------------------------------ sequences */

static void put_exit(struct bpf_verifier_env *env, u32 sub, struct seq *seq)
{
	if (tells_status(env, sub)) {
		put(seq, insn_mov64_imm(BPF_REG_1, 0));
		put(seq, insn_exit_status());
	} else {
		put(seq, insn_exit());
	}
}

/* Leaves the function; R0 has what was thrown. */
static void put_unwind(struct bpf_verifier_env *env, u32 sub, struct seq *seq)
{
	const struct bpf_subprog *s = &env->subprogs[sub];
	struct bpf_insn call;

	if (!sub && env->exception_cb) {
		put(seq, insn_mov64_reg(BPF_REG_1, BPF_REG_0));
		call = insn_call_sub(env->exception_start);
		call.off = BPF_EDIT_TARGET;
		put(seq, call);
	}
	if (!sub || s->exception_cb) {
		put_exit(env, sub, seq);
	} else if (has_link(env, sub)) {
		put(seq, insn_load(BPF_DW, BPF_REG_1, BPF_REG_10, s->throw_link));
		put(seq, insn_store_imm(BPF_DW, BPF_REG_1, REC_THROWN, 1));
		put(seq, insn_store(BPF_DW, BPF_REG_1, BPF_REG_0, REC_COOKIE));
		put(seq, insn_mov64_imm(BPF_REG_0, 1));
		put(seq, insn_exit());
	} else {
		put(seq, insn_mov64_imm(BPF_REG_1, 1));
		put(seq, insn_exit_status());
	}
}

/* ------------------------------------------------------------------ instructions */

/* bpf_throw() itself. */
int rewrite_throw(struct bpf_verifier_env *env, u32 idx)
{
	struct seq seq = {};

	put(&seq, insn_mov64_reg(BPF_REG_0, BPF_REG_1));
	put_unwind(env, bpf_subprog_of(env, idx), &seq);
	return bpf_edit_replace(env->edits, idx, seq.insn, seq.nr);
}

int rewrite_exit(struct bpf_verifier_env *env, u32 idx)
{
	u32 sub = bpf_subprog_of(env, idx);
	struct seq seq = {};

	if (!tells_status(env, sub))
		return 0;
	put_exit(env, sub, &seq);
	return bpf_edit_replace(env->edits, idx, seq.insn, seq.nr);
}

static int after_record(struct bpf_verifier_env *env, u32 idx, u32 sub, s16 rec)
{
	struct seq seq = {}, unwind = {};

	put(&unwind, insn_load(BPF_DW, BPF_REG_0, BPF_REG_10, rec + REC_COOKIE));
	put_unwind(env, sub, &unwind);
	put(&seq, insn_load(BPF_DW, BPF_REG_1, BPF_REG_10, rec + REC_THROWN));
	put(&seq, insn_jump_imm(BPF_JEQ, BPF_REG_1, 0, unwind.nr));
	return bpf_edit_after(env->edits, idx, seq.insn, seq.nr) ?:
	       bpf_edit_after(env->edits, idx, unwind.insn, unwind.nr);
}

static int with_record(struct bpf_verifier_env *env, u32 idx, u8 reg)
{
	u32 sub = bpf_subprog_of(env, idx);
	s16 rec = env->subprogs[sub].throw_rec;
	struct seq seq = {};
	int err;

	put(&seq, insn_store(BPF_DW, BPF_REG_10, reg, rec + REC_CTX));
	put(&seq, insn_store_imm(BPF_DW, BPF_REG_10, rec + REC_THROWN, 0));
	put(&seq, insn_mov64_reg(reg, BPF_REG_10));
	put(&seq, insn_alu64_imm(BPF_ADD, reg, rec));
	err = bpf_edit_before(env->edits, idx, seq.insn, seq.nr);
	return err ?: after_record(env, idx, sub, rec);
}

/* What has to stand around a call through which an exception may come. */
int rewrite_unwind(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	struct seq seq = {}, unwind = {};
	u8 reg = record_reg(env, idx);

	if (reg)
		return with_record(env, idx, reg);
	if (!insn_is_sub_call(insn) || !tells_status(env, env->aux[idx].subprog))
		return 0;
	put_unwind(env, bpf_subprog_of(env, idx), &unwind);
	put(&seq, insn_jump_imm(BPF_JEQ, BPF_REG_1, 0, unwind.nr));
	return bpf_edit_after(env->edits, idx, seq.insn, seq.nr) ?:
	       bpf_edit_after(env->edits, idx, unwind.insn, unwind.nr);
}

/* ------------------------------------------------------------------ frames */

/* Some callback of the program may throw: all of them get records. */
static bool needs_records(const struct bpf_verifier_env *env)
{
	u32 i;

	for (i = 1; i < env->nr_subprogs; i++)
		if (env->subprogs[i].cb_reg && env->subprogs[i].throws)
			return true;
	return false;
}

static bool makes_records(const struct bpf_verifier_env *env, const struct bpf_subprog *sub)
{
	u32 i;

	for (i = sub->start; i < sub->end; i++)
		if (!env->aux[i].second && record_reg(env, i))
			return true;
	return false;
}

static int enter_linked(struct bpf_verifier_env *env, u32 nr)
{
	struct bpf_subprog *sub = &env->subprogs[nr];
	struct seq seq = {};

	env->insn_idx = sub->start;
	if (sub->cb_mixed)
		return bpf_reject(env, REJECT_EXCEPTION,
				  "func#%u ('%s') is a callback of several kinds in a program whose callbacks may throw",
				  nr, sub->name);
	if (sub->throws) {
		sub->stack_depth += 8;
		sub->throw_link = -(s32)sub->stack_depth;
		put(&seq, insn_store(BPF_DW, BPF_REG_10, sub->cb_reg, sub->throw_link));
	}
	put(&seq, insn_load(BPF_DW, sub->cb_reg, sub->cb_reg, REC_CTX));
	return bpf_edit_add(env->edits, BPF_EDIT_ENTRY, sub->start, seq.insn, seq.nr);
}

/* Places in frames below all that the program knows of, and what trampolines have to know. */
int rewrite_throw_frames(struct bpf_verifier_env *env)
{
	struct bpf_func_info_aux *info = env->prog->aux->func_info_aux;
	u32 i;
	int err = 0;

	if (!env->seen_exception)
		return 0;
	env->records = needs_records(env);
	for (i = 0; i < env->nr_subprogs && !err; i++) {
		struct bpf_subprog *sub = &env->subprogs[i];

		if (info)
			info[i].throws = i && tells_status(env, i);
		if (makes_records(env, sub)) {
			sub->stack_depth += REC_SIZE;
			sub->throw_rec = -(s32)sub->stack_depth;
		}
		if (has_link(env, i) && env->aux[sub->start].seen)
			err = enter_linked(env, i);
	}
	return err;
}
