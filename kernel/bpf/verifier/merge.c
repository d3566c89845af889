// SPDX-License-Identifier: GPL-2.0
/*
 * The walk in order: for programs with more paths than any budget.
 *
 * Where paths meet, a state waits until all that may still come there in the same turn of all loops
 * around has come, and goes on joined with them. So each place is looked at once a turn, or once
 * for each set of kinds of pointers. How branches hang together is lost.
 *
 * A path ends at any state that stands for its own, whether that has been followed to its end or
 * not: what has been looked at is closed under what can happen next, which is all that safety asks
 * for. It asks for relevance to be known beforehand, so the attempt counts only if it taught
 * nothing new. And the loops have to end, which is seen from a graph: states that were kept, and
 * which leads to which. It must have no cycle. Loops that something at run time ends would be
 * cycles, so programs with such are not walked so.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/prune.h"

/* @edge: pairs of nodes; @node: the one that the path at hand comes from */
struct bpf_merge {
	struct bpf_state *scratch;
	u32 *edge;
	u32 nr_edges;
	u32 cap_edges;
	u32 nr_nodes;
	u32 node;
	u32 nr_pushed;
	bool arrived;		/* the state has waited */
};

/**
 * merge_init - get ready
 * @env: environment
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int merge_init(struct bpf_verifier_env *env)
{
	env->walk->merge = kzalloc(sizeof(*env->walk->merge), GFP_KERNEL_ACCOUNT);
	return env->walk->merge ? 0 : -ENOMEM;
}

/**
 * merge_free - done
 * @env: environment
 *
 * Context: may sleep.
 */
void merge_free(struct bpf_verifier_env *env)
{
	struct bpf_merge *m = env->walk->merge;

	if (!m)
		return;
	state_free(m->scratch);
	kvfree(m->edge);
	kfree(m);
	env->walk->merge = NULL;
}

/* ------------------------------------------------------------------ order */

/* Heads of the loops around an instruction, outermost first. */
static u32 heads_of(const struct bpf_verifier_env *env, u32 at, u32 heads[MERGE_NEST])
{
	u32 head = env->aux[at].loop_head ? at + 1 : env->aux[at].loop, all[MERGE_NEST], n = 0, i;

	for (; head && n < MERGE_NEST; head = env->aux[head - 1].loop)
		all[n++] = head - 1;
	for (i = 0; i < n; i++)
		heads[i] = all[n - 1 - i];
	return n;
}

/**
 * merge_count_turn - a loop's head is reached
 * @env: environment
 * @from: instruction before
 * @head: the head
 *
 * Context: the walk.
 */
void merge_count_turn(struct bpf_verifier_env *env, u32 from, u32 head)
{
	struct bpf_frame *frame = state_frame(walk_state(env));
	u32 heads[MERGE_NEST], n = heads_of(env, head, heads), i;

	if (!n || env->walk->merge->arrived)
		return;
	for (i = from < env->prog->len ? from + 1 : 0; i && i - 1 != head; )
		i = env->aux[i - 1].loop;
	frame->turns[n - 1] = i ? frame->turns[n - 1] + 1 : 0;
}

static int order_places(const struct bpf_verifier_env *env, u32 a, const u32 *turns_a, u32 b,
			const u32 *turns_b)
{
	u32 heads_a[MERGE_NEST], heads_b[MERGE_NEST], i;
	u32 na = heads_of(env, a, heads_a), nb = heads_of(env, b, heads_b);

	for (i = 0; i < na && i < nb && heads_a[i] == heads_b[i]; i++)
		if (turns_a[i] != turns_b[i])
			return turns_a[i] < turns_b[i] ? -1 : 1;
	a = env->aux[i < na ? heads_a[i] : a].rpo;
	b = env->aux[i < nb ? heads_b[i] : b].rpo;
	return a == b ? 0 : a < b ? -1 : 1;
}

/* Which of two states comes first: below 0: @a; 0: they are at the same place in the same turns. */
static int order(const struct bpf_verifier_env *env, const struct bpf_snapshot *a,
		 const struct bpf_snapshot *b)
{
	const struct snap_frame *fa = snap_first(a), *fb = snap_first(b);
	u32 i, at_a, at_b;
	int cmp;

	for (i = 0;; i++) {
		bool last_a = i + 1 == a->nr_frames, last_b = i + 1 == b->nr_frames;
		const struct snap_frame *na = snap_next(fa), *nb = snap_next(fb);

		at_a = last_a ? a->insn : na->callsite;
		at_b = last_b ? b->insn : nb->callsite;
		cmp = order_places(env, at_a, fa->turns, at_b, fb->turns);
		if (cmp || (last_a && last_b))
			return cmp;
		if (at_a != at_b)
			return at_a < at_b ? -1 : 1;
		if (last_a || last_b)
			return last_a ? -1 : 1;
		fa = na;
		fb = nb;
	}
}

