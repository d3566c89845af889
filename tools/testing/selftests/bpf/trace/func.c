// SPDX-License-Identifier: GPL-2.0
/*
 * Programs at functions of the kernel: arguments, results, cookies, links, storms of attachments.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "kselftest_harness.h"
#include "object.h"

#define COOKIE	0x1122334455667788ULL
#define PROGS_MAX 38

#define U64(name) (*(volatile __u64 *)var(self->obj, name))
#define INT(name) (*(volatile int *)var(self->obj, name))

static int run(struct bpf_object *obj, const char *name, __u32 *retval)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog_of(obj, name)), &opts);

	if (retval)
		*retval = opts.retval;
	return err;
}

static struct bpf_link *attach(struct bpf_object *obj, const char *name)
{
	return bpf_program__attach(prog_of(obj, name));
}

FIXTURE(func) {
	struct bpf_object *obj;
};

FIXTURE_SETUP(func)
{
	self->obj = open_object("func");
	ASSERT_NE(NULL, self->obj);
}

FIXTURE_TEARDOWN(func)
{
	bpf_object__close(self->obj);
}

#define LOAD(...)								\
	do {									\
		static const char *const names[] = { __VA_ARGS__, NULL };	\
										\
		load_only(self->obj, names);					\
		ASSERT_EQ(0, bpf_object__load(self->obj));			\
	} while (0)

TEST_F(func, entry_arguments)
{
	static const char *const names[] = {
		"entry1", "entry2", "entry3", "entry4", "entry5", "entry6", "entry7", NULL,
	};
	struct bpf_link *links[7];
	volatile __u64 *entered;
	int i;

	load_only(self->obj, names);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	for (i = 0; i < 7; i++) {
		links[i] = attach(self->obj, names[i]);
		ASSERT_NE(NULL, links[i]);
	}
	ASSERT_EQ(0, run(self->obj, "entry1", NULL));
	entered = var(self->obj, "entered");
	for (i = 1; i <= 7; i++)
		EXPECT_EQ(1, entered[i]) TH_LOG("bpf_fentry_test%d", i);
	EXPECT_EQ(0, U64("probe_next"));
	for (i = 0; i < 7; i++)
		bpf_link__destroy(links[i]);
	for (i = 1; i <= 7; i++)
		entered[i] = 0;
	ASSERT_EQ(0, run(self->obj, "entry1", NULL));
	for (i = 1; i <= 7; i++)
		EXPECT_EQ(0, entered[i]) TH_LOG("detached: bpf_fentry_test%d", i);
}

TEST_F(func, bare_program_counts)
{
	struct bpf_link *link;
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int i, stats;

	LOAD("bare1");
	link = attach(self->obj, "bare1");
	ASSERT_NE(NULL, link);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, run(self->obj, "bare1", NULL));
	EXPECT_EQ(100, U64("bare_hits"));
	/* with statistics on it goes another way */
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	ASSERT_LE(0, stats);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, run(self->obj, "bare1", NULL));
	close(stats);
	EXPECT_EQ(110, U64("bare_hits"));
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(bpf_program__fd(prog_of(self->obj, "bare1")), &info,
					    &len));
	EXPECT_EQ(10, info.run_cnt);
	EXPECT_LT(0, info.run_time_ns);
	bpf_link__destroy(link);
}

TEST_F(func, cookie_ip_and_info)
{
	LIBBPF_OPTS(bpf_trace_opts, opts, .cookie = COOKIE);
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	struct bpf_link *link;

	LOAD("entry1");
	link = bpf_program__attach_trace_opts(prog_of(self->obj, "entry1"), &opts);
	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, run(self->obj, "entry1", NULL));
	EXPECT_EQ(COOKIE, U64("cookie_seen"));
	EXPECT_NE(0, U64("ip_seen"));
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_TRACING, info.type);
	EXPECT_EQ(BPF_TRACE_FENTRY, info.tracing.attach_type);
	EXPECT_EQ(1, info.tracing.target_obj_id);
	EXPECT_LT(0, info.tracing.target_btf_id);
	/* once a program and function */
	EXPECT_EQ(NULL, attach(self->obj, "entry1"));
	EXPECT_EQ(EBUSY, errno);
	ASSERT_EQ(0, bpf_link__detach(link));
	*(volatile __u64 *)((__u64 *)var(self->obj, "entered") + 1) = 0;
	ASSERT_EQ(0, run(self->obj, "entry1", NULL));
	EXPECT_EQ(0, ((__u64 *)var(self->obj, "entered"))[1]);
	bpf_link__destroy(link);
}

