// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting calls and 64-bit immediates: names of things become their addresses.
 */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "exec/exec.h"
#include "verifier/rewrite.h"
#include "verifier/walk.h"

/* Room for a map's inlined look-up. */
#define LOOKUP_MAX 32

static int replace_one(struct bpf_verifier_env *env, u32 idx, struct bpf_insn insn)
{
	return bpf_edit_replace(env->edits, idx, &insn, 1);
}

static int call_address(struct bpf_verifier_env *env, u32 idx, const void *func)
{
	struct bpf_insn insn = *env_insn(env, idx);

	if (!func || !bpf_call_imm_fits(func))
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: callee is out of reach");
	insn.imm = bpf_call_imm(func);
	insn.off = 0;
	return replace_one(env, idx, insn);
}

/* ------------------------------------------------------------------ tail calls */

/*
 * R3 is compared where the call is made; where a CPU may be made to guess that it passed, the
 * index is cut as well. That takes one map that is known here.
 */
static int rewrite_tail_call(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];
	const struct bpf_map *map = aux->call_map_many ? NULL : aux->call_map;
	struct bpf_insn seq[3];
	u32 cnt = 0, mask;
	int poke = 0;

	env->prog->cb_access = 1;
	if (IS_ENABLED(CONFIG_BPF_JIT) && env->bpf_capable && map && aux->call_map_key_known) {
		poke = bpf_poke_new(env->prog, aux->call_map, aux->call_map_key);
		if (poke < 0)
			return poke;
		poke++;
	}
	if (!env->bypass_spec_v1) {
		if (!map)
			return bpf_reject(env, REJECT_TAIL_CALL, "tail_call abusing map_ptr");
		if (!map->bypass_spec_v1) {
			mask = container_of(map, struct bpf_tail_map, map)->index_mask;
			seq[cnt++] = insn_jump32_imm(BPF_JGE, BPF_REG_3, map->max_entries, 2);
			seq[cnt++] = insn_alu32_imm(BPF_AND, BPF_REG_3, mask);
		}
	}
	seq[cnt++] = insn_tail_call(poke);
	return bpf_edit_replace(env->edits, idx, seq, cnt);
}

/* ------------------------------------------------------------------ maps */

/* The operation that a helper on a map of this kind comes down to, or NULL. */
static const void *map_operation(const struct bpf_map *map, u32 func_id)
{
	const struct bpf_map_ops *ops = map->ops;

	switch (func_id) {
	case BPF_FUNC_map_lookup_elem:
		return ops->lookup_elem;
	case BPF_FUNC_map_update_elem:
		return ops->update_elem;
	case BPF_FUNC_map_delete_elem:
		return ops->delete_elem;
	case BPF_FUNC_map_push_elem:
		return ops->push_elem;
	case BPF_FUNC_map_pop_elem:
		return ops->pop_elem;
	case BPF_FUNC_map_peek_elem:
		return ops->peek_elem;
	case BPF_FUNC_redirect_map:
		return ops->redirect;
	default:
		return NULL;
	}
}

/* True: done, *@err says how. */
static bool inline_lookup(struct bpf_verifier_env *env, u32 idx, struct bpf_map *map, int *err)
{
	struct bpf_insn buf[LOOKUP_MAX];
	int cnt;

	if (env_insn(env, idx)->imm != BPF_FUNC_map_lookup_elem || !map->ops->gen_lookup)
		return false;
	cnt = map->ops->gen_lookup(map, buf, LOOKUP_MAX);
	if (cnt <= 0 || cnt > LOOKUP_MAX)
		return false;
	*err = bpf_edit_replace(env->edits, idx, buf, cnt);
	return true;
}

/* ------------------------------------------------------------------ helpers */

static int rewrite_helper(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];
	struct bpf_map *map = aux->call_map;
	u32 id = env_insn(env, idx)->imm;
	const void *func;
	int err;

	if (id == BPF_FUNC_tail_call)
		return rewrite_tail_call(env, idx);
	if (id == BPF_FUNC_get_route_realm)
		env->prog->dst_needed = 1;
	if (map && !aux->call_map_many && inline_lookup(env, idx, map, &err))
		return err;
	func = map && !aux->call_map_kinds ? map_operation(map, id) : NULL;
	if (func && bpf_call_imm_fits(func))
		return call_address(env, idx, func);
	return call_address(env, idx, aux->proto ? aux->proto->func : NULL);
}

/* ------------------------------------------------------------------ kernel functions */

