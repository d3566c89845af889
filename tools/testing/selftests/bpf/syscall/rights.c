// SPDX-License-Identifier: GPL-2.0
/* Who may do what: capabilities, kernel.unprivileged_bpf_disabled, tokens. */

#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "sys.h"
#include "kselftest_harness.h"

#define SYSCTL "/proc/sys/kernel/unprivileged_bpf_disabled"

static int sysctl_get(void)
{
	int val = -1;
	FILE *f = fopen(SYSCTL, "r");

	if (f && fscanf(f, "%d", &val) != 1)
		val = -1;
	if (f)
		fclose(f);
	return val;
}

static int sysctl_set(int val)
{
	char text[16];
	int fd = open(SYSCTL, O_WRONLY), n = snprintf(text, sizeof(text), "%d\n", val), ret;

	ret = write(fd, text, n) == n ? 0 : -errno;
	close(fd);
	return ret;
}

/* Keeps the capabilities of @caps, all in sets that count. */
static void caps_keep(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	data[0].effective = caps;
	data[0].permitted = caps;
	data[1].effective = caps >> 32;
	data[1].permitted = caps >> 32;
	if (syscall(__NR_capset, &header, data))
		_exit(99);
}

#define CAP(c) (1ULL << (c))

/* Runs @expr with those capabilities only; its value, or -errno, or 1 for an fd. */
#define WITH_CAPS(caps, expr)						\
({									\
	int __p[2], __ret = 12345;					\
	if (pipe(__p))							\
		abort();						\
	if (!fork()) {							\
		caps_keep(caps);					\
		__ret = (expr);						\
		if (__ret > 0)						\
			__ret = 1;					\
		if (write(__p[1], &__ret, sizeof(__ret)) < 0)		\
			_exit(1);					\
		_exit(0);						\
	}								\
	close(__p[1]);							\
	if (read(__p[0], &__ret, sizeof(__ret)) < 0)			\
		__ret = 54321;						\
	close(__p[0]);							\
	wait(NULL);							\
	__ret;								\
})

FIXTURE(rights)
{
	int old;
};

FIXTURE_SETUP(rights)
{
	self->old = sysctl_get();
	if (self->old == 1)
		SKIP(return, "unprivileged_bpf_disabled is locked");
	ASSERT_LE(0, self->old);
}

FIXTURE_TEARDOWN(rights)
{
	sysctl_set(self->old);
}

static int new_array(void)
{
	return map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
}

static int new_lru(void)
{
	return map_new(BPF_MAP_TYPE_LRU_HASH, 4, 4, 64, 0);
}

TEST_F(rights, sysctl_off)
{
	ASSERT_EQ(0, sysctl_set(2));
	EXPECT_EQ(2, sysctl_get());
	EXPECT_EQ(-EPERM, WITH_CAPS(0, new_array()));
	EXPECT_EQ(-EPERM, WITH_CAPS(0, prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0)));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF), new_array()));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF), prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0)));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_SYS_ADMIN), new_array()));
	EXPECT_EQ(-EINVAL, sysctl_set(3));
	EXPECT_EQ(-EINVAL, sysctl_set(-1));
}

TEST_F(rights, sysctl_on)
{
	ASSERT_EQ(0, sysctl_set(0));
	EXPECT_EQ(1, WITH_CAPS(0, new_array()));
	EXPECT_EQ(1, WITH_CAPS(0, prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0)));
	/* Not even then. */
	EXPECT_EQ(-EPERM, WITH_CAPS(0, new_lru()));
	EXPECT_EQ(-EPERM, WITH_CAPS(0, prog_ret(BPF_PROG_TYPE_KPROBE, 0)));
	EXPECT_EQ(-EPERM, WITH_CAPS(0, prog_ret(BPF_PROG_TYPE_XDP, 0)));
	EXPECT_EQ(-EPERM, WITH_CAPS(0, sysctl_set(2)));
}

TEST_F(rights, by_program_type)
{
	EXPECT_EQ(-EPERM, WITH_CAPS(CAP(CAP_BPF), prog_ret(BPF_PROG_TYPE_XDP, 2)));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF) | CAP(CAP_NET_ADMIN), prog_ret(BPF_PROG_TYPE_XDP, 2)));
	EXPECT_EQ(-EPERM, WITH_CAPS(CAP(CAP_NET_ADMIN), prog_ret(BPF_PROG_TYPE_XDP, 2)));
	EXPECT_EQ(-EPERM, WITH_CAPS(CAP(CAP_BPF), prog_ret(BPF_PROG_TYPE_KPROBE, 0)));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF) | CAP(CAP_PERFMON), prog_ret(BPF_PROG_TYPE_KPROBE, 0)));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF), new_lru()));
}

/* Objects of others are for the administrator. */
TEST_F(rights, ids)
{
	static const int cmds[] = {
		BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID, BPF_BTF_GET_NEXT_ID,
		BPF_LINK_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID,
		BPF_BTF_GET_FD_BY_ID, BPF_LINK_GET_FD_BY_ID, BPF_ENABLE_STATS, BPF_TASK_FD_QUERY,
	};
	unsigned int i;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		EXPECT_EQ(-EPERM, WITH_CAPS(CAP(CAP_BPF) | CAP(CAP_PERFMON) | CAP(CAP_NET_ADMIN),
					    BPF(cmds[i]))) TH_LOG("command %d", cmds[i]);
	}
	EXPECT_EQ(-EPERM, WITH_CAPS(CAP(CAP_BPF), BPF(BPF_PROG_QUERY)));
	EXPECT_EQ(-EPERM, WITH_CAPS(0, BPF(BPF_BTF_LOAD)));
}

/* What a program is made of is for those who may load one. */
TEST_F(rights, info)
{
	int fd = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	struct bpf_prog_info info = {};
	unsigned int len = sizeof(info);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, WITH_CAPS(0, info_get(fd, &info, &len) ?: (int)info.xlated_prog_len));
	EXPECT_EQ(1, WITH_CAPS(CAP(CAP_BPF),
			       info_get(fd, &info, &len) ?: (int)info.xlated_prog_len));
	close(fd);
}

TEST(token_errors)
{
	int root = open("/sys/fs/bpf", O_DIRECTORY), tmp = open("/tmp", O_DIRECTORY);

	ASSERT_LE(0, root);
	EXPECT_EQ(-EBADF, BPF(BPF_TOKEN_CREATE, .token_create = { .bpffs_fd = -1 }));
	EXPECT_EQ(-EINVAL, BPF(BPF_TOKEN_CREATE, .token_create = { .flags = 1,
			       .bpffs_fd = root }));
	EXPECT_EQ(-EINVAL, BPF(BPF_TOKEN_CREATE, .token_create = { .bpffs_fd = tmp }));
	/* In init's own namespace there is nothing to delegate. */
	EXPECT_EQ(-EOPNOTSUPP, BPF(BPF_TOKEN_CREATE, .token_create = { .bpffs_fd = root }));
	close(root);
	close(tmp);
}

TEST_HARNESS_MAIN
