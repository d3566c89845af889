/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86-64 JIT: what its layers share.
 *
 *	analyze.c	leaders, liveness, widths of values
 *	select*.c	BPF instructions to machine instructions
 *	rules.c		the table of optional rules
 *	layout.c	branch lengths, labels, bytes
 *	check.c		reads an image back before it is published
 *	jit.c		the passes in order, seen from exec/exec.h
 *	jit_kernel.c	services of the kernel (a twin in user space)
 *
 * Registers. R0 to R5 are where the C calling convention has the result and the
 * arguments, so that calls need no moves; R6 to R9 are registers that C callees
 * preserve; R10 is RBP. RAX also carries the address of the tail call counter
 * into functions from which tail calls can be reached. R9, R11 of the machine
 * are scratch, R10 of the machine is the scratch register of rewriting.
 *
 * Entries. Offset 0 is a C function (ctx, insns) or, for a subprogram, of five
 * u64. X86_JIT_TAIL_ENTRY is where tail calls enter a main program; there RAX
 * is the address of the counter. A program that makes tail calls gets a counter
 * at its C entry, in a small frame that lives until the whole chain returns.
 */
#ifndef _BPF_X86_JIT_H
#define _BPF_X86_JIT_H

#include <linux/types.h>

#include "emit.h"
#include "exec/exec.h"

#define JIT_NR_REGS		12	/* R0 to R10, and the scratch register */
#define JIT_FP			BPF_REG_10
#define JIT_AX			INSN_REG_AX
#define JIT_NOREG		0xff
#define JIT_T0			X86_R11
#define JIT_T1			X86_R9
#define JIT_ARENA		X86_R12		/* where functions that access an arena have it */

#define JIT_PATCH_SIZE		5	/* of the no-operation that text_poke() replaces */

/**
 * struct jit_env - the machine that is compiled for
 * @bmi2: shifts and rotates without flags
 * @movbe: byte-swapping loads and stores
 * @endbr: entries that are reached indirectly begin with ENDBR64
 * @poke: published images can be patched while they run
 * @check: read images back before publication
 * @unusable: entries need something that this JIT does not generate
 * @stack_align: of the stack pointer at calls, 8 or 16
 * @rules: bit mask of optional rules that are on
 * @probe_limit: signed bound that addresses of probing loads must be below, 0
 *	to try every address
 * @reach_lo: images and rel32 targets are inside of [reach_lo, reach_hi)
 * @reach_hi: see @reach_lo
 * @return_thunk: where returns jump to, 0 for RET
 * @indirect_thunk: address of the thunk for indirect branches through a
 *	register, 0 for a plain one
 * @lfence_indirect: a plain indirect branch is preceded by LFENCE
 * @percpu_gs: address of the per-CPU variable with this CPU's offset, for an
 *	access relative to GS; 0 when there is none
 */
struct jit_env {
	bool bmi2;
	bool movbe;
	bool endbr;
	bool poke;
	bool check;
	bool unusable;
	bool lfence_indirect;
	u8 stack_align;
	u64 rules;
	s32 probe_limit;
	u64 reach_lo;
	u64 reach_hi;
	u64 return_thunk;
	u64 indirect_thunk[16];
	u64 percpu_gs;
};

/* What a rule needs of the processor. */
#define JIT_NEEDS_BMI2		1
#define JIT_NEEDS_MOVBE		2

struct jit_ctx;

/*
 * X(id, name, needs, window function or NULL, what it does, precondition)
 *
 * Window rules are tried in this order at each instruction; the others are
 * choices inside of selection that are asked for by jit_rule().
 */
