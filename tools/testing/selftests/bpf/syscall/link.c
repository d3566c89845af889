// SPDX-License-Identifier: GPL-2.0
/* Raw tracepoints and perf events as links; what all links share. */

#include <linux/perf_event.h>
#include <sys/ioctl.h>

#include "sys.h"
#include "kselftest_harness.h"

/* A program that counts its runs in element 0 of @map. */
static int counter(unsigned int type, int map)
{
	struct bpf_insn insns[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
		LD_MAP_FD(BPF_REG_1, map),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0),
		MOV_IMM(BPF_REG_1, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return prog_new(type, insns, sizeof(insns) / sizeof(insns[0]));
}

static uint64_t count(int map)
{
	uint32_t key = 0;
	uint64_t val = 0;

	map_lookup(map, &key, &val);
	return val;
}

static int raw_open(int prog, const char *name)
{
	return BPF(BPF_RAW_TRACEPOINT_OPEN, .raw_tracepoint = { .name = PTR(name),
								 .prog_fd = prog });
}

FIXTURE(link)
{
	int map;
	int raw;
	int tp;
};

FIXTURE_SETUP(link)
{
	self->map = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	ASSERT_LE(0, self->map);
	self->raw = counter(BPF_PROG_TYPE_RAW_TRACEPOINT, self->map);
	ASSERT_LE(0, self->raw);
	self->tp = counter(BPF_PROG_TYPE_TRACEPOINT, self->map);
	ASSERT_LE(0, self->tp);
}

FIXTURE_TEARDOWN(link)
{
	close(self->map);
	close(self->raw);
	close(self->tp);
}

TEST_F(link, raw_tracepoint_runs_until_closed)
{
	uint64_t before, after;
	int fd;

	fd = raw_open(self->raw, "sys_enter");
	ASSERT_LE(0, fd);
	before = count(self->map);
	getppid();
	after = count(self->map);
	EXPECT_LT(before, after);
	close(fd);
	before = count(self->map);
	getppid();
	getppid();
	EXPECT_EQ(before, count(self->map));
}

/* What one system call adds: other tasks make some, too, but not always. */
static uint64_t count_of_one(int map)
{
	uint64_t least = UINT64_MAX, base, more;
	int i;

	for (i = 0; i < 1000; i++) {
		base = count(map);
		more = count(map) - base;
		if (more < least)
			least = more;
	}
	return least;
}

TEST_F(link, several_openers_all_run)
{
	uint64_t base, single, both;
	int one, two;

	one = raw_open(self->raw, "sys_enter");
	ASSERT_LE(0, one);
	single = count_of_one(self->map);
	two = raw_open(self->raw, "sys_enter");
	ASSERT_LE(0, two);
	both = count_of_one(self->map);
	EXPECT_LT(0, single);
	EXPECT_LE(2 * single, both);
	close(one);
	base = count(self->map);
	EXPECT_LT(0, count(self->map) - base);
	close(two);
	base = count(self->map);
	EXPECT_EQ(base, count(self->map));
}

TEST_F(link, raw_tracepoint_errors)
{
	int other = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	char name[200];

	EXPECT_EQ(-ENOENT, raw_open(self->raw, "no_such_tracepoint"));
	EXPECT_EQ(-ENOENT, raw_open(self->raw, ""));
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	EXPECT_EQ(-ENOENT, raw_open(self->raw, name));
	EXPECT_EQ(-EFAULT, raw_open(self->raw, (void *)8));
	EXPECT_EQ(-EFAULT, raw_open(self->raw, NULL));
	EXPECT_EQ(-EBADF, raw_open(-1, "sys_enter"));
	EXPECT_EQ(-EINVAL, raw_open(other, "sys_enter"));
	close(other);
}

TEST_F(link, no_fd_leaves_nothing)
{
	int links = ids_count(BPF_LINK_GET_NEXT_ID), i, ret;
	uint64_t before;
	struct rlimit old;

	fds_use_up(&old);
	for (i = 0; i < 20; i++) {
		ret = raw_open(self->raw, "sys_enter");
		if (ret != -EMFILE)
			break;
	}
	fds_free(&old);
	EXPECT_EQ(-EMFILE, ret);
	before = count(self->map);
	getppid();
	EXPECT_EQ(before, count(self->map));
	EXPECT_GE(links, ids_settle(BPF_LINK_GET_NEXT_ID, links));
}

TEST_F(link, ids_and_info)
{
	int links = ids_count(BPF_LINK_GET_NEXT_ID), fd, by_id;
	struct bpf_prog_info pinfo = {};
	struct bpf_link_info info = {};
	unsigned int len = sizeof(info);
	char name[32] = {};

	fd = raw_open(self->raw, "sys_exit");
	ASSERT_LE(0, fd);
	EXPECT_EQ(links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	info.raw_tracepoint.tp_name = PTR(name);
	info.raw_tracepoint.tp_name_len = sizeof(name);
	ASSERT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_RAW_TRACEPOINT, info.type);
	EXPECT_STREQ("sys_exit", name);
	EXPECT_EQ(9, info.raw_tracepoint.tp_name_len);
	len = sizeof(pinfo);
	ASSERT_EQ(0, info_get(self->raw, &pinfo, &len));
	EXPECT_EQ(pinfo.id, info.prog_id);

	by_id = BPF(BPF_LINK_GET_FD_BY_ID, .link_id = info.id);
	ASSERT_LE(0, by_id);
	close(fd);
	EXPECT_EQ(links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	close(by_id);
	EXPECT_GE(links, ids_settle(BPF_LINK_GET_NEXT_ID, links));
	EXPECT_EQ(-ENOENT, BPF(BPF_LINK_GET_FD_BY_ID, .link_id = info.id));
	EXPECT_EQ(-EINVAL, BPF(BPF_LINK_GET_NEXT_ID, .start_id = 0x7fffffff));

	fd = raw_open(self->raw, "sys_exit");
	ASSERT_LE(0, fd);
	len = sizeof(info);
	memset(&info, 0, sizeof(info));
	info.raw_tracepoint.tp_name = PTR(name);
	info.raw_tracepoint.tp_name_len = 4;
	EXPECT_EQ(-ENOSPC, info_get(fd, &info, &len));
	EXPECT_STREQ("sys", name);
	memset(&info, 0, sizeof(info));
	info.raw_tracepoint.tp_name = PTR(name);
	EXPECT_EQ(-EINVAL, info_get(fd, &info, &len));
	close(fd);
}

TEST_F(link, commands_that_this_link_has_not)
{
	int fd = raw_open(self->raw, "sys_exit"), ret;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EOPNOTSUPP, BPF(BPF_LINK_DETACH, .link_detach = { fd }));
	EXPECT_EQ(-EINVAL, BPF(BPF_LINK_UPDATE, .link_update = { .link_fd = fd,
			       .new_prog_fd = self->raw }));
	EXPECT_EQ(-EINVAL, BPF(BPF_LINK_UPDATE, .link_update = { .link_fd = fd,
			       .new_prog_fd = self->raw,
								  .flags = 1 }));
	EXPECT_EQ(-EBADF, BPF(BPF_LINK_UPDATE, .link_update = { .link_fd = -1 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_ITER_CREATE, .iter_create = { .link_fd = fd }));
	EXPECT_EQ(-EINVAL, BPF(BPF_ITER_CREATE, .iter_create = { .link_fd = fd, .flags = 1 }));
	/* Where iterators are not built the command is an unknown one. */
	ret = BPF(BPF_ITER_CREATE, .iter_create = { .link_fd = -1 });
	EXPECT_TRUE(ret == -EBADF || ret == -EINVAL);
	close(fd);
}

static int tracepoint_id(const char *name)
{
	char path[128];
	int id = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
	f = fopen(path, "r");
	if (f && fscanf(f, "%d", &id) != 1)
		id = -1;
	if (f)
		fclose(f);
	return id;
}

static int perf_tracepoint(const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1,
		.config = tracepoint_id(name),
	};

	return syscall(__NR_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

TEST_F(link, perf_event)
{
	int event = perf_tracepoint("raw_syscalls/sys_enter"), fd;
	struct bpf_link_info info = {};
	unsigned int len = sizeof(info);
	uint64_t before;

	ASSERT_LE(0, event);
	fd = BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->tp, .target_fd = event,
		 .attach_type = BPF_PERF_EVENT });
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(event, PERF_EVENT_IOC_ENABLE, 0));
	before = count(self->map);
	getppid();
	EXPECT_LT(before, count(self->map));
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_PERF_EVENT, info.type);
	EXPECT_EQ(BPF_PERF_EVENT_TRACEPOINT, info.perf_event.type);
	/* The event has a program already. */
	EXPECT_EQ(-EEXIST, BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->tp,
			       .target_fd = event,
								  .attach_type = BPF_PERF_EVENT }));
	close(fd);
	before = count(self->map);
	getppid();
	EXPECT_EQ(before, count(self->map));
	close(event);
}

