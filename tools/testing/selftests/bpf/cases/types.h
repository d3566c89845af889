/* SPDX-License-Identifier: GPL-2.0 */
/* BTF of cases: values of maps, functions. */
#ifndef _BPF_CASES_TYPES_H
#define _BPF_CASES_TYPES_H

#include <linux/bpf.h>
#include "case.h"

struct btf;

/* Key and value types of a map with special fields. */
struct btf *types_map(const struct case_map *m, unsigned int *key, unsigned int *value);
/* Structs and functions of a case; @out: a record a function, in the order of the instructions. */
struct btf *types_program(const struct test_case *c, const struct asm_labels *labels,
			  struct bpf_func_info *out, unsigned int *nr, char *why,
			  unsigned int size);
/* Number of a function or variable of the kernel; 0: not there. */
int types_of_kernel(const char *name, bool func);

#endif
