/* SPDX-License-Identifier: GPL-2.0 */
/* Objects that programs allocate, as programs write it. */
#ifndef _OBJECTS_H
#define _OBJECTS_H

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *obj, void *meta) __ksym;
extern void *bpf_percpu_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_percpu_obj_drop_impl(void *obj, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *obj, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				    void *meta, __u64 off) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				   void *meta, __u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
			       void *meta, __u64 off) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root,
					     struct bpf_rb_node *node) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
				    int (callback)(void *map, int *key, void *value),
				    unsigned int flags, void *aux) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;

#ifndef __percpu_kptr
#define __percpu_kptr		__attribute__((btf_type_tag("percpu_kptr")))
#endif

#define obj_new(type)		((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))
#define obj_drop(obj)		bpf_obj_drop_impl(obj, NULL)
#define percpu_new(type)	((type __percpu_kptr *)bpf_percpu_obj_new_impl( \
					bpf_core_type_id_local(type), NULL))
#define percpu_drop(obj)	bpf_percpu_obj_drop_impl(obj, NULL)
#define ref_acquire(obj)	bpf_refcount_acquire_impl(obj, NULL)
#define push_front(head, node)	bpf_list_push_front_impl(head, node, NULL, 0)
#define push_back(head, node)	bpf_list_push_back_impl(head, node, NULL, 0)
#define tree_add(root, node, less) bpf_rbtree_add_impl(root, node, less, NULL, 0)

#define holds(type, node)	__attribute__((btf_decl_tag("contains:" #type ":" #node)))
/* Variables of one name stand together: the lock beside what it protects. */
#define together(name)		SEC(".data." #name) __hidden __attribute__((aligned(8)))

#endif /* _OBJECTS_H */