#define JIT_RULES(X) \
	X(BYTE_MERGE, "byte-load-merge", 0, rule_byte_merge, \
	  "byte loads joined by shifts and or: one wide load", \
	  "same base, adjacent bytes, no store between, parts dead after") \
	X(BYTE_STORE, "byte-store-merge", 0, rule_store_merge, \
	  "adjacent stores of constants: one wider store", \
	  "same base, adjacent, no other instruction between") \
	X(ROTATE, "rotate", 0, rule_rotate, \
	  "shift left, shift right, or: rotate", \
	  "same source, amounts add up to the width, temporary dead after") \
	X(SHIFT_PAIR, "shift-pair", 0, rule_shift_pair, \
	  "shift left then right by the same amount: extension", \
	  "same register, amount leaves 8, 16 or 32 bits") \
	X(RMW, "read-modify-write", 0, rule_rmw, \
	  "load, arithmetic, store to the same place: one instruction", \
	  "same address and size, value dead after, cannot fault") \
	X(TEST_MASK, "test-mask", 0, rule_test_mask, \
	  "and, compare with zero: TEST", \
	  "result of the and dead on both ways") \
	X(CMOV, "min-max", 0, rule_min_max, \
	  "conditional jump over the move of one compared register to the other: CMOV", \
	  "minimum or maximum, whose branch has no pattern; not a jump target") \
	X(LEA, "deferred-address", 0, NULL, \
	  "moves and sums kept as address until used: LEA, memory operand, or nothing", \
	  "operands unchanged between; dead results are dropped") \
	X(CONST, "deferred-constant", 0, NULL, \
	  "constants become immediates of their users", \
	  "not blinded, fits the user") \
	X(LOAD_OP, "load-operand", 0, NULL, \
	  "load becomes the memory operand of its only user", \
	  "cannot fault, no memory access between, dead after the user") \
	X(THREE_OP, "three-operand", 0, NULL, \
	  "copy then multiply or mask: IMUL, MOVZX with another destination", \
	  "source of the copy unchanged") \
	X(FLAGS, "flags-reuse", 0, NULL, \
	  "comparison with zero after arithmetic uses its flags", \
	  "same register and width, nothing between changes flags, not a jump target") \
	X(NARROW, "narrow", 0, NULL, \
	  "32-bit operation instead of 64-bit", \
	  "upper halves known to be zero") \
	X(ZEXT_ELIM, "zext-elim", 0, NULL, \
	  "zero extension or mask of a value that has the zeros already: nothing", \
	  "known width of the value") \
	X(MUL_SHIFT, "mul-shift", 0, NULL, \
	  "multiplication, division or modulo by a power of two: shift or mask", \
	  "unsigned, constant operand") \
	X(DIV_MUL, "div-multiply", 0, NULL, \
	  "division or modulo by a constant: multiplication by its reciprocal", \
	  "unsigned, the dividend has 32 bits, a reciprocal of 32 bits is exact") \
	X(MOVBE, "movbe", JIT_NEEDS_MOVBE, NULL, \
	  "load then byte swap: MOVBE", \
	  "swap of the loaded width, cannot fault") \
	X(BMI2_SHIFT, "bmi2-shift", JIT_NEEDS_BMI2, NULL, \
	  "variable shift without RCX: SHLX, SHRX, SARX", \
	  "none") \
	X(RORX, "rorx", JIT_NEEDS_BMI2, NULL, \
	  "rotate into another register: RORX", \
	  "within the rotate rule") \
	X(DIV_FACT, "div-nonzero", 0, NULL, \
	  "no check of the divisor", \
	  "constant, or proved not to be zero") \
	X(LEAF_REGS, "leaf-registers", 0, NULL, \
	  "R6 to R9 in registers that need no saving", \
	  "no call of any kind in the function") \
	X(NO_FRAME, "no-frame", 0, NULL, \
	  "no frame", \
	  "no call of any kind, no use of R10") \
	X(EXIT_INLINE, "exit-inline", 0, NULL, \
	  "epilogue instead of a jump to it", \
	  "short epilogue") \
	X(NO_SAVE, "save-used", 0, NULL, \
	  "only those callee-saved registers are saved that are written", \
	  "none") \
	X(THREAD, "jump-threading", 0, NULL, \
	  "a jump to a goto, or to a comparison whose outcome is known, leads to the end of it", \
	  "what the way sets and skips is dead at the end; at most JIT_THREAD_MAX steps") \
	X(INVERT, "branch-inversion", 0, NULL, \
	  "conditional jump, goto: opposite condition to where the goto leads, a jump or nothing", \
	  "the goto is no jump target; the first leads past it, or out of a loop that it closes") \
	X(INLINE, "inline-helper", 0, NULL, \
	  "short helpers written out instead of called; bpf_loop() with a direct call", \
	  "exec/inline.c knows the helper; for bpf_loop(): callback and flags known in the block") \
	X(TAIL_DIRECT, "tail-direct", 0, NULL, \
	  "tail call by patched jumps instead of a look-up", \
	  "array and index known, images can be patched")

