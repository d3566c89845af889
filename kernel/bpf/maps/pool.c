// SPDX-License-Identifier: GPL-2.0
/* Preallocated elements; see pool.h. */
#include <linux/bpf.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "maps/lock.h"
#include "maps/pool.h"

DEFINE_PER_CPU(int, bpf_map_lock_depth);

/**
 * bpf_pool_init - make an empty pool
 * @pool: the pool
 *
 * Context: process context, may sleep. Return: 0 or -ENOMEM.
 */
int bpf_pool_init(struct bpf_pool *pool)
{
	int cpu;

	init_llist_head(&pool->orphans);
	pool->cpu = alloc_percpu(struct bpf_pool_cpu);
	if (!pool->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		raw_spin_lock_init(&per_cpu_ptr(pool->cpu, cpu)->lock);
	return 0;
}

/**
 * bpf_pool_destroy - free the lists; the elements belong to the owner
 * @pool: the pool; zeroed memory is fine
 *
 * Context: process context.
 */
void bpf_pool_destroy(struct bpf_pool *pool)
{
	free_percpu(pool->cpu);
	pool->cpu = NULL;
}

/**
 * bpf_pool_fill - share new elements out among the CPUs
 * @pool: a pool that nobody else uses yet
 * @elems: @cnt elements of @elem_size bytes, each with its node first
 * @elem_size: bytes
 * @cnt: how many
 *
 * Context: process context.
 */
void bpf_pool_fill(struct bpf_pool *pool, void *elems, u32 elem_size, u32 cnt)
{
	u32 share = DIV_ROUND_UP(cnt, num_possible_cpus());
	struct bpf_pool_node *node;
	struct bpf_pool_cpu *c;
	u32 i = 0, end;
	int cpu;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu, cpu);
		for (end = min(cnt, i + share); i < end; i++) {
			node = elems + (u64)i * elem_size;
			node->next = c->first;
			c->first = node;
		}
	}
}

static struct bpf_pool_node *pool_pop_cpu(struct bpf_pool_cpu *c)
{
	struct bpf_pool_node *node;

	if (!READ_ONCE(c->first) || bpf_map_lock_inner(&c->lock))
		return NULL;
	node = c->first;
	if (node)
		WRITE_ONCE(c->first, node->next);
	bpf_map_unlock_inner(&c->lock);
	return node;
}

/* Orphans are rare: take them all and spread them again. */
static struct bpf_pool_node *pool_pop_orphan(struct bpf_pool *pool)
{
	struct llist_node *list = llist_del_all(&pool->orphans), *next;

	if (!list)
		return NULL;
	for (next = list->next; next; ) {
		struct bpf_pool_node *node = (struct bpf_pool_node *)next;

		next = next->next;
		bpf_pool_push(pool, node);
	}
	return (struct bpf_pool_node *)list;
}

/**
 * bpf_pool_pop - take an element
 * @pool: the pool
 *
 * Context: inside bpf_map_lock().
 * Return: an element, or NULL: all are in use, or (nested operations) no list's lock was to be had.
 */
struct bpf_pool_node *bpf_pool_pop(struct bpf_pool *pool)
{
	int this = smp_processor_id(), cpu;
	struct bpf_pool_node *node;

	node = pool_pop_cpu(per_cpu_ptr(pool->cpu, this));
	if (likely(node))
		return node;
	for_each_cpu_wrap(cpu, cpu_possible_mask, this) {
		node = pool_pop_cpu(per_cpu_ptr(pool->cpu, cpu));
		if (node)
			return node;
	}
	return pool_pop_orphan(pool);
}

/**
 * bpf_pool_push - give an element back
 * @pool: the pool
 * @node: the element
 *
 * Context: inside bpf_map_lock().
 */
void bpf_pool_push(struct bpf_pool *pool, struct bpf_pool_node *node)
{
	struct bpf_pool_cpu *c;
	int cpu;

	for_each_cpu_wrap(cpu, cpu_possible_mask, smp_processor_id()) {
		c = per_cpu_ptr(pool->cpu, cpu);
		if (bpf_map_lock_inner(&c->lock))
			continue;
		node->next = c->first;
		WRITE_ONCE(c->first, node);
		bpf_map_unlock_inner(&c->lock);
		return;
	}
	llist_add((struct llist_node *)node, &pool->orphans);
}
