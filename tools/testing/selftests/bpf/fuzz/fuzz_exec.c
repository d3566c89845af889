// SPDX-License-Identifier: GPL-2.0
/*
 * Execution with the containment oracle. The input chooses a program that is well formed by design
 * and leans on what the verifier has to prove: numbers of unknown value from a map, arithmetic of
 * all kinds, conditions, spills of all sizes, pointers moved by what was just bounded, loops,
 * subprograms, objects of its own on the way into lists and map values. What is accepted runs
 * several times on numbers at the corners. In the interpreter every register and stack slot must be
 * in a state that the verifier looked at, before each instruction; generated code must leave the
 * same result, map and packet.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <bpf/btf.h>

#include "fuzz.h"

#define MAX_INSNS	400
#define VALUE_SIZE	64
#define RUNS		6
#define SUBS		2

enum kind { NONE, NUM };

/*
 * struct gen - a program that is being made
 * @num: registers that hold a number
 * @slots: 8-byte slots of the stack all of whose bytes were written with numbers
 * @packet: the program type has packets that it may look into
 * @unpriv: without rights, thus without subprograms and loops
 * @sub: 0 in the program itself, else in a subprogram
 * @calls: instructions that call subprograms, to be pointed at them
 * @keep: registers that hold an object, which nothing else may overwrite
 * @nr_own: pieces about objects
 * @owner_at: instructions that name the map with objects
 */
struct gen {
	struct input *in;
	struct bpf_insn insns[MAX_INSNS + 256];
	int n;
	uint16_t num;
	uint16_t slots;
	int packet;
	int unpriv;
	int sub;
	int depth;
	int calls[16], callee[16], nr_calls;
	int start[SUBS];
	uint16_t keep;
	int nr_own;
	int owner_at[MAX_INSNS + 256], nr_owner_at;
};

/* One element, whose address programs know, and several. */
static int values = -1, table = -1;

/* ------------------------------------------------------------------ instructions */

static void emit(struct gen *g, uint8_t code, int dst, int src, int off, int imm)
{
	g->insns[g->n++] = (struct bpf_insn) { .code = code, .dst_reg = dst, .src_reg = src,
					       .off = off, .imm = imm };
}

static int room(const struct gen *g)
{
	return g->n < MAX_INSNS;
}

static const int64_t corners[] = { 0, 1, 2, 3, 7, 8, 15, 31, 32, 33, 56, 63, 64, 65, 127, 128, 255,
	256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7ffffffe, 0x7fffffff, -1, -2, -8, -63, -64, -128,
	-32768, (int32_t)0x80000000, (int32_t)0x80000001 };

static int some_imm(struct input *in)
{
	uint8_t how = take8(in);

	if (how < 160)
		return corners[how % (sizeof(corners) / sizeof(corners[0]))];
	if (how < 220)
		return (int8_t)take8(in);
	return take32(in);
}

/* A register that holds a number; one is made where there is none. */
static int some_num(struct gen *g)
{
	int want = take8(g->in) % 10, i;

	for (i = 0; i < 10; i++, want = (want + 1) % 10)
		if (g->num & 1 << want)
			return want;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, some_imm(g->in));
	g->num |= 1;
	return 0;
}

/* A register that may be overwritten: 6 is the context, 7 the map value. */
static int some_dst(struct gen *g)
{
	static const uint8_t free_regs[] = { 0, 1, 2, 3, 4, 5, 8, 9 };
	int reg = PICK(free_regs, g->in);

	return g->keep & 1 << reg ? 0 : reg;
}

/* ------------------------------------------------------------------ pieces */

static void gen_alu(struct gen *g)
{
	static const uint8_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH,
		BPF_RSH, BPF_MOD, BPF_XOR, BPF_ARSH, BPF_ADD, BPF_AND, BPF_SUB, BPF_RSH };
	uint8_t how = take8(g->in), op = PICK(ops, g->in), class = how & 1 ? BPF_ALU64 : BPF_ALU;
	int dst = some_num(g), off = 0, imm;

	if (dst == 6 || dst == 7)
		return;
	if ((op == BPF_DIV || op == BPF_MOD) && how & 8)
		off = 1;
	if (how & 2) {
		emit(g, class | op | BPF_X, dst, some_num(g), off, 0);
		return;
	}
	imm = some_imm(g->in);
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= class == BPF_ALU64 ? 63 : 31;
	if ((op == BPF_DIV || op == BPF_MOD) && !imm)
		imm = 3;
	emit(g, class | op | BPF_K, dst, 0, off, imm);
}

static void gen_unary(struct gen *g)
{
	static const uint8_t widths[] = { 16, 32, 64 };
	uint8_t how = take8(g->in);
	int dst = some_num(g);

	switch (how % 4) {
	case 0:
		emit(g, (how & 8 ? BPF_ALU64 : BPF_ALU) | BPF_NEG, dst, 0, 0, 0);
		break;
	case 1:
		emit(g, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, PICK(widths, g->in));
		break;
	case 2:
		emit(g, BPF_ALU | BPF_END | BPF_TO_LE, dst, 0, 0, PICK(widths, g->in));
		break;
	default:
		emit(g, BPF_ALU64 | BPF_END, dst, 0, 0, PICK(widths, g->in));
	}
}

