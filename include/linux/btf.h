/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BTF as the rest of the kernel sees it: reading types, and offering functions to programs.
 */
#ifndef _LINUX_BTF_H
#define _LINUX_BTF_H

#include <linux/bits.h>
#include <linux/btf_ids.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/types.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/btf.h>

struct bpf_prog;
struct btf;
struct module;
struct seq_file;

/* ------------------------------------------------------------------ keeping types */

/* A type appears in BTF only when debug information mentions it: mention it. */
#define BTF_TYPE_EMIT(type) ((void)(type *)0)
#define BTF_TYPE_EMIT_ENUM(enum_val) ((void)enum_val)

/* ------------------------------------------------------------------ functions for programs */

/* A function that programs call: never inlined, changed or dropped by the compiler. */
#define __bpf_kfunc __used __retain noinline

/* Around their definitions: they are global without a prototype in a header. */
#define __bpf_kfunc_start_defs()						\
	__diag_push();								\
	__diag_ignore_all("-Wmissing-declarations",				\
			  "programs call kfuncs through their BTF");		\
	__diag_ignore_all("-Wmissing-prototypes",				\
			  "programs call kfuncs through their BTF")
#define __bpf_kfunc_end_defs() __diag_pop()

/* Around functions that exist to be attached to. */
#define __bpf_hook_start() __bpf_kfunc_start_defs()
#define __bpf_hook_end() __bpf_kfunc_end_defs()

/* Flags of BTF_ID_FLAGS(func, ...); plain numbers, they also go into assembler text. */
#define KF_ACQUIRE	0x0001	/* returns a reference that has to be released */
#define KF_RELEASE	0x0002	/* takes the reference of its argument over */
#define KF_RET_NULL	0x0004	/* may return NULL */
#define KF_TRUSTED_ARGS	0x0010	/* pointers are valid and their objects alive */
#define KF_SLEEPABLE	0x0020	/* may sleep */
#define KF_DESTRUCTIVE	0x0040	/* needs CAP_SYS_BOOT */
#define KF_RCU		0x0080	/* pointers are trusted or under RCU, and not NULL */
#define KF_ITER_NEW	0x0100	/* open-coded iterator: constructor */
#define KF_ITER_NEXT	0x0200
#define KF_ITER_DESTROY	0x0400
#define KF_RCU_PROTECTED 0x0800	/* only inside an RCU section */
#define KF_FASTCALL	0x1000	/* keeps R1 to R5 */

/* A set's own rule, asked at load time: 0 lets @prog call @kfunc_id. */
typedef int (*btf_kfunc_filter_t)(const struct bpf_prog *prog, u32 kfunc_id);

/**
 * struct btf_kfunc_id_set - kernel functions offered to a program type
 * @owner: module of the functions, NULL (THIS_MODULE of built-in code) for vmlinux
 * @set: the functions, from BTF_KFUNCS_START()
 * @filter: may be NULL
 */
struct btf_kfunc_id_set {
	struct module *owner;
	struct btf_id_set8 *set;
	btf_kfunc_filter_t filter;
};

/* A type whose references maps may hold, and the function that drops one. */
struct btf_id_dtor_kfunc {
	u32 btf_id;
	u32 kfunc_btf_id;
};

/* ------------------------------------------------------------------ one type */

