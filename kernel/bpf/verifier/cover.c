// SPDX-License-Identifier: GPL-2.0
/*
 * Is a state covered by an old one: whatever can happen from here was looked at from there?
 *
 * Ids are names local to a state. The old state's are mapped to the new one's as they are met; what
 * is one thing in the old state has to be one thing in the new one, since a check of one tells
 * about all. Numbers linked at a distance are linked at the same distance.
 *
 * A pointer never stands where a number stood, nor the reverse, but for bytes of the stack that the
 * old state knew nothing of, and only for those who may see pointers. That is sound: what the old
 * state loaded from there was an unknown number, so everything that was proved holds for the bits
 * of the pointer, too, and a number is good for less: it is no address, and gives no reference
 * back. What is lost is that arithmetic on the pointer would have been refused, which keeps
 * pointers from being mistaken and protects no memory. References are compared by themselves.
 */
#include <linux/bits.h>
#include <linux/string.h>
#include "verifier/prune.h"

#define MAX_IDS 192

/* The group of packet pointers at constant offsets, which have no id. */
#define PACKET_START U32_MAX

struct id_pair {
	u32 old;
	u32 new;
	s32 dist;
};

/* @skipped: the number at hand was not looked at, being irrelevant */
struct cover {
	struct bpf_verifier_env *env;
	enum bpf_cover how;
	bool skipped;
	bool grouped;			/* @relevant is filled in */
	const struct bpf_snapshot *old;	/* whose link groups these are, NULL: filled in */
	const struct bpf_state *st;
	u32 nr_ids;
	u32 nr_relevant;
	struct id_pair ids[MAX_IDS];
	u32 relevant[MAX_IDS];	/* link groups of the old state with a relevant member */
};

/* Maps an old id; false where it already means something else, or there is no room. */
static bool same_id(struct cover *c, u32 old, u32 new, s32 dist)
{
	u32 i;

	if (!old)
		return true;
	if (!new)
		return false;
	for (i = 0; i < c->nr_ids; i++)
		if (c->ids[i].old == old)
			return c->ids[i].new == new && c->ids[i].dist == dist;
	if (c->nr_ids == MAX_IDS)
		return false;
	c->ids[c->nr_ids++] = (struct id_pair){ old, new, dist };
	return true;
}

/* As same_id() for things counted: two old ones are not one new one, and none is none. */
static bool same_ref(struct cover *c, u32 old, u32 new)
{
	u32 i;

	if (!old || !new)
		return old == new;
	for (i = 0; i < c->nr_ids; i++)
		if (c->ids[i].new == new && c->ids[i].old != old)
			return false;
	return same_id(c, old, new, 0);
}

static void find_groups(struct cover *c);

static bool group_known(const struct cover *c, u32 id)
{
	u32 i;

	for (i = 0; i < c->nr_relevant; i++)
		if (c->relevant[i] == id)
			return true;
	return false;
}

/* Is some number of the link group relevant? Too many groups: all are. */
static bool group_relevant(struct cover *c, u32 id)
{
	if (!c->grouped)
		find_groups(c);
	return c->nr_relevant == MAX_IDS || group_known(c, id);
}

static bool number_in(struct cover *c, const struct scalar *old, const struct scalar *new)
{
	return c->how == COVER_EQUAL ? scalar_equal(old, new) : scalar_subset(new, old);
}

/* Neither the number nor what is linked to it was looked at by any verdict. */
static bool nobody_cares(struct cover *c, const struct bpf_reg *old, bool relevant)
{
	if (c->how == COVER_RELEVANT && !relevant && !(old->id && group_relevant(c, old->id))) {
		c->skipped = true;
		return true;
	}
	return false;
}

static bool cover_scalar(struct cover *c, const struct bpf_reg *old, const struct bpf_reg *new,
			 bool relevant)
{
	if (nobody_cares(c, old, relevant))
		return true;
	return same_id(c, old->id, new->id, new->off - old->off) &&
	       number_in(c, &old->var, &new->var);
}

