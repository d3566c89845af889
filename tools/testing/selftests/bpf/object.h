/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loaded objects, for tests that use libbpf: where they are, their variables, what was said.
 * Functions that take an object's name look in $O. None of them is needed by every test.
 */
#ifndef _KBPF_TEST_OBJECT_H
#define _KBPF_TEST_OBJECT_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif

/* What libbpf has said since forget_said(); on stderr, too, with VERBOSE in the environment. */
static char vlog[1 << 16];
static size_t vlen;

static __maybe_unused void forget_said(void)
{
	vlen = 0;
	vlog[0] = 0;
}

static __maybe_unused int keep_said(enum libbpf_print_level level, const char *fmt, va_list args)
{
	va_list copy;
	int len;

	if (level != LIBBPF_WARN)
		return 0;
	if (getenv("VERBOSE")) {
		va_copy(copy, args);
		vfprintf(stderr, fmt, copy);
		va_end(copy);
	}
	if (vlen < sizeof(vlog) - 1) {
		len = vsnprintf(vlog + vlen, sizeof(vlog) - vlen, fmt, args);
		vlen += len < (int)(sizeof(vlog) - vlen) ? len : (int)(sizeof(vlog) - vlen) - 1;
	}
	return 0;
}

/* $O/NAME.bpf.o, not yet loaded; NULL and errno. */
static __maybe_unused struct bpf_object *open_object(const char *name)
{
	char path[512];

	libbpf_set_print(keep_said);
	forget_said();
	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	return bpf_object__open_file(path, NULL);
}

/* Leaves all programs out but those in a list that ends with NULL. */
static __maybe_unused void load_only(struct bpf_object *obj, const char *const *names)
{
	struct bpf_program *prog;
	bool want;
	int i;

	bpf_object__for_each_program(prog, obj) {
		want = false;
		for (i = 0; names[i]; i++)
			want |= !strcmp(bpf_program__name(prog), names[i]);
		bpf_program__set_autoload(prog, want);
	}
}

/* Leaves all but one program out. */
static __maybe_unused void only(struct bpf_object *obj, const char *name)
{
	const char *const names[] = { name, NULL };

	load_only(obj, names);
}

/* What loading one program of an object alone comes to; vlog says why. */
static __maybe_unused int try_load(const char *object, const char *name)
{
	struct bpf_object *obj = open_object(object);
	int err;

	if (!obj)
		return -errno;
	only(obj, name);
	err = bpf_object__load(obj);
	bpf_object__close(obj);
	return err;
}

static __maybe_unused struct bpf_program *prog_of(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_program_by_name(obj, name);
}

static __maybe_unused int prog_fd(struct bpf_object *obj, const char *name)
{
	return bpf_program__fd(prog_of(obj, name));
}

/* A section's variable, mapped for the life of the test; NULL where it has none of that name. */
static __maybe_unused void *section_var(struct bpf_object *obj, const char *section,
					const char *name)
{
	struct btf *btf = bpf_object__btf(obj);
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_var_secinfo *vi;
	const struct btf_type *sec, *v;
	struct bpf_map *map;
	unsigned int i;
	char *mem;

	if (id < 0)
		return NULL;
	sec = btf__type_by_id(btf, id);
	vi = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++, vi++) {
		v = btf__type_by_id(btf, vi->type);
		if (!strcmp(btf__name_by_offset(btf, v->name_off), name))
			break;
	}
	if (i == btf_vlen(sec))
		return NULL;
	bpf_object__for_each_map(map, obj) {
		if (strstr(bpf_map__name(map), section))
			break;
	}
	if (!map)
		return NULL;
	mem = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED,
		   bpf_map__fd(map), 0);
	return mem == MAP_FAILED ? NULL : mem + vi->offset;
}

/* Variable of a loaded object, in .bss or .data. */
static __maybe_unused void *var(struct bpf_object *obj, const char *name)
{
	return section_var(obj, ".bss", name) ?: section_var(obj, ".data", name);
}

/* bpf(2) itself: what it returns, or -errno. */
static __maybe_unused int sys_bpf(int cmd, union bpf_attr *attr)
{
	int ret = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

/* All that can be read from @fd in pieces of @piece bytes, to be freed; NULL and errno. */
static __maybe_unused char *read_all(int fd, size_t piece)
{
	size_t len = 0, room = 0;
	char *text = NULL, *more;
	ssize_t n = 1;

	while (n > 0) {
		if (room - len < piece + 1) {
			room = room * 2 + piece + 1;
			more = realloc(text, room);
			if (!more)
				abort();
			text = more;
		}
		n = read(fd, text + len, piece);
		if (n > 0)
			len += n;
	}
	text[len] = 0;
	if (!n)
		return text;
	free(text);
	return NULL;
}

#endif
