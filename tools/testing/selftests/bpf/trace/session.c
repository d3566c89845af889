// SPDX-License-Identifier: GPL-2.0
/* Sessions of kprobes, sleepable uprobes, and what links to many probes refuse. */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "object.h"

#define U64(name) (*(volatile __u64 *)var(self->obj, name))

#define NR 3

static const char *const syms[NR] = {
	"bpf_fentry_test1", "bpf_fentry_test2", "bpf_fentry_test6",
};

/* Only those named; their attach type as given. */
static struct bpf_object *load(const char *const *names, enum bpf_attach_type type)
{
	struct bpf_object *obj = open_object("session");
	struct bpf_program *prog;

	load_only(obj, names);
	bpf_object__for_each_program(prog, obj) {
		if (bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE)
			bpf_program__set_expected_attach_type(prog, type);
	}
	if (bpf_object__load(obj)) {
		bpf_object__close(obj);
		return NULL;
	}
	return obj;
}

FIXTURE(session) {
	struct bpf_object *obj;
	int prog;
};

FIXTURE_SETUP(session)
{
	static const char *const names[] = { "session", "session_trigger", NULL };

	self->obj = load(names, BPF_TRACE_KPROBE_SESSION);
	ASSERT_NE(NULL, self->obj) TH_LOG("%s", vlog);
	self->prog = prog_fd(self->obj, "session");
}

FIXTURE_TEARDOWN(session)
{
	bpf_object__close(self->obj);
}

static void kprobe_attr(union bpf_attr *attr, int prog, const __u64 *cookies)
{
	memset(attr, 0, sizeof(*attr));
	attr->link_create.prog_fd = prog;
	attr->link_create.attach_type = BPF_TRACE_KPROBE_SESSION;
	attr->link_create.kprobe_multi.syms = (unsigned long)syms;
	attr->link_create.kprobe_multi.cookies = (unsigned long)cookies;
	attr->link_create.kprobe_multi.cnt = NR;
}

static void call_all(FIXTURE_DATA(session) *self)
{
	union bpf_attr attr = { .test.prog_fd = prog_fd(self->obj, "session_trigger") };

	sys_bpf(BPF_PROG_TEST_RUN, &attr);
}

TEST_F(session, entry_and_return)
{
	__u64 cookies[NR] = { 1, 10, 100 }, addrs[NR] = {}, told[NR] = {};
	struct bpf_link_info info = {};
	union bpf_attr attr;
	int link, i, n;

	kprobe_attr(&attr, self->prog, cookies);
	link = sys_bpf(BPF_LINK_CREATE, &attr);
	ASSERT_LE(0, link);
	for (n = 0; n < 20; n++)
		call_all(self);
	EXPECT_EQ(20 * NR, U64("entries"));
	EXPECT_EQ(20 * NR, U64("returns"));
	EXPECT_EQ(20 * (2 + 5 + 111), U64("rets"));
	EXPECT_EQ(2 * 20 * 111, U64("cookies"));
	EXPECT_EQ(0, U64("bad_cookie"));
	EXPECT_EQ(0, U64("not_zero"));

	info.kprobe_multi.addrs = (unsigned long)addrs;
	info.kprobe_multi.cookies = (unsigned long)told;
	info.kprobe_multi.count = NR;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = link;
	attr.info.info = (unsigned long)&info;
	attr.info.info_len = sizeof(info);
	ASSERT_EQ(0, sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	EXPECT_EQ(NR, info.kprobe_multi.count);
	EXPECT_EQ(0, info.kprobe_multi.flags);
	/* one of them has no return from now on */
	for (i = 0; i < NR; i++) {
		if (told[i] == 100)
			U64("skip_ip") = addrs[i];
	}
	U64("entries") = 0;
	U64("returns") = 0;
	call_all(self);
	EXPECT_EQ(NR, U64("entries"));
	EXPECT_EQ(NR - 1, U64("returns"));

	/* no room: what fits, and how many there are */
	info.kprobe_multi.count = 1;
	EXPECT_EQ(-ENOSPC, sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	info.kprobe_multi.count = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	info.kprobe_multi.count = NR;
	info.kprobe_multi.addrs = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	close(link);
	U64("entries") = 0;
	call_all(self);
	EXPECT_EQ(0, U64("entries"));
}

TEST_F(session, refused)
{
	unsigned long addrs[NR] = { 1, 2, 3 };
	union bpf_attr attr;

	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.flags = BPF_F_KPROBE_MULTI_RETURN;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.flags = 1 << 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.flags = 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.attach_type = BPF_TRACE_KPROBE_MULTI;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.cnt = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.cnt = (1 << 20) + 1;
	EXPECT_EQ(-E2BIG, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.syms = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.kprobe_multi.syms = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.kprobe_multi.addrs = (unsigned long)addrs;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.kprobe_multi.syms = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, self->prog, NULL);
	attr.link_create.kprobe_multi.cookies = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_LINK_CREATE, &attr));
	kprobe_attr(&attr, 999, NULL);
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_CREATE, &attr));
}

