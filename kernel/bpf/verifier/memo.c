// SPDX-License-Identifier: GPL-2.0
/*
 * Static functions that are called from several places: what one call comes to is noted, and taken
 * for calls in states that it covers, wherever these are.
 *
 * The first call of a function is followed like any other code, which shows of which numbers some
 * verdict depends. A later one is walked apart: a branch that stands for the caller is put aside,
 * the function is followed to all of its exits, which are only noted, and then the caller goes on
 * once for each exit that differs from the others. From then on, a call with arguments among those
 * goes on with the exits at once.
 *
 * That is sound because of what such a function can neither see nor change:
 *
 * - It sees its arguments, what its instructions name (maps, its own stack), and whether the caller
 *   is in an RCU or preemption section or may sleep. These are compared. No argument points into a
 *   stack or a packet, or stands for a reference, and nothing is held at the call, so that there is
 *   no way to the frames around, and these stay as they are.
 * - Numbers and nullable pointers of the caller that are linked to an argument would be told what
 *   the function finds out. The links are cut. Where that would lose something that is known to
 *   matter, the call is followed like any other code.
 * - Functions with callbacks, kernel functions or helpers that move packets are left out, and so
 *   are, from the first time that they do it, those that return with something held.
 * - States inside are compared with those of the same call only, so that no exit is missed.
 * - A number that is returned counts as unknown where no verdict depends on it so far; else it is
 *   relevant inside of the function, and comparing states there takes care of it.
 *
 * What is lost (which branches of the function go with which state of the caller beyond what is
 * returned) may refuse a program that is safe. So one that was refused with notes used is walked
 * again without them: see again.c.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exec/oracle.h"
#include "helpers/helpers.h"
#include "verifier/call.h"
#include "verifier/prune.h"

/* Different results of one call; functions with more are not worth it. */
#define MAX_EXITS	32

/* Instructions that following one call apart may look at. */
#define MAX_APART	(BPF_VERIFY_MAX_INSNS / 64)

/* Calls of a function that may be noted in vain. */
#define MAX_IN_VAIN	4

/*
 * struct bpf_memo - one call that is, or was, walked apart
 * @next: of the same function
 * @outer: the one that it was begun in
 * @sub: the function
 * @instance: of its frame
 * @regs: arguments that it reads: @args, from R1 on
 * @depth: frames that it entered above its own
 * @frame: number of its frame while it is walked
 * @precise: numbers that it returns matter
 * @complete: all exits are known
 * @exits: what R0 is, @nr_exits of them
 * @begun: instructions looked at when it was begun
 */
struct bpf_memo {
	struct bpf_memo *next;
	struct bpf_memo *outer;
	u32 sub;
	u32 instance;
	u32 rcu_depth;
	u32 preempt_depth;
	u32 depth;
	u32 frame;
	u32 nr_exits;
	u32 begun;
	u16 regs;
	bool sleepable;
	bool precise;
	bool complete;
	struct bpf_reg args[BPF_REG_5];
	struct bpf_reg *exits;
};

/*
 * struct memo_sub - what is known of one function
 * @able: nothing in its code speaks against it; @sites: calls of it in the program
 * @entered: a call of it was followed
 * @noted, @used: calls walked apart, and calls that were spared
 */
struct memo_sub {
	struct bpf_memo *first;
	u32 sites;
	u32 noted;
	u32 used;
	bool able;
	bool entered;
};

struct bpf_memos {
	struct bpf_memo *active;
	u32 nr;
	struct memo_sub subs[];
};

/* ------------------------------------------------------------------ which functions */

static bool insn_is_tame(struct bpf_verifier_env *env, u32 i)
{
	const struct bpf_insn *insn = env_insn(env, i);
	const struct bpf_func_proto *proto;

	if (insn_is_kfunc_call(insn) || insn_is_sub_addr(insn) || call_has_callback(insn))
		return false;
	if (!insn_is_helper_call(insn))
		return true;
	proto = bpf_helper_find(env->prog, insn->imm);
	return proto && !proto->changes_pkt_data;
}

static void look_at_code(struct bpf_verifier_env *env, struct bpf_memos *memos, u32 sub)
{
	u32 i;

	for (i = env->subprogs[sub].start; i < env->subprogs[sub].end; i++) {
		if (env->aux[i].second)
			continue;
		if (insn_is_sub_call(env_insn(env, i)))
			memos->subs[env->aux[i].subprog].sites++;
		memos->subs[sub].able &= insn_is_tame(env, i);
	}
}

