// SPDX-License-Identifier: GPL-2.0
/*
 * Classic programs become eBPF: each instruction a short sequence of its own. A first pass over
 * the program measures the sequences, the second writes them, now knowing where jumps land.
 *
 * A and X are 32-bit values kept zero-extended in their registers. Scratch words stand at the top
 * of the stack frame, one word below them for A while its register is needed.
 */
#include <linux/slab.h>

#include "classic.h"
#include "net_bpf.h"

#define STACK_M(k)	(-4 * (s16)((k) + 1))
#define STACK_A		(-4 * (BPF_MEMWORDS + 1))
#define STACK_SIZE	(4 * (BPF_MEMWORDS + 2))

/**
 * struct translation - a program being translated
 * @prog: the classic program
 * @len: its instructions
 * @addr: index of the first instruction of each one's translation
 * @at: addr[] of the instruction at hand
 * @packet: the program reads packet bytes
 * @buf: translation of the instruction at hand
 */
struct translation {
	const struct sock_filter *prog;
	u32 len;
	u32 *addr;
	u32 at;
	bool packet;
	struct bpf_insn_buf buf;
};

typedef void (*translate_t)(struct translation *t, const struct sock_filter *insn, u32 pc);

static void put(struct translation *t, struct bpf_insn insn)
{
	insn_buf_add(&t->buf, insn);
}

/* Distance from the next instruction to be put to the translation of @target. */
static s32 dist(const struct translation *t, u32 target)
{
	return t->addr[target] - (t->at + t->buf.cnt + 1);
}

static void put_return(struct translation *t, u32 value)
{
	put(t, insn_mov32_imm(BPF_REG_0, value));
	put(t, insn_exit());
}

static void tr_bad(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	WARN_ON_ONCE(1);
	put_return(t, 0);
}

static void put_load(struct translation *t, u8 size, bool in_r2, s32 off)
{
	const struct skb_load load = {
		.size = size,
		.ctx = CLASSIC_REG_CTX,
		.data = CLASSIC_REG_DATA,
		.hlen = CLASSIC_REG_HLEN,
		.in_r2 = in_r2,
		.off = off,
	};

	skb_emit_load(&t->buf, &load);
}

static void tr_ld_abs(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	const struct classic_anc *anc = classic_anc(insn);

	if (anc)
		anc->emit(anc, &t->buf);
	else
		put_load(t, BPF_SIZE(insn->code), false, insn->k);
}

static void tr_ld_ind(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_mov32_reg(BPF_REG_2, CLASSIC_REG_X));
	if (insn->k)
		put(t, insn_alu32_imm(BPF_ADD, BPF_REG_2, insn->k));
	put_load(t, BPF_SIZE(insn->code), true, 0);
}

static void tr_ldx_msh(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_store(BPF_W, BPF_REG_10, CLASSIC_REG_A, STACK_A));
	put_load(t, BPF_B, false, insn->k);
	put(t, insn_alu32_imm(BPF_AND, BPF_REG_0, 0xf));
	put(t, insn_alu32_imm(BPF_LSH, BPF_REG_0, 2));
	put(t, insn_mov32_reg(CLASSIC_REG_X, BPF_REG_0));
	put(t, insn_load(BPF_W, CLASSIC_REG_A, BPF_REG_10, STACK_A));
}

static u8 target_reg(const struct sock_filter *insn)
{
	u8 class = BPF_CLASS(insn->code);

	return class == BPF_LDX || class == BPF_STX ? CLASSIC_REG_X : CLASSIC_REG_A;
}

static void tr_imm(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_mov32_imm(target_reg(insn), insn->k));
}

static void tr_len(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_load(BPF_W, target_reg(insn), CLASSIC_REG_CTX, CTX_OFF(struct sk_buff, len)));
}

static void tr_load_m(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_load(BPF_W, target_reg(insn), BPF_REG_10, STACK_M(insn->k)));
}

static void tr_store_m(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_store(BPF_W, BPF_REG_10, target_reg(insn), STACK_M(insn->k)));
}

static void tr_ld_ctx(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_load(BPF_W, CLASSIC_REG_A, CLASSIC_REG_CTX, insn->k));
}

static void tr_alu_k(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_alu32_imm(BPF_OP(insn->code), CLASSIC_REG_A, insn->k));
}

static void tr_alu_x(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	u8 op = BPF_OP(insn->code);

	if (op == BPF_DIV || op == BPF_MOD) {
		put(t, insn_jump32_imm(BPF_JNE, CLASSIC_REG_X, 0, 2));
		put_return(t, 0);
	}
	put(t, insn_alu32_reg(op, CLASSIC_REG_A, CLASSIC_REG_X));
}

static void tr_neg(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_alu32_imm(BPF_NEG, CLASSIC_REG_A, 0));
}

static void tr_ja(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_gotol(dist(t, pc + 1 + insn->k)));
}

static void tr_jump(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	u8 op = BPF_OP(insn->code);
	s16 yes = dist(t, pc + 1 + insn->jt);

	if (BPF_SRC(insn->code) == BPF_K)
		put(t, insn_jump32_imm(op, CLASSIC_REG_A, insn->k, yes));
	else
		put(t, insn_jump32_reg(op, CLASSIC_REG_A, CLASSIC_REG_X, yes));
	if (insn->jf)
		put(t, insn_goto(dist(t, pc + 1 + insn->jf)));
}

