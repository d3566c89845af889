// SPDX-License-Identifier: GPL-2.0
/*
 * Layout: how long each machine instruction is, where it stands, its bytes.
 *
 * Branches start short. A round computes all offsets from the current lengths
 * and makes every short branch long whose displacement does not fit; nothing
 * ever becomes shorter, so displacements only grow in size, a branch found
 * short in the last round fits in the final layout, and rounds are bounded by
 * the number of branches (by JIT_LAYOUT_ROUNDS here, after which all become
 * long). All displacements are then computed from that one layout.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jit.h"

#define JIT_LAYOUT_ROUNDS	16

static bool is_branch(const struct x86_insn *insn)
{
	return (insn->op == X86_JMP || insn->op == X86_JCC || insn->op == X86_CALL) &&
	       !(insn->flags & (X86_ABS | X86_ADDR_FUNC));
}

static bool may_be_short(const struct x86_insn *insn)
{
	return is_branch(insn) && insn->op != X86_CALL && !(insn->flags & X86_WIDE);
}

static bool is_rel_addr(const struct x86_insn *insn)
{
	return insn->op == X86_CALL || insn->op == X86_JMP;
}

/* Length of an instruction whose operands are final, or of a branch as it is marked. */
static int length(const struct x86_insn *insn)
{
	struct x86_insn copy = *insn;
	u8 buf[X86_MAX_INSN + 1];

	if (is_branch(insn) || (is_rel_addr(insn) && (insn->flags & (X86_ABS | X86_ADDR_FUNC))))
		copy.imm = 0;
	return x86_encode(&copy, buf);
}

static u32 target_offset(const struct jit_ctx *ctx, const struct x86_insn *insn)
{
	return ctx->off[ctx->labels[insn->label]];
}

/* Lengths to offsets; lengths of the instructions are in ctx->off[i + 1] before. */
static int measure(struct jit_ctx *ctx)
{
	u32 i, off = 0;
	int len;

	for (i = 0; i < ctx->nr; i++) {
		ctx->off[i] = off;
		len = length(&ctx->code[i]);
		if (len < 0)
			return len;
		off += len;
		if (off > S32_MAX / 2)
			return -E2BIG;
	}
	ctx->off[ctx->nr] = off;
	return 0;
}

/* Makes branches long that do not fit, or all of them. Returns how many. */
static u32 lengthen(struct jit_ctx *ctx, bool all)
{
	u32 i, changed = 0;
	s64 disp;

	for (i = 0; i < ctx->nr; i++) {
		struct x86_insn *insn = &ctx->code[i];

		if (!(insn->flags & X86_SHORT))
			continue;
		disp = (s64)target_offset(ctx, insn) - ctx->off[i + 1];
		if (!all && x86_is_s8(disp))
			continue;
		insn->flags &= ~X86_SHORT;
		changed++;
	}
	return changed;
}

static int check_labels(const struct jit_ctx *ctx)
{
	u32 i;

	for (i = 0; i < ctx->nr; i++) {
		const struct x86_insn *insn = &ctx->code[i];

		if (!is_branch(insn) && (!(insn->flags & X86_EXTABLE) ||
					 insn->label == X86_NOLABEL))
			continue;
		if (insn->label >= ctx->nr_labels || ctx->labels[insn->label] >= ctx->nr)
			return -EFAULT;
	}
	return 0;
}

/**
 * jit_layout - fix the length and place of every machine instruction
 * @ctx: the compilation, after jit_select()
 *
 * Context: Process; allocates.
 * Return: 0, or a negative errno.
 */
int jit_layout(struct jit_ctx *ctx)
{
	u32 i, round;
	int err;

	err = check_labels(ctx);
	if (err)
		return err;
	ctx->off = kvcalloc((size_t)ctx->nr + 1, sizeof(*ctx->off), GFP_KERNEL);
	if (!ctx->off)
		return -ENOMEM;
	for (i = 0; i < ctx->nr; i++)
		if (may_be_short(&ctx->code[i]))
			ctx->code[i].flags |= X86_SHORT;
	for (round = 0; ; round++) {
		err = measure(ctx);
		if (err)
			return err;
		if (!lengthen(ctx, round >= JIT_LAYOUT_ROUNDS))
			break;
	}
	ctx->text_len = ctx->off[ctx->nr];
	return 0;
}

/* Absolute address that an instruction refers to, 0 when it refers to none. */
static u64 absolute_target(const struct jit_ctx *ctx, const struct x86_insn *insn)
{
	const struct bpf_prog_aux *main = bpf_prog_main(ctx->src->prog)->aux;

	if (insn->flags & X86_ADDR_FUNC)
		return (u64)main->func[insn->label]->bpf_func;
	return insn->flags & X86_ABS ? (u64)insn->imm : 0;
}

static struct x86_insn resolve(const struct jit_ctx *ctx, u32 i)
{
	struct x86_insn insn = ctx->code[i];
	u64 target = absolute_target(ctx, &insn);
	u64 next = (u64)ctx->image.text + ctx->off[i + 1];

	if (is_branch(&insn))
		insn.imm = (s64)target_offset(ctx, &insn) - ctx->off[i + 1];
	else if (target && is_rel_addr(&insn))
		insn.imm = target - next;
	else if (target)
		insn.imm = target;
	return insn;
}

static u8 dst_of_load(const struct x86_insn *insn)
{
	return insn->form == X86_F_RM ? insn->reg : X86_NOREG;
}

/* The exception table stands behind the text, in the same image. */
static int encode_ex(const struct jit_ctx *ctx, u32 i, u32 *nr)
{
	u32 at = round_up(ctx->text_len, 8) + *nr * jit_ex_size();
	const struct x86_insn *insn = &ctx->code[i];
	u64 text = (u64)ctx->image.text;
	u32 next = i + 1;

	(*nr)++;
	if (insn->label != X86_NOLABEL)
		next = ctx->labels[insn->label];
	return jit_ex_entry((void *)(ctx->image.rw + at), text + at, text + ctx->off[i],
			    text + ctx->off[next], dst_of_load(insn));
}

/**
 * jit_encode_image - write an image
 * @ctx: the compilation, with its image allocated
 *
 * Every length is compared with the layout; what does not match is an error
 * and never a shifted image.
 *
 * Context: Process.
 * Return: 0, or a negative errno.
 */
int jit_encode_image(struct jit_ctx *ctx)
{
	u8 buf[X86_MAX_INSN + 1];
	struct x86_insn insn;
	u32 i, nr = 0;
	int len, err;

	for (i = 0; i < ctx->nr; i++) {
		insn = resolve(ctx, i);
		len = x86_encode(&insn, buf);
		if (len < 0)
			return len;
		if (ctx->off[i] + len != ctx->off[i + 1])
			return -EFAULT;
		memcpy(ctx->image.rw + ctx->off[i], buf, len);
		if (!(insn.flags & X86_EXTABLE))
			continue;
		err = encode_ex(ctx, i, &nr);
		if (err)
			return err;
	}
	return nr == ctx->nr_ex ? 0 : -EFAULT;
}