/* What a function calls, it does. Global functions do it elsewhere. */
static bool inherit(struct bpf_verifier_env *env, struct bpf_memos *memos, u32 sub)
{
	u32 i, callee;

	if (!memos->subs[sub].able)
		return false;
	for (i = env->subprogs[sub].start; i < env->subprogs[sub].end; i++) {
		if (env->aux[i].second || !insn_is_sub_call(env_insn(env, i)))
			continue;
		callee = env->aux[i].subprog;
		if (env->subprogs[callee].global ? env->subprogs[callee].changes_pkt :
						   !memos->subs[callee].able) {
			memos->subs[sub].able = false;
			return true;
		}
	}
	return false;
}

/**
 * memo_init - get ready
 * @env: environment, after effects_init()
 *
 * Context: may sleep. Return: 0 or -ENOMEM; memo_free() cleans up in both cases.
 */
int memo_init(struct bpf_verifier_env *env)
{
	struct bpf_memos *memos;
	bool again = true;
	u32 i;

	memos = kvzalloc(struct_size(memos, subs, env->nr_subprogs), GFP_KERNEL_ACCOUNT);
	env->walk->memos = memos;
	if (!memos)
		return -ENOMEM;
	memos->nr = env->nr_subprogs;
	for (i = 0; i < memos->nr; i++)
		memos->subs[i].able = i && !env->subprogs[i].global && !env->subprogs[i].callback;
	for (i = 0; i < memos->nr; i++)
		look_at_code(env, memos, i);
	while (again) {
		again = false;
		for (i = 0; i < memos->nr; i++)
			again |= inherit(env, memos, i);
	}
	return 0;
}

static void memo_free_one(struct bpf_verifier_env *env, struct bpf_memo *memo)
{
	walk_account(env, -(s64)(sizeof(*memo) + array_size(memo->nr_exits, sizeof(*memo->exits))));
	kvfree(memo->exits);
	kfree(memo);
}

/**
 * memo_reset - forget all notes, but not which functions are not worth it
 * @env: environment; nothing is pending
 *
 * Context: may sleep.
 */
void memo_reset(struct bpf_verifier_env *env)
{
	struct bpf_memos *memos = env->walk->memos;
	struct bpf_memo *memo;
	u32 i;

	memos->active = NULL;
	for (i = 0; i < memos->nr; i++) {
		while ((memo = memos->subs[i].first)) {
			memos->subs[i].first = memo->next;
			memo_free_one(env, memo);
		}
		memos->subs[i].entered = false;
		memos->subs[i].noted = 0;
		memos->subs[i].used = 0;
	}
}

/**
 * memo_free - done
 * @env: environment
 *
 * Context: may sleep.
 */
void memo_free(struct bpf_verifier_env *env)
{
	if (!env->walk->memos)
		return;
	memo_reset(env);
	kvfree(env->walk->memos);
	env->walk->memos = NULL;
}

/* ------------------------------------------------------------------ which calls */

/* Is something of the frames around linked to an argument, so that cutting the link matters? */
struct links {
	struct bpf_verifier_env *env;
	const struct bpf_reg *arg;
	bool matters;
};

static void check_link(struct links *l, const struct bpf_reg *reg, bool relevant)
{
	if (reg->type != l->arg->type || reg->id != l->arg->id)
		return;
	l->matters |= relevant || !reg_is_scalar(reg);
}

static void check_links(struct links *l, const struct bpf_frame *frame, u32 at)
{
	u16 regs = relevance_regs(l->env, at);
	u64 slots = relevance_slots_of(l->env, at), used = frame->used;
	u32 i;

	for (i = BPF_REG_6; i < BPF_REG_10; i++)
		check_link(l, &frame->regs[i], regs & BIT(i));
	for (; used; used &= used - 1) {
		i = __ffs64(used);
		if (frame->slots[i].spill_size)
			check_link(l, &frame->slots[i].reg, slots & BIT_ULL(i));
	}
}

