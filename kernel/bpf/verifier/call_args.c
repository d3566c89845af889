// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments of helpers, by the types in their prototypes.
 */
#include "btf/btf.h"
#include "verifier/call.h"

#define K(kind) (1U << (kind))
#define K_MEMORY (K(PTR_TO_STACK) | K(PTR_TO_PACKET) | K(PTR_TO_PACKET_META) | \
		  K(PTR_TO_MAP_KEY) | K(PTR_TO_MAP_VALUE) | K(PTR_TO_MEM) | K(PTR_TO_BUF))
#define K_SOCKS (K(PTR_TO_SOCK_COMMON) | K(PTR_TO_SOCKET) | K(PTR_TO_TCP_SOCK) | \
		 K(PTR_TO_XDP_SOCK))

typedef int (*arg_fn)(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type);

/* ------------------------------------------------------------------ maps and memory */

static int arg_map(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	call->map = *walk_reg(env, regno);
	return 0;
}

static u32 arg_how(u32 type)
{
	u32 how = type & MEM_WRITE ? MEM_WRITE_BYTES : MEM_READ_BYTES;

	return type & MEM_UNINIT ? how | MEM_UNINIT_OK : how;
}

static int check_packet_arg(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno)
{
	if (!reg_is_packet(walk_reg(env, regno)) || call->proto->pkt_access)
		return 0;
	return bpf_reject(env, REJECT_ARG_TYPE, "helper access to the packet is not allowed");
}

static int arg_map_bytes(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type,
			 bool key)
{
	const struct bpf_map *map = call->map.map;
	int err;

	if (call->map.type != CONST_PTR_TO_MAP)
		return bpf_reject(env, REJECT_INTERNAL, "invalid map_ptr to access map->%s",
				  key ? "key" : "value");
	err = check_packet_arg(env, call, regno);
	if (err)
		return err;
	if (!(key ? map->key_size : map->value_size))
		return 0;
	return mem_check_range(env, regno, key ? map->key_size : map->value_size, arg_how(type));
}

static int arg_map_key(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return arg_map_bytes(env, call, regno, type, true);
}

static int arg_map_value(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return arg_map_bytes(env, call, regno, type, false);
}

static int arg_mem(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	int err = check_packet_arg(env, call, regno);

	if (err || !(type & MEM_FIXED_SIZE))
		return err;	/* the size that follows is checked together with it */
	if (type & MEM_ALIGNED) {
		struct bpf_access acc = { .regno = regno, .reg = walk_reg(env, regno),
					  .size = call->proto->arg_size[regno - 1] };

		err = mem_check_align(env, &acc, 0, true);
	}
	return err ?: mem_check_range(env, regno, call->proto->arg_size[regno - 1], arg_how(type));
}

/**
 * call_check_size - memory argument and the size behind it
 * @env: environment
 * @size_regno: register with the size; the one before it points to the memory
 * @how: MEM_*
 * @zero_ok: the size may be 0
 * @null_ok: the pointer may be NULL where the size is 0
 * @max_size: out: largest size
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_check_size(struct bpf_verifier_env *env, u32 size_regno, u32 how, bool zero_ok,
		    bool null_ok, u64 *max_size)
{
	const struct bpf_reg *size = walk_reg(env, size_regno), *mem = size - 1;
	u64 min = scalar_umin(&size->var), max = scalar_umax(&size->var);
	char name[64];

	relevance_demand(env, env->insn_idx, 1 << size_regno);
	if (scalar_smin(&size->var) < 0)
		return bpf_reject(env, REJECT_ARG_SIZE_NEG,
				  "R%u min value is negative, either use unsigned or 'var &= const'",
				  size_regno);
	if (!min && !zero_ok)
		return bpf_reject(env, REJECT_ARG_ZERO,
				  "R%u invalid zero-sized read: u64=[%lld,%lld]", size_regno,
				  (s64)min, (s64)max);
	if (max >= BPF_VERIFY_MAX_VAR_OFF)
		return bpf_reject(env, REJECT_ARG_SIZE,
				  "R%u unbounded memory access, use 'var &= const' or 'if (var < const)'",
				  size_regno);
	*max_size = max;
	if (reg_is_null(mem) && null_ok && !max)
		return 0;
	if (!reg_is_pointer(mem))
		return bpf_reject(env, REJECT_ARG_TYPE, "R%u type=%s expected=fp", size_regno - 1,
				  bpf_reg_type_str(name, mem->type));
	if (!max)
		return 0;
	/* of a variable size only the initialised part is known to be written */
	if (!reg_is_const(size))
		how &= ~MEM_UNINIT_OK;
	return mem_check_range(env, size_regno - 1, max, how);
}

