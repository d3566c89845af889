// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots: states put away, live parts only.
 *
 * Layout: the header, then per frame a struct snap_frame followed by its registers, by those that
 * slots hold, and by the slots, all in ascending order of the masks. References stand last. Most
 * slots are bytes of which nothing is known, and take a fifth of what one with a value does.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/snapshot.h"
#include "verifier/walk.h"

/* Registers and slots of a frame that the rest of the program may read. */
static void frame_live(struct bpf_verifier_env *env, const struct bpf_state *st, u32 n,
		       u16 *regs, u64 *slots)
{
	const struct bpf_frame *frame = st->frame[n];
	const struct bpf_insn_aux *aux;
	u32 i;

	if (n == st->cur) {
		aux = &env->aux[st->insn];
		*regs = aux->live_regs;
		*slots = aux->live_slots;
	} else {
		/* suspended in a call: what it needs afterwards, and what the callee may reach */
		aux = &env->aux[st->frame[n + 1]->callsite];
		*regs = aux->live_regs;
		/* a helper calls its callback again with the same arguments */
		if (st->frame[n + 1]->kind != FRAME_CALLBACK)
			*regs &= 0x3c0;
		*slots = aux->live_slots;
	}
	*regs &= ~(1 << BPF_REG_10);
	for (i = 0; i < BPF_REG_10; i++)
		if (frame->regs[i].type == NOT_INIT)
			*regs &= ~(1 << i);
	*slots = (*slots | frame_objects(frame) | frame_buffers(frame)) & frame->used;
}

static bool slot_has_reg(const struct bpf_slot *slot)
{
	return slot->spill_size || slot->first;
}

static u32 count_regs(const struct bpf_frame *frame, u16 regs, u64 slots)
{
	u32 n = hweight16(regs) + frame_has_cb_ret(frame->kind);

	for (; slots; slots &= slots - 1)
		n += slot_has_reg(&frame->slots[__ffs64(slots)]);
	return n;
}

static size_t frame_size(const struct bpf_frame *frame, u16 regs, u64 slots)
{
	return sizeof(struct snap_frame) +
	       count_regs(frame, regs, slots) * sizeof(struct bpf_reg) +
	       snap_slots_size(hweight64(slots));
}

static void slot_pack(struct snap_slot *to, const struct bpf_slot *slot, u32 reg)
{
	memcpy(to->byte, slot->byte, sizeof(to->byte));
	to->spill_off = slot->spill_off;
	to->spill_size = slot->spill_size;
	to->first = slot->first;
	to->reg = reg;
	to->dyn = slot->dyn;
	to->buf_id = slot->buf_id;
}

static void *frame_pack(void *at, const struct bpf_frame *frame, u16 regs, u64 slots)
{
	struct snap_frame *sf = at;
	struct bpf_reg *reg = snap_regs(sf);
	struct snap_slot *to;
	u64 left;

	sf->subprog = frame->subprog;
	sf->callsite = frame->callsite;
	sf->kind = frame->kind;
	sf->instance = frame->instance;
	sf->may_goto = frame->may_goto;
	sf->cb_call = frame->cb_call;
	sf->cb_depth = frame->cb_depth;
	sf->entry_refs = frame->entry_refs;
	memcpy(sf->turns, frame->turns, sizeof(sf->turns));
	sf->regs = regs;
	sf->slots = slots;
	sf->nr_regs = count_regs(frame, regs, slots);
	for (; regs; regs &= regs - 1)
		*reg++ = frame->regs[__ffs(regs)];
	to = snap_slots(sf);
	for (left = slots; left; left &= left - 1) {
		const struct bpf_slot *slot = &frame->slots[__ffs64(left)];

		slot_pack(to++, slot, reg - snap_regs(sf));
		if (slot_has_reg(slot))
			*reg++ = slot->reg;
	}
	if (frame_has_cb_ret(frame->kind))
		reg_set_scalar(reg, frame->cb_ret);
	return snap_next(sf);
}

/* Counts the numbers of a link group. */
static u32 link_count(struct bpf_snapshot *snap, u32 id)
{
	struct snap_frame *sf = snap_first(snap);
	u32 i, k, n = 0;

	for (i = 0; i < snap->nr_frames; i++, sf = snap_next(sf))
		for (k = 0; k < sf->nr_regs; k++)
			n += reg_is_scalar(&snap_regs(sf)[k]) && snap_regs(sf)[k].id == id;
	return n;
}

static void drop_single(struct bpf_snapshot *snap, struct bpf_reg *reg)
{
	if (!reg_is_scalar(reg) || !reg->id || link_count(snap, reg->id) > 1)
		return;
	reg->id = 0;
	reg->off = 0;
}

