// SPDX-License-Identifier: GPL-2.0
/*
 * Queues (first in, first out) and stacks (last in, first out): maps without keys. One lock a map;
 * with BPF_EXIST a push into a full one drops the oldest element.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "maps/lock.h"
#include "maps/maps.h"

/*
 * struct bpf_queue - both kinds
 * @head: slot that the next push fills
 * @tail: slot of the oldest element
 * @size: slots: one more than elements, so that full differs from empty
 */
struct bpf_queue {
	struct bpf_map map;
	raw_spinlock_t lock;
	u32 head;
	u32 tail;
	u32 size;
	char elems[] __aligned(8);
};

static struct bpf_queue *to_queue(struct bpf_map *map)
{
	return container_of(map, struct bpf_queue, map);
}

static u32 slot_after(const struct bpf_queue *q, u32 slot)
{
	return slot + 1 == q->size ? 0 : slot + 1;
}

static u32 slot_before(const struct bpf_queue *q, u32 slot)
{
	return slot ? slot - 1 : q->size - 1;
}

static void *slot_elem(struct bpf_queue *q, u32 slot)
{
	return q->elems + (u64)slot * q->map.value_size;
}

static int queue_alloc_check(const union bpf_attr *attr)
{
	if (!attr->max_entries || attr->key_size || !attr->value_size)
		return -EINVAL;
	if (attr->value_size > KMALLOC_MAX_SIZE)
		return -E2BIG;
	return 0;
}

static struct bpf_map *queue_alloc(const union bpf_attr *attr)
{
	bool numa = attr->map_flags & BPF_F_NUMA_NODE;
	u64 slots = (u64)attr->max_entries + 1, size;
	struct bpf_queue *q;

	if (slots > U32_MAX || check_mul_overflow(slots, (u64)attr->value_size, &size) ||
	    check_add_overflow(size, (u64)sizeof(*q), &size))
		return ERR_PTR(-E2BIG);
	q = bpf_map_area_alloc(size, numa ? attr->numa_node : NUMA_NO_NODE);
	if (!q)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&q->map, attr);
	raw_spin_lock_init(&q->lock);
	q->size = slots;
	return &q->map;
}

static void queue_free(struct bpf_map *map)
{
	bpf_map_area_free(to_queue(map));
}

static int push_locked(struct bpf_queue *q, const void *value, bool push_out)
{
	if (slot_after(q, q->head) == q->tail) {
		if (!push_out)
			return -E2BIG;
		q->tail = slot_after(q, q->tail);
	}
	memcpy(slot_elem(q, q->head), value, q->map.value_size);
	q->head = slot_after(q, q->head);
	return 0;
}

static long queue_push(struct bpf_map *map, void *value, u64 flags)
{
	struct bpf_queue *q = to_queue(map);
	unsigned long irq;
	int err;

	if (flags != BPF_ANY && flags != BPF_EXIST)
		return -EINVAL;
	err = bpf_map_lock(&q->lock, &irq);
	if (err)
		return err;
	err = push_locked(q, value, flags == BPF_EXIST);
	bpf_map_unlock(&q->lock, irq);
	return err;
}

static int take_locked(struct bpf_queue *q, void *value, bool newest, bool delete)
{
	u32 slot;

	if (q->head == q->tail)
		return -ENOENT;
	slot = newest ? slot_before(q, q->head) : q->tail;
	memcpy(value, slot_elem(q, slot), q->map.value_size);
	if (delete && newest)
		q->head = slot;
	else if (delete)
		q->tail = slot_after(q, slot);
	return 0;
}

/*
 * Copies the next element out, and takes it away if asked. A program's @value is zero on failure.
 */
static long queue_take(struct bpf_map *map, void *value, bool newest, bool delete)
{
	struct bpf_queue *q = to_queue(map);
	unsigned long irq;
	int err;

	err = bpf_map_lock(&q->lock, &irq);
	if (!err) {
		err = take_locked(q, value, newest, delete);
		bpf_map_unlock(&q->lock, irq);
	}
	if (err)
		memset(value, 0, map->value_size);
	return err;
}

static long queue_pop(struct bpf_map *map, void *value)
{
	return queue_take(map, value, false, true);
}

static long queue_peek(struct bpf_map *map, void *value)
{
	return queue_take(map, value, false, false);
}

static long stack_pop(struct bpf_map *map, void *value)
{
	return queue_take(map, value, true, true);
}

static long stack_peek(struct bpf_map *map, void *value)
{
	return queue_take(map, value, true, false);
}

/* Elements have no keys: none can be named, and none is the next. */
static long queue_delete(struct bpf_map *map, void *key)
{
	return -EINVAL;
}

static int queue_next_key(struct bpf_map *map, void *key, void *next_key)
{
	return -EINVAL;
}

static u64 queue_mem_usage(const struct bpf_map *map)
{
	return sizeof(struct bpf_queue) + ((u64)map->max_entries + 1) * map->value_size;
}

const struct bpf_map_ops bpf_queue_ops = {
	.alloc_check = queue_alloc_check,
	.alloc = queue_alloc,
	.free = queue_free,
	.get_next_key = queue_next_key,
	.delete_elem = queue_delete,
	.push_elem = queue_push,
	.pop_elem = queue_pop,
	.peek_elem = queue_peek,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = queue_mem_usage,
};

const struct bpf_map_ops bpf_stack_ops = {
	.alloc_check = queue_alloc_check,
	.alloc = queue_alloc,
	.free = queue_free,
	.get_next_key = queue_next_key,
	.delete_elem = queue_delete,
	.push_elem = queue_push,
	.pop_elem = stack_pop,
	.peek_elem = stack_peek,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = queue_mem_usage,
};
