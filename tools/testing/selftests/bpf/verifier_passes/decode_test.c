// SPDX-License-Identifier: GPL-2.0
/* Programs that do not get as far as the walk, and the line that says so. */
#include "passes.h"

#define R0 BPF_REG_0
#define R1 BPF_REG_1
#define EXIT { .code = BPF_JMP | BPF_EXIT }
#define MOV(r, v) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = r, .imm = v }
#define JA(d) { .code = BPF_JMP | BPF_JA, .off = d }
#define JEQ(d) { .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = R1, .off = d }
#define CALL(d) { .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = d }
#define HELPER(id) { .code = BPF_JMP | BPF_CALL, .imm = id }
#define LD64(s, v) { .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = R1, .src_reg = s, .imm = v }, {}

struct row {
	const char *name;
	const char *line;
	int err;
	bool unprivileged;
	u32 cnt;
	struct bpf_insn insn[12];
};

#define PROG(...) .insn = { __VA_ARGS__ }, \
	.cnt = sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn)

static const struct row rows[] = {
	{ "opcode", "unknown opcode 8d", -EINVAL, PROG({ .code = 0x8d }, EXIT) },
	{ "opcode 0", "unknown opcode 00", -EINVAL, PROG({}, EXIT) },
	{ "internal opcode", "unknown opcode 21", -EINVAL, PROG({ .code = 0x21 }, EXIT) },
	{ "barrier", "unknown opcode c2", -EINVAL, PROG({ .code = 0xc2 }, EXIT) },
	{ "tail call", "unknown opcode f5", -EINVAL, PROG({ .code = 0xf5 }, EXIT) },
	{ "register", "R12 is invalid", -EINVAL, PROG(MOV(12, 0), EXIT) },
	{ "AX", "R11 is invalid", -EINVAL, PROG(MOV(11, 0), EXIT) },
	{ "R10", "frame pointer is read only", -EACCES, PROG(MOV(10, 0), EXIT) },
	{ "reserved", "BPF_ALU uses reserved fields", -EINVAL,
	  PROG({ .code = BPF_ALU | BPF_ADD | BPF_K, .off = 1 }, EXIT) },
	{ "reserved exit", "BPF_EXIT uses reserved fields", -EINVAL,
	  PROG(MOV(R0, 0), { .code = BPF_JMP | BPF_EXIT, .imm = 1 }) },
	{ "shift", "invalid shift 64", -EINVAL,
	  PROG({ .code = BPF_ALU64 | BPF_LSH | BPF_K, .imm = 64 }, EXIT) },
	{ "negative shift", "invalid shift -1", -EINVAL,
	  PROG({ .code = BPF_ALU | BPF_RSH | BPF_K, .imm = -1 }, EXIT) },
	{ "division", "div by zero", -EINVAL,
	  PROG({ .code = BPF_ALU64 | BPF_DIV | BPF_K }, EXIT) },
	{ "half of ld_imm64", "invalid bpf_ld_imm64 insn", -EINVAL,
	  PROG({ .code = BPF_LD | BPF_DW | BPF_IMM }) },
	{ "kind of ld_imm64", "unrecognized bpf_ld_imm64 insn", -EINVAL, PROG(LD64(9, 0), EXIT) },
	{ "jump out", "jump out of range from insn 1 to 6", -EINVAL,
	  PROG(MOV(R0, 0), JEQ(4), EXIT) },
	{ "jump before", "jump out of range from insn 0 to -3", -EINVAL, PROG(JEQ(-4), EXIT) },
	{ "jump to the end", "jump out of range from insn 0 to 2", -EINVAL, PROG(JEQ(1), EXIT) },
	{ "jump into ld_imm64", "jump into the middle of ldimm64 insn 1", -EINVAL,
	  PROG(JEQ(1), LD64(0, 0), EXIT) },
	{ "gotol out", "jump out of range from insn 0 to 2147483648", -EINVAL,
	  PROG({ .code = BPF_JMP32 | BPF_JA, .imm = 0x7fffffff }, EXIT) },
	{ "falls out", "last insn is not an exit or jmp", -EINVAL, PROG(MOV(R0, 0)) },
	{ "conditional end", "last insn is not an exit or jmp", -EINVAL,
	  PROG(MOV(R0, 0), JEQ(-2)) },
	{ "call out", "call to invalid destination", -EINVAL, PROG(CALL(5), EXIT) },
	{ "call into ld_imm64", "call to invalid destination", -EINVAL,
	  PROG(CALL(2), EXIT, LD64(0, 0), EXIT) },
	{ "address of nothing", "call to invalid destination", -EINVAL,
	  PROG(LD64(BPF_PSEUDO_FUNC, 100), EXIT) },
	{ "call unprivileged",
	  "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN",
	  -EPERM, true, PROG(CALL(1), EXIT, MOV(R0, 0), EXIT) },
	{ "jump to another function", "jump out of range from insn 1 to 3", -EINVAL,
	  PROG(CALL(2), JEQ(1), EXIT, MOV(R0, 0), EXIT) },
	{ "falls into a function", "last insn is not an exit or jmp", -EINVAL,
	  PROG(CALL(1), MOV(R0, 0), MOV(R0, 0), EXIT) },
	{ "recursion", "recursive call from func#1 to func#1", -EINVAL,
	  PROG(CALL(1), EXIT, CALL(-1), EXIT) },
	{ "recursion of two", "recursive call from func#2 to func#1", -EINVAL,
	  PROG(CALL(1), EXIT, CALL(1), EXIT, CALL(-3), EXIT) },
	{ "main calls itself", "recursive call from func#0 to func#0", -EINVAL,
	  PROG(MOV(R0, 0), CALL(-2), EXIT) },
	{ "unprivileged loop", "back-edge from insn 1 to 0", -EINVAL, true,
	  PROG(MOV(R0, 0), JEQ(-2), EXIT) },
	{ "unprivileged dead code", "unreachable insn 1", -EINVAL, true,
	  PROG(JA(1), MOV(R0, 0), EXIT) },
	{ "after the exit", "unreachable insn 2", -EINVAL, true,
	  PROG(MOV(R0, 0), EXIT, MOV(R0, 1), EXIT) },
	/* nothing wrong with these */
	{ "return", NULL, 0, true, PROG(MOV(R0, 0), EXIT) },
	{ "privileged loop", NULL, 0, PROG(MOV(R0, 0), JEQ(-2), EXIT) },
	{ "privileged dead code", NULL, 0, PROG(JA(1), MOV(R0, 0), EXIT) },
	{ "calls", NULL, 0,
	  PROG(CALL(3), CALL(4), CALL(3), EXIT, CALL(1), EXIT, MOV(R0, 0), EXIT) },
	{ "callback", NULL, 0, PROG(LD64(BPF_PSEUDO_FUNC, 3), HELPER(BPF_FUNC_loop), EXIT,
				    MOV(R0, 0), EXIT) },
	{ "callback that names itself", NULL, 0,
	  PROG(LD64(BPF_PSEUDO_FUNC, 3), HELPER(BPF_FUNC_loop), EXIT,
	       LD64(BPF_PSEUDO_FUNC, -1), EXIT) },
	{ "one long jump", NULL, 0,
	  PROG({ .code = BPF_JMP32 | BPF_JA, .imm = 1 }, MOV(R0, 1), EXIT) },
};

