// SPDX-License-Identifier: GPL-2.0
/*
 * Typed contexts: the array of u64 that holds the arguments of the function a program is attached
 * to, and behind them, for fexit and fmod_ret, what it returned.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"

#define SLOT sizeof(u64)

/* Are this hook's pointers known to be valid, with their objects alive? */
static bool args_trusted(const struct bpf_prog *prog)
{
	switch (prog->type) {
	case BPF_PROG_TYPE_TRACING:
		return prog->expected_attach_type == BPF_TRACE_RAW_TP ||
		       prog->expected_attach_type == BPF_TRACE_ITER;
	case BPF_PROG_TYPE_LSM:
	case BPF_PROG_TYPE_STRUCT_OPS:
		return true;
	default:
		return false;
	}
}

static bool has_ret_slot(const struct bpf_prog *prog)
{
	/* hooks are attached to as fmod_ret, those without a result as fexit */
	if (prog->type == BPF_PROG_TYPE_LSM)
		return true;
	return prog->type == BPF_PROG_TYPE_TRACING &&
	       (prog->expected_attach_type == BPF_TRACE_FEXIT ||
		prog->expected_attach_type == BPF_MODIFY_RETURN);
}

/* Type of the value in slot @slot: a parameter's, the return value's; 0 with *@bad: none. */
static u32 slot_type(const struct bpf_prog *prog, u32 slot, bool *is_ret, bool *bad)
{
	const struct btf_type *proto = prog->aux->attach_func_proto, *t;
	const struct btf *btf = prog->aux->attach_btf;
	u32 i, first = prog->aux->attach_btf_trace ? 1 : 0, nr = btf_vlen(proto), at = 0, size;

	*bad = *is_ret = false;
	for (i = first; i < nr; i++) {
		t = btf_type_by_id(btf, btf_params(proto)[i].type);
		if (!t || IS_ERR(btf_resolve_size(btf, t, &size)))
			break;
		/* structs by value take as many slots as they have words */
		if (slot < at + DIV_ROUND_UP(size, SLOT))
			return btf_params(proto)[i].type;
		at += DIV_ROUND_UP(size, SLOT);
	}
	if (i == nr && slot == at && has_ret_slot(prog)) {
		*is_ret = true;
		return proto->type;
	}
	*bad = true;
	return 0;
}

static bool ctx_arg_override(const struct bpf_prog *prog, u32 off, struct btf_ctx_arg *res)
{
	const struct bpf_ctx_arg_aux *info = prog->aux->ctx_arg_info;
	u32 i;

	for (i = 0; i < prog->aux->ctx_arg_info_size; i++) {
		if (info[i].offset != off)
			continue;
		res->reg_type = info[i].reg_type;
		res->btf = info[i].btf ?: prog->aux->attach_btf;
		res->btf_id = info[i].btf_id;
		return true;
	}
	return false;
}

static u32 tag_flags(const struct btf *btf, const struct btf_type *t)
{
	u32 flags = 0;

	for (; t && btf_type_is_modifier(t); t = btf_type_by_id(btf, t->type)) {
		if (!btf_type_is_type_tag(t))
			continue;
		if (!strcmp(btf_type_name(btf, t), "user"))
			flags |= MEM_USER;
		else if (!strcmp(btf_type_name(btf, t), "percpu"))
			flags |= MEM_PERCPU;
	}
	return flags;
}

/* A program's function whose types are not certain: what registers R1 to R5 hold, and R0. */
static bool unknown_arg(u32 slot, const struct bpf_prog *prog)
{
	return prog->aux->dst_prog && slot < 5 + has_ret_slot(prog);
}

bool btf_ctx_access(int off, int size, const struct bpf_prog *prog, struct btf_ctx_arg *res,
		    char *msg, size_t msg_size)
{
	const char *func = prog->aux->attach_func_name ?: "";
	const struct btf *btf = prog->aux->attach_btf;
	const struct btf_type *t;
	u32 id;
	bool bad;

	memset(res, 0, sizeof(*res));
	res->reg_type = SCALAR_VALUE;
	if (off < 0 || off % SLOT) {
		snprintf(msg, msg_size, "func '%s' offset %d is not multiple of 8", func, off);
		return false;
	}
	if (!prog->aux->attach_func_proto || !btf) {
		if (unknown_arg(off / SLOT, prog))
			return true;
		snprintf(msg, msg_size, "func '%s' has no types", func);
		return false;
	}
	id = slot_type(prog, off / SLOT, &res->is_ret, &bad);
	if (bad) {
		snprintf(msg, msg_size, "func '%s' doesn't have %d-th argument", func,
			 (int)(off / SLOT) + 1);
		return false;
	}
	if (ctx_arg_override(prog, off, res))
		return size == SLOT;

	t = btf_type_skip_modifiers(btf, id, NULL);
	if (!t || btf_type_is_void(t)) {
		snprintf(msg, msg_size, "func '%s' returns nothing", func);
		return false;
	}
	if (!btf_type_is_ptr(t))
		return true;
	if (size != SLOT) {
		snprintf(msg, msg_size, "func '%s' size %d must be 8", func, size);
		return false;
	}
	/* what a program's own types say of its pointers, nobody has checked */
	if (!btf_is_kernel(btf))
		return true;
	id = t->type;
	t = btf_type_by_id(btf, id);
	res->reg_type = PTR_TO_BTF_ID | tag_flags(btf, t) | (args_trusted(prog) ? PTR_TRUSTED : 0);
	t = btf_type_skip_modifiers(btf, id, &id);
	if (!t || !btf_type_is_struct(t)) {
		/* a pointer to a number, or to nothing known, is a number */
		res->reg_type = SCALAR_VALUE;
		return true;
	}
	res->btf = (struct btf *)btf;
	res->btf_id = id;
	return true;
}
