// SPDX-License-Identifier: GPL-2.0
/*
 * Maps of maps. The verifier works with a template made from the map that was given at creation;
 * each inner map has to agree with it in everything that the verifier, or code that it inlined,
 * relied on.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "btf/record.h"
#include "isa/insn.h"
#include "maps/array.h"
#include "maps/map_in_map.h"
#include "maps/maps.h"

static int inner_check(const struct bpf_map *inner)
{
	const struct bpf_map_type_row *row = bpf_map_type_find(inner->map_type);

	/* one level only */
	if (inner->inner_map_meta)
		return -EINVAL;
	if (!row || !(row->traits & MAP_CAN_INNER))
		return -ENOTSUPP;
	return 0;
}

static struct bpf_map *meta_from(const struct bpf_map *inner)
{
	bool array = inner->ops->gen_lookup == bpf_array_ops.gen_lookup && inner->ops->gen_lookup;
	struct bpf_map *meta;

	/* arrays' inlined look-ups read more than the common part */
	meta = kzalloc(array ? sizeof(struct bpf_array) : sizeof(*meta),
		       GFP_USER | __GFP_ACCOUNT);
	if (!meta)
		return ERR_PTR(-ENOMEM);
	meta->map_type = inner->map_type;
	meta->key_size = inner->key_size;
	meta->value_size = inner->value_size;
	meta->map_flags = inner->map_flags;
	meta->max_entries = inner->max_entries;
	meta->map_extra = inner->map_extra;
	meta->bypass_spec_v1 = inner->bypass_spec_v1;
	meta->ops = inner->ops;
	if (array)
		to_bpf_array(meta)->index_mask = to_bpf_array(inner)->index_mask;

	meta->record = btf_record_dup(inner->record);
	if (IS_ERR(meta->record)) {
		int err = PTR_ERR(meta->record);

		kfree(meta);
		return ERR_PTR(err);
	}
	if (inner->btf) {
		btf_get(inner->btf);
		meta->btf = inner->btf;
	}
	return meta;
}

/**
 * bpf_map_meta_alloc - template of the maps that an outer map holds
 * @inner_fd: a map of that kind
 *
 * Context: process context, may sleep.
 * Return: the template, or ERR_PTR: -EBADF, -EINVAL for maps of maps, -ENOTSUPP for types that
 * cannot be inside, -ENOMEM.
 */
struct bpf_map *bpf_map_meta_alloc(int inner_fd)
{
	struct bpf_map *inner = bpf_map_get(inner_fd), *meta;
	int err;

	if (IS_ERR(inner))
		return inner;
	err = inner_check(inner);
	meta = err ? ERR_PTR(err) : meta_from(inner);
	bpf_map_put(inner);
	return meta;
}

void bpf_map_meta_free(struct bpf_map *meta)
{
	if (IS_ERR_OR_NULL(meta))
		return;
	btf_record_free(meta->record);
	btf_put(meta->btf);
	kfree(meta);
}

/**
 * bpf_map_meta_equal - may a map stand where a template was verified
 * @meta: the template
 * @inner: the map
 *
 * Context: any. Return: true if so.
 */
bool bpf_map_meta_equal(const struct bpf_map *meta, const struct bpf_map *inner)
{
	return meta->map_type == inner->map_type && meta->key_size == inner->key_size &&
	       meta->value_size == inner->value_size && meta->map_flags == inner->map_flags &&
	       meta->bypass_spec_v1 == inner->bypass_spec_v1 &&
	       btf_record_equal(meta->record, inner->record);
}

void *bpf_inner_map_get(struct bpf_map *map, struct file *map_file, int fd)
{
	const struct bpf_map *meta = map->inner_map_meta;
	struct bpf_map *inner = bpf_map_get(fd);
	bool ok;

	if (IS_ERR(inner))
		return inner;
	ok = meta->ops->meta_equal ? meta->ops->meta_equal(meta, inner) :
	     bpf_map_meta_equal(meta, inner);
	if (!ok) {
		bpf_map_put(inner);
		return ERR_PTR(-EINVAL);
	}
	return inner;
}

/* A program that found the inner map goes on using it until its own end, sleepable ones too. */
void bpf_inner_map_put(struct bpf_map *map, void *ptr, bool need_defer)
{
	struct bpf_map *inner = ptr;

	if (need_defer) {
		if (atomic64_read(&map->sleepable_refcnt))
			WRITE_ONCE(inner->free_after_mult_rcu_gp, true);
		else
			WRITE_ONCE(inner->free_after_rcu_gp, true);
	}
	bpf_map_put(inner);
}

u32 bpf_inner_map_id(void *ptr)
{
	return ((struct bpf_map *)ptr)->id;
}

static struct bpf_map *array_of_maps_alloc(const union bpf_attr *attr)
{
	struct bpf_map *meta = bpf_map_meta_alloc(attr->inner_map_fd), *map;

	if (IS_ERR(meta))
		return meta;
	map = fd_array_alloc(attr);
	if (IS_ERR(map)) {
		bpf_map_meta_free(meta);
		return map;
	}
	map->inner_map_meta = meta;
	return map;
}

static void array_of_maps_free(struct bpf_map *map)
{
	bpf_map_meta_free(map->inner_map_meta);
	fd_array_free(map);
}

/* R0 = the inner map or NULL. */
static int array_of_maps_gen_lookup(struct bpf_map *map, struct bpf_insn *buf, u32 cap)
{
	struct bpf_insn *insn = buf;

	if (cap < 9)
		return 0;
	*insn++ = insn_load(BPF_DW, BPF_REG_1, BPF_REG_1, offsetof(struct bpf_array, slots));
	*insn++ = insn_load(BPF_W, BPF_REG_0, BPF_REG_2, 0);
	if (map->bypass_spec_v1) {
		*insn++ = insn_jump32_imm(BPF_JGE, BPF_REG_0, map->max_entries, 4);
	} else {
		*insn++ = insn_jump32_imm(BPF_JGE, BPF_REG_0, map->max_entries, 5);
		*insn++ = insn_alu32_imm(BPF_AND, BPF_REG_0, to_bpf_array(map)->index_mask);
	}
	*insn++ = insn_alu64_imm(BPF_LSH, BPF_REG_0, ilog2(sizeof(void *)));
	*insn++ = insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_1);
	*insn++ = insn_load(BPF_DW, BPF_REG_0, BPF_REG_0, 0);
	*insn++ = insn_goto(1);
	*insn++ = insn_mov64_imm(BPF_REG_0, 0);
	return insn - buf;
}

static void array_of_maps_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	u32 id;

	if (!fd_array_copy_value(map, key, &id, 0))
		seq_printf(m, "%u: map_id %u\n", *(u32 *)key, id);
}

const struct bpf_map_ops bpf_array_of_maps_ops = {
	.alloc_check = fd_array_alloc_check,
	.alloc = array_of_maps_alloc,
	.free = array_of_maps_free,
	.get_next_key = bpf_array_get_next_key,
	.lookup_elem = fd_array_lookup,
	.sys_update = fd_array_sys_update,
	.copy_value = fd_array_copy_value,
	.delete_elem = fd_array_delete,
	.gen_lookup = array_of_maps_gen_lookup,
	.fd_get_ptr = bpf_inner_map_get,
	.fd_put_ptr = bpf_inner_map_put,
	.fd_ptr_id = bpf_inner_map_id,
	.show_elem = array_of_maps_show_elem,
	.mem_usage = fd_array_mem_usage,
};
