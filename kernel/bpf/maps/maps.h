/* SPDX-License-Identifier: GPL-2.0 */
/* Maps: the table of types and what they share. */
#ifndef _KBPF_MAPS_H
#define _KBPF_MAPS_H

#include <linux/bpf.h>
#include <linux/math.h>

/* What a map type promises, beside its operations. */
#define MAP_NO_KEY		BIT(0)	/* key_size 0: queue, stack, ring buffer, ... */
#define MAP_PERCPU		BIT(1)	/* user space: one value a possible CPU, 8-byte aligned */
#define MAP_FD_VALUE		BIT(2)	/* values are fds for user space, ids when read */
#define MAP_PRIV_BPF		BIT(3)	/* creating one needs CAP_BPF (or a token) */
#define MAP_PRIV_NET		BIT(4)	/* ... CAP_NET_ADMIN */
#define MAP_CAN_FREEZE		BIT(5)
#define MAP_CAN_INNER		BIT(6)	/* may be the inner map of a map of maps */
#define MAP_SLEEPABLE_OK	BIT(7)	/* sleepable programs may use it */
#define MAP_TRACING_OK		BIT(8)	/* safe from programs in NMI and with any lock held */
#define MAP_PTR_ACCESS		BIT(9)	/* programs get a value's address (else a copy) */

/**
 * struct bpf_map_type_row - one map type
 * @name: as in documentation and logs: "hash", "lru_percpu_hash"
 * @ops: operations
 * @flags: BPF_F_* creation flags allowed
 * @traits: MAP_*
 * @fields: special fields that values may hold: enum btf_field_type
 */
struct bpf_map_type_row {
	const char *name;
	const struct bpf_map_ops *ops;
	u32 flags;
	u32 traits;
	u32 fields;
};

/**
 * bpf_map_type_find - row of a map type
 * @type: any number
 *
 * Context: any. Return: the row, or NULL for an unknown type or one that is not built in.
 */
const struct bpf_map_type_row *bpf_map_type_find(u32 type);

/**
 * bpf_map_helper_ok - may programs pass a map of this type to this helper
 * @type: map type
 * @func_id: helper
 *
 * Helpers that take no map are none of its business.
 * Context: any. Return: true if so.
 */
bool bpf_map_helper_ok(enum bpf_map_type type, u32 func_id);

extern const struct bpf_map_ops bpf_array_ops;
extern const struct bpf_map_ops bpf_percpu_array_ops;
extern const struct bpf_map_ops bpf_prog_array_ops;
extern const struct bpf_map_ops bpf_perf_event_array_ops;
extern const struct bpf_map_ops bpf_cgroup_array_ops;
extern const struct bpf_map_ops bpf_array_of_maps_ops;
extern const struct bpf_map_ops bpf_hash_ops;
extern const struct bpf_map_ops bpf_percpu_hash_ops;
extern const struct bpf_map_ops bpf_lru_hash_ops;
extern const struct bpf_map_ops bpf_lru_percpu_hash_ops;
extern const struct bpf_map_ops bpf_hash_of_maps_ops;
extern const struct bpf_map_ops bpf_lpm_trie_ops;
extern const struct bpf_map_ops bpf_queue_ops;
extern const struct bpf_map_ops bpf_stack_ops;
extern const struct bpf_map_ops bpf_ringbuf_ops;
extern const struct bpf_map_ops bpf_user_ringbuf_ops;
extern const struct bpf_map_ops bpf_bloom_ops;
extern const struct bpf_map_ops bpf_stack_trace_ops;
extern const struct bpf_map_ops bpf_cgroup_storage_ops;
extern const struct bpf_map_ops bpf_sk_storage_ops;
extern const struct bpf_map_ops bpf_task_storage_ops;
extern const struct bpf_map_ops bpf_inode_storage_ops;
extern const struct bpf_map_ops bpf_cgrp_storage_ops;
extern const struct bpf_map_ops bpf_devmap_ops;
extern const struct bpf_map_ops bpf_devmap_hash_ops;
extern const struct bpf_map_ops bpf_cpumap_ops;
extern const struct bpf_map_ops bpf_xskmap_ops;
extern const struct bpf_map_ops bpf_sockmap_ops;
extern const struct bpf_map_ops bpf_sockhash_ops;
extern const struct bpf_map_ops bpf_reuseport_array_ops;
extern const struct bpf_map_ops bpf_struct_ops_ops;
extern const struct bpf_map_ops bpf_arena_ops;

/* Sizes as user space sees values. */
static inline u32 bpf_map_value_stride(const struct bpf_map *map)
{
	return round_up(map->value_size, 8);
}

#endif /* _KBPF_MAPS_H */
