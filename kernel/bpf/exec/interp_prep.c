// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a verified program ready to be interpreted: every instruction becomes
 * one decoded operation with its operation number, its distances in operations
 * and the addresses of what it calls.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exec/interp.h"
#include "exec/interp_pairs.h"

/* Depth of the call graph; the verifier allows 8 frames. */
#define INTERP_DEPTH_MAX	16

/**
 * struct interp_prep - a program being prepared
 * @prog: the main program
 * @code: what comes of it
 * @index: for each instruction its operation
 * @nr_ops: number of operations
 */
struct interp_prep {
	const struct bpf_prog *prog;
	struct interp_code *code;
	u32 *index;
	u32 nr_ops;
};

static u32 prep_callee(const struct bpf_insn *insn)
{
	return (u16)insn->off;
}

/* What the interpreter does not know, or what must be gone by now. */
static int prep_supported(const struct bpf_insn *insn, const struct insn_row *row)
{
	switch (row->kind) {
	case INSN_KIND_NONE:
	case INSN_KIND_MAY_GOTO:
	case INSN_KIND_PACKET:
		return -EINVAL;
	case INSN_KIND_ADDR_SPACE:
		return -EOPNOTSUPP;
	default:
		return (row->mod & INSN_MOD_ARENA) == INSN_MOD_ARENA ? -EOPNOTSUPP : 0;
	}
}

static int prep_index(struct interp_prep *prep)
{
	const struct bpf_insn *insn = prep->prog->insnsi;
	u32 len = prep->prog->len;
	u32 i, slots;
	int err;

	for (i = 0; i < len; i += slots) {
		slots = insn_slots(&insn[i]);
		if (slots > len - i)
			return -EINVAL;
		err = prep_supported(&insn[i], insn_row(&insn[i]));
		if (err)
			return err;
		/* the second slot is nobody's target; it shares the operation */
		prep->index[i] = prep->nr_ops;
		prep->index[i + slots - 1] = prep->nr_ops;
		prep->nr_ops++;
	}
	return 0;
}

/* Bytes from the operation after the one of @i to that of @target. */
static int prep_dist(const struct interp_prep *prep, s64 target, u32 i, s32 *dist)
{
	s64 bytes;

	if (target < 0 || target >= prep->prog->len)
		return -EINVAL;
	bytes = ((s64)prep->index[target] - prep->index[i] - 1) * (s64)sizeof(struct interp_op);
	*dist = bytes;
	return bytes == *dist ? 0 : -E2BIG;
}

static int prep_sub_addr(const struct interp_prep *prep, const struct bpf_insn *insn,
			 struct interp_op *op)
{
	u32 callee = prep_callee(insn);
	struct interp_func *func;

	if (callee >= prep->code->nr_funcs)
		return -EINVAL;
	func = &prep->code->funcs[callee];
	if (func->thunk < 0)
		func->thunk = interp_thunk_get(prep->prog, callee);
	if (func->thunk < 0)
		return func->thunk;
	op->imm64 = (unsigned long)interp_thunk_addr(func->thunk);
	return 0;
}

static int prep_call(const struct interp_prep *prep, u32 func, u32 i, struct interp_op *op)
{
	const struct bpf_insn *insn = &prep->prog->insnsi[i];
	u32 callee = prep_callee(insn);

	if (!insn_is_sub_call(insn)) {
		op->func = bpf_call_func(insn->imm);
		return 0;
	}
	if (callee >= prep->code->nr_funcs)
		return -EINVAL;
	op->imm = prep->code->funcs[func].stack;
	return prep_dist(prep, bpf_prog_func_start(prep->prog, callee), i, &op->jump);
}

