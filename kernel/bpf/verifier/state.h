/* SPDX-License-Identifier: GPL-2.0 */
/*
 * States of the walk: what is known when an instruction is reached on one path.
 *
 * One state is worked on at a time, with all of its arrays spread out. States that wait (pending
 * branches) or are kept for comparison (checkpoints) are snapshots: one allocation that holds the
 * live registers and slots only.
 */
#ifndef _KBPF_VERIFIER_STATE_H
#define _KBPF_VERIFIER_STATE_H

#include "domain/scalar.h"
#include "verifier/verifier.h"

#define BPF_VERIFY_MAX_REFS	128
#define MERGE_NEST	4	/* loops around each other of which turns are told apart */
#define BPF_VERIFY_MAX_PKT_OFF	0xffff

/*
 * struct bpf_reg - a register or a spilled one
 * @type: enum bpf_reg_type and flags
 * @off: pointers: constant part of the offset in bytes. Scalars with @id: value == base + @off for
 *	one base that all scalars of the id share, modulo 2^64
 * @id: scalars: link group. Pointers that may be null: what is checked together. Packet pointers:
 *	what shares the variable part of the offset. Map values with a lock or timer: which element.
 *	0: none
 * @ref_id: the acquired reference that it stands for or was derived from; 0: none
 * @map, @map_uid: maps, map keys and values; @map_uid tells inner maps of one outer map apart
 * @btf, @btf_id: PTR_TO_BTF_ID
 * @mem_size, @dyn_id, @buf_id: PTR_TO_MEM, PTR_TO_BUF: size; the dynptr that it is a slice of; the
 *	buffer of the stack that it may lie in, see slices.c
 * @range, @past_end: packet pointers: bytes from @off 0 on that are known to be in the packet
 * @frame: PTR_TO_STACK: number of the frame
 * @subprog: PTR_TO_FUNC
 * @var: scalars: the value. Pointers: variable part of the offset
 */
struct bpf_reg {
	u32 type;
	s32 off;
	u32 id;
	u32 ref_id;
	union {
		struct {
			struct bpf_map *map;
			u32 map_uid;
		};
		struct {
			struct btf *btf;
			u32 btf_id;
		};
		struct {
			u32 mem_size;
			u32 dyn_id;
			u32 buf_id;
		};
		struct {
			u32 range;
		};
		u32 frame;
		u32 subprog;
		u64 raw[2];
	};
	struct scalar var;
};

/* What one byte of the stack holds. */
enum bpf_byte {
	BYTE_NONE,		/* never written */
	BYTE_MISC,		/* written, nothing known */
	BYTE_ZERO,
	BYTE_SPILL,		/* byte of slot.reg */
	BYTE_DYNPTR,
	BYTE_ITER,
	BYTE_IRQ,
};

/*
 * struct bpf_slot - 8 bytes of the stack
 * @byte: enum bpf_byte of each, lowest address first
 * @spill_off, @spill_size: the bytes that @reg was stored to; all of them are BYTE_SPILL
 * @first: dynptrs, iterators: lowest slot of the object (@reg is valid there only)
 * @dyn: dynptrs, iterators: DYNPTR_TYPE_* of the object, or state of the iterator
 * @buf_id: slices with that id may lie here: all bytes are BYTE_MISC
 * @reg: the value spilled; dynptrs and iterators: id, ref_id, btf_id
 */
struct bpf_slot {
	u8 byte[8];
	u8 spill_off;
	u8 spill_size;
	bool first;
	u32 dyn;
	u32 buf_id;
	struct bpf_reg reg;
};

/* Why a frame was entered, which decides what its exit means. */
enum bpf_frame_kind {
	FRAME_MAIN,		/* the program, or a global function verified alone */
	FRAME_CALL,
	FRAME_CALLBACK,		/* called by the helper at callsite, any number of times */
	FRAME_ASYNC,		/* callback that runs later, verified alone */
	FRAME_EXCEPTION,
};

struct bpf_frame {
	u32 subprog;
	u32 callsite;		/* instruction of the call; U32_MAX for FRAME_MAIN */
	u8 kind;		/* enum bpf_frame_kind */
	u32 instance;		/* tells one entry from the next */
	u32 may_goto;		/* taken so often since the function was entered */
	u32 cb_call;		/* call with a callback that this frame is in; 0: none */
	u32 cb_depth;		/* how often its callback has returned */
	u32 entry_refs;		/* callbacks: references held outside */
	u32 turns[MERGE_NEST];	/* of the loops around, outermost first; merge.c */
	struct scalar cb_ret;	/* callbacks: what may be returned */
	u64 used;		/* slots with a byte other than BYTE_NONE */
	struct bpf_reg regs[BPF_VERIFY_REGS];
	struct bpf_slot slots[BPF_VERIFY_SLOTS];
};