static bool arg_is_tame(struct bpf_verifier_env *env, const struct bpf_reg *arg)
{
	const struct bpf_state *st = walk_state(env);
	struct links l = { .env = env, .arg = arg };
	u32 i;

	if (arg->ref_id || arg->type & NON_OWN_REF || reg_is_packet(arg))
		return false;
	switch (base_type(arg->type)) {
	case NOT_INIT:
	case PTR_TO_STACK:
	case PTR_TO_PACKET_END:
	case PTR_TO_FUNC:
	case CONST_PTR_TO_DYNPTR:
		return false;
	case PTR_TO_MEM:
		if (arg->dyn_id || arg->buf_id)
			return false;
		break;
	default:
		break;
	}
	if (!arg->id || (!reg_is_scalar(arg) && !type_may_be_null(arg->type)))
		return true;
	for (i = 0; i <= st->cur && !l.matters; i++)
		check_links(&l, st->frame[i], i == st->cur ? env->insn_idx :
			    st->frame[i + 1]->callsite);
	return !l.matters;
}

/* The function could learn something of a packet that the frames around point into. */
static bool has_packets(const struct bpf_frame *frame)
{
	u64 used = frame->used;
	u32 i;

	for (i = BPF_REG_6; i < BPF_REG_10; i++)
		if (reg_is_packet(&frame->regs[i]))
			return true;
	for (; used; used &= used - 1) {
		i = __ffs64(used);
		if (frame->slots[i].spill_size && reg_is_packet(&frame->slots[i].reg))
			return true;
	}
	return false;
}

static bool state_is_tame(const struct bpf_state *st)
{
	u32 i;

	if (st->nr_refs || st->nr_locks || st->speculative)
		return false;
	for (i = 0; i <= st->cur; i++) {
		if (st->frame[i]->kind != FRAME_MAIN && st->frame[i]->kind != FRAME_CALL)
			return false;
		if (has_packets(st->frame[i]))
			return false;
	}
	return true;
}

static u16 args_read(const struct bpf_verifier_env *env, u32 sub)
{
	return env->aux[env->subprogs[sub].start].live_regs & 0x3e;
}

static bool call_is_tame(struct bpf_verifier_env *env, u32 sub)
{
	const struct memo_sub *s = &env->walk->memos->subs[sub];
	u16 regs = args_read(env, sub);

	if (env->walk->plain || env->walk->merging || prune_is_off() || !env->bypass_spec_v1)
		return false;
	if (!s->able || s->sites < 2 || !state_is_tame(walk_state(env)))
		return false;
	for (; regs; regs &= regs - 1)
		if (!arg_is_tame(env, walk_reg(env, __ffs(regs))))
			return false;
	return true;
}

/* ------------------------------------------------------------------ notes */

/* Is the call in the same sections as the one noted, with room for the same frames? */
static bool fits(const struct bpf_memo *memo, const struct bpf_state *st)
{
	return memo->rcu_depth == st->rcu_depth && memo->preempt_depth == st->preempt_depth &&
	       memo->sleepable == st->sleepable &&
	       st->cur + 1 + memo->depth < BPF_VERIFY_MAX_FRAMES;
}

static struct bpf_memo *find(struct bpf_verifier_env *env, u32 sub)
{
	struct bpf_memo *memo = env->walk->memos->subs[sub].first;
	const struct bpf_state *st = walk_state(env);
	bool precise = relevance_result(env, sub);

	for (; memo; memo = memo->next) {
		if (!memo->complete || memo->precise != precise || !fits(memo, st))
			continue;
		if (args_covered(env, memo->args, state_frame(st)->regs, memo->regs,
				 env->subprogs[sub].start))
			return memo;
	}
	return NULL;
}

static void note_depth(struct bpf_memo *active, u32 frame)
{
	for (; active; active = active->outer)
		active->depth = max(active->depth, frame - active->frame);
}

/* The caller goes on with each exit of a call like this one. */
static int use(struct bpf_verifier_env *env, struct bpf_memo *memo)
{
	struct bpf_memos *memos = env->walk->memos;

	memos->subs[memo->sub].used++;
	env->walk->memoised = true;
	note_depth(memos->active, walk_state(env)->cur + 1 + memo->depth);
	bpf_oracle_shared(env, memo->instance);
	if (vlog_on(env))
		vlog(env, "Func#%u ('%s') was walked with such arguments before.\n", memo->sub,
		     env->subprogs[memo->sub].name);
	return walk_push_memo(env, memo) ?: WALK_END;
}

