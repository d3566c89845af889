// SPDX-License-Identifier: GPL-2.0
/*
 * Failing allocations: the 1st, 2nd, ... of each command fails, until none is left to fail. The
 * errno is right, nothing is held afterwards, and the command works when it is tried again.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include "host/kbpf.h"

#define PTR(p) ((uint64_t)(uintptr_t)(p))
#define ATTR(...) (&(union bpf_attr){ __VA_ARGS__ })
#define COMMANDS (BPF_TOKEN_CREATE + 1)
#define ROUNDS 3000

/* A node or two that the id allocator keeps for the next time. */
#define KEPT 2

static int passed, failed;

static long sys(int cmd, union bpf_attr *attr)
{
	return bpf_host(cmd, attr, sizeof(*attr));
}

static void result(int ok, const char *name, const char *what, long nth)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("FAIL %s: %s at allocation %ld, errno %d (%s)\n", name, what, nth, errno,
	       strerror(errno));
}

/* What the operations work on; made anew for each round, without failures. */
struct scene {
	int map, map2, prog, btf, got;
	uint32_t id, key[8];
	uint64_t val[512];
	char log[8192];
};

static int map_of(int type, int value, int max, int flags)
{
	return sys(BPF_MAP_CREATE, ATTR(.map_type = type, .key_size = 4, .value_size = value,
					.max_entries = max, .map_flags = flags));
}

/* ------------------------------------------------------------------ programs and types */

/* A call to a subprogram that looks a key up, and a loop with a callback. */
static long load(struct scene *s, int type)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 4 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 2, .src_reg = BPF_PSEUDO_FUNC,
		  .imm = 16 }, { 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_loop },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 2 },
		{ .code = BPF_JMP | BPF_EXIT },
		/* 9: */
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4, .imm = 1 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = s->map }, { 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .off = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .imm = 7 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
		/* 19: */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return sys(BPF_PROG_LOAD, ATTR(.prog_type = type, .insns = PTR(insns),
				       .insn_cnt = sizeof(insns) / sizeof(insns[0]),
				       .license = PTR("GPL"), .log_level = 2,
				       .log_buf = PTR(s->log), .log_size = sizeof(s->log)));
}

static long simple(struct scene *s)
{
	struct bpf_insn insns[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 2 },
				    { .code = BPF_JMP | BPF_EXIT } };

	return sys(BPF_PROG_LOAD, ATTR(.prog_type = BPF_PROG_TYPE_XDP, .insns = PTR(insns),
				       .insn_cnt = 2, .license = PTR("GPL")));
}

static long types(struct scene *s)
{
	static const char names[] = "\0int\0pair\0first\0second";
	struct {
		struct btf_header h;
		struct btf_type i;
		uint32_t bits;
		struct btf_type s;
		struct btf_member m[2];
		char names[sizeof(names)];
	} blob = {
		.h = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(blob.h) },
		.i = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
		.bits = 32,
		.s = { .name_off = 5, .info = BTF_KIND_STRUCT << 24 | 2, .size = 8 },
		.m = { { 10, 1, 0 }, { 16, 1, 32 } },
	};

	blob.h.type_len = offsetof(typeof(blob), names) - sizeof(blob.h);
	blob.h.str_off = blob.h.type_len;
	blob.h.str_len = sizeof(names);
	memcpy(blob.names, names, sizeof(names));
	return sys(BPF_BTF_LOAD, ATTR(.btf = PTR(&blob),
				      .btf_size = sizeof(blob.h) + blob.h.type_len + blob.h.str_len,
				      .btf_log_buf = PTR(s->log),
				      .btf_log_size = sizeof(s->log), .btf_log_level = 1));
}

/* ------------------------------------------------------------------ one act a command */

static long keep(struct scene *s, long fd)
{
	s->got = fd;
	return fd;
}

static long act_map(struct scene *s, int arg)
{
	return keep(s, map_of(arg, arg == BPF_MAP_TYPE_LPM_TRIE ? 8 : 64, 8,
			      arg == BPF_MAP_TYPE_LPM_TRIE ? BPF_F_NO_PREALLOC : 0));
}

static long act_nested(struct scene *s, int arg)
{
	return keep(s, sys(BPF_MAP_CREATE, ATTR(.map_type = arg, .key_size = 4, .value_size = 4,
						.max_entries = 4, .inner_map_fd = s->map)));
}

