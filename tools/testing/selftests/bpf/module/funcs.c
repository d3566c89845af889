// SPDX-License-Identifier: GPL-2.0
/* Programs at the functions and tracepoints of a module, through its life. */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "module.h"

/* What the module's functions add up to, whoever looks on. */
#define SUM	75157

FIXTURE(funcs) {
	struct bpf_object *obj;
	struct bpf_link *links[64];
	int nr;
};

FIXTURE_SETUP(funcs)
{
	/* a test that was killed lets go some time later */
	unload_module_soon();
	ASSERT_EQ(0, load_module());
	self->obj = open_object("funcs");
	ASSERT_NE(NULL, self->obj);
	forget_said();
	ASSERT_EQ(0, bpf_object__load(self->obj)) TH_LOG("%s", vlog);
}

static void drop_links(FIXTURE_DATA(funcs) *self)
{
	while (self->nr)
		bpf_link__destroy(self->links[--self->nr]);
}

FIXTURE_TEARDOWN(funcs)
{
	drop_links(self);
	bpf_object__close(self->obj);
	EXPECT_EQ(0, unload_module_soon());
}

#define U64(name) (*(volatile __u64 *)var(self->obj, name))
#define U64_AT(name, i) (((volatile __u64 *)var(self->obj, name))[i])

static struct bpf_link *at(FIXTURE_DATA(funcs) *self, const char *prog)
{
	struct bpf_link *link;

	link = bpf_program__attach(bpf_object__find_program_by_name(self->obj, prog));
	if (link)
		self->links[self->nr++] = link;
	return link;
}

/* ------------------------------------------------------------------ arguments and results */

/* Words as they stand in a context: structs by value take one word for each eight bytes. */
static const struct {
	const char *name;
	int words;
	__u64 arg[16];
	__u64 ret;
} shapes[] = {
	{ "args0", 0, { 0 }, 100 },
	{ "args1", 1, { 1 }, 1 },
	{ "args2", 2, { 1, 2 }, 3 },
	{ "args3", 3, { 1, 2, 3 }, 6 },
	{ "args4", 4, { 1, 2, 3, 4 }, 10 },
	{ "args5", 5, { 1, 2, 3, 4, 5 }, 15 },
	{ "args6", 6, { 1, 2, 3, 4, 5, 6 }, 21 },
	{ "args7", 7, { 1, 2, 3, 4, 5, 6, 7 }, 28 },
	{ "args8", 8, { 1, 2, 3, 4, 5, 6, 7, 8 }, 36 },
	{ "args9", 9, { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 45 },
	{ "args10", 10, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 55 },
	{ "args11", 11, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, 66 },
	{ "args12", 12, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, 78 },
	{ "struct1", 2, { 3000, 1 }, 3001 },
	{ "struct2", 4, { 1, 1000, 2000, 2 }, 3003 },
	{ "struct_split", 8, { 1, 2, 3, 4, 5, 1000, 2000, 6 }, 3021 },
};

#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

static __u64 checksum(int i)
{
	__u64 sum = 0;
	int n;

	for (n = 0; n < shapes[i].words; n++)
		sum = sum * 31 + shapes[i].arg[n];
	return sum;
}

static void check_shape(struct __test_metadata *_metadata, FIXTURE_DATA(funcs) *self, int i,
			const char *side)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_nr", side);
	EXPECT_EQ(1, U64_AT(name, i)) TH_LOG("%s %s", side, shapes[i].name);
	snprintf(name, sizeof(name), "%s_cnt", side);
	EXPECT_EQ(shapes[i].words, U64_AT(name, i)) TH_LOG("%s %s", side, shapes[i].name);
	snprintf(name, sizeof(name), "%s_sum", side);
	/* the upper half of an int in a struct's second word is padding */
	if (!strncmp(shapes[i].name, "struct2", 7) || !strncmp(shapes[i].name, "struct_split", 12))
		return;
	EXPECT_EQ(checksum(i), U64_AT(name, i)) TH_LOG("%s %s", side, shapes[i].name);
}

static void clear(FIXTURE_DATA(funcs) *self)
{
	static const char *const names[] = { "entry_nr", "exit_nr" };
	int i;

	for (i = 0; i < 2; i++)
		memset(var(self->obj, names[i]), 0, 32 * sizeof(__u64));
}

