// SPDX-License-Identifier: GPL-2.0
/* Loading the programs of an object, one at a time, into the host home. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bpfcheck.h"
#include "host/kbpf.h"

#define LOG_BYTES (64UL << 20)

/* What libbpf complained about last. */
static char trouble[4096];

static int on_print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	size_t len = strlen(trouble);

	if (level == LIBBPF_WARN && len < sizeof(trouble) - 1)
		vsnprintf(trouble + len, sizeof(trouble) - len, fmt, args);
	return 0;
}

/* A complaint after which libbpf went on. */
static bool in_passing(const char *line)
{
	return strstr(line, "Retrying") || strstr(line, "Failed to bump RLIMIT_MEMLOCK");
}

/* The first complaint says most, but one in passing. */
static char *first_trouble(int err)
{
	char *line = trouble, *eol, *text = NULL;

	while ((eol = strchr(line, '\n'))) {
		*eol = 0;
		if (!eol[1] || !in_passing(line))
			break;
		line = eol + 1;
	}
	if (!strncmp(line, "libbpf: ", 8))
		line += 8;
	if (asprintf(&text, "%s", *line ? line : strerror(-err)) < 0)
		return NULL;
	return text;
}

/* A verdict wants no names in a file system, and is to leave none behind. */
static void unpin_maps(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		bpf_map__set_pin_path(map, NULL);
}

static struct bpf_object *open_object(const char *path)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	const char *btf = opt.kernel ? opt.btf ?: "" : bpf_host_btf();
	struct bpf_object *obj;

	if (*btf)
		opts.btf_custom_path = btf;
	trouble[0] = 0;
	obj = bpf_object__open_file(path, &opts);
	if (obj)
		unpin_maps(obj);
	/* the running kernel's release says nothing about the one that is checked for */
	if (obj && !opt.kernel)
		bpf_object__set_kversion(obj, 0);
	return obj;
}

/* ------------------------------------------------------------------ what sections do not say */

/* Sections that other loaders know. */
static const struct {
	const char *prefix;
	enum bpf_prog_type type;
} aliases[] = {
	{ "classifier", BPF_PROG_TYPE_SCHED_CLS },
	{ "action", BPF_PROG_TYPE_SCHED_ACT },
};

static void set_type(struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);
	size_t i, len;

	if (bpf_program__type(p) != BPF_PROG_TYPE_UNSPEC)
		return;
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		len = strlen(aliases[i].prefix);
		if (!strncmp(section, aliases[i].prefix, len) &&
		    (!section[len] || section[len] == '/')) {
			bpf_program__set_type(p, aliases[i].type);
			return;
		}
	}
	if (opt.type)
		bpf_program__set_type(p, opt.type);
}

/* The number of a type of programs by its name, 0: no such. */
int type_by_name(const char *name)
{
	const char *s;
	int i;

	for (i = 1; (s = libbpf_bpf_prog_type_str(i)); i++)
		if (!strcmp(s, name))
			return i;
	return 0;
}

/* "fentry/count": the function, where the section names one and the type attaches to functions. */
static const char *attach_name(const struct bpf_program *p)
{
	const char *slash = strchr(bpf_program__section_name(p), '/');

	if (!slash || (bpf_program__type(p) != BPF_PROG_TYPE_TRACING &&
		       bpf_program__type(p) != BPF_PROG_TYPE_EXT))
		return NULL;
	return slash + 1;
}

/* The program of --target that has the function; the object is loaded once. */
static int target_fd(const char *function)
{
	static struct bpf_object *obj;
	static bool tried;
	const struct btf *btf;
	struct bpf_program *p;
	int fd = -1;

	if (!tried) {
		tried = true;
		obj = open_object(opt.target);
		if (obj && bpf_object__load(obj)) {
			fprintf(stderr, "bpfcheck: %s: the target is not accepted\n", opt.target);
			bpf_object__close(obj);
			obj = NULL;
		}
	}
	btf = obj ? bpf_object__btf(obj) : NULL;
	if (!btf || btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) < 0)
		return -1;
	bpf_object__for_each_program(p, obj) {
		fd = bpf_program__fd(p);
		if (!strcmp(bpf_program__name(p), function))
			break;
	}
	return fd;
}

