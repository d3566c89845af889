// SPDX-License-Identifier: GPL-2.0
/*
 * Bloom filters: sets that answer "not in it" for certain and "in it" probably. Values are pushed
 * and looked for (peek); nothing is ever taken out. Bits are set and tested without a lock.
 */
#include <linux/bitmap.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/random.h>

#include "maps/maps.h"

#define HASHES_DEFAULT	5
#define HASHES_MASK	0xf	/* of map_extra */

struct bpf_bloom {
	struct bpf_map map;
	u32 bit_mask;
	u32 seed;
	u32 nr_hashes;
	unsigned long bits[];
};

static struct bpf_bloom *to_bloom(const struct bpf_map *map)
{
	return container_of(map, struct bpf_bloom, map);
}

static u32 bloom_bit(const struct bpf_bloom *b, const void *value, u32 nth)
{
	u32 size = b->map.value_size, h;

	if (size % 4 == 0)
		h = jhash2(value, size / 4, b->seed + nth);
	else
		h = jhash(value, size, b->seed + nth);
	return h & b->bit_mask;
}

static int bloom_alloc_check(const union bpf_attr *attr)
{
	if (attr->key_size || !attr->value_size || !attr->max_entries ||
	    attr->map_extra & ~(u64)HASHES_MASK)
		return -EINVAL;
	if (attr->value_size > KMALLOC_MAX_SIZE)
		return -E2BIG;
	return 0;
}

/*
 * For a given number of hashes k and entries n the error is least with n * k / ln 2 bits; 7/5 is
 * near enough to 1 / ln 2. Rounded up to a power of two, so that a mask picks the bit.
 */
static u32 bloom_bit_mask(u32 entries, u32 hashes)
{
	u64 bits = (u64)entries * hashes / 5 * 7;

	if (bits >= BIT_ULL(31))
		return U32_MAX;
	return roundup_pow_of_two(max_t(u64, bits, BITS_PER_LONG)) - 1;
}

static struct bpf_map *bloom_alloc(const union bpf_attr *attr)
{
	u32 hashes = attr->map_extra ?: HASHES_DEFAULT;
	u32 mask = bloom_bit_mask(attr->max_entries, hashes);
	bool numa = attr->map_flags & BPF_F_NUMA_NODE;
	struct bpf_bloom *b;

	b = bpf_map_area_alloc(sizeof(*b) + ((u64)mask + 1) / BITS_PER_BYTE,
			       numa ? attr->numa_node : NUMA_NO_NODE);
	if (!b)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&b->map, attr);
	b->bit_mask = mask;
	b->nr_hashes = hashes;
	b->seed = attr->map_flags & BPF_F_ZERO_SEED ? 0 : get_random_u32();
	return &b->map;
}

static void bloom_free(struct bpf_map *map)
{
	bpf_map_area_free(to_bloom(map));
}

static long bloom_push(struct bpf_map *map, void *value, u64 flags)
{
	struct bpf_bloom *b = to_bloom(map);
	u32 i;

	if (flags != BPF_ANY)
		return -EINVAL;
	for (i = 0; i < b->nr_hashes; i++)
		set_bit(bloom_bit(b, value, i), b->bits);
	return 0;
}

static long bloom_peek(struct bpf_map *map, void *value)
{
	struct bpf_bloom *b = to_bloom(map);
	u32 i;

	for (i = 0; i < b->nr_hashes; i++)
		if (!test_bit(bloom_bit(b, value, i), b->bits))
			return -ENOENT;
	return 0;
}

/* User space asks by a look-up whose "value" it gives. */
static int bloom_next_key(struct bpf_map *map, void *key, void *next_key)
{
	return -EOPNOTSUPP;
}

static long bloom_delete(struct bpf_map *map, void *key)
{
	return -EOPNOTSUPP;
}

static int bloom_check_btf(const struct bpf_map *map, const struct btf *btf,
			   const struct btf_type *key_type, const struct btf_type *value_type)
{
	return btf_type_is_void(key_type) ? 0 : -EINVAL;
}

static u64 bloom_mem_usage(const struct bpf_map *map)
{
	return sizeof(struct bpf_bloom) + ((u64)to_bloom(map)->bit_mask + 1) / BITS_PER_BYTE;
}

const struct bpf_map_ops bpf_bloom_ops = {
	.alloc_check = bloom_alloc_check,
	.alloc = bloom_alloc,
	.free = bloom_free,
	.get_next_key = bloom_next_key,
	.delete_elem = bloom_delete,
	.push_elem = bloom_push,
	.peek_elem = bloom_peek,
	.check_btf = bloom_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bloom_mem_usage,
};
