// SPDX-License-Identifier: GPL-2.0
/* Programs at functions of other programs: input and verdict of XDP, extensions. */

#include "kselftest_harness.h"
#include "object.h"

#define U64(name) (*(volatile __u64 *)var(self->on, name))

FIXTURE(onprog) {
	struct bpf_object *target;
	struct bpf_object *on;
	int fd;
};

#define SWITCH	"/proc/sys/net/core/bpf_jit_enable"

/* Whether programs get images; without them there is nothing to hook or replace. */
static int compiled(void)
{
	FILE *f = fopen(SWITCH, "r");
	int on = 1;

	if (f) {
		if (fscanf(f, "%d", &on) != 1)
			on = 1;
		fclose(f);
	}
	return on;
}

static bool compile(int on)
{
	FILE *f = fopen(SWITCH, "w");
	bool ok = f && fprintf(f, "%d\n", on) > 0;

	if (f)
		ok &= !fclose(f);
	return ok;
}

FIXTURE_SETUP(onprog)
{
	if (!compiled())
		SKIP(return, "functions of programs that are interpreted cannot be hooked");
	self->target = open_object("target");
	ASSERT_NE(NULL, self->target);
	ASSERT_EQ(0, bpf_object__load(self->target));
	self->fd = bpf_program__fd(bpf_object__find_program_by_name(self->target, "target"));
	self->on = open_object("onprog");
	ASSERT_NE(NULL, self->on);
}

FIXTURE_TEARDOWN(onprog)
{
	bpf_object__close(self->on);
	bpf_object__close(self->target);
}

static int load_some(struct bpf_object *obj, int target, const char *a, const char *b)
{
	struct bpf_program *prog;
	const char *name;

	bpf_object__for_each_program(prog, obj) {
		name = bpf_program__name(prog);
		bpf_program__set_autoload(prog, !strcmp(name, a) || (b && !strcmp(name, b)));
		if (bpf_program__autoload(prog))
			bpf_program__set_attach_target(prog, target,
						       strchr(bpf_program__section_name(prog),
							      '/') + 1);
	}
	return bpf_object__load(obj);
}

static struct bpf_link *attach(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	return bpf_program__attach(prog);
}

/* Verdict of the target for a packet of 64 bytes. */
static int run(int fd)
{
	char packet[64] = { 1 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);

	return bpf_prog_test_run_opts(fd, &opts) ? -errno : (int)opts.retval;
}

TEST_F(onprog, packet_and_verdict)
{
	struct bpf_link *entry, *exit;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_entry", "on_exit"));
	EXPECT_EQ(1, run(self->fd));
	entry = attach(self->on, "on_entry");
	ASSERT_NE(NULL, entry);
	exit = attach(self->on, "on_exit");
	ASSERT_NE(NULL, exit);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(64, U64("packet_len"));
	EXPECT_EQ(1, U64("seen"));
	EXPECT_EQ(1, U64("ifindex"));
	EXPECT_EQ(1, U64("verdict"));
	bpf_link__destroy(entry);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(1, U64("seen"));
	bpf_link__destroy(exit);
	EXPECT_EQ(1, run(self->fd));
}

struct sample {
	int nr;
	int size;
	unsigned char bytes[64];
};

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	struct sample *s = ctx;

	s->nr++;
	s->size = size;
	memcpy(s->bytes, data, size < sizeof(s->bytes) ? size : sizeof(s->bytes));
}

static struct perf_buffer *listen_to(struct bpf_object *obj, struct sample *s)
{
	return perf_buffer__new(bpf_object__find_map_fd_by_name(obj, "events"), 8, on_sample, NULL,
				s, NULL);
}