static inline u32 btf_kind(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static inline u32 btf_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline u16 btf_type_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool btf_type_kflag(const struct btf_type *t)
{
	return BTF_INFO_KFLAG(t->info);
}

/* A FUNC keeps its linkage where other kinds count members. */
static inline u16 btf_func_linkage(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool btf_type_is_void(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_UNKN;
}

static inline bool btf_type_is_int(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_INT;
}

static inline bool btf_type_is_ptr(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_PTR;
}

static inline bool btf_type_is_array(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_ARRAY;
}

static inline bool __btf_type_is_struct(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_STRUCT;
}

static inline bool btf_type_is_union(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_UNION;
}

/* Struct or union. */
static inline bool btf_type_is_struct(const struct btf_type *t)
{
	return __btf_type_is_struct(t) || btf_type_is_union(t);
}

static inline bool btf_type_is_enum(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_ENUM;
}

static inline bool btf_type_is_enum64(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_ENUM64;
}

/* Enum of either width. */
static inline bool btf_type_is_any_enum(const struct btf_type *t)
{
	return btf_type_is_enum(t) || btf_type_is_enum64(t);
}

static inline bool btf_type_is_scalar(const struct btf_type *t)
{
	return btf_type_is_int(t) || btf_type_is_any_enum(t);
}

static inline bool btf_type_is_fwd(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FWD;
}

static inline bool btf_type_is_typedef(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_TYPEDEF;
}

static inline bool btf_type_is_volatile(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_VOLATILE;
}

static inline bool btf_type_is_func(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FUNC;
}

static inline bool btf_type_is_func_proto(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FUNC_PROTO;
}

static inline bool btf_type_is_var(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_VAR;
}

static inline bool btf_type_is_datasec(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_DATASEC;
}

static inline bool btf_type_is_float(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FLOAT;
}

static inline bool btf_type_is_decl_tag(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_DECL_TAG;
}

static inline bool btf_type_is_type_tag(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_TYPE_TAG;
}

/* Kinds that only qualify or name the type they refer to. */
static inline bool btf_type_is_modifier(const struct btf_type *t)
{
	const u32 modifiers = BIT(BTF_KIND_TYPEDEF) | BIT(BTF_KIND_VOLATILE) |
			      BIT(BTF_KIND_CONST) | BIT(BTF_KIND_RESTRICT) |
			      BIT(BTF_KIND_TYPE_TAG);

	return modifiers & BIT(btf_kind(t));
}

/* ------------------------------------------------------------------ what follows a type */

static inline u8 btf_int_encoding(const struct btf_type *t)
{
	return BTF_INT_ENCODING(*(const u32 *)(t + 1));
}

/* In bits. */
static inline u8 btf_int_offset(const struct btf_type *t)
{
	return BTF_INT_OFFSET(*(const u32 *)(t + 1));
}

/* Width in bits. */
static inline u8 btf_int_bits(const struct btf_type *t)
{
	return BTF_INT_BITS(*(const u32 *)(t + 1));
}

/* An integer of 1, 2, 4 or 8 whole bytes. */
static inline bool btf_type_is_small_int(const struct btf_type *t)
{
	u8 bits;

	if (!btf_type_is_int(t) || btf_int_offset(t))
		return false;
	bits = btf_int_bits(t);
	return bits == t->size * 8 && (bits == 8 || bits == 16 || bits == 32 || bits == 64);
}

static inline struct btf_array *btf_array(const struct btf_type *t)
{
	return (struct btf_array *)(t + 1);
}

static inline struct btf_enum *btf_enum(const struct btf_type *t)
{
	return (struct btf_enum *)(t + 1);
}

static inline struct btf_enum64 *btf_enum64(const struct btf_type *t)
{
	return (struct btf_enum64 *)(t + 1);
}

static inline u64 btf_enum64_value(const struct btf_enum64 *e)
{
	return (u64)e->val_hi32 << 32 | e->val_lo32;
}

static inline struct btf_member *btf_members(const struct btf_type *t)
{
	return (struct btf_member *)(t + 1);
}

static inline const struct btf_member *btf_type_member(const struct btf_type *t)
{
	return (const struct btf_member *)(t + 1);
}

static inline struct btf_param *btf_params(const struct btf_type *t)
{
	return (struct btf_param *)(t + 1);
}

static inline const struct btf_var *btf_type_var(const struct btf_type *t)
{
	return (const struct btf_var *)(t + 1);
}

static inline const struct btf_var_secinfo *btf_type_var_secinfo(const struct btf_type *t)
{
	return (const struct btf_var_secinfo *)(t + 1);
}

static inline const struct btf_decl_tag *btf_type_decl_tag(const struct btf_type *t)
{
	return (const struct btf_decl_tag *)(t + 1);
}

/* Offset of a member in bits; @t is its struct or union. */
static inline u32 __btf_member_bit_offset(const struct btf_type *t, const struct btf_member *m)
{
	return btf_type_kflag(t) ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset;
}

/* Width of a bit field in bits; 0: not one. */
static inline u32 __btf_member_bitfield_size(const struct btf_type *t, const struct btf_member *m)
{
	return btf_type_kflag(t) ? BTF_MEMBER_BITFIELD_SIZE(m->offset) : 0;
}

#define for_each_member(i, struct_type, member)				\
	for ((i) = 0, (member) = btf_type_member(struct_type);		\
	     (i) < btf_type_vlen(struct_type);				\
	     (i)++, (member)++)

#define for_each_vsi(i, datasec_type, member)				\
	for ((i) = 0, (member) = btf_type_var_secinfo(datasec_type);	\
	     (i) < btf_type_vlen(datasec_type);				\
	     (i)++, (member)++)

/* ------------------------------------------------------------------ types by id and name */

#ifdef CONFIG_BPF_SYSCALL

void btf_get(struct btf *btf);
void btf_put(struct btf *btf);
struct btf *btf_get_by_fd(int fd);

/* BTF of vmlinux, read at first use; NULL where the kernel was built without, or ERR_PTR. */
struct btf *bpf_get_btf_vmlinux(void);

u32 btf_nr_types(const struct btf *btf);
u32 btf_obj_id(const struct btf *btf);
bool btf_is_kernel(const struct btf *btf);
bool btf_is_module(const struct btf *btf);
struct module *btf_try_get_module(const struct btf *btf);

const struct btf_type *btf_type_by_id(const struct btf *btf, u32 type_id);
const char *btf_name_by_offset(const struct btf *btf, u32 offset);
const struct btf_type *btf_type_skip_modifiers(const struct btf *btf, u32 id, u32 *res_id);
const struct btf_type *btf_type_resolve_ptr(const struct btf *btf, u32 id, u32 *res_id);
const struct btf_type *btf_resolve_size(const struct btf *btf, const struct btf_type *type,
					u32 *type_size);
s32 btf_find_by_name_kind(const struct btf *btf, const char *name, u8 kind);

/* In vmlinux, then in each module; @btf_p gets a reference with the id. */
s32 bpf_find_btf_id(const char *name, u32 kind, struct btf **btf_p);

int register_btf_kfunc_id_set(enum bpf_prog_type prog_type, const struct btf_kfunc_id_set *kset);
int register_btf_fmodret_id_set(const struct btf_kfunc_id_set *kset);
int register_btf_id_dtor_kfuncs(const struct btf_id_dtor_kfunc *dtors, u32 add_cnt,
				struct module *owner);

#else /* !CONFIG_BPF_SYSCALL */

static inline void btf_get(struct btf *btf) {}
static inline void btf_put(struct btf *btf) {}

static inline struct btf *bpf_get_btf_vmlinux(void)
{
	return NULL;
}

static inline const struct btf_type *btf_type_by_id(const struct btf *btf, u32 type_id)
{
	return NULL;
}

static inline const char *btf_name_by_offset(const struct btf *btf, u32 offset)
{
	return NULL;
}

static inline const struct btf_type *btf_type_skip_modifiers(const struct btf *btf, u32 id,
							     u32 *res_id)
{
	return NULL;
}

static inline s32 btf_find_by_name_kind(const struct btf *btf, const char *name, u8 kind)
{
	return -EOPNOTSUPP;
}

static inline s32 bpf_find_btf_id(const char *name, u32 kind, struct btf **btf_p)
{
	return -EOPNOTSUPP;
}

/* Nobody can call them, so there is nothing to do: the callers' initialisation goes on. */
static inline int register_btf_kfunc_id_set(enum bpf_prog_type prog_type,
					    const struct btf_kfunc_id_set *kset)
{
	return 0;
}

static inline int register_btf_fmodret_id_set(const struct btf_kfunc_id_set *kset)
{
	return 0;
}

static inline int register_btf_id_dtor_kfuncs(const struct btf_id_dtor_kfunc *dtors, u32 add_cnt,
					      struct module *owner)
{
	return 0;
}

#endif /* CONFIG_BPF_SYSCALL */

#endif /* _LINUX_BTF_H */
