// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of the walk: follows paths depth first, one instruction at a time.
 */
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exec/oracle.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"
#include "verifier/snapshot.h"

/**
 * walk_account - keep count of the memory in snapshots
 * @env: environment
 * @bytes: more, or less where negative
 *
 * Context: the walk.
 */
void walk_account(struct bpf_verifier_env *env, s64 bytes)
{
	env->walk->bytes += bytes;
	if (env->walk->bytes > (s64)env->stats.peak_bytes)
		env->stats.peak_bytes = env->walk->bytes;
}

static int pending_grow(struct bpf_walk *walk)
{
	u32 cap = walk->cap_pending ? walk->cap_pending * 2 : 64;
	struct bpf_pending *bigger;

	bigger = kvcalloc(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
	if (!bigger)
		return -ENOMEM;
	if (walk->nr_pending)
		memcpy(bigger, walk->pending, walk->nr_pending * sizeof(*bigger));
	kvfree(walk->pending);
	walk->pending = bigger;
	walk->cap_pending = cap;
	return 0;
}

static int push(struct bpf_verifier_env *env, struct bpf_state *st, u32 target, bool speculative,
		u8 resume)
{
	struct bpf_walk *walk = env->walk;
	u32 next = st->insn;
	struct bpf_pending *p;
	bool was_speculative = st->speculative;

	if (walk->nr_pending >= BPF_VERIFY_MAX_PENDING)
		return bpf_reject(env, REJECT_TOO_COMPLEX,
				  "The sequence of %d jumps is too complex.", walk->nr_pending);
	if (walk->nr_pending == walk->cap_pending && pending_grow(walk))
		return -ENOMEM;
	p = &walk->pending[walk->nr_pending];
	st->insn = target;
	st->speculative |= speculative;
	p->snap = snapshot_take(env, st);
	st->insn = next;
	st->speculative = was_speculative;
	if (!p->snap)
		return -ENOMEM;
	p->from = env->insn_idx;
	p->resume = resume;
	p->log_pos = bpf_vlog_pos(&env->log);
	p->nr_trail = walk->nr_trail;
	p->since_checkpoint = walk->since_checkpoint;
	p->jumps_since = walk->jumps_since;
	p->node = walk->merging ? merge_node(env) : 0;
	p->memo = NULL;
	p->next_exit = 0;
	walk->nr_pending++;
	if (walk->merging)
		merge_pushed(env);
	return 0;
}

/**
 * walk_push - have the state as it is now followed later from another instruction
 * @env: environment
 * @target: the instruction
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_push(struct bpf_verifier_env *env, u32 target)
{
	return push(env, walk_state(env), target, false, RESUME_PLAIN);
}

/**
 * walk_push_jump - have the conditional jump that is being handled taken later
 * @env: environment
 *
 * The state is kept as it is before the jump, operands and all that is linked to them included:
 * what the jump tells is worked out when it is taken.
 * Context: walk_jump(). Return: 0 or -errno.
 */
int walk_push_jump(struct bpf_verifier_env *env)
{
	return push(env, walk_state(env), env->insn_idx, false, RESUME_JUMP);
}

/**
 * walk_push_callback - have the callback of the call that is being handled entered later
 * @env: environment
 *
 * Context: calls. Return: 0 or -errno.
 */
int walk_push_callback(struct bpf_verifier_env *env)
{
	return push(env, walk_state(env), env->insn_idx, false, RESUME_CALLBACK);
}

/**
 * walk_push_merged - have a state wait where it is for others to be joined with it
 * @env: environment
 *
 * Context: merge.c. Return: 0 or -errno.
 */
int walk_push_merged(struct bpf_verifier_env *env)
{
	return push(env, walk_state(env), walk_state(env)->insn, false, RESUME_MERGED);
}

/**
 * walk_push_memo - have the caller wait for the exits of the call that is being handled
 * @env: environment
 * @memo: the call
 *
 * Context: memo.c. Return: 0 or -errno.
 */
int walk_push_memo(struct bpf_verifier_env *env, struct bpf_memo *memo)
{
	struct bpf_walk *walk = env->walk;
	int err = push(env, walk_state(env), env->insn_idx, false, RESUME_MEMO);

	if (!err)
		walk->pending[walk->nr_pending - 1].memo = memo;
	return err;
}

/**
 * walk_push_state - have another state followed later
 * @env: environment
 * @st: the state; stays the caller's
 *
 * Context: calls. Return: 0 or -errno.
 */
int walk_push_state(struct bpf_verifier_env *env, struct bpf_state *st)
{
	return push(env, st, st->insn, false, RESUME_PLAIN);
}

/**
 * walk_push_speculative - as walk_push() for a path that only a mispredicting CPU takes
 * @env: environment
 * @target: the instruction
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_push_speculative(struct bpf_verifier_env *env, u32 target)
{
	if (env->bypass_spec_v1 || env->aux[target].nospec)
		return 0;
	return push(env, walk_state(env), target, true, RESUME_PLAIN);
}

/* The caller goes on with the next exit of a call, and stays for those that follow. */
static int pop_memo(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_pending *p = &walk->pending[walk->nr_pending - 1];
	u32 left = memo_left(env, p->memo, p->next_exit);
	int err = snapshot_restore(p->snap, walk->st);

	if (!err && left)
		memo_resume(env, p->memo, p->next_exit++);
	if (left <= 1) {
		snapshot_free(env, p->snap);
		walk->nr_pending--;
	}
	return err ?: left ? 0 : WALK_END;
}

static int pop_plain(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_pending *p = &walk->pending[--walk->nr_pending];
	int err = snapshot_restore(p->snap, walk->st);

	snapshot_free(env, p->snap);
	return err;
}

/* Takes the youngest pending branch up. WALK_END: it turned out to be impossible. */
static int pop(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_pending p;
	int err;

	if (walk->merging)
		merge_next(env);
	else
		prune_popped(env, walk->nr_pending - 1);
	bpf_oracle_complete(env, walk->nr_pending - 1);
	p = walk->pending[walk->nr_pending - 1];
	err = p.resume == RESUME_MEMO ? pop_memo(env) : pop_plain(env);
	if (err)
		return err;
	walk->from = p.from;
	walk->last = p.from;
	walk->nr_trail = p.nr_trail;
	walk->since_checkpoint = p.since_checkpoint;
	walk->jumps_since = p.jumps_since;
	if (!vlog_all(env))
		bpf_vlog_rewind(&env->log, p.log_pos);
	env->insn_idx = p.from;
	walk->entering = p.resume == RESUME_CALLBACK;
	walk->returned = p.resume == RESUME_MEMO;
	return p.resume == RESUME_JUMP ? walk_resume_jump(env) : 0;
}

/**
 * walk_trail_add - remember which way a jump went on this path
 * @env: environment
 * @insn: the jump
 * @taken: it jumped
 *
 * Context: handlers. Return: 0 or -ENOMEM.
 */
int walk_trail_add(struct bpf_verifier_env *env, u32 insn, bool taken)
{
	struct bpf_walk *walk = env->walk;
	u32 cap;
	u32 *bigger;

	if (walk->nr_trail == walk->cap_trail) {
		cap = walk->cap_trail ? walk->cap_trail * 2 : 256;
		bigger = kvcalloc(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
		if (!bigger)
			return -ENOMEM;
		if (walk->nr_trail)
			memcpy(bigger, walk->trail, walk->nr_trail * sizeof(*bigger));
		kvfree(walk->trail);
		walk->trail = bigger;
		walk->cap_trail = cap;
	}
	walk->trail[walk->nr_trail++] = insn << 1 | taken;
	return 0;
}

/**
 * walk_read_reg - a register is about to be read
 * @env: environment
 * @regno: its number
 *
 * Context: handlers. Return: 0 or -EACCES.
 */
int walk_read_reg(struct bpf_verifier_env *env, u32 regno)
{
	if (walk_reg(env, regno)->type == NOT_INIT)
		return bpf_reject(env, REJECT_NOT_INIT, "R%u !read_ok", regno);
	return 0;
}

static int walk_goto(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	walk_state(env)->insn = insn_jump_target(insn, env->insn_idx);
	return 0;
}

/* Taken while the budget of the loop lasts, which a counter in the frame sees to. */
static int walk_may_goto(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_state *st = walk_state(env);
	int err;

	err = walk_push(env, insn_jump_target(insn, env->insn_idx));
	if (err)
		return err;
	state_frame(st)->may_goto++;
	return 0;
}

static int walk_unexpected(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	return bpf_reject(env, REJECT_BAD_INSN, "unknown opcode %02x", insn->code);
}

typedef int (*walk_fn)(struct bpf_verifier_env *env, const struct bpf_insn *insn);

static const walk_fn handlers[INSN_KIND_NR] = {
	[INSN_KIND_NONE] = walk_unexpected,
	[INSN_KIND_ALU] = walk_alu,
	[INSN_KIND_NEG] = walk_neg,
	[INSN_KIND_MOV] = walk_mov,
	[INSN_KIND_MOVSX] = walk_movsx,
	[INSN_KIND_ADDR_SPACE] = walk_addr_space,
	[INSN_KIND_PERCPU] = walk_unexpected,
	[INSN_KIND_END] = walk_end,
	[INSN_KIND_JUMP] = walk_jump,
	[INSN_KIND_GOTO] = walk_goto,
	[INSN_KIND_MAY_GOTO] = walk_may_goto,
	[INSN_KIND_CALL] = walk_call,
	[INSN_KIND_EXIT] = walk_exit,
	[INSN_KIND_TAIL_CALL] = walk_unexpected,
	[INSN_KIND_LOAD] = walk_load,
	[INSN_KIND_STORE] = walk_store,
	[INSN_KIND_STORE_IMM] = walk_store_imm,
	[INSN_KIND_ATOMIC] = walk_atomic,
	[INSN_KIND_LD_IMM64] = walk_ld_imm64,
	[INSN_KIND_PACKET] = walk_packet_load,
	[INSN_KIND_NOSPEC] = walk_unexpected,
};

static void log_before(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;

	if (walk->from != U32_MAX && walk->from != env->insn_idx) {
		vlog(env, "\nfrom %u to %u%s:", walk->from, env->insn_idx,
		     walk->st->speculative ? " (speculative execution)" : "");
		vlog_state(env, walk->st, walk->st->cur, U16_MAX, U64_MAX);
		vlog(env, "\n");
		env->prev_linfo = U32_MAX;
	}
	walk->from = U32_MAX;
	vlog_source_line(env, env->insn_idx);
	walk->line_start = bpf_vlog_pos(&env->log);
	vlog_insn(env, env->insn_idx);
	walk->line_end = bpf_vlog_pos(&env->log);
	vlog(env, "\n");
}

static void log_after(struct bpf_verifier_env *env, const struct bpf_insn *insn, u32 frame)
{
	struct bpf_walk *walk = env->walk;
	u16 regs = insn_defs(insn) | insn_uses(insn), written = insn_defs(insn);
	u32 width = 0;

	if (insn_is_call(insn))
		regs = BIT(BPF_REG_0);
	if (walk->st->cur != frame)
		regs = 0;
	if (!regs && !walk->touched)
		return;
	/* on the instruction's own line, unless more was said */
	if (bpf_vlog_pos(&env->log) == walk->line_end + 1) {
		bpf_vlog_rewind(&env->log, walk->line_end);
		width = walk->line_end - walk->line_start;
	}
	vlog_changes(env, walk->st, width, regs, written, walk->touched);
}

static int budget_check(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;

	if (++env->stats.insns > walk->budget)
		return bpf_reject(env, REJECT_TOO_LARGE,
				  "BPF program is too large. Processed %u insn",
				  env->stats.insns);
	if (signal_pending(current))
		return -EAGAIN;
	if (relevance_mistaken(env) && env->stats.insns <= walk->restart_until && walk->restarts) {
		walk->restarts--;
		return -ERESTART;
	}
	if (need_resched())
		cond_resched();
	return memo_check_cost(env);
}

/* Speculative paths end where a barrier is, and where they go wrong a barrier is put. */
static int speculative_end(struct bpf_verifier_env *env, int err)
{
	if (err == -ENOMEM || err == -EAGAIN || err == -EFAULT || err == -E2BIG)
		return err;
	walk_aux(env)->nospec = true;
	return WALK_END;
}

/* Calls that are loops of their own: their handlers compare states. */
static bool compares_itself(const struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	return call_has_callback(insn) || kfunc_is_iter_next(env, insn) ||
	       kfunc_calls_back(env, insn);
}

static int step(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_state *st = walk->st;
	u32 idx = st->insn, frame = st->cur;
	const struct bpf_insn *insn = env_insn(env, idx);
	struct bpf_insn_aux *aux = &env->aux[idx];
	int err;

	env->insn_idx = idx;
	err = budget_check(env);
	if (err)
		return err;
	if (walk->merging && aux->loop_head)
		merge_count_turn(env, walk->last, idx);
	walk->last = idx;
	if (!walk->entering && !compares_itself(env, insn) &&
	    (aux->join || aux->loop_head || insn_is_may_goto(insn) || walk->returned)) {
		err = prune_visit(env, insn_is_may_goto(insn));
		if (err)
			return err;
	}
	walk->returned = false;
	if (st->speculative && aux->nospec)
		return WALK_END;
	bpf_oracle_state(env);
	env->quiet = st->speculative;
	walk->since_checkpoint++;
	walk->touched = 0;
	if (vlog_on(env))
		log_before(env);
	st->insn = idx + insn_slots(insn);
	err = handlers[insn_rows[aux->id].kind](env, insn);
	if (err < 0 && st->speculative)
		err = speculative_end(env, err);
	env->quiet = false;
	if (err < 0)
		return err;
	if (st->speculative)
		aux->seen_spec = true;
	else
		aux->seen = true;
	if (vlog_on(env) && !err)
		log_after(env, insn, frame);
	return err;
}

/*
 * In order, a path that is refused ends, and the others go on, as long as each refusal teaches what
 * matters: the next attempt is to know all of it.
 */
static int refused(struct bpf_verifier_env *env, int err)
{
	struct bpf_walk *walk = env->walk;

	if (!walk->merging || !walk->gave_up || walk->known == relevance_changes(env) ||
	    !bpf_is_refusal(err) || err == -E2BIG)
		return err;
	walk->known = relevance_changes(env);
	walk->refused = err;
	env->rejection = REJECT_NONE;
	return WALK_END;
}

/* Follows everything that is pending. */
static int run(struct bpf_verifier_env *env)
{
	int err;

	do {
		do
			err = step(env);
		while (!err);
		err = refused(env, err);
		while (err == WALK_END && env->walk->nr_pending)
			err = refused(env, pop(env));
	} while (!err);
	bpf_oracle_complete(env, BPF_ORACLE_ALL);
	if (err != WALK_END)
		return err;
	if (env->walk->refused)
		return env->walk->refused;
	return env->walk->merging ? merge_check_ends(env) : 0;
}

static int entry_state(struct bpf_verifier_env *env, u32 subprog, u8 kind)
{
	struct bpf_state *st = env->walk->st;

	state_reset(st);
	st->sleepable = env->prog->sleepable;
	st->insn = env->subprogs[subprog].start;
	if (!state_push_frame(st, subprog, U32_MAX, kind))
		return -ENOMEM;
	env->walk->from = U32_MAX;
	env->walk->nr_trail = 0;
	env->walk->since_checkpoint = 0;
	env->walk->jumps_since = 0;
	return 0;
}

static void entry_arg(struct bpf_verifier_env *env, struct bpf_reg *reg,
		      const struct bpf_sub_arg *arg)
{
	if (arg->reg_type == SCALAR_VALUE) {
		reg_set_unknown(reg);
		return;
	}
	reg_set_pointer(reg, arg->reg_type);
	if (arg->reg_type & PTR_MAYBE_NULL)
		reg->id = walk_new_id(env);
	if (base_type(arg->reg_type) == PTR_TO_BTF_ID) {
		reg->btf = arg->btf;
		reg->btf_id = arg->btf_id;
	} else if (base_type(arg->reg_type) == PTR_TO_MEM) {
		reg->mem_size = arg->mem_size;
	}
}

/* The program gets its context; a global function whatever its prototype says. */
static int entry_args(struct bpf_verifier_env *env, u32 subprog)
{
	struct bpf_subprog *sub = &env->subprogs[subprog];
	u32 i;
	int err;

	if (!subprog && env->prog->type != BPF_PROG_TYPE_EXT) {
		reg_set_pointer(walk_reg(env, BPF_REG_1), PTR_TO_CTX);
		return 0;
	}
	err = bpf_subprog_prepare_args(env, subprog);
	if (err)
		return err;
	for (i = 0; i < sub->nr_args; i++)
		entry_arg(env, walk_reg(env, BPF_REG_1 + i), &sub->args[i]);
	return 0;
}

static int walk_function(struct bpf_verifier_env *env, u32 subprog, u8 kind)
{
	int err;

	prune_reset(env);
	env->walk->last = U32_MAX;
	if (env->walk->merging)
		merge_reset(env);
	err = entry_state(env, subprog, kind);
	if (!err)
		err = entry_args(env, subprog);
	if (err)
		return err;
	env->insn_idx = env->subprogs[subprog].start;
	if (vlog_on(env)) {
		if (subprog)
			vlog(env, "Validating %s() func#%u...\n", env->subprogs[subprog].name,
			     subprog);
		vlog(env, "%u:", env->insn_idx);
		vlog_state(env, env->walk->st, 0, U16_MAX, U64_MAX);
		vlog(env, "\n");
	}
	return run(env);
}

/* Called with any number, when nothing but the main function's frame is left. */
static int walk_exception_cb(struct bpf_verifier_env *env)
{
	if (!env->exception_cb)
		return 0;
	return exception_check_callback(env) ?:
	       walk_function(env, env->exception_cb, FRAME_EXCEPTION);
}

/* Global functions that something calls are walked alone, in order of their discovery. */
static int walk_globals(struct bpf_verifier_env *env)
{
	bool again = true;
	u64 pos;
	u32 i;
	int err;

	while (again) {
		again = false;
		for (i = 1; i < env->nr_subprogs; i++) {
			struct bpf_subprog *sub = &env->subprogs[i];

			if (!sub->needed || sub->verified)
				continue;
			sub->verified = true;
			again = true;
			pos = bpf_vlog_pos(&env->log);
			err = walk_function(env, i, FRAME_MAIN);
			if (err)
				return err;
			if (vlog_on(env)) {
				if (!vlog_all(env))
					bpf_vlog_rewind(&env->log, pos);
				vlog(env, "Func#%u ('%s') is safe for any args that match its prototype\n",
				     i, sub->name);
			}
		}
	}
	return 0;
}

/**
 * walk_program - walk the program, its exception callback, and the global functions called
 * @env: environment; nothing of an earlier walk is left
 *
 * Context: may sleep. Return: 0 or -errno.
 */
int walk_program(struct bpf_verifier_env *env)
{
	bpf_oracle_begin(env);
	return walk_function(env, 0, FRAME_MAIN) ?: walk_exception_cb(env) ?: walk_globals(env);
}
