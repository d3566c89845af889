// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are functions of kernel objects. A program says which: attach_btf_id is the
 * object's struct, expected_attach_type the number of the member.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "attach/struct_ops.h"
#include "btf/btf.h"
#include "helpers/helpers.h"
#include "prog/prog_type.h"

static const struct bpf_struct_ops_desc *desc_of(const struct bpf_prog *prog)
{
	return container_of(prog->aux->info, struct bpf_struct_ops_desc, info);
}

/* ------------------------------------------------------------------ what it is to be */

/* What programs get of a member; they own their copy. */
static int type_args(struct bpf_prog *prog, const struct bpf_struct_ops_func *func)
{
	struct bpf_ctx_arg_aux *args;

	if (!func->nr_args)
		return 0;
	args = kmemdup_array(func->args, func->nr_args, sizeof(*args), GFP_KERNEL);
	if (!args)
		return -ENOMEM;
	prog->aux->ctx_arg_info = args;
	prog->aux->ctx_arg_info_size = func->nr_args;
	return 0;
}

static int check_member(const struct bpf_struct_ops_desc *desc, struct bpf_prog *prog, char *msg,
			size_t msg_size)
{
	const char *ops = desc->st_ops->name, *name;
	u32 idx = prog->expected_attach_type;
	const struct btf_member *m;
	int err;

	if (idx >= desc->nr) {
		snprintf(msg, msg_size, "attach to invalid member idx %u of struct %s", idx, ops);
		return -EINVAL;
	}
	m = &btf_type_member(desc->type)[idx];
	name = btf_name_by_offset(desc->btf, m->name_off);
	if (!desc->funcs[idx].proto) {
		snprintf(msg, msg_size, "attach to invalid member %s(@idx %u) of struct %s", name,
			 idx, ops);
		return -EINVAL;
	}
	if (!desc->funcs[idx].stub) {
		snprintf(msg, msg_size, "attach to unsupported member %s of struct %s", name, ops);
		return -ENOTSUPP;
	}
	if (desc->st_ops->check_member) {
		err = desc->st_ops->check_member(desc->type, m, prog);
		if (err) {
			snprintf(msg, msg_size, "attach to unsupported member %s of struct %s",
				 name, ops);
			return err;
		}
	}
	prog->aux->attach_func_name = name;
	prog->aux->attach_func_proto = desc->funcs[idx].proto;
	return type_args(prog, &desc->funcs[idx]);
}

static int struct_ops_check_target(struct bpf_prog *prog, char *msg, size_t msg_size)
{
	const struct bpf_struct_ops_desc *desc = NULL;
	struct bpf_prog_aux *aux = prog->aux;
	struct module *mod = NULL;
	int err;

	if (!prog->gpl_compatible) {
		snprintf(msg, msg_size, "struct ops programs must have a GPL compatible license");
		return -EINVAL;
	}
	if (!aux->attach_btf_id) {
		snprintf(msg, msg_size, "struct ops programs need the type of their struct");
		return -ENOTSUPP;
	}
	if (aux->attach_btf)
		desc = bpf_struct_ops_get_type(aux->attach_btf, aux->attach_btf_id, &mod);
	if (!desc) {
		snprintf(msg, msg_size, "attach_btf_id %u is not a supported struct",
			 aux->attach_btf_id);
		return -ENOTSUPP;
	}
	/* Until the program is freed. */
	aux->mod = mod;
	err = check_member(desc, prog, msg, msg_size);
	if (!err)
		aux->info = &desc->info;
	return err;
}

/* ------------------------------------------------------------------ what it may do */

/**
 * bpf_base_func_proto - a helper that every program may call
 * @func_id: its number
 * @prog: the program being loaded
 *
 * Context: any. Return: the prototype, or NULL where @prog may not call it.
 */
const struct bpf_func_proto *bpf_base_func_proto(enum bpf_func_id func_id,
						 const struct bpf_prog *prog)
{
	return bpf_helper_find_in(&bpf_base_helpers, prog, func_id) ?:
	       bpf_helper_find_in(&bpf_perfmon_helpers, prog, func_id);
}
EXPORT_SYMBOL_GPL(bpf_base_func_proto);

/**
 * bpf_tracing_btf_ctx_access - an access to arguments as their function's prototype types them
 * @off: bytes from the first one
 * @size: bytes
 * @type: what is done
 * @prog: the program being loaded
 * @info: what a load yields
 *
 * Context: any. Return: true if it is allowed.
 */
bool bpf_tracing_btf_ctx_access(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	struct btf_ctx_arg arg;

	if (type != BPF_READ || !btf_ctx_access(off, size, prog, &arg, NULL, 0))
		return false;
	info->reg_type = arg.reg_type;
	info->btf = arg.btf;
	info->btf_id = arg.btf_id;
	return true;
}
EXPORT_SYMBOL_GPL(bpf_tracing_btf_ctx_access);

static const struct bpf_func_proto *struct_ops_helper(const struct bpf_prog *prog, u32 id)
{
	const struct bpf_verifier_ops *ops = desc_of(prog)->st_ops->verifier_ops;

	if (ops && ops->get_func_proto)
		return ops->get_func_proto(id, prog);
	return bpf_base_func_proto(id, prog);
}

static bool struct_ops_ctx_result(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
				  struct bpf_ctx_result *res)
{
	const struct bpf_verifier_ops *ops = desc_of(prog)->st_ops->verifier_ops;
	struct bpf_insn_access_aux info = { .reg_type = SCALAR_VALUE };
	enum bpf_access_type type = acc->write ? BPF_WRITE : BPF_READ;
	bool ok;

	if (ops && ops->is_valid_access)
		ok = ops->is_valid_access(acc->off, acc->size, type, prog, &info);
	else
		ok = bpf_tracing_btf_ctx_access(acc->off, acc->size, type, prog, &info);
	/* the rewriter has no code for writing an argument */
	if (!ok || acc->write)
		return false;
	res->reg_type = info.reg_type;
	res->btf = info.btf;
	res->btf_id = info.btf_id;
	return true;
}

static bool struct_ops_btf_store(const struct bpf_prog *prog, struct bpf_verifier_log *log,
				 struct btf *btf, u32 btf_id, int off, int size)
{
	const struct bpf_verifier_ops *ops = desc_of(prog)->st_ops->verifier_ops;
	struct bpf_reg_state reg = { .btf = btf, .btf_id = btf_id };

	return ops && ops->btf_struct_access && ops->btf_struct_access(log, &reg, off, size) >= 0;
}

const struct bpf_prog_type_info bpf_struct_ops_type = {
	.type = BPF_PROG_TYPE_STRUCT_OPS,
	.name = "struct_ops",
	.ctx_kind = BPF_CTX_BTF,
	.needs_perfmon = true,
	.can_sleep = true,
	.check_target = struct_ops_check_target,
};

/**
 * bpf_struct_ops_set_info - fill the row of a kind's programs in
 * @desc: the kind
 *
 * Context: any.
 */
void bpf_struct_ops_set_info(struct bpf_struct_ops_desc *desc)
{
	desc->info = bpf_struct_ops_type;
	desc->info.helper = struct_ops_helper;
	desc->info.ctx_result = struct_ops_ctx_result;
	desc->info.btf_store = struct_ops_btf_store;
}
