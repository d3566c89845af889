// SPDX-License-Identifier: GPL-2.0
/*
 * Relevance: which registers and slots hold, before an instruction, a number whose range some
 * verdict depends on. States that differ only in other numbers are interchangeable.
 *
 * A backward dataflow over the whole program whose seeds arrive while the walk goes on: a number is
 * added to a pointer, gives a size, decides a jump, is checked at an exit. Bits are only ever set,
 * and a bit that is set is carried backwards once, so that all marking together takes time
 * linear in the program, however many paths ask for it.
 *
 * It knows instructions, not paths: what is relevant on one path is so on all.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/walk.h"

#define ARGS	0x3e
#define CLOBBER	0x3f
#define ALL_SLOTS U64_MAX

struct bpf_relevance {
	u32 len;
	u16 *regs;		/* the solution: before each instruction */
	u64 *slots;
	u16 *need;		/* seeds */
	u64 *reads;		/* slots accessed through other pointers than R10 */
	u64 *writes;
	u16 *told_regs;		/* jumps: numbers linked to an operand */
	u64 *told_slots;
	unsigned long *outer;	/* calls that reach the caller's frame */
	unsigned long *queued;
	unsigned long *ret;	/* per subprogram: its result matters */
	u32 *work;
	u32 nr_work;
	u64 changes;		/* how often the solution grew */
	u16 *no_regs;		/* what was taken for irrelevant in this attempt */
	u64 *no_slots;
	bool mistaken;		/* some of it is relevant */
	u32 *pred;		/* jumps and calls to an instruction: pred[first[i]] .. */
	u32 *first;		/* len + 1 entries */
};

/* ------------------------------------------------------------------ graph */

/* Instruction that a jump, subprogram call leads to besides the next; U32_MAX: none. */
static u32 edge_target(const struct bpf_verifier_env *env, u32 i)
{
	const struct bpf_insn *insn = &env->prog->insnsi[i];

	if (env->aux[i].second)
		return U32_MAX;
	if (insn_is_jump(insn) || insn_is_sub_call(insn))
		return insn_jump_target(insn, i);
	return U32_MAX;
}

static int build_preds(struct bpf_verifier_env *env, struct bpf_relevance *rel)
{
	u32 i, t, sum = 0, n;

	for (i = 0; i < rel->len; i++) {
		t = edge_target(env, i);
		if (t < rel->len)
			rel->first[t]++;
	}
	for (i = 0; i <= rel->len; i++) {
		n = rel->first[i];
		rel->first[i] = sum;
		sum += n;
	}
	rel->pred = kvcalloc(sum ?: 1, sizeof(*rel->pred), GFP_KERNEL_ACCOUNT);
	if (!rel->pred)
		return -ENOMEM;
	for (i = 0; i < rel->len; i++) {
		t = edge_target(env, i);
		if (t < rel->len)
			rel->pred[rel->first[t]++] = i;
	}
	/* filling moved each start to the next one's */
	memmove(rel->first + 1, rel->first, rel->len * sizeof(*rel->first));
	rel->first[0] = 0;
	return 0;
}

static void enqueue(struct bpf_relevance *rel, u32 i)
{
	if (i < rel->len && !__test_and_set_bit(i, rel->queued))
		rel->work[rel->nr_work++] = i;
}

static void enqueue_preds(struct bpf_verifier_env *env, struct bpf_relevance *rel, u32 i)
{
	u32 k;

	for (k = rel->first[i]; k < rel->first[i + 1]; k++)
		enqueue(rel, rel->pred[k]);
	if (!i)
		return;
	k = i - 1;
	if (env->aux[k].second)
		k--;
	if (!insn_ends_block(&env->prog->insnsi[k]))
		enqueue(rel, k);
}

/* ------------------------------------------------------------------ transfer */

struct rel_set {
	u16 regs;
	u64 slots;
};

/* Slots that an access through R10 touches, 0 for other registers or outside of the frame. */
static u64 direct_slots(u32 base, s32 off, u32 size, bool *whole)
{
	*whole = size == 8 && !(off % 8);
	if (base != BPF_REG_10 || off >= 0 || off < -BPF_VERIFY_MAX_STACK)
		return 0;
	return 1ULL << ((-off - 1) / 8);
}

static void rel_load(const struct bpf_relevance *rel, const struct bpf_insn *insn, u32 i,
		     struct rel_set *s)
{
	u16 dst = 1 << insn->dst_reg;
	bool whole;

	if (!(s->regs & dst))
		return;
	s->regs &= ~dst;
	s->slots |= direct_slots(insn->src_reg, insn->off, insn_row(insn)->width, &whole) |
		    rel->reads[i];
}

