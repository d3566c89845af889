// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting memory accesses: contexts and sockets by the rows of their tables, loads that may
 * fault, the arena, legacy packet loads, and what the type puts in front of a program.
 */
#include <linux/errno.h>
#include <linux/kconfig.h>
#include "maps/arena_view.h"
#include "verifier/rewrite.h"

/* ------------------------------------------------------------------ fields of a table */

/* The access as it would be in the field's full width. */
static struct bpf_insn full_width(const struct bpf_insn *insn, const struct bpf_ctx_access *acc)
{
	struct bpf_insn full = *insn;

	full.code = insn_class(insn) | BPF_MEM | insn_bytes_size(acc->size);
	return full;
}

/* A number that stands somewhere in the kernel's struct as it is. */
static u32 convert_plain(const struct bpf_ctx_field *row, const struct bpf_ctx_access *acc,
			 const struct bpf_insn *insn, struct bpf_insn_buf *out)
{
	struct bpf_insn plain = *insn;
	/* two elements of an array at once, as the walk has found them to be allowed */
	u32 size = acc->size > row->size ? acc->size : row->kern_size;

	plain.code = insn_class(insn) | BPF_MEM | insn_bytes_size(size);
	plain.off = row->kern_off + (acc->off - row->off);
	insn_buf_add(out, plain);
	return row->kern_size;
}

/* Of a full-width value in @dst, the @size bytes at byte @at. */
static void narrow(struct bpf_insn_buf *out, u8 dst, u32 whole, u32 at, u32 size)
{
	u32 shift = (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? whole - at - size : at) * 8;

	if (shift)
		insn_buf_add(out, whole == 8 ? insn_alu64_imm(BPF_RSH, dst, shift) :
					       insn_alu32_imm(BPF_RSH, dst, shift));
	if (size == 4)
		insn_buf_add(out, insn_mov32_reg(dst, dst));
	else
		insn_buf_add(out, insn_alu32_imm(BPF_AND, dst, (1U << (size * 8)) - 1));
}

static int rewrite_field(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	const struct bpf_insn_aux *aux = &env->aux[idx];
	const struct bpf_ctx_field *row = aux->ctx_field;
	const struct bpf_ctx_access *acc = &aux->ctx_acc;
	struct bpf_insn full = full_width(insn, acc);
	u32 size = insn_size_bytes(insn->code);
	struct bpf_insn_buf out;

	out.cnt = 0;
	if (row->convert)
		row->convert(row, acc, &full, env->prog, &out);
	else
		convert_plain(row, acc, &full, &out);
	if (!out.cnt)
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: field %s has no conversion",
				  row->name);
	if (insn_class(insn) == BPF_LDX) {
		if (size < (u32)acc->size)
			narrow(&out, insn->dst_reg, acc->size, insn->off - acc->off, size);
		if (BPF_MODE(insn->code) == BPF_MEMSX)
			insn_buf_add(&out, insn_movsx64(insn->dst_reg, insn->dst_reg, size * 8));
	}
	return bpf_edit_replace(env->edits, idx, out.insn, out.cnt);
}

/* ------------------------------------------------------------------ loads that may fault */

static int rewrite_probe(struct bpf_verifier_env *env, u32 idx)
{
	struct bpf_insn insn = *env_insn(env, idx);
	u8 mode = BPF_MODE(insn.code) == BPF_MEMSX ? INSN_MODE_PROBE_SX : INSN_MODE_PROBE;

	insn.code = BPF_LDX | mode | BPF_SIZE(insn.code);
	return bpf_edit_replace(env->edits, idx, &insn, 1);
}

/* ------------------------------------------------------------------ the arena */

static int rewrite_arena(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	bool atomic = insn_rows[env->aux[idx].id].kind == INSN_KIND_ATOMIC;
	struct bpf_insn seq[2] = { *insn };
	u32 cnt = 1;

	seq[0].code = insn_class(insn) | BPF_SIZE(insn->code) |
		      (atomic ? INSN_MODE_ARENA_ATOMIC : INSN_MODE_ARENA);
	if (BPF_MODE(insn->code) == BPF_MEMSX)
		seq[cnt++] = insn_movsx64(insn->dst_reg, insn->dst_reg,
					  insn_size_bytes(insn->code) * 8);
	return bpf_edit_replace(env->edits, idx, seq, cnt);
}

/*
 * Casts. The kernel's view is the lower half, which accesses add to the window. The process's has
 * the upper half that all addresses of the arena share, but NULL stays NULL.
 */
int rewrite_addr_space(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	bool to_user = insn->imm != 1 && !(env->arena->map_flags & BPF_F_NO_USER_CONV);
	u32 upper = bpf_arena_user_start(env->arena) >> 32;
	const struct bpf_insn seq[] = {
		insn_mov32_reg(insn->dst_reg, insn->src_reg),
		insn_jump_imm(BPF_JEQ, insn->dst_reg, 0, 3),
		insn_mov32_imm(INSN_REG_AX, upper),
		insn_alu64_imm(BPF_LSH, INSN_REG_AX, 32),
		insn_alu64_reg(BPF_OR, insn->dst_reg, INSN_REG_AX),
	};

	return bpf_edit_replace(env->edits, idx, seq, to_user && upper ? ARRAY_SIZE(seq) : 1);
}

/* ------------------------------------------------------------------ by kind of instruction */

static bool through_arena(const struct bpf_insn_aux *aux)
{
	return base_type(aux->ptr_type) == PTR_TO_ARENA;
}

int rewrite_load(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];

	if (through_arena(aux))
		return rewrite_arena(env, idx);
	if (aux->ctx_field)
		return rewrite_field(env, idx);
	return aux->needs_probe ? rewrite_probe(env, idx) : 0;
}

int rewrite_store(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn_aux *aux = &env->aux[idx];

	if (through_arena(aux))
		return rewrite_arena(env, idx);
	return aux->ctx_field ? rewrite_field(env, idx) : 0;
}

int rewrite_atomic(struct bpf_verifier_env *env, u32 idx)
{
	return through_arena(&env->aux[idx]) ? rewrite_arena(env, idx) : 0;
}

int rewrite_packet_load(struct bpf_verifier_env *env, u32 idx)
{
	struct bpf_insn_buf out;
	int err;

	out.cnt = 0;
	err = env->info->gen_ld_abs ? env->info->gen_ld_abs(env_insn(env, idx), &out) : -EINVAL;
	if (err || !out.cnt)
		return bpf_reject(env, REJECT_INTERNAL,
				  "verifier bug: no instructions for a packet load");
	return bpf_edit_replace(env->edits, idx, out.insn, out.cnt);
}

int rewrite_prologue(struct bpf_verifier_env *env)
{
	struct bpf_insn_buf out;
	int err;

	if (!env->info->gen_prologue)
		return 0;
	out.cnt = 0;
	err = env->info->gen_prologue(&out, env->seen_direct_write, env->prog);
	if (err)
		return bpf_reject(env, REJECT_INTERNAL, "verifier bug: no prologue: %d", err);
	return bpf_edit_add(env->edits, BPF_EDIT_ENTRY, 0, out.insn, out.cnt);
}
