/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Field tables of objects that programs reach by pointer (sockets), in the form of context
 * tables. The rooms that own the objects set them while the kernel starts.
 */
#ifndef _KBPF_VERIFIER_FIELDS_H
#define _KBPF_VERIFIER_FIELDS_H

#include "prog/prog_type.h"

/*
 * struct bpf_field_table - fields of one kind of object
 * @size: bytes of the program's view
 * @fields: rows sorted by offset; @nr_fields of them; loads only
 */
struct bpf_field_table {
	u32 size;
	const struct bpf_ctx_field *fields;
	u32 nr_fields;
};

/*
 * @reg_type: PTR_TO_SOCKET, PTR_TO_SOCK_COMMON (fields valid for every socket), PTR_TO_TCP_SOCK or
 * PTR_TO_XDP_SOCK. Context: initialisation, before programs are loaded.
 */
void bpf_fields_set(u32 reg_type, const struct bpf_field_table *table);
const struct bpf_field_table *bpf_fields_of(u32 reg_type);

/**
 * bpf_field_find - row that permits an access
 * @fields: rows sorted by offset
 * @cnt: how many
 * @acc: the access as the program has it
 * @whole: gets the aligned full-width access that contains it, for conversion
 *
 * Context: any. Return: the row, or NULL where no row permits it; privileges and conditions of
 * the row are the caller's matter.
 */
const struct bpf_ctx_field *bpf_field_find(const struct bpf_ctx_field *fields, u32 cnt,
					   const struct bpf_ctx_access *acc,
					   struct bpf_ctx_access *whole);

#endif /* _KBPF_VERIFIER_FIELDS_H */
