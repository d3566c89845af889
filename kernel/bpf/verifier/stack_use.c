// SPDX-License-Identifier: GPL-2.0
/*
 * What instructions do to the stack frame of their function.
 *
 * Pointers into the frame come from R10 alone. They are followed through registers, forwards over
 * the control flow graph: each register is known to hold no such pointer, or maybe one with a
 * certain offset, or maybe one with any offset. Only accesses through R10 itself count as writes;
 * everything that may read counts as a read.
 *
 * A pointer that was stored, or given to a subprogram or callback, may come back from there: by a
 * load from the frame, or in R0. Programs store no such pointer anywhere else: it would not be one
 * when it is loaded again. Once one such place was seen, all are followed.
 */
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "helpers/helpers.h"
#include "verifier/live.h"

#define FP_NONE		S16_MIN		/* no pointer into the frame */
#define FP_ANY		S16_MAX		/* maybe one, anywhere */
#define FP_FAR		1024		/* offsets that are still told apart are below */
#define ALL_SLOTS	U64_MAX

/* Offset from R10 that R0 to R9 may have as pointers into the frame; the last is for R10. */
struct fp_regs {
	s16 off[BPF_VERIFY_REGS];
};

/*
 * struct stack_walk - scratch
 * @regs: per instruction, valid before it
 * @use: what is asked for
 * @leaked: some pointer into a frame left the registers
 */
struct stack_walk {
	struct bpf_verifier_env *env;
	struct fp_regs *regs;
	struct stack_use *use;
	bool leaked;
};

/* Slots that hold any of the bytes [off, off + size). */
static u64 slots_of(s64 off, s64 size)
{
	s64 lo = max_t(s64, off, -BPF_VERIFY_MAX_STACK), hi = min_t(s64, off + size, 0);
	u32 first, last;

	if (lo >= hi)
		return 0;
	first = (-hi) / 8;
	last = (-lo - 1) / 8;
	return ALL_SLOTS >> (63 - last) & ALL_SLOTS << first;
}

/* Slots that lie in [off, off + size) from end to end. */
static u64 slots_within(s64 off, s64 size)
{
	if (off % 8 || size < 8)
		return 0;
	return slots_of(off, round_down(size, 8));
}

static s16 fp_join(s16 a, s16 b)
{
	if (a == FP_NONE || a == b)
		return b;
	return b == FP_NONE ? a : FP_ANY;
}

static s16 fp_move(s16 at, s64 by)
{
	s64 off = at + by;

	if (at == FP_NONE || at == FP_ANY)
		return at;
	return off < -FP_FAR || off > FP_FAR ? FP_ANY : off;
}

/* ------------------------------------------------------------------ registers */

static s16 fp_add(const struct bpf_insn *insn, s16 dst, s16 src)
{
	s64 imm = insn_op(insn) == BPF_SUB ? -(s64)insn->imm : insn->imm;

	if (!insn_is_src_reg(insn))
		return fp_move(dst, imm);
	return dst == FP_NONE && src == FP_NONE ? FP_NONE : FP_ANY;
}

/* Only moves and sums of 64 bits yield pointers. */
static s16 fp_result(const struct bpf_insn *insn, const struct fp_regs *r)
{
	s16 dst = r->off[insn->dst_reg], src = FP_NONE;

	if (insn_class(insn) != BPF_ALU64)
		return FP_NONE;
	if (insn_is_src_reg(insn))
		src = r->off[insn->src_reg];
	switch (insn_op(insn)) {
	case BPF_MOV:
		return insn->off ? FP_NONE : src;
	case BPF_ADD:
	case BPF_SUB:
		return fp_add(insn, dst, src);
	default:
		return FP_NONE;
	}
}

static bool args_point_to_frame(const struct fp_regs *r)
{
	u32 i;

	for (i = BPF_REG_1; i <= BPF_REG_5; i++) {
		if (r->off[i] != FP_NONE)
			return true;
	}
	return false;
}

/* Does it run code of the program, which may store what it is given? */
static bool calls_back(const struct stack_walk *sw, const struct bpf_insn *insn)
{
	const struct bpf_func_proto *proto;
	u32 i;

	if (!insn_is_helper_call(insn))
		return true;
	proto = bpf_helper_find(sw->env->prog, insn->imm);
	for (i = 0; proto && i < ARRAY_SIZE(proto->arg_type); i++) {
		if (base_type(proto->arg_type[i]) == ARG_PTR_TO_FUNC)
			return true;
	}
	return !proto;
}

static void fp_after_call(struct stack_walk *sw, const struct bpf_insn *insn, struct fp_regs *r)
{
	bool sub = insn_is_sub_call(insn), gone = args_point_to_frame(r);
	u32 i;

	if (gone && !sw->leaked)
		sw->leaked = calls_back(sw, insn);
	for (i = BPF_REG_0; i <= BPF_REG_5; i++)
		r->off[i] = FP_NONE;
	if (sub && gone)
		r->off[BPF_REG_0] = FP_ANY;
}

static void fp_after_atomic(struct stack_walk *sw, const struct bpf_insn *insn,
			    struct fp_regs *r)
{
	u16 defs = insn_defs(insn);
	s16 got = sw->leaked && r->off[insn->dst_reg] != FP_NONE ? FP_ANY : FP_NONE;

	sw->leaked |= r->off[insn->src_reg] != FP_NONE;
	if (defs)
		r->off[__ffs(defs)] = got;
}

