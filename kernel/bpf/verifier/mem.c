// SPDX-License-Identifier: GPL-2.0
/*
 * Loads, stores and atomics, and what accesses to all kinds of memory have in common.
 */
#include <linux/string.h>
#include "verifier/walk.h"

/* ------------------------------------------------------------------ regions of known size */

static int reject_region(struct bpf_verifier_env *env, const struct bpf_access *acc, s64 off,
			 u32 mem_size, const char *which)
{
	const struct bpf_reg *reg = acc->reg;
	enum bpf_rejection id = !which ? REJECT_MEM_RANGE :
				!strcmp(which, "min") ? REJECT_MIN_RANGE : REJECT_MAX_RANGE;
	char tail[96] = "";

	if (which)
		snprintf(tail, sizeof(tail),
			 "\nR%u %s value is outside of the allowed memory range", acc->regno,
			 which);
	switch (base_type(reg->type)) {
	case PTR_TO_MAP_VALUE:
		return bpf_reject(env, which ? id : REJECT_MAP_VALUE,
				  "invalid access to map value, value_size=%u off=%lld size=%u%s",
				  mem_size, off, acc->size, tail);
	case PTR_TO_MAP_KEY:
		return bpf_reject(env, id,
				  "invalid access to map key, key_size=%u off=%lld size=%u%s",
				  mem_size, off, acc->size, tail);
	case PTR_TO_PACKET:
	case PTR_TO_PACKET_META:
		return bpf_reject(env, REJECT_PACKET,
				  "invalid access to packet, off=%lld size=%u, R%u(id=%u,off=%d,r=%u)%s",
				  off, acc->size, acc->regno, reg->id, reg->off, mem_size,
				  which ? "\nR0 offset is outside of the packet" : "");
	case PTR_TO_FLOW_KEYS:
		return bpf_reject(env, id, "invalid access to flow keys off=%lld size=%u%s", off,
				  acc->size, tail);
	default:
		return bpf_reject(env, id,
				  "invalid access to memory, mem_size=%u off=%lld size=%u%s",
				  mem_size, off, acc->size, tail);
	}
}

/**
 * mem_check_region - is an access inside of a region, whatever its variable offset is
 * @env: environment
 * @acc: the access
 * @mem_size: bytes of the region, which starts at offset 0
 *
 * Context: handlers. Return: 0 or -errno.
 */
int mem_check_region(struct bpf_verifier_env *env, const struct bpf_access *acc, u32 mem_size)
{
	const struct bpf_reg *reg = acc->reg;
	s64 off = (s64)reg->off + acc->off;
	s64 min = off + scalar_smin(&reg->var);
	bool fixed = reg_off_const(reg);

	if (!fixed && (scalar_smin(&reg->var) <= -BPF_VERIFY_MAX_VAR_OFF || min < 0))
		return bpf_reject(env, REJECT_NEG_OFFSET,
				  "R%u min value is negative, either use unsigned index or do a if (index >=0) check.",
				  acc->regno);
	if (min < 0 || min + acc->size > mem_size)
		return reject_region(env, acc, min, mem_size, fixed ? NULL : "min");
	if (fixed)
		return 0;
	if (scalar_smax(&reg->var) >= BPF_VERIFY_MAX_VAR_OFF)
		return bpf_reject(env, REJECT_UNBOUND,
				  "R%u unbounded memory access, make sure to bounds check any such access",
				  acc->regno);
	off += scalar_smax(&reg->var);
	if (off + acc->size > mem_size)
		return reject_region(env, acc, off, mem_size, "max");
	return 0;
}

/**
 * mem_check_align - is an access aligned to its size
 * @env: environment
 * @acc: the access
 * @base: misalignment of the object's first byte
 * @strict: also where the machine does not care
 *
 * Context: handlers. Return: 0 or -EACCES.
 */
int mem_check_align(struct bpf_verifier_env *env, const struct bpf_access *acc, s64 base,
		    bool strict)
{
	struct tnum var = scalar_tnum(&acc->reg->var);
	s64 off = base + acc->reg->off + acc->off;
	const char *noun = ptr_kind(acc->reg->type)->noun;
	u64 low = acc->size - 1;

	if (!strict || !acc->size || acc->size & low)
		return 0;
	if (!(var.mask & low) && !((var.value + off) & low))
		return 0;
	return bpf_reject(env, REJECT_MISALIGNED,
			  "misaligned %s access off (0x%llx; 0x%llx)+%d+%d size %u",
			  noun ?: "memory", (unsigned long long)var.value,
			  (unsigned long long)var.mask, acc->reg->off, acc->off, acc->size);
}

