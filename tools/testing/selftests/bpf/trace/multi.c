// SPDX-License-Identifier: GPL-2.0
/* Links of one program to many kernel functions, and to many places of an executable. */

#include "kselftest_harness.h"
#include "object.h"

#ifndef BPF_TRACE_UPROBE_MULTI
#define BPF_TRACE_UPROBE_MULTI 48
#endif

#define NR 8

static const char *const syms[NR] = {
	"bpf_fentry_test8", "bpf_fentry_test1", "bpf_fentry_test7", "bpf_fentry_test2",
	"bpf_fentry_test3", "bpf_fentry_test6", "bpf_fentry_test4", "bpf_fentry_test5",
};

/* Of the name at the same place: 10 to the number of the function. */
static const __u64 cookies[NR] = {
	100000000, 10, 10000000, 100, 1000, 1000000, 10000, 100000,
};

#define SUM 111111110

#define U64(name) (*(volatile __u64 *)var(self->obj, name))

FIXTURE(multi) {
	struct bpf_object *obj;
	int trigger;
};

FIXTURE_SETUP(multi)
{
	struct bpf_program *prog;

	self->obj = open_object("multi");
	ASSERT_NE(NULL, self->obj);
	prog = bpf_object__find_program_by_name(self->obj, "on_user");
	bpf_program__set_expected_attach_type(prog, BPF_TRACE_UPROBE_MULTI);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	prog = bpf_object__find_program_by_name(self->obj, "trigger");
	self->trigger = bpf_program__fd(prog);
}

FIXTURE_TEARDOWN(multi)
{
	bpf_object__close(self->obj);
}

static int call_all(int fd)
{
	union bpf_attr attr = { .test.prog_fd = fd };

	return syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr));
}

static struct bpf_link *attach(struct bpf_object *obj, const char *name,
			       const struct bpf_kprobe_multi_opts *opts)
{
	return bpf_program__attach_kprobe_multi_opts(bpf_object__find_program_by_name(obj, name),
						     NULL, opts);
}

TEST_F(multi, kernel_entries)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = (const char **)syms, .cookies = cookies,
		    .cnt = NR);
	struct bpf_link *link = attach(self->obj, "on_entry", &opts);
	__u64 addrs[NR] = {}, told[NR] = {}, sum = 0, ips = 0;
	union bpf_attr attr = {};
	struct bpf_link_info info = {};
	int i;

	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, call_all(self->trigger));
	EXPECT_EQ(NR, U64("hits"));
	EXPECT_EQ(SUM, U64("cookies"));

	info.kprobe_multi.addrs = (unsigned long)addrs;
	info.kprobe_multi.cookies = (unsigned long)told;
	info.kprobe_multi.count = NR;
	attr.info.bpf_fd = bpf_link__fd(link);
	attr.info.info = (unsigned long)&info;
	attr.info.info_len = sizeof(info);
	ASSERT_EQ(0, syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)));
	EXPECT_EQ(BPF_LINK_TYPE_KPROBE_MULTI, info.type);
	EXPECT_EQ(NR, info.kprobe_multi.count);
	for (i = 0; i < NR; i++) {
		sum += told[i];
		ips ^= addrs[i];
	}
	EXPECT_EQ(SUM, sum);
	EXPECT_EQ(ips, U64("ips"));
	bpf_link__destroy(link);
	ASSERT_EQ(0, call_all(self->trigger));
	EXPECT_EQ(NR, U64("hits"));
}

TEST_F(multi, kernel_returns)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = (const char **)syms, .cookies = cookies,
		    .cnt = NR, .retprobe = true);
	struct bpf_link *link = attach(self->obj, "on_return", &opts);

	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, call_all(self->trigger));
	EXPECT_EQ(NR, U64("hits"));
	EXPECT_EQ(SUM, U64("cookies"));
	EXPECT_EQ(2 + 5 + 15 + 34 + 65 + 111, U64("rets"));
	bpf_link__destroy(link);
}

TEST_F(multi, unknown_symbol)
{
	static const char *const bad[] = { "bpf_fentry_test1", "no_such_function_at_all" };
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = (const char **)bad, .cnt = 2);

	EXPECT_EQ(NULL, attach(self->obj, "on_entry", &opts));
	EXPECT_EQ(ESRCH, errno);
}

/* ------------------------------------------------------------------ user space */

__attribute__((noinline)) int place_a(int x)
{
	asm volatile ("");
	return x + 1;
}

__attribute__((noinline)) int place_b(int x)
{
	asm volatile ("");
	return x + 2;
}

/* Offset in the executable of an address in it. */
static __u64 file_offset(const void *addr)
{
	unsigned long from, to, off, at = (unsigned long)addr;
	char line[512], perms[8];
	__u64 found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %lx", &from, &to, perms, &off) == 4 &&
		    at >= from && at < to)
			found = at - from + off;
	}
	if (maps)
		fclose(maps);
	return found;
}

static int attach_user(int prog, __u64 *offsets, __u64 *ucookies, __u32 cnt, __u32 flags)
{
	union bpf_attr attr = {};

	attr.link_create.prog_fd = prog;
	attr.link_create.attach_type = BPF_TRACE_UPROBE_MULTI;
	attr.link_create.uprobe_multi.path = (unsigned long)"/proc/self/exe";
	attr.link_create.uprobe_multi.offsets = (unsigned long)offsets;
	attr.link_create.uprobe_multi.cookies = (unsigned long)ucookies;
	attr.link_create.uprobe_multi.cnt = cnt;
	attr.link_create.uprobe_multi.flags = flags;
	attr.link_create.uprobe_multi.pid = getpid();
	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

TEST_F(multi, user_places)
{
	__u64 offsets[2] = { file_offset(place_a), file_offset(place_b) };
	struct bpf_program *prog = bpf_object__find_program_by_name(self->obj, "on_user");
	__u64 ucookies[2] = { 1, 1000 };
	int link;

	link = attach_user(bpf_program__fd(prog), offsets, ucookies, 2, 0);
	ASSERT_LE(0, link) TH_LOG("errno %d", errno);
	EXPECT_EQ(2, place_a(1));
	EXPECT_EQ(4, place_b(2));
	EXPECT_EQ(4, place_b(2));
	EXPECT_EQ(3, U64("uhits"));
	EXPECT_EQ(2001, U64("ucookies"));
	EXPECT_EQ((unsigned long)place_a, U64("uips"));
	close(link);

	link = attach_user(bpf_program__fd(prog), offsets, ucookies, 2, BPF_F_UPROBE_MULTI_RETURN);
	ASSERT_LE(0, link);
	U64("uhits") = 0;
	U64("uips") = 0;
	EXPECT_EQ(2, place_a(1));
	EXPECT_EQ(1, U64("uhits"));
	EXPECT_EQ((unsigned long)place_a, U64("uips"));
	close(link);
}

TEST_HARNESS_MAIN
