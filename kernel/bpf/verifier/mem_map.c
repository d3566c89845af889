// SPDX-License-Identifier: GPL-2.0
/*
 * Map values, maps themselves, and memory of known size.
 */
#include <linux/btf_ids.h>
#include "btf/btf.h"
#include "btf/record.h"
#include "maps/maps.h"
#include "verifier/walk.h"

static int check_map_flags(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	const struct bpf_map *map = acc->reg->map;
	u32 refused = acc->write ? BPF_F_RDONLY_PROG : BPF_F_WRONLY_PROG;

	if (!(map->map_flags & refused))
		return 0;
	return bpf_reject(env, REJECT_MAP_ACCESS,
			  "%s map forbidden, value_size=%u off=%lld size=%u",
			  acc->write ? "write into" : "read from", map->value_size,
			  (s64)acc->reg->off + acc->off + scalar_smin(&acc->reg->var), acc->size);
}

static const char *field_name(u32 type)
{
	switch (type) {
	case BPF_SPIN_LOCK:
		return "bpf_spin_lock";
	case BPF_TIMER:
		return "bpf_timer";
	case BPF_WORKQUEUE:
		return "bpf_wq";
	case BPF_KPTR_UNREF:
	case BPF_KPTR_REF:
	case BPF_KPTR_PERCPU:
		return "kptr";
	case BPF_LIST_HEAD:
		return "bpf_list_head";
	case BPF_LIST_NODE:
		return "bpf_list_node";
	case BPF_RB_ROOT:
		return "bpf_rb_root";
	case BPF_RB_NODE:
		return "bpf_rb_node";
	default:
		return "bpf_refcount";
	}
}

/**
 * field_hit - the special field that some byte of an access may hit
 * @acc: the access
 * @rec: special fields of what is accessed, may be NULL
 *
 * Context: any. Return: the field, or NULL.
 */
const struct btf_field *field_hit(const struct bpf_access *acc, const struct btf_record *rec)
{
	const struct bpf_reg *reg = acc->reg;
	s64 lo, hi;
	u32 i;

	if (!rec)
		return NULL;
	lo = (s64)reg->off + acc->off + scalar_smin(&reg->var);
	hi = (s64)reg->off + acc->off + scalar_smax(&reg->var) + acc->size;
	for (i = 0; i < rec->cnt; i++) {
		const struct btf_field *f = &rec->fields[i];

		if (lo < (s64)f->offset + f->size && hi > f->offset)
			return f;
	}
	return NULL;
}

/* Kernel pointers in values are loaded whole, and stored only where nobody owns them. */
static int access_kptr(struct bpf_verifier_env *env, const struct bpf_access *acc,
		       const struct btf_field *field, struct bpf_reg *dst)
{
	u32 flags = PTR_MAYBE_NULL | PTR_UNTRUSTED;

	if (!acc->insn || acc->atomic)
		return bpf_reject(env, REJECT_SPECIAL_FIELD,
				  "kptr cannot be accessed indirectly by helper");
	if (!reg_off_const(acc->reg) || acc->size != 8 ||
	    reg_const_off(acc->reg) + acc->off != field->offset)
		return bpf_reject(env, REJECT_SPECIAL_FIELD,
				  "kptr access cannot have variable offset, must be 8 bytes at its start");
	if (acc->write) {
		if (field->type != BPF_KPTR_UNREF)
			return bpf_reject(env, REJECT_SPECIAL_FIELD,
					  "store to referenced kptr disallowed");
		if (reg_is_null(acc->value))
			return 0;
		if (base_type(acc->value->type) != PTR_TO_BTF_ID || acc->value->off ||
		    !btf_types_are_same(acc->value->btf, acc->value->btf_id, field->kptr.btf,
					field->kptr.btf_id))
			return bpf_reject(env, REJECT_SPECIAL_FIELD,
					  "invalid kptr access, R%d has another type",
					  acc->value_regno);
		return 0;
	}
	if (field->type != BPF_KPTR_UNREF && state_in_rcu(env))
		flags = PTR_MAYBE_NULL | MEM_RCU |
			(btf_is_kernel(field->kptr.btf) ? 0 : MEM_ALLOC);
	if (field->type == BPF_KPTR_PERCPU)
		flags |= MEM_PERCPU;
	reg_set_pointer(dst, PTR_TO_BTF_ID | flags);
	dst->id = walk_new_id(env);
	dst->btf = field->kptr.btf;
	dst->btf_id = field->kptr.btf_id;
	return 0;
}

