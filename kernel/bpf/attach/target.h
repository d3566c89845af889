/* SPDX-License-Identifier: GPL-2.0 */
/* What a program attaches to by BTF id: finding it, and how it is called. */
#ifndef _KBPF_ATTACH_TARGET_H
#define _KBPF_ATTACH_TARGET_H

#include <linux/bpf.h>
#include <linux/btf.h>

#include "exec/tramp.h"

struct module;

/* Arguments of a function of a program: registers R1 to R5. */
#define MAX_BPF_FUNC_REG_ARGS	5

/**
 * struct bpf_attach_target - a function, a tracepoint or an iterator's target
 * @prog: the program whose function it is, NULL: the kernel's; borrowed
 * @subprog: number of the function in @prog
 * @btf: types that @btf_id and @proto stand in; borrowed
 * @btf_id: its FUNC, for a tracepoint its TYPEDEF
 * @proto: its prototype; NULL: not known for certain, five u64 and a u64
 * @name: its name, in @btf
 * @addr: its first instruction, 0 where it is no code
 * @mod: module that it stands in, with a reference; NULL: none
 * @tracepoint: arguments begin with the second parameter of @proto
 * @model: how it is called; empty where it is no code
 */
struct bpf_attach_target {
	struct bpf_prog *prog;
	u32 subprog;
	struct btf *btf;
	u32 btf_id;
	const struct btf_type *proto;
	const char *name;
	unsigned long addr;
	struct module *mod;
	bool tracepoint;
	struct bpf_func_model model;
};

int bpf_attach_target_resolve(const struct bpf_prog *prog, struct bpf_prog *dst, u32 btf_id,
			      struct bpf_attach_target *target, char *msg, size_t msg_size);
void bpf_attach_target_put(struct bpf_attach_target *target);
int bpf_attach_target_check(struct bpf_prog *prog, char *msg, size_t msg_size);

/* model.c */
int bpf_func_model_make(const struct btf *btf, const struct btf_type *proto, const char *name,
			struct bpf_func_model *model, char *msg, size_t msg_size);

/* deny.c: functions that no program, or no program of a kind, may be attached to. */
bool bpf_attach_denied(const char *name);
bool bpf_attach_noreturn(const char *name);

/* lsm.c: may @prog stand at a hook of security modules? 0 or -EINVAL with a reason. */
#ifdef CONFIG_BPF_LSM
int bpf_lsm_check_target(const struct bpf_prog *prog, const char *name, u32 btf_id, char *msg,
			 size_t msg_size);
#else
static inline int bpf_lsm_check_target(const struct bpf_prog *prog, const char *name, u32 btf_id,
				       char *msg, size_t msg_size)
{
	return -EOPNOTSUPP;
}
#endif

#endif /* _KBPF_ATTACH_TARGET_H */
