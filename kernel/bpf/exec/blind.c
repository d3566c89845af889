// SPDX-License-Identifier: GPL-2.0
/*
 * Constant blinding: no constant that a program brings along appears in its
 * image. Each is split into a random number and its exclusive or with it, and
 * put together again in INSN_REG_AX when the program runs.
 *
 * Two passes over the instructions: the first finds how long each becomes, so
 * that the second knows every jump target when it writes.
 *
 * Left alone: shift counts (below 64, one byte of the image), 64-bit
 * immediates with a pseudo source (addresses that the kernel chose), and
 * operations on INSN_REG_AX, which the rewriter alone writes.
 */
#include <linux/limits.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "exec/exec.h"

/* Most that one instruction becomes. */
#define BLIND_MAX	7

/**
 * struct blind_seq - what one instruction becomes
 * @insn: instructions
 * @cnt: number of them
 */
struct blind_seq {
	struct bpf_insn insn[BLIND_MAX];
	u32 cnt;
};

static void seq_add(struct blind_seq *seq, struct bpf_insn insn)
{
	seq->insn[seq->cnt++] = insn;
}

/* reg = imm, sign-extended where @alu is insn_alu64_imm's class */
static void seq_const(struct blind_seq *seq, u8 class, u8 reg, s32 imm)
{
	u32 mask = get_random_u32();

	seq_add(seq, insn_make(class | BPF_MOV | BPF_K, reg, 0, 0, imm ^ mask));
	seq_add(seq, insn_make(class | BPF_XOR | BPF_K, reg, 0, 0, mask));
}

static void blind_alu(struct blind_seq *seq, const struct bpf_insn *insn)
{
	if (insn_op(insn) == BPF_MOV) {
		seq_const(seq, insn_class(insn), insn->dst_reg, insn->imm);
		return;
	}
	seq_const(seq, insn_class(insn), INSN_REG_AX, insn->imm);
	seq_add(seq, insn_make(insn->code | BPF_X, insn->dst_reg, INSN_REG_AX, insn->off, 0));
}

static void blind_jump(struct blind_seq *seq, const struct bpf_insn *insn)
{
	u8 class = insn_class(insn) == BPF_JMP32 ? BPF_ALU : BPF_ALU64;

	seq_const(seq, class, INSN_REG_AX, insn->imm);
	seq_add(seq, insn_make(insn->code | BPF_X, insn->dst_reg, INSN_REG_AX, insn->off, 0));
}

static void blind_store(struct blind_seq *seq, const struct bpf_insn *insn)
{
	u8 mode = BPF_MODE(insn->code);

	seq_const(seq, BPF_ALU64, INSN_REG_AX, insn->imm);
	seq_add(seq, insn_make(BPF_STX | mode | BPF_SIZE(insn->code), insn->dst_reg, INSN_REG_AX,
			       insn->off, 0));
}

static void blind_imm64(struct blind_seq *seq, const struct bpf_insn *insn)
{
	u8 dst = insn->dst_reg;

	seq_const(seq, BPF_ALU64, dst, insn[1].imm);
	seq_add(seq, insn_alu64_imm(BPF_LSH, dst, 32));
	seq_const(seq, BPF_ALU, INSN_REG_AX, insn[0].imm);
	seq_add(seq, insn_alu64_reg(BPF_OR, dst, INSN_REG_AX));
}

static bool blind_is_shift(const struct bpf_insn *insn)
{
	u8 op = insn_op(insn);

	return op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH;
}

/* How to blind an instruction, NULL where it stays as it is. */
static void (*blind_method(const struct bpf_insn *insn))(struct blind_seq *,
							  const struct bpf_insn *)
{
	switch (insn_row(insn)->kind) {
	case INSN_KIND_MOV:
		return insn_is_src_reg(insn) ? NULL : blind_alu;
	case INSN_KIND_ALU:
		if (insn_is_src_reg(insn) || blind_is_shift(insn) || insn->dst_reg == INSN_REG_AX)
			return NULL;
		return blind_alu;
	case INSN_KIND_JUMP:
		if (insn_is_src_reg(insn) || insn->dst_reg == INSN_REG_AX)
			return NULL;
		return blind_jump;
	case INSN_KIND_STORE_IMM:
		return insn->dst_reg == INSN_REG_AX ? NULL : blind_store;
	case INSN_KIND_LD_IMM64:
		return insn->src_reg || insn->dst_reg == INSN_REG_AX ? NULL : blind_imm64;
	default:
		return NULL;
	}
}

