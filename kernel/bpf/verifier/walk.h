/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The walk, inside: what its parts offer each other.
 *
 * The walk follows paths depth first. One state is worked on; branches not yet taken wait on a
 * stack. Handlers of instructions return 0 (go on at st->insn, which was set to the next
 * instruction before), WALK_END (this path has come to an end and was fine), or -errno.
 */
#ifndef _KBPF_VERIFIER_WALK_H
#define _KBPF_VERIFIER_WALK_H

#include "verifier/state.h"

#define WALK_END 1

struct bpf_call;
struct bpf_memo;
struct bpf_memos;
struct cover;

enum bpf_resume {
	RESUME_PLAIN,
	RESUME_JUMP,		/* it is as before the jump: walk_resume_jump() */
	RESUME_CALLBACK,	/* it is as before the call: enter the callback */
	RESUME_MERGED,		/* it waited for others; merge.c */
	RESUME_MEMO,		/* it is as before the call: go on with an exit; memo.c */
};

/*
 * struct bpf_pending - a branch to be taken later
 * @snap: state at its first instruction
 * @from: the instruction that branched; U32_MAX: a function's entry
 * @resume: what is to be done to the state first
 * @log_pos: where the log goes on at level 1
 * @nr_trail: length of the trail up to the branch
 * @since_checkpoint, @jumps_since: as in struct bpf_walk
 * @node: of the graph of merge.c; @seq: it was the so manieth that was pushed
 * @memo, @next_exit: RESUME_MEMO: the call, and the exit that is next
 */
struct bpf_pending {
	struct bpf_snapshot *snap;
	u32 from;
	u8 resume;
	u64 log_pos;
	u32 nr_trail;
	u32 since_checkpoint;
	u32 jumps_since;
	u32 node;
	u32 seq;
	u32 next_exit;
	struct bpf_memo *memo;
};

/*
 * struct bpf_walk - the walk of one program
 * @st: the state being worked on
 * @pending: stack of branches; @nr_pending, @cap_pending
 * @trail: conditional jumps of this path, instruction << 1 | taken
 * @last_id: ids are never reused
 * @from: where this path came from, for the "from A to B" line; U32_MAX: printed already
 * @touched: slots of the current frame that the last instruction changed, for the log
 * @prune: checkpoints; prune.c
 * @rel: relevance of registers and slots; relevance.c
 * @turns: what counts the turns of loops; turns.c
 * @merge: walking in order, if @merging; merge.c
 * @last: instruction before the one at hand
 * @bytes: of all snapshots in use
 * @budget: instructions that this attempt may look at
 * @join_from: instructions looked at from which on paths that meet are taken together
 * @many_joins: joins at an instruction from which on numbers are widened
 * @joined: some were; @pkt_joined: packet pointers among them
 * @gave_up: a number was given up because no verdict depended on it so far
 * @known: relevance_changes() when it last taught something; @refused: errno of a path that did
 * @restart_until: up to so many instructions an attempt in order is begun anew as soon as it is
 *	known to be in vain, @restarts times at most
 * @exact: numbers that matter are not widened in loops; @widened: some were
 * @memos: calls of static functions that were walked apart; memo.c
 * @plain: none is to be; @memoised: some was; @returned: one has just returned
 */
struct bpf_walk {
	struct bpf_state *st;
	struct bpf_pending *pending;
	u32 nr_pending;
	u32 cap_pending;
	u32 *trail;
	u32 nr_trail;
	u32 cap_trail;
	u32 last_id;
	u32 from;
	u32 since_checkpoint;	/* instructions since the path began or was last compared */
	u32 jumps_since;
	bool entering;			/* the call at hand goes into its callback */
	u32 nr_async;
	struct {
		u32 sub;
		const struct bpf_map *map;
		bool sleepable;
	} async[64];			/* callbacks that run later and were walked */
	u64 line_start, line_end;	/* of the instruction in the log */
	u64 touched;
	struct bpf_prune *prune;
	struct cover *cover;	/* scratch of cover.c */
	struct bpf_relevance *rel;
	struct bpf_turns *turns;
	struct bpf_merge *merge;
	u32 last;
	bool merging;
	s64 bytes;
	u32 budget;
	u32 join_from;
	u32 many_joins;
	bool joined;
	bool pkt_joined;
	bool gave_up;
	u64 known;
	int refused;
	u32 restart_until;
	u32 restarts;
	bool exact;
	bool widened;
	struct bpf_memos *memos;
	bool plain;
	bool memoised;
	bool returned;
};

