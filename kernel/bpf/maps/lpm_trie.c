// SPDX-License-Identifier: GPL-2.0
/*
 * Longest-prefix match: keys are a length in bits and as many bits, look-ups find the entry with
 * the longest prefix of what is asked.
 *
 * The entries stand in a binary trie. A node's prefix is a proper prefix of its children's; child 0
 * goes on with a 0 bit, child 1 with a 1. Nodes without an entry exist only where two branches
 * part. Readers walk it under RCU; writers hold the map's lock and publish one pointer at a time.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "btf/btf.h"
#include "maps/lock.h"
#include "maps/maps.h"
#include "maps/mem.h"

#define LPM_BYTES_MAX	256	/* of data in a key */
#define LPM_KEY_SIZE(bytes) (sizeof(struct bpf_lpm_trie_key_hdr) + (bytes))

/*
 * struct lpm_node - a node
 * @link: of the memory cache; must not overlap what readers look at
 * @prefixlen: bits
 * @joint: no entry here, the branches part
 * @last: index of the last word of @data that has bits of the prefix, 0 where there is none
 * @mask: which bits of that word these are
 * @data: prefix bits in the key's bytes, zeros up to a multiple of 8, then the value
 */
struct lpm_node {
	void *link[2];
	struct lpm_node __rcu *child[2];
	u32 prefixlen;
	bool joint;
	u8 last;
	u64 mask;
	u8 data[] __aligned(8);
};

static_assert(LPM_BYTES_MAX / sizeof(u64) - 1 <= U8_MAX);

struct bpf_lpm {
	struct bpf_map map;
	struct lpm_node __rcu *root;
	struct bpf_mem mem;
	raw_spinlock_t lock;
	u32 entries;
	u32 max_prefixlen;	/* bits */
	u32 data_size;		/* bytes of a key's data */
	u32 value_off;		/* from lpm_node::data */
};

static struct bpf_lpm *to_lpm(const struct bpf_map *map)
{
	return container_of(map, struct bpf_lpm, map);
}

static void *lpm_value(const struct bpf_lpm *lpm, struct lpm_node *node)
{
	return node->data + lpm->value_off;
}

/* ------------------------------------------------------------------ bits */

static u32 key_bit(const u8 *data, u32 index)
{
	return data[index / 8] >> (7 - index % 8) & 1;
}

/* Leading bits, at most @limit, that are the same in both of @size bytes. */
static u32 common_bits(const u8 *a, const u8 *b, u32 limit, u32 size)
{
	u32 i, diff;
	u64 wide;

	/* whole words as long as there are any: what differs behind the limit does not count */
	for (i = 0; i < limit && i + 64 <= size * 8; i += 64) {
		wide = get_unaligned_be64(a + i / 8) ^ get_unaligned_be64(b + i / 8);
		if (wide)
			return min(limit, i + 64 - fls64(wide));
	}
	if (i < limit && i + 32 <= size * 8) {
		diff = get_unaligned_be32(a + i / 8) ^ get_unaligned_be32(b + i / 8);
		if (diff)
			return min(limit, i + 32 - fls(diff));
		i += 32;
	}
	for (; i < limit; i += 8) {
		diff = a[i / 8] ^ b[i / 8];
		if (diff)
			return min(limit, i + 8 - fls(diff));
	}
	return limit;
}

/* Bits of @key that agree with the node's prefix. */
static u32 node_match(const struct bpf_lpm *lpm, const struct lpm_node *node,
		      const struct bpf_lpm_trie_key_u8 *key)
{
	return common_bits(node->data, key->data, min(node->prefixlen, key->prefixlen),
			   lpm->data_size);
}

static noinline u64 key_tail(const u8 *data, u32 left)
{
	u64 word = 0;

	memcpy(&word, data, left);
	return word;
}

/*
 * Word @i of a key as it stands in memory, with zeros behind its end. Keys of nodes have them,
 * those that are asked for end where they end.
 */
