// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own interpreter as the second opinion on programs of one function.
 */
#include <linux/types.h>
#include <linux/string.h>
#include <stdlib.h>

#include "jittest.h"

bool t_interp_run(const struct t_prog *p, void *ctx, u64 *ret)
{
	struct bpf_prog *prog = calloc(1, sizeof(*prog) + p->len * sizeof(prog->insnsi[0]));
	struct bpf_prog_aux *aux = calloc(1, sizeof(*aux));
	bool ok;

	memcpy(prog->insnsi, p->insns, p->len * sizeof(prog->insnsi[0]));
	prog->len = p->len;
	prog->aux = aux;
	aux->prog = prog;
	aux->main_prog_aux = aux;
	aux->stack_depth = p->stack;
	ok = !bpf_interp_prepare(prog);
	if (ok) {
		*ret = prog->bpf_func(ctx, prog->insnsi);
		bpf_interp_release(prog);
	}
	free(aux);
	free(prog);
	return ok;
}

/* Programs here are one function. */
u32 bpf_prog_func_start(const struct bpf_prog *prog, u32 idx)
{
	return 0;
}

u32 bpf_prog_func_len(const struct bpf_prog *prog, u32 idx)
{
	return prog->len;
}
