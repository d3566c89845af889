// SPDX-License-Identifier: GPL-2.0
/*
 * Liveness: which registers and stack slots may be read, at each instruction, before they are
 * written. Dataflow over the control flow graph, backwards, to the least fixpoint.
 *
 * What an instruction does to the stack is found out before, by stack_use.c.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include "helpers/helpers.h"
#include "verifier/live.h"

#define REGS_ARGS	0x3e	/* R1 to R5 */

/**
 * struct live - scratch of the pass
 * @use: per instruction: what it does to the stack
 * @hi: per instruction: registers whose upper half may be read, valid before it
 */
struct live {
	struct stack_use *use;
	u16 *hi;
};

/* R1 to R5 as far as the helper looks at them. */
static u16 helper_args(const struct bpf_verifier_env *env, u32 id)
{
	const struct bpf_func_proto *proto = bpf_helper_find(env->prog, id);
	u16 regs = 0;
	u32 i;

	if (!proto)
		return REGS_ARGS;
	for (i = 0; i < ARRAY_SIZE(proto->arg_type); i++) {
		if (proto->arg_type[i] != ARG_DONTCARE)
			regs |= BIT(i + 1);
	}
	return regs;
}

/* A static function reads what is live at its start; others are judged by their prototype. */
static u16 call_args(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];
	const struct bpf_subprog *callee = &env->subprogs[env->aux[idx].subprog];

	if (insn_is_sub_call(insn) && !callee->global)
		return env->aux[callee->start].live_regs & REGS_ARGS;
	if (insn_is_helper_call(insn))
		return helper_args(env, insn->imm);
	return REGS_ARGS;
}

static u16 reads(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];
	u16 regs = insn_uses(insn);

	if (insn_is_call(insn))
		regs |= call_args(env, idx);
	return regs;
}

/* Of the registers read those of which more than the low half matters. */
static u16 reads_high(const struct bpf_insn *insn, u16 regs)
{
	const struct insn_row *row = insn_row(insn);

	switch (row->kind) {
	case INSN_KIND_ALU:
	case INSN_KIND_NEG:
	case INSN_KIND_MOV:
	case INSN_KIND_JUMP:
	case INSN_KIND_END:
		return row->width == 8 ? regs : 0;
	case INSN_KIND_MOVSX:
		return 0;
	case INSN_KIND_STORE:
		return row->width == 8 ? regs : BIT(insn->dst_reg);
	default:
		return regs;
	}
}

/* One instruction; true: something became live that was not before. */
static bool update(struct bpf_verifier_env *env, const struct live *live, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];
	struct bpf_insn_aux *aux = &env->aux[idx];
	u16 defs = insn_defs(insn), uses = reads(env, idx), regs = 0, hi = 0;
	u32 i, succ[2], cnt = bpf_cfg_succ(env, idx, succ);
	u64 slots = 0;
	bool more;

	for (i = 0; i < cnt; i++) {
		regs |= env->aux[succ[i]].live_regs;
		slots |= env->aux[succ[i]].live_slots;
		hi |= live->hi[succ[i]];
	}
	aux->zext_dead = insn_defs32(insn) && !(insn_defs32(insn) & hi);
	regs = (regs & ~defs) | uses;
	hi = (hi & ~defs) | reads_high(insn, uses);
	slots = (slots & ~live->use[idx].writes) | live->use[idx].reads;
	more = regs != aux->live_regs || slots != aux->live_slots || hi != live->hi[idx];
	aux->live_regs = regs;
	aux->live_slots = slots;
	live->hi[idx] = hi;
	return more;
}

/*
 * Starts from nothing live and only ever adds, so it ends. Against the order of execution, one
 * round settles everything that is not in a loop or a callee that stands later.
 */
static void settle(struct bpf_verifier_env *env, const struct live *live)
{
	bool more = true;
	u32 i;

	while (more) {
		more = false;
		for (i = env->nr_rpo; i-- > 0;)
			more |= update(env, live, env->rpo[i]);
		cond_resched();
	}
}

/**
 * bpf_pass_live - liveness of registers and stack slots
 * @env: environment, after cfg
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int bpf_pass_live(struct bpf_verifier_env *env)
{
	struct live live;
	int err = -ENOMEM;

	live.use = kvcalloc(env->prog->len, sizeof(*live.use), GFP_KERNEL);
	live.hi = kvcalloc(env->prog->len, sizeof(*live.hi), GFP_KERNEL);
	if (live.use && live.hi)
		err = stack_use_find(env, live.use);
	if (!err)
		settle(env, &live);
	kvfree(live.hi);
	kvfree(live.use);
	return err;
}
