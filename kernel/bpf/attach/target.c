// SPDX-License-Identifier: GPL-2.0
/*
 * What programs that attach by BTF id attach to.
 *
 * Asked twice: when the program is loaded, to type its context, and when it is attached, for the
 * address. The target's owner is then held: by the program's attach_btf and mod, or its dst_prog.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#include "attach/ext.h"
#include "attach/iter.h"
#include "attach/target.h"
#include "btf/btf.h"
#include "btf/kfuncs.h"
#include "prog/prog_type.h"

#define TP_PREFIX	"btf_trace_"

/* What is being looked for, and where a failure is told. */
struct lookup {
	const struct bpf_prog *prog;
	struct bpf_attach_target *target;
	const struct btf_type *type;
	char *msg;
	size_t msg_size;
};

static __printf(2, 3) void say(struct lookup *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(l->msg, l->msg_size, fmt, args);
	va_end(args);
}

/* ------------------------------------------------------------------ functions of the kernel */

static int find_func(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;

	if (!btf_type_is_func(l->type)) {
		say(l, "attach_btf_id %u is not a function", target->btf_id);
		return -EINVAL;
	}
	target->proto = btf_type_by_id(target->btf, l->type->type);
	if (!target->proto || !btf_type_is_func_proto(target->proto))
		return -EINVAL;
	return 0;
}

static int find_addr(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;

	if (btf_is_module(target->btf)) {
		target->mod = btf_try_get_module(target->btf);
		if (target->mod)
			target->addr = find_kallsyms_symbol_value(target->mod, target->name);
	} else {
		target->addr = kallsyms_lookup_name(target->name);
	}
	if (target->addr)
		return 0;
	say(l, "The address of function %s cannot be found", target->name);
	return -ENOENT;
}

/* System calls run in process context with nothing held; others say so themselves. */
static bool func_may_sleep(const struct bpf_attach_target *target)
{
	if (btf_is_fmodret_sleepable(target->btf, target->btf_id))
		return true;
	return within_error_injection_list(target->addr) &&
	       (strstarts(target->name, "__x64_sys_") || strstarts(target->name, "__ia32_sys_"));
}

static bool func_ret_may_change(const struct bpf_attach_target *target)
{
	return strstarts(target->name, "security_") ||
	       within_error_injection_list(target->addr) ||
	       btf_is_fmodret(target->btf, target->btf_id);
}

static int check_func_tracing(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;
	enum bpf_attach_type type = l->prog->expected_attach_type;

	if (bpf_attach_denied(target->name)) {
		say(l, "Attaching tracing programs to function '%s' is rejected.", target->name);
		return -EINVAL;
	}
	if ((type == BPF_TRACE_FEXIT || type == BPF_MODIFY_RETURN) &&
	    bpf_attach_noreturn(target->name)) {
		say(l, "Attaching fexit/fmod_ret to __noreturn function '%s' is rejected.",
		    target->name);
		return -EINVAL;
	}
	if (type == BPF_MODIFY_RETURN && !func_ret_may_change(target)) {
		say(l, "%s() is not modifiable", target->name);
		return -EINVAL;
	}
	if (l->prog->sleepable && !func_may_sleep(target)) {
		say(l, "%s is not sleepable", target->name);
		return -EINVAL;
	}
	return 0;
}

static int resolve_func(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;
	int err;

	err = find_func(l);
	if (!err)
		err = bpf_func_model_make(target->btf, target->proto, target->name,
					  &target->model, l->msg, l->msg_size);
	if (!err)
		err = find_addr(l);
	return err ?: check_func_tracing(l);
}

static int resolve_lsm(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;
	int err;

	err = find_func(l);
	if (!err)
		err = bpf_lsm_check_target(l->prog, target->name, target->btf_id, l->msg,
					   l->msg_size);
	if (!err)
		err = bpf_func_model_make(target->btf, target->proto, target->name,
					  &target->model, l->msg, l->msg_size);
	return err ?: find_addr(l);
}

/* ------------------------------------------------------------------ tracepoints, iterators */