/* The first line of the log, and an explanation after it. */
void test_decode(void)
{
	struct test_env t;
	u32 i, len;
	int err;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_open(&t, rows[i].insn, rows[i].cnt, !rows[i].unprivileged);
		err = test_log(&t);
		CHECK(err == rows[i].err, "%s: %d, not %d: %s", rows[i].name, err, rows[i].err,
		      t.log);
		len = rows[i].line ? strlen(rows[i].line) : 0;
		CHECK(!len || (!strncmp(t.log, rows[i].line, len) && t.log[len] == '\n'),
		      "%s: %s", rows[i].name, t.log);
		CHECK(!len || strstr(t.log, "\nreason: "), "%s: %s", rows[i].name, t.log);
		CHECK(len || !t.log[0], "%s: %s", rows[i].name, t.log);
		test_close(&t);
	}
}

/* ------------------------------------------------------------------ subprograms */

static void check_bounds(void)
{
	static const struct bpf_insn insns[] = {
		CALL(5), CALL(2), EXIT, JA(-2), MOV(R0, 1), EXIT, HELPER(BPF_FUNC_tail_call), EXIT,
	};
	static const u32 starts[] = { 0, 4, 6, 8 };
	struct test_env t;
	u32 i;

	test_open(&t, insns, ARRAY_SIZE(insns), true);
	CHECK(!test_passes(&t), "%s", t.log);
	CHECK(t.env->nr_subprogs == 3, "%u functions", t.env->nr_subprogs);
	for (i = 0; i < ARRAY_SIZE(starts); i++)
		CHECK(t.env->subprogs[i].start == starts[i], "function %u", i);
	for (i = 0; i < ARRAY_SIZE(insns); i++)
		CHECK(bpf_subprog_of(t.env, i) == (i < 4 ? 0 : i < 6 ? 1 : 2), "insn %u", i);
	CHECK(t.env->aux[0].subprog == 2 && t.env->aux[1].subprog == 1, "callees");
	CHECK(t.env->subprogs[2].has_tail_call && !t.env->subprogs[0].has_tail_call, "tail call");
	test_close(&t);
}

