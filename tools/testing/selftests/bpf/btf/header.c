// SPDX-License-Identifier: GPL-2.0
/* Header and sections; limits; types by id and name; allocations that fail. */
#include "btftest.h"

static const u32 small[] = { N(1), INFO(INT, 0), 4, 32, 0, INFO(PTR, 0), 1 };

struct header_case {
	const char *name;
	u32 at;			/* byte of the object */
	u32 bytes;
	u32 value;
	int err;
	const char *log;
};

#define H(member) offsetof(struct btf_header, member), sizeof(((struct btf_header *)0)->member)

static const struct header_case cases[] = {
	{ "magic", H(magic), 0x9feb, -EINVAL, "Invalid magic" },
	{ "version", H(version), 2, -ENOTSUPP, "Unsupported version" },
	{ "flags", H(flags), 1, -ENOTSUPP, "Unsupported flags" },
	{ "hdr_len 0", H(hdr_len), 0, -EINVAL, "btf_header not found" },
	{ "hdr_len short", H(hdr_len), 23, -EINVAL, "btf_header not found" },
	{ "hdr_len long", H(hdr_len), 28, -E2BIG, "Unsupported btf_header" },
	{ "hdr_len huge", H(hdr_len), ~0U, -EINVAL, "btf_header not found" },
	{ "type_off", H(type_off), 4, -EINVAL, "Invalid section" },
	{ "type_off unaligned", H(type_off), 1, -EINVAL, "Invalid section" },
	{ "type_off huge", H(type_off), ~3U, -EINVAL, "Invalid section" },
	{ "type_len 0", H(type_len), 0, -EINVAL, "No type found" },
	{ "type_len short", H(type_len), 24, -EINVAL, "Invalid section" },
	{ "type_len unaligned", H(type_len), 27, -EINVAL, "Invalid section" },
	{ "type_len huge", H(type_len), ~3U, -EINVAL, "Invalid section" },
	{ "str_off short", H(str_off), 24, -EINVAL, "Invalid section" },
	{ "str_off long", H(str_off), 32, -EINVAL, "Invalid section" },
	{ "str_off huge", H(str_off), ~0U, -EINVAL, "Invalid section" },
	{ "str_len short", H(str_len), 4, -EINVAL, "Invalid section" },
	{ "str_len huge", H(str_len), ~0U, -EINVAL, "Invalid section" },
	{ "str_len 0", H(str_len), 0, -EINVAL, "Invalid section" },
	{ "first string not empty", sizeof(struct btf_header) + sizeof(small), 1, 'x', -EINVAL,
	  "Invalid string section" },
	{ "last string without an end", sizeof(struct btf_header) + sizeof(small) + 4, 1, 'x',
	  -EINVAL, "Invalid string section" },
};

static void *build_small(u32 *size)
{
	return build(small, ARRAY_SIZE(small), "int", 4, size);
}

/* Longer headers of later versions, strings before types, objects cut off anywhere. */
static void test_forms(void)
{
	u32 size, i;
	u8 *data = build_small(&size), *other = calloc(1, size + 8), *cut;
	struct btf_header *hdr = (void *)data, *to = (void *)other;
	struct btf *btf;
	int err;

	memcpy(other, data, sizeof(*hdr));
	memcpy(other + 32, data + 24, size - 24);
	to->hdr_len = 32;
	err = load(other, size + 8, 1, &btf);
	check(!err && !strcmp(btf_type_name(btf, btf_type_by_id(btf, 1)), "int"), "longer header",
	      "%d %s", err, load_log);
	btf_put(btf);
	to->hdr_len = 30;
	check(load(other, size + 8, 1, NULL) == -EINVAL, "header that leaves types unaligned", "%s",
	      load_log);

	/* strings "\0int\0" and padding, then types */
	memset(other, 0, size + 8);
	*to = *hdr;
	to->str_off = 0;
	to->str_len = 8;
	to->type_off = 8;
	memcpy(other + 24, data + 24 + hdr->str_off, hdr->str_len);
	memcpy(other + 32, data + 24, hdr->type_len);
	err = load(other, 32 + hdr->type_len, 1, &btf);
	check(!err && !strcmp(btf_type_name(btf, btf_type_by_id(btf, 1)), "int"),
	      "strings before types", "%d %s", err, load_log);
	btf_put(btf);

	for (i = 0; i < size; i++) {
		cut = malloc(i ?: 1);
		memcpy(cut, data, i);
		err = load(cut, i, 1, NULL);
		check(err == -EINVAL && load_log[0], "cut off", "%u bytes: %d", i, err);
		free(cut);
	}
	check(load(data, BTF_MAX_SIZE + 1, 1, NULL) == -E2BIG, "too long", "%s", load_log);
	free(data);
	free(other);
}

