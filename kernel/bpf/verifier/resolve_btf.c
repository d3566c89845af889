// SPDX-License-Identifier: GPL-2.0
/*
 * Variables and functions of the kernel that a program names by BTF id.
 */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "verifier/resolve.h"

#define KFUNCS_MAX	256
#define PERCPU_SECTION	".data..percpu"

/* ------------------------------------------------------------------ whose types */

/* Takes the caller's reference over. */
static int use_btf(struct bpf_verifier_env *env, struct btf *btf)
{
	struct module *mod = NULL;
	u32 i;

	for (i = 0; i < env->nr_used_btfs; i++) {
		if (env->used_btfs[i].btf == btf) {
			btf_put(btf);
			return 0;
		}
	}
	if (env->nr_used_btfs == BPF_VERIFY_MAX_BTFS) {
		btf_put(btf);
		return bpf_reject(env, REJECT_TOO_MANY_BTFS,
				  "The total number of btfs per program has reached the limit of %d",
				  BPF_VERIFY_MAX_BTFS);
	}
	if (btf_is_module(btf)) {
		mod = btf_try_get_module(btf);
		if (!mod) {
			btf_put(btf);
			bpf_reject(env, REJECT_BAD_TYPE_ID, "the module of the BTF is going away");
			return -ENXIO;
		}
	}
	env->used_btfs[env->nr_used_btfs].btf = btf;
	env->used_btfs[env->nr_used_btfs++].module = mod;
	return 0;
}

/* BTF behind an fd, 0: vmlinux; held by the environment. */
static int get_btf(struct bpf_verifier_env *env, int fd, struct btf **btf)
{
	if (fd) {
		*btf = btf_get_by_fd(fd);
		if (IS_ERR(*btf)) {
			bpf_reject(env, REJECT_BAD_TYPE_ID,
				   "invalid module BTF object FD specified.");
			return -EINVAL;
		}
		if (!btf_is_kernel(*btf)) {
			btf_put(*btf);
			return bpf_reject(env, REJECT_BAD_TYPE_ID,
					  "BTF fd %d is not of the kernel or a module", fd);
		}
		return use_btf(env, *btf);
	}
	*btf = bpf_get_btf_vmlinux();
	if (!*btf || IS_ERR(*btf))
		return bpf_reject(env, REJECT_BAD_TYPE_ID,
				  "kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig.");
	btf_get(*btf);
	return use_btf(env, *btf);
}

/* ------------------------------------------------------------------ variables */

static bool var_is_percpu(const struct btf *btf, u32 id)
{
	s32 sec = btf_find_by_name_kind(btf, PERCPU_SECTION, BTF_KIND_DATASEC);
	const struct btf_var_secinfo *vsi;
	const struct btf_type *t;
	u32 i;

	t = sec > 0 ? btf_type_by_id(btf, sec) : NULL;
	if (!t)
		return false;
	for_each_vsi(i, t, vsi) {
		if (vsi->type == id)
			return true;
	}
	return false;
}

static int resolve_var(struct bpf_verifier_env *env, u32 idx, struct btf *btf,
		       const struct btf_type *var, u32 var_id)
{
	struct bpf_insn_aux *aux = &env->aux[idx];
	const struct btf_type *t, *sized;
	u32 id, size;

	t = btf_type_skip_modifiers(btf, var->type, &id);
	if (!t)
		return bpf_reject(env, REJECT_BAD_TYPE_ID, "the variable's type is broken");
	aux->btf = btf;
	aux->btf_id = id;
	if (var_is_percpu(btf, var_id)) {
		aux->reg_type = PTR_TO_BTF_ID | MEM_PERCPU;
		return 0;
	}
	if (btf_type_is_struct(t)) {
		aux->reg_type = PTR_TO_BTF_ID;
		return 0;
	}
	sized = btf_resolve_size(btf, t, &size);
	if (IS_ERR(sized))
		return bpf_reject(env, REJECT_BAD_TYPE_ID,
				  "ldimm64 unable to resolve the size of type '%s'",
				  btf_type_name(btf, t));
	aux->reg_type = PTR_TO_MEM | MEM_RDONLY;
	aux->mem_size = size;
	return 0;
}

int resolve_btf_id(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	const struct btf_type *t;
	struct btf *btf;
	int err;

	err = get_btf(env, insn[1].imm, &btf);
	if (err)
		return err;
	t = btf_type_by_id(btf, insn->imm);
	if (!t) {
		bpf_reject(env, REJECT_BAD_TYPE_ID, "ldimm64 insn specified invalid btf_id %d.",
			   insn->imm);
		return -ENOENT;
	}
	if (!btf_type_is_var(t) && !btf_type_is_func(t))
		return bpf_reject(env, REJECT_BAD_TYPE_ID,
				  "pseudo btf_id %d in ldimm64 isn't KIND_VAR or KIND_FUNC",
				  insn->imm);
	if (!kallsyms_lookup_name(btf_type_name(btf, t))) {
		bpf_reject(env, REJECT_BAD_TYPE_ID,
			   "ldimm64 failed to find the address for kernel symbol '%s'.",
			   btf_type_name(btf, t));
		return -ENOENT;
	}
	if (btf_type_is_var(t))
		return resolve_var(env, idx, btf, t, insn->imm);
	env->aux[idx].btf = btf;
	env->aux[idx].reg_type = PTR_TO_MEM | MEM_RDONLY;
	env->aux[idx].mem_size = 0;
	return 0;
}

