/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EXEC_TEST_H
#define _EXEC_TEST_H

#include "exec/exec.h"

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

/* Most functions a program of the tests has. */
#define FUNCS		16

/**
 * struct code - a program being written
 * @insn: instructions
 * @len: number of them
 * @start: first instruction of each function
 * @stack: bytes of stack of each
 * @funcs: number of functions
 * @linfo: line info
 * @nr_linfo: entries of it
 */
struct code {
	struct bpf_insn insn[4096];
	u32 len;
	u32 start[FUNCS];
	u32 stack[FUNCS];
	u32 funcs;
	struct bpf_line_info linfo[4];
	u32 nr_linfo;
};

static inline void emit(struct code *c, struct bpf_insn insn)
{
	c->insn[c->len++] = insn;
}

static inline void emit_imm64(struct code *c, u8 dst, u64 imm)
{
	insn_ld_imm64(&c->insn[c->len], dst, 0, imm);
	c->len += 2;
}

/* Begins the next function. */
static inline void begin(struct code *c, u32 stack)
{
	c->start[c->funcs] = c->len;
	c->stack[c->funcs++] = stack;
}

/* Calls and address loads name the callee by number until load() knows its place. */
static inline void emit_sub_call(struct code *c, u32 func)
{
	emit(c, insn_call_sub(func));
}

static inline void emit_sub_addr(struct code *c, u8 dst, u32 func)
{
	insn_ld_imm64(&c->insn[c->len], dst, BPF_PSEUDO_FUNC, func);
	c->len += 2;
}

static inline void emit_helper(struct code *c, bpf_helper_t func)
{
	emit(c, insn_call(bpf_call_imm(func)));
}

struct bpf_prog *try_load(const struct code *c, int *err);
struct bpf_prog *load(const struct code *c);
u32 run(struct bpf_prog *prog, void *ctx);
u32 run_code(const struct code *c, void *ctx);
bool blind_code(const struct code *c, struct code *blinded);

u64 expect_alu(u8 op, bool sx, int bits, u64 dst, u64 src);
bool expect_jump(u8 op, int bits, u64 dst, u64 src);
bool alu_has_imm(u8 op, int bits, s32 imm);

void test_alu(void);
void test_jumps(void);
void test_memory(void);
void test_atomics(void);
void test_calls(void);
void test_callbacks(void);
void test_tail_calls(void);
void test_blinding(void);
void test_programs(void);
void test_images(void);
void test_failures(void);

#endif /* _EXEC_TEST_H */
