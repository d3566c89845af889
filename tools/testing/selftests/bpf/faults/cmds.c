// SPDX-License-Identifier: GPL-2.0
/* Commands of bpf(2) on their own. */
#include <sys/mman.h>

#include "../syscall/sys.h"
#include "inject.h"
#include "kselftest_harness.h"

#define LIMIT 600

static void undo_close(void *arg, int fd)
{
	close(fd);
}

FIXTURE(cmds) {
	int objects;
};

FIXTURE_SETUP(cmds)
{
	const char *why = inject_unable();

	if (why)
		SKIP(return, "%s", why);
	self->objects = inject_objects();
}

FIXTURE_TEARDOWN(cmds)
{
	/* nothing may be left of any test */
	EXPECT_GE(self->objects, inject_settle(self->objects));
}

/* At least one allocation has failed, or there was nothing to test. */
#define SWEEP(...) ({									\
	const struct sweep sweep_ = { __VA_ARGS__ };					\
	struct swept swept_;								\
											\
	ASSERT_EQ(0, inject_sweep(&sweep_, &swept_));					\
	EXPECT_LT(0, swept_.failed + swept_.hidden) {					\
		TH_LOG("%s: no allocation failed", sweep_.name);			\
	}										\
	swept_.last;									\
})

/* ------------------------------------------------------------------ maps */

struct map_case {
	const char *name;
	unsigned int type, key, value, entries, flags;
};

static const struct map_case map_cases[] = {
	{ "array", BPF_MAP_TYPE_ARRAY, 4, 64, 100, 0 },
	{ "array, mapped", BPF_MAP_TYPE_ARRAY, 4, 64, 1000, BPF_F_MMAPABLE },
	{ "percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 64, 10, 0 },
	{ "hash", BPF_MAP_TYPE_HASH, 8, 64, 100, 0 },
	{ "hash, grows", BPF_MAP_TYPE_HASH, 8, 64, 100, BPF_F_NO_PREALLOC },
	{ "percpu_hash", BPF_MAP_TYPE_PERCPU_HASH, 8, 16, 10, 0 },
	{ "percpu_hash, grows", BPF_MAP_TYPE_PERCPU_HASH, 8, 16, 10, BPF_F_NO_PREALLOC },
	{ "lru_hash", BPF_MAP_TYPE_LRU_HASH, 8, 64, 100, 0 },
	{ "lru_percpu_hash", BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 16, 10, 0 },
	{ "lpm_trie", BPF_MAP_TYPE_LPM_TRIE, 8, 8, 100, BPF_F_NO_PREALLOC },
	{ "prog_array", BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 10, 0 },
	{ "perf_event_array", BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0 },
	{ "cgroup_array", BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 4, 0 },
	{ "stack_trace", BPF_MAP_TYPE_STACK_TRACE, 4, 80, 16, 0 },
	{ "ringbuf", BPF_MAP_TYPE_RINGBUF, 0, 0, 16384, 0 },
	{ "user_ringbuf", BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 16384, 0 },
	{ "queue", BPF_MAP_TYPE_QUEUE, 0, 8, 100, 0 },
	{ "stack", BPF_MAP_TYPE_STACK, 0, 8, 100, 0 },
	{ "bloom_filter", BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 100, 0 },
	{ "devmap", BPF_MAP_TYPE_DEVMAP, 4, 4, 8, 0 },
	{ "devmap_hash", BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 8, 0 },
	{ "cpumap", BPF_MAP_TYPE_CPUMAP, 4, 4, 2, 0 },
	{ "xskmap", BPF_MAP_TYPE_XSKMAP, 4, 4, 8, 0 },
	{ "reuseport_sockarray", BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 8, 0 },
};

static int map_run(void *arg)
{
	const struct map_case *c = arg;

	return map_new(c->type, c->key, c->value, c->entries, c->flags);
}

TEST_F_TIMEOUT(cmds, map_create, LIMIT)
{
	unsigned int i;

	for (i = 0; i < sizeof(map_cases) / sizeof(map_cases[0]); i++) {
		const struct map_case *c = &map_cases[i];

		close(SWEEP(.name = c->name, .run = map_run, .undo = undo_close, .arg = (void *)c));
	}
}

static int map_in_map_run(void *arg)
{
	const unsigned int *p = arg;

	return BPF(BPF_MAP_CREATE, .map_type = p[0], .key_size = 4, .value_size = 4,
		   .max_entries = 4, .inner_map_fd = p[1]);
}

TEST_F_TIMEOUT(cmds, map_in_map, LIMIT)
{
	unsigned int arg[2] = { BPF_MAP_TYPE_ARRAY_OF_MAPS,
				map_new(BPF_MAP_TYPE_HASH, 4, 4, 4, 0) };

	close(SWEEP(.name = "array_of_maps", .run = map_in_map_run, .undo = undo_close,
		    .arg = arg));
	arg[0] = BPF_MAP_TYPE_HASH_OF_MAPS;
	close(SWEEP(.name = "hash_of_maps", .run = map_in_map_run, .undo = undo_close,
		    .arg = arg));
	close(arg[1]);
}

/* ------------------------------------------------------------------ elements */

static int update_run(void *arg)
{
	char key[64] = {}, value[4096] = {};

	return map_update(*(int *)arg, key, value, BPF_ANY);
}

static int lookup_run(void *arg)
{
	char key[64] = {}, value[4096];

	return map_lookup(*(int *)arg, key, value);
}

static int next_run(void *arg)
{
	char next[64];

	return BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = *(int *)arg, .next_key = PTR(next));
}

