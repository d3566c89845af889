// SPDX-License-Identifier: GPL-2.0
/*
 * Widening: what changes from one turn of a loop to the next is assumed to change on, so that the
 * loop is understood after a few turns however often it runs.
 */
#include "verifier/prune.h"

static bool widen_reg(const struct bpf_reg *old, struct bpf_reg *new, bool relevant)
{
	if (old->type != new->type || scalar_subset(&new->var, &old->var))
		return false;
	if (reg_is_scalar(new)) {
		new->var = relevant ? scalar_widen(&old->var, &new->var) : scalar_unknown();
		return true;
	}
	if (old->off != new->off || reg_off_const(new))
		return false;
	new->var = scalar_widen(&old->var, &new->var);
	return true;
}

static bool widen_frame(struct bpf_verifier_env *env, const struct snap_frame *sf,
			struct bpf_frame *frame, u32 at)
{
	const struct bpf_reg *reg = snap_regs(sf);
	const struct bpf_slot *slot = snap_slots(sf);
	u16 regs = sf->regs, rel_regs = relevance_regs(env, at);
	u64 slots = sf->slots, rel_slots = relevance_slots_of(env, at);
	bool changed = false;
	struct bpf_slot *now;
	u32 i;

	for (; regs; regs &= regs - 1, reg++) {
		i = __ffs(regs);
		changed |= widen_reg(reg, &frame->regs[i], rel_regs & (1 << i));
	}
	for (; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		now = &frame->slots[i];
		if (slot->spill_size && slot->spill_size == now->spill_size &&
		    slot->spill_off == now->spill_off)
			changed |= widen_reg(&slot->reg, &now->reg, rel_slots & (1ULL << i));
	}
	return changed;
}

/**
 * state_widen - make a state of a loop's later turn general enough to be the last
 * @env: environment
 * @old: the state of an earlier turn at the same instruction
 * @st: widened in place: everything that was possible before still is
 *
 * Context: the walk. Return: something was widened.
 */
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st)
{
	const struct snap_frame *sf = snap_first(old);
	bool changed = false;
	u32 i;

	for (i = 0; i < old->nr_frames && i <= st->cur; i++, sf = snap_next(sf))
		changed |= widen_frame(env, sf, st->frame[i], i == st->cur ? st->insn :
				       st->frame[i + 1]->callsite);
	return changed;
}
