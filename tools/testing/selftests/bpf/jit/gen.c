// SPDX-License-Identifier: GPL-2.0
/*
 * Random programs that are valid by construction: every register is set before
 * it is read, jumps go forward or belong to a counted loop, accesses stay in
 * the context and in the stack, addresses never get into results.
 *
 * R9 is the context, R10 the stack, R8 an address for the length of one item,
 * R0 to R7 are data. An item leaves every register with data (or R9), so that a
 * jump to the start of any item is safe.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "jittest.h"

#define G_DATA		8	/* R0 to R7 */
#define G_STACK		64	/* bytes that hold data, from -64 to -1 */
#define G_COUNTER	(-72)	/* stack slot of a loop's counter */
#define G_MAX_ITEMS	128

struct gen {
	struct t_prog *p;
	struct t_rng rng;
	u32 start[G_MAX_ITEMS + 1];
	u32 items;
	struct {
		u32 insn;
		u32 item;
	} fix[G_MAX_ITEMS];
	u32 fixes;
	u8 data[G_DATA];	/* registers with data */
	u32 nr_data;
};

static const u8 alu_ops[] = {
	BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR,
	BPF_MOV, BPF_ARSH,
};

static const u8 jump_ops[] = {
	BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT, BPF_JLE,
	BPF_JSLT, BPF_JSLE,
};

static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

u64 t_edge(struct t_rng *r)
{
	static const u64 edges[] = {
		0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000ULL, 0x7fffffffffffffffULL,
		0x8000000000000000ULL, 0xffffffffffffffffULL, 0xffffffff80000000ULL,
		0xffffffff7fffffffULL, 0x0123456789abcdefULL, 31, 32, 33, 63, 64, 65, 128,
		0xffffffffffffff80ULL, 0xfffffffffffffffeULL,
	};

	switch (t_below(r, 4)) {
	case 0:
		return t_rand(r);
	case 1:
		return t_rand(r) >> t_below(r, 64);
	default:
		return edges[t_below(r, ARRAY_SIZE(edges))];
	}
}

static u8 data_reg(struct gen *g)
{
	return g->data[t_below(&g->rng, g->nr_data)];
}

static u8 other_reg(struct gen *g, u8 reg)
{
	u8 r;

	do {
		r = data_reg(g);
	} while (r == reg);
	return r;
}

static u8 flip(struct gen *g)
{
	return t_rand(&g->rng) >> 40 & 1;
}

static void add(struct gen *g, struct bpf_insn insn)
{
	t_add(g->p, insn);
}

static u8 class_of(bool is64)
{
	return is64 ? BPF_ALU64 : BPF_ALU;
}

static void gen_alu_insn(struct gen *g, u8 dst)
{
	static const s16 sx_bits[] = { 8, 16, 8, 32 };
	u8 op = alu_ops[t_below(&g->rng, ARRAY_SIZE(alu_ops))];
	bool is64 = flip(g), reg = flip(g);
	s16 off = 0;
	s32 imm = t_edge(&g->rng);

	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= is64 ? 63 : 31;
	if ((op == BPF_DIV || op == BPF_MOD) && flip(g))
		off = 1;
	if ((op == BPF_DIV || op == BPF_MOD) && !reg && (!imm || t_below(&g->rng, 2)))
		imm = 3 + t_below(&g->rng, 1000);
	if (op == BPF_MOV && reg && t_below(&g->rng, 3) == 0)
		off = sx_bits[t_below(&g->rng, is64 ? 4 : 3)];
	if (reg)
		add(g, insn_make(class_of(is64) | op | BPF_X, dst, data_reg(g), off, 0));
	else
		add(g, insn_make(class_of(is64) | op | BPF_K, dst, 0, off, imm));
}

static void item_alu(struct gen *g)
{
	u32 n = 1 + t_below(&g->rng, 4);
	u8 dst = data_reg(g);

	while (n--)
		gen_alu_insn(g, flip(g) ? dst : data_reg(g));
}

static void item_unary(struct gen *g)
{
	static const s32 bits[] = { 16, 32, 64 };
	u8 dst = data_reg(g);

	switch (t_below(&g->rng, 4)) {
	case 0:
		add(g, insn_make(class_of(flip(g)) | BPF_NEG, dst, 0, 0, 0));
		break;
	case 1:
		add(g, insn_bswap(dst, bits[t_below(&g->rng, 3)]));
		break;
	default:
		add(g, insn_end(flip(g) ? BPF_TO_BE : BPF_TO_LE, dst, bits[t_below(&g->rng, 3)]));
	}
}