static void set_target(struct bpf_program *p)
{
	const char *function = attach_name(p);
	int fd;

	if (!opt.target || !function)
		return;
	fd = target_fd(function);
	if (fd >= 0)
		bpf_program__set_attach_target(p, fd, function);
}

static struct bpf_program *pick(struct bpf_object *obj, unsigned int index)
{
	struct bpf_program *p, *found = NULL;
	unsigned int n = 0;

	bpf_object__for_each_program(p, obj) {
		if (n == index)
			found = p;
		bpf_program__set_autoload(p, n == index);
		n++;
	}
	return found;
}

static unsigned long now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000UL + ts.tv_nsec / 1000;
}

/* Of the verifier's log: figures; the failing path; every instruction walked. */
#define LOG_PATH	1
#define LOG_ALL		2
#define LOG_FIGURES	4

/* Of an object that could not be loaded: a map of a type that is not there. */
static char *map_trouble(struct bpf_object *obj)
{
	struct bpf_map *map;
	char *text = NULL;
	const char *name;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) < __MAX_BPF_MAP_TYPE &&
		    libbpf_probe_bpf_map_type(bpf_map__type(map), NULL) != 0)
			continue;
		name = libbpf_bpf_map_type_str(bpf_map__type(map));
		if (asprintf(&text, "map '%s': this kernel has no maps of type %d (%s)",
			     bpf_map__name(map), bpf_map__type(map), name ?: "unknown") < 0)
			return NULL;
		break;
	}
	return text;
}

static void load(struct bpf_object *obj, struct bpf_program *p, struct result *r, int level)
{
	unsigned long start;

	bpf_program__set_log_level(p, level);
	bpf_program__set_log_buf(p, r->log, LOG_BYTES);
	trouble[0] = 0;
	r->memory = bpf_host_memory(1);
	start = now_usec();
	r->err = bpf_object__load(obj);
	r->usec = now_usec() - start;
	r->memory = bpf_host_memory(0) - r->memory;
	report_parse(&r->rep, r->log);
	if (!r->err) {
		r->verdict = ACCEPTED;
	} else if (r->rep.id || r->rep.processed) {
		r->verdict = REJECTED;
	} else if (strstr(trouble, "BPF program load failed")) {
		/* Refused before the verifier looked at it. */
		r->verdict = REJECTED;
		r->rep.message = first_trouble(r->err);
		if (r->err == -EPERM)
			r->rep.hint = strdup("Loading programs of this type wants more rights: see --features; with --kernel, those of the user who runs this.");
	} else {
		r->verdict = UNCHECKED;
		if (strstr(trouble, "failed to create: Invalid argument"))
			r->trouble = map_trouble(obj);
		if (!r->trouble)
			r->trouble = first_trouble(r->err);
	}
}

/* One program of an object that is opened for it; NULL: the object has no such. */
static struct bpf_object *check_at(const char *path, unsigned int index, struct result *r,
				   int level)
{
	struct bpf_object *obj = open_object(path);
	struct bpf_program *p = obj ? pick(obj, index) : NULL;

	if (!p) {
		bpf_object__close(obj);
		return NULL;
	}
	memset(r, 0, sizeof(*r));
	r->verdict = UNCHECKED;
	set_type(p);
	set_target(p);
	r->name = bpf_program__name(p);
	r->section = bpf_program__section_name(p);
	r->type = libbpf_bpf_prog_type_str(bpf_program__type(p));
	r->log = calloc(1, LOG_BYTES);
	if (r->log)
		load(obj, p, r, level);
	else
		r->trouble = strdup("no memory for the log");
	return obj;
}

static void forget(struct bpf_object *obj, struct result *r)
{
	report_free(&r->rep);
	free(r->trouble);
	free(r->log);
	bpf_object__close(obj);
}

static void add_up(struct totals *totals, const struct result *r)
{
	totals->n[r->verdict]++;
	totals->insns += r->rep.insns;
	totals->states += r->rep.states;
	totals->state_bytes += r->rep.state_bytes;
	if (totals->peak_bytes < r->rep.peak_bytes)
		totals->peak_bytes = r->rep.peak_bytes;
}

/* Where it is seen although standard output goes elsewhere. */
static void complain(const char *path, const char *program, const char *why)
{
	clear_progress();
	fprintf(stderr, "bpfcheck: %s: %s%s%s\n", path, program ?: "", program ? ": " : "",
		why ?: "not enough memory");
}

