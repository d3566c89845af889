// SPDX-License-Identifier: GPL-2.0
/*
 * Values in text, by their types: C-like, (struct foo){.a = (int)1,.b = (char[])['x','y',],}, or
 * less of it. Maps in bpffs show all of a value and neither names, nor types, nor lines:
 * {1,['x','y',],}.
 *
 * Elements of arrays are of the type that stands before the array, bit fields are in hexadecimal.
 *
 * Values may be changing while they are read; what comes out is some of what went in.
 */
#include <linux/bits.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/ctype.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>

#include "btf/btf.h"
#include "btf/internal.h"

/* The form of bpffs. */
#define SHOW_TERSE (BTF_F_COMPACT | BTF_F_NONAME | BTF_F_ZERO)
/* Beyond any flag of user space: @obj may be an address that faults, and is read as such. */
#define SHOW_UNSAFE BIT_ULL(62)

#define SHOW_VALUES_PER_BYTE 64
#define SHOW_VALUES_MIN 4096

/*
 * struct btf_show - a value being written
 * @emit: appends text
 * @flags: BTF_F_* and SHOW_*
 * @indent: depth of braces, for the form with lines
 * @element: what is next is an element of an array, whose type was said
 * @budget: values that may still be written: unions of unions have more of them than bytes, and
 *	members without a size as many as they like
 * @err: first error; nothing is written after it
 */
struct btf_show {
	void (*emit)(struct btf_show *show, const char *fmt, va_list args) __printf(2, 0);
	const struct btf *btf;
	u64 flags;
	u32 indent;
	bool element;
	u64 budget;
	int depth;
	int err;
	/* where to */
	struct seq_file *seq;
	char *buf;
	int size;
	int len;
};

static __printf(2, 3) void show_text(struct btf_show *show, const char *fmt, ...)
{
	va_list args;

	if (show->err)
		return;
	va_start(args, fmt);
	show->emit(show, fmt, args);
	va_end(args);
}

static __printf(2, 0) void emit_seq(struct btf_show *show, const char *fmt, va_list args)
{
	seq_vprintf(show->seq, fmt, args);
}

static __printf(2, 0) void emit_buf(struct btf_show *show, const char *fmt, va_list args)
{
	int room = max(show->size - show->len, 0);

	show->len += vsnprintf(room ? show->buf + show->len : NULL, room, fmt, args);
}

/* ------------------------------------------------------------------ layout */

static void show_newline(struct btf_show *show)
{
	u32 i;

	if (show->flags & BTF_F_COMPACT)
		return;
	show_text(show, "\n");
	for (i = 0; i < show->indent; i++)
		show_text(show, " ");
}

/* C name of a type, as a cast has it: "struct foo", "int *", "char[16]"; @suffix goes behind it. */
static void show_cast_name(struct btf_show *show, u32 id)
{
	const struct btf_type *t = btf_type_by_id(show->btf, id);
	char stars[16] = "", dims[48] = "";
	const char *name, *prefix = "";
	size_t nstars = 0, ndims = 0;
	int i;

	for (i = 0; t && i < BTF_MAX_NESTING; i++) {
		if (btf_type_is_typedef(t) || (!btf_type_is_modifier(t) && !btf_type_is_ptr(t) &&
					       !btf_type_is_array(t)))
			break;
		if (btf_type_is_ptr(t) && nstars < sizeof(stars) - 1) {
			stars[nstars++] = '*';
			stars[nstars] = 0;
		}
		if (btf_type_is_array(t)) {
			if (ndims < sizeof(dims) - 1)
				ndims += scnprintf(dims + ndims, sizeof(dims) - ndims, "[]");
			t = btf_type_by_id(show->btf, btf_array(t)->type);
			continue;
		}
		t = btf_type_by_id(show->btf, t->type);
	}
	if (!t)
		return;
	name = btf_type_is_void(t) ? "void" : btf_type_name(show->btf, t);
	if (__btf_type_is_struct(t))
		prefix = "struct ";
	else if (btf_type_is_union(t))
		prefix = "union ";
	else if (btf_type_is_any_enum(t))
		prefix = "enum ";
	if (!name || !*name)
		prefix = __btf_type_is_struct(t) ? "struct" :
			 btf_type_is_union(t) ? "union" : "enum";
	show_text(show, "(%s%s%s%s%s)", prefix, name ?: "", nstars ? " " : "", stars, dims);
}

