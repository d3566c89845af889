// SPDX-License-Identifier: GPL-2.0
/*
 * Reference interpreter: RFC 9669 read literally, one instruction at a time.
 * Slow, without tables, and independent of both the interpreter and the JIT.
 */
#include <linux/types.h>
#include <linux/string.h>

#include "jittest.h"

struct ref {
	struct t_prog *progs;
	u32 cnt;
	u64 steps;
	bool bad;
};

#define REF_MAX_STEPS	2000000

static u64 alu(u8 op, u64 a, u64 b, bool is64, bool sx)
{
	u32 mask = is64 ? 63 : 31;

	if (!is64) {
		a = (u32)a;
		b = (u32)b;
	}
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & mask);
	case BPF_RSH:
		return a >> (b & mask);
	case BPF_ARSH:
		return is64 ? (u64)((s64)a >> (b & mask)) : (u64)((s32)a >> (b & mask));
	case BPF_DIV:
		if (!b)
			return 0;
		if (!sx)
			return a / b;
		if (is64)
			return (s64)b == -1 ? 0 - a : (u64)((s64)a / (s64)b);
		return (s32)b == -1 ? 0 - a : (u64)((s32)a / (s32)b);
	case BPF_MOD:
		if (!b)
			return a;
		if (!sx)
			return a % b;
		if (is64)
			return (s64)b == -1 ? 0 : (u64)((s64)a % (s64)b);
		return (s32)b == -1 ? 0 : (u64)((s32)a % (s32)b);
	}
	return 0;
}

static bool taken(u8 op, u64 a, u64 b, bool is64)
{
	s64 sa = is64 ? (s64)a : (s32)a, sb = is64 ? (s64)b : (s32)b;

	if (!is64) {
		a = (u32)a;
		b = (u32)b;
	}
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
	case BPF_JSLE:
		return sa <= sb;
	}
	return false;
}

static u64 swap(u64 v, s32 bits)
{
	return bits == 16 ? __builtin_bswap16(v) : bits == 32 ? __builtin_bswap32(v) :
	       __builtin_bswap64(v);
}

static u64 cut(u64 v, u32 bytes)
{
	return bytes == 8 ? v : v & ((1ULL << (8 * bytes)) - 1);
}

static u64 sext(u64 v, u32 bytes)
{
	return bytes == 1 ? (u64)(s8)v : bytes == 2 ? (u64)(s16)v : bytes == 4 ? (u64)(s32)v : v;
}

static u64 mem_load(u64 addr, u32 bytes)
{
	u64 v = 0;

	memcpy(&v, (void *)(unsigned long)addr, bytes);
	return v;
}

static void mem_store(u64 addr, u64 v, u32 bytes)
{
	memcpy((void *)(unsigned long)addr, &v, bytes);
}

static void atomic(u64 *reg, const struct bpf_insn *insn, u32 bytes)
{
	u64 addr = reg[insn->dst_reg] + insn->off;
	u64 old = mem_load(addr, bytes), src = reg[insn->src_reg];

	if (insn->imm == BPF_CMPXCHG) {
		if (old == cut(reg[0], bytes))
			mem_store(addr, src, bytes);
		reg[0] = old;
		return;
	}
	mem_store(addr, insn->imm == BPF_XCHG ? src :
		  alu(insn->imm & ~BPF_FETCH, old, src, true, false), bytes);
	if (insn->imm & BPF_FETCH)
		reg[insn->src_reg] = old;
}

static u64 run(struct ref *ref, u32 func, u64 *args);

static void call(struct ref *ref, u64 *reg, const struct bpf_insn *insn)
{
	bpf_helper_t helper;
	u64 fn;
	u32 k;

	if (insn_is_sub_call(insn)) {
		reg[0] = run(ref, insn->off, reg + 1);
	} else if (bpf_call_func(insn->imm) == (bpf_helper_t)t_helper_callback) {
		/* A callback's address is its number here. */
		fn = reg[1];
		if (fn >= ref->cnt) {
			ref->bad = true;
			return;
		}
		for (k = 0, reg[0] = 0; k < 3; k++) {
			u64 a[5] = { reg[2], k, reg[0], 7, 9 };

			reg[0] = run(ref, fn, a);
		}
	} else {
		helper = bpf_call_func(insn->imm);
		reg[0] = helper(reg[1], reg[2], reg[3], reg[4], reg[5]);
	}
	for (k = 1; k < 6; k++)
		reg[k] = 0xdead0000 + k;
}

