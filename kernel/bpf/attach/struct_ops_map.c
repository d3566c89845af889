// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel objects made of programs, as maps of one element.
 *
 * Writing the element makes the object: each function that is given as the fd of a program becomes
 * a trampoline that calls it, other members are taken over by the kind's owner. Without BPF_F_LINK
 * the object is then given to its subsystem, until the element is deleted; with it, links do that.
 *
 * The subsystem's users hold the map through bpf_struct_ops_get(). An element is written once: what
 * user space reads out again is set before the state that shows it.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "attach/attach.h"
#include "attach/struct_ops.h"
#include "attach/tramp.h"
#include "btf/btf.h"
#include "maps/maps.h"

struct st_map;

/*
 * struct st_object - the memory of an object, by pages
 * @owner: map that it is the value of; how the object finds back
 */
struct st_object {
	struct st_map *owner;
	struct bpf_struct_ops_value value;
};

/**
 * struct st_func - a function of the object
 * @prog: the program, with a reference
 * @image: code that calls it
 */
struct st_func {
	struct bpf_prog *prog;
	struct bpf_tramp_image *image;
};

/**
 * struct st_map - a map
 * @map: common part
 * @lock: writers of all that follows
 * @desc: the kind of objects
 * @mod: module of the kind, with a reference, or NULL
 * @obj: the object; its state may be read without the lock
 * @uvalue: the value as it is read, ids in the place of functions; value_size bytes
 * @old: code on its way out
 * @funcs: for each member of the struct
 */
struct st_map {
	struct bpf_map map;
	struct mutex lock;		/* see above */
	const struct bpf_struct_ops_desc *desc;
	struct module *mod;
	struct st_object *obj;
	struct bpf_struct_ops_value *uvalue;
	struct list_head old;
	struct st_func funcs[];
};

static struct st_map *st_map(const struct bpf_map *map)
{
	return container_of(map, struct st_map, map);
}

static enum bpf_struct_ops_state state_get(const struct st_map *st)
{
	/* what was written before is seen */
	return smp_load_acquire(&st->obj->value.common.state);
}

static void state_set(struct st_map *st, enum bpf_struct_ops_state state)
{
	/* shows what was written before */
	smp_store_release(&st->obj->value.common.state, state);
}

static void *st_data(const struct st_map *st)
{
	return st->obj->value.data;
}

/* ------------------------------------------------------------------ references */

static struct bpf_map *map_of_data(const void *kdata)
{
	const struct bpf_struct_ops_value *value =
		container_of(kdata, struct bpf_struct_ops_value, data[0]);

	return &container_of(value, struct st_object, value)->owner->map;
}

/**
 * bpf_struct_ops_get - take a reference to the map that a kernel object of programs lives in
 * @kdata: the object
 *
 * Context: any; under RCU where the object may be on its way out.
 * Return: false: it is on its way out.
 */
bool bpf_struct_ops_get(const void *kdata)
{
	return !IS_ERR(bpf_map_inc_not_zero(map_of_data(kdata)));
}
EXPORT_SYMBOL_GPL(bpf_struct_ops_get);

/**
 * bpf_struct_ops_put - drop what bpf_struct_ops_get() took
 * @kdata: the object
 *
 * Context: any but NMI.
 */
void bpf_struct_ops_put(const void *kdata)
{
	bpf_map_put(map_of_data(kdata));
}
EXPORT_SYMBOL_GPL(bpf_struct_ops_put);

/* ------------------------------------------------------------------ making an object */

/* Code that calls a program with the arguments that it was itself called with. */
static struct bpf_tramp_image *func_image(const struct st_map *st, u32 i, struct bpf_prog *prog)
{
	static const struct bpf_attach_target no_target;
	const struct bpf_struct_ops_desc *desc = st->desc;
	const struct btf_member *m = &btf_type_member(desc->type)[i];
	struct bpf_tramp_image *image;
	struct bpf_tramp_plan *plan;
	char name[KSYM_NAME_LEN];

	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return ERR_PTR(-ENOMEM);
	plan->model = &desc->funcs[i].model;
	plan->measure_flag = &bpf_stats_enabled_key.key.enabled.counter;
	plan->nr = 1;
	plan->calls[0].prog = prog;
	plan->calls[0].kind = BPF_TRAMP_FMOD_RET;
	bpf_tramp_sections(&plan->calls[0], bpf_prog_is_bare(prog), false);
	snprintf(name, sizeof(name), "bpf__%s_%s", desc->st_ops->name,
		 btf_name_by_offset(desc->btf, m->name_off));
	image = bpf_tramp_image_new(plan, &no_target, name);
	kfree(plan);
	return image;
}

