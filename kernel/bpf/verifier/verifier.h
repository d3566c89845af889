/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the verifier: the environment of one verification, what is known of each instruction and
 * each subprogram, and the passes. verify.c lists the passes in order. The states of the walk are
 * in state.h, and no other pass needs them.
 *
 * Conventions. A pass returns 0 or -errno. -errno other than -ENOMEM, -EAGAIN and -EFAULT has been
 * explained by bpf_reject() before it is returned. Instruction indexes are those of the program as
 * loaded until the rewrite pass has run; nothing before that pass changes the number of
 * instructions. The second slot of a 64-bit immediate is an index of its own that nothing jumps to.
 */
#ifndef _KBPF_VERIFIER_H
#define _KBPF_VERIFIER_H

#include <linux/bpf.h>
#include <linux/btf.h>
#include "isa/insn.h"
#include "prog/prog_type.h"
#include "verifier/log.h"

/* Processed by the walk. Fuzzers lower it, for the sake of more inputs. */
#ifndef BPF_VERIFY_MAX_INSNS
#define BPF_VERIFY_MAX_INSNS	1000000
#endif
#define BPF_VERIFY_MAX_PENDING	8192		/* branches not yet taken */
#define BPF_VERIFY_MAX_SUBPROGS	256
#define BPF_VERIFY_MAX_MAPS	64
#define BPF_VERIFY_MAX_BTFS	64
#define BPF_VERIFY_MAX_FRAMES	8
#define BPF_VERIFY_MAX_STACK	512		/* bytes, over all frames */
#define BPF_VERIFY_MAX_VAR_OFF	(1 << 29)	/* offsets of pointers stay below, in bytes */
#define BPF_VERIFY_SLOTS	(BPF_VERIFY_MAX_STACK / 8)
#define BPF_VERIFY_REGS		11

/* Frame slot n is the 8 bytes at R10 - 8 * (n + 1). */
#define BPF_SLOT_OFF(n)		(-8 * ((int)(n) + 1))

struct bpf_edits;
struct bpf_walk;

/* ------------------------------------------------------------------ per instruction */

/* How the walk reached a conditional jump's two ways. */
#define AUX_WENT_NEXT	BIT(0)
#define AUX_WENT_JUMP	BIT(1)

/*
 * struct bpf_insn_aux - what is known of one instruction
 *
 * decode:
 * @id: enum insn_id; INSN_INVALID for the second slot of a 64-bit immediate
 * @second: is such a second slot
 *
 * resolve, for 64-bit immediates and calls:
 * @map: BPF_PSEUDO_MAP_FD (the map) and MAP_VALUE (the map and @map_off in its value)
 * @reg_type: BPF_PSEUDO_BTF_ID: PTR_TO_BTF_ID | flags (with @btf, @btf_id) or PTR_TO_MEM | flags
 *	(with @mem_size)
 * @subprog: number of the subprogram of a BPF_PSEUDO_CALL or BPF_PSEUDO_FUNC
 * @orig_idx: index in the program as loaded (set by decode)
 *
 * cfg:
 * @reachable: from the entry of its subprogram
 * @join: several predecessors: states are compared here
 * @loop_head: target of a retreating edge
 * @scc: strongly connected component of more than one block, or a self loop; 0: none. Unique
 *	over the whole program
 * @loop: head of the innermost loop that it is in, heads not counting as in their own, + 1; 0: none
 * @rpo: place in the reverse post-order of its subprogram
 *
 * live, valid just before the instruction executes:
 * @live_regs: bit n: Rn may be read before it is written
 * @live_slots: bit n: frame slot n may be read, here or through a pointer that a callee or helper
 *	was given, before all of it is written
 * @zext_dead: the upper half of what the instruction writes is never read
 *
 * walk:
 * @seen: reached on some path that is not speculative
 * @seen_spec: reached on a speculative path
 * @went: AUX_WENT_* ways taken, for dead-branch removal
 * @ptr_type: kind (with flags) of the pointer that a load, store or atomic goes through; the same
 *	for all paths as far as rewriting depends on it
 * @ctx_field: row of the context access, for conversion
 * @ctx_acc: the access that @ctx_field is to be converted with
 * @needs_probe: load through a pointer that may be stale: rewritten to the PROBE form
 * @nospec: a barrier has to stand before it (v1) or after it (v4 stores)
 * @alu_mask: pointer arithmetic has to be masked; @alu_limit is the largest magnitude that
 *	the scalar may have, @alu_flags ALU_MASK_*
 * @facts: BPF_FACT_* of exec.h that hold on every path so far; valid once seen
 * @call_map: map of a helper call: the only one, or the last one seen if @call_map_many; all of
 *	these have the same operations unless @call_map_kinds
 * @call_map_key: tail call index, lookup key known constant on all paths if @call_map_key_known
 * @proto: helper's prototype
 * @kfunc: kernel function called
 * @throws: calls bpf_throw(): control does not come back (set by resolve)
 * @obj_rec, @obj_arg: special fields and size of a new object, or the place of the node in an
 *	object that is inserted, if @obj_known: the call gets them instead of what the program gives
 */
