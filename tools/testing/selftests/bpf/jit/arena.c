// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to arenas: every operation with every pair of registers, on a page that is there and on
 * one that is not, with an upper half of the address that must not matter.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "jittest.h"

#define WINDOW		(1ULL << 32)
#define GUARD		0x10000
#define PAGE_AT		0x7f001000u
#define PAGE		4096

static struct t_prog *prog;
static u8 *page;

static const u64 old_value = 0x8182838485868788ULL;
static const u64 value = 0x1122334455667788ULL;

/* What an operation does to registers and memory, in C. */
struct effect {
	u64 r0, val, mem;
};

static u64 mask_of(u8 width)
{
	return width == 8 ? ~0ULL : (1ULL << 8 * width) - 1;
}

static u64 combine(s32 op, u64 a, u64 b)
{
	switch (op & ~BPF_FETCH) {
	case BPF_ADD:
		return a + b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	default:
		return a ^ b;
	}
}

static void atomic_effect(struct effect *e, const struct insn_row *row)
{
	u64 m = mask_of(row->width), old = e->mem & m, new;

	if (row->val == BPF_CMPXCHG) {
		if ((e->r0 & m) == old)
			e->mem = (e->mem & ~m) | (e->val & m);
		e->r0 = old;
		return;
	}
	new = row->val == BPF_XCHG ? e->val & m : combine(row->val, old, e->val & m) & m;
	e->mem = (e->mem & ~m) | new;
	if (row->val & BPF_FETCH)
		e->val = old;
}

static void effect_of(struct effect *e, const struct insn_row *row, s32 imm)
{
	u64 m = mask_of(row->width);

	switch (row->kind) {
	case INSN_KIND_LOAD:
		e->val = e->mem & m;
		break;
	case INSN_KIND_STORE:
		e->mem = (e->mem & ~m) | (e->val & m);
		break;
	case INSN_KIND_STORE_IMM:
		e->mem = (e->mem & ~m) | ((u64)(s64)imm & m);
		break;
	default:
		atomic_effect(e, row);
	}
}

/* R0 and the operand are set, the operation is done, and both are put together in R0. */
static void make(const struct insn_row *row, u8 base, u8 val, u64 addr, s32 imm, bool equal)
{
	bool load = row->kind == INSN_KIND_LOAD;

	prog->len = 0;
	t_add_imm64(prog, 0, 0, equal ? old_value : 5);
	t_add_imm64(prog, val, 0, value);
	t_add_imm64(prog, base, 0, addr);
	t_add(prog, insn_make(row->code, load ? val : base,
			      load ? base : row->kind == INSN_KIND_STORE_IMM ? 0 : val, -16,
			      row->sel == INSN_SEL_IMM ? row->val : imm));
	t_add(prog, insn_alu64_imm(BPF_MUL, val, 31));
	if (val)
		t_add(prog, insn_alu64_reg(BPF_ADD, 0, val));
	t_add(prog, insn_exit());
}

static void run_one(const struct insn_row *row, u8 base, u8 val, bool equal, u64 rules)
{
	const s32 imm = row->kind == INSN_KIND_STORE_IMM ? -77 : 0;
	u64 addr = 0xdeadbeef00000000ULL | PAGE_AT;
	struct effect e = { equal ? old_value : 5, value, old_value };
	struct jit_env env = t_env_default();
	struct t_image img;
	u64 got, want, *at = (u64 *)(page + 64);
	int err;

	if (!val)
		e.r0 = value;
	env.rules = rules;
	t_env_use(&env);
	make(row, base, val, addr + 64 + 16, imm, equal);
	err = t_compile(&img, prog, 1, NULL, false);
	if (!t_check(!err, "%s: err %d", row->name, err))
		return;
	t_catch_faults(&img);
	*at = old_value;
	if (base)
		effect_of(&e, row, imm);
	got = t_run(&img, NULL);
	want = val ? e.r0 + e.val * 31 : e.val * 31;
	/* R0 was overwritten by the address: what is compared with is not known */
	if (base)
		t_check(got == want && *at == e.mem,
			"%s, R%u, R%u: got %llx want %llx, %llx in memory", row->name, base, val,
			(unsigned long long)got, (unsigned long long)want,
			(unsigned long long)*at);
	t_release(&img);

	/* one page further there is nothing: loads give 0, and it goes on */
	make(row, base, val, addr + PAGE + 64 + 16, imm, equal);
	err = t_compile(&img, prog, 1, NULL, false);
	if (!t_check(!err, "%s: err %d", row->name, err))
		return;
	t_catch_faults(&img);
	got = t_run(&img, NULL);
	if (row->kind == INSN_KIND_LOAD && base && val)
		t_check(got == (equal ? old_value : 5), "%s of no page: %llx", row->name,
			(unsigned long long)got);
	t_catch_faults(NULL);
	t_release(&img);
}

static void run_row(const struct insn_row *row)
{
	u8 base, val;
	u32 k;

	for (base = 0; base <= 9; base++) {
		for (val = 0; val <= 9; val++) {
			/* R0 has a part of its own in comparisons */
			if (base == val || (row->val == BPF_CMPXCHG && (!base || !val)))
				continue;
			for (k = 0; k < 4; k++)
				run_one(row, base, val, k & 1, k & 2 ? JIT_ALL_RULES : 0);
		}
	}
}

void test_arena(void)
{
	struct bpf_map *map = calloc(1, sizeof(*map));
	u8 *room = mmap(NULL, WINDOW + 2 * GUARD, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u32 id, rows = 0;

	if (!t_check(map && room != MAP_FAILED, "no window"))
		return;
	prog = calloc(1, sizeof(*prog));
	map->map_type = BPF_MAP_TYPE_ARENA;
	t_arena = map;
	t_arena_window = (u64)room + GUARD;
	page = room + GUARD + PAGE_AT;
	t_check(!mprotect(page, PAGE, PROT_READ | PROT_WRITE), "no page");
	for (id = 1; id < INSN_NR; id++) {
		if ((insn_rows[id].mod & INSN_MOD_ARENA) != INSN_MOD_ARENA)
			continue;
		run_row(&insn_rows[id]);
		rows++;
	}
	t_check(rows > 20, "%u operations on arenas", rows);
	t_arena = NULL;
	munmap(room, WINDOW + 2 * GUARD);
	free(map);
	free(prog);
}
