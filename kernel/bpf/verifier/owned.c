// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that programs allocate: who holds them.
 *
 * A pointer with a reference owns the object: the program has to drop it, store it in a map, or
 * insert it into a list or tree. Once inserted, the object belongs to that, and the pointer is
 * borrowed: it is good for as long as the lock that protects the list is held. A pointer that was
 * loaded from a map is good for as long as its RCU section lasts. Whatever the program does, memory
 * of an object stays until the RCU sections of its readers are over, so borrowed pointers may be
 * read and written; they may not be given away.
 */
#include <linux/string.h>
#include "btf/btf.h"
#include "helpers/objects.h"
#include "verifier/kfunc.h"

/**
 * reg_record - special fields of what a pointer points to
 * @reg: register
 *
 * Context: any. Return: the record, or NULL.
 */
const struct btf_record *reg_record(const struct bpf_reg *reg)
{
	if (base_type(reg->type) == PTR_TO_MAP_VALUE)
		return reg->map->record;
	return reg_is_allocated(reg) ? btf_struct_record(reg->btf, reg->btf_id) : NULL;
}

/**
 * reg_lock_id - tells elements and objects apart, for locks in them
 * @reg: pointer into one
 *
 * Context: any. Return: id; 0: the only value of its map.
 */
u32 reg_lock_id(const struct bpf_reg *reg)
{
	return reg_is_allocated(reg) && reg->ref_id ? reg->ref_id : reg->id;
}

static void forget_borrowed(struct bpf_reg *reg, void *arg)
{
	if (base_type(reg->type) == PTR_TO_BTF_ID && reg->type & NON_OWN_REF)
		reg_forget(arg, reg);
}

/**
 * state_forget_borrowed - the lock is gone: what was only borrowed must not be used any more
 * @env: environment
 *
 * Context: handlers.
 */
void state_forget_borrowed(struct bpf_verifier_env *env)
{
	state_for_each_reg(walk_state(env), forget_borrowed, env);
}

/**
 * state_in_less - is the walk in a function that a tree compares its objects with
 * @env: environment
 *
 * Context: handlers. Return: true if so.
 */
bool state_in_less(const struct bpf_verifier_env *env)
{
	const struct bpf_state *st = walk_state(env);
	u32 i;

	for (i = 1; i <= st->cur; i++)
		if (st->frame[i]->kind == FRAME_CALLBACK &&
		    insn_is_kfunc_call(env_insn(env, st->frame[i]->callsite)))
			return true;
	return false;
}

/**
 * kfunc_calls_back - is the instruction a call of a kernel function that calls back while it runs
 * @env: environment
 * @insn: any instruction
 *
 * Context: the walk. Return: true if so.
 */
bool kfunc_calls_back(const struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	const struct bpf_kfunc_desc *desc;

	if (!insn_is_kfunc_call(insn))
		return false;
	desc = bpf_kfunc_find(env, insn->imm, insn->off);
	return desc && !strcmp(desc->name, "bpf_rbtree_add_impl");
}

/* What the call gets in place of what the program gives has to be the same on all paths. */
static int note_object(struct bpf_verifier_env *env, const struct btf_record *rec, u32 arg)
{
	struct bpf_insn_aux *aux = walk_aux(env);

	if (aux->obj_known && (aux->obj_rec != rec || aux->obj_arg != arg))
		return bpf_reject(env, REJECT_INSN_POINTERS,
				  "same insn cannot be used with objects of different types");
	aux->obj_known = true;
	aux->obj_rec = rec;
	aux->obj_arg = arg;
	return 0;
}

/* ------------------------------------------------------------------ making */

static bool only_scalars(const struct btf *btf, const struct btf_type *t, u32 depth)
{
	const struct btf_member *m;
	const struct btf_type *mt;
	u32 i, id, size, n;

	for_each_member(i, t, m) {
		mt = btf_type_skip_modifiers(btf, m->type, NULL);
		if (mt && btf_type_is_array(mt)) {
			if (IS_ERR(btf_resolve_size_elem(btf, mt, &size, &id, &n)))
				return false;
			mt = btf_type_skip_modifiers(btf, id, NULL);
		}
		if (!mt || (!btf_type_is_scalar(mt) &&
			    (!__btf_type_is_struct(mt) || !depth ||
			     !only_scalars(btf, mt, depth - 1))))
			return false;
	}
	return true;
}

