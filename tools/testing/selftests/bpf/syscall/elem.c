// SPDX-License-Identifier: GPL-2.0
/* Commands on single elements: contracts that do not depend on the type of the map. */

#include "sys.h"
#include "kselftest_harness.h"

FIXTURE(elem)
{
	int fd;
	uint32_t key;
	uint64_t val;
};

FIXTURE_SETUP(elem)
{
	self->fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 8, 0);
	ASSERT_LE(0, self->fd);
	self->key = 1;
	self->val = 42;
}

FIXTURE_TEARDOWN(elem)
{
	close(self->fd);
}

TEST_F(elem, round_trip)
{
	uint64_t out = 0;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &self->key, &out));
	EXPECT_EQ(0, map_update(self->fd, &self->key, &self->val, BPF_ANY));
	EXPECT_EQ(0, map_lookup(self->fd, &self->key, &out));
	EXPECT_EQ(42, out);
	EXPECT_EQ(0, map_delete(self->fd, &self->key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &self->key));
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &self->key, &out));
}

TEST_F(elem, flags)
{
	EXPECT_EQ(-ENOENT, map_update(self->fd, &self->key, &self->val, BPF_EXIST));
	EXPECT_EQ(0, map_update(self->fd, &self->key, &self->val, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, map_update(self->fd, &self->key, &self->val, BPF_NOEXIST));
	EXPECT_EQ(0, map_update(self->fd, &self->key, &self->val, BPF_EXIST));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &self->key, &self->val, 3));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &self->key, &self->val, BPF_F_LOCK));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &self->key, &self->val, 1ULL << 40));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = self->fd, .key = PTR(&self->key),
			       .value = PTR(&self->val), .flags = BPF_F_LOCK));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = self->fd, .key = PTR(&self->key),
			       .value = PTR(&self->val), .flags = 1));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = self->fd,
			       .key = PTR(&self->key), .value = PTR(&self->val), .flags = 1));
}

TEST_F(elem, bad_pointers)
{
	void *bad = (void *)8;

	EXPECT_EQ(0, map_update(self->fd, &self->key, &self->val, BPF_ANY));
	EXPECT_EQ(-EFAULT, map_lookup(self->fd, bad, &self->val));
	EXPECT_EQ(-EFAULT, map_lookup(self->fd, &self->key, bad));
	EXPECT_EQ(-EFAULT, map_lookup(self->fd, NULL, &self->val));
	EXPECT_EQ(-EFAULT, map_update(self->fd, bad, &self->val, 0));
	EXPECT_EQ(-EFAULT, map_update(self->fd, &self->key, bad, 0));
	EXPECT_EQ(-EFAULT, map_delete(self->fd, bad));
	EXPECT_EQ(-EFAULT, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .key = PTR(bad),
			       .next_key = PTR(&self->key)));
	EXPECT_EQ(-EFAULT, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .next_key = PTR(bad)));
	EXPECT_EQ(-EFAULT, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = self->fd,
			       .key = PTR(bad), .value = PTR(&self->val)));
}

TEST_F(elem, next_key)
{
	uint32_t key, next, seen = 0, n = 0;

	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .next_key = PTR(&next)));
	for (key = 0; key < 8; key++)
		ASSERT_EQ(0, map_update(self->fd, &key, &self->val, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, &self->val, BPF_ANY));

	ASSERT_EQ(0, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .next_key = PTR(&next)));
	do {
		seen |= 1 << next;
		n++;
		key = next;
	} while (n < 100 && !BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .key = PTR(&key),
				 .next_key = PTR(&next)));
	EXPECT_EQ(8, n);
	EXPECT_EQ(0xff, seen);
	/* An unknown key: from the start. */
	key = 1000;
	EXPECT_EQ(0, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = self->fd, .key = PTR(&key),
			 .next_key = PTR(&next)));
}

TEST_F(elem, lookup_and_delete)
{
	uint64_t out = 0;

	EXPECT_EQ(-ENOENT, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = self->fd,
			       .key = PTR(&self->key), .value = PTR(&out)));
	EXPECT_EQ(0, map_update(self->fd, &self->key, &self->val, BPF_ANY));
	EXPECT_EQ(0, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = self->fd,
			 .key = PTR(&self->key), .value = PTR(&out)));
	EXPECT_EQ(42, out);
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &self->key, &out));
}

