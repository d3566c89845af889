// SPDX-License-Identifier: GPL-2.0
/* The user ring buffer: libbpf as the producer, and producers that lie. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/epoll.h>

#include "map.h"
#include "kselftest_harness.h"

#define PAGE 4096

struct sample {
	uint64_t value;
	uint32_t stop;
};

FIXTURE(ring)
{
	struct bpf_object *obj;
	struct user_ring_buffer *urb;
	int fd;
	int prog;
	volatile unsigned long *cons;
	volatile unsigned long *prod;
	volatile char *data;
	uint64_t *sum, *seen;
	uint32_t *nested;
	long *result, *inner_result;
	uint64_t *flags;
};

/* A variable of user_ring.bpf.c, in a mapping that the test leaves behind. */
static void *global(struct __test_metadata *_metadata, struct bpf_object *obj, const char *name)
{
	struct btf *btf = bpf_object__btf(obj);
	struct bpf_map *bss = bpf_object__find_map_by_name(obj, ".bss");
	const struct btf_type *sec;
	const struct btf_var_secinfo *v;
	char *mem;
	int i;

	ASSERT_NE(NULL, bss);
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);
	ASSERT_NE(MAP_FAILED, mem);
	sec = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	ASSERT_NE(NULL, sec);
	v = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++, v++) {
		if (!strcmp(name,
			    btf__name_by_offset(btf, btf__type_by_id(btf, v->type)->name_off)))
			return mem + v->offset;
	}
	ASSERT_TRUE(false) TH_LOG("no variable %s", name);
	return NULL;
}

FIXTURE_SETUP(ring)
{
	char path[512], *dir = getenv("O");
	char *mem;

	snprintf(path, sizeof(path), "%s/user_ring.bpf.o", dir ? dir : ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	self->fd = bpf_map__fd(bpf_object__find_map_by_name(self->obj, "ring"));
	self->prog = bpf_program__fd(bpf_object__find_program_by_name(self->obj, "drain"));
	self->urb = user_ring_buffer__new(self->fd, NULL);
	ASSERT_NE(NULL, self->urb);
	self->cons = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->cons);
	mem = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, PAGE);
	ASSERT_NE(MAP_FAILED, mem);
	self->prod = (void *)mem;
	self->data = mem + PAGE;
	self->sum = global(_metadata, self->obj, "sum");
	self->seen = global(_metadata, self->obj, "seen");
	self->nested = global(_metadata, self->obj, "nested");
	self->result = global(_metadata, self->obj, "result");
	self->inner_result = global(_metadata, self->obj, "inner_result");
	self->flags = global(_metadata, self->obj, "flags");
}

FIXTURE_TEARDOWN(ring)
{
	munmap((void *)self->cons, PAGE);
	munmap((void *)self->prod, 3 * PAGE);
	user_ring_buffer__free(self->urb);
	bpf_object__close(self->obj);
}

static long drain(FIXTURE_DATA(ring) *self)
{
	char data[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = sizeof(data));
	int err = bpf_prog_test_run_opts(self->prog, &opts);

	return err ? -1000 : *self->result;
}

static int produce(FIXTURE_DATA(ring) *self, uint64_t value, uint32_t stop, bool discard)
{
	struct sample *s = user_ring_buffer__reserve(self->urb, sizeof(*s));

	if (!s)
		return -errno;
	s->value = value;
	s->stop = stop;
	if (discard)
		user_ring_buffer__discard(self->urb, s);
	else
		user_ring_buffer__submit(self->urb, s);
	return 0;
}

TEST_F(ring, round_trips)
{
	uint64_t want = 0, n = 0, discarded = 0;
	int i, round;

	EXPECT_EQ(0, drain(self));
	for (round = 0; round < 50; round++) {
		for (i = 0; i < round; i++) {
			ASSERT_EQ(0, produce(self, round * 100 + i, 0, i % 5 == 4));
			if (i % 5 == 4) {
				discarded++;
				continue;
			}
			want += round * 100 + i;
			n++;
		}
		EXPECT_EQ(round - round / 5, drain(self));
	}
	EXPECT_EQ(want, *self->sum);
	EXPECT_EQ(n, *self->seen);
	EXPECT_LT(0, discarded);
}

