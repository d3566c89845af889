// SPDX-License-Identifier: GPL-2.0
/*
 * Special fields of map values: finding them in a value's type, and looking after them when values
 * are copied and freed.
 *
 * A field may stand in the value itself, in a struct inside it, or in an array inside it. Reading
 * user space's copy of a value never shows one, and writing never changes one.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"
#include "btf/record.h"
#include "btf/value_lock.h"
#include "helpers/objects.h"
#include "helpers/timer.h"

/*
 * struct field_row - one kind of field that is known by the name of its struct
 * @unique: a value has at most one
 */
struct field_row {
	const char *name;
	enum btf_field_type type;
	u32 size;
	u32 align;
	bool unique;
};

static const struct field_row field_rows[] = {
	{ "bpf_spin_lock", BPF_SPIN_LOCK, sizeof(struct bpf_spin_lock),
	  __alignof__(struct bpf_spin_lock), true },
	{ "bpf_timer", BPF_TIMER, sizeof(struct bpf_timer), __alignof__(struct bpf_timer), true },
	{ "bpf_wq", BPF_WORKQUEUE, sizeof(struct bpf_wq), __alignof__(struct bpf_wq), true },
	{ "bpf_list_head", BPF_LIST_HEAD, sizeof(struct bpf_list_head),
	  __alignof__(struct bpf_list_head), false },
	{ "bpf_list_node", BPF_LIST_NODE, sizeof(struct bpf_list_node),
	  __alignof__(struct bpf_list_node), false },
	{ "bpf_rb_root", BPF_RB_ROOT, sizeof(struct bpf_rb_root),
	  __alignof__(struct bpf_rb_root), false },
	{ "bpf_rb_node", BPF_RB_NODE, sizeof(struct bpf_rb_node),
	  __alignof__(struct bpf_rb_node), false },
	{ "bpf_refcount", BPF_REFCOUNT, sizeof(struct bpf_refcount),
	  __alignof__(struct bpf_refcount), true },
};

/* Fields of map values; nodes there are plain bytes, since nothing links them. */
#define MAP_FIELDS (BPF_SPIN_LOCK | BPF_TIMER | BPF_KPTR | BPF_LIST_HEAD | BPF_RB_ROOT | \
		    BPF_REFCOUNT | BPF_WORKQUEUE)

/* ------------------------------------------------------------------ finding */

/*
 * Types looked at for one value: members that overlap, or have no size, can be nested so that their
 * number doubles with each level.
 */
#define SCAN_STEPS_MAX (1U << 18)

/*
 * struct field_scan - a search
 * @wanted: kinds that are looked for
 * @owner, @comp: struct or variable, and member, that is being looked at
 * @steps: types that may still be looked at
 */
struct field_scan {
	const struct btf *btf;
	u32 wanted;
	u32 owner;
	int comp;
	struct btf_field fields[BTF_RECORD_MAX_FIELDS];
	u32 cnt;
	u32 mask;
	int depth;
	u32 steps;
};

static int scan_type(struct field_scan *s, u32 id, u32 off, bool direct);

static int scan_add(struct field_scan *s, enum btf_field_type type, u32 off, u32 size, bool unique)
{
	struct btf_field *f;

	if (unique && s->mask & type)
		return -E2BIG;
	if (s->cnt == BTF_RECORD_MAX_FIELDS)
		return -E2BIG;
	f = &s->fields[s->cnt++];
	f->type = type;
	f->offset = off;
	f->size = size;
	s->mask |= type;
	return type & BPF_GRAPH_ROOT ? btf_graph_resolve(s->btf, s->owner, s->comp, f) : 0;
}

static enum btf_field_type kptr_tag(const char *tag)
{
	if (!strcmp(tag, "kptr_untrusted"))
		return BPF_KPTR_UNREF;
	if (!strcmp(tag, "kptr"))
		return BPF_KPTR_REF;
	if (!strcmp(tag, "percpu_kptr"))
		return BPF_KPTR_PERCPU;
	return 0;
}

/*
 * Type that a kptr's target has in the kernel; where it has none, programs allocate such objects
 * themselves.
 */
static int kptr_resolve(struct field_scan *s, struct btf_field *f, const struct btf_type *target,
			u32 target_id)
{
	struct btf_field_kptr *k = &f->kptr;
	s32 id;

	id = bpf_find_btf_id(btf_type_name(s->btf, target), btf_kind(target), &k->btf);
	if (id == -ENOENT) {
		k->btf = (struct btf *)s->btf;
		k->btf_id = target_id;
		return 0;
	}
	if (id < 0)
		return id;
	k->btf_id = id;
	if (f->type != BPF_KPTR_REF)
		return 0;
	k->dtor = btf_kptr_dtor(k->btf, id);
	if (!k->dtor)
		return -EINVAL;
	if (btf_is_module(k->btf)) {
		k->module = btf_try_get_module(k->btf);
		if (!k->module)
			return -ENXIO;
	}
	return 0;
}

