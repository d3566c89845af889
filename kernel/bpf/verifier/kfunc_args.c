// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments of kernel functions: by the types of their BTF prototype, the endings of their names
 * and the function's flags.
 */
#include <linux/string.h>
#include "verifier/kfunc.h"

static const struct {
	const char *end;
	u32 suffix;
} suffixes[] = {
	{ "__sz", SUFFIX_SIZE }, { "__szk", SUFFIX_SIZE_K }, { "__k", SUFFIX_CONST },
	{ "__ign", SUFFIX_IGNORE }, { "__uninit", SUFFIX_UNINIT },
	{ "__nullable", SUFFIX_NULLABLE }, { "__opt", SUFFIX_OPT }, { "__str", SUFFIX_STR },
	{ "__map", SUFFIX_MAP },
};

static u32 suffix_of(const struct btf *btf, const struct btf_param *param)
{
	const char *name = btf_name_by_offset(btf, param->name_off);
	size_t len, end;
	u32 i;

	if (!name)
		return 0;
	if (!strcmp(name, "rdonly_buf_size") || !strcmp(name, "rdwr_buf_size"))
		return SUFFIX_CONST;
	len = strlen(name);
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		end = strlen(suffixes[i].end);
		if (len > end && !strcmp(name + len - end, suffixes[i].end))
			return suffixes[i].suffix;
	}
	return 0;
}

static int reject_arg(struct bpf_verifier_env *env, const struct kfunc_call *kc,
		      const struct kfunc_arg *arg, const char *want)
{
	char name[64];

	return bpf_reject(env, REJECT_ARG_TYPE, "arg#%u of %s: R%u type=%s expected=%s", arg->nr,
			  kc->desc->name, arg->regno,
			  bpf_reg_type_str(name, walk_reg(env, arg->regno)->type), want);
}

static int check_scalar(struct bpf_verifier_env *env, struct kfunc_call *kc,
			const struct kfunc_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);

	if (!reg_is_scalar(reg))
		return bpf_reject(env, REJECT_ARG_TYPE, "R%u is not a scalar", arg->regno);
	if (!(arg->suffix & (SUFFIX_CONST | SUFFIX_SIZE_K)))
		return 0;
	relevance_demand(env, env->insn_idx, 1 << arg->regno);
	if (!reg_is_const(reg))
		return bpf_reject(env, REJECT_ARG_CONST, "R%u must be a known constant",
				  arg->regno);
	kc->size = scalar_const_value(&reg->var);
	kc->size_known = true;
	if (kc->size > S32_MAX)
		return bpf_reject(env, REJECT_ARG_SIZE, "R%u is too large", arg->regno);
	return 0;
}

/* ------------------------------------------------------------------ pointers */

static const char *struct_name(const struct kfunc_call *kc, const struct btf_type *t)
{
	return btf_name_by_offset(kc->desc->btf, t->name_off) ?: "";
}

static bool is_dynptr(const char *name)
{
	return !strcmp(name, "bpf_dynptr") || !strcmp(name, "bpf_dynptr_kern");
}

static int check_dynptr(struct bpf_verifier_env *env, struct kfunc_call *kc,
			const struct kfunc_arg *arg)
{
	u32 type = ARG_PTR_TO_DYNPTR;

	if (arg->suffix & SUFFIX_UNINIT) {
		type |= MEM_UNINIT | MEM_WRITE;
		if (!strcmp(kc->desc->name, "bpf_dynptr_from_skb"))
			type |= DYNPTR_TYPE_SKB;
		else if (!strcmp(kc->desc->name, "bpf_dynptr_from_xdp"))
			type |= DYNPTR_TYPE_XDP;
		else if (!strcmp(kc->desc->name, "bpf_dynptr_clone"))
			type |= kc->call.dyn_type;
		else
			return bpf_reject(env, REJECT_UNSUPPORTED,
					  "making this dynptr is not supported");
	}
	return call_check_dynptr(env, &kc->call, arg->regno, type);
}

/* How far a typed pointer can be relied on. */
static bool is_trusted(const struct bpf_verifier_env *env, const struct bpf_reg *reg, u32 flags)
{
	if (reg->ref_id || reg->type & (PTR_TRUSTED | MEM_ALLOC))
		return true;
	return !(flags & KF_TRUSTED_ARGS) && flags & KF_RCU && reg->type & MEM_RCU;
}

/*
 * An object stands for the one that it begins with, except where it is given back, and where the
 * object is not set up yet: its type's name ends so.
 */
static bool is_strict(const struct bpf_reg *reg, u32 flags)
{
	const char *name = btf_type_name(reg->btf, btf_type_by_id(reg->btf, reg->btf_id));
	size_t len = strlen(name);

	return flags & KF_RELEASE || (len > 7 && !strcmp(name + len - 7, "___init"));
}

