// SPDX-License-Identifier: GPL-2.0
/*
 * Trampolines: code at the entry of a function that calls programs around it.
 *
 * It is entered by the call at the function's patch site, so that the stack has, from its top,
 * where the function goes on, where its caller goes on, and arguments that had no register. Frame,
 * addresses falling:
 *
 *	rbp + 24 ...		arguments on the stack
 *	rbp + 16		the caller's address
 *	rbp + 8			the function's
 *	rbp			the saved one
 *	rbp + acc		saved rax; after the call of the function its second result
 *	rbp + ctx + 8 * words	return value
 *	rbp + ctx		arguments
 *	rbp + ctx - 8		number of argument words
 *	rbp + ctx - 16		the function's address as programs see it
 *	rbp + frame		struct bpf_tramp_frame
 *	rsp			arguments on the stack, for a call of the function
 *
 * Arguments follow the C calling convention of the processor's supplement: words in six registers,
 * then on the stack; a struct of two words is in two registers or, all of it, on the stack.
 *
 * All lengths are independent of addresses, so that the first of two passes measures.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "exec/tramp.h"
#include "jit.h"

#define WORD	((s32)sizeof(u64))

/* Most machine words of arguments. */
#define WORDS_MAX	(BPF_MODEL_ARGS * BPF_MODEL_ARG_SIZE / WORD)

static const u8 arg_regs[] = { X86_RDI, X86_RSI, X86_RDX, X86_RCX, X86_R8, X86_R9 };

/**
 * struct tramp - a trampoline being written
 * @plan: what it does
 * @env: for which machine
 * @text: where it will run
 * @buf: where it is written, NULL: it is measured
 * @size: bytes at @buf
 * @len: bytes written
 * @err: first error
 * @words: argument words
 * @place: for each word its register, or X86_NOREG + 1 + its place on the stack
 * @nr_stack: words on the stack
 * @acc: see above, 0: not saved
 * @ctx: see above
 * @frame: see above
 * @depth: bytes below rbp
 * @slow_from: for each program the branch to its measured run, 0: none
 * @after_from: branches of programs whose result ends the function
 * @stack_from: call of what goes on at the address on the stack, 0: none
 */
struct tramp {
	struct bpf_tramp_plan *plan;
	const struct jit_env *env;
	const u8 *text;
	u8 *buf;
	u32 size;
	u32 len;
	int err;
	u32 words;
	u8 place[WORDS_MAX];
	u32 nr_stack;
	s32 acc;
	s32 ctx;
	s32 frame;
	s32 depth;
	u32 slow_from[BPF_TRAMP_PROGS];
	u32 after_from[BPF_TRAMP_PROGS];
	u32 stack_from;
};

/* ------------------------------------------------------------------ writing */

static void put(struct tramp *t, struct x86_insn insn)
{
	u8 bytes[X86_MAX_INSN];
	int len;

	if (t->err)
		return;
	len = x86_encode(&insn, bytes);
	if (len < 0) {
		t->err = len;
		return;
	}
	if (t->buf) {
		if (len > (int)(t->size - t->len)) {
			t->err = -E2BIG;
			return;
		}
		memcpy(t->buf + t->len, bytes, len);
	}
	t->len += len;
}

/* A branch of @len bytes to an address. */
static void put_to(struct tramp *t, struct x86_insn insn, u64 to, u32 len)
{
	insn.imm = t->buf ? (s64)(to - ((u64)(unsigned long)t->text + t->len + len)) : 0;
	put(t, insn);
}

static void put_call(struct tramp *t, const void *func)
{
	put_to(t, x86_none(X86_CALL), (u64)(unsigned long)func, 5);
}

/* A branch ahead; gives the offset behind it, for land(). */
static u32 put_ahead(struct tramp *t, struct x86_insn insn)
{
	insn.imm = 0;
	put(t, insn);
	return t->len;
}

/* Lets the branch that ends at @from go here. */
static void land(struct tramp *t, u32 from)
{
	s32 disp = t->len - from;

	if (t->buf && !t->err && from)
		memcpy(t->buf + from - sizeof(disp), &disp, sizeof(disp));
}

