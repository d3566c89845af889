// SPDX-License-Identifier: GPL-2.0
/*
 * Conditional jumps: which way they can go, and what each way tells about the operands.
 */
#include "btf/record.h"
#include "verifier/walk.h"

static const u8 jump_cmps[16] = {
	[BPF_JEQ >> 4] = SCALAR_JEQ, [BPF_JGT >> 4] = SCALAR_JGT, [BPF_JGE >> 4] = SCALAR_JGE,
	[BPF_JSET >> 4] = SCALAR_JSET, [BPF_JNE >> 4] = SCALAR_JNE,
	[BPF_JSGT >> 4] = SCALAR_JSGT, [BPF_JSGE >> 4] = SCALAR_JSGE,
	[BPF_JLT >> 4] = SCALAR_JLT, [BPF_JLE >> 4] = SCALAR_JLE,
	[BPF_JSLT >> 4] = SCALAR_JSLT, [BPF_JSLE >> 4] = SCALAR_JSLE,
};

static enum scalar_cmp jump_cmp(const struct bpf_insn *insn)
{
	return jump_cmps[insn_op(insn) >> 4];
}

static bool jump_is32(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_JMP32;
}

/* ------------------------------------------------------------------ links between numbers */

/**
 * walk_link_scalars - a number is about to be copied: what is learnt of one holds for both
 * @env: environment
 * @src: the number
 *
 * Context: handlers.
 */
void walk_link_scalars(struct bpf_verifier_env *env, struct bpf_reg *src)
{
	if (src->id || !reg_is_scalar(src) || reg_is_const(src))
		return;
	src->id = walk_new_id(env);
	src->off = 0;
}

/* What became better known of numbers linked to @known, and where these stand. */
struct sync {
	const struct bpf_reg *known;
	const struct bpf_frame *frame;
	u16 regs;
	u64 slots;
	bool outer;
};

static void note_told(struct sync *sync, const struct bpf_reg *reg)
{
	const struct bpf_frame *frame = sync->frame;
	unsigned long at = (unsigned long)reg;

	if (reg >= frame->regs && reg < frame->regs + BPF_VERIFY_REGS)
		sync->regs |= 1 << (reg - frame->regs);
	else if (at >= (unsigned long)frame->slots && at < (unsigned long)(frame + 1))
		sync->slots |= 1ULL << (at - (unsigned long)frame->slots) / sizeof(*frame->slots);
	else
		sync->outer = true;
}

static void sync_one(struct bpf_reg *reg, void *arg)
{
	struct sync *sync = arg;
	const struct bpf_reg *known = sync->known;
	struct scalar val = known->var, dist;

	if (reg == known || reg->type != SCALAR_VALUE || reg->id != known->id)
		return;
	if (reg->off != known->off) {
		/* 64-bit words, and the domain's addition wraps as they do */
		dist = scalar_const((s64)reg->off - (s64)known->off);
		scalar_alu(SCALAR_ADD, true, &val, &dist);
	}
	if (!scalar_intersect(&val, &reg->var) || scalar_equal(&val, &reg->var))
		return;
	reg->var = val;
	note_told(sync, reg);
}

/*
 * A jump made a number better known: so are those linked to it. With another number as the other
 * operand, what they are told is as good as that number's range.
 */
static void sync_linked(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			const struct bpf_reg *known)
{
	struct sync sync = { .known = known, .frame = state_frame(walk_state(env)) };

	if (!known->id || !reg_is_scalar(known))
		return;
	state_for_each_reg(walk_state(env), sync_one, &sync);
	if (!insn_is_src_reg(insn))
		return;
	relevance_told(env, env->insn_idx, sync.regs, sync.slots);
	if (sync.outer)
		relevance_demand(env, env->insn_idx, insn_uses(insn));
}

/* ------------------------------------------------------------------ null or not */

struct null_mark {
	struct bpf_verifier_env *env;
	u32 id;
	bool null;
};

/* What a look-up yields once it is known to have found something. */
static void found_value(struct bpf_reg *reg)
{
	struct bpf_map *map = reg->map;
	u32 uid = reg->id, ref_id = reg->ref_id;

	reg->type &= ~PTR_MAYBE_NULL;
	if (base_type(reg->type) != PTR_TO_MAP_VALUE) {
		/* a lock in an object is known by it */
		if (!reg_is_allocated(reg))
			reg->id = 0;
		return;
	}
	if (map->inner_map_meta) {
		reg_set_pointer(reg, CONST_PTR_TO_MAP);
		reg->map = map->inner_map_meta;
		reg->map_uid = uid;
	} else if (map->map_type == BPF_MAP_TYPE_XSKMAP) {
		reg_set_pointer(reg, PTR_TO_XDP_SOCK);
	} else if (map->map_type == BPF_MAP_TYPE_SOCKMAP ||
		   map->map_type == BPF_MAP_TYPE_SOCKHASH) {
		reg_set_pointer(reg, PTR_TO_SOCKET);
		reg->ref_id = ref_id;
	} else if (!btf_record_has(map->record, BPF_SPIN_LOCK | BPF_TIMER | BPF_WORKQUEUE)) {
		reg->id = 0;	/* only locks and timers care which element it is */
	}
}

