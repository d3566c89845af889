// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments of global functions: from their BTF prototype, the names of context types, and tags
 * on the arguments ("arg:ctx", "arg:nonnull", "arg:nullable", "arg:trusted", "arg:arena").
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "verifier/verifier.h"

#define ARGS_MAX	5

#define TAG_CTX		BIT(0)
#define TAG_NONNULL	BIT(1)
#define TAG_NULLABLE	BIT(2)
#define TAG_TRUSTED	BIT(3)
#define TAG_ARENA	BIT(4)

static const struct {
	const char *name;
	u32 tag;
} tag_names[] = {
	{ "arg:ctx", TAG_CTX },
	{ "arg:nonnull", TAG_NONNULL },
	{ "arg:nullable", TAG_NULLABLE },
	{ "arg:trusted", TAG_TRUSTED },
	{ "arg:arena", TAG_ARENA },
};

/*
 * struct arg_ask - one argument being worked out
 * @sub: the function
 * @nr: number of the argument, from 0
 * @tags: TAG_*
 * @type: type behind qualifiers
 * @id: of @type
 * @res: result
 */
struct arg_ask {
	struct bpf_verifier_env *env;
	const struct btf *btf;
	const struct bpf_subprog *sub;
	u32 nr;
	u32 tags;
	const struct btf_type *type;
	u32 id;
	struct bpf_sub_arg *res;
};

static int reject_arg(const struct arg_ask *ask, const char *what)
{
	return bpf_reject(ask->env, REJECT_GLOBAL_FUNC, "arg#%u of %s(): %s", ask->nr,
			  ask->sub->name, what);
}

/* ------------------------------------------------------------------ tags */

static int add_tag(struct bpf_verifier_env *env, const struct bpf_subprog *sub, u32 nr,
		   const char *name, u32 *tags)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tag_names); i++) {
		if (!strcmp(name, tag_names[i].name)) {
			tags[nr] |= tag_names[i].tag;
			return 0;
		}
	}
	if (strncmp(name, "arg:", 4))
		return 0;	/* somebody else's */
	bpf_reject(env, REJECT_GLOBAL_FUNC, "arg#%u of %s() has unrecognized tag '%s'", nr,
		   sub->name, name);
	return -EOPNOTSUPP;
}

static int collect_tags(struct bpf_verifier_env *env, const struct bpf_subprog *sub, u32 nr_args,
			u32 *tags)
{
	const struct btf *btf = env->prog->aux->btf;
	u32 id, nr, cnt = btf_nr_types(btf);
	const struct btf_type *t;
	int err = 0;

	for (id = 1; id < cnt && !err; id++) {
		t = btf_type_by_id(btf, id);
		if (!btf_type_is_decl_tag(t) || t->type != sub->type_id)
			continue;
		nr = btf_type_decl_tag(t)->component_idx;
		if (nr < nr_args)
			err = add_tag(env, sub, nr, btf_type_name(btf, t), tags);
	}
	return err;
}

/* ------------------------------------------------------------------ one argument */

/* Length of a name without a flavour ("task_struct___old"). */
static size_t plain_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? flavour - name : strlen(name);
}

static bool same_name(const char *name, const char *want)
{
	return plain_len(name) == strlen(want) && !strncmp(name, want, strlen(want));
}

/* See btf.h. */
bool btf_ptr_names(const struct btf *btf, const struct btf_type *ptr, const char *want)
{
	const struct btf_type *t = btf_type_by_id(btf, ptr->type);

	while (t && want) {
		if (same_name(btf_type_name(btf, t) ?: "", want))
			return true;
		if (!btf_type_is_modifier(t))
			return false;
		t = btf_type_by_id(btf, t->type);
	}
	return false;
}

/* Row of the type whose context it is: an extension has that of the program that it extends. */
static const struct bpf_prog_type_info *ctx_info(const struct bpf_verifier_env *env)
{
	const struct bpf_prog *dst = env->prog->aux->dst_prog;

	if (env->prog->type == BPF_PROG_TYPE_EXT && dst && dst->aux->info)
		return dst->aux->info;
	return env->info;
}

/*
 * Does the pointer lead to the context's type, under its own name or a typedef's? Where programs
 * see the kernel's own record, its name does as well.
 */
static bool names_ctx(const struct arg_ask *ask)
{
	const struct bpf_prog_type_info *info = ctx_info(ask->env);

	return btf_ptr_names(ask->btf, ask->type, info->uctx_name) ||
	       (info->ctx_kind == BPF_CTX_PLAIN &&
		btf_ptr_names(ask->btf, ask->type, info->kctx_name));
}

static int arg_trusted(const struct arg_ask *ask, const struct btf_type *pointee)
{
	const char *name = btf_type_name(ask->btf, pointee);
	struct btf *vmlinux = bpf_get_btf_vmlinux();
	char plain[128];
	s32 id = -ENOENT;

	if (plain_len(name) < sizeof(plain) && vmlinux && !IS_ERR(vmlinux)) {
		strscpy(plain, name, plain_len(name) + 1);
		id = btf_find_by_name_kind(vmlinux, plain, btf_kind(pointee));
	}
	if (id < 0)
		return reject_arg(ask, "is trusted, and the kernel has no such type");
	ask->res->btf = vmlinux;
	ask->res->btf_id = id;
	ask->res->reg_type = PTR_TO_BTF_ID | PTR_TRUSTED;
	if (ask->tags & TAG_NULLABLE)
		ask->res->reg_type |= PTR_MAYBE_NULL;
	return 0;
}