/* Which of two branches that wait is taken up first: the younger of two at the same place. */
static bool comes_first(const struct bpf_verifier_env *env, const struct bpf_pending *a,
			const struct bpf_pending *b)
{
	int cmp = order(env, a->snap, b->snap);

	return cmp ? cmp < 0 : a->seq > b->seq;
}

/**
 * merge_pushed - a branch was added to those that wait, behind the others
 * @env: environment
 *
 * What waits is a heap, the branch that comes first being its root.
 * Context: the walk.
 */
void merge_pushed(struct bpf_verifier_env *env)
{
	struct bpf_pending *heap = env->walk->pending;
	u32 at = env->walk->nr_pending - 1;

	heap[at].seq = env->walk->merge->nr_pushed++;
	for (; at && comes_first(env, &heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(heap[at], heap[(at - 1) / 2]);
}

/**
 * merge_next - bring the branch that comes first to the end of those that wait
 * @env: environment; something waits
 *
 * The others are a heap again.
 * Context: the walk.
 */
void merge_next(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_pending *heap = walk->pending;
	u32 at = 0, child, left = walk->nr_pending - 1;

	swap(heap[0], heap[left]);
	for (child = 1; child < left; child = 2 * at + 1) {
		if (child + 1 < left && comes_first(env, &heap[child + 1], &heap[child]))
			child++;
		if (!comes_first(env, &heap[child], &heap[at]))
			break;
		swap(heap[at], heap[child]);
		at = child;
	}
	walk->merge->node = heap[left].node;
	walk->merge->arrived = heap[left].resume == RESUME_MERGED;
}

/* ------------------------------------------------------------------ which leads to which */

static int add_edge(struct bpf_merge *m, u32 to)
{
	u32 cap = m->cap_edges ? m->cap_edges * 2 : 1024;
	u32 *bigger;

	if (m->nr_edges + 2 > m->cap_edges) {
		bigger = kvmalloc_array(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
		if (!bigger)
			return -ENOMEM;
		if (m->nr_edges)
			memcpy(bigger, m->edge, m->nr_edges * sizeof(*bigger));
		kvfree(m->edge);
		m->edge = bigger;
		m->cap_edges = cap;
	}
	m->edge[m->nr_edges++] = m->node;
	m->edge[m->nr_edges++] = to;
	return 0;
}

/* Removes nodes that nothing leads to, as long as there are any. True: none is left. */
static bool acyclic(const struct bpf_merge *m, u32 *degree, u32 *first, u32 *to, u32 *work)
{
	u32 nodes = m->nr_nodes, i, k, n = 0, done = 0;

	for (i = 0; i < m->nr_edges; i += 2) {
		first[m->edge[i] + 1]++;
		degree[m->edge[i + 1]]++;
	}
	for (i = 0; i < nodes; i++)
		first[i + 1] += first[i];
	/* work[] is the place of the next edge of each node, then the list of nodes */
	memcpy(work, first, nodes * sizeof(*work));
	for (i = 0; i < m->nr_edges; i += 2)
		to[work[m->edge[i]]++] = m->edge[i + 1];
	for (i = 0; i < nodes; i++)
		if (!degree[i])
			work[n++] = i;
	for (; done < n; done++) {
		i = work[done];
		for (k = first[i]; k < first[i + 1]; k++)
			if (!--degree[to[k]])
				work[n++] = to[k];
	}
	return n == nodes;
}

/**
 * merge_check_ends - everything has been looked at: do all loops end
 * @env: environment
 *
 * Context: the walk. Return: 0 or -errno.
 */
int merge_check_ends(struct bpf_verifier_env *env)
{
	struct bpf_merge *m = env->walk->merge;
	size_t nodes = m->nr_nodes + 1, edges = m->nr_edges / 2;
	u32 *mem;
	bool ends;

	mem = kvcalloc(3 * nodes + edges + 1, sizeof(*mem), GFP_KERNEL_ACCOUNT);
	if (!mem)
		return -ENOMEM;
	ends = acyclic(m, mem, mem + nodes, mem + 3 * nodes, mem + 2 * nodes);
	kvfree(mem);
	return ends ? 0 : bpf_reject(env, REJECT_INFINITE_LOOP,
				     "infinite loop detected among joined paths");
}

/**
 * merge_reset - begin with a function
 * @env: environment
 *
 * Context: the walk.
 */
void merge_reset(struct bpf_verifier_env *env)
{
	struct bpf_merge *m = env->walk->merge;

	m->nr_edges = 0;
	m->nr_nodes = 1;
	m->node = 0;
	m->arrived = false;
}

/* Node that the path at hand comes from. */
u32 merge_node(const struct bpf_verifier_env *env)
{
	return env->walk->merge->node;
}

/* ------------------------------------------------------------------ meeting */

/*
 * The joined state, which the working state has become, in place of one that waits, if it fits.
 * @own: copy of the working state
 */
static int join_waiting(struct bpf_verifier_env *env, struct bpf_pending *p,
			const struct bpf_snapshot *own, bool *fits)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_merge *m = walk->merge;
	struct bpf_snapshot *both;
	int err;

	*fits = false;
	m->scratch = m->scratch ?: state_new();
	if (!m->scratch)
		return -ENOMEM;
	state_widen(env, p->snap, walk->st, JOIN_PATHS);
	both = snapshot_take(env, walk->st);
	err = both ? snapshot_restore(p->snap, m->scratch) : -ENOMEM;
	if (!err && state_covered(env, both, m->scratch, COVER_RELEVANT)) {
		*fits = true;
		swap(p->snap, both);
	} else if (!err) {
		err = snapshot_restore(own, walk->st);
	}
	snapshot_free(env, both);
	return err;
}

static int wait_here(struct bpf_verifier_env *env)
{
	struct bpf_merge *m = env->walk->merge;
	int err;

	err = add_edge(m, m->nr_nodes);
	if (err)
		return err;
	m->node = m->nr_nodes++;
	return walk_push_merged(env) ?: WALK_END;
}

/*
 * Have the two values in the same registers? One that is set on some paths only, and may be read
 * later, goes with a branch that is taken on these.
 */
static bool same_regs(const struct bpf_snapshot *a, const struct bpf_snapshot *b)
{
	const struct snap_frame *fa = snap_first(a), *fb = snap_first(b);
	u32 i;

	for (i = 0; i < a->nr_frames; i++, fa = snap_next(fa), fb = snap_next(fb))
		if (fa->regs != fb->regs)
			return false;
	return true;
}

/* The turns of all loops around @at. */
static bool same_turns(const struct bpf_verifier_env *env, u32 at, const u32 *a, const u32 *b)
{
	u32 heads[MERGE_NEST];

	return !memcmp(a, b, heads_of(env, at, heads) * sizeof(*a));
}

/**
 * merge_same_turn - is the state worked on in the same turn of all loops as an old one
 * @env: environment
 * @old: that, at the same instruction
 *
 * Context: the walk. Return: true if so: order() would find no difference.
 */
bool merge_same_turn(const struct bpf_verifier_env *env, const struct bpf_snapshot *old)
{
	const struct bpf_state *st = walk_state(env);
	const struct snap_frame *sf = snap_first(old), *next;
	u32 i;

	if (old->insn != st->insn || old->nr_frames != st->cur + 1)
		return false;
	for (i = 0; i < st->cur; i++, sf = next) {
		next = snap_next(sf);
		if (next->callsite != st->frame[i + 1]->callsite ||
		    !same_turns(env, next->callsite, sf->turns, st->frame[i]->turns))
			return false;
	}
	return same_turns(env, st->insn, sf->turns, state_frame(st)->turns);
}

/* Has the state wait, joined with one that waits here already where that is possible. */
static int meet(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;
	struct bpf_snapshot *own = NULL;
	struct bpf_pending *p;
	bool fits = false;
	int err = 0;
	u32 i;

	for (i = walk->nr_pending; i-- > 0 && !fits && !err;) {
		p = &walk->pending[i];
		if (p->resume != RESUME_MERGED || !merge_same_turn(env, p->snap))
			continue;
		own = own ?: snapshot_take(env, walk->st);
		if (!own)
			return -ENOMEM;
		if (!same_regs(p->snap, own))
			continue;
		err = join_waiting(env, p, own, &fits);
		if (!err && fits)
			err = add_edge(walk->merge, p->node);
	}
	snapshot_free(env, own);
	if (err)
		return err;
	return fits ? WALK_END : wait_here(env);
}

/**
 * merge_visit - a place where paths meet is reached
 * @env: environment
 *
 * Context: the walk. Return: 0: the state has waited and is to be compared; WALK_END: it waits;
 * -errno.
 */
int merge_visit(struct bpf_verifier_env *env)
{
	struct bpf_merge *m = env->walk->merge;

	if (!m->arrived)
		return meet(env);
	m->arrived = false;
	return 0;
}

/* The state at hand is covered by what was kept as a node. */
int merge_covered(struct bpf_verifier_env *env, u32 node)
{
	return add_edge(env->walk->merge, node) ?: WALK_END;
}
