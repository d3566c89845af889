// SPDX-License-Identifier: GPL-2.0
/*
 * The table of map types, and which helpers take which of them. A type that is not built in has no
 * row: creating one fails with -EINVAL, and no helper takes it.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/compiler.h>

#include "btf/record.h"
#include "maps/maps.h"

/* The linker puts NULL for types that no object file has. */
#define WEAK_OPS(_ops) extern const struct bpf_map_ops _ops __weak

WEAK_OPS(bpf_arena_ops);
WEAK_OPS(bpf_array_of_maps_ops);
WEAK_OPS(bpf_array_ops);
WEAK_OPS(bpf_bloom_ops);
WEAK_OPS(bpf_cgroup_array_ops);
WEAK_OPS(bpf_cgrp_storage_ops);
WEAK_OPS(bpf_cpumap_ops);
WEAK_OPS(bpf_devmap_hash_ops);
WEAK_OPS(bpf_devmap_ops);
WEAK_OPS(bpf_hash_of_maps_ops);
WEAK_OPS(bpf_inode_storage_ops);
WEAK_OPS(bpf_hash_ops);
WEAK_OPS(bpf_lpm_trie_ops);
WEAK_OPS(bpf_lru_hash_ops);
WEAK_OPS(bpf_lru_percpu_hash_ops);
WEAK_OPS(bpf_percpu_array_ops);
WEAK_OPS(bpf_percpu_hash_ops);
WEAK_OPS(bpf_perf_event_array_ops);
WEAK_OPS(bpf_prog_array_ops);
WEAK_OPS(bpf_queue_ops);
WEAK_OPS(bpf_reuseport_array_ops);
WEAK_OPS(bpf_ringbuf_ops);
WEAK_OPS(bpf_sk_storage_ops);
WEAK_OPS(bpf_stack_ops);
WEAK_OPS(bpf_stack_trace_ops);
WEAK_OPS(bpf_struct_ops_ops);
WEAK_OPS(bpf_task_storage_ops);
WEAK_OPS(bpf_user_ringbuf_ops);
WEAK_OPS(bpf_xskmap_ops);

#define ACCESS_FLAGS	(BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
#define FD_FLAGS	(BPF_F_RDONLY | BPF_F_WRONLY)
#define HASH_FLAGS	(BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_FLAGS)
#define VALUE_TRAITS	(MAP_CAN_FREEZE | MAP_CAN_INNER | MAP_SLEEPABLE_OK | MAP_TRACING_OK | \
			 MAP_PTR_ACCESS)
#define STORAGE_TRAITS	(MAP_PRIV_BPF | MAP_CAN_INNER | MAP_SLEEPABLE_OK | MAP_TRACING_OK | \
			 MAP_PTR_ACCESS)
#define GRAPH_FIELDS	(BPF_LIST_HEAD | BPF_RB_ROOT)
#define ASYNC_FIELDS	(BPF_TIMER | BPF_WORKQUEUE)

