// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions: bpf_throw() ends the program, wherever in its functions and callbacks it is called.
 * The result is the number thrown, or what the program's exception callback makes of it, a global
 * function that the main function's BTF names by a tag.
 *
 * To the walk a throw is an exit of the program: whatever would have to be given back must have
 * been, by all functions that are left. rewrite_throw.c has the instructions that leave them.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

#define TAG_PREFIX	"exception_callback:"

/* ------------------------------------------------------------------ the callback's name */

/* What a tag of a function says the callback is called; NULL: another kind of tag. */
static const char *tag_callback(const struct btf *btf, const struct btf_type *tag)
{
	const char *name;

	if (!btf_type_is_decl_tag(tag) || btf_type_decl_tag(tag)->component_idx != -1)
		return NULL;
	name = btf_type_name(btf, tag);
	if (!name || strncmp(name, TAG_PREFIX, strlen(TAG_PREFIX)))
		return NULL;
	return name + strlen(TAG_PREFIX);
}

/* Number of the function that a tag is on, as the loader's records count; -1: not the program's. */
static int tagged_func(struct bpf_verifier_env *env, u32 nr_funcs, u32 type_id, s32 *nr)
{
	struct bpf_func_info rec;
	u32 i;
	int err;

	*nr = -1;
	for (i = 0; i < nr_funcs; i++) {
		err = bpf_func_info_read(env, i, &rec);
		if (err)
			return err;
		if (rec.type_id != type_id)
			continue;
		*nr = i;
		return 0;
	}
	return 0;
}

/* The name that the main function is tagged with, NULL if with none. */
static int find_name(struct bpf_verifier_env *env, u32 nr_funcs, const char **name)
{
	const struct btf *btf = env->prog->aux->btf;
	u32 id, cnt = btf_nr_types(btf);
	const char *callback;
	s32 nr;
	int err;

	*name = NULL;
	for (id = 1; id < cnt; id++) {
		callback = tag_callback(btf, btf_type_by_id(btf, id));
		if (!callback)
			continue;
		err = tagged_func(env, nr_funcs, btf_type_by_id(btf, id)->type, &nr);
		if (err)
			return err;
		if (nr > 0)
			return bpf_reject(env, REJECT_EXCEPTION,
					  "exception callback tag '%s' is on func#%d, only the main function may have one",
					  callback, nr);
		if (!nr && *name)
			return bpf_reject(env, REJECT_EXCEPTION,
					  "multiple exception callback tags for main subprog");
		if (!nr)
			*name = callback;
	}
	return 0;
}

/* The function of that name among those that the loader's records describe. */
static int find_start(struct bpf_verifier_env *env, u32 nr_funcs, const char *name)
{
	const struct btf *btf = env->prog->aux->btf;
	const struct btf_type *func, *proto;
	struct bpf_func_info rec;
	const char *own;
	u32 i;
	int err;

	for (i = 1; i < nr_funcs; i++) {
		err = bpf_func_info_read(env, i, &rec);
		if (err)
			return err;
		if (!btf_func_by_id(btf, rec.type_id, &func, &proto))
			continue;
		own = btf_type_name(btf, func);
		if (!own || strcmp(own, name))
			continue;
		if (btf_func_linkage(func) != BTF_FUNC_GLOBAL)
			return bpf_reject(env, REJECT_EXCEPTION,
					  "exception callback %s() must be a global function",
					  name);
		if (!rec.insn_off || rec.insn_off >= env->prog->len ||
		    env->aux[rec.insn_off].second)
			return bpf_reject(env, REJECT_BAD_BTF, "invalid insn_off %u in func info",
					  rec.insn_off);
		env->exception_start = rec.insn_off;
		return 0;
	}
	return bpf_reject(env, REJECT_EXCEPTION,
			  "exception callback '%s' could not be found among the program's functions",
			  name);
}

