// SPDX-License-Identifier: GPL-2.0
/*
 * Maps without keys, maps of objects, mappings, freezing: what each type does and what it refuses.
 */
#include "map.h"
#include "kselftest_harness.h"

#define PAGE 4096

/* ------------------------------------------------------------------ queue and stack */

#define DEPTH 7

FIXTURE(fifo)
{
	int fd;
};

FIXTURE_VARIANT(fifo)
{
	unsigned int type;
	int value_size;
};

FIXTURE_VARIANT_ADD(fifo, queue) { BPF_MAP_TYPE_QUEUE, 8 };
FIXTURE_VARIANT_ADD(fifo, queue_odd) { BPF_MAP_TYPE_QUEUE, 5 };
FIXTURE_VARIANT_ADD(fifo, stack) { BPF_MAP_TYPE_STACK, 8 };
FIXTURE_VARIANT_ADD(fifo, stack_odd) { BPF_MAP_TYPE_STACK, 13 };

FIXTURE_SETUP(fifo)
{
	self->fd = map_new(variant->type, 0, variant->value_size, DEPTH, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(fifo)
{
	close(self->fd);
}

/* Against a list: pushes at the end, takes from the front (queue) or the end (stack). */
TEST_F(fifo, random_operations)
{
	unsigned char list[DEPTH + 1][16], val[16], out[16];
	bool queue = variant->type == BPF_MAP_TYPE_QUEUE;
	uint64_t seed = 88172645463325252ULL, flags;
	int step, n = 0, i, err, at;

	for (step = 0; step < 5000; step++) {
		if (rnd(&seed) % 2) {
			for (i = 0; i < 16; i++)
				val[i] = rnd(&seed);
			flags = rnd(&seed) % 4 ? BPF_ANY : BPF_EXIST;
			err = map_update(self->fd, NULL, val, flags);
			if (n == DEPTH && flags == BPF_ANY) {
				ASSERT_EQ(-E2BIG, err);
				continue;
			}
			ASSERT_EQ(0, err);
			memcpy(list[n++], val, 16);
			if (n > DEPTH) {
				memmove(list[0], list[1], sizeof(list[0]) * DEPTH);
				n--;
			}
			continue;
		}
		memset(out, 0xa5, sizeof(out));
		at = queue ? 0 : n - 1;
		i = rnd(&seed) % 2;
		err = i ? map_take(self->fd, NULL, out) : map_lookup(self->fd, NULL, out);
		ASSERT_EQ(n ? 0 : -ENOENT, err);
		if (err)
			continue;
		ASSERT_EQ(0, memcmp(out, list[at], variant->value_size));
		ASSERT_EQ(0xa5, out[variant->value_size]);
		if (i && queue)
			memmove(list[0], list[1], sizeof(list[0]) * DEPTH);
		if (i)
			n--;
	}
}

TEST_F(fifo, errors)
{
	uint64_t val[2] = {};
	uint32_t key;

	EXPECT_EQ(-EINVAL, map_update(self->fd, NULL, val, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_update(self->fd, NULL, val, 3));
	EXPECT_EQ(-EINVAL, map_update(self->fd, NULL, val, BPF_F_LOCK));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, val, 0));
	EXPECT_EQ(-EFAULT, map_update(self->fd, NULL, (void *)8, 0));
	EXPECT_EQ(-EINVAL, map_new(variant->type, 4, 8, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(variant->type, 0, 0, 1, 0));
	EXPECT_EQ(-EINVAL, map_new(variant->type, 0, 8, 0, 0));
	EXPECT_EQ(-EINVAL, map_new(variant->type, 0, 8, 1, BPF_F_NO_PREALLOC));
	EXPECT_GT(0, map_new(variant->type, 0, 0x400000, 0xffffffff, 0));
	EXPECT_GT(0, map_new(variant->type, 0, 0xffffffff, 0xffffffff, 0));
}

/* ------------------------------------------------------------------ bloom filter */

static int bloom_new(uint32_t value, uint32_t max, uint32_t hashes)
{
	return BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_BLOOM_FILTER, .value_size = value,
		   .max_entries = max, .map_extra = hashes);
}

TEST(bloom)
{
	static const uint32_t sizes[] = { 4, 7, 8, 64 };
	unsigned char val[64] = {};
	int fd, i, s, wrong;

	for (s = 0; s < 4; s++) {
		fd = bloom_new(sizes[s], 500, s);
		ASSERT_LE(0, fd);
		for (i = 0; i < 500; i++) {
			memcpy(val, &i, 4);
			ASSERT_EQ(0, map_update(fd, NULL, val, BPF_ANY));
		}
		for (i = 0; i < 500; i++) {
			memcpy(val, &i, 4);
			ASSERT_EQ(0, map_lookup(fd, NULL, val));
		}
		for (wrong = 0; i < 2500; i++) {
			memcpy(val, &i, 4);
			wrong += !map_lookup(fd, NULL, val);
		}
		/* of 2000: one hash is wrong about every other time, five hardly ever */
		EXPECT_GT(s ? 1400 : 300, wrong) TH_LOG("value of %u bytes", sizes[s]);
		EXPECT_EQ(-EINVAL, map_update(fd, NULL, val, BPF_EXIST));
		EXPECT_EQ(-EINVAL, map_update(fd, NULL, val, BPF_NOEXIST));
		EXPECT_GT(0, map_delete(fd, NULL));
		EXPECT_GT(0, map_take(fd, NULL, val));
		EXPECT_GT(0, map_next(fd, NULL, val));
		close(fd);
	}
	EXPECT_EQ(-EINVAL, bloom_new(0, 1, 0));
	EXPECT_EQ(-EINVAL, bloom_new(4, 0, 0));
	EXPECT_EQ(-EINVAL, bloom_new(4, 1, 16));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_BLOOM_FILTER, 4, 4, 1, 0));
}

