// SPDX-License-Identifier: GPL-2.0
/*
 * Random sequences of operations on each type of map that has keys, compared step by step with a
 * model: a list of what should be in it.
 */
#include "map.h"
#include "kselftest_harness.h"

#define KEYS		48	/* different keys in use */
#define KEY_MAX		40
#define VALUE_MAX	(64 * 64)
#define STEPS		4000

FIXTURE(model)
{
	int fd;
	int stride;		/* bytes of a value as user space sees it */
	int nkeys;
	int count;
	bool in[KEYS];
	unsigned char val[KEYS][VALUE_MAX];
	uint64_t seed;
};

FIXTURE_VARIANT(model)
{
	unsigned int type;
	unsigned int flags;
	int key_size;
	int value_size;
	int max;
};

#define VARIANT(name, ...) FIXTURE_VARIANT_ADD(model, name) { __VA_ARGS__ }
VARIANT(hash, BPF_MAP_TYPE_HASH, 0, 4, 8, 32);
VARIANT(hash_one, BPF_MAP_TYPE_HASH, 0, 4, 8, 1);
VARIANT(hash_odd, BPF_MAP_TYPE_HASH, 0, 7, 13, 20);
VARIANT(hash_grown, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, 4, 8, 32);
VARIANT(hash_grown_odd, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, 13, 1, 40);
VARIANT(hash_zero_seed, BPF_MAP_TYPE_HASH, BPF_F_ZERO_SEED, 8, 24, 16);
VARIANT(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 0, 4, 8, 32);
VARIANT(percpu_hash_odd, BPF_MAP_TYPE_PERCPU_HASH, 0, 5, 11, 32);
VARIANT(percpu_hash_grown, BPF_MAP_TYPE_PERCPU_HASH, BPF_F_NO_PREALLOC, 4, 12, 32);
VARIANT(lru_hash, BPF_MAP_TYPE_LRU_HASH, 0, 4, 8, 30);
VARIANT(lru_hash_own_lists, BPF_MAP_TYPE_LRU_HASH, BPF_F_NO_COMMON_LRU, 4, 8, 30);
VARIANT(lru_percpu_hash, BPF_MAP_TYPE_LRU_PERCPU_HASH, 0, 4, 8, 30);
VARIANT(array, BPF_MAP_TYPE_ARRAY, 0, 4, 8, 32);
VARIANT(array_odd, BPF_MAP_TYPE_ARRAY, 0, 4, 3, 17);
VARIANT(array_mmap, BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, 8, 32);
VARIANT(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 0, 4, 8, 32);
VARIANT(percpu_array_odd, BPF_MAP_TYPE_PERCPU_ARRAY, 0, 4, 5, 9);

