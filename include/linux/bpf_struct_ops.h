/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel objects whose functions are programs: for the subsystems and modules that have such
 * objects.
 *
 * A subsystem with a struct of function pointers registers it, and a loader then creates objects of
 * that struct as maps of type BPF_MAP_TYPE_STRUCT_OPS, with programs in the place of functions.
 */
#ifndef _LINUX_BPF_STRUCT_OPS_H
#define _LINUX_BPF_STRUCT_OPS_H

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/cache.h>
#include <linux/refcount.h>

struct bpf_link;
struct btf_member;
struct module;

/* In the order of an object's life. Clients read it out of a map's value. */
enum bpf_struct_ops_state {
	BPF_STRUCT_OPS_STATE_INIT,	/* empty */
	BPF_STRUCT_OPS_STATE_INUSE,	/* the subsystem has it */
	BPF_STRUCT_OPS_STATE_TOBEFREE,	/* the subsystem gave it back */
	BPF_STRUCT_OPS_STATE_READY,	/* whole; links give it to the subsystem */
};

/* What stands before the object in a map's value; user space reads it and writes zeros. */
struct bpf_struct_ops_common_value {
	refcount_t refcnt;
	enum bpf_struct_ops_state state;
};

/**
 * struct bpf_struct_ops - a kind of kernel objects
 * @verifier_ops: what their programs may do
 * @init: called once with the BTF that has the struct; may be NULL
 * @check_member: may @prog stand in @member; NULL: yes
 * @init_member: takes a member that is no function over from @udata to @kdata: 1 taken, 0 not its
 *	business (it then has to be zero), -errno; NULL: none is
 * @reg: takes an object into use; @link NULL: for good, until the map's element is deleted
 * @unreg: gives it back; may sleep, nobody comes to use it any more when it returns
 * @update: puts @kdata in the place of @old_kdata; NULL: links cannot be updated
 * @validate: is an object whole; asked before it is given to @reg; NULL: yes
 * @cfi_stubs: an object of the struct whose function pointers say which members may be programs.
 *	The stub of member m of struct s is named s__m, and a parameter of it named ..__nullable
 *	may be NULL
 * @owner: module, NULL for vmlinux
 * @name: of the struct
 */
struct bpf_struct_ops {
	const struct bpf_verifier_ops *verifier_ops;
	int (*init)(struct btf *btf);
	int (*check_member)(const struct btf_type *t, const struct btf_member *member,
			    const struct bpf_prog *prog);
	int (*init_member)(const struct btf_type *t, const struct btf_member *member, void *kdata,
			   const void *udata);
	int (*reg)(void *kdata, struct bpf_link *link);
	void (*unreg)(void *kdata, struct bpf_link *link);
	int (*update)(void *kdata, void *old_kdata, struct bpf_link *link);
	int (*validate)(void *kdata);
	void *cfi_stubs;
	struct module *owner;
	const char *name;
};

#if defined(CONFIG_BPF_JIT) && defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF)
int __register_bpf_struct_ops(struct bpf_struct_ops *st_ops);

/**
 * register_bpf_struct_ops - let loaders make objects of a struct
 * @st_ops: the kind of objects; stays in place as long as its owner
 * @type: the struct's name, as a word
 *
 * The local struct is the value of maps of this kind, as loaders look it up by its name.
 */
#define register_bpf_struct_ops(st_ops, type)				\
({									\
	struct bpf_struct_ops_##type {					\
		struct bpf_struct_ops_common_value common;		\
		struct type data ____cacheline_aligned_in_smp;		\
	};								\
									\
	BTF_TYPE_EMIT(struct bpf_struct_ops_##type);			\
	__register_bpf_struct_ops(st_ops);				\
})
#else
static inline int __register_bpf_struct_ops(struct bpf_struct_ops *st_ops)
{
	return 0;
}

/* Nobody can make objects of it: the caller's initialisation goes on. */
#define register_bpf_struct_ops(st_ops, type)	__register_bpf_struct_ops(st_ops)
#endif

#endif /* _LINUX_BPF_STRUCT_OPS_H */