static void show_prefix(struct btf_show *show, u32 id, const char *member)
{
	bool element = show->element;

	show->element = false;
	if (element || show->flags & BTF_F_NONAME)
		return;
	if (member && *member)
		show_text(show, ".%s = ", member);
	show_cast_name(show, id);
}

/* ------------------------------------------------------------------ scalars */

static bool show_read(struct btf_show *show, void *dst, const void *src, u32 size)
{
	if (show->err)
		return false;
	if (!(show->flags & SHOW_UNSAFE)) {
		memcpy(dst, src, size);
		return true;
	}
	if (copy_from_kernel_nofault(dst, src, size))
		show->err = -EFAULT;
	return !show->err;
}

static u64 load_bits(const u8 *p, u32 bit_off, u32 bits)
{
	u64 v = 0;
	u32 i;

	for (i = 0; i < bits; i++)
		if (p[(bit_off + i) / 8] & BIT((bit_off + i) % 8))
			v |= BIT_ULL(i);
	return v;
}

static void show_int(struct btf_show *show, const struct btf_type *t, u64 v, u32 bits)
{
	u8 enc = btf_int_encoding(t);

	if (!bits)
		show_text(show, "0");
	else if (enc & BTF_INT_BOOL && bits <= 8)
		show_text(show, "%s", str_true_false(v));
	else if (enc & BTF_INT_SIGNED)
		show_text(show, "%lld", (s64)(v << (64 - bits)) >> (64 - bits));
	else
		show_text(show, "%llu", v);
}

static void show_enum(struct btf_show *show, const struct btf_type *t, u64 v, u32 bits)
{
	bool wide = btf_type_is_enum64(t), sign = btf_type_kflag(t);
	u64 mask = bits < 64 ? BIT_ULL(bits) - 1 : U64_MAX;
	u32 i, off;
	u64 val;

	for (i = 0; i < btf_vlen(t); i++) {
		val = wide ? btf_enum64_value(&btf_enum64(t)[i]) : (u64)(s64)btf_enum(t)[i].val;
		off = wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;
		if ((val & mask) == (v & mask)) {
			show_text(show, "%s", btf_name_by_offset(show->btf, off));
			return;
		}
	}
	if (sign)
		show_text(show, "%lld", (s64)(v << (64 - bits)) >> (64 - bits));
	else
		show_text(show, "%llu", v);
}

static void show_scalar(struct btf_show *show, const struct btf_type *t, const void *obj,
			u32 bit_off, u32 bits)
{
	u8 raw[24] = {};
	u64 v;

	if (!show_read(show, raw, obj, DIV_ROUND_UP(bit_off + bits, 8)))
		return;
	if (bits > 64) {
		show_text(show, "0x%llx%016llx", load_bits(raw, bit_off + 64, bits - 64),
			  load_bits(raw, bit_off, 64));
		return;
	}
	v = load_bits(raw, bit_off, bits);
	if (btf_type_is_int(t))
		show_int(show, t, v, bits);
	else
		show_enum(show, t, v, bits);
}

static void show_ptr(struct btf_show *show, const void *obj)
{
	unsigned long addr;

	if (!show_read(show, &addr, obj, sizeof(addr)))
		return;
	if (show->flags & BTF_F_PTR_RAW)
		show_text(show, "0x%px", (void *)addr);
	else
		show_text(show, "0x%p", (void *)addr);
}

/* ------------------------------------------------------------------ aggregates */

static void show_value(struct btf_show *show, u32 id, const void *obj, const char *member);

