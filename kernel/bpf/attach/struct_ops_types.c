// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of kernel objects made of programs: what subsystems and modules have registered.
 *
 * vmlinux' kinds are registered while the kernel starts, before anybody needs its BTF: they wait
 * until the first one is asked for. A module's are looked at right away and go with the module.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "attach/struct_ops.h"
#include "attach/target.h"
#include "btf/btf.h"
#include "btf/kfuncs.h"

#define VALUE_PREFIX	"bpf_struct_ops_"
#define NULLABLE	"__nullable"

/* Longest name of a struct or of a stub. */
#define NAME_MAX_LEN	128

/* Kinds of vmlinux that wait. */
#define WAITING_MAX	16

static DEFINE_MUTEX(types_lock);	/* all that follow */
static LIST_HEAD(types);
static struct bpf_struct_ops *waiting[WAITING_MAX];
static u32 nr_waiting;

/* ------------------------------------------------------------------ reading a struct */

static void desc_free(struct bpf_struct_ops_desc *desc)
{
	u32 i;

	for (i = 0; i < desc->nr; i++)
		kfree(desc->funcs[i].args);
	kfree(desc);
}

/* The prototype that a pointer to a function has; NULL for other members. */
static const struct btf_type *member_proto(const struct btf *btf, const struct btf_member *m)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, m->type, NULL);

	if (!t || !btf_type_is_ptr(t))
		return NULL;
	t = btf_type_skip_modifiers(btf, t->type, NULL);
	return t && btf_type_is_func_proto(t) ? t : NULL;
}

/* Number of the last of several parameters is of no interest, only that each is one word. */
static int nullable_arg(const struct bpf_struct_ops_desc *desc, const struct btf_param *p, u32 nr,
			struct bpf_ctx_arg_aux *arg)
{
	const struct btf_type *t = btf_type_skip_modifiers(desc->btf, p->type, NULL);
	u32 id;

	if (!t || !btf_type_is_ptr(t))
		return -EINVAL;
	t = btf_type_skip_modifiers(desc->btf, t->type, &id);
	if (!t || !btf_type_is_struct(t))
		return -EINVAL;
	arg->offset = nr * sizeof(u64);
	arg->reg_type = PTR_TO_BTF_ID | PTR_TRUSTED | PTR_MAYBE_NULL;
	arg->btf = desc->btf;
	arg->btf_id = id;
	return 0;
}

/* What the names of a stub's parameters say. */
static int read_stub(struct bpf_struct_ops_desc *desc, struct bpf_struct_ops_func *func,
		     const char *stub)
{
	const struct btf_type *t, *proto;
	const struct btf_param *params;
	s32 id = btf_find_by_name_kind(desc->btf, stub, BTF_KIND_FUNC);
	u32 i, nr;
	int err;

	/* a stub of another name says nothing about parameters */
	if (id < 0)
		return 0;
	t = btf_type_by_id(desc->btf, id);
	proto = btf_type_by_id(desc->btf, t->type);
	nr = btf_vlen(proto);
	if (nr != btf_vlen(func->proto))
		return -EINVAL;
	params = btf_params(proto);
	for (i = 0; i < nr; i++) {
		const char *name = btf_name_by_offset(desc->btf, params[i].name_off);
		size_t len = name ? strlen(name) : 0, tail = sizeof(NULLABLE) - 1;

		if (len <= tail || strcmp(name + len - tail, NULLABLE))
			continue;
		if (!func->args)
			func->args = kcalloc(nr, sizeof(*func->args), GFP_KERNEL);
		if (!func->args)
			return -ENOMEM;
		err = nullable_arg(desc, &params[i], i, &func->args[func->nr_args]);
		if (err)
			return err;
		func->nr_args++;
	}
	return 0;
}

static bool has_stub(const struct bpf_struct_ops *st_ops, const struct btf_type *t,
		     const struct btf_member *m)
{
	u32 at = __btf_member_bit_offset(t, m) / 8;

	return st_ops->cfi_stubs && *(void **)((char *)st_ops->cfi_stubs + at);
}