static void mark_one(struct bpf_reg *reg, void *arg)
{
	struct null_mark *mark = arg;

	if (reg->id != mark->id || !type_may_be_null(reg->type))
		return;
	if (!mark->null)
		found_value(reg);
	else if (reg->off || !reg_off_const(reg))
		reg_set_unknown(reg);
	else
		reg_set_const(reg, 0);
}

/**
 * state_mark_nonnull - a pointer that might have been null was compared
 * @env: environment
 * @id: what all copies of it share
 * @null: it is null (else it is not)
 *
 * Context: handlers.
 */
void state_mark_nonnull(struct bpf_verifier_env *env, u32 id, bool null)
{
	struct null_mark mark = { env, id, null };

	if (null && state_has_ref(walk_state(env), id))
		state_release_ref(env, id);
	state_for_each_reg(walk_state(env), mark_one, &mark);
}

/* ------------------------------------------------------------------ packet ranges */

/*
 * How far from the packet's start a pointer may be for comparisons to tell something. Users know
 * the first; the second is for pointers that stand for those of several paths, whose variable part
 * is what it may be on any: no packet is that long, since its linear part is one allocation of at
 * most 4 MiB, so that a pointer at or before the end is that near. That holds where the sum did
 * not wrap: packets lie further than the third from the end of the address space.
 */
#define JOINED_PKT_OFF	BIT(24)
#define PKT_WRAPS	BIT_ULL(40)

/**
 * reg_limit_packet - a packet pointer that stands for those of several paths is known to be inside
 * @reg: the pointer
 *
 * Context: the walk.
 */
void reg_limit_packet(struct bpf_reg *reg)
{
	struct scalar near = scalar_range_u(0, JOINED_PKT_OFF);

	scalar_intersect(&reg->var, &near);
}

struct range_mark {
	const struct bpf_reg *reg;
	u32 range;
	bool limit;
};

static void range_one(struct bpf_reg *reg, void *arg)
{
	struct range_mark *mark = arg;

	if (reg->type != mark->reg->type || reg->id != mark->reg->id)
		return;
	if (reg->range < mark->range)
		reg->range = mark->range;
	if (mark->limit)
		reg_limit_packet(reg);
}

/* @ptr is known to be at most (@below: less than) the end: what precedes it is in the packet. */
static void prove_range(struct bpf_verifier_env *env, const struct bpf_reg *ptr, bool below)
{
	bool joined = env->walk->pkt_joined && ptr->id;
	u64 limit = joined ? JOINED_PKT_OFF : BPF_VERIFY_MAX_PKT_OFF;
	struct bpf_reg copy = *ptr;
	struct range_mark mark = { .reg = &copy, .limit = joined };

	if (ptr->off < 0 || ptr->off > limit || scalar_smin(&ptr->var) < 0)
		return;
	if (scalar_umax(&ptr->var) + ptr->off > (joined ? PKT_WRAPS : limit))
		return;
	mark.range = ptr->off + below;
	state_for_each_reg(walk_state(env), range_one, &mark);
}

/* Is the pair comparable so, @end being what limits @ptr? */
static bool is_limit(const struct bpf_reg *ptr, const struct bpf_reg *end)
{
	if (ptr->type == PTR_TO_PACKET)
		return end->type == PTR_TO_PACKET_END;
	/* metadata ends where the packet begins */
	return ptr->type == PTR_TO_PACKET_META && end->type == PTR_TO_PACKET && !end->id &&
	       !end->off && reg_is_const_val(&(struct bpf_reg){ .type = SCALAR_VALUE,
							       .var = end->var }, 0);
}

