// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of what types refer to: that it exists and is of a kind that may stand there, that no type
 * contains itself, and that everything fits where it stands. Sizes come out of it.
 *
 * The walk keeps its own stack: untrusted types may be nested as deep as there are types.
 */
#include <linux/btf.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"

#define NO_SIZE U32_MAX

enum visit_state { UNSEEN, OPEN, DONE };

/*
 * struct ref_walk - depth-first walk over "contains" and "is another name for"
 * @state: of each type
 * @nesting: levels below each finished type
 * @stack: types being worked on; @next[i]: the reference of stack[i] to look at next
 */
struct ref_walk {
	struct btf_check *c;
	u8 *state;
	u8 *nesting;
	u32 *stack;
	u32 *next;
	u32 depth;
};

/* References of a type: how many, and the n-th. */
static u32 ref_cnt(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
		return btf_vlen(t);
	case BTF_KIND_FUNC_PROTO:
		return btf_vlen(t) + 1;
	case BTF_KIND_ARRAY:
		return 2;
	default:
		return btf_kind_row(btf_kind(t))->union_rule == BTF_TYPE;
	}
}

static u32 ref_nth(const struct btf_type *t, u32 n)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_members(t)[n].type;
	case BTF_KIND_DATASEC:
		return btf_type_var_secinfo(t)[n].type;
	case BTF_KIND_FUNC_PROTO:
		return n ? btf_params(t)[n - 1].type : t->type;
	case BTF_KIND_ARRAY:
		return n ? btf_array(t)->index_type : btf_array(t)->type;
	default:
		return t->type;
	}
}

/*
 * Whether a reference leads on to what the type consists of. Behind a pointer the same type may
 * come again; that is how lists are made. What pointers alone can do wrong, check_chains() finds.
 */
static bool ref_followed(const struct btf_type *t)
{
	return !btf_type_is_ptr(t);
}

static bool ref_may_be_void(const struct btf_type *t, u32 n)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return true;
	case BTF_KIND_FUNC_PROTO:
		/* the return type, or the last parameter (checked before) */
		return true;
	default:
		return false;
	}
}

static bool ref_kind_ok(const struct btf_type *t, const struct btf_type *to)
{
	u32 kind = btf_kind(to);

	switch (btf_kind(t)) {
	case BTF_KIND_FUNC:
		return kind == BTF_KIND_FUNC_PROTO;
	case BTF_KIND_DATASEC:
		/* functions that objects list there, too, are taken out by loaders */
		return kind == BTF_KIND_VAR;
	case BTF_KIND_DECL_TAG:
		return btf_type_is_struct(to) || kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR ||
		       kind == BTF_KIND_TYPEDEF;
	default:
		return kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
		       kind != BTF_KIND_DECL_TAG;
	}
}

/* Size of a finished type of any of the objects; NO_SIZE: it has none. */
static u32 known_size(const struct btf *btf, u32 id)
{
	const struct btf_type *t;
	u32 size;

	if (!id)
		return NO_SIZE;
	if (id >= btf->start_id)
		return btf->sizes[id - btf->start_id];
	t = btf_type_by_id(btf, id);
	return IS_ERR(btf_resolve_size(btf, t, &size)) ? NO_SIZE : size;
}

