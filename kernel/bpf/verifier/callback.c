// SPDX-License-Identifier: GPL-2.0
/*
 * Callbacks: functions of the program whose address a helper gets. Those called while the helper
 * runs are followed until they bring nothing new; those called later are walked by themselves.
 */
#include "btf/btf.h"
#include "maps/maps.h"
#include "verifier/call.h"

/**
 * callback_ctx_regs - where helpers that call back while they run have the callback's context
 * @id: enum bpf_func_id
 *
 * Context: any. Return: registers of the call and of the callback; NULL for other helpers.
 */
const struct callback_ctx_regs *callback_ctx_regs(s32 id)
{
	static const struct callback_ctx_regs rows[] = {
		{ BPF_FUNC_loop, BPF_REG_3, BPF_REG_2 },
		{ BPF_FUNC_for_each_map_elem, BPF_REG_3, BPF_REG_4 },
		{ BPF_FUNC_find_vma, BPF_REG_4, BPF_REG_3 },
		{ BPF_FUNC_user_ringbuf_drain, BPF_REG_3, BPF_REG_2 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

/**
 * call_has_callback - is the instruction a call of a helper that calls back while it runs
 * @insn: any instruction
 *
 * Context: any. Return: true if so.
 */
bool call_has_callback(const struct bpf_insn *insn)
{
	return insn_is_helper_call(insn) && callback_ctx_regs(insn->imm);
}

static int set_vma_arg(struct bpf_verifier_env *env, const struct bpf_call *call,
		       struct bpf_reg *reg)
{
	struct btf *btf = bpf_get_btf_vmlinux();
	s32 id;

	if (IS_ERR_OR_NULL(btf))
		return -ENOENT;
	id = btf_find_by_name_kind(btf, "vm_area_struct", BTF_KIND_STRUCT);
	if (id < 0)
		return id;
	reg_set_pointer(reg, PTR_TO_BTF_ID);
	reg->btf = btf;
	reg->btf_id = id;
	return 0;
}

static void set_map_pointer(struct bpf_reg *reg, u32 type, const struct bpf_reg *map)
{
	reg_set_pointer(reg, type);
	reg->map = map->map;
	reg->map_uid = map->map_uid;
}

static void set_map_args(struct bpf_verifier_env *env, struct bpf_frame *callee,
			 const struct bpf_reg *map)
{
	set_map_pointer(&callee->regs[BPF_REG_1], CONST_PTR_TO_MAP, map);
	set_map_pointer(&callee->regs[BPF_REG_2], PTR_TO_MAP_KEY, map);
	set_map_pointer(&callee->regs[BPF_REG_3], PTR_TO_MAP_VALUE, map);
	callee->regs[BPF_REG_3].id = walk_new_id(env);
}

/* A node of a tree that is being compared: it belongs to the tree, and the lock is held. */
static void set_node_arg(struct bpf_verifier_env *env, const struct bpf_reg *node,
			 struct bpf_reg *reg)
{
	*reg = *node;
	reg->type |= NON_OWN_REF;
	reg->ref_id = 0;
	reg->id = walk_new_id(env);
}

/* Arguments that the helper passes on, and what the callback may return. */
static int set_callback_args(struct bpf_verifier_env *env, const struct bpf_call *call,
			     const struct bpf_frame *caller, struct bpf_frame *callee)
{
	const struct bpf_reg *map = &caller->regs[BPF_REG_1];

	callee->cb_ret = scalar_range_u(0, 1);
	if (call->cb_node) {
		set_node_arg(env, call->cb_node, &callee->regs[BPF_REG_1]);
		set_node_arg(env, call->cb_node, &callee->regs[BPF_REG_2]);
		return 0;
	}
	switch (call->id) {
	case BPF_FUNC_for_each_map_elem:
		set_map_args(env, callee, map);
		callee->regs[BPF_REG_4] = caller->regs[BPF_REG_3];
		return 0;
	case BPF_FUNC_loop:
		reg_set_unknown(&callee->regs[BPF_REG_1]);
		callee->regs[BPF_REG_2] = caller->regs[BPF_REG_3];
		return 0;
	case BPF_FUNC_find_vma:
		callee->regs[BPF_REG_1] = caller->regs[BPF_REG_1];
		if (set_vma_arg(env, call, &callee->regs[BPF_REG_2]))
			break;
		callee->regs[BPF_REG_3] = caller->regs[BPF_REG_4];
		return 0;
	case BPF_FUNC_user_ringbuf_drain:
		reg_set_pointer(&callee->regs[BPF_REG_1],
				CONST_PTR_TO_DYNPTR | DYNPTR_TYPE_LOCAL | MEM_RDONLY);
		callee->regs[BPF_REG_1].dyn_id = walk_new_id(env);
		callee->regs[BPF_REG_2] = caller->regs[BPF_REG_3];
		return 0;
	default:
		break;
	}
	return bpf_reject(env, REJECT_UNSUPPORTED, "callback of helper %u is not supported",
			  call->id);
}

/* Where the function gets its context, for rewrite_throw.c. */
static void note_ctx_reg(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	struct bpf_subprog *sub = &env->subprogs[call->sub];
	const struct callback_ctx_regs *regs = callback_ctx_regs(call->id);

	if (!regs || call->cb_node || (sub->cb_reg && sub->cb_reg != regs->callback))
		sub->cb_mixed = true;
	else
		sub->cb_reg = regs->callback;
}

/* The branch that calls the callback once more. */
static int enter_callback(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	struct bpf_frame *caller = state_frame(walk_state(env)), *callee;
	int err;

	env->walk->entering = false;
	note_ctx_reg(env, call);
	err = walk_enter(env, call->sub, FRAME_CALLBACK, &callee);
	return err ?: set_callback_args(env, call, caller, callee);
}

/**
 * callback_return - a callback that a helper calls has come to its end
 * @env: environment
 *
 * The call is looked at again.
 * Context: handler. Return: 0 or -errno.
 */
int callback_return(struct bpf_verifier_env *env)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_frame *callee = state_frame(st);
	const struct bpf_reg *r0 = &callee->regs[BPF_REG_0];
	char name[64];
	int err;

	err = walk_read_reg(env, BPF_REG_0);
	if (err)
		return err;
	if (!reg_is_scalar(r0))
		return bpf_reject(env, REJECT_EXIT_PTR, "R0 not a scalar value (%s)",
				  bpf_reg_type_str(name, r0->type));
	relevance_demand(env, env->insn_idx, 1);
	if (!scalar_subset(&r0->var, &callee->cb_ret))
		return bpf_reject(env, REJECT_EXIT_RANGE,
				  "At callback return the register R0 has smin=%lld smax=%lld should have been in [%lld, %lld]",
				  scalar_smin(&r0->var), scalar_smax(&r0->var),
				  scalar_smin(&callee->cb_ret), scalar_smax(&callee->cb_ret));
	if (st->nr_refs != callee->entry_refs)
		return bpf_reject(env, REJECT_REF_LEAK,
				  "Unreleased reference id=%u alloc_insn=%u\ncallback would lead to reference leak",
				  st->refs[st->nr_refs - 1].id, st->refs[st->nr_refs - 1].insn);
	st->insn = callee->callsite;
	state_pop_frame(st);
	state_frame(st)->cb_depth++;
	return 0;
}

/**
 * call_sync_callback - a helper that calls a function of the program back
 * @env: environment
 * @call: the call, arguments checked
 * @entered: out: the state now is inside of the callback; else the call is over
 *
 * The call is looked at once more after each return of the callback, with progress, as a loop
 * head is; each time the path on which the callback is not called again is followed as well.
 * Context: calls. Return: 0, WALK_END, -errno.
 */
int call_sync_callback(struct bpf_verifier_env *env, const struct bpf_call *call, bool *entered)
{
	struct bpf_state *st = walk_state(env);
	struct bpf_frame *caller = state_frame(st);
	u32 after = st->insn;
	int err;

	*entered = env->walk->entering;
	if (*entered)
		return enter_callback(env, call);
	relevance_demand(env, env->insn_idx, 0x3e);
	if (!caller->cb_call) {
		caller->cb_call = walk_new_id(env);
		caller->cb_depth = 0;
	}
	st->insn = env->insn_idx;
	err = prune_visit(env, true);
	if (err)
		return err;
	/* the way into the callback waits; this one goes on behind the call */
	err = walk_push_callback(env);
	st->insn = after;
	caller->cb_call = 0;
	caller->cb_depth = 0;
	return err;
}

/*
 * Work that may sleep runs outside of the RCU section that the program is in: its maps have to stay
 * for sleepers, too.
 */
static int check_sleepers_maps(struct bpf_verifier_env *env)
{
	const struct bpf_map_type_row *row;
	u32 i;

	for (i = 0; i < env->nr_used_maps && !env->prog->sleepable; i++) {
		row = bpf_map_type_find(env->used_maps[i]->map_type);
		if (row && row->traits & MAP_SLEEPABLE_OK && !env->used_maps[i]->inner_map_meta)
			continue;
		return bpf_reject(env, REJECT_MAP_PROG,
				  "programs with callbacks that may sleep cannot use maps of type %s",
				  row ? row->name : "unknown");
	}
	return 0;
}

static bool async_seen(struct bpf_walk *walk, u32 sub, const struct bpf_map *map, bool sleepable)
{
	u32 i;

	for (i = 0; i < walk->nr_async; i++)
		if (walk->async[i].sub == sub && walk->async[i].map == map &&
		    walk->async[i].sleepable == sleepable)
			return true;
	return false;
}

/**
 * call_async_callback - a helper that has a function of the program called later
 * @env: environment
 * @call: the call, arguments checked
 * @sleepable: the function may sleep
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_async_callback(struct bpf_verifier_env *env, const struct bpf_call *call, bool sleepable)
{
	const struct bpf_reg *timer = walk_reg(env, BPF_REG_1);
	struct bpf_walk *walk = env->walk;
	struct bpf_frame *frame;
	struct bpf_state *st;
	int err = -ENOMEM;

	env->subprogs[call->sub].cb_mixed = true;
	if (async_seen(walk, call->sub, timer->map, sleepable))
		return 0;
	if (sleepable && check_sleepers_maps(env))
		return -EINVAL;
	if (walk->nr_async == ARRAY_SIZE(walk->async))
		return bpf_reject(env, REJECT_TOO_COMPLEX, "too many asynchronous callbacks");
	st = state_new();
	if (!st)
		return -ENOMEM;
	st->insn = env->subprogs[call->sub].start;
	st->last_instance = walk->st->last_instance;
	st->sleepable = sleepable;
	frame = state_push_frame(st, call->sub, U32_MAX, FRAME_ASYNC);
	if (frame) {
		walk->async[walk->nr_async].sub = call->sub;
		walk->async[walk->nr_async].sleepable = sleepable;
		walk->async[walk->nr_async++].map = timer->map;
		set_map_args(env, frame, timer);
		err = walk_push_state(env, st);
	}
	state_free(st);
	return err;
}
