// SPDX-License-Identifier: GPL-2.0
/*
 * Edits applied at once against the plain way: one at a time, everything behind moved, every jump
 * looked at. Then both programs are run.
 */
#include "exec/exec.h"
#include "passes.h"

#define LEN	40
#define ROOM	2000
#define RUNS	1500

/* A program that is patched one edit at a time. */
struct plain {
	struct bpf_insn insn[ROOM];
	u32 len;
};

static s64 plain_target(const struct bpf_insn *insn, u32 at)
{
	return insn_is_jump(insn) || insn_is_sub_call(insn) ? insn_jump_target(insn, at) : -1;
}

static void plain_set_target(struct bpf_insn *insn, u32 at, s64 target)
{
	if (insn_is_call(insn) || insn_is_gotol(insn))
		insn->imm = target - at - 1;
	else
		insn->off = target - at - 1;
}

/*
 * Puts @cnt instructions at @at in the place of @del. Jumps to @at land behind what is new where
 * @behind; calls never do.
 */
static void plain_patch(struct plain *p, u32 at, u32 del, const struct bpf_insn *insns, u32 cnt,
			bool behind)
{
	s64 target[ROOM];
	bool call;
	u32 i;

	for (i = 0; i < p->len; i++) {
		target[i] = plain_target(&p->insn[i], i);
		call = insn_is_call(&p->insn[i]);
		if (target[i] > at || (target[i] == at && behind && !call))
			target[i] += (s32)(cnt - del);
	}
	memmove(&p->insn[at + cnt], &p->insn[at + del], (p->len - at - del) * sizeof(*insns));
	memmove(&target[at + cnt], &target[at + del], (p->len - at - del) * sizeof(*target));
	memcpy(&p->insn[at], insns, cnt * sizeof(*insns));
	p->len += cnt - del;
	for (i = 0; i < p->len; i++) {
		if ((i < at || i >= at + cnt) && target[i] >= 0)
			plain_set_target(&p->insn[i], i, target[i]);
	}
}

/* ------------------------------------------------------------------ programs */

/* Registers are set, then a loop of 3 rounds with jumps forward only inside. */
static u32 make_program(struct bpf_insn *insns)
{
	u32 i, cnt = 0, body, end = LEN - 4;

	for (i = 0; i < 6; i++)
		insns[cnt++] = insn_mov64_imm(i, test_random(1000));
	insns[cnt++] = insn_mov64_imm(BPF_REG_9, 3);
	body = cnt;
	while (cnt < end) {
		u8 a = test_random(6), b = test_random(6);
		s16 ahead = test_random(end - cnt);

		switch (test_random(6)) {
		case 0:
			insns[cnt] = insn_jump_reg(BPF_JGT, a, b, ahead);
			break;
		case 1:
			insns[cnt] = insn_jump32_imm(BPF_JSET, a, 4, ahead);
			break;
		case 2:
			insns[cnt] = test_random(2) ? insn_goto(ahead) : insn_gotol(ahead);
			break;
		case 3:
			insns[cnt] = insn_alu64_imm(BPF_ADD, a, test_random(100));
			break;
		case 4:
			insns[cnt] = insn_alu64_reg(BPF_XOR, a, b);
			break;
		default:
			insns[cnt] = insn_alu64_imm(BPF_MUL, a, 3);
		}
		cnt++;
	}
	insns[cnt++] = insn_alu64_imm(BPF_SUB, BPF_REG_9, 1);
	insns[cnt] = insn_jump_imm(BPF_JNE, BPF_REG_9, 0, (s32)body - (s32)cnt - 1);
	cnt++;
	insns[cnt++] = insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_1);
	insns[cnt++] = insn_exit();
	return cnt;
}

/* Changes nothing that matters, in 2 to 4 instructions, some with a jump inside. */
static u32 make_noise(struct bpf_insn *seq)
{
	u32 cnt = 0, key = test_random(1000);
	u8 reg = test_random(6);

	if (test_random(2)) {
		seq[cnt++] = insn_mov64_imm(INSN_REG_AX, key);
		seq[cnt++] = insn_jump_imm(BPF_JEQ, INSN_REG_AX, key, 1);
		seq[cnt++] = insn_mov64_imm(reg, 0);
	}
	seq[cnt++] = insn_alu64_imm(BPF_XOR, reg, key);
	seq[cnt++] = insn_alu64_imm(BPF_XOR, reg, key);
	return cnt;
}

