// SPDX-License-Identifier: GPL-2.0
/*
 * What stands at an offset of a struct: the question behind each load through a typed pointer.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"

/*
 * struct walk - one question
 * @off: bytes from the start of the type being looked at
 * @size: bytes of the access
 * @in_union: a union was passed: pointers may be something else at run time
 * @closed: something follows what is being looked at, so that it has to end where its size says
 */
struct walk {
	const struct btf *btf;
	struct btf_access *res;
	char *msg;
	size_t msg_size;
	int size;
	int depth;
	bool in_union;
	bool closed;
};

static int walk_struct(struct walk *w, const struct btf_type *t, u32 off);

static __printf(2, 3) int walk_bad(struct walk *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(w->msg, w->msg_size, fmt, args);
	va_end(args);
	return -EACCES;
}

static const char *name_of(struct walk *w, u32 name_off)
{
	const char *name = btf_name_by_offset(w->btf, name_off);

	return name && *name ? name : "(anon)";
}

static int found_scalar(struct walk *w)
{
	w->res->kind = BTF_ACCESS_SCALAR;
	return 0;
}

/* Flags that the type tags in front of @id ask for; @id moves behind them. */
static u32 ptr_tag_flags(struct walk *w, u32 *id)
{
	const struct btf_type *t = btf_type_by_id(w->btf, *id);
	const char *tag;
	u32 flags = 0;

	for (; t && btf_type_is_modifier(t); *id = t->type, t = btf_type_by_id(w->btf, *id)) {
		if (!btf_type_is_type_tag(t))
			continue;
		tag = btf_type_name(w->btf, t);
		if (!strcmp(tag, "user"))
			flags |= MEM_USER;
		else if (!strcmp(tag, "percpu"))
			flags |= MEM_PERCPU;
		else if (!strcmp(tag, "rcu"))
			flags |= MEM_RCU;
	}
	return flags;
}

static int found_ptr(struct walk *w, const struct btf_type *ptr)
{
	u32 id = ptr->type, flags = ptr_tag_flags(w, &id);
	const struct btf_type *to = btf_type_skip_modifiers(w->btf, id, &id);

	w->res->flags = flags | (w->in_union ? PTR_UNTRUSTED : 0);
	w->res->next_id = id;
	if (!to || !btf_type_is_struct(to))
		w->res->kind = BTF_ACCESS_OTHER_PTR;
	else
		w->res->kind = flags & MEM_PERCPU ? BTF_ACCESS_PTR_PERCPU : BTF_ACCESS_PTR;
	return 0;
}

/* An access to one thing of type @t, @t_size bytes long, at @off inside it. */
static int walk_thing(struct walk *w, const struct btf_type *t, u32 t_size, u32 off,
		      const struct btf_type *in, const char *member)
{
	if (off + w->size > t_size && !btf_type_is_struct(t))
		return walk_bad(w, "access beyond the end of member %s (size:%u) with off:%u of struct %s size %d",
				member, t_size, off, name_of(w, in->name_off), w->size);
	if (btf_type_is_struct(t))
		return walk_struct(w, t, off);
	if (!btf_type_is_ptr(t))
		return found_scalar(w);
	if (off || w->size != sizeof(void *))
		return walk_bad(w, "cannot access ptr member %s with off %u size %d in struct %s",
				member, off, w->size, name_of(w, in->name_off));
	return found_ptr(w, t);
}

/* An access at @off inside an array; @open: without an end. */
static int walk_array(struct walk *w, const struct btf_type *array, u32 off, bool open,
		      const struct btf_type *in, const char *member)
{
	u32 size, elem_id, nelems;
	const struct btf_type *elem;
	u32 elem_size;

	if (IS_ERR(btf_resolve_size_elem(w->btf, array, &size, &elem_id, &nelems)))
		return walk_bad(w, "array %s has no size", member);
	elem = btf_type_skip_modifiers(w->btf, elem_id, NULL);
	if (IS_ERR_OR_NULL(btf_resolve_size(w->btf, elem, &elem_size)) || !elem_size)
		return walk_bad(w, "elements of %s have no size", member);
	if (!open && off + w->size > size)
		return walk_bad(w, "access beyond the end of member %s (size:%u) with off:%u of struct %s size %d",
				member, size, off, name_of(w, in->name_off), w->size);
	w->closed = true;
	/* bytes serve as storage for whatever their users put there */
	if (elem_size == 1) {
		w->res->in_byte_array = true;
		return found_scalar(w);
	}
	return walk_thing(w, elem, elem_size, off % elem_size, in, member);
}

