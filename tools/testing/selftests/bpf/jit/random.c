// SPDX-License-Identifier: GPL-2.0
/*
 * Generated programs: the JIT against the reference and the kernel's interpreter, with all rules,
 * without any, with random sets of rules and of processor features, and blinded.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

static void fill_ctx(u8 *ctx, u64 seed)
{
	struct t_rng rng = { seed };
	u32 k;

	for (k = 0; k < T_CTX_SIZE; k++)
		ctx[k] = t_rand(&rng);
}

static struct t_prog *prog;

static void dump(const struct t_prog *p)
{
	char buf[160];
	u32 i;

	for (i = 0; i < p->len; i += insn_slots(&p->insns[i])) {
		insn_text(buf, sizeof(buf), &p->insns[i], NULL);
		printf("%4u: %s\n", i, buf);
	}
}

static bool try_one(u64 seed, const struct jit_env *env, bool blind, u64 want, const u8 *want_ctx)
{
	u8 ctx[T_CTX_SIZE] __aligned(8);
	struct t_image img;
	u64 got = 0;
	bool ok;
	int err;

	t_env_use(env);
	err = t_compile(&img, prog, 1, NULL, blind);
	if (!err) {
		fill_ctx(ctx, seed);
		got = t_run(&img, ctx);
	}
	ok = !err && got == want && !memcmp(ctx, want_ctx, sizeof(ctx));
	t_check(ok, "seed %llu rules %llx bmi2 %d movbe %d blind %d: err %d got %llx want %llx%s",
		(unsigned long long)seed, (unsigned long long)env->rules, env->bmi2, env->movbe,
		blind, err, (unsigned long long)got, (unsigned long long)want,
		!err && memcmp(ctx, want_ctx, sizeof(ctx)) ? " (memory)" : "");
	t_release(&img);
	return ok;
}

/* Which rules a wrong result needs: those that cannot be switched off one by one. */
static void bisect(u64 seed, struct jit_env env, u64 want, const u8 *want_ctx)
{
	u32 r, failed = t_failed;

	for (r = 0; r < JIT_NR_RULES; r++) {
		struct jit_env less = env;

		less.rules &= ~(1ULL << r);
		if (less.rules != env.rules &&
		    !try_one(seed, &less, false, want, want_ctx))
			env = less;
	}
	t_failed = failed;
	printf("seed %llu needs:", (unsigned long long)seed);
	for (r = 0; r < JIT_NR_RULES; r++)
		if (env.rules >> r & 1)
			printf(" %s", jit_rules[r].name);
	printf("\n");
}

static bool run_seed(u64 seed, u32 size)
{
	struct jit_env full = t_env_default(), simple = full, mixed = full;
	u8 ctx[T_CTX_SIZE] __aligned(8);
	u8 ictx[T_CTX_SIZE] __aligned(8);
	struct t_rng rng = { ~seed };
	u64 want, got = 0;
	bool ok;

	t_generate(prog, seed, size);
	fill_ctx(ctx, seed);
	if (!t_check(t_ref_run(prog, 1, ctx, &want), "seed %llu: reference gave up",
		     (unsigned long long)seed))
		return false;
	fill_ctx(ictx, seed);
	t_check(t_interp_run(prog, ictx, &got) && (u32)got == (u32)want &&
		!memcmp(ctx, ictx, sizeof(ctx)), "seed %llu: interpreter %llx, reference %llx",
		(unsigned long long)seed, (unsigned long long)got, (unsigned long long)want);
	simple.rules = 0;
	mixed.rules = t_rand(&rng) & JIT_ALL_RULES;
	mixed.bmi2 &= t_rand(&rng) >> 20 & 1;
	mixed.movbe &= t_rand(&rng) >> 20 & 1;
	mixed.endbr = t_rand(&rng) >> 20 & 1;
	ok = try_one(seed, &full, false, want, ctx);
	if (!ok && getenv("JIT_SEED"))
		bisect(seed, full, want, ctx);
	ok &= try_one(seed, &simple, false, want, ctx);
	if (!try_one(seed, &mixed, false, want, ctx)) {
		ok = false;
		if (getenv("JIT_SEED"))
			bisect(seed, mixed, want, ctx);
	}
	ok &= try_one(seed, &full, true, want, ctx);
	ok &= try_one(seed, &simple, true, want, ctx);
	full.bmi2 = false;
	full.movbe = false;
	return ok & try_one(seed, &full, false, want, ctx);
}

void test_random(void)
{
	const char *count = getenv("JIT_PROGRAMS"), *one = getenv("JIT_SEED");
	const char *from = getenv("JIT_FROM");
	u64 seed, first = from ? strtoull(from, NULL, 0) : 1;
	u64 n = count ? strtoull(count, NULL, 0) : 10000;

	prog = calloc(1, sizeof(*prog));
	if (one) {
		bool ok = run_seed(strtoull(one, NULL, 0), strtoull(one, NULL, 0) % 7 ? 12 : 60);

		if (!ok)
			dump(prog);
		goto out;
	}
	for (seed = first; seed < first + n && t_failed < 20; seed++)
		run_seed(seed, seed % 7 ? 12 : 60);
out:
	free(prog);
}
