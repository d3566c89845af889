// SPDX-License-Identifier: GPL-2.0
/*
 * Subprograms: where they begin and end, who calls whom, how much stack that takes.
 */
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/verifier.h"

/* Stack of the callers of a function that makes tail calls, in bytes. */
#define TAIL_CALL_STACK	256

/* ------------------------------------------------------------------ boundaries */

/* First function that begins at or after @idx. */
static u32 lower_bound(const struct bpf_verifier_env *env, u32 idx)
{
	u32 lo = 0, hi = env->nr_subprogs, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (env->subprogs[mid].start < idx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * bpf_subprog_of - the function that an instruction belongs to
 * @env: environment, after the subprograms pass
 * @idx: instruction
 *
 * Context: any. Return: number of the subprogram.
 */
u32 bpf_subprog_of(const struct bpf_verifier_env *env, u32 idx)
{
	return lower_bound(env, idx + 1) - 1;
}

/* Room for one more, and for the entry that ends the table. */
static int subprogs_grow(struct bpf_verifier_env *env)
{
	u32 cap = env->cap_subprogs ? min(env->cap_subprogs * 4, BPF_VERIFY_MAX_SUBPROGS + 1) : 2;
	struct bpf_subprog *bigger;

	if (env->nr_subprogs + 1 < env->cap_subprogs)
		return 0;
	bigger = kvcalloc(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
	if (!bigger)
		return -ENOMEM;
	if (env->nr_subprogs)
		memcpy(bigger, env->subprogs, array_size(env->nr_subprogs, sizeof(*bigger)));
	kvfree(env->subprogs);
	env->subprogs = bigger;
	env->cap_subprogs = cap;
	return 0;
}

static int add_subprog(struct bpf_verifier_env *env, u32 start)
{
	u32 at = lower_bound(env, start);

	if (at < env->nr_subprogs && env->subprogs[at].start == start)
		return 0;
	if (env->nr_subprogs == BPF_VERIFY_MAX_SUBPROGS)
		return bpf_reject(env, REJECT_TOO_MANY_SUBPROGS, "too many subprograms");
	if (subprogs_grow(env))
		return -ENOMEM;
	memmove(&env->subprogs[at + 1], &env->subprogs[at],
		array_size(env->nr_subprogs - at, sizeof(env->subprogs[0])));
	memset(&env->subprogs[at], 0, sizeof(env->subprogs[at]));
	env->subprogs[at].start = start;
	env->subprogs[at].name = "";
	env->nr_subprogs++;
	return 0;
}

/* Start of the function that an instruction names; -1: it names none. */
static s64 named_subprog(const struct bpf_insn *insn, u32 idx)
{
	if (insn_is_sub_addr(insn) || insn_is_sub_call(insn))
		return (s64)idx + 1 + insn->imm;
	return -1;
}

static int check_named(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	s64 start = named_subprog(insn, idx);

	env->insn_idx = idx;
	if ((start >= 0 || insn_is_kfunc_call(insn)) && !env->bpf_capable)
		return bpf_reject(env, REJECT_CALL_PRIV,
				  "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN");
	return start >= 0 ? add_subprog(env, start) : 0;
}

static int find_subprogs(struct bpf_verifier_env *env)
{
	u32 i;
	int err;

	env->nr_subprogs = 0;
	err = add_subprog(env, 0);
	if (!err)
		err = bpf_exception_find(env);
	if (!err && env->exception_start)
		err = add_subprog(env, env->exception_start);
	for (i = 0; i < env->prog->len && !err; i++)
		err = env->aux[i].second ? 0 : check_named(env, i);
	return err;
}

static void note_insn(struct bpf_verifier_env *env, struct bpf_subprog *sub, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	s64 start = named_subprog(insn, idx);

	if (start >= 0) {
		env->aux[idx].subprog = lower_bound(env, start);
		if (insn_is_sub_call(insn))
			env->subprogs[env->aux[idx].subprog].called = true;
		else
			env->subprogs[env->aux[idx].subprog].callback = true;
	} else if (insn_is_helper_call(insn) && insn->imm == BPF_FUNC_tail_call) {
		sub->has_tail_call = true;
		env->seen_tail_call = true;
	} else if (insn_row(insn)->kind == INSN_KIND_PACKET) {
		sub->has_ld_abs = true;
	}
}

static int check_subprog(struct bpf_verifier_env *env, struct bpf_subprog *sub)
{
	const struct bpf_insn *insn;
	s64 target;
	u32 i, last = sub->start;

	for (i = sub->start; i < sub->end; i++) {
		if (env->aux[i].second)
			continue;
		last = i;
		env->insn_idx = i;
		insn = env_insn(env, i);
		note_insn(env, sub, i);
		if (named_subprog(insn, i) >= 0 && env->subprogs[env->aux[i].subprog].exception_cb)
			return bpf_reject(env, REJECT_EXCEPTION,
					  "cannot call exception cb directly");
		if (!insn_is_jump(insn))
			continue;
		target = insn_jump_target(insn, i);
		if (target < sub->start || target >= sub->end)
			return bpf_reject(env, REJECT_JUMP_RANGE,
					  "jump out of range from insn %u to %lld", i, target);
	}
	env->insn_idx = last;
	/* what may come back from a call of the kernel is known later: the cfg pass looks again */
	if (!insn_ends_block(env_insn(env, last)) && !insn_is_kfunc_call(env_insn(env, last)))
		return bpf_reject(env, REJECT_NO_EXIT, "last insn is not an exit or jmp");
	return 0;
}

/* ------------------------------------------------------------------ who calls whom */

/* Bit callee of row caller. */
struct call_graph {
	DECLARE_BITMAP(calls[BPF_VERIFY_MAX_SUBPROGS], BPF_VERIFY_MAX_SUBPROGS);
	u32 order[BPF_VERIFY_MAX_SUBPROGS];	/* callees before callers */
	u32 nr_order;
	u8 mark[BPF_VERIFY_MAX_SUBPROGS];
	u32 stack[BPF_VERIFY_MAX_SUBPROGS];
	u32 next[BPF_VERIFY_MAX_SUBPROGS];
};

enum { MARK_NEW, MARK_OPEN, MARK_DONE };

/*
 * Depth first from @root. Edges back to functions that are open close a cycle: *@cycle gets caller
 * and callee of the first, and the edge is dropped from the graph.
 */
static bool order_from(struct call_graph *g, u32 root, u32 nr, u32 cycle[2])
{
	bool found = false;
	u32 depth = 0, sub, callee;

	if (g->mark[root] != MARK_NEW)
		return false;
	g->stack[depth++] = root;
	g->mark[root] = MARK_OPEN;
	g->next[root] = 0;
	while (depth) {
		sub = g->stack[depth - 1];
		callee = find_next_bit(g->calls[sub], nr, g->next[sub]);
		if (callee >= nr) {
			g->mark[sub] = MARK_DONE;
			g->order[g->nr_order++] = sub;
			depth--;
			continue;
		}
		g->next[sub] = callee + 1;
		if (g->mark[callee] == MARK_OPEN) {
			if (!found) {
				cycle[0] = sub;
				cycle[1] = callee;
			}
			found = true;
			__clear_bit(callee, g->calls[sub]);
		} else if (g->mark[callee] == MARK_NEW) {
			g->mark[callee] = MARK_OPEN;
			g->next[callee] = 0;
			g->stack[depth++] = callee;
		}
	}
	return found;
}

static int check_recursion(struct bpf_verifier_env *env)
{
	struct call_graph *g;
	u32 i, cycle[2] = {};
	int err = 0;

	if (env->nr_subprogs == 1 && !env->subprogs[0].called)
		return 0;
	g = kvzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	for (i = 0; i < env->prog->len; i++) {
		if (!env->aux[i].second && insn_is_sub_call(env_insn(env, i)))
			__set_bit(env->aux[i].subprog, g->calls[bpf_subprog_of(env, i)]);
	}
	for (i = 0; i < env->nr_subprogs && !err; i++) {
		if (!order_from(g, i, env->nr_subprogs, cycle))
			continue;
		env->insn_idx = env->subprogs[cycle[1]].start;
		err = bpf_reject(env, REJECT_RECURSION, "recursive call from func#%u to func#%u",
				 cycle[0], cycle[1]);
	}
	kvfree(g);
	return err;
}

/**
 * bpf_pass_subprogs - find the functions of a program
 * @env: environment, after decode
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_subprogs(struct bpf_verifier_env *env)
{
	u32 i;
	int err;

	err = find_subprogs(env);
	if (err)
		return err;
	for (i = 0; i < env->nr_subprogs; i++)
		env->subprogs[i].end = i + 1 < env->nr_subprogs ? env->subprogs[i + 1].start :
								  env->prog->len;
	/* the entry that ends the table */
	env->subprogs[env->nr_subprogs].start = env->prog->len;
	env->subprogs[0].global = true;
	if (env->exception_start) {
		env->exception_cb = lower_bound(env, env->exception_start);
		env->subprogs[env->exception_cb].exception_cb = true;
	}
	for (i = 0; i < env->nr_subprogs; i++) {
		err = check_subprog(env, &env->subprogs[i]);
		if (err)
			return err;
	}
	return check_recursion(env);
}

/* ------------------------------------------------------------------ stack */

/**
 * struct chain - the deepest chain of calls that leads to a function
 * @above: bytes of the frames above its own
 * @frames: frames, its own included
 * @stack_frames: frames of the chain that @above is of
 * @reached: something leads there
 */
struct chain {
	u32 above;
	u32 frames;
	u32 stack_frames;
	bool reached;
};

static void chain_call(struct bpf_verifier_env *env, struct chain *chain, u32 sub, u32 callee)
{
	u32 above = chain[sub].above + env->subprogs[sub].stack_depth;

	if (!chain[callee].reached || above > chain[callee].above) {
		chain[callee].above = above;
		chain[callee].stack_frames = chain[sub].stack_frames + 1;
	}
	chain[callee].frames = max(chain[callee].frames, chain[sub].frames + 1);
	chain[callee].reached = true;
}

static int check_chain(struct bpf_verifier_env *env, const struct chain *chain, u32 sub)
{
	const struct bpf_subprog *s = &env->subprogs[sub];

	env->insn_idx = s->start;
	if (chain->frames > BPF_VERIFY_MAX_FRAMES)
		return bpf_reject(env, REJECT_CALL_DEPTH,
				  "the call stack of %u frames is too deep !",
				  chain->frames);
	if (chain->above + s->stack_depth > BPF_VERIFY_MAX_STACK)
		return bpf_reject(env, REJECT_STACK_DEPTH,
				  "combined stack size of %u calls is %u. Too large",
				  chain->stack_frames, chain->above + s->stack_depth);
	if (sub && s->has_tail_call && chain->above >= TAIL_CALL_STACK)
		return bpf_reject(env, REJECT_TAIL_CALL_STACK,
				  "tail_calls are not allowed when call stack of previous frames is %u bytes. Too large",
				  chain->above);
	return 0;
}

/* Functions that something other than an instruction of the program calls first. */
static bool is_root(const struct bpf_verifier_env *env, u32 sub)
{
	return !sub || env->subprogs[sub].exception_cb;
}

static int measure(struct bpf_verifier_env *env, const struct call_graph *g)
{
	struct chain *chain;
	u32 i, sub, callee;
	int err = 0;

	chain = kvcalloc(env->nr_subprogs, sizeof(*chain), GFP_KERNEL);
	if (!chain)
		return -ENOMEM;
	for (i = g->nr_order; i-- && !err;) {
		sub = g->order[i];
		if (is_root(env, sub) && !chain[sub].reached)
			chain[sub] = (struct chain){ .frames = 1, .stack_frames = 1,
						     .reached = true };
		if (!chain[sub].reached)
			continue;
		err = check_chain(env, &chain[sub], sub);
		for_each_set_bit(callee, g->calls[sub], env->nr_subprogs)
			chain_call(env, chain, sub, callee);
	}
	kvfree(chain);
	return err;
}

/* Callees stand before callers in the order. */
static void spread_tail_calls(struct bpf_verifier_env *env, const struct call_graph *g)
{
	u32 i, callee;

	for (i = 0; i < g->nr_order; i++) {
		struct bpf_subprog *sub = &env->subprogs[g->order[i]];

		sub->tail_call_reachable = sub->has_tail_call;
		for_each_set_bit(callee, g->calls[g->order[i]], env->nr_subprogs)
			sub->tail_call_reachable |= env->subprogs[callee].tail_call_reachable;
	}
	/* no instruction shows that call */
	if (env->exception_cb)
		env->subprogs[0].tail_call_reachable |=
			env->subprogs[env->exception_cb].tail_call_reachable;
}

/**
 * bpf_pass_stack_depth - stack of all chains of calls
 * @env: environment, after the walk
 *
 * Callbacks count as called by who names them. Recursion by way of callbacks is bounded by the
 * walk, which counts their frames, so such an edge may be left out here.
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_stack_depth(struct bpf_verifier_env *env)
{
	struct chain alone = { .frames = 1, .stack_frames = 1 };
	struct call_graph *g;
	u32 i, cycle[2];
	int err;

	if (env->nr_subprogs == 1) {
		env->subprogs[0].tail_call_reachable = env->subprogs[0].has_tail_call;
		return check_chain(env, &alone, 0);
	}
	g = kvzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	for (i = 0; i < env->prog->len; i++) {
		if (!env->aux[i].second && env->aux[i].seen &&
		    named_subprog(env_insn(env, i), i) >= 0)
			__set_bit(env->aux[i].subprog, g->calls[bpf_subprog_of(env, i)]);
	}
	for (i = 0; i < env->nr_subprogs; i++)
		order_from(g, i, env->nr_subprogs, cycle);
	err = measure(env, g);
	if (!err)
		spread_tail_calls(env, g);
	kvfree(g);
	return err;
}