/* ------------------------------------------------------------------ instructions */

/* Kinds whose accesses are rewritten: all paths have to agree. */
static bool kind_is_rewritten(u32 type)
{
	switch (base_type(type)) {
	case PTR_TO_CTX:
	case PTR_TO_SOCKET:
	case PTR_TO_SOCK_COMMON:
	case PTR_TO_TCP_SOCK:
	case PTR_TO_XDP_SOCK:
	case PTR_TO_BTF_ID:
	case PTR_TO_ARENA:
		return true;
	default:
		return false;
	}
}

static int note_pointer(struct bpf_verifier_env *env, u32 type)
{
	struct bpf_insn_aux *aux = walk_aux(env);
	u32 old = aux->ptr_type;

	if (old && base_type(old) != base_type(type) &&
	    (kind_is_rewritten(old) || kind_is_rewritten(type)))
		return bpf_reject(env, REJECT_INSN_POINTERS,
				  "same insn cannot be used with different pointers");
	aux->ptr_type = type;
	return 0;
}

/**
 * walk_load - register from memory
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_load(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_access acc = {
		.regno = insn->src_reg, .reg = walk_reg(env, insn->src_reg), .off = insn->off,
		.size = insn_row(insn)->width, .value_regno = insn->dst_reg, .insn = insn,
		.sign_extend = insn_row(insn)->mod & INSN_MOD_SX,
	};
	struct bpf_reg val;
	int err;

	err = walk_read_reg(env, insn->src_reg);
	if (!err)
		err = access_any(env, &acc, &val);
	if (!err)
		err = note_pointer(env, acc.reg->type);
	if (err)
		return err;
	if (reg_is_scalar(&val) && acc.sign_extend)
		reg_cut_to(&val, acc.size, true);
	*walk_reg(env, insn->dst_reg) = val;
	return 0;
}

/* What the address would be seen in. */
static const char *leak_into(u32 type)
{
	switch (base_type(type)) {
	case PTR_TO_CTX:
		return "ctx";
	case PTR_TO_MAP_VALUE:
		return "map";
	case PTR_TO_PACKET:
	case PTR_TO_PACKET_META:
		return "packet";
	case PTR_TO_FLOW_KEYS:
		return "flow keys";
	default:
		return "mem";
	}
}

static int store(struct bpf_verifier_env *env, const struct bpf_insn *insn,
		 const struct bpf_reg *value, s32 value_regno)
{
	struct bpf_access acc = {
		.regno = insn->dst_reg, .reg = walk_reg(env, insn->dst_reg), .off = insn->off,
		.size = insn_row(insn)->width, .write = true, .value = value,
		.value_regno = value_regno, .insn = insn,
	};
	int err;

	err = walk_read_reg(env, insn->dst_reg);
	if (!err && base_type(acc.reg->type) != PTR_TO_STACK && reg_is_pointer(value) &&
	    !env->allow_ptr_leaks)
		err = bpf_reject(env, REJECT_PTR_LEAK, "R%d leaks addr into %s", value_regno,
				 leak_into(acc.reg->type));
	if (!err)
		err = access_any(env, &acc, NULL);
	return err ?: note_pointer(env, acc.reg->type);
}

/**
 * walk_store - memory from register
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_store(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *src = walk_reg(env, insn->src_reg);
	int err;

	err = walk_read_reg(env, insn->src_reg);
	if (err)
		return err;
	walk_link_scalars(env, src);
	return store(env, insn, src, insn->src_reg);
}

/**
 * walk_store_imm - memory from immediate
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_store_imm(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg value;

	reg_set_const(&value, (s64)insn->imm);
	return store(env, insn, &value, -1);
}

/* ------------------------------------------------------------------ atomics */

static bool atomic_allowed(u32 type)
{
	switch (base_type(type)) {
	case PTR_TO_STACK:
	case PTR_TO_MAP_VALUE:
	case PTR_TO_MEM:
	case PTR_TO_BUF:
	case PTR_TO_TP_BUFFER:
	case PTR_TO_ARENA:
	case PTR_TO_BTF_ID:
		return true;
	default:
		return false;
	}
}

static int atomic_operand(struct bpf_verifier_env *env, u32 regno)
{
	int err = walk_read_reg(env, regno);

	if (!err && reg_is_pointer(walk_reg(env, regno)))
		err = bpf_reject(env, REJECT_PTR_LEAK, "R%u leaks addr into mem", regno);
	return err;
}

