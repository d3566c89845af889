// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that programs allocate: memory, references, and what becomes of what they hold.
 *
 * Each stands behind a head, which says what its special fields are. Sizes are rounded up to few
 * classes; each class has a cache that can be used from any context, made when a program that wants
 * objects of the class is verified, and kept.
 */
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "btf/value_lock.h"
#include "helpers/graph.h"
#include "helpers/objects.h"
#include "maps/mem.h"

/* struct obj_head for per-CPU objects, whose bytes are elsewhere. */
struct percpu_obj {
	struct llist_node node;
	void __percpu *pptr;		/* the cache's: the last word */
};

/* In front of the bytes of the first CPU: what they belong to. */
struct percpu_head {
	struct percpu_obj *obj;
};

static const u16 obj_sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096 };
static const u16 percpu_sizes[] = { 32, 64, 128, 256, 520 };

static_assert(BPF_OBJ_MAX_SIZE + sizeof(struct obj_head) <= 4096);
static_assert(BPF_PERCPU_OBJ_MAX_SIZE + sizeof(struct percpu_head) <= 520);

static struct bpf_mem obj_mem[ARRAY_SIZE(obj_sizes)];
static struct bpf_mem percpu_mem[ARRAY_SIZE(percpu_sizes)];
static bool obj_ready[ARRAY_SIZE(obj_sizes)];
static bool percpu_ready[ARRAY_SIZE(percpu_sizes)];
static DEFINE_MUTEX(prepare_lock);

static u32 class_of(const u16 *sizes, u32 nr, u32 size)
{
	u32 i;

	for (i = 0; i < nr && sizes[i] < size; i++)
		;
	return i;
}

int bpf_obj_prepare(u32 size, bool percpu)
{
	u32 n = percpu ? ARRAY_SIZE(percpu_sizes) : ARRAY_SIZE(obj_sizes), i;
	bool *ready = percpu ? percpu_ready : obj_ready;
	int err = 0;

	i = class_of(percpu ? percpu_sizes : obj_sizes, n,
		     size + (percpu ? sizeof(struct percpu_head) : sizeof(struct obj_head)));
	if (i == n)
		return -E2BIG;
	mutex_lock(&prepare_lock);
	if (!ready[i]) {
		err = percpu ? bpf_mem_init(&percpu_mem[i], NULL, sizeof(struct percpu_obj),
					    percpu_sizes[i], NULL) :
			       bpf_mem_init(&obj_mem[i], NULL, obj_sizes[i], 0, NULL);
		ready[i] = !err;
	}
	mutex_unlock(&prepare_lock);
	return err;
}

/* ------------------------------------------------------------------ allocation */

static void init_fields(const struct btf_record *rec, void *obj)
{
	u32 i;

	for (i = 0; rec && i < rec->cnt; i++) {
		void *field = obj + rec->fields[i].offset;

		if (rec->fields[i].type == BPF_REFCOUNT)
			refcount_set((refcount_t *)field, 1);
		else if (rec->fields[i].type == BPF_LIST_NODE)
			INIT_LIST_HEAD(&((struct graph_list_node *)field)->list);
		else if (rec->fields[i].type == BPF_RB_NODE)
			RB_CLEAR_NODE(&((struct graph_rb_node *)field)->rb);
	}
}

/**
 * bpf_obj_alloc - an object of a program
 * @size: bytes, prepared for
 * @rec: its special fields, or NULL
 *
 * Context: any. Return: zeroed object with one reference, or NULL.
 */
void *bpf_obj_alloc(u32 size, const struct btf_record *rec)
{
	u32 i = class_of(obj_sizes, ARRAY_SIZE(obj_sizes), size + sizeof(struct obj_head));
	struct obj_head *head;

	if (WARN_ON_ONCE(i == ARRAY_SIZE(obj_sizes) || !obj_mem[i].cpu))
		return NULL;
	head = bpf_mem_alloc(&obj_mem[i]);
	if (!head)
		return NULL;
	head->rec = rec;
	head->mem = &obj_mem[i];
	memset(head + 1, 0, size);
	init_fields(rec, head + 1);
	return head + 1;
}

