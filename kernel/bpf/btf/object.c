// SPDX-License-Identifier: GPL-2.0
/*
 * BTF objects: reference counts, types by id, types by name.
 *
 * An object never changes once it is published, so reading one takes no lock.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/ids.h"
#include "btf/internal.h"

/**
 * btf_alloc - an object without content
 * @base: base of split BTF, or NULL; a reference is taken
 *
 * Context: process context, may sleep. Return: the object with one reference, or NULL.
 */
struct btf *btf_alloc(struct btf *base)
{
	struct btf *btf = kzalloc(sizeof(*btf), GFP_KERNEL_ACCOUNT);

	if (!btf)
		return NULL;
	refcount_set(&btf->refcnt, 1);
	btf->start_id = 1;
	if (base) {
		btf_get(base);
		btf->base = base;
		btf->start_id = btf_end_id(base);
		btf->start_str = base->start_str + base->str_len;
	}
	return btf;
}

/**
 * btf_free - free an object that was never published, or that nobody can find any more
 * @btf: the object, may be NULL
 *
 * Context: process context, may sleep.
 */
void btf_free(struct btf *btf)
{
	if (!btf)
		return;
	btf_kfuncs_free(btf);
	btf_metas_free(btf);
	kvfree(btf->types);
	kvfree(btf->sizes);
	kvfree(btf->hash_heads);
	kvfree(btf->hash_next);
	if (btf->owns_data)
		kvfree(btf->data);
	btf_put(btf->base);
	kfree(btf);
}

static void btf_free_rcu(struct rcu_head *rcu)
{
	btf_free(container_of(rcu, struct btf, rcu));
}

void btf_get(struct btf *btf)
{
	refcount_inc(&btf->refcnt);
}

void btf_put(struct btf *btf)
{
	if (btf && refcount_dec_and_test(&btf->refcnt)) {
		btf_id_remove(btf);
		/* who looks up ids under RCU may still be reading the count */
		call_rcu(&btf->rcu, btf_free_rcu);
	}
}

/* ------------------------------------------------------------------ by id */

u32 btf_nr_types(const struct btf *btf)
{
	return btf_end_id(btf);
}

u32 btf_obj_id(const struct btf *btf)
{
	return btf->id;
}

bool btf_is_kernel(const struct btf *btf)
{
	return btf->kernel;
}

bool btf_is_module(const struct btf *btf)
{
	return btf->kernel && btf->base;
}

const char *btf_name(const struct btf *btf)
{
	return btf->name;
}

static const struct btf_type btf_void;

/**
 * btf_type_by_id - a type
 * @btf: BTF
 * @type_id: any number; 0 is void
 *
 * Context: any. Return: the type, or NULL where there is none.
 */
const struct btf_type *btf_type_by_id(const struct btf *btf, u32 type_id)
{
	if (!type_id)
		return &btf_void;
	while (type_id < btf->start_id)
		btf = btf->base;
	if (type_id - btf->start_id >= btf->nr_types)
		return NULL;
	return btf->types[type_id - btf->start_id];
}

/**
 * btf_name_by_offset - a string
 * @btf: BTF
 * @offset: offset in its (and its base's) strings
 *
 * Context: any. Return: the string, or NULL out of bounds.
 */
const char *btf_name_by_offset(const struct btf *btf, u32 offset)
{
	while (offset < btf->start_str)
		btf = btf->base;
	offset -= btf->start_str;
	return offset < btf->str_len ? &btf->strings[offset] : NULL;
}

const char *btf_type_name(const struct btf *btf, const struct btf_type *t)
{
	return btf_name_by_offset(btf, t->name_off);
}

/* ------------------------------------------------------------------ by name */

static u32 btf_hash_name(const char *name)
{
	return jhash(name, strlen(name), 0);
}

/**
 * btf_index_names - make the index that btf_find_by_name_kind() uses
 * @btf: an object whose types are indexed
 *
 * Context: process context, may sleep. Return: 0 or -ENOMEM.
 */