static bool prog_fits(const struct st_map *st, const struct bpf_prog *prog, u32 i)
{
	return prog->type == BPF_PROG_TYPE_STRUCT_OPS &&
	       prog->aux->info == &st->desc->info && prog->expected_attach_type == i;
}

/* User space wrote an fd in the place of the function. */
static int set_func(struct st_map *st, u32 i, u32 at, const char *udata)
{
	unsigned long fd = *(const unsigned long *)(udata + at);
	struct bpf_tramp_image *image;
	struct bpf_prog *prog;

	if (!fd)
		return 0;
	if (fd > INT_MAX)
		return -EINVAL;
	prog = bpf_prog_get(fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (!prog_fits(st, prog, i)) {
		bpf_prog_put(prog);
		return -EINVAL;
	}
	/* Whatever follows, it goes with the functions. */
	st->funcs[i].prog = prog;
	image = func_image(st, i, prog);
	if (IS_ERR(image))
		return PTR_ERR(image);
	st->funcs[i].image = image;
	*(void **)(st_data(st) + at) = image->text;
	*(unsigned long *)(st->uvalue->data + at) = prog->aux->id;
	return 0;
}

/* Objects of programs belong to their map, not to a module. */
static bool is_owner(const struct btf *btf, const struct btf_member *m)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, m->type, NULL);

	if (!t || !btf_type_is_ptr(t))
		return false;
	t = btf_type_skip_modifiers(btf, t->type, NULL);
	return t && __btf_type_is_struct(t) && !strcmp(btf_type_name(btf, t), "module");
}

static int set_plain(struct st_map *st, const struct btf_member *m, u32 at, const char *udata)
{
	const struct bpf_struct_ops_desc *desc = st->desc;
	const struct btf_type *t;
	u32 size;

	t = btf_type_by_id(desc->btf, m->type);
	if (!t || IS_ERR(btf_resolve_size(desc->btf, t, &size)))
		return -EINVAL;
	if (size && memchr_inv(udata + at, 0, size))
		return -EINVAL;
	if (is_owner(desc->btf, m))
		*(void **)(st_data(st) + at) = BPF_MODULE_OWNER;
	return 0;
}

static int set_member(struct st_map *st, u32 i, const char *udata)
{
	const struct bpf_struct_ops_desc *desc = st->desc;
	const struct btf_member *m = &btf_type_member(desc->type)[i];
	u32 at = __btf_member_bit_offset(desc->type, m) / 8;
	int ret = 0;

	if (desc->st_ops->init_member)
		ret = desc->st_ops->init_member(desc->type, m, st_data(st), udata);
	if (ret)
		return min(ret, 0);
	return desc->funcs[i].proto ? set_func(st, i, at, udata) : set_plain(st, m, at, udata);
}

/* Nothing stands between members, and in the part that is the map's own. */
static int check_holes(const struct st_map *st, const struct bpf_struct_ops_value *value)
{
	const struct bpf_struct_ops_desc *desc = st->desc;
	const struct btf_member *m;
	u32 i, at, size, end = 0;

	if (memchr_inv(value, 0, offsetof(struct bpf_struct_ops_value, data)))
		return -EINVAL;
	for_each_member(i, desc->type, m) {
		at = __btf_member_bit_offset(desc->type, m) / 8;
		if (at > end && memchr_inv(value->data + end, 0, at - end))
			return -EINVAL;
		if (IS_ERR(btf_resolve_size(desc->btf, btf_type_by_id(desc->btf, m->type), &size)))
			return -EINVAL;
		end = max(end, at + size);
	}
	size = st->map.value_size - offsetof(struct bpf_struct_ops_value, data);
	return size > end && memchr_inv(value->data + end, 0, size - end) ? -EINVAL : 0;
}

/* Code that may still be run holds its program; no other way leads to those dropped here. */
static void drop_funcs(struct st_map *st)
{
	u32 i;

	for (i = 0; i < st->desc->nr; i++) {
		if (st->funcs[i].image)
			bpf_tramp_image_retire(st->funcs[i].image, &st->old);
		if (st->funcs[i].prog)
			bpf_prog_put(st->funcs[i].prog);
	}
	memset(st->funcs, 0, array_size(st->desc->nr, sizeof(st->funcs[0])));
}

static int make_object(struct st_map *st, const struct bpf_struct_ops_value *value)
{
	u32 i, size = st->map.value_size;
	int err = check_holes(st, value);

	memcpy(st->uvalue, value, size);
	for (i = 0; !err && i < st->desc->nr; i++)
		err = set_member(st, i, value->data);
	if (!err && st->desc->st_ops->validate)
		err = st->desc->st_ops->validate(st_data(st));
	return err;
}