/* Arguments that are linked to each other stay so; what the caller has kept of them does not. */
static void cut_links(struct bpf_verifier_env *env, struct bpf_reg *args, u16 regs)
{
	u32 i, k, old;

	for (i = 0; i < BPF_REG_5; i++) {
		old = args[i].id;
		if (!(regs & BIT(BPF_REG_1 + i)) || !old ||
		    (!reg_is_scalar(&args[i]) && !type_may_be_null(args[i].type)))
			continue;
		for (k = 0; k < i && !(args[k].type == args[i].type && args[k].id == old); k++)
			;
		if (k < i)
			continue;
		old = args[i].id;
		args[i].id = walk_new_id(env);
		for (k = i + 1; k < BPF_REG_5; k++)
			if (args[k].type == args[i].type && args[k].id == old)
				args[k].id = args[i].id;
	}
}

/* In the memo's arguments an id says that two of them are linked, and nothing else. */
static void drop_lone_ids(struct bpf_memo *memo)
{
	u32 i, k, n;

	for (i = 0; i < BPF_REG_5; i++) {
		for (k = 0, n = 0; k < BPF_REG_5; k++)
			n += memo->args[k].id == memo->args[i].id;
		if (n > 1 || (!reg_is_scalar(&memo->args[i]) &&
			      !type_may_be_null(memo->args[i].type)))
			continue;
		if (reg_is_scalar(&memo->args[i]))
			memo->args[i].off = 0;
		memo->args[i].id = 0;
	}
}

static struct bpf_memo *memo_new(struct bpf_verifier_env *env, u32 sub)
{
	const struct bpf_state *st = walk_state(env);
	struct bpf_memo *memo = kzalloc(sizeof(*memo), GFP_KERNEL_ACCOUNT);
	struct memo_sub *s = &env->walk->memos->subs[sub];
	u32 i;

	if (!memo)
		return NULL;
	walk_account(env, sizeof(*memo));
	memo->sub = sub;
	memo->begun = env->stats.insns;
	memo->regs = args_read(env, sub);
	memo->rcu_depth = st->rcu_depth;
	memo->preempt_depth = st->preempt_depth;
	memo->sleepable = st->sleepable;
	memo->precise = relevance_result(env, sub);
	for (i = 0; i < BPF_REG_5; i++)
		if (memo->regs & BIT(BPF_REG_1 + i))
			memo->args[i] = *walk_reg(env, BPF_REG_1 + i);
	memo->next = s->first;
	s->first = memo;
	s->noted++;
	return memo;
}

/**
 * memo_call - a static function is called: is the call to be walked apart, or known?
 * @env: environment
 * @sub: the function
 * @memo: out: it is to be walked apart: call memo_entered() with the new frame; else NULL
 *
 * Context: walk_sub_call(). Return: WALK_END: the exits are known and wait; 0; -errno.
 */
int memo_call(struct bpf_verifier_env *env, u32 sub, struct bpf_memo **memo)
{
	struct memo_sub *s = &env->walk->memos->subs[sub];
	struct bpf_memo *known;
	bool first = !s->entered;

	*memo = NULL;
	s->entered = true;
	if (first || !call_is_tame(env, sub))
		return 0;
	known = find(env, sub);
	if (known)
		return use(env, known);
	if (walk_state(env)->cur + 1 >= BPF_VERIFY_MAX_FRAMES ||
	    (s->noted > MAX_IN_VAIN && s->used < s->noted))
		return 0;
	*memo = memo_new(env, sub);
	return *memo ? walk_push_memo(env, *memo) : -ENOMEM;
}

/**
 * memo_entered - the frame of a call that is walked apart
 * @env: environment
 * @memo: the call, of memo_call(); NULL: any other
 * @frame: its frame; the arguments have been passed
 *
 * Context: walk_sub_call().
 */
void memo_entered(struct bpf_verifier_env *env, struct bpf_memo *memo, struct bpf_frame *frame)
{
	struct bpf_memos *memos = env->walk->memos;

	note_depth(memos->active, walk_state(env)->cur);
	if (!memo)
		return;
	env->walk->gave_up = true;
	env->walk->memoised = true;
	cut_links(env, &frame->regs[BPF_REG_1], memo->regs);
	drop_lone_ids(memo);
	memo->instance = frame->instance;
	memo->frame = walk_state(env)->cur;
	memo->outer = memos->active;
	memos->active = memo;
}

