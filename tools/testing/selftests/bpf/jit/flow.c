// SPDX-License-Identifier: GPL-2.0
/*
 * Calls, callbacks, tail calls, probing loads, dispatchers, facts, and what is
 * refused.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "exec/arch.h"
#include "jittest.h"

static struct t_prog *progs;

static void reset(u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		progs[i].len = 0;
		progs[i].stack = 0;
		progs[i].tail_reachable = false;
	}
}

/* Compiles for each kind of environment, runs, compares with the reference. */
static void run_all(const char *name, u32 cnt)
{
	u8 ctx[T_CTX_SIZE] __aligned(8);
	struct t_image img;
	u64 want, got;
	u32 k;
	int err;

	for (k = 0; k < 8; k++) {
		struct jit_env e = t_env_default();

		e.rules = k & 1 ? JIT_ALL_RULES : 0;
		e.endbr = k & 2;
		t_env_use(&e);
		memset(ctx, 3, sizeof(ctx));
		if (!t_check(t_ref_run(progs, cnt, ctx, &want), "%s: reference gave up", name))
			return;
		memset(ctx, 3, sizeof(ctx));
		err = t_compile(&img, progs, cnt, NULL, k & 4);
		got = err ? 0 : t_run(&img, ctx);
		t_check(!err && got == want, "%s (%u): err %d got %llx want %llx", name, k, err,
			(unsigned long long)got, (unsigned long long)want);
		t_release(&img);
	}
}

static struct bpf_insn call_sub(u8 idx)
{
	struct bpf_insn insn = insn_call_sub(0);

	insn.off = idx;
	return insn;
}

/* Keeps values in R6 to R9 and on the stack across calls that use them too. */
static void add_sub(struct t_prog *p, s32 k, int callee)
{
	u8 r;

	p->stack = 16;
	for (r = 6; r <= 9; r++) {
		t_add(p, insn_mov64_imm(r, k * r));
		t_add(p, insn_alu64_reg(BPF_ADD, r, r - 5));
	}
	t_add(p, insn_store(BPF_DW, 10, 2, -8));
	if (callee >= 0) {
		t_add(p, insn_mov64_reg(1, 6));
		t_add(p, insn_mov64_reg(2, 7));
		t_add(p, insn_mov64_imm(3, k));
		t_add(p, insn_mov64_imm(4, -k));
		t_add(p, insn_mov64_reg(5, 8));
		t_add(p, call_sub(callee));
	} else {
		t_add(p, insn_mov64_imm(0, k));
	}
	for (r = 6; r <= 9; r++) {
		t_add(p, insn_alu64_imm(BPF_MUL, 0, 7));
		t_add(p, insn_alu64_reg(BPF_XOR, 0, r));
	}
	t_add(p, insn_load(BPF_DW, 1, 10, -8));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 1));
	t_add(p, insn_exit());
}

static void subprograms(void)
{
	u8 r;

	reset(4);
	for (r = 1; r <= 5; r++)
		t_add(&progs[0], insn_mov64_imm(r, 1000 * r));
	add_sub(&progs[0], 3, 1);
	add_sub(&progs[1], 5, 2);
	add_sub(&progs[2], 11, -1);
	run_all("subprograms", 3);
}

static void helper_calls(void)
{
	struct t_prog *p = &progs[0];
	u8 r;

	reset(1);
	p->stack = 8;
	for (r = 1; r <= 5; r++)
		t_add(p, insn_mov64_imm(r, r * 3));
	t_add(p, insn_mov64_imm(6, 66));
	t_add(p, insn_call(bpf_call_imm(t_helper_mix)));
	t_add(p, insn_mov64_reg(1, 0));
	t_add(p, insn_mov64_reg(2, 6));
	for (r = 3; r <= 5; r++)
		t_add(p, insn_mov64_imm(r, r));
	t_add(p, insn_make(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0,
			   bpf_call_imm(t_helper_mix)));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 6));
	t_add(p, insn_exit());
	run_all("helper and kernel function calls", 1);
}