/* What the program says, then the bytes of the packet that it asks for. */
TEST_F(onprog, packet_to_user)
{
	struct sample s = {};
	struct perf_buffer *pb;
	struct bpf_link *entry;
	__u32 meta;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_entry", NULL));
	pb = listen_to(self->on, &s);
	ASSERT_NE(NULL, pb);
	entry = attach(self->on, "on_entry");
	ASSERT_NE(NULL, entry);
	EXPECT_EQ(1, run(self->fd));
	perf_buffer__poll(pb, 1000);
	EXPECT_EQ(1, s.nr);
	EXPECT_LE((int)sizeof(meta) + 16, s.size);
	memcpy(&meta, s.bytes, sizeof(meta));
	EXPECT_EQ(0xabcd, meta);
	EXPECT_EQ(1, s.bytes[sizeof(meta)]);
	EXPECT_EQ(0, s.bytes[sizeof(meta) + 1]);
	bpf_link__destroy(entry);
	perf_buffer__free(pb);
}

/* The same for a tc program, whose packet is a socket buffer. */
TEST_F(onprog, tc)
{
	char packet[200] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	struct bpf_link *entry, *exit;
	struct sample s = {};
	struct perf_buffer *pb;
	int fd;

	fd = bpf_program__fd(bpf_object__find_program_by_name(self->target, "target_tc"));
	ASSERT_EQ(0, load_some(self->on, fd, "on_tc_entry", "on_tc_exit"));
	pb = listen_to(self->on, &s);
	ASSERT_NE(NULL, pb);
	entry = attach(self->on, "on_tc_entry");
	ASSERT_NE(NULL, entry);
	EXPECT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(7, opts.retval);
	/* test runs show the program what follows the Ethernet header, too */
	EXPECT_LT(150, U64("skb_len"));
	EXPECT_EQ(0, U64("skb_mark"));
	perf_buffer__poll(pb, 1000);
	EXPECT_EQ(1, s.nr);
	EXPECT_LE(24, s.size);
	EXPECT_EQ(0x34, s.bytes[0]);
	EXPECT_EQ(0x12, s.bytes[1]);
	EXPECT_EQ(2, s.bytes[4]);
	EXPECT_EQ(8, s.bytes[4 + 12]);
	exit = attach(self->on, "on_tc_exit");
	ASSERT_NE(NULL, exit);
	EXPECT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(U64("skb_len"), U64("skb_mark"));
	EXPECT_EQ(7, U64("skb_verdict"));
	bpf_link__destroy(entry);
	bpf_link__destroy(exit);
	perf_buffer__free(pb);
}

/* Extensions are traced; they are not extended themselves. */
TEST_F(onprog, at_an_extension)
{
	struct bpf_object *second = open_object("onprog");
	struct bpf_link *ext, *trace;
	int fd;

	ASSERT_EQ(0, load_some(self->on, self->fd, "new_pick", NULL));
	ext = attach(self->on, "new_pick");
	ASSERT_NE(NULL, ext);
	fd = bpf_program__fd(bpf_object__find_program_by_name(self->on, "new_pick"));
	EXPECT_NE(0, load_some(second, fd, "newer_pick", NULL));
	bpf_object__close(second);
	second = open_object("onprog");
	ASSERT_EQ(0, load_some(second, fd, "on_extension", NULL));
	trace = attach(second, "on_extension");
	ASSERT_NE(NULL, trace);
	EXPECT_EQ(2, run(self->fd));
	EXPECT_EQ(200, *(volatile __u64 *)var(second, "pick_base"));
	EXPECT_EQ(7, *(volatile __u64 *)var(second, "pick_ret"));
	bpf_link__destroy(trace);
	EXPECT_EQ(2, run(self->fd));
	bpf_link__destroy(ext);
	EXPECT_EQ(1, run(self->fd));
	bpf_object__close(second);
}

TEST_F(onprog, subprograms)
{
	struct bpf_link *pick, *hidden;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_pick", "on_hidden"));
	pick = attach(self->on, "on_pick");
	ASSERT_NE(NULL, pick);
	hidden = attach(self->on, "on_hidden");
	ASSERT_NE(NULL, hidden);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(100, U64("pick_base"));
	EXPECT_EQ(64, U64("packet_len"));
	EXPECT_EQ(1, U64("pick_ret"));
	EXPECT_EQ(1, (__u32)U64("hidden_base"));
	EXPECT_EQ(1, (__u32)U64("hidden_ret"));
	bpf_link__destroy(pick);
	bpf_link__destroy(hidden);
}

