// SPDX-License-Identifier: GPL-2.0
/*
 * Look-up of helpers: by number for a program, and names.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include "helpers/helpers.h"
#include "prog/prog_type.h"

#define HELPER_NAME(_name, _id)	\
	[_id] = "bpf_" #_name,
static const char *const helper_names[] = {
	___BPF_FUNC_MAPPER(HELPER_NAME)
};

static_assert(ARRAY_SIZE(helper_names) == __BPF_FUNC_MAX_ID);

/* See helpers.h. */
const char *bpf_helper_name(u32 id)
{
	return id < ARRAY_SIZE(helper_names) ? helper_names[id] : NULL;
}

static const struct bpf_helper_row *set_find(const struct bpf_helper_set *set, u32 id)
{
	u32 i;

	for (i = 0; i < set->cnt; i++) {
		if (set->rows[i].id == id)
			return &set->rows[i];
	}
	return NULL;
}

static bool row_allowed(const struct bpf_helper_row *row, const struct bpf_prog *prog)
{
	/* A row may stand for a helper that is not built in. */
	if (!row->proto)
		return false;
	return !row->cap || bpf_token_capable(prog->aux->token, row->cap);
}

/* What of a found row this program gets. */
static const struct bpf_func_proto *row_proto(const struct bpf_helper_row *row,
					      const struct bpf_prog *prog)
{
	if (!row_allowed(row, prog))
		return NULL;
	if (row->proto->allowed && !row->proto->allowed(prog))
		return NULL;
	return row->proto;
}

/* See helpers.h. */
const struct bpf_func_proto *bpf_helper_find_in(const struct bpf_helper_set *set,
						const struct bpf_prog *prog, u32 id)
{
	const struct bpf_helper_row *row = set_find(set, id);

	return row ? row_proto(row, prog) : NULL;
}

/* See helpers.h. */
const struct bpf_func_proto *bpf_helper_find(const struct bpf_prog *prog, u32 id)
{
	const struct bpf_prog_type_info *info = prog->aux->info;
	const struct bpf_helper_set *const *sets = info->helpers;
	const struct bpf_func_proto *proto;
	const struct bpf_helper_row *row;

	proto = info->helper ? info->helper(prog, id) : NULL;
	if (proto)
		return proto;
	for (; sets && *sets; sets++) {
		row = set_find(*sets, id);
		if (row)
			return row_proto(row, prog);
	}
	return NULL;
}
