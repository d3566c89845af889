// SPDX-License-Identifier: GPL-2.0
/* Arenas: what can be created and mapped, what programs and processes see of each other. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../syscall/sys.h"
#include "arena.h"
#include "kselftest_harness.h"

#define PAGE	4096ULL
#define SIZE	(ARENA_PAGES * PAGE)
/* Where nothing else is; the lower half is not 0, so that no page is at NULL's. */
#define AT	0x100000100000ULL

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

static int arena_new(unsigned int pages, unsigned int flags, uint64_t extra)
{
	return BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARENA, .max_entries = pages,
		   .map_flags = flags, .map_extra = extra);
}

static void *map_it(int fd, void *at, size_t size)
{
	return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* ------------------------------------------------------------------ creation */

TEST(create)
{
	const unsigned int ok = BPF_F_MMAPABLE;
	int fd;

	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARENA, .max_entries = 1,
			       .map_flags = ok, .key_size = 4));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARENA, .max_entries = 1,
			       .map_flags = ok, .value_size = 8));
	EXPECT_EQ(-EINVAL, arena_new(0, ok, 0));
	EXPECT_EQ(-EINVAL, arena_new(1, 0, 0));
	EXPECT_EQ(-EINVAL, arena_new(1, ok | BPF_F_NO_PREALLOC, 0));
	EXPECT_EQ(-EINVAL, arena_new(1, ok, 1));
	EXPECT_EQ(-E2BIG, arena_new((1 << 20) + 1, ok, 0));
	EXPECT_EQ(-ERANGE, arena_new(2, ok, (1ULL << 32) - PAGE));
	EXPECT_EQ(-ERANGE, arena_new(2, ok, -PAGE));
	fd = arena_new(1 << 20, ok | BPF_F_SEGV_ON_FAULT, 1ULL << 32);
	ASSERT_LE(0, fd);
	close(fd);
}

TEST(no_elements)
{
	int fd = arena_new(1, BPF_F_MMAPABLE, 0);
	char value[8];

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, map_lookup(fd, value, value));
	EXPECT_EQ(-EINVAL, map_update(fd, value, value, 0));
	EXPECT_EQ(-EINVAL, map_delete(fd, value));
	close(fd);
}

/* ------------------------------------------------------------------ mappings */

