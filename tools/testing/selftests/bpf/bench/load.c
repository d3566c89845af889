// SPDX-License-Identifier: GPL-2.0
/*
 * Loads each program of each object by itself and prints one line of JSON for it: the verdict, the
 * verifier's own figures (log level 4), and the time that the system call took.
 *
 *	load [-v|-m] OBJECT...
 *
 * -m: the memory that the system call took at most instead of its time, see traced.h.
 *
 * libbpf prepares the program; its system calls pass through here, so that only the load that
 * matters is measured and none of libbpf's probes.
 */
#include "bench.h"
#include "traced.h"

#define LOG_SIZE	(16u << 20)
#define PROG_NAME	16

struct figures {
	int tried;
	int error;
	uint64_t took;
	uint64_t insns;
	long slab;
	char *log;
};

static struct figures figures;
static const char *watched;
static int verbose, memory;

long __real_syscall(long nr, long a, long b, long c, long d, long e, long f);

/* Whether this is the program that is watched: libbpf's probes have other names, or none. */
static int is_watched(const union bpf_attr *attr, unsigned int size)
{
	char name[PROG_NAME] = "";

	if (!watched || size < offsetof(union bpf_attr, prog_name) + sizeof(attr->prog_name))
		return 0;
	strncpy(name, watched, sizeof(name) - 1);
	return !strncmp(attr->prog_name, name, sizeof(name));
}

long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	union bpf_attr *attr = (void *)b, copy;
	uint64_t start;
	long ret;

	if (nr != SYS_bpf || a != BPF_PROG_LOAD || !is_watched(attr, c))
		return __real_syscall(nr, a, b, c, d, e, f);
	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, attr, (size_t)c < sizeof(copy) ? (size_t)c : sizeof(copy));
	figures.log[0] = 0;
	copy.log_buf = (uintptr_t)figures.log;
	copy.log_size = LOG_SIZE;
	copy.log_level = verbose ? 1 | 4 : 4;
	if (memory)
		traced_begin();
	start = now();
	ret = __real_syscall(nr, a, (long)&copy, c, d, e, f);
	figures.took = now() - start;
	figures.error = ret < 0 ? errno : 0;
	if (memory)
		figures.slab = traced_end();
	figures.insns = copy.insn_cnt;
	figures.tried++;
	if (ret < 0) {
		if (verbose)
			fprintf(stderr, "%s\n", figures.log);
		errno = figures.error;
	}
	return ret;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN && verbose)
		return vfprintf(stderr, format, args);
	return 0;
}

static unsigned long field(const char *log, const char *name)
{
	const char *at = NULL, *next = log;

	while ((next = strstr(next, name))) {
		at = next;
		next += strlen(name);
	}
	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

static void print_string(const char *s, size_t max)
{
	putchar('"');
	for (; *s && *s != '\n' && max; s++, max--) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		if ((unsigned char)*s >= ' ')
			putchar(*s);
	}
	putchar('"');
}

/* The first line of the log that is a message rather than a trace. */
static const char *reason(const char *log)
{
	while (*log) {
		const char *end = strchrnul(log, '\n');

		if (*log && !strchr("0123456789;", *log) && strncmp(log, "func#", 5) &&
		    strncmp(log, "processed", 9) && strncmp(log, "verification time", 17) &&
		    strncmp(log, "attempts ", 9) && strncmp(log, "state_bytes ", 12) &&
		    strncmp(log, "from ", 5) && log[0] != ' ' && end != log)
			return log;
		if (!*end)
			break;
		log = end + 1;
	}
	return "";
}

static void report(const char *object, const char *prog, long err)
{
	const char *log = figures.log;

	printf("{\"object\":\"%.*s\",\"prog\":\"%s\",\"ok\":%s,\"errno\":%d",
	       (int)strcspn(base_name(object), "."), base_name(object), prog,
	       figures.tried && !figures.error && !err ? "true" : "false",
	       figures.tried ? figures.error : (int)-err);
	printf(",\"insns\":%lu,\"time\":%lu,\"processed\":%lu,\"per_insn\":%lu,\"states\":%lu,\"peak\":%lu",
	       (unsigned long)figures.insns, (unsigned long)figures.took, field(log, "processed "),
	       field(log, "max_states_per_insn "), field(log, "total_states "),
	       field(log, "peak_states "));
	printf(",\"memory\":%lu,\"state\":%lu,\"usec\":%lu", field(log, "peak_bytes "),
	       field(log, " average "), field(log, "verification time "));
	if (memory)
		printf(",\"slab\":%ld", figures.slab);
	if (figures.error || !figures.tried) {
		printf(",\"why\":");
		print_string(figures.tried ? reason(log) : "not tried", 160);
	}
	printf("}\n");
	fflush(stdout);
}

static int load_one(const char *path, const char *name)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	struct bpf_program *p;
	long err;

	if (!obj)
		return -errno;
	bpf_object__for_each_program(p, obj)
		bpf_program__set_autoload(p, !strcmp(bpf_program__name(p), name));
	watched = name;
	memset(figures.log, 0, 16);
	figures.tried = 0;
	figures.error = 0;
	figures.took = 0;
	figures.insns = 0;
	figures.slab = -1;
	err = bpf_object__load(obj);
	watched = NULL;
	report(path, name, err);
	bpf_object__close(obj);
	return err;
}

int main(int argc, char **argv)
{
	int bad = 0, i = 1;

	if (i < argc && (!strcmp(argv[i], "-v") || !strcmp(argv[i], "-m"))) {
		verbose = argv[i][1] == 'v';
		memory = argv[i][1] == 'm';
		i++;
	}
	if (i == argc) {
		fprintf(stderr, "usage: %s [-v|-m] OBJECT...\n", argv[0]);
		return 2;
	}
	figures.log = malloc(LOG_SIZE);
	if (!figures.log)
		return 1;
	lift_limits();
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (memory && traced_init(argv[0])) {
		perror("the counter of allocations");
		return 1;
	}
	libbpf_set_print(quiet);
	for (; i < argc; i++) {
		struct bpf_object *obj = bpf_object__open_file(argv[i], NULL);
		struct bpf_program *p;

		if (!obj) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
			bad = 1;
			continue;
		}
		bpf_object__for_each_program(p, obj)
			if (load_one(argv[i], bpf_program__name(p)))
				bad = 1;
		bpf_object__close(obj);
	}
	return bad;
}