/**
 * bpf_exception_find - find the exception callback that the program's BTF names
 * @env: environment, after decode; exception_start gets its first instruction
 *
 * No instruction calls it, so that the subprograms pass would not see it.
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_exception_find(struct bpf_verifier_env *env)
{
	u32 nr_funcs = min_t(u32, env->attr->func_info_cnt, BPF_VERIFY_MAX_SUBPROGS);
	const char *name;
	int err;

	if (!env->prog->aux->btf || !nr_funcs || !env->bpf_capable)
		return 0;
	err = find_name(env, nr_funcs, &name);
	return err || !name ? err : find_start(env, nr_funcs, name);
}

/* ------------------------------------------------------------------ the walk */

/**
 * exception_check_callback - has the exception callback the right arguments
 * @env: environment
 *
 * Context: the walk. Return: 0 or -errno.
 */
int exception_check_callback(struct bpf_verifier_env *env)
{
	struct bpf_subprog *sub = &env->subprogs[env->exception_cb];
	int err;

	env->insn_idx = sub->start;
	err = bpf_subprog_prepare_args(env, env->exception_cb);
	if (err)
		return err;
	if (sub->nr_args != 1 || sub->args[0].reg_type != SCALAR_VALUE)
		return bpf_reject(env, REJECT_EXCEPTION,
				  "exception cb only supports single integer argument");
	if (sub->ret_void)
		return bpf_reject(env, REJECT_EXCEPTION,
				  "exception cb %s() must return an integer", sub->name);
	return 0;
}

/**
 * exception_check_tail_calls - functions that are left by exceptions make no tail calls
 * @env: environment; it is known which functions may throw
 *
 * The program that a tail call goes to returns to the function's caller, which would take what is
 * in R1 for the news of an exception.
 *
 * Context: the walk. Return: 0 or -errno.
 */
int exception_check_tail_calls(struct bpf_verifier_env *env)
{
	u32 i;

	for (i = 1; i < env->nr_subprogs; i++) {
		const struct bpf_subprog *sub = &env->subprogs[i];

		if (!sub->throws || !sub->has_tail_call || sub->exception_cb)
			continue;
		env->insn_idx = sub->start;
		return bpf_reject(env, REJECT_EXCEPTION,
				  "tail_calls are not allowed in func#%u ('%s'), which may throw",
				  i, sub->name);
	}
	return 0;
}

/**
 * walk_may_throw - an exception may leave all functions from here on
 * @env: environment
 * @what: how it may come
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_may_throw(struct bpf_verifier_env *env, const char *what)
{
	const struct bpf_state *st = walk_state(env);

	switch (st->frame[0]->kind) {
	case FRAME_ASYNC:
		return bpf_reject(env, REJECT_EXCEPTION,
				  "%s cannot be called from callback subprog %u, which runs on its own",
				  what, st->frame[0]->subprog);
	case FRAME_EXCEPTION:
		return bpf_reject(env, REJECT_EXCEPTION,
				  "%s cannot be called from an exception callback", what);
	default:
		return state_check_released(env, what);
	}
}

/**
 * kfunc_throw - bpf_throw()
 * @env: environment
 * @kc: the call
 *
 * Without an exception callback the number thrown is what the program returns.
 *
 * Context: walk_kfunc(). Return: WALK_END or -errno.
 */
int kfunc_throw(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *cookie = walk_reg(env, BPF_REG_1);
	char name[64];
	int err;

	if (!walk_aux(env)->throws)
		return bpf_reject(env, REJECT_KFUNC,
				  "calling kernel function %s of a module is not allowed",
				  kc->desc->name);
	err = walk_may_throw(env, kc->desc->name);
	if (!err)
		err = walk_read_reg(env, BPF_REG_1);
	if (err)
		return err;
	if (!reg_is_scalar(cookie))
		return bpf_reject(env, REJECT_ARG_TYPE, "R1 type=%s expected=scalar",
				  bpf_reg_type_str(name, cookie->type));
	if (!env->exception_cb)
		err = walk_check_cookie(env, cookie);
	return err ?: WALK_END;
}
