/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Execution: programs as objects, the interpreter, what a JIT gets and gives,
 * executable memory, symbols.
 *
 * From the verifier to code
 * -------------------------
 * The rewriter leaves in the main program:
 *   insnsi	all functions one after another, main first
 *   facts	what was proved, one entry an instruction, or NULL
 * and calls bpf_prog_set_funcs(). Then bpf_prog_select_runtime() compiles every
 * function, or prepares the interpreter for all of them, and makes the program
 * read-only. aux->func_cnt is 0 and aux->func NULL without subprograms;
 * otherwise func[0] is the program itself.
 *
 * bpf_prog_free() frees what exec itself and the verifier have allocated: the
 * program and its functions, images, facts, subprog_off, jited_linfo, poke_tab.
 * Maps, BTF, func_info, linfo and the like are released by the caller before.
 *
 * Instructions at that point:
 *   helper call	imm = function - __bpf_call_base
 *   kfunc call		the same, src_reg stays BPF_PSEUDO_KFUNC_CALL; narrow return
 *			values are extended by instructions that the rewriter adds
 *   subprogram call	imm as the program had it; off = index of the callee in
 *			aux->func[], set by bpf_prog_set_funcs()
 *   subprogram address	ld_imm64 BPF_PSEUDO_FUNC, off = index of the callee; its value
 *			is a bpf_callback_t
 *   other ld_imm64	the value itself, src_reg is of no account
 *   tail call		INSN_TAIL_CALL: R1 context, R2 map, R3 index; see
 *			struct bpf_tail_map and, for its immediate, struct
 *			bpf_jit_poke_descriptor. Goes on to the next instruction, R0
 *			undefined, when there is no program at the index or
 *			MAX_TAIL_CALL_CNT is reached
 *   goto		imm = bit mask of registers that are not 0 there, 0 if nothing is
 *			known
 *   gone		may_goto, LD_ABS, LD_IND, map fds, BTF ids
 *
 * Blinding uses INSN_REG_AX: the rewriter must not keep a value in it across an
 * instruction that has an immediate and is not about INSN_REG_AX itself.
 */
#ifndef _BPF_EXEC_EXEC_H
#define _BPF_EXEC_EXEC_H

#include <linux/bpf.h>
#include <linux/jump_label.h>
#include "exec/inline.h"
#include "isa/insn.h"

#ifndef MAX_TAIL_CALL_CNT
#define MAX_TAIL_CALL_CNT	33
#endif

/* Switches; sysctls of the same name under net.core. */
extern int bpf_jit_enable;	/* 0: interpret, 1: compile, 2: and print images to the log */
extern int bpf_jit_harden;	/* blind constants: 0: never, 1: for the unprivileged, 2: always */
extern int bpf_jit_kallsyms;	/* list images in /proc/kallsyms */
extern long bpf_jit_limit;	/* bytes of images of unprivileged users */
extern long bpf_jit_limit_max;

/* Functions that one program may consist of. */
#define BPF_FUNC_MAX		256

/* ------------------------------------------------------------------ facts */

enum bpf_insn_fact_flag {
	/* the upper half of the register that the instruction writes is never read */
	BPF_FACT_ZEXT_DEAD	= 1 << 0,
	/* the upper half of dst is 0 before the instruction */
	BPF_FACT_DST_ZEXT	= 1 << 1,
	/* the same for src */
	BPF_FACT_SRC_ZEXT	= 1 << 2,
	/* the address is not NULL (probing loads need no check of it) */
	BPF_FACT_NONNULL	= 1 << 3,
	/* may fault: needs an exception table entry */
	BPF_FACT_EXTABLE	= 1 << 4,
	/* div, mod: the divisor is not 0 */
	BPF_FACT_DIVISOR_NONZERO = 1 << 5,
	/* target of an indirect or back edge; nothing may be merged across it */
	BPF_FACT_JUMP_TARGET	= 1 << 6,
	/* the walk reached the instruction */
	BPF_FACT_SEEN		= 1 << 7,
};

/**
 * struct bpf_insn_fact - what holds on every path for one instruction
 * @flags: BPF_FACT_*; a bit that is clear says nothing
 * @align: known alignment of a memory access, log2 of bytes
 * @live: registers read after the instruction before they are written; all
 *	ones where it is not known
 */
struct bpf_insn_fact {
	u8 flags;
	u8 align;
	u16 live;
};

/* ------------------------------------------------------------------ programs */

/**
 * struct bpf_func_desc - one function of a program, as the rewriter left it
 * @start: index of its first instruction
 * @stack_depth: bytes of stack it uses, callees not counted
 * @linfo_idx: first entry of it in aux->linfo
 * @name: for kallsyms, or NULL
 * @tail_call_reachable: it, or something that it calls, makes tail calls
 * @changes_pkt_data: as in aux
 * @might_sleep: as in aux
 * @exception_cb: as in aux
 */
struct bpf_func_desc {
	u32 start;
	u32 stack_depth;
	u32 linfo_idx;
	const char *name;
	bool tail_call_reachable;
	bool changes_pkt_data;
	bool might_sleep;
	bool exception_cb;
};

