// SPDX-License-Identifier: GPL-2.0
/*
 * Named hazards of JITs (design: bugs that were exploited elsewhere).
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

static struct t_prog *prog;

/* @bytes bytes of code that changes R2 (NEG: 2 bytes in 32 bits, 3 in 64), in simple mode. */
static void pad(u32 bytes)
{
	if (bytes & 1) {
		t_add(prog, insn_make(BPF_ALU64 | BPF_NEG, 1, 0, 0, 0));
		bytes -= 3;
	}
	for (; bytes; bytes -= 2)
		t_add(prog, insn_make(BPF_ALU | BPF_NEG, 1, 0, 0, 0));
}

static void run_all_inputs(const char *name, u32 inputs)
{
	struct jit_env e = t_env_default();
	u64 ctx[T_CTX_SIZE / 8], want, got;
	struct t_image img;
	u32 mode, k;
	int err;

	for (mode = 0; mode < 4; mode++) {
		e.rules = mode & 1 ? JIT_ALL_RULES : 0;
		t_env_use(&e);
		err = t_compile(&img, prog, 1, NULL, mode & 2);
		if (!t_check(!err, "%s mode %u: %d", name, mode, err))
			continue;
		for (k = 0; k < inputs; k++) {
			memset(ctx, 0, sizeof(ctx));
			ctx[0] = k;
			if (!t_check(t_ref_run(prog, 1, ctx, &want), "%s: reference", name))
				continue;
			got = t_run(&img, ctx);
			t_check(got == want, "%s mode %u input %u: got %llx want %llx", name, mode,
				k, (unsigned long long)got, (unsigned long long)want);
		}
		t_release(&img);
	}
}

#define DOMINO	24	/* more than the rounds that a layout takes */

/*
 * Each jump just reaches over the next one, if that is short. Making the last
 * one long makes the one before too long in the next round, and so on.
 */
static void domino_forward(u32 reach)
{
	u32 jump[DOMINO], k;

	prog->len = 0;
	prog->stack = 0;
	t_add(prog, insn_load(BPF_DW, 3, 1, 0));
	t_add(prog, insn_mov64_imm(0, 0));
	t_add(prog, insn_mov64_imm(1, 12345));
	for (k = 0; k < DOMINO; k++) {
		jump[k] = prog->len;
		t_add(prog, insn_jump_imm(BPF_JEQ, 3, k + 1, 0));
		/* the target of the jump before this one */
		if (k)
			prog->insns[jump[k - 1]].off = prog->len - jump[k - 1] - 1;
		t_add(prog, insn_alu64_imm(BPF_ADD, 0, 1 << k));
		pad(reach);
	}
	pad(40);
	prog->insns[jump[DOMINO - 1]].off = prog->len - jump[DOMINO - 1] - 1;
	t_add(prog, insn_alu64_reg(BPF_ADD, 0, 1));
	t_add(prog, insn_exit());
	run_all_inputs("hazard_2021_29154 forward", DOMINO + 2);
}

/* Backward jumps over each other; a counter ends it. */
static void domino_backward(u32 reach)
{
	u32 target[DOMINO], k;

	prog->len = 0;
	prog->stack = 0;
	t_add(prog, insn_load(BPF_DW, 3, 1, 0));
	t_add(prog, insn_mov64_imm(0, 0));
	t_add(prog, insn_mov64_imm(1, 12345));
	t_add(prog, insn_mov64_imm(4, 20));
	target[0] = prog->len;
	for (k = 0; k < DOMINO; k++) {
		t_add(prog, insn_alu64_imm(BPF_ADD, 4, -1));
		t_add(prog, insn_jump_imm(BPF_JSLT, 4, 0, 0));
		prog->insns[prog->len - 1].off = 0;
		t_add(prog, insn_alu64_imm(BPF_ADD, 0, 3 + k));
		pad(reach);
		if (k + 1 < DOMINO)
			target[k + 1] = prog->len;
		t_add(prog, insn_alu64_imm(BPF_ADD, 3, 1));
		t_add(prog, insn_alu64_imm(BPF_ADD, 4, -1));
		t_add(prog, insn_jump_imm(BPF_JSLT, 4, 0, 1));
		t_add(prog, insn_jump_imm(BPF_JSET, 3, 1 << (k % 5),
					  (s32)target[k] - (s32)prog->len - 1));
	}
	t_add(prog, insn_alu64_reg(BPF_ADD, 0, 1));
	t_add(prog, insn_exit());
	run_all_inputs("hazard_2021_29154, 2016_2383 backward", 12);
}