/* Another way to say the same, or 0. */
static u32 make_equal(const struct bpf_insn *insn, struct bpf_insn *seq)
{
	if (!insn_is_alu(insn) || insn_is_src_reg(insn))
		return 0;
	seq[0] = insn_mov64_imm(INSN_REG_AX, insn->imm);
	seq[1] = insn_alu64_reg(insn_op(insn), insn->dst_reg, INSN_REG_AX);
	return 2;
}

static u32 run(const struct bpf_insn *insns, u32 len)
{
	struct bpf_func_desc desc = { .stack_depth = 512 };
	struct bpf_prog *prog = bpf_prog_alloc(len, GFP_KERNEL);
	u32 ret = 0;

	memcpy(prog->insnsi, insns, len * sizeof(*insns));
	if (bpf_prog_set_funcs(prog, &desc, 1) || bpf_prog_select_runtime(prog))
		CHECK(false, "program of %u does not load", len);
	else
		ret = prog->bpf_func(NULL, prog->insnsi);
	bpf_prog_free_unlinked(prog);
	return ret;
}

/* From the last instruction to the first: what is patched already does not move indexes below. */
static void edit_both(struct bpf_edits *edits, struct plain *p, const struct bpf_insn *insns,
		      u32 len)
{
	struct bpf_insn seq[8];
	u32 i, cnt;

	for (i = len; i-- > 0;) {
		if (!test_random(4)) {
			cnt = make_noise(seq);
			bpf_edit_after(edits, i, seq, cnt);
			/* what stands behind an exit or goto is for nobody */
			plain_patch(p, i + 1, 0, seq, cnt, true);
		}
		if (!test_random(3)) {
			cnt = make_equal(&insns[i], seq);
			if (cnt) {
				bpf_edit_replace(edits, i, seq, cnt);
				plain_patch(p, i, 1, seq, cnt, false);
			}
		}
		if (!test_random(4)) {
			cnt = make_noise(seq);
			bpf_edit_before(edits, i, seq, cnt);
			plain_patch(p, i, 0, seq, cnt, false);
		}
		if (!test_random(6)) {
			cnt = make_noise(seq);
			bpf_edit_add(edits, BPF_EDIT_ENTRY, i, seq, cnt);
			plain_patch(p, i, 0, seq, cnt, true);
		}
	}
}

static void check_random(void)
{
	struct bpf_insn insns[LEN], *got;
	static struct plain p;
	struct bpf_edit_map map;
	struct bpf_edits *edits;
	u32 run_nr, len, got_len;

	for (run_nr = 0; run_nr < RUNS; run_nr++) {
		len = make_program(insns);
		memcpy(p.insn, insns, len * sizeof(*insns));
		p.len = len;
		edits = bpf_edits_new(len);
		edit_both(edits, &p, insns, len);
		CHECK(!bpf_edits_apply(edits, insns, len, &got, &got_len, &map), "apply");
		CHECK(got_len == p.len && !memcmp(got, p.insn, p.len * sizeof(*got)),
		      "run %u: %u instructions, not %u", run_nr, got_len, p.len);
		CHECK(run(insns, len) == run(got, got_len), "run %u: result", run_nr);
		CHECK(map.first[0] == 0 && map.first[len] == got_len, "map");
		kvfree(got);
		bpf_edit_map_free(&map);
		bpf_edits_free(edits);
	}
}

/* ------------------------------------------------------------------ single cases */

static int apply(struct bpf_edits *edits, const struct bpf_insn *insns, u32 len,
		 struct bpf_insn *to, u32 *to_len, struct bpf_edit_map *map)
{
	struct bpf_insn *got;
	int err = bpf_edits_apply(edits, insns, len, &got, to_len, map);

	if (!err) {
		memcpy(to, got, *to_len * sizeof(*got));
		kvfree(got);
	}
	bpf_edits_free(edits);
	return err;
}

