/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fixed number of preallocated elements, handed out and taken back from any context without
 * allocating. Each CPU has a list; one that runs empty takes from the others.
 */
#ifndef _KBPF_MAPS_POOL_H
#define _KBPF_MAPS_POOL_H

#include <linux/llist.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* First in each element; what it holds while the element is in use is the owner's. */
struct bpf_pool_node {
	struct bpf_pool_node *next;
};

struct bpf_pool_cpu {
	raw_spinlock_t lock;
	struct bpf_pool_node *first;
};

/**
 * struct bpf_pool - the free elements
 * @cpu: per-CPU lists
 * @orphans: given back where no list's lock was to be had
 */
struct bpf_pool {
	struct bpf_pool_cpu __percpu *cpu;
	struct llist_head orphans;
};

int bpf_pool_init(struct bpf_pool *pool);
void bpf_pool_destroy(struct bpf_pool *pool);
void bpf_pool_fill(struct bpf_pool *pool, void *elems, u32 elem_size, u32 cnt);
struct bpf_pool_node *bpf_pool_pop(struct bpf_pool *pool);
void bpf_pool_push(struct bpf_pool *pool, struct bpf_pool_node *node);

#endif /* _KBPF_MAPS_POOL_H */
