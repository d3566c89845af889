/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of kernel functions, inside. */
#ifndef _KBPF_VERIFIER_KFUNC_H
#define _KBPF_VERIFIER_KFUNC_H

#include "btf/btf.h"
#include "verifier/call.h"

/* What an argument's name says about it, by its ending. */
enum kfunc_suffix {
	SUFFIX_SIZE	= BIT(0),	/* __sz: size of the memory argument before it */
	SUFFIX_SIZE_K	= BIT(1),	/* __szk: the same, a constant; sizes the result */
	SUFFIX_CONST	= BIT(2),	/* __k: a known constant */
	SUFFIX_IGNORE	= BIT(3),	/* __ign */
	SUFFIX_UNINIT	= BIT(4),	/* __uninit: dynptr to be made */
	SUFFIX_NULLABLE	= BIT(5),	/* __nullable */
	SUFFIX_OPT	= BIT(6),	/* __opt: buffer that may be NULL */
	SUFFIX_STR	= BIT(7),	/* __str */
	SUFFIX_MAP	= BIT(8),	/* __map */
};

/*
 * struct kfunc_call - one call of a kernel function in one state
 * @desc: the function
 * @call: what helpers' checks find out; proto is empty
 * @size: constant of __szk, __k or rdonly_buf_size arguments; @size_known
 * @release_ref: reference of the argument that is given back
 * @buf_id: buffer of the stack that the result may lie in
 * @ret_btf, @ret_id, @ret_flags, @ret_off: typed pointer that the result is, where it is not the
 *	prototype that says so; @ret_btf NULL: of the kernel
 * @work: argument that is work in a map value
 * @insert_ref: reference of the argument that a list or tree takes over
 * @iter: slot of the iterator argument; @iter_frame
 */
struct kfunc_call {
	const struct bpf_kfunc_desc *desc;
	struct bpf_call call;
	u64 size;
	bool size_known;
	u32 release_ref;
	u32 iter_slot;
	struct bpf_frame *iter_frame;
	struct btf *ret_btf;
	u32 ret_id;
	u32 ret_flags;
	s32 ret_off;
	u32 insert_ref;
	const struct bpf_reg *work;
	u32 buf_id;
};

/*
 * struct kfunc_arg - one argument being checked
 * @type: behind qualifiers
 * @id: of @type
 * @suffix: SUFFIX_* of its name, @next of the argument after it
 */
struct kfunc_arg {
	u32 regno;
	u32 nr;
	const struct btf_type *type;
	u32 id;
	u32 suffix;
	u32 next;
};

/* kfunc_args.c */
int kfunc_check_args(struct bpf_verifier_env *env, struct kfunc_call *kc);

/* owned.c */
typedef int (*kfunc_fn)(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_obj_new(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_percpu_new(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_obj_drop(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_percpu_drop(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_ref_acquire(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_list_push(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_list_pop(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_rbtree_add(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_rbtree_remove(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_rbtree_first(struct bpf_verifier_env *env, struct kfunc_call *kc);
int kfunc_insert(struct bpf_verifier_env *env, struct kfunc_call *kc);
bool kfunc_calls_back(const struct bpf_verifier_env *env, const struct bpf_insn *insn);

/* throw.c */
int kfunc_throw(struct bpf_verifier_env *env, struct kfunc_call *kc);

/* iter.c */
int iter_check_arg(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 regno, u32 size,
		   u32 type_id);
int iter_next(struct bpf_verifier_env *env, struct kfunc_call *kc, bool *more);
bool kfunc_is_iter_next(const struct bpf_verifier_env *env, const struct bpf_insn *insn);

#endif /* _KBPF_VERIFIER_KFUNC_H */
