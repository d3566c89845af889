// SPDX-License-Identifier: GPL-2.0
/* Several threads on one map: what each of them may rely on, and counts that add up. */
#include <pthread.h>
#include <time.h>

#include "map.h"
#include "kselftest_harness.h"

#define THREADS	4
#define WORDS	8	/* of a value; all the same in each value that was written */

static const double seconds = 1.0;

struct thread {
	pthread_t id;
	int nr;
	int fd;
	uint64_t seed;
	long done;
	long bad;	/* what must not happen */
	long sum;
	long full;
};

static bool stop;

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Runs @n threads for a while; the last one is @last. */
static void run(struct thread *t, int n, int fd, void *(*fn)(void *), void *(*last)(void *))
{
	double end = now() + seconds;
	int i;

	__atomic_store_n(&stop, false, __ATOMIC_RELAXED);
	memset(t, 0, n * sizeof(*t));
	for (i = 0; i < n; i++) {
		t[i].nr = i;
		t[i].fd = fd;
		t[i].seed = 1234567 + i * 7919;
		pthread_create(&t[i].id, NULL, i == n - 1 ? last : fn, &t[i]);
	}
	while (now() < end)
		usleep(10000);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < n; i++)
		pthread_join(t[i].id, NULL);
}

static void fill(uint64_t *val, uint64_t what)
{
	int i;

	for (i = 0; i < WORDS; i++)
		val[i] = what;
}

static bool whole(const uint64_t *val)
{
	int i;

	for (i = 1; i < WORDS; i++) {
		if (val[i] != val[0])
			return false;
	}
	return true;
}

/*
 * In a process the pools of tables that grow are filled by whichever thread comes by: they may be
 * empty.
 */
static int update(int fd, const void *key, const void *val, uint64_t flags)
{
	int err;

	do {
		err = map_update(fd, key, val, flags);
#ifdef HOST_HOME
	} while (err == -ENOMEM);
#else
	} while (0);
#endif
	return err;
}

/* ------------------------------------------------------------------ hash tables */

#define KEYS 16

FIXTURE(hash)
{
	int fd;
	struct thread t[THREADS + 1];	/* the compiler sees one more in the harness's loops */
};

FIXTURE_VARIANT(hash)
{
	unsigned int type;
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(hash, prealloc) { BPF_MAP_TYPE_HASH };
FIXTURE_VARIANT_ADD(hash, grown) { BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC };
FIXTURE_VARIANT_ADD(hash, lru) { BPF_MAP_TYPE_LRU_HASH };

FIXTURE_SETUP(hash)
{
	self->fd = map_new(variant->type, 4, WORDS * 8, KEYS, variant->flags);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(hash)
{
	close(self->fd);
}

static void *replacer(void *arg)
{
	uint64_t val[WORDS];
	struct thread *t = arg;
	uint32_t key;

	while (!stopped()) {
		key = rnd(&t->seed) % KEYS;
		fill(val, ((uint64_t)key << 32) | rnd(&t->seed));
		if (update(t->fd, &key, val, BPF_EXIST))
			t->bad++;
		t->done++;
	}
	return NULL;
}

static void *reader(void *arg)
{
	uint64_t val[WORDS];
	struct thread *t = arg;
	uint32_t key;

	while (!stopped()) {
		key = rnd(&t->seed) % KEYS;
		if (map_lookup(t->fd, &key, val))
			t->bad++;
		else if (!whole(val) || val[0] >> 32 != key)
			t->bad++;
		t->done++;
	}
	return NULL;
}

/* A key that is only replaced is always there, with one value or the other. */
TEST_F(hash, replaced_keys_are_found)
{
	uint64_t val[WORDS];
	uint32_t key;
	int i;

	for (key = 0; key < KEYS; key++) {
		fill(val, (uint64_t)key << 32);
		ASSERT_EQ(0, update(self->fd, &key, val, BPF_NOEXIST));
	}
	run(self->t, 3, self->fd, replacer, reader);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, self->t[i].bad) TH_LOG("thread %d of %ld", i, self->t[i].done);
		EXPECT_LT(0, self->t[i].done);
	}
}

/* Puts in and takes out keys of its own; counts what it holds. */
static void *owner(void *arg)
{
	struct thread *t = arg;
	uint64_t val[WORDS];
	bool in[KEYS] = {};
	uint32_t key, i;
	int err;

	while (!stopped()) {
		i = rnd(&t->seed) % KEYS;
		key = t->nr * 1000 + i;
		fill(val, key);
		if (!in[i]) {
			err = update(t->fd, &key, val, BPF_NOEXIST);
			if (err == -E2BIG)
				t->full++;
			else if (err)
				t->bad++;
			else
				in[i] = true;
		} else if (rnd(&t->seed) % 3) {
			t->bad += !!update(t->fd, &key, val, BPF_EXIST);
			t->bad += map_lookup(t->fd, &key, val) || val[0] != key || !whole(val);
		} else {
			t->bad += !!map_delete(t->fd, &key);
			in[i] = false;
		}
		t->done++;
	}
	for (i = 0; i < KEYS; i++)
		t->sum += in[i];
	return NULL;
}

