// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of operations that one handler of the interpreter does: each with random operands against
 * the reference, entered at the first and, by a jump, at the second.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>

#include "exec/interp.h"
#include "exec/interp_pairs.h"
#include "jittest.h"

static const struct {
	u16 first, second;
	const char *name;
} pairs[] = {
#define PAIR(a, b)	{ INSN_##a, INSN_##b, #a ", " #b },
	INTERP_PAIRS(PAIR)
#undef PAIR
};

#define TRIALS	40

static struct t_prog *prog;

/* What survives calls. */
static u8 any_reg(struct t_rng *rng)
{
	static const u8 regs[] = { 0, 6, 7, 8 };

	return regs[t_rand(rng) % ARRAY_SIZE(regs)];
}

static bool is_shift(const struct bpf_insn *insn)
{
	u8 op = insn_op(insn);

	return insn_is_alu(insn) && (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH);
}

/* An instruction of an operation with random operands; memory is at R9. */
static void add_op(struct t_prog *p, u16 id, struct t_rng *rng)
{
	const struct insn_row *row = &insn_rows[id];
	struct bpf_insn insn = {
		.code = row->code,
		.dst_reg = row->shape & INSN_O_ZD ? 0 : any_reg(rng),
		.src_reg = row->shape & INSN_O_ZS ? 0 : any_reg(rng),
		.imm = row->shape & INSN_O_ZI ? 0 : t_edge(rng),
	};

	if (row->kind == INSN_KIND_LD_IMM64) {
		t_add_imm64(p, insn.dst_reg, 0, t_edge(rng));
		return;
	}
	if (row->kind == INSN_KIND_CALL) {
		t_add(p, insn_call(bpf_call_imm(t_helper_mix)));
		return;
	}
	if (row->kind == INSN_KIND_LOAD)
		insn.src_reg = 9;
	if (row->kind == INSN_KIND_STORE || row->kind == INSN_KIND_STORE_IMM)
		insn.dst_reg = 9;
	if (insn_class(&insn) == BPF_LDX || insn_class(&insn) == BPF_STX ||
	    insn_class(&insn) == BPF_ST)
		insn.off = t_rand(rng) % 100;
	/* over what only the other way does */
	if (row->kind == INSN_KIND_JUMP || row->kind == INSN_KIND_GOTO)
		insn.off = 1;
	if (is_shift(&insn))
		insn.imm &= 31;
	if (row->sel == INSN_SEL_OFF)
		insn.off = row->val;
	if (row->sel == INSN_SEL_IMM)
		insn.imm = row->val;
	t_add(p, insn);
}

/* @jump: to the second, over the first. */
static void make(u32 k, struct t_rng *rng, bool jump)
{
	bool wide = insn_rows[pairs[k].first].kind == INSN_KIND_LD_IMM64;
	u8 r;

	prog->len = 0;
	prog->stack = 8;
	t_add(prog, insn_mov64_reg(9, 1));
	for (r = 0; r <= 8; r++)
		t_add_imm64(prog, r, 0, t_edge(rng));
	if (jump)
		t_add(prog, insn_goto(wide ? 2 : 1));
	add_op(prog, pairs[k].first, rng);
	add_op(prog, pairs[k].second, rng);
	t_add(prog, insn_alu64_imm(BPF_ADD, 0, 77));
	for (r = 6; r <= 8; r++) {
		t_add(prog, insn_alu64_imm(BPF_MUL, 0, 31));
		t_add(prog, insn_alu64_reg(BPF_ADD, 0, r));
	}
	t_add(prog, insn_mov64_reg(6, 0));
	t_add(prog, insn_alu64_imm(BPF_RSH, 6, 32));
	t_add(prog, insn_alu64_reg(BPF_XOR, 0, 6));
	t_add(prog, insn_exit());
}

static void run_pair(u32 k, bool jump)
{
	u8 want_ctx[T_CTX_SIZE] __aligned(8), ctx[T_CTX_SIZE] __aligned(8);
	u64 want, got;
	u32 trial;

	for (trial = 0; trial < TRIALS; trial++) {
		struct t_rng rng = { k * 1000 + trial };

		make(k, &rng, jump);
		memset(want_ctx, trial, sizeof(want_ctx));
		memset(ctx, trial, sizeof(ctx));
		if (!t_check(t_ref_run(prog, 1, want_ctx, &want), "%s: reference gave up",
			     pairs[k].name))
			return;
		t_check(t_interp_run(prog, ctx, &got) && (u32)got == (u32)want &&
			!memcmp(ctx, want_ctx, sizeof(ctx)), "%s%s: got %x want %x", pairs[k].name,
			jump ? ", into the second" : "", (u32)got, (u32)want);
	}
}

void test_pairs(void)
{
	u32 k;

	prog = calloc(1, sizeof(*prog));
	for (k = 0; k < ARRAY_SIZE(pairs); k++) {
		u8 kind = insn_rows[pairs[k].first].kind;

		t_check(kind != INSN_KIND_JUMP && kind != INSN_KIND_GOTO &&
			kind != INSN_KIND_EXIT && kind != INSN_KIND_TAIL_CALL &&
			pairs[k].first != INSN_CALL_SUB, "%s: the first does not always go on",
			pairs[k].name);
		/* calls of subprograms take a program of two functions: suite exec has them */
		if (pairs[k].second == INSN_CALL_SUB)
			continue;
		run_pair(k, false);
		run_pair(k, true);
	}
	free(prog);
}
