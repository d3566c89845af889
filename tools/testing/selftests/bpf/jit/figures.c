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

static const char *const names[] = {
	"ret", "parse", "packed", "jhash", "csum", "strcmp", "counters", "alu", "minmax", "flags",
	"stack", "div",
};

#define NR_PROGS	ARRAY_SIZE(names)

/* With all rules. */
static struct {
	u64 steps;
	u32 bytes;
} full[NR_PROGS];

/* One line: what more is executed, and what more is there, where one rule is off. */
static void effect(enum jit_rule rule)
{
	double geo_steps = 0, geo_bytes = 0, most = 0;
	u32 k, bytes, changed = 0;
	u64 steps;

	for (k = 0; k < NR_PROGS; k++) {
		if (!full[k].steps || !read_prog(names[k]) ||
		    !measure(names[k], JIT_ALL_RULES & ~(1ULL << rule), true, &steps, &bytes))
			continue;
		if (steps == full[k].steps && bytes == full[k].bytes)
			continue;
		changed++;
		t_effects[rule].with += full[k].steps;
		t_effects[rule].without += steps;
		t_effects[rule].bytes_with += full[k].bytes;
		t_effects[rule].bytes_without += bytes;
		geo_steps += log((double)steps / full[k].steps);
		geo_bytes += log((double)bytes / full[k].bytes);
		most = fmax(most, (double)steps / full[k].steps);
	}
	if (!changed) {
		printf("%-22s %8u\n", jit_rules[rule].name, 0);
		return;
	}
	geo_steps = exp(geo_steps / changed);
	geo_bytes = exp(geo_bytes / changed);
	printf("%-22s %8u %8.3f %8.2f %8.3f\n", jit_rules[rule].name, changed, geo_steps, most,
	       geo_bytes);
	t_check(geo_steps > 0.99 || geo_bytes > 0.99, "%s costs more than it gains",
		jit_rules[rule].name);
}

void test_figures(void)
{
	double geo_steps = 0, geo_bytes = 0;
	u64 simple_steps, full_steps;
	u32 k, simple_bytes, full_bytes, n = 0;

	prog = calloc(1, sizeof(*prog));
	printf("\n%-10s %8s %8s %6s %8s %8s %6s\n", "program", "insns", "rules", "ratio", "bytes",
	       "rules", "ratio");
	for (k = 0; k < NR_PROGS; k++) {
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
		full[k].steps = full_steps;
		full[k].bytes = full_bytes;
		n++;
	}
	if (n)
		printf("%-10s %24.2f %24.2f\n\n", "geomean", exp(geo_steps / n),
		       exp(geo_bytes / n));
	printf("%-22s %8s %8s %8s %8s\n", "without the rule", "programs", "insns", "most",
	       "bytes");
	for (k = 0; k < JIT_NR_RULES; k++)
		effect(k);
	printf("\n");
	free(prog);
}