TEST(what_a_map_cannot)
{
	uint32_t key = 0;
	uint64_t val = 0;
	int array = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	int queue = map_new(BPF_MAP_TYPE_QUEUE, 0, 8, 2, 0);

	ASSERT_LE(0, array);
	EXPECT_EQ(-EINVAL, map_delete(array, &key));
	EXPECT_EQ(-ENOTSUPP, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = array,
				 .key = PTR(&key), .value = PTR(&val)));
	close(array);

	ASSERT_LE(0, queue);
	EXPECT_EQ(-EINVAL, map_update(queue, &key, &val, 0));
	EXPECT_EQ(-EINVAL, map_lookup(queue, &key, &val));
	EXPECT_EQ(-EINVAL, map_delete(queue, NULL));
	EXPECT_EQ(-EINVAL, map_delete(queue, &key));
	EXPECT_EQ(-EINVAL, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = queue, .next_key = PTR(&key)));
	EXPECT_EQ(-ENOENT, map_lookup(queue, NULL, &val));
	val = 1;
	EXPECT_EQ(0, map_update(queue, NULL, &val, 0));
	val = 2;
	EXPECT_EQ(0, map_update(queue, NULL, &val, 0));
	EXPECT_EQ(-E2BIG, map_update(queue, NULL, &val, 0));
	EXPECT_EQ(0, map_lookup(queue, NULL, &val));
	EXPECT_EQ(1, val);
	EXPECT_EQ(0, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = queue, .value = PTR(&val)));
	EXPECT_EQ(1, val);
	EXPECT_EQ(0, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = queue, .value = PTR(&val)));
	EXPECT_EQ(2, val);
	close(queue);
}

/* A filter is only added to and asked; a ring is only mapped. */
TEST(maps_without_elements)
{
	int bloom = map_new(BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 16, 0);
	int ring = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	uint64_t val = 7;

	ASSERT_LE(0, bloom);
	EXPECT_EQ(-ENOENT, map_lookup(bloom, NULL, &val));
	EXPECT_EQ(0, map_update(bloom, NULL, &val, BPF_ANY));
	EXPECT_EQ(0, map_lookup(bloom, NULL, &val));
	EXPECT_EQ(-EINVAL, map_update(bloom, NULL, &val, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_lookup(bloom, &val, &val));
	EXPECT_EQ(-EOPNOTSUPP, map_delete(bloom, NULL));
	EXPECT_EQ(-EOPNOTSUPP, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = bloom, .next_key = PTR(&val)));
	EXPECT_EQ(-ENOTSUPP, BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = bloom,
				 .value = PTR(&val)));
	close(bloom);

	ASSERT_LE(0, ring);
	EXPECT_EQ(-ENOTSUPP, map_lookup(ring, NULL, &val));
	EXPECT_EQ(-ENOTSUPP, map_update(ring, NULL, &val, BPF_ANY));
	EXPECT_EQ(-ENOTSUPP, map_delete(ring, NULL));
	EXPECT_EQ(-ENOTSUPP, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = ring, .next_key = PTR(&val)));
	close(ring);
}

/* User space sees a value for each possible CPU, 8 bytes apart. */
TEST(per_cpu_values)
{
	int fd = map_new(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 2, 0);
	uint64_t vals[64] = {}, out[64];
	long cpus = sysconf(_SC_NPROCESSORS_CONF), i;
	uint32_t key = 1;

	ASSERT_LE(0, fd);
	ASSERT_LE(cpus, 64);
	for (i = 0; i < 64; i++)
		vals[i] = 100 + i;
	memset(out, 0xff, sizeof(out));
	EXPECT_EQ(0, map_update(fd, &key, vals, BPF_ANY));
	EXPECT_EQ(0, map_lookup(fd, &key, out));
	for (i = 0; i < cpus; i++)
		EXPECT_EQ(100 + i, out[i]);
	key = 0;
	EXPECT_EQ(0, map_lookup(fd, &key, out));
	for (i = 0; i < cpus; i++)
		EXPECT_EQ(0, out[i]);
	close(fd);
}

TEST_HARNESS_MAIN
