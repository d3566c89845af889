// SPDX-License-Identifier: GPL-2.0
/*
 * What a program costs at each kind of hook, in nanoseconds of guest time a call. With QEMU's
 * -icount shift=0 that is the number of instructions executed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define CALLS 20000

static double per_call(void)
{
	struct timespec from, to;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < CALLS; i++)
		syscall(SYS_getpgid, 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return ((to.tv_sec - from.tv_sec) * 1e9 + to.tv_nsec - from.tv_nsec) / CALLS;
}

/* The least of a few: interrupts only add. */
static double measure(void)
{
	double best = 1e9, now;
	int i;

	for (i = 0; i < 5; i++) {
		now = per_call();
		if (now < best)
			best = now;
	}
	return best;
}

static int measure_prog(struct bpf_program *prog, double base)
{
	struct bpf_link *link = bpf_program__attach(prog);
	double ns;

	if (!link) {
		printf("%-16s cannot be attached: %d\n", bpf_program__name(prog), errno);
		return 1;
	}
	ns = measure();
	printf("%-16s %8.1f %+8.1f\n", bpf_program__name(prog), ns, ns - base);
	bpf_link__destroy(link);
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	char path[512];
	int failed = 0;
	double base;

	snprintf(path, sizeof(path), "%s/trigger.bpf.o", getenv("O") ?: ".");
	obj = bpf_object__open_file(path, NULL);
	if (!obj || bpf_object__load(obj)) {
		fprintf(stderr, "%s: cannot be loaded: %d\n", path, errno);
		return 1;
	}
	measure();
	base = measure();
	printf("%-16s %8.1f\n", "none", base);
	bpf_object__for_each_program(prog, obj)
		failed += measure_prog(prog, base);
	bpf_object__close(obj);
	return failed != 0;
}
