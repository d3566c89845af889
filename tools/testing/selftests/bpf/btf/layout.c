// SPDX-License-Identifier: GPL-2.0
/* Struct walks against this compiler's offsetof(), and text of values against what they were. */
#include "btftest.h"
#include "layout.h"

struct field {
	const char *name;
	u32 off, size;
	enum btf_access_kind kind;
	const char *to;		/* pointers: the struct's name */
	u32 flags;
};

#define FIELD(path) \
	{ #path, offsetof(struct top, path), sizeof(((struct top *)0)->path), BTF_ACCESS_SCALAR }
#define PTRF(path, to, ...) \
	{ #path, offsetof(struct top, path), 8, BTF_ACCESS_PTR, to, ##__VA_ARGS__ }
#define OTHER(path) { #path, offsetof(struct top, path), 8, BTF_ACCESS_OTHER_PTR }
#define AT(name, path, plus, size) \
	{ name, offsetof(struct top, path) + (plus), size, BTF_ACCESS_SCALAR }

static const struct field fields[] = {
	FIELD(first), FIELD(s), FIELD(in.c), FIELD(in.i), PTRF(in.next, "leaf"),
	FIELD(arr[0].c), FIELD(arr[1].i), PTRF(arr[2].next, "leaf"),
	PTRF(ptrs[0][0], "leaf"), PTRF(ptrs[1][2], "leaf"),
	FIELD(matrix[0][0][0]), FIELD(matrix[1][2][3]), FIELD(u64v), FIELD(lo), FIELD(hi),
	FIELD(bytes[0]), FIELD(bytes[23]), AT("8 bytes of bytes", bytes[4], 0, 8),
	AT("2 bytes at the end of bytes", bytes[22], 0, 2),
	AT("bits a to c", bf, 0, 4), AT("bits d", bf, 8, 8), AT("bits e", bf, 13, 1),
	AT("low half of an int", in.i, 0, 2), AT("third byte of an int", in.i, 2, 1),
	FIELD(anon[0].x.deep), FIELD(anon[1].x.deep), OTHER(vp), OTHER(fn), PTRF(cp, "leaf"),
	FIELD(fl.n), FIELD(fl.tail[0].c), FIELD(fl.tail[5].i), PTRF(fl.tail[1000].next, "leaf"),
};

struct refused {
	const char *name;
	int off, size;
};

static const struct refused refused[] = {
	{ "hole behind first", offsetof(struct top, first) + 1, 1 },
	{ "hole behind in.c", offsetof(struct top, in.c) + 1, 1 },
	{ "hole behind an array element's char", offsetof(struct top, arr[1].c) + 2, 2 },
	{ "across two members", offsetof(struct top, s), 4 },
	{ "across two elements", offsetof(struct top, matrix[0][0][3]), 8 },
	{ "half a pointer", offsetof(struct top, cp), 4 },
	{ "a pointer's upper half", offsetof(struct top, cp) + 4, 4 },
	{ "across the end of bytes", offsetof(struct top, bytes[20]), 8 },
	{ "across two pointers", offsetof(struct top, ptrs[0][0]) + 4, 8 },
	{ "hole in the flexible tail", offsetof(struct top, fl.tail[7].c) + 1, 1 },
	{ "before the start", -1, 1 },
	{ "far before the start", -0x7fffffff - 1, 8 },
	{ "at the end of the numbers", 0x7fffffff, 8 },
	{ "size 0", 0, 0 },
	{ "size -1", 0, -1 },
};

static void test_walks(const struct btf *btf, s32 top)
{
	struct btf_access res;
	const struct field *f;
	const char *to;
	char msg[128];
	int err;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		f = &fields[i];
		err = btf_struct_walk(btf, top, f->off, f->size, &res, msg, sizeof(msg));
		check(!err && res.kind == f->kind, f->name, "at %u: %d kind %d %s", f->off, err,
		      res.kind, err ? msg : "");
		if (err || !f->to)
			continue;
		to = btf_type_name(btf, btf_type_by_id(btf, res.next_id));
		check(!strcmp(to, f->to), f->name, "points to %s", to);
		check(!(res.flags & PTR_UNTRUSTED), f->name, "not trusted");
	}
	/* what stands in a union may be something else */
	err = btf_struct_walk(btf, top, offsetof(struct top, up), 8, &res, msg, sizeof(msg));
	check(!err && (res.kind == BTF_ACCESS_SCALAR || res.flags & PTR_UNTRUSTED), "union",
	      "a pointer is trusted");
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		msg[0] = 0;
		err = btf_struct_walk(btf, top, refused[i].off, refused[i].size, &res, msg,
				      sizeof(msg));
		check(err == -EACCES && msg[0], refused[i].name, "%d kind %d", err, res.kind);
	}
	err = btf_struct_walk(btf, btf_find_by_name_kind(btf, "int", BTF_KIND_INT), 0, 4, &res, msg,
			      sizeof(msg));
	check(err == -EACCES, "walk in an int", "%d", err);
	check(btf_struct_walk(btf, 1 << 20, 0, 4, &res, msg, sizeof(msg)) == -EACCES,
	      "walk in no type", "%s", msg);
}

