// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions on objects that programs allocate: making and dropping them, references, lists
 * and trees.
 *
 * The verifier puts in what it knows and programs do not: the size and the special fields of a new
 * object, the place of the node in an object that is inserted. It has made sure that the lock
 * beside a list or tree is held, and that nodes are of the right type.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/refcount.h>

#include "helpers/graph.h"
#include "helpers/objects.h"

/* Holds a node while it is being inserted: no list or tree is there. */
#define OWNER_NONE_YET ((void *)1)

static void drop_one(void *obj)
{
	struct bpf_obj_drop drop = {};

	bpf_obj_drop_add(&drop, obj);
	bpf_obj_drop_run(&drop);
}

__bpf_kfunc_start_defs();

/* ------------------------------------------------------------------ objects */

/**
 * bpf_obj_new_impl - allocate an object
 * @local_type_id__k: id of a struct of the program's BTF; the verifier puts the size here
 * @meta__ign: the verifier puts the record of special fields here
 *
 * Context: programs. Return: zeroed object, or NULL.
 */
__bpf_kfunc void *bpf_obj_new_impl(u64 local_type_id__k, void *meta__ign)
{
	return bpf_obj_alloc(local_type_id__k, meta__ign);
}

/**
 * bpf_percpu_obj_new_impl - allocate an object with an instance on each CPU
 * @local_type_id__k: id of a struct of the program's BTF; the verifier puts the size here
 * @meta__ign: not used
 *
 * Context: programs. Return: per-CPU address of zeroed memory, or NULL.
 */
__bpf_kfunc void *bpf_percpu_obj_new_impl(u64 local_type_id__k, void *meta__ign)
{
	return bpf_percpu_obj_alloc(local_type_id__k);
}

/**
 * bpf_obj_drop_impl - give an object back
 * @p__alloc: the object; with the last reference it is freed with all that it holds
 * @meta__ign: not used
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_obj_drop_impl(void *p__alloc, void *meta__ign)
{
	drop_one(p__alloc);
}

/**
 * bpf_percpu_obj_drop_impl - give a per-CPU object back
 * @p__alloc: the object
 * @meta__ign: not used
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_percpu_obj_drop_impl(void *p__alloc, void *meta__ign)
{
	bpf_percpu_obj_free(p__alloc);
}

/**
 * bpf_refcount_acquire_impl - one more reference on an object
 * @p__refcounted_kptr: the object, whose type has a struct bpf_refcount
 * @meta__ign: not used
 *
 * Context: programs. Return: the object, or NULL where its last reference is gone already.
 */
__bpf_kfunc void *bpf_refcount_acquire_impl(void *p__refcounted_kptr, void *meta__ign)
{
	const struct btf_record *rec = bpf_obj_record(p__refcounted_kptr);

	if (!refcount_inc_not_zero(p__refcounted_kptr + rec->refcount_off))
		return NULL;
	return p__refcounted_kptr;
}

/* ------------------------------------------------------------------ lists */

static int list_insert(struct bpf_list_head *head, struct bpf_list_node *at, u64 off, bool last)
{
	struct graph_list_node *node = (struct graph_list_node *)at;
	struct list_head *h = (struct list_head *)head;

	if (unlikely(!h->next))
		INIT_LIST_HEAD(h);
	if (cmpxchg(&node->owner, NULL, OWNER_NONE_YET)) {
		/* the reference was given to us in any case */
		drop_one((void *)at - off);
		return -EINVAL;
	}
	if (last)
		list_add_tail(&node->list, h);
	else
		list_add(&node->list, h);
	WRITE_ONCE(node->owner, head);
	return 0;
}

/**
 * bpf_list_push_front_impl - insert an object in front
 * @head: list
 * @node: in the object
 * @meta__ign: not used
 * @off: the verifier puts the place of the node in the object here
 *
 * Context: programs that hold the lock beside @head.
 * Return: 0; -EINVAL where the node is in some list already: a reference is dropped.
 */
__bpf_kfunc int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
					 void *meta__ign, u64 off)
{
	return list_insert(head, node, off, false);
}

