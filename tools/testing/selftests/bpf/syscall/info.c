// SPDX-License-Identifier: GPL-2.0
/* BPF_OBJ_GET_INFO_BY_FD and fdinfo. */

#include "sys.h"
#include "kselftest_harness.h"

/* Value of a line "name:\tvalue" of an fd's fdinfo, or -1. */
static long long fdinfo(int fd, const char *name, char *text)
{
	char path[64], line[256];
	long long val = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		size_t len = strlen(name);

		if (strncmp(line, name, len) || strncmp(line + len, ":\t", 2))
			continue;
		val = strtoll(line + len + 2, NULL, 0);
		if (text) {
			strcpy(text, line + len + 2);
			text[strcspn(text, "\n")] = 0;
		}
	}
	if (f)
		fclose(f);
	return val;
}

TEST(map)
{
	int fd = BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8,
		     .max_entries = 16, .map_flags = BPF_F_NO_PREALLOC, .map_name = "my_map");
	struct bpf_map_info info;
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	memset(&info, 0, sizeof(info));
	ASSERT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(BPF_MAP_TYPE_HASH, info.type);
	EXPECT_LT(0, info.id);
	EXPECT_EQ(4, info.key_size);
	EXPECT_EQ(8, info.value_size);
	EXPECT_EQ(16, info.max_entries);
	EXPECT_EQ(BPF_F_NO_PREALLOC, info.map_flags);
	EXPECT_STREQ("my_map", info.name);

	EXPECT_EQ(BPF_MAP_TYPE_HASH, fdinfo(fd, "map_type", NULL));
	EXPECT_EQ(4, fdinfo(fd, "key_size", NULL));
	EXPECT_EQ(8, fdinfo(fd, "value_size", NULL));
	EXPECT_EQ(16, fdinfo(fd, "max_entries", NULL));
	EXPECT_EQ(1, fdinfo(fd, "map_flags", NULL));
	EXPECT_EQ(0, fdinfo(fd, "map_extra", NULL));
	EXPECT_LT(0, fdinfo(fd, "memlock", NULL));
	EXPECT_EQ(info.id, fdinfo(fd, "map_id", NULL));
	EXPECT_EQ(0, fdinfo(fd, "frozen", NULL));
	EXPECT_EQ(0, BPF(BPF_MAP_FREEZE, .map_fd = fd));
	EXPECT_EQ(1, fdinfo(fd, "frozen", NULL));
	close(fd);
}

/* The fd's own access mode is no flag of the map. */
TEST(map_access_flags)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, BPF_F_RDONLY | BPF_F_RDONLY_PROG);
	struct bpf_map_info info = {};
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(BPF_F_RDONLY_PROG, info.map_flags);
	close(fd);
}

TEST(sizes)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	char buf[sizeof(struct bpf_map_info) + 16];
	struct bpf_map_info *info = (void *)buf;
	unsigned int len;

	ASSERT_LE(0, fd);
	/* Shorter: the rest of the caller's memory stays as it is. */
	memset(buf, 0xaa, sizeof(buf));
	len = offsetof(struct bpf_map_info, value_size);
	EXPECT_EQ(0, info_get(fd, buf, &len));
	EXPECT_EQ(offsetof(struct bpf_map_info, value_size), len);
	EXPECT_EQ(4, info->key_size);
	EXPECT_EQ(0xaaaaaaaa, info->value_size);
	/* Longer: what is not known has to be 0, and the known length comes back. */
	len = sizeof(buf);
	EXPECT_EQ(-E2BIG, info_get(fd, buf, &len));
	memset(buf, 0, sizeof(buf));
	len = sizeof(buf);
	EXPECT_EQ(0, info_get(fd, buf, &len));
	EXPECT_EQ(sizeof(struct bpf_map_info), len);
	len = 1 << 20;
	EXPECT_EQ(-E2BIG, info_get(fd, buf, &len));
	len = 16;
	EXPECT_EQ(-EFAULT, info_get(fd, (void *)8, &len));
	close(fd);
}