static void callbacks(void)
{
	struct t_prog *p = &progs[0];
	u8 r;

	reset(2);
	t_add_imm64(p, 1, BPF_PSEUDO_FUNC, 0);
	p->insns[p->len - 2].off = 1;
	t_add(p, insn_mov64_imm(2, 1234));
	for (r = 3; r <= 5; r++)
		t_add(p, insn_mov64_imm(r, r));
	t_add(p, insn_call(bpf_call_imm(t_helper_callback)));
	t_add(p, insn_exit());
	add_sub(&progs[1], 13, -1);
	run_all("callbacks", 2);
}

/* ------------------------------------------------------------------ tail calls */

struct tail_test {
	struct bpf_tail_map *map;
	struct bpf_prog *slots[4];
	u64 counters[4];
};

static struct bpf_tail_map *tail_map(struct tail_test *t, u32 n)
{
	t->map = calloc(1, sizeof(*t->map));
	t->map->map.max_entries = n;
	t->map->progs = t->slots;
	INIT_LIST_HEAD(&t->map->pokes);
	return t->map;
}

/* counters[k]++; tail call to @index; then return @ret */
static void add_tail_prog(struct t_prog *p, struct tail_test *t, u32 k, u64 index, s32 ret)
{
	t_add(p, insn_mov64_reg(6, 1));
	t_add_imm64(p, 2, 0, (u64)&t->counters[k]);
	t_add(p, insn_load(BPF_DW, 3, 2, 0));
	t_add(p, insn_alu64_imm(BPF_ADD, 3, 1));
	t_add(p, insn_store(BPF_DW, 2, 3, 0));
	t_add(p, insn_mov64_reg(1, 6));
	t_add_imm64(p, 2, 0, (u64)t->map);
	t_add_imm64(p, 3, 0, index);
	if (index < 4)
		t_pokes.keys[t_pokes.cnt++] = index;
	t_add(p, insn_tail_call(index < 4 ? t_pokes.cnt : 0));
	t_add(p, insn_mov64_imm(0, ret));
	t_add(p, insn_exit());
}

static void tail_check(const char *name, struct tail_test *t, u32 k, const struct t_image *img,
		       u64 want, u64 runs0, u64 runs1)
{
	u64 got;

	memset(t->counters, 0, sizeof(t->counters));
	got = t_run(img, t);
	t_check(got == want && t->counters[0] == runs0 && t->counters[1] == runs1,
		"%s (%u): ret %lld, counters %llu %llu", name, k, (long long)got,
		(unsigned long long)t->counters[0], (unsigned long long)t->counters[1]);
}

/* All rules, and images can be patched or not. */
static void note_tail(const struct t_image *img, struct tail_test *t, u32 k)
{
	struct t_effect *f = &t_effects[JIT_RULE_TAIL_DIRECT];
	u64 ret;

	if (k == 5) {
		f->with += t_count_insns(img, t, &ret);
		f->bytes_with += img->bytes;
	}
	if (k == 1) {
		f->without += t_count_insns(img, t, &ret);
		f->bytes_without += img->bytes;
	}
}

/* With the array empty, filled, emptied and filled again: what a direct call has to follow. */
static void tail_run(const char *name, struct tail_test *t, u32 cnt, u64 want, u64 runs0, u64 runs1,
		     u64 empty, u64 empty1)
{
	struct t_image img;
	u32 k;
	int err;

	t_pokes.map = t->map;
	for (k = 0; k < 8; k++) {
		struct jit_env e = t_env_default();

		e.rules = k & 1 ? JIT_ALL_RULES : 0;
		e.endbr = k & 2;
		e.poke = k & 4;
		t_env_use(&e);
		err = t_compile(&img, progs, cnt, NULL, false);
		if (!t_check(!err, "%s (%u): err %d", name, k, err))
			continue;
		tail_check(name, t, k, &img, empty, 1, empty1);
		bpf_poke_swap(&t->map->map, 0, img.prog[0]);
		tail_check(name, t, k, &img, want, runs0, runs1);
		note_tail(&img, t, k);
		t_check(bpf_poke_swap(&t->map->map, 0, NULL) == img.prog[0], "%s: slot", name);
		tail_check(name, t, k, &img, empty, 1, empty1);
		bpf_poke_swap(&t->map->map, 0, img.prog[0]);
		tail_check(name, t, k, &img, want, runs0, runs1);
		bpf_poke_swap(&t->map->map, 0, NULL);
		t_release(&img);
		t_check(list_empty(&t->map->pokes), "%s (%u): still tracked", name, k);
	}
	t_pokes.cnt = 0;
}

