// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_LOAD's attributes, ids, fds, BPF_PROG_BIND_MAP, BPF_PROG_TEST_RUN, BPF_ENABLE_STATS. */

#include <sys/utsname.h>

#include "sys.h"
#include "kselftest_harness.h"

static const struct bpf_insn ret0[] = {
	INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

/* Loads the program above with some attributes changed. */
#define LOAD(...)								\
({										\
	union bpf_attr __attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,	\
				  .insns = PTR(ret0), .insn_cnt = 2, .license = PTR("GPL") }; \
	union bpf_attr *attr = &__attr;						\
	__VA_ARGS__;								\
	bpf(BPF_PROG_LOAD, attr);						\
})

#define EXPECT_LOAD_FAILS(err, ...)						\
do {										\
	int __fd = LOAD(__VA_ARGS__);						\
	EXPECT_EQ(err, __fd);							\
	if (__fd >= 0)								\
		close(__fd);							\
} while (0)

#define EXPECT_LOADS(...)							\
do {										\
	int __fd = LOAD(__VA_ARGS__);						\
	EXPECT_LE(0, __fd);							\
	if (__fd >= 0)								\
		close(__fd);							\
} while (0)

TEST(load)
{
	int fd = LOAD(;);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	close(fd);
}

TEST(load_errors)
{
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_type = BPF_PROG_TYPE_UNSPEC);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_type = 1000);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_type = -1);
	EXPECT_LOAD_FAILS(-E2BIG, attr->insn_cnt = 0);
	EXPECT_LOAD_FAILS(-E2BIG, attr->insn_cnt = 1000001);
	EXPECT_LOAD_FAILS(-E2BIG, attr->insn_cnt = -1);
	EXPECT_LOAD_FAILS(-EFAULT, attr->insns = 8);
	EXPECT_LOAD_FAILS(-EFAULT, attr->insns = 0);
	EXPECT_LOAD_FAILS(-EFAULT, attr->license = 8);
	EXPECT_LOAD_FAILS(-EFAULT, attr->license = 0);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_flags = 1U << 30);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_flags = BPF_F_SLEEPABLE);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_flags = BPF_F_XDP_HAS_FRAGS);
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_flags = BPF_F_XDP_DEV_BOUND_ONLY);
	EXPECT_LOAD_FAILS(-EOPNOTSUPP, attr->prog_ifindex = 1);
	EXPECT_LOAD_FAILS(-EINVAL, attr->attach_btf_id = 1);
	EXPECT_LOAD_FAILS(-EINVAL, attr->attach_prog_fd = 1000);
	EXPECT_LOAD_FAILS(-EBADF, attr->prog_flags = BPF_F_TOKEN_FD; attr->prog_token_fd = -1);
	EXPECT_LOAD_FAILS(-EBADF, attr->func_info_cnt = 1; attr->prog_btf_fd = -1);
	EXPECT_LOAD_FAILS(-EINVAL, memset(attr->prog_name, 'x', BPF_OBJ_NAME_LEN));
	EXPECT_LOAD_FAILS(-EINVAL, strcpy(attr->prog_name, "a b"));
}

/* Where the licence ends is looked for in its first 128 bytes. */
TEST(licence)
{
	static char license[200];

	memset(license, 'x', sizeof(license) - 1);
	EXPECT_LOADS(attr->license = PTR(license));
	EXPECT_LOADS(attr->license = PTR(""));
	EXPECT_LOADS(attr->license = PTR("Proprietary"));
}

static unsigned int running_version(void)
{
	unsigned int a, b, c;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%u.%u.%u", &a, &b, &c);
	return a << 16 | b << 8 | (c > 255 ? 255 : c);
}

TEST(kern_version)
{
	EXPECT_LOADS(attr->prog_type = BPF_PROG_TYPE_KPROBE);
	EXPECT_LOADS(attr->prog_type = BPF_PROG_TYPE_KPROBE;
		     attr->kern_version = running_version());
	EXPECT_LOAD_FAILS(-EINVAL, attr->prog_type = BPF_PROG_TYPE_KPROBE;
			  attr->kern_version = running_version() + 0x100);
	/* Others never cared. */
	EXPECT_LOADS(attr->kern_version = 1);
}