static int arg_size(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	u32 mem_type = call->proto->arg_type[regno - 2];
	bool zero_ok = base_type(type) == ARG_CONST_SIZE_OR_ZERO;
	u64 max;
	int err;

	err = call_check_size(env, regno, arg_how(mem_type), zero_ok,
			      type_may_be_null(mem_type), &max);
	if (!err && max > call->max_size)
		call->max_size = max;
	return err;
}

static int arg_alloc_size(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);

	relevance_demand(env, env->insn_idx, 1 << regno);
	if (!reg_is_const(reg))
		return bpf_reject(env, REJECT_ARG_CONST,
				  "R%u is not a known constant'", regno);
	if (scalar_const_value(&reg->var) >= BPF_VERIFY_MAX_VAR_OFF)
		return bpf_reject(env, REJECT_ARG_SIZE, "R%u is too large", regno);
	call->mem_size = scalar_const_value(&reg->var);
	return 0;
}

static int arg_ctx(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);

	if (reg_off_const(reg) && !reg_const_off(reg))
		return 0;
	return bpf_reject(env, REJECT_CTX_OFFSET,
			  "dereference of modified ctx ptr R%u off=%d disallowed", regno, reg->off);
}

static int arg_anything(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	if (reg_is_pointer(walk_reg(env, regno)) && !env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_PTR_LEAK, "R%u leaks addr into helper function",
				  regno);
	return 0;
}

/* ------------------------------------------------------------------ objects */

static int arg_object(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);

	if (!call->ref_id)
		call->ref_id = reg->ref_id;
	if (reg_off_const(reg) && !reg_const_off(reg))
		return 0;
	return bpf_reject(env, REJECT_ARG_OFFSET,
			  "R%u must have zero offset when passed to release func or trusted arg to kfunc",
			  regno);
}

static int arg_btf_id(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	const u32 *want = call->proto->arg_btf_id[regno - 1];
	struct btf *vmlinux = bpf_get_btf_vmlinux();
	char name[64];

	if (!call->ref_id)
		call->ref_id = reg->ref_id;
	if (base_type(reg->type) != PTR_TO_BTF_ID)
		return 0;	/* a socket by its own kind */
	call->arg_btf = reg->btf;
	call->arg_btf_id = reg->btf_id;
	call->arg_flags = type_flag(reg->type);
	/* per-CPU objects that programs allocate may be stored */
	if (call->id == BPF_FUNC_kptr_xchg && reg_is_allocated(reg))
		return 0;	/* compared with the field */
	if (reg->type & (PTR_UNTRUSTED | MEM_USER | MEM_PERCPU))
		return bpf_reject(env, REJECT_ARG_TYPE,
				  "R%u type=%s expected=ptr_, trusted_ptr_, rcu_ptr_", regno,
				  bpf_reg_type_str(name, reg->type));
	if (call->id == BPF_FUNC_kptr_xchg)
		return 0;
	if (!want || !*want || IS_ERR_OR_NULL(vmlinux))
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "type of argument %u of helper %u is unknown",
				  regno, call->id);
	if (reg_off_const(reg) && reg_const_off(reg) >= 0 &&
	    btf_struct_ids_match(reg->btf, reg->btf_id, reg_const_off(reg), vmlinux, *want,
				 type & OBJ_RELEASE))
		return 0;
	return bpf_reject(env, REJECT_ARG_TYPE, "R%u is of type %s but %s is expected", regno,
			  btf_type_name(reg->btf, btf_type_by_id(reg->btf, reg->btf_id)),
			  btf_type_name(vmlinux, btf_type_by_id(vmlinux, *want)));
}