/* Registers after an instruction, from those before it. */
static void fp_step(struct stack_walk *sw, const struct bpf_insn *insn, struct fp_regs *r)
{
	switch (insn_row(insn)->kind) {
	case INSN_KIND_LOAD:
		r->off[insn->dst_reg] = sw->leaked && insn_row(insn)->width == 8 &&
					r->off[insn->src_reg] != FP_NONE ? FP_ANY : FP_NONE;
		break;
	case INSN_KIND_STORE:
		sw->leaked |= r->off[insn->src_reg] != FP_NONE;
		break;
	case INSN_KIND_ATOMIC:
		fp_after_atomic(sw, insn, r);
		break;
	case INSN_KIND_CALL:
		fp_after_call(sw, insn, r);
		break;
	case INSN_KIND_ALU:
	case INSN_KIND_NEG:
	case INSN_KIND_MOV:
	case INSN_KIND_MOVSX:
	case INSN_KIND_END:
	case INSN_KIND_ADDR_SPACE:
	case INSN_KIND_LD_IMM64:
		r->off[insn->dst_reg] = fp_result(insn, r);
		break;
	case INSN_KIND_PACKET:
		r->off[BPF_REG_0] = FP_NONE;
		break;
	default:
		break;
	}
}

static bool fp_merge(struct fp_regs *to, const struct fp_regs *from)
{
	bool more = false;
	u32 i;
	s16 off;

	for (i = BPF_REG_0; i < BPF_REG_10; i++) {
		off = fp_join(to->off[i], from->off[i]);
		more |= off != to->off[i];
		to->off[i] = off;
	}
	return more;
}

static void fp_none(struct fp_regs *r)
{
	u32 i;

	for (i = BPF_REG_0; i < BPF_REG_10; i++)
		r->off[i] = FP_NONE;
	r->off[BPF_REG_10] = 0;
}

/* Offsets only ever go from none to one to any, so it ends. */
static void follow_pointers(struct stack_walk *sw)
{
	struct bpf_verifier_env *env = sw->env;
	u32 i, k, cnt, succ[2];
	struct fp_regs r;
	bool more = true, leaked;

	while (more) {
		more = false;
		leaked = sw->leaked;
		for (i = 0; i < env->nr_rpo; i++) {
			r = sw->regs[env->rpo[i]];
			fp_step(sw, env_insn(env, env->rpo[i]), &r);
			cnt = bpf_cfg_succ(env, env->rpo[i], succ);
			for (k = 0; k < cnt; k++)
				more |= fp_merge(&sw->regs[succ[k]], &r);
		}
		more |= leaked != sw->leaked;
		cond_resched();
	}
}

/* ------------------------------------------------------------------ slots */

static u64 access_slots(s16 at, s32 off, u32 size)
{
	if (at == FP_NONE)
		return 0;
	return at == FP_ANY ? ALL_SLOTS : slots_of((s64)at + off, size);
}

/* A helper stays at or above the address that it is given; what programs call may go below. */
static u64 arg_slots(const struct bpf_func_proto *proto, u32 arg, s16 at)
{
	if (at == FP_NONE)
		return 0;
	if (at == FP_ANY || !proto || base_type(proto->arg_type[arg]) == ARG_PTR_TO_STACK)
		return ALL_SLOTS;
	return slots_of(at, BPF_VERIFY_MAX_STACK);
}

static u64 call_slots(const struct stack_walk *sw, const struct bpf_insn *insn,
		      const struct fp_regs *r)
{
	const struct bpf_func_proto *proto = NULL;
	u64 slots = 0;
	u32 i;

	if (insn_is_helper_call(insn))
		proto = bpf_helper_find(sw->env->prog, insn->imm);
	for (i = 0; i < 5; i++) {
		if (proto && proto->arg_type[i] == ARG_DONTCARE)
			continue;
		slots |= arg_slots(proto, i, r->off[BPF_REG_1 + i]);
	}
	return slots;
}

static void find_use(const struct stack_walk *sw, u32 idx)
{
	const struct bpf_insn *insn = env_insn(sw->env, idx);
	const struct insn_row *row = insn_row(insn);
	const struct fp_regs *r = &sw->regs[idx];
	struct stack_use *use = &sw->use[idx];

	switch (row->kind) {
	case INSN_KIND_LOAD:
		use->reads = access_slots(r->off[insn->src_reg], insn->off, row->width);
		break;
	case INSN_KIND_ATOMIC:
		use->reads = access_slots(r->off[insn->dst_reg], insn->off, row->width);
		break;
	case INSN_KIND_STORE:
	case INSN_KIND_STORE_IMM:
		if (insn->dst_reg == BPF_REG_10)
			use->writes = slots_within(insn->off, row->width);
		break;
	case INSN_KIND_CALL:
		use->reads = call_slots(sw, insn, r);
		break;
	default:
		break;
	}
}

int stack_use_find(struct bpf_verifier_env *env, struct stack_use *use)
{
	struct stack_walk sw = { .env = env, .use = use };
	u32 i;

	sw.regs = kvmalloc_array(env->prog->len, sizeof(*sw.regs), GFP_KERNEL);
	if (!sw.regs)
		return -ENOMEM;
	for (i = 0; i < env->prog->len; i++)
		fp_none(&sw.regs[i]);
	follow_pointers(&sw);
	for (i = 0; i < env->nr_rpo; i++)
		find_use(&sw, env->rpo[i]);
	kvfree(sw.regs);
	return 0;
}
