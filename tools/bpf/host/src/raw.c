// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions as they are, without a program type and without the verifier: what conformance tests
 * run. Only what keeps the machine that runs them whole is checked: opcodes, registers, jumps,
 * functions. Memory is the caller's affair, and so is an end.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <host/os.h>

#include "exec/exec.h"
#include "isa/insn.h"
#include "host.h"

long host_raw(const void *insns, unsigned int cnt, void *mem, os_size len,
	      unsigned long long *result, char *why, os_size size);
void host_set_jit(int enable, int harden);

#define MAX_FUNCS	64
#define FRAME		512

/* What the prologue's context holds. */
struct raw_ctx {
	u64 result;
	u64 mem;
	u64 len;
};

struct raw {
	struct bpf_prog *prog;
	u32 nr_funcs;
	struct bpf_func_desc func[MAX_FUNCS];
	char *why;
	os_size size;
};

static int refuse(struct raw *raw, u32 i, const char *what)
{
	scnprintf(raw->why, raw->size, "instruction %u: %s", i, what);
	return -EINVAL;
}

/*
 * The program is a function of its own, so that it may return 64 bits. Registers of which it is
 * told nothing are 0.
 */
static u32 prologue(struct bpf_insn *insn)
{
	u32 n = 0, reg;

	insn[n++] = insn_mov64_reg(BPF_REG_6, BPF_REG_1);
	insn[n++] = insn_load(BPF_DW, BPF_REG_1, BPF_REG_6, offsetof(struct raw_ctx, mem));
	insn[n++] = insn_load(BPF_DW, BPF_REG_2, BPF_REG_6, offsetof(struct raw_ctx, len));
	insn[n++] = insn_store(BPF_DW, BPF_REG_10, BPF_REG_6, -8);
	for (reg = 0; reg < BPF_REG_10; reg++)
		if (reg != BPF_REG_1 && reg != BPF_REG_2)
			insn[n++] = insn_mov64_imm(reg, 0);
	insn[n++] = insn_call_sub(4);
	insn[n++] = insn_load(BPF_DW, BPF_REG_6, BPF_REG_10, -8);
	insn[n++] = insn_store(BPF_DW, BPF_REG_6, BPF_REG_0, offsetof(struct raw_ctx, result));
	insn[n++] = insn_mov64_imm(BPF_REG_0, 0);
	insn[n++] = insn_exit();
	return n;
}

#define PROLOGUE 17

/*
 * The verifier refuses what RFC 9669 defines all the same: counts beyond the width, divisors of 0.
 */
static void normalise(struct bpf_insn *insn)
{
	bool is64 = insn_class(insn) == BPF_ALU64;
	u8 op = insn_op(insn);

	if (!insn_is_alu(insn) || insn_is_src_reg(insn))
		return;
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		insn->imm &= is64 ? 63 : 31;
	else if (op == BPF_DIV && !insn->imm)
		*insn = insn_mov64_imm(insn->dst_reg, 0);
	else if (op == BPF_MOD && !insn->imm)
		*insn = is64 ? insn_mov64_reg(insn->dst_reg, insn->dst_reg) :
			       insn_mov32_reg(insn->dst_reg, insn->dst_reg);
}

static int check_kind(struct raw *raw, const struct bpf_insn *insn, u32 i)
{
	switch (insn_row(insn)->kind) {
	case INSN_KIND_CALL:
		return insn_is_sub_call(insn) ? 0 : refuse(raw, i, "there are no helpers");
	case INSN_KIND_LD_IMM64:
		return insn->src_reg ? refuse(raw, i, "refers to an object") : 0;
	case INSN_KIND_MAY_GOTO:
	case INSN_KIND_PACKET:
	case INSN_KIND_ADDR_SPACE:
		return refuse(raw, i, "needs the verifier");
	default:
		return 0;
	}
}

static bool lands(const struct raw *raw, const unsigned long *starts, s64 target)
{
	return target >= PROLOGUE && target < raw->prog->len && test_bit(target, starts);
}

static int add_func(struct raw *raw, u32 start)
{
	u32 i, k;

	for (i = 0; i < raw->nr_funcs && raw->func[i].start < start; i++)
		;
	if (i < raw->nr_funcs && raw->func[i].start == start)
		return 0;
	if (raw->nr_funcs == MAX_FUNCS)
		return refuse(raw, start - PROLOGUE, "too many functions");
	for (k = raw->nr_funcs++; k > i; k--)
		raw->func[k] = raw->func[k - 1];
	raw->func[i] = (struct bpf_func_desc){ .start = start };
	return 0;
}

