// SPDX-License-Identifier: GPL-2.0
/*
 * Runs case files. -v: say more, -vv: logs, too; -n PART: cases with this in their name; -p: load
 * once more with every path followed, and compare; -q: print failures only; -c: no case without a
 * reason.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include "load.h"

/* From half of the budget on paths are joined, and more is refused than when each is followed. */
#define JOINS_FROM 500000

static int passed, failed, skipped, verbose;
static bool twice, reasons;
static const char *only;

static const char *judge_log(const struct test_case *c, const struct loaded *l)
{
	static char why[256];
	unsigned int i;

	for (i = 0; i < c->nr_says; i++) {
		if (strstr(l->log, c->says[i]))
			continue;
		snprintf(why, sizeof(why), "the log does not say '%s'", c->says[i]);
		return why;
	}
	for (i = 0; i < c->nr_silent; i++) {
		if (!strstr(l->log, c->silent[i]))
			continue;
		snprintf(why, sizeof(why), "the log says '%s'", c->silent[i]);
		return why;
	}
	if (c->max_insns && l->insns > c->max_insns) {
		snprintf(why, sizeof(why), "%u instructions processed", l->insns);
		return why;
	}
	return NULL;
}

static unsigned int occurrences(const char *text, const char *part)
{
	unsigned int n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static const char *judge_xlated(const struct test_case *c, const struct loaded *l)
{
	static char why[256];
	const char *text;
	unsigned int i;

	if (!c->nr_xlated && !c->nr_gone && !c->barriers)
		return NULL;
	text = case_xlated(l);
	if (c->barriers && text && occurrences(text, "nospec") != c->barriers - 1) {
		snprintf(why, sizeof(why), "%u barriers", occurrences(text, "nospec"));
		return why;
	}
	for (i = 0; text && i < c->nr_gone; i++) {
		if (!strstr(text, c->gone[i]))
			continue;
		snprintf(why, sizeof(why), "what is run has '%s'", c->gone[i]);
		return why;
	}
	for (i = 0; i < c->nr_xlated; i++) {
		if (text && strstr(text, c->xlated[i]))
			continue;
		snprintf(why, sizeof(why), "what is run has no '%s'", c->xlated[i]);
		if (text && verbose)
			printf("%s", text);
		return why;
	}
	return NULL;
}

static const char *judge(const struct test_case *c, const struct loaded *l)
{
	static char why[128];

	if (c->accept && l->err)
		return "rejected";
	if (!c->accept && !l->err)
		return "accepted";
	if (c->err && c->err != l->err) {
		snprintf(why, sizeof(why), "errno %d (%s)", l->err, strerror(l->err));
		return why;
	}
	return judge_log(c, l) ?: c->accept ? judge_xlated(c, l) : NULL;
}

static const char *judge_run(const struct test_case *c, const struct loaded *l, const char *how)
{
	static char why[128];
	unsigned int ret;
	int err;

	err = case_run(c, l, &ret);
	if (!err && ret == c->ret)
		return NULL;
	if (err)
		snprintf(why, sizeof(why), "run (%s): %s", how, strerror(err));
	else
		snprintf(why, sizeof(why), "returned %u = 0x%x (%s)", ret, ret, how);
	return why;
}

/* Each way of executing has to give what is expected. */
static const char *run_all(const struct test_case *c)
{
	static const struct {
		int jit, harden;
		const char *name;
	} ways[] = { { 0, 0, "interpreter" }, { 1, 0, "JIT" }, { 1, 2, "JIT with blinding" } };
	const char *why = NULL;
	char text[128];
	unsigned int i;

	for (i = 0; i < 3 && !why; i++) {
		struct loaded l;

		if (!home_jit(ways[i].jit, ways[i].harden))
			continue;
		if (!case_load(c, &l, text, sizeof(text)) || l.err)
			why = "cannot be loaded again";
		else
			why = judge_run(c, &l, ways[i].name);
		case_unload(&l, c);
	}
	home_jit(1, 0);
	return why;
}

/*
 * Bytes of the stack that are a pointer on one path and a number on the other are numbers where the
 * paths were joined, as for any privileged reader of such bytes. Arithmetic that only the pointer
 * would forbid is no access to memory that the joined walk lets through; cover.c says why.
 */
static bool pointer_as_number(const struct test_case *c, const struct loaded *l)
{
	if (c->unprivileged || c->only_bpf)
		return false;
	return l->err == EACCES && (strstr(l->log, "pointer arithmetic") ||
				    strstr(l->log, "on pointer prohibited"));
}

/* Pruning decides how long it takes, not what comes out. */
static const char *compare(const struct test_case *c, const struct loaded *l)
{
	struct loaded all;
	const char *why = NULL;
	char text[128];

	home_pruning(false);
	if (!case_load(c, &all, text, sizeof(text)))
		why = "cannot be loaded again";
	else if (!l->err && all.err && all.err != E2BIG && all.insns < JOINS_FROM &&
		 !pointer_as_number(c, &all))
		why = "accepted, but rejected when every path is followed";
	else if (l->err && !all.err && l->insns < JOINS_FROM)
		why = "rejected, but accepted when every path is followed";
	case_unload(&all, c);
	home_pruning(true);
	return why;
}

static const char *tail_of(const char *log)
{
	size_t len = strlen(log);

	return len > 6000 ? log + len - 6000 : log;
}

static const char *try_case(const struct test_case *c, struct loaded *l, char *text, size_t size)
{
	const char *why;

	if (!case_load(c, l, text, size))
		return text;
	if (twice)
		return compare(c, l);
	why = judge(c, l);
	if (!why && c->has_run)
		why = run_all(c);
	if (!why && reasons && !c->has_reason)
		why = "no reason is given for the verdict";
	return why;
}

/* What is made once and kept is no leak: it is not made a second time. */
static bool leaks(const struct test_case *c)
{
	long live = home_live();
	struct loaded l;
	char text[192];

	case_load(c, &l, text, sizeof(text));
	case_unload(&l, c);
	return home_live() != live;
}

static void run_case(const struct case_file *cf, const struct test_case *c)
{
	long live = home_live(), warnings = home_warnings();
	struct loaded l;
	char text[192];
	const char *why;

	why = try_case(c, &l, text, sizeof(text));
	case_unload(&l, c);
	if (why && !strncmp(why, "SKIP", 4)) {
		skipped++;
		printf("%s (%s)\n", why, c->name);
		return;
	}
	if (!why && home_live() != live && leaks(c))
		why = "memory is left behind";
	if (home_warnings() != warnings)
		why = "the kernel warned";
	if (!why)
		passed++;
	else
		failed++;
	if (why || verbose)
		printf("%s %s (%s:%d): %s%serrno %d\n", why ? "not ok" : "ok", c->name, cf->path,
		       c->line, why ?: "", why ? ", " : "", l.err);
	if (verbose > 1 || (why && verbose))
		printf("%s\n", tail_of(l.log));
}

static void run_file(const char *path)
{
	static struct test_case c;
	struct case_file cf;
	int ret;

	if (!case_open(&cf, path)) {
		perror(path);
		failed++;
		return;
	}
	while ((ret = case_next(&cf, &c)) > 0)
		if (!only || strstr(c.name, only))
			run_case(&cf, &c);
	failed += ret < 0;
	case_close(&cf);
}

int main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "vpcn:")) != -1) {
		if (opt == 'v')
			verbose++;
		else if (opt == 'p')
			twice = true;
		else if (opt == 'c')
			reasons = true;
		else if (opt == 'n')
			only = optarg;
		else
			return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!home_begin()) {
		printf("the unprivileged cannot be let in\n0 passed, 1 failed\n");
		return 1;
	}
	for (; optind < argc; optind++)
		run_file(argv[optind]);
	home_end();
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed != 0;
}
