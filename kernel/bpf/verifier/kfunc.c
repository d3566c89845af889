// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of kernel functions, by their BTF.
 */
#include <linux/string.h>
#include "verifier/kfunc.h"

/* ------------------------------------------------------------------ sections */

static void stale_rcu(struct bpf_reg *reg, void *arg)
{
	if (!(reg->type & MEM_RCU))
		return;
	/* an object of a program's own may be gone, too: it is read with care from now on */
	reg->type &= ~(MEM_RCU | PTR_MAYBE_NULL | MEM_ALLOC);
	reg->type |= PTR_UNTRUSTED;
	reg->id = 0;
}

static int rcu_lock(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	walk_state(env)->rcu_depth++;
	return 0;
}

static int rcu_unlock(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	struct bpf_state *st = walk_state(env);

	if (!st->rcu_depth)
		return bpf_reject(env, REJECT_RCU_STATE,
				  "unmatched rcu read unlock (kernel function %s)",
				  kc->desc->name);
	if (!--st->rcu_depth && st->sleepable)
		state_for_each_reg(st, stale_rcu, NULL);
	return 0;
}

static int preempt_off(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	walk_state(env)->preempt_depth++;
	return 0;
}

static int preempt_on(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	struct bpf_state *st = walk_state(env);

	if (!st->preempt_depth)
		return bpf_reject(env, REJECT_RCU_STATE,
				  "unmatched attempt to enable preemption (kernel function %s)",
				  kc->desc->name);
	st->preempt_depth--;
	return 0;
}

/* The kernel's own struct behind the program's view of it. */
static int cast_to_kern_ctx(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_1);
	const char *name = env->info->kctx_name;
	s32 id = name ? btf_find_by_name_kind(kc->desc->btf, name, BTF_KIND_STRUCT) : 0;
	int err = walk_read_reg(env, BPF_REG_1);

	if (err)
		return err;
	if (reg->type != PTR_TO_CTX || reg->off || !reg_off_const(reg))
		return bpf_reject(env, REJECT_ARG_TYPE, "arg#0 of %s: expected the context",
				  kc->desc->name);
	if (id <= 0)
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "the context of these programs has no type in the kernel");
	kc->ret_id = id;
	kc->ret_flags = PTR_TRUSTED;
	return 0;
}

/* Whatever R1 is: what is read through the result need not be there. */
static int rdonly_cast(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_2);
	const struct btf_type *t;
	int err;

	err = walk_read_reg(env, BPF_REG_1) ?: walk_read_reg(env, BPF_REG_2);
	if (err)
		return err;
	relevance_demand(env, env->insn_idx, 1 << BPF_REG_2);
	if (!reg_is_scalar(reg) || !reg_is_const(reg))
		return bpf_reject(env, REJECT_ARG_CONST, "R%u must be a known constant", BPF_REG_2);
	kc->ret_id = scalar_const_value(&reg->var);
	t = btf_type_by_id(kc->desc->btf, kc->ret_id);
	if (!t || !__btf_type_is_struct(t))
		return bpf_reject(env, REJECT_ARG_TYPE,
				  "kfunc %s type ID argument must be of a struct", kc->desc->name);
	kc->ret_flags = PTR_UNTRUSTED;
	return 0;
}

/*
 * Functions whose meaning is not in their prototype.
 * @fn: checks all arguments; NULL: the prototype says how
 * @locked: may be called while a lock is held
 */
static const struct special {
	const char *name;
	kfunc_fn fn;
	bool locked;
} specials[] = {
	{ "bpf_rcu_read_lock", rcu_lock },
	{ "bpf_rcu_read_unlock", rcu_unlock },
	{ "bpf_preempt_disable", preempt_off },
	{ "bpf_preempt_enable", preempt_on },
	{ "bpf_throw", kfunc_throw },
	{ "bpf_obj_new_impl", kfunc_obj_new },
	{ "bpf_obj_drop_impl", kfunc_obj_drop },
	{ "bpf_percpu_obj_new_impl", kfunc_percpu_new },
	{ "bpf_percpu_obj_drop_impl", kfunc_percpu_drop },
	{ "bpf_refcount_acquire_impl", kfunc_ref_acquire, true },
	{ "bpf_list_push_front_impl", kfunc_list_push, true },
	{ "bpf_list_push_back_impl", kfunc_list_push, true },
	{ "bpf_list_pop_front", kfunc_list_pop, true },
	{ "bpf_list_pop_back", kfunc_list_pop, true },
	{ "bpf_rbtree_add_impl", kfunc_rbtree_add, true },
	{ "bpf_rbtree_remove", kfunc_rbtree_remove, true },
	{ "bpf_rbtree_first", kfunc_rbtree_first, true },
	{ "bpf_iter_num_new", NULL, true },
	{ "bpf_iter_num_next", NULL, true },
	{ "bpf_iter_num_destroy", NULL, true },
	{ "bpf_cast_to_kern_ctx", cast_to_kern_ctx },
	{ "bpf_rdonly_cast", rdonly_cast },
};