static int check_percpu_type(struct bpf_verifier_env *env, const struct btf *btf,
			     const struct btf_type *t, u32 id)
{
	if (!only_scalars(btf, t, 4))
		return bpf_reject(env, REJECT_OBJ_TYPE,
				  "bpf_percpu_obj_new type ID argument must be of a struct of scalars");
	if (btf_struct_record(btf, id))
		return bpf_reject(env, REJECT_OBJ_TYPE,
				  "bpf_percpu_obj_new type ID argument must not contain special fields");
	if (t->size > BPF_PERCPU_OBJ_MAX_SIZE)
		return bpf_reject(env, REJECT_OBJ_TYPE,
				  "bpf_percpu_obj_new type size (%u) is greater than %d", t->size,
				  BPF_PERCPU_OBJ_MAX_SIZE);
	return 0;
}

static int obj_new(struct bpf_verifier_env *env, struct kfunc_call *kc, bool percpu)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_1);
	struct btf *btf = env->prog->aux->btf;
	const struct btf_type *t;
	int err = walk_read_reg(env, BPF_REG_1);
	u64 id;

	if (err)
		return err;
	relevance_demand(env, env->insn_idx, 1 << BPF_REG_1);
	if (!reg_is_const(reg))
		return bpf_reject(env, REJECT_ARG_CONST, "R%u must be a known constant", BPF_REG_1);
	if (!btf)
		return bpf_reject(env, REJECT_OBJ_TYPE,
				  "bpf_obj_new/bpf_percpu_obj_new requires prog BTF");
	id = scalar_const_value(&reg->var);
	t = id && id <= S32_MAX ? btf_type_by_id(btf, id) : NULL;
	if (!t || !__btf_type_is_struct(t))
		return bpf_reject(env, REJECT_OBJ_TYPE,
				  "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct");
	err = percpu ? check_percpu_type(env, btf, t, id) : 0;
	if (!err && (!t->size || t->size > BPF_OBJ_MAX_SIZE))
		err = bpf_reject(env, REJECT_OBJ_TYPE, "bpf_obj_new type size (%u) is not 1 to %d",
				 t->size, BPF_OBJ_MAX_SIZE);
	if (!err)
		err = bpf_obj_prepare(t->size, percpu);
	if (!err)
		err = note_object(env, btf_struct_record(btf, id), t->size);
	kc->ret_btf = btf;
	kc->ret_id = id;
	kc->ret_flags = MEM_ALLOC | PTR_MAYBE_NULL | (percpu ? MEM_PERCPU : 0);
	return err;
}

int kfunc_obj_new(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	return obj_new(env, kc, false);
}

int kfunc_percpu_new(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	return obj_new(env, kc, true);
}

/* ------------------------------------------------------------------ owning */

/* An object, not known to be missing; @percpu: of which kind. */
static int check_object(struct bpf_verifier_env *env, const struct kfunc_call *kc, u32 regno,
			bool percpu)
{
	const struct bpf_reg *reg = walk_reg(env, regno);
	char name[64];
	int err = walk_read_reg(env, regno);

	if (err)
		return err;
	if (reg_is_null(reg) || type_may_be_null(reg->type))
		return bpf_reject(env, REJECT_ARG_NULL,
				  "Possibly NULL pointer passed to trusted arg%u", regno - 1);
	if (reg_is_allocated(reg) && !(reg->type & MEM_PERCPU) == !percpu)
		return 0;
	return bpf_reject(env, REJECT_OBJ_REF,
			  "arg#%u expected pointer to allocated object%s, but R%u is %s (%s)",
			  regno - 1, percpu ? " of all CPUs" : "", regno,
			  bpf_reg_type_str(name, reg->type), kc->desc->name);
}

static int check_owned(struct bpf_verifier_env *env, const struct kfunc_call *kc, u32 regno)
{
	if (walk_reg(env, regno)->ref_id)
		return 0;
	return bpf_reject(env, REJECT_OBJ_REF, "allocated object must be referenced (arg#%u of %s)",
			  regno - 1, kc->desc->name);
}

/* The pointer leads to the object's first byte. */
static int check_start(struct bpf_verifier_env *env, u32 regno)
{
	const struct bpf_reg *reg = walk_reg(env, regno);

	if (reg_off_const(reg) && !reg_const_off(reg))
		return 0;
	return bpf_reject(env, REJECT_ARG_OFFSET,
			  "R%u must have zero offset when passed to release func or trusted arg to kfunc",
			  regno);
}

