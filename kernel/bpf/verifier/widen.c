// SPDX-License-Identifier: GPL-2.0
/*
 * Widening: what changes from one turn of a loop to the next is assumed to change on, so that the
 * loop is understood after a few turns however often it runs. And joining, where paths meet and
 * there are too many of them to follow each.
 *
 * Numbers that no verdict depended on so far are given up at once. Where one is found to matter
 * later, and the program is refused, it is walked again with that known from the start.
 */
#include "verifier/prune.h"

#define MAX_GROUPS 16

/* Packet pointers of one group in both states, equally far apart, are one group afterwards. */
struct group {
	u32 old;
	u32 new;
	s64 dist;
	u32 id;
};

struct widen {
	struct bpf_verifier_env *env;
	enum bpf_widen how;
	u32 nr_groups;
	struct group groups[MAX_GROUPS];
};

static bool is_loop(enum bpf_widen how)
{
	return how <= WIDEN_TURNS;
}

static struct scalar merge(const struct widen *w, const struct scalar *old,
			   const struct scalar *new)
{
	if (w->how == WIDEN_TURNS ||
	    (w->how == WIDEN_PATHS && !scalar_is_const(old) && !scalar_is_const(new)))
		return scalar_widen(old, new);
	return scalar_join(old, new);
}

static u32 group_id(struct widen *w, u32 old, u32 new, s64 dist)
{
	struct group *g;
	u32 i;

	for (i = 0; i < w->nr_groups; i++) {
		g = &w->groups[i];
		if (g->old == old && g->new == new && g->dist == dist)
			return g->id;
	}
	if (w->nr_groups == MAX_GROUPS)
		return 0;
	g = &w->groups[w->nr_groups++];
	*g = (struct group){ old, new, dist, walk_new_id(w->env) };
	return g->id;
}

static struct scalar moved(const struct scalar *val, s64 by)
{
	struct scalar dist = scalar_const(by), sum = *val;

	scalar_alu(SCALAR_ADD, true, &sum, &dist);
	return sum;
}

/*
 * Somewhere between the two: the smaller constant offset, the rest being variable. What is known to
 * follow the pointer is what is known to follow both.
 */
static bool join_packet(struct widen *w, const struct bpf_reg *old, struct bpf_reg *new)
{
	s32 off = min(old->off, new->off);
	s64 ahead = min((s64)old->range - old->off, (s64)new->range - new->off);
	struct scalar a = moved(&old->var, old->off - off), b = moved(&new->var, new->off - off);
	u32 id;

	if (old->off == new->off && scalar_subset(&b, &a) && !old->id == !new->id) {
		if (!old->id || scalar_subset(&a, &b))
			return false;
	}
	id = group_id(w, old->id, new->id, (s64)new->off - old->off);
	if (!id)
		return false;
	new->range = old->range && new->range ? max_t(s64, off + ahead, 0) : 0;
	new->off = off;
	new->var = w->how == WIDEN_TURNS || w->how == WIDEN_PATHS ? scalar_widen(&a, &b) :
		   scalar_join(&a, &b);
	if (new->range)
		reg_limit_packet(new);
	new->id = id;
	w->env->walk->pkt_joined = true;
	return true;
}

static bool widen_reg(struct widen *w, const struct bpf_reg *old, struct bpf_reg *new,
		      bool relevant)
{
	bool inside;

	if (old->type != new->type || old->type == NOT_INIT ||
	    (w->how == WIDEN_IRRELEVANT && (relevant || !reg_is_scalar(new))))
		return false;
	if (reg_is_packet(new))
		return join_packet(w, old, new);
	inside = scalar_subset(&new->var, &old->var);
	if (inside && (is_loop(w->how) || scalar_subset(&old->var, &new->var)))
		return false;
	if (reg_is_scalar(new)) {
		w->env->walk->gave_up |= !relevant;
		new->var = relevant ? merge(w, &old->var, &new->var) : scalar_unknown();
		return true;
	}
	if (old->off != new->off || reg_off_const(new))
		return false;
	new->var = merge(w, &old->var, &new->var);
	return true;
}

static bool widen_frame(struct widen *w, const struct snap_frame *sf, struct bpf_frame *frame,
			u32 at)
{
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot = snap_slots(sf);
	u16 regs = sf->regs, rel_regs = relevance_regs(w->env, at);
	u64 slots = sf->slots, rel_slots = relevance_slots_of(w->env, at);
	bool changed = false;
	struct bpf_slot *now;
	u32 i;

	for (; regs; regs &= regs - 1, reg++) {
		i = __ffs(regs);
		changed |= widen_reg(w, reg, &frame->regs[i], rel_regs & (1 << i));
	}
	for (; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		now = &frame->slots[i];
		if (slot->spill_size && slot->spill_size == now->spill_size &&
		    slot->spill_off == now->spill_off)
			changed |= widen_reg(w, snap_slot_reg(sf, slot), &now->reg,
					     rel_slots & (1ULL << i));
	}
	return changed;
}

/**
 * state_widen - make a state stand for an older one as well
 * @env: environment
 * @old: the older one, at the same instruction
 * @st: widened in place: everything that was possible before still is
 * @how: what is done to what differs
 *
 * Context: the walk. Return: something was widened.
 */
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st, enum bpf_widen how)
{
	const struct snap_frame *sf = snap_first(old);
	struct widen w = { .env = env, .how = how };
	bool changed = false;
	u32 i;

	for (i = 0; i < old->nr_frames && i <= st->cur; i++, sf = snap_next(sf))
		changed |= widen_frame(&w, sf, st->frame[i], i == st->cur ? st->insn :
				       st->frame[i + 1]->callsite);
	return changed;
}

static u32 reg_distance(const struct bpf_reg *old, const struct bpf_reg *new)
{
	if (old->type != new->type)
		return 8;
	return old->off != new->off || !scalar_subset(&new->var, &old->var);
}

/**
 * state_distance - how much joining two states would lose
 * @env: environment
 * @old: the one, at the same instruction
 * @st: the other
 *
 * Context: the walk. Return: numbers and pointers of the innermost frame that differ.
 */
u32 state_distance(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st)
{
	const struct snap_frame *sf = snap_innermost(old);
	const struct bpf_frame *frame = state_frame(st);
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot;
	u32 i, dist = 0;
	u64 slots;
	u16 regs;

	for (regs = sf->regs; regs; regs &= regs - 1, reg++) {
		i = __ffs(regs);
		if (reg_is_pointer(reg) || relevance_regs(env, st->insn) & (1 << i))
			dist += reg_distance(reg, &frame->regs[i]);
	}
	slot = snap_slots(sf);
	for (slots = sf->slots; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		if (slot->spill_size)
			dist += reg_distance(snap_slot_reg(sf, slot), &frame->slots[i].reg);
	}
	return dist;
}
