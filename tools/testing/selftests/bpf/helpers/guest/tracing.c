// SPDX-License-Identifier: GPL-2.0
/* What helpers give to a program is compared with what the process knows of itself. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "tracing.h"

#define GROUPS "/sys/fs/cgroup"
#define BAD ((void *)0x10)	/* nothing is mapped there */

FIXTURE(tracing)
{
	struct bpf_object *obj;
	struct globals *g;
	struct bpf_link *link;
};

FIXTURE_SETUP(tracing)
{
	struct bpf_map *map;
	char path[512];

	snprintf(path, sizeof(path), "%s/tracing.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	bpf_object__for_each_map(map, self->obj) {
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	}
	self->g = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED,
		       bpf_map__fd(map), 0);
	ASSERT_NE(MAP_FAILED, self->g);
	self->g->pid = getpid();
}

FIXTURE_TEARDOWN(tracing)
{
	if (self->link)
		bpf_link__destroy(self->link);
	bpf_object__close(self->obj);
}

static struct bpf_program *prog_of(FIXTURE_DATA(tracing) *self, const char *name)
{
	return bpf_object__find_program_by_name(self->obj, name);
}

static int map_of(FIXTURE_DATA(tracing) *self, const char *name)
{
	return bpf_object__find_map_fd_by_name(self->obj, name);
}

/* The result of getsid(2), with the program of that name at it; it has run once. */
#define RUN(_name) ({								\
	long __ret;								\
										\
	self->link = bpf_program__attach(prog_of(self, _name));			\
	ASSERT_NE(NULL, self->link);						\
	__ret = syscall(SYS_getsid, 0) < 0 ? -errno : 0;			\
	EXPECT_EQ(1, self->g->runs);						\
	__ret;									\
})

/* The same for programs at the function itself. */
#define RUN_KPROBE(_name) ({							\
	long __ret;								\
										\
	self->link = bpf_program__attach_kprobe(prog_of(self, _name), false,	\
						"__x64_sys_getsid");		\
	ASSERT_NE(NULL, self->link);						\
	__ret = syscall(SYS_getsid, 0) < 0 ? -errno : 0;			\
	EXPECT_EQ(1, self->g->runs);						\
	__ret;									\
})

static unsigned long long now(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

TEST_F(tracing, clocks)
{
	static const int ids[] = {
		CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE, CLOCK_TAI,
	};
	unsigned long long before[4], jiffies;
	struct clocks *c = &self->g->clocks;
	int i;

	for (i = 0; i < 4; i++)
		before[i] = now(ids[i]);
	RUN("clocks");
	EXPECT_LE(before[0], c->mono);
	EXPECT_GE(now(ids[0]), c->mono);
	EXPECT_LE(before[1], c->boot);
	EXPECT_GE(now(ids[1]), c->boot);
	EXPECT_LE(before[2], c->coarse);
	EXPECT_GE(now(ids[2]), c->coarse);
	EXPECT_LE(before[3], c->tai);
	EXPECT_GE(now(ids[3]), c->tai);
	jiffies = c->jiffies;
	usleep(50000);
	syscall(SYS_getsid, 0);
	EXPECT_LT(jiffies, c->jiffies);
}

/* A control group of its own for the process, and its number. */
static unsigned long long group_enter(const char *path)
{
	char file[256], pid[16];
	struct stat st;
	int fd;

	mkdir(path, 0755);
	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	snprintf(pid, sizeof(pid), "%d", getpid());
	fd = open(file, O_WRONLY);
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0 || stat(path, &st))
		return 0;
	close(fd);
	return st.st_ino;
}

static int group_put(int map, unsigned int slot, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), err;

	err = bpf_map_update_elem(map, &slot, &fd, 0);
	close(fd);
	return err;
}

TEST_F(tracing, identities)
{
	unsigned long long own = group_enter(GROUPS "/helpers"), tid = syscall(SYS_gettid);
	struct ids *ids = &self->g->ids;
	struct stat st, root;
	cpu_set_t cpus;

	ASSERT_LT(0, own);
	ASSERT_EQ(0, mkdir(GROUPS "/other", 0755));
	ASSERT_EQ(0, group_put(map_of(self, "groups"), 0, GROUPS "/helpers"));
	ASSERT_EQ(0, group_put(map_of(self, "groups"), 1, GROUPS "/other"));
	ASSERT_EQ(0, stat(GROUPS, &root));
	ASSERT_EQ(0, stat("/proc/self/ns/pid", &st));
	ids->dev = st.st_dev;
	ids->ino = st.st_ino;
	CPU_ZERO(&cpus);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
	prctl(PR_SET_NAME, "helper-test");
	RUN("ids");
	EXPECT_EQ((unsigned long long)getpid() << 32 | tid, ids->pid_tgid);
	EXPECT_EQ((unsigned long long)getgid() << 32 | getuid(), ids->uid_gid);
	EXPECT_STREQ("helper-test", ids->comm);
	EXPECT_STREQ("hel", ids->short_comm);
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN) - 1, ids->cpu);
	EXPECT_EQ(0, ids->node);
	EXPECT_EQ(tid, ids->task_pid);
	EXPECT_EQ(1, ids->same_task);
	EXPECT_EQ(1, ids->random_differs);
	EXPECT_EQ(own, ids->cgroup);
	EXPECT_EQ(root.st_ino, ids->ancestor[0]);
	EXPECT_EQ(own, ids->ancestor[1]);
	EXPECT_EQ(0, ids->ancestor[2]);
	EXPECT_EQ(0, ids->ns_ret);
	EXPECT_EQ(tid, ids->ns_pid);
	EXPECT_EQ(getpid(), ids->ns_tgid);
	EXPECT_EQ(-EINVAL, ids->ns_wrong);
	EXPECT_EQ(1, ids->under[0]);
	EXPECT_EQ(0, ids->under[1]);
	EXPECT_EQ(-EAGAIN, ids->under[2]);
	EXPECT_EQ(-E2BIG, ids->under[3]);
	group_enter(GROUPS);
	EXPECT_EQ(0, rmdir(GROUPS "/helpers"));
	EXPECT_EQ(0, rmdir(GROUPS "/other"));
}