static int prep_op(const struct interp_prep *prep, u32 func, u32 i)
{
	const struct bpf_insn *insn = &prep->prog->insnsi[i];
	struct interp_op *op = &prep->code->ops[prep->index[i]];

	op->id = bpf_insn_decode(insn);
	op->dst = insn->dst_reg;
	op->src = insn->src_reg;
	op->off = insn->off;
	op->imm = insn->imm;
	op->jump = 0;
	if (op->dst > INSN_REG_AX || op->src > INSN_REG_AX)
		return -EINVAL;
	if (insn_is_ld_imm64(insn)) {
		op->id = INSN_LD_IMM64;
		op->imm64 = insn_imm64(insn);
		return insn_is_sub_addr(insn) ? prep_sub_addr(prep, insn, op) : 0;
	}
	if (insn_is_call(insn))
		return prep_call(prep, func, i, op);
	if (insn_is_jump(insn))
		return prep_dist(prep, insn_jump_target(insn, i), i, &op->jump);
	return 0;
}

static u32 prep_own_stack(const struct bpf_prog *prog, u32 func)
{
	const struct bpf_prog *p = prog->aux->func_cnt > 1 ? prog->aux->func[func] : prog;

	return round_up(p->aux->stack_depth, 8);
}

/*
 * Stack that @func and its callees need. Every path through the call graph is
 * followed, but a function whose need is known is not entered again.
 */
static int prep_need(struct interp_prep *prep, u32 func, u32 depth)
{
	struct interp_func *f = &prep->code->funcs[func];
	const struct bpf_insn *insn = prep->prog->insnsi;
	u32 start = bpf_prog_func_start(prep->prog, func);
	u32 end = start + bpf_prog_func_len(prep->prog, func);
	u32 deepest = 0, callee, i;
	int err;

	if (f->need)
		return 0;
	if (depth == INTERP_DEPTH_MAX)
		return -E2BIG;
	for (i = start; i < end; i += insn_slots(&insn[i])) {
		if (!insn_is_sub_call(&insn[i]))
			continue;
		callee = prep_callee(&insn[i]);
		if (callee >= prep->code->nr_funcs)
			return -EINVAL;
		err = prep_need(prep, callee, depth + 1);
		if (err)
			return err;
		deepest = max_t(u32, deepest, prep->code->funcs[callee].need +
				sizeof(struct interp_frame));
	}
	/* never 0, which stands for not known */
	f->need = max_t(u32, f->stack + deepest, 8);
	return f->need > INTERP_STACK_MAX ? -E2BIG : 0;
}

static int prep_funcs(struct interp_prep *prep)
{
	struct interp_code *code = prep->code;
	u32 i;
	int err;

	for (i = 0; i < code->nr_funcs; i++) {
		code->funcs[i].entry = prep->index[bpf_prog_func_start(prep->prog, i)];
		code->funcs[i].stack = prep_own_stack(prep->prog, i);
	}
	for (i = 0; i < code->nr_funcs; i++) {
		err = prep_need(prep, i, 0);
		if (err)
			return err;
	}
	return 0;
}

static int prep_ops(struct interp_prep *prep)
{
	const struct bpf_insn *insn = prep->prog->insnsi;
	u32 func, i, end;
	int err;

	for (func = 0; func < prep->code->nr_funcs; func++) {
		i = bpf_prog_func_start(prep->prog, func);
		end = i + bpf_prog_func_len(prep->prog, func);
		for (; i < end; i += insn_slots(&insn[i])) {
			err = prep_op(prep, func, i);
			if (err)
				return err;
		}
	}
	return 0;
}

#ifdef CONFIG_BPF_ORACLE
/* Who watches each operation sees each by itself. */
static void prep_pairs(struct interp_prep *prep)
{
}
#else
static const struct interp_pair_row {
	u8 first;
	u8 second;
	u16 id;
} pair_rows[] = {
#define PAIR(a, b)	{ INSN_##a, INSN_##b, INTERP_PAIR_##a##__##b },
	INTERP_PAIRS(PAIR)
#undef PAIR
};

/* Number of the pair of two operations, that of the first where they are none. */
static u16 pair_of(const u8 *start, u16 first, u16 second)
{
	u32 k;

	for (k = start[first]; k && k <= ARRAY_SIZE(pair_rows); k++) {
		if (pair_rows[k - 1].first != first)
			break;
		if (pair_rows[k - 1].second == second)
			return pair_rows[k - 1].id;
	}
	return first;
}