static int arg_percpu(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	char name[64];

	if (!(reg->type & MEM_PERCPU))
		return bpf_reject(env, REJECT_ARG_TYPE, "R%u type=%s expected=percpu_ptr_", regno,
				  bpf_reg_type_str(name, reg->type));
	call->arg_btf = reg->btf;
	call->arg_btf_id = reg->btf_id;
	call->arg_flags = type_flag(reg->type);
	return 0;
}

static int arg_ringbuf(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	char name[64];

	if (!(reg->type & MEM_RINGBUF))
		return bpf_reject(env, REJECT_ARG_TYPE, "R%u type=%s expected=ringbuf_mem", regno,
				  bpf_reg_type_str(name, reg->type));
	return arg_object(env, call, regno, type);
}

static int arg_func(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	call->sub = walk_reg(env, regno)->subprog;
	return 0;
}

/**
 * call_check_field - a special field of a map value or an object, pointed to exactly
 * @env: environment
 * @call: gets the field
 * @regno: the argument
 * @types: kinds that are taken
 * @what: the kind, for messages
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_check_field(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 types,
		     const char *what)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	const struct btf_record *rec = reg_record(reg);
	const struct btf_field *f;
	bool object = base_type(reg->type) != PTR_TO_MAP_VALUE;
	char name[64];

	if (object && (!reg_is_allocated(reg) || reg->type & MEM_PERCPU))
		return bpf_reject(env, REJECT_ARG_TYPE,
				  "R%u type=%s expected=map_value, alloc_ptr_", regno,
				  bpf_reg_type_str(name, reg->type));

	if (!reg_off_const(reg))
		return bpf_reject(env, REJECT_ARG_TYPE,
				  "R%u doesn't have constant offset. %s has to be at the constant offset",
				  regno, what);
	if (!btf_record_has(rec, types))
		return bpf_reject(env, REJECT_ARG_TYPE, "%s '%s' has no valid %s",
				  object ? "object" : "map", object ? "alloc_ptr_" : reg->map->name,
				  what + (strncmp(what, "struct ", 7) ? 0 : 7));
	f = reg_const_off(reg) < 0 ? NULL : btf_record_find(rec, reg_const_off(reg), types);
	if (!f || f->offset != reg_const_off(reg))
		return bpf_reject(env, REJECT_ARG_TYPE, "off %lld doesn't point to '%s'",
				  reg_const_off(reg), what);
	call->field = f;
	return 0;
}

static int arg_spin_lock(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	call->map = *walk_reg(env, regno);
	return call_check_field(env, call, regno, BPF_SPIN_LOCK, "struct bpf_spin_lock");
}

static int arg_timer(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	call->map = *walk_reg(env, regno);
	return call_check_field(env, call, regno, BPF_TIMER, "struct bpf_timer");
}

static int arg_kptr(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return call_check_field(env, call, regno, BPF_KPTR_REF | BPF_KPTR_PERCPU, "kptr");
}

/**
 * call_check_str - a constant string: in a map that nobody can change any more
 * @env: environment
 * @regno: the argument; points to a map's value
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_check_str(struct bpf_verifier_env *env, u32 regno)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	struct bpf_map *map = reg->map;
	s64 off;
	u64 addr;

	if (!(map->map_flags & BPF_F_RDONLY_PROG) || !READ_ONCE(map->frozen) ||
	    bpf_map_write_active(map) || !map->ops->direct_value_addr)
		return bpf_reject(env, REJECT_ARG_STR,
				  "R%u does not point to a readonly map'", regno);
	if (!reg_off_const(reg))
		return bpf_reject(env, REJECT_ARG_STR, "R%u is not a constant address'", regno);
	off = reg_const_off(reg);
	if (off < 0 || off >= map->value_size ||
	    map->ops->direct_value_addr(map, &addr, off) ||
	    !memchr((void *)(unsigned long)addr, 0, map->value_size - off))
		return bpf_reject(env, REJECT_ARG_STR, "string is not zero-terminated");
	return 0;
}

static int arg_const_str(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return call_check_str(env, regno);
}

static int arg_dynptr(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return call_check_dynptr(env, call, regno, type);
}

static int arg_nothing(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno, u32 type)
{
	return 0;
}

/* ------------------------------------------------------------------ the table */

