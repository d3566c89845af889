// SPDX-License-Identifier: GPL-2.0
/*
 * Types as the program was compiled with; out[] gets the relocations in the order of core.c's
 * table.
 */
#define core __attribute__((preserve_access_index))

enum { BYTE_OFF, BYTE_SIZE, EXISTS, SIGNED, LSHIFT, RSHIFT };

struct inner___local {
	short deep;
} core;

struct shape___local {
	short arr[4];
	struct {
		int i;
	};
	char c;
	signed char sc;
	unsigned int wide;
	struct inner___local in;
	int gone;
	unsigned int flag : 2;
	int sbits : 9;
} core;

struct absent___local {
	int x;
} core;

struct shape___match {
	char c;
	signed char sc;
} core;

struct shape___mismatch {
	char c;
	struct inner___local *sc;
} core;

enum color___local {
	COLOR_RED___local = 1,
	COLOR_BLUE___local = 2,
	COLOR_GREEN___local = 3,
};

enum wide_color {
	WIDE_RED = 0x1ffffffffULL,
};

typedef struct shape___local shape_t___local;

volatile unsigned long long out[32];

#define F(path, what) __builtin_preserve_field_info(s->path, what)
#define T(type, what) __builtin_preserve_type_info(*(type *)0, what)
#define ID(type, what) __builtin_btf_type_id(*(type *)0, what)
#define E(type, val, what) __builtin_preserve_enum_value(*(type *)val, what)

__attribute__((section("core"), used))
int relocs(struct shape___local *s)
{
	out[0] = F(i, BYTE_OFF);
	out[0] = F(arr[3], BYTE_OFF);
	out[0] = F(in.deep, BYTE_OFF);
	out[0] = F(wide, BYTE_SIZE);
	out[0] = F(arr, BYTE_SIZE);
	out[0] = F(i, EXISTS);
	out[0] = F(gone, EXISTS);
	out[0] = F(sc, SIGNED);
	out[0] = F(wide, SIGNED);
	out[0] = F(flag, LSHIFT);
	out[0] = F(flag, RSHIFT);
	out[0] = F(sbits, RSHIFT);
	out[0] = F(sbits, SIGNED);
	out[0] = T(struct shape___local, 0);
	out[0] = T(struct absent___local, 0);
	out[0] = T(struct shape___local, 1);
	out[0] = T(struct shape___match, 2);
	out[0] = T(struct shape___mismatch, 2);
	out[0] = ID(struct shape___local, 0);
	out[0] = ID(struct shape___local, 1);
	out[0] = E(enum color___local, COLOR_BLUE___local, 0);
	out[0] = E(enum color___local, COLOR_GREEN___local, 0);
	out[0] = E(enum color___local, COLOR_BLUE___local, 1);
	out[0] = E(enum wide_color, WIDE_RED, 1);
	out[0] = T(shape_t___local, 1);
	out[0] = F(gone, BYTE_OFF);
	out[0] = s->wide;
	out[0] = s->sc;
	return 0;
}
