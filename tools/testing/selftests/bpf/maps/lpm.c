// SPDX-License-Identifier: GPL-2.0
/* The longest-prefix trie against a model: a list of prefixes that is searched from end to end. */
#include "map.h"
#include "kselftest_harness.h"

#define ENTRIES	64
#define BYTES	32
#define STEPS	6000

struct key {
	uint32_t len;
	unsigned char data[BYTES];
};

FIXTURE(lpm)
{
	int fd;
	int count;
	struct key key[ENTRIES];
	uint64_t val[ENTRIES];
	uint64_t seed;
};

FIXTURE_VARIANT(lpm)
{
	int bytes;
	int max;
	unsigned char mask;	/* few different bits make many common prefixes */
};

#define VARIANT(name, ...) FIXTURE_VARIANT_ADD(lpm, name) { __VA_ARGS__ }
VARIANT(byte, 1, 40, 0xff);
VARIANT(ipv4, 4, 50, 0x81);
VARIANT(six, 6, 64, 0x11);
VARIANT(eight, 8, 64, 0x81);
VARIANT(nine, 9, 64, 0x11);
VARIANT(ipv6, 16, 64, 0x80);
VARIANT(twenty, 20, 64, 0x11);
VARIANT(long, 32, 64, 0x01);
VARIANT(one, 4, 1, 0xff);

FIXTURE_SETUP(lpm)
{
	self->fd = map_new(BPF_MAP_TYPE_LPM_TRIE, 4 + variant->bytes, 8, variant->max,
			   BPF_F_NO_PREALLOC);
	ASSERT_LE(0, self->fd);
	self->seed = 0x2545f4914f6cdd1dULL + variant->bytes;
}

FIXTURE_TEARDOWN(lpm)
{
	close(self->fd);
}

static int bit(const struct key *k, uint32_t i)
{
	return k->data[i / 8] >> (7 - i % 8) & 1;
}

static bool is_prefix(const struct key *p, const struct key *k)
{
	uint32_t i;

	if (p->len > k->len)
		return false;
	for (i = 0; i < p->len; i++) {
		if (bit(p, i) != bit(k, i))
			return false;
	}
	return true;
}

static int find(FIXTURE_DATA(lpm) *self, const struct key *k)
{
	int i;

	for (i = 0; i < self->count; i++) {
		if (self->key[i].len == k->len && is_prefix(&self->key[i], k))
			return i;
	}
	return -1;
}

static int find_longest(FIXTURE_DATA(lpm) *self, const struct key *k)
{
	int i, best = -1;

	for (i = 0; i < self->count; i++) {
		if (is_prefix(&self->key[i], k) &&
		    (best < 0 || self->key[i].len > self->key[best].len))
			best = i;
	}
	return best;
}

static void make_key(FIXTURE_DATA(lpm) *self, const FIXTURE_VARIANT(lpm) *v, struct key *k)
{
	int i, like = self->count ? rnd(&self->seed) % self->count : -1;

	memset(k, 0, sizeof(*k));
	k->len = rnd(&self->seed) % (v->bytes * 8 + 1);
	for (i = 0; i < v->bytes; i++)
		k->data[i] = rnd(&self->seed) & v->mask;
	/* often one that shares most with an entry */
	if (like >= 0 && rnd(&self->seed) % 2) {
		*k = self->key[like];
		k->len = rnd(&self->seed) % (v->bytes * 8 + 1);
		k->data[rnd(&self->seed) % v->bytes] ^= 1 << rnd(&self->seed) % 8;
	}
}

static void step_update(struct __test_metadata *_metadata, FIXTURE_DATA(lpm) *self,
			const FIXTURE_VARIANT(lpm) *variant)
{
	uint64_t val = rnd(&self->seed), flags = rnd(&self->seed) % 6;
	int i, want = 0;
	struct key k;

	flags = flags > 2 ? BPF_ANY : flags;
	make_key(self, variant, &k);
	i = find(self, &k);
	if (i >= 0)
		want = flags == BPF_NOEXIST ? -EEXIST : 0;
	else if (flags == BPF_EXIST)
		want = -ENOENT;
	else if (self->count == variant->max)
		want = -ENOSPC;
	ASSERT_EQ(want, map_update(self->fd, &k, &val, flags));
	if (want)
		return;
	if (i < 0)
		i = self->count++;
	self->key[i] = k;
	self->val[i] = val;
}

static void step_lookup(struct __test_metadata *_metadata, FIXTURE_DATA(lpm) *self,
			const FIXTURE_VARIANT(lpm) *variant)
{
	uint64_t val = 0;
	struct key k;
	int i;

	make_key(self, variant, &k);
	i = find_longest(self, &k);
	ASSERT_EQ(i < 0 ? -ENOENT : 0, map_lookup(self->fd, &k, &val));
	if (i >= 0)
		ASSERT_EQ(self->val[i], val) TH_LOG("len %u", k.len);
}

