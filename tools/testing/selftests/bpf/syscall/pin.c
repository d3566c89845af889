// SPDX-License-Identifier: GPL-2.0
/* bpffs: BPF_OBJ_PIN, BPF_OBJ_GET, directories, permissions, mount options. */

#include <sys/mount.h>
#include <sys/wait.h>

#include "sys.h"
#include "kselftest_harness.h"

#define DIR "/sys/fs/bpf/syscall_test"

static int pin(int fd, const char *path)
{
	return BPF(BPF_OBJ_PIN, .pathname = PTR(path), .bpf_fd = fd);
}

static int get(const char *path, unsigned int flags)
{
	return BPF(BPF_OBJ_GET, .pathname = PTR(path), .file_flags = flags);
}

FIXTURE(pin)
{
	int map;
	int prog;
};

FIXTURE_SETUP(pin)
{
	rmdir(DIR);
	ASSERT_EQ(0, mkdir(DIR, 0755));
	self->map = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	ASSERT_LE(0, self->map);
	self->prog = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(pin)
{
	close(self->map);
	close(self->prog);
	unlink(DIR "/map");
	unlink(DIR "/prog");
	EXPECT_EQ(0, rmdir(DIR));
}

TEST_F(pin, keeps_objects)
{
	int maps = ids_count(BPF_MAP_GET_NEXT_ID), progs = ids_count(BPF_PROG_GET_NEXT_ID), fd;
	uint32_t key = 1;
	uint64_t val = 11;

	ASSERT_EQ(0, map_update(self->map, &key, &val, 0));
	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	ASSERT_EQ(0, pin(self->prog, DIR "/prog"));
	close(self->map);
	close(self->prog);
	self->map = -1;
	self->prog = -1;
	usleep(50000);
	EXPECT_EQ(maps, ids_count(BPF_MAP_GET_NEXT_ID));
	EXPECT_EQ(progs, ids_count(BPF_PROG_GET_NEXT_ID));

	fd = get(DIR "/map", 0);
	ASSERT_LE(0, fd);
	val = 0;
	EXPECT_EQ(0, map_lookup(fd, &key, &val));
	EXPECT_EQ(11, val);
	close(fd);
	fd = get(DIR "/prog", 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, unlink(DIR "/map"));
	EXPECT_EQ(0, unlink(DIR "/prog"));
	EXPECT_GE(maps - 1, ids_settle(BPF_MAP_GET_NEXT_ID, maps - 1));
	EXPECT_GE(progs - 1, ids_settle(BPF_PROG_GET_NEXT_ID, progs - 1));
}

TEST_F(pin, errors)
{
	int null = open("/dev/null", O_RDWR);

	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	EXPECT_EQ(-EEXIST, pin(self->map, DIR "/map"));
	EXPECT_EQ(-EEXIST, pin(self->prog, DIR "/map"));
	EXPECT_EQ(-ENOENT, pin(self->map, DIR "/no/map"));
	EXPECT_EQ(-EPERM, pin(self->map, "/tmp/map"));
	EXPECT_EQ(-EPERM, pin(self->map, DIR "/map.x"));
	EXPECT_EQ(-EFAULT, pin(self->map, (void *)8));
	EXPECT_EQ(-EBADF, pin(-1, DIR "/x"));
	EXPECT_EQ(-EINVAL, pin(null, DIR "/x"));
	EXPECT_EQ(-EINVAL, BPF(BPF_OBJ_PIN, .pathname = PTR(DIR "/x"), .bpf_fd = self->map,
			       .file_flags = BPF_F_RDONLY));
	EXPECT_EQ(-EINVAL, BPF(BPF_OBJ_PIN, .pathname = PTR(DIR "/x"), .bpf_fd = self->map,
			       .path_fd = 5));
	EXPECT_EQ(-ENOENT, get(DIR "/no", 0));
	EXPECT_EQ(-EACCES, get(DIR, 0));
	EXPECT_EQ(-EACCES, get("/dev/null", 0));
	EXPECT_EQ(-EFAULT, get((void *)8, 0));
	EXPECT_EQ(-EINVAL, get(DIR "/map", BPF_F_RDONLY | BPF_F_WRONLY));
	EXPECT_EQ(-EINVAL, get(DIR "/map", 1U << 20));
	EXPECT_EQ(-EINVAL, BPF(BPF_OBJ_GET, .pathname = PTR(DIR "/map"), .bpf_fd = 1));
	close(null);
}

TEST_F(pin, access_modes)
{
	uint32_t key = 0;
	uint64_t val = 0;
	int fd;

	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	fd = get(DIR "/map", BPF_F_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, map_lookup(fd, &key, &val));
	EXPECT_EQ(-EPERM, map_update(fd, &key, &val, 0));
	close(fd);
	ASSERT_EQ(0, pin(self->prog, DIR "/prog"));
	EXPECT_EQ(-EINVAL, get(DIR "/prog", BPF_F_RDONLY));
}

TEST_F(pin, relative_to_an_fd)
{
	int dir = open(DIR, O_PATH | O_DIRECTORY), fd;

	ASSERT_LE(0, dir);
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR("map"), .bpf_fd = self->map,
			 .file_flags = BPF_F_PATH_FD, .path_fd = dir));
	fd = BPF(BPF_OBJ_GET, .pathname = PTR("map"), .file_flags = BPF_F_PATH_FD,
		 .path_fd = dir);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EBADF, BPF(BPF_OBJ_GET, .pathname = PTR("map"), .file_flags = BPF_F_PATH_FD,
			      .path_fd = 1000));
	close(dir);
}

