// SPDX-License-Identifier: GPL-2.0
/*
 * Checkpoints: states kept where paths meet, so that a path which brings nothing new ends there.
 *
 * The walk goes depth first, so the checkpoints of which some continuation is not yet looked at
 * ("open") are those on the way from the start to where the walk is. A complete checkpoint stands
 * for every state whose relevant values are among its own. An open one is another matter: to
 * end a path there says that a loop preserves what is known of it, which is sound only when all
 * values are compared, and says nothing of the loop's coming to an end. So it is done only where
 * something that ends the loop at run time (an iterator, the counter of may_goto) has moved on
 * since. What was concluded so holds once the open checkpoint is complete; until then all between
 * depend on it (@dep) and are compared in full.
 *
 * An exact repetition of an open checkpoint without such progress is an infinite loop.
 *
 * Inside of a call that is walked apart (memo.c), states are compared with those of the same call:
 * what follows its exits has not been looked at when its checkpoints are complete.
 *
 * Checkpoints are made freely: between two of them paths multiply. What is compared again and
 * again and never stands for anything is dropped, so that few candidates stay at an instruction.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/prune.h"

/* Candidates looked at per visit: the youngest. Of another shape: skipped, but not for ever. */
#define MAX_OPEN_TRIES	8
#define MAX_DONE_TRIES	48
#define MAX_SKIPPED	256

/* A checkpoint may be compared in vain so often, and so often more for each success. */
#define MISSES_FREE	12
#define MISSES_PER_HIT	4

#define MIN_INSNS 8
#define MAX_PASSED 1

/* Turns of a loop that iterators or callbacks end: so many are followed as they are, ... */
#define EXACT_TURNS	1
/* ... so many are joined, from then on numbers are widened. */
#define JOINED_TURNS	6

/*
 * Tests follow every path to its end and compare the verdicts, or join paths that meet from the
 * start, which else only large programs come to.
 */
#ifdef BPF_PRUNE_TEST
bool bpf_prune_off;
bool bpf_join_early;
#else
#define bpf_prune_off false
#define bpf_join_early false
#endif

/* Is every path to be followed to its end? */
bool prune_is_off(void)
{
	return bpf_prune_off;
}

struct bpf_checkpoint {
	struct bpf_checkpoint *next;
	struct bpf_snapshot *snap;
	struct bpf_checkpoint *dep;	/* loop that the verdict on this one rests on */
	u32 shape;
	u32 node;			/* in the graph of merge.c */
	u32 memo;			/* memo_instance() when it was made */
	u32 depth;			/* pending branches when it was made */
	u32 open_idx;
	u32 hits;			/* states that it stood for */
	u32 misses;
	bool open;
	bool joined;			/* a more general one was made of it */
	bool pinned;			/* some @dep points here: not dropped */
};

/* Of one instruction, youngest first. */
struct checkpoints {
	struct bpf_checkpoint *open;
	struct bpf_checkpoint *done;
	u32 joins;
	u32 passed;			/* states that were not kept since one was */
};

struct bpf_prune {
	u32 len;
	u32 nr_open;
	u32 cap_open;
	struct bpf_checkpoint **open;
	u32 nr_kept;
	u32 *count;			/* checkpoints per instruction */
	struct checkpoints at[];
};

/**
 * prune_init - get ready
 * @env: environment
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int prune_init(struct bpf_verifier_env *env)
{
	u32 len = env->prog->len;
	struct bpf_prune *prune;

	env->walk->cover = kmalloc(cover_size(), GFP_KERNEL_ACCOUNT);
	prune = kvzalloc(struct_size(prune, at, len), GFP_KERNEL_ACCOUNT);
	env->walk->prune = prune;
	if (!prune || !env->walk->cover)
		return -ENOMEM;
	prune->len = len;
	prune->count = kvcalloc(len, sizeof(*prune->count), GFP_KERNEL_ACCOUNT);
	return prune->count ? turns_init(env) : -ENOMEM;
}

static void checkpoint_free(struct bpf_verifier_env *env, struct bpf_checkpoint *cp)
{
	snapshot_free(env, cp->snap);
	walk_account(env, -(s64)sizeof(*cp));
	kfree(cp);
}

static void checkpoints_free(struct bpf_verifier_env *env, struct bpf_checkpoint *cp)
{
	struct bpf_checkpoint *next;

	for (; cp; cp = next) {
		next = cp->next;
		checkpoint_free(env, cp);
	}
}

/**
 * prune_reset - forget all checkpoints
 * @env: environment; nothing is pending
 *
 * Context: may sleep.
 */