TEST_F(onprog, context_is_second)
{
	struct bpf_link *link;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_second", NULL)) TH_LOG("%s", vlog);
	link = attach(self->on, "on_second");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(2, U64("hidden_base"));
	EXPECT_EQ(64, U64("packet_len"));
	EXPECT_EQ(66, U64("hidden_ret"));
	bpf_link__destroy(link);
}

/* What a call passes beyond the types is kept for the function, too. */
TEST_F(onprog, more_than_types_say)
{
	struct bpf_link *link;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_promoted", NULL)) TH_LOG("%s", vlog);
	link = attach(self->on, "on_promoted");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(1, U64("seen"));
	EXPECT_EQ(1, (__u32)U64("hidden_base"));
	EXPECT_LT(0, (__u32)U64("hidden_ret"));
	bpf_link__destroy(link);
}

/* Where calls and types differ, programs load, and their targets' arguments are numbers. */
TEST_F(onprog, types_differ)
{
	struct bpf_object *typed = open_object("onprog");
	struct bpf_link *link;

	ASSERT_EQ(0, load_some(self->on, self->fd, "on_odd", NULL)) TH_LOG("%s", vlog);
	link = attach(self->on, "on_odd");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(1, (__u32)U64("hidden_base"));
	EXPECT_LT(1, (__u32)U64("hidden_ret"));
	bpf_link__destroy(link);
	ASSERT_NE(NULL, typed);
	forget_said();
	EXPECT_NE(0, load_some(typed, self->fd, "on_odd_typed", NULL));
	EXPECT_NE(NULL, strstr(vlog, "R1 invalid mem access 'scalar'")) TH_LOG("%s", vlog);
	bpf_object__close(typed);
}

TEST_F(onprog, extension)
{
	struct bpf_link *link;

	ASSERT_EQ(0, load_some(self->on, self->fd, "new_pick", NULL));
	link = attach(self->on, "new_pick");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(2, run(self->fd));
	EXPECT_EQ(1, U64("replaced"));
	bpf_link__destroy(link);
	EXPECT_EQ(1, run(self->fd));
	EXPECT_EQ(1, U64("replaced"));
}

TEST_F(onprog, extension_of_other_type_is_refused)
{
	EXPECT_NE(0, load_some(self->on, self->fd, "wrong_pick", NULL));
}

/* A function is extended or traced, not both. */
TEST_F(onprog, extension_and_tracing_exclude_each_other)
{
	struct bpf_link *ext, *trace;

	ASSERT_EQ(0, load_some(self->on, self->fd, "new_pick", "on_pick"));
	ext = attach(self->on, "new_pick");
	ASSERT_NE(NULL, ext);
	EXPECT_EQ(NULL, attach(self->on, "on_pick"));
	EXPECT_EQ(EBUSY, errno);
	bpf_link__destroy(ext);
	trace = attach(self->on, "on_pick");
	ASSERT_NE(NULL, trace);
	EXPECT_EQ(NULL, attach(self->on, "new_pick"));
	bpf_link__destroy(trace);
}

/* An interpreted program has no code to patch: nothing goes to its functions, in either way. */
TEST(interpreted_target_is_refused)
{
	struct bpf_object *target = open_object("target"), *on;
	static const char *const names[] = { "on_entry", "new_pick" };
	int was = compiled(), fd, i;

	ASSERT_NE(NULL, target);
	EXPECT_TRUE(compile(0));
	EXPECT_EQ(0, bpf_object__load(target));
	EXPECT_TRUE(compile(was));
	fd = bpf_program__fd(bpf_object__find_program_by_name(target, "target"));
	for (i = 0; i < 2; i++) {
		on = open_object("onprog");
		EXPECT_NE(NULL, on);
		EXPECT_EQ(-EINVAL, load_some(on, fd, names[i], NULL));
		bpf_object__close(on);
	}
	bpf_object__close(target);
}

TEST_HARNESS_MAIN