TEST_F(tracing, memory)
{
	struct memory *m = &self->g->memory;
	static char text[16] = TEXT;

	m->at = (unsigned long)text;
	m->bad = (unsigned long)BAD;
	prctl(PR_SET_NAME, "helper-test");
	RUN("memory");
	EXPECT_EQ(0, m->any_ret);
	EXPECT_STREQ(TEXT, m->any);
	EXPECT_EQ(sizeof(TEXT), m->any_str_ret);
	EXPECT_STREQ(TEXT, m->any_str);
	EXPECT_EQ(0, m->user_ret);
	EXPECT_STREQ(TEXT, m->user);
	/* As much as there is room for, and its end. */
	EXPECT_EQ(8, m->str_ret);
	EXPECT_STREQ("seven a", m->str);
	EXPECT_EQ(-EFAULT, m->bad_ret);
	EXPECT_EQ(0, m->bad_sum);
	EXPECT_EQ(-EFAULT, m->bad_str_ret);
	EXPECT_EQ(0, m->kernel_ret);
	EXPECT_STREQ("helper-test", m->kernel_comm);
	EXPECT_EQ(12, m->kernel_str_ret);
	EXPECT_GT(0, m->kernel_bad_ret);
	EXPECT_EQ(0, m->write_ret);
	EXPECT_STREQ("SEVEN and eight", text);
	EXPECT_GT(0, m->write_bad_ret);
}

TEST_F(tracing, memory_of_a_task)
{
	struct memory *m = &self->g->memory;
	static char text[16] = TEXT;

	m->at = (unsigned long)text;
	m->bad = (unsigned long)BAD;
	RUN("sleeps");
	EXPECT_EQ(0, m->task_ret);
	EXPECT_STREQ(TEXT, m->task);
	EXPECT_EQ(-EINVAL, m->task_flags_ret);
	EXPECT_EQ(-EFAULT, m->task_bad_ret);
	EXPECT_EQ(-EFAULT, m->sleep_ret);
}

/* Whether an address is in one of the process's mappings that are executable. */
static bool is_code(unsigned long addr)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	bool found = false;
	char line[1024], rights[8];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3 && rights[2] == 'x')
			found |= start <= addr && addr < end;
	}
	if (f)
		fclose(f);
	return found;
}

TEST_F(tracing, stacks)
{
	struct stacks *s = &self->g->stacks;
	int i, frames;

	RUN_KPROBE("stacks");
	ASSERT_LT(8, s->kernel_ret);
	EXPECT_EQ(0, s->kernel_ret % 8);
	frames = s->kernel_ret / 8;
	for (i = 0; i < frames; i++)
		EXPECT_LT(1ULL << 63, s->kernel[i]);
	/* Without the innermost frame. */
	ASSERT_LT(0, s->skipped_ret);
	for (i = 0; i + 1 < frames && i < s->skipped_ret / 8; i++)
		EXPECT_EQ(s->kernel[i + 1], s->skipped[i]);
	ASSERT_LT(0, s->user_ret);
	EXPECT_TRUE(is_code(s->user[0]));
	EXPECT_EQ(-EINVAL, s->flags_ret);
	EXPECT_EQ(-EINVAL, s->size_ret);
	EXPECT_LT(0, s->task_ret);
	EXPECT_LT(1ULL << 63, s->task[0]);
}

static volatile int caught[64];

static void catch(int sig)
{
	caught[sig]++;
}

TEST_F(tracing, signals)
{
	signal(SIGUSR1, catch);
	signal(SIGUSR2, catch);
	self->g->sig = SIGUSR1;
	ASSERT_EQ(SIGUSR2, SIGUSR1 + 2);
	RUN("signals");
	EXPECT_EQ(0, self->g->sig_ret);
	EXPECT_EQ(0, self->g->sig_thread_ret);
	EXPECT_EQ(-EINVAL, self->g->sig_bad_ret);
	EXPECT_EQ(1, caught[SIGUSR1]);
	EXPECT_EQ(1, caught[SIGUSR2]);
}