TEST(no_fd_leaves_nothing)
{
	int before = ids_count(BPF_PROG_GET_NEXT_ID), i, ret;
	struct rlimit old;

	fds_use_up(&old);
	for (i = 0; i < 20; i++) {
		ret = LOAD(;);
		if (ret != -EMFILE)
			break;
	}
	fds_free(&old);
	EXPECT_EQ(-EMFILE, ret);
	EXPECT_GE(before, ids_settle(BPF_PROG_GET_NEXT_ID, before));
}

TEST(ids)
{
	int before = ids_count(BPF_PROG_GET_NEXT_ID), fd = LOAD(;), by_id;
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	EXPECT_EQ(before + 1, ids_count(BPF_PROG_GET_NEXT_ID));
	ASSERT_EQ(0, info_get(fd, &info, &len));
	by_id = BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = info.id);
	ASSERT_LE(0, by_id);
	close(fd);
	EXPECT_EQ(before + 1, ids_count(BPF_PROG_GET_NEXT_ID));
	close(by_id);
	EXPECT_GE(before, ids_settle(BPF_PROG_GET_NEXT_ID, before));
	EXPECT_EQ(-ENOENT, BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = info.id));
	EXPECT_EQ(-ENOENT, BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = 0));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_GET_NEXT_ID, .start_id = 0x7fffffff));
}

/* A map that a program uses lives as long as the program. */
TEST(program_holds_its_maps)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID), fd;
	int map = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	struct bpf_insn insns[] = { LD_MAP_FD(BPF_REG_1, map), MOV_IMM(BPF_REG_0, 0), EXIT() };

	ASSERT_LE(0, map);
	fd = prog_new(BPF_PROG_TYPE_SOCKET_FILTER, insns, 4);
	ASSERT_LE(0, fd);
	close(map);
	usleep(100000);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	close(fd);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST(bind_map)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID), fd = LOAD(;);
	int map = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, map);
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { fd, map, 1 }));
	EXPECT_EQ(-EBADF, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { -1, map, 0 }));
	EXPECT_EQ(-EBADF, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { fd, -1, 0 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { map, map, 0 }));
	EXPECT_EQ(0, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { fd, map, 0 }));
	EXPECT_EQ(0, BPF(BPF_PROG_BIND_MAP, .prog_bind_map = { fd, map, 0 }));
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(1, info.nr_map_ids);
	close(map);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	close(fd);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST(test_run)
{
	int fd = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 7);
	char packet[64] = {};
	union bpf_attr attr = { .test = { .prog_fd = fd, .data_in = PTR(packet),
					  .data_size_in = sizeof(packet), .repeat = 3 } };

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, bpf(BPF_PROG_TEST_RUN, &attr));
	EXPECT_EQ(7, attr.test.retval);
	attr.test.ctx_in = PTR(packet);
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_TEST_RUN, &attr));
	attr.test.ctx_in = 0;
	attr.test.ctx_size_in = 8;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_TEST_RUN, &attr));
	attr.test.ctx_size_in = 0;
	attr.test.ctx_size_out = 8;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_TEST_RUN, &attr));
	close(fd);

	fd = prog_ret(BPF_PROG_TYPE_KPROBE, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTSUPP, BPF(BPF_PROG_TEST_RUN, .test = { .prog_fd = fd }));
	close(fd);
}

TEST(statistics)
{
	int fd = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0), stats;
	char packet[64] = {};
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(info);
	union bpf_attr attr = { .test = { .prog_fd = fd, .data_in = PTR(packet),
					  .data_size_in = sizeof(packet), .repeat = 10 } };

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, BPF(BPF_ENABLE_STATS, .enable_stats = { .type = 1 }));
	EXPECT_EQ(0, bpf(BPF_PROG_TEST_RUN, &attr));
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(0, info.run_cnt);

	stats = BPF(BPF_ENABLE_STATS, .enable_stats = { .type = BPF_STATS_RUN_TIME });
	ASSERT_LE(0, stats);
	EXPECT_EQ(0, bpf(BPF_PROG_TEST_RUN, &attr));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(10, info.run_cnt);
	EXPECT_LT(0, info.run_time_ns);

	close(stats);
	EXPECT_EQ(0, bpf(BPF_PROG_TEST_RUN, &attr));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(10, info.run_cnt);
	close(fd);
}

TEST_HARNESS_MAIN