void prune_reset(struct bpf_verifier_env *env)
{
	struct bpf_prune *prune = env->walk->prune;
	u32 i;

	prune->nr_open = 0;
	prune->nr_kept = 0;
	for (i = 0; i < prune->len; i++) {
		checkpoints_free(env, prune->at[i].open);
		checkpoints_free(env, prune->at[i].done);
		prune->at[i] = (struct checkpoints){};
		if (prune->count)
			prune->count[i] = 0;
	}
}

/**
 * prune_free - done
 * @env: environment
 *
 * Context: may sleep.
 */
void prune_free(struct bpf_verifier_env *env)
{
	struct bpf_prune *prune = env->walk->prune;

	if (prune) {
		prune_reset(env);
		kvfree(prune->open);
		kvfree(prune->count);
		kvfree(prune);
	}
	kfree(env->walk->cover);
	turns_free(env);
	env->walk->prune = NULL;
	env->walk->cover = NULL;
}

/**
 * state_shape - what two states must have in common to be comparable
 * @env: environment
 * @st: state
 *
 * Context: the walk. Return: hash.
 */
u32 state_shape(struct bpf_verifier_env *env, const struct bpf_state *st)
{
	u16 live = env->aux[st->insn].live_regs & 0x3ff;
	u32 hash, i;

	hash = jhash_3words(st->cur, st->nr_refs | st->nr_locks << 16,
			    st->rcu_depth | st->preempt_depth << 8, 0);
	for (i = 1; i <= st->cur; i++)
		hash = jhash_1word(st->frame[i]->callsite, hash);
	for (; live; live &= live - 1)
		hash = jhash_1word(state_reg(st, __ffs(live))->type, hash);
	return hash;
}

/* Did something that bounds the loop move on between the checkpoint and the state? */
static bool slot_progress(const struct snap_frame *sf, const struct bpf_frame *frame)
{
	const struct snap_slot *slot = snap_slots(sf);
	const struct bpf_reg *reg;
	u64 slots = sf->slots;
	u32 i;

	for (; slots; slots &= slots - 1, slot++) {
		i = __ffs64(slots);
		if (slot->byte[0] != BYTE_ITER || !slot->first ||
		    frame->slots[i].byte[0] != BYTE_ITER)
			continue;
		reg = snap_slot_reg(sf, slot);
		if (frame->slots[i].reg.ref_id == reg->ref_id && frame->slots[i].reg.off > reg->off)
			return true;
	}
	return false;
}

static bool has_progress(const struct bpf_checkpoint *cp, const struct bpf_state *st)
{
	const struct snap_frame *sf = snap_first(cp->snap);
	u32 i;

	for (i = 0; i < cp->snap->nr_frames && i <= st->cur; i++, sf = snap_next(sf)) {
		const struct bpf_frame *frame = st->frame[i];

		if (sf->instance != frame->instance)
			return false;
		if (frame->may_goto > sf->may_goto || slot_progress(sf, frame) ||
		    (sf->cb_call && sf->cb_call == frame->cb_call &&
		     frame->cb_depth > sf->cb_depth))
			return true;
	}
	return false;
}

