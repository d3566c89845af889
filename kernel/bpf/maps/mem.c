// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for maps that grow. See mem.h for the idea.
 *
 * A free object's first word links it; the others are its owner's, whose readers may still stand on
 * it.
 */
#include <linux/bpf.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>

#include "maps/mem.h"

/* Objects that a stack is filled up to, and below which it is refilled; bytes bound them, too. */
#define MEM_HIGH	64
#define MEM_LOW		16
#define MEM_HIGH_BYTES	SZ_64K
/* Objects for a taker that interrupted another one. */
#define MEM_RESERVE	8

struct mem_obj {
	struct llist_node node;
};

/* A batch of freed objects that waits for readers; stands in memory of its own. */
struct mem_batch {
	struct rcu_head rcu;
	struct llist_node *objs;
	u32 percpu_off;		/* of the per-CPU address; 0: no per-CPU part */
	struct bpf_mem *fini;	/* the cache, if it finishes them off: it waits for this */
};

/*
 * struct bpf_mem_cpu - one CPU's part
 * @depth: takers inside, to choose the stack
 * @stack: [0] for the outermost taker, [1] for the one above it
 * @cnt: objects in each
 * @freed: given back, not yet on their way through a grace period; filled from any context
 * @work: refills and sends @freed on
 */
struct bpf_mem_cpu {
	int depth;
	struct llist_head stack[2];
	atomic_t cnt[2];
	struct llist_head freed;
	struct irq_work work;
	struct bpf_mem *mem;
};

static u32 mem_high(const struct bpf_mem *mem)
{
	u32 by_bytes = MEM_HIGH_BYTES / (mem->size + mem->percpu_size);

	return clamp(by_bytes, 4U, (u32)MEM_HIGH);
}

static void mem_obj_free(void *obj, u32 percpu_off)
{
	if (percpu_off)
		free_percpu(*(void __percpu **)(obj + percpu_off));
	kfree(obj);
}

static u32 mem_percpu_off(const struct bpf_mem *mem)
{
	return mem->percpu_size ? mem->size - sizeof(void *) : 0;
}

static void mem_free_list(struct llist_node *list, u32 percpu_off, const struct bpf_mem *fini)
{
	struct mem_obj *obj, *next;

	llist_for_each_entry_safe(obj, next, list, node) {
		if (fini)
			fini->fini(fini->map, obj);
		mem_obj_free(obj, percpu_off);
	}
}

static struct bpf_mem *mem_fini(struct bpf_mem *mem)
{
	return mem->fini && mem->map->record ? mem : NULL;
}

static void *mem_obj_new(const struct bpf_mem *mem, gfp_t gfp)
{
	const struct bpf_map *map = mem->map;
	void *obj = map ? bpf_map_kmalloc_node(map, mem->size, gfp, NUMA_NO_NODE) :
			  kmalloc(mem->size, gfp);

	if (!obj || !mem->percpu_size)
		return obj;
	*bpf_mem_percpu(mem, obj) = map ? bpf_map_alloc_percpu(map, mem->percpu_size, 8, gfp) :
				    __alloc_percpu_gfp(mem->percpu_size, 8, gfp);
	if (!*bpf_mem_percpu(mem, obj)) {
		kfree(obj);
		return NULL;
	}
	return obj;
}

/* Only the CPU's own irq_work (or the creator, before anyone else) fills: one adder is enough. */
static void mem_fill(struct bpf_mem_cpu *c, gfp_t gfp)
{
	int high = mem_high(c->mem), goal[2] = { high, min(high, MEM_RESERVE) };
	struct mem_obj *obj;
	int i;

	for (i = 0; i < 2; i++) {
		while (atomic_read(&c->cnt[i]) < goal[i]) {
			obj = mem_obj_new(c->mem, gfp);
			if (!obj)
				return;
			llist_add(&obj->node, &c->stack[i]);
			atomic_inc(&c->cnt[i]);
		}
	}
}

static void mem_batch_free(struct mem_batch *batch)
{
	mem_free_list(batch->objs, batch->percpu_off, batch->fini);
	kfree(batch);
}

static void mem_batch_rcu(struct rcu_head *rcu)
{
	mem_batch_free(container_of(rcu, struct mem_batch, rcu));
}

/* After the readers of sleepable programs, those of all others, unless the former imply them. */
static void mem_batch_rcu_trace(struct rcu_head *rcu)
{
	if (rcu_trace_implies_rcu_gp())
		mem_batch_rcu(rcu);
	else
		call_rcu(rcu, mem_batch_rcu);
}

static void mem_send_freed(struct bpf_mem_cpu *c)
{
	struct mem_batch *batch;

	if (llist_empty(&c->freed))
		return;
	/* without memory the objects stay where they are until the next run */
	batch = kmalloc(sizeof(*batch), GFP_NOWAIT | __GFP_NOWARN);
	if (!batch)
		return;
	batch->objs = llist_del_all(&c->freed);
	batch->percpu_off = mem_percpu_off(c->mem);
	batch->fini = mem_fini(c->mem);
	call_rcu_tasks_trace(&batch->rcu, mem_batch_rcu_trace);
}