/* An address in the context or the stack for an access of @bytes, within @span bytes. */
static u8 gen_addr(struct gen *g, u32 bytes, s16 *off)
{
	bool stack = flip(g);
	u32 span = stack ? G_STACK : T_CTX_SIZE;
	s32 at = t_below(&g->rng, span - bytes + 1), part;
	u8 base = stack ? 10 : 9;

	if (stack)
		at -= G_STACK;
	if (flip(g)) {
		*off = at;
		return base;
	}
	part = (s32)t_below(&g->rng, 64) - 32;
	add(g, insn_mov64_reg(8, base));
	add(g, insn_alu64_imm(flip(g) ? BPF_ADD : BPF_SUB, 8, part));
	*off = BPF_OP(g->p->insns[g->p->len - 1].code) == BPF_ADD ? at - part : at + part;
	return 8;
}

static void reset_addr(struct gen *g, u8 base)
{
	if (base == 8)
		add(g, insn_mov64_imm(8, (s32)t_edge(&g->rng)));
}

static void item_load(struct gen *g)
{
	u32 k = t_below(&g->rng, 4);
	u8 base, dst = data_reg(g), size = sizes[k];
	s16 off;

	base = gen_addr(g, insn_size_bytes(size), &off);
	if (size != BPF_DW && t_below(&g->rng, 4) == 0)
		add(g, insn_load_sx(size, dst, base, off));
	else
		add(g, insn_load(size, dst, base, off));
	/* something that may take the load as operand */
	if (flip(g))
		gen_alu_insn(g, data_reg(g));
	if (flip(g) && size != BPF_B)
		add(g, insn_end(flip(g) ? BPF_TO_BE : BPF_TO_LE, dst, insn_size_bytes(size) * 8));
	reset_addr(g, base);
}

static void item_store(struct gen *g)
{
	u8 base, size = sizes[t_below(&g->rng, 4)];
	s16 off;

	base = gen_addr(g, insn_size_bytes(size), &off);
	if (flip(g))
		add(g, insn_store(size, base, data_reg(g), off));
	else
		add(g, insn_store_imm(size, base, off, t_edge(&g->rng)));
	reset_addr(g, base);
}

static void item_indexed(struct gen *g)
{
	u32 k = t_below(&g->rng, 4);
	u8 idx = data_reg(g), dst = data_reg(g);

	/* r8 = ctx + (idx & 7) << k */
	add(g, insn_alu64_imm(BPF_AND, idx, 7));
	add(g, insn_mov64_reg(8, idx));
	if (flip(g)) {
		add(g, insn_alu64_imm(BPF_LSH, 8, k));
		add(g, insn_alu64_reg(BPF_ADD, 8, 9));
	} else {
		add(g, insn_mov64_reg(8, 9));
		add(g, insn_alu64_reg(BPF_ADD, 8, idx));
	}
	add(g, insn_load(sizes[t_below(&g->rng, 4)], dst, 8, t_below(&g->rng, 32)));
	add(g, insn_mov64_imm(8, 5));
}

static void item_atomic(struct gen *g)
{
	static const s32 ops[] = {
		BPF_ADD, BPF_AND, BPF_OR, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_AND | BPF_FETCH,
		BPF_OR | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
	};
	bool wide = flip(g);
	u32 bytes = wide ? 8 : 4;
	u8 base = flip(g) ? 9 : 10, src = data_reg(g);
	s16 off = (s16)(t_below(&g->rng, 8) * bytes) - (base == 10 ? G_STACK : 0);

	add(g, insn_atomic(wide ? BPF_DW : BPF_W, 0, base, src, off));
	g->p->insns[g->p->len - 1].imm = ops[t_below(&g->rng, ARRAY_SIZE(ops))];
}

static void gen_condition(struct gen *g, u32 item)
{
	u8 op = jump_ops[t_below(&g->rng, ARRAY_SIZE(jump_ops))];
	u8 cls = flip(g) ? BPF_JMP : BPF_JMP32;

	if (g->fixes == G_MAX_ITEMS)
		return;
	g->fix[g->fixes].insn = g->p->len;
	g->fix[g->fixes++].item = item;
	if (flip(g))
		add(g, insn_make(cls | op | BPF_K, data_reg(g), 0, 0,
				 flip(g) ? 0 : t_edge(&g->rng)));
	else
		add(g, insn_make(cls | op | BPF_X, data_reg(g), data_reg(g), 0, 0));
}

