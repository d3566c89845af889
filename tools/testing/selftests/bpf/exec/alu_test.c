// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic, jumps, loads and stores with edge operands. What to expect is
 * computed with 128-bit numbers as RFC 9669 words it, not as the interpreter
 * does.
 */
#include "exec_test.h"

#define wide	__int128
#define uwide	unsigned __int128

static const u64 edges[] = {
	0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff,
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000, 0x123456789abcdef0,
	0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0xfffffffffffffffe, ~0ULL,
	0xffffffff80000000, 0xffffffff7fffffff, 0xdeadbeefcafebabe,
};

#define EDGES ((u32)ARRAY_SIZE(edges))

static u64 mask(int bits)
{
	return bits == 64 ? ~0ULL : (1ULL << bits) - 1;
}

/* The low @bits of @v as a signed number */
static wide as_signed(u64 v, int bits)
{
	wide w = v & mask(bits);

	return w >> (bits - 1) & 1 ? w - ((wide)1 << bits) : w;
}

static wide power2(u64 n)
{
	wide p = 1;

	while (n--)
		p *= 2;
	return p;
}

static wide floor_div(wide a, wide b)
{
	wide q = a / b;

	return a % b && (a < 0) != (b < 0) ? q - 1 : q;
}

/* RFC 9669, 4.1; @sx: the signed forms of division and modulo */
u64 expect_alu(u8 op, bool sx, int bits, u64 dst, u64 src)
{
	wide a = dst & mask(bits), b = src & mask(bits), r = 0;
	wide sa = as_signed(dst, bits), sb = as_signed(src, bits);

	switch (op) {
	case BPF_ADD:
		r = a + b;
		break;
	case BPF_SUB:
		r = a - b;
		break;
	case BPF_MUL:
		r = (wide)((uwide)a * (uwide)b);
		break;
	case BPF_DIV:
		r = !b ? 0 : sx ? sa / sb : a / b;
		break;
	case BPF_MOD:
		r = !b ? a : sx ? sa - sa / sb * sb : a % b;
		break;
	case BPF_OR:
		r = a | b;
		break;
	case BPF_AND:
		r = a & b;
		break;
	case BPF_XOR:
		r = a ^ b;
		break;
	case BPF_LSH:
		r = (wide)((uwide)a * (uwide)power2(b % bits));
		break;
	case BPF_RSH:
		r = floor_div(a, power2(b % bits));
		break;
	case BPF_ARSH:
		r = floor_div(sa, power2(b % bits));
		break;
	case BPF_MOV:
		r = b;
		break;
	}
	return (u64)r & mask(bits);
}

bool alu_has_imm(u8 op, int bits, s32 imm)
{
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		return imm >= 0 && imm < bits;
	return (op != BPF_DIV && op != BPF_MOD) || imm;
}

/* buf[0], buf[1]: operands; buf[2]: result */
static void alu_code(struct code *c, struct bpf_insn insn)
{
	*c = (struct code) {};
	begin(c, 0);
	emit(c, insn_mov64_reg(6, 1));
	emit(c, insn_load(BPF_DW, 2, 6, 0));
	emit(c, insn_load(BPF_DW, 3, 6, 8));
	emit(c, insn);
	emit(c, insn_store(BPF_DW, 6, 2, 16));
	emit(c, insn_mov64_imm(0, 0));
	emit(c, insn_exit());
}

static void one_alu(u8 op, bool sx, int bits)
{
	u8 class = bits == 64 ? BPF_ALU64 : BPF_ALU;
	static struct code c, blinded;
	struct bpf_prog *prog;
	u32 i, j, wrong = 0;
	u64 buf[3];

	alu_code(&c, insn_make(class | op | BPF_X, 2, 3, sx, 0));
	prog = load(&c);
	for (i = 0; i < EDGES; i++)
		for (j = 0; j < EDGES; j++) {
			buf[0] = edges[i];
			buf[1] = edges[j];
			run(prog, buf);
			wrong += buf[2] != expect_alu(op, sx, bits, edges[i], edges[j]);
		}
	bpf_prog_free(prog);
	CHECK(!wrong, "op %02x%s, %d bits, register: %u wrong", op, sx ? " signed" : "", bits,
	      wrong);

	for (j = 0, wrong = 0; j < EDGES; j++) {
		s32 imm = edges[j];

		if (!alu_has_imm(op, bits, imm))
			continue;
		alu_code(&c, insn_make(class | op | BPF_K, 2, 0, sx, imm));
		blind_code(&c, &blinded);
		for (i = 0; i < EDGES; i++) {
			u64 want = expect_alu(op, sx, bits, edges[i], (u64)(s64)imm);

			buf[0] = edges[i];
			run_code(&c, buf);
			wrong += buf[2] != want;
			run_code(&blinded, buf);
			wrong += buf[2] != want;
		}
	}
	CHECK(!wrong, "op %02x%s, %d bits, immediate: %u wrong", op, sx ? " signed" : "", bits,
	      wrong);
}

