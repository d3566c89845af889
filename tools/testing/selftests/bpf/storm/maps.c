// SPDX-License-Identifier: GPL-2.0
/*
 * Maps under programs from all contexts and threads of user space at the same time. Afterwards
 * nothing may be missing: what went in is what is there, and each map still takes as many elements
 * as it is for.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "maps.h"

#ifndef SLOW
#define SLOW	1
#endif

#define SECONDS	8
#define LATE	40	/* more seconds, where the kernel is slow */
#define THREADS	3

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE(storm) {
	struct bpf_object *obj;
	struct bpf_link *links[16];
	int nr_links;
	int events[8];
	int nr_events;
};

static int fd_of(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_map_fd_by_name(obj, name);
}

FIXTURE_SETUP(storm)
{
	char path[512];

	libbpf_set_print(quiet);
	snprintf(path, sizeof(path), "%s/maps.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
}

FIXTURE_TEARDOWN(storm)
{
	int i;

	for (i = 0; i < self->nr_links; i++)
		bpf_link__destroy(self->links[i]);
	for (i = 0; i < self->nr_events; i++)
		close(self->events[i]);
	bpf_object__close(self->obj);
}

/* ------------------------------------------------------------------ the programs' contexts */

static int attach_all(FIXTURE_DATA(storm) *self)
{
	static const char *const names[] = {
		"in_task", "in_pop", "in_push", "in_alloc", "in_free"
	};
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 2000000 * SLOW,
	};
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = 1, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1);
	struct bpf_program *prog;
	int cpu, fd;
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		prog = bpf_object__find_program_by_name(self->obj, names[i]);
		self->links[self->nr_links] = bpf_program__attach(prog);
		if (!self->links[self->nr_links])
			return -errno;
		self->nr_links++;
	}
	prog = bpf_object__find_program_by_name(self->obj, "in_hardirq");
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN) && cpu < 8; cpu++) {
		fd = syscall(__NR_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0)
			return -errno;
		self->links[self->nr_links] = bpf_program__attach_perf_event(prog, fd);
		if (!self->links[self->nr_links])
			return -errno;
		self->nr_links++;
	}
	opts.prog_fd = bpf_program__fd(bpf_object__find_program_by_name(self->obj, "in_softirq"));
	return bpf_tc_hook_create(&hook) ?: bpf_tc_attach(&hook, &opts);
}

static void detach_all(FIXTURE_DATA(storm) *self)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = 1,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int i;

	for (i = 0; i < self->nr_links; i++)
		bpf_link__destroy(self->links[i]);
	self->nr_links = 0;
	bpf_tc_hook_destroy(&hook);
}

/* ------------------------------------------------------------------ threads of user space */

static atomic_bool stop;

struct worker {
	pthread_t thread;
	struct bpf_object *obj;
	unsigned int seed;
	__s64 in_queue, in_stack;
	int fault;
};

static const char *const keyed[] = {
	"hash", "hash_grows", "percpu", "percpu_grows", "lru", "lru_percpu",
};

#define KEYED (sizeof(keyed) / sizeof(keyed[0]))

/* What a map may say to an update or a deletion; EBUSY only to who interrupted another one. */
static bool fine(int err)
{
	return !err || errno == E2BIG || errno == ENOENT || errno == ENOMEM || errno == ENOSPC ||
	       errno == EBUSY || errno == EEXIST;
}

static void work_keyed(struct worker *w, const char *name)
{
	__u64 value[64] = { 1 };
	unsigned int key = rand_r(&w->seed) % KEYS, next;
	int fd = fd_of(w->obj, name);

	if (!fine(bpf_map_update_elem(fd, &key, value, rand_r(&w->seed) % 3)))
		w->fault = errno;
	bpf_map_lookup_elem(fd, &key, value);
	bpf_map_get_next_key(fd, &key, &next);
	if (rand_r(&w->seed) % 2 && !fine(bpf_map_delete_elem(fd, &key)))
		w->fault = errno;
	key = rand_r(&w->seed) % KEYS;
	bpf_map_lookup_and_delete_elem(fd, &key, value);
}

static void work_batch(struct worker *w, const char *name)
{
	static __thread unsigned int keys[KEYS];
	static __thread __u64 values[KEYS * 8];
	unsigned int count = KEYS, out;
	int fd = fd_of(w->obj, name);

	bpf_map_lookup_batch(fd, NULL, &out, keys, values, &count, NULL);
	count = KEYS / 4;
	bpf_map_lookup_and_delete_batch(fd, NULL, &out, keys, values, &count, NULL);
}