static void item_jump(struct gen *g)
{
	u32 item = g->items + 1 + t_below(&g->rng, 6);

	if (t_below(&g->rng, 8) == 0 && g->fixes < G_MAX_ITEMS) {
		g->fix[g->fixes].insn = g->p->len;
		g->fix[g->fixes++].item = item;
		add(g, flip(g) ? insn_goto(0) : insn_gotol(0));
		return;
	}
	gen_condition(g, item);
}

static void item_loop(struct gen *g)
{
	u32 top, n = 1 + t_below(&g->rng, 3);
	u8 r = data_reg(g);

	add(g, insn_store_imm(BPF_DW, 10, G_COUNTER, 1 + t_below(&g->rng, 9)));
	top = g->p->len;
	while (n--)
		item_alu(g);
	add(g, insn_load(BPF_DW, r, 10, G_COUNTER));
	add(g, insn_alu64_imm(BPF_ADD, r, -1));
	add(g, insn_store(BPF_DW, 10, r, G_COUNTER));
	add(g, insn_jump_imm(BPF_JNE, r, 0, (s32)top - (s32)g->p->len - 1));
}

static void item_call(struct gen *g)
{
	u8 r;

	/* R1 to R5 have data; the stack pointer does not get in. */
	add(g, insn_call(bpf_call_imm(t_helper_mix)));
	for (r = 1; r <= 5; r++)
		add(g, insn_mov64_imm(r, t_edge(&g->rng)));
}

static void item_exit(struct gen *g)
{
	u8 op = jump_ops[t_below(&g->rng, ARRAY_SIZE(jump_ops))];

	add(g, insn_make(BPF_JMP | op | BPF_K, data_reg(g), 0, 1, t_edge(&g->rng)));
	if (flip(g))
		add(g, insn_exit());
	else
		add(g, insn_goto(0));
	if (insn_is_exit(&g->p->insns[g->p->len - 1]) || g->fixes == G_MAX_ITEMS)
		return;
	g->fix[g->fixes].insn = g->p->len - 1;
	g->fix[g->fixes++].item = G_MAX_ITEMS;
}

/* ------------------------------------------------------------------ shapes of rules */

static void item_rotate(struct gen *g)
{
	bool is64 = flip(g);
	u8 bits = is64 ? 64 : 32, c = class_of(is64), x = data_reg(g), a = other_reg(g, x), b;
	u32 n = 1 + t_below(&g->rng, bits - 1);
	u8 one = flip(g) ? BPF_LSH : BPF_RSH, two = one == BPF_LSH ? BPF_RSH : BPF_LSH;

	add(g, insn_make(c | BPF_MOV | BPF_X, a, x, 0, 0));
	add(g, insn_make(c | one, a, 0, 0, n));
	if (flip(g)) {
		add(g, insn_make(c | two, x, 0, 0, bits - n));
		add(g, insn_make(c | BPF_OR | BPF_X, x, a, 0, 0));
		add(g, insn_make(c | BPF_MOV, a, 0, 0, 77));
		return;
	}
	b = other_reg(g, x);
	if (b == a)
		return;
	add(g, insn_make(c | BPF_MOV | BPF_X, b, x, 0, 0));
	add(g, insn_make(c | two, b, 0, 0, bits - n));
	add(g, insn_make(c | BPF_OR | BPF_X, b, a, 0, 0));
	if (flip(g))
		add(g, insn_make(c | BPF_MOV, a, 0, 0, 78));
}

static void item_shift_pair(struct gen *g)
{
	bool is64 = flip(g);
	u8 c = class_of(is64), r = data_reg(g);
	u32 n = is64 ? 8 * (1 + t_below(&g->rng, 7)) : 8 * (1 + t_below(&g->rng, 3));

	if (flip(g))
		add(g, insn_load(sizes[t_below(&g->rng, 4)], r, 9, t_below(&g->rng, 64)));
	add(g, insn_make(c | BPF_LSH, r, 0, 0, n));
	add(g, insn_make(c | (flip(g) ? BPF_RSH : BPF_ARSH), r, 0, 0, n));
}

