// SPDX-License-Identifier: GPL-2.0
/*
 * Every opcode with edge operands in every combination of a few registers, and
 * the image checker on images that are wrong.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

static const u64 edges[] = {
	0, 1, 2, 3, 7, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
	0x80000000, 0xffffffff, 0x100000000ULL, 0x7fffffffffffffffULL, 0x8000000000000000ULL,
	0xffffffffffffffffULL, 0xffffffff80000000ULL, 0x0123456789abcdefULL,
};

static struct t_prog *prog;
static u8 ctx[T_CTX_SIZE] __aligned(8);

/* Compares JIT and reference, simple and full, with a context made of edges. */
static void run_both(const char *name, u64 a, u64 b)
{
	struct jit_env e = t_env_default();
	u8 want_ctx[T_CTX_SIZE];
	u64 want, got;
	u32 k;

	for (k = 0; k < 8; k++) {
		struct t_image img;
		int err;

		e.rules = k & 1 ? JIT_ALL_RULES : 0;
		e.bmi2 = t_env_default().bmi2 && k & 2;
		e.movbe = k & 4;
		memset(ctx, 0x5a, sizeof(ctx));
		memcpy(ctx, &a, 8);
		memcpy(ctx + 8, &b, 8);
		if (!t_ref_run(prog, 1, ctx, &want)) {
			t_check(false, "%s: reference gave up", name);
			return;
		}
		memcpy(want_ctx, ctx, sizeof(ctx));
		memset(ctx, 0x5a, sizeof(ctx));
		memcpy(ctx, &a, 8);
		memcpy(ctx + 8, &b, 8);
		t_env_use(&e);
		err = t_compile(&img, prog, 1, NULL, false);
		got = err ? 0 : t_run(&img, ctx);
		t_check(!err && got == want && !memcmp(ctx, want_ctx, sizeof(ctx)),
			"%s a %llx b %llx rules %llx: err %d got %llx want %llx", name,
			(unsigned long long)a, (unsigned long long)b, (unsigned long long)e.rules,
			err, (unsigned long long)got, (unsigned long long)want);
		t_release(&img);
	}
}

/* Folds all registers but the addresses into R0. */
static void finish(void)
{
	u8 r;

	for (r = 1; r <= 8; r++) {
		t_add(prog, insn_alu64_imm(BPF_MUL, 0, 31));
		t_add(prog, insn_alu64_reg(BPF_XOR, 0, r));
	}
	t_add(prog, insn_exit());
}

static void start(u8 dst, u8 src, u64 a, u64 b, bool from_memory)
{
	u8 r;

	prog->len = 0;
	prog->stack = 64;
	t_add(prog, insn_mov64_reg(9, 1));
	for (r = 0; r <= 8; r++)
		t_add(prog, insn_mov64_imm(r, 100 + r));
	if (from_memory) {
		if (src != dst)
			t_add(prog, insn_load(BPF_DW, src, 9, 8));
		t_add(prog, insn_load(BPF_DW, dst, 9, 0));
	} else {
		if (src != dst)
			t_add_imm64(prog, src, 0, b);
		t_add_imm64(prog, dst, 0, a);
	}
}

static void one_alu(const struct insn_row *row, u8 dst, u8 src, u64 a, u64 b, bool mem)
{
	struct bpf_insn insn = insn_make(row->code, dst, 0, 0, 0);
	u32 mask = row->width * 8 - 1;

	if (row->sel == INSN_SEL_OFF)
		insn.off = row->val;
	if (row->kind == INSN_KIND_END)
		insn.imm = row->val;
	else if (BPF_SRC(row->code) == BPF_X)
		insn.src_reg = src;
	else if (row->kind != INSN_KIND_NEG)
		insn.imm = b;
	if (row->kind == INSN_KIND_ALU && !insn.src_reg && BPF_SRC(row->code) == BPF_K &&
	    (BPF_OP(row->code) == BPF_LSH || BPF_OP(row->code) == BPF_RSH ||
	     BPF_OP(row->code) == BPF_ARSH))
		insn.imm &= mask;
	start(dst, src, a, b, mem);
	t_add(prog, insn);
	finish();
	run_both(row->name, a, b);
}

static void one_jump(const struct insn_row *row, u8 dst, u8 src, u64 a, u64 b, bool mem)
{
	bool reg = BPF_SRC(row->code) == BPF_X;

	start(dst, src, a, b, mem);
	t_add(prog, insn_make(row->code, dst, reg ? src : 0, 1, reg ? 0 : (s32)b));
	t_add(prog, insn_mov64_imm(3, 77));
	finish();
	run_both(row->name, a, b);
}

static void alu_and_jumps(const struct insn_row *row)
{
	static const u8 regs[][2] = {
		{ 0, 1 }, { 1, 0 }, { 3, 4 }, { 4, 3 }, { 2, 2 }, { 0, 0 }, { 3, 3 }, { 4, 4 },
		{ 5, 3 }, { 6, 4 }, { 4, 7 }, { 8, 0 }, { 0, 4 }, { 4, 0 }, { 3, 0 },
	};
	u32 i, j, k = 0;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		for (j = 0; j < ARRAY_SIZE(edges); j++, k++) {
			const u8 *r = regs[k % ARRAY_SIZE(regs)];

			if (row->kind == INSN_KIND_JUMP)
				one_jump(row, r[0], r[1], edges[i], edges[j], k & 1);
			else
				one_alu(row, r[0], r[1], edges[i], edges[j], k & 1);
		}
	}
}

