// SPDX-License-Identifier: GPL-2.0
/*
 * What goes with images: sizes and addresses in bpf_prog_info, symbols, statistics, switches and
 * who may touch them.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <time.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"
#include "switches.h"

#define UNPRIVILEGED	"/proc/sys/kernel/unprivileged_bpf_disabled"
/* For what a grace period comes before; far above what that takes. */
#define DEADLINE	60
#define CONSTANT	"\x1e\xab\xa1\x5c"

FIXTURE(services)
{
	long enable, harden, kallsyms, limit;
	struct bpf_object *obj;
	int fd;
};

static int load(struct bpf_object **obj)
{
	const char *dir = getenv("O");
	struct bpf_program *p;
	char path[512];

	snprintf(path, sizeof(path), "%s/subs.bpf.o", dir ? dir : ".");
	*obj = bpf_object__open_file(path, NULL);
	if (!*obj || bpf_object__load(*obj))
		return -1;
	p = bpf_object__find_program_by_name(*obj, "whole");
	return p ? bpf_program__fd(p) : -1;
}

FIXTURE_SETUP(services)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	self->enable = get(SYSCTL("enable"));
	self->harden = get(SYSCTL("harden"));
	self->kallsyms = get(SYSCTL("kallsyms"));
	self->limit = get(SYSCTL("limit"));
	self->fd = load(&self->obj);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(services)
{
	set_number(SYSCTL("enable"), self->enable);
	set_number(SYSCTL("harden"), self->harden);
	set_number(SYSCTL("kallsyms"), self->kallsyms);
	set_number(SYSCTL("limit"), self->limit);
	bpf_object__close(self->obj);
}

static int run(int fd)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 5);

	return bpf_prog_test_run_opts(fd, &opts) ? -1 : (int)opts.retval;
}

/* Loads again with the switches as they are; the image goes to @image. Returns its length. */
static int image_of(struct __test_metadata *_metadata, unsigned char *image, unsigned int size)
{
	struct bpf_prog_info info = {
		.jited_prog_insns = (unsigned long)image,
		.jited_prog_len = size,
	};
	__u32 len = sizeof(info);
	struct bpf_object *obj;
	int fd = load(&obj);

	EXPECT_LE(0, fd);
	EXPECT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	EXPECT_EQ(33, run(fd));
	bpf_object__close(obj);
	return info.jited_prog_len;
}

TEST_F(services, off_and_on)
{
	unsigned char image[4096];

	ASSERT_EQ(0, set(SYSCTL("enable"), "0"));
	EXPECT_EQ(0, image_of(_metadata, image, sizeof(image)));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	EXPECT_LT(0, image_of(_metadata, image, sizeof(image)));
}

TEST_F(services, hardening_hides_constants)
{
	unsigned char image[4096];
	int len;

	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	len = image_of(_metadata, image, sizeof(image));
	EXPECT_NE(NULL, memmem(image, len, CONSTANT, 4));
	ASSERT_EQ(0, set(SYSCTL("harden"), "2"));
	len = image_of(_metadata, image, sizeof(image));
	EXPECT_LT(0, len);
	EXPECT_EQ(NULL, memmem(image, len, CONSTANT, 4));
}

TEST_F(services, switches_take_what_they_know)
{
	EXPECT_EQ(-EINVAL, set(SYSCTL("enable"), "3"));
	EXPECT_EQ(-EINVAL, set(SYSCTL("enable"), "-1"));
	EXPECT_EQ(-EINVAL, set(SYSCTL("harden"), "3"));
	EXPECT_EQ(-EINVAL, set(SYSCTL("kallsyms"), "2"));
	EXPECT_EQ(-EINVAL, set(SYSCTL("limit"), "0"));
	EXPECT_EQ(self->enable, get(SYSCTL("enable")));
	EXPECT_LT(0, get(SYSCTL("limit")));
}

TEST_F(services, switches_are_root_s)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		bool bad = false;

		if (setgid(65534) || setuid(65534))
			_exit(2);
		bad |= get(SYSCTL("enable")) < 0;
		bad |= set(SYSCTL("enable"), "1") != -EACCES;
		bad |= get(SYSCTL("harden")) >= 0;
		bad |= get(SYSCTL("kallsyms")) >= 0;
		bad |= get(SYSCTL("limit")) >= 0;
		_exit(bad);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