/* A log costs more than the walk that it tells of: what is accepted is walked without. */
static enum verdict check_program(const struct outputs *to, const char *path, unsigned int index,
				  const struct source *src, bool first, struct totals *totals)
{
	int all = opt.verbose || opt.html ? LOG_ALL : 0;
	struct bpf_object *obj;
	struct result r;

	obj = check_at(path, index, &r, LOG_FIGURES | all);
	if (obj && r.verdict == REJECTED && !all) {
		forget(obj, &r);
		obj = check_at(path, index, &r, LOG_FIGURES | LOG_PATH);
	}
	if (!obj) {
		totals->n[UNCHECKED]++;
		return UNCHECKED;
	}
	add_up(totals, &r);
	if (r.verdict == UNCHECKED)
		complain(path, r.name, r.trouble);
	print_result(to, &r, src, first);
	forget(obj, &r);
	return r.verdict;
}

/* Programs with an arena are never interpreted. */
static bool needs_jit(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_ARENA)
			return true;
	return false;
}

static unsigned int count_programs(struct bpf_object *obj)
{
	struct bpf_program *p;
	unsigned int n = 0;

	bpf_object__for_each_program(p, obj)
		n++;
	return n;
}

/* What keeps a path from being an object at all; NULL: nothing. */
static const char *no_file(const char *path)
{
	const char *why = NULL;
	struct stat st;
	int fd;

	if (stat(path, &st))
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a directory";
	if (!S_ISREG(st.st_mode))
		return "is no ordinary file";
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		why = strerror(errno);
	else
		close(fd);
	return why;
}

static enum verdict not_checked(const struct outputs *to, const char *path, const char *why)
{
	complain(path, NULL, why);
	print_file_end(to, why, false);
	return UNCHECKED;
}

enum verdict check_file(const struct outputs *to, const char *path, bool first,
			struct totals *totals)
{
	enum verdict worst = ACCEPTED, v;
	const char *why = no_file(path);
	struct bpf_object *obj;
	char *text;
	struct source src;
	unsigned int i, n;

	libbpf_set_print(on_print);
	print_file_start(to, path, first);
	if (why)
		return not_checked(to, path, why);
	obj = open_object(path);
	if (!obj) {
		text = first_trouble(-errno);
		worst = not_checked(to, path, text);
		free(text);
		return worst;
	}
	n = count_programs(obj);
	if (needs_jit(obj))
		bpf_host_set_jit(1, 0);
	bpf_object__close(obj);
	if (!n)
		return not_checked(to, path, "no programs");
	source_read(&src, path);
	for (i = 0; i < n; i++) {
		v = check_program(to, path, i, &src, !i, totals);
		if (v > worst)
			worst = v;
	}
	print_file_end(to, NULL, true);
	free(src.lines);
	return worst;
}

/* ------------------------------------------------------------------ bpf(2) of libbpf */

long __real_syscall(long nr, ...);
int __real_close(int fd);

long __wrap_syscall(long nr, ...);
long __wrap_syscall(long nr, ...)
{
	va_list args;
	long a[6];
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (nr == 321 && !opt.kernel)	/* bpf */
		return bpf_host(a[0], (union bpf_attr *)a[1], a[2]);
	return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, long off);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, long off)
{
	return bpf_host_mmap(addr, len, prot, flags, fd, off);
}

/* ------------------------------------------------------------------ types: libbpf's are ours */

#define VMLINUX "/sys/kernel/btf/vmlinux"

FILE *__real_fopen64(const char *path, const char *mode);
int __real_open64(const char *path, int flags, ...);
int __real_faccessat(int dir, const char *path, int mode, int flags);
FILE *__wrap_fopen64(const char *path, const char *mode);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_faccessat(int dir, const char *path, int mode, int flags);

static const char *types_path(const char *path)
{
	return strcmp(path, VMLINUX) || opt.kernel || !*bpf_host_btf() ? path : bpf_host_btf();
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	return __real_fopen64(types_path(path), mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	return __real_open64(types_path(path), flags, mode);
}

int __wrap_faccessat(int dir, const char *path, int mode, int flags)
{
	return __real_faccessat(dir, types_path(path), mode, flags);
}