static void forget_object(struct st_map *st)
{
	drop_funcs(st);
	memset(&st->obj->value, 0, st->map.value_size);
	memset(st->uvalue, 0, st->map.value_size);
}

/* ------------------------------------------------------------------ the element */

static int st_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			 u64 flags)
{
	struct st_map *st = st_map(map);
	int err;

	if (flags)
		return -EINVAL;
	if (*(u32 *)key)
		return -E2BIG;
	mutex_lock(&st->lock);
	err = -EBUSY;
	if (state_get(st) != BPF_STRUCT_OPS_STATE_INIT)
		goto unlock;
	err = make_object(st, value);
	if (!err && map->map_flags & BPF_F_LINK) {
		state_set(st, BPF_STRUCT_OPS_STATE_READY);
		goto unlock;
	}
	if (!err) {
		/* It is the subsystem's own until the element is deleted. */
		bpf_map_inc(map);
		/* Users may come as soon as it is registered. */
		state_set(st, BPF_STRUCT_OPS_STATE_INUSE);
		err = st->desc->st_ops->reg(st_data(st), NULL);
		if (err)
			bpf_map_put(map);
	}
	if (err)
		forget_object(st);
unlock:
	mutex_unlock(&st->lock);
	return err;
}

static long st_delete(struct bpf_map *map, void *key)
{
	struct st_map *st = st_map(map);
	long err = 0;

	if (*(u32 *)key)
		return -ENOENT;
	/* Links give it back. */
	if (map->map_flags & BPF_F_LINK)
		return -EOPNOTSUPP;
	mutex_lock(&st->lock);
	switch (state_get(st)) {
	case BPF_STRUCT_OPS_STATE_INUSE:
		state_set(st, BPF_STRUCT_OPS_STATE_TOBEFREE);
		st->desc->st_ops->unreg(st_data(st), NULL);
		break;
	case BPF_STRUCT_OPS_STATE_TOBEFREE:
		err = -EINPROGRESS;
		break;
	default:
		err = -ENOENT;
		break;
	}
	mutex_unlock(&st->lock);
	if (!err)
		bpf_map_put(map);
	return err;
}

static int st_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct st_map *st = st_map(map);
	struct bpf_struct_ops_value *copy = value;
	enum bpf_struct_ops_state state = state_get(st);
	s64 users;

	if (*(u32 *)key)
		return -ENOENT;
	memset(value, 0, map->value_size);
	if (state == BPF_STRUCT_OPS_STATE_INIT)
		return 0;
	memcpy(value, st->uvalue, map->value_size);
	/* Those who are no user space: the subsystem and what uses the object. */
	users = atomic64_read(&map->refcnt) - atomic64_read(&map->usercnt);
	copy->common.state = state;
	refcount_set(&copy->common.refcnt, max_t(s64, users, 0));
	return 0;
}

static int st_next_key(struct bpf_map *map, void *key, void *next_key)
{
	if (key && !*(u32 *)key)
		return -ENOENT;
	*(u32 *)next_key = 0;
	return 0;
}

static void st_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	void *value = kvzalloc(map->value_size, GFP_USER | __GFP_NOWARN);

	if (!value)
		return;
	if (!st_copy_value(map, key, value, 0)) {
		btf_type_seq_show(st_map(map)->desc->btf, map->btf_vmlinux_value_type_id, value, m);
		seq_putc(m, '\n');
	}
	kvfree(value);
}

/* ------------------------------------------------------------------ the map */

static int st_alloc_check(const union bpf_attr *attr)
{
	if (attr->key_size != sizeof(u32) || attr->max_entries != 1 ||
	    attr->map_flags & ~(BPF_F_LINK | BPF_F_VTYPE_BTF_OBJ_FD) ||
	    !attr->btf_vmlinux_value_type_id)
		return -EINVAL;
	return 0;
}

/* The BTF that has the value's type, with a reference. */
static struct btf *value_btf(const union bpf_attr *attr)
{
	struct btf *btf;

	if (attr->map_flags & BPF_F_VTYPE_BTF_OBJ_FD) {
		btf = btf_get_by_fd(attr->value_type_btf_obj_fd);
		if (!IS_ERR(btf) && !btf_is_module(btf)) {
			btf_put(btf);
			btf = ERR_PTR(-EINVAL);
		}
		return btf;
	}
	btf = bpf_get_btf_vmlinux();
	if (!btf)
		return ERR_PTR(-EOPNOTSUPP);
	if (!IS_ERR(btf))
		btf_get(btf);
	return btf;
}

