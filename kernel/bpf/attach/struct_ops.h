/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel objects made of programs: kinds of objects, and objects as maps. */
#ifndef _KBPF_ATTACH_STRUCT_OPS_H
#define _KBPF_ATTACH_STRUCT_OPS_H

#include <linux/bpf_struct_ops.h>

#include "exec/tramp.h"
#include "prog/prog_type.h"

/**
 * struct bpf_struct_ops_value - a map's value
 * @common: what is the map's own
 * @data: the object, as its subsystem knows it
 */
struct bpf_struct_ops_value {
	struct bpf_struct_ops_common_value common;
	char data[] ____cacheline_aligned_in_smp;
};

/**
 * struct bpf_struct_ops_func - a member that is a function
 * @proto: its prototype; NULL: the member is none
 * @stub: the subsystem takes programs there
 * @model: how it is called
 * @args: parameters that are more than their types say
 * @nr_args: how many
 */
struct bpf_struct_ops_func {
	const struct btf_type *proto;
	bool stub;
	struct bpf_func_model model;
	struct bpf_ctx_arg_aux *args;
	u32 nr_args;
};

/**
 * struct bpf_struct_ops_desc - a kind of objects
 * @node: among all kinds
 * @st_ops: as it was registered
 * @btf: where its struct stands; borrowed from vmlinux or its module, which whoever has the
 *	descriptor holds
 * @type: the struct
 * @type_id: its id
 * @value_type: of a map's values
 * @value_id: its id
 * @info: row of its programs
 * @nr: members
 * @funcs: for each member what it is as a function
 */
struct bpf_struct_ops_desc {
	struct list_head node;
	struct bpf_struct_ops *st_ops;
	struct btf *btf;
	const struct btf_type *type;
	u32 type_id;
	const struct btf_type *value_type;
	u32 value_id;
	struct bpf_prog_type_info info;
	u32 nr;
	struct bpf_struct_ops_func funcs[];
};

/* struct_ops_types.c */
const struct bpf_struct_ops_desc *bpf_struct_ops_get_type(struct btf *btf, u32 type_id,
							  struct module **mod);
const struct bpf_struct_ops_desc *bpf_struct_ops_get_value(struct btf *btf, u32 value_id,
							   struct module **mod);

/* struct_ops_prog.c: fills in the row of a kind's programs. */
void bpf_struct_ops_set_info(struct bpf_struct_ops_desc *desc);

/* struct_ops_map.c */
void *bpf_struct_ops_map_data(struct bpf_map *map);
const struct bpf_struct_ops_desc *bpf_struct_ops_map_desc(const struct bpf_map *map);
int bpf_struct_ops_map_ready(const struct bpf_map *map);

#endif /* _KBPF_ATTACH_STRUCT_OPS_H */
