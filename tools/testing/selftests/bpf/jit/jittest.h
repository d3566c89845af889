/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the x86-64 JIT in user space: what they share.
 */
#ifndef JITTEST_H
#define JITTEST_H

#include <linux/types.h>

#include "exec/exec.h"
#include "jit.h"

#define T_MAX_INSNS	4096
#define T_CTX_SIZE	128
#define T_STACK		128

extern unsigned int t_passed, t_failed;

/* Counts one result; prints what failed. Returns @ok. */
bool t_check(bool ok, const char *fmt, ...) __printf(2, 3);

/* Functions of one program: [0] is main. */
struct t_prog {
	struct bpf_insn insns[T_MAX_INSNS];
	u32 len;
	u32 stack;
	bool tail_reachable;
};

/* Compiled functions; prog[i] are what exec would have made of them. */
struct t_image {
	struct bpf_prog *prog[4];
	struct bpf_prog_aux *aux[4];
	struct bpf_prog *func[4];
	struct bpf_jit_source src[4];
	u32 cnt;
	u32 bytes;
};

/* Tail calls of the next program that may be direct: INSN_TAIL_CALL's immediate counts them. */
struct t_pokes {
	struct bpf_tail_map *map;
	u32 keys[4];
	u32 cnt;
};

extern struct t_pokes t_pokes;

/* Arena of the next programs, or NULL, and where its window is. */
extern struct bpf_map *t_arena;
extern u64 t_arena_window;

struct jit_env t_env_default(void);
void t_env_use(const struct jit_env *env);
int t_compile(struct t_image *img, struct t_prog *progs, u32 cnt,
	      const struct bpf_insn_fact *facts, bool blind);
void t_release(struct t_image *img);
u64 t_run(const struct t_image *img, void *ctx);
/* Loads of @img that fault go by its exception table; NULL: none do. */
void t_catch_faults(const struct t_image *img);
u64 t_count_insns(const struct t_image *img, void *ctx, u64 *ret);

/* t_count_insns() counts what the image calls as well. */
extern bool t_count_all;

/* Instructions executed and bytes, with all rules and with all but one. */
struct t_effect {
	u64 with, without;
	u64 bytes_with, bytes_without;
};

extern struct t_effect t_effects[JIT_NR_RULES];

/* Adds what a rule is worth to one program, which is compiled twice. */
void t_note_effect(enum jit_rule rule, struct t_prog *progs, u32 cnt,
		   const struct bpf_insn_fact *facts, void *ctx);

/* Reference interpreter. Returns false for a program that leaves its bounds. */
bool t_ref_run(struct t_prog *progs, u32 cnt, void *ctx, u64 *ret);

/* The kernel's interpreter; R0 is cut to 32 bits. Returns false when it refuses. */
bool t_interp_run(const struct t_prog *p, void *ctx, u64 *ret);

/* Helpers that test programs call. */
u64 t_helper_mix(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
u64 t_helper_callback(u64 fn, u64 a, u64 r3, u64 r4, u64 r5);

static inline void t_add(struct t_prog *p, struct bpf_insn insn)
{
	p->insns[p->len++] = insn;
}

static inline void t_add_imm64(struct t_prog *p, u8 dst, u8 pseudo, u64 imm)
{
	insn_ld_imm64(&p->insns[p->len], dst, pseudo, imm);
	p->len += 2;
}

/* Random numbers of one seed; the same everywhere. */
struct t_rng {
	u64 s;
};

static inline u64 t_rand(struct t_rng *r)
{
	u64 z = (r->s += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline u32 t_below(struct t_rng *r, u32 n)
{
	return t_rand(r) % n;
}

void t_generate(struct t_prog *p, u64 seed, u32 size);
u64 t_edge(struct t_rng *r);

void test_encode(void);
void test_opcodes(void);
void test_rules(void);
void test_flow(void);
void test_inline(void);
void test_hazards(void);
void test_thunks(void);
void test_pairs(void);
void test_arena(void);
void test_check(void);
void test_random(void);
void test_figures(void);

#endif /* JITTEST_H */
