// SPDX-License-Identifier: GPL-2.0
/* The rewrite pass on programs whose walk is made up here, and what they do when they run. */
#include "exec/exec.h"
#include "passes.h"

/* What the kernel's context of the tests is. */
struct kctx {
	u64 num;
	u32 word[2];
	u16 half;
	u64 *ptr;
};

static struct kctx kctx = { 0x1122334455667788ULL, { 0xa1b2c3d4, 0xe5f60718 }, 0x9abc };

/* What the walk would have said. */
static void seen_all(struct test_env *t)
{
	u32 i;

	for (i = 0; i < t->env->prog->len; i++)
		t->env->aux[i].seen = !t->env->aux[i].second;
}

static void open_seen(struct test_env *t, const struct bpf_insn *insns, u32 cnt, bool privileged)
{
	int err;

	test_open(t, insns, cnt, true);
	err = test_passes(t);
	CHECK(!err, "program does not get to the walk: %d, row %u", err, t->env->rejection);
	t->env->bpf_capable = privileged;
	t->env->bypass_spec_v1 = privileged;
	seen_all(t);
}

static u64 rewritten(struct test_env *t, void *ctx)
{
	struct bpf_prog *prog;
	u32 ret, size;
	int err = bpf_pass_rewrite(t->env);

	prog = t->env->prog;
	if (!err)
		err = bpf_prog_select_runtime(prog);
	if (err) {
		bpf_vlog_finish(&t->env->log, &size);
		CHECK(false, "%d %s", err, t->log);
		return 0;
	}
	ret = prog->bpf_func(ctx, prog->insnsi);
	return ret;
}

/* ------------------------------------------------------------------ context fields */

static const struct bpf_ctx_field num_row = {
	.name = "num", .off = 0, .size = 8, .len = 8,
	.kern_off = offsetof(struct kctx, num), .kern_size = 8,
};

static const struct bpf_ctx_field word_row = {
	.name = "word", .off = 8, .size = 4, .len = 8,
	.kern_off = offsetof(struct kctx, word), .kern_size = 4,
};

static const struct bpf_ctx_field half_row = {
	.name = "half", .off = 16, .size = 4, .len = 4,
	.kern_off = offsetof(struct kctx, half), .kern_size = 2,
};

/* 5 instructions in the place of one, with a jump inside. */
static u32 convert_long(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			const struct bpf_insn *insn, struct bpf_prog *prog,
			struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_DW, INSN_REG_AX, insn->src_reg, 0));
	insn_buf_add(out, insn_jump_imm(BPF_JNE, INSN_REG_AX, 0, 1));
	insn_buf_add(out, insn_mov64_imm(insn->dst_reg, 99));
	insn_buf_add(out, insn_nop());
	insn_buf_add(out, insn_mov64_imm(insn->dst_reg, 1));
	return 0;
}

static const struct bpf_ctx_field long_row = { .name = "long", .size = 4, .convert = convert_long };

static void check_load(const struct bpf_ctx_field *row, u32 elem, u32 size, u32 at, bool sx)
{
	struct bpf_insn insns[] = {
		sx ? insn_load_sx(insn_bytes_size(size), 0, 1, row->off + elem + at) :
		     insn_load(insn_bytes_size(size), 0, 1, row->off + elem + at),
		insn_mov64_reg(2, 0),
		insn_alu64_imm(BPF_RSH, 2, 32),
		insn_alu64_reg(BPF_XOR, 0, 2),		/* both halves count */
		insn_exit(),
	};
	struct test_env t;
	u64 want = 0;

	memcpy(&want, (char *)&kctx + row->kern_off + elem, row->kern_size);
	want >>= at * 8;
	if (size < 8)
		want &= (1ULL << (size * 8)) - 1;
	if (sx)
		want = (u64)((s64)(want << (64 - size * 8)) >> (64 - size * 8));
	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->aux[0].ctx_field = row;
	t.env->aux[0].ctx_acc = (struct bpf_ctx_access) {
		.off = row->off + elem, .size = row->size };
	CHECK(rewritten(&t, &kctx) == (u32)(want ^ want >> 32), "%s size %u at %u", row->name, size,
	      elem + at);
	test_close(&t);
}