/* sides: 1 entry, 2 exit */
static void try_shape(struct __test_metadata *_metadata, FIXTURE_DATA(funcs) *self, int i,
		      int sides)
{
	char name[32];

	clear(self);
	if (sides & 1) {
		snprintf(name, sizeof(name), "entry_%s", shapes[i].name);
		ASSERT_NE(NULL, at(self, name)) TH_LOG("%s: %d", name, errno);
	}
	if (sides & 2) {
		snprintf(name, sizeof(name), "exit_%s", shapes[i].name);
		ASSERT_NE(NULL, at(self, name)) TH_LOG("%s: %d", name, errno);
	}
	EXPECT_EQ(SUM, trigger("h")) TH_LOG("%s sides %d", shapes[i].name, sides);
	if (sides & 1)
		check_shape(_metadata, self, i, "entry");
	if (sides & 2) {
		check_shape(_metadata, self, i, "exit");
		EXPECT_EQ(shapes[i].ret, U64_AT("exit_ret", i)) TH_LOG("%s", shapes[i].name);
	}
	drop_links(self);
}

TEST_F_TIMEOUT(funcs, arguments, 400)
{
	int i, sides;

	ASSERT_EQ(SUM, trigger("h"));
	for (i = 0; i < SHAPES; i++) {
		for (sides = 1; sides <= 3; sides++)
			try_shape(_metadata, self, i, sides);
	}
}

/* All of them at once. */
TEST_F_TIMEOUT(funcs, all_at_once, 120)
{
	char name[32];
	int i;

	clear(self);
	for (i = 0; i < SHAPES; i++) {
		snprintf(name, sizeof(name), "entry_%s", shapes[i].name);
		ASSERT_NE(NULL, at(self, name));
		snprintf(name, sizeof(name), "exit_%s", shapes[i].name);
		ASSERT_NE(NULL, at(self, name));
	}
	EXPECT_EQ(SUM, trigger("h"));
	for (i = 0; i < SHAPES; i++) {
		check_shape(_metadata, self, i, "entry");
		check_shape(_metadata, self, i, "exit");
	}
}

TEST_F(funcs, results)
{
	static const char *const progs[] = {
		"typed_ret8", "typed_rets8", "typed_ret16", "typed_ret32", "typed_rets32",
		"typed_retbool", "typed_retptr", "typed_args12",
	};
	unsigned int i;

	for (i = 0; i < sizeof(progs) / sizeof(progs[0]); i++)
		ASSERT_NE(NULL, at(self, progs[i]));
	EXPECT_EQ(SUM, trigger("h"));
	EXPECT_EQ(0xff, U64("r8"));
	EXPECT_EQ(-128, (long long)U64("rs8"));
	EXPECT_EQ(0xfffe, U64("r16"));
	EXPECT_EQ(0xfffffffcULL, U64("r32"));
	EXPECT_EQ(-5, (long long)U64("rs32"));
	EXPECT_EQ(1, U64("rbool"));
	EXPECT_EQ(707, U64("ptr_number"));
	EXPECT_EQ(650, U64("typed_sum"));
}

TEST_F(funcs, modified)
{
	EXPECT_EQ(33, trigger("m33"));
	ASSERT_NE(NULL, at(self, "modify"));
	EXPECT_EQ(33, trigger("m33"));
	*(volatile int *)var(self->obj, "new_result") = -7;
	EXPECT_EQ(-7, trigger("m33"));
	drop_links(self);
	EXPECT_EQ(33, trigger("m33"));
	/* instead of a function that sleeps, a program that may */
	ASSERT_NE(NULL, at(self, "modify_sleeping"));
	EXPECT_EQ(-7, trigger("s100000"));
}

TEST_F(funcs, tracepoint)
{
	ASSERT_NE(NULL, at(self, "event_typed"));
	ASSERT_NE(NULL, at(self, "event_raw"));
	EXPECT_EQ(0, trigger("e5"));
	EXPECT_EQ(0, trigger("e6"));
	EXPECT_EQ(2, U64("ev_typed"));
	EXPECT_EQ(2, U64("ev_raw"));
	EXPECT_EQ(6, U64("ev_raw_number"));
	EXPECT_EQ(getpid(), U64("ev_pid"));
}

TEST_F(funcs, kernel_functions)
{
	ASSERT_NE(NULL, at(self, "calls"));
	EXPECT_EQ(SUM, trigger("h"));
	EXPECT_EQ(3, U64("added"));
	EXPECT_EQ(4, U64("number"));
	EXPECT_EQ(0, trigger("n"));
}

/* ------------------------------------------------------------------ the module's end */

