// SPDX-License-Identifier: GPL-2.0
/* Loads the programs of loaded.bpf.c, runs each, and looks at what became of some. */
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "kselftest_harness.h"

#define GOOD	100

FIXTURE(loaded)
{
	struct bpf_object *obj;
};

FIXTURE_SETUP(loaded)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/loaded.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open(path);
	ASSERT_NE(self->obj, NULL);
	ASSERT_EQ(bpf_object__load(self->obj), 0);
}

FIXTURE_TEARDOWN(loaded)
{
	bpf_object__close(self->obj);
}

static int prog_fd(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	return prog ? bpf_program__fd(prog) : -1;
}

static int run(struct bpf_object *obj, const char *name)
{
	unsigned char packet[128] = { [12] = 0x08, [14] = 0x45 };
	struct bpf_test_run_opts opts = {
		.sz = sizeof(opts), .data_in = packet, .data_size_in = sizeof(packet),
	};

	if (bpf_prog_test_run_opts(prog_fd(obj, name), &opts))
		return -1;
	return opts.retval;
}

TEST_F(loaded, run)
{
	static const char * const names[] = {
		"narrow_loads", "packet_write", "legacy_loads", "map_calls", "inner_map_calls",
		"many_maps", "callbacks", "global_function", "dead_code", "may_goto",
		"tail_call_misses", "xdp_context",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(run(self->obj, names[i]), GOOD)
			TH_LOG("program %u", i);
	EXPECT_EQ(run(self->obj, "legacy_load_outside"), 0);
}

TEST_F(loaded, tail_call)
{
	int map = bpf_object__find_map_fd_by_name(self->obj, "progs");
	int target = prog_fd(self->obj, "tail_target"), key = 0;

	EXPECT_EQ(run(self->obj, "tail_call_hits"), 1);
	ASSERT_EQ(bpf_map_update_elem(map, &key, &target, BPF_ANY), 0);
	EXPECT_EQ(run(self->obj, "tail_call_hits"), GOOD);
	ASSERT_EQ(bpf_map_delete_elem(map, &key), 0);
	EXPECT_EQ(run(self->obj, "tail_call_hits"), 1);
}

struct dump {
	struct bpf_insn insns[512];
	struct bpf_func_info funcs[16];
	struct bpf_line_info lines[256];
	struct bpf_prog_info info;
};

static int dump(struct bpf_object *obj, const char *name, struct dump *d)
{
	__u32 len = sizeof(d->info);

	memset(d, 0, sizeof(*d));
	d->info.xlated_prog_insns = (unsigned long)d->insns;
	d->info.xlated_prog_len = sizeof(d->insns);
	d->info.func_info = (unsigned long)d->funcs;
	d->info.nr_func_info = 16;
	d->info.func_info_rec_size = sizeof(d->funcs[0]);
	d->info.line_info = (unsigned long)d->lines;
	d->info.nr_line_info = 256;
	d->info.line_info_rec_size = sizeof(d->lines[0]);
	return bpf_obj_get_info_by_fd(prog_fd(obj, name), &d->info, &len);
}

/* The functions and lines of a rewritten program are in order and inside of it. */
TEST_F(loaded, records)
{
	static const char * const names[] = { "callbacks", "global_function", "map_calls" };
	unsigned int i, k, cnt;
	static struct dump d;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(dump(self->obj, names[i], &d), 0);
		cnt = d.info.xlated_prog_len / sizeof(struct bpf_insn);
		ASSERT_GT(d.info.nr_line_info, 0);
		ASSERT_GT(d.info.nr_func_info, 0);
		EXPECT_EQ(d.lines[0].insn_off, 0);
		EXPECT_EQ(d.funcs[0].insn_off, 0);
		for (k = 1; k < d.info.nr_line_info; k++)
			EXPECT_GT(d.lines[k].insn_off, d.lines[k - 1].insn_off);
		for (k = 1; k < d.info.nr_func_info; k++)
			EXPECT_GT(d.funcs[k].insn_off, d.funcs[k - 1].insn_off);
		EXPECT_LT(d.lines[k ? d.info.nr_line_info - 1 : 0].insn_off, cnt);
	}
}

/* A dead call takes the function that it called with it. */
TEST_F(loaded, dead_code_is_gone)
{
	static struct dump d;

	ASSERT_EQ(dump(self->obj, "dead_code", &d), 0);
	EXPECT_EQ(d.info.nr_func_info, 1);
	EXPECT_LE(d.info.xlated_prog_len, 6 * sizeof(struct bpf_insn));
}

TEST_HARNESS_MAIN