static void rel_store(const struct bpf_relevance *rel, const struct bpf_insn *insn, u32 i,
		      struct rel_set *s, bool imm)
{
	bool whole;
	u64 mask = direct_slots(insn->dst_reg, insn->off, insn_row(insn)->width, &whole);

	if (!imm && s->slots & (mask | rel->writes[i]))
		s->regs |= 1 << insn->src_reg;
	if (mask && whole)
		s->slots &= ~mask;
}

static void rel_atomic(const struct bpf_relevance *rel, const struct bpf_insn *insn, u32 i,
		       struct rel_set *s)
{
	u16 out = insn->imm == BPF_CMPXCHG ? 1 : insn->imm & BPF_FETCH ? 1 << insn->src_reg : 0;
	bool whole, stored;
	u64 mask = direct_slots(insn->dst_reg, insn->off, insn_row(insn)->width, &whole) |
		   rel->reads[i] | rel->writes[i];

	stored = s->slots & mask;
	if (s->regs & out)
		s->slots |= mask;
	s->regs &= ~out;
	if (stored)
		s->regs |= 1 << insn->src_reg;
}

static void rel_call(const struct bpf_verifier_env *env, struct bpf_relevance *rel,
		     const struct bpf_insn *insn, u32 i, struct rel_set *s)
{
	u32 sub;

	if (insn_is_sub_call(insn)) {
		sub = env->aux[i].subprog;
		if (s->regs & 1 && !__test_and_set_bit(sub, rel->ret)) {
			u32 k;

			for (k = env->subprogs[sub].start; k < env->subprogs[sub].end; k++)
				if (insn_is_exit(&env->prog->insnsi[k]))
					enqueue(rel, k);
		}
		s->regs = (s->regs & ~CLOBBER) |
			  (rel->regs[env->subprogs[sub].start] & ARGS);
	} else {
		s->regs &= ~CLOBBER;
	}
	if (test_bit(i, rel->outer))
		s->slots = ALL_SLOTS;
}

/*
 * What a jump tells of one operand it tells by the range of the other. Numbers that are linked to
 * an operand are told too, which no instruction shows: the walk reports them.
 */
static void rel_jump(const struct bpf_relevance *rel, const struct bpf_insn *insn, u32 i,
		     struct rel_set *s)
{
	u16 both = 1 << insn->dst_reg | 1 << insn->src_reg;

	if (insn_is_src_reg(insn) && (s->regs & (both | rel->told_regs[i]) ||
				      s->slots & rel->told_slots[i]))
		s->regs |= both;
}

static void transfer(const struct bpf_verifier_env *env, struct bpf_relevance *rel, u32 i,
		     struct rel_set *s)
{
	const struct bpf_insn *insn = &env->prog->insnsi[i];
	u16 dst = 1 << insn->dst_reg, src = 1 << insn->src_reg;

	switch (insn_rows[env->aux[i].id].kind) {
	case INSN_KIND_ALU:
		if (s->regs & dst && insn_is_src_reg(insn))
			s->regs |= src;
		break;
	case INSN_KIND_MOV:
	case INSN_KIND_MOVSX:
	case INSN_KIND_ADDR_SPACE:
		if (s->regs & dst)
			s->regs = (s->regs & ~dst) | (insn_is_src_reg(insn) ? src : 0);
		break;
	case INSN_KIND_LOAD:
		rel_load(rel, insn, i, s);
		break;
	case INSN_KIND_STORE:
		rel_store(rel, insn, i, s, false);
		break;
	case INSN_KIND_STORE_IMM:
		rel_store(rel, insn, i, s, true);
		break;
	case INSN_KIND_ATOMIC:
		rel_atomic(rel, insn, i, s);
		break;
	case INSN_KIND_LD_IMM64:
		s->regs &= ~dst;
		break;
	case INSN_KIND_PACKET:
		s->regs &= ~CLOBBER;
		break;
	case INSN_KIND_JUMP:
		rel_jump(rel, insn, i, s);
		break;
	case INSN_KIND_CALL:
		rel_call(env, rel, insn, i, s);
		break;
	case INSN_KIND_EXIT:
		s->regs = test_bit(bpf_subprog_of(env, i), rel->ret) ? 1 : 0;
		s->slots = 0;
		break;
	default:
		break;
	}
}

static void add_succ(const struct bpf_relevance *rel, u32 i, struct rel_set *s)
{
	if (i >= rel->len)
		return;
	s->regs |= rel->regs[i];
	s->slots |= rel->slots[i];
}