/**
 * bpf_list_push_back_impl - insert an object at the end
 * @head: list
 * @node: in the object
 * @meta__ign: not used
 * @off: the verifier puts the place of the node in the object here
 *
 * Context: programs that hold the lock beside @head.
 * Return: 0; -EINVAL where the node is in some list already: a reference is dropped.
 */
__bpf_kfunc int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
					void *meta__ign, u64 off)
{
	return list_insert(head, node, off, true);
}

/**
 * bpf_list_pop_front - take the first object out
 * @head: list
 *
 * Context: programs that hold the lock beside @head. Return: its node, or NULL.
 */
__bpf_kfunc struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head)
{
	return graph_list_take(head, false);
}

/**
 * bpf_list_pop_back - take the last object out
 * @head: list
 *
 * Context: programs that hold the lock beside @head. Return: its node, or NULL.
 */
__bpf_kfunc struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head)
{
	return graph_list_take(head, true);
}

/* ------------------------------------------------------------------ trees */

/**
 * bpf_rbtree_remove - take an object out
 * @root: tree
 * @node: in the object
 *
 * Context: programs that hold the lock beside @root.
 * Return: @node, or NULL where it is not in the tree.
 */
__bpf_kfunc struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root,
						  struct bpf_rb_node *node)
{
	if (READ_ONCE(((struct graph_rb_node *)node)->owner) != root)
		return NULL;
	graph_rb_take(root, node);
	return node;
}

/**
 * bpf_rbtree_add_impl - insert an object
 * @root: tree
 * @node: in the object
 * @less: function of the program: does its first argument come before the second?
 * @meta__ign: not used
 * @off: the verifier puts the place of the node in the object here
 *
 * Context: programs that hold the lock beside @root.
 * Return: 0; -EINVAL where the node is in some tree already: a reference is dropped.
 */
__bpf_kfunc int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
				    bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
				    void *meta__ign, u64 off)
{
	struct rb_root_cached *tree = (struct rb_root_cached *)root;
	struct graph_rb_node *n = (struct graph_rb_node *)node;
	struct rb_node **link = &tree->rb_root.rb_node, *parent = NULL;
	bpf_callback_t cb = (bpf_callback_t)(void *)less;
	bool leftmost = true;

	if (cmpxchg(&n->owner, NULL, OWNER_NONE_YET)) {
		drop_one((void *)node - off);
		return -EINVAL;
	}
	while (*link) {
		parent = *link;
		if (cb((unsigned long)node, (unsigned long)parent, 0, 0, 0)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&n->rb, parent, link);
	rb_insert_color_cached(&n->rb, tree, leftmost);
	WRITE_ONCE(n->owner, root);
	return 0;
}

/**
 * bpf_rbtree_first - the object that comes before all others
 * @root: tree
 *
 * Context: programs that hold the lock beside @root. Return: its node, or NULL.
 */
__bpf_kfunc struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root)
{
	return (struct bpf_rb_node *)rb_first_cached((struct rb_root_cached *)root);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(graph_ids)
BTF_ID_FLAGS(func, bpf_obj_new_impl, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_percpu_obj_new_impl, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_obj_drop_impl, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_percpu_obj_drop_impl, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_refcount_acquire_impl, KF_ACQUIRE | KF_RET_NULL | KF_RCU)
BTF_ID_FLAGS(func, bpf_list_push_front_impl)
BTF_ID_FLAGS(func, bpf_list_push_back_impl)
BTF_ID_FLAGS(func, bpf_list_pop_front, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_list_pop_back, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_rbtree_remove, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_rbtree_add_impl)
BTF_ID_FLAGS(func, bpf_rbtree_first, KF_RET_NULL)
BTF_KFUNCS_END(graph_ids)

static const struct btf_kfunc_id_set graph_set = {
	.owner = THIS_MODULE,
	.set = &graph_ids,
};

static int __init graph_kfuncs_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP,
		BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_CGROUP_SKB,
	};
	u32 i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(types) && !err; i++)
		err = register_btf_kfunc_id_set(types[i], &graph_set);
	return err;
}
late_initcall(graph_kfuncs_init);
