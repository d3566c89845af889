// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts, sockets and typed kernel objects: by rows of their tables, or by BTF.
 */
#include "btf/btf.h"
#include "verifier/fields.h"
#include "verifier/walk.h"

static void set_sized(struct bpf_reg *dst, u32 size)
{
	reg_set_unknown(dst);
	reg_cut_to(dst, size, false);
}

static int reject_ctx(struct bpf_verifier_env *env, s64 off, u32 size)
{
	return bpf_reject(env, REJECT_CTX, "invalid bpf_context access off=%lld size=%u", off,
			  size);
}

/* ------------------------------------------------------------------ what a load yields */

/* A value as a row or a hook describes it. */
static int set_result(struct bpf_verifier_env *env, const struct bpf_ctx_result *res, u32 size,
		      struct bpf_reg *dst)
{
	if (res->reg_type == SCALAR_VALUE) {
		set_sized(dst, size);
		return 0;
	}
	reg_set_pointer(dst, res->reg_type);
	switch (base_type(res->reg_type)) {
	case PTR_TO_BTF_ID:
		dst->btf = res->btf ?: bpf_get_btf_vmlinux();
		dst->btf_id = res->btf_id;
		break;
	case PTR_TO_MEM:
	case PTR_TO_BUF:
		dst->mem_size = res->mem_size;
		break;
	default:
		break;
	}
	if (type_may_be_null(res->reg_type))
		dst->id = walk_new_id(env);
	return 0;
}

static bool row_allowed(struct bpf_verifier_env *env, const struct bpf_ctx_field *row,
			const struct bpf_ctx_access *acc)
{
	if (row->flags & CTX_PRIV && !env->allow_ptr_leaks)
		return false;
	if (acc->write && row->flags & CTX_WRITE_PRIV && !env->bpf_capable)
		return false;
	return !row->allowed || row->allowed(env->prog, acc);
}

/* The rewriter converts an instruction once, for one row. */
static int note_row(struct bpf_verifier_env *env, const struct bpf_ctx_field *row,
		    const struct bpf_ctx_access *whole)
{
	struct bpf_insn_aux *aux = walk_aux(env);

	if (aux->ctx_field && aux->ctx_field != row)
		return bpf_reject(env, REJECT_INSN_POINTERS,
				  "same insn cannot be used with different pointers");
	aux->ctx_field = row;
	aux->ctx_acc = *whole;
	return 0;
}

static int access_row(struct bpf_verifier_env *env, const struct bpf_access *acc,
		      const struct bpf_ctx_access *want, struct bpf_reg *dst)
{
	const struct bpf_prog_type_info *info = env->info;
	const struct bpf_ctx_field *row;
	struct bpf_ctx_result res = {};
	struct bpf_ctx_access whole;
	int err;

	row = bpf_field_find(info->fields, info->nr_fields, want, &whole);
	if (!row || !row_allowed(env, row, want))
		return reject_ctx(env, want->off, want->size);
	res.reg_type = row->reg_type ?: SCALAR_VALUE;
	if (row->btf_id)
		res.btf_id = *row->btf_id;
	if (info->ctx_result && !info->ctx_result(env->prog, want, &res))
		return reject_ctx(env, want->off, want->size);
	err = note_row(env, row, &whole);
	if (err || want->write)
		return err;
	return set_result(env, &res, want->size, dst);
}

/* Contexts that are read as they are. */
static int access_plain(struct bpf_verifier_env *env, const struct bpf_access *acc,
			const struct bpf_ctx_access *want, struct bpf_reg *dst)
{
	const struct bpf_prog_type_info *info = env->info;
	struct bpf_ctx_result res = { .reg_type = SCALAR_VALUE };

	if (want->off < 0 || (want->write && info->ctx_kind != BPF_CTX_PLAIN_RW))
		return reject_ctx(env, want->off, want->size);
	if (info->ctx_result) {
		if (!info->ctx_result(env->prog, want, &res))
			return reject_ctx(env, want->off, want->size);
	} else if (want->off % want->size || want->off + want->size > (int)info->ctx_size) {
		return reject_ctx(env, want->off, want->size);
	}
	if (want->write)
		return 0;
	return set_result(env, &res, want->size, dst);
}

static int access_raw_args(struct bpf_verifier_env *env, const struct bpf_ctx_access *want,
			   struct bpf_reg *dst)
{
	if (want->write || want->off < 0 || want->off % 8 || want->size != 8 ||
	    want->off + 8 > (int)env->info->ctx_size)
		return reject_ctx(env, want->off, want->size);
	reg_set_unknown(dst);
	return 0;
}