static void test_matches(const struct btf *btf, s32 top)
{
	s32 leaf = btf_find_by_name_kind(btf, "leaf", BTF_KIND_STRUCT);
	s32 bits = btf_find_by_name_kind(btf, "bits", BTF_KIND_STRUCT);

	check(btf_struct_ids_match(btf, top, 0, btf, top, true), "match", "itself");
	check(btf_struct_ids_match(btf, top, offsetof(struct top, in), btf, leaf, false), "match",
	      "member");
	check(btf_struct_ids_match(btf, top, offsetof(struct top, arr[2]), btf, leaf, false),
	      "match",
	      "array element");
	check(!btf_struct_ids_match(btf, top, offsetof(struct top, arr[2]), btf, bits, false),
	      "match", "another type");
	check(!btf_struct_ids_match(btf, top, offsetof(struct top, in) + 4, btf, leaf, false),
	      "match", "inside a member");
	check(!btf_struct_ids_match(btf, top, offsetof(struct top, in), btf, leaf, true), "match",
	      "member, strictly");
	check(!btf_struct_ids_match(btf, top, -8, btf, leaf, false), "match", "negative");
	check(!btf_struct_ids_match(btf, top, 1 << 30, btf, leaf, false), "match", "far");
}

void test_layout(const struct btf *btf)
{
	s32 top = btf_find_by_name_kind(btf, "top", BTF_KIND_STRUCT);
	u32 size;

	check(top > 0, "layout", "no struct top");
	if (top <= 0)
		return;
	check(!IS_ERR(btf_resolve_size(btf, btf_type_by_id(btf, top), &size)) &&
	      size == sizeof(struct top), "layout", "size %u", size);
	test_walks(btf, top);
	test_matches(btf, top);
	test_show(btf);
}

/* ------------------------------------------------------------------ text */

#define SHOWN_TERSE								\
	"{true,SHOWN_B,SHOWN_FAR,77,SHOWN_B,0x7,100,['a','b',1,],['x','y',],"	\
	"[122,3,],[[1,],],[{1,2,},],{65538,{2,1,},},{4,},}"

#define SHOWN_TYPED								\
	"(struct shown){.flag = (_Bool)true,.en = (enum shown_enum)SHOWN_B,"	\
	".wide_en = (enum shown_wide)SHOWN_FAR,.other = (enum shown_enum)77,"	\
	".en_bits = (enum shown_enum)SHOWN_B,.neg = (int)0x7,.td = (shown_t)100,"	\
	".name = (char[])['a','b',1,],.full = (char[])['x','y',],"		\
	".bytes = (unsigned char[])[122,3,],.grid = (int[][])[[1,],],"		\
	".leaves = (leaf_t[])[{.c = (char)1,.i = (int)2,},],"			\
	".u = (union shown_union){.word = (unsigned int)65538,"			\
	"(struct){.lo = (unsigned short)2,.hi = (unsigned short)1,},},"		\
	".in = (struct){.deep = (short)4,},}"

#define SHOWN_LINES								\
	"(struct shown){\n .name = (char[])[\n  'q',\n ],\n"			\
	" .grid = (int[][])[\n  [\n   7,\n  ],\n ],\n"				\
	" .in = (struct){\n  .deep = (short)5,\n },\n}"

static void expect(const struct btf *btf, const char *name, void *obj, u64 flags, const char *want)
{
	s32 id = btf_find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	char buf[4096], cut[16];
	int len;

	len = btf_type_snprintf_show(btf, id, obj, buf, sizeof(buf), flags);
	check(len == strlen(want) && !strcmp(buf, want), name, "flags %llx: %d \"%s\"", flags, len,
	      buf);
	len = btf_type_snprintf_show(btf, id, obj, cut, sizeof(cut), flags);
	check(len == strlen(want) && !strncmp(cut, want, sizeof(cut) - 1) &&
	      strlen(cut) == min(strlen(want), sizeof(cut) - 1), name, "cut: %d \"%s\"", len, cut);
	check(btf_type_snprintf_show(btf, id, obj, NULL, 0, flags) == len, name, "length only");
}

