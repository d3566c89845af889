// SPDX-License-Identifier: GPL-2.0
/* Each kind, good and bad: the error, and what the log says of it. */
#include "btftest.h"

/**
 * struct kind_case - types that are loaded alone
 * @raw: words of the type section
 * @strs: names, each with its NUL
 * @err: 0 or a negative errno
 * @log: what the log has to have; NULL: nothing is asked
 */
struct kind_case {
	const char *name;
	const u32 *raw;
	u32 words;
	const char *strs;
	u32 str_len;
	int err;
	const char *log;
};

#define RAW(...) .raw = (const u32[]){ __VA_ARGS__ },				\
	.words = sizeof((const u32[]){ __VA_ARGS__ }) / sizeof(u32)
#define STRS(s) .strs = (s), .str_len = sizeof(s)
#define INT_ENC(enc, off, bits) ((u32)(enc) << 24 | (off) << 16 | (bits))
#define T_INT(name, size, enc) name, INFO(INT, 0), size, enc
#define INT32 T_INT(N(1), 4, INT_ENC(BTF_INT_SIGNED, 0, 32))	/* always type 1, "int" */
#define PTR(to) 0, INFO(PTR, 0), to
#define BITS(width, off) ((u32)(width) << 24 | (off))

static const struct kind_case cases[] = {
	/* INT */
	{ "int", RAW(INT32), STRS("int"), 0 },
	{ "int without a name", RAW(T_INT(0, 4, 32)), STRS(""), 0 },
	{ "int of 128 bits", RAW(T_INT(N(1), 16, 128)), STRS("__int128"), 0 },
	{ "int with any name", RAW(T_INT(N(1), 1, 8)), STRS("\xc3\xa4 b"), 0 },
	{ "int of more bits than bytes", RAW(T_INT(N(1), 4, 33)), STRS("int"), -EINVAL,
	  "[1] INT int size=4 nr_bits exceeds type_size" },
	{ "int of 129 bits", RAW(T_INT(N(1), 16, 129)), STRS("int"), -EINVAL,
	  "nr_bits exceeds 128" },
	{ "int with offset too far", RAW(T_INT(N(1), 4, INT_ENC(0, 8, 32))), STRS("int"), -EINVAL,
	  "nr_bits exceeds type_size" },
	{ "int of two encodings", RAW(T_INT(N(1), 4, INT_ENC(3, 0, 32))), STRS("int"), -EINVAL,
	  "Unsupported encoding" },
	{ "int with unknown bits", RAW(T_INT(N(1), 4, 0x80000020)), STRS("int"), -EINVAL,
	  "Invalid int_data:80000020" },
	{ "int with vlen", RAW(N(1), INFO(INT, 1), 4, 32), STRS("int"), -EINVAL, "vlen != 0" },
	{ "int with kind_flag", RAW(N(1), KINFO(INT, 0), 4, 32), STRS("int"), -EINVAL,
	  "Invalid btf_info kind_flag" },
	{ "int cut off", RAW(N(1), INFO(INT, 0), 4), STRS("int"), -EINVAL,
	  "meta_left:0 meta_needed:4" },
	{ "bits of info that mean nothing", RAW(N(1), INFO(INT, 0) | 1 << 16, 4, 32), STRS("int"),
	  -EINVAL, "Invalid btf_info:" },
	{ "name out of bounds", RAW(T_INT(99, 4, 32)), STRS("int"), -EINVAL,
	  "[1] INT (invalid-name-offset) size=4 Invalid name" },
	{ "name offset of 2^32-1", RAW(T_INT(0xffffffff, 4, 32)), STRS("int"), -EINVAL,
	  "Invalid name" },
	{ "kind 0", RAW(0, 0, 0), STRS(""), -EINVAL, "[1] UNKN (anon) Invalid kind:0" },
	{ "kind 20", RAW(0, 20 << 24, 0), STRS(""), -EINVAL, "Invalid kind:20" },
	{ "kind 31", RAW(0, 31 << 24, 0), STRS(""), -EINVAL, "Invalid kind:31" },
	{ "half a type", RAW(INT32, 0, 0), STRS("int"), -EINVAL, "type section ends" },

	/* PTR and qualifiers */
	{ "ptr to void", RAW(PTR(0)), STRS(""), 0 },
	{ "ptr with name", RAW(N(1), INFO(PTR, 0), 0), STRS("p"), -EINVAL, "Invalid name" },
	{ "ptr with an empty name at another offset", RAW(2, INFO(PTR, 0), 0), STRS("p"), -EINVAL,
	  "Invalid name" },
	{ "ptr to nothing", RAW(PTR(7)), STRS(""), -EINVAL,
	  "[1] PTR (anon) type_id=7 Invalid type_id=7" },
	{ "ptr to itself", RAW(PTR(1)), STRS(""), -EINVAL, "Loop detected" },
	{ "two ptrs in a ring", RAW(PTR(2), PTR(1)), STRS(""), -EINVAL, "Loop detected" },
	{ "ptr, const, typedef in a ring",
	  RAW(PTR(2), 0, INFO(CONST, 0), 3, N(1), INFO(TYPEDEF, 0), 1), STRS("t"), -EINVAL,
	  "Loop detected" },
	{ "ptr into a ring", RAW(PTR(2), PTR(3), PTR(2)), STRS(""), -EINVAL, "Loop detected" },
	{ "const of itself", RAW(0, INFO(CONST, 0), 1), STRS(""), -EINVAL, "Loop detected" },
	{ "const, volatile, restrict, tag of an int",
	  RAW(INT32, 0, INFO(CONST, 0), 1, 0, INFO(VOLATILE, 0), 2, PTR(3), 0, INFO(RESTRICT, 0), 4,
	      N(2), INFO(TYPE_TAG, 0), 1, PTR(6)), STRS("int\0user tag"), 0 },
	{ "const of void", RAW(0, INFO(CONST, 0), 0, PTR(1)), STRS(""), 0 },
	{ "const with vlen", RAW(0, INFO(CONST, 1), 0), STRS(""), -EINVAL, "vlen != 0" },
	{ "type tag without a name", RAW(0, INFO(TYPE_TAG, 0), 0), STRS(""), -EINVAL,
	  "Invalid name" },
	{ "type tag with any text", RAW(N(1), INFO(TYPE_TAG, 0), 0),
	  STRS("btf \xe2\x82\xac:1"), 0 },
	{ "typedef without a name", RAW(0, INFO(TYPEDEF, 0), 0), STRS(""), -EINVAL,
	  "Invalid name" },
	{ "typedef with a bad name", RAW(N(1), INFO(TYPEDEF, 0), 0), STRS("a b"), -EINVAL,
	  "Invalid name" },
	{ "typedef of a function prototype",
	  RAW(0, INFO(FUNC_PROTO, 0), 0, N(1), INFO(TYPEDEF, 0), 1, PTR(2)), STRS("fn_t"), 0 },
	{ "const of a function", RAW(0, INFO(FUNC_PROTO, 0), 0, N(1), INFO(FUNC, 0), 1,
				     0, INFO(CONST, 0), 2), STRS("f"), -EINVAL,
	  "Invalid type_id=2" },

	/* ARRAY */
	{ "array", RAW(INT32, 0, INFO(ARRAY, 0), 0, 1, 1, 4), STRS("int"), 0 },
	{ "array of none", RAW(INT32, 0, INFO(ARRAY, 0), 0, 1, 1, 0), STRS("int"), 0 },
	{ "array with a size", RAW(INT32, 0, INFO(ARRAY, 0), 4, 1, 1, 4), STRS("int"), -EINVAL,
	  "size != 0" },
	{ "array of void", RAW(INT32, 0, INFO(ARRAY, 0), 0, 0, 1, 4), STRS("int"), -EINVAL,
	  "Invalid type_id" },
	{ "array indexed by a pointer", RAW(INT32, 0, INFO(ARRAY, 0), 0, 1, 3, 4, PTR(1)),
	  STRS("int"), -EINVAL, "Invalid index" },
	{ "array of itself", RAW(INT32, 0, INFO(ARRAY, 0), 0, 2, 1, 4), STRS("int"), -EINVAL,
	  "Loop detected" },
	{ "array too large", RAW(INT32, 0, INFO(ARRAY, 0), 0, 1, 1, 0x40000000), STRS("int"),
	  -EINVAL, "Array size overflows U32_MAX" },
	{ "array of arrays too large", RAW(INT32, 0, INFO(ARRAY, 0), 0, 1, 1, 0x10000,
					   0, INFO(ARRAY, 0), 0, 2, 1, 0x10000), STRS("int"),
	  -EINVAL, "[3] ARRAY (anon) Array size overflows U32_MAX" },
	{ "array of a forward", RAW(INT32, N(2), INFO(FWD, 0), 0, 0, INFO(ARRAY, 0), 0, 2, 1, 1),
	  STRS("int\0s"), -EINVAL, "Invalid elem" },

	/* STRUCT and UNION */
	{ "struct", RAW(INT32, N(2), INFO(STRUCT, 2), 8, N(3), 1, 0, N(4), 1, 32),
	  STRS("int\0s\0a\0b.c"), 0 },
	{ "struct that points to itself, const",
	  RAW(N(1), INFO(STRUCT, 1), 8, N(2), 2, 0, PTR(3), 0, INFO(CONST, 0), 1), STRS("s\0next"),
	  0 },
	{ "struct that points to itself, by a typedef, met from the pointer",
	  RAW(PTR(2), N(1), INFO(TYPEDEF, 0), 3, N(1), INFO(STRUCT, 1), 8, N(2), 1, 0),
	  STRS("s\0next"), 0 },
	{ "struct with a function of itself",
	  RAW(N(1), INFO(STRUCT, 1), 8, N(2), 2, 0, PTR(3), 0, INFO(FUNC_PROTO, 1), 1, N(3), 1),
	  STRS("s\0fn\0by_value"), 0 },
	{ "struct in itself", RAW(N(1), INFO(STRUCT, 1), 8, N(2), 1, 0), STRS("s\0a"), -EINVAL,
	  "Loop detected" },
	{ "struct in itself by an array of none",
	  RAW(INT32, N(2), INFO(STRUCT, 1), 8, N(3), 3, 0, 0, INFO(ARRAY, 0), 0, 2, 1, 0),
	  STRS("int\0s\0a"), -EINVAL, "Loop detected" },
	{ "two structs in each other",
	  RAW(N(1), INFO(STRUCT, 1), 8, N(2), 2, 0, N(2), INFO(UNION, 1), 8, N(1), 1, 0),
	  STRS("s\0a"), -EINVAL, "Loop detected" },
	{ "empty struct", RAW(N(1), INFO(STRUCT, 0), 0), STRS("s"), 0 },
	{ "struct without a name", RAW(0, INFO(STRUCT, 0), 0), STRS(""), 0 },
	{ "struct with a bad name", RAW(N(1), INFO(STRUCT, 0), 0), STRS("1s"), -EINVAL,
	  "Invalid name" },
	{ "struct with a name of Rust", RAW(N(1), INFO(STRUCT, 0), 0), STRS("Option<u8>"), -EINVAL,
	  "[1] STRUCT Option<u8> size=0 vlen=0 Invalid name" },
	{ "member with a bad name", RAW(INT32, N(2), INFO(STRUCT, 1), 4, N(3), 1, 0),
	  STRS("int\0s\0a-b"), -EINVAL, "Invalid member name_offset" },
	{ "member of void", RAW(N(1), INFO(STRUCT, 1), 4, N(2), 0, 0), STRS("s\0a"), -EINVAL,
	  "Invalid type_id" },
	{ "member behind the end", RAW(INT32, N(2), INFO(STRUCT, 1), 4, N(3), 1, 40),
	  STRS("int\0s\0a"), -EINVAL, "Member bits_offset exceeds its struct size" },
	{ "member across the end", RAW(INT32, N(2), INFO(STRUCT, 1), 6, N(3), 1, 32),
	  STRS("int\0s\0a"), -EINVAL, "Member exceeds struct_size" },
	{ "members not in order", RAW(INT32, N(2), INFO(STRUCT, 2), 8, N(3), 1, 32, N(4), 1, 0),
	  STRS("int\0s\0a\0b"), -EINVAL, "Invalid member bits_offset" },
	{ "union member not at 0", RAW(INT32, N(2), INFO(UNION, 1), 8, N(3), 1, 32),
	  STRS("int\0s\0a"), -EINVAL, "Invalid member bits_offset" },
	{ "member of a forward", RAW(N(1), INFO(FWD, 0), 0, N(1), INFO(STRUCT, 1), 8, N(1), 1, 0),
	  STRS("s"), -EINVAL, "Invalid member 0" },
	{ "member cut off", RAW(INT32, N(2), INFO(STRUCT, 2), 8, N(3), 1, 0), STRS("int\0s\0a"),
	  -EINVAL, "meta_left:12 meta_needed:24" },
	{ "bit fields", RAW(INT32, N(2), KINFO(STRUCT, 3), 8, N(3), 1, BITS(3, 0), N(4), 1,
			    BITS(29, 3), N(5), 1, BITS(0, 32)), STRS("int\0s\0a\0b\0c"), 0 },
	{ "bit field wider than its type", RAW(INT32, N(2), KINFO(STRUCT, 1), 8, N(3), 1,
					       BITS(33, 0)), STRS("int\0s\0a"), -EINVAL,
	  "Invalid member bitfield_size" },
	{ "bit field across the end", RAW(INT32, N(2), KINFO(STRUCT, 1), 4, N(3), 1, BITS(3, 30)),
	  STRS("int\0s\0a"), -EINVAL, "Member exceeds struct_size" },
	{ "bit field of a pointer", RAW(PTR(0), N(1), KINFO(STRUCT, 1), 8, N(2), 1, BITS(3, 0)),
	  STRS("s\0a"), -EINVAL, "Invalid member bitfield_size" },
	{ "member at bit 1, not a bit field", RAW(INT32, N(2), KINFO(STRUCT, 1), 8, N(3), 1,
						  BITS(0, 1)), STRS("int\0s\0a"), -EINVAL,
	  "Invalid member offset" },
	{ "bit field by the integer's width", RAW(T_INT(N(1), 4, INT_ENC(0, 0, 3)),
						  N(2), INFO(STRUCT, 1), 4, N(3), 1, 29),
	  STRS("int\0s\0a"), 0 },
	{ "the same, across the end", RAW(T_INT(N(1), 4, INT_ENC(0, 0, 4)),
					  N(2), INFO(STRUCT, 1), 4, N(3), 1, 29),
	  STRS("int\0s\0a"), -EINVAL,
	  "Invalid member offset" },

	/* ENUM, ENUM64 */
	{ "enum", RAW(N(1), INFO(ENUM, 2), 4, N(2), 0, N(3), 1), STRS("e\0A\0B"), 0 },
	{ "signed enum of one byte", RAW(0, KINFO(ENUM, 1), 1, N(1), 0xffffffff), STRS("A"), 0 },
	{ "enum without enumerators", RAW(N(1), INFO(ENUM, 0), 4), STRS("e"), 0 },
	{ "enum of 3 bytes", RAW(N(1), INFO(ENUM, 0), 3), STRS("e"), -EINVAL, "Unexpected size" },
	{ "enum of 0 bytes", RAW(N(1), INFO(ENUM, 0), 0), STRS("e"), -EINVAL, "Unexpected size" },
	{ "enum of 16 bytes", RAW(N(1), INFO(ENUM, 0), 16), STRS("e"), -EINVAL, "Unexpected size" },
	{ "enumerator without a name", RAW(N(1), INFO(ENUM, 1), 4, 0, 0), STRS("e"), -EINVAL,
	  "Invalid name_offset:0" },
	{ "enumerator with a bad name", RAW(N(1), INFO(ENUM, 1), 4, N(2), 0), STRS("e\0A::B"),
	  -EINVAL, "Invalid name_offset:3" },
	{ "enum64", RAW(N(1), KINFO(ENUM64, 1), 8, N(2), 1, 2), STRS("e\0A"), 0 },
	{ "enum64 cut off", RAW(N(1), INFO(ENUM64, 1), 8, N(2), 1), STRS("e\0A"), -EINVAL,
	  "meta_left:8 meta_needed:12" },

	/* FWD */
	{ "forward of a struct", RAW(N(1), INFO(FWD, 0), 0), STRS("s"), 0 },
	{ "forward of a union", RAW(N(1), KINFO(FWD, 0), 0), STRS("s"), 0 },
	{ "forward with a type", RAW(N(1), INFO(FWD, 0), 1), STRS("s"), -EINVAL, "type != 0" },
	{ "forward without a name", RAW(0, INFO(FWD, 0), 0), STRS(""), -EINVAL, "Invalid name" },
	{ "forward with vlen", RAW(N(1), INFO(FWD, 2), 0), STRS("s"), -EINVAL, "vlen != 0" },

	/* FUNC, FUNC_PROTO */
	{ "function", RAW(INT32, 0, INFO(FUNC_PROTO, 2), 1, N(2), 1, 0, 0, N(3), INFO(FUNC, 1), 2),
	  STRS("int\0a\0f.isra.0"), 0 },
	{ "function extern", RAW(0, INFO(FUNC_PROTO, 0), 0, N(1), INFO(FUNC, 2), 1), STRS("f"),
	  -EINVAL, "[2] FUNC f type_id=1 vlen=2 Invalid func linkage" },
	{ "function without a name", RAW(0, INFO(FUNC_PROTO, 0), 0, 0, INFO(FUNC, 0), 1), STRS(""),
	  -EINVAL, "Invalid name" },
	{ "function of an int", RAW(INT32, N(2), INFO(FUNC, 0), 1), STRS("int\0f"), -EINVAL,
	  "Invalid type_id=1" },
	{ "function of void", RAW(N(1), INFO(FUNC, 0), 0), STRS("f"), -EINVAL, "Invalid type_id" },
	{ "prototype with a name", RAW(N(1), INFO(FUNC_PROTO, 0), 0), STRS("f"), -EINVAL,
	  "Invalid name" },
	{ "void argument not last", RAW(INT32, 0, INFO(FUNC_PROTO, 2), 0, 0, 0, N(2), 1),
	  STRS("int\0a"), -EINVAL, "Invalid arg#1" },
	{ "void argument with a name", RAW(0, INFO(FUNC_PROTO, 1), 0, N(1), 0), STRS("a"), -EINVAL,
	  "Invalid arg#1" },
	{ "argument with a bad name", RAW(INT32, 0, INFO(FUNC_PROTO, 1), 0, N(2), 1),
	  STRS("int\0a b"), -EINVAL, "Invalid arg#1" },
	{ "argument of a type that is not", RAW(0, INFO(FUNC_PROTO, 1), 0, N(1), 9), STRS("a"),
	  -EINVAL, "Invalid type_id=9" },
	{ "return type that is not", RAW(0, INFO(FUNC_PROTO, 0), 9), STRS(""), -EINVAL,
	  "Invalid type_id=9" },
	{ "prototype cut off", RAW(0, INFO(FUNC_PROTO, 1), 0), STRS(""), -EINVAL,
	  "meta_left:0 meta_needed:8" },

	/* VAR, DATASEC */
	{ "variable in a section", RAW(INT32, N(2), INFO(VAR, 0), 1, 1,
				       N(3), INFO(DATASEC, 1), 4, 2, 0, 4),
	  STRS("int\0v\0.data"), 0 },
	{ "section of a name with spaces", RAW(INT32, N(2), INFO(VAR, 0), 1, 0,
					       N(3), INFO(DATASEC, 1), 8, 2, 0, 4),
	  STRS("int\0f.v\0.ro data/1"), 0 },
	{ "section with a control character", RAW(INT32, N(2), INFO(VAR, 0), 1, 0,
						  N(3), INFO(DATASEC, 1), 8, 2, 0, 4),
	  STRS("int\0v\0.a\1b"), -EINVAL, "Invalid name" },
	{ "variable with a bad name", RAW(INT32, N(2), INFO(VAR, 0), 1, 0), STRS("int\0#v"),
	  -EINVAL, "Invalid name" },
	{ "variable extern", RAW(INT32, N(2), INFO(VAR, 0), 1, 2), STRS("int\0v"), -EINVAL,
	  "Linkage not supported" },
	{ "variable of void", RAW(N(1), INFO(VAR, 0), 0, 0), STRS("v"), -EINVAL,
	  "Invalid type_id" },
	{ "variable of const void", RAW(0, INFO(CONST, 0), 0, N(1), INFO(VAR, 0), 1, 0), STRS("v"),
	  -EINVAL, "Invalid type_id" },
	{ "variable of a variable", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(2), INFO(VAR, 0), 2, 0),
	  STRS("int\0v"), -EINVAL, "Invalid type_id=2" },
	{ "variable cut off", RAW(INT32, N(2), INFO(VAR, 0), 1), STRS("int\0v"), -EINVAL,
	  "meta_left:0 meta_needed:4" },
	{ "ptr to a variable", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, PTR(2)), STRS("int\0v"),
	  -EINVAL, "Invalid type_id=2" },
	{ "section of size 0", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(3), INFO(DATASEC, 1), 0,
				   2, 0, 4), STRS("int\0v\0s"), -EINVAL, "Invalid size" },
	{ "section that overlaps", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(3), INFO(DATASEC, 2), 8,
				       2, 0, 4, 2, 3, 4), STRS("int\0v\0s"), -EINVAL,
	  "Invalid offset" },
	{ "section that is too short", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(3), INFO(DATASEC, 2),
					   7, 2, 0, 4, 2, 4, 4), STRS("int\0v\0s"), -EINVAL,
	  "Invalid offset+size" },
	{ "section entry that overflows", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(3),
					      INFO(DATASEC, 1), 0xffffffff, 2, 0xfffffffe,
					      0xfffffffe), STRS("int\0v\0s"), -EINVAL,
	  "Invalid offset+size" },
	{ "section entry smaller than its variable", RAW(INT32, N(2), INFO(VAR, 0), 1, 0, N(3),
							 INFO(DATASEC, 1), 8, 2, 0, 2),
	  STRS("int\0v\0s"), -EINVAL, "Invalid size" },
	{ "section entry of no variable", RAW(INT32, N(2), INFO(DATASEC, 1), 8, 1, 0, 4),
	  STRS("int\0s"), -EINVAL, "Invalid type_id=1" },
	{ "section entry of a function", RAW(0, INFO(FUNC_PROTO, 0), 0, N(1), INFO(FUNC, 1), 1,
					     N(2), INFO(DATASEC, 1), 8, 2, 0, 8),
	  STRS("f\0.ksyms"), -EINVAL, "Invalid type_id=2" },
	{ "section entry of void", RAW(N(1), INFO(DATASEC, 1), 8, 0, 0, 4), STRS("s"), -EINVAL,
	  "Invalid type_id" },

	/* FLOAT */
	{ "floats", RAW(N(1), INFO(FLOAT, 0), 2, N(1), INFO(FLOAT, 0), 4, N(1), INFO(FLOAT, 0), 8,
			N(1), INFO(FLOAT, 0), 12, N(1), INFO(FLOAT, 0), 16),
	  STRS("long double"), 0 },
	{ "float without a name", RAW(0, INFO(FLOAT, 0), 4), STRS(""), 0 },
	{ "float of 6 bytes", RAW(N(1), INFO(FLOAT, 0), 6), STRS("f"), -EINVAL,
	  "[1] FLOAT f size=6 Invalid type_size" },
	{ "float with vlen", RAW(N(1), INFO(FLOAT, 1), 4), STRS("f"), -EINVAL, "vlen != 0" },

	/* DECL_TAG */
	{ "tags on a struct, its member, a function, its argument, a variable, a typedef",
	  RAW(INT32, N(2), INFO(STRUCT, 1), 4, N(3), 1, 0, 0, INFO(FUNC_PROTO, 1), 1, N(3), 1,
	      N(4), INFO(FUNC, 0), 3, N(5), INFO(VAR, 0), 1, 0, N(6), INFO(TYPEDEF, 0), 1,
	      N(7), INFO(DECL_TAG, 0), 2, -1, N(7), INFO(DECL_TAG, 0), 2, 0,
	      N(7), INFO(DECL_TAG, 0), 4, -1, N(7), INFO(DECL_TAG, 0), 4, 0,
	      N(7), INFO(DECL_TAG, 0), 5, -1, N(7), INFO(DECL_TAG, 0), 6, -1),
	  STRS("int\0s\0a\0f\0v\0t\0any text"), 0 },
	{ "tag before what it is on",
	  RAW(N(1), INFO(DECL_TAG, 0), 3, 0, 0, INFO(FUNC_PROTO, 1), 0, N(2), 4,
	      N(3), INFO(FUNC, 0), 2, T_INT(0, 4, 32)), STRS("tag\0a\0f"), 0 },
	{ "tag on an argument that is not",
	  RAW(N(1), INFO(DECL_TAG, 0), 3, 1, 0, INFO(FUNC_PROTO, 1), 0, N(2), 4,
	      N(3), INFO(FUNC, 0), 2, T_INT(0, 4, 32)), STRS("tag\0a\0f"), -EINVAL,
	  "Invalid component_idx" },
	{ "tag on a member that is not", RAW(N(1), INFO(STRUCT, 0), 0,
					     N(1), INFO(DECL_TAG, 0), 1, 0),
	  STRS("s"), -EINVAL, "Invalid component_idx" },
	{ "tag on a part of a variable", RAW(INT32, N(1), INFO(VAR, 0), 1, 0,
					     N(1), INFO(DECL_TAG, 0), 2, 0), STRS("int"), -EINVAL,
	  "Invalid component_idx" },
	{ "tag at -2", RAW(N(1), INFO(STRUCT, 0), 0, N(1), INFO(DECL_TAG, 0), 1, -2), STRS("s"),
	  -EINVAL, "Invalid component_idx" },
	{ "tag on an int", RAW(INT32, N(1), INFO(DECL_TAG, 0), 1, -1), STRS("int"), -EINVAL,
	  "Invalid type_id=1" },
	{ "tag on void", RAW(N(1), INFO(DECL_TAG, 0), 0, -1), STRS("int"), -EINVAL,
	  "Invalid type_id" },
	{ "tag on a tag", RAW(N(1), INFO(DECL_TAG, 0), 1, -1), STRS("t"), -EINVAL,
	  "Invalid type_id=1" },
	{ "tag without a name", RAW(N(1), INFO(STRUCT, 0), 0, 0, INFO(DECL_TAG, 0), 1, -1),
	  STRS("s"), -EINVAL, "Invalid name" },
	{ "tag with kind_flag", RAW(N(1), INFO(STRUCT, 0), 0, N(1), KINFO(DECL_TAG, 0), 1, -1),
	  STRS("s"), -EINVAL, "Invalid btf_info kind_flag" },
};

