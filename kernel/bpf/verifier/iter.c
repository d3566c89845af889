// SPDX-License-Identifier: GPL-2.0
/*
 * Open-coded iterators: objects on the stack that a constructor makes, a next function moves on and
 * a destructor gives back. That they come to an end is what lets loops around them be closed.
 *
 * In the slot at the lowest address: reg.ref_id is the reference that the constructor acquired,
 * reg.btf_id the iterator's type, reg.off how often next found something, dyn whether it still
 * does.
 */
#include <linux/string.h>
#include "verifier/kfunc.h"

#define ITER_ACTIVE	1
#define ITER_DRAINED	2

static u32 slot_at(const struct bpf_reg *reg, u32 nr)
{
	s64 off;

	if (reg->type != PTR_TO_STACK || !reg_off_const(reg))
		return U32_MAX;
	off = reg_const_off(reg);
	if (off % 8 || off < -BPF_VERIFY_MAX_STACK || off + 8 * (s64)nr > 0)
		return U32_MAX;
	return -off / 8 - 1;
}

static int reject_iter(struct bpf_verifier_env *env, const struct kfunc_call *kc, u32 regno,
		       const char *want)
{
	return bpf_reject(env, REJECT_ARG_ITER, "expected an %s iter as arg #%u of %s", want,
			  regno - 1, kc->desc->name);
}

static int iter_make(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 regno, u32 slot,
		     u32 nr, u32 type_id)
{
	struct bpf_frame *f = walk_state(env)->frame[walk_reg(env, regno)->frame];
	u32 i, ref;
	int err;

	for (i = 0; i < nr; i++)
		if (f->slots[slot - i].byte[0] >= BYTE_DYNPTR)
			return reject_iter(env, kc, regno, "uninitialized");
	err = stack_check_range(env, regno, 8 * nr, MEM_WRITE_BYTES | MEM_UNINIT_OK);
	if (!err)
		err = state_acquire_ref(env, REF_PTR, NULL, &ref);
	if (err)
		return err;
	state_forget_buffers(env, f, GENMASK_ULL(slot, slot + 1 - nr));
	for (i = 0; i < nr; i++) {
		struct bpf_slot *s = &f->slots[slot - i];

		memset(s, 0, sizeof(*s));
		memset(s->byte, BYTE_ITER, sizeof(s->byte));
		f->used |= 1ULL << (slot - i);
	}
	f->slots[slot].first = true;
	f->slots[slot].dyn = ITER_ACTIVE;
	reg_clear(&f->slots[slot].reg);
	f->slots[slot].reg.ref_id = ref;
	f->slots[slot].reg.btf = kc->desc->btf;
	f->slots[slot].reg.btf_id = type_id;
	return 0;
}

static int iter_unmake(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 slot, u32 nr)
{
	struct bpf_frame *f = kc->iter_frame;
	u32 ref = f->slots[slot].reg.ref_id, i;

	if (state_release_ref(env, ref))
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "iterator is not this callback's to destroy");
	state_invalidate_ref(env, ref);
	for (i = 0; i < nr; i++) {
		struct bpf_slot *s = &f->slots[slot - i];

		memset(s, 0, offsetof(struct bpf_slot, reg));
		memset(s->byte, BYTE_MISC, sizeof(s->byte));
	}
	return 0;
}

/**
 * iter_check_arg - the iterator argument of a constructor, next or destructor
 * @env: environment
 * @kc: the call
 * @regno: the argument
 * @size: bytes of the iterator's type
 * @type_id: its id
 *
 * Context: calls. Return: 0 or -errno.
 */
int iter_check_arg(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 regno, u32 size,
		   u32 type_id)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	u32 nr = size / 8, slot = nr ? slot_at(reg, nr) : U32_MAX, i;
	const struct bpf_slot *first;

	if (slot == U32_MAX)
		return bpf_reject(env, REJECT_ARG_ITER,
				  "arg#%u expected pointer to an iterator on stack",
				  regno - 1);
	kc->iter_frame = walk_state(env)->frame[reg->frame];
	kc->iter_slot = slot;
	if (kc->desc->flags & KF_ITER_NEW)
		return iter_make(env, kc, regno, slot, nr, type_id);
	first = &kc->iter_frame->slots[slot];
	for (i = 0; i < nr; i++)
		if (kc->iter_frame->slots[slot - i].byte[0] != BYTE_ITER)
			return reject_iter(env, kc, regno, "initialized");
	if (!first->first || first->reg.btf != kc->desc->btf || first->reg.btf_id != type_id)
		return reject_iter(env, kc, regno, "initialized");
	if (reg->frame != walk_state(env)->cur)
		relevance_outer(env, reg->frame);
	if (kc->desc->flags & KF_ITER_DESTROY)
		return iter_unmake(env, kc, slot, nr);
	return 0;
}

/**
 * iter_next - an iterator is asked for its next element
 * @env: environment
 * @kc: the call, arguments checked
 * @more: out: this path is the one on which there is one
 *
 * Both ways are followed: the end first.
 * Context: calls. Return: 0 or -errno.
 */
int iter_next(struct bpf_verifier_env *env, struct kfunc_call *kc, bool *more)
{
	struct bpf_slot *s = &kc->iter_frame->slots[kc->iter_slot];
	struct bpf_state *st = walk_state(env);
	u32 next = st->insn;
	int err;

	*more = env->walk->entering;
	if (*more) {
		env->walk->entering = false;
		s->reg.off++;
		return 0;
	}
	st->insn = env->insn_idx;
	err = prune_visit(env, true);
	if (err)
		return err;
	if (s->dyn == ITER_ACTIVE)
		err = walk_push_callback(env);
	st->insn = next;
	s->dyn = ITER_DRAINED;
	return err;
}

/**
 * kfunc_is_iter_next - is the instruction a call of an iterator's next function
 * @env: environment
 * @insn: any instruction
 *
 * Context: the walk. Return: true if so.
 */
bool kfunc_is_iter_next(const struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	const struct bpf_kfunc_desc *desc;

	if (!insn_is_kfunc_call(insn))
		return false;
	desc = bpf_kfunc_find(env, insn->imm, insn->off);
	return desc && desc->flags & KF_ITER_NEXT;
}
