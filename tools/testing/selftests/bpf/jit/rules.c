// SPDX-License-Identifier: GPL-2.0
/*
 * Each rule on a program made for it: the rule is applied, the machine code is
 * at most as long as stated, and the result stays the same; and programs that
 * look alike but miss the precondition, to which it is not applied.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

#define A(op, dst, src)		insn_alu64_reg(BPF_##op, dst, src)
#define AI(op, dst, imm)	insn_alu64_imm(BPF_##op, dst, imm)
#define W(op, dst, src)		insn_alu32_reg(BPF_##op, dst, src)
#define WI(op, dst, imm)	insn_alu32_imm(BPF_##op, dst, imm)
#define LD(size, dst, src, off)	insn_load(BPF_##size, dst, src, off)
#define ST(size, dst, src, off)	insn_store(BPF_##size, dst, src, off)
#define STI(size, dst, off, imm) insn_store_imm(BPF_##size, dst, off, imm)
#define JI(op, dst, imm, off)	insn_jump_imm(BPF_##op, dst, imm, off)
#define J(op, dst, src, off)	insn_jump_reg(BPF_##op, dst, src, off)

/*
 * R1 is the context; @insns are followed by an exit. @steps: machine
 * instructions executed after the two no-operations at the entry, 0 for not
 * compared; @applied: whether the rule shall be.
 */
struct rule_case {
	const char *name;
	enum jit_rule rule;
	bool applied;
	u32 steps;
	u32 len;
	struct bpf_insn insns[12];
};

#define CASE(_name, _rule, _applied, _steps, ...) \
	{ \
		.name = _name, .rule = JIT_RULE_##_rule, .applied = _applied, .steps = _steps, \
		.insns = { __VA_ARGS__ }, \
		.len = ARRAY_SIZE(((struct bpf_insn []){ __VA_ARGS__ })), \
	}

/* Initialisers are calls of the constructors, so the table is not static. */
static void run_case(const struct rule_case *c);

static void rules_memory(void)
{
	const struct rule_case cases[] = {
		CASE("16 bits, little endian", BYTE_MERGE, true, 2,
		     LD(B, 0, 1, 3), LD(B, 2, 1, 4), AI(LSH, 2, 8), A(OR, 0, 2)),
		CASE("16 bits, big endian", BYTE_MERGE, true, 0,
		     LD(B, 0, 1, 3), AI(LSH, 0, 8), LD(B, 2, 1, 4), A(OR, 0, 2)),
		CASE("32 bits of 16", BYTE_MERGE, true, 2,
		     LD(H, 2, 1, 6), AI(LSH, 2, 16), LD(H, 0, 1, 4), A(OR, 0, 2)),
		CASE("bytes that are not adjacent", BYTE_MERGE, false, 0,
		     LD(B, 0, 1, 3), LD(B, 2, 1, 5), AI(LSH, 2, 8), A(OR, 0, 2)),
		CASE("bytes that overlap", BYTE_MERGE, false, 0,
		     LD(B, 0, 1, 3), LD(B, 2, 1, 4), AI(LSH, 2, 4), A(OR, 0, 2)),
		CASE("part that is used after", BYTE_MERGE, false, 0,
		     LD(B, 0, 1, 3), LD(B, 2, 1, 4), AI(LSH, 2, 8), A(OR, 0, 2), A(ADD, 0, 2)),
		CASE("store between", BYTE_MERGE, false, 0,
		     LD(B, 0, 1, 3), STI(B, 1, 4, 9), LD(B, 2, 1, 4), AI(LSH, 2, 8), A(OR, 0, 2)),
		CASE("other base", BYTE_MERGE, false, 0,
		     A(MOV, 3, 1), AI(ADD, 3, 8), LD(B, 0, 1, 3), LD(B, 2, 3, 4), AI(LSH, 2, 8),
		     A(OR, 0, 2)),
		CASE("four bytes", BYTE_STORE, true, 3,
		     STI(B, 1, 8, 1), STI(B, 1, 9, 2), STI(B, 1, 10, 3), STI(B, 1, 11, 4),
		     LD(DW, 0, 1, 8)),
		CASE("bytes downwards", BYTE_STORE, true, 3,
		     STI(B, 1, 9, -1), STI(B, 1, 8, 2), LD(DW, 0, 1, 8)),
		CASE("stores with a gap", BYTE_STORE, false, 4,
		     STI(B, 1, 8, 1), STI(B, 1, 10, 2), LD(DW, 0, 1, 8)),
		CASE("counter in memory", RMW, true, 3,
		     LD(DW, 2, 1, 8), AI(ADD, 2, 5), ST(DW, 1, 2, 8), LD(DW, 0, 1, 8)),
		CASE("sum in memory", RMW, true, 4,
		     LD(W, 3, 1, 0), LD(W, 2, 1, 8), A(ADD, 2, 3), ST(W, 1, 2, 8),
		     LD(DW, 0, 1, 8)),
		CASE("value used after the store", RMW, false, 0,
		     LD(DW, 2, 1, 8), AI(ADD, 2, 5), ST(DW, 1, 2, 8), A(MOV, 0, 2)),
		CASE("stored elsewhere", RMW, false, 0,
		     LD(DW, 2, 1, 8), AI(ADD, 2, 5), ST(DW, 1, 2, 16), LD(DW, 0, 1, 16)),
		CASE("load as operand", LOAD_OP, true, 3,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), A(ADD, 0, 2)),
		CASE("load compared in memory", LOAD_OP, true, 0,
		     AI(MOV, 0, 1), LD(B, 2, 1, 0), JI(JEQ, 2, 7, 1), AI(MOV, 0, 2)),
		CASE("load that is used twice", LOAD_OP, false, 0,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), A(XOR, 0, 2), A(AND, 0, 2)),
		CASE("swapping load", MOVBE, true, 2,
		     LD(W, 0, 1, 0), insn_end(BPF_TO_BE, 0, 32)),
		CASE("swap of another width", MOVBE, false, 0,
		     LD(W, 0, 1, 0), insn_end(BPF_TO_BE, 0, 64)),
	};
	u32 k;

	for (k = 0; k < ARRAY_SIZE(cases); k++)
		run_case(&cases[k]);
}

