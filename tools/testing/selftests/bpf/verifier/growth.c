// SPDX-License-Identifier: GPL-2.0
/*
 * Loading a program of twice the size takes about twice the steps, whatever it is full of: basic
 * blocks and blocks of 64 bytes that are copied are counted, which is the same on every machine.
 * Paths that meet and differ in nothing that matters are followed once. And limits are where users
 * expect them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include "host/kbpf.h"

#define MAX_INSNS	1000001

/* What twice the size may take, in hundredths of what the size takes. */
#define MOST		250

static unsigned long steps;
static struct bpf_insn *prog;
static unsigned int len;
static char log_buf[65536];
static int map = -1;
static int passed, failed;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

void *__real_memcpy(void *to, const void *from, size_t size);
void *__real_memmove(void *to, const void *from, size_t size);
void *__real_memset(void *to, int c, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);
void *__wrap_memset(void *to, int c, size_t size);

void *__wrap_memcpy(void *to, const void *from, size_t size)
{
	steps += size / 64;
	return __real_memcpy(to, from, size);
}

void *__wrap_memmove(void *to, const void *from, size_t size)
{
	steps += size / 64;
	return __real_memmove(to, from, size);
}

void *__wrap_memset(void *to, int c, size_t size)
{
	steps += size / 64;
	return __real_memset(to, c, size);
}

/* ------------------------------------------------------------------ programs */

static void emit(int code, int dst, int src, int off, int imm)
{
	prog[len++] = (struct bpf_insn){ .code = code, .dst_reg = dst, .src_reg = src, .off = off,
					 .imm = imm };
}

static void set(int reg, int val)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, val);
}

static void copy(int dst, int src)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

/* A number of which nothing is known. */
static void unknown(int reg)
{
	emit(BPF_LDX | BPF_MEM | BPF_W, reg, 6, 0, 0);
}

static void jump_if(int op, int reg, int val, int off)
{
	emit(BPF_JMP | op | BPF_K, reg, 0, off, val);
}

static void call(int helper)
{
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void call_sub(int at)
{
	emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, at - (int)len - 1);
}

static void end(void)
{
	set(0, 0);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void straight(int n)
{
	while (n--)
		emit(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, 1);
}

static void branches(int n)
{
	while (n--) {
		unknown(2);
		jump_if(BPF_JSET, 2, 1, 1);
		set(3, 1);
	}
}

static void nested_branches(int n)
{
	int i;

	unknown(2);
	for (i = 0; i < n; i++)
		jump_if(BPF_JEQ, 2, i, n - 1 - i);
}

static void switches(int n)
{
	int i;

	unknown(2);
	for (i = 0; i < n; i++)
		jump_if(BPF_JEQ, 2, i, n - i + 2 * i);
	emit(BPF_JMP | BPF_JA, 0, 0, 2 * n, 0);
	for (i = 0; i < n; i++) {
		set(3, i);
		emit(BPF_JMP | BPF_JA, 0, 0, 2 * (n - 1 - i), 0);
	}
}

static void jumps(int n)
{
	while (n--)
		emit(BPF_JMP | BPF_JA, 0, 0, 0, 0);
}

static void dead_code(int n)
{
	set(2, 0);
	while (n--) {
		jump_if(BPF_JEQ, 2, 0, 1);
		set(3, 1);
	}
}

static void helpers(int n)
{
	while (n--)
		call(BPF_FUNC_get_prandom_u32);
}

static void context(int n)
{
	while (n--)
		emit(BPF_LDX | BPF_MEM | BPF_W, 2, 6, 4 * (n % 8), 0);
}

static void map_values(int n)
{
	while (n--) {
		emit(BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_MAP_VALUE, 0, map);
		emit(0, 0, 0, 0, 8 * (n % 8));
		emit(BPF_LDX | BPF_MEM | BPF_W, 3, 2, 0, 0);
	}
}

static void stack(int n)
{
	for (; n--;) {
		emit(BPF_STX | BPF_MEM | BPF_DW, 10, 6, -8 - 8 * (n % 64), 0);
		emit(BPF_LDX | BPF_MEM | BPF_DW, 3, 10, -8 - 8 * (n % 64), 0);
	}
}

static void links(int n)
{
	while (n--) {
		unknown(2);
		copy(3, 2);
		emit(BPF_STX | BPF_MEM | BPF_DW, 10, 2, -8 - 8 * (n % 60), 0);
		jump_if(BPF_JGT, 3, 100, 0);
	}
}

static void loop(int n)
{
	set(7, 0);
	unknown(2);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, 1);
	jump_if(BPF_JLT, 7, n, -3);
}

static void loop_with_branch(int n)
{
	set(7, 0);
	unknown(2);
	jump_if(BPF_JSET, 2, 1, 1);
	set(3, 1);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, 1);
	jump_if(BPF_JLT, 7, n, -5);
}