TEST_F(func, exit_results)
{
	static const char *const names[] = { "exit1", "exit2", "exit6", "entry1", NULL };
	struct bpf_link *links[4];
	volatile __u64 *exited;
	int i;

	load_only(self->obj, names);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	for (i = 0; i < 4; i++) {
		links[i] = attach(self->obj, names[i]);
		ASSERT_NE(NULL, links[i]);
	}
	ASSERT_EQ(0, run(self->obj, "exit1", NULL));
	exited = var(self->obj, "exited");
	EXPECT_EQ(1, exited[1]);
	EXPECT_EQ(1, exited[2]);
	EXPECT_EQ(1, exited[6]);
	EXPECT_EQ(1, ((__u64 *)var(self->obj, "entered"))[1]);
	EXPECT_EQ(6, U64("arg_cnt"));
	EXPECT_EQ(16 + 17 + 18 + 19 + 20 + 21, U64("arg_sum"));
	EXPECT_EQ(-EINVAL, (int)U64("arg_err"));
	EXPECT_EQ(111, U64("ret_seen"));
	for (i = 0; i < 4; i++)
		bpf_link__destroy(links[i]);
}

TEST_F(func, result_modified)
{
	struct bpf_link *mod, *exit;
	__u32 ret;

	LOAD("modify", "modify_exit");
	mod = attach(self->obj, "modify");
	exit = attach(self->obj, "modify_exit");
	ASSERT_NE(NULL, mod);
	ASSERT_NE(NULL, exit);
	/* 0: the function runs, and has its side effect */
	ASSERT_EQ(0, run(self->obj, "modify", &ret));
	EXPECT_EQ(1 << 16 | 4, ret);
	EXPECT_EQ(4, U64("mod_exit"));
	EXPECT_EQ(1, U64("mod_args"));
	INT("mod_result") = -7;
	ASSERT_EQ(0, run(self->obj, "modify", &ret));
	EXPECT_EQ((__u16)-7, ret);
	EXPECT_EQ((__u32)-7, U64("mod_exit"));
	bpf_link__destroy(mod);
	ASSERT_EQ(0, run(self->obj, "modify", &ret));
	EXPECT_EQ(1 << 16 | 4, ret);
	bpf_link__destroy(exit);
}

TEST_F(func, tracepoint_typed)
{
	struct bpf_link *link;
	int i;

	LOAD("on_switch");
	link = attach(self->obj, "on_switch");
	ASSERT_NE(NULL, link);
	for (i = 0; i < 10; i++)
		usleep(1000);
	EXPECT_LT(0, U64("switches"));
	bpf_link__destroy(link);
}

/* ------------------------------------------------------------------ storms */

static atomic_int stop;
static atomic_ullong slept;

static void *sleeper(void *arg)
{
	struct timespec ts = { .tv_nsec = 500000 };

	while (!stop) {
		nanosleep(&ts, NULL);
		slept++;
	}
	return NULL;
}

/*
 * One CPU: emulators have been seen to run text that another CPU has patched as it was before,
 * which ends in an int3 that nobody knows, with plain function tracing as well.
 */
static int pin_to_cpu0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* hazard_2026_23319: links go, and code is replaced, under tasks that sleep in the function. */
TEST_F(func, attach_storm)
{
	struct bpf_link *entry, *exit;
	pthread_t threads[4];
	int i;

	LOAD("nap_entry", "nap_exit");
	ASSERT_EQ(0, pin_to_cpu0());
	INT("nap_pid") = getpid();
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, sleeper, NULL));
	for (i = 0; i < 30; i++) {
		entry = attach(self->obj, "nap_entry");
		ASSERT_NE(NULL, entry);
		exit = attach(self->obj, "nap_exit");
		ASSERT_NE(NULL, exit);
		usleep(2000);
		bpf_link__destroy(i & 1 ? entry : exit);
		usleep(500);
		bpf_link__destroy(i & 1 ? exit : entry);
	}
	stop = 1;
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_LT(0, U64("naps"));
	EXPECT_LT(0, U64("naps_over"));
	EXPECT_LT(0, slept);
}

static void *long_sleeper(void *arg)
{
	struct timespec ts = { .tv_sec = 6 };

	nanosleep(&ts, NULL);
	return NULL;
}

/* A program goes although a task still sleeps in the code that was to call it. */
TEST_F(func, program_gone_while_task_sleeps)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct bpf_link *link;
	pthread_t thread;
	int fd, i;

	LOAD("nap_exit");
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(bpf_program__fd(prog_of(self->obj, "nap_exit")), &info,
					    &len));
	INT("nap_pid") = getpid();
	link = attach(self->obj, "nap_exit");
	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, pthread_create(&thread, NULL, long_sleeper, NULL));
	usleep(300000);
	bpf_link__destroy(link);
	bpf_object__close(self->obj);
	self->obj = NULL;
	for (i = 0; i < 45; i++) {
		fd = bpf_prog_get_fd_by_id(info.id);
		if (fd < 0)
			break;
		close(fd);
		usleep(100000);
	}
	EXPECT_LT(fd, 0) TH_LOG("the program is still there");
	pthread_join(thread, NULL);
}

