// SPDX-License-Identifier: GPL-2.0
/*
 * The pass that walks the program, and walks it again where a refusal may be the walk's own fault.
 *
 * Four things make the walk say less than it could. Numbers that no verdict depended on so far are
 * given up in loops; when the program is refused with more of them known to matter than before, it
 * is walked again with that knowledge. What changes in a loop that something at run time ends is
 * widened after some turns, and a loop that ends where a number equals its limit needs it exact; it
 * is so in the next attempt. What a static function comes to is taken for calls of it in other
 * places (memo.c), which cuts links between arguments and what callers keep; in the next attempt
 * each call is followed, which is also the attempt that says why. And a program may have more paths
 * than can be followed. One that is not done soon is tried with all paths that meet joined
 * (merge.c), which looks at each place once a turn, and forgets how branches hang together. Then
 * its paths are followed for longer: with joins from early on, without any, with joins near the end
 * of the budget only, with joins from early on again, and at last without any. So no program is
 * refused that would have been accepted without widening, notes and joins. The last attempt always
 * has its whole budget; those before share one, so that a program without hope costs no more than
 * MAX_TRIES and that.
 */
#include <linux/slab.h>
#include "verifier/call.h"
#include "verifier/prune.h"

/* Nearly all programs are done before. */
#define QUICK_INSNS	8192

/*
 * The attempts, in order.
 * @budget: instructions that it may look at; 0: quick_budget()
 * @from: instructions looked at before joins begin
 * @many: joins at an instruction after which numbers are widened rather than joined
 * @exact: numbers that matter are not widened in loops
 * @widened: it is made only where the last one failed and had widened some
 * @merge: in order, see merge.c
 * @plain: each call of a static function is followed where it is, see memo.c
 * @again: it is made only where the last one failed and had not done so
 */
static const struct {
	u32 budget;
	u32 from;
	u32 many;
	bool exact;
	bool widened;
	bool merge;
	bool plain;
	bool again;
} policies[] = {
	{ .from = U32_MAX },
	{ .from = U32_MAX, .plain = true, .again = true },
	{ .from = U32_MAX, .plain = true, .exact = true, .widened = true },
	{ .budget = BPF_VERIFY_MAX_INSNS / 2, .from = U32_MAX, .plain = true, .merge = true },
	{ .budget = BPF_VERIFY_MAX_INSNS / 8, .from = QUICK_INSNS, .many = 8, .plain = true },
	{ .budget = BPF_VERIFY_MAX_INSNS / 8, .from = U32_MAX },
	{ .budget = BPF_VERIFY_MAX_INSNS / 8, .from = U32_MAX, .plain = true, .again = true },
	{ .budget = BPF_VERIFY_MAX_INSNS / 8, .from = U32_MAX, .plain = true, .exact = true,
	  .widened = true },
	{ .budget = BPF_VERIFY_MAX_INSNS, .from = BPF_VERIFY_MAX_INSNS / 2, .many = 32,
	  .plain = true },
	{ .budget = BPF_VERIFY_MAX_INSNS, .from = BPF_VERIFY_MAX_INSNS / 50, .many = 8,
	  .plain = true },
	{ .budget = BPF_VERIFY_MAX_INSNS, .from = U32_MAX, .plain = true, .exact = true },
};

#define MERGE_POLICY	3
#define LAST_POLICY	(ARRAY_SIZE(policies) - 1)

/* Instructions that all attempts but the last may look at. */
#define MAX_TRIES	(BPF_VERIFY_MAX_INSNS / 8 * 22)

/*
 * No path is cut short, however long the program. For the unprivileged, ways that a CPU may guess
 * are followed besides.
 */
static u32 quick_budget(const struct bpf_verifier_env *env)
{
	u32 len = env->prog->len * (env->bypass_spec_v1 ? 1 : 3);

	return clamp(len + QUICK_INSNS / 2, QUICK_INSNS, BPF_VERIFY_MAX_INSNS / 8);
}