static void tail_calls(void)
{
	struct tail_test t = {};

	tail_map(&t, 4);
	reset(2);
	add_tail_prog(&progs[0], &t, 0, 0, 7);
	tail_run("33 tail calls", &t, 1, 7, 34, 0, 7, 0);
	reset(2);
	add_tail_prog(&progs[0], &t, 0, 1, 8);
	tail_run("tail call to an empty slot", &t, 1, 8, 1, 0, 8, 0);
	reset(2);
	add_tail_prog(&progs[0], &t, 0, 4, 9);
	tail_run("tail call past the end", &t, 1, 9, 1, 0, 9, 0);
	reset(2);
	/* the index is 32 bits wide */
	add_tail_prog(&progs[0], &t, 0, 0x500000000ULL, 10);
	tail_run("upper half of the index", &t, 1, 10, 34, 0, 10, 0);
	free(t.map);
}

/*
 * main counts and calls the subprogram twice, and that tail calls main: a
 * counter for each way down would let this run 2^33 times.
 */
static void tail_calls_in_subprograms(void)
{
	struct tail_test t = {};
	struct t_prog *p = &progs[0];

	tail_map(&t, 4);
	reset(2);
	p->stack = 8;
	p->tail_reachable = true;
	progs[1].tail_reachable = true;
	t_add(p, insn_mov64_reg(6, 1));
	t_add_imm64(p, 2, 0, (u64)&t.counters[0]);
	t_add(p, insn_load(BPF_DW, 3, 2, 0));
	t_add(p, insn_alu64_imm(BPF_ADD, 3, 1));
	t_add(p, insn_store(BPF_DW, 2, 3, 0));
	t_add(p, insn_mov64_reg(1, 6));
	t_add(p, call_sub(1));
	t_add(p, insn_mov64_reg(7, 0));
	t_add(p, insn_mov64_reg(1, 6));
	t_add(p, call_sub(1));
	t_add(p, insn_alu64_reg(BPF_ADD, 0, 7));
	t_add(p, insn_exit());
	add_tail_prog(&progs[1], &t, 1, 0, 1);
	/* 34 runs of main, each with two calls; 33 of 68 became tail calls, 35 returned 1 */
	tail_run("tail calls in subprograms", &t, 2, 35, 34, 68, 2, 2);
	free(t.map);
}

/* ------------------------------------------------------------------ probing loads */

static void probe_case(const char *name, u64 addr, u8 code, u8 dst, u8 src, s32 limit, u64 want)
{
	struct t_prog *p = &progs[0];
	struct jit_env e = t_env_default();
	struct t_image img;
	u64 got;
	int err, k;

	for (k = 0; k < 2; k++) {
		reset(1);
		e.rules = k ? JIT_ALL_RULES : 0;
		e.probe_limit = limit;
		t_env_use(&e);
		t_add_imm64(p, dst, 0, 0x1111111111111111ULL);
		t_add_imm64(p, src, 0, addr);
		t_add(p, insn_make(code, dst, src, 8, 0));
		t_add(p, insn_mov64_reg(0, dst));
		t_add(p, insn_exit());
		err = t_compile(&img, progs, 1, NULL, false);
		t_catch_faults(err ? NULL : &img);
		got = err ? 1 : t_run(&img, NULL);
		t_check(!err && got == want, "%s: err %d got %llx want %llx", name, err,
			(unsigned long long)got, (unsigned long long)want);
		t_release(&img);
	}
	t_catch_faults(NULL);
}

