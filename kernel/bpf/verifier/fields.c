// SPDX-License-Identifier: GPL-2.0
/*
 * Field tables: finding the row of an access.
 */
#include "verifier/fields.h"

static const struct bpf_field_table *tables[__BPF_REG_TYPE_MAX];

void bpf_fields_set(u32 reg_type, const struct bpf_field_table *table)
{
	if (!WARN_ON_ONCE(base_type(reg_type) >= __BPF_REG_TYPE_MAX))
		tables[base_type(reg_type)] = table;
}

const struct bpf_field_table *bpf_fields_of(u32 reg_type)
{
	return base_type(reg_type) < __BPF_REG_TYPE_MAX ? tables[base_type(reg_type)] : NULL;
}

/* The last row that begins at or before @off. */
static const struct bpf_ctx_field *row_at(const struct bpf_ctx_field *fields, u32 cnt, int off)
{
	u32 lo = 0, hi = cnt, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (fields[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &fields[lo - 1] : NULL;
}

static bool row_permits(const struct bpf_ctx_field *row, const struct bpf_ctx_access *acc,
			struct bpf_ctx_access *whole)
{
	u32 at = acc->off - row->off, elem = at - at % row->size;

	if (at + acc->size > row->len)
		return false;
	if (!(row->flags & (acc->write ? CTX_WRITE : CTX_READ)))
		return false;
	whole->write = acc->write;
	whole->off = row->off + elem;
	whole->size = row->size;
	if (acc->size == row->size)
		return at == elem;
	if (row->reg_type != SCALAR_VALUE)
		return false;
	if (acc->size < row->size && acc->write && row->flags & CTX_BYTES) {
		whole->off = acc->off;
		whole->size = acc->size;
		return true;
	}
	if (acc->size < row->size)
		return row->flags & CTX_NARROW && !acc->write &&
		       (at - elem) + acc->size <= row->size;
	whole->size = 8;
	return row->flags & CTX_WIDE && acc->size == 8 && row->size == 4 && at == elem &&
	       at + 8 <= row->len;
}

const struct bpf_ctx_field *bpf_field_find(const struct bpf_ctx_field *fields, u32 cnt,
					   const struct bpf_ctx_access *acc,
					   struct bpf_ctx_access *whole)
{
	const struct bpf_ctx_field *row;

	if (acc->off < 0 || acc->off > U16_MAX || acc->size <= 0 || acc->off % acc->size)
		return NULL;
	row = row_at(fields, cnt, acc->off);
	if (!row || acc->off >= row->off + row->len || !row_permits(row, acc, whole))
		return NULL;
	return row;
}
