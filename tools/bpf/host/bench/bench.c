// SPDX-License-Identifier: GPL-2.0
/*
 * One operation on a map, or one program, so many times; bench.py counts instructions with it and
 * without, so that what is around it cancels out.
 *
 * usage: bench WHAT COUNT
 */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "host/kbpf.h"

#define PTR(p) ((unsigned long)(p))
#define ATTR(...) (&(union bpf_attr){ __VA_ARGS__ })
#define ENTRIES 1024

static long sys(int cmd, union bpf_attr *attr)
{
	return bpf_host(cmd, attr, sizeof(*attr));
}

static void must(long ret, const char *what)
{
	if (ret >= 0)
		return;
	perror(what);
	exit(1);
}

static int map_new(int type, int key, int flags)
{
	int fd = sys(BPF_MAP_CREATE, ATTR(.map_type = type, .key_size = key, .value_size = 64,
					  .max_entries = ENTRIES, .map_flags = flags));

	must(fd, "map");
	return fd;
}

/* ------------------------------------------------------------------ programs */

#define REG(op, d, s) { .code = BPF_ALU64 | (op) | BPF_X, .dst_reg = d, .src_reg = s }
#define IMM(op, d, i) { .code = BPF_ALU64 | (op) | BPF_K, .dst_reg = d, .imm = i }

static long run(int prog, unsigned int count)
{
	uint8_t packet[64] = { 0 };

	return sys(BPF_PROG_TEST_RUN, ATTR(.test = { .prog_fd = prog, .data_in = PTR(packet),
						     .data_size_in = sizeof(packet),
						     .repeat = count }));
}

static int load(const struct bpf_insn *insns, unsigned int cnt, int jit)
{
	int fd;

	bpf_host_set_jit(jit, 0);
	fd = sys(BPF_PROG_LOAD, ATTR(.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = PTR(insns),
				     .insn_cnt = cnt, .license = PTR("GPL")));
	must(fd, "program");
	return fd;
}

/* 100 times: a sum, a product, a shift, an exclusive or. */
static void arithmetic(unsigned int count, int jit)
{
	struct bpf_insn insns[] = {
		IMM(BPF_MOV, 0, 1), IMM(BPF_MOV, 1, 100),
		REG(BPF_ADD, 0, 1), IMM(BPF_MUL, 0, 31), REG(BPF_MOV, 2, 0), IMM(BPF_RSH, 2, 7),
		REG(BPF_XOR, 0, 2), IMM(BPF_SUB, 1, 1),
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 1, .off = -7 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	must(run(load(insns, sizeof(insns) / sizeof(insns[0]), jit), count), "run");
}

/* One look-up from a program, and a store into what it finds. */
static void program_lookup(int type, unsigned int count, int jit)
{
	int map = map_new(type, 4, 0);
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4, .imm = 7 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 }, REG(BPF_MOV, 2, 10), IMM(BPF_ADD, 2, -4),
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 2 },
		IMM(BPF_MOV, 1, 1),
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 0, .src_reg = 1 },
		IMM(BPF_MOV, 0, 0), { .code = BPF_JMP | BPF_EXIT },
	};
	uint8_t value[64] = { 0 };
	uint32_t key = 7;

	must(sys(BPF_MAP_UPDATE_ELEM, ATTR(.map_fd = map, .key = PTR(&key), .value = PTR(value))),
	     "update");
	must(run(load(insns, sizeof(insns) / sizeof(insns[0]), jit), count), "run");
}

/* ------------------------------------------------------------------ maps through bpf(2) */

static void syscalls(int type, int flags, unsigned int count)
{
	int map = map_new(type, type == BPF_MAP_TYPE_LPM_TRIE ? 8 : 4, flags);
	uint8_t value[64] = { 0 };
	uint32_t key[2] = { type == BPF_MAP_TYPE_LPM_TRIE ? 32 : 0, 0 }, i;
	uint32_t *nr = &key[type == BPF_MAP_TYPE_LPM_TRIE];

	for (i = 0; i < count; i++) {
		*nr = i % (ENTRIES / 2);
		must(sys(BPF_MAP_UPDATE_ELEM, ATTR(.map_fd = map, .key = PTR(key),
						   .value = PTR(value))), "update");
		must(sys(BPF_MAP_LOOKUP_ELEM, ATTR(.map_fd = map, .key = PTR(key),
						   .value = PTR(value))), "lookup");
	}
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";
	unsigned int n = argc == 3 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "arithmetic-interpreter"))
		arithmetic(n, 0);
	else if (!strcmp(what, "arithmetic-jit"))
		arithmetic(n, 1);
	else if (!strcmp(what, "lookup-array-interpreter"))
		program_lookup(BPF_MAP_TYPE_ARRAY, n, 0);
	else if (!strcmp(what, "lookup-array-jit"))
		program_lookup(BPF_MAP_TYPE_ARRAY, n, 1);
	else if (!strcmp(what, "lookup-hash-interpreter"))
		program_lookup(BPF_MAP_TYPE_HASH, n, 0);
	else if (!strcmp(what, "lookup-hash-jit"))
		program_lookup(BPF_MAP_TYPE_HASH, n, 1);
	else if (!strcmp(what, "syscall-array"))
		syscalls(BPF_MAP_TYPE_ARRAY, 0, n);
	else if (!strcmp(what, "syscall-hash"))
		syscalls(BPF_MAP_TYPE_HASH, 0, n);
	else if (!strcmp(what, "syscall-lru"))
		syscalls(BPF_MAP_TYPE_LRU_HASH, 0, n);
	else if (!strcmp(what, "syscall-lpm"))
		syscalls(BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, n);
	else
		return 2;
	return 0;
}
