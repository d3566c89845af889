/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of maps: whom it is charged to. The allocators themselves are in <linux/bpf.h>. */
#ifndef _KBPF_MAPS_ALLOC_H
#define _KBPF_MAPS_ALLOC_H

#include <linux/bpf.h>
#include "btf/record.h"

struct bpf_map_charge {
	struct mem_cgroup *memcg;
	struct mem_cgroup *old;
};

#ifdef CONFIG_MEMCG
void bpf_map_charge_start(const struct bpf_map *map, struct bpf_map_charge *charge);
void bpf_map_charge_end(struct bpf_map_charge *charge);
void bpf_map_set_owner_memcg(struct bpf_map *map);
void bpf_map_put_owner_memcg(struct bpf_map *map);
#else
static inline void bpf_map_charge_start(const struct bpf_map *map, struct bpf_map_charge *charge) {}
static inline void bpf_map_charge_end(struct bpf_map_charge *charge) {}
static inline void bpf_map_set_owner_memcg(struct bpf_map *map) {}
static inline void bpf_map_put_owner_memcg(struct bpf_map *map) {}
#endif

#endif /* _KBPF_MAPS_ALLOC_H */