static void step_delete(struct __test_metadata *_metadata, FIXTURE_DATA(lpm) *self,
			const FIXTURE_VARIANT(lpm) *variant)
{
	struct key k;
	int i;

	make_key(self, variant, &k);
	if (self->count && rnd(&self->seed) % 2)
		k = self->key[rnd(&self->seed) % self->count];
	i = find(self, &k);
	ASSERT_EQ(i < 0 ? -ENOENT : 0, map_delete(self->fd, &k));
	if (i < 0)
		return;
	self->count--;
	self->key[i] = self->key[self->count];
	self->val[i] = self->val[self->count];
}

/* Each entry once, a prefix before what it is a prefix of. */
static void step_walk(struct __test_metadata *_metadata, FIXTURE_DATA(lpm) *self,
		      const FIXTURE_VARIANT(lpm) *variant)
{
	struct key key = {}, next = {}, *prev = NULL;
	bool seen[ENTRIES] = {};
	int n = 0, i, j;

	while (!map_next(self->fd, prev, &next)) {
		i = find(self, &next);
		ASSERT_LE(0, i);
		ASSERT_FALSE(seen[i]);
		seen[i] = true;
		for (j = 0; j < self->count; j++)
			ASSERT_TRUE(seen[j] || j == i || !is_prefix(&self->key[j], &next));
		key = next;
		prev = &key;
		n++;
	}
	ASSERT_EQ(self->count, n);
}

TEST_F(lpm, random_operations)
{
	int step;

	for (step = 0; step < STEPS; step++) {
		switch (rnd(&self->seed) % 16) {
		case 0:
			step_walk(_metadata, self, variant);
			break;
		case 1 ... 5:
			step_lookup(_metadata, self, variant);
			break;
		case 6 ... 9:
			step_delete(_metadata, self, variant);
			break;
		default:
			step_update(_metadata, self, variant);
			break;
		}
	}
	while (self->count) {
		ASSERT_EQ(0, map_delete(self->fd, &self->key[--self->count]));
		step_walk(_metadata, self, variant);
	}
}

static int lpm_new(uint32_t key, uint32_t value, uint32_t max, uint32_t flags)
{
	return map_new(BPF_MAP_TYPE_LPM_TRIE, key, value, max, flags);
}

TEST(limits)
{
	int fd;

	EXPECT_EQ(-EINVAL, lpm_new(8, 8, 1, 0));
	EXPECT_EQ(-EINVAL, lpm_new(4, 8, 1, BPF_F_NO_PREALLOC));
	EXPECT_EQ(-EINVAL, lpm_new(4 + 257, 8, 1, BPF_F_NO_PREALLOC));
	EXPECT_EQ(-EINVAL, lpm_new(8, 0, 1, BPF_F_NO_PREALLOC));
	EXPECT_EQ(-EINVAL, lpm_new(8, 8, 0, BPF_F_NO_PREALLOC));
	EXPECT_GT(0, lpm_new(8, 0xfffffff0, 1, BPF_F_NO_PREALLOC));
	fd = lpm_new(4 + 256, 8, 1, BPF_F_NO_PREALLOC);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST(key_errors)
{
	struct key k = { .len = 33 }, next;
	int fd = lpm_new(8, 8, 4, BPF_F_NO_PREALLOC);
	uint64_t val = 1;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, map_update(fd, &k, &val, 0));
	EXPECT_EQ(-EINVAL, map_delete(fd, &k));
	EXPECT_EQ(-ENOENT, map_lookup(fd, &k, &val));
	EXPECT_EQ(-ENOENT, map_next(fd, &k, &next));
	k.len = 0xffffffff;
	EXPECT_EQ(-EINVAL, map_update(fd, &k, &val, 0));
	k.len = 32;
	EXPECT_EQ(-EINVAL, map_update(fd, &k, &val, 3));
	EXPECT_EQ(-EINVAL, map_update(fd, &k, &val, BPF_F_LOCK));
	EXPECT_EQ(0, map_update(fd, &k, &val, BPF_ANY));
	/* a length that cannot be: from the start */
	k.len = 33;
	EXPECT_EQ(0, map_next(fd, &k, &next));
	EXPECT_EQ(32, next.len);
	close(fd);
}

/* A trie as deep as keys are long: each length of one path, from the longest key there can be. */
TEST(hazard_2024_50262_next_key_of_deep_tries)
{
	int fd = lpm_new(4 + 256, 8, 2100, BPF_F_NO_PREALLOC), n = 0;
	struct {
		uint32_t len;
		unsigned char data[256];
	} k = {}, next;
	uint64_t val;

	ASSERT_LE(0, fd);
	memset(k.data, 0xff, sizeof(k.data));
	for (k.len = 0; k.len <= 2048; k.len++) {
		val = k.len;
		ASSERT_EQ(0, map_update(fd, &k, &val, BPF_NOEXIST));
	}
	ASSERT_EQ(0, map_next(fd, NULL, &next));
	do {
		ASSERT_EQ(n, next.len);
		k.len = next.len;
		n++;
	} while (!map_next(fd, &k, &next));
	EXPECT_EQ(2049, n);
	k.len = 2048;
	EXPECT_EQ(0, map_lookup(fd, &k, &val));
	EXPECT_EQ(2048, val);
	k.data[255] = 0xfe;
	EXPECT_EQ(0, map_lookup(fd, &k, &val));
	EXPECT_EQ(2047, val);
	close(fd);
}

TEST_HARNESS_MAIN
