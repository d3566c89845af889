// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/bpf_prog")
int walk(struct bpf_iter__bpf_prog *ctx)
{
	struct bpf_prog *prog = ctx->prog;

	if (!prog)
		SAY(ctx, "end");
	else
		SAY(ctx, "prog %u %s", prog->aux->id, prog->aux->name);
	return 0;
}