/* Functions follow the program's end: n calls of one. */
static void calls(int n)
{
	int at = (int)len + 2 * n + 2;

	while (n--) {
		unknown(1);
		call_sub(at);
	}
	end();
	copy(0, 1);
	jump_if(BPF_JSET, 0, 1, 1);
	set(0, 1);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void functions(int n)
{
	int first = (int)len + 2 * n + 2, i;

	for (i = 0; i < n; i++) {
		unknown(1);
		call_sub(first + 8 * i);
	}
	end();
	for (i = 0; i < n; i++) {
		copy(0, 1);
		jump_if(BPF_JSET, 0, 1, 1);
		set(0, 1);
		set(2, i);
		set(3, i);
		set(4, i);
		set(5, i);
		emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
}

/* ------------------------------------------------------------------ loading */

static long bpf(int cmd, union bpf_attr *attr)
{
	long ret = bpf_host(cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

static int load(void)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };
	int fd;

	attr.insns = (unsigned long)prog;
	attr.insn_cnt = len;
	attr.license = (unsigned long)"GPL";
	attr.log_level = 4;
	attr.log_buf = (unsigned long)log_buf;
	attr.log_size = sizeof(log_buf);
	log_buf[0] = 0;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static const struct family {
	const char *name;
	void (*body)(int n);
	int n;
	bool unprivileged;
} families[] = {
	{ "straight code", straight, 4000 },
	{ "much straight code", straight, 60000 },
	{ "branches that join", branches, 2000 },
	{ "branches that join, for the unprivileged", branches, 600, true },
	{ "comparisons with one end", nested_branches, 2000 },
	{ "a switch", switches, 2000 },
	{ "a switch, for the unprivileged", switches, 600, true },
	{ "jumps to what follows", jumps, 4000 },
	{ "dead code", dead_code, 3000 },
	{ "calls of helpers", helpers, 3000 },
	{ "fields of the context", context, 3000 },
	{ "values of a map", map_values, 2000 },
	{ "the stack", stack, 2000 },
	{ "the stack, for the unprivileged", stack, 900, true },
	{ "numbers that are linked", links, 1500 },
	{ "turns of a loop", loop, 4000 },
	{ "turns of a loop with a branch", loop_with_branch, 2000 },
	{ "calls of one function", calls, 2000 },
	{ "functions", functions, 110 },
};

static void report(bool ok, const char *name, const char *more, long val)
{
	ok ? passed++ : failed++;
	if (!ok)
		printf("not ok %s: %s %ld\n", name, more, val);
}

static bool measure(const struct family *f, int n, unsigned long *took)
{
	int err;

	len = 0;
	copy(6, 1);
	set(0, 0);
	set(7, 0);
	f->body(n);
	if (f->body != calls && f->body != functions)
		end();
	if (f->unprivileged)
		bpf_host_set_caps(0);
	steps = 0;
	err = load();
	*took = steps;
	bpf_host_set_caps(~0ULL);
	if (err)
		report(false, f->name, log_buf, err);
	return !err;
}

static void grow(const struct family *f)
{
	unsigned long once, twice;

	if (!measure(f, f->n, &once) || !measure(f, 2 * f->n, &twice))
		return;
	if (getenv("VERBOSE"))
		printf("# %-45s %10lu %10lu  %lu.%02lu\n", f->name, once, twice, twice / once,
		       twice * 100 / once % 100);
	report(once && twice * 100 <= once * MOST, f->name, "hundredths of the steps:",
	       once ? twice * 100 / once : 0);
}

/* ------------------------------------------------------------------ paths that meet */

static void store(int size, int reg, int off)
{
	emit(BPF_STX | BPF_MEM | size, 10, reg, off, 0);
}

/* Branches far apart, in the order of compilers: what tells them apart is forgotten behind them. */
static void tail(int n)
{
	while (n--) {
		unknown(2);
		jump_if(BPF_JSET, 2, 1, 1);
		set(3, 1);
		straight(12);
	}
	set(7, 0);
}

/* A word of which nothing is known, stored whole or by halves. */
static void word_or_halves(int n)
{
	unknown(2);
	unknown(3);
	jump_if(BPF_JSET, 3, 1, 2);
	store(BPF_W, 2, -8);
	emit(BPF_JMP | BPF_JA, 0, 0, 2, 0);
	store(BPF_H, 2, -8);
	store(BPF_H, 2, -6);
	tail(n);
	emit(BPF_LDX | BPF_MEM | BPF_W, 3, 10, -8, 0);
	emit(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_VALUE, 0, map);
	emit(0, 0, 0, 0, 0);
	emit(BPF_ALU64 | BPF_AND | BPF_K, 3, 0, 0, 7);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 1, 3, 0, 0);
	emit(BPF_LDX | BPF_MEM | BPF_B, 0, 1, 0, 0);
}

/* A number on one path, nothing on the other, and its reader does not care. */
static void written_or_not(int n)
{
	set(3, 7);
	unknown(2);
	jump_if(BPF_JSET, 2, 1, 1);
	store(BPF_DW, 3, -8);
	tail(n);
	emit(BPF_LDX | BPF_MEM | BPF_DW, 3, 10, -8, 0);
}

/* Places that several ways lead to, each by a checkpoint of its own, and one branch behind them. */
static void short_ways(int n)
{
	int i;

	while (n--) {
		unknown(4);
		for (i = 0; i < 8; i++) {
			jump_if(BPF_JEQ, 4, i, 17);
			tail(1);
			emit(BPF_JMP | BPF_JA, 0, 0, 18 * (7 - i), 0);
		}
		straight(10);
		unknown(2);
		jump_if(BPF_JSET, 2, 1, 1);
		set(3, 1);
		straight(60);
	}
}

static unsigned long figure(const char *name)
{
	const char *at = strstr(log_buf, name);

	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* How often the walk may come by an instruction, on average, in hundredths. */
static const struct meeting {
	const char *name;
	void (*body)(int n);
	int n;
	unsigned long most;
} meetings[] = {
	{ "branches", tail, 100, 180 },
	{ "a word or two halves", word_or_halves, 100, 180 },
	{ "a number or nothing", written_or_not, 100, 180 },
	{ "short ways", short_ways, 100, 110 },
};

static void meet(const struct meeting *m)
{
	struct family f = { m->name, m->body, m->n };
	unsigned long took;

	if (!measure(&f, m->n, &took))
		return;
	took = figure("processed ") * 100 / len;
	if (getenv("VERBOSE"))
		printf("# %-45s %10u %10lu\n", m->name, len, took);
	report(took && took <= m->most, m->name, "hundredths of its instructions:", took);
}

/* ------------------------------------------------------------------ limits */

static void limit(const char *name, unsigned int insns, bool unprivileged, int want)
{
	int err;

	len = 0;
	copy(6, 1);
	set(7, 0);
	straight(insns - 4);
	end();
	if (unprivileged)
		bpf_host_set_caps(0);
	err = load();
	bpf_host_set_caps(~0ULL);
	report(len == insns && err == want, name, "errno", -err);
}

/*
 * 2^40 paths, and on each of them the sum of two numbers is 0. Who joins paths does not see it,
 * who does not comes to no end: all attempts are made, and have a budget in common.
 */
static void hopeless(void)
{
	int i, err;

	len = 0;
	copy(6, 1);
	set(7, 0);
	set(8, 0);
	for (i = 0; i < 40; i++) {
		unknown(2);
		jump_if(BPF_JSET, 2, 1, 2);
		emit(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, 1 << i % 30);
		emit(BPF_ALU64 | BPF_SUB | BPF_K, 8, 0, 0, 1 << i % 30);
	}
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 7, 8, 0, 0);
	emit(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_VALUE, 0, map);
	emit(0, 0, 0, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 1, 7, 0, 0);
	emit(BPF_LDX | BPF_MEM | BPF_B, 0, 1, 0, 0);
	end();
	err = load();
	report(err == -E2BIG, "more paths than any budget", "errno", -err);
	report(strstr(log_buf, "BPF program is too large. Processed 1000001 insn"),
	       "more paths than any budget: log", log_buf, err);
	report(figure("all_insns ") <= 3630000, "instructions of all attempts", "",
	       figure("all_insns "));
	report(figure("attempts ") >= 4, "attempts", "", figure("attempts "));
}

static void many_pending(int n, bool ok)
{
	int err;

	len = 0;
	copy(6, 1);
	set(0, 0);
	set(7, 0);
	switches(n);
	end();
	err = load();
	report(ok == !err, ok ? "branches that wait" : "too many branches that wait", "errno",
	       -err);
	if (!ok)
		report(strstr(log_buf, "jumps is too complex"), "too many branches that wait: log",
		       log_buf, err);
}

static void limits(void)
{
	limit("4,096 instructions for the unprivileged", BPF_MAXINSNS, true, 0);
	limit("4,097 instructions for the unprivileged", BPF_MAXINSNS + 1, true, -E2BIG);
	limit("4,097 instructions", BPF_MAXINSNS + 1, false, 0);
	limit("1,000,000 instructions", 1000000, false, 0);
	report(figure("processed ") == 1000000, "1,000,000 instructions processed", "",
	       figure("processed "));
	limit("1,000,001 instructions", 1000001, false, -E2BIG);
	hopeless();
	many_pending(8000, true);
	many_pending(8300, false);
}

int main(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 64,
				.max_entries = 1 };
	unsigned int i;

	prog = calloc(MAX_INSNS, sizeof(*prog));
	bpf_host_set_unprivileged_disabled(0);
	map = bpf(BPF_MAP_CREATE, &attr);
	if (!prog || map < 0)
		return 1;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		grow(&families[i]);
	for (i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++)
		meet(&meetings[i]);
	limits();
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
