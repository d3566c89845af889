/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PASSES_TEST_H
#define _PASSES_TEST_H

#include "verifier/rewrite.h"

extern int passed, failed;

#define CHECK(cond, ...)						\
	do {								\
		if (cond) {						\
			passed++;					\
		} else {						\
			failed++;					\
			printf("FAIL %s:%d: ", __func__, __LINE__);	\
			printf(__VA_ARGS__);				\
			printf("\n");					\
		}							\
	} while (0)

#define LOG_SIZE 4096

/* A program on its way through the passes, and the log of it. */
struct test_env {
	struct bpf_verifier_env *env;
	char log[LOG_SIZE];
};

void test_open(struct test_env *t, const struct bpf_insn *insns, u32 cnt, bool privileged);
void test_close(struct test_env *t);
/* Decode, subprograms, cfg, live; stops at the first error. */
int test_passes(struct test_env *t);
/* The same, with the log closed. */
int test_log(struct test_env *t);
u32 test_random(u32 below);

void test_logs(void);
void test_decode(void);
void test_subprogs(void);
void test_cfg(void);
void test_live(void);
void test_edits(void);
void test_rewrite(void);

#endif /* _PASSES_TEST_H */
