// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the program: static ones are followed, global ones taken at their prototype's word.
 */
#include "btf/btf.h"
#include "helpers/helpers.h"
#include "verifier/call.h"

/* ------------------------------------------------------------------ effects */

static void own_effects(struct bpf_verifier_env *env, u32 sub)
{
	struct bpf_subprog *s = &env->subprogs[sub];
	const struct bpf_func_proto *proto;
	const struct bpf_kfunc_desc *kfunc;
	const struct bpf_insn *insn;
	u32 i;

	for (i = s->start; i < s->end; i++) {
		insn = env_insn(env, i);
		if (env->aux[i].second)
			continue;
		if (insn_is_helper_call(insn)) {
			proto = bpf_helper_find(env->prog, insn->imm);
			s->changes_pkt |= proto && proto->changes_pkt_data;
			s->might_sleep |= proto && proto->might_sleep;
		} else if (insn_is_kfunc_call(insn)) {
			kfunc = bpf_kfunc_find(env, insn->imm, insn->off);
			s->might_sleep |= kfunc && kfunc->flags & KF_SLEEPABLE;
			s->throws |= env->aux[i].throws && env->aux[i].reachable;
		}
	}
}

static bool inherit_effects(struct bpf_verifier_env *env, u32 sub)
{
	struct bpf_subprog *s = &env->subprogs[sub], *callee;
	bool pkt = s->changes_pkt, sleep = s->might_sleep, throws = s->throws;
	u32 i;

	for (i = s->start; i < s->end; i++) {
		if (env->aux[i].second ||
		    (!insn_is_sub_call(env_insn(env, i)) && !insn_is_sub_addr(env_insn(env, i))))
			continue;
		callee = &env->subprogs[env->aux[i].subprog];
		s->changes_pkt |= callee->changes_pkt;
		s->might_sleep |= callee->might_sleep;
		s->throws |= callee->throws;
	}
	return pkt != s->changes_pkt || sleep != s->might_sleep || throws != s->throws;
}

/**
 * effects_init - what functions may do to packets, whether they may sleep or throw
 * @env: environment
 *
 * Context: the walk, before the first function. Return: 0 or -errno.
 */
int effects_init(struct bpf_verifier_env *env)
{
	bool again = env->nr_subprogs > 1;
	u32 i;

	for (i = 0; i < env->nr_subprogs; i++)
		own_effects(env, i);
	while (again) {
		again = false;
		for (i = 0; i < env->nr_subprogs; i++)
			again |= inherit_effects(env, i);
	}
	return exception_check_tail_calls(env);
}

/* ------------------------------------------------------------------ types of static functions */

/*
 * Is what a caller has in a register what the parameter says? Registers that the function does not
 * read may hold different things on paths that are told apart no longer, or nothing at all.
 */
static bool reg_fits(const struct bpf_verifier_env *env, const struct bpf_subprog *sub, u32 regno,
		     const struct bpf_reg *reg, u32 type_id)
{
	const struct bpf_prog_aux *aux = env->prog->aux;
	const struct btf_type *t = btf_type_skip_modifiers(aux->btf, type_id, NULL);

	if (!t || reg->type == NOT_INIT || !(env->aux[sub->start].live_regs & BIT(regno)))
		return false;
	if (!btf_type_is_ptr(t))
		return btf_type_is_scalar(t) && t->size <= sizeof(u64) && reg_is_scalar(reg);
	if (!btf_ptr_names(aux->btf, t, aux->info->uctx_name))
		return true;
	return reg->type == PTR_TO_CTX && !reg->off && reg_off_const(reg);
}

static bool regs_fit(const struct bpf_verifier_env *env, const struct bpf_subprog *sub,
		     const struct bpf_reg *regs)
{
	const struct btf_type *func, *proto;
	u32 i, nr;

	if (sub->callback || !btf_func_by_id(env->prog->aux->btf, sub->type_id, &func, &proto))
		return false;
	nr = btf_type_vlen(proto);
	if (nr > BPF_REG_5)
		return false;
	for (i = 0; i < nr; i++) {
		if (!reg_fits(env, sub, BPF_REG_1 + i, &regs[BPF_REG_1 + i],
			      btf_params(proto)[i].type))
			return false;
	}
	/* a trampoline keeps what the types name: nothing else may be passed */
	for (i = BPF_REG_1 + nr; i <= BPF_REG_5; i++) {
		if (env->aux[sub->start].live_regs & BIT(i))
			return false;
	}
	return true;
}

