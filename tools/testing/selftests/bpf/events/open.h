/* SPDX-License-Identifier: GPL-2.0 */
/* The object, its globals, and events. */
#ifndef OPEN_H
#define OPEN_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "events.h"

static inline struct bpf_object *object_load(struct globals **g)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	char path[512];

	snprintf(path, sizeof(path), "%s/events.bpf.o", getenv("O") ?: ".");
	obj = bpf_object__open_file(path, NULL);
	if (!obj || bpf_object__load(obj))
		return NULL;
	bpf_object__for_each_map(map, obj) {
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	}
	*g = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (*g == MAP_FAILED)
		return NULL;
	(*g)->pid = getpid();
	return obj;
}

static inline int prog_fd(struct bpf_object *obj, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(obj, name));
}

static inline int set_bpf(int event, int prog)
{
	return ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ? -errno : 0;
}

static inline int link_new(int event, int prog, __u64 cookie)
{
	union bpf_attr attr = { .link_create = { .prog_fd = prog, .target_fd = event,
		.attach_type = BPF_PERF_EVENT, .perf_event.bpf_cookie = cookie } };
	int fd = syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

static inline int event_open(struct perf_event_attr *attr)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(__NR_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static inline __u64 event_count(int event)
{
	__u64 count = 0;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : -1ULL;
}

/* A number in a file, also behind "config:". */
static inline int number_in(const char *path)
{
	int n = -1;
	FILE *f = fopen(path, "r");

	if (f && fscanf(f, "config:%d", &n) != 1) {
		rewind(f);
		if (fscanf(f, "%d", &n) != 1)
			n = -1;
	}
	if (f)
		fclose(f);
	return n;
}

#endif /* OPEN_H */