TEST_F_TIMEOUT(funcs, unload, 90)
{
	/* loaded programs hold it: they were resolved to its functions */
	EXPECT_EQ(-EAGAIN, unload_module());
	ASSERT_NE(NULL, at(self, "entry_args1"));
	EXPECT_EQ(-EAGAIN, unload_module());
	drop_links(self);
	EXPECT_EQ(-EAGAIN, unload_module());
	bpf_object__close(self->obj);
	self->obj = NULL;
	EXPECT_EQ(0, unload_module_soon());
	EXPECT_NE(0, access("/sys/kernel/btf/kbpf_test", F_OK));
	EXPECT_EQ(0, load_module());
	EXPECT_EQ(0, access("/sys/kernel/btf/kbpf_test", F_OK));
}

static void *sleeper(void *arg)
{
	return (void *)(long)trigger("s600");
}

/* A task asleep in a function keeps the code around it, and that the module. */
TEST_F_TIMEOUT(funcs, unload_under_sleeper, 90)
{
	struct bpf_link *link;
	pthread_t thread;
	void *ret;

	link = at(self, "exit_sleeps");
	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, pthread_create(&thread, NULL, sleeper, NULL));
	usleep(200000);
	drop_links(self);
	bpf_object__close(self->obj);
	self->obj = NULL;
	EXPECT_EQ(-EAGAIN, unload_module());
	pthread_join(thread, &ret);
	EXPECT_EQ(600, (long)ret);
	EXPECT_EQ(0, unload_module_soon());
	EXPECT_EQ(0, load_module());
}

/* BTF that somebody has an fd of stays when the module goes, but leads nowhere. */
TEST_F_TIMEOUT(funcs, types, 90)
{
	char name[32] = "";
	struct btf *base = btf__load_vmlinux_btf(), *btf;
	struct bpf_btf_info info = { .name = (uintptr_t)name, .name_len = sizeof(name) };
	__u32 id = 0, len = sizeof(info);
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	struct bpf_insn insns[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	int fd = -1, func, prog;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		ASSERT_LE(0, fd);
		len = sizeof(info);
		info = (struct bpf_btf_info){ .name = (uintptr_t)name, .name_len = sizeof(name) };
		ASSERT_EQ(0, bpf_btf_get_info_by_fd(fd, &info, &len));
		if (info.kernel_btf && !strcmp(name, "kbpf_test"))
			break;
		close(fd);
		fd = -1;
	}
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, info.kernel_btf);
	EXPECT_EQ(id, info.id);
	EXPECT_LT(0, info.btf_size);

	btf = btf__load_from_kernel_by_id_split(id, base);
	ASSERT_NE(NULL, btf);
	func = btf__find_by_name_kind(btf, "kbpf_test_args12", BTF_KIND_FUNC);
	ASSERT_LT((int)btf__type_cnt(base), func);
	EXPECT_LT((int)btf__type_cnt(base),
		  btf__find_by_name_kind(btf, "kbpf_test_ops", BTF_KIND_STRUCT));
	EXPECT_GT((int)btf__type_cnt(base),
		  btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT));
	btf__free(btf);
	btf = btf__parse_split("/sys/kernel/btf/kbpf_test", base);
	ASSERT_NE(NULL, btf);
	EXPECT_EQ(func, btf__find_by_name_kind(btf, "kbpf_test_args12", BTF_KIND_FUNC));

	opts.attach_btf_obj_fd = fd;
	opts.attach_btf_id = func;
	opts.expected_attach_type = BPF_TRACE_FENTRY;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "t", "GPL", insns, 2, &opts);
	EXPECT_LE(0, prog);
	close(prog);
	bpf_object__close(self->obj);
	self->obj = NULL;
	EXPECT_EQ(0, unload_module_soon());
	EXPECT_GT(0, bpf_prog_load(BPF_PROG_TYPE_TRACING, "t", "GPL", insns, 2, &opts));
	close(fd);
	EXPECT_EQ(0, load_module());
	btf__free(btf);
	btf__free(base);
}

