// SPDX-License-Identifier: GPL-2.0
/* Names of paths, for tracing programs at functions where the locks that it takes are free. */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/path.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "attach/lsm.h"
#include "protos.h"

BTF_ID_LIST_SINGLE(path_ids, struct, path)

/* Bytes of the name with its terminator, which begins at @buf. */
BPF_CALL_3(bpf_d_path, struct path *, path, char *, buf, u32, size)
{
	struct path copy;
	char *name;
	int len;

	if (!size)
		return 0;
	/* the program may have come here by a pointer that is not one any more */
	if (copy_from_kernel_nofault(&copy, path, sizeof(copy)))
		return -EFAULT;
	name = d_path(&copy, buf, size);
	if (IS_ERR(name))
		return PTR_ERR(name);
	len = buf + size - name;
	memmove(buf, name, len);
	return len;
}

/* Functions whose callers hold no lock that d_path() takes, and a reference to the path. */
static const char *const path_functions[] = {
	"dentry_open",
	"filp_close",
	"security_file_open",
	"security_file_permission",
	"security_inode_getattr",
	"security_path_truncate",
	"vfs_fallocate",
	"vfs_getattr",
	"vfs_truncate",
};

static bool path_allowed(const struct bpf_prog *prog)
{
	const char *name = prog->aux->attach_func_name;

	if (prog->aux->dst_prog || !name)
		return false;
	if (prog->type == BPF_PROG_TYPE_LSM)
		return bpf_lsm_hook_may_sleep(name);
	if (prog->type != BPF_PROG_TYPE_TRACING)
		return false;
	if (prog->expected_attach_type == BPF_TRACE_ITER)
		return true;
	return match_string(path_functions, ARRAY_SIZE(path_functions), name) >= 0;
}

const struct bpf_func_proto bpf_d_path_proto = {
	.func = bpf_d_path,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &path_ids[0],
	.arg2_type = ARG_PTR_TO_UNINIT_MEM,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.allowed = path_allowed,
};