static void gen_mov(struct gen *g)
{
	static const uint8_t extend[] = { 0, 0, 0, 8, 16, 32 };
	uint8_t how = take8(g->in), off = PICK(extend, g->in);
	int src = some_num(g), dst = some_dst(g);

	if (how & 1 && off == 32)
		off = 0;
	if (how % 8 == 6) {
		emit(g, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, some_imm(g->in));
		emit(g, 0, 0, 0, 0, some_imm(g->in));
	} else if (how % 8 == 7) {
		emit(g, (how & 16 ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_K, dst, 0, 0,
		     some_imm(g->in));
	} else {
		emit(g, (how & 1 ? BPF_ALU : BPF_ALU64) | BPF_MOV | BPF_X, dst, src, off, 0);
	}
	g->num |= 1 << dst;
}

static const uint8_t mem_sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
static const uint8_t mem_bytes[] = { 1, 2, 4, 8 };

static void gen_load(struct gen *g)
{
	uint8_t how = take8(g->in), s = how % 4, off = take8(g->in) % VALUE_SIZE;
	int dst = some_dst(g), mode = how & 16 && s < 3 ? BPF_MEMSX : BPF_MEM;

	off -= off % mem_bytes[s];
	emit(g, BPF_LDX | mode | mem_sizes[s], dst, 7, off, 0);
	g->num |= 1 << dst;
}

/* Spills and fills, of all sizes, at all places of a slot. */
static void gen_stack(struct gen *g)
{
	uint8_t how = take8(g->in), s = how % 4, slot = take8(g->in) % 8;
	uint8_t in_slot = take8(g->in) % 8;
	int off = -8 * (slot + 1), reg;

	in_slot -= in_slot % mem_bytes[s];
	if (how & 16 && g->slots & 1 << slot) {
		reg = some_dst(g);
		emit(g, BPF_LDX | (how & 64 && s < 3 ? BPF_MEMSX : BPF_MEM) | mem_sizes[s], reg, 10,
		     off + in_slot, 0);
		g->num |= 1 << reg;
		return;
	}
	if (!(g->slots & 1 << slot)) {
		s = 3;
		in_slot = 0;
		g->slots |= 1 << slot;
	}
	if (how & 32)
		emit(g, BPF_ST | BPF_MEM | mem_sizes[s], 10, 0, off + in_slot, some_imm(g->in));
	else
		emit(g, BPF_STX | BPF_MEM | mem_sizes[s], 10, some_num(g), off + in_slot, 0);
}

static void gen_atomic(struct gen *g)
{
	static const uint8_t ops[] = { BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH,
		BPF_OR | BPF_FETCH, BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG,
		BPF_CMPXCHG & 0xff };
	uint8_t how = take8(g->in), slot = take8(g->in) % 8, op = PICK(ops, g->in);
	int src = some_num(g), size = how & 1 ? BPF_DW : BPF_W, base = 10, off = -8 * (slot + 1);

	if (src == 6 || src == 7)
		return;
	if (!(g->slots & 1 << slot)) {
		base = 7;
		off = 8 * slot;
	}
	if (op == (BPF_CMPXCHG & 0xff) && !(g->num & 1))
		return;
	emit(g, BPF_STX | BPF_ATOMIC | size, base, src, off + (how & 1 ? 0 : how & 4),
	     op == (BPF_CMPXCHG & 0xff) ? BPF_CMPXCHG : op);
}

static void gen_body(struct gen *g, int max);

/* if (...) { ... } [else { ... }]; registers that only one way sets are gone afterwards. */
static void gen_if(struct gen *g)
{
	static const uint8_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
		BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };
	uint8_t how = take8(g->in), class = how & 1 ? BPF_JMP : BPF_JMP32, op = PICK(ops, g->in);
	uint16_t num, slots, num2, slots2;
	int left = some_num(g), at, skip;

	at = g->n;
	if (how & 2) {
		int right = some_num(g);

		at = g->n;
		emit(g, class | op | BPF_X, left, right, 0, 0);
	} else {
		emit(g, class | op | BPF_K, left, 0, 0, some_imm(g->in));
	}
	num = g->num;
	slots = g->slots;
	gen_body(g, 1 + take8(g->in) % 4);
	num2 = g->num;
	slots2 = g->slots;
	if (how & 4) {
		skip = g->n;
		emit(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		g->insns[at].off = g->n - at - 1;
		g->num = num;
		g->slots = slots;
		gen_body(g, 1 + take8(g->in) % 3);
		g->insns[skip].off = g->n - skip - 1;
		g->num &= num2;
		g->slots &= slots2;
	} else {
		g->insns[at].off = g->n - at - 1;
		g->num &= num;
		g->slots &= slots;
	}
}

/* A counted loop; the counter is in R9 or in the stack's slot 8, out of reach of the body. */
static void gen_loop(struct gen *g)
{
	uint8_t how = take8(g->in), times = 1 + take8(g->in) % 6;
	uint16_t num, slots;
	int top;

	emit(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -72, 0);
	top = g->n;
	num = g->num;
	slots = g->slots;
	gen_body(g, 1 + take8(g->in) % 4);
	emit(g, BPF_LDX | BPF_MEM | BPF_DW, 9, 10, -72, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 9, 0, 0, 1);
	emit(g, BPF_STX | BPF_MEM | BPF_DW, 10, 9, -72, 0);
	g->num |= 1 << 9;
	if (how & 1) {
		/* unless something says otherwise earlier */
		int other = some_num(g);

		emit(g, BPF_JMP | (how & 2 ? BPF_JEQ : BPF_JSGT) | BPF_X, 9, other, 1, 0);
	}
	emit(g, (how & 4 ? BPF_JMP : BPF_JMP32) | (how & 8 ? BPF_JLT : BPF_JNE) | BPF_K, 9, 0,
	     top - g->n - 1, times);
	g->num &= num | 1 << 9;
	g->slots &= slots;
}

/* A copy at a distance from its original: what is learnt of one is learnt of the other. */
static void gen_link(struct gen *g)
{
	uint8_t how = take8(g->in);
	int src = some_num(g), dst = some_dst(g), at;

	if (src == 6 || src == 7 || src == dst)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
	emit(g, (how & 1 ? BPF_ALU : BPF_ALU64) | (how & 2 ? BPF_SUB : BPF_ADD) | BPF_K, dst, 0, 0,
	     some_imm(g->in));
	g->num |= 1 << dst;
	at = g->n;
	emit(g, (how & 4 ? BPF_JMP : BPF_JMP32) | (how & 8 ? BPF_JGT : BPF_JSLT) | BPF_K,
	     how & 16 ? src : dst, 0, 0, some_imm(g->in));
	/* both are looked at, so that both stay alive */
	emit(g, BPF_ALU64 | BPF_XOR | BPF_X, src, dst, 0, 0);
	g->insns[at].off = g->n - at - 1;
}

/* A number is bounded somehow and moves a pointer into the map's value. */
static void gen_pointer(struct gen *g)
{
	uint8_t how = take8(g->in), s = take8(g->in) % 4, off = take8(g->in) % VALUE_SIZE;
	int num = some_num(g), at = -1, dst = some_dst(g), bound = take8(g->in) % (VALUE_SIZE + 2);

	if (num == 6 || num == 7 || dst == num)
		return;
	/* Mostly so that it is just right; a wrong bound must not get far. */
	if (take8(g->in) & 7)
		off = VALUE_SIZE - mem_bytes[s] - (bound <= VALUE_SIZE - mem_bytes[s] ? bound :
						   (bound &= 31));
	switch (how & 3 & take8(g->in)) {
	case 0:
		emit(g, (how & 16 ? BPF_ALU64 : BPF_ALU) | BPF_AND | BPF_K, num, 0, 0, bound);
		break;
	case 1:
		at = g->n;
		emit(g, (how & 16 ? BPF_JMP : BPF_JMP32) | BPF_JGT | BPF_K, num, 0, 0, bound);
		break;
	case 2:
		at = g->n;
		emit(g, (how & 16 ? BPF_JMP : BPF_JMP32) | BPF_JSGT | BPF_K, num, 0, 0, bound);
		break;
	default:
		break;
	}
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, 7, 0, 0);
	emit(g, BPF_ALU64 | ((how & 0xa0) == 0xa0 ? BPF_SUB : BPF_ADD) | BPF_X, dst, num, 0,
	     0);
	if (how & 64)
		emit(g, BPF_STX | BPF_MEM | mem_sizes[s], dst, some_num(g) == dst ? 7 : num, off,
		     0);
	else
		emit(g, BPF_LDX | BPF_MEM | mem_sizes[s], dst, dst, off, 0);
	/* whichever way it came here, a number */
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, 0);
	if (at >= 0)
		g->insns[at].off = g->n - at - 2;
	g->num |= 1 << dst;
}