static long act_ring(struct scene *s, int arg)
{
	return keep(s, sys(BPF_MAP_CREATE, ATTR(.map_type = arg, .max_entries = 4096)));
}

static long act_elem(struct scene *s, int cmd)
{
	return sys(cmd, ATTR(.map_fd = s->map2, .key = PTR(s->key),
			     .value = cmd == BPF_MAP_DELETE_ELEM ? 0 : PTR(s->val)));
}

static long act_next(struct scene *s, int cmd)
{
	return sys(cmd, ATTR(.map_fd = s->map, .key = PTR(s->key + 5),
			     .next_key = PTR(s->key + 1)));
}

static long act_batch(struct scene *s, int cmd)
{
	long ret = sys(cmd, ATTR(.batch = { .out_batch = cmd == BPF_MAP_LOOKUP_BATCH ||
						cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH ?
						PTR(s->key + 6) : 0, .keys = PTR(s->key + 2),
					    .values = PTR(s->val), .count = 1, .map_fd = s->map }));

	return ret && errno == ENOENT ? 0 : ret;
}

static long act_load(struct scene *s, int arg)
{
	return keep(s, load(s, arg));
}

static long act_btf(struct scene *s, int arg)
{
	return keep(s, types(s));
}

static long act_run(struct scene *s, int arg)
{
	uint8_t in[64] = { 0 }, out[256];

	return sys(BPF_PROG_TEST_RUN, ATTR(.test = { .prog_fd = s->prog, .data_in = PTR(in),
						     .data_size_in = sizeof(in),
						     .data_out = PTR(out),
						     .data_size_out = sizeof(out) }));
}

static long act_pin(struct scene *s, int arg)
{
	return sys(BPF_OBJ_PIN, ATTR(.pathname = PTR("/tmp/bpffs/fail"), .bpf_fd = s->map));
}

static long act_get(struct scene *s, int arg)
{
	return keep(s, sys(BPF_OBJ_GET, ATTR(.pathname = PTR("/tmp/bpffs/kept"))));
}

static long act_info(struct scene *s, int which)
{
	char info[256] = { 0 };
	int fd = which == 0 ? s->map : which == 1 ? s->prog : s->btf;

	return sys(BPF_OBJ_GET_INFO_BY_FD, ATTR(.info = { .bpf_fd = fd, .info = PTR(info),
							  .info_len = which == 2 ? 32 : 256 }));
}

static uint32_t id_of(int fd, int what)
{
	uint32_t info[64] = { 0 };
	union bpf_attr *attr = ATTR(.info = { .bpf_fd = fd, .info_len = what == 2 ? 32 : 80,
					      .info = PTR(info) });

	if (sys(BPF_OBJ_GET_INFO_BY_FD, attr))
		return 0;
	return info[what == 2 ? 3 : 1];
}

static long act_by_id(struct scene *s, int cmd)
{
	uint32_t id = cmd == BPF_MAP_GET_FD_BY_ID ? id_of(s->map, 0) :
		      cmd == BPF_PROG_GET_FD_BY_ID ? id_of(s->prog, 1) : id_of(s->btf, 2);

	return keep(s, sys(cmd, ATTR(.map_id = id)));
}

static long act_next_id(struct scene *s, int cmd)
{
	long ret = sys(cmd, ATTR(.start_id = 0));

	return ret && errno == ENOENT ? 0 : ret;
}

static long act_freeze(struct scene *s, int arg)
{
	return sys(BPF_MAP_FREEZE, ATTR(.map_fd = s->map2));
}

static long act_bind(struct scene *s, int arg)
{
	return sys(BPF_PROG_BIND_MAP, ATTR(.prog_bind_map = { .prog_fd = s->prog,
							      .map_fd = s->map2 }));
}

static long act_stats(struct scene *s, int arg)
{
	return keep(s, sys(BPF_ENABLE_STATS, ATTR(.enable_stats = { .type = BPF_STATS_RUN_TIME })));
}