static inline struct bpf_state *walk_state(const struct bpf_verifier_env *env)
{
	return env->walk->st;
}

static inline struct bpf_reg *walk_reg(const struct bpf_verifier_env *env, u32 regno)
{
	return state_reg(env->walk->st, regno);
}

static inline struct bpf_insn_aux *walk_aux(const struct bpf_verifier_env *env)
{
	return &env->aux[env->insn_idx];
}

/* Is it a verdict, and nothing that befell the verifier? */
static inline bool bpf_is_refusal(int err)
{
	return err < 0 && err != -ENOMEM && err != -EAGAIN && err != -EFAULT && err != -ERESTART;
}

/* walk.c */
int walk_program(struct bpf_verifier_env *env);
int walk_push(struct bpf_verifier_env *env, u32 target);
int walk_push_jump(struct bpf_verifier_env *env);
int walk_push_callback(struct bpf_verifier_env *env);
int walk_push_merged(struct bpf_verifier_env *env);
int walk_push_memo(struct bpf_verifier_env *env, struct bpf_memo *memo);
int walk_push_state(struct bpf_verifier_env *env, struct bpf_state *st);
int walk_push_speculative(struct bpf_verifier_env *env, u32 target);
void walk_account(struct bpf_verifier_env *env, s64 bytes);
int walk_read_reg(struct bpf_verifier_env *env, u32 regno);
int walk_trail_add(struct bpf_verifier_env *env, u32 insn, bool taken);