static const struct special *find_special(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(specials); i++)
		if (!strcmp(name, specials[i].name))
			return &specials[i];
	return NULL;
}

/* ------------------------------------------------------------------ result */

/* Memory that the kernel hands out is for reading, but for a program's own part of it. */
static bool gives_writable(const char *name)
{
	return !strcmp(name, "bpf_dynptr_slice_rdwr") || !strcmp(name, "bpf_session_cookie");
}

static int set_pointer(struct bpf_verifier_env *env, const struct kfunc_call *kc,
		       const struct btf_type *ret, struct bpf_reg *r0)
{
	struct btf *btf = kc->desc->btf;
	const struct btf_type *target;
	u32 packet = kc->call.dyn_type & (DYNPTR_TYPE_SKB | DYNPTR_TYPE_XDP);
	u32 id, size, flags = kc->desc->flags, mem = 0;

	if (kc->ret_id) {
		reg_set_pointer(r0, PTR_TO_BTF_ID | kc->ret_flags);
		r0->btf = kc->ret_btf ?: btf;
		r0->btf_id = kc->ret_id;
		r0->off = kc->ret_off;
		return 0;
	}
	target = btf_type_skip_modifiers(btf, ret->type, &id);
	if (btf_type_is_struct(target) && !kc->size_known) {
		/* a constructor or an iterator hands out what is known to live */
		reg_set_pointer(r0, PTR_TO_BTF_ID | (flags & (KF_ACQUIRE | KF_ITER_NEXT) ?
						     PTR_TRUSTED : 0));
		r0->btf = btf;
		r0->btf_id = id;
	} else {
		if (kc->size_known) {
			size = kc->size;
		} else {
			target = btf_resolve_size(btf, target, &size);
			if (IS_ERR(target))
				return bpf_reject(env, REJECT_UNSUPPORTED,
						  "kernel function %s returns pointer type that is not supported",
						  kc->desc->name);
		}
		if (!gives_writable(kc->desc->name))
			mem = MEM_RDONLY;
		else if (packet && !packet_allowed(env, true))
			return bpf_reject(env, REJECT_PACKET_WRITE,
					  "the prog does not allow writes to packet data");
		env->seen_direct_write |= packet && !mem;
		/* a slice of a packet dies when the packet moves */
		reg_set_pointer(r0, PTR_TO_MEM | mem | packet);
		r0->mem_size = size;
		r0->dyn_id = kc->call.dyn_id;
		r0->buf_id = kc->buf_id;
	}
	if (flags & KF_RET_NULL)
		r0->type |= PTR_MAYBE_NULL;
	return 0;
}

/* A pointer to anything is a number, but where the size of what it points to is an argument. */
static bool gives_address(const struct kfunc_call *kc, const struct btf_type *ret)
{
	return btf_type_is_ptr(ret) && !kc->ret_id && !kc->size_known &&
	       btf_type_is_void(btf_type_skip_modifiers(kc->desc->btf, ret->type, NULL));
}

static int set_result(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);
	const struct btf_type *ret;
	int err;

	ret = btf_type_skip_modifiers(kc->desc->btf, kc->desc->proto->type, NULL);
	if (btf_type_is_void(ret)) {
		reg_clear(r0);
		return 0;
	}
	if (gives_address(kc, ret)) {
		reg_set_unknown(r0);
		return 0;
	}
	if (!btf_type_is_ptr(ret)) {
		reg_set_unknown(r0);
		if (btf_type_is_int(ret) && ret->size < 8)
			reg_cut_to(r0, ret->size, btf_int_encoding(ret) & BTF_INT_SIGNED);
		return 0;
	}
	err = set_pointer(env, kc, ret, r0);
	if (err)
		return err;
	if (kc->desc->flags & KF_ACQUIRE) {
		err = state_acquire_ref(env, REF_PTR, NULL, &r0->ref_id);
		r0->id = r0->ref_id;
	} else if (type_may_be_null(r0->type)) {
		r0->id = walk_new_id(env);
	}
	return err;
}