struct bpf_insn_aux {
	u8 id;
	bool second:1;
	bool reachable:1;
	bool join:1;
	bool loop_head:1;
	bool zext_dead:1;
	bool seen:1;
	bool seen_spec:1;
	bool needs_probe:1;
	bool nospec:1;
	bool nospec_after:1;
	bool alu_mask:1;
	bool call_map_seen:1;
	bool call_map_many:1;
	bool call_map_kinds:1;
	bool call_map_key_seen:1;
	bool call_map_key_known:1;
	bool callback_seen:1;
	bool obj_known:1;
	bool throws:1;
	u8 went;
	u8 alu_flags;
	u8 facts;
	u16 live_regs;
	u32 orig_idx;
	u32 scc;
	u32 loop;
	u32 rpo;
	u64 live_slots;
	union {
		struct {		/* 64-bit immediates */
			struct bpf_map *map;
			u32 map_off;
		};
		struct {
			struct btf *btf;
			u32 btf_id;
			u32 mem_size;
			u32 reg_type;
		};
		struct {		/* loads, stores, atomics */
			const struct bpf_ctx_field *ctx_field;
			struct bpf_ctx_access ctx_acc;
		};
		struct {		/* calls */
			struct bpf_map *call_map;
			const struct bpf_func_proto *proto;
			const struct bpf_kfunc_desc *kfunc;
			union {
				u64 call_map_key;
				const struct btf_record *obj_rec;
			};
			u32 obj_arg;
		};
	};
	u32 subprog;
	u32 ptr_type;
	u32 alu_limit;
};

#define ALU_MASK_SRC		BIT(0)	/* the scalar is the source register (else dst, commuted) */
#define ALU_MASK_NEG		BIT(1)	/* scalar is known not above 0 */
#define ALU_MASK_SUB		BIT(2)
#define ALU_MASK_IMM		BIT(3)	/* constant that must not be trusted under speculation */

/* A kernel function that the program calls; owned by resolve.c, sorted by (fd_idx, id). */
struct bpf_kfunc_desc {
	u32 btf_id;
	s16 fd_idx;
	bool allowed;			/* programs of this type may call it */
	u32 flags;			/* KF_* */
	struct btf *btf;
	const struct btf_type *func;
	const struct btf_type *proto;
	const char *name;
	unsigned long addr;
};

/* ------------------------------------------------------------------ per subprogram */

/* What a global function's argument is, as its BTF and tags say. */
struct bpf_sub_arg {
	/* SCALAR_VALUE, PTR_TO_CTX, PTR_TO_MEM, PTR_TO_BTF_ID, ... | flags */
	u32 reg_type;
	u32 mem_size;
	struct btf *btf;
	u32 btf_id;
};