/* alu.c */
int walk_alu(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_neg(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_mov(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_movsx(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_end(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_addr_space(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_ld_imm64(struct bpf_verifier_env *env, const struct bpf_insn *insn);
void reg_cut_to(struct bpf_reg *reg, u32 bytes, bool sign_extend);

/* ptr_arith.c */
int walk_ptr_arith(struct bpf_verifier_env *env, const struct bpf_insn *insn, struct bpf_reg *dst,
		   const struct bpf_reg *ptr, const struct bpf_reg *num, u32 num_regno);

/* jump.c */
int walk_jump(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_resume_jump(struct bpf_verifier_env *env);
void reg_limit_packet(struct bpf_reg *reg);
void walk_link_scalars(struct bpf_verifier_env *env, struct bpf_reg *src);
void state_mark_nonnull(struct bpf_verifier_env *env, u32 id, bool null);

/* mem.c: loads, stores, atomics */
int walk_load(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_store(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_store_imm(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_atomic(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_packet_load(struct bpf_verifier_env *env, const struct bpf_insn *insn);

/*
 * struct bpf_access - one access to memory
 * @regno: register with the address, for messages
 * @reg: that register (or a copy)
 * @off: constant that the instruction adds
 * @size: bytes
 * @write: store, else load
 * @atomic: load and store in one
 * @value: stores: what is stored, NULL where the value does not matter (helpers, atomics)
 * @value_regno: for messages, -1: none
 * @insn: the instruction, NULL for helpers' accesses
 */
struct bpf_access {
	u32 regno;
	const struct bpf_reg *reg;
	s32 off;
	u32 size;
	bool write;
	bool atomic;
	bool sign_extend;
	const struct bpf_reg *value;
	s32 value_regno;
	const struct bpf_insn *insn;
};

/* Accesses by pointer kind. @dst: loads: what is read. Checked and done; 0 or -errno. */
typedef int (*bpf_access_fn)(struct bpf_verifier_env *env, const struct bpf_access *acc,
			     struct bpf_reg *dst);
int access_stack(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_packet(struct bpf_verifier_env *env, const struct bpf_access *acc,
		  struct bpf_reg *dst);
int access_map_value(struct bpf_verifier_env *env, const struct bpf_access *acc,
		     struct bpf_reg *dst);
int access_map_ptr(struct bpf_verifier_env *env, const struct bpf_access *acc,
		   struct bpf_reg *dst);
int access_ctx(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_mem(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_sock(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_btf(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_arena(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);
int access_any(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst);

/* owned.c: special fields of what a pointer points to, NULL: none; and of what surrounds a lock */
const struct btf_record *reg_record(const struct bpf_reg *reg);
u32 reg_lock_id(const struct bpf_reg *reg);
void state_forget_borrowed(struct bpf_verifier_env *env);
bool state_in_less(const struct bpf_verifier_env *env);
/* mem_map.c: special fields under an access */
const struct btf_field *field_hit(const struct bpf_access *acc, const struct btf_record *rec);
int access_field(struct bpf_verifier_env *env, const struct bpf_access *acc,
		 const struct btf_field *field, struct bpf_reg *dst);

/* Bounds of a region: mem.c. [reg + off, + size) lies in [0, mem_size) whatever var is. */
int mem_check_region(struct bpf_verifier_env *env, const struct bpf_access *acc, u32 mem_size);
int mem_check_align(struct bpf_verifier_env *env, const struct bpf_access *acc, s64 base,
		    bool strict);

/* Helpers' and subprograms' view of memory: mem.c, mem_stack.c */
#define MEM_READ_BYTES	BIT(0)
#define MEM_WRITE_BYTES	BIT(1)
#define MEM_UNINIT_OK	BIT(2)	/* need not have been written; is written afterwards */
int mem_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how);
int stack_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how);
int map_value_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how);
int packet_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how);

/* May the program write packets, or read them, directly? */
static inline bool packet_allowed(const struct bpf_verifier_env *env, bool write)
{
	const struct bpf_prog_type_info *info = env->info;

	if (info->pkt_allowed)
		return info->pkt_allowed(env->prog, write);
	return info->pkt_access & (write ? CTX_WRITE : CTX_READ);
}

/* objects.c: dynptrs and iterators on the stack */
int stack_object_overwrite(struct bpf_verifier_env *env, u32 frame, u32 slot, bool fixed);

/* slices.c */
void state_forget_buffers(struct bpf_verifier_env *env, const struct bpf_frame *frame, u64 slots);
u32 stack_claim_buffer(struct bpf_verifier_env *env, u32 regno, u32 size);

/* refs.c */
void reg_forget(struct bpf_verifier_env *env, struct bpf_reg *reg);
int state_acquire_ref(struct bpf_verifier_env *env, u32 kind, const void *ptr, u32 *id);
int state_release_ref(struct bpf_verifier_env *env, u32 id);
bool state_has_ref(const struct bpf_state *st, u32 id);
void state_invalidate_ref(struct bpf_verifier_env *env, u32 id);
void state_invalidate_packets(struct bpf_verifier_env *env);
void state_forget_dynptr_slices(struct bpf_verifier_env *env, u32 dyn_id);
int state_check_released(struct bpf_verifier_env *env, const char *what);
int state_check_no_locks(struct bpf_verifier_env *env, const char *what);
bool state_may_sleep(const struct bpf_verifier_env *env);
bool state_in_rcu(const struct bpf_verifier_env *env);

/* call.c */
int walk_call(struct bpf_verifier_env *env, const struct bpf_insn *insn);
void walk_clobber_args(struct bpf_verifier_env *env);

/* subcall.c */
int walk_sub_call(struct bpf_verifier_env *env, const struct bpf_insn *insn);
int walk_return(struct bpf_verifier_env *env);

/* kfunc.c */
int walk_kfunc(struct bpf_verifier_env *env, const struct bpf_insn *insn);

/* throw.c */
int walk_may_throw(struct bpf_verifier_env *env, const char *what);
int exception_check_callback(struct bpf_verifier_env *env);
int exception_check_tail_calls(struct bpf_verifier_env *env);

/* exit.c */
int walk_check_cookie(struct bpf_verifier_env *env, const struct bpf_reg *cookie);
int walk_exit(struct bpf_verifier_env *env, const struct bpf_insn *insn);

/* prune.c */
int prune_init(struct bpf_verifier_env *env);
void prune_free(struct bpf_verifier_env *env);
void prune_reset(struct bpf_verifier_env *env);
/* At an instruction where states are compared: WALK_END if the state is covered, 0, -errno. */
int prune_visit(struct bpf_verifier_env *env, bool head);
/* A pending branch was taken from place @depth of the stack: what stood above it is complete. */
void prune_popped(struct bpf_verifier_env *env, u32 depth);

/* merge.c */
int merge_init(struct bpf_verifier_env *env);
void merge_free(struct bpf_verifier_env *env);
void merge_reset(struct bpf_verifier_env *env);
void merge_count_turn(struct bpf_verifier_env *env, u32 from, u32 head);
void merge_pushed(struct bpf_verifier_env *env);
void merge_next(struct bpf_verifier_env *env);
int merge_check_ends(struct bpf_verifier_env *env);
u32 merge_node(const struct bpf_verifier_env *env);

/* memo.c */
int memo_init(struct bpf_verifier_env *env);
void memo_free(struct bpf_verifier_env *env);
void memo_reset(struct bpf_verifier_env *env);
int memo_call(struct bpf_verifier_env *env, u32 sub, struct bpf_memo **memo);
void memo_entered(struct bpf_verifier_env *env, struct bpf_memo *memo, struct bpf_frame *frame);
int memo_exit(struct bpf_verifier_env *env, const struct bpf_frame *frame,
	      const struct bpf_reg *r0);
u32 memo_left(struct bpf_verifier_env *env, struct bpf_memo *memo, u32 next);
void memo_resume(struct bpf_verifier_env *env, const struct bpf_memo *memo, u32 next);
int memo_check_cost(struct bpf_verifier_env *env);
u32 memo_instance(const struct bpf_verifier_env *env);

/* relevance.c */
int relevance_init(struct bpf_verifier_env *env);
void relevance_free(struct bpf_verifier_env *env);
/* The verdict depends on the range of registers @regs as they are before instruction @insn. */
void relevance_demand(struct bpf_verifier_env *env, u32 insn, u16 regs);
/* The instruction reads (writes) these slots of its own frame, beside what its form shows. */
void relevance_slots(struct bpf_verifier_env *env, u32 insn, u64 slots, bool write);
/* The jump tells something of these registers and slots of its frame, linked to its operands. */
void relevance_told(struct bpf_verifier_env *env, u32 insn, u16 regs, u64 slots);
/* The instruction reaches into the frame of a caller: all slots at the call sites. */
void relevance_outer(struct bpf_verifier_env *env, u32 frame);
u16 relevance_regs(const struct bpf_verifier_env *env, u32 insn);
u64 relevance_slots_of(const struct bpf_verifier_env *env, u32 insn);
bool relevance_result(const struct bpf_verifier_env *env, u32 sub);
u64 relevance_changes(const struct bpf_verifier_env *env);
/* What was taken for irrelevant before @insn while states were compared; was that wrong? */
void relevance_assume(struct bpf_verifier_env *env, u32 insn, u16 regs, u64 slots);
bool relevance_mistaken(const struct bpf_verifier_env *env);
void relevance_reset(struct bpf_verifier_env *env);

/* kinds.c */
#define KIND_ARITH_VAR		BIT(0)	/* numbers may be added */
#define KIND_ARITH_CONST	BIT(1)	/* constants may be added */
#define KIND_NEVER_NULL		BIT(2)
#define KIND_HAS_RANGE		BIT(3)	/* compared with the packet's end */

struct bpf_ptr_kind {
	u32 flags;
	bpf_access_fn access;
	const char *noun;		/* in complaints about alignment */
};

const struct bpf_ptr_kind *ptr_kind(u32 type);

#endif /* _KBPF_VERIFIER_WALK_H */