static __always_inline u64 key_word(const u8 *data, u32 i, u32 size)
{
	u32 left = size - i * sizeof(u64);

	data += i * sizeof(u64);
	if (likely(left >= sizeof(u64)))
		return get_unaligned((const u64 *)data);
	if (likely(left == sizeof(u32)))
		return (u64)get_unaligned((const u32 *)data) <<
		       (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? 32 : 0);
	return key_tail(data, left);
}

static u64 node_word(const struct lpm_node *node, u32 i)
{
	return ((const u64 *)node->data)[i];
}

/* ------------------------------------------------------------------ creation */

static int lpm_alloc_check(const union bpf_attr *attr)
{
	if (!attr->max_entries || !(attr->map_flags & BPF_F_NO_PREALLOC) ||
	    attr->key_size < LPM_KEY_SIZE(1) || attr->key_size > LPM_KEY_SIZE(LPM_BYTES_MAX) ||
	    !attr->value_size)
		return -EINVAL;
	if (attr->value_size > KMALLOC_MAX_SIZE - LPM_BYTES_MAX - sizeof(struct lpm_node))
		return -E2BIG;
	return 0;
}

static struct bpf_map *lpm_alloc(const union bpf_attr *attr)
{
	struct bpf_lpm *lpm;
	int err;

	lpm = bpf_map_area_alloc(sizeof(*lpm), NUMA_NO_NODE);
	if (!lpm)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&lpm->map, attr);
	raw_spin_lock_init(&lpm->lock);
	lpm->data_size = attr->key_size - LPM_KEY_SIZE(0);
	lpm->max_prefixlen = lpm->data_size * 8;
	lpm->value_off = round_up(lpm->data_size, 8);
	err = bpf_mem_init(&lpm->mem, &lpm->map, sizeof(struct lpm_node) + lpm->value_off +
			   round_up(attr->value_size, 8), 0, NULL);
	if (err) {
		bpf_map_area_free(lpm);
		return ERR_PTR(err);
	}
	return &lpm->map;
}

static struct lpm_node *child_of(struct lpm_node *node, int i)
{
	return rcu_dereference_protected(node->child[i], 1);
}

/* Leaves first, without a stack: each step goes down, or frees a node without children. */
static void lpm_free_nodes(struct bpf_lpm *lpm)
{
	struct lpm_node __rcu **slot;
	struct lpm_node *node;

	while ((node = rcu_dereference_protected(lpm->root, 1))) {
		slot = &lpm->root;
		for (;;) {
			if (child_of(node, 0))
				slot = &node->child[0];
			else if (child_of(node, 1))
				slot = &node->child[1];
			else
				break;
			node = rcu_dereference_protected(*slot, 1);
		}
		RCU_INIT_POINTER(*slot, NULL);
		bpf_mem_free_now(&lpm->mem, node);
		cond_resched();
	}
}

static void lpm_free(struct bpf_map *map)
{
	struct bpf_lpm *lpm = to_lpm(map);

	lpm_free_nodes(lpm);
	bpf_mem_destroy(&lpm->mem);
	bpf_map_area_free(lpm);
}

/* ------------------------------------------------------------------ look-up */

/* Nodes outlive the readers of all kinds of programs. */
#define reader_deref(p)								\
	rcu_dereference_check(p, rcu_read_lock_bh_held() || rcu_read_lock_trace_held())

/*
 * Both walks: a node's prefix is compared with the key where the parent's ends. What is above was
 * the same in the parent, whose prefix never changes, and children continue it.
 */

