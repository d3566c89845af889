// SPDX-License-Identifier: GPL-2.0
/*
 * How a rejection came about: of the path that led there, the instructions and branches that made
 * the registers at fault what they are.
 *
 * The path is found again from the conditional jumps that the walk has noted, then followed
 * backwards with the set of registers and stack slots that are of interest: an instruction that
 * writes one of them counts, and what it reads is of interest instead; so does a jump that looks at
 * one of them. Where the path cannot be found again (callbacks, may_goto) the last jumps are shown.
 */
#include <linux/slab.h>
#include "verifier/explain.h"

#define PATH_WALK_MAX	1000000
#define STEPS_SHOWN	16
#define REGS_CALLER	0x3f

/* What is of interest, in the frame at each depth. */
struct interest {
	u16 regs[BPF_VERIFY_MAX_FRAMES];
	u64 slots[BPF_VERIFY_MAX_FRAMES];
};

/* ------------------------------------------------------------------ finding the path */

static bool take_jump(const struct bpf_walk *walk, struct trace *p, u32 idx, bool *taken)
{
	u32 entry;

	if (p->trail == walk->nr_trail)
		return false;
	entry = walk->trail[p->trail++];
	*taken = entry & 1;
	return entry >> 1 == idx;
}

/* Follows one instruction; false: the path is lost. */
static bool follow(const struct bpf_verifier_env *env, struct trace *p, u32 *idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[*idx];
	struct step *step = &p->step[p->cnt++ % PATH_MAX_STEPS];
	u32 next = *idx + insn_slots(insn);

	*step = (struct step){ .idx = *idx, .depth = p->depth };
	if (insn_is_may_goto(insn) || env->aux[*idx].callback_seen)
		return false;
	if (insn_is_goto(insn)) {
		next = insn_jump_target(insn, *idx);
	} else if (insn_is_jump(insn)) {
		if (!take_jump(env->walk, p, *idx, &step->taken))
			return false;
		if (step->taken)
			next = insn_jump_target(insn, *idx);
	} else if (insn_is_sub_call(insn) && !env->subprogs[env->aux[*idx].subprog].global) {
		if (p->depth + 1 >= BPF_VERIFY_MAX_FRAMES)
			return false;
		p->call[p->depth++] = *idx;
		next = env->subprogs[env->aux[*idx].subprog].start;
	} else if (insn_is_exit(insn)) {
		if (!p->depth)
			return false;
		next = p->call[--p->depth] + 1;
	}
	*idx = next;
	return true;
}

/* From the start of the function that was walked to the instruction that was refused. */
static bool find_path(const struct bpf_verifier_env *env, struct trace *p)
{
	u32 idx = env->subprogs[env->walk->st->frame[0]->subprog].start;

	while (idx != env->reject_insn || p->trail != env->walk->nr_trail) {
		if (p->cnt == PATH_WALK_MAX || idx >= env->prog->len || !follow(env, p, &idx))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ following it back */

/**
 * explain_slot - slot of the frame that a plain access through R10 is in
 * @insn: load or store
 * @base: register with the address
 * @slot: gets the slot's bit
 *
 * Context: any. Return: false: another kind of access.
 */
bool explain_slot(const struct bpf_insn *insn, u8 base, u64 *slot)
{
	if (base != BPF_REG_10 || insn->off >= 0 || insn->off < -BPF_VERIFY_MAX_STACK)
		return false;
	*slot = 1ULL << ((-insn->off - 1) / 8);
	return true;
}

/* Stores to a slot of interest: what is stored counts. */
static bool back_store(const struct bpf_insn *insn, u16 *regs, u64 *slots)
{
	u64 slot;

	if (!explain_slot(insn, insn->dst_reg, &slot) || !(*slots & slot))
		return false;
	*slots &= ~slot;
	if (insn_class(insn) == BPF_STX)
		*regs |= 1 << insn->src_reg;
	return true;
}

static bool back_plain(const struct bpf_insn *insn, u16 *regs, u64 *slots)
{
	u16 defs = insn_defs(insn);
	u64 slot;

	if (insn_class(insn) == BPF_ST || (insn_class(insn) == BPF_STX && !defs))
		return back_store(insn, regs, slots);
	if (!(defs & *regs))
		return false;
	*regs &= ~defs;
	if (insn_class(insn) == BPF_LDX && explain_slot(insn, insn->src_reg, &slot))
		*slots |= slot;
	else
		*regs |= insn_uses(insn) & ~BIT(BPF_REG_10);
	return true;
}

/* One step back; does it count? */
static bool back_step(const struct bpf_verifier_env *env, const struct step *step,
		      struct interest *in, u32 later_depth)
{
	const struct bpf_insn *insn = &env->prog->insnsi[step->idx];
	u16 *regs = &in->regs[step->depth];
	bool counts;

	if (insn_is_goto(insn))
		return false;
	if (insn_is_jump(insn))
		return insn_uses(insn) & *regs;
	if (insn_is_exit(insn)) {
		/* a return: what was made of R0 is looked for in the callee */
		in->slots[step->depth] = 0;
		*regs = in->regs[later_depth] & BIT(BPF_REG_0);
		in->regs[later_depth] &= ~REGS_CALLER;
		return false;
	}
	if (later_depth > step->depth) {
		/* the call: arguments of the callee are the caller's */
		counts = in->regs[later_depth] & REGS_CALLER & ~BIT(BPF_REG_0);
		*regs |= in->regs[later_depth] & REGS_CALLER & ~BIT(BPF_REG_0);
		return counts;
	}
	return back_plain(insn, regs, &in->slots[step->depth]);
}

/**
 * explain_fault_reg - the register that the refused instruction fails on
 * @env: environment
 *
 * Context: any. Return: its number; -1: none in particular.
 */
int explain_fault_reg(const struct bpf_verifier_env *env)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];

	if (env->reject_reg >= 0)
		return env->reject_reg;
	switch (insn_class(insn)) {
	case BPF_LDX:
		return insn->src_reg;
	case BPF_ST:
	case BPF_STX:
		return insn->dst_reg;
	default:
		return -1;
	}
}