static void propagate(struct bpf_verifier_env *env)
{
	struct bpf_relevance *rel = env->walk->rel;
	const struct bpf_insn *insn;
	struct rel_set s;
	u32 i;

	while (rel->nr_work) {
		i = rel->work[--rel->nr_work];
		__clear_bit(i, rel->queued);
		insn = &env->prog->insnsi[i];
		s = (struct rel_set){};
		if (!insn_ends_block(insn))
			add_succ(rel, i + insn_slots(insn), &s);
		if (insn_is_jump(insn))
			add_succ(rel, insn_jump_target(insn, i), &s);
		transfer(env, rel, i, &s);
		s.regs |= rel->need[i] | rel->regs[i];
		s.slots |= rel->slots[i];
		if (s.regs == rel->regs[i] && s.slots == rel->slots[i])
			continue;
		rel->regs[i] = s.regs;
		rel->slots[i] = s.slots;
		rel->mistaken |= s.regs & rel->no_regs[i] || s.slots & rel->no_slots[i];
		rel->changes++;
		enqueue_preds(env, rel, i);
	}
}

/* ------------------------------------------------------------------ seeds */

/**
 * relevance_demand - a verdict depends on the range of registers
 * @env: environment
 * @insn: instruction before which they hold it
 * @regs: mask
 *
 * Context: the walk.
 */
void relevance_demand(struct bpf_verifier_env *env, u32 insn, u16 regs)
{
	struct bpf_relevance *rel = env->walk->rel;

	if (!(regs & ~rel->need[insn]))
		return;
	rel->need[insn] |= regs;
	enqueue(rel, insn);
	propagate(env);
}

/**
 * relevance_slots - an instruction accesses its own frame through a pointer
 * @env: environment
 * @insn: the instruction
 * @slots: mask
 * @write: stores, else loads
 *
 * Context: the walk.
 */
void relevance_slots(struct bpf_verifier_env *env, u32 insn, u64 slots, bool write)
{
	struct bpf_relevance *rel = env->walk->rel;
	u64 *mask = write ? &rel->writes[insn] : &rel->reads[insn];

	if (!(slots & ~*mask))
		return;
	*mask |= slots;
	enqueue(rel, insn);
	propagate(env);
}

/**
 * relevance_outer - an instruction accesses the frame of a caller
 * @env: environment
 * @frame: number of that frame
 *
 * From here on the caller's slots count as relevant at the calls on the way, and so does all
 * that the instruction stores.
 * Context: the walk.
 */
void relevance_outer(struct bpf_verifier_env *env, u32 frame)
{
	struct bpf_relevance *rel = env->walk->rel;
	const struct bpf_state *st = walk_state(env);
	u32 callsite = st->frame[frame + 1]->callsite;

	if (callsite < rel->len && !__test_and_set_bit(callsite, rel->outer))
		enqueue(rel, callsite);
	rel->need[env->insn_idx] |= insn_uses(env_insn(env, env->insn_idx));
	enqueue(rel, env->insn_idx);
	propagate(env);
}

/**
 * relevance_told - a jump tells something of numbers that are linked to its operands
 * @env: environment
 * @insn: the jump
 * @regs: registers of its frame
 * @slots: slots of its frame
 *
 * Context: the walk.
 */
void relevance_told(struct bpf_verifier_env *env, u32 insn, u16 regs, u64 slots)
{
	struct bpf_relevance *rel = env->walk->rel;

	if (!(regs & ~rel->told_regs[insn]) && !(slots & ~rel->told_slots[insn]))
		return;
	rel->told_regs[insn] |= regs;
	rel->told_slots[insn] |= slots;
	enqueue(rel, insn);
	propagate(env);
}

/* Registers that are relevant before an instruction. */
u16 relevance_regs(const struct bpf_verifier_env *env, u32 insn)
{
	return env->walk->rel->regs[insn];
}

/* Slots of its frame that are relevant before an instruction. */
u64 relevance_slots_of(const struct bpf_verifier_env *env, u32 insn)
{
	return env->walk->rel->slots[insn];
}

/* Does a verdict depend on a number that the function returns? */
bool relevance_result(const struct bpf_verifier_env *env, u32 sub)
{
	return test_bit(sub, env->walk->rel->ret);
}

/* How often the solution grew so far. */
u64 relevance_changes(const struct bpf_verifier_env *env)
{
	return env->walk->rel->changes;
}

