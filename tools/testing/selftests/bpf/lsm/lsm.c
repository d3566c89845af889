// SPDX-License-Identifier: GPL-2.0
/* Security hooks as programs: what they deny is denied, to those they mean and to nobody else. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

#define FILE_NAME	"/tmp/lsm_file"
#define EXE_NAME	"/tmp/lsm_exe"

static char vlog[1 << 16];
static size_t vlen;

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (level == LIBBPF_WARN && vlen < sizeof(vlog))
		vlen += vsnprintf(vlog + vlen, sizeof(vlog) - vlen, fmt, args);
	return 0;
}

static void *var(struct bpf_object *obj, const char *name)
{
	struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *sec, *v;
	struct btf_var_secinfo *vi;
	struct bpf_map *map;
	unsigned int i;
	char *mem;

	sec = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	bpf_object__for_each_map(map, obj) {
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	}
	mem = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED,
		   bpf_map__fd(map), 0);
	vi = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++) {
		v = btf__type_by_id(btf, vi[i].type);
		if (!strcmp(btf__name_by_offset(btf, v->name_off), name))
			return mem + vi[i].offset;
	}
	return NULL;
}

#define U64(name) (*(volatile __u64 *)var(self->obj, name))
#define U32(name) (*(volatile __u32 *)var(self->obj, name))

FIXTURE(lsm) {
	struct bpf_object *obj;
	struct bpf_link *links[4];
	int nr;
};

FIXTURE_SETUP(lsm)
{
	char name[512];

	libbpf_set_print(quiet);
	snprintf(name, sizeof(name), "%s/lsm.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(name, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj)) TH_LOG("%s", vlog);
	close(open(FILE_NAME, O_CREAT | O_WRONLY, 0644));
	U32("pid") = getpid();
}

FIXTURE_TEARDOWN(lsm)
{
	while (self->nr)
		bpf_link__destroy(self->links[--self->nr]);
	bpf_object__close(self->obj);
	unlink(FILE_NAME);
	unlink(EXE_NAME);
}

static struct bpf_link *at(FIXTURE_DATA(lsm) *self, const char *prog)
{
	struct bpf_link *link;

	link = bpf_program__attach_lsm(bpf_object__find_program_by_name(self->obj, prog));
	if (link)
		self->links[self->nr++] = link;
	return link;
}

static __u64 inode_of(const char *name)
{
	struct stat st;

	return stat(name, &st) ? 0 : st.st_ino;
}

/* 0 or -errno. */
static int try_open(const char *name)
{
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int in_child(int (*fn)(const char *), const char *arg)
{
	int status, pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(-fn(arg));
	waitpid(pid, &status, 0);
	return -WEXITSTATUS(status);
}

TEST_F(lsm, is_on)
{
	char list[256] = "";
	int fd = open("/sys/kernel/security/lsm", O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, list, sizeof(list) - 1));
	close(fd);
	EXPECT_NE(NULL, strstr(list, "bpf"));
}

TEST_F(lsm, file_open)
{
	U64("ino") = inode_of(FILE_NAME);
	EXPECT_EQ(0, try_open(FILE_NAME));
	ASSERT_NE(NULL, at(self, "deny_open"));
	EXPECT_EQ(-EPERM, try_open(FILE_NAME));
	EXPECT_EQ(0, try_open("/proc/self/status"));
	EXPECT_EQ(0, in_child(try_open, FILE_NAME));
	EXPECT_EQ(1, U64("nr_open"));
	bpf_link__destroy(self->links[--self->nr]);
	EXPECT_EQ(0, try_open(FILE_NAME));
	EXPECT_EQ(1, U64("nr_open"));
}

/* The first that answers ends it. */
TEST_F(lsm, several)
{
	U64("ino") = inode_of(FILE_NAME);
	ASSERT_NE(NULL, at(self, "first_open"));
	ASSERT_NE(NULL, at(self, "deny_open"));
	EXPECT_EQ(-EPERM, try_open(FILE_NAME));
	EXPECT_EQ(1, U64("nr_open_first"));
	EXPECT_EQ(1, U64("nr_open"));
	U32("first_answer") = 1;
	EXPECT_EQ(-EBUSY, try_open(FILE_NAME));
	EXPECT_EQ(2, U64("nr_open_first"));
	EXPECT_EQ(1, U64("nr_open"));
}