void test_show(const struct btf *btf)
{
	struct wide wide = {
		.all = (unsigned __int128)1 << 64 | 2, .low = 3,
		.high = (unsigned __int128)1 << 95 | 1,
	};
	struct leaf leaf = { .c = 'x', .i = -5 }, zero = {};
	struct bits bits = { .a = 5, .b = 4097, .d = 1ULL << 39, .e = 9 };
	struct shown shown = {
		.flag = true, .en = SHOWN_B, .wide_en = 1ULL << 40, .other = 77, .en_bits = SHOWN_B,
		.neg = -1, .td = 100, .name = "ab\1", .full = { 'x', 'y' }, .bytes = { 'z', 0, 3 },
		.grid = { { 0, 1 }, { 0, 0 } }, .leaves = { {}, { .c = 1, .i = 2 } },
		.u = { .word = 0x10002 }, .in = { .deep = 4 },
	};
	s32 id = btf_find_by_name_kind(btf, "leaf", BTF_KIND_STRUCT);
	char buf[256];
	struct seq_file seq = { .buf = buf, .size = sizeof(buf) };

	expect(btf, "leaf", &leaf, 0, "(struct leaf){\n .c = (char)120,\n .i = (int)-5,\n}");
	expect(btf, "leaf", &leaf, BTF_F_COMPACT, "(struct leaf){.c = (char)120,.i = (int)-5,}");
	expect(btf, "leaf", &leaf, BTF_F_COMPACT | BTF_F_NONAME, "{120,-5,}");
	expect(btf, "leaf", &zero, BTF_F_COMPACT, "(struct leaf){}");
	expect(btf, "leaf", &zero, BTF_F_COMPACT | BTF_F_NONAME | BTF_F_ZERO | BTF_F_PTR_RAW,
	       "{0,0,0x(nil)x,}");
	expect(btf, "bits", &bits, BTF_F_COMPACT,
	       "(struct bits){.a = (unsigned int)0x5,.b = (unsigned int)0x1001,.d = (unsigned long long)0x8000000000,.e = (unsigned char)0x9,}");
	expect(btf, "wide", &wide, BTF_F_COMPACT | BTF_F_NONAME,
	       "{0x10000000000000002,0x3,0x800000000000000000000001,}");
	expect(btf, "shown", &shown, BTF_F_COMPACT | BTF_F_NONAME, SHOWN_TERSE);
	expect(btf, "shown", &shown, BTF_F_COMPACT, SHOWN_TYPED);
	expect(btf, "shown", &(struct shown){ .grid = { { 7 } }, .name = "q", .in = { 5 } }, 0,
	       SHOWN_LINES);
	expect(btf, "high", &(struct high){ .bits = (unsigned __int128)1 << 99 },
	       BTF_F_COMPACT | BTF_F_NONAME, "{0x8000000000000000000000000,}");
	btf_type_seq_show(btf, id, &leaf, &seq);
	check(!strncmp(buf, "{120,-5,0x", 10), "terse", "%s", buf);
	seq.len = 0;
	id = btf_find_by_name_kind(btf, "few", BTF_KIND_STRUCT);
	btf_type_seq_show(btf, id, &(struct few){ .name = "n", .nr = { 0, 2 }, .a = 5 }, &seq);
	check(!strcmp(buf, "{['n',],[0,2,],0x5,0x0,}"), "terse", "%s", buf);
	id = btf_find_by_name_kind(btf, "leaf", BTF_KIND_STRUCT);
	check(btf_type_snprintf_show(btf, 1 << 20, &leaf, buf, sizeof(buf), 0) == -EINVAL,
	      "text of no type", "%s", buf);
	check(btf_type_snprintf_show(btf, 0, &leaf, buf, sizeof(buf), 0) == -EINVAL, "text of void",
	      "%s", buf);
	/* an address that faults is an error, not a crash */
	check(btf_type_snprintf_show(btf, id, (void *)8, buf, sizeof(buf), 0) == -EFAULT,
	      "address that faults", "%s", buf);
}