enum jit_rule {
#define JIT_RULE_ENUM(id, ...) JIT_RULE_##id,
	JIT_RULES(JIT_RULE_ENUM)
#undef JIT_RULE_ENUM
	JIT_NR_RULES
};

#define JIT_ALL_RULES	((1ULL << JIT_NR_RULES) - 1)

/*
 * A window rule looks at the instructions from @i on. Return: how many slots it
 * replaced (the machine code is emitted), or 0 and nothing emitted.
 *
 * Termination of selection: every step consumes at least one BPF instruction
 * and none is ever visited again; machine instructions are not rewritten.
 */
struct jit_rule_row {
	const char *name;
	u8 needs;
	u32 (*window)(struct jit_ctx *ctx, u32 i);
	const char *what;
	const char *when;
};

extern const struct jit_rule_row jit_rules[JIT_NR_RULES];
/* How often each rule was applied since start; statistics, not exact under concurrency. */
extern u64 jit_rule_hits[JIT_NR_RULES];

/* Known upper bound of a value: it is below 1 << (8 << class). */
enum jit_width { JIT_W8, JIT_W16, JIT_W32, JIT_W64 };

/* Flags of a BPF instruction. */
#define JIT_I_LEADER	0x01	/* a jump lands here */
#define JIT_I_SECOND	0x02	/* second slot of a 64-bit immediate */
#define JIT_I_DEAD	0x04	/* nothing reaches it, or it is part of the one before */

enum jit_pend_kind { PEND_NONE, PEND_CONST, PEND_ADDR, PEND_LOAD };

/**
 * struct jit_pend - a value that was not computed yet
 * @kind: enum jit_pend_kind
 * @width: ADDR: 4 or 8, the sum is cut to it; LOAD: bytes
 * @sx: LOAD: sign-extending
 * @narrow: ADDR: the base, seen alone, has no upper half
 * @base: BPF register whose home is the base, or JIT_NOREG
 * @index: the same for the index
 * @scale: of the index
 * @disp: displacement
 * @imm: CONST: the value
 *
 * Invariant: a home register that a pending value refers to is not written
 * before the value was computed or dropped, and no two registers' pending
 * values refer to each other's homes.
 */
struct jit_pend {
	u8 kind;
	u8 width;
	bool sx;
	bool narrow;
	u8 base;
	u8 index;
	u8 scale;
	s32 disp;
	s64 imm;
};

/* Out-of-line code: what the rare case of an instruction does to its destination. */
enum jit_stub_kind {
	STUB_ZERO,	/* 0 */
	STUB_ZEXT,	/* unchanged, cut to the width */
	STUB_NEG,	/* negated */
	STUB_NONE,	/* unchanged */
};

struct jit_stub {
	u32 label;
	u32 back;
	u8 kind;
	u8 width;
	u8 reg;
};

/*
 * struct jit_poke - a direct tail call
 * @desc: what it is about
 * @bypass: machine instruction that jumps past it
 * @target: the one that jumps to the program
 * @out: label where the first one leads
 */