static void check_fields(void)
{
	u32 size, at, sx;

	for (sx = 0; sx < 2; sx++) {
		for (size = 1; size <= 8; size *= 2) {
			for (at = 0; at < 8 && !(sx && size == 8); at += size)
				check_load(&num_row, 0, size, at, sx);
			for (at = 0; at + size <= 4; at += size) {
				check_load(&word_row, 0, size, at, sx);
				check_load(&word_row, 4, size, at, sx);
				check_load(&half_row, 0, size, at, sx);
			}
		}
	}
}

/* Two words of an array at once, and stores of registers and constants. */
static void check_stores(void)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(2, 0x1234),
		insn_store(BPF_W, 1, 2, 12),
		insn_store_imm(BPF_W, 1, 8, 0x55),
		insn_store_imm(BPF_W, 1, 16, 0x77777),		/* a half word there */
		insn_load(BPF_DW, 0, 1, 8),
		insn_alu64_imm(BPF_RSH, 0, 16),
		insn_exit(),
	};
	struct kctx ctx = kctx;
	struct test_env t;
	u32 i;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	for (i = 1; i <= 4; i++) {
		t.env->aux[i].ctx_field = i == 3 ? &half_row : &word_row;
		t.env->aux[i].ctx_acc = (struct bpf_ctx_access) {
			.off = insns[i].off, .size = i == 4 ? 8 : 4, .write = i < 4 };
	}
	CHECK(rewritten(&t, &ctx) == 0x12340000, "two words");
	CHECK(ctx.word[0] == 0x55 && ctx.word[1] == 0x1234 && ctx.half == 0x7777, "stores");
	CHECK(ctx.num == kctx.num && !ctx.ptr, "neighbours");
	test_close(&t);
}

/*
 * hazard_2016_2383: jumps in both directions over an instruction that became many. 10 rounds, each
 * adds 1, and the jump forward skips what would spoil the sum.
 */
static void hazard_2016_2383(void)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(6, 0),
		insn_mov64_imm(7, 10),
		insn_load(BPF_W, 2, 1, 0),			/* 2: loop */
		insn_alu64_reg(BPF_ADD, 6, 2),
		insn_jump_imm(BPF_JGT, 7, 0, 2),		/* over 5 and 6 */
		insn_load(BPF_W, 6, 1, 0),
		insn_mov64_imm(6, 1000),
		insn_alu64_imm(BPF_SUB, 7, 1),			/* 7 */
		insn_jump_imm(BPF_JNE, 7, 0, -7),		/* to 2 */
		insn_mov64_reg(0, 6),
		insn_exit(),
	};
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->aux[2].ctx_field = &long_row;
	t.env->aux[2].ctx_acc.size = 4;
	t.env->aux[5].ctx_field = &long_row;
	t.env->aux[5].ctx_acc.size = 4;
	CHECK(rewritten(&t, &kctx) == 10, "sum");
	CHECK(t.env->prog->len == ARRAY_SIZE(insns) + 8, "%u instructions", t.env->prog->len);
	test_close(&t);
}

/* ------------------------------------------------------------------ dead code */

#define POISON 0x0bad0bad

static u32 poison_left(const struct bpf_prog *prog)
{
	u32 i, cnt = 0;

	for (i = 0; i < prog->len; i++)
		cnt += prog->insnsi[i].imm == POISON;
	return cnt;
}

/*
 * hazard_2017_17862: what the walk did not reach must not be in the program, whether it stands
 * behind a branch, at the end of a function, or is a function.
 */
