// SPDX-License-Identifier: GPL-2.0
/*
 * Tail calls to known slots follow the array: filled, replaced, emptied, while others run, with
 * images patched below them. All of it holds for the interpreter as well.
 */
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

FIXTURE(tail)
{
	struct bpf_object *obj;
	int slots;
	__u64 *runs;
	__u32 *which;
};

static int prog(struct bpf_object *obj, const char *name)
{
	struct bpf_program *p = bpf_object__find_program_by_name(obj, name);

	return p ? bpf_program__fd(p) : -1;
}

static int run(int fd, unsigned int repeat)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = repeat);
	int err = bpf_prog_test_run_opts(fd, &opts);

	return err ? err : (int)opts.retval;
}

static int put(int map, __u32 key, int fd)
{
	return bpf_map_update_elem(map, &key, &fd, BPF_ANY);
}

static int drop(int map, __u32 key)
{
	return bpf_map_delete_elem(map, &key);
}

FIXTURE_SETUP(tail)
{
	const char *dir = getenv("O");
	struct bpf_map *bss;
	char path[512];

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	snprintf(path, sizeof(path), "%s/chain.bpf.o", dir ? dir : ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	self->slots = bpf_object__find_map_fd_by_name(self->obj, "slots");
	ASSERT_LE(0, self->slots);
	bss = bpf_object__find_map_by_name(self->obj, ".bss");
	ASSERT_NE(NULL, bss);
	self->runs = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
			  bpf_map__fd(bss), 0);
	ASSERT_NE(MAP_FAILED, self->runs);
	self->which = (__u32 *)(self->runs + 1);
}

FIXTURE_TEARDOWN(tail)
{
	munmap(self->runs, getpagesize());
	bpf_object__close(self->obj);
}

TEST_F(tail, follows_its_slot)
{
	int fd = prog(self->obj, "direct");

	EXPECT_EQ(7, run(fd, 1));
	ASSERT_EQ(0, put(self->slots, 1, prog(self->obj, "one")));
	EXPECT_EQ(1, run(fd, 1));
	ASSERT_EQ(0, put(self->slots, 1, prog(self->obj, "two")));
	EXPECT_EQ(2, run(fd, 1));
	ASSERT_EQ(0, drop(self->slots, 1));
	EXPECT_EQ(7, run(fd, 1));
	EXPECT_NE(0, drop(self->slots, 1));
	EXPECT_EQ(7, run(fd, 1));
	ASSERT_EQ(0, put(self->slots, 1, prog(self->obj, "one")));
	EXPECT_EQ(1, run(fd, 1));
	/* another slot is none of its business */
	ASSERT_EQ(0, put(self->slots, 2, prog(self->obj, "two")));
	EXPECT_EQ(1, run(fd, 1));
}

TEST_F(tail, ends_after_33)
{
	int fd = prog(self->obj, "direct");

	ASSERT_EQ(0, put(self->slots, 1, fd));
	EXPECT_EQ(7, run(fd, 1));
	EXPECT_EQ(34, *self->runs);
	/* each run has a count of its own */
	EXPECT_EQ(7, run(fd, 10));
	EXPECT_EQ(34 * 11, *self->runs);
}

TEST_F(tail, known_and_unknown_count_together)
{
	int direct = prog(self->obj, "direct"), indirect = prog(self->obj, "indirect");

	*self->which = 3;
	ASSERT_EQ(0, put(self->slots, 1, indirect));
	ASSERT_EQ(0, put(self->slots, 3, direct));
	EXPECT_EQ(7, run(direct, 1));
	EXPECT_EQ(34, *self->runs);
	*self->runs = 0;
	/* past the end of the array */
	*self->which = 4;
	EXPECT_EQ(7, run(indirect, 1));
	EXPECT_EQ(1, *self->runs);
}

TEST_F(tail, returns_to_the_caller_of_a_subprogram)
{
	int fd = prog(self->obj, "from_sub");

	EXPECT_EQ(105, run(fd, 1));
	ASSERT_EQ(0, put(self->slots, 2, prog(self->obj, "two")));
	EXPECT_EQ(102, run(fd, 1));
}

/* Every run of main makes two calls; 33 succeed, 35 of the 68 do not and give 5. */
TEST_F(tail, counts_through_subprograms)
{
	int fd = prog(self->obj, "twice");

	ASSERT_EQ(0, put(self->slots, 2, fd));
	/* an interpreter may stop earlier: each tail call in a subprogram takes C stack */
	EXPECT_LT(0, run(fd, 1));
	EXPECT_GE(34, *self->runs);
	EXPECT_LE(2, *self->runs);
}

struct hammer {
	int fd;
	bool stop;
	unsigned long bad, good;
};

static void *hammer_run(void *arg)
{
	struct hammer *h = arg;
	int ret;

	/* once at least, however soon the others are done */
	do {
		ret = run(h->fd, 10);
		if (ret == 1 || ret == 2 || ret == 7)
			__atomic_fetch_add(&h->good, 1, __ATOMIC_RELAXED);
		else
			__atomic_fetch_add(&h->bad, 1, __ATOMIC_RELAXED);
	} while (!__atomic_load_n(&h->stop, __ATOMIC_RELAXED));
	return NULL;
}

/* Patching while others are in the middle of it; programs come and go. */
TEST_F_TIMEOUT(tail, changes_while_running, 120)
{
	struct hammer h = { .fd = prog(self->obj, "direct") };
	int one = prog(self->obj, "one"), two = prog(self->obj, "two"), i;
	pthread_t threads[2];

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, hammer_run, &h));
	for (i = 0; i < 40; i++) {
		EXPECT_EQ(0, put(self->slots, 1, i & 1 ? one : two));
		if (i % 3 == 0)
			EXPECT_EQ(0, drop(self->slots, 1));
	}
	__atomic_store_n(&h.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, h.bad);
	EXPECT_LT(0, h.good);
}

/* The array outlives the program that jumps by it. */
TEST_F(tail, array_outlives_program)
{
	int map = dup(self->slots), two = dup(prog(self->obj, "two"));

	ASSERT_EQ(0, put(map, 1, two));
	bpf_object__close(self->obj);
	self->obj = NULL;
	usleep(200000);
	EXPECT_EQ(0, drop(map, 1));
	EXPECT_EQ(0, put(map, 1, two));
	close(two);
	close(map);
}

TEST_HARNESS_MAIN
