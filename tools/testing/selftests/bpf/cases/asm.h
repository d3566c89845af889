/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small assembler for test cases. It reads the text that kernel/bpf/isa prints, with or without
 * the "12: (b7)" in front, and beside it:
 *
 *	label:			and labels where a distance stands: "goto label", "call label"
 *	call map_lookup_elem	helpers by name, with or without "bpf_" and "#id"
 *	call bpf_iter_num_new	what is neither a label nor a helper: a kernel function, in asm_refs
 *	r1 = map[2]		the map with file descriptor 2
 *	r1 = map_value[2] + 8	address in its value
 *	r1 = func label		address of a function
 *	r1 = btf_id 7		BPF_PSEUDO_BTF_ID
 *	r1 = ksym runqueues	the same, in asm_refs
 *	raw 18 1 0 0 7		any instruction: opcode (hex) dst src off imm
 *
 * A hexadecimal number on the right of "=" is a 64-bit immediate, a decimal one that of a move.
 */
#ifndef _BPF_CASES_ASM_H
#define _BPF_CASES_ASM_H

#include <stddef.h>
#include <linux/types.h>
#include "isa/insn.h"

#define ASM_NAME	48
#define ASM_REFS	64

struct asm_error {
	int line;
	char text[128];
};

/*
 * Names that only the kernel's types know, or with a colon in front those of the case: instruction
 * @at needs the number of @name in imm.
 */
struct asm_refs {
	struct {
		unsigned int at;
		char name[ASM_NAME];
	} ref[ASM_REFS];
	unsigned int nr;
};

/* Where a label of a program stands; -1: nowhere. */
struct asm_labels {
	struct {
		unsigned int at;
		char name[ASM_NAME];
	} label[512];
	unsigned int nr;
};

/*
 * Number of instructions written to @out, or -1 with @err filled in. @refs, @labels: may be NULL;
 * without @refs names that are not known are errors.
 */
int asm_program(const char *text, struct bpf_insn *out, unsigned int cap, struct asm_refs *refs,
		struct asm_labels *labels, struct asm_error *err);
int asm_label(const struct asm_labels *labels, const char *name);

#endif