/* A chain of typedefs, or of structs, @n deep. */
static int load_deep(u32 n, bool structs)
{
	u32 *raw = calloc(n * 6 + 8, sizeof(u32)), w = 0, i;
	int err;

	raw[w++] = 0;
	raw[w++] = INFO(INT, 0);
	raw[w++] = 4;
	raw[w++] = 32;
	for (i = 0; i < n; i++) {
		raw[w++] = N(1);
		raw[w++] = structs ? INFO(STRUCT, 1) : INFO(TYPEDEF, 0);
		raw[w++] = structs ? 4 : i + 1;
		if (structs) {
			raw[w++] = N(1);
			raw[w++] = i + 1;
			raw[w++] = 0;
		}
	}
	err = load_raw(raw, w, "t", 2, 1, NULL);
	free(raw);
	return err;
}

static void test_depth(void)
{
	int structs, err;

	for (structs = 0; structs < 2; structs++) {
		err = load_deep(BTF_MAX_NESTING, structs);
		check(!err, "depth", "%d deep: %d %s", BTF_MAX_NESTING, err, load_log);
		err = load_deep(BTF_MAX_NESTING + 1, structs);
		check(err == -E2BIG, "depth", "one deeper: %d", err);
		err = load_deep(200000, structs);
		check(err == -E2BIG && strstr(load_log, "Max chain length"), "depth",
		      "far deeper: %d %s", err, load_log);
	}
}

