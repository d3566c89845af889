// SPDX-License-Identifier: GPL-2.0
/*
 * Links of kernel objects made of programs: the object is with its subsystem as long as the link
 * lives, and may be replaced by another one of its kind in one step.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "attach/attach.h"
#include "attach/struct_ops.h"

/**
 * struct st_link - an object in use
 * @link: common part
 * @map: where the object lives, with a reference; NULL: detached
 * @gone: woken when it is detached
 */
struct st_link {
	struct bpf_link link;
	struct bpf_map *map;
	wait_queue_head_t gone;
};

/* Which map a link has. Subsystems are called under it: they see one change at a time. */
static DEFINE_MUTEX(links_lock);

static struct st_link *to_st(const struct bpf_link *link)
{
	return container_of(link, struct st_link, link);
}

static int st_link_detach(struct bpf_link *link)
{
	struct st_link *st = to_st(link);
	struct bpf_map *map;

	mutex_lock(&links_lock);
	map = st->map;
	if (map) {
		bpf_struct_ops_map_desc(map)->st_ops->unreg(bpf_struct_ops_map_data(map), link);
		WRITE_ONCE(st->map, NULL);
	}
	mutex_unlock(&links_lock);
	if (map) {
		bpf_map_put(map);
		wake_up_interruptible_poll(&st->gone, EPOLLHUP);
	}
	return 0;
}

static void st_link_release(struct bpf_link *link)
{
	st_link_detach(link);
}

static void st_link_dealloc(struct bpf_link *link)
{
	struct st_link *st = to_st(link);

	/* one that never was attached */
	if (st->map)
		bpf_map_put(st->map);
	kfree(st);
}

static int st_link_update_map(struct bpf_link *link, struct bpf_map *new_map,
			      struct bpf_map *old_map)
{
	const struct bpf_struct_ops_desc *desc;
	struct st_link *st = to_st(link);
	struct bpf_map *prev;
	int err;

	err = bpf_struct_ops_map_ready(new_map);
	if (err)
		return err;
	desc = bpf_struct_ops_map_desc(new_map);
	if (!desc->st_ops->update)
		return -EOPNOTSUPP;
	mutex_lock(&links_lock);
	prev = st->map;
	if (!prev)
		err = -ENOLINK;
	else if (old_map && old_map != prev)
		err = -EPERM;
	else if (bpf_struct_ops_map_desc(prev) != desc)
		err = -EINVAL;
	else
		err = desc->st_ops->update(bpf_struct_ops_map_data(new_map),
					   bpf_struct_ops_map_data(prev), link);
	if (!err) {
		bpf_map_inc(new_map);
		WRITE_ONCE(st->map, new_map);
	}
	mutex_unlock(&links_lock);
	if (!err)
		bpf_map_put(prev);
	return err;
}

static u32 st_link_map_id(const struct bpf_link *link)
{
	u32 id;

	mutex_lock(&links_lock);
	id = to_st(link)->map ? to_st(link)->map->id : 0;
	mutex_unlock(&links_lock);
	return id;
}

static void st_link_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	seq_printf(seq, "map_id:\t%u\n", st_link_map_id(link));
}

static int st_link_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	info->struct_ops.map_id = st_link_map_id(link);
	return 0;
}

static __poll_t st_link_poll(struct file *file, struct poll_table_struct *pts)
{
	struct st_link *st = to_st(file->private_data);

	poll_wait(file, &st->gone, pts);
	return READ_ONCE(st->map) ? 0 : EPOLLHUP;
}

static const struct bpf_link_ops st_link_ops = {
	.release = st_link_release,
	.dealloc = st_link_dealloc,
	.detach = st_link_detach,
	.update_map = st_link_update_map,
	.show_fdinfo = st_link_show_fdinfo,
	.fill_link_info = st_link_fill_info,
	.poll = st_link_poll,
};

/* Takes over the reference to @map whatever comes of it. */
static int st_link_attach(struct bpf_map *map)
{
	const struct bpf_struct_ops_desc *desc = bpf_struct_ops_map_desc(map);
	struct bpf_link_primer primer;
	struct st_link *st;
	int err;

	st = kzalloc(sizeof(*st), GFP_USER | __GFP_ACCOUNT);
	if (!st) {
		bpf_map_put(map);
		return -ENOMEM;
	}
	init_waitqueue_head(&st->gone);
	bpf_link_init(&st->link, BPF_LINK_TYPE_STRUCT_OPS, &st_link_ops, NULL);
	st->map = map;
	err = bpf_link_prime(&st->link, &primer);
	if (err) {
		st_link_dealloc(&st->link);
		return err;
	}
	mutex_lock(&links_lock);
	err = desc->st_ops->reg(bpf_struct_ops_map_data(map), &st->link);
	mutex_unlock(&links_lock);
	if (err) {
		bpf_link_cleanup(&primer);
		return err;
	}
	return bpf_link_settle(&primer);
}

static int st_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_map *map;
	int err;

	if (attr->link_create.flags)
		return -EINVAL;
	map = bpf_map_get(attr->link_create.map_fd);
	if (IS_ERR(map))
		return PTR_ERR(map);
	err = bpf_struct_ops_map_ready(map);
	if (err) {
		bpf_map_put(map);
		return err;
	}
	return st_link_attach(map);
}

const struct bpf_attach_ops bpf_struct_ops_attach_ops = {
	.link_create = st_link_create,
};
