// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of one type by itself: its header, names, and what follows it. What it refers to is looked
 * at afterwards (check_refs.c), when all types are known to be well-formed.
 */
#include <linux/bits.h>
#include <linux/btf.h>
#include <linux/ctype.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"

/* Bits of struct btf_type::info that mean something. */
#define BTF_INFO_USED 0x9f00ffffU

/* All that the first 12 bytes say, without an end of line. */
static void log_head(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_kind_row *row = btf_kind_row(btf_kind(t));
	const char *name = btf_name_by_offset(c->btf, t->name_off);

	bpf_vlog_printf(c->log, "[%u] %s %s", id, row ? row->name : "UNKN",
			!name ? "(invalid-name-offset)" : *name ? name : "(anon)");
	if (!row)
		return;
	if (row->union_rule == BTF_SIZE)
		bpf_vlog_printf(c->log, " size=%u", t->size);
	else if (row->union_rule == BTF_TYPE)
		bpf_vlog_printf(c->log, " type_id=%u", t->type);
	if (row->vlen)
		bpf_vlog_printf(c->log, " vlen=%u", btf_vlen(t));
}

/**
 * btf_bad - say what is wrong with a type
 * @c: the object
 * @t: the type; at least its first 12 bytes are there
 * @id: its id
 * @fmt: the problem
 *
 * Context: process context. Return: -EINVAL.
 */
int btf_bad(struct btf_check *c, const struct btf_type *t, u32 id, const char *fmt, ...)
{
	va_list args;

	log_head(c, t, id);
	bpf_vlog_printf(c->log, " ");
	va_start(args, fmt);
	bpf_vlog_vprintf(c->log, fmt, args);
	va_end(args);
	bpf_vlog_printf(c->log, "\n");
	return -EINVAL;
}

/* ------------------------------------------------------------------ names */

static bool name_char_ok(enum btf_name_rule rule, char ch, bool first)
{
	switch (rule) {
	case BTF_NAME_IDENT:
		return isalpha(ch) || ch == '_' || ch == '.' || (!first && isdigit(ch));
	case BTF_NAME_SECTION:
		return isprint(ch);
	case BTF_NAME_ANY:
		return true;
	default:
		return false;
	}
}

