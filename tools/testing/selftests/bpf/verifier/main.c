// SPDX-License-Identifier: GPL-2.0
/*
 * Runs case files against the verifier in this process. -v: say more; -l: log level; -n: cases with
 * this in their name; -p: verify once more with every path followed, and compare.
 */
#include "vshim.h"
#include <unistd.h>
#include "btf/record.h"
#include "../cases/case.h"
#include "driver.h"

#define LOG_SIZE (4 << 20)

extern bool bpf_prune_off;

static int passed, failed, verbose, level = 2;
static bool twice;
static const char *only;
static char log_buf[LOG_SIZE];
static struct bpf_insn insns[65536];

static void set_up(const struct test_case *c, struct driver_prog *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->type = c->type;
	p->unprivileged = c->unprivileged;
	p->gpl = !c->nogpl;
	p->flags = (c->strict ? BPF_F_STRICT_ALIGNMENT : 0) |
		   (c->sleepable ? BPF_F_SLEEPABLE : 0) |
		   (c->freq ? BPF_F_TEST_STATE_FREQ : 0);
	p->log_level = level | BPF_LOG_STATS;
	for (i = 0; i < c->nr_maps; i++) {
		const struct case_map *m = &c->maps[i];

		p->maps[i + 1] = driver_map(m->type, m->key, m->value, m->max, m->flags);
		if (p->maps[i + 1] && m->lock >= 0)
			driver_map_lock(p->maps[i + 1], m->lock, BPF_SPIN_LOCK);
		if (p->maps[i + 1] && m->timer >= 0)
			driver_map_lock(p->maps[i + 1], m->timer, BPF_TIMER);
	}
}

static const char *judge(const struct test_case *c, const struct driver_result *res)
{
	static char why[256];
	unsigned int i;

	if (c->accept && res->err)
		return "rejected";
	if (!c->accept && !res->err)
		return "accepted";
	for (i = 0; i < c->nr_says; i++) {
		if (strstr(res->log, c->says[i]))
			continue;
		snprintf(why, sizeof(why), "log does not say '%s'", c->says[i]);
		return why;
	}
	if (c->max_insns && res->insns > c->max_insns) {
		snprintf(why, sizeof(why), "%u instructions processed", res->insns);
		return why;
	}
	return NULL;
}

/* From half of the budget on paths are joined, and more is refused than when each is followed. */
#define JOINS_FROM 500000

/* Pruning decides how long it takes, not what comes out. */
static const char *compare(const struct driver_prog *p, const struct driver_result *res)
{
	struct driver_result all = *res;

	bpf_prune_off = true;
	driver_verify(p, &all);
	bpf_prune_off = false;
	if (!res->err && all.err && all.err != -E2BIG && all.insns < JOINS_FROM)
		return "accepted, but rejected when every path is followed";
	return NULL;
}

static const char *tail_of(const char *log)
{
	size_t len = strlen(log);

	return len > 6000 ? log + len - 6000 : log;
}

static void run_case(const struct case_file *cf, const struct test_case *c)
{
	struct driver_result res = { .log = log_buf, .log_size = LOG_SIZE };
	struct driver_prog p;
	struct asm_error err;
	const char *why;
	int n, i;
	long live;

	n = asm_program(c->text, insns, ARRAY_SIZE(insns), &err);
	if (n < 0) {
		printf("not ok %s: line %d: %s\n", c->name, c->line + err.line, err.text);
		failed++;
		return;
	}
	set_up(c, &p);
	p.insns = insns;
	p.cnt = n;
	live = shim_live;
	driver_verify(&p, &res);
	why = twice ? compare(&p, &res) : judge(c, &res);
	for (i = 0; i < DRIVER_MAX_MAPS; i++)
		driver_map_free(p.maps[i]);
	if (!why && shim_live != live)
		why = "memory is left behind";
	if (!why)
		passed++;
	else
		failed++;
	if (why || verbose)
		printf("%s %s (%s): %s, errno %d\n", why ? "not ok" : "ok", c->name, cf->path,
		       why ? why : "", -res.err);
	if (verbose > 1 || (why && verbose))
		printf("%s\n", tail_of(log_buf));
}

int main(int argc, char **argv)
{
	static struct test_case c;
	struct case_file cf;
	int opt, ret;

	while ((opt = getopt(argc, argv, "vpn:l:")) != -1) {
		if (opt == 'v')
			verbose++;
		else if (opt == 'p')
			twice = true;
		else if (opt == 'n')
			only = optarg;
		else if (opt == 'l')
			level = atoi(optarg);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (; optind < argc; optind++) {
		if (!case_open(&cf, argv[optind])) {
			perror(argv[optind]);
			return 1;
		}
		while ((ret = case_next(&cf, &c)) > 0)
			if (!only || strstr(c.name, only))
				run_case(&cf, &c);
		failed += ret < 0;
		case_close(&cf);
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