static int scan_ptr(struct field_scan *s, const struct btf_type *ptr, u32 off)
{
	const struct btf_type *t = btf_type_by_id(s->btf, ptr->type);
	enum btf_field_type type;
	u32 id, cnt = s->cnt;
	int err;

	if (!t || !btf_type_is_type_tag(t))
		return 0;
	type = kptr_tag(btf_type_name(s->btf, t));
	if (!type || !(type & s->wanted))
		return 0;
	t = btf_type_skip_modifiers(s->btf, t->type, &id);
	if (!t || !__btf_type_is_struct(t) || off % sizeof(u64))
		return -EINVAL;
	err = scan_add(s, type, off, sizeof(u64), false);
	return err ?: kptr_resolve(s, &s->fields[cnt], t, id);
}

/* One member; the search goes on in its type. */
static int scan_member(struct field_scan *s, u32 id, u32 i, const struct btf_member *m, u32 off)
{
	u32 owner = s->owner;
	int comp = s->comp, err;

	s->owner = id;
	s->comp = i;
	err = scan_type(s, m->type, off, false);
	s->owner = owner;
	s->comp = comp;
	return err;
}

static int scan_struct(struct field_scan *s, const struct btf_type *t, u32 id, u32 off)
{
	const char *name = btf_type_name(s->btf, t);
	const struct btf_member *m;
	u32 i, bits;
	int err;

	for (i = 0; i < ARRAY_SIZE(field_rows); i++) {
		const struct field_row *row = &field_rows[i];

		if (strcmp(name, row->name))
			continue;
		if (!(row->type & s->wanted))
			return 0;
		if (t->size != row->size || off % row->align)
			return -EINVAL;
		return scan_add(s, row->type, off, row->size, row->unique);
	}
	for_each_member(i, t, m) {
		bits = __btf_member_bit_offset(t, m);
		if (bits % BITS_PER_BYTE)
			continue;
		err = scan_member(s, id, i, m, off + bits / BITS_PER_BYTE);
		if (err)
			return err;
	}
	return 0;
}

static int scan_array(struct field_scan *s, const struct btf_type *t, u32 off)
{
	u32 i, size, elem, nelems, before = s->cnt;
	int err;

	if (IS_ERR(btf_resolve_size_elem(s->btf, t, &size, &elem, &nelems)) || !nelems)
		return 0;
	size /= nelems;
	for (i = 0; i < nelems; i++) {
		err = scan_type(s, elem, off + i * size, false);
		if (err)
			return err;
		/* elements are alike: nothing in the first, nothing in the others */
		if (s->cnt == before)
			return 0;
	}
	return 0;
}

static int scan_type(struct field_scan *s, u32 id, u32 off, bool direct)
{
	const struct btf_type *t = btf_type_skip_modifiers(s->btf, id, &id);
	int err;

	if (!t)
		return -EINVAL;
	if (s->depth == BTF_MAX_NESTING || !s->steps)
		return -E2BIG;
	s->depth++;
	s->steps--;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		err = scan_struct(s, t, id, off);
		break;
	case BTF_KIND_ARRAY:
		err = scan_array(s, t, off);
		break;
	case BTF_KIND_PTR:
		err = scan_ptr(s, t, off);
		break;
	default:
		/* what overlaps in a union could not be told apart */
		err = 0;
		break;
	}
	s->depth--;
	return err;
}

static int scan_datasec(struct field_scan *s, const struct btf_type *t)
{
	const struct btf_var_secinfo *v;
	const struct btf_type *var;
	u32 i;
	int err;

	for_each_vsi(i, t, v) {
		var = btf_type_by_id(s->btf, v->type);
		if (!var || !btf_type_is_var(var))
			continue;
		s->owner = v->type;
		s->comp = -1;
		err = scan_type(s, var->type, v->offset, false);
		if (err)
			return err;
	}
	return 0;
}

static int field_cmp(const void *a, const void *b)
{
	const struct btf_field *fa = a, *fb = b;

	return fa->offset < fb->offset ? -1 : fa->offset > fb->offset;
}