static int check_member_sizes(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_member *m;
	u32 i, bits, size, off;

	for_each_member(i, t, m) {
		size = known_size(c->btf, m->type);
		if (size == NO_SIZE)
			return btf_bad(c, t, id, "Invalid member %u", i);
		off = __btf_member_bit_offset(t, m);
		bits = __btf_member_bitfield_size(t, m);
		if (bits) {
			const struct btf_type *mt = btf_type_skip_modifiers(c->btf, m->type, NULL);

			if (!btf_type_is_scalar(mt) || bits > size * BITS_PER_BYTE)
				return btf_bad(c, t, id, "Invalid member bitfield_size");
			if ((u64)off + bits > (u64)t->size * BITS_PER_BYTE)
				return btf_bad(c, t, id, "Member exceeds struct_size");
			continue;
		}
		/* old producers encode bit fields as integers with an offset of their own */
		if (off % BITS_PER_BYTE) {
			const struct btf_type *mt = btf_type_skip_modifiers(c->btf, m->type, NULL);

			if (!btf_type_is_int(mt) || btf_type_kflag(t) ||
			    (u64)off + btf_int_offset(mt) + btf_int_bits(mt) >
			    (u64)t->size * BITS_PER_BYTE)
				return btf_bad(c, t, id, "Invalid member offset");
			continue;
		}
		if ((u64)off / BITS_PER_BYTE + size > t->size)
			return btf_bad(c, t, id, "Member exceeds struct_size");
	}
	return 0;
}

static int check_var_sizes(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_var_secinfo *v;
	u32 i;

	for_each_vsi(i, t, v) {
		if (v->size < known_size(c->btf, v->type))
			return btf_bad(c, t, id, "Invalid size");
	}
	return 0;
}

static int array_size_of(struct btf_check *c, const struct btf_type *t, u32 id, u32 *size)
{
	const struct btf_array *a = btf_array(t);
	const struct btf_type *index = btf_type_skip_modifiers(c->btf, a->index_type, NULL);
	u32 elem = known_size(c->btf, a->type);

	if (!btf_type_is_small_int(index))
		return btf_bad(c, t, id, "Invalid index");
	if (elem == NO_SIZE)
		return btf_bad(c, t, id, "Invalid elem");
	if (check_mul_overflow(elem, a->nelems, size) || *size == NO_SIZE)
		return btf_bad(c, t, id, "Array size overflows U32_MAX");
	return 0;
}

static int check_tag_target(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_type *to = btf_type_by_id(c->btf, t->type);
	s32 idx = btf_type_decl_tag(t)->component_idx;
	u32 limit;

	if (idx < 0)
		return 0;
	if (btf_type_is_var(to) || btf_type_is_typedef(to))
		return btf_bad(c, t, id, "Invalid component_idx");
	limit = btf_type_is_func(to) ? btf_vlen(btf_type_by_id(c->btf, to->type)) : btf_vlen(to);
	return idx < limit ? 0 : btf_bad(c, t, id, "Invalid component_idx");
}

/* A type whose references are all finished: its own size, and whether everything fits. */
static int finish_type(struct btf_check *c, const struct btf_type *t, u32 id)
{
	u32 *size = &c->btf->sizes[id - c->btf->start_id];

	*size = NO_SIZE;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FLOAT:
		*size = t->size;
		return 0;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*size = t->size;
		return check_member_sizes(c, t, id);
	case BTF_KIND_DATASEC:
		*size = t->size;
		return check_var_sizes(c, t, id);
	case BTF_KIND_PTR:
		*size = sizeof(void *);
		return 0;
	case BTF_KIND_ARRAY:
		return array_size_of(c, t, id, size);
	case BTF_KIND_VAR:
		*size = known_size(c->btf, t->type);
		return *size == NO_SIZE ? btf_bad(c, t, id, "Invalid type_id") : 0;
	case BTF_KIND_DECL_TAG:
		return check_tag_target(c, t, id);
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO:
	case BTF_KIND_FWD:
		return 0;
	default:
		*size = known_size(c->btf, t->type);
		return 0;
	}
}

/* One reference: opens what it leads to, if that is not finished yet. */
static int visit_ref(struct ref_walk *w, const struct btf_type *t, u32 id, u32 n)
{
	struct btf *btf = w->c->btf;
	u32 ref = ref_nth(t, n), i;
	const struct btf_type *to;

	if (!ref)
		return ref_may_be_void(t, n) ? 0 : btf_bad(w->c, t, id, "Invalid type_id");
	to = btf_type_by_id(btf, ref);
	if (!to || !ref_kind_ok(t, to))
		return btf_bad(w->c, t, id, "Invalid type_id=%u", ref);
	if (ref < btf->start_id || !ref_followed(t))
		return 0;
	i = ref - btf->start_id;
	if (w->state[i] == OPEN)
		return btf_bad(w->c, t, id, "Loop detected");
	if (w->state[i] == UNSEEN) {
		w->state[i] = OPEN;
		w->stack[w->depth] = ref;
		w->next[w->depth++] = 0;
	}
	return 0;
}

