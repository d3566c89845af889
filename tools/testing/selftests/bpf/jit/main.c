// SPDX-License-Identifier: GPL-2.0
#include <linux/types.h>
#include <stdio.h>
#include <string.h>

#include "jittest.h"

static const struct {
	const char *name;
	void (*run)(void);
} suites[] = {
	{ "encode", test_encode },
	{ "check", test_check },
	{ "opcodes", test_opcodes },
	{ "rules", test_rules },
	{ "flow", test_flow },
	{ "arena", test_arena },
	{ "inline", test_inline },
	{ "hazards", test_hazards },
	{ "thunks", test_thunks },
	{ "pairs", test_pairs },
	{ "random", test_random },
	{ "figures", test_figures },
};

static void print_coverage(void)
{
	u32 r, missing = 0;

	/* its worth: instructions and bytes of the programs of this suite that are made for it */
	printf("\n%-22s %12s %12s %8s %12s %8s\n", "rule", "applied", "instructions", "without",
	       "bytes", "without");
	for (r = 0; r < JIT_NR_RULES; r++) {
		const struct t_effect *f = &t_effects[r];

		printf("%-22s %12llu %12llu %8llu %12llu %8llu\n", jit_rules[r].name,
		       (unsigned long long)jit_rule_hits[r], (unsigned long long)f->with,
		       (unsigned long long)f->without, (unsigned long long)f->bytes_with,
		       (unsigned long long)f->bytes_without);
		/* one division takes the time of many instructions */
		t_check(f->with < f->without || f->bytes_with < f->bytes_without ||
			r == JIT_RULE_DIV_MUL, "%s saves nothing", jit_rules[r].name);
		missing += !jit_rule_hits[r];
	}
	t_check(!missing, "%u rules were never applied", missing);
}

int main(int argc, char **argv)
{
	unsigned int k, passed, failed;

	for (k = 0; k < ARRAY_SIZE(suites); k++) {
		if (argc > 1 && strcmp(argv[1], suites[k].name))
			continue;
		passed = t_passed;
		failed = t_failed;
		suites[k].run();
		printf("%-10s %u passed, %u failed\n", suites[k].name, t_passed - passed,
		       t_failed - failed);
	}
	if (argc == 1)
		print_coverage();
	printf("\n%u passed, %u failed\n", t_passed, t_failed);
	return t_failed != 0;
}