/*
 * struct bpf_subprog - one function of the program; number 0 is the program itself
 * @start: first instruction
 * @end: one past the last (filled in by subprog.c for every entry)
 * @stack_depth: bytes that its frame needs, 8-byte multiple; by the walk
 * @linfo_idx: first line info record at or after @start
 * @name: from func_info, or "" without BTF
 * @type_id: of its BTF_KIND_FUNC, 0 without BTF
 * @global: linkage says global (or number 0): verified alone, callers trust its prototype
 * @called: some instruction calls it; @callback: its address is taken
 * @named: some instruction that was seen calls it or takes its address; set by the rewrite pass
 * @has_tail_call, @tail_call_reachable: itself, itself or a callee
 * @has_ld_abs: uses the legacy packet loads
 * @needed, @verified: a global function that the walk saw called; that has been walked
 * @might_sleep, @changes_pkt: itself or a callee (effects for callers of global functions)
 * @throws: itself, a callee or a callback calls bpf_throw() somewhere, as far as the code shows
 * @args_ready: @args, @nr_args have been worked out from BTF
 * @ret_void: a global function that returns nothing
 * @cb_mixed: a callback that gets its context in different registers, or none
 * @cb_reg: a callback of helpers that call it while they run: register of its context; 0: none
 * @throw_rec, @throw_link: places in the frame, see rewrite_throw.c; 0: none
 */
struct bpf_subprog {
	u32 start;
	u32 end;
	u32 stack_depth;
	u32 linfo_idx;
	const char *name;
	u32 type_id;
	bool global:1;
	bool called:1;
	bool callback:1;
	bool exception_cb:1;
	bool named:1;
	bool has_tail_call:1;
	bool tail_call_reachable:1;
	bool has_ld_abs:1;
	bool needed:1;
	bool verified:1;
	bool might_sleep:1;
	bool changes_pkt:1;
	bool throws:1;
	bool args_ready:1;
	bool ret_void:1;
	bool cb_mixed:1;
	u8 cb_reg;
	s16 throw_rec;
	s16 throw_link;
	u32 nr_args;
	struct bpf_sub_arg args[5];
};

/* ------------------------------------------------------------------ environment */

/*
 * struct bpf_verifier_env - one verification
 * @prog: instructions are prog->insnsi, prog->len of them
 * @info: row of the program type
 * @aux: one an instruction
 * @subprogs: @nr_subprogs of them, and an entry that ends the table; room for @cap_subprogs
 * @rpo: instruction indexes in reverse post-order, subprogram by subprogram, unreachable ones left
 *	out; @nr_rpo of them (cfg.c)
 * @used_maps, @used_btfs: a reference is held on each; moved to prog->aux when all went well
 * @bpf_capable: CAP_BPF; without it the rules for the unprivileged hold
 * @allow_ptr_leaks, @allow_uninit_stack, @bypass_spec_v1, @bypass_spec_v4: CAP_PERFMON
 * @strict_alignment, @any_alignment, @test_state_freq, @rnd_hi32, @test_reg_invariants: prog_flags
 * @exception_start: first instruction of the exception callback, @exception_cb: its number; 0: none
 * @insn_idx: where the pass stands, for bpf_reject(); U32_MAX: nowhere
 * @rejection: what bpf_reject() was called with first, 0: nothing
 * @reason: file-local state of the causal path, see reject.c
 */
struct bpf_verifier_env {
	struct bpf_prog *prog;
	const struct bpf_prog_type_info *info;
	const union bpf_attr *attr;
	union bpf_attr __user *uattr;
	u32 uattr_size;
	bool from_kernel;
	struct bpf_verifier_log log;

	struct bpf_insn_aux *aux;
	struct bpf_subprog *subprogs;
	u32 nr_subprogs;
	u32 cap_subprogs;
	u32 *rpo;
	u32 nr_rpo;
	u32 nr_scc;