TEST(mapping)
{
	int fd = arena_new(ARENA_PAGES, BPF_F_MMAPABLE, 0);
	char *p, *q;

	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, map_it(fd, NULL, PAGE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(EINVAL, errno);

	p = map_it(fd, NULL, SIZE);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ((uint64_t)p >> 32, ((uint64_t)p + SIZE - 1) >> 32);
	/* there is one address, and that is taken */
	q = map_it(fd, NULL, SIZE);
	EXPECT_EQ(MAP_FAILED, q);
	EXPECT_EQ(EBUSY, errno);
	/* a view is whole */
	EXPECT_EQ(-1, munmap(p + PAGE, PAGE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mremap(p, SIZE, 2 * SIZE, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)AT));
	p[SIZE - 1] = 5;
	EXPECT_EQ(0, munmap(p, SIZE));
	/* the pages, and the address, are the arena's */
	q = map_it(fd, p, SIZE);
	ASSERT_EQ(p, q);
	EXPECT_EQ(5, q[SIZE - 1]);
	munmap(q, SIZE);
	close(fd);
}

TEST(mapping_at)
{
	int fd = arena_new(ARENA_PAGES, BPF_F_MMAPABLE, AT);

	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, map_it(fd, (void *)(AT + SIZE), SIZE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ((void *)AT, map_it(fd, NULL, SIZE));
	close(fd);
	/* the mapping holds the memory */
	*(volatile char *)AT = 1;
	EXPECT_EQ(1, *(volatile char *)AT);
	munmap((void *)AT, SIZE);
}

/* All memory goes when nobody has the arena any more, whoever is the last. */
TEST(goes)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID);
	int fd = arena_new(ARENA_PAGES, BPF_F_MMAPABLE, AT), status;
	char *p;
	pid_t child;

	ASSERT_LE(0, fd);
	p = map_it(fd, NULL, SIZE);
	ASSERT_EQ((char *)AT, p);
	p[0] = 1;
	child = fork();
	if (!child) {
		/* the same pages, also those that come later */
		p[PAGE] = 2;
		while (p[2 * PAGE] != 3)
			usleep(1000);
		_exit(p[0]);
	}
	while (p[PAGE] != 2)
		usleep(1000);
	close(fd);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	p[2 * PAGE] = 3;
	munmap(p, SIZE);
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(1, WEXITSTATUS(status));
	EXPECT_EQ(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

static sigjmp_buf landed;

static void land(int sig)
{
	siglongjmp(landed, 1);
}

/* Whether the process can read there. */
static bool readable(const char *p)
{
	struct sigaction act = { .sa_handler = land }, old;
	bool ok = false;

	sigaction(SIGSEGV, &act, &old);
	if (!sigsetjmp(landed, 1)) {
		(void)*(volatile const char *)p;
		ok = true;
	}
	sigaction(SIGSEGV, &old, NULL);
	return ok;
}

TEST(segv_on_fault)
{
	int fd = arena_new(ARENA_PAGES, BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT, 0);
	char *p;

	ASSERT_LE(0, fd);
	p = map_it(fd, NULL, SIZE);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_FALSE(readable(p));
	munmap(p, SIZE);
	close(fd);
}

/* ------------------------------------------------------------------ programs */

/* Programs with an arena are never interpreted. */
static bool compiled(void)
{
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "r");
	int on = 1;

	if (f) {
		if (fscanf(f, "%d", &on) != 1)
			on = 1;
		fclose(f);
	}
	return on;
}

#define NEED_JIT() do {							\
	if (!compiled())						\
		SKIP(return, "programs with an arena need the JIT");	\
} while (0)

FIXTURE(prog) {
	struct bpf_object *obj;
	uint64_t base;
	int fd;
};

FIXTURE_VARIANT(prog) {
	unsigned int flags;
	uint64_t at;
};

FIXTURE_VARIANT_ADD(prog, plain) {
	.flags = BPF_F_MMAPABLE, .at = AT,
};

/* The lower half of the first address is 0: nothing may depend on that. */
FIXTURE_VARIANT_ADD(prog, round) {
	.flags = BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT, .at = 5ULL << 32,
};

/* The last page ends where the lower half does. */
FIXTURE_VARIANT_ADD(prog, end) {
	.flags = BPF_F_MMAPABLE, .at = (6ULL << 32) - SIZE,
};

static struct bpf_object *obj_load(const char *name, unsigned int flags, uint64_t at,
				   uint64_t *base)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	char path[PATH_MAX];
	void *p;
	int fd;

	libbpf_set_print(quiet);
	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	obj = bpf_object__open_file(path, NULL);
	if (!obj)
		return NULL;
	map = bpf_object__find_map_by_name(obj, "arena");
	fd = arena_new(ARENA_PAGES, flags, at);
	p = map_it(fd, (void *)at, SIZE);
	if (fd < 0 || p == MAP_FAILED || bpf_map__reuse_fd(map, fd) || bpf_object__load(obj)) {
		bpf_object__close(obj);
		return NULL;
	}
	close(fd);
	*base = (uint64_t)p;
	return obj;
}

FIXTURE_SETUP(prog)
{
	NEED_JIT();
	self->obj = obj_load("arena", variant->flags, variant->at, &self->base);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(variant->at, self->base);
}

FIXTURE_TEARDOWN(prog)
{
	if (!self->obj)
		return;
	munmap((void *)self->base, SIZE);
	bpf_object__close(self->obj);
}

/* What a program leaves in its context as its result. */
static uint64_t run(struct bpf_object *obj, const char *name, struct call *c)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = c, .ctx_size_in = sizeof(*c));
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	c->result = 0x5555;
	if (!prog || bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		return 0xdeadbeefdeadbeef;
	return c->result;
}