static bool all_zero(struct btf_show *show, const void *obj, u32 size)
{
	u8 buf[32];
	u32 n;

	for (; size; size -= n, obj += n) {
		n = min_t(u32, size, sizeof(buf));
		if (!show_read(show, buf, obj, n) || memchr_inv(buf, 0, n))
			return false;
	}
	return true;
}

/* Members that are zero are left out unless asked for. */
static bool show_skip_zero(struct btf_show *show, const void *obj, u32 size)
{
	return !(show->flags & BTF_F_ZERO) && all_zero(show, obj, size);
}

/* A member of @bits bits from bit @at of the byte at @p on. */
static void show_bits(struct btf_show *show, const struct btf_member *m, const struct btf_type *t,
		      const void *p, u32 at, u32 bits)
{
	u64 low, high = 0;
	u8 raw[24] = {};

	if (!show_read(show, raw, p, DIV_ROUND_UP(at + bits, 8)))
		return;
	low = load_bits(raw, at, min(bits, 64U));
	if (bits > 64)
		high = load_bits(raw, at + 64, bits - 64);
	if (!(show->flags & BTF_F_ZERO) && !low && !high)
		return;
	show_newline(show);
	show_prefix(show, m->type, btf_name_by_offset(show->btf, m->name_off));
	if (btf_type_is_any_enum(t))
		show_enum(show, t, low, bits);
	else if (high)
		show_text(show, "0x%llx%016llx", high, low);
	else
		show_text(show, "0x%llx", low);
	show_text(show, ",");
}

static void show_member(struct btf_show *show, const struct btf_type *t, const struct btf_member *m,
			const void *obj)
{
	const struct btf_type *mt = btf_type_skip_modifiers(show->btf, m->type, NULL);
	u32 off = __btf_member_bit_offset(t, m), bits = __btf_member_bitfield_size(t, m);
	const char *name = btf_name_by_offset(show->btf, m->name_off);
	const void *p = obj + off / 8;
	u32 size;

	if (!mt)
		return;
	if (!bits && btf_type_is_int(mt) && (off % 8 || btf_int_bits(mt) != mt->size * 8)) {
		bits = btf_int_bits(mt);
		off += btf_int_offset(mt);
		p = obj + off / 8;
	}
	if (bits) {
		show_bits(show, m, mt, p, off % 8, bits);
		return;
	}
	if (IS_ERR(btf_resolve_size(show->btf, mt, &size)) || show_skip_zero(show, p, size))
		return;
	show_newline(show);
	show_value(show, m->type, p, name);
	show_text(show, ",");
}

static void show_struct(struct btf_show *show, const struct btf_type *t, const void *obj)
{
	const struct btf_member *m;
	u32 i;

	show_text(show, "{");
	show->indent++;
	for_each_member(i, t, m)
		show_member(show, t, m, obj);
	show->indent--;
	show_newline(show);
	show_text(show, "}");
}

static bool is_char_array(const struct btf_show *show, const struct btf_type *t)
{
	const struct btf_type *e = btf_type_skip_modifiers(show->btf, btf_array(t)->type, NULL);

	return e && btf_type_is_int(e) && e->size == 1 &&
	       (btf_int_encoding(e) & BTF_INT_CHAR ||
		!strcmp(btf_type_name(show->btf, e), "char"));
}

/* Characters up to the one that ends them. */
static void show_chars(struct btf_show *show, const void *obj, u32 len)
{
	char c;
	u32 i;

	for (i = 0; i < len && show_read(show, &c, obj + i, 1) && c; i++) {
		show_newline(show);
		show_text(show, isprint(c) ? "'%c'," : "%d,", c);
	}
}

static void show_elements(struct btf_show *show, u32 type, const void *obj, u32 nelems, u32 size)
{
	u32 i;

	for (i = 0; i < nelems && !show->err; i++, obj += size) {
		if (show_skip_zero(show, obj, size))
			continue;
		show_newline(show);
		show->element = true;
		show_value(show, type, obj, NULL);
		show_text(show, ",");
	}
}