static void rules_arithmetic(void)
{
	const struct rule_case cases[] = {
		CASE("64 bits", ROTATE, true, 3,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(LSH, 0, 13), AI(RSH, 2, 51), A(OR, 0, 2)),
		CASE("32 bits", ROTATE, true, 0,
		     LD(W, 2, 1, 0), W(MOV, 0, 2), WI(RSH, 0, 5), WI(LSH, 2, 27), W(OR, 0, 2)),
		CASE("amounts that do not add up", ROTATE, false, 0,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(LSH, 0, 13), AI(RSH, 2, 50), A(OR, 0, 2)),
		CASE("arithmetic shift", ROTATE, false, 0,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(LSH, 0, 13), AI(ARSH, 2, 51), A(OR, 0, 2)),
		CASE("into another register", RORX, true, 3,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(LSH, 0, 13), AI(RSH, 2, 51), A(OR, 0, 2)),
		CASE("zero extension", SHIFT_PAIR, true, 0,
		     LD(DW, 0, 1, 0), AI(LSH, 0, 32), AI(RSH, 0, 32)),
		CASE("sign extension of a load", SHIFT_PAIR, true, 2,
		     LD(W, 0, 1, 0), AI(LSH, 0, 32), AI(ARSH, 0, 32)),
		CASE("other amounts", SHIFT_PAIR, false, 0,
		     LD(DW, 0, 1, 0), AI(LSH, 0, 32), AI(RSH, 0, 31)),
		CASE("sum with another destination", LEA, true, 3,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(ADD, 0, 77)),
		CASE("constant that is no displacement as a base", LEA, true, 4,
		     insn_make(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 0x9abcdef0),
		     insn_make(0, 0, 0, 0, 0x12345678), A(ADD, 0, 1), AI(ADD, 0, 5), A(SUB, 0, 1)),
		CASE("address of a load", LEA, true, 2,
		     A(MOV, 2, 1), AI(ADD, 2, 16), LD(DW, 0, 2, 8)),
		CASE("index", LEA, true, 5,
		     LD(B, 2, 1, 0), AI(LSH, 2, 3), AI(AND, 2, 0x38), A(ADD, 2, 1),
		     LD(DW, 0, 2, 0)),
		CASE("stored", CONST, true, 3,
		     AI(MOV, 2, 5), ST(W, 1, 2, 8), LD(DW, 0, 1, 8)),
		CASE("product", THREE_OP, true, 3,
		     LD(DW, 2, 1, 0), A(MOV, 0, 2), AI(MUL, 0, 77)),
		CASE("product by 8", MUL_SHIFT, true, 0, LD(DW, 0, 1, 0), AI(MUL, 0, 8)),
		CASE("remainder of 8", MUL_SHIFT, true, 3, LD(DW, 0, 1, 0), AI(MOD, 0, 8)),
		CASE("signed remainder of 8", MUL_SHIFT, false, 0,
		     LD(DW, 0, 1, 0), insn_make(BPF_ALU64 | BPF_MOD, 0, 0, 1, 8)),
		CASE("mask in 32 bits", NARROW, true, 0, LD(DW, 0, 1, 0), AI(AND, 0, 0x1234)),
		CASE("negative mask", NARROW, false, 0, LD(DW, 0, 1, 0), AI(AND, 0, -16)),
		CASE("move of 32 bits", ZEXT_ELIM, true, 2, LD(W, 0, 1, 0), W(MOV, 0, 0)),
		CASE("move of 64 bits", ZEXT_ELIM, false, 3, LD(DW, 0, 1, 0), W(MOV, 0, 0)),
		CASE("variable", BMI2_SHIFT, true, 0,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), A(LSH, 0, 2)),
		CASE("constant divisor", DIV_FACT, false, 0, LD(DW, 0, 1, 0), AI(DIV, 0, 7)),
		CASE("quotient", DIV_MUL, true, 5, LD(W, 0, 1, 0), AI(DIV, 0, 10)),
		CASE("remainder", DIV_MUL, true, 7, LD(W, 0, 1, 0), AI(MOD, 0, 1000)),
		CASE("wide dividend", DIV_MUL, false, 0, LD(DW, 0, 1, 0), AI(DIV, 0, 10)),
		CASE("long reciprocal", DIV_MUL, false, 0, LD(W, 0, 1, 0), AI(DIV, 0, 7)),
	};
	u32 k;

	for (k = 0; k < ARRAY_SIZE(cases); k++)
		run_case(&cases[k]);
}

