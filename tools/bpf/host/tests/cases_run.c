// SPDX-License-Identifier: GPL-2.0
/* The data-driven cases of tools/testing/selftests/bpf/cases through bpf(2) of the host home. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <bpf/btf.h>

#include "case.h"
#include "host/kbpf.h"

#define MAX_INSNS 4096
#define LOG_BYTES (1 << 20)

static const char *const prog_types[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = "socket_filter",
	[BPF_PROG_TYPE_KPROBE] = "kprobe",
	[BPF_PROG_TYPE_SCHED_CLS] = "sched_cls",
	[BPF_PROG_TYPE_SCHED_ACT] = "sched_act",
	[BPF_PROG_TYPE_TRACEPOINT] = "tracepoint",
	[BPF_PROG_TYPE_XDP] = "xdp",
	[BPF_PROG_TYPE_PERF_EVENT] = "perf_event",
	[BPF_PROG_TYPE_CGROUP_SKB] = "cgroup_skb",
	[BPF_PROG_TYPE_RAW_TRACEPOINT] = "raw_tracepoint",
};

static const char *const map_types[] = {
	[BPF_MAP_TYPE_HASH] = "hash",
	[BPF_MAP_TYPE_ARRAY] = "array",
	[BPF_MAP_TYPE_PROG_ARRAY] = "prog_array",
	[BPF_MAP_TYPE_PERCPU_HASH] = "percpu_hash",
	[BPF_MAP_TYPE_PERCPU_ARRAY] = "percpu_array",
	[BPF_MAP_TYPE_LRU_HASH] = "lru_hash",
	[BPF_MAP_TYPE_LPM_TRIE] = "lpm_trie",
	[BPF_MAP_TYPE_QUEUE] = "queue",
	[BPF_MAP_TYPE_STACK] = "stack",
	[BPF_MAP_TYPE_RINGBUF] = "ringbuf",
};

static unsigned int passed, failed, skipped;
static char log_buf[LOG_BYTES];

static int find(const char *const *names, int nr, const char *name)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (names[i] && !strcmp(names[i], name))
			return i;
	}
	return -1;
}

#define FIND(names, name) find(names, sizeof(names) / sizeof(names[0]), name)

/* Maps that programs only read are constants: 1, 2, 3, ..., and frozen. */
static int freeze_map(int fd, const struct case_map *m)
{
	unsigned char value[4096];
	union bpf_attr attr = { 0 };
	unsigned int i, key = 0;

	for (i = 0; i < sizeof(value); i++)
		value[i] = i + 1;
	attr.map_fd = fd;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)value;
	if (m->value > sizeof(value) || bpf_host(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)))
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	return bpf_host(BPF_MAP_FREEZE, &attr, sizeof(attr));
}