TEST_F(ring, fills_up)
{
	int n = 0;

	while (!produce(self, 1, 0, false))
		n++;
	EXPECT_EQ(PAGE / 24, n);
	EXPECT_EQ(n, drain(self));
	EXPECT_EQ(0, produce(self, 1, 0, false));
	EXPECT_EQ(1, drain(self));
}

TEST_F(ring, callback_stops)
{
	EXPECT_EQ(0, produce(self, 1, 0, false));
	EXPECT_EQ(0, produce(self, 2, 1, false));
	EXPECT_EQ(0, produce(self, 4, 0, false));
	EXPECT_EQ(2, drain(self));
	EXPECT_EQ(3, *self->sum);
	EXPECT_EQ(1, drain(self));
	EXPECT_EQ(7, *self->sum);
}

TEST_F(ring, busy_records_wait)
{
	struct sample *s = user_ring_buffer__reserve(self->urb, sizeof(*s));

	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, produce(self, 5, 0, false));
	EXPECT_EQ(0, drain(self));
	s->value = 6;
	s->stop = 0;
	user_ring_buffer__submit(self->urb, s);
	EXPECT_EQ(2, drain(self));
	EXPECT_EQ(11, *self->sum);
}

TEST_F(ring, one_drains_at_a_time)
{
	*self->nested = 1;
	EXPECT_EQ(0, produce(self, 5, 0, false));
	EXPECT_EQ(1, drain(self));
	EXPECT_EQ(-EBUSY, *self->inner_result);
}

TEST_F(ring, flags_and_wakeups)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET };
	int ep = epoll_create1(0);

	*self->flags = 1 << 5;
	EXPECT_EQ(-EINVAL, drain(self));
	*self->flags = 0;
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->fd, &ev));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(0, drain(self));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 50));
	*self->flags = BPF_RB_FORCE_WAKEUP;
	EXPECT_EQ(0, drain(self));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 1000));
	*self->flags = BPF_RB_NO_WAKEUP;
	EXPECT_EQ(0, produce(self, 5, 0, false));
	EXPECT_EQ(1, drain(self));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 50));
	*self->flags = 0;
	EXPECT_EQ(0, produce(self, 5, 0, false));
	EXPECT_EQ(1, drain(self));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 1000));
	close(ep);
}

/* What a producer writes is never believed. */
TEST_F(ring, producers_that_lie)
{
	volatile uint32_t *len = (void *)self->data;

	*self->prod = 7;
	EXPECT_EQ(-EINVAL, drain(self));
	/* longer than what was produced */
	*len = 100;
	*self->prod = 24;
	EXPECT_EQ(-EINVAL, drain(self));
	/* longer than the ring */
	*len = PAGE;
	*self->prod = 1UL << 40;
	EXPECT_EQ(-E2BIG, drain(self));
	*len = 0x3fffffff;
	EXPECT_EQ(-E2BIG, drain(self));
	*len = 0x3fffffff | BPF_RINGBUF_DISCARD_BIT;
	EXPECT_EQ(-E2BIG, drain(self));
	EXPECT_EQ(0, *self->cons);
	/* a ring full of records, each of no bytes, without an end: bounded */
	memset((void *)self->data, 0, PAGE);
	*self->prod = ~7UL;
	EXPECT_NE(-1000, drain(self));
	EXPECT_NE(0, *self->cons);
	/* backwards */
	*self->prod = 0;
	EXPECT_EQ(0, drain(self));
}

TEST_F(ring, mappings)
{
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, mprotect((void *)self->cons, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, self->fd, PAGE));
}

TEST_HARNESS_MAIN
