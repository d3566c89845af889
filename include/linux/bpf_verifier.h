/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hooks outside of the subsystem tell the verifier about their programs; its own header is
 * kernel/bpf/verifier/verifier.h.
 */
#ifndef _LINUX_BPF_VERIFIER_H
#define _LINUX_BPF_VERIFIER_H

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/filter.h>

struct bpf_verifier_log;

enum bpf_access_type {
	BPF_READ = 1,
	BPF_WRITE = 2,
};

/**
 * struct bpf_insn_access_aux - what a load from a context yields
 * @reg_type: enum bpf_reg_type and flags; SCALAR_VALUE unless the hook says otherwise
 * @btf: for PTR_TO_BTF_ID: where its type stands
 * @btf_id: for PTR_TO_BTF_ID: its type
 */
struct bpf_insn_access_aux {
	u32 reg_type;
	struct btf *btf;
	u32 btf_id;
};

/* A typed pointer through which a program is about to store. */
struct bpf_reg_state {
	struct btf *btf;
	u32 btf_id;
};

/**
 * struct bpf_verifier_ops - what programs of a hook may do; a member that is NULL has a default
 * @get_func_proto: the helper of an id, or NULL where programs may not call it; default:
 *	bpf_base_func_proto()
 * @is_valid_access: may the context be accessed, and what does it yield; default:
 *	bpf_tracing_btf_ctx_access()
 * @btf_struct_access: may a program store to [@off, @off + @size) of an object: not below 0 if so;
 *	default: no
 */
struct bpf_verifier_ops {
	const struct bpf_func_proto *(*get_func_proto)(enum bpf_func_id func_id,
						       const struct bpf_prog *prog);
	bool (*is_valid_access)(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info);
	int (*btf_struct_access)(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
				 int off, int size);
};

const struct bpf_func_proto *bpf_base_func_proto(enum bpf_func_id func_id,
						 const struct bpf_prog *prog);
bool bpf_tracing_btf_ctx_access(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info);

#endif /* _LINUX_BPF_VERIFIER_H */
