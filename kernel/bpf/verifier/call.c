// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of helpers.
 */
#include "helpers/helpers.h"
#include "maps/maps.h"
#include "verifier/call.h"

/**
 * walk_clobber_args - a call leaves R1 to R5 undefined
 * @env: environment
 *
 * Context: handlers.
 */
void walk_clobber_args(struct bpf_verifier_env *env)
{
	u32 i;

	for (i = BPF_REG_1; i <= BPF_REG_5; i++)
		reg_clear(walk_reg(env, i));
}

static const char *name_of(u32 id)
{
	return bpf_helper_name(id) ?: "unknown";
}

/* Who probes for helpers looks for either line, depending on its age. */
static int refuse_helper(struct bpf_verifier_env *env, u32 id)
{
	if (!env->quiet)
		vlog(env, "program of this type cannot use helper %s#%d\n", name_of(id), id);
	return bpf_reject(env, REJECT_UNKNOWN_FUNC, "unknown func %s#%d", name_of(id), id);
}

/* Is there such a helper, and may this program call it here? */
static int find_proto(struct bpf_verifier_env *env, struct bpf_call *call)
{
	const struct bpf_func_proto *proto;

	if (!bpf_helper_name(call->id))
		return bpf_reject(env, REJECT_INVALID_FUNC, "invalid func unknown#%d", call->id);
	proto = bpf_helper_find(env->prog, call->id);
	/* a tail call becomes an instruction */
	if (!proto || (!proto->func && call->id != BPF_FUNC_tail_call))
		return refuse_helper(env, call->id);
	if (proto->gpl_only && !env->prog->gpl_compatible)
		return bpf_reject(env, REJECT_GPL_ONLY,
				  "cannot call GPL-restricted function from non-GPL compatible program");
	if (proto->allowed && !proto->allowed(env->prog))
		return bpf_reject(env, REJECT_HELPER_PROBE,
				  "helper call is not allowed in probe");
	call->proto = proto;
	if (!proto->might_sleep || state_may_sleep(env))
		return 0;
	if (walk_state(env)->rcu_depth)
		return bpf_reject(env, REJECT_SLEEP,
				  "sleepable helper %s#%d in rcu_read_lock region",
				  name_of(call->id), call->id);
	if (walk_state(env)->preempt_depth)
		return bpf_reject(env, REJECT_SLEEP,
				  "sleepable helper %s#%d in non-preemptible region",
				  name_of(call->id), call->id);
	return bpf_reject(env, REJECT_SLEEP,
			  "helper call might sleep in a non-sleepable prog");
}

/* The rewriter may use a map that is the same on all paths, or what all maps have in common. */
static void note_map(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	struct bpf_insn_aux *aux = walk_aux(env);

	if (!call->map.map)
		return;
	if (call->map.map_uid || (aux->call_map_seen && aux->call_map != call->map.map))
		aux->call_map_many = true;
	if (aux->call_map_seen && aux->call_map->ops != call->map.map->ops)
		aux->call_map_kinds = true;
	aux->call_map = call->map.map;
	aux->call_map_seen = true;
}

static int check_map_use(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	const struct bpf_map *map = call->map.map;

	if (call->map.type != CONST_PTR_TO_MAP)
		return 0;
	if (!bpf_map_helper_ok(map->map_type, call->id))
		return bpf_reject(env, REJECT_ARG_MAP, "cannot pass map_type %d into func %s#%d",
				  map->map_type, name_of(call->id), call->id);
	if (map->map_flags & BPF_F_RDONLY_PROG &&
	    (call->id == BPF_FUNC_map_update_elem || call->id == BPF_FUNC_map_delete_elem ||
	     call->id == BPF_FUNC_map_push_elem || call->id == BPF_FUNC_map_pop_elem))
		return bpf_reject(env, REJECT_MAP_ACCESS, "write into map forbidden");
	if (map->map_flags & BPF_F_WRONLY_PROG &&
	    (call->id == BPF_FUNC_map_lookup_elem || call->id == BPF_FUNC_map_peek_elem ||
	     call->id == BPF_FUNC_map_lookup_percpu_elem))
		return bpf_reject(env, REJECT_MAP_ACCESS, "read from map forbidden");
	return 0;
}