static u8 nesting_of(struct ref_walk *w, const struct btf_type *t)
{
	u32 i, ref, max = 0, start = w->c->btf->start_id;

	for (i = 0; ref_followed(t) && i < ref_cnt(t); i++) {
		ref = ref_nth(t, i);
		if (ref >= start)
			max = max_t(u32, max, w->nesting[ref - start] + 1);
	}
	return min(max, 255U);
}

/* Pointers, qualifiers and typedefs that lead to nothing but each other. */
static int check_chains(struct btf_check *c, u32 *mark)
{
	struct btf *btf = c->btf;
	const struct btf_type *t;
	u32 root, i;

	memset(mark, 0, array_size(btf->nr_types, sizeof(*mark)));
	for (root = 0; root < btf->nr_types; root++) {
		for (i = root; ; i = t->type - btf->start_id) {
			t = btf->types[i];
			if (!btf_type_is_ptr(t) && !btf_type_is_modifier(t))
				break;
			if (mark[i] == root + 1)
				return btf_bad(c, t, btf->start_id + i, "Loop detected");
			/* void, the base's types, and what an earlier root has led through */
			if (mark[i] || t->type < btf->start_id)
				break;
			mark[i] = root + 1;
		}
	}
	return 0;
}

static int walk_from(struct ref_walk *w, u32 root)
{
	struct btf *btf = w->c->btf;
	int err = 0;

	w->state[root - btf->start_id] = OPEN;
	w->stack[0] = root;
	w->next[0] = 0;
	w->depth = 1;
	while (w->depth && !err) {
		u32 id = w->stack[w->depth - 1], i = id - btf->start_id;
		const struct btf_type *t = btf->types[i];

		if (w->next[w->depth - 1] < ref_cnt(t)) {
			err = visit_ref(w, t, id, w->next[w->depth - 1]++);
			continue;
		}
		err = finish_type(w->c, t, id);
		w->state[i] = DONE;
		w->nesting[i] = nesting_of(w, t);
		if (!err && w->nesting[i] > BTF_MAX_NESTING) {
			btf_bad(w->c, t, id, "Max chain length or cycle detected");
			err = -E2BIG;
		}
		w->depth--;
	}
	return err;
}

/**
 * btf_check_refs - check all references, compute all sizes
 * @c: an object whose types have been checked one by one
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL or -E2BIG with the reason in the log; -ENOMEM.
 */
int btf_check_refs(struct btf_check *c)
{
	struct btf *btf = c->btf;
	struct ref_walk w = { .c = c };
	u32 i, n = max(btf->nr_types, 1U);
	int err = -ENOMEM;

	btf->sizes = kvcalloc(n, sizeof(u32), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	w.state = kvcalloc(n, 1, GFP_KERNEL | __GFP_NOWARN);
	w.nesting = kvcalloc(n, 1, GFP_KERNEL | __GFP_NOWARN);
	w.stack = kvmalloc_array(n, sizeof(u32), GFP_KERNEL | __GFP_NOWARN);
	w.next = kvmalloc_array(n, sizeof(u32), GFP_KERNEL | __GFP_NOWARN);
	if (btf->sizes && w.state && w.nesting && w.stack && w.next) {
		err = 0;
		for (i = 0; i < btf->nr_types && !err; i++)
			if (w.state[i] == UNSEEN)
				err = walk_from(&w, btf->start_id + i);
		if (!err)
			err = check_chains(c, w.next);
	}
	kvfree(w.state);
	kvfree(w.nesting);
	kvfree(w.stack);
	kvfree(w.next);
	return err;
}