/* Run statistics are on. */
DECLARE_STATIC_KEY_FALSE(bpf_stats_enabled_key);

/* Sums over all CPUs. */
struct bpf_prog_totals {
	u64 nsecs;
	u64 cnt;
	u64 misses;
};

struct bpf_prog *bpf_prog_alloc(u32 len, gfp_t gfp);
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *prog, u32 len, gfp_t gfp);
void bpf_prog_free_unlinked(struct bpf_prog *prog);
void bpf_prog_free(struct bpf_prog *prog);
void bpf_prog_sum_stats(const struct bpf_prog *prog, struct bpf_prog_totals *totals);
void bpf_prog_inc_misses(struct bpf_prog *prog);
void bpf_prog_calc_tag(struct bpf_prog *prog);
int bpf_prog_set_funcs(struct bpf_prog *prog, const struct bpf_func_desc *desc, u32 cnt);
int bpf_prog_select_runtime(struct bpf_prog *prog);

/* Instructions of function @idx of @prog: first index and number. */
u32 bpf_prog_func_start(const struct bpf_prog *prog, u32 idx);
u32 bpf_prog_func_len(const struct bpf_prog *prog, u32 idx);

/* The program whose instructions, facts and line info @prog is a function of. */
static inline struct bpf_prog *bpf_prog_main(const struct bpf_prog *prog)
{
	return prog->aux->main_prog_aux->prog;
}

/**
 * struct bpf_tail_map - how every BPF_MAP_TYPE_PROG_ARRAY begins
 * @map: common part
 * @elem_size: not looked at
 * @index_mask: not looked at
 * @progs: map.max_entries slots; written with xchg(), read with READ_ONCE()
 *	under RCU
 * @pokes: direct tail calls of images to slots of this array
 *
 * Read by INSN_TAIL_CALL, in the interpreter and in images.
 */
struct bpf_tail_map {
	struct bpf_map map;
	u32 elem_size;
	u32 index_mask;
	struct bpf_prog **progs;
	struct list_head pokes;
};

/**
 * struct bpf_jit_poke_descriptor - a tail call whose array and index are known
 * @node: in @map's pokes; next is NULL while it is not there
 * @map: the array
 * @bypass: jump of the image that leads past the call; NULL where the image
 *	looks the program up
 * @target: jump of the image to the program
 * @out: where @bypass leads
 * @to: where @target leads, NULL before it has led anywhere
 * @key: index in @map
 * @open: @bypass is a no-operation
 *
 * Numbered by INSN_TAIL_CALL's immediate, from 1; 0 stands for none. A JIT that
 * can be patched emits @bypass as a jump to @out, @target as a no-operation,
 * and tells bpf_jit_finish()'s caller by setting the addresses.
 */
struct bpf_jit_poke_descriptor {
	struct list_head node;
	struct bpf_map *map;
	u8 *bypass;
	u8 *target;
	u8 *out;
	void *to;
	u32 key;
	bool open;
};

/* Helper and kfunc calls are stored as distances from here; calling it is a bug. */
u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

static inline bool bpf_call_imm_fits(const void *func)
{
	long dist = (long)func - (long)__bpf_call_base;

	return dist == (s32)dist;
}

static inline s32 bpf_call_imm(const void *func)
{
	return (long)func - (long)__bpf_call_base;
}

static inline bpf_helper_t bpf_call_func(s32 imm)
{
	return (bpf_helper_t)((long)__bpf_call_base + imm);
}

/* ------------------------------------------------------------------ interpreter */

#ifndef CONFIG_BPF_JIT_ALWAYS_ON
int bpf_interp_prepare(struct bpf_prog *prog);
void bpf_interp_release(struct bpf_prog *prog);
bool bpf_is_interp_entry(bpf_func_t func);
struct bpf_prog *bpf_interp_callback_prog(bpf_callback_t cb);
#else
static inline int bpf_interp_prepare(struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}

static inline void bpf_interp_release(struct bpf_prog *prog)
{
}

static inline bool bpf_is_interp_entry(bpf_func_t func)
{
	return false;
}
#endif

/* ------------------------------------------------------------------ the JIT */

struct bpf_image;

/**
 * struct bpf_jit_source - what a JIT compiles: one function
 * @prog: the function (aux->func[i], or the program itself without subprograms);
 *	aux->stack_depth, aux->func_idx and aux->main_prog_aux are its own
 * @insns: instructions, jumps within; constants blinded where asked for
 * @len: number of them
 * @orig: for each the index in the function as verified, NULL where they are
 *	the same
 * @first: index of the function's first instruction in the main program
 * @facts: of the function as verified (index through @orig), or NULL
 *
 * All of it stays in place until bpf_jit_finish() or bpf_jit_cancel().
 */
struct bpf_jit_source {
	struct bpf_prog *prog;
	const struct bpf_insn *insns;
	u32 len;
	u32 *orig;
	u32 first;
	const struct bpf_insn_fact *facts;
};

static inline u32 bpf_jit_orig(const struct bpf_jit_source *src, u32 i)
{
	return src->orig ? src->orig[i] : i;
}