int btf_index_names(struct btf *btf)
{
	u32 i, h, n = roundup_pow_of_two(max(btf->nr_types, 1U));
	const char *name;

	btf->hash_heads = kvcalloc(n, sizeof(u32), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	btf->hash_next = kvcalloc(max(btf->nr_types, 1U), sizeof(u32),
				  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!btf->hash_heads || !btf->hash_next)
		return -ENOMEM;
	btf->hash_mask = n - 1;

	/* from the end, so that a chain begins with its lowest id */
	for (i = btf->nr_types; i-- > 0; ) {
		name = btf_type_name(btf, btf->types[i]);
		if (!name || !*name)
			continue;
		h = btf_hash_name(name) & btf->hash_mask;
		btf->hash_next[i] = btf->hash_heads[h];
		btf->hash_heads[h] = i + 1;
	}
	return 0;
}

/**
 * btf_find_own - type of a name, without looking at the base
 * @btf: BTF
 * @name: name
 * @kind: BTF_KIND_*
 *
 * Context: any. Return: the lowest such id, or -ENOENT.
 */
s32 btf_find_own(const struct btf *btf, const char *name, u8 kind)
{
	u32 i, hash = btf_hash_name(name);
	const struct btf_type *t;

	for (i = btf->hash_heads[hash & btf->hash_mask]; i; i = btf->hash_next[i - 1]) {
		t = btf->types[i - 1];
		if (btf_kind(t) == kind && !strcmp(btf_type_name(btf, t), name))
			return btf->start_id + i - 1;
	}
	return -ENOENT;
}

/**
 * btf_find_by_name_kind - type of a name
 * @btf: BTF; its base is searched first
 * @name: name
 * @kind: BTF_KIND_*
 *
 * Context: any. Return: the lowest such id, or -ENOENT.
 */
s32 btf_find_by_name_kind(const struct btf *btf, const char *name, u8 kind)
{
	s32 id;

	if (btf->base) {
		id = btf_find_by_name_kind(btf->base, name, kind);
		if (id > 0)
			return id;
	}
	return btf_find_own(btf, name, kind);
}

/**
 * btf_next_named - the types of a name, one after the other
 * @btf: BTF; its base is not searched
 * @name: name
 * @id: the one before, 0 for the first
 *
 * Context: any. Return: the next higher id, 0 where there is none.
 */
u32 btf_next_named(const struct btf *btf, const char *name, u32 id)
{
	u32 i = id ? btf->hash_next[id - btf->start_id] :
		     btf->hash_heads[btf_hash_name(name) & btf->hash_mask];

	for (; i; i = btf->hash_next[i - 1])
		if (!strcmp(btf_type_name(btf, btf->types[i - 1]), name))
			return btf->start_id + i - 1;
	return 0;
}

/* ------------------------------------------------------------------ indexing */

/* Counts the types; their extents are checked, nothing else. */
static int btf_count_types(struct btf_check *c, const void *types, u32 len, u32 *cnt)
{
	const struct btf_type *t;
	u32 off = 0, n = 0, size;

	while (off < len) {
		t = types + off;
		if (len - off < sizeof(*t)) {
			bpf_vlog_printf(c->log, "[%u] type section ends inside a type\n",
					c->btf->start_id + n);
			return -EINVAL;
		}
		if (!btf_kind_row(btf_kind(t)))
			return btf_bad(c, t, c->btf->start_id + n, "Invalid kind:%u", btf_kind(t));
		size = btf_type_bytes(t);
		if (len - off < size)
			return btf_bad(c, t, c->btf->start_id + n,
				       "meta_left:%zu meta_needed:%zu", len - off - sizeof(*t),
				       size - sizeof(*t));
		off += size;
		n++;
	}
	if (c->btf->start_id + n - 1 > BTF_MAX_TYPE) {
		bpf_vlog_printf(c->log, "too many types\n");
		return -E2BIG;
	}
	*cnt = n;
	return 0;
}

/**
 * btf_index_types - find where each type stands
 * @c: an object with a checked header
 *
 * Context: process context, may sleep. Return: 0, -EINVAL, -E2BIG, -ENOMEM.
 */
int btf_index_types(struct btf_check *c)
{
	struct btf *btf = c->btf;
	const struct btf_header *hdr = btf->data;
	const void *types = btf->data + hdr->hdr_len + hdr->type_off;
	u32 i, cnt;
	int err;

	err = btf_count_types(c, types, hdr->type_len, &cnt);
	if (err)
		return err;
	btf->types = kvmalloc_array(max(cnt, 1U), sizeof(*btf->types),
				    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!btf->types)
		return -ENOMEM;
	for (i = 0; i < cnt; i++) {
		btf->types[i] = types;
		types += btf_type_bytes(types);
	}
	btf->nr_types = cnt;
	return 0;
}