/*
 * Compilers change what static functions are given, so that a call that does not fit the prototype
 * is no error. But then nobody who attaches to the function may go by its types.
 */
static void note_call(struct bpf_verifier_env *env, u32 sub, const struct bpf_reg *regs)
{
	struct bpf_func_info_aux *info = env->prog->aux->func_info_aux;

	if (!info || info[sub].types_differ)
		return;
	info[sub].called = true;
	info[sub].types_differ = !regs_fit(env, &env->subprogs[sub], regs);
}

/* ------------------------------------------------------------------ calls */

/**
 * walk_enter - go into a function
 * @env: environment
 * @sub: the function
 * @kind: enum bpf_frame_kind
 * @frame: out: the new frame
 *
 * Context: handlers. Return: 0 or -errno.
 */
int walk_enter(struct bpf_verifier_env *env, u32 sub, u8 kind, struct bpf_frame **frame)
{
	struct bpf_state *st = walk_state(env);

	if (st->cur + 1 >= BPF_VERIFY_MAX_FRAMES)
		return bpf_reject(env, REJECT_CALL_DEPTH,
				  "the call stack of %u frames is too deep", st->cur + 2);
	*frame = state_push_frame(st, sub, env->insn_idx, kind);
	if (!*frame)
		return -ENOMEM;
	st->insn = env->subprogs[sub].start;
	return 0;
}

static int call_static(struct bpf_verifier_env *env, u32 sub)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_frame *caller = state_frame(st), *callee;
	struct bpf_memo *memo;
	u32 i;
	int err;

	note_call(env, sub, caller->regs);
	err = memo_call(env, sub, &memo) ?: walk_enter(env, sub, FRAME_CALL, &callee);
	if (err)
		return err;
	for (i = BPF_REG_1; i <= BPF_REG_5; i++)
		callee->regs[i] = caller->regs[i];
	memo_entered(env, memo, callee);
	if (vlog_on(env)) {
		vlog(env, "caller:");
		vlog_state(env, st, st->cur - 1, U16_MAX, U64_MAX);
		vlog(env, "\ncallee:");
		vlog_state(env, st, st->cur, U16_MAX, U64_MAX);
		vlog(env, "\n");
	}
	return 0;
}

static int check_global_arg(struct bpf_verifier_env *env, u32 sub, u32 regno,
			    const struct bpf_sub_arg *arg)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	char name[64];
	int err;

	err = walk_read_reg(env, regno);
	if (err)
		return err;
	bpf_reg_type_str(name, reg->type);
	if (arg->reg_type == SCALAR_VALUE) {
		if (reg_is_scalar(reg))
			return 0;
		return bpf_reject(env, REJECT_GLOBAL_FUNC, "R%u is not a scalar", regno);
	}
	if (reg_is_null(reg) && type_may_be_null(arg->reg_type))
		return 0;
	if (type_may_be_null(reg->type) && !type_may_be_null(arg->reg_type))
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "arg#%u is expected to be non-NULL (R%u is %s)", regno - 1, regno,
				  name);
	switch (base_type(arg->reg_type)) {
	case PTR_TO_CTX:
		if (reg->type == PTR_TO_CTX && !reg->off && reg_off_const(reg))
			return 0;
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "arg#%u expected pointer to ctx, but got %s", regno - 1, name);
	case PTR_TO_MEM:
		return mem_check_range(env, regno, arg->mem_size,
				       MEM_READ_BYTES | MEM_WRITE_BYTES);
	case PTR_TO_ARENA:
		if (base_type(reg->type) == PTR_TO_ARENA || reg_is_scalar(reg))
			return 0;
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "R%u is not a pointer to arena or scalar.",
				  regno);
	case PTR_TO_BTF_ID:
		if (base_type(reg->type) == PTR_TO_BTF_ID && reg->btf == arg->btf &&
		    reg->btf_id == arg->btf_id && !reg->off &&
		    !(reg->type & (PTR_UNTRUSTED | MEM_USER | MEM_PERCPU)) &&
		    (!(arg->reg_type & PTR_TRUSTED) || reg->type & PTR_TRUSTED || reg->ref_id))
			return 0;
		return bpf_reject(env, REJECT_GLOBAL_FUNC, "R%u type=%s does not fit the argument",
				  regno, name);
	default:
		return bpf_reject(env, REJECT_GLOBAL_FUNC,
				  "Func#%u ('%s') has an argument that cannot be checked", sub,
				  env->subprogs[sub].name);
	}
}