static int arg_memory(const struct arg_ask *ask, const struct btf_type *pointee)
{
	const struct btf_type *sized;
	u32 size;

	sized = btf_resolve_size(ask->btf, pointee, &size);
	if (IS_ERR(sized) || !size) {
		bpf_reject(ask->env, REJECT_GLOBAL_FUNC,
			   "arg#%u reference type('%s') size cannot be determined: %ld", ask->nr,
			   btf_type_name(ask->btf, pointee), IS_ERR(sized) ? PTR_ERR(sized) : 0L);
		return -EINVAL;
	}
	ask->res->mem_size = size;
	ask->res->reg_type = PTR_TO_MEM;
	if (!(ask->tags & TAG_NONNULL))
		ask->res->reg_type |= PTR_MAYBE_NULL;
	return 0;
}

static int arg_pointer(const struct arg_ask *ask)
{
	const struct btf_type *pointee = btf_type_skip_modifiers(ask->btf, ask->type->type, NULL);

	if (!pointee)
		return reject_arg(ask, "has a broken type");
	if (ask->tags & TAG_CTX || names_ctx(ask)) {
		if (ask->tags & ~TAG_CTX)
			return reject_arg(ask, "is the context and has other tags");
		ask->res->reg_type = PTR_TO_CTX;
		return 0;
	}
	if (ask->tags & TAG_ARENA) {
		if (ask->tags & ~TAG_ARENA)
			return reject_arg(ask, "is in the arena and has other tags");
		ask->res->reg_type = PTR_TO_ARENA;
		return 0;
	}
	if (ask->tags & TAG_TRUSTED)
		return arg_trusted(ask, pointee);
	if (same_name(btf_type_name(ask->btf, pointee), "bpf_dynptr")) {
		ask->res->reg_type = CONST_PTR_TO_DYNPTR | MEM_RDONLY;
		return 0;
	}
	return arg_memory(ask, pointee);
}

static int work_out_arg(struct bpf_verifier_env *env, const struct bpf_subprog *sub, u32 nr,
			u32 type_id, u32 tags, struct bpf_sub_arg *res)
{
	struct arg_ask ask = {
		.env = env, .btf = env->prog->aux->btf, .sub = sub, .nr = nr, .tags = tags,
		.res = res,
	};

	ask.type = btf_type_skip_modifiers(ask.btf, type_id, &ask.id);
	memset(res, 0, sizeof(*res));
	if (!ask.type)
		return reject_arg(&ask, "has a broken type");
	if (btf_type_is_ptr(ask.type))
		return arg_pointer(&ask);
	if (tags)
		return reject_arg(&ask, "is tagged and is not a pointer");
	if (!btf_type_is_scalar(ask.type)) {
		bpf_reject(env, REJECT_GLOBAL_FUNC, "Arg#%u type %s in %s() is not supported yet.",
			   nr, btf_type_name(ask.btf, ask.type), sub->name);
		return -EINVAL;
	}
	res->reg_type = SCALAR_VALUE;
	return 0;
}

/* ------------------------------------------------------------------ the function */

static int check_return(struct bpf_verifier_env *env, struct bpf_subprog *sub,
			const struct btf_type *proto)
{
	const struct btf_type *ret = NULL;

	sub->ret_void = !proto->type;
	if (proto->type)
		ret = btf_type_skip_modifiers(env->prog->aux->btf, proto->type, NULL);
	if (sub->ret_void || (ret && btf_type_is_scalar(ret)))
		return 0;
	return bpf_reject(env, REJECT_GLOBAL_FUNC,
			  "Global function %s() doesn't return scalar. Only those are supported.",
			  sub->name);
}

/**
 * bpf_subprog_prepare_args - what the arguments of a global function are
 * @env: environment
 * @subprog: number of the function
 *
 * Context: process. Return: 0 or -errno.
 */
int bpf_subprog_prepare_args(struct bpf_verifier_env *env, u32 subprog)
{
	struct bpf_subprog *sub = &env->subprogs[subprog];
	const struct btf_type *func, *proto;
	u32 tags[ARGS_MAX] = {}, i;
	int err;

	if (sub->args_ready)
		return 0;
	if (!sub->type_id ||
	    !btf_func_by_id(env->prog->aux->btf, sub->type_id, &func, &proto))
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "Func#%u is verified by its prototype, and has none in BTF",
				  subprog);
	if (btf_type_vlen(proto) > ARGS_MAX)
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "Global function %s() with %u > %u args. Buggy compiler.",
				  sub->name, btf_type_vlen(proto), ARGS_MAX);
	sub->nr_args = btf_type_vlen(proto);
	err = check_return(env, sub, proto);
	if (!err)
		err = collect_tags(env, sub, sub->nr_args, tags);
	for (i = 0; i < sub->nr_args && !err; i++)
		err = work_out_arg(env, sub, i, btf_params(proto)[i].type, tags[i], &sub->args[i]);
	sub->args_ready = !err;
	return err;
}
