/* SPDX-License-Identifier: GPL-2.0 */
/* Values that live with a kernel object: at most one a map and object. */
#ifndef _KBPF_MAPS_LOCAL_STORAGE_H
#define _KBPF_MAPS_LOCAL_STORAGE_H

#include <linux/bpf.h>

/* An object keeps a pointer to what all maps store with it; see local_storage.c. */
typedef struct bpf_local_storage __rcu *bpf_storage_slot;

int bpf_local_storage_alloc_check(const union bpf_attr *attr);
struct bpf_map *bpf_local_storage_alloc(const union bpf_attr *attr);
void bpf_local_storage_map_free(struct bpf_map *map);
int bpf_local_storage_check_btf(const struct bpf_map *map, const struct btf *btf,
				const struct btf_type *key_type, const struct btf_type *value_type);
u64 bpf_local_storage_mem_usage(const struct bpf_map *map);

void *bpf_local_storage_lookup(struct bpf_map *map, bpf_storage_slot *slot);
void *bpf_local_storage_get(struct bpf_map *map, bpf_storage_slot *slot, void *init, bool create);
int bpf_local_storage_copy(struct bpf_map *map, bpf_storage_slot *slot, void *value, u64 flags);
int bpf_local_storage_update(struct bpf_map *map, bpf_storage_slot *slot, void *value, u64 flags);
int bpf_local_storage_delete(struct bpf_map *map, bpf_storage_slot *slot);
int bpf_local_storage_clone(bpf_storage_slot *from, bpf_storage_slot *to);
void bpf_local_storage_destroy(bpf_storage_slot *slot);
void *bpf_local_storage_next(struct bpf_map *map, u64 *seq, bool (*get)(bpf_storage_slot *slot),
			     bpf_storage_slot **slot);

/* Helpers, for the sets of those program types that may call them. */
extern const struct bpf_func_proto bpf_task_storage_get_proto;
extern const struct bpf_func_proto bpf_task_storage_delete_proto;
extern const struct bpf_func_proto bpf_cgrp_storage_get_proto;
extern const struct bpf_func_proto bpf_cgrp_storage_delete_proto;
extern const struct bpf_func_proto bpf_inode_storage_get_proto;
extern const struct bpf_func_proto bpf_inode_storage_delete_proto;
extern const struct bpf_func_proto bpf_sk_storage_get_proto;
extern const struct bpf_func_proto bpf_sk_storage_delete_proto;

#endif /* _KBPF_MAPS_LOCAL_STORAGE_H */
