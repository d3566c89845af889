// SPDX-License-Identifier: GPL-2.0
/*
 * Applying the edits, and moving everything that names instructions along: facts, line records,
 * function records, the functions themselves.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "exec/exec.h"
#include "exec/oracle.h"
#include "verifier/rewrite.h"

/* ------------------------------------------------------------------ facts */

static u16 live_after(const struct bpf_verifier_env *env, u32 idx)
{
	u32 succ[2], cnt = bpf_cfg_succ(env, idx, succ), i;
	u16 regs = 0;

	for (i = 0; i < cnt; i++)
		regs |= env->aux[succ[i]].live_regs;
	return regs;
}

/* What was proved of an instruction that is still there. */
static struct bpf_insn_fact fact_of(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];
	struct bpf_insn_fact fact = { .flags = aux->facts | BPF_FACT_SEEN };

	fact.live = live_after(env, idx);
	/* looked at by what rewrite_throw.c puts behind the call */
	if (insn_is_sub_call(&env->prog->insnsi[idx]) && env->subprogs[aux->subprog].throws)
		fact.live |= BIT(BPF_REG_1);
	if (aux->zext_dead && !env->rnd_hi32)
		fact.flags |= BPF_FACT_ZEXT_DEAD;
	if (aux->loop_head)
		fact.flags |= BPF_FACT_JUMP_TARGET;
	return fact;
}

/* Instructions that were put in are told nothing of, but that everything may be read after them. */
static int move_facts(struct bpf_verifier_env *env, const struct bpf_edit_map *map, u32 old_len,
		      u32 new_len)
{
	struct bpf_insn_fact *facts;
	u32 i;

	facts = kvcalloc(new_len, sizeof(*facts), GFP_KERNEL_ACCOUNT);
	if (!facts)
		return -ENOMEM;
	for (i = 0; i < new_len; i++)
		facts[i].live = U16_MAX;
	for (i = 0; i < old_len; i++) {
		if (env->aux[i].second || !env->aux[i].seen)
			continue;
		if (map->survived[i])
			facts[map->core[i]] = fact_of(env, i);
		if (env->aux[i].loop_head && map->jump[i] < new_len)
			facts[map->jump[i]].flags |= BPF_FACT_JUMP_TARGET;
	}
	kvfree(env->prog->aux->facts);
	env->prog->aux->facts = facts;
	return 0;
}

/* ------------------------------------------------------------------ records */

/* Of several lines that come to begin at one instruction the last one stays. */
static void move_lines(struct bpf_prog_aux *aux, const struct bpf_edit_map *map, u32 new_len)
{
	u32 i, cnt = 0, to;

	for (i = 0; i < aux->nr_linfo; i++) {
		to = map->first[aux->linfo[i].insn_off];
		if (to >= new_len)
			continue;
		if (cnt && aux->linfo[cnt - 1].insn_off == to)
			cnt--;
		aux->linfo[cnt] = aux->linfo[i];
		aux->linfo[cnt++].insn_off = to;
	}
	aux->nr_linfo = cnt;
}

static u32 first_line(const struct bpf_prog_aux *aux, u32 start)
{
	u32 lo = 0, hi = aux->nr_linfo, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (aux->linfo[mid].insn_off < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Drops functions of which nothing is left, from the table and from func_info alike. */
static void move_subprogs(struct bpf_verifier_env *env, const struct bpf_edit_map *map,
			  u32 new_len, const bool *kept)
{
	struct bpf_prog_aux *aux = env->prog->aux;
	u32 i, cnt = 0;

	for (i = 0; i < env->nr_subprogs; i++) {
		struct bpf_subprog *sub = &env->subprogs[cnt];

		if (!kept[i])
			continue;
		if (cnt != i)
			*sub = env->subprogs[i];
		sub->start = map->first[sub->start];
		sub->linfo_idx = first_line(aux, sub->start);
		if (aux->func_info_cnt) {
			aux->func_info[cnt] = aux->func_info[i];
			aux->func_info_aux[cnt] = aux->func_info_aux[i];
			aux->func_info[cnt].insn_off = sub->start;
		}
		cnt++;
	}
	if (aux->func_info_cnt)
		aux->func_info_cnt = cnt;
	env->nr_subprogs = cnt;
	for (i = 0; i < cnt; i++)
		env->subprogs[i].end = i + 1 < cnt ? env->subprogs[i + 1].start : new_len;
}

/* ------------------------------------------------------------------ the program */

static int set_insns(struct bpf_verifier_env *env, const struct bpf_insn *insns, u32 len)
{
	struct bpf_prog *prog;

	prog = bpf_prog_realloc(env->prog, len, GFP_USER | __GFP_ACCOUNT);
	if (!prog)
		return -ENOMEM;
	env->prog = prog;
	memcpy(prog->insnsi, insns, array_size(len, sizeof(*insns)));
	return 0;
}

static int describe_funcs(struct bpf_verifier_env *env)
{
	struct bpf_func_desc *desc;
	u32 i;
	int err;

	desc = kvcalloc(env->nr_subprogs, sizeof(*desc), GFP_KERNEL);
	if (!desc)
		return -ENOMEM;
	for (i = 0; i < env->nr_subprogs; i++) {
		const struct bpf_subprog *sub = &env->subprogs[i];

		desc[i] = (struct bpf_func_desc) {
			.start = sub->start,
			.stack_depth = sub->stack_depth,
			.linfo_idx = sub->linfo_idx,
			.name = sub->name[0] ? sub->name : NULL,
			.tail_call_reachable = sub->tail_call_reachable,
			.changes_pkt_data = sub->changes_pkt,
			.might_sleep = sub->might_sleep,
			.exception_cb = sub->exception_cb,
		};
	}
	err = bpf_prog_set_funcs(env->prog, desc, env->nr_subprogs);
	kvfree(desc);
	if (err == -EINVAL)
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: functions do not fit");
	return err;
}

static int explain_apply(struct bpf_verifier_env *env, int err)
{
	if (err == -ERANGE)
		return bpf_reject(env, REJECT_JUMP_FAR,
				  "a jump is too far after instructions were expanded");
	if (err == -E2BIG)
		return bpf_reject(env, REJECT_JUMP_FAR, "the expanded program is too long");
	if (err == -EINVAL)
		return bpf_reject(env, REJECT_INTERNAL,
				  "verifier bug: edits contradict each other");
	return err;
}

static void note_kept(const struct bpf_verifier_env *env, bool *kept)
{
	u32 i;

	for (i = 0; i < env->nr_subprogs; i++)
		kept[i] = rewrite_keeps_subprog(env, i);
}

int rewrite_apply(struct bpf_verifier_env *env)
{
	u32 old_len = env->prog->len, new_len;
	struct bpf_edit_map map;
	struct bpf_insn *insns;
	bool *kept;
	int err;

	kept = kcalloc(env->nr_subprogs, sizeof(*kept), GFP_KERNEL);
	if (!kept)
		return -ENOMEM;
	note_kept(env, kept);
	env->insn_idx = U32_MAX;
	err = bpf_edits_apply(env->edits, env->prog->insnsi, old_len, &insns, &new_len, &map);
	if (err) {
		kfree(kept);
		return explain_apply(env, err);
	}
	bpf_oracle_moved(env, &map);
	err = move_facts(env, &map, old_len, new_len);
	if (!err)
		err = set_insns(env, insns, new_len);
	if (!err) {
		move_lines(env->prog->aux, &map, new_len);
		move_subprogs(env, &map, new_len, kept);
		err = describe_funcs(env);
	}
	kvfree(insns);
	bpf_edit_map_free(&map);
	kfree(kept);
	return err;
}
