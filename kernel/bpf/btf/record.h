/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Special fields of map values and allocated objects: found once from BTF, then kept as a record
 * that copying, freeing and the verifier read.
 */
#ifndef _KBPF_BTF_RECORD_H
#define _KBPF_BTF_RECORD_H

#include <linux/bpf.h>

#define BTF_RECORD_MAX_FIELDS 11

enum btf_field_type {
	BPF_SPIN_LOCK	= BIT(0),
	BPF_TIMER	= BIT(1),
	BPF_KPTR_UNREF	= BIT(2),
	BPF_KPTR_REF	= BIT(3),
	BPF_KPTR_PERCPU	= BIT(4),
	BPF_KPTR	= BPF_KPTR_UNREF | BPF_KPTR_REF | BPF_KPTR_PERCPU,
	BPF_LIST_HEAD	= BIT(5),
	BPF_LIST_NODE	= BIT(6),
	BPF_RB_ROOT	= BIT(7),
	BPF_RB_NODE	= BIT(8),
	BPF_REFCOUNT	= BIT(9),
	BPF_WORKQUEUE	= BIT(10),
	BPF_GRAPH_NODE	= BPF_LIST_NODE | BPF_RB_NODE,
	BPF_GRAPH_ROOT	= BPF_LIST_HEAD | BPF_RB_ROOT,
};

/*
 * A kptr: points to @btf_id of @btf. Of kernel objects @dtor drops a reference (BPF_KPTR_REF only);
 * other objects were allocated by programs: @btf is the one that the field stands in, on which no
 * reference is held.
 */
struct btf_field_kptr {
	struct btf *btf;
	struct module *module;
	void (*dtor)(void *obj);
	u32 btf_id;
};

/* A list head or tree root: holds objects of @value_btf_id by their node at @node_offset. */
struct btf_field_graph {
	struct btf *btf;
	u32 value_btf_id;
	u32 node_offset;
	const struct btf_record *value_rec;
};

struct btf_field {
	u32 offset;		/* bytes from the start of the value */
	u32 size;
	enum btf_field_type type;
	union {
		struct btf_field_kptr kptr;
		struct btf_field_graph graph;
	};
};

/*
 * struct btf_record - special fields of one type, sorted by offset
 * @field_mask: all types present
 * @spin_lock_off: offset of the lock, or -EINVAL; likewise the others, of which one may exist
 */
struct btf_record {
	u32 cnt;
	u32 field_mask;
	int spin_lock_off;
	int timer_off;
	int wq_off;
	int refcount_off;
	struct btf_field fields[];
};

static inline bool btf_record_has(const struct btf_record *rec, u32 types)
{
	return rec && (rec->field_mask & types);
}

/**
 * btf_record_find - field at a place
 * @rec: may be NULL
 * @offset: bytes
 * @types: bit set of wanted types
 *
 * Context: any. Return: the field that covers @offset, or NULL.
 */
struct btf_field *btf_record_find(const struct btf_record *rec, u32 offset, u32 types);

/* Deep copy (module and BTF references taken); NULL for NULL, ERR_PTR on failure. */
struct btf_record *btf_record_dup(const struct btf_record *rec);
void btf_record_free(struct btf_record *rec);
bool btf_record_equal(const struct btf_record *a, const struct btf_record *b);

/**
 * bpf_value_copy - copy a value, special fields left as they are in @dst
 * @rec: may be NULL: then a plain copy
 * @dst: destination
 * @src: source
 * @size: bytes
 *
 * Context: any.
 */
void bpf_value_copy(const struct btf_record *rec, void *dst, const void *src, u32 size);

/* As bpf_value_copy(), with the spin lock of the value that lives in the map held. */
void bpf_value_copy_locked(const struct btf_record *rec, void *dst, const void *src, u32 size,
			   bool lock_src);

/* Zeroes a value but for its special fields. */
void bpf_value_zero(const struct btf_record *rec, void *value, u32 size);

/* Zeroes the special fields of a value that is not visible to anyone yet. */
void bpf_value_init_fields(const struct btf_record *rec, void *value);

/* As above for what user space is about to read: lock words, timers and pointers never leak. */
void bpf_value_clear_fields(const struct btf_record *rec, void *value);

/**
 * bpf_value_free_fields - cancel timers and work, drop kptrs, empty lists and trees
 * @rec: may be NULL
 * @value: no program reaches it any more, or the fields are about to be reused
 *
 * Context: any that map updates may run in.
 */
void bpf_value_free_fields(const struct btf_record *rec, void *value);

struct bpf_obj_drop;

/* As bpf_value_free_fields(); objects that nobody holds any more are put on a list (objects.h). */
void bpf_value_free_into(const struct btf_record *rec, void *value, struct bpf_obj_drop *drop);

/**
 * bpf_value_cancel_async - cancel the timers and work of a value that stays in its map
 * @rec: may be NULL
 * @value: the value
 *
 * Context: process context; callbacks that run already are not waited for.
 */
void bpf_value_cancel_async(const struct btf_record *rec, void *value);

#endif /* _KBPF_BTF_RECORD_H */