/* Bit fields are read with the integer that holds them. */
static bool bitfield_covers(struct walk *w, const struct btf_type *t, const struct btf_member *m,
			    const struct btf_type *mt, u32 off)
{
	u32 first = __btf_member_bit_offset(t, m), bits = __btf_member_bitfield_size(t, m), unit;

	if (!bits && btf_type_is_int(mt) && btf_int_bits(mt) != mt->size * BITS_PER_BYTE) {
		first += btf_int_offset(mt);
		bits = btf_int_bits(mt);
	}
	if (!bits || !mt->size)
		return false;
	unit = first / BITS_PER_BYTE / mt->size * mt->size;
	return off >= unit && off + w->size <= unit + mt->size && off + w->size <= t->size;
}

static int walk_member(struct walk *w, const struct btf_type *t, const struct btf_member *m,
		       const struct btf_type *mt, u32 msize, u32 off)
{
	const char *name = name_of(w, m->name_off);
	u32 moff = __btf_member_bit_offset(t, m) / BITS_PER_BYTE;

	w->res->field_name = name;
	if (btf_type_is_array(mt))
		return walk_array(w, mt, off - moff, !msize, t, name);
	return walk_thing(w, mt, msize, off - moff, t, name);
}

/* All members of a union that are there: the first that makes sense of the access. */
static int walk_union(struct walk *w, const struct btf_type *t, u32 off)
{
	const struct btf_type *mt;
	const struct btf_member *m;
	int err = -EACCES;
	u32 i, msize;

	w->in_union = true;
	w->closed = true;
	snprintf(w->msg, w->msg_size, "nothing at off %u size %d in union %s", off, w->size,
		 name_of(w, t->name_off));
	for_each_member(i, t, m) {
		mt = btf_type_skip_modifiers(w->btf, m->type, NULL);
		if (!mt || IS_ERR(btf_resolve_size(w->btf, mt, &msize)))
			continue;
		if (bitfield_covers(w, t, m, mt, off))
			return found_scalar(w);
		if (off + w->size > msize)
			continue;
		err = walk_member(w, t, m, mt, msize, off);
		if (!err)
			return 0;
	}
	return err;
}

/* An array without elements, or a struct that ends with one: goes on behind its size. */
static bool is_open(struct walk *w, const struct btf_type *t)
{
	const struct btf_member *m;
	int i;

	for (i = 0; t && !w->closed && i < BTF_MAX_NESTING; i++) {
		if (btf_type_is_array(t))
			return !btf_array(t)->nelems;
		if (!__btf_type_is_struct(t) || !btf_vlen(t))
			return false;
		m = btf_type_member(t) + btf_vlen(t) - 1;
		t = btf_type_skip_modifiers(w->btf, m->type, NULL);
	}
	return false;
}

static int walk_members(struct walk *w, const struct btf_type *t, u32 off)
{
	const struct btf_type *mt;
	const struct btf_member *m;
	u32 i, msize, moff;

	for_each_member(i, t, m) {
		mt = btf_type_skip_modifiers(w->btf, m->type, NULL);
		if (!mt || IS_ERR(btf_resolve_size(w->btf, mt, &msize)))
			return walk_bad(w, "member %s of struct %s has no size",
					name_of(w, m->name_off), name_of(w, t->name_off));
		if (bitfield_covers(w, t, m, mt, off)) {
			w->res->field_name = name_of(w, m->name_off);
			return found_scalar(w);
		}
		moff = __btf_member_bit_offset(t, m) / BITS_PER_BYTE;
		if (off >= moff + msize && (i + 1 < btf_vlen(t) || !is_open(w, mt)))
			continue;
		if (off < moff)
			break;
		if (i + 1 < btf_vlen(t))
			w->closed = true;
		return walk_member(w, t, m, mt, msize, off);
	}
	return walk_bad(w, "struct %s doesn't have field at offset %u size %d",
			name_of(w, t->name_off), off, w->size);
}