/**
 * access_field - an access hits a special field
 * @env: environment
 * @acc: the access
 * @field: the field
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_field(struct bpf_verifier_env *env, const struct bpf_access *acc,
		 const struct btf_field *field, struct bpf_reg *dst)
{
	if (field->type & BPF_KPTR)
		return access_kptr(env, acc, field, dst);
	return bpf_reject(env, REJECT_SPECIAL_FIELD,
			  "%s cannot be accessed directly by load/store", field_name(field->type));
}

/* A value that neither programs nor user space can change any more is known. */
static bool fold_constant(const struct bpf_access *acc, struct bpf_reg *dst)
{
	const struct bpf_reg *reg = acc->reg;
	struct bpf_map *map = reg->map;
	u64 addr, val = 0;

	/* only loads yield a value; helpers read ranges of any size */
	if (!acc->insn || acc->size > sizeof(val))
		return false;
	if (!(map->map_flags & BPF_F_RDONLY_PROG) || !READ_ONCE(map->frozen) ||
	    bpf_map_write_active(map) || !map->ops->direct_value_addr || !reg_off_const(reg) ||
	    map->max_entries != 1 || IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return false;
	if (map->ops->direct_value_addr(map, &addr, reg_const_off(reg) + acc->off))
		return false;
	memcpy(&val, (void *)(unsigned long)addr, acc->size);
	reg_set_const(dst, val);
	return true;
}

/**
 * access_map_value - load from or store to a map's value
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_map_value(struct bpf_verifier_env *env, const struct bpf_access *acc,
		     struct bpf_reg *dst)
{
	const struct bpf_map *map = acc->reg->map;
	const struct btf_field *field;
	int err;

	err = check_map_flags(env, acc);
	if (!err)
		err = mem_check_region(env, acc, map->value_size);
	if (!err && acc->insn)
		err = mem_check_align(env, acc, 0, env->strict_alignment);
	if (err)
		return err;
	field = field_hit(acc, map->record);
	if (field)
		return access_field(env, acc, field, dst);
	if (acc->write)
		return 0;
	if (fold_constant(acc, dst))
		return 0;
	reg_set_unknown(dst);
	reg_cut_to(dst, acc->size, false);
	return 0;
}

/**
 * map_value_check_range - a function is handed bytes of a map's value
 * @env: environment
 * @regno: the argument
 * @size: bytes
 * @how: MEM_*
 *
 * Context: calls. Return: 0 or -errno.
 */
int map_value_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how)
{
	struct bpf_access acc = { .regno = regno, .reg = walk_reg(env, regno), .size = size };
	struct bpf_reg val;
	int err = 0;

	if (how & MEM_READ_BYTES)
		err = access_map_value(env, &acc, &val);
	if (!err && how & MEM_WRITE_BYTES) {
		acc.write = true;
		err = access_map_value(env, &acc, NULL);
	}
	return err;
}

/* All that is known of a map by its type alone are the fields that all maps have. */
BTF_ID_LIST_SINGLE(map_struct_ids, struct, bpf_map)

