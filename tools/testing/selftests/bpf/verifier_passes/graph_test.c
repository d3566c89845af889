// SPDX-License-Identifier: GPL-2.0
/*
 * Control flow and liveness on programs made at random, against what their definitions say:
 * reachability over pairs of instructions, and a search along the paths for each register and slot.
 */
#include "passes.h"

#define LEN	24
#define RUNS	3000

static bool reach[LEN][LEN];	/* [a][b]: b can be reached from a by at least one edge */

/* Arithmetic, stack accesses, jumps in both directions, an exit at the end and some before. */
static void make_program(struct bpf_insn *insns)
{
	u32 i;

	for (i = 0; i + 1 < LEN; i++) {
		u8 a = test_random(10), b = test_random(10);
		s16 to = (s16)test_random(LEN) - (s16)i - 1, off = -8 * (s16)(test_random(4) + 1);

		switch (test_random(12)) {
		case 0:
			insns[i] = insn_exit();
			break;
		case 1:
			insns[i] = insn_goto(to);
			break;
		case 2:
		case 3:
			insns[i] = insn_jump_reg(BPF_JGT, a, b, to);
			break;
		case 4:
			insns[i] = insn_jump32_imm(BPF_JEQ, a, 7, to);
			break;
		case 5:
			insns[i] = insn_load(BPF_DW, a, BPF_REG_10, off + test_random(2) * 4);
			break;
		case 6:
			insns[i] = insn_store(test_random(2) ? BPF_DW : BPF_W, BPF_REG_10, a, off);
			break;
		case 7:
			insns[i] = insn_mov64_imm(a, 1);
			break;
		case 8:
			insns[i] = insn_mov32_reg(a, b);
			break;
		default:
			insns[i] = insn_alu64_reg(BPF_ADD, a, b);
		}
	}
	insns[LEN - 1] = insn_exit();
}

/* Warshall's closure. */
static void close_reach(const struct bpf_verifier_env *env)
{
	u32 i, j, k, succ[2], cnt;

	memset(reach, 0, sizeof(reach));
	for (i = 0; i < LEN; i++) {
		cnt = bpf_cfg_succ(env, i, succ);
		for (k = 0; k < cnt; k++)
			reach[i][succ[k]] = true;
	}
	for (k = 0; k < LEN; k++) {
		for (i = 0; i < LEN; i++) {
			for (j = 0; j < LEN; j++)
				reach[i][j] |= reach[i][k] && reach[k][j];
		}
	}
}

static void check_graph(const struct bpf_verifier_env *env)
{
	u32 i, j, k, succ[2], cnt, place[LEN] = {}, preds[LEN] = { 1 }, nr = 0;
	bool head[LEN] = {};

	for (i = 0; i < env->nr_rpo; i++)
		place[env->rpo[i]] = i;
	for (i = 0; i < LEN; i++) {
		if (!env->aux[i].reachable)
			continue;
		nr++;
		cnt = bpf_cfg_succ(env, i, succ);
		for (k = 0; k < cnt; k++) {
			preds[succ[k]]++;
			/* an edge that goes back in the order closes a loop */
			if (place[succ[k]] <= place[i]) {
				head[succ[k]] = true;
				CHECK(i == succ[k] || reach[succ[k]][i], "order of %u and %u", i,
				      succ[k]);
			}
		}
	}
	CHECK(env->nr_rpo == nr && env->rpo[0] == 0, "%u in the order, not %u", env->nr_rpo, nr);
	for (i = 0; i < LEN; i++) {
		CHECK(env->aux[i].reachable == (!i || reach[0][i]), "insn %u reachable", i);
		if (!env->aux[i].reachable)
			continue;
		CHECK(!!env->aux[i].scc == reach[i][i], "insn %u in a loop", i);
		CHECK(env->aux[i].loop_head == head[i], "insn %u heads a loop", i);
		CHECK(env->aux[i].join == (preds[i] > 1), "insn %u joins", i);
		for (j = 0; j < LEN; j++) {
			if (env->aux[j].reachable && env->aux[i].scc && env->aux[j].scc)
				CHECK((env->aux[i].scc == env->aux[j].scc) ==
				      (i == j || (reach[i][j] && reach[j][i])),
				      "insns %u and %u", i, j);
		}
	}
}

