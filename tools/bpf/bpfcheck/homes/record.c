// SPDX-License-Identifier: GPL-2.0
/*
 * A bpfcheck that writes down what it asks: linked with --wrap=bpf_host. The tape is $TAPE; calls
 * of all processes that check are appended to it, one object at a time. What only asks what there
 * is, is left out.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "tape.h"

#define POINTER(p) ((const void *)(unsigned long)(p))
#define AT(field) offsetof(union bpf_attr, field)

long __real_bpf_host(int cmd, union bpf_attr *attr, unsigned int size);
long __wrap_bpf_host(int cmd, union bpf_attr *attr, unsigned int size);

struct blob {
	struct tape_blob head;
	const void *data;
};

static struct {
	uint32_t key, value;
} maps[MAX_FDS];

static FILE *tape;

static void put(const void *data, size_t len)
{
	if (len && fwrite(data, len, 1, tape) != 1) {
		perror("tape");
		exit(3);
	}
}

static bool write_open(void)
{
	const char *path = getenv("TAPE");

	if (!tape && path)
		tape = fopen(path, "ae");
	return tape;
}

static uint32_t add(struct blob *blobs, uint32_t nr, uint32_t at, const void *data, uint32_t len)
{
	if (!data || !len)
		return nr;
	blobs[nr] = (struct blob) { { at, len, 0 }, data };
	return nr + 1;
}

static uint32_t blobs_of_load(const union bpf_attr *a, unsigned int size, struct blob *b)
{
	const char *license = POINTER(a->license);
	uint32_t nr = 0;

	nr = add(b, nr, AT(insns), POINTER(a->insns), a->insn_cnt * sizeof(struct bpf_insn));
	nr = add(b, nr, AT(license), license, license ? strlen(license) + 1 : 0);
	if (size >= AT(line_info_cnt) + 4) {
		nr = add(b, nr, AT(func_info), POINTER(a->func_info),
			 a->func_info_rec_size * a->func_info_cnt);
		nr = add(b, nr, AT(line_info), POINTER(a->line_info),
			 a->line_info_rec_size * a->line_info_cnt);
	}
	if (a->log_level && a->log_buf) {
		nr = add(b, nr, AT(log_buf), POINTER(a->log_buf), strlen(POINTER(a->log_buf)) + 1);
		b[nr - 1].head.out = 1;
	}
	return nr;
}

static uint32_t blobs_of(int cmd, const union bpf_attr *a, unsigned int size, struct blob *b)
{
	uint32_t nr = 0, fd;

	switch (cmd) {
	case BPF_MAP_UPDATE_ELEM:
		fd = a->map_fd < MAX_FDS ? a->map_fd : 0;
		nr = add(b, nr, AT(key), POINTER(a->key), maps[fd].key);
		return add(b, nr, AT(value), POINTER(a->value), maps[fd].value);
	case BPF_BTF_LOAD:
		return add(b, nr, AT(btf), POINTER(a->btf), a->btf_size);
	case BPF_PROG_LOAD:
		return blobs_of_load(a, size, b);
	default:
		return 0;
	}
}

static bool is_of_interest(int cmd)
{
	return cmd == BPF_MAP_CREATE || cmd == BPF_MAP_UPDATE_ELEM || cmd == BPF_MAP_FREEZE ||
	       cmd == BPF_BTF_LOAD || cmd == BPF_PROG_LOAD || cmd == BPF_PROG_BIND_MAP;
}

long __wrap_bpf_host(int cmd, union bpf_attr *attr, unsigned int size)
{
	long ret = __real_bpf_host(cmd, attr, size);
	int saved = errno;
	struct tape_call call = { TAPE_MAGIC, cmd, ret < 0 ? -errno : ret, size };
	struct blob blobs[8];
	uint32_t i;

	if (cmd == BPF_MAP_CREATE && ret >= 0 && ret < MAX_FDS) {
		maps[ret].key = attr->key_size;
		maps[ret].value = attr->value_size;
	}
	if (is_of_interest(cmd) && write_open()) {
		call.blobs = blobs_of(cmd, attr, size, blobs);
		put(&call, sizeof(call));
		put(attr, size);
		for (i = 0; i < call.blobs; i++) {
			put(&blobs[i].head, sizeof(blobs[i].head));
			put(blobs[i].data, blobs[i].head.len);
		}
		fflush(tape);
	}
	errno = saved;
	return ret;
}