static int check_object(struct bpf_verifier_env *env, struct kfunc_call *kc,
			const struct kfunc_arg *arg, u32 want_id)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);
	u32 flags = kc->desc->flags;

	if (reg->type & (PTR_UNTRUSTED | MEM_USER | MEM_PERCPU))
		return reject_arg(env, kc, arg, "ptr_, trusted_ptr_, rcu_ptr_");
	if (flags & (KF_TRUSTED_ARGS | KF_RCU | KF_RELEASE) && !is_trusted(env, reg, flags))
		return bpf_reject(env, REJECT_ARG_TYPE, "R%u must be %s", arg->regno,
				  flags & KF_RCU ? "a rcu pointer" : "referenced or trusted");
	if (!reg_off_const(reg) || reg_const_off(reg) < 0 ||
	    !btf_struct_ids_match(reg->btf, reg->btf_id, reg_const_off(reg), kc->desc->btf, want_id,
				  is_strict(reg, flags)))
		return bpf_reject(env, REJECT_ARG_TYPE,
				  "kernel function %s args#%u expected pointer to %s but R%u has a pointer to %s",
				  kc->desc->name, arg->nr,
				  struct_name(kc, btf_type_by_id(kc->desc->btf, want_id)),
				  arg->regno,
				  btf_type_name(reg->btf, btf_type_by_id(reg->btf, reg->btf_id)));
	if (!(flags & KF_RELEASE) || kc->release_ref)
		return 0;
	if (!reg->ref_id)
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "R%u must be referenced when passed to release function",
				  arg->regno);
	if (reg->off)
		return bpf_reject(env, REJECT_ARG_OFFSET,
				  "R%u must have zero offset when passed to release func or trusted arg to kfunc",
				  arg->regno);
	kc->release_ref = reg->ref_id;
	return 0;
}

/* What a pointer to const points to is only read. */
static u32 memory_how(const struct btf *btf, const struct btf_type *ptr)
{
	const struct btf_type *t = btf_type_by_id(btf, ptr->type);

	for (; t && btf_type_is_modifier(t); t = btf_type_by_id(btf, t->type))
		if (btf_kind(t) == BTF_KIND_CONST)
			return MEM_READ_BYTES;
	return MEM_READ_BYTES | MEM_WRITE_BYTES;
}

static int check_memory(struct bpf_verifier_env *env, struct kfunc_call *kc,
			const struct kfunc_arg *arg, const struct btf_type *target)
{
	u32 how = memory_how(kc->desc->btf, arg->type), size;
	const struct btf_type *t;
	u64 max;
	int err;

	if (arg->next & (SUFFIX_SIZE | SUFFIX_SIZE_K)) {
		err = walk_read_reg(env, arg->regno + 1);
		if (!err && !reg_is_scalar(walk_reg(env, arg->regno + 1)))
			err = bpf_reject(env, REJECT_ARG_TYPE, "R%u is not a scalar",
					 arg->regno + 1);
		return err ?: call_check_size(env, arg->regno + 1, how, true,
					      arg->suffix & (SUFFIX_OPT | SUFFIX_NULLABLE), &max);
	}
	t = btf_resolve_size(kc->desc->btf, target, &size);
	if (IS_ERR(t) || !size)
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "arg#%u of %s: reference type has no size", arg->nr,
				  kc->desc->name);
	return mem_check_range(env, arg->regno, size, how);
}

static bool is_context(const struct bpf_verifier_env *env, const char *name)
{
	return (env->info->kctx_name && !strcmp(name, env->info->kctx_name)) ||
	       (env->info->uctx_name && !strcmp(name, env->info->uctx_name));
}

/* A map; beside work it is the one that the work stands in. */
static int check_map(struct bpf_verifier_env *env, struct kfunc_call *kc,
		     const struct kfunc_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);

	if (reg->type != CONST_PTR_TO_MAP)
		return reject_arg(env, kc, arg, "map_ptr");
	if (kc->work && (kc->work->map != reg->map || kc->work->map_uid != reg->map_uid))
		return bpf_reject(env, REJECT_ARG_MAP,
				  "workqueue pointer in R1 map_uid=%u doesn't match map pointer in R2 map_uid=%u",
				  kc->work->map_uid, reg->map_uid);
	kc->call.map = *reg;
	return 0;
}

static int check_work(struct bpf_verifier_env *env, struct kfunc_call *kc,
		      const struct kfunc_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);

	if (reg->type != PTR_TO_MAP_VALUE)
		return reject_arg(env, kc, arg, "map_value");
	kc->work = reg;
	return call_check_field(env, &kc->call, arg->regno, BPF_WORKQUEUE, "struct bpf_wq");
}

static int check_func(struct bpf_verifier_env *env, struct kfunc_call *kc,
		      const struct kfunc_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);

	if (reg->type != PTR_TO_FUNC)
		return reject_arg(env, kc, arg, "func");
	/* what calls a function back, and with what, the prototype does not say */
	if (!kc->work)
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "callbacks of kernel function %s are not supported",
				  kc->desc->name);
	kc->call.sub = reg->subprog;
	return 0;
}