/* A chain of functions, each with the same stack; the last one may make a tail call. */
static int chain(struct test_env *t, u32 frames, u32 stack, bool tail_call)
{
	struct bpf_insn insns[64];
	u32 i, cnt = 0;

	for (i = 0; i + 1 < frames; i++) {
		insns[cnt++] = insn_call_sub(1);
		insns[cnt++] = insn_exit();
	}
	insns[cnt++] = tail_call ? insn_call(BPF_FUNC_tail_call) : insn_mov64_imm(R0, 0);
	insns[cnt++] = insn_exit();
	test_open(t, insns, cnt, true);
	CHECK(!test_passes(t), "%s", t->log);
	for (i = 0; i < cnt; i++)
		t->env->aux[i].seen = true;
	for (i = 0; i < frames; i++)
		t->env->subprogs[i].stack_depth = stack;
	return bpf_pass_stack_depth(t->env);
}

static void check_depth(void)
{
	static const struct {
		u32 frames;
		u32 stack;
		bool tail_call;
		int err;
		const char *line;
	} chains[] = {
		{ 1, 512, false, 0 },
		{ 2, 256, false, 0 },
		{ 2, 264, false, -EACCES, "combined stack size of 2 calls is 528. Too large" },
		{ 8, 64, false, 0 },
		{ 8, 72, false, -EACCES, "combined stack size of 8 calls is 576. Too large" },
		{ 9, 0, false, -E2BIG, "the call stack of 9 frames is too deep !" },
		{ 2, 248, true, 0 },
		{ 2, 256, true, -EACCES,
		  "tail_calls are not allowed when call stack of previous frames is 256 bytes." },
	};
	struct test_env t;
	u32 i, k, size;
	int err;

	for (i = 0; i < ARRAY_SIZE(chains); i++) {
		err = chain(&t, chains[i].frames, chains[i].stack, chains[i].tail_call);
		for (k = 0; !err && k < chains[i].frames; k++)
			CHECK(t.env->subprogs[k].tail_call_reachable == chains[i].tail_call,
			      "chain %u function %u", i, k);
		bpf_vlog_finish(&t.env->log, &size);
		CHECK(err == chains[i].err, "chain %u: %d %s", i, err, t.log);
		CHECK(!chains[i].line || !strncmp(t.log, chains[i].line, strlen(chains[i].line)),
		      "chain %u: %s", i, t.log);
		test_close(&t);
	}
}

static void check_too_many(void)
{
	struct bpf_insn insns[2 * 257];
	struct test_env t;
	u32 i, cnt;

	for (cnt = 256; cnt <= 257; cnt++) {
		for (i = 0; i < cnt; i++) {
			insns[2 * i] = i + 1 < cnt ? insn_call_sub(1) : insn_mov64_imm(R0, 0);
			insns[2 * i + 1] = insn_exit();
		}
		test_open(&t, insns, 2 * cnt, true);
		CHECK(test_passes(&t) == (cnt == 256 ? 0 : -E2BIG), "%u functions", cnt);
		test_close(&t);
	}
}

void test_subprogs(void)
{
	check_bounds();
	check_depth();
	check_too_many();
}