	struct bpf_map *arena;		/* the program's arena, one of used_maps, or NULL */
	struct bpf_map *used_maps[BPF_VERIFY_MAX_MAPS];
	u32 nr_used_maps;
	struct btf_mod_pair used_btfs[BPF_VERIFY_MAX_BTFS];
	u32 nr_used_btfs;
	struct bpf_kfunc_desc *kfuncs;
	u32 nr_kfuncs;

	bool bpf_capable;
	bool allow_ptr_leaks;
	bool allow_uninit_stack;
	bool bypass_spec_v1;
	bool bypass_spec_v4;
	bool strict_alignment;
	bool any_alignment;
	bool test_state_freq;
	bool rnd_hi32;
	bool test_reg_invariants;

	bool quiet;			/* speculative path: bpf_reject() only returns the errno */
	u32 insn_idx;
	u32 prev_linfo;			/* last line info record that was printed */
	u32 rejection;
	u32 reject_insn;
	char reject_text[256];		/* the classic line */
	int reject_reg;			/* that the classic line begins with, -1: none */
	bool explained;			/* bpf_reject_explain() has said it */

	struct bpf_walk *walk;		/* walk.c; NULL outside of the walk */
	struct bpf_edits *edits;	/* edit.c */
	bool seen_direct_write;		/* the program writes packets: gen_prologue wants to know */
	bool seen_tail_call;
	bool seen_exception;		/* some instruction calls bpf_throw() */
	bool records;			/* callbacks get their context in one: rewrite_throw.c */
	u32 exception_start;
	u32 exception_cb;

	struct {			/* for the last line of the log */
		u32 insns;
		u32 max_states_per_insn;
		u32 total_states;
		u32 peak_states;
		u32 mark_read;
		u64 start_ns;
		u32 attempts;
		u32 all_insns;		/* of all attempts */
		u64 state_bytes;	/* of all total_states, as allocated */
		u64 peak_bytes;		/* of states in memory at once: kept, or waiting */
	} stats;
};

static inline struct bpf_insn *env_insn(const struct bpf_verifier_env *env, u32 idx)
{
	return &env->prog->insnsi[idx];
}

/* ------------------------------------------------------------------ passes, in order */

/*
 * decode.c. Of the program as loaded. Fills id, second, orig_idx; rejects what insn_check() does.
 */
int bpf_pass_decode(struct bpf_verifier_env *env);

/*
 * subprog.c. After decode. Finds the subprograms (targets of BPF_PSEUDO_CALL and PSEUDO_FUNC),
 * sorts them, numbers calls (aux->subprog); jumps stay inside, the last instruction of each is an
 * exit or an unconditional jump; no recursion through BPF_PSEUDO_CALL.
 */
int bpf_pass_subprogs(struct bpf_verifier_env *env);

/* btf_check.c. After subprogs. func_info and line_info of attr into prog->aux and subprogs[]. */
int bpf_pass_btf_info(struct bpf_verifier_env *env);

/* resolve.c. After btf_info. Maps, BTF ids, ksyms, kfuncs become references held by env. */
int bpf_pass_resolve(struct bpf_verifier_env *env);

/* cfg.c. After resolve. reachable, join, loop_head, scc, loop, rpo[]; unprivileged: no loops. */
int bpf_pass_cfg(struct bpf_verifier_env *env);

/* live.c. After cfg. live_regs, live_slots, zext_dead. */
int bpf_pass_live(struct bpf_verifier_env *env);

/* walk.c. After live. Path-sensitive symbolic execution; the walk: fields of aux and subprogs. */
int bpf_pass_walk(struct bpf_verifier_env *env);

/*
 * subprog.c. After walk. Combined stack depth over the call graph (512 bytes, 8 frames; 256 bytes
 * for a frame below which a tail call happens), tail_call_reachable.
 */
int bpf_pass_stack_depth(struct bpf_verifier_env *env);

/*
 * rewrite.c. After stack_depth. Collects edits and applies them once; env->prog is replaced, line
 * info, func_info and subprogs[].start follow; aux and facts are carried along.
 */