/* All open checkpoints below @on in the tree rest on it from now on. */
static void depend_on(struct bpf_prune *prune, struct bpf_checkpoint *on)
{
	struct bpf_checkpoint *cp;
	u32 i;

	for (i = on->open_idx + 1; i < prune->nr_open; i++) {
		cp = prune->open[i];
		if (!cp->dep || !cp->dep->open || cp->dep->open_idx > on->open_idx) {
			cp->dep = on;
			on->pinned = true;
		}
	}
}

/* The open checkpoint that the verdict on a complete one rests on, by way of complete ones. */
static struct bpf_checkpoint *rests_on(struct bpf_checkpoint *cp)
{
	while (cp->dep && !cp->dep->open)
		cp->dep = cp->dep->dep;
	return cp->dep;
}

/* May the state be compared with the checkpoint at all? */
static bool comparable(const struct bpf_verifier_env *env, const struct bpf_checkpoint *cp,
		       u32 shape)
{
	return cp->shape == shape && cp->memo == memo_instance(env);
}

static int visit_open(struct bpf_verifier_env *env, struct bpf_checkpoint *cp)
{
	struct bpf_state *st = walk_state(env);
	bool progress = has_progress(cp, st) || st->speculative;

	if (!progress) {
		if (!state_covered(env, cp->snap, st, COVER_EQUAL))
			return 0;
		return bpf_reject(env, REJECT_INFINITE_LOOP, "infinite loop detected at insn %u",
				  st->insn);
	}
	if (!state_covered(env, cp->snap, st, COVER_ALL))
		return 0;
	depend_on(env->walk->prune, cp);
	return WALK_END;
}

static int visit_done(struct bpf_verifier_env *env, struct bpf_checkpoint *cp)
{
	struct bpf_checkpoint *on = rests_on(cp);

	if (bpf_prune_off)
		return 0;
	if (!state_covered(env, cp->snap, walk_state(env), on ? COVER_ALL : COVER_RELEVANT)) {
		cp->misses++;
		return 0;
	}
	cp->hits++;
	if (on)
		depend_on(env->walk->prune, on);
	return WALK_END;
}

static bool useless(const struct bpf_checkpoint *cp)
{
	return !cp->pinned &&
	       (cp->joined || cp->misses > MISSES_FREE + MISSES_PER_HIT * cp->hits);
}

/* A checkpoint that stands for too little goes. */
static void checkpoint_drop(struct bpf_verifier_env *env, struct bpf_checkpoint **link)
{
	struct bpf_prune *prune = env->walk->prune;
	struct bpf_checkpoint *cp = *link;

	*link = cp->next;
	prune->count[cp->snap->insn]--;
	prune->nr_kept--;
	checkpoint_free(env, cp);
}

/*
 * Compares with what the walk is in the midst of. @loop: the youngest that it came back to; @turns:
 * how often it did.
 */
static int compare_open(struct bpf_verifier_env *env, u32 shape, struct bpf_checkpoint **loop,
			u32 *turns)
{
	struct bpf_state *st = walk_state(env);
	u32 tries = 0, skipped = 0;
	struct bpf_checkpoint *cp;
	int err = 0;

	*loop = NULL;
	*turns = 0;
	cp = env->walk->prune->at[st->insn].open;
	if (cp)
		turns_note(env, cp->snap);
	for (; cp && !err; cp = cp->next) {
		if (!comparable(env, cp, shape) || tries >= MAX_OPEN_TRIES) {
			if (++skipped > MAX_SKIPPED)
				break;
			if (!comparable(env, cp, shape))
				continue;
		}
		if (*turns < JOINED_TURNS && has_progress(cp, st)) {
			if (!*loop)
				*loop = cp;
			++*turns;
		}
		if (tries++ < MAX_OPEN_TRIES)
			err = visit_open(env, cp);
	}
	return err;
}

/* Are paths that meet to be taken together by now? */
static bool joining(const struct bpf_verifier_env *env)
{
	return (bpf_join_early || env->stats.insns > env->walk->join_from) && !bpf_prune_off;
}

/*
 * Compares with what is complete. @other: the one that most resembles the state, where paths are to
 * be joined; @ended: something else than numbers ends the loop.
 */