/* @direct: the program takes addresses in values, which only arrays of one element have. */
static int make_map(const struct case_map *m, bool direct)
{
	union bpf_attr attr = { 0 };
	int type = FIND(map_types, m->type), fd;

	if (type < 0 || m->lock >= 0 || m->timer >= 0)
		return -1;
	attr.map_type = type;
	attr.key_size = m->key;
	attr.value_size = m->value;
	attr.max_entries = direct && type == BPF_MAP_TYPE_ARRAY ? 1 : m->max;
	attr.map_flags = m->flags;
	fd = bpf_host(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd >= 0 && (m->flags & BPF_F_RDONLY_PROG) && freeze_map(fd, m)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Map n of the case is the file descriptor fds[n - 1]. */
static void place_maps(struct bpf_insn *insn, int cnt, const int *fds, int nr)
{
	int i;

	for (i = 0; i < cnt; i++) {
		if (insn[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if ((insn[i].src_reg == BPF_PSEUDO_MAP_FD || insn[i].src_reg == BPF_PSEUDO_MAP_VALUE) &&
		    insn[i].imm >= 1 && insn[i].imm <= nr)
			insn[i].imm = fds[insn[i].imm - 1];
		i++;
	}
}

/* Kernel functions of the cases by number; see iter.case. */
static const char *const kfuncs[] = {
	NULL, "bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy", "bpf_rcu_read_lock",
	"bpf_rcu_read_unlock", "bpf_preempt_disable", "bpf_preempt_enable",
};

/* Puts in the numbers that they have in the kernel's types; false where one is not there. */
static bool place_kfuncs(struct bpf_insn *insn, int cnt)
{
	static struct btf *btf;
	int i, id;

	for (i = 0; i < cnt; i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg != BPF_PSEUDO_KFUNC_CALL)
			continue;
		if (!btf)
			btf = btf__parse(bpf_host_btf(), NULL);
		if (!btf || insn[i].imm < 1 || insn[i].imm > 7)
			return false;
		id = btf__find_by_name_kind(btf, kfuncs[insn[i].imm], BTF_KIND_FUNC);
		if (id <= 0)
			return false;
		insn[i].imm = id;
	}
	return true;
}

/* Is a program type built? A program that cannot be wrong tells. */
static bool type_is_here(int type)
{
	struct bpf_insn insn[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				   { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr = { 0 };
	int fd;

	attr.prog_type = type;
	attr.insns = (unsigned long)insn;
	attr.insn_cnt = 2;
	attr.license = (unsigned long)"GPL";
	fd = bpf_host(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int load(const struct test_case *c, int type, struct bpf_insn *insn, int cnt)
{
	union bpf_attr attr = { 0 };
	int fd;

	attr.prog_type = type;
	attr.insns = (unsigned long)insn;
	attr.insn_cnt = cnt;
	attr.license = (unsigned long)(c->nogpl ? "Proprietary" : "GPL");
	attr.log_buf = (unsigned long)log_buf;
	attr.log_size = sizeof(log_buf);
	attr.log_level = 2;
	if (c->strict)
		attr.prog_flags |= BPF_F_STRICT_ALIGNMENT;
	if (c->sleepable)
		attr.prog_flags |= BPF_F_SLEEPABLE;
	if (c->freq)
		attr.prog_flags |= BPF_F_TEST_STATE_FREQ;
	log_buf[0] = 0;
	if (c->unprivileged)
		bpf_host_set_caps(0);
	fd = bpf_host(BPF_PROG_LOAD, &attr, sizeof(attr));
	bpf_host_set_caps(~0ULL);
	return fd;
}

static const char *check_log(const struct test_case *c)
{
	static char why[256];
	unsigned int i, insns;
	const char *p;

	for (i = 0; i < c->nr_says; i++) {
		if (!strstr(log_buf, c->says[i])) {
			snprintf(why, sizeof(why), "the log does not say \"%s\"", c->says[i]);
			return why;
		}
	}
	p = strstr(log_buf, "processed ");
	if (c->max_insns && p && sscanf(p, "processed %u", &insns) == 1 && insns > c->max_insns)
		return "too many instructions processed";
	return NULL;
}

static const char *check_run(const struct test_case *c, int fd)
{
	union bpf_attr attr = { 0 };
	unsigned char data[256] = { 0 };
	static char why[64];

	memcpy(data, c->data, c->data_len);
	attr.test.prog_fd = fd;
	attr.test.data_in = (unsigned long)data;
	attr.test.data_size_in = c->data_len < 64 ? 64 : c->data_len;
	if (bpf_host(BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
		return strerror(errno);
	if (attr.test.retval == c->ret)
		return NULL;
	snprintf(why, sizeof(why), "returned %u", attr.test.retval);
	return why;
}

static const char *run_case(const struct test_case *c, const char **skip)
{
	static struct bpf_insn insn[MAX_INSNS];
	int type = FIND(prog_types, c->type), cnt, fd, i;
	const char *why = NULL;
	int fds[CASE_MAPS];
	struct asm_error err;

	if (type < 0 || !type_is_here(type)) {
		*skip = "the program type is not here";
		return NULL;
	}
	cnt = asm_program(c->text, insn, MAX_INSNS, &err);
	if (cnt < 0)
		return err.text;
	if (!place_kfuncs(insn, cnt)) {
		*skip = "the kernel's types have no such function";
		return NULL;
	}
	for (i = 0; i < (int)c->nr_maps; i++) {
		fds[i] = make_map(&c->maps[i], strstr(c->text, "map_value["));
		if (fds[i] < 0) {
			*skip = "needs a map with types";
			while (i--)
				close(fds[i]);
			return NULL;
		}
	}
	place_maps(insn, cnt, fds, c->nr_maps);
	fd = load(c, type, insn, cnt);
	if (c->accept != (fd >= 0))
		why = fd >= 0 ? "accepted" : "rejected";
	if (!why)
		why = check_log(c);
	if (!why && c->has_run)
		why = check_run(c, fd);
	if (fd >= 0)
		close(fd);
	for (i = 0; i < (int)c->nr_maps; i++)
		close(fds[i]);
	return why;
}

static void run_file(const char *path)
{
	static struct test_case c;
	struct case_file cf;
	const char *why, *skip;
	int ret;

	if (!case_open(&cf, path)) {
		printf("FAIL %s: cannot be opened\n", path);
		failed++;
		return;
	}
	while ((ret = case_next(&cf, &c)) > 0) {
		skip = NULL;
		why = run_case(&c, &skip);
		if (skip) {
			skipped++;
		} else if (why) {
			failed++;
			printf("FAIL %s:%d: %s: %s\n%.2000s\n", path, c.line, c.name, why, log_buf);
		} else {
			passed++;
		}
	}
	if (ret < 0)
		failed++;
	case_close(&cf);
}

int main(int argc, char **argv)
{
	int i;

	bpf_host_set_unprivileged_disabled(0);
	for (i = 1; i < argc; i++)
		run_file(argv[i]);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed != 0;
}