TEST_F(link, perf_event_errors)
{
	int event = perf_tracepoint("raw_syscalls/sys_enter");

	ASSERT_LE(0, event);
#define CREATE(...) BPF(BPF_LINK_CREATE, .link_create = { __VA_ARGS__ })
	EXPECT_EQ(-EBADF, CREATE(.prog_fd = -1, .target_fd = event,
				 .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EBADF, CREATE(.prog_fd = self->tp, .target_fd = -1,
				 .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EBADF, CREATE(.prog_fd = self->tp, .target_fd = self->map,
				 .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EINVAL, CREATE(.prog_fd = self->tp, .target_fd = event, .flags = 1,
				  .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EINVAL, CREATE(.prog_fd = self->tp, .target_fd = event, .attach_type = 1000));
	EXPECT_EQ(-EINVAL, CREATE(.prog_fd = self->raw, .target_fd = event,
				  .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_ATTACH, .target_fd = event, .attach_bpf_fd = self->tp,
			       .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_DETACH, .target_fd = event,
			       .attach_type = BPF_PERF_EVENT));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_QUERY, .query = { .attach_type = 1000 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_QUERY, .query = { .attach_type = BPF_PERF_EVENT }));
	close(event);
}

TEST_F(link, task_fd_query)
{
	char name[32] = {}, small[4];
	int fd = raw_open(self->raw, "sys_exit"), null = open("/dev/null", O_RDONLY);
	union bpf_attr attr = { .task_fd_query = { .pid = getpid(), .fd = fd, .buf = PTR(name),
						   .buf_len = sizeof(name) } };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bpf(BPF_TASK_FD_QUERY, &attr));
	EXPECT_STREQ("sys_exit", name);
	EXPECT_EQ(8, attr.task_fd_query.buf_len);
	EXPECT_EQ(BPF_FD_TYPE_RAW_TRACEPOINT, attr.task_fd_query.fd_type);
	EXPECT_LT(0, attr.task_fd_query.prog_id);
#define QUERY(...) BPF(BPF_TASK_FD_QUERY, .task_fd_query = { __VA_ARGS__ })
	EXPECT_EQ(-ENOSPC, QUERY(.pid = getpid(), .fd = fd, .buf = PTR(small),
				 .buf_len = sizeof(small)));
	EXPECT_STREQ("sys", small);
	EXPECT_EQ(-ENOENT, QUERY(.pid = 0x3fffffff, .fd = fd));
	EXPECT_EQ(-EBADF, QUERY(.pid = getpid(), .fd = 1000));
	EXPECT_EQ(-ENOTSUPP, QUERY(.pid = getpid(), .fd = null));
	EXPECT_EQ(-EINVAL, QUERY(.pid = getpid(), .fd = fd, .flags = 1));
	close(null);
	close(fd);
}

TEST_HARNESS_MAIN
