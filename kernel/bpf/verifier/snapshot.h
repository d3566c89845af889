/* SPDX-License-Identifier: GPL-2.0 */
/* Layout of snapshots, for those that compare states. */
#ifndef _KBPF_VERIFIER_SNAPSHOT_H
#define _KBPF_VERIFIER_SNAPSHOT_H

#include <linux/bitops.h>
#include "verifier/state.h"

struct bpf_snapshot {
	u32 size;
	u32 insn;
	u32 nr_frames;
	u32 nr_refs;
	u32 nr_locks;
	u32 rcu_depth;
	u32 preempt_depth;
	bool speculative;
	bool sleepable;
};

/*
 * struct snap_slot - a slot as it is kept
 * @reg: place of its register among those of the frame; valid if snap_has_reg()
 *
 * The rest is as in struct bpf_slot.
 */
struct snap_slot {
	u8 byte[8];
	u8 spill_off;
	u8 spill_size;
	bool first;
	u8 reg;
	u32 dyn;
	u32 buf_id;
};

/*
 * struct snap_frame - a frame as it is kept
 * @slots: slots that follow the registers
 * @regs: live registers; they come first
 * @nr_regs: those, what slots hold, and for callbacks a last one with what may be returned
 *
 * The rest is as in struct bpf_frame.
 */
struct snap_frame {
	u64 slots;
	u32 subprog;
	u32 callsite;
	u32 instance;
	u32 may_goto;
	u32 cb_call;
	u32 cb_depth;
	u32 entry_refs;
	u32 turns[MERGE_NEST];
	u16 regs;
	u8 nr_regs;
	u8 kind;
};

static inline struct snap_frame *snap_first(const struct bpf_snapshot *snap)
{
	return (struct snap_frame *)(snap + 1);
}

static inline struct bpf_reg *snap_regs(const struct snap_frame *sf)
{
	return (struct bpf_reg *)(sf + 1);
}

static inline struct snap_slot *snap_slots(const struct snap_frame *sf)
{
	return (struct snap_slot *)(snap_regs(sf) + sf->nr_regs);
}

/* Bytes that so many slots take: what follows is aligned. */
static inline size_t snap_slots_size(u32 nr)
{
	return ALIGN(nr * sizeof(struct snap_slot), sizeof(u64));
}

static inline struct snap_frame *snap_next(const struct snap_frame *sf)
{
	return (void *)snap_slots(sf) + snap_slots_size(hweight64(sf->slots));
}

/* Does the slot hold a value of its own: one that was spilled, a dynptr, an iterator? */
static inline bool snap_has_reg(const struct snap_slot *slot)
{
	return slot->spill_size || slot->first;
}

static inline struct bpf_reg *snap_slot_reg(const struct snap_frame *sf,
					    const struct snap_slot *slot)
{
	return &snap_regs(sf)[slot->reg];
}

/* Frames whose exit is held against what the caller expects. */
static inline bool frame_has_cb_ret(u8 kind)
{
	return kind != FRAME_MAIN && kind != FRAME_CALL;
}

static inline const struct scalar *snap_cb_ret(const struct snap_frame *sf)
{
	return &snap_regs(sf)[sf->nr_regs - 1].var;
}

static inline const struct snap_frame *snap_innermost(const struct bpf_snapshot *snap)
{
	const struct snap_frame *sf = snap_first(snap);
	u32 i;

	for (i = 0; i + 1 < snap->nr_frames; i++)
		sf = snap_next(sf);
	return sf;
}

/* Slots that belong to dynptrs and iterators count as live: their state is checked at exits. */
static inline u64 frame_objects(const struct bpf_frame *frame)
{
	u64 used = frame->used, objects = 0;
	u32 i;

	for (; used; used &= used - 1) {
		i = __ffs64(used);
		if (frame->slots[i].byte[0] >= BYTE_DYNPTR)
			objects |= 1ULL << i;
	}
	return objects;
}

/* Slots that slices may lie in: what is put there later matters to these. */
static inline u64 frame_buffers(const struct bpf_frame *frame)
{
	u64 used = frame->used, buffers = 0;
	u32 i;

	for (; used; used &= used - 1) {
		i = __ffs64(used);
		if (frame->slots[i].buf_id)
			buffers |= 1ULL << i;
	}
	return buffers;
}

#endif /* _KBPF_VERIFIER_SNAPSHOT_H */
