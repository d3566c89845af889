/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers: rows, sets of rows, and the look-up that the verifier, probes and documentation share.
 */
#ifndef _KBPF_HELPERS_H
#define _KBPF_HELPERS_H

#include <linux/bpf.h>

/**
 * struct bpf_helper_row - one helper as one family of programs may call it
 * @id: enum bpf_func_id
 * @proto: prototype and function
 * @cap: capability that the loader (or its token) needs besides, or 0
 */
struct bpf_helper_row {
	u32 id;
	const struct bpf_func_proto *proto;
	int cap;
};

/*
 * struct bpf_helper_set - rows that belong together
 * @name: for documentation
 * @rows: any order; an id at most once
 */
struct bpf_helper_set {
	const char *name;
	const struct bpf_helper_row *rows;
	u32 cnt;
};

#define BPF_HELPER_SET(_name, _rows) \
	const struct bpf_helper_set _name = { #_name, _rows, ARRAY_SIZE(_rows) }

/* What every program may call, and what CAP_BPF and CAP_PERFMON add. */
extern const struct bpf_helper_set bpf_base_helpers;

/* About the task that the program interrupted or runs for; in the kernel alone. */
extern const struct bpf_helper_set bpf_current_helpers;

/* What reading the kernel takes, for programs of every type; in the kernel alone. */
extern const struct bpf_helper_set bpf_perfmon_helpers;

/* Of programs that user space calls: bpf(2) and what goes with it; in the kernel alone. */
extern const struct bpf_helper_set bpf_syscall_helpers;

/* Of tracing programs, and of those at functions; in kernel/trace/bpf. */
extern const struct bpf_helper_set bpf_trace_helpers;
extern const struct bpf_helper_set bpf_tracing_helpers;

/* Sockets as the kernel's structs, and the one of a file; in net/bpf. */
extern const struct bpf_helper_set bpf_sock_cast_helpers;
extern const struct bpf_func_proto bpf_sock_from_file_proto;

/**
 * bpf_helper_find - the helper of an id for a program
 * @prog: the program being loaded; its type's row names the sets, first match wins
 * @id: enum bpf_func_id
 *
 * Context: any. Return: the prototype, or NULL where this program may not call it.
 */
const struct bpf_func_proto *bpf_helper_find(const struct bpf_prog *prog, u32 id);

/**
 * bpf_helper_find_in - the helper of an id in one set
 * @set: the set
 * @prog: the program being loaded
 * @id: enum bpf_func_id
 *
 * Context: any. Return: as bpf_helper_find().
 */
const struct bpf_func_proto *bpf_helper_find_in(const struct bpf_helper_set *set,
						const struct bpf_prog *prog, u32 id);

/**
 * bpf_helper_name - name of an id, "bpf_map_lookup_elem"
 * @id: any number
 *
 * Context: any. Return: the name, or NULL beyond the last id.
 */
const char *bpf_helper_name(u32 id);

#endif /* _KBPF_HELPERS_H */
