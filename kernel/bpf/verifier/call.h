/* SPDX-License-Identifier: GPL-2.0 */
/* Calls: what checking the arguments finds out and the result depends on. */
#ifndef _KBPF_VERIFIER_CALL_H
#define _KBPF_VERIFIER_CALL_H

#include "btf/record.h"
#include "verifier/walk.h"

/*
 * struct bpf_call - one call of a helper in one state
 * @id: enum bpf_func_id
 * @map: register of the map argument; type NOT_INIT: none yet
 * @mem_size: constant of ARG_CONST_ALLOC_SIZE_OR_ZERO
 * @max_size: largest value that a size argument may have
 * @ref_id: reference that the first pointer argument stands for
 * @release_regno: argument with OBJ_RELEASE, 0: none
 * @sub: subprogram of ARG_PTR_TO_FUNC, U32_MAX: none
 * @field: map field that the argument points to (timer, kptr)
 * @arg_btf, @arg_btf_id: type of a typed pointer argument
 * @cb_node: kernel functions: what both arguments of the callback are
 * @dyn_id, @dyn_ref: dynptr argument: its id, the reference it holds; @dyn_type
 */
struct bpf_call {
	u32 id;
	const struct bpf_func_proto *proto;
	struct bpf_reg map;
	u32 mem_size;
	u64 max_size;
	u32 ref_id;
	u32 release_regno;
	u32 sub;
	const struct bpf_reg *cb_node;
	const struct btf_field *field;
	struct btf *arg_btf;
	u32 arg_btf_id;
	u32 arg_flags;
	u32 dyn_id;
	u32 dyn_ref;
	u32 dyn_type;
	bool pkt_access;
};

/* call_args.c */
int call_check_arg(struct bpf_verifier_env *env, struct bpf_call *call, u32 arg);
int call_check_field(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 types,
		     const char *what);
int call_check_str(struct bpf_verifier_env *env, u32 regno);
int call_check_size(struct bpf_verifier_env *env, u32 size_regno, u32 how, bool zero_ok,
		    bool null_ok, u64 *max_size);

/* call_ret.c */
int call_set_result(struct bpf_verifier_env *env, const struct bpf_call *call);

/* call_special.c */
int call_special(struct bpf_verifier_env *env, struct bpf_call *call);
u32 kptr_flags(const struct btf_field *f);
int call_check_lock(struct bpf_verifier_env *env, const struct bpf_call *call);

/* subcall.c */
int walk_enter(struct bpf_verifier_env *env, u32 sub, u8 kind, struct bpf_frame **frame);
int effects_init(struct bpf_verifier_env *env);

/* callback.c */
struct callback_ctx_regs {
	s32 id;
	u8 caller;
	u8 callback;
};

const struct callback_ctx_regs *callback_ctx_regs(s32 id);
bool call_has_callback(const struct bpf_insn *insn);
int callback_return(struct bpf_verifier_env *env);
int call_sync_callback(struct bpf_verifier_env *env, const struct bpf_call *call, bool *entered);
int call_async_callback(struct bpf_verifier_env *env, const struct bpf_call *call, bool sleepable);

/* objects.c */
int call_check_dynptr(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno,
		      u32 arg_type);
int dynptr_set_up(struct bpf_verifier_env *env, u32 regno, u32 dyn_type, u32 ref_of);

#endif /* _KBPF_VERIFIER_CALL_H */