/* The read half, then the write half, of which only the number of bytes matters. */
static int atomic_access(struct bpf_verifier_env *env, const struct bpf_insn *insn,
			 struct bpf_reg *val)
{
	struct bpf_access acc = {
		.regno = insn->dst_reg, .reg = walk_reg(env, insn->dst_reg), .off = insn->off,
		.size = insn_row(insn)->width, .atomic = true, .value_regno = -1, .insn = insn,
	};
	int err;

	err = mem_check_align(env, &acc, 0, true);
	if (!err)
		err = access_any(env, &acc, val);
	if (err)
		return err;
	if (reg_is_pointer(val))
		return bpf_reject(env, REJECT_PTR_LEAK, "R%u leaks addr into mem", insn->dst_reg);
	acc.write = true;
	return access_any(env, &acc, NULL);
}

/**
 * walk_atomic - atomic operations
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_atomic(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	struct bpf_reg *base = walk_reg(env, insn->dst_reg);
	bool cmpxchg = insn->imm == BPF_CMPXCHG;
	struct bpf_reg val;
	char name[64];
	int err;

	err = atomic_operand(env, insn->src_reg);
	if (!err && cmpxchg)
		err = atomic_operand(env, BPF_REG_0);
	if (!err)
		err = walk_read_reg(env, insn->dst_reg);
	if (err)
		return err;
	if (reg_is_pointer(base) && !atomic_allowed(base->type))
		return bpf_reject(env, REJECT_ATOMIC_TARGET,
				  "BPF_ATOMIC stores into R%u %s is not allowed", insn->dst_reg,
				  bpf_reg_type_str(name, base->type));
	err = atomic_access(env, insn, &val);
	if (!err)
		err = note_pointer(env, base->type);
	if (err)
		return err;
	if (cmpxchg)
		*walk_reg(env, BPF_REG_0) = val;
	else if (insn->imm & BPF_FETCH)
		*walk_reg(env, insn->src_reg) = val;
	return 0;
}

/* ------------------------------------------------------------------ arguments of functions */

static int check_sized(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how, u32 mem_size)
{
	struct bpf_access acc = { .regno = regno, .reg = walk_reg(env, regno), .size = size,
				  .write = how & MEM_WRITE_BYTES };
	char name[64];

	if (acc.write && acc.reg->type & MEM_RDONLY)
		return bpf_reject(env, REJECT_READ_ONLY, "R%u cannot write into %s", regno,
				  bpf_reg_type_str(name, acc.reg->type));
	return mem_check_region(env, &acc, mem_size);
}

static int check_buffer(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how)
{
	struct bpf_reg *reg = walk_reg(env, regno);
	struct bpf_reg val;
	struct bpf_access acc = { .regno = regno, .reg = reg, .size = size, .value_regno = -1,
				  .write = how & MEM_WRITE_BYTES };

	return access_any(env, &acc, &val);
}

/**
 * mem_check_range - may a function access @size bytes where an argument points to
 * @env: environment
 * @regno: the argument; initialised
 * @size: bytes, at least 1
 * @how: MEM_READ_BYTES, MEM_WRITE_BYTES, MEM_UNINIT_OK
 *
 * Context: calls. Return: 0 or -errno.
 */
int mem_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	char name[64];

	if (!type_may_be_null(reg->type)) {
		switch (base_type(reg->type)) {
		case PTR_TO_STACK:
			return stack_check_range(env, regno, size, how);
		case PTR_TO_MAP_VALUE:
			return map_value_check_range(env, regno, size, how);
		case PTR_TO_MAP_KEY:
			if (how & MEM_WRITE_BYTES)
				break;
			return check_sized(env, regno, size, how, reg->map->key_size);
		case PTR_TO_MEM:
			return check_sized(env, regno, size, how, reg->mem_size);
		case PTR_TO_PACKET:
		case PTR_TO_PACKET_META:
			return packet_check_range(env, regno, size, how);
		case PTR_TO_BUF:
			return check_buffer(env, regno, size, how);
		case PTR_TO_BTF_ID:
			/* the function does not probe: the object has to be there */
			if (!(reg->type & (PTR_TRUSTED | MEM_ALLOC)) && !reg->ref_id)
				break;
			return check_buffer(env, regno, size, how);
		case PTR_TO_CTX:
			if (env->info->ctx_kind == BPF_CTX_PLAIN_RW && reg_off_const(reg))
				return check_buffer(env, regno, size, how);
			break;
		default:
			break;
		}
	}
	return bpf_reject(env, REJECT_ARG_TYPE, "R%u type=%s expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_",
			  regno, bpf_reg_type_str(name, reg->type));
}