/*
 * Attempts with what was learnt in the one before, each. Walking in order ends at the first thing
 * that is wrong, and mostly soon: it may be done more often, within its budget.
 */
#define MAX_LESSONS	4
#define MERGE_LESSONS	64

/* An attempt in order that rests on a mistake is followed to its end, having come so far. */
#define RESTART_INSNS	1024
#define MAX_RESTARTS	16

static void walk_free(struct bpf_verifier_env *env)
{
	struct bpf_walk *walk = env->walk;

	while (walk->nr_pending)
		snapshot_free(env, walk->pending[--walk->nr_pending].snap);
	prune_free(env);
	merge_free(env);
	memo_free(env);
	relevance_free(env);
	state_free(walk->st);
	kvfree(walk->pending);
	kvfree(walk->trail);
	kfree(walk);
	env->walk = NULL;
}

static int walk_alloc(struct bpf_verifier_env *env)
{
	int err;

	env->walk = kzalloc(sizeof(*env->walk), GFP_KERNEL_ACCOUNT);
	if (!env->walk)
		return -ENOMEM;
	env->walk->st = state_new();
	if (!env->walk->st)
		return -ENOMEM;
	err = prune_init(env);
	return err ?: merge_init(env) ?: relevance_init(env) ?: effects_init(env) ?:
	       memo_init(env);
}

/* What the walk notes per instruction, as it is before the walk. */
static void forget_insn(struct bpf_verifier_env *env, struct bpf_insn_aux *aux)
{
	aux->seen = false;
	aux->seen_spec = false;
	aux->needs_probe = false;
	aux->nospec = false;
	aux->nospec_after = false;
	aux->alu_mask = false;
	aux->call_map_seen = false;
	aux->call_map_many = false;
	aux->call_map_kinds = false;
	aux->call_map_key_seen = false;
	aux->call_map_key_known = false;
	aux->callback_seen = false;
	aux->obj_known = false;
	aux->went = 0;
	aux->alu_flags = 0;
	aux->alu_limit = 0;
	aux->ptr_type = 0;
	switch (insn_rows[aux->id].kind) {
	case INSN_KIND_LOAD:
	case INSN_KIND_STORE:
	case INSN_KIND_STORE_IMM:
	case INSN_KIND_ATOMIC:
		aux->ctx_field = NULL;
		break;
	case INSN_KIND_CALL:
		aux->call_map = NULL;
		aux->proto = NULL;
		aux->kfunc = NULL;
		aux->call_map_key = 0;
		break;
	default:
		break;
	}
}

/* All that the last attempt left behind, but for what it learnt to be relevant. */
static void forget(struct bpf_verifier_env *env)
{
	struct bpf_prog_aux *aux = env->prog->aux;
	struct bpf_walk *walk = env->walk;
	u32 i;

	while (walk->nr_pending)
		snapshot_free(env, walk->pending[--walk->nr_pending].snap);
	prune_reset(env);
	memo_reset(env);
	relevance_reset(env);
	walk->nr_trail = 0;
	walk->nr_async = 0;
	walk->last_id = 0;
	walk->entering = false;
	walk->joined = false;
	walk->pkt_joined = false;
	walk->gave_up = false;
	walk->widened = false;
	walk->memoised = false;
	for (i = 0; i < env->prog->len; i++)
		if (!env->aux[i].second)
			forget_insn(env, &env->aux[i]);
	for (i = 0; i < env->nr_subprogs; i++) {
		env->subprogs[i].stack_depth = 0;
		env->subprogs[i].needed = false;
		env->subprogs[i].verified = false;
		env->subprogs[i].cb_mixed = false;
		env->subprogs[i].cb_reg = 0;
	}
	aux->max_pkt_offset = 0;
	aux->max_tp_access = 0;
	aux->max_rdonly_access = 0;
	aux->max_rdwr_access = 0;
	env->rejection = REJECT_NONE;
	env->quiet = false;
	env->prev_linfo = U32_MAX;
	env->stats.insns = 0;
	env->stats.total_states = 0;
	env->stats.state_bytes = 0;
	env->stats.peak_states = 0;
	env->stats.max_states_per_insn = 0;
}