static void step_alu(u64 *reg, const struct bpf_insn *insn, const struct insn_row *row)
{
	bool is64 = insn_class(insn) == BPF_ALU64;
	u64 src = insn_is_src_reg(insn) ? reg[insn->src_reg] : (u64)(s64)insn->imm;
	u64 v;

	switch (row->kind) {
	case INSN_KIND_MOV:
		v = src;
		break;
	case INSN_KIND_MOVSX:
		v = sext(src, insn->off / 8);
		break;
	case INSN_KIND_NEG:
		v = 0 - reg[insn->dst_reg];
		break;
	case INSN_KIND_END:
		v = cut(reg[insn->dst_reg], insn->imm / 8);
		if (is64 || BPF_SRC(insn->code) == BPF_TO_BE)
			v = swap(v, insn->imm);
		reg[insn->dst_reg] = v;
		return;
	default:
		v = alu(insn_op(insn), reg[insn->dst_reg], src, is64, row->mod & INSN_MOD_SX);
	}
	reg[insn->dst_reg] = is64 ? v : (u32)v;
}

static void step_mem(u64 *reg, const struct bpf_insn *insn, const struct insn_row *row)
{
	u64 v;

	switch (row->kind) {
	case INSN_KIND_LOAD:
		v = mem_load(reg[insn->src_reg] + insn->off, row->width);
		reg[insn->dst_reg] = row->mod & INSN_MOD_SX ? sext(v, row->width) : v;
		break;
	case INSN_KIND_STORE:
		mem_store(reg[insn->dst_reg] + insn->off, reg[insn->src_reg], row->width);
		break;
	case INSN_KIND_STORE_IMM:
		mem_store(reg[insn->dst_reg] + insn->off, (s64)insn->imm, row->width);
		break;
	default:
		atomic(reg, insn, row->width);
	}
}

static u64 run(struct ref *ref, u32 func, u64 *args)
{
	u64 reg[12] = {}, stack[64] = {};
	const struct t_prog *p = &ref->progs[func];
	u32 pc = 0;

	memcpy(reg + 1, args, 5 * sizeof(u64));
	reg[10] = (u64)(stack + 64);
	while (pc < p->len && !ref->bad) {
		const struct bpf_insn *insn = &p->insns[pc];
		const struct insn_row *row = insn_row(insn);
		u32 next = pc + insn_slots(insn);

		if (ref->steps++ > REF_MAX_STEPS)
			break;
		switch (row->kind) {
		case INSN_KIND_EXIT:
			return reg[0];
		case INSN_KIND_GOTO:
			next = insn_jump_target(insn, pc);
			break;
		case INSN_KIND_JUMP:
			if (taken(insn_op(insn), reg[insn->dst_reg], insn_is_src_reg(insn) ?
				  reg[insn->src_reg] : (u64)(s64)insn->imm,
				  insn_class(insn) == BPF_JMP))
				next = insn_jump_target(insn, pc);
			break;
		case INSN_KIND_CALL:
			call(ref, reg, insn);
			break;
		case INSN_KIND_LD_IMM64:
			reg[insn->dst_reg] = insn_is_sub_addr(insn) ? (u64)insn->off :
					     insn_imm64(insn);
			break;
		case INSN_KIND_LOAD:
		case INSN_KIND_STORE:
		case INSN_KIND_STORE_IMM:
		case INSN_KIND_ATOMIC:
			step_mem(reg, insn, row);
			break;
		case INSN_KIND_NOSPEC:
			break;
		default:
			step_alu(reg, insn, row);
		}
		pc = next;
	}
	ref->bad = true;
	return 0;
}

bool t_ref_run(struct t_prog *progs, u32 cnt, void *ctx, u64 *ret)
{
	struct ref ref = { .progs = progs, .cnt = cnt };
	u64 args[5] = { (u64)ctx };

	*ret = run(&ref, 0, args);
	return !ref.bad;
}
