// SPDX-License-Identifier: GPL-2.0
/* A handful of types and kernel functions: number iterators, RCU and preemption sections. */
#include "vshim.h"
#include "btf/btf.h"
#include "verifier/verifier.h"

static const char strings[] = "\0int\0bpf_iter_num\0it\0start\0end\0bpf_iter_num_new\0"
	"bpf_iter_num_next\0bpf_iter_num_destroy\0bpf_rcu_read_lock\0bpf_rcu_read_unlock\0"
	"bpf_preempt_disable\0bpf_preempt_enable";

enum { T_VOID, T_INT, T_ITER, T_PTR_ITER, T_PTR_INT, T_NEW, T_NEXT, T_DESTROY, T_NONE, T_NR };

#define INFO(kind, vlen) ((kind) << 24 | (vlen))

static const struct {
	struct btf_type t;
	union {
		u32 bits;
		struct btf_param params[3];
	};
} types[T_NR] = {
	[T_INT] = { { 1, INFO(BTF_KIND_INT, 0), { 4 } },
		    .bits = BTF_INT_SIGNED << 24 | 32 },
	[T_ITER] = { { 5, INFO(BTF_KIND_STRUCT, 0), { 8 } } },
	[T_PTR_ITER] = { { 0, INFO(BTF_KIND_PTR, 0), { T_ITER } } },
	[T_PTR_INT] = { { 0, INFO(BTF_KIND_PTR, 0), { T_INT } } },
	[T_NEW] = { { 0, INFO(BTF_KIND_FUNC_PROTO, 3), { T_INT } },
		    .params = { { 18, T_PTR_ITER }, { 21, T_INT }, { 27, T_INT } } },
	[T_NEXT] = { { 0, INFO(BTF_KIND_FUNC_PROTO, 1), { T_PTR_INT } },
		     .params = { { 18, T_PTR_ITER } } },
	[T_DESTROY] = { { 0, INFO(BTF_KIND_FUNC_PROTO, 1), { T_VOID } },
			.params = { { 18, T_PTR_ITER } } },
	[T_NONE] = { { 0, INFO(BTF_KIND_FUNC_PROTO, 0), { T_VOID } } },
};

#define BTF_OBJECT ((struct btf *)&types)
#define KFUNC(nr, fl, p, n) \
	{ .btf_id = nr, .flags = fl, .btf = BTF_OBJECT, .proto = &types[p].t, .name = n, \
	  .allowed = true }

static const struct bpf_kfunc_desc kfuncs[] = {
	KFUNC(1, KF_ITER_NEW, T_NEW, "bpf_iter_num_new"),
	KFUNC(2, KF_ITER_NEXT | KF_RET_NULL, T_NEXT, "bpf_iter_num_next"),
	KFUNC(3, KF_ITER_DESTROY, T_DESTROY, "bpf_iter_num_destroy"),
	KFUNC(4, 0, T_NONE, "bpf_rcu_read_lock"),
	KFUNC(5, 0, T_NONE, "bpf_rcu_read_unlock"),
	KFUNC(6, 0, T_NONE, "bpf_preempt_disable"),
	KFUNC(7, 0, T_NONE, "bpf_preempt_enable"),
};

const struct bpf_kfunc_desc *bpf_kfunc_find(const struct bpf_verifier_env *env, u32 btf_id, s16 off)
{
	return btf_id && btf_id <= ARRAY_SIZE(kfuncs) ? &kfuncs[btf_id - 1] : NULL;
}

const struct btf_type *btf_type_by_id(const struct btf *btf, u32 id)
{
	return btf == BTF_OBJECT && id < T_NR ? &types[id].t : NULL;
}

const struct btf_type *btf_type_skip_modifiers(const struct btf *btf, u32 id, u32 *res)
{
	if (res)
		*res = id;
	return btf_type_by_id(btf, id);
}

const char *btf_name_by_offset(const struct btf *btf, u32 offset)
{
	return offset < sizeof(strings) ? strings + offset : NULL;
}

const char *btf_type_name(const struct btf *btf, const struct btf_type *t)
{
	return t ? btf_name_by_offset(btf, t->name_off) : "?";
}

const struct btf_type *btf_resolve_size(const struct btf *btf, const struct btf_type *t, u32 *size)
{
	if (!t || (!btf_type_is_int(t) && !btf_type_is_struct(t)))
		return ERR_PTR(-EINVAL);
	*size = t->size;
	return t;
}
