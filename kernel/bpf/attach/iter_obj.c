// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators over maps, programs, links, and elements of a map.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "attach/iter.h"
#include "attach/iter_int.h"
#include "syscall/ids.h"
#include "syscall/link.h"
#include "syscall/map.h"
#include "syscall/prog.h"

/* The walk goes by id; the object that was shown last is held until the next step. */
struct id_walk {
	u32 id;
};

/* Context of all three: what the step is about, and the object or NULL at the end. */
struct obj_ctx {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(void *, obj);
};

static int show_obj(struct seq_file *seq, void *obj, bool in_stop)
{
	struct obj_ctx ctx = {};

	ctx.obj = obj;
	return bpf_iter_show(seq, &ctx, in_stop);
}

static int obj_show(struct seq_file *seq, void *v)
{
	return show_obj(seq, v, false);
}

static void walk_stop(struct seq_file *seq, void *v, void (*put)(void *obj))
{
	if (!v)
		show_obj(seq, NULL, true);
	else if (!IS_ERR(v))
		put(v);
}

#define ID_WALK(_name, _first, _put)						\
static void *_name##_start(struct seq_file *seq, loff_t *pos)			\
{										\
	struct id_walk *walk = seq->private;					\
										\
	return _first(&walk->id);						\
}										\
										\
static void *_name##_next(struct seq_file *seq, void *v, loff_t *pos)		\
{										\
	struct id_walk *walk = seq->private;					\
										\
	walk->id++;								\
	++*pos;									\
	_put(v);								\
	return _first(&walk->id);						\
}										\
										\
static void _name##_stop(struct seq_file *seq, void *v)				\
{										\
	walk_stop(seq, v, _put);						\
}										\
										\
static const struct seq_operations _name##_ops = {				\
	.start = _name##_start,							\
	.next = _name##_next,							\
	.stop = _name##_stop,							\
	.show = obj_show,							\
};										\
										\
static const struct bpf_iter_seq_info _name##_seq_info = {			\
	.seq_ops = &_name##_ops,						\
	.seq_priv_size = sizeof(struct id_walk),				\
};										\
										\
static struct bpf_iter_reg _name##_reg = {					\
	.target = #_name,							\
	.feature = BPF_ITER_RESCHED,						\
	.ctx_arg_info_size = 1,							\
	.ctx_arg_info = {							\
		{ offsetof(struct obj_ctx, obj), PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED },	\
	},									\
	.seq_info = &_name##_seq_info,						\
}

static void map_put(void *map)
{
	bpf_map_put(map);
}

static void prog_put(void *prog)
{
	bpf_prog_put(prog);
}

static void link_put(void *link)
{
	bpf_link_put(link);
}

ID_WALK(bpf_map, bpf_map_first_from, map_put);
ID_WALK(bpf_prog, bpf_prog_first_from, prog_put);
ID_WALK(bpf_link, bpf_link_first_from, link_put);

DEFINE_BPF_ITER_FUNC(bpf_map, struct bpf_iter_meta *meta, struct bpf_map *map)
DEFINE_BPF_ITER_FUNC(bpf_prog, struct bpf_iter_meta *meta, struct bpf_prog *prog)
DEFINE_BPF_ITER_FUNC(bpf_link, struct bpf_iter_meta *meta, struct bpf_link *link)

/* Programs' view of the contexts, for BTF. */
struct bpf_iter__bpf_map {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_map *, map);
};

struct bpf_iter__bpf_prog {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_prog *, prog);
};

struct bpf_iter__bpf_link {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_link *, link);
};

/* ------------------------------------------------------------------ elements of a map */

struct bpf_iter__bpf_map_elem {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_map *, map);
	__bpf_md_ptr(void *, key);
	__bpf_md_ptr(void *, value);
};

DEFINE_BPF_ITER_FUNC(bpf_map_elem, struct bpf_iter_meta *meta, struct bpf_map *map, void *key,
		     void *value)