static void memory(const struct insn_row *row)
{
	static const u8 regs[][2] = {
		{ 0, 1 }, { 1, 0 }, { 3, 4 }, { 4, 3 }, { 2, 2 }, { 0, 0 }, { 5, 6 }, { 7, 8 },
	};
	u32 i, j, k = 0;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		for (j = 0; j < ARRAY_SIZE(edges); j += 3, k++) {
			const u8 *r = regs[k % ARRAY_SIZE(regs)];
			bool same = r[0] == r[1];
			struct bpf_insn insn = insn_make(row->code, r[0], r[1], 0, 0);

			start(r[0], r[1], edges[i], edges[j], false);
			t_add(prog, insn_mov64_imm(0, edges[j]));
			switch (row->kind) {
			case INSN_KIND_LOAD:
				t_add(prog, insn_mov64_reg(r[1], 9));
				t_add(prog, insn);
				break;
			case INSN_KIND_STORE_IMM:
				insn.src_reg = 0;
				insn.imm = edges[i];
				fallthrough;
			default:
				if (row->kind == INSN_KIND_ATOMIC)
					insn.imm = row->val;
				if (!same)
					t_add_imm64(prog, r[1], 0, edges[j]);
				t_add(prog, insn_mov64_reg(r[0], 9));
				if (same && row->kind == INSN_KIND_ATOMIC)
					continue;
				t_add(prog, insn);
				/* the address does not get into the result */
			}
			if (same && row->kind == INSN_KIND_STORE)
				continue;
			if (row->kind == INSN_KIND_LOAD ? !same : true) {
				u8 addr = row->kind == INSN_KIND_LOAD ? r[1] : r[0];

				/* R0 of a cmpxchg on (R0) is what the place held */
				if (addr == 0 && row->kind == INSN_KIND_ATOMIC)
					continue;
				t_add(prog, insn_mov64_imm(addr, 5));
			}
			finish();
			run_both(row->name, edges[i], edges[j]);
		}
	}
}

void test_opcodes(void)
{
	u32 id;

	prog = calloc(1, sizeof(*prog));
	for (id = INSN_INVALID + 1; id < INSN_NR; id++) {
		const struct insn_row *row = &insn_rows[id];

		if (row->group == INSN_GROUP_INTERNAL || row->group == INSN_GROUP_LINUX ||
		    row->group == INSN_GROUP_PACKET)
			continue;
		switch (row->kind) {
		case INSN_KIND_ALU:
		case INSN_KIND_NEG:
		case INSN_KIND_MOV:
		case INSN_KIND_MOVSX:
		case INSN_KIND_END:
		case INSN_KIND_JUMP:
			alu_and_jumps(row);
			break;
		case INSN_KIND_LOAD:
		case INSN_KIND_STORE:
		case INSN_KIND_STORE_IMM:
		case INSN_KIND_ATOMIC:
			memory(row);
			break;
		}
	}
	free(prog);
}

/* ------------------------------------------------------------------ image checker */

static void check_case(const char *name, const u8 *text, u32 len, bool good)
{
	int err = jit_check_image(text, len);

	t_check(good ? !err : err == -EINVAL, "check %s: %d", name, err);
}

void test_check(void)
{
	static const u8 inside[] = { 0xeb, 0x01, 0xb8, 0x90, 0x90, 0x90, 0x90, 0xc3 };
	static const u8 fine[] = { 0xeb, 0x05, 0xb8, 0x90, 0x90, 0x90, 0x90, 0xc3 };
	static const u8 far_jcc[] = { 0x0f, 0x84, 0x00, 0x10, 0x00, 0x00, 0xc3 };
	static const u8 far_short[] = { 0xeb, 0x70, 0xc3 };
	static const u8 far_call[] = { 0xe8, 0x00, 0x10, 0x00, 0x00, 0xc3 };
	static const u8 before[] = { 0x90, 0x75, 0x80, 0xc3 };
	static const u8 syscall[] = { 0x0f, 0x05, 0xc3 };
	static const u8 cut[] = { 0x48, 0xb8, 0x00 };
	static const u8 rip[] = { 0x48, 0x8b, 0x05, 0x00, 0x00, 0x00, 0x00, 0xc3 };
	static const u8 wrmsr[] = { 0x0f, 0x30 };
	static const u8 end[] = { 0xeb, 0x00 };

	check_case("jump into an instruction", inside, sizeof(inside), false);
	check_case("jump over an instruction", fine, sizeof(fine), true);
	check_case("conditional jump out of the image", far_jcc, sizeof(far_jcc), false);
	check_case("short jump out of the image", far_short, sizeof(far_short), false);
	check_case("call out of the image", far_call, sizeof(far_call), true);
	check_case("jump in front of the image", before, sizeof(before), false);
	check_case("instruction outside of the set", syscall, sizeof(syscall), false);
	check_case("privileged instruction", wrmsr, sizeof(wrmsr), false);
	check_case("instruction that is cut off", cut, sizeof(cut), false);
	check_case("operand relative to RIP", rip, sizeof(rip), false);
	check_case("jump to the end", end, sizeof(end), false);
}