static void show_array(struct btf_show *show, const struct btf_type *t, const void *obj)
{
	const struct btf_array *a = btf_array(t);
	const struct btf_type *e = btf_type_by_id(show->btf, a->type);
	u32 size;

	if (!e || IS_ERR(btf_resolve_size(show->btf, e, &size)))
		return;
	show_text(show, "[");
	show->indent++;
	if (is_char_array(show, t))
		show_chars(show, obj, a->nelems);
	else
		show_elements(show, a->type, obj, a->nelems, size);
	show->indent--;
	show_newline(show);
	show_text(show, "]");
}

static void show_datasec(struct btf_show *show, const struct btf_type *t, const void *obj)
{
	const struct btf_var_secinfo *v;
	const struct btf_type *var;
	u32 i;

	show_text(show, "section (\"%s\") = {", btf_type_name(show->btf, t));
	for_each_vsi(i, t, v) {
		var = btf_type_by_id(show->btf, v->type);
		if (!var || !btf_type_is_var(var))
			continue;
		show_text(show, i ? ",\n " : "\n ");
		if (btf_type_var(var)->linkage == BTF_VAR_STATIC)
			show_text(show, "static ");
		show_cast_name(show, var->type);
		show_text(show, " %s = ", btf_type_name(show->btf, var));
		show_value(show, var->type, obj + v->offset, NULL);
	}
	show_text(show, "\n}");
}

static void show_value(struct btf_show *show, u32 id, const void *obj, const char *member)
{
	const struct btf_type *t = btf_type_skip_modifiers(show->btf, id, NULL);

	if (!t || show->depth >= BTF_MAX_NESTING) {
		show->err = show->err ?: -EINVAL;
		return;
	}
	if (!show->budget) {
		show->err = show->err ?: -E2BIG;
		return;
	}
	show->budget--;
	show->depth++;
	if (!btf_type_is_datasec(t))
		show_prefix(show, id, member);
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		show_scalar(show, t, obj, btf_int_offset(t), btf_int_bits(t));
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		show_scalar(show, t, obj, 0, t->size * 8);
		break;
	case BTF_KIND_PTR:
		show_ptr(show, obj);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		show_struct(show, t, obj);
		break;
	case BTF_KIND_ARRAY:
		show_array(show, t, obj);
		break;
	case BTF_KIND_DATASEC:
		show_datasec(show, t, obj);
		break;
	default:
		show_text(show, "<unsupported kind:%u>", btf_kind(t));
		break;
	}
	show->depth--;
}

/* ------------------------------------------------------------------ entries */

static int show_run(struct btf_show *show, u32 id, const void *obj)
{
	const struct btf_type *t = btf_type_by_id(show->btf, id);
	u32 size;

	if (!t || IS_ERR(btf_resolve_size(show->btf, t, &size)))
		return -EINVAL;
	show->budget = (u64)size * SHOW_VALUES_PER_BYTE + SHOW_VALUES_MIN;
	show_value(show, id, obj, NULL);
	return show->err;
}

void btf_type_seq_show(const struct btf *btf, u32 type_id, void *obj, struct seq_file *m)
{
	struct btf_show show = { .emit = emit_seq, .btf = btf, .seq = m, .flags = SHOW_TERSE };

	show_run(&show, type_id, obj);
}

int btf_type_seq_show_flags(const struct btf *btf, u32 type_id, void *obj, struct seq_file *m,
			    u64 flags)
{
	struct btf_show show = {
		.emit = emit_seq, .btf = btf, .seq = m, .flags = flags | SHOW_UNSAFE,
	};

	return show_run(&show, type_id, obj);
}

int btf_type_snprintf_show(const struct btf *btf, u32 type_id, void *obj, char *buf, int len,
			   u64 flags)
{
	struct btf_show show = {
		.emit = emit_buf, .btf = btf, .buf = buf, .size = len,
		.flags = flags | SHOW_UNSAFE,
	};
	int err;

	if (len > 0)
		buf[0] = 0;
	err = show_run(&show, type_id, obj);
	return err ?: show.len;
}