#define RUN(_name, ...) run(self->obj, _name, &(struct call){ __VA_ARGS__ })
#define ALLOC(...) RUN("pages_alloc", .node = -1, __VA_ARGS__)

TEST_F(prog, alloc)
{
	uint64_t base = self->base;

	EXPECT_EQ(base, ALLOC(.nr = 1));
	EXPECT_EQ(base + PAGE, ALLOC(.nr = 2));
	EXPECT_EQ(base + 6 * PAGE, ALLOC(.nr = 1, .addr = base + 6 * PAGE));
	/* taken, in part or whole; outside; not aligned; none; too many; unknown flags; no node */
	EXPECT_EQ(0, ALLOC(.nr = 1, .addr = base + 6 * PAGE));
	EXPECT_EQ(0, ALLOC(.nr = 3, .addr = base + 4 * PAGE));
	EXPECT_EQ(0, ALLOC(.nr = 2, .addr = base + 7 * PAGE));
	EXPECT_EQ(0, ALLOC(.nr = 1, .addr = base + 8 * PAGE));
	EXPECT_EQ(0, ALLOC(.nr = 1, .addr = base + 3 * PAGE + 8));
	EXPECT_EQ(0, ALLOC(.nr = 0));
	EXPECT_EQ(0, ALLOC(.nr = 9));
	EXPECT_EQ(0, ALLOC(.nr = -1));
	EXPECT_EQ(0, ALLOC(.nr = 1, .flags = 1));
	EXPECT_EQ(0, RUN("pages_alloc", .nr = 1, .node = 12345));
	EXPECT_EQ(base + 3 * PAGE, RUN("pages_alloc", .nr = 3, .node = 0));
	EXPECT_EQ(base + 7 * PAGE, ALLOC(.nr = 1));
	EXPECT_EQ(0, ALLOC(.nr = 1));
	/* what was freed can be had again; pages that do not exist do no harm */
	RUN("pages_free", .addr = base + PAGE, .nr = 2);
	RUN("pages_free", .addr = base + 2 * PAGE, .nr = 3);
	RUN("pages_free", .addr = base + 100 * PAGE, .nr = 3);
	RUN("pages_free", .addr = base, .nr = 0);
	EXPECT_EQ(base + PAGE, ALLOC(.nr = 4));
	EXPECT_EQ(0, ALLOC(.nr = 1));
	RUN("pages_free", .addr = base + 5 * PAGE, .nr = -1);
	EXPECT_EQ(base + 5 * PAGE, ALLOC(.nr = 3));
}

/* A page that is freed is gone from processes, too; the next one there is empty. */
TEST_F(prog, freed)
{
	volatile uint64_t *p = (void *)self->base;

	ASSERT_EQ(self->base, ALLOC(.nr = 1));
	*p = 77;
	EXPECT_EQ(77, RUN("load_u64", .addr = self->base));
	RUN("pages_free", .addr = self->base, .nr = 1);
	EXPECT_EQ(0, RUN("load_u64", .addr = self->base));
	if (variant->flags & BPF_F_SEGV_ON_FAULT) {
		EXPECT_FALSE(readable((char *)p));
		return;
	}
	EXPECT_EQ(0, *p);
	*p = 78;
	EXPECT_EQ(78, RUN("load_u64", .addr = self->base));
	/* the process's own touch has made it exist */
	EXPECT_EQ(0, ALLOC(.nr = 1, .addr = self->base));
}