static void tr_ret_k(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put_return(t, insn->k);
}

static void tr_ret_a(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_exit());
}

static void tr_tax(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_mov32_reg(CLASSIC_REG_X, CLASSIC_REG_A));
}

static void tr_txa(struct translation *t, const struct sock_filter *insn, u32 pc)
{
	put(t, insn_mov32_reg(CLASSIC_REG_A, CLASSIC_REG_X));
}

static const translate_t translate[CLASSIC_KIND_NR] = {
	[CLASSIC_BAD]		= tr_bad,
	[CLASSIC_LD_ABS]	= tr_ld_abs,
	[CLASSIC_LD_IND]	= tr_ld_ind,
	[CLASSIC_LD_IMM]	= tr_imm,
	[CLASSIC_LD_LEN]	= tr_len,
	[CLASSIC_LD_MEM]	= tr_load_m,
	[CLASSIC_LDX_IMM]	= tr_imm,
	[CLASSIC_LDX_LEN]	= tr_len,
	[CLASSIC_LDX_MEM]	= tr_load_m,
	[CLASSIC_LDX_MSH]	= tr_ldx_msh,
	[CLASSIC_LD_CTX]	= tr_ld_ctx,
	[CLASSIC_ST]		= tr_store_m,
	[CLASSIC_STX]		= tr_store_m,
	[CLASSIC_ALU_K]		= tr_alu_k,
	[CLASSIC_ALU_X]		= tr_alu_x,
	[CLASSIC_NEG]		= tr_neg,
	[CLASSIC_JA]		= tr_ja,
	[CLASSIC_JUMP_K]	= tr_jump,
	[CLASSIC_JUMP_X]	= tr_jump,
	[CLASSIC_RET_K]		= tr_ret_k,
	[CLASSIC_RET_A]		= tr_ret_a,
	[CLASSIC_TAX]		= tr_tax,
	[CLASSIC_TXA]		= tr_txa,
};

static void tr_prologue(struct translation *t)
{
	t->at = 0;
	t->buf.cnt = 0;
	put(t, insn_mov64_reg(CLASSIC_REG_CTX, BPF_REG_1));
	put(t, insn_mov32_imm(CLASSIC_REG_A, 0));
	put(t, insn_mov32_imm(CLASSIC_REG_X, 0));
	if (t->packet)
		skb_emit_data(&t->buf, CLASSIC_REG_CTX, CLASSIC_REG_DATA, CLASSIC_REG_HLEN,
			      BPF_REG_2);
}

/* Writes all sequences to @out, or just measures them if it is NULL. Returns the whole length. */
static u32 tr_pass(struct translation *t, struct bpf_insn *out)
{
	u32 pos, pc;

	tr_prologue(t);
	pos = t->buf.cnt;
	if (out)
		memcpy(out, t->buf.insn, array_size(pos, sizeof(*out)));

	for (pc = 0; pc < t->len; pc++) {
		const struct sock_filter *insn = &t->prog[pc];

		t->addr[pc] = pos;
		t->at = pos;
		t->buf.cnt = 0;
		translate[classic_row(insn->code)->kind](t, insn, pc);
		if (out)
			memcpy(out + pos, t->buf.insn, array_size(t->buf.cnt, sizeof(*out)));
		pos += t->buf.cnt;
	}
	return pos;
}

/* Does the program read bytes of a packet? Extensions do not count. */
static bool reads_packet(const struct sock_filter *prog, u32 len)
{
	u32 pc;

	for (pc = 0; pc < len; pc++) {
		const struct classic_row *row = classic_row(prog[pc].code);

		if (!(row->flags & CLASSIC_F_PACKET))
			continue;
		if (row->kind != CLASSIC_LD_ABS || !classic_anc(&prog[pc]))
			return true;
	}
	return false;
}

/**
 * classic_translate - make an eBPF program of a classic one
 * @prog: instructions, checked by classic_check(); a hook may have changed some since
 * @len: how many
 *
 * Context: may sleep. Return: the program, not ready to run yet, or ERR_PTR(-ENOMEM).
 */
struct bpf_prog *classic_translate(const struct sock_filter *prog, u32 len)
{
	struct translation *t;
	struct bpf_prog *fp;

	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return ERR_PTR(-ENOMEM);
	t->prog = prog;
	t->len = len;
	t->packet = reads_packet(prog, len);
	t->addr = kvcalloc(len, sizeof(*t->addr), GFP_KERNEL);
	if (!t->addr) {
		kfree(t);
		return ERR_PTR(-ENOMEM);
	}

	fp = bpf_prog_alloc(tr_pass(t, NULL), GFP_KERNEL | __GFP_NOWARN);
	if (fp) {
		tr_pass(t, fp->insnsi);
		fp->aux->stack_depth = STACK_SIZE;
	}
	kvfree(t->addr);
	kfree(t);
	return fp ?: ERR_PTR(-ENOMEM);
}
