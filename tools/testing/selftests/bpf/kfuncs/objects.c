// SPDX-License-Identifier: GPL-2.0
/* Objects that programs allocate: what comes back, what is left in maps, and several at once. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kfuncs.h"
#include "kselftest_harness.h"

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE(objects)
{
	struct bpf_object *obj;
};

FIXTURE_SETUP(objects)
{
	struct bpf_program *prog;
	char path[PATH_MAX];

	libbpf_set_print(quiet);
	snprintf(path, sizeof(path), "%s/objects.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(self->obj, NULL);
	bpf_object__for_each_program(prog, self->obj)
		bpf_program__set_autoload(prog, true);
	ASSERT_EQ(bpf_object__load(self->obj), 0);
}

FIXTURE_TEARDOWN(objects)
{
	bpf_object__close(self->obj);
}

/* Result of a program, or -errno. */
static int call(struct bpf_object *obj, const char *name, struct call *c)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = c, .ctx_size_in = sizeof(*c));
	int err;

	memset(c->out, 0, sizeof(c->out));
	err = bpf_prog_test_run_opts(bpf_program__fd(bpf_object__find_program_by_name(obj, name)),
				     &opts);
	return err ?: (int)opts.retval;
}

TEST_F(objects, list_is_a_queue)
{
	struct call c = { .in = { 200 } };

	ASSERT_EQ(call(self->obj, "fifo", &c), 0);
	EXPECT_EQ(c.out[0], 200);
	EXPECT_EQ(c.out[1], 0);
	EXPECT_EQ(c.out[2], 200 * 201);
}

TEST_F(objects, tree_is_sorted)
{
	struct call c = { .in = { 300 } };

	ASSERT_EQ(call(self->obj, "sorted", &c), 0);
	EXPECT_EQ(c.out[0], 300);
	EXPECT_EQ(c.out[1], 0);
	EXPECT_GT(c.out[2], 1);
}

TEST_F(objects, in_a_list_and_a_tree)
{
	struct call c = { .in = { 42 } };

	ASSERT_EQ(call(self->obj, "shared", &c), 0);
	EXPECT_EQ(c.out[0], 5);
	EXPECT_EQ(c.out[1], 42);
}

TEST_F(objects, not_twice_in_a_list)
{
	struct call c = {};

	ASSERT_EQ(call(self->obj, "twice", &c), 0);
	EXPECT_EQ(c.out[0], 0);
	EXPECT_EQ(c.out[1], -EINVAL);
}

TEST_F(objects, kept_in_a_map)
{
	struct call c = { .in = { 7, 1 } };

	ASSERT_EQ(call(self->obj, "stash", &c), 0);
	EXPECT_EQ(c.out[0], -1);
	ASSERT_EQ(call(self->obj, "peek", &c), 0);
	EXPECT_EQ(c.out[0], 7);
	ASSERT_EQ(call(self->obj, "peek", &c), 0);
	EXPECT_EQ(c.out[0], 8);
	c.in[0] = 20;
	ASSERT_EQ(call(self->obj, "stash", &c), 0);
	EXPECT_EQ(c.out[0], 9);
	c.in[1] = 2;
	ASSERT_EQ(call(self->obj, "peek", &c), 0);
	EXPECT_EQ(c.out[0], -1);
	c.in[1] = 4;
	EXPECT_EQ(call(self->obj, "peek", &c), 1);
}

TEST_F(objects, objects_in_objects)
{
	struct call c = { .in = { 5, 0 } };

	ASSERT_EQ(call(self->obj, "nested", &c), 0);
	EXPECT_EQ(c.out[0], -1);
	c.in[0] = 9;
	ASSERT_EQ(call(self->obj, "nested", &c), 0);
	EXPECT_EQ(c.out[0], 5);
	EXPECT_EQ(c.out[1], 6);
}

TEST_F(objects, counted_on_each_cpu)
{
	struct call c = { .in = { 100, 3 } };
	int i;

	for (i = 1; i <= 10; i++) {
		ASSERT_EQ(call(self->obj, "count", &c), 0);
		EXPECT_EQ(c.out[0], i);
		EXPECT_EQ(c.out[1], 100 * i);
	}
}

/* The element's objects go with it: deleted by the program, by user space, or with the map. */
TEST_F(objects, elements_with_lists)
{
	int map = bpf_object__find_map_fd_by_name(self->obj, "owners"), i;
	struct call c = {};
	__u32 key;

	for (i = 0; i < 60; i++) {
		c.in[0] = i % 10;
		c.in[1] = i % 3 == 0;
		ASSERT_EQ(call(self->obj, "owned", &c), 0);
		EXPECT_EQ(c.out[0], 20);
		key = i % 10;
		if (i % 3 == 1)
			EXPECT_EQ(bpf_map_delete_elem(map, &key), 0);
	}
}

static __s64 runs_of(struct bpf_object *obj, __u32 key)
{
	struct { __u64 runs, wq[2], key; } job = {};

	bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(obj, "jobs"), &key, &job);
	return job.runs && job.key != key + 100 ? -1 : (__s64)job.runs;
}

/* The function runs in a process some time after the program; user space reads no addresses. */
TEST_F(objects, work)
{
	struct { __u64 runs, wq[2], key; } job = {};
	struct call c = { .in = { 2 } };
	__u32 key = 2;
	__s64 before;
	int i;

	for (i = 0; i < 3; i++) {
		before = runs_of(self->obj, 2);
		ASSERT_EQ(call(self->obj, "job", &c), 0);
		EXPECT_EQ(c.out[0], i ? -EBUSY : 0);
		EXPECT_EQ(c.out[1], 0);
		EXPECT_EQ(c.out[2], 0);
		/* the harness ends a test that waits for too long */
		while (runs_of(self->obj, 2) == before)
			usleep(1000);
		EXPECT_EQ(runs_of(self->obj, 2), before + 1);
	}
	EXPECT_EQ(runs_of(self->obj, 1), 0);
	ASSERT_EQ(bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(self->obj, "jobs"), &key,
				      &job), 0);
	EXPECT_EQ(job.wq[0], 0);
	EXPECT_EQ(job.wq[1], 0);
	/* without a function there is nothing to start */
	ASSERT_EQ(call(self->obj, "job_unset", &c), 0);
	EXPECT_EQ(c.out[0], -EINVAL);
}

struct worker {
	struct bpf_object *obj;
	int failed;
	__s64 made, found;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct call c = { .in = { 50 } };
	int i;

	for (i = 0; i < 60; i++) {
		w->failed |= call(w->obj, "fifo", &c);
		w->made += 50;
		w->found += c.out[0];
		c.in[1] = i % 4;
		w->failed |= call(w->obj, "stash", &c);
		w->failed |= call(w->obj, "peek", &c);
		w->failed |= call(w->obj, "nested", &c);
		w->failed |= call(w->obj, "count", &c);
	}
	return NULL;
}

/* What one pushes another may pop; nothing is lost, nothing is found twice. */
TEST_F(objects, several_at_once)
{
	struct worker w[3] = {};
	pthread_t t[3];
	__s64 made = 0, found = 0;
	int i;

	for (i = 0; i < 3; i++) {
		w[i].obj = self->obj;
		ASSERT_EQ(pthread_create(&t[i], NULL, work, &w[i]), 0);
	}
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		EXPECT_EQ(w[i].failed, 0);
		made += w[i].made;
		found += w[i].found;
	}
	EXPECT_EQ(made, found);
}

TEST_HARNESS_MAIN
