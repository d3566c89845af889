// SPDX-License-Identifier: GPL-2.0
/*
 * Widening: what changes from one turn of a loop to the next is assumed to change on, so that the
 * loop is understood after a few turns however often it runs. And joining, where paths meet and
 * there are too many of them to follow each.
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
	bool loop;		/* a later turn; else paths are joined */
	bool far;		/* what changes is assumed to change on */
	u32 nr_groups;
	struct group groups[MAX_GROUPS];
};

static struct scalar merge(const struct widen *w, const struct scalar *old,
			   const struct scalar *new)
{
	return w->loop || (w->far && !scalar_is_const(old) && !scalar_is_const(new)) ?
	       scalar_widen(old, new) : scalar_join(old, new);
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
	new->var = scalar_join(&a, &b);
	new->id = id;
	return true;
}

static bool widen_reg(struct widen *w, const struct bpf_reg *old, struct bpf_reg *new,
		      bool relevant)
{
	bool inside;

	if (old->type != new->type || old->type == NOT_INIT)
		return false;
	if (reg_is_packet(new) && !w->loop)
		return join_packet(w, old, new);
	inside = scalar_subset(&new->var, &old->var);
	if (inside && (w->loop || scalar_subset(&old->var, &new->var)))
		return false;
	if (reg_is_scalar(new)) {
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
	const struct bpf_slot *slot = snap_slots(sf);
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
			changed |= widen_reg(w, &slot->reg, &now->reg, rel_slots & (1ULL << i));
	}
	return changed;
}

/**
 * state_widen - make a state of a loop's later turn general enough to be the last
 * @env: environment
 * @old: the state of an earlier turn at the same instruction
 * @st: widened in place: everything that was possible before still is
 * @loop: what changes is assumed to change on; else the two are joined
 * @often: paths were joined here often before: they will be again
 *
 * Context: the walk. Return: something was widened.
 */
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st, bool loop, bool often)
{
	const struct snap_frame *sf = snap_first(old);
	struct widen w = { .env = env, .loop = loop, .far = loop || often };
	bool changed = false;
	u32 i;

	for (i = 0; i < old->nr_frames && i <= st->cur; i++, sf = snap_next(sf))
		changed |= widen_frame(&w, sf, st->frame[i], i == st->cur ? st->insn :
				       st->frame[i + 1]->callsite);
	return changed;
}

static const struct snap_frame *innermost(const struct bpf_snapshot *snap)
{
	const struct snap_frame *sf = snap_first(snap);
	u32 i;

	for (i = 0; i + 1 < snap->nr_frames; i++)
		sf = snap_next(sf);
	return sf;
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
	const struct snap_frame *sf = innermost(old);
	const struct bpf_frame *frame = state_frame(st);
	const struct bpf_reg *reg = snap_regs(sf);
	const struct bpf_slot *slot;
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
			dist += reg_distance(&slot->reg, &frame->slots[i].reg);
	}
	return dist;
}

static const struct bpf_reg *snap_reg(const struct snap_frame *sf, u32 regno)
{
	if (!(sf->regs & (1 << regno)))
		return NULL;
	return &snap_regs(sf)[hweight16(sf->regs & ((1 << regno) - 1))];
}

static const struct bpf_reg *snap_spill(const struct snap_frame *sf, u32 slot)
{
	const struct bpf_slot *at;

	if (!(sf->slots & (1ULL << slot)))
		return NULL;
	at = &snap_slots(sf)[hweight64(sf->slots & ((1ULL << slot) - 1))];
	return at->spill_size ? &at->reg : NULL;
}

static bool counts(const struct bpf_reg *now, const struct bpf_reg *before)
{
	return before && reg_is_const(now) && reg_is_const(before) &&
	       !scalar_equal(&now->var, &before->var);
}

/**
 * state_counters - which numbers might be what brings a loop to its end
 * @env: environment
 * @st: the state
 * @before: the state of an earlier turn of the loop
 * @regs: registers of the innermost frame: those stay that had another value then
 * @slots: slots, likewise
 *
 * Context: the walk.
 */
void state_counters(struct bpf_verifier_env *env, const struct bpf_state *st,
		    const struct bpf_snapshot *before, u16 *regs, u64 *slots)
{
	const struct bpf_frame *frame = state_frame(st);
	const struct snap_frame *was = innermost(before);
	u64 left_slots = *slots & frame->used;
	u16 left_regs = *regs;
	u32 i;

	for (; left_regs; left_regs &= left_regs - 1) {
		i = __ffs(left_regs);
		if (!counts(&frame->regs[i], snap_reg(was, i)))
			*regs &= ~(1 << i);
	}
	*slots = left_slots;
	for (; left_slots; left_slots &= left_slots - 1) {
		i = __ffs64(left_slots);
		if (!frame->slots[i].spill_size ||
		    !counts(&frame->slots[i].reg, snap_spill(was, i)))
			*slots &= ~(1ULL << i);
	}
}

/**
 * state_same_turn - do two states of a loop agree on something that counts
 * @old: the one
 * @st: the other
 * @regs: registers that count
 * @slots: slots that do
 *
 * Joining states of different turns could make a loop endless.
 * Context: the walk. Return: true if so.
 */
bool state_same_turn(const struct bpf_snapshot *old, const struct bpf_state *st, u16 regs,
		     u64 slots)
{
	const struct bpf_frame *frame = state_frame(st);
	const struct snap_frame *sf = innermost(old);
	u32 i;

	for (regs &= sf->regs; regs; regs &= regs - 1) {
		i = __ffs(regs);
		if (scalar_equal(&frame->regs[i].var, &snap_reg(sf, i)->var))
			return true;
	}
	for (slots &= sf->slots; slots; slots &= slots - 1) {
		i = __ffs64(slots);
		if (snap_spill(sf, i) &&
		    scalar_equal(&frame->slots[i].reg.var, &snap_spill(sf, i)->var))
			return true;
	}
	return false;
}
