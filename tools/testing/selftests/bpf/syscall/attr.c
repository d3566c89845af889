// SPDX-License-Identifier: GPL-2.0
/* What holds for every command: sizes, unknown fields, bad pointers. */

#include <sys/mman.h>

#include "sys.h"
#include "kselftest_harness.h"

#define NR_CMDS 37

/* Last byte that a command knows, plus one. */
static const unsigned short attr_end[NR_CMDS] = {
#define END(cmd, field) \
	[cmd] = offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field)
	END(BPF_MAP_CREATE, map_token_fd),
	END(BPF_MAP_LOOKUP_ELEM, flags),
	END(BPF_MAP_UPDATE_ELEM, flags),
	END(BPF_MAP_DELETE_ELEM, key),
	END(BPF_MAP_GET_NEXT_KEY, next_key),
	END(BPF_PROG_LOAD, prog_token_fd),
	END(BPF_OBJ_PIN, path_fd),
	END(BPF_OBJ_GET, path_fd),
	END(BPF_PROG_ATTACH, expected_revision),
	END(BPF_PROG_DETACH, expected_revision),
	END(BPF_PROG_TEST_RUN, test.batch_size),
	END(BPF_PROG_GET_NEXT_ID, next_id),
	END(BPF_MAP_GET_NEXT_ID, next_id),
	END(BPF_PROG_GET_FD_BY_ID, prog_id),
	END(BPF_MAP_GET_FD_BY_ID, open_flags),
	END(BPF_OBJ_GET_INFO_BY_FD, info.info),
	END(BPF_PROG_QUERY, query.revision),
	END(BPF_RAW_TRACEPOINT_OPEN, raw_tracepoint.cookie),
	END(BPF_BTF_LOAD, btf_token_fd),
	END(BPF_BTF_GET_FD_BY_ID, btf_id),
	END(BPF_TASK_FD_QUERY, task_fd_query.probe_addr),
	END(BPF_MAP_LOOKUP_AND_DELETE_ELEM, flags),
	END(BPF_MAP_FREEZE, map_fd),
	END(BPF_BTF_GET_NEXT_ID, next_id),
	END(BPF_MAP_LOOKUP_BATCH, batch.flags),
	END(BPF_MAP_LOOKUP_AND_DELETE_BATCH, batch.flags),
	END(BPF_MAP_UPDATE_BATCH, batch.flags),
	END(BPF_MAP_DELETE_BATCH, batch.flags),
	END(BPF_LINK_CREATE, link_create.uprobe_multi.pid),
	END(BPF_LINK_UPDATE, link_update.old_prog_fd),
	END(BPF_LINK_GET_FD_BY_ID, link_id),
	END(BPF_LINK_GET_NEXT_ID, next_id),
	END(BPF_ENABLE_STATS, enable_stats.type),
	END(BPF_ITER_CREATE, iter_create.flags),
	END(BPF_LINK_DETACH, link_detach.link_fd),
	END(BPF_PROG_BIND_MAP, prog_bind_map.flags),
	END(BPF_TOKEN_CREATE, token_create.bpffs_fd),
};

TEST(unknown_commands)
{
	static const int cmds[] = { -1, NR_CMDS, NR_CMDS + 1, 1000, 0x7fffffff, -0x7fffffff };
	unsigned int i;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		EXPECT_EQ(-EINVAL, BPF(cmds[i]));
}

/* Without any attribute, and fd 0 not a BPF object: each command has an answer. */
TEST(no_attributes)
{
	int cmd, null = open("/dev/null", O_RDONLY), ret;

	ASSERT_LE(0, null);
	ASSERT_EQ(0, dup2(null, 0));
	for (cmd = 0; cmd < NR_CMDS; cmd++) {
		ret = BPF(cmd);
		switch (cmd) {
		case BPF_ENABLE_STATS:
			EXPECT_LE(0, ret);
			close(ret);
			break;
		case BPF_PROG_GET_NEXT_ID:
		case BPF_MAP_GET_NEXT_ID:
		case BPF_BTF_GET_NEXT_ID:
		case BPF_LINK_GET_NEXT_ID:
			EXPECT_TRUE(ret == 0 || ret == -ENOENT) TH_LOG("command %d: %d", cmd, ret);
			break;
		default:
			EXPECT_GT(0, ret) TH_LOG("command %d: %d", cmd, ret);
		}
	}
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_OBJ_GET, ATTR(.pathname = 8), sizeof(union bpf_attr)));
	close(null);
}

