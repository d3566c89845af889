/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects that programs allocate, and the lists and trees that hold them.
 *
 * Memory of an object goes back only when no reader can see it any more; what it holds is let go
 * at once.
 */
#ifndef _KBPF_HELPERS_OBJECTS_H
#define _KBPF_HELPERS_OBJECTS_H

#include <linux/bpf.h>
#include <linux/llist.h>
#include "btf/record.h"

#define BPF_OBJ_MAX_SIZE	4064	/* bytes; with what stands in front: a page */
#define BPF_PERCPU_OBJ_MAX_SIZE	512	/* bytes a CPU */

/*
 * struct bpf_obj_drop - objects that nobody holds any more
 * @first: linked by the word that stands first in front of each
 *
 * What an object holds may be objects that hold objects: the list takes the place of recursion.
 */
struct bpf_obj_drop {
	struct llist_node *first;
};

/* Makes sure that objects of a size can be allocated. Context: process, may sleep. 0, -ENOMEM. */
int bpf_obj_prepare(u32 size, bool percpu);

/* @obj: gives one reference back; goes on the list with the last one. Context: any. */
void bpf_obj_drop_add(struct bpf_obj_drop *drop, void *obj);
/* Frees all on the list, and what they hold. Context: any. */
void bpf_obj_drop_run(struct bpf_obj_drop *drop);

void bpf_percpu_obj_free(void *obj);

/*
 * Empty a list or tree of a value that programs may still see. @off: of the node in the objects,
 * @lock: of the value, not held. Context: any.
 */
void bpf_list_drain(void *head, u32 off, struct bpf_spin_lock *lock, struct bpf_obj_drop *drop);
void bpf_rbtree_drain(void *root, u32 off, struct bpf_spin_lock *lock, struct bpf_obj_drop *drop);

#endif /* _KBPF_HELPERS_OBJECTS_H */