/* A typedef of a pointer to the prototype of the probe, whose first parameter is its own. */
static int resolve_tracepoint(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;
	const struct btf_type *t = l->type;

	if (l->prog->sleepable) {
		say(l, "Programs at tracepoints cannot be sleepable");
		return -EINVAL;
	}
	if (!btf_type_is_typedef(t)) {
		say(l, "attach_btf_id %u is not a typedef", target->btf_id);
		return -EINVAL;
	}
	if (!strstarts(target->name, TP_PREFIX)) {
		say(l, "attach_btf_id %u points to wrong type name %s", target->btf_id,
		    target->name);
		return -EINVAL;
	}
	target->name += sizeof(TP_PREFIX) - 1;
	target->tracepoint = true;
	t = btf_type_by_id(target->btf, t->type);
	if (!t || !btf_type_is_ptr(t))
		return -EINVAL;
	t = btf_type_by_id(target->btf, t->type);
	if (!t || !btf_type_is_func_proto(t))
		return -EINVAL;
	target->proto = t;
	return 0;
}

static int resolve_iter(struct lookup *l)
{
	int err = find_func(l);

	return err ?: bpf_iter_check_target(l->prog, l->target->name, l->msg, l->msg_size);
}

/* ------------------------------------------------------------------ functions of programs */

static int find_subprog(struct lookup *l)
{
	const struct bpf_prog_aux *aux = l->target->prog->aux;
	u32 i, nr = min(aux->func_info_cnt, aux->func_cnt ?: 1);

	for (i = 0; i < nr; i++) {
		if (aux->func_info[i].type_id == l->target->btf_id) {
			l->target->subprog = i;
			return 0;
		}
	}
	say(l, "Subprog %s doesn't exist", l->target->name);
	return -EINVAL;
}

static const struct bpf_prog *target_func(const struct bpf_attach_target *target)
{
	const struct bpf_prog_aux *aux = target->prog->aux;

	return aux->func_cnt ? aux->func[target->subprog] : target->prog;
}

/*
 * The verifier holds the callers of a global function to its prototype. Compilers change that of a
 * static one as they like, so that the verifier compares. A program has one argument.
 */
static bool func_types_hold(const struct lookup *l)
{
	const struct bpf_prog_aux *aux = l->target->prog->aux;
	const struct bpf_func_info_aux *info = aux->func_info_aux;
	u32 i = l->target->subprog;

	/* an extension is held to the function that it takes the place of */
	if (!i)
		return l->target->prog->type == BPF_PROG_TYPE_EXT ||
		       btf_vlen(l->target->proto) == 1;
	if (btf_func_linkage(l->type) == BTF_FUNC_GLOBAL)
		return true;
	return info && info[i].called && !info[i].types_differ;
}

static void model_unknown(struct bpf_attach_target *target)
{
	u32 i;

	target->proto = NULL;
	memset(&target->model, 0, sizeof(target->model));
	target->model.nr_args = MAX_BPF_FUNC_REG_ARGS;
	target->model.ret_size = sizeof(u64);
	for (i = 0; i < MAX_BPF_FUNC_REG_ARGS; i++)
		target->model.arg_size[i] = sizeof(u64);
}

static int check_prog_pair(struct lookup *l)
{
	const struct bpf_prog *prog = l->prog, *dst = l->target->prog;

	if (!dst->jited) {
		say(l, "Can attach to only JITed progs");
		return -EINVAL;
	}
	if (target_func(l->target)->aux->exception_cb) {
		say(l, "%s programs cannot attach to exception callback",
		    prog->type == BPF_PROG_TYPE_EXT ? "Extension" : "FENTRY/FEXIT");
		return -EINVAL;
	}
	if (prog->type == BPF_PROG_TYPE_EXT)
		return bpf_ext_check_pair(prog, dst, l->msg, l->msg_size);
	if (prog->expected_attach_type == BPF_MODIFY_RETURN) {
		say(l, "can't modify return codes of BPF programs");
		return -EINVAL;
	}
	if (prog->expected_attach_type != BPF_TRACE_FENTRY &&
	    prog->expected_attach_type != BPF_TRACE_FEXIT) {
		say(l, "Only FENTRY/FEXIT progs are attachable to another BPF prog");
		return -EINVAL;
	}
	/* One level of tracing the tracers; further ones could form a ring. */
	if (dst->type == BPF_PROG_TYPE_TRACING && dst->aux->attach_tracing_prog) {
		say(l, "Cannot recursively attach");
		return -EINVAL;
	}
	if (prog->sleepable) {
		say(l, "%s is not sleepable", l->target->name);
		return -EINVAL;
	}
	return 0;
}

