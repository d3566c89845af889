// SPDX-License-Identifier: GPL-2.0
/*
 * Exits: of a subprogram back to its caller, of the program to its hook.
 */
#include "verifier/walk.h"

static int check_range(struct bpf_verifier_env *env, u32 regno, const struct bpf_reg *reg,
		       const struct bpf_retval_range *range, const char *where, const char *what)
{
	s64 min = range->is64 ? scalar_smin(&reg->var) : scalar_s32_min(&reg->var);
	s64 max = range->is64 ? scalar_smax(&reg->var) : scalar_s32_max(&reg->var);
	struct tnum t = scalar_tnum(&reg->var);

	relevance_demand(env, env->insn_idx, 1 << regno);
	if (min >= range->min && max <= range->max)
		return 0;
	if (scalar_is_unknown(&reg->var))
		return bpf_reject(env, REJECT_EXIT_RANGE,
				  "%s the register R%u has unknown scalar value should have been in [%lld, %lld]",
				  where, regno, range->min, range->max);
	return bpf_reject(env, REJECT_EXIT_RANGE,
			  "%s the register R%u has %s smin=%lld smax=%lld var_off=(0x%llx; 0x%llx) should have been in [%lld, %lld]",
			  where, regno, what, min, max, (unsigned long long)t.value,
			  (unsigned long long)t.mask, range->min, range->max);
}

/* Global functions and callbacks hand a number back; static ones whatever they like. */
static int check_number(struct bpf_verifier_env *env)
{
	const struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);
	char name[64];
	int err = walk_read_reg(env, BPF_REG_0);

	if (!err && reg_is_pointer(r0))
		err = bpf_reject(env, REJECT_EXIT_PTR,
				 "At subprogram exit the register R0 is not a scalar value (%s)",
				 bpf_reg_type_str(name, r0->type));
	return err;
}

/* Security hooks and functions of kernel objects may have nothing to return. */
static bool returns_nothing(const struct bpf_prog *prog)
{
	const struct btf_type *proto = prog->aux->attach_func_proto;

	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS && prog->type != BPF_PROG_TYPE_LSM)
		return false;
	return proto && !proto->type;
}

/* The kernel takes a number of the member's type. */
static int exit_struct_ops(struct bpf_verifier_env *env)
{
	int err;

	err = walk_read_reg(env, BPF_REG_0);
	if (!err && reg_is_pointer(walk_reg(env, BPF_REG_0)))
		err = bpf_reject(env, REJECT_EXIT_PTR, "R0 leaks addr as return value");
	return err ?: WALK_END;
}

static int exit_program(struct bpf_verifier_env *env)
{
	const struct bpf_frame *frame = state_frame(walk_state(env));
	struct bpf_retval_range range = { .any = true };
	const struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);
	int err;

	err = state_check_released(env, "BPF_EXIT instruction");
	if (err)
		return err;
	if (frame->subprog && frame->kind == FRAME_MAIN)
		return env->subprogs[frame->subprog].ret_void ? WALK_END :
		       check_number(env) ?: WALK_END;
	if (frame->kind == FRAME_ASYNC) {
		range = (struct bpf_retval_range){ .min = 0, .max = 0, .is64 = true };
		err = check_number(env);
		if (!err)
			err = check_range(env, BPF_REG_0, r0, &range, "At async callback", "value");
		return err ?: WALK_END;
	}
	if (frame->kind == FRAME_EXCEPTION) {
		err = check_number(env);
		if (err)
			return err;
	}
	if (env->info->retval)
		env->info->retval(env->prog, &range);
	if (returns_nothing(env->prog))
		return WALK_END;
	if (env->prog->type == BPF_PROG_TYPE_STRUCT_OPS)
		return exit_struct_ops(env);
	err = walk_read_reg(env, BPF_REG_0);
	if (err)
		return err;
	if (reg_is_pointer(r0) && (!env->allow_ptr_leaks || !range.any))
		return bpf_reject(env, REJECT_EXIT_PTR, "R0 leaks addr as return value");
	if (range.any)
		return WALK_END;
	return check_range(env, BPF_REG_0, r0, &range, "At program exit", "value") ?: WALK_END;
}

/**
 * walk_check_cookie - a number that was thrown is the program's result
 * @env: environment
 * @cookie: R1
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_check_cookie(struct bpf_verifier_env *env, const struct bpf_reg *cookie)
{
	struct bpf_retval_range range = { .any = true };

	if (env->info->retval)
		env->info->retval(env->prog, &range);
	if (range.any || returns_nothing(env->prog) || env->prog->type == BPF_PROG_TYPE_STRUCT_OPS)
		return 0;
	return check_range(env, BPF_REG_1, cookie, &range, "At program exit", "value");
}

/**
 * walk_exit - BPF_EXIT
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 (a caller goes on), WALK_END, -errno.
 */
int walk_exit(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	if (walk_state(env)->cur)
		return walk_return(env);
	return exit_program(env);
}
