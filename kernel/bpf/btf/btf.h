/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BTF room offers to the other rooms of the subsystem, beyond <linux/btf.h>.
 */
#ifndef _KBPF_BTF_BTF_H
#define _KBPF_BTF_BTF_H

#include <linux/bpf.h>
#include <linux/btf.h>

struct bpf_verifier_log;
struct seq_file;

/* ------------------------------------------------------------------ bpf(2) */

/**
 * btf_new_fd - BPF_BTF_LOAD
 * @attr: kernel copy of the attributes
 * @uattr: user space's, for btf_log_true_size
 * @uattr_size: bytes of it that user space knows
 * @from_kernel: a program's call: the types stand in kernel memory, nothing is told but the log
 *
 * Context: process context, may sleep. Return: fd or -errno.
 */
int btf_new_fd(const union bpf_attr *attr, union bpf_attr __user *uattr, u32 uattr_size,
	       bool from_kernel);
int btf_get_fd_by_id(u32 id);
/* Id of the first BTF object with an id above @id, or -ENOENT. */
int btf_next_id(u32 id);
/* BPF_OBJ_GET_INFO_BY_FD for a BTF fd. */
int btf_get_info_by_fd(const struct btf *btf, const union bpf_attr *attr,
		       union bpf_attr __user *uattr);
/* "btf_id:" line of /proc/PID/fdinfo. */
void bpf_btf_show_fdinfo(struct seq_file *m, struct file *file);
/* The BTF behind @file, or NULL where it is no BTF fd. No reference is taken. */
struct btf *btf_from_file(struct file *file);

/* ------------------------------------------------------------------ reading types */

const char *btf_type_name(const struct btf *btf, const struct btf_type *t);
/* "vmlinux", a module's name, or "" */
const char *btf_name(const struct btf *btf);

/* Is it, behind typedefs and qualifiers, an integer of 4 bytes without bit offset? */
bool btf_type_is_u32_key(const struct btf *btf, const struct btf_type *t);

/**
 * btf_type_seq_show - print a value by its type
 * @btf: BTF
 * @type_id: type of @obj
 * @obj: value in kernel memory
 * @m: where to
 *
 * Context: may be under RCU; does not sleep.
 */
void btf_type_seq_show(const struct btf *btf, u32 type_id, void *obj, struct seq_file *m);

/* The same with BTF_F_* flags; -errno on a bad type. */
int btf_type_seq_show_flags(const struct btf *btf, u32 type_id, void *obj, struct seq_file *m,
			    u64 flags);
/* Into a buffer: bytes that the whole text has, like snprintf(). */
int btf_type_snprintf_show(const struct btf *btf, u32 type_id, void *obj, char *buf, int len,
			   u64 flags);

/**
 * btf_resolve_size_elem - as btf_resolve_size(), and what an array is made of
 * @btf: BTF that @type is in
 * @type: type to be measured
 * @type_size: its size in bytes
 * @elem_id: id of the innermost element type
 * @total_nelems: elements of all dimensions
 */
const struct btf_type *btf_resolve_size_elem(const struct btf *btf, const struct btf_type *type,
					     u32 *type_size, u32 *elem_id, u32 *total_nelems);

/* Function whose BTF id is @id: its FUNC and FUNC_PROTO; false where it is none. */
bool btf_func_by_id(const struct btf *btf, u32 id, const struct btf_type **func,
		    const struct btf_type **proto);

/* Same struct, whatever BTF each side stands in: names and sizes agree and one is vmlinux's. */
bool btf_types_are_same(const struct btf *btf1, u32 id1, const struct btf *btf2, u32 id2);

/* ------------------------------------------------------------------ map values */

/**
 * bpf_map_parse_record - special fields of a map's value type
 * @map: the map being created (type, value_size)
 * @btf: its BTF
 * @value_id: value type
 *
 * Context: process context, may sleep.
 * Return: the record, NULL where there are none, or ERR_PTR: -EINVAL, -E2BIG, -EEXIST (two of
 * which only one may be), -EOPNOTSUPP for a field that this kind of map cannot hold.
 */
struct btf_record *bpf_map_parse_record(const struct bpf_map *map, const struct btf *btf,
					u32 value_id);

/* Special fields of a struct of a program's BTF, for as long as that lives; NULL: none. */
const struct btf_record *btf_struct_record(const struct btf *btf, u32 id);