static void put_imm(struct tramp *t, u8 reg, u64 val)
{
	struct x86_insn insn = x86_ri(X86_MOV, 8, reg, val);

	/* the same length in both passes, whatever the value */
	insn.flags |= X86_WIDE;
	put(t, insn);
}

static void put_load(struct tramp *t, u8 reg, s32 disp)
{
	put(t, x86_rm(X86_MOV, 8, reg, x86_at(X86_RBP, disp)));
}

static void put_store(struct tramp *t, s32 disp, u8 reg)
{
	put(t, x86_mr(X86_MOV, 8, x86_at(X86_RBP, disp), reg));
}

static void put_lea(struct tramp *t, u8 reg, s32 disp)
{
	put(t, x86_rm(X86_LEA, 8, reg, x86_at(X86_RBP, disp)));
}

/* ------------------------------------------------------------------ layout */

static bool on_stack(const struct tramp *t, u32 word)
{
	return t->place[word] > X86_NOREG;
}

/* Where the caller has put a word, as a distance from rbp. */
static s32 caller_disp(const struct tramp *t, u32 word)
{
	/* behind saved rbp and the addresses to return to */
	s32 base = (t->plan->orig ? 3 : 2) * WORD;

	return base + (t->place[word] - X86_NOREG - 1) * WORD;
}

static void place_args(struct tramp *t)
{
	const struct bpf_func_model *model = t->plan->model;
	u32 i, n, reg = 0;

	for (i = 0; i < model->nr_args; i++) {
		n = bpf_model_arg_words(model, i);
		if (reg + n <= ARRAY_SIZE(arg_regs)) {
			while (n--)
				t->place[t->words++] = arg_regs[reg++];
		} else {
			while (n--)
				t->place[t->words++] = X86_NOREG + 1 + t->nr_stack++;
		}
	}
}

static void plan_frame(struct tramp *t)
{
	s32 at = 0;

	if (t->plan->keep_acc) {
		at -= WORD;
		t->acc = at;
	}
	at -= (t->words + 1) * WORD;
	t->ctx = at;
	at -= 2 * WORD;
	at -= sizeof(struct bpf_tramp_frame);
	t->frame = at;
	if (t->plan->call_orig)
		at -= t->nr_stack * WORD;
	/* rbp is at a multiple of 16 when calls are aligned */
	t->depth = round_up(-at, max_t(s32, t->env->stack_align, WORD));
}

/* ------------------------------------------------------------------ parts */

static void put_count(struct tramp *t, u8 op)
{
	struct x86_insn insn;

	if (!t->plan->inuse)
		return;
	put_imm(t, X86_R11, (u64)(__force unsigned long)t->plan->inuse);
	insn = x86_m(op, 8, x86_at(X86_R11, 0));
	if (t->env->percpu_gs)
		insn.flags |= X86_GS;
	put(t, insn);
}

static void save_args(struct tramp *t)
{
	u32 i;

	if (t->acc)
		put_store(t, t->acc, X86_RAX);
	for (i = 0; i < t->words; i++) {
		if (!on_stack(t, i)) {
			put_store(t, t->ctx + i * WORD, t->place[i]);
			continue;
		}
		put_load(t, X86_RAX, caller_disp(t, i));
		put_store(t, t->ctx + i * WORD, X86_RAX);
	}
	if (t->plan->need_nr)
		put(t, x86_mi(X86_MOV, 8, x86_at(X86_RBP, t->ctx + BPF_TRAMP_CTX_NR * WORD),
			      t->words));
	if (t->plan->need_ip) {
		put_imm(t, X86_RAX, t->plan->func);
		put_store(t, t->ctx + BPF_TRAMP_CTX_IP * WORD, X86_RAX);
	}
}

static void restore_args(struct tramp *t)
{
	u32 i;

	for (i = 0; i < t->words; i++) {
		if (!on_stack(t, i))
			put_load(t, t->place[i], t->ctx + i * WORD);
	}
	if (t->acc)
		put_load(t, X86_RAX, t->acc);
}

static s32 ret_disp(const struct tramp *t)
{
	return t->ctx + t->words * WORD;
}