TEST_F(prog, widths)
{
	volatile uint64_t *p = (void *)(self->base + 24);
	uint64_t at = (uint64_t)p;

	ASSERT_EQ(self->base, ALLOC(.nr = 1));
	*p = 0xfedcba9876543210;
	EXPECT_EQ(0x10, RUN("load_u8", .addr = at));
	EXPECT_EQ(0x3210, RUN("load_u16", .addr = at));
	EXPECT_EQ(0x76543210, RUN("load_u32", .addr = at));
	EXPECT_EQ(0xfedcba9876543210, RUN("load_u64", .addr = at));
	EXPECT_EQ((uint64_t)(int8_t)0x98, RUN("load_s8", .addr = at + 4));
	EXPECT_EQ((uint64_t)(int16_t)0xba98, RUN("load_s16", .addr = at + 4));
	EXPECT_EQ((uint64_t)(int32_t)0xfedcba98, RUN("load_s32", .addr = at + 4));
	RUN("store_u8", .addr = at, .value = 0x111);
	EXPECT_EQ(0xfedcba9876543211, *p);
	RUN("store_u16", .addr = at, .value = 0x22222);
	EXPECT_EQ(0xfedcba9876542222, *p);
	RUN("store_u32", .addr = at, .value = 0x333333333);
	EXPECT_EQ(0xfedcba9833333333, *p);
	RUN("store_u64", .addr = at, .value = 0x123456789abcdef0);
	EXPECT_EQ(0x123456789abcdef0, *p);
	RUN("store_const", .addr = at);
	EXPECT_EQ(-2ULL, *p);
}

static const struct atomic {
	const char *name;
	uint64_t before, value, after;
	bool is32;
} atomics[] = {
	{ "fetch_add32", 0x7fffffff00000003, 0xfffffffe, 0x7fffffff00000001, true },
	{ "fetch_and32", 0x12345678f0f0f0f0, 0x0ff0, 0x12345678000000f0, true },
	{ "fetch_or32", 0x1234567800f0f0f0, 0xf, 0x1234567800f0f0ff, true },
	{ "fetch_xor32", 0x12345678ffffffff, 0xff, 0x12345678ffffff00, true },
	{ "xchg32", 0x1234567812345678, 0xabcdef01, 0x12345678abcdef01, true },
	{ "fetch_add64", 5, -7ULL, -2ULL, false },
	{ "fetch_and64", 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xf000f000f000f000, false },
	{ "fetch_or64", 0xf0f0f0f0f0f0f0f0, 0x0101010101010101, 0xf1f1f1f1f1f1f1f1, false },
	{ "fetch_xor64", 0xf0f0f0f0f0f0f0f0, -1ULL, 0x0f0f0f0f0f0f0f0f, false },
	{ "xchg64", 1, 2, 2, false },
};

TEST_F(prog, atomics)
{
	volatile uint64_t *p = (void *)(self->base + 8);
	uint64_t at = (uint64_t)p;
	unsigned int i;

	ASSERT_EQ(self->base, ALLOC(.nr = 1));
	for (i = 0; i < sizeof(atomics) / sizeof(atomics[0]); i++) {
		const struct atomic *a = &atomics[i];

		*p = a->before;
		EXPECT_EQ(a->is32 ? (uint32_t)a->before : a->before,
			  RUN(a->name, .addr = at, .value = a->value)) TH_LOG("%s", a->name);
		EXPECT_EQ(a->after, *p) TH_LOG("%s", a->name);
	}
	*p = 10;
	RUN("add64", .addr = at, .value = 5);
	EXPECT_EQ(15, *p);
	EXPECT_EQ(15, RUN("cmpxchg64", .addr = at, .old = 14, .value = 1));
	EXPECT_EQ(15, *p);
	EXPECT_EQ(15, RUN("cmpxchg64", .addr = at, .old = 15, .value = 0x100000001));
	EXPECT_EQ(0x100000001, *p);
	EXPECT_EQ(1, RUN("cmpxchg32", .addr = at, .old = 1, .value = 7));
	EXPECT_EQ(0x100000007, *p);
}

