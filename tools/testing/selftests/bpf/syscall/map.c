// SPDX-License-Identifier: GPL-2.0
/* BPF_MAP_CREATE, BPF_MAP_FREEZE, ids and fds of maps. */

#include <sys/mman.h>

#include "sys.h"
#include "kselftest_harness.h"

static int array(unsigned int flags)
{
	return map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 4, flags);
}

TEST(create)
{
	int fd = array(0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	close(fd);
}

TEST(create_errors)
{
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_UNSPEC, 4, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(1000, 4, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(-1, 4, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_ARRAY, 0, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_ARRAY, 8, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_ARRAY, 4, 0, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 0, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_HASH, 0, 4, 1, 0));
	EXPECT_EQ(-EINVAL, array(0x80000000));
	EXPECT_EQ(-EINVAL, array(BPF_F_RDONLY | BPF_F_WRONLY));
	EXPECT_EQ(-EINVAL, array(BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG));
	EXPECT_EQ(-EINVAL, array(BPF_F_NO_PREALLOC));
	EXPECT_EQ(-EOPNOTSUPP, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				   .value_size = 4, .max_entries = 1, .map_ifindex = 1));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			       .value_size = 4, .max_entries = 1, .map_extra = 1));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			       .value_size = 4, .max_entries = 1, .map_flags = BPF_F_NUMA_NODE,
			       .numa_node = 1000));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			       .value_size = 4, .max_entries = 1, .btf_key_type_id = 1));
	EXPECT_EQ(-EBADF, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			      .value_size = 4, .max_entries = 1, .btf_fd = -1,
			      .btf_key_type_id = 1, .btf_value_type_id = 1));
	EXPECT_EQ(-EBADF, BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			      .value_size = 4, .max_entries = 1, .map_flags = BPF_F_TOKEN_FD,
			      .map_token_fd = -1));
}

/* hazard_2021_41864, hazard_2021_47376, hazard_2024_26883: sizes whose product does not fit. */
TEST(hazard_2021_41864_sizes_overflow)
{
	static const struct {
		unsigned int type, key, value, entries;
	} maps[] = {
		{ BPF_MAP_TYPE_ARRAY, 4, 0x7fffffff, 0x7fffffff },
		{ BPF_MAP_TYPE_ARRAY, 4, 0xffffffff, 2 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 0xffffffff },
		{ BPF_MAP_TYPE_HASH, 4, 8, 0xffffffff },
		{ BPF_MAP_TYPE_HASH, 0xffffffff, 8, 1 },
		{ BPF_MAP_TYPE_HASH, 8, 0xfffffff0, 2 },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 0xfffffff8, 1 },
		{ BPF_MAP_TYPE_LRU_HASH, 4, 8, 0xffffffff },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		ret = map_new(maps[i].type, maps[i].key, maps[i].value, maps[i].entries, 0);
		EXPECT_TRUE(ret == -E2BIG || ret == -EINVAL || ret == -ENOMEM)
			TH_LOG("map %u: %d", i, ret);
		if (ret >= 0)
			close(ret);
	}
}

TEST(names)
{
	static const struct {
		char name[BPF_OBJ_NAME_LEN];
		int ok;
	} names[] = {
		{ "", 1 }, { "a", 1 }, { "fifteen_letters", 1 }, { "with.dot", 1 }, { "A_1.b", 1 },
		{ "sixteen__letters", 0 }, { "a b", 0 }, { "a/b", 0 }, { "a-b", 0 }, { "\1", 0 },
		{ "caf\xc3\xa9", 0 },
	};
	union bpf_attr attr;
	unsigned int i;
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_type = BPF_MAP_TYPE_ARRAY;
		attr.key_size = 4;
		attr.value_size = 4;
		attr.max_entries = 1;
		memcpy(attr.map_name, names[i].name, BPF_OBJ_NAME_LEN);
		fd = bpf(BPF_MAP_CREATE, &attr);
		EXPECT_EQ(names[i].ok ? 0 : -EINVAL, fd < 0 ? fd : 0) TH_LOG("name %u", i);
		if (fd >= 0)
			close(fd);
	}
}

