/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of one size for maps that grow: taken and given back from any context, NMI included.
 *
 * Each CPU keeps two stacks of free objects, one for the outermost taker and one for whoever
 * interrupts it; an irq_work refills them. Freed objects wait for a grace period of all programs,
 * sleepable ones included, and then go back to the kernel.
 */
#ifndef _KBPF_MAPS_MEM_H
#define _KBPF_MAPS_MEM_H

#include <linux/types.h>

struct bpf_map;
struct bpf_mem_cpu;

/**
 * struct bpf_mem - a cache
 * @cpu: per-CPU stacks
 * @map: charged for the memory, NULL: nobody
 * @size: bytes of an object
 * @percpu_size: bytes of the per-CPU part whose address is the object's last word; 0: none
 * @fini: drops what an object holds, when nobody can put anything in any more; called only where
 *	the map's values have special fields
 */
struct bpf_mem {
	struct bpf_mem_cpu __percpu *cpu;
	const struct bpf_map *map;
	u32 size;
	u32 percpu_size;
	void (*fini)(const struct bpf_map *map, void *obj);
};

int bpf_mem_init(struct bpf_mem *mem, const struct bpf_map *map, u32 size, u32 percpu_size,
		 void (*fini)(const struct bpf_map *map, void *obj));
void bpf_mem_destroy(struct bpf_mem *mem);
void *bpf_mem_alloc(struct bpf_mem *mem);
void bpf_mem_free_rcu(struct bpf_mem *mem, void *obj);
void bpf_mem_free_unused(struct bpf_mem *mem, void *obj);
void bpf_mem_free_now(struct bpf_mem *mem, void *obj);

/* Where an object of a cache with a per-CPU part keeps its address. */
static inline void __percpu **bpf_mem_percpu(const struct bpf_mem *mem, void *obj)
{
	return obj + mem->size - sizeof(void *);
}

#endif /* _KBPF_MAPS_MEM_H */