static int obj_drop(struct bpf_verifier_env *env, struct kfunc_call *kc, bool percpu)
{
	int err;

	err = check_object(env, kc, BPF_REG_1, percpu);
	if (!err)
		err = check_owned(env, kc, BPF_REG_1);
	if (!err)
		err = check_start(env, BPF_REG_1);
	kc->release_ref = walk_reg(env, BPF_REG_1)->ref_id;
	return err;
}

int kfunc_obj_drop(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	return obj_drop(env, kc, false);
}

int kfunc_percpu_drop(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	return obj_drop(env, kc, true);
}

/* Who owns an object gets one more reference in any case; others may be too late. */
int kfunc_ref_acquire(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_1);
	int err;

	err = check_object(env, kc, BPF_REG_1, false);
	if (!err)
		err = check_start(env, BPF_REG_1);
	if (!err && !btf_record_has(reg_record(reg), BPF_REFCOUNT))
		err = bpf_reject(env, REJECT_OBJ_TYPE,
				 "arg#0 doesn't point to a type with bpf_refcount field");
	kc->ret_btf = reg->btf;
	kc->ret_id = reg->btf_id;
	kc->ret_flags = MEM_ALLOC | (reg->ref_id ? 0 : PTR_MAYBE_NULL);
	return err;
}

/* ------------------------------------------------------------------ lists and trees */

static const char *root_name(u32 type)
{
	return type == BPF_LIST_HEAD ? "bpf_list_head" : "bpf_rb_root";
}

static const char *node_name(u32 type)
{
	return type == BPF_LIST_HEAD ? "bpf_list_node" : "bpf_rb_node";
}

static bool lock_held(const struct bpf_state *st, const struct bpf_reg *reg)
{
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->refs[i].kind == REF_LOCK && st->refs[i].ptr == (void *)reg->map &&
		    st->refs[i].id == reg_lock_id(reg))
			return true;
	return false;
}

/* R1: a list head or tree root of a value or object whose lock is held. */
static int check_root(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 type)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_1);
	const struct btf_record *rec;
	const struct btf_field *f;
	char name[64];
	int err = walk_read_reg(env, BPF_REG_1);

	if (err)
		return err;
	if (type_may_be_null(reg->type) || reg->type & MEM_PERCPU ||
	    (base_type(reg->type) != PTR_TO_MAP_VALUE && !reg_is_allocated(reg)))
		return bpf_reject(env, REJECT_GRAPH_ROOT,
				  "arg#0 expected pointer to map value or allocated object, but R1 is %s",
				  bpf_reg_type_str(name, reg->type));
	if (!reg_off_const(reg))
		return bpf_reject(env, REJECT_GRAPH_ROOT,
				  "R1 doesn't have constant offset. %s has to be at the constant offset",
				  root_name(type));
	rec = reg_record(reg);
	f = reg_const_off(reg) >= 0 ? btf_record_find(rec, reg_const_off(reg), type) : NULL;
	if (!f || f->offset != reg_const_off(reg))
		return bpf_reject(env, REJECT_GRAPH_ROOT, "%s not found at offset=%lld",
				  root_name(type), reg_const_off(reg));
	if (!lock_held(walk_state(env), reg))
		return bpf_reject(env, REJECT_GRAPH_LOCK,
				  "bpf_spin_lock at off=%d must be held for %s", rec->spin_lock_off,
				  root_name(type));
	kc->call.field = f;
	return 0;
}

/* R2: the node of an object of the type that the list or tree holds. */
static int check_node(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct btf_field_graph *graph = &kc->call.field->graph;
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_2);
	const char *node = node_name(kc->call.field->type);
	int err;

	err = check_object(env, kc, BPF_REG_2, false);
	if (err)
		return err;
	if (!reg_off_const(reg))
		return bpf_reject(env, REJECT_GRAPH_NODE,
				  "R2 doesn't have constant offset. %s has to be at the constant offset",
				  node);
	if (reg->btf == graph->btf && reg->btf_id == graph->value_btf_id &&
	    reg_const_off(reg) == graph->node_offset)
		return 0;
	return bpf_reject(env, REJECT_GRAPH_NODE,
			  "operation on %s expects arg#1 %s at offset=%u in struct %s, but arg is at offset=%lld in struct %s",
			  root_name(kc->call.field->type), node, graph->node_offset,
			  btf_type_name(graph->btf,
					btf_type_by_id(graph->btf, graph->value_btf_id)),
			  reg_const_off(reg),
			  btf_type_name(reg->btf, btf_type_by_id(reg->btf, reg->btf_id)));
}

