// SPDX-License-Identifier: GPL-2.0
/*
 * Compiling a program: all its functions, through whatever JIT the
 * architecture has.
 */
#include <linux/cache.h>
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include "exec/exec.h"

int bpf_jit_enable __read_mostly = IS_ENABLED(CONFIG_BPF_JIT_DEFAULT_ON);
int bpf_jit_kallsyms __read_mostly = IS_ENABLED(CONFIG_BPF_JIT_DEFAULT_ON);
int bpf_jit_harden __read_mostly;

int __weak bpf_jit_prepare(const struct bpf_jit_source *src)
{
	return -EOPNOTSUPP;
}

int __weak bpf_jit_finish(const struct bpf_jit_source *src)
{
	return -EOPNOTSUPP;
}

void __weak bpf_jit_cancel(const struct bpf_jit_source *src)
{
}

void __weak bpf_jit_pred_flush(const struct bpf_prog *prog)
{
}

/* Are constants of @prog to be hidden from whoever chose them? */
static bool jit_blinding(const struct bpf_prog *prog)
{
	if (!bpf_jit_harden)
		return false;
	return bpf_jit_harden > 1 || !bpf_token_capable(prog->aux->token, CAP_BPF);
}

/**
 * struct jit_job - all functions of a program on their way
 * @prog: main program
 * @src: one a function
 * @cnt: number of functions
 * @prepared: number of those that bpf_jit_prepare() has done
 * @finished: number of those that bpf_jit_finish() has done
 */
struct jit_job {
	struct bpf_prog *prog;
	struct bpf_jit_source *src;
	u32 cnt;
	u32 prepared;
	u32 finished;
};

static struct bpf_prog *jit_func(const struct bpf_prog *prog, u32 idx)
{
	return idx ? prog->aux->func[idx] : (struct bpf_prog *)prog;
}

static int jit_source_init(struct jit_job *job, u32 idx)
{
	struct bpf_jit_source *src = &job->src[idx];
	struct bpf_prog *prog = job->prog;
	struct bpf_insn *blinded;
	int err;

	src->prog = jit_func(prog, idx);
	src->first = bpf_prog_func_start(prog, idx);
	src->len = bpf_prog_func_len(prog, idx);
	src->insns = prog->insnsi + src->first;
	if (prog->aux->facts)
		src->facts = prog->aux->facts + src->first;
	src->prog->jit_requested = 1;
	src->prog->blinding_requested = prog->blinding_requested;
	if (!prog->blinding_requested)
		return 0;
	err = bpf_blind(src->insns, src->len, &blinded, &src->len, &src->orig);
	if (err)
		return err;
	src->insns = blinded;
	src->prog->blinded = 1;
	return 0;
}

static void jit_source_free(struct jit_job *job, u32 idx)
{
	struct bpf_jit_source *src = &job->src[idx];

	/* only blinded instructions come with a map back */
	if (src->orig)
		kvfree(src->insns);
	kvfree(src->orig);
}

static int jit_linfo_alloc(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;
	u32 i;

	if (!aux->nr_linfo)
		return 0;
	aux->jited_linfo = kvcalloc(aux->nr_linfo, sizeof(*aux->jited_linfo),
				    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!aux->jited_linfo)
		return -ENOMEM;
	for (i = 1; i < aux->func_cnt; i++)
		aux->func[i]->aux->jited_linfo = aux->jited_linfo;
	return 0;
}

static void jit_linfo_free(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;
	u32 i;

	kvfree(aux->jited_linfo);
	aux->jited_linfo = NULL;
	for (i = 1; i < aux->func_cnt; i++)
		aux->func[i]->aux->jited_linfo = NULL;
}

static int jit_compile(struct jit_job *job)
{
	int err = jit_linfo_alloc(job->prog);

	for (; !err && job->prepared < job->cnt; job->prepared++) {
		err = jit_source_init(job, job->prepared);
		if (!err)
			err = bpf_jit_prepare(&job->src[job->prepared]);
		if (err)
			return err;
	}
	for (; !err && job->finished < job->cnt; job->finished++) {
		err = bpf_jit_finish(&job->src[job->finished]);
		if (err)
			return err;
	}
	return err;
}