static void test_level2(void)
{
	static const u32 raw[] = {
		INT32, N(2), KINFO(STRUCT, 1), 4, N(3), 1, BITS(3, 0), PTR(2),
	};
	int err = load_raw(raw, ARRAY_SIZE(raw), "int\0s\0a", 8, 2, NULL);

	check(!err &&
	      strstr(load_log,
		     "[1] INT int size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n") &&
	      strstr(load_log, "[2] STRUCT s size=4 vlen=1\n") &&
	      strstr(load_log, "[3] PTR (anon) type_id=2\n"),
	      "log level 2", "%d %s", err, load_log);
}

void test_kinds(void)
{
	const struct kind_case *c;
	const char *nl;
	int err;

	for (c = cases; c < cases + ARRAY_SIZE(cases); c++) {
		err = load_raw(c->raw, c->words, c->strs, c->str_len, 1, NULL);
		check(err == c->err, c->name, "%d, not %d: %s", err, c->err, load_log);
		nl = strchr(load_log, '\n');
		/* one line of reason, or nothing */
		check(err ? nl && !nl[1] : !load_log[0], c->name, "log: %s", load_log);
		if (c->log)
			check(strstr(load_log, c->log), c->name, "log: %s", load_log);
		/* without a log the result is the same */
		err = load_raw(c->raw, c->words, c->strs, c->str_len, 0, NULL);
		check(err == c->err, c->name, "without a log: %d", err);
	}
	test_depth();
	test_level2();
}
