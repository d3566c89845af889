// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting against speculation: masks on numbers that are added to pointers, and barriers. And
 * the test flag that puts random bits where the verifier says that nobody looks.
 */
#include <linux/random.h>
#include "verifier/rewrite.h"

/* A mask is 6 instructions, with negation before and after 8, and what is done with it. */
struct mask {
	struct bpf_insn insn[12];
	u32 cnt;
};

static void mask_add(struct mask *m, struct bpf_insn insn)
{
	m->insn[m->cnt++] = insn;
}

/*
 * AX = @num if 0 <= @num <= @limit, else 0. Signed: @limit - @num is negative where a @num that is
 * not negative itself is too large, and cannot wrap. The sign of either is spread over the word.
 */
static void mask_number(struct mask *m, u8 num, u32 limit)
{
	mask_add(m, insn_mov32_imm(INSN_REG_AX, limit));
	mask_add(m, insn_alu64_reg(BPF_SUB, INSN_REG_AX, num));
	mask_add(m, insn_alu64_reg(BPF_OR, INSN_REG_AX, num));
	mask_add(m, insn_alu64_imm(BPF_ARSH, INSN_REG_AX, 63));
	mask_add(m, insn_alu64_imm(BPF_XOR, INSN_REG_AX, -1));
	mask_add(m, insn_alu64_reg(BPF_AND, INSN_REG_AX, num));
}

/* dst = dst op AX, with the sign of the number in mind. */
static u8 masked_op(u8 flags)
{
	return !(flags & ALU_MASK_SUB) == !(flags & ALU_MASK_NEG) ? BPF_ADD : BPF_SUB;
}

static struct bpf_insn negate(u8 reg)
{
	return insn_make(BPF_ALU64 | BPF_NEG, reg, 0, 0, 0);
}

int rewrite_alu(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	const struct bpf_insn_aux *aux = &env->aux[idx];
	bool src = aux->alu_flags & ALU_MASK_SRC, neg = aux->alu_flags & ALU_MASK_NEG;
	u8 num = src ? insn->src_reg : insn->dst_reg;
	struct mask m = {};

	if (!aux->alu_mask)
		return 0;
	if (neg)
		mask_add(&m, negate(num));
	mask_number(&m, num, aux->alu_limit);
	if (!src)
		mask_add(&m, insn_mov64_reg(insn->dst_reg, insn->src_reg));
	else if (neg)
		mask_add(&m, negate(num));
	mask_add(&m, insn_alu64_reg(masked_op(aux->alu_flags), insn->dst_reg, INSN_REG_AX));
	return bpf_edit_replace(env->edits, idx, m.insn, m.cnt);
}

int rewrite_barriers(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn barrier = insn_nospec();
	int err = 0;

	if (env->aux[idx].nospec)
		err = bpf_edit_before(env->edits, idx, &barrier, 1);
	if (!err && env->aux[idx].nospec_after)
		err = bpf_edit_after(env->edits, idx, &barrier, 1);
	return err;
}

/* BPF_F_TEST_RND_HI32. Pointers are never defined by 32-bit instructions. */
int rewrite_upper_half(struct bpf_verifier_env *env, u32 idx)
{
	u16 defs = insn_defs32(env_insn(env, idx));
	struct bpf_insn seq[3];

	if (!defs || !env->aux[idx].zext_dead)
		return 0;
	seq[0] = insn_mov32_imm(INSN_REG_AX, get_random_u32());
	seq[1] = insn_alu64_imm(BPF_LSH, INSN_REG_AX, 32);
	seq[2] = insn_alu64_reg(BPF_OR, __ffs(defs), INSN_REG_AX);
	return bpf_edit_after(env->edits, idx, seq, ARRAY_SIZE(seq));
}