int bpf_pass_rewrite(struct bpf_verifier_env *env);

/* ------------------------------------------------------------------ services of the passes */

/*
 * cfg.c: successors of a reachable instruction inside its subprogram, in the order next, jump;
 * 0-2.
 */
u32 bpf_cfg_succ(const struct bpf_verifier_env *env, u32 idx, u32 succ[2]);

/* subprog.c: number of the subprogram that holds an instruction; binary search. */
u32 bpf_subprog_of(const struct bpf_verifier_env *env, u32 idx);

/* btf_check.c: record @i of func_info as the loader gave it, before the pass has copied them. */
int bpf_func_info_read(struct bpf_verifier_env *env, u32 i, struct bpf_func_info *rec);

/*
 * throw.c: the exception callback that the BTF of the program names, exception_start; the
 * subprograms pass asks, before anything is known of functions.
 */
int bpf_exception_find(struct bpf_verifier_env *env);

/* btf_check.c: works out args of a global function (args_ready); rejects what it cannot take. */
int bpf_subprog_prepare_args(struct bpf_verifier_env *env, u32 subprog);

/* resolve.c: kernel function of a BPF_PSEUDO_KFUNC_CALL; NULL if the pass did not see it. */
const struct bpf_kfunc_desc *bpf_kfunc_find(const struct bpf_verifier_env *env, u32 btf_id,
					    s16 fd_idx);

/* ------------------------------------------------------------------ saying why */

/* Ids are stable: rows of rejections.def, in order, starting with 1. */
enum bpf_rejection {
	REJECT_NONE,
#define REJECTION(id, err, classic, why, hint) REJECT_##id,
#include "verifier/rejections.def"
#undef REJECTION
	REJECT_NR
};

/**
 * struct bpf_rejection_row - one reason to reject
 * @name: the id in text, "BAD_MEM"
 * @err: errno, positive
 * @classic: pattern of the terse first line, for documentation
 * @why: the rule that is broken
 * @hint: what to do about it
 */
struct bpf_rejection_row {
	const char *name;
	int err;
	const char *classic;
	const char *why;
	const char *hint;
};

extern const struct bpf_rejection_row bpf_rejections[REJECT_NR];

/**
 * bpf_reject - the one way out: log the classic line and remember the reason
 * @env: environment; env->insn_idx says where
 * @id: row
 * @fmt: classic line as it is for this case, without newline
 *
 * Logs the terse line at once; reason, source line, causal path and hint follow from
 * bpf_reject_explain() when the log is closed, before the last line. Only the first call counts.
 * Context: any pass. Return: -row.err.
 */
__printf(3, 4)
int bpf_reject(struct bpf_verifier_env *env, enum bpf_rejection id, const char *fmt, ...);
/* Called by the walk while its trail is there, and again when the log is closed: prints once. */
void bpf_reject_explain(struct bpf_verifier_env *env);

/* ------------------------------------------------------------------ log lines */

__printf(2, 3) void vlog(struct bpf_verifier_env *env, const char *fmt, ...);

static inline bool vlog_on(const struct bpf_verifier_env *env)
{
	return env->log.level & BPF_LOG_LEVEL;
}

static inline bool vlog_all(const struct bpf_verifier_env *env)
{
	return env->log.level & BPF_LOG_LEVEL2;
}

struct bpf_state;
struct bpf_frame;
struct bpf_reg;

/* print.c. "; source @ file:line" if it is another line than last time. */
void vlog_source_line(struct bpf_verifier_env *env, u32 idx);
/* "12: (b7) r0 = 0" without newline. */
void vlog_insn(struct bpf_verifier_env *env, u32 idx);
/* One register's value: "scalar(umax=255,var_off=(0x0; 0xff))", "map_value(map=m,ks=4,vs=8)". */
void vlog_reg(struct bpf_verifier_env *env, const struct bpf_reg *reg);
/*
 * " R0=... fp-8=...", all of the frame or only what is in the masks; " frame1:" for inner frames.
 */