static int read_member(struct bpf_struct_ops_desc *desc, const struct btf_member *m,
		       struct bpf_struct_ops_func *func)
{
	const char *name = btf_name_by_offset(desc->btf, m->name_off);
	char stub[NAME_MAX_LEN];
	int err;

	func->proto = member_proto(desc->btf, m);
	func->stub = func->proto && has_stub(desc->st_ops, desc->type, m);
	if (!func->stub)
		return 0;
	err = bpf_func_model_make(desc->btf, func->proto, name, &func->model, NULL, 0);
	if (err)
		return err;
	if (snprintf(stub, sizeof(stub), "%s__%s", desc->st_ops->name, name) >= (int)sizeof(stub))
		return -E2BIG;
	return read_stub(desc, func, stub);
}

/* The value's object has to stand where maps put it, and be the struct. */
static int check_value(const struct bpf_struct_ops_desc *desc)
{
	const struct btf_type *value = desc->value_type;
	const struct btf_member *m;
	u32 i;

	for_each_member(i, value, m) {
		if (m->type != desc->type_id)
			continue;
		if (__btf_member_bit_offset(value, m) !=
		    8 * offsetof(struct bpf_struct_ops_value, data))
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

static int read_struct(struct bpf_struct_ops_desc *desc)
{
	const struct btf_member *m;
	u32 i;
	int err;

	err = check_value(desc);
	if (err)
		return err;
	for_each_member(i, desc->type, m) {
		/* programs and data stand in whole bytes */
		if (__btf_member_bitfield_size(desc->type, m) ||
		    __btf_member_bit_offset(desc->type, m) % 8)
			return -EOPNOTSUPP;
		err = read_member(desc, m, &desc->funcs[i]);
		if (err)
			return err;
	}
	return 0;
}

static struct bpf_struct_ops_desc *desc_new(struct bpf_struct_ops *st_ops, struct btf *btf)
{
	struct bpf_struct_ops_desc *desc;
	const struct btf_type *t;
	char name[NAME_MAX_LEN];
	s32 id, value_id;
	int err;

	if (snprintf(name, sizeof(name), VALUE_PREFIX "%s", st_ops->name) >= (int)sizeof(name))
		return ERR_PTR(-E2BIG);
	id = btf_find_by_name_kind(btf, st_ops->name, BTF_KIND_STRUCT);
	value_id = btf_find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	if (id < 0 || value_id < 0)
		return ERR_PTR(-ENOENT);
	t = btf_type_by_id(btf, id);
	desc = kzalloc(struct_size(desc, funcs, btf_vlen(t)), GFP_KERNEL);
	if (!desc)
		return ERR_PTR(-ENOMEM);
	desc->st_ops = st_ops;
	desc->btf = btf;
	desc->type = t;
	desc->type_id = id;
	desc->value_type = btf_type_by_id(btf, value_id);
	desc->value_id = value_id;
	desc->nr = btf_vlen(t);
	err = read_struct(desc);
	if (!err && st_ops->init)
		err = st_ops->init(btf);
	if (err) {
		desc_free(desc);
		return ERR_PTR(err);
	}
	bpf_struct_ops_set_info(desc);
	return desc;
}

/* ------------------------------------------------------------------ the list */

static int add_locked(struct bpf_struct_ops *st_ops, struct btf *btf)
{
	struct bpf_struct_ops_desc *desc = desc_new(st_ops, btf), *other;

	if (IS_ERR(desc)) {
		pr_warn("bpf: struct %s cannot be made of programs: %ld\n", st_ops->name,
			PTR_ERR(desc));
		return PTR_ERR(desc);
	}
	list_for_each_entry(other, &types, node) {
		if (other->btf == btf && other->type_id == desc->type_id) {
			desc_free(desc);
			return -EEXIST;
		}
	}
	list_add_tail(&desc->node, &types);
	return 0;
}

static void add_waiting(void)
{
	struct btf *btf;
	u32 i;

	if (!nr_waiting)
		return;
	btf = bpf_get_btf_vmlinux();
	if (IS_ERR_OR_NULL(btf))
		return;
	for (i = 0; i < nr_waiting; i++)
		add_locked(waiting[i], btf);
	nr_waiting = 0;
}

/**
 * __register_bpf_struct_ops - see register_bpf_struct_ops()
 * @st_ops: the kind of objects
 *
 * Context: process; may sleep; initcalls and modules' initialisation.
 * Return: 0; -E2BIG, -EEXIST, -ENOENT where BTF does not have the struct, -EINVAL, -EOPNOTSUPP for
 * one that programs cannot make, -ENOMEM.
 */
int __register_bpf_struct_ops(struct bpf_struct_ops *st_ops)
{
	struct btf *btf;
	int err = 0;

	mutex_lock(&types_lock);
	if (!st_ops->owner) {
		if (nr_waiting == WAITING_MAX)
			err = -E2BIG;
		else
			waiting[nr_waiting++] = st_ops;
	} else {
		btf = btf_of_module(st_ops->owner);
		/* without BTF nobody can name the struct */
		if (btf)
			err = add_locked(st_ops, btf);
		/* the descriptor goes before the module's own reference */
		btf_put(btf);
	}
	mutex_unlock(&types_lock);
	return err;
}
EXPORT_SYMBOL_GPL(__register_bpf_struct_ops);

static const struct bpf_struct_ops_desc *find_locked(const struct btf *btf, u32 id, bool value)
{
	const struct bpf_struct_ops_desc *desc;

	add_waiting();
	list_for_each_entry(desc, &types, node) {
		if (desc->btf == btf && (value ? desc->value_id : desc->type_id) == id)
			return desc;
	}
	return NULL;
}

static const struct bpf_struct_ops_desc *desc_get(struct btf *btf, u32 id, bool value,
						  struct module **mod)
{
	const struct bpf_struct_ops_desc *desc;

	*mod = NULL;
	mutex_lock(&types_lock);
	desc = find_locked(btf, id, value);
	if (desc && btf_is_module(btf)) {
		*mod = btf_try_get_module(btf);
		if (!*mod)
			desc = NULL;
	}
	mutex_unlock(&types_lock);
	return desc;
}

/**
 * bpf_struct_ops_get_type - the kind of objects of a struct
 * @btf: BTF of vmlinux or a module
 * @type_id: the struct
 * @mod: gets the module with a reference, NULL for vmlinux
 *
 * Context: process; may sleep.
 * Return: the descriptor, which stays as long as @mod; NULL: the struct is none, or its module is
 * going.
 */
const struct bpf_struct_ops_desc *bpf_struct_ops_get_type(struct btf *btf, u32 type_id,
							  struct module **mod)
{
	return desc_get(btf, type_id, false, mod);
}

/**
 * bpf_struct_ops_get_value - the kind of objects that a map's values hold
 * @btf: BTF of vmlinux or a module
 * @value_id: type of the value
 * @mod: gets the module with a reference, NULL for vmlinux
 *
 * Context: process; may sleep.
 * Return: as bpf_struct_ops_get_type().
 */
const struct bpf_struct_ops_desc *bpf_struct_ops_get_value(struct btf *btf, u32 value_id,
							   struct module **mod)
{
	return desc_get(btf, value_id, true, mod);
}

#ifdef CONFIG_MODULES
/* Maps and programs of a kind hold its module: none is left. */
static int module_going(struct notifier_block *nb, unsigned long op, void *data)
{
	struct bpf_struct_ops_desc *desc, *tmp;

	if (op != MODULE_STATE_GOING)
		return NOTIFY_OK;
	mutex_lock(&types_lock);
	list_for_each_entry_safe(desc, tmp, &types, node) {
		if (desc->st_ops->owner != data)
			continue;
		list_del(&desc->node);
		desc_free(desc);
	}
	mutex_unlock(&types_lock);
	return NOTIFY_OK;
}

/* Before BTF's own, which drops what descriptors borrow. */
static struct notifier_block module_nb = { .notifier_call = module_going, .priority = 1 };

static int __init struct_ops_init(void)
{
	return register_module_notifier(&module_nb);
}
fs_initcall(struct_ops_init);
#endif