/**
 * relevance_assume - states were found equal but for irrelevant numbers
 * @env: environment
 * @insn: instruction before which they stand, in their frame
 * @regs: registers that were not looked at
 * @slots: slots of the frame that were not
 *
 * Context: the walk.
 */
void relevance_assume(struct bpf_verifier_env *env, u32 insn, u16 regs, u64 slots)
{
	env->walk->rel->no_regs[insn] |= regs;
	env->walk->rel->no_slots[insn] |= slots;
}

/**
 * relevance_mistaken - did something turn out to be relevant that was taken for irrelevant
 * @env: environment
 *
 * Context: the walk. Return: true if so: states stand for others that they do not cover.
 */
bool relevance_mistaken(const struct bpf_verifier_env *env)
{
	return env->walk->rel->mistaken;
}

/**
 * relevance_reset - forget what was assumed; what was learnt stays
 * @env: environment
 *
 * Context: the walk.
 */
void relevance_reset(struct bpf_verifier_env *env)
{
	struct bpf_relevance *rel = env->walk->rel;

	memset(rel->no_regs, 0, rel->len * sizeof(*rel->no_regs));
	memset(rel->no_slots, 0, rel->len * sizeof(*rel->no_slots));
	rel->mistaken = false;
}

/* ------------------------------------------------------------------ set-up */

/**
 * relevance_free - done
 * @env: environment
 *
 * Context: may sleep.
 */
void relevance_free(struct bpf_verifier_env *env)
{
	struct bpf_relevance *rel = env->walk->rel;

	if (!rel)
		return;
	kvfree(rel->regs);
	kvfree(rel->slots);
	kvfree(rel->need);
	kvfree(rel->reads);
	kvfree(rel->writes);
	kvfree(rel->told_regs);
	kvfree(rel->told_slots);
	kvfree(rel->no_regs);
	kvfree(rel->no_slots);
	kvfree(rel->work);
	kvfree(rel->pred);
	kvfree(rel->first);
	bitmap_free(rel->outer);
	bitmap_free(rel->queued);
	bitmap_free(rel->ret);
	kfree(rel);
	env->walk->rel = NULL;
}

/**
 * relevance_init - get ready
 * @env: environment
 *
 * Context: may sleep. Return: 0 or -ENOMEM; relevance_free() cleans up in both cases.
 */
int relevance_init(struct bpf_verifier_env *env)
{
	u32 len = env->prog->len;
	struct bpf_relevance *rel;

	rel = kzalloc(sizeof(*rel), GFP_KERNEL_ACCOUNT);
	if (!rel)
		return -ENOMEM;
	env->walk->rel = rel;
	rel->len = len;
	rel->regs = kvcalloc(len, sizeof(*rel->regs), GFP_KERNEL_ACCOUNT);
	rel->slots = kvcalloc(len, sizeof(*rel->slots), GFP_KERNEL_ACCOUNT);
	rel->need = kvcalloc(len, sizeof(*rel->need), GFP_KERNEL_ACCOUNT);
	rel->reads = kvcalloc(len, sizeof(*rel->reads), GFP_KERNEL_ACCOUNT);
	rel->writes = kvcalloc(len, sizeof(*rel->writes), GFP_KERNEL_ACCOUNT);
	rel->told_regs = kvcalloc(len, sizeof(*rel->told_regs), GFP_KERNEL_ACCOUNT);
	rel->told_slots = kvcalloc(len, sizeof(*rel->told_slots), GFP_KERNEL_ACCOUNT);
	rel->no_regs = kvcalloc(len, sizeof(*rel->no_regs), GFP_KERNEL_ACCOUNT);
	rel->no_slots = kvcalloc(len, sizeof(*rel->no_slots), GFP_KERNEL_ACCOUNT);
	rel->work = kvcalloc(len, sizeof(*rel->work), GFP_KERNEL_ACCOUNT);
	rel->first = kvcalloc(len + 1, sizeof(*rel->first), GFP_KERNEL_ACCOUNT);
	rel->outer = bitmap_zalloc(len, GFP_KERNEL_ACCOUNT);
	rel->queued = bitmap_zalloc(len, GFP_KERNEL_ACCOUNT);
	rel->ret = bitmap_zalloc(BPF_VERIFY_MAX_SUBPROGS + 1, GFP_KERNEL_ACCOUNT);
	if (!rel->regs || !rel->slots || !rel->need || !rel->reads || !rel->writes ||
	    !rel->told_regs || !rel->told_slots || !rel->no_regs || !rel->no_slots ||
	    !rel->work || !rel->first || !rel->outer || !rel->queued || !rel->ret)
		return -ENOMEM;
	return build_preds(env, rel);
}
