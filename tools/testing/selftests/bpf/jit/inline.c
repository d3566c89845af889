// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that are written out instead of called: the same program with the rule and without it,
 * where the real helper is called, has to come to the same. GS stands for per-CPU data.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/prctl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/arch.h"
#include "jittest.h"

/* Offsets of the two per-CPU variables, and where GS is. */
#define CPU_AT		16
#define CURRENT_AT	24

static u64 percpu[8];
static u64 *low;
static u32 calls;

u64 bpf_arch_inline_addr(enum bpf_inline_var var)
{
	return var == BPF_INLINE_VAR_SMP_ID ? CPU_AT : var == BPF_INLINE_VAR_CURRENT ? CURRENT_AT :
	       (u64)low;
}

static u64 h_cpu(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return (u32)percpu[CPU_AT / 8];
}

static u64 h_current(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return percpu[CURRENT_AT / 8];
}

/* What the per-CPU pointer leads to, and which word of it. */
static u64 object[4] = { 1, 2, 0x1234567800000009, 4 };

static u64 h_field(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return ((u64 *)percpu[CURRENT_AT / 8])[2];
}

static u64 target(void)
{
	return 0x7766554433221100;
}

static u64 h_alias(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return target();
}

static u64 h_low(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return *low;
}

static u64 h_xchg(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return __atomic_exchange_n((u64 *)r1, r2, __ATOMIC_SEQ_CST);
}

static u64 h_arg_cnt(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return ((u64 *)r1)[-1];
}

static u64 h_func_ip(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	calls++;
	return ((u64 *)r1)[-2];
}

static u64 h_func_arg(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const u64 *ctx = (u64 *)r1;
	u32 n = r2;

	calls++;
	*(u64 *)r3 = n < ctx[-1] ? ctx[n] : 0;
	return n < ctx[-1] ? 0 : -EINVAL;
}

static u64 h_func_ret(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const u64 *ctx = (u64 *)r1;

	calls++;
	*(u64 *)r2 = ctx[ctx[-1]];
	return 0;
}

static u64 h_loop(u64 nr, u64 fn, u64 ctx, u64 flags, u64 r5)
{
	u64 (*body)(u64 i, u64 ctx, u64 c, u64 d, u64 e) = (void *)fn;
	u32 i;

	calls++;
	if (flags)
		return -EINVAL;
	if ((u32)nr > BPF_LOOP_MAX)
		return -E2BIG;
	for (i = 0; i < (u32)nr; i++)
		if (body(i, ctx, 0, 0, 0))
			return i + 1;
	return i;
}

static void register_all(void)
{
	low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		abort();
	*low = 0x1122334455667788;
	percpu[CPU_AT / 8] = 0xfeedface00000003;
	percpu[CURRENT_AT / 8] = (u64)object;
	bpf_inline_register(h_cpu, BPF_INLINE_PERCPU_U32, BPF_INLINE_VAR_SMP_ID);
	bpf_inline_register(h_current, BPF_INLINE_PERCPU_U64, BPF_INLINE_VAR_CURRENT);
	bpf_inline_register_field(h_field, BPF_INLINE_VAR_CURRENT, 16);
	bpf_inline_register_alias(h_alias, target);
	bpf_inline_register(h_low, BPF_INLINE_U64, BPF_INLINE_VAR_JIFFIES);
	bpf_inline_register(h_xchg, BPF_INLINE_XCHG, BPF_INLINE_VAR_NONE);
	bpf_inline_register(h_arg_cnt, BPF_INLINE_ARG_CNT, BPF_INLINE_VAR_NONE);
	bpf_inline_register(h_func_ip, BPF_INLINE_FUNC_IP, BPF_INLINE_VAR_NONE);
	bpf_inline_register(h_func_arg, BPF_INLINE_FUNC_ARG, BPF_INLINE_VAR_NONE);
	bpf_inline_register(h_func_ret, BPF_INLINE_FUNC_RET, BPF_INLINE_VAR_NONE);
	bpf_inline_register(h_loop, BPF_INLINE_LOOP, BPF_INLINE_VAR_NONE);
}

static struct t_prog *progs;

static struct t_prog *reset(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		progs[i].len = 0;
		progs[i].stack = 16;
	}
	return &progs[0];
}

static u64 run_once(const char *name, u32 cnt, u64 rules, bool blind, u64 *ctx, u32 *called)
{
	struct jit_env e = t_env_default();
	struct t_image img;
	u64 got = 0;
	int err;

	e.rules = rules;
	t_env_use(&e);
	memset(ctx, 0, 8 * 8);
	ctx[0] = 0xabcdef;
	calls = 0;
	err = t_compile(&img, progs, cnt, NULL, blind);
	if (t_check(!err, "%s: err %d", name, err)) {
		syscall(SYS_arch_prctl, ARCH_SET_GS, percpu);
		got = t_run(&img, ctx + 1);
		syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
	}
	t_release(&img);
	*called = calls;
	return got;
}

