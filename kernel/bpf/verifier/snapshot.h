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

struct snap_frame {
	u64 slots;		/* slots that follow the registers */
	u32 subprog;
	u32 callsite;
	u32 instance;
	u32 may_goto;
	u32 cb_call;
	u32 cb_depth;
	u32 entry_refs;
	u32 turns[MERGE_NEST];
	u16 regs;		/* registers that follow */
	u8 kind;
	struct scalar cb_ret;
};

static inline struct snap_frame *snap_first(const struct bpf_snapshot *snap)
{
	return (struct snap_frame *)(snap + 1);
}

static inline struct bpf_reg *snap_regs(const struct snap_frame *sf)
{
	return (struct bpf_reg *)(sf + 1);
}

static inline struct bpf_slot *snap_slots(const struct snap_frame *sf)
{
	return (struct bpf_slot *)(snap_regs(sf) + hweight16(sf->regs));
}

static inline struct snap_frame *snap_next(const struct snap_frame *sf)
{
	return (struct snap_frame *)(snap_slots(sf) + hweight64(sf->slots));
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