/* ------------------------------------------------------------------ maps of maps */

static int outer_new(uint32_t type, int inner, uint32_t max, uint32_t flags)
{
	return BPF(BPF_MAP_CREATE, .map_type = type, .key_size = 4, .value_size = 4,
		   .max_entries = max, .inner_map_fd = inner, .map_flags = flags);
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	unsigned int len = sizeof(info);

	return info_get(fd, &info, &len) ? 0 : info.id;
}

FIXTURE(outer)
{
	int before;
	int fd;
	int inner;
};

FIXTURE_VARIANT(outer)
{
	unsigned int type;
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(outer, array) { BPF_MAP_TYPE_ARRAY_OF_MAPS };
FIXTURE_VARIANT_ADD(outer, hash) { BPF_MAP_TYPE_HASH_OF_MAPS };
FIXTURE_VARIANT_ADD(outer, hash_grown) { BPF_MAP_TYPE_HASH_OF_MAPS, BPF_F_NO_PREALLOC };

FIXTURE_SETUP(outer)
{
	self->before = ids_count(BPF_MAP_GET_NEXT_ID);
	self->inner = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	ASSERT_LE(0, self->inner);
	self->fd = outer_new(variant->type, self->inner, 4, variant->flags);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(outer)
{
	close(self->fd);
	close(self->inner);
	EXPECT_GE(self->before, ids_settle(BPF_MAP_GET_NEXT_ID, self->before));
}

TEST_F(outer, holds_maps)
{
	int maps = self->before + 2, other = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	uint32_t key = 1, id = map_id(self->inner), other_id = map_id(other), got = 0;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY));
	EXPECT_EQ(0, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(id, got);
	EXPECT_EQ(0, map_update(self->fd, &key, &other, BPF_ANY));
	EXPECT_EQ(0, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(other_id, got);
	/* nothing but the outer map holds it now */
	close(other);
	EXPECT_EQ(maps + 1, ids_settle(BPF_MAP_GET_NEXT_ID, maps + 1));
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_GE(maps, ids_settle(BPF_MAP_GET_NEXT_ID, maps));
	EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY));
}

TEST_F(outer, inner_must_be_alike)
{
	static const struct {
		uint32_t type, key, value, max, flags;
	} others[] = {
		{ BPF_MAP_TYPE_ARRAY, 4, 16, 2 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 3 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_MMAPABLE },
		{ BPF_MAP_TYPE_HASH, 4, 8, 2 },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 2 },
	};
	uint32_t key = 0;
	int fd, i;

	for (i = 0; i < 5; i++) {
		fd = map_new(others[i].type, others[i].key, others[i].value, others[i].max,
			     others[i].flags);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &fd, 0)) TH_LOG("%d", i);
		close(fd);
	}
	fd = -1;
	EXPECT_EQ(-EBADF, map_update(self->fd, &key, &fd, 0));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &self->fd, 0));
	EXPECT_EQ(-EINVAL, outer_new(variant->type, self->fd, 1, 0));
	EXPECT_EQ(-EBADF, outer_new(variant->type, -1, 1, 0));
}