/* The function is not entered: its caller gets what the program says. */
TEST_F(tracing, override)
{
	EXPECT_EQ(-77, RUN_KPROBE("override"));
	bpf_link__destroy(self->link);
	self->link = NULL;
	EXPECT_LE(0, syscall(SYS_getsid, 0));
	/* That is for functions that say they may fail. */
	self->link = bpf_program__attach_kprobe(prog_of(self, "override"), false, "schedule");
	EXPECT_EQ(NULL, self->link);
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(tracing, counters)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK, .size = sizeof(attr),
	};
	struct counters *c = &self->g->counters;
	int cpu, fds[2], map = map_of(self, "events");

	for (cpu = 0; cpu < 2; cpu++) {
		fds[cpu] = syscall(__NR_perf_event_open, &attr, -1, cpu, -1, 0);
		if (fds[cpu] < 0)
			continue;
		ASSERT_EQ(0, bpf_map_update_elem(map, &cpu, &fds[cpu], 0));
	}
	RUN("counters");
	EXPECT_LT(0, c->read);
	EXPECT_EQ(-ENOENT, c->nobody);
	EXPECT_EQ(-E2BIG, c->outside);
	EXPECT_EQ(0, c->value_ret);
	EXPECT_LE(c->read, c->counter);
	EXPECT_LT(0, c->enabled);
	EXPECT_LT(0, c->running);
	EXPECT_EQ(-EINVAL, c->value_size_ret);
}

TEST_F(tracing, mappings)
{
	struct places *p = &self->g->places;
	long size = getpagesize();
	char *at = mmap(NULL, 3 * size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, at);
	munmap(at, size);
	mprotect(at + 2 * size, size, PROT_NONE);
	p->at = (unsigned long)at + size + 5;
	p->hole = (unsigned long)BAD;
	RUN("places");
	EXPECT_EQ(0, p->ret);
	EXPECT_EQ((unsigned long)at + size, p->start);
	EXPECT_EQ((unsigned long)at + 2 * size, p->end);
	EXPECT_EQ(-ENOENT, p->hole_ret);
	EXPECT_EQ(-EINVAL, p->flags_ret);
}

TEST_F(tracing, rings)
{
	RUN("rings");
	EXPECT_EQ(16, self->g->rings.avail);
	EXPECT_EQ(4096, self->g->rings.size);
	EXPECT_EQ(0, self->g->rings.cons);
	EXPECT_EQ(16, self->g->rings.prod);
	EXPECT_EQ(0, self->g->rings.unknown);
}

TEST_F(tracing, percpu)
{
	unsigned long long values[64];
	struct percpu *p = &self->g->percpu;
	unsigned int key = 0, cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	cpu_set_t cpus;
	int i;

	for (i = 0; i < 64; i++)
		values[i] = 100 + i;
	ASSERT_EQ(0, bpf_map_update_elem(map_of(self, "cells"), &key, values, 0));
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
	RUN("percpu");
	EXPECT_EQ(100 + cpu, p->here);
	EXPECT_EQ(100, p->of[0]);
	if (cpu)
		EXPECT_EQ(101, p->of[1]);
	EXPECT_EQ(-1, p->beyond);
	EXPECT_EQ(0, p->rq_cpu[0]);
	if (cpu)
		EXPECT_EQ(1, p->rq_cpu[1]);
	EXPECT_EQ(cpu, p->rq_here);
	EXPECT_EQ(-1, p->rq_beyond);
}

TEST_F(tracing, prints)
{
	FILE *f;
	char line[512];
	bool found = false;

	RUN("prints");
	EXPECT_LT(0, self->g->vprintk_ret);
	f = fopen("/sys/kernel/tracing/trace", "r");
	while (f && fgets(line, sizeof(line), f))
		found |= !!strstr(line, "kbpf 7 eight abcdef x -5");
	if (f)
		fclose(f);
	EXPECT_TRUE(found);
}

/* The number that net_cls gives to the packets of a group. */
TEST_F(tracing, classid)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	union bpf_attr attr = { .link_create = { .target_ifindex = 1,
						 .attach_type = BPF_TCX_EGRESS } };
	char dir[] = "/tmp/net_cls.XXXXXX", path[64];
	int link, fd;

	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("cgroup", dir, "cgroup", 0, "net_cls"));
	snprintf(path, sizeof(path), "%s/seven", dir);
	ASSERT_LT(0, group_enter(path));
	snprintf(path, sizeof(path), "%s/seven/net_cls.classid", dir);
	fd = open(path, O_WRONLY);
	EXPECT_EQ(7, write(fd, "0x10007", 7));
	close(fd);

	attr.link_create.prog_fd = bpf_program__fd(prog_of(self, "classid"));
	link = syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	ASSERT_LE(0, link);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)));
	EXPECT_EQ(0x10007, self->g->classid);
	close(fd);
	close(link);
	group_enter(dir);
	snprintf(path, sizeof(path), "%s/seven", dir);
	EXPECT_EQ(0, rmdir(path));
	EXPECT_EQ(0, umount2(dir, MNT_DETACH));
	rmdir(dir);
}

TEST_HARNESS_MAIN
