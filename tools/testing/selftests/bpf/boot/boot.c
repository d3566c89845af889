// SPDX-License-Identifier: GPL-2.0
/* What the other suites take for granted of the guest they run in. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/magic.h>

#include "kselftest_harness.h"

static long fs_type(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) ? -errno : (long)fs.f_type;
}

TEST(kernel_release)
{
	struct utsname name;

	ASSERT_EQ(0, uname(&name));
	EXPECT_EQ(0, strncmp(name.release, "6.12.", 5));
}

TEST(mounts)
{
	EXPECT_EQ(BPF_FS_MAGIC, fs_type("/sys/fs/bpf"));
	EXPECT_EQ(TRACEFS_MAGIC, fs_type("/sys/kernel/tracing"));
	EXPECT_EQ(DEBUGFS_MAGIC, fs_type("/sys/kernel/debug"));
	EXPECT_EQ(CGROUP2_SUPER_MAGIC, fs_type("/sys/fs/cgroup"));
	EXPECT_EQ(TMPFS_MAGIC, fs_type("/tmp"));
}

static char text[8192];

/* What follows a word in a file; NULL where it is not there. */
static const char *behind(const char *path, const char *word)
{
	int fd = open(path, O_RDONLY), n = 0, ret = 1;
	char *at;

	while (fd >= 0 && ret > 0 && n < (int)sizeof(text) - 1) {
		ret = read(fd, text + n, sizeof(text) - 1 - n);
		n += ret > 0 ? ret : 0;
	}
	text[n] = 0;
	if (fd >= 0)
		close(fd);
	at = strstr(text, word);
	return at ? at + strlen(word) : NULL;
}

/* As many as the emulator was told to have. */
TEST(processors)
{
	const char *number = behind("/proc/cmdline", "kbpf.cpus=");

	ASSERT_NE(NULL, number);
	EXPECT_EQ(atoi(number), sysconf(_SC_NPROCESSORS_ONLN));
}

/* In the flavour that has them, the kernel's checkers are there, and at it. */
TEST(checkers)
{
	bool debug = !strcmp(getenv("FLAVOR") ?: "", "debug");
	const char *number = behind("/proc/lockdep_stats", " debug_locks:");
	int fd;

	EXPECT_EQ(debug, number && atoi(number) == 1);
	fd = open("/sys/kernel/debug/kmemleak", O_WRONLY);
	EXPECT_EQ(debug, fd >= 0);
	if (fd >= 0) {
		EXPECT_EQ(4, write(fd, "scan", 4));
		close(fd);
	}
	EXPECT_EQ(debug, !!behind("/proc/cmdline", "kasan_multi_shot"));
}

TEST(kernel_types)
{
	struct stat st;

	ASSERT_EQ(0, stat("/sys/kernel/btf/vmlinux", &st));
	EXPECT_GT(st.st_size, 100000);
}

TEST(unknown_command)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	EXPECT_EQ(-1, syscall(__NR_bpf, 0x7fff, &attr, sizeof(attr)));
	EXPECT_EQ(EINVAL, errno);
}

TEST(bad_attr_pointer)
{
	EXPECT_EQ(-1, syscall(__NR_bpf, BPF_MAP_CREATE, (void *)8, sizeof(union bpf_attr)));
	EXPECT_EQ(EFAULT, errno);
}

TEST_HARNESS_MAIN