static const struct bpf_map_type_row map_types[] = {
	[BPF_MAP_TYPE_HASH] = {
		.name = "hash",
		.ops = &bpf_hash_ops,
		.flags = HASH_FLAGS,
		.traits = VALUE_TRAITS,
		.fields = BPF_SPIN_LOCK | ASYNC_FIELDS | BPF_KPTR | GRAPH_FIELDS,
	},
	[BPF_MAP_TYPE_ARRAY] = {
		.name = "array",
		.ops = &bpf_array_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_MMAPABLE | BPF_F_PRESERVE_ELEMS |
			 BPF_F_INNER_MAP | ACCESS_FLAGS,
		.traits = VALUE_TRAITS,
		.fields = BPF_SPIN_LOCK | ASYNC_FIELDS | BPF_KPTR | GRAPH_FIELDS,
	},
	[BPF_MAP_TYPE_PROG_ARRAY] = {
		.name = "prog_array",
		.ops = &bpf_prog_array_ops,
		.flags = ACCESS_FLAGS,
		.traits = MAP_FD_VALUE | MAP_TRACING_OK | MAP_SLEEPABLE_OK,
	},
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = {
		.name = "perf_event_array",
		.ops = &bpf_perf_event_array_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_PRESERVE_ELEMS | FD_FLAGS,
		.traits = MAP_FD_VALUE | MAP_CAN_INNER | MAP_TRACING_OK | MAP_SLEEPABLE_OK,
	},
	[BPF_MAP_TYPE_PERCPU_HASH] = {
		.name = "percpu_hash",
		.ops = &bpf_percpu_hash_ops,
		.flags = HASH_FLAGS,
		.traits = VALUE_TRAITS | MAP_PERCPU,
		.fields = BPF_KPTR,
	},
	[BPF_MAP_TYPE_PERCPU_ARRAY] = {
		.name = "percpu_array",
		.ops = &bpf_percpu_array_ops,
		.flags = ACCESS_FLAGS,
		.traits = VALUE_TRAITS | MAP_PERCPU,
		.fields = BPF_KPTR,
	},
	[BPF_MAP_TYPE_STACK_TRACE] = {
		.name = "stack_trace",
		.ops = &bpf_stack_trace_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_STACK_BUILD_ID | FD_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_CAN_INNER | MAP_TRACING_OK | MAP_SLEEPABLE_OK,
	},
	[BPF_MAP_TYPE_CGROUP_ARRAY] = {
		.name = "cgroup_array",
		.ops = &bpf_cgroup_array_ops,
		.flags = BPF_F_NUMA_NODE | FD_FLAGS,
		.traits = MAP_FD_VALUE | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_LRU_HASH] = {
		.name = "lru_hash",
		.ops = &bpf_lru_hash_ops,
		.flags = HASH_FLAGS | BPF_F_NO_COMMON_LRU,
		.traits = VALUE_TRAITS | MAP_PRIV_BPF,
		.fields = ASYNC_FIELDS | BPF_KPTR | GRAPH_FIELDS,
	},
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = {
		.name = "lru_percpu_hash",
		.ops = &bpf_lru_percpu_hash_ops,
		.flags = HASH_FLAGS | BPF_F_NO_COMMON_LRU,
		.traits = VALUE_TRAITS | MAP_PRIV_BPF | MAP_PERCPU,
		.fields = BPF_KPTR,
	},
	[BPF_MAP_TYPE_LPM_TRIE] = {
		.name = "lpm_trie",
		.ops = &bpf_lpm_trie_ops,
		.flags = BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | ACCESS_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_CAN_FREEZE | MAP_CAN_INNER | MAP_PTR_ACCESS |
			  MAP_SLEEPABLE_OK | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = {
		.name = "array_of_maps",
		.ops = &bpf_array_of_maps_ops,
		.flags = BPF_F_NUMA_NODE | ACCESS_FLAGS,
		.traits = MAP_FD_VALUE | MAP_SLEEPABLE_OK | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_HASH_OF_MAPS] = {
		.name = "hash_of_maps",
		.ops = &bpf_hash_of_maps_ops,
		.flags = BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | ACCESS_FLAGS,
		.traits = MAP_FD_VALUE | MAP_SLEEPABLE_OK | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_DEVMAP] = {
		.name = "devmap",
		.ops = &bpf_devmap_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY,
		.traits = MAP_PRIV_NET,
	},
	[BPF_MAP_TYPE_DEVMAP_HASH] = {
		.name = "devmap_hash",
		.ops = &bpf_devmap_hash_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY,
		.traits = MAP_PRIV_NET,
	},
	[BPF_MAP_TYPE_CPUMAP] = {
		.name = "cpumap",
		.ops = &bpf_cpumap_ops,
		.flags = BPF_F_NUMA_NODE,
		.traits = MAP_PRIV_BPF,
	},
	[BPF_MAP_TYPE_XSKMAP] = {
		.name = "xskmap",
		.ops = &bpf_xskmap_ops,
		.flags = BPF_F_NUMA_NODE | FD_FLAGS,
		.traits = MAP_PRIV_NET | MAP_FD_VALUE,
	},
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = {
		.name = "reuseport_sockarray",
		.ops = &bpf_reuseport_array_ops,
		.flags = BPF_F_NUMA_NODE | FD_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_FD_VALUE,
	},
	[BPF_MAP_TYPE_QUEUE] = {
		.name = "queue",
		.ops = &bpf_queue_ops,
		.flags = BPF_F_NUMA_NODE | ACCESS_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_CAN_INNER | MAP_SLEEPABLE_OK |
			  MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_STACK] = {
		.name = "stack",
		.ops = &bpf_stack_ops,
		.flags = BPF_F_NUMA_NODE | ACCESS_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_CAN_INNER | MAP_SLEEPABLE_OK |
			  MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_RINGBUF] = {
		.name = "ringbuf",
		.ops = &bpf_ringbuf_ops,
		.flags = BPF_F_NUMA_NODE,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_CAN_INNER | MAP_SLEEPABLE_OK |
			  MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_USER_RINGBUF] = {
		.name = "user_ringbuf",
		.ops = &bpf_user_ringbuf_ops,
		.flags = BPF_F_NUMA_NODE,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_SLEEPABLE_OK | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_ARENA] = {
		.name = "arena",
		.ops = &bpf_arena_ops,
		.flags = BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT | BPF_F_NO_USER_CONV,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_SLEEPABLE_OK | MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_BLOOM_FILTER] = {
		.name = "bloom_filter",
		.ops = &bpf_bloom_ops,
		.flags = BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_FLAGS,
		.traits = MAP_PRIV_BPF | MAP_NO_KEY | MAP_CAN_INNER | MAP_SLEEPABLE_OK |
			  MAP_TRACING_OK,
	},
	[BPF_MAP_TYPE_STRUCT_OPS] = {
		.name = "struct_ops",
		.ops = &bpf_struct_ops_ops,
		.flags = BPF_F_LINK,
		.traits = MAP_PRIV_BPF,
	},
	[BPF_MAP_TYPE_SK_STORAGE] = {
		.name = "sk_storage",
		.ops = &bpf_sk_storage_ops,
		.flags = BPF_F_NO_PREALLOC | BPF_F_CLONE,
		.traits = STORAGE_TRAITS,
		.fields = BPF_SPIN_LOCK | BPF_KPTR,
	},
	[BPF_MAP_TYPE_TASK_STORAGE] = {
		.name = "task_storage",
		.ops = &bpf_task_storage_ops,
		.flags = BPF_F_NO_PREALLOC,
		.traits = STORAGE_TRAITS,
		.fields = BPF_SPIN_LOCK | BPF_KPTR,
	},
	[BPF_MAP_TYPE_INODE_STORAGE] = {
		.name = "inode_storage",
		.ops = &bpf_inode_storage_ops,
		.flags = BPF_F_NO_PREALLOC,
		.traits = STORAGE_TRAITS,
		.fields = BPF_SPIN_LOCK | BPF_KPTR,
	},
	[BPF_MAP_TYPE_CGRP_STORAGE] = {
		.name = "cgrp_storage",
		.ops = &bpf_cgrp_storage_ops,
		.flags = BPF_F_NO_PREALLOC,
		.traits = STORAGE_TRAITS,
		.fields = BPF_SPIN_LOCK | BPF_KPTR,
	},
};

#define T(name) BIT_ULL(BPF_MAP_TYPE_##name)
#define HASHES	(T(HASH) | T(PERCPU_HASH) | T(LRU_HASH) | T(LRU_PERCPU_HASH))
#define ARRAYS	(T(ARRAY) | T(PERCPU_ARRAY))
#define VALUES	(HASHES | ARRAYS | T(LPM_TRIE))
#define OUTERS	(T(ARRAY_OF_MAPS) | T(HASH_OF_MAPS))
#define DEVMAPS	(T(DEVMAP) | T(DEVMAP_HASH))
#define SOCKMAPS (T(SOCKMAP) | T(SOCKHASH))
#define RINGBUF	T(RINGBUF)

/* Types that a helper takes as its map argument; 0: the helper takes no map. */
static const u64 helper_types[__BPF_FUNC_MAX_ID] = {
	[BPF_FUNC_map_lookup_elem] = VALUES | OUTERS | DEVMAPS | T(XSKMAP) | SOCKMAPS,
	[BPF_FUNC_map_update_elem] = VALUES | SOCKMAPS,
	[BPF_FUNC_map_delete_elem] = VALUES | SOCKMAPS,
	[BPF_FUNC_map_lookup_percpu_elem] = T(PERCPU_HASH) | T(LRU_PERCPU_HASH) | T(PERCPU_ARRAY),
	[BPF_FUNC_for_each_map_elem] = HASHES | ARRAYS,
	[BPF_FUNC_map_push_elem] = T(QUEUE) | T(STACK) | T(BLOOM_FILTER),
	[BPF_FUNC_map_peek_elem] = T(QUEUE) | T(STACK) | T(BLOOM_FILTER),
	[BPF_FUNC_map_pop_elem] = T(QUEUE) | T(STACK),
	[BPF_FUNC_tail_call] = T(PROG_ARRAY),
	[BPF_FUNC_perf_event_read] = T(PERF_EVENT_ARRAY),
	[BPF_FUNC_perf_event_read_value] = T(PERF_EVENT_ARRAY),
	[BPF_FUNC_perf_event_output] = T(PERF_EVENT_ARRAY),
	[BPF_FUNC_skb_output] = T(PERF_EVENT_ARRAY),
	[BPF_FUNC_xdp_output] = T(PERF_EVENT_ARRAY),
	[BPF_FUNC_ringbuf_output] = RINGBUF,
	[BPF_FUNC_ringbuf_reserve] = RINGBUF,
	[BPF_FUNC_ringbuf_query] = RINGBUF,
	[BPF_FUNC_ringbuf_reserve_dynptr] = RINGBUF,
	[BPF_FUNC_user_ringbuf_drain] = T(USER_RINGBUF),
	[BPF_FUNC_get_stackid] = T(STACK_TRACE),
	[BPF_FUNC_current_task_under_cgroup] = T(CGROUP_ARRAY),
	[BPF_FUNC_skb_under_cgroup] = T(CGROUP_ARRAY),
	[BPF_FUNC_redirect_map] = DEVMAPS | T(CPUMAP) | T(XSKMAP),
	[BPF_FUNC_sk_redirect_map] = T(SOCKMAP),
	[BPF_FUNC_msg_redirect_map] = T(SOCKMAP),
	[BPF_FUNC_sock_map_update] = T(SOCKMAP),
	[BPF_FUNC_sk_redirect_hash] = T(SOCKHASH),
	[BPF_FUNC_msg_redirect_hash] = T(SOCKHASH),
	[BPF_FUNC_sock_hash_update] = T(SOCKHASH),
	[BPF_FUNC_sk_select_reuseport] = T(REUSEPORT_SOCKARRAY) | SOCKMAPS,
	[BPF_FUNC_get_local_storage] = T(CGROUP_STORAGE) | T(PERCPU_CGROUP_STORAGE),
	[BPF_FUNC_sk_storage_get] = T(SK_STORAGE),
	[BPF_FUNC_sk_storage_delete] = T(SK_STORAGE),
	[BPF_FUNC_inode_storage_get] = T(INODE_STORAGE),
	[BPF_FUNC_inode_storage_delete] = T(INODE_STORAGE),
	[BPF_FUNC_task_storage_get] = T(TASK_STORAGE),
	[BPF_FUNC_task_storage_delete] = T(TASK_STORAGE),
	[BPF_FUNC_cgrp_storage_get] = T(CGRP_STORAGE),
	[BPF_FUNC_cgrp_storage_delete] = T(CGRP_STORAGE),
};

const struct bpf_map_type_row *bpf_map_type_find(u32 type)
{
	if (type >= ARRAY_SIZE(map_types) || !map_types[type].ops)
		return NULL;
	return &map_types[type];
}

bool bpf_map_helper_ok(enum bpf_map_type type, u32 func_id)
{
	if (func_id >= ARRAY_SIZE(helper_types) || !helper_types[func_id])
		return true;
	return helper_types[func_id] & BIT_ULL(type);
}