/**
 * struct elem_walk - elements of a map, by key
 * @map: the map, with a reference
 * @key: key of the element that the walk stands at
 * @next: room for the key after it
 * @value: per-CPU values one after another; NULL for other maps
 * @left: steps that the walk may still take: deletions may send it back to the first key
 * @started: @key is set
 * @ended: there is no further key
 */
struct elem_walk {
	struct bpf_map *map;
	void *key;
	void *next;
	void *value;
	u64 left;
	bool started;
	bool ended;
};

static bool map_is_percpu(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_PERCPU_HASH ||
	       map->map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static u32 elem_value_size(const struct bpf_map *map)
{
	u32 size = map->value_size;

	return map_is_percpu(map) ? round_up(size, 8) * num_possible_cpus() : size;
}

static void *elem_step(struct elem_walk *walk)
{
	int err = -ENOENT;

	if (walk->left) {
		walk->left--;
		rcu_read_lock();
		err = walk->map->ops->get_next_key(walk->map, walk->started ? walk->key : NULL,
						   walk->next);
		rcu_read_unlock();
	}
	walk->ended = err;
	if (err)
		return NULL;
	swap(walk->key, walk->next);
	walk->started = true;
	return walk->key;
}

/* The walk stands at the element that was not shown to its end, or before the first. */
static void *elem_start(struct seq_file *seq, loff_t *pos)
{
	struct elem_walk *walk = seq->private;

	if (walk->ended)
		return NULL;
	return walk->started ? walk->key : elem_step(walk);
}

static void *elem_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct elem_walk *walk = seq->private;

	++*pos;
	return elem_step(walk);
}

static int elem_run(struct seq_file *seq, void *key, void *value, bool in_stop)
{
	struct elem_walk *walk = seq->private;
	struct bpf_iter__bpf_map_elem ctx = {};

	ctx.map = walk->map;
	ctx.key = key;
	ctx.value = value;
	return bpf_iter_show(seq, &ctx, in_stop);
}

static void *percpu_value(struct elem_walk *walk, void *key)
{
	u32 size = round_up(walk->map->value_size, 8), off = 0;
	void *value;
	int cpu;

	for_each_possible_cpu(cpu) {
		value = walk->map->ops->lookup_percpu_elem(walk->map, key, cpu);
		if (!value)
			return NULL;
		memcpy(walk->value + off, value, walk->map->value_size);
		off += size;
	}
	return walk->value;
}

static int elem_show(struct seq_file *seq, void *key)
{
	struct elem_walk *walk = seq->private;
	void *value;
	int err = 0;

	rcu_read_lock();
	value = walk->value ? percpu_value(walk, key) :
		walk->map->ops->lookup_elem(walk->map, key);
	/* it may have gone since its key was found */
	if (value)
		err = elem_run(seq, key, value, false);
	rcu_read_unlock();
	return err;
}

static void elem_stop(struct seq_file *seq, void *v)
{
	if (!v)
		elem_run(seq, NULL, NULL, true);
}

static const struct seq_operations elem_ops = {
	.start = elem_start,
	.next = elem_next,
	.stop = elem_stop,
	.show = elem_show,
};

static void elem_fini(void *priv)
{
	struct elem_walk *walk = priv;

	kfree(walk->key);
	kfree(walk->next);
	kvfree(walk->value);
	bpf_map_put_with_uref(walk->map);
}

static int elem_init(void *priv, struct bpf_iter_aux_info *aux)
{
	struct elem_walk *walk = priv;
	struct bpf_map *map = aux->map;

	bpf_map_inc_with_uref(map);
	walk->map = map;
	walk->left = 2ULL * map->max_entries;
	walk->key = kzalloc(map->key_size, GFP_KERNEL);
	walk->next = kzalloc(map->key_size, GFP_KERNEL);
	if (map_is_percpu(map))
		walk->value = kvzalloc(elem_value_size(map), GFP_KERNEL);
	if (walk->key && walk->next && (walk->value || !map_is_percpu(map)))
		return 0;
	elem_fini(walk);
	return -ENOMEM;
}