/**
 * struct arg_rule - one argument type
 * @kinds: pointer kinds that are taken, K() each
 * @scalar: numbers are taken
 * @expected: for messages
 * @check: what remains to be checked
 */
struct arg_rule {
	u32 kinds;
	bool scalar;
	const char *expected;
	arg_fn check;
};

static const struct arg_rule rules[__BPF_ARG_TYPE_MAX] = {
	[ARG_CONST_MAP_PTR] = { K(CONST_PTR_TO_MAP), false, "map_ptr", arg_map },
	[ARG_PTR_TO_MAP_KEY] = { K_MEMORY, false, "fp, pkt, pkt_meta, map_key, map_value, mem",
				 arg_map_key },
	[ARG_PTR_TO_MAP_VALUE] = { K_MEMORY, false, "fp, pkt, pkt_meta, map_key, map_value, mem",
				   arg_map_value },
	/* mem_check_range() knows which contexts are plain memory */
	[ARG_PTR_TO_MEM] = { K_MEMORY | K(PTR_TO_BTF_ID) | K(PTR_TO_CTX), false,
			     "fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_",
			     arg_mem },
	[ARG_PTR_TO_ARENA] = { K(PTR_TO_ARENA), true, "arena", arg_nothing },
	[ARG_CONST_SIZE] = { 0, true, "scalar", arg_size },
	[ARG_CONST_SIZE_OR_ZERO] = { 0, true, "scalar", arg_size },
	[ARG_CONST_ALLOC_SIZE_OR_ZERO] = { 0, true, "scalar", arg_alloc_size },
	[ARG_PTR_TO_CTX] = { K(PTR_TO_CTX), false, "ctx", arg_ctx },
	[ARG_ANYTHING] = { U32_MAX, true, "anything", arg_anything },
	[ARG_PTR_TO_SPIN_LOCK] = { K(PTR_TO_MAP_VALUE) | K(PTR_TO_BTF_ID), false,
				   "map_value, alloc_ptr_", arg_spin_lock },
	[ARG_PTR_TO_SOCK_COMMON] = { K_SOCKS, false, "sock_common, sock, tcp_sock, xdp_sock",
				     arg_object },
	[ARG_PTR_TO_SOCKET] = { K(PTR_TO_SOCKET), false, "sock", arg_object },
	[ARG_PTR_TO_BTF_ID] = { K(PTR_TO_BTF_ID), false, "ptr_, trusted_ptr_, rcu_ptr_",
				arg_btf_id },
	[ARG_PTR_TO_BTF_ID_SOCK_COMMON] = { K_SOCKS | K(PTR_TO_BTF_ID), false,
					    "sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_",
					    arg_btf_id },
	[ARG_PTR_TO_RINGBUF_MEM] = { K(PTR_TO_MEM), false, "ringbuf_mem", arg_ringbuf },
	[ARG_PTR_TO_PERCPU_BTF_ID] = { K(PTR_TO_BTF_ID), false, "percpu_ptr_", arg_percpu },
	[ARG_PTR_TO_FUNC] = { K(PTR_TO_FUNC), false, "func", arg_func },
	[ARG_PTR_TO_STACK] = { K(PTR_TO_STACK), false, "fp", arg_nothing },
	[ARG_PTR_TO_CONST_STR] = { K(PTR_TO_MAP_VALUE), false, "map_value", arg_const_str },
	[ARG_PTR_TO_TIMER] = { K(PTR_TO_MAP_VALUE), false, "map_value", arg_timer },
	[ARG_KPTR_XCHG_DEST] = { K(PTR_TO_MAP_VALUE) | K(PTR_TO_BTF_ID), false,
				 "map_value, alloc_ptr_", arg_kptr },
	[ARG_PTR_TO_DYNPTR] = { K(PTR_TO_STACK) | K(CONST_PTR_TO_DYNPTR), false,
				"fp, dynptr_ptr", arg_dynptr },
};