/*
 * A number is bounded by another one, which depends on the way here: what is told of it is as wide
 * as the wider of both, and a way with a wide bound is none that was looked at with a narrow one.
 */
static void gen_bounded(struct gen *g)
{
	static const uint8_t above[] = { BPF_JGT, BPF_JGE }, below[] = { BPF_JLT, BPF_JLE };
	uint8_t how = take8(g->in), s = take8(g->in) % 4, most = VALUE_SIZE - mem_bytes[s];
	int num = some_num(g), dst = some_dst(g), other = some_num(g), at;
	uint8_t class = how & 2 ? BPF_JMP32 : BPF_JMP;

	if (num == 6 || num == 7 || dst == num || dst == other)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, take8(g->in) % (most + 1));
	emit(g, BPF_JMP | (how & 1 ? BPF_JSET : BPF_JGT) | BPF_K, other, 0, 1, some_imm(g->in));
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, take8(g->in) % (most + 1));
	if (how & 2)
		emit(g, BPF_ALU | BPF_MOV | BPF_X, num, num, 0, 0);
	at = g->n;
	if (how & 4)
		emit(g, class | above[how >> 3 & 1] | BPF_X, num, dst, 0, 0);
	else
		emit(g, class | below[how >> 3 & 1] | BPF_X, dst, num, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, 7, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, dst, num, 0, 0);
	emit(g, BPF_LDX | BPF_MEM | mem_sizes[s], dst, dst, 0, 0);
	g->insns[at].off = g->n - at - 1;
	g->num |= 1 << dst;
}