static void probing_loads(void)
{
	u64 *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 bad = (u64)page + 4096;
	u8 r, s;

	munmap((void *)bad, 4096);
	page[1] = 0x8877665544332281ULL;
	for (r = 0; r <= 9; r++) {
		s = (r + 3) % 10;
		probe_case("u64 of mapped memory", (u64)page, 0x39, r, s, 0, page[1]);
		probe_case("u8 of mapped memory", (u64)page, 0x31, r, s, 0, 0x81);
		probe_case("s8 of mapped memory", (u64)page, 0x51, r, s, 0, -0x7fLL);
		probe_case("u64 that faults", bad, 0x39, r, s, 0, 0);
		probe_case("u32 that faults", bad, 0x21, r, r, 0, 0);
		probe_case("s16 that faults", bad, 0x49, r, s, 0, 0);
		probe_case("not canonical", 0x8000000000000000ULL, 0x39, r, s, 0, 0);
		/* user space is not tried when there is a limit */
		probe_case("user address", (u64)page, 0x39, r, s, -0xa00000, 0);
		probe_case("user address, same register", (u64)page, 0x29, r, r, -0xa00000, 0);
		probe_case("vsyscall page", 0xffffffffff600000ULL, 0x39, r, s, -0xa00000, 0);
		probe_case("error pointer", -22ULL, 0x39, r, s, -0xa00000, 0);
		probe_case("kernel address", 0xffff888000000000ULL, 0x39, r, s, -0xa00000, 0);
	}
	munmap(page, 4096);
}

/* ------------------------------------------------------------------ dispatcher */

#define T_FUNCS	48