static void mem_work(struct irq_work *work)
{
	struct bpf_mem_cpu *c = container_of(work, struct bpf_mem_cpu, work);

	mem_fill(c, GFP_NOWAIT | __GFP_NOWARN | __GFP_ACCOUNT);
	mem_send_freed(c);
}

/**
 * bpf_mem_init - make a cache
 * @mem: the cache
 * @map: map that is charged; NULL: nobody is
 * @size: bytes of an object, a multiple of 8
 * @percpu_size: bytes of the per-CPU part; where it is not 0 the object's last word is taken
 * @fini: see struct bpf_mem; may be NULL
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int bpf_mem_init(struct bpf_mem *mem, const struct bpf_map *map, u32 size, u32 percpu_size,
		 void (*fini)(const struct bpf_map *map, void *obj))
{
	struct bpf_mem_cpu *c;
	int cpu;

	mem->map = map;
	mem->size = size;
	mem->percpu_size = percpu_size;
	mem->fini = fini;
	mem->cpu = alloc_percpu(struct bpf_mem_cpu);
	if (!mem->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(mem->cpu, cpu);
		c->mem = mem;
		init_irq_work(&c->work, mem_work);
		mem_fill(c, GFP_KERNEL | __GFP_NOWARN | __GFP_ACCOUNT);
		if (atomic_read(&c->cnt[0]) < 2) {
			bpf_mem_destroy(mem);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

/**
 * bpf_mem_destroy - give everything back
 * @mem: the cache; zeroed memory is fine
 *
 * Objects on their way through a grace period need the cache no more, unless it finishes them off.
 *
 * Context: process context, may sleep; nobody takes or gives back any more.
 */
void bpf_mem_destroy(struct bpf_mem *mem)
{
	struct bpf_mem_cpu *c;
	int cpu, i;

	if (!mem->cpu)
		return;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(mem->cpu, cpu);
		if (c->mem)
			irq_work_sync(&c->work);
		for (i = 0; i < 2; i++)
			mem_free_list(llist_del_all(&c->stack[i]), mem_percpu_off(mem), NULL);
		/* the map is gone: whoever could read these is, too */
		mem_free_list(llist_del_all(&c->freed), mem_percpu_off(mem), mem_fini(mem));
	}
	if (mem_fini(mem)) {
		/* the first one's callbacks may have gone on to the second */
		rcu_barrier_tasks_trace();
		rcu_barrier();
	}
	free_percpu(mem->cpu);
	mem->cpu = NULL;
}

/**
 * bpf_mem_alloc - take an object
 * @mem: the cache
 *
 * Context: any, NMI included.
 * Return: an object with undefined content but for its per-CPU address, or NULL.
 */
void *bpf_mem_alloc(struct bpf_mem *mem)
{
	struct llist_node *node = NULL;
	struct bpf_mem_cpu *c;
	unsigned long flags;
	int depth;

	/*
	 * Taking from a stack needs that there is one taker. Interrupts are off; what can still
	 * come in between is an NMI or a traced function, and those see the depth and use the next
	 * stack.
	 */
	local_irq_save(flags);
	c = this_cpu_ptr(mem->cpu);
	depth = c->depth++;
	barrier();
	if (likely(depth < 2)) {
		node = llist_del_first(&c->stack[depth]);
		if (node && atomic_dec_return(&c->cnt[depth]) < (depth ? MEM_RESERVE / 2 : MEM_LOW))
			irq_work_queue(&c->work);
		else if (!node)
			irq_work_queue(&c->work);
	}
	barrier();
	c->depth--;
	local_irq_restore(flags);
	return node;
}

/**
 * bpf_mem_free_rcu - give an object back once no reader can see it
 * @mem: the cache
 * @obj: from bpf_mem_alloc()
 *
 * Context: any, NMI included.
 */
void bpf_mem_free_rcu(struct bpf_mem *mem, void *obj)
{
	struct mem_obj *o = obj;
	struct bpf_mem_cpu *c;
	unsigned long flags;

	local_irq_save(flags);
	c = this_cpu_ptr(mem->cpu);
	llist_add(&o->node, &c->freed);
	irq_work_queue(&c->work);
	local_irq_restore(flags);
}

/**
 * bpf_mem_free_unused - give back an object that no reader can have seen
 * @mem: the cache
 * @obj: from bpf_mem_alloc()
 *
 * It goes to the outermost taker's stack, from which nobody who interrupts that taker takes: so the
 * object that it is looking at never goes away and comes back.
 *
 * Context: any, NMI included.
 */
void bpf_mem_free_unused(struct bpf_mem *mem, void *obj)
{
	struct mem_obj *o = obj;
	struct bpf_mem_cpu *c;
	unsigned long flags;

	local_irq_save(flags);
	c = this_cpu_ptr(mem->cpu);
	llist_add(&o->node, &c->stack[0]);
	atomic_inc(&c->cnt[0]);
	local_irq_restore(flags);
}

/**
 * bpf_mem_free_now - free an object that no reader ever saw, or will
 * @mem: the cache
 * @obj: from bpf_mem_alloc()
 *
 * Context: process context.
 */
void bpf_mem_free_now(struct bpf_mem *mem, void *obj)
{
	mem_obj_free(obj, mem_percpu_off(mem));
}