/* ------------------------------------------------------------------ the verifier */

enum btf_access_kind {
	BTF_ACCESS_SCALAR,	/* plain bytes */
	BTF_ACCESS_PTR,		/* a pointer to a struct: @next_id, @flags */
	BTF_ACCESS_PTR_PERCPU,	/* the same, per-CPU */
	BTF_ACCESS_OTHER_PTR,	/* a pointer to something else: a scalar for programs */
};

/**
 * struct btf_access - what a load through a typed pointer finds
 * @kind: enum btf_access_kind
 * @next_id: type pointed to, in the same BTF
 * @flags: enum bpf_type_flag from type tags: MEM_USER, MEM_PERCPU, MEM_RCU
 * @field_name: of the last member, for messages
 * @in_byte_array: inside an array of bytes that serves as storage
 */
struct btf_access {
	enum btf_access_kind kind;
	u32 next_id;
	u32 flags;
	const char *field_name;
	bool in_byte_array;
};

/**
 * btf_struct_walk - what stands at @off in a struct
 * @btf: BTF of the struct
 * @id: the struct
 * @off: bytes, not negative
 * @size: bytes of the access
 * @res: result
 * @msg: on failure one line of reason
 * @msg_size: bytes of @msg
 *
 * Nested structs, unions, arrays (several dimensions, of structs, flexible at the end), byte arrays
 * as storage for anything, bit fields; holes and accesses across members are refused.
 *
 * Context: any. Return: 0, -EACCES, -EINVAL.
 */
int btf_struct_walk(const struct btf *btf, u32 id, int off, int size, struct btf_access *res,
		    char *msg, size_t msg_size);

/*
 * Does @id, at byte @off of it, hold struct @want? For pointers to the first member and the like.
 */
bool btf_struct_ids_match(const struct btf *btf, u32 id, int off, const struct btf *want_btf,
			  u32 want_id, bool strict);

/*
 * struct bpf_func_info_aux - what a program's verification found of a function
 * @called: static functions: it is called by the program, not only by helpers
 * @types_differ: static functions: in some call, something is passed that its prototype does not
 *	say
 * @throws: it returns a second word, which tells of exceptions
 */
struct bpf_func_info_aux {
	bool called;
	bool types_differ;
	bool throws;
};

/* Does a pointer lead to a type of a name, its own or a typedef's, whatever flavour ("x___old")? */
bool btf_ptr_names(const struct btf *btf, const struct btf_type *ptr, const char *want);

/*
 * struct btf_ctx_arg - one argument of a typed context (fentry, tp_btf, LSM, struct_ops)
 * @reg_type: SCALAR_VALUE or PTR_TO_BTF_ID with flags
 * @btf: of the type pointed to
 * @btf_id: the type pointed to
 * @is_ret: no argument but what the function returns
 */
struct btf_ctx_arg {
	u32 reg_type;
	struct btf *btf;
	u32 btf_id;
	bool is_ret;
};

/* Access at byte @off, @size of the u64 array that stands for @prog's attach target's arguments. */
bool btf_ctx_access(int off, int size, const struct bpf_prog *prog, struct btf_ctx_arg *res,
		    char *msg, size_t msg_size);

/*
 * Kfuncs: flags of @id (in vmlinux or a module) for @prog's type, or NULL where it may not call
 * it.
 */
const u32 *btf_kfunc_flags(const struct btf *btf, u32 id, const struct bpf_prog *prog);
/* Destructor of kptrs to @id, or NULL. */
void *btf_kptr_dtor(const struct btf *btf, u32 id);

/**
 * btf_core_apply - in-kernel CO-RE relocation of one instruction
 * @prog_btf: the program's BTF, may be NULL
 * @relo: relocation, as user space gave it
 * @relo_idx: its index, for the log
 * @insn: the instruction; of BPF_LD_IMM64 the second half follows
 * @log: what is looked for, what is found
 *
 * Where the kernel has no such type or field, the instruction becomes one that the verifier refuses
 * if a path reaches it.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -ESRCH, -E2BIG (too many types of the name), -EOPNOTSUPP, -ENOMEM.
 */
int btf_core_apply(const struct btf *prog_btf, const struct bpf_core_relo *relo, int relo_idx,
		   struct bpf_insn *insn, struct bpf_verifier_log *log);

#endif /* _KBPF_BTF_BTF_H */