TEST(programs_refused)
{
	static const char *const bad[] = { "session_bad_result", NULL };
	static const char *const none[] = { "no_session", NULL };
	struct bpf_object *obj;

	obj = load(bad, BPF_TRACE_KPROBE_SESSION);
	EXPECT_EQ(NULL, obj);
	EXPECT_NE(NULL, strstr(vlog, "should have been in [0, 1]")) TH_LOG("%s", vlog);
	obj = load(bad, BPF_TRACE_KPROBE_MULTI);
	EXPECT_NE(NULL, obj);
	bpf_object__close(obj);
	obj = load(none, BPF_TRACE_KPROBE_MULTI);
	EXPECT_EQ(NULL, obj);
	EXPECT_NE(NULL, strstr(vlog, "bpf_session_is_return is not allowed"))
		TH_LOG("%s", vlog);
}

/* ------------------------------------------------------------------ user space */

__attribute__((noinline)) int user_place(int x)
{
	asm volatile ("");
	return x + 1;
}

/* A counter that says whether anybody watches. */
volatile unsigned short semaphore __attribute__((section(".probes")));

static __u64 file_offset(const volatile void *addr)
{
	unsigned long from, to, off, at = (unsigned long)addr;
	char line[512], perms[8];
	__u64 found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %lx", &from, &to, perms, &off) == 4 &&
		    at >= from && at < to)
			found = at - from + off;
	}
	if (maps)
		fclose(maps);
	return found;
}

static void uprobe_attr(union bpf_attr *attr, int prog, __u64 *offsets)
{
	memset(attr, 0, sizeof(*attr));
	attr->link_create.prog_fd = prog;
	attr->link_create.attach_type = BPF_TRACE_UPROBE_MULTI;
	attr->link_create.uprobe_multi.path = (unsigned long)"/proc/self/exe";
	attr->link_create.uprobe_multi.offsets = (unsigned long)offsets;
	attr->link_create.uprobe_multi.cnt = 1;
}

FIXTURE(user) {
	struct bpf_object *obj;
	int prog;
};

FIXTURE_SETUP(user)
{
	static const char *const names[] = { "on_user_sleep", NULL };

	self->obj = load(names, BPF_TRACE_UPROBE_MULTI);
	ASSERT_NE(NULL, self->obj) TH_LOG("%s", vlog);
	self->prog = prog_fd(self->obj, "on_user_sleep");
}

FIXTURE_TEARDOWN(user)
{
	bpf_object__close(self->obj);
}

TEST_F(user, sleeps)
{
	__u64 offset = file_offset(user_place), ref = file_offset(&semaphore);
	static const char text[16] = "of the process";
	union bpf_attr attr;
	int link;

	/* a page that is not there until the program asks for it */
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(page, text, sizeof(text));
	*(const char **)var(self->obj, "user_ptr") = page;
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.ref_ctr_offsets = (unsigned long)&ref;
	EXPECT_EQ(0, semaphore);
	link = sys_bpf(BPF_LINK_CREATE, &attr);
	ASSERT_LE(0, link);
	EXPECT_EQ(1, semaphore);
	EXPECT_EQ(2, user_place(1));
	EXPECT_EQ(1, U64("sleep_hits"));
	EXPECT_EQ(0, U64("sleep_read"));
	EXPECT_STREQ(text, (char *)var(self->obj, "sleep_text"));
	close(link);
	EXPECT_EQ(0, semaphore);
	EXPECT_EQ(2, user_place(1));
	EXPECT_EQ(1, U64("sleep_hits"));
}

TEST_F(user, one_process)
{
	__u64 offset = file_offset(user_place);
	union bpf_attr attr;
	int link, pid, status;

	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.pid = getpid();
	link = sys_bpf(BPF_LINK_CREATE, &attr);
	ASSERT_LE(0, link);
	pid = fork();
	if (!pid)
		_exit(user_place(1) != 2);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, U64("sleep_hits"));
	EXPECT_EQ(2, user_place(1));
	EXPECT_EQ(1, U64("sleep_hits"));
	close(link);
}

/* ------------------------------------------------------------------ an event with two programs */

#define TRACING "/sys/kernel/tracing/"

static int uprobe_events(const char *text)
{
	int fd = open(TRACING "uprobe_events", O_WRONLY | O_APPEND), ret;

	ret = write(fd, text, strlen(text));
	close(fd);
	return ret < 0 ? -errno : 0;
}