TEST(field_behind_the_last)
{
	union bpf_attr attr;
	int cmd;

	for (cmd = 0; cmd < NR_CMDS; cmd++) {
		if (attr_end[cmd] >= sizeof(attr))
			continue;
		memset(&attr, 0, sizeof(attr));
		((char *)&attr)[attr_end[cmd]] = 1;
		EXPECT_EQ(-EINVAL, bpf(cmd, &attr)) TH_LOG("command %d", cmd);
		memset(&attr, 0, sizeof(attr));
		((char *)&attr)[sizeof(attr) - 1] = 1;
		EXPECT_EQ(-EINVAL, bpf(cmd, &attr)) TH_LOG("command %d", cmd);
	}
}

TEST(bytes_behind_the_attributes)
{
	char buf[sizeof(union bpf_attr) + 64];
	union bpf_attr *attr = (void *)buf;
	int cmd, fd;

	for (cmd = 0; cmd < NR_CMDS; cmd++) {
		memset(buf, 0, sizeof(buf));
		buf[sizeof(buf) - 1] = 1;
		EXPECT_EQ(-E2BIG, sys_bpf(cmd, buf, sizeof(buf))) TH_LOG("command %d", cmd);
	}
	/* Zeros there are fine. */
	memset(buf, 0, sizeof(buf));
	attr->map_type = BPF_MAP_TYPE_ARRAY;
	attr->key_size = 4;
	attr->value_size = 4;
	attr->max_entries = 1;
	fd = sys_bpf(BPF_MAP_CREATE, buf, sizeof(buf));
	EXPECT_LE(0, fd);
	close(fd);
}

TEST(sizes)
{
	long page = sysconf(_SC_PAGESIZE);
	union bpf_attr *attr;
	char *mem;
	int fd;

	mem = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(-E2BIG, sys_bpf(BPF_MAP_CREATE, mem, page + 1));
	EXPECT_EQ(-E2BIG, sys_bpf(BPF_MAP_CREATE, mem, -1));
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_MAP_CREATE, mem, page));

	/* An old client knows fewer fields; what follows in its memory is not looked at. */
	memset(mem, 0xff, page);
	attr = (void *)mem;
	memset(mem, 0, offsetof(union bpf_attr, inner_map_fd));
	attr->map_type = BPF_MAP_TYPE_ARRAY;
	attr->key_size = 4;
	attr->value_size = 8;
	attr->max_entries = 1;
	fd = sys_bpf(BPF_MAP_CREATE, attr, offsetof(union bpf_attr, inner_map_fd));
	EXPECT_LE(0, fd);
	close(fd);
	munmap(mem, 3 * page);
}

TEST(bad_pointers)
{
	long page = sysconf(_SC_PAGESIZE);
	char *mem;
	int cmd;

	mem = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, mprotect(mem + page, page, PROT_NONE));
	for (cmd = 0; cmd < NR_CMDS; cmd++) {
		EXPECT_EQ(-EFAULT, sys_bpf(cmd, NULL, sizeof(union bpf_attr)));
		EXPECT_EQ(-EFAULT, sys_bpf(cmd, (void *)-4096L, sizeof(union bpf_attr)));
		/* The end is missing. */
		EXPECT_EQ(-EFAULT, sys_bpf(cmd, mem + page - 8, sizeof(union bpf_attr)));
	}
	munmap(mem, 2 * page);
}

TEST(wrong_kinds_of_fd)
{
	int null = open("/dev/null", O_RDWR), map = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	uint32_t key = 0, val;

	ASSERT_LE(0, null);
	ASSERT_LE(0, map);
	EXPECT_EQ(-EINVAL, map_lookup(null, &key, &val));
	EXPECT_EQ(-EBADF, map_lookup(-1, &key, &val));
	EXPECT_EQ(-EBADF, map_lookup(1000000, &key, &val));
	EXPECT_EQ(-EINVAL, BPF(BPF_PROG_TEST_RUN, .test = { .prog_fd = map }));
	EXPECT_EQ(-EBADF, BPF(BPF_PROG_TEST_RUN, .test = { .prog_fd = -1 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_LINK_DETACH, .link_detach = { .link_fd = map }));
	EXPECT_EQ(-EBADF, BPF(BPF_LINK_DETACH, .link_detach = { .link_fd = -1 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_OBJ_GET_INFO_BY_FD, .info = { .bpf_fd = null }));
	EXPECT_EQ(-EBADF, BPF(BPF_OBJ_GET_INFO_BY_FD, .info = { .bpf_fd = -1 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_FREEZE, .map_fd = null));
	EXPECT_EQ(-EINVAL, BPF(BPF_RAW_TRACEPOINT_OPEN, .raw_tracepoint = { .prog_fd = map }));
	close(map);
	close(null);
}

TEST_HARNESS_MAIN