static void rules_control(void)
{
	const struct rule_case cases[] = {
		CASE("bit", TEST_MASK, true, 0,
		     AI(MOV, 0, 1), LD(DW, 2, 1, 0), AI(AND, 2, 4), JI(JEQ, 2, 0, 1),
		     AI(MOV, 0, 2)),
		CASE("mask that is used after", TEST_MASK, false, 0,
		     AI(MOV, 0, 1), LD(DW, 2, 1, 0), AI(AND, 2, 4), JI(JEQ, 2, 0, 1), A(MOV, 0, 2)),
		CASE("minimum", CMOV, true, 5,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), J(JLT, 0, 2, 1), A(MOV, 0, 2)),
		CASE("maximum", CMOV, true, 5,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), J(JSGT, 0, 2, 1), A(MOV, 0, 2)),
		CASE("minimum in a third register", CMOV, true, 6,
		     LD(DW, 2, 1, 0), LD(DW, 3, 1, 8), A(MOV, 0, 2), J(JLT, 2, 3, 1), A(MOV, 0, 3)),
		CASE("sum that only looks like a copy", CMOV, false, 0,
		     LD(DW, 2, 1, 0), LD(DW, 3, 1, 8), AI(ADD, 2, 8), A(MOV, 0, 2),
		     AI(ADD, 0, -8), J(JLT, 2, 3, 1), A(MOV, 0, 3)),
		CASE("move of something else", CMOV, false, 0,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), J(JLT, 0, 2, 1), A(MOV, 0, 1),
		     AI(AND, 0, 1)),
		CASE("32-bit move of wide values", CMOV, false, 0,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8),
		     insn_jump32_reg(BPF_JLT, 0, 2, 1), W(MOV, 0, 2)),
		CASE("counter", FLAGS, true, 0,
		     AI(MOV, 0, 0), AI(MOV, 2, 9), A(XOR, 0, 2), AI(ADD, 2, -1),
		     JI(JNE, 2, 0, -3)),
		CASE("flags of another register", FLAGS, false, 0,
		     LD(DW, 0, 1, 0), LD(DW, 2, 1, 8), AI(OR, 0, 1), JI(JEQ, 2, 0, 1),
		     AI(XOR, 0, 8)),
		CASE("flags of another width", FLAGS, false, 0,
		     LD(DW, 0, 1, 0), AI(OR, 0, -256), insn_jump32_imm(BPF_JNE, 0, 0, 1),
		     AI(XOR, 0, 8)),
		CASE("nothing to keep", NO_FRAME, true, 2, AI(MOV, 0, 1)),
		CASE("stack in use", NO_FRAME, false, 0, STI(DW, 10, -8, 3), LD(DW, 0, 10, -8)),
		CASE("R6 in a spare register", LEAF_REGS, true, 3,
		     LD(DW, 6, 1, 0), A(MOV, 0, 6), A(ADD, 0, 6)),
		CASE("second exit", EXIT_INLINE, true, 0,
		     AI(MOV, 0, 1), LD(DW, 2, 1, 0), JI(JEQ, 2, 0, 1), insn_exit(), AI(MOV, 0, 2)),
	};
	u32 k;

	for (k = 0; k < ARRAY_SIZE(cases); k++)
		run_case(&cases[k]);
}

