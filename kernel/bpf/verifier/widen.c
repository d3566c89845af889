// SPDX-License-Identifier: GPL-2.0
/*
 * Widening: what changes from one turn of a loop to the next is assumed to change on, so that the
 * loop is understood after a few turns however often it runs. And joining, where paths meet and
 * there are too many of them to follow each.
 */
#include "verifier/prune.h"

typedef struct scalar (*merge_fn)(const struct scalar *old, const struct scalar *new);

static bool widen_reg(const struct bpf_reg *old, struct bpf_reg *new, bool relevant,
		      merge_fn merge)
{
	if (old->type != new->type || old->type == NOT_INIT || scalar_subset(&new->var, &old->var))
		return false;
	if (reg_is_scalar(new)) {
		new->var = relevant ? merge(&old->var, &new->var) : scalar_unknown();
		return true;
	}
	if (old->off != new->off || reg_off_const(new))
		return false;
	new->var = merge(&old->var, &new->var);
	return true;
}

static bool widen_frame(struct bpf_verifier_env *env, const struct snap_frame *sf,
			struct bpf_frame *frame, u32 at, merge_fn merge)
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
		changed |= widen_reg(reg, &frame->regs[i], rel_regs & (1 << i), merge);
	}
	for (; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		now = &frame->slots[i];
		if (slot->spill_size && slot->spill_size == now->spill_size &&
		    slot->spill_off == now->spill_off)
			changed |= widen_reg(&slot->reg, &now->reg, rel_slots & (1ULL << i),
					     merge);
	}
	return changed;
}

/**
 * state_widen - make a state of a loop's later turn general enough to be the last
 * @env: environment
 * @old: the state of an earlier turn at the same instruction
 * @st: widened in place: everything that was possible before still is
 * @loop: what changes is assumed to change on; else the two are only joined
 *
 * Context: the walk. Return: something was widened.
 */
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st, bool loop)
{
	const struct snap_frame *sf = snap_first(old);
	merge_fn merge = loop ? scalar_widen : scalar_join;
	bool changed = false;
	u32 i;

	for (i = 0; i < old->nr_frames && i <= st->cur; i++, sf = snap_next(sf))
		changed |= widen_frame(env, sf, st->frame[i], i == st->cur ? st->insn :
				       st->frame[i + 1]->callsite, merge);
	return changed;
}