/* @direct: whether no call of the helper is expected with the rule. */
static void compare(const char *name, u32 cnt, bool direct)
{
	u64 want_ctx[8], ctx[8], want, got;
	u32 called, k;

	want = run_once(name, cnt, JIT_ALL_RULES & ~(1ULL << JIT_RULE_INLINE), false, want_ctx,
			&called);
	t_check(called, "%s: the helper was not called", name);
	for (k = 0; k < 4; k++) {
		got = run_once(name, cnt, k & 1 ? 1ULL << JIT_RULE_INLINE | 1ULL << JIT_RULE_CONST :
			       JIT_ALL_RULES, k & 2, ctx, &called);
		t_check(got == want && !memcmp(ctx, want_ctx, sizeof(ctx)),
			"%s (%u): got %llx want %llx", name, k, (unsigned long long)got,
			(unsigned long long)want);
		/* blinding takes the constants of a loop apart */
		t_check(!called == (direct && (cnt == 1 || !(k & 2))), "%s (%u): called %u times",
			name, k, called);
	}
}

/* The helper's own instructions count, too. */
static void note_effect(u32 cnt)
{
	u64 ctx[8] = {};

	t_count_all = true;
	syscall(SYS_arch_prctl, ARCH_SET_GS, percpu);
	t_note_effect(JIT_RULE_INLINE, progs, cnt, NULL, ctx + 1);
	syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
	t_count_all = false;
}

/* R1 is &ctx[1] of run_once(). */
static void one(const char *name, u64 (*helper)(u64, u64, u64, u64, u64), u8 keep)
{
	struct t_prog *p = reset();

	/* values that live across the call, in registers and as sums */
	t_add(p, insn_mov64_reg(keep, 1));
	t_add(p, insn_alu64_imm(BPF_ADD, keep, 8));
	t_add(p, insn_mov64_imm(2, 77));
	t_add(p, insn_mov64_imm(0, 5));
	t_add(p, insn_call(bpf_call_imm(helper)));
	t_add(p, insn_store(BPF_DW, keep, 0, 8));
	t_add(p, insn_mov64_reg(1, keep));
	t_add(p, insn_mov64_reg(2, 0));
	t_add(p, insn_call(bpf_call_imm(helper)));
	t_add(p, insn_load(BPF_DW, 3, keep, 8));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 3));
	t_add(p, insn_exit());
	compare(name, 1, true);
	note_effect(1);
}

/*
 * A program at a function of three arguments, whose context is &ctx[3] of run_once(): argument
 * @n, or what the function returned, is written in front of it and returned as well.
 */
static void func_word(const char *name, u64 (*helper)(u64, u64, u64, u64, u64), u8 to, u64 n,
		      bool known)
{
	struct t_prog *p = reset();
	u32 k;

	t_add(p, insn_alu64_imm(BPF_ADD, 1, 16));
	for (k = 0; k < 4; k++)
		t_add(p, insn_store_imm(BPF_DW, 1, 8 * k, 1000 + k));
	t_add(p, insn_store_imm(BPF_DW, 1, -8, 3));
	t_add(p, insn_store_imm(BPF_DW, 1, -16, 77));
	t_add(p, insn_mov64_reg(6, 1));
	if (known) {
		t_add(p, insn_mov64_imm(2, n));
	} else {
		t_add_imm64(p, 2, 0, n);
		t_add(p, insn_alu64_imm(BPF_XOR, 2, 0));
	}
	t_add(p, insn_mov64_reg(to, 1));
	t_add(p, insn_alu64_imm(BPF_ADD, to, -24));
	t_add(p, insn_mov64_reg(7, 6));
	t_add(p, insn_alu64_imm(BPF_ADD, 7, 5));
	t_add(p, insn_call(bpf_call_imm(helper)));
	t_add(p, insn_load(BPF_DW, 1, 6, -24));
	t_add(p, insn_alu64_imm(BPF_LSH, 1, 8));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 1));
	/* a sum that lived across the call */
	t_add(p, insn_alu64_reg(BPF_SUB, 7, 6));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 7));
	t_add(p, insn_exit());
	compare(name, 1, true);
	note_effect(1);
}