/* Learns from "@ptr cmp @end" being @holds, where cmp is one of > >= < <=. */
static void learn_range(struct bpf_verifier_env *env, u8 op, bool holds,
			const struct bpf_reg *ptr, const struct bpf_reg *end, bool swapped)
{
	static const u8 mirror[16] = {
		[BPF_JGT >> 4] = BPF_JLT, [BPF_JLT >> 4] = BPF_JGT,
		[BPF_JGE >> 4] = BPF_JLE, [BPF_JLE >> 4] = BPF_JGE,
	};

	if (swapped)
		op = mirror[op >> 4];
	if (op == BPF_JGT && !holds)
		prove_range(env, ptr, false);
	else if (op == BPF_JGE && !holds)
		prove_range(env, ptr, true);
	else if (op == BPF_JLT && holds)
		prove_range(env, ptr, true);
	else if (op == BPF_JLE && holds)
		prove_range(env, ptr, false);
}

/* ------------------------------------------------------------------ the jump */

/*
 * A conditional jump in a state: operands @a and @b, where @b points to @imm for constants; @same:
 * both are the same register.
 */
struct cond {
	const struct bpf_insn *insn;
	struct bpf_reg *a;
	struct bpf_reg *b;
	struct bpf_reg imm;
	bool same;
};

static void cond_init(struct cond *c, struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	c->insn = insn;
	c->a = walk_reg(env, insn->dst_reg);
	c->same = insn_is_src_reg(insn) && insn->src_reg == insn->dst_reg;
	if (insn_is_src_reg(insn)) {
		c->b = walk_reg(env, insn->src_reg);
	} else {
		reg_set_const(&c->imm, (s64)insn->imm);
		c->b = &c->imm;
	}
}

static enum scalar_taken same_taken(const struct cond *c)
{
	switch (insn_op(c->insn)) {
	case BPF_JEQ:
	case BPF_JGE:
	case BPF_JLE:
	case BPF_JSGE:
	case BPF_JSLE:
		return SCALAR_ALWAYS;
	case BPF_JSET:
		return SCALAR_MAYBE;
	default:
		return SCALAR_NEVER;
	}
}

static bool cond_is_null_test(const struct cond *c)
{
	u8 op = insn_op(c->insn);

	return !jump_is32(c->insn) && (op == BPF_JEQ || op == BPF_JNE) &&
	       reg_is_pointer(c->a) && reg_is_null(c->b);
}

static bool cond_is_packet(const struct cond *c)
{
	return !jump_is32(c->insn) && (is_limit(c->a, c->b) || is_limit(c->b, c->a));
}

/* Also an object of which a reference is held, and one of the program's own. */
static bool never_null(const struct bpf_reg *reg)
{
	if (type_may_be_null(reg->type) || reg->type & PTR_UNTRUSTED)
		return false;
	return ptr_kind(reg->type)->flags & KIND_NEVER_NULL ||
	       (base_type(reg->type) == PTR_TO_BTF_ID && (reg->ref_id || reg_is_allocated(reg)));
}

/*
 * Do two pointers lie at a known distance in one piece of memory: a frame, or a packet? Then they
 * compare as their offsets: neither lies so near to the ends of the address space that a sum wraps.
 */
static bool same_memory(const struct bpf_reg *a, const struct bpf_reg *b)
{
	if (a->type != b->type || a->id != b->id)
		return false;
	/* one id: one variable part */
	if (a->type == PTR_TO_PACKET && a->id)
		return true;
	return (a->type == PTR_TO_PACKET || (a->type == PTR_TO_STACK && a->frame == b->frame)) &&
	       scalar_is_const(&a->var) && scalar_is_const(&b->var);
}

static s64 known_part(const struct bpf_reg *ptr)
{
	return ptr->type == PTR_TO_PACKET && ptr->id ? ptr->off : reg_const_off(ptr);
}

static enum scalar_taken distance_taken(const struct cond *c)
{
	/* far from the ends of both orders */
	struct scalar a = scalar_const(BIT_ULL(40) + known_part(c->a));
	struct scalar b = scalar_const(BIT_ULL(40) + known_part(c->b));

	return scalar_branch_taken(jump_cmp(c->insn), false, &a, &b);
}

static enum scalar_taken cond_taken(const struct cond *c)
{
	if (reg_is_scalar(c->a) && reg_is_scalar(c->b)) {
		if (c->same && insn_op(c->insn) != BPF_JSET)
			return same_taken(c);
		return scalar_branch_taken(jump_cmp(c->insn), jump_is32(c->insn), &c->a->var,
					   &c->b->var);
	}
	if (cond_is_null_test(c) && never_null(c->a))
		return insn_op(c->insn) == BPF_JEQ ? SCALAR_NEVER : SCALAR_ALWAYS;
	if (!jump_is32(c->insn) && insn_op(c->insn) != BPF_JSET && same_memory(c->a, c->b))
		return distance_taken(c);
	return SCALAR_MAYBE;
}