/*
 * What counts is where a packet pointer may be and how much of the packet is known to follow it;
 * how this is shared out between constant and variable part does not, as long as all pointers of a
 * group are apart by the same. A group may also stand for pointers at constant offsets (id 0).
 */
static bool cover_packet(struct cover *c, const struct bpf_reg *old, const struct bpf_reg *new)
{
	s64 dist = (s64)new->off - old->off;
	struct scalar by, val = new->var;

	if (c->how == COVER_EQUAL || !old->id)
		return !dist && (c->how == COVER_EQUAL ? old->range == new->range :
				 old->range <= new->range) &&
		       number_in(c, &old->var, &new->var) &&
		       (old->id ? same_id(c, old->id, new->id, 0) : !new->id);
	if (dist < 0 || (old->range && new->range < old->range + dist) ||
	    scalar_smin(&new->var) < scalar_smin(&old->var))
		return false;
	by = scalar_const(dist);
	scalar_alu(SCALAR_ADD, true, &val, &by);
	return scalar_subset(&val, &old->var) &&
	       same_id(c, old->id, new->id ?: PACKET_START, dist);
}

static bool cover_pointer(struct cover *c, const struct bpf_reg *old, const struct bpf_reg *new)
{
	if (reg_is_packet(old))
		return cover_packet(c, old, new);
	if (old->off != new->off || !same_ref(c, old->ref_id, new->ref_id) ||
	    !number_in(c, &old->var, &new->var))
		return false;
	switch (base_type(old->type)) {
	case PTR_TO_MAP_VALUE:
	case PTR_TO_MAP_KEY:
	case CONST_PTR_TO_MAP:
		return old->map == new->map && same_id(c, old->map_uid, new->map_uid, 0) &&
		       same_id(c, old->id, new->id, 0);
	case PTR_TO_STACK:
		return old->frame == new->frame;
	case PTR_TO_FUNC:
		return old->subprog == new->subprog;
	case PTR_TO_MEM:
		return old->mem_size == new->mem_size && same_id(c, old->dyn_id, new->dyn_id, 0) &&
		       same_ref(c, old->buf_id, new->buf_id) &&
		       same_id(c, old->id, new->id, 0);
	default:
		return old->raw[0] == new->raw[0] && old->raw[1] == new->raw[1] &&
		       same_id(c, old->id, new->id, 0);
	}
}

static bool cover_reg(struct cover *c, const struct bpf_reg *old, const struct bpf_reg *new,
		      bool relevant)
{
	if (old->type == NOT_INIT)
		return true;
	if (old->type != new->type)
		return false;
	if (old->type == SCALAR_VALUE)
		return cover_scalar(c, old, new, relevant);
	return cover_pointer(c, old, new);
}

/* Is a byte part of a number, or read as one by those who may read anything? */
static bool some_number(const struct cover *c, const struct bpf_slot *slot, u32 i)
{
	switch (slot->byte[i]) {
	case BYTE_NONE:
		return c->env->allow_uninit_stack;
	case BYTE_MISC:
	case BYTE_ZERO:
		return true;
	case BYTE_SPILL:
		return reg_is_scalar(&slot->reg);
	default:
		return false;
	}
}

/* One byte of the stack, @was in the old state, that is no part of a value spilled in both. */
static bool cover_byte(struct cover *c, u8 was, const struct bpf_slot *new, u32 i, bool relevant)
{
	bool may_see = c->env->allow_ptr_leaks;
	u8 is = new->byte[i];

	switch (was) {
	case BYTE_NONE:
		/* read by those who may read anything, as an unknown number */
		if (c->how == COVER_EQUAL)
			return is == BYTE_NONE;
		return is < BYTE_DYNPTR;
	case BYTE_MISC:
		if (c->how == COVER_EQUAL)
			return is == BYTE_MISC;
		if (is == BYTE_NONE)
			return c->env->allow_uninit_stack;
		return is == BYTE_MISC || is == BYTE_ZERO ||
		       (is == BYTE_SPILL && (may_see || reg_is_scalar(&new->reg)));
	case BYTE_ZERO:
		if (is == BYTE_ZERO)
			return true;
		if (relevant || c->how != COVER_RELEVANT)
			return false;
		c->skipped = true;
		return some_number(c, new, i);
	default:
		return false;
	}
}

