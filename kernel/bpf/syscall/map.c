// SPDX-License-Identifier: GPL-2.0
/*
 * Maps as objects: references, fds to maps, writers, the end.
 *
 * A map has two counts. @refcnt keeps it in existence; @usercnt counts those that user space holds
 * (fds and pins), and when it drops to 0 nobody can feed the map from outside any more. Each user
 * reference is also a reference.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/security.h>
#include <linux/workqueue.h>
#include "btf/record.h"
#include "maps/alloc.h"
#include "maps/maps.h"
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/map.h"

/* Frozen maps have this many writers: none can be added. */
#define MAP_WRITERS_BARRED	(-1)

/**
 * bpf_map_write_start - user space is going to write
 * @map: the map
 *
 * Context: any.
 * Return: true, and then bpf_map_write_end() has to follow; false for a frozen map.
 */
bool bpf_map_write_start(struct bpf_map *map)
{
	return atomic64_inc_unless_negative(&map->writecnt);
}

/**
 * bpf_map_write_end - end what bpf_map_write_start() began
 * @map: the map
 *
 * Context: any.
 */
void bpf_map_write_end(struct bpf_map *map)
{
	atomic64_dec(&map->writecnt);
}

/**
 * bpf_map_write_active - is user space writing, or could it through a mapping
 * @map: the map
 *
 * A map that is frozen and has no writer never changes again from user space.
 * Context: any.
 * Return: true if so.
 */
bool bpf_map_write_active(const struct bpf_map *map)
{
	return atomic64_read(&map->writecnt) > 0;
}

/**
 * bpf_map_bar_writers - no writer from user space from here on, for good
 * @map: the map
 *
 * Context: any.
 * Return: true; false while there are writers.
 */
bool bpf_map_bar_writers(struct bpf_map *map)
{
	return atomic64_cmpxchg(&map->writecnt, 0, MAP_WRITERS_BARRED) == 0;
}

/**
 * bpf_map_destroy - free a map that nobody knows of
 * @map: the map; its common part is set up
 *
 * Context: process; may sleep.
 */
void bpf_map_destroy(struct bpf_map *map)
{
	struct btf_record *rec = map->record;
	struct btf *btf = map->btf;

	security_bpf_map_free(map);
	bpf_map_put_owner_memcg(map);
	/* The type's free() still needs the record to find timers and pointers in values. */
	map->ops->free(map);
	btf_record_free(rec);
	btf_put(btf);
}

static void map_free_work(struct work_struct *work)
{
	bpf_map_destroy(container_of(work, struct bpf_map, work));
}

static void map_free_rcu(struct rcu_head *rcu)
{
	struct bpf_map *map = container_of(rcu, struct bpf_map, rcu);

	INIT_WORK(&map->work, map_free_work);
	queue_work(system_unbound_wq, &map->work);
}

static void map_free_rcu_trace(struct rcu_head *rcu)
{
	if (rcu_trace_implies_rcu_gp())
		map_free_rcu(rcu);
	else
		call_rcu(rcu, map_free_rcu);
}

/**
 * bpf_map_inc - take a reference
 * @map: a map that the caller has a reference of
 *
 * Context: any.
 */
void bpf_map_inc(struct bpf_map *map)
{
	atomic64_inc(&map->refcnt);
}
EXPORT_SYMBOL_GPL(bpf_map_inc);

/**
 * bpf_map_inc_with_uref - take a reference for user space
 * @map: a map that the caller has a reference of
 *
 * Context: any.
 */
void bpf_map_inc_with_uref(struct bpf_map *map)
{
	atomic64_inc(&map->refcnt);
	atomic64_inc(&map->usercnt);
}
EXPORT_SYMBOL_GPL(bpf_map_inc_with_uref);

/**
 * bpf_map_inc_not_zero - take a reference of a map that may be on its way out
 * @map: a map found under the lock of the ids, or under RCU in another map
 *
 * Context: any.
 * Return: @map, or ERR_PTR(-ENOENT).
 */