static bool kallsyms_has(const char *name)
{
	char line[512];
	bool found = false;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, name);
	if (f)
		fclose(f);
	return found;
}

TEST_F_TIMEOUT(services, symbols, 120)
{
	char main_name[64], sub_name[64];
	__u8 tags[2][BPF_TAG_SIZE] = {};
	struct bpf_prog_info info = {
		.prog_tags = (unsigned long)tags,
		.nr_prog_tags = 2,
	};
	__u32 len = sizeof(info), i;
	struct bpf_object *obj;
	time_t end;
	int fd;

	/* the other one has the same names */
	bpf_object__close(self->obj);
	self->obj = NULL;
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	ASSERT_EQ(0, set(SYSCTL("kallsyms"), "1"));
	fd = load(&obj);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	EXPECT_EQ(2, info.nr_prog_tags);
	EXPECT_EQ(0, memcmp(tags[0], info.tag, BPF_TAG_SIZE));
	strcpy(main_name, "bpf_prog_");
	strcpy(sub_name, "bpf_prog_");
	for (i = 0; i < BPF_TAG_SIZE; i++) {
		sprintf(main_name + 9 + 2 * i, "%02x", tags[0][i]);
		sprintf(sub_name + 9 + 2 * i, "%02x", tags[1][i]);
	}
	strcat(main_name, "_whole");
	strcat(sub_name, "_half");
	EXPECT_TRUE(kallsyms_has(main_name));
	EXPECT_TRUE(kallsyms_has(sub_name));
	ASSERT_EQ(0, set(SYSCTL("kallsyms"), "0"));
	EXPECT_FALSE(kallsyms_has(main_name));
	ASSERT_EQ(0, set(SYSCTL("kallsyms"), "1"));
	/* who hides constants hides where they are, too */
	ASSERT_EQ(0, set(SYSCTL("harden"), "1"));
	EXPECT_FALSE(kallsyms_has(main_name));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	EXPECT_TRUE(kallsyms_has(main_name));
	bpf_object__close(obj);
	/* it goes after a grace period */
	end = time(NULL) + DEADLINE;
	while (kallsyms_has(main_name) && time(NULL) < end)
		poll(NULL, 0, 50);
	EXPECT_FALSE(kallsyms_has(main_name));
}

TEST_F(services, functions_and_lines)
{
	__u64 ksyms[4] = {}, lines[64] = {};
	__u32 lens[4] = {}, len, i;
	struct bpf_prog_info info = {
		.jited_ksyms = (unsigned long)ksyms,
		.nr_jited_ksyms = 4,
		.jited_func_lens = (unsigned long)lens,
		.nr_jited_func_lens = 4,
		.jited_line_info = (unsigned long)lines,
		.nr_jited_line_info = 64,
		.jited_line_info_rec_size = sizeof(__u64),
	};
	struct bpf_object *obj;
	int fd;

	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	fd = load(&obj);
	ASSERT_LE(0, fd);
	len = sizeof(info);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	EXPECT_EQ(2, info.nr_jited_ksyms);
	EXPECT_EQ(2, info.nr_jited_func_lens);
	EXPECT_EQ(info.jited_prog_len, lens[0] + lens[1]);
	EXPECT_LT(2, info.nr_jited_line_info);
	EXPECT_EQ(info.nr_line_info, info.nr_jited_line_info);
	for (i = 0; i < info.nr_jited_line_info && i < 64; i++) {
		bool in_main = lines[i] >= ksyms[0] && lines[i] < ksyms[0] + lens[0];
		bool in_sub = lines[i] >= ksyms[1] && lines[i] < ksyms[1] + lens[1];

		EXPECT_TRUE(in_main || in_sub);
	}
	bpf_object__close(obj);
}

TEST_F(services, statistics)
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	ASSERT_LE(0, stats);
	EXPECT_EQ(33, run(self->fd));
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(self->fd, &info, &len));
	/* a test run counts as what it is: five of them */
	EXPECT_EQ(5, info.run_cnt);
	EXPECT_LT(0, info.run_time_ns);
	close(stats);
}