static bool same_place(const struct snap_slot *a, const struct bpf_slot *b)
{
	return a->spill_size == b->spill_size && a->spill_off == b->spill_off;
}

/* A number spilled in the old state, bytes of a number in the new one, and nobody cares which. */
static bool cover_lost_spill(struct cover *c, const struct bpf_reg *old,
			     const struct bpf_slot *new, u32 i, bool relevant)
{
	return reg_is_scalar(old) && nobody_cares(c, old, relevant) && some_number(c, new, i);
}

static bool cover_object(struct cover *c, const struct snap_slot *old, const struct bpf_reg *reg,
			 const struct bpf_slot *new)
{
	if (memcmp(old->byte, new->byte, 8) || old->first != new->first || old->dyn != new->dyn)
		return false;
	if (!old->first)
		return true;
	if (c->how != COVER_RELEVANT && old->byte[0] == BYTE_ITER)
		/* the very same iterator: it comes to an end */
		return reg->ref_id == new->reg.ref_id;
	return reg->type == new->reg.type && reg->btf_id == new->reg.btf_id &&
	       same_ref(c, reg->ref_id, new->reg.ref_id) &&
	       same_id(c, reg->id, new->reg.id, 0);
}

/* @reg: of the old slot, if it has one */
static bool cover_content(struct cover *c, const struct snap_slot *old, const struct bpf_reg *reg,
			  const struct bpf_slot *new, bool relevant)
{
	bool same = same_place(old, new);
	u32 i;

	for (i = 0; i < 8; i++) {
		if (old->byte[i] == BYTE_SPILL) {
			if (same || cover_lost_spill(c, reg, new, i, relevant))
				continue;
			return false;
		}
		if (!cover_byte(c, old->byte[i], new, i, relevant))
			return false;
	}
	return !same || !old->spill_size || cover_reg(c, reg, &new->reg, relevant);
}

/* A spilled number that is linked to nothing and may be any of its size: bytes of some number. */
static bool slot_says_nothing(const struct snap_slot *slot, const struct bpf_reg *reg)
{
	struct scalar any;

	if (!slot->spill_size || !reg_is_scalar(reg) || reg->id)
		return false;
	any = scalar_range_u(0, GENMASK_ULL(slot->spill_size * 8 - 1, 0));
	return scalar_subset(&any, &reg->var);
}

static bool cover_slot(struct cover *c, const struct snap_slot *old, const struct bpf_reg *reg,
		       const struct bpf_slot *new, bool relevant)
{
	u32 i;

	if (old->byte[0] >= BYTE_DYNPTR || new->byte[0] >= BYTE_DYNPTR)
		return cover_object(c, old, reg, new);
	if (cover_content(c, old, reg, new, relevant))
		return true;
	if (c->how == COVER_EQUAL || !slot_says_nothing(old, reg))
		return false;
	for (i = 0; i < 8; i++)
		if (!cover_byte(c, old->byte[i] == BYTE_SPILL ? BYTE_MISC : old->byte[i], new, i,
				relevant))
			return false;
	return true;
}

/* Where a frame goes on: the innermost at the state's instruction, others behind their call. */
static u32 frame_at(const struct bpf_state *st, u32 n)
{
	return n == st->cur ? st->insn : st->frame[n + 1]->callsite;
}

static void find_group(struct cover *c, const struct bpf_reg *reg)
{
	if (reg_is_scalar(reg) && reg->id && c->nr_relevant < MAX_IDS && !group_known(c, reg->id))
		c->relevant[c->nr_relevant++] = reg->id;
}