/**
 * access_map_ptr - fields of struct bpf_map, for those who may read kernel memory
 * @env: environment
 * @acc: the access
 * @dst: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_map_ptr(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	const struct bpf_map *map = acc->reg->map;
	struct btf *btf = bpf_get_btf_vmlinux();
	struct btf_access res;
	char msg[96];
	int off = acc->reg->off + acc->off;

	if (acc->write)
		return bpf_reject(env, REJECT_READ_ONLY, "only read from %s is supported",
				  "bpf_map");
	if (IS_ERR_OR_NULL(btf) || !map_struct_ids[0])
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "map_ptr access not supported for map type %d", map->map_type);
	if (!env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_BTF_ACCESS,
				  "'struct %s' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
				  "bpf_map");
	if (off < 0 || !reg_off_const(acc->reg))
		return bpf_reject(env, REJECT_BTF_ACCESS,
				  "R%u is %s invalid negative access: off=%d", acc->regno,
				  "bpf_map", off);
	if (btf_struct_walk(btf, map_struct_ids[0], off, acc->size, &res, msg, sizeof(msg)))
		return bpf_reject(env, REJECT_BTF_ACCESS, "%s", msg);
	walk_aux(env)->needs_probe = true;
	if (res.kind == BTF_ACCESS_PTR) {
		reg_set_pointer(dst, PTR_TO_BTF_ID | PTR_UNTRUSTED | res.flags);
		dst->btf = btf;
		dst->btf_id = res.next_id;
	} else {
		reg_set_unknown(dst);
		reg_cut_to(dst, acc->size, false);
	}
	return 0;
}

/* Bytes behind a pointer whose kind is nothing but a size; 0: open-ended. */
static u32 mem_size_of(const struct bpf_verifier_env *env, const struct bpf_reg *reg)
{
	switch (base_type(reg->type)) {
	case PTR_TO_MAP_KEY:
		return reg->map->key_size;
	case PTR_TO_FLOW_KEYS:
		return sizeof(struct bpf_flow_keys);
	default:
		return reg->mem_size;
	}
}

/* Buffers whose size only the hook knows: constant offsets, the largest is checked there. */
static int check_open_ended(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	struct bpf_prog_aux *aux = env->prog->aux;
	bool tp = base_type(acc->reg->type) == PTR_TO_TP_BUFFER;
	s64 off = (s64)acc->reg->off + acc->off;
	u32 *max;

	if (!reg_off_const(acc->reg) || off + (s64)scalar_const_value(&acc->reg->var) < 0)
		return bpf_reject(env, REJECT_BUFFER,
				  "R%u invalid %s buffer access: off=%lld, size=%u",
				  acc->regno, tp ? "tracepoint" : acc->reg->type & MEM_RDONLY ?
				  "rdonly" : "rdwr", off, acc->size);
	off = reg_const_off(acc->reg) + acc->off;
	max = tp ? &aux->max_tp_access : acc->reg->type & MEM_RDONLY ? &aux->max_rdonly_access :
	      &aux->max_rdwr_access;
	if (*max < off + acc->size)
		*max = off + acc->size;
	return 0;
}

/**
 * access_mem - load from or store to memory of known size
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_mem(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	u32 base = base_type(acc->reg->type);
	char name[64];
	int err;

	if (acc->write && (acc->reg->type & MEM_RDONLY || base == PTR_TO_MAP_KEY))
		return bpf_reject(env, REJECT_READ_ONLY, "R%u cannot write into %s", acc->regno,
				  bpf_reg_type_str(name, acc->reg->type));
	if (base == PTR_TO_TP_BUFFER || base == PTR_TO_BUF)
		err = check_open_ended(env, acc);
	else
		err = mem_check_region(env, acc, mem_size_of(env, acc->reg));
	if (!err && acc->insn)
		err = mem_check_align(env, acc, 0, env->strict_alignment);
	if (err || acc->write)
		return err;
	reg_set_unknown(dst);
	reg_cut_to(dst, acc->size, false);
	return 0;
}

/**
 * access_arena - any access: the machine confines it to the arena
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0.
 */
int access_arena(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	if (acc->write)
		return 0;
	reg_set_unknown(dst);
	reg_cut_to(dst, acc->size, false);
	return 0;
}