/* What the refused instruction is about. */
static u16 first_interest(const struct bpf_verifier_env *env)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];
	int fault = explain_fault_reg(env);
	u16 regs = insn_uses(insn);

	if (fault >= 0 && fault < BPF_REG_10)
		return BIT(fault);
	if (insn_is_call(insn))
		regs |= env->aux[env->reject_insn].live_regs & 0x3e;
	return regs & ~BIT(BPF_REG_10);
}

/* Each instruction is shown once: where a loop came by it last. */
static bool is_shown(const struct trace *p, const u32 *shown, u32 cnt, u32 idx)
{
	u32 i;

	for (i = 0; i < cnt; i++)
		if (trace_step(p, shown[i])->idx == idx)
			return true;
	return false;
}

/* Numbers of the steps that count, the last first. */
static u32 select_steps(const struct bpf_verifier_env *env, const struct trace *p, u32 *shown)
{
	u32 i, cnt = 0, depth = p->depth, oldest = trace_oldest(p);
	struct interest in = {};
	const struct step *step;

	in.regs[depth] = first_interest(env);
	for (i = p->cnt; i-- > oldest && cnt < STEPS_SHOWN;) {
		step = &p->step[i % PATH_MAX_STEPS];
		if (back_step(env, step, &in, depth) && !is_shown(p, shown, cnt, step->idx))
			shown[cnt++] = i;
		depth = step->depth;
	}
	return cnt;
}

static void show_step(struct bpf_verifier_env *env, const struct step *step)
{
	const struct bpf_insn *insn = env_insn(env, step->idx);

	vlog_source_line(env, step->idx);
	vlog(env, "  ");
	vlog_insn(env, step->idx);
	if (insn_is_jump(insn) && !insn_is_goto(insn))
		vlog(env, step->taken ? " (taken)" : " (not taken)");
	vlog(env, "\n");
}

/* ------------------------------------------------------------------ where it is lost */

static void show_trail(struct bpf_verifier_env *env)
{
	const struct bpf_walk *walk = env->walk;
	u32 i = walk->nr_trail > STEPS_SHOWN ? walk->nr_trail - STEPS_SHOWN : 0;

	if (!walk->nr_trail)
		return;
	vlog(env, "path:\n");
	if (i)
		vlog(env, "  (%u earlier branches)\n", i);
	for (; i < walk->nr_trail; i++) {
		struct step step = { .idx = walk->trail[i] >> 1, .taken = walk->trail[i] & 1 };

		show_step(env, &step);
	}
}

/**
 * explain_path - the branches and assignments that led to a rejection
 * @env: environment; the walk's trail is still there
 * @p: gets the path; no steps: it could not be found. The caller frees @p->step
 *
 * Context: process, may sleep. Without memory less is said.
 */
void explain_path(struct bpf_verifier_env *env, struct trace *p)
{
	u32 shown[STEPS_SHOWN], cnt;

	if (!env->walk || env->reject_insn >= env->prog->len || !env->walk->st->frame[0])
		return;
	p->step = kvcalloc(PATH_MAX_STEPS, sizeof(*p->step), GFP_KERNEL);
	if (!p->step || !find_path(env, p)) {
		show_trail(env);
		p->cnt = 0;
		return;
	}
	cnt = select_steps(env, p, shown);
	if (cnt)
		vlog(env, "path:\n");
	env->prev_linfo = U32_MAX;
	while (cnt--)
		show_step(env, trace_step(p, shown[cnt]));
}