/* Leaves the program as it was before. */
static void jit_undo(struct jit_job *job)
{
	struct bpf_prog *func;
	u32 i;

	for (i = 0; i < job->cnt; i++) {
		func = jit_func(job->prog, i);
		if (i < job->finished)
			bpf_prog_free_image(func);
		else if (i < job->prepared)
			bpf_jit_cancel(&job->src[i]);
		func->aux->jit_data = NULL;
		func->aux->extable = NULL;
		func->aux->num_exentries = 0;
		func->bpf_func = NULL;
		func->jited = 0;
		func->blinded = 0;
	}
	for (i = 0; i < job->prog->aux->size_poke_tab; i++)
		job->prog->aux->poke_tab[i].bypass = NULL;
	jit_linfo_free(job->prog);
}

/**
 * bpf_jit_all - compile all functions of a program
 * @prog: main program after bpf_prog_set_funcs()
 *
 * Context: Process context, may sleep.
 * Return: 0; -EOPNOTSUPP when the JIT is off or cannot; -EPERM when images of
 * unprivileged users hold too much memory; other errors of the JIT. The
 * program may still be interpreted then.
 */
int bpf_jit_all(struct bpf_prog *prog)
{
	struct jit_job job = { .prog = prog };
	u32 i;
	int err;

	if (!READ_ONCE(bpf_jit_enable))
		return -EOPNOTSUPP;
	prog->jit_requested = 1;
	prog->blinding_requested = jit_blinding(prog);
	job.cnt = max_t(u32, prog->aux->func_cnt, 1);
	job.src = kvcalloc(job.cnt, sizeof(*job.src), GFP_KERNEL);
	if (!job.src)
		return -ENOMEM;
	err = jit_compile(&job);
	if (err)
		jit_undo(&job);
	else
		bpf_jit_pred_flush(prog);
	for (i = 0; i < job.cnt; i++)
		jit_source_free(&job, i);
	kvfree(job.src);
	return err;
}

/* The form that tools which disassemble images out of the log read. */
static void jit_dump(const struct bpf_prog *prog, const struct bpf_image *image)
{
	pr_err("flen=%u proglen=%u pass=%u image=%p from=%s pid=%d\n", prog->len,
	       prog->jited_len, 1, image->text, current->comm, task_pid_nr(current));
	print_hex_dump(KERN_ERR, "JIT code: ", DUMP_PREFIX_OFFSET, 16, 1, prog->bpf_func,
		       prog->jited_len, false);
}

/**
 * bpf_prog_set_image - a function's image is ready to run
 * @prog: function
 * @image: published image, the program's from now on
 * @entry: offset of what hooks and other functions call
 * @len: bytes from there to the end of the code
 *
 * Context: Process context.
 */
void bpf_prog_set_image(struct bpf_prog *prog, const struct bpf_image *image, u32 entry, u32 len)
{
	prog->bpf_func = (bpf_func_t)(void *)(image->text + entry);
	prog->jited_len = len;
	prog->jited = 1;
	prog->aux->jit_data = image->text;
	prog->aux->ksym.start = (unsigned long)prog->bpf_func;
	prog->aux->ksym.end = prog->aux->ksym.start + len;
	if (READ_ONCE(bpf_jit_enable) > 1)
		jit_dump(prog, image);
}

/**
 * bpf_prog_free_image - free a function's image, if it has one
 * @prog: function that nobody runs any more
 *
 * Context: Process context, may sleep.
 */
void bpf_prog_free_image(struct bpf_prog *prog)
{
	if (!prog->jited)
		return;
	bpf_image_free(prog->aux->jit_data);
	prog->aux->jit_data = NULL;
}

/**
 * bpf_jit_set_linfo - note where the code of each source line begins
 * @src: what was compiled
 * @text: start of the image
 * @offs: for each of src->insns the offset of its code
 *
 * Context: Any, from bpf_jit_finish().
 */
void bpf_jit_set_linfo(const struct bpf_jit_source *src, const u8 *text, const u32 *offs)
{
	const struct bpf_prog_aux *aux = src->prog->aux;
	u32 i = 0, k, want;

	if (!aux->jited_linfo)
		return;
	for (k = aux->linfo_idx; k < aux->nr_linfo; k++) {
		if (aux->linfo[k].insn_off < src->first)
			continue;
		want = aux->linfo[k].insn_off - src->first;
		while (i < src->len && bpf_jit_orig(src, i) < want)
			i++;
		if (i == src->len)
			return;
		aux->jited_linfo[k] = (void *)(text + offs[i]);
	}
}
