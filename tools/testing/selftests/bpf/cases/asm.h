/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small assembler for test cases. It reads the text that kernel/bpf/isa prints, with or without
 * the "12: (b7)" in front, and beside it:
 *
 *	label:			and labels where a distance stands: "goto label", "call label"
 *	call map_lookup_elem	helpers by name, with or without "bpf_" and "#id"
 *	r1 = map[2]		the map with file descriptor 2
 *	r1 = map_value[2] + 8	address in its value
 *	r1 = func label		address of a function
 *	r1 = btf_id 7		BPF_PSEUDO_BTF_ID
 *	raw 18 1 0 0 7		any instruction: opcode (hex) dst src off imm
 *
 * A hexadecimal number on the right of "=" is a 64-bit immediate, a decimal one that of a move.
 */
#ifndef _BPF_CASES_ASM_H
#define _BPF_CASES_ASM_H

#include <stddef.h>
#include <linux/types.h>
#include "isa/insn.h"

struct asm_error {
	int line;
	char text[128];
};

/* Number of instructions written to @out, or -1 with @err filled in. */
int asm_program(const char *text, struct bpf_insn *out, unsigned int cap, struct asm_error *err);

#endif