static void dispatchers(void)
{
	u64 funcs[T_FUNCS], n, k, got;
	u8 *text = mmap((void *)0x30000000, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	u64 (*fn)(void *ctx, void *insns, u64 func) = (void *)text;
	struct jit_env e = t_env_default();
	int len;

	t_env_use(&e);
	if (!t_check(text != MAP_FAILED, "no low memory for the dispatcher"))
		return;
	/* little functions that return their number */
	for (k = 0; k < T_FUNCS + 1; k++) {
		struct x86_insn mov = x86_ri(X86_MOV, 4, X86_RAX, k), ret = x86_none(X86_RET);
		u8 *p = text + 4096 + 16 * ((k * 29) % (T_FUNCS + 1));

		p += x86_encode(&mov, p);
		x86_encode(&ret, p);
	}
	for (n = 1; n <= T_FUNCS; n++) {
		for (k = 0; k < n; k++)
			funcs[k] = (u64)text + 4096 + 16 * ((k * 29) % (T_FUNCS + 1));
		len = bpf_arch_dispatcher(text, text, 4096, funcs, n);
		t_check(len > 0, "dispatcher of %llu: %d",
			(unsigned long long)n, len);
		for (k = 0; k <= T_FUNCS && len > 0; k++) {
			got = fn(NULL, NULL, (u64)text + 4096 + 16 * ((k * 29) % (T_FUNCS + 1)));
			t_check(got == k, "dispatcher of %llu: %llu went to %llu",
				(unsigned long long)n, (unsigned long long)k,
				(unsigned long long)got);
		}
	}
	t_check(bpf_arch_dispatcher(text, text, 100, funcs, T_FUNCS) == -E2BIG,
		"dispatcher in too small a buffer");
	t_check(bpf_arch_dispatcher(text, text, 4096, funcs, 0) == -EINVAL,
		"dispatcher without programs");
	funcs[0] = 0x123456789abcULL;
	t_check(bpf_arch_dispatcher(text, text, 4096, funcs, 1) < 0,
		"dispatcher for a distant program");
	munmap(text, 8192);
}

/* ------------------------------------------------------------------ facts, refusals */

static u32 size_with(const struct bpf_insn_fact *facts, u64 *ret)
{
	struct jit_env e = t_env_default();
	u64 ctx[2] = { 100, 7 };
	struct t_image img;
	u32 bytes = 0;

	t_env_use(&e);
	if (!t_compile(&img, progs, 1, facts, false)) {
		*ret = t_run(&img, ctx);
		bytes = img.bytes;
	}
	t_release(&img);
	return bytes;
}

static void verifier_facts(void)
{
	struct bpf_insn_fact f[8] = {};
	struct t_prog *p = &progs[0];
	u32 without, with, k;
	u64 a = 0, b = 0;

	for (k = 0; k < 8; k++)
		f[k].live = 0xffff;
	reset(1);
	t_add(p, insn_load(BPF_DW, 0, 1, 0));
	t_add(p, insn_load(BPF_DW, 2, 1, 8));
	t_add(p, insn_alu64_reg(BPF_DIV, 0, 2));
	t_add(p, insn_exit());
	without = size_with(f, &a);
	f[2].flags = BPF_FACT_DIVISOR_NONZERO;
	with = size_with(f, &b);
	t_check(with < without && a == 14 && b == 14, "divisor fact: %u, %u bytes", without, with);
	t_note_effect(JIT_RULE_DIV_FACT, progs, 1, f, (u64 []){ 100, 7 });
	f[2].flags |= BPF_FACT_DST_ZEXT | BPF_FACT_SRC_ZEXT;
	without = with;
	with = size_with(f, &b);
	t_check(with < without && b == 14, "width facts: %u, %u bytes", without, with);
}

static void refused(const char *name, struct bpf_insn insn, int want)
{
	struct t_image img;
	int err;

	reset(1);
	t_add(&progs[0], insn_mov64_imm(0, 0));
	t_add(&progs[0], insn);
	t_add(&progs[0], insn_exit());
	err = t_compile(&img, progs, 1, NULL, false);
	t_check(err == want, "%s: %d", name, err);
	t_release(&img);
}

static void refusals(void)
{
	struct jit_env e = t_env_default();

	t_env_use(&e);
	refused("jump out of the program", insn_goto(100), -EINVAL);
	refused("jump in front of the program", insn_goto(-100), -EINVAL);
	refused("load without an arena", insn_make(0xb9, 0, 1, 0, 0), -EINVAL);
	refused("store without an arena", insn_make(0xbb, 1, 0, 0, 0), -EINVAL);
	refused("address space conversion", insn_make(0xbf, 0, 1, 1, 1), -EOPNOTSUPP);
	refused("per-CPU move without per-CPU data", insn_mov_percpu(0, 0), -EOPNOTSUPP);
	refused("may_goto", insn_may_goto(0), -EOPNOTSUPP);
	refused("no such opcode", insn_make(0xff, 0, 0, 0, 0), -EINVAL);
	refused("subprogram that does not exist", call_sub(9), -EINVAL);
}

/* Each allocation of a compilation fails in turn; nothing is left behind. */
static void allocation_failures(void)
{
	struct jit_env e = t_env_default();
	struct t_image img;
	long live, n;
	int err = -ENOMEM;

	t_env_use(&e);
	t_generate(&progs[0], 4, 60);
	for (n = 1; err && n < 100; n++) {
		live = shim_live;
		shim_fail_alloc = n;
		err = t_compile(&img, progs, 1, NULL, false);
		shim_fail_alloc = 0;
		t_check(!err || err == -ENOMEM, "allocation %ld failed: %d", n, err);
		t_check(shim_live == live, "allocation %ld failed: %ld left", n, shim_live - live);
		t_release(&img);
	}
	t_check(!err && n > 8, "compiled after %ld failures: %d", n, err);
}

void test_flow(void)
{
	progs = calloc(4, sizeof(*progs));
	subprograms();
	helper_calls();
	callbacks();
	tail_calls();
	tail_calls_in_subprograms();
	probing_loads();
	dispatchers();
	verifier_facts();
	refusals();
	allocation_failures();
	free(progs);
}