TEST_F(lsm, link)
{
	struct bpf_program *allow = bpf_object__find_program_by_name(self->obj, "allow_open");
	struct bpf_program *other = bpf_object__find_program_by_name(self->obj, "deny_fork");
	struct bpf_program *deny = bpf_object__find_program_by_name(self->obj, "deny_open");
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	struct bpf_link *link;
	int fd;

	U64("ino") = inode_of(FILE_NAME);
	fd = bpf_link_create(bpf_program__fd(deny), 0, BPF_LSM_MAC, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, try_open(FILE_NAME));
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_TRACING, info.type);
	EXPECT_EQ(BPF_LSM_MAC, info.tracing.attach_type);
	EXPECT_NE(0, info.tracing.target_btf_id);
	EXPECT_NE(0, bpf_link_update(fd, bpf_program__fd(other), NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, bpf_link_update(fd, bpf_program__fd(allow), NULL));
	EXPECT_EQ(0, try_open(FILE_NAME));
	EXPECT_EQ(0, bpf_link_update(fd, bpf_program__fd(deny), NULL));
	EXPECT_EQ(-EPERM, try_open(FILE_NAME));
	EXPECT_EQ(0, bpf_link_detach(fd));
	EXPECT_EQ(0, try_open(FILE_NAME));
	close(fd);
	/* once a hook and program */
	link = at(self, "deny_open");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(NULL, at(self, "deny_open"));
	EXPECT_EQ(EBUSY, errno);
}

TEST_F(lsm, sleepable)
{
	int fd, mfd = bpf_object__find_map_fd_by_name(self->obj, "inodes");
	int tfd = bpf_object__find_map_fd_by_name(self->obj, "tasks");
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0), bad = -1;
	__u64 val = 0;

	fd = open(FILE_NAME, O_RDONLY);
	ASSERT_LE(0, fd);
	U64("ino") = inode_of(FILE_NAME);
	ASSERT_NE(NULL, at(self, "sleep_open"));
	EXPECT_NE(0, bpf_map_lookup_elem(mfd, &fd, &val));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, try_open(FILE_NAME));
	EXPECT_EQ(0, try_open(FILE_NAME));
	EXPECT_EQ(2, U64("nr_open"));
	EXPECT_EQ(sizeof(FILE_NAME), U64("path_len"));
	EXPECT_STREQ(FILE_NAME, (char *)var(self->obj, "path"));
	EXPECT_EQ(2, U64("stored"));
	EXPECT_EQ(2, U64("task_stored"));
	EXPECT_EQ(0, bpf_map_lookup_elem(mfd, &fd, &val));
	EXPECT_EQ(2, val);
	EXPECT_EQ(0, bpf_map_lookup_elem(tfd, &pidfd, &val));
	EXPECT_EQ(2, val);
	val = 40;
	EXPECT_EQ(0, bpf_map_update_elem(mfd, &fd, &val, BPF_EXIST));
	EXPECT_EQ(0, try_open(FILE_NAME));
	EXPECT_EQ(41, U64("stored"));
	EXPECT_EQ(0, bpf_map_delete_elem(mfd, &fd));
	EXPECT_NE(0, bpf_map_delete_elem(mfd, &fd));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_NE(0, bpf_map_lookup_elem(mfd, &bad, &val));
	EXPECT_EQ(EBADF, errno);
	ASSERT_NE(NULL, at(self, "forget_open"));
	EXPECT_EQ(0, try_open(FILE_NAME));	/* stores and forgets */
	EXPECT_EQ(0, U64("stored"));
	EXPECT_NE(0, bpf_map_lookup_elem(mfd, &fd, &val));
	close(pidfd);
	close(fd);
}