static void call_prog(struct tramp *t, const struct bpf_tramp_call *call)
{
	if (!call->prog->jited)
		put_imm(t, X86_RSI, (u64)(unsigned long)call->prog->insnsi);
	put_call(t, call->prog->bpf_func);
	if (call->kind == BPF_TRAMP_FMOD_RET)
		put_store(t, ret_disp(t), X86_RAX);
}

static void put_section(struct tramp *t, const struct bpf_tramp_call *call, const void *func)
{
	put_imm(t, X86_RDI, (u64)(unsigned long)call->prog);
	put_lea(t, X86_RSI, t->frame);
	put_call(t, func);
}

/* With sections around it. */
static void run_guarded(struct tramp *t, struct bpf_tramp_call *call)
{
	s32 cookie = t->frame + offsetof(struct bpf_tramp_frame, run.bpf_cookie);
	u32 skip;

	call->skip_from = t->len;
	put_imm(t, X86_RAX, call->cookie);
	put_store(t, cookie, X86_RAX);
	put_section(t, call, call->enter);
	put(t, x86_rr(X86_TEST, 4, X86_RAX, X86_RAX));
	skip = put_ahead(t, x86_jcc(X86_CC_E, X86_NOLABEL));
	put_lea(t, X86_RDI, t->ctx);
	call_prog(t, call);
	put_section(t, call, call->exit);
	land(t, skip);
	call->skip_to = t->len;
}

/* Nothing around it, but a look whether statistics are on. */
static void run_bare(struct tramp *t, struct bpf_tramp_call *call, u32 nr)
{
	struct x86_mem flag = x86_at(X86_NOREG, (s32)(long)t->plan->measure_flag);

	call->skip_from = t->len;
	put(t, x86_mi(X86_CMP, 4, flag, 0));
	put_lea(t, X86_RDI, t->ctx);
	t->slow_from[nr] = put_ahead(t, x86_jcc(X86_CC_NE, X86_NOLABEL));
	call_prog(t, call);
	call->skip_to = t->len;
}

static void put_slow(struct tramp *t, const struct bpf_tramp_call *call, u32 nr)
{
	if (!t->slow_from[nr])
		return;
	land(t, t->slow_from[nr]);
	put_imm(t, X86_RSI, (u64)(unsigned long)call->prog);
	put_call(t, call->measure);
	if (call->kind == BPF_TRAMP_FMOD_RET)
		put_store(t, ret_disp(t), X86_RAX);
	put_to(t, x86_none(X86_JMP), (u64)(unsigned long)t->text + call->skip_to, 5);
}

static void run_kind(struct tramp *t, enum bpf_tramp_kind kind)
{
	struct bpf_tramp_call *call;
	u32 i;

	for (i = 0; i < t->plan->nr; i++) {
		call = &t->plan->calls[i];
		if (call->kind != kind)
			continue;
		if (call->enter)
			run_guarded(t, call);
		else
			run_bare(t, call, i);
		if (kind != BPF_TRAMP_FMOD_RET)
			continue;
		put(t, x86_mi(X86_CMP, 8, x86_at(X86_RBP, ret_disp(t)), 0));
		t->after_from[i] = put_ahead(t, x86_jcc(X86_CC_NE, X86_NOLABEL));
	}
}

static bool has_kind(const struct tramp *t, enum bpf_tramp_kind kind)
{
	u32 i;

	for (i = 0; i < t->plan->nr; i++) {
		if (t->plan->calls[i].kind == kind)
			return true;
	}
	return false;
}

static void put_ret(struct tramp *t)
{
	if (t->env->return_thunk)
		put_to(t, x86_none(X86_JMP), t->env->return_thunk, 5);
	else
		put(t, x86_none(X86_RET));
	put(t, x86_none(X86_INT3));
}

/*
 * The function's address is where its patch site, or who else patches it, has put it. That is
 * behind the function's ENDBR64: where indirect branches are tracked only a return gets there, and
 * not every thunk is one.
 */