struct jit_poke {
	struct bpf_jit_poke_descriptor *desc;
	u32 bypass;
	u32 target;
	u32 out;
};

/*
 * struct jit_ctx - the compilation of one function
 * @src: what is compiled
 * @env: for which machine
 * @flags: JIT_I_* of each instruction
 * @target: where each jump leads
 * @live: BPF registers live after each instruction
 * @width: for each instruction, 2 bits a register: enum jit_width before it
 * @code: machine instructions
 * @nr: how many
 * @start: index of the first machine instruction of each BPF instruction
 * @labels: index of a machine instruction for each label; labels below
 *	src->len are BPF instructions
 * @off: layout: offset of each machine instruction, and of the end
 * @map: hardware register of each BPF register
 * @pend: pending value of each BPF register
 * @saved: hardware registers that the prologue pushes
 * @arena: some instruction accesses an arena
 * @zf_reg: BPF register whose value ZF and SF tell about, or JIT_NOREG
 * @err: first error, 0 as long as all is well
 */
struct jit_ctx {
	const struct bpf_jit_source *src;
	const struct jit_env *env;
	u8 *flags;
	u32 *target;
	u16 *live;
	u32 *width;
	struct x86_insn *code;
	u32 nr;
	u32 cap;
	u32 *start;
	u32 *labels;
	u32 nr_labels;
	u32 cap_labels;
	u32 *off;
	struct jit_stub *stubs;
	u32 nr_stubs;
	u32 cap_stubs;
	struct jit_poke *pokes;
	u32 nr_pokes;
	u32 cap_pokes;
	u8 map[JIT_NR_REGS];
	struct jit_pend pend[JIT_NR_REGS];
	u8 saved[8];
	u8 nr_saved;
	u32 stack;
	bool frame;
	bool has_calls;
	bool tail_calls;
	bool counter;
	bool arena;
	u16 used;
	u16 written;
	s32 counter_disp;
	u32 nr_exits;
	u32 exit_label;
	u32 body_label;
	u32 entry_label;
	u32 cur;
	u8 zf_reg;
	u8 zf_width;
	u32 nr_ex;
	u32 text_len;
	struct bpf_image image;
	int err;
};

static inline bool jit_rule_on(const struct jit_ctx *ctx, enum jit_rule rule)
{
	u8 needs = jit_rules[rule].needs;

	if (!(ctx->env->rules >> rule & 1))
		return false;
	if ((needs & JIT_NEEDS_BMI2) && !ctx->env->bmi2)
		return false;
	return !(needs & JIT_NEEDS_MOVBE) || ctx->env->movbe;
}

static inline void jit_rule_hit(enum jit_rule rule)
{
	jit_rule_hits[rule]++;
}

/* analyze.c */
int jit_analyze(struct jit_ctx *ctx);
u16 jit_live_in(const struct jit_ctx *ctx, u32 i);
u32 jit_next(const struct jit_ctx *ctx, u32 i);

static inline bool jit_live_out(const struct jit_ctx *ctx, u32 i, u8 reg)
{
	return ctx->live[i] >> reg & 1;
}

static inline enum jit_width jit_width(const struct jit_ctx *ctx, u32 i, u8 reg)
{
	return ctx->width[i] >> (2 * reg) & 3;
}

static inline bool jit_is_leader(const struct jit_ctx *ctx, u32 i)
{
	return ctx->flags[i] & JIT_I_LEADER;
}

/* thread.c */
bool jit_thread(struct jit_ctx *ctx);