/* Without CAP_PERFMON pointers are compared with null and with the packet's end only. */
static int cond_check(struct bpf_verifier_env *env, const struct cond *c)
{
	bool pointer = reg_is_pointer(c->a) || reg_is_pointer(c->b);

	if (!pointer || env->allow_ptr_leaks || cond_is_packet(c) || cond_is_null_test(c))
		return 0;
	return bpf_reject(env, REJECT_PTR_CMP, "R%u pointer comparison prohibited",
			  reg_is_pointer(c->a) ? c->insn->dst_reg : c->insn->src_reg);
}

static bool learn_scalars(struct bpf_verifier_env *env, struct cond *c, bool taken)
{
	struct bpf_reg a = *c->a, b = *c->b;

	if (c->same)
		return true;
	if (!scalar_refine(jump_cmp(c->insn), jump_is32(c->insn), taken, &a.var, &b.var))
		return false;
	*c->a = a;
	*c->b = b;
	sync_linked(env, c->insn, c->a);
	if (c->b != &c->imm)
		sync_linked(env, c->insn, c->b);
	return true;
}

/* Puts what @taken tells into the state. False: this way is impossible. */
static bool learn(struct bpf_verifier_env *env, struct cond *c, bool taken)
{
	u8 op = insn_op(c->insn);

	if (reg_is_scalar(c->a) && reg_is_scalar(c->b))
		return learn_scalars(env, c, taken);
	if (cond_is_null_test(c)) {
		if (type_may_be_null(c->a->type) && c->a->id)
			state_mark_nonnull(env, c->a->id, taken == (op == BPF_JEQ));
		return true;
	}
	if (jump_is32(c->insn))
		return true;
	if (is_limit(c->a, c->b))
		learn_range(env, op, taken, c->a, c->b, false);
	else if (is_limit(c->b, c->a))
		learn_range(env, op, taken, c->b, c->a, true);
	return true;
}

static int go(struct bpf_verifier_env *env, const struct bpf_insn *insn, bool taken)
{
	if (taken)
		walk_state(env)->insn = insn_jump_target(insn, env->insn_idx);
	if (!walk_state(env)->speculative)
		walk_aux(env)->went |= taken ? AUX_WENT_JUMP : AUX_WENT_NEXT;
	return walk_trail_add(env, env->insn_idx, taken);
}

/*
 * A CPU may guess the way that is never taken. What it compared then is anything, so that a loop
 * that goes on and on under speculation comes by in the same state again.
 */
static int push_guess(struct bpf_verifier_env *env, struct cond *c, u32 target)
{
	struct bpf_reg a = *c->a, b = *c->b;
	int err;

	if (reg_is_scalar(c->a))
		reg_set_unknown(c->a);
	if (reg_is_scalar(c->b))
		reg_set_unknown(c->b);
	err = walk_push_speculative(env, target);
	*c->a = a;
	*c->b = b;
	return err;
}

/**
 * walk_resume_jump - a branch that waited is taken up: jump
 * @env: environment; the state is as it was before the jump at env->insn_idx
 *
 * Context: walk.c. Return: 0, WALK_END where the jump turns out to be impossible, -errno.
 */
int walk_resume_jump(struct bpf_verifier_env *env)
{
	const struct bpf_insn *insn = env_insn(env, env->insn_idx);
	struct cond c;

	cond_init(&c, env, insn);
	if (!learn(env, &c, true)) {
		relevance_demand(env, env->insn_idx, insn_uses(insn));
		return WALK_END;
	}
	return go(env, insn, true);
}

/**
 * walk_jump - conditional jumps
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0, WALK_END, -errno.
 */
int walk_jump(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	u32 target = insn_jump_target(insn, env->insn_idx), next = env->insn_idx + 1;
	enum scalar_taken taken;
	struct cond c;
	int err = 0;

	if (insn_is_src_reg(insn))
		err = walk_read_reg(env, insn->src_reg);
	if (!err)
		err = walk_read_reg(env, insn->dst_reg);
	if (err)
		return err;
	cond_init(&c, env, insn);
	err = cond_check(env, &c);
	if (err)
		return err;
	env->walk->jumps_since++;
	taken = cond_taken(&c);
	if (taken != SCALAR_MAYBE) {
		relevance_demand(env, env->insn_idx, insn_uses(insn));
		err = push_guess(env, &c, taken == SCALAR_ALWAYS ? next : target);
		return err ?: go(env, insn, taken == SCALAR_ALWAYS);
	}
	err = walk_push_jump(env);
	if (err)
		return err;
	if (!learn(env, &c, false)) {
		relevance_demand(env, env->insn_idx, insn_uses(insn));
		return WALK_END;
	}
	return go(env, insn, false);
}