TEST_F(hash, owners_add_up)
{
	uint32_t key, next, *prev = NULL;
	uint64_t zero[WORDS] = {};
	long held = 0, n = 0;
	int i;

	if (variant->type == BPF_MAP_TYPE_LRU_HASH)
		SKIP(return, "a table that evicts takes what others put in");
	run(self->t, THREADS, self->fd, owner, owner);
	for (i = 0; i < THREADS; i++) {
		EXPECT_EQ(0, self->t[i].bad) TH_LOG("thread %d of %ld", i, self->t[i].done);
		held += self->t[i].sum;
	}
	while (!map_next(self->fd, prev, &next)) {
		n++;
		key = next;
		prev = &key;
	}
	EXPECT_EQ(held, n);
	EXPECT_GE(KEYS, n);
	/* none was lost: it can be filled to the last element */
	for (key = 1000000; n < KEYS; n++, key++)
		EXPECT_EQ(0, update(self->fd, &key, zero, BPF_NOEXIST));
	EXPECT_EQ(-E2BIG, update(self->fd, &key, zero, BPF_NOEXIST));
}

static void *flooder(void *arg)
{
	struct thread *t = arg;
	uint64_t val[WORDS];
	uint32_t key;

	while (!stopped()) {
		key = rnd(&t->seed) % 1000;
		fill(val, (uint64_t)key << 32 | t->done);
		t->bad += !!update(t->fd, &key, val, BPF_ANY);
		key = rnd(&t->seed) % 1000;
		if (!map_lookup(t->fd, &key, val))
			t->bad += !whole(val) || val[0] >> 32 != key;
		if (!(rnd(&t->seed) % 8))
			map_delete(t->fd, &key);
		t->done++;
	}
	return NULL;
}

TEST_F(hash, lru_never_overflows)
{
	uint32_t key, n = 0;
	uint64_t val[WORDS];
	int i;

	if (variant->type != BPF_MAP_TYPE_LRU_HASH)
		SKIP(return, "for tables that evict");
	run(self->t, THREADS, self->fd, flooder, flooder);
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(0, self->t[i].bad) TH_LOG("thread %d of %ld", i, self->t[i].done);
	fill(val, 0);
	for (key = 2000; key < 2000 + 2 * KEYS; key++)
		EXPECT_EQ(0, update(self->fd, &key, val, BPF_NOEXIST));
	for (key = 0; key < 2000 + 2 * KEYS; key++)
		n += !map_lookup(self->fd, &key, val);
	EXPECT_EQ(KEYS, n);
}

/* ------------------------------------------------------------------ queues */

static void *pusher(void *arg)
{
	struct thread *t = arg;
	uint64_t val;

	while (!stopped()) {
		val = rnd(&t->seed);
		if (update(t->fd, NULL, &val, BPF_ANY)) {
			t->full++;
		} else {
			t->sum += val;
			t->done++;
		}
	}
	return NULL;
}

static void *popper(void *arg)
{
	struct thread *t = arg;
	uint64_t val;

	while (!stopped()) {
		if (!map_take(t->fd, NULL, &val)) {
			t->sum += val;
			t->done++;
		}
	}
	return NULL;
}

TEST(queues_add_up)
{
	static const uint32_t types[] = { BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_STACK };
	struct thread t[3];
	long pushed, popped;
	uint64_t val;
	int fd, i;

	for (i = 0; i < 2; i++) {
		fd = map_new(types[i], 0, 8, 30, 0);
		ASSERT_LE(0, fd);
		run(t, 3, fd, pusher, popper);
		pushed = t[0].sum + t[1].sum;
		popped = t[2].sum;
		while (!map_take(fd, NULL, &val))
			popped += val;
		EXPECT_EQ(pushed, popped);
		EXPECT_LT(0, t[2].done);
		close(fd);
	}
}

/* ------------------------------------------------------------------ tries */

struct lpm_key {
	uint32_t len;
	unsigned char data[4];
};

static void lpm_key(struct thread *t, struct lpm_key *k)
{
	uint32_t bits = rnd(&t->seed) & 0x81818181;

	k->len = 1 + rnd(&t->seed) % 32;
	memcpy(k->data, &bits, 4);
	k->data[0] = 0x10 | t->nr;	/* a branch of its own */
	if (k->len < 8)
		k->len += 8;
}

