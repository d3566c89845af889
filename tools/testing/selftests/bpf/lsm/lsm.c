// SPDX-License-Identifier: GPL-2.0
/* Security hooks as programs: what they deny is denied, to those they mean and to nobody else. */
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "object.h"

#define FILE_NAME	"/tmp/lsm_file"
#define EXE_NAME	"/tmp/lsm_exe"

#define U64(name) (*(volatile __u64 *)var(self->obj, name))
#define U32(name) (*(volatile __u32 *)var(self->obj, name))

FIXTURE(lsm) {
	struct bpf_object *obj;
	struct bpf_link *links[4];
	int nr;
};

FIXTURE_SETUP(lsm)
{
	self->obj = open_object("lsm");
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
	EXPECT_EQ(0, U64("nr_stored_late"));
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
	{ "keeps_dying", "must be a rcu pointer" },
	{ "keeps_half_made", "must be a rcu pointer" },
	{ "keeps_whole", NULL },
	{ "stores_in_raw", "untrusted_ptr_" },
	{ "reads_raw", NULL },
	{ "stores_in_dying", NULL },
	{ "reads_no_result", "func 'bpf_lsm_task_free' returns nothing" },
	{ "answers_a_word", "should have been in [-4095, 0]" },
	{ "passes_result_on", NULL },
	{ "eighth_word", "doesn't have 8-th argument" },
	{ "passes_on", NULL },
	{ "passes_on_more", "should have been in [-4095, 0]" },
};

TEST(refused)
{
	size_t i;
	int err;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		err = try_load("reject", verdicts[i].prog);
		if (!verdicts[i].text) {
			EXPECT_EQ(0, err) TH_LOG("%s: %s", verdicts[i].prog, vlog);
		} else {
			EXPECT_GT(0, err) TH_LOG("%s is accepted", verdicts[i].prog);
			EXPECT_NE(NULL, strstr(vlog, verdicts[i].text))
				TH_LOG("%s: no \"%s\" in %s", verdicts[i].prog, verdicts[i].text,
				       vlog);
		}
	}
}

/* Straight from bpf(2): what loaders could not even ask for. */
static int load_at(__u32 btf_id, __u32 attach_type, __u32 flags, const char *license, char *buf,
		   size_t n)
{
	struct bpf_insn insns[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = buf, .log_size = n, .log_level = 1,
		    .expected_attach_type = attach_type, .attach_btf_id = btf_id,
		    .prog_flags = flags);
	int fd;

	buf[0] = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "raw", license, insns, 2, &opts);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int load_raw(const char *func, __u32 attach_type, const char *license, char *buf, size_t n)
{
	struct btf *btf = btf__load_vmlinux_btf();
	__u32 id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);

	btf__free(btf);
	return load_at(id, attach_type, 0, license, buf, n);
}

TEST(refused_raw)
{
	char buf[4096];

	EXPECT_EQ(0, load_raw("bpf_lsm_file_open", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_file_open", BPF_LSM_MAC, "BSD", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "GPL compatible license"));
	EXPECT_EQ(-EINVAL, load_raw("vfs_open", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "points to wrong type name vfs_open"));
	/* named as hooks are, and none */
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_check_target", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "points to wrong type name bpf_lsm_check_target"));
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_is_active", BPF_LSM_MAC, "GPL", buf, sizeof(buf)));
	EXPECT_EQ(-EINVAL, load_raw("bpf_lsm_file_open", BPF_TRACE_FENTRY, "GPL", buf,
				    sizeof(buf)));
	EXPECT_EQ(-EOPNOTSUPP, load_raw("bpf_lsm_file_open", BPF_LSM_CGROUP, "GPL", buf,
					sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "not built")) TH_LOG("%s", buf);
}

/* Hooks whose callers hold a spin lock, or are in an RCU section or softirq, at times at least. */
static const char *const never_sleep[] = {
	"capget", "cred_free", "d_instantiate", "file_send_sigiotask", "inet_conn_established",
	"inet_conn_request", "inet_csk_clone", "inode_follow_link", "inode_free_security_rcu",
	"inode_permission", "perf_event_read", "ptrace_access_check", "req_classify_flow",
	"sk_alloc_security", "sk_clone_security", "sk_free_security", "sock_graft",
	"socket_sock_rcv_skb", "task_free", "task_kill", "task_to_inode", "xfrm_policy_lookup",
};

static bool is_one_of(const char *name, const char *const *list, size_t nr)
{
	while (nr--) {
		if (!strcmp(name, list[nr]))
			return true;
	}
	return false;
}

/* Each hook takes programs or is one of the closed; such that sleep where none may are refused. */
TEST_F_TIMEOUT(lsm, every_hook, 300)
{
	static const char *const known[] = {
		"bpf", "bpf_map", "bpf_prog", "bprm_check_security", "bprm_committed_creds",
		"bprm_creds_for_exec", "cred_prepare", "file_ioctl", "file_lock", "file_open",
		"file_receive", "inode_create", "inode_getattr", "inode_getxattr", "inode_rename",
		"inode_rmdir", "inode_setattr", "inode_setxattr", "inode_unlink",
		"kernel_read_file", "mmap_file", "path_notify", "sb_kern_mount", "sb_mount",
		"sb_remount", "sb_umount", "settime", "socket_bind", "socket_connect",
		"socket_post_create", "socket_sendmsg", "syslog", "task_alloc", "task_prctl",
		"userns_create", "bpf_map_free", "bpf_prog_free", "bpf_token_free",
		"bpf_token_capable", "path_link", "path_symlink", "socket_accept",
		"socket_create", "socket_getpeersec_dgram", "socket_listen", "socket_shutdown",
	};
	struct btf *btf = btf__load_vmlinux_btf();
	int id, nr = btf__type_cnt(btf), plain = 0, closed = 0, sleep = 0, asked = 0, err;
	const struct btf_type *t;
	const char *name;
	char buf[4096];

	for (id = 1; id < nr; id++) {
		t = btf__type_by_id(btf, id);
		name = btf__name_by_offset(btf, t->name_off);
		if (!btf_is_func(t) || strncmp(name, "bpf_lsm_", 8))
			continue;
		err = load_at(id, BPF_LSM_MAC, 0, "GPL", buf, sizeof(buf));
		/* functions of that name that are no hooks */
		if (err && strstr(buf, "wrong type name"))
			continue;
		if (err)
			EXPECT_NE(NULL, strstr(buf, "disabled hook")) TH_LOG("%s: %s", name, buf);
		plain += !err;
		closed += !!err;
		err = load_at(id, BPF_LSM_MAC, BPF_F_SLEEPABLE, "GPL", buf, sizeof(buf));
		sleep += !err;
		name += 8;
		if (is_one_of(name, known, sizeof(known) / sizeof(known[0]))) {
			EXPECT_EQ(0, err) TH_LOG("%s: %s", name, buf);
			asked++;
		}
		if (is_one_of(name, never_sleep, sizeof(never_sleep) / sizeof(never_sleep[0])))
			EXPECT_EQ(-EINVAL, err) TH_LOG("%s", name);
	}
	/* not every configuration has all hooks */
	EXPECT_LE(46, asked);
	EXPECT_LE(200, plain);
	EXPECT_LE(9, closed);
	EXPECT_LE(80, sleep);
	btf__free(btf);
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "say-secure"))
		return 50 + getauxval(AT_SECURE);
	return test_harness_run(argc, argv);
}