/* What inodes keep goes with them, not before and not later. */
TEST_F_TIMEOUT(lsm, inode_storage_ends, 90)
{
	int i, mfd = bpf_object__find_map_fd_by_name(self->obj, "inodes");
	__u64 val = 1, got;
	char name[64];

	for (i = 0; i < 200; i++) {
		int fd;

		snprintf(name, sizeof(name), "/tmp/lsm_many_%d", i);
		fd = open(name, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		EXPECT_NE(0, bpf_map_lookup_elem(mfd, &fd, &got));
		val = i;
		EXPECT_EQ(0, bpf_map_update_elem(mfd, &fd, &val, BPF_NOEXIST));
		EXPECT_EQ(0, bpf_map_lookup_elem(mfd, &fd, &got));
		EXPECT_EQ(i, got);
		unlink(name);
		close(fd);
	}
}

static int run_exe(const char *name)
{
	execl(name, name, NULL);
	return -errno;
}

static int copy_exe(void)
{
	return system("cp /bin/true " EXE_NAME " && chmod 755 " EXE_NAME);
}

TEST_F(lsm, exec)
{
	ASSERT_EQ(0, copy_exe());
	EXPECT_EQ(0, in_child(run_exe, EXE_NAME));
	U64("ino") = inode_of(EXE_NAME);
	ASSERT_NE(NULL, at(self, "deny_exec"));
	EXPECT_EQ(-EACCES, in_child(run_exe, EXE_NAME));
	EXPECT_EQ(1, U64("nr_exec"));
	EXPECT_STREQ(EXE_NAME, (char *)var(self->obj, "filename"));
	EXPECT_EQ(0, in_child(run_exe, "/bin/true"));
}

/* Ends with the child's AT_SECURE. */
static int run_self(const char *name)
{
	execl(name, "say-secure", NULL);
	return -100;
}

TEST_F(lsm, secureexec)
{
	char self_name[512] = "", cmd[1200];

	ASSERT_LT(0, readlink("/proc/self/exe", self_name, sizeof(self_name) - 1));
	snprintf(cmd, sizeof(cmd), "cp %s " EXE_NAME " && chmod 755 " EXE_NAME, self_name);
	ASSERT_EQ(0, system(cmd));
	EXPECT_EQ(-50, in_child(run_self, EXE_NAME));
	U64("ino") = inode_of(EXE_NAME);
	ASSERT_NE(NULL, at(self, "secure_exec"));
	EXPECT_EQ(-51, in_child(run_self, EXE_NAME));
	EXPECT_EQ(1, U64("nr_creds"));
	EXPECT_EQ((__u64)-EINVAL, U64("secure_errno"));
}

TEST_F(lsm, fork)
{
	ASSERT_NE(NULL, at(self, "deny_fork"));
	EXPECT_EQ(-1, fork());
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(1, U64("nr_fork"));
	bpf_link__destroy(self->links[--self->nr]);
	EXPECT_EQ(0, in_child(try_open, FILE_NAME));
}

TEST_F(lsm, nothing_to_answer)
{
	int i;

	ASSERT_NE(NULL, at(self, "see_free"));
	for (i = 0; i < 20; i++)
		in_child(try_open, FILE_NAME);
	for (i = 0; i < 50 && U64("nr_free") < 15; i++)
		usleep(100000);
	EXPECT_LE(15, U64("nr_free"));
}

TEST_F(lsm, getattr)
{
	struct stat st;

	U64("ino") = inode_of(FILE_NAME);
	ASSERT_NE(NULL, at(self, "deny_getattr"));
	EXPECT_EQ(-1, stat(FILE_NAME, &st));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(1, U64("nr_getattr"));
}

TEST_F(lsm, bpf)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);

	ASSERT_NE(NULL, at(self, "deny_bpf"));
	EXPECT_EQ(-EPERM, bpf_map_create(BPF_MAP_TYPE_ARRAY, "m", 4, 4, 1, &opts));
	EXPECT_EQ(1, U64("nr_bpf"));
}