/* ------------------------------------------------------------------ liveness */

/* What an instruction does to registers (bits 0 to 10) and slots (bits 32 and up). */
static void effect(const struct bpf_insn *insn, u64 *reads, u64 *writes)
{
	u32 width = insn_row(insn)->width, first, last;

	*reads = insn_uses(insn);
	*writes = insn_defs(insn);
	if (insn_class(insn) == BPF_LDX) {
		first = (-insn->off - 1) / 8;
		last = insn->off + (s32)width >= 0 ? 0 : (-(insn->off + (s32)width)) / 8;
		*reads |= 1ULL << (32 + first) | 1ULL << (32 + last);
	} else if (insn_class(insn) == BPF_STX && width == 8) {
		*writes |= 1ULL << (32 + -insn->off / 8 - 1);
	}
}

/* Is there a path from @at on which bit @bit is read before it is written? */
static bool read_first(const struct bpf_verifier_env *env, u32 at, u32 bit, bool *been)
{
	u64 reads, writes;
	u32 succ[2], cnt, k;

	if (been[at])
		return false;
	been[at] = true;
	effect(&env->prog->insnsi[at], &reads, &writes);
	if (reads >> bit & 1)
		return true;
	if (writes >> bit & 1)
		return false;
	cnt = bpf_cfg_succ(env, at, succ);
	for (k = 0; k < cnt; k++) {
		if (read_first(env, succ[k], bit, been))
			return true;
	}
	return false;
}

static void check_liveness(const struct bpf_verifier_env *env)
{
	u32 i, bit;
	bool want, got;

	for (i = 0; i < LEN; i++) {
		if (!env->aux[i].reachable)
			continue;
		for (bit = 0; bit < 38; bit = bit == 9 ? 32 : bit + 1) {
			bool been[LEN] = {};

			want = read_first(env, i, bit, been);
			got = bit < 32 ? env->aux[i].live_regs >> bit & 1 :
					 env->aux[i].live_slots >> (bit - 32) & 1;
			CHECK(want == got, "insn %u bit %u: %d", i, bit, got);
		}
	}
}

static void random_graphs(void (*check)(const struct bpf_verifier_env *env))
{
	struct bpf_insn insns[LEN];
	struct test_env t;
	u32 run;

	for (run = 0; run < RUNS; run++) {
		make_program(insns);
		test_open(&t, insns, LEN, true);
		if (test_passes(&t)) {
			CHECK(false, "%s", t.log);
		} else {
			close_reach(t.env);
			check(t.env);
		}
		test_close(&t);
	}
}

void test_cfg(void)
{
	random_graphs(check_graph);
}

/* ------------------------------------------------------------------ pointers into the frame */

#define SLOTS(env, idx) ((env)->aux[idx].live_slots)

/* A helper reads from the address that it is given upwards, and what stands below stays dead. */
static void check_helper_arg(void)
{
	const struct bpf_insn insns[] = {
		insn_store_imm(BPF_DW, BPF_REG_10, -8, 0),
		insn_store_imm(BPF_DW, BPF_REG_10, -16, 0),
		insn_store_imm(BPF_DW, BPF_REG_10, -24, 0),
		insn_mov64_reg(BPF_REG_2, BPF_REG_10),
		insn_alu64_imm(BPF_ADD, BPF_REG_2, -16),
		insn_call(BPF_FUNC_map_lookup_elem),
		insn_mov64_imm(BPF_REG_0, 0),
		insn_exit(),
	};
	struct test_env t;

	test_open(&t, insns, ARRAY_SIZE(insns), true);
	CHECK(!test_passes(&t), "%s", t.log);
	CHECK(SLOTS(t.env, 5) == 3 && SLOTS(t.env, 3) == 3, "slots %llx", SLOTS(t.env, 3));
	CHECK(SLOTS(t.env, 0) == 0 && SLOTS(t.env, 6) == 0, "slots %llx", SLOTS(t.env, 0));
	CHECK(t.env->aux[5].live_regs == 0x6, "registers %x", t.env->aux[5].live_regs);
	test_close(&t);
}

