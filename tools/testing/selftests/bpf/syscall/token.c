// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens: what the administrator delegates by a bpffs to the owner of a user namespace, that one
 * may do, and nothing else.
 */
#include <linux/mount.h>
#include <sched.h>
#include <sys/wait.h>

#include "sys.h"
#include "kselftest_harness.h"

#define BIT(n) (1ULL << (n))

#define CMDS	(BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD) | BIT(BPF_BTF_LOAD))
#define MAPS	BIT(BPF_MAP_TYPE_LRU_HASH)
#define PROGS	(BIT(BPF_PROG_TYPE_XDP) | BIT(BPF_PROG_TYPE_KPROBE))
#define ATTACHS	(BIT(BPF_XDP) | BIT(BPF_CGROUP_INET_INGRESS))

static int fs_open(void)
{
	int fd = syscall(__NR_fsopen, "bpf", 0);

	return fd < 0 ? -errno : fd;
}

static int fs_config(int fs, unsigned int cmd, const char *key, const char *value)
{
	return syscall(__NR_fsconfig, fs, cmd, key, value, 0) ? -errno : 0;
}

static int delegate(int fs, const char *what, uint64_t mask)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)mask);
	return fs_config(fs, FSCONFIG_SET_STRING, what, text);
}

/* The administrator's part: rights, and the super block. */
static int fs_delegate(int fs)
{
	return delegate(fs, "delegate_cmds", CMDS) ?: delegate(fs, "delegate_maps", MAPS) ?:
	       delegate(fs, "delegate_progs", PROGS) ?: delegate(fs, "delegate_attachs", ATTACHS) ?:
	       fs_config(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
}

/* Its root as an fd. */
static int fs_root(int fs)
{
	int mnt = syscall(__NR_fsmount, fs, 0, 0), root;

	if (mnt < 0)
		return -errno;
	root = openat(mnt, ".", O_RDONLY | O_DIRECTORY);
	if (root < 0)
		root = -errno;
	close(mnt);
	return root;
}

static int token_new(int root)
{
	return BPF(BPF_TOKEN_CREATE, .token_create = { .bpffs_fd = root });
}

static int map_by(int token, unsigned int type)
{
	return BPF(BPF_MAP_CREATE, .map_type = type, .key_size = 4, .value_size = 4,
		   .max_entries = 16, .map_flags = BPF_F_TOKEN_FD, .map_token_fd = token);
}

static int prog_by(int token, unsigned int type, unsigned int attach_type, int ret)
{
	struct bpf_insn insns[] = { MOV_IMM(BPF_REG_0, ret), EXIT() };

	return BPF(BPF_PROG_LOAD, .prog_type = type, .insns = PTR(insns), .insn_cnt = 2,
		   .license = PTR("GPL"), .expected_attach_type = attach_type,
		   .prog_flags = BPF_F_TOKEN_FD, .prog_token_fd = token);
}

static int wrong;

#define SEE(want, expr) see((want), (expr), #expr, __LINE__)

/* @want is an errno, or 0 for success. */
static int see(int want, int got, const char *what, int line)
{
	if (want ? got != want : got < 0) {
		fprintf(stderr, "# line %d: %s: %d instead of %d\n", line, what, got, want);
		wrong++;
	}
	return got;
}

/* Whether the file of an fd says LINE about it. */
static int fdinfo_has(int fd, const char *line)
{
	char path[64], text[1024] = "";
	int in;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	in = open(path, O_RDONLY);
	if (read(in, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(in);
	return strstr(text, line) ? 0 : -ENOENT;
}

static void use_token(int token)
{
	char line[64];

	SEE(0, map_by(token, BPF_MAP_TYPE_LRU_HASH));
	SEE(-EPERM, map_by(token, BPF_MAP_TYPE_LRU_PERCPU_HASH));
	SEE(-EPERM, map_new(BPF_MAP_TYPE_LRU_HASH, 4, 4, 16, 0));
	SEE(0, prog_by(token, BPF_PROG_TYPE_XDP, BPF_XDP, 2));
	/* Every attach type 0 is the one of cgroups: programs that have none need that bit. */
	SEE(0, prog_by(token, BPF_PROG_TYPE_KPROBE, 0, 0));
	SEE(-EPERM, prog_by(token, BPF_PROG_TYPE_SCHED_CLS, 0, 0));
	SEE(-EPERM, prog_by(token, BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, 2));
	SEE(-EPERM, prog_ret(BPF_PROG_TYPE_XDP, 2));
	SEE(-EPERM, BPF(BPF_MAP_GET_NEXT_ID));
	snprintf(line, sizeof(line), "allowed_cmds:\t%#llx\n", CMDS);
	SEE(0, fdinfo_has(token, line));
	snprintf(line, sizeof(line), "allowed_progs:\t%#llx\n", PROGS);
	SEE(0, fdinfo_has(token, line));
}

static int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	ret = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
	close(fd);
	return ret;
}

/* A user namespace in which the caller is root. */
static int userns_new(int flags)
{
	if (unshare(CLONE_NEWUSER | flags))
		return -errno;
	return file_write("/proc/self/uid_map", "0 0 1") ?:
	       file_write("/proc/self/setgroups", "deny") ?:
	       file_write("/proc/self/gid_map", "0 0 1");
}

/* Shows an fd to the administrator and waits until that one is done. */
static void show(int from_admin, int to_admin, int fd)
{
	char c;

	if (write(to_admin, &fd, sizeof(fd)) != sizeof(fd) || read(from_admin, &c, 1) != 1)
		_exit(101);
}

/* The owner's part. */
static int owner(int from_admin, int to_admin)
{
	struct rlimit old;
	int fs, root, token, ret;

	if (SEE(0, userns_new(CLONE_NEWNS)))
		return 100;
	fs = SEE(0, fs_open());
	SEE(-EPERM, delegate(fs, "delegate_cmds", CMDS));
	show(from_admin, to_admin, fs);
	root = SEE(0, fs_root(fs));
	show(from_admin, to_admin, root);
	token = SEE(0, token_new(root));
	use_token(token);
	fds_use_up(&old);
	ret = token_new(root);
	fds_free(&old);
	SEE(-EMFILE, ret);
	/* In a namespace below it is worth nothing. */
	SEE(0, userns_new(0));
	SEE(-EPERM, token_new(root));
	SEE(-EPERM, map_by(token, BPF_MAP_TYPE_LRU_HASH));
	return wrong;
}

/* The administrator's copy of an fd that the owner shows. */
static int shown(int pidfd, int up)
{
	int fd = -1;

	if (read(up, &fd, sizeof(fd)) != sizeof(fd))
		return -EPIPE;
	fd = syscall(__NR_pidfd_getfd, pidfd, fd, 0);
	return fd < 0 ? -errno : fd;
}

TEST(delegated)
{
	int up[2], down[2], status = -1, pidfd, fs, root;
	pid_t pid;

	ASSERT_EQ(0, pipe(up));
	ASSERT_EQ(0, pipe(down));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(owner(down[0], up[1]));
	close(up[1]);
	pidfd = syscall(__NR_pidfd_open, pid, 0);
	ASSERT_LE(0, pidfd);
	fs = shown(pidfd, up[0]);
	ASSERT_LE(0, fs);
	EXPECT_EQ(-EINVAL, fs_config(fs, FSCONFIG_SET_STRING, "delegate_maps", "some"));
	EXPECT_EQ(0, fs_delegate(fs));
	ASSERT_EQ(1, write(down[1], "x", 1));
	root = shown(pidfd, up[0]);
	ASSERT_LE(0, root);
	/* The administrator is not the one that it is meant for. */
	EXPECT_EQ(-EPERM, token_new(root));
	ASSERT_EQ(1, write(down[1], "x", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(root);
	close(fs);
	close(pidfd);
}

/* Without anything delegated there is no token. */
TEST(nothing_delegated)
{
	int status = -1;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		int fs, root;

		SEE(0, userns_new(CLONE_NEWNS));
		fs = fs_open();
		SEE(0, fs_config(fs, FSCONFIG_CMD_CREATE, NULL, NULL));
		root = SEE(0, fs_root(fs));
		SEE(-ENOENT, token_new(root));
		SEE(-EINVAL, token_new(open("/proc", O_RDONLY | O_DIRECTORY)));
		_exit(wrong);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