TEST_F(pin, no_fd_leaves_nothing)
{
	int before, ret;
	struct rlimit old;

	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	before = ids_count(BPF_MAP_GET_NEXT_ID);
	fds_use_up(&old);
	ret = get(DIR "/map", 0);
	fds_free(&old);
	EXPECT_EQ(-EMFILE, ret);
	close(self->map);
	self->map = -1;
	EXPECT_EQ(0, unlink(DIR "/map"));
	EXPECT_GE(before - 1, ids_settle(BPF_MAP_GET_NEXT_ID, before - 1));
}

TEST_F(pin, names)
{
	int fd;

	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	EXPECT_EQ(0, mkdir(DIR "/sub", 0700));
	EXPECT_EQ(0, rename(DIR "/map", DIR "/sub/renamed"));
	EXPECT_EQ(-ENOENT, get(DIR "/map", 0));
	fd = get(DIR "/sub/renamed", 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-1, rmdir(DIR "/sub"));
	EXPECT_EQ(ENOTEMPTY, errno);
	EXPECT_EQ(0, link(DIR "/sub/renamed", DIR "/hard"));
	EXPECT_EQ(0, unlink(DIR "/sub/renamed"));
	EXPECT_EQ(0, rmdir(DIR "/sub"));
	fd = get(DIR "/hard", 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, symlink("hard", DIR "/soft"));
	fd = get(DIR "/soft", 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, unlink(DIR "/soft"));
	EXPECT_EQ(0, unlink(DIR "/hard"));
	EXPECT_EQ(-1, mkdir(DIR "/a.b", 0700));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, open(DIR "/file", O_CREAT | O_RDWR, 0600));
}

TEST_F(pin, permissions)
{
	struct stat st;
	int fd;

	umask(022);
	ASSERT_EQ(0, pin(self->map, DIR "/map"));
	ASSERT_EQ(0, stat(DIR "/map", &st));
	EXPECT_EQ(S_IFREG | 0600, st.st_mode);
	EXPECT_EQ(0, chmod(DIR "/map", 0640));
	ASSERT_EQ(0, stat(DIR "/map", &st));
	EXPECT_EQ(S_IFREG | 0640, st.st_mode);
	EXPECT_EQ(0, chmod(DIR "/map", 0400));

	if (!fork()) {
		if (setgid(1000) || setuid(1000))
			_exit(1);
		fd = get(DIR "/map", BPF_F_RDONLY);
		_exit(fd == -EACCES ? 0 : 2);
	}
	int status = -1;

	wait(&status);
	EXPECT_EQ(0, status);
	/* A pin only names its object. */
	EXPECT_EQ(-1, open(DIR "/map", O_RDONLY));
	EXPECT_EQ(EIO, errno);
}

TEST(mount_options)
{
	char dir[] = "/tmp/bpffs.XXXXXX";
	struct stat st;

	ASSERT_NE(NULL, mkdtemp(dir));
	EXPECT_EQ(-1, mount("bpf", dir, "bpf", 0, "mode=xyz"));
	EXPECT_EQ(-1, mount("bpf", dir, "bpf", 0, "delegate_cmds=nonsense"));
	ASSERT_EQ(0, mount("bpf", dir, "bpf", 0,
			   "mode=0750,uid=12,gid=34,delegate_cmds=0x21,delegate_maps=any"));
	ASSERT_EQ(0, stat(dir, &st));
	EXPECT_EQ(S_IFDIR | 0750, st.st_mode);
	EXPECT_EQ(12, st.st_uid);
	EXPECT_EQ(34, st.st_gid);

	char line[512], opts[512] = "";
	FILE *f = fopen("/proc/self/mounts", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strstr(line, dir))
			strcpy(opts, line);
	}
	if (f)
		fclose(f);
	EXPECT_NE(NULL, strstr(opts, "mode=750"));
	EXPECT_NE(NULL, strstr(opts, "uid=12"));
	EXPECT_NE(NULL, strstr(opts, "delegate_cmds=0x21"));
	EXPECT_NE(NULL, strstr(opts, "delegate_maps=any"));
	EXPECT_EQ(0, umount(dir));
	rmdir(dir);
}

TEST_HARNESS_MAIN