/* Links carry what is learnt from one number to another: one relevant member makes all so. */
static void find_groups_in(struct cover *c, const struct snap_frame *sf, u32 at)
{
	u16 rel_regs = relevance_regs(c->env, at), regs = sf->regs;
	u64 rel_slots = relevance_slots_of(c->env, at), slots = sf->slots;
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot = snap_slots(sf);

	for (; regs; regs &= regs - 1, reg++)
		if (rel_regs & (1 << __ffs(regs)))
			find_group(c, reg);
	for (; slots; slots &= slots - 1, slot++)
		if (slot->spill_size && rel_slots & (1ULL << __ffs64(slots)))
			find_group(c, snap_slot_reg(sf, slot));
}

static void find_groups(struct cover *c)
{
	const struct snap_frame *sf;
	u32 i;

	c->grouped = true;
	if (!c->old)
		return;
	sf = snap_first(c->old);
	for (i = 0; i < c->old->nr_frames; i++, sf = snap_next(sf))
		find_groups_in(c, sf, frame_at(c->st, i));
}

/*
 * struct cover_mask - of a frame
 * @regs, @slots: relevant ones
 * @no_regs, @no_slots: those that were not looked at
 */
struct cover_mask {
	u64 slots;
	u64 no_slots;
	u16 regs;
	u16 no_regs;
};

static bool cover_frame(struct cover *c, const struct snap_frame *sf,
			const struct bpf_frame *frame, struct cover_mask *mask)
{
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot = snap_slots(sf);
	u64 slots = sf->slots;
	u16 regs = sf->regs;
	u32 i;

	if (sf->subprog != frame->subprog || sf->callsite != frame->callsite ||
	    sf->kind != frame->kind)
		return false;
	if (frame_has_cb_ret(sf->kind) && (sf->entry_refs != frame->entry_refs ||
					   !scalar_equal(snap_cb_ret(sf), &frame->cb_ret)))
		return false;
	for (; regs; regs &= regs - 1, reg++) {
		i = __ffs(regs);
		c->skipped = false;
		if (!cover_reg(c, reg, &frame->regs[i], mask->regs & (1 << i)))
			return false;
		mask->no_regs |= c->skipped << i;
	}
	for (; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		c->skipped = false;
		if (!cover_slot(c, slot, snap_slot_reg(sf, slot), &frame->slots[i],
				mask->slots & (1ULL << i)))
			return false;
		mask->no_slots |= (u64)c->skipped << i;
	}
	/* objects that the old state did not have */
	return !(frame_objects(frame) & ~sf->slots);
}

/* Slots that a slice of the new state may lie in are so in the old one: slices have been mapped. */
static bool cover_buffers(const struct cover *c, const struct snap_frame *sf,
			  const struct bpf_frame *frame)
{
	u64 slots = frame_buffers(frame);
	const struct snap_slot *old;
	u32 i, k;

	for (; slots; slots &= slots - 1) {
		i = __ffs64(slots);
		old = sf->slots & (1ULL << i) ?
		      &snap_slots(sf)[hweight64(sf->slots & ((1ULL << i) - 1))] : NULL;
		for (k = 0; k < c->nr_ids; k++)
			if (c->ids[k].new == frame->slots[i].buf_id &&
			    (!old || old->buf_id != c->ids[k].old))
				return false;
	}
	return true;
}

static bool cover_refs(struct cover *c, const struct bpf_snapshot *old, const struct bpf_ref *refs,
		       const struct bpf_state *st)
{
	u32 i;

	if (old->nr_refs != st->nr_refs || old->nr_locks != st->nr_locks ||
	    old->rcu_depth != st->rcu_depth || old->preempt_depth != st->preempt_depth ||
	    old->sleepable != st->sleepable)
		return false;
	for (i = 0; i < old->nr_refs; i++)
		if (refs[i].kind != st->refs[i].kind || refs[i].ptr != st->refs[i].ptr ||
		    !same_ref(c, refs[i].id, st->refs[i].id))
			return false;
	return true;
}