enum bpf_ref_kind {
	REF_PTR,
	REF_LOCK,
	REF_IRQ,
};

/* Something that has to be given back. @ptr: map (or BTF object) of a lock's element @id. */
struct bpf_ref {
	u32 id;
	u32 insn;
	u32 kind;		/* enum bpf_ref_kind */
	const void *ptr;
};

struct bpf_state {
	struct bpf_frame *frame[BPF_VERIFY_MAX_FRAMES];
	u32 cur;		/* number of the innermost frame */
	u32 insn;		/* next instruction */
	u32 nr_refs;
	u32 nr_locks;
	u32 rcu_depth;
	u32 preempt_depth;
	u32 last_instance;	/* of frames; never reused */
	bool speculative;
	bool sleepable;		/* the program, or the callback: outside of sections */
	struct bpf_ref refs[BPF_VERIFY_MAX_REFS];
};

struct bpf_snapshot;

static inline struct bpf_frame *state_frame(const struct bpf_state *st)
{
	return st->frame[st->cur];
}

static inline struct bpf_reg *state_reg(const struct bpf_state *st, u32 regno)
{
	return &st->frame[st->cur]->regs[regno];
}

static inline bool reg_is_pointer(const struct bpf_reg *reg)
{
	return reg->type != NOT_INIT && reg->type != SCALAR_VALUE;
}

static inline bool reg_is_scalar(const struct bpf_reg *reg)
{
	return reg->type == SCALAR_VALUE;
}

static inline bool reg_is_const(const struct bpf_reg *reg)
{
	return reg->type == SCALAR_VALUE && scalar_is_const(&reg->var);
}

static inline bool reg_is_const_val(const struct bpf_reg *reg, u64 val)
{
	return reg_is_const(reg) && scalar_const_value(&reg->var) == val;
}

/* NULL pointers are scalars known to be 0. */
static inline bool reg_is_null(const struct bpf_reg *reg)
{
	return reg_is_const_val(reg, 0);
}

/* An object that programs allocate: it is there, and may be written. */
static inline bool reg_is_allocated(const struct bpf_reg *reg)
{
	return base_type(reg->type) == PTR_TO_BTF_ID && reg->type & MEM_ALLOC;
}

static inline bool reg_is_packet(const struct bpf_reg *reg)
{
	u32 base = base_type(reg->type);

	return base == PTR_TO_PACKET || base == PTR_TO_PACKET_META;
}

/* Pointers whose offset is a constant. */
static inline bool reg_off_const(const struct bpf_reg *reg)
{
	return scalar_is_const(&reg->var);
}

/* Constant offset of a pointer for which reg_off_const() holds. */
static inline s64 reg_const_off(const struct bpf_reg *reg)
{
	return (s64)reg->off + (s64)scalar_const_value(&reg->var);
}

/* Registers: state.c */
void reg_clear(struct bpf_reg *reg);
void reg_set_unknown(struct bpf_reg *reg);
void reg_set_const(struct bpf_reg *reg, u64 val);
void reg_set_scalar(struct bpf_reg *reg, struct scalar val);
void reg_set_pointer(struct bpf_reg *reg, u32 type);
u32 walk_new_id(struct bpf_verifier_env *env);
typedef void (*reg_visit_t)(struct bpf_reg *reg, void *arg);
void state_for_each_reg(struct bpf_state *st, reg_visit_t visit, void *arg);

/* States: state.c */
struct bpf_state *state_new(void);
void state_free(struct bpf_state *st);
struct bpf_frame *state_push_frame(struct bpf_state *st, u32 subprog, u32 callsite, u8 kind);
void state_pop_frame(struct bpf_state *st);
void state_reset(struct bpf_state *st);
void slot_clear(struct bpf_frame *frame, u32 slot);

/* Snapshots: snapshot.c */
struct bpf_snapshot *snapshot_take(struct bpf_verifier_env *env, const struct bpf_state *st);
int snapshot_restore(const struct bpf_snapshot *snap, struct bpf_state *st);
void snapshot_free(struct bpf_verifier_env *env, struct bpf_snapshot *snap);

#endif /* _KBPF_VERIFIER_STATE_H */
