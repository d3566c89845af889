/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Case files: programs with the verdict that is expected, and why.
 *
 *	== name of the case
 *	# why it is right or wrong (any number of lines)
 *	type: socket_filter		program type; the default is socket_filter
 *	attach: cgroup_inet_ingress	expected_attach_type, a name or a number
 *	flags: unpriv bpf strict any_alignment sleepable freq rnd_hi32 invariants nogpl
 *	map: hash key=4 value=8 max=1 [rdonly|wronly] [fill] [lock=OFF] [timer=OFF] [wq=OFF]
 *	     [kptr=OFF:TYPE] [kptr_untrusted=OFF:TYPE] [inner]	file descriptor 1, 2, ...
 *	     [type=NAME]
 *	struct: NAME SIZE [FIELD@OFF ...]	a struct of the program's own; NAME is "local NAME"
 *			in the program. FIELD: u32, u64, lock, wq, refcount, list_node, rb_node,
 *			kptr:TYPE, percpu_kptr:TYPE, list_head:TYPE:OFF, rb_root:TYPE:OFF (what is
 *			held, by the member at OFF of it)
 *	func: LABEL[:static|:global] RET(ARG, ...)	its type; "main" is the first instruction
 *	tag: LABEL TEXT			a declaration tag of the function
 *	ctx: 01 02 ff			context of a run
 *	data: 01 02 ff			packet of a run
 *	returns: 3			R0's low 32 bits of a run
 *	accept				or
 *	reject: text that the log contains
 *	errno: EACCES
 *	says: more text that the log contains
 *	silent: text that the log does not contain
 *	xlated: text that the instructions that are run contain ("nospec", "r1 &= r11")
 *	gone: text that they do not contain
 *	barriers: 2			speculation barriers among them, exactly
 *	insns: 100			at most so many instructions processed
 *	level: 2			of the log
 *	--
 *	r0 = 0
 *	exit
 *
 * A line "@type: xdp" before the first case of a file sets the default type. "unpriv" takes all
 * capabilities away, "bpf" all but CAP_BPF. "fill": the element 0 has the bytes 1, 2, 3, ...; so do
 * maps that are "rdonly", which are frozen, too. "inner" asks for a map of maps: arrays of one
 * element of 8 bytes. Types of a function: void, int, s64, u8, ..., ctx, ptr (void *), char
 * (char *), mem:N (a struct of N bytes), struct:NAME; a tag follows a slash ("mem:8/nonnull").
 */
#ifndef _BPF_CASES_CASE_H
#define _BPF_CASES_CASE_H

#include <stdbool.h>
#include <stdio.h>
#include "asm.h"

#define CASE_MAPS	8
#define CASE_SAYS	8
#define CASE_FUNCS	16
#define CASE_STRUCTS	6
#define CASE_TAGS	4
#define CASE_TEXT	65536

struct case_map {
	char type[32];
	unsigned int key, value, max, flags;
	int lock, timer, wq, kptr, kptr_untrusted;	/* offsets, -1: none */
	char kptr_type[48];
	char value_type[32];		/* a struct of the case */
	bool fill, inner;
};

struct test_case {
	char name[96];
	char type[32];
	char attach[48];
	bool unprivileged, only_bpf, nogpl;
	unsigned int prog_flags;
	struct case_map maps[CASE_MAPS];
	unsigned int nr_maps;
	char funcs[CASE_FUNCS][128];
	unsigned int nr_funcs;
	char tags[CASE_TAGS][128];
	unsigned int nr_tags;
	char structs[CASE_STRUCTS][160];
	unsigned int nr_structs;
	bool accept;
	int err;
	char says[CASE_SAYS][192];
	unsigned int nr_says;
	char silent[CASE_SAYS][96];
	unsigned int nr_silent;
	char xlated[CASE_SAYS][96];
	unsigned int nr_xlated;
	char gone[CASE_SAYS][96];
	unsigned int nr_gone;
	unsigned int barriers;		/* and 1 more, 0: not asked */
	unsigned int max_insns;
	unsigned int level;
	bool has_run;
	unsigned int ret;
	unsigned char data[256], ctx[256];
	unsigned int data_len, ctx_len;
	bool has_reason;
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