/* Every call is counted by each of two programs while a third comes and goes. */
TEST_F(func, nothing_lost)
{
	struct bpf_link *bare, *other;
	int i;

	LOAD("bare1", "entry1");
	bare = attach(self->obj, "bare1");
	ASSERT_NE(NULL, bare);
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, run(self->obj, "bare1", NULL));
		other = attach(self->obj, "entry1");
		ASSERT_NE(NULL, other);
		ASSERT_EQ(0, run(self->obj, "bare1", NULL));
		bpf_link__destroy(other);
	}
	EXPECT_EQ(100, U64("bare_hits"));
	bpf_link__destroy(bare);
}

TEST(many_programs)
{
	struct bpf_object *objs[PROGS_MAX + 1] = {};
	struct bpf_link *links[PROGS_MAX + 1] = {};
	static const char *const names[] = { "stack_one", NULL };
	__u64 sum = 0;
	int i;

	for (i = 0; i <= PROGS_MAX; i++) {
		objs[i] = open_object("func");
		ASSERT_NE(NULL, objs[i]);
		load_only(objs[i], names);
		ASSERT_EQ(0, bpf_object__load(objs[i]));
		links[i] = attach(objs[i], "stack_one");
		if (i < PROGS_MAX)
			ASSERT_NE(NULL, links[i]) TH_LOG("program %d: %d", i, errno);
	}
	EXPECT_EQ(NULL, links[PROGS_MAX]);
	EXPECT_EQ(E2BIG, errno);
	ASSERT_EQ(0, run(objs[0], "stack_one", NULL));
	for (i = 0; i < PROGS_MAX; i++)
		sum += *(__u64 *)var(objs[i], "stacked");
	EXPECT_EQ(PROGS_MAX, sum);
	for (i = 0; i <= PROGS_MAX; i++) {
		bpf_link__destroy(links[i]);
		bpf_object__close(objs[i]);
	}
}

/* ------------------------------------------------------------------ reading the kernel */

/* With CAP_PERFMON programs of every type may read the kernel and print. */
TEST(readers)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SCHED_ACT,
		BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_PROG_TYPE_SK_REUSEPORT,
		BPF_PROG_TYPE_SK_LOOKUP, BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_TRACEPOINT,
		BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_SYSCALL,
	};
	const struct bpf_insn insns[] = {
		/* to the stack, from the task */
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_task_btf },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_trace_printk },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static char log[1 << 14];
	unsigned int i;
	int fd;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log),
			    .log_level = 1);

		if (types[i] == BPF_PROG_TYPE_SK_LOOKUP)
			opts.expected_attach_type = BPF_SK_LOOKUP;
		if (types[i] == BPF_PROG_TYPE_SYSCALL)
			opts.prog_flags = BPF_F_SLEEPABLE;
		fd = bpf_prog_load(types[i], NULL, "GPL", insns, sizeof(insns) / sizeof(insns[0]),
				   &opts);
		EXPECT_LE(0, fd) TH_LOG("type %d: %s", types[i], log);
		if (fd >= 0)
			close(fd);
	}
}

/* ------------------------------------------------------------------ what is refused */

static int load_at(enum bpf_prog_type type, enum bpf_attach_type attach_type, __u32 btf_id,
		   char *log,
		   size_t size)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type,
		    .attach_btf_id = btf_id, .log_buf = log, .log_size = size, .log_level = 1);
	int fd = bpf_prog_load(type, NULL, "GPL", insns, 2, &opts);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -errno : 0;
}

TEST(refused)
{
	struct btf *btf = btf__load_vmlinux_btf();
	char log[4096] = "";
	int id;

	ASSERT_NE(NULL, btf);
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 1, log, sizeof(log)));
	EXPECT_NE(NULL, strstr(log, "attach_btf_id 1 is not a function"));
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_EXT, 0, 1, log, sizeof(log)));
	EXPECT_NE(NULL, strstr(log, "Cannot replace kernel functions"));
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 0, log, sizeof(log)));
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, 1, log, sizeof(log)));

	id = btf__find_by_name_kind(btf, "do_exit", BTF_KIND_FUNC);
	ASSERT_LT(0, id);
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, id, log, sizeof(log)));
	EXPECT_NE(NULL, strstr(log, "__noreturn function 'do_exit'"));
	EXPECT_EQ(0, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, id, log, sizeof(log)));

	id = btf__find_by_name_kind(btf, "migrate_disable", BTF_KIND_FUNC);
	ASSERT_LT(0, id);
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, id, log, sizeof(log)));

	id = btf__find_by_name_kind(btf, "vfs_open", BTF_KIND_FUNC);
	ASSERT_LT(0, id);
	EXPECT_EQ(-EINVAL, load_at(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, id, log, sizeof(log)));
	EXPECT_NE(NULL, strstr(log, "vfs_open() is not modifiable"));
	btf__free(btf);
}

TEST_HARNESS_MAIN
