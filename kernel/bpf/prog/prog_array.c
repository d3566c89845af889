// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of programs that run one after another at a hook. Readers walk an array under RCU up to
 * the NULL program that ends it; writers, who hold their hook's lock, put a new array in its place.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/*
 * Programs of this CPU's kprobes, tracepoints and perf events never run inside each other, nor
 * where user space changes a map.
 */
DEFINE_PER_CPU(int, bpf_prog_active);

/* What every hook without programs points to; never freed. */
struct bpf_prog_array bpf_empty_prog_array = {
	.items = { { .prog = NULL } },
};
EXPORT_SYMBOL_GPL(bpf_empty_prog_array);

static unsigned int dummy_prog_run(const void *ctx, const struct bpf_insn *insn)
{
	return 1;
}

static struct bpf_prog_aux dummy_prog_aux = {
	.prog = &bpf_dummy_prog,
};

struct bpf_prog bpf_dummy_prog = {
	.bpf_func = dummy_prog_run,
	.aux = &dummy_prog_aux,
};
EXPORT_SYMBOL_GPL(bpf_dummy_prog);

#define for_each_prog_item(_item, _array)				\
	for ((_item) = (_array)->items; READ_ONCE((_item)->prog); (_item)++)

static bool prog_counts(const struct bpf_prog *prog)
{
	return prog != &bpf_dummy_prog;
}

/**
 * bpf_prog_array_alloc - a new array
 * @prog_cnt: programs that it is going to hold
 * @flags: GFP_*
 *
 * Context: as @flags says.
 * Return: an array of NULL programs; the empty array for 0; NULL without memory.
 */
struct bpf_prog_array *bpf_prog_array_alloc(u32 prog_cnt, gfp_t flags)
{
	struct bpf_prog_array *array;

	if (!prog_cnt)
		return &bpf_empty_prog_array;
	return kzalloc(struct_size(array, items, (size_t)prog_cnt + 1), flags);
}

static bool array_is_static(const struct bpf_prog_array *array)
{
	return !array || array == &bpf_empty_prog_array;
}

/**
 * bpf_prog_array_free - free an array once no reader is left
 * @progs: the array; may be NULL or the empty one
 *
 * Context: any.
 */
void bpf_prog_array_free(struct bpf_prog_array *progs)
{
	if (!array_is_static(progs))
		kfree_rcu(progs, rcu);
}

static void prog_array_free_rcu_trace(struct rcu_head *rcu)
{
	struct bpf_prog_array *progs = container_of(rcu, struct bpf_prog_array, rcu);

	if (rcu_trace_implies_rcu_gp())
		kfree(progs);
	else
		kfree_rcu(progs, rcu);
}

/**
 * bpf_prog_array_free_sleepable - as bpf_prog_array_free(), where programs may sleep
 * @progs: the array; may be NULL or the empty one
 *
 * Context: any.
 */
void bpf_prog_array_free_sleepable(struct bpf_prog_array *progs)
{
	if (!array_is_static(progs))
		call_rcu_tasks_trace(&progs->rcu, prog_array_free_rcu_trace);
}

/**
 * bpf_prog_array_length - number of programs
 * @progs: the array
 *
 * Context: RCU or the writers' lock.
 * Return: programs, removed ones not counted.
 */
int bpf_prog_array_length(struct bpf_prog_array *progs)
{
	struct bpf_prog_array_item *item;
	int cnt = 0;

	if (!progs)
		return 0;
	for_each_prog_item(item, progs)
		cnt += prog_counts(item->prog);
	return cnt;
}

/**
 * bpf_prog_array_is_empty - are there no programs
 * @array: the array
 *
 * Context: RCU or the writers' lock.
 * Return: true if so.
 */
bool bpf_prog_array_is_empty(struct bpf_prog_array *array)
{
	return !bpf_prog_array_length(array);
}

/* Ids of the first @cnt programs; true where there are more. */
static bool array_copy_ids(struct bpf_prog_array *array, u32 *ids, u32 cnt)
{
	struct bpf_prog_array_item *item;
	u32 n = 0;

	for_each_prog_item(item, array) {
		if (!prog_counts(item->prog))
			continue;
		if (n == cnt)
			return true;
		ids[n++] = item->prog->aux->id;
	}
	return false;
}

