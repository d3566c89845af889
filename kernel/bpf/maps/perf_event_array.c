// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of perf events, one a CPU as a rule: what perf_event_output() writes to and
 * perf_event_read() reads.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "maps/array.h"
#include "maps/maps.h"
#include "maps/perf_event_array.h"

static void *perf_array_get(struct bpf_map *map, struct file *map_file, int fd)
{
	struct bpf_event_entry *entry;
	struct file *perf_file;
	u64 value;
	int err;

	perf_file = perf_event_get(fd);
	if (IS_ERR(perf_file))
		return perf_file;

	/* -EOPNOTSUPP: an event that can never be read where programs run */
	err = perf_event_read_local(perf_file->private_data, &value, NULL, NULL);
	entry = err == -EOPNOTSUPP ? ERR_PTR(err) : kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (IS_ERR_OR_NULL(entry)) {
		fput(perf_file);
		return entry ?: ERR_PTR(-ENOMEM);
	}
	entry->event = perf_file->private_data;
	entry->perf_file = perf_file;
	entry->map_file = map_file;
	return entry;
}

static void perf_entry_free(struct rcu_head *rcu)
{
	struct bpf_event_entry *entry = container_of(rcu, struct bpf_event_entry, rcu);

	fput(entry->perf_file);
	kfree(entry);
}

static void perf_array_put(struct bpf_map *map, void *ptr, bool need_defer)
{
	struct bpf_event_entry *entry = ptr;

	call_rcu(&entry->rcu, perf_entry_free);
}

/* A process that opened the map takes its events along when it closes it. */
static void perf_array_release(struct bpf_map *map, struct file *map_file)
{
	struct bpf_array *array = to_bpf_array(map);
	struct bpf_event_entry *entry;
	u32 i;

	if (map->map_flags & BPF_F_PRESERVE_ELEMS || !map_file)
		return;
	rcu_read_lock();
	for (i = 0; i < map->max_entries; i++) {
		entry = READ_ONCE(array->slots[i]);
		if (entry && entry->map_file == map_file &&
		    cmpxchg(&array->slots[i], (void *)entry, NULL) == entry)
			perf_array_put(map, entry, true);
	}
	rcu_read_unlock();
}

const struct bpf_map_ops bpf_perf_event_array_ops = {
	.alloc_check = fd_array_alloc_check,
	.alloc = fd_array_alloc,
	.free = fd_array_free,
	.release = perf_array_release,
	.get_next_key = bpf_array_get_next_key,
	.sys_update = fd_array_sys_update,
	.copy_value = fd_array_copy_value,
	.delete_elem = fd_array_delete,
	.fd_get_ptr = perf_array_get,
	.fd_put_ptr = perf_array_put,
	.check_btf = map_check_no_btf,
	.mem_usage = fd_array_mem_usage,
};
