// SPDX-License-Identifier: GPL-2.0
/*
 * What a trampoline may leave out because of what a verified program contains.
 */
#include <linux/bpf.h>

#include "attach/tramp.h"
#include "exec/exec.h"
#include "isa/insn.h"

/* Everything that reaches outside of the program, its context and values that its maps keep. */
static bool insn_reaches_out(const struct bpf_insn *insn)
{
	u8 class = insn_class(insn), mode = BPF_MODE(insn->code);

	switch (class) {
	case BPF_LDX:
		/* a fault runs code that the program may be attached to */
		return mode != BPF_MEM && mode != BPF_MEMSX;
	case BPF_ST:
		return mode != BPF_MEM;
	case BPF_STX:
		return mode != BPF_MEM && mode != BPF_ATOMIC;
	case BPF_JMP:
		if (insn->code == (BPF_JMP | INSN_OP_TAIL_CALL))
			return true;
		return BPF_OP(insn->code) == BPF_CALL && insn->src_reg != BPF_PSEUDO_CALL;
	case BPF_ALU64:
		/* per-CPU addresses and address spaces */
		return BPF_OP(insn->code) == BPF_MOV && insn_is_src_reg(insn) && insn->off &&
		       insn->off != 8 && insn->off != 16 && insn->off != 32;
	default:
		return false;
	}
}

/**
 * bpf_prog_is_bare - is nothing in a program that sections or guards protect
 * @prog: loaded program
 *
 * Such a program calls nothing outside of itself and does not fault: it cannot come back to its own
 * trampoline but from an interrupt, where it does no harm, and it sees no memory that a grace
 * period keeps. What its maps' values hold is kept by the program.
 *
 * Context: any. Return: true if so.
 */
bool bpf_prog_is_bare(const struct bpf_prog *prog)
{
	u32 i;

	if (!prog->jited)
		return false;
	for (i = 0; i < prog->len; i += insn_slots(&prog->insnsi[i])) {
		if (insn_reaches_out(&prog->insnsi[i]))
			return false;
	}
	return true;
}

/**
 * bpf_prog_calls - does a program call a helper
 * @prog: loaded program
 * @helper: the helper
 *
 * Context: any. Return: true if there is such a call in it.
 */
bool bpf_prog_calls(const struct bpf_prog *prog, const void *helper)
{
	const struct bpf_insn *insn;
	u32 i;

	for (i = 0; i < prog->len; i += insn_slots(insn)) {
		insn = &prog->insnsi[i];
		if (insn_is_helper_call(insn) && insn->imm == bpf_call_imm(helper))
			return true;
	}
	return false;
}