static int release(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	const struct bpf_reg *reg;
	u32 id;

	if (!call->release_regno)
		return 0;
	reg = walk_reg(env, call->release_regno);
	if (reg_is_null(reg))
		return 0;
	id = base_type(reg->type) == PTR_TO_STACK ? call->dyn_ref : reg->ref_id;
	if (state_release_ref(env, id))
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "func %s#%d reference has not been acquired before",
				  name_of(call->id), call->id);
	state_invalidate_ref(env, id);
	return 0;
}

static int check_args(struct bpf_verifier_env *env, struct bpf_call *call)
{
	u32 i;
	int err;

	for (i = 0; i < 5; i++) {
		err = call_check_arg(env, call, i);
		if (err)
			return err;
	}
	return check_map_use(env, call);
}

static int finish(struct bpf_verifier_env *env, struct bpf_call *call)
{
	int err;

	err = release(env, call);
	if (err)
		return err;
	walk_clobber_args(env);
	if (call->proto->changes_pkt_data)
		state_invalidate_packets(env);
	return call_set_result(env, call);
}

static int helper_call(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_call call = { .id = insn->imm, .sub = U32_MAX };
	bool entered = false;
	int err;

	err = find_proto(env, &call);
	if (!err)
		err = call_check_lock(env, &call);
	if (!err)
		err = check_args(env, &call);
	if (!err)
		err = call_special(env, &call);
	if (err)
		return err;
	note_map(env, &call);
	walk_aux(env)->proto = call.proto;
	if (call.sub != U32_MAX) {
		walk_aux(env)->callback_seen = true;
		err = call.id == BPF_FUNC_timer_set_callback ?
		      call_async_callback(env, &call, false) :
		      call_sync_callback(env, &call, &entered);
		if (err || entered)
			return err;
	}
	return finish(env, &call);
}

/**
 * walk_call - BPF_CALL of all kinds
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0, WALK_END, -errno.
 */
int walk_call(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	if (insn_is_sub_call(insn))
		return walk_sub_call(env, insn);
	if (insn_is_kfunc_call(insn))
		return walk_kfunc(env, insn);
	return helper_call(env, insn);
}

/**
 * walk_packet_load - legacy loads from the packet: LD_ABS and LD_IND
 * @env: environment
 * @insn: instruction
 *
 * The program ends with 0 where the packet is too short, so nothing may be held.
 * Context: handler. Return: 0 or -errno.
 */
int walk_packet_load(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	bool ind = BPF_MODE(insn->code) == BPF_IND;
	struct bpf_reg *r0;
	int err;

	if (!env->info->gen_ld_abs)
		return bpf_reject(env, REJECT_BAD_INSN,
				  "BPF_LD_[ABS|IND] instructions not allowed for this program type");
	err = state_check_released(env, "BPF_LD_[ABS|IND]");
	if (!err)
		err = walk_read_reg(env, BPF_REG_6);
	if (err)
		return err;
	if (walk_reg(env, BPF_REG_6)->type != PTR_TO_CTX || walk_reg(env, BPF_REG_6)->off ||
	    !reg_is_const_val(&(struct bpf_reg){ .type = SCALAR_VALUE,
						.var = walk_reg(env, BPF_REG_6)->var }, 0))
		return bpf_reject(env, REJECT_BAD_MEM,
				  "at the time of BPF_LD_ABS|IND R6 != pointer to skb");
	if (ind) {
		err = walk_read_reg(env, insn->src_reg);
		if (!err && reg_is_pointer(walk_reg(env, insn->src_reg)))
			err = bpf_reject(env, REJECT_PTR_LEAK, "R%u leaks addr as offset",
					 insn->src_reg);
		if (err)
			return err;
	}
	walk_clobber_args(env);
	r0 = walk_reg(env, BPF_REG_0);
	reg_set_unknown(r0);
	reg_cut_to(r0, insn_row(insn)->width, false);
	return 0;
}
