// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on loaded programs: find by id, test run, bind a map; run statistics.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/capability.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "prog/prog_type.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/prog.h"

/**
 * cmd_prog_get_next_id - BPF_PROG_GET_NEXT_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: as bpf_id_next_cmd().
 */
int cmd_prog_get_next_id(const struct bpf_cmd_args *args)
{
	return bpf_id_next_cmd(&bpf_prog_ids, args);
}

/**
 * cmd_prog_get_fd_by_id - BPF_PROG_GET_FD_BY_ID
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -ENOENT, -EMFILE, -ENOMEM.
 */
int cmd_prog_get_fd_by_id(const struct bpf_cmd_args *args)
{
	struct bpf_prog *prog = bpf_prog_by_id(args->attr->prog_id);
	int fd;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	fd = bpf_prog_new_fd(prog);
	if (fd < 0)
		bpf_prog_put(prog);
	return fd;
}

/**
 * cmd_prog_test_run - BPF_PROG_TEST_RUN
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -ENOTSUPP where programs of the type cannot be test-run, what the
 * type says.
 */
int cmd_prog_test_run(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct bpf_prog *prog;
	int ret = -ENOTSUPP;

	/* A size without a buffer, or a buffer without a size. */
	if (!attr->test.ctx_in != !attr->test.ctx_size_in ||
	    !attr->test.ctx_out != !attr->test.ctx_size_out)
		return -EINVAL;
	prog = bpf_prog_get(attr->test.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (prog->aux->info->test_run)
		ret = prog->aux->info->test_run(prog, attr, args->uattr);
	bpf_prog_put(prog);
	return ret;
}

static bool prog_has_map(const struct bpf_prog_aux *aux, const struct bpf_map *map)
{
	u32 i;

	for (i = 0; i < aux->used_map_cnt; i++) {
		if (aux->used_maps[i] == map)
			return true;
	}
	return false;
}

/* The array is copied: readers hold the mutex or, while loading, are alone. */
static int prog_add_map(struct bpf_prog *prog, struct bpf_map *map)
{
	struct bpf_prog_aux *aux = prog->aux;
	struct bpf_map **maps;

	if (prog_has_map(aux, map))
		return -EEXIST;
	maps = krealloc_array(aux->used_maps, (size_t)aux->used_map_cnt + 1, sizeof(*maps),
			      GFP_KERNEL);
	if (!maps)
		return -ENOMEM;
	if (prog->sleepable)
		atomic64_inc(&map->sleepable_refcnt);
	maps[aux->used_map_cnt++] = map;
	aux->used_maps = maps;
	return 0;
}

/**
 * cmd_prog_bind_map - BPF_PROG_BIND_MAP: a map that lives as long as the program
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0, also where the program uses the map already; -EBADF, -EINVAL, -ENOMEM.
 */
int cmd_prog_bind_map(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct bpf_prog *prog;
	struct bpf_map *map;
	int err;

	if (attr->prog_bind_map.flags)
		return -EINVAL;
	prog = bpf_prog_get(attr->prog_bind_map.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	map = bpf_map_get(attr->prog_bind_map.map_fd);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
		goto put_prog;
	}
	mutex_lock(&prog->aux->used_maps_mutex);
	err = prog_add_map(prog, map);
	mutex_unlock(&prog->aux->used_maps_mutex);
	if (err)
		bpf_map_put(map);
	if (err == -EEXIST)
		err = 0;
put_prog:
	bpf_prog_put(prog);
	return err;
}

/**
 * bpf_stats_disable - an fd of BPF_ENABLE_STATS is gone
 *
 * Context: process; may sleep.
 */
void bpf_stats_disable(void)
{
	static_branch_dec(&bpf_stats_enabled_key);
}

/**
 * cmd_enable_stats - BPF_ENABLE_STATS: statistics are kept while the fd is open
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EINVAL, -EMFILE, -ENFILE, -ENOMEM.
 */
int cmd_enable_stats(const struct bpf_cmd_args *args)
{
	int fd;

	if (args->attr->enable_stats.type != BPF_STATS_RUN_TIME)
		return -EINVAL;
	/* Before the fd can be closed. */
	static_branch_inc(&bpf_stats_enabled_key);
	fd = bpf_fd_new(BPF_FD_STATS, NULL, O_CLOEXEC);
	if (fd < 0)
		bpf_stats_disable();
	return fd;
}