/* In the final layout every short branch fits, and every long one would not be short. */
static void layout_is_tight(u64 seed)
{
	struct jit_env e = t_env_default();
	struct t_image img = {};
	struct jit_ctx *ctx;
	u32 i, loose = 0;

	t_generate(prog, seed, 60);
	e.rules = seed & 2 ? JIT_ALL_RULES : 0;
	t_env_use(&e);
	if (t_compile(&img, prog, 1, NULL, false))
		return;
	ctx = jit_compile(&img.src[0], &e);
	if (IS_ERR(ctx))
		goto out;
	for (i = 0; i < ctx->nr; i++) {
		const struct x86_insn *insn = &ctx->code[i];
		s64 disp;

		if ((insn->op != X86_JMP && insn->op != X86_JCC) || insn->label == X86_NOLABEL ||
		    insn->flags & (X86_WIDE | X86_ABS | X86_ADDR_FUNC))
			continue;
		disp = (s64)ctx->off[ctx->labels[insn->label]] - ctx->off[i + 1];
		if (insn->flags & X86_SHORT)
			t_check(x86_is_s8(disp), "seed %llu: short branch over %lld",
				(unsigned long long)seed, disp);
		else
			loose += x86_is_s8(disp);
	}
	/* A branch that another's growth brought nearer stays long: rare, never many. */
	t_check(loose <= 1, "seed %llu: %u long branches are needless", (unsigned long long)seed,
		loose);
	jit_free_ctx(ctx);
out:
	t_release(&img);
}

/*
 * hazard_jit_spray: no run of an attacker's constant appears in an image that
 * was blinded, whatever the rules make of constants.
 */
static bool image_has(const struct t_image *img, u32 value)
{
	const u8 *text = (const u8 *)img->prog[0]->bpf_func;
	u32 k;

	for (k = 0; k + 4 <= img->bytes; k++)
		if (!memcmp(text + k, &value, 4))
			return true;
	return false;
}

static void jit_spray(void)
{
	struct jit_env e = t_env_default();
	const s32 magic = 0x3cc3c3a8;
	struct t_image img;
	int mode, blind;

	prog->len = 0;
	prog->stack = 16;
	t_add(prog, insn_mov64_imm(0, magic));
	t_add(prog, insn_alu64_imm(BPF_ADD, 0, magic));
	t_add(prog, insn_alu64_imm(BPF_XOR, 0, magic));
	t_add(prog, insn_mov64_imm(2, magic));
	t_add(prog, insn_alu64_reg(BPF_ADD, 0, 2));
	t_add(prog, insn_store_imm(BPF_W, 10, -4, magic));
	t_add(prog, insn_store(BPF_DW, 10, 2, -16));
	t_add(prog, insn_alu32_imm(BPF_MUL, 0, magic));
	t_add(prog, insn_jump_imm(BPF_JEQ, 0, magic, 0));
	t_add(prog, insn_jump_imm(BPF_JGT, 2, magic, 1));
	t_add(prog, insn_alu64_imm(BPF_AND, 2, magic));
	t_add_imm64(prog, 3, 0, (u64)magic << 32 | (u32)magic);
	t_add(prog, insn_alu64_reg(BPF_ADD, 0, 3));
	t_add(prog, insn_alu64_reg(BPF_ADD, 0, 2));
	t_add(prog, insn_exit());
	for (mode = 0; mode < 2; mode++) {
		e.rules = mode ? JIT_ALL_RULES : 0;
		t_env_use(&e);
		for (blind = 0; blind < 2; blind++) {
			if (t_check(!t_compile(&img, prog, 1, NULL, blind), "hazard_jit_spray"))
				t_check(image_has(&img, magic) == !blind,
					"hazard_jit_spray: mode %d blind %d", mode, blind);
			t_release(&img);
		}
	}
	run_all_inputs("hazard_jit_spray", 1);
}

/* Barriers stay where they are, with everything before them executed before. */
static void speculation_barrier(void)
{
	static const u8 lfence[] = { 0x0f, 0xae, 0xe8 };
	struct jit_env e = t_env_default();
	struct t_image img;
	const u8 *text;
	u32 k, at = 0, store = 0;

	prog->len = 0;
	prog->stack = 16;
	t_add(prog, insn_mov64_imm(2, 0));
	t_add(prog, insn_store(BPF_DW, 10, 2, -8));
	t_add(prog, insn_nospec());
	t_add(prog, insn_load(BPF_DW, 0, 10, -8));
	t_add(prog, insn_exit());
	t_env_use(&e);
	if (!t_check(!t_compile(&img, prog, 1, NULL, false), "hazard_speculation"))
		return;
	text = (const u8 *)img.prog[0]->bpf_func;
	for (k = 0; k + 8 < img.bytes; k++) {
		if (!memcmp(text + k, lfence, 3))
			at = k;
		if (text[k] == 0x48 && text[k + 1] == 0xc7 && text[k + 2] == 0x45)
			store = k;
	}
	t_check(store && at > store, "hazard_speculation: store at %u, barrier at %u", store, at);
	t_release(&img);
}

void test_hazards(void)
{
	u32 reach;
	u64 seed;

	prog = calloc(1, sizeof(*prog));
	for (reach = 90; reach < 132; reach++) {
		domino_forward(reach);
		domino_backward(reach);
	}
	for (seed = 1; seed <= 300; seed++)
		layout_is_tight(seed);
	jit_spray();
	speculation_barrier();
	free(prog);
}