static bool name_ok(const struct btf *btf, u32 off, enum btf_name_rule rule, bool needed)
{
	const char *name, *p;

	if (!btf_str_valid(btf, off) || (rule == BTF_NAME_NONE && off))
		return false;
	name = btf_name_by_offset(btf, off);
	if (!*name)
		return !needed;
	for (p = name; *p; p++) {
		if (!name_char_ok(rule, *p, p == name))
			return false;
		if (rule == BTF_NAME_IDENT && p - name >= 511)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ kinds */

static int check_int(struct btf_check *c, const struct btf_type *t, u32 id)
{
	u32 data = *(const u32 *)(t + 1), bits = BTF_INT_BITS(data), off = BTF_INT_OFFSET(data);
	u32 enc = BTF_INT_ENCODING(data);

	if (data & ~0x0fff00ffU)
		return btf_bad(c, t, id, "Invalid int_data:%x", data);
	if (bits > 128 || bits + off > 128)
		return btf_bad(c, t, id, "nr_bits exceeds 128");
	if (t->size > 16 || bits + off > t->size * BITS_PER_BYTE)
		return btf_bad(c, t, id, "nr_bits exceeds type_size");
	if (enc && enc != BTF_INT_SIGNED && enc != BTF_INT_CHAR && enc != BTF_INT_BOOL)
		return btf_bad(c, t, id, "Unsupported encoding");
	return 0;
}

static int check_enum(struct btf_check *c, const struct btf_type *t, u32 id)
{
	bool wide = btf_kind(t) == BTF_KIND_ENUM64;
	u32 i, off;

	if (t->size > 8 || !is_power_of_2(t->size))
		return btf_bad(c, t, id, "Unexpected size");
	for (i = 0; i < btf_vlen(t); i++) {
		off = wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;
		if (!name_ok(c->btf, off, BTF_NAME_IDENT, true))
			return btf_bad(c, t, id, "Invalid name_offset:%u", off);
	}
	return 0;
}

static int check_members(struct btf_check *c, const struct btf_type *t, u32 id)
{
	bool is_union = btf_type_is_union(t);
	const struct btf_member *m;
	u32 i, off, last = 0;

	for_each_member(i, t, m) {
		if (!name_ok(c->btf, m->name_off, BTF_NAME_IDENT, false))
			return btf_bad(c, t, id, "Invalid member name_offset:%u", m->name_off);
		off = __btf_member_bit_offset(t, m);
		if (is_union && off)
			return btf_bad(c, t, id, "Invalid member bits_offset");
		if (off < last)
			return btf_bad(c, t, id, "Invalid member bits_offset");
		if (DIV_ROUND_UP(off, BITS_PER_BYTE) > t->size)
			return btf_bad(c, t, id, "Member bits_offset exceeds its struct size");
		last = off;
	}
	return 0;
}

static int check_params(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_param *p = btf_params(t);
	u32 i;

	for (i = 0; i < btf_vlen(t); i++) {
		if (!name_ok(c->btf, p[i].name_off, BTF_NAME_IDENT, false))
			return btf_bad(c, t, id, "Invalid arg#%u", i + 1);
		/* a nameless void at the end: variable arguments */
		if (!p[i].type && (p[i].name_off || i + 1 < btf_vlen(t)))
			return btf_bad(c, t, id, "Invalid arg#%u", i + 1);
	}
	return 0;
}

static int check_func(struct btf_check *c, const struct btf_type *t, u32 id)
{
	if (btf_func_linkage(t) > BTF_FUNC_GLOBAL)
		return btf_bad(c, t, id, "Invalid func linkage");
	return 0;
}

static int check_var(struct btf_check *c, const struct btf_type *t, u32 id)
{
	if (btf_type_var(t)->linkage > BTF_VAR_GLOBAL_ALLOCATED)
		return btf_bad(c, t, id, "Linkage not supported");
	return 0;
}

static int check_datasec(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_var_secinfo *v;
	u64 end = 0;
	u32 i;

	if (!t->size)
		return btf_bad(c, t, id, "Invalid size");
	for_each_vsi(i, t, v) {
		if (!v->type)
			return btf_bad(c, t, id, "Invalid type_id");
		if (v->offset < end || v->offset >= t->size)
			return btf_bad(c, t, id, "Invalid offset");
		if (!v->size || v->size > t->size)
			return btf_bad(c, t, id, "Invalid size");
		end = (u64)v->offset + v->size;
		if (end > t->size)
			return btf_bad(c, t, id, "Invalid offset+size");
	}
	return 0;
}

static int check_float(struct btf_check *c, const struct btf_type *t, u32 id)
{
	switch (t->size) {
	case 2:
	case 4:
	case 8:
	case 12:
	case 16:
		return 0;
	}
	return btf_bad(c, t, id, "Invalid type_size");
}

static int check_decl_tag(struct btf_check *c, const struct btf_type *t, u32 id)
{
	if (btf_type_decl_tag(t)->component_idx < -1)
		return btf_bad(c, t, id, "Invalid component_idx");
	return 0;
}

typedef int (*check_fn)(struct btf_check *c, const struct btf_type *t, u32 id);

static const check_fn kind_checks[NR_BTF_KINDS] = {
	[BTF_KIND_INT] = check_int,
	[BTF_KIND_STRUCT] = check_members,
	[BTF_KIND_UNION] = check_members,
	[BTF_KIND_ENUM] = check_enum,
	[BTF_KIND_ENUM64] = check_enum,
	[BTF_KIND_FUNC] = check_func,
	[BTF_KIND_FUNC_PROTO] = check_params,
	[BTF_KIND_VAR] = check_var,
	[BTF_KIND_DATASEC] = check_datasec,
	[BTF_KIND_FLOAT] = check_float,
	[BTF_KIND_DECL_TAG] = check_decl_tag,
};

static void log_type(struct btf_check *c, const struct btf_type *t, u32 id)
{
	log_head(c, t, id);
	if (btf_type_is_int(t))
		bpf_vlog_printf(c->log, " bits_offset=%u nr_bits=%u encoding=%s", btf_int_offset(t),
				btf_int_bits(t),
				btf_int_encoding(t) & BTF_INT_SIGNED ? "SIGNED" :
				btf_int_encoding(t) & BTF_INT_CHAR ? "CHAR" :
				btf_int_encoding(t) & BTF_INT_BOOL ? "BOOL" : "(none)");
	bpf_vlog_printf(c->log, "\n");
}

/**
 * btf_check_type - check one type by itself
 * @c: the object; all types' extents are known
 * @t: the type
 * @id: its id
 *
 * Context: process context. Return: 0 or -EINVAL, with the reason in the log.
 */
int btf_check_type(struct btf_check *c, const struct btf_type *t, u32 id)
{
	const struct btf_kind_row *row = btf_kind_row(btf_kind(t));

	if (t->info & ~BTF_INFO_USED)
		return btf_bad(c, t, id, "Invalid btf_info:%x", t->info);
	if (btf_type_kflag(t) && !row->kflag)
		return btf_bad(c, t, id, "Invalid btf_info kind_flag");
	if (btf_vlen(t) && !row->vlen)
		return btf_bad(c, t, id, "vlen != 0");
	if (row->union_rule == BTF_ZERO && t->size && !btf_type_is_fwd(t))
		return btf_bad(c, t, id, "size != 0");
	if (btf_type_is_fwd(t) && t->type)
		return btf_bad(c, t, id, "type != 0");
	if (!name_ok(c->btf, t->name_off, row->name_rule, row->name_needed))
		return btf_bad(c, t, id, "Invalid name");
	if (c->log->level & BPF_LOG_LEVEL2)
		log_type(c, t, id);
	return kind_checks[btf_kind(t)] ? kind_checks[btf_kind(t)](c, t, id) : 0;
}

/**
 * btf_check_header - check header and strings, and set up the object's view of them
 * @c: the object with data and data_size
 *
 * Context: process context. Return: 0, -EINVAL, -ENOTSUPP, -E2BIG.
 */
int btf_check_header(struct btf_check *c)
{
	struct btf *btf = c->btf;
	const struct btf_header *hdr = btf->data;
	u32 body;
	const u8 *p;

	if (btf->data_size < offsetofend(struct btf_header, hdr_len)) {
		bpf_vlog_printf(c->log, "hdr_len not found\n");
		return -EINVAL;
	}
	if (hdr->magic != BTF_MAGIC || hdr->hdr_len < sizeof(*hdr) ||
	    hdr->hdr_len > btf->data_size) {
		bpf_vlog_printf(c->log, hdr->magic != BTF_MAGIC ? "Invalid magic\n" :
				"btf_header not found\n");
		return -EINVAL;
	}
	/* a longer header of a later version: fine as long as it says nothing more */
	for (p = btf->data + sizeof(*hdr); p < (u8 *)btf->data + hdr->hdr_len; p++) {
		if (*p) {
			bpf_vlog_printf(c->log, "Unsupported btf_header\n");
			return -E2BIG;
		}
	}
	if (hdr->version != BTF_VERSION || hdr->flags) {
		bpf_vlog_printf(c->log, hdr->flags ? "Unsupported flags\n" :
				"Unsupported version\n");
		return -ENOTSUPP;
	}

	body = btf->data_size - hdr->hdr_len;
	if (!btf->base && !hdr->type_len) {
		bpf_vlog_printf(c->log, "No type found\n");
		return -EINVAL;
	}
	/* types and strings in any order, nothing before, between or behind */
	if (hdr->hdr_len % 4 || hdr->type_off % 4 || hdr->type_len % 4 || hdr->type_len > body ||
	    hdr->str_len != body - hdr->type_len ||
	    !((!hdr->type_off && hdr->str_off == hdr->type_len) ||
	      (!hdr->str_off && hdr->type_off == hdr->str_len))) {
		bpf_vlog_printf(c->log, "Invalid section offset or length\n");
		return -EINVAL;
	}
	btf->strings = btf->data + hdr->hdr_len + hdr->str_off;
	btf->str_len = hdr->str_len;
	if ((!btf->base && !hdr->str_len) || hdr->str_len > BTF_MAX_NAME_OFFSET ||
	    (hdr->str_len && btf->strings[hdr->str_len - 1]) ||
	    (!btf->base && btf->strings[0])) {
		bpf_vlog_printf(c->log, "Invalid string section\n");
		return -EINVAL;
	}
	return 0;
}