static int batch_run(void *arg)
{
	char keys[512], values[8192], out[64];
	long ret = BPF(BPF_MAP_LOOKUP_BATCH, .batch = { .map_fd = *(int *)arg, .count = 2,
							.keys = PTR(keys), .values = PTR(values),
							.out_batch = PTR(out) });

	/* -ENOENT: that was all of it */
	return ret == -ENOENT ? 0 : ret;
}

TEST_F_TIMEOUT(cmds, elements, LIMIT)
{
	unsigned int i;
	int fd;

	for (i = 0; i < 9; i++) {
		const struct map_case *c = &map_cases[i];

		fd = map_new(c->type, c->key, c->value, c->entries, c->flags);
		ASSERT_LE(0, fd);
		SWEEP(.name = c->name, .run = update_run, .arg = &fd);
		SWEEP(.name = c->name, .run = lookup_run, .arg = &fd);
		SWEEP(.name = c->name, .run = next_run, .arg = &fd);
		SWEEP(.name = c->name, .run = batch_run, .arg = &fd);
		close(fd);
	}
}

static int dev_run(void *arg)
{
	unsigned int key = 0, ifindex = 1;

	return map_update(*(int *)arg, &key, &ifindex, 0);
}

static int cpu_run(void *arg)
{
	unsigned int key = 1, qsize = 192;

	return map_update(*(int *)arg, &key, &qsize, 0);
}

static void cpu_undo(void *arg, int ret)
{
	unsigned int key = 1;

	map_delete(*(int *)arg, &key);
}

TEST_F_TIMEOUT(cmds, devices_and_cpus, LIMIT)
{
	int fd = map_new(BPF_MAP_TYPE_DEVMAP, 4, 4, 8, 0);

	SWEEP(.name = "devmap entry", .run = dev_run, .arg = &fd);
	close(fd);
	fd = map_new(BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 8, 0);
	SWEEP(.name = "devmap_hash entry", .run = dev_run, .arg = &fd);
	close(fd);
	/* its thread runs on the second CPU */
	if (sysconf(_SC_NPROCESSORS_CONF) < 2)
		return;
	fd = map_new(BPF_MAP_TYPE_CPUMAP, 4, 4, 2, 0);
	/* a thread that cannot be made may also end in EINTR */
	SWEEP(.name = "cpumap entry", .run = cpu_run, .undo = cpu_undo, .arg = &fd, .also = EINTR);
	close(fd);
}

/* ------------------------------------------------------------------ programs */

struct prog_case {
	const char *name;
	unsigned int type, cnt;
	struct bpf_insn *insns;
	bool log;
};

static int prog_run(void *arg)
{
	static char log[1 << 20];
	const struct prog_case *c = arg;

	return BPF(BPF_PROG_LOAD, .prog_type = c->type, .insns = PTR(c->insns), .insn_cnt = c->cnt,
		   .license = PTR("GPL"), .log_level = c->log ? 2 : 0,
		   .log_buf = c->log ? PTR(log) : 0, .log_size = c->log ? sizeof(log) : 0);
}

/* Runs a packet program; what it returned, or -errno. */
static long prog_test(int fd)
{
	union bpf_attr attr = {};
	char data[64] = {};
	long err;

	attr.test.prog_fd = fd;
	attr.test.data_in = PTR(data);
	attr.test.data_size_in = sizeof(data);
	err = bpf(BPF_PROG_TEST_RUN, &attr);
	return err ?: attr.test.retval;
}

static int test_run(void *arg)
{
	return prog_test(*(int *)arg) < 0 ? -ENOMEM : 0;
}