/* What a security hook is about to return: what programs before may have, as this one may. */
static void limit_result(struct bpf_verifier_env *env, struct bpf_reg *dst)
{
	struct bpf_retval_range range = { .any = true };
	struct scalar lo, hi;

	if (env->prog->type != BPF_PROG_TYPE_LSM || !env->info->retval ||
	    env->prog->expected_attach_type != BPF_LSM_MAC || !reg_is_scalar(dst))
		return;
	env->info->retval(env->prog, &range);
	if (range.any)
		return;
	lo = scalar_const(range.min);
	hi = scalar_const(range.max);
	scalar_refine(SCALAR_JSGE, true, true, &dst->var, &lo);
	scalar_refine(SCALAR_JSLE, true, true, &dst->var, &hi);
}

static int access_typed(struct bpf_verifier_env *env, const struct bpf_ctx_access *want,
			struct bpf_reg *dst)
{
	struct bpf_ctx_result res = { .reg_type = SCALAR_VALUE };
	struct btf_ctx_arg arg = {};
	char msg[128] = "";
	int err;

	if (want->write)
		return reject_ctx(env, want->off, want->size);
	if (env->info->ctx_result) {
		if (!env->info->ctx_result(env->prog, want, &res))
			return reject_ctx(env, want->off, want->size);
		return set_result(env, &res, want->size, dst);
	}
	if (!btf_ctx_access(want->off, want->size, env->prog, &arg, msg, sizeof(msg)))
		return bpf_reject(env, REJECT_CTX, "%s%sinvalid bpf_context access off=%d size=%d",
				  msg, *msg ? "\n" : "", want->off, want->size);
	res.reg_type = arg.reg_type;
	if (env->info->arg_flags && base_type(arg.reg_type) == PTR_TO_BTF_ID)
		res.reg_type = (arg.reg_type & ~PTR_TRUSTED) | env->info->arg_flags(env->prog);
	res.btf = arg.btf;
	res.btf_id = arg.btf_id;
	err = set_result(env, &res, want->size, dst);
	if (!err && arg.is_ret)
		limit_result(env, dst);
	return err;
}

/* Contexts are used as they were given; only syscall programs, who bring their own, may move. */
static int check_unmoved(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	const struct bpf_reg *reg = acc->reg;
	char name[64];

	if (!reg_off_const(reg))
		return bpf_reject(env, REJECT_CTX_OFFSET,
				  "variable %s access var_off=(0x%llx; 0x%llx) disallowed",
				  bpf_reg_type_str(name, reg->type),
				  (unsigned long long)scalar_tnum(&reg->var).value,
				  (unsigned long long)scalar_tnum(&reg->var).mask);
	if (reg_const_off(reg) && env->info->ctx_kind != BPF_CTX_PLAIN_RW)
		return bpf_reject(env, REJECT_CTX_OFFSET,
				  "dereference of modified %s ptr R%u off=%lld disallowed",
				  bpf_reg_type_str(name, reg->type), acc->regno,
				  reg_const_off(reg));
	return 0;
}

/**
 * access_ctx - load from or store to the context
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_ctx(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	struct bpf_ctx_access want = { .size = acc->size, .write = acc->write };
	struct bpf_prog_aux *aux = env->prog->aux;
	int err;

	err = check_unmoved(env, acc);
	if (err)
		return err;
	want.off = reg_const_off(acc->reg) + acc->off;
	if (acc->write && acc->value && reg_is_pointer(acc->value))
		return bpf_reject(env, REJECT_PTR_LEAK, "R%d leaks addr into ctx",
				  acc->value_regno);
	switch (env->info->ctx_kind) {
	case BPF_CTX_FIELDS:
		err = access_row(env, acc, &want, dst);
		break;
	case BPF_CTX_PLAIN:
	case BPF_CTX_PLAIN_RW:
		err = access_plain(env, acc, &want, dst);
		break;
	case BPF_CTX_RAW_ARGS:
		err = access_raw_args(env, &want, dst);
		break;
	case BPF_CTX_BTF:
		err = access_typed(env, &want, dst);
		break;
	default:
		err = reject_ctx(env, want.off, want.size);
	}
	if (!err && aux->max_ctx_offset < want.off + want.size)
		aux->max_ctx_offset = want.off + want.size;
	return err;
}

/**
 * access_sock - load from a socket, through its view for programs
 * @env: environment
 * @acc: the access
 * @dst: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_sock(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	const struct bpf_field_table *table = bpf_fields_of(acc->reg->type);
	struct bpf_ctx_access want = { .off = acc->reg->off + acc->off, .size = acc->size };
	struct bpf_ctx_result res = {};
	const struct bpf_ctx_field *row;
	struct bpf_ctx_access whole;
	char name[64];
	int err;

	bpf_reg_type_str(name, acc->reg->type);
	if (acc->write)
		return bpf_reject(env, REJECT_READ_ONLY, "R%u cannot write into %s", acc->regno,
				  name);
	row = table && reg_off_const(acc->reg) ?
	      bpf_field_find(table->fields, table->nr_fields, &want, &whole) : NULL;
	if (!row || !row_allowed(env, row, &want))
		return bpf_reject(env, REJECT_SOCK_ACCESS, "R%u invalid %s access off=%d size=%d",
				  acc->regno, name, want.off, want.size);
	err = note_row(env, row, &whole);
	if (err)
		return err;
	res.reg_type = row->reg_type ?: SCALAR_VALUE;
	if (row->btf_id)
		res.btf_id = *row->btf_id;
	return set_result(env, &res, acc->size, dst);
}

/* ------------------------------------------------------------------ typed objects */

