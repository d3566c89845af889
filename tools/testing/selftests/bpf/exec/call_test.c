// SPDX-License-Identifier: GPL-2.0
/* Helper calls, subprograms, callbacks, tail calls. */
#include "exec_test.h"

static u64 seen[5];
static int helper_calls;

static u64 helper_record(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const u64 args[5] = { r1, r2, r3, r4, r5 };

	memcpy(seen, args, sizeof(seen));
	helper_calls++;
	return 0x1122334455667788ULL;
}

/* Calls r2 times r1(i, r3, ...) and returns the sum. */
static u64 helper_loop(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bpf_callback_t fn = (bpf_callback_t)(unsigned long)r1;
	u64 i, sum = 0;

	for (i = 0; i < r2; i++)
		sum += fn(i, r3, 3, 4, 5);
	return sum;
}

static u64 kept_callback;

static u64 helper_keep(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	kept_callback = r1;
	return 0;
}

static void test_helper(void)
{
	static struct code c;
	u64 out = 0;
	u32 i;

	begin(&c, 0);
	emit(&c, insn_mov64_reg(6, 1));
	for (i = 1; i <= 5; i++)
		emit(&c, insn_mov64_imm(i, i * 11));
	emit_helper(&c, helper_record);
	emit(&c, insn_store(BPF_DW, 6, 0, 0));
	emit(&c, insn_mov64_imm(0, 0));
	emit(&c, insn_exit());
	run_code(&c, &out);
	CHECK(out == 0x1122334455667788ULL, "helper returned %llx", out);
	for (i = 0; i < 5; i++)
		CHECK(seen[i] == (i + 1) * 11, "argument %u: %llu", i + 1, seen[i]);

	c.insn[6].src_reg = BPF_PSEUDO_KFUNC_CALL;
	helper_calls = 0;
	run_code(&c, &out);
	CHECK(helper_calls == 1, "kernel function called %d times", helper_calls);
}

/* Each function fills its stack, calls the next, and then checks what it had. */
static void deep_func(struct code *c, u32 n, u32 last, u32 stack)
{
	u32 i;

	begin(c, stack);
	for (i = 6; i <= 9; i++)
		emit(c, insn_mov64_imm(i, n * 100 + i));
	for (i = 8; i <= stack; i += 8)
		emit(c, insn_store_imm(BPF_DW, 10, -(s16)i, n * 1000 + i));
	emit(c, insn_mov64_imm(0, 0));
	if (n < last)
		emit_sub_call(c, n + 1);
	for (i = 6; i <= 9; i++) {
		emit(c, insn_jump_imm(BPF_JEQ, i, n * 100 + i, 1));
		emit(c, insn_mov64_imm(0, -n - 1));
	}
	for (i = 8; i <= stack; i += 8) {
		emit(c, insn_load(BPF_DW, 1, 10, -(s16)i));
		emit(c, insn_jump_imm(BPF_JEQ, 1, n * 1000 + i, 1));
		emit(c, insn_mov64_imm(0, -n - 1));
	}
	emit(c, insn_alu64_imm(BPF_ADD, 0, 1));
	emit(c, insn_exit());
}

static void test_subprograms(void)
{
	static struct code c;
	struct bpf_prog *prog;
	u32 i;

	for (i = 0; i < 8; i++)
		deep_func(&c, i, 7, 64);
	CHECK(run_code(&c, NULL) == 8, "8 frames of 64 bytes: %d", (int)run_code(&c, NULL));
	c = (struct code) {};
	deep_func(&c, 0, 0, 512);
	CHECK(run_code(&c, NULL) == 1, "512 bytes");
	c = (struct code) {};
	deep_func(&c, 0, 1, 256);
	deep_func(&c, 1, 1, 256);
	CHECK(run_code(&c, NULL) == 2, "256 bytes twice");

	/* the deepest of several callees counts, whichever comes last */
	c = (struct code) {};
	begin(&c, 64);
	emit_sub_call(&c, 1);
	emit_sub_call(&c, 2);
	emit(&c, insn_exit());
	begin(&c, 440);
	for (i = 8; i <= 440; i += 8)
		emit(&c, insn_store_imm(BPF_DW, 10, -(s16)i, i));
	emit(&c, insn_exit());
	begin(&c, 0);
	emit(&c, insn_mov64_imm(0, 9));
	emit(&c, insn_exit());
	CHECK(run_code(&c, NULL) == 9, "several callees");

	/* arguments go in, R0 comes out; called from two places */
	c = (struct code) {};
	begin(&c, 0);
	emit(&c, insn_mov64_imm(1, 1000));
	emit(&c, insn_mov64_imm(2, 10));
	emit_sub_call(&c, 1);
	emit(&c, insn_mov64_reg(1, 0));
	emit(&c, insn_mov64_imm(2, 5));
	emit_sub_call(&c, 1);
	emit(&c, insn_exit());
	begin(&c, 0);
	emit(&c, insn_mov64_reg(0, 1));
	emit(&c, insn_alu64_reg(BPF_SUB, 0, 2));
	emit(&c, insn_exit());
	prog = load(&c);
	CHECK(run(prog, NULL) == 985, "result %u", run(prog, NULL));
	CHECK(prog->aux->func_cnt == 2 && prog->aux->func[0] == prog, "functions");
	CHECK(prog->aux->func[1]->len == 3 && prog->aux->func[1]->aux->func_idx == 1, "function 1");
	CHECK(prog->insnsi[2].off == 1 && prog->insnsi[5].off == 1, "callee indices");
	bpf_prog_free(prog);
}