/* A number whose partners are all dead is linked to nothing. */
static void drop_single_links(struct bpf_snapshot *snap)
{
	struct snap_frame *sf = snap_first(snap);
	u32 i, k;

	for (i = 0; i < snap->nr_frames; i++, sf = snap_next(sf))
		for (k = 0; k < sf->nr_regs; k++)
			drop_single(snap, &snap_regs(sf)[k]);
}

/**
 * snapshot_take - put the live part of a state away
 * @env: environment
 * @st: state; @st->insn is where it goes on
 *
 * Context: the walk. Return: snapshot, or NULL without memory.
 */
struct bpf_snapshot *snapshot_take(struct bpf_verifier_env *env, const struct bpf_state *st)
{
	struct bpf_snapshot *snap;
	u16 regs[BPF_VERIFY_MAX_FRAMES];
	u64 slots[BPF_VERIFY_MAX_FRAMES];
	size_t size = sizeof(*snap) + st->nr_refs * sizeof(struct bpf_ref);
	void *at;
	u32 i;

	for (i = 0; i <= st->cur; i++) {
		frame_live(env, st, i, &regs[i], &slots[i]);
		size += frame_size(st->frame[i], regs[i], slots[i]);
	}
	snap = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!snap)
		return NULL;
	snap->size = size;
	snap->insn = st->insn;
	snap->nr_frames = st->cur + 1;
	snap->nr_refs = st->nr_refs;
	snap->nr_locks = st->nr_locks;
	snap->rcu_depth = st->rcu_depth;
	snap->preempt_depth = st->preempt_depth;
	snap->speculative = st->speculative;
	snap->sleepable = st->sleepable;
	at = snap + 1;
	for (i = 0; i <= st->cur; i++)
		at = frame_pack(at, st->frame[i], regs[i], slots[i]);
	drop_single_links(snap);
	memcpy(at, st->refs, st->nr_refs * sizeof(struct bpf_ref));
	walk_account(env, size);
	return snap;
}

static void slot_unpack(const struct snap_frame *sf, const struct snap_slot *from,
			struct bpf_slot *slot)
{
	memcpy(slot->byte, from->byte, sizeof(slot->byte));
	slot->spill_off = from->spill_off;
	slot->spill_size = from->spill_size;
	slot->first = from->first;
	slot->dyn = from->dyn;
	slot->buf_id = from->buf_id;
	if (snap_has_reg(from))
		slot->reg = *snap_slot_reg(sf, from);
}

static void *frame_unpack(const struct snap_frame *sf, struct bpf_frame *frame)
{
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot = snap_slots(sf);
	u64 slots;
	u16 regs;

	frame->instance = sf->instance;
	frame->may_goto = sf->may_goto;
	frame->cb_call = sf->cb_call;
	frame->cb_depth = sf->cb_depth;
	frame->entry_refs = sf->entry_refs;
	memcpy(frame->turns, sf->turns, sizeof(frame->turns));
	if (frame_has_cb_ret(sf->kind))
		frame->cb_ret = *snap_cb_ret(sf);
	for (regs = sf->regs; regs; regs &= regs - 1)
		frame->regs[__ffs(regs)] = *reg++;
	for (slots = sf->slots; slots; slots &= slots - 1)
		slot_unpack(sf, slot++, &frame->slots[__ffs64(slots)]);
	frame->used = sf->slots;
	return snap_next(sf);
}

/**
 * snapshot_restore - make a snapshot the working state
 * @snap: snapshot; stays as it is
 * @st: overwritten
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int snapshot_restore(const struct bpf_snapshot *snap, struct bpf_state *st)
{
	const struct snap_frame *sf = snap_first(snap);
	struct bpf_frame *frame;
	u32 i;

	state_reset(st);
	for (i = 0; i < snap->nr_frames; i++) {
		frame = state_push_frame(st, sf->subprog, sf->callsite, sf->kind);
		if (!frame)
			return -ENOMEM;
		sf = frame_unpack(sf, frame);
	}
	memcpy(st->refs, sf, snap->nr_refs * sizeof(struct bpf_ref));
	st->insn = snap->insn;
	st->nr_refs = snap->nr_refs;
	st->nr_locks = snap->nr_locks;
	st->rcu_depth = snap->rcu_depth;
	st->preempt_depth = snap->preempt_depth;
	st->speculative = snap->speculative;
	st->sleepable = snap->sleepable;
	return 0;
}

/**
 * snapshot_free - free a snapshot
 * @env: environment
 * @snap: may be NULL
 *
 * Context: may sleep.
 */
void snapshot_free(struct bpf_verifier_env *env, struct bpf_snapshot *snap)
{
	if (!snap)
		return;
	walk_account(env, -(s64)snap->size);
	kvfree(snap);
}
