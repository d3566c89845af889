// SPDX-License-Identifier: GPL-2.0
/*
 * Control flow of each subprogram: what can be reached, in what order, and where the loops are.
 *
 * One depth-first search does it all. It numbers instructions as they are found, keeps for each
 * the lowest number that it can get back to (Tarjan's rule for strongly connected components), and
 * writes them down as they are left, which read backwards is the reverse post-order. The innermost
 * loop of each is found on the way: the target of an edge back to the path heads a loop that holds
 * all instructions on the path from there on, and whatever leads into one of them.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include "verifier/verifier.h"

/*
 * struct cfg - scratch of the search, one entry an instruction
 * @num: order of discovery from 1; 0: not found yet
 * @low: lowest @num that can be got back to
 * @path: instructions on the way to the one being looked at
 * @comp: instructions whose component is still open
 * @next: how many successors have been looked at
 * @open: the component is still open
 * @on_path: on the way to the one being looked at
 * @preds: edges into it, counted up to 2
 */
struct cfg {
	u32 *num;
	u32 *low;
	u32 *path;
	u32 *comp;
	u8 *next;
	u8 *open;
	u8 *on_path;
	u8 *preds;
	u32 nr_num;
	u32 nr_path;
	u32 nr_comp;
};

/**
 * bpf_cfg_succ - successors of an instruction inside its subprogram
 * @env: environment, after the resolve pass
 * @idx: instruction
 * @succ: gets them: the next one first, then the jump's target
 *
 * Context: any. Return: how many, 0 to 2.
 */
u32 bpf_cfg_succ(const struct bpf_verifier_env *env, u32 idx, u32 succ[2])
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];
	u32 cnt = 0;

	if (!insn_ends_block(insn) && !env->aux[idx].throws)
		succ[cnt++] = idx + insn_slots(insn);
	if (insn_is_jump(insn))
		succ[cnt++] = insn_jump_target(insn, idx);
	return cnt;
}

static void cfg_free(struct cfg *cfg)
{
	kvfree(cfg->num);
	kvfree(cfg->low);
	kvfree(cfg->path);
	kvfree(cfg->comp);
	kvfree(cfg->next);
	kvfree(cfg->open);
	kvfree(cfg->on_path);
	kvfree(cfg->preds);
}

static int cfg_alloc(struct cfg *cfg, u32 len)
{
	cfg->num = kvcalloc(len, sizeof(*cfg->num), GFP_KERNEL);
	cfg->low = kvcalloc(len, sizeof(*cfg->low), GFP_KERNEL);
	cfg->path = kvcalloc(len, sizeof(*cfg->path), GFP_KERNEL);
	cfg->comp = kvcalloc(len, sizeof(*cfg->comp), GFP_KERNEL);
	cfg->next = kvcalloc(len, sizeof(*cfg->next), GFP_KERNEL);
	cfg->open = kvcalloc(len, sizeof(*cfg->open), GFP_KERNEL);
	cfg->on_path = kvcalloc(len, sizeof(*cfg->on_path), GFP_KERNEL);
	cfg->preds = kvcalloc(len, sizeof(*cfg->preds), GFP_KERNEL);
	if (cfg->num && cfg->low && cfg->path && cfg->comp && cfg->next && cfg->open &&
	    cfg->on_path && cfg->preds)
		return 0;
	return -ENOMEM;
}

static void enter(struct bpf_verifier_env *env, struct cfg *cfg, u32 idx)
{
	cfg->num[idx] = ++cfg->nr_num;
	cfg->low[idx] = cfg->num[idx];
	cfg->path[cfg->nr_path++] = idx;
	cfg->comp[cfg->nr_comp++] = idx;
	cfg->open[idx] = 1;
	cfg->on_path[idx] = 1;
	env->aux[idx].reachable = true;
	if (insn_is_ld_imm64(env_insn(env, idx)))
		env->aux[idx + 1].reachable = true;
}

static bool jumps_to_itself(const struct bpf_verifier_env *env, u32 idx)
{
	u32 succ[2], cnt = bpf_cfg_succ(env, idx, succ);

	return (cnt && succ[0] == idx) || (cnt == 2 && succ[1] == idx);
}

/* All that was found after @idx and is still open can reach each other. */
static void close_component(struct bpf_verifier_env *env, struct cfg *cfg, u32 idx)
{
	bool loop = cfg->comp[cfg->nr_comp - 1] != idx || jumps_to_itself(env, idx);
	u32 member;

	if (loop)
		env->nr_scc++;
	do {
		member = cfg->comp[--cfg->nr_comp];
		cfg->open[member] = 0;
		env->aux[member].scc = loop ? env->nr_scc : 0;
	} while (member != idx);
}

/*
 * @idx is in the loop of @head, an instruction of the path. Its chain of loops, innermost first, is
 * in order of depth on the path, so @head is sorted in.
 */
static void in_loop(struct bpf_verifier_env *env, const struct cfg *cfg, u32 idx, u32 head)
{
	u32 outer;

	while (idx != head) {
		outer = env->aux[idx].loop;
		if (!outer) {
			env->aux[idx].loop = head + 1;
			return;
		}
		outer--;
		if (cfg->num[outer] < cfg->num[head]) {
			env->aux[idx].loop = head + 1;
			idx = head;
			head = outer;
		} else {
			idx = outer;
		}
	}
}