static void *router(void *arg)
{
	struct thread *t = arg;
	uint64_t val = 7;
	struct lpm_key k;

	while (!stopped()) {
		lpm_key(t, &k);
		if (rnd(&t->seed) % 2)
			t->bad += !!update(t->fd, &k, &val, BPF_ANY);
		else
			map_delete(t->fd, &k);
		t->done++;
	}
	return NULL;
}

/* The entries that nobody touches stand at the ends of the trie: each walk comes by all of them. */
static void *walker(void *arg)
{
	struct lpm_key key, next, *prev, fixed = { 32, { 0xff, 1, 2, 3 } };
	struct thread *t = arg;
	bool seen_first, seen_last;
	uint64_t val;

	while (!stopped()) {
		prev = NULL;
		seen_first = false;
		seen_last = false;
		while (!map_next(t->fd, prev, &next)) {
			if (next.data[0] == 1 && next.len == 8)
				seen_first = true;
			/*
			 * an entry that goes away under the walk makes it start again: that ends
			 * somewhere
			 */
			if (next.data[0] == 0xff) {
				seen_last = true;
				break;
			}
			key = next;
			prev = &key;
		}
		t->bad += !seen_first || !seen_last;
		t->bad += map_lookup(t->fd, &fixed, &val) || val != 99;
		t->done++;
	}
	return NULL;
}

TEST(tries)
{
	int fd = map_new(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 10000, BPF_F_NO_PREALLOC), i;
	struct lpm_key first = { 8, { 1 } }, last = { 32, { 0xff, 1, 2, 3 } };
	uint64_t val = 99;
	struct thread t[3] = {};

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, update(fd, &first, &val, 0));
	ASSERT_EQ(0, update(fd, &last, &val, 0));
	run(t, 3, fd, router, walker);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, t[i].bad);
	EXPECT_LT(0, t[2].done);
	close(fd);
}

/* ------------------------------------------------------------------ maps of maps */

static int inner_new(void)
{
	return map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_NO_PREALLOC);
}

static void *swapper(void *arg)
{
	struct thread *t = arg;
	uint32_t key = 0;
	int inner;

	while (!stopped()) {
		inner = inner_new();
		t->bad += inner < 0 || update(t->fd, &key, &inner, BPF_ANY);
		close(inner);
		t->done++;
	}
	return NULL;
}

static void *outer_reader(void *arg)
{
	struct thread *t = arg;
	uint32_t key = 0, id;

	while (!stopped()) {
		t->bad += map_lookup(t->fd, &key, &id) || !id;
		t->done++;
	}
	return NULL;
}

/* hazard_2023_52447: inner maps come and go under readers; the slot is never empty. */
TEST(hazard_2023_52447_inner_maps_under_readers)
{
	static const uint32_t types[] = { BPF_MAP_TYPE_ARRAY_OF_MAPS, BPF_MAP_TYPE_HASH_OF_MAPS };
	int before = ids_count(BPF_MAP_GET_NEXT_ID), fd, i, inner;
	struct thread t[2];
	uint32_t key = 0;

	for (i = 0; i < 2; i++) {
		inner = inner_new();
		fd = BPF(BPF_MAP_CREATE, .map_type = types[i], .key_size = 4, .value_size = 4,
			 .max_entries = 1, .inner_map_fd = inner);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, update(fd, &key, &inner, 0));
		close(inner);
		run(t, 2, fd, swapper, outer_reader);
		EXPECT_EQ(0, t[0].bad);
		EXPECT_EQ(0, t[1].bad) TH_LOG("type %u: of %ld", types[i], t[1].done);
		close(fd);
	}
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

/* ------------------------------------------------------------------ the end */

static void *user(void *arg)
{
	struct thread *t = arg;
	uint64_t val = 1;
	uint32_t key;

	while (!stopped()) {
		key = rnd(&t->seed) % 64;
		update(t->fd, &key, &val, 0);
		map_lookup(t->fd, &key, &val);
		map_delete(t->fd, &key);
		t->done++;
	}
	return NULL;
}

static void *closer(void *arg)
{
	static const uint32_t flags[] = { 0, BPF_F_NO_PREALLOC };
	struct thread *t = arg;
	int fd;

	while (!stopped()) {
		fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 64, flags[t->done % 2]);
		t->bad += fd < 0;
		/* the number stays, what is behind it changes */
		t->bad += dup2(fd, t->fd) < 0;
		close(fd);
		t->done++;
		usleep(1000);
	}
	return NULL;
}

TEST(destroyed_while_in_use)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID);
	int fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 64, 0);
	struct thread t[THREADS];

	ASSERT_LE(0, fd);
	run(t, THREADS, fd, user, closer);
	EXPECT_EQ(0, t[THREADS - 1].bad);
	EXPECT_LT(0, t[THREADS - 1].done);
	close(fd);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST_HARNESS_MAIN
