// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of maps, programs and links.
 */
#include <linux/bpf.h>
#include <linux/idr.h>
#include <linux/spinlock.h>
#include "syscall/cmd.h"
#include "syscall/ids.h"

DEFINE_BPF_IDS(bpf_map_ids);
DEFINE_BPF_IDS(bpf_prog_ids);
DEFINE_BPF_IDS(bpf_link_ids);

/**
 * bpf_id_new - reserve an id
 * @ids: the kind
 * @obj: the object, or NULL where it is not to be found before bpf_id_publish()
 *
 * Context: process; may sleep.
 * Return: an id above 0, or -ENOMEM or -ENOSPC.
 */
int bpf_id_new(struct bpf_ids *ids, void *obj)
{
	unsigned long flags;
	int id;

	idr_preload(GFP_KERNEL);
	spin_lock_irqsave(&ids->lock, flags);
	id = idr_alloc_cyclic(&ids->idr, obj, 1, INT_MAX, GFP_ATOMIC);
	spin_unlock_irqrestore(&ids->lock, flags);
	idr_preload_end();
	return id;
}

/**
 * bpf_id_publish - let an object be found by an id that was reserved for it
 * @ids: the kind
 * @id: reserved id
 * @obj: the object
 *
 * Context: any but NMI.
 */
void bpf_id_publish(struct bpf_ids *ids, u32 id, void *obj)
{
	unsigned long flags;

	spin_lock_irqsave(&ids->lock, flags);
	idr_replace(&ids->idr, obj, id);
	spin_unlock_irqrestore(&ids->lock, flags);
}

/**
 * bpf_id_remove - nobody finds the object any more; the id is free again
 * @ids: the kind
 * @id: the id; 0 has no effect
 *
 * Context: any but NMI.
 */
void bpf_id_remove(struct bpf_ids *ids, u32 id)
{
	unsigned long flags;

	if (!id)
		return;
	spin_lock_irqsave(&ids->lock, flags);
	idr_remove(&ids->idr, id);
	spin_unlock_irqrestore(&ids->lock, flags);
}

/**
 * bpf_id_find - object of an id
 * @ids: the kind
 * @id: any number
 * @get: takes a reference and returns the object, or ERR_PTR when it is being freed; under the
 *	lock, must not sleep
 *
 * Context: any but NMI.
 * Return: what @get returned, or ERR_PTR(-ENOENT).
 */
void *bpf_id_find(struct bpf_ids *ids, u32 id, void *(*get)(void *obj))
{
	unsigned long flags;
	void *obj;

	spin_lock_irqsave(&ids->lock, flags);
	obj = id <= INT_MAX ? idr_find(&ids->idr, id) : NULL;
	obj = obj ? get(obj) : ERR_PTR(-ENOENT);
	spin_unlock_irqrestore(&ids->lock, flags);
	return obj;
}

/**
 * bpf_id_first_from - first object whose id is at least a number
 * @ids: the kind
 * @id: in: the number; out: the id
 * @get: as for bpf_id_find(); objects that it refuses are passed over
 *
 * Context: any but NMI.
 * Return: the object with a reference, or NULL.
 */
void *bpf_id_first_from(struct bpf_ids *ids, u32 *id, void *(*get)(void *obj))
{
	unsigned long flags;
	int next = *id;
	void *obj;

	if (*id > INT_MAX)
		return NULL;
	spin_lock_irqsave(&ids->lock, flags);
	while ((obj = idr_get_next(&ids->idr, &next))) {
		obj = get(obj);
		if (!IS_ERR(obj))
			break;
		next++;
	}
	spin_unlock_irqrestore(&ids->lock, flags);
	*id = next;
	return obj;
}

/**
 * bpf_id_next_cmd - the *_GET_NEXT_ID commands
 * @ids: the kind
 * @args: the call; start_id is looked at, next_id written
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT after the last, -EINVAL for a start beyond all ids, -EFAULT.
 */
int bpf_id_next_cmd(struct bpf_ids *ids, const struct bpf_cmd_args *args)
{
	unsigned long flags;
	bool found;
	int next;

	/* next_id and open_flags are out and of no use here. */
	if (args->attr->start_id >= INT_MAX)
		return -EINVAL;

	next = args->attr->start_id + 1;
	spin_lock_irqsave(&ids->lock, flags);
	found = idr_get_next(&ids->idr, &next);
	spin_unlock_irqrestore(&ids->lock, flags);
	if (!found)
		return -ENOENT;
	return CMD_PUT_FIELD(args, next_id, next);
}