static void record_set_offsets(struct btf_record *rec)
{
	u32 i;

	rec->spin_lock_off = -EINVAL;
	rec->timer_off = -EINVAL;
	rec->wq_off = -EINVAL;
	rec->refcount_off = -EINVAL;
	for (i = 0; i < rec->cnt; i++) {
		int off = rec->fields[i].offset;

		if (rec->fields[i].type == BPF_SPIN_LOCK)
			rec->spin_lock_off = off;
		else if (rec->fields[i].type == BPF_TIMER)
			rec->timer_off = off;
		else if (rec->fields[i].type == BPF_WORKQUEUE)
			rec->wq_off = off;
		else if (rec->fields[i].type == BPF_REFCOUNT)
			rec->refcount_off = off;
	}
}

/* A reference is held on its type. */
static bool btf_kptr_of_kernel(const struct btf_field *f)
{
	return f->kptr.btf && btf_is_kernel(f->kptr.btf);
}

static void fields_put(const struct btf_field *fields, u32 cnt)
{
	u32 i;

	for (i = 0; i < cnt; i++) {
		if (!(fields[i].type & BPF_KPTR))
			continue;
		if (fields[i].kptr.module)
			module_put(fields[i].kptr.module);
		if (btf_kptr_of_kernel(&fields[i]))
			btf_put(fields[i].kptr.btf);
	}
}

struct btf_record *btf_record_scan(const struct btf *btf, u32 id, u32 wanted, u32 *steps)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL);
	struct field_scan *s;
	struct btf_record *rec = NULL;
	int err;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->btf = btf;
	s->wanted = wanted;
	s->steps = *steps;
	err = !t ? -EINVAL : btf_type_is_datasec(t) ? scan_datasec(s, t) :
	      scan_type(s, id, 0, true);
	*steps = s->steps;
	if (!err && s->cnt) {
		rec = kzalloc(struct_size(rec, fields, s->cnt), GFP_KERNEL_ACCOUNT);
		err = rec ? 0 : -ENOMEM;
	}
	if (err) {
		fields_put(s->fields, s->cnt);
		kfree(s);
		return ERR_PTR(err);
	}
	if (rec) {
		sort(s->fields, s->cnt, sizeof(s->fields[0]), field_cmp, NULL);
		memcpy(rec->fields, s->fields, s->cnt * sizeof(s->fields[0]));
		rec->cnt = s->cnt;
		rec->field_mask = s->mask;
		record_set_offsets(rec);
	}
	kfree(s);
	return rec;
}

struct btf_record *bpf_map_parse_record(const struct bpf_map *map, const struct btf *btf,
					u32 value_id)
{
	u32 steps = SCAN_STEPS_MAX;
	struct btf_record *rec = btf_record_scan(btf, value_id, MAP_FIELDS, &steps);
	int err = IS_ERR(rec) ? 0 : btf_record_link(rec);

	if (!err)
		return rec;
	btf_record_free(rec);
	return ERR_PTR(err);
}

/* ------------------------------------------------------------------ records */

struct btf_field *btf_record_find(const struct btf_record *rec, u32 offset, u32 types)
{
	u32 i;

	if (!btf_record_has(rec, types))
		return NULL;
	for (i = 0; i < rec->cnt; i++) {
		const struct btf_field *f = &rec->fields[i];

		if (f->type & types && offset >= f->offset && offset - f->offset < f->size)
			return (struct btf_field *)f;
	}
	return NULL;
}

struct btf_record *btf_record_dup(const struct btf_record *rec)
{
	struct btf_record *copy;
	u32 i;

	if (!rec)
		return NULL;
	copy = kmemdup(rec, struct_size(rec, fields, rec->cnt), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < copy->cnt; i++) {
		struct btf_field *f = &copy->fields[i];

		if (!(f->type & BPF_KPTR))
			continue;
		if (btf_kptr_of_kernel(f))
			btf_get(f->kptr.btf);
		/* held by @rec already: this cannot fail but by wrap-around */
		if (f->kptr.module)
			__module_get(f->kptr.module);
	}
	return copy;
}

void btf_record_free(struct btf_record *rec)
{
	if (IS_ERR_OR_NULL(rec))
		return;
	fields_put(rec->fields, rec->cnt);
	kfree(rec);
}