/* A variable offset, a pointer given to a function of the program: everything may be read. */
static void check_any_slot(void)
{
	const struct bpf_insn variable[] = {
		insn_mov64_reg(BPF_REG_2, BPF_REG_10),
		insn_alu64_reg(BPF_ADD, BPF_REG_2, BPF_REG_1),
		insn_load(BPF_B, BPF_REG_0, BPF_REG_2, 0),
		insn_exit(),
	};
	const struct bpf_insn given[] = {
		insn_mov64_reg(BPF_REG_1, BPF_REG_10),
		insn_alu64_imm(BPF_ADD, BPF_REG_1, -8),
		insn_call_sub(2),
		insn_mov64_imm(BPF_REG_0, 0),
		insn_exit(),
		insn_mov64_imm(BPF_REG_0, 0),
		insn_load(BPF_DW, BPF_REG_0, BPF_REG_1, -8),
		insn_exit(),
	};
	struct test_env t;

	test_open(&t, variable, ARRAY_SIZE(variable), true);
	CHECK(!test_passes(&t), "%s", t.log);
	CHECK(SLOTS(t.env, 2) == U64_MAX && !SLOTS(t.env, 3), "slots %llx", SLOTS(t.env, 2));
	test_close(&t);
	test_open(&t, given, ARRAY_SIZE(given), true);
	CHECK(!test_passes(&t), "%s", t.log);
	CHECK(SLOTS(t.env, 2) == U64_MAX && !SLOTS(t.env, 3), "slots %llx", SLOTS(t.env, 2));
	/* the callee is known: it reads R1 only */
	CHECK((t.env->aux[2].live_regs & 0x3e) == 2, "registers %x", t.env->aux[2].live_regs);
	test_close(&t);
}

/* A pointer that was saved and comes back may point to anything; one that was not cannot. */
static void check_saved_pointer(bool saved)
{
	const struct bpf_insn insns[] = {
		insn_mov64_reg(BPF_REG_6, BPF_REG_10),
		insn_alu64_imm(BPF_ADD, BPF_REG_6, -32),
		insn_store(BPF_DW, BPF_REG_10, saved ? BPF_REG_6 : BPF_REG_1, -8),
		insn_load(BPF_DW, BPF_REG_7, BPF_REG_10, -8),
		insn_load(BPF_DW, BPF_REG_0, BPF_REG_7, 0),
		insn_exit(),
	};
	struct test_env t;

	test_open(&t, insns, ARRAY_SIZE(insns), true);
	CHECK(!test_passes(&t), "%s", t.log);
	CHECK(SLOTS(t.env, 4) == (saved ? U64_MAX : 0), "slots %llx", SLOTS(t.env, 4));
	CHECK(SLOTS(t.env, 3) == (saved ? U64_MAX : 1), "slots %llx", SLOTS(t.env, 3));
	test_close(&t);
}

static void check_upper_half(void)
{
	const struct bpf_insn insns[] = {
		insn_mov32_imm(BPF_REG_1, 5),				/* 0: only 32 bits used */
		insn_alu32_imm(BPF_ADD, BPF_REG_1, 1),			/* 1: used as a whole */
		insn_mov64_reg(BPF_REG_0, BPF_REG_1),
		insn_mov32_imm(BPF_REG_2, 5),				/* 3: compared as 32 bits */
		insn_jump32_imm(BPF_JEQ, BPF_REG_2, 5, 0),
		insn_mov32_imm(BPF_REG_3, 5),				/* 5: compared as 64 bits */
		insn_jump_imm(BPF_JEQ, BPF_REG_3, 5, 0),
		insn_exit(),
	};
	static const bool dead[] = { true, false, false, true, false, false, false, false };
	struct test_env t;
	u32 i;

	test_open(&t, insns, ARRAY_SIZE(insns), true);
	CHECK(!test_passes(&t), "%s", t.log);
	for (i = 0; i < ARRAY_SIZE(insns); i++)
		CHECK(t.env->aux[i].zext_dead == dead[i], "insn %u", i);
	test_close(&t);
}

void test_live(void)
{
	random_graphs(check_liveness);
	check_helper_arg();
	check_any_slot();
	check_saved_pointer(true);
	check_saved_pointer(false);
	check_upper_half();
}