static void test_types_max(void)
{
	u32 n = BTF_MAX_TYPE, i, *raw = calloc(n + 1, 12), w = 0;
	int err;

	for (i = 0; i < n + 1; i++) {
		raw[w++] = 0;
		raw[w++] = INFO(PTR, 0);
		raw[w++] = 0;
	}
	err = load_raw(raw, n * 3, "", 0, 1, NULL);
	check(!err, "as many types as there may be", "%d %s", err, load_log);
	err = load_raw(raw, n * 3 + 3, "", 0, 1, NULL);
	check(err == -E2BIG, "one type too many", "%d %s", err, load_log);
	free(raw);
}

void test_header(void)
{
	const struct header_case *c;
	u32 size;
	u8 *data;
	int err;

	for (c = cases; c < cases + ARRAY_SIZE(cases); c++) {
		data = build_small(&size);
		memcpy(data + c->at, &c->value, c->bytes);
		err = load(data, size, 1, NULL);
		check(err == c->err, c->name, "%d, not %d: %s", err, c->err, load_log);
		check(strstr(load_log, c->log), c->name, "log: %s", load_log);
		free(data);
	}
	test_forms();
	test_types_max();
}

/* ------------------------------------------------------------------ by id and name */

static void check_split(struct btf *base)
{
	static const u32 raw[] = { N(1), INFO(STRUCT, 1), 8, N(2), 2, 0, 2, INFO(TYPEDEF, 0), 1 };
	u32 size, type_words = ARRAY_SIZE(raw), *types;
	u8 *data = build(raw, type_words, "mod\0p", 6, &size);
	struct btf_header *hdr = (void *)data;
	u32 base_strs = base->str_len, i;
	struct btf *split;

	/* strings of split BTF come behind those of its base: "int" stays at 1 */
	types = (u32 *)(hdr + 1);
	for (i = 0; i < type_words; i++)
		if (raw[i] >= N(0) && raw[i] < N(9))
			types[i] += base_strs;
	types[6] = 1;
	split = btf_parse_trusted(base, data, size, "mod");
	check(!IS_ERR(split), "split", "%ld", PTR_ERR(split));
	if (IS_ERR(split)) {
		free(data);
		return;
	}
	check(btf_nr_types(split) == 5, "split", "%u types", btf_nr_types(split));
	check(btf_find_by_name_kind(split, "mod", BTF_KIND_STRUCT) == 3, "split", "no struct");
	check(btf_find_by_name_kind(split, "int", BTF_KIND_INT) == 1, "split",
	      "no int of the base");
	check(btf_find_by_name_kind(split, "int", BTF_KIND_TYPEDEF) == 4, "split",
	      "a name of the base's strings is not found");
	check(btf_find_own(split, "int", BTF_KIND_INT) == -ENOENT, "split", "own int");
	check(btf_type_by_id(split, 1) == btf_type_by_id(base, 1), "split", "base's type");
	check(!btf_type_by_id(split, 5) && !btf_type_by_id(base, 3), "split", "ids out of bounds");
	check(btf_types_are_same(split, 1, base, 1), "split", "same type");
	btf_put(split);

	/* built with another base: an id that this one does not have, a string likewise */
	types[4] = 77;
	split = btf_parse_trusted(base, data, size, "mod");
	check(IS_ERR(split) && PTR_ERR(split) == -EINVAL, "split", "foreign id is taken");
	types[4] = 2;
	types[3] = 99;
	split = btf_parse_trusted(base, data, size, "mod");
	check(IS_ERR(split) && PTR_ERR(split) == -EINVAL, "split", "foreign name is taken");
	free(data);
}

void test_lookup(void)
{
	struct btf *btf;
	u32 id;

	load_raw(small, ARRAY_SIZE(small), "int", 4, 0, &btf);
	check(btf_type_by_id(btf, 0) && !btf_type_by_id(btf, 3) && !btf_type_by_id(btf, ~0U),
	      "ids", "bounds");
	check(!btf_name_by_offset(btf, 5) && !btf_name_by_offset(btf, ~0U), "names", "bounds");
	check(btf_find_by_name_kind(btf, "int", BTF_KIND_INT) == 1, "by name", "int");
	check(btf_find_by_name_kind(btf, "int", BTF_KIND_STRUCT) == -ENOENT, "by name", "kind");
	check(btf_find_by_name_kind(btf, "", BTF_KIND_PTR) == -ENOENT, "by name", "no name");
	check(btf_type_resolve_ptr(btf, 2, &id) && id == 1, "pointer", "%u", id);
	check(!btf_type_resolve_ptr(btf, 1, NULL), "no pointer", "found");
	check_split(btf);
	btf_put(btf);
}

/* ------------------------------------------------------------------ memory */

void test_memory(void)
{
	u32 size, n;
	void *data = build_small(&size);
	int err;

	for (n = 1; n < 40; n++) {
		long live = shim_live;

		shim_fail_alloc = n;
		err = load(data, size, 1, NULL);
		if (shim_fail_alloc > 0) {
			shim_fail_alloc = 0;
			check(!err && n > 8, "allocations", "%u of them: %d", n, err);
			break;
		}
		check(err == -ENOMEM && shim_live == live, "allocation", "%u fails: %d, %ld left",
		      n, err, shim_live - live);
	}
	free(data);
}
