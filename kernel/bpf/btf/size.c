// SPDX-License-Identifier: GPL-2.0
/* Following types: modifiers, pointers, sizes. */
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/overflow.h>

#include "btf/btf.h"
#include "btf/internal.h"

/*
 * Steps along a chain of references. Checked BTF has no loops, and nesting is bounded; vmlinux' BTF
 * comes from the build.
 */
#define MAX_STEPS 256

/**
 * btf_type_skip_modifiers - what a type is behind typedefs and qualifiers
 * @btf: BTF
 * @id: type
 * @res_id: gets the id of the result; may be NULL
 *
 * Context: any. Return: the type, void included, or NULL for an id that does not exist.
 */
const struct btf_type *btf_type_skip_modifiers(const struct btf *btf, u32 id, u32 *res_id)
{
	const struct btf_type *t = btf_type_by_id(btf, id);
	int i;

	for (i = 0; t && btf_type_is_modifier(t) && i < MAX_STEPS; i++) {
		id = t->type;
		t = btf_type_by_id(btf, id);
	}
	if (res_id)
		*res_id = id;
	return t;
}

/**
 * btf_type_resolve_ptr - what a pointer type points to
 * @btf: BTF
 * @id: type
 * @res_id: gets the id of the result, modifiers not skipped; may be NULL
 *
 * Context: any. Return: the type pointed to, or NULL where @id is no pointer.
 */
const struct btf_type *btf_type_resolve_ptr(const struct btf *btf, u32 id, u32 *res_id)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL);

	if (!t || !btf_type_is_ptr(t))
		return NULL;
	return btf_type_skip_modifiers(btf, t->type, res_id);
}

/**
 * btf_resolve_size_elem - size of a type, and what an array is made of
 * @btf: BTF
 * @type: any type
 * @type_size: gets bytes
 * @elem_id: gets the type of the innermost element behind modifiers, 0 where @type is no array;
 *	may be NULL
 * @total_nelems: gets the elements of all dimensions, 1 where @type is no array; may be NULL
 *
 * Context: any. Return: @type behind its modifiers, or ERR_PTR(-EINVAL) where it has no size.
 */
const struct btf_type *btf_resolve_size_elem(const struct btf *btf, const struct btf_type *type,
					     u32 *type_size, u32 *elem_id, u32 *total_nelems)
{
	const struct btf_type *outer = NULL;
	u32 id = 0, nelems = 1, size;
	int i;

	for (i = 0; type && i < MAX_STEPS; i++) {
		switch (btf_kind(type)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
		case BTF_KIND_DATASEC:
			size = type->size;
			goto found;
		case BTF_KIND_PTR:
			size = sizeof(void *);
			goto found;
		case BTF_KIND_ARRAY:
			if (!outer)
				outer = type;
			if (check_mul_overflow(nelems, btf_array(type)->nelems, &nelems))
				return ERR_PTR(-EINVAL);
			id = btf_array(type)->type;
			type = btf_type_by_id(btf, id);
			continue;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
		case BTF_KIND_VAR:
			id = type->type;
			type = btf_type_by_id(btf, id);
			continue;
		default:
			return ERR_PTR(-EINVAL);
		}
	}
	return ERR_PTR(-EINVAL);
found:
	if (check_mul_overflow(nelems, size, type_size))
		return ERR_PTR(-EINVAL);
	if (elem_id)
		*elem_id = outer ? id : 0;
	if (total_nelems)
		*total_nelems = nelems;
	return outer ?: type;
}

const struct btf_type *btf_resolve_size(const struct btf *btf, const struct btf_type *type,
					u32 *type_size)
{
	return btf_resolve_size_elem(btf, type, type_size, NULL, NULL);
}

bool btf_type_is_u32_key(const struct btf *btf, const struct btf_type *t)
{
	if (btf_type_is_modifier(t))
		t = btf_type_skip_modifiers(btf, t->type, NULL);
	return t && btf_type_is_small_int(t) && t->size == sizeof(u32);
}

bool btf_func_by_id(const struct btf *btf, u32 id, const struct btf_type **func,
		    const struct btf_type **proto)
{
	const struct btf_type *t = btf_type_by_id(btf, id);

	if (!t || !btf_type_is_func(t))
		return false;
	*func = t;
	*proto = btf_type_by_id(btf, t->type);
	return *proto && btf_type_is_func_proto(*proto);
}