static void cover_begin(struct cover *c, struct bpf_verifier_env *env, enum bpf_cover how)
{
	c->env = env;
	c->how = how;
	c->grouped = false;
	c->old = NULL;
	c->nr_ids = 0;
	c->nr_relevant = 0;
}

/*
 * Where states stand for others before all is known that matters (merge.c), what was not looked at
 * is remembered. Links are not where none of their numbers matters, and so each of these is noted.
 */
static void note_skipped(const struct cover *c, const struct bpf_snapshot *old,
			 const struct bpf_state *st, const struct cover_mask *masks)
{
	u32 i;

	for (i = 0; i < old->nr_frames; i++)
		relevance_assume(c->env, frame_at(st, i), masks[i].no_regs, masks[i].no_slots);
}

/**
 * state_covered - does an old state stand for this one
 * @env: environment
 * @old: the old state, at the same instruction
 * @st: the state
 * @how: how strictly
 *
 * Context: the walk. Return: true if so.
 */
bool state_covered(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st, enum bpf_cover how)
{
	const struct snap_frame *sf = snap_first(old);
	struct cover *c = env->walk->cover;
	struct cover_mask mask[BPF_VERIFY_MAX_FRAMES];
	u32 i;

	if (old->nr_frames != st->cur + 1 || (old->speculative && !st->speculative))
		return false;
	cover_begin(c, env, how);
	c->old = old;
	c->st = st;
	for (i = 0; i < old->nr_frames; i++, sf = snap_next(sf)) {
		mask[i] = (struct cover_mask){
			.regs = relevance_regs(env, frame_at(st, i)),
			.slots = relevance_slots_of(env, frame_at(st, i)),
		};
		if (!cover_frame(c, sf, st->frame[i], &mask[i]))
			return false;
	}
	if (!cover_refs(c, old, (const struct bpf_ref *)sf, st))
		return false;
	sf = snap_first(old);
	for (i = 0; i < old->nr_frames; i++, sf = snap_next(sf))
		if (!cover_buffers(c, sf, st->frame[i]))
			return false;
	if (env->walk->merging)
		note_skipped(c, old, st, mask);
	return true;
}

/**
 * args_covered - are arguments among those that a function was walked with
 * @env: environment
 * @old: those, from R1 on
 * @regs: registers of the caller, from R0 on
 * @mask: arguments that count
 * @entry: first instruction of the function
 *
 * Context: the walk. Return: true if so.
 */
bool args_covered(struct bpf_verifier_env *env, const struct bpf_reg *old,
		  const struct bpf_reg *regs, u16 mask, u32 entry)
{
	struct cover *c = env->walk->cover;
	u16 relevant = relevance_regs(env, entry), left;
	u32 i;

	cover_begin(c, env, COVER_RELEVANT);
	for (left = mask & relevant; left; left &= left - 1) {
		i = __ffs(left);
		if (reg_is_scalar(&old[i - 1]) && old[i - 1].id)
			c->relevant[c->nr_relevant++] = old[i - 1].id;
	}
	for (left = mask; left; left &= left - 1) {
		i = __ffs(left);
		if (!cover_reg(c, &old[i - 1], &regs[i], relevant & (1 << i)))
			return false;
	}
	return true;
}

/**
 * exit_covered - is what a function returns among what it is known to return
 * @env: environment
 * @old: what is known
 * @r0: what it returns
 *
 * Context: the walk. Return: true if so.
 */
bool exit_covered(struct bpf_verifier_env *env, const struct bpf_reg *old,
		  const struct bpf_reg *r0)
{
	cover_begin(env->walk->cover, env, COVER_ALL);
	return cover_reg(env->walk->cover, old, r0, true);
}

/**
 * cover_size - bytes of the scratch memory that comparing needs
 *
 * Context: any. Return: bytes.
 */
size_t cover_size(void)
{
	return sizeof(struct cover);
}