/**
 * bpf_prog_array_copy_to_user - ids of programs, for user space
 * @progs: the array
 * @prog_ids: room for @cnt ids
 * @cnt: above 0
 *
 * Context: process, writers' lock held; may sleep.
 * Return: 0; -ENOSPC with the first @cnt ids where there are more, -EFAULT, -ENOMEM.
 */
int bpf_prog_array_copy_to_user(struct bpf_prog_array *progs, __u32 __user *prog_ids, u32 cnt)
{
	bool more;
	u32 *ids;
	int err = 0;

	ids = kvcalloc(cnt, sizeof(*ids), GFP_USER | __GFP_NOWARN);
	if (!ids)
		return -ENOMEM;
	more = array_copy_ids(progs, ids, cnt);
	if (copy_to_user(prog_ids, ids, (size_t)cnt * sizeof(*ids)))
		err = -EFAULT;
	kvfree(ids);
	return err ?: (more ? -ENOSPC : 0);
}

/**
 * bpf_prog_array_copy_info - ids and number of programs
 * @array: the array; may be NULL
 * @prog_ids: room for @request_cnt ids; may be NULL with 0
 * @request_cnt: ids wanted
 * @prog_cnt: programs there are
 *
 * Context: writers' lock held.
 * Return: 0, or -ENOSPC with the first ids where there are more.
 */
int bpf_prog_array_copy_info(struct bpf_prog_array *array, u32 *prog_ids, u32 request_cnt,
			     u32 *prog_cnt)
{
	*prog_cnt = bpf_prog_array_length(array);
	if (!request_cnt || !*prog_cnt)
		return 0;
	return array_copy_ids(array, prog_ids, request_cnt) ? -ENOSPC : 0;
}

/**
 * bpf_prog_array_copy - an array with one program less, one more, or both
 * @old_array: the array; may be NULL
 * @exclude_prog: left out; may be NULL
 * @include_prog: put at the end; may be NULL
 * @bpf_cookie: of @include_prog
 * @new_array: the result; NULL where no program is left
 *
 * Context: process, writers' lock held; may sleep.
 * Return: 0; -ENOENT where @exclude_prog is not there, -EEXIST where @include_prog is, -ENOMEM.
 */
int bpf_prog_array_copy(struct bpf_prog_array *old_array, struct bpf_prog *exclude_prog,
			struct bpf_prog *include_prog, u64 bpf_cookie,
			struct bpf_prog_array **new_array)
{
	struct bpf_prog_array_item *item, *to;
	struct bpf_prog_array *array;
	bool excluded = !exclude_prog;
	u32 cnt = include_prog ? 1 : 0;

	*new_array = NULL;
	if (old_array) {
		for_each_prog_item(item, old_array) {
			if (item->prog == exclude_prog) {
				excluded = true;
				continue;
			}
			if (item->prog == include_prog)
				return -EEXIST;
			cnt += prog_counts(item->prog);
		}
	}
	if (!excluded)
		return -ENOENT;
	if (!cnt)
		return 0;

	array = bpf_prog_array_alloc(cnt, GFP_KERNEL);
	if (!array)
		return -ENOMEM;
	to = array->items;
	if (old_array) {
		for_each_prog_item(item, old_array) {
			if (item->prog != exclude_prog && prog_counts(item->prog))
				*to++ = *item;
		}
	}
	if (include_prog) {
		to->prog = include_prog;
		to->bpf_cookie = bpf_cookie;
	}
	*new_array = array;
	return 0;
}

/**
 * bpf_prog_array_delete_safe - take a program out without memory
 * @progs: the array
 * @old_prog: its place gets a program that does nothing
 *
 * Context: writers' lock held; readers may be running.
 */
void bpf_prog_array_delete_safe(struct bpf_prog_array *progs, struct bpf_prog *old_prog)
{
	struct bpf_prog_array_item *item;

	for_each_prog_item(item, progs) {
		if (item->prog == old_prog) {
			WRITE_ONCE(item->prog, &bpf_dummy_prog);
			return;
		}
	}
}