/**
 * bpf_obj_record - special fields of an object
 * @obj: from bpf_obj_alloc(); the caller may see it
 *
 * Context: any. Return: its record, or NULL.
 */
const struct btf_record *bpf_obj_record(const void *obj)
{
	return ((const struct obj_head *)obj - 1)->rec;
}

/**
 * bpf_percpu_obj_alloc - a per-CPU object of a program
 * @size: bytes a CPU, prepared for
 *
 * Context: any. Return: per-CPU address of zeroed memory, or NULL.
 */
void *bpf_percpu_obj_alloc(u32 size)
{
	u32 i = class_of(percpu_sizes, ARRAY_SIZE(percpu_sizes), size + sizeof(struct percpu_head));
	struct percpu_head __percpu *head;
	struct percpu_obj *obj;
	int cpu;

	if (WARN_ON_ONCE(i == ARRAY_SIZE(percpu_sizes) || !percpu_mem[i].cpu))
		return NULL;
	obj = bpf_mem_alloc(&percpu_mem[i]);
	if (!obj)
		return NULL;
	head = obj->pptr;
	for_each_possible_cpu(cpu) {
		per_cpu_ptr(head, cpu)->obj = obj;
		memset(per_cpu_ptr(head, cpu) + 1, 0, size);
	}
	return (__force void *)(head + 1);
}

/* Which of the caches a per-CPU object is of does not matter to who gives it back. */
static struct bpf_mem *percpu_cache(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(percpu_sizes); i++)
		if (percpu_mem[i].cpu)
			return &percpu_mem[i];
	return NULL;
}

/**
 * bpf_percpu_obj_free - a per-CPU object is given back
 * @obj: from bpf_percpu_obj_alloc()
 *
 * Context: any.
 */
void bpf_percpu_obj_free(void *obj)
{
	struct percpu_head __percpu *head = (__force struct percpu_head __percpu *)obj - 1;
	int cpu = cpumask_first(cpu_possible_mask);

	bpf_mem_free_rcu(percpu_cache(), per_cpu_ptr(head, cpu)->obj);
}

/* ------------------------------------------------------------------ the end of objects */

void bpf_obj_drop_add(struct bpf_obj_drop *drop, void *obj)
{
	struct obj_head *head = (struct obj_head *)obj - 1;

	if (btf_record_has(head->rec, BPF_REFCOUNT) &&
	    !refcount_dec_and_test(obj + head->rec->refcount_off))
		return;
	head->node.next = drop->first;
	drop->first = &head->node;
}

void bpf_obj_drop_run(struct bpf_obj_drop *drop)
{
	struct obj_head *head;

	while (drop->first) {
		head = container_of(drop->first, struct obj_head, node);
		drop->first = head->node.next;
		bpf_value_free_into(head->rec, head + 1, drop);
		bpf_mem_free_rcu(head->mem, head);
	}
}

/* One at a time: the lock is not held for long, and nothing is seen half-way. */
void bpf_list_drain(void *head, u32 off, struct bpf_spin_lock *lock, struct bpf_obj_drop *drop)
{
	struct bpf_list_node *node;
	unsigned long flags;

	do {
		flags = bpf_value_lock_irqsave(lock);
		node = graph_list_take(head, false);
		bpf_value_unlock_irqrestore(lock, flags);
		if (node)
			bpf_obj_drop_add(drop, (void *)node - off);
	} while (node);
}

void bpf_rbtree_drain(void *root, u32 off, struct bpf_spin_lock *lock, struct bpf_obj_drop *drop)
{
	struct rb_root_cached *tree = root;
	struct rb_node *first;
	unsigned long flags;

	do {
		flags = bpf_value_lock_irqsave(lock);
		first = rb_first_cached(tree);
		if (first)
			graph_rb_take(root, (struct bpf_rb_node *)first);
		bpf_value_unlock_irqrestore(lock, flags);
		if (first)
			bpf_obj_drop_add(drop, (void *)first - off);
	} while (first);
}