static void func_words(void)
{
	static const u64 n[] = { 0, 1, 2, 3, 4, 15, 16, 1000, 0xffffffff };
	char name[64];
	u32 k;

	for (k = 0; k < 2 * ARRAY_SIZE(n); k++) {
		bool known = k & 1;
		u64 v = known ? (s32)n[k / 2] : n[k / 2] | 0xf00000000ULL;

		snprintf(name, sizeof(name), "argument %llu%s", (unsigned long long)n[k / 2],
			 known ? "" : " in a register");
		func_word(name, h_func_arg, 3, v, known);
	}
	func_word("what a function returned", h_func_ret, 2, 0, true);
	func_word("address of a function", h_func_ip, 3, 0, true);
}

static void add_loop(struct t_prog *p, s32 nr, s32 flags, bool known)
{
	t_add(p, insn_mov64_reg(6, 1));
	if (known)
		t_add(p, insn_mov64_imm(1, nr));
	else
		t_add_imm64(p, 1, 0, 0xf00000000ULL | (u32)nr);
	if (!known)
		t_add(p, insn_alu64_imm(BPF_XOR, 1, 0));
	t_add_imm64(p, 2, BPF_PSEUDO_FUNC, 0);
	p->insns[p->len - 2].off = 1;
	t_add(p, insn_mov64_reg(3, 6));
	t_add(p, insn_mov64_imm(4, flags));
	t_add(p, insn_call(bpf_call_imm(h_loop)));
	t_add(p, insn_load(BPF_DW, 3, 6, 0));
	t_add(p, insn_alu64_imm(BPF_LSH, 3, 32));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 3));
	t_add(p, insn_exit());
}

/* ctx[0] += index * 3 + 1; 1 when the index is @last */
static void add_body(struct t_prog *p, s32 last)
{
	t_add(p, insn_mov64_reg(7, 1));
	t_add(p, insn_alu64_imm(BPF_MUL, 1, 3));
	t_add(p, insn_load(BPF_DW, 8, 2, 0));
	t_add(p, insn_alu64_reg(BPF_ADD, 8, 1));
	t_add(p, insn_alu64_imm(BPF_ADD, 8, 1));
	t_add(p, insn_store(BPF_DW, 2, 8, 0));
	t_add(p, insn_mov64_imm(0, 1));
	t_add(p, insn_jump_imm(BPF_JEQ, 7, last, 1));
	t_add(p, insn_mov64_imm(0, 0));
	t_add(p, insn_exit());
}

static void loops(void)
{
	static const struct {
		s32 nr, last, flags;
	} cases[] = {
		{ 0, -1, 0 }, { 1, -1, 0 }, { 2, -1, 0 }, { 100, -1, 0 }, { 100, 0, 0 },
		{ 100, 57, 0 }, { 100, 99, 0 }, { BPF_LOOP_MAX + 1, 0, 0 }, { -1, 0, 0 },
		{ BPF_LOOP_MAX, 1000, 0 }, { 5, -1, 1 },
	};
	char name[64];
	u32 k;

	for (k = 0; k < 2 * ARRAY_SIZE(cases); k++) {
		bool known = k & 1;
		u32 c = k / 2;

		snprintf(name, sizeof(name), "bpf_loop(%d%s), last %d, flags %d", cases[c].nr,
			 known ? "" : " in a register", cases[c].last, cases[c].flags);
		reset();
		add_loop(&progs[0], cases[c].nr, cases[c].flags, known);
		add_body(&progs[1], cases[c].last);
		compare(name, 2, !cases[c].flags);
		if (cases[c].nr == 100 && !cases[c].flags)
			note_effect(2);
	}
}

/* The callback is chosen by a branch: the address is not known in the block. */
static void loop_unknown(void)
{
	struct t_prog *p = reset();

	t_add(p, insn_mov64_reg(3, 1));
	t_add(p, insn_mov64_imm(1, 4));
	t_add_imm64(p, 2, BPF_PSEUDO_FUNC, 0);
	p->insns[p->len - 2].off = 1;
	t_add(p, insn_jump_imm(BPF_JEQ, 1, 3, 2));
	t_add_imm64(p, 2, BPF_PSEUDO_FUNC, 0);
	p->insns[p->len - 2].off = 1;
	t_add(p, insn_mov64_imm(4, 0));
	t_add(p, insn_call(bpf_call_imm(h_loop)));
	t_add(p, insn_exit());
	add_body(&progs[1], -1);
	compare("bpf_loop() with a callback that is not known", 2, false);
}

void test_inline(void)
{
	register_all();
	progs = calloc(2, sizeof(*progs));
	one("u32 of this CPU", h_cpu, 6);
	one("u64 of this CPU", h_current, 7);
	one("field of this CPU's object", h_field, 8);
	one("another function", h_alias, 9);
	one("u64", h_low, 8);
	one("exchange", h_xchg, 9);
	one("argument count", h_arg_cnt, 6);
	func_words();
	loops();
	loop_unknown();
	free(progs);
}
