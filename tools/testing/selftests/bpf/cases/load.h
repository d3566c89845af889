/* SPDX-License-Identifier: GPL-2.0 */
/* A case made real: its maps, types, program. */
#ifndef _BPF_CASES_LOAD_H
#define _BPF_CASES_LOAD_H

#include "case.h"
#include "home.h"

#define LOAD_INSNS	(1 << 17)
#define LOAD_LOG	(16 << 20)

struct loaded {
	int prog;		/* descriptor, or -1 with @err */
	int err;		/* of the load, positive */
	int maps[CASE_MAPS], inner[CASE_MAPS];
	int btf;
	unsigned int insns;	/* processed */
	char *log;		/* one for all, of LOAD_LOG bytes */
};

/*
 * Loads. true: @l says how it went; false: the case cannot be tried, and @why says why: "SKIP ..."
 * for what this home does not have.
 */
bool case_load(const struct test_case *c, struct loaded *l, char *why, unsigned int size);
void case_unload(struct loaded *l, const struct test_case *c);
/* Runs it: 0 with *@ret, or an errno. */
int case_run(const struct test_case *c, const struct loaded *l, unsigned int *ret);
/* The instructions that are run, as text; NULL with errno. */
const char *case_xlated(const struct loaded *l);

#endif