static u64 run_one(struct bpf_insn insn, u64 dst, u64 src)
{
	static struct code c;
	u64 buf[3] = { dst, src };

	alu_code(&c, insn);
	run_code(&c, buf);
	return buf[2];
}

static u64 reversed(u64 v, int bits)
{
	u64 r = 0;
	int i;

	for (i = 0; i < bits; i += 8)
		r |= (v >> i & 0xff) << (bits - 8 - i);
	return r;
}

static void test_unary(void)
{
	static const u8 widths[] = { 16, 32, 64 };
	u32 i, k;

	for (i = 0; i < EDGES; i++) {
		u64 v = edges[i];

		CHECK(run_one(insn_make(0x87, 2, 0, 0, 0), v, 0) == (u64)-(wide)v, "neg %llx", v);
		CHECK(run_one(insn_make(0x84, 2, 0, 0, 0), v, 0) == (u32)-(wide)(u32)v,
		      "neg32 %llx", v);
		for (k = 8; k <= 32; k *= 2)
			CHECK(run_one(insn_movsx64(2, 3, k), 1, v) == (u64)as_signed(v, k),
			      "s%u %llx", k, v);
		for (k = 8; k <= 16; k *= 2)
			CHECK(run_one(insn_movsx32(2, 3, k), 1, v) == (u32)as_signed(v, k),
			      "32-bit s%u %llx", k, v);
		for (k = 0; k < 3; k++) {
			u8 w = widths[k];

			CHECK(run_one(insn_end(BPF_TO_BE, 2, w), v, 0) == reversed(v, w),
			      "be%u %llx", w, v);
			CHECK(run_one(insn_end(BPF_TO_LE, 2, w), v, 0) == (v & mask(w)),
			      "le%u %llx", w, v);
			CHECK(run_one(insn_bswap(2, w), v, 0) == reversed(v, w),
			      "bswap%u %llx", w, v);
		}
	}
}

static void test_internal(void)
{
	shim_cpu_offset = 0x1000;
	CHECK(run_one(insn_mov_percpu(2, 3), 0, 0x123400000000) == 0x123400001000,
	      "per-CPU address");
	shim_cpu_offset = 0;
	CHECK(run_one(insn_nospec(), 5, 6) == 5, "speculation barrier");
}

static void test_imm64(void)
{
	static struct code c, blinded;
	u32 i;
	u64 out;

	for (i = 0; i < EDGES; i++) {
		c = (struct code) {};
		begin(&c, 0);
		emit_imm64(&c, 2, edges[i]);
		emit(&c, insn_store(BPF_DW, 1, 2, 0));
		emit(&c, insn_exit());
		run_code(&c, &out);
		CHECK(out == edges[i], "imm64 %llx: %llx", edges[i], out);
		blind_code(&c, &blinded);
		run_code(&blinded, &out);
		CHECK(out == edges[i], "blinded imm64 %llx: %llx", edges[i], out);
	}
}

void test_alu(void)
{
	static const u8 ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD,
		BPF_XOR, BPF_MOV, BPF_ARSH,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		one_alu(ops[i], false, 64);
		one_alu(ops[i], false, 32);
	}
	one_alu(BPF_DIV, true, 64);
	one_alu(BPF_DIV, true, 32);
	one_alu(BPF_MOD, true, 64);
	one_alu(BPF_MOD, true, 32);
	test_unary();
	test_internal();
	test_imm64();
}