/* Programs come and go while others are in the hook. */
TEST_F_TIMEOUT(lsm, storm, 200)
{
	int i, status, pids[2];

	U64("ino") = inode_of(FILE_NAME);
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			for (;;)
				close(open(FILE_NAME, O_RDONLY));
		}
	}
	for (i = 0; i < 60; i++) {
		ASSERT_NE(NULL, at(self, i % 2 ? "sleep_open" : "deny_open"));
		ASSERT_NE(NULL, at(self, "first_open"));
		EXPECT_EQ(i % 2 ? 0 : -EPERM, try_open(FILE_NAME));
		while (self->nr)
			bpf_link__destroy(self->links[--self->nr]);
	}
	EXPECT_EQ(60, U64("nr_open"));
	EXPECT_EQ(30, U64("nr_open_first"));
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
}

/* ------------------------------------------------------------------ what is refused */

static const struct {
	const char *prog;
	const char *text;	/* NULL: is accepted */
} verdicts[] = {
	{ "answers_one", "should have been in [-4095, 0]" },
	{ "answers_too_low", "should have been in [-4095, 0]" },
	{ "answers_lowest", NULL },
	{ "answers_anything", "should have been in [-4095, 0]" },
	{ "skipcap_errno", "should have been in [0, 1]" },
	{ "skipcap_yes", NULL },
	{ "void_anything", NULL },
	{ "closed_hook", "points to disabled hook" },
	{ "sleeps_where_none_may", "bpf_lsm_task_free is not sleepable" },
	{ "sleeps", NULL },
	{ "sleeps_unasked", "bpf_copy_from_user" },
	{ "path_where_none_may", "bpf_d_path" },
	{ "writes_file", "only read is supported" },
	{ "fourth_arg", "doesn't have 4-th argument" },
	{ "passes_on", NULL },
	{ "passes_on_more", "should have been in [-4095, 0]" },
};

TEST(refused)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	char name[512];
	size_t i;
	int err;

	libbpf_set_print(quiet);
	snprintf(name, sizeof(name), "%s/reject.bpf.o", getenv("O") ?: ".");
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		obj = bpf_object__open_file(name, NULL);
		ASSERT_NE(NULL, obj);
		bpf_object__for_each_program(prog, obj)
			bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog),
								verdicts[i].prog));
		vlen = 0;
		vlog[0] = 0;
		err = bpf_object__load(obj);
		if (!verdicts[i].text) {
			EXPECT_EQ(0, err) TH_LOG("%s: %s", verdicts[i].prog, vlog);
		} else {
			EXPECT_GT(0, err) TH_LOG("%s is accepted", verdicts[i].prog);
			EXPECT_NE(NULL, strstr(vlog, verdicts[i].text))
				TH_LOG("%s: no \"%s\" in %s", verdicts[i].prog, verdicts[i].text,
				       vlog);
		}
		bpf_object__close(obj);
	}
}

/* Straight from bpf(2): what loaders could not even ask for. */
static int load_raw(const char *func, __u32 attach_type, const char *license, char *buf, size_t n)
{
	struct bpf_insn insns[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = buf, .log_size = n, .log_level = 1,
		    .expected_attach_type = attach_type);
	struct btf *btf = btf__load_vmlinux_btf();
	int fd;

	opts.attach_btf_id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	btf__free(btf);
	buf[0] = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "raw", license, insns, 2, &opts);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

TEST(refused_raw)
{
	char buf[4096];

	EXPECT_EQ(0, load_raw("bpf_lsm_file_open", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_file_open", BPF_LSM_MAC, "BSD", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "GPL compatible license"));
	EXPECT_EQ(-EINVAL, load_raw("vfs_open", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "points to wrong type name vfs_open"));
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_file_open", BPF_TRACE_FENTRY, "GPL", buf,
				    sizeof(buf)));
	EXPECT_EQ(-EOPNOTSUPP, load_raw("bpf_lsm_file_open", BPF_LSM_CGROUP, "GPL", buf,
					sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "not built")) TH_LOG("%s", buf);
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "say-secure"))
		return 50 + getauxval(AT_SECURE);
	return test_harness_run(argc, argv);
}