/* Stack memory at an offset that is not a constant. */
static void gen_stack_pointer(struct gen *g)
{
	uint8_t how = take8(g->in), s = take8(g->in) % 4, mask = take8(g->in) % 64;
	int num = some_num(g), dst = some_dst(g);

	if (num == 6 || num == 7 || dst == num)
		return;
	emit(g, BPF_ALU64 | BPF_AND | BPF_K, num, 0, 0, mask & ~(mem_bytes[s] - 1));
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, -64);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, dst, num, 0, 0);
	if (how & 1)
		emit(g, BPF_STX | BPF_MEM | mem_sizes[s], dst, num, 0, 0);
	else if ((g->slots & 255) == 255)
		emit(g, BPF_LDX | BPF_MEM | mem_sizes[s], dst, dst, 0, 0);
	if (how & 1 || (g->slots & 255) != 255)
		emit(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, some_imm(g->in));
	g->num |= 1 << dst;
}

/* Into the packet, behind a comparison with its end. */
static void gen_packet(struct gen *g)
{
	uint8_t how = take8(g->in), s = take8(g->in) % 4, len = 8 + take8(g->in) % 64;
	int off = take8(g->in) % len, num = some_num(g), xdp = g->packet == 1, at;

	if (!g->packet || g->sub || num == 6 || num == 7 || (num >= 1 && num <= 3))
		return;
	if (off + mem_bytes[s] > len && how & 0x70)
		off = len - mem_bytes[s];
	emit(g, BPF_LDX | BPF_MEM | BPF_W, 2, 6, xdp ? offsetof(struct xdp_md, data) :
	     offsetof(struct __sk_buff, data), 0);
	emit(g, BPF_LDX | BPF_MEM | BPF_W, 3, 6, xdp ? offsetof(struct xdp_md, data_end) :
	     offsetof(struct __sk_buff, data_end), 0);
	if (how & 1) {
		emit(g, BPF_ALU64 | BPF_AND | BPF_K, num, 0, 0, take8(g->in) % 64);
		emit(g, BPF_ALU64 | BPF_ADD | BPF_X, 2, num, 0, 0);
	}
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, len);
	at = g->n;
	emit(g, BPF_JMP | (how & 2 ? BPF_JGT : BPF_JGE) | BPF_X, 1, 3, 0, 0);
	emit(g, (how & 4 ? BPF_LDX : BPF_STX) | BPF_MEM | mem_sizes[s], how & 4 ? num : 2,
	     how & 4 ? 2 : num, off, 0);
	g->insns[at].off = g->n - at - 1;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 2);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 3);
	g->num |= 0xe;
}

/* A look-up with a key on the stack; R0 is a pointer or NULL. */
static void gen_lookup(struct gen *g)
{
	emit(g, BPF_ST | BPF_MEM | BPF_W, 10, 0, -76, take8(g->in) % 5);
	emit(g, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, table);
	emit(g, 0, 0, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -76);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(g, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1, 0);
	emit(g, BPF_LDX | BPF_MEM | mem_sizes[take8(g->in) % 4], 0, 0, take8(g->in) % 60 & ~7, 0);
	g->num = (g->num & ~0x3e) | 1;
}

/* ------------------------------------------------------------------ objects of its own */

/* What a program's types say: struct node { u64 a, b; list node; refcount; }, values with it. */
#define NODE_LIST	16
#define NODE_COUNT	40
#define NODE_SIZE	48
#define OWNER_LOCK	0
#define OWNER_HEAD	8
#define OWNER_HELD	24
#define OWNER_SIZE	32

enum { OBJ_NEW, OBJ_DROP, OBJ_ACQUIRE, PUSH_FRONT, PUSH_BACK, POP_FRONT, POP_BACK, NR_KFUNCS };

/* Arguments and result as letters: u64, int, any pointer, a pointer to a list's head or node. */
static const struct {
	const char *name;
	char result;
	const char *args[5];
} kfunc_protos[NR_KFUNCS] = {
	{ "bpf_obj_new_impl", 'p', { "u local_type_id__k", "p meta__ign" } },
	{ "bpf_obj_drop_impl", 0, { "p p__alloc", "p meta__ign" } },
	{ "bpf_refcount_acquire_impl", 'p', { "p p__refcounted_kptr", "p meta__ign" } },
	{ "bpf_list_push_front_impl", 'i', { "h head", "n node", "p meta__ign", "u off" } },
	{ "bpf_list_push_back_impl", 'i', { "h head", "n node", "p meta__ign", "u off" } },
	{ "bpf_list_pop_front", 'n', { "h head" } },
	{ "bpf_list_pop_back", 'n', { "h head" } },
};