static int check_mem_or_null(struct bpf_verifier_env *env, u32 sub, u32 regno,
			     const struct bpf_sub_arg *arg)
{
	struct bpf_reg *reg = walk_reg(env, regno), saved = *reg;
	int err;

	if (base_type(arg->reg_type) != PTR_TO_MEM || !type_may_be_null(arg->reg_type) ||
	    !type_may_be_null(reg->type))
		return check_global_arg(env, sub, regno, arg);
	/* what the function may find is NULL, or memory of the right size */
	reg->type &= ~PTR_MAYBE_NULL;
	err = check_global_arg(env, sub, regno, arg);
	*reg = saved;
	return err;
}

static int call_global(struct bpf_verifier_env *env, u32 sub)
{
	struct bpf_subprog *s = &env->subprogs[sub];
	u32 i;
	int err;

	if (walk_state(env)->nr_locks)
		return bpf_reject(env, REJECT_LOCK_HELD,
				  "global function calls are not allowed while holding a lock,\nuse static function instead");
	if (walk_state(env)->sleepable && !env->prog->sleepable)
		return bpf_reject(env, REJECT_SLEEP,
				  "global functions are verified for programs that do not sleep, use a static function in callbacks that may");
	if (s->might_sleep && !state_may_sleep(env))
		return bpf_reject(env, REJECT_SLEEP,
				  "global functions that may sleep are not allowed in non-sleepable context");
	err = s->throws ? walk_may_throw(env, "global function that may throw") : 0;
	if (!err)
		err = bpf_subprog_prepare_args(env, sub);
	for (i = 0; !err && i < s->nr_args; i++)
		err = check_mem_or_null(env, sub, BPF_REG_1 + i, &s->args[i]);
	if (err)
		return err;
	if (vlog_on(env))
		vlog(env, "Func#%u ('%s') is global and assumed valid.\n", sub, s->name);
	s->needed = true;
	walk_clobber_args(env);
	if (s->changes_pkt)
		state_invalidate_packets(env);
	if (s->ret_void)
		reg_clear(walk_reg(env, BPF_REG_0));
	else
		reg_set_unknown(walk_reg(env, BPF_REG_0));
	return 0;
}

/**
 * walk_sub_call - call of a function of the program
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_sub_call(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	u32 sub = walk_aux(env)->subprog;

	return env->subprogs[sub].global ? call_global(env, sub) : call_static(env, sub);
}

/**
 * walk_return - BPF_EXIT of a function that was followed from its call
 * @env: environment
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_return(struct bpf_verifier_env *env)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_frame *callee = state_frame(st);
	u32 callsite = callee->callsite;
	struct bpf_reg r0;
	int err;

	state_forget_buffers(env, callee, U64_MAX);
	r0 = callee->regs[BPF_REG_0];
	if (callee->kind == FRAME_CALLBACK)
		return callback_return(env);
	if (base_type(r0.type) == PTR_TO_STACK && r0.frame == st->cur)
		return bpf_reject(env, REJECT_STACK, "cannot return stack pointer to the caller");
	err = memo_exit(env, callee, &r0);
	if (err)
		return err;
	state_pop_frame(st);
	walk_clobber_args(env);
	*walk_reg(env, BPF_REG_0) = r0;
	st->insn = callsite + 1;
	if (vlog_on(env)) {
		vlog(env, "returning from callee to caller at %u:", st->insn);
		vlog_state(env, st, st->cur, U16_MAX, U64_MAX);
		vlog(env, "\n");
	}
	return 0;
}