/* A condition's target, by way of a gotol or not. */
static u32 lands_at(const struct bpf_insn *insns, u32 at)
{
	u32 to = insn_jump_target(&insns[at], at);

	return insn_is_gotol(&insns[to]) ? insn_jump_target(&insns[to], to) : to;
}

/*
 * Jumps over a stretch that grows beyond 16 bits: they get longer. Nested, so that the room which
 * one takes is what pushes the next one over the edge.
 */
static void check_far(u32 jumps, bool backwards, u32 grown)
{
	static struct bpf_insn insns[33000], got[80000];
	const struct bpf_insn two[2] = { insn_mov64_imm(1, 1), insn_mov64_imm(1, 2) };
	struct bpf_edits *edits;
	struct bpf_edit_map map;
	u32 i, at, to, len = 32000, got_len;

	for (i = 0; i < len - 1; i++)
		insns[i] = insn_mov64_imm(1, 1);
	insns[len - 1] = insn_exit();
	for (i = 0; i < jumps; i++) {
		at = backwards ? len - 2 - i : i;
		to = backwards ? i : len - 1 - i;
		insns[at] = insn_jump_imm(BPF_JEQ, 1, i, to - at - 1);
	}
	edits = bpf_edits_new(len);
	for (i = 0; i < grown; i++)
		bpf_edit_replace(edits, 1000 + i, two, 2);
	CHECK(!apply(edits, insns, len, got, &got_len, &map), "apply");
	for (i = 0; i < jumps; i++) {
		at = backwards ? len - 2 - i : i;
		to = backwards ? i : len - 1 - i;
		CHECK(got[map.core[at]].imm == i && lands_at(got, map.core[at]) == map.jump[to],
		      "jump %u of %u", i, jumps);
	}
	bpf_edit_map_free(&map);
}

static void check_far_goto(void)
{
	static struct bpf_insn insns[33000], got[70000];
	const struct bpf_insn two[2] = { insn_mov64_imm(1, 1), insn_mov64_imm(1, 2) };
	struct bpf_edits *edits;
	struct bpf_edit_map map;
	u32 i, len = 32000, got_len;

	insns[0] = insn_goto(len - 2);
	for (i = 1; i < len - 1; i++)
		insns[i] = insn_mov64_imm(1, 1);
	insns[len - 1] = insn_exit();
	edits = bpf_edits_new(len);
	for (i = 1; i < len - 1; i++)
		bpf_edit_replace(edits, i, two, 2);
	CHECK(!apply(edits, insns, len, got, &got_len, &map), "apply");
	CHECK(insn_is_gotol(&got[0]) && insn_jump_target(&got[0], 0) == got_len - 1, "target");
	bpf_edit_map_free(&map);
}

/* Calls, addresses of functions and 64-bit immediates move along; calls find the entry. */
static void check_calls(void)
{
	struct bpf_insn insns[10], got[30];
	const struct bpf_insn nop[3] = { insn_nop(), insn_nop(), insn_nop() };
	struct bpf_edits *edits = bpf_edits_new(10);
	struct bpf_edit_map map;
	u32 len;

	insns[0] = insn_call_sub(5);
	insn_ld_imm64(&insns[1], 1, BPF_PSEUDO_FUNC, 4);	/* 1 + 1 + 4 = 6 */
	insn_ld_imm64(&insns[3], 2, 0, 0x123456789aULL);
	insns[5] = insn_exit();
	insns[6] = insn_mov64_imm(0, 1);
	insns[7] = insn_jump_imm(BPF_JEQ, 0, 9, -2);
	insns[8] = insn_mov64_imm(0, 2);
	insns[9] = insn_exit();
	bpf_edit_add(edits, BPF_EDIT_ENTRY, 6, nop, 1);
	bpf_edit_before(edits, 6, nop, 2);
	bpf_edit_after(edits, 3, nop, 3);
	bpf_edit_before(edits, 1, nop, 1);
	CHECK(!apply(edits, insns, 10, got, &len, &map), "apply");
	CHECK(len == 17, "%u", len);
	CHECK(insn_jump_target(&got[0], 0) == 10, "call goes to %lld",
	      insn_jump_target(&got[0], 0));
	CHECK(2 + 1 + got[2].imm == 10, "address of %d", 2 + 1 + got[2].imm);
	CHECK(insn_imm64(&got[4]) == 0x123456789aULL, "64-bit immediate");
	CHECK(insn_jump_target(&got[14], 14) == 11, "loop goes to %lld",
	      insn_jump_target(&got[14], 14));
	CHECK(map.first[6] == 10 && map.jump[6] == 11 && map.core[6] == 13, "map");
	CHECK(map.first[4] == map.first[3] && map.survived[6], "map");
	bpf_edit_map_free(&map);
}