static const struct bpf_iter_seq_info elem_seq_info = {
	.seq_ops = &elem_ops,
	.init_seq_private = elem_init,
	.fini_seq_private = elem_fini,
	.seq_priv_size = sizeof(struct elem_walk),
};

/* Types whose elements a program may see as bytes; there must be nothing else in them. */
static bool map_can_iterate(const struct bpf_map *map)
{
	if (map->record)
		return false;
	switch (map->map_type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return map->ops->get_next_key;
	default:
		return false;
	}
}

static int elem_attach(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
		       struct bpf_iter_aux_info *aux)
{
	struct bpf_map *map;
	int err = 0;

	if (!linfo->map.map_fd)
		return -EBADF;
	map = bpf_map_get_with_uref(linfo->map.map_fd);
	if (IS_ERR(map))
		return PTR_ERR(map);
	if (!map_can_iterate(map))
		err = -EINVAL;
	else if (prog->aux->max_rdonly_access > map->key_size ||
		 prog->aux->max_rdwr_access > elem_value_size(map))
		err = -EACCES;
	if (err)
		bpf_map_put_with_uref(map);
	else
		aux->map = map;
	return err;
}

/**
 * bpf_iter_map_detach - let go of the map whose objects an iterator walks
 * @aux: what the link was made for
 *
 * Context: process; may sleep.
 */
void bpf_iter_map_detach(struct bpf_iter_aux_info *aux)
{
	if (aux->map)
		bpf_map_put_with_uref(aux->map);
}

/**
 * bpf_iter_map_show_fdinfo - name the map
 * @aux: what the link was made for
 * @seq: fdinfo of the link
 *
 * Context: process.
 */
void bpf_iter_map_show_fdinfo(const struct bpf_iter_aux_info *aux, struct seq_file *seq)
{
	seq_printf(seq, "map_id:\t%u\n", aux->map->id);
}

/**
 * bpf_iter_map_fill_info - name the map
 * @aux: what the link was made for
 * @info: of the link
 *
 * Context: process. Return: 0.
 */
int bpf_iter_map_fill_info(const struct bpf_iter_aux_info *aux, struct bpf_link_info *info)
{
	info->iter.map.map_id = aux->map->id;
	return 0;
}

static struct bpf_iter_reg elem_reg = {
	.target = "bpf_map_elem",
	.attach_target = elem_attach,
	.detach_target = bpf_iter_map_detach,
	.show_fdinfo = bpf_iter_map_show_fdinfo,
	.fill_link_info = bpf_iter_map_fill_info,
	.ctx_arg_info_size = 2,
	.ctx_arg_info = {
		{ offsetof(struct bpf_iter__bpf_map_elem, key),
		  PTR_TO_BUF | PTR_MAYBE_NULL | MEM_RDONLY },
		{ offsetof(struct bpf_iter__bpf_map_elem, value), PTR_TO_BUF | PTR_MAYBE_NULL },
	},
	.seq_info = &elem_seq_info,
};

BTF_ID_LIST(obj_ids)
BTF_ID(struct, bpf_map)
BTF_ID(struct, bpf_prog)
BTF_ID(struct, bpf_link)

static int __init iter_obj_init(void)
{
	int err;

	BTF_TYPE_EMIT(struct bpf_iter__bpf_map);
	BTF_TYPE_EMIT(struct bpf_iter__bpf_prog);
	BTF_TYPE_EMIT(struct bpf_iter__bpf_link);
	bpf_map_reg.ctx_arg_info[0].btf_id = obj_ids[0];
	bpf_prog_reg.ctx_arg_info[0].btf_id = obj_ids[1];
	bpf_link_reg.ctx_arg_info[0].btf_id = obj_ids[2];
	err = bpf_iter_reg_target(&bpf_map_reg);
	if (!err)
		err = bpf_iter_reg_target(&bpf_prog_reg);
	if (!err)
		err = bpf_iter_reg_target(&bpf_link_reg);
	return err ?: bpf_iter_reg_target(&elem_reg);
}
late_initcall(iter_obj_init);