static void item_bytes(struct gen *g)
{
	u32 n = 2 << t_below(&g->rng, 3), k;
	bool big = flip(g);
	s16 off = t_below(&g->rng, T_CTX_SIZE - 8);
	u8 a = data_reg(g), t = other_reg(g, a);

	for (k = 0; k < n; k++) {
		u32 pos = big ? n - 1 - k : k;

		add(g, insn_load(BPF_B, k ? t : a, 9, off + k));
		if (pos)
			add(g, insn_alu64_imm(BPF_LSH, k ? t : a, 8 * pos));
		if (k)
			add(g, insn_alu64_reg(BPF_OR, a, t));
	}
	if (t_below(&g->rng, 4))
		add(g, insn_mov64_imm(t, 3));
}

static void item_byte_stores(struct gen *g)
{
	u32 k = t_below(&g->rng, 3), n = 2 + t_below(&g->rng, 7), bytes = 1 << k, j;
	bool down = flip(g);
	s16 off = t_below(&g->rng, T_CTX_SIZE / 2);

	for (j = 0; j < n; j++)
		add(g, insn_store_imm(sizes[k], 9, off + bytes * (down ? n - 1 - j : j),
				      t_edge(&g->rng)));
}

static void item_rmw(struct gen *g)
{
	u8 size = sizes[t_below(&g->rng, 4)], r = data_reg(g), base = flip(g) ? 9 : 10;
	s16 off = base == 10 ? -64 + (s16)t_below(&g->rng, 56) : (s16)t_below(&g->rng, 64);

	add(g, insn_load(size, r, base, off));
	gen_alu_insn(g, r);
	add(g, insn_store(size, base, r, off));
	if (t_below(&g->rng, 4))
		add(g, insn_mov64_imm(r, 11));
}

static void item_test(struct gen *g)
{
	bool is64 = flip(g);
	u8 t = data_reg(g), x = other_reg(g, t);

	if (flip(g))
		add(g, insn_make(class_of(is64) | BPF_MOV | BPF_X, t, x, 0, 0));
	else if (flip(g))
		add(g, insn_load(sizes[t_below(&g->rng, 4)], t, 9, t_below(&g->rng, 64)));
	if (flip(g))
		add(g, insn_make(class_of(is64) | BPF_AND, t, 0, 0, t_edge(&g->rng)));
	else
		add(g, insn_make(class_of(is64) | BPF_AND | BPF_X, t, x, 0, 0));
	if (g->fixes == G_MAX_ITEMS)
		return;
	g->fix[g->fixes].insn = g->p->len;
	g->fix[g->fixes++].item = g->items + 1 + t_below(&g->rng, 3);
	add(g, insn_make((flip(g) ? BPF_JMP : BPF_JMP32) | (flip(g) ? BPF_JEQ : BPF_JNE), t, 0,
			 0, 0));
	if (flip(g))
		add(g, insn_mov64_imm(t, 12));
}

static void item_minmax(struct gen *g)
{
	static const u8 ops[] = { BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT, BPF_JSLT };
	bool is64 = flip(g);
	u8 a = data_reg(g), b = other_reg(g, a);
	bool first = flip(g);

	if (t_below(&g->rng, 3) == 0) {
		u8 c = other_reg(g, a);

		/* into a third register */
		add(g, insn_mov64_reg(c, first ? a : b));
		add(g, insn_jump_reg(ops[t_below(&g->rng, 6)], a, b, 1));
		add(g, insn_mov64_reg(c, first ? b : a));
		return;
	}
	if (t_below(&g->rng, 3) == 0) {
		/* both ways lead to the same place */
		add(g, insn_jump_reg(ops[t_below(&g->rng, 6)], a, b, 3));
		add(g, insn_mov64_reg(first ? a : b, first ? b : a));
		add(g, insn_goto(1));
		add(g, insn_alu64_imm(BPF_ADD, a, 3));
		return;
	}
	add(g, insn_make((is64 ? BPF_JMP : BPF_JMP32) | ops[t_below(&g->rng, 6)] | BPF_X, a, b, 1,
			 0));
	add(g, insn_make(class_of(is64) | BPF_MOV | BPF_X, first ? a : b, first ? b : a, 0, 0));
}

static void item_copy_use(struct gen *g)
{
	u8 a = data_reg(g), b = other_reg(g, a);

	add(g, insn_make(class_of(flip(g)) | BPF_MOV | BPF_X, a, b, 0, 0));
	gen_alu_insn(g, flip(g) ? a : b);
	gen_alu_insn(g, flip(g) ? a : b);
	if (flip(g))
		gen_condition(g, g->items + 1);
}

typedef void (*item_fn)(struct gen *g);

