// SPDX-License-Identifier: GPL-2.0
/* A fuzzer without libFuzzer: inputs from a random generator, the same ones each time. */
#include <inttypes.h>
#include <signal.h>

#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static uint64_t current;

/* Says how to have it again. */
static void on_abort(int sig)
{
	fprintf(stderr, "found by input %" PRIu64 "\n", current);
	signal(sig, SIG_DFL);
}

static int one(uint64_t nr)
{
	uint64_t x = (nr + 1) * 0x9e3779b97f4a7c15ULL;
	uint8_t data[768];
	size_t size, i;

	size = 48 + next(&x) % (sizeof(data) - 48);
	for (i = 0; i < size; i++)
		data[i] = next(&x) >> 24;
	return LLVMFuzzerTestOneInput(data, size);
}

static int from_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *f = fopen(path, "r");
	size_t size;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	return LLVMFuzzerTestOneInput(data, size);
}

/* FIRST COUNT: these inputs. Else files, one input each. */
int main(int argc, char **argv)
{
	uint64_t nr, last;
	char *end;
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FIRST COUNT | FILE...\n", argv[0]);
		return 2;
	}
	if (LLVMFuzzerInitialize(&argc, &argv))
		return 2;
	signal(SIGABRT, on_abort);
	nr = strtoull(argv[1], &end, 0);
	if (argc == 3 && !*end) {
		for (last = nr + strtoull(argv[2], NULL, 0); nr < last; nr++) {
			current = nr;
			one(nr);
		}
		return 0;
	}
	for (i = 1; i < argc; i++)
		if (from_file(argv[i]))
			return 1;
	return 0;
}