/* Where no page is, loads give 0, stores and atomics do nothing, and the program goes on. */
TEST_F(prog, holes)
{
	uint64_t hole = self->base + 5 * PAGE;
	unsigned int i;

	EXPECT_EQ(0, RUN("load_u8", .addr = hole));
	EXPECT_EQ(0, RUN("load_u64", .addr = hole));
	EXPECT_EQ(0, RUN("load_s16", .addr = hole));
	EXPECT_EQ(0x5555, RUN("store_u64", .addr = hole, .value = 1));
	EXPECT_EQ(0x5555, RUN("store_const", .addr = hole));
	EXPECT_EQ(0x5555, RUN("add64", .addr = hole, .value = 1));
	for (i = 0; i < sizeof(atomics) / sizeof(atomics[0]); i++)
		EXPECT_NE(0xdeadbeefdeadbeef, RUN(atomics[i].name, .addr = hole, .value = 1));
	RUN("cmpxchg64", .addr = hole, .old = 0, .value = 1);
	EXPECT_EQ(0, RUN("load_u64", .addr = hole));
}

/* Whatever the register holds: no access leaves the window and its guards. */
TEST_F(prog, wild)
{
	static const uint64_t addrs[] = {
		0, 8, -8ULL, 0xffffffff, 0xfffffff8, 0x80000000, 0x7fffffffffffffff,
		0xffffffff81000000, 0xffff888000000000, 1ULL << 47, 0xffffffff00000000,
	};
	unsigned int i;

	for (i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		EXPECT_EQ(0x5555, RUN("store_u64", .addr = addrs[i], .value = 1));
		EXPECT_NE(0xdeadbeefdeadbeef, RUN("load_far", .addr = addrs[i]));
		EXPECT_NE(0xdeadbeefdeadbeef, RUN("mangled", .addr = addrs[i], .value = i * 12345));
	}
	ASSERT_EQ(self->base, ALLOC(.nr = 1));
	*(volatile uint64_t *)self->base = 9;
	EXPECT_EQ(9, RUN("mangled", .addr = self->base, .value = -1ULL));
	/* the upper half does not matter */
	EXPECT_EQ(9, RUN("load_u64", .addr = (uint32_t)self->base));
	EXPECT_EQ(9, RUN("load_u64", .addr = self->base | 0xabcd000000000000));
}

/* Programs hand out addresses as processes see them; NULL stays NULL. */
TEST_F(prog, casts)
{
	uint64_t at = self->base + 0x123;

	EXPECT_EQ(at, RUN("to_process", .addr = at));
	EXPECT_EQ(at, RUN("to_process", .addr = (uint32_t)at));
	EXPECT_EQ(0, RUN("to_process", .addr = 0));
	EXPECT_EQ(0, RUN("to_process", .addr = 7ULL << 32));
}

TEST_F(prog, no_sleep)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_map *bss = bpf_object__find_map_by_name(self->obj, ".bss");
	volatile uint64_t *p = (void *)(self->base + PAGE);
	uint64_t at = (uint64_t)p;
	int fd, zero = 0, i;

	ASSERT_NE(NULL, bss);
	ASSERT_EQ(self->base, ALLOC(.nr = 2));
	ASSERT_EQ(0, bpf_map_update_elem(bpf_map__fd(bss), &zero, &at, 0));
	fd = bpf_program__fd(bpf_object__find_program_by_name(self->obj, "count_there"));
	for (i = 1; i <= 3; i++) {
		ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
		EXPECT_EQ(i, *p);
		EXPECT_EQ(i, opts.retval);
	}
}

/* What the cast gives under BPF_F_NO_USER_CONV is the lower half. */
TEST(no_user_conv)
{
	struct bpf_object *obj;
	uint64_t base;

	NEED_JIT();
	obj = obj_load("arena", BPF_F_MMAPABLE | BPF_F_NO_USER_CONV, AT, &base);
	ASSERT_NE(NULL, obj);
	EXPECT_EQ((uint32_t)(base + 5), run(obj, "to_process", &(struct call){ .addr = base + 5 }));
	munmap((void *)base, SIZE);
	bpf_object__close(obj);
}

/* ------------------------------------------------------------------ data structures */

