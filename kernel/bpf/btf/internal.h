/* SPDX-License-Identifier: GPL-2.0 */
/* BTF objects as the room itself sees them. */
#ifndef _KBPF_BTF_INTERNAL_H
#define _KBPF_BTF_INTERNAL_H

#include <linux/btf.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "verifier/log.h"

#define BTF_MAX_SIZE (16U << 20)	/* bytes of one object from user space */
/* Structs in structs in arrays ...: what may recurse over nesting counts on it. */
#define BTF_MAX_NESTING 64

struct btf_dtor_tab;
struct btf_field;
struct btf_kfunc_tab;
struct btf_metas;
struct btf_record;

/*
 * struct btf - one BTF object
 * @base: object whose ids and strings come before ours (split BTF); NULL: none
 * @start_id: id of our first type: 1, or the base's number of ids
 * @start_str: offset of our first string: 0, or the base's size of strings
 * @nr_types: our types, void not counted
 * @types: type of id start_id + i
 * @hash_heads: name hash to index + 1 of the first type in its chain, lowest id first
 * @hash_next: the chain
 * @resolved: sizes have been computed: @sizes[i], U32_MAX where the type has none
 * @data: header, types and strings
 */
struct btf {
	refcount_t refcnt;
	u32 id;
	struct btf *base;
	u32 start_id;
	u32 start_str;
	u32 nr_types;
	u32 str_len;
	const char *strings;
	const struct btf_type **types;
	u32 *sizes;
	u32 *hash_heads;
	u32 *hash_next;
	u32 hash_mask;
	void *data;
	u32 data_size;
	bool kernel;
	bool owns_data;
	struct module *module;
	char name[56];			/* MODULE_NAME_LEN on 64 bits */
	struct btf_kfunc_tab *kfunc_tab;
	struct btf_dtor_tab *dtor_tab;
	struct btf_metas *metas;	/* of programs' BTF */
	struct rcu_head rcu;
};

/* ------------------------------------------------------------------ kinds (kinds.c) */

enum btf_name_rule { BTF_NAME_NONE, BTF_NAME_ANY, BTF_NAME_IDENT, BTF_NAME_SECTION };
enum btf_union_rule { BTF_SIZE, BTF_TYPE, BTF_ZERO };	/* what size/type of struct btf_type is */

/**
 * struct btf_kind_row - one kind
 * @name: for logs: "STRUCT"
 * @fixed: bytes after struct btf_type
 * @elem: bytes more for each of vlen
 * @kflag: kind_flag may be set
 * @vlen: vlen may be other than 0
 * @union_rule: what the size/type member means
 * @name_rule: names allowed
 * @name_needed: the name must not be empty
 */
struct btf_kind_row {
	const char *name;
	u8 fixed;
	u8 elem;
	bool kflag;
	bool vlen;
	enum btf_union_rule union_rule;
	enum btf_name_rule name_rule;
	bool name_needed;
};

const struct btf_kind_row *btf_kind_row(u32 kind);
u32 btf_type_bytes(const struct btf_type *t);

/* ------------------------------------------------------------------ checking */

/*
 * struct btf_check - an object being checked
 * @log: where problems and types are written
 */
struct btf_check {
	struct btf *btf;
	struct bpf_verifier_log *log;
};

/* Writes the type's line with @fmt at its end; returns -EINVAL. */
__printf(4, 5) int btf_bad(struct btf_check *c, const struct btf_type *t, u32 id, const char *fmt,
			   ...);
int btf_check_header(struct btf_check *c);
int btf_check_type(struct btf_check *c, const struct btf_type *t, u32 id);	/* check.c */
int btf_check_refs(struct btf_check *c);					/* check_refs.c */

/* ------------------------------------------------------------------ objects */

struct btf *btf_alloc(struct btf *base);
void btf_free(struct btf *btf);
int btf_index_types(struct btf_check *c);
int btf_index_names(struct btf *btf);
u32 btf_next_named(const struct btf *btf, const char *name, u32 id);
/* @fn on the BTF of each module that is loaded, until it returns other than 0; its result. */
int btf_each_module(int (*fn)(struct btf *btf, void *arg), void *arg);
s32 btf_find_own(const struct btf *btf, const char *name, u8 kind);

/* A trusted object (vmlinux, modules): @data stays where it is and is not checked type by type. */
struct btf *btf_parse_trusted(struct btf *base, const void *data, u32 size, const char *name);

static inline bool btf_str_valid(const struct btf *btf, u32 off)
{
	while (off < btf->start_str)
		btf = btf->base;
	return off - btf->start_str < btf->str_len;
}

static inline u32 btf_end_id(const struct btf *btf)
{
	return btf->start_id + btf->nr_types;
}

void btf_kfuncs_free(struct btf *btf);

/* ------------------------------------------------------------------ special fields */

/*
 * Fields of the kinds @wanted in a type; NULL: none. @steps: types that may be looked at, less
 * those that were; -E2BIG where they are not enough (record.c).
 */
struct btf_record *btf_record_scan(const struct btf *btf, u32 id, u32 wanted, u32 *steps);
int btf_record_link(struct btf_record *rec);					/* metas.c */
int btf_graph_resolve(const struct btf *btf, u32 type, int comp, struct btf_field *f);
int btf_metas_make(struct btf *btf);
void btf_metas_free(struct btf *btf);

#endif /* _KBPF_BTF_INTERNAL_H */