static int walk_struct(struct walk *w, const struct btf_type *t, u32 off)
{
	int err;

	if (++w->depth > BTF_MAX_NESTING)
		return walk_bad(w, "nested too deep");
	if (off + w->size > t->size && !is_open(w, t))
		err = walk_bad(w, "access beyond struct %s at off %u size %d",
			       name_of(w, t->name_off), off, w->size);
	else if (btf_type_is_union(t))
		err = walk_union(w, t, off);
	else
		err = walk_members(w, t, off);
	w->depth--;
	return err;
}

int btf_struct_walk(const struct btf *btf, u32 id, int off, int size, struct btf_access *res,
		    char *msg, size_t msg_size)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL);
	struct walk w = {
		.btf = btf, .res = res, .msg = msg, .msg_size = msg_size, .size = size,
	};

	memset(res, 0, sizeof(*res));
	if (!t || !btf_type_is_struct(t))
		return walk_bad(&w, "type '%s' is not a struct",
				t ? name_of(&w, t->name_off) : "?");
	if (off < 0 || size <= 0 || off > INT_MAX - size)
		return walk_bad(&w, "access beyond struct %s at off %d size %d",
				name_of(&w, t->name_off), off, size);
	return walk_struct(&w, t, off);
}

/* ------------------------------------------------------------------ same types */

bool btf_types_are_same(const struct btf *btf1, u32 id1, const struct btf *btf2, u32 id2)
{
	const struct btf_type *t1, *t2;

	if (btf1 == btf2)
		return id1 == id2;
	t1 = btf_type_by_id(btf1, id1);
	t2 = btf_type_by_id(btf2, id2);
	if (!t1 || !t2)
		return false;
	/* a module's BTF refers to vmlinux' types, it does not repeat them */
	if (t1 == t2)
		return true;
	if (btf_is_kernel(btf1) && btf_is_kernel(btf2))
		return false;
	return btf_kind(t1) == btf_kind(t2) && t1->size == t2->size &&
	       btf_vlen(t1) == btf_vlen(t2) &&
	       !strcmp(btf_type_name(btf1, t1), btf_type_name(btf2, t2));
}

/* The struct that stands at @off of @id, as a member or in an array; 0: none begins there. */
static u32 struct_at(const struct btf *btf, u32 id, u32 *off)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL), *mt;
	const struct btf_member *m;
	u32 i, moff, size, elem, n, mid;

	for_each_member(i, t, m) {
		moff = __btf_member_bit_offset(t, m) / BITS_PER_BYTE;
		mt = btf_type_skip_modifiers(btf, m->type, &mid);
		if (!mt || *off < moff || IS_ERR(btf_resolve_size(btf, mt, &size)) ||
		    *off >= moff + size)
			continue;
		if (btf_type_is_array(mt)) {
			if (IS_ERR(btf_resolve_size_elem(btf, mt, &size, &elem, &n)) || !n)
				continue;
			mt = btf_type_skip_modifiers(btf, elem, &mid);
			if (!mt || !btf_type_is_struct(mt))
				return 0;
			*off = (*off - moff) % (size / n);
			return mid;
		}
		if (!btf_type_is_struct(mt))
			return 0;
		*off -= moff;
		return mid;
	}
	return 0;
}

bool btf_struct_ids_match(const struct btf *btf, u32 id, int off, const struct btf *want_btf,
			  u32 want_id, bool strict)
{
	u32 pos = off;
	int depth;

	if (off < 0)
		return false;
	for (depth = 0; id && depth < BTF_MAX_NESTING; depth++) {
		const struct btf_type *t = btf_type_skip_modifiers(btf, id, &id);

		if (!pos && btf_types_are_same(btf, id, want_btf, want_id))
			return true;
		if (strict || !t || !btf_type_is_struct(t))
			return false;
		id = struct_at(btf, id, &pos);
	}
	return false;
}
