// SPDX-License-Identifier: GPL-2.0
/* What BPF_PROG_LOAD does with log_buf, log_size, log_level and log_true_size. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "kselftest_harness.h"

#define SIZE	8192

static char buf[SIZE], full[SIZE];

/* r0 = 0, then a load through it where @bad. */
static int load(bool bad, __u32 level, char *log, __u32 size, __u32 *true_size)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_6, .imm = 1 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_6, .imm = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_6 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (unsigned long)insns,
		.insn_cnt = 5, .license = (unsigned long)"GPL", .log_level = level,
		.log_buf = (unsigned long)log, .log_size = size,
	};
	int fd;

	if (!bad)
		insns[3] = insns[2];
	fd = syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (true_size)
		*true_size = attr.log_true_size;
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static const char *last_line(const char *log)
{
	const char *line = log, *nl;

	while ((nl = strchr(line, '\n')) && nl[1])
		line = nl + 1;
	return line;
}

TEST(success_is_logged)
{
	__u32 level, size;

	for (level = 1; level <= 7; level++) {
		memset(buf, 'x', sizeof(buf));
		EXPECT_EQ(load(false, level, buf, sizeof(buf), &size), 0);
		EXPECT_EQ(strncmp(last_line(buf), "processed 5 insns (limit 1000000) ", 34), 0)
			TH_LOG("level %u: %s", level, buf);
		/* at level 1 there was more for a while */
		EXPECT_LE(strlen(buf) + 1, size);
		EXPECT_TRUE(!(level & 2) || strlen(buf) + 1 == size);
		EXPECT_EQ(!!strstr(buf, "verification time "), !!(level & 4));
		EXPECT_EQ(!!strstr(buf, "stack depth 0\n"), !!(level & 4));
		/* the path that went well is of no interest at level 1 */
		EXPECT_EQ(!!strstr(buf, "0: (b7) r6 = 1"), !!(level & 2));
	}
}

TEST(failure_is_explained)
{
	__u32 size;

	ASSERT_EQ(load(true, 1, buf, sizeof(buf), &size), -EACCES);
	EXPECT_NE(strstr(buf, "1: (07) r6 += 2"), NULL);
	EXPECT_NE(strstr(buf, "R6 invalid mem access 'scalar'\n"), NULL) TH_LOG("%s", buf);
	EXPECT_NE(strstr(buf, "\nreason: "), NULL);
	EXPECT_EQ(strncmp(last_line(buf), "processed 4 insns ", 18), 0);
	EXPECT_EQ(strlen(buf) + 1, size);
}

/* The end is kept, whatever the size, and the errno is the verifier's own. */
TEST(rotating)
{
	__u32 size, true_size, len;

	ASSERT_EQ(load(true, 2, full, sizeof(full), &true_size), -EACCES);
	ASSERT_EQ(strlen(full) + 1, true_size);
	for (size = 1; size < true_size + 3; size += size < 20 ? 1 : 17) {
		memset(buf, 'x', sizeof(buf));
		EXPECT_EQ(load(true, 2, buf, size, &len), -EACCES);
		EXPECT_EQ(len, true_size);
		len = size < true_size ? size - 1 : true_size - 1;
		ASSERT_EQ(strnlen(buf, size), len) TH_LOG("size %u", size);
		EXPECT_EQ(strcmp(buf, full + true_size - 1 - len), 0) TH_LOG("size %u", size);
		EXPECT_EQ(buf[size], 'x');
	}
}

/* The beginning is kept, and a log that did not fit is an error. */
TEST(fixed)
{
	__u32 size, true_size, len;

	ASSERT_EQ(load(true, 2 | 8, full, sizeof(full), &true_size), -EACCES);
	for (size = 1; size < true_size + 3; size += size < 20 ? 1 : 17) {
		memset(buf, 'x', sizeof(buf));
		EXPECT_EQ(load(true, 2 | 8, buf, size, &len), size < true_size ? -ENOSPC : -EACCES);
		EXPECT_EQ(len, true_size);
		len = size < true_size ? size - 1 : true_size - 1;
		ASSERT_EQ(strnlen(buf, size), len) TH_LOG("size %u", size);
		EXPECT_EQ(strncmp(buf, full, len), 0) TH_LOG("size %u", size);
		EXPECT_EQ(buf[size], 'x');
	}
	EXPECT_EQ(load(false, 1 | 8, buf, 10, NULL), -ENOSPC);
}

TEST(size_only)
{
	__u32 size, want;

	ASSERT_EQ(load(false, 2, full, sizeof(full), &want), 0);
	EXPECT_EQ(load(false, 2, NULL, 0, &size), 0);
	EXPECT_EQ(size, want);
	EXPECT_EQ(load(true, 2, NULL, 0, &size), -EACCES);
}

TEST(refused)
{
	EXPECT_EQ(load(false, 16, buf, sizeof(buf), NULL), -EINVAL);
	EXPECT_EQ(load(false, 0, buf, sizeof(buf), NULL), -EINVAL);
	EXPECT_EQ(load(false, 1, buf, 0, NULL), -EINVAL);
	EXPECT_EQ(load(false, 1, NULL, 100, NULL), -EINVAL);
	EXPECT_EQ(load(false, 1, buf, 1U << 31, NULL), -EINVAL);
	EXPECT_EQ(load(false, 1, (char *)16, 100, NULL), -EFAULT);
}

TEST_HARNESS_MAIN
