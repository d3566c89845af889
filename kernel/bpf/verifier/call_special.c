// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that mean more to the verifier than their prototypes say: one row each.
 */
#include "verifier/call.h"

typedef int (*special_fn)(struct bpf_verifier_env *env, struct bpf_call *call);

static bool in_callback(const struct bpf_state *st)
{
	u32 i;

	for (i = 0; i <= st->cur; i++)
		if (st->frame[i]->kind == FRAME_CALLBACK || st->frame[i]->kind == FRAME_ASYNC)
			return true;
	return false;
}

/* The index is part of the code only where it is the same on all paths and in range. */
static void note_index(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	struct bpf_insn_aux *aux = walk_aux(env);
	const struct bpf_reg *index = walk_reg(env, BPF_REG_3);
	bool known = reg_is_const(index);
	u64 val = known ? scalar_const_value(&index->var) : 0;

	relevance_demand(env, env->insn_idx, 1 << BPF_REG_3);
	known &= val < call->map.map->max_entries;
	if (aux->call_map_key_seen && (!aux->call_map_key_known || aux->call_map_key != val))
		known = false;
	aux->call_map_key_seen = true;
	aux->call_map_key_known = known;
	aux->call_map_key = val;
}

static int tail_call(struct bpf_verifier_env *env, struct bpf_call *call)
{
	struct bpf_state *st = walk_state(env);
	int err;

	err = state_check_released(env, "tail_call");
	if (err)
		return err;
	if (in_callback(st))
		return bpf_reject(env, REJECT_TAIL_CALL, "tail_call cannot be used in a callback");
	env->seen_tail_call = true;
	env->subprogs[state_frame(st)->subprog].has_tail_call = true;
	note_index(env, call);
	return 0;
}

static int lock_taken(struct bpf_verifier_env *env, struct bpf_call *call)
{
	struct bpf_state *st = walk_state(env);
	u32 id = reg_lock_id(&call->map);

	if (state_in_less(env))
		return bpf_reject(env, REJECT_LESS_CALL,
				  "can't spin_{lock,unlock} in rbtree cb");
	if (st->nr_locks)
		return bpf_reject(env, REJECT_LOCK_STATE,
				  "Locking two bpf_spin_locks are not allowed");
	return state_acquire_ref(env, REF_LOCK, call->map.map, &id);
}

static int lock_released(struct bpf_verifier_env *env, struct bpf_call *call)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_ref *ref = NULL;
	u32 i;

	if (state_in_less(env))
		return bpf_reject(env, REJECT_LESS_CALL,
				  "can't spin_{lock,unlock} in rbtree cb");
	for (i = 0; i < st->nr_refs; i++)
		if (st->refs[i].kind == REF_LOCK)
			ref = &st->refs[i];
	if (!ref)
		return bpf_reject(env, REJECT_LOCK_STATE,
				  "bpf_spin_unlock without taking a lock");
	if (ref->ptr != call->map.map || ref->id != reg_lock_id(&call->map))
		return bpf_reject(env, REJECT_LOCK_STATE, "bpf_spin_unlock of different lock");
	*ref = st->refs[st->nr_refs - 1];
	st->nr_refs--;
	st->nr_locks--;
	state_forget_borrowed(env);
	return 0;
}

static int timer_init(struct bpf_verifier_env *env, struct bpf_call *call)
{
	const struct bpf_reg *timer = walk_reg(env, BPF_REG_1), *map = walk_reg(env, BPF_REG_2);

	if (timer->map == map->map && timer->map_uid == map->map_uid)
		return 0;
	return bpf_reject(env, REJECT_ARG_MAP,
			  "timer pointer in R1 map_uid=%u doesn't match map pointer in R2 map_uid=%u",
			  timer->map_uid, map->map_uid);
}

/**
 * kptr_flags - what a pointer that is taken out of a map is
 * @f: the field
 *
 * Context: any. Return: enum bpf_type_flag.
 */
