// SPDX-License-Identifier: GPL-2.0
/* Helpers of programs at security hooks, beside those of all programs at functions. */
#include <linux/array_size.h>
#include <linux/binfmts.h>
#include <linux/bpf.h>
#include <linux/btf_ids.h>

#include "attach/lsm.h"
#include "helpers/helpers.h"
#include "maps/local_storage.h"

BTF_ID_LIST_SINGLE(bprm_ids, struct, linux_binprm)

/* All options at once: what is not named is off. */
BPF_CALL_2(bpf_bprm_opts_set, struct linux_binprm *, bprm, u64, flags)
{
	if (flags & ~(u64)BPF_F_BPRM_SECUREEXEC)
		return -EINVAL;
	bprm->secureexec = !!(flags & BPF_F_BPRM_SECUREEXEC);
	return 0;
}

static const struct bpf_func_proto bpf_bprm_opts_set_proto = {
	.func = bpf_bprm_opts_set,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &bprm_ids[0],
	.arg2_type = ARG_ANYTHING,
};

static const struct bpf_helper_row lsm_rows[] = {
	{ BPF_FUNC_inode_storage_get, &bpf_inode_storage_get_proto },
	{ BPF_FUNC_inode_storage_delete, &bpf_inode_storage_delete_proto },
	{ BPF_FUNC_bprm_opts_set, &bpf_bprm_opts_set_proto },
#ifdef CONFIG_NET
	{ BPF_FUNC_sk_storage_get, &bpf_sk_storage_get_proto },
	{ BPF_FUNC_sk_storage_delete, &bpf_sk_storage_delete_proto },
#endif
#ifdef CONFIG_INET
	{ BPF_FUNC_sock_from_file, &bpf_sock_from_file_proto },
#endif
};

BPF_HELPER_SET(bpf_lsm_helpers, lsm_rows);