static int compare_done(struct bpf_verifier_env *env, u32 shape, bool ended,
			struct bpf_checkpoint **other)
{
	struct bpf_state *st = walk_state(env);
	u32 tries = 0, skipped = 0, best = U32_MAX, dist;
	struct bpf_checkpoint **link = &env->walk->prune->at[st->insn].done, *cp;

	*other = NULL;
	while ((cp = *link)) {
		if (!comparable(env, cp, shape)) {
			if (++skipped > MAX_SKIPPED)
				break;
			link = &cp->next;
			continue;
		}
		if (++tries > MAX_DONE_TRIES)
			break;
		if (visit_done(env, cp))
			return WALK_END;
		if (tries > 1 && useless(cp)) {
			checkpoint_drop(env, link);
			continue;
		}
		link = &cp->next;
		if (!joining(env) || cp->snap->nr_frames != st->cur + 1 ||
		    !turns_agree(env, cp->snap, ended))
			continue;
		dist = state_distance(env, cp->snap, st);
		if (dist < best) {
			best = dist;
			*other = cp;
		}
	}
	return 0;
}

static int open_grow(struct bpf_prune *prune)
{
	u32 cap = prune->cap_open ? prune->cap_open * 2 : 64;
	struct bpf_checkpoint **bigger;

	bigger = kvcalloc(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
	if (!bigger)
		return -ENOMEM;
	if (prune->nr_open)
		memcpy(bigger, prune->open, prune->nr_open * sizeof(*bigger));
	kvfree(prune->open);
	prune->open = bigger;
	prune->cap_open = cap;
	return 0;
}

static int checkpoint_add(struct bpf_verifier_env *env, u32 shape)
{
	struct bpf_prune *prune = env->walk->prune;
	struct bpf_state *st = walk_state(env);
	struct bpf_checkpoint *cp;

	if (prune->nr_open == prune->cap_open && open_grow(prune))
		return -ENOMEM;
	cp = kzalloc(sizeof(*cp), GFP_KERNEL_ACCOUNT);
	if (!cp)
		return -ENOMEM;
	cp->snap = snapshot_take(env, st);
	if (!cp->snap) {
		kfree(cp);
		return -ENOMEM;
	}
	walk_account(env, sizeof(*cp));
	cp->shape = shape;
	cp->node = env->walk->merging ? merge_node(env) : 0;
	cp->memo = memo_instance(env);
	cp->depth = env->walk->nr_pending;
	cp->open = true;
	cp->open_idx = prune->nr_open;
	prune->open[prune->nr_open++] = cp;
	cp->next = prune->at[st->insn].open;
	prune->at[st->insn].open = cp;
	env->stats.total_states++;
	env->stats.state_bytes += cp->snap->size + sizeof(*cp);
	env->stats.peak_states = max(env->stats.peak_states, ++prune->nr_kept);
	prune->count[st->insn]++;
	prune->at[st->insn].passed = 0;
	env->stats.max_states_per_insn = max(env->stats.max_states_per_insn,
					     prune->count[st->insn]);
	return 0;
}

static enum bpf_widen widen_how(struct bpf_walk *walk, u32 turns)
{
	if (turns <= EXACT_TURNS || walk->exact)
		return WIDEN_IRRELEVANT;
	walk->widened = true;
	return turns < JOINED_TURNS ? JOIN_TURNS : WIDEN_TURNS;
}

/*
 * A checkpoint everywhere would cost more than it saves; where several states have come by, one of
 * them may stand for the next.
 */
static bool worth_it(const struct bpf_verifier_env *env)
{
	const struct bpf_walk *walk = env->walk;
	u32 insn = walk->st->insn;

	/* exits of a call multiply with those of the next */
	if (env->test_state_freq || walk->returned)
		return true;
	/* to see what counts the turns */
	if (joining(env) && env->aux[insn].loop_head)
		return true;
	return walk->since_checkpoint >= MIN_INSNS &&
	       (walk->jumps_since >= 2 || walk->since_checkpoint >= 64 ||
		walk->prune->at[insn].passed >= MAX_PASSED);
}

/* The youngest open checkpoint is complete. */
static void close_youngest(struct bpf_prune *prune)
{
	struct bpf_checkpoint *cp = prune->open[--prune->nr_open];
	struct checkpoints *at = &prune->at[cp->snap->insn];

	/* open ones are a stack at each instruction as well */
	at->open = cp->next;
	cp->next = at->done;
	at->done = cp;
	cp->open = false;
}

/*
 * Compares with all that was kept here, and joins with one of the same turn. WALK_END: one stands
 * for the state.
 */
static int compare_merged(struct bpf_verifier_env *env, u32 shape)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_checkpoint **link = &env->walk->prune->at[st->insn].done, *cp, *other = NULL;
	u32 tries = 0, skipped = 0;

	while ((cp = *link)) {
		if (cp->shape != shape) {
			if (++skipped > MAX_SKIPPED)
				break;
			link = &cp->next;
			continue;
		}
		if (++tries > MAX_DONE_TRIES)
			break;
		if (state_covered(env, cp->snap, st, COVER_RELEVANT)) {
			cp->hits++;
			return merge_covered(env, cp->node);
		}
		cp->misses++;
		if (!other && merge_same_turn(env, cp->snap)) {
			other = cp;
		} else if (tries > 1 && useless(cp)) {
			checkpoint_drop(env, link);
			continue;
		}
		link = &cp->next;
	}
	if (other)
		state_widen(env, other->snap, st, JOIN_PATHS);
	return 0;
}