/* Keys of one word: the longest prefix below @node that @key has an entry for, or NULL. */
static __always_inline struct lpm_node *lpm_walk_word(const struct bpf_lpm *lpm,
						      struct lpm_node *node,
						      const struct bpf_lpm_trie_key_u8 *key)
{
	u64 word = key_word(key->data, 0, lpm->data_size), bits = be64_to_cpu((__force __be64)word);
	struct lpm_node *best = NULL;
	u32 limit = key->prefixlen;

	do {
		if ((word ^ node_word(node, 0)) & node->mask)
			break;
		if (node->prefixlen >= limit) {
			if (node->prefixlen == limit && !READ_ONCE(node->joint))
				best = node;
			break;
		}
		if (!READ_ONCE(node->joint))
			best = node;
		node = reader_deref(node->child[bits << node->prefixlen >> 63]);
	} while (node);
	return best;
}

/* The same with keys of any size; apart, so that the shorter walk saves no registers for it. */
static noinline struct lpm_node *lpm_walk_words(const struct bpf_lpm *lpm, struct lpm_node *node,
						const struct bpf_lpm_trie_key_u8 *key)
{
	u64 word = key_word(key->data, 0, lpm->data_size);
	u32 limit = key->prefixlen, i = 0;
	struct lpm_node *best = NULL;

	while (node && node->prefixlen <= limit) {
		for (; i < node->last; word = key_word(key->data, ++i, lpm->data_size)) {
			if (word != node_word(node, i))
				return best;
		}
		if ((word ^ node_word(node, i)) & node->mask)
			return best;
		if (!READ_ONCE(node->joint))
			best = node;
		if (node->prefixlen == limit)
			return best;
		node = reader_deref(node->child[key_bit(key->data, node->prefixlen)]);
	}
	return best;
}

static void *lpm_lookup(struct bpf_map *map, void *_key)
{
	struct bpf_lpm *lpm = to_lpm(map);
	struct bpf_lpm_trie_key_u8 *key = _key;
	struct lpm_node *node = reader_deref(lpm->root), *best;

	if (!node || key->prefixlen > lpm->max_prefixlen)
		return NULL;
	if (lpm->data_size <= sizeof(u64))
		best = lpm_walk_word(lpm, node, key);
	else
		best = lpm_walk_words(lpm, node, key);
	return best ? lpm_value(lpm, best) : NULL;
}

/* ------------------------------------------------------------------ update */

static struct lpm_node *lpm_node_new(struct bpf_lpm *lpm, const u8 *data, u32 prefixlen)
{
	struct lpm_node *node = bpf_mem_alloc(&lpm->mem);

	if (!node)
		return NULL;
	node->prefixlen = prefixlen;
	node->joint = true;
	node->last = prefixlen ? (prefixlen - 1) / 64 : 0;
	node->mask = (__force u64)cpu_to_be64(prefixlen ? ~0ULL << (-prefixlen & 63) : 0);
	RCU_INIT_POINTER(node->child[0], NULL);
	RCU_INIT_POINTER(node->child[1], NULL);
	memcpy(node->data, data, lpm->data_size);
	memset(node->data + lpm->data_size, 0, lpm->value_off - lpm->data_size);
	return node;
}

/*
 * Where a key belongs: the first slot on its way whose node's prefix is not a proper prefix of it.
 * @match: leading bits that the key shares with the node there.
 */
static struct lpm_node __rcu **lpm_slot(struct bpf_lpm *lpm, const struct bpf_lpm_trie_key_u8 *key,
					u32 *match)
{
	struct lpm_node __rcu **slot = &lpm->root;
	struct lpm_node *node;

	*match = 0;
	while ((node = rcu_dereference_protected(*slot, 1))) {
		*match = node_match(lpm, node, key);
		if (*match != node->prefixlen || node->prefixlen == key->prefixlen)
			break;
		slot = &node->child[key_bit(key->data, node->prefixlen)];
	}
	return slot;
}

/*
 * A node for where @new and @node part, after @match bits. It has both of them as children and is
 * not in the trie yet.
 */
