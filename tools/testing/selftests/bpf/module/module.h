/* SPDX-License-Identifier: GPL-2.0 */
/* The module's comings and goings, and its file, for the tests that include this. */
#ifndef _MODULE_TEST_H
#define _MODULE_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define FILE_NAME	"/sys/kernel/debug/kbpf_test"

static char vlog[1 << 16];
static size_t vlen;

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (level == LIBBPF_WARN && vlen < sizeof(vlog))
		vlen += vsnprintf(vlog + vlen, sizeof(vlog) - vlen, fmt, args);
	return 0;
}

static int load_module(void)
{
	char path[512];
	int fd, err;

	snprintf(path, sizeof(path), "%s/kmod/kbpf_test.ko", getenv("O") ?: ".");
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static int unload_module(void)
{
	return syscall(SYS_delete_module, "kbpf_test", O_NONBLOCK) ? -errno : 0;
}

/* Waits for code that is on its way out. */
static int unload_module_soon(void)
{
	int i, err = -EAGAIN;

	for (i = 0; i < 200 && err == -EAGAIN; i++) {
		err = unload_module();
		if (err)
			usleep(50000);
	}
	return err;
}

/* Makes the module do something; what came of it. */
static long long trigger(const char *what)
{
	char line[64] = "";
	int fd = open(FILE_NAME, O_RDWR);

	if (fd < 0 || write(fd, what, strlen(what)) < 0 || pread(fd, line, sizeof(line) - 1, 0) < 0)
		return -1000000 - errno;
	close(fd);
	return atoll(line);
}

/* Variable of a loaded object in .bss, mapped for the life of the test. */
static void *var(struct bpf_object *obj, const char *name)
{
	struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *sec, *v;
	struct btf_var_secinfo *vi;
	struct bpf_map *map;
	unsigned int i;
	size_t size;
	char *mem;

	sec = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	bpf_object__for_each_map(map, obj) {
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	}
	mem = bpf_map__initial_value(map, &size);
	vi = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++) {
		v = btf__type_by_id(btf, vi[i].type);
		if (!strcmp(btf__name_by_offset(btf, v->name_off), name))
			return mem + vi[i].offset;
	}
	return NULL;
}

static struct bpf_object *open_obj(const char *name)
{
	char path[512];

	libbpf_set_print(quiet);
	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	return bpf_object__open_file(path, NULL);
}

/* Leaves all but one program out. */
static void only(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
}

#endif