static bool is_percpu(unsigned int type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool is_lru(unsigned int type)
{
	return type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static bool is_array(unsigned int type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static void make_key(const FIXTURE_VARIANT(model) *v, int i, unsigned char *key)
{
	int j;

	for (j = 0; j < v->key_size; j++)
		key[j] = is_array(v->type) ? 0 : i * 7 + j;
	key[0] = i;
}

static int key_index(const unsigned char *key)
{
	return key[0];
}

/* Padding between the CPUs' values reads as zero, whatever was written there. */
static void make_value(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v,
		       unsigned char *out, bool padding)
{
	int per = is_percpu(v->type) ? ROUND_UP(v->value_size, 8) : v->value_size, i;

	for (i = 0; i < self->stride; i++)
		out[i] = i % per < v->value_size || padding ? rnd(&self->seed) : 0;
}

static void clear_padding(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v,
			  unsigned char *val)
{
	int per = is_percpu(v->type) ? ROUND_UP(v->value_size, 8) : v->value_size, i;

	for (i = 0; i < self->stride; i++) {
		if (i % per >= v->value_size)
			val[i] = 0;
	}
}

FIXTURE_SETUP(model)
{
	int i;

	self->fd = map_new(variant->type, variant->key_size, variant->value_size, variant->max,
			   variant->flags);
	ASSERT_LE(0, self->fd);
	self->stride = is_percpu(variant->type) ?
		       ROUND_UP(variant->value_size, 8) * possible_cpus() : variant->value_size;
	ASSERT_GE(VALUE_MAX, self->stride);
	self->nkeys = is_array(variant->type) ? variant->max + 3 : KEYS;
	for (i = 0; is_array(variant->type) && i < variant->max; i++)
		self->in[i] = true;
	self->count = is_array(variant->type) ? variant->max : 0;
	self->seed = 0x9e3779b97f4a7c15ULL + variant->type * 77 + variant->key_size;
}

FIXTURE_TEARDOWN(model)
{
	close(self->fd);
}

static int expect_update(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v, int i,
			 uint64_t flags)
{
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (is_array(v->type)) {
		if (i >= v->max)
			return -E2BIG;
		return flags == BPF_NOEXIST ? -EEXIST : 0;
	}
	if (self->in[i])
		return flags == BPF_NOEXIST ? -EEXIST : 0;
	if (flags == BPF_EXIST)
		return -ENOENT;
	return self->count == v->max && !is_lru(v->type) ? -E2BIG : 0;
}

static void model_set(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v, int i,
		      const unsigned char *val)
{
	if (!self->in[i])
		self->count++;
	self->in[i] = true;
	memcpy(self->val[i], val, self->stride);
	clear_padding(self, v, self->val[i]);
}

static void model_del(FIXTURE_DATA(model) *self, int i)
{
	if (self->in[i])
		self->count--;
	self->in[i] = false;
}

static int do_lookup(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v, int i,
		     unsigned char *val)
{
	unsigned char key[KEY_MAX];

	make_key(v, i, key);
	memset(val, 0xa5, self->stride);
	return map_lookup(self->fd, key, val);
}

/* What a full LRU table dropped to make room: never the key that it made room for. */
static int lru_resync(FIXTURE_DATA(model) *self, const FIXTURE_VARIANT(model) *v, int fresh)
{
	unsigned char val[VALUE_MAX];
	int i, gone = 0, err;

	for (i = 0; i < self->nkeys; i++) {
		if (!self->in[i])
			continue;
		err = do_lookup(self, v, i, val);
		if (err == -ENOENT && i != fresh) {
			model_del(self, i);
			gone++;
		} else if (err) {
			return -1;
		}
	}
	return gone;
}

static void step_update(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
			const FIXTURE_VARIANT(model) *variant)
{
	int i = rnd(&self->seed) % self->nkeys, want, err;
	uint64_t flags = rnd(&self->seed) % 8;
	unsigned char key[KEY_MAX], val[VALUE_MAX];
	bool full = self->count == variant->max && !self->in[i];

	flags = flags > 3 ? BPF_ANY : flags;
	make_key(variant, i, key);
	make_value(self, variant, val, true);
	want = expect_update(self, variant, i, flags);
	err = map_update(self->fd, key, val, flags);
	ASSERT_EQ(want, err) TH_LOG("key %d flags %d", i, (int)flags);
	if (err)
		return;
	model_set(self, variant, i, val);
	if (is_lru(variant->type) && full) {
		ASSERT_EQ(1, lru_resync(self, variant, i)) TH_LOG("key %d", i);
		ASSERT_EQ(variant->max, self->count);
	}
}

static void step_lookup(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
			const FIXTURE_VARIANT(model) *variant)
{
	int i = rnd(&self->seed) % self->nkeys;
	unsigned char val[VALUE_MAX];

	ASSERT_EQ(self->in[i] ? 0 : -ENOENT, do_lookup(self, variant, i, val)) TH_LOG("key %d", i);
	if (self->in[i])
		ASSERT_EQ(0, memcmp(val, self->val[i], self->stride)) TH_LOG("key %d", i);
}

static void step_delete(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
			const FIXTURE_VARIANT(model) *variant)
{
	int i = rnd(&self->seed) % self->nkeys, want = self->in[i] ? 0 : -ENOENT;
	unsigned char key[KEY_MAX], val[VALUE_MAX];

	make_key(variant, i, key);
	if (is_array(variant->type)) {
		ASSERT_EQ(-EINVAL, map_delete(self->fd, key));
		return;
	}
	if (rnd(&self->seed) % 2) {
		ASSERT_EQ(want, map_delete(self->fd, key)) TH_LOG("key %d", i);
	} else {
		memset(val, 0xa5, sizeof(val));
		ASSERT_EQ(want, map_take(self->fd, key, val)) TH_LOG("key %d", i);
		if (!want)
			ASSERT_EQ(0, memcmp(val, self->val[i], self->stride));
	}
	model_del(self, i);
}

static void step_walk(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
		      const FIXTURE_VARIANT(model) *variant)
{
	unsigned char key[KEY_MAX], next[KEY_MAX], want[KEY_MAX], *prev = NULL;
	bool seen[KEYS] = {};
	int n = 0, i;

	while (!map_next(self->fd, prev, next)) {
		i = key_index(next);
		ASSERT_GT(self->nkeys, i);
		make_key(variant, i, want);
		ASSERT_EQ(0, memcmp(want, next, variant->key_size));
		ASSERT_TRUE(self->in[i]) TH_LOG("key %d", i);
		ASSERT_FALSE(seen[i]) TH_LOG("key %d", i);
		seen[i] = true;
		n++;
		memcpy(key, next, variant->key_size);
		prev = key;
	}
	ASSERT_EQ(self->count, n);
}

/* Reads all in batches of a random size; takes out what it reads, sometimes. */
static void step_batch(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
		       const FIXTURE_VARIANT(model) *variant)
{
	static unsigned char keys[KEYS * KEY_MAX], vals[KEYS * VALUE_MAX];
	unsigned char mark[2][KEY_MAX], *in = NULL;
	bool take = !is_array(variant->type) && rnd(&self->seed) % 2, seen[KEYS] = {};
	int cmd = take ? BPF_MAP_LOOKUP_AND_DELETE_BATCH : BPF_MAP_LOOKUP_BATCH;
	int size = 1 + rnd(&self->seed) % KEYS, count = self->count, n = 0, round = 0, err = 0, i;
	uint32_t cnt, j;

	while (!err && round < 10 * KEYS) {
		cnt = size;
		memset(vals, 0xa5, sizeof(vals));
		err = map_batch(cmd, self->fd, in, mark[round & 1], keys, vals, &cnt, 0);
		if (err == -ENOSPC) {
			ASSERT_EQ(0, cnt);
			size++;
			err = 0;
			continue;
		}
		ASSERT_TRUE(!err || err == -ENOENT) TH_LOG("%d", err);
		ASSERT_GE(size, cnt);
		for (j = 0; j < cnt; j++, n++) {
			i = key_index(keys + j * variant->key_size);
			ASSERT_TRUE(i < self->nkeys && self->in[i] && !seen[i]) TH_LOG("key %d", i);
			ASSERT_EQ(0, memcmp(vals + j * self->stride, self->val[i], self->stride))
				TH_LOG("key %d", i);
			seen[i] = true;
			if (take)
				model_del(self, i);
		}
		in = mark[round++ & 1];
	}
	ASSERT_EQ(-ENOENT, err);
	ASSERT_EQ(count, n);
}

/* Writes a batch; it stops at the first element that cannot be written and says how far it got. */
static void step_batch_write(struct __test_metadata *_metadata, FIXTURE_DATA(model) *self,
			     const FIXTURE_VARIANT(model) *variant)
{
	static unsigned char keys[8 * KEY_MAX], vals[8 * VALUE_MAX];
	uint32_t n = 1 + rnd(&self->seed) % 8, cnt = n, j, done = 0;
	uint64_t flags = rnd(&self->seed) % 3;
	int index[8], want = 0, err;

	if (is_lru(variant->type))
		return;
	for (j = 0; j < n; j++) {
		index[j] = rnd(&self->seed) % self->nkeys;
		make_key(variant, index[j], keys + j * variant->key_size);
		make_value(self, variant, vals + j * self->stride, true);
	}
	for (j = 0; j < n; j++) {
		want = expect_update(self, variant, index[j], flags);
		if (want)
			break;
		model_set(self, variant, index[j], vals + j * self->stride);
		done++;
	}
	err = map_batch(BPF_MAP_UPDATE_BATCH, self->fd, NULL, NULL, keys, vals, &cnt, flags);
	ASSERT_EQ(want, err);
	ASSERT_EQ(done, cnt);
}

/* The debug flavour takes minutes. */
TEST_F_TIMEOUT(model, random_operations, 300)
{
	int step;

	for (step = 0; step < STEPS; step++) {
		switch (rnd(&self->seed) % 32) {
		case 0:
			step_walk(_metadata, self, variant);
			break;
		case 1:
			step_batch(_metadata, self, variant);
			break;
		case 2:
			step_batch_write(_metadata, self, variant);
			break;
		case 3 ... 8:
			step_delete(_metadata, self, variant);
			break;
		case 9 ... 17:
			step_lookup(_metadata, self, variant);
			break;
		default:
			step_update(_metadata, self, variant);
			break;
		}
	}
	step_walk(_metadata, self, variant);
}

TEST_HARNESS_MAIN