TEST(lists)
{
	uint64_t base, sum = 0, want = 0, n;
	struct call c = { .nr = 600 };
	struct bpf_object *obj;
	struct element *e;

	NEED_JIT();
	obj = obj_load("lists", BPF_F_MMAPABLE, AT, &base);
	ASSERT_NE(NULL, obj);
	e = (void *)run(obj, "list_build", &c);
	ASSERT_NE(NULL, e);
	for (n = 0; e; e = e->next, n++) {
		sum += e->value;
		want += n;
		e->value++;
	}
	EXPECT_EQ(600, n);
	EXPECT_EQ(want, sum);
	c.addr = c.result;
	EXPECT_EQ(want + 600, run(obj, "list_add", &c));
	munmap((void *)base, SIZE);
	bpf_object__close(obj);
}

/* ------------------------------------------------------------------ refusals */

static char log_buf[65536];

static int load_with(int first, int second)
{
	struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, first), LD_MAP_FD(BPF_REG_2, second),
		MOV_IMM(BPF_REG_0, 0), EXIT(),
	};

	log_buf[0] = 0;
	return BPF(BPF_PROG_LOAD, .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = PTR(insns),
		   .insn_cnt = sizeof(insns) / sizeof(insns[0]), .license = PTR("GPL"),
		   .log_buf = PTR(log_buf), .log_size = sizeof(log_buf), .log_level = 1);
}

TEST(refused)
{
	int a = arena_new(1, BPF_F_MMAPABLE, AT), b = arena_new(1, BPF_F_MMAPABLE, 2 * AT);
	int none = arena_new(1, BPF_F_MMAPABLE, 0), fd;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_LE(0, none);
	if (!compiled()) {
		EXPECT_EQ(-EOPNOTSUPP, load_with(a, a));
		EXPECT_NE(NULL, strstr(log_buf, "JIT is required to use arena"))
			TH_LOG("%s", log_buf);
		return;
	}
	fd = load_with(a, a);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EBUSY, load_with(a, b));
	EXPECT_NE(NULL, strstr(log_buf, "Only one arena per program")) TH_LOG("%s", log_buf);
	EXPECT_EQ(-EINVAL, load_with(none, none));
	EXPECT_NE(NULL, strstr(log_buf, "arena's user address must be set"))
		TH_LOG("%s", log_buf);
	close(a);
	close(b);
	close(none);
}

/* ------------------------------------------------------------------ all at once */

static struct bpf_object *storm_obj;
static volatile bool stop;

static void *storm_thread(void *arg)
{
	volatile char *p = arg;
	long rounds = 0;
	struct call c;

	for (; !stop; rounds++) {
		c = (struct call){ .node = -1, .nr = 1 + rounds % 3 };
		if (rounds % 2) {
			run(storm_obj, "pages_alloc", &c);
		} else {
			c.addr = (uint64_t)p + rounds % ARENA_PAGES * PAGE;
			run(storm_obj, "pages_free", &c);
		}
		p[rounds * 7 % ARENA_PAGES * PAGE]++;
	}
	return (void *)rounds;
}

/* Pages come and go under processes that use them and programs that allocate them. */
TEST(storm)
{
	pthread_t t[3];
	uint64_t base;
	void *rounds;
	int i;

	NEED_JIT();
	storm_obj = obj_load("arena", BPF_F_MMAPABLE, AT, &base);
	ASSERT_NE(NULL, storm_obj);
	for (i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, storm_thread, (void *)base);
	sleep(2);
	stop = true;
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], &rounds);
		EXPECT_LT(0, (long)rounds);
	}
	/* all of it can be had when all of it was freed */
	run(storm_obj, "pages_free", &(struct call){ .addr = base, .nr = ARENA_PAGES });
	EXPECT_EQ(base, run(storm_obj, "pages_alloc",
			    &(struct call){ .nr = ARENA_PAGES, .node = -1 }));
	munmap((void *)base, SIZE);
	bpf_object__close(storm_obj);
}

TEST_HARNESS_MAIN