static void st_free(struct bpf_map *map)
{
	struct st_map *st = st_map(map);

	drop_funcs(st);
	bpf_tramp_images_forget(&st->old);
	vfree(st->obj);
	bpf_map_area_free(st->uvalue);
	module_put(st->mod);
	bpf_map_area_free(st);
}

static struct st_map *st_new(const struct bpf_struct_ops_desc *desc, struct module *mod)
{
	u32 size = desc->value_type->size;
	struct st_map *st;

	st = bpf_map_area_alloc(struct_size(st, funcs, desc->nr), NUMA_NO_NODE);
	if (!st)
		return NULL;
	st->desc = desc;
	st->mod = mod;
	mutex_init(&st->lock);
	INIT_LIST_HEAD(&st->old);
	st->uvalue = bpf_map_area_alloc(size, NUMA_NO_NODE);
	/* by pages, and so aligned as the object may want to be */
	st->obj = __vmalloc(offsetof(struct st_object, value) + size,
			    GFP_USER | __GFP_ZERO | __GFP_ACCOUNT);
	if (st->uvalue && st->obj) {
		st->obj->owner = st;
		return st;
	}
	st->mod = NULL;
	st_free(&st->map);
	return NULL;
}

static struct bpf_map *st_alloc(const union bpf_attr *attr)
{
	const struct bpf_struct_ops_desc *desc;
	struct btf *btf = value_btf(attr);
	struct st_map *st = NULL;
	struct module *mod;
	int err = -ENOTSUPP;

	if (IS_ERR(btf))
		return ERR_CAST(btf);
	desc = bpf_struct_ops_get_value(btf, attr->btf_vmlinux_value_type_id, &mod);
	btf_put(btf);
	if (!desc)
		return ERR_PTR(err);
	err = -EINVAL;
	if (attr->value_size == desc->value_type->size) {
		err = -ENOMEM;
		st = st_new(desc, mod);
	}
	if (!st) {
		module_put(mod);
		return ERR_PTR(err);
	}
	bpf_map_init_from_attr(&st->map, attr);
	return &st->map;
}

static u64 st_mem_usage(const struct bpf_map *map)
{
	const struct st_map *st = st_map(map);
	u64 bytes = struct_size(st, funcs, st->desc->nr);
	u32 i;

	bytes += 2ULL * map->value_size + offsetof(struct st_object, value);
	for (i = 0; i < st->desc->nr; i++) {
		if (READ_ONCE(st->funcs[i].image))
			bytes += PAGE_SIZE;
	}
	return bytes;
}

BTF_ID_LIST_SINGLE(st_map_ids, struct, st_map)

const struct bpf_map_ops bpf_struct_ops_ops = {
	.alloc_check = st_alloc_check,
	.alloc = st_alloc,
	.free = st_free,
	.get_next_key = st_next_key,
	.copy_value = st_copy_value,
	.sys_update = st_sys_update,
	.delete_elem = st_delete,
	.show_elem = st_show_elem,
	.mem_usage = st_mem_usage,
	.map_btf_id = &st_map_ids[0],
};

/* ------------------------------------------------------------------ for links and info */

/**
 * bpf_struct_ops_map_data - the object in a map
 * @map: a map of struct ops
 *
 * Context: any. Return: the object as its subsystem knows it.
 */
void *bpf_struct_ops_map_data(struct bpf_map *map)
{
	return st_data(st_map(map));
}

/**
 * bpf_struct_ops_map_desc - what kind of object is in a map
 * @map: a map of struct ops
 *
 * Context: any. Return: the descriptor.
 */
const struct bpf_struct_ops_desc *bpf_struct_ops_map_desc(const struct bpf_map *map)
{
	return st_map(map)->desc;
}

/**
 * bpf_struct_ops_map_ready - can a map's object be linked
 * @map: any map
 *
 * Context: any.
 * Return: 0; -EINVAL for another kind of map, one without BPF_F_LINK, or an empty one.
 */
int bpf_struct_ops_map_ready(const struct bpf_map *map)
{
	if (map->map_type != BPF_MAP_TYPE_STRUCT_OPS || !(map->map_flags & BPF_F_LINK) ||
	    state_get(st_map(map)) != BPF_STRUCT_OPS_STATE_READY)
		return -EINVAL;
	return 0;
}

/**
 * bpf_struct_ops_map_btf_id - id of the BTF that types a map's value
 * @map: a map of struct ops
 *
 * Context: any. Return: the id.
 */
u32 bpf_struct_ops_map_btf_id(const struct bpf_map *map)
{
	return btf_obj_id(st_map(map)->desc->btf);
}