static int kfuncs[NR_KFUNCS];
static int types_fd = -1, node_id, owner_id, key_id, main_id, sub_id;

/* One for the interpreter and one for generated code, so that both begin with the same. */
static int owners[2] = { -1, -1 };

static void gen_kfunc(struct gen *g, int which)
{
	emit(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, kfuncs[which]);
}

/* @fd is put in when it is loaded. */
static void gen_owner(struct gen *g, int reg, int off)
{
	g->owner_at[g->nr_owner_at++] = g->n;
	emit(g, BPF_LD | BPF_IMM | BPF_DW, reg, BPF_PSEUDO_MAP_VALUE, 0, 0);
	emit(g, 0, 0, 0, 0, off);
}

static void gen_lock(struct gen *g, int helper)
{
	gen_owner(g, 1, OWNER_LOCK);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void gen_drop(struct gen *g, int reg)
{
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, reg, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0);
	gen_kfunc(g, OBJ_DROP);
}

static void gen_push(struct gen *g, int reg, int which)
{
	gen_lock(g, BPF_FUNC_spin_lock);
	gen_owner(g, 1, OWNER_HEAD);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, reg, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, NODE_LIST);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0);
	gen_kfunc(g, which);
	gen_lock(g, BPF_FUNC_spin_unlock);
}

/* Into the map's value; what was there is dropped. */
static void gen_exchange(struct gen *g, int reg)
{
	gen_owner(g, 1, OWNER_HELD);
	if (reg)
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, reg, 0, 0);
	else
		emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kptr_xchg);
	emit(g, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3, 0);
	gen_drop(g, 0);
}

/* Where the object in R8 goes. */
static void gen_give(struct gen *g, uint8_t how)
{
	switch (how % 5) {
	case 0:
		gen_drop(g, 8);
		break;
	case 1:
		gen_push(g, 8, PUSH_FRONT);
		break;
	case 2:
		gen_push(g, 8, PUSH_BACK);
		break;
	case 3:
		gen_exchange(g, 8);
		break;
	default:
		/* two references: one into the list, one into the value */
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 8, 0, 0);
		emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0);
		gen_kfunc(g, OBJ_ACQUIRE);
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 9, 0, 0, 0);
		gen_push(g, 8, PUSH_BACK);
		emit(g, BPF_JMP | BPF_JEQ | BPF_K, 9, 0, 8, 0);
		gen_exchange(g, 9);
	}
}

/* Types of programs that have these functions; each use multiplies the paths. */
#define MAX_OWN	3

static int may_own(struct gen *g)
{
	return g->packet && !g->keep && g->nr_own++ < MAX_OWN;
}

/* An object is made, filled, lived with, and given away. */
static void gen_own(struct gen *g)
{
	uint8_t how = take8(g->in), reg;
	uint16_t num, slots;
	int at;

	if (!may_own(g))
		return;
	emit(g, BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, node_id);
	emit(g, 0, 0, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0);
	gen_kfunc(g, OBJ_NEW);
	at = g->n;
	emit(g, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 8, 0, 0, 0);
	g->num &= ~0x13f;
	num = g->num;
	slots = g->slots;
	g->keep = 1 << 8;
	reg = some_num(g);
	emit(g, BPF_STX | BPF_MEM | BPF_DW, 8, reg, 0, 0);
	reg = some_num(g);
	emit(g, BPF_STX | BPF_MEM | mem_sizes[how >> 6], 8, reg, 8, 0);
	gen_body(g, 1 + take8(g->in) % 3);
	reg = some_dst(g);
	emit(g, BPF_LDX | BPF_MEM | mem_sizes[how >> 4 & 3], reg, 8, how & 8, 0);
	g->num |= 1 << reg;
	emit(g, BPF_STX | BPF_MEM | BPF_DW, 7, reg, 8 * (how & 7), 0);
	gen_give(g, how);
	g->keep = 0;
	g->insns[at].off = g->n - at - 1;
	/* whichever way it came here, a number */
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 8, 0, 0, some_imm(g->in));
	g->num = (g->num & num & ~0x23f) | 1 << 8;
	g->slots &= slots;
}

/* Out of the list. */
static void gen_pop(struct gen *g)
{
	uint8_t how = take8(g->in);
	int at;

	if (!may_own(g))
		return;
	gen_lock(g, BPF_FUNC_spin_lock);
	gen_owner(g, 1, OWNER_HEAD);
	gen_kfunc(g, how & 1 ? POP_FRONT : POP_BACK);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 9, 0, 0, 0);
	gen_lock(g, BPF_FUNC_spin_unlock);
	at = g->n;
	emit(g, BPF_JMP | BPF_JEQ | BPF_K, 9, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 9, 0, 0, -NODE_LIST);
	emit(g, BPF_LDX | BPF_MEM | mem_sizes[how >> 6], 1, 9, how & 8, 0);
	emit(g, BPF_STX | BPF_MEM | BPF_DW, 7, 1, 8 * (how >> 1 & 3), 0);
	gen_drop(g, 9);
	g->insns[at].off = g->n - at - 1;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, how);
	g->num = (g->num & ~0x3f) | 1 << 9;
}