/*
 * Attempts with one policy of joining, as long as each tells the next something. @left: what is
 * left of MAX_TRIES, NULL for the last policy.
 */
static int attempts(struct bpf_verifier_env *env, u32 budget, u32 *left, u64 log_pos, bool *first)
{
	u32 lessons = env->walk->merging ? MERGE_LESSONS : MAX_LESSONS;
	u32 used = 0, i;
	u64 known;
	int err = -E2BIG;

	for (i = 0; i < lessons && (!left || *left); i++) {
		if (i >= MAX_LESSONS && used > budget)
			break;
		env->walk->budget = left ? min(budget, *left) : budget;
		if (!*first) {
			bpf_vlog_rewind(&env->log, log_pos);
			forget(env);
		}
		*first = false;
		known = relevance_changes(env);
		env->walk->known = known;
		env->walk->refused = 0;
		err = walk_program(env);
		env->stats.attempts++;
		env->stats.all_insns += env->stats.insns;
		used += env->stats.insns;
		if (left)
			*left -= min(*left, env->stats.insns);
		if (err == -ERESTART) {
			err = -E2BIG;	/* a function turned out to be no good for notes */
			i--;
			continue;
		}
		if (!err && env->walk->merging && relevance_mistaken(env)) {
			err = -E2BIG;	/* states were compared without what matters */
			continue;
		}
		if (!bpf_is_refusal(err) || err == -E2BIG || !env->walk->gave_up ||
		    known == relevance_changes(env))
			break;
	}
	return err;
}

/*
 * May the next attempt come to another verdict? @large: an earlier one came to the end of its
 * budget, or joined paths.
 */
static bool worth_trying(const struct bpf_verifier_env *env, u32 next, int err, bool *large)
{
	*large |= env->walk->joined || env->walk->merging || err == -E2BIG;
	if (policies[next].merge && (!env->bypass_spec_v1 || prune_is_off()))
		return false;
	if (policies[next].again)
		return env->walk->memoised && err != -E2BIG;
	if (policies[next].widened)
		return env->walk->widened && err != -E2BIG;
	return *large;
}

/**
 * bpf_pass_walk - prove the program safe, path by path
 * @env: after liveness
 *
 * Context: may sleep. Return: 0 or -errno.
 */
int bpf_pass_walk(struct bpf_verifier_env *env)
{
	u64 pos = bpf_vlog_pos(&env->log);
	bool first = true, large = false;
	u32 i, left = MAX_TRIES;
	int err;

	err = walk_alloc(env);
	if (!err) {
		env->walk->restart_until = RESTART_INSNS;
		env->walk->restarts = MAX_RESTARTS;
	}
	/* who tests the walk wants joins to be tested, too */
	i = env->test_state_freq && env->bypass_spec_v1 && !prune_is_off() ? MERGE_POLICY : 0;
	for (; i < ARRAY_SIZE(policies) && (first || bpf_is_refusal(err)); i++) {
		if (err && (first || !worth_trying(env, i, err, &large)))
			continue;
		env->walk->join_from = policies[i].from;
		env->walk->many_joins = policies[i].many;
		env->walk->exact = policies[i].exact;
		env->walk->merging = policies[i].merge;
		env->walk->plain = policies[i].plain;
		err = attempts(env, policies[i].budget ?: quick_budget(env),
			       i < LAST_POLICY ? &left : NULL, pos, &first);
	}
	if (err)
		bpf_reject_explain(env);
	else if (vlog_on(env) && !vlog_all(env))
		bpf_vlog_rewind(&env->log, pos);
	if (env->walk)
		walk_free(env);
	return err;
}
