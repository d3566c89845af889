// SPDX-License-Identifier: GPL-2.0
/*
 * Which numbers count the turns of a loop.
 *
 * Where paths are joined, a loop that ends because a number reaches its limit must keep that number
 * exact: states are joined only with those of the same turn. A counter is told by what it does:
 * each time that an instruction is reached again inside the same call of a function, it holds
 * another constant than before. What does not is no counter of the innermost loop around the
 * instruction; counters of outer loops are those of their heads.
 *
 * A wrong guess costs precision and the end of the loop, never soundness: the walk is then done
 * again, see bpf_pass_walk().
 */
#include <linux/slab.h>
#include "verifier/prune.h"

#define MAX_NEST 16

/* Of one instruction: what held another constant at each return to it. */
struct bpf_turns {
	u64 slots;
	u16 regs;
	bool seen;
};

/**
 * turns_init - get ready
 * @env: environment
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int turns_init(struct bpf_verifier_env *env)
{
	env->walk->turns = kvcalloc(env->prog->len, sizeof(*env->walk->turns), GFP_KERNEL_ACCOUNT);
	return env->walk->turns ? 0 : -ENOMEM;
}

/**
 * turns_free - done
 * @env: environment
 *
 * Context: may sleep.
 */
void turns_free(struct bpf_verifier_env *env)
{
	kvfree(env->walk->turns);
	env->walk->turns = NULL;
}

static const struct bpf_reg *snap_reg(const struct snap_frame *sf, u32 regno)
{
	if (!(sf->regs & (1 << regno)))
		return NULL;
	return &snap_regs(sf)[hweight16(sf->regs & ((1 << regno) - 1))];
}

static const struct bpf_reg *snap_spill(const struct snap_frame *sf, u32 slot)
{
	const struct snap_slot *at;

	if (!(sf->slots & (1ULL << slot)))
		return NULL;
	at = &snap_slots(sf)[hweight64(sf->slots & ((1ULL << slot) - 1))];
	return at->spill_size ? snap_slot_reg(sf, at) : NULL;
}

static bool moved_on(const struct bpf_reg *now, const struct bpf_reg *before)
{
	return before && reg_is_const(now) && reg_is_const(before) &&
	       !scalar_equal(&now->var, &before->var);
}

/**
 * turns_note - an instruction is reached again
 * @env: environment; the state is before the instruction
 * @before: state at the last time
 *
 * Context: the walk.
 */
void turns_note(struct bpf_verifier_env *env, const struct bpf_snapshot *before)
{
	const struct bpf_state *st = walk_state(env);
	struct bpf_turns *turns = &env->walk->turns[st->insn];
	const struct bpf_frame *frame = state_frame(st);
	const struct snap_frame *was = snap_innermost(before);
	u64 slots;
	u16 regs;
	u32 i;

	if (before->nr_frames != st->cur + 1 || was->instance != frame->instance)
		return;
	if (!turns->seen)
		*turns = (struct bpf_turns){ frame->used, (1 << BPF_REG_10) - 1, true };
	for (regs = turns->regs; regs; regs &= regs - 1) {
		i = __ffs(regs);
		if (!moved_on(&frame->regs[i], snap_reg(was, i)))
			turns->regs &= ~(1 << i);
	}
	for (slots = turns->slots; slots; slots &= slots - 1) {
		i = __ffs64(slots);
		if (!frame->slots[i].spill_size ||
		    !moved_on(&frame->slots[i].reg, snap_spill(was, i)))
			turns->slots &= ~(1ULL << i);
	}
}

/* Do the two agree on all counters in the masks? @found: there is one. */
static bool agree(const struct snap_frame *old, const struct bpf_frame *frame,
		  const struct bpf_turns *turns, bool *found)
{
	u64 slots = turns->slots & frame->used;
	const struct bpf_reg *was;
	u16 regs = turns->regs;
	u32 i;

	for (; regs; regs &= regs - 1) {
		i = __ffs(regs);
		if (!reg_is_const(&frame->regs[i]))
			continue;
		*found = true;
		was = snap_reg(old, i);
		if (was && (!reg_is_const(was) || !scalar_equal(&was->var, &frame->regs[i].var)))
			return false;
	}
	for (; slots; slots &= slots - 1) {
		i = __ffs64(slots);
		if (!frame->slots[i].spill_size || !reg_is_const(&frame->slots[i].reg))
			continue;
		*found = true;
		was = snap_spill(old, i);
		if (was && (!reg_is_const(was) ||
			    !scalar_equal(&was->var, &frame->slots[i].reg.var)))
			return false;
	}
	return true;
}

/* One frame, which goes on at @at: each loop around that has to have a counter. */
static bool frame_agrees(const struct bpf_verifier_env *env, const struct snap_frame *old,
			 const struct bpf_frame *frame, u32 at, bool ended)
{
	const struct bpf_turns *turns = env->walk->turns;
	u32 head = env->aux[at].loop_head ? at + 1 : env->aux[at].loop, depth;
	bool found = ended;

	if (!head)
		return true;
	if (!agree(old, frame, &turns[at], &found))
		return false;
	for (depth = 0; head && depth < MAX_NEST; depth++) {
		if (!agree(old, frame, &turns[head - 1], &found) || !found)
			return false;
		found = false;
		head = env->aux[head - 1].loop;
	}
	return true;
}

/**
 * turns_agree - may two states be joined without making a loop endless
 * @env: environment
 * @old: the one; at the same instruction as the state worked on
 * @ended: something else than numbers ends the innermost loop
 *
 * Context: the walk. Return: true if so.
 */
bool turns_agree(struct bpf_verifier_env *env, const struct bpf_snapshot *old, bool ended)
{
	const struct snap_frame *sf = snap_first(old);
	const struct bpf_state *st = walk_state(env);
	u32 i, at;

	for (i = 0; i < old->nr_frames && i <= st->cur; i++, sf = snap_next(sf)) {
		at = i == st->cur ? st->insn : st->frame[i + 1]->callsite;
		if (at < env->prog->len && !frame_agrees(env, sf, st->frame[i], at, ended))
			return false;
	}
	return true;
}