static struct lpm_node *lpm_join(struct bpf_lpm *lpm, struct lpm_node *new, struct lpm_node *node,
				 u32 match)
{
	struct lpm_node *joint = lpm_node_new(lpm, new->data, match);
	u32 bit = key_bit(new->data, match);

	if (!joint)
		return NULL;
	RCU_INIT_POINTER(joint->child[bit], new);
	RCU_INIT_POINTER(joint->child[!bit], node);
	return joint;
}

/* Puts @new into the trie. @old: a node whose place it took, for the caller to free. */
static int lpm_insert(struct bpf_lpm *lpm, const struct bpf_lpm_trie_key_u8 *key, u64 flags,
		      struct lpm_node *new, struct lpm_node **old)
{
	u32 match;
	struct lpm_node __rcu **slot = lpm_slot(lpm, key, &match);
	struct lpm_node *node = rcu_dereference_protected(*slot, 1);
	bool same = node && match == node->prefixlen && match == key->prefixlen;
	bool exists = same && !node->joint;

	if (exists && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!exists && flags == BPF_EXIST)
		return -ENOENT;
	if (!exists && lpm->entries == lpm->map.max_entries)
		return -ENOSPC;

	if (same) {
		/* same place, same children */
		RCU_INIT_POINTER(new->child[0], child_of(node, 0));
		RCU_INIT_POINTER(new->child[1], child_of(node, 1));
		*old = node;
	} else if (node && match == key->prefixlen) {
		/* the node is longer: it becomes the new one's child */
		RCU_INIT_POINTER(new->child[key_bit(node->data, match)], node);
	} else if (node) {
		new = lpm_join(lpm, new, node, match);
		if (!new)
			return -ENOMEM;
	}
	if (!exists)
		lpm->entries++;
	rcu_assign_pointer(*slot, new);
	return 0;
}

static long lpm_update(struct bpf_map *map, void *_key, void *value, u64 flags)
{
	struct bpf_lpm *lpm = to_lpm(map);
	struct bpf_lpm_trie_key_u8 *key = _key;
	struct lpm_node *new, *old = NULL;
	unsigned long irq;
	int err;

	if (flags > BPF_EXIST || key->prefixlen > lpm->max_prefixlen)
		return -EINVAL;
	new = lpm_node_new(lpm, key->data, key->prefixlen);
	if (!new)
		return -ENOMEM;
	new->joint = false;
	memcpy(lpm_value(lpm, new), value, map->value_size);

	err = bpf_map_lock(&lpm->lock, &irq);
	if (!err) {
		err = lpm_insert(lpm, key, flags, new, &old);
		bpf_map_unlock(&lpm->lock, irq);
	}
	if (err)
		bpf_mem_free_unused(&lpm->mem, new);
	if (old)
		bpf_mem_free_rcu(&lpm->mem, old);
	return err;
}

/* ------------------------------------------------------------------ delete */

/* Takes @node out of @slot, if it has at most one child to take its place. */
static struct lpm_node *lpm_splice(struct lpm_node __rcu **slot, struct lpm_node *node)
{
	if (child_of(node, 0) && child_of(node, 1))
		return NULL;
	rcu_assign_pointer(*slot, child_of(node, 0) ?: child_of(node, 1));
	return node;
}

static int lpm_delete_locked(struct bpf_lpm *lpm, const struct bpf_lpm_trie_key_u8 *key,
			     struct lpm_node **gone, struct lpm_node **gone_parent)
{
	struct lpm_node __rcu **slot = &lpm->root, **parent_slot = NULL;
	struct lpm_node *node, *parent = NULL;

	while ((node = rcu_dereference_protected(*slot, 1))) {
		if (node_match(lpm, node, key) != node->prefixlen)
			return -ENOENT;
		if (node->prefixlen == key->prefixlen)
			break;
		parent = node;
		parent_slot = slot;
		slot = &node->child[key_bit(key->data, node->prefixlen)];
	}
	if (!node || node->joint)
		return -ENOENT;