TEST_F(outer, full_and_flags)
{
	bool array = variant->type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
	uint32_t key;

	for (key = 0; key < 4; key++)
		EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, &self->inner, BPF_ANY));
	key = 0;
	EXPECT_EQ(array ? -EINVAL : -EEXIST, map_update(self->fd, &key, &self->inner, BPF_NOEXIST));
	EXPECT_EQ(array ? -EINVAL : 0, map_update(self->fd, &key, &self->inner, BPF_EXIST));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &self->inner, 3));
}

TEST(inner_arrays_of_any_length)
{
	int a = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_INNER_MAP), outer;
	int b = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 9, BPF_F_INNER_MAP);
	uint32_t key = 0;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	outer = outer_new(BPF_MAP_TYPE_ARRAY_OF_MAPS, a, 1, 0);
	ASSERT_LE(0, outer);
	EXPECT_EQ(0, map_update(outer, &key, &b, 0));
	close(a);
	close(b);
	close(outer);
}

TEST(inner_types)
{
	int fd = map_new(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0), outer;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTSUPP, outer_new(BPF_MAP_TYPE_ARRAY_OF_MAPS, fd, 1, 0));
	close(fd);
	fd = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE, 0);
	ASSERT_LE(0, fd);
	outer = outer_new(BPF_MAP_TYPE_HASH_OF_MAPS, fd, 1, 0);
	EXPECT_LE(0, outer);
	close(outer);
	close(fd);
}

/* ------------------------------------------------------------------ program arrays */

TEST(prog_array)
{
	int fd = map_new(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0);
	int progs = ids_count(BPF_PROG_GET_NEXT_ID);
	int prog = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0), other;
	uint32_t key = 0, id = 0;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, prog);
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, &id));
	EXPECT_EQ(0, map_update(fd, &key, &prog, BPF_ANY));
	EXPECT_EQ(0, map_lookup(fd, &key, &id));
	EXPECT_NE(0, id);
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &prog, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &fd, BPF_ANY));
	key = 2;
	EXPECT_EQ(-E2BIG, map_update(fd, &key, &prog, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_delete(fd, &key));
	key = 1;
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));
	/* the first program says what all have to be */
	other = prog_ret(BPF_PROG_TYPE_XDP, 2);
	ASSERT_LE(0, other);
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &other, BPF_ANY));
	close(other);
	/* the array alone holds it; its last fd empties it */
	close(prog);
	EXPECT_EQ(progs + 1, ids_settle(BPF_PROG_GET_NEXT_ID, progs + 1));
	close(fd);
	EXPECT_GE(progs, ids_settle(BPF_PROG_GET_NEXT_ID, progs));
}

/* ------------------------------------------------------------------ mappings */

TEST(mmap_array)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1000, BPF_F_MMAPABLE);
	volatile uint64_t *mem;
	uint64_t val, i;
	uint32_t key;

	ASSERT_LE(0, fd);
	mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mem);
	for (i = 0; i < 1000; i++)
		mem[i] = i * 3;
	for (key = 0; key < 1000; key++) {
		ASSERT_EQ(0, map_lookup(fd, &key, &val));
		ASSERT_EQ(key * 3, val);
	}
	key = 999;
	val = 7;
	EXPECT_EQ(0, map_update(fd, &key, &val, 0));
	EXPECT_EQ(7, mem[999]);
	munmap((void *)mem, 2 * PAGE);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, PAGE));
	mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(7, mem[999 - PAGE / 8]);
	munmap((void *)mem, PAGE);
	close(fd);
}

/* An offset whose bytes, with the length, go once round 64 bits. */
TEST(mmap_offset_that_wraps)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1000, BPF_F_MMAPABLE);
	int rb = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE, 0);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, rb);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, -PAGE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, rb, -PAGE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000));
	close(fd);
	close(rb);
}

TEST(mmap_access)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG);
	void *mem;

	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT_NE(MAP_FAILED, mem);
	/* a mapping that can only be read is no writer */
	EXPECT_EQ(0, map_freeze(fd));
	munmap(mem, PAGE);
	close(fd);
	fd = map_new(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, BPF_F_MMAPABLE);
	EXPECT_EQ(-EINVAL, fd);
}