/* ------------------------------------------------------------------ kernel functions */

static int kfunc_order(const struct bpf_kfunc_desc *desc, u32 btf_id, s16 fd_idx)
{
	if (desc->fd_idx != fd_idx)
		return desc->fd_idx < fd_idx ? -1 : 1;
	if (desc->btf_id != btf_id)
		return desc->btf_id < btf_id ? -1 : 1;
	return 0;
}

/* Where it stands, or belongs. */
static u32 kfunc_place(const struct bpf_verifier_env *env, u32 btf_id, s16 fd_idx)
{
	u32 lo = 0, hi = env->nr_kfuncs, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (kfunc_order(&env->kfuncs[mid], btf_id, fd_idx) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * bpf_kfunc_find - the kernel function of a call
 * @env: environment
 * @btf_id: imm of the call
 * @fd_idx: off of the call
 *
 * Context: any. Return: its row, NULL where the resolve pass did not see it.
 */
const struct bpf_kfunc_desc *bpf_kfunc_find(const struct bpf_verifier_env *env, u32 btf_id,
					    s16 fd_idx)
{
	u32 at = kfunc_place(env, btf_id, fd_idx);

	if (at == env->nr_kfuncs || kfunc_order(&env->kfuncs[at], btf_id, fd_idx))
		return NULL;
	return &env->kfuncs[at];
}

static int kfunc_btf(struct bpf_verifier_env *env, s16 fd_idx, struct btf **btf)
{
	int fd = 0, err;

	if (fd_idx < 0)
		return bpf_reject(env, REJECT_BAD_TYPE_ID,
				  "negative offset disallowed for kernel module function call");
	if (fd_idx) {
		err = resolve_fd_array(env, fd_idx, &fd);
		if (err)
			return err;
	}
	return get_btf(env, fd, btf);
}

static int kfunc_describe(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			  struct bpf_kfunc_desc *desc)
{
	const u32 *flags;
	int err;

	err = kfunc_btf(env, insn->off, &desc->btf);
	if (err)
		return err;
	desc->btf_id = insn->imm;
	desc->fd_idx = insn->off;
	if (!btf_func_by_id(desc->btf, desc->btf_id, &desc->func, &desc->proto))
		return bpf_reject(env, REJECT_BAD_TYPE_ID, "kernel btf_id %u is not a function",
				  desc->btf_id);
	desc->name = btf_type_name(desc->btf, desc->func);
	desc->addr = kallsyms_lookup_name(desc->name);
	if (!desc->addr)
		return bpf_reject(env, REJECT_KFUNC, "cannot find address for kernel function %s",
				  desc->name);
	flags = btf_kfunc_flags(desc->btf, desc->btf_id, env->prog);
	desc->allowed = flags;
	desc->flags = flags ? *flags : 0;
	return 0;
}

static int add_kfunc(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	u32 at = kfunc_place(env, insn->imm, insn->off);
	struct bpf_kfunc_desc desc = {};
	int err;

	if (!env->prog->gpl_compatible)
		return bpf_reject(env, REJECT_GPL_ONLY,
				  "cannot call kernel function from non-GPL compatible program");
	if (env->nr_kfuncs == KFUNCS_MAX)
		return bpf_reject(env, REJECT_TOO_MANY_KFUNCS,
				  "too many different kernel function calls");
	if (!env->kfuncs) {
		env->kfuncs = kvcalloc(KFUNCS_MAX, sizeof(*env->kfuncs), GFP_KERNEL);
		if (!env->kfuncs)
			return -ENOMEM;
	}
	err = kfunc_describe(env, insn, &desc);
	if (err)
		return err;
	memmove(&env->kfuncs[at + 1], &env->kfuncs[at],
		array_size(env->nr_kfuncs - at, sizeof(desc)));
	env->kfuncs[at] = desc;
	env->nr_kfuncs++;
	return 0;
}

int resolve_kfunc(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	const struct bpf_kfunc_desc *desc;
	int err;

	/* what a loader leaves of a function that this kernel has not: the walk may meet it */
	if (!insn->imm && !insn->off)
		return 0;
	desc = bpf_kfunc_find(env, insn->imm, insn->off);
	if (!desc) {
		err = add_kfunc(env, insn);
		if (err)
			return err;
		desc = bpf_kfunc_find(env, insn->imm, insn->off);
	}
	/* a module may have a function of that name */
	env->aux[idx].throws = desc && desc->btf == bpf_get_btf_vmlinux() &&
			       !strcmp(desc->name, "bpf_throw");
	env->seen_exception |= env->aux[idx].throws;
	return 0;
}
