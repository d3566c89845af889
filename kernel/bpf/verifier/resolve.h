/* SPDX-License-Identifier: GPL-2.0 */
/* Between the parts of the resolve pass. */
#ifndef _KBPF_VERIFIER_RESOLVE_H
#define _KBPF_VERIFIER_RESOLVE_H

#include "verifier/verifier.h"

/* Entry @idx of the loader's fd_array. Return: 0, -EFAULT, or -errno of a rejection. */
int resolve_fd_array(struct bpf_verifier_env *env, u32 idx, int *fd);

/* BPF_PSEUDO_BTF_ID at @idx: a variable or function of the kernel. */
int resolve_btf_id(struct bpf_verifier_env *env, u32 idx);
/* BPF_PSEUDO_KFUNC_CALL at @idx. */
int resolve_kfunc(struct bpf_verifier_env *env, u32 idx);

#endif /* _KBPF_VERIFIER_RESOLVE_H */
