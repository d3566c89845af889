/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of the interpreter: its own form of a program. */
#ifndef _BPF_EXEC_INTERP_H
#define _BPF_EXEC_INTERP_H

#include "exec/exec.h"
#include "exec/oracle.h"

/**
 * struct interp_op - an instruction, decoded
 * @id: enum insn_id or the number of a pair, what the dispatch table is indexed with
 * @dst: register
 * @src: register
 * @off: offset of a memory access
 * @imm: immediate; of a subprogram call: bytes of stack of the caller
 * @jump: bytes from the next operation to the target
 * @imm64: 64-bit immediate, instead of @imm and @jump
 * @func: what a call calls, instead of @imm and @jump
 */
struct interp_op {
	u16 id;
	u8 dst;
	u8 src;
	s16 off;
	union {
		struct {
			s32 imm;
			s32 jump;
		};
		u64 imm64;
		bpf_helper_t func;
	};
};

/* Saved by a subprogram call; stands just above the callee's stack. */
struct interp_frame {
	const struct interp_op *ret;
	u64 regs[4];		/* R6 to R9 */
	u64 fp;
};

/**
 * struct interp_func - where a function begins
 * @entry: index of its first operation
 * @stack: bytes of its own stack
 * @need: bytes of stack of it and of all that it calls, frames included
 * @thunk: callback slot, or -1
 */
struct interp_func {
	u32 entry;
	u32 stack;
	u32 need;
	int thunk;
};

/**
 * struct interp_code - a program ready to be interpreted; aux->jit_data
 * @funcs: all functions, the main one first
 * @nr_funcs: number of them
 * @oracle: what registers may hold; builds that check it only
 * @ops: operations of all functions
 */
struct interp_code {
	struct interp_func *funcs;
	u32 nr_funcs;
#ifdef CONFIG_BPF_ORACLE
	struct bpf_oracle *oracle;
#endif
	struct interp_op ops[];
};

/* What a function starts with and what it leaves. */
struct interp_state {
	const struct interp_op *pc;
	u64 args[5];
	const struct bpf_prog *next;	/* tail call: run this one instead */
	u32 tail_calls;
	u32 nested;
#ifdef CONFIG_BPF_ORACLE
	const struct interp_code *code;
#endif
};

/* Execution is about to start in @code. */
static inline void interp_watch(struct interp_state *st, const struct interp_code *code)
{
#ifdef CONFIG_BPF_ORACLE
	st->code = code;
#endif
}

static inline const struct interp_code *interp_code(const struct bpf_prog *prog)
{
	return prog->aux->jit_data;
}

/* Largest stack that one run may need: 512 bytes and 8 frames, rounded. */
#define INTERP_STACK_MAX	1024

u64 interp_start(struct interp_state *st, u32 need);
bpf_func_t interp_entry(u32 need);

int interp_thunk_get(const struct bpf_prog *prog, u32 func);
void interp_thunk_put(int slot);
bpf_callback_t interp_thunk_addr(int slot);

#endif /* _BPF_EXEC_INTERP_H */