/* Hooks of a running kernel are not here: whatever the answer, nothing may stay. */
static long act_absent(struct scene *s, int cmd)
{
	long fd = sys(cmd, ATTR(.link_create = { .prog_fd = s->prog, .target_fd = 1,
						 .attach_type = BPF_XDP }));

	if (fd > 0)
		close(fd);
	errno = ENOMEM;
	return -1;
}

/* ------------------------------------------------------------------ the table */

static const struct {
	int cmd;
	const char *name;
	long (*act)(struct scene *s, int arg);
	int arg;
} acts[] = {
#define ACT(cmd, act, arg) { cmd, #cmd " " #arg, act, arg }
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_HASH),
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_ARRAY),
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_PERCPU_HASH),
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_PERCPU_ARRAY),
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_LRU_HASH),
	ACT(BPF_MAP_CREATE, act_map, BPF_MAP_TYPE_LRU_PERCPU_HASH),
	ACT(BPF_MAP_CREATE, act_nested, BPF_MAP_TYPE_ARRAY_OF_MAPS),
	ACT(BPF_MAP_CREATE, act_nested, BPF_MAP_TYPE_HASH_OF_MAPS),
	ACT(BPF_MAP_CREATE, act_ring, BPF_MAP_TYPE_RINGBUF),
	ACT(BPF_MAP_CREATE, act_ring, BPF_MAP_TYPE_USER_RINGBUF),
	ACT(BPF_MAP_UPDATE_ELEM, act_elem, BPF_MAP_UPDATE_ELEM),
	ACT(BPF_MAP_LOOKUP_ELEM, act_elem, BPF_MAP_LOOKUP_ELEM),
	ACT(BPF_MAP_DELETE_ELEM, act_elem, BPF_MAP_DELETE_ELEM),
	ACT(BPF_MAP_LOOKUP_AND_DELETE_ELEM, act_elem, BPF_MAP_LOOKUP_AND_DELETE_ELEM),
	ACT(BPF_MAP_GET_NEXT_KEY, act_next, BPF_MAP_GET_NEXT_KEY),
	ACT(BPF_MAP_LOOKUP_BATCH, act_batch, BPF_MAP_LOOKUP_BATCH),
	ACT(BPF_MAP_LOOKUP_AND_DELETE_BATCH, act_batch, BPF_MAP_LOOKUP_AND_DELETE_BATCH),
	ACT(BPF_MAP_UPDATE_BATCH, act_batch, BPF_MAP_UPDATE_BATCH),
	ACT(BPF_MAP_DELETE_BATCH, act_batch, BPF_MAP_DELETE_BATCH),
	ACT(BPF_MAP_FREEZE, act_freeze, 0),
	ACT(BPF_PROG_LOAD, act_load, BPF_PROG_TYPE_XDP),
	ACT(BPF_PROG_LOAD, act_load, BPF_PROG_TYPE_SCHED_CLS),
	ACT(BPF_PROG_LOAD, act_load, BPF_PROG_TYPE_KPROBE),
	ACT(BPF_PROG_TEST_RUN, act_run, 0),
	ACT(BPF_PROG_BIND_MAP, act_bind, 0),
	ACT(BPF_BTF_LOAD, act_btf, 0),
	ACT(BPF_OBJ_PIN, act_pin, 0),
	ACT(BPF_OBJ_GET, act_get, 0),
	ACT(BPF_OBJ_GET_INFO_BY_FD, act_info, 0),
	ACT(BPF_OBJ_GET_INFO_BY_FD, act_info, 1),
	ACT(BPF_OBJ_GET_INFO_BY_FD, act_info, 2),
	ACT(BPF_PROG_GET_FD_BY_ID, act_by_id, BPF_PROG_GET_FD_BY_ID),
	ACT(BPF_MAP_GET_FD_BY_ID, act_by_id, BPF_MAP_GET_FD_BY_ID),
	ACT(BPF_BTF_GET_FD_BY_ID, act_by_id, BPF_BTF_GET_FD_BY_ID),
	ACT(BPF_PROG_GET_NEXT_ID, act_next_id, BPF_PROG_GET_NEXT_ID),
	ACT(BPF_MAP_GET_NEXT_ID, act_next_id, BPF_MAP_GET_NEXT_ID),
	ACT(BPF_BTF_GET_NEXT_ID, act_next_id, BPF_BTF_GET_NEXT_ID),
	ACT(BPF_LINK_GET_NEXT_ID, act_next_id, BPF_LINK_GET_NEXT_ID),
	ACT(BPF_ENABLE_STATS, act_stats, 0),
	ACT(BPF_PROG_ATTACH, act_absent, BPF_PROG_ATTACH),
	ACT(BPF_PROG_DETACH, act_absent, BPF_PROG_DETACH),
	ACT(BPF_PROG_QUERY, act_absent, BPF_PROG_QUERY),
	ACT(BPF_RAW_TRACEPOINT_OPEN, act_absent, BPF_RAW_TRACEPOINT_OPEN),
	ACT(BPF_TASK_FD_QUERY, act_absent, BPF_TASK_FD_QUERY),
	ACT(BPF_LINK_CREATE, act_absent, BPF_LINK_CREATE),
	ACT(BPF_LINK_UPDATE, act_absent, BPF_LINK_UPDATE),
	ACT(BPF_LINK_GET_FD_BY_ID, act_absent, BPF_LINK_GET_FD_BY_ID),
	ACT(BPF_LINK_DETACH, act_absent, BPF_LINK_DETACH),
	ACT(BPF_ITER_CREATE, act_absent, BPF_ITER_CREATE),
	ACT(BPF_TOKEN_CREATE, act_absent, BPF_TOKEN_CREATE),
};