static void call_stack(struct tramp *t)
{
	u64 thunk = t->env->indirect_thunk[X86_R11];

	put_load(t, X86_R11, WORD);
	if (t->env->endbr) {
		t->stack_from = put_ahead(t, x86_none(X86_CALL));
		return;
	}
	if (thunk) {
		put_to(t, x86_none(X86_CALL), thunk, 5);
		return;
	}
	if (t->env->lfence_indirect)
		put(t, x86_none(X86_LFENCE));
	put(t, x86_r(X86_CALL_IND, 8, X86_R11));
}

static void call_orig(struct tramp *t)
{
	u32 i;

	for (i = 0; i < t->words; i++) {
		if (!on_stack(t, i))
			continue;
		put_load(t, X86_RAX, t->ctx + i * WORD);
		put(t, x86_mr(X86_MOV, 8, x86_at(X86_RSP, (t->place[i] - X86_NOREG - 1) * WORD),
			      X86_RAX));
	}
	restore_args(t);
	if (t->plan->orig_stack)
		call_stack(t);
	else
		put_to(t, x86_none(X86_CALL), t->plan->orig, 5);
	put_store(t, ret_disp(t), X86_RAX);
	/* a function that may throw says in R1 whether it did: see verifier/rewrite_throw.c */
	if (t->acc)
		put_store(t, t->acc, X86_RDI);
}

/* The function itself and what comes after it. */
static void put_function(struct tramp *t)
{
	u32 i;

	if (!t->plan->orig) {
		put_load(t, X86_RAX, ret_disp(t));
		return;
	}
	if (!t->plan->call_orig) {
		restore_args(t);
		return;
	}
	call_orig(t);
	for (i = 0; i < t->plan->nr; i++)
		land(t, t->after_from[i]);
	run_kind(t, BPF_TRAMP_FEXIT);
	put_load(t, X86_RAX, ret_disp(t));
	if (t->acc)
		put_load(t, X86_RDI, t->acc);
}

static void put_return(struct tramp *t)
{
	put(t, x86_none(X86_LEAVE));
	/* past the function, which was called from here or not at all */
	if (t->plan->call_orig)
		put(t, x86_ri(X86_ADD, 8, X86_RSP, WORD));
	put_ret(t);
	if (t->stack_from) {
		land(t, t->stack_from);
		put(t, x86_r(X86_PUSH, 8, X86_R11));
		put_ret(t);
	}
}

static void put_all(struct tramp *t)
{
	u32 i;

	if (t->env->endbr)
		put(t, x86_none(X86_ENDBR64));
	put(t, x86_r(X86_PUSH, 8, X86_RBP));
	put(t, x86_rr(X86_MOV, 8, X86_RBP, X86_RSP));
	put(t, x86_ri(X86_SUB, 8, X86_RSP, t->depth));
	save_args(t);
	put_count(t, X86_INC);
	if (!t->plan->orig || has_kind(t, BPF_TRAMP_FMOD_RET))
		put(t, x86_mi(X86_MOV, 8, x86_at(X86_RBP, ret_disp(t)), 0));
	run_kind(t, BPF_TRAMP_FENTRY);
	run_kind(t, BPF_TRAMP_FMOD_RET);
	if (!t->plan->orig)
		for (i = 0; i < t->plan->nr; i++)
			land(t, t->after_from[i]);
	put_function(t);
	put_count(t, X86_DEC);
	put_return(t);
	for (i = 0; i < t->plan->nr; i++)
		put_slow(t, &t->plan->calls[i], i);
}

/**
 * bpf_arch_trampoline - write a trampoline
 * @plan: what it does; for each program it is told where its call stands
 * @text: where it will run
 * @buf: where it is written, NULL: measure only
 * @size: bytes at @buf
 *
 * Context: Any.
 * Return: Bytes; -E2BIG when @size is too small, -ERANGE for a call out of reach, -EINVAL.
 */
int bpf_arch_trampoline(struct bpf_tramp_plan *plan, const u8 *text, u8 *buf, u32 size)
{
	struct tramp t = { .plan = plan, .env = jit_env_get(), .text = text, .buf = buf,
			   .size = size };

	if (bpf_model_words(plan->model) > WORDS_MAX || plan->nr > BPF_TRAMP_PROGS)
		return -EINVAL;
	place_args(&t);
	plan_frame(&t);
	put_all(&t);
	return t.err ? t.err : t.len;
}
