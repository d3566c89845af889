// SPDX-License-Identifier: GPL-2.0
/*
 * What a program holds: references, locks, RCU and preemption sections.
 */
#include <linux/string.h>
#include "verifier/walk.h"

/**
 * state_acquire_ref - the program takes hold of something
 * @env: environment
 * @kind: enum bpf_ref_kind
 * @ptr: locks: map or type of the element
 * @id: out for REF_PTR: the new reference; in for REF_LOCK: id of the element
 *
 * Context: handlers. Return: 0 or -errno.
 */
int state_acquire_ref(struct bpf_verifier_env *env, u32 kind, const void *ptr, u32 *id)
{
	struct bpf_state *st = walk_state(env);

	if (st->nr_refs >= BPF_VERIFY_MAX_REFS)
		return bpf_reject(env, REJECT_TOO_COMPLEX, "too many references are held at once");
	if (kind == REF_PTR)
		*id = walk_new_id(env);
	st->refs[st->nr_refs++] = (struct bpf_ref) {
		.id = *id, .insn = env->insn_idx, .kind = kind, .ptr = ptr,
	};
	st->nr_locks += kind == REF_LOCK;
	return 0;
}

/* References that a callback found held: they are not its to release. */
static u32 outer_refs(const struct bpf_state *st)
{
	u32 i, n = 0;

	for (i = 1; i <= st->cur; i++)
		if (st->frame[i]->kind == FRAME_CALLBACK)
			n = st->frame[i]->entry_refs;
	return n;
}

/**
 * state_release_ref - a reference is given back, or turned out to be NULL
 * @env: environment
 * @id: the reference
 *
 * Registers that stand for it are left alone: see state_invalidate_ref().
 * Context: handlers. Return: 0, or -ENOENT where it is not held.
 */
int state_release_ref(struct bpf_verifier_env *env, u32 id)
{
	struct bpf_state *st = walk_state(env);
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->refs[i].id == id && st->refs[i].kind == REF_PTR)
			break;
	if (i == st->nr_refs || i < outer_refs(st))
		return -ENOENT;
	st->nr_refs--;
	memmove(&st->refs[i], &st->refs[i + 1], (st->nr_refs - i) * sizeof(st->refs[0]));
	return 0;
}

/**
 * state_has_ref - is a reference held
 * @st: state
 * @id: the reference
 *
 * Context: any. Return: true if so.
 */
bool state_has_ref(const struct bpf_state *st, u32 id)
{
	u32 i;

	for (i = 0; id && i < st->nr_refs; i++)
		if (st->refs[i].id == id && st->refs[i].kind == REF_PTR)
			return true;
	return false;
}

/**
 * reg_forget - a pointer must not be used any more
 * @env: environment
 * @reg: the register; for those who must not see pointers it is as if it was never written
 *
 * Context: handlers.
 */
void reg_forget(struct bpf_verifier_env *env, struct bpf_reg *reg)
{
	if (env->allow_ptr_leaks)
		reg_set_unknown(reg);
	else
		reg_clear(reg);
}

struct ref_visit {
	struct bpf_verifier_env *env;
	u32 id;
};

static void forget_ref(struct bpf_reg *reg, void *arg)
{
	struct ref_visit *v = arg;

	if (reg->ref_id == v->id && reg_is_pointer(reg))
		reg_forget(v->env, reg);
}

/**
 * state_invalidate_ref - forget everything that came with a reference
 * @env: environment
 * @id: the reference
 *
 * Context: handlers.
 */
void state_invalidate_ref(struct bpf_verifier_env *env, u32 id)
{
	struct ref_visit v = { env, id };

	if (id)
		state_for_each_reg(walk_state(env), forget_ref, &v);
}

static void forget_packet(struct bpf_reg *reg, void *arg)
{
	u32 base = base_type(reg->type);

	if (base == PTR_TO_PACKET || base == PTR_TO_PACKET_META || base == PTR_TO_PACKET_END ||
	    (base == PTR_TO_MEM && reg->type & (DYNPTR_TYPE_SKB | DYNPTR_TYPE_XDP)))
		reg_forget(arg, reg);
}

/**
 * state_invalidate_packets - the packet may have moved
 * @env: environment
 *
 * Context: handlers.
 */
void state_invalidate_packets(struct bpf_verifier_env *env)
{
	state_for_each_reg(walk_state(env), forget_packet, env);
}

static void forget_slice(struct bpf_reg *reg, void *arg)
{
	struct ref_visit *v = arg;

	if (base_type(reg->type) == PTR_TO_MEM && reg->dyn_id == v->id)
		reg_forget(v->env, reg);
}

/**
 * state_forget_dynptr_slices - a dynptr is gone: forget direct pointers into it
 * @env: environment
 * @dyn_id: the dynptr's id
 *
 * Context: handlers.
 */
void state_forget_dynptr_slices(struct bpf_verifier_env *env, u32 dyn_id)
{
	struct ref_visit v = { env, dyn_id };

	if (dyn_id)
		state_for_each_reg(walk_state(env), forget_slice, &v);
}

/**
 * state_check_released - nothing may be held where the program ends
 * @env: environment
 * @what: how it ends: "BPF_EXIT instruction", "tail_call", ...
 *
 * Context: handlers. Return: 0 or -EINVAL.
 */
int state_check_released(struct bpf_verifier_env *env, const char *what)
{
	const struct bpf_state *st = walk_state(env);
	u32 i;
	int err;

	err = state_check_no_locks(env, what);
	if (err)
		return err;
	for (i = 0; i < st->nr_refs; i++)
		if (st->refs[i].kind == REF_PTR)
			return bpf_reject(env, REJECT_REF_LEAK,
					  "Unreleased reference id=%u alloc_insn=%u\n%s would lead to reference leak",
					  st->refs[i].id, st->refs[i].insn, what);
	return 0;
}

/**
 * state_check_no_locks - no lock may be held, and no section be open
 * @env: environment
 * @what: the event
 *
 * Context: handlers. Return: 0 or -EINVAL.
 */
int state_check_no_locks(struct bpf_verifier_env *env, const char *what)
{
	const struct bpf_state *st = walk_state(env);

	if (st->nr_locks)
		return bpf_reject(env, REJECT_LOCK_HELD,
				  "%s cannot be used inside bpf_spin_lock-ed region", what);
	if (st->rcu_depth)
		return bpf_reject(env, REJECT_RCU_STATE,
				  "%s cannot be used inside bpf_rcu_read_lock-ed region", what);
	if (st->preempt_depth)
		return bpf_reject(env, REJECT_RCU_STATE,
				  "%s cannot be used inside bpf_preempt_disable-ed region", what);
	return 0;
}

/**
 * state_may_sleep - is sleeping allowed here
 * @env: environment
 *
 * Context: handlers. Return: true if so.
 */
bool state_may_sleep(const struct bpf_verifier_env *env)
{
	const struct bpf_state *st = walk_state(env);

	return st->sleepable && !st->rcu_depth && !st->preempt_depth && !st->nr_locks;
}

/**
 * state_in_rcu - does the walk stand in an RCU section
 * @env: environment
 *
 * All of a program that may not sleep is one.
 * Context: handlers. Return: true if so.
 */
bool state_in_rcu(const struct bpf_verifier_env *env)
{
	const struct bpf_state *st = walk_state(env);

	return st->rcu_depth || !st->sleepable;
}