static void check_retarget(void)
{
	const struct bpf_insn insns[] = {
		insn_may_goto(2), insn_mov64_imm(0, 1), insn_goto(-3), insn_exit(),
	};
	const struct bpf_insn seq[] = {
		insn_mov64_imm(INSN_REG_AX, 1),
		insn_jump_imm(BPF_JEQ, INSN_REG_AX, 0, BPF_EDIT_TARGET),
		insn_jump_imm(BPF_JEQ, INSN_REG_AX, 7, 1), insn_nop(),
	};
	struct bpf_edits *edits = bpf_edits_new(4);
	struct bpf_insn got[30];
	struct bpf_edit_map map;
	u32 len;

	bpf_edit_replace(edits, 0, seq, 4);
	bpf_edit_replace(edits, 1, NULL, 0);
	CHECK(!apply(edits, insns, 4, got, &len, &map), "apply");
	CHECK(len == 6 && insn_jump_target(&got[1], 1) == 5 && insn_jump_target(&got[2], 2) == 4 &&
	      insn_jump_target(&got[4], 4) == 0, "targets");
	CHECK(!map.survived[0] && map.first[1] == 4 && map.core[2] == 4, "map");
	bpf_edit_map_free(&map);
}

static void check_refused(void)
{
	const struct bpf_insn insns[] = { insn_mov64_imm(0, 1), insn_exit() };
	struct bpf_edits *edits = bpf_edits_new(2);
	struct bpf_insn got[4];
	struct bpf_edit_map map;
	u32 len;

	CHECK(bpf_edit_before(edits, 2, insns, 1) == -EINVAL, "no such instruction");
	CHECK(!bpf_edit_replace(edits, 0, insns, 1), "first");
	CHECK(!bpf_edit_replace(edits, 0, insns, 1), "second");
	CHECK(apply(edits, insns, 2, got, &len, &map) == -EINVAL, "two replacements");
}

/* Each allocation fails in turn: an error, and nothing left behind. */
static void check_no_memory(void)
{
	const struct bpf_insn insns[] = { insn_mov64_imm(0, 1), insn_exit() };
	struct bpf_insn got[4];
	struct bpf_edit_map map;
	struct bpf_edits *edits;
	long live = shim_live, fail;
	u32 len;
	int err;

	for (fail = 1; fail < 20; fail++) {
		edits = bpf_edits_new(2);
		shim_fail_alloc = fail;
		err = bpf_edit_before(edits, 1, insns, 1);
		if (err)
			bpf_edits_free(edits);
		else
			err = apply(edits, insns, 2, got, &len, &map);
		if (!err)
			bpf_edit_map_free(&map);
		CHECK(shim_live == live, "allocation %ld: %ld left", fail, shim_live - live);
		if (shim_fail_alloc)
			break;
		CHECK(err == -ENOMEM, "allocation %ld: %d", fail, err);
	}
	shim_fail_alloc = 0;
	CHECK(fail > 5 && fail < 20, "%ld allocations", fail);
}

void test_edits(void)
{
	check_random();
	check_far_goto();
	check_far(1, false, 20000);
	check_far(100, false, 20000);
	check_far(100, true, 20000);
	/* around the edge: 766 more are one too many for the outermost */
	check_far(50, false, 760);
	check_far(50, true, 768);
	check_far(50, false, 769);
	check_calls();
	check_retarget();
	check_refused();
	check_no_memory();
}