/* The call that the walk is in: states are compared within it. 0: in none. */
u32 memo_instance(const struct bpf_verifier_env *env)
{
	const struct bpf_memo *active = env->walk->memos->active;

	return active ? active->instance : 0;
}

/* The function does what does not fit into notes: once more, without. */
static int give_up(struct bpf_verifier_env *env, u32 sub)
{
	env->walk->memos->subs[sub].able = false;
	return -ERESTART;
}

/**
 * memo_check_cost - is what is walked apart worth it
 * @env: environment
 *
 * Context: the walk, for each instruction. Return: 0, or -ERESTART: the function is left out from
 * now on.
 */
int memo_check_cost(struct bpf_verifier_env *env)
{
	const struct bpf_memo *memo = env->walk->memos->active;

	if (!memo || env->stats.insns - memo->begun <= MAX_APART)
		return 0;
	return give_up(env, memo->sub);
}

static int add_exit(struct bpf_verifier_env *env, struct bpf_memo *memo, const struct bpf_reg *r0)
{
	struct bpf_reg *bigger;

	if (memo->nr_exits == MAX_EXITS)
		return give_up(env, memo->sub);
	bigger = kvmalloc_array(memo->nr_exits + 1, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
	if (!bigger)
		return -ENOMEM;
	if (memo->nr_exits)
		memcpy(bigger, memo->exits, memo->nr_exits * sizeof(*bigger));
	kvfree(memo->exits);
	memo->exits = bigger;
	memo->exits[memo->nr_exits++] = *r0;
	walk_account(env, sizeof(*bigger));
	return WALK_END;
}

/**
 * memo_exit - a function returns: is it one that is walked apart
 * @env: environment
 * @frame: its frame
 * @r0: what it returns
 *
 * Context: walk_return(). Return: 0: no; WALK_END: yes, the path ends here; -errno.
 */
int memo_exit(struct bpf_verifier_env *env, const struct bpf_frame *frame,
	      const struct bpf_reg *r0)
{
	const struct bpf_state *st = walk_state(env);
	struct bpf_memo *memo = env->walk->memos->active;
	struct bpf_reg val = *r0;
	u32 i;

	if (!memo || memo->instance != frame->instance)
		return 0;
	if (st->nr_refs || st->nr_locks || st->rcu_depth != memo->rcu_depth ||
	    st->preempt_depth != memo->preempt_depth || val.ref_id)
		return give_up(env, memo->sub);
	if (reg_is_scalar(&val)) {
		val.id = 0;
		val.off = 0;
		if (!memo->precise)
			reg_set_unknown(&val);
	}
	for (i = 0; i < memo->nr_exits; i++)
		if (exit_covered(env, &memo->exits[i], &val))
			return WALK_END;
	return add_exit(env, memo, &val);
}

/**
 * memo_left - how many exits follow
 * @env: environment
 * @memo: a call of which the caller waits, on top of all that waits: if it was walked apart, it is
 *	complete now
 * @next: the exit that the caller goes on with now
 *
 * Context: the walk. Return: how many there are from @next on.
 */
u32 memo_left(struct bpf_verifier_env *env, struct bpf_memo *memo, u32 next)
{
	if (!memo->complete) {
		memo->complete = true;
		env->walk->memos->active = memo->outer;
	}
	return memo->nr_exits - next;
}

/**
 * memo_resume - the caller goes on with an exit
 * @env: environment; the state is that at the call
 * @memo: the call
 * @next: number of the exit
 *
 * Context: the walk.
 */
void memo_resume(struct bpf_verifier_env *env, const struct bpf_memo *memo, u32 next)
{
	struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);

	walk_clobber_args(env);
	*r0 = memo->exits[next];
	/* another call returns another thing */
	if (reg_is_pointer(r0) && r0->id)
		r0->id = walk_new_id(env);
	if ((base_type(r0->type) == PTR_TO_MAP_VALUE || base_type(r0->type) == PTR_TO_MAP_KEY ||
	     base_type(r0->type) == CONST_PTR_TO_MAP) && r0->map_uid)
		r0->map_uid = walk_new_id(env);
	walk_state(env)->insn++;
}
