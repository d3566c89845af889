// SPDX-License-Identifier: GPL-2.0
/* Arrays of control groups, for helpers that ask whether something is below one. */
#include <linux/bpf.h>
#include <linux/cgroup.h>

#include "maps/array.h"
#include "maps/maps.h"

static void *cgroup_array_get(struct bpf_map *map, struct file *map_file, int fd)
{
	return cgroup_get_from_fd(fd);
}

/* A cgroup is freed after a grace period itself. */
static void cgroup_array_put(struct bpf_map *map, void *ptr, bool need_defer)
{
	cgroup_put(ptr);
}

const struct bpf_map_ops bpf_cgroup_array_ops = {
	.alloc_check = fd_array_alloc_check,
	.alloc = fd_array_alloc,
	.free = fd_array_free,
	.get_next_key = bpf_array_get_next_key,
	.sys_update = fd_array_sys_update,
	.copy_value = fd_array_copy_value,
	.delete_elem = fd_array_delete,
	.fd_get_ptr = cgroup_array_get,
	.fd_put_ptr = cgroup_array_put,
	.check_btf = map_check_no_btf,
	.mem_usage = fd_array_mem_usage,
};