	lpm->entries--;
	*gone = lpm_splice(slot, node);
	/* only a node with both children becomes a joint: walkers rely on a way down from it */
	if (!*gone)
		WRITE_ONCE(node->joint, true);
	/* a joint that lost a branch joins nothing */
	else if (parent && parent->joint)
		*gone_parent = lpm_splice(parent_slot, parent);
	return 0;
}

static long lpm_delete(struct bpf_map *map, void *_key)
{
	struct lpm_node *gone = NULL, *gone_parent = NULL;
	struct bpf_lpm_trie_key_u8 *key = _key;
	struct bpf_lpm *lpm = to_lpm(map);
	unsigned long irq;
	int err;

	if (key->prefixlen > lpm->max_prefixlen)
		return -EINVAL;
	err = bpf_map_lock(&lpm->lock, &irq);
	if (err)
		return err;
	err = lpm_delete_locked(lpm, key, &gone, &gone_parent);
	bpf_map_unlock(&lpm->lock, irq);
	if (gone)
		bpf_mem_free_rcu(&lpm->mem, gone);
	if (gone_parent)
		bpf_mem_free_rcu(&lpm->mem, gone_parent);
	return err;
}

/* ------------------------------------------------------------------ walking */

static struct lpm_node *lpm_down(struct lpm_node *node)
{
	return rcu_dereference(node->child[0]) ?: rcu_dereference(node->child[1]);
}

/*
 * The entry behind @key in the order "a prefix, then what continues it with 0, then with 1"; from
 * the start for an unknown key. What is still to come is one node: the nearest branch with a 1 that
 * was passed on the 0 side. So no stack is needed.
 */
static int lpm_get_next_key(struct bpf_map *map, void *_key, void *_next)
{
	struct bpf_lpm_trie_key_u8 *key = _key, *next = _next;
	struct bpf_lpm *lpm = to_lpm(map);
	struct lpm_node *root = rcu_dereference(lpm->root), *node = root, *later = NULL, *right;

	if (!root)
		return -ENOENT;
	if (!key || key->prefixlen > lpm->max_prefixlen)
		goto found;

	while (node && node_match(lpm, node, key) == node->prefixlen &&
	       node->prefixlen < key->prefixlen) {
		right = rcu_dereference(node->child[1]);
		if (key_bit(key->data, node->prefixlen)) {
			node = right;
			continue;
		}
		if (right)
			later = right;
		node = rcu_dereference(node->child[0]);
	}
	if (node && node->prefixlen == key->prefixlen &&
	    node_match(lpm, node, key) == key->prefixlen && !READ_ONCE(node->joint)) {
		right = rcu_dereference(node->child[1]);
		node = rcu_dereference(node->child[0]) ?: right ?: later;
	} else {
		node = root;
	}
found:
	while (node && READ_ONCE(node->joint))
		node = lpm_down(node);
	if (!node)
		return -ENOENT;
	next->prefixlen = node->prefixlen;
	memcpy(next->data, node->data, lpm->data_size);
	return 0;
}

static int lpm_check_btf(const struct bpf_map *map, const struct btf *btf,
			 const struct btf_type *key_type, const struct btf_type *value_type)
{
	/* a struct that begins with the length */
	return __btf_type_is_struct(key_type) ? 0 : -EINVAL;
}

static u64 lpm_mem_usage(const struct bpf_map *map)
{
	struct bpf_lpm *lpm = to_lpm(map);

	return sizeof(*lpm) + (u64)READ_ONCE(lpm->entries) * lpm->mem.size;
}

const struct bpf_map_ops bpf_lpm_trie_ops = {
	.alloc_check = lpm_alloc_check,
	.alloc = lpm_alloc,
	.free = lpm_free,
	.get_next_key = lpm_get_next_key,
	.lookup_elem = lpm_lookup,
	.update_elem = lpm_update,
	.delete_elem = lpm_delete,
	.check_btf = lpm_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = lpm_mem_usage,
};