/* Paths are followed in order, and what was kept stands for others at once; see merge.c. */
static int visit_merged(struct bpf_verifier_env *env, u32 shape)
{
	int err;

	err = merge_visit(env) ?: compare_merged(env, shape) ?: checkpoint_add(env, shape);
	if (!err)
		close_youngest(env->walk->prune);
	return err;
}

/**
 * prune_visit - a place where paths meet is reached
 * @env: environment
 * @head: all turns of a loop that something at run time ends come by here: what changes is widened,
 *	and a checkpoint is kept in any case
 *
 * Context: the walk. Return: 0 to go on (the state may have been widened), WALK_END where an old
 * state stands for this one, -errno.
 */
int prune_visit(struct bpf_verifier_env *env, bool head)
{
	struct bpf_walk *walk = env->walk;
	u32 shape = state_shape(env, walk->st), turns;
	struct bpf_checkpoint *loop, *other;
	bool force = head;
	int err;

	if (walk->merging && head)
		return bpf_reject(env, REJECT_TOO_LARGE,
				  "a loop that ends at run time is not joined");
	if (walk->merging)
		return visit_merged(env, shape);
	err = compare_open(env, shape, &loop, &turns) ?: compare_done(env, shape, loop, &other);
	if (err)
		return err;
	if (other) {
		walk->joined = true;
		other->joined = true;
		force |= state_widen(env, other->snap, walk->st,
				     walk->prune->at[walk->st->insn].joins++ > walk->many_joins ?
				     WIDEN_PATHS : JOIN_PATHS);
	}
	if (!force && !worth_it(env)) {
		walk->prune->at[walk->st->insn].passed++;
		return 0;
	}
	if (loop && head)
		state_widen(env, loop->snap, walk->st, widen_how(walk, turns));
	err = checkpoint_add(env, shape);
	walk->since_checkpoint = 0;
	walk->jumps_since = 0;
	return err;
}

/**
 * prune_popped - the walk goes on with an older branch
 * @env: environment
 * @depth: its place in the stack of pending branches
 *
 * Checkpoints made after that branch was pushed have been followed to all ends.
 * Context: the walk.
 */
void prune_popped(struct bpf_verifier_env *env, u32 depth)
{
	struct bpf_prune *prune = env->walk->prune;

	while (prune->nr_open && prune->open[prune->nr_open - 1]->depth > depth)
		close_youngest(prune);
}
