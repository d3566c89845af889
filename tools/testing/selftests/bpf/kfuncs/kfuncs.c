// SPDX-License-Identifier: GPL-2.0
/* Functions of the kernel that programs call: what they give, and which calls are refused why. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/types.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kfuncs.h"
#include "kselftest_harness.h"

static char log_buf[1 << 20];

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

/* The object with one program loaded; NULL and errno where it was refused, the log in log_buf. */
static struct bpf_object *load(const char *name, const char *prog_name, int *fd)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log_buf,
		    .kernel_log_size = sizeof(log_buf), .kernel_log_level = 1);
	struct bpf_program *prog;
	struct bpf_object *obj;
	char path[PATH_MAX];
	int err;

	libbpf_set_print(quiet);
	log_buf[0] = 0;
	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	obj = bpf_object__open_file(path, &opts);
	if (!obj)
		return NULL;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), prog_name));
	err = bpf_object__load(obj);
	if (err) {
		if (getenv("VERBOSE"))
			fputs(log_buf, stderr);
		bpf_object__close(obj);
		errno = -err;
		return NULL;
	}
	*fd = bpf_program__fd(bpf_object__find_program_by_name(obj, prog_name));
	return obj;
}

/* Loads and runs a program of kfuncs.bpf.c; its result, or -errno. */
static int call_obj(const char *prog, struct call *c, struct bpf_object **objp,
		    void (*prepare)(struct bpf_object *obj))
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = c, .ctx_size_in = sizeof(*c));
	struct bpf_object *obj;
	int fd, err;

	obj = load("kfuncs", prog, &fd);
	if (!obj)
		return -errno;
	if (prepare)
		prepare(obj);
	err = bpf_prog_test_run_opts(fd, &opts);
	if (objp)
		*objp = obj;
	else
		bpf_object__close(obj);
	return err ?: (int)opts.retval;
}

static int call(const char *prog, struct call *c)
{
	return call_obj(prog, c, NULL, NULL);
}

/* ------------------------------------------------------------------ iterators */

FIXTURE(num)
{
};

FIXTURE_SETUP(num)
{
}

FIXTURE_TEARDOWN(num)
{
}

FIXTURE_VARIANT(num)
{
	__s64 from, to, err, sum, cnt, first;
};

FIXTURE_VARIANT_ADD(num, few) { 0, 10, 0, 45, 10, 0 };
FIXTURE_VARIANT_ADD(num, none) { 5, 5, 0, 0, 0, 0 };
FIXTURE_VARIANT_ADD(num, negative) { -3, 3, 0, -3, 6, -3 };
FIXTURE_VARIANT_ADD(num, lowest) { INT_MIN, INT_MIN + 2, 0, 2LL * INT_MIN + 1, 2, INT_MIN };
FIXTURE_VARIANT_ADD(num, highest) { INT_MAX - 1, INT_MAX, 0, INT_MAX - 1, 1, INT_MAX - 1 };
FIXTURE_VARIANT_ADD(num, backwards) { 1, 0, -EINVAL, 0, 0, 0 };
FIXTURE_VARIANT_ADD(num, most) { 0, 8 << 20, 0, (8LL << 20) * ((8 << 20) - 1) / 2, 8 << 20, 0 };
FIXTURE_VARIANT_ADD(num, too_many) { 0, (8 << 20) + 1, -E2BIG, 0, 0, 0 };
FIXTURE_VARIANT_ADD(num, all) { INT_MIN, INT_MAX, -E2BIG, 0, 0, 0 };

