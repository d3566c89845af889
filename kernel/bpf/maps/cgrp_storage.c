// SPDX-License-Identifier: GPL-2.0
/* Local storage of control groups. User space names one by an fd of its directory. */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/err.h>

#include "maps/local_storage.h"
#include "maps/maps.h"

BTF_ID_LIST_SINGLE(cgroup_ids, struct, cgroup)

/**
 * bpf_cgrp_storage_free - a cgroup goes away; free what programs stored in it
 * @cgroup: the cgroup
 *
 * Context: any but NMI.
 */
void bpf_cgrp_storage_free(struct cgroup *cgroup)
{
	bpf_local_storage_destroy(&cgroup->bpf_cgrp_storage);
}

static int cgrp_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct cgroup *cgrp = cgroup_v1v2_get_from_fd(*(int *)key);
	int err;

	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = bpf_local_storage_copy(map, &cgrp->bpf_cgrp_storage, value, flags);
	cgroup_put(cgrp);
	return err;
}

static int cgrp_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			   u64 flags)
{
	struct cgroup *cgrp = cgroup_v1v2_get_from_fd(*(int *)key);
	int err;

	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = bpf_local_storage_update(map, &cgrp->bpf_cgrp_storage, value, flags);
	cgroup_put(cgrp);
	return err;
}

static long cgrp_delete(struct bpf_map *map, void *key)
{
	struct cgroup *cgrp = cgroup_v1v2_get_from_fd(*(int *)key);
	int err;

	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = bpf_local_storage_delete(map, &cgrp->bpf_cgrp_storage);
	cgroup_put(cgrp);
	return err;
}

const struct bpf_map_ops bpf_cgrp_storage_ops = {
	.alloc_check = bpf_local_storage_alloc_check,
	.alloc = bpf_local_storage_alloc,
	.free = bpf_local_storage_map_free,
	.copy_value = cgrp_copy_value,
	.sys_update = cgrp_sys_update,
	.delete_elem = cgrp_delete,
	.check_btf = bpf_local_storage_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_local_storage_mem_usage,
};

BPF_CALL_4(bpf_cgrp_storage_get, struct bpf_map *, map, struct cgroup *, cgrp, void *, value,
	   u64, flags)
{
	bool create = flags & BPF_LOCAL_STORAGE_GET_F_CREATE;

	if (!cgrp || flags & ~BPF_LOCAL_STORAGE_GET_F_CREATE)
		return 0;
	/* one that is being freed gets nothing new */
	create = create && !percpu_ref_is_dying(&cgrp->self.refcnt);
	return (unsigned long)bpf_local_storage_get(map, &cgrp->bpf_cgrp_storage, value, create);
}

const struct bpf_func_proto bpf_cgrp_storage_get_proto = {
	.func = bpf_cgrp_storage_get,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &cgroup_ids[0],
	.arg3_type = ARG_PTR_TO_MAP_VALUE_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_cgrp_storage_delete, struct bpf_map *, map, struct cgroup *, cgrp)
{
	return cgrp ? bpf_local_storage_delete(map, &cgrp->bpf_cgrp_storage) : -EINVAL;
}

const struct bpf_func_proto bpf_cgrp_storage_delete_proto = {
	.func = bpf_cgrp_storage_delete,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &cgroup_ids[0],
};