/* Innermost head on the path of the loops that @idx is in; U32_MAX: none. */
static u32 loop_on_path(const struct bpf_verifier_env *env, const struct cfg *cfg, u32 idx)
{
	u32 head = env->aux[idx].loop;

	while (head && !cfg->on_path[head - 1])
		head = env->aux[head - 1].loop;
	return head - 1;
}

static void leave(struct bpf_verifier_env *env, struct cfg *cfg, u32 idx)
{
	u32 parent, head;

	env->rpo[env->nr_rpo++] = idx;
	cfg->nr_path--;
	cfg->on_path[idx] = 0;
	if (cfg->low[idx] == cfg->num[idx])
		close_component(env, cfg, idx);
	if (!cfg->nr_path)
		return;
	parent = cfg->path[cfg->nr_path - 1];
	head = loop_on_path(env, cfg, idx);
	if (head != U32_MAX)
		in_loop(env, cfg, parent, head);
	if (cfg->low[idx] < cfg->low[parent])
		cfg->low[parent] = cfg->low[idx];
}

/* One edge; the search is at @from. */
static void follow(struct bpf_verifier_env *env, struct cfg *cfg, u32 from, u32 to)
{
	u32 head;

	if (cfg->preds[to] < 2)
		cfg->preds[to]++;
	if (!cfg->num[to]) {
		enter(env, cfg, to);
		return;
	}
	if (cfg->open[to] && cfg->num[to] < cfg->low[from])
		cfg->low[from] = cfg->num[to];
	head = cfg->on_path[to] ? to : loop_on_path(env, cfg, to);
	if (head != U32_MAX)
		in_loop(env, cfg, from, head);
}

static void search(struct bpf_verifier_env *env, struct cfg *cfg, u32 start)
{
	u32 succ[2], cnt, idx;

	enter(env, cfg, start);
	while (cfg->nr_path) {
		idx = cfg->path[cfg->nr_path - 1];
		cnt = bpf_cfg_succ(env, idx, succ);
		/* the jump first: in the order the next instruction then comes before its target */
		if (cfg->next[idx] < cnt)
			follow(env, cfg, idx, succ[cnt - ++cfg->next[idx]]);
		else
			leave(env, cfg, idx);
	}
}

/* Turns what was written as instructions were left around, and numbers it. */
static void number(struct bpf_verifier_env *env, u32 first)
{
	u32 lo = first, hi = env->nr_rpo, i;

	for (; hi > lo + 1; lo++) {
		hi--;
		swap(env->rpo[lo], env->rpo[hi]);
	}
	for (i = first; i < env->nr_rpo; i++)
		env->aux[env->rpo[i]].rpo = i - first;
}

static int mark_loops(struct bpf_verifier_env *env, const struct cfg *cfg, u32 first)
{
	u32 i, k, cnt, idx, succ[2];

	for (i = first; i < env->nr_rpo; i++) {
		idx = env->rpo[i];
		env->aux[idx].join = cfg->preds[idx] > 1;
		cnt = bpf_cfg_succ(env, idx, succ);
		for (k = 0; k < cnt; k++) {
			if (env->aux[succ[k]].rpo > env->aux[idx].rpo)
				continue;
			env->aux[succ[k]].loop_head = true;
			env->insn_idx = idx;
			if (!env->bpf_capable)
				return bpf_reject(env, REJECT_BACK_EDGE,
						  "back-edge from insn %u to %u", idx, succ[k]);
		}
	}
	return 0;
}

static int check_reached(struct bpf_verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->prog->len; i++) {
		if (env->aux[i].reachable || env->aux[i].second)
			continue;
		env->insn_idx = i;
		return bpf_reject(env, REJECT_UNREACHABLE, "unreachable insn %u", i);
	}
	return 0;
}

/* The subprograms pass lets functions end with the call of a kernel function. */
static int check_end(struct bpf_verifier_env *env, const struct bpf_subprog *sub)
{
	u32 last = sub->end - 1;

	if (!insn_is_kfunc_call(env_insn(env, last)) || env->aux[last].throws)
		return 0;
	env->insn_idx = last;
	return bpf_reject(env, REJECT_NO_EXIT, "last insn is not an exit or jmp");
}

/**
 * bpf_pass_cfg - control flow of all subprograms
 * @env: environment, after resolve
 *
 * The unprivileged may have neither loops nor code that nothing leads to.
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_cfg(struct bpf_verifier_env *env)
{
	struct cfg cfg = {};
	u32 i, first;
	int err;

	env->rpo = kvcalloc(env->prog->len, sizeof(*env->rpo), GFP_KERNEL);
	err = env->rpo ? cfg_alloc(&cfg, env->prog->len) : -ENOMEM;
	for (i = 0; i < env->nr_subprogs && !err; i++)
		err = check_end(env, &env->subprogs[i]);
	for (i = 0; i < env->nr_subprogs && !err; i++) {
		first = env->nr_rpo;
		/* the call is an edge into it */
		cfg.preds[env->subprogs[i].start] = 1;
		search(env, &cfg, env->subprogs[i].start);
		number(env, first);
		err = mark_loops(env, &cfg, first);
	}
	if (!err && !env->bpf_capable)
		err = check_reached(env);
	cfg_free(&cfg);
	return err;
}
