/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Case files: programs with the verdict that is expected, and why.
 *
 *	== name of the case
 *	# why it is right or wrong (any number of lines)
 *	type: socket_filter		program type; the default is socket_filter
 *	flags: unpriv strict sleepable freq nogpl
 *	map: hash key=4 value=8 max=1 [rdonly|wronly] [lock=OFF] [timer=OFF]	file descriptor 1, 2, ...
 *	data: 01 02 ff			input of a run
 *	returns: 3			R0's low 32 bits of a run
 *	accept				or
 *	reject: text that the log contains
 *	says: more text that the log contains
 *	insns: 100			at most so many instructions processed
 *	--
 *	r0 = 0
 *	exit
 *
 * A line "@type: xdp" before the first case of a file sets the default type.
 */
#ifndef _BPF_CASES_CASE_H
#define _BPF_CASES_CASE_H

#include <stdbool.h>
#include <stdio.h>
#include "asm.h"

#define CASE_MAPS	8
#define CASE_SAYS	8
#define CASE_TEXT	65536

struct case_map {
	char type[32];
	unsigned int key, value, max, flags;
	int lock, timer;	/* offsets, -1: none */
};

struct test_case {
	char name[96];
	char type[32];
	bool unprivileged, strict, sleepable, freq, nogpl;
	struct case_map maps[CASE_MAPS];
	unsigned int nr_maps;
	bool accept;
	char says[CASE_SAYS][192];
	unsigned int nr_says;
	unsigned int max_insns;
	bool has_run;
	unsigned int ret;
	unsigned char data[256];
	unsigned int data_len;
	int line;
	char text[CASE_TEXT];
};

struct case_file {
	FILE *f;
	char type[32];
	char pending[96];
	int line;
	const char *path;
};

bool case_open(struct case_file *cf, const char *path);
/* The next case: 1; none: 0; unreadable: -1 with a message on stderr. */
int case_next(struct case_file *cf, struct test_case *c);
void case_close(struct case_file *cf);

#endif
