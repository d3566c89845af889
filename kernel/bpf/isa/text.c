// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions as text, in the form that verifier logs and bpftool print.
 */
#include <linux/kernel.h>
#include "isa/insn.h"

struct text_out {
	char *buf;
	size_t size;
	const struct bpf_insn *insn;
	const struct insn_row *row;
	const struct insn_text_cb *cb;
	char reg;		/* 'r' or 'w' */
};

typedef int (*text_fn)(const struct text_out *out);

#define TEXT(out, fmt, ...)							\
	scnprintf((out)->buf, (out)->size, "(%02x) " fmt, (out)->insn->code, ##__VA_ARGS__)

static const char *mem_type(const struct text_out *out)
{
	return out->row->width == 8 ? "u64" : "u32";
}

static const char *atomic_name(const struct text_out *out)
{
	return out->row->width == 8 ? "atomic64" : "atomic";
}

static int text_alu_k(const struct text_out *out)
{
	return TEXT(out, "%c%d %s %d", out->reg, out->insn->dst_reg, out->row->op,
		    out->insn->imm);
}

static int text_alu_x(const struct text_out *out)
{
	return TEXT(out, "%c%d %s %c%d", out->reg, out->insn->dst_reg, out->row->op,
		    out->reg, out->insn->src_reg);
}

static int text_neg(const struct text_out *out)
{
	return TEXT(out, "%c%d = -%c%d", out->reg, out->insn->dst_reg, out->reg,
		    out->insn->dst_reg);
}

static int text_movsx(const struct text_out *out)
{
	return TEXT(out, "%c%d = %s%c%d", out->reg, out->insn->dst_reg, out->row->op,
		    out->reg, out->insn->src_reg);
}

static int text_addr_space(const struct text_out *out)
{
	u32 imm = out->insn->imm;

	return TEXT(out, "r%d = addr_space_cast(r%d, %u, %u)", out->insn->dst_reg,
		    out->insn->src_reg, imm >> 16, imm & 0xffff);
}

static int text_percpu(const struct text_out *out)
{
	return TEXT(out, "r%d = &(void __percpu *)(r%d)", out->insn->dst_reg,
		    out->insn->src_reg);
}

static int text_end(const struct text_out *out)
{
	return TEXT(out, "r%d = %s r%d", out->insn->dst_reg, out->row->op, out->insn->dst_reg);
}

static int text_jmp_k(const struct text_out *out)
{
	return TEXT(out, "if %c%d %s 0x%x goto pc%+d", out->reg, out->insn->dst_reg,
		    out->row->op, out->insn->imm, out->insn->off);
}

static int text_jmp_x(const struct text_out *out)
{
	return TEXT(out, "if %c%d %s %c%d goto pc%+d", out->reg, out->insn->dst_reg,
		    out->row->op, out->reg, out->insn->src_reg, out->insn->off);
}

static int text_ja(const struct text_out *out)
{
	return TEXT(out, "%s pc%+d", out->row->op, out->insn->off);
}

static int text_gotol(const struct text_out *out)
{
	return TEXT(out, "%s pc%+d", out->row->op, out->insn->imm);
}

static int text_call(const struct text_out *out)
{
	const struct bpf_insn *insn = out->insn;
	const char *name = NULL;
	char buf[128];

	if (out->cb && out->cb->call)
		name = out->cb->call(out->cb->ctx, insn, buf, sizeof(buf));
	if (insn->src_reg == BPF_PSEUDO_CALL)
		return name ? TEXT(out, "call pc%s", name) : TEXT(out, "call pc%+d", insn->imm);
	if (!name)
		name = insn->src_reg == BPF_PSEUDO_KFUNC_CALL ? "kernel-function" : "unknown";
	return TEXT(out, "call %s#%d", name, insn->imm);
}

static int text_plain(const struct text_out *out)
{
	return TEXT(out, "%s", out->row->op);
}

static int text_ldx(const struct text_out *out)
{
	return TEXT(out, "r%d = *(%s *)(r%d %+d)", out->insn->dst_reg, out->row->op,
		    out->insn->src_reg, out->insn->off);
}

static int text_st(const struct text_out *out)
{
	return TEXT(out, "*(%s *)(r%d %+d) = %d", out->row->op, out->insn->dst_reg,
		    out->insn->off, out->insn->imm);
}

static int text_stx(const struct text_out *out)
{
	return TEXT(out, "*(%s *)(r%d %+d) = r%d", out->row->op, out->insn->dst_reg,
		    out->insn->off, out->insn->src_reg);
}

static int text_atomic(const struct text_out *out)
{
	return TEXT(out, "lock *(%s *)(r%d %+d) %s r%d", mem_type(out), out->insn->dst_reg,
		    out->insn->off, out->row->op, out->insn->src_reg);
}

static int text_fetch(const struct text_out *out)
{
	return TEXT(out, "r%d = %s_%s((%s *)(r%d %+d), r%d)", out->insn->src_reg,
		    atomic_name(out), out->row->op, mem_type(out), out->insn->dst_reg,
		    out->insn->off, out->insn->src_reg);
}

static int text_cmpxchg(const struct text_out *out)
{
	return TEXT(out, "r0 = %s_%s((%s *)(r%d %+d), r0, r%d)", atomic_name(out),
		    out->row->op, mem_type(out), out->insn->dst_reg, out->insn->off,
		    out->insn->src_reg);
}

static int text_ld_imm64(const struct text_out *out)
{
	u64 imm = insn_imm64(out->insn);
	char buf[128];

	if (out->cb && out->cb->imm64 &&
	    out->cb->imm64(out->cb->ctx, out->insn, imm, buf, sizeof(buf)))
		return TEXT(out, "r%d = %s", out->insn->dst_reg, buf);
	return TEXT(out, "r%d = 0x%llx", out->insn->dst_reg, (unsigned long long)imm);
}

static int text_ld_abs(const struct text_out *out)
{
	return TEXT(out, "r0 = *(%s *)skb[%d]", out->row->op, out->insn->imm);
}

static int text_ld_ind(const struct text_out *out)
{
	return TEXT(out, "r0 = *(%s *)skb[r%d + %d]", out->row->op, out->insn->src_reg,
		    out->insn->imm);
}

static const text_fn text_forms[INSN_FORM_NR] = {
	[INSN_FORM_ALU_K] = text_alu_k,
	[INSN_FORM_ALU_X] = text_alu_x,
	[INSN_FORM_NEG] = text_neg,
	[INSN_FORM_MOVSX] = text_movsx,
	[INSN_FORM_ADDR_SPACE] = text_addr_space,
	[INSN_FORM_PERCPU] = text_percpu,
	[INSN_FORM_END] = text_end,
	[INSN_FORM_JMP_K] = text_jmp_k,
	[INSN_FORM_JMP_X] = text_jmp_x,
	[INSN_FORM_JA] = text_ja,
	[INSN_FORM_GOTOL] = text_gotol,
	[INSN_FORM_CALL] = text_call,
	[INSN_FORM_EXIT] = text_plain,
	[INSN_FORM_LDX] = text_ldx,
	[INSN_FORM_ST] = text_st,
	[INSN_FORM_STX] = text_stx,
	[INSN_FORM_ATOMIC] = text_atomic,
	[INSN_FORM_FETCH] = text_fetch,
	[INSN_FORM_CMPXCHG] = text_cmpxchg,
	[INSN_FORM_LD_IMM64] = text_ld_imm64,
	[INSN_FORM_LD_ABS] = text_ld_abs,
	[INSN_FORM_LD_IND] = text_ld_ind,
};

/**
 * insn_text - write an instruction as text
 * @buf: where to write, no newline at the end
 * @size: bytes in @buf
 * @insn: instruction, for a 64-bit immediate both slots are read
 * @cb: names for calls and 64-bit immediates, may be NULL
 *
 * Context: Any.
 * Return: characters written.
 */
int insn_text(char *buf, size_t size, const struct bpf_insn *insn, const struct insn_text_cb *cb)
{
	struct text_out out = {
		.buf = buf, .size = size, .insn = insn, .cb = cb,
		.row = insn_row(insn), .reg = 'r',
	};
	u8 class = insn_class(insn);

	if (out.row->kind == INSN_KIND_NONE)
		return TEXT(&out, "unknown dst %d src %d off %d imm %d", insn->dst_reg,
			    insn->src_reg, insn->off, insn->imm);
	if (class == BPF_ALU || class == BPF_JMP32)
		out.reg = 'w';
	return text_forms[out.row->form](&out);
}
