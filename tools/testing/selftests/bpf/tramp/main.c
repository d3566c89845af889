// SPDX-License-Identifier: GPL-2.0
/*
 * Runs trampolines around C functions. A patch site is a page's worth of code: a call of the
 * trampoline, behind it a jump to the function, where a kernel function would go on.
 */
#include <linux/types.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "exec/tramp.h"
#include "jit.h"

#define IMAGE_SIZE	16384

static unsigned int passed, failed;
static struct jit_env env = { .stack_align = 16, .endbr = true };

const struct jit_env *jit_env_get(void)
{
	return &env;
}

static void check(bool ok, const char *fmt, ...)
{
	va_list ap;

	passed += ok;
	failed += !ok;
	if (ok)
		return;
	va_start(ap, fmt);
	printf("FAILED: ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

/* ------------------------------------------------------------------ what programs see */

struct seen {
	int calls;
	u64 ctx[32];
	u64 nr;
	u64 ip;
	u64 ret_slot;
};

static struct seen seen[8];
static u64 returns[8];
static int order[32], nr_order;
static u32 words;		/* argument words of the function under test */

static u64 see(int prog, u64 *ctx)
{
	struct seen *s = &seen[prog];

	s->calls++;
	memcpy(s->ctx, ctx, words * sizeof(u64));
	s->nr = ctx[BPF_TRAMP_CTX_NR];
	s->ip = ctx[BPF_TRAMP_CTX_IP];
	s->ret_slot = ctx[words];
	order[nr_order++] = prog;
	/* scratch registers belong to the callee */
	asm volatile ("" : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		      "memory");
	return returns[prog];
}

#define PROG(n) static u64 prog##n(u64 *ctx) { return see(n, ctx); }
PROG(0)
PROG(1)
PROG(2)
PROG(3)
PROG(4)
PROG(5)

static u64 (*const prog_funcs[])(u64 *) = { prog0, prog1, prog2, prog3, prog4, prog5 };

static struct bpf_prog progs[6];
static int entered, exited, refuse, measured;
static u64 cookies[8];
static int nr_cookies;

static u64 enter(struct bpf_prog *prog, struct bpf_tramp_frame *frame)
{
	entered++;
	if (refuse == prog - progs + 1)
		return 0;
	cookies[nr_cookies++] = frame->run.bpf_cookie;
	frame->start = 42;
	return 1;
}

static void leave(struct bpf_prog *prog, struct bpf_tramp_frame *frame)
{
	check(frame->start == 42, "frame of program %d is not kept", (int)(prog - progs));
	exited++;
}

static u64 measure(void *ctx, struct bpf_prog *prog)
{
	measured++;
	return prog_funcs[prog - progs](ctx);
}

/* ------------------------------------------------------------------ images */

static u8 *text, *site;
static int *flag;
static long *inuse;

static bool setup(void)
{
	u8 *mem = mmap(NULL, IMAGE_SIZE * 2, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int i;

	if (mem == MAP_FAILED)
		return false;
	text = mem;
	site = mem + IMAGE_SIZE;
	flag = (int *)(mem + IMAGE_SIZE + 256);
	inuse = (long *)(mem + IMAGE_SIZE + 512);
	for (i = 0; i < 6; i++) {
		progs[i].jited = 1;
		progs[i].bpf_func = (void *)prog_funcs[i];
	}
	return true;
}

static void put_rel(u8 *at, u8 op, const void *to)
{
	s32 disp = (const u8 *)to - (at + 5);

	at[0] = op;
	memcpy(at + 1, &disp, sizeof(disp));
}

static void reset(void)
{
	memset(seen, 0, sizeof(seen));
	memset(returns, 0, sizeof(returns));
	nr_order = 0;
	entered = 0;
	exited = 0;
	refuse = 0;
	measured = 0;
	nr_cookies = 0;
	*flag = 0;
	*inuse = 0;
}

/* Generates @plan around @func; the site is what callers call. */
static bool generate(struct bpf_tramp_plan *plan, const struct bpf_func_model *model,
		     const void *func)
{
	int len, again;

	reset();
	plan->model = model;
	plan->func = 0x1122334455667788;
	plan->measure_flag = flag;
	plan->need_nr = true;
	plan->need_ip = true;
	put_rel(site, 0xe8, text);
	put_rel(site + 5, 0xe9, func);
	plan->orig = (unsigned long)site + 5;
	words = bpf_model_words(model);
	len = bpf_arch_trampoline(plan, NULL, NULL, 0);
	memset(text, 0xcc, IMAGE_SIZE);
	again = len > 0 ? bpf_arch_trampoline(plan, text, text, IMAGE_SIZE) : -1;
	check(len > 0 && len == again, "measured %d, wrote %d", len, again);
	check(bpf_arch_trampoline(plan, text, text + IMAGE_SIZE / 2, len - 1) == -E2BIG,
	      "too little room was not seen");
	return len > 0 && len == again;
}

static void add(struct bpf_tramp_plan *plan, int prog, enum bpf_tramp_kind kind, bool bare)
{
	struct bpf_tramp_call *call = &plan->calls[plan->nr++];

	call->prog = &progs[prog];
	call->kind = kind;
	call->cookie = 0xabcdef0000 + prog;
	call->enter = bare ? NULL : enter;
	call->exit = leave;
	call->measure = measure;
	plan->call_orig |= kind != BPF_TRAMP_FENTRY;
}

/* ------------------------------------------------------------------ numbers of arguments */

static u64 got[BPF_MODEL_ARGS];
static int got_calls;

#define R1 u64 a
#define R2 R1, u64 b
#define R3 R2, u64 c
#define R4 R3, u64 d
#define R5 R4, u64 e
#define R6 R5, u64 f
#define R7 R6, u64 g
#define R8 R7, u64 h
#define R9 R8, u64 i
#define R10 R9, u64 j
#define R11 R10, u64 k
#define R12 R11, u64 l
#define G1 (got[0] = a)
#define G2 (G1, got[1] = b)
#define G3 (G2, got[2] = c)
#define G4 (G3, got[3] = d)
#define G5 (G4, got[4] = e)
#define G6 (G5, got[5] = f)
#define G7 (G6, got[6] = g)
#define G8 (G7, got[7] = h)
#define G9 (G8, got[8] = i)
#define G10 (G9, got[9] = j)
#define G11 (G10, got[10] = k)
#define G12 (G11, got[11] = l)

#define FUNC(n)									\
static noinline u64 func##n(R##n)				\
{										\
	G##n;									\
	got_calls++;								\
	return 0x9900000000000000 + n;						\
}

static noinline u64 func0(void)
{
	got_calls++;
	return 0x9900000000000000;
}

FUNC(1)
FUNC(2)
FUNC(3)
FUNC(4)
FUNC(5)
FUNC(6)
FUNC(7)
FUNC(8)
FUNC(9)
FUNC(10)
FUNC(11)
FUNC(12)

static void *const funcs[] = {
	func0, func1, func2, func3, func4, func5, func6, func7, func8, func9, func10, func11,
	func12,
};

static u64 val(int i)
{
	return 0x0101010101010101 * (i + 1);
}

/* More arguments than the function has do no harm to it. */
static u64 call_site(void)
{
	typedef u64 (*all_t)(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

	return ((all_t)site)(val(0), val(1), val(2), val(3), val(4), val(5), val(6), val(7), val(8),
			     val(9), val(10), val(11));
}

static void check_args(int n, int prog)
{
	int i;

	for (i = 0; i < n; i++)
		check(seen[prog].ctx[i] == val(i), "%d arguments, program %d: argument %d is %llx",
		      n, prog, i, (unsigned long long)seen[prog].ctx[i]);
	check(seen[prog].nr == n, "%d arguments: counted %llu", n,
	      (unsigned long long)seen[prog].nr);
	check(seen[prog].ip == 0x1122334455667788, "%d arguments: wrong address", n);
}

static void check_func(int n, int calls, const char *what)
{
	int i;

	check(got_calls == calls, "%s, %d arguments: called %d times", what, n, got_calls);
	for (i = 0; i < n && calls; i++)
		check(got[i] == val(i), "%s, %d arguments: function got %llx as %d", what, n,
		      (unsigned long long)got[i], i);
	got_calls = 0;
	memset(got, 0, sizeof(got));
}

static void plan_inuse(struct bpf_tramp_plan *plan)
{
	plan->inuse = (void *)inuse;
}

static void test_args(int n, bool bare)
{
	struct bpf_func_model model = { .nr_args = n, .ret_size = 8 };
	struct bpf_tramp_plan plan = {};
	u64 want = 0x9900000000000000 + n, ret;

	memset(model.arg_size, 8, n);
	add(&plan, 0, BPF_TRAMP_FENTRY, bare);
	if (!generate(&plan, &model, funcs[n]))
		return;
	ret = call_site();
	check(ret == want, "fentry, %d arguments: returned %llx", n, (unsigned long long)ret);
	check_args(n, 0);
	check_func(n, 1, "fentry");

	memset(&plan, 0, sizeof(plan));
	plan.keep_acc = true;
	plan_inuse(&plan);
	add(&plan, 0, BPF_TRAMP_FENTRY, bare);
	add(&plan, 1, BPF_TRAMP_FEXIT, bare);
	add(&plan, 2, BPF_TRAMP_FEXIT, !bare);
	if (!generate(&plan, &model, funcs[n]))
		return;
	ret = call_site();
	check(ret == want, "fexit, %d arguments: returned %llx", n, (unsigned long long)ret);
	check_args(n, 0);
	check_args(n, 1);
	check_args(n, 2);
	check(seen[1].ret_slot == want && seen[2].ret_slot == want, "fexit sees another result");
	check_func(n, 1, "fexit");
	check(*inuse == 0, "count of runs is %ld", *inuse);
	check(entered == (bare ? 1 : 2) && exited == entered, "%d entered, %d left", entered,
	      exited);
}

/* Two words: what it returns and what a function of a program says of exceptions beside that. */
static noinline __attribute__((naked)) u64 two_words(u64 a)
{
	asm volatile ("mov %rdi, %rax\n\tnot %rdi\n\tret");
}

static void test_two_words(void)
{
	struct bpf_func_model model = { .nr_args = 1, .ret_size = 8, .arg_size = { 8 } };
	struct bpf_tramp_plan plan = { .keep_acc = true };
	u64 rax, rdi = 0x1234567890abcdef;

	add(&plan, 0, BPF_TRAMP_FENTRY, false);
	add(&plan, 1, BPF_TRAMP_FEXIT, false);
	if (!generate(&plan, &model, two_words))
		return;
	asm volatile ("call *%2" : "=a"(rax), "+D"(rdi) : "r"(site)
		      : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	check(rax == 0x1234567890abcdef, "two words: the first is %llx", (unsigned long long)rax);
	check(rdi == ~0x1234567890abcdef, "two words: the second is %llx",
	      (unsigned long long)rdi);
	check(seen[1].ret_slot == rax, "two words: fexit sees another result");
}

static noinline u64 not_called(void)
{
	check(false, "called where the stack did not say");
	return 0;
}

/* Something else says on the stack where the function goes on: that is called, not the site's. */
static void test_shared(int n)
{
	struct bpf_func_model model = { .nr_args = n, .ret_size = 8 };
	struct bpf_tramp_plan plan = { .orig_stack = true };
	u64 want = 0x9900000000000000 + n, ret;

	memset(model.arg_size, 8, n);
	add(&plan, 0, BPF_TRAMP_FENTRY, false);
	add(&plan, 1, BPF_TRAMP_FEXIT, false);
	if (!generate(&plan, &model, funcs[n]))
		return;
	plan.orig = (unsigned long)not_called;
	check(bpf_arch_trampoline(&plan, text, text, IMAGE_SIZE) > 0, "shared: not written");
	ret = call_site();
	check(ret == want, "shared, %d arguments: returned %llx", n, (unsigned long long)ret);
	check_args(n, 0);
	check_args(n, 1);
	check(seen[1].ret_slot == want, "shared: fexit sees another result");
	check_func(n, 1, "shared");
	/* call *%r11: it would get behind the ENDBR64 of the function */
	check(!memmem(text, IMAGE_SIZE, "\x41\xff\xd3", 3) == env.endbr,
	      "shared: indirect call, and indirect branches are %stracked",
	      env.endbr ? "" : "not ");
}

/* With and without tracking of indirect branches, with and without a thunk to return by. */
static void test_shared_envs(int n)
{
	struct jit_env was = env;
	int k;

	site[64] = 0xc3;
	for (k = 0; k < 4; k++) {
		env.endbr = k & 1;
		env.return_thunk = k & 2 ? (unsigned long)site + 64 : 0;
		test_shared(n);
		if (n <= 6)
			test_args(n, false);
	}
	env = was;
}

/* ------------------------------------------------------------------ structs by value */

struct one { u8 bytes[5]; };
struct two { u64 x, y; };

static struct two got_two[3];
static struct one got_one;
static u64 got_last;

/* a: rdi; s: rsi, rdx; t: rcx, r8; u: on the stack, as one register is left; z: r9 */
static noinline int by_value(u64 a, struct two s, struct two t, struct two u,
			     u64 z, struct one o)
{
	got[0] = a;
	got_two[0] = s;
	got_two[1] = t;
	got_two[2] = u;
	got_last = z;
	got_one = o;
	return -5;
}

static void test_structs(void)
{
	const struct bpf_func_model model = {
		.nr_args = 6, .ret_size = 4, .arg_size = { 8, 16, 16, 16, 8, 5 }, .by_value = 0x2e,
	};
	struct bpf_tramp_plan plan = {};
	static const u64 want[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	int (*volatile call)(u64, struct two, struct two, struct two, u64, struct one);
	int ret, i;

	add(&plan, 0, BPF_TRAMP_FENTRY, true);
	add(&plan, 1, BPF_TRAMP_FEXIT, false);
	if (!generate(&plan, &model, by_value))
		return;
	call = (void *)site;
	ret = call(1, (struct two){ 2, 3 }, (struct two){ 4, 5 }, (struct two){ 6, 7 }, 8,
		   (struct one){ "abcd" });
	check(ret == -5, "structs: returned %d", ret);
	for (i = 0; i < 8; i++) {
		check(seen[0].ctx[i] == want[i], "structs, fentry: word %d", i);
		check(seen[1].ctx[i] == want[i], "structs, fexit: word %d", i);
	}
	check(!memcmp(&seen[0].ctx[8], "abcd", 5), "structs: short one");
	check((int)seen[1].ret_slot == -5, "structs: result");
	check(got[0] == 1 && got_two[0].x == 2 && got_two[1].y == 5 && got_two[2].x == 6 &&
	      got_two[2].y == 7 && got_last == 8 && !memcmp(&got_one, "abcd", 5),
	      "structs: function");
}

/* ------------------------------------------------------------------ results, order, skips */

static const struct bpf_func_model two_args = {
	.nr_args = 2, .ret_size = 8, .arg_size = { 8, 8 },
};

static void test_modify(bool bare)
{
	struct bpf_tramp_plan plan = {};
	u64 ret;

	add(&plan, 0, BPF_TRAMP_FENTRY, bare);
	add(&plan, 1, BPF_TRAMP_FMOD_RET, bare);
	add(&plan, 2, BPF_TRAMP_FMOD_RET, bare);
	add(&plan, 3, BPF_TRAMP_FEXIT, bare);
	if (!generate(&plan, &two_args, func2))
		return;
	ret = call_site();
	check(ret == 0x9900000000000002, "modify: 0 must not replace the result");
	check(seen[1].ret_slot == 0, "modify: result slot is not 0 at first");
	check_func(2, 1, "modify with 0");
	check(nr_order == 4 && order[0] == 0 && order[1] == 1 && order[2] == 2 && order[3] == 3,
	      "modify: order of programs");

	reset();
	returns[1] = -7;
	ret = call_site();
	check(ret == -7, "modify: returned %llx", (unsigned long long)ret);
	check_func(2, 0, "modify");
	check(!seen[2].calls, "modify: the second ran after the first had decided");
	check(seen[3].ret_slot == -7, "modify: fexit sees another result");

	reset();
	returns[2] = 0x8000000000000000;
	ret = call_site();
	check(ret == 0x8000000000000000, "modify: second program's result");
	check_func(2, 0, "modify by the second");
	if (!bare)
		check(entered == 4 && exited == 4, "modify: sections are not left");
}

static void test_refused(void)
{
	struct bpf_tramp_plan plan = {};
	u64 ret;

	add(&plan, 0, BPF_TRAMP_FENTRY, false);
	add(&plan, 1, BPF_TRAMP_FMOD_RET, false);
	add(&plan, 2, BPF_TRAMP_FEXIT, false);
	if (!generate(&plan, &two_args, func2))
		return;
	refuse = 2;
	returns[1] = 99;
	ret = call_site();
	check(ret == 0x9900000000000002 && !seen[1].calls, "a refused run ran");
	check(entered == 3 && exited == 2, "refused: %d entered, %d left", entered, exited);
	check(nr_cookies == 2 && cookies[0] == 0xabcdef0000 && cookies[1] == 0xabcdef0002,
	      "cookies");
	check_func(2, 1, "refused");
}

static void test_measured(void)
{
	struct bpf_tramp_plan plan = {};
	u64 ret;

	add(&plan, 0, BPF_TRAMP_FENTRY, true);
	add(&plan, 1, BPF_TRAMP_FMOD_RET, true);
	add(&plan, 2, BPF_TRAMP_FEXIT, true);
	if (!generate(&plan, &two_args, func2))
		return;
	call_site();
	check(measured == 0 && seen[0].calls == 1, "measured without being asked");
	*flag = 1;
	returns[1] = 3;
	ret = call_site();
	check(measured == 3 && seen[0].calls == 2 && seen[2].calls == 2, "measured %d", measured);
	check(ret == 3, "measured: result");
	got_calls = 0;
}

/* What makes a detachment possible that finds no memory. */
static void test_skip(bool bare)
{
	struct bpf_tramp_plan plan = {};
	u32 i;

	add(&plan, 0, BPF_TRAMP_FENTRY, bare);
	add(&plan, 1, BPF_TRAMP_FMOD_RET, bare);
	add(&plan, 2, BPF_TRAMP_FEXIT, bare);
	if (!generate(&plan, &two_args, func2))
		return;
	for (i = 0; i < 3; i++) {
		check(plan.calls[i].skip_to >= plan.calls[i].skip_from + 5, "no room for a jump");
		put_rel(text + plan.calls[i].skip_from, 0xe9, text + plan.calls[i].skip_to);
		reset();
		returns[1] = i == 0 ? 4 : 0;
		check(call_site() == (i == 0 ? 4 : 0x9900000000000002), "skip %u: result", i);
		check(!seen[i].calls, "program %u ran although it is skipped", i);
		check(i == 2 || seen[2].calls == 1, "skip %u: fexit did not run", i);
	}
	got_calls = 0;
}

/* A trampoline that is a function itself, for tables of functions. */
static void test_whole_function(void)
{
	struct bpf_tramp_plan plan = {};
	u64 (*call)(u64, u64) = (void *)text;
	int len;

	reset();
	add(&plan, 0, BPF_TRAMP_FMOD_RET, false);
	plan.call_orig = false;
	plan.model = &two_args;
	plan.measure_flag = flag;
	words = 2;
	len = bpf_arch_trampoline(&plan, text, text, IMAGE_SIZE);
	check(len > 0, "whole function: %d", len);
	returns[0] = 0x77;
	check(call(val(0), val(1)) == 0x77, "whole function: result");
	check(seen[0].ctx[0] == val(0) && seen[0].ctx[1] == val(1), "whole function: arguments");
	returns[0] = 0;
	check(call(val(0), val(1)) == 0, "whole function: result of 0");
}

int main(void)
{
	int n;

	if (!setup()) {
		printf("SKIP no executable memory below 2 GiB\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	for (n = 0; n <= BPF_MODEL_ARGS; n++) {
		test_args(n, false);
		test_args(n, true);
		test_shared_envs(n);
	}
	test_two_words();
	test_structs();
	test_modify(false);
	test_modify(true);
	test_refused();
	test_measured();
	test_skip(false);
	test_skip(true);
	test_whole_function();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