static inline const struct bpf_insn_fact *bpf_jit_fact(const struct bpf_jit_source *src, u32 i)
{
	return src->facts ? &src->facts[bpf_jit_orig(src, i)] : NULL;
}

/*
 * An architecture's JIT is three functions; the weak ones refuse. exec calls
 * prepare for all functions, then finish for all, or cancel for those prepared.
 *
 * bpf_jit_prepare: selects and lays out, gets the image by bpf_image_alloc(),
 *	sets prog->bpf_func to the address that the entry is going to have. May
 *	keep state in aux->jit_data. -EOPNOTSUPP: cannot do it, let it be
 *	interpreted.
 * bpf_jit_finish: encodes (aux->func[*]->bpf_func of all functions are known now),
 *	publishes with bpf_image_publish(), frees its state, calls
 *	bpf_prog_set_image(), and bpf_jit_set_linfo() with the offset of each
 *	instruction of src->insns in the image. An exception table stands in the
 *	image itself; aux->extable and aux->num_exentries tell where. On an
 *	error the state stays for bpf_jit_cancel().
 * bpf_jit_cancel: frees the state and the image of a function that was prepared
 *	but not finished.
 */
int bpf_jit_prepare(const struct bpf_jit_source *src);
int bpf_jit_finish(const struct bpf_jit_source *src);
void bpf_jit_cancel(const struct bpf_jit_source *src);

void bpf_prog_set_image(struct bpf_prog *prog, const struct bpf_image *image, u32 entry, u32 len);
void bpf_jit_set_linfo(const struct bpf_jit_source *src, const u8 *text, const u32 *offs);

#ifdef CONFIG_BPF_JIT
int bpf_jit_all(struct bpf_prog *prog);
void bpf_prog_free_image(struct bpf_prog *prog);
#else
static inline int bpf_jit_all(struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}

static inline void bpf_prog_free_image(struct bpf_prog *prog)
{
}
#endif

/* Direct tail calls; poke.c. */
int bpf_poke_new(struct bpf_prog *prog, struct bpf_map *map, u32 key);
#ifdef CONFIG_BPF_JIT
void bpf_poke_track(struct bpf_map *map, struct bpf_prog_aux *aux);
void bpf_poke_untrack(struct bpf_map *map, struct bpf_prog_aux *aux);
struct bpf_prog *bpf_poke_swap(struct bpf_map *map, u32 key, struct bpf_prog *new);
#else
static inline struct bpf_prog *bpf_poke_swap(struct bpf_map *map, u32 key, struct bpf_prog *new)
{
	return xchg(&container_of(map, struct bpf_tail_map, map)->progs[key], new);
}
#endif

/* Empties branch predictors where an untrusted program is about to run. */
void bpf_jit_pred_flush(const struct bpf_prog *prog);

int bpf_blind(const struct bpf_insn *insns, u32 len, struct bpf_insn **out, u32 *out_len,
	      u32 **orig);

/* ------------------------------------------------------------------ images */

/**
 * struct bpf_image - a piece of executable memory being written
 * @text: where it runs; read-only and executable
 * @rw: where it is written until it is published
 * @size: bytes of both
 */
struct bpf_image {
	u8 *text;
	u8 *rw;
	u32 size;
};

int bpf_image_alloc(struct bpf_image *image, u32 size);
int bpf_image_publish(struct bpf_image *image);
void bpf_image_discard(struct bpf_image *image);
void bpf_image_free(void *text);
u32 bpf_image_size(const void *text);

/*
 * Architecture: fill writes traps; copy writes into published or unpublished
 * text without ever mapping it writable and executable.
 */
int bpf_arch_text_copy(void *dst, const void *src, size_t len);
int bpf_arch_text_invalidate(void *dst, size_t len);
void bpf_arch_fill_hole(void *area, size_t len);

/* ------------------------------------------------------------------ symbols */

#ifdef CONFIG_BPF_JIT
void bpf_ksym_add(struct bpf_ksym *ksym);
void bpf_ksym_del(struct bpf_ksym *ksym);
void bpf_image_ksym_add(struct bpf_ksym *ksym);
void bpf_image_ksym_del(struct bpf_ksym *ksym);
void bpf_prog_kallsyms_add(struct bpf_prog *prog);
void bpf_prog_kallsyms_del_all(struct bpf_prog *prog);
struct bpf_prog *bpf_prog_find_by_addr(unsigned long addr);

/* For the rest of the kernel; linux/filter.h declares them there. */
int __bpf_address_lookup(unsigned long addr, unsigned long *size, unsigned long *off, char *sym);
bool is_bpf_text_address(unsigned long addr);
int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *sym);
const struct exception_table_entry *search_bpf_extables(unsigned long addr);
#else
static inline void bpf_prog_kallsyms_add(struct bpf_prog *prog)
{
}

static inline void bpf_prog_kallsyms_del_all(struct bpf_prog *prog)
{
}

static inline struct bpf_prog *bpf_prog_find_by_addr(unsigned long addr)
{
	return NULL;
}
#endif

#endif /* _BPF_EXEC_EXEC_H */