static int check_struct(struct bpf_verifier_env *env, struct kfunc_call *kc,
			const struct kfunc_arg *arg, const struct btf_type *target, u32 target_id)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);
	const char *name = struct_name(kc, target);

	if (is_dynptr(name))
		return check_dynptr(env, kc, arg);
	if (!arg->nr && kc->desc->flags & (KF_ITER_NEW | KF_ITER_NEXT | KF_ITER_DESTROY))
		return iter_check_arg(env, kc, arg->regno, target->size, target_id);
	if (reg->type == PTR_TO_CTX && is_context(env, name)) {
		if (!reg->off && reg_off_const(reg))
			return 0;
		return bpf_reject(env, REJECT_CTX_OFFSET,
				  "dereference of modified ctx ptr R%u off=%d disallowed",
				  arg->regno, reg->off);
	}
	if (!strcmp(name, "bpf_map"))
		return check_map(env, kc, arg);
	if (!strcmp(name, "bpf_wq"))
		return check_work(env, kc, arg);
	if (base_type(reg->type) == PTR_TO_BTF_ID)
		return check_object(env, kc, arg, target_id);
	if (kc->desc->flags & (KF_TRUSTED_ARGS | KF_RCU | KF_RELEASE) &&
	    !(arg->next & (SUFFIX_SIZE | SUFFIX_SIZE_K)) && reg->type != PTR_TO_STACK &&
	    base_type(reg->type) != PTR_TO_MAP_VALUE && base_type(reg->type) != PTR_TO_MEM)
		return reject_arg(env, kc, arg, "ptr_, trusted_ptr_, rcu_ptr_");
	return check_memory(env, kc, arg, target);
}

static int check_pointer(struct bpf_verifier_env *env, struct kfunc_call *kc,
			 const struct kfunc_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, arg->regno);
	const struct btf_type *target;
	u32 id;

	target = btf_type_skip_modifiers(kc->desc->btf, arg->type->type, &id);
	if (reg_is_null(reg)) {
		if (arg->suffix & (SUFFIX_NULLABLE | SUFFIX_OPT))
			return 0;
		return bpf_reject(env, REJECT_ARG_NULL,
				  "Possibly NULL pointer passed to trusted arg%u",
				  arg->nr);
	}
	if (type_may_be_null(reg->type) && !(arg->suffix & SUFFIX_NULLABLE))
		return bpf_reject(env, REJECT_ARG_NULL,
				  "Possibly NULL pointer passed to trusted arg%u",
				  arg->nr);
	if (arg->suffix & SUFFIX_STR) {
		if (reg->type != PTR_TO_MAP_VALUE)
			return reject_arg(env, kc, arg, "map_value (a constant string)");
		return call_check_str(env, arg->regno);
	}
	if (arg->suffix & SUFFIX_MAP)
		return check_map(env, kc, arg);
	if (btf_type_is_func_proto(target))
		return check_func(env, kc, arg);
	if (btf_type_is_struct(target))
		return check_struct(env, kc, arg, target, id);
	if (btf_type_is_void(target) && !(arg->next & (SUFFIX_SIZE | SUFFIX_SIZE_K)))
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "arg#%u of %s: pointer to anything is not supported", arg->nr,
				  kc->desc->name);
	return check_memory(env, kc, arg, target);
}

static int check_one(struct bpf_verifier_env *env, struct kfunc_call *kc,
		     const struct kfunc_arg *arg)
{
	int err;

	if (arg->suffix & SUFFIX_IGNORE)
		return 0;
	err = walk_read_reg(env, arg->regno);
	if (err)
		return err;
	if (btf_type_is_scalar(arg->type))
		return check_scalar(env, kc, arg);
	if (!btf_type_is_ptr(arg->type))
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "arg#%u of %s is neither a number nor a pointer", arg->nr,
				  kc->desc->name);
	return check_pointer(env, kc, arg);
}

/**
 * kfunc_check_args - check all arguments
 * @env: environment
 * @kc: the call; gets what is found out
 *
 * Context: calls. Return: 0 or -errno.
 */
int kfunc_check_args(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct btf *btf = kc->desc->btf;
	const struct btf_param *params = btf_params(kc->desc->proto);
	u32 nr = btf_type_vlen(kc->desc->proto), i;
	int err;

	if (nr > 5)
		return bpf_reject(env, REJECT_KFUNC, "Function %s has %u > 5 args", kc->desc->name,
				  nr);
	for (i = 0; i < nr; i++) {
		struct kfunc_arg arg = {
			.regno = BPF_REG_1 + i, .nr = i, .suffix = suffix_of(btf, &params[i]),
			.next = i + 1 < nr ? suffix_of(btf, &params[i + 1]) : 0,
		};

		arg.type = btf_type_skip_modifiers(btf, params[i].type, &arg.id);
		err = check_one(env, kc, &arg);
		if (err)
			return err;
	}
	if (kc->desc->flags & KF_RELEASE && !kc->release_ref)
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "release kernel function %s expects refcounted PTR_TO_BTF_ID",
				  kc->desc->name);
	return 0;
}
