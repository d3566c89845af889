// SPDX-License-Identifier: GPL-2.0
/*
 * The x86-64 JIT as exec/exec.h sees it. The passes over one function:
 *
 *	jit_analyze	instructions are those of the verifier
 *	jit_select	facts are there
 *	jit_layout	all machine instructions are there
 *	(all functions of the program are laid out)
 *	jit_encode_image  the entries of all functions are known
 *	jit_check_image	the image is complete
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "exec/arch.h"
#include "jit.h"

/**
 * jit_free_ctx - end a compilation; its image is not freed
 * @ctx: the compilation, or NULL
 *
 * Context: Process.
 */
void jit_free_ctx(struct jit_ctx *ctx)
{
	if (!ctx)
		return;
	kvfree(ctx->flags);
	kvfree(ctx->target);
	kvfree(ctx->live);
	kvfree(ctx->width);
	kvfree(ctx->code);
	kvfree(ctx->start);
	kvfree(ctx->labels);
	kvfree(ctx->off);
	kvfree(ctx->stubs);
	kvfree(ctx->pokes);
	kfree(ctx);
}

static struct jit_ctx *ctx_new(const struct bpf_jit_source *src, const struct jit_env *env)
{
	struct jit_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	size_t len = src->len;

	if (!ctx)
		return NULL;
	ctx->src = src;
	ctx->env = env;
	ctx->flags = kvcalloc(len, sizeof(*ctx->flags), GFP_KERNEL);
	ctx->target = kvcalloc(len, sizeof(*ctx->target), GFP_KERNEL);
	ctx->live = kvcalloc(len, sizeof(*ctx->live), GFP_KERNEL);
	ctx->width = kvcalloc(len, sizeof(*ctx->width), GFP_KERNEL);
	ctx->start = kvcalloc(len + 1, sizeof(*ctx->start), GFP_KERNEL);
	ctx->labels = kvcalloc(len, sizeof(*ctx->labels), GFP_KERNEL);
	ctx->nr_labels = src->len;
	ctx->cap_labels = src->len;
	if (ctx->flags && ctx->target && ctx->live && ctx->width && ctx->start && ctx->labels)
		return ctx;
	jit_free_ctx(ctx);
	return NULL;
}

/**
 * jit_compile - machine code of one function, without addresses
 * @src: the function; stays until the context is freed
 * @env: for which machine; stays as long
 *
 * Context: Process; allocates.
 * Return: The compilation, or ERR_PTR().
 */
struct jit_ctx *jit_compile(const struct bpf_jit_source *src, const struct jit_env *env)
{
	struct jit_ctx *ctx;
	int err;

	if (!src->len)
		return ERR_PTR(-EINVAL);
	ctx = ctx_new(src, env);
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	err = jit_analyze(ctx);
	if (!err)
		err = jit_select(ctx);
	if (!err)
		err = jit_layout(ctx);
	if (!err)
		return ctx;
	jit_free_ctx(ctx);
	return ERR_PTR(err);
}

static int image_alloc(struct jit_ctx *ctx)
{
	struct bpf_prog *prog = ctx->src->prog;
	u32 ex_at = round_up(ctx->text_len, 8);
	size_t size = ex_at + (size_t)ctx->nr_ex * jit_ex_size();
	int err;

	if (size > S32_MAX)
		return -E2BIG;
	err = bpf_image_alloc(&ctx->image, size);
	if (err)
		return err;
	prog->aux->num_exentries = ctx->nr_ex;
	if (ctx->nr_ex)
		prog->aux->extable = (void *)(ctx->image.text + ex_at);
	prog->bpf_func = (bpf_func_t)(void *)ctx->image.text;
	prog->aux->jit_data = ctx;
	return 0;
}

/**
 * bpf_jit_prepare - select and lay out one function, and get its image
 * @src: what to compile
 *
 * Context: Process, may sleep.
 * Return: 0, -EOPNOTSUPP for what is not compiled, or another error.
 */
int bpf_jit_prepare(const struct bpf_jit_source *src)
{
	struct jit_ctx *ctx;
	int err;

	if (jit_env_get()->unusable)
		return -EOPNOTSUPP;
	ctx = jit_compile(src, jit_env_get());
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = image_alloc(ctx);
	if (err)
		jit_free_ctx(ctx);
	return err;
}

static void set_pokes(const struct jit_ctx *ctx)
{
	u8 *text = ctx->image.text;
	u32 i;

	for (i = 0; i < ctx->nr_pokes; i++) {
		const struct jit_poke *p = &ctx->pokes[i];

		p->desc->bypass = text + ctx->off[p->bypass];
		p->desc->target = text + ctx->off[p->target];
		p->desc->out = text + ctx->off[ctx->labels[p->out]];
	}
}

/**
 * bpf_jit_finish - encode, check and publish one function
 * @src: as given to bpf_jit_prepare(); all functions are prepared
 *
 * Context: Process, may sleep.
 * Return: 0; on an error the state is left for bpf_jit_cancel().
 */
int bpf_jit_finish(const struct bpf_jit_source *src)
{
	struct jit_ctx *ctx = src->prog->aux->jit_data;
	u32 i;
	int err;

	err = jit_encode_image(ctx);
	if (!err && ctx->env->check)
		err = jit_check_image(ctx->image.rw, ctx->text_len);
	if (!err)
		err = bpf_image_publish(&ctx->image);
	if (err)
		return err;
	bpf_prog_set_image(src->prog, &ctx->image, 0, ctx->text_len);
	set_pokes(ctx);
	/* Machine instructions to their offsets. */
	for (i = 0; i < src->len; i++)
		ctx->start[i] = ctx->off[ctx->start[i]];
	bpf_jit_set_linfo(src, ctx->image.text, ctx->start);
	jit_free_ctx(ctx);
	return 0;
}

/**
 * bpf_jit_cancel - give up a function that was prepared
 * @src: as given to bpf_jit_prepare()
 *
 * Context: Process, may sleep.
 */
void bpf_jit_cancel(const struct bpf_jit_source *src)
{
	struct jit_ctx *ctx = src->prog->aux->jit_data;

	src->prog->aux->jit_data = NULL;
	bpf_image_discard(&ctx->image);
	jit_free_ctx(ctx);
}

/**
 * bpf_arch_tail_entry - where tail calls enter
 *
 * Context: Any.
 * Return: Offset from the entry of a main program.
 */
u32 bpf_arch_tail_entry(void)
{
	return jit_tail_entry_offset(jit_env_get());
}

/**
 * bpf_jit_supports_kfunc_call - calls of kernel functions
 *
 * Context: Any.
 * Return: True.
 */
bool bpf_jit_supports_kfunc_call(void)
{
	return true;
}

/**
 * bpf_jit_supports_subprog_tailcalls - tail calls out of subprograms
 *
 * Context: Any.
 * Return: True; one counter serves the whole call tree.
 */
bool bpf_jit_supports_subprog_tailcalls(void)
{
	return true;
}

/**
 * bpf_jit_supports_percpu_insn - the internal move to a per-CPU address
 *
 * Context: Any.
 * Return: True where the machine has per-CPU data relative to GS.
 */
bool bpf_jit_supports_percpu_insn(void)
{
	return jit_env_get()->percpu_gs;
}

/**
 * bpf_jit_supports_arena - arena accesses and address space conversions
 *
 * Context: Any.
 * Return: True.
 */
bool bpf_jit_supports_arena(void)
{
	return true;
}

/**
 * bpf_jit_supports_private_stack - stacks outside of the kernel stack
 *
 * Context: Any.
 * Return: False.
 */
bool bpf_jit_supports_private_stack(void)
{
	return false;
}
