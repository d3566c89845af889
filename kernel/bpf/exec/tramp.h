/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trampolines, as an architecture generates them: what runs where a function begins.
 *
 * A trampoline saves the arguments of a function in an array of u64 on its stack, the context of
 * the programs it calls: one slot a word of argument, then a slot for the return value. Two slots
 * before the context hold the function's address and the number of argument words:
 *
 *	ctx[BPF_TRAMP_CTX_IP]	address of the function, where plan.need_ip
 *	ctx[BPF_TRAMP_CTX_NR]	argument words, where plan.need_nr
 *	ctx[0 .. nr - 1]	arguments
 *	ctx[nr]			return value, where there are programs after or instead of it
 */
#ifndef _KBPF_EXEC_TRAMP_H
#define _KBPF_EXEC_TRAMP_H

#include <linux/bpf.h>

#define BPF_TRAMP_CTX_NR	(-1)
#define BPF_TRAMP_CTX_IP	(-2)

/* Arguments of a function that can be attached to, and bytes of one of them. */
#define BPF_MODEL_ARGS		12
#define BPF_MODEL_ARG_SIZE	16

/* Programs that one function may have. */
#define BPF_TRAMP_PROGS		38

/**
 * struct bpf_func_model - how a function is called
 * @nr_args: arguments
 * @ret_size: bytes of the return value, 0 for none
 * @arg_size: bytes of each, 1 to BPF_MODEL_ARG_SIZE
 * @by_value: a bit an argument: is a struct
 */
struct bpf_func_model {
	u8 nr_args;
	u8 ret_size;
	u8 arg_size[BPF_MODEL_ARGS];
	u16 by_value;
};

/* Slots of the context that argument @i takes. */
static inline u32 bpf_model_arg_words(const struct bpf_func_model *model, u32 i)
{
	return DIV_ROUND_UP(model->arg_size[i], sizeof(u64));
}

static inline u32 bpf_model_words(const struct bpf_func_model *model)
{
	u32 i, words = 0;

	for (i = 0; i < model->nr_args; i++)
		words += bpf_model_arg_words(model, i);
	return words;
}

enum bpf_tramp_kind {
	BPF_TRAMP_FENTRY,	/* before the function */
	BPF_TRAMP_FMOD_RET,	/* before it, and instead of it when the result is not 0 */
	BPF_TRAMP_FEXIT,	/* after it */
	BPF_TRAMP_KINDS
};

/* State of one program's run on the trampoline's stack. */
struct bpf_tramp_frame {
	struct bpf_tramp_run_ctx run;
	u64 start;		/* ns, 0: not measured */
};

typedef u64 (*bpf_tramp_enter_t)(struct bpf_prog *prog, struct bpf_tramp_frame *frame);
typedef void (*bpf_tramp_exit_t)(struct bpf_prog *prog, struct bpf_tramp_frame *frame);
typedef u64 (*bpf_tramp_measure_t)(void *ctx, struct bpf_prog *prog);

/**
 * struct bpf_tramp_call - one program in a trampoline
 * @prog: the program
 * @kind: when it runs
 * @cookie: for bpf_get_attach_cookie()
 * @enter: opens its sections; 0 forbids the run. NULL: the program needs none
 * @exit: closes them
 * @measure: without @enter: runs the program instead when @measure_flag is not 0
 * @skip_from: out: offset of an instruction of at least five bytes that begins the call
 * @skip_to: out: offset of what follows the call
 */
struct bpf_tramp_call {
	struct bpf_prog *prog;
	enum bpf_tramp_kind kind;
	u64 cookie;
	bpf_tramp_enter_t enter;
	bpf_tramp_exit_t exit;
	bpf_tramp_measure_t measure;
	u32 skip_from;
	u32 skip_to;
};

/**
 * struct bpf_tramp_plan - what a trampoline is to do
 * @model: how the function is called
 * @func: its address as programs see it
 * @orig: where it goes on behind the call to the trampoline; 0: the trampoline is the function
 * @call_orig: it is called from the trampoline, which returns to the function's caller
 * @orig_stack: with @call_orig: the address on the stack is called instead of @orig: something else
 *	patches the function too, and says there where it goes on
 * @keep_acc: the function expects its caller's accumulator besides its arguments
 * @need_ip: fill ctx[BPF_TRAMP_CTX_IP]
 * @need_nr: fill ctx[BPF_TRAMP_CTX_NR]
 * @inuse: per-CPU count of runs that may sleep, or NULL
 * @measure_flag: run statistics are on when it is not 0
 * @nr: programs
 * @calls: programs, in the order of kinds
 */
struct bpf_tramp_plan {
	const struct bpf_func_model *model;
	u64 func;
	u64 orig;
	bool call_orig;
	bool orig_stack;
	bool keep_acc;
	bool need_ip;
	bool need_nr;
	long __percpu *inuse;
	const int *measure_flag;
	u32 nr;
	struct bpf_tramp_call calls[BPF_TRAMP_PROGS];
};

/*
 * Architecture. Writes the trampoline for execution at @text to @buf of @size bytes, or with @buf
 * NULL only measures it. Number of bytes, -E2BIG, -EINVAL, -ERANGE, -EOPNOTSUPP.
 */
int bpf_arch_trampoline(struct bpf_tramp_plan *plan, const u8 *text, u8 *buf, u32 size);

/* Architecture. Makes the running instruction at @from, of five bytes or more, a jump to @to. */
int bpf_arch_text_skip(u8 *from, const u8 *to);

/*
 * Architecture. Distance from a function's entry, program's or kernel's, to behind its patch
 * site.
 */
u32 bpf_arch_patch_end(const void *entry);

#endif /* _KBPF_EXEC_TRAMP_H */