/* Modules that come and go while programs are loaded for them. */
TEST_F_TIMEOUT(funcs, storm_of_modules, 200)
{
	int i, got = 0, status, pid;

	bpf_object__close(self->obj);
	self->obj = NULL;
	pid = fork();
	if (!pid) {
		for (;;) {
			unload_module();
			usleep(3000);
			load_module();
			/* long enough for some of the loads */
			usleep(500000);
		}
	}
	for (i = 0; i < 25; i++) {
		struct bpf_object *obj = open_object("funcs");
		struct bpf_link *link;

		only(obj, "calls");
		if (!bpf_object__load(obj)) {
			link = bpf_program__attach(bpf_object__find_program_by_name(obj, "calls"));
			got += !!link;
			if (link)
				EXPECT_EQ(SUM, trigger("h"));
			bpf_link__destroy(link);
		}
		bpf_object__close(obj);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	load_module();
	EXPECT_LT(0, got);
}

/* ------------------------------------------------------------------ live patches */

/* What the function returns, and that programs at it saw just that; counts are reset. */
static void check_patched(struct __test_metadata *_metadata, FIXTURE_DATA(funcs) *self,
			  bool patched, bool entry, bool exit)
{
	__u64 want = patched ? 1005 : 5;

	clear(self);
	EXPECT_EQ(want, trigger("c5"));
	EXPECT_EQ(entry, U64_AT("entry_nr", 1));
	EXPECT_EQ(exit, U64_AT("exit_nr", 1));
	if (entry)
		EXPECT_EQ(5, U64_AT("entry_sum", 1));
	if (exit) {
		EXPECT_EQ(5, U64_AT("exit_sum", 1));
		EXPECT_EQ(want, U64_AT("exit_ret", 1));
	}
}

/* Whoever comes first, programs go on with the function that stands there then. */
TEST_F_TIMEOUT(funcs, live_patch, 200)
{
	check_patched(_metadata, self, false, false, false);
	ASSERT_EQ(0, trigger("p1"));
	check_patched(_metadata, self, true, false, false);
	ASSERT_NE(NULL, at(self, "entry_args1"));
	check_patched(_metadata, self, true, true, false);
	ASSERT_NE(NULL, at(self, "exit_args1"));
	check_patched(_metadata, self, true, true, true);
	ASSERT_EQ(0, trigger("p0"));
	check_patched(_metadata, self, false, true, true);
	ASSERT_EQ(0, trigger("p1"));
	check_patched(_metadata, self, true, true, true);
	drop_links(self);
	check_patched(_metadata, self, true, false, false);
	ASSERT_EQ(0, trigger("p0"));
	check_patched(_metadata, self, false, false, false);
	ASSERT_NE(NULL, at(self, "exit_args1"));
	check_patched(_metadata, self, false, false, true);
	ASSERT_EQ(0, trigger("p1"));
	check_patched(_metadata, self, true, false, true);
	drop_links(self);
	ASSERT_EQ(0, trigger("p0"));
}

/* ------------------------------------------------------------------ counts under change */

#define CALLS 20000

static void *caller(void *arg)
{
	char what[32];

	snprintf(what, sizeof(what), "r%d", CALLS);
	trigger(what);
	return NULL;
}

/* One program stays, others come and go on both sides of it: not a call is lost. */
TEST_F_TIMEOUT(funcs, storm, 200)
{
	pthread_t threads[2];
	int i, n, rounds = 0;

	ASSERT_NE(NULL, at(self, "counts"));
	for (n = 0; n < 3; n++) {
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, pthread_create(&threads[i], NULL, caller, NULL));
		for (i = 0; i < 8; i++, rounds++) {
			ASSERT_NE(NULL, at(self, i % 2 ? "entry_args1" : "exit_args1"));
			bpf_link__destroy(self->links[--self->nr]);
		}
		for (i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
	}
	EXPECT_EQ(3ULL * 2 * CALLS, U64("calls_seen"));
}

/* ------------------------------------------------------------------ what is refused */

static const struct {
	const char *prog;
	const char *text;
} verdicts[] = {
	{ "too_many", "has 13 arguments. Too many." },
	{ "not_modifiable", "kbpf_test_args1() is not modifiable" },
	{ "not_sleepable", "kbpf_test_args1 is not sleepable" },
	{ "not_offered", "calling kernel function kbpf_test_private is not allowed" },
	{ "not_trusted", "must be referenced or trusted" },
	{ "keeps_reference", "Unreleased reference" },
	{ "releases_null", "ossibly NULL pointer passed to trusted arg0" },
	{ "sleeps", "kbpf_test_sleep" },
	{ "third_arg", "doesn't have 3-th argument" },
	{ "result_of_none", "invalid bpf_context access" },
};

TEST(refused)
{
	unsigned int i;

	unload_module_soon();
	ASSERT_EQ(0, load_module());
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		EXPECT_GT(0, try_load("reject", verdicts[i].prog))
			TH_LOG("%s is accepted", verdicts[i].prog);
		EXPECT_NE(NULL, strstr(vlog, verdicts[i].text))
			TH_LOG("%s: no \"%s\" in %s", verdicts[i].prog, verdicts[i].text, vlog);
	}
	EXPECT_EQ(0, unload_module_soon());
}

TEST_HARNESS_MAIN
