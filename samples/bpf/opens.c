// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the files that are opened while it runs.
 *
 *	opens opens.bpf.o [seconds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <bpf/libbpf.h>
#include "opens.h"

static int print_event(void *ctx, void *data, size_t size)
{
	const struct open_event *e = data;

	if (size < sizeof(*e))
		return 0;
	printf("  %6d  %-16s %s\n", e->pid, e->comm, e->path);
	fflush(stdout);
	return 0;
}

static struct bpf_object *load(const char *file)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);
	struct bpf_program *prog;

	if (!obj || bpf_object__load(obj))
		return NULL;
	bpf_object__for_each_program(prog, obj)
		if (!bpf_program__attach(prog))
			return NULL;
	return obj;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj;
	struct ring_buffer *rb;
	time_t end;

	if (argc < 2) {
		fprintf(stderr, "usage: %s OBJECT [SECONDS]\n", argv[0]);
		return 2;
	}
	obj = load(argv[1]);
	if (!obj) {
		perror(argv[1]);
		return 1;
	}
	rb = ring_buffer__new(bpf_object__find_map_fd_by_name(obj, "events"), print_event, NULL,
			      NULL);
	if (!rb) {
		perror("ring buffer");
		return 1;
	}
	end = argc > 2 ? time(NULL) + atoi(argv[2]) : 0;
	while (!end || time(NULL) < end)
		if (ring_buffer__poll(rb, 100) < 0)
			break;
	ring_buffer__free(rb);
	bpf_object__close(obj);
	return 0;
}