static void blind_one(struct blind_seq *seq, const struct bpf_insn *insn)
{
	void (*method)(struct blind_seq *seq, const struct bpf_insn *insn) = blind_method(insn);
	u32 i;

	seq->cnt = 0;
	if (method) {
		method(seq, insn);
		return;
	}
	for (i = 0; i < insn_slots(insn); i++)
		seq_add(seq, insn[i]);
}

/* New index of each instruction, and of the end; returns that. */
static u32 blind_measure(const struct bpf_insn *insns, u32 len, u32 *start)
{
	struct blind_seq seq;
	u32 i, pos = 0;

	for (i = 0; i < len; i += insn_slots(&insns[i])) {
		start[i] = pos;
		blind_one(&seq, &insns[i]);
		pos += seq.cnt;
	}
	start[len] = pos;
	return pos;
}

/* @insn stood at @old; its copy stands at @pos of the new program. */
static int blind_jump_fix(struct bpf_insn *insn, u32 old, u32 pos, const u32 *start, u32 len)
{
	s64 target = insn_jump_target(insn, old);
	s64 dist;

	if (target < 0 || target >= len)
		return -EINVAL;
	dist = (s64)start[target] - pos - 1;
	if (insn_is_gotol(insn))
		insn->imm = dist;
	else if (dist == (s16)dist)
		insn->off = dist;
	else if (insn_is_goto(insn))
		*insn = insn_gotol(dist);
	else
		return -ERANGE;
	return 0;
}

static int blind_write(const struct bpf_insn *insns, u32 len, const u32 *start,
		       struct bpf_insn *out, u32 *orig)
{
	struct blind_seq seq;
	u32 i, k, pos;
	int err;

	for (i = 0; i < len; i += insn_slots(&insns[i])) {
		blind_one(&seq, &insns[i]);
		pos = start[i];
		for (k = 0; k < seq.cnt; k++) {
			out[pos + k] = seq.insn[k];
			orig[pos + k] = i;
		}
		/* the jump is the last of its sequence */
		pos += seq.cnt - 1;
		if (!insn_is_jump(&insns[i]))
			continue;
		err = blind_jump_fix(&out[pos], i, pos, start, len);
		if (err)
			return err;
	}
	return 0;
}

/**
 * bpf_blind - make a copy of a function without constants of its own
 * @insns: function, all jumps within
 * @len: number of instructions
 * @out: the copy, to be freed with kvfree()
 * @out_len: number of instructions in it
 * @orig: for each of these the index in @insns, to be freed with kvfree()
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOMEM; -ERANGE when a conditional jump would get too far;
 * -EINVAL for a jump out of the function.
 */
int bpf_blind(const struct bpf_insn *insns, u32 len, struct bpf_insn **out, u32 *out_len,
	      u32 **orig)
{
	u32 *start = kvcalloc((size_t)len + 1, sizeof(*start), GFP_KERNEL);
	int err = -ENOMEM;

	*out = NULL;
	*orig = NULL;
	if (!start)
		return err;
	*out_len = blind_measure(insns, len, start);
	*out = kvcalloc(*out_len, sizeof(**out), GFP_KERNEL);
	*orig = kvcalloc(*out_len, sizeof(**orig), GFP_KERNEL);
	if (*out && *orig)
		err = blind_write(insns, len, start, *out, *orig);
	kvfree(start);
	if (!err)
		return 0;
	kvfree(*out);
	kvfree(*orig);
	*out = NULL;
	*orig = NULL;
	return err;
}