static void hazard_2017_17862(bool privileged)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(0, 7),
		insn_jump_imm(BPF_JEQ, 0, 7, 3),		/* always */
		insn_mov64_imm(0, POISON),
		insn_call_sub(3),
		insn_mov64_imm(0, POISON),
		insn_jump_imm(BPF_JEQ, 0, 8, -4),		/* never */
		insn_exit(),
		insn_mov64_imm(0, POISON),			/* 7: a function */
		insn_exit(),
	};
	static const bool dead[] = { 0, 0, 1, 1, 1, 0, 0, 1, 1 };
	struct test_env t;
	u32 i;

	open_seen(&t, insns, ARRAY_SIZE(insns), privileged);
	for (i = 0; i < ARRAY_SIZE(dead); i++)
		t.env->aux[i].seen = !dead[i];
	t.env->aux[1].went = AUX_WENT_JUMP;
	t.env->aux[5].went = AUX_WENT_NEXT;
	CHECK(rewritten(&t, NULL) == 7, "result");
	CHECK(!poison_left(t.env->prog), "dead code is left");
	CHECK(t.env->nr_subprogs == (privileged ? 1 : 2), "%u functions", t.env->nr_subprogs);
	CHECK(t.env->prog->len == (privileged ? 2 : ARRAY_SIZE(insns)), "%u instructions",
	      t.env->prog->len);
	if (!privileged)
		CHECK(insn_jump_target(&t.env->prog->insnsi[2], 2) == 2, "not a trap");
	test_close(&t);
}

/* A callback whose address is taken and that was never called: nothing of its code is left. */
static void check_uncalled_callback(void)
{
	struct bpf_insn insns[6];
	struct test_env t;

	insn_ld_imm64(&insns[0], 1, BPF_PSEUDO_FUNC, 3);
	insns[2] = insn_mov64_imm(0, 5);
	insns[3] = insn_exit();
	insns[4] = insn_mov64_imm(0, POISON);
	insns[5] = insn_exit();
	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->aux[4].seen = false;
	t.env->aux[5].seen = false;
	CHECK(rewritten(&t, NULL) == 5 && !poison_left(t.env->prog), "callback");
	CHECK(t.env->nr_subprogs == 2 && t.env->prog->aux->func_cnt == 2, "functions");
	test_close(&t);
}

/* ------------------------------------------------------------------ masks */

/* R2 holds the pointer, R3 the number; whichever way around, the sum ends in R0. */
static u64 masked(u64 ptr, u64 num, u32 limit, u8 flags)
{
	bool src = flags & ALU_MASK_SRC;
	u8 op = flags & ALU_MASK_SUB ? BPF_SUB : BPF_ADD;
	const struct bpf_insn insns[] = {
		insn_load(BPF_DW, 2, 1, 0),
		insn_load(BPF_DW, 3, 1, 8),
		insn_alu64_reg(op, src ? 2 : 3, src ? 3 : 2),
		insn_mov64_reg(0, src ? 2 : 3),
		insn_load(BPF_DW, 4, 1, 16),
		insn_store(BPF_DW, 4, 0, 0),
		insn_store(BPF_DW, 4, 3, 8),
		insn_exit(),
	};
	u64 out[2] = {}, in[3] = { ptr, num, (unsigned long)out };
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), false);
	t.env->aux[2].alu_mask = true;
	t.env->aux[2].alu_limit = limit;
	t.env->aux[2].alu_flags = flags;
	rewritten(&t, in);
	CHECK(!src || out[1] == num, "the number has changed");
	test_close(&t);
	return out[0];
}