void vlog_state(struct bpf_verifier_env *env, const struct bpf_state *st, u32 frame, u16 regs,
		u64 slots);
void vlog_changes(struct bpf_verifier_env *env, const struct bpf_state *st, u32 width, u16 regs,
		  u16 written, u64 slots);
/* Name of a pointer kind as logs have it: "map_value_or_null". Written to @buf of 64 bytes. */
const char *bpf_reg_type_str(char *buf, u32 type);
/* "processed N insns ..." and, with BPF_LOG_STATS, the lines before it. */
void vlog_stats(struct bpf_verifier_env *env);

/* ------------------------------------------------------------------ edits (edit.c) */

/*
 * All edits name instructions of the program as loaded. Per instruction: at most one replacement
 * (cnt 0 removes it), any number of insertions before it (executed in order of the calls) and
 * after it. A jump to an instruction lands on what was inserted before it; what was inserted at its
 * entry stands before that, and only calls and what runs into it get there. Inside a sequence,
 * jumps are relative as usual and stay inside or land one past its end, but for those of a
 * replacement whose distance is BPF_EDIT_TARGET: they go where the instruction that is replaced
 * went. A jump, call or may_goto that survives is relocated. A replacement of a 64-bit immediate
 * counts both slots. An inserted call of a function of the program has BPF_EDIT_TARGET in off and
 * in imm the function's first instruction in the old program.
 */
#define BPF_EDIT_TARGET	S16_MIN

enum bpf_edit_place {
	BPF_EDIT_ENTRY,
	BPF_EDIT_BEFORE,
	BPF_EDIT_REPLACE,
	BPF_EDIT_AFTER,
};

struct bpf_edits *bpf_edits_new(u32 nr_insns);
void bpf_edits_free(struct bpf_edits *edits);
int bpf_edit_add(struct bpf_edits *edits, enum bpf_edit_place place, u32 idx,
		 const struct bpf_insn *insns, u32 cnt);

static inline int bpf_edit_before(struct bpf_edits *edits, u32 idx, const struct bpf_insn *insns,
				  u32 cnt)
{
	return bpf_edit_add(edits, BPF_EDIT_BEFORE, idx, insns, cnt);
}

static inline int bpf_edit_after(struct bpf_edits *edits, u32 idx, const struct bpf_insn *insns,
				 u32 cnt)
{
	return bpf_edit_add(edits, BPF_EDIT_AFTER, idx, insns, cnt);
}

static inline int bpf_edit_replace(struct bpf_edits *edits, u32 idx, const struct bpf_insn *insns,
				   u32 cnt)
{
	return bpf_edit_add(edits, BPF_EDIT_REPLACE, idx, insns, cnt);
}

/**
 * struct bpf_edit_map - where instructions went
 * @first: new index of the first instruction of each old one's sequence (old_len + 1 entries);
 *	the second slot of a 64-bit immediate has that of the first
 * @jump: where jumps to it land
 * @core: where the instruction itself, or its replacement, begins
 * @survived: it is still there as it was, fields that are relocated aside
 */
struct bpf_edit_map {
	u32 *first;
	u32 *jump;
	u32 *core;
	bool *survived;
};

void bpf_edit_map_free(struct bpf_edit_map *map);

/*
 * Applies: a new instruction array of *@new_len, to be freed with kvfree(), and @map. Conditions
 * and gotos that no longer reach go by way of a gotol. -ERANGE for a condition inside a replacement
 * that does not reach BPF_EDIT_TARGET, -EINVAL for contradicting edits, -ENOMEM.
 */
int bpf_edits_apply(struct bpf_edits *edits, const struct bpf_insn *old, u32 old_len,
		    struct bpf_insn **new, u32 *new_len, struct bpf_edit_map *map);

#endif /* _KBPF_VERIFIER_H */