/* While a tree is compared with, it is half-way through a change. */
static int check_not_less(struct bpf_verifier_env *env, const struct kfunc_call *kc)
{
	if (!state_in_less(env))
		return 0;
	return bpf_reject(env, REJECT_LESS_CALL, "%s not allowed in rbtree cb", kc->desc->name);
}

static void set_node_result(struct kfunc_call *kc, u32 flags)
{
	const struct btf_field_graph *graph = &kc->call.field->graph;

	kc->ret_btf = graph->btf;
	kc->ret_id = graph->value_btf_id;
	kc->ret_off = graph->node_offset;
	kc->ret_flags = MEM_ALLOC | PTR_MAYBE_NULL | flags;
}

static int insert(struct bpf_verifier_env *env, struct kfunc_call *kc, u32 type)
{
	int err;

	err = check_root(env, kc, type);
	if (!err)
		err = check_node(env, kc);
	if (!err)
		err = check_owned(env, kc, BPF_REG_2);
	if (!err)
		err = check_not_less(env, kc);
	if (!err)
		err = note_object(env, NULL, kc->call.field->graph.node_offset);
	kc->insert_ref = walk_reg(env, BPF_REG_2)->ref_id;
	return err;
}

int kfunc_list_push(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	return insert(env, kc, BPF_LIST_HEAD);
}

int kfunc_list_pop(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	int err;

	err = check_root(env, kc, BPF_LIST_HEAD);
	if (!err)
		err = check_not_less(env, kc);
	if (!err)
		set_node_result(kc, 0);
	return err;
}

int kfunc_rbtree_add(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *less = walk_reg(env, BPF_REG_3);
	char name[64];
	int err;

	err = insert(env, kc, BPF_RB_ROOT);
	if (!err)
		err = walk_read_reg(env, BPF_REG_3);
	if (!err && base_type(less->type) != PTR_TO_FUNC)
		err = bpf_reject(env, REJECT_ARG_TYPE, "arg#2 of %s: R3 type=%s expected=func",
				 kc->desc->name, bpf_reg_type_str(name, less->type));
	kc->call.sub = less->subprog;
	kc->call.cb_node = walk_reg(env, BPF_REG_2);
	return err;
}

int kfunc_rbtree_remove(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	const struct bpf_reg *reg = walk_reg(env, BPF_REG_2);
	int err;

	err = check_root(env, kc, BPF_RB_ROOT);
	if (!err)
		err = check_node(env, kc);
	if (!err && (reg->ref_id || !(reg->type & NON_OWN_REF)))
		err = bpf_reject(env, REJECT_OBJ_REF,
				 "rbtree_remove node input must be non-owning ref");
	if (!err)
		err = check_not_less(env, kc);
	if (!err)
		set_node_result(kc, 0);
	return err;
}

int kfunc_rbtree_first(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	int err;

	err = check_root(env, kc, BPF_RB_ROOT);
	if (!err)
		set_node_result(kc, NON_OWN_REF);
	return err;
}

struct lend {
	u32 ref_id;
};

static void lend_one(struct bpf_reg *reg, void *arg)
{
	const struct lend *lend = arg;

	if (!reg_is_pointer(reg) || reg->ref_id != lend->ref_id)
		return;
	reg->ref_id = 0;
	reg->id = lend->ref_id;
	reg->type |= NON_OWN_REF;
}

/**
 * kfunc_insert - a list or tree takes an object over: the program's pointers are borrowed now
 * @env: environment
 * @kc: the call, arguments checked
 *
 * Context: calls. Return: 0 or -errno.
 */
int kfunc_insert(struct bpf_verifier_env *env, struct kfunc_call *kc)
{
	struct lend lend = { kc->insert_ref };

	if (state_release_ref(env, kc->insert_ref))
		return bpf_reject(env, REJECT_ARG_RELEASE,
				  "kfunc %s reference has not been acquired before",
				  kc->desc->name);
	state_for_each_reg(walk_state(env), lend_one, &lend);
	return 0;
}