/* How far a pointer read out of an object may be trusted. */
static u32 next_trust(struct bpf_verifier_env *env, const struct bpf_reg *reg, u32 flags)
{
	if (flags & (MEM_USER | MEM_PERCPU))
		return flags;
	if (flags & MEM_RCU && (reg->type & (PTR_TRUSTED | MEM_RCU)) &&
	    state_in_rcu(env))
		return MEM_RCU | PTR_MAYBE_NULL;
	if (reg->type & PTR_UNTRUSTED)
		return PTR_UNTRUSTED;
	return 0;
}

static int check_typed(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	s64 off = reg_const_off(acc->reg) + acc->off;
	char name[64];

	bpf_reg_type_str(name, acc->reg->type);
	if (!env->allow_ptr_leaks)
		return bpf_reject(env, REJECT_BTF_ACCESS,
				  "'struct %s' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
				  name);
	if (!env->prog->gpl_compatible && btf_is_kernel(acc->reg->btf))
		return bpf_reject(env, REJECT_GPL_ONLY,
				  "Cannot access kernel 'struct' from non-GPL compatible program");
	if (!reg_off_const(acc->reg) || off < 0 || off > S32_MAX)
		return bpf_reject(env, REJECT_BTF_ACCESS,
				  "R%u is %s invalid negative or variable access: off=%lld",
				  acc->regno, name, off);
	if (acc->reg->type & (MEM_USER | MEM_PERCPU))
		return bpf_reject(env, REJECT_BTF_ACCESS,
				  "R%u is %s access %s memory: off=%lld", acc->regno, name,
				  acc->reg->type & MEM_USER ? "user" : "percpu", off);
	return 0;
}

/* A store does not survive a fault: the object has to be there. */
static bool store_allowed(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	const struct bpf_reg *reg = acc->reg;
	s64 off = reg_const_off(reg) + acc->off;

	if (reg->type & MEM_ALLOC)
		return true;
	if (!env->info->btf_store || acc->atomic)
		return false;
	if (!(reg->type & PTR_TRUSTED) && !reg->ref_id)
		return false;
	return env->info->btf_store(env->prog, &env->log, reg->btf, reg->btf_id, off, acc->size);
}

/**
 * access_btf - load from (own objects: store to) an object of a BTF type
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_btf(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	const struct bpf_reg *reg = acc->reg;
	const struct btf_field *field = field_hit(acc, reg_record(reg));
	struct btf_access res;
	char msg[128] = "";
	int err;

	err = check_typed(env, acc);
	if (err)
		return err;
	if (field)
		return access_field(env, acc, field, dst);
	if (acc->write && !store_allowed(env, acc))
		return bpf_reject(env, REJECT_READ_ONLY, "only read is supported");
	if (btf_struct_walk(reg->btf, reg->btf_id, reg_const_off(reg) + acc->off, acc->size, &res,
			    msg, sizeof(msg)))
		return bpf_reject(env, REJECT_BTF_ACCESS, "%s", msg);
	if (acc->write) {
		bool number = !acc->value || !reg_is_pointer(acc->value);

		/* what comes back from an object of the program's own is a number in any case */
		if (reg_is_allocated(reg) || (res.kind == BTF_ACCESS_SCALAR && number))
			return 0;
		return bpf_reject(env, REJECT_READ_ONLY, "only scalars may be stored");
	}
	if (!reg_is_allocated(reg))
		walk_aux(env)->needs_probe = true;
	if (reg_is_allocated(reg) ||
	    (res.kind != BTF_ACCESS_PTR && res.kind != BTF_ACCESS_PTR_PERCPU)) {
		set_sized(dst, acc->size);
		return 0;
	}
	if (res.kind == BTF_ACCESS_PTR_PERCPU)
		res.flags |= MEM_PERCPU;
	reg_set_pointer(dst, PTR_TO_BTF_ID | next_trust(env, reg, res.flags));
	dst->btf = reg->btf;
	dst->btf_id = res.next_id;
	if (type_may_be_null(dst->type))
		dst->id = walk_new_id(env);
	return 0;
}