static void check_masks(void)
{
	static const u64 nums[] = {
		0, 1, 2, 7, 8, 9, 63, 64, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		S64_MAX, (u64)S64_MIN, (u64)S64_MIN + 1, (u64)-1, (u64)-2, (u64)-8, (u64)-9,
		(u64)-64, 0xffffffff00000000,
	};
	static const u32 limits[] = { 0, 1, 8, 63, 512, 0x7fffffff, U32_MAX };
	static const u8 flags[] = {
		0, ALU_MASK_SRC, ALU_MASK_NEG, ALU_MASK_SRC | ALU_MASK_NEG,
		ALU_MASK_SRC | ALU_MASK_SUB, ALU_MASK_SRC | ALU_MASK_SUB | ALU_MASK_NEG,
	};
	const u64 ptr = 0x100000000000ULL;
	u32 i, k, f;

	for (f = 0; f < ARRAY_SIZE(flags); f++) {
		for (i = 0; i < ARRAY_SIZE(nums); i++) {
			for (k = 0; k < ARRAY_SIZE(limits); k++) {
				u64 size = flags[f] & ALU_MASK_NEG ? -nums[i] : nums[i];
				u64 num = size <= limits[k] ? nums[i] : 0;
				u64 want = flags[f] & ALU_MASK_SUB ? ptr - num : ptr + num;

				CHECK(masked(ptr, nums[i], limits[k], flags[f]) == want,
				      "number %llx limit %x flags %x", nums[i], limits[k],
				      flags[f]);
			}
		}
	}
}

/* ------------------------------------------------------------------ the rest */

/* A loop without an end of its own: it ends, also where it begins at the function's start. */
static void check_may_goto(void)
{
	const struct bpf_insn insns[] = {
		insn_may_goto(4),
		insn_load(BPF_DW, 2, 1, 0),
		insn_alu64_imm(BPF_ADD, 2, 1),
		insn_store(BPF_DW, 1, 2, 0),
		insn_goto(-5),
		insn_load(BPF_DW, 0, 1, 0),
		insn_exit(),
	};
	struct test_env t;
	u64 rounds = 0;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->subprogs[0].stack_depth = 16;
	CHECK(rewritten(&t, &rounds) == REWRITE_LOOP_BUDGET, "%llu rounds", rounds);
	CHECK(t.env->prog->aux->stack_depth == 24, "stack %u", t.env->prog->aux->stack_depth);
	test_close(&t);
}

static void check_lines(void)
{
	const struct bpf_insn insns[] = {
		insn_load(BPF_W, 2, 1, 0), insn_mov64_imm(0, 1), insn_call_sub(1), insn_exit(),
		insn_mov64_imm(0, 3), insn_exit(),
	};
	struct bpf_line_info lines[] = { { 0 }, { 1 }, { 2 }, { 4 } };
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->aux[0].ctx_field = &long_row;
	t.env->aux[0].ctx_acc.size = 4;
	t.env->aux[1].seen = false;	/* goes away, its line with it */
	t.env->prog->aux->linfo = lines;
	t.env->prog->aux->nr_linfo = 4;
	CHECK(rewritten(&t, &kctx) == 3, "result");
	CHECK(t.env->prog->aux->nr_linfo == 3 && lines[0].insn_off == 0 && lines[1].insn_off == 5 &&
	      lines[2].insn_off == 7, "lines %u %u %u", lines[0].insn_off, lines[1].insn_off,
	      lines[2].insn_off);
	CHECK(t.env->subprogs[1].linfo_idx == 2 && t.env->subprogs[1].start == 7, "function");
	CHECK(t.env->prog->aux->facts[5].flags & BPF_FACT_SEEN, "facts of a call");
	CHECK(t.env->prog->aux->facts[1].live == U16_MAX, "facts of what was put in");
	test_close(&t);
}

static void check_barriers(void)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(0, 1), insn_jump_imm(BPF_JNE, 0, 1, 1), insn_mov64_imm(0, 2),
		insn_store_imm(BPF_DW, 10, -8, 0), insn_exit(),
	};
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), false);
	t.env->aux[3].nospec = true;
	t.env->aux[3].nospec_after = true;
	t.env->subprogs[0].stack_depth = 8;
	CHECK(rewritten(&t, NULL) == 2, "result");
	CHECK(t.env->prog->len == 7 && t.env->prog->insnsi[3].code == INSN_CODE_NOSPEC &&
	      t.env->prog->insnsi[5].code == INSN_CODE_NOSPEC, "barriers");
	CHECK(insn_jump_target(&t.env->prog->insnsi[1], 1) == 3, "the jump goes past the barrier");
	test_close(&t);
}