/* What a function of C leaves above a narrow return value is anything. */
static int extend_result(struct bpf_verifier_env *env, u32 idx, const struct bpf_kfunc_desc *desc)
{
	const struct btf_type *t = btf_type_skip_modifiers(desc->btf, desc->proto->type, NULL);
	struct bpf_insn insn;
	bool is_signed;
	u32 bits;

	if (!t || !btf_type_is_scalar(t) || t->size >= 8)
		return 0;
	bits = t->size * 8;
	is_signed = btf_type_is_int(t) ? btf_int_encoding(t) & BTF_INT_SIGNED : btf_type_kflag(t);
	if (is_signed)
		insn = insn_movsx64(BPF_REG_0, BPF_REG_0, bits);
	else if (bits == 32)
		insn = insn_mov32_reg(BPF_REG_0, BPF_REG_0);
	else
		insn = insn_alu32_imm(BPF_AND, BPF_REG_0, (1U << bits) - 1);
	return bpf_edit_after(env->edits, idx, &insn, 1);
}

/* What the call becomes: a packet that the program may not write gets a dynptr that says so. */
static const void *kfunc_address(struct bpf_verifier_env *env, const struct bpf_kfunc_desc *desc)
{
	if (!strcmp(desc->name, "bpf_dynptr_from_skb") && !packet_allowed(env, true))
		return (const void *)kallsyms_lookup_name("bpf_dynptr_from_skb_rdonly");
	return (const void *)desc->addr;
}

/* Functions on objects get what the verifier knows of the type. */
static int add_object(struct bpf_verifier_env *env, u32 idx, const struct bpf_kfunc_desc *desc)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];
	struct bpf_insn seq[3];

	if (!strcmp(desc->name, "bpf_obj_new_impl") ||
	    !strcmp(desc->name, "bpf_percpu_obj_new_impl")) {
		seq[0] = insn_mov64_imm(BPF_REG_1, aux->obj_arg);
		insn_ld_imm64(&seq[1], BPF_REG_2, 0, (unsigned long)aux->obj_rec);
		return bpf_edit_before(env->edits, idx, seq, 3);
	}
	seq[0] = insn_mov64_imm(strcmp(desc->name, "bpf_rbtree_add_impl") ? BPF_REG_4 : BPF_REG_5,
				aux->obj_arg);
	return bpf_edit_before(env->edits, idx, seq, 1);
}

static int rewrite_kfunc(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	const struct bpf_kfunc_desc *desc = bpf_kfunc_find(env, insn->imm, insn->off);
	int err;

	if (!desc)
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: unknown kernel function");
	err = env->aux[idx].obj_known ? add_object(env, idx, desc) : 0;
	if (!err)
		err = call_address(env, idx, kfunc_address(env, desc));
	return err ?: extend_result(env, idx, desc);
}

int rewrite_call(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	int err = 0;

	if (env->aux[idx].throws)
		return rewrite_throw(env, idx);
	/* calls of the program's functions are relocated with the jumps */
	if (insn_is_kfunc_call(insn))
		err = rewrite_kfunc(env, idx);
	else if (insn_is_helper_call(insn))
		err = rewrite_helper(env, idx);
	return err ?: rewrite_unwind(env, idx);
}

/* ------------------------------------------------------------------ 64-bit immediates */

static int rewrite_map_value(struct bpf_verifier_env *env, u32 idx, u64 *addr)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];

	if (aux->map->ops->direct_value_addr(aux->map, addr, aux->map_off))
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: map value has moved");
	return 0;
}

static int rewrite_btf_id(struct bpf_verifier_env *env, u32 idx, u64 *addr)
{
	const struct btf_type *t = btf_type_by_id(env->aux[idx].btf, env_insn(env, idx)->imm);

	*addr = t ? kallsyms_lookup_name(btf_type_name(env->aux[idx].btf, t)) : 0;
	if (!*addr)
		return bpf_reject(env, REJECT_BAD_TYPE_ID,
				  "ldimm64 failed to find the address of the kernel symbol");
	return 0;
}

int rewrite_ld_imm64(struct bpf_verifier_env *env, u32 idx)
{
	u8 dst = env_insn(env, idx)->dst_reg, pseudo;
	struct bpf_insn seq[2];
	u64 addr;
	int err = 0;

	switch (env->aux[idx].id) {
	case INSN_LD_MAP_FD:
	case INSN_LD_MAP_IDX:
		pseudo = BPF_PSEUDO_MAP_FD;
		addr = (unsigned long)env->aux[idx].map;
		break;
	case INSN_LD_MAP_VALUE:
	case INSN_LD_MAP_IDX_VALUE:
		pseudo = BPF_PSEUDO_MAP_VALUE;
		err = rewrite_map_value(env, idx, &addr);
		break;
	case INSN_LD_BTF_ID:
		pseudo = BPF_PSEUDO_BTF_ID;
		err = rewrite_btf_id(env, idx, &addr);
		break;
	default:
		return 0;	/* a number; addresses of functions are relocated with the jumps */
	}
	if (err)
		return err;
	insn_ld_imm64(seq, dst, pseudo, addr);
	return bpf_edit_replace(env->edits, idx, seq, 2);
}