static int check_insns(struct raw *raw, unsigned long *starts)
{
	struct bpf_insn *insns = raw->prog->insnsi;
	struct insn_fault fault = {};
	u32 i, len = raw->prog->len;
	char text[128];
	int slots, err;

	for (i = PROLOGUE; i < len; i += slots) {
		normalise(&insns[i]);
		slots = insn_check(&insns[i], len - i, 0, &fault);
		if (slots < 0) {
			insn_fault_text(text, sizeof(text), &fault);
			return refuse(raw, i - PROLOGUE, text);
		}
		err = check_kind(raw, &insns[i], i - PROLOGUE);
		if (err)
			return err;
		__set_bit(i, starts);
	}
	for_each_set_bit(i, starts, len) {
		if (!insn_is_jump(&insns[i]) && !insn_is_sub_call(&insns[i]))
			continue;
		if (!lands(raw, starts, insn_jump_target(&insns[i], i)))
			return refuse(raw, i - PROLOGUE, "jumps out of the program");
		err = insn_is_sub_call(&insns[i]) ?
		      add_func(raw, insn_jump_target(&insns[i], i)) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* Stack of a function: as deep as what it names; all of a frame where it does sums with R10. */
static u32 frame_size(const struct raw *raw, u32 start, u32 end)
{
	const struct bpf_insn *insn;
	bool copied = false;
	s32 deepest = 0;
	u32 i;

	for (i = start; i < end; i += insn_slots(insn)) {
		insn = &raw->prog->insnsi[i];
		if (insn_is_alu(insn) && insn_is_src_reg(insn) && insn->src_reg == BPF_REG_10)
			copied = true;
		if (insn_is_alu(insn) && !insn_is_src_reg(insn) && insn->imm < 0 &&
		    insn->imm >= -FRAME)
			deepest = min(deepest, insn->imm);
		if (insn->dst_reg == BPF_REG_10 || insn->src_reg == BPF_REG_10)
			deepest = min(deepest, (s32)insn->off);
	}
	if (copied && !deepest)
		return FRAME;
	return min(round_up(-deepest, 8), FRAME);
}

static int check_funcs(struct raw *raw)
{
	const struct bpf_insn *insns = raw->prog->insnsi;
	u32 f, i, last, end;
	s64 target;

	for (f = 1; f < raw->nr_funcs; f++) {
		end = f + 1 < raw->nr_funcs ? raw->func[f + 1].start : raw->prog->len;
		last = raw->func[f].start;
		for (i = last; i < end; i += insn_slots(&insns[i])) {
			last = i;
			if (!insn_is_jump(&insns[i]))
				continue;
			target = insn_jump_target(&insns[i], i);
			if (target < raw->func[f].start || target >= end)
				return refuse(raw, i - PROLOGUE, "jumps into another function");
		}
		if (!insn_ends_block(&insns[last]))
			return refuse(raw, last - PROLOGUE, "the program, or a function, does not end");
		raw->func[f].stack_depth = frame_size(raw, raw->func[f].start, end);
	}
	return 0;
}

static int make(struct raw *raw, const void *insns, u32 cnt)
{
	u32 len = PROLOGUE + cnt;
	unsigned long *starts;
	int err;

	raw->prog = bpf_prog_alloc(len, GFP_KERNEL);
	if (!raw->prog)
		return -ENOMEM;
	raw->prog->len = len;
	raw->prog->type = BPF_PROG_TYPE_SYSCALL;
	if (prologue(raw->prog->insnsi) != PROLOGUE)
		return -EINVAL;
	memcpy(raw->prog->insnsi + PROLOGUE, insns, array_size(cnt, sizeof(struct bpf_insn)));
	starts = bitmap_zalloc(len, GFP_KERNEL);
	if (!starts)
		return -ENOMEM;
	raw->func[0] = (struct bpf_func_desc){ .start = 0, .stack_depth = 8 };
	raw->func[1] = (struct bpf_func_desc){ .start = PROLOGUE };
	raw->nr_funcs = 2;
	err = check_insns(raw, starts);
	bitmap_free(starts);
	if (!err)
		err = check_funcs(raw);
	if (!err)
		err = bpf_prog_set_funcs(raw->prog, raw->func, raw->nr_funcs);
	if (err)
		return err;
	err = bpf_prog_select_runtime(raw->prog);
	if (err == -E2BIG)
		scnprintf(raw->why, raw->size, "the functions' stacks are too large, or they recurse");
	return err;
}

/**
 * host_raw - run instructions that nothing vouches for
 * @insns: instructions
 * @cnt: how many
 * @mem: what R1 points to
 * @len: what R2 is
 * @result: R0 at the exit
 * @why: what is wrong with them, "" where an errno says it
 * @size: bytes of @why
 *
 * Context: any thread, but one that may fault or never come back.
 * Return: 0 or -errno.
 */
long host_raw(const void *insns, unsigned int cnt, void *mem, os_size len,
	      unsigned long long *result, char *why, os_size size)
{
	struct raw_ctx ctx = { .mem = (unsigned long)mem, .len = len };
	struct raw raw = { .why = why, .size = size };
	int err;

	why[0] = 0;
	if (!cnt || cnt > BPF_MAXINSNS * 16)
		return -E2BIG;
	err = make(&raw, insns, cnt);
	if (!err) {
		rcu_read_lock();
		bpf_prog_run(raw.prog, &ctx);
		rcu_read_unlock();
		*result = ctx.result;
	}
	bpf_prog_free_unlinked(raw.prog);
	return err;
}