/* select.c: machine instructions and pending values */
void jit_emit(struct jit_ctx *ctx, struct x86_insn insn);
u32 jit_new_label(struct jit_ctx *ctx);
void jit_bind(struct jit_ctx *ctx, u32 label);
void jit_fail(struct jit_ctx *ctx, int err);
void jit_mov_imm(struct jit_ctx *ctx, u8 reg, s64 imm, bool keep_flags);
u8 jit_use(struct jit_ctx *ctx, u8 reg);
u8 jit_use32(struct jit_ctx *ctx, u8 reg);
u8 jit_rmw(struct jit_ctx *ctx, u8 reg);
u8 jit_def(struct jit_ctx *ctx, u8 reg);
void jit_begin_def(struct jit_ctx *ctx, u8 reg);
void jit_materialize(struct jit_ctx *ctx, u8 reg);
void jit_flush_refs(struct jit_ctx *ctx, u8 reg);
void jit_flush_loads(struct jit_ctx *ctx);
void jit_drop_all(struct jit_ctx *ctx, u16 live);
void *jit_grow(struct jit_ctx *ctx, void *old, u32 nr, u32 *cap, size_t size);
void jit_flush_all(struct jit_ctx *ctx, u16 live);
void jit_flush_except(struct jit_ctx *ctx, u16 live, u16 keep);
struct x86_mem jit_addr(struct jit_ctx *ctx, u8 base, s16 off, struct jit_pend *out);
struct x86_mem jit_pend_mem(const struct jit_ctx *ctx, const struct jit_pend *p);
bool jit_load_operand(struct jit_ctx *ctx, u8 reg, u8 width, struct x86_mem *mem);
void jit_set_zf(struct jit_ctx *ctx, u8 reg, u8 width);
int jit_select(struct jit_ctx *ctx);

/* select_alu.c, select_jump.c, select_mem.c, select_call.c: one handler a kind */
void jit_alu(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_neg(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_mov(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_movsx(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_end(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_percpu(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_ld_imm64(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_divmod(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_jump(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_goto(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_load(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_store(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_atomic(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_call(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_exit(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_tail_call(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_nospec(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_prologue(struct jit_ctx *ctx);
void jit_tail(struct jit_ctx *ctx);
void jit_plan_frame(struct jit_ctx *ctx);
void jit_emit_load(struct jit_ctx *ctx, u8 dst, u8 width, bool sx, struct x86_mem m);
u32 jit_stub(struct jit_ctx *ctx, enum jit_stub_kind kind, u8 width, u8 reg, u32 back);
bool jit_epilogue_inline(struct jit_ctx *ctx);
u8 jit_compare(struct jit_ctx *ctx, u32 i, const struct insn_row *row);
void jit_branch(struct jit_ctx *ctx, u32 i, u8 cc);
u8 jit_cc(u8 op);
void jit_test_imm(struct jit_ctx *ctx, u8 width, u8 reg, s32 imm);

/* inline.c */
const struct bpf_inline *jit_inline_of(const struct jit_ctx *ctx, const struct bpf_insn *insn);
u64 jit_call_target(const struct jit_ctx *ctx, const struct bpf_insn *insn);
u16 jit_call_uses(const struct jit_ctx *ctx, const struct bpf_insn *insn);
bool jit_call_inline(struct jit_ctx *ctx, u32 i);

/* rules.c */
u32 jit_try_rules(struct jit_ctx *ctx, u32 i);

/* layout.c */
int jit_layout(struct jit_ctx *ctx);
int jit_encode_image(struct jit_ctx *ctx);

/* check.c */
int jit_check_image(const u8 *text, u32 len);

/* jit_kernel.c, or its twin in user space */
const struct jit_env *jit_env_get(void);
int jit_ex_entry(struct exception_table_entry *ex, u64 ex_addr, u64 insn, u64 fixup, u8 reg);
u32 jit_ex_size(void);

static inline u32 jit_tail_entry_offset(const struct jit_env *env)
{
	return (env->endbr ? 4 : 0) + 2 * JIT_PATCH_SIZE;
}

void jit_free_ctx(struct jit_ctx *ctx);
struct jit_ctx *jit_compile(const struct bpf_jit_source *src, const struct jit_env *env);

#endif /* _BPF_X86_JIT_H */