/* Jumps to jumps. What is skipped may be skipped on no other way. */
static void rules_jumps(void)
{
	const struct rule_case cases[] = {
		CASE("goto", THREAD, true, 0,
		     LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JEQ, 2, 0, 1), AI(MOV, 0, 2),
		     insn_goto(1), AI(MOV, 0, 3), AI(ADD, 0, 5)),
		CASE("jump to a goto", THREAD, true, 0,
		     LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JGT, 2, 9, 2), AI(MOV, 0, 2),
		     insn_goto(2), insn_goto(1), AI(MOV, 0, 3), AI(ADD, 0, 5)),
		CASE("look-up that was not found", THREAD, true, 0,
		     LD(DW, 2, 1, 0), JI(JGT, 2, 5, 2), LD(DW, 3, 1, 8), insn_goto_nonzero(1, 1),
		     AI(MOV, 3, 0), JI(JNE, 3, 0, 2), AI(MOV, 0, 1), insn_goto(1), AI(MOV, 0, 7)),
		CASE("value that is used at the end", THREAD, false, 0,
		     AI(MOV, 0, 1), LD(DW, 2, 1, 0), JI(JGT, 2, 5, 2), AI(MOV, 3, 8), insn_exit(),
		     AI(MOV, 3, 0), JI(JEQ, 3, 0, 1), AI(ADD, 3, 1), A(MOV, 0, 3)),
		CASE("comparison of another register", THREAD, false, 0,
		     LD(DW, 2, 1, 0), LD(DW, 3, 1, 8), AI(MOV, 0, 1), JI(JGT, 2, 5, 1),
		     AI(MOV, 0, 2), AI(MOV, 4, 0), JI(JEQ, 3, 0, 1), AI(MOV, 0, 3)),
		CASE("loop that goes nowhere", THREAD, false, 0,
		     LD(DW, 2, 1, 0), AI(OR, 2, 1), AI(MOV, 0, 1), JI(JNE, 2, 0, 2), insn_goto(0),
		     insn_goto(-2), AI(MOV, 0, 2)),
		CASE("goto that is jumped over", INVERT, true, 0,
		     LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JEQ, 2, 0, 1), insn_goto(1),
		     AI(MOV, 0, 3), AI(ADD, 0, 5)),
		CASE("end of a loop", INVERT, true, 0,
		     AI(MOV, 2, 9), AI(MOV, 0, 0), A(ADD, 0, 2), AI(ADD, 2, -1), JI(JEQ, 2, 0, 1),
		     insn_goto(-4), AI(ADD, 0, 5)),
		CASE("way out of a loop", INVERT, true, 0,
		     AI(MOV, 2, 9), AI(MOV, 0, 0), A(ADD, 0, 2), AI(ADD, 2, -1), JI(JEQ, 2, 0, 2),
		     insn_goto(-4), insn_exit(), AI(ADD, 0, 5)),
		CASE("bits, jumped over", INVERT, true, 0,
		     LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JSET, 2, 6, 1), insn_goto(1),
		     AI(MOV, 0, 3), AI(ADD, 0, 5)),
		CASE("goto that follows later", INVERT, false, 0,
		     LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JEQ, 2, 0, 2), AI(ADD, 0, 1), insn_goto(1),
		     AI(MOV, 0, 3), AI(ADD, 0, 5)),
	};
	u32 k;

	for (k = 0; k < ARRAY_SIZE(cases); k++)
		run_case(&cases[k]);
}

