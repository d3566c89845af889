// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: loads, stores, atomic operations (RFC 9669, 5.1 to 5.3).
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "jit.h"

/**
 * jit_emit_load - a load that extends to 64 bits
 * @ctx: the compilation
 * @dst: hardware register
 * @width: bytes
 * @sx: with the sign
 * @m: from where
 *
 * Context: Process; allocates.
 */
void jit_emit_load(struct jit_ctx *ctx, u8 dst, u8 width, bool sx, struct x86_mem m)
{
	static const u8 zx_op[] = { [1] = X86_MOVZX8, [2] = X86_MOVZX16, [4] = X86_MOV };
	static const u8 sx_op[] = { [1] = X86_MOVSX8, [2] = X86_MOVSX16, [4] = X86_MOVSX32 };

	if (width == 8)
		jit_emit(ctx, x86_rm(X86_MOV, 8, dst, m));
	else if (sx)
		jit_emit(ctx, x86_rm(sx_op[width], 8, dst, m));
	else
		jit_emit(ctx, x86_rm(zx_op[width], 4, dst, m));
}

/* Cuts a constant to what a store of @width bytes writes, as the encoder wants it. */
static bool store_const(u8 width, s64 imm, s64 *out)
{
	*out = width == 1 ? (s8)imm : width == 2 ? (s16)imm : width == 4 ? (s32)imm : imm;
	return x86_is_s32(*out);
}

/* The instruction just emitted may fault; then execution goes on at @label, or behind it. */
static void may_fault(struct jit_ctx *ctx, u32 label)
{
	if (ctx->err)
		return;
	ctx->code[ctx->nr - 1].flags |= X86_EXTABLE;
	ctx->code[ctx->nr - 1].label = label;
	ctx->nr_ex++;
}

static bool defer_load(struct jit_ctx *ctx, const struct bpf_insn *insn,
		       const struct insn_row *row)
{
	struct jit_pend addr;

	if (!jit_rule_on(ctx, JIT_RULE_LOAD_OP) || insn->dst_reg == JIT_AX ||
	    insn->src_reg == JIT_AX)
		return false;
	jit_addr(ctx, insn->src_reg, insn->off, &addr);
	addr.kind = PEND_LOAD;
	addr.width = row->width;
	addr.sx = row->mod & INSN_MOD_SX;
	ctx->pend[insn->dst_reg] = addr;
	return true;
}

/*
 * Loads through pointers that the verifier only knows the type of. Kernel
 * addresses that are not mapped fault, and the exception table puts 0 into the
 * register. Addresses of user space and of the vsyscall page must not be tried:
 * seen as signed numbers they are all those above env->probe_limit.
 */
static void load_probe(struct jit_ctx *ctx, const struct bpf_insn *insn,
		       const struct insn_row *row)
{
	s32 limit = ctx->env->probe_limit;
	struct x86_mem m;
	u32 back = 0;
	u8 d, s;

	jit_begin_def(ctx, insn->dst_reg);
	jit_materialize(ctx, insn->src_reg);
	s = ctx->map[insn->src_reg];
	d = jit_def(ctx, insn->dst_reg);
	if (limit) {
		back = jit_new_label(ctx);
		/* base < limit - off; a sum that wraps is not canonical and faults */
		jit_emit(ctx, x86_ri(X86_CMP, 8, s, (s64)limit - insn->off));
		jit_emit(ctx, x86_jcc(X86_CC_GE, jit_stub(ctx, STUB_ZERO, 8, d, back)));
	}
	m = x86_at(s, insn->off);
	jit_emit_load(ctx, d, row->width, row->mod & INSN_MOD_SX, m);
	may_fault(ctx, X86_NOLABEL);
	if (limit)
		jit_bind(ctx, back);
}

/*
 * Accesses to an arena: the window's address and the lower half of the register. With the offset
 * that is in the window or its guards; where no page is, loads give 0 and stores do nothing.
 * @scratch is written where the upper half is not known to be 0.
 */
static struct x86_mem arena_mem(struct jit_ctx *ctx, u32 i, u8 reg, u8 scratch)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 index;

	jit_materialize(ctx, reg);
	index = ctx->map[reg];
	if (jit_width(ctx, i, reg) > JIT_W32) {
		jit_emit(ctx, x86_rr(X86_MOV, 4, scratch, index));
		index = scratch;
	}
	return x86_at_index(JIT_ARENA, index, 1, insn->off);
}