/*
 * Two operations that one handler does. The first always goes on with the second, and whoever
 * jumps to the second finds it unchanged, so that it need not be known who does. Pairs overlap:
 * the second of one may be the first of another.
 */
static void prep_pairs(struct interp_prep *prep)
{
	struct interp_op *op = prep->code->ops;
	u8 start[INSN_NR] = {};		/* one more than the first row of each first operation */
	u16 next = INSN_INVALID, id;
	u32 i;

	BUILD_BUG_ON(ARRAY_SIZE(pair_rows) > 255);
	for (i = ARRAY_SIZE(pair_rows); i; i--)
		start[pair_rows[i - 1].first] = i;
	for (i = prep->nr_ops; i--; next = id) {
		id = op[i].id;
		op[i].id = pair_of(start, id, next);
	}
}
#endif

static void code_free(struct interp_code *code)
{
	u32 i;

	if (!code)
		return;
	for (i = 0; code->funcs && i < code->nr_funcs; i++) {
		if (code->funcs[i].thunk >= 0)
			interp_thunk_put(code->funcs[i].thunk);
	}
#ifdef CONFIG_BPF_ORACLE
	bpf_oracle_free(code->oracle);
#endif
	kvfree(code->funcs);
	kvfree(code);
}

static struct interp_code *code_alloc(u32 nr_ops, u32 nr_funcs)
{
	struct interp_code *code = kvzalloc(struct_size(code, ops, nr_ops), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!code)
		return NULL;
	code->nr_funcs = nr_funcs;
	code->funcs = kvcalloc(nr_funcs, sizeof(*code->funcs), GFP_KERNEL_ACCOUNT);
	if (!code->funcs) {
		kvfree(code);
		return NULL;
	}
	for (i = 0; i < nr_funcs; i++)
		code->funcs[i].thunk = -1;
	return code;
}

/**
 * bpf_interp_prepare - make a program interpretable
 * @prog: main program, as bpf_prog_select_runtime() gets it
 *
 * Sets bpf_func and aux->jit_data. A program stays as it was on an error.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EOPNOTSUPP for arena instructions, which need a JIT; -ENOSPC when
 * too many callbacks of interpreted programs exist; -E2BIG when the stack is
 * too deep; -EINVAL for instructions that cannot be; -ENOMEM.
 */
int bpf_interp_prepare(struct bpf_prog *prog)
{
	struct interp_prep prep = { .prog = prog };
	void *old = prog->aux->jit_data;
	int err;

	prep.index = kvcalloc(prog->len, sizeof(*prep.index), GFP_KERNEL);
	if (!prep.index)
		return -ENOMEM;
	err = prep_index(&prep);
	if (err)
		goto out;
	err = -ENOMEM;
	prep.code = code_alloc(prep.nr_ops, max_t(u32, prog->aux->func_cnt, 1));
	if (!prep.code)
		goto out;
	/* callback slots find the code through the program */
	prog->aux->jit_data = prep.code;
	err = prep_funcs(&prep);
	if (!err)
		err = prep_ops(&prep);
	if (err) {
		code_free(prep.code);
		prog->aux->jit_data = old;
		goto out;
	}
	prep_pairs(&prep);
#ifdef CONFIG_BPF_ORACLE
	prep.code->oracle = bpf_oracle_prepared(prog, prep.index, prep.nr_ops);
#endif
	prog->bpf_func = interp_entry(prep.code->funcs[0].need);
out:
	kvfree(prep.index);
	return err;
}

/**
 * bpf_interp_release - undo bpf_interp_prepare()
 * @prog: program that nobody runs any more
 *
 * Does nothing to a program that is not interpreted.
 *
 * Context: Process context, may sleep.
 */
void bpf_interp_release(struct bpf_prog *prog)
{
	if (prog->jited || !bpf_is_interp_entry(prog->bpf_func))
		return;
	/* the program itself may be read-only */
	code_free(prog->aux->jit_data);
	prog->aux->jit_data = NULL;
}