/* hazard_2017_9150: maps stand in programs by address, and the log must not show it. */
static void hazard_2017_9150(void)
{
	struct bpf_map *map = calloc(1, sizeof(*map));
	struct bpf_insn insns[3];
	char addr[32];
	struct test_env t;
	u32 size;

	insn_ld_imm64(insns, 1, BPF_PSEUDO_MAP_FD, 5);
	insns[2] = insn_exit();
	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	t.env->aux[0].map = map;
	vlog_insn(t.env, 0);
	bpf_vlog_finish(&t.env->log, &size);
	snprintf(addr, sizeof(addr), "%llx", (unsigned long long)(unsigned long)map);
	CHECK(strstr(t.log, "0: (18) r1 = 0x5"), "%s", t.log);
	CHECK(!bpf_pass_rewrite(t.env), "rewrite");
	CHECK(insn_imm64(t.env->prog->insnsi) == (unsigned long)map, "address");
	CHECK(!strstr(t.log, addr + 2), "%s", t.log);
	test_close(&t);
	free(map);
}

/* ------------------------------------------------------------------ exceptions */

/* What the passes before would have said: @at throws, and so may functions from @first on. */
static void throws_at(struct test_env *t, u32 at, u32 first)
{
	u32 i;

	t->env->seen_exception = true;
	t->env->aux[at].throws = true;
	for (i = first; i < t->env->nr_subprogs; i++)
		t->env->subprogs[i].throws = true;
}

/* Out of two functions, whose callers do not go on; or back, and they do. */
static void check_throw(u32 cookie, u64 want)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(BPF_REG_6, 5),
		insn_mov64_imm(BPF_REG_1, cookie),
		insn_call_sub(2),
		insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_6),
		insn_exit(),
		insn_mov64_imm(BPF_REG_6, 100),
		insn_call_sub(2),
		insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_6),
		insn_exit(),
		insn_mov64_imm(BPF_REG_0, 1000),
		insn_jump_imm(BPF_JEQ, BPF_REG_1, 0, 1),
		insn_call_kfunc(1, 0),
		insn_exit(),
	};
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	throws_at(&t, 11, 0);
	CHECK(rewritten(&t, NULL) == want, "thrown: %u", cookie);
	test_close(&t);
}

/* The exception callback gets it: a function that no instruction calls. */
static void check_exception_callback(void)
{
	const struct bpf_insn insns[] = {
		insn_mov64_imm(BPF_REG_1, 20),
		insn_call_sub(3),
		insn_exit(),
		/* never reached; only names the function */
		insn_call_sub(3),
		insn_exit(),
		insn_call_kfunc(1, 0),
		insn_exit(),
		insn_mov64_reg(BPF_REG_0, BPF_REG_1),
		insn_alu64_imm(BPF_ADD, BPF_REG_0, 3),
		insn_exit(),
	};
	struct test_env t;

	open_seen(&t, insns, ARRAY_SIZE(insns), true);
	throws_at(&t, 5, 0);
	t.env->aux[3].seen = false;
	t.env->aux[4].seen = false;
	t.env->exception_start = 7;
	t.env->exception_cb = bpf_subprog_of(t.env, 7);
	t.env->subprogs[t.env->exception_cb].exception_cb = true;
	CHECK(rewritten(&t, NULL) == 23, "exception callback");
	test_close(&t);
}

void test_rewrite(void)
{
	check_throw(0, 1105);
	check_throw(17, 17);
	check_exception_callback();
	check_fields();
	check_stores();
	hazard_2016_2383();
	hazard_2017_17862(true);
	hazard_2017_17862(false);
	check_uncalled_callback();
	check_masks();
	check_may_goto();
	check_lines();
	check_barriers();
	hazard_2017_9150();
}
