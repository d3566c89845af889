/* SPDX-License-Identifier: GPL-2.0 */
/* Types as the "kernel" of the CO-RE tests has them. */
#ifndef _CORE_TARGET_H
#define _CORE_TARGET_H

struct inner {
	int pad[5];
	short deep;
};

struct shape {
	unsigned long long first;
	char c;
	struct {
		int i;
	};
	short arr[7];
	signed char sc;
	unsigned long wide;
	struct inner in;
	unsigned int flag : 3;
	int sbits : 7;
	struct shape *next;
};

enum color {
	COLOR_RED = 7,
	COLOR_BLUE = 9,
};

enum wide_color {
	WIDE_RED = 0x123456789ULL,
};

typedef struct shape shape_t;

#endif