/* Of an iterator: NULL at its end, else an element that lives while the iterator does. */
static int set_element(struct bpf_verifier_env *env, struct kfunc_call *kc, bool more)
{
	struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);
	int err;

	if (!more) {
		reg_set_const(r0, 0);
		return 0;
	}
	err = set_result(env, kc);
	if (err)
		return err;
	r0->type &= ~PTR_MAYBE_NULL;
	r0->id = 0;
	r0->ref_id = kc->iter_frame->slots[kc->iter_slot].reg.ref_id;
	return 0;
}

/* ------------------------------------------------------------------ the call */

static int check_place(struct bpf_verifier_env *env, const struct kfunc_call *kc,
		       const struct special *special)
{
	const struct bpf_state *st = walk_state(env);
	u32 flags = kc->desc->flags;

	if (flags & KF_DESTRUCTIVE && !capable(CAP_SYS_BOOT))
		return bpf_reject(env, REJECT_KFUNC,
				  "destructive kfunc calls require CAP_SYS_BOOT capability");
	if (st->nr_locks && !(special && special->locked))
		return bpf_reject(env, REJECT_LOCK_HELD,
				  "function calls are not allowed while holding a lock");
	if (flags & KF_SLEEPABLE && !st->sleepable)
		return bpf_reject(env, REJECT_SLEEP,
				  "program must be sleepable to call sleepable kfunc %s",
				  kc->desc->name);
	if (flags & KF_SLEEPABLE && !state_may_sleep(env))
		return bpf_reject(env, REJECT_SLEEP, "kernel func %s is sleepable within %s region",
				  kc->desc->name, st->rcu_depth ? "rcu_read_lock" :
				  "non-preemptible");
	if (flags & KF_RCU_PROTECTED && !state_in_rcu(env))
		return bpf_reject(env, REJECT_RCU_STATE,
				  "kernel func %s requires RCU critical section protection",
				  kc->desc->name);
	return 0;
}

static int finish(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	bool iter = kc->desc->flags & KF_ITER_NEXT, more = false;
	bool slice = !strncmp(kc->desc->name, "bpf_dynptr_slice", 16);
	int err = 0;

	if (kc->release_ref) {
		if (state_release_ref(env, kc->release_ref))
			return bpf_reject(env, REJECT_ARG_RELEASE,
					  "kfunc %s reference has not been acquired before",
					  kc->desc->name);
		state_invalidate_ref(env, kc->release_ref);
	}
	if (kc->insert_ref)
		err = kfunc_insert(env, kc);
	if (err)
		return err;
	if (iter)
		err = iter_next(env, kc, &more);
	if (err)
		return err;
	if (slice)
		kc->buf_id = stack_claim_buffer(env, BPF_REG_3, kc->size);
	walk_clobber_args(env);
	return iter ? set_element(env, kc, more) : set_result(env, kc);
}

/**
 * walk_kfunc - call of a kernel function
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0, WALK_END, -errno.
 */
int walk_kfunc(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct kfunc_call kc = { .call.sub = U32_MAX };
	const struct special *special;
	bool entered = false;
	int err;

	kc.desc = bpf_kfunc_find(env, insn->imm, insn->off);
	if (!kc.desc)
		return bpf_reject(env, REJECT_KFUNC, "calling kernel function is not allowed");
	if (!kc.desc->allowed)
		return bpf_reject(env, REJECT_KFUNC, "calling kernel function %s is not allowed",
				  kc.desc->name);
	walk_aux(env)->kfunc = kc.desc;
	special = find_special(kc.desc->name);
	err = check_place(env, &kc, special);
	if (err)
		return err;
	err = special && special->fn ? special->fn(env, &kc) : kfunc_check_args(env, &kc);
	if (!err && kc.call.sub != U32_MAX) {
		walk_aux(env)->callback_seen = true;
		err = kfunc_calls_back(env, insn) ? call_sync_callback(env, &kc.call, &entered) :
						    call_async_callback(env, &kc.call, true);
	}
	return err || entered ? err : finish(env, &kc);
}