static void scene_make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->got = -1;
	s->map = map_of(BPF_MAP_TYPE_HASH, 8, 8, 0);
	s->map2 = map_of(BPF_MAP_TYPE_HASH, 8, 8, BPF_F_NO_PREALLOC);
	s->key[0] = 1;
	s->key[2] = 1;
	sys(BPF_MAP_UPDATE_ELEM, ATTR(.map_fd = s->map, .key = PTR(s->key), .value = PTR(s->val)));
	sys(BPF_MAP_UPDATE_ELEM, ATTR(.map_fd = s->map2, .key = PTR(s->key), .value = PTR(s->val)));
	s->prog = simple(s);
	s->btf = types(s);
	if (sys(BPF_OBJ_PIN, ATTR(.pathname = PTR("/tmp/bpffs/kept"), .bpf_fd = s->map)))
		printf("no pin: %s\n", strerror(errno));
}

static void scene_clear(struct scene *s)
{
	if (s->got >= 0)
		close(s->got);
	close(s->btf);
	close(s->prog);
	close(s->map2);
	close(s->map);
	bpf_host_unpin("/tmp/bpffs/kept");
	bpf_host_unpin("/tmp/bpffs/fail");
	bpf_host_settle();
}

/* One round: the @nth allocation of the act fails, 0: none. Whether there were as many. */
static int round_of(unsigned int i, long nth, long live)
{
	static struct scene s;
	long ret, left;
	int err;

	scene_make(&s);
	bpf_host_fail_alloc(nth);
	ret = acts[i].act(&s, acts[i].arg);
	err = errno;
	left = bpf_host_fail_left();
	bpf_host_fail_alloc(0);
	errno = err;
	if (!nth || left > 0)
		result(ret >= 0 || acts[i].act == act_absent, acts[i].name, "fails by itself", nth);
	else if (ret < 0)
		result(err == ENOMEM || err == ENFILE || err == EMFILE, acts[i].name,
		       "wrong errno", nth);
	scene_clear(&s);
	if (live >= 0)
		result(bpf_host_live() <= live + KEPT, acts[i].name, "something is held", nth);
	return nth && left <= 0;
}

int main(void)
{
	int jit, seen[COMMANDS] = { 0 };
	unsigned int i;
	long nth, live, most = 0;

	for (jit = 0; jit < 2; jit++) {
		bpf_host_set_jit(jit, 0);
		for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
			seen[acts[i].cmd] = 1;
			round_of(i, 0, -1);
			live = bpf_host_live();
			for (nth = 1; nth < ROUNDS && round_of(i, nth, live); nth++)
				;
			result(nth < ROUNDS, acts[i].name, "no end", nth);
			most = nth > most ? nth : most;
		}
	}
	for (i = 0; i < COMMANDS; i++)
		result(seen[i], "a command", "has no row", i);
	result(most > 20, "all", "hardly any allocation failed", most);
	result(!bpf_host_warnings(), "all", "warnings", bpf_host_warnings());
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