static int resolve_prog_func(struct lookup *l)
{
	struct bpf_attach_target *target = l->target;
	int err;

	err = find_func(l);
	if (!err)
		err = find_subprog(l);
	if (!err)
		err = check_prog_pair(l);
	if (err)
		return err;
	target->addr = (unsigned long)target_func(target)->bpf_func;
	if (l->prog->type == BPF_PROG_TYPE_EXT)
		return bpf_ext_check_types(l->prog, target, l->msg, l->msg_size);
	if (!func_types_hold(l) ||
	    bpf_func_model_make(target->btf, target->proto, target->name, &target->model, NULL, 0))
		model_unknown(target);
	return 0;
}

/* ------------------------------------------------------------------ all of them */

static int (*const resolvers[__MAX_BPF_ATTACH_TYPE])(struct lookup *l) = {
	[BPF_TRACE_RAW_TP] = resolve_tracepoint,
	[BPF_TRACE_FENTRY] = resolve_func,
	[BPF_TRACE_FEXIT] = resolve_func,
	[BPF_MODIFY_RETURN] = resolve_func,
	[BPF_TRACE_ITER] = resolve_iter,
	[BPF_LSM_MAC] = resolve_lsm,
	[BPF_LSM_CGROUP] = resolve_lsm,
};

static int find_type(struct lookup *l, u32 btf_id)
{
	struct bpf_attach_target *target = l->target;

	if (!btf_id) {
		say(l, "Tracing programs must provide btf_id");
		return -EINVAL;
	}
	target->btf = target->prog ? target->prog->aux->btf : l->prog->aux->attach_btf;
	if (!target->btf) {
		say(l, "A program without BTF cannot be attached to");
		return -EINVAL;
	}
	l->type = btf_type_by_id(target->btf, btf_id);
	if (!l->type) {
		say(l, "attach_btf_id %u is invalid", btf_id);
		return -EINVAL;
	}
	target->btf_id = btf_id;
	target->name = btf_type_name(target->btf, l->type);
	if (!target->name || !target->name[0]) {
		say(l, "attach_btf_id %u doesn't have a name", btf_id);
		return -EINVAL;
	}
	return 0;
}

/**
 * bpf_attach_target_resolve - find what a program attaches to
 * @prog: the program; its type and expected attach type say how
 * @dst: program with the function, NULL: of the kernel
 * @btf_id: type in @dst's BTF or in @prog's attach_btf
 * @target: the answer, to be put with bpf_attach_target_put() on success
 * @msg: on failure one line of reason, or ""
 * @msg_size: bytes of @msg
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL; -ENOENT where the function has no address.
 */
int bpf_attach_target_resolve(const struct bpf_prog *prog, struct bpf_prog *dst, u32 btf_id,
			      struct bpf_attach_target *target, char *msg, size_t msg_size)
{
	struct lookup l = { .prog = prog, .target = target, .msg = msg, .msg_size = msg_size };
	int err;

	memset(target, 0, sizeof(*target));
	target->prog = dst;
	if (prog->type == BPF_PROG_TYPE_EXT && !dst) {
		say(&l, "Cannot replace kernel functions");
		return -EINVAL;
	}
	err = find_type(&l, btf_id);
	if (err)
		return err;
	if (dst)
		err = resolve_prog_func(&l);
	else if (prog->expected_attach_type < __MAX_BPF_ATTACH_TYPE &&
		 resolvers[prog->expected_attach_type])
		err = resolvers[prog->expected_attach_type](&l);
	else
		err = -EINVAL;
	if (err)
		bpf_attach_target_put(target);
	return err;
}