static void work_lpm(struct worker *w)
{
	struct { __u32 len, addr; } key = { 8 + rand_r(&w->seed) % 25, rand_r(&w->seed) }, next;
	int fd = fd_of(w->obj, "lpm");
	__u64 value = 0;

	if (!fine(bpf_map_update_elem(fd, &key, &value, 0)))
		w->fault = errno;
	bpf_map_get_next_key(fd, &key, &next);
	bpf_map_delete_elem(fd, &next);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	__u64 value = 0;
	unsigned int i;

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	while (!atomic_load(&stop)) {
		for (i = 0; i < KEYED; i++)
			work_keyed(w, keyed[i]);
		work_batch(w, keyed[rand_r(&w->seed) % KEYED]);
		work_lpm(w);
		if (!bpf_map_update_elem(fd_of(w->obj, "queue"), NULL, &value, 0))
			w->in_queue++;
		if (!bpf_map_lookup_and_delete_elem(fd_of(w->obj, "queue"), NULL, &value))
			w->in_queue--;
		if (!bpf_map_update_elem(fd_of(w->obj, "stack"), NULL, &value, 0))
			w->in_stack++;
		if (!bpf_map_lookup_and_delete_elem(fd_of(w->obj, "stack"), NULL, &value))
			w->in_stack--;
		sendto(sock, &value, sizeof(value), 0, (void *)&to, sizeof(to));
	}
	close(sock);
	return NULL;
}

static int on_record(void *ctx, void *data, size_t size)
{
	__u64 *seen = ctx;

	if (size == 8 && *(__u64 *)data < WHERES)
		(*seen)++;
	return 0;
}

/* ------------------------------------------------------------------ what has to be left */

static int elements(int fd)
{
	unsigned int key, next;
	int n = 0, err;

	for (err = bpf_map_get_next_key(fd, NULL, &next); !err && n <= KEYS; n++) {
		key = next;
		err = bpf_map_get_next_key(fd, &key, &next);
	}
	return n;
}

/* Emptied, it takes as many elements as it is for, and no more unless it evicts. */
static void check_room(struct __test_metadata *_metadata, struct bpf_object *obj, const char *name)
{
	int fd = fd_of(obj, name), room = 0;
	bool lru = !strncmp(name, "lru", 3);
	__u64 value[64] = {};
	unsigned int key;

	EXPECT_GE(ENTRIES, elements(fd)) TH_LOG("%s", name);
	for (key = 0; key < KEYS; key++)
		bpf_map_delete_elem(fd, &key);
	EXPECT_EQ(0, elements(fd)) TH_LOG("%s", name);
	for (key = 0; key < KEYS; key++)
		room += !bpf_map_update_elem(fd, &key, value, BPF_NOEXIST);
	EXPECT_EQ(lru ? KEYS : ENTRIES, room) TH_LOG("%s", name);
	EXPECT_GE(ENTRIES, elements(fd)) TH_LOG("%s", name);
	/* an LRU may evict a little early */
	EXPECT_LE(lru ? ENTRIES / 2 : ENTRIES, elements(fd)) TH_LOG("%s", name);
}

static int drained(int fd)
{
	__u64 value;
	int n = 0;

	while (!bpf_map_lookup_and_delete_elem(fd, NULL, &value))
		n++;
	return n;
}

/* Whether programs have not run yet in one of the contexts. */
static bool idle(const struct counts *counts)
{
	int i;

	for (i = 0; i < WHERES; i++) {
		if (!__atomic_load_n(&counts->runs[i], __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

TEST_F_TIMEOUT(storm, all_contexts, 120)
{
	struct worker workers[THREADS] = {};
	struct ring_buffer *rb;
	struct counts *counts;
	struct bpf_map *map;
	__s64 queue, stack;
	__u64 seen = 0;
	time_t end;
	int i;

	bpf_object__for_each_map(map, self->obj)
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	ASSERT_NE(NULL, map);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(map), 0);
	ASSERT_NE(MAP_FAILED, counts);
	ASSERT_LE(sizeof(*counts), bpf_map__value_size(map));
	rb = ring_buffer__new(fd_of(self->obj, "ring"), on_record, &seen, NULL);
	ASSERT_NE(NULL, rb);
	counts->owner = getpid();

	ASSERT_EQ(0, attach_all(self));
	for (i = 0; i < THREADS; i++) {
		workers[i].obj = self->obj;
		workers[i].seed = i + 1;
		ASSERT_EQ(0, pthread_create(&workers[i].thread, NULL, work, &workers[i]));
	}
	end = time(NULL) + SECONDS;
	while (time(NULL) < end || (idle(counts) && time(NULL) < end + LATE))
		ring_buffer__poll(rb, 100);
	atomic_store(&stop, true);
	queue = 0;
	stack = 0;
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		EXPECT_EQ(0, workers[i].fault);
		queue += workers[i].in_queue;
		stack += workers[i].in_stack;
	}
	detach_all(self);
	/* timers fire on; their elements go with the map's last element */
	for (i = 0; i < KEYS; i++)
		bpf_map_delete_elem(fd_of(self->obj, "timed"), &i);
	end = time(NULL) + LATE;
	for (i = 0; i < 10 && time(NULL) < end; i++) {
		usleep(30000);
		if (ring_buffer__consume(rb) || counts->records != seen)
			i = 0;
	}
	ring_buffer__free(rb);

	for (i = 0; i < WHERES; i++)
		EXPECT_LT(0, counts->runs[i]) TH_LOG("no run in context %d", i);
	EXPECT_EQ(counts->records, seen);
	EXPECT_EQ(counts->in_queue + queue, drained(fd_of(self->obj, "queue")));
	EXPECT_EQ(counts->in_stack + stack, drained(fd_of(self->obj, "stack")));
	for (i = 0; i < KEYED; i++)
		check_room(_metadata, self->obj, keyed[i]);
}

TEST_HARNESS_MAIN
