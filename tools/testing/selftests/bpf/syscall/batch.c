// SPDX-License-Identifier: GPL-2.0
/* The four batch commands. */

#include "sys.h"
#include "kselftest_harness.h"

#define N 50

FIXTURE(batch)
{
	int fd;
	uint32_t keys[N];
	uint64_t vals[N];
};

FIXTURE_VARIANT(batch)
{
	unsigned int type;
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(batch, hash) { .type = BPF_MAP_TYPE_HASH };
FIXTURE_VARIANT_ADD(batch, hash_grown) { .type = BPF_MAP_TYPE_HASH, .flags = BPF_F_NO_PREALLOC };
FIXTURE_VARIANT_ADD(batch, lru_hash) { .type = BPF_MAP_TYPE_LRU_HASH };
FIXTURE_VARIANT_ADD(batch, array) { .type = BPF_MAP_TYPE_ARRAY };

FIXTURE_SETUP(batch)
{
	int i;

	/* A least-recently-used table may drop elements before it is full. */
	self->fd = map_new(variant->type, 4, 8, variant->type == BPF_MAP_TYPE_LRU_HASH ? 1024 : N,
			   variant->flags);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < N; i++) {
		self->keys[i] = i;
		self->vals[i] = i * 10;
	}
}

FIXTURE_TEARDOWN(batch)
{
	close(self->fd);
}

static int batch_write(int cmd, int fd, const void *keys, const void *vals, uint32_t *cnt)
{
	union bpf_attr attr = { .batch = { .keys = PTR(keys), .values = PTR(vals), .count = *cnt,
					   .map_fd = fd } };
	int err = bpf(cmd, &attr);

	*cnt = attr.batch.count;
	return err;
}

static int batch_read(int cmd, int fd, const void *in, void *out, void *keys, void *vals,
		      uint32_t *cnt)
{
	union bpf_attr attr = { .batch = { .in_batch = PTR(in), .out_batch = PTR(out),
					   .keys = PTR(keys), .values = PTR(vals), .count = *cnt,
					   .map_fd = fd } };
	int err = bpf(cmd, &attr);

	*cnt = attr.batch.count;
	return err;
}

TEST_F(batch, update_and_walk)
{
	uint32_t keys[N], cnt = N, total = 0, mark, next;
	uint64_t vals[N], seen = 0;
	int err = 0, rounds = 0;
	unsigned int i;
	void *in = NULL;

	ASSERT_EQ(0, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, self->vals, &cnt));
	EXPECT_EQ(N, cnt);
	while (!err && rounds++ < 2 * N) {
		cnt = 20;
		err = batch_read(BPF_MAP_LOOKUP_BATCH, self->fd, in, &next, keys, vals, &cnt);
		ASSERT_TRUE(!err || err == -ENOENT) TH_LOG("%d", err);
		for (i = 0; i < cnt; i++) {
			EXPECT_EQ(keys[i] * 10, vals[i]);
			EXPECT_FALSE(seen & 1ULL << keys[i]);
			seen |= 1ULL << keys[i];
		}
		total += cnt;
		mark = next;
		in = &mark;
	}
	EXPECT_EQ(-ENOENT, err);
	EXPECT_EQ(N, total);
	EXPECT_EQ((1ULL << N) - 1, seen);
}

TEST_F(batch, delete)
{
	uint32_t cnt = N, half = N / 2;
	uint64_t val;

	ASSERT_EQ(0, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, self->vals, &cnt));
	if (variant->type == BPF_MAP_TYPE_ARRAY) {
		EXPECT_EQ(-EINVAL, batch_write(BPF_MAP_DELETE_BATCH, self->fd, self->keys, NULL,
					       &half));
		EXPECT_EQ(0, half);
		return;
	}
	EXPECT_EQ(0, batch_write(BPF_MAP_DELETE_BATCH, self->fd, self->keys, NULL, &half));
	EXPECT_EQ(N / 2, half);
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &self->keys[0], &val));
	EXPECT_EQ(0, map_lookup(self->fd, &self->keys[N / 2], &val));
	/* It stops at the first that is not there and says how far it got. */
	cnt = N;
	EXPECT_EQ(-ENOENT, batch_write(BPF_MAP_DELETE_BATCH, self->fd, self->keys + N / 2 - 1,
				       NULL, &cnt));
	EXPECT_EQ(0, cnt);
}

TEST_F(batch, take_all)
{
	uint32_t keys[1024], cnt = N, next;
	uint64_t vals[1024];
	int err;

	ASSERT_EQ(0, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, self->vals, &cnt));
	cnt = 1024;
	err = batch_read(BPF_MAP_LOOKUP_AND_DELETE_BATCH, self->fd, NULL, &next, keys, vals, &cnt);
	if (variant->type == BPF_MAP_TYPE_ARRAY) {
		EXPECT_EQ(-ENOTSUPP, err);
		return;
	}
	EXPECT_EQ(-ENOENT, err);
	EXPECT_EQ(N, cnt);
	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .next_key = PTR(&next)));
}

TEST_F(batch, errors)
{
	union bpf_attr attr = { .batch = { .keys = PTR(self->keys), .values = PTR(self->vals),
					   .count = N, .map_fd = self->fd } };
	uint32_t cnt = 0, next;

	EXPECT_EQ(0, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, self->vals, &cnt));
	cnt = N;
	EXPECT_EQ(-EFAULT, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, (void *)8, self->vals,
				       &cnt));
	cnt = N;
	EXPECT_EQ(-EFAULT, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, (void *)8,
				       &cnt));
	cnt = 1;
	EXPECT_EQ(-EBADF, batch_write(BPF_MAP_UPDATE_BATCH, -1, self->keys, self->vals, &cnt));
	attr.batch.flags = 1;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_UPDATE_BATCH, &attr));
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_LOOKUP_BATCH, &attr));
	attr.batch.flags = 0;
	attr.batch.elem_flags = BPF_F_LOCK;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_UPDATE_BATCH, &attr));
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_LOOKUP_BATCH, &attr));
	attr.batch.elem_flags = 1ULL << 20;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_LOOKUP_BATCH, &attr));

	cnt = N;
	ASSERT_EQ(0, batch_write(BPF_MAP_UPDATE_BATCH, self->fd, self->keys, self->vals, &cnt));
	cnt = N;
	EXPECT_EQ(-EFAULT, batch_read(BPF_MAP_LOOKUP_BATCH, self->fd, (void *)8, &next, self->keys,
				      self->vals, &cnt));
	cnt = N;
	EXPECT_EQ(-EFAULT, batch_read(BPF_MAP_LOOKUP_BATCH, self->fd, NULL, &next, (void *)8,
				      self->vals, &cnt));
}

TEST(maps_without_keys)
{
	int fd = map_new(BPF_MAP_TYPE_QUEUE, 0, 8, 2, 0);
	uint64_t val = 0;
	uint32_t cnt = 1;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTSUPP, batch_write(BPF_MAP_UPDATE_BATCH, fd, &val, &val, &cnt));
	cnt = 1;
	EXPECT_EQ(-ENOTSUPP, batch_read(BPF_MAP_LOOKUP_BATCH, fd, NULL, &val, &val, &val, &cnt));
	close(fd);
}

TEST(read_only_fds)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_RDONLY);
	uint32_t key = 0, cnt = 1, next;
	uint64_t val = 0;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, batch_write(BPF_MAP_UPDATE_BATCH, fd, &key, &val, &cnt));
	EXPECT_EQ(0, batch_read(BPF_MAP_LOOKUP_BATCH, fd, NULL, &next, &key, &val, &cnt));
	close(fd);
}

TEST_HARNESS_MAIN