/* Out of the map's value. */
static void gen_take(struct gen *g)
{
	if (!may_own(g))
		return;
	gen_exchange(g, 0);
	g->num &= ~0x3f;
}

/* ------------------------------------------------------------------ */

static void gen_call(struct gen *g)
{
	int arg;

	if (g->sub || g->unpriv || g->nr_calls == 16)
		return;
	arg = some_num(g);
	if (arg != 1)
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, arg, 0, 0);
	arg = some_num(g);
	if (arg != 2)
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, arg, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -8);
	g->callee[g->nr_calls] = take8(g->in) % SUBS;
	g->calls[g->nr_calls++] = g->n;
	emit(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
	g->num = (g->num & ~0x3e) | 1;
}

#define NR_OBJECT_PIECES	5

/* KBPF_FUZZ_OBJECTS=0: programs without, which take less time. */
static int objects = 1;

static void gen_body(struct gen *g, int max)
{
	static void (*const pieces[])(struct gen *g) = {
		gen_alu, gen_alu, gen_alu, gen_mov, gen_mov,
		gen_load, gen_stack, gen_stack, gen_if, gen_if, gen_pointer, gen_unary, gen_packet,
		gen_atomic, gen_stack_pointer, gen_call, gen_lookup, gen_loop, gen_link, gen_link,
		/* those of objects */
		gen_bounded, gen_own, gen_own, gen_pop, gen_take,
	};
	int nr = sizeof(pieces) / sizeof(pieces[0]) - (objects ? 0 : NR_OBJECT_PIECES), i;

	if (++g->depth < 5)
		for (i = 0; i < max && g->in->left && room(g); i++) {
			uint8_t what = take8(g->in) % nr;

			/* loops do not nest: one counter */
			if (pieces[what] == gen_loop && (g->depth > 1 || g->unpriv))
				what = 0;
			pieces[what](g);
		}
	g->depth--;
}

static void gen_value_pointer(struct gen *g)
{
	emit(g, BPF_LD | BPF_IMM | BPF_DW, 7, BPF_PSEUDO_MAP_VALUE, 0, values);
	emit(g, 0, 0, 0, 0, 0);
}

static void gen_subs(struct gen *g)
{
	int sub, i;

	for (sub = 0; sub < SUBS; sub++) {
		g->start[sub] = g->n;
		g->sub = sub + 1;
		g->num = 6;	/* R1, R2 */
		g->slots = 0;
		gen_value_pointer(g);
		if (take8(g->in) & 1)	/* the caller's stack */
			emit(g, BPF_STX | BPF_MEM | BPF_DW, 3, 1 + take8(g->in) % 2, 0, 0);
		gen_body(g, 2 + take8(g->in) % 6);
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 0, some_num(g), 0, 0);
		emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	for (i = 0; i < g->nr_calls; i++)
		g->insns[g->calls[i]].imm = g->start[g->callee[i]] - g->calls[i] - 1;
}

static void gen_program(struct gen *g)
{
	int reg;

	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	gen_value_pointer(g);
	for (reg = 0; reg < 6; reg++)
		if (take8(g->in) & 1) {
			emit(g, BPF_LDX | BPF_MEM | mem_sizes[take8(g->in) % 4], reg, 7, 8 * reg,
			     0);
			g->num |= 1 << reg;
		}
	gen_body(g, 40);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 0, some_num(g), 0, 0);
	emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	if (g->nr_calls)
		gen_subs(g);
}

/* ------------------------------------------------------------------ running it */

static long accepted, refused;

static int add_opaque(struct btf *btf, const char *name, int words, int bytes)
{
	int word = btf__add_int(btf, bytes == 4 ? "unsigned int" : "unsigned long", bytes, 0);
	int of = words > 1 ? btf__add_array(btf, word, word, words) : word;
	int id = btf__add_struct(btf, name, words * bytes);

	btf__add_field(btf, "opaque", of, 0, 0);
	return id;
}

