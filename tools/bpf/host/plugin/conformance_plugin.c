// SPDX-License-Identifier: GPL-2.0
/*
 * Plugin of the public BPF conformance suite: a program as hexadecimal bytes on standard input (or
 * as the argument of --program), the memory that R1 points to as the first other argument. R0 goes
 * to standard output in hexadecimal; what is wrong goes to standard error, and the exit status is
 * 1.
 *
 * The program runs in a child, which a fault or a time limit ends.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "host/kbpf.h"

#define SECONDS 10

struct bytes {
	uint8_t *p;
	size_t len;
};

static int nibble(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of digits; white space may stand between them. */
static int from_hex(const char *text, struct bytes *out, const char *what)
{
	size_t cap = strlen(text) / 2 + 1;
	int hi, lo;

	out->len = 0;
	out->p = malloc(cap);
	if (!out->p) {
		fprintf(stderr, "%s: no memory\n", what);
		return -1;
	}
	while (*text) {
		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		hi = nibble(text[0]);
		lo = hi < 0 ? -1 : nibble(text[1]);
		if (lo < 0) {
			fprintf(stderr, "%s: not hexadecimal: %.16s\n", what, text);
			return -1;
		}
		out->p[out->len++] = hi << 4 | lo;
		text += 2;
	}
	return 0;
}

static char *read_all(FILE *f)
{
	size_t len = 0, cap = 4096, n;
	char *text = malloc(cap), *more;

	while (text && (n = fread(text + len, 1, cap - len - 1, f)) > 0) {
		len += n;
		if (cap - len > 1)
			continue;
		more = realloc(text, cap *= 2);
		if (!more)
			free(text);
		text = more;
	}
	if (text)
		text[len] = 0;
	return text;
}

static int run(const struct bytes *program, const struct bytes *memory, int jit)
{
	unsigned long long result;
	char why[256];

	alarm(SECONDS);
	bpf_host_set_jit(jit, 0);
	if (bpf_host_raw((const void *)program->p, program->len / sizeof(struct bpf_insn),
			 memory->len ? memory->p : NULL, memory->len, &result, why, sizeof(why))) {
		fprintf(stderr, "refused: %s\n", why[0] ? why : strerror(errno));
		return 1;
	}
	printf("%llx\n", result);
	return fflush(stdout) ? 1 : 0;
}

static int run_in_child(const struct bytes *program, const struct bytes *memory, int jit)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		perror("fork");
		return 1;
	}
	if (!pid)
		_exit(run(program, memory, jit));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGALRM)
		fprintf(stderr, "the program did not end in %d s\n", SECONDS);
	else
		fprintf(stderr, "the program was ended by signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	return 1;
}

static void usage(FILE *out)
{
	fputs("usage: conformance_plugin [--interpret | --jit] [--program HEX] [MEMORY]\n"
	      "Runs a BPF program, hexadecimal bytes on standard input or HEX, on MEMORY and prints R0.\n"
	      "  --interpret    by the interpreter\n"
	      "  --jit          as generated code (the default)\n"
	      "  --debug        accepted, no effect\n", out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "interpret", no_argument, NULL, 'i' }, { "jit", no_argument, NULL, 'j' },
		{ "program", required_argument, NULL, 'p' }, { "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct bytes program, memory = { NULL, 0 };
	const char *text = NULL;
	int jit = 1, c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'i':
		case 'j':
			jit = c == 'j';
			break;
		case 'p':
			text = optarg;
			break;
		case 'd':
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 1;
		}
	}
	if (argc - optind > 1) {
		usage(stderr);
		return 1;
	}
	if (optind < argc && from_hex(argv[optind], &memory, "memory"))
		return 1;
	if (!text)
		text = read_all(stdin);
	if (!text || from_hex(text, &program, "program"))
		return 1;
	if (!program.len || program.len % sizeof(struct bpf_insn)) {
		fprintf(stderr, "program: %zu bytes are no whole number of instructions\n",
			program.len);
		return 1;
	}
	return run_in_child(&program, &memory, jit);
}
