// SPDX-License-Identifier: GPL-2.0
/*
 * Local storage of inodes, in the part of their security blob that belongs to programs. User space
 * names an inode by an fd.
 */
#include <linux/bpf.h>
#include <linux/bpf_lsm.h>
#include <linux/btf_ids.h>
#include <linux/file.h>
#include <linux/fs.h>

#include "maps/local_storage.h"
#include "maps/maps.h"

/* NULL: the inode has no blob. */
static bpf_storage_slot *slot_of(struct inode *inode)
{
	struct bpf_storage_blob *blob = bpf_inode(inode);

	return blob ? &blob->storage : NULL;
}

/**
 * bpf_inode_storage_free - an inode is gone for everybody; free what programs stored in it
 * @inode_security: its security blob
 *
 * Walks of paths may come by an inode until a grace period after its end, and store something.
 *
 * Context: RCU callback.
 */
void bpf_inode_storage_free(void *inode_security)
{
	struct bpf_storage_blob *blob = inode_security + bpf_lsm_blob_sizes.lbs_inode;

	bpf_local_storage_destroy(&blob->storage);
}

/* What is done with the storage of the inode behind an fd, which the file keeps meanwhile. */
#define WITH_SLOT(_key, _slot, _do)					\
({									\
	struct fd _f = fdget(*(const int *)(_key));			\
	bpf_storage_slot *_slot;					\
	int _ret = -EBADF;						\
									\
	if (!fd_empty(_f)) {						\
		_slot = slot_of(file_inode(fd_file(_f)));		\
		_ret = _slot ? (_do) : -EBADF;				\
	}								\
	fdput(_f);							\
	_ret;								\
})

static int inode_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	return WITH_SLOT(key, slot, bpf_local_storage_copy(map, slot, value, flags));
}

static int inode_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			    u64 flags)
{
	return WITH_SLOT(key, slot, bpf_local_storage_update(map, slot, value, flags));
}

static long inode_delete(struct bpf_map *map, void *key)
{
	return WITH_SLOT(key, slot, bpf_local_storage_delete(map, slot));
}

const struct bpf_map_ops bpf_inode_storage_ops = {
	.alloc_check = bpf_local_storage_alloc_check,
	.alloc = bpf_local_storage_alloc,
	.free = bpf_local_storage_map_free,
	.copy_value = inode_copy_value,
	.sys_update = inode_sys_update,
	.delete_elem = inode_delete,
	.check_btf = bpf_local_storage_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.mem_usage = bpf_local_storage_mem_usage,
};

BTF_ID_LIST_SINGLE(inode_ids, struct, inode)

BPF_CALL_4(bpf_inode_storage_get, struct bpf_map *, map, struct inode *, inode, void *, value,
	   u64, flags)
{
	bpf_storage_slot *slot = inode ? slot_of(inode) : NULL;

	if (!slot || flags & ~BPF_LOCAL_STORAGE_GET_F_CREATE)
		return 0;
	return (unsigned long)bpf_local_storage_get(map, slot, value, flags);
}

const struct bpf_func_proto bpf_inode_storage_get_proto = {
	.func = bpf_inode_storage_get,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &inode_ids[0],
	.arg3_type = ARG_PTR_TO_MAP_VALUE_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_inode_storage_delete, struct bpf_map *, map, struct inode *, inode)
{
	bpf_storage_slot *slot = inode ? slot_of(inode) : NULL;

	return slot ? bpf_local_storage_delete(map, slot) : -EINVAL;
}

const struct bpf_func_proto bpf_inode_storage_delete_proto = {
	.func = bpf_inode_storage_delete,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_BTF_ID_OR_NULL,
	.arg2_btf_id = &inode_ids[0],
};