static void add_owner(struct btf *btf)
{
	int word = btf__add_int(btf, "u64", 8, 0), lock = add_opaque(btf, "bpf_spin_lock", 1, 4);
	int count = add_opaque(btf, "bpf_refcount", 1, 4);
	int node = add_opaque(btf, "bpf_list_node", 3, 8), held;
	int head = add_opaque(btf, "bpf_list_head", 2, 8);

	node_id = btf__add_struct(btf, "node", NODE_SIZE);
	btf__add_field(btf, "a", word, 0, 0);
	btf__add_field(btf, "b", word, 64, 0);
	btf__add_field(btf, "l", node, 8 * NODE_LIST, 0);
	btf__add_field(btf, "c", count, 8 * NODE_COUNT, 0);
	held = btf__add_ptr(btf, btf__add_type_tag(btf, "kptr", node_id));
	owner_id = btf__add_struct(btf, "owner", OWNER_SIZE);
	btf__add_field(btf, "lock", lock, 8 * OWNER_LOCK, 0);
	btf__add_field(btf, "head", head, 8 * OWNER_HEAD, 0);
	btf__add_field(btf, "held", held, 8 * OWNER_HELD, 0);
	btf__add_decl_tag(btf, "contains:node:l", owner_id, 1);
}

static int static_func(struct btf *btf, const char *name, int args)
{
	int word = btf__add_int(btf, "u64", 8, 0), proto = btf__add_func_proto(btf, word), i;

	for (i = 0; i < args; i++)
		btf__add_func_param(btf, "arg", word);
	return btf__add_func(btf, name, BTF_FUNC_STATIC, proto);
}

/*
 * Types of a kernel with these functions and no more, so that programs are the same wherever this
 * runs. The library reads them from a file.
 */
static int make_kernel_types(void)
{
	struct btf *btf = btf__new_empty();
	int ids[128] = { 0 }, i, a, fd;
	const void *raw;
	char path[32];
	uint32_t size;

	if (!btf)
		return -1;
	ids['u'] = btf__add_int(btf, "u64", 8, 0);
	ids['i'] = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	ids['p'] = btf__add_ptr(btf, 0);
	ids['h'] = btf__add_ptr(btf, add_opaque(btf, "bpf_list_head", 2, 8));
	ids['n'] = btf__add_ptr(btf, add_opaque(btf, "bpf_list_node", 3, 8));
	for (i = 0; i < NR_KFUNCS; i++) {
		int proto = btf__add_func_proto(btf, ids[(int)kfunc_protos[i].result]);

		for (a = 0; kfunc_protos[i].args[a]; a++)
			btf__add_func_param(btf, kfunc_protos[i].args[a] + 2,
					    ids[(int)*kfunc_protos[i].args[a]]);
		kfuncs[i] = btf__add_func(btf, kfunc_protos[i].name, BTF_FUNC_STATIC, proto);
	}
	raw = btf__raw_data(btf, &size);
	fd = memfd_create("types", MFD_CLOEXEC);
	if (!raw || fd < 0 || write(fd, raw, size) != size)
		return -1;
	btf__free(btf);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return bpf_host_set_btf(path);
}

/* The types of all programs. */
static int make_types(void)
{
	union bpf_attr attr = { 0 };
	struct btf *btf = btf__new_empty();
	uint32_t size;

	if (!btf)
		return -1;
	key_id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	add_owner(btf);
	main_id = static_func(btf, "program", 1);
	sub_id = static_func(btf, "sub", 3);
	attr.btf = PTR(btf__raw_data(btf, &size));
	attr.btf_size = size;
	types_fd = sys(BPF_BTF_LOAD, &attr);
	btf__free(btf);
	return types_fd < 0 ? -1 : 0;
}

static int make_owner(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				.value_size = OWNER_SIZE, .max_entries = 1, .btf_fd = types_fd,
				.btf_key_type_id = key_id, .btf_value_type_id = owner_id };

	return sys(BPF_MAP_CREATE, &attr);
}

/* Programs with objects have types; those without do without. */
static void add_types(struct gen *g, union bpf_attr *attr, struct bpf_func_info *info, int owner)
{
	int n = 0, sub, i;

	if (!g->nr_owner_at)
		return;
	for (i = 0; i < g->nr_owner_at; i++)
		g->insns[g->owner_at[i]].imm = owner;
	info[n++] = (struct bpf_func_info) { 0, main_id };
	for (sub = 0; sub < SUBS; sub++) {
		/* what nobody calls is no function */
		for (i = 0; i < g->nr_calls && g->callee[i] != sub; i++)
			;
		if (i < g->nr_calls)
			info[n++] = (struct bpf_func_info) { g->start[sub], sub_id };
	}
	attr->prog_btf_fd = types_fd;
	attr->func_info = PTR(info);
	attr->func_info_rec_size = sizeof(*info);
	attr->func_info_cnt = n;
}

static int load(struct gen *g, int type, int jit, int flags)
{
	static char log[1 << 16];
	struct bpf_func_info info[1 + SUBS];
	union bpf_attr attr = { .prog_type = type, .insns = PTR(g->insns), .insn_cnt = g->n,
				.license = PTR("GPL"), .prog_flags = flags };

	if (getenv("KBPF_FUZZ_SHOW")) {
		attr.log_buf = PTR(log);
		attr.log_size = sizeof(log);
		attr.log_level = 2;
	}
	add_types(g, &attr, info, owners[jit]);
	bpf_host_set_jit(jit, 0);
	log[0] = 0;
	jit = sys(BPF_PROG_LOAD, &attr);
	if (log[0])
		fprintf(stderr, "%s\n", log);
	return jit;
}