void test_calls(void)
{
	test_helper();
	test_subprograms();
}

/* Main: R0 = loop(f, n, arg); f(i, arg) = i * arg + a word of its own stack */
static void callback_code(struct code *c, u32 n, u32 arg)
{
	*c = (struct code) {};
	begin(c, 16);
	emit_sub_addr(c, 1, 1);
	emit(c, insn_mov64_imm(2, n));
	emit(c, insn_mov64_imm(3, arg));
	emit_helper(c, helper_loop);
	emit(c, insn_exit());
	begin(c, 32);
	emit(c, insn_store_imm(BPF_DW, 10, -32, 7));
	emit(c, insn_mov64_reg(0, 1));
	emit(c, insn_alu64_reg(BPF_MUL, 0, 2));
	emit(c, insn_load(BPF_DW, 1, 10, -32));
	emit(c, insn_alu64_reg(BPF_ADD, 0, 1));
	emit(c, insn_exit());
}

void test_callbacks(void)
{
	static struct code c;
	struct bpf_prog *progs[257];
	int err, i;

	callback_code(&c, 10, 3);
	CHECK(run_code(&c, NULL) == 45 * 3 + 70, "callback: %u", run_code(&c, NULL));

	/* a callback that makes the helper call another, which calls a subprogram */
	c = (struct code) {};
	begin(&c, 0);
	emit_sub_addr(&c, 1, 1);
	emit(&c, insn_mov64_imm(2, 3));
	emit(&c, insn_mov64_imm(3, 0));
	emit_helper(&c, helper_loop);
	emit(&c, insn_exit());
	begin(&c, 0);
	emit_sub_addr(&c, 1, 2);
	emit(&c, insn_mov64_imm(2, 4));
	emit_helper(&c, helper_loop);
	emit(&c, insn_exit());
	begin(&c, 0);
	emit_sub_call(&c, 3);
	emit(&c, insn_exit());
	begin(&c, 8);
	emit(&c, insn_store(BPF_DW, 10, 1, -8));
	emit(&c, insn_load(BPF_DW, 0, 10, -8));
	emit(&c, insn_exit());
	CHECK(run_code(&c, NULL) == 3 * (0 + 1 + 2 + 3), "nested callbacks");

	/* called later, when the program does not run */
	c = (struct code) {};
	begin(&c, 0);
	emit_sub_addr(&c, 1, 1);
	emit_helper(&c, helper_keep);
	emit(&c, insn_exit());
	begin(&c, 0);
	emit(&c, insn_mov64_reg(0, 5));
	emit(&c, insn_exit());
	progs[0] = load(&c);
	run(progs[0], NULL);
	CHECK(((bpf_callback_t)(unsigned long)kept_callback)(1, 2, 3, 4, 0x5555555555ULL) ==
	      0x5555555555ULL, "callback from outside");
	bpf_prog_free(progs[0]);

	/* slots: 256, and they come back */
	for (i = 0; i < 256; i++)
		progs[i] = load(&c);
	progs[256] = try_load(&c, &err);
	CHECK(!progs[256] && err == -ENOSPC, "257th program with a callback: %d", err);
	bpf_prog_free(progs[100]);
	progs[100] = load(&c);
	CHECK(progs[100], "slot used again");
	for (i = 0; i < 256; i++)
		bpf_prog_free(progs[i]);
}

struct tail_ctx {
	u64 map;
	u64 index;
	u64 runs;
	u64 limit;
};

static struct bpf_prog *slots[4];
static struct bpf_tail_map tail_map = { .map.max_entries = 4, .progs = slots };