bool btf_record_equal(const struct btf_record *a, const struct btf_record *b)
{
	u32 i;

	if (!a || !b)
		return !a && !b;
	if (a->cnt != b->cnt)
		return false;
	for (i = 0; i < a->cnt; i++) {
		const struct btf_field *fa = &a->fields[i], *fb = &b->fields[i];

		if (fa->type != fb->type || fa->offset != fb->offset || fa->size != fb->size)
			return false;
		if (fa->type & BPF_KPTR &&
		    (fa->kptr.btf != fb->kptr.btf || fa->kptr.btf_id != fb->kptr.btf_id))
			return false;
		if (fa->type & BPF_GRAPH_ROOT &&
		    (fa->graph.btf != fb->graph.btf ||
		     fa->graph.value_btf_id != fb->graph.value_btf_id ||
		     fa->graph.node_offset != fb->graph.node_offset))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ values */

void bpf_value_copy(const struct btf_record *rec, void *dst, const void *src, u32 size)
{
	u32 i, pos = 0;

	if (likely(!rec)) {
		/* long by long where possible: who reads meanwhile sees no torn 64-bit counter */
		if (!((unsigned long)dst % 8) && !((unsigned long)src % 8) && size % 8 == 0) {
			for (i = 0; i < size / 8; i++)
				WRITE_ONCE(((u64 *)dst)[i], READ_ONCE(((const u64 *)src)[i]));
			return;
		}
		memcpy(dst, src, size);
		return;
	}
	for (i = 0; i < rec->cnt; i++) {
		memcpy(dst + pos, src + pos, rec->fields[i].offset - pos);
		pos = rec->fields[i].offset + rec->fields[i].size;
	}
	memcpy(dst + pos, src + pos, size - pos);
}

void bpf_value_copy_locked(const struct btf_record *rec, void *dst, const void *src, u32 size,
			   bool lock_src)
{
	struct bpf_spin_lock *lock = (lock_src ? (void *)src : dst) + rec->spin_lock_off;
	unsigned long flags;

	flags = bpf_value_lock_irqsave(lock);
	bpf_value_copy(rec, dst, src, size);
	bpf_value_unlock_irqrestore(lock, flags);
}

void bpf_value_zero(const struct btf_record *rec, void *value, u32 size)
{
	u32 i, pos = 0;

	for (i = 0; rec && i < rec->cnt; i++) {
		memset(value + pos, 0, rec->fields[i].offset - pos);
		pos = rec->fields[i].offset + rec->fields[i].size;
	}
	memset(value + pos, 0, size - pos);
}

void bpf_value_clear_fields(const struct btf_record *rec, void *value)
{
	u32 i;

	for (i = 0; rec && i < rec->cnt; i++)
		memset(value + rec->fields[i].offset, 0, rec->fields[i].size);
}

void bpf_value_init_fields(const struct btf_record *rec, void *value)
{
	bpf_value_clear_fields(rec, value);
}

static void free_field(const struct btf_record *rec, const struct btf_field *f, void *value,
		       struct bpf_obj_drop *drop)
{
	struct bpf_spin_lock *lock = value + rec->spin_lock_off;
	void *field = value + f->offset, *obj;

	switch (f->type) {
	case BPF_TIMER:
		bpf_timer_cancel_and_free(field);
		break;
	case BPF_WORKQUEUE:
		bpf_wq_cancel_and_free(field);
		break;
	case BPF_KPTR_UNREF:
		WRITE_ONCE(*(u64 *)field, 0);
		break;
	case BPF_KPTR_REF:
		obj = (void *)xchg((unsigned long *)field, 0);
		if (obj && f->kptr.dtor)
			f->kptr.dtor(obj);
		else if (obj)
			bpf_obj_drop_add(drop, obj);
		break;
	case BPF_KPTR_PERCPU:
		obj = (void *)xchg((unsigned long *)field, 0);
		if (obj)
			bpf_percpu_obj_free(obj);
		break;
	case BPF_LIST_HEAD:
		bpf_list_drain(field, f->graph.node_offset, lock, drop);
		break;
	case BPF_RB_ROOT:
		bpf_rbtree_drain(field, f->graph.node_offset, lock, drop);
		break;
	default:
		break;
	}
}

void bpf_value_free_into(const struct btf_record *rec, void *value, struct bpf_obj_drop *drop)
{
	u32 i;

	for (i = 0; rec && i < rec->cnt; i++)
		free_field(rec, &rec->fields[i], value, drop);
}

void bpf_value_free_fields(const struct btf_record *rec, void *value)
{
	struct bpf_obj_drop drop = {};

	bpf_value_free_into(rec, value, &drop);
	bpf_obj_drop_run(&drop);
}

void bpf_value_cancel_async(const struct btf_record *rec, void *value)
{
	if (btf_record_has(rec, BPF_TIMER))
		bpf_timer_cancel_and_free(value + rec->timer_off);
	if (btf_record_has(rec, BPF_WORKQUEUE))
		bpf_wq_cancel_and_free(value + rec->wq_off);
}