TEST(freeze_each_type)
{
	static const uint32_t types[] = { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH,
					  BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_ARRAY };
	uint64_t vals[MAX_CPUS] = {};
	uint32_t key = 0, cnt = 1, next;
	int fd, i;

	for (i = 0; i < 4; i++) {
		fd = map_new(types[i], 4, 8, 4, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, map_update(fd, &key, vals, 0));
		ASSERT_EQ(0, map_freeze(fd));
		EXPECT_EQ(-EPERM, map_update(fd, &key, vals, 0));
		EXPECT_EQ(-EPERM, map_delete(fd, &key));
		EXPECT_EQ(-EPERM, map_take(fd, &key, vals));
		EXPECT_EQ(-EPERM, map_batch(BPF_MAP_UPDATE_BATCH, fd, NULL, NULL, &key, vals, &cnt,
					    0));
		cnt = 1;
		EXPECT_EQ(-EPERM, map_batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, fd, NULL, &next, &key,
					    vals, &cnt, 0));
		EXPECT_EQ(0, map_lookup(fd, &key, vals));
		EXPECT_EQ(-EBUSY, map_freeze(fd));
		close(fd);
	}
}

/* ------------------------------------------------------------------ sizes */

TEST(hazard_2024_26884_bucket_counts)
{
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_HASH, 4, 4, 0x80000001, BPF_F_NO_PREALLOC));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_HASH, 4, 4, 0xffffffff, BPF_F_NO_PREALLOC));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_HASH, 4, 4, 0x80000000, BPF_F_NO_PREALLOC));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_PERCPU_HASH, 4, 0x80000000, 1, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_STACK_TRACE, 4, 8, 0xffffffff, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_STACK_TRACE, 4, 0xfffffff8, 1, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, 0, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE * 3, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, 2048, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_RINGBUF, 4, 0, PAGE, 0));
	EXPECT_GT(0, map_new(BPF_MAP_TYPE_RINGBUF, 0, 4, PAGE, 0));
}

TEST(lru_is_always_preallocated)
{
	EXPECT_EQ(-ENOTSUPP, map_new(BPF_MAP_TYPE_LRU_HASH, 4, 4, 1, BPF_F_NO_PREALLOC));
	EXPECT_EQ(-ENOTSUPP, map_new(BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 4, 1, BPF_F_NO_PREALLOC));
	EXPECT_EQ(-EINVAL, map_new(BPF_MAP_TYPE_HASH, 4, 4, 1, BPF_F_NO_COMMON_LRU));
}

/* An element that was updated survives those that were only put in. */
TEST(lru_keeps_what_is_used)
{
	int fd = map_new(BPF_MAP_TYPE_LRU_HASH, 4, 8, 64, 0);
	uint32_t key, used = 3, i;
	uint64_t val = 1;

	ASSERT_LE(0, fd);
	for (key = 0; key < 64; key++)
		ASSERT_EQ(0, map_update(fd, &key, &val, 0));
	for (i = 0; i < 1000; i++, key++) {
		ASSERT_EQ(0, map_update(fd, &used, &val, BPF_EXIST)) TH_LOG("after %u", i);
		ASSERT_EQ(0, map_update(fd, &key, &val, BPF_NOEXIST));
	}
	close(fd);
}

/* Large tables, all in use: a new key gets in without a walk over everything. */
TEST(lru_full_of_used_elements)
{
	int fd = map_new(BPF_MAP_TYPE_LRU_HASH, 4, 8, 5000, 0), n = 0;
	uint64_t val = 1;
	uint32_t key;

	ASSERT_LE(0, fd);
	for (key = 0; key < 5000; key++)
		ASSERT_EQ(0, map_update(fd, &key, &val, 0));
	for (key = 0; key < 5000; key++)
		ASSERT_EQ(0, map_update(fd, &key, &val, BPF_EXIST));
	for (; key < 5100; key++)
		ASSERT_EQ(0, map_update(fd, &key, &val, BPF_NOEXIST));
	for (key = 0; key < 5100; key++)
		n += !map_lookup(fd, &key, &val);
	EXPECT_EQ(5000, n);
	close(fd);
}

TEST_HARNESS_MAIN