u32 kptr_flags(const struct btf_field *f)
{
	if (btf_is_kernel(f->kptr.btf))
		return PTR_TRUSTED;
	return MEM_ALLOC | (f->type == BPF_KPTR_PERCPU ? MEM_PERCPU : 0);
}

static int kptr_xchg(struct bpf_verifier_env *env, struct bpf_call *call)
{
	const struct bpf_reg *ptr = walk_reg(env, BPF_REG_2);
	const struct btf_field *f = call->field;
	u32 want = kptr_flags(f) & (MEM_ALLOC | MEM_PERCPU);

	if (reg_is_null(ptr))
		return 0;
	if (call->arg_btf == f->kptr.btf && call->arg_btf_id == f->kptr.btf_id &&
	    (call->arg_flags & (MEM_ALLOC | MEM_PERCPU)) == want)
		return 0;
	return bpf_reject(env, REJECT_ARG_TYPE,
			  "invalid kptr access, R2 has another type than the field");
}

static int get_stack(struct bpf_verifier_env *env, struct bpf_call *call)
{
	env->prog->call_get_stack = true;
	env->prog->has_callchain_buf = true;
	return 0;
}

static int get_func_ip(struct bpf_verifier_env *env, struct bpf_call *call)
{
	env->prog->call_get_func_ip = true;
	return 0;
}

static int override_return(struct bpf_verifier_env *env, struct bpf_call *call)
{
	env->prog->kprobe_override = true;
	return 0;
}

static int dynptr_from_mem(struct bpf_verifier_env *env, struct bpf_call *call)
{
	u32 base = base_type(walk_reg(env, BPF_REG_1)->type);
	char name[64];

	/* other memory may go before the dynptr does */
	if (base == PTR_TO_MAP_VALUE)
		return 0;
	return bpf_reject(env, REJECT_ARG_TYPE,
			  "Unsupported reg type %s for bpf_dynptr_from_mem data",
			  bpf_reg_type_str(name, walk_reg(env, BPF_REG_1)->type));
}

static int dynptr_write(struct bpf_verifier_env *env, struct bpf_call *call)
{
	/* an skb may be made linear by it, which moves the data */
	if (call->dyn_type & DYNPTR_TYPE_SKB)
		state_invalidate_packets(env);
	return 0;
}

static const struct {
	u32 id;
	special_fn fn;
} specials[] = {
	{ BPF_FUNC_tail_call, tail_call },
	{ BPF_FUNC_spin_lock, lock_taken },
	{ BPF_FUNC_spin_unlock, lock_released },
	{ BPF_FUNC_timer_init, timer_init },
	{ BPF_FUNC_kptr_xchg, kptr_xchg },
	{ BPF_FUNC_get_stack, get_stack },
	{ BPF_FUNC_get_stackid, get_stack },
	{ BPF_FUNC_get_task_stack, get_stack },
	{ BPF_FUNC_get_func_ip, get_func_ip },
	{ BPF_FUNC_override_return, override_return },
	{ BPF_FUNC_dynptr_from_mem, dynptr_from_mem },
	{ BPF_FUNC_dynptr_write, dynptr_write },
};

/**
 * call_special - what is particular to some helpers, arguments having been checked
 * @env: environment
 * @call: the call
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_special(struct bpf_verifier_env *env, struct bpf_call *call)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].id == call->id)
			return specials[i].fn(env, call);
	return 0;
}

/**
 * call_check_lock - while a lock is held nothing but its release may be called
 * @env: environment
 * @call: the call
 *
 * Context: calls. Return: 0 or -EINVAL.
 */
int call_check_lock(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	if (!walk_state(env)->nr_locks || call->id == BPF_FUNC_spin_unlock ||
	    call->id == BPF_FUNC_spin_lock || call->id == BPF_FUNC_kptr_xchg)
		return 0;
	return bpf_reject(env, REJECT_LOCK_HELD,
			  "function calls are not allowed while holding a lock");
}