TEST(no_fd_leaves_nothing)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID), i, ret;
	struct rlimit old;

	fds_use_up(&old);
	for (i = 0; i < 20; i++) {
		ret = array(0);
		if (ret != -EMFILE)
			break;
	}
	fds_free(&old);
	EXPECT_EQ(-EMFILE, ret);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST(ids)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID), fd = array(0), by_id;
	struct bpf_map_info info = {}, again = {};
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	ASSERT_EQ(0, info_get(fd, &info, &len));
	by_id = BPF(BPF_MAP_GET_FD_BY_ID, .map_id = info.id);
	ASSERT_LE(0, by_id);
	len = sizeof(again);
	EXPECT_EQ(0, info_get(by_id, &again, &len));
	EXPECT_EQ(info.id, again.id);
	close(fd);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	close(by_id);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = info.id));
}

TEST(id_errors)
{
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 0));
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 0x7fffffff));
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 0xffffffff));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 1, .open_flags = 1));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 1,
			       .open_flags = BPF_F_RDONLY | BPF_F_WRONLY));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_GET_NEXT_ID, .start_id = 0x7fffffff));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_GET_NEXT_ID, .start_id = 0xffffffff));
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_NEXT_ID, .start_id = 0x7ffffffe));
}

TEST(access_of_fds)
{
	uint32_t key = 1;
	uint64_t val = 7;
	int fd;

	fd = array(BPF_F_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, map_update(fd, &key, &val, 0));
	EXPECT_EQ(0, map_lookup(fd, &key, &val));
	EXPECT_EQ(0, val);
	close(fd);

	fd = array(BPF_F_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, map_update(fd, &key, &val, 0));
	EXPECT_EQ(-EPERM, map_lookup(fd, &key, &val));
	EXPECT_EQ(-EPERM, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = fd, .next_key = PTR(&key)));
	close(fd);
}

TEST(freeze)
{
	uint32_t key = 0;
	uint64_t val = 5;
	int fd = array(0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, map_update(fd, &key, &val, 0));
	EXPECT_EQ(0, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	EXPECT_EQ(-EPERM, map_update(fd, &key, &val, 0));
	EXPECT_EQ(-EPERM, map_delete(fd, &key));
	val = 0;
	EXPECT_EQ(0, map_lookup(fd, &key, &val));
	EXPECT_EQ(5, val);
	EXPECT_EQ(-EBUSY, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	close(fd);

	fd = array(BPF_F_RDONLY);
	EXPECT_EQ(-EPERM, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	close(fd);
	EXPECT_EQ(-EBADF, BPF(BPF_MAP_FREEZE, .map_fd = -1));

	fd = map_new(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTSUPP, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	close(fd);
}

/* hazard_2023_0160, hazard_2026_43016: maps of sockets and what hangs on them are not there. */
TEST(hazard_2023_0160_no_socket_maps)
{
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_SOCKHASH, 4, 4, 1, 0));
}

/* hazard_2021_4001: a map made read-only while there is a writer. */
TEST(hazard_2021_4001_mapped_writer)
{
	long page = sysconf(_SC_PAGESIZE);
	int fd = array(BPF_F_MMAPABLE);
	volatile uint64_t *mem, *ro;

	ASSERT_LE(0, fd);
	mem = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(-EBUSY, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	mem[0] = 3;
	munmap((void *)mem, page);

	EXPECT_EQ(0, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(EPERM, errno);
	ro = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, ro);
	EXPECT_EQ(3, ro[0]);
	EXPECT_EQ(-1, mprotect((void *)ro, page, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	munmap((void *)ro, page);
	close(fd);
}

TEST(mmap_errors)
{
	long page = sysconf(_SC_PAGESIZE);
	int fd = array(0);

	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0));
	close(fd);
	fd = array(BPF_F_MMAPABLE);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ, MAP_SHARED, fd, page));
	close(fd);
}

/* An fd is worth the same after the map's other fds are gone. */
TEST(mapping_outlives_fd)
{
	long page = sysconf(_SC_PAGESIZE);
	int before = ids_count(BPF_MAP_GET_NEXT_ID), fd = array(BPF_F_MMAPABLE);
	volatile uint64_t *mem;

	mem = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mem);
	close(fd);
	mem[1] = 9;
	EXPECT_EQ(9, mem[1]);
	EXPECT_EQ(before + 1, ids_count(BPF_MAP_GET_NEXT_ID));
	munmap((void *)mem, page);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST_HARNESS_MAIN