static int tracepoint(const char *id_file)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1,
	};
	char text[16] = "";
	int fd = open(id_file, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -errno;
	close(fd);
	attr.config = atoi(text);
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void *hit(void *arg)
{
	user_place(1);
	return NULL;
}

static void *let_go(void *arg)
{
	usleep(200000);
	*(volatile __u64 *)arg = 1;
	return NULL;
}

/* Whoever is at the first program comes to the second one: that has to be there until then. */
TEST_F(user, array_outlives_reader)
{
	static const char *const names[] = { "on_user_wait", "on_user_next", NULL };
	struct bpf_object *obj = load(names, 0);
	char self_path[256] = "", probe[400];
	union bpf_attr attr = {};
	int events[2], link, i;
	pthread_t threads[2];

	ASSERT_NE(NULL, obj) TH_LOG("%s", vlog);
	ASSERT_LT(0, readlink("/proc/self/exe", self_path, sizeof(self_path) - 1));
	snprintf(probe, sizeof(probe), "p:kbpf_array/hit %s:0x%llx", self_path,
		 (unsigned long long)file_offset(user_place));
	ASSERT_EQ(0, uprobe_events(probe));
	for (i = 0; i < 2; i++) {
		events[i] = tracepoint(TRACING "events/kbpf_array/hit/id");
		ASSERT_LE(0, events[i]);
	}
	ASSERT_EQ(0, ioctl(events[0], PERF_EVENT_IOC_SET_BPF, prog_fd(obj, "on_user_wait")));
	attr.link_create.prog_fd = prog_fd(obj, "on_user_next");
	attr.link_create.target_fd = events[1];
	attr.link_create.attach_type = BPF_PERF_EVENT;
	link = sys_bpf(BPF_LINK_CREATE, &attr);
	ASSERT_LE(0, link);

	pthread_create(&threads[0], NULL, hit, NULL);
	while (!*(volatile __u64 *)var(obj, "inside"))
		usleep(1000);
	pthread_create(&threads[1], NULL, let_go, var(obj, "go"));
	close(link);
	EXPECT_EQ(1, *(volatile __u64 *)var(obj, "go"));
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	EXPECT_EQ(1, *(volatile __u64 *)var(obj, "next_hits"));
	hit(NULL);
	EXPECT_EQ(2, *(volatile __u64 *)var(obj, "inside"));
	EXPECT_EQ(1, *(volatile __u64 *)var(obj, "next_hits"));
	close(events[0]);
	close(events[1]);
	bpf_object__close(obj);
	EXPECT_EQ(0, uprobe_events("-:kbpf_array/hit"));
}

TEST_F(user, info)
{
	__u64 offset = file_offset(user_place), ref = file_offset(&semaphore), cookie = 77;
	__u64 offsets[2] = {}, refs[2] = {}, cookies[2] = {};
	char path[256] = "", self_path[256] = "";
	struct bpf_link_info info = {};
	union bpf_attr attr;
	int link;

	ASSERT_LT(0, readlink("/proc/self/exe", self_path, sizeof(self_path) - 1));
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.cookies = (unsigned long)&cookie;
	attr.link_create.uprobe_multi.ref_ctr_offsets = (unsigned long)&ref;
	attr.link_create.uprobe_multi.flags = BPF_F_UPROBE_MULTI_RETURN;
	attr.link_create.uprobe_multi.pid = getpid();
	link = sys_bpf(BPF_LINK_CREATE, &attr);
	ASSERT_LE(0, link);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = link;
	attr.info.info = (unsigned long)&info;
	attr.info.info_len = sizeof(info);
	info.uprobe_multi.path = (unsigned long)path;
	info.uprobe_multi.path_size = sizeof(path);
	info.uprobe_multi.offsets = (unsigned long)offsets;
	info.uprobe_multi.ref_ctr_offsets = (unsigned long)refs;
	info.uprobe_multi.cookies = (unsigned long)cookies;
	info.uprobe_multi.count = 2;
	ASSERT_EQ(0, sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	EXPECT_EQ(BPF_LINK_TYPE_UPROBE_MULTI, info.type);
	EXPECT_EQ(1, info.uprobe_multi.count);
	EXPECT_EQ(BPF_F_UPROBE_MULTI_RETURN, info.uprobe_multi.flags);
	EXPECT_EQ(getpid(), info.uprobe_multi.pid);
	EXPECT_STREQ(self_path, path);
	EXPECT_EQ(strlen(path) + 1, info.uprobe_multi.path_size);
	EXPECT_EQ(offset, offsets[0]);
	EXPECT_EQ(ref, refs[0]);
	EXPECT_EQ(77, cookies[0]);
	close(link);
}

TEST_F(user, refused)
{
	__u64 offset = file_offset(user_place), bad = 1ULL << 63, text = 1;
	union bpf_attr attr;

	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.path = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.uprobe_multi.path = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.uprobe_multi.path = (unsigned long)"/proc";
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.uprobe_multi.path = (unsigned long)"/no/such/file";
	EXPECT_EQ(-ENOENT, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, NULL);
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, (void *)8);
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, &bad);
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.cnt = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.uprobe_multi.cnt = (1 << 20) + 1;
	EXPECT_EQ(-E2BIG, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.flags = 2;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.pid = -1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.uprobe_multi.pid = 4000000;
	EXPECT_EQ(-ESRCH, sys_bpf(BPF_LINK_CREATE, &attr));
	uprobe_attr(&attr, self->prog, &offset);
	attr.link_create.uprobe_multi.cookies = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_LINK_CREATE, &attr));
	/* nothing that was begun stays: the place is as it was */
	uprobe_attr(&attr, self->prog, &text);
	attr.link_create.flags = 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	EXPECT_EQ(2, user_place(1));
	EXPECT_EQ(0, U64("sleep_hits"));
}

TEST_HARNESS_MAIN