/* RFC 9669, 4.3 */
bool expect_jump(u8 op, int bits, u64 dst, u64 src)
{
	wide a = dst & mask(bits), b = src & mask(bits);
	wide sa = as_signed(dst, bits), sb = as_signed(src, bits);

	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JSLT:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

static void jump_code(struct code *c, struct bpf_insn insn)
{
	*c = (struct code) {};
	begin(c, 0);
	emit(c, insn_load(BPF_DW, 2, 1, 0));
	emit(c, insn_load(BPF_DW, 3, 1, 8));
	emit(c, insn_mov64_imm(0, 1));
	emit(c, insn);
	emit(c, insn_mov64_imm(0, 0));
	emit(c, insn_exit());
}

static void one_jump(u8 op, int bits)
{
	u8 class = bits == 64 ? BPF_JMP : BPF_JMP32;
	static struct code c, blinded;
	struct bpf_prog *prog;
	u32 i, j, wrong = 0;
	u64 buf[2];

	jump_code(&c, insn_make(class | op | BPF_X, 2, 3, 1, 0));
	prog = load(&c);
	for (i = 0; i < EDGES; i++)
		for (j = 0; j < EDGES; j++) {
			buf[0] = edges[i];
			buf[1] = edges[j];
			wrong += run(prog, buf) != expect_jump(op, bits, edges[i], edges[j]);
		}
	bpf_prog_free(prog);
	CHECK(!wrong, "jump %02x, %d bits, register: %u wrong", op, bits, wrong);
	for (j = 0, wrong = 0; j < EDGES; j++) {
		s32 imm = edges[j];

		jump_code(&c, insn_make(class | op | BPF_K, 2, 0, 1, imm));
		blind_code(&c, &blinded);
		for (i = 0; i < EDGES; i++) {
			bool want = expect_jump(op, bits, edges[i], (u64)(s64)imm);

			buf[0] = edges[i];
			wrong += run_code(&c, buf) != want;
			wrong += run_code(&blinded, buf) != want;
		}
	}
	CHECK(!wrong, "jump %02x, %d bits, immediate: %u wrong", op, bits, wrong);
}

/* Sum of 1 to n, by a backward jump */
static void test_loop(void)
{
	static struct code c;
	u64 n = 1000;

	begin(&c, 0);
	emit(&c, insn_load(BPF_DW, 2, 1, 0));
	emit(&c, insn_mov64_imm(0, 0));
	emit(&c, insn_alu64_reg(BPF_ADD, 0, 2));
	emit(&c, insn_alu64_imm(BPF_SUB, 2, 1));
	emit(&c, insn_jump_imm(BPF_JNE, 2, 0, -3));
	emit(&c, insn_goto(1));
	emit(&c, insn_mov64_imm(0, -1));
	emit(&c, insn_gotol(2));
	emit_imm64(&c, 0, 77);
	emit(&c, insn_exit());
	CHECK(run_code(&c, &n) == 500500, "loop");
}

void test_jumps(void)
{
	static const u8 ops[] = {
		BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT, BPF_JLE,
		BPF_JSLT, BPF_JSLE,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		one_jump(ops[i], 64);
		one_jump(ops[i], 32);
	}
	test_loop();
}

/* Loads @insn's way from 9 bytes on, so that it is not aligned either. */
static u64 run_load(struct bpf_insn insn, u64 addr, const u8 *bytes)
{
	static struct code c;
	u64 buf[4] = { addr };

	memcpy((u8 *)buf + 9, bytes, 8);
	if (!addr)
		buf[0] = (unsigned long)buf + 9 + 100;
	c = (struct code) {};
	begin(&c, 0);
	emit(&c, insn_mov64_reg(6, 1));
	emit(&c, insn_load(BPF_DW, 2, 1, 0));
	emit(&c, insn);
	emit(&c, insn_store(BPF_DW, 6, 3, 24));
	emit(&c, insn_exit());
	run_code(&c, buf);
	return buf[3];
}

void test_memory(void)
{
	static const u8 bytes[8] = { 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8 };
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	static struct code c, blinded;
	u64 all = 0xf8e7d6c5b4a39281ULL;
	u8 mem[16], want[16];
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 size = sizes[i];
		u64 value = 0x1122334455667788ULL;

		n = insn_size_bytes(size);
		CHECK(run_load(insn_load(size, 3, 2, -100), 0, bytes) == (all & mask(n * 8)),
		      "load of %u", n);
		CHECK(run_load(insn_make(BPF_LDX | INSN_MODE_PROBE | size, 3, 2, -100, 0), 0,
			       bytes) == (all & mask(n * 8)), "probing load of %u", n);
		CHECK(run_load(insn_make(BPF_LDX | INSN_MODE_PROBE | size, 3, 2, 4, 0), 16,
			       bytes) == 0, "probing load of %u that faults", n);
		if (n < 8) {
			u64 sx = (u64)as_signed(all, n * 8);

			CHECK(run_load(insn_load_sx(size, 3, 2, -100), 0, bytes) == sx,
			      "signed load of %u", n);
			CHECK(run_load(insn_make(BPF_LDX | INSN_MODE_PROBE_SX | size, 3, 2, -100,
						 0), 0, bytes) == sx,
			      "signed probing load of %u", n);
			CHECK(run_load(insn_make(BPF_LDX | INSN_MODE_PROBE_SX | size, 3, 2, 4, 0),
				       16, bytes) == 0, "signed probing load of %u that faults", n);
		}

		c = (struct code) {};
		begin(&c, 0);
		emit_imm64(&c, 2, value);
		emit(&c, insn_store(size, 1, 2, 3));
		emit(&c, insn_exit());
		memset(mem, 0x5a, sizeof(mem));
		memset(want, 0x5a, sizeof(want));
		memcpy(want + 3, &value, n);
		run_code(&c, mem);
		CHECK(!memcmp(mem, want, sizeof(mem)), "store of %u", n);

		c = (struct code) {};
		begin(&c, 0);
		emit(&c, insn_store_imm(size, 1, 3, -0x12345678));
		emit(&c, insn_exit());
		value = (u64)-0x12345678LL;
		memcpy(want + 3, &value, n);
		memset(mem, 0x5a, sizeof(mem));
		run_code(&c, mem);
		CHECK(!memcmp(mem, want, sizeof(mem)), "store of an immediate of %u", n);
		blind_code(&c, &blinded);
		memset(mem, 0x5a, sizeof(mem));
		run_code(&blinded, mem);
		CHECK(!memcmp(mem, want, sizeof(mem)), "blinded store of an immediate of %u", n);
	}
}