static int reject_kind(struct bpf_verifier_env *env, u32 regno, const struct arg_rule *rule)
{
	u32 type = walk_reg(env, regno)->type;
	bool unchecked = type_may_be_null(type) && rule->kinds & K(base_type(type));
	char name[64];

	return bpf_reject(env, unchecked ? REJECT_ARG_NULL : REJECT_ARG_TYPE,
			  "R%u type=%s expected=%s", regno, bpf_reg_type_str(name, type),
			  rule->expected);
}

static bool kind_fits(const struct bpf_reg *reg, const struct arg_rule *rule, u32 type)
{
	if (reg_is_scalar(reg))
		return rule->scalar;
	if (!(rule->kinds & K(base_type(reg->type))))
		return false;
	return !type_may_be_null(reg->type) || type_may_be_null(type) ||
	       base_type(type) == ARG_ANYTHING;
}

/* What is given away has to be held, and given as it was got. */
static int check_release(struct bpf_verifier_env *env, struct bpf_call *call, u32 regno)
{
	const struct bpf_reg *reg = walk_reg(env, regno);

	if (call->release_regno)
		return bpf_reject(env, REJECT_INTERNAL, "two released arguments");
	if (base_type(reg->type) == PTR_TO_STACK) {
		call->release_regno = regno;	/* a dynptr */
		return 0;
	}
	if (!reg->ref_id && !reg_is_null(reg))
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "R%u must be referenced when passed to release function", regno);
	if (reg->off || !reg_off_const(reg) || scalar_const_value(&reg->var))
		return bpf_reject(env, REJECT_ARG_OFFSET,
				  "R%u must have zero offset when passed to release func or trusted arg to kfunc",
				  regno);
	call->release_regno = regno;
	return 0;
}

/**
 * call_check_arg - check one argument of a helper
 * @env: environment
 * @call: the call; gets what is found out
 * @arg: 0 to 4
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_check_arg(struct bpf_verifier_env *env, struct bpf_call *call, u32 arg)
{
	u32 type = call->proto->arg_type[arg], regno = BPF_REG_1 + arg;
	const struct arg_rule *rule = &rules[base_type(type)];
	const struct bpf_reg *reg = walk_reg(env, regno);
	int err;

	if (base_type(type) == ARG_DONTCARE)
		return 0;
	err = walk_read_reg(env, regno);
	if (err)
		return err;
	if (!rule->check)
		return bpf_reject(env, REJECT_INTERNAL, "unknown argument type %u", type);
	if (type & OBJ_RELEASE) {
		err = kind_fits(reg, rule, type) || reg_is_null(reg) ?
		      check_release(env, call, regno) : 0;
		if (err)
			return err;
	}
	if (reg_is_null(reg) && type_may_be_null(type))
		return 0;	/* a size behind it has to be 0 */
	if (!kind_fits(reg, rule, type))
		return reject_kind(env, regno, rule);
	return rule->check(env, call, regno, type);
}