/* Every comparison of a constant with a constant, reached by a jump. */
static void rules_known_outcome(void)
{
	static const u8 ops[] = { BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT,
				  BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET };
	static const s32 values[] = { 0, 1, -1, 7, -8, S32_MAX, S32_MIN };
	u32 op, a, b, k;

	for (op = 0; op < ARRAY_SIZE(ops); op++)
		for (a = 0; a < ARRAY_SIZE(values); a++)
			for (b = 0; b < ARRAY_SIZE(values); b++)
				for (k = 0; k < 4; k++) {
					struct rule_case c = CASE("constants", THREAD, true, 0,
						LD(DW, 2, 1, 0), AI(MOV, 0, 1), JI(JSGT, 2, 0, 1),
						LD(DW, 3, 1, 8), AI(MOV, 3, values[a]),
						JI(JEQ, 3, values[b], 1), AI(ADD, 0, 2),
						AI(ADD, 0, 4));

					if (k & 1)
						c.insns[4] = WI(MOV, 3, values[a]);
					c.insns[5].code = (k & 2 ? BPF_JMP32 : BPF_JMP) | ops[op];
					run_case(&c);
				}
}

static struct t_prog *prog;

static void run_case(const struct rule_case *c)
{
	const char *rule = jit_rules[c->rule].name;
	struct jit_env e = t_env_default();
	u64 ctx[T_CTX_SIZE / 8], ref[T_CTX_SIZE / 8], want, got, hits, steps;
	struct t_image img;
	u32 k, mode;

	memcpy(prog->insns, c->insns, sizeof(c->insns));
	prog->len = c->len;
	prog->stack = 16;
	t_add(prog, insn_exit());
	for (mode = 0; mode < 3; mode++) {
		e.rules = mode == 0 ? JIT_ALL_RULES : mode == 1 ? 0 : 1ULL << c->rule;
		if (mode == 2)
			e.rules |= 1ULL << JIT_RULE_ROTATE;
		t_env_use(&e);
		hits = jit_rule_hits[c->rule];
		if (!t_check(!t_compile(&img, prog, 1, NULL, false), "%s: %s", rule, c->name))
			return;
		hits = jit_rule_hits[c->rule] - hits;
		if (mode == 0)
			t_check(c->applied == !!hits, "%s: %s: applied %llu times", rule, c->name,
				(unsigned long long)hits);
		if (mode == 1)
			t_check(!hits, "%s: %s: applied while off", rule, c->name);
		for (k = 0; k < 40; k++) {
			struct t_rng rng = { k };

			for (u32 j = 0; j < T_CTX_SIZE / 8; j++)
				ctx[j] = t_edge(&rng);
			memcpy(ref, ctx, sizeof(ref));
			t_check(t_ref_run(prog, 1, ref, &want), "%s: %s: reference", rule, c->name);
			got = t_run(&img, ctx);
			t_check(got == want && !memcmp(ctx, ref, sizeof(ctx)),
				"%s: %s: mode %u input %u: got %llx want %llx", rule, c->name,
				mode, k, (unsigned long long)got, (unsigned long long)want);
		}
		if (mode == 0 && c->applied) {
			t_release(&img);
			for (k = 0; k < 4; k++) {
				memset(ctx, k * 0x55, sizeof(ctx));
				t_note_effect(c->rule, prog, 1, NULL, ctx);
			}
			t_env_use(&e);
			t_compile(&img, prog, 1, NULL, false);
		}
		if (mode == 0 && c->steps) {
			steps = t_count_insns(&img, ctx, &got) - 2;
			t_check(steps <= c->steps, "%s: %s: %llu machine instructions, not %u",
				rule, c->name, (unsigned long long)steps, c->steps);
		}
		t_release(&img);
	}
}

void test_rules(void)
{
	prog = calloc(1, sizeof(*prog));
	rules_memory();
	rules_arithmetic();
	rules_control();
	rules_jumps();
	rules_known_outcome();
	free(prog);
}
