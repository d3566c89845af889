/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structs that the host's compiler and the BPF compiler lay out alike. FIELD(path, size) names what
 * a load of so many bytes finds there; PTRF() the same for pointers to structs.
 */
#ifndef _LAYOUT_H
#define _LAYOUT_H

struct leaf {
	char c;
	int i;
	struct leaf *next;
};

struct bits {
	unsigned int a : 3;
	unsigned int b : 13;
	unsigned int c : 16;
	unsigned long long d : 40;
	unsigned char e : 4;
};

struct flex {
	int n;
	struct leaf tail[];
};

typedef struct leaf leaf_t;

struct top {
	unsigned char first;
	short s;
	const volatile leaf_t in;
	struct leaf arr[3];
	struct leaf *ptrs[2][3];
	int matrix[2][3][4];
	union {
		unsigned long long u64v;
		struct {
			unsigned int lo, hi;
		};
		struct leaf *up;
	};
	char bytes[24];
	struct bits bf;
	struct {
		struct {
			short deep;
		} x;
	} anon[2];
	void *vp;
	int (*fn)(struct top *top);
	const leaf_t *cp;
	struct flex fl;
};

struct wide {
	unsigned __int128 all;
	unsigned __int128 low : 5;
	unsigned __int128 high : 100;
};

enum shown_enum { SHOWN_A, SHOWN_B };
enum shown_wide { SHOWN_FAR = 1ULL << 40 };
typedef unsigned long long shown_t;

/* Of each kind of value that has a text. */
struct shown {
	_Bool flag;
	enum shown_enum en;
	enum shown_wide wide_en;
	enum shown_enum other;
	enum shown_enum en_bits : 2;
	int neg : 3;
	shown_t td;
	char name[8];
	char full[2];
	unsigned char bytes[3];
	int grid[2][2];
	leaf_t leaves[2];
	union shown_union {
		unsigned int word;
		struct {
			unsigned short lo, hi;
		};
	} u;
	struct {
		short deep;
	} in;
};

struct few {
	char name[4];
	int nr[2];
	unsigned int a : 4, b : 4;
};

struct high {
	unsigned __int128 bits : 100;
};

#ifdef LAYOUT_EMIT
struct wide layout_wide;
struct shown layout_shown;
struct few layout_few;
struct high layout_high;
struct top *layout_top;
struct flex *layout_flex;

int layout_use(struct top *t, struct flex *f)
{
	layout_top = t;
	layout_flex = f;
	return t->first + f->n;
}
#endif
#endif