/* buf[0]: memory; buf[1]: source; buf[2]: R0; results in the same places */
static void run_atomic(u8 size, s32 op, u64 *buf)
{
	static struct code c;

	c = (struct code) {};
	begin(&c, 0);
	emit(&c, insn_load(BPF_DW, 2, 1, 8));
	emit(&c, insn_load(BPF_DW, 0, 1, 16));
	emit(&c, insn_make(BPF_STX | BPF_ATOMIC | size, 1, 2, 0, op));
	emit(&c, insn_store(BPF_DW, 1, 2, 8));
	emit(&c, insn_store(BPF_DW, 1, 0, 16));
	emit(&c, insn_exit());
	run_code(&c, buf);
}

static u64 expect_atomic(s32 op, u64 mem, u64 src)
{
	switch (op & ~BPF_FETCH) {
	case BPF_ADD:
		return mem + src;
	case BPF_OR:
		return mem | src;
	case BPF_AND:
		return mem & src;
	case BPF_XOR:
		return mem ^ src;
	default:
		return src;	/* exchange */
	}
}

static void one_atomic(u8 size, s32 op, u64 mem, u64 src)
{
	u64 m = size == BPF_W ? mask(32) : mask(64);
	u64 buf[3] = { mem, src, 0x1234567812345678ULL };

	run_atomic(size, op, buf);
	CHECK(buf[0] == ((expect_atomic(op, mem, src) & m) | (mem & ~m)),
	      "atomic %02x %llx %llx: memory %llx", op, mem, src, buf[0]);
	CHECK(buf[1] == (op & BPF_FETCH ? mem & m : src), "atomic %02x %llx %llx: source %llx", op,
	      mem, src, buf[1]);
	CHECK(buf[2] == 0x1234567812345678ULL, "atomic %02x changes R0", op);
}

static void one_cmpxchg(u8 size, u64 mem, u64 src, u64 r0)
{
	u64 m = size == BPF_W ? mask(32) : mask(64);
	bool equal = (mem & m) == (r0 & m);
	u64 buf[3] = { mem, src, r0 };

	run_atomic(size, BPF_CMPXCHG, buf);
	CHECK(buf[0] == (equal ? (src & m) | (mem & ~m) : mem), "cmpxchg memory %llx", buf[0]);
	CHECK(buf[1] == src, "cmpxchg changes the source");
	CHECK(buf[2] == (mem & m), "cmpxchg R0 %llx", buf[2]);
}

void test_atomics(void)
{
	static const s32 ops[] = { BPF_ADD, BPF_OR, BPF_AND, BPF_XOR };
	static const u64 values[] = { 0, 1, 0xffffffff, 0x80000000, ~0ULL, 0xf0f0f0f00f0f0f0fULL };
	u32 i, j, k;

	for (j = 0; j < ARRAY_SIZE(values); j++)
		for (k = 0; k < ARRAY_SIZE(values); k++) {
			for (i = 0; i < ARRAY_SIZE(ops); i++) {
				one_atomic(BPF_DW, ops[i], values[j], values[k]);
				one_atomic(BPF_W, ops[i], values[j], values[k]);
				one_atomic(BPF_DW, ops[i] | BPF_FETCH, values[j], values[k]);
				one_atomic(BPF_W, ops[i] | BPF_FETCH, values[j], values[k]);
			}
			one_atomic(BPF_DW, BPF_XCHG, values[j], values[k]);
			one_atomic(BPF_W, BPF_XCHG, values[j], values[k]);
			for (i = 0; i < ARRAY_SIZE(values); i++) {
				one_cmpxchg(BPF_DW, values[j], values[k], values[i]);
				one_cmpxchg(BPF_W, values[j], values[k], values[i]);
			}
		}
}
