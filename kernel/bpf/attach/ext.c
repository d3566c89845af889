// SPDX-License-Identifier: GPL-2.0
/*
 * Extension programs: may one stand where a global function of another program stands.
 *
 * The verifier has held callers and body of the function to its prototype, so the two prototypes
 * must say the same to it.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "attach/ext.h"
#include "attach/target.h"
#include "btf/btf.h"
#include "prog/prog_type.h"

/**
 * bpf_ext_check_pair - may a program extend another one at all
 * @prog: extension
 * @dst: program with the function
 * @msg: on failure one line of reason
 * @msg_size: bytes of @msg
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int bpf_ext_check_pair(const struct bpf_prog *prog, const struct bpf_prog *dst, char *msg,
		       size_t msg_size)
{
	/* Chains of extensions could form a ring, and what traces is taken off by its image. */
	if (dst->type == BPF_PROG_TYPE_EXT) {
		snprintf(msg, msg_size, "Cannot recursively attach");
		return -EINVAL;
	}
	if (dst->type == BPF_PROG_TYPE_TRACING &&
	    (dst->expected_attach_type == BPF_TRACE_FENTRY ||
	     dst->expected_attach_type == BPF_TRACE_FEXIT)) {
		snprintf(msg, msg_size, "Cannot extend fentry/fexit");
		return -EINVAL;
	}
	return 0;
}

/* One side of a comparison: a type behind its qualifiers. */
struct side {
	const struct btf *btf;
	const struct btf_type *t;
};

static struct side side_of(const struct btf *btf, u32 id)
{
	return (struct side){ btf, btf_type_skip_modifiers(btf, id, NULL) };
}

static bool same_pointee(struct side a, struct side b)
{
	a = side_of(a.btf, a.t->type);
	b = side_of(b.btf, b.t->type);
	if (!a.t || !b.t || btf_kind(a.t) != btf_kind(b.t))
		return false;
	if (btf_type_is_struct(a.t))
		return a.t->size == b.t->size &&
		       !strcmp(btf_type_name(a.btf, a.t), btf_type_name(b.btf, b.t));
	if (btf_type_is_scalar(a.t) || btf_type_is_fwd(a.t))
		return btf_type_is_fwd(a.t) || a.t->size == b.t->size;
	return true;
}

static bool same_type(struct side a, struct side b)
{
	if (!a.t || !b.t)
		return false;
	if (btf_type_is_ptr(a.t) && btf_type_is_ptr(b.t))
		return same_pointee(a, b);
	if (btf_type_is_scalar(a.t) && btf_type_is_scalar(b.t))
		return a.t->size == b.t->size;
	return btf_type_is_void(a.t) && btf_type_is_void(b.t);
}

/* The extension's own prototype, from its first function record. */
static const struct btf_type *ext_proto(const struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux = prog->aux;
	const struct btf_type *func, *proto;

	if (!aux->btf || !aux->func_info_cnt ||
	    !btf_func_by_id(aux->btf, aux->func_info[0].type_id, &func, &proto))
		return NULL;
	return proto;
}

/**
 * bpf_ext_check_types - is an extension called as the function that it replaces
 * @prog: extension, its function records read
 * @target: the function
 * @msg: on failure one line of reason
 * @msg_size: bytes of @msg
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int bpf_ext_check_types(const struct bpf_prog *prog, const struct bpf_attach_target *target,
			char *msg, size_t msg_size)
{
	const struct btf_type *a = ext_proto(prog), *b = target->proto;
	const struct btf *abtf = prog->aux->btf, *bbtf = target->btf;
	u32 i;

	if (btf_func_linkage(btf_type_by_id(bbtf, target->btf_id)) != BTF_FUNC_GLOBAL) {
		snprintf(msg, msg_size, "%s() is not a global function", target->name);
		return -EINVAL;
	}
	if (!a) {
		snprintf(msg, msg_size, "Extension program has no BTF of its function");
		return -EINVAL;
	}
	if (btf_vlen(a) != btf_vlen(b)) {
		snprintf(msg, msg_size, "%s() has %u args while the extension has %u args",
			 target->name, btf_vlen(b), btf_vlen(a));
		return -EINVAL;
	}
	if (!same_type(side_of(abtf, a->type), side_of(bbtf, b->type))) {
		snprintf(msg, msg_size, "Return type of %s() doesn't match the extension's",
			 target->name);
		return -EINVAL;
	}
	for (i = 0; i < btf_vlen(a); i++) {
		if (same_type(side_of(abtf, btf_params(a)[i].type),
			      side_of(bbtf, btf_params(b)[i].type)))
			continue;
		snprintf(msg, msg_size, "arg%u in %s() doesn't match the extension's", i,
			 target->name);
		return -EINVAL;
	}
	return 0;
}

/**
 * bpf_ext_take_over - give an extension the context and helpers of the program that it extends
 * @prog: extension, being loaded
 * @dst: the other
 *
 * Context: any.
 */
void bpf_ext_take_over(struct bpf_prog *prog, const struct bpf_prog *dst)
{
	prog->aux->info = dst->aux->info;
	prog->aux->xdp_has_frags = dst->aux->xdp_has_frags;
	prog->sleepable = dst->sleepable;
}
