// SPDX-License-Identifier: GPL-2.0
/* What the other suites take for granted of the guest they run in. */

#include <errno.h>
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