/**
 * bpf_attach_target_put - drop what a found target holds
 * @target: from bpf_attach_target_resolve()
 *
 * Context: process.
 */
void bpf_attach_target_put(struct bpf_attach_target *target)
{
	module_put(target->mod);
	target->mod = NULL;
}

/* ------------------------------------------------------------------ when loading */

/* Is an argument of a program's function the program's context? */
static bool is_ctx(const struct bpf_attach_target *target, u32 nr)
{
	const struct bpf_prog_type_info *info = target->prog->aux->info;
	const struct btf_type *t;

	if (!target->subprog && target->prog->type != BPF_PROG_TYPE_EXT)
		return true;
	t = btf_type_skip_modifiers(target->btf, btf_params(target->proto)[nr].type, NULL);
	return t && btf_type_is_ptr(t) && btf_ptr_names(target->btf, t, info->uctx_name);
}

/* Programs at the function see the kernel's side of the context. */
static int type_prog_ctx(struct bpf_prog *prog, const struct bpf_attach_target *target)
{
	const struct bpf_prog_type_info *info = target->prog->aux->info;
	u32 i, at = 0, nr = target->proto ? target->model.nr_args : 0;
	struct btf *vmlinux = bpf_get_btf_vmlinux();
	struct bpf_ctx_arg_aux *args;
	s32 id;

	if (!nr || !info->kctx_name || IS_ERR_OR_NULL(vmlinux))
		return 0;
	id = btf_find_by_name_kind(vmlinux, info->kctx_name, BTF_KIND_STRUCT);
	if (id < 0)
		return 0;
	args = kcalloc(nr, sizeof(*args), GFP_KERNEL);
	if (!args)
		return -ENOMEM;
	prog->aux->ctx_arg_info = args;
	for (i = 0; i < nr; at += bpf_model_arg_words(&target->model, i) * sizeof(u64), i++) {
		if (!is_ctx(target, i))
			continue;
		args->offset = at;
		args->reg_type = PTR_TO_BTF_ID;
		args->btf = vmlinux;
		args->btf_id = id;
		args++;
		prog->aux->ctx_arg_info_size++;
	}
	return 0;
}

static int take_prog_target(struct bpf_prog *prog, const struct bpf_attach_target *target)
{
	struct bpf_prog_aux *aux = prog->aux;
	struct bpf_prog *dst = target->prog;

	btf_get(target->btf);
	aux->attach_btf = target->btf;
	aux->saved_dst_prog_type = dst->type;
	aux->saved_dst_attach_type = dst->expected_attach_type;
	if (prog->type == BPF_PROG_TYPE_EXT) {
		bpf_ext_take_over(prog, dst);
		return 0;
	}
	aux->attach_tracing_prog = dst->type == BPF_PROG_TYPE_TRACING;
	return type_prog_ctx(prog, target);
}

/**
 * bpf_attach_target_check - find what a program being loaded attaches to, and type its context
 * @prog: the program, before it is verified
 * @msg: on failure one line of reason, or ""
 * @msg_size: bytes of @msg
 *
 * Context: process; may sleep.
 * Return: as bpf_attach_target_resolve(), -ENOMEM.
 */
int bpf_attach_target_check(struct bpf_prog *prog, char *msg, size_t msg_size)
{
	struct bpf_prog_aux *aux = prog->aux;
	struct bpf_attach_target target;
	int err;

	err = bpf_attach_target_resolve(prog, aux->dst_prog, aux->attach_btf_id, &target, msg,
					msg_size);
	if (err)
		return err;
	aux->attach_func_name = target.name;
	aux->attach_func_proto = target.proto;
	aux->attach_btf_trace = target.tracepoint;
	if (aux->dst_prog)
		err = take_prog_target(prog, &target);
	else if (prog->expected_attach_type == BPF_TRACE_ITER)
		err = bpf_iter_type_ctx(prog, target.name);
	/* Both are the program's until it is freed. */
	aux->mod = target.mod;
	return err;
}