static bool is_arena(const struct insn_row *row)
{
	return (row->mod & INSN_MOD_ARENA) == INSN_MOD_ARENA;
}

static void load_arena(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	struct x86_mem m;
	u8 d;

	jit_begin_def(ctx, insn->dst_reg);
	m = arena_mem(ctx, i, insn->src_reg, JIT_T0);
	d = jit_def(ctx, insn->dst_reg);
	jit_emit_load(ctx, d, row->width, false, m);
	may_fault(ctx, X86_NOLABEL);
}

static void store_arena(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	struct x86_mem m;
	s64 imm;

	if (row->kind == INSN_KIND_STORE_IMM) {
		store_const(row->width, insn->imm, &imm);
		m = arena_mem(ctx, i, insn->dst_reg, JIT_T0);
		jit_emit(ctx, x86_mi(X86_MOV, row->width, m, imm));
	} else {
		jit_materialize(ctx, insn->src_reg);
		m = arena_mem(ctx, i, insn->dst_reg, JIT_T0);
		jit_emit(ctx, x86_mr(X86_MOV, row->width, m, ctx->map[insn->src_reg]));
	}
	may_fault(ctx, X86_NOLABEL);
}

/**
 * jit_load - loads
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_load(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	struct x86_mem m;
	u8 d;

	jit_flush_loads(ctx);
	if (is_arena(row)) {
		load_arena(ctx, i, row);
		return;
	}
	if (row->mod & INSN_MOD_PROBE) {
		load_probe(ctx, insn, row);
		return;
	}
	jit_begin_def(ctx, insn->dst_reg);
	if (defer_load(ctx, insn, row))
		return;
	m = jit_addr(ctx, insn->src_reg, insn->off, NULL);
	d = jit_def(ctx, insn->dst_reg);
	jit_emit_load(ctx, d, row->width, row->mod & INSN_MOD_SX, m);
}

static u8 store_operand(struct jit_ctx *ctx, u8 reg, u8 width)
{
	return width == 8 ? jit_use(ctx, reg) : jit_use32(ctx, reg);
}

/**
 * jit_store - stores of registers and constants
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_store(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	struct x86_mem m;
	s64 imm;
	u8 s;

	jit_flush_loads(ctx);
	if (is_arena(row)) {
		store_arena(ctx, i, row);
		return;
	}
	if (row->kind == INSN_KIND_STORE_IMM) {
		store_const(row->width, insn->imm, &imm);
		m = jit_addr(ctx, insn->dst_reg, insn->off, NULL);
		jit_emit(ctx, x86_mi(X86_MOV, row->width, m, imm));
		return;
	}
	if (insn->src_reg != insn->dst_reg && ctx->pend[insn->src_reg].kind == PEND_CONST &&
	    store_const(row->width, ctx->pend[insn->src_reg].imm, &imm)) {
		jit_rule_hit(JIT_RULE_CONST);
		m = jit_addr(ctx, insn->dst_reg, insn->off, NULL);
		jit_emit(ctx, x86_mi(X86_MOV, row->width, m, imm));
		return;
	}
	store_operand(ctx, insn->src_reg, row->width);
	m = jit_addr(ctx, insn->dst_reg, insn->off, NULL);
	s = store_operand(ctx, insn->src_reg, row->width);
	jit_emit(ctx, x86_mr(X86_MOV, row->width, m, s));
}

/* ------------------------------------------------------------------ atomics */

static u8 atomic_op(s32 imm)
{
	switch (imm & ~BPF_FETCH) {
	case BPF_ADD:
		return X86_ADD;
	case BPF_AND:
		return X86_AND;
	case BPF_OR:
		return X86_OR;
	default:
		return X86_XOR;
	}
}

static struct x86_insn locked(struct x86_insn insn)
{
	insn.flags |= X86_LOCK;
	return insn;
}

/*
 * AND, OR and XOR that return the old value: compare and exchange until nobody
 * was in between. RAX is the processor's; R0 waits in the second scratch
 * register meanwhile, and is used there where it is an operand.
 */