/* A program that was loaded although an allocation failed has to be as good as any. */
static void undo_run(void *arg, int fd)
{
	long ret = prog_test(fd);

	if (ret != 7)
		printf("# a program returned %ld\n", ret);
	close(fd);
	if (ret != 7)
		exit(1);
}

TEST_F_TIMEOUT(cmds, prog_load, LIMIT)
{
	struct bpf_insn small[] = { MOV_IMM(BPF_REG_0, 7), EXIT() };
	struct prog_case c = { "small", BPF_PROG_TYPE_SCHED_CLS, 2, small };
	struct bpf_insn subs[] = {
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(),
		MOV_IMM(BPF_REG_0, 7), EXIT(),
	};
	unsigned int i;
	int fd;

	fd = SWEEP(.name = "small", .run = prog_run, .undo = undo_run, .arg = &c);
	SWEEP(.name = "test run", .run = test_run, .arg = &fd);
	close(fd);
	c.log = true;
	close(SWEEP(.name = "with a log", .run = prog_run, .undo = undo_run, .arg = &c));

	c = (struct prog_case){ "subprogram", BPF_PROG_TYPE_SCHED_CLS, 4, subs };
	close(SWEEP(.name = "subprogram", .run = prog_run, .undo = undo_run, .arg = &c));

	/* a hundred branches on unknown values: states are stored, some ten allocations for each */
	c = (struct prog_case){ "branches", BPF_PROG_TYPE_SCHED_CLS, 302 };
	c.insns = calloc(c.cnt, sizeof(*c.insns));
	for (i = 0; i < c.cnt - 2; i += 3) {
		c.insns[i] = INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0);
		c.insns[i + 1] = INSN(BPF_JMP | BPF_JSET | BPF_K, BPF_REG_2, 0, 1, 1);
		c.insns[i + 2] = MOV_IMM(BPF_REG_3, i);
	}
	c.insns[c.cnt - 2] = MOV_IMM(BPF_REG_0, 7);
	c.insns[c.cnt - 1] = EXIT();
	close(SWEEP(.name = "branches", .run = prog_run, .undo = undo_run, .arg = &c));
	free(c.insns);
}

static int pin_run(void *arg)
{
	return BPF(BPF_OBJ_PIN, .bpf_fd = *(int *)arg, .pathname = PTR("/sys/fs/bpf/faults"));
}

static void pin_undo(void *arg, int ret)
{
	unlink("/sys/fs/bpf/faults");
}

static int obj_get_run(void *arg)
{
	return BPF(BPF_OBJ_GET, .pathname = PTR("/sys/fs/bpf/faults"));
}

static int by_id_run(void *arg)
{
	return BPF(BPF_MAP_GET_FD_BY_ID, .map_id = *(unsigned int *)arg);
}

static int info_run(void *arg)
{
	struct bpf_map_info info = {};
	unsigned int len = sizeof(info);

	return info_get(*(int *)arg, &info, &len);
}

TEST_F_TIMEOUT(cmds, pins_and_ids, LIMIT)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	struct bpf_map_info info = {};
	unsigned int len = sizeof(info);
	const struct sweep about = { .name = "info", .run = info_run, .arg = &fd };
	struct swept swept;

	/* what file systems say when there is no inode */
	SWEEP(.name = "pin", .run = pin_run, .undo = pin_undo, .arg = &fd, .also = ENOSPC);
	close(SWEEP(.name = "get", .run = obj_get_run, .undo = undo_close));
	ASSERT_EQ(0, info_get(fd, &info, &len));
	close(SWEEP(.name = "by id", .run = by_id_run, .undo = undo_close, .arg = &info.id));
	/* it may well need no memory */
	ASSERT_EQ(0, inject_sweep(&about, &swept));
	unlink("/sys/fs/bpf/faults");
	close(fd);
}

/* ------------------------------------------------------------------ mappings */

struct mapping {
	int fd;
	void *mem;
};

static int mmap_run(void *arg)
{
	struct mapping *m = arg;

	m->mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	return m->mem == MAP_FAILED ? -errno : 0;
}

static void mmap_undo(void *arg, int ret)
{
	munmap(((struct mapping *)arg)->mem, 4096);
}

TEST_F_TIMEOUT(cmds, mmap, LIMIT)
{
	struct mapping m = { .fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 64, 64, BPF_F_MMAPABLE) };

	SWEEP(.name = "mmap", .run = mmap_run, .undo = mmap_undo, .arg = &m);
	mmap_undo(&m, 0);
	/* nobody is counted as a writer any more */
	EXPECT_EQ(0, BPF(BPF_MAP_FREEZE, .map_fd = m.fd));
	close(m.fd);
}

TEST_HARNESS_MAIN