TEST(prog)
{
	int map = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), fd;
	struct bpf_insn insns[] = { LD_MAP_FD(BPF_REG_1, map), MOV_IMM(BPF_REG_0, 5), EXIT() };
	struct bpf_insn dump[64];
	struct bpf_map_info minfo = {};
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(minfo), map_ids[4] = {};
	char tag[64];

	ASSERT_LE(0, map);
	ASSERT_EQ(0, info_get(map, &minfo, &len));
	fd = BPF(BPF_PROG_LOAD, .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = PTR(insns),
		 .insn_cnt = 4, .license = PTR("GPL"), .prog_name = "my_prog");
	ASSERT_LE(0, fd);

	len = sizeof(info);
	info.map_ids = PTR(map_ids);
	info.nr_map_ids = 4;
	info.xlated_prog_insns = PTR(dump);
	info.xlated_prog_len = sizeof(dump);
	ASSERT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, info.type);
	EXPECT_LT(0, info.id);
	EXPECT_STREQ("my_prog", info.name);
	EXPECT_EQ(1, (int)info.gpl_compatible);
	EXPECT_EQ(getuid(), info.created_by_uid);
	EXPECT_LT(0, info.load_time);
	EXPECT_LT(0, info.verified_insns);
	EXPECT_EQ(1, info.nr_map_ids);
	EXPECT_EQ(minfo.id, map_ids[0]);
	/* An id stands where the map's address is. */
	ASSERT_LE(2 * sizeof(struct bpf_insn), info.xlated_prog_len);
	EXPECT_EQ(0, info.xlated_prog_len % sizeof(struct bpf_insn));
	if (dump[0].code == (BPF_LD | BPF_DW | BPF_IMM)) {
		EXPECT_EQ(BPF_PSEUDO_MAP_FD, (int)dump[0].src_reg);
		EXPECT_EQ(minfo.id, dump[0].imm);
		EXPECT_EQ(0, dump[1].imm);
	}

	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, fdinfo(fd, "prog_type", NULL));
	EXPECT_EQ(info.id, fdinfo(fd, "prog_id", NULL));
	EXPECT_LT(0, fdinfo(fd, "memlock", NULL));
	EXPECT_LE(0, fdinfo(fd, "prog_jited", NULL));
	EXPECT_EQ(0, fdinfo(fd, "run_time_ns", NULL));
	EXPECT_EQ(0, fdinfo(fd, "run_cnt", NULL));
	EXPECT_EQ(0, fdinfo(fd, "recursion_misses", NULL));
	EXPECT_EQ(info.verified_insns, fdinfo(fd, "verified_insns", NULL));
	fdinfo(fd, "prog_tag", tag);
	EXPECT_EQ(16, strlen(tag));
	close(fd);
	close(map);
}

/* The tag depends on the instructions alone. */
TEST(tags)
{
	struct bpf_prog_info a = {}, b = {}, c = {};
	unsigned int len = sizeof(a);
	int fa = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 1);
	int fb = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 1);
	int fc = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 2);

	EXPECT_EQ(0, info_get(fa, &a, &len));
	EXPECT_EQ(0, info_get(fb, &b, &len));
	EXPECT_EQ(0, info_get(fc, &c, &len));
	EXPECT_EQ(0, memcmp(a.tag, b.tag, BPF_TAG_SIZE));
	EXPECT_NE(0, memcmp(a.tag, c.tag, BPF_TAG_SIZE));
	EXPECT_NE(a.id, b.id);
	close(fa);
	close(fb);
	close(fc);
}

TEST(prog_lists)
{
	int fd = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 1);
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(info);
	struct bpf_insn insn = {};

	ASSERT_LE(0, fd);
	/* Without room only the numbers are told. */
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_LE(sizeof(insn), info.xlated_prog_len);
	EXPECT_EQ(8, info.func_info_rec_size);
	EXPECT_EQ(16, info.line_info_rec_size);
	EXPECT_EQ(8, info.jited_line_info_rec_size);
	/* Too little room: what fits. */
	memset(&info, 0, sizeof(info));
	info.xlated_prog_insns = PTR(&insn);
	info.xlated_prog_len = sizeof(insn);
	EXPECT_EQ(0, info_get(fd, &info, &len));
	EXPECT_NE(0, insn.code);
	EXPECT_LE(2 * sizeof(insn), info.xlated_prog_len);

	memset(&info, 0, sizeof(info));
	info.xlated_prog_insns = 8;
	info.xlated_prog_len = 8;
	EXPECT_EQ(-EFAULT, info_get(fd, &info, &len));
	memset(&info, 0, sizeof(info));
	info.nr_func_info = 1;
	info.func_info_rec_size = 4;
	EXPECT_EQ(-EINVAL, info_get(fd, &info, &len));
	close(fd);
}

TEST(names_of_files)
{
	static const char *const want[] = { "anon_inode:bpf-map", "anon_inode:bpf-prog" };
	int fds[] = { map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0),
		      prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0) };
	char path[64], name[64];
	ssize_t n;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_LE(0, fds[i]);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		n = readlink(path, name, sizeof(name) - 1);
		ASSERT_LT(0, n);
		name[n] = 0;
		EXPECT_STREQ(want[i], name);
		close(fds[i]);
	}
}

TEST_HARNESS_MAIN
