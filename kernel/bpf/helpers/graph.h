/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists and trees of objects as the kernel sees them. Zero bytes are an empty list or tree.
 *
 * @owner of a node is the list or tree that it is in, NULL: none. An object may be held from more
 * than one place, so that two programs with different locks may want to insert one node: who sets
 * the owner may.
 */
#ifndef _KBPF_HELPERS_GRAPH_H
#define _KBPF_HELPERS_GRAPH_H

#include <linux/atomic.h>
#include <linux/bpf.h>
#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rbtree.h>
#include "btf/record.h"

struct graph_list_node {
	struct list_head list;
	void *owner;
};

struct graph_rb_node {
	struct rb_node rb;
	void *owner;
};

static_assert(sizeof(struct graph_list_node) == sizeof(struct bpf_list_node));
static_assert(sizeof(struct graph_rb_node) == sizeof(struct bpf_rb_node));
static_assert(sizeof(struct list_head) == sizeof(struct bpf_list_head));
static_assert(sizeof(struct rb_root_cached) == sizeof(struct bpf_rb_root));

/* Takes the first or last node out. The lock is held. NULL: the list is empty. */
static inline struct bpf_list_node *graph_list_take(void *head, bool last)
{
	struct list_head *h = head, *at = last ? h->prev : h->next;
	struct graph_list_node *node;

	if (!h->next || list_empty(h))
		return NULL;
	node = container_of(at, struct graph_list_node, list);
	list_del_init(at);
	WRITE_ONCE(node->owner, NULL);
	return (struct bpf_list_node *)node;
}

/* Takes a node out of the tree that it is in. The lock is held. */
static inline void graph_rb_take(void *root, struct bpf_rb_node *at)
{
	struct graph_rb_node *node = (struct graph_rb_node *)at;

	rb_erase_cached(&node->rb, root);
	RB_CLEAR_NODE(&node->rb);
	WRITE_ONCE(node->owner, NULL);
}

struct bpf_mem;

/*
 * struct obj_head - stands in front of an object
 * @node: of the cache, or of the list of those to be freed
 * @rec: special fields, NULL: none. It lives as long as anything that the object can be in.
 * @mem: where it came from
 */
struct obj_head {
	struct llist_node node;
	const struct btf_record *rec;
	struct bpf_mem *mem;
};

/* objects.c */
void *bpf_obj_alloc(u32 size, const struct btf_record *rec);
void *bpf_percpu_obj_alloc(u32 size);
const struct btf_record *bpf_obj_record(const void *obj);

#endif /* _KBPF_HELPERS_GRAPH_H */