static void fetch_loop(struct jit_ctx *ctx, u32 i, u8 op, u8 width, struct x86_mem m, u8 s,
		       bool arena)
{
	bool address = m.base == X86_RAX || m.index == X86_RAX;
	bool save = s != X86_RAX && (jit_live_out(ctx, i, BPF_REG_0) || address);
	u32 again = jit_new_label(ctx), out = jit_new_label(ctx);
	u8 operand = s;

	if (save || s == X86_RAX)
		jit_emit(ctx, x86_rr(X86_MOV, 8, JIT_T1, X86_RAX));
	if (s == X86_RAX)
		operand = JIT_T1;
	if (m.base == X86_RAX)
		m.base = JIT_T1;
	if (m.index == X86_RAX)
		m.index = JIT_T1;
	jit_emit(ctx, x86_rm(X86_MOV, width, X86_RAX, m));
	if (arena)
		may_fault(ctx, out);
	jit_bind(ctx, again);
	jit_emit(ctx, x86_rr(X86_MOV, width, JIT_T0, X86_RAX));
	jit_emit(ctx, x86_rr(op, width, JIT_T0, operand));
	jit_emit(ctx, locked(x86_mr(X86_CMPXCHG, width, m, JIT_T0)));
	if (arena)
		may_fault(ctx, out);
	jit_emit(ctx, x86_jcc(X86_CC_NE, again));
	jit_bind(ctx, out);
	if (s != X86_RAX)
		jit_emit(ctx, x86_rr(X86_MOV, width, s, X86_RAX));
	else if (width == 4)
		jit_emit(ctx, x86_rr(X86_MOV, 4, X86_RAX, X86_RAX));
	if (save)
		jit_emit(ctx, x86_rr(X86_MOV, 8, X86_RAX, JIT_T1));
}

static void atomic_fetch(struct jit_ctx *ctx, u32 i, s32 imm, u8 width, struct x86_mem m, u8 s,
			 bool arena)
{
	switch (imm) {
	case BPF_ADD | BPF_FETCH:
		jit_emit(ctx, locked(x86_mr(X86_XADD, width, m, s)));
		break;
	case BPF_XCHG:
		/* locks by itself */
		jit_emit(ctx, x86_mr(X86_XCHG, width, m, s));
		break;
	default:
		fetch_loop(ctx, i, atomic_op(imm), width, m, s, arena);
		return;
	}
	if (arena)
		may_fault(ctx, X86_NOLABEL);
}

/**
 * jit_atomic - atomic operations
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_atomic(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	const struct bpf_insn *insn = &ctx->src->insns[i];
	u8 width = row->width, base = insn->dst_reg, s;
	bool arena = is_arena(row);
	struct x86_mem m;

	/* what is left for addresses: both scratch registers have work in fetch_loop() */
	if (arena && jit_live_out(ctx, i, JIT_AX)) {
		jit_fail(ctx, -EFAULT);
		return;
	}
	jit_flush_loads(ctx);
	/* Operands at home; R0 too, since some of them change it on the way. */
	jit_flush_refs(ctx, BPF_REG_0);
	jit_materialize(ctx, BPF_REG_0);
	jit_rmw(ctx, insn->src_reg);
	jit_materialize(ctx, base);
	jit_flush_refs(ctx, insn->src_reg);
	m = arena ? arena_mem(ctx, i, base, ctx->map[JIT_AX]) : x86_at(ctx->map[base], insn->off);
	s = ctx->map[insn->src_reg];

	if (insn->imm & BPF_FETCH && insn->imm != BPF_CMPXCHG) {
		atomic_fetch(ctx, i, insn->imm, width, m, s, arena);
		return;
	}
	if (insn->imm == BPF_CMPXCHG)
		jit_emit(ctx, locked(x86_mr(X86_CMPXCHG, width, m, s)));
	else
		jit_emit(ctx, locked(x86_mr(atomic_op(insn->imm), width, m, s)));
	if (arena)
		may_fault(ctx, X86_NOLABEL);
	if (insn->imm == BPF_CMPXCHG && width == 4)
		jit_emit(ctx, x86_rr(X86_MOV, 4, X86_RAX, X86_RAX));
}

/**
 * jit_nospec - nothing later is executed speculatively before
 * @ctx: the compilation
 * @i: index of the instruction
 * @row: its row of the opcode table
 *
 * Context: Process; allocates.
 */
void jit_nospec(struct jit_ctx *ctx, u32 i, const struct insn_row *row)
{
	/* What stands before the barrier has to be executed before it. */
	jit_flush_all(ctx, ctx->live[i]);
	jit_emit(ctx, x86_none(X86_LFENCE));
}