TEST_F(num, counts)
{
	struct call c = { .in = { variant->from, variant->to } };

	ASSERT_EQ(0, call("num", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(variant->err, c.out[0]);
	EXPECT_EQ(variant->sum, c.out[1]);
	EXPECT_EQ(variant->cnt, c.out[2]);
	EXPECT_EQ(variant->first, c.out[3]);
	EXPECT_EQ(1, c.out[4]);
}

TEST(num_nested)
{
	struct call c = { .in = { 12 } };

	ASSERT_EQ(0, call("num_nested", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(45 + 2 * 10, c.out[0]);
}

TEST(num_index)
{
	struct call c = {};

	ASSERT_EQ(0, call("num_index", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(240, c.out[0]);
}

TEST(num_outer)
{
	struct call c = {};

	ASSERT_EQ(0, call("num_outer", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(7, c.out[0]);
	EXPECT_EQ(8, c.out[1]);
}

/* The start of .bss.bitmap, a section of its own. */
static void set_bitmap(struct bpf_object *obj)
{
	static const __u64 words[4] = { 1ULL << 63 | 1, 0, 1ULL << 5, 1ULL << 62 };
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".bss.bitmap");
	__u32 zero = 0;

	if (map)
		bpf_map_update_elem(bpf_map__fd(map), &zero, words, 0);
}

TEST(bits_errors)
{
	struct call c = { .in = { 0 } };

	ASSERT_EQ(0, call("bits", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(-EINVAL, c.out[0]);
	EXPECT_EQ(0, c.out[2]);

	c = (struct call){ .in = { 512 } };
	ASSERT_EQ(0, call("bits", &c));
	EXPECT_EQ(-E2BIG, c.out[0]);

	/* an address that is not there */
	c = (struct call){ .in = { 1, 0x1000 } };
	ASSERT_EQ(0, call("bits", &c));
	EXPECT_EQ(-EFAULT, c.out[0]);
	EXPECT_EQ(0, c.out[2]);
}

TEST(bits)
{
	struct call c = { .in = { 4 } };

	ASSERT_EQ(0, call_obj("bits", &c, NULL, set_bitmap)) TH_LOG("%s", log_buf);
	EXPECT_EQ(0, c.out[0]);
	EXPECT_EQ(4, c.out[2]);
	EXPECT_EQ(0 + 63 + 128 + 5 + 192 + 62, c.out[1]);
}

/* ------------------------------------------------------------------ tasks */

static int children(int n, int *pids, int *pipe_fds)
{
	char byte;
	int i;

	if (pipe(pipe_fds))
		return -1;
	for (i = 0; i < n; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			close(pipe_fds[1]);
			_exit(read(pipe_fds[0], &byte, 1) ? 1 : 0);
		}
	}
	return 0;
}

TEST(tasks)
{
	struct call before = { .in = { getpid(), getpid() } }, after = before, gone = before;
	int pids[5], fds[2], i;

	ASSERT_EQ(0, call("task_procs", &before)) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, before.out[0]);
	EXPECT_EQ(0, before.out[1]);
	EXPECT_EQ(1, before.out[2]);
	ASSERT_EQ(0, children(5, pids, fds));
	after.in[0] = pids[2];
	ASSERT_EQ(0, call("task_procs", &after));
	EXPECT_EQ(5, after.out[1]);
	EXPECT_EQ(1, after.out[2]);
	close(fds[1]);
	for (i = 0; i < 5; i++)
		waitpid(pids[i], NULL, 0);
	gone.in[0] = pids[2];
	ASSERT_EQ(0, call("task_procs", &gone));
	EXPECT_EQ(0, gone.out[1]);
	EXPECT_EQ(0, gone.out[2]);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_gate(void *arg)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

TEST(threads)
{
	struct call one = { .in = { getpid(), getppid() } }, many = one, procs = one, all = one;
	pthread_t tid[7];
	int i;

	ASSERT_EQ(0, call("task_threads", &one)) TH_LOG("%s", log_buf);
	EXPECT_EQ(1, one.out[1]);
	EXPECT_EQ(1, one.out[2]);
	pthread_mutex_lock(&gate);
	for (i = 0; i < 7; i++)
		pthread_create(&tid[i], NULL, wait_gate, NULL);
	ASSERT_EQ(0, call("task_threads", &many));
	ASSERT_EQ(0, call("task_procs", &procs));
	ASSERT_EQ(0, call("task_all", &all));
	pthread_mutex_unlock(&gate);
	for (i = 0; i < 7; i++)
		pthread_join(tid[i], NULL);
	EXPECT_EQ(8, many.out[1]);
	EXPECT_EQ(1, procs.out[1]);
	EXPECT_EQ(1, procs.out[2]);
	EXPECT_EQ(8, all.out[1]);
	EXPECT_EQ(1, all.out[2]);
}

TEST(task_flags)
{
	struct call c = {};

	ASSERT_EQ(0, call("task_flags", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(-EINVAL, c.out[0]);
	EXPECT_EQ(0, c.out[1]);
}

/* Iterating while tasks come and go, from two threads. */
static void *storm(void *arg)
{
	volatile int *stop = arg;

	while (!*stop) {
		int pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

TEST(task_storm)
{
	struct call c = { .in = { getpid() } };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &c, .ctx_size_in = sizeof(c));
	struct bpf_object *obj;
	volatile int stop = 0;
	pthread_t tid[2];
	int fd, i;

	obj = load("kfuncs", "task_all", &fd);
	ASSERT_NE(NULL, obj);
	for (i = 0; i < 2; i++)
		pthread_create(&tid[i], NULL, storm, (void *)&stop);
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
		ASSERT_EQ(1, c.out[2]);
	}
	stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(tid[i], NULL);
	bpf_object__close(obj);
}

TEST(task_ref)
{
	struct call c = { .in = { getpid() } };

	ASSERT_EQ(0, call("task_ref", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(getpid(), c.out[0]);
	EXPECT_EQ(getpid(), c.out[1]);
	c = (struct call){ .in = { 0x3fffff } };
	ASSERT_EQ(0, call("task_ref", &c));
	EXPECT_EQ(-1, c.out[0]);
}

TEST(task_kept)
{
	struct call c = { .in = { getpid() } };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &c, .ctx_size_in = sizeof(c));
	struct bpf_object *obj;
	int fd, pid, fds[2];

	obj = load("kfuncs", "task_kept", &fd);
	ASSERT_NE(NULL, obj) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, children(1, &pid, fds));
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(0, c.out[0]);
	c.in[0] = pid;
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(getpid(), c.out[0]);
	/* the task is kept when the process has gone */
	close(fds[1]);
	waitpid(pid, NULL, 0);
	c.in[0] = getpid();
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(pid, c.out[0]);
	/* the map gives the last one back */
	bpf_object__close(obj);
}

TEST(task_peek)
{
	struct call c = { .in = { getpid() } };

	ASSERT_EQ(0, call("task_peek", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(getpid(), c.out[0]);
	EXPECT_EQ(getpid(), c.out[1]);
}

static int areas(int pid, __u64 addr, __u64 *start, __u64 *end)
{
	unsigned long long from, to;
	char path[64], line[512];
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		/* shown, but no area of the task's */
		if (strstr(line, "[vsyscall]") || sscanf(line, "%llx-%llx", &from, &to) != 2)
			continue;
		if (addr >= from && addr < to) {
			*start = from;
			*end = to;
		}
		n++;
	}
	if (f)
		fclose(f);
	return n;
}

TEST(vmas)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct call c = {};
	struct bpf_object *obj;
	__u64 start = 0, end = 0;
	int fd, n, pid, fds[2];

	obj = load("kfuncs", "vmas", &fd);
	ASSERT_NE(NULL, obj) TH_LOG("%s", log_buf);
	opts.ctx_in = &c;
	opts.ctx_size_in = sizeof(c);
	areas(getpid(), (__u64)(long)log_buf, &start, &end);
	n = areas(getpid(), (__u64)(long)log_buf, &start, &end);
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(0, c.out[0]);
	EXPECT_EQ(n, c.out[1]);
	c.in[0] = (__s64)(long)log_buf;
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ((__s64)start, c.out[2]);
	EXPECT_EQ((__s64)end, c.out[3]);
	/* the lock was given back: this takes it for writing */
	EXPECT_NE(NULL, malloc(1 << 22));
	bpf_object__close(obj);

	ASSERT_EQ(0, children(1, &pid, fds));
	c = (struct call){ .in = { pid } };
	ASSERT_EQ(0, call("vmas_of", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(0, c.out[0]);
	EXPECT_EQ(areas(pid, 0, &start, &end), c.out[1]);
	close(fds[1]);
	waitpid(pid, NULL, 0);
	/* a thread of the kernel */
	c = (struct call){ .in = { 2 } };
	ASSERT_EQ(0, call("vmas_of", &c));
	EXPECT_EQ(-ENOENT, c.out[0]);
	EXPECT_EQ(0, c.out[1]);
}

/* ------------------------------------------------------------------ groups */

static const char *const groups[] = {
	"/sys/fs/cgroup/kfuncs", "/sys/fs/cgroup/kfuncs/a", "/sys/fs/cgroup/kfuncs/a/b",
	"/sys/fs/cgroup/kfuncs/c",
};

static __s64 id_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (__s64)st.st_ino;
}

TEST(cgroups)
{
	struct call c = {};
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_TRUE(!mkdir(groups[i], 0755) || errno == EEXIST);
	c.in[0] = id_of(groups[2]);
	c.in[1] = 1;
	ASSERT_EQ(0, call("cgroups", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(c.in[0], c.out[0]);
	EXPECT_EQ(3, c.out[1]);
	EXPECT_EQ(id_of(groups[0]), c.out[2]);
	EXPECT_EQ(0, c.out[3]);
	EXPECT_EQ(1, c.out[4]);

	c = (struct call){ .in = { id_of(groups[0]), 0 } };
	ASSERT_EQ(0, call("cgroups", &c));
	EXPECT_EQ(id_of("/sys/fs/cgroup"), c.out[2]);
	EXPECT_EQ(1, c.out[3]);
	EXPECT_EQ(4, c.out[4]);

	/* no such level, no such group */
	c = (struct call){ .in = { id_of(groups[0]), 5 } };
	ASSERT_EQ(0, call("cgroups", &c));
	EXPECT_EQ(0, c.out[2]);
	for (i = 3; i >= 0; i--)
		rmdir(groups[i] == groups[1] ? groups[2] : groups[i == 2 ? 1 : i]);
	c = (struct call){ .in = { 0x7fffffffffLL, 0 } };
	ASSERT_EQ(0, call("cgroups", &c));
	EXPECT_EQ(-1, c.out[0]);
}

/* ------------------------------------------------------------------ others */

TEST(sections)
{
	struct call c = {};

	ASSERT_EQ(0, call("sections", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(getppid(), c.out[0]);
}

TEST(casts)
{
	struct call c = { .out = { 0, -1 } };

	ASSERT_EQ(0, call("casts", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(gettid(), c.out[0]);
	EXPECT_EQ(0, c.out[1]);
}

TEST(cpumask)
{
	struct call c = { .in = { 0 } };
	int i;

	/* often enough to need given-back memory again */
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, call("cpumask", &c)) TH_LOG("%s", log_buf);
		EXPECT_EQ(1, c.out[0]);
		EXPECT_EQ(1, c.out[1]);
		EXPECT_EQ(1, c.out[2]);
		EXPECT_EQ(0, c.out[3]);
		EXPECT_EQ(1, c.out[4]);
		EXPECT_EQ(0, c.out[5]);
	}
}

TEST(elem_count)
{
	struct call c = {};

	ASSERT_EQ(0, call("elem_count", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(10, c.out[0]);
	EXPECT_EQ(9, c.out[1]);
}

TEST(user_str)
{
	static const char longer[] = "longer than that";
	struct call c = { .in = { (__s64)(long)"abc" } };

	ASSERT_EQ(0, call("user_str", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(4, c.out[0]);
	EXPECT_EQ(0, memcmp(&c.out[1], "abc\0", 4));

	c = (struct call){ .in = { (__s64)(long)longer } };
	ASSERT_EQ(0, call("user_str", &c));
	EXPECT_EQ(8, c.out[0]);
	EXPECT_EQ(0, memcmp(&c.out[1], "longer \0", 8));

	c = (struct call){ .in = { 0x10 } };
	ASSERT_EQ(0, call("user_str", &c));
	EXPECT_EQ(-EFAULT, c.out[0]);

	c = (struct call){ .in = { (__s64)(long)"abc", 2 } };
	ASSERT_EQ(0, call("user_str", &c));
	EXPECT_EQ(-EINVAL, c.out[0]);
}

TEST(dynptr)
{
	struct call c = {};

	ASSERT_EQ(1, call("dynptr", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(64, c.out[0]);
	EXPECT_EQ(0, c.out[1]);
	EXPECT_EQ(0, c.out[2]);
	EXPECT_EQ(16064, c.out[3]);
	EXPECT_EQ(77, c.out[4]);
	EXPECT_EQ(1, c.out[5]);
}

TEST(dynptr_null)
{
	struct call c = {};

	ASSERT_EQ(0, call("dynptr_null", &c)) TH_LOG("%s", log_buf);
	EXPECT_EQ(-EINVAL, c.out[0]);
	EXPECT_EQ(1, c.out[1]);
	EXPECT_EQ(-EINVAL, c.out[2]);
	EXPECT_EQ(-EINVAL, c.out[3]);
	EXPECT_EQ(1, c.out[4]);
}

/* ------------------------------------------------------------------ packets */

#define PACKET 100

static int run_packet(const char *prog, __u8 *packet, __s64 *out, int *data_size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = PACKET,
		    .data_out = packet, .data_size_out = PACKET);
	struct bpf_object *obj;
	struct bpf_map *map;
	__u32 zero = 0;
	int fd, err;
	int i;

	for (i = 0; i < PACKET; i++)
		packet[i] = i;
	memcpy(packet + 12, "\x08\x00", 2);
	obj = load("packets", prog, &fd);
	if (!obj)
		return -errno;
	err = bpf_prog_test_run_opts(fd, &opts);
	map = bpf_object__find_map_by_name(obj, ".bss");
	if (map)
		bpf_map_lookup_elem(bpf_map__fd(map), &zero, out);
	*data_size = opts.data_size_out;
	bpf_object__close(obj);
	return err ?: (int)opts.retval;
}

TEST(skb)
{
	__u8 packet[PACKET];
	__s64 out[64] = {};
	int size;

	ASSERT_EQ(0, run_packet("skb", packet, out, &size)) TH_LOG("%s", log_buf);
	ASSERT_EQ(PACKET, size);
	EXPECT_EQ(0, out[0]);
	EXPECT_EQ(PACKET, out[1]);
	EXPECT_EQ(0, out[2]);
	EXPECT_EQ(0, out[3]);
	EXPECT_EQ(-E2BIG, out[4]);
	EXPECT_EQ(1, out[5]);
	EXPECT_EQ(1, out[6]);
	EXPECT_EQ(20, packet[14]);
	EXPECT_EQ(0xaa, packet[15]);
	EXPECT_EQ(16, packet[16]);
	EXPECT_EQ(0xee, packet[PACKET - 1]);
}

TEST(xdp)
{
	__u8 packet[PACKET];
	__s64 out[64] = {};
	int size;

	ASSERT_EQ(2, run_packet("xdp", packet, out, &size)) TH_LOG("%s", log_buf);
	ASSERT_EQ(PACKET, size);
	EXPECT_EQ(PACKET, out[1]);
	EXPECT_EQ(0, out[3]);
	EXPECT_EQ(-E2BIG, out[4]);
	EXPECT_EQ(1, out[5]);
	EXPECT_EQ(1, out[6]);
	EXPECT_EQ(20, packet[14]);
	EXPECT_EQ(0xaa, packet[15]);
	EXPECT_EQ(0xee, packet[PACKET - 1]);
}

TEST(readonly)
{
	__u8 packet[PACKET];
	__s64 out[64] = {};
	int size;

	ASSERT_EQ(0, run_packet("readonly", packet, out, &size)) TH_LOG("%s", log_buf);
	EXPECT_EQ(0, out[0]);
	EXPECT_LT(0, out[1]);
	EXPECT_EQ(1, out[2]);
	/* socket filters begin at the network header or at the link's, as the packet came */
	EXPECT_TRUE(out[3] == 0 || out[3] == 14) TH_LOG("%lld", out[3]);
	EXPECT_EQ(-EINVAL, out[4]);
	EXPECT_EQ(0, packet[0]);
	EXPECT_EQ(14, packet[14]);
}

TEST(kern_ctx)
{
	__u8 packet[PACKET];
	__s64 out[64] = {};
	int size;

	ASSERT_EQ(0, run_packet("kern_skb", packet, out, &size)) TH_LOG("%s", log_buf);
	EXPECT_EQ(PACKET, out[0]);
	EXPECT_EQ(PACKET, out[1]);
	EXPECT_LT(0, out[2]);
	ASSERT_EQ(2, run_packet("kern_xdp", packet, out, &size)) TH_LOG("%s", log_buf);
	EXPECT_EQ(PACKET, out[0]);
}

/* ------------------------------------------------------------------ refused */

FIXTURE(reject)
{
};

FIXTURE_SETUP(reject)
{
}

FIXTURE_TEARDOWN(reject)
{
}

FIXTURE_VARIANT(reject)
{
	const char *prog, *why;
};

#define REJECT(_name, _why) FIXTURE_VARIANT_ADD(reject, _name) { #_name, _why }

REJECT(iter_leaked, "Unreleased reference");
REJECT(iter_not_new, "expected an initialized iter as arg #0");
REJECT(iter_destroyed, "expected an initialized iter as arg #0");
REJECT(iter_destroyed_twice, "expected an initialized iter as arg #0");
REJECT(iter_new_twice, "expected an uninitialized iter as arg #0");
REJECT(iter_elem_unchecked, "invalid mem access");
REJECT(iter_elem_kept, "invalid mem access 'scalar'");
REJECT(iter_overwritten, "iter");
REJECT(iter_wrong_kind, "arg#0 expected pointer to an iterator on stack");
REJECT(task_iter_unprotected, "requires RCU critical section protection");
REJECT(task_leaked, "Unreleased reference");
REJECT(task_null_released, "Possibly NULL pointer passed to trusted arg0");
REJECT(task_released_twice, "R1");
REJECT(task_used_after, "R1");
REJECT(task_not_owned, "must be referenced");
REJECT(task_not_ptr, "R1");
REJECT(task_wrong_type, "expected pointer to");
REJECT(cgroup_leaked, "Unreleased reference");
REJECT(cpumask_leaked, "Unreleased reference");
REJECT(cpumask_not_ours, "expected pointer to bpf_cpumask");
REJECT(vmas_leaked, "Unreleased reference");
REJECT(vma_kept, "invalid mem access 'scalar'");
REJECT(rcu_open, "rcu_read_lock");
REJECT(rcu_closed, "unmatched rcu read unlock");
REJECT(rcu_sleeps, "rcu_read_lock");
REJECT(preempt_open, "preempt");
REJECT(preempt_closed, "unmatched attempt to enable preemption");
REJECT(preempt_sleeps, "non-preemptible region");
REJECT(str_not_sleepable, "program must be sleepable to call sleepable kfunc");
REJECT(socket_tasks, "calling kernel function bpf_task_from_pid is not allowed");
REJECT(xdp_of_skb, "calling kernel function bpf_dynptr_from_skb is not allowed");
REJECT(cast_variable, "must be a known constant");
REJECT(cast_written, "");
REJECT(slice_unchecked, "invalid mem access 'rdonly_mem_or_null'");
REJECT(slice_beyond, "invalid access to memory");
REJECT(slice_written, "cannot write into rdonly_mem");
REJECT(slice_variable, "must be a known constant");
REJECT(dynptr_not_made, "Expected an initialized dynptr");
REJECT(skb_readonly, "the prog does not allow writes to packet data");
REJECT(skb_slice_stale, "invalid mem access 'scalar'");
REJECT(xdp_slice_stale, "invalid mem access 'scalar'");

TEST_F(reject, why)
{
	struct bpf_object *obj;
	int fd;

	obj = load("reject", variant->prog, &fd);
	ASSERT_EQ(NULL, obj);
	EXPECT_TRUE(errno == EINVAL || errno == EACCES) TH_LOG("errno %d", errno);
	EXPECT_NE(0, log_buf[0]);
	EXPECT_NE(NULL, strstr(log_buf, variant->why))
		TH_LOG("%s, but:\n%s", variant->why, log_buf);
}

TEST_HARNESS_MAIN
