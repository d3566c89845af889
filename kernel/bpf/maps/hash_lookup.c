// SPDX-License-Identifier: GPL-2.0
/*
 * Hash tables: what programs look up. A program that names its map calls a look-up that is made for
 * the size of that map's keys; all others go through the operations of the map's type.
 */
#include <linux/build_bug.h>
#include <linux/percpu.h>

#include "exec/exec.h"
#include "maps/hash_find.h"

/* What a look-up answers with. */
enum answer {
	ANSWER_VALUE,
	ANSWER_PERCPU,
	ANSWER_LRU,
	ANSWER_LRU_PERCPU,
};

static __always_inline void *lookup(struct bpf_map *map, void *key, u32 size, enum answer answer)
{
	struct bpf_hash *htab = to_bpf_hash(map);
	struct hash_elem *e = hash_find_size(htab, hash_of_size(htab, key, size), key, size);

	if (!e)
		return NULL;
	if (answer == ANSWER_LRU || answer == ANSWER_LRU_PERCPU)
		hash_lru_mark(e);
	if (answer == ANSWER_PERCPU || answer == ANSWER_LRU_PERCPU)
		return this_cpu_ptr(hash_pptr(htab, e));
	return hash_value(htab, e);
}

void *hash_lookup(struct bpf_map *map, void *key)
{
	return lookup(map, key, map->key_size, ANSWER_VALUE);
}

void *hash_percpu_lookup(struct bpf_map *map, void *key)
{
	return lookup(map, key, map->key_size, ANSWER_PERCPU);
}

void *hash_lru_lookup(struct bpf_map *map, void *key)
{
	return lookup(map, key, map->key_size, ANSWER_LRU);
}

void *hash_lru_percpu_lookup(struct bpf_map *map, void *key)
{
	return lookup(map, key, map->key_size, ANSWER_LRU_PERCPU);
}

/* Sizes of keys that have look-ups of their own. */
#define KEY_SIZES(X)	X(4) X(8) X(12) X(16) X(20) X(24) X(32) X(40)

#define DEFINE_LOOKUPS(size)							\
static void *lookup_##size(struct bpf_map *map, void *key)			\
{										\
	return lookup(map, key, size, ANSWER_VALUE);				\
}										\
										\
static void *percpu_lookup_##size(struct bpf_map *map, void *key)		\
{										\
	return lookup(map, key, size, ANSWER_PERCPU);				\
}										\
										\
static void *lru_lookup_##size(struct bpf_map *map, void *key)			\
{										\
	return lookup(map, key, size, ANSWER_LRU);				\
}

KEY_SIZES(DEFINE_LOOKUPS)

typedef void *(*lookup_fn)(struct bpf_map *map, void *key);

static const struct {
	u32 key_size;
	lookup_fn value, percpu, lru;
} lookups[] = {
#define LOOKUP_ROW(size) { size, lookup_##size, percpu_lookup_##size, lru_lookup_##size },
	KEY_SIZES(LOOKUP_ROW)
};

static lookup_fn lookup_of(const struct bpf_map *map)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lookups); i++) {
		if (lookups[i].key_size != map->key_size)
			continue;
		switch (map->map_type) {
		case BPF_MAP_TYPE_HASH:
		case BPF_MAP_TYPE_HASH_OF_MAPS:
			return lookups[i].value;
		case BPF_MAP_TYPE_PERCPU_HASH:
			return lookups[i].percpu;
		case BPF_MAP_TYPE_LRU_HASH:
			return lookups[i].lru;
		default:
			return NULL;
		}
	}
	return NULL;
}

/**
 * hash_gen_lookup - a call of the look-up that is made for a map
 * @map: the map; one of other keys cannot stand in for it
 * @buf: where the instructions go
 * @cap: how many there may be
 *
 * Context: any. Return: number of instructions, 0 where the type's operation is as good.
 */
int hash_gen_lookup(struct bpf_map *map, struct bpf_insn *buf, u32 cap)
{
	lookup_fn fn = lookup_of(map);
	struct bpf_insn *insn = buf;

	if (!fn || cap < 3 || !bpf_call_imm_fits(fn))
		return 0;
	*insn++ = insn_call(bpf_call_imm(fn));
	if (map->map_type == BPF_MAP_TYPE_HASH_OF_MAPS) {
		*insn++ = insn_jump_imm(BPF_JEQ, BPF_REG_0, 0, 1);
		*insn++ = insn_load(BPF_DW, BPF_REG_0, BPF_REG_0, 0);
	}
	return insn - buf;
}