/* Whether the kernel of this suite was built with an option; false where its file is not seen. */
static bool configured(const char *option)
{
	const char *out = getenv("KOUT");
	char path[512], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/.config", out ? out : ".");
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, option, strlen(option)) && line[strlen(option)] == '=';
	if (f)
		fclose(f);
	return found;
}

/* Each function, and where tail calls enter a main program: behind two patch sites. */
TEST_F(services, entries_begin_as_indirect_branches_want)
{
	static const unsigned char endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	bool ibt = configured("CONFIG_X86_KERNEL_IBT");
	unsigned char image[4096];
	__u32 lens[2] = {}, i, len, seen = 0;
	struct bpf_prog_info info = {
		.jited_prog_insns = (unsigned long)image,
		.jited_prog_len = sizeof(image),
		.jited_func_lens = (unsigned long)lens,
		.nr_jited_func_lens = 2,
	};
	struct bpf_object *obj;
	int fd;

	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	fd = load(&obj);
	ASSERT_LE(0, fd);
	len = sizeof(info);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	ASSERT_EQ(2, info.nr_jited_func_lens);
	EXPECT_EQ(ibt, !memcmp(image, endbr, 4));
	EXPECT_EQ(ibt, !memcmp(image + 4 + 10, endbr, 4));
	EXPECT_EQ(ibt, !memcmp(image + lens[0], endbr, 4));
	/* and nowhere else */
	for (i = 0; i + 4 <= info.jited_prog_len; i++)
		seen += !memcmp(image + i, endbr, 4);
	EXPECT_EQ(ibt ? 3 : 0, seen);
	bpf_object__close(obj);
}

/* Returns leave by a thunk exactly where the kernel's own do. */
TEST_F(services, returns_go_by_the_kernel_s_thunk)
{
	static const char *const file =
		"/sys/devices/system/cpu/vulnerabilities/indirect_target_selection";
	unsigned char image[4096];
	bool thunk, plain;
	char line[128] = "";
	FILE *f = fopen(file, "r");
	int len;

	if (f && !fgets(line, sizeof(line), f))
		line[0] = 0;
	if (f)
		fclose(f);
	thunk = strstr(line, "return thunks");
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	len = image_of(_metadata, image, sizeof(image));
	ASSERT_LT(0, len);
	/* RET and the trap behind it */
	plain = memmem(image, len, "\xc3\xcc", 2);
	EXPECT_EQ(thunk, !plain);
}

/* Effective capabilities of this process: all that are permitted, or none. */
static int capable(bool yes)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i;

	if (syscall(SYS_capget, &head, data))
		return -1;
	for (i = 0; i < 2; i++)
		data[i].effective = yes ? data[i].permitted : 0;
	return syscall(SYS_capset, &head, data);
}

/* A filter that returns 7, loaded with or without capabilities. */
static int load_filter(bool privileged)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 7 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd;

	if (!privileged && capable(false))
		return -1;
	fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, 2, NULL);
	if (!privileged && capable(true))
		return -1;
	return fd;
}

/* Loads, runs, and gives the length of the image. */
static int filter_image(struct __test_metadata *_metadata, bool privileged)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = load_filter(privileged);

	EXPECT_LE(0, fd);
	EXPECT_EQ(7, run(fd));
	EXPECT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	close(fd);
	return info.jited_prog_len;
}

/* Users without CAP_BPF get no images beyond the limit: their programs are interpreted. */
TEST_F(services, limit)
{
	long unprivileged = get(UNPRIVILEGED);

	if (unprivileged == 1)
		SKIP(return, "programs of unprivileged users are locked out for good");
	ASSERT_EQ(0, set(UNPRIVILEGED, "0"));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	EXPECT_LT(0, filter_image(_metadata, false));
	/* the images that exist are more than this */
	ASSERT_EQ(0, set(SYSCTL("limit"), "1"));
	EXPECT_EQ(0, filter_image(_metadata, false));
	EXPECT_LT(0, filter_image(_metadata, true));
	ASSERT_EQ(0, set_number(SYSCTL("limit"), self->limit));
	EXPECT_LT(0, filter_image(_metadata, false));
	EXPECT_EQ(0, set_number(UNPRIVILEGED, unprivileged));
}

TEST_HARNESS_MAIN
