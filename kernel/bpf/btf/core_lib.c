// SPDX-License-Identifier: GPL-2.0
/*
 * tools/lib/bpf/relo_core.c, compiled for the kernel: names that it uses for what <linux/btf.h>
 * calls otherwise, and the two questions that each of its users answers with a depth of its own.
 */
#include <linux/btf.h>
#include <linux/ctype.h>
#include <linux/err.h>

#include "btf/btf.h"
#include "btf/core.h"
#include "btf/internal.h"

/*
 * Levels of types that contain types: each is a frame on the stack, and each may look at all
 * members of a struct of the program's.
 */
#define CORE_DEPTH 2

static inline const char *btf_type_str(const struct btf_type *t)
{
	const struct btf_kind_row *row = btf_kind_row(btf_kind(t));

	return row ? row->name : "VOID";
}

#define btf_is_int		btf_type_is_int
#define btf_is_ptr		btf_type_is_ptr
#define btf_is_array		btf_type_is_array
#define btf_is_enum		btf_type_is_enum
#define btf_is_any_enum		btf_type_is_any_enum
#define btf_is_composite	btf_type_is_struct
#define btf_kind_core_compat(a, b) btf_core_kinds_agree(btf_kind(a), btf_kind(b))

static inline u32 btf_member_bit_offset(const struct btf_type *t, u32 idx)
{
	return __btf_member_bit_offset(t, btf_members(t) + idx);
}

static inline u32 btf_member_bitfield_size(const struct btf_type *t, u32 idx)
{
	return __btf_member_bitfield_size(t, btf_members(t) + idx);
}

static inline bool str_is_empty(const char *s)
{
	return !s || !*s;
}

#include <../tools/lib/bpf/relo_core.c>

/**
 * bpf_core_essential_name_len - a type's name without its flavour
 * @name: name; a flavour is the last "___" between other characters, and what follows
 *
 * Context: any. Return: bytes of the name before it; all of them where there is none.
 */
size_t bpf_core_essential_name_len(const char *name)
{
	size_t len = strlen(name);
	const char *at, *found = NULL;

	for (at = name; (at = strstr(at, "___")); at++)
		if (at > name && at[-1] != '_' && at[3] && at[3] != '_')
			found = at;
	return found ? found - name : len;
}

/**
 * bpf_log - where relo_core.c writes
 * @log: the log that stands where libbpf has the program's name
 * @fmt: format
 *
 * Context: process context, may sleep.
 */
void bpf_log(struct bpf_verifier_log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bpf_vlog_vprintf(log, fmt, args);
	va_end(args);
}

/**
 * bpf_core_types_are_compat - may one type stand where the other does
 * @local_btf: the program's BTF
 * @local_id: type in it
 * @targ_btf: the kernel's
 * @targ_id: type in it
 *
 * Context: any. Return: 1 for yes, 0 for no, -EINVAL where they are nested too deep.
 */
int bpf_core_types_are_compat(const struct btf *local_btf, __u32 local_id,
			      const struct btf *targ_btf, __u32 targ_id)
{
	return __bpf_core_types_are_compat(local_btf, local_id, targ_btf, targ_id, CORE_DEPTH);
}

/**
 * bpf_core_types_match - has the kernel's type all that the program's has
 * @local_btf: the program's BTF
 * @local_id: type in it
 * @targ_btf: the kernel's
 * @targ_id: type in it
 *
 * Context: any. Return: 1 for yes, 0 for no, -EINVAL where they are nested too deep.
 */
int bpf_core_types_match(const struct btf *local_btf, __u32 local_id, const struct btf *targ_btf,
			 __u32 targ_id)
{
	return __bpf_core_types_match(local_btf, local_id, targ_btf, targ_id, false, CORE_DEPTH);
}