/* Counts its runs in the context and tail calls slot ctx->index; R0 = @ret if nothing is there */
static void tail_body(struct code *c, s32 ret, u32 stack)
{
	u32 i;

	emit(c, insn_mov64_reg(6, 1));
	for (i = 8; i <= stack; i += 8)
		emit(c, insn_store_imm(BPF_DW, 10, -(s16)i, ret));
	emit(c, insn_load(BPF_DW, 0, 6, 16));
	emit(c, insn_alu64_imm(BPF_ADD, 0, 1));
	emit(c, insn_store(BPF_DW, 6, 0, 16));
	emit(c, insn_load(BPF_DW, 2, 6, 0));
	emit(c, insn_load(BPF_DW, 3, 6, 8));
	emit(c, insn_tail_call(0));
	emit(c, insn_mov64_imm(0, ret));
	emit(c, insn_exit());
}

static void test_tail_simple(void)
{
	struct tail_ctx ctx = { .map = (unsigned long)&tail_map };
	static struct code c, small;
	struct bpf_prog *first;

	begin(&c, 0);
	tail_body(&c, 5, 0);
	first = load(&c);

	/* to another program with another need of stack */
	begin(&small, 400);
	emit(&small, insn_store_imm(BPF_DW, 10, -400, 3));
	emit(&small, insn_load(BPF_DW, 0, 10, -400));
	emit(&small, insn_alu64_imm(BPF_ADD, 0, 39));
	emit(&small, insn_exit());
	slots[2] = load(&small);
	ctx.index = 2;
	CHECK(run(first, &ctx) == 42 && ctx.runs == 1, "tail call");
	ctx.index = 0x100000002ULL;
	CHECK(run(first, &ctx) == 42, "the upper half of an index");
	ctx.index = 1;
	CHECK(run(first, &ctx) == 5, "tail call to an empty slot");
	ctx.index = 4;
	CHECK(run(first, &ctx) == 5, "tail call beyond the array");
	ctx.index = -1;
	CHECK(run(first, &ctx) == 5, "tail call to index -1");

	/* to itself: the first run and 33 more */
	slots[0] = first;
	ctx.index = 0;
	ctx.runs = 0;
	CHECK(run(first, &ctx) == 5, "tail calls end");
	CHECK(ctx.runs == 1 + MAX_TAIL_CALL_CNT, "%llu runs", ctx.runs);
	bpf_prog_free(slots[2]);
	bpf_prog_free(first);
	slots[0] = NULL;
	slots[2] = NULL;
}

/* Tail call out of a subprogram: its caller goes on afterwards. */
static void test_tail_subprogram(void)
{
	struct tail_ctx ctx = { .map = (unsigned long)&tail_map, .index = 1 };
	static struct code c, target;
	struct bpf_prog *prog;

	begin(&target, 128);
	emit(&target, insn_mov64_imm(6, 999));
	emit(&target, insn_store_imm(BPF_DW, 10, -128, 30));
	emit(&target, insn_load(BPF_DW, 0, 10, -128));
	emit(&target, insn_exit());
	slots[1] = load(&target);

	begin(&c, 8);
	emit(&c, insn_mov64_imm(7, 100));
	emit(&c, insn_store_imm(BPF_DW, 10, -8, 1000));
	emit_sub_call(&c, 1);
	emit(&c, insn_alu64_reg(BPF_ADD, 0, 7));
	emit(&c, insn_load(BPF_DW, 1, 10, -8));
	emit(&c, insn_alu64_reg(BPF_ADD, 0, 1));
	emit(&c, insn_exit());
	begin(&c, 16);
	tail_body(&c, 4, 16);
	prog = load(&c);
	CHECK(run(prog, &ctx) == 1130, "tail call out of a subprogram: %u", run(prog, &ctx));
	ctx.index = 0;
	CHECK(run(prog, &ctx) == 1104, "without a target: %u", run(prog, &ctx));

	/* main -> sub -> tail call to the same program: nests until a limit, and ends */
	slots[0] = prog;
	ctx.runs = 0;
	CHECK(run(prog, &ctx) == 4 + ctx.runs * 1100, "nested tail calls: %llu runs", ctx.runs);
	CHECK(ctx.runs >= 8 && ctx.runs <= 1 + MAX_TAIL_CALL_CNT, "%llu nested runs", ctx.runs);
	bpf_prog_free(prog);
	bpf_prog_free(slots[1]);
	slots[0] = NULL;
	slots[1] = NULL;
}

void test_tail_calls(void)
{
	test_tail_simple();
	test_tail_subprogram();
}
