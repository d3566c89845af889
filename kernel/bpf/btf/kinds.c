// SPDX-License-Identifier: GPL-2.0
/* The table of BTF kinds. */
#include <linux/array_size.h>
#include <linux/btf.h>

#include "btf/internal.h"

#define ROW(kind, ...) [BTF_KIND_##kind] = { .name = #kind, __VA_ARGS__ }

static const struct btf_kind_row kinds[] = {
	ROW(INT, .fixed = sizeof(u32), .union_rule = BTF_SIZE, .name_rule = BTF_NAME_ANY),
	ROW(PTR, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_NONE),
	ROW(ARRAY, .fixed = sizeof(struct btf_array), .union_rule = BTF_ZERO,
	    .name_rule = BTF_NAME_NONE),
	ROW(STRUCT, .elem = sizeof(struct btf_member), .kflag = true, .vlen = true,
	    .union_rule = BTF_SIZE, .name_rule = BTF_NAME_IDENT),
	ROW(UNION, .elem = sizeof(struct btf_member), .kflag = true, .vlen = true,
	    .union_rule = BTF_SIZE, .name_rule = BTF_NAME_IDENT),
	ROW(ENUM, .elem = sizeof(struct btf_enum), .kflag = true, .vlen = true,
	    .union_rule = BTF_SIZE, .name_rule = BTF_NAME_IDENT),
	ROW(FWD, .kflag = true, .union_rule = BTF_ZERO, .name_rule = BTF_NAME_IDENT,
	    .name_needed = true),
	ROW(TYPEDEF, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_IDENT, .name_needed = true),
	ROW(VOLATILE, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_NONE),
	ROW(CONST, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_NONE),
	ROW(RESTRICT, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_NONE),
	/* vlen of a FUNC is its linkage */
	ROW(FUNC, .vlen = true, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_IDENT,
	    .name_needed = true),
	ROW(FUNC_PROTO, .elem = sizeof(struct btf_param), .vlen = true, .union_rule = BTF_TYPE,
	    .name_rule = BTF_NAME_NONE),
	ROW(VAR, .fixed = sizeof(struct btf_var), .union_rule = BTF_TYPE,
	    .name_rule = BTF_NAME_IDENT, .name_needed = true),
	ROW(DATASEC, .elem = sizeof(struct btf_var_secinfo), .vlen = true,
	    .union_rule = BTF_SIZE, .name_rule = BTF_NAME_SECTION, .name_needed = true),
	ROW(FLOAT, .union_rule = BTF_SIZE, .name_rule = BTF_NAME_ANY),
	ROW(DECL_TAG, .fixed = sizeof(struct btf_decl_tag), .union_rule = BTF_TYPE,
	    .name_rule = BTF_NAME_ANY, .name_needed = true),
	ROW(TYPE_TAG, .union_rule = BTF_TYPE, .name_rule = BTF_NAME_ANY, .name_needed = true),
	ROW(ENUM64, .elem = sizeof(struct btf_enum64), .kflag = true, .vlen = true,
	    .union_rule = BTF_SIZE, .name_rule = BTF_NAME_IDENT),
};

/**
 * btf_kind_row - row of a kind
 * @kind: any number
 *
 * Context: any. Return: the row, or NULL for a kind that does not exist.
 */
const struct btf_kind_row *btf_kind_row(u32 kind)
{
	return kind < ARRAY_SIZE(kinds) && kinds[kind].name ? &kinds[kind] : NULL;
}

/**
 * btf_type_bytes - bytes of a type with all that follows it
 * @t: a type of a kind that exists; only its first 12 bytes are read
 *
 * Context: any. Return: bytes, at most about 1 MiB.
 */
u32 btf_type_bytes(const struct btf_type *t)
{
	const struct btf_kind_row *row = &kinds[btf_kind(t)];

	return sizeof(*t) + row->fixed + row->elem * btf_vlen(t);
}
