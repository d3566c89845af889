// SPDX-License-Identifier: GPL-2.0
/*
 * What the rules are worth: machine instructions executed inside the image and
 * bytes of it, in the simple one-to-one mode and with all rules, for programs
 * that clang made of C. Counted by single steps, so the same on every host.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

#define F_CTX	2048

static struct t_prog *prog;

static bool read_prog(const char *name)
{
	const char *dir = getenv("O");
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/prog.%s", dir ? dir : ".", name);
	f = fopen(path, "r");
	if (!t_check(f, "no %s", path))
		return false;
	prog->len = fread(prog->insns, sizeof(prog->insns[0]), T_MAX_INSNS, f);
	prog->stack = 64;
	fclose(f);
	return t_check(prog->len > 0, "%s is empty", path);
}

static void fill(u64 *ctx)
{
	struct t_rng rng = { 42 };
	u32 k;

	for (k = 0; k < F_CTX / 8; k++)
		ctx[k] = t_rand(&rng);
	/* equal strings, so that the comparison is not over at once */
	memcpy(ctx + 32, ctx, 40);
	((u8 *)ctx)[14] = 0x45;
}

static bool measure(const char *name, u64 rules, bool cpu, u64 *steps, u32 *bytes)
{
	struct jit_env e = t_env_default();
	u64 ctx[F_CTX / 8], ref[F_CTX / 8], got, want;
	struct t_image img;
	bool ok;

	e.rules = rules;
	e.bmi2 &= cpu;
	e.movbe &= cpu;
	/* as in the kernel */
	e.stack_align = 8;
	t_env_use(&e);
	fill(ctx);
	fill(ref);
	if (!t_check(t_ref_run(prog, 1, ref, &want), "%s: reference gave up", name))
		return false;
	if (!t_check(!t_compile(&img, prog, 1, NULL, false), "%s: not compiled", name))
		return false;
	*steps = t_count_insns(&img, ctx, &got);
	*bytes = img.bytes;
	ok = t_check(got == want && !memcmp(ctx, ref, sizeof(ctx)), "%s: got %llx want %llx", name,
		     (unsigned long long)got, (unsigned long long)want);
	t_release(&img);
	return ok;
}

void test_figures(void)
{
	static const char *const names[] = {
		"ret", "parse", "packed", "jhash", "csum", "strcmp", "counters", "alu", "minmax",
		"flags", "stack", "div",
	};
	double geo_steps = 0, geo_bytes = 0;
	u64 simple_steps, full_steps;
	u32 k, simple_bytes, full_bytes, n = 0;

	prog = calloc(1, sizeof(*prog));
	printf("\n%-10s %8s %8s %6s %8s %8s %6s\n", "program", "insns", "rules", "ratio", "bytes",
	       "rules", "ratio");
	for (k = 0; k < ARRAY_SIZE(names); k++) {
		if (!read_prog(names[k]) ||
		    !measure(names[k], 0, false, &simple_steps, &simple_bytes) ||
		    !measure(names[k], JIT_ALL_RULES, true, &full_steps, &full_bytes))
			continue;
		printf("%-10s %8llu %8llu %6.2f %8u %8u %6.2f\n", names[k],
		       (unsigned long long)simple_steps, (unsigned long long)full_steps,
		       (double)full_steps / simple_steps, simple_bytes, full_bytes,
		       (double)full_bytes / simple_bytes);
		t_check(full_steps <= simple_steps, "%s: more instructions with the rules",
			names[k]);
		geo_steps += log((double)full_steps / simple_steps);
		geo_bytes += log((double)full_bytes / simple_bytes);
		n++;
	}
	if (n)
		printf("%-10s %24.2f %24.2f\n\n", "geomean", exp(geo_steps / n),
		       exp(geo_bytes / n));
	free(prog);
}