struct outcome {
	long err;
	uint32_t ret, len;
	uint8_t packet[256];
	uint64_t values[VALUE_SIZE / 8];
};

static void fill_values(uint64_t seed)
{
	uint64_t v[VALUE_SIZE / 8];
	uint32_t key = 0, i;
	union bpf_attr attr = { .map_fd = values, .key = PTR(&key), .value = PTR(v) };

	for (i = 0; i < VALUE_SIZE / 8; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		switch (seed >> 61) {
		case 0:
			v[i] = seed >> 20;
			break;
		case 1:
			v[i] = seed >> 56;
			break;
		case 2:
			v[i] = seed >> 32 << 32 | (uint32_t)corners[(seed >> 50) % 33];
			break;
		default:
			v[i] = corners[(seed >> 50) % 33] + (seed >> 40) % 3 - 1;
			if (seed >> 39 & 1)
				v[i] <<= 32;
		}
	}
	sys(BPF_MAP_UPDATE_ELEM, &attr);
}

static void run(int fd, uint64_t seed, struct outcome *out)
{
	uint8_t packet[64];
	union bpf_attr attr = { .test = { .prog_fd = fd, .data_in = PTR(packet),
					  .data_size_in = sizeof(packet),
					  .data_out = PTR(out->packet),
					  .data_size_out = sizeof(out->packet) } };
	uint32_t key = 0;
	union bpf_attr look = { .map_fd = values, .key = PTR(&key), .value = PTR(out->values) };
	int i;

	memset(out, 0, sizeof(*out));
	fill_values(seed);
	for (i = 0; i < 64; i++)
		packet[i] = seed >> i % 57;
	out->err = sys(BPF_PROG_TEST_RUN, &attr);
	out->ret = attr.test.retval;
	out->len = attr.test.data_size_out;
	sys(BPF_MAP_LOOKUP_ELEM, &look);
}

static void compare(int interp, int jit, uint64_t seed)
{
	struct outcome a, b;

	run(interp, seed, &a);
	if (bpf_host_warnings())
		abort();
	run(jit, seed, &b);
	if (memcmp(&a, &b, sizeof(a))) {
		fprintf(stderr, "interpreter: %ld %u %u, generated code: %ld %u %u\n", a.err, a.ret,
			a.len, b.err, b.ret, b.len);
		abort();
	}
}

static void summary(void)
{
	fprintf(stderr, "%ld programs accepted, %ld refused, %ld instructions compared\n", accepted,
		refused, bpf_host_oracle_checks());
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				.value_size = VALUE_SIZE, .max_entries = 1 };

	objects = !getenv("KBPF_FUZZ_OBJECTS") || strcmp(getenv("KBPF_FUZZ_OBJECTS"), "0");
	if (make_kernel_types() || make_types()) {
		fprintf(stderr, "the types of kernel and programs: %s\n", strerror(errno));
		exit(2);
	}
	values = sys(BPF_MAP_CREATE, &attr);
	attr.max_entries = 4;
	table = sys(BPF_MAP_CREATE, &attr);
	if (values < 0 || table < 0 || bpf_host_oracle(1)) {
		fprintf(stderr, "needs a library built with ORACLE=1\n");
		exit(2);
	}
	atexit(summary);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = { BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SCHED_CLS,
		BPF_PROG_TYPE_SOCKET_FILTER };
	static struct gen g;
	struct input in = { data, size };
	uint8_t head = take8(&in), which = take8(&in) % 3;
	uint64_t seed = take32(&in);
	int interp, jit, i, flags = head & 2 ? BPF_F_TEST_STATE_FREQ : 0;

	memset(&g, 0, sizeof(g));
	g.in = &in;
	g.packet = which == 2 ? 0 : which + 1;
	g.unpriv = which == 2 && head & 16;
	gen_program(&g);
	for (i = 0; i < 2 && g.nr_owner_at; i++)
		owners[i] = make_owner();
	/*
	 * Three in four are pruned, some of these joined where paths meet; pointers are masked for
	 * those without rights.
	 */
	bpf_host_oracle(1);
	bpf_host_set_pruning(head & 12);
	bpf_host_set_joining((head & 0xe0) == 0x20);
	bpf_host_set_unprivileged_disabled(0);
	if (g.unpriv)
		bpf_host_set_caps(0);
	interp = load(&g, types[which], 0, flags);
	bpf_host_oracle(0);
	jit = load(&g, types[which], 1, flags);
	bpf_host_set_caps(~0ULL);
	if ((interp < 0) != (jit < 0))
		abort();
	refused += interp < 0;
	accepted += interp >= 0;
	for (i = 0; interp >= 0 && i < RUNS; i++)
		compare(interp, jit, seed + i * 0x9e3779b97f4a7c15ULL);
	close(interp);
	close(jit);
	for (i = 0; i < 2 && g.nr_owner_at; i++)
		close(owners[i]);
	finish();
	return 0;
}
