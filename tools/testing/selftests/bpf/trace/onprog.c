// SPDX-License-Identifier: GPL-2.0
/* Programs at functions of other programs: input and verdict of XDP, extensions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

static struct bpf_object *open_obj(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	return bpf_object__open_file(path, NULL);
}

/* Variable of a loaded object, in .bss, mapped for the life of the test. */
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

#define U64(name) (*(volatile __u64 *)var(self->on, name))

FIXTURE(onprog) {
	struct bpf_object *target;
	struct bpf_object *on;
	int fd;
};

FIXTURE_SETUP(onprog)
{
	libbpf_set_print(quiet);
	self->target = open_obj("target");
	ASSERT_NE(NULL, self->target);
	ASSERT_EQ(0, bpf_object__load(self->target));
	self->fd = bpf_program__fd(bpf_object__find_program_by_name(self->target, "target"));
	self->on = open_obj("onprog");
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

TEST_HARNESS_MAIN