static const item_fn items[] = {
	item_alu, item_alu, item_alu, item_unary, item_load, item_load, item_store, item_indexed,
	item_atomic, item_jump, item_jump, item_loop, item_call, item_rotate, item_shift_pair,
	item_bytes, item_byte_stores, item_rmw, item_test, item_minmax, item_copy_use,
	item_exit,
};

static void gen_start(struct gen *g)
{
	u8 r;
	s16 off;

	add(g, insn_mov64_reg(9, 1));
	for (r = 0; r <= 8; r++)
		t_add_imm64(g->p, r, 0, t_edge(&g->rng));
	for (off = -G_STACK; off < 0; off += 8)
		add(g, insn_store_imm(BPF_DW, 10, off, t_edge(&g->rng)));
}

static void gen_fold(struct gen *g)
{
	s16 off;
	u8 r;

	for (r = 1; r <= 8; r++) {
		add(g, insn_alu64_imm(BPF_MUL, 0, 31));
		add(g, insn_alu64_reg(BPF_XOR, 0, r));
	}
	for (off = -G_STACK; off < 0; off += 8) {
		add(g, insn_load(BPF_DW, 1, 10, off));
		add(g, insn_alu64_imm(BPF_MUL, 0, 33));
		add(g, insn_alu64_reg(BPF_ADD, 0, 1));
	}
	add(g, insn_exit());
}

/* What has neither a call nor a use of the stack. */
static bool item_fits_leaf(item_fn fn)
{
	return fn != item_call && fn != item_loop && fn != item_load && fn != item_store &&
	       fn != item_atomic && fn != item_rmw;
}

/*
 * Three kinds of programs by seed: with everything; without stack and calls, in
 * all registers; the same in a few registers, where R6 to R9 find spare homes.
 */
static void gen_registers(struct gen *g, bool leaf, bool few)
{
	static const u8 sets[][G_DATA] = {
		{ 0, 3, 4, 6 }, { 0, 6, 7, 2 }, { 0, 4, 7, 5 }, { 0, 3, 7, 4 },
	};
	u8 r;

	g->nr_data = leaf && few ? 4 : G_DATA;
	for (r = 0; r < g->nr_data; r++)
		g->data[r] = r;
	if (leaf && few)
		memcpy(g->data, sets[t_below(&g->rng, ARRAY_SIZE(sets))], 4);
}

static void gen_leaf_start(struct gen *g)
{
	u32 k;

	add(g, insn_mov64_reg(9, 1));
	for (k = 0; k < g->nr_data; k++)
		t_add_imm64(g->p, g->data[k], 0, t_edge(&g->rng));
}

static void gen_leaf_fold(struct gen *g)
{
	u32 k;

	for (k = 1; k < g->nr_data; k++) {
		add(g, insn_alu64_imm(BPF_MUL, 0, 31));
		add(g, insn_alu64_reg(BPF_XOR, 0, g->data[k]));
	}
	add(g, insn_exit());
}

static void gen_items(struct gen *g, u32 size, bool leaf)
{
	for (g->items = 0; g->items < size && g->p->len < T_MAX_INSNS - 400; g->items++) {
		item_fn fn;

		do {
			fn = items[t_below(&g->rng, ARRAY_SIZE(items))];
		} while (leaf && !item_fits_leaf(fn));
		g->start[g->items] = g->p->len;
		fn(g);
	}
	g->start[g->items] = g->p->len;
}

void t_generate(struct t_prog *p, u64 seed, u32 size)
{
	struct gen g = { .p = p, .rng = { seed } };
	bool leaf = seed & 1, few = seed & 2;
	u32 k, target;

	p->len = 0;
	p->stack = leaf ? 0 : 80;
	p->tail_reachable = false;
	gen_registers(&g, leaf, few);
	if (leaf)
		gen_leaf_start(&g);
	else
		gen_start(&g);
	size = 1 + t_below(&g.rng, size);
	gen_items(&g, (seed & 12) == 0 ? 1 + size / 8 : size, leaf);
	for (k = 0; k < g.fixes; k++) {
		struct bpf_insn *insn = &p->insns[g.fix[k].insn];

		target = g.start[g.fix[k].item < g.items ? g.fix[k].item : g.items];
		if (insn_is_gotol(insn))
			insn->imm = target - g.fix[k].insn - 1;
		else
			insn->off = target - g.fix[k].insn - 1;
	}
	if (leaf)
		gen_leaf_fold(&g);
	else
		gen_fold(&g);
}