struct bpf_map *bpf_map_inc_not_zero(struct bpf_map *map)
{
	return atomic64_inc_not_zero(&map->refcnt) ? map : ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_GPL(bpf_map_inc_not_zero);

/**
 * bpf_map_put - drop a reference
 * @map: the map; freed after a grace period when it was the last one
 *
 * Context: any but NMI.
 */
void bpf_map_put(struct bpf_map *map)
{
	if (!atomic64_dec_and_test(&map->refcnt))
		return;

	bpf_id_remove(&bpf_map_ids, map->id);
	/*
	 * Programs may be walking the map without a reference: those that found it inside another
	 * map. Sleepable ones take longer to go away.
	 */
	if (READ_ONCE(map->free_after_mult_rcu_gp) || atomic64_read(&map->sleepable_refcnt))
		call_rcu_tasks_trace(&map->rcu, map_free_rcu_trace);
	else
		call_rcu(&map->rcu, map_free_rcu);
}
EXPORT_SYMBOL_GPL(bpf_map_put);

/**
 * bpf_map_put_with_uref - drop a reference of user space
 * @map: the map
 *
 * Context: process.
 */
void bpf_map_put_with_uref(struct bpf_map *map)
{
	if (atomic64_dec_and_test(&map->usercnt) && map->ops->release_uref)
		map->ops->release_uref(map);
	bpf_map_put(map);
}

/**
 * bpf_map_file_released - the last user of an open file is gone
 * @map: the map behind it
 * @file: the file
 *
 * Context: process.
 */
void bpf_map_file_released(struct bpf_map *map, struct file *file)
{
	if (map->ops->release)
		map->ops->release(map, file);
	bpf_map_put_with_uref(map);
}

/**
 * __bpf_map_get - the map behind an fd, without a reference
 * @f: from fdget(); the caller keeps it while it uses the map and puts it in any case
 *
 * Context: process.
 * Return: the map; ERR_PTR: -EBADF not open, -EINVAL not a map.
 */
struct bpf_map *__bpf_map_get(struct fd f)
{
	struct bpf_map *map;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	map = bpf_fd_object(fd_file(f), BPF_FD_MAP);
	return map ?: ERR_PTR(-EINVAL);
}

/**
 * bpf_map_get - the map behind an fd
 * @ufd: fd
 *
 * Context: process.
 * Return: the map with a reference, or ERR_PTR as __bpf_map_get().
 */
struct bpf_map *bpf_map_get(u32 ufd)
{
	struct fd f = fdget(ufd);
	struct bpf_map *map = __bpf_map_get(f);

	if (!IS_ERR(map))
		bpf_map_inc(map);
	fdput(f);
	return map;
}
EXPORT_SYMBOL_GPL(bpf_map_get);

/**
 * bpf_map_get_with_uref - as bpf_map_get(), for something that user space holds
 * @ufd: fd
 *
 * Context: process.
 * Return: the map with a user reference, or ERR_PTR as __bpf_map_get().
 */
struct bpf_map *bpf_map_get_with_uref(u32 ufd)
{
	struct fd f = fdget(ufd);
	struct bpf_map *map = __bpf_map_get(f);

	if (!IS_ERR(map))
		bpf_map_inc_with_uref(map);
	fdput(f);
	return map;
}

static void *map_id_get(void *obj)
{
	return bpf_map_inc_not_zero(obj);
}

static void *map_id_get_uref(void *obj)
{
	struct bpf_map *map = bpf_map_inc_not_zero(obj);

	if (!IS_ERR(map))
		atomic64_inc(&map->usercnt);
	return map;
}

/**
 * bpf_map_by_id - map of an id, for user space
 * @id: any number
 *
 * Context: process.
 * Return: the map with a user reference, or ERR_PTR(-ENOENT).
 */
struct bpf_map *bpf_map_by_id(u32 id)
{
	return bpf_id_find(&bpf_map_ids, id, map_id_get_uref);
}

/**
 * bpf_map_first_from - first map whose id is at least a number
 * @id: in: the number; out: the id
 *
 * Context: process.
 * Return: the map with a reference, or NULL.
 */
struct bpf_map *bpf_map_first_from(u32 *id)
{
	return bpf_id_first_from(&bpf_map_ids, id, map_id_get);
}

/**
 * bpf_map_new_fd - an fd for a map
 * @map: the map; a user reference of the caller's goes into the fd when it succeeds
 * @flags: BPF_F_RDONLY, BPF_F_WRONLY or neither
 *
 * Context: process; may sleep.
 * Return: the fd; -EINVAL for both flags, what the security module says, -EMFILE, -ENFILE, -ENOMEM.
 */
int bpf_map_new_fd(struct bpf_map *map, u32 flags)
{
	int mode = bpf_map_open_mode(flags), err;

	if (mode < 0)
		return mode;
	err = security_bpf_map(map, OPEN_FMODE(mode));
	if (err)
		return err;
	return bpf_fd_new(BPF_FD_MAP, map, mode | O_CLOEXEC);
}
